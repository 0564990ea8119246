#!/usr/bin/python3
"""A file that was changed while the daemon did not run: redress.yaml(5), "supervision.daily_report".

The first daemon's time comes from events of three days ago; it ends between the two tellings of a
missing report, and the next one lives in real time with another file. The zone is the one in which
those events came about five in the afternoon; each day is a working day.
"""
import datetime

from harness import UNITS, Daemon, complaint, run, verify

RULES = """\
assessment: {open_case_at: high}
policies:
  - name: law
    match: {}
    clocks: [{name: law, start: received, stop: decided, limit: 50h, statutory: true}]
supervision:
  daily_report: {by: "16:30", then: xj, then_after: 2h, owed_by: [yining]}
  digest: {at: "16:40", to: [xj]}
alerts: {language: en}
"""


def told(alerts, unit):
    """Days and counts of the missing reports that a unit was told of."""
    return [(a["reasons"][0]["detail"], a.get("count", 1)) for a in alerts
            if a["type"] == "unit.report_missing" and a["unit"] == unit]


class Office:
    """Stopped three days ago behind a first telling; started with another file."""

    def __init__(self, changes=()):
        now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        ahead = (17 - now.hour + 9) % 24 - 9  # hours; -9 to 14
        self.begin = now - datetime.timedelta(days=3)
        self.today = (self.begin + datetime.timedelta(hours=ahead)).date()
        units = UNITS.replace("Asia/Shanghai", f"Etc/GMT{-ahead:+d}").replace("mon-fri", "mon-sun")
        self.daemon = Daemon(rules=RULES, units=units, args=["--clock", "events"], start=False)
        self.changes = dict(changes)

    def __enter__(self):
        daemon = self.daemon.__enter__()
        daemon.start()
        for hours, subject in ((5, "C1"), (0, "C2")):
            daemon.intake().accept({**complaint(subject, "xj/yining", customer=subject),
                                    "time": self.begin - datetime.timedelta(hours=hours)})
        alerts = daemon.desk().replay()
        assert told(alerts, "xj/yining") == [(self.days(0), 1)] and not told(alerts, "xj"), alerts
        assert daemon.stop() == 0
        daemon.args = []
        text = daemon.config_path.read_text()
        for old, new in self.changes.items():
            assert old in text, text
            text = text.replace(old, new)
        daemon.write_config(text)
        daemon.start()
        return daemon

    def __exit__(self, *why):
        self.daemon.__exit__(*why)

    def days(self, first, last=None):
        first, last = (str(self.today + datetime.timedelta(days=n)) if n is not None else None
                       for n in (first, last))
        return first if last is None else f"{first} … {last}"


def test_an_earlier_instant_of_reports_over_a_downtime_stops_no_timer():
    for new in ('"09:00"', '"13:00"', "opening"):
        office = Office({'by: "16:30"': f"by: {new}"})
        with office as daemon:
            desk = daemon.desk()
            alerts = desk.until(
                lambda rows: {a["subject"] for a in rows if a["type"] == "clock.breach"} == {"C1", "C2"}
                and len(told(rows, "xj")) == 2, "feed.replay")
            assert told(alerts, "xj/yining") == [
                (office.days(0), 1), (office.days(1, 3), 3)], (new, told(alerts, "xj/yining"))
            assert told(alerts, "xj") == [
                (office.days(0), 1), (office.days(1, 3), 3)], (new, told(alerts, "xj"))
            assert daemon.stop() == 0
            verify(daemon.folder / "state")


def test_a_day_closed_since_is_asked_for_by_nobody():
    office = Office({'by: "16:30"': 'by: "13:00"'})
    office.changes["    hours:\n"] = (
        f"    days: [{{date: {office.days(2)}, closed: storm}}]\n    hours:\n")
    with office as daemon:
        alerts = daemon.desk().until(lambda rows: len(told(rows, "xj")) == 2, "feed.replay")
        for unit in ("xj/yining", "xj"):
            assert told(alerts, unit) == [(office.days(0), 1), (office.days(1, 3), 2)], (
                unit, told(alerts, unit))
        assert [a["digest"]["to"] for a in alerts if a["type"] == "digest.daily"] == [office.days(0)]
        assert daemon.stop() == 0
        verify(daemon.folder / "state")
        daemon.args = ["--clock", "events"]  # the digest of the day to come tells how it was
        daemon.start()
        daemon.intake().accept({**complaint("C3", "xj/yining"), "time": office.begin +
                                datetime.timedelta(days=4)})
        digest = [a["digest"] for a in daemon.desk().replay() if a["type"] == "digest.daily"][-1]
        assert (digest["from"], digest["to"]) == (office.days(1), office.days(4)), digest
        assert digest["missed"] == {
            "count": 2, "first": office.days(1), "last": office.days(3)}, digest
        assert [row["date"] for row in digest["missing"]] == [
            office.days(1), office.days(3), office.days(4)], digest


if __name__ == "__main__":
    run(globals())
