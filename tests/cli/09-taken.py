#!/usr/bin/python3
"""redressctl journal, dead list and contacts: what people read of events."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, complaint, event, run  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")


def ctl(daemon, *args):
    done = subprocess.run([TOOLS / "redressctl", "--run", daemon.folder, *args],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done
    return done.stdout


def test_events_are_shown_in_words():
    with Daemon() as daemon:
        intake = daemon.intake()
        intake.accept(complaint("K-1", customer="c-1"))
        intake.accept(event("case.noted", subject="K-1", data={"by": "li", "text": "called back\x1b[2J"}))
        text = ctl(daemon, "journal")
        lines = text.splitlines()
        assert len(lines) == 3 and "complaint.registered" in lines[1] and "K-1" in lines[1], text
        assert "case.noted" in lines[2] and "li" in lines[2], text
        assert "text=called back" in lines[2] and "\x1b" not in text, text
        assert json.loads(ctl(daemon, "--json", "journal"))["rows"][0]["event"]  # bytes, as before
        assert "--after 1" in subprocess.run(
            [TOOLS / "redressctl", "--run", daemon.folder, "journal", "--limit", "1"],
            capture_output=True, text=True, timeout=60, check=True).stderr


def test_refused_events_say_why():
    with Daemon() as daemon:
        intake = daemon.intake()
        refused = intake.send(complaint("K-2", unit="nowhere"), b"\xc1\xff")
        assert [one["status"] for one in refused] == ["rejected"] * 2, refused
        desk = daemon.desk()
        desk.until(lambda rows: len(rows) == 2, "dead.list")
        text = ctl(daemon, "dead", "list")
        lines = text.splitlines()
        assert "unknown_unit data.unit: " in lines[1] and "K-2" in lines[1] and "nowhere" in lines[1], text
        assert "malformed" in lines[2], text


run(globals())
