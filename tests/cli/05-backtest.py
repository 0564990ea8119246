#!/usr/bin/python3
"""redress-backtest(1): what a configuration would have done with a history."""
import csv
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import run  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
ROOT = HERE.parent.parent
SAMPLE = ROOT / "tests/data/cfpb-sample.csv"
GOLDEN = ROOT / "tests/data/cfpb-backtest.txt"
EXAMPLES = ROOT / "tools/examples"

CONFIG = """\
redress: 1
state: /nowhere
listen: {intake: [ipc:///nowhere/i], feed: [ipc:///nowhere/f], desk: [ipc:///nowhere/d]}
units: {id: hq, name: HQ, calendar: office, units: [{id: a, name: A}, {id: b, name: B}]}
calendars:
  office: {timezone: Asia/Shanghai, hours: [{days: mon-fri, open: ["09:00-17:00"]}]}
assessment:
  levels: {watch: 10, high: 30, critical: 80}
  open_case_at: high
  follow_up: 10d
  rules:
    - {code: angry, match: {channel: angry}, points: 30}
    - {code: cold, match: {channel: cold}, points: 10}
policies:
  - name: contact
    match: {kind: contact}
  - name: default
    match: {}
    clocks:
      - {name: quick, start: received, stop: decided, limit: 1bd, on_breach: {notify: [parent]}}
      - {name: law, start: received, stop: decided, limit: 15d, statutory: true, reminders: [{before: 3d}],
         on_breach: {notify: [], repeat: {every: 1bd, times: 0}}}
    ladder:
      until: decided
      rungs:
        - {after: 0m, notify: [unit], severity: warning, ack_within: 2h, time: working}
        - {after: 2bd, notify: [parent], severity: high}
"""

MAPPING = {
    "zone": "+08:00",
    "event": {"id": "r{no}", "source": "crm", "type": "complaint.registered", "subject": "S-{no}",
              "time": {"column": "asked", "required": True},
              "data": {"customer": "c{no}", "channel": "{channel}", "unit": "hq/{unit}"}},
    "then": [{"id": "a{no}", "source": "crm", "type": "case.decided", "subject": "S-{no}",
              "time": {"column": "answered"}, "data": {"outcome": "upheld"}}],
    "outcome": {"column": "disputed", "yes": ["Y"], "no": ["N"]},
}

# asked and answered, Beijing time; Friday is the 5th of June 2026, and this file is in no order
ROWS = """\
no,asked,answered,channel,unit,disputed
1,2026-06-01 10:00,2026-06-02 11:00,angry,a,Y
2,2026-06-01 10:30,2026-06-30 09:00,angry,a,N
4,2026-06-05 10:00,2026-06-08 23:59,cold,b,N
3,2026-06-03 09:00,,cold,b,?
"""


def backtest(*args, status=0, **more):
    done = subprocess.run([TOOLS / "redress-backtest", *map(str, args)], capture_output=True,
                          text=True, timeout=100, check=False, **more)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


class Folder:
    """A configuration, a mapping and rows, to be changed and tried."""

    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.scratch.name)

    def __enter__(self):
        self.put("redress.yaml", CONFIG)
        self.put("map.json", json.dumps(MAPPING))
        self.put("rows.csv", ROWS)
        return self

    def __exit__(self, *_):
        self.scratch.cleanup()

    def put(self, name, text):
        (self.path / name).write_text(text, encoding="utf-8")
        return self.path / name

    def args(self, *more):
        return ["--config", self.path / "redress.yaml", "--map", self.path / "map.json",
                *more, self.path / "rows.csv"]

    def json(self, *more, **args):
        return json.loads(backtest(*self.args("--json", *more), **args).stdout)


def test_the_sample_gives_the_golden_report_each_time():
    args = ["--config", "tools/examples/cfpb.yaml", "--map", EXAMPLES / "cfpb-history.json", SAMPLE]
    first = backtest(*args, cwd=ROOT).stdout
    again = backtest(*args, cwd=ROOT, env={**os.environ, "TMPDIR": "/tmp", "TZ": "Asia/Tokyo"}).stdout
    assert first == again, "two runs differ"
    assert first == GOLDEN.read_text(encoding="utf-8"), first


def test_clocks_rungs_and_outcomes_are_those_counted_by_hand():
    with Folder() as folder:
        told = folder.json()
        assert told["run"]["events"]["count"] == told["run"]["accepted"]["count"] == 7, told["run"]
        assert told["from"] == "2026-06-01T02:00:00Z" and told["to"] == "2026-06-30T01:00:00Z"
        # 1 and 4 in time (Friday's 1bd is Monday's end), 2 late, 3 never
        quick, law = told["clocks"]["quick"], told["clocks"]["law"]
        assert (quick["in_time"], quick["late"], quick["breached"]) == (2, 1, 1), quick
        assert (law["in_time"], law["late"], law["breached"]) == (2, 1, 1), law
        assert quick["breach_alerts"] == 4 and law["breach_alerts"] == 2  # quick tells the parent too
        assert quick["in_time_share"] == 5000
        # nobody acknowledges, and 2h of opening are over before any answer: all climb to the second
        assert told["rungs"] == {"1": {"fired": 4, "renotified": 0}, "2": {"fired": 4, "renotified": 0}}
        levels = told["outcome_levels"]
        assert (levels["high"]["assessed"], levels["high"]["true"], levels["high"]["false"]) == (2, 1, 1)
        assert levels["high"]["precision"] == 5000 and levels["high"]["recall"] == 10000
        assert levels["high"]["lift"] == 15000, levels  # one of two beside one of three
        assert levels["watch"]["open"] == 1 and levels["watch"]["precision"] == 3333, levels
        codes = told["outcome_codes"]
        assert codes["rule angry"]["true"] == 1 and codes["rule cold"]["false"] == 1, codes
        assert told["hours"]["10"]["events"] == 3 and told["hours"]["09"]["events"] == 2


def test_until_leaves_off_and_goes_on():
    with Folder() as folder:
        short = folder.json("--until", "2026-06-02T15:59:59Z")  # the last minute of Tuesday there
        assert short["run"]["events"]["count"] == 3 and short["run"]["events after --until"]["count"] == 4
        assert short["clocks"]["quick"]["running"] == 1 and short["clocks"]["quick"]["breached"] == 0
        over = folder.json("--until", "2026-06-02T16:00:00Z")  # midnight: now it is due
        assert over["clocks"]["quick"]["breached"] == 1, over["clocks"]
        late = folder.json("--until", "2026-08-01T00:00:00Z")
        assert late["clocks"]["law"]["running"] == 0


def test_two_configurations_stand_side_by_side():
    with Folder() as folder:
        strict = folder.put("strict.yaml", CONFIG.replace("limit: 1bd", "limit: 3bd")
                            .replace("code: cold", "code: frosty").replace("points: 10}", "points: 40}"))
        told = folder.json("--against", strict)
        assert told["configurations"] == [str(folder.path / "redress.yaml"), str(strict)]
        assert told["clocks"]["quick"]["late"] == [1, 1] and told["clocks"]["quick"]["in_time"] == [2, 2]
        assert told["warnings"]["high"]["complaints"] == [2, 4], told["warnings"]
        assert told["outcome_codes"]["rule frosty"]["assessed"] == [None, 2]
        assert told["outcome_codes"]["rule cold"]["assessed"] == [2, None]
        alone = folder.json()
        assert told["alerts"]["clock.breach"]["alerts"][0] == alone["alerts"]["clock.breach"]["alerts"]
        text = backtest(*folder.args("--against", strict)).stdout
        assert "Left: " in text and "Right: " in text and " | " in text
        rows = list(csv.DictReader(io.StringIO(
            backtest(*folder.args("--against", strict, "--output", "csv")).stdout)))
        breach = [row for row in rows if row["table"] == "warnings" and row["key"] == "high"
                  and row["figure"] == "complaints"]
        assert [(row["left"], row["right"]) for row in breach] == [("2", "4")], breach


def contact(number, day, customer, kind="contact.received", channel="angry"):
    return json.dumps({"id": f"e{number}", "source": "s", "type": kind, "subject": f"T-{number}",
                       "time": f"2026-03-{day:02}T12:00:00Z",
                       "data": {"customer": customer, "channel": channel, "unit": "hq/a"}})


def test_contacts_are_measured_by_the_ledger():
    with Folder() as folder:
        lines = [contact(1, 1, "x"), contact(2, 1, "y"), contact(3, 2, "z", channel="cold"),
                 contact(4, 5, "x", kind="complaint.registered"),
                 contact(5, 14, "y", kind="complaint.registered"),  # 13 days: too late for y
                 contact(6, 20, "w"), contact(7, 21, "v", channel="cold")]
        events = folder.put("events.ndjson", "\n".join(lines) + "\n")
        told = json.loads(backtest("--config", folder.path / "redress.yaml", "--json", events).stdout)
        assert told["contact_levels"]["high"] == {
            "assessed": 3, "open": 1, "true": 1, "false": 1, "precision": 5000, "recall": 10000,
            "lift": 15000}, told["contact_levels"]
        assert told["contact_levels"]["watch"]["assessed"] == 2 and told["contact_levels"]["watch"]["open"] == 1
        assert told["contact_codes"]["rule cold"]["false"] == 1
        assert told["cases"]["contact"]["grown"] == 2, told["cases"]
        assert "outcome_levels" not in told, "no mapping said what became of them"


def test_bad_rows_are_said_and_the_others_run():
    with Folder() as folder:
        folder.put("rows.csv", ROWS + "5,someday,,cold,b,Y\n6,2026-06-03 09:00,,,b,Y\n")
        done = backtest(*folder.args("--json"), status=2)
        assert 'line 6: time: "someday": not a date or time' in done.stderr, done.stderr
        assert "line 7: data.channel" in done.stderr, done.stderr
        told = json.loads(done.stdout)
        assert told["run"]["bad rows"]["count"] == 2 and told["run"]["accepted"]["count"] == 7
        folder.put("rows.csv", ROWS + "5,2026-06-03 09:00,,cold,nowhere,Y\n")
        told = folder.json()  # that is for the engine to say
        assert told["rejected"] == {"unknown_unit": {"events": 1}}, told["rejected"]


def test_what_is_wrong_on_the_command_line_or_in_a_file_is_said():
    with Folder() as folder:
        rows, yaml = folder.path / "rows.csv", folder.path / "redress.yaml"
        for args, what in [
                ([rows], "give --config"),
                (["--config", yaml], "give one file of history"),
                (["--config", yaml, "--format", "csv", rows], "CSV wants --map"),
                (["--config", yaml, "--output", "xml", rows], "text, json or csv"),
                (["--config", yaml, "--until", "2026-06-01", rows], "a time with its offset"),
                (folder.args()[:-1] + [folder.path / "none.csv"], "No such file")]:
            assert what in backtest(*args, status=1).stderr, args
        folder.put("redress.yaml", CONFIG.replace("limit: 1bd", "limit: 1bdd"))
        said = backtest(*folder.args(), status=1).stderr
        assert "redress.yaml:" in said and "1bdd" in said, said
        for key, value, what in [
                ("then", {}, "then: give a list"),
                ("then", [{"id": "x", "source": "s", "type": "t"}], "then[0]: give an event, with its time"),
                ("then", [{"id": "x", "source": "s", "time": "{asked}"}], "then[0].type is missing"),
                ("outcome", {"yes": ["Y"], "no": ["N"]}, 'give "column", "yes" and "no"'),
                ("outcome", {"column": "disputed", "yes": [], "no": ["N"]}, "outcome.yes"),
                ("outcome", {"column": "disputed", "yes": ["Y"], "no": ["N"], "so": 1}, "outcome.so")]:
            folder.put("map.json", json.dumps({**MAPPING, key: value}))
            assert what in backtest(*folder.args(), status=1).stderr, (key, value)


def appeared(folder, process):
    """The first thing in the folder, as soon as it is there."""
    deadline = time.monotonic() + 100
    while not (found := list(folder.iterdir())):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "no folder for the run"
    return found[0]


def test_a_run_that_is_interrupted_leaves_nothing_behind():
    head, *rows = ROWS.splitlines()
    for number, rest in enumerate(["01 10:00,2026-06-02 11:00,angry,a,Y"] * 300000):
        rows.append(f"{10 + number},2026-06-{rest}")
    for what in (signal.SIGINT, signal.SIGTERM):
        with Folder() as folder:
            folder.put("rows.csv", "\n".join([head, *rows]) + "\n")
            place = folder.path / "tmp"
            place.mkdir()
            process = subprocess.Popen(
                [TOOLS / "redress-backtest", *folder.args()], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True, env={**os.environ, "TMPDIR": str(place)})
            appeared(place, process)
            process.send_signal(what)
            printed, said = process.communicate(timeout=100)
            assert process.returncode == -what, (process.returncode, said)
            assert printed == "", printed
            assert not list(place.iterdir()), list(place.iterdir())


if __name__ == "__main__":
    run(globals())
