"""Whose turn it is: rosters, and who stands in."""
from datetime import date, timedelta

from .marks import mark
from .worktime import parse_minutes, WEEKDAYS


def hand_overs(calendar, text, first, until):
    """The instants of hand-overs from the day `first` on, up to `until`."""
    found, day = [], first
    while day <= calendar.day_of(until):
        if text == "opening":
            at = calendar.spans(day)[0][0] if calendar.is_working(day) else None
        else:
            *weekday, clock = text.split(" ")
            at = calendar.instant(day, parse_minutes(clock))
            if weekday and WEEKDAYS[day.weekday()] != weekday[0]:
                at = None
        if at is not None and at <= until:
            found.append(at)
        day += timedelta(days=1)
    return found


def unit_of(world, name, at):
    """The unit that has the roster at an instant, or None."""
    standing = [o for o in world.overrides
                if o[0] == name and o[2] <= at < o[3] and o[1] in world.units.by_path]
    if standing:
        mark("roster: another unit stands in")
        return standing[-1][1]
    roster = world.config["rosters"][name]
    calendar = world.calendars[roster.get("calendar", world.root_calendar)]
    turns = hand_overs(calendar, roster["hand_over"], date.fromisoformat(roster["first"]), at)
    mark("roster: before the first turn", not turns)
    if not turns:
        return None
    mark("roster: a turn by " + ("opening" if roster["hand_over"] == "opening" else "the clock"))
    return world.units.find(roster["turns"][(len(turns) - 1) % len(roster["turns"])])
