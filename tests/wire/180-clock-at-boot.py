#!/usr/bin/python3
"""A machine that comes up with a wrong clock, and gets the right one later; one that slept for long. Clocks by
tests/shim/steps.c: redressd(8), "A DISK THAT FAILS, A MACHINE THAT STOPS"."""
import time

from harness import contact, event, run, verify
from stepper import DAY_S, HOUR_S, Stepped, span

YEARS_S = 8 * 365 * DAY_S


def since_1970():
    return time.time() - HOUR_S  # an hour after the epoch: what a machine without a battery has


def states(world, subject):
    return {clock["clock"]: clock["state"] for clock in world.desk.call("case.get", subject=subject)["clocks"]}


def open_case(world, subject):
    seq = world.intake.accept(contact(subject, customer=f"k-{subject}"))["seq"]
    return world.dues(subject, seq)


def breaches(alerts):
    return {one["clock"]: one for one in alerts if one["type"] == "clock.breach"}


def ended(world):
    assert world.desk.call("check")["faults"] == 0
    assert world.daemon.stop() == 0, world.daemon.log()
    verify(world.daemon.folder / "state")


def test_1970_and_then_right():
    """Time stands still at the last record's; what comes is taken at that instant; then all goes on."""
    with Stepped() as world:
        before = open_case(world, "c-1")
        last = world.desk.call("status")["time"]
        world.boot(-since_1970())
        assert world.told_codes("set_back") == ["set_back"]
        status = world.desk.call("status")
        assert status["clock_behind"] is True and status["time"] - last < span(60), status
        assert status["clock_held"] is False
        open_case(world, "c-2")
        assert states(world, "c-1") == {"law": "running", "defuse": "running"}
        world.step(0)
        status = world.status_until(lambda one: not one["clock_behind"])
        assert status["time"] >= last and status["clock_held"] is False, status
        assert world.dues("c-1")["law"] == before["law"]
        open_case(world, "c-3")
        ended(world)


def test_1970_until_it_was_due():
    """Stands still for longer than a case had: what was due meanwhile fires with the right clock, late."""
    with Stepped() as world:
        open_case(world, "c-1")
        world.boot(-since_1970())
        assert world.told_codes("set_back") and states(world, "c-1")["law"] == "running"
        world.boot(4 * DAY_S)  # four days later the clock is right, at the next boot
        world.alerts_until("xj", lambda alerts: "law" in breaches(alerts))
        status = world.desk.call("status")
        assert not status["clock_behind"] and not status["clock_held"], status
        ended(world)


def test_years_ahead_and_then_right():
    """Not believed: time goes on by the steady clock, nothing fires for it; right again, all is as it was."""
    with Stepped() as world:
        before = open_case(world, "c-1")
        last = world.desk.call("status")["time"]
        world.boot(YEARS_S)
        assert world.told_codes("held") == ["held"]
        status = world.desk.call("status")
        assert status["clock_held"] is True and status["time"] - last < span(HOUR_S), status
        open_case(world, "c-2")
        assert states(world, "c-1") == {"law": "running", "defuse": "running"}
        world.step(0)
        status = world.status_until(lambda one: not one["clock_held"])
        assert not status["clock_behind"] and status["time"] - last < span(HOUR_S), status
        assert world.dues("c-1")["law"] == before["law"]
        assert world.told_codes("held") == ["held"]
        ended(world)


def test_days_ahead_are_a_downtime():
    """Less than 30 days are believed, and cannot be taken back: time stands still until the clock is there."""
    with Stepped() as world:
        open_case(world, "c-1")
        world.boot(20 * DAY_S)
        world.alerts_until("xj", lambda alerts: "law" in breaches(alerts))
        ahead = world.desk.call("status")["time"]
        world.step(0)
        status = world.status_until(lambda one: one["clock_behind"])
        assert status["time"] >= ahead, status
        assert world.told_codes("set_back") == ["set_back"]
        open_case(world, "c-2")
        assert states(world, "c-2")["law"] == "running"
        world.step(20 * DAY_S + HOUR_S / 2)  # it comes there
        assert not world.status_until(lambda one: not one["clock_behind"])["clock_held"]
        ended(world)


def test_the_first_start_of_all_in_1970():
    """No record says better: time begins there. The right clock is a step too large, until it is accepted."""
    with Stepped(-since_1970()) as world:
        open_case(world, "c-1")
        assert world.desk.call("status")["time"].year == 1970
        world.step(0)
        assert world.told_codes("held") == ["held"]
        assert world.desk.call("status")["time"].year == 1970
        seq = world.intake.accept(event("clock.accepted"))["seq"]
        assert world.desk.call("status", min_seq=seq)["time"].year >= 2026
        assert world.told_codes("accepted")[-1:] == ["accepted"]
        ended(world)


def test_a_sleep_of_a_month():
    """Wall and boot time went on alike: nothing is held, however long; what was due fires, and says how late."""
    with Stepped() as world:
        open_case(world, "c-1")
        began = world.desk.call("status")["time"]
        for slept_s in (HOUR_S, 40 * DAY_S):
            world.step(slept_s, slept_s)
            status = world.status_until(lambda one: one["time"] - began >= span(slept_s))
            assert not status["clock_held"] and not status["clock_behind"], status
        breach = breaches(world.alerts_until("xj", lambda alerts: len(breaches(alerts)) == 2))["law"]
        assert breach["time"] - breach["due"] > span(30 * DAY_S), breach
        assert not [one for one in world.desk.replay(unit="~ops") if one["type"] == "time.stepped"]
        ended(world)


run(globals())
