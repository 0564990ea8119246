#!/usr/bin/python3
"""What an alert says when it is read aloud: who, why, by when, and of which unit of that name."""
from harness import Daemon, run
from office import Office

BRANCH = """\
units:
  id: xj
  name: 新疆分公司
  calendar: office
  units:
    - {id: night, name: 夜班, calendar: always}
    - {id: yining, name: 伊宁, units: [{id: d1, name: 第一营业区}, {id: d2, name: 第二营业区}]}
    - {id: korla, name: 库尔勒, units: [{id: d1, name: 第一营业区}]}
calendars:
  office: {timezone: Asia/Shanghai, hours: [{days: mon-fri, open: ["09:00-18:00"]}]}
  always: {timezone: Asia/Shanghai, hours: [{days: mon-sun, open: ["00:00-24:00"]}]}
"""
RULES = """\
assessment:
  levels: {watch: 30, high: 60, critical: 85}
  open_case_at: high
  lexicons: [{code: threat, name: 扬言, terms: {起诉: 40, 起诉你们: 70}}]
supervision: {rectification: {due: 20bd, recurrence: 90d}, screening: {opens: [high], due: 10bd}}
policies:
  - name: contact
    match: {kind: contact}
    ladder: {until: acknowledged, rungs: [{notify: [unit], severity: high, ack_within: 30m}]}
  - name: duty
    match: {kind: duty}
  - name: vip
    match: {channel: vip}
    ladder: {until: customer_contacted, rungs: [{notify: [unit]}, {after: 2h, notify: [parent]}]}
  - name: night
    match: {channel: night}
    clocks: [{code: call, name: 回电, start: received, stop: decided, limit: 1h, on_breach: {closed: ["xj/night"], hold: opening, severity: high}}]
    ladder: {until: acknowledged, rungs: [{notify: [unit], ack_within: 30m, hold: opening, closed: ["xj/night"]}]}
  - name: other
    match: {}
    clocks: [{code: answer, name: 答复, start: received, stop: decided, limit: 2bd, statutory: true}]
    ladder:
      until: acknowledged
      rungs: [{notify: [unit], severity: high, ack_within: 30m, renotify: {every: 10m, times: 1}}, {after: 1d, notify: [parent], severity: high, ack_within: 30m}]
alerts: {language: %s}
"""


class Branch(Office):
    """The branch instead of the office; times are of Shanghai."""

    def __init__(self, language="zh-CN"):
        self.daemon = Daemon(start=False, args=["--clock", "events"], units=BRANCH,
                             rules=RULES % language)
        self.seq = 0

    def time(self, text):
        return f"2026-03-{text.replace(' ', 'T')}:00+08:00"

    def open(self, time, subject, unit="xj/yining/d1", **data):
        return super().open(time, subject, unit, **{"channel": "phone", **data})

    def titles(self, type, unit=None):
        rows = self.desk.call("feed.replay", after=0, limit=1000, min_seq=self.seq)["rows"]
        return [row["title"] for row in rows if row["type"] == type and unit in (None, row["unit"])]


def test_units_of_one_name_are_called_by_the_one_above_too():
    with Branch() as branch:
        branch.open("02 10:00", "K1")
        branch.open("02 10:00", "K2", unit="xj/yining/d2")
        told = branch.titles("ladder.rung")
        assert "承办：伊宁/第一营业区）" in told[0] and "承办：第二营业区）" in told[1], told
        row, _ = branch.desk.call("feed.replay", after=0, limit=10)["rows"]
        assert row["unit_name"] == "第一营业区", row


def test_a_rung_says_why_it_comes():
    """Nobody answered; nothing came; by hand; a question that nobody answered."""
    with Branch() as branch:
        branch.open("02 10:00", "silent")
        branch.open("02 10:05", "slow", channel="vip")
        branch.send("02 10:06", "case.acknowledged", "slow", by="wang")
        branch.open("02 10:10", "by-hand")
        branch.send("02 10:11", "case.escalated", "by-hand", by="li", reason="客户坐在大厅")
        branch.open("02 10:12", "asked", channel="vip")
        branch.send("02 10:13", "case.acknowledged", "asked", by="wang")
        branch.send("02 10:14", "case.chased", "asked", by="li", question="录音在哪",
                    unit="xj/korla/d1", answer_by="2026-03-02T11:00:00+08:00")
        branch.until("02 12:06")
        whys = {subject: [title.split("：请处理")[0] for title in branch.titles("ladder.rung", "xj/yining")
                          if f"投诉 {subject}（" in title]
                for subject in ("silent", "slow", "by-hand", "asked")}
        assert whys == {
            "silent": ["升级（伊宁/第一营业区自3月2日10:00起未确认，请督促办理）"],
            "slow": ["升级（自3月2日10:05起尚未联系客户，请督促办理）"],
            "by-hand": ["升级（li上报：客户坐在大厅，请督促办理）"],
            "asked": ["升级（督办未按时答复，请督促办理）"],
        }, whys
        assert branch.titles("case.unanswered") == 2 * [
            "督办未答复：库尔勒/第一营业区应于3月2日11:00前就伊宁/第一营业区承办的投诉 asked 作出答复：录音在哪"]


def test_who_stands_in_is_told_for_whom():
    with Branch() as branch:
        branch.open("02 20:00", "K1", channel="night")
        branch.until("02 22:00")
        rung, = branch.titles("ladder.rung", "xj/night")
        breach, = branch.titles("clock.breach", "xj/night")
        assert rung.startswith("伊宁/第一营业区已下班，由贵部门代班：请处理投诉 K1（"), rung
        assert breach.startswith("伊宁/第一营业区已下班，由贵部门代班：逾期：投诉 K1 的回电"), breach


def test_a_letter_is_told_on_a_complaint_that_is_known():
    with Branch() as branch:
        branch.open("02 10:00", "K1")
        branch.send("02 11:00", "case.forwarded", "K1", body="金监局", ref="R1", answer_by="2026-03-05")
        assert not branch.titles("case.forwarded")
        told = branch.titles("ladder.rung")
        letter = "监管转送：金监局 R1，须于3月5日24:00前答复"
        assert not any(letter in title for title in told[:2]) and letter in told[2], told
        branch.until("02 11:10")
        assert letter in branch.titles("ladder.renotify")[-1]
        branch.send("02 11:15", "case.assigned", "K1", unit="xj/yining/d2")
        assigned, = branch.titles("case.assigned")
        assert letter in assigned and assigned.endswith("答复须于3月4日24:00前完成"), assigned


def test_a_complaint_names_the_contact_it_grew_from():
    with Branch() as branch:
        branch.send("02 10:00", "contact.received", "M1", customer="c1", channel="phone",
                    unit="xj/yining/d1", text="我要起诉你们")
        first, = branch.titles("warning.first_contact")
        assert "客户提到：起诉你们；" in first, first  # and not its part
        branch.open("02 10:05", "K1", customer="c1", unit="xj/korla/d1", text="地址写错了")
        assert "由首问 M1：高风险 升级" in branch.titles("ladder.rung", "xj/korla/d1")[0]
        grown, = branch.titles("case.grown")
        assert "已升级为投诉 K1（承办：库尔勒/第一营业区）" in grown, grown


def test_how_it_ended_and_why_it_goes_on():
    with Branch() as branch:
        for i, end in enumerate(["withdrawn", "merged", "closed"]):
            branch.open(f"02 10:0{i}", f"K{i}")
            branch.send(f"02 10:1{i}", "case.assigned", f"K{i}", unit="xj/korla/d1")
            more = {"merged": {"into": "other", "reason": "same"}, "closed": {"resolution": "已致歉"}}
            if end == "merged":
                branch.open("02 10:13", "other")
            branch.send(f"02 10:2{i}", f"case.{end}", f"K{i}", **more.get(end, {}))
        told = branch.titles("case.outcome")
        assert [title.split("结果：")[1].split("；")[0] for title in told] == [
            "客户撤回", "并入其他案件", "已致歉"], told
        branch.send("03 10:00", "case.review_requested", "K2", text="不服")
        assert "已重新开启（客户申请复核）" in branch.titles("case.reopened")[0]


def test_a_duty_says_what_it_is_of():
    with Branch() as branch:
        branch.send("02 10:00", "contract.screened", contract="P-77", risk="high", unit="xj/korla",
                    round="2026-1")
        branch.open("02 10:01", "K1")
        branch.send("02 10:02", "case.cause_found", "K1", cause="误导", unit="xj/korla")
        branch.send("02 10:03", "duty.opened", duty="visit", unit="xj/korla", due="2026-03-31")
        told = branch.titles("duty.owed")
        assert [title.split("完成：")[1] for title in told] == [
            "排除合同风险 P-77", "溯源整改 投诉 K1（问题原因：误导）", "visit"], told


def test_a_breach_that_is_told_again_says_for_how_long():
    with Branch() as branch:
        branch.open("02 10:00", "K1")
        branch.until("09 10:00")
        told = branch.titles("clock.breach", "xj/yining/d1")
        assert ["已逾期" in title for title in told] == [False, True, True, True], told
        assert [title.split("已逾期")[1].split("，")[0] for title in told[1:]] == [
            "9小时", "33小时", "4天"], told


def test_in_english_too():
    with Branch("en") as branch:
        branch.open("02 10:00", "K1")
        branch.send("02 10:05", "case.escalated", "K1", by="li", reason="a TV crew in the lobby")
        branch.send("02 11:00", "case.forwarded", "K1", body="FOS", ref="R1", answer_by="2026-03-05")
        told = branch.titles("ladder.rung")
        assert told[1].startswith("Escalated, by li: a TV crew in the lobby: Please take on the "
                                  "complaint K1 of 伊宁/第一营业区: 伊宁, acknowledge"), told
        assert ", sent by the regulator (FOS R1, to be answered by the end of 5 March): " in told[2], told
        branch.until("02 12:00")
        told = branch.titles("ladder.rung", "xj/yining")
        assert told[1].startswith("Escalated, 伊宁/第一营业区 has not acknowledged since 11:00 on 2 March: "), told


run(globals())
