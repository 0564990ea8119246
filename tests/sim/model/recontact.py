"""A customer who comes again while cases of his are open; texts of later events."""
from . import assess
from .handlers import attributes_of
from .marks import mark
from .worktime import DAY

OPENINGS = ("contact.received", "complaint.registered")
TEXTS = ("case.noted", "case.customer_contacted", "case.facts_added", "case.reopened",
         "case.review_requested")
SHOWN_MAX, LOOKED_MAX, MERGES_MAX = 8, 16, 16
SEVERITIES = ["info", "warning", "high", "critical"]


def find(world, event, case, growing):
    """(the oldest other open cases of its customer, the one that a contact joins or None)."""
    if event.type not in OPENINGS and event.type != "case.forwarded":
        return [], None
    customer = event.data.get("customer") if case is None else case.attributes.get("customer")
    ignored = [str(one) for one in world.assessment.get("ignore", {}).get("customer", [])]
    if customer is None or customer in ignored:
        mark("re-contact of nobody in particular", customer in ignored)
        return [], None
    mine = [c for c in world.cases.values() if c.kind != "duty" and c.is_open
            and c.attributes.get("customer") == customer]
    others = [c for c in with_carrying(world, customer, mine) if c is not case and c not in growing]
    mark("re-contact with more open cases than are told", len(others) > SHOWN_MAX)
    return others[:SHOWN_MAX], joins(world, event, mine)


def with_carrying(world, customer, mine):
    """Beside his own the open cases that his were merged into, of his newest ones."""
    if world.assessment.get("recontact", {}).get("merged") != "followed":
        return mine
    all_of_his = [c for c in world.cases.values() if c.attributes.get("customer") == customer]
    found = {c.number: c for c in mine}
    for case in all_of_his[-LOOKED_MAX:]:
        into = case if case.state == "closed" else None
        for _ in range(MERGES_MAX):
            if into is None or into.is_open:
                break
            into = into.grown_into if into.state == "grown" else into.merged_into
        if into is not None and into.is_open:
            mark("re-contact of a customer whose case was merged", into.number not in found)
            found[into.number] = into
    return [found[number] for number in sorted(found)]


def joins(world, event, mine):
    if event.type != "contact.received":
        return None
    kinds = ["contact"]
    if world.assessment.get("recontact", {}).get("joins", "complaint") == "complaint":
        kinds.append("complaint")
    for kind in kinds:
        for case in [c for c in reversed(mine) if c.kind == kind][:LOOKED_MAX]:
            named = case.attributes.get("contract"), event.data.get("contract")
            if None in named or named[0] == named[1]:
                return case
            mark("re-contact about another contract")
    return None


def note(world, event, others, joined, warning, happened, follow):
    """What it does to each of them."""
    for case in others + ([joined] if joined is not None and joined not in others else []):
        is_joined = case is joined
        before = case.matched(world)
        if is_joined:
            mark("contact joins a " + case.kind)
            case.contacts += 1
            world.subjects[event.subject] = case
        is_often = any(abs(event.time - at) < 7 * DAY for at in case.recontacted[-1:])
        case.recontacts += 1
        world.tallies.note(world, case.unit, event.time, "recontacts")
        case.recontacted.append(max(case.recontacted[-1:] + [event.time]))
        follow(world, case, event, before)
        happened(world, case, "recontact", world.stamp(event.time))
        level = warning["level"] if warning else "none"
        severity = max("warning" if is_often else "info", assess.SEVERITY[level],
                       key=SEVERITIES.index)
        mark("re-contact told as " + severity)
        mark("re-contact: often", is_often)
        mark("re-contact by a letter", event.type == "case.forwarded")
        world.alert("case.recontact", case.unit, severity, case)
        if is_joined:
            rise(world, case, level)
            begin_again(world, case, event)
        elif event.type == "contact.received":
            rise(world, case, text_level(world, event))


def begin_again(world, case, event):
    answered = case.ladder.rungs and case.ladder.until in ("acknowledged", "customer_contacted") \
        and case.ladder.is_stopped(case)
    if not answered:
        return
    if case.begun_again is not None and event.time - case.begun_again < DAY:
        mark("re-contact: the ladder has begun anew already")
        return
    mark("re-contact: the ladder begins anew")
    case.begun_again = event.time
    case.was_acknowledged = False
    case.ladder.restart(world, case, world.stamp(event.time))


def rise(world, case, level):
    if case.is_open and assess.LEVELS.index(level) > assess.LEVELS.index(case.level):
        mark("a level rises to " + level)
        case.level = level
        world.alert("warning.raised", case.unit, assess.SEVERITY[level], case)


def text_level(world, event):
    found = world.derived(attributes_of(event), "contact", event.data.get("attributes", {}),
                          event.data["unit"], event.time, False, 0, 0, 0)
    return assess.of_text(world.assessment, found)["level"]


def text_of(event):
    """What is assessed of a later event; why a customer came back is his text where none is given."""
    if event.type not in TEXTS:
        return None
    return event.data.get("text", event.data["reason"] if event.type == "case.reopened" else None)


def read(world, event, case):
    """The warning for the receipt, or None."""
    text = text_of(event)
    if text is None:
        return None
    found = dict(case.matched(world), text=text)
    warning = assess.of_text(world.assessment, found)
    warning["case"] = case.number
    mark("a later text with a level", warning["level"] != "none")
    mark("a later text of a case that is over", not case.is_open)
    rise(world, case, warning["level"])
    return warning


def listed(others):
    """As the receipt shows them."""
    return [{
        "case": case.number, "subject": case.subject, "unit": case.unit, "handler": case.handler,
        "state": case.state, "level": case.level, "opened": case.opened.wall,
        "last_contact": case.contacted[0] if case.contacted else None,
        "by": case.contacted[1] if case.contacted else None,
        "overdue": any(clock.state == "breached" and not clock.is_late for clock in case.clocks),
    } for case in others]
