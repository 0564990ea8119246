#!/usr/bin/python3
"""Going live with what is open elsewhere, and units that are closed: who is told, and who is not."""
from harness import Daemon, complaint, event, run


def on(one, hour, **more):
    return {**one, "time": f"2025-03-03T{hour}:00+08:00", **more}


def test_what_is_taken_over_quietly_is_told_once():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(on(event("clock.accepted"), "15:00"))
        # Opened long ago, late for both rungs and the clock: nobody hears of it.
        for i in range(3):
            seq = intake.accept(on(complaint(f"k-{i}", customer=f"k{i}"), "10:00", quiet=True))["seq"]
        seq = intake.accept(on(complaint("k-8", customer="k8", unit="xj/yining"), "10:00",
                               quiet=True))["seq"]
        seq = intake.accept(on(event("case.closed", subject="k-1", data={"resolution": "r"}),
                               "15:00", quiet=True))["seq"]
        assert desk.reach(seq)["alert"] == 0
        # The first that is not quiet: each unit gets one list of what is open with it.
        desk.reach(intake.accept(on(complaint("k-9", customer="k9"), "15:01"))["seq"])
        told = desk.replay(unit="xj/", after=0)
        lists = {one["unit"]: one for one in told if one["type"] == "digest.takeover"}
        assert set(lists) == {"xj/urumqi/d3", "xj/yining"}, told
        mine = lists["xj/urumqi/d3"]
        assert mine["count"] == 3 and mine["grouped"] == [1, 3, 5], mine
        assert lists["xj/yining"]["grouped"] == [4], lists
        assert {one["case"] for one in told if "case" in one} == {5}, told
        # The closed one is history; the others go on from their next timer, which is none here.
        case = desk.call("case.get", subject="k-0", min_seq=seq)
        assert [one["state"] for one in case["clocks"]] == ["breached"] and not case["alerts"], case
        seq = intake.accept(on(complaint("k-10", customer="k10"), "15:02"))["seq"]
        desk.reach(seq)
        told = [one["type"] for one in desk.replay(unit="xj/", after=0)]
        assert told.count("digest.takeover") == 2, told


def test_a_digest_lists_a_thousand_and_counts_all():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for first in range(0, 1200, 300):
            intake.accept(*[on(complaint(f"k-{i}", customer=f"k{i}"), "10:00", quiet=True)
                            for i in range(first, first + 300)])
        intake.accept(on(event("case.closed", subject="k-0", data={"resolution": "r"}), "10:01", quiet=True),
                      on(event("case.closed", subject="k-1", data={"resolution": "r"}), "10:01", quiet=True),
                      on(event("case.reopened", subject="k-1", data={"reason": "r"}), "10:02", quiet=True),
                      on(event("case.assigned", subject="k-2", data={"unit": "xj/yining"}), "10:02",
                         quiet=True))
        desk.reach(intake.accept(on(event("clock.accepted"), "10:03"))["seq"])
        told = [one for one in desk.replay(unit="xj/", after=0) if one["type"] == "digest.takeover"]
        assert [(one["unit"], one["count"], len(one["grouped"])) for one in told] == [
            ("xj/urumqi/d3", 1198, 1000)], told
        assert told[0]["grouped"][:3] == [2, 4, 5], told[0]["grouped"][:3]
        units = {one["unit"]: one["open_cases"] for one in desk.rows("units")}
        assert units["xj/urumqi/d3"] == 1198 and units["xj/yining"] == 1, units


def test_many_units_are_told_in_shares_where_no_record_comes():
    with Daemon(args=["--clock", "events"]) as daemon:
        line = "    - {id: yining, name: Yining}\n"
        daemon.write_config(daemon.config_path.read_text().replace(
            line, line + "".join(f"    - {{id: u{i:03}, name: U}}\n" for i in range(600))))
        assert "reloaded" in daemon.reload()
        intake, desk = daemon.intake(), daemon.desk()
        for first in range(0, 600, 300):
            intake.accept(*[on(complaint(f"k-{i}", customer=f"k{i}", unit=f"xj/u{i:03}"), "10:00", quiet=True)
                            for i in range(first, first + 300)])
        seq = intake.accept(on(event("clock.accepted"), "10:01"))["seq"]
        desk.until(lambda rows: "rest" not in [one["kind"] for one in rows], "timer.list", min_seq=seq)
        told = desk.replay(unit="xj/")
        causes = [(one["unit"], one["cause"]) for one in told]
        assert [unit for unit, _ in causes] == [f"xj/u{i:03}" for i in range(600)], causes
        assert [("seq" in cause) for _, cause in causes] == [True] * 256 + [False] * 344, causes
        assert causes[256][1] == {"timer": "takeover"}, causes[256]
        assert desk.call("check")["faults"] == 0


def test_what_is_open_goes_on_from_its_next_timer():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(on(complaint("k-1"), "10:00", quiet=True))
        seq = intake.accept(on(event("case.noted", subject="k-1", data={"by": "li", "text": "x"}),
                               "11:00"))["seq"]
        desk.reach(seq)
        told = [(one["type"], one["unit"]) for one in desk.replay(unit="xj/", after=0)
                if one.get("case") == 1]
        assert told == [("ladder.rung", "xj/urumqi")], told


def test_an_acknowledgement_taken_quietly_silences_no_timer_due_before():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        seq = intake.accept(on(complaint("k-1"), "10:00"))["seq"]
        first = desk.call("case.get", subject="k-1", min_seq=seq)["alerts"][0]["seq"]
        seq = intake.accept(on(event("alert.acknowledged", data={"alert": first, "by": "li"}),
                               "11:30", quiet=True))["seq"]
        case = desk.call("case.get", subject="k-1", min_seq=seq)
        rungs = [one for one in case["alerts"] if one["type"] == "ladder.rung"]
        assert [one["rung"] for one in rungs] == [1, 2], case["alerts"]
        assert rungs[1]["cause"] == {"timer": "rung 2"}, rungs


def test_a_unit_that_is_gone_is_told_nothing_more():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(on(complaint("k-1", unit="xj/yining"), "10:00"))
        intake.accept(on(event("case.assigned", subject="k-1", data={"unit": "consumer"}), "10:01"))
        duty = {"duty": "training", "unit": "xj/yining", "period": "2025"}
        intake.accept(on(event("duty.opened", data={
            **duty, "due": "2025-06-01", "title": "Training"}), "10:02"))
        gone(daemon)
        # Who held it first hears the outcome: now those who have its cases.
        seq = intake.accept(on(event("case.closed", subject="k-1", data={"resolution": "r"}),
                               "10:03"))["seq"]
        case = desk.call("case.get", subject="k-1", min_seq=seq)
        assert [one["unit"] for one in case["alerts"] if one["type"] == "case.outcome"] == [
            "xj/urumqi/d3"], case["alerts"]
        # The duty that was its own is still found under its name.
        seq = intake.accept(on(event("duty.progressed", data={**duty, "done": 5, "total": 5}),
                               "10:04"))["seq"]
        case = desk.call("case.get", subject="training/xj/yining/2025", min_seq=seq)
        assert case["state"] == "closed" and case["unit"] == "xj/urumqi/d3", case


def gone(daemon):
    line = "    - {id: yining, name: Yining}\n"
    daemon.write_config(daemon.config_path.read_text().replace(
        line, "    - {id: yining, name: Yining, moved_to: xj/urumqi/d3}\n"))
    assert "reloaded" in daemon.reload()


def test_a_closed_case_of_a_unit_that_is_gone_is_reopened_where_its_cases_are():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(on(complaint("k-1", unit="xj/yining"), "10:00"),
                      on(event("case.closed", subject="k-1", data={"resolution": "r"}), "10:01"))
        gone(daemon)
        seq = intake.accept(on(event("case.noted", subject="k-1", data={
            "by": "li", "text": "still closed"}), "10:02"))["seq"]
        assert desk.call("case.get", subject="k-1", min_seq=seq)["unit"] == "xj/yining"
        seq = intake.accept(on(event("case.reopened", subject="k-1", data={
            "reason": "not done"}), "10:03"))["seq"]
        case = desk.call("case.get", subject="k-1", min_seq=seq)
        assert case["unit"] == "xj/urumqi/d3" and case["transfers"] == 0, case
        told = [one["unit"] for one in case["alerts"] if one["type"] == "case.reopened"]
        assert told == ["xj/urumqi/d3"], case["alerts"]
        moved = [row for row in case["history"] if row["what"] == "moved"]
        assert [row["unit"] for row in moved] == ["xj/yining"], case["history"]
        assert [row["case"] for row in desk.rows("case.list", unit="xj/urumqi/d3", state="open")] == [1]


def test_a_duty_is_that_of_the_unit_named_before_that_of_the_one_that_took_over():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        duty = {"duty": "training", "period": "2025"}
        for unit in ("xj/urumqi/d3", "xj/yining"):
            intake.accept(on(event("duty.opened", data={
                **duty, "unit": unit, "due": "2025-06-01", "title": "Training"}), "10:00"))
        gone(daemon)
        seq = intake.accept(on(event("duty.progressed", data={
            **duty, "unit": "xj/yining", "done": 5, "total": 5}), "10:01"))["seq"]
        desk.reach(seq)
        assert desk.call("case.get", subject="training/xj/yining/2025")["state"] == "closed"
        assert desk.call("case.get", subject="training/xj/urumqi/d3/2025")["state"] == "open"


if __name__ == "__main__":
    run(globals())
