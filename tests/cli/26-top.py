#!/usr/bin/python3
"""redressctl top on a terminal: what it shows, in terminals of any size, and its keys."""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, event, run, tool, WAIT_S  # noqa: E402

RULES = """\
units:
  id: firm
  name: The firm
  calendar: office
  units: [{id: north, name: 北方分部}, {id: south, name: The south}]
calendars:
  office: {timezone: UTC, hours: [{days: mon-sun, open: ["00:00-23:59"]}]}
assessment:
  open_case_at: high
  rules: [{code: loud, match: {channel: press}, points: 70}]
policies:
  - name: all
    match: {}
    clocks: [{code: answer, name: Answer, stop: decided, limit: 1h}]
    ladder:
      rungs: [{after: 0m, notify: [unit], severity: high, ack_within: 2h}]
alerts: {language: en}
"""
CODE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z])")


class Terminal:
    """redressctl top on a pseudo terminal of so many columns and lines."""

    def __init__(self, daemon, width, height, *words, zone="UTC"):
        self.master, slave = pty.openpty()
        self.size(width, height)
        env = {**os.environ, "TERM": "xterm", "USER": "li", "NO_COLOR": "1", "TZ": zone}
        self.process = subprocess.Popen(
            [tool("redressctl"), "--run", str(daemon.folder), "top", *words], stdin=slave,
            stdout=slave, stderr=slave, env=env, start_new_session=True)
        self.slave, self.text = slave, ""
        self.width, self.height = width, height

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def size(self, width, height):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def resize(self, width, height):
        self.size(width, height)
        self.width, self.height = width, height
        os.kill(self.process.pid, signal.SIGWINCH)

    def read(self, wait_s):
        ready, _, _ = select.select([self.master], [], [], wait_s)
        if ready:
            self.text += os.read(self.master, 65536).decode("utf-8", "replace")
        return bool(ready)

    def until(self, wanted):
        """The lines of the newest whole frame for which `wanted` holds."""
        end, lines = time.monotonic() + WAIT_S, []
        while time.monotonic() < end:
            self.read(1)
            frames = self.text.split("\x1b[H")[1:]
            for frame in reversed(frames):
                if "\x1b[J" in frame:
                    lines = CODE.sub("", frame.split("\x1b[J")[0]).replace("\r", "").split("\n")
                    if wanted(lines):
                        return lines
        raise AssertionError(("not seen", lines))

    def key(self, text):
        os.write(self.master, text.encode())

    def ended(self):
        while self.process.poll() is None:
            self.read(0.1)
        while self.read(0):  # what it wrote last
            pass
        return self.process.returncode


def columns(line):
    return sum(2 if "一" <= char <= "鿿" else 1 for char in line)


class Filled:
    def __enter__(self):
        self.daemon = Daemon(units="", rules=RULES, grace="0s")
        intake = self.daemon.intake()
        now = time.time()
        stamp = lambda back: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - back))  # noqa: E731
        for number in range(12):
            unit = "firm/north" if number < 9 else "firm/south"
            intake.accept(event("complaint.registered", f"k-{number}", data={
                "customer": f"c-{number}", "channel": "web", "unit": unit, "handler": "li"},
                time=stamp(2 * 3600 if number < 3 else 60)))
        last = intake.accept(event("contact.received", "w-1", time=stamp(30), data={
            "customer": "w", "channel": "press", "unit": "firm/south"}))
        self.daemon.desk().reach(last["seq"])
        self.daemon.desk().until(
            lambda rows: sum(row["type"] == "clock.breach" for row in rows) == 3, "feed.replay")
        return self.daemon

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)


def test_what_it_shows():
    with Filled() as daemon, Terminal(daemon, 120, 50) as terminal:
        lines = terminal.until(lambda lines: any("k-0" in line for line in lines))
        text = "\n".join(lines)
        for wanted in ("── overdue: 3", "── not acknowledged: 13", "── open cases by unit: 2", "北方分部",
                       "w-1", "3 overdue", "▓", "█", "all units  overdue 3"):
            assert wanted in text, (wanted, text)
        terminal.key("q")
        assert terminal.ended() == 0
        assert "\x1b[?1049l" in terminal.text  # the screen of before is back


def test_a_terminal_of_any_size():
    with Filled() as daemon, Terminal(daemon, 80, 24) as terminal:
        terminal.until(lambda lines: len(lines) == 24)
        for width, height in ((200, 60), (40, 12), (20, 5), (1, 1), (3, 2), (132, 43), (80, 7)):
            terminal.resize(width, height)
            lines = terminal.until(lambda lines: len(lines) == height and max(map(columns, lines)) <= width)
            if width > 30 and height > 6:
                assert lines[0].startswith("redress"), lines
                assert "q quit" in lines[-1] or width < 48, lines
        terminal.key("q")
        assert terminal.ended() == 0


def test_a_key_acknowledges():
    with Filled() as daemon, Terminal(daemon, 120, 50) as terminal:
        terminal.until(lambda lines: any("not acknowledged: 13" in line for line in lines))
        seqs = [row["seq"] for row in daemon.desk().call("feed.unacked")["rows"]]
        terminal.key("j")
        terminal.key("\x1b[B")
        terminal.key("k")
        terminal.key("a")
        terminal.until(lambda lines: f"alert {seqs[1]} is acknowledged" in lines[-1])
        terminal.until(lambda lines: any("not acknowledged: 12" in line for line in lines))
        left = [row["seq"] for row in daemon.desk().call("feed.unacked")["rows"]]
        assert left == seqs[:1] + seqs[2:], (seqs, left)
        case = daemon.desk().call("case.get", subject="k-1")
        assert any(row.get("by") == "li" for row in case["history"]), case["history"]
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.ended() == 0
        assert "\x1b[?1049l" in terminal.text


def test_of_one_unit():
    with Filled() as daemon, Terminal(daemon, 120, 50, "--unit", "firm/south") as terminal:
        lines = terminal.until(lambda lines: any("not acknowledged: 4" in line for line in lines))
        assert not any("k-0" in line for line in lines), lines


def test_a_daemon_that_goes_and_comes():
    with Filled() as daemon, Terminal(daemon, 100, 30) as terminal:
        terminal.until(lambda lines: any("overdue: 3" in line for line in lines))
        daemon.kill()
        terminal.key("r")
        terminal.until(lambda lines: "daemon" in lines[-1] or "socket" in lines[-1] or "No such" in lines[-1]
                       or "nobody" in lines[-1] or "refused" in lines[-1])
        daemon.start()
        terminal.until(lambda lines: any("overdue: 3" in line for line in lines) and "q quit" in lines[-1])


def test_without_a_terminal():
    with Filled() as daemon:
        words = [tool("redressctl"), "--run", str(daemon.folder), "top"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0 and "\x1b" not in done.stdout, done
        assert "overdue: 3" in done.stdout and "北方分部" in done.stdout, done.stdout
        found = json.loads(subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=60,
                                          check=True).stdout)
        assert [len(found[key]) for key in ("overdue", "unacknowledged", "units")] == [3, 13, 2], found
        daemon.kill()
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 3 and done.stderr, done


DAY_RULES = """\
units:
  id: firm
  name: 总部
  calendar: office
  units:
    - {id: north, name: 北方, units: [{id: d1, name: 一区}]}
    - {id: south, name: 南方, units: [{id: d1, name: 一区}]}
calendars:
  office: {timezone: Asia/Shanghai, hours: [{days: mon-fri, open: ["09:00-17:00"]}]}
policies:
  - {name: all, match: {}, clocks: [{code: answer, name: Answer, stop: decided, limit: 1d}]}
"""


def test_the_day_of_a_daemon_that_lives_by_its_events():
    """Due today at 24:00, not tomorrow at 00:00; and units of one name are told apart."""
    daemon = Daemon(args=["--clock", "events"], units="", rules=DAY_RULES, grace="0s")
    try:
        intake = daemon.intake()
        for subject, time, unit in (("k-1", "2025-03-03T10:00:00+08:00", "firm/north/d1"),
                                    ("k-2", "2025-03-04T10:00:00+08:00", "firm/south/d1")):
            last = intake.accept(event("complaint.registered", subject, time=time, data={
                "customer": subject, "channel": "web", "unit": unit}))
        daemon.desk().reach(last["seq"])
        with Terminal(daemon, 120, 50, zone="Asia/Shanghai") as terminal:
            lines = terminal.until(lambda lines: any("k-1" in line for line in lines))
            text = "\n".join(lines)
            assert "redress  2025-03-04 10:00:00" in text and "── due today: 1" in text, text
            due, = [line for line in lines if "k-1" in line]
            assert due.startswith("2025-03-04 24:00 k-1") and "北方/一区" in due, due
            terminal.key("q")
            assert terminal.ended() == 0
        env = {**os.environ, "TZ": "Asia/Shanghai"}
        for before, wanted in (("2025-03-04", []), ("2025-03-05", ["k-1"]), ("2025-03-06", ["k-1", "k-2"]),
                               ("2025-03-05T00:00:00+08:00", [])):
            done = subprocess.run([tool("redressctl"), "--run", daemon.folder, "--json", "cases",
                                   "--due-before", before], env=env, capture_output=True, text=True, check=True)
            assert [row["subject"] for row in json.loads(done.stdout)["rows"]] == wanted, (before, done)
    finally:
        daemon.close(failed=False)


run(globals())
