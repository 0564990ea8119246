#!/usr/bin/python3
"""Every type of event once, and what it changes, as the desk tells it."""
import datetime

from harness import Daemon, at, complaint, contact, event, run

RULES = """\
assessment:
  rules:
    - {code: regulator, match: {channel: [regulator]}, points: 60}
    - {code: risky, match: {contract.screened: high}, points: 35}
  notices: [{code: tout-fraud, text: Beware, written: true, match: {kind: complaint}}]
policies:
  - name: amended
    match: {kind: complaint, product: gold}
    clocks: [{name: answer, start: received, stop: decided, limit: 8h},
             {name: extra, start: received, stop: closed, limit: 9h}]
    ladder: {until: decided, rungs: [{after: 0m, notify: [unit], severity: info}]}
  - name: complaint
    match: {kind: complaint}
    clocks:
      - {name: answer, start: received, stop: decided, limit: 4h, restart_on: facts_added,
         extensions: [{limit: 6h}]}
      - {name: touch, start: received, stop: customer_contacted, limit: 2h}
      - {name: letter, due: answer_by, stop: decided, statutory: true}
      - {name: fine, start: decided, when: {liable: true}, stop: sanctioned, limit: 30d,
         outlives_close: true}
      - {name: mend, start: cause_found, stop: rectified, limit: 5d, outlives_close: true}
      - {name: pay, start: mediation_settled, stop: mediation_executed, limit: 3d,
         outlives_close: true}
      - {name: talk, start: panel_opened, stop: panel_concluded, limit: 1d}
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: info, ack_within: 50m}
        - {after: 1h, notify: [parent], severity: warning}
  - name: rest
    match: {}
    clocks: [{name: defuse, start: received, stop: closed, limit: 1h}]
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: high}]}
alerts: {language: en}
supervision: {transfers: 1}
"""
BEGIN = at("2025-03-03T10:00:00+08:00")


class Story:
    """A daemon whose time goes on by a second with every event."""

    def __init__(self):
        self.daemon = Daemon(rules=RULES, args=["--clock", "events"])
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        self.now, self.seq = BEGIN, 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def take(self, made):
        self.now += datetime.timedelta(seconds=1)
        receipt = self.intake.accept({**made, "time": self.now})
        self.seq = receipt["seq"]
        return receipt

    def tell(self, type, subject, **data):
        """Sends it; the case after it."""
        receipt = self.take(event(type, subject=subject, data=data))
        case = self.case(subject)
        assert receipt["case"] == case["case"], (receipt, case["case"])
        last = [row for row in case["history"] if row["what"] == "event"][-1]
        assert (last["type"], last["seq"], last["time"]) == (type, self.seq, self.now), last
        return case

    def case(self, subject):
        return self.desk.call("case.get", subject=subject, min_seq=self.seq)

    def told(self, subject):
        return [row["type"] for row in self.case(subject)["alerts"]]


def clocks(case):
    return {one["clock"]: one["state"] for one in case["clocks"]}


def clock(case, name):
    return [one for one in case["clocks"] if one["clock"] == name][0]


def test_too_much_of_one_kind_refuses_nothing_else():
    with Story() as story:
        story.take(complaint("k"))
        told = [event("case.sanctioned", subject="k", time=story.now, data={"person": f"p-{i}", "role": "seller", "measure": "warning"})
                for i in range(65)]
        receipts = story.intake.send(*told)
        assert {one["status"] for one in receipts[:64]} == {"accepted"}, receipts
        assert receipts[64]["error"]["code"] == "illegal_transition", receipts[64]
        assert "64" in receipts[64]["error"]["message"], receipts[64]
        story.take(event("case.decided", subject="k", data={"outcome": "upheld"}))


def test_a_complaint_through_all_its_events():
    with Story() as story:
        tell = story.tell
        story.take(complaint("k", amount="100.50", currency="CNY", attributes={"vip": True}))
        opened = story.now
        case = story.case("k")
        assert (case["state"], case["kind"], case["policy"]) == ("open", "complaint", "complaint"), case
        assert case["attributes"]["amount"] == "100.50", case["attributes"]
        assert case["attributes"]["attributes"] == {"vip": True}, case["attributes"]
        assert case["opened"] == case["received"] == opened, case
        assert clocks(case) == {"answer": "running", "touch": "running", "letter": "waiting",
                                "fine": "waiting", "mend": "waiting", "pay": "waiting",
                                "talk": "waiting"}, clocks(case)
        assert case["notices"] == [{"code": "tout-fraud", "given": False}], case["notices"]
        assert [row["code"] for row in story.desk.rows("notice.list")] == ["tout-fraud"]
        assert [row["rung"] for row in story.desk.rows("feed.unacked", unit="xj")] == [1]

        case = tell("case.assigned", "k", unit="xj/urumqi/d3", handler="wang")
        assert (case["state"], case["transfers"]) == ("assigned", 0), case
        assert case["attributes"]["handler"] == "wang", case["attributes"]
        assert tell("case.joined", "k", by="boss", role="supervisor")["state"] == "assigned"
        assert tell("case.noted", "k", by="a", text="seen")["state"] == "assigned"
        case = tell("case.acknowledged", "k", by="wang")
        assert (case["state"], case["ladder"]["state"]) == ("handling", "stopped"), case
        assert story.desk.rows("feed.unacked", unit="xj") == []
        case = tell("case.customer_contacted", "k", by="wang", text="called")
        assert clocks(case)["touch"] == "stopped", clocks(case)
        case = tell("case.facts_added", "k", text="a letter")
        assert clock(case, "answer")["due"] == story.now + datetime.timedelta(hours=4)
        start = story.now
        case = tell("case.extended", "k", clock="answer", approved_by="parent", reason="hard")
        assert clock(case, "answer")["due"] == start + datetime.timedelta(hours=6)
        case = tell("case.paused", "k", reason="customer")
        assert case["paused"] is True and clock(case, "answer")["paused"] is True, case["clocks"]
        assert [one["reason"] for one in case["pauses"] if "end" not in one] == ["customer"]
        case = tell("case.resumed", "k", reason="customer")
        assert case["paused"] is False and case["pauses"][0]["end"] == story.now, case["pauses"]
        assert clock(case, "answer")["due"] == start + datetime.timedelta(hours=6, seconds=1)
        case = tell("case.panel_opened", "k", participants=["a", "b"])
        assert clocks(case)["talk"] == "running", clocks(case)
        assert clocks(tell("case.panel_concluded", "k", opinion="pay"))["talk"] == "stopped"
        case = tell("case.forwarded", "k", body="nfra", ref="2025-17", answer_by="2025-03-20")
        assert case["regulator"] is True and case["attributes"]["ref"] == "2025-17", case
        assert clock(case, "letter")["due"] == at("2025-03-21T00:00:00+08:00"), clock(case, "letter")
        assert clock(case, "letter")["class"] == "statutory"
        case = tell("case.amended", "k", issue="sales", respondent="xj/yining")
        assert case["attributes"]["issue"] == "sales" and case["respondent"] == "xj/yining", case
        assert case["policy"] == "complaint"
        case = tell("case.escalated", "k", by="a", reason="press")
        assert case["rung"] == 2 and story.told("k")[-1] == "ladder.rung", story.told("k")
        case = tell("case.cause_found", "k", cause="script", unit="xj/yining")
        assert clocks(case)["mend"] == "running"
        duty = [row for row in story.desk.rows("case.list", kind="duty")]
        assert [row["unit"] for row in duty] == ["xj/yining"], duty
        assert clocks(tell("case.rectified", "k", measure="taught", by="a"))["mend"] == "stopped"

        tell("case.mediation_called", "k", body="m", required=True)
        tell("case.mediation_accepted", "k", by="customer")
        case = tell("case.mediation_accepted", "k", by="body")
        assert [one["reason"] for one in case["pauses"] if "end" not in one] == ["mediation"], case
        case = tell("case.mediation_settled", "k", amount="50.00", currency="CNY")
        assert case["paused"] is False and clocks(case)["pay"] == "running", case["pauses"]

        case = tell("case.decided", "k", outcome="partly_upheld", liable=True)
        assert case["state"] == "decided" and case["attributes"]["outcome"] == "partly_upheld", case
        assert (clocks(case)["answer"], clocks(case)["fine"]) == ("stopped", "running"), clocks(case)
        case = tell("case.decided", "k", outcome="upheld", liable=True)
        assert case["attributes"]["outcome"] == "upheld", case["attributes"]
        case = tell("case.notice_given", "k", notice="tout-fraud", written=True)
        assert case["notices"] == [{"code": "tout-fraud", "given": True}], case["notices"]
        owed = [row for row in story.desk.rows("notice.list") if row["state"] == "owed"]
        assert owed == [], owed

        case = tell("case.closed", "k", resolution="paid")
        assert (case["state"], case["closed"]) == ("closed", story.now), case
        assert (clocks(case)["fine"], clocks(case)["pay"]) == ("running", "running"), clocks(case)
        assert case["ladder"]["state"] == "stopped"
        assert clocks(tell("case.sanctioned", "k", person="p", role="seller", measure="fine"))[
            "fine"] == "stopped"
        assert clocks(tell("case.mediation_executed", "k"))["pay"] == "stopped"
        case = tell("case.verified", "k", valid=True, by="a")
        assert case["attributes"]["valid"] is True, case["attributes"]
        assert tell("case.verified", "k", valid=False, by="b")["attributes"]["valid"] is False
        assert tell("case.review_requested", "k", text="again")["state"] == "open"
        case = tell("case.review_decided", "k", outcome="stands")
        assert case["state"] == "open" and case["reopened"] == 1, case
        case = tell("case.withdrawn", "k")
        assert case["state"] == "closed"
        case = tell("case.reopened", "k", reason="new facts")
        assert (case["state"], case["reopened"]) == ("open", 2), case
        assert story.desk.call("check")["faults"] == 0


def test_amended_matches_anew_and_reapplied_too():
    with Story() as story:
        story.take(complaint("k"))
        start = story.now
        case = story.tell("case.amended", "k", product="gold")
        assert case["policy"] == "amended", case["policy"]
        assert clock(case, "answer")["due"] == start + datetime.timedelta(hours=8), case["clocks"]
        assert clocks(case)["extra"] == "running", clocks(case)
        assert clocks(case).get("touch", "ended") == "ended", clocks(case)
        assert "clock.moved" in story.told("k")
        story.take(complaint("old", customer="k2"))
        text = story.daemon.config_path.read_text().replace("limit: 4h", "limit: 5h")
        story.daemon.write_config(text)
        assert "reloaded" in story.daemon.reload()
        start = story.case("old")["received"]
        case = story.tell("case.noted", "old", by="a", text="b")
        assert clock(case, "answer")["due"] == start + datetime.timedelta(hours=4), "keeps its policy"
        case = story.tell("case.reapplied", "old", reason="new rules")
        assert clock(case, "answer")["due"] == start + datetime.timedelta(hours=5), case["clocks"]


def test_assigned_elsewhere_and_bounced():
    with Story() as story:
        story.take(complaint("k"))
        story.tell("case.assigned", "k", unit="yining")
        case = story.tell("case.assigned", "k", unit="xj/urumqi/counter1")
        assert (case["unit"], case["transfers"]) == ("xj/urumqi/counter1", 2), case
        assert case["first"] == case["respondent"] == "xj/urumqi/d3", case
        rows = [row for row in case["alerts"] if row["type"] == "case.bounced"]
        assert [row["unit"] for row in rows] == ["xj/urumqi"], rows
        assert story.desk.rows("case.list", unit="xj/yining") == []
        assert story.desk.rows("feed.unacked", unit="xj/urumqi/d3") == []


def test_chased_and_answered():
    with Story() as story:
        story.take(complaint("k"))
        due = story.now + datetime.timedelta(minutes=10)
        story.tell("case.chased", "k", by="li", question="why", answer_by=due, unit="xj/urumqi/d3")
        assert "case.chased" in story.told("k")
        story.tell("case.answered", "k", by="wang", text="because")
        story.now = due + datetime.timedelta(minutes=1)
        story.tell("case.noted", "k", by="a", text="b")
        assert "case.unanswered" not in story.told("k"), story.told("k")
        due = story.now + datetime.timedelta(minutes=10)
        story.tell("case.chased", "k", by="li", question="why", answer_by=due)
        story.now = due + datetime.timedelta(minutes=1)
        case = story.tell("case.noted", "k", by="a", text="b")
        rows = [row for row in case["alerts"] if row["type"] == "case.unanswered"]
        assert {row["time"] for row in rows} == {due}, rows
        assert "~ops" in {row["unit"] for row in rows}, rows  # the asker has no unit of its own
        assert case["rung"] == 2, case["rung"]


def test_a_contact_defused_and_mediation_that_fails():
    with Story() as story:
        story.take(contact("c"))
        case = story.tell("case.defused", "c", by="wang", measure="explained")
        assert case["state"] == "closed" and clocks(case)["defuse"] in ("stopped", "ended"), case
        story.take(complaint("k", customer="k2"))
        story.tell("case.mediation_accepted", "k", by="body")
        case = story.tell("case.mediation_failed", "k")
        assert case["paused"] is False and case["pauses"][0]["reason"] == "mediation", case
        story.tell("case.mediation_called", "k", body="m")
        story.tell("case.mediation_declined", "k", by="firm")
        story.tell("case.mediation_called", "k", body="m")


def test_merged_and_forwarded_anew():
    with Story() as story:
        first = story.take(complaint("k-1"))["case"]
        story.take(complaint("k-2"))
        case = story.tell("case.merged", "k-2", into="k-1", reason="same")
        assert case["state"] == "closed", case["state"]
        assert story.case("k-1")["state"] == "open" and story.case("k-1")["case"] == first
        story.tell("case.forwarded", "f", body="nfra", ref="1", customer="k9", channel="letter",
                   unit="xj/yining", answer_by="2025-03-10")
        case = story.case("f")
        assert (case["kind"], case["regulator"], case["unit"]) == ("complaint", True, "xj/yining"), case
        refused = story.intake.send({**event("case.forwarded", subject="g", data={
            "body": "nfra", "ref": "1"}), "time": story.now})
        assert refused["status"] == "rejected", refused


def test_alert_acknowledged_is_the_cases_too():
    with Story() as story:
        story.take(complaint("k"))
        alert = story.desk.rows("feed.unacked", min_seq=story.seq)[0]["seq"]
        story.take(event("alert.acknowledged", data={"alert": alert, "by": "wang"}))
        case = story.case("k")
        assert case["state"] == "handling" and case["ladder"]["state"] == "stopped", case
        assert story.desk.rows("feed.unacked") == []
        # again, by somebody else: true, so it is taken
        story.take(event("alert.acknowledged", data={"alert": alert, "by": "zhao"}))


def test_screened_contracts_are_assessed_with_it():
    with Story() as story:
        before = story.take(contact("c-1", contract="p-1", customer="k1"))["warning"]["score"]
        story.take(event("contract.screened", data={"contract": "p-1", "risk": "high"}))
        after = story.take(contact("c-2", contract="p-1", customer="k2"))["warning"]
        assert (before, after["score"], after["level"]) == (60, 95, "critical"), after
        story.take(event("contract.screened", data={"contract": "p-1", "risk": "none"}))
        assert story.take(contact("c-3", contract="p-1", customer="k3"))["warning"]["score"] == 60


def test_duties():
    with Story() as story:
        duty = {"duty": "training", "unit": "xj/yining", "period": "2025"}
        opened = story.take(event("duty.opened", data={**duty, "due": "2025-12-31", "total": 3}))
        case = story.case("training/xj/yining/2025")
        assert (case["case"], case["kind"], case["state"]) == (opened["case"], "duty", "open"), case
        assert "duty.owed" in story.told("training/xj/yining/2025")
        again = story.intake.send({**event("duty.opened", data={**duty, "due": "2025-12-31"}),
                                   "time": story.now})
        assert again["error"]["code"] == "conflict", again
        story.take(event("duty.progressed", data={**duty, "done": 2, "total": 3}))
        case = story.case("training/xj/yining/2025")
        assert (case["state"], case["attributes"]["done"]) == ("open", 2), case
        story.take(event("duty.progressed", data={**duty, "done": 3, "total": 3}))
        assert story.case("training/xj/yining/2025")["state"] == "closed"
        # without a period it is the due date's year
        story.take(event("duty.opened", data={"duty": "meet", "unit": "xj", "due": "2026-03-31"}))
        assert story.case("meet/xj/2026")["unit"] == "xj"


def test_complaints_grow_contacts():
    with Story() as story:
        for i in (1, 2):
            story.take(contact(f"c-{i}", customer="k1"))
        story.take(contact("c-3", customer="k2"))
        story.take(complaint("c-3", customer="k2"))  # the contact's own subject
        new = story.case("c-3")
        assert new["kind"] == "complaint", new
        old = story.desk.call("case.get", case=2)
        assert (old["state"], old["grown_into"]) == ("grown", new["case"]), old
        receipt = story.take(complaint("k", customer="k1", contact="c-1"))
        assert story.case("c-1")["grown_into"] == receipt["case"]
        ledger = [row for row in story.desk.rows("contact.list", customer="k1")]
        assert ledger and all(row["complained"] for row in ledger), ledger


if __name__ == "__main__":
    run(globals())
