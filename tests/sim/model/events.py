"""What each event does: openings, endings, moments, and what its timers do."""
from . import assess, duties, figures, lifecycle, recontact, screening
from .case import Case, Notice, Silence
from .clocks import Clock, IMPLIES, MOMENTS, again_clocks, start_clocks, stop_clocks, tell_moved
from .decode import Reject
from .handlers import (HANDLERS, attributes_of, clock_named, instant_of, mediation, outcome,
                       follow, rematch, says, tell_forwarded, tell_over_authority,
                       tell_unless_rung)
from .ladder import SEVERITIES, Ladder
from .marks import mark
from .matchers import holds
from .names import contacts_of, duty_subject, find_into, growing_of


def apply(world, event, case, sender_unit):
    """(receipt, case whose due timers fire now). Raises before it changes anything."""
    others, joins = recontact.find(world, event, case, growing_of(world, event, case))
    event.joins = joins
    receipt, touched = applied(world, event, case, sender_unit)
    warning = receipt.get("warning")
    if case is not None and warning is None:
        read = recontact.read(world, event, case)
        if read is not None:
            receipt["warning"] = read
    joined = touched if joins is not None and touched is joins else None
    recontact.note(world, event, others, joined, warning, happened, follow)
    for one in others + ([joined] if joined is not None else []):
        start_clocks(one, world)
        tell_moved(one, world)
    receipt["others"] = others
    return receipt, touched


def applied(world, event, case, sender_unit):
    if event.type == "contact.received":
        return contact(world, event)
    if event.type == "complaint.registered" or (event.type == "case.forwarded" and case is None):
        return complaint(world, event)
    if event.type == "duty.opened":
        return duty_opened(world, event)
    if event.type == "duty.progressed":
        return duty_progressed(world, event, case)
    if event.type == "alert.acknowledged":
        return alert_acknowledged(world, event, case)
    if event.type == "contract.screened":
        return screened(world, event, case)
    if event.type == "contract.cleared":
        return cleared(world, event, case)
    if event.type == "silence.created":
        world.silences.append(Silence(len(world.silences) + 1, event.data["matchers"],
                                      event.data["until"], world.wall))
        world.alert("silence.created", "~ops", "info")
        return {"silence": len(world.silences)}, None
    if event.type == "silence.ended":
        silence = world.silences[event.data["silence"] - 1]
        silence.is_ended = True
        silence.armed = silence.armed and world.wall
        mark("silence ended by hand")
    if event.type == "unit.reported":
        unit, day = event.data["unit"], event.data["date"]
        if day > world.calendar_of(unit).day_of(world.wall):
            mark("a report of a day to come")
            raise Reject("bad_value", "data.date")
        if unit in world.watches.owing(world):
            named = world.units.find(event.named)
            mark("a report by the path of a unit that was moved is not the other's own", named != unit)
            unit = named
        world.watches.report(unit, day, event.data)
    if event.type == "roster.overridden":
        data = event.data
        if data["until"] <= world.wall:
            mark("a span of a roster that is over")
            raise Reject("bad_value", "data.until")
        world.overrides.append((data["roster"], data["unit"], data["from"], data["until"]))
        return {"roster": data["roster"]}, None
    if event.type == "source.reset":
        world.sources.reset(event.data["source"])
    if case is None:
        return {}, None
    if event.type == "case.extended" and clock_named(case, event.data["clock"]) is None:
        raise Reject("bad_value", "data.clock")
    was = case.state
    try:
        state = lifecycle.next_state(case, event, event.time)
        check(world, event, case)
    except Reject as reject:
        mark(f"cell {event.type} [{was}] no", reject.code == "illegal_transition")
        raise
    mark(f"cell {event.type} [{was}] {state}")
    mark(f"cell {event.type} [{was}] checked", event.type == "duty.verified")
    stamp = world.stamp(event.time)
    keep_lease(case, event)
    if event.type == "case.customer_contacted" and (
            case.contacted is None or event.time >= case.contacted[0]):
        case.contacted = event.time, event.data["by"]
    if state != "history":
        says(world, case, event)
        tell_moved(case, world)
    if state not in (lifecycle.SAME, "history", "outlives"):
        case.state = state
    handler, noted = HANDLERS.get(event.type), None
    if event.type.startswith("case.mediation_"):
        handler = mediation
    if state == "closed":
        close(world, case, stamp, event)
    elif handler is not None:
        noted = handler(world, case, event, stamp, was, sender_unit)
    if event.type in ("case.reopened", "case.review_requested") or (
            event.type == "case.forwarded" and was == "closed") or (
            event.type == "duty.verified" and state == "open"):
        reopen(world, case, stamp, event)
    moment = moment_of(event)
    if event.type == "duty.verified":
        duties.note_effect(world, case, event)
    if moment is not None and state != "closed":
        at = stamp
        if moment == "forwarded" and "received" in event.data:  # the letter
            at = world.stamp(min(event.data["received"], event.time))
        happened(world, case, moment, at, state == "history")
    if event.type == "case.decided" and state != "history":
        tell_over_authority(world, case, event)
        outcome(world, case)
    if event.type == "case.cause_found":
        duties.recurred(world, case, event)
        open_rectification(world, case, event)
    if event.type == "case.rectified":
        rectified(world, case, stamp, event)
    if was != "closed" or not state == lifecycle.SAME or moment is not None:
        start_clocks(case, world)
    tell_moved(case, world)
    figures.told(case, event)
    return {"case": case.number, **({"noted": noted} if noted else {})}, case


def moment_of(event):
    if event.type == "case.mediation_accepted":
        return "mediation_accepted" if event.data["by"] == "body" else None
    if event.type == "duty.verified" and not event.data["effective"]:
        return "reopened"
    return MOMENTS.get(event.type)


def check(world, event, case):
    """What the lifecycle table says in words."""
    data = event.data
    illegal = Reject("illegal_transition", None)
    reasons = [p.reason for p in case.open_pauses()]
    if event.type == "case.paused" and data["reason"] in reasons:
        raise illegal
    if event.type == "case.resumed" and data["reason"] not in reasons:
        raise illegal
    if event.type == "case.extended":
        clock = clock_named(case, data["clock"])
        if clock.state != "running" or clock.extensions >= len(clock.spec.get("extensions", [])):
            raise illegal
        if not case.is_open and not clock.outlives:
            raise illegal
        if not clock.is_paused(case, world):
            due = clock.due(case, world)
            own = world.stamp(event.time)
            if (own.steady if due.is_steady else own.wall) >= due.value:
                raise illegal
        if not clock.extends(case, world, world.stamp(event.time)):
            mark("an extension that would not be later")
            raise Reject("conflict", "data.clock")
    if event.type == "case.answered" and not any(
            not c.is_answered and not c.is_missed for c in case.chases):
        raise illegal
    if event.type == "case.chased" and instant_of(
            world, data["answer_by"], data.get("unit", case.unit)) <= event.time:
        mark("a question that was to be answered before it was asked")
        raise Reject("bad_value", "data.answer_by")
    if event.type == "case.panel_opened" and case.has_panel:
        raise illegal
    if event.type == "case.panel_concluded" and not case.has_panel:
        raise illegal
    if event.type == "case.review_decided" and not case.has_review:
        raise illegal
    if event.type in ("case.reopened", "case.review_requested") or (
            event.type == "case.forwarded" and case.state == "closed") or (
            event.type == "duty.verified" and not data["effective"]):
        if world.subjects.get(case.subject) is not case:
            raise Reject("conflict", "subject")


def keep_lease(case, event):
    """Any event on the case but an acknowledgement keeps an acknowledgement from lapsing."""
    if event.type not in ("case.acknowledged", "alert.acknowledged"):
        for entry in case.ladder.entries:
            mark("lease kept by an event", entry.leased is not None)
            entry.leased = None


def happened(world, case, moment, stamp, is_history=False):
    """A moment: a fact, with those it implies; stops and restarts clocks, acknowledges."""
    moments = IMPLIES.get(moment, []) + [moment]
    if "acknowledged" in moments and not is_history:
        world.tallies.acted(world, case, stamp.wall)
    was_stopped = case.ladder.is_stopped(case)
    for name in moments:
        case.note(name, stamp)
        stop_clocks(case, world, name, stamp)
        again_clocks(case, world, name, stamp)
        start_clocks(case, world)
    if case.ladder.until in moments and not is_history and not was_stopped:
        mark("ladder stopped by until " + case.ladder.until)
        case.ladder.stop()
    mark("after closing: history judges clocks", is_history)
    if "acknowledged" in moments and not is_history:
        case.was_acknowledged = True
        mine = [e for e in case.ladder.entries + case.ladder.old if e.unit == case.unit]
        mark("an acknowledgement by work has no lease", moment != "acknowledged")
        case.ladder.acknowledge(world, mine, moment == "acknowledged")
        case.ladder.acknowledged()
    for clock in case.clocks:
        restart_on = clock.spec.get("restart_on", [])
        restart_on = restart_on if isinstance(restart_on, list) else [restart_on]
        if moment in restart_on and clock.restart_on(case, world, stamp):
            mark("clock restarted on " + moment)
            mark("paused clock restarted", clock.is_paused(case, world))


# ---- opening ----
def assessed(world, event, kind, is_forwarded=False):
    received = event.data.get("received", event.time)
    found = world.derived(attributes_of(event), kind, event.data.get("attributes", {}),
                          event.data["unit"], received, is_forwarded, 0, 0, 0)
    warning, patterns = assess.assess(world.assessment, world.windows, event.type, found, event.time)
    for pattern in patterns:
        notify = pattern.get("notify", "unit")
        unit = event.data["unit"]
        target = {"unit": unit, "parent": world.units.parent(unit)}.get(
            notify, world.units.find(notify))
        world.alert("pattern.detected", target or unit, pattern.get("severity", "warning"))
    return warning


def open_case(world, event, kind, subject):
    number = len(world.cases) + 1
    case = Case(number, kind, subject, event.data["unit"], world.stamp(event.time))
    case.handler = event.data.get("handler")
    case.respondent = event.data.get("respondent", case.unit)
    case.attributes = attributes_of(event)
    case.extra = dict(event.data.get("attributes", {}))
    if event.data.get("received", event.time) < event.time:
        case.received = world.stamp(event.data["received"])
    world.cases[number] = case
    if kind != "duty":
        world.watches.happened(world, case.unit, event.time, "opened")
        world.tallies.note(world, case.unit, event.time, "opened")
    if world.quiet:
        world.taken_over.add(case.unit)
    world.subjects[subject] = case
    return case


def settle(world, case):
    """Policy, ladder and clocks of a new case."""
    case.policy = world.policy_of(case)
    case.note("registered", case.opened)
    if case.is_forwarded:
        case.note("forwarded", case.received)
    case.ladder = Ladder(case.policy, world, case, case.opened)
    case.common_specs = world.common_clocks(case)
    case.clocks = [Clock(spec, slot) for slot, spec in enumerate(
        case.policy.get("clocks", []) + case.common_specs)]
    start_clocks(case, world)
    tell_moved(case, world)


def owe_notices(world, case):
    calendar = world.calendar_of(case.unit)
    day = calendar.working_after(calendar.day_of(case.opened.wall))
    for notice in world.assessment.get("notices", []):
        if holds(notice.get("match", {}), case.matched(world)):
            case.notices.append(Notice(notice["code"], calendar.closing(day)))


def contact(world, event):
    warning = assessed(world, event, "contact")
    world.tallies.warned(world, event.data["unit"], event.time, warning["level"])
    if not assess.is_at(world.assessment, warning["level"]):
        mark("contact below the level only counts")
        return {"warning": warning}, None
    if event.joins is not None:
        warning["case"] = event.joins.number
        return {"case": event.joins.number, "warning": warning}, event.joins
    case = open_case(world, event, "contact", event.subject)
    case.contacts = 1
    case.level = warning["level"]
    settle(world, case)
    owe_notices(world, case)
    warning["case"] = case.number
    mark("level of a contact " + case.level)
    if not has_first_rung(world, case):
        mark("warning.first_contact apart: no first rung")
        case.is_first_told = True
        world.alert("warning.first_contact", case.unit, assess.SEVERITY[case.level], case)
    return {"case": case.number, "warning": warning}, case


def has_first_rung(world, case):
    """Rung 1 at once, to the unit: that is the warning."""
    rungs = case.ladder.rungs
    if not rungs or str(rungs[0].get("after", "0m"))[:-1].strip("0") != "":
        return False
    return case.unit in world.units.targets(rungs[0]["notify"], case)


def complaint(world, event):
    growing, source = contacts_of(world, event)
    stamp = world.stamp(event.time)
    mark("several contacts grow at once", len(growing) > 1)
    mark("grown contact was not the customer's", any(
        c.attributes["customer"] != event.data["customer"] for c in growing))
    newly = [c for c in growing if c.state != "grown"]
    for case in growing:
        mark(f"cell a complaint grows it [{case.state}] grown")
        mark("a defused contact relapses", case.was_defused)
        if case.is_open:
            world.alert("case.grown", case.unit, "warning", case)
            end(world, case, stamp)
            case.state = "grown"
            start_clocks(case, world)
            tell_moved(case, world)
        case.state = "grown"
    case = open_case(world, event, "complaint", event.subject)
    for contact in newly:
        contact.grown_into = case
    case.contacts = sum(c.contacts for c in newly)
    case.is_forwarded = event.type == "case.forwarded"
    if source is not None:
        case.first_unit = source.first_unit
    warning = assessed(world, event, "complaint", case.is_forwarded)
    case.level = warning["level"]
    settle(world, case)
    owe_notices(world, case)
    warning["case"] = case.number
    if case.is_forwarded:
        tell_forwarded(world, case, event.data)
    return {"case": case.number, "warning": warning}, case


def name_alert(world, receipt, case, groups):
    """warning.alert: the alert published to the unit for it."""
    if case is None:
        return
    types = ("warning.first_contact", "ladder.rung", "warning.raised")
    for group in groups:
        for alert in group:
            if getattr(alert, "case", None) == case.number and alert.unit == case.unit and (
                    alert.type in types):
                receipt["warning"].setdefault("alert", alert)


def duty_opened(world, event):
    case = open_case(world, event, "duty", duty_subject(event))
    settle(world, case)
    world.alert("duty.owed", case.unit, "info", case,
                due=instant_of(world, event.data["due"], case.unit))
    return {"case": case.number}, case


def duty_progressed(world, event, case):
    if not case.is_open or case.kind != "duty":
        raise Reject("illegal_transition", None)
    keep_lease(case, event)
    receipt = {"case": case.number}
    if case.attributes.get("total") not in (None, event.data["total"]):
        receipt["noted"] = "total"
        mark("a duty has another total now")
    case.attributes["total"] = event.data["total"]
    mark("duty " + ("done" if event.data["done"] >= event.data["total"] else "goes on"))
    if event.data["done"] >= event.data["total"]:
        finish_duty(world, case, world.stamp(event.time), event)
    return receipt, case


def finish_duty(world, case, stamp, event):
    """Done: that decides and closes it."""
    happened(world, case, "decided", stamp)
    case.was_decided = True
    outcome(world, case)
    case.state = "closed"
    close(world, case, stamp, event)
    start_clocks(case, world)
    tell_moved(case, world)


def screened(world, event, case):
    data, rule = event.data, screening.rule_of(world)
    world.screened[data["contract"]], world.rounds[data["contract"]] = data["risk"], data.get("round")
    if rule is None:
        return {}, None
    is_hit = data["risk"] in rule.get("opens", ["watch", "high"])
    if case is None and is_hit and "unit" in data:
        case = open_case(world, event, "duty", screening.subject(world, event))
        last = screening.last_day(world.calendar_of(case.unit), event.time, rule.get("due", "10bd"))
        case.attributes.update(duty=rule.get("duty", "screening"), due=last)
        if "round" in data:
            case.attributes["period"] = data["round"]
        settle(world, case)
        mark("screening: a hit opens a duty")
        world.alert("duty.owed", case.unit, "info", case, due=instant_of(world, last, case.unit))
    elif case is not None:
        keep_lease(case, event)
        mark("screening: again, " + ("a hit" if is_hit else "no hit"))
        if not is_hit:
            finish_duty(world, case, world.stamp(event.time), event)
    if case is None and is_hit:
        mark("screening: a hit without a unit")
        return {"noted": "no_unit"}, None
    return ({}, None) if case is None else ({"case": case.number}, case)


def cleared(world, event, case):
    has_risk = world.screened[event.data["contract"]] != "none"
    if case is not None and not case.is_open:
        mark("screening: cleared behind a duty that was closed by hand", has_risk)
        if not has_risk:
            raise Reject("illegal_transition", None)
        case = None
    if case is None and not has_risk:
        raise Reject("illegal_transition", "data.contract")
    world.screened[event.data["contract"]] = "none"
    mark("screening: cleared", case is not None)
    if case is None:
        return {}, None
    keep_lease(case, event)
    finish_duty(world, case, world.stamp(event.time), event)
    return {"case": case.number}, case


def rectified(world, case, stamp, event):
    """Mended: that decides the duty, or the oldest of the case that waits."""
    duty = case
    if event.mended is not None:
        mark("rectified: the oldest duty of a case")
        duty = event.mended
        keep_lease(duty, event)
        happened(world, duty, "rectified", stamp)
    if duties.mends(duty) and duty.state in ("open", "assigned", "handling"):
        mark("rectified: the duty is decided")
        duty.state, duty.was_decided = "decided", True
        happened(world, duty, "decided", stamp)
        outcome(world, duty)
    if duty is not case:
        start_clocks(duty, world)
        tell_moved(duty, world)


def open_duty(world, unit, subject, stamp, attributes, extra):
    """By a schedule."""
    case = Case(len(world.cases) + 1, "duty", subject, unit, stamp)
    case.attributes, case.extra = attributes, dict(extra)
    world.cases[case.number] = world.subjects[subject] = case
    return case


def open_rectification(world, case, event):
    """The unit that must mend owes a duty, one for each case and unit."""
    subject = f"rectification/{event.data['unit']}/{case.number}"
    if subject in world.subjects:
        mark("a second cause in the same unit: no second duty")
        return
    duty = open_case(world, event, "duty", subject)
    due = duties.due_of(world, event)
    duty.attributes.update(duty="rectification", period=str(case.number), due=due)
    settle(world, duty)
    world.alert("duty.owed", duty.unit, "info", duty, due=instant_of(world, due, duty.unit))


def alert_acknowledged(world, event, case):
    if case is None:
        return {}, None
    alert = world.alerts[event.data["alert"]]
    stamp = world.stamp(event.time)
    entries = [e for e in case.ladder.entries + case.ladder.old if alert in e.chain]
    mark("an alert of a case that is over is acknowledged", not case.is_open)
    mark("an older alert of a chain is acknowledged",
         any(e.alert is not alert for e in entries))
    mark("alert acknowledged by another unit than the case's", alert.unit != case.unit)
    if case.is_open:
        case.ladder.acknowledge(world, entries, True)
    is_ladder = alert.type in ("ladder.rung", "ladder.renotify", "warning.first_contact")
    if case.is_open and is_ladder and alert.unit == case.unit and not case.was_acknowledged:
        mark("alert acknowledged is case.acknowledged")
        case.state = "handling" if case.state in ("open", "assigned") else case.state
        happened(world, case, "acknowledged", stamp)
        start_clocks(case, world)
        tell_moved(case, world)
    return {"case": case.number}, case


# ---- ending, going on ----
def end(world, case, stamp):
    """Ends pauses, clocks, chases, the panel."""
    case.closing = stamp
    for pause in case.open_pauses():
        mark("closing ends a pause")
        case.end_pause(pause, stamp)
    case.ladder.end()
    case.note("closed", stamp)
    stop_clocks(case, world, "closed", stamp)
    for clock in case.clocks:
        if not clock.outlives:
            clock.end_by_closing(case, world, stamp)
    for chase in case.chases:
        mark("closing ends a chase", not chase.is_answered and not chase.is_missed)
        chase.is_answered = True
    owed = [notice for notice in case.notices if not notice.is_given]
    for notice in owed:
        notice.is_told = True
    if owed:  # a close with a notice owed is alerted, never refused: once for all of them
        mark("closed with a notice owed")
        mark("closed with several notices owed", len(owed) > 1)
        world.alert("notice.owed", case.unit, "warning", case)


def close(world, case, stamp, event):
    if event.type == "case.defused":
        world.tallies.acted(world, case, stamp.wall)
        case.was_defused = True
    if event.type in ("case.closed", "case.withdrawn", "case.defused"):
        world.tallies.closing(world, case, stamp.wall)
    if case.kind != "duty":
        world.watches.happened(world, case.unit, stamp.wall, "closed")
        world.tallies.note(world, case.unit, stamp.wall, "closed")
    end(world, case, stamp)
    if not case.was_decided:
        outcome(world, case)
    if event.type == "case.merged":
        merge(world, case, find_into(world, event), stamp, event)


def merge(world, case, into, stamp, event):
    """The other goes on: its holder hears of it, and a regulator's letter comes with it."""
    case.merged_into = into
    if case.kind == "complaint" and case.matched(world)["regulator"]:
        mark("merged: a regulator's case" + (" into another" if into.matched(world)["regulator"] else ""))
        carry_letter(world, case, into, stamp, event)
    world.alert("case.merged", into.unit, "info", into)


def carry_letter(world, case, into, stamp, event):
    """As by case.forwarded of the case that goes on."""
    for key in ("body", "ref"):
        if key in case.attributes:
            into.attributes[key] = case.attributes[key]
    theirs, mine = (one.attributes.get("answer_by") for one in (case, into))
    if theirs is not None and (mine is None or instant_of(world, theirs, into.unit)
                               < instant_of(world, mine, into.unit)):
        mark("merged: the earlier day of answer")
        into.attributes["answer_by"] = theirs
    letter = case.first("forwarded")
    into.is_forwarded = True
    rematch(world, into, event)
    into.was_acknowledged = False
    into.ladder.restart(world, into, stamp)
    happened(world, into, "forwarded", letter[1] if letter else case.received)
    start_clocks(into, world)
    tell_moved(into, world)
    tell_unless_rung(world, into, into.attributes)


def reopen(world, case, stamp, event):
    mark("reopened: " + ("closed" if case.closing else "decided"))
    present = world.units.present(case.unit)
    mark("reopened at the unit that has a gone one's cases", case.unit != present)
    case.unit = present
    before = case.matched(world)
    case.closing = case.merged_into = None
    case.reopenings += 1
    case.told.append(("REOPENED", event.time))
    case.was_acknowledged = case.was_decided = False
    if event.type == "case.forwarded":
        rematch(world, case, event)
    else:
        follow(world, case, event, before)
    for clock in case.clocks:
        clock.reopen(case, world, stamp)
    case.ladder.restart(world, case, stamp)
    case.has_review = event.type == "case.review_requested" or case.has_review
    if event.type == "case.forwarded":
        tell_unless_rung(world, case, event.data)
        return
    world.alert("case.reopened", case.unit, "warning", case)
    parent = world.units.parent(case.unit)
    if case.reopenings > 1 and parent:
        mark("reopened again: the parent hears of it")
        world.alert("case.reopened", parent, "warning", case)


def silence_over(world, silence):
    """Each unit hears of the open cases of which it was not told, and nobody took in hand."""
    due, silence.armed = silence.armed, None
    withheld, silence.withheld = silence.withheld, {}
    missed, worst = {}, {}
    for (unit, *_), (case, fields, order) in withheld.items():
        other = world.silence_of(fields, case, but=silence)
        if not case.is_open:
            mark("withheld: the case is over")
        elif case.since("acknowledged", order):
            mark("withheld: acknowledged since")
        elif other is not None:
            mark("withheld: another silence still covers it")
            other.keep(unit, case, fields, order, moved=True)
        else:
            missed.setdefault(unit, {})[case.number] = case
            worst[unit] = max(worst.get(unit, "warning"), fields["severity"], key=SEVERITIES.index)
    for unit, cases in missed.items():
        mark("a silence ends: a digest of " + ("one" if len(cases) == 1 else "several"))
        mark("a silence ends: a digest above warning", worst[unit] != "warning")
        world.alert("digest.silenced", unit, worst[unit],
                    list(cases.values())[0] if len(cases) == 1 else None, late_from=due,
                    never_silenced=True, count=len(cases), listed=sorted(cases)[:50])


def pause_lasts(world, case, pause):
    mark("a pause that lasts is told")
    late, pause.long = pause.long, None
    for unit in filter(None, (case.unit, world.units.parent(case.unit))):
        world.alert("case.pause_long", unit, "warning", case, late_from=late)


def pause_ran_out(world, case, pause):
    mark("pause ended by its until")
    mark("pause ended, another reason open", len(case.open_pauses()) > 1)
    case.end_pause(pause, world.stamp(pause.until))
    tell_moved(case, world)
    world.alert("case.resumed", case.unit, "info", case, late_from=pause.until)


def chase_missed(world, case, chase):
    chase.is_missed = True
    for unit in dict.fromkeys([case.unit, world.units.present(chase.chaser)]):  # the holder (+ chaser)
        world.alert("case.unanswered", unit, "high", case, late_from=chase.due, due=chase.due)
    mark("chase missed, no rung left", not case.ladder.unfired())
    mark("chaser holds the case", chase.chaser == case.unit)
    if case.ladder.unfired():
        case.ladder.escalate(case, world, None, chase.due)


def notice_owed(world, case, notice):
    """One alert for all that are due at the same instant."""
    for one in case.notices:
        if one.due == notice.due and not one.is_given:
            mark("one alert for several notices", one is not notice and not one.is_told)
            one.is_told = True
    world.alert("notice.owed", case.unit, "warning", case, late_from=notice.due)


def source_gaps(world, gaps):
    """Tells those of a source that have stood long enough."""
    for gap in gaps:
        due = gap.due(world)
        if due <= world.wall:
            mark("gap told")
            gap.is_told = True
            world.alert("source.gap", "~ops", "warning", late_from=due)
