#!/usr/bin/python3
"""Daily reports and what is unread: redress.yaml(5), "supervision". Time comes from events."""
import datetime
import subprocess

from harness import Daemon, complaint, event, run, verify
from world import World

RULES = """\
assessment: {open_case_at: high}
policies:
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 30d}]
    ladder: {rungs: [{after: 0m, notify: [unit], severity: info, ack_within: 20d}]}
supervision: %s
alerts: {language: en}
"""
REPORTS = "{daily_report: {by: closing-30m}}"
D3, PARENT = "xj/urumqi/d3", "xj/urumqi"


class Reports(World):
    def __init__(self, supervision):
        super().__init__(RULES % supervision)

    def missing(self):
        """(told to, of which unit, of which day)"""
        return [(a["unit"], a["reasons"][0]["code"], a["reasons"][0]["detail"])
                for a in self.alerts("unit.report_missing")]


def report(unit, date, opened=0, closed=0, open=0):
    return event("unit.reported", data={"unit": unit, "date": date, "opened": opened,
                                        "closed": closed, "open": open})


def test_a_missing_report_is_told_to_the_unit_and_then_to_its_parent():
    with Reports(REPORTS) as world:
        world.take("2025-09-22T09:00:00+08:00")
        world.take("2025-09-22T17:00:00+08:00", report("xj/yining", "2025-09-22"))
        world.take("2025-09-22T17:29:59+08:00", report("xj/urumqi/counter1", "2025-09-22"))
        assert world.missing() == []
        world.take("2025-09-22T17:30:00+08:00", report("xj/consumer", "2025-09-22"))
        assert world.missing() == [("xj/consumer", "xj/consumer", "2025-09-22"),
                                   (D3, D3, "2025-09-22")], world.missing()
        told = world.alerts("unit.report_missing")[1]
        assert told["severity"] == "warning" and told["cause"] == {"timer": "unit-day report"}, told
        assert told["title"] == (
            "The daily report of Third district is missing (2025-09-22): please send it"), told
        world.take("2025-09-22T18:00:00+08:00")
        assert world.missing()[2:] == [(PARENT, D3, "2025-09-22")], world.missing()


def test_only_on_working_days_and_a_nil_report_counts():
    with Reports(REPORTS) as world:
        world.take("2025-09-26T09:00:00+08:00")  # a Friday
        for unit in ("xj/yining", "xj/urumqi/counter1", "xj/consumer", D3):
            world.take("2025-09-26T17:00:00+08:00", report(unit, "2025-09-26"))
        world.take("2025-09-29T17:29:00+08:00")  # Monday
        assert world.missing() == []


def test_owed_by_and_then_are_as_configured():
    with Reports('{daily_report: {by: "17:00", owed_by: ["xj/*"], then: consumer, then_after: 0m}}') as w:
        w.take("2025-09-22T09:00:00+08:00")
        w.take("2025-09-22T17:00:00+08:00")
        assert [(to, unit) for to, unit, _ in w.missing()] == [
            ("xj/consumer", "xj/consumer"), ("xj/consumer", "xj/consumer"),
            (PARENT, PARENT), ("xj/consumer", PARENT),
            ("xj/yining", "xj/yining"), ("xj/consumer", "xj/yining")], w.missing()


def test_the_days_of_a_downtime_are_told_once():
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=10)
    with Reports(REPORTS) as world:
        world.take(begin.isoformat())
        world.daemon.stop()
        world.daemon.args = []  # it lives in real time from here on
        world.daemon.start()
        told = world.daemon.desk().until(
            lambda rows: sum(a["type"] == "unit.report_missing" for a in rows) == 8, "feed.replay")
        rows = [a for a in told if a["type"] == "unit.report_missing" and a["reasons"][0]["code"] == D3]
        assert [a["unit"] for a in rows] == [D3, PARENT], rows
        for row in rows:
            first, _, last = row["reasons"][0]["detail"].partition(" … ")
            assert 5 <= row["count"] <= 9 and first < last and row["late_by"] > 86400, row
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_a_downtime_between_the_two_tellings_loses_none():
    day = datetime.date.today() - datetime.timedelta(days=10)
    while day.weekday() > 4:
        day -= datetime.timedelta(days=1)
    with Reports(REPORTS) as world:
        world.take(f"{day}T09:00:00+08:00")
        world.take(f"{day}T17:45:00+08:00")  # units have heard of this day, their parents not yet
        assert [to for to, _, _ in world.missing()] == [of for _, of, _ in world.missing()]
        world.daemon.stop()
        world.daemon.args = []  # it lives in real time from here on
        world.daemon.start()
        told = world.daemon.desk().until(
            lambda rows: sum(a["type"] == "unit.report_missing" for a in rows) == 16, "feed.replay")
        days = [(a["unit"], a["reasons"][0]["detail"].partition(" … ")[0], a.get("count", 1))
                for a in told if a["type"] == "unit.report_missing" and
                a["reasons"][0]["code"] == D3]
        assert [to for to, _, _ in days] == [D3, PARENT, D3, PARENT], days
        assert days[0][1] == days[1][1] == str(day) and days[2][1:] == days[3][1:], days
        assert days[2][2] >= 5, days
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_a_reload_asks_for_no_day_again():
    with Reports(REPORTS) as world:
        world.take("2025-09-22T17:40:00+08:00")  # a day whose time has come before all is not owed
        assert world.missing() == []
        world.take("2025-09-23T17:30:00+08:00")
        assert len(world.missing()) == 4, world.missing()
        world.configure("closing-30m", "closing-10m")
        world.take("2025-09-23T17:55:00+08:00")
        assert len(world.missing()) == 4, world.missing()
        world.take("2025-09-24T17:50:00+08:00")
        assert [day for _, _, day in world.missing()].count("2025-09-24") == 4


def test_unread_is_told_once_a_day_until_somebody_reads():
    with Reports("{unread: {after: 4h, time: working}}") as world:
        world.take("2025-09-22T15:00:00+08:00", complaint("C1"))
        world.take("2025-09-23T09:59:59+08:00")
        assert world.alerts("unit.unread") == []
        world.take("2025-09-23T10:00:00+08:00", complaint("C2"))
        (told,) = world.alerts("unit.unread")
        assert told["unit"] == PARENT and told["count"] == 1, told
        assert told["reasons"][0]["code"] == D3, told
        assert told["reasons"][0]["detail"] == "2025-09-22 15:00", told
        world.take("2025-09-24T08:59:59+08:00")
        assert len(world.alerts("unit.unread")) == 1
        world.take("2025-09-24T09:00:00+08:00")
        assert [a["count"] for a in world.alerts("unit.unread")] == [1, 2]
        for alert in world.daemon.desk().rows("feed.unacked", unit=D3):
            world.take("2025-09-24T10:00:00+08:00", event("alert.acknowledged", data={
                "alert": alert["seq"], "by": "li"}))
        world.take("2025-09-29T10:00:00+08:00")
        assert len(world.alerts("unit.unread")) == 2


def test_unread_of_the_root_goes_to_operators():
    with Reports("{unread: {after: 1h}}") as world:
        world.take("2025-09-22T15:00:00+08:00", complaint("C1", unit="xj"))
        world.take("2025-09-22T16:00:00+08:00")
        (told,) = world.alerts("unit.unread")
        assert told["unit"] == "~ops", told


def test_what_cannot_be_is_refused_at_load():
    for supervision, what in [
            ("{daily_report: {by: noon}}", "not a time of the day"),
            ("{daily_report: {by: closing, then: first}}", "first is of cases only"),
            ("{daily_report: {by: closing, owed_by: [nobody]}}", "no such unit"),
            ("{unread: {}}", "after")]:
        daemon = Daemon(rules=RULES % supervision, start=False)
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True)
        assert done.returncode == 1 and what in done.stderr, (supervision, done.stderr)
        daemon.close()


run(globals())
