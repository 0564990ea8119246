#!/usr/bin/env python3
"""Every start day of 2021 to 2026 through redressctl due, against the naive calendar_oracle.

  due_sweep.py check REDRESSCTL   all limits on the mainland's and the Xinjiang calendar
  due_sweep.py table REDRESSCTL   prints the table of tests/README.md, seven working days: how many start
                                  days other calendars get wrong, and how many redress does

`check` also holds the table of tests/README.md against what `table` prints.
"""
import datetime
import functools
import json
import pathlib
import subprocess
import sys
import tempfile
import zoneinfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from calendar_oracle import DATE, DAY, SHIPPED, Calendar, Layer  # noqa: E402

README = SHIPPED.parents[2] / "tests/README.md"
ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
FIRST, LAST = DATE(2021, 1, 1), DATE(2026, 12, 31)
DAYS = [FIRST + i * DAY for i in range((LAST - FIRST).days + 1)]
CONFIG = f"""\
redress: 1
calendars:
  mainland:
    timezone: Asia/Shanghai
    hours: [{{days: mon-fri, open: ["09:00-12:00", "13:30-17:30"]}}]
    holidays: [{SHIPPED}/cn]
  xinjiang:
    over: mainland
    hours:
      - {{from: "05-01", days: mon-fri, open: ["10:00-14:00", "16:00-20:00"]}}
      - {{from: "10-01", days: mon-fri, open: ["10:00-14:00", "15:30-19:30"]}}
    holidays: [{SHIPPED}/xinjiang.ics]
  weekends:
    timezone: Asia/Shanghai
    hours: [{{days: mon-fri, open: ["09:00-17:00"]}}]
"""
# (limit, roll, end)
LIMITS = [(f"{n}bd", "none", "midnight") for n in (1, 3, 5, 7, 15)]
LIMITS += [("3bd", "none", "closing"), ("7bd", "none", "closing")]
LIMITS += [(f"{n}d", roll, "midnight") for n in (15, 30, 60)
           for roll in ("none", "restday", "statutory_holiday")]
LIMITS += [("15d", "restday", "closing"), ("30d", "statutory_holiday", "closing")]


def oracles():
    mainland, xinjiang = Layer(), Layer()
    week = set(range(5))
    mainland.zone, mainland.holidays = "Asia/Shanghai", ["cn"]
    mainland.hours = [(1, 1, week, [(540, 720), (810, 1050)])]
    xinjiang.holidays = ["xinjiang.ics"]
    xinjiang.hours = [(5, 1, week, [(600, 840), (960, 1200)]),
                      (10, 1, week, [(600, 840), (930, 1170)])]
    made = {"mainland": Calendar([mainland]), "xinjiang": Calendar([mainland, xinjiang])}
    for calendar in made.values():
        calendar.intervals = functools.lru_cache(None)(calendar.intervals)
    return made


def start_of(day):
    """An instant of each day, now early, now late, now in between."""
    seconds = (0, 1, 36000, 86399, 43200, 63000, 7)[day.toordinal() % 7]
    return datetime.datetime.combine(day, datetime.time(), ZONE) + datetime.timedelta(seconds=seconds)


class Ctl:
    def __init__(self, program, folder):
        self.program, self.config = program, pathlib.Path(folder) / "redress.yaml"
        self.config.write_text(CONFIG, encoding="utf-8")

    def due(self, calendar, limit, roll="none", end="midnight"):
        starts = "".join(start_of(day).isoformat() + "\n" for day in DAYS)
        done = subprocess.run(
            [self.program, "due", "--config", self.config, "--calendar", calendar, "--limit", limit,
             "--roll", roll, "--end", end, "--from", "-", "--json"],
            input=starts, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(DAYS), (limit, len(answers))
        return answers


def wanted(calendar, day, limit, roll, end):
    unit = limit.lstrip("0123456789")
    start = start_of(day)
    last, raw, due, provisional = calendar.day_limit(
        start, unit, int(limit[:-len(unit)]), roll.replace("_holiday", ""), end == "closing", [])
    return {"due": due.astimezone(ZONE).isoformat(), "last_day": str(last), "raw_day": str(raw),
            "provisional": provisional}


def counted(calendar, day, last, limit):
    """Which dates from the start to the last day count."""
    left = int(limit.rstrip("bd"))
    for i in range((last - day).days + 1):
        date = day + i * DAY
        counts = i > 0 and left > 0 and ("b" not in limit or calendar.is_working(date))
        left -= counts
        yield {"date": str(date), "counted": counts}


def check_limit(ctl, name, calendar, limit, roll, end):
    wrong = 0
    for day, answer in zip(DAYS, ctl.due(name, limit, roll, end)):
        days = [{"date": row["date"], "counted": row["counted"]} for row in answer["days"]]
        assert all(row["why"] for row in answer.pop("days")), (name, day)
        expected = wanted(calendar, day, limit, roll, end)
        account = list(counted(calendar, day, DATE.fromisoformat(expected["last_day"]), limit))
        if answer != expected or days != account:
            wrong += 1
            print(f"{name} {limit} {roll} {end} {day}: {answer} {days}, wanted {expected}")
    return wrong


def table(ctl, made):
    """Rows of the table of tests/README.md: of each calendar, start days with a wrong last day of 7bd."""
    weekends = [a["last_day"] for a in ctl.due("weekends", "7bd")]
    rows = ["| calendar | start days | weekends only | weekends and holidays, no make-up days | redress |",
            "| --- | --: | --: | --: | --: |"]
    for name, title in (("mainland", "mainland China"), ("xinjiang", "Xinjiang")):
        calendar = made[name]
        right = [wanted(calendar, day, "7bd", "none", "midnight")["last_day"] for day in DAYS]
        said = [a["last_day"] for a in ctl.due(name, "7bd")]
        plain = []
        for day in DAYS:
            left = 7
            while left > 0:
                day += DAY
                left -= day.weekday() < 5 and calendar.special.get(day) != "off"
            plain.append(str(day))
        years = list(range(FIRST.year, LAST.year + 1)) if name == "mainland" else []
        for year in years + [None]:
            at = [i for i, day in enumerate(DAYS) if year in (None, day.year)]
            wrong = [sum(answer[i] != right[i] for i in at) for answer in (weekends, plain, said)]
            rows.append(f"| {title}, {year or '2021 to 2026'} | {len(at)} | "
                        + " | ".join(str(count) for count in wrong) + " |")
    return rows


def check(ctl, made):
    wrong = sum(check_limit(ctl, name, calendar, *limit)
                for name, calendar in made.items() for limit in LIMITS)
    print(f"{len(made) * len(LIMITS) * len(DAYS)} limits, {wrong} wrong")
    text = README.read_text(encoding="utf-8")
    missing = [row for row in table(ctl, made) if row not in text]
    for row in missing:
        print(f"tests/README.md lacks: {row}")
    return wrong == 0 and not missing


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "table"):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        ctl, made = Ctl(sys.argv[2], folder), oracles()
        if sys.argv[1] == "table":
            print("\n".join(table(ctl, made)))
        elif not check(ctl, made):
            sys.exit(1)


main()
