"""The step: records come in, timers fire in order, alerts and receipts go out."""
import copy
from datetime import datetime, timezone

from . import approvals, assess, clocks, decode, digests, events, names, recontact, rosters
from .decode import Reject
from .duties import Schedules, find_mended
from .marks import mark
from .matchers import Units, holds
from .sources import Sources
from .storms import Storms
from .supervision import DIGEST, Watches
from .worktime import Calendar, DAY, SECOND, Stamp

TICK_MAX = 1024
# Order of timers: kinds of owners.
CLOCK, LADDER, PAUSE, CHASE, NOTICE, SILENCE, BUNDLE, UNIT_DAY, DUTY, APPROVAL, SOURCE, SWEEP, REST = range(13)
SWEEP_CASES = 8  # looked at by one firing
DIGEST_COST = 64
COST = {SWEEP: 16, SILENCE: 64, REST: 64}  # a firing counts as so many timers of a tick; others as one
TOLD_UNITS, TOLD_CASES, LISTED_MAX = 256, 10000, 1000  # of digest.takeover, with one record


class Sweep:
    """Cases take other calendars in their turn; until then they wait by those of before."""

    def __init__(self, due, last, before):
        self.due, self.next, self.last = due, 1, last
        self.before = before  # unit -> its calendar
        self.seen = set()  # whose turn came early, as an event named them

    def __deepcopy__(self, memo):
        found = copy.copy(self)
        found.seen = set(self.seen)
        return found

    def awaits(self, case):
        return self.next <= case.number <= self.last and case.number not in self.seen


class Alert:
    def __init__(self, **fields):
        self.__dict__.update(fields)
        self.seq = None

    def __deepcopy__(self, memo):
        return self  # what was told stays told

    def __repr__(self):
        shown = {k: v for k, v in self.__dict__.items() if v not in (None, [], 0)}
        if "supersedes" in shown:
            shown["supersedes"] = shown["supersedes"].seq
        return str(shown)


class Timer:
    def __init__(self, due, kind, owner, slot, fire, is_statutory=False):
        self.due = due  # on the wall scale
        self.kind = kind
        self.cost = DIGEST_COST if kind == UNIT_DAY and slot >= DIGEST else COST.get(kind, 1)
        self.key = (due, kind, not is_statutory, owner, slot)
        self.fire = fire


class World:
    def __init__(self):
        self.wall = self.steady = None
        self.config = None
        self.cases = {}
        self.subjects = {}
        self.sweep = None
        self.rest_due = None  # when digest.takeover goes on with further units
        self.sources = Sources()
        self.overrides = []  # (roster, unit, from, until), as taken
        self.storms = Storms()
        self.watches = Watches()
        self.schedules = Schedules()
        self.mended = {}  # (unit, cause) -> (when it was found mended, the duty)
        self.tallies = digests.Tallies()
        self.windows = assess.Windows()
        self.screened = {}
        self.rounds = {}  # contract -> that of its last screening
        self.alerts = {}  # seq -> Alert; filled by the comparison
        self.seq = 0
        self.groups = []
        self.silences = []  # number n stands at n - 1
        self.approvals = {}  # seq -> Waiting
        self.quiet = False  # the record at work takes its event quietly
        self.taken_over = set()  # units that got cases quietly, not yet told

    def kept(self):
        """A copy of all that a record may change."""
        return copy.deepcopy({k: v for k, v in self.__dict__.items()
                              if k not in ("config", "units", "calendars", "assessment")})

    # ---- configuration ----
    def configure(self, config):
        """Other calendars: the cases there are are looked at in order, by a timer that is due now."""
        old, self.config = self.config, config
        before, self.units = getattr(self, "units", None), Units(config["units"])
        self.units.roster_now = lambda name: rosters.unit_of(self, name, self.wall)
        self.root_calendar = config["units"]["calendar"]
        if old is not None and self.cases and (
                old["calendars"] != config["calendars"] or self.units.moved):
            self.sweep = Sweep(self.wall, len(self.cases), {
                path: self.calendars[unit.calendar] for path, unit in before.by_path.items()})
        self.calendars = {name: Calendar(config["calendars"], name) for name in config["calendars"]}
        self.assessment = config.get("assessment", {})
        self.sources.watch(self)
        if before is not None:
            self.tallies.configure(self, before)
        self.watches.configure(self)
        self.schedules.configure(self)

    def calendar_of(self, unit):
        return self.calendars[self.units.by_path[unit].calendar]

    def calendar_for(self, case, unit):
        """By which a case waits for a unit's opening or counts what it asks of it."""
        if self.sweep is not None and self.sweep.awaits(case) and unit in self.sweep.before:
            return self.sweep.before[unit]
        return self.calendar_of(unit)

    def derived(self, found, kind, extra, unit, received, is_forwarded, transfers, reopenings,
                recontacts):
        """Attributes as matchers see them."""
        found = dict(found)
        found["kind"] = kind
        found["unit"] = unit
        if "amount" in found:
            found["amount"] = f"{found['amount'] // 100}.{found['amount'] % 100:02d}"
        if "birth_year" in found and "age" not in found:
            year = datetime.fromtimestamp(received // SECOND, timezone.utc).year
            found["age"] = year - found["birth_year"]
        if found.get("contract") in self.screened:
            found["contract.screened"] = self.screened[found["contract"]]
        for name, value in extra.items():
            found["attributes." + name] = value
        channels = [str(c) for c in self.config.get("figures", {}).get("regulator_channels", [])]
        found["regulator"] = bool(is_forwarded or "regulator_ref" in found
                                  or str(found.get("channel")) in channels)
        found["transfers"] = transfers
        found["reopened"] = reopenings
        found["recontacts"] = recontacts
        return found

    def holds(self, match, case):
        return holds(match, case.matched(self))

    def policy_of(self, case):
        for policy in self.config["policies"]:
            if self.holds(policy.get("match", {}), case):
                return policy
        raise AssertionError("the last policy matches all")

    def common_clocks(self, case):
        """Clocks beside the policy's: each whose match holds."""
        return [spec for spec in self.config.get("clocks", []) if self.holds(spec["match"], case)]

    # ---- time ----
    def now(self):
        return Stamp(self.wall, self.steady)

    def stamp(self, wall):
        """An own time, and what the steady clock stood at then."""
        return Stamp(wall, wall - (self.wall - self.steady))

    def advance(self, wall, steady):
        self.wall = wall if self.wall is None else max(wall, self.wall)
        self.steady = steady if self.steady is None else max(steady, self.steady)

    # ---- alerts ----
    def alert(self, kind, unit, severity, case=None, late_from=None, never_silenced=False, **fields):
        if self.quiet:
            mark("taken quietly: no " + kind)
            return None
        mark("a unit that is gone: told to the one that has its cases",
             self.units.present(unit) != unit)
        unit = self.units.present(unit)
        shown = self.alert_fields(kind, unit, severity, fields)
        silence = None if unit == "~ops" or never_silenced else self.silence_of(shown, case)
        if silence is not None:
            mark("silence withheld " + kind)
            if case is not None:
                silence.keep(unit, case, shown, case.order)
            return None
        late = None if late_from is None else (self.wall - late_from) // SECOND
        about = {}
        if case is not None:
            about = {"case": case.number, "subject": case.subject, "kind": case.kind}
        found = Alert(type=kind, unit=unit, severity=severity, time=self.wall,
                      late_by=late if late is not None and late >= 60 else None, **about, **fields)
        mark("alert " + kind)
        mark("alert late: " + kind, found.late_by is not None)
        self.storms.note(self, found)
        self.groups[-1].append(found)
        if fields.get("ack_by") is not None:
            self.watches.note(self, unit)
        return found

    def is_silenced(self, kind, unit, severity, case, fields):
        return self.silence_of(self.alert_fields(kind, unit, severity, fields), case) is not None

    @staticmethod
    def alert_fields(kind, unit, severity, fields):
        return dict(type=kind, severity=severity, unit=unit, clock=fields.get("clock"),
                    rung=fields.get("rung"))

    def silence_of(self, fields, case, but=None):
        """The oldest silence that withholds it, or None."""
        found = dict(case.matched(self) if case is not None else {}, **fields)
        for one in self.silences:
            if not one.is_ended and self.wall < one.until and one is not but \
                    and holds(one.matchers, found):
                return one
        return None

    # ---- timers ----
    def timers_of(self, case):
        found = []
        for clock in case.clocks:
            instant = clock.pending(case, self)
            if instant is not None:
                found.append(Timer(instant.wall(self), CLOCK, case.number, clock.slot,
                                   lambda clock=clock: clock.fire(case, self), clock.is_statutory))
        pending = case.ladder.next(case, self) if case.ladder else None
        if pending:
            found.append(Timer(pending[0].wall(self), LADDER, case.number, pending[1],
                               lambda: case.ladder.fire(case, self)))
        if case.is_open:
            for slot, pause in enumerate(case.open_pauses()):
                if pause.long is not None:
                    found.append(Timer(pause.long, PAUSE, case.number, slot,
                                       lambda pause=pause: events.pause_lasts(self, case, pause)))
                elif pause.until is not None:
                    found.append(Timer(pause.until, PAUSE, case.number, slot,
                                       lambda pause=pause: events.pause_ran_out(self, case, pause)))
            for slot, chase in enumerate(case.chases):
                if not chase.is_answered and not chase.is_missed:
                    found.append(Timer(chase.due, CHASE, case.number, slot,
                                       lambda chase=chase: events.chase_missed(self, case, chase)))
            for slot, notice in enumerate(case.notices):
                if not notice.is_given and not notice.is_told:
                    found.append(Timer(notice.due, NOTICE, case.number, slot,
                                       lambda n=notice: events.notice_owed(self, case, n)))
        return found

    def source_timers(self):
        found = []
        for source in self.sources.by_name.values():
            gaps = [gap for gap in source.gaps if not gap.is_told]
            if gaps:  # one timer an owner: its earliest
                due = min(gap.due(self) for gap in gaps)
                found.append(Timer(due, SOURCE, source.number, 0,
                                   lambda gaps=gaps: events.source_gaps(self, gaps)))
            if source.armed is not None:
                found.append(Timer(source.armed.wall(self), SOURCE, source.number, 1,
                                   lambda source=source: source.look(self)))
        return found

    def bundle_timers(self):
        units = list(self.units.by_path)
        return [Timer(bundle.end + (self.wall - self.steady), BUNDLE, units.index(unit), 0,
                      lambda unit=unit: self.storms.send(self, unit))
                for unit, bundle in self.storms.open.items()]

    # ---- calendars that changed ----
    def swept(self, case):
        """If its turn has not come yet: its clocks and its ladder take the present calendars."""
        if self.sweep is None or not self.sweep.awaits(case):
            return
        self.sweep.seen.add(case.number)
        present = self.units.present(case.unit)
        if present != case.unit and case.is_open:
            mark("a unit is gone: its open case moves")
            old, case.unit, case.was_acknowledged = case.unit, present, False
            case.ladder.reassign(case, self, old, self.now())
            self.alert("case.assigned", present, "warning", case)
        for clock in case.clocks:
            if clock.calendar is not None:
                clock.calendar = self.calendars[clock.calendar.name]
        if case.ladder:
            case.ladder.take_calendars(self.calendars)
        before = len(self.groups[-1])
        for clock in case.clocks:
            clock.revise(case, self)
        clocks.tell_moved(case, self)
        mark("calendar changed: a clock moves", len(self.groups[-1]) > before)

    def sweep_some(self):
        for _ in range(SWEEP_CASES):
            if self.sweep.next <= self.sweep.last:
                self.swept(self.cases[self.sweep.next])
                self.sweep.next += 1
        mark("calendar changed: a sweep goes on", self.sweep.next <= self.sweep.last)
        if self.sweep.next > self.sweep.last:
            self.sweep = None

    def timers(self):
        found = self.source_timers() + self.bundle_timers()
        found += [Timer(one.armed, SILENCE, one.number, 0,
                        lambda one=one: events.silence_over(self, one))
                  for one in self.silences if one.armed is not None]
        found += [Timer(due, UNIT_DAY, owner, slot, fire)
                  for due, owner, slot, fire in self.watches.timers(self)]
        found += [Timer(due, DUTY, owner, 0, fire) for due, owner, fire in self.schedules.timers(self)]
        found += [Timer(one.due(self), APPROVAL, one.seq, 0, lambda one=one: approvals.lapse(self, one))
                  for one in self.approvals.values()]
        if self.sweep is not None:
            found.append(Timer(self.sweep.due, SWEEP, 0, 0, self.sweep_some))
        if self.rest_due is not None:
            found.append(Timer(self.rest_due, REST, 0, 0, self.rest_goes_on))
        for case in self.cases.values():
            found += self.timers_of(case)
        return sorted(found, key=lambda timer: timer.key)

    def next_due(self, *at):
        """On the wall scale, at the offset of `at` where that is ahead of the last record."""
        kept = self.wall, self.steady
        if at:
            self.advance(*at)
        found = self.timers()
        self.wall, self.steady = kept
        return found[0].due if found else None

    def fire_case(self, case):
        """All that is due on one case, in order."""
        self.groups.append([])
        self.swept(case)
        for _ in range(10000):
            due = [t for t in self.timers_of(case) if t.due <= self.wall]
            if not due:
                return
            self.groups.append([])
            min(due, key=lambda timer: timer.key).fire()
        raise AssertionError("endless firing")

    def tick(self, wall, steady, grace=False):
        """How many timers fired."""
        self.advance(wall, steady)
        self.groups = []
        fired = cost = 0
        while cost < TICK_MAX and not grace:
            found = self.timers()
            if not found or found[0].due > self.wall:
                break
            self.groups.append([])
            found[0].fire()
            fired += 1
            cost += found[0].cost
        if fired:  # a tick with nothing due is no record
            self.tell_taken_over()
            self.sources.forget(self)
        return fired

    def rest_goes_on(self):
        self.rest_due = None  # what it goes on with comes at the end of the record

    def tell_taken_over(self):
        """Once, at the first record that is not quiet: each unit's open cases."""
        told = listed = 0
        for unit in self.units.by_path:
            if unit not in self.taken_over:
                continue
            if told == TOLD_UNITS or listed >= TOLD_CASES:  # the others with the next record
                self.rest_due = self.wall if self.rest_due is None else self.rest_due
                return
            self.taken_over.discard(unit)
            cases = [c.number for c in self.cases.values() if c.is_open and c.unit == unit]
            told, listed = told + 1, listed + min(len(cases), LISTED_MAX)
            if cases:
                self.groups.append([])
                self.alert("digest.takeover", unit, "info", count=len(cases), listed=cases[:LISTED_MAX])
            mark("taken over quietly, nothing open", not cases)
        self.taken_over, self.rest_due = set(), None

    # ---- events ----
    def event(self, wall, steady, grace, name, sender_unit, raw):
        """The receipt as a dict; self.groups: alerts by group, unordered within one."""
        self.groups = []
        try:
            event = decode.decode(raw)
        except Reject as reject:
            return rejected(reject)
        kept = sent = None
        try:
            first = self.sources.known(event)
            if first is not None:
                mark("duplicate by " + ("id" if event.sequence is None else "sequence"))
                return dict(first, status="duplicate", waits=first["seq"] in self.approvals or None)
            adjusted, ahead = False, 0
            if event.time is not None and event.time > wall:
                if event.time > wall + DAY:
                    raise Reject("future_time", "time")
                ahead, event.time, adjusted = event.time - wall, wall, True
                mark("time ahead adjusted")
            names.coded(self, event)
            sent, waiting = event, None
            if event.type == "approval.given":  # what waited goes on in its place
                waiting = approvals.named(self, event, name)
                event, sender_unit = copy.deepcopy(waiting.event), waiting.unit
                event.quiet = event.quiet or sent.quiet
            case = names.find(self, event, wall if self.wall is None else max(wall, self.wall))
            kept = (self.wall, self.steady)
            self.advance(wall, steady)
            if event.time is None:
                event.time = self.wall
            names.check_names(self, event)
            event.of = case
            event.mended = find_mended(self, event)
            mark("start grace: an event before its case's due timers", grace and case is not None
                 and any(t.due <= self.wall for t in self.timers_of(case)))
            touched = names.fired_before(self, event, case)
            waits = waiting is None and approvals.are_owed(self, event)
            if waits or self.sweep is not None or \
                    any(t.due <= self.wall for c in touched for t in self.timers_of(c)):
                backup = self.kept()
            else:
                backup = None
            for one in touched:
                if grace:  # only what another configuration changes
                    self.groups.append([])
                    self.swept(one)
                else:
                    self.fire_case(one)
            before = len(self.groups)
            self.groups.append([])
            self.quiet = event.quiet
            try:
                receipt, opened = events.apply(self, event, case, sender_unit)
                if waits:  # it was looked at as if it took effect: all undone
                    self.__dict__.update(backup)
                    self.groups, opened, event.mended = [[]], None, None
                    case = names.find(self, event, event.time)
                    for one in [] if case is None else [case]:
                        self.swept(one) if grace else self.fire_case(one)
                    self.groups.append([])
                    self.quiet = event.quiet
                    receipt = approvals.wait(self, approvals.Waiting(
                        self, self.seq + 1, event, name, sender_unit), case)
                    receipt["others"] = []
                elif waiting is not None:
                    mark("approved: " + event.type)
                    del self.approvals[waiting.seq]
            except Reject:
                self.quiet = False
                if backup is not None:
                    mark("refused after its timers fired: all undone")
                    self.__dict__.update(backup)
                raise
        except Reject as reject:
            if kept is not None:
                self.wall, self.steady = kept
            self.groups = []
            if event is not None and sent is not None and sent is not event:
                mark("what waited cannot be taken any more")
                reject.field = "data.event"
            return rejected(reject)
        self.seq += 1
        receipt.update(status="accepted", seq=self.seq, adjusted=adjusted, ignored=sent.ignored[:16])
        mark("a key of data is ignored", bool(sent.ignored))
        others = receipt.pop("others")
        for one in [] if grace else ([opened] if opened is not None else []) + others:
            self.fire_case(one)
        if event.type == "case.merged" and not grace:
            self.fire_case(opened.merged_into)
        if event.mended is not None and not grace:
            self.fire_case(event.mended)
        event = sent
        receipt["open_cases"] = recontact.listed(others)
        if receipt.get("warning"):
            events.name_alert(self, receipt, opened, self.groups[before:])
        self.quiet = False
        if ahead:
            self.sources.skewed(event, self, ahead)
        if not event.quiet:
            self.tell_taken_over()
        self.sources.take(event, receipt, self.now())
        self.sources.spoke(event.source, self)
        self.sources.forget(self)
        return receipt

    def counts(self):
        return {
            "event_seq": self.seq,
            "case_number": len(self.cases),
            "open_cases": sum(case.is_open for case in self.cases.values()),
            "armed_timers": len(self.timers()) + sum(
                case.ladder.is_on_both_scales(case, self) for case in self.cases.values()),
        }


def rejected(reject):
    return {"status": "rejected", "error": {"code": reject.code, "field": reject.field}}
