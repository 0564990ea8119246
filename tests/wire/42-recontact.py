#!/usr/bin/python3
"""A customer who comes again while cases of his are open; texts of later events; outside scores."""
import office
from harness import Daemon, at, event, run

OFFICE = """\
units:
  id: firm
  calendar: office
  units: [{id: north}, {id: south}]
calendars:
  office: {timezone: UTC, hours: [{days: mon-sun, open: ["00:00-23:59"]}]}
assessment:
  rules:
    - {code: loud, match: {channel: press}, points: 60}
    - {code: press, match: {text: "~newspaper"}, points: 60, actions: [call the press desk]}
    - {code: old, match: {age: ">=60"}, points: 60}
  lexicons: [{code: threat, terms: {lawyer: 30, regulator: 60}}]
  ignore: {customer: [anonymous]}
  EXTRA
policies:
  - name: again
    match: {product: gold, recontacts: ">=3"}
    clocks: [{name: answer, stop: decided, limit: 30d}]
  - name: all
    match: {}
    clocks:
      - {name: talk, start: received, stop: customer_contacted, limit: 3h}
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: info, ack_within: 30m}
        - {after: 2h, notify: [parent], severity: high}
alerts: {language: en}
"""


class Office(office.Office):
    """The same, open day and night, with rules that assess."""

    def __init__(self, extra=""):
        self.daemon = Daemon(start=False, args=["--clock", "events"], units="",
                             rules=OFFICE.replace("EXTRA", extra))
        self.seq = 0

    def open(self, time, subject, kind="complaint.registered", unit="north", **data):
        return self.send(time, kind, subject,
                         **{"customer": "c-1", "channel": "web", "unit": unit, **data})

    def call(self, time, subject, **data):
        return self.open(time, subject, "contact.received", **data)

    def case(self, number):
        return self.desk.call("case.get", case=number, min_seq=self.seq)

    def told(self, type, subject):
        rows = self.desk.call("feed.replay", after=0, limit=1000, min_seq=self.seq)["rows"]
        return [row for row in rows if row["type"] == type and row.get("subject") == subject]


def when(text):
    return f"2026-03-{text.replace(' ', 'T')}:00Z"


def numbers(receipt):
    return [one["case"] for one in receipt.get("open_cases", [])]


def test_the_receipt_lists_what_is_open():
    with Office() as office:
        first = office.open("02 10:00", "K-1", handler="li")
        assert "open_cases" not in first
        office.send("02 11:00", "case.customer_contacted", "K-1", by="wang", text="soon")
        told = office.call("02 12:00", "call-1")  # below every level: it opens nothing
        assert "case" not in told and told["warning"]["level"] == "none"
        assert told["open_cases"] == [{
            "case": first["case"], "subject": "K-1", "unit": "firm/north", "handler": "li",
            "state": "handling", "level": "none", "opened": at(when("02 10:00")),
            "last_contact": at(when("02 11:00")), "by": "wang", "overdue": False}]
        again = office.open("02 12:10", "K-2", unit="south", contract="k")
        assert numbers(again) == [first["case"]]
        late = office.call("02 16:00", "call-2")
        assert [(one["case"], one["overdue"]) for one in late["open_cases"]] == [
            (first["case"], False), (again["case"], True)]
        assert "handler" not in late["open_cases"][1] and "by" not in late["open_cases"][1]
        assert "open_cases" not in office.call("02 16:01", "call-3", customer="c-2")
        office.send("02 16:02", "case.closed", "K-1", resolution="done")
        assert numbers(office.call("02 16:03", "call-4")) == [again["case"]]
        office.send("02 16:04", "case.reopened", "K-1", reason="not done")
        assert numbers(office.call("02 16:05", "call-5")) == [first["case"], again["case"]]
        asked = office.desk.call("event.check", min_seq=office.seq, event=event(
            "contact.received", "call-6", time=when("02 16:06"),
            data={"customer": "c-1", "channel": "web", "unit": "south"}))
        assert numbers(asked["receipt"]) == [first["case"], again["case"]]
        assert office.case(first["case"])["recontacts"] == 4  # the question counts for nothing


def test_duties_and_nobody_have_no_open_cases():
    with Office() as office:
        office.send("02 10:00", "duty.opened", duty="audit", unit="north", due="2026-03-20")
        office.open("02 10:01", "K-1", customer="anonymous")
        assert "open_cases" not in office.call("02 10:02", "call-1", customer="anonymous")


def merge_away(office):
    """c-2's complaint goes on in c-1's, which goes on in another of c-1's."""
    first = office.open("02 10:00", "K-1", contract="k-1")["case"]
    second = office.open("02 10:01", "K-2", contract="k-2")["case"]
    office.open("02 10:02", "K-3", customer="c-2")
    office.send("02 10:03", "case.merged", "K-3", into=first, reason="spouses")
    office.send("02 10:04", "case.merged", "K-1", into=second, reason="the same matter")
    return second


def test_who_was_merged_away_has_the_case_that_goes_on():
    with Office("recontact: {merged: followed}") as office:
        goes_on = merge_away(office)
        assert office.case(goes_on)["recontacts"] == 0
        assert numbers(office.call("02 11:00", "call-1", customer="c-2")) == [goes_on]
        assert office.told("case.recontact", "K-2")[0]["unit"] == "firm/north"
        assert numbers(office.call("02 11:01", "call-2")) == [goes_on]  # his own, and once
        loud = office.call("02 11:02", "call-3", customer="c-2", channel="press")
        assert loud["case"] > goes_on and numbers(loud) == [goes_on]  # no contact joins it
        own = office.open("02 11:03", "K-4", customer="c-2", contract="k-4")
        assert numbers(own) == [goes_on] and own["case"] > goes_on
        office.send("02 11:04", "case.reopened", "K-3", reason="it stands by itself now")
        own = {own["case"], 3}
        assert set(numbers(office.call("02 11:05", "call-4", customer="c-2"))) == own
        office.send("02 11:06", "case.merged", "K-3", into=goes_on, reason="again")
        office.send("02 11:07", "case.closed", "K-2", resolution="done")
        assert set(numbers(office.call("02 11:08", "call-5", customer="c-2"))) == own - {3}


def test_apart_is_what_a_merged_customer_is_by_default():
    with Office() as office:
        goes_on = merge_away(office)
        assert "open_cases" not in office.call("02 11:00", "call-1", customer="c-2")
        assert numbers(office.call("02 11:01", "call-2")) == [goes_on]


def test_eight_are_told_and_no_more():
    with Office() as office:
        opened = [office.open(f"02 10:{n:02}", f"K-{n}", contract=f"k-{n}")["case"]
                  for n in range(10)]
        assert numbers(office.call("02 11:00", "call-1")) == opened[:8]
        assert [office.case(n)["recontacts"] for n in (opened[0], opened[7], opened[8])] == [10, 3, 0]
        joined = office.call("02 11:01", "call-2", channel="press", contract="k-9")
        assert joined["case"] == opened[9] and numbers(joined) == opened[:8]
        assert [office.case(n)["recontacts"] for n in opened[7:]] == [4, 0, 1]


def test_each_holder_is_told():
    with Office() as office:
        office.open("02 10:00", "K-1")
        office.call("02 11:00", "call-1")
        office.call("03 11:00", "call-2")
        office.call("12 11:00", "call-3", channel="press", contract="other")
        rows = office.told("case.recontact", "K-1")
        assert [(row["unit"], row["severity"], row["count"]) for row in rows] == [
            ("firm/north", "info", 1), ("firm/north", "warning", 2), ("firm/north", "high", 3)]
        assert rows[2]["reasons"][0]["code"] == "loud"
        history = [row for row in office.case(1)["history"] if row.get("note") == "call-1"]
        assert [(row["what"], row["type"]) for row in history] == [
            ("recontact", "contact.received")]


def test_a_case_is_matched_again_where_policies_count():
    with Office() as office:
        opened = office.open("02 10:00", "K-1", product="gold")["case"]
        office.call("02 11:00", "call-1")
        office.call("02 11:01", "call-2")
        assert office.case(opened)["policy"] == "all"
        office.call("02 11:02", "call-3")
        assert office.case(opened)["policy"] == "again"


def test_a_second_call_joins_the_complaint_and_begins_its_ladder():
    with Office() as office:
        opened = office.open("02 10:00", "K-1", contract="k")["case"]
        office.send("02 10:10", "case.acknowledged", "K-1", by="li")
        joined = office.call("02 11:00", "call-1", channel="press")
        assert joined["case"] == joined["warning"]["case"] == opened
        case = office.case(opened)
        assert (case["level"], case["contacts"], case["state"]) == ("high", 1, "handling")
        rungs = office.told("ladder.rung", "K-1")
        assert [row["severity"] for row in rungs] == ["info", "high"]  # raised by the level
        raised = office.told("warning.raised", "K-1")
        assert [row["severity"] for row in raised] == ["high"]
        assert joined["warning"]["alert"] == raised[0]["seq"]
        # its subject is an alias, and an acknowledgement of the new alert acknowledges the case
        office.send("02 11:05", "alert.acknowledged", alert=rungs[1]["seq"], by="li")
        assert office.case(opened)["ladder"]["state"] == "stopped"
        assert office.send("02 11:06", "case.noted", "call-1", by="li", text="hm")["case"] == opened
        # once in 24 hours
        office.call("03 10:59", "call-2", channel="press")
        assert office.case(opened)["ladder"]["state"] == "stopped"
        office.call("03 11:00", "call-3", channel="press")
        assert len(office.told("ladder.rung", "K-1")) == 3
        other = office.call("03 12:00", "call-4", channel="press", contract="k-2")
        assert other["case"] != opened and numbers(other) == [opened]
        joined = office.call("03 12:01", "call-5", channel="press", contract="k-2")
        assert joined["case"] == other["case"]  # an open contact before a complaint
        joined = office.call("03 12:02", "call-6", channel="press", contract="k")
        assert joined["case"] == opened  # that contact is about another contract


def test_no_complaint_is_joined_where_the_rules_say_so():
    with Office("recontact: {joins: contact}") as office:
        opened = office.open("02 10:00", "K-1")["case"]
        own = office.call("02 11:00", "call-1", channel="press")
        assert own["case"] != opened and numbers(own) == [opened]
        assert office.call("02 11:01", "call-2", channel="press")["case"] == own["case"]


def test_texts_of_later_events_raise_the_level():
    with Office() as office:
        opened = office.open("02 10:00", "K-1", age=70)["case"]
        assert office.case(opened)["level"] == "high"
        plain = office.open("02 10:01", "K-2", customer="c-2")["case"]
        found = office.send("02 10:02", "case.noted", "K-2", by="li", text="he names a lawyer")
        assert (found["warning"]["level"], found["warning"]["score"]) == ("watch", 30)
        assert found["warning"]["case"] == plain and found["warning"]["reasons"][0]["code"] == "threat"
        raised = office.told("warning.raised", "K-2")
        assert [row["severity"] for row in raised] == ["warning"]
        assert found["warning"]["alert"] == raised[0]["seq"]
        assert office.case(plain)["score"] == 0
        again = office.send("02 10:03", "case.noted", "K-2", by="li", text="a lawyer again")
        assert again["warning"]["level"] == "watch" and "alert" not in again["warning"]
        office.send("02 10:04", "case.closed", "K-2", resolution="done")
        over = office.send("02 10:05", "case.noted", "K-2", by="li", text="the newspaper called")
        assert over["warning"]["level"] == "high" and office.case(plain)["level"] == "watch"
        back = office.send("02 10:06", "case.reopened", "K-2", reason="the regulator wrote")
        assert back["warning"]["level"] == "high" and office.case(plain)["level"] == "high"
        assert len(office.told("warning.raised", "K-2")) == 2
        # rules that do not look at texts have no part in it
        told = office.send("02 10:07", "case.noted", "K-1", by="li", text="nothing")
        assert (told["warning"]["level"], told["warning"]["reasons"]) == ("none", [])


def test_the_text_of_a_call_raises_what_it_does_not_join():
    with Office() as office:
        opened = office.open("02 10:00", "K-1", contract="a")["case"]
        office.call("02 10:01", "call-1", text="my lawyer", contract="b")
        assert office.case(opened)["level"] == "watch"
        office.call("02 10:02", "call-2", channel="press", contract="b")  # no word in it
        assert office.case(opened)["level"] == "watch"


def test_scores_from_outside_are_points():
    extra = "external: [{code: anger, attribute: attributes.anger, scale: {from: 20, to: 90}, cap: 30}]"
    with Office(extra) as office:
        def weigh(subject, value):
            warning = office.call("02 10:00", subject, attributes={"anger": value})["warning"]
            return [(one["code"], one["points"]) for one in warning["reasons"]]
        assert weigh("a", 20) == [] and weigh("b", -5) == []
        assert weigh("c", 55) == [("anger", 15)]
        assert weigh("d", 57) == [("anger", 15)]  # 15.86
        assert weigh("e", 4000000000) == [("anger", 30)]
        assert weigh("f", "90") == [] and weigh("g", True) == []


run(globals())
