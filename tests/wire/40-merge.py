#!/usr/bin/python3
"""The same matter twice: one case goes on, and nothing that comes under the other's number is lost."""
from harness import at, run
from office import Office

RULES = """\
  - name: letters
    match: {kind: complaint, regulator: true}
    clocks:
      - {name: answer, due: answer_by, stop: decided, statutory: true}
      - {name: letter, start: forwarded, limit: 10bd, stop: decided, statutory: true}
    ladder: {until: acknowledged, rungs: [
      {notify: [unit], severity: high, ack_within: 2h}, {after: 1bd, notify: [parent]}]}
  - name: all
    match: {}
    clocks: [{name: decide, limit: 5bd, stop: decided, statutory: true}]
    ladder: {until: acknowledged, rungs: [{notify: [unit], ack_within: 2h,
      renotify: {every: 30m, times: 3}}]}
"""


def test_the_merged_case_is_silent_and_the_other_hears_of_it():
    with Office(RULES) as office:
        a = office.open("02 10:00", "a")["case"]
        office.send("02 10:05", "case.acknowledged", "a", by="anna")
        b = office.open("02 10:10", "b", unit="south")["case"]
        office.send("02 10:20", "case.merged", "b", into="a", reason="same matter")
        office.until("03 10:00")
        assert office.told("b") == [("ladder.rung", 1, "south", "02 10:10")]
        assert office.told("a")[-1] == ("case.merged", 0, "north", "02 10:20")
        alert = [row for row in office.alerts("a") if row["type"] == "case.merged"][0]
        assert alert["severity"] == "info" and "b" in alert["title"], alert
        assert [(r["code"], r["detail"]) for r in alert["reasons"]] == [("merged", "b")]
        ended, other = office.case("b"), office.case("a")
        assert (ended["state"], ended["merged_into"], other["state"]) == ("closed", a, "handling")
        assert ended["history"][-1]["note"] == f"into case {a} (a): same matter"
        joined = [row for row in other["history"] if row["what"] == "joined"][0]
        assert joined["note"] == f"from case {b} (b): same matter"
        assert joined["type"] == "case.merged"


def test_what_comes_under_the_old_number_goes_on():
    with Office(RULES) as office:
        a, b, c = (office.open("02 10:00", name)["case"] for name in "abc")
        office.send("02 10:10", "case.merged", "b", into=a, reason="r")
        office.send("02 10:20", "case.merged", "a", into="c", reason="r")
        facts = {"text": "the new account number"}
        assert office.send("02 11:00", "case.facts_added", "b", **facts)["case"] == c
        assert office.send("02 11:00", "case.facts_added", "a", **facts)["case"] == c
        # what it takes itself stays with it: a note; an acknowledgement from before its closing
        assert office.send("02 11:00", "case.noted", "b", text="t", by="x")["case"] == b
        assert office.send("02 10:05", "case.acknowledged", "b", by="x")["case"] == b
        assert office.send("02 11:05", "case.acknowledged", "b", by="x")["case"] == c
        assert office.case("c")["state"] == "handling"
        # by its number it is meant itself, and refused
        refused = office.refuse("02 11:10", "case.joined", None, case=b, by="x")
        assert refused["code"] == "illegal_transition", refused
        # the surviving one refuses as it would under its own subject, and is named
        refused = office.refuse("02 11:20", "case.answered", "b", text="t", by="x")
        assert refused["code"] == "illegal_transition", refused
        office.send("02 12:00", "case.closed", "c", resolution="done")
        refused = office.refuse("02 12:10", "case.joined", "b", by="x")
        assert f"case {b} was merged into case {c}" in refused["message"], refused
        # a reopening is of the case itself, which stands by itself again
        assert office.send("02 13:00", "case.reopened", "b", reason="not the same")["case"] == b
        assert office.send("02 13:10", "case.facts_added", "b", **facts)["case"] == b
        assert "merged_into" not in office.case("b")


def test_a_regulators_letter_comes_along():
    with Office(RULES) as office:
        office.open("02 10:00", "a")
        office.send("02 10:05", "case.acknowledged", "a", by="anna")
        office.send("02 11:00", "case.forwarded", "f", customer="c", channel="letter", unit="south",
                    body="nfra", ref="N7", answer_by="2026-03-20", received="2026-02-27T09:00:00Z")
        office.send("03 10:00", "case.merged", "f", into="a", reason="the same")
        case = office.case("a")
        kept = {key: case["attributes"][key] for key in ("body", "ref", "answer_by")}
        assert kept == {"body": "nfra", "ref": "N7", "answer_by": "2026-03-20"}, kept
        assert (case["policy"], case["regulator"], case["ladder"]["state"]) == (
            "letters", True, "running")
        clocks = {row["clock"]: row for row in case["clocks"]}
        assert clocks["letter"]["start"] == at("2026-02-27T09:00:00Z")
        assert clocks["answer"]["due"] == at("2026-03-21T00:00:00Z")
        assert office.told("a")[1:] == [("case.merged", 0, "north", "03 10:00"),
                                        ("ladder.rung", 1, "north", "03 10:00")], office.told("a")
        # a second letter, with a later day of answer: the earlier stays
        office.send("03 11:00", "case.forwarded", "g", customer="c", channel="letter", unit="south",
                    body="pboc", ref="P1", answer_by="2026-03-25")
        office.send("03 12:00", "case.merged", "g", into="a", reason="the same")
        kept = office.case("a")["attributes"]
        assert (kept["body"], kept["ref"], kept["answer_by"]) == ("pboc", "P1", "2026-03-20")


run(globals())
