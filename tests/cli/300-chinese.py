#!/usr/bin/python3
"""redressctl --lang zh-CN: what people read of a case, of its clocks, in lists, holds no English word but what somebody
wrote or configured without a name, and stands in straight columns."""
import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))
from harness import HERE, Daemon, event, run, tool  # noqa: E402

SHIPPED = HERE.parent.parent / "daemon/config/calendars"
UNITS = f"""\
units:
  id: xj
  name: 新疆分公司
  calendar: cn-xj
  units:
    - {{id: consumer, name: 消费者权益保护部}}
    - {{id: urumqi, name: 乌鲁木齐中心支公司, units: [{{id: d1, name: 第一营业区}}, {{id: d2, name: 第二营业区}}]}}
calendars:
  cn:
    timezone: Asia/Shanghai
    hours: [{{days: mon-fri, open: ["09:00-12:00", "13:30-17:30"]}}]
    holidays: [{SHIPPED}/cn]
  cn-xj:
    over: cn
    days: [{{date: 2025-09-17, open: ["10:00-14:00"], name: 提前下班}}, {{date: 2025-09-18, closed: 停电}}]
rosters:
  night: {{name: 夜间值班, hand_over: opening, turns: [xj/consumer, xj/urumqi], first: 2025-09-01}}
"""
RULES = """\
assessment:
  levels: {watch: 30, high: 60, critical: 85}
  open_case_at: high
  follow_up: 30d
  rules:
    - {code: surrender, name: 要求全额退保, match: {issue: 全额退保}, points: 60, actions: [30 分钟内回电]}
    - {code: elderly, name: 老年客户, match: {age: ">=60"}, points: 10, actions: [绿色通道优先受理]}
policies:
  - name: 监管转送
    code: regulator
    match: {kind: complaint, regulator: true}
    clocks: &clocks
      - {name: 处理期限, code: decide, source: 办法第十五条, start: received, stop: decided, limit: 15d, roll: restday, statutory: true, pause_reasons: [鉴定], restart_on: [facts_added], extensions: [{limit: 30d}], reminders: [{before: 2bd}]}
      - {name: 首次联系, code: contact, start: [received, reopened], stop: customer_contacted, limit: 6h, time: working, again: true, on_breach: {notify: [parent], severity: high}}
      - {name: 回电, code: call, start: received, stop: customer_contacted, limit: 90m}
      - {name: 当日确认, code: soon, start: assigned, stop: acknowledged, limit: 1bd, end: closing, roll: statutory_holiday, on_reopen: restart}
      - {name: 监管答复, code: answer, due: answer_by, stop: decided, statutory: true}
      - {name: 核查, code: review, start: review_requested, stop: review_decided, limit: 30d, outlives_close: true}
      - {name: 复电, code: again, start: [facts_added, recontact], stop: joined, limit: 4bd}
      - {name: 履行, code: execute, start: mediation_settled, due: due, stop: mediation_executed}
    ladder: &ladder
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: warning, ack_within: 4h, time: working}
        - {after: 1bd, notify: [parent], severity: high}
        - {after: 5bd, notify: ["ancestor: 2"], severity: critical}
  - {name: 投诉, match: {kind: complaint}, clocks: *clocks, ladder: *ladder}
  - name: 首问
    match: {kind: contact}
    clocks: [{name: 化解, code: defuse, start: received, stop: closed, limit: 1bd}]
    ladder: *ladder
  - {name: 任务, match: {}, clocks: [{name: 完成期限, code: duty, due: due, stop: decided, reminders: [{before: 1bd}]}]}
alerts: {language: zh-CN}
supervision: {screening: {opens: [watch, high], due: 10bd}, rectification: {due: 10bd, recurrence: 90d}}
"""
# Paths of units, the calendar's name, who sent it: nothing else is written in letters.
OWN = {"xj", "urumqi", "consumer", "cn", "test", "night"}
DAY = "2025-09-{}T{}:00+08:00"


def story(put):
    """Pauses, an extension, moved days, a mediation, escalations, questions, a merge, a review; returns the last event."""
    given = {"customer": "C-1", "channel": "电话", "unit": "xj/urumqi/d1", "product": "分红险", "age": 71,
             "amount": "3000.00", "currency": "CNY", "issue": "误导", "text": "说好的分红没有", "handler": "王芳"}
    put("16", "10:00", "complaint.registered", "T-1", **given)
    put("16", "10:05", "case.assigned", "T-1", unit="xj/urumqi/d1", reason="属地", by="李娜")
    put("17", "09:30", "case.acknowledged", "T-1", by="王芳")
    put("17", "11:00", "case.paused", "T-1", reason="鉴定", until="2025-09-22T10:00:00+08:00")
    put("19", "09:00", "case.noted", "T-1", by="王芳", text="等待鉴定")
    put("23", "09:00", "case.extended", "T-1", clock="decide", approved_by="赵总", reason="案情复杂", told_customer=True)
    put("23", "10:00", "case.escalated", "T-1", by="王芳", reason="客户情绪激动")
    put("23", "11:00", "case.chased", "T-1", by="李娜", question="为何未联系客户", answer_by="2025-09-24T10:00:00+08:00")
    put("24", "09:00", "case.mediation_called", "T-1", body="消保委")
    for hour, side in (("10:00", "customer"), ("10:10", "firm"), ("10:20", "body")):
        put("24", hour, "case.mediation_accepted", "T-1", by=side)
    put("24", "11:00", "case.mediation_settled", "T-1", amount="1000.00", currency="CNY", due="2025-10-15")
    put("25", "09:00", "case.forwarded", "T-1", body="金融监管局", ref="转字1号", answer_by="2025-10-10")
    put("25", "10:00", "case.panel_opened", "T-1", participants=["xj/consumer"])
    put("26", "09:00", "case.facts_added", "T-1", text="补充录音")
    put("26", "10:00", "case.amended", "T-1", received="2025-09-15T09:00:00+08:00", by="王芳")
    put("26", "11:00", "complaint.registered", "T-2", **{**given, "customer": "C-2"})
    put("26", "11:30", "case.merged", "T-2", into="T-1", reason="同一事项", by="王芳")
    put("28", "09:00", "case.customer_contacted", "T-1", by="王芳")
    put("28", "10:00", "contact.received", "F-1", **{**given, "customer": "C-3", "issue": "全额退保"})
    put("28", "11:00", "contact.received", "F-2", **{**given, "customer": "C-4", "issue": "咨询"})
    put("28", "12:00", "duty.opened", "D-1", duty="周自查", unit="xj/urumqi/d2", due="2025-09-29", title="本周自查", total=5)
    put("28", "12:10", "contract.screened", "", contract="P-1", risk="high", round="首轮", unit="xj/urumqi/d2",
        customer="C-9", product="分红险", reasons=["高龄"])
    put("28", "12:20", "silence.created", "", matchers={"unit": "xj/urumqi/d2"}, until="2025-10-10T09:00:00+08:00",
        by="赵总", reason="系统演练")
    put("29", "09:00", "case.decided", "T-1", outcome="partly_upheld", by="王芳", amount="500.00", currency="CNY",
        paid_for="refund")
    put("29", "10:00", "case.closed", "T-1", resolution="已赔付", by="王芳")
    put("29", "14:00", "case.reopened", "T-1", reason="客户不满意", by="王芳")
    put("29", "15:00", "case.decided", "T-1", outcome="rejected", by="王芳")
    put("30", "09:00", "case.closed", "T-1", resolution="维持", by="王芳")
    put("30", "09:30", "case.review_requested", "T-1", text="请核查")
    put("30", "10:00", "complaint.registered", "T-3", attributes={"level": "high", "地区": "open", "老客户": True},
        **{**given, "customer": "C-5", "channel": "12378"})
    put("30", "10:30", "case.paused", "T-3", reason="鉴定", by="王芳")
    return put("30", "23:00", "case.noted", "T-3", by="王芳", text="等待材料")


# What each is asked for, and the codes in it that nobody named: a subject that the daemon makes, a reason, a clock.
ASKED = [
    (["case", "T-1"], {"CNY"}), (["case", "T-3"], {"CNY", "level", "high", "open"}), (["case", "F-1"], {"CNY"}),
    (["explain", "T-1"], set()), (["explain", "T-3"], set()), (["explain", "F-1"], set()),
    (["explain", "T-1", "--as-of", "2025-09-25T12:00:00+08:00"], set()),
    (["cases"], {"screening"}), (["cases", "--count-by", "clock"], {"soon", "duty", "defuse"}),
    (["cases", "--count-by", "unit"], set()), (["overdue"], set()), (["today"], set()), (["mine"], set()),
    (["duties"], set()), (["duties", "--count-by", "unit"], set()), (["rounds"], set()), (["chases"], set()),
    (["panels"], set()), (["contracts"], set()), (["rosters"], set()),
    (["roster", "night", "--from", "2025-09-29", "--to", "2025-10-09"], set()),
    (["warnings"], set()), (["contacts"], set()), (["alerts"], {"screening"}), (["unacked"], set()),
    (["notices"], set()), (["journal"], {"CNY", "decide", "level", "high", "open"}),
]
TABLES = ["cases", "overdue", "mine", "duties", "rounds", "chases", "panels", "contracts", "roster", "contacts"]


class Told:
    """A daemon with that story, and what redressctl tells of it."""

    def __enter__(self):
        self.daemon = Daemon(args=["--clock", "events"], units=UNITS, rules=RULES)
        intake = self.daemon.intake()

        def put(day, hour, type, subject, **data):
            return intake.accept({**event(type, subject or None, data=data), "time": DAY.format(day, hour)})["seq"]
        self.daemon.desk().reach(story(put))
        return self

    def __exit__(self, *why):
        self.daemon.__exit__(*why)

    def __call__(self, *words):
        env = {**os.environ, "TZ": "Asia/Shanghai"}
        done = subprocess.run([tool("redressctl"), "--run", str(self.daemon.folder), "--by", "王芳", *words],
                              capture_output=True, text=True, timeout=60, env=env, check=False)
        assert done.returncode == 0, (words, done)
        return done.stdout

    def left(self, *words):
        """What stands on standard error."""
        done = subprocess.run([tool("redressctl"), "--run", str(self.daemon.folder), *words],
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, (words, done)
        return done.stderr

    def on_terminal(self, columns, *words):
        """Its lines, and what it says that it left out."""
        main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        env = {**os.environ, "TZ": "Asia/Shanghai", "TERM": "dumb"}
        done = subprocess.Popen([tool("redressctl"), "--run", str(self.daemon.folder), "--by", "王芳", *words],
                                stdout=side, stderr=subprocess.PIPE, env=env)
        os.close(side)
        seen = b""
        while part := self.read(main):
            seen += part
        os.close(main)
        left = done.stderr.read().decode()
        done.stderr.close()
        assert done.wait(60) == 0, (words, left)
        return seen.decode().replace("\r", "").splitlines(), left

    @staticmethod
    def read(end):
        try:
            return os.read(end, 65536)
        except OSError:  # the other end is closed
            return b""


def english(text):
    """The words that are neither a time nor what somebody wrote."""
    text = re.sub(r"版本 [0-9a-f]{8}", "", text)
    return {word for word in re.findall(r"[A-Za-z]{2,}", text) if word not in OWN}


def cells(line):
    """A character a column of the terminal: two for a wide one."""
    return "".join(one * (2 if unicodedata.east_asian_width(one) in "WF" else 1) for one in line)


def test_no_english_word():
    with Told() as told:
        for words, codes in ASKED:
            text = told(*words, "--lang", "zh-CN")
            assert english(text) == codes, (words, english(text), text)
            assert not english(text.splitlines()[0]), (words, text)  # headings
            assert len(text.splitlines()) > 1 or words[0] in ("today", "notices"), (words, text)


def test_english_is_as_it_was():
    with Told() as told:
        for words, _ in ASKED:
            if words[0] != "journal":  # there English too is words where it is asked for
                assert told(*words) == told(*words, "--lang", "en"), words


def test_what_is_told():
    with Told() as told:
        text = told("case", "T-1", "--lang", "zh-CN")
        for line in (r"适用规则      监管转送", r"  调解金额  1000\.00", r"  处理期限  法定  按时停止  .*办法第十五条 *",
                     r"  回电      内部  超时后停止 .*", r"  调解  2025-09-24T10:20.*", r"    老年客户    10  年龄 71",
                     r"  时限变动 .*  延期：处理期限.*", r"  事件          作出处理决定  .*  部分支持客户诉求 .*王芳",
                     r"  更正受理日期  .*  2025-09-16T10:00:00\+08:00 .*", r"  并入          并案 .*  并自案件 2 \(T-2\).*",
                     r"  预警          督办未答复  .*  运维人员 *", r"  事件          同意调解 .*  调解机构"):
            assert re.search(f"^{line}$", text, re.MULTILINE), (line, text)
        text = told("explain", "T-1", "--lang", "zh-CN")
        for line in ("案件 1 T-1，适用规则 监管转送", "当日确认：内部，运行中", "  期限来自    答复期限",
                     "  期限        1个工作日，遇法定节假日顺延，至当日营业结束，日历 cn-xj，版本 .*",
                     "  2025-09-24T10:20:00\\+08:00  暂停：调解", "  2025-09-24T11:00:00\\+08:00  暂停结束：调解",
                     "    2025-09-28 \\+ 第2日（共15日）：星期日，调休上班：国庆节、中秋节（日历cn）"):
            assert re.search(f"^{line}$", text, re.MULTILINE), (line, text)
        text = told("case", "T-3", "--lang", "zh-CN")  # what is a firm's own stands as it came
        assert re.search("^  其他信息\n    level +high\n    地区 +open\n    老客户 +是$", text, re.MULTILINE), text
        assert "其他信息=level=high 地区=open 老客户=是" in told("journal", "--lang", "zh-CN")
        for words, heads in (("rounds", "排查批次 机构 已排查 有风险 已排除 逾期 最早 最近"),
                             ("contracts", "合同号 风险 排查批次 机构 排查时间 排除时间 案件"),
                             ("panels", "案件 编号 机构 参加机构 发起时间")):
            assert told(words, "--lang", "zh-CN").splitlines()[0].split() == heads.split(), words
        empty = told("rounds", "--round", "none", "--lang", "zh-CN")  # heads are a list's, not a row's
        assert empty.split() == ["排查批次", "机构", "已排查", "有风险", "已排除", "逾期", "最早", "最近"], empty
        assert "要求全额退保" in told("warnings", "--lang", "zh-CN")
        for limit, begin in (("1", "下一页： redressctl "), ("999", "第")):
            assert told.left("alerts", "--limit", limit, "--lang", "zh-CN").startswith(begin), limit
        assert "  起算条件    补充事实或客户再次来电来访\n" in told("explain", "T-3", "--lang", "zh-CN")


def test_route():
    """A case before it is there; the daemon's own configuration."""
    with Told() as told:
        at = ["--config", str(told.daemon.config_path), "--at", "2025-09-16T10:00:00+08:00"]
        for words in (["regulator_ref=7"], ["kind=contact", "issue=全额退保", "age=70"], ["kind=contact"]):
            text = told("route", *at, *words, "--lang", "zh-CN")
            assert not english(text), (words, english(text), text)
            assert told("route", *at, *words) == told("route", *at, *words, "--lang", "en"), words
            assert told("--json", "route", *at, *words) == told("--json", "route", *at, *words, "--lang", "zh-CN")
        text = told("route", *at, "kind=contact", "issue=全额退保", "age=70", "--lang", "zh-CN")
        assert text.startswith("风险等级  高风险，分值 70\n          要求全额退保 60\n          老年客户 10\n"), text
        assert re.search(r"^机构      xj/consumer  消费者权益保护部\n适用规则  首问\n\n时限 +到期时间 +性质 ", text, re.MULTILINE), text
        assert "\n如无人处理：\n" in text, text
        text = told("route", *at, "--lang", "zh-CN")
        assert re.search(r"^复电 +起算于：补充事实或客户再次来电来访  内部  督导介入", text, re.MULTILINE), text


def test_columns_line_up():
    """Between two columns all lines have a gap at the same place of the terminal."""
    with Told() as told:
        for words in (words for words, _ in ASKED if words[0] in TABLES and len(words) != 3):
            lines = [cells(line) for line in told(*words, "--lang", "zh-CN").split("\n\n")[0].splitlines()]
            wide = max(map(len, lines))
            blank = "".join(" " if all(line.ljust(wide)[at] == " " for line in lines) else "x" for at in range(wide))
            gaps = re.findall("x  +(?=x)", blank)
            heads = re.split("  +", lines[0].strip())
            assert len(gaps) >= len(heads) - 1, (words, blank, lines)


def test_on_a_terminal():
    """No line is wider than it, however narrow; what is left out is told by its heading."""
    with Told() as told:
        for columns in (40, 80, 120):
            for words, codes in ASKED:
                lines, left = told.on_terminal(columns, *words, "--lang", "zh-CN")
                assert all(len(cells(line)) <= columns for line in lines), (columns, words, lines)
                named = re.findall("^因宽度不足未显示：(.*)$", left, re.MULTILINE)
                assert not any(english(name) for name in named), (columns, words, left)
                assert "left out" not in left, (columns, words, left)
        _, left = told.on_terminal(80, "cases", "--lang", "zh-CN")
        assert "因宽度不足未显示：" in left, left


def test_json_is_the_same():
    """Programs read codes, whatever the language; explain's texts alone follow it."""
    with Told() as told:
        for words in (["case", "T-1"], ["duties"], ["warnings"], ["overdue"]):
            assert told("--json", *words, "--lang", "zh-CN") == told("--json", *words), words


run(globals())
