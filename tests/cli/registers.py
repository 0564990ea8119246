"""Registers as offices keep them, made here: files of all kinds, and the right value of every cell.

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
from harness import unpack  # noqa: E402

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


def book(rows, sheets=(), formats=(), epoch=None, merged=(), hidden=()):
    wb = openpyxl.Workbook()
    if epoch:
        wb.epoch = epoch
    sheet = wb.active
    sheet.title = "台账"
    for row in rows:
        sheet.append(row)
    for cell, form in formats:
        sheet[cell].number_format = form
    for cells in merged:
        sheet.merge_cells(cells)
    for row in hidden:
        sheet.row_dimensions[row].hidden = True
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
    add("print-date.csv", csv([["2026年投诉台账"] + [""] * 6, ["打印时间：2026-03-31 10:00", "", "第 1 页", "", "", "", ""],
                               HEADER] + ROWS))
    add("header-again.csv", csv([HEADER, ROWS[0], HEADER, ROWS[1], HEADER]), passed=2)
    groups = ["编号", "时间", "客户信息", "", "金额", "年龄", "内容"]
    add("header-of-two.csv", csv([groups, ["", "", "客户", "电话", "", "", ""]] + ROWS), header=1, header_lines=2)
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
                                      ("５０００", "5000.00"), ("5000.0", "5000.00"),
                                      ("１．５万元", "15000.00"), ("￥１，５００．５０元", "1500.50"),
                                      ("人民币5000元整", "5000.00"), ("5.123万", "51230.00"),
                                      ("0.000001亿元", "100.00"), ("RMB 5,000.10", "5000.10"),
                                      ("1234567890.12", "1234567890.12"))):
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
    add("merged-title.xlsx", book([["2026年投诉台账"] + [None] * 6, ["制表日期：2026年3月31日", None, None, None, "制表人：王"],
                                   HEADER, TYPED, ROWS[1]], merged=["A1:G1", "A2:D2", "E2:G2"]))
    add("header-of-two.xlsx", book([["台账"], ["编号", "时间", "客户信息", None, "金额", "年龄", "内容"],
                                    [None, None, "客户", "电话"], TYPED, ROWS[1]], merged=[
                                        "A1:G1", "C2:D2", *(f"{c}2:{c}3" for c in "ABEFG")]),
        header=2, header_lines=2, merged="each")
    second = ["T2", None, "c-2", None, None, None, None]  # what is merged with the row above has nothing
    same = {"phone": "13900002222", "text": "多次来电, 无人回复"}
    rows_of_one = [HEADER, ["T1", ROWS[1][1], "c-1", 13900002222, None, None, ROWS[1][6]], second]
    over = ["B2:B3", "D2:D3", "G2:G3"]
    add("merged-each.xlsx", book(rows_of_one, merged=over),
        {**same, "amount": None, "age": None}, at="2026-03-03T01:30:00Z", merged="each")
    add("merged-beyond.xlsx", book(rows_of_one, merged=["B2:B9", "D2:D9", "G2:G9"]),
        {**same, "amount": None, "age": None}, at="2026-03-03T01:30:00Z", passed=6, merged="each")
    add("merged-across.xlsx", book([HEADER, TYPED, ROWS[1]], merged=["E3:F3"]), merged="each")
    add("hidden-row.xlsx", book([HEADER, TYPED, ROWS[1]], hidden=[3]))
    add("percent.xlsx", book([HEADER, TYPED[:6] + [0.285], ROWS[1]], formats=[("G2", "0%")]),
        {"text": "28.5%"})
    for i, (value, form, sum_) in enumerate(((1.5, '0.00"万元"', "15000.00"), (15000, '0!.0,"万"', "15000.00"),
                                             (0.285, '#,##0.00"亿元";-0.00"亿元"', "28500000.00"),
                                             (5000.5, '#,##0.00"元"', "5000.50"), (2, '0" 百万"', "2000000.00"),
                                             (7, '"万能险 "0', "7.00"), (7, '0;"万"', "7.00"))):
        add(f"unit-format-{i}.xlsx", book([HEADER, TYPED[:4] + [value] + TYPED[5:], ROWS[1]],
                                          formats=[("E2", form)]), {"amount": sum_})
    add("percent-sum.xlsx", book([HEADER, TYPED[:4] + [0.5] + TYPED[5:], ROWS[1]],
                                 formats=[("E2", "0.00%")]), refused=['"50%": not a number'])
    add("boolean.xlsx", book([HEADER, TYPED[:4] + [True] + TYPED[5:], ROWS[1]]),
        refused=['"true": not a number'])
    add("clock.xlsx", book([HEADER, TYPED[:1] + [datetime.time(9, 30)] + TYPED[2:], ROWS[1]]),
        refused=['"09:30:00": a time of day without its date'])
    add("long-cell.xlsx", book([HEADER, TYPED[:6] + ["x" * 32767], ROWS[1]]), {"text": "x" * 32767})
    add("too-long.xlsx", book([HEADER, TYPED[:6] + ["长" * 32767], ROWS[1]]),
        refused=["text of 1 to 32768 bytes; here are 98301"])
    add("money-format.xlsx", book([HEADER, TYPED[:4] + [5000.5] + TYPED[5:], ROWS[1]],
                                  formats=[("E2", '"¥"#,##0.00;[Red]-"¥"#,##0.00')]))
    add("formatted-rows.xlsx", book([HEADER, TYPED, ROWS[1]] + [[None] * 7] * 500,
                                    formats=[(f"B{row}", "yyyy-mm-dd") for row in range(4, 504)]), passed=500)
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


def send_all(daemon, files):
    """Sends each under a source of its own; what is not told of it as its row of the table has it."""
    wrong = []
    for number, (name, (content, _, _, passed, refused, rows, settings)) in enumerate(files.items()):
        mapping = {**MAP, **settings, "event": {
            **MAP["event"], "source": f"reg{number}", "subject": f"s{number}-{{编号}}"}}
        put(daemon.folder, "map.json", json.dumps(mapping))
        done = tool(daemon, "--json", "--map", daemon.folder / "map.json",
                    put(daemon.folder, name, content), status=(0, 2))
        told = told_of(done)
        if sum_of(told) != told["rows"] or told["rows"] != rows + passed:
            wrong.append((name, "rows", told))
        if told["bad"] + told["rejected"] != len(refused) or told["passed_over"] != passed:
            wrong.append((name, "counts", told, done.stderr))
        wrong += [(name, part, done.stderr) for part in refused if part not in done.stderr]
    return wrong


def differences(daemon, files):
    """The files sent, and every cell that became something else than the table has."""
    wrong = send_all(daemon, files)
    events = events_of(daemon.desk())
    for number, (name, (_, first, at, _, refused, _, _)) in enumerate(files.items()):
        wants = [None if refused and at is not None else {**FIRST, **first}, SECOND]
        for key, want in zip(("T1", "T2"), wants):
            got = events.get((f"reg{number}", key))
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
    return wrong
