"""The ladder of a case: rungs by time, by hand, by a missed answer; holds; chains; leases."""
from . import known
from .worktime import Instant, parse_limit, wait

SEVERITIES = ["info", "warning", "high", "critical"]
FROM_WARNING = {"none": "info", "watch": "warning", "high": "high", "critical": "critical"}
# One instant, one ladder: a rung by its time, a held alert, a missed answer, re-notification, lease.
BY_TIME, HELD, MISSED, RENOTIFY, LEASE = range(5)


class Entry:
    """A rung's alert to a unit: decided, perhaps held or withheld, perhaps acknowledged."""

    def __init__(self, rung, unit, severity, skipped):
        self.rung = rung
        self.unit = unit
        self.severity = severity
        self.skipped = skipped
        self.alert = None  # the newest of its chain; None: held, or withheld
        self.is_held = False
        self.late_from = None
        self.sent = None  # Stamp of the newest
        self.ack = None  # (Stamp of the first, limit, working, calendar), or None: none wanted
        self.ack_by = None
        self.chain = []
        self.is_acked = False
        self.is_dropped = False  # needs no acknowledgement any more
        self.after_until = False  # sent by hand when `until` had come: its ack_within runs on
        self.is_missed = False
        self.is_old = False  # its rung was sent again; an answer to it still satisfies the rung
        self.renotified = 0
        self.leased = None  # Stamp since which an acknowledgement must be followed by work

    @property
    def wants_ack(self):
        return self.ack is not None and not self.is_acked and not self.is_dropped


class Ladder:
    def __init__(self, policy, world, case, stamp):
        self.rungs = policy.get("ladder", {}).get("rungs", [])
        self.until = policy.get("ladder", {}).get("until")
        self.entries, self.old = [], []
        self.restart(world, case, stamp)

    def restart(self, world, case, stamp):
        self.start = stamp
        self.begin_order = case.order
        self.calendar = world.calendar_of(case.unit)
        # Alerts of an earlier run that still want an acknowledgement go on inhibiting.
        self.old = [e for e in self.old + self.entries if e.wants_ack and e.alert is not None
                    and not self.is_satisfied(e.rung)]
        self.fired = set()  # numbers of rungs, from 1
        self.entries = []
        self.is_exhausted = False

    # ---- looking ----
    def is_stopped(self, case):
        return self.until is not None and bool(case.since(self.until, self.begin_order))

    def wait(self, start, text, calendar, working, case):
        return wait(start, parse_limit(text), calendar, working=working,
                    pauses=case.stretches(), at_closing=True)

    def rung_instant(self, number, case):
        rung = self.rungs[number - 1]
        text = str(rung.get("after", "0m"))
        if parse_limit(text) == ("s", 0):
            return Instant(self.start.steady, is_steady=True)
        return self.wait(self.start, text, self.calendar, rung.get("time") == "working", case)

    def answer_instant(self, entry, case):
        """When its acknowledgement is overdue."""
        sent, text, calendar, working = entry.ack
        return self.wait(sent, text, calendar, working, case)

    def mates(self, number):
        return [e for e in self.entries if e.rung == number]

    def unfired(self):
        return [n for n in range(1, len(self.rungs) + 1) if n not in self.fired]

    def is_satisfied(self, number):
        return any(e.is_acked for e in self.entries if e.rung == number)

    def held_instant(self, entry, case, world):
        """The first opening since it was decided, or since the last pause ended."""
        since = max([entry.sent.wall] + [p.end.wall for p in case.pauses
                                         if p.end is not None and p.end.wall > entry.sent.wall])
        return Instant(world.calendar_of(entry.unit).next_opening(since))

    def pendings(self, case, world):
        """[(Instant, action, entry or rung)] of all that waits."""
        if not case.is_open or case.open_pauses():
            return []
        stopped = self.is_stopped(case)
        found = []
        if not stopped:
            found += [(self.rung_instant(number, case), BY_TIME, number)
                      for number in self.unfired()]
        for entry in self.entries:
            if stopped and not entry.after_until:
                continue
            if entry.is_held:
                found.append((self.held_instant(entry, case, world), HELD, entry))
            elif entry.wants_ack and not self.is_satisfied(entry.rung):
                found += self.answers(case, entry, stopped)
        for entry in self.entries:
            if entry.leased is not None and case.state != "decided":
                limit = parse_limit(self.rungs[entry.rung - 1]["ack_lease"])
                found.append((wait(entry.leased, limit, self.calendar, pauses=case.stretches()),
                              LEASE, entry))
        return found

    def answers(self, case, entry, stopped):
        """What an unanswered alert waits for: the answer overdue, the next re-notification."""
        found, mates = [], self.mates(entry.rung)
        fresh = [e for e in mates if not e.is_old]
        if not entry.is_old and not entry.is_missed and entry.rung + 1 not in self.fired:
            found.append((self.answer_instant(entry, case), MISSED, entry))
        again = self.rungs[entry.rung - 1].get("renotify")
        if again and not stopped and entry.rung == max(self.fired) and entry.alert is not None \
                and max(e.renotified for e in fresh) < again.get("times", 1):
            _, _, calendar, working = entry.ack
            sent = max((e.sent for e in fresh), key=lambda s: s.wall)
            found.append((self.wait(sent, again["every"], calendar, working, case),
                          RENOTIFY, entry))
        return found

    def is_on_both_scales(self, case, world):
        """Its earliest instants on the two scales are armed apart, as the offset may change."""
        return len({item[0].is_steady for item in self.pendings(case, world)}) == 2

    def next(self, case, world):
        found = self.pendings(case, world)
        return min(found, key=lambda p: (p[0].wall(world), p[1])) if found else None

    def inhibits(self, case, unit, severity):
        """An unacknowledged alert to the unit that wants an acknowledgement withholds what is
        lower; severity None: a reminder, always lower."""
        for entry in self.entries + self.old:
            if entry.unit == unit and entry.wants_ack and entry.alert is not None:
                if severity is None or \
                        SEVERITIES.index(severity) < SEVERITIES.index(entry.severity):
                    return True
        return False

    # ---- what happens ----
    def fire(self, case, world):
        instant, action, what = self.next(case, world)
        since = instant.wall(world)
        if action == BY_TIME:
            self.climb(case, world, what, since)
        elif action == HELD:
            what.is_held = False
            what.skipped = [] if known.HELD_LOSES_SKIPPED else what.skipped
            self.send(case, world, what, since)
        elif action == MISSED:
            for entry in self.mates(what.rung):
                entry.is_missed = True
            if what.rung == len(self.rungs):
                self.exhausted(case, world, since)
            elif self.is_stopped(case):
                self.escalate(case, world, what.rung + 1, since)
            else:
                self.climb(case, world, what.rung + 1, since)
        elif action == RENOTIFY:
            self.renotify(case, world, what, since)
        else:
            self.lapse(case, world, what, since)

    def exhausted(self, case, world, since=None):
        self.is_exhausted = True
        world.alert("ladder.exhausted", "~ops", "warning", case, late_from=since)

    def climb(self, case, world, number, since):
        """Rung `number` is due; of those due by their time the highest is sent, the rest skipped."""
        due = {number}
        for other in self.unfired():
            instant = self.rung_instant(other, case).wall(world)
            if instant <= world.wall:
                due.add(other)
                if other > number:
                    number, since = other, instant
        skipped = sorted(n for n in due if n < number and n not in self.fired)
        if 1 in skipped and case.kind == "contact" and not case.is_first_told \
                and parse_limit(str(self.rungs[0].get("after", "0m"))) == ("s", 0):
            case.is_first_told = True
            world.alert("warning.first_contact", case.unit, self.severity(case, 1), case,
                        late_from=since)
        self.fire_rung(case, world, number, since, skipped)

    def severity(self, case, number):
        found = self.rungs[number - 1].get("severity", "warning")
        if number == 1 and case.kind in ("contact", "complaint"):
            found = max(found, FROM_WARNING[case.level], key=SEVERITIES.index)
        return found

    def fire_rung(self, case, world, number, since, skipped=(), by_hand=False):
        rung = self.rungs[number - 1]
        self.fired |= {number, *skipped}
        units = world.units.targets(rung["notify"], case)
        for missed in skipped:
            units += [u for u in world.units.targets(self.rungs[missed - 1]["notify"], case)
                      if u not in units]
        if not units:
            if number < len(self.rungs):
                self.escalate(case, world, number + 1, since)
            else:
                self.exhausted(case, world, since)
            return
        severity = self.severity(case, number)
        self.entries = [e for e in self.entries
                        if e.rung != number or (e.wants_ack and e.alert is not None)]
        for entry in self.mates(number):
            entry.is_old = True
        for unit in units:
            entry = Entry(number, unit, severity, list(skipped))
            entry.late_from = since
            entry.after_until = by_hand and self.is_stopped(case)
            entry.sent = world.now()
            self.entries.append(entry)
            if rung.get("hold") == "opening" and severity != "critical" \
                    and not world.calendar_of(unit).is_open(world.wall):
                entry.is_held = True
            else:
                self.send(case, world, entry, since)

    def is_warning(self, case, entry):
        if case.kind != "contact" or entry.unit != case.unit or case.is_first_told:
            return False
        return parse_limit(str(self.rungs[entry.rung - 1].get("after", "0m"))) == ("s", 0)

    def send(self, case, world, entry, since, kind=None):
        rung = self.rungs[entry.rung - 1]
        entry.sent = world.now()
        if "ack_within" in rung and entry.ack is None:
            calendar = world.calendar_of(case.unit)
            entry.ack = (entry.sent, rung["ack_within"], calendar, rung.get("time") == "working")
            start, text, calendar, working = entry.ack
            instant = wait(start, parse_limit(text), calendar, working=working, at_closing=True)
            entry.ack_by = instant.wall(world)
        elif kind == "ladder.renotify":
            entry.ack_by = self.answer_instant(entry, case).wall(world)
        kind = kind or ("warning.first_contact" if self.is_warning(case, entry) else "ladder.rung")
        fields = {"rung": entry.rung, "skipped": [] if kind == "ladder.renotify" else entry.skipped,
                  "ack_by": entry.ack_by,
                  "late_from": since}
        if kind == "ladder.renotify" and entry.alert is not None:
            fields["supersedes"] = entry.alert
        if kind == "warning.first_contact":
            case.is_first_told = True
        if self.inhibits_other(case, entry):
            alert = None
        else:
            alert = world.alert(kind, entry.unit, entry.severity, case, **fields)
        if alert is not None:
            entry.alert = alert
            entry.chain.append(alert)

    def inhibits_other(self, case, entry):
        others, self.entries = self.entries, [e for e in self.entries if e is not entry]
        found = self.inhibits(case, entry.unit, entry.severity)
        self.entries = others
        return found

    def renotify(self, case, world, entry, since):
        """All alerts of the rung that nobody has answered, again."""
        mates = self.mates(entry.rung)
        count = 1 + max(mate.renotified for mate in mates if not mate.is_old)
        for mate in mates:
            mate.renotified = count
            mate.sent = mate.sent if mate.is_held else world.now()
            if mate.wants_ack and mate.alert is not None:
                self.send(case, world, mate, since, "ladder.renotify")

    def change(self, policy):
        """Another policy: start and rung are kept."""
        self.rungs = policy.get("ladder", {}).get("rungs", [])
        self.until = policy.get("ladder", {}).get("until")
        self.fired = {n for n in self.fired if n <= len(self.rungs)}
        self.entries = [e for e in self.entries if e.rung <= len(self.rungs)]

    def end(self):
        """The case ended: nothing is asked any more."""
        for entry in self.entries + self.old:
            entry.is_dropped = True

    def stop(self):
        """`until` came: held alerts are dropped, missed answers wait no more."""
        self.entries = [e for e in self.entries if not e.is_held]
        for entry in self.entries:
            entry.is_missed = True

    def escalate(self, case, world, to, since=None):
        number = to or min(self.unfired(), default=len(self.rungs) + 1)
        if number > len(self.rungs):
            world.alert("ladder.exhausted", "~ops", "warning", case)
        else:
            self.fired |= set(range(1, number))  # jumped over
            self.fire_rung(case, world, number, since, by_hand=True)

    def acknowledge(self, world, entries):
        for entry in entries:
            if not entry.wants_ack or entry.alert is None:
                continue
            if entry in self.entries and "ack_lease" in self.rungs[entry.rung - 1] and not self.is_satisfied(entry.rung):
                entry.leased = world.now()
            entry.is_acked = True

    def lapse(self, case, world, entry, since):
        self.begin_order = case.order  # what `until` had stopped goes on
        entry.leased = None
        entry.chain = []
        entry.is_acked = entry.is_missed = False
        entry.ack = entry.ack_by = None
        entry.after_until = False
        entry.skipped = []
        self.send(case, world, entry, since, "ladder.rung")

    def reassign(self, case, world, old_unit, stamp):
        """The case went to another unit."""
        stopped = self.is_stopped(case)
        decided = case.state == "decided"
        if stopped and self.until == "acknowledged" and not decided:
            self.restart(world, case, stamp)
            return
        for entry in self.entries + self.old:
            if entry.unit != old_unit:
                continue
            if entry.is_held:
                entry.unit = case.unit
            else:
                entry.is_dropped = True
