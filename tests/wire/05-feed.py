#!/usr/bin/python3
"""The feed: who gets which topic, whole chains, heartbeats, catching up."""
from harness import Daemon, at, complaint, contact, event, run


def on(one, time="10:00"):
    return {**one, "time": f"2025-03-03T{time}:00+08:00"}


def test_a_prefix_gets_its_unit_and_all_below():
    with Daemon(args=["--clock", "events"]) as daemon:
        all_, d3, yining = daemon.feed("xj/"), daemon.feed("xj/urumqi/d3/"), daemon.feed(
            "xj/yining/")
        intake = daemon.intake()
        intake.accept(on(contact("a", customer="ka")))
        intake.accept(on(contact("b", customer="kb", unit="xj/yining")))
        intake.accept(on(contact("c", customer="kc")))
        assert [all_.alert()[1]["subject"] for _ in "abc"] == ["a", "b", "c"]
        assert [d3.alert()[1]["subject"] for _ in "ac"] == ["a", "c"]
        assert yining.alert()[0] == "xj/yining/warning.first_contact"
        beat = yining.heartbeat()
        assert beat["seq"] == 3 and yining.pending == [], (beat, yining.pending)


def test_chains_of_units_are_whole():
    with Daemon(args=["--clock", "events"]) as daemon:
        feed, intake = daemon.feed("xj/"), daemon.intake()
        for i, unit in enumerate(["xj/urumqi/d3", "xj/yining"] * 5):
            intake.accept(on(contact(f"c-{i}", customer=f"k{i}", unit=unit)))
        intake.accept(on(contact("last", customer="kz"), "13:00"))
        last, seq, seen = {}, 0, 0
        while not seen or body["subject"] != "last":
            topic, body = feed.alert()
            assert topic == f"{body['unit']}/{body['type']}", topic
            assert body["seq"] == seq + 1, (seq, body)
            assert body["prev"] == last.get(body["unit"], 0), (last, body)
            seq = last[body["unit"]] = body["seq"]
            seen += 1
        # to the unit, its parent by rung 2, the parent by the breach, for each of ten cases
        assert {"xj", "xj/urumqi", "xj/urumqi/d3", "xj/yining"} == set(last), last


def test_a_heartbeat():
    with Daemon(args=["--clock", "events"]) as daemon:
        feed = daemon.feed()
        daemon.intake().accept(on(contact("a")))
        beat = feed.heartbeat()
        while beat["seq"] == 0:
            beat = feed.heartbeat()
        once_a_day = {"record", "chain"}  # the head of the journal
        assert set(beat) - once_a_day == {"seq", "term", "time", "lag"}, beat
        assert beat["seq"] == 1 and beat["term"] == 1, beat
        assert beat["time"] == at("2025-03-03T10:00:00+08:00"), beat


def test_catching_up():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake = daemon.intake()
        for i in range(25):
            intake.accept(on(contact(f"c-{i}", customer=f"k{i}")))
        feed = daemon.feed("xj/")
        head = feed.heartbeat()["seq"]
        desk, cursor, seen = daemon.desk(), 0, []
        while cursor < head:
            page = desk.call("feed.replay", unit="xj", after=cursor, limit=10, min_alert=head)
            seen += [row["seq"] for row in page["rows"]]
            cursor = page["head"]
        intake.accept(on(contact("live", customer="kz")))
        while seen[-1] < 26:
            _, body = feed.alert()
            if body["seq"] > cursor:
                seen.append(body["seq"])
        assert seen == list(range(1, 27)), seen


def test_what_an_alert_says():
    with Daemon(args=["--clock", "events"]) as daemon:
        feed, intake = daemon.feed("xj/"), daemon.intake()
        one = on(contact("a", age=70))
        receipt = intake.accept(one)
        _, body = feed.alert()
        assert receipt["warning"]["alert"] == body["seq"], receipt
        assert body["customer"] == "****0001" and body["kind"] == "contact", body
        assert body["severity"] == "high" and body["rung"] == 1 and body["title"], body
        assert body["actions"] == ["green lane"], body
        assert [row["code"] for row in body["reasons"]] == ["regulator", "elderly"], body
        assert body["cause"] == {"source": "test", "id": one["id"], "seq": receipt["seq"]}, body
        absent = {"late_by", "skipped", "ack_by", "supersedes", "grouped", "count", "clock"}
        assert not absent & set(body), body
        intake.accept(on(contact("b", customer="kb"), "12:00"))
        _, breach = feed.until(lambda topic, _: topic.endswith("/clock.breach"))
        assert breach["clock"] == "defuse" and breach["case"] == receipt["case"], breach
        assert breach["due"] == at("2025-03-03T11:00:00+08:00") == breach["time"], breach
        assert "timer" in breach["cause"] and "late_by" not in breach, breach


def test_one_source_gap_goes_to_operators():
    with Daemon(args=["--clock", "events"]) as daemon:
        ops, intake = daemon.feed("~ops/"), daemon.intake()
        intake.accept(on({**contact("a", customer="ka"), "sequence": 1}))
        intake.accept(on({**contact("b", customer="kb"), "sequence": 5}))
        intake.accept(on({**contact("c", customer="kc"), "sequence": 6}, "10:05"))
        topic, body = ops.alert()
        assert topic == "~ops/source.gap" and body["unit"] == "~ops", (topic, body)
        assert body["prev"] == 0 and not {"case", "subject", "customer"} & set(body), body
        assert body["time"] == at("2025-03-03T10:01:00+08:00"), body


if __name__ == "__main__":
    run(globals())
