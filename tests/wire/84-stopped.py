#!/usr/bin/python3
"""A machine that stands still for a while: what was due meanwhile, and what came."""
import datetime
import signal

from harness import Daemon, contact, event, run

RULES = """\
assessment:
  rules: [{code: regulator, match: {channel: [regulator]}, points: 60}]
policies:
  - name: short
    match: {}
    clocks: [{name: defuse, start: received, stop: closed, limit: 3s, on_breach: {notify: [parent], severity: high}}]
    ladder:
      until: acknowledged
      rungs: [{after: 0m, notify: [unit], severity: high}, {after: 4s, notify: [parent], severity: high}]
alerts: {language: en}
"""
CASES = 5


def nothing_until_past(intake, instant):
    """Until the machine's clock is past it nothing is answered: the daemon stands still."""
    while (left := instant - datetime.datetime.now(datetime.timezone.utc)).total_seconds() > 0:
        assert not intake.socket.poll(left.total_seconds() * 1000)


def test_sigstop_and_suspend():
    """To the daemon both are the same: it was not run, and both clocks went on. What was due fires at
    once and in order, and knows how late it is; what was sent meanwhile is taken; nothing is held."""
    with Daemon(rules=RULES) as daemon:
        intake, feed, desk = daemon.intake(), daemon.feed("xj/"), daemon.desk()
        intake.accept(*[contact(f"s-{i}", customer=f"c-{i}") for i in range(CASES)])
        dues = [row["due"] for row in desk.rows("timer.list")]
        assert len(dues) == 2 * CASES, dues
        daemon.process.send_signal(signal.SIGSTOP)
        intake.post(event("case.noted", subject="s-0", data={"text": "sent meanwhile", "by": "wang"}))
        nothing_until_past(intake, max(dues) + datetime.timedelta(seconds=1))
        daemon.process.send_signal(signal.SIGCONT)
        receipt = intake.receipts()[0]
        assert receipt["status"] == "accepted", receipt
        breaches, rungs = [], set()
        while len({alert["subject"] for alert in breaches}) < CASES or len(rungs) < CASES:
            _, alert = feed.alert()
            if alert["type"] == "clock.breach":
                breaches.append(alert)
            elif alert["type"] == "ladder.rung" and alert["unit"] == "xj/urumqi":
                rungs.add(alert["subject"])
        numbers = [alert["seq"] for alert in breaches]
        assert numbers == sorted(numbers), numbers
        assert all(alert["due"] <= max(dues) for alert in breaches), breaches
        status = desk.call("status")
        assert status["clock_held"] is False and status["clock_behind"] is False, status
        assert "clock" not in [line.split("mod=")[1].split()[0] for line in daemon.log().splitlines()
                               if "mod=" in line and "level=notice" not in line]
        assert desk.call("check")["faults"] == 0
        assert daemon.stop() == 0


def test_stopped_within_a_batch():
    """Again and again, under load: each receipt comes, once, and nothing is taken twice."""
    with Daemon() as daemon:
        intake = daemon.intake()
        for turn in range(20):
            intake.post(*[contact(f"b-{turn}-{i}", customer=f"c-{i}") for i in range(30)])
            daemon.process.send_signal(signal.SIGSTOP)
            daemon.process.send_signal(signal.SIGCONT)
            receipts = intake.receipts()
            assert [one["status"] for one in receipts] == ["accepted"] * 30, receipts
        assert daemon.desk().call("status")["seq"] == 20 * 30
        assert daemon.stop() == 0


run(globals())
