#!/usr/bin/python3
"""A breach that stands: told again while nobody acts, held for an opening, to the parent where a law is broken."""
from clocks_office import Office
from harness import at, run


def policy(clock):
    return f"  - {{name: all, match: {{}}, clocks: [{clock}]}}\n"


def test_a_broken_law_is_told_to_two_levels_each_working_day():
    with Office(policy("{name: law, limit: 2d, stop: decided, statutory: true}")) as office:
        office.begin("2026-03-04T10:00:00Z")  # a Wednesday: due at the end of Friday
        office.until("2026-03-10T12:00:00Z")
        told = [("2026-03-07T00:00:00Z", 0), ("2026-03-09T09:00:00Z", 1), ("2026-03-10T09:00:00Z", 2)]
        alerts = office.breaches("law")
        assert [(one["time"], one["unit"], one.get("repeated", 0)) for one in alerts] == [
            (at(time), unit, n) for time, n in told for unit in ("firm/north", "firm")], alerts
        assert {one["severity"] for one in alerts} == {"critical"}
        for unit in ("firm/north", "firm"):
            chain = [one for one in alerts if one["unit"] == unit]
            assert [one.get("supersedes") for one in chain] == [None] + [
                one["seq"] for one in chain[:-1]], chain
        office.case("2026-03-10T13:00:00Z", "decided", outcome="rejected")
        office.until("2026-03-12T12:00:00Z")
        assert len(office.breaches("law")) == len(alerts)


def test_a_pause_holds_no_repeat_and_the_closing_ends_it():
    with Office(policy("{name: answer, limit: 1h, stop: decided,"
                       " on_breach: {repeat: {every: 3h}}}")) as office:
        office.begin("2026-03-02T09:00:00Z")
        office.case("2026-03-02T10:30:00Z", "paused", reason="customer")
        office.until("2026-03-02T17:00:00Z")
        times = [f"2026-03-02T{hour}:00:00Z" for hour in (10, 13, 16)]
        assert office.alerts("clock.breach", "answer") == [(at(t), "firm/north") for t in times]
        office.case("2026-03-02T18:00:00Z", "closed", resolution="x")
        office.until("2026-03-03T12:00:00Z")
        assert len(office.breaches("answer")) == 3
        office.case("2026-03-03T13:00:00Z", "reopened", reason="x")
        office.until("2026-03-03T16:30:00Z")
        assert office.alerts("clock.breach", "answer")[3:] == [(at("2026-03-03T16:00:00Z"), "firm/north")]


def test_times_bound_it_and_it_goes_to_whom_it_concerns_then():
    with Office(policy("{name: answer, limit: 1h, stop: decided,"
                       " on_breach: {repeat: {every: 2h, times: 2}}}")) as office:
        office.begin("2026-03-02T09:00:00Z")
        office.case("2026-03-02T13:00:00Z", "assigned", unit="firm/south")
        office.until("2026-03-04T12:00:00Z")
        assert office.alerts("clock.breach", "answer") == [
            (at("2026-03-02T10:00:00Z"), "firm/north"), (at("2026-03-02T12:00:00Z"), "firm/north"),
            (at("2026-03-02T14:00:00Z"), "firm/south")]
        assert "supersedes" not in office.breaches("answer")[2]
        # A stop with an own time before the due takes it back, from each unit that was told.
        office.case("2026-03-02T09:30:00Z", "decided", outcome="rejected")
        corrected = [one for one in office.all_alerts() if one["type"] == "clock.corrected"]
        breaches = office.breaches("answer")
        assert {(one["unit"], one["supersedes"]) for one in corrected} == {
            ("firm/north", breaches[1]["seq"]), ("firm/south", breaches[2]["seq"])}, corrected


def test_a_held_breach_waits_for_the_opening_and_is_dropped_by_a_stop():
    clock = ("{name: answer, limit: 8h, stop: decided, on_breach: {notify: [parent], hold: opening,"
             " repeat: {every: 1bd, times: 1}}}")
    with Office(policy(clock)) as office:
        office.begin("2026-03-02T16:00:00Z")  # due at midnight
        office.until("2026-03-04T12:00:00Z")
        assert office.clock("answer")["state"] == "breached"
        assert office.alerts("clock.breach", "answer") == [
            (at(f"2026-03-0{day}T09:00:00Z"), unit) for day in (3, 4) for unit in ("firm/north", "firm")]
        assert not any("late_by" in one for one in office.breaches("answer"))
    with Office(policy(clock)) as office:
        office.begin("2026-03-02T16:00:00Z")
        office.case("2026-03-03T07:00:00Z", "decided", outcome="rejected")
        office.until("2026-03-04T12:00:00Z")
        assert office.breaches("answer") == []
        assert office.clock("answer")["state"] == "late"


def test_another_holder_by_the_opening_is_told_instead():
    clock = "{name: answer, limit: 8h, stop: decided, on_breach: {hold: opening}}"
    with Office(policy(clock)) as office:
        office.begin("2026-03-02T16:00:00Z")
        office.case("2026-03-03T07:00:00Z", "assigned", unit="firm/south")
        office.until("2026-03-04T12:00:00Z")
        assert office.alerts("clock.breach", "answer") == [(at("2026-03-03T09:00:00Z"), "firm/south")]


def test_what_a_breach_may_not_say_is_refused():
    wrong = [
        ("{name: law, limit: 1d, stop: decided, statutory: true, on_breach: {hold: opening}}",
         "waits for no opening"),
        ("{name: a, limit: 1d, stop: decided, on_breach: {repeat: {times: 3}}}", "every"),
        ("{name: a, limit: 1d, stop: decided, on_breach: {repeat: {every: 1d, times: 10001}}}", "10000"),
    ]
    for clock, message in wrong:
        code, text = Office.check(policy(clock))
        assert code == 1 and message in text and "on_breach" in text, (clock, text)


if __name__ == "__main__":
    run(globals())
