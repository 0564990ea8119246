#!/usr/bin/python3
"""What redress-send --draft makes of registers: which column is what, and above all which is not; and
what a clerk is told before anything is sent."""
import io
import json
import os
import pathlib
import subprocess
import sys

import openpyxl

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, at, run  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")


def tool(folder, *args, status=0, **env):
    done = subprocess.run([TOOLS / "redress-send", "--run", str(folder), *map(str, args)],
                          capture_output=True, text=True, timeout=100,
                          env={**os.environ, "TZ": "UTC", **env})
    assert done.returncode == status, (args, done.returncode, done.stdout, done.stderr)
    return done


def draft(folder, name, content, *args, **env):
    """The mapping, and its text with the comments."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    text = tool(folder, "--draft", *args, path, **env).stdout
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return json.loads(plain), text


def column(name):
    return {"column": name}


def book(*sheets):
    """(title, rows, hidden) …"""
    wb = openpyxl.Workbook()
    wb.remove(wb.active)
    for title, rows, hidden in sheets:
        sheet = wb.create_sheet(title)
        sheet.sheet_state = "hidden" if hidden else "visible"
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    wb.save(out)
    return out.getvalue()


# a column beside 受理时间 that is a time of something else, and one of its values
OTHER_TIMES = ["投保日期", "出生日期", "承保时间", "销售时间", "交易时间", "办结时间", "结案时间", "结案日期",
               "应办结时间", "截止日期", "回复时间", "回访时间", "更新时间", "派单时间", "due_date", "birth_date",
               "date closed", "Policy Date", "事故发生时间", "保单生效日期", "处理时间"]

# header and rows; what the mapping holds; what its comments say
TABLE = {
    "own-time.csv": ("编号,登记时间,受理时间\n1,2026-11-02,2026-11-01\n",
                     {"time": column("登记时间"), "data.received": column("受理时间")}, []),
    "only-other.csv": ("编号,投保日期\n1,2023-03-01\n", {"time": None},
                       ["No column is the complaint's time", '// Not used: "投保日期"']),
    "no-dates.csv": ("id,received by,date\n1,Wang,2026-11-01\n",
                     {"time": column("date"), "data.received": None}, []),
    "two-columns.csv": ("编号,日期,时间\n1,2026-11-01,9:30\n", {"time": "{日期} {时间}"}, []),
    "two-received.csv": ("编号,受理日期,受理时间\n1,2026-11-01,9:30\n", {"time": "{受理日期} {受理时间}"}, []),
    "contradiction.csv": ("编号,日期\n1,13/11/2026\n2,11/13/2026\n3,5/6/2026\n", {"dates": None},
                          ["In 1 rows the day comes first, in 1 the month"]),
    "open-dates.csv": ("编号,日期\n1,5/11/2026\n", {"dates": None}, ["Nothing in the file says"]),
    "known-dates.csv": ("编号,日期\n1,13/11/2026\n2,5/11/2026\n", {"dates": "dmy"}, ["days over the 12th"]),
    "guessed-number.csv": ("单据,客户\nK-1,a\nK-2,b\n",
                           {"id": "guessed-number-{单据}", "subject": {"column": "单据", "required": True}},
                           ["No column is called a number of its own"]),
    "counter.csv": ("序号,客户\n1,a\n2,b\n", {"id": "counter-{row}"}, ["may never move"]),
    "repeats.csv": ("产品编号,客户\nP1,a\nP1,b\n", {"id": "repeats-{row}"}, []),
    "braces{x}.csv": ("编号\n1\n", {"id": "braces{{x}}-{编号}", "source": "braces{x}"}, []),
    "brace-column.csv": ("complaint id {new}\n1\n", {"id": column("complaint id {new}")}, []),
    "row-column.csv": ("row number\n7\n", {"id": column("row number")}, []),
    "ten-thousands.csv": ("编号,涉及金额（万元）\n1,5\n",
                          {"data.amount": {"column": "涉及金额（万元）", "in": "万元"}}, []),
    "universal-life.csv": ("编号,万能险金额\n1,5\n", {"data.amount": column("万能险金额")}, []),
    "reason.csv": ("编号,投诉事由\n1,x\n", {"data.text": column("投诉事由")}, []),
    "sep.csv": ("sep=^\n编号^客户\n1^a\n", {"data.customer": column("客户")}, ["stands '^'"]),
}
NUMBERS = ["投诉单号", "单号", "受理单号", "件号", "登记号", "投诉ID", "case_no", "case_id", "Case-ID", "编号"]


def value_of(mapping, path):
    where = mapping if path in ("dates", "zone", "sheet") else mapping["event"]
    for part in path.split("."):
        where = where.get(part) if where is not None else None
    return where


def test_which_column_is_what():
    with Daemon() as daemon:
        for name, (content, wants, comments) in TABLE.items():
            mapping, text = draft(daemon.folder, name, content)
            for path, want in wants.items():
                assert value_of(mapping, path) == want, (name, path, want, text)
            for comment in comments:
                assert comment in text, (name, comment, text)
        for number in NUMBERS:
            mapping, text = draft(daemon.folder, "n.csv", f"客户,{number}\na,K1\na,K2\n")
            assert mapping["event"]["id"] == f"n-{{{number}}}", (number, text)
            assert "No column" not in text.split('"id"')[0], text
        for other in OTHER_TIMES:
            mapping, text = draft(daemon.folder, "t.csv",
                                  f"编号,{other},受理时间\n1,2023-03-01,2026-03-27 09:00\n")
            assert mapping["event"]["time"] == column("受理时间"), (other, text)
            assert f'// Not used: "{other}"' in text, (other, text)


def test_a_case_begins_when_it_was_received_and_not_when_the_contract_was_bought():
    with Daemon() as daemon:
        folder = daemon.folder
        _, text = draft(folder, "tb.csv", "编号,受理时间,机构,客户,渠道,投保日期,投诉内容\n"
                        "TB1,2026-03-27 09:00,yining,x,p,2023-03-01,x\n", TZ="Asia/Shanghai")
        (folder / "tb.json").write_text(text)
        tool(folder, "--map", folder / "tb.json", folder / "tb.csv")
        row = daemon.desk().call("case.get", subject="TB1", min_seq=1)
        assert row["opened"] == at("2026-03-27T01:00:00Z"), row
        assert row["unit"] == "xj/yining", row


def test_the_zone_is_that_of_the_clerk_or_told_as_a_guess():
    with Daemon() as daemon:
        for zone, want in (("Asia/Shanghai", "Asia/Shanghai"), (":Europe/Madrid", "Europe/Madrid")):
            mapping, text = draft(daemon.folder, "z.csv", "编号,时间\n1,2026-11-01\n", TZ=zone)
            assert mapping["zone"] == want and "A guess" in text, text
        for nonsense in ("../../etc/passwd", "/etc/passwd", "No/Where"):
            mapping, text = draft(daemon.folder, "z.csv", "编号,时间\n1,2026-11-01\n", TZ=nonsense)
            assert "passwd" not in mapping["zone"] and mapping["zone"] != nonsense, text


def test_one_sheet_of_many_is_named_and_stays_named():
    head = ["编号", "登记时间", "客户", "渠道", "机构"]
    months = [("旧", [head, ["OLD1", "2026-01-01", "a", "p", "d3"]], True),
              ("11月", [head, ["N11", "2026-02-01", "a", "p", "d3"]], False),
              ("12月", [head, ["N12", "2026-03-01", "a", "p", "d3"]], False)]
    with Daemon() as daemon:
        folder = daemon.folder
        mapping, text = draft(folder, "months.xlsx", book(*months), "--sheet", "12月")
        assert mapping["sheet"] == "12月", text
        (folder / "m.json").write_text(text)
        done = tool(folder, "--map", folder / "m.json", folder / "months.xlsx")
        assert 'of 3 sheets only "12月" is read' in done.stderr, done.stderr
        assert '"旧" (hidden), "11月"' in done.stderr, done.stderr
        subjects = {row["subject"] for row in daemon.desk().rows("case.list", min_seq=1)}
        assert subjects == {"N12"}, subjects
        # the first that is not hidden
        mapping, text = draft(folder, "months.xlsx", book(*months))
        assert mapping["sheet"] == "11月" and "Of 3 sheets" in text, text
        # one sheet needs no name
        mapping, text = draft(folder, "one.xlsx", book(months[1]))
        assert "sheet" not in mapping and "sheets" not in text, text


def test_what_a_clerk_is_told():
    rows = "编号,机构,客户,渠道,金额\n1,伊宁中心,a,p,5\n2,xj/urumqi/d3,a,p,5\n"
    with Daemon() as daemon:
        folder = daemon.folder
        _, text = draft(folder, "u.csv", rows)
        (folder / "u.json").write_text(text)
        done = tool(folder, "--map", folder / "u.json", "--check", folder / "u.csv", status=4)
        assert '"伊宁中心": the table "units" of the mapping leaves it open' in done.stderr, done.stderr
        assert done.stdout.startswith("2 rows: 1 good, 1 not"), done.stdout
        # a key that no complaint has
        (folder / "u.json").write_text(text.replace('"amount"', '"ammount"'))
        done = tool(folder, "--map", folder / "u.json", "--check", folder / "u.csv", status=4)
        assert 'data.ammount: complaint.registered has no such key' in done.stderr, done.stderr
        assert "did you mean amount" in done.stderr.replace('"', ""), done.stderr
        # what sums are counted in is one of a few, and of sums only
        for bad in ('"金额", "in": "打"', '"客户", "in": "万元"'):
            mapping = {"event": {"id": "x", "source": "x", "type": "case.noted", "data": {}}}
            key = "amount" if "金额" in bad else "customer"
            plain = json.dumps(mapping).replace('"data": {}', '"data": {"%s": {"column": %s}}' % (key, bad))
            (folder / "bad.json").write_text(plain)
            done = tool(folder, "--map", folder / "bad.json", folder / "u.csv", status=1)
            assert "百万元" in done.stderr, done.stderr
        # what Excel wrote before 2007
        (folder / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
        done = tool(folder, "--draft", folder / "old.xls", status=1)
        assert "before 2007" in done.stderr, done.stderr


def test_a_row_that_is_known_by_its_place_is_never_corrected():
    """Mended rejects, and an export with its newest row first, put other rows where those were."""
    with Daemon() as daemon:
        folder = daemon.folder
        head = "序号,时间,客户,渠道,机构,内容\n"
        row = "{0},2026-02-0{1},{2},p,d3,{3}\n"
        _, text = draft(folder, "k.csv", head + row.format(1, 1, "张一", "A") + row.format(2, "2x", "张二", "B"))
        (folder / "k.json").write_text(text)
        done = tool(folder, "--map", folder / "k.json", "--rejects", folder / "rej.csv", folder / "k.csv",
                    status=2)
        assert "event.id of the mapping is the row's place" in done.stderr, done.stderr
        mended = (folder / "rej.csv").read_text().replace("02x", "02")
        (folder / "mended.csv").write_text(mended)
        done = tool(folder, "--map", folder / "k.json", folder / "mended.csv", status=2)
        assert "the row's place in the file" in done.stdout and "--corrections" not in done.stdout, done
        done = tool(folder, "--map", folder / "k.json", "--corrections", folder / "mended.csv", status=1)
        assert "made of {row} or {line}" in done.stderr, done.stderr
        assert len(daemon.desk().rows("journal.read")) == 1, "the first complaint, and nothing over it"


run(globals())
