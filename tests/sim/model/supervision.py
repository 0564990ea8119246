"""What is looked for at units by the calendar: daily reports, what is unread, digests."""
import re
from datetime import timedelta

from . import digests
from .marks import mark
from .worktime import Stamp, parse_limit, parse_minutes, SECOND, wait

REPORT, REPORT_THEN, UNREAD, DIGEST = range(4)  # one timer each: its slot; digests have three


def instant_of_day(calendar, day, text):
    """ "17:00", closing, closing-30m, opening+1h on a day."""
    text = str(text)
    found = re.fullmatch(r"(opening|closing)(?:([+-])(.+))?", text)
    if found is None:
        return calendar.instant(day, parse_minutes(text))
    spans = calendar.spans(day)  # a day that does not open: its 24:00
    at = spans[0][0] if spans and found[1] == "opening" else calendar.closing(day)
    shift = parse_limit(found[3])[1] * SECOND if found[3] else 0
    return at - shift if found[2] == "-" else at + shift


def unfold(units, patterns):
    """Paths that patterns name; what is gone is not named."""
    patterns = patterns if isinstance(patterns, list) else [patterns]
    found = []
    for path, unit in units.by_path.items():
        if path in units.moved:
            continue
        for pattern in patterns:
            parts = ["(?:.+/)?" if p == "**" else re.escape(p).replace(r"\*", "[^/]*") + "/"
                     for p in pattern.split("/")]
            plain = "/" not in pattern and "*" not in pattern and pattern == unit.id
            if plain or re.fullmatch("".join(parts), path + "/"):
                found.append(path)
                break
    return found


def leaves(units):
    return [path for path in units.by_path if path not in units.moved and not any(
        other.startswith(path + "/") and other not in units.moved for other in units.by_path)]


def target(units, unit, text):
    """A target of a unit; operators where it is empty."""
    text = str(text)
    if text == "unit":
        found = unit
    elif text == "parent":
        found = units.parent(unit)
    elif text.startswith("ancestor"):
        found = units.ancestor(unit, int(text.split(":")[1]))
    else:
        found = units.find(text)
    return units.present(found) if found is not None else "~ops"


class Watch:
    def __init__(self):
        self.armed = self.day = self.done = None
        self.missed = []  # days of which no digest was made since the last one
        self.is_dropped = False  # its rule is gone; what it is through with stays known


class Watches:
    def __init__(self):
        self.rows = {}  # (unit, slot) -> Watch
        self.reports = {}  # (unit, date) -> how many came
        self.owed = set()  # (unit, date): its time has come
        self.missing = set()  # and there was none
        self.counted = {}  # (unit, date) -> opened and closed, by the events
        self.at_due = {}  # the same and what was open, when the report was due
        self.reported = {}  # the same, as the newest report says

    # ---- configuration ----
    @staticmethod
    def rule(world, name):
        return world.config.get("supervision", {}).get(name)

    def owing(self, world):
        rule = self.rule(world, "daily_report")
        if rule is None:
            return []
        if "owed_by" not in rule:
            return leaves(world.units)
        return unfold(world.units, rule["owed_by"])

    def configure(self, world):
        owing = self.owing(world)
        watched = [] if self.rule(world, "unread") is None else [
            u for u in world.units.by_path if u not in world.units.moved]
        for unit, slot in list(self.rows):
            if slot >= DIGEST:
                is_wanted = digests.rules_of(world, unit)[slot - DIGEST] is not None
            else:
                is_wanted = unit in (watched if slot == UNREAD else owing)
            row = self.rows[unit, slot]
            mark("supervision: nothing is looked for any more", not is_wanted)
            mark("supervision: a rule comes back", is_wanted and row.is_dropped)
            row.is_dropped = not is_wanted
            if not is_wanted:
                row.armed, row.missed = None, []
        for unit in owing:
            self.daily(world, unit, REPORT)
            if not self.tells_at_once(world, unit):
                self.daily(world, unit, REPORT_THEN)
        for unit in watched:
            row = self.rows.setdefault((unit, UNREAD), Watch())
            if row.armed is None or row.armed > world.wall:
                row.armed = self.next_look(world, unit, row, self.unread(world, unit))
        for unit in world.units.by_path:
            for slot, rule in enumerate(digests.rules_of(world, unit)):
                if rule is not None:
                    digests.arm(world, unit, slot)

    def report_at(self, world, unit, slot, day):
        rule = self.rule(world, "daily_report")
        at = instant_of_day(world.calendar_of(unit), day, rule["by"])
        after = parse_limit(rule.get("then_after", "30m"))[1] * SECOND
        return at + after if slot == REPORT_THEN else at

    def tells_at_once(self, world, unit):
        """A day that the unit was told of, its second telling put into the past."""
        then, judged = self.rows.get((unit, REPORT_THEN)), self.rows[unit, REPORT]
        if then is None or then.day is None or judged.done is None or then.day > judged.done or \
                self.report_at(world, unit, REPORT_THEN, then.day) > world.wall:
            return False
        is_later = then.armed is None or then.armed > world.wall
        mark("a configuration puts a report's second telling into the past", is_later)
        then.armed = world.wall if is_later else then.armed
        return True

    def daily(self, world, unit, slot):
        """Armed for the first day not done whose instant is to come; what is due stays."""
        row = self.rows.setdefault((unit, slot), Watch())
        if row.armed is not None and row.armed <= world.wall:
            mark("supervision: what is due stays over a configuration")
            return
        calendar = world.calendar_of(unit)
        day = calendar.day_of(world.wall) - timedelta(days=2)
        while not calendar.is_working(day) or (row.done is not None and day <= row.done) or \
                self.report_at(world, unit, slot, day) <= world.wall:
            day += timedelta(days=1)
        row.day, row.armed = day, self.report_at(world, unit, slot, day)

    # ---- reports ----
    def happened(self, world, unit, own, what):
        """A case of the unit was opened or closed."""
        if unit in self.owing(world):
            key = unit, world.calendar_of(unit).day_of(own)
            self.counted.setdefault(key, {"opened": 0, "closed": 0})[what] += 1

    def report(self, unit, day, data):
        self.reported[unit, day] = {name: data[name] for name in ("opened", "closed", "open")}
        mark("a report replaces another", (unit, day) in self.reports)
        self.reports[unit, day] = self.reports.get((unit, day), 0) + 1

    def judge(self, world, unit, day):
        """What there is of a day when its report is due; by whoever looks first at that instant."""
        if (unit, day) in self.owed:
            mark("digest: it looked at a report that is due before the unit's own timer")
            return
        self.owed.add((unit, day))
        if (unit, day) not in self.reports:
            self.missing.add((unit, day))
        self.at_due[unit, day] = dict(
            self.counted.get((unit, day), {"opened": 0, "closed": 0}),
            open=sum(c.is_open and c.kind != "duty" and c.unit == unit
                     for c in world.cases.values()))

    def judge_due(self, world, unit, until):
        """The reports of a unit that were due by this instant, its own timer behind it."""
        row = self.rows[unit, REPORT]
        calendar, day = world.calendar_of(unit), row.day
        while self.report_at(world, unit, REPORT, day) <= until:
            if calendar.is_working(day):
                self.judge(world, unit, day)
            day = calendar.working_after(day)

    def report_due(self, world, unit, slot, row):
        calendar, late_from, missing = world.calendar_of(unit), row.armed, []
        judged = self.rows[unit, REPORT]
        while self.report_at(world, unit, slot, row.day) <= world.wall:
            if slot == REPORT_THEN and row.day >= judged.day:
                mark("a missing report is told further after others of a downtime are judged")
                break
            is_owed = calendar.is_working(row.day)
            mark("a day that is due is no working day any more", not is_owed)
            if slot == REPORT and is_owed:
                self.judge(world, unit, row.day)
            mark("a report whose time came before it was asked for", (unit, row.day) not in self.owed)
            if is_owed and (unit, row.day) in self.owed and (unit, row.day) not in self.reports:
                missing.append(row.day)
            row.done, row.day = row.day, calendar.working_after(row.day)
        row.armed = self.report_at(world, unit, slot, row.day)
        if slot == REPORT_THEN and row.armed <= world.wall and row.day >= judged.day:
            mark("a report's second telling waits for a first that stands later",
                 judged.armed > row.armed)
            row.armed = max(row.armed, judged.armed)
        mark("a report is there when it is due", not missing)
        if missing:
            mark("reports of several days are missing", len(missing) > 1)
            to = unit
            if slot == REPORT_THEN:
                mark("a missing report is told further")
                to = target(world.units, unit, self.rule(world, "daily_report").get("then", "parent"))
            world.alert("unit.report_missing", to, "warning", late_from=late_from,
                        count=len(missing) if len(missing) > 1 else None)

    # ---- unread ----
    @staticmethod
    def unread(world, unit):
        """Times of the unit's alerts that wait for an acknowledgement."""
        found = [e for case in world.cases.values() if case.is_open
                 for e in case.ladder.entries + case.ladder.old
                 if e.alert is not None and e.wants_ack and e.alert.unit == unit
                 and e.unit == e.told_as]  # else it was passed on, and the new unit not told yet
        mark("unread: of a unit that was told for one that is gone", any(e.unit != unit for e in found))
        return [e.alert.time for e in found]

    def next_look(self, world, unit, row, times):
        if not times:
            return None
        rule, calendar = self.rule(world, "unread"), world.calendar_of(unit)
        due = wait(Stamp(min(times), min(times)), parse_limit(str(rule["after"])), calendar,
                   working=rule.get("time") == "working", on_wall=True, at_closing=True).value
        if row.done is not None:
            due = max(due, calendar.spans(calendar.working_after(row.done))[0][0])
        return due

    def note(self, world, unit):
        """An alert asks for an acknowledgement."""
        row = self.rows.get((unit, UNREAD))
        if row is not None and row.armed is None and not row.is_dropped:
            row.armed = self.next_look(world, unit, row, self.unread(world, unit) + [world.wall])

    def look(self, world, unit, row):
        late_from, times = row.armed, self.unread(world, unit)
        row.armed = self.next_look(world, unit, row, times)
        if row.armed is None or row.armed > world.wall:
            mark("what was unread has been acknowledged")
            return
        calendar, rule = world.calendar_of(unit), self.rule(world, "unread")
        mark("unread again on another day", row.done is not None)
        row.done = calendar.day_of(world.wall)
        row.armed = calendar.spans(calendar.working_after(row.done))[0][0]
        world.alert("unit.unread", target(world.units, unit, rule.get("then", "parent")), "warning",
                    late_from=late_from, count=len(times))

    # ---- timers ----
    def next_of(self, slot):
        return min((row.armed for (_, s), row in self.rows.items()
                    if s == slot and row.armed is not None), default=None)

    def timers(self, world):
        """(due, number of the unit, slot, what to do)"""
        order = list(world.units.by_path)
        found = []
        for (unit, slot), row in self.rows.items():
            if row.armed is not None:
                fire = self.look if slot == UNREAD else (
                    lambda w, u, r, slot=slot: self.report_due(w, u, slot, r))
                if slot >= DIGEST:
                    fire = lambda w, u, r, slot=slot: digests.fire(w, u, slot - DIGEST, r)
                found.append((row.armed, order.index(unit), slot,
                              lambda fire=fire, unit=unit, row=row: fire(world, unit, row)))
        return found
