#!/usr/bin/python3
"""Calendars that change under open cases: due dates are derived anew, and told."""
import json

from harness import Daemon, at, complaint, configuration, event, run

UNITS = """\
units: {id: xj, calendar: cn, units: [{id: d3}]}
calendars:
  cn:
    timezone: Asia/Shanghai
    hours: [{days: mon-fri, open: ["09:00-18:00"]}]
    holidays: [%s/days]
%s"""
RULES = """\
policies:
  - name: default
    match: {}
    clocks:
      - {name: answer, stop: decided, limit: 7bd, statutory: true}
      - {name: talk, stop: customer_contacted, limit: 4h, time: working}
      - {name: plain, stop: decided, limit: 30h}
    ladder:
      until: acknowledged
      rungs: [{after: 2bd, notify: [unit], severity: info}]
alerts: {language: en}
"""


class Office:
    def __init__(self):
        self.daemon = Daemon(start=False, args=["--clock", "events"])
        (self.daemon.folder / "days").mkdir()
        self.days(2025, {"2025-01-01": True})
        self.write()
        self.daemon.start()
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def days(self, year, days):
        """A holiday-cn file."""
        body = {"year": year, "papers": [], "days": [
            {"name": "day", "date": date, "isOffDay": off} for date, off in days.items()]}
        (self.daemon.folder / "days" / f"{year}.json").write_text(json.dumps(body))

    def write(self, more=""):
        folder = self.daemon.folder
        self.daemon.write_config(configuration(folder, units=UNITS % (folder, more), rules=RULES))

    def reload(self):
        assert "reloaded" in self.daemon.reload()

    def tell(self, time, made):
        return self.intake.accept({**made, "time": time + "+08:00"})["seq"]

    def case(self, subject, seq):
        return self.desk.call("case.get", subject=subject, min_seq=seq)

    def clocks(self, subject, seq):
        return {clock["clock"]: clock for clock in self.case(subject, seq)["clocks"]}


def day_end(date):
    return at(f"{date}T00:00:00+08:00")


def test_a_holiday_that_is_new_moves_what_spans_it():
    with Office() as office:
        seq = office.tell("2025-03-03T10:00:00", complaint("k-1", unit="xj/d3"))
        for i in range(20):  # more than one firing looks at
            seq = office.tell("2025-03-03T10:00:00", complaint(f"m-{i}", unit="xj/d3", customer=f"m{i}"))
        before = office.clocks("k-1", seq)
        assert before["answer"]["due"] == day_end("2025-03-13"), before
        office.days(2025, {"2025-01-01": True, "2025-03-04": True, "2025-03-08": False})
        office.reload()
        seq = office.tell("2025-03-03T10:01:00", event("clock.accepted"))
        after = office.clocks("k-1", seq)
        # The 4th does not count, the 8th, a Saturday, does: the same day. But the rung is later.
        assert after["answer"]["due"] == before["answer"]["due"], after
        timers = [row for row in office.desk.rows("timer.list") if row["case"] == 1]
        assert [row["due"] for row in timers if row["kind"] == "ladder"] == [
            at("2025-03-06T18:00:00+08:00")], timers
        office.days(2025, {"2025-01-01": True, "2025-03-04": True, "2025-03-05": True})
        office.reload()
        seq = office.tell("2025-03-03T10:02:00", event("clock.accepted"))
        for subject in ["k-1"] + [f"m-{i}" for i in range(20)]:
            case = office.case(subject, seq)
            clocks = {clock["clock"]: clock for clock in case["clocks"]}
            assert clocks["answer"]["due"] == day_end("2025-03-15"), clocks
            assert clocks["plain"]["due"] == before["plain"]["due"], clocks
            moved = [one for one in case["alerts"] if one["type"] == "clock.moved"]
            assert [one["clock"] for one in moved] == ["answer"], moved
            assert moved[0]["due"] == day_end("2025-03-15"), moved
            assert moved[0]["cause"] == {"timer": "calendar"}, moved
            notes = [one["note"] for one in case["history"] if "note" in one]
            assert notes.count("calendar-changed answer") == 1, case["history"]
        told = office.desk.call("explain", subject="k-1", clock="answer")
        assert "calendar-changed answer" in str(told), told
        assert office.desk.call("check")["faults"] == 0


def test_an_event_sees_its_case_under_the_present_calendar():
    with Office() as office:
        for i in range(30):
            seq = office.tell("2025-03-03T10:00:00", complaint(f"k-{i}", unit="xj/d3", customer=f"k{i}"))
        office.days(2025, {"2025-01-01": True, "2025-03-03": True})
        office.reload()
        # In the same instant, before any timer: the last case's turn comes with its event.
        seq = office.tell("2025-03-03T10:00:00", event("case.noted", subject="k-29", data={
            "by": "li", "text": "x"}))
        assert office.clocks("k-29", seq)["talk"]["due"] == at("2025-03-04T13:00:00+08:00")


def test_a_provisional_limit_becomes_firm():
    with Office() as office:
        feed = office.daemon.feed("~ops/")
        seq = office.tell("2025-12-26T10:00:00", complaint("k-1", unit="xj/d3"))
        clock = office.clocks("k-1", seq)["answer"]
        assert clock["provisional"] is True and clock["due"] == day_end("2026-01-07"), clock
        seq = office.tell("2025-12-26T10:01:00", complaint("k-2", unit="xj/d3", customer="k2"))
        told = [one for one in office.desk.replay(unit="~ops") if one["type"] == "calendar.horizon"]
        assert len(told) == 1 and told[0]["case"] == 1, told
        assert feed.alert()[1] == told[0]
        office.days(2026, {"2026-01-01": True, "2026-01-02": True})
        office.reload()
        seq = office.tell("2025-12-26T10:02:00", event("clock.accepted"))
        clock = office.clocks("k-1", seq)["answer"]
        assert not clock.get("provisional") and clock["due"] == day_end("2026-01-09"), clock
        moved = [one for one in office.case("k-1", seq)["alerts"] if one["type"] == "clock.moved"]
        assert len(moved) == 1 and "provisional" not in moved[0], moved


def test_a_sweep_goes_on_after_a_crash():
    with Office() as office:
        for i in range(30):
            office.tell("2025-03-03T10:00:00", complaint(f"k-{i}", unit="xj/d3", customer=f"k{i}"))
        office.days(2025, {"2025-01-01": True, "2025-03-05": True})
        office.reload()
        # Durable by the receipt of an event that names one case alone.
        office.tell("2025-03-03T10:00:00", event("case.noted", subject="k-5", data={
            "by": "li", "text": "x"}))
        office.daemon.restart()
        seq = office.tell("2025-03-03T10:01:00", event("clock.accepted"))
        for i in range(30):
            assert office.clocks(f"k-{i}", seq)["answer"]["due"] == day_end("2025-03-14"), i
        assert office.desk.call("check")["faults"] == 0


run(globals())
