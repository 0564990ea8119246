#!/usr/bin/python3
"""Reports, digests, duties and turns on the days of 23 and 25 hours. Time from events."""
from datetime import timedelta

from harness import at, event, run
from world import World

RULES = """\
assessment: {open_case_at: high}
policies:
  - name: default
    match: {}
    clocks: [{name: done, start: received, due: due, stop: decided}]
rosters:
  night: {hand_over: "02:30", turns: [xj/urumqi/d3, xj/yining], first: 2026-01-01}
supervision:
  daily_report: {by: "02:30", then_after: 30m, owed_by: [xj/yining]}
  digest: {at: "02:30", to: [xj/yining]}
  duties: [{duty: round, for: [xj/yining], every: day, due: 0d}]
alerts: {language: en}
"""
YINING = "xj/yining"


class Madrid(World):
    """Open on each day, so that the Sundays on which the clocks are set are working days."""

    def __init__(self):
        super().__init__(RULES, start=False)
        text = self.daemon.config_path.read_text()
        for old, new in (("Asia/Shanghai", "Europe/Madrid"), ("days: mon-fri", "days: mon-sun")):
            assert old in text, text
            text = text.replace(old, new)
        self.daemon.write_config(text)
        self.daemon.start()

    def times(self, type, unit=YINING):
        return [a["time"] for a in self.alerts(type, unit)]


def utc(*texts):
    return [at(text + ":00Z") for text in texts]


# Before, on and after the day: the instants of 02:30 (what does not exist is the first instant
# after, what exists twice the first), and those of 00:00.
SPRING = (utc("2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"),
          utc("2026-03-27T23:00", "2026-03-28T23:00", "2026-03-29T22:00"))
AUTUMN = (utc("2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"),
          utc("2026-10-23T22:00", "2026-10-24T22:00", "2026-10-25T23:00"))


def test_each_comes_once_and_at_its_local_time():
    for nights, midnights in (SPRING, AUTUMN):
        with Madrid() as world:
            for when in (midnights[0] - timedelta(days=2), midnights[0] - timedelta(minutes=1),
                         nights[2] + timedelta(hours=2)):
                world.take(when.isoformat())
            missing, told = (world.times("unit.report_missing", unit) for unit in (YINING, "xj"))
            assert missing[-3:] == nights, missing
            assert told[-3:] == [night + timedelta(minutes=30) for night in nights], told
            assert world.times("digest.daily")[-3:] == nights, world.times("digest.daily")
            days = [a["digest"]["to"] for a in world.alerts("digest.daily")][-3:]
            assert len(set(days)) == 3, days
            assert world.times("duty.owed")[-3:] == midnights, world.times("duty.owed")
            due = [a["due"] for a in world.alerts("duty.owed")][-3:-1]
            assert due == midnights[1:], due
            rows = world.daemon.desk().rows("roster.list", roster="night", **{
                "from": nights[0], "to": nights[2]})
            assert [row["from"] for row in rows] == nights[:2] and rows[1]["until"] == nights[2], rows
            assert rows[0]["unit"] != rows[1]["unit"], rows


def test_a_report_in_the_hour_that_is_skipped_or_comes_twice():
    for nights, _ in (SPRING, AUTUMN):
        night, second = nights[1], timedelta(seconds=1)
        date = night.date().isoformat()
        data = {"unit": YINING, "date": date, "opened": 0, "closed": 0, "open": 0}
        for when, is_missing in ((night - second, False), (night, True)):
            with Madrid() as world:
                world.take((nights[0] + second).isoformat())
                world.take(when.isoformat(), event("unit.reported", data=data))
                world.take((night + second).isoformat())
                told = [a["reasons"][0]["detail"] for a in world.alerts("unit.report_missing", YINING)]
                assert (date in told) == is_missing, (when, told)


run(globals())
