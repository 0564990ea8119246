#!/usr/bin/python3
"""Events as another implementation of MessagePack writes them, and what the decoder must say of them.
Usage: make_events.py > events.tsv

A line: hex TAB code, or "ok" TAB field TAB what it is. The decoder's checks are those of
redress-protocol(7), in its order, under a limit of 2,000 bytes; types and keys are those of
redress-events(7).
"""
import datetime
import msgpack

NOW = msgpack.Timestamp(1758506400, 5000)
TEXT = "要求全额退保,否则投诉到底"
CONTACT = {"customer": "c-1029", "channel": "95511", "unit": "xj/urumqi/d3"}
CONTACT_MORE = {"product": "universal-life", "contract": "P-2018-77", "seller": "s-31", "phone":
                "+86 991 2810001", "age": 67, "birth_year": 1954, "amount": "29730.50", "currency": "CNY",
                "issue": "misled", "text": TEXT, "tags": ["elderly", "老人"], "attributes":
                {"vip": True, "branch": 7, "delta": -3, "name": "乙"}, "handler": "h-9", "respondent":
                "xj/yining"}
COMPLAINT_MORE = {**CONTACT_MORE, "received": "2025-09-22T10:00:00+08:00", "contact": "call-1",
                  "regulator_ref": "R-1", "people": 3}
# what an amendment takes: everything but the unit
AMENDED = {"customer": "c-1029", "channel": "95511", **COMPLAINT_MORE}

# type: required data, further data
TYPES = {
    "contact.received": (CONTACT, CONTACT_MORE),
    "complaint.registered": (CONTACT, COMPLAINT_MORE),
    "case.forwarded": ({"body": "nfra-xj", "ref": "2025-17"},
                       {**CONTACT, **COMPLAINT_MORE, "answer_by": "2025-10-07"}),
    "case.assigned": ({"unit": "xj/yining"}, {"handler": "h-2"}),
    "case.acknowledged": ({"by": "h-2"}, {}),
    "case.customer_contacted": ({"by": "h-2"}, {"text": TEXT}),
    "case.joined": ({"by": "h-3"}, {"role": "supervisor of the floor"}),
    "case.noted": ({"by": "h-2", "text": TEXT}, {}),
    "case.amended": ({}, {**AMENDED, "body": "nfra", "ref": "7", "answer_by": NOW,
                          "due": "2025-10-07"}),
    "case.facts_added": ({"text": TEXT}, {}),
    "case.paused": ({"reason": "appraisal"}, {"until": NOW}),
    "case.resumed": ({"reason": "appraisal"}, {}),
    "case.extended": ({"clock": "decide", "approved_by": "parent", "reason": "complex"},
                      {"told_customer": True}),
    "case.escalated": ({"by": "h-2", "reason": "no answer"}, {"to": 3}),
    "case.chased": ({"by": "h-3", "question": "where does it stand?", "answer_by":
                     "2025-09-23T18:00:00+08:00"}, {"unit": "xj/yining", "asker": "xj"}),
    "case.answered": ({"by": "h-2", "text": TEXT}, {"unit": "xj/yining"}),
    "case.panel_opened": ({"participants": ["h-1", "h-2"]}, {}),
    "case.panel_concluded": ({"opinion": "uphold"}, {}),
    "case.mediation_called": ({"body": "mediation-xj"}, {"required": False}),
    "case.mediation_accepted": ({"by": "body"}, {}),
    "case.mediation_declined": ({"by": "customer"}, {}),
    "case.mediation_settled": ({}, {"amount": 12000, "currency": "CNY", "due": "2025-11-30"}),
    "case.mediation_failed": ({}, {}),
    "case.mediation_executed": ({}, {}),
    "case.decided": ({"outcome": "partly_upheld"},
                     {"amount": "5.5", "currency": "CNY", "accommodation": True, "paid_for":
                      "agreed_termination", "approved_by": "m-1", "liable": False}),
    "case.closed": ({"resolution": "paid"}, {}),
    "case.withdrawn": ({}, {}),
    "case.defused": ({"by": "h-2"}, {"measure": "explained"}),
    "case.merged": ({"into": 17, "reason": "same matter"}, {}),
    "case.reopened": ({"reason": "new evidence"}, {}),
    "case.review_requested": ({}, {"text": TEXT}),
    "case.review_decided": ({"outcome": "the decision stands"}, {}),
    "case.surveyed": ({"satisfied": False, "by": "m-2"}, {"score": 2, "text": "nobody called"}),
    "case.verified": ({"valid": False, "by": "m-1"}, {"reason": "mistaken identity"}),
    "case.cause_found": ({"cause": "misleading leaflet", "unit": "xj/yining"}, {"text": TEXT}),
    "case.rectified": ({"measure": "leaflet withdrawn", "by": "h-2"}, {}),
    "duty.verified": ({"effective": True, "by": "m-1"}, {}),
    "case.sanctioned": ({"person": "s-31", "role": "seller", "measure": "fine"}, {}),
    "case.notice_given": ({"notice": "tout-fraud"}, {"written": True}),
    "alert.acknowledged": ({"alert": 12, "by": "h-2"}, {}),
    "approval.given": ({"event": 12, "by": "m-1"}, {}),
    "silence.created": ({"matchers": {"unit": ["xj/yining", "xj/urumqi"], "age": ">=60", "rung": 2},
                         "until": NOW, "by": "o-1", "reason": "works"}, {}),
    "silence.ended": ({"silence": 1}, {}),
    "contract.screened": ({"contract": "P-2018-77", "risk": "watch"},
                          {"round": "2021", "customer": "c-1029", "product": "p", "unit": "xj",
                           "reasons": ["premium over income", "age"]}),
    "contract.cleared": ({"contract": "P-2018-77", "by": "h-2", "measure": "premium lowered"},
                         {"round": "2021"}),
    "unit.reported": ({"unit": "xj/yining", "date": "2025-09-22"}, {"opened": 0, "closed": 2, "open": 7}),
    "duty.opened": ({"duty": "training-2021", "unit": "xj/yining", "due": "2021-12-31"},
                    {"period": "2021", "total": 1088, "title": "消保培训"}),
    "duty.progressed": ({"duty": "training-2021", "unit": "xj/yining", "done": 10, "total": 1088},
                        {"period": "2021", "measures": ["course"], "case": 7}),
    "case.reapplied": ({"reason": "new rules"}, {}),
    "roster.overridden": ({"roster": "night", "unit": "xj/yining", "from": NOW,
                           "until": "2025-10-07T09:00:00+08:00", "by": "o-1"}, {}),
    "source.reset": ({"source": "crm"}, {}),
    "clock.accepted": ({}, {}),
    "quarantine.released": ({"digest": "00112233445566778899aabbccddeeff", "reason": "mended"}, {}),
    "dead.requeued": ({"number": 7}, {}),
    "customer.forgotten": ({"customer": "c-1029"}, {}),
    "figure.given": ({"figure": "accommodations", "as": "base", "period": "2020", "value":
                      "10216000.00"}, {"unit": "xj"}),
}


def needs(kind):
    if kind in ("contact.received", "complaint.registered"):
        return "subject"
    return "case" if kind.startswith("case.") or kind == "duty.verified" else ""


def event(kind, data=..., **more):
    e = {"id": "e-1", "source": "crm", "type": kind, "data": data}
    if needs(kind):
        e["subject"] = "K-7"
    e.update(more)
    return {k: v for k, v in e.items() if v is not ...}


def line(what, value, code="ok", field=""):
    data = value if isinstance(value, bytes) else msgpack.packb(value)
    print(data.hex(), code, field, what, sep="\t")


def good():
    for kind, (required, further) in TYPES.items():
        line(f"{kind} with what it needs", event(kind, required or ...))
        line(f"{kind} with all", event(kind, {**required, **further}, time=NOW, sequence=2**64 - 1,
                                       specversion="1.0", quiet=True, subject="K-7"))
        if needs(kind) == "case":
            line(f"{kind} by its number", event(kind, {**required, "case": 4}, subject=...))
    some = TYPES["case.noted"][0]
    line("unknown keys", event("case.noted", {**some, "sees": {"a": [1.5, None]}}, other=1.5, nil=None))
    line("a key that another type has", event("case.noted", {**some, "age": "sixty"}))
    line("an id of 128 bytes", event("case.noted", some, id="x" * 128))
    line("time as text", event("case.noted", some, time="2025-09-22T10:00:00.123456789+08:00"))
    line("time in UTC", event("case.noted", some, time="2025-09-22T02:00:00Z"))
    line("an ambiguous into", event("case.merged", {"into": "17", "reason": "r"}))
    line("ages", event("case.amended", {"age": 0, "birth_year": 1850, "people": 1}))
    line("ages, most", event("case.amended", {"age": 150, "birth_year": 2100, "people": 1000000}))
    line("no tags", event("case.amended", {"tags": [], "attributes": {}}))
    line("64 tags", event("case.amended", {"tags": ["t"] * 64}))
    line("datetime", event("case.paused", {"reason": "r", "until": msgpack.Timestamp.from_datetime(
        datetime.datetime(2500, 1, 1, tzinfo=datetime.timezone.utc))}))
    line("a figure below 0", event("figure.given", {**TYPES["figure.given"][0], "value": -5}))


def missing():
    for kind, (required, _) in TYPES.items():
        for key in required:
            rest = {k: v for k, v in required.items() if k != key}
            line(f"{kind} without {key}", event(kind, {"x": 1, **rest}), "missing_field", f"data.{key}")
        if required:
            line(f"{kind} without data", event(kind), "missing_field", "data")
        if needs(kind):
            line(f"{kind} about nothing", event(kind, required, subject=...), "missing_field", "subject")
    some = TYPES["case.noted"][0]
    for key in ("id", "source", "type"):
        line(f"no {key}", event("case.noted", some, **{key: ...}), "missing_field", key)
    line("nothing", {}, "missing_field", "id")
    line("missing before a bad type", event("case.noted", {"by": 5}), "missing_field", "data.text")
    line("missing before a bad text", event("case.noted", {"by": "h", "x": b"\xff"}), "missing_field",
         "data.text")
    line("a number is not on a contact", event("contact.received", {**CONTACT, "case": 4}, subject=...),
         "missing_field", "subject")


def same(what, value):
    """Taken as the one form that the schema shows."""
    line("same: " + what, value)


def plain():
    """What encoders write for the same: redress-protocol(7), "What counts as the same"."""
    some = TYPES["case.noted"][0]
    for key in ("specversion", "time", "sequence", "quiet"):
        same(f"{key} is nil", event("case.noted", some, **{key: None}))
    for key in ("specversion", "time", "sequence"):
        same(f"{key} is empty", event("case.noted", some, **{key: ""}))
    same("subject is nil", event("case.noted", {**some, "case": 4}, subject=None))
    same("subject is empty", event("case.noted", {**some, "case": 4}, subject=""))
    same("data is nil", event("case.withdrawn", data=None))
    same("every text is bin", event("case.noted", {k: v.encode() for k, v in some.items()}, id=b"e-1",
                                    source=b"crm", subject=b"K-7", type=b"case.noted"))
    same("keys are bin", {k.encode(): v for k, v in event("case.noted", some).items()})
    for value in ("7", "0007", str(2**64 - 1), 7.0, 2.0**63):
        same(f"sequence is {value}", event("case.noted", some, sequence=value))
    for value in ("2025-09-22T10:00:00+0800", "2025-09-22T10:00+08:00", "2025-09-22 10:00Z",
                  "2025-09-22T10:00-0330"):
        same(f"time is {value}", event("case.noted", some, time=value))
        same(f"until is {value}", event("case.paused", {"reason": "r", "until": value}))
    for value in (67.0, 0.0, -0.0, 150.0):
        same(f"age is {value}", event("case.amended", {"age": value}))
    same("a sum is a float", event("case.amended", {"amount": 5000.0}))
    same("a sum is a negative float", event("figure.given", {**TYPES["figure.given"][0], "value": -5.0}))
    same("a float of 32 bits", msgpack.packb(event("case.amended", {"age": 67.0}), use_single_float=True))
    same("into is a float", event("case.merged", {"into": 17.0, "reason": "r"}))
    same("an attribute is nil", event("case.amended", {"attributes": {"vip": None, "a": "", "b": 2.0}}))
    same("a tag is nil", event("case.amended", {"tags": [None, "a", ""]}))
    for kind, (required, further) in TYPES.items():
        for key, value in further.items():
            if key not in required:
                same(f"{kind}: {key} is nil", event(kind, {**required, key: None}))
            if isinstance(value, (str, msgpack.Timestamp)) or key in ("amount", "value", "due"):
                same(f"{kind}: {key} is empty", event(kind, {**required, key: ""}))
            if isinstance(value, int) and not isinstance(value, bool):
                same(f"{kind}: {key} is a float", event(kind, {**required, key: float(value)}))


STRANGE = {"float": 1.5, "bin": b"\xff", "array": [1.5], "ext": msgpack.ExtType(5, b"x")}


def bad_types():
    some = TYPES["case.noted"][0]
    for key in ("specversion", "id", "source", "type", "time", "subject", "sequence", "quiet", "data"):
        for what, value in STRANGE.items():
            line(f"{key} is {what}", event("case.noted", **{"data": some, key: value}), "bad_type", key)
    for key in ("id", "source", "type", "subject", "data"):
        line(f"{key} is nil", event("case.noted", **{"data": some, key: None}), "missing_field", key)
    line("id is a number", event("case.noted", some, id=7), "bad_type", "id")
    line("quiet is a number", event("case.noted", some, quiet=1), "bad_type", "quiet")
    line("time is a number", event("case.noted", some, time=1758506400), "bad_type", "time")
    seen = set()
    for kind, (required, further) in TYPES.items():
        for key, value in {**required, **further}.items():
            data = {**required, key: value}
            strange = {"float": 1.5} if key in seen else STRANGE
            seen.add(key)
            for what, other in strange.items():
                line(f"{kind}: {key} is {what}", event(kind, {**data, key: other}), "bad_type",
                     f"data.{key}")
            if key in required:
                line(f"{kind}: {key} is nil", event(kind, {**data, key: None}), "missing_field",
                     f"data.{key}")
            if isinstance(value, bool) or isinstance(value, (list, dict)):
                line(f"{kind}: {key} is 1", event(kind, {**data, key: 1}), "bad_type", f"data.{key}")
            if isinstance(value, int) and key not in ("amount", "value", "into"):
                line(f"{kind}: {key} is text", event(kind, {**data, key: "1"}), "bad_type", f"data.{key}")
    line("a tag is a number", event("case.amended", {"tags": ["a", 1]}), "bad_type", "data.tags")
    line("an attribute is a float", event("case.amended", {"attributes": {"a": 1, "vip": 1.5}}),
         "bad_type", "data.attributes.vip")
    line("an attribute is an array", event("case.amended", {"attributes": {"vip": ["a"]}}), "bad_type",
         "data.attributes.vip")
    silence = TYPES["silence.created"][0]
    line("a matcher is a float", event("silence.created", {**silence, "matchers": {"age": 1.5}}),
         "bad_type", "data.matchers.age")
    line("a matcher's list holds nil", event("silence.created", {**silence, "matchers": {"age": [None]}}),
         "bad_type", "data.matchers.age")
    line("a bad type before a bad value", event("case.noted", {"by": "", "text": 7}), "bad_type",
         "data.text")
    line("a bad type before a bad value of the envelope", event("case.noted", {"by": 1, "text": "t"},
         id=""), "bad_type", "data.by")


def bad_values():
    some = TYPES["case.noted"][0]
    for key in ("id", "source"):
        line(f"{key} is empty", event("case.noted", some, **{key: ""}), "bad_value", key)
    line("subject is empty", event("case.noted", some, subject=""), "missing_field", "subject")
    for key in ("id", "source", "subject"):
        line(f"{key} is long", event("case.noted", some, **{key: "x" * 129}), "bad_value", key)
    line("type is empty", event("", some), "bad_value", "type")
    for value in ("1", "1.0 ", "0.3"):
        line("specversion", event("case.noted", some, specversion=value), "bad_value", "specversion")
    for value in ("2025-09-22", "2025-09-22T10:00:00", "2025-02-30T10:00:00Z", "yesterday",
                  "2025-09-22T10:00", "2025-09-22T10:00:00+08", "2025-09-22T10Z", "2025-09-22T10:00.5Z",
                  "10000-01-01T00:00:00Z", msgpack.Timestamp(2**40, 0), msgpack.Timestamp(-2**40, 0)):
        line(f"time is {value}", event("case.noted", some, time=value), "bad_value", "time")
        line(f"until is {value}", event("case.paused", {"reason": "r", "until": value}), "bad_value",
             "data.until")
    for value in ("2025-9-22", "2025-02-30", "2025-09-22T10:00:00", msgpack.Timestamp(2**40, 0)):
        line(f"due is {value}", event("case.mediation_settled", {"due": value}), "bad_value", "data.due")
    for value in (0, -1, "0", "-1", "+1", "1.0", "one", " 1", str(2**64), -1.0):
        line(f"sequence is {value}", event("case.noted", some, sequence=value), "bad_value", "sequence")
    for key, values in {"age": (-1, 151), "birth_year": (0, 1849, 2101, -1), "people": (0, 1000001),
                        "case": (0, 2**53 + 1, -1), "amount": ("1.234", "1e5", "five", -1, "-0.01",
                        2**63, 2**64 - 1, "92233720368547758.08"), "currency": ("x" * 9,),
                        "phone": ("0" * 65,), "respondent": ("x" * 257,),
                        "tags": (["t"] * 65, ["x" * 1025]), "attributes": (
                            {"": 1}, {"x" * 65: 1}, {f"{i:x}": 1 for i in range(65)})}.items():
        for value in values:
            line(f"{key} is {str(value)[:20]}", event("case.amended", {key: value}), "bad_value",
                 f"data.{key}")
    line("unit is long", event("case.assigned", {"unit": "x" * 257}), "bad_value", "data.unit")
    for value in ("x" * 1025, 2**63):
        line("an attribute's value", event("case.amended", {"attributes": {"vip": value}}), "bad_value",
             "data.attributes.vip")
    for kind, key in (("case.decided", "outcome"), ("case.decided", "paid_for"), ("contract.screened",
                      "risk"), ("figure.given", "as"), ("case.mediation_accepted", "by"),
                      ("case.sanctioned", "role")):
        data = {**TYPES[kind][0], **TYPES[kind][1]}
        for value in ("other", data[key].upper(), data[key] + " "):
            line(f"{key} is no code", event(kind, {**data, key: value}), "bad_value", f"data.{key}")
    for kind, key in (("case.panel_opened", "participants"), ("silence.created", "matchers")):
        empty = type(TYPES[kind][0][key])()
        line(f"no {key}", event(kind, {**TYPES[kind][0], key: empty}), "bad_value", f"data.{key}")
    line("participants that are absent", event("case.panel_opened", {"participants": [None, ""]}),
         "bad_value", "data.participants")
    silence = TYPES["silence.created"][0]
    line("a matcher is empty", event("silence.created", {**silence, "matchers": {"age": ""}}),
         "bad_value", "data.matchers.age")
    line("a matcher is nil", event("silence.created", {**silence, "matchers": {"age": None}}),
         "bad_type", "data.matchers.age")
    line("33 matchers", event("silence.created", {**silence, "matchers": {str(i): 1 for i in range(33)}}),
         "bad_value", "data.matchers")
    line("a matcher's list is empty", event("silence.created", {**silence, "matchers": {"age": []}}),
         "bad_value", "data.matchers.age")
    for value in (0, -4, 2**53 + 1, "", "x" * 129):
        line(f"into is {str(value)[:20]}", event("case.merged", {"into": value, "reason": "r"}),
             "bad_value", "data.into")
    report = TYPES["unit.reported"][0]
    for value in ("", "22.09.2025", "2025-02-29", "2025-09-22T00:00:00Z"):
        line("date", event("unit.reported", {**report, "date": value}), "bad_value", "data.date")
    for kind, key in (("alert.acknowledged", "alert"), ("silence.ended", "silence"),
                      ("case.escalated", "to")):
        data = {**TYPES[kind][0], **TYPES[kind][1], key: 0}
        line(f"{key} counts from 1", event(kind, data), "bad_value", f"data.{key}")


def bad_texts():
    def spoil(value, old=b"SPOIL", new=b"\xc0\x80\xff\xfe\xfd"):
        return msgpack.packb(value).replace(old, new)
    line("text", spoil(event("case.noted", {"by": "h", "text": "SPOIL"})), "bad_value", "data.text")
    line("id", spoil(event("case.noted", {"by": "h", "text": "t"}, id="SPOIL")), "bad_value", "id")
    line("a tag", spoil(event("case.amended", {"tags": ["a", "SPOIL"]})), "bad_value", "data.tags")
    line("an unknown key's value", spoil(event("case.withdrawn", x={"y": {"z": "SPOIL"}})), "bad_value",
         "x.y.z")
    line("a key", spoil(event("case.withdrawn", {"SPOIL": 1})), "bad_value", "data")
    line("a key of the envelope", spoil(event("case.withdrawn", SPOIL=1)), "bad_value", "")


def unknown():
    for kind in ("contact.receive", "contact.received ", "CONTACT.RECEIVED", "x", "case.", "x" * 300):
        line("no such type", event(kind), "unknown_type", "type")
        line("its data are not looked at", event(kind, {"age": 1.5}), "unknown_type", "type")
    line("no such type, but first of all", event("x", {}, source=...), "missing_field", "source")
    line("no such type, but before", event("x", 5), "bad_type", "data")
    line("no such type, but before", event("x", {}, sequence=0), "bad_value", "sequence")


def malformed():
    deep = lambda n: b"\x81\xa1x" * n + b"\x01"
    fine = msgpack.packb(event("case.withdrawn"))
    line("nothing", b"", "malformed")
    line("not a map", [1], "malformed")
    line("text", "text", "malformed")
    line("nil", None, "malformed")
    line("JSON", b'{"id": "e-1"}', "malformed")
    line("a key that is bin and no text", b"\x81\xc4\x01\xff\x01", "malformed")
    line("a key twice, once as bin", b"\x82\xa1x\x01\xc4\x01x\x01", "malformed")
    line("trailing", fine + b"\xc0", "malformed")
    line("cut short", fine[:-1], "malformed")
    line("an array bomb", bytes.fromhex("ddffffffff"), "malformed")
    line("16 levels", deep(16), "missing_field", "id")
    line("17 levels", deep(17), "malformed")
    line("17 levels, the last empty", b"\x81\xa1x" * 16 + b"\x90", "malformed")
    line("a key twice", fine[:1].replace(b"\x84", b"\x85") + fine[1:] + b"\xa2id\x01", "malformed")
    line("a key twice below", b"\x81\xa1x\x82\xa1y\x01\xa1y\x01", "malformed")
    line("a key that is no text", b"\x81\x01\x01", "malformed")
    line("a timestamp of one byte", msgpack.packb(event("case.withdrawn", time=0))[:-1] + b"\xd4\xff\x00",
         "malformed")
    line("a billion nanoseconds", msgpack.packb(event("case.withdrawn", time=0))[:-1]
         + bytes.fromhex("d7ffee6b280000000001"), "malformed")
    line("malformed before missing", b"\x82\xa1x\x01\xa1x\x01", "malformed")
    line("too large", event("case.noted", {"by": "h", "text": "x" * 2000}), "too_large")
    line("too large before malformed", b"\xc1" * 2001, "too_large")


for part in (good, plain, missing, bad_types, bad_values, bad_texts, unknown, malformed):
    part()
