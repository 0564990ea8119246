#!/usr/bin/python3
"""A report on a terminal of any width: no line is wider, and no value is left out."""
import csv
import fcntl
import io
import json
import os
import pathlib
import pty
import struct
import subprocess
import sys
import termios
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, complaint, event, run, tool  # noqa: E402

RULES = """\
policies: [{name: default, match: {}}]
figures: {small_n: 2, appraisal: {complaints: 100}}
"""
MONEY = {"outcome": "upheld", "paid_for": "refund"}


def filled():
    daemon = Daemon(args=["--clock", "events"], rules=RULES)
    intake = daemon.intake()
    for number, (unit, day) in enumerate([("xj/urumqi/d3", "05"), ("xj/yining", "06"), ("xj/yining", "07")]):
        intake.accept({**complaint(f"s{number}", unit=unit), "time": f"2025-02-{day}T10:00:00+08:00"})
    for number, currency in ((0, "CNY"), (1, "USD")):
        intake.accept({**event("case.decided", f"s{number}", data={**MONEY, "amount": "29730000.00", "currency": currency}),
                       "time": "2025-02-09T10:00:00+08:00"})
    for data in ({"figure": "valid_share", "as": "target", "period": "2025", "value": 500},
                 {"figure": "accommodations", "as": "base", "period": "2025", "value": 271},
                 {"figure": "regional_rank", "as": "rank", "period": "2025", "value": 3}):
        seq = intake.accept({**event("figure.given", data=data), "time": "2025-02-10T10:00:00+08:00"})["seq"]
    daemon.desk().reach(seq)
    daemon.seq = str(seq)
    return daemon


def command(daemon, *words):
    return [tool("redressctl"), "--run", str(daemon.folder), *words]


def ctl(daemon, *words, status=0):
    done = subprocess.run(command(daemon, *words), capture_output=True, timeout=60, check=False)
    assert done.returncode == status, (words, done)
    return (done.stdout if status == 0 else done.stderr).decode("utf-8")


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def on_terminal(daemon, columns, *words):
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    done = subprocess.Popen(command(daemon, *words), stdout=side, stderr=subprocess.PIPE,
                            env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"})
    os.close(side)
    seen = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    told = done.stderr.read().decode("utf-8")
    os.close(main)
    assert done.wait(60) == 0, told
    lines = seen.decode("utf-8").replace("\r", "").splitlines()
    assert max(map(width, lines)) <= columns, (columns, max(lines, key=width))
    return lines, told


def test_the_value_stands_at_every_width():
    with filled() as daemon:
        for columns in (50, 60, 80, 100, 200):
            for lang in ("en", "zh-CN"):
                lines, _ = on_terminal(daemon, columns, "report", "--from", "2025", "--min-seq", daemon.seq, "--lang", lang)
                text = "\n".join(lines)
                assert text.count("29,730,000.00 CNY") == text.count("29,730,000.00 USD") == 2, (columns, text)
                assert "100.00 %" in text, (columns, text)  # upheld of the two
        lines, told = on_terminal(daemon, 80, "report", "--from", "2025")
        assert "left out for want of room: code" in told and "value" not in told, told
        lines, told = on_terminal(daemon, 200, "report", "--from", "2025")
        assert told == "" and "code" in lines[2], (told, lines[2])


def test_units_too_wide_are_blocks_of_all_figures():
    with filled() as daemon:
        lines, told = on_terminal(daemon, 60, "report", "--from", "2025", "--by", "unit", "--min-seq", daemon.seq)
        assert told == "", told
        for name in ("complaints", "valid complaints", "accommodations", "appraisal", "marks"):
            assert any(line.startswith(name + "  ") for line in lines), (name, lines)
        assert any("none yet: " in line for line in lines), lines
        assert any("small, not ranked" in line for line in lines), lines


def test_the_narrowest_has_each_value_below_its_name():
    with filled() as daemon:
        for columns in (36, 30, 24, 20):
            lines, told = on_terminal(daemon, columns, "report", "--from", "2025", "--by", "unit", "--min-seq", daemon.seq)
            assert told == "" and "valid complaints" in "\n".join(lines), (columns, told)
        assert lines[lines.index("valid complaints") + 1].startswith("  "), lines


def test_marks_stand_in_text_and_csv():
    with filled() as daemon:
        rows = list(csv.DictReader(io.StringIO(ctl(
            daemon, "report", "--from", "2025", "--by", "unit", "--figure", "complaints,mediated,appraisal", "--csv",
            "--min-seq", daemon.seq))))
        marks = {row["group"]: (row["place"], row["marks"]) for row in rows}
        assert marks["xj/yining"] == ("1", "none yet: mediated"), marks
        assert marks["xj/urumqi"] == ("", "small, not ranked; none yet: mediated"), marks


def test_none_of_some_is_shown():
    with filled() as daemon:
        lines = ctl(daemon, "report", "--from", "2025", "--min-seq", daemon.seq).splitlines()
        assert any(line.startswith("valid share") and " 0.00 %" in line for line in lines), lines
        assert not any(line.startswith("execution") for line in lines), lines  # of nothing
        assert any("5.00 %" in line for line in lines if line.startswith("valid share"))  # the target
        text = ctl(daemon, "report", "--from", "2025", "--figure", "regional_rank")
        assert "regional_rank" in text and " 3" in text, text


def test_pages_of_cases_are_one_file():
    with filled() as daemon:
        intake = daemon.intake()
        intake.accept(*({**complaint(f"m{n}", unit="xj"), "time": "2025-02-11T10:00:00+08:00"} for n in range(150)))
        daemon.desk().reach(int(daemon.seq) + 150)
        words = ("report", "--from", "2025", "--cases", "complaints", "--csv", "--min-seq", str(int(daemon.seq) + 150))
        rows = list(csv.DictReader(io.StringIO(ctl(daemon, *words))))
        assert len(rows) == 153 and rows[-1]["subject"] == "m149", len(rows)
        assert len(ctl(daemon, *words, "--limit", "7").splitlines()) == 8
        rows = list(csv.DictReader(io.StringIO(ctl(daemon, "report", "--from", "2025", "--cases", "paid", "--csv"))))
        assert [row["currency"] for row in rows] == ["CNY", "USD"], rows
        document = json.loads(ctl(daemon, "report", "--from", "2025", "--cases", "paid", "--json"))
        assert document["rows"][0]["currency"] == "CNY", document


def test_a_page_shows_what_was_given():
    with filled() as daemon:
        page = daemon.folder / "page.html"
        ctl(daemon, "report", "--from", "2025", "--html", str(page))
        rows = page.read_text(encoding="utf-8").split("<tr>")
        head = next(row for row in rows if "<th>figure<" in row)
        heads = [part for part in ("target", "base", "rank given") if f">{part}<" in head]
        assert heads == ["target", "base", "rank given"], head
        assert ">denominator<" not in head, head  # none was given
        assert any("accommodations" in row and ">271<" in row for row in rows), rows


def test_what_cannot_be_together_is_told():
    with filled() as daemon:
        page = str(daemon.folder / "page.html")
        assert "without --by and --cases" in ctl(daemon, "report", "--html", page, "--by", "product", status=1)
        assert "from is a day, week" in ctl(daemon, "report", "--from", "", status=2)


run(globals())
