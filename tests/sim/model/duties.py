"""Duties by a schedule, and rectifications from the cause to the check of effect."""
import re
from datetime import date, timedelta

from .marks import mark
from .names import duty_bearing
from .screening import last_day
from .supervision import unfold
from .worktime import parse_limit

DUE, RECURRENCE = "20bd", "90d"


# ---- periods ----
def period_of(every, day):
    """(first, last, name) of the period that holds the day."""
    if every == "day":
        return day, day, day.isoformat()
    if every == "week":
        first = day - timedelta(days=day.weekday())
        year, week, _ = day.isocalendar()
        return first, first + timedelta(days=6), f"{year}-W{week:02}"
    size = {"month": 1, "quarter": 3, "half": 6, "year": 12}[every]
    month = (day.month - 1) // size * size
    first = date(day.year, month + 1, 1)
    after = date(day.year + (month + size) // 12, (month + size) % 12 + 1, 1)
    name = {"month": f"{day.year}-{month + 1:02}", "quarter": f"{day.year}-Q{month // 3 + 1}",
            "half": f"{day.year}-H{month // 6 + 1}", "year": str(day.year)}[every]
    return first, after - timedelta(days=1), name


def next_period(every, behind):
    found = period_of(every, behind)
    return found if found[0] > behind else period_of(every, found[1] + timedelta(days=1))


def due_day(text, first, last, calendar):
    if re.fullmatch(r"\d\d-\d\d", text):
        month, day = (int(part) for part in text.split("-"))
        try:
            found = date(first.year, month, day)
        except ValueError:
            found = date(first.year, month, day - 1)
    else:
        back = text.startswith("-")
        unit, count = parse_limit(text.lstrip("+-"))
        found = last
        if unit == "d":
            found += timedelta(days=-count if back else count)
        elif count == 0:
            mark("a duty due on the last working day", not calendar.is_working(last))
            found = last if calendar.is_working(last) else calendar.working_before(last, 1)
        elif back:
            found = calendar.working_before(last, count)
        else:
            while count:
                found += timedelta(days=1)
                count -= calendar.is_working(found)
    mark("a duty due before its period begins", found < first)
    return max(found, first)


# ---- by a schedule ----
class Row:
    def __init__(self):
        self.armed = self.day = self.every = None


class Schedules:
    def __init__(self):
        self.rows = {}  # (unit, duty) -> Row
        self.order = {}  # duty -> its number, in the order first named

    @staticmethod
    def rules(world):
        return {rule["duty"]: rule for rule in world.config.get("supervision", {}).get("duties", [])}

    def configure(self, world):
        rules = self.rules(world)
        owed = {(unit, name) for name, rule in rules.items() for unit in unfold(world.units, rule["for"])}
        for key in [key for key in self.rows if key not in owed]:
            mark("schedule: not owed any more")
            del self.rows[key]
        for name in rules:
            self.order.setdefault(name, len(self.order))
        for unit in world.units.by_path:
            for name, rule in rules.items():
                if (unit, name) in owed:
                    self.arm(world, unit, rule)

    def arm(self, world, unit, rule):
        row = self.rows.get((unit, rule["duty"]))
        if row is not None and row.armed <= world.wall:
            mark("schedule: what is due stays over a configuration")
            return
        is_new = row is None
        row = self.rows.setdefault((unit, rule["duty"]), Row())
        calendar, every = world.calendar_of(unit), rule["every"]
        first, last, name = period_of(every, calendar.day_of(world.wall))
        after = last + timedelta(days=1)
        if "from" in rule:
            begin = date.fromisoformat(str(rule["from"]))
            there = duty_bearing(world, f"{rule['duty']}/{unit}/{name}")
            if begin > last:
                row.day = period_of(every, begin)[0]
            elif there is not None:
                row.day = after
            else:
                mark("schedule: the present period is owed too")
                row.day = first
        elif is_new:
            row.day = first if calendar.instant(first, 0) == world.wall else after
        elif row.every != every:
            mark("schedule: other periods")
            row.day = after
        row.every = every
        row.armed = max(calendar.instant(row.day, 0), world.wall)

    def fire(self, world, unit, name, row):
        from . import events
        rule, calendar = self.rules(world)[name], world.calendar_of(unit)
        first, last, period = period_of(row.every, row.day)
        late, subject = row.armed, f"{name}/{unit}/{period}"
        taken = world.subjects.get(subject)
        if duty_bearing(world, subject) is None:
            if taken is not None and taken.is_open:
                mark("schedule: its subject is another case's")
                subject += "/duty"
            mark("schedule: opened late", world.wall > row.armed)
            due = due_day(str(rule["due"]), first, last, calendar)
            attributes = {"duty": name, "period": period, "due": due}
            attributes.update({k: rule[k] for k in ("title", "total") if k in rule})
            case = events.open_duty(world, unit, subject, world.stamp(row.armed), attributes,
                                    rule.get("attributes", {}))
            events.settle(world, case)
            mark("schedule: a duty is opened")
            world.alert("duty.owed", unit, "info", case, due=calendar.instant(due, 1440), late_from=late)
        else:
            mark("schedule: the duty is there already")
        row.day, row.every = next_period(rule["every"], last)[0], rule["every"]
        row.armed = calendar.instant(row.day, 0)

    def timers(self, world):
        """(due, owner, what to do)"""
        order = list(world.units.by_path)
        return [(row.armed, (order.index(unit), self.order[name]),
                 lambda unit=unit, name=name, row=row: self.fire(world, unit, name, row))
                for (unit, name), row in self.rows.items()]


# ---- rectification ----
def rule_of(world, key, otherwise):
    return world.config.get("supervision", {}).get("rectification", {}).get(key, otherwise)


def mends(case):
    return case.kind == "duty" and case.attributes.get("duty") == "rectification"


def waits_for(world, case):
    """The oldest rectification of the case that is neither decided nor over, or None."""
    return next((c for c in world.cases.values() if mends(c)
                 and c.attributes.get("period") == str(case.number)
                 and c.state in ("open", "assigned", "handling")), None)


def find_mended(world, event):
    """The duty that case.rectified of another case decides."""
    case = None if event.type != "case.rectified" else event.of
    return None if case is None or case.kind == "duty" else waits_for(world, case)


def due_of(world, event):
    return last_day(world.calendar_of(event.data["unit"]), event.time, rule_of(world, "due", DUE))


def recurred(world, case, event):
    """The same cause at the same unit, not long after it was found mended."""
    unit = event.data["unit"]
    found = [at for (where, cause), (at, _) in world.mended.items()
             if world.units.present(where) == unit and cause == event.data["cause"]]
    if not found or max(found) > event.time:
        return
    calendar = world.calendar_of(unit)
    until = last_day(calendar, max(found), rule_of(world, "recurrence", RECURRENCE))
    mark("a cause comes again after long", calendar.day_of(event.time) > until)
    if calendar.day_of(event.time) <= until:
        mark("a cause comes again")
        for one in filter(None, [unit, world.units.parent(unit)]):
            world.alert("cause.recurred", one, "warning", case)


def note_effect(world, duty, event):
    if not mends(duty) or "cause" not in duty.attributes:
        return
    key = duty.first_unit, duty.attributes["cause"]
    if event.data["effective"]:
        world.mended[key] = event.time, duty.number
    elif key in world.mended and world.mended[key][1] == duty.number:
        mark("a rectification is found of no effect after all")
        del world.mended[key]
