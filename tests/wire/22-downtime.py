#!/usr/bin/python3
"""Three days of downtime: the daemon is ready first, then tells what it missed, in order, once a case,
a bounded share a turn, and takes new events in between. redressd(8), redress-events(7).

The cases are opened by a daemon whose time comes from events of three days ago; it ends, and the next
one lives in real time: its clock goes on from the last record. Nothing is timed; the figures printed are
for people. REDRESS_DOWNTIME_CASES=100000 asks for more of them than a build's test should have.
"""
import collections
import datetime
import itertools
import os
import time

from harness import WAIT_S, Daemon, SlowDisk, complaint, contact, pack, run, unpack

CASES = int(os.environ.get("REDRESS_DOWNTIME_CASES", "10000"))
TICK_MAX = 1024  # timers that fire at most before events are taken again
LATE = 96 * TICK_MAX
IN_FLIGHT = 256
UNITS = ["xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining"]
TOLD = {"xj/urumqi/d3": 3, "xj/urumqi/counter1": 3, "xj/yining": 2}  # units that its three rungs name
DAYS = datetime.timedelta(days=3)

RULES = """\
assessment:
  levels: {watch: 30, high: 60, critical: 85}
  open_case_at: high
  rules: [{code: regulator, match: {channel: regulator}, points: 60}]
policies:
  - name: first-contact
    match: {kind: contact}
    clocks: []
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: high}]}
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 30d}]
    ladder:
      until: acknowledged
      rungs:
        - {after: 6h, notify: [unit], severity: info}
        - {after: 24h, notify: [parent], severity: warning}
        - {after: 48h, notify: [xj], severity: high}
alerts: {language: en}
"""


def open_cases(daemon, begin, count=CASES):
    """One case each 5 ms of three days ago."""
    intake = daemon.intake()
    for first in range(0, count, TICK_MAX):
        intake.accept(*(
            {**complaint(f"old-{i}", UNITS[i % len(UNITS)], customer=f"c-{i}"),
             "time": begin + datetime.timedelta(milliseconds=5 * i)}
            for i in range(first, min(count, first + TICK_MAX))))


class Producer:
    """Keeps IN_FLIGHT events on their way, so that some wait whenever a turn looks."""

    def __init__(self, daemon):
        self.intake, self.sent, self.waits = daemon.intake(), collections.deque(), []

    def fill(self):
        while len(self.sent) < IN_FLIGHT:
            name = f"new-{len(self.waits) + len(self.sent)}"
            self.intake.post(contact(name, customer=name))
            self.sent.append(time.monotonic())

    def take(self):
        receipt = unpack(self.intake.receive()[-1])
        assert receipt["status"] == "accepted", receipt
        self.waits.append(time.monotonic() - self.sent.popleft())

    def share(self, of):
        return sorted(self.waits)[int(of * (len(self.waits) - 1))] * 1e3


def catch_up(daemon):
    """Sends new events until all that was missed is told."""
    desk, producer = daemon.desk(), Producer(daemon)
    deadline = time.monotonic() + WAIT_S + CASES / 500
    while True:
        producer.fill()
        for _ in range(IN_FLIGHT // 2):
            producer.take()
        counters = desk.call("metrics", stale=True)["counters"]
        if counters["timers_fired"] >= CASES:
            break
        assert time.monotonic() < deadline, counters
    while producer.sent:
        producer.take()
    assert counters["timers_fired"] <= counters["ticks"] * TICK_MAX, counters
    # The first rungs of what came within the start grace waited too, behind those of three days ago.
    wanted = len(producer.waits) + sum(TOLD[UNITS[i % len(UNITS)]] for i in range(CASES))
    while desk.call("status", stale=True)["alert_published"] < wanted:
        assert time.monotonic() < deadline, (wanted, desk.call("status", stale=True))
    return producer


def check_told(alerts, begin):
    """In the order in which they fell due, each unit once, for the highest rung that did, and how late."""
    told = [(int(alert["subject"][4:]), alert["unit"]) for alert in alerts]
    assert len(set(told)) == len(told), "a unit was told twice"
    numbers = [number for number, _ in told]
    assert numbers == [i for i in range(CASES) for _ in range(TOLD[UNITS[i % len(UNITS)]])], len(told)
    for number, alert in zip(numbers, alerts):
        due = begin + datetime.timedelta(days=2, milliseconds=5 * number)
        assert alert["late_by"] == int((alert["time"] - due).total_seconds()), alert
        assert (alert["rung"], alert["skipped"], alert["severity"]) == (3, [1, 2], "high"), alert


def check_between(alerts, sent):
    """New events were taken between two shares of what was missed, and none is missing. How many were,
    and the most cases told without one."""
    subjects = [alert["subject"] for alert in alerts]
    assert sum(subject.startswith("new-") for subject in subjects) == sent, (len(subjects), sent)
    first, last = subjects.index("old-0"), subjects.index(f"old-{CASES - 1}")
    between = [subject for subject in subjects[first:last] if subject.startswith("new-")]
    assert between, "no event was taken before all was told"
    longest = max(len(set(run)) for is_old, run in itertools.groupby(
        subjects, lambda subject: subject.startswith("old-")) if is_old)
    return len(between), longest


def test_three_days_of_downtime():
    begin = (datetime.datetime.now(datetime.timezone.utc) - DAYS).replace(microsecond=0)
    with Daemon(rules=RULES, args=["--clock", "events"], grace="1s", start=False) as daemon:
        daemon.start()
        open_cases(daemon, begin)
        assert daemon.stop() == 0
        daemon.args = []
        daemon.start()  # within WAIT_S, whatever is due
        status = daemon.desk().call("status")
        assert (status["start_grace"], status["alert"], status["open_cases"]) == (True, 0, CASES), status
        producer = catch_up(daemon)
        alerts = daemon.desk().replay()
        old = [alert for alert in alerts if alert["subject"].startswith("old-")]
        check_told(old, begin)
        between, longest = check_between(alerts, len(producer.waits))
        seconds = (old[-1]["time"] - old[0]["time"]).total_seconds()
        print(f"{CASES} timers in {seconds:.2f} s, {between} new events taken in between, at most {longest} "
              f"cases without one; their receipts: p50 {producer.share(.5):.1f} p99 {producer.share(.99):.1f} "
              f"max {producer.share(1):.1f} ms")


def fired_at_checkpoint(daemon, disk):
    """How many timers had fired when a checkpoint held an event that came after the first of them, on a
    disk whose every sync lasts until another share has fired, or until it is plain that none will."""
    desk, asker = daemon.desk(), daemon.desk()
    deadline = time.monotonic() + 2 * WAIT_S

    def counters():
        assert time.monotonic() < deadline, daemon.log()
        return desk.call("metrics", stale=True)["counters"]

    def ask():
        asker.socket.send(pack([0, 1, "status", [{"min_seq": LATE + 1, "stale": True}]]))

    intake = None
    while True:
        before = counters()
        disk.arm()
        if disk.has_held():
            for _ in range(20):
                if counters()["ticks"] > before["ticks"]:
                    break
            disk.arm()
            disk.let_go()
        if intake is None and before["ticks"] > 0:
            intake = daemon.intake()
            intake.post(contact("new"))
            ask()
        fired = counters()["timers_fired"]
        if asker.socket.poll(0):
            error = unpack(asker.receive()[-1])[2]
            if error is None:
                return fired
            assert error["code"] == "not_yet", error
            ask()


def test_a_checkpoint_between_shares():
    """While timers fire share upon share and the disk is slower than they are, a checkpoint begins all
    the same, and an event is taken."""
    begin = (datetime.datetime.now(datetime.timezone.utc) - DAYS).replace(microsecond=0)
    with Daemon(rules=RULES, args=["--clock", "events"], grace="1s", start=False) as daemon:
        daemon.start()
        open_cases(daemon, begin, LATE)
        assert daemon.stop() == 0
        daemon.args, disk = [], SlowDisk(daemon)
        daemon.start()  # no timer fires in its first second
        fired = fired_at_checkpoint(daemon, disk)
        print(f"{fired} of {LATE} timers had fired")
        assert fired < LATE, "no checkpoint began before all timers had fired"


run(globals())
