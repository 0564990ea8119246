#!/usr/bin/python3
"""How long alerts are kept, and what is said of those that are gone. redress.yaml(5), limits.alerts_keep."""
from harness import Daemon, at, complaint, contact, event, run, verify

ASKING = """\
policies:
  - name: default
    match: {}
    ladder:
      rungs: [{after: 0m, notify: [unit], severity: high, ack_within: 300d}]
alerts: {language: en}
"""


def on(one, day):
    return {**one, "time": f"2025-03-{day:02}T10:00:00+08:00"}


def short(**more):
    return Daemon(args=["--clock", "events"], limits="alerts_keep: 3d", **more)


def test_alerts_go_when_they_are_older_than_what_is_kept():
    with short() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(on(contact("a", customer="ka"), 3), on(contact("b", customer="kb"), 3))
        seq = intake.accept(on(contact("c", customer="kc"), 4))["seq"]
        desk.reach(seq)
        told = desk.replay(unit="xj")
        assert desk.call("feed.replay", after=1)["rows"] == told[1:], told
        note = event("case.noted", subject="c", data={"by": "li", "text": "later"})
        desk.reach(intake.accept(on(note, 7))["seq"])
        kept = desk.replay(unit="xj")
        want = [one["seq"] for one in told if one["time"] >= at("2025-03-04T00:00:00Z")]
        # The clocks and rungs of the last contact ran out since; those of the first two are gone.
        assert [one["seq"] for one in kept][:len(want)] == want, (kept, want)
        gone = kept[0]["seq"] - 1
        assert gone > 2, kept
        error = desk.refuses("gone", "feed.replay", after=gone - 1)
        assert error.oldest == gone + 1 and str(gone + 1) in error.message, error
        assert desk.call("feed.replay", after=gone)["rows"] == kept
        case = desk.call("case.get", subject="a")
        assert case.get("alerts", []) == [], case["alerts"]
        assert [row for row in case["history"] if row.get("alert") == 1], case["history"]
        answer = intake.send(on(event("alert.acknowledged", data={"alert": 2, "by": "li"}), 7))
        assert answer["error"]["field"] == "data.alert", answer
        daemon.restart()
        assert daemon.desk().call("feed.replay", after=gone)["rows"] == kept
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


def test_one_that_asks_for_an_acknowledgement_stays_until_it_has_one():
    with short(rules=ASKING) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for subject in "ab":
            intake.accept(on(complaint(subject, customer=subject), 3))
        intake.accept(on(event("case.acknowledged", subject="b", data={"by": "li"}), 3))
        desk.reach(intake.accept(on(complaint("c", customer="c"), 10))["seq"])
        assert [one["seq"] for one in desk.replay()] == [1, 3], desk.replay()
        assert [one["seq"] for one in desk.rows("feed.unacked")] == [1, 3]
        desk.refuses("gone", "feed.replay", after=1)
        done = event("alert.acknowledged", data={"alert": 1, "by": "li"})
        desk.reach(intake.accept(on(done, 10))["seq"])
        assert [one["seq"] for one in desk.replay()] == [3], desk.replay()
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


def test_many_go_by_shares():
    with short(rules=ASKING) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for i in range(300):
            intake.accept(on(complaint(f"k-{i}", customer=f"k{i}"), 3), on(
                event("case.closed", subject=f"k-{i}", data={"resolution": "done"}), 3))
        seq = intake.accept(on(complaint("last", customer="last"), 8))["seq"]
        desk.reach(seq)
        first = len(desk.replay())
        assert 1 < first <= 301, first  # one record does not pay for all
        for i in range(8):
            seq = intake.accept(on(event("case.noted", subject="last", data={
                "by": "li", "text": f"{i}"}), 8))["seq"]
        desk.reach(seq)
        assert [one["subject"] for one in desk.replay()] == ["last"], desk.replay()
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


if __name__ == "__main__":
    run(globals())
