#!/usr/bin/python3
"""What is claimed, decided and settled, and the two bodies: no event overwrites another's."""
from harness import Daemon, run
from office import Office

RULES = """\
  - name: large
    match: {kind: complaint, decided_amount: ">=1000"}
    clocks: [{name: pay, start: decided, stop: closed, limit: 5d}]
  - name: called
    match: {kind: complaint, mediation_body: center}
    clocks: [{name: attend, stop: closed, limit: 9d}]
  - name: all
    match: {}
"""


def attributes(office, subject):
    return office.case(subject)["attributes"]


def test_three_sums_stand_beside_each_other():
    with Office(RULES) as office:
        office.open("02 10:00", "k", amount="5000.00", currency="CNY")
        office.send("02 10:10", "case.mediation_called", "k", body="center")
        office.send("02 10:20", "case.mediation_accepted", "k", by="body")
        office.send("02 10:30", "case.mediation_settled", "k", amount="1200.50", currency="USD")
        office.send("02 10:40", "case.decided", "k", outcome="settled", amount="900", currency="EUR",
                    paid_for="goodwill", accommodation=True)
        found = attributes(office, "k")
        assert (found["amount"], found["currency"]) == ("5000.00", "CNY"), found
        assert (found["settled_amount"], found["settled_currency"]) == ("1200.50", "USD"), found
        assert (found["decided_amount"], found["decided_currency"]) == ("900.00", "EUR"), found
        assert found["mediation_body"] == "center" and "body" not in found, found
        office.send("02 10:50", "case.amended", "k", amount="6000.00")
        found = attributes(office, "k")
        assert (found["amount"], found["decided_amount"]) == ("6000.00", "900.00"), found


def test_a_second_decision_replaces_the_first_whole():
    with Office(RULES) as office:
        office.open("02 10:00", "k", amount="50")
        office.send("02 10:10", "case.decided", "k", outcome="upheld", amount="40", currency="CNY",
                    paid_for="refund", liable=True)
        office.send("02 10:20", "case.decided", "k", outcome="rejected")
        found = attributes(office, "k")
        assert found["outcome"] == "rejected" and found["amount"] == "50.00", found
        gone = {"decided_amount", "decided_currency", "paid_for", "liable"} & set(found)
        assert not gone, found
        kept = [row for row in office.case("k")["history"] if row.get("type") == "case.decided"]
        assert len(kept) == 2, kept


def test_the_regulators_body_is_not_the_mediators():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        office.send("02 10:10", "case.forwarded", "k", body="nfra", ref="L-1")
        office.send("02 10:20", "case.mediation_called", "k", body="center")
        office.send("02 10:30", "case.forwarded", "k", body="bureau", ref="L-2")
        found = attributes(office, "k")
        assert (found["body"], found["ref"], found["mediation_body"]) == ("bureau", "L-2", "center")


def test_matchers_see_each():
    with Office(RULES) as office:
        office.open("02 10:00", "k", amount="9000")
        office.send("02 10:10", "case.decided", "k", outcome="upheld", amount="1000")
        office.send("02 10:20", "case.reapplied", "k", reason="r")
        assert office.case("k")["policy"] == "large"
        office.open("02 10:00", "m", amount="9000")
        office.send("02 10:10", "case.mediation_called", "m", body="center")
        office.send("02 10:20", "case.reapplied", "m", reason="r")
        assert office.case("m")["policy"] == "called"


def test_they_are_no_keys_of_events():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        receipt = office.send("02 10:10", "case.amended", "k", decided_amount="7", product="loan")
        assert receipt["ignored"] == ["data.decided_amount"], receipt
        assert "decided_amount" not in attributes(office, "k")


TREE = """\
units:
  id: firm
  calendar: office
  authority: "100000"
  units: [{id: north, authority: "500.00"}, {id: south}]
calendars:
  office: {timezone: UTC, hours: [{days: mon-fri, open: ["09:00-17:00"]}]}
policies: [{name: all, match: {}}]
alerts: {language: en}
"""


class Tree(Office):
    def __init__(self):
        self.daemon = Daemon(start=False, args=["--clock", "events"], units="", rules=TREE)
        self.seq = 0


def test_authority_is_of_the_decided_sum():
    with Tree() as office:
        office.open("02 10:00", "a", amount="90000")  # what is claimed is nobody's authority
        office.send("02 10:10", "case.decided", "a", outcome="upheld", amount="500.00")
        office.open("02 10:00", "b", amount="1")
        office.send("02 10:10", "case.decided", "b", outcome="upheld", amount="500.01", currency="CNY")
        office.open("02 10:00", "c", unit="south")  # where any unit has one, it has none
        office.send("02 10:10", "case.decided", "c", outcome="upheld", amount="0.01")
        told = [row for row in office.alerts() if row["type"] == "case.over_authority"]
        assert [(row["subject"], row["unit"]) for row in told] == [("b", "firm"), ("c", "firm")]
        assert "500.01 CNY" in told[0]["title"], told[0]


run(globals())
