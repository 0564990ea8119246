#!/usr/bin/python3
"""Registers as offices keep them: more than sixty files of all kinds, with the right value of every
cell in one table; rows in are rows told; and the whole way of a clerk who has an unknown workbook.

Workbooks are written by openpyxl, GBK by iconv.
"""
import datetime
import io
import json
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run  # noqa: E402
from registers import (  # noqa: E402
    FILES, HEADER, MAP, ROWS, book, csv, differences, events_of, iconv, one, put, shared, sum_of,
    told_of, tool)


def test_every_cell_of_every_file():
    assert len(FILES) >= 60, len(FILES)
    with Daemon() as daemon:
        wrong = differences(daemon, FILES)
        print(f"{len(FILES)} files")
        assert not wrong, "\n".join(map(str, wrong[:12]))


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(name, content)
    return out.getvalue()


def test_files_that_are_none_are_refused_in_words():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><workbook>&a;</workbook>')
    huge = shared(book([HEADER] + ROWS), b"<sst><si><t>" + b"x" * (2 << 20) + b"</t></si>")
    secret = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1016)
    secret[30], secret[512:544] = 9, "EncryptedPackage".encode("utf-16-le")
    html = "\n<table><tr><td>编号</td></tr></table>"
    doctype = shared(book([HEADER] + ROWS), b'<!DOCTYPE sst [<!ENTITY a "b">]><sst>')
    cases = [
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "before 2007"),
        ("secret.xlsx", bytes(secret), "it has a password"),
        ("sheet.ods", zipped("mimetype", b"x"), "OpenDocument"),
        ("sheet.xlsb", zipped("xl/workbook.bin", b"x"), ".xlsb of Excel: save it as .xlsx"),
        ("letter.docx", zipped("word/document.xml", b"x"), "document of Word"),
        ("photos.zip", zipped("a.jpg", b"x"), "no workbook of Excel"),
        ("page.xls", html, "HTML or XML"), ("page16.xls", iconv("\ufeff" + html, "UTF-16LE"), "HTML or XML"),
        ("scan.pdf", b"%PDF-1.7\n", "a PDF: ask for the register as .xlsx"),
        ("32.csv", csv([HEADER] + ROWS).encode("utf-32"), "UTF-32: save it as UTF-8"),
        ("nothing.xlsx", b"", "it is empty: there is no header line"), ("mark.csv", "\ufeff", "it is empty"),
        ("macintosh.csv", csv([HEADER] + ROWS, end="\r"), "save it as CSV UTF-8"),
        ("zip.xlsx", b"PK\x03\x04" + b"x" * 50, "no whole .xlsx"),
        ("bomb.xlsx", bomb.getvalue(), "damaged"), ("huge.xlsx", huge, "damaged"),
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
