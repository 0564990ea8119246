#!/usr/bin/python3
"""Duties by a schedule: redress.yaml(5), "supervision.duties"; duty.list. Time comes from events."""
import datetime
import subprocess

from harness import at, complaint, event, run, tool, verify
from world import World

RULES = """\
assessment: {open_case_at: high}
policies:
  - {name: log, match: {kind: duty, attributes.line: log}, clocks: []}
  - name: duties
    match: {kind: duty}
    clocks:
      - {name: duty, due: due, stop: decided, reminders: [{before: 3bd}], on_breach: {notify: [parent]}}
  - {name: default, match: {}, clocks: []}
supervision:
  duties:
%s
alerts: {language: en}
"""
MONTHLY = "    - {duty: training, for: ['xj/*'], every: month, due: -5bd, title: Training, total: 10}\n"
D3 = "xj/urumqi/d3"


class Duties(World):
    def __init__(self, duties=MONTHLY, units=None):
        super().__init__(RULES % duties, **({} if units is None else {"units": units}))

    def duties(self, **params):
        return self.daemon.desk().rows("duty.list", **params)


def progressed(unit, period, done, duty="training", total=10):
    return event("duty.progressed", data={"duty": duty, "unit": unit, "period": period,
                                          "done": done, "total": total})


def shown(rows):
    return [(r["subject"], r["state"]) for r in rows]


def test_one_a_unit_and_period_at_its_first_instant():
    with Duties() as world:
        world.take("2025-09-10T09:00:00+08:00")
        world.take("2025-09-30T23:59:59+08:00")
        assert world.duties() == []  # owed from the next period on
        world.take("2025-10-01T00:00:00+08:00")
        rows = world.duties()
        assert shown(rows) == [(f"training/xj/{unit}/2025-10", "owed")
                               for unit in ("consumer", "urumqi", "yining")], rows
        first = rows[0]
        assert first["opened"] == at("2025-10-01T00:00:00+08:00"), first
        assert first["last_day"] == "2025-10-24", first  # five working days before Friday the 31st
        assert first["due"] == at("2025-10-25T00:00:00+08:00"), first
        assert (first["title"], first["total"], first["done"]) == ("Training", 10, 0), first
        told = [a for a in world.daemon.desk().replay() if a["type"] == "duty.owed"]
        assert [a["unit"] for a in told] == ["xj/consumer", "xj/urumqi", "xj/yining"], told
        assert told[0]["title"] == ("Consumer protection owes by the end of 24 October: Training 2025-10"), told
        assert told[0]["cause"] == {"timer": "duty training"}, told
        assert told[0]["due"] == first["due"] and "late_by" not in told[0], told


def test_done_late_and_overdue_are_told_apart_and_counted():
    with Duties() as world:
        world.take("2025-09-30T09:00:00+08:00")
        world.take("2025-10-10T09:00:00+08:00", progressed("xj/yining", "2025-10", 4))
        world.take("2025-10-24T23:59:59+08:00", progressed("consumer", "2025-10", 10))
        world.take("2025-10-25T00:00:00+08:00", progressed("xj/urumqi", "2025-10", 10))
        assert shown(world.duties()) == [
            ("training/xj/consumer/2025-10", "done"), ("training/xj/urumqi/2025-10", "late"),
            ("training/xj/yining/2025-10", "overdue")], world.duties()
        breached = [a for a in world.daemon.desk().replay() if a["type"] == "clock.breach"]
        assert {a["unit"] for a in breached} == {"xj/urumqi", "xj/yining", "xj"}, breached
        world.take("2025-11-03T09:00:00+08:00")
        (october, november) = world.duties(count_by="period")
        assert october == {"period": "2025-10", "duties": 3, "owed": 0, "overdue": 1, "done": 1,
                           "late": 1, "dropped": 0, "covered": 24, "of": 30}, october
        assert november["owed"] == 3 and november["period"] == "2025-11", november
        by_unit = world.duties(count_by="unit", unit="xj/yining")
        assert [(r["unit"], r["overdue"], r["owed"]) for r in by_unit] == [("xj/yining", 1, 1)], by_unit
        assert shown(world.duties(state="overdue")) == [("training/xj/yining/2025-10", "overdue")]
        assert len(world.duties(open=True)) == 4 and len(world.duties(period="2025-11")) == 3
        assert world.duties(limit=2) == world.duties()
        refused = world.daemon.desk().refuses("bad_params", "duty.list", state="lost")
        assert "there is owed, overdue, done, late, dropped" in refused.message, refused.message


def test_without_a_period_it_is_of_the_year_that_it_is_due_in():
    with Duties() as world:
        for due in ("2026-03-20", "2027-01-05"):
            world.take("2025-09-30T09:00:00+08:00", event("duty.opened", data={
                "duty": "filing", "unit": "xj/yining", "due": due, "title": "Filing"}))
        rows = world.duties(duty="filing")
        assert [row["subject"] for row in rows] == ["filing/xj/yining/2026", "filing/xj/yining/2027"], rows
        assert [row["subject"] for row in world.duties(duty="filing", period="2027")] == ["filing/xj/yining/2027"]
        counted = world.duties(duty="filing", count_by="period")
        assert [(row["period"], row["duties"]) for row in counted] == [("2026", 1), ("2027", 1)], counted


def test_redressctl_lists_and_counts():
    with Duties() as world:
        world.take("2025-09-30T09:00:00+08:00")
        world.take("2025-10-25T09:00:00+08:00", progressed("consumer", "2025-10", 10))
        def ctl(*words):
            return subprocess.run([tool("redressctl"), "duties", *words, "--run",
                                   str(world.daemon.folder)], capture_output=True, text=True,
                                  check=True).stdout
        said = ctl()
        assert "late" in said and "2025-10-24" in said and "Training" in said, said
        assert "xj/consumer" not in ctl("--open"), ctl("--open")
        counted = ctl("--count-by", "duty")
        assert counted.split()[-9:] == ["training", "3", "0", "2", "0", "1", "0", "10", "30"], counted


def test_each_kind_of_period_has_its_name_and_its_day():
    kinds = "".join(f"    - {{duty: {every}, for: xj, every: {every}, due: '{due}', from: 2025-01-01}}\n"
                    for every, due in [("day", "+1d"), ("week", "0bd"), ("month", "1bd"),
                                       ("quarter", "0d"), ("half", "-1bd"), ("year", "12-31")])
    with Duties(kinds) as world:
        world.take("2025-09-10T09:00:00+08:00")
        world.take("2025-09-10T09:00:01+08:00")
        assert [(r["subject"], r["last_day"]) for r in world.duties()] == [
            ("day/xj/2025-09-10", "2025-09-11"), ("week/xj/2025-W37", "2025-09-12"),
            ("month/xj/2025-09", "2025-10-01"), ("quarter/xj/2025-Q3", "2025-09-30"),
            ("half/xj/2025-H2", "2025-12-30"), ("year/xj/2025", "2025-12-31")], world.duties()
        assert world.duties()[0]["opened"] == at("2025-09-10T09:00:00+08:00")


def test_the_first_record_that_has_a_time_may_open_a_case():
    with Duties("    - {duty: log, for: ['xj/**'], every: month, due: 0d, from: 2025-01-01}\n") as world:
        opened = world.take("2025-09-10T09:00:00+08:00", complaint("C1"))
        world.take("2025-09-10T09:00:00+08:00", event("case.noted", "C1", data={"by": "li", "text": "t"}))
        assert world.daemon.desk().call("case.get", subject="C1")["case"] == opened["case"]
        assert len(world.duties()) == 6, world.duties()


def test_a_reload_or_a_kill_opens_none_twice():
    with Duties() as world:
        world.take("2025-09-30T09:00:00+08:00")
        world.take("2025-10-02T09:00:00+08:00")
        for _ in range(2):
            world.daemon.kill()
            world.daemon.start()
            world.configure(MONTHLY, MONTHLY.replace("}", ", from: 2025-10-01}", 1))
            world.take("2025-10-03T09:00:00+08:00")
            assert len(world.duties()) == 3, world.duties()
            world.configure(MONTHLY.replace("}", ", from: 2025-10-01}", 1), MONTHLY)
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_from_opens_the_present_period_at_once_and_waits_for_a_later_one():
    duties = ("    - {duty: now, for: xj, every: quarter, due: 0d, from: 2025-08-15}\n"
              "    - {duty: then, for: xj, every: month, due: 0d, from: 2025-11-20}\n")
    with Duties(duties) as world:
        world.take("2025-09-10T09:00:00+08:00")
        world.take("2025-10-31T09:00:00+08:00")
        assert shown(world.duties()) == [("now/xj/2025-Q3", "overdue"), ("now/xj/2025-Q4", "owed")]
        world.take("2025-11-01T09:00:00+08:00")
        assert world.duties(duty="then")[0]["opened"] == at("2025-11-01T00:00:00+08:00")


def test_a_unit_that_appears_goes_or_moves_in_mid_period():
    with Duties() as world:
        world.take("2025-09-30T09:00:00+08:00")
        world.take("2025-10-10T09:00:00+08:00")
        text = world.daemon.config_path.read_text()
        text = text.replace("{id: yining, name: Yining}",
                            "{id: yining, name: Yining, moved_to: consumer}\n"
                            "    - {id: hami, name: Hami}")
        world.daemon.write_config(text)
        world.daemon.reload()
        world.take("2025-10-11T09:00:00+08:00")
        assert [r["unit"] for r in world.duties()] == ["xj/consumer", "xj/urumqi", "xj/consumer"]
        world.take("2025-10-12T09:00:00+08:00", progressed("xj/yining", "2025-10", 10))  # its own, done
        assert world.duties()[2]["state"] == "done", world.duties()
        world.take("2025-11-01T09:00:00+08:00")
        assert sorted(r["unit"] for r in world.duties(period="2025-11")) == [
            "xj/consumer", "xj/hami", "xj/urumqi"], world.duties()


def test_what_a_downtime_missed_is_opened_period_by_period():
    daily = "    - {duty: log, for: [xj], every: day, due: 0d, attributes: {line: log}}\n"
    begin = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=10)
    with Duties(daily) as world:
        world.take(begin.isoformat())
        world.daemon.stop()
        world.daemon.args = []  # it lives in real time from here on
        world.daemon.start()
        rows = world.daemon.desk().until(lambda rows: len(rows) >= 10, "duty.list")
        first = begin.astimezone(datetime.timezone(datetime.timedelta(hours=8))).date()
        days = [str(first + datetime.timedelta(days=n)) for n in range(1, len(rows) + 1)]
        assert [r["period"] for r in rows] == days, rows
        assert {r["state"] for r in rows[:-2]} == {"overdue"} and len(rows) <= 11, rows
        told = [a for a in world.daemon.desk().replay() if a["type"] == "duty.owed"]
        assert told[0]["late_by"] > 8 * 86400, told
        case = world.daemon.desk().call("case.get", case=rows[0]["case"])
        assert case["policy"] == "log" and case["history"][0]["what"] == "scheduled", case
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_nobody_is_rid_of_a_duty_by_taking_its_name():
    with Duties() as world:
        world.take("2025-09-30T09:00:00+08:00")
        world.take("2025-09-30T10:00:00+08:00", complaint("training/xj/yining/2025-10"))
        opened = event("duty.opened", data={"duty": "training", "unit": "xj/urumqi", "total": 3,
                                            "period": "2025-10", "due": "2025-10-09"})
        world.take("2025-09-30T11:00:00+08:00", opened)  # by hand: it is the one of the period
        world.take("2025-10-02T09:00:00+08:00")
        assert sorted(r["subject"] for r in world.duties()) == [
            "training/xj/consumer/2025-10", "training/xj/urumqi/2025-10",
            "training/xj/yining/2025-10/duty"], world.duties()
        (by_hand,) = world.duties(unit="xj/urumqi")
        assert by_hand["last_day"] == "2025-10-09" and by_hand["total"] == 3, by_hand


def test_the_hour_that_a_spring_day_has_not():
    units = """\
units: {id: xj, calendar: office}
calendars:
  office: {timezone: America/Santiago, hours: [{days: mon-fri, open: ["09:00-18:00"]}]}
"""
    with Duties("    - {duty: log, for: xj, every: day, due: 0d}\n", units) as world:
        world.take("2025-09-06T12:00:00-04:00")
        world.take("2025-09-08T12:00:00-03:00")  # 7 September begins at 01:00 there
        assert [(r["period"], r["opened"], r["due"]) for r in world.duties()] == [
            ("2025-09-07", at("2025-09-07T01:00:00-03:00"), at("2025-09-08T00:00:00-03:00")),
            ("2025-09-08", at("2025-09-08T00:00:00-03:00"), at("2025-09-09T00:00:00-03:00"))]


if __name__ == "__main__":
    run(globals())
