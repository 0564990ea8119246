#!/usr/bin/python3
"""Rosters: whose turn it is when the office is closed. redress.yaml(5), redressctl(1)."""
import os
import subprocess

from harness import Daemon, at, complaint, event, run, tool, verify
from world import World

RULES = """\
assessment: {open_case_at: high}
rosters:
  night: {name: 夜班, hand_over: opening, turns: [xj/urumqi/d3, counter1, yining], first: 2025-09-22}
  week: {hand_over: "mon 09:00", turns: [consumer, yining], first: 2025-09-23}
policies:
  - name: default
    match: {}
    clocks: []
    ladder: {rungs: [{after: 0m, notify: ["roster: night"], severity: high}]}
alerts: {language: en}
"""
CALENDAR = """
    days:
      - {date: 2025-10-01, through: 2025-10-08, closed: National Day}
      - {date: 2025-09-28, work: true, name: make-up}
"""


class Rosters(World):
    def __init__(self):
        super().__init__(RULES, start=False)
        hours = '      - {days: mon-fri, open: ["09:00-18:00"]}\n'
        text = self.daemon.config_path.read_text()
        self.daemon.write_config(text.replace(hours, hours + CALENDAR[1:]))
        self.daemon.start()

    def told(self, when, subject):
        """Who hears of a case that comes then."""
        self.take(when, complaint(subject))
        (alert,) = [a for a in self.daemon.desk().replay() if a.get("subject") == subject]
        return alert["unit"]

    def ctl(self, *words):
        folder = self.daemon.folder
        return subprocess.run([tool("redressctl"), *words, "--run", str(folder)], check=True,
                              capture_output=True, text=True, env={**os.environ, "TZ": "UTC"}).stdout


def override(unit, begin, end, roster="night"):
    return event("roster.overridden", data={"roster": roster, "unit": unit, "from": begin,
                                            "until": end, "by": "wang"})


def test_one_turn_spans_a_festival():
    with Rosters() as world:
        assert world.told("2025-09-22T09:00:00+08:00", "a") == "xj/urumqi/d3"
        assert world.told("2025-09-23T08:59:59+08:00", "b") == "xj/urumqi/d3"
        assert world.told("2025-09-23T09:00:00+08:00", "c") == "xj/urumqi/counter1"
        assert world.told("2025-09-27T12:00:00+08:00", "d") == "xj/urumqi/counter1"  # Friday's
        assert world.told("2025-09-28T09:00:00+08:00", "e") == "xj/yining"  # a make-up Sunday
        assert world.told("2025-09-30T09:00:00+08:00", "f") == "xj/urumqi/counter1"
        for day in range(1, 9):  # the third day at two in the night among them
            assert world.told(f"2025-10-0{day}T02:00:00+08:00", f"g{day}") == "xj/urumqi/counter1"
        assert world.told("2025-10-09T09:00:00+08:00", "h") == "xj/yining"
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_another_unit_stands_in_for_a_span():
    with Rosters() as world:
        taken = world.take("2025-09-22T09:00:00+08:00", override(
            "yining", "2025-09-22T18:00:00+08:00", "2025-09-22T22:00:00+08:00"))
        assert taken["roster"] == "night", taken
        world.take("2025-09-22T09:00:00+08:00", override(
            "xj/consumer", "2025-09-22T20:00:00+08:00", "2025-09-23T12:00:00+08:00"))
        assert world.told("2025-09-22T17:59:59+08:00", "a") == "xj/urumqi/d3"
        assert world.told("2025-09-22T18:00:00+08:00", "b") == "xj/yining"
        assert world.told("2025-09-22T20:00:00+08:00", "c") == "xj/consumer"
        assert world.told("2025-09-23T12:00:00+08:00", "d") == "xj/urumqi/counter1"
        rows = world.daemon.desk().rows("roster.list", roster="night", **{
            "from": "2025-09-22T09:00:00+08:00", "to": "2025-09-24T09:00:00+08:00"})
        assert [(r["unit"], r["overridden"], r.get("by")) for r in rows] == [
            ("xj/urumqi/d3", False, None), ("xj/yining", True, "wang"), ("xj/consumer", True, "wang"),
            ("xj/urumqi/counter1", False, None)], rows
        assert all(a["until"] == b["from"] for a, b in zip(rows, rows[1:])), rows


def test_a_reload_that_takes_away_who_stands_in_says_so():
    with Rosters() as world:
        daemon = world.daemon
        world.take("2025-09-22T09:00:00+08:00", override(
            "xj/consumer", "2025-09-22T12:00:00+08:00", "2025-09-24T12:00:00+08:00"))
        taken = world.take("2025-09-22T13:00:00+08:00", override(
            "xj/urumqi/d3", "2025-09-25T00:00:00+08:00", "2025-09-26T00:00:00+08:00"))
        daemon.desk().reach(taken["seq"])
        text = daemon.config_path.read_text()
        other = daemon.folder / "other.yaml"
        other.write_text(text.replace("    - {id: consumer, name: Consumer protection}\n", "").replace(
            "turns: [consumer, yining]", "turns: [yining]"))
        said = world.ctl("config", "diff", str(other)).splitlines()
        assert [line for line in said if "stand-in" in line or "night: turn" in line] == [
            "roster night: turn: xj/consumer until 2025-09-24T04:00:00Z -> "
            "xj/urumqi/d3 until 2025-09-23T01:00:00Z",
            "roster night: turn then: xj/urumqi/d3 from 2025-09-25T16:00:00Z -> "
            "xj/yining from 2025-09-24T01:00:00Z",
            "roster night: stand-in: xj/consumer until 2025-09-24T04:00:00Z -> none"], said
        daemon.write_config(other.read_text())
        assert "reloaded" in daemon.reload()
        (line,) = [line for line in daemon.log().splitlines() if "nobody stands in" in line]
        assert 'roster="night" unit="xj/consumer" until=2025-09-24T04:00:00Z' in line, line
        assert world.told("2025-09-22T14:00:00+08:00", "a") == "xj/urumqi/d3"
        assert world.told("2025-09-25T02:00:00+08:00", "b") == "xj/urumqi/d3"  # the other one stands
        daemon.restart()
        assert daemon.log().count("nobody stands in") == 1, daemon.log()


def test_turns_that_a_reload_shifts_behind_a_stand_in_are_told():
    with Rosters() as world:
        daemon = world.daemon
        taken = world.take("2025-09-22T17:00:00+08:00", override(  # all of counter1's turn and some of the others
            "consumer", "2025-09-22T20:00:00+08:00", "2025-09-24T12:00:00+08:00"))
        daemon.desk().reach(taken["seq"])
        other = daemon.folder / "other.yaml"
        same = daemon.config_path.read_text()
        other.write_text(same)
        assert "roster" not in world.ctl("config", "diff", str(other))
        other.write_text(same.replace("counter1, yining]", "yining, counter1]"))
        said = [line for line in world.ctl("config", "diff", str(other)).splitlines() if "roster night" in line]
        assert said == ["roster night: turn then: xj/yining from 2025-09-24T04:00:00Z -> "
                        "xj/urumqi/counter1 from 2025-09-24T04:00:00Z"], said
        daemon.write_config(other.read_text())
        assert "reloaded" in daemon.reload()
        rows = daemon.desk().rows("roster.list", roster="night")
        assert [row["unit"] for row in rows[:3]] == ["xj/urumqi/d3", "xj/consumer", "xj/urumqi/counter1"], rows


def test_the_rest_of_a_turn_is_not_the_one_behind():
    with Rosters() as world:
        taken = world.take("2025-09-22T10:00:00+08:00", override(
            "consumer", "2025-09-22T20:00:00+08:00", "2025-09-22T22:00:00+08:00"))
        world.daemon.desk().reach(taken["seq"])
        other = world.daemon.folder / "other.yaml"
        other.write_text(world.daemon.config_path.read_text().replace("counter1, yining]", "yining, counter1]"))
        said = [line for line in world.ctl("config", "diff", str(other)).splitlines() if "roster night" in line]
        assert said == ["roster night: turn then: xj/urumqi/counter1 from 2025-09-23T01:00:00Z -> "
                        "xj/yining from 2025-09-23T01:00:00Z"], said


def test_the_unit_that_has_the_work_has_the_turn():
    with Rosters() as world:
        world.take("2025-09-22T10:00:00+08:00", override(
            "consumer", "2025-09-22T18:00:00+08:00", "2025-09-23T09:00:00+08:00"))
        taken = world.take("2025-09-22T11:00:00+08:00")
        world.daemon.desk().reach(taken["seq"])
        span = {"roster": "night", "to": "2025-09-25T09:00:00+08:00"}
        assert [row["unit"] for row in world.daemon.desk().rows("roster.list", **span)] == [
            "xj/urumqi/d3", "xj/consumer", "xj/urumqi/counter1", "xj/yining"]
        old, new = "name: Consumer protection}", "name: Consumer protection, moved_to: xj/urumqi/d3}"
        other = world.daemon.folder / "other.yaml"
        other.write_text(world.daemon.config_path.read_text().replace(old, new))
        said = world.ctl("config", "diff", str(other))
        assert "roster night: next turn: xj/consumer from 2025-09-22T10:00:00Z -> " \
            "xj/urumqi/d3 from 2025-09-22T10:00:00Z" in said and "stand-in" not in said, said
        world.configure(old, new)
        assert world.told("2025-09-22T19:00:00+08:00", "a") == "xj/urumqi/d3"
        rows = world.daemon.desk().rows("roster.list", **span)
        assert [(row["unit"], row["unit_name"], row["overridden"]) for row in rows[:2]] == [
            ("xj/urumqi/d3", "Third district", True), ("xj/urumqi/counter1", "Counter one", False)], rows
        (now, week) = world.daemon.desk().rows("roster.list")
        assert now["unit"] == "xj/urumqi/d3" and "xj/consumer" not in world.ctl("rosters"), (now, week)
        weeks = world.daemon.desk().rows("roster.list", roster="week", to="2025-10-10T00:00:00Z")
        assert [row.get("unit") for row in weeks] == [None, "xj/urumqi/d3", "xj/yining"], weeks


def test_what_cannot_be_overridden_is_refused():
    with Rosters() as world:
        begin, end = "2025-09-22T18:00:00+08:00", "2025-09-22T22:00:00+08:00"
        for made, code, field in [(override("yining", begin, end, "day"), "bad_value", "data.roster"),
                                  (override("yining", end, begin), "bad_value", "data.until"),
                                  (override("nobody", begin, end), "unknown_unit", "data.unit")]:
            receipt = world.daemon.intake().send({**made, "time": at(begin)})
            assert receipt["status"] == "rejected", receipt
            assert (receipt["error"]["code"], receipt["error"]["field"]) == (code, field), receipt


def test_the_list_and_its_pages():
    with Rosters() as world:
        world.take("2025-09-22T10:00:00+08:00", complaint("C1"))
        desk = world.daemon.desk()
        now = {row["roster"]: row for row in desk.rows("roster.list")}
        assert now["night"]["unit"] == "xj/urumqi/d3" and now["night"]["name"] == "夜班", now
        assert "unit" not in now["week"], now  # its first turn begins on the 29th
        span = {"roster": "week", "from": "2025-09-22T00:00:00Z", "to": "2026-03-01T00:00:00Z"}
        whole = desk.rows("roster.list", **span)
        assert desk.rows("roster.list", limit=3, **span) == whole
        assert [r.get("unit") for r in whole[:4]] == [
            None, "xj/consumer", "xj/yining", "xj/consumer"], whole[:4]
        assert whole[1]["from"] == at("2025-09-29T09:00:00+08:00"), whole[1]
        days = desk.call("roster.list", **span)["days"]
        assert {"date": "2025-09-28", "name": "make-up", "working": True} in days, days
        assert sum(not day["working"] for day in days) == 8, days
        desk.refuses("bad_params", "roster.list", roster="nigth")
        desk.refuses("bad_params", "roster.list", roster="night", to="2020-01-01T00:00:00Z")


def test_redressctl_prints_it_and_a_calendar_program_reads_it():
    with Rosters() as world:
        world.take("2025-09-22T10:00:00+08:00", complaint("C1"))
        assert "夜班" not in world.ctl("rosters") and "xj/urumqi/d3" in world.ctl("rosters")
        table = world.ctl("roster", "night", "--from", "2025-09-29T00:00:00+08:00",
                          "--to", "2025-10-10T00:00:00+08:00")
        assert "National Day" in table and table.count("xj/urumqi/counter1") == 1, table
        text = world.ctl("roster", "night", "--ical", "--from", "2025-09-26T00:00:00+08:00",
                         "--to", "2025-10-10T00:00:00+08:00").replace("\r\n", "\n")
        assert text.startswith("BEGIN:VCALENDAR\nVERSION:2.0\n"), text
        assert "DTSTART:20250930T010000Z\nDTEND:20251009T010000Z\nSUMMARY:夜班: Counter one\n" in text
        assert "DTSTART;VALUE=DATE:20250928\nSUMMARY:make-up (working day)\n" in text, text
        assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") and text.endswith(
            "END:VCALENDAR\n")


def test_a_day_that_opens_though_its_weekday_does_not_is_listed():
    with Rosters() as world:
        line = "      - {date: 2025-09-28, work: true, name: make-up}\n"
        world.configure(line, """\
      - {date: 2025-09-28, open: ["09:00-11:30", "13:00-15:00"], name: make-up}
      - {date: 2025-09-27, open: ["10:00-12:00"]}
      - {date: 2025-09-29, open: ["09:00-12:00"], name: early}
""")
        world.take("2025-09-22T10:00:00+08:00", complaint("C1"))
        days = world.daemon.desk().call("roster.list", roster="night", to="2025-10-01T00:00:00Z")["days"]
        assert days[:2] == [  # a Saturday and a Sunday; the Monday opens as Mondays do
            {"date": "2025-09-27", "name": "", "working": True, "hours": ["10:00-12:00"]},
            {"date": "2025-09-28", "name": "make-up", "working": True, "hours": ["09:00-11:30", "13:00-15:00"]},
        ], days
        assert [day["date"] for day in days[2:]] == ["2025-10-01"], days
        table = world.ctl("roster", "night", "--to", "2025-10-01T00:00:00Z")
        assert "2025-09-28 make-up yes 09:00-11:30, 13:00-15:00" in " ".join(table.split()), table
        text = world.ctl("roster", "night", "--ical", "--to", "2025-10-01T00:00:00Z")
        assert "DTSTART;VALUE=DATE:20250928\nSUMMARY:make-up" in text and "VALUE=DATE:20250927" in text, text


def noted(rules):
    daemon = Daemon(rules=rules, start=False)
    done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True)
    daemon.close()
    assert done.returncode == 0, done.stderr
    return [line for line in done.stderr.splitlines() if "turn" in line]


def test_closed_that_tells_nobody_new_is_noted():
    for notify, closed, wanted in (
            ("unit", "roster: week", "xj/consumer can have the turn of roster week and be told by rung 1 itself, as "
                                     "can 1 more of its turns: it is told at once then, and nobody else is"),
            ("parent", "roster: night", None), ("parent", "roster: up", "xj/urumqi can have the turn of roster up"),
            ("'ancestor: 2'", "roster: up", None), ("yining", "roster: week", "xj/yining can have"),
            ("unit", "roster: week', 'xj", None)):
        rung = f"rungs: [{{after: 0m, notify: [{notify}], severity: high, hold: opening, closed: ['{closed}']}}]"
        said = noted(RULES.replace('rungs: [{after: 0m, notify: ["roster: night"], severity: high}]', rung).replace(
            "rosters:\n", "rosters:\n  up: {hand_over: opening, turns: [urumqi], first: 2025-09-22}\n"))
        assert [wanted in line for line in said] == [True] if wanted else not said, (notify, closed, said)
        assert not said or "policies[0].ladder.rungs[0].closed: " in said[0], said
    breach = RULES.replace("clocks: []", "clocks: [{name: answer, limit: 2h, on_breach: {hold: opening, closed: "
                                         "['roster: week']}}]")
    (line,) = noted(breach)
    assert "policies[0].clocks[0].on_breach.closed: xj/consumer can have" in line and "by a breach itself" in line


def test_turns_that_have_not_begun_are_noted():
    rung = 'rungs: [{after: 0m, notify: [xj], severity: high, hold: opening, closed: ["roster: night"]}]'
    rules = RULES.replace('rungs: [{after: 0m, notify: ["roster: night"], severity: high}]', rung)
    assert noted(rules) == []
    for hand_over, begins in (('"mon 09:00"', "9990-01-01T01:00:00Z"), ('"tue 09:00"', "9990-01-02T01:00:00Z")):
        ahead = rules.replace("hand_over: opening", f"hand_over: {hand_over}").replace("2025-09-22", "9990-01-01")
        assert noted(ahead) == [
            f"note: rosters.night: its first turn begins {begins}: until then nobody has it, and closed of "
            "rung 1 of policy default tells nobody by it"], noted(ahead)
    unused = RULES.replace("2025-09-22", "9990-01-01")
    assert noted(unused) == []


def test_what_cannot_be_is_refused_at_load():
    for change, what in [(("opening", '"noon"'), "not a hand-over"), (("yining]", "nobody]"), "no such unit"),
                         (("roster: night", "roster: day"), "no such unit"),
                         (("[consumer, yining]", "[]"), "turns")]:
        daemon = Daemon(rules=RULES.replace(*change), start=False)
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True)
        assert done.returncode == 1 and what in done.stderr, (change, done.stderr)
        daemon.close()


run(globals())
