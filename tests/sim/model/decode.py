"""The envelope and data of an event: what can be refused without any state."""
import re
from datetime import date, datetime

import msgpack

from .worktime import us_of

MAX_BYTES = 64 * 1024

# type -> required keys of data
REQUIRED = {
    "contact.received": ["customer", "channel", "unit"],
    "complaint.registered": ["customer", "channel", "unit"],
    "case.forwarded": ["body", "ref"],
    "case.assigned": ["unit"],
    "case.acknowledged": ["by"],
    "case.customer_contacted": ["by"],
    "case.joined": ["by"],
    "case.noted": ["by", "text"],
    "case.amended": [],
    "case.facts_added": ["text"],
    "case.paused": ["reason"],
    "case.resumed": ["reason"],
    "case.extended": ["clock", "approved_by", "reason"],
    "case.escalated": ["by", "reason"],
    "case.chased": ["by", "question", "answer_by"],
    "case.answered": ["by", "text"],
    "case.panel_opened": ["participants"],
    "case.panel_concluded": ["opinion"],
    "case.mediation_called": ["body"],
    "case.mediation_accepted": ["by"],
    "case.mediation_declined": ["by"],
    "case.mediation_settled": [],
    "case.mediation_failed": [],
    "case.mediation_executed": [],
    "case.decided": ["outcome"],
    "case.closed": ["resolution"],
    "case.withdrawn": [],
    "case.defused": ["by", "measure"],
    "case.merged": ["into", "reason"],
    "case.reopened": ["reason"],
    "case.review_requested": [],
    "case.review_decided": ["outcome"],
    "case.verified": ["valid", "by"],
    "case.surveyed": ["satisfied", "by"],
    "case.cause_found": ["cause", "unit"],
    "case.rectified": ["measure", "by"],
    "case.sanctioned": ["person", "role", "measure"],
    "case.notice_given": ["notice"],
    "alert.acknowledged": ["alert", "by"],
    "silence.created": ["matchers", "until", "by", "reason"],
    "silence.ended": ["silence"],
    "contract.screened": ["contract", "risk"],
    "unit.reported": ["unit", "date", "opened", "closed", "open"],
    "contract.cleared": ["contract", "by", "measure"],
    "roster.overridden": ["roster", "unit", "from", "until", "by"],
    "duty.opened": ["duty", "unit", "due"],
    "duty.progressed": ["duty", "unit", "done", "total"],
    "duty.verified": ["effective", "by"],
    "case.reapplied": ["reason"],
    "source.reset": ["source"],
    "clock.accepted": [],
    "quarantine.released": ["digest", "reason"],
    "dead.requeued": ["number"],
    "customer.forgotten": ["customer"],
    "approval.given": ["event", "by"],
    "figure.given": ["figure", "as", "period", "value"],
}
CONTACT_KEYS = """customer channel unit product contract seller phone age birth_year amount currency
issue text tags attributes handler respondent""".split()
COMPLAINT_KEYS = CONTACT_KEYS + ["received", "contact", "regulator_ref", "people"]
# Keys of data that a type names beside the required ones; others are ignored.
OPTIONAL = {
    "contact.received": CONTACT_KEYS,
    "complaint.registered": COMPLAINT_KEYS,
    "case.forwarded": COMPLAINT_KEYS + ["answer_by"],
    "case.assigned": ["handler"],
    "case.customer_contacted": ["text"],
    "case.joined": ["role"],
    "case.amended": [key for key in COMPLAINT_KEYS if key != "unit"] + ["answer_by", "body", "ref", "due", "title"],
    "case.paused": ["until"],
    "case.extended": ["told_customer"],
    "case.escalated": ["to"],
    "case.chased": ["unit", "asker"],
    "case.answered": ["unit"],
    "case.mediation_called": ["required"],
    "case.mediation_settled": ["amount", "currency", "due"],
    "case.decided": ["amount", "currency", "accommodation", "paid_for", "approved_by", "liable"],
    "case.reopened": ["text"],
    "case.review_requested": ["text"],
    "case.verified": ["reason"],
    "case.surveyed": ["score", "text"],
    "case.cause_found": ["text"],
    "case.notice_given": ["written"],
    "contract.screened": ["round", "customer", "product", "unit", "reasons"],
    "contract.cleared": ["round"],
    "duty.opened": ["period", "total", "title"],
    "duty.progressed": ["period", "measures", "case"],
    "figure.given": ["unit"],
}
NEEDS_SUBJECT = ("contact.received", "complaint.registered")
KINDS = {
    "case": "uint", "age": "uint", "birth_year": "uint", "people": "uint", "to": "uint",
    "alert": "uint", "silence": "uint", "total": "uint", "done": "uint", "opened": "uint",
    "closed": "uint", "open": "uint", "score": "uint", "event": "uint", "number": "uint",
    "amount": "money", "value": "money",
    "told_customer": "bool", "required": "bool", "accommodation": "bool", "liable": "bool",
    "valid": "bool", "written": "bool", "effective": "bool", "satisfied": "bool",
    "received": "time", "until": "time", "from": "time", "answer_by": "due", "due": "due", "date": "date",
    "tags": "strs", "participants": "strs", "reasons": "strs", "measures": "strs",
    "attributes": "attrs", "matchers": "map", "into": "into",
}
STRINGS = """customer channel unit product contract seller phone currency issue text handler
respondent contact regulator_ref body ref by role reason clock approved_by question opinion outcome
paid_for resolution measure cause person notice risk round duty period title source figure
as roster asker digest""".split()
CODES = {
    "outcome": ["upheld", "partly_upheld", "rejected", "settled"],
    "paid_for": ["agreed_termination", "refund", "compensation", "goodwill"],
    "risk": ["none", "watch", "high"],
    "as": ["base", "target", "denominator", "rank"],
}
ROLES = ["seller", "supervisor", "manager"]
PARTIES = ["customer", "firm", "body"]


class Reject(Exception):
    def __init__(self, code, field=None, why=""):
        super().__init__(f"{code} {field} {why}")
        self.code = code
        self.field = field


class Event:
    """The envelope's attributes, and data with times as microseconds and dates as date."""

    def __init__(self):
        self.id = self.source = self.type = self.time = self.subject = self.sequence = None
        self.quiet = False
        self.named = None  # data.unit as it was written
        self.data = {}
        self.ignored = []  # keys of data that the type does not name
        self.content = None  # equal where the same id says the same again


def read_time(value, field, dates=False):
    """Microseconds, or a date where that is allowed."""
    if isinstance(value, msgpack.Timestamp):
        return value.seconds * 1_000_000 + value.nanoseconds // 1000
    if not isinstance(value, str):
        raise Reject("bad_type", field)
    try:
        if dates and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value)
        if not re.fullmatch(
                r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)", value):
            raise ValueError
        return us_of(datetime.fromisoformat(value.upper().replace("Z", "+00:00")))
    except ValueError:
        raise Reject("bad_value", field) from None


def read_kind(kind, value, field):
    """One value of data. Raises bad_type or bad_value."""
    if kind == "uint":
        if isinstance(value, bool) or not isinstance(value, int):
            raise Reject("bad_type", field)
        if not 0 <= value <= 2 ** 53:
            raise Reject("bad_value", field)
        return value
    if kind == "bool":
        if not isinstance(value, bool):
            raise Reject("bad_type", field)
        return value
    if kind == "money":
        if isinstance(value, int) and not isinstance(value, bool):
            return value * 100
        if not isinstance(value, str):
            raise Reject("bad_type", field)
        if not re.fullmatch(r"-?\d{1,15}(\.\d{1,2})?", value):
            raise Reject("bad_value", field)
        whole, _, part = value.partition(".")
        return (abs(int(whole)) * 100 + int((part + "00")[:2])) * (-1 if value[0] == "-" else 1)
    if kind in ("time", "due"):
        return read_time(value, field, dates=kind == "due")
    if kind == "date":
        if not isinstance(value, str):
            raise Reject("bad_type", field)
        found = read_time(value, field, dates=True)
        if not isinstance(found, date):
            raise Reject("bad_value", field)
        return found
    if kind == "strs":
        if not isinstance(value, list):
            raise Reject("bad_type", field)
        value = [one for one in value if one is not None and one != ""]
        if not all(isinstance(one, str) for one in value):
            raise Reject("bad_type", field)
        return value
    if kind in ("attrs", "map"):
        if not isinstance(value, dict):
            raise Reject("bad_type", field)
        return {k: v for k, v in value.items() if kind == "map" or (v is not None and v != "")}
    if kind == "into" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Reject("bad_type", field)
    if value == "":
        raise Reject("bad_value", field)
    return value


MAY_BE_TEXT = ("time", "due", "date", "money", "into", "str")


def plain(value):
    """One form for what encoders write in several: whole floats, and binary that is text."""
    if isinstance(value, float) and value.is_integer() and -2 ** 63 <= value < 2 ** 64:
        return int(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    return value


def present(found):
    """Without what counts as absent: nil, and the empty text where a text is optional."""
    optional = ("specversion", "time", "subject", "sequence")
    found = {k: v for k, v in found.items() if v is not None and not (v == "" and k in optional)}
    required = REQUIRED.get(found.get("type")) if isinstance(found.get("type"), str) else None
    if isinstance(found.get("data"), dict) and required is not None:
        found["data"] = {
            k: v for k, v in found["data"].items()
            if v is not None and not (v == "" and k not in required and (
                k in STRINGS or KINDS.get(k) in MAY_BE_TEXT))}
    return found


def says_nothing(value):
    """What plays no part when contents are compared."""
    if isinstance(value, (list, dict)):
        return all(map(says_nothing, value.values() if isinstance(value, dict) else value))
    return value is None or value == ""


def frozen(value):
    """A value to compare: the order of keys plays no part."""
    if isinstance(value, dict):
        return frozenset((k, frozen(v)) for k, v in value.items() if not says_nothing(v))
    if isinstance(value, list):
        return tuple(frozen(one) for one in value if not says_nothing(one))
    return type(value).__name__, value


def envelope(raw):
    """The map, whose keys are not yet looked at."""
    if len(raw) > MAX_BYTES:
        raise Reject("too_large")
    try:
        found = msgpack.unpackb(raw, timestamp=0, strict_map_key=True)
    except Exception:
        raise Reject("malformed") from None
    if not isinstance(found, dict):
        raise Reject("malformed")
    return present(plain(found))


def missing(found):
    for key in ("id", "source", "type"):
        if key not in found:
            raise Reject("missing_field", key)
    kind = found["type"]
    required = REQUIRED.get(kind, []) if isinstance(kind, str) else []
    data = found.get("data")
    if isinstance(kind, str) and kind in NEEDS_SUBJECT and "subject" not in found:
        raise Reject("missing_field", "subject")
    if isinstance(kind, str) and kind.startswith("case.") and kind in REQUIRED:
        if "subject" not in found and not (isinstance(data, dict) and "case" in data):
            raise Reject("missing_field", "subject")
    if data is None or isinstance(data, dict):
        for key in required:
            if key not in (data or {}):
                raise Reject("missing_field", "data." + key)


def text_of(found, event, key, limit=128):
    value = found[key]
    if not isinstance(value, str):
        raise Reject("bad_type", key)
    if not 1 <= len(value.encode()) <= limit:
        return Reject("bad_value", key)
    setattr(event, key, value)
    return None


def decode(raw):
    """An Event, or Reject. All of one kind of fault is looked for before the next kind."""
    found = envelope(raw)
    missing(found)
    event, wrong = Event(), []
    for key in ("id", "source", "type", "subject"):
        if key in found:
            wrong.append(text_of(found, event, key))
    if "specversion" in found:
        if not isinstance(found["specversion"], str):
            raise Reject("bad_type", "specversion")
        wrong.append(Reject("bad_value", "specversion") if found["specversion"] != "1.0" else None)
    if "sequence" in found:
        value = found["sequence"]
        if isinstance(value, str):
            value = int(value) if re.fullmatch(r"[0-9]+", value) else 0
        if isinstance(value, bool) or not isinstance(value, int):
            raise Reject("bad_type", "sequence")
        wrong.append(Reject("bad_value", "sequence") if not 1 <= value < 2 ** 64 else None)
        event.sequence = value
    if "quiet" in found:
        if not isinstance(found["quiet"], bool):
            raise Reject("bad_type", "quiet")
        event.quiet = found["quiet"]
    if "time" in found:
        try:
            event.time = read_time(found["time"], "time")
        except Reject as reject:
            if reject.code == "bad_type":
                raise
            wrong.append(reject)
    data = found.get("data", {})
    if not isinstance(data, dict):
        raise Reject("bad_type", "data")
    named = REQUIRED.get(event.type, []) + OPTIONAL.get(event.type, []) + ["case"]
    if isinstance(event.type, str) and event.type.startswith("case."):
        named.append("by")
    content = {}
    for key, value in data.items():
        if key not in named:
            event.ignored.append("data." + key)
            content["unnamed", key] = value
            continue
        kind = KINDS.get(key, "str" if key in STRINGS else None)
        if kind is None:
            continue
        try:
            event.data[key] = read_kind(kind, value, "data." + key)
        except Reject as reject:
            if reject.code == "bad_type":
                raise
            wrong.append(reject)
        else:
            wrong.append(closed_list(event.type, key, event.data[key]))
            content[key] = event.data[key] if key != "into" else value
    for reject in wrong:
        if reject is not None:
            raise reject
    if event.type not in REQUIRED:
        raise Reject("unknown_type", "type")
    event.content = event.type, event.subject, frozen(content)
    return event


def closed_list(kind, key, value):
    allowed = CODES.get(key)
    if kind == "case.review_decided":
        allowed = None
    if kind == "case.sanctioned" and key == "role":
        allowed = ROLES
    if kind == "case.mediation_accepted" and key == "by":
        allowed = PARTIES
    if allowed is not None and value not in allowed:
        return Reject("bad_value", "data." + key)
    return None
