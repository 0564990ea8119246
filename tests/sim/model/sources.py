"""Duplicates: by `sequence` where a source counts, else by id; gaps, and sources that are silent."""
from .decode import Reject
from .marks import mark
from .worktime import DAY, Instant, parse_limit, wait

KEPT = 4096
MISSING_MAX = 64
SKEWED_US = 30 * 1_000_000
GAP_US = 60 * 1_000_000
DEDUP = 35 * DAY  # limits.dedup where nothing else is configured


class Gap:
    """A missing range of a source's numbers, both ends included."""

    def __init__(self, first, last, since):
        self.first = first
        self.last = last
        self.since = since  # a Stamp; the steady scale counts
        self.is_told = False

    def due(self, world):
        """When it has stood for 60 s, on the wall scale."""
        return Instant(self.since.steady + GAP_US, is_steady=True).wall(world)


class Source:
    def __init__(self, name, number):
        self.name = name
        self.number = number  # in the order in which sources came
        self.highest = None
        self.gaps = []
        self.taken = {}  # sequence -> (id, receipt, content)
        self.last = None  # Stamp of its last event, or of the configuration that watches it
        self.armed = None  # Instant at which it is looked at, while it is watched
        self.is_silent = False
        self.skewed_day = None  # UTC day whose source.skewed was told

    def silent_due(self, world):
        """When it will have said nothing for too long; None: it is not watched."""
        spec = world.config.get("sources", {}).get(self.name)
        if spec is None:
            return None
        calendar = world.calendars[spec["in"]] if "in" in spec else None
        return wait(self.last, parse_limit(spec["silent_after"]), calendar,
                    working=calendar is not None)

    def look(self, world):
        """Its instant has come: it has said something since, or is told of, once."""
        due = self.silent_due(world)
        if due is None or due.wall(world) > world.wall:
            mark("source spoke since" if due else "source not watched any more")
            self.armed = due
            return
        mark("source silent " + ("elapsed" if due.is_steady else "in open time"))
        self.armed, self.is_silent = None, True
        world.alert("source.silent", "~ops", "warning", late_from=due.wall(world))


class Sources:
    def __init__(self):
        self.by_name = {}
        self.ids = {}  # (source, id) -> (id, receipt, content)
        self.kept_until = {}  # (source, id) -> the UTC day at whose end it is forgotten

    @staticmethod
    def same(event, found):
        """The receipt of the first time. Another event under its id is none of it."""
        if found[2] != event.content:
            mark("an id used again by " + ("id" if event.sequence is None else "sequence"))
            raise Reject("conflict", "id")
        return found[1]

    def known(self, event):
        """The first receipt where the event is a duplicate; None; or Reject: "stale_sequence", or
        "conflict" where the id had another content."""
        if event.sequence is None:
            found = self.ids.get((event.source, event.id))
            return self.same(event, found) if found else None
        source = self.by_name.get(event.source)
        if source is None or source.highest is None or event.sequence > source.highest:
            return None
        if any(gap.first <= event.sequence <= gap.last for gap in source.gaps):
            return None
        found = source.taken.get(event.sequence)
        if found is None or event.sequence <= source.highest - KEPT:
            mark("stale sequence")
            raise Reject("stale_sequence", "sequence")
        return self.same(event, found) if found[0] == event.id else None

    def forget(self, world):
        """Ids older than limits.dedup, with the first record of a UTC day."""
        today = world.wall // DAY
        for key in [key for key, day in self.kept_until.items() if day < today]:
            mark("an id is forgotten")
            del self.ids[key], self.kept_until[key]

    def conflicts(self, event):
        """A known number under another id."""
        source = self.by_name.get(event.source)
        found = source and event.sequence is not None and source.taken.get(event.sequence)
        return bool(found) and found[0] != event.id

    def watch(self, world):
        for name in world.config.get("sources", {}):
            source = self.by_name.setdefault(name, Source(name, len(self.by_name) + 1))
            source.last = source.last or world.now()
            if not source.is_silent:
                source.armed = source.silent_due(world)

    def spoke(self, name, world):
        source = self.by_name.get(name)
        if source is not None:
            source.last = world.now()
            if source.is_silent:
                mark("a silent source speaks")
                source.is_silent, source.armed = False, source.silent_due(world)

    def skewed(self, event, world, ahead):
        """A `time` was cut by so much: operators hear of it, once a source and UTC day."""
        source = self.by_name.setdefault(
            event.source, Source(event.source, len(self.by_name) + 1))
        today = world.wall // DAY
        if ahead >= SKEWED_US and not event.quiet and source.skewed_day != today:
            source.skewed_day = today
            world.groups.append([])
            world.alert("source.skewed", "~ops", "warning")

    def take(self, event, receipt, now):
        if event.sequence is None:
            self.ids[(event.source, event.id)] = (event.id, receipt, event.content)
            self.kept_until[event.source, event.id] = (now.wall + DEDUP) // DAY + 1
            return
        source = self.by_name.setdefault(
            event.source, Source(event.source, len(self.by_name) + 1))
        source.taken[event.sequence] = (event.id, receipt, event.content)
        if source.highest is None:
            source.highest = event.sequence
        elif event.sequence > source.highest:
            if event.sequence > source.highest + 1:
                mark("sequence leaves a gap")
                source.gaps.append(Gap(source.highest + 1, event.sequence - 1, now))
                source.gaps = source.gaps[-MISSING_MAX:]
            source.highest = event.sequence
        else:
            self._fill(source, event.sequence)

    @staticmethod
    def _fill(source, number):
        for gap in list(source.gaps):
            if gap.first <= number <= gap.last:
                mark("gap filled" + (" after it was told" if gap.is_told else ""))
                at = source.gaps.index(gap)
                parts = []
                for first, last in ((gap.first, number - 1), (number + 1, gap.last)):
                    if first <= last:
                        part = Gap(first, last, gap.since)
                        part.is_told = gap.is_told
                        parts.append(part)
                source.gaps[at:at + 1] = parts

    def reset(self, name):
        source = self.by_name.get(name)
        if source is not None:
            mark("source reset")
            source.highest = None
            source.gaps = []
            source.taken = {}
