#!/usr/bin/python3
"""event.check where time comes from events: judged as the receipt will be."""
from harness import Daemon, complaint, contact, run


def at(hour):
    return f"2025-03-03T{hour:02}:00:00+08:00"


def test_a_question_ahead_is_judged_by_its_own_time():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        seq = intake.accept({**complaint("K-1", customer="c"), "time": at(10)})["seq"]
        one = {**contact("call-1", customer="c", channel="web"), "time": at(15)}
        early = {**contact("call-2", customer="c", channel="web"), "time": at(11)}
        asked = [desk.call("event.check", event=event, min_seq=seq)["receipt"] for event in (one, early)]
        assert [found["open_cases"][0]["overdue"] for found in asked] == [True, False], asked
        assert desk.call("status")["open_cases"] == 1  # nothing was taken, no time has passed
        taken = [intake.accept(event) for event in (early, one)]
        assert [found["open_cases"][0]["overdue"] for found in taken] == [False, True], taken


def test_a_question_before_all_events_has_a_time():
    with Daemon(args=["--clock", "events"]) as daemon:
        asked = daemon.desk().call("event.check", event={**complaint("K-1"), "time": at(10)})["receipt"]
        assert asked["status"] == "accepted", asked


run(globals())
