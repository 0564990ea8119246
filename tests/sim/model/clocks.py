"""Clocks of a case: start, due, reminders, breach, late stops, extensions, restarts."""
from datetime import date, timedelta

from .marks import mark
from .worktime import HOUR, Instant, MINUTE, SECOND, Stamp, merge, parse_limit, wait

MOMENTS = {  # event type -> moment
    "case.assigned": "assigned", "case.acknowledged": "acknowledged",
    "case.customer_contacted": "customer_contacted", "case.joined": "joined",
    "case.forwarded": "forwarded", "case.facts_added": "facts_added",
    "case.panel_opened": "panel_opened", "case.panel_concluded": "panel_concluded",
    "case.review_requested": "review_requested", "case.review_decided": "review_decided",
    "case.mediation_called": "mediation_called", "case.mediation_settled": "mediation_settled",
    "case.mediation_executed": "mediation_executed", "case.decided": "decided",
    "case.closed": "closed", "case.withdrawn": "closed", "case.merged": "closed",
    "case.defused": "closed", "case.reopened": "reopened", "case.cause_found": "cause_found",
    "case.rectified": "rectified", "case.sanctioned": "sanctioned",
    "case.notice_given": "notice_given",
}
IMPLIES = {"customer_contacted": ["acknowledged"], "decided": ["acknowledged", "customer_contacted"]}


def seconds_text(amount_us):
    for unit, size in (("h", HOUR), ("m", MINUTE)):
        if amount_us % size == 0:
            return f"{amount_us // size}{unit}"
    return f"{amount_us // SECOND}s"


class Call:
    """A unit that was told of a breach, or waits for its opening."""

    def __init__(self, unit):
        self.unit = unit
        self.alert = None  # the newest
        self.is_held = False


class Clock:
    def __init__(self, spec, slot):
        self.spec = spec
        self.slot = slot
        self.state = "waiting"  # running, stopped (its own stop), closed (by closing), breached, none
        self.start = None  # Stamp
        self.start_order = 0
        self.calendar = None
        self.extensions = 0
        self.is_restarted = False
        self.sent = set()  # slots of reminders sent or dropped
        self.graced = None  # Stamp of the reopening that gives it one more working day
        self.is_graced = False  # a reopening moved its due once
        self.told = None  # the due instant last known while it was not paused
        self.missed_due = None  # the Instant that passed
        self.calls = []  # who was told of the breach, or waits for an opening
        self.told_at = None  # Stamp of the newest telling
        self.repeated = 0
        self.is_late = False  # its stop came after the breach

    @property
    def name(self):
        return self.spec["name"]

    @property
    def is_statutory(self):
        return self.spec.get("statutory", False)

    @property
    def outlives(self):
        return self.spec.get("outlives_close", False)

    @property
    def moment(self):
        return self.starts[0]

    @property
    def starts(self):
        found = self.spec.get("start", "received")
        return found if isinstance(found, list) else [found]

    def reasons(self):
        """Reasons that pause it; None: every one."""
        if "pause_reasons" in self.spec:
            return self.spec["pause_reasons"]
        return [] if self.is_statutory else None

    def is_paused(self, case, world):
        """A pause holds it that began before it was due: a later one finds it breached."""
        if "due" in self.spec or not case.open_pauses(self.reasons()):
            return False
        due = self.due_now(case, world)
        spans = merge([(b.steady, e and e.steady) if due.is_steady else (b.wall, e and e.wall)
                       for b, e in case.stretches(self.reasons())])
        held = due.value > spans[-1][0]
        mark("a pause begins after the due: it holds nothing", not held)
        return held

    def begin(self, case, world, order, stamp):
        mark("clock starts at " + self.moment)
        mark("clock starts at the first of several", len(self.starts) > 1)
        mark("clock due by an attribute", "due" in self.spec)
        self.state = "running"
        self.start, self.start_order = stamp, order
        self.calendar = world.calendar_of(case.unit)
        if "due" not in self.spec:
            mark("clock starts in a pause", self.is_paused(case, world))

    def due(self, case, world):
        if self.state == "breached":
            return self.missed_due
        return self.due_now(case, world)

    def due_now(self, case, world, pauses=None, extensions=None):
        found = self.due_by_rule(case, world, pauses, extensions)
        if self.graced is not None:
            if "due" in self.spec:
                pauses = []
            elif pauses is None:
                pauses = case.stretches(self.reasons())
            grace = wait(self.graced, ("bd", 1), self.calendar, pauses=[
                (begin, end) for begin, end in pauses if end is None or end.wall > self.graced.wall])
            mark("a pause moves the day of grace", grace.value > self.calendar.instant(
                self.calendar.working_after(self.calendar.day_of(self.graced.wall)), 1440))
            if found.wall(world) < grace.value:
                return grace
        return found

    def due_by_rule(self, case, world, pauses, extensions):
        if "due" in self.spec:
            value = case.attributes.get(self.spec["due"])
            if isinstance(value, date):
                value = self.calendar.instant(value, 1440)
            return Instant(value)
        text = self.spec["limit"]
        taken = self.extensions if extensions is None else extensions
        if taken:
            text = self.spec["extensions"][taken - 1]["limit"]
        return wait(self.start, parse_limit(text), self.calendar,
                    working=self.spec.get("time") == "working", on_wall=self.is_statutory,
                    pauses=case.stretches(self.reasons()) if pauses is None else pauses, roll=self.spec.get("roll", "none"),
                    at_closing=self.spec.get("end") == "closing")

    def pauses_until(self, case, stamp):
        """Its pauses, as if an open one ended then."""
        found = []
        for begin, end in case.stretches(self.reasons()):
            if end is None:
                end = Stamp(max(stamp.wall, begin.wall), max(stamp.steady, begin.steady))
            found.append((begin, end))
        return found

    def extends(self, case, world, stamp):
        """Does its next extension make the due later?"""
        pauses = self.pauses_until(case, stamp)
        present = self.due_now(case, world, pauses).wall(world)
        mark("extension: paused clock judged as if resumed", self.is_paused(case, world))
        return self.due_now(case, world, pauses, self.extensions + 1).wall(world) > present

    def reminder(self, spec, case, world):
        """The Instant at which it is to be sent; None: never."""
        due = self.due(case, world)
        start = self.start.steady if due.is_steady else self.start.wall
        if "at" in spec:
            share = int(str(spec["at"]).rstrip("%"))
            return Instant(start + (due.value - start) * share // 100, due.is_steady)
        unit, count = parse_limit(spec["before"])
        if unit == "s":
            found = Instant(due.value - count * SECOND, due.is_steady)
            early = found.value < start
        else:
            wall = due.wall(world)
            day = self.calendar.day_of(wall)
            if unit == "bd":
                day = self.calendar.working_before(day, count)
            else:
                day -= timedelta(days=count)
            at = self.calendar.same_time(wall, day)
            closes = self.calendar.is_open(at - 1)  # the closing instant counts as open
            mark("reminder at a closing", closes and not self.calendar.is_open(at))
            if not self.calendar.is_open(at) and not closes:
                opening = self.calendar.next_opening(at)
                mark("reminder in closed hours, no opening before due", opening >= wall)
                if opening is not None and opening < wall:
                    mark("reminder moved to opening")
                    at = opening
            found = Instant(at)
            early = at < self.start.wall
        mark("reminder before the start is never sent", early)
        return None if early else found

    def reminders(self, case, world):
        """(Instant, slot) of those not yet sent, that lie before due."""
        due = self.due(case, world).wall(world)
        found = []
        for slot, spec in enumerate(self.spec.get("reminders", [])):
            if slot not in self.sent:
                at = self.reminder(spec, case, world)
                if at is not None and at.wall(world) < due:
                    found.append((at, slot))
        return sorted(found, key=lambda pair: (pair[0].wall(world), pair[1]))

    def pending(self, case, world):
        """Its earliest pending Instant, or None."""
        if self.state == "breached":
            return self.telling(case, world)
        if self.state != "running" or self.is_paused(case, world):
            return None
        reminders = self.reminders(case, world)
        return reminders[0][0] if reminders else self.due(case, world)

    # ---- what happens ----
    def fire(self, case, world):
        if self.state == "breached":
            self.tell_again(case, world)
            return
        due = self.due(case, world)
        mark(("statutory" if self.is_statutory else "service") + " clock fires")
        missed = [(at, slot) for at, slot in self.reminders(case, world)
                  if at.wall(world) <= world.wall]
        self.sent.update(slot for _, slot in missed)
        if due.wall(world) > world.wall:
            if missed:
                mark("reminder " + self.shape(missed[-1][1]))
                mark("of several missed reminders the latest", len(missed) > 1)
                self.tell(case, world, "clock.reminder", "warning", missed[-1][0].wall(world))
        else:
            mark("missed reminders dropped at the breach", bool(missed))
        if not missed and due.wall(world) <= world.wall:
            self.breach(case, world, due)

    def shape(self, slot):
        spec = self.spec["reminders"][slot]
        return "by share" if "at" in spec else "before: " + parse_limit(spec["before"])[0]

    def targets(self, case, world):
        if self.starts == ["review_requested"]:
            mark("a review's clock tells the parent")
            return [world.units.parent(case.unit) or case.unit]
        return [case.unit]

    def tell(self, case, world, kind, severity, since, units=None, **more):
        sent = None
        for unit in units or self.targets(case, world):
            if kind == "clock.reminder" and not self.is_statutory and case.ladder is not None:
                if case.ladder.inhibits(world, case, unit, None):
                    mark("inhibition withheld a reminder")
                    continue
            sent = world.alert(
                kind, unit, severity, case, clock=self.name, due=self.due(case, world).wall(world),
                late_from=since, never_silenced=self.is_statutory and kind != "clock.moved", **more)
        return sent

    # ---- the breach, told and told again ----
    @property
    def severity(self):
        return self.spec.get("on_breach", {}).get(
            "severity", "critical" if self.is_statutory else "high")

    @property
    def repeat(self):
        """(limit, how often or None), or None where it is not told again."""
        spec = self.spec.get("on_breach", {}).get(
            "repeat", {"every": "1bd"} if self.is_statutory else {"every": "1d", "times": 0})
        times = spec.get("times")
        return None if times is not None and self.repeated >= times else parse_limit(spec["every"])

    def concerned(self, case, world):
        units = self.targets(case, world)
        targets = self.spec.get("on_breach", {}).get(
            "notify", ["parent"] if self.is_statutory else [])
        return units + [u for u in world.units.targets(targets, case) if u not in units]

    def telling(self, case, world):
        """When there is next something to tell of the breach, or None."""
        if self.is_late or not (case.is_open or self.outlives):
            return None
        held = [call for call in self.calls if call.is_held]
        if held:
            return Instant(min(self.opens(case, world, call) for call in held))
        if self.repeat is None:
            return None
        unit, count = self.repeat
        if unit == "s":
            at = self.told_at.wall if self.is_statutory else self.told_at.steady
            return Instant(at + count * SECOND, not self.is_statutory)
        day = self.calendar.day_of(self.told_at.wall)
        if unit == "d":
            return Instant(self.calendar.same_time(
                self.told_at.wall, day + timedelta(days=count)))
        if self.repeated == 0:
            if self.calendar.is_working(day) and self.opening(day) > self.told_at.wall:
                return Instant(self.opening(day))
            count = 1
        for _ in range(count):
            day = self.calendar.working_after(day)
        return Instant(self.opening(day))

    def opens(self, case, world, call):
        """The opening that a held call waits for; it may have come in a downtime."""
        calendar = world.calendar_for(case, world.units.present(call.unit))
        return calendar.next_opening(self.told_at.wall)

    def opening(self, day):
        return self.calendar.spans(day)[0][0]

    def tell_again(self, case, world):
        if not any(call.is_held for call in self.calls):
            self.repeated += 1
            mark("a breach is told again every " + self.repeat_shape())
            self.tell_breach(case, world, self.concerned(case, world), None)
            self.tell_others(case, world, None)
            return
        concerned = self.concerned(case, world)
        mark("held breach: its unit is not concerned any more",
             any(call.is_held and call.unit not in concerned for call in self.calls))
        self.calls = [call for call in self.calls if not call.is_held or call.unit in concerned]
        come = [call.unit for call in self.calls
                if call.is_held and self.opens(case, world, call) <= world.wall]
        new = [unit for unit in concerned if unit not in [call.unit for call in self.calls]]
        for unit in concerned:
            if unit in come or unit in new:
                self.tell_breach(case, world, [unit], None, has_opened=unit in come)
        mark("held breach: another unit is concerned now", bool(new))

    def repeat_shape(self):
        spec = self.spec.get("on_breach", {}).get("repeat")
        return "working day, as the law is broken" if spec is None else parse_limit(spec["every"])[0]

    def tell_breach(self, case, world, units, since, has_opened=False):
        hold = self.spec.get("on_breach", {}).get("hold") == "opening"
        for unit in units:
            call = next((call for call in self.calls if call.unit == unit), None)
            if call is None:
                call = Call(unit)
                self.calls.append(call)
            calendar = world.calendar_of(world.units.present(unit))
            closed = world.units.targets(self.spec.get("on_breach", {}).get("closed", []), case)
            is_alone = unit in closed and all(one in self.concerned(case, world) for one in closed)
            if hold and not is_alone and self.severity != "critical" and not calendar.is_open(world.wall) \
                    and not world.quiet and not has_opened:
                mark("breach held for opening")
                call.is_held = True
            else:
                mark("held breach told at the opening", has_opened and call.is_held)
                sent = self.tell(case, world, "clock.breach", self.severity, since, [unit],
                                 repeated=self.repeated, supersedes=call.alert)
                call.is_held = False
                call.alert = sent or call.alert
        self.told_at = world.now()

    def tell_others(self, case, world, since):
        """Where one of those told is closed: others at once, whatever holds the others' telling."""
        concerned = self.concerned(case, world)
        calendars = [world.calendar_of(world.units.present(unit)) for unit in concerned]
        if all(calendar.is_open(world.wall) for calendar in calendars):
            return
        others = world.units.targets(self.spec.get("on_breach", {}).get("closed", []), case)
        for unit in [unit for unit in others if unit not in concerned]:
            mark("closed: others are told of a breach")
            self.tell_breach(case, world, [unit], since, has_opened=True)

    def rest(self):
        """Its stop, or the closing, came: what is held is not told any more."""
        mark("held breach dropped", any(call.is_held for call in self.calls))
        self.calls = [call for call in self.calls if call.alert is not None]
        for call in self.calls:
            call.is_held = False

    def forget_breach(self):
        self.calls, self.repeated, self.told_at = [], 0, None

    def breach(self, case, world, due):
        mark("breach after closing", not case.is_open)
        mark("breach of an extended clock", self.extensions > 0)
        mark("breach of a clock due after a reopening", self.graced is not None)
        self.state, self.missed_due = "breached", due
        self.forget_breach()
        self.tell_breach(case, world, self.concerned(case, world), due.wall(world))
        self.tell_others(case, world, due.wall(world))

    def stop(self, case, world, stamp):
        """Its stop event came, with this own time."""
        if self.state == "closed" and not case.is_open and stamp.wall <= case.closing.wall:
            mark("a stop taken after the closing counts")
            self.state = "stopped"
        if self.state not in ("running", "breached"):
            return
        due = self.due(case, world)
        in_time = (stamp.steady if due.is_steady else stamp.wall) < due.value
        if self.state == "running" and (in_time or self.is_paused(case, world)):
            mark("clock stopped in time")
            mark("clock stopped after closing", not case.is_open)
            mark("clock stopped in a pause", self.is_paused(case, world))
            self.state = "stopped"
        elif self.state == "running":
            mark("clock stopped too late, breach not yet told")
            self.breach(case, world, due)
            self.is_late = True
            self.rest()
        else:
            self.is_late = True
            self.rest()
            mark("clock stopped late, at the very due", not in_time and stamp.wall == due.wall(world))
            mark("clock stopped late", not in_time)
            if in_time:
                mark("correction after breach")
                self.state = "stopped"
                self.correct(case, world, due.wall(world))

    def correct(self, case, world, due):
        for call in self.calls:
            if call.alert is not None:
                world.alert("clock.corrected", call.unit, "info", case, clock=self.name, due=due,
                            supersedes=call.alert)
        self.forget_breach()

    def run_again(self, case, world):
        """The breach was none; the correction tells the due, and clock.moved does not."""
        self.state = "running"
        self.told = None
        mark("a breach taken back in a pause", self.is_paused(case, world))
        self.correct(case, world,
                     None if self.is_paused(case, world) else self.due_now(case, world).wall(world))

    def revise(self, case, world):
        """What moves its due came: a breach stands only while the due is past."""
        if self.state != "breached" or self.is_late or not (case.is_open or self.outlives):
            return
        pauses = self.pauses_until(case, world.now())
        known = [pair for pair in pauses if pair[0].wall < self.missed_due.wall(world)]
        if self.due_now(case, world, known) == self.missed_due:
            return
        self.missed_due = self.due_now(case, world, pauses)
        if self.missed_due.wall(world) <= world.wall:
            mark("a breach stands, with another due")
            return
        mark("a breach is taken back, its due moved")
        self.run_again(case, world)

    def end_by_closing(self, case, world, stamp):
        """Ended by closing before its due counts as in time."""
        if self.state == "running" or (self.state == "breached" and not self.is_late):
            self.stop(case, world, stamp)
            self.is_late = False
            if self.state == "stopped":
                mark("clock ended by closing")
                self.state = "closed"

    def restart_on(self, case, world, stamp):
        """A moment of its restart_on came."""
        was_none = False
        if self.state == "breached" and not self.is_late:
            due = self.missed_due
            was_none = (stamp.steady if due.is_steady else stamp.wall) < due.value
            if not was_none and self.is_statutory:
                mark("a statutory breach is not restarted")
                return False
        elif self.state != "running":
            return False
        mark("restart before the due of a breach", was_none)
        mark("restart of a breached service clock", self.state == "breached" and not was_none)
        self.state = "running"
        self.restart(stamp, case.order)
        if was_none:
            self.run_again(case, world)
        else:
            self.forget_breach()
        return True

    def restart(self, stamp, order):
        self.start, self.start_order = stamp, order
        self.is_restarted = True
        self.is_late = False
        self.extensions = 0
        self.sent = set()
        self.graced = None

    def reopen(self, case, world, stamp):
        """Goes on where closing had ended it."""
        if self.spec.get("on_reopen") == "restart":
            if self.state not in ("waiting", "none", "running"):
                mark("reopening restarts a clock that was " + self.state)
                self.restart(stamp, case.order)
                self.forget_breach()
                self.begin(case, world, case.order, stamp)
                self.told = None
            return
        if self.state == "breached" and not self.is_late and not self.outlives:
            mark("reopened with a breach that stands: it is told again")
            self.told_at = stamp
        if self.state != "closed":
            mark(f"reopening leaves a clock that is {self.state}")
            return
        mark("reopening lets a clock go on")
        self.state = "running"
        due = self.due(case, world)
        now = stamp.steady if due.is_steady else stamp.wall
        mark("reopened past due again", due.value <= now and self.is_graced)
        if due.value <= now and not self.is_graced:
            self.is_graced = True
            mark("reopened past due: due the next working day")
            self.graced = stamp
        self.told = None


def start_clocks(case, world, brought=None):
    """Starts what has its start point by now and was not yet looked at. `brought`: keys of the
    event that made the policy match anew; None: it is the clock's start that has come."""
    for clock in case.clocks:
        if clock.state != "waiting":
            continue
        if "due" in clock.spec and case.attributes.get(clock.spec["due"]) is None:
            continue
        found = min(filter(None, map(case.first, clock.starts)), default=None, key=lambda one: one[0])
        attribute = clock.spec.get("due")
        if clock.moment.startswith("attribute:"):
            attribute = clock.moment.split(":")[1].strip()
            value = case.attributes.get(attribute)
            found = (0, world.stamp(value)) if isinstance(value, int) else None
        if found is None:
            continue
        if "when" in clock.spec and not world.holds(clock.spec["when"], case):
            mark("clock's when did not match")
            clock.state = "none"
            continue
        if not case.is_open and not clock.outlives:
            continue
        if attribute is not None and (brought is None or attribute in brought):
            found = case.order, found[1]  # it begins when its due, or its start, is known
        clock.begin(case, world, *found)
        stop = clock.spec.get("stop", "closed")
        if case.since(stop, found[0]) and not (stop == "closed" and case.is_open):
            mark("matched anew: new clock's stop has come")
            clock.state = "stopped"
        mark("matched anew: new clock runs", brought is not None and clock.state == "running")


def stop_clocks(case, world, moment, stamp):
    for clock in case.clocks:
        if clock.spec.get("stop") == moment and moment != "closed":
            clock.stop(case, world, stamp)


def again_clocks(case, world, moment, stamp):
    """Those that were stopped start again at the next event of their start."""
    for clock in case.clocks:
        if not clock.spec.get("again") or moment not in clock.starts or moment == clock.spec.get("stop"):
            continue
        if clock.state != "none" and not (
                clock.state == "stopped" or clock.state == "breached" and clock.is_late):
            continue
        if not case.is_open and not clock.outlives:
            continue
        if "when" in clock.spec and not world.holds(clock.spec["when"], case):
            continue
        mark("clock starts again, was " + clock.state)
        clock.restart(stamp, case.order)
        clock.forget_breach()
        clock.begin(case, world, case.order, stamp)
        clock.told = None


def tell_moved(case, world):
    """clock.moved once for each clock whose due instant is not what it was. In a pause it has none:
    what moves it then is told when it runs again."""
    for clock in case.clocks:
        if clock.state != "running" or clock.is_paused(case, world):
            continue
        due = clock.due(case, world)
        mark("clock.moved, other scale", clock.told is not None and
             clock.told.is_steady != due.is_steady)
        if clock.told is not None and clock.told != due:
            clock.tell(case, world, "clock.moved", "info", None)
        clock.told = due
