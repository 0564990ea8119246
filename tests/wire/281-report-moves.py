#!/usr/bin/python3
"""Daily reports where a unit is moved, or their time is, in mid-day: redress.yaml(5), "supervision"."""
from harness import event, run, verify
from world import World

RULES = """\
assessment: {open_case_at: high}
policies: [{name: default, match: {}}]
supervision:
  daily_report: {by: "17:00", owed_by: ["xj/urumqi/*", yining]}
  digest: {at: "18:00"}
alerts: {language: en}
"""
D3, COUNTER, YINING = "xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining"
DAY = "2025-09-22"


def report(unit, opened=0, date=DAY):
    return event("unit.reported", data={"unit": unit, "date": date, "opened": opened, "closed": 0,
                                        "open": 0})


class Reports(World):
    def __init__(self, rules=RULES):
        super().__init__(rules)

    def missing(self):
        return [(a["unit"], a["reasons"][0]["code"], a["reasons"][0]["detail"], a.get("late_by"))
                for a in self.alerts("unit.report_missing")]

    def end(self):
        self.daemon.stop()
        verify(self.daemon.folder / "state")


def test_a_report_by_the_path_of_a_moved_unit_is_not_the_others_own():
    with Reports() as world:
        world.take(f"{DAY}T09:00:00+08:00", report(D3))
        world.configure("{id: counter1, name: Counter one}",
                        "{id: counter1, name: Counter one, moved_to: xj/yining}")
        world.take(f"{DAY}T12:00:00+08:00", report(COUNTER, opened=9))
        world.take(f"{DAY}T17:30:00+08:00")
        assert world.missing() == [(YINING, YINING, DAY, None), ("xj", YINING, DAY, None)], world.missing()
        world.take(f"{DAY}T18:00:00+08:00")
        (digest,) = [a["digest"] for a in world.alerts("digest.daily", "xj")]
        assert (digest["reports_missing"], digest["reports_differ"]) == (1, 0), digest
        world.take("2025-09-23T12:00:00+08:00", report(YINING, date="2025-09-23"))
        world.take("2025-09-23T12:00:00+08:00", report("counter1", opened=7, date="2025-09-23"))
        world.take("2025-09-23T18:00:00+08:00")
        digest = world.alerts("digest.daily", YINING)[-1]["digest"]
        assert (digest["reports_missing"], digest["reports_differ"]) == (0, 0), digest
        world.end()


def test_where_the_other_owes_none_it_is_taken_for_it():
    with Reports(RULES.replace(", yining", "")) as world:
        world.take(f"{DAY}T09:00:00+08:00", report(D3))
        world.configure("{id: counter1, name: Counter one}",
                        "{id: counter1, name: Counter one, moved_to: xj/yining}")
        world.take(f"{DAY}T12:00:00+08:00", report(COUNTER, opened=9))
        world.take(f"{DAY}T18:00:00+08:00")
        assert world.missing() == [], world.missing()
        world.end()


def test_a_second_telling_that_a_reload_puts_into_the_past_comes_at_once():
    for by, when in (('by: "16:00"', "17:10"), ('by: "16:50"', "17:20"),
                     ('by: "17:00", then_after: 3h', "20:00")):
        with Reports() as world:
            world.take(f"{DAY}T09:00:00+08:00", report(D3))
            world.take(f"{DAY}T09:00:00+08:00", report(COUNTER))
            world.take(f"{DAY}T17:10:00+08:00")
            assert world.missing() == [(YINING, YINING, DAY, None)], world.missing()
            world.configure('by: "17:00"', by)
            world.take(f"{DAY}T{when}:00+08:00")
            assert world.missing() == [(YINING, YINING, DAY, None), ("xj", YINING, DAY, None)], (
                by, world.missing())
            world.take("2025-09-23T12:00:00+08:00")  # not again
            assert len(world.missing()) == 2, world.missing()
            world.end()


def test_what_is_left_out_and_comes_back_tells_nothing_twice():
    whole = '  daily_report: {by: "17:00", owed_by: ["xj/urumqi/*", yining]}\n  digest: {at: "18:00"}\n'
    for told_at, wanted in (("17:40", [(YINING, YINING, DAY, None), ("xj", YINING, DAY, None)]),
                            ("17:10", [(YINING, YINING, DAY, None)])):
        with Reports() as world:
            world.take(f"{DAY}T09:00:00+08:00", report(D3))
            world.take(f"{DAY}T09:00:00+08:00", report(COUNTER))
            world.take(f"{DAY}T{told_at}:00+08:00")
            assert world.missing() == wanted, world.missing()
            world.configure(whole, "  transfers: 9\n")
            world.take(f"{DAY}T17:50:00+08:00")
            assert world.missing() == wanted, world.missing()
            world.configure("  transfers: 9\n", whole.replace("17:00", "17:55"))
            world.take(f"{DAY}T19:00:00+08:00")
            if len(wanted) == 1:  # it was yet to be told further: by the new instant of that
                wanted = wanted + [("xj", YINING, DAY, None)]
            assert world.missing() == wanted, world.missing()
            assert len(world.alerts("digest.daily", "xj")) == 1
            world.configure(whole.replace("17:00", "17:55"), "  transfers: 9\n")
            world.configure("  transfers: 9\n", whole.replace("18:00", "20:00"))
            world.take("2025-09-23T12:00:00+08:00")
            assert len(world.alerts("digest.daily", "xj")) == 1
            assert world.missing() == wanted, world.missing()
            world.end()


run(globals())
