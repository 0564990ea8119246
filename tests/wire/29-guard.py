#!/usr/bin/python3
"""One faulty input costs one restart, never the service: events, questions and timers that end the
daemon, by faults planted in a program that is otherwise the real one."""
import os

from harness import WAIT_S, Daemon, Gone, complaint, contact, event, run, verify

PLANTED = os.environ.get("REDRESS_PLANTED")


def planted(**options):
    return Daemon(program=PLANTED, **options)


def dies(daemon, *statuses):
    assert daemon.process.wait(WAIT_S) in statuses, (daemon.process.returncode, daemon.log())


def poisoned(daemon):
    """The alert that a start sends of what it found, from the tables."""
    return [one for one in daemon.desk().replay(unit="~ops") if one["type"] == "event.poisoned"]


def test_an_event_that_ends_the_daemon_is_refused_from_then_on():
    for word, *statuses in (("abort", -6), ("segv", -11, 1)):  # 1: a sanitizer reports it first
        with planted() as daemon:
            daemon.intake().accept(contact("c-1"))
            bad = contact("c-2", customer="k2")
            bad["id"] = f"plant-{word}"
            intake = daemon.intake()
            intake.post(contact("c-3", customer="k3"), bad, contact("c-4", customer="k4"))
            dies(daemon, *statuses)
            daemon.start()
            assert "which is refused from now on" in daemon.log()
            said = intake.send(contact("c-3", customer="k3"), bad, contact("c-4", customer="k4"))
            assert [one["status"] for one in said] == ["accepted", "rejected", "accepted"], said
            assert said[1]["error"]["code"] == "poison" and said[1]["id"] is None, said
            desk = daemon.desk()
            desk.reach(said[2]["seq"])
            assert len(poisoned(daemon)) == 1
            dead = desk.until(lambda rows: rows, "dead.list")
            assert [one["error"]["code"] for one in dead] == ["poison"], dead
            # For good: not one restart more.
            daemon.restart()
            assert daemon.intake().send(bad)["error"]["code"] == "poison"
            assert daemon.stop() == 0
            verify(daemon.folder / "state")


def test_what_vanished_without_a_mark_is_innocent_once():
    with planted() as daemon:
        bad = contact("c-2")
        bad["id"] = "plant-kill"
        for words in ("tried once more", "which is refused from now on"):
            intake = daemon.intake()
            intake.post(bad)
            dies(daemon, -9)
            daemon.start()
            assert words in daemon.log(), daemon.log()
        assert daemon.intake().send(bad)["error"]["code"] == "poison"
        daemon.intake().accept(contact("c-1"))


def test_a_start_in_between_clears_a_suspicion():
    with planted() as daemon:
        bad = contact("c-bad")
        bad["id"] = "plant-kill"
        for number in range(2):
            daemon.intake().post(bad)
            dies(daemon, -9)
            daemon.start()
            assert "which is refused from now on" not in daemon.log()
            daemon.intake().accept(contact(f"c-{number}", customer=f"k{number}"))
            daemon.restart()  # nothing was at work when this one was killed


def test_a_question_that_ends_the_daemon_is_answered_internal():
    with planted() as daemon:
        said = daemon.intake().accept(complaint("k-1"))
        desk = daemon.desk()
        desk.reach(said["seq"])
        try:
            desk.call("case.get", subject="plant-abort")
        except Gone:
            pass
        dies(daemon, -6)
        daemon.start()
        again = daemon.desk()
        for _ in range(2):  # with another msgid each time
            again.refuses("internal", "case.get", subject="plant-abort")
        assert again.call("case.get", subject="k-1")["subject"] == "k-1"
        again.reach(daemon.intake().accept(complaint("k-2", customer="k2"))["seq"])
        kind, digest = poisoned(daemon)[0]["reasons"][0]["detail"].split(", ")
        assert again.rows("quarantine.list") == [{"kind": kind, "digest": digest}], (kind, digest)
        assert kind == "a question"


def test_a_method_that_ends_the_daemon_thrice_is_not_asked_again():
    """There is no end of other words for the same fault, so that the method goes after three."""
    with planted() as daemon:
        daemon.intake().accept(complaint("k-1"))
        for number in range(3):
            desk = daemon.desk()
            assert desk.call("case.get", subject="k-1")["subject"] == "k-1"
            try:
                desk.call("case.get", subject=f"plant-abort-{number}")
            except Gone:
                pass
            dies(daemon, -6)
            daemon.start()
            again = daemon.desk()
            for more in ({}, {"stale": True}, {"min_seq": 1}):  # the same question, said otherwise
                again.refuses("internal", "case.get", subject=f"plant-abort-{number}", **more)
        desk = daemon.desk()
        desk.refuses("internal", "case.get", subject="k-1")
        assert desk.call("explain", subject="k-1")["subject"] == "k-1"
        rows = desk.rows("quarantine.list")
        assert [row["kind"] for row in rows] == ["a question"] * 3 + ["a method"], rows
        assert rows[3]["method"] == "case.get", rows


def on(one, hour):
    return {**one, "time": f"2025-03-03T{hour}:00+08:00"}


def test_a_timer_that_ends_the_daemon_sets_its_case_aside():
    """All other timers go on; the record is replayed; case.reapplied lets its timers go on."""
    with planted(args=["--clock", "events"], env={"REDRESS_PLANT_CASE": "1"}) as daemon:
        intake = daemon.intake()
        intake.accept(on(complaint("k-1"), "10:00"))
        intake.accept(on(complaint("k-2", customer="k2"), "10:00"))
        later = on(event("case.noted", subject="k-2", data={"by": "li", "text": "x"}), "12:30")
        intake.post(later)
        dies(daemon, -6)
        daemon.start()
        seq = intake.accept(later)["seq"]
        desk = daemon.desk()
        desk.reach(seq)
        told = [(one["type"], one.get("subject")) for one in desk.replay()]
        assert ("case.quarantined", None) in told, told
        assert desk.rows("quarantine.list") == [{"kind": "a timer of a case", "case": 1}]
        assert ("clock.breach", "k-2") in told and ("clock.breach", "k-1") not in told, told
        assert desk.call("check")["faults"] == 0
        # The rest of what happens to the case does: it is its timers that stand still.
        noted = on(event("case.noted", subject="k-1", data={"by": "li", "text": "x"}), "12:31")
        intake.accept(noted)
        daemon.restart()  # applies the record again
        desk = daemon.desk()
        assert desk.call("check")["faults"] == 0
        daemon.kill()
        verify(daemon.folder / "state")
        # The fault is mended.
        daemon.env = {}
        daemon.start()
        seq = daemon.intake().accept(on(event("case.reapplied", subject="k-1", data={
            "reason": "mended"}), "12:32"))["seq"]
        desk = daemon.desk()
        desk.reach(seq)
        told = [(one["type"], one.get("subject")) for one in desk.replay()]
        assert told.count(("clock.breach", "k-1")) == 1, told
        assert desk.rows("quarantine.list") == []
        assert desk.call("check")["faults"] == 0
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


if __name__ == "__main__":
    run(globals())
