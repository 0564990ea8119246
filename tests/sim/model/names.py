"""Which case and which units an event names; unknown ones and conflicts."""
import unicodedata
from datetime import date

from . import assess, lifecycle, recontact, screening
from .decode import Reject
from .marks import mark

OPENINGS = ("contact.received", "complaint.registered")


def find(world, event, now=None):
    """The case an event names; None for one that opens one or names none. `now` is the own time of
    an event that brings none."""
    data = event.data
    if event.type == "alert.acknowledged":
        alert = world.alerts.get(data["alert"])
        if alert is None:
            raise Reject("bad_value", "data.alert")
        return world.cases.get(getattr(alert, "case", None))
    if event.type == "silence.ended" and not 0 < data["silence"] <= len(world.silences):
        raise Reject("bad_value", "data.silence")
    if event.type in ("contract.screened", "contract.cleared"):
        return screening.find(world, event)
    if event.type == "roster.overridden":
        if data["roster"] not in world.config.get("rosters", {}):
            raise Reject("bad_value", "data.roster")
        if data["until"] <= data["from"]:
            raise Reject("bad_value", "data.until")
    if event.type == "duty.progressed":
        event.unknown = world.units.find(data["unit"]) is None
        return told_duty(world, event) or duty_by_keys(world, event)
    if not event.type.startswith("case.") and event.type != "duty.verified":
        return None
    if "case" not in data and event.subject in world.subjects:
        own = now if event.time is None else event.time
        return follow_merged(world.subjects[event.subject], event, own)
    return world.subjects.get(event.subject) or world.cases.get(data.get("case"))


def duty_bearing(world, subject):
    """The duty under the subject, or under it with /duty behind it: one that is open before others."""
    found = [c for c in (world.subjects.get(subject), world.subjects.get(f"{subject}/duty"))
             if c is not None and c.kind == "duty"]
    mark("a duty whose subject another case bears is found", found != [] and found[0].subject != subject)
    return next((c for c in found if c.is_open), found[0] if found else None)


def told_duty(world, event):
    """What duty.progressed names by its number, or by a subject that a duty bears; or None."""
    if "case" in event.data:
        return world.cases.get(event.data["case"])
    return None if event.subject is None else duty_bearing(world, event.subject)


def duty_by_keys(world, event):
    data = event.data
    named = world.units.find(event.named or data["unit"])
    for unit in (named, world.units.present(named)):  # a unit that is gone: it may be its own
        case = duty_bearing(world, f"{data['duty']}/{unit}/{data.get('period')}")
        if case is not None:
            return case
    return None


def is_that_duty(world, case, data):
    period = case.attributes.get("period")
    return case.kind == "duty" and case.attributes.get("duty") == data["duty"] and (
        "period" not in data or period in (None, data["period"])) and data["unit"] in (
        world.units.present(case.unit), world.units.present(case.respondent))


def follow_merged(case, event, own):
    """What a merged case does not take, named by its subject, goes to the one that goes on."""
    for _ in range(16):
        if case.state != "closed" or case.merged_into is None or takes(case, event, own):
            break
        mark("an event of a merged case goes to the other")
        mark("an event of a case merged twice", case.merged_into.merged_into is not None)
        case = case.merged_into
    return case


def coded(world, event):
    """Values that the configuration has coded stand for every spelling of theirs."""
    for key, codes in world.config.get("codes", {}).items():
        value = event.data.get(key)
        if value is None or key == "outcome":
            continue
        for code, row in codes.get("values", {}).items():
            if fold(value) in map(fold, [code, row.get("name", code)] + row.get("also", [])):
                mark("a value is told by another spelling", value != code)
                event.data[key] = code
                break
        else:
            if codes.get("unknown") == "reject":
                mark("a value that has no code is refused")
                raise Reject("bad_value", "data." + key)
            mark("a value that has no code is taken")


def fold(text):
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def takes(case, event, own):
    if event.type == "case.extended":
        return any(c.name == event.data["clock"] and c.state == "running" for c in case.clocks)
    try:
        lifecycle.next_state(case, event, own)
    except Reject:
        return False
    return True


def check_names(world, event):
    """unknown_unit, unknown_case, conflict: in this order."""
    data = event.data
    for key in ("unit", "respondent", "asker"):
        if key in data:
            found = world.units.find(data[key])
            if found is None:
                raise Reject("unknown_unit", "data." + key)
            if key == "asker":
                found = world.units.present(found)
            if key == "unit":
                mark("an event names a unit that is gone", world.units.present(found) != found)
                event.named, found = data[key], world.units.present(found)
            data[key] = found
    if event.type.startswith("case.") or event.type == "duty.verified":
        named = world.subjects.get(event.subject)
        if "case" in data and data["case"] not in world.cases:
            raise Reject("unknown_case", "data.case")
        if event.subject is not None and named is None and not (
                event.type == "case.forwarded" and "case" not in data):
            raise Reject("unknown_case", "subject")
        if event.type == "case.merged":
            find_into(world, event)
        check_sequence(world, event)
        if named is not None and "case" in data and named.number != data["case"]:
            raise Reject("conflict", "subject")
        if event.type == "case.merged":
            case, into = find(world, event), find_into(world, event)
            mark("merged where it was merged already", into is case)
            if into is case or into.kind != case.kind or not into.is_open:
                raise Reject("conflict", "data.into")
        if event.type == "case.forwarded" and named is None and "case" not in data:
            for key in ("customer", "channel", "unit"):
                if key not in data:
                    raise Reject("missing_field", "data." + key)
    if event.type == "duty.progressed":
        if "case" in data and data["case"] not in world.cases:
            raise Reject("unknown_case", "data.case")
        if find(world, event) is None:
            raise Reject("unknown_case", "data.duty")
        told = told_duty(world, event)
        if told is not None and not is_that_duty(world, told, data):
            mark("a case that is not the duty which the keys name")
            check_sequence(world, event)
            raise Reject("conflict", "data.case" if "case" in data else "subject")
    if event.type == "contract.cleared":
        screening.check(world, event)
    check_sequence(world, event)
    if event.type in OPENINGS:
        taken = world.subjects.get(event.subject)
        grows = event.type == "complaint.registered" and taken is not None \
            and taken.kind == "contact" and taken.is_open
        if taken is not None and taken.state != "closed" and not grows:
            raise Reject("conflict", "subject")
        named = world.subjects.get(data.get("contact"))
        if event.type == "complaint.registered" and named is not None and named.kind != "contact":
            raise Reject("conflict", "data.contact")
    if event.type == "duty.opened":
        taken = world.subjects.get(duty_subject(event))
        if duty_bearing(world, duty_subject(event)) is not None or (
                taken is not None and taken.state != "closed"):
            raise Reject("conflict", None)


def check_sequence(world, event):
    """A known number under another id: the first of the conflicts."""
    if world.sources.conflicts(event):
        raise Reject("conflict", "sequence")


def find_into(world, event):
    into = event.data["into"]
    found = world.subjects.get(into) or (world.cases.get(int(into)) if into.isdecimal() else None)
    if found is None:
        raise Reject("unknown_case", "data.into")
    return found


def duty_subject(event):
    due = event.data["due"] if "due" in event.data else None
    year = due.year if isinstance(due, date) else None
    period = event.data.get("period", None if year is None else str(year))
    return f"{event.data['duty']}/{event.data['unit']}/{period}"


def contacts_of(world, event):
    """(contact cases that a complaint grows, the one it grew from or None)."""
    customer = event.data["customer"]
    mine = [c for c in world.cases.values()
            if c.kind == "contact" and c.attributes["customer"] == customer]
    growing = [c for c in mine if c.is_open]
    source = None
    taken = world.subjects.get(event.subject)
    named = world.subjects.get(event.data.get("contact"))
    if "contact" in event.data:
        source = named  # below the level it has no case, and is nobody's first
    elif taken is not None and taken.is_open:
        source = taken
    else:
        limit = assess.follow_up(world.assessment)
        recent = [c for c in mine if 0 <= event.time - c.opened.wall <= limit]
        if recent:
            source = recent[-1]
    if event.type != "complaint.registered":
        taken = None
    for one in (source, taken):
        if one is not None and one not in growing and (one is source or one.is_open):
            growing.append(one)
    return sorted(growing, key=lambda c: c.number), source


def fired_before(world, event, case):
    """Cases whose due timers fire before the event is applied."""
    if event.type == "case.merged":
        return [case, find_into(world, event)]
    if event.mended is not None:
        return [case, event.mended]
    growing = growing_of(world, event, case)
    others, joined = recontact.find(world, event, case, growing)
    touched = [case] if case is not None else growing
    return touched + others + ([joined] if joined is not None and joined not in others else [])


def growing_of(world, event, case):
    """Contact cases that end when the event opens a complaint."""
    if case is None and event.type in ("complaint.registered", "case.forwarded"):
        return contacts_of(world, event)[0]
    return []
