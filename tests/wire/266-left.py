#!/usr/bin/python3
"""`redressctl export open` has everything that is open, or says what it has not and how much."""
import datetime
import json
import subprocess

from harness import Daemon, complaint, configuration, event, run, tool

RULES = """\
assessment: {open_case_at: high}
policies:
  - {name: duties, match: {kind: duty}, clocks: [{name: duty, due: due, stop: decided}]}
  - {name: default, match: {}, clocks: [{name: answer, start: received, stop: decided, limit: 2h}]}
rosters: {night: {turns: [xj/urumqi/d3, xj/yining], hand_over: opening, first: 2025-09-22}}
supervision:
  screening: {opens: [watch, high], due: 10bd}
  rectification: {due: 20bd, recurrence: 30d}
%s
alerts: {language: en}
"""
DUTIES = "  duties:\n    - {duty: training, for: ['xj/*'], every: %s, due: %s, title: Training, total: 10}"
D3 = "xj/urumqi/d3"
NOW = datetime.datetime.now(datetime.timezone.utc)


def made(number=0, rules=RULES % ""):
    daemon = Daemon(start=False)
    daemon.write_config(configuration(daemon.folder, rules=rules))
    return daemon.start()


def export(state, *words, status=0):
    done = subprocess.run([tool("redressctl"), "export", "open", "--state", state, *words],
                          capture_output=True, text=True)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def send(other, lines):
    path = other.folder / "open.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = subprocess.run([tool("redress-send"), "--run", other.folder, "--in-order", path],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def picture(daemon):
    desk = daemon.desk()
    cases = sorted((row["subject"], row["kind"], row["state"]) for row in desk.rows("case.list", open=True)
                   if not row["subject"].startswith("rectification/"))
    mended = [row["unit"] for row in desk.rows("case.list", open=True)
              if row["subject"].startswith("rectification/")]
    duties = sorted((row["unit"], row["period"], row["done"]) for row in desk.rows("duty.list")
                    if row["state"] == "owed" and row["duty"] == "training")
    silences = [(row["by"], row["until"]) for row in desk.rows("silence.list") if not row["ended"]]
    turns = [(row["unit"], row["by"]) for row in desk.rows("roster.list") if row.get("by")]
    return cases, mended, duties, silences, turns


def at(minutes):
    return NOW - datetime.timedelta(minutes=minutes)


def test_duties_screenings_silences_and_what_was_merged_go_with_it():
    due = (NOW + datetime.timedelta(days=30)).date().isoformat()
    later = NOW + datetime.timedelta(days=2)
    with made() as daemon, made() as other:
        intake = daemon.intake()
        for subject in ("open-1", "open-2", "same-1", "over-1", "over-2"):
            intake.accept(complaint(subject, customer=subject) | {"time": at(90)})
        for i, (contract, risk) in enumerate((("P-1", "high"), ("P-2", "watch"), ("P-3", "high"))):
            data = {"contract": contract, "risk": risk, "round": "q3", "unit": D3}
            intake.accept(event("contract.screened", data=data, time=at(80 - i)))
        intake.accept(event("contract.cleared", data={"contract": "P-3", "by": "li", "measure": "visited"}))
        duty = {"duty": "training", "unit": D3, "period": "2026"}
        intake.accept(event("duty.opened", data={**duty, "due": due, "title": "T", "total": 10}, time=at(70)))
        intake.accept(event("duty.progressed", data={**duty, "done": 4, "total": 10}, time=at(60)))
        until = {"by": "li", "reason": "works", "matchers": {"unit": "xj/yining"}}
        held = intake.accept(event("silence.created", data={**until, "until": later}))
        ended = intake.accept(event("silence.created", data={**until, "by": "wang", "until": later}))
        intake.accept(event("silence.ended", data={"silence": ended["silence"]}))
        assert held["silence"] != ended["silence"]
        intake.accept(event("roster.overridden", data={"roster": "night", "unit": "xj/yining", "by": "zhao",
                                                       "from": NOW, "until": later}))
        intake.accept(event("case.merged", "same-1", data={"into": "open-1", "reason": "the same"}, time=at(50)))
        intake.accept(event("case.noted", "same-1", data={"by": "li", "text": "by its old name"}, time=at(40)))
        intake.accept(event("case.closed", "over-1", data={"resolution": "settled"}, time=at(40)))
        intake.accept(event("case.cause_found", "over-1", data={"cause": "late", "unit": D3}, time=at(30)))
        intake.accept(event("case.closed", "over-2", data={"resolution": "settled"}, time=at(40)))
        daemon.desk().reach(daemon.desk().call("status")["seq"])
        lines, told = export(daemon.folder / "state")
        assert told == "", told
        assert not [line for line in lines if line.get("subject") == "over-2"], lines
        assert sum(line["type"] == "silence.created" for line in lines) == 1, lines
        send(other, lines)
        before, after = picture(daemon), picture(other)
        assert before == after, (before, after)
        cases, mended, duties, silences, turns = before
        assert len(cases) == 5 and mended == [D3] and duties and silences and turns, before
        case = other.desk().call("case.get", subject="open-1")
        assert [entry["what"] for entry in case["history"]] == ["event", "joined"], case
        gone = other.desk().call("case.get", subject="same-1")
        assert gone["state"] == "closed" and "by its old name" in str(gone["history"]), gone


def test_what_a_restored_journal_has_not_is_counted():
    with made() as daemon:
        intake, state = daemon.intake(), daemon.folder / "state"
        for i in range(3):
            intake.accept(complaint(f"k-{i}", customer=f"c-{i}"))
        intake.accept(event("case.noted", "k-0", data={"by": "li", "text": "n"}))
        assert daemon.stop() == 0
        backup, restored = daemon.folder / "b", daemon.folder / "restored"
        for words in (["backup", backup, "--state", state], ["restore", backup, restored]):
            subprocess.run([tool("redressctl"), *words], check=True, capture_output=True)
        lines, told = export(restored, status=4)
        assert lines == [] and "3 of 3 cases were opened, and 1 events" in told, told
        assert "which has no event at all" in told and "--rows" in told, told
        assert len(export(restored, "--rows")[0]) == 3


def test_duties_of_the_schedule_are_told_as_what_they_are():
    rules = RULES % (DUTIES % ("day", "0bd"))
    with made(rules=rules) as daemon:
        daemon.stop()
        # Time from events: a day goes by, and the schedule opens what is owed for the next one.
        daemon.args = ["--clock", "events"]
        daemon.start()
        intake = daemon.intake()
        first = NOW.replace(hour=3, minute=0) + datetime.timedelta(days=1)  # behind the clock at any hour
        for days in range(3):
            intake.accept(complaint(f"k-{days}", customer="c") | {"time": first + datetime.timedelta(days=days)})
        owed = [row for row in daemon.desk().rows("duty.list") if row["state"] in ("owed", "overdue")]
        daemon.desk().reach(daemon.desk().call("status")["seq"])
        lines, told = export(daemon.folder / "state", status=4)
        assert f"{len(owed)} are duties that the schedule opened" in told and len(owed) > 3, (owed, told)
        assert "none of an earlier one" in told and "opened before" not in told, told
        assert [line["subject"] for line in lines] == ["k-0", "k-1", "k-2"], lines


def test_what_the_store_does_not_have_yet_goes_with_it():
    with made() as daemon:
        intake = daemon.intake()
        intake.accept(complaint("k-0", customer="c"))
        daemon.desk().reach(1)
        intake.accept(complaint("k-1", customer="c"))
        daemon.kill()
        lines, told = export(daemon.folder / "state")
        assert [line["subject"] for line in lines] == ["k-0", "k-1"] and told == "", (lines, told)


run(globals())
