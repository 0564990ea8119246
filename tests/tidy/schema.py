#!/usr/bin/python3
"""The JSON Schema agrees with the decoder: what vectors/events.tsv says is taken is valid, what it
says is refused is not. Usage: schema.py SCHEMA EVENTS_TSV

The interpreter below knows the words that the schema uses, and fails on any other.
"""
import datetime
import json
import re
import sys

import msgpack

TYPES = {"string": str, "object": dict, "array": list, "boolean": bool}
NOTES = {"$schema", "$id", "$defs", "title", "description"}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def is_format(value, name):
    if not isinstance(value, str):
        return True
    try:
        if name == "date":
            return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)) and bool(
                datetime.date.fromisoformat(value))
        hit = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", value)
        return bool(hit) and bool(datetime.datetime.fromisoformat(hit[1]))
    except ValueError:
        return False


def over(kind, test):
    return lambda value, bound: not isinstance(value, kind) or test(value, bound)


NUMBER = (int,)
WORDS = {
    "const": lambda v, w: v == w,
    "enum": lambda v, w: v in w,
    "format": is_format,
    "pattern": over(str, lambda v, w: re.search(w, v)),
    "minLength": over(str, lambda v, w: len(v) >= w),
    "maxLength": over(str, lambda v, w: len(v) <= w),
    "minimum": over(NUMBER, lambda v, w: isinstance(v, bool) or v >= w),
    "maximum": over(NUMBER, lambda v, w: isinstance(v, bool) or v <= w),
    "minItems": over(list, lambda v, w: len(v) >= w),
    "maxItems": over(list, lambda v, w: len(v) <= w),
    "minProperties": over(dict, lambda v, w: len(v) >= w),
    "maxProperties": over(dict, lambda v, w: len(v) <= w),
    "required": over(dict, lambda v, w: all(k in v for k in w)),
}


class Schema:
    def __init__(self, text):
        self.root = json.loads(text)

    def holds(self, value, schema):
        return all(self.word(value, schema, name) for name in schema if name not in NOTES)

    def word(self, value, schema, name):
        want = schema[name]
        if name in WORDS:
            return WORDS[name](value, want)
        if name == "type":
            return any(is_type(value, t) for t in (want if isinstance(want, list) else [want]))
        if name == "$ref":
            return self.holds(value, self.root["$defs"][want.removeprefix("#/$defs/")])
        if name == "anyOf":
            return any(self.holds(value, s) for s in want)
        if name == "allOf":
            return all(self.holds(value, s) for s in want)
        if name == "if":
            return not self.holds(value, want) or self.holds(value, schema["then"])
        if name == "then":
            return True
        if name == "items":
            return not isinstance(value, list) or all(self.holds(v, want) for v in value)
        if name == "properties":
            return not isinstance(value, dict) or all(
                self.holds(value[k], s) for k, s in want.items() if k in value)
        if name == "propertyNames":
            return all(self.holds(k, want) for k in value)
        if name == "additionalProperties":
            return all(self.holds(v, want) for v in value.values())
        raise SystemExit(f"schema.py does not know {name}")


def as_json(value):
    """The value as JSON has it; KeyError where it has not."""
    if isinstance(value, dict):
        return {k: as_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_json(v) for v in value]
    if isinstance(value, msgpack.Timestamp):
        if not 0 <= value.seconds < 253402300800:
            raise KeyError
        return value.to_datetime().strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (bytes, msgpack.ExtType)):
        raise KeyError
    return value


def main():
    schema = Schema(open(sys.argv[1], encoding="utf-8").read())
    bad, seen = 0, 0
    for number, line in enumerate(open(sys.argv[2], encoding="utf-8"), 1):
        hexed, code, field, what = line.rstrip("\n").split("\t")
        if what.startswith("same: "):
            continue  # the schema shows one form of each value
        if code in ("malformed", "too_large") or what.startswith("amount is 9223"):
            continue  # JSON has no such thing; a sum over 64 bits is beyond a pattern
        try:
            value = as_json(msgpack.unpackb(bytes.fromhex(hexed)))
        except (KeyError, UnicodeDecodeError):
            continue
        seen += 1
        if schema.holds(value, schema.root) != (code == "ok"):
            print(f"{sys.argv[2]}:{number}: {what}: {code} {field}, and the schema says otherwise")
            bad += 1
    if seen < 500:
        print(f"only {seen} vectors looked at")
        bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
