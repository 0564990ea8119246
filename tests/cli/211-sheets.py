#!/usr/bin/python3
"""What a sheet has besides its rows: titles above the header, a header of two lines, cells merged over
rows, hidden rows. What --draft says of it, and what becomes of it; and the same workbooks as another
spreadsheet writes them, where a machine has it."""
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run  # noqa: E402
from registers import (  # noqa: E402
    FILES, HEADER, MAP, ROWS, book, csv, differences, events_of, put, told_of, tool)

UNIT_HEADER = ["编号", "时间", "客户", "电话", "金额", "机构", "内容"]


def draft(daemon, name, content):
    text = tool(daemon, "--draft", put(daemon.folder, name, content)).stdout
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    return json.loads(plain), text


def rows_with_units(count=4):
    """Of the office only the first row has the name, as it is merged over all."""
    return [[f"M{i}", f"2026-03-0{i + 1} 09:30", f"c-{i}", f"139{i}", 10 * i,
             "xj/yining" if i == 0 else None, "退保"] for i in range(count)]


def test_what_the_draft_finds():
    groups = [["2026年台账"], ["编号", "时间", "客户信息", None, "金额", "机构", "投诉", None],
              [None, None, "姓名", "电话", None, None, "内容", "类型"]]
    rows = [row + ["x"] for row in rows_with_units()]
    with Daemon() as daemon:
        mapping, text = draft(daemon, "two.xlsx", book(groups + rows, merged=["A2:A3", "F4:F7"], hidden=[5]))
        assert (mapping["header"], mapping["header_lines"], mapping["merged"]) == (2, 2, "each"), text
        assert "in two lines, 2 and 3" in text and "1 cells are merged over rows, the first F4:F7" in text, text
        assert "1 rows are hidden" in text, text
        data = mapping["event"]["data"]
        assert (data["customer"], data["phone"]) == ({"column": "姓名"}, {"column": "电话"}), text
        mapping["event"]["data"]["channel"] = "register"
        put(daemon.folder, "map.json", json.dumps(mapping))
        done = tool(daemon, "--json", "--map", daemon.folder / "map.json", daemon.folder / "two.xlsx")
        assert told_of(done)["accepted"] == 4 and "1 rows are hidden" in done.stderr, done
        assert {event["data"]["unit"] for event in events_of(daemon.desk()).values()} == {"xj/yining"}
        # the same as text; a header of one line, whatever stands above it
        mapping, text = draft(daemon, "two.csv", csv(
            [[cell or "" for cell in row] for row in groups + rows]))
        assert (mapping["header"], mapping["header_lines"]) == (2, 2) and "merged" not in mapping, text
        for above in ([], [["2026年台账"]], [["2026年台账", "", "单位：元"], ["制表人：王", "", "", "2026-03-31"]]):
            mapping, text = draft(daemon, "one.csv", csv(above + [HEADER] + ROWS))
            assert "header" not in mapping, text
            assert f"stand in line {len(above) + 1}" in text, text
            assert ("what stands above it is passed over" in text) == bool(above), text
        # names that two groups have
        twins = [["编号", "时间", "客户", "", "经办", ""], ["", "", "姓名", "电话", "姓名", "电话"]]
        mapping, text = draft(daemon, "twins.csv", csv(twins + [["A1", "2026-03-01", "a", "1", "b", "2"]]))
        assert mapping["event"]["data"]["customer"] == {"column": "客户 姓名"}, text
        assert mapping["event"]["data"]["phone"] == {"column": "客户 电话"}, text


def test_merged_cells_that_only_the_first_row_has():
    mapping = {**MAP, "event": {**MAP["event"], "data": {
        "customer": {"column": "客户"}, "channel": "web", "unit": {"column": "机构"},
        "text": {"column": "内容"}}}}
    content = book([UNIT_HEADER] + rows_with_units() + [[f"M{4}", "2026-03-05", "c-4", "1", 1, "xj/yining", "x"]],
                   merged=["F2:F5"])
    with Daemon() as daemon:
        path = put(daemon.folder, "in.xlsx", content)
        put(daemon.folder, "map.json", json.dumps(mapping))
        done = tool(daemon, "--json", "--map", daemon.folder / "map.json", "--check", path, status=4)
        assert (told_of(done)["good"], told_of(done)["bad"]) == (2, 3), done
        assert 'the first F2:F5: of those rows only the first has the value' in done.stderr, done.stderr
        put(daemon.folder, "map.json", json.dumps({**mapping, "merged": "each"}))
        done = tool(daemon, "--json", "--map", daemon.folder / "map.json", "--check", path)
        assert told_of(done)["good"] == 5 and "merged" not in done.stderr, done
        # the first cell is broken: none of its rows has a value
        bad = rows_with_units()
        bad[0][5] = "#N/A"
        put(daemon.folder, "in.xlsx", book([UNIT_HEADER] + bad, merged=["F2:F5"]))
        done = tool(daemon, "--json", "--map", daemon.folder / "map.json", path, status=2)
        assert told_of(done)["bad"] == 4, done
        assert done.stderr.count("is merged with one above that cannot be read") == 3, done.stderr
        for wrong in ("all", 1):
            put(daemon.folder, "map.json", json.dumps({**mapping, "merged": wrong}))
            done = tool(daemon, "--map", daemon.folder / "map.json", path, status=1)
            assert 'merged: give "first" or "each"' in done.stderr, done.stderr
        put(daemon.folder, "map.json", json.dumps({**mapping, "header_lines": 2}))
        done = tool(daemon, "--map", daemon.folder / "map.json", path, status=1)
        assert 'wants "header"' in done.stderr, done.stderr


def test_rejects_of_a_named_header_go_in_again():
    two = [["编号", "时间", "客户信息", "", "金额", "年龄", "内容"], ["", "", "客户", "电话", "", "", ""]]
    bad = ["T7", "not a day", "c-7", "1", "1", "7", "x"]
    forms = [("one", csv([["台账"], HEADER, ROWS[0], bad]), {"header": 2}),
             ("two", csv([["台账"]] + two + [ROWS[0], bad]), {"header": 2, "header_lines": 2})]
    with Daemon() as daemon:
        for name, content, settings in forms:
            mapping = {**MAP, **settings, "event": {**MAP["event"], "source": name,
                                                    "subject": f"{name}-{{编号}}"}}
            put(daemon.folder, "map.json", json.dumps(mapping))
            rejects = daemon.folder / f"rejects-{name}.csv"
            told = told_of(tool(daemon, "--json", "--map", daemon.folder / "map.json", "--rejects", rejects,
                                put(daemon.folder, "in.csv", content), status=2))
            assert (told["accepted"], told["bad"]) == (1, 1), told
            mended = rejects.read_text("utf-8").replace("not a day", "2026-03-09")
            told = told_of(tool(daemon, "--json", "--map", daemon.folder / "map.json",
                                put(daemon.folder, "mended.csv", mended)))
            assert told["accepted"] == 1, (name, told, mended)


def test_the_same_workbooks_written_by_libreoffice():
    if shutil.which("soffice") is None:
        print("SKIP: no soffice on this machine: no workbook of LibreOffice was tried")
        return
    files = {name: row for name, row in FILES.items() if name.endswith(".xlsx")}
    for name in ("formula.xlsx", "error.xlsx", "shared.xlsx"):  # it calculates them, or reads no such one
        del files[name]
    with Daemon() as daemon:
        made, out = daemon.folder / "made", daemon.folder / "out"
        made.mkdir()
        for name, row in files.items():
            put(made, name, row[0])
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{daemon.folder}/profile",
                        "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out,
                        *(made / name for name in files)], check=True, timeout=300, capture_output=True)
        written = {name: ((out / name).read_bytes(), *row[1:]) for name, row in files.items()}
        gaps = written["gaps.xlsx"]
        written["gaps.xlsx"] = (*gaps[:3], 1, *gaps[4:])  # it leaves rows without a cell out
        assert all(written[name][0] != row[0] for name, row in files.items())
        wrong = differences(daemon, written)
        print(f"{len(written)} workbooks of LibreOffice")
        assert not wrong, "\n".join(map(str, wrong[:12]))


run(globals())
