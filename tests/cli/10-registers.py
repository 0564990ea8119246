#!/usr/bin/python3
"""Registers as offices keep them: more than sixty files of all kinds, with the right value of every
cell in one table; rows in are rows told; and the whole way of a clerk who has an unknown workbook.

Workbooks are written by openpyxl, GBK by iconv.
"""
import datetime
import decimal
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import zipfile

import openpyxl

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run, unpack  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
HEADER = ["编号", "时间", "客户", "电话", "金额", "年龄", "内容"]
ROWS = [["T1", "2026-03-02 09:30", "c-1", "13900001111", "5000.50", "67", "要求退保"],
        ["T2", "2026-03-03 09:30", "c-2", "13900002222", "", "", "多次来电, 无人回复"]]
MAP = {"zone": "Asia/Shanghai", "event": {
    "id": "{编号}", "source": "reg", "type": "complaint.registered", "subject": "{编号}",
    "time": "{时间}", "data": {
        "customer": {"column": "客户"}, "channel": "register", "unit": "xj/urumqi/d3",
        "phone": {"column": "电话"}, "amount": {"column": "金额"}, "age": {"column": "年龄"},
        "text": {"column": "内容"}}}}
FIRST = {"customer": "c-1", "phone": "13900001111", "amount": "5000.50", "age": 67, "text": "要求退保"}
SECOND = {"customer": "c-2", "phone": "13900002222", "text": "多次来电, 无人回复"}
AT = "2026-03-02T01:30:00Z"


def csv(rows, delimiter=",", end="\n", quote=False):
    def field(text):
        text = str(text)
        special = quote or any(c in text for c in delimiter + '"\n\r')
        return '"' + text.replace('"', '""') + '"' if special else text
    return "".join(delimiter.join(map(field, row)) + end for row in rows)


def iconv(text, encoding):
    return subprocess.run(["iconv", "-f", "UTF-8", "-t", encoding], input=text.encode(),
                          capture_output=True, check=True).stdout


def book(rows, sheets=(), formats=(), epoch=None):
    wb = openpyxl.Workbook()
    if epoch:
        wb.epoch = epoch
    sheet = wb.active
    sheet.title = "台账"
    for row in rows:
        sheet.append(row)
    for cell, form in formats:
        sheet[cell].number_format = form
    for name, more in sheets:
        other = wb.create_sheet(name)
        for row in more:
            other.append(row)
    out = io.BytesIO()
    wb.save(out)
    return out.getvalue()


def shared(raw, head=b"<sst>"):
    """The workbook with its texts in a table of their own, as Excel keeps them."""
    texts, out = [], io.BytesIO()

    def number(match):
        texts.append(b"<si><r><t>" + match[2] + b"</t></r><rPh><t>x</t></rPh></si>")
        return b'<c r="%s" t="s"><v>%d</v></c>' % (match[1], len(texts) - 1)
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb'<c r="([A-Z0-9]+)"[^>]*t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>',
                              number, part, flags=re.S)
            if name != "xl/sharedStrings.xml":
                new.writestr(name, part)
        assert texts, "openpyxl writes texts in another way: mend shared()"
        new.writestr("xl/sharedStrings.xml", head + b"".join(texts) + b"</sst>")
    return out.getvalue()


def one(**cells):
    """The table with the first row's cells changed."""
    names = dict(no=0, when=1, customer=2, phone=3, amount=4, age=5, text=6)
    first = list(ROWS[0])
    for name, value in cells.items():
        first[names[name]] = value
    return [HEADER, first, ROWS[1]]


DAY = datetime.datetime(2026, 11, 5, 9, 30)
TYPED = ["T1", datetime.datetime(2026, 3, 2, 9, 30), "c-1", 13900001111, 5000.5, 67, "要求退保"]


# name: (bytes or text, what the first row becomes where it differs, how many rows are passed over,
#        what is refused: a part of the reason, settings of the mapping)
FILES = {}


def add(name, content, first=(), at=AT, passed=0, refused=(), rows=2, **settings):
    FILES[name] = (content, dict(first), at, passed, refused, rows, settings)


def add_texts():
    add("plain.csv", csv([HEADER] + ROWS))
    add("crlf.csv", csv([HEADER] + ROWS, end="\r\n"))
    add("quoted.csv", csv([HEADER] + ROWS, quote=True))
    add("mark.csv", "\ufeff" + csv([HEADER] + ROWS))
    for encoding in ("GBK", "GB18030"):
        add(f"{encoding}.csv", iconv(csv([HEADER] + ROWS), encoding))
        add(f"{encoding}-named.csv", iconv(csv([HEADER] + ROWS), encoding), encoding="gb18030")
    add("gb18030-rare.csv", iconv(csv(one(text="𠮷野家退保")), "GB18030"), {"text": "𠮷野家退保"})
    for encoding in ("UTF-16LE", "UTF-16BE"):
        add(f"{encoding}.csv", iconv("\ufeff" + csv([HEADER] + ROWS), encoding))
        add(f"{encoding}-tabs.txt", iconv("\ufeff" + csv([HEADER] + ROWS, "\t"), encoding))
    add("UTF-16LE-bare.csv", iconv(csv([HEADER] + ROWS), "UTF-16LE"))
    add("ascii-then-gbk.csv", csv([HEADER] + ROWS).encode("gbk") + csv(
        [[f"A{i}", "2026-03-04 09:00", f"a{i}", "1", "1", "1", "x" * 100] for i in range(900)]).encode()
        + "Z,2026-03-04 09:00,末,1,1,1,x\n".encode("gbk"), rows=903)
    for delimiter, name in ((";", "semicolon"), ("\t", "tab"), ("|", "bar")):
        add(f"{name}.csv", csv([HEADER] + ROWS, delimiter))
        add(f"{name}-sep.csv", f"sep={delimiter}\n" + csv([HEADER] + ROWS, delimiter))
    add("caret-named.csv", csv([HEADER] + ROWS, "^"), delimiter="^")
    add("title.csv", "2026年投诉台账\n\n" + csv([HEADER] + ROWS))
    add("title-commas.csv", "2026年投诉台账,,,,,,\n制表人,王,,,,,\n" + csv([HEADER] + ROWS))
    add("header-named.csv", csv([HEADER]) + csv([HEADER] + ROWS), header=2)
    add("header-blanks.csv", csv([[" 编号 ", "时间\u3000", "\u00a0客户", "电话", "金额 ", "年龄", "内容\t"]]
                                 + ROWS))
    add("header-in-lines.csv", csv([["编号", "时间", "客户", "电话", "金额", "年龄", "内容"]] + ROWS,
                                   quote=True))
    add("more-columns.csv", csv([HEADER + ["备注", ""]] + [row + ["x", ""] for row in ROWS]))
    add("trailing-marks.csv", csv([HEADER + [""] * 3] + [row + [""] * 3 for row in ROWS]))
    add("empty-rows.csv", csv([HEADER, ROWS[0], [""] * 7, ROWS[1], [" "] * 7]) + ",,,,,,\n" * 3, passed=5)
    add("total.csv", csv([HEADER] + ROWS + [["合计", "", "", "", "5000.50", "", ""]]), passed=1)
    add("total-english.csv", csv([HEADER] + ROWS + [["", "", "Total", "", "5000.50", "", ""]]), passed=1)


def add_cells():
    add("padded.csv", csv(one(customer="  c-1 ", phone="\u00a013900001111\u3000", text=" 要求退保")))
    add("excel-text.csv", csv(one(customer='="00123"', phone="'00139")),
        {"customer": "00123", "phone": "00139"})
    for i, (cell, sum_) in enumerate((("5,000.50", "5000.50"), ("5000元", "5000.00"), ("¥5,000", "5000.00"),
                                      ("5.000,50", "5000.50"), ("1.5万元", "15000.00"),
                                      ("５０００", "5000.00"), ("5000.0", "5000.00"))):
        add(f"sum-{i}.csv", csv(one(amount=cell)), {"amount": sum_})
    add("age-float.csv", csv(one(age="67.0")))
    add("age-unit.csv", csv(one(age="67岁")))
    add("lines.csv", csv(one(text='第一行\n第二行, "引号"')), {"text": '第一行\n第二行, "引号"'})
    for name in ("phone", "customer", "no"):
        add(f"lost-{name}.csv", csv(one(**{name: "1.39E+10"})), refused=["dropped digits"])
    add("sum-open.csv", csv(one(amount="5.000")), refused=["five, or five thousand"])
    add("age-half.csv", csv(one(age="67.5")), refused=["not a whole number"])
    add("date-open.csv", csv(one(when="5/11/2026")), refused=['"dates"'])
    add("date-none.csv", csv(one(when="32/13/2026")), refused=["no such day"])
    # a quote that is never closed spoils its own row, and no other
    add("quote-open.csv", csv([HEADER]) + 'T0,2026-03-02 09:30,c-0,1,1,1,"没有结束\n' + csv(ROWS),
        refused=["a quote that opens on this line"], rows=3, at=None)
    add("quote-swallows.csv", csv([HEADER]) + 'T0,2026-03-02 09:30,"c-0,1,1,1,没有结束\n' + csv(ROWS)
        + 'T9,2026-03-02 09:30,c-9",1,1,1,好\n', refused=["a quote that opens", "a field that does not"],
        rows=4, at=None)
    add("short-row.csv", csv([HEADER, ["T0", "x"]] + ROWS), refused=["number of fields"], rows=3, at=None)


def add_dates():
    for i, (text, settings) in enumerate((
            ("2026/11/5 9:30", {}), ("2026-11-5 9:30", {}), ("2026.11.05 09:30:00", {}),
            ("5/11/2026 9:30", {"dates": "dmy"}), ("11/5/2026 9:30 AM", {"dates": "mdy"}),
            ("11/5/26 9:30", {"dates": "mdy"}), ("2026年11月5日 9:30", {}),
            ("2026年11月5日9时30分", {}), ("2026/11/5 上午9:30", {}), ("46331.3958333333", {}),
            ("2026-11-05T09:30:00.250", {}), ("2026-11-05T09:30:00+08:00", {}),
            ("2026-11-05 09:30+0800", {}), ("5-Nov-26 9:30", {}), ("Nov 5, 2026 9:30", {}),
            ("2026-11-05 01:30Z", {}))):
        add(f"date-{i}.csv", csv(one(when=text)), at="2026-11-05T01:30:00Z", **settings)
    for i, text in enumerate(("2026/11/5", "20261105", "46331", "2026年11月5日")):
        add(f"day-{i}.csv", csv(one(when=text)), at="2026-11-04T16:00:00Z")
    add("madrid-summer.csv", csv(one(when="2026-07-05 23:30")), at="2026-07-05T21:30:00Z",
        zone="Europe/Madrid")
    add("offset.csv", csv(one(when="2026-07-05 23:30")), at="2026-07-05T22:30:00Z", zone="+01:00")


def add_books():
    add("texts.xlsx", book([HEADER] + ROWS))
    add("shared.xlsx", shared(book([HEADER, TYPED, ROWS[1]])))
    add("typed.xlsx", book([HEADER, TYPED, ROWS[1]]))
    add("title.xlsx", book([["2026年投诉台账"], [], HEADER, TYPED, ROWS[1]]))
    add("day.xlsx", book([HEADER, TYPED[:1] + [datetime.date(2026, 11, 5)] + TYPED[2:], ROWS[1]]),
        at="2026-11-04T16:00:00Z")
    add("chinese-format.xlsx", book([HEADER, TYPED[:1] + [DAY] + TYPED[2:], ROWS[1]],
                                    formats=[("B2", 'yyyy"年"m"月"d"日" h:mm')]), at="2026-11-05T01:30:00Z")
    add("serial.xlsx", book([HEADER, TYPED[:1] + [46331.395833333336] + TYPED[2:], ROWS[1]]),
        at="2026-11-05T01:30:00Z")
    add("epoch-1904.xlsx", book([HEADER, TYPED[:1] + [DAY] + TYPED[2:], ROWS[1]],
                                epoch=openpyxl.utils.datetime.CALENDAR_MAC_1904), at="2026-11-05T01:30:00Z")
    add("second.xlsx", book([["nothing"]], sheets=[("投诉", [HEADER] + ROWS)]), sheet="投诉")
    add("gaps.xlsx", book([HEADER, TYPED, [None] * 7, [], ROWS[1], ["合计", None, None, None, 5000.5]]),
        passed=2)
    add("float.xlsx", book([HEADER, TYPED[:4] + [0.1 + 0.2, 67.0, "要求退保"], ROWS[1]]), {"amount": "0.30"})
    add("long-number.xlsx", book([HEADER, TYPED[:3] + [622848040201900000] + TYPED[4:], ROWS[1]]),
        refused=["dropped digits"])
    add("long-text.xlsx", book([HEADER, TYPED[:3] + ["622848040201900123"] + TYPED[4:], ROWS[1]]),
        {"phone": "622848040201900123"})
    add("error.xlsx", book([HEADER, TYPED[:6] + ["#N/A"], ROWS[1]]), refused=["the error #N/A"])
    add("formula.xlsx", book([HEADER, TYPED[:4] + ["=1+1"] + TYPED[5:], ROWS[1]]), refused=["never calculated"])
    add("markup.xlsx", book([HEADER, TYPED[:6] + ["<a> & \"b\"\n第二行"], ROWS[1]]),
        {"text": "<a> & \"b\"\n第二行"})
    add("named-csv.csv", book([HEADER] + ROWS))


for adds in (add_texts, add_cells, add_dates, add_books):
    adds()


def tool(daemon, *args, status=0):
    done = subprocess.run([TOOLS / "redress-send", "--run", str(daemon.folder), *map(str, args)],
                          capture_output=True, text=True, timeout=200,
                          env={**os.environ, "TZ": "UTC"})
    assert done.returncode in (status if isinstance(status, tuple) else (status,)), (
        args, done.returncode, done.stdout, done.stderr)
    return done


def put(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def told_of(done):
    return json.loads(done.stdout.splitlines()[-1])


def sum_of(told):
    return sum(told[key] for key in ("accepted", "duplicate", "rejected", "bad", "passed_over"))


def events_of(desk):
    return {(row["source"], row["id"]): unpack(row["event"]) for row in desk.rows("journal.read")}


def test_every_cell_of_every_file():
    assert len(FILES) >= 60, len(FILES)
    with Daemon() as daemon:
        folder, wrong = daemon.folder, []
        for number, (name, (content, first, at, passed, refused, rows, settings)) in enumerate(
                FILES.items()):
            mapping = {**MAP, **settings, "event": {
                **MAP["event"], "source": f"reg{number}", "subject": f"s{number}-{{编号}}"}}
            put(folder, "map.json", json.dumps(mapping))
            done = tool(daemon, "--json", "--map", folder / "map.json", put(folder, name, content),
                        status=(0, 2))
            told = told_of(done)
            if sum_of(told) != told["rows"] or told["rows"] != rows + passed:
                wrong.append((name, "rows", told))
            if told["bad"] + told["rejected"] != len(refused) or told["passed_over"] != passed:
                wrong.append((name, "counts", told, done.stderr))
            wrong += [(name, part, done.stderr) for part in refused if part not in done.stderr]
        events = events_of(daemon.desk())
        for number, (name, (content, first, at, passed, refused, rows, settings)) in enumerate(
                FILES.items()):
            found = [events.get((f"reg{number}", key)) for key in ("T1", "T2")]
            wants = [None if refused and at is not None else {**FIRST, **first}, SECOND]
            for key, got, want in zip(("T1", "T2"), found, wants):
                if want is None:
                    wrong += [(name, key, "was taken", got)] if got is not None else []
                    continue
                want = {**want, "channel": "register", "unit": "xj/urumqi/d3"}
                want = {k: v for k, v in want.items() if v is not None}
                if got and "amount" in got["data"]:
                    got["data"]["amount"] = f"{decimal.Decimal(got['data']['amount']):.2f}"
                if got is None or got["data"] != want:
                    wrong.append((name, key, got, want))
                if key == "T1" and at and got and got["time"] != \
                        datetime.datetime.fromisoformat(at.replace("Z", "+00:00")):
                    wrong.append((name, "time", got["time"], at))
        print(f"{len(FILES)} files")
        assert not wrong, "\n".join(map(str, wrong[:12]))


def test_files_that_are_none_are_refused_in_words():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>')
    huge = shared(book([HEADER] + ROWS), b"<sst><si><t>" + b"x" * (2 << 20) + b"</t></si>")
    doctype = shared(book([HEADER] + ROWS), b'<!DOCTYPE sst [<!ENTITY a "b">]><sst>')
    cases = [
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "before 2007"),
        ("zip.xlsx", b"PK\x03\x04" + b"x" * 50, "no whole .xlsx"),
        ("bomb.xlsx", bomb.getvalue(), "no workbook"), ("huge.xlsx", huge, "damaged"),
        ("doctype.xlsx", doctype, "damaged"),
        ("cut.xlsx", book([HEADER] + ROWS)[:-300], "no whole .xlsx"),
        ("binary.csv", bytes(range(128, 256)) * 20 + b"\xff\xff", "neither UTF-8"),
        ("empty.csv", b"", "no header line"),
        ("twice.csv", csv([HEADER + ["客户"]] + [row + ["x"] for row in ROWS]), "is there 2 times"),
        ("other.csv", csv([["编号", "时间", "客户名", "电话", "金额", "年龄", "内容"]] + ROWS),
         'no column "客户"; did you mean "客户名"?; there are "编号", "时间", "客户名"'),
        ("sheet.xlsx", book([HEADER] + ROWS, sheets=[("二月", [])]), 'there are: "台账", "二月"'),
    ]
    with Daemon() as daemon:
        for name, content, words in cases:
            settings = {"sheet": "三月"} if name == "sheet.xlsx" else {}
            put(daemon.folder, "map.json", json.dumps({**MAP, **settings}))
            done = tool(daemon, "--map", daemon.folder / "map.json", put(daemon.folder, name, content),
                        status=1)
            assert words in done.stderr, (name, done.stderr)
        assert not daemon.desk().rows("journal.read") and not daemon.desk().rows("dead.list")


def test_rejects_are_whole_in_the_inputs_own_form_and_go_in_again():
    bad = ["T7", "not a day", "c-7", "1", "1", "7", '引号 "内" | 竖线\n换行']
    forms = [("utf8.csv", lambda rows: ("\ufeff" + csv(rows)).encode()),
             ("gbk.csv", lambda rows: iconv(csv(rows, ";"), "GB18030")),
             ("bar.csv", lambda rows: csv(rows, "|").encode()),
             ("utf16.csv", lambda rows: iconv("\ufeff" + csv(rows, "\t"), "UTF-16LE")),
             ("book.xlsx", book)]
    with Daemon() as daemon:
        folder = daemon.folder
        for number, (name, write) in enumerate(forms):
            mapping = {**MAP, "event": {**MAP["event"], "source": f"src{number}",
                                        "subject": f"r{number}-{{编号}}"}}
            put(folder, "map.json", json.dumps(mapping))
            path = put(folder, name, write([HEADER, ROWS[0], bad, ROWS[1]]))
            rejects = folder / (name + ".rejects.csv")
            for runs in (1, 2):  # the second run appends
                told = told_of(tool(daemon, "--json", "--map", folder / "map.json", "--rejects", rejects,
                                    path, status=2))
                assert told["bad"] == 1 and sum_of(told) == told["rows"] == 3, told
            raw = rejects.read_bytes()
            encoding = {"gbk.csv": "gb18030", "utf16.csv": "utf-16"}.get(name, "utf-8-sig")
            text = raw.decode(encoding)
            assert text.count("reject_run") == 1 and text.count("not a date") == 2, text
            mended = text.replace("not a day", "2026-03-09", 1).replace("not a day", "2026-03-09")
            put(folder, "mended.csv", mended.encode({"gb18030": "gb18030"}.get(encoding, encoding)))
            told = told_of(tool(daemon, "--json", "--map", folder / "map.json", folder / "mended.csv"))
            assert (told["accepted"], told["duplicate"]) == (1, 1), told
            event = events_of(daemon.desk())[f"src{number}", "T7"]
            assert event["data"]["text"] == bad[6], event
        # a file of other columns is not mixed with it
        other = put(folder, "other.csv", csv([HEADER[::-1], bad[::-1]]))
        done = tool(daemon, "--map", folder / "map.json", "--rejects", folder / "utf8.csv.rejects.csv",
                    other, status=(1, 2))
        assert "other columns" in done.stderr, done.stderr


def test_a_state_knows_rows_by_what_they_say():
    rows = [[f"S{i}", "2026-03-02 09:30", f"c-{i}", "1", "1", "1", "x"] for i in range(12)]
    with Daemon() as daemon:
        folder, mark = daemon.folder, daemon.folder / "mark"
        put(folder, "map.json", json.dumps(MAP))

        def send(name, some, **more):
            return told_of(tool(daemon, "--json", "--map", folder / "map.json", "--state", mark,
                                put(folder, name, csv([HEADER] + some)), **more))
        told = send("monday.csv", rows[:5])
        assert (told["accepted"], told["known"]) == (5, 0), told
        # the newest row first, and another name each night
        told = send("tuesday.csv", rows[7::-1])
        assert (told["accepted"], told["known"], sum_of(told)) == (3, 5, told["rows"]), told
        # one that was refused is tried again, and not taken for known
        bad = [rows[8][:1] + ["no day"] + rows[8][2:]]
        for _ in range(2):
            told = send("wednesday.csv", bad, status=2)
            assert (told["bad"], told["known"]) == (1, 0), told
        # a last line that a crash cut is dropped, and its row sent again
        kept = mark.read_bytes()
        mark.write_bytes(kept[:kept.rindex(b"sequence") - 7])
        told = send("thursday.csv", rows[:9])
        assert (told["accepted"], told["duplicate"], told["known"]) == (1, 1, 7), told
        mark.write_text('{"input": "rows.csv", "row": 10}\n')
        tool(daemon, "--map", folder / "map.json", "--state", mark, folder / "thursday.csv", status=1)


def test_what_differs_is_told_apart_and_may_be_sent_as_a_correction():
    with Daemon() as daemon:
        folder, desk = daemon.folder, daemon.desk()
        put(folder, "map.json", json.dumps(MAP))
        path = put(folder, "a.csv", csv([HEADER] + ROWS))
        tool(daemon, "--map", folder / "map.json", path)
        path = put(folder, "a.csv", csv(one(amount="6000", phone="13900009999")))
        done = tool(daemon, "--map", folder / "map.json", path, status=2)
        assert "1 duplicate, 1 refused" in done.stdout and "say something else now" in done.stdout, done
        assert "event 1" in done.stderr and "line 2" in done.stderr, done.stderr
        done = tool(daemon, "--map", folder / "map.json", "--corrections", path)
        assert "1 accepted, 1 duplicate, 0 refused" in done.stdout, done.stdout
        assert "1 of the accepted are corrections" in done.stdout, done.stdout
        row = desk.call("case.get", subject="T1", min_seq=3)
        assert row["attributes"]["amount"] == "6000.00", row
        done = tool(daemon, "--map", folder / "map.json", "--corrections", path)  # the same again
        assert "0 accepted, 2 duplicate, 0 refused" in done.stdout, done.stdout


def test_a_slip_is_told_before_anything_is_sent():
    rows = [[f"N{i}", "2026-03-02 09:30", f"c-{i}", "1", "1", "1", "x"] for i in range(30)]
    mapping = json.loads(json.dumps(MAP))
    mapping["event"]["data"]["unit"] = {"column": "内容"}
    for i, row in enumerate(rows):
        row[6] = "xj/nowhere" if i % 10 == 3 else "d3"
    with Daemon() as daemon:
        put(daemon.folder, "map.json", json.dumps(mapping))
        path = put(daemon.folder, "a.csv", csv([HEADER] + rows))
        told = tool(daemon, "--json", "--map", daemon.folder / "map.json", "--rejects",
                    daemon.folder / "rejects.csv", path, status=2)
        assert told.stderr.count("unknown_unit") == 3 and "3 rows will not be sent" in told.stderr, told
        assert (told_of(told)["accepted"], told_of(told)["bad"]) == (27, 3), told
        assert not daemon.desk().rows("dead.list"), "no dead letter comes of a slip"


def test_from_an_unknown_workbook_to_events_taken():
    """Four commands, and nothing written by hand but what the draft asks for: nothing here."""
    offices = {"第三支公司": "xj/urumqi/d3", "伊宁分公司": "xj/yining", "乌鲁木齐": "xj/urumqi"}
    units = """\
units:
  id: xj
  name: 新疆分公司
  calendar: office
  units:
    - {id: urumqi, name: 乌鲁木齐, units: [{id: d3, name: 第三支公司}]}
    - {id: yining, name: 伊宁分公司}
calendars: {office: {timezone: Asia/Shanghai, hours: [{days: mon-fri, open: ["09:00-18:00"]}]}}
"""
    rows = [["2026年客户投诉登记表"], [], ["序号", "投诉编号", "登记时间", "客户姓名", "联系电话", "投诉渠道",
                                      "受理机构", "保单号", "涉诉金额", "投诉类型", "投诉内容", "备注"]]
    start = datetime.datetime(2026, 1, 5, 9, 0)
    for i in range(2000):
        rows.append([i + 1, f"XJ2026{i:05}", start + datetime.timedelta(minutes=37 * i), f"客户{i}",
                     13900000000 + i, ["电话", "柜面", "信访"][i % 3], list(offices)[i % 3],
                     f"P{i:08}", 1000 + i / 2, "退保纠纷", f"第{i}件: 要求全额退保,\n多次来电", None])
    rows.append(["合计", None, None, None, None, None, None, None, 3999500])
    with Daemon(units=units) as daemon:
        folder = daemon.folder
        path = put(folder, "register.xlsx", book(rows))
        draft = tool(daemon, "--draft", path).stdout
        (folder / "register.json").write_text(draft, encoding="utf-8")
        assert '"第三支公司": "xj/urumqi/d3"' in draft and '"zone"' in draft and "//" in draft, draft
        done = tool(daemon, "--map", folder / "register.json", "--check", path)
        assert done.stdout.startswith("2001 rows: 2000 good, 0 not, 1 passed over"), done.stdout
        told = told_of(tool(daemon, "--json", "--map", folder / "register.json", path))
        assert (told["accepted"], told["rows"], sum_of(told)) == (2000, 2001, 2001), told
        events = events_of(daemon.desk())
        event = events["register", "register-XJ202601999"]
        assert event["data"] == {
            "customer": "客户1999", "channel": "柜面", "unit": "xj/yining", "phone": "13900001999",
            "contract": "P00001999", "amount": "1999.5", "issue": "退保纠纷",
            "text": "第1999件: 要求全额退保,\n多次来电"}, event
        assert event["subject"] == "XJ202601999"


run(globals())
