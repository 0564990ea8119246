"""The optional keys of the events that open a case, and their narrowest and widest values, by the JSON
Schema."""
import json
import os
import pathlib

from harness import binary

SCHEMA = json.loads(pathlib.Path(os.environ.get("REDRESS_SCHEMA") or pathlib.Path(
    binary()).parent.parent / "redress-events.schema.json").read_text(encoding="utf-8"))
TEXTS = {"due": "2030-01-01", "answer_by": "2030-01-01", "received": "2026-01-01T00:00:00Z"}


def shape(key):
    return SCHEMA["$defs"]["data." + key]


def is_number(key):
    return shape(key).get("type") == "integer"


def keys():
    """The optional texts, sums and numbers of the types that open a case."""
    for kind in ("contact.received", "complaint.registered"):
        data = SCHEMA["$defs"][kind]["properties"]["data"]
        for key, of in data["properties"].items():
            takes = is_number(key) or "string" in str(shape(key).get("type", "")) or "anyOf" in shape(key)
            if key not in data["required"] and takes and "enum" not in of and key not in ("case", "contact"):
                yield kind, key


def value_of(key, is_widest):
    if is_number(key):
        return shape(key)["maximum" if is_widest else "minimum"]
    if key in TEXTS:
        return TEXTS[key]
    if "integer" in shape(key).get("type", []):
        return "9999999999999.99" if is_widest else "0"  # a sum
    if key == "birth_date":
        return "1950-01-01"
    return "客" * min(40, shape(key).get("maxLength", 8) // 3) if is_widest else "x"
