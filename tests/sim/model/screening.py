"""Contracts screened before anybody complains: the duties that hits open."""
from datetime import timedelta

from .decode import Reject
from .worktime import parse_limit


def rule_of(world):
    return world.config.get("supervision", {}).get("screening")


def subject(world, event):
    rule = rule_of(world)
    contract = event.data["contract"]
    round_ = event.data.get("round")
    if round_ is None and event.type == "contract.cleared":
        round_ = world.rounds.get(contract)
    round_ = (round_ or "").replace("%", "%25").replace("/", "%2F")
    return "/".join([rule.get("duty", "screening"), round_, contract])


def find(world, event):
    """The duty of this round and contract; to be opened anew where it is over."""
    if rule_of(world) is None:
        return None
    case = world.subjects.get(subject(world, event))
    if case is None or (not case.is_open and event.type == "contract.screened"):
        return None
    return case


def check(world, event):
    contract = event.data["contract"]
    told = event.data.get("round")
    if contract not in world.screened or (told is not None and world.rounds[contract] != told):
        raise Reject("unknown_case", "data.contract")


def last_day(calendar, at, text):
    unit, count = parse_limit(text)
    day = calendar.day_of(at)
    while count:
        day += timedelta(days=1)
        count -= unit == "d" or calendar.is_working(day)
    return day
