#!/usr/bin/python3
"""What an office that supervises counts on: redress.yaml(5), "supervision". Time from events."""
import subprocess

from harness import at, complaint, event, run, tool
from world import World

RULES = """\
assessment: {open_case_at: high}
policies:
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 30d}]
    ladder: {rungs: [{after: 0m, notify: [unit], severity: info, ack_within: 20d}]}
rosters:
  night: {hand_over: opening, turns: [xj/urumqi/d3, counter1, yining], first: 2025-09-22}
supervision: %s
alerts: {language: en}
"""
LEAVES = ["xj/consumer", "xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining"]


class Office(World):
    def __init__(self, supervision="{}"):
        super().__init__(RULES % supervision)

    def missing(self, unit, type="digest.daily"):
        """Units and dates of the reports that the unit's digests tell to be missing."""
        return [(row["unit"], row["date"]) for a in self.alerts(type, unit)
                for row in a["digest"].get("missing", [])]

    def ctl(self, *words, status=0):
        done = subprocess.run([tool("redressctl"), *words, "--run", str(self.daemon.folder)],
                              capture_output=True, text=True)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stdout if status == 0 else done.stderr


def test_a_digest_before_the_reports_are_due_leaves_them_to_the_next():
    days = [f"2025-09-{day}" for day in (22, 23, 24, 25, 26, 29, 30)] + ["2025-10-01", "2025-10-02"]
    wanted = sorted((unit, day) for unit in LEAVES for day in days)
    for by, made in (("closing-30m", "closing-1h"), ("closing+1h", "closing+30m"),
                     ("'17:00'", "'17:00'")):
        with Office("{daily_report: {by: %s}, digest: [{at: %s}, {at: %s, every: week, to: [xj]}]}"
                    % (by, made, made)) as world:
            world.take("2025-09-22T09:00:00+08:00")  # a Monday
            world.take("2025-10-04T09:00:00+08:00")
            for type in ("digest.daily", "digest.weekly"):
                told = sorted(row for row in world.missing("xj", type) if row[1] < "2025-10-03")
                assert told == wanted, (by, type, told)  # none twice, none left out
            own = [row for row in world.missing("xj/yining") if row[1] < "2025-10-03"]
            assert own == [("xj/yining", day) for day in days], (by, own)


def test_no_list_shows_the_panel_of_a_closed_case():
    with Office() as world:
        world.take("2025-09-22T10:00:00+08:00", complaint("C1", "xj/urumqi/d3"))
        world.take("2025-09-22T10:10:00+08:00", event(
            "case.panel_opened", "C1", data={"participants": ["yining"]}))
        desk = world.daemon.desk()
        assert len(desk.rows("panel.list")) == len(desk.rows("case.list", panel=True)) == 1
        world.take("2025-09-22T11:00:00+08:00", event("case.closed", "C1", data={"resolution": "r"}))
        assert desk.rows("panel.list") == desk.rows("case.list", panel=True) == []
        world.take("2025-09-22T12:00:00+08:00", event("case.reopened", "C1", data={"reason": "r"}))
        (row,) = desk.rows("panel.list")  # it stayed over the closing, as the page says
        assert row["participants"] == ["yining"] and len(desk.rows("case.list", panel=True)) == 1, row


def entries(text):
    """UID → (begin, end) of a calendar's turns."""
    found = {}
    for part in text.split("BEGIN:VEVENT\n")[1:]:
        lines = dict(line.split(":", 1) for line in part.splitlines() if ":" in line)
        if "DTEND" in lines:
            assert lines["UID"] not in found, lines
            found[lines["UID"]] = lines["DTSTART"], lines["DTEND"]
    return found


def test_a_calendar_file_of_a_roster_is_whole_and_its_turns_keep_their_names():
    with Office() as world:
        world.take("2025-09-22T10:00:00+08:00", complaint("C1"))
        year = world.ctl("roster", "night", "--ical", "--from", "2025-09-22T00:00:00+08:00",
                         "--to", "2031-09-22T00:00:00+08:00")
        turns = entries(year)
        assert len(turns) > 1500 and year.endswith("END:VCALENDAR\n"), len(turns)
        for begin in ("2025-09-26T12:00:00", "2025-09-27T12:00:00", "2025-09-28T23:00:00"):
            some = entries(world.ctl("roster", "night", "--ical", "--from", begin + "+08:00",
                                     "--to", "2025-09-30T12:00:00+08:00"))
            assert some.items() <= turns.items() and "20250926T010000Z-night@redress" in some, some
            assert some["20250930T010000Z-night@redress"][1] == "20251001T010000Z", some
        said = world.ctl("roster", "night", "--ical", "--limit", "5", status=1)
        assert "--limit" in said, said


def test_a_turn_begins_where_one_that_stood_in_ended():
    with Office() as world:
        world.take("2025-09-22T10:00:00+08:00", event("roster.overridden", data={
            "roster": "night", "unit": "xj/consumer", "from": at("2025-09-22T12:00:00+08:00"),
            "until": at("2025-09-22T14:00:00+08:00"), "by": "wang"}))
        world.take("2025-09-22T15:00:00+08:00", complaint("C1"))
        desk = world.daemon.desk()
        for asked, begin, end, unit in (
                ("10:00", "09:00", "12:00", "xj/urumqi/d3"), ("13:00", "12:00", "14:00", "xj/consumer"),
                ("14:00", "14:00", None, "xj/urumqi/d3"), ("15:00", "14:00", None, "xj/urumqi/d3")):
            row = desk.rows("roster.list", roster="night", **{
                "from": at(f"2025-09-22T{asked}:00+08:00")})[0]
            end = at(f"2025-09-22T{end}:00+08:00") if end else at("2025-09-23T09:00:00+08:00")
            assert (row["from"], row["until"], row["unit"]) == (
                at(f"2025-09-22T{begin}:00+08:00"), end, unit), (asked, row)


def test_the_page_of_a_digest_calls_duties_by_their_titles():
    with Office("{digest: {at: closing}, duties: [{duty: selfcheck, title: Own check, "
                "for: xj/yining, every: day, due: 0d}]}") as world:
        world.configure("limit: 30d}", "limit: 30d}, {name: done, start: received, due: due, "
                        "stop: decided}")
        world.take("2025-09-22T09:00:00+08:00")
        world.take("2025-09-24T18:00:00+08:00")
        page = world.ctl("digest", "xj/yining")
        assert "  Own check (selfcheck/xj/yining/2025-09-23), Yining, done: until" in page, page


def test_refusals_say_what_to_do():
    with Office("{screening: {due: 5bd}}") as world:
        for round in ("r1", "r2"):
            world.take("2025-09-22T10:00:00+08:00", event("contract.screened", data={
                "contract": "P-1", "risk": "high", "round": round, "unit": "xj/yining"}))
        for contract, round, said in (("P-1", "r1", 'round "r2"'), ("P-2", "r1", "no screening")):
            receipt = world.daemon.intake().send(event("contract.cleared", data={
                "contract": contract, "round": round, "by": "wang", "measure": "m"}))
            assert receipt["error"]["code"] == "unknown_case", receipt
            assert said in receipt["error"]["message"], receipt
        world.take("2025-09-22T11:00:00+08:00", event(
            "case.closed", "screening/r1/P-1", data={"resolution": "in r2"}))
        assert '"xj/yining"' in world.ctl("digest", "yining", status=2)


def test_what_is_said_of_another_day_than_it_can_be_is_refused():
    with Office("{daily_report: {by: closing-30m}}") as world:
        now = "2025-09-22T10:00:00+08:00"
        world.take(now, complaint("C1", "xj/urumqi/d3"))
        intake = world.daemon.intake()

        def refused(type, subject, field, data):
            receipt = intake.send({**event(type, subject, data=data), "time": at(now)})
            error = receipt["error"]
            assert (error["code"], error["field"]) == ("bad_value", field), receipt

        counts = {"unit": "xj/yining", "opened": 0, "closed": 0, "open": 0}
        refused("unit.reported", None, "data.date", {**counts, "date": "2025-09-23"})
        world.take(now, event("unit.reported", data={**counts, "date": "2025-09-22"}))
        world.take(now, event("unit.reported", data={**counts, "date": "2025-09-20"}))  # a day off
        span = {"roster": "night", "unit": "xj/consumer", "by": "wang"}
        over = {"from": at("2025-09-22T09:10:00+08:00"), "until": at(now)}
        refused("roster.overridden", None, "data.until", {**span, **over})
        world.take(now, event("roster.overridden", data={
            **span, **over, "until": at("2025-09-22T12:00:00+08:00")}))
        turns = world.daemon.desk().rows("roster.list", roster="night", **{
            "from": at("2025-09-22T09:10:00+08:00")})
        assert [(row["unit"], row["from"]) for row in turns[:2]] == [
            ("xj/urumqi/d3", at("2025-09-22T09:00:00+08:00")), ("xj/consumer", at(now))], turns[:2]
        asked = {"question": "q", "by": "wang"}
        for late in (at(now), "2025-09-21"):
            refused("case.chased", "C1", "data.answer_by", {**asked, "answer_by": late})
        world.take(now, event("case.chased", "C1", data={**asked, "answer_by": "2025-09-22"}))
        (chase,) = world.daemon.desk().rows("chase.list")
        assert chase["state"] == "owed", chase


run(globals())
