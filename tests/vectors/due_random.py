#!/usr/bin/env python3
"""Random calendars written as YAML, asked through redressctl due, against the naive calendar_oracle.

  due_random.py REDRESSCTL [--seed N] [--calendars N]

The whole way that an operator's file takes: seasons, files, overlays, zones, early closings; limits
in days with roll and end, and in opening hours.
"""
import argparse
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from calendar_oracle import (DATE, ODD_ZONES, SHIPPED, UTC, WEEKDAYS, ZONES, Asker,  # noqa: E402
                             Calendar, clock, random_layers)


def intervals(pairs):
    return "[" + ", ".join(f'"{clock(a)}-{clock(b)}"' for a, b in pairs) + "]"


def yaml_of(layers):
    lines = ["redress: 1", "calendars:"]
    for i, layer in enumerate(layers):
        lines += [f"  c{i}:"] + ([f"    over: c{i - 1}"] if i > 0 else [])
        lines += [f"    timezone: {layer.zone}"] if layer.zone else []
        lines += ["    hours:"] if layer.hours else []
        for month, day, week, pairs in layer.hours:
            days = ",".join(WEEKDAYS[x] for x in sorted(week))
            lines.append(f'      - {{from: "{month:02d}-{day:02d}", days: "{days}", '
                         f"open: {intervals(pairs)}}}")
        if layer.holidays:
            lines.append("    holidays: [" + ", ".join(f"{SHIPPED}/{h}" for h in layer.holidays) + "]")
        lines += ["    days:"] if layer.days else []
        for first, last, what in layer.days:
            kind = (f"open: {intervals(what)}" if not isinstance(what, str)
                    else "closed: X" if what == "closed" else "work: true")
            lines.append(f"      - {{date: {first}, through: {last}, {kind}}}")
    return "\n".join(lines) + "\n"


class Round:
    """One calendar and its questions."""

    def __init__(self, program, path, rng):
        self.program, self.path, self.rng = program, path, rng
        self.count = self.wrong = 0
        zone, days = rng.choice(ZONES + ODD_ZONES), rng.choice([45, 90])
        first = DATE(rng.randint(2007, 2035), rng.choice([1, 3, 4, 9, 10, 11, 12]), rng.randint(1, 28))
        layers = random_layers(rng, zone, first, days)
        self.calendar = Calendar(layers)
        self.asker = Asker(rng, self.calendar, first, days)
        self.name = f"c{len(layers) - 1}"
        path.write_text(yaml_of(layers), encoding="utf-8")

    def ask(self, starts, *flags):
        lines = "".join(self.instant(s).isoformat() + "\n" for s in starts)
        done = subprocess.run(
            [self.program, "due", "--config", str(self.path), "--calendar", self.name, *flags,
             "--from", "-", "--json"], input=lines, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.stderr, self.path.read_text(encoding="utf-8"))
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(answers) == len(starts), done
        return zip(starts, answers)

    def instant(self, seconds):
        return datetime.datetime.fromtimestamp(self.asker.begin + seconds, UTC)

    def judge(self, answer, is_right, *about):
        self.count += 1
        if not is_right:
            self.wrong += 1
            print(*about, answer, self.path.read_text(encoding="utf-8"))

    def day_limits(self):
        rng = self.rng
        unit, count = rng.choice(["d", "bd"]), rng.choice([1, 2, 3, 5, 7, 15, 30, 60])
        roll = rng.choice(["none", "restday", "statutory_holiday"])
        end = rng.choice(["midnight", "closing"])
        starts = [self.asker.start(0.5) for _ in range(8)]
        for start, answer in self.ask(starts, "--limit", f"{count}{unit}", "--roll", roll, "--end", end):
            last, raw, due, provisional = self.calendar.day_limit(
                self.instant(start), unit, count, roll.replace("_holiday", ""), end == "closing", [])
            self.judge(answer, (answer["last_day"], answer["raw_day"], answer["provisional"])
                       == (str(last), str(raw), provisional)
                       and datetime.datetime.fromisoformat(answer["due"]) == due
                       and sum(day["counted"] for day in answer["days"]) == count,
                       self.instant(start), count, unit, roll, end, last, raw, due, provisional)

    def working_time(self):
        seconds = self.rng.choice([1, 1800, 14400, self.rng.randrange(1, 400000)])
        starts = [self.asker.start(0.6) for _ in range(8)]
        for start, answer in self.ask(starts, "--limit", f"{seconds}s", "--time", "working"):
            until = self.asker.window.add_open(start, seconds)
            if until is not None:  # else beyond the oracle's window
                due = datetime.datetime.fromisoformat(answer["due"])
                self.judge(answer, due == self.instant(until), self.instant(start), seconds)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calendars", type=int, default=25)
    args = parser.parse_args()
    print(f"--seed {args.seed} --calendars {args.calendars}", flush=True)
    rng, count, wrong = random.Random(args.seed), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(args.calendars):
            one = Round(args.program, pathlib.Path(folder) / "redress.yaml", rng)
            for _ in range(4):
                one.day_limits()
                one.working_time()
            count, wrong = count + one.count, wrong + one.wrong
    print(f"{count} answers, {wrong} wrong")
    sys.exit(0 if count > 0 and wrong == 0 else 1)


main()
