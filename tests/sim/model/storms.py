"""Storms: the alert after `count` to a unit within `window` opens a bundle, sent `window` later."""
from .marks import mark
from .worktime import Stamp, parse_limit, SECOND

SEVERITIES = ["info", "warning", "high", "critical"]


class Bundle:
    def __init__(self, end):
        self.end = end  # on the steady scale
        self.alerts = []


class Storms:
    def __init__(self):
        self.recent = {}  # unit -> when what counts was decided, on the steady scale
        self.open = {}  # unit -> Bundle

    @staticmethod
    def rule(world):
        """(count, window) or None."""
        storm = world.config.get("alerts", {}).get("storm")
        if storm is None:
            return None
        return storm.get("count", 10), parse_limit(storm.get("window", "15m"))[1] * SECOND

    def counts(self, world, kind, unit, severity):
        return self.rule(world) is not None and unit != "~ops" and severity in SEVERITIES[:2] \
            and kind not in ("warning.first_contact", "storm.bundle", "digest.daily",
                             "digest.weekly", "digest.monthly")

    def end(self, world, unit):
        """When the bundle ends that takes the next alert; None: it goes alone."""
        if unit in self.open:
            return max(self.open[unit].end, world.steady)
        count, window = self.rule(world)
        within = [at for at in self.recent.get(unit, []) if at > world.steady - window]
        return world.steady + window if len(within) >= count else None

    def told_at(self, world, kind, unit, severity):
        end = self.end(world, unit) if self.counts(world, kind, unit, severity) else None
        if end is None:
            return world.now()
        mark("storm: a bundle tells of a rung")
        return Stamp(end + (world.wall - world.steady), end)

    def note(self, world, alert):
        if not self.counts(world, alert.type, alert.unit, alert.severity):
            return
        end = self.end(world, alert.unit)
        count, window = self.rule(world)
        within = [at for at in self.recent.get(alert.unit, []) if at > world.steady - window]
        self.recent[alert.unit] = within[max(0, len(within) - count + 1):] + [world.steady]
        if end is None:
            return
        if alert.unit not in self.open:
            mark("storm: a bundle is opened")
            self.open[alert.unit] = Bundle(end)
        else:
            mark("storm: an open bundle takes an alert")
        alert.bundled, alert.bundle = True, self.open[alert.unit]
        alert.bundle.alerts.append(alert)

    @staticmethod
    def trade(alone, taken):
        """The bundles take `taken` instead of `alone`: the group's other order."""
        for one, other in zip(alone, taken):
            bundle, one.bundle = one.bundle, None
            one.bundled, other.bundled, other.bundle = None, True, bundle
            bundle.alerts[bundle.alerts.index(one)] = other

    def send(self, world, unit):
        bundle = self.open.pop(unit)
        severity = max((a.severity for a in bundle.alerts), key=SEVERITIES.index)
        world.alert("storm.bundle", unit, severity, never_silenced=True,
                    late_from=bundle.end + (world.wall - world.steady),
                    count=len(bundle.alerts), grouped=bundle.alerts)
