#!/usr/bin/python3
"""What comes late, by hand or a second time: redress-events(7)."""
from harness import run
from office import Office

STATUTORY = """\
  - name: all
    match: {product: "!loan"}
    clocks:
      - {name: law, limit: 10d, stop: decided, statutory: true, pause_reasons: [doc]}
      - {name: own, limit: 30h, stop: decided}
  - name: loans
    match: {}
    clocks: [{name: short, limit: 2d, stop: decided}]
clocks: [{name: aged, match: {age: ">=60"}, stop: decided, limit: 24h}]
"""


def clocks(office, subject):
    return {row["clock"]: row for row in office.case(subject)["clocks"]}


def breaches(office, subject):
    return [(row["clock"], row["time"]) for row in office.alerts(subject)
            if row["type"] == "clock.breach" and "repeated" not in row]


def test_a_pause_holds_no_clock_that_was_due_when_it_began():
    with Office(STATUTORY) as office:
        office.open("03 10:00", "a")
        office.send("10 10:00", "case.paused", "a", reason="doc")
        assert clocks(office, "a")["law"]["state"] == "paused"
        office.send("11 10:00", "case.amended", "a", received=office.at("01 10:00"))
        assert clocks(office, "a")["law"]["state"] == "paused"  # due with the day on which it began
        assert "due" not in clocks(office, "a")["law"]
        office.send("11 11:00", "case.amended", "a", received="2026-02-24T10:00:00Z")
        law = clocks(office, "a")["law"]
        assert (law["state"], law["due"]) == ("breached", office.at("07 00:00")), law
        assert ("law", office.at("11 11:00")) in breaches(office, "a")
        rows = office.desk.call("case.list", overdue=True, min_seq=office.seq)["rows"]
        assert [row["subject"] for row in rows] == ["a"], rows
        assert office.desk.call("check")["faults"] == 0


def test_nor_one_that_another_policy_or_a_common_clock_brings():
    with Office(STATUTORY) as office:
        office.open("02 10:00", "b")
        office.open("02 10:00", "c")
        for subject in "bc":
            office.send("03 11:00", "case.paused", subject, reason="doc")
            assert clocks(office, subject)["own"]["state"] == "paused"
        office.send("09 10:00", "case.amended", "b", product="loan")
        assert clocks(office, "b")["short"]["state"] == "paused"  # due on the 4th, after it began
        office.send("09 10:00", "case.amended", "c", age=70)
        aged = clocks(office, "c")["aged"]
        assert (aged["state"], aged["due"]) == ("breached", office.at("03 10:00")), aged
        assert breaches(office, "c") == [("aged", office.at("09 10:00"))]
        office.send("10 10:00", "case.resumed", "c", reason="doc")
        assert len(breaches(office, "c")) == 1
        assert clocks(office, "c")["own"]["due"] == office.at("10 15:00")  # the pause held this one
        assert office.desk.call("check")["faults"] == 0


# what the match names, the events that bring it, when a clock of five days is due by it
BROUGHT = [
    ("valid: true", "received", [("case.verified", {"valid": True, "by": "li"})]),
    ("outcome: upheld", "decided", [("case.decided", {"outcome": "upheld"})]),
    ("decided_amount: \">100\"", "decided",
     [("case.decided", {"outcome": "upheld", "amount": 200, "currency": "CNY"})]),
    ("cause: advice", "cause_found", [("case.cause_found", {"cause": "advice", "unit": "firm"})]),
    ("mediation_body: court", "mediation_called", [("case.mediation_called", {"body": "court"})]),
    ("settled_amount: \">1\"", "mediation_settled",
     [("case.mediation_called", {"body": "court"}), ("case.mediation_accepted", {"by": "body"}),
      ("case.mediation_settled", {"amount": 5, "currency": "CNY"})]),
    ("satisfied: false", "received",
     [("case.decided", {"outcome": "upheld"}), ("case.surveyed", {"satisfied": False, "by": "li"})]),
]


def test_whatever_event_brings_what_a_match_names():
    rows = [f"  - {{name: c{i}, match: {{{match}}}, start: {start}, limit: 5d}}\n"
            for i, (match, start, _) in enumerate(BROUGHT)]
    rules = """\
  - name: valid
    match: {valid: true}
  - name: all
    match: {}
    clocks: [{name: answer, limit: 9d}]
clocks:
  - {name: told, match: {resolution: paid}, start: closed, stop: sanctioned, limit: 5d,
     outlives_close: true}
"""
    with Office(rules + "".join(rows)) as office:
        for i, (_, _, events) in enumerate(BROUGHT):
            subject = f"b{i}"
            office.open("02 10:00", subject)
            assert list(clocks(office, subject)) == ["answer"], subject
            for type, data in events:
                office.send("02 10:00", type, subject, **data)
            assert clocks(office, subject)[f"c{i}"]["due"] == office.at("08 00:00"), BROUGHT[i]
        assert office.case("b0")["policy"] == "valid"  # policies follow as common clocks do
        office.send("02 11:00", "case.verified", "b0", valid=False, by="li")
        assert list(clocks(office, "b0")) == ["answer"]
        office.send("02 12:00", "case.closed", "b0", resolution="paid")
        assert clocks(office, "b0")["told"]["due"] == office.at("08 00:00")
        office.send("02 12:30", "case.verified", "b0", valid=True, by="li")
        assert list(clocks(office, "b0")) == ["answer", "told"]  # closed: attributes and figures alone


LADDER = """\
  - name: all
    match: {}
    ladder:
      until: decided
      rungs:
        - {notify: [unit], severity: high, ack_within: 1h, renotify: {every: 20m, times: 2}}
        - {after: 2h, notify: [parent], severity: high}
        - {after: 270m, notify: [parent], severity: critical}
"""


def test_a_rung_sent_by_hand_below_one_that_fired_notifies_again():
    with Office(LADDER) as office:
        office.open("02 10:00", "again")
        office.until("02 12:30")
        before = len(office.told("again"))
        office.send("02 13:00", "case.escalated", "again", by="li", reason="no word", to=1)
        office.until("02 14:00")
        assert office.told("again")[before:] == [
            ("ladder.rung", 1, "north", "02 13:00"), ("ladder.renotify", 1, "north", "02 13:20"),
            ("ladder.renotify", 1, "north", "02 13:40")]  # the rung after it had fired before
        office.send("02 14:15", "case.escalated", "again", by="li", reason="no word", to=1)
        office.until("02 16:00")
        assert office.told("again")[before + 3:] == [
            ("ladder.rung", 1, "north", "02 14:15"), ("ladder.rung", 3, "firm", "02 14:30")]
        office.send("02 16:10", "case.escalated", "again", by="li", reason="no word", to=1)
        office.send("02 16:20", "alert.acknowledged", by="li", alert=office.alerts("again")[-1]["seq"])
        office.until("02 17:00")
        assert len(office.told("again")) == before + 6  # answered: nothing more
        assert office.desk.call("check")["faults"] == 0


def test_a_rung_that_there_is_not_is_told_as_such():
    with Office(LADDER) as office:
        office.open("02 10:00", "slip")
        office.send("02 10:10", "case.escalated", "slip", by="li", reason="no word", to=99)
        (told,) = [row for row in office.alerts("slip") if row["type"] == "ladder.exhausted"]
        assert {"code": "no_rung", "points": 0, "detail": "rung 99 of 3"} in told["reasons"], told
        office.until("02 12:30")
        assert ("ladder.rung", 2, "firm", "02 11:00") in office.told("slip")  # the ladder goes on


def test_an_answer_that_comes_late_is_refused_and_says_what_to_send():
    with Office("  - {name: all, match: {}}\n") as office:
        office.open("02 10:00", "k")
        for hour, question in ((11, "where?"), (15, "when?")):
            office.send("02 10:05", "case.chased", "k", by="zhao", question=question, asker="south",
                        answer_by=office.time(f"02 {hour}:00"))
        office.until("02 12:00")

        def states():
            rows = office.desk.call("chase.list", min_seq=office.seq)["rows"]
            return [row["state"] for row in rows]

        assert states() == ["missed", "owed"]
        office.send("02 12:10", "case.answered", "k", by="li", text="tomorrow")
        assert states() == ["missed", "answered"]  # what is still waited for goes first
        refused = office.refuse("02 12:20", "case.answered", "k", by="li", text="at the court")
        assert refused["code"] == "illegal_transition" and "case.noted" in refused["message"], refused
        office.send("02 12:20", "case.noted", "k", by="li", text="at the court")
        assert states() == ["missed", "answered"]
        answers = [row for row in office.alerts("k") if row["type"] == "case.answered"]
        assert [(row["unit"], row["reasons"][0]["detail"]) for row in answers] == [
            ("firm/south", "tomorrow")], answers
        assert len([row for row in office.alerts("k") if row["type"] == "case.unanswered"]) == 2


run(globals())
