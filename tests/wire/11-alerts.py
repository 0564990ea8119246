#!/usr/bin/python3
"""Alerts that are masked, withheld or held; due times by the calendar; a subscriber's whole way."""
import hashlib
import os

import zmq

from harness import (RULES, Daemon, at, complaint, configuration, contact, event, pack, run, unpack)

DAY = "2025-03-03T"  # a Monday; the office is open from 9 to 18
LADDER = """\
assessment:
  rules: [{{code: regulator, match: {{channel: [regulator]}}, points: 60}}]
  windows:
    - {{code: often, key: customer, types: [complaint.registered], days: 7, count: 2, points: 5,
       pattern: {{notify: xj/consumer, severity: high, title: "many from {{key}}"}}}}
policies:
  - name: default
    match: {{}}
    clocks: {clocks}
    ladder:
      until: acknowledged
      rungs: {rungs}
alerts: {{language: en{alerts}}}
"""
PLAIN = dict(clocks="[]", rungs="[{after: 0m, notify: [unit], severity: warning}]", alerts="")


def rules(**more):
    return LADDER.format(**{**PLAIN, **more})


def on(time, made):
    return {**made, "time": time if "T" in time else f"{DAY}{time}:00+08:00"}


class Told:
    """A daemon that takes its time from events, its doors, and the last event's number."""

    def __init__(self, text):
        self.daemon = Daemon(rules=text, args=["--clock", "events"])
        self.intake, self.desk, self.seq = self.daemon.intake(), self.daemon.desk(), 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def take(self, time, made):
        receipt = self.intake.accept(on(time, made))
        self.seq = receipt["seq"]
        return receipt

    def tell(self, time, type, subject=None, **data):
        return self.take(time, event(type, subject=subject, data=data))

    def pass_until(self, time):
        """Lets time pass and nothing else happen."""
        return self.tell(time, "clock.accepted")

    def alerts(self, **params):
        self.desk.call("status", min_seq=self.seq)
        return self.desk.replay(**params)

    def seen(self):
        """(type, last part of the unit, local time) of every alert."""
        zone = at(f"{DAY}00:00:00+08:00").tzinfo
        return [(one["type"], one["unit"].split("/")[-1],
                 one["time"].astimezone(zone).strftime("%d %H:%M")) for one in self.alerts()]

    def case(self, subject):
        return self.desk.call("case.get", subject=subject, min_seq=self.seq)


def masked(folder, mask):
    """What the feed, the desk's rows and its replay say for three customers."""
    text = rules(alerts=f", mask: {mask}")
    with Daemon(start=False) as daemon:
        daemon.write_config(configuration(daemon.folder, rules=text))
        for name, body in folder.items():
            path = daemon.folder / name
            path.write_bytes(body)
            path.chmod(0o600)
        daemon.start()
        feed, intake, desk = daemon.feed("xj/"), daemon.intake(), daemon.desk()
        found = []
        for i, customer in enumerate(("cust-0001", "abcd", "顾客王小明先生")):
            seq = intake.accept(complaint(f"k-{i}", customer=customer))["seq"]
            alert = feed.alert()[1]
            case = desk.call("case.get", subject=f"k-{i}", min_seq=seq)
            assert alert["customer"] == case["customer"] == case["attributes"]["customer"], case
            assert case["alerts"][0] == alert, (case["alerts"], alert)
            assert desk.rows("case.list")[-1]["customer"] == alert["customer"]
            assert desk.replay()[-1] == alert
            found.append(alert["customer"])
        assert len(desk.rows("case.list", customer="cust-0001")) == 1
        return found


def test_masks():
    assert masked({}, "{customer: full}") == ["cust-0001", "abcd", "顾客王小明先生"]
    assert masked({}, "{customer: last4}") == ["****0001", "****", "****"]
    key = os.urandom(32)
    found = masked({"key": key}, "{customer: keyed, key_file: key}")
    assert found == ["~" + hashlib.blake2b(one.encode(), key=key, digest_size=32).hexdigest()[:16]
                     for one in ("cust-0001", "abcd", "顾客王小明先生")], found


def test_no_alert_carries_a_masked_customer_anywhere():
    with Daemon(rules=rules()) as daemon:
        feed, intake = daemon.feed("xj/", "~ops/"), daemon.intake()
        for i in range(2):
            intake.accept(complaint(f"k-{i}", customer="secret-customer-77"))
        bodies = [feed.alert()[1] for _ in range(3)]
        assert "pattern.detected" in [one["type"] for one in bodies], bodies
        for one in bodies:
            assert "secret-customer" not in str(one), one


def test_silences():
    with Told(rules(clocks="[{name: law, limit: 2h, statutory: true, reminders: [{before: 1h}]}, "
                           "{name: own, limit: 3h, reminders: [{before: 30m}]}]")) as told:
        told.tell("09:30", "silence.created", matchers={"unit": "xj/urumqi/d3"},
                  until=f"{DAY}20:00:00+08:00", by="li", reason="works")
        told.take("10:00", complaint("k"))
        told.take("10:00", complaint("other", customer="k2", unit="xj/yining"))
        told.pass_until("13:30")
        mine = [one for one in told.seen() if one[1] == "d3"]
        # nothing but what the law wants
        assert mine == [("clock.reminder", "d3", "03 11:00"), ("clock.breach", "d3", "03 12:00")], mine
        assert len([one for one in told.seen() if one[1] == "yining"]) == 5, told.seen()
        withheld = [(row["type"], row["reason"]) for row in told.case("k")["history"]
                    if row["what"] == "withheld"]
        assert [one[0] for one in withheld] == ["ladder.rung", "clock.reminder", "clock.breach"], withheld
        assert all("silence" in one[1] for one in withheld), withheld
        silence = told.desk.rows("silence.list")[0]
        assert (silence["silence"], silence["ended"], silence["by"]) == (1, False, "li"), silence
        told.tell("13:31", "silence.ended", silence=1)
        told.take("13:32", complaint("k-2", customer="k3"))
        assert told.seen()[-1] == ("ladder.rung", "d3", "03 13:32"), told.seen()
        assert told.desk.rows("silence.list")[0]["ended"] is True


def test_silences_run_out_and_are_limited():
    with Daemon(args=["--clock", "events"], rules=rules()) as daemon:
        intake, desk = daemon.intake(), daemon.desk()

        def silence(hour, until, unit="xj/urumqi/d3"):
            return {**event("silence.created", data={
                "matchers": {"unit": unit}, "until": f"{DAY}{until}:00+08:00", "by": "li",
                "reason": "moving"}), "time": f"{DAY}{hour}:00+08:00"}

        for _ in range(10):
            intake.accept(*[silence("09:30", "10:00") for _ in range(100)])
        answer = intake.send(silence("09:31", "12:00"))
        assert answer["status"] == "rejected", answer
        error = answer["error"]
        assert (error["code"], error["field"]) == ("bad_value", "data.matchers"), error
        assert "1,000 silences" in error["message"], error
        # Those have run out by then: the next is taken, and does what it says.
        intake.accept(silence("10:00", "12:00"))
        seq = intake.accept({**complaint("k-1"), "time": f"{DAY}10:01:00+08:00"})["seq"]
        assert not desk.call("case.get", subject="k-1", min_seq=seq)["alerts"]
        for i in range(12):
            intake.accept(*[silence(f"10:{2 + i:02}", f"10:{3 + i:02}") for _ in range(100)])
        desk.reach(seq + 1200)
        kept = [row["silence"] for row in desk.rows("silence.list")]
        assert len(kept) == 2000 and 1001 in kept and kept[-1] == 2201, (len(kept), kept[-1])


def test_an_alert_held_for_the_opening():
    held = "[{after: 0m, notify: [unit], severity: high, hold: opening}]"
    with Told(rules(rungs=held)) as told:
        told.take("20:00", complaint("night"))
        told.take("20:30", complaint("gone", customer="k2"))
        assert told.seen() == []
        told.tell("21:00", "case.acknowledged", "gone", by="wang")
        told.pass_until("2025-03-04T08:59:59+08:00")
        assert told.seen() == []
        told.pass_until("2025-03-04T09:00:00+08:00")
        assert told.seen() == [("ladder.rung", "d3", "04 09:00")], told.seen()
        assert told.alerts()[0]["subject"] == "night"
        told.take("2025-03-04T12:00:00+08:00", complaint("noon", customer="k3"))
        assert told.seen()[-1] == ("ladder.rung", "d3", "04 12:00")


def test_working_time_and_days():
    with Told(rules(clocks="[{name: work, limit: 4h, time: working}, {name: day, limit: 1bd, end: closing}, "
                           "{name: days, limit: 2d}]")) as told:
        told.take("2025-03-07T16:00:00+08:00", complaint("friday"))
        due = {one["clock"]: one["due"] for one in told.case("friday")["clocks"]}
        assert due == {"work": at("2025-03-10T11:00:00+08:00"), "day": at("2025-03-10T18:00:00+08:00"),
                       "days": at("2025-03-10T00:00:00+08:00")}, due
        told.pass_until("2025-03-10T18:00:00+08:00")
        breaches = [one for one in told.seen() if one[0] == "clock.breach"]
        assert breaches == [("clock.breach", "d3", "10 00:00"), ("clock.breach", "d3", "10 11:00"),
                            ("clock.breach", "d3", "10 18:00")], breaches
        assert [row["clock"] for row in told.alerts() if row["type"] == "clock.breach"] == [
            "days", "work", "day"]


def test_a_subscriber_that_follows_the_page_misses_nothing():
    """Three lives of a subscriber, each behind by what it slept through, under load."""
    with Daemon(rules=RULES) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        cursor, seen, number = 0, [], 0

        def more(count):
            nonlocal number
            for _ in range(count):
                number += 1
                intake.post(complaint(f"k-{number}", customer=f"k{number}"))

        for life in range(3):
            more(300)  # nobody listens
            socket = daemon.context.socket(zmq.SUB)
            socket.linger = 0
            socket.subscribe("xj/urumqi/")
            socket.subscribe("~heartbeat")
            socket.connect(daemon.endpoint("feed"))
            more(300)
            waiting, goal = [], None
            while goal is None:
                topic, body = socket.recv_multipart()
                if topic == b"~heartbeat":
                    goal = unpack(body)["seq"]
                else:
                    waiting.append(unpack(body)["seq"])
            more(300)
            while cursor < goal:
                page = desk.call("feed.replay", unit="xj/urumqi", after=cursor, limit=70)
                seen += [row["seq"] for row in page["rows"]]
                assert page["head"] >= cursor, page["head"]
                cursor = page["head"]
            for _ in range(900):
                intake.receipts()
            while len(seen) < 900 * (life + 1):
                if waiting:
                    one = waiting.pop(0)
                else:
                    topic, body = socket.recv_multipart()
                    if topic == b"~heartbeat":
                        continue
                    one = unpack(body)["seq"]
                if one > cursor:
                    seen.append(one)
                    cursor = one
            socket.close(0)
        assert seen == sorted(set(seen)) and len(seen) == 2700, len(seen)
        assert [row["seq"] for row in desk.replay(unit="xj/urumqi")] == seen


if __name__ == "__main__":
    run(globals())
