"""Calendars, limits and waits: when does a limit run out?"""
import functools
import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from .marks import mark

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def us_of(moment):
    """A datetime with a zone as microseconds."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def parse_limit(text):
    """("s", seconds), ("bd", n) or ("d", n)."""
    count, unit = re.fullmatch(r"(\d+)(s|m|h|bd|d|w)", str(text)).groups()
    count = int(count)
    if unit in ("s", "m", "h"):
        return "s", count * {"s": 1, "m": 60, "h": 3600}[unit]
    return ("d", count * 7) if unit == "w" else (unit, count)


def parse_minutes(text):
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def parse_open(texts):
    spans = []
    for text in texts:
        begin, end = text.split("-")
        spans.append((parse_minutes(begin), parse_minutes(end)))
    return sorted(spans)


def parse_weekdays(text):
    days = set()
    for part in text.replace(" ", "").split(","):
        if "-" in part:
            begin, end = (WEEKDAYS.index(name) for name in part.split("-"))
            days.update(range(begin, end + 1))
        else:
            days.add(WEEKDAYS.index(part))
    return days


class Calendar:
    def __deepcopy__(self, memo):
        return self  # a calendar never changes

    def __init__(self, configs, name):
        config = configs[name]
        base = Calendar(configs, config["over"]) if "over" in config else None
        self.name = name
        self.zone = ZoneInfo(config["timezone"]) if "timezone" in config else base.zone
        self.seasons = self._seasons(config["hours"]) if "hours" in config else base.seasons
        self.days = dict(base.days) if base else {}
        for entry in config.get("days", []):
            day = date.fromisoformat(str(entry["date"]))
            last = date.fromisoformat(str(entry.get("through", entry["date"])))
            while day <= last:
                if "open" in entry:
                    self.days[day] = parse_open(entry["open"])
                else:
                    self.days[day] = "make-up" if entry.get("work") else "closed"
                day += timedelta(days=1)

    @staticmethod
    def _seasons(entries):
        """(month, day) of the first day -> seven lists of spans."""
        seasons = {}
        for entry in entries:
            month, day = (int(part) for part in entry.get("from", "01-01").split("-"))
            week = seasons.setdefault((month, day), [[] for _ in range(7)])
            for weekday in parse_weekdays(entry["days"]):
                week[weekday] = parse_open(entry["open"])
        return seasons

    def hours(self, day):
        """Opening spans of a date, in minutes of the local day."""
        special = self.days.get(day)
        if special == "closed":
            return []
        if isinstance(special, list):
            return special
        begins = sorted(self.seasons)
        past = [begin for begin in begins if begin <= (day.month, day.day)]
        weekday = 0 if special == "make-up" else day.weekday()
        return self.seasons[past[-1] if past else begins[-1]][weekday]

    def is_working(self, day):
        return bool(self.hours(day))

    def is_holiday(self, day):
        return self.days.get(day) == "closed"

    def local(self, us):
        return (EPOCH + timedelta(microseconds=us)).astimezone(self.zone)

    @functools.lru_cache(maxsize=65536)
    def day_of(self, us):
        return self.local(us).date()

    @functools.lru_cache(maxsize=65536)
    def instant(self, day, minute):
        """The instant of a local minute; one that does not exist: the first that does after it."""
        naive = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
        while True:
            here = naive.replace(tzinfo=self.zone)
            there = here.astimezone(timezone.utc)
            if there.astimezone(self.zone).replace(tzinfo=None) == naive:
                return us_of(there)
            naive += timedelta(minutes=1)

    def same_time(self, us, day):
        """The local time of day of `us` on another date."""
        here = self.local(us)
        minute = here.hour * 60 + here.minute
        return self.instant(day, minute) + here.second * SECOND + here.microsecond

    def spans(self, day):
        return [(self.instant(day, a), self.instant(day, b)) for a, b in self.hours(day)]

    def is_open(self, us):
        return any(a <= us < b for a, b in self.spans(self.day_of(us)))

    def next_opening(self, us):
        day = self.day_of(us)
        for _ in range(3660):
            for begin, end in self.spans(day):
                if us < end and begin < end:
                    return max(us, begin)
            day += timedelta(days=1)
        return None

    def closing(self, day):
        spans = self.spans(day)
        return spans[-1][1] if spans else self.instant(day, 1440)

    def open_between(self, begin, end):
        total, day = 0, self.day_of(begin)
        while self.instant(day, 0) < end:
            total += sum(max(0, min(b, end) - max(a, begin)) for a, b in self.spans(day))
            day += timedelta(days=1)
        return total

    def add_open(self, begin, amount):
        """The earliest instant by which so much open time has passed."""
        if amount == 0:
            return begin
        day = self.day_of(begin)
        while True:
            for a, b in self.spans(day):
                a = max(a, begin)
                if b > a:
                    if b - a >= amount:
                        return a + amount
                    amount -= b - a
            day += timedelta(days=1)

    def working_before(self, day, count):
        while count:
            day -= timedelta(days=1)
            count -= self.is_working(day)
        return day

    def working_after(self, day):
        day += timedelta(days=1)
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def end_of_day(self, day, at_closing):
        mark("day limit: closing of a day that is closed", at_closing and not self.is_working(day))
        if at_closing and self.is_working(day):
            mark("day limit: at closing")
            return self.closing(day)
        return self.instant(day, 1440)

    def resumed(self, day, stretches, at_closing):
        """A pause that begins on a last day, and ends on a later date, makes that one the last; where
        the last day's end is past when a pause ends on it, the next working day is."""
        for begin, end in stretches:
            if self.day_of(begin) == day and self.day_of(end) > day:
                day = self.day_of(end)
            if self.day_of(end) == day and begin < self.end_of_day(day, at_closing) <= end:
                mark("day limit: resumed after the closing of its last day")
                day = self.working_after(day)
        return day

    def day_limit(self, start, limit, roll, at_closing, stretches):
        """When a limit in days runs out. `stretches`: (begin, end) instants, merged, sorted."""
        unit, count = limit
        excluded = set()
        for begin, end in stretches:
            day, last = self.day_of(begin) + timedelta(days=1), self.day_of(end)
            while day < last:
                excluded.add(day)
                day += timedelta(days=1)
        day = self.day_of(start)
        while count:
            day += timedelta(days=1)
            if day not in excluded and (unit == "d" or self.is_working(day)):
                count -= 1
        mark("day limit: dates excluded", bool(excluded))
        raw, day = day, self.resumed(day, stretches, at_closing)
        mark("day limit: the day of the resume is the last", raw != day)
        mark("day limit: a weekend does not roll", roll == "statutory_holiday" and
             not self.is_working(day) and not self.is_holiday(day))
        raw = day
        while day in excluded or (roll == "restday" and not self.is_working(day)) or (
                roll == "statutory_holiday" and self.is_holiday(day)):
            day = self.resumed(day + timedelta(days=1), stretches, at_closing)
        mark("day limit rolled: " + roll, raw != day)
        return self.end_of_day(day, at_closing)


def merge(stretches):
    """Unbroken stretches of (begin, end); an end of None is still open."""
    merged = []
    for begin, end in sorted(stretches, key=lambda s: (s[0], s[1] is None, s[1])):
        if merged and (merged[-1][1] is None or begin <= merged[-1][1]):
            last = merged[-1][1]
            merged[-1] = (merged[-1][0], None if last is None or end is None else max(last, end))
        else:
            merged.append((begin, end))
    return merged


def clip(stretches, start):
    """Those parts that lie after `start`, ended ones only."""
    return [(max(b, start), e) for b, e in merge(stretches) if e is not None and e > start]


def run_elapsed(start, amount, stretches):
    """The instant by which `amount` has passed outside of the stretches."""
    mark("elapsed limit over a pause", bool(clip(stretches, start)))
    at = start
    for begin, end in clip(stretches, start):
        if begin - at >= amount:
            break
        amount -= begin - at
        at = end
    return at + amount


def run_working(calendar, start, amount, stretches):
    mark("working limit over a pause", bool(clip(stretches, start)))
    at = start
    for begin, end in clip(stretches, start):
        passed = calendar.open_between(at, begin)
        if passed >= amount:
            break
        amount -= passed
        at = end
    return calendar.add_open(at, amount)


class Instant:
    """An instant on the wall or on the steady scale."""

    def __init__(self, value, is_steady=False):
        self.value = value
        self.is_steady = is_steady

    def wall(self, world):
        return self.value + (world.wall - world.steady if self.is_steady else 0)

    def __eq__(self, other):
        return (self.value, self.is_steady) == (other.value, other.is_steady)

    def __repr__(self):
        return f"{'steady' if self.is_steady else 'wall'} {self.value}"


class Stamp:
    """An instant as both scales know it: own time, and what the steady clock stood at then."""

    def __init__(self, wall, steady):
        self.wall = wall
        self.steady = steady

    def __repr__(self):
        return f"Stamp({self.wall}, {self.steady})"


def wait(start, limit, calendar, working=False, on_wall=False, pauses=(), roll="none",
         at_closing=False):
    """Where a limit from `start` (a Stamp) ends. `pauses`: pairs of Stamps (the end may be None).
    Elapsed limits live on the steady scale unless `on_wall`."""
    wall_pauses = [(b.wall, e and e.wall) for b, e in pauses]
    mark(f"limit in {limit[0]}" + (" working" if working else ""))
    if limit[0] != "s":
        ended = [(b, e) for b, e in merge(wall_pauses) if e is not None]
        return Instant(calendar.day_limit(start.wall, limit, roll, at_closing, ended))
    amount = limit[1] * SECOND
    if working:
        return Instant(run_working(calendar, start.wall, amount, wall_pauses))
    if on_wall:
        return Instant(run_elapsed(start.wall, amount, wall_pauses))
    steady_pauses = [(b.steady, e and e.steady) for b, e in pauses]
    return Instant(run_elapsed(start.steady, amount, steady_pauses), is_steady=True)
