"""Digests of units: what happened since the last one, and how it stands. redress-events(7)."""
from datetime import timedelta

from . import supervision
from .marks import mark
from .worktime import SECOND, parse_limit, wait

EVERIES = ["day", "week", "month"]
TYPES = {"day": "digest.daily", "week": "digest.weekly", "month": "digest.monthly"}
HAPPENED = ["opened", "closed", "recontacts", "chases", "acted", "preempted"]
LEVELS = ["watch", "high", "critical"]
STANDS = ["open", "duties", "overdue", "due_today", "due_next", "unacknowledged", "answers_owed",
          "notices_owed", "pauses_long", "reports_missing", "reports_differ"]
LISTED = 50
LATE = 60 * SECOND


class Tallies:
    """What happened at units, by day."""

    def __init__(self):
        self.counts = {}  # (unit, date, what) -> number

    @staticmethod
    def rules(world):
        found = world.config.get("supervision", {}).get("digest", [])
        return found if isinstance(found, list) else [found]

    def note(self, world, unit, own, what):
        if not self.rules(world):
            return
        day = world.calendar_of(unit).day_of(own)
        at = unit
        while at is not None:
            for slot, rule in enumerate(rules_of(world, at)):
                row = world.watches.rows.get((at, supervision.DIGEST + slot))
                if rule is not None and row is not None and row.done is not None \
                        and row.done >= day:
                    mark("digests: what comes after a digest is told by the next one")
                    day = row.done + timedelta(days=1)
            at = at.rpartition("/")[0] or None
        key = unit, day, what
        self.counts[key] = self.counts.get(key, 0) + 1

    def warned(self, world, unit, own, level):
        if level in LEVELS:
            self.note(world, unit, own, level)

    def acted(self, world, case, own):
        if case.kind == "contact" and not case.was_defused and \
                case.first("acknowledged") is None:
            self.note(world, case.unit, own, "acted")

    def closing(self, world, case, own):
        if case.kind == "contact" and (
                case.was_defused or case.first("customer_contacted") is not None):
            self.note(world, case.unit, own, "preempted")

    def sum(self, units, what, first, last):
        return sum(number for (unit, day, name), number in self.counts.items()
                   if unit in units and name == what and first <= day <= last)

    def configure(self, world, old):
        """What units that are gone did counts at the unit above them."""
        for (unit, day, what), number in list(self.counts.items()):
            if unit in world.units.by_path or unit not in old.by_path:
                continue
            above = unit.rpartition("/")[0]
            while above and above not in world.units.by_path:
                above = above.rpartition("/")[0]
            if above:
                mark("digests: a unit that is gone counts at the one above")
                del self.counts[unit, day, what]
                key = above, day, what
                self.counts[key] = self.counts.get(key, 0) + number


def rules_of(world, unit):
    """Of each EVERIES the first rule that names the unit; None: it gets none."""
    found = dict.fromkeys(EVERIES)
    if unit in world.units.moved or unit not in world.units.by_path:
        return list(found.values())
    for rule in Tallies.rules(world):
        every = rule.get("every", "day")
        if found[every] is None and ("to" not in rule or
                                     unit in supervision.unfold(world.units, rule["to"])):
            found[every] = rule
    return list(found.values())


def stretch(every, day):
    """The same for two days of one week or month."""
    return {"day": day, "week": day - timedelta(days=day.weekday()),
            "month": (day.year, day.month)}[every]


def day_after(calendar, every, day):
    """The first day after it of which there is a digest."""
    day = calendar.working_after(day)
    while stretch(every, calendar.working_after(day)) == stretch(every, day):
        day = calendar.working_after(day)
    return day


def first_from(calendar, every, day):
    if every == "day":
        return calendar.working_before(day, 1) + timedelta(days=1)
    first = day
    while stretch(every, first - timedelta(days=1)) == stretch(every, day):
        first -= timedelta(days=1)
    return first


class Digest:
    """One that is made."""

    def __init__(self, world, unit, row, every, upcoming):
        calendar = world.calendar_of(unit)
        self.world, self.unit = world, unit
        self.to = row.day
        self.next = upcoming
        self.first = row.done + timedelta(days=1) if row.done else first_from(
            calendar, every, (row.missed + [row.day])[0])
        self.units = [path for path in world.units.by_path
                      if path == unit or path.startswith(unit + "/")]
        self.fields = dict(every=every, unit=unit, next=str(self.next), to=str(self.to))
        self.fields["from"] = str(self.first)
        if row.missed:
            self.fields["missed"] = dict(count=len(row.missed), first=str(row.missed[0]),
                                         last=str(row.missed[-1]))
        self.count()

    def count(self):
        world, fields = self.world, self.fields
        for what in HAPPENED:
            fields[what] = world.tallies.sum(self.units, what, self.first, self.to)
        fields["warnings"] = {level: world.tallies.sum(self.units, level, self.first, self.to)
                              for level in LEVELS}
        fields.update(dict.fromkeys(STANDS, 0), worst=[])
        fields["unacknowledged"] = sum(len(world.watches.unread(world, u)) for u in self.units)
        for case in world.cases.values():
            if case.is_open and case.unit in self.units:
                self.add(case)
        fields["worst"] = [row for _, _, row in sorted(
            fields["worst"], key=lambda one: one[:2])[:LISTED]]
        self.reports()

    def add(self, case):
        world, fields = self.world, self.fields
        fields["duties" if case.kind == "duty" else "open"] += 1
        overdue, days = [], set()
        for clock in case.clocks:
            is_out = clock.state == "breached" and not clock.is_late
            if not is_out and (clock.state != "running" or clock.is_paused(case, world)):
                continue
            due = clock.due(case, world).wall(world)
            day = clock.calendar.day_of(due - 1)
            if is_out:
                overdue.append((due, clock.slot, clock, day))
            else:
                days.add(day)
        fields["due_today"] += self.to in days
        fields["due_next"] += any(self.to < day <= self.next for day in days)
        if overdue:
            due, _, clock, day = min(overdue, key=lambda one: one[:2])
            fields["overdue"] += 1
            fields["worst"].append((due, case.number, {
                "case": case.number, "subject": case.subject, "kind": case.kind,
                "unit": case.unit, "clock": clock.name, "due": due, "last_day": str(day),
                "days": max(0, (self.to - day).days)}))
        fields["answers_owed"] += sum(not c.is_answered and not c.is_missed for c in case.chases)
        fields["notices_owed"] += sum(not notice.is_given for notice in case.notices)
        fields["pauses_long"] += any(self.lasts(case, pause) for pause in case.open_pauses())

    def lasts(self, case, pause):
        limits = {"*": "30d", **case.policy.get("pause_limits", {})}
        limit = parse_limit(limits.get(pause.reason, limits["*"]))
        return wait(pause.begin, limit, self.world.calendar_of(case.unit), on_wall=True,
                    at_closing=True).value <= self.world.wall

    def reports(self):
        watches, missing, differ = self.world.watches, [], []
        slot = EVERIES.index(self.fields["every"])
        before = at(self.world, self.unit, slot, self.first - timedelta(days=1))
        now = at(self.world, self.unit, slot, self.to)
        owing = watches.owing(self.world)
        for unit in self.units:
            if unit in owing:
                watches.judge_due(self.world, unit, now)
            day = self.first - timedelta(days=7)
            while day <= self.to:
                key = unit, day
                if not self.tells(unit, day, unit in owing, before, now):
                    day += timedelta(days=1)
                    continue
                if key in watches.missing and key not in watches.reports:
                    missing.append({"unit": unit, "date": str(day)})
                reported, counted = watches.reported.get(key), watches.at_due.get(key)
                if reported is not None and counted is not None and reported != counted:
                    differ.append({"unit": unit, "date": str(day), "reported": reported,
                                   "counted": counted})
                day += timedelta(days=1)
        self.fields.update(reports_missing=len(missing), missing=missing[:LISTED],
                           reports_differ=len(differ), differ=differ[:LISTED])

    def tells(self, unit, day, is_owing, before, now):
        """By the first digest that is not made before the report was due."""
        watches = self.world.watches
        if not is_owing:
            return day >= self.first
        if not self.world.calendar_of(unit).is_working(day):
            mark("digest: a report is not missing of a day that was closed since",
                 (unit, day) in watches.missing)
            return False
        due = watches.report_at(self.world, unit, supervision.REPORT, day)
        is_missing = (unit, day) in watches.missing and (unit, day) not in watches.reports
        mark("digest at the instant of a report that is missing", is_missing and due == now)
        mark("digest tells a report that was due behind the one before",
             is_missing and day < self.first and before < due <= now)
        return due <= now and (day >= self.first or due > before)

    def is_empty(self):
        fields = self.fields
        return not any(fields[name] for name in HAPPENED + STANDS) and \
            not any(fields["warnings"].values())


def at(world, unit, slot, day):
    return supervision.instant_of_day(world.calendar_of(unit), day,
                                      rules_of(world, unit)[slot]["at"])


def arm(world, unit, slot):
    """For the first day not done whose instant is to come; what is due stays."""
    row = world.watches.rows.setdefault((unit, supervision.DIGEST + slot), supervision.Watch())
    if row.armed is not None and row.armed <= world.wall:
        return
    calendar, every = world.calendar_of(unit), EVERIES[slot]
    day = calendar.day_of(world.wall) - timedelta(days=3)
    day = max(day, row.done) if row.done else day
    day = day_after(calendar, every, day)
    while at(world, unit, slot, day) <= world.wall:
        if row.armed is not None and stretch(every, day) == stretch(every, row.day):
            mark("digests: a configuration puts one into the past")
            row.missed.append(day)
        day = day_after(calendar, every, day)
    row.day, row.armed = day, at(world, unit, slot, day)


def has_one(calendar, every, day):
    """There is a digest of the day by the calendar in force."""
    return day_after(calendar, every, day - timedelta(days=1)) == day


def day_instead(calendar, every, row):
    """That day was closed since: what is left of its week or month, or the next day that has one."""
    day = row.day
    while stretch(every, day) == stretch(every, row.day):
        day -= timedelta(days=1)
    return day_after(calendar, every, max([day] + row.missed[-1:] + [row.done] * (row.done is not None)))


def fire(world, unit, slot, row):
    calendar, every = world.calendar_of(unit), EVERIES[slot]
    rule, due = rules_of(world, unit)[slot], row.armed
    if not has_one(calendar, every, row.day):
        mark("digests: the day of one was closed since")
        row.day = day_instead(calendar, every, row)
        due = at(world, unit, slot, row.day)
    while due <= world.wall:
        upcoming = day_after(calendar, every, row.day)
        if world.wall - due < LATE:
            if due != row.armed:  # behind missed ones: by its own instant, in its turn
                mark("digests: one is due behind missed ones")
                row.armed = due
                return
            make(world, unit, row, every, rule, upcoming)
            row.done = row.day
            row.day, row.armed = upcoming, at(world, unit, slot, upcoming)
            return
        mark("digests: one is missed")
        row.missed.append(row.day)
        row.day, due = upcoming, at(world, unit, slot, upcoming)
    row.armed = due


def make(world, unit, row, every, rule, upcoming):
    digest = Digest(world, unit, row, every, upcoming)
    if digest.is_empty() and not rule.get("empty", True):
        mark("digests: an empty one is not sent")
        return
    mark("digest of a " + every)
    mark("digest: the one before was missed", bool(row.missed))
    for name in HAPPENED + STANDS:
        mark("digest tells: " + name, bool(digest.fields[name]))
    mark("digest tells: a warning", any(digest.fields["warnings"].values()))
    world.alert(TYPES[every], unit, "info", late_from=row.armed, digest=digest.fields)
    row.missed = []
