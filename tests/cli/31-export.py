#!/usr/bin/python3
"""What is open leaves one daemon as events, and another one has it by them."""
import datetime
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, complaint, contact, event, run, tool

NOW = datetime.datetime.now(datetime.timezone.utc)


def at(minutes):
    return NOW - datetime.timedelta(minutes=minutes)


def filled(daemon):
    """Contacts and complaints in every state, some over, some named by their number."""
    intake = daemon.intake()
    for i in range(30):
        receipt = intake.accept(complaint(f"k-{i}", customer=f"c-{i}") | {"time": at(100 - i)})
        by = {"by": "wang"}
        if i % 3 == 0:
            intake.accept(event("case.acknowledged", subject=f"k-{i}", data=by, time=at(60)))
        if i % 4 == 0:  # as an operator at a desk names it
            intake.accept(event("case.noted", data={"case": receipt["case"], "text": "n", **by}, time=at(50)))
        if i % 5 == 0:
            intake.accept(event("case.closed", subject=f"k-{i}", data={"resolution": "settled", **by},
                                time=at(40)))
    for i in range(5):
        intake.accept(contact(f"w-{i}", customer=f"d-{i}") | {"time": at(30)})


def open_cases(daemon):
    keys = ("subject", "kind", "state", "unit", "received", "opened")
    rows = daemon.desk().rows("case.list", open=True)
    return sorted(({key: row.get(key) for key in keys} for row in rows), key=lambda row: row["subject"])


def dues(daemon, subject):
    case = daemon.desk().call("case.get", subject=subject)
    return [(clock["clock"], clock["state"], clock.get("due")) for clock in case["clocks"]]


def same(here, there):
    """Elapsed limits run on the steady scale, whose offset each daemon reads itself: microseconds."""
    return [one[:2] for one in here] == [one[:2] for one in there] and all(
        one[2] == other[2] or abs(one[2] - other[2]) < datetime.timedelta(milliseconds=10)
        for one, other in zip(here, there))


def export(state, *words, status=0):
    done = subprocess.run([tool("redressctl"), "export", "open", "--state", state, *words],
                          capture_output=True, text=True)
    assert done.returncode == status, (done.returncode, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_another_daemon_has_what_is_open():
    with Daemon() as daemon, Daemon() as other:
        filled(daemon)
        daemon.desk().reach(daemon.desk().call("status")["seq"])
        lines, _ = export(daemon.folder / "state")
        assert all(line["quiet"] is True and "time" in line and "subject" in line for line in lines)
        assert not [line for line in lines if line["subject"] in ("k-0", "k-5")]  # they are over
        path = daemon.folder / "open.ndjson"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = subprocess.run([tool("redress-send"), "--run", other.folder, "--in-order", path],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        before, after = open_cases(daemon), open_cases(other)
        for row in (*before, *after):
            row.pop("opened")  # the instant at which each daemon took it
        assert before == after and len(before) == 29, (len(before), len(after))
        for i in range(30):
            if i % 5:
                here, there = dues(daemon, f"k-{i}"), dues(other, f"k-{i}")
                assert same(here, there), (i, here, there)
        assert not [row for row in other.desk().replay() if row["type"] in ("ladder.rung", "clock.breach")]
        cases, _ = export(daemon.folder / "state", "--rows")
        assert sorted(case["subject"] for case in cases) == [row["subject"] for row in before]


def test_what_the_journal_has_no_more_is_counted():
    with Daemon() as daemon:
        filled(daemon)
        assert daemon.stop() == 0
        backup, restored = daemon.folder / "b", daemon.folder / "restored"
        for words in (["backup", backup, "--state", daemon.folder / "state"], ["restore", backup, restored]):
            subprocess.run([tool("redressctl"), *words], check=True, capture_output=True)
        lines, told = export(restored, status=4)
        assert "29 of 29 cases were opened" in told and not lines, told
        daemon.args = ["--state", str(restored)]
        daemon.start()
        daemon.intake().accept(complaint("later", customer="x"))
        assert daemon.stop() == 0
        lines, told = export(restored, status=4)
        assert "29 of 30 cases were opened" in told and "before this journal, which begins with event" in told, told
        assert [line["subject"] for line in lines] == ["later"]


run(globals())
