#!/usr/bin/python3
"""Clocks: what an extension, a pause, another policy and a restart make of a due and of a breach."""
from clocks_office import Office
from harness import at, event, run


def test_an_extension_never_shortens():
    # Without holidays 12 working days are longer than 15 days; with two weeks of work on Saturdays
    # and Sundays they are not.
    make_up = ", ".join(f'{{date: 2026-03-{day:02}, open: ["09:00-17:00"]}}' for day in (7, 8, 14, 15))
    policy = ("  - {name: all, match: {}, clocks: [{name: law, limit: 15d, stop: decided, statutory: true,"
              " pause_reasons: [appraisal], extensions: [{limit: 13bd}, {limit: 30d}]}]}\n")
    extension = {"clock": "law", "approved_by": "parent", "reason": "complex"}
    with Office(policy, days=f", days: [{make_up}]") as office:
        office.begin("2026-03-02T10:00:00Z")
        before = office.clock("law")
        assert before["due"] == at("2026-03-18T00:00:00Z"), before
        refused = office.intake.send({**event("case.extended", subject="K1", data=extension),
                                      "time": "2026-03-10T10:00:00Z"})
        assert refused["error"]["code"] == "conflict", refused
        assert refused["error"]["field"] == "data.clock", refused
        assert "2026-03-16T00:00:00" in refused["error"]["message"], refused
        after = office.clock("law")
        assert (after["due"], after["extensions"]) == (before["due"], 0), after
        office.case("2026-03-11T10:00:00Z", "paused", reason="appraisal")
        refused = office.intake.send({**event("case.extended", subject="K1", data=extension),
                                      "time": "2026-03-11T11:00:00Z"})
        assert refused["error"]["code"] == "conflict", refused
        assert office.desk.call("check")["faults"] == 0


def test_a_reminder_of_what_is_due_at_closing_comes_at_a_closing():
    policy = ("  - {name: all, match: {}, clocks: [{name: d10, limit: 10bd, end: closing, stop: decided,"
              " reminders: [{before: 1d}, {before: 2bd}, {before: 9d}]}]}\n")
    with Office(policy, zone="Europe/London") as office:
        office.begin("2025-10-24T16:30:00+01:00")
        office.until("2025-11-07T16:00:00+00:00")
        assert office.clock("d10")["due"] == at("2025-11-07T17:00:00+00:00")
        assert [time for time, _ in office.alerts("clock.reminder", "d10")] == [
            at("2025-10-29T17:00:00+00:00"), at("2025-11-05T17:00:00+00:00"),
            at("2025-11-06T17:00:00+00:00")]


def test_a_held_clock_tells_what_is_left():
    policy = """\
  - name: all
    match: {}
    clocks:
      - {name: work, limit: 8h, time: working, stop: decided}
      - {name: law, limit: 15d, stop: decided, statutory: true, pause_reasons: [appraisal]}
"""
    with Office(policy) as office:
        office.begin("2026-03-02T10:00:00Z")
        due = {name: office.clock(name)["due"] for name in ("work", "law")}
        office.case("2026-03-02T12:00:00Z", "paused", reason="appraisal")
        for now, work, law in (("2026-03-02T12:00:00Z", "2026-03-03T10:00:00Z", "2026-03-18T00:00:00Z"),
                               ("2026-03-02T15:00:00Z", "2026-03-03T13:00:00Z", "2026-03-18T00:00:00Z"),
                               ("2026-03-20T12:00:00Z", "2026-03-23T10:00:00Z", "2026-04-04T00:00:00Z")):
            office.until(now)
            for name, resumed in (("work", work), ("law", law)):
                clock = office.clock(name)
                assert clock["state"] == "paused" and "due" not in clock, clock
                left = (due[name] - at("2026-03-02T12:00:00Z")).total_seconds()
                assert clock["remaining"] == left, (now, clock, left)
                assert clock["due_if_resumed"] == at(resumed), (now, clock)
                told, = office.desk.call("explain", subject="K1", clock=name)["clocks"]
                assert told["due_if_resumed"] == clock["due_if_resumed"], told
        office.case("2026-03-20T12:00:00Z", "resumed", reason="appraisal")
        assert office.clock("work")["due"] == at("2026-03-23T10:00:00Z")


def test_another_policy_takes_a_breach_back():
    policy = """\
  - {name: internal, match: {tags: internal}, clocks: [{name: fix, limit: 60d, stop: decided, reminders: [{before: 7d}]}]}
  - {name: slow, match: {tags: slow}, clocks: [{name: fix, limit: 3d, stop: decided}]}
  - {name: all, match: {}, clocks: [{name: fix, limit: 2d, stop: decided}]}
"""
    with Office(policy) as office:
        office.begin("2026-03-02T10:00:00Z")
        office.until("2026-03-06T10:00:00Z")
        breach = office.alerts("clock.breach", "fix")
        assert breach == [(at("2026-03-05T00:00:00Z"), "firm/north")], breach
        office.case("2026-03-06T10:30:00Z", "amended", tags=["slow"])
        clock = office.clock("fix")  # past, too: it stands, and nobody is told anything
        assert (clock["state"], clock["due"]) == ("breached", at("2026-03-06T00:00:00Z")), clock
        assert office.alerts("clock.corrected", "fix") == []
        office.case("2026-03-06T11:00:00Z", "amended", tags=["internal"])
        clock = office.clock("fix")
        assert (clock["state"], clock["due"]) == ("running", at("2026-05-02T00:00:00Z")), clock
        assert office.alerts("clock.corrected", "fix") == [(at("2026-03-06T11:00:00Z"), "firm/north")]
        assert office.alerts("clock.moved", "fix") == []
        office.daemon.kill()
        office.daemon.start()
        office.intake, office.desk = office.daemon.intake(), office.daemon.desk()
        office.until("2026-06-06T10:00:00Z")
        assert office.alerts("clock.breach", "fix")[1:] == [(at("2026-05-02T00:00:00Z"), "firm/north")]
        assert office.alerts("clock.reminder", "fix") == [(at("2026-04-27T09:00:00Z"), "firm/north")]


def test_a_corrected_receipt_takes_a_breach_back():
    policy = "  - {name: all, match: {}, clocks: [{name: law, limit: 5d, stop: decided, statutory: true}]}\n"
    with Office(policy) as office:
        office.begin("2026-03-10T10:00:00Z", received="2026-03-02T10:00:00Z")
        assert office.clock("law")["state"] == "breached"
        office.case("2026-03-10T11:00:00Z", "amended", received="2026-03-09T10:00:00Z")
        clock = office.clock("law")
        assert (clock["state"], clock["due"]) == ("running", at("2026-03-15T00:00:00Z")), clock
        assert office.alerts("clock.corrected", "law") == [
            (at("2026-03-10T11:00:00Z"), unit) for unit in ("firm/north", "firm")]


def test_a_pause_after_the_breach_takes_nothing_back():
    policy = "  - {name: all, match: {}, clocks: [{name: fix, limit: 1bd, end: closing, stop: decided}]}\n"
    with Office(policy) as office:
        office.begin("2026-03-02T10:00:00Z")
        office.case("2026-03-03T18:00:00Z", "paused", reason="customer")
        office.case("2026-03-05T10:00:00Z", "resumed", reason="customer")
        office.case("2026-03-05T10:30:00Z", "amended", issue="delay")
        clock = office.clock("fix")
        assert (clock["state"], clock["due"]) == ("breached", at("2026-03-03T17:00:00Z")), clock


def test_a_restart_after_a_breach():
    policy = """\
  - name: all
    match: {}
    clocks:
      - {name: team, start: assigned, restart_on: [assigned], limit: 4h, time: working, stop: decided}
      - {name: law, restart_on: [assigned], limit: 1bd, stop: decided, statutory: true}
"""
    with Office(policy) as office:
        office.begin("2026-03-02T09:30:00Z")
        office.case("2026-03-02T10:00:00Z", "assigned", unit="firm/south")
        office.until("2026-03-04T09:00:00Z")
        assert office.alerts("clock.breach", "team") == [(at("2026-03-02T14:00:00Z"), "firm/south")]
        office.case("2026-03-04T13:00:00Z", "assigned", unit="firm/north")
        clock = office.clock("team")
        assert (clock["state"], clock["due"]) == ("running", at("2026-03-04T17:00:00Z")), clock
        assert office.alerts("clock.moved", "team") == [(at("2026-03-04T13:00:00Z"), "firm/north")]
        assert office.alerts("clock.corrected", "team") == []
        assert office.clock("law")["state"] == "breached"  # never a statutory one
        office.until("2026-03-05T00:00:00Z")
        assert office.alerts("clock.breach", "team")[1:] == [(at("2026-03-04T17:00:00Z"), "firm/north")]


def test_one_day_of_grace_however_often_it_is_reopened():
    policy = ("  - {name: all, match: {}, clocks: [{name: law, limit: 15d, stop: decided, statutory: true,"
              " on_breach: {notify: [parent]}}]}\n")
    with Office(policy) as office:
        office.begin("2026-03-02T10:00:00Z")
        for day in (17, 18):
            office.case(f"2026-03-{day}T16:30:00Z", "closed", resolution="x")
            office.case(f"2026-03-{day + 1}T08:30:00Z", "reopened", reason="x")
            assert office.clock("law")["due"] == at("2026-03-20T00:00:00Z"), day
        office.case("2026-03-19T16:30:00Z", "closed", resolution="x")
        office.case("2026-03-20T08:30:00Z", "reopened", reason="x")
        assert office.clock("law")["state"] == "breached"
        assert office.alerts("clock.breach", "law") == [
            (at("2026-03-20T08:30:00Z"), unit) for unit in ("firm/north", "firm")]


def test_a_pause_moves_the_day_of_grace():
    policy = ("  - {name: all, match: {}, clocks: [{name: law, limit: 5d, stop: decided, statutory: true,"
              " pause_reasons: [appraisal]}]}\n")
    with Office(policy) as office:
        office.begin("2026-03-02T10:00:00Z")
        office.case("2026-03-06T10:00:00Z", "closed", resolution="x")
        office.case("2026-03-10T10:00:00Z", "reopened", reason="x")
        assert office.clock("law")["due"] == at("2026-03-12T00:00:00Z")
        office.case("2026-03-11T10:00:00Z", "paused", reason="appraisal")  # on the day of grace
        office.case("2026-03-16T10:00:00Z", "resumed", reason="appraisal")
        clock = office.clock("law")
        assert (clock["state"], clock["due"]) == ("running", at("2026-03-17T00:00:00Z")), clock
        office.until("2026-03-17T00:00:00Z")
        assert office.alerts("clock.breach", "law")[0] == (at("2026-03-17T00:00:00Z"), "firm/north")


def test_a_pause_that_ends_after_the_closing_of_the_last_day_breaches_nothing():
    policy = "  - {name: all, match: {}, clocks: [{name: fix, limit: 1bd, end: closing, stop: decided}]}\n"
    for begin, end, due in [("03T10:00", "05T18:00", "06T17:00"),  # the day of the resume is closed by then
                            ("03T10:00", "05T16:59", "05T17:00"),
                            ("03T16:00", "03T17:00", "04T17:00"),  # half-open: at closing it has run out
                            ("02T16:00", "04T19:00", "05T17:00"),
                            ("06T10:00", "06T18:00", "03T17:00")]:  # breached before: it takes nothing back
        with Office(policy) as office:
            office.begin("2026-03-02T10:00:00Z")
            office.case(f"2026-03-{begin}:00Z", "paused", reason="customer")
            office.case(f"2026-03-{end}:00Z", "resumed", reason="customer")
            clock = office.clock("fix")
            state = "breached" if begin[:2] == "06" else "running"
            assert (clock["state"], clock["due"]) == (state, at(f"2026-03-{due}:00Z")), (begin, end, clock)
    with Office(policy) as office:
        office.begin("2026-03-02T10:00:00Z")
        office.case("2026-03-03T10:00:00Z", "paused", reason="customer")
        office.case("2026-03-05T18:00:00Z", "closed", resolution="x")
        assert office.clock("fix")["state"] == "ended" and office.alerts("clock.breach", "fix") == []


def test_a_contact_told_after_the_closing_counts_after_a_reopening():
    policy = "  - {name: all, match: {}, clocks: [{name: call, limit: 2bd, stop: customer_contacted}]}\n"
    with Office(policy) as office:
        office.begin("2026-03-02T10:00:00Z")
        office.case("2026-03-03T10:00:00Z", "closed", resolution="x")
        assert office.clock("call")["state"] == "ended"
        office.case("2026-03-03T09:00:00Z", "customer_contacted", by="li")
        office.case("2026-03-05T10:00:00Z", "reopened", reason="x")
        assert office.clock("call")["state"] == "stopped"
        office.until("2026-03-10T10:00:00Z")
        assert office.alerts("clock.breach", "call") == []


def test_the_answer_that_is_owed_each_time():
    policy = """\
  - name: all
    match: {}
    clocks:
      - {name: answer, start: [facts_added, recontact], stop: customer_contacted, limit: 4h, time: working,
         again: true}
      - {name: once, start: [facts_added, recontact], stop: customer_contacted, limit: 4h, time: working}
"""
    with Office(policy) as office:
        office.begin("2026-03-02T10:00:00Z")
        assert office.clock("answer")["state"] == "waiting"
        office.tell("2026-03-02T11:00:00Z", event("contact.received", subject="call-1", data={
            "customer": "c1", "channel": "phone", "unit": "firm/north"}))
        for name in ("answer", "once"):
            assert office.clock(name)["due"] == at("2026-03-02T15:00:00Z"), name
        office.case("2026-03-02T12:00:00Z", "facts_added", text="x")  # it runs: nothing moves
        assert office.clock("answer")["due"] == at("2026-03-02T15:00:00Z")
        office.case("2026-03-02T13:00:00Z", "customer_contacted", by="li")
        office.case("2026-03-03T10:00:00Z", "facts_added", text="y")
        clock = office.clock("answer")
        assert (clock["state"], clock["due"]) == ("running", at("2026-03-03T14:00:00Z")), clock
        assert office.clock("once")["state"] == "stopped"
        office.case("2026-03-03T15:00:00Z", "customer_contacted", by="li")
        assert office.clock("answer")["state"] == "late"
        office.case("2026-03-04T10:00:00Z", "facts_added", text="z")
        office.until("2026-03-05T10:00:00Z")
        assert office.alerts("clock.breach", "answer") == [
            (at("2026-03-03T14:00:00Z"), "firm/north"), (at("2026-03-04T14:00:00Z"), "firm/north")]
        assert office.alerts("clock.breach", "once") == []


def test_what_starts_no_clock_is_refused():
    for start, message in [("[]", "start"), ("[received, 'attribute: answer_by']", "alone"),
                           ("[received, decided]", "stop it at once"), ("[received, joined]", "starts no clock"),
                           ("'attribute: answer_by', again: true", "once")]:
        code, text = Office.check(f"  - {{name: all, match: {{}}, clocks: [{{name: a, limit: 1d, stop: decided,"
                                  f" start: {start}}}]}}\n")
        assert code == 1 and message in text, (start, text)


if __name__ == "__main__":
    run(globals())
