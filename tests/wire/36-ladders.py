#!/usr/bin/python3
"""Whom a ladder tells, and when."""
from harness import at, run
from office import Office, notes, refusal


def test_what_waits_for_an_answer_asks_for_one():
    for key in ("renotify: {every: 30m, times: 3}", "ack_lease: 4h"):
        said = refusal("  - {name: all, match: {}, ladder: {until: acknowledged, rungs: ["
                       f"{{notify: [unit], {key}}}]}}}}\n")
        assert f"rungs[0].{key.split(':')[0]}: " in said and "needs ack_within" in said, said


def test_a_rung_that_is_answered_holds_nothing_back():
    with Office("""\
  - name: all
    match: {}
    clocks: [{name: fix, limit: 6h, time: working, stop: decided, reminders: [{before: 1h}]}]
    ladder:
      until: decided
      rungs:
        - {notify: [unit, parent], severity: high, ack_within: 1h}
        - {after: 5h, notify: [unit], severity: warning}
""") as office:
        office.open("02 11:00", "answered")
        office.send("02 11:10", "alert.acknowledged", alert=1, by="anna")
        office.send("02 11:20", "case.assigned", "answered", unit="firm")
        office.open("02 11:30", "silent", unit="firm")
        office.until("02 16:45")
        # the parent's own alert is still open, but north had answered for both
        assert ("clock.reminder", 0, "firm", "02 16:00") in office.told("answered")
        assert not [row for row in office.told("silent") if row[0] == "clock.reminder"]


def test_a_held_rung_says_nothing_again_while_its_unit_is_closed():
    with Office("""\
  - name: all
    match: {}
    ladder:
      until: decided
      rungs:
        - {notify: [unit], severity: warning, hold: opening, ack_within: 3d, ack_lease: 6h,
           renotify: {every: 4h, times: 2}}
""") as office:
        office.open("06 15:00", "weekend")  # a Friday
        office.until("09 12:59")
        assert office.told("weekend") == [("ladder.rung", 1, "north", "06 15:00"),
                                          ("ladder.renotify", 1, "north", "09 09:00")]
        office.until("09 13:00")  # the second and last one counts from the first that was sent
        assert office.told("weekend")[-1] == ("ladder.renotify", 1, "north", "09 13:00")
        office.send("09 14:00", "case.acknowledged", "weekend", by="anna")
        office.until("10 08:59")
        assert len(office.told("weekend")) == 3
        office.until("10 09:00")  # the acknowledgement lapsed at eight in the evening
        assert office.told("weekend")[-1] == ("ladder.rung", 1, "north", "10 09:00")


def test_a_rung_sent_by_hand_after_until_asks_again():
    with Office("""\
  - name: all
    match: {}
    ladder:
      until: acknowledged
      rungs:
        - {notify: [unit], severity: high, ack_within: 8h, renotify: {every: 2m, times: 9}}
        - {after: 4h, notify: [parent], severity: high, ack_within: 1h,
           renotify: {every: 5m, times: 9}}
""") as office:
        office.open("02 10:00", "page")
        office.send("02 10:03", "case.acknowledged", "page", by="anna")
        office.until("02 15:00")
        assert [row[0] for row in office.told("page")] == ["ladder.rung", "ladder.renotify"]
        office.send("03 10:00", "case.escalated", "page", by="anna", reason="again")
        office.until("03 10:07")
        assert office.told("page")[2:] == [("ladder.rung", 2, "firm", "03 10:00"),
                                           ("ladder.renotify", 2, "firm", "03 10:05")]
        office.send("03 10:08", "alert.acknowledged", alert=4, by="chief")
        office.until("04 10:00")
        assert len(office.told("page")) == 4


PASSED = """\
  - name: all
    match: {}
    ladder:
      until: acknowledged
      rungs:
        - {notify: [unit], severity: warning, ack_within: 1h}
        - {after: 3bd, notify: [parent], severity: high}
"""


def test_a_case_passed_on_takes_its_unanswered_rung_along():
    with Office(PASSED) as office:
        office.open("02 10:00", "once")
        office.send("02 10:50", "case.assigned", "once", unit="south")
        row = office.desk.call("feed.replay", after=1, limit=1, min_seq=office.seq)["rows"][0]
        assert row["type"] == "ladder.rung" and row["supersedes"] == 1, row
        assert row["ack_by"] == at(office.time("02 11:50")), row
        office.until("02 11:50")
        assert office.told("once") == [
            ("ladder.rung", 1, "north", "02 10:00"), ("ladder.rung", 1, "south", "02 10:50"),
            ("case.assigned", 0, "south", "02 10:50"), ("ladder.rung", 2, "firm", "02 11:50")]


def test_passing_to_and_fro_gains_nobody_time():
    with Office(PASSED) as office:
        office.open("02 11:00", "ball")
        for time, unit in (("02 11:50", "south"), ("02 12:40", "north"), ("02 12:45", "south")):
            office.send(time, "case.assigned", "ball", unit=unit)
        office.until("02 12:49")
        rungs = [row for row in office.told("ball") if row[0] == "ladder.rung"]
        assert rungs == [("ladder.rung", 1, "north", "02 11:00"),
                         ("ladder.rung", 1, "south", "02 11:50"),
                         ("ladder.rung", 1, "north", "02 12:40"),
                         ("ladder.rung", 1, "south", "02 12:45")], rungs
        office.until("02 12:50")  # an hour after it was passed on first
        assert office.told("ball")[-1] == ("ladder.rung", 2, "firm", "02 12:50")


def test_an_answered_rung_stays_where_it_is():
    with Office(PASSED.replace("until: acknowledged", "until: decided")) as office:
        office.open("02 10:00", "done")
        office.send("02 10:20", "case.acknowledged", "done", by="anna")
        office.send("02 10:50", "case.assigned", "done", unit="south")
        assert [row[0] for row in office.told("done")] == ["ladder.rung", "case.assigned"]


def test_a_rung_passed_on_to_a_closed_unit_waits_for_its_opening():
    with Office(PASSED.replace("ack_within: 1h", "ack_within: 2h, hold: opening")) as office:
        office.open("02 16:00", "late")
        office.send("02 17:30", "case.assigned", "late", unit="south")
        office.until("03 10:59")
        assert office.told("late") == [
            ("ladder.rung", 1, "north", "02 16:00"), ("case.assigned", 0, "south", "02 17:30"),
            ("ladder.rung", 1, "south", "03 09:00")]
        office.until("03 11:00")
        assert office.told("late")[-1] == ("ladder.rung", 2, "firm", "03 11:00")


def test_policies_are_matched_again_where_what_they_name_has_changed():
    for name, change in (("reopened", 2), ("transfers", 1), ("unit", "firm/south")):
        match = f'"{change}"' if name == "unit" else f'">={change}"'
        with Office(f"""\
  - name: again
    match: {{{name}: {match}}}
    ladder: {{until: acknowledged, rungs: [{{notify: [unit, parent], severity: high}}]}}
  - name: all
    match: {{}}
    ladder: {{until: acknowledged, rungs: [{{notify: [unit], severity: warning}}]}}
""") as office:
            office.open("02 10:00", "case")
            office.send("02 10:01", "case.acknowledged", "case", by="anna")
            if name == "reopened":
                office.send("02 11:00", "case.closed", "case", resolution="paid")
                office.send("02 12:00", "case.reopened", "case", reason="not paid")
                office.send("02 13:00", "case.closed", "case", resolution="paid")
                office.send("02 14:00", "case.reopened", "case", reason="not paid")
                assert ("case.reopened", 0, "firm", "02 14:00") in office.told("case")
                assert ("case.reopened", 0, "firm", "02 12:00") not in office.told("case")
            else:
                office.send("02 14:00", "case.assigned", "case", unit="south")
            shown = office.desk.call("case.get", subject="case", min_seq=office.seq)
            assert shown["policy"] == "again", (name, shown["policy"])
            # the ladder that the event starts anew is the new policy's
            assert ("ladder.rung", 1, "firm", "02 14:00") in office.told("case"), name


def test_a_letter_starts_the_ladder_whoever_had_stopped_it():
    with Office(PASSED) as office:
        office.open("02 10:00", "letter")
        office.send("02 10:05", "case.acknowledged", "letter", by="anna")
        office.send("02 15:00", "case.forwarded", "letter", body="bureau", ref="7")
        assert office.told("letter") == [("ladder.rung", 1, "north", "02 10:00"),
                                         ("ladder.rung", 1, "north", "02 15:00")]
        office.send("02 15:10", "case.acknowledged", "letter", by="anna")
        office.until("03 10:00")
        assert len(office.told("letter")) == 2
    # without a rung that goes to the holder at once it is told apart
    with Office(PASSED.replace("notify: [unit]", "after: 10m, notify: [unit]")) as office:
        office.open("02 10:00", "letter")
        office.send("02 10:05", "case.forwarded", "letter", body="bureau", ref="7")
        assert office.told("letter") == [("case.forwarded", 0, "north", "02 10:05")]


def test_while_its_target_is_closed_others_are_told():
    with Office("""\
  - name: all
    match: {}
    ladder:
      until: decided
      rungs:
        - {notify: [unit], severity: high, time: working, hold: opening, closed: [south, north],
           ack_within: 2h, renotify: {every: 1h, times: 1}}
        - {after: 20d, notify: [parent], severity: critical, hold: opening, closed: [south]}
""") as office:
        office.open("02 10:00", "day")
        office.open("02 18:00", "night")
        office.open("02 18:01", "answered")
        office.until("02 18:01")
        assert office.told("day")[:2] == [("ladder.rung", 1, "north", "02 10:00"),
                                          ("ladder.renotify", 1, "north", "02 11:00")]
        assert office.told("night") == [("ladder.rung", 1, "south", "02 18:00")]
        number = office.alerts("answered")[0]["seq"]
        office.send("02 18:30", "alert.acknowledged", alert=number, by="anna")
        office.until("03 08:59")
        # elapsed: again after an hour, unanswered after two, which fires the next rung: critical
        assert office.told("night")[1:] == [("ladder.renotify", 1, "south", "02 19:00"),
                                            ("ladder.rung", 2, "firm", "02 20:00"),
                                            ("ladder.rung", 2, "south", "02 20:00")]
        assert len(office.told("answered")) == 1
        office.until("03 12:00")  # who was closed hears of it when the day begins
        for subject in ("night", "answered"):
            assert office.told(subject)[-1] == ("ladder.rung", 1, "north", "03 09:00"), subject
        # a case that is passed on to a unit that is closed
        office.open("03 16:00", "passed", unit="firm")
        office.send("03 17:30", "case.assigned", "passed", unit="north")
        office.until("04 09:00")
        assert office.told("passed")[1:4] == [("ladder.rung", 1, "south", "03 17:30"),
                                              ("case.assigned", 0, "north", "03 17:30"),
                                              ("ladder.renotify", 1, "south", "03 18:30")]
        assert office.told("passed")[-1] == ("ladder.rung", 1, "north", "04 09:00")
    said = refusal("  - {name: all, match: {}, ladder: {until: acknowledged, rungs: ["
                   "{notify: [unit], closed: [parent]}]}}\n")
    assert "rungs[0].closed: needs hold: opening" in said, said


def test_a_breach_is_told_to_others_while_its_unit_is_closed():
    with Office("""\
  - name: all
    match: {}
    clocks:
      - {name: answer, limit: 2h, stop: decided,
         on_breach: {hold: opening, closed: [south, south, firm], notify: [firm]}}
      - {name: law, limit: 3h, stop: decided, statutory: true,
         on_breach: {closed: south, notify: [], repeat: {every: 12h, times: 2}}}
""") as office:
        office.open("02 16:00", "a")
        office.open("02 17:10", "late")
        office.until("02 18:00")
        assert office.told("a") == [("clock.breach", 0, "south", "02 18:00")]
        office.until("03 08:30")
        breaches = [(unit, at) for _, _, unit, at in office.told("a")[1:]]
        assert breaches == [("north", "02 19:00"), ("south", "02 19:00"),
                            ("north", "03 07:00"), ("south", "03 07:00")], breaches
        office.until("03 19:01")
        breaches = [(unit, at) for _, _, unit, at in office.told("a")[5:]]
        assert breaches == [("north", "03 09:00"), ("firm", "03 09:00"),
                            ("north", "03 19:00"), ("south", "03 19:00")], breaches


def test_a_lease_is_of_a_bare_acknowledgement():
    with Office("""\
  - name: all
    match: {}
    ladder: {until: acknowledged, rungs: [{notify: [unit], ack_within: 1h, ack_lease: 2h}]}
""") as office:
        for subject in ("word", "work"):
            office.open("02 10:00", subject)
        office.send("02 10:10", "case.acknowledged", "word", by="anna")
        office.send("02 10:10", "case.customer_contacted", "work", by="anna")
        office.until("02 16:00")
        assert office.told("word")[1:] == [("ladder.rung", 1, "north", "02 12:10"),
                                           ("ladder.exhausted", 0, "~ops", "02 13:10")]
        assert len(office.told("work")) == 1


def test_a_rung_that_nobody_hears_fires_the_next_one_that_has_not_fired():
    with Office("""\
  - name: all
    match: {}
    ladder:
      until: decided
      rungs:
        - {notify: [unit], severity: info}
        - {after: 1h, notify: [parent], severity: high}
        - {after: 2h, notify: [south], severity: high}
        - {after: 3h, notify: ["ancestor: 2", north], severity: critical}
""") as office:
        office.open("02 10:00", "root", unit="firm")
        office.send("02 10:30", "case.escalated", "root", by="zhao", reason="r", to=3)
        office.until("02 14:00")
        assert office.told("root") == [("ladder.rung", 1, "firm", "02 10:00"),
                                       ("ladder.rung", 3, "south", "02 10:30"),
                                       ("ladder.rung", 4, "north", "02 13:00")]
        reasons = office.alerts("root")[-1]["reasons"]
        assert [(r["code"], r["detail"]) for r in reasons] == [("empty_target", "ancestor: 2")]
        office.open("02 14:00", "next", unit="firm")
        office.until("02 20:00")
        assert office.told("next") == [("ladder.rung", 1, "firm", "02 14:00"),
                                       ("ladder.rung", 3, "south", "02 15:00"),
                                       ("ladder.rung", 4, "north", "02 17:00")]


def test_another_policys_ladder_may_be_exhausted_too():
    rungs = "ladder: {until: decided, rungs: [{notify: [unit], ack_within: 1h}%s]}"
    with Office(f"""\
  - name: loans
    match: {{product: loan}}
    {rungs % ", {after: 5h, notify: [parent], ack_within: 1h}"}
  - name: all
    match: {{}}
    {rungs % ""}
""") as office:
        office.open("02 09:00", "a")
        office.until("02 10:00")
        assert office.told("a")[-1] == ("ladder.exhausted", 0, "~ops", "02 10:00")
        office.send("02 11:00", "case.amended", "a", product="loan")
        office.until("02 15:00")
        assert office.told("a")[2:] == [("ladder.rung", 2, "firm", "02 14:00"),
                                        ("ladder.exhausted", 0, "~ops", "02 15:00")]


def test_the_limits_of_a_case_are_told():
    with Office("""\
  - name: all
    match: {}
    ladder: {until: decided, rungs: [{notify: [unit, parent], severity: high, ack_within: 9d}]}
""") as office:
        office.open("02 09:00", "paused")
        for _ in range(512):
            office.send("02 09:10", "case.paused", "paused", reason="customer")
            office.send("02 09:10", "case.resumed", "paused", reason="customer")
        said = office.refuse("02 09:20", "case.paused", "paused", reason="customer")["message"]
        assert "paused 512 times, which is the most" in said, said
        said = office.refuse("02 09:20", "case.mediation_accepted", "paused", by="body")["message"]
        assert "paused 512 times, which is the most" in said, said
        office.open("02 09:20", "chased")
        ask = {"by": "zhao", "question": "q", "answer_by": "2026-03-20"}
        for _ in range(64):
            office.send("02 09:30", "case.chased", "chased", **ask)
        said = office.refuse("02 09:40", "case.chased", "chased", **ask)["message"]
        assert "64 questions wait for an answer" in said, said
        office.send("02 09:50", "case.answered", "chased", by="anna", text="a")
        office.send("02 10:00", "case.chased", "chased", **{**ask, "answer_by": "2026-03-05"})
        office.until("06 10:00")  # the last one is missed first
        assert [row[2] for row in office.told("chased") if row[0] == "case.unanswered"] == [
            "north", "~ops"]
        office.send("06 10:10", "case.chased", "chased", **ask)
        office.open("06 10:20", "letters")
        for i in range(128):
            office.send("06 10:30", "case.forwarded", "letters", body="nfra", ref=f"N{i}")
        notes = [row["note"] for row in office.case("letters")["history"] if row["what"] == "limit"]
        first = office.alerts("letters")[0]["seq"]
        assert notes == [f"more than 256 alerts wait for an acknowledgement: the oldest, {seq}, is "
                         "given up" for seq in (first, first + 1)], notes


def test_what_else_can_never_happen_is_noted():
    """A policy behind one that fits all it fits, clocks, targets, holds."""
    def noted(text):
        return notes(text + "  - {name: rest, match: {}}\n")

    first = "  - {name: first, match: {kind: complaint, channel: [web, app]}}\n"
    for second, is_noted in (("{kind: complaint, channel: [web, app], age: '>=60'}", True),
                             ("{channel: [web, app], kind: complaint}", True),
                             ("{kind: complaint, channel: [web]}", False), ("{channel: [web, app]}", False),
                             ("{kind: contact, channel: [web, app]}", False)):
        said = noted(first + f"  - {{name: second, match: {second}}}\n")
        assert ("policies[1].match: no case ever has this policy" in said) == is_noted, (second, said)
    for kind, clock, wanted in (
            ("contact", "start: mediation_called, stop: closed", "this clock never starts"),
            ("contact", "start: [mediation_called, forwarded], stop: closed", "this clock never starts"),
            ("contact", "start: [mediation_called, received], stop: closed", None),
            ("contact", "start: received, stop: decided", "nothing but the closing stops this clock"),
            ("duty", "start: forwarded, stop: decided", "this clock never starts"),
            ("complaint", "start: mediation_called, stop: decided", None)):
        said = noted(f"  - {{name: one, match: {{kind: {kind}}}, clocks: [{{name: c, limit: 1d, {clock}}}]}}\n")
        assert wanted in said if wanted else "clock" not in said, (kind, clock, said)
    for rung, wanted in (("notify: ['ancestor: 9']", "no unit has an ancestor 9: the tree of units has 2 levels"),
                         ("notify: ['ancestor: 1']", None),
                         ("notify: [unit], severity: critical, hold: opening", "never waits for an opening"),
                         ("notify: [unit], severity: high, hold: opening", None)):
        said = noted(f"  - {{name: one, match: {{kind: contact}}, ladder: {{until: closed, rungs: [{{{rung}}}]}}}}\n")
        assert wanted in said if wanted else "rungs" not in said, (rung, said)


def test_what_can_never_happen_is_noted():
    rungs = ("{{notify: [unit], ack_within: {}, renotify: {{every: 5m, times: {}}}}}, "
             "{{after: {}, notify: [parent]}}")
    for within, times, after, told in (
            ("1h", 5, "12m", "of 5 re-notifications at most 2 can come"),  # rung 2 by its time
            ("10m", 2, "1d", "of 2 re-notifications at most 1 can come"),  # nobody has answered
            ("1h", 2, "12m", None)):
        said = notes("  - {name: all, match: {}, ladder: {until: acknowledged, rungs: ["
                     + rungs.format(within, times, after) + "]}}\n")
        assert (told in said) if told else "re-notifications" not in said, (told, said)
    closed = "{{notify: [unit], ack_within: {}, hold: opening, closed: [parent]}}, {{after: 1h, notify: [parent]{}}}"
    for within, hold, is_noted in (("30m", "", True), ("30m", ", hold: opening", False)):
        said = notes("  - {name: all, match: {}, ladder: {until: acknowledged, rungs: ["
                     + closed.format(within, hold) + "]}}\n")
        assert ("rung 2 is told in closed hours too" in said) == is_noted, said
    held = "{{notify: [unit], severity: {}, hold: opening}}, {{after: {}, notify: [parent]{}}}"
    for severity, after, more, is_noted in (
            ("high", "2h", "", True), ("high", "1d", "", True), ("high", "1bd", "", False),
            ("high", "2h", ", time: working", False), ("high", "2h", ", hold: opening", False),
            ("high", "2h", ", severity: critical", False), ("critical", "2h", "", False)):
        said = notes("  - {name: all, match: {}, ladder: {until: acknowledged, rungs: ["
                     + held.format(severity, after, more) + "]}}\n")
        assert ("rung 2 comes by its time in closed hours" in said) == is_noted, (severity, after, more, said)
    for kind, until, is_noted in (("contact", "decided", True), ("contact", "acknowledged", False),
                                  ("complaint", "decided", False), ("duty", "forwarded", True),
                                  ("complaint", "registered", True)):
        said = notes(f"  - {{name: one, match: {{kind: {kind}}}, ladder: {{until: {until}, "
                     "rungs: [{notify: [unit]}]}}\n  - {name: all, match: {}}\n")
        assert ("can never come" in said) == is_noted, (kind, until, said)


def test_a_pause_that_lasts_is_told_once_and_goes_on():
    with Office("""\
  - name: all
    match: {}
    pause_limits: {customer: 2d, "*": 3h}
    clocks: [{name: fix, limit: 1h, stop: decided}]
""") as office:
        for subject, reason, until in (("a", "customer", None), ("b", "archive", None),
                                       ("c", "archive", "02 14:00")):
            office.open("02 10:00", subject)
            more = {"until": at(office.time(until))} if until else {}
            office.send("02 10:30", "case.paused", subject, reason=reason, **more)
        office.send("02 13:29", "case.resumed", "c", reason="archive")
        office.until("04 16:59")
        lasts = ("case.pause_long", 0)
        assert office.told("a") == []
        assert office.told("b") == [(*lasts, "north", "02 13:30"), (*lasts, "firm", "02 13:30")]
        office.until("28 10:00")
        assert office.told("a") == [(*lasts, "north", "04 17:00"), (*lasts, "firm", "04 17:00")]
        assert len(office.told("b")) == 2
        assert not [row for row in office.told("c") if row[0] == "case.pause_long"]


run(globals())
