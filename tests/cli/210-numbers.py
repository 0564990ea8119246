#!/usr/bin/python3
"""Numbered events ("sequence": true) of a redress-send that is killed in the middle of a file, again
and again: the numbers go on without a gap, and no event is taken under two of them."""
import json
import os
import pathlib
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run, unpack  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
HEAD = "number,subject,date\n"
ROWS, BAD, TAKEN = 900, 31, 17  # every so many-th row has no date, or a subject that a case bears
MAP = {"sequence": True, "event": {
    "id": "{number}", "source": "reg", "type": "complaint.registered", "subject": "{subject}",
    "time": "{date}", "data": {"customer": "c-{number}", "channel": "web", "unit": "xj/urumqi/d3"}}}


def rows(is_mended=False):
    text = HEAD
    for i in range(1, ROWS + 1):
        is_bad, is_taken = i % BAD == 0 and not is_mended, i % TAKEN == 0 and not is_mended
        is_taken |= i == TAKEN  # the first of them opens the case
        text += f"N{i},{'taken' if is_taken else f's-{i}'},{'no day' if is_bad else '2026-11-01'}\n"
    return text


def sender(daemon, name, *args):
    return subprocess.Popen(
        [TOOLS / "redress-send", "--run", daemon.folder, "--map", daemon.folder / "map.json", "--json",
         "--window", "64", "--batch", "8", *args, daemon.folder / name],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TZ": "UTC"})


def end(started, status):
    out, error = started.communicate(timeout=200)
    assert started.returncode == status, (started.returncode, out[-500:], error)
    return json.loads(out.splitlines()[-1]), error


def prepared(daemon, **more):
    (daemon.folder / "map.json").write_text(json.dumps({**MAP, **more}))
    (daemon.folder / "in.csv").write_text(rows())
    (daemon.folder / "mended.csv").write_text(rows(is_mended=True))


def numbers_of(daemon):
    events = [unpack(row["event"]) for row in daemon.desk().rows("journal.read") if row["source"] == "reg"]
    assert len({event["id"] for event in events}) == len(events), "an id was taken twice"
    return sorted(event["sequence"] for event in events), {event["id"] for event in events}


def test_a_killed_run_is_gone_on_with():
    with Daemon() as daemon:
        prepared(daemon)
        state = ["--state", str(daemon.folder / "state.sent")]
        for receipts in (1, 60, 200, 333):
            started = sender(daemon, "in.csv", "--receipts", "-", *state)
            for _ in range(receipts):
                assert json.loads(started.stdout.readline())["status"] != "busy"
            started.send_signal(signal.SIGKILL)
            started.communicate()
            assert started.returncode == -signal.SIGKILL
        told, _ = end(sender(daemon, "in.csv", *state), 2)
        bad = ROWS // BAD
        refused = ROWS // TAKEN - ROWS // (BAD * TAKEN) - 1
        assert (told["bad"], told["rejected"], told["rows"]) == (bad, refused, ROWS), told
        numbers, _ = numbers_of(daemon)
        missing = set(range(1, ROWS - bad + 1)) - set(numbers)
        assert len(missing) == refused and numbers[-1] == ROWS - bad, (missing, numbers[-5:])
        # what was refused keeps its number, and fills its gap when it is mended
        told, _ = end(sender(daemon, "mended.csv", *state), 0)
        assert (told["accepted"], told["known"]) == (bad + refused, ROWS - bad - refused), told
        numbers, ids = numbers_of(daemon)
        assert numbers == list(range(1, ROWS + 1)) and len(ids) == ROWS, numbers[-5:]
        source, = [row for row in daemon.desk().rows("source.list") if row["source"] == "reg"]
        assert source["highest"] == ROWS and not source["missing"], source


def test_numbers_want_a_state():
    with Daemon() as daemon:
        prepared(daemon)
        _, error = end(sender(daemon, "in.csv"), 2)
        assert "without --state the numbers begin at 1 in each run" in error, error
        # a state of the version before has no given numbers: it is gone on with
        path = daemon.folder / "old"
        path.write_text("redress-send state 3\nsequence 5000\n")
        (daemon.folder / "one.csv").write_text(HEAD + "NEW,s-new,2026-11-01\n")
        told, _ = end(sender(daemon, "one.csv", "--state", str(path)), 0)
        assert told["accepted"] == 1 and numbers_of(daemon)[0][-1] == 5001, told


run(globals())
