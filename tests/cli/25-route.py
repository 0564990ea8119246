#!/usr/bin/python3
"""redressctl route: what a configuration makes of a case, without a daemon."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, event, run  # noqa: E402

CTL = os.path.join(os.environ["REDRESS_TOOLS"], "redressctl")
RULES = """\
units:
  id: firm
  name: The firm
  calendar: office
  units: [{id: north, name: The north}, {id: south}]
calendars:
  office: {timezone: UTC, hours: [{days: mon-fri, open: ["09:00-17:00"]}]}
assessment:
  rules: [{code: loud, match: {channel: press}, points: 70}]
policies:
  - name: loans
    match: {kind: complaint, product: loan}
    clocks:
      - {name: answer, stop: decided, limit: 2bd, statutory: true, source: the law}
      - {name: talk, stop: customer_contacted, limit: 3h, time: working, on_breach: {notify: [parent]}}
      - {name: pay, start: decided, stop: closed, limit: 5d}
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: high, ack_within: 30m}
        - {after: 2h, notify: [parent], severity: critical}
  - name: all
    match: {}
clocks:
  - {name: old, match: {age: ">=60"}, stop: customer_contacted, limit: 1h}
alerts: {language: en}
"""
AT = "2026-03-06T10:00:00Z"  # a Friday


class Config:
    """A file that the daemon would take, and nobody reads it but route."""

    def __init__(self, rules=RULES):
        self.rules = rules

    def __enter__(self):
        self.daemon = Daemon(start=False, units="", rules=self.rules)
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=False)

    def route(self, *words, expect=0):
        with tempfile.TemporaryDirectory() as scratch:
            env = {**os.environ, "TMPDIR": scratch, "TZ": "UTC"}
            done = subprocess.run(
                [CTL, "route", "--config", self.daemon.config_path, *words], capture_output=True,
                text=True, timeout=60, check=False, env=env)
            assert done.returncode == expect, (words, done)
            assert not os.listdir(scratch), "it leaves nothing behind"
        return done.stderr if expect else done.stdout

    def json(self, *words):
        return json.loads(self.route("--json", "--at", AT, *words))


def test_the_policy_its_clocks_and_who_hears_what():
    with Config() as config:
        found = config.json("product=loan", "unit=north", "age=70")
        assert (found["policy"], found["unit"], found["level"]) == ("loans", "north", "none"), found
        clocks = {row["clock"]: row.get("due", "waits " + row.get("waits", "")) for row in found["clocks"]}
        assert clocks == {"answer": "2026-03-11T00:00:00Z", "talk": "2026-03-06T13:00:00Z",
                          "pay": "waits begins at decided", "old": "2026-03-06T11:00:00Z"}, clocks
        told = [(row["time"][8:16], row["unit"], row["type"], row.get("rung") or row.get("clock"))
                for row in found["told"]]
        assert told == [
            ("06T10:00", "firm/north", "ladder.rung", 1), ("06T10:30", "firm", "ladder.rung", 2),
            ("06T11:00", "firm/north", "clock.breach", "old"),
            ("06T13:00", "firm/north", "clock.breach", "talk"), ("06T13:00", "firm", "clock.breach", "talk"),
            ("11T00:00", "firm/north", "clock.breach", "answer"),
            ("11T00:00", "firm", "clock.breach", "answer"),
            ("11T09:00", "firm/north", "clock.breach", "answer"),
            ("11T09:00", "firm", "clock.breach", "answer")], told
        assert found["more"] > 20, found["more"]  # each working day until 60 days later
        found = config.json("product=loan", "--until", "2026-03-06T12:00:00Z")
        assert len(found["told"]) == 2 and found["more"] == 0, found


def test_the_daemon_does_the_same():
    with Config() as config:
        found = config.json("product=loan", "unit=north", "--until", "2026-03-20T10:00:00Z")
        daemon = config.daemon
        daemon.args = ["--clock", "events"]
        daemon.start()
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(event("complaint.registered", "k", time=AT, data={
            "customer": "c", "channel": "phone", "unit": "north", "product": "loan"}))
        seq = intake.accept(event("figure.given", time="2026-03-20T10:00:00Z", data={
            "figure": "people", "as": "base", "period": "2026", "value": 1}))["seq"]
        rows = [row for row in desk.call("feed.replay", after=0, limit=1000, min_seq=seq)["rows"]
                if row.get("case") == 1]
        assert len(rows) == len(found["told"]) + found["more"], (rows, found)
        kept = [row for row in rows if row.get("repeated", 0) <= 1]
        assert [(row["type"], row["unit"], row["title"].replace(" k", " route")) for row in kept] == \
            [(row["type"], row["unit"], row["title"]) for row in found["told"]]


def test_a_rung_before_the_unit_has_heard_is_noted():
    for hold, early in (("", True), (", hold: opening", False)):
        with Config(RULES.replace("""ack_within: 30m}
        - {after: 2h, notify: [parent], severity: critical}""", f"""ack_within: 30m, hold: opening, closed: [south]}}
        - {{after: 2h, notify: [parent], severity: high{hold}}}""")) as config:
            words = ("product=loan", "unit=north", "--until", "2026-03-07T12:00:00Z")
            late = ("--at", "2026-03-05T22:00:00Z")
            told = json.loads(config.route("--json", *late, *words))["told"]
            rungs = [(row["time"][8:16], row["unit"], row["rung"], row.get("early")) for row in told if "rung" in row]
            assert rungs == [("05T22:00", "firm/south", 1, None)] + (
                [("05T22:30", "firm", 2, True), ("06T09:00", "firm/north", 1, None)] if early else
                [("06T09:00", "firm/north", 1, None), ("06T09:00", "firm", 2, None)]), rungs
            said = [line for line in config.route(*late, *words).splitlines() if line.startswith("note:")]
            assert said == (["note: rung 2 comes at 2026-03-05T22:30:00Z, before The north hears of the case at "
                             "2026-03-06T09:00:00Z: hold: opening on the rung has it wait"] if early else []), said
            said = [line for line in config.route(*late, *words, "--lang", "zh-CN").splitlines() if line[:3] == "注意："]
            assert said == (["注意：第2级于 2026-03-05T22:30:00Z 发出，而The north至 2026-03-06T09:00:00Z 方获知；"
                             "该级写明 hold: opening 即等到上班再发"] if early else []), said


def test_people_read_it():
    with Config() as config:
        text = config.route("--at", AT, "product=loan")
        for wanted in ("policy  loans", "unit    firm/north  The north", "2026-03-10 24:00", "the law",
                       "begins at decided", "while nobody acts:", "told again, until 2026-05-05"):
            assert wanted in text, (wanted, text)


def test_contacts_letters_and_duties():
    with Config() as config:
        text = config.route("--at", AT, "kind=contact")
        assert "none: a contact of this level only counts" in text, text
        found = config.json("kind=contact", "channel=press")
        assert (found["level"], found["score"], found["policy"]) == ("high", 70, "all"), found
        found = config.json("ref=L-1", "product=loan")
        assert "case.forwarded" in [row["type"] for row in found["told"]] or found["told"], found
        found = config.json("kind=duty", "due=2026-12-31")
        assert [row["type"] for row in found["told"]] == ["duty.owed"], found


def test_what_is_wrong_is_told():
    with Config() as config:
        for words, wanted, status in (
                (["agee=70"], "did you mean age?", 1), (["unit=nort"], "data.unit", 2),
                (["kind=complant"], "a kind is contact, complaint or duty", 1),
                (["--at", AT, "--until", "2026-02-01T10:00:00Z"], "--until lies before --at", 1),
                (["--until", "2020-02-01T10:00:00Z"], "--until lies before now", 1),
                (["--at", AT, "--at", AT], "--at is given twice", 1),
                (["age"], "write KEY=VALUE", 1)):
            told = config.route(*words, expect=status)
            assert wanted in told, (words, told)
        path = config.daemon.config_path
        path.write_text(path.read_text(encoding="utf-8").replace("stop: decided", "stop: decide"),
                        encoding="utf-8")
        assert "policies[0].clocks[0].stop" in config.route("age=1", expect=1)


run(globals())
