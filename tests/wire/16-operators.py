#!/usr/bin/python3
"""What the daemon itself finds and tells operators: steps of the clock, a broken state, a refused
configuration. Steps of the wall clock are made by tests/shim/steps.c."""
import os
import subprocess
import time

from harness import RULES, WAIT_S, Daemon, complaint, contact, event, run, verify
from stepper import DAY_S, HOUR_S, OPS, Stepped, span


def want_kept(before, now):
    """No step moves a statutory instant; a service clock, which lives on the steady scale, is shown
    on a wall clock that stands still for as long as the test takes."""
    assert now["law"] == before["law"], (before, now)
    assert abs(now["defuse"] - before["defuse"]) < span(300), (before, now)


def open_contact(world, subject, customer):
    return world.intake.accept(contact(subject, customer=customer))["seq"]


def test_a_step_forward_is_held_and_told_until_it_is_accepted():
    with Stepped() as world:
        seq = open_contact(world, "c-1", "k1")
        before = world.dues("c-1", seq)
        began = world.desk.call("status")["time"]
        world.step(DAY_S)
        told = world.told()
        assert told["unit"] == "~ops" and told["severity"] == "high", told
        assert told["reasons"][0]["code"] == "held", told
        assert told["cause"] == {"timer": "daemon"}, told
        status = world.desk.call("status", min_alert=told["seq"])
        assert status["clock_held"] is True and status["time"] - began < span(HOUR_S), status
        seq = open_contact(world, "c-2", "k2")
        want_kept(before, world.dues("c-1", seq))
        assert world.dues("c-2")["defuse"] - before["defuse"] < span(HOUR_S)
        seq = world.intake.accept(event("clock.accepted"))["seq"]
        assert world.desk.call("status", min_seq=seq)["clock_held"] is False
        seq = open_contact(world, "c-3", "k3")
        assert world.desk.call("status", min_seq=seq)["time"] - began >= span(DAY_S)
        # The service clock has lost nothing: its hour lives on the steady scale.
        states = {clock["clock"]: clock["state"] for clock in world.desk.call(
            "case.get", subject="c-1")["clocks"]}
        assert states == {"law": "running", "defuse": "running"}, states
        told = world.told()
        assert told["severity"] == "info" and told["reasons"][0]["code"] == "accepted", told
        # Nor does a start take the correction for an absence, in which all of it would have run out.
        dues = world.dues("c-1")
        world.daemon.restart()
        now = world.desk.call("status")["time"]
        assert dues["defuse"] > now, (dues, now)
        want_kept(dues, world.dues("c-1"))
        assert world.daemon.stop() == 0
        verify(world.daemon.folder / "state")


def test_a_step_back_lets_time_stand_still_and_is_told():
    with Stepped() as world:
        seq = open_contact(world, "c-1", "k1")
        before = world.dues("c-1", seq)
        world.step(-HOUR_S)
        told = world.told()
        assert told["reasons"][0]["code"] == "set_back" and told["severity"] == "warning", told
        status = world.desk.call("status", min_alert=told["seq"])
        assert status["clock_behind"] is True, status
        seq = open_contact(world, "c-2", "k2")
        want_kept(before, world.dues("c-1", seq))
        assert world.daemon.stop() == 0
        verify(world.daemon.folder / "state")


def test_a_start_after_a_month_is_held_and_told():
    with Stepped() as world:
        open_contact(world, "c-1", "k1")
        assert world.daemon.stop() == 0
        world.step(40 * DAY_S)
        world.daemon.start()
        told = None
        deadline = time.monotonic() + WAIT_S
        while told is None:
            rows = world.desk.replay(unit="~ops")
            told = next((one for one in rows if one["type"] == "time.stepped"), None)
            assert time.monotonic() < deadline, rows
        assert told["reasons"][0]["code"] == "held", told


def proof(desk, wanted):
    """status.self_proof once it is as wanted."""
    deadline = time.monotonic() + WAIT_S
    while True:
        found = desk.call("status")["self_proof"]
        if wanted(found):
            return found
        assert time.monotonic() < deadline, found


def test_the_state_is_proved_in_the_background():
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        seq = intake.accept(*[complaint(f"k-{i}", customer=f"k{i}") for i in range(700)])[-1]["seq"]
        desk.call("status", min_seq=seq)
        found = proof(desk, lambda one: one["cases"] == 700)
        assert found["faults"] == 0 and "first" not in found and found["finished"], found
        assert desk.call("check") == {**desk.call("check"), "cases": 700, "faults": 0}
        pages, after = [], 0
        while not pages or "next" in pages[-1]:
            pages.append(desk.call("check", after=after, limit=300))
            after = pages[-1].get("next", 0)
        assert [(one["cases"], one["faults"]) for one in pages] == [(300, 0), (300, 0), (100, 0)], pages
        desk.refuses("bad_params", "check", limit=10001)


def break_state(daemon, how):
    subprocess.run([os.environ["REDRESS_BREAKER"], str(daemon.folder / "state/store"), how], check=True)


def test_a_case_without_its_history_is_found():
    with Daemon() as daemon:
        seq = daemon.intake().accept(contact("c-1", customer="k"))["seq"]
        assert daemon.desk().call("case.get", case=1, min_seq=seq)["history"]
        assert daemon.stop() == 0
        break_state(daemon, "history")
        daemon.start()
        answer = daemon.desk().call("check")
        assert answer["faults"] == 1, answer
        assert answer["first"] == "case 1: the newest entry of its history is not there", answer
        assert daemon.desk().call("case.get", case=1)["history"] == []


def test_a_fault_is_found_and_told():
    with Daemon() as daemon:
        intake = daemon.intake()
        for i in range(3):
            intake.accept(contact(f"c-{i}", customer=f"k{i}"))
        assert daemon.stop() == 0
        break_state(daemon, "timers")
        daemon.start()
        feed, desk = daemon.feed(OPS), daemon.desk()
        _, told = feed.until(lambda topic, one: one["type"] == "state.check_failed")
        assert told["severity"] == "critical" and "timer" in told["reasons"][0]["detail"], told
        found = proof(desk, lambda one: one["faults"] > 0)
        assert found["first"] == told["reasons"][0]["detail"], found
        answer = desk.call("check")
        assert answer["faults"] >= 6 and answer["first"] == found["first"], answer


def test_a_timer_that_nobody_counted_is_found():
    with Daemon() as daemon:
        daemon.intake().accept(contact("c-1", customer="k"))
        assert daemon.desk().call("check")["faults"] == 0
        assert daemon.stop() == 0
        break_state(daemon, "ghost")
        daemon.start()
        answer = daemon.desk().call("check")
        assert answer["faults"] == 1, answer
        assert answer["first"] == f"{answer['timers'] + 1} timers are armed, " \
            f"{answer['timers']} are counted", answer


def test_a_refused_configuration_is_told():
    with Daemon() as daemon:
        feed = daemon.feed(OPS)
        daemon.write_config(daemon.config_path.read_text() + "nonsense: 1\n")
        assert "refused" in daemon.reload()
        _, told = feed.until(lambda topic, one: one["type"] == "config.refused")
        assert "nonsense" in told["reasons"][0]["detail"], told


def test_rejected_events_are_told_once_a_while_a_source_and_error():
    quick = RULES.replace("alerts: {", "alerts: {rejected: {wait: 1s, every: 1h}, ", 1)
    with Daemon(rules=quick) as daemon:
        feed, intake, desk = daemon.feed(OPS), daemon.intake(), daemon.desk()
        wrong = [complaint(f"k-{i}", unit="xj/nowhere", customer="c") for i in range(3)]
        assert {one["status"] for one in intake.send(*wrong)} == {"rejected"}
        _, told = feed.until(lambda topic, one: one["type"] == "dead.letter")
        assert told["severity"] == "warning" and told["cause"] == {"timer": "daemon"}, told
        reason = told["reasons"][0]
        assert reason["code"] == "unknown_unit", told
        assert reason["detail"].startswith("test: 3 rejected, the newest as dead letter 3: "), told
        # The same again waits for its hour; another error of the same source does not.
        intake.send(wrong[0])
        intake.send(event("case.noted", subject="nobody", data={"by": "a", "text": "b"}))
        intake.send(b"garbage")
        more = [feed.until(lambda topic, one: one["type"] == "dead.letter")[1] for _ in range(2)]
        assert {one["reasons"][0]["code"] for one in more} == {"unknown_case", "malformed"}, more
        assert len(desk.until(lambda rows: len(rows) == 6, "dead.list")) == 6
        kinds = [one["reasons"][0]["code"] for one in desk.replay(unit="~ops")]
        assert kinds.count("unknown_unit") == 1, kinds


run(globals())
