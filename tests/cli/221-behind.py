#!/usr/bin/python3
"""What stands behind figures that count no cases: the command that the answer names lists it. And forms of a
report that do not go together."""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, complaint, contact, event, run, tool  # noqa: E402

RULES = """\
policies: [{name: default, match: {}}]
assessment:
  rules: [{code: regulator, match: {channel: ["12378"]}, points: 60, actions: [call back]}]
"""


def ctl(daemon, *args, status=0):
    done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), *args], capture_output=True, timeout=60)
    assert done.returncode == status, (args, done)
    return (done.stdout if status == 0 else done.stderr).decode("utf-8")


def rows_of(daemon, command):
    return json.loads(ctl(daemon, "--json", *command.split()))["rows"]


def filled():
    daemon = Daemon(args=["--clock", "events"], rules=RULES)
    intake = daemon.intake()
    days = ["2024-12-31", "2025-01-01", "2025-02-05", "2025-12-31", "2026-01-01"]
    for number, day in enumerate(days):
        for unit in ("xj/urumqi/d3", "xj/yining"):
            one = contact(f"k{number}{unit[-1]}", unit=unit, customer=f"{number}{unit}", channel="12378" if number % 2 else "web")
            intake.accept({**one, "time": f"{day}T10:00:00+08:00"})
            intake.accept({**event("contract.screened", data={"contract": f"{number}{unit}", "unit": unit, "risk": "high"}),
                           "time": f"{day}T11:00:00+08:00"})
    daemon.seq = str(intake.accept({**complaint("z"), "time": "2026-01-02T10:00:00+08:00"})["seq"])
    return daemon


def refused(daemon, code, *words):
    told = ctl(daemon, "report", "--cases", code, *words, status=2)
    return told, re.search(r"redressctl ((?:contacts|contracts|report) [^(\n]*)", told)


def test_the_answer_names_a_command_that_lists_them():
    with filled() as daemon:
        ctl(daemon, "report", "--min-seq", daemon.seq)
        definitions = json.loads(ctl(daemon, "figures", "--json", "--limit", "500"))["rows"]
        named = 0
        for figure in definitions:
            code = figure["figure"]
            done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), "report", "--cases", code],
                                  capture_output=True, timeout=60, check=False)
            if done.returncode == 0:
                continue
            told, command = refused(daemon, code, "--from", "2025", "--unit", "xj/urumqi")
            if code == "appraisal":
                assert "figures that it is made of" in told, told
                continue
            rows = rows_of(daemon, command[1].strip())
            named += 1
            if command[1].startswith("contacts"):
                assert sorted(row["unit"] for row in rows) == ["xj/urumqi/d3"] * 3, (code, rows)  # of 2025 alone
            if command[1].startswith("contracts"):
                assert len(rows) == 5, (code, rows)
        assert named >= 18, named


def test_contacts_are_as_many_as_told():
    with filled() as daemon:
        answer = json.loads(ctl(daemon, "report", "--from", "2025", "--json", "--min-seq", daemon.seq))
        got = {row["figure"]: row["value"] for row in answer["figures"]}
        _, command = refused(daemon, "contacts", "--from", "2025")
        rows = rows_of(daemon, command[1].strip())
        assert len(rows) == got["contacts"] == 6, (got["contacts"], rows)
        assert sum(row["level"] in ("watch", "high", "critical") for row in rows) == got["warned"] > 0, rows


def test_forms_that_do_not_go_together():
    with filled() as daemon:
        ctl(daemon, "report", "--min-seq", daemon.seq)
        for verb in ("report", "restated"):
            assert "--csv and --json: one of them" in ctl(daemon, verb, "--from", "2024", "--csv", "--json", status=1)
            assert "--bom is of --csv" in ctl(daemon, verb, "--from", "2024", "--bom", status=1)
        assert "group is of cases" in ctl(daemon, "report", "--group", "x", status=2)
        assert "group is of cases" in ctl(daemon, "report", "--by", "product", "--group", "x", status=2)
        assert "a group wants by" in ctl(daemon, "report", "--cases", "complaints", "--group", "x", status=2)


def test_a_page_goes_to_standard_output_too():
    with filled() as daemon:
        path = daemon.folder / "page.html"
        ctl(daemon, "report", "--min-seq", daemon.seq, "--html", str(path))
        assert ctl(daemon, "report", "--html", "-") == path.read_text(encoding="utf-8")


def test_before_the_first_event_nothing_had_come():
    with filled() as daemon:
        ctl(daemon, "report", "--min-seq", daemon.seq)
        text = ctl(daemon, "report", "--as-of", "2024-12-30", "--from", "2024")
        assert "nothing had come by then" in text and "checkpoint" not in text, text


run(globals())
