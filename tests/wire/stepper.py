"""A daemon whose clocks the test sets: tests/shim/steps.c."""
import datetime
import os
import struct
import time

from harness import RULES, WAIT_S, Daemon

HOUR_S, DAY_S = 3600, 86400
OPS = "~ops/"


def span(seconds):
    return datetime.timedelta(seconds=seconds)


class Stepped:
    """A daemon whose wall clock the test sets, and how long its machine has slept since the boot."""

    def __init__(self, ahead_s=0):
        self.daemon = Daemon(start=False, rules=RULES.replace(
            "clocks: [", "clocks: [{name: law, start: received, stop: closed, limit: 3d, "
            "statutory: true}, ", 1))
        self.file = self.daemon.folder / "steps"
        self.step(ahead_s)
        asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        self.daemon.env = {"LD_PRELOAD": os.environ["REDRESS_STEPPER"], "ASAN_OPTIONS": asan,
                           "REDRESS_STEPS": str(self.file)}
        self.daemon.start()
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        self.feed = self.daemon.feed(OPS)

    def step(self, ahead_s, slept_s=0):
        """At one instant, in one write: the wall clock so far ahead of the machine's, a sleep of so long."""
        with open(self.file, "r+b" if self.file.exists() else "wb", buffering=0) as file:
            file.write(struct.pack("=qq", int(ahead_s * 1_000_000), int(slept_s * 1_000_000)))

    def boot(self, ahead_s):
        """The machine went down in order and comes up with that clock."""
        assert self.daemon.stop() == 0, self.daemon.log()
        self.step(ahead_s)
        self.daemon.drain_notify()
        self.daemon.start()
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        self.feed = self.daemon.feed(OPS)

    def status_until(self, wanted):
        """status once it is as wanted."""
        deadline = time.monotonic() + WAIT_S
        while not wanted(status := self.desk.call("status")):
            assert time.monotonic() < deadline, status
        return status

    def alerts_until(self, unit, wanted):
        """All alerts of a unit so far, once wanted(alerts) holds."""
        deadline = time.monotonic() + WAIT_S
        while not wanted(alerts := self.desk.replay(unit=unit)):
            assert time.monotonic() < deadline, alerts
        return alerts

    def told_codes(self, code):
        """Why operators were told of steps so far, in order, once the last reason is this one."""
        def codes(alerts):
            return [one["reasons"][0]["code"] for one in alerts if one["type"] == "time.stepped"]
        return codes(self.alerts_until("~ops", lambda alerts: codes(alerts)[-1:] == [code]))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def told(self):
        return self.feed.until(lambda topic, one: one["type"] == "time.stepped")[1]

    def dues(self, subject, seq=0):
        case = self.desk.call("case.get", subject=subject, min_seq=seq)
        return {clock["clock"]: clock["due"] for clock in case["clocks"]}
