#!/usr/bin/python3
"""Many alerts to one unit become one: storm bundles."""
from harness import Daemon, at, complaint, event, run

DAY = "2025-03-03T"
RULES = """\
policies:
  - name: urgent
    match: {product: gold}
    ladder: {rungs: [{after: 0m, notify: [unit], severity: high}]}
  - name: default
    match: {}
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: info, ack_within: 15m}
alerts: {language: en%s}
"""
STORM = ", storm: {count: 3, window: 10m}"
D3, YINING = "xj/urumqi/d3", "xj/yining"


class Story:
    """A daemon that takes its time from events."""

    def __init__(self, storm=STORM):
        self.daemon = Daemon(rules=RULES % storm, args=["--clock", "events"])
        self.intake, self.desk, self.seq = self.daemon.intake(), self.daemon.desk(), 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def take(self, time, made):
        receipt = self.intake.accept({**made, "time": f"{DAY}{time}+08:00"})
        self.seq = receipt["seq"]
        return receipt

    def complain(self, time, subject, unit=D3, **data):
        return self.take(time, complaint(subject, unit=unit, customer=subject, **data))

    def pass_until(self, time):
        self.take(time, event("clock.accepted"))

    def replay(self, **params):
        self.desk.call("status", min_seq=self.seq)
        return self.desk.replay(**params)

    def unacked(self):
        self.desk.call("status", min_seq=self.seq)
        return {one["subject"]: one for one in self.desk.rows("feed.unacked")}

    def bundles(self, **params):
        return [one for one in self.replay(**params) if one["type"] == "storm.bundle"]


def moment(time):
    return at(f"{DAY}{time}+08:00")


def test_the_fourth_within_the_window_opens_a_bundle():
    with Story() as story:
        feed = story.daemon.feed("xj/")
        for i in range(3):
            story.complain(f"10:0{i}:00", f"k-{i}")
        story.complain("10:03:00", "k-3")  # opens it, until 10:13
        story.complain("10:04:00", "k-4")
        story.complain("10:05:00", "k-5", product="gold")  # high: never in one
        story.complain("10:05:00", "y-1", unit=YINING)  # another unit
        seqs = {name: one["seq"] for name, one in story.unacked().items()}
        assert not story.bundles()
        story.pass_until("10:14:00")
        bundle, = story.bundles()
        assert bundle["grouped"] == [seqs["k-3"], seqs["k-4"]] and bundle["count"] == 2, bundle
        assert bundle["severity"] == "info" and bundle["unit"] == D3, bundle
        assert bundle["time"] == moment("10:13:00") and "case" not in bundle, bundle
        assert "2 alerts" in bundle["title"] and bundle["cause"] == {"timer": "bundle"}, bundle
        # What is published and replayed is the chain without the bundled ones.
        told = story.replay(unit=D3)
        assert [one.get("subject") for one in told] == ["k-0", "k-1", "k-2", "k-5", None], told
        assert [one["prev"] for one in told] == [0] + [one["seq"] for one in told[:-1]], told
        live = [feed.alert()[1] for _ in range(len(told) + 1)]
        assert [one["seq"] for one in live if one["unit"] == D3] == [one["seq"] for one in told]


def test_bundled_alerts_are_listed_and_can_be_acknowledged():
    with Story() as story:
        for i in range(4):
            story.complain("10:00:00", f"k-{i}")
        listed = story.unacked()["k-3"]
        assert listed["bundled"] is True and listed["prev"] == 0, listed
        assert "bundled" not in story.unacked()["k-2"]
        case = story.desk.call("case.get", subject="k-3", min_seq=story.seq)
        assert case["alerts"] == [listed], case["alerts"]
        story.take("10:01:00", event("alert.acknowledged", data={"alert": listed["seq"], "by": "w"}))
        assert "k-3" not in story.unacked()
        story.pass_until("10:10:00")
        assert story.bundles()[0]["grouped"] == [listed["seq"]]


def test_ack_within_counts_from_the_end_of_the_bundle():
    with Story() as story:
        for i in range(4):
            story.complain("10:00:00", f"k-{i}")
        waiting = story.unacked()
        assert waiting["k-2"]["ack_by"] == moment("10:15:00"), waiting["k-2"]
        assert waiting["k-3"]["ack_by"] == moment("10:25:00"), waiting["k-3"]
        story.pass_until("10:26:00")
        missed = {one["subject"]: one["time"] for one in story.replay()
                  if one["type"] == "ladder.exhausted"}
        assert missed == {**{f"k-{i}": moment("10:15:00") for i in range(3)},
                          "k-3": moment("10:25:00")}, missed


def test_the_window_slides_and_its_edge_is_open():
    with Story() as story:
        for time in ("10:00:00", "10:05:00", "10:09:59", "10:10:00", "10:15:00"):
            story.complain(time, time)  # never four within ten minutes
        assert not any("bundled" in one for one in story.unacked().values())
        story.complain("10:19:58", "more")  # 10:09:59, 10:10, 10:15, 10:19:58
        assert story.unacked()["more"]["bundled"] is True


def test_a_bundle_does_not_hold_back_what_a_silence_withheld():
    """Alerts above warning are in no bundle; nor is what tells that a silence withheld some."""
    with Story() as story:
        for i in range(4):
            story.complain(f"10:0{i}:00", f"k-{i}")  # the fourth opens a bundle, until 10:13
        number = story.take("10:04:00", event("silence.created", data={
            "matchers": {"product": "gold"}, "by": "ops", "reason": "drill",
            "until": moment("12:00:00")}))["silence"]
        story.complain("10:05:00", "gold", product="gold")
        story.take("10:06:00", event("silence.ended", data={"silence": number}))
        story.pass_until("10:07:00")
        digest, = [one for one in story.replay() if one["type"] == "digest.silenced"]
        assert (digest["severity"], digest["subject"]) == ("high", "gold"), digest
        assert not story.bundles()


def test_a_storm_that_lasts_goes_from_bundle_to_bundle():
    with Story() as story:
        for minute in range(30):
            story.complain(f"10:{minute:02}:00", f"k-{minute}")
        story.pass_until("11:30:00")
        counts = [(one["time"].astimezone(moment("10:00:00").tzinfo).strftime("%H:%M"), one["count"])
                  for one in story.bundles(unit=D3)]
        # Opened at 10:03, 10:13 and 10:23; the alert of 10:13 comes when the first is sent.
        assert counts == [("10:13", 10), ("10:23", 10), ("10:33", 7)], counts


def test_a_bundle_outlives_a_crash_and_holds_the_first_thousand():
    with Story() as story:
        for i in range(3):
            story.complain("10:00:00", f"k-{i}")
        made = [{**complaint(f"m-{i}", unit=D3, customer=f"m-{i}"), "time": f"{DAY}10:01:00+08:00"}
                for i in range(1200)]
        for begin in range(0, len(made), 400):
            story.intake.accept(*made[begin:begin + 400])
        story.daemon.restart()
        story.pass_until("10:12:00")
        bundle, = story.bundles(unit=D3)
        assert bundle["count"] == 1200 and len(bundle["grouped"]) == 1000, bundle["count"]
        assert bundle["grouped"] == sorted(bundle["grouped"])
        assert bundle["time"] == moment("10:11:00"), bundle["time"]


def test_without_the_key_there_are_none():
    with Story(storm="") as story:
        for i in range(40):
            story.complain("10:00:00", f"k-{i}")
        story.pass_until("12:00:00")
        assert not story.bundles()
        assert not any("bundled" in one for one in story.unacked().values())


run(globals())
