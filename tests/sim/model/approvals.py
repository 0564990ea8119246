"""Four eyes: an event that takes two persons waits for the second one, or lapses."""
from .decode import Reject
from .marks import mark
from .worktime import SECOND, parse_limit


class Waiting:
    def __init__(self, world, seq, event, name, unit):
        self.seq, self.event, self.name, self.unit = seq, event, name, unit
        self.lapses = world.steady + parse_limit(rule(world)["lapses"])[1] * SECOND
        self.alert = self.case = None

    def due(self, world):
        return self.lapses + (world.wall - world.steady)


def rule(world):
    return world.config.get("security", {}).get("four_eyes", {"for": [], "lapses": "24h"})


def are_owed(world, event):
    return event.type in rule(world)["for"]


def named(world, event, name):
    """What an approval lets go on."""
    waiting = world.approvals.get(event.data["event"])
    if waiting is None:
        raise Reject("bad_value", "data.event")
    if waiting.name == name:
        mark("nobody approves his own event")
        raise Reject("forbidden", "data.event")
    by = waiting.event.data.get("by")
    if by is not None and by.casefold() == event.data["by"].casefold():
        mark("nobody approves an event that names him")
        raise Reject("forbidden", "data.event")
    return waiting


def wait(world, waiting, case):
    mark("waits for a second person: " + waiting.event.type)
    waiting.case = case.number if case is not None else None
    waiting.alert = world.alert("approval.owed", "~ops", "warning", case)
    world.approvals[waiting.seq] = waiting
    return {"case": waiting.case, "waits": True}


def lapse(world, waiting):
    mark("what waited lapses: " + waiting.event.type)
    del world.approvals[waiting.seq]
    if waiting.alert is not None:
        world.alert("approval.owed", "~ops", "warning", world.cases.get(waiting.case),
                    late_from=waiting.due(world), supersedes=waiting.alert)
