#!/usr/bin/python3
"""Common clocks: beside the one policy of a case, wherever their match holds."""
from harness import at, run
from office import Office, notes, refusal

RULES = """\
  - name: loans
    match: {kind: complaint, product: loan}
    clocks: [{name: decide, stop: decided, limit: 10d}]
  - name: all
    match: {}
    clocks: [{name: answer, stop: decided, limit: 20d}]
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: info, ack_within: 1h}]}
"""
CLOCKS = """\
clocks:
  - {name: old, match: {age: ">=60"}, stop: customer_contacted, limit: 4h, time: working}
  - {name: Back from elsewhere, code: moved, match: {transfers: ">=1"}, start: assigned,
     stop: acknowledged, limit: 1h, on_breach: {notify: [parent]}}
  - {name: sanction, match: {kind: complaint}, start: decided, when: {liable: true},
     stop: sanctioned, limit: 30d, outlives_close: true}
"""


def clocks(office, subject):
    return {row["clock"]: row for row in office.case(subject)["clocks"]}


def when(text):
    return at(f"2026-03-{text.replace(' ', 'T')}:00Z")


def test_a_case_has_those_whose_match_holds():
    with Office(RULES + CLOCKS) as office:
        office.open("02 10:00", "young", age=30)
        office.open("02 10:00", "aged", age=70, product="loan")
        assert list(clocks(office, "young")) == ["answer", "sanction"]
        found = clocks(office, "aged")
        assert list(found) == ["decide", "old", "sanction"]  # behind those of the policy
        assert found["old"]["due"] == when("02 14:00")
        assert found["sanction"]["state"] == "waiting"
        office.until("02 14:30")
        assert [row["clock"] for row in office.alerts("aged") if row["type"] == "clock.breach"] == ["old"]


def test_they_are_matched_again_where_their_match_names_what_changed():
    with Office(RULES + CLOCKS) as office:
        office.open("02 10:00", "k", age=70)
        office.send("02 10:30", "case.acknowledged", "k", by="li")
        sent = len(office.alerts("k"))
        office.send("02 11:00", "case.amended", "k", age=40)
        assert list(clocks(office, "k")) == ["answer", "sanction"]  # it ended, without a word
        office.send("02 12:00", "case.amended", "k", age=61)
        assert clocks(office, "k")["old"]["due"] == when("02 14:00")  # its own start point
        assert len(office.alerts("k")) == sent  # the ladder that was answered stays so
        assert not any(row["what"] == "policy" for row in office.case("k")["history"])


def test_they_go_on_under_another_policy():
    with Office(RULES + CLOCKS) as office:
        office.open("02 10:00", "k", age=70)
        office.send("02 11:00", "case.customer_contacted", "k", by="li")
        office.send("02 12:00", "case.amended", "k", product="loan")
        found = clocks(office, "k")
        assert list(found) == ["decide", "old", "sanction"]
        assert found["old"]["state"] == "stopped" and found["old"]["stopped"] == when("02 11:00")


def test_a_case_that_moves_gets_one_and_its_breach_is_told():
    with Office(RULES + CLOCKS) as office:
        office.open("02 10:00", "k")
        office.send("02 11:00", "case.assigned", "k", unit="south")
        found = clocks(office, "k")["moved"]
        assert found["due"] == when("02 12:00")
        office.until("02 12:30")
        told = [row for row in office.alerts("k") if row["type"] == "clock.breach"]
        assert sorted(row["unit"] for row in told) == ["firm", "firm/south"]
        assert {row["clock_name"] for row in told} == {"Back from elsewhere"}
        error = office.refuse("02 12:40", "case.extended", "k", clock="old", approved_by="x", reason="y")
        assert (error["code"], error["field"]) == ("bad_value", "data.clock")


AGAIN = """\
  - name: all
    match: {}
    clocks:
      - {name: answer, start: [facts_added, recontact], again: true, stop: customer_contacted, limit: 1bd,
         extensions: [{limit: 3bd}, {limit: 5bd}]}
"""


def test_each_run_is_explained_by_itself():
    with Office(AGAIN) as office:
        office.open("02 10:00", "k")
        office.send("03 10:00", "case.facts_added", "k", text="x")
        office.send("03 11:00", "case.extended", "k", clock="answer", approved_by="a", reason="one")
        office.send("03 12:00", "case.customer_contacted", "k", by="li")
        office.send("05 10:00", "case.facts_added", "k", text="y")
        for minute, reason in (("11:00", "two"), ("12:00", "three")):
            office.send("05 " + minute, "case.extended", "k", clock="answer", approved_by="a",
                        reason=reason)

        def explained(**asked):
            return office.desk.call("explain", subject="k", min_seq=office.seq, **asked)["clocks"][0]
        now, steps = explained(), [step["what"] for step in explained()["steps"]]
        assert (now["start"], now["due"]) == (when("05 10:00"), when("13 00:00")), now
        assert [what.split(":")[0] for what in steps] == [
            "extension 1 of 2", "facts_added", "extension 1 of 2", "extension 2 of 2"], steps
        assert steps[3].endswith("three") and "starts again" in steps[1], steps
        first = explained(as_of="2026-03-03T11:30:00Z")
        assert (first["due"], first["extensions"], first["state"]) == (when("07 00:00"), 1, "running")
        assert explained(as_of="2026-03-04T10:00:00Z")["state"] == "stopped"


def test_a_reload_changes_them_when_the_case_is_matched_anew():
    with Office(RULES + CLOCKS) as office:
        office.open("02 10:00", "k", age=70)
        text = office.daemon.config_path.read_text(encoding="utf-8")
        office.daemon.write_config(text.replace("limit: 4h, time: working", "limit: 6h, time: working"))
        office.daemon.reload()
        assert clocks(office, "k")["old"]["due"] == when("02 14:00")
        office.send("02 11:00", "case.reapplied", "k", reason="new hours")
        assert clocks(office, "k")["old"]["due"] == when("02 16:00")
        moved = [row for row in office.alerts("k") if row["type"] == "clock.moved"]
        assert [row["clock"] for row in moved] == ["old"]


def test_what_is_wrong_is_named():
    one = "1h, match: {}"
    for clocks_, wanted in (
            ("{name: a, limit: 1h}", "a common clock needs match"),
            (f"{{name: answer, limit: {one}}}", '"answer" is a clock of policy all too'),
            ("{name: a, match: {level: high}, limit: 1h}", "may not be matched"),
            (f"{{name: a, limit: {one}}}, {{name: a, limit: {one}}}", '"a" stands twice'),
            (", ".join(f"{{name: c{i}, limit: {one}}}" for i in range(24)),
             "1 of its own and 24 common ones")):
        told = refusal(f"{RULES}clocks: [{clocks_}]\n")
        assert wanted in told, (told, wanted)
    told = refusal(RULES.replace("limit: 10d", "limit: 10d, match: {age: 1}"))
    assert "only a common clock" in told, told
    notes(RULES + CLOCKS)


run(globals())
