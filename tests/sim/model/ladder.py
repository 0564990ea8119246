"""The ladder of a case: rungs by time, by hand, by a missed answer; holds; chains; leases."""
from .marks import mark
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
        self.told_as = None  # `unit` when that was sent: another since where it was passed on
        self.before = None  # passed on: what the unit before was told, until this one is told
        self.is_held = False
        self.opening = None  # the calendar it waits for, while held
        self.late_from = None
        self.sent = None  # Stamp of the newest
        self.told = None  # Stamp when it was decided, while held
        self.is_passing = False  # held: it goes to the unit that has the case now
        self.passed = None  # Stamp since which it is passed on from unit to unit
        self.ack = None  # (Stamp of the first, limit, working, calendar), or None: none wanted
        self.ack_by = None
        self.chain = []
        self.is_acked = False
        self.is_dropped = False  # needs no acknowledgement any more
        self.after_until = False  # sent by hand when `until` had come: its ack_within runs on
        self.is_missed = False
        self.stands_in = False  # asked as a unit that its rung asks was closed
        self.is_old = False  # its rung was sent again; an answer to it still satisfies the rung
        self.renotified = 0
        self.again = False  # by hand, when a later rung had fired, and none has since
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
        mark("ladder begins")
        self.start = stamp
        self.begin_order = case.order
        self.calendar = world.calendar_of(case.unit)
        # Alerts of an earlier run that still want an acknowledgement go on inhibiting.
        self.old = [e for e in self.old + self.entries if e.wants_ack and e.alert is not None]
        mark("open alerts of an earlier run", bool(self.old))
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
        since = max([entry.told.wall] + [p.end.wall for p in case.pauses
                                         if p.end is not None and p.end.wall > entry.told.wall])
        return Instant(entry.opening.next_opening(since))

    def wait_to_tell(self, case, world, entry, start, text, calendar, working):
        """Of a rung with `hold: opening` nothing is sent while its unit is closed; what calendars
        count lies on the wall."""
        holds = self.may_wait(entry)
        instant = wait(start, parse_limit(text), calendar, working=working, on_wall=holds,
                       pauses=case.stretches(), at_closing=True)
        own = world.calendar_for(case, entry.unit)
        if not holds or own.is_open(instant.value):
            return instant
        mark("a later alert of a rung waits for the opening")
        return Instant(own.next_opening(instant.value))

    def pendings(self, case, world):
        """[(Instant, action, entry or rung)] of all that waits."""
        if not case.is_open or case.open_pauses():
            mark("ladder frozen by a pause", case.is_open)
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
            if entry.is_held and entry.passed is None:
                continue
            if entry.wants_ack and not self.is_satisfied(entry.rung):
                found += self.answers(case, world, entry, stopped)
        for entry in self.entries:
            if entry.leased is not None and case.state != "decided":
                limit = self.rungs[entry.rung - 1].get("ack_lease")
                if limit is not None:
                    mark("a lease of days", parse_limit(limit)[0] != "s")
                    _, _, calendar, _ = entry.ack
                    found.append((self.wait_to_tell(case, world, entry, entry.leased, limit,
                                                    calendar, False), LEASE, entry))
        return found

    def answers(self, case, world, entry, stopped):
        """What an unanswered alert waits for: the answer overdue, the next re-notification."""
        found = []
        if entry.is_old:
            return found
        if not entry.is_missed and entry.rung + 1 not in self.fired:
            found.append((self.answer_instant(entry, case), MISSED, entry))
        again = self.rungs[entry.rung - 1].get("renotify")
        newest = entry.again or entry.rung == max(self.fired)
        if again and not entry.is_held and newest and entry.alert is not None \
                and entry.renotified < again.get("times", 1):
            _, _, calendar, working = entry.ack
            mark("re-notification after until", stopped)
            found.append((self.wait_to_tell(case, world, entry, entry.sent, again["every"],
                                            calendar, working), RENOTIFY, entry))
        return found

    def is_on_both_scales(self, case, world):
        """Its earliest instants on the two scales are armed apart, as the offset may change."""
        return len({item[0].is_steady for item in self.pendings(case, world)}) == 2

    def next(self, case, world):
        found = self.pendings(case, world)
        return min(found, key=lambda p: (p[0].wall(world), p[1])) if found else None

    def inhibits(self, world, case, unit, severity):
        """An unacknowledged alert to the unit that wants an acknowledgement withholds what is
        lower; severity None: a reminder, always lower."""
        for entry in self.entries + self.old:
            same = world.units.present(entry.unit) == world.units.present(unit)
            lower = severity is None or \
                SEVERITIES.index(severity) < SEVERITIES.index(entry.severity)
            if not (same and lower and entry.wants_ack and entry.alert is not None):
                continue
            mark("inhibition of a unit that was told before it went", entry.unit != unit)
            if entry in self.old or self.is_stopped(case) or self.is_satisfied(entry.rung):
                mark("an alert that nobody waits for inhibits nothing")
                continue
            return True
        return False

    # ---- what happens ----
    def fire(self, case, world):
        instant, action, what = self.next(case, world)
        since = instant.wall(world)
        mark("ladder item due on the " + ("steady scale" if instant.is_steady else "wall"))
        if action == BY_TIME:
            mark("rung by its time")
            mark("rung after working time", self.rungs[what - 1].get("time") == "working")
            mark("rung after days", parse_limit(str(self.rungs[what - 1].get("after", "0m")))[0] != "s")
            self.climb(case, world, what, since)
        elif action == HELD:
            what.is_held = False
            mark("held alert sent at opening")
            mark("held alert says skipped", bool(what.skipped))
            if what.is_passing:
                self.send_passed(case, world, what, world.now(), since)
            else:
                self.send(case, world, what, since)
        elif action == MISSED:
            for entry in self.mates(what.rung):
                entry.is_missed = True
            mark("answer missed")
            mark("answer missed of a withheld alert", what.alert is None)
            mark("answer missed after until", self.is_stopped(case))
            mark("answer missed in working time", what.ack[3])
            mark("answer missed, a second target", len(self.mates(what.rung)) > 1)
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
        mark("ladder exhausted again: not told", self.is_exhausted)
        if self.is_exhausted:  # once a run, or since somebody escalated by hand
            return
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
        mark("rung not by its time skips an undue one",
             any(n < number and n not in due for n in self.unfired()))
        skipped = sorted(n for n in due if n < number and n not in self.fired)
        if 1 in skipped and case.kind == "contact" and not case.is_first_told \
                and parse_limit(str(self.rungs[0].get("after", "0m"))) == ("s", 0):
            case.is_first_told = True
            mark("first contact's rung skipped: warned apart")
            world.alert("warning.first_contact", case.unit, self.severity(case, 1), case,
                        late_from=since)
        self.fire_rung(case, world, number, since, skipped)

    def severity(self, case, number):
        found = self.rungs[number - 1].get("severity", "warning")
        if number == 1 and case.kind in ("contact", "complaint"):
            mark("the level raises the first rung", SEVERITIES.index(found) <
                 SEVERITIES.index(FROM_WARNING[case.level]))
            found = max(found, FROM_WARNING[case.level], key=SEVERITIES.index)
        return found

    def fire_rung(self, case, world, number, since, skipped=(), by_hand=False):
        rung = self.rungs[number - 1]
        mark("rung with skipped ones", bool(skipped))
        mark("fired rung sent again by hand", by_hand and number in self.fired)
        mark("rung by hand after until", by_hand and self.is_stopped(case))
        self.fired |= {number, *skipped}
        units = world.units.targets(rung["notify"], case)
        for missed in skipped:
            units += [u for u in world.units.targets(self.rungs[missed - 1]["notify"], case)
                      if u not in units]
        own = world.units.targets(rung["notify"], case)
        mark("a skipped rung's unit gets the alert", any(u not in own for u in units))
        mark("empty target among several", 0 < len(own) < len(rung["notify"]))
        if not units:
            later = [n for n in self.unfired() if n > number]
            mark("rung without targets" + (": the next" if later else ", none left"))
            mark("rung without targets: the next has fired", bool(later) and later[0] > number + 1)
            if later:
                self.fire_rung(case, world, later[0], since, by_hand=by_hand)
            else:
                self.exhausted(case, world, since)
            return
        severity = self.severity(case, number)
        self.entries = [e for e in self.entries
                        if e.rung != number or (e.wants_ack and e.alert is not None
                                                and not e.is_held)]
        for entry in self.mates(number):
            mark("an alert of a rung sent again stays open")
            entry.is_old = True
        for entry in self.entries:
            entry.again = entry.again and entry.rung > number
        at_once = self.on_duty(case, world, number, units)
        for unit in units:
            mark("closed: a unit that is asked is told at once itself", unit in at_once)
            self.ask(case, world, number, unit, severity, skipped, since, by_hand, unit in at_once)
        self.ask_others(case, world, number, units, severity, skipped, since, by_hand)

    def on_duty(self, case, world, number, units):
        """Those asked that are told at once, one of them being closed, as nobody else would be."""
        if all(world.calendar_of(unit).is_open(world.wall) for unit in units):
            return []
        found = world.units.targets(self.rungs[number - 1].get("closed", []), case)
        return found if all(unit in units for unit in found) else []

    def ask_others(self, case, world, number, units, severity, skipped, since, by_hand):
        """Where one of the units is closed: others at once, each once a rung."""
        closed = self.rungs[number - 1].get("closed", [])
        if all(world.calendar_of(unit).is_open(world.wall) for unit in units):
            return
        for other in world.units.targets(closed, case):
            has_one = other in units or any(
                e.unit == other and not e.is_old and (e.is_acked or not e.is_dropped)
                for e in self.mates(number))
            mark("closed: others are told" if not has_one else "closed: told already")
            if not has_one:
                self.ask(case, world, number, other, severity, skipped, since, by_hand, True)

    def ask(self, case, world, number, unit, severity, skipped, since, by_hand, stands_in=False):
        rung = self.rungs[number - 1]
        entry = Entry(number, unit, severity, list(skipped))
        entry.late_from = since
        entry.stands_in = stands_in
        entry.after_until = by_hand and self.is_stopped(case)
        entry.again = by_hand and max(self.fired) > number
        mark("sent again by hand below one that fired", entry.again)
        entry.sent = entry.told = world.now()
        if world.quiet:  # nobody was told, and nobody is waited for
            case.is_first_told = case.is_first_told or self.is_warning(case, entry)
            return
        self.entries.append(entry)
        if self.may_wait(entry) and not world.calendar_of(unit).is_open(world.wall):
            mark("alert held for opening")
            entry.is_held, entry.opening = True, world.calendar_for(case, unit)
        else:
            mark("critical never waits", rung.get("hold") == "opening" and severity == "critical"
                 and not world.calendar_of(unit).is_open(world.wall))
            self.send(case, world, entry, since)

    def may_wait(self, entry):
        return self.rungs[entry.rung - 1].get("hold") == "opening" \
            and entry.severity != "critical" and not entry.stands_in

    def is_warning(self, case, entry):
        if case.kind != "contact" or entry.unit != case.unit or case.is_first_told:
            return False
        return parse_limit(str(self.rungs[entry.rung - 1].get("after", "0m"))) == ("s", 0)

    def send(self, case, world, entry, since, kind=None):
        rung = self.rungs[entry.rung - 1]
        entry.sent = self.told_at(case, world, entry, kind)
        if "ack_within" in rung and entry.ack is None:
            calendar = world.calendar_for(case, case.unit)
            working = rung.get("time") == "working" and not entry.stands_in
            entry.ack = (entry.sent, rung["ack_within"], calendar, working)
            start, text, calendar, working = entry.ack
            instant = wait(start, parse_limit(text), calendar, working=working, at_closing=True)
            entry.ack_by = instant.wall(world)
        elif entry.ack is not None and (kind == "ladder.renotify" or entry.passed is not None):
            start, text, calendar, working = entry.ack
            pauses = [(b, e) for b, e in case.stretches() if e is not None]
            entry.ack_by = wait(start, parse_limit(text), calendar, working=working,
                                pauses=pauses, at_closing=True).wall(world)
        kind = kind or ("warning.first_contact" if self.is_warning(case, entry) else "ladder.rung")
        fields = {"rung": entry.rung, "skipped": [] if kind == "ladder.renotify" else entry.skipped,
                  "ack_by": entry.ack_by,
                  "late_from": since}
        if entry.alert or entry.before:
            fields["supersedes"] = entry.alert or entry.before
        if kind == "warning.first_contact":
            case.is_first_told = True
        if self.inhibits_other(case, world, entry):
            mark("inhibition withheld " + kind)
            alert = None
        else:
            alert = world.alert(kind, entry.unit, entry.severity, case, **fields)
        mark("rung alert withheld, answer still wanted", alert is None and entry.ack is not None)
        if alert is not None:
            entry.alert, entry.told_as, entry.before = alert, entry.unit, None
            entry.chain.append(alert)

    def take_calendars(self, calendars):
        """The same calendars, with other days."""
        self.calendar = calendars[self.calendar.name]
        for entry in self.entries:
            if entry.opening is not None:
                entry.opening = calendars[entry.opening.name]
            if entry.ack is not None:
                sent, text, calendar, working = entry.ack
                entry.ack = (sent, text, calendars[calendar.name], working)

    def told_at(self, case, world, entry, kind):
        """When the unit hears of it: at once, or with the bundle that takes it."""
        unit = world.units.present(entry.unit)
        kind = kind or ("warning.first_contact" if self.is_warning(case, entry) else "ladder.rung")
        if world.quiet or self.inhibits_other(case, world, entry) or world.is_silenced(
                kind, unit, entry.severity, case, {"rung": entry.rung}):
            return world.now()
        return world.storms.told_at(world, kind, unit, entry.severity)

    def inhibits_other(self, case, world, entry):
        others, self.entries = self.entries, [e for e in self.entries if e is not entry]
        found = self.inhibits(world, case, entry.unit, entry.severity)
        self.entries = others
        return found

    def renotify(self, case, world, entry, since):
        """An alert that nobody has answered, again: each is a chain of its own."""
        entry.renotified += 1
        mark("re-notification number " + str(entry.renotified))
        self.send(case, world, entry, since, "ladder.renotify")

    def change(self, policy, case):
        """Another policy: start and rung are kept, and what was asked under the old one. Its
        `until` may have come already."""
        was_stopped = self.is_stopped(case)
        mark("matched anew: exhausted, and may be again", self.is_exhausted)
        self.is_exhausted = False
        mark("matched anew: a ladder where none was", not self.rungs and bool(
            policy.get("ladder", {}).get("rungs")))
        self.rungs = policy.get("ladder", {}).get("rungs", [])
        self.until = policy.get("ladder", {}).get("until")
        self.fired = {n for n in self.fired if n <= len(self.rungs)}
        self.old += [e for e in self.entries
                     if e.rung > len(self.rungs) and e.wants_ack and e.alert is not None]
        mark("matched anew: rungs fall away", any(e.rung > len(self.rungs) for e in self.entries))
        self.entries = [e for e in self.entries if e.rung <= len(self.rungs)]
        mark("matched anew: a stopped ladder goes on", was_stopped and not self.is_stopped(case))
        mark("matched anew: no ladder any more", not self.rungs)
        if self.is_stopped(case):
            mark("matched anew: until has come", not was_stopped)
            self.stop()

    def end(self):
        """The case ended: nothing is asked any more."""
        for entry in self.entries + self.old:
            entry.is_dropped = True

    def stop(self):
        """`until` came: held alerts are dropped, missed answers wait no more."""
        mark("held alert dropped by until", any(e.is_held for e in self.entries))
        self.entries = [e for e in self.entries if not e.is_held]
        for entry in self.entries:
            entry.is_missed = True
            entry.after_until = False

    def escalate(self, case, world, to, since=None):
        number = to or min(self.unfired(), default=len(self.rungs) + 1)
        mark("escalated to a rung" if to else "escalated to the next")
        mark("escalated: none left", number > len(self.rungs))
        mark("rungs jumped over", any(n < number for n in self.unfired()))
        if number > len(self.rungs):
            world.alert("ladder.exhausted", "~ops", "warning", case)
        else:
            self.is_exhausted = False
            self.fired |= set(range(1, number))  # jumped over
            self.fire_rung(case, world, number, since, by_hand=True)

    def acknowledge(self, world, entries, is_bare):
        for entry in entries:
            if not entry.wants_ack or entry.alert is None or entry.is_held:
                continue
            if is_bare and entry in self.entries and not entry.is_old \
                    and "ack_lease" in self.rungs[entry.rung - 1]:
                mark("acknowledgement leased")
                entry.leased = world.now()
            mark("a withdrawn rung's open alert is acknowledged", entry.is_old)
            entry.is_acked = True

    def acknowledged(self):
        """The case is acknowledged: what was withheld from units fires no next rung."""
        for entry in self.entries:
            if entry.wants_ack and entry.alert is None and not entry.is_held:
                mark("withheld, but the case is acknowledged", not entry.is_missed)
                entry.is_missed = True

    def lapse(self, case, world, entry, since):
        mark("lease lapsed")
        mark("lease lapsed: a stopped ladder goes on", self.is_stopped(case))
        self.begin_order = case.order  # what `until` had stopped goes on
        entry.leased = None
        entry.chain, entry.alert = [], None
        entry.is_acked = entry.is_missed = False
        entry.ack = entry.ack_by = entry.passed = None
        entry.after_until = False
        entry.skipped = []
        entry.renotified = 0
        self.send(case, world, entry, since, "ladder.rung")

    def reassign(self, case, world, old_unit, stamp):
        """The case went to another unit."""
        stopped = self.is_stopped(case)
        decided = case.state == "decided"
        mark("reassigned when decided: the ladder rests", stopped and decided)
        if stopped and self.until == "acknowledged" and not decided:
            mark("reassigned: the ladder starts anew")
            for entry in self.entries + self.old:  # the old unit is not asked any more
                entry.is_dropped = entry.is_dropped or entry.unit == old_unit
            self.restart(world, case, stamp)
            return
        passed = None if stopped or world.quiet else self.unanswered(case, old_unit)
        for entry in self.entries + self.old:
            if entry.unit != old_unit:
                continue
            if entry.is_held and not self.has_one(case, entry.rung):
                mark("held alert goes to the new unit")
                entry.unit, entry.told = case.unit, world.now()
                entry.opening = world.calendar_for(case, case.unit)
            else:
                mark("held alert dropped: the new unit has one", entry.is_held)
                mark("the old unit's open alert is dropped", entry.wants_ack and bool(entry.alert))
                entry.is_dropped, entry.is_held = True, False
        if passed is not None:
            mark("passed on: the new unit has one already", self.has_one(case, passed.rung))
            if not self.has_one(case, passed.rung):
                self.pass_on(case, world, passed, stamp)

    def has_one(self, case, number):
        return any(e.unit == case.unit and (e.is_acked or not e.is_dropped)
                   for e in self.mates(number))

    def unanswered(self, case, old_unit):
        """The old unit's alert of the newest fired rung that names `unit`, if it asks for an answer
        that nobody gave to it or to a later rung."""
        named = [n for n in self.fired if "unit" in self.rungs[n - 1]["notify"]]
        if not named:
            return None
        if any(e.is_acked for e in self.entries if e.rung >= max(named)):
            mark("not passed on: somebody has answered")
            return None
        found = [e for e in self.mates(max(named)) if e.unit == old_unit and e.wants_ack
                 and not e.is_old and not e.is_held]
        return found[0] if found else None

    def pass_on(self, case, world, old, stamp):
        """The new unit is asked at once. The time to answer counts from the first passing on."""
        mark("passed on" + (" again" if old.passed is not None else ""))
        entry = Entry(old.rung, case.unit, old.severity, [])
        entry.told, entry.passed = world.now(), old.passed
        entry.ack, entry.ack_by = old.ack, old.ack_by
        entry.before, entry.chain = old.alert or old.before, list(old.chain)
        entry.again = old.again
        self.entries.append(entry)
        entry.stands_in = case.unit in self.on_duty(case, world, old.rung, [case.unit])
        if self.may_wait(entry) and not world.calendar_of(case.unit).is_open(world.wall):
            mark("passed on to a closed unit")
            entry.is_passing = entry.is_held = True
            entry.opening = world.calendar_for(case, case.unit)
        else:
            self.send_passed(case, world, entry, stamp, None)
        self.ask_others(case, world, old.rung, [case.unit], old.severity, [], None, False)

    def send_passed(self, case, world, entry, stamp, since):
        rung = self.rungs[entry.rung - 1]
        if entry.passed is None:
            entry.passed = stamp
            entry.ack = None
            if "ack_within" in rung:
                entry.ack = (stamp, rung["ack_within"], world.calendar_for(case, case.unit),
                             rung.get("time") == "working")
        self.send(case, world, entry, since, "ladder.rung")
