#!/usr/bin/env python3
"""An independent, naive model of working time, written from redress.yaml(5), "Calendars".

Days are counted one by one, open time minute by minute, local time is zoneinfo's. It reads the
shipped holiday files itself.

  calendar_oracle.py write FILE [--seed N] [--cases N]   vectors for calendar_cli
  calendar_oracle.py check CLI [--seed N] [--cases N]    fresh ones, piped into it

Lines: C begins a calendar, O one that lies over the one before; H hours, J holidays, D days.
Then questions with their answers behind " = ": L a day limit, W working time from an instant,
B open time between two, N the next opening, P and A the working days before and after, I the
instant of a local minute, S the same local time on another day.
"""
import argparse
import datetime
import json
import pathlib
import random
import subprocess
import sys
import zoneinfo

DATE = datetime.date
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
UTC = datetime.timezone.utc
SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "daemon" / "config" / "calendars"
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

ZONES = ["Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Sydney",
         "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
# Clocks that turn at midnight, at one minute past it, and a day that was left out.
ODD_ZONES = ["America/Sao_Paulo", "America/St_Johns", "Africa/Cairo", "Asia/Beirut",
             "Pacific/Apia", "America/Nuuk", "Europe/Dublin", "Africa/Casablanca"]


def clock(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Layer:
    def __init__(self):
        self.zone = None
        self.hours = []     # (month, day, set of weekdays, [(open, close)])
        self.holidays = []  # names of shipped files
        self.days = []      # (first, last, "closed" | "work" | [(open, close)])

    def lines(self, is_over):
        yield "O" if is_over else f"C {self.zone}"
        for month, day, weekdays, intervals in self.hours:
            names = ",".join(WEEKDAYS[i] for i in sorted(weekdays))
            yield f"H {month:02d}-{day:02d} {names} {self.text(intervals)}"
        for name in self.holidays:
            yield f"J {name}"
        for first, last, what in self.days:
            yield f"D {first} {last} {what if isinstance(what, str) else self.text(what)}"

    @staticmethod
    def text(intervals):
        return ",".join(f"{clock(a)}-{clock(b)}" for a, b in intervals)


def shipped(name):
    """[(date, is off)] and the first year that the source says nothing of."""
    if name == "cn":
        rows, years = [], []
        for file in sorted((SHIPPED / "cn").glob("*.json")):
            data = json.loads(file.read_text(encoding="utf-8"))
            years.append(data["year"])
            rows += [(DATE.fromisoformat(d["date"]), d["isOffDay"]) for d in data["days"]]
        assert years == list(range(years[0], years[-1] + 1))
        return rows, years[-1] + 1
    text = (SHIPPED / name).read_text(encoding="utf-8")

    def dates(key):
        values = [line.strip().split(":")[1] for line in text.splitlines() if line.startswith(key)]
        return [DATE(int(v[:4]), int(v[4:6]), int(v[6:])) for v in values]

    rows = [(first + i * DAY, True) for first, end in zip(dates("DTSTART"), dates("DTEND"))
            for i in range((end - first).days)]
    return rows, max(date.year for date, _ in rows) + 1


class Calendar:
    """The layers resolved; the lowest first."""

    def __init__(self, layers):
        self.tz = zoneinfo.ZoneInfo([l.zone for l in layers if l.zone][-1])
        self.hours = [l.hours for l in layers if l.hours][-1]
        self.special, self.horizon = {}, None
        for layer in layers:
            for name in layer.holidays:
                rows, year = shipped(name)
                for date, is_off in rows:
                    self.special[date] = "off" if is_off else "work"
                end = DATE(year, 1, 1)
                self.horizon = end if self.horizon is None else min(end, self.horizon)
            for first, last, what in layer.days:
                while first <= last:
                    self.special[first] = what
                    first += DAY

    # ---- a day ----

    def season(self, date):
        begins = sorted({(month, day) for month, day, _, _ in self.hours})
        begun = [begin for begin in begins if begin <= (date.month, date.day)]
        return begun[-1] if begun else begins[-1]  # else the last one, of the year before

    def intervals(self, date):
        what = self.special.get(date)
        if what in ("off", "closed"):
            return []
        if isinstance(what, list):
            return what
        weekday = 0 if what == "work" else date.weekday()
        season = self.season(date)
        found = []
        for month, day, weekdays, intervals in self.hours:
            if (month, day) == season and weekday in weekdays:
                found += intervals
        return sorted(found)

    def is_working(self, date):
        return bool(self.intervals(date))

    # ---- local time ----

    def local(self, instant):
        return instant.astimezone(self.tz).replace(tzinfo=None)

    def instant(self, date, minute, seconds=0):
        """The first instant of that local time; in a gap, the first after it."""
        wanted = datetime.datetime.combine(date, datetime.time())
        wanted += minute * MINUTE + datetime.timedelta(seconds=seconds)
        at = wanted.replace(tzinfo=self.tz, fold=0).astimezone(UTC)
        if self.local(at) == wanted:
            return at
        at = wanted.replace(tzinfo=self.tz, fold=1, second=0).astimezone(UTC)
        while self.local(at) < wanted:
            at += MINUTE  # clocks turn at whole minutes
        return at

    def offset(self, instant):
        return instant.astimezone(self.tz).utcoffset()

    def date(self, instant):
        return self.local(instant).date()

    def closing(self, date):
        intervals = self.intervals(date)
        return self.instant(date, intervals[-1][1] if intervals else 1440)

    # ---- day limits ----

    def day_limit(self, start, unit, count, roll, at_closing, pauses):
        spans = [(self.date(a), self.date(b)) for a, b in pauses]

        def excluded(day):
            return any(a < day < b for a, b in spans)

        def ends(day):
            return self.closing(day) if at_closing else self.instant(day + DAY, 0)

        def resumed(day):
            for (a, b), (begin, end) in zip(spans, pauses):
                if a == day and b > day:
                    day = b
                if b == day and begin < ends(day) <= end:
                    day += DAY
                    while not self.is_working(day):
                        day += DAY
            return day

        def may_end(day):
            if roll == "restday":
                return self.is_working(day)
            if roll == "statutory":
                return self.special.get(day) not in ("off", "closed")
            return True

        day, counted = self.date(start), 0
        while counted < count:
            day += DAY
            if not excluded(day) and (unit == "d" or self.is_working(day)):
                counted += 1
        raw = last = resumed(day)
        while not may_end(last) or excluded(last):
            last = resumed(last + DAY)
        return last, raw, ends(last), self.horizon is not None and last >= self.horizon


class Window:
    """Each minute of some weeks: open or not."""

    def __init__(self, calendar, first, days):
        self.begin = calendar.instant(first, 0)
        self.days = days
        size = int((calendar.instant(first + days * DAY, 0) - self.begin).total_seconds()) // 60
        self.is_open = bytearray(size)
        for i in range(days):
            date = first + i * DAY
            for a, b in calendar.intervals(date):
                low, high = (self.minute(calendar.instant(date, m)) for m in (a, b))
                for minute in range(low, high):
                    self.is_open[minute] = 1
        self.check(calendar)
        hours = [self.begin + i * 60 * MINUTE for i in range(size // 60)]
        # The first whole hours after turns of the clock, in seconds.
        self.turns = [i * 3600 for i in range(1, len(hours))
                      if calendar.offset(hours[i - 1]) != calendar.offset(hours[i])]

    def minute(self, instant):
        return int((instant - self.begin).total_seconds()) // 60

    def check(self, calendar):
        """On a day without a turn of the clock a minute is open if the clock on the wall says so."""
        for minute in range(0, len(self.is_open), 37):
            now = calendar.local(self.begin + minute * MINUTE)
            noon = [calendar.local(self.begin + m * MINUTE) - m * MINUTE
                    for m in (max(0, minute - 1500), minute, minute + 1500)]
            if len(set(noon)) == 1:
                of_day = now.hour * 60 + now.minute
                wall = any(a <= of_day < b for a, b in calendar.intervals(now.date()))
                assert wall == bool(self.is_open[minute]), (calendar.tz, now)

    def add_open(self, seconds_from, seconds):
        """Seconds since the window's begin; None if it does not end in it."""
        if seconds == 0:
            return seconds_from
        minute, skip = divmod(seconds_from, 60)
        while minute < len(self.is_open):
            if self.is_open[minute]:
                if 60 - skip >= seconds:
                    return minute * 60 + skip + seconds
                seconds -= 60 - skip
            minute, skip = minute + 1, 0
        return None

    def open_between(self, a, b):
        total = 0
        for minute in range(a // 60, (b + 59) // 60):
            if self.is_open[minute]:
                total += min(b, minute * 60 + 60) - max(a, minute * 60)
        return total

    def next_opening(self, a):
        if self.is_open[a // 60]:
            return a
        for minute in range(a // 60 + 1, len(self.is_open)):
            if self.is_open[minute]:
                return minute * 60
        return None


# ---- random calendars and questions ----

def random_intervals(rng):
    style = rng.randrange(8)
    if style == 0:
        return [(0, 1440)]
    if style in (1, 2):  # where clocks turn
        cuts = sorted(rng.sample(range(0, 260, 5), 2 * rng.randint(1, 3)))
    elif style == 3:  # up to midnight
        return [(rng.randrange(600, 1400), 1440)]
    elif style == 4:
        return [(540, 720), (810, 1050)]
    else:
        cuts = sorted(rng.sample(range(360, 1320), 2 * rng.randint(1, 3)))
    return list(zip(cuts[::2], cuts[1::2]))


def random_hours(rng):
    begins = rng.sample([(1, 1), (2, 29), (3, 1), (4, 15), (5, 1), (10, 1), (12, 31)],
                        rng.choice([1, 1, 2, 3]))
    hours = []
    for month, day in begins:
        weekdays = set(range(5)) if rng.random() < 0.7 else set(rng.sample(range(7), rng.randint(2, 7)))
        intervals = random_intervals(rng)
        if rng.random() < 0.3:  # one weekday apart
            apart = rng.choice(sorted(weekdays))
            weekdays.discard(apart)
            hours.append((month, day, {apart}, random_intervals(rng)))
        hours.append((month, day, weekdays, intervals))
    return [row for row in hours if row[2]]


def random_days(rng, first, span):
    days, taken = [], set()
    for _ in range(rng.randrange(6)):
        begin = first + rng.randrange(span) * DAY
        end = begin + rng.choice([0, 0, 1, 4]) * DAY
        dates = {begin + i * DAY for i in range((end - begin).days + 1)}
        if not dates & taken:
            taken |= dates
            what = rng.choice(["closed", "work", random_intervals(rng)])
            days.append((begin, end, what))
    return days


def random_layers(rng, zone, first, span):
    base = Layer()
    base.zone, base.hours = zone, random_hours(rng)
    if base.zone == "Asia/Shanghai" or rng.random() < 0.3:
        base.holidays = ["cn"]
    elif rng.random() < 0.5:
        base.holidays = [rng.choice(["england-wales.ics", "scotland.ics", "northern-ireland.ics"])]
    base.days = random_days(rng, first, span)
    if rng.random() < 0.6:
        return [base]
    over = Layer()
    if rng.random() < 0.5:
        over.hours = random_hours(rng)
    if rng.random() < 0.3:
        over.holidays = ["england-wales.ics"]
    over.days = random_days(rng, first, span)
    return [base, over]


def random_pauses(rng, start):
    pauses, at = [], start + rng.randrange(-3 * 86400, 6 * 86400)
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])):
        end = at + rng.choice([rng.randrange(1, 86400), rng.randrange(1, 9 * 86400)])
        pauses.append((at, end))
        at = end + rng.randrange(0, 4 * 86400)
    return pauses


class Asker:
    def __init__(self, rng, calendar, first, days):
        self.rng, self.calendar, self.first = rng, calendar, first
        self.window = Window(calendar, first, days)
        self.begin = int(self.window.begin.timestamp())
        self.size = len(self.window.is_open) * 60

    def start(self, share):
        """Seconds since the window's begin, within its first part; often near a turn of the clock."""
        grain, end = self.rng.choice([1, 60]), int(self.size * share)
        turns = [turn for turn in self.window.turns if turn < end - 8 * 3600]
        if turns and self.rng.random() < 0.5:
            start = self.rng.choice(turns) + self.rng.randrange(-5 * 3600, 5 * 3600)
            return max(0, start // grain * grain)
        return self.rng.randrange(end) // grain * grain

    def day(self):
        """A day of the window; often that of a turn, the one before or after."""
        if self.window.turns and self.rng.random() < 0.6:
            turn = self.window.begin + datetime.timedelta(seconds=self.rng.choice(self.window.turns))
            return self.calendar.date(turn) + self.rng.choice([-1, 0, 0, 0, 1]) * DAY
        return self.first + self.rng.randrange(self.window.days) * DAY

    def instant(self):
        day = self.day()
        minute = self.rng.choice([self.rng.randint(0, 1440), self.rng.randint(0, 240), 0, 1440])
        found = self.calendar.instant(day, minute)
        return f"I {day} {minute} = {int(found.timestamp())}"

    def same_time(self):
        start, day = self.begin + self.start(1), self.day()
        local = self.calendar.local(datetime.datetime.fromtimestamp(start, UTC))
        found = self.calendar.instant(day, local.hour * 60 + local.minute, local.second)
        return f"S {start} {day} = {int(found.timestamp())}"

    def limit(self):
        rng = self.rng
        start = self.begin + self.start(0.5)
        unit, count = rng.choice(["d", "bd"]), rng.choice([0, 1, 1, 2, 3, 5, 7, 15, 30, 60])
        roll = rng.choice(["none", "restday", "statutory"])
        closing = rng.random() < 0.4
        pauses = random_pauses(rng, start)

        def at(seconds):
            return datetime.datetime.fromtimestamp(seconds, UTC)

        last, raw, due, provisional = self.calendar.day_limit(
            at(start), unit, count, roll, closing, [(at(a), at(b)) for a, b in pauses])
        spans = "".join(f" {a - start},{b - start}" for a, b in pauses)
        return (f"L {start} {count}{unit} {roll} {'closing' if closing else 'midnight'}{spans}"
                f" = {last} {raw} {int(due.timestamp())} {int(provisional)}")

    def working(self):
        start = self.start(0.6)
        a_week = 60 * sum(b - a for i in range(7)
                          for a, b in self.calendar.intervals(self.first + i * DAY))
        seconds = self.rng.choice([0, 1, 1800, 14400, self.rng.randrange(400000),
                                   self.rng.randrange(self.size // 3),
                                   a_week * self.rng.randrange(self.window.days // 7)])
        until = self.window.add_open(start, seconds)
        if until is None:
            return None
        return f"W {self.begin + start} {seconds} = {self.begin + until}"

    def between(self):
        a, b = sorted((self.start(1), self.start(1)))
        return f"B {self.begin + a} {self.begin + b} = {self.window.open_between(a, b)}"

    def opening(self):
        start = self.start(0.7)
        found = self.window.next_opening(start)
        return None if found is None else f"N {self.begin + start} = {self.begin + found}"

    def before(self):
        day = asked = self.day()
        n = left = self.rng.randint(1, 8)
        while left > 0:
            day -= DAY
            left -= self.calendar.is_working(day)
        return f"P {asked} {n} = {day}"

    def after(self):
        day = asked = self.day()
        while True:
            day += DAY
            if self.calendar.is_working(day):
                return f"A {asked} = {day}"

    def ask(self):
        return self.rng.choices(
            [self.limit, self.working, self.between, self.opening, self.before, self.after,
             self.instant, self.same_time],
            [8, 4, 3, 2, 1, 1, 2, 1])[0]()


def turn_days(zone, year):
    tz = zoneinfo.ZoneInfo(zone)
    noons = [datetime.datetime(year, 1, 1, 12, tzinfo=tz) + i * DAY for i in range(365)]
    return [b.date() for a, b in zip(noons, noons[1:]) if a.utcoffset() != b.utcoffset()]


def vectors(seed, cases, years, zones, a_calendar):
    rng = random.Random(seed)
    left = cases
    while left > 0:
        zone, year, days = rng.choice(zones), rng.randint(*years), rng.choice([20, 45, 90, 20, 45, 90, 90, 400])
        first = DATE(year, rng.choice([rng.randint(1, 12), 1, 4, 9, 10, 12]), rng.randint(1, 28))
        turns = turn_days(zone, year)
        if turns and rng.random() < 0.7:
            first = rng.choice(turns) - rng.randint(1, 8) * DAY
        layers = random_layers(rng, zone, first, days)
        asker = Asker(rng, Calendar(layers), first, days)
        for i, layer in enumerate(layers):
            yield from layer.lines(i > 0)
        for _ in range(min(left, a_calendar)):
            line = asker.ask()
            if line is not None:
                left -= 1
                yield line


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["write", "check"])
    parser.add_argument("path")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=3000)
    args = parser.parse_args()
    if args.verb == "write":
        # Only years whose clocks are history: tomorrow's tzdata does not change them.
        lines = vectors(args.seed, args.cases, (2006, 2024), ZONES + ODD_ZONES, 40)
        pathlib.Path(args.path).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return
    lines = vectors(args.seed, args.cases, (1972, 2095), ZONES + ZONES + ODD_ZONES, 60)
    text = "\n".join(lines) + "\n"
    print(f"--seed {args.seed} --cases {args.cases}", flush=True)
    sys.exit(subprocess.run([args.path, str(SHIPPED)], input=text.encode(), check=False).returncode)


if __name__ == "__main__":
    main()
