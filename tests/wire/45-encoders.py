#!/usr/bin/python3
"""What encoders write in several forms is read as one: every optional key of every type in each.

The types and their keys come from the JSON Schema; what a form must give from the table of
redress-protocol(7), "What is taken for the same". An event that differs from its first sending in
form alone is its duplicate, which shows that the value was read as meant.
"""
import json
import os
import pathlib
import struct

from harness import Daemon, binary, complaint, contact, event, pack, run, unpack

SCHEMA = json.loads(pathlib.Path(os.environ.get("REDRESS_SCHEMA") or pathlib.Path(
    binary()).parent.parent / "redress-events.schema.json").read_text(encoding="utf-8"))
MARK = "@@form@@"
LATER = ("no longer kept", "dead.list tells which are kept", "that is new needs", "no silence", "limits.silence",
         "no roster", "waits for a second person", "in quarantine")  # only the state shows it
DECODER = {"malformed", "missing_field", "bad_type", "bad_value"}
GOOD = {"case": 1, "into": "k-1", "due": "2030-01-01", "answer_by": "2030-01-01",
        "date": "2026-01-01", "from": "2029-01-01T00:00:00Z",
        "until": "2030-01-01T00:00:00Z", "received": "2026-01-01T00:00:00Z",
        "participants": ["a"], "matchers": {"unit": "xj"}}


def formed(made, form):
    """The event's bytes with `form` where the mark stands."""
    raw = pack(made)
    assert raw.count(pack(MARK)) == 1, made
    return raw.replace(pack(MARK), form)


def shape(key):
    return SCHEMA["$defs"]["data." + key]


def kind_of(key):
    """text, number, money, flag, list, map, matchers."""
    what = shape(key)
    if "anyOf" in what:
        return "text"
    if what["type"] == ["string", "integer"]:
        return "money"
    return {"string": "text", "integer": "number", "boolean": "flag", "array": "list",
            "object": "matchers" if key == "matchers" else "map"}[what["type"]]


def good(kind, key):
    """A value that the key takes on the type."""
    of_type = SCHEMA["$defs"][kind]["properties"]["data"]["properties"][key]
    if "enum" in of_type:
        return of_type["enum"][0]
    if key in GOOD:
        return GOOD[key]
    return {"text": "x", "number": max(1, shape(key).get("minimum", 1)), "money": "5.00",
            "flag": True, "list": ["a"], "map": {"a": 1}}[kind_of(key)]


def events():
    """(type, key, whether it is required, an event with the mark as that key's value)."""
    for kind in SCHEMA["properties"]["type"]["enum"]:
        data = SCHEMA["$defs"][kind]["properties"]["data"]
        for key in data["properties"]:
            made = event(kind, subject="k-1", data={
                **{name: good(kind, name) for name in data["required"]}, key: MARK})
            yield kind, key, key in data["required"], made


def heads(tags, number):
    """The number in each of MessagePack's widths that holds it."""
    made = []
    for tag, form in tags:
        try:
            made.append(bytes([tag]) + struct.pack(form, number))
        except struct.error:
            pass
    return made


def widths(number):
    made = heads([(0xcc, ">B"), (0xcd, ">H"), (0xce, ">I"), (0xcf, ">Q"), (0xd1, ">h"), (0xd2, ">i"),
                  (0xd3, ">q"), (0xcb, ">d")], number)
    return made + ([bytes([number])] if number < 128 else []) + (
        heads([(0xca, ">f")], number) if number < 2 ** 24 else [])


def texts(text):
    """The text in each of MessagePack's forms, binary among them."""
    raw = text.encode()
    return [bytes([0xd9, len(raw)]) + raw, b"\xda" + struct.pack(">H", len(raw)) + raw,
            b"\xdb" + struct.pack(">I", len(raw)) + raw, bytes([0xc4, len(raw)]) + raw,
            b"\xc5" + struct.pack(">H", len(raw)) + raw, b"\xc6" + struct.pack(">I", len(raw)) + raw]


def rows(kind, key, is_required):
    """The table: form → the error that it must give, or None."""
    of = kind_of(key)
    yield b"\xc0", "missing_field" if is_required else None
    takes_text = of in ("text", "money")
    yield b"\xa0", None if takes_text and not is_required else "bad_value" if takes_text else "bad_type"
    yield b"\xcb" + struct.pack(">d", 1.5), "bad_type"
    yield b"\xcb" + struct.pack(">d", 1e300), "bad_type"
    yield b"\xcb" + struct.pack(">d", float("nan")), "bad_type"
    yield b"\xc4\x01\xff", "bad_type"
    yield b"\xd4\x05x", "bad_type"
    if of == "number":
        for number in (shape(key)["minimum"], shape(key)["maximum"]):
            for form in widths(number):
                yield form, None
    elif of == "money":
        for form in texts("5.00") + widths(5) + widths(0):
            yield form, None
    elif of == "text" and isinstance(good(kind, key), str):
        for form in texts(good(kind, key)):
            yield form, None
    elif of == "list":
        yield pack(["a", None, "", b"b"]), None
        yield pack([None, ""]), "bad_value" if is_required else None
        yield pack([1]), "bad_type"
    elif of == "map":
        yield pack({"a": None, "b": "", b"c": b"d", "e": 2.0}), None
        yield pack({"a": 1.5}), "bad_type"
    elif of == "matchers":
        yield pack({b"unit": b"xj", "rung": 2.0}), None
        yield pack({"unit": None}), "bad_type"
        yield pack({"unit": ""}), "bad_value"


def test_every_key_of_every_type():
    sent = [(kind, key, form, want, formed(made, form)) for kind, key, is_required, made in events()
            for form, want in rows(kind, key, is_required)]
    wrong = []
    with Daemon() as daemon:
        intake = daemon.intake()
        for begin in range(0, len(sent), 1000):
            part = sent[begin:begin + 1000]
            for (kind, key, form, want, _), got in zip(part, intake.send(*[one[4] for one in part])):
                error = got.get("error") or {}
                is_here = (error.get("field") or "").split(".")[:2] == ["data", key]
                is_later = error.get("code") not in DECODER or any(
                    words in error["message"] for words in LATER)
                found = error["code"] if is_here and not is_later else None
                if found != want:
                    wrong.append((kind, key, form, want, got))
    assert not wrong, f"{len(wrong)} of {len(sent)}: {wrong[:5]}"
    assert len(sent) > 3000, len(sent)
    print(f"{len(sent)} events")


ENVELOPE = {  # key: forms that are as if it were absent, then forms of one value
    "specversion": ([b"\xc0", b"\xa0"], texts("1.0")),
    "time": ([b"\xc0", b"\xa0"], []),
    "sequence": ([b"\xc0", b"\xa0"], widths(1000) + texts("1000") + texts("0001000")),
    "quiet": ([b"\xc0"], []),
}


def statuses(receipts):
    return [one["status"] for one in receipts]


def test_the_envelope():
    with Daemon() as daemon:
        intake = daemon.intake()
        for key, (absent, forms) in ENVELOPE.items():
            made = contact(f"s-{key}", channel="branch")
            got = intake.send(made, *[formed({**made, key: MARK}, form) for form in absent])
            assert statuses(got) == ["accepted"] + ["duplicate"] * len(absent), (key, got)
            if forms:
                made = {**contact(f"t-{key}", channel="branch"), "source": key, key: MARK}
                got = intake.send(*[formed(made, form) for form in forms])
                assert statuses(got) == ["accepted"] + ["duplicate"] * (len(forms) - 1), (key, got)
        made = {**contact("u-1", channel="branch"), "id": "e-1", "source": "crm"}
        intake.accept(made)
        for key, value in (("id", "e-1"), ("source", "crm"), ("subject", "u-1"),
                           ("type", "contact.received")):
            got = intake.send(*[formed({**made, key: MARK}, form) for form in texts(value)])
            assert statuses(got) == ["duplicate"] * 6, (key, got)
        keyed = {key.encode(): value for key, value in made.items()}
        assert statuses([intake.send(keyed)]) == ["duplicate"]
        nothing = event("case.withdrawn", subject="u-1")
        for data in (b"\xc0", b"\x80"):
            got = intake.send(formed({**nothing, "data": MARK}, data))
            assert got.get("error", {}).get("field") == "subject", got  # below the level: no case
        for key in ("id", "source", "type", "subject", "data"):
            error = intake.send(formed({**made, key: MARK}, b"\xc0"))["error"]
            assert (error["code"], error["field"]) == ("missing_field", key), error


def test_what_is_read_is_what_was_meant():
    """Each form of a value is the duplicate of the first one, and the case has it once."""
    values = {"age": widths(67), "people": widths(3), "amount": texts("5000.00") + widths(5000),
              "phone": texts("13900001111"), "text": texts("要求退保"), "product": texts("pension"),
              "tags": [pack([b"a", None]), pack(["a", ""]), b"\xdc\x00\x01\xa1a"],
              "attributes": [pack({b"vip": 7.0, "x": None}), pack({"vip": 7, "y": ""})],
              "received": texts("2026-01-05T10:00:00+08:00") + texts("2026-01-05T10:00+0800")
              + [b"\xd6\xff" + struct.pack(">I", 1767578400)]}
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for key, forms in values.items():
            made = complaint(f"k-{key}", customer=key)
            made["data"][key] = MARK
            got = intake.send(*[formed(made, form) for form in forms])
            assert statuses(got) == ["accepted"] + ["duplicate"] * (len(forms) - 1), (key, got)
        for key, want in (("age", 67), ("people", 3), ("amount", "5000.00"), ("phone", "13900001111"),
                          ("text", "要求退保"), ("tags", ["a"]), ("attributes", {"vip": 7})):
            row = desk.call("case.get", subject=f"k-{key}")
            assert want in (row.get(key), row["attributes"].get(key)), (key, row)


def test_messages_say_what_came():
    with Daemon() as daemon:
        intake = daemon.intake()
        for value, words in ((1.5, "a float"), (b"\xff", "binary"), ([1], "an array"), ({}, "a map"),
                             ("x", "text"), (True, "true or false")):
            made = contact("m-1")
            made["data"]["age"] = value
            error = intake.send(made)["error"]
            assert error["code"] == "bad_type" and error["message"].endswith("here is " + words), error
        for raw in (json.dumps(contact("j-1")).encode(), b"[" + json.dumps({}).encode() + b"]"):
            error = intake.send(raw)["error"]
            assert error["code"] == "malformed" and "JSON" in error["message"], error


run(globals())
