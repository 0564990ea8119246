#!/usr/bin/python3
"""A digest and the reports that are due at its very instant: redress.yaml(5), redress-events(7)."""
from harness import event, run, verify
from world import World

RULES = """\
assessment: {open_case_at: high}
policies: [{name: default, match: {}}]
supervision:
  daily_report: {by: "17:00", owed_by: ["**"]}
  digest: [{every: day, at: "17:00"}, {every: week, at: "17:00"}, {every: month, at: "17:00"}]
alerts: {language: en}
"""
D3, PARENT, ROOT = "xj/urumqi/d3", "xj/urumqi", "xj"
UNITS = ["xj", "xj/consumer", "xj/urumqi", "xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining"]


def report(unit, date, opened=0, closed=0, open=0):
    return event("unit.reported", data={"unit": unit, "date": date, "opened": opened,
                                        "closed": closed, "open": open})


def told(world, type, unit):
    return [a["digest"] for a in world.alerts(type, unit)]


def lists(digest):
    return [(row["unit"], row["date"]) for row in digest["missing"]]


def test_all_levels_tell_the_reports_of_the_instant_once():
    with World(RULES) as world:
        world.take("2025-09-22T09:00:00+08:00")  # a Monday
        world.take("2025-09-22T16:59:00+08:00", report("xj/yining", "2025-09-22"))
        world.take("2025-09-22T17:00:00+08:00")
        (root,) = told(world, "digest.daily", ROOT)
        assert lists(root) == [(u, "2025-09-22") for u in UNITS if u != "xj/yining"], root
        assert root["reports_missing"] == 5, root
        (parent,) = told(world, "digest.daily", PARENT)
        assert parent["reports_missing"] == 3, parent
        (leaf,) = told(world, "digest.daily", D3)
        assert leaf["reports_missing"] == 1, leaf
        assert len(world.alerts("unit.report_missing")) == 5
        for unit in UNITS:  # the next day all of them send theirs
            world.take("2025-09-23T16:00:00+08:00", report(unit, "2025-09-23"))
        world.take("2025-09-23T17:00:00+08:00")
        for unit in UNITS:
            assert told(world, "digest.daily", unit)[-1]["reports_missing"] == 0, unit
        world.take("2025-09-26T17:00:00+08:00")  # the week: the 22nd, then three days of six units
        (week,) = told(world, "digest.weekly", ROOT)
        assert week["reports_missing"] == 5 + 3 * 6, week
        world.take("2025-09-30T17:00:00+08:00")  # the last working day of the month
        (month,) = told(world, "digest.monthly", ROOT)
        assert month["reports_missing"] == 5 + 3 * 6 + 2 * 6, month
        daily = [digest["reports_missing"] for digest in told(world, "digest.daily", ROOT)]
        assert daily == [5, 0, 6, 6, 6, 6, 6], daily
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_numbers_that_differ_at_the_instant_are_told_with_what_was_counted():
    with World(RULES) as world:
        world.take("2025-09-22T09:00:00+08:00")
        world.take("2025-09-22T10:00:00+08:00", event("complaint.registered", "C1", data={
            "customer": "c-1", "unit": D3, "channel": "phone"}))
        world.take("2025-09-22T16:00:00+08:00", report(D3, "2025-09-22", opened=3))
        world.take("2025-09-22T17:00:00+08:00")
        for unit in (ROOT, PARENT, D3):
            (digest,) = told(world, "digest.daily", unit)
            (row,) = digest["differ"]
            assert row["unit"] == D3 and row["reported"]["opened"] == 3, row
            assert row["counted"] == {"opened": 1, "closed": 0, "open": 1}, row
        world.take("2025-09-23T17:00:00+08:00")
        assert [digest["reports_differ"] for digest in told(world, "digest.daily", ROOT)] == [1, 0]


def test_a_unit_by_another_calendar():
    """Its day is due at the same instant as the digest of the unit above, an hour earlier by its own
    clock; and one that is due behind it is told a day later, once."""
    units = """\
units: {id: hq, name: HQ, calendar: east, units: [
  {id: a, name: A, calendar: east, units: [{id: a1, name: A1, calendar: west}]},
  {id: z, name: Z, calendar: far}]}
calendars:
  east: {timezone: Asia/Shanghai, hours: [{days: mon-fri, open: ["09:00-17:00"]}], holidays: []}
  west: {timezone: Asia/Bangkok, hours: [{days: mon-fri, open: ["09:00-16:00"]}], holidays: []}
  far: {timezone: Europe/London, hours: [{days: mon-fri, open: ["09:00-16:00"]}], holidays: []}
"""
    rules = RULES.replace('"17:00", owed_by: ["**"]', "closing").replace('"17:00"', "closing")
    with World(rules, units=units) as world:
        world.take("2025-09-22T09:00:00+08:00")
        world.take("2025-09-22T17:00:00+08:00")
        (top,) = told(world, "digest.daily", "hq")
        assert lists(top) == [("hq/a/a1", "2025-09-22")], top
        world.take("2025-09-22T23:00:00+08:00")
        (own,) = told(world, "digest.daily", "hq/z")
        assert lists(own) == [("hq/z", "2025-09-22")], own
        world.take("2025-09-23T17:00:00+08:00")
        top = told(world, "digest.daily", "hq")[-1]
        assert lists(top) == [("hq/a/a1", "2025-09-23"), ("hq/z", "2025-09-22")], top
        world.daemon.stop()
        verify(world.daemon.folder / "state")


run(globals())
