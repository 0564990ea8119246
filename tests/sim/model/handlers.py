"""What the case.* events do to their case, beside its state and its moments."""
from datetime import date

from . import lifecycle
from .case import ATTRIBUTES, Chase, Pause
from .clocks import Clock, start_clocks
from .marks import mark
from .worktime import parse_limit, wait


def attributes_of(event):
    return {key: value for key, value in event.data.items() if key in ATTRIBUTES}


def clock_named(case, name):
    for clock in case.clocks:
        if clock.name == name:
            return clock
    return None


def instant_of(world, value, unit):
    """An instant, or the end of a day."""
    return world.calendar_of(unit).instant(value, 1440) if isinstance(value, date) else value


def tell_forwarded(world, case, letter):
    due = letter.get("answer_by")
    world.alert("case.forwarded", case.unit, "high", case,
                due=None if due is None else instant_of(world, due, world.units.present(case.unit)))


def outcome(world, case):
    first = world.units.present(case.first_unit)
    mark("no outcome told: the first unit holds it", first == case.unit)
    if first != case.unit:
        world.alert("case.outcome", first, "info", case)


def assigned(world, case, event, stamp, was, sender_unit):
    before = case.matched(world)
    case.handler = event.data.get("handler", case.handler)
    old, case.unit = case.unit, event.data["unit"]
    if old == case.unit:
        mark("assigned within the unit")
        return
    case.transfers += 1
    follow(world, case, event, before)
    case.was_acknowledged = False
    case.ladder.reassign(case, world, old, stamp)
    world.alert("case.assigned", case.unit, "warning", case)
    limit = world.config.get("supervision", {}).get("transfers")
    if limit and case.transfers > limit:
        above = world.units.parent(case.unit) or case.unit
        world.alert("case.bounced", above, "warning", case)


def decided(world, case, event, stamp, was, sender_unit):
    if was != "closed":
        case.was_decided = True


def tell_over_authority(world, case, event):
    """Told behind the acknowledgement that the decision implies: that does not answer it."""
    if event.data.get("amount", 0) > world.units.authority(case.unit):
        mark("a decision above the unit's authority")
        above = world.units.parent(case.unit) or case.unit
        world.alert("case.over_authority", above, "warning", case)


SAYS = {  # event -> (key of its data, attribute), replaced whole or left where it says nothing
    "case.decided": [(key, key) for key in ("outcome", "accommodation", "paid_for", "liable")]
    + [(key, "decided_" + key) for key in ("amount", "currency")],
    "case.mediation_called": [("body", "mediation_body")],
    "case.mediation_settled": [(key, "settled_" + key) for key in ("amount", "currency")],
    "case.verified": [("valid", "valid")], "case.cause_found": [("cause", "cause")],
    "case.surveyed": [("satisfied", "satisfied")], "case.closed": [("resolution", "resolution")],
}


def says(world, case, event):
    """What it says of the case, which is matched before the event does anything else."""
    if event.type not in SAYS:
        return
    before, policy, commons = case.matched(world), case.policy, case.common_specs
    case.attributes.update({name: event.data.get(key) for key, name in SAYS[event.type]})
    if case.is_open:
        follow(world, case, event, before)
    mark("matched anew at " + event.type, case.policy != policy or case.common_specs != commons)


def forwarded(world, case, event, stamp, was, sender_unit):
    """Of a known case. One that was closed goes on as by a reopening, which begins the ladder."""
    case.is_forwarded = True
    case.attributes.update({k: v for k, v in attributes_of(event).items()
                            if k in ("body", "ref", "answer_by")})
    if was != "closed":
        mark("forwarded: a stopped ladder begins anew", case.ladder.is_stopped(case))
        rematch(world, case, event)
        case.was_acknowledged = False
        case.ladder.restart(world, case, stamp)
        tell_unless_rung(world, case, event.data)


def tell_unless_rung(world, case, letter):
    """case.forwarded, unless the ladder's first rung tells the holder at once."""
    first = case.ladder.rungs[0] if case.ladder.rungs else None
    if first is not None and parse_limit(str(first.get("after", "0m"))) == ("s", 0) \
            and case.unit in world.units.targets(first["notify"], case):
        held = first.get("hold") == "opening" and case.ladder.severity(case, 1) != "critical" \
            and not world.calendar_of(case.unit).is_open(world.wall)
        mark("forwarded: the first rung " + ("waits" if held else "tells it"))
        if not held:
            return
    tell_forwarded(world, case, letter)


def amended(world, case, event, stamp, was, sender_unit):
    before = case.matched(world)
    case.attributes.update(attributes_of(event))
    if "birth_year" in event.data and "age" not in event.data:
        mark("an amended birth_year takes the place of an age", "age" in case.attributes)
        case.attributes.pop("age", None)
    case.extra = dict(event.data.get("attributes", case.extra))
    case.respondent = event.data.get("respondent", case.respondent)
    case.handler = event.data.get("handler", case.handler)
    if "received" in event.data:
        case.received = world.stamp(event.data["received"])
        for clock in case.clocks:
            if clock.moment == "received" and not clock.is_restarted and case.is_open and (
                    clock.state == "running" or clock.state == "breached" and not clock.is_late):
                mark("corrected received moves a clock")
                clock.start = case.received
    if case.is_open:
        follow(world, case, event, before)
        for clock in case.clocks:
            clock.revise(case, world)


def follow(world, case, event, before):
    """Policies are matched again where an attribute that one of them names has changed."""
    after = case.matched(world)
    changed = {k for k in set(before) | set(after) if before.get(k) != after.get(k)}
    named = {name for one in world.config["policies"] + world.config.get("clocks", [])
             for name in one.get("match", {})}
    mark("an amended respondent matches policies anew", changed & named == {"respondent"})
    for name in ("unit", "transfers", "reopened", "contacts"):
        mark("matched again as it changed: " + name, name in changed & named)
    if changed & named:
        rematch(world, case, event)


def reapplied(world, case, event, stamp, was, sender_unit):
    if case.is_open:
        rematch(world, case, event)


def rematch(world, case, event):
    """The present configuration's policy: clocks of one name keep start and excluded ranges."""
    policy, commons = world.policy_of(case), world.common_clocks(case)
    is_same = policy == case.policy
    if is_same and commons == case.common_specs:
        mark("matched anew: the same policy")
        return
    mark("matched anew by " + event.type)
    mark("matched anew in another configuration", case.policy not in world.config["policies"])
    specs = policy.get("clocks", []) + commons
    names = [spec["name"] for spec in specs]
    for clock in case.clocks:
        mark("matched anew: clock kept" if clock.name in names else "matched anew: clock ended")
        mark("a common clock's match no longer holds", "match" in clock.spec and clock.name not in names)
    mark("a common clock's match holds now",
         any(spec["name"] not in [clock.name for clock in case.clocks] for spec in commons))
    case.policy, case.common_specs = policy, commons
    old = {clock.name: clock for clock in case.clocks}
    case.clocks = []
    for slot, spec in enumerate(specs):
        clock = old.get(spec["name"]) or Clock(spec, slot)
        clock.spec, clock.slot = spec, slot
        case.clocks.append(clock)
    for clock in case.clocks:
        clock.revise(case, world)
    start_clocks(case, world, event.data)
    mark("common clocks changed, the policy did not", is_same)
    if not is_same:
        case.ladder.change(policy, case)


def begin_pause(world, case, reason, stamp, until):
    pause = Pause(reason, stamp, until)
    limits = {"*": "30d", **case.policy.get("pause_limits", {})}
    mark("pause limit " + ("of its reason" if reason in limits else "of all others"))
    limit = parse_limit(limits.get(reason, limits["*"]))
    pause.long = wait(stamp, limit, world.calendar_of(case.unit), on_wall=True,
                      at_closing=True).value
    if until is not None and until <= pause.long:
        mark("a pause ends before its limit")
        pause.long = None
    case.pauses.append(pause)


def paused(world, case, event, stamp, was, sender_unit):
    mark("paused for a second reason", bool(case.open_pauses()))
    begin_pause(world, case, event.data["reason"], stamp, event.data.get("until"))


def resumed(world, case, event, stamp, was, sender_unit):
    mark("resumed, another reason open", len(case.open_pauses()) > 1)
    mark("resumed when decided", case.state == "decided")
    for pause in case.open_pauses([event.data["reason"]]):
        case.end_pause(pause, stamp)


def extended(world, case, event, stamp, was, sender_unit):
    clock = clock_named(case, event.data["clock"])
    mark("paused clock extended", clock.is_paused(case, world))
    mark("clock extended after closing", not case.is_open)
    mark("clock extended twice", clock.extensions > 0)
    spec = clock.spec["extensions"][clock.extensions]
    clock.extensions += 1
    right = spec.get("approved_by") in (None, event.data["approved_by"])
    told = not spec.get("told_customer", False) or event.data.get("told_customer", False)
    mark("extension in order", right and told)
    mark("extension: wrong approver", not right)
    mark("extension: customer not told", not told)
    if not (right and told):
        above = world.units.parent(case.unit) or case.unit
        world.alert("case.over_authority", above, "warning", case, clock=clock.name)


def surveyed(world, case, event, stamp, was, sender_unit):
    """Called back; who is not satisfied is told of to the unit and the level above."""
    satisfied = event.data["satisfied"]
    mark("surveyed: " + ("satisfied" if satisfied else "not satisfied"))
    if not satisfied:
        for unit in filter(None, [case.unit, world.units.parent(case.unit)]):
            world.alert("case.dissatisfied", unit, "warning", case)


def escalated(world, case, event, stamp, was, sender_unit):
    case.ladder.escalate(case, world, event.data.get("to"))


def chased(world, case, event, stamp, was, sender_unit):
    unit = event.data.get("unit", case.unit)
    due = instant_of(world, event.data["answer_by"], unit)
    mark("chased for a unit that asks", "asker" in event.data and not sender_unit)
    world.tallies.note(world, unit, event.time, "chases")
    case.chases.append(Chase(unit, sender_unit or event.data.get("asker") or "~ops", due))
    world.alert("case.chased", unit, "warning", case, due=due)


def answered(world, case, event, stamp, was, sender_unit):
    teller = world.units.present(sender_unit) if sender_unit else event.data.get("unit")
    owed = [c for c in case.chases if not c.is_answered and not c.is_missed]
    whose = owed
    mark("chase answered for no unit, the oldest", teller is None)
    if teller is not None:
        own = [c for c in owed if world.units.present(c.unit) == teller]
        below = [c for c in owed if world.units.present(c.unit).startswith(teller + "/")]
        is_holder = world.units.present(case.unit) == teller
        whose = own or below or (owed if is_holder else [])
        mark("chase answered by the unit asked, not the oldest", own != [] and own[0] is not owed[0])
        mark("chase answered by a unit above the one asked", own == [] and below != [])
        mark("chase answered by the holder, who was not asked", own + below == [] and is_holder)
    if whose == []:
        mark("an answer of a unit that owes none")
        return "no_question"
    mark("chase answered")
    answered = whose[0]
    answered.is_answered = True
    world.alert("case.answered", answered.chaser, "info", case, due=answered.due)
    return None


def panel(world, case, event, stamp, was, sender_unit):
    case.has_panel = event.type == "case.panel_opened"
    told = []
    for name in event.data.get("participants", []):
        unit = world.units.find(name)
        if unit is not None and world.units.present(unit) not in told:
            told.append(world.units.present(unit))
            world.alert("case.panel", told[-1], "info", case)


def review_decided(world, case, event, stamp, was, sender_unit):
    case.has_review = False


def mediation(world, case, event, stamp, was, sender_unit):
    step = lifecycle.mediation_step(event)
    mark(f"mediation {case.mediation} -{step}-> {lifecycle.MEDIATION[case.mediation, step]}")
    case.mediation = lifecycle.MEDIATION[case.mediation, step]
    mine = case.open_pauses(["mediation"])
    if step == "accepted_by_body" and not mine and case.state != "decided":
        begin_pause(world, case, "mediation", stamp, None)
    if step in ("settled", "failed"):
        for pause in mine:
            case.end_pause(pause, stamp)


def notice_given(world, case, event, stamp, was, sender_unit):
    for notice in case.notices:
        if notice.code == event.data["notice"]:
            mark("notice given")
            notice.is_given = True


HANDLERS = {
    "case.surveyed": surveyed,
    "case.assigned": assigned, "case.decided": decided, "case.forwarded": forwarded,
    "case.amended": amended, "case.reapplied": reapplied, "case.paused": paused,
    "case.resumed": resumed, "case.extended": extended, "case.escalated": escalated,
    "case.chased": chased, "case.answered": answered, "case.panel_opened": panel,
    "case.panel_concluded": panel, "case.review_decided": review_decided,
    "case.notice_given": notice_given,
}
