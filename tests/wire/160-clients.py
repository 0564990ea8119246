#!/usr/bin/python3
"""Each optional key of every type as the encoders write it that other languages have: as nil, empty,
narrowest and widest. 240-encoders asks those encoders themselves.

The keys come from the JSON Schema, the forms from what each encoder does with its language's values:
  python   msgpack of Python: the shortest form; str8 is left out with use_bin_type=False (old ones)
  ruby     msgpack of Ruby: as Python; a string without an encoding is bin
  perl     Data::MessagePack: a string without the UTF-8 flag is raw, never str8; numbers in a text
  cxx      msgpack-cxx: the shortest form of unsigned; a signed one by its value
  java     msgpack-java, jackson-dataformat-msgpack: the shortest form; a long is int64 in old ones
  js       @msgpack/msgpack: as Python; over 2^32 a uint64
  msgpackr a number over 2^32 is a float64
  go       vmihailenco/msgpack: int64 and uint64 in full; "" for what was not set
  rust     rmp-serde: the shortest form, unsigned ones by theirs; None is nil
  php      msgpack of PHP: as Python; null for what is not set
"""
import struct

from harness import Daemon, event, pack, run
from optional_keys import is_number, keys, value_of

MARK = "@@form@@"


def raw(text):
    """The raw of MessagePack before it had str8."""
    return (bytes([0xa0 | len(text)]) if len(text) < 32 else b"\xda" + struct.pack(">H", len(text))) + text


def in_full(number):
    return b"\xcf" + struct.pack(">Q", number)


CLIENTS = {  # how it writes a text, a number, what is not set
    "python": (lambda text: pack(text), pack, b"\xc0"),
    "python of old": (lambda text: raw(text.encode()), pack, b"\xc0"),
    "ruby": (lambda text: b"\xc4" + bytes([len(text.encode())]) + text.encode(), pack, b"\xc0"),
    "perl": (lambda text: raw(text.encode()), pack, b"\xc0"),
    "cxx": (lambda text: pack(text), pack, b"\xa0"),
    "java": (lambda text: pack(text), lambda n: b"\xd3" + struct.pack(">q", n), b"\xc0"),
    "js": (lambda text: pack(text), lambda n: in_full(n) if n >= 2 ** 32 else pack(n), b"\xc0"),
    "msgpackr": (lambda text: pack(text), lambda n: b"\xcb" + struct.pack(">d", n) if n >= 2 ** 32
                 else pack(n), b"\xc0"),
    "go": (lambda text: pack(text), in_full, b"\xa0"),
    "rust": (lambda text: pack(text), pack, b"\xc0"),
    "php": (lambda text: pack(text), pack, b"\xc0"),
}


def event_of(number, kind, key):
    return event(kind, subject=f"s-{number}", data={
        "customer": f"c-{number}", "channel": "phone", "unit": "xj/urumqi/d3", key: MARK})


def forms(client, kind, key):
    text, number, nothing = CLIENTS[client]
    yield "nil", b"\xc0"
    if not is_number(key):
        yield "empty", b"\xa0"
    elif nothing == b"\xc0":
        yield "empty", nothing
    for is_widest in (False, True):
        value = value_of(key, is_widest)
        yield ("widest" if is_widest else "narrowest",
               number(value) if is_number(key) else text(value))


def test_each_optional_key_as_each_client_writes_it():
    sent = []
    for client in CLIENTS:
        for kind, key in keys():
            for name, form in forms(client, kind, key):
                made = pack(event_of(len(sent), kind, key))
                assert made.count(pack(MARK)) == 1
                sent.append(((client, kind, key, name), made.replace(pack(MARK), form)))
    assert len({row[0][2] for row in sent}) >= 12 and len(sent) > 900, len(sent)
    with Daemon() as daemon:
        intake, wrong = daemon.intake(), []
        for begin in range(0, len(sent), 500):
            part = sent[begin:begin + 500]
            for (what, _), got in zip(part, intake.send(*[one[1] for one in part])):
                # what the state knows nothing of is the engine's to refuse, not the decoder's
                code = (got.get("error") or {}).get("code")
                if code not in (None, "unknown_unit", "unknown_case"):
                    wrong.append((what, got))
        assert not wrong, f"{len(wrong)} of {len(sent)}: {wrong[:4]}"


run(globals())
