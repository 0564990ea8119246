#!/usr/bin/python3
"""tools/demo: what it prints of the shipped complaints, beside the file read by Python."""
import collections
import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import run  # noqa: E402

ROOT = HERE.parent.parent
TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or ROOT / "build/dev/tools")


def rows(name):
    with open(ROOT / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def demo(*args):
    """(output, what it left in its temporary folder)"""
    with tempfile.TemporaryDirectory(prefix="redress-") as folder:
        done = subprocess.run([ROOT / "tools/demo", "--with", TOOLS.parent, *args], timeout=500,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
                              env={**os.environ, "TMPDIR": folder})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout, os.listdir(folder)


def test_every_figure_is_the_files():
    unit_of = {row["Product"]: row["Unit"] for row in rows("tools/examples/product-units.csv")}
    complaints, untimely = collections.Counter(), collections.Counter()
    for row in rows("tests/data/cfpb-sample.csv"):
        for unit in (unit_of.get(row["Product"], "bank/other"), "all"):
            complaints[unit] += 1
            untimely[unit] += row["Timely response?"] == "No"
    told, left = demo()
    assert left == [], left
    table = {line.split()[0]: [int(word) for word in line.replace("|", " ").split()[1:]]
             for line in told.splitlines() if re.match(r"   (bank/\S+|all) +\d", line)}
    assert set(table) == set(complaints), told
    for unit, (count, warned, in_time, climbed, breached, *alone) in table.items():
        late = untimely[unit]
        assert (count, in_time, climbed, breached) == (complaints[unit], complaints[unit] - late,
                                                       late, late), (unit, told)
        assert 0 < warned < count and alone == [count, count], (unit, told)
    assert f"breached {untimely['all']}; the file's own No: {untimely['all']}; the same" in told, told
    assert re.search(r"accepted before it [1-9]\d* events?,", told), told
    assert "lost 0, twice 0" in told and re.search(r"daemon's state: OK record \d+", told), told
    assert re.search(r"level +critical\n", told) and "attorney, court" in told, told
    assert len(told.splitlines()) <= 40 and max(map(len, told.splitlines())) <= 130, told


def test_it_stops_where_the_programs_are_not_those():
    with tempfile.TemporaryDirectory(prefix="redress-") as folder:
        done = subprocess.run([ROOT / "tools/demo", "--with", folder], timeout=60, text=True,
                              capture_output=True, check=False, env={"PATH": "/usr/bin:/bin",
                                                                     "TMPDIR": folder})
        assert done.returncode == 1 and "redressd does not start" in done.stderr, done


run(globals())
