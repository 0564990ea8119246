"""Differences between the model's answers and the host's."""
import msgpack

ALERT_KEYS = ["type", "unit", "severity", "time", "late_by", "case", "subject", "kind", "rung",
              "skipped", "clock", "due", "ack_by", "count", "repeated", "bundled"]


class Difference(Exception):
    pass


def plain(value):
    """Timestamps as microseconds, all the way down."""
    if isinstance(value, msgpack.Timestamp):
        return value.seconds * 1_000_000 + value.nanoseconds // 1000
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def frozen(value):
    """A digest without the names for people, comparable."""
    if isinstance(value, dict):
        return tuple(sorted((name, frozen(one)) for name, one in value.items()
                            if name not in ("unit_name", "clock_name")))
    return tuple(frozen(one) for one in value) if isinstance(value, list) else value


def alert_key(fields, supersedes):
    key = {name: fields.get(name) or None for name in ALERT_KEYS}
    if key["type"] not in ("storm.bundle", "digest.takeover"):
        key["count"] = None
    key["skipped"] = tuple(key["skipped"] or ())
    key["supersedes"] = supersedes
    key["digest"] = frozen(fields.get("digest"))
    return tuple(key.items())


def without_bundled(key):
    return tuple(item for item in key if item[0] != "bundled")


def model_key(alert):
    older = alert.__dict__.get("supersedes")
    grouped = tuple(alert.__dict__.get("listed") or
                    sorted(one.seq or 0 for one in alert.__dict__.get("grouped", [])))
    return alert_key(alert.__dict__, older.seq if older is not None else None) + (
        ("grouped", grouped),)


def host_key(alert):
    return alert_key(alert, alert.get("supersedes")) + (
        ("grouped", tuple(alert.get("grouped", ()))),)


def shown(key):
    return " ".join(f"{name}={value}" for name, value in key if value not in (None, ()))


class Alerts:
    """Numbers and chains of the host's alerts; gives the model's alerts their numbers."""

    def __init__(self, world):
        self.world = world
        self.last = 0
        self.chains = {}

    def compare(self, alerts):
        alerts = plain(alerts)
        groups = [group for group in self.world.groups if group]
        theirs = [host_key(alert) for alert in alerts]
        at = 0
        for group in groups:
            part = alerts[at:at + len(group)]
            self._match(group, part, groups, theirs)
            at += len(group)
        if at != len(alerts):
            self._differ(groups, theirs)
        for alert in alerts:
            self._chain(alert)

    def _match(self, group, part, groups, theirs):
        """Within a group any order is right."""
        left = list(group)
        alone, taken = {}, {}  # unit -> whom a storm's bundle takes in the host's order and mine
        for alert in part:
            key = host_key(alert)
            mine = [one for one in left if model_key(one) == key] or [
                one for one in left if without_bundled(model_key(one)) == without_bundled(key)]
            if not mine:
                self._differ(groups, theirs)
            if model_key(mine[0]) != key:
                (taken if alert.get("bundled") else alone).setdefault(alert["unit"], []).append(mine[0])
            left.remove(mine[0])
            mine[0].seq = alert["seq"]
            self.world.alerts[alert["seq"]] = mine[0]
        if left or {u: len(a) for u, a in alone.items()} != {u: len(a) for u, a in taken.items()}:
            self._differ(groups, theirs)
        for unit, alerts in alone.items():
            self.world.storms.trade(alerts, taken[unit])

    @staticmethod
    def _differ(groups, theirs):
        mine = [model_key(alert) for group in groups for alert in group]
        lines = ["alerts differ:"]
        lines += ["  only model: " + shown(key) for key in mine if key not in theirs]
        lines += ["  only host:  " + shown(key) for key in theirs if key not in mine]
        if len(lines) == 1:
            lines += ["  (in another order)"] + ["  model: " + shown(key) for key in mine]
            lines += ["  host:  " + shown(key) for key in theirs]
        raise Difference("\n".join(lines))

    def _chain(self, alert):
        if alert["seq"] != self.last + 1:
            raise Difference(f"alert number {alert['seq']} after {self.last}")
        self.last = alert["seq"]
        before = 0 if alert.get("bundled") else self.chains.get(alert["unit"], 0)
        if alert["prev"] != before:
            raise Difference(f"alert {alert['seq']}: prev {alert['prev']}, expected {before}")
        if not alert.get("bundled"):
            self.chains[alert["unit"]] = alert["seq"]
        cause = alert.get("cause")
        if not isinstance(cause, dict) or not ("timer" in cause or "seq" in cause):
            raise Difference(f"alert {alert['seq']} names no cause: {cause}")


def receipt(mine, theirs):
    """Raises Difference."""
    theirs = plain(theirs)
    status = mine["status"]
    pairs = [("status", status, theirs.get("status"))]
    if status == "rejected":
        error = theirs.get("error") or {}
        pairs.append(("error.code", mine["error"]["code"], error.get("code")))
        if mine["error"]["field"] is not None:
            pairs.append(("error.field", mine["error"]["field"], error.get("field")))
    else:
        pairs.append(("seq", mine.get("seq"), theirs.get("seq")))
        pairs.append(("case", mine.get("case"), theirs.get("case")))
        pairs.append(("waits", mine.get("waits"), theirs.get("waits")))
    if status == "accepted":
        pairs.append(("adjusted", "time" if mine["adjusted"] else None, theirs.get("adjusted")))
        pairs.append(("ignored", mine.get("ignored") or None, theirs.get("ignored")))
        pairs.append(("silence", mine.get("silence"), theirs.get("silence")))
        pairs.append(("open_cases", mine["open_cases"], open_cases(theirs)))
        pairs.append(("roster", mine.get("roster"), theirs.get("roster")))
        pairs.append(("noted", mine.get("noted"), theirs.get("noted")))
        pairs += warning(mine.get("warning"), theirs.get("warning"))
    for name, ours, other in pairs:
        if ours != other:
            raise Difference(f"receipt.{name}: model {ours!r}, host {other!r}\n  host: {theirs}")


def open_cases(theirs):
    names = ["case", "subject", "unit", "handler", "state", "level", "opened", "last_contact", "by",
             "overdue"]
    return [{name: one.get(name) for name in names} for one in theirs.get("open_cases", [])]


def warning(mine, theirs):
    if mine is None or theirs is None:
        return [("warning", mine, theirs)]
    alert = mine.get("alert")
    return [
        ("warning.level", mine["level"], theirs.get("level")),
        ("warning.score", mine["score"], theirs.get("score")),
        ("warning.reasons", mine["reasons"],
         [(r["code"], r["points"]) for r in theirs.get("reasons", [])]),
        ("warning.actions", mine["actions"], theirs.get("actions", [])),
        ("warning.notices", mine["notices"],
         [(n["code"], n["text"], n["written"]) for n in theirs.get("notices", [])]),
        ("warning.case", mine.get("case"), theirs.get("case")),
        ("warning.alert", alert.seq if alert is not None else None, theirs.get("alert")),
    ]
