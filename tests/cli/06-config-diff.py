#!/usr/bin/python3
"""redressctl config diff, reload --dry-run: what another configuration would move."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))
from harness import Daemon, complaint, event, run, tool  # noqa: E402

RULES = """\
policies:
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 3bd, statutory: true}]
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: info}
        - {after: 1bd, notify: [parent], severity: warning}
alerts: {language: en}
"""


SUPERVISED = """\
policies:
  - name: default
    match: {}
    ladder:
      until: acknowledged
      rungs: [{after: 0m, notify: [unit], severity: info, ack_within: 30m, hold: opening}]
alerts: {language: en}
rosters:
  night: {hand_over: opening, turns: [xj/urumqi, xj/yining], first: 2025-03-03}
supervision:
  daily_report: {by: closing-30m, owed_by: [xj/yining]}
  digest: {at: closing+30m, to: [xj/yining]}
  duties: [{duty: selfcheck, for: [xj/yining], every: month, due: 0bd}]
"""


class Office:
    def __init__(self, rules=RULES):
        self.daemon = Daemon(rules=rules, args=["--clock", "events"])
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        self.text = self.daemon.config_path.read_text()
        self.new = self.daemon.folder / "new.yaml"

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def tell(self, time, made):
        return self.intake.accept({**made, "time": f"2025-03-03T{time}:00+08:00"})["seq"]

    def kept(self, seq):
        self.desk.reach(seq)

    def ask(self, text, *args, status=0):
        self.new.write_text(text)
        done = subprocess.run([tool("redressctl"), *args, str(self.new)], capture_output=True,
                              text=True, env={**os.environ, "TZ": "Asia/Shanghai"})
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr

    def rows(self, text, *args):
        return json.loads(self.ask(text, "config", "diff", "--json", *args))["cases"]


def test_a_holiday_moves_open_cases_and_the_running_daemon_is_not_touched():
    with Office() as office:
        for i in range(3):
            office.tell("10:00", complaint(f"k-{i}", customer=f"k{i}"))
        seq = office.tell("10:01", event("case.closed", subject="k-2", data={"resolution": "r"}))
        office.kept(seq)
        closed = office.text.replace("timezone: Asia/Shanghai",
                                     "timezone: Asia/Shanghai\n    days: [{date: 2025-03-04, closed: fair}]")
        assert closed != office.text
        before = office.desk.rows("timer.list")
        said = office.ask(closed, "config", "diff")
        assert said.splitlines() == [
            line for subject in ("k-0", "k-1") for line in (
                f"case {int(subject[2]) + 1} {subject}: clock answer: "
                "2025-03-07T00:00:00+08:00 -> 2025-03-08T00:00:00+08:00",
                f"case {int(subject[2]) + 1} {subject}: next rung 2: "
                "2025-03-04T18:00:00+08:00 -> 2025-03-05T18:00:00+08:00")] + [
            "2 of 2 open cases would move"], said
        assert office.ask(closed, "reload", "--dry-run") == said
        rows = office.rows(closed)
        assert [row["case"] for row in rows] == [1, 2], rows
        assert rows[0]["moves"][0] == {"what": "clock", "name": "answer",
                                       "from": "2025-03-06T16:00:00Z",
                                       "to": "2025-03-07T16:00:00Z"}, rows
        assert office.desk.rows("timer.list") == before
        # And so it comes.
        office.daemon.write_config(closed)
        assert "reloaded" in office.daemon.reload()
        office.kept(office.tell("10:02", event("clock.accepted")))
        assert office.rows(closed) == [] and office.rows(office.text) != []
        case = office.desk.call("case.get", case=1)
        assert case["clocks"][0]["due"].strftime("%dT%H") == "07T16", case["clocks"]


def test_policies_move_only_what_is_told_to_take_them():
    with Office() as office:
        office.kept(office.tell("10:00", complaint("k-1")))
        longer = office.text.replace("limit: 3bd", "limit: 5bd").replace("after: 1bd", "after: 2bd")
        assert office.rows(longer) == []
        moves = office.rows(longer, "--reapply")[0]["moves"]
        assert [(one["what"], one["to"]) for one in moves] == [
            ("clock", "2025-03-10T16:00:00Z"), ("next rung", "2025-03-05T10:00:00Z")], moves


def test_reports_digests_duties_and_turns_that_move():
    with Office(SUPERVISED) as office:
        seq = office.tell("10:00", complaint("k-1"))
        office.kept(seq)
        assert office.ask(office.text, "config", "diff") == \
            "0 of 1 open cases would move, and 0 of 7 schedules\n"
        for then, lines in (
            (("by: closing-30m", "by: closing-2h"), [
                "unit xj/yining: report: 2025-03-03T17:30:00+08:00 -> 2025-03-03T16:00:00+08:00",
                "unit xj/yining: report then: 2025-03-03T18:00:00+08:00 -> 2025-03-03T16:30:00+08:00"]),
            (("at: closing+30m", "at: closing+2h"), [
                "unit xj/yining: digest (day): "
                "2025-03-03T18:30:00+08:00 -> 2025-03-03T20:00:00+08:00"]),
            (("due: 0bd", "due: -1bd"), [
                "unit xj/yining: duty due (selfcheck): "
                "2025-05-01T00:00:00+08:00 -> 2025-04-30T00:00:00+08:00"]),
            (("turns: [xj/urumqi, xj/yining]", "turns: [xj/yining, xj/urumqi]"), [
                "roster night: next turn: xj/yining from 2025-03-04T09:00:00+08:00 -> "
                "xj/urumqi from 2025-03-04T09:00:00+08:00",
                "roster night: turn: xj/urumqi until 2025-03-04T09:00:00+08:00 -> "
                "xj/yining until 2025-03-04T09:00:00+08:00"]),
            (("duties: [{duty: selfcheck, for: [xj/yining], every: month, due: 0bd}]", "transfers: 3"), [
                "unit xj/yining: duty (selfcheck): 2025-04-01T00:00:00+08:00 -> none",
                "unit xj/yining: duty due (selfcheck): 2025-05-01T00:00:00+08:00 -> none"]),
        ):
            text = office.text.replace(*then)
            assert text != office.text
            said = office.ask(text, "config", "diff").splitlines()
            assert said == lines + [
                f"0 of 1 open cases would move, and {len(lines)} of 7 schedules"], said
        told = json.loads(office.ask(office.text.replace("hand_over: opening", 'hand_over: "10:00"'),
                                     "config", "diff", "--json"))
        assert told["schedules_open"] == 7 and told["schedules"] == [
            {"what": "next turn", "name": "night", "from": "2025-03-04T01:00:00Z",
             "from_unit": "xj/yining", "to": "2025-03-04T02:00:00Z", "to_unit": "xj/yining"},
            {"what": "turn", "name": "night", "from": "2025-03-04T01:00:00Z",
             "from_unit": "xj/urumqi", "to": "2025-03-04T02:00:00Z", "to_unit": "xj/urumqi"}], told


def test_an_alert_that_waits_for_an_opening_moves():
    with Office(SUPERVISED) as office:
        office.kept(office.tell("20:00", complaint("k-1")))
        closed = office.text.replace("timezone: Asia/Shanghai",
                                     "timezone: Asia/Shanghai\n    days: [{date: 2025-03-04, closed: fair}]")
        said = office.ask(closed, "config", "diff")
        assert "case 1 k-1: held alert of rung 1: " \
            "2025-03-04T09:00:00+08:00 -> 2025-03-05T09:00:00+08:00\n" in said, said


def test_pages():
    with Office() as office:
        for i in range(5):
            seq = office.tell("10:00", complaint(f"k-{i}", customer=f"k{i}"))
        office.kept(office.tell("10:01", event("case.closed", subject="k-1", data={"resolution": "r"})))
        longer = office.text.replace("limit: 3bd", "limit: 5bd")
        office.new.write_text(longer)
        cases, after = [], "0"
        for _ in range(9):
            done = subprocess.run(
                [tool("redressctl"), "config", "diff", "--json", "--reapply", "--limit", "2",
                 "--after", after, str(office.new)], capture_output=True, text=True, check=True)
            told = json.loads(done.stdout)
            cases += [row["case"] for row in told["cases"]]
            if "next" not in told:
                break
            after = str(told["next"])
        assert cases == [1, 3, 4, 5], (cases, seq)
        said = office.ask(longer, "config", "diff", "--reapply", "--limit", "2")
        assert said.splitlines()[-1] == "2 of 2 open cases would move", said
        assert "give a number" in office.ask(longer, "config", "diff", "--limit", "x", status=1)


def test_units_that_go_are_said():
    with Office() as office:
        office.kept(office.tell("10:00", complaint("k-1", unit="xj/yining")))
        line = "    - {id: yining, name: Yining}\n"
        said = office.ask(office.text.replace(line, ""), "config", "diff", status=2)
        assert "xj/yining" in said and "open cases: 1" in said, said
        moved = office.text.replace(line, "    - {id: yining, name: Yining, moved_to: d3}\n")
        moves = office.rows(moved)[0]["moves"]
        assert moves[0] == {"what": "unit", "from": "xj/yining", "to": "xj/urumqi/d3"}, moves


def test_what_is_wrong_is_said():
    with Office() as office:
        assert "nonsense" in office.ask(office.text + "nonsense: 1\n", "config", "diff", status=2)
        assert "SIGHUP" in office.ask(office.text, "reload", status=1)
        assert "store" in office.ask(office.text, "config", "diff", "--state", "/nowhere", status=1)


run(globals())
