#!/usr/bin/python3
"""After the decision: the customer is called back; and who may decide so much."""
from clocks_office import Office
from harness import Daemon, complaint, configuration, event, run

POLICY = "  - {name: all, match: {}, clocks: [{name: answer, limit: 5bd, stop: decided}]}\n"


def test_who_is_not_satisfied_is_told_of():
    with Office(POLICY) as office:
        office.begin("2026-03-02T10:00:00Z")
        survey = {**event("case.surveyed", subject="K1", data={"by": "li", "satisfied": False, "score": 2}),
                  "time": "2026-03-03T10:00:00Z"}
        refused = office.intake.send(survey)
        assert refused["error"]["code"] == "illegal_transition", refused
        office.case("2026-03-03T11:00:00Z", "decided", outcome="rejected")
        office.case("2026-03-04T10:00:00Z", "surveyed", by="li", satisfied=True)
        office.case("2026-03-04T11:00:00Z", "closed", resolution="x")
        office.case("2026-03-05T10:00:00Z", "surveyed", by="li", satisfied=False, score=2)
        told = [(one["unit"], one["severity"]) for one in office.all_alerts()
                if one["type"] == "case.dissatisfied"]
        assert told == [("firm/north", "warning"), ("firm", "warning")], told
        case = office.desk.call("case.get", subject="K1", min_seq=office.seq)
        assert case["attributes"]["satisfied"] is False, case["attributes"]


def test_a_unit_without_an_authority_has_none_where_another_has_one():
    units = """\
units: {id: firm, calendar: c, authority: "1000.00", units: [{id: north}, {id: south, authority: "50.00"}]}
calendars: {c: {timezone: UTC, hours: [{days: mon-fri, open: ["09:00-17:00"]}]}}
"""
    daemon = Daemon(start=False)
    daemon.write_config(configuration(daemon.folder, units=units, rules=f"policies:\n{POLICY}"))
    daemon.start()
    with daemon:
        intake = daemon.intake()
        for subject, unit, amount in [("K1", "firm/north", "0.01"), ("K2", "firm/south", "50.00"),
                                      ("K3", "firm/south", "50.01")]:
            intake.accept(complaint(subject, unit=unit, customer=subject))
            seq = intake.accept(event("case.decided", subject=subject, data={
                "outcome": "upheld", "amount": amount}))["seq"]
        alerts = daemon.desk().call("feed.replay", after=0, limit=100, min_seq=seq)["rows"]
        told = [(one["subject"], one["unit"]) for one in alerts if one["type"] == "case.over_authority"]
        assert told == [("K1", "firm"), ("K3", "firm")], told


if __name__ == "__main__":
    run(globals())
