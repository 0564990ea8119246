#!/usr/bin/python3
"""A calendar that has read a roster's file and reads a later one: redressctl(1), "roster"."""
import json
import random
import subprocess
from datetime import timedelta, timezone

from harness import at, event, run, tool
from world import World

RULES = """\
policies:
  - {name: default, match: {}, clocks: [], ladder: {rungs: [{after: 0m, notify: [unit], severity: info}]}}
rosters:
  night: {hand_over: "09:00", turns: [xj/urumqi/d3, counter1, yining], first: 2025-09-01}
"""
DAY = timedelta(days=1)
START = at("2025-09-22T09:00:00+08:00")
UNITS = ["xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining", "xj/consumer"]


class Calendar:
    """What a calendar program keeps: an entry a UID, as RFC 5546 (2.1.5) says which is newer."""

    def __init__(self):
        self.entries = {}

    def read(self, text):
        assert text.startswith("BEGIN:VCALENDAR\r\n") and "\r\nMETHOD:PUBLISH\r\n" in text, text
        seen = set()
        for part in text.replace("\r\n ", "").split("BEGIN:VEVENT\r\n")[1:]:
            entry = dict(line.split(":", 1) for line in part.split("END:VEVENT")[0].splitlines())
            assert entry["UID"] not in seen, entry
            seen.add(entry["UID"])
            old = self.entries.get(entry["UID"])
            if old is None or self.age(entry) >= self.age(old):
                self.entries[entry["UID"]] = entry

    @staticmethod
    def age(entry):
        return int(entry.get("SEQUENCE", 0)), entry["DTSTAMP"]

    def turns(self, begin, end):
        """(from, until, who) of what it shows of that span."""
        shown = [(e["DTSTART"], e["DTEND"], e["SUMMARY"]) for e in self.entries.values()
                 if "DTEND" in e and e["STATUS"] != "CANCELLED"]
        return sorted(e for e in shown if e[1] > begin and e[0] < end)


def stamp(text):
    return text[:19].replace("-", "").replace(":", "") + "Z"


class Office(World):
    def __init__(self):
        super().__init__(RULES)
        self.calendar = Calendar()

    def ctl(self, *words):
        done = subprocess.run([tool("redressctl"), "roster", "night", *words, "--run", str(self.daemon.folder)],
                              capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def stand_in(self, unit, begin, end, now=START):
        taken = self.daemon.intake().accept({**event("roster.overridden", data={
            "roster": "night", "unit": unit, "from": begin, "until": end, "by": "wang"}), "time": now})
        return taken["seq"]

    def read(self, begin, end):
        """The calendar reads a file of the span, and then shows what the roster says of it."""
        span = "--from", utc(begin), "--to", utc(end)
        self.calendar.read(self.ctl("--ical", *span))
        rows = json.loads(self.ctl("--json", "--limit", "1000", *span))["rows"]
        said = sorted((stamp(r["from"]), stamp(r["until"]), f"night: {r['unit_name']}") for r in rows)
        shown = self.calendar.turns(stamp(utc(begin)), stamp(utc(end)))
        assert shown == said, [e for e in shown if e not in said] + ["not shown:"] + [
            e for e in said if e not in shown]

    def entry(self, uid):
        e = self.calendar.entries[uid + "-night@redress"]
        return e["STATUS"], e["DTSTART"][6:11], e["DTEND"][6:11], int(e["SEQUENCE"])


def utc(time):
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def hour(day, hour):
    """An hour UTC of a day of September; the hand-overs are at 01."""
    return at(f"2025-09-{day:02}T{hour:02}:00:00Z")


def test_turns_that_were_replaced_shortened_and_split_leave_a_calendar():
    with Office() as world:
        world.take("2025-09-22T09:00:00+08:00")
        span = hour(22, 1), hour(30, 1)
        world.read(*span)
        assert world.entry("20250923T010000Z") == ("CONFIRMED", "23T01", "24T01", 0)
        assert {e["DTSTAMP"] for e in world.calendar.entries.values()} == {"20250922T010000Z"}

        first = world.stand_in("xj/consumer", hour(23, 20), hour(25, 12), hour(22, 2))
        world.read(*span)
        assert world.entry("20250923T010000Z") == ("CONFIRMED", "23T01", "23T20", 1)  # its end is cut
        assert world.entry("20250924T010000Z") == ("CANCELLED", "24T01", "25T01", 1)
        assert world.entry("20250925T010000Z") == ("CONFIRMED", "25T12", "26T01", 1)  # its beginning
        assert world.entry(f"stand-in-{first}") == ("CONFIRMED", "23T20", "25T12", 0)
        assert {e["DTSTAMP"] for e in world.calendar.entries.values()} == {"20250922T020000Z"}

        second = world.stand_in("xj/yining", hour(24, 4), hour(24, 8))  # splits who stands in
        third = world.stand_in("xj/yining", hour(27, 4), hour(27, 8))  # and a turn
        world.read(*span)
        assert world.entry(f"stand-in-{first}") == ("CONFIRMED", "23T20", "24T04", 1)
        assert world.entry(f"stand-in-{first}-20250924T080000Z") == ("CONFIRMED", "24T08", "25T12", 1)
        assert world.entry("20250927T010000Z") == ("CONFIRMED", "27T01", "27T04", 1)
        assert world.entry("20250927T080000Z") == ("CONFIRMED", "27T08", "28T01", 1)

        world.stand_in("xj/urumqi/d3", hour(23, 20), hour(24, 6))  # one replaced, one shortened
        world.stand_in("xj/urumqi/d3", hour(27, 0), hour(27, 8))  # what is left is the turn's again
        world.read(*span)
        assert world.entry(f"stand-in-{first}") == ("CONFIRMED", "24T08", "25T12", 2)
        assert world.entry(f"stand-in-{first}-20250924T080000Z")[0] == "CANCELLED"
        assert world.entry(f"stand-in-{second}") == ("CONFIRMED", "24T06", "24T08", 1)
        assert world.entry("20250927T010000Z") == ("CONFIRMED", "27T08", "28T01", 2)
        assert world.entry("20250927T080000Z")[0] == "CANCELLED"
        assert world.entry(f"stand-in-{third}")[0] == "CANCELLED"


def test_a_calendar_over_many_who_stand_in_and_files_of_any_span():
    for seed in range(3):
        rng = random.Random(seed)
        with Office() as world:
            now = START
            world.stand_in("xj/yining", START + 30 * DAY, START + 31 * DAY)
            for _ in range(40):
                now += rng.randrange(8) * DAY // 8
                for _ in range(rng.randrange(3)):
                    begin = now + rng.randrange(-8, 240) * DAY // 8
                    length = rng.choice([1, 2, 5, 8, 16, 60, 160]) * DAY // 8
                    if begin + length > now:
                        world.stand_in(rng.choice(UNITS), begin, begin + length, now)
                begin = now + rng.randrange(-20, 160) * DAY // 6
                world.read(begin, begin + rng.choice([1, 3, 12, 60, 200, 1500]) * DAY // 6)
            world.read(START, START + 250 * DAY)
            assert sum(e.get("STATUS") == "CANCELLED" for e in world.calendar.entries.values()) > 20


def test_who_stands_in_no_longer_as_the_unit_is_gone_leaves_it_too():
    with Office() as world:
        first = world.stand_in("xj/consumer", hour(23, 20), hour(25, 12))
        world.read(hour(22, 1), hour(30, 1))
        world.configure("    - {id: consumer, name: Consumer protection}\n", "")
        world.read(hour(22, 1), hour(30, 1))
        assert world.entry(f"stand-in-{first}")[0] == "CANCELLED"
        assert world.entry("20250924T010000Z") == ("CONFIRMED", "24T01", "25T01", 1)
        world.read(hour(25, 18), hour(30, 1))  # a turn is whole again, wherever the list begins


def test_a_file_from_now_on_is_whole_where_one_turn_fills_a_page():
    with Office() as world:
        for i in range(110):  # each in the first turn, and a page has a hundred rows
            world.stand_in(UNITS[i % 2], START + DAY * (2 * i + 1) / 300, START + DAY * (2 * i + 2) / 300)
        world.calendar.read(world.ctl("--ical"))
        shown = {uid for uid, entry in world.calendar.entries.items() if "DTEND" in entry}
        assert sum(uid.startswith("stand-in-") for uid in shown) == 110, shown
        world.read(START, START + 2 * DAY)


def test_the_rows_are_asked_for_and_their_pages_are_whole():
    with Office() as world:
        seq = world.stand_in("xj/consumer", hour(23, 20), hour(25, 12))
        desk, span = world.daemon.desk(), {"from": hour(22, 1), "to": hour(30, 1)}
        rows = desk.rows("roster.list", roster="night", replaced=True, **span)
        for limit in range(1, 5):
            assert desk.rows("roster.list", roster="night", replaced=True, limit=limit, **span) == rows
        assert [r["begin"] for r in rows if r.get("replaced")] == [hour(24, 1)], rows
        (row,) = [r for r in rows if r.get("seq")]
        assert (row["seq"], row["begin"], row["changes"]) == (seq, hour(23, 20), 0), row
        plain = desk.rows("roster.list", roster="night", **span)
        assert not any({"begin", "seq", "changes", "part", "replaced"} & set(r) for r in plain), plain
        assert desk.rows("roster.list", roster="night", replaced=False, **span) == plain
        desk.refuses("bad_params", "roster.list", replaced=True)


run(globals())
