"""Contracts screened before anybody complains: the duties that hits open."""
from datetime import timedelta

from .decode import Reject
from .worktime import parse_limit


def subject(world, event):
    rule = world.config["screening"]
    return "/".join([rule.get("duty", "screening"), event.data.get("round", ""), event.data["contract"]])


def find(world, event):
    """The duty of this round and contract; to be opened anew where it is over."""
    if world.config.get("screening") is None:
        return None
    case = world.subjects.get(subject(world, event))
    if case is None or (not case.is_open and event.type == "contract.screened"):
        return None
    return case


def check(world, event):
    contract = event.data["contract"]
    if contract not in world.screened or world.rounds[contract] != event.data.get("round"):
        raise Reject("unknown_case", "data.contract")


def last_day(calendar, at, text):
    unit, count = parse_limit(text)
    day = calendar.day_of(at)
    while count:
        day += timedelta(days=1)
        count -= unit == "d" or calendar.is_working(day)
    return day
