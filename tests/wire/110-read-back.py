#!/usr/bin/python3
"""What the desk tells of a case is what policies, figures and the events say of it."""
from harness import run
from office import Office

POLICIES = """\
  - name: regulator
    match: {kind: complaint, regulator: true}
    clocks: [{name: answer, start: received, stop: decided, limit: 2h}]
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 2h}]
figures: {regulator_channels: ["12378"]}
"""


def test_a_regulators_case_is_the_same_for_policy_list_and_figure():
    """By a letter, a reference, a channel; and one that is none."""
    ways = [("letter", True), ("reference", True), ("channel", True), ("phone", False)]
    with Office(POLICIES) as office:
        office.send("02 10:00", "case.forwarded", "letter", body="NFRA", ref="r1", customer="c1",
                    channel="phone", unit="north")
        office.open("02 10:01", "reference", regulator_ref="r2")
        office.open("02 10:02", "channel", channel="12378")
        office.open("02 10:03", "phone", channel="phone")
        for subject, is_regulators in ways:
            case = office.case(subject)
            assert case["regulator"] is is_regulators, (subject, case)
            assert (case["policy"] == "regulator") is is_regulators, (subject, case)
        for wanted in (True, False):
            rows = office.desk.call("case.list", regulator=wanted, min_seq=office.seq)["rows"]
            assert [row["subject"] for row in rows] == [s for s, is_one in ways if is_one is wanted], rows
        counted = office.desk.call("report", cases="complaints_regulator", min_seq=office.seq,
                                   **{"from": "2026-03", "to": "2026-03"})["rows"]
        assert [row["subject"] for row in counted] == [s for s, is_one in ways if is_one], counted


def test_a_clock_is_stopped_when_its_stop_came():
    """In time, late, never, by closing; a stop taken later whose own time is earlier."""
    with Office(POLICIES) as office:
        for subject in ("in-time", "late", "never", "closed", "closed-late", "twice"):
            office.open("02 10:00", subject)
        office.send("02 11:00", "case.decided", "in-time", outcome="upheld")
        office.send("02 11:30", "case.closed", "closed", resolution="done")
        office.send("02 15:00", "case.decided", "late", outcome="upheld")
        office.send("02 15:10", "case.closed", "closed-late", resolution="done")
        office.send("02 15:30", "case.decided", "twice", outcome="upheld")
        office.send("02 14:30", "case.decided", "twice", outcome="rejected")  # told late: it came first
        told = {}
        for subject in ("in-time", "late", "never", "closed", "closed-late", "twice"):
            clock, = office.case(subject)["clocks"]
            assert clock["due"] == office.at("02 12:00"), clock
            told[subject] = (clock["state"], clock.get("stopped"))
        assert told == {
            "in-time": ("stopped", office.at("02 11:00")),
            "late": ("late", office.at("02 15:00")),
            "never": ("breached", None),
            "closed": ("ended", office.at("02 11:30")),
            "closed-late": ("breached", None),
            "twice": ("late", office.at("02 14:30")),
        }, told
        for as_of, state in (("02 11:59", "running"), ("02 13:00", "breached"), ("02 15:00", "late")):
            told, = office.desk.call("explain", subject="late", as_of=office.at(as_of))["clocks"]
            assert told["state"] == state, (as_of, told)


run(globals())
