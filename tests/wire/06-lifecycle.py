#!/usr/bin/python3
"""The life of cases, seen from outside: every type of event, and what time makes of them."""
from harness import Daemon, at, complaint, configuration, contact, event, run

POLICY = """  - name: strict
    match: {product: strict}
    clocks:
      - name: answer
        start: received
        stop: decided
        limit: 4h
        restart_on: facts_added
        extensions: [{limit: 8h}]
        reminders: [{at: 50%}]
        on_breach: {notify: [parent], severity: high}
    ladder:
      until: customer_contacted
      rungs:
        - after: 0m
          notify: [unit]
          severity: warning
          ack_within: 15m
          renotify: {every: 5m, times: 1}
        - {after: 2h, notify: [parent], severity: high}
        - {after: 3h, notify: [xj/consumer], severity: critical}
  - name: default
"""


class Story:
    """Events of 3 March 2025 by the hour, the case and the alerts they make."""

    def __init__(self, daemon):
        self.intake, self.desk, self.feed = daemon.intake(), daemon.desk(), daemon.feed("xj/")
        self.seq = 0

    def send(self, hour, one):
        receipt = self.intake.accept({**one, "time": f"2025-03-03T{hour}:00+08:00"})
        self.seq = receipt["seq"]
        return receipt

    def tell(self, hour, type, subject, **data):
        return self.send(hour, event(type, subject=subject, data=data))

    def refused(self, hour, type, subject, code="illegal_transition", **data):
        one = {**event(type, subject=subject, data=data), "time": f"2025-03-03T{hour}:00+08:00"}
        receipt = self.intake.send(one)
        assert receipt["status"] == "rejected", (type, receipt)
        assert receipt["error"]["code"] == code, (type, receipt)
        return receipt["error"]

    def case(self, subject):
        return self.desk.call("case.get", subject=subject, min_seq=self.seq)

    def alerts(self, subject):
        """(type, rung, unit's last part, local time) of the case's alerts."""
        return [(row["type"], row.get("rung", 0), row["unit"].split("/")[-1],
                 row["time"].astimezone(at("2025-03-03T00:00:00+08:00").tzinfo).strftime("%H:%M"))
                for row in self.case(subject)["alerts"]]


class Told:
    def __enter__(self):
        self.daemon = Daemon(start=False, args=["--clock", "events"])
        text = configuration(self.daemon.folder).replace("  - name: default\n", POLICY)
        self.daemon.write_config(text)
        self.daemon.start()
        return Story(self.daemon)

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)


def strict(subject, **more):
    return complaint(subject, product="strict", **more)


def test_rungs_renotify_and_missed_acknowledgement():
    with Told() as story:
        story.send("10:00", strict("k"))
        story.tell("13:30", "case.noted", "k", by="li", text="later")
        assert story.alerts("k") == [
            ("ladder.rung", 1, "d3", "10:00"), ("ladder.renotify", 1, "d3", "10:05"),
            ("ladder.rung", 2, "urumqi", "10:15"),
            ("ladder.rung", 3, "consumer", "13:00")], story.alerts("k")
        # while an answer is owed the unit is not reminded, and the history says so
        withheld = [row for row in story.case("k")["history"] if row["what"] == "withheld"]
        assert [row["type"] for row in withheld] == ["clock.reminder"], withheld
        alerts = story.case("k")["alerts"]
        assert alerts[1]["supersedes"] == alerts[0]["seq"], alerts
        assert alerts[1]["ack_by"] == alerts[0]["ack_by"] == at("2025-03-03T10:15:00+08:00")
        assert all("late_by" not in row for row in alerts), alerts


def test_an_acknowledgement_stops_asking_not_the_later_rungs():
    with Told() as story:
        alert = story.send("10:00", strict("k"))["warning"].get("alert")
        story.send("10:03", event("alert.acknowledged", data={"alert": alert, "by": "wang"}))
        assert story.case("k")["state"] == "handling"
        assert story.desk.call("feed.unacked", min_seq=story.seq)["rows"] == []
        story.tell("11:59", "case.noted", "k", by="li", text="x")
        assert story.alerts("k") == [("ladder.rung", 1, "d3", "10:00")], story.alerts("k")
        story.tell("12:00", "case.noted", "k", by="li", text="x")
        assert ("clock.reminder", 0, "d3", "12:00") in story.alerts("k"), story.alerts("k")
        story.tell("12:30", "case.customer_contacted", "k", by="wang")
        story.tell("13:30", "case.noted", "k", by="li", text="x")
        assert ("ladder.rung", 2, "urumqi", "12:00") in story.alerts("k")
        assert not [one for one in story.alerts("k") if one[1] == 3], story.alerts("k")
        assert story.case("k")["ladder"]["state"] == "stopped"


def test_a_pause_moves_due_and_until_resumes():
    with Told() as story:
        story.send("10:00", strict("k"))
        assert story.case("k")["clocks"][0]["due"] == at("2025-03-03T14:00:00+08:00")
        story.tell("10:10", "case.paused", "k", reason="customer")
        story.refused("10:11", "case.paused", "k", reason="customer")
        assert story.case("k")["paused"] is True
        assert story.case("k")["clocks"][0]["state"] == "paused"
        assert story.case("k")["ladder"]["state"] == "paused"
        message = story.refused("10:12", "case.resumed", "k", reason="custmer")["message"]
        assert 'not paused for "custmer", only for customer' in message, message
        story.tell("11:10", "case.resumed", "k", reason="customer")
        message = story.refused("11:11", "case.resumed", "k", reason="customer")["message"]
        assert 'for "customer", or for anything' in message, message
        assert story.case("k")["ladder"]["state"] == "running"
        clock = story.case("k")["clocks"][0]
        assert clock["due"] == at("2025-03-03T15:00:00+08:00"), clock
        story.tell("11:12", "case.paused", "k", reason="holiday",
                   until="2025-03-03T11:42:00+08:00")
        story.tell("11:50", "case.noted", "k", by="li", text="x")
        case = story.case("k")
        assert case["paused"] is False, case
        assert case["clocks"][0]["due"] == at("2025-03-03T15:30:00+08:00"), case["clocks"]
        types = [one[0] for one in story.alerts("k")]
        assert types.count("clock.moved") == 2 and "case.resumed" in types, types


def test_a_breach_and_a_late_stop():
    with Told() as story:
        story.send("10:00", strict("k"))
        story.tell("15:00", "case.noted", "k", by="li", text="x")
        breach = [row for row in story.case("k")["alerts"] if row["type"] == "clock.breach"]
        assert [row["unit"] for row in breach] == ["xj/urumqi/d3", "xj/urumqi"], breach
        assert {row["time"] for row in breach} == {at("2025-03-03T14:00:00+08:00")}, breach
        assert breach[0]["severity"] == "high" and breach[0]["clock"] == "answer", breach
        # decided in time, told late
        story.tell("13:59", "case.decided", "k", outcome="upheld")
        right = [row for row in story.case("k")["alerts"] if row["type"] == "clock.corrected"]
        assert [row["supersedes"] for row in right] == [row["seq"] for row in breach], right
        assert [row["unit"] for row in right] == [row["unit"] for row in breach], right
        assert story.case("k")["state"] == "decided"


def test_a_late_event_is_judged_by_its_own_time():
    with Told() as story:
        story.send("18:00", strict("other", customer="k2"))
        story.send("10:00", strict("k"))
        rows = story.case("k")["alerts"]
        late = [row for row in rows if row["type"] == "clock.breach"]
        assert [row["late_by"] for row in late] == [4 * 3600] * 2, rows
        rungs = [row for row in rows if row["type"] == "ladder.rung"]
        assert len(rungs) == 3 and all(
            row["rung"] == 3 and row["skipped"] == [1, 2] for row in rungs), rungs


def test_facts_extension_and_escalation():
    with Told() as story:
        story.send("10:00", strict("k"))
        story.tell("11:00", "case.facts_added", "k", text="a letter")
        assert story.case("k")["clocks"][0]["due"] == at("2025-03-03T15:00:00+08:00")
        story.tell("11:01", "case.extended", "k", clock="answer", approved_by="li", reason="x")
        assert story.case("k")["clocks"][0]["extensions"] == 1
        story.refused("11:02", "case.extended", "k", clock="answer", approved_by="li", reason="x")
        story.send("11:05", strict("e", customer="k2"))
        story.tell("11:06", "case.escalated", "e", by="li", reason="press", to=3)
        assert story.alerts("e")[-1] == ("ladder.rung", 3, "consumer", "11:06"), story.alerts("e")


def test_assigned_decided_reopened():
    with Told() as story:
        story.send("10:00", complaint("k"))
        story.tell("10:01", "case.acknowledged", "k", by="wang")
        assert story.case("k")["ladder"]["state"] == "stopped"
        story.tell("10:02", "case.assigned", "k", unit="xj/yining", handler="zhao")
        case = story.case("k")
        assert case["state"] == "assigned" and case["unit"] == "xj/yining", case
        assert case["transfers"] == 1 and case["first"] == "xj/urumqi/d3", case
        assert case["respondent"] == "xj/urumqi/d3" and case["ladder"]["state"] == "running"
        assert ("case.assigned", 0, "yining", "10:02") in story.alerts("k"), story.alerts("k")
        story.tell("10:03", "case.decided", "k", outcome="rejected")
        assert story.alerts("k")[-1] == ("case.outcome", 0, "d3", "10:03"), story.alerts("k")
        story.refused("10:04", "case.paused", "k", reason="x")
        story.refused("10:04", "case.reopened", "missing", "unknown_case", reason="x")
        story.tell("10:05", "case.closed", "k", resolution="done")
        for type, data in (("case.closed", {"resolution": "x"}), ("case.joined", {"by": "a"}),
                           ("case.assigned", {"unit": "xj"}), ("case.facts_added", {"text": "x"}),
                           ("case.escalated", {"by": "a", "reason": "x"}),
                           ("case.panel_opened", {"participants": ["a"]}),
                           ("case.acknowledged", {"by": "a"})):
            story.refused("10:06", type, "k", **data)
        story.tell("10:07", "case.reopened", "k", reason="new")
        case = story.case("k")
        assert case["state"] == "open" and case["reopened"] == 1, case
        story.refused("10:08", "case.reopened", "k", reason="again")


def test_a_contact_joins_and_grows():
    with Told() as story:
        first = story.send("10:00", contact("c-1"))
        joined = story.send("10:10", contact("c-2"))
        assert joined["case"] == first["case"], joined
        assert story.case("c-2")["subject"] == "c-1"
        grown = story.send("10:20", complaint("k-1"))
        assert grown["case"] != first["case"], grown
        old, new = story.case("c-1"), story.case("k-1")
        assert old["state"] == "grown" and old["grown_into"] == new["case"], old
        assert new["first"] == "xj/urumqi/d3" and new["kind"] == "complaint", new
        assert "case.grown" in [one[0] for one in story.alerts("c-1") + story.alerts("k-1")]
        story.refused("10:21", "case.acknowledged", "c-1", by="a")
        story.send("10:22", contact("c-9", customer="k9"))
        story.refused("10:23", "case.decided", "c-9", outcome="upheld")
        story.refused("10:23", "case.mediation_called", "c-9", body="m")
        story.tell("10:24", "case.defused", "c-9", by="wang", measure="call")
        assert story.case("c-9")["state"] == "closed"


def test_a_chase_unanswered():
    with Told() as story:
        story.send("10:00", complaint("k"))
        story.refused("10:01", "case.answered", "k", by="a", text="x")
        ask = {"by": "li", "unit": "xj/urumqi/d3", "question": "what?",
               "answer_by": "2025-03-03T10:30:00+08:00"}
        story.tell("10:02", "case.chased", "k", **ask)
        story.tell("10:03", "case.answered", "k", by="a", text="this")
        story.refused("10:04", "case.answered", "k", by="a", text="x")
        story.tell("10:05", "case.chased", "k", **ask)
        story.tell("10:40", "case.noted", "k", by="li", text="x")
        assert ("ladder.rung", 2, "urumqi", "10:30") in story.alerts("k"), story.alerts("k")
        types = [one[0] for one in story.alerts("k")]
        assert types.count("case.chased") == 2 and types.count("case.unanswered") >= 1, types


def test_every_other_type_is_taken():
    with Told() as story:
        story.send("10:00", complaint("k"))
        story.send("10:00", complaint("same", customer="k2"))
        for type, data in (
                ("case.forwarded", {"body": "nfra", "ref": "r1"}), ("case.joined", {"by": "boss"}),
                ("case.noted", {"by": "a", "text": "x"}), ("case.amended", {"issue": "sales"}),
                ("case.panel_opened", {"participants": ["a", "b"]}),
                ("case.panel_concluded", {"opinion": "pay"}),
                ("case.mediation_called", {"body": "m"}),
                ("case.mediation_declined", {"by": "customer"}),
                ("case.mediation_called", {"body": "m"}),
                ("case.mediation_accepted", {"by": "body"}),
                ("case.mediation_settled", {"amount": "10.00", "currency": "CNY"}),
                ("case.mediation_failed", {}), ("case.mediation_called", {"body": "m"}),
                ("case.mediation_accepted", {"by": "body"}),
                ("case.mediation_settled", {}), ("case.mediation_executed", {}),
                ("case.verified", {"valid": True, "by": "a"}),
                ("case.cause_found", {"cause": "script", "unit": "xj/yining"}),
                ("case.rectified", {"measure": "taught", "by": "a"}),
                ("case.sanctioned", {"person": "p", "role": "seller", "measure": "fine"}),
                ("case.notice_given", {"notice": "tout"}), ("case.reapplied", {"reason": "x"})):
            story.tell("10:01", type, "k", **data)
        case = story.case("k")
        assert case["regulator"] is True and case["attributes"]["issue"] == "sales", case
        story.refused("10:02", "case.mediation_executed", "k")
        story.refused("10:02", "case.panel_concluded", "k", opinion="x")
        for into in (99, "never", "x" * 600, ""):
            code = "unknown_case" if into in (99, "never") else "bad_value"
            story.refused("10:03", "case.merged", "same", code, into=into, reason="x")
        story.refused("10:03", "case.merged", "same", "conflict", into="same", reason="x")
        story.tell("10:03", "case.merged", "same", into=case["case"], reason="same matter")
        assert story.case("same")["state"] == "closed"
        story.tell("10:04", "case.withdrawn", "k")
        story.tell("10:05", "case.review_requested", "k")
        story.tell("10:06", "case.review_decided", "k", outcome="kept")
        story.refused("10:07", "case.review_decided", "k", outcome="kept")
        silence = {"matchers": {"unit": "xj/yining"}, "until": "2025-03-04T00:00:00+08:00",
                   "by": "li", "reason": "x"}
        for type, data in (
                ("silence.created", silence), ("silence.ended", {"silence": 1}),
                ("contract.screened", {"contract": "p1", "risk": "high"}),
                ("unit.reported", {"unit": "xj/yining", "date": "2025-03-03"}),
                ("source.reset", {"source": "crm"}), ("clock.accepted", {}),
                ("figure.given", {"figure": "rank", "as": "rank", "period": "2025", "value": 3}),
                ("customer.forgotten", {"customer": "cust-0001"})):
            story.send("10:08", event(type, data=data))
        duty = {"duty": "training", "unit": "xj/yining", "period": "2025"}
        opened = story.send("10:09", event("duty.opened", data={**duty, "due": "2025-12-31"}))
        subject = "training/xj/yining/2025"
        assert story.case(subject)["case"] == opened["case"]
        story.send("10:10", event("duty.progressed", data={**duty, "done": 1, "total": 2}))
        assert story.case(subject)["state"] == "open"
        story.send("10:11", event("duty.progressed", data={**duty, "done": 2, "total": 2}))
        assert story.case(subject)["state"] == "closed"


def test_who_acted_stands_in_the_history_of_every_event():
    with Told() as story:
        story.send("10:00", complaint("k"))
        for hour, type, data in [
                ("10:01", "case.assigned", {"unit": "xj/urumqi/d3"}),
                ("10:02", "case.paused", {"reason": "customer"}),
                ("10:03", "case.resumed", {"reason": "customer"}),
                ("10:04", "case.amended", {"product": "loan"}),
                ("10:05", "case.decided", {"outcome": "upheld"}),
                ("10:06", "case.closed", {"resolution": "refunded"}),
                ("10:07", "case.reopened", {"reason": "again"}),
                ("10:08", "case.withdrawn", {})]:
            story.tell(hour, type, "k", by=f"anna-{hour}", **data)
            last = [row for row in story.case("k")["history"] if row["what"] == "event"][-1]
            assert (last["type"], last["by"]) == (type, f"anna-{hour}"), last
        journal = story.desk.call("journal.read", min_seq=story.seq)["rows"]
        assert [row.get("by") for row in journal][-2:] == ["anna-10:07", "anna-10:08"], journal
        story.refused("10:09", "case.noted", "k", code="bad_type", by=7, text="t")
        assert "by" not in journal[0], journal[0]


def test_policies_match_anew_by_the_respondent_and_match_a_contact():
    with Daemon(start=False, args=["--clock", "events"]) as daemon:
        daemon.write_config(configuration(daemon.folder).replace("  - name: default\n", """\
  - {name: of-urumqi, match: {kind: complaint, respondent: xj/urumqi}}
  - {name: of-a-call, match: {kind: complaint, contact: call-7}}
  - name: default
"""))
        daemon.start()
        story = Story(daemon)
        story.send("10:00", complaint("k"))
        assert story.case("k")["policy"] == "default"
        story.tell("10:01", "case.amended", "k", respondent="xj/urumqi")
        assert story.case("k")["policy"] == "of-urumqi"
        assert story.case("k")["respondent"] == "xj/urumqi"
        story.tell("10:02", "case.amended", "k", respondent="xj/urumqi/d3", contact="call-7")
        assert story.case("k")["policy"] == "of-a-call"
        story.send("10:03", complaint("m", contact="call-7"))
        assert story.case("m")["policy"] == "of-a-call"
        assert story.case("m")["attributes"]["contact"] == "call-7"
        story.tell("10:04", "case.closed", "m", resolution="refunded")
        assert story.case("m")["attributes"]["resolution"] == "refunded"


if __name__ == "__main__":
    run(globals())
