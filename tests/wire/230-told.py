#!/usr/bin/python3
"""What is asked for in vain, or in another way than it is meant, is told."""
import subprocess

from harness import run, tool
from office import Office

RULES = "  - {name: all, match: {}}\n"


def ctl(office, *words):
    """redressctl at this office: (exit status, what it prints, what it tells)."""
    done = subprocess.run([tool("redressctl"), *words, "--min-seq", str(office.seq)]
                          if words[0] != "event" else [tool("redressctl"), *words],
                          capture_output=True, text=True, timeout=60, env={
                              "REDRESS_RUN": str(office.daemon.folder), "TZ": "UTC", "USER": "li",
                              "PATH": "/usr/bin:/bin"})
    return done.returncode, done.stdout, done.stderr


def test_an_amendment_moves_no_case_and_says_so():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        told = office.send("02 10:01", "case.amended", "k", unit="south", product="loan")
        assert told["ignored"] == ["data.unit"], told
        assert "ignored" not in office.send("02 10:02", "case.amended", "k", respondent="south")
        case = office.case("k")
        assert case["unit"] == "firm/north" and case["attributes"]["product"] == "loan", case
        assert case["respondent"] == "firm/south"


def test_a_reason_that_no_case_is_paused_for_is_told_beside_those_that_there_are():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        office.open("02 10:00", "other")
        assert ctl(office, "cases", "--paused", "appraisel")[2] == ""  # nothing to tell
        office.send("02 10:01", "case.paused", "k", reason="appraisal")
        office.send("02 10:01", "case.paused", "k", reason="customer")
        office.send("02 10:01", "case.paused", "other", reason="customer")
        status, rows, told = ctl(office, "cases", "--paused", "appraisel")
        assert status == 0 and len(rows.splitlines()) == 1, rows
        assert "did you mean appraisal?" in told and "appraisal, customer" in told, told
        status, rows, told = ctl(office, "cases", "--paused", "customer")
        assert told == "" and len(rows.splitlines()) == 3 and "appraisal, customer" in rows, rows
        rows = office.desk.call("case.list", min_seq=office.seq)["rows"]
        assert [row["paused_for"] for row in rows] == [["appraisal", "customer"], ["customer"]]
        office.send("02 10:02", "case.resumed", "other", reason="customer")
        rows = office.desk.call("case.list", min_seq=office.seq)["rows"]
        assert "paused_for" not in rows[1], rows


def test_by_is_the_side_of_a_mediation_where_it_is_given():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        words = ["event", "case.mediation_accepted", "--subject", "k", "--time", "2026-03-02T10:00:00Z"]
        status, out, _ = ctl(office, *words)
        assert status == 2 and 'needs "by"' in out, out  # who runs the command is no side
        status, _, told = ctl(office, *words, "--by", "bodi")
        assert status == 1 and "did you mean body?" in told, told
        status, out, told = ctl(office, *words, "--by", "body")
        assert status == 0 and "accepted" in out, out + told


if __name__ == "__main__":
    run(globals())
