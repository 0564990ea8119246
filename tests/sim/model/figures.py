"""What cases count for: a recount of what was told of each, by redress-figures(7), "Description"."""
from collections import Counter

from .marks import mark

ELDERLY = 60
# events that count each time, on the day of their own time
EACH = {"case.cause_found": "CAUSES", "case.notice_given": "NOTICES", "case.sanctioned": "SANCTIONED"}
# the newest of each
MEDIATION = {"case.mediation_accepted": "MEDIATED", "case.mediation_settled": "SETTLED"}


def told(case, event):
    """An event that was taken of the case."""
    if event.type in EACH:
        case.told.append((EACH[event.type], event.time))
    elif event.type == "case.surveyed":
        case.told.append(("SURVEYED", event.time))
        if event.data["satisfied"]:
            case.told.append(("SATISFIED", event.time))
    elif event.type == "case.mediation_called":
        mark("a mediation called again after it was declined", bool(case.calls and case.calls[-1][1]))
        case.calls.append([event.time, None])
    elif event.type == "case.mediation_declined" and case.calls:
        case.calls[-1][1] = event.data["by"]
    elif event.type == "case.decided":
        case.decision = event.time, event.data
    elif event.type in MEDIATION and (event.type != "case.mediation_accepted" or event.data["by"] == "body"):
        case.mediated[MEDIATION[event.type]] = event.time
    elif event.type == "case.verified":
        case.is_valid = event.data["valid"]


def of_complaint(world, case):
    """(what, when) of a complaint, the newest decision standing for those before."""
    seen = case.matched(world)
    received = case.received.wall
    yield "COMPLAINTS", received
    if seen["regulator"]:
        yield "REGULATOR", received
    if case.is_valid:
        yield "VALID", received
        if seen["regulator"]:
            yield "VALID_REGULATOR", received
    if case.state == "closed":
        yield "CLOSED", case.closing.wall
    yield from case.mediated.items()
    for at, declined_by in case.calls:
        yield "CALLED", at
        if declined_by != "customer":
            yield "CALLED_WILLING", at
            if declined_by != "firm":
                yield "CALLED_ATTENDED", at
    if case.decision is not None:
        at, data = case.decision
        yield "DECIDED", at
        if data.get("accommodation"):
            yield "ACCOMMODATIONS", at


COUNTED = {*EACH.values(), *MEDIATION.values(), "REOPENED", "CALLED", "CALLED_WILLING", "CALLED_ATTENDED", "SURVEYED",
           "SATISFIED", "COMPLAINTS", "REGULATOR", "VALID", "VALID_REGULATOR", "CLOSED", "DECIDED", "ACCOMMODATIONS"}


def recount(world):
    """(what, unit, day) -> how many; what was merged into another counts for nothing while closed, a contact
    at the unit that heard it first."""
    sums = Counter()
    for case in world.cases.values():
        is_contact = case.kind == "contact"
        if case.merged_into is not None and case.state == "closed" and not is_contact:
            continue
        unit = case.first_unit if is_contact else case.respondent
        calendar = world.calendar_of(unit)
        for what, at in [*case.told, *(of_complaint(world, case) if case.kind == "complaint" else [])]:
            sums[what, unit, calendar.day_of(at).isoformat()] += 1
    return sums
