#!/usr/bin/python3
"""Registers that somebody's program wrote wrongly: no row is lost, joined with another or read as
something that it does not say; what is refused is told, whole in the rejects, and stays refused there
until it is mended."""
import io
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import zipfile

import openpyxl

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run, unpack  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
HEAD = "number,complaint,date,office,customer,amount\n"
UNIT = "xj/urumqi/d3"


def mapping(source, **data):
    return {"event": {"id": "{number}", "source": source, "type": "complaint.registered",
                      "subject": source + "-{number}", "time": "{date}", "data": {
                          "customer": {"column": "customer"}, "channel": "web", "unit": "{office}",
                          "text": {"column": "complaint"}, "amount": {"column": "amount"}, **data}}}


def send(daemon, name, content, *args, status=0, source="reg", map=None, limit=None):
    """What redress-send makes of the file: (summary, standard error)."""
    path = daemon.folder / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (daemon.folder / "map.json").write_text(json.dumps(map or mapping(source)))
    done = subprocess.run([TOOLS / "redress-send", "--run", str(daemon.folder), "--json", "--map",
                           daemon.folder / "map.json", *map_str(args), path],
                          capture_output=True, text=True, timeout=200, env={**os.environ, "TZ": "UTC"},
                          preexec_fn=lambda: limit and limit_files(limit))
    assert done.returncode == status, (name, done.returncode, done.stdout, done.stderr)
    told = json.loads(done.stdout.splitlines()[-1]) if done.stdout else None
    if told is not None and "accepted" in told:
        assert told["rows"] == sum(told[key] for key in (
            "accepted", "duplicate", "rejected", "bad", "passed_over", "unanswered")), told
    return told, done.stderr


def limit_files(size):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def map_str(args):
    return [str(arg) for arg in args]


def events_of(daemon, source="reg"):
    return {row["id"]: unpack(row["event"]) for row in daemon.desk().rows("journal.read")
            if row["source"] == source}


# rows of the file; which are accepted; the first words of the reasons of the others, by line
QUOTES = [
    ("an inch", 'I1,"Nobody answers,2026-11-01,U,c1,100\nI2,the TV of 40",2026-11-02,U,c2,200\n'
     'I3,fine,2026-11-02,U,c3,300\n', ["I3"], {2: "a quote that opens", 3: "there is a quote in a field"}),
    ("a row between", 'J1,"Nobody answers,2026-11-01,U,c1,100\nJ1b,well,2026-11-01,U,c1,100\n'
     'J2,the TV of 40",2026-11-02,U,c2,200\nJ3,fine,2026-11-02,U,c3,300\n', ["J1b", "J3"],
     {2: "a quote that opens", 4: "there is a quote in a field"}),
    ("a text of two lines", 'K1,"Nobody answers,\nI wait",2026-11-01,U,c1,100\n', ["K1"], {}),
]


def test_a_quote_takes_no_row_along():
    with Daemon() as daemon:
        for number, (name, rows, accepted, refused) in enumerate(QUOTES):
            source = f"q{number}"
            rejects = daemon.folder / f"rejects{number}.csv"
            told, error = send(daemon, "in.csv", HEAD + rows.replace("U", UNIT), "--rejects", rejects,
                               status=2 if refused else 0, source=source)
            assert told["accepted"] == len(accepted) and told["bad"] == len(refused), (name, told)
            assert sorted(events_of(daemon, source)) == accepted, (name, events_of(daemon, source))
            for line, words in refused.items():
                assert f"line {line}: {words}" in error, (name, error)
            if not refused:
                continue
            # nothing mended: nothing is taken, however often, and the lines stay as they were
            for passes in range(3):
                again = daemon.folder / f"rejects{number}-{passes}.csv"
                told, _ = send(daemon, rejects.name, None, "--rejects", again, status=2, source=source)
                assert (told["accepted"], told["bad"]) == (0, len(refused)), (name, passes, told)
                first, second = rejects.read_text(), again.read_text()
                lines = [line for line in rows.replace("U", UNIT).split("\n") if '"' in line]
                for line in lines:
                    quoted = '"' + line.replace('"', '""') + '"'
                    assert quoted in first and quoted in second, (name, passes, second)
                rejects = again
            mended = rejects.read_text()
            for line in lines:
                quoted = '"' + line.replace('"', '""') + '"'
                mended = mended.replace(quoted, line.replace('"', ""))
            told, _ = send(daemon, "mended.csv", mended, source=source)
            assert told["accepted"] == len(refused), (name, told)


def book(rows, texts=("first", "second"), workbook="", merged="", end="</sheetData>MERGED</worksheet>"):
    """A workbook whose cells are given as XML, or as a text."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    names = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheet = f"<worksheet {space}><sheetData>"
    for number, row in enumerate(rows, 1):
        cells = [cell if cell.startswith("<") else f'<c r="X" t="inlineStr"><is><t>{cell}</t></is></c>'
                 for cell in row]
        sheet += f'<row r="{number}">' + "".join(
            cell.replace('r="X"', f'r="{chr(65 + at)}{number}"') for at, cell in enumerate(cells)) + "</row>"
    sheet += end.replace("MERGED", merged)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", f'<workbook {space} {names}><sheets><sheet name="S" sheetId="1" '
                      f'r:id="r1"/></sheets>{workbook}</workbook>')
        made.writestr("xl/_rels/workbook.xml.rels", "<Relationships>"
                      f'<Relationship Id="r1" Type="{kinds}/worksheet" Target="worksheets/sheet1.xml"/>'
                      "</Relationships>")
        made.writestr("xl/styles.xml", f'<styleSheet {space}><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/>'
                      "</cellXfs></styleSheet>")
        if texts is not None:
            made.writestr("xl/sharedStrings.xml", f"<sst {space}>" + "".join(
                f"<si><t>{text}</t></si>" for text in texts) + "</sst>")
        made.writestr("xl/worksheets/sheet1.xml", sheet)
    return out.getvalue()


def row_with(**cells):
    row = {"number": "N1", "complaint": "hi", "date": "2026-11-01", "office": UNIT, "customer": "c1", "amount": "5"}
    return list({**row, **cells}.values())


NAMES = HEAD.strip().split(",")
# the cell of a column; what it becomes, or None and the words of the refusal
CELLS = [
    ("customer", '<c r="X" t="s"><v>1</v></c>', "second", None),
    ("customer", '<c r="X" t="s"><v>-1</v></c>', None, "E2 refers to a text that is not in the workbook: -1"),
    ("customer", '<c r="X" t="s"><v>2</v></c>', None, "E2 refers to a text that is not in the workbook: 2"),
    ("customer", '<c r="X" t="s"><v>abc</v></c>', None, "E2 refers to a text"),
    ("customer", '<c r="X" t="s"><v>1.9</v></c>', None, "E2 refers to a text"),
    ("complaint", '<c r="X" t="s"><v>77</v></c>', None, "B2 refers to a text"),
    ("amount", '<c r="X"><v>12</v></c>', "12", None),
    ("amount", '<c r="X"><v>12abc</v></c>', None, "F2 holds a number that is none: 12abc"),
    ("amount", '<c r="X"><v>0x12</v></c>', None, "F2 holds a number that is none"),
    ("amount", '<c r="X"><v>1e999</v></c>', None, "F2 holds a number that is none"),
    ("amount", '<c r="X"><v>nan</v></c>', None, "F2 holds a number that is none"),
    ("date", '<c r="X" s="1"><v>abc</v></c>', None, "C2 holds a number that is none: abc"),
    ("date", '<c r="X" s="1"><f>TODAY()-3</f></c>', None, "C2 holds a formula that was never calculated"),
    ("date", '<c r="X" s="1"><f>TODAY()-3</f><v></v></c>', None, "C2 holds a formula that was never"),
    ("complaint", '<c r="X"><f>A1&amp;" lost"</f><v/></c>', None, "B2 holds a formula that was never"),
    ("amount", '<c r="X"><f>1+1</f><v>2</v></c>', "2", None),
    ("complaint", '<c r="X" t="str"><f>""</f><v></v></c>', "", None),
    ("complaint", '<c r="X" t="str"><v>a_x000D__x000A_b _x4E2D_ _xD83D__xDE00_ _x005F_x0041_ _x41_ _xD83D_</v></c>',
     "a\r\nb 中 😀 _x0041_ _x41_ _xD83D_", None),
    ("complaint", '<c r="X" t="b"><v>7</v></c>', None, "B2 is neither true nor false: 7"),
]


def test_a_cell_that_is_broken_is_no_other_cell():
    with Daemon() as daemon:
        for number, (column, cell, value, words) in enumerate(CELLS):
            source = f"x{number}"
            told, error = send(daemon, "in.xlsx", book([NAMES, row_with(**{column: cell})]),
                               status=2 if words else 0, source=source)
            events = events_of(daemon, source)
            assert told["rows"] == 1 and len(events) == (0 if words else 1), (cell, told, events)
            if words:
                assert words in error, (cell, error)
                continue
            key = {"complaint": "text", "date": "time"}.get(column, column)
            assert events["N1"]["data"].get(key, "") == value, (cell, events["N1"])
        # no table of texts at all; and formulas that a program left to the spreadsheet
        told, error = send(daemon, "in.xlsx", book([NAMES, row_with(
            customer='<c r="X" t="s"><v>0</v></c>')], texts=None), status=2, source="y0")
        assert told["bad"] == 1 and "E2 refers to a text" in error, error
        nought = row_with(amount='<c r="X"><f>1+1</f><v>0</v></c>')
        told, error = send(daemon, "in.xlsx", book([NAMES, nought], workbook='<calcPr fullCalcOnLoad="1"/>'),
                           status=2, source="y1")
        assert told["bad"] == 1 and "F2 holds a formula" in error, error
        told, error = send(daemon, "in.xlsx", book([NAMES, nought]), source="y2")
        assert told["accepted"] == 1


def test_merged_cells_that_are_none_merge_nothing():
    rows = [NAMES, row_with(), row_with(number="N2", office=""), row_with(number="N3", office="")]
    none = ("", "D2", "D2:", ":D4", "D0:D4", "D4:D2", "D2:D4:D6", "d2:d4", "DDDD2:DDDD4", "D2:D99999999999999999999",
            "D2 :D4", "D-2:D4", "D2:DD", "ZZZ2:ZZZ4", "D2:D3" * 99)
    cells = "".join(f'<mergeCell ref="{text}"/>' for text in none) + "<mergeCell/>"
    each = {**mapping("m0"), "merged": "each"}
    with Daemon() as daemon:
        for what, taken, kept in ((cells, 1, 1), (cells + '<mergeCell ref="D2:D3"/>', 2, 2),
                                  ('<mergeCell ref="D2:D9999999"/>' * 3, 3, 3)):
            told, error = send(daemon, "in.xlsx", book(rows, merged=f"<mergeCells>{what}</mergeCells>"),
                               status=0 if kept == 3 else 2, map=each)
            assert (told["accepted"] + told["duplicate"], told["bad"]) == (taken, 3 - kept), (told, error)
        many = "".join(f'<mergeCell ref="D{row}:D{row + 1}"/>' for row in range(2, 2 * 65536 + 4, 2))
        told, error = send(daemon, "in.xlsx", book(rows, merged=f"<mergeCells>{many}</mergeCells>"), status=1,
                           map=each)
        assert "more than 65,536 cells that are merged over rows" in error, error
        told, error = send(daemon, "in.xlsx", None, "--check", status=4)
        assert told["bad"] == 3 - told["good"] and "65536 cells are merged over rows, the first D2:D3" in error, error


def test_formulas_of_openpyxl_are_refused():
    wb = openpyxl.Workbook()
    for row in (NAMES, row_with(), row_with(number="N2", date="=TODAY()-3"), row_with(number="N3")):
        wb.active.append(row)
    out = io.BytesIO()
    wb.save(out)
    with Daemon() as daemon:
        rejects = daemon.folder / "rejects.csv"
        told, error = send(daemon, "in.xlsx", out.getvalue(), "--rejects", rejects, status=2)
        assert (told["accepted"], told["bad"]) == (2, 1), told
        assert "C3 holds a formula that was never calculated" in rejects.read_text("utf-8-sig"), error
        assert sorted(events_of(daemon)) == ["N1", "N3"]


def test_what_was_taken_of_a_damaged_file_is_told():
    """A sheet that ends in the middle; and files that cannot be written."""
    rows = [NAMES] + [row_with(number=f"N{i}") for i in range(50)]
    with Daemon() as daemon:
        told, error = send(daemon, "cut.xlsx", book(rows, end='<row r="52"><c r="A52"'), status=1)
        assert told["accepted"] == len(events_of(daemon)) == told["rows"] == 50, told
        assert "cut.xlsx: behind line 52: the sheet is damaged" in error, error
        told, error = send(daemon, "cut.xlsx", None, "--check", status=1)
        assert told["good"] == 50 and "the sheet is damaged" in error, (told, error)
        full = HEAD + f"F{{}},t,2026-11-01,{UNIT},c,1\nG,t,no day,{UNIT},c,1\n"
        told, error = send(daemon, "full.csv", full.format(1), "--receipts", "/dev/full", status=1)
        assert told["accepted"] == 1 and "/dev/full: No space left on device" in error, (told, error)
        for option in ("--rejects", "--state"):  # a file may have sixteen bytes
            path = daemon.folder / f"kept{option}"
            told, error = send(daemon, "full.csv", full.format(option), option, path, status=1,
                               limit=16)
            assert told and told["accepted"] == 1 and f"{path}: File too large" in error, (option, told, error)


run(globals())
