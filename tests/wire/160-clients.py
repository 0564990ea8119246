#!/usr/bin/python3
"""Each optional key of every type as the encoders write it that other languages have: as nil, empty,
narrowest and widest. Perl's Data::MessagePack is asked itself where a machine has it.

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
import json
import os
import pathlib
import struct
import subprocess

from harness import Daemon, binary, event, pack, run

SCHEMA = json.loads(pathlib.Path(os.environ.get("REDRESS_SCHEMA") or pathlib.Path(
    binary()).parent.parent / "redress-events.schema.json").read_text(encoding="utf-8"))
MARK = "@@form@@"
TEXTS = {"due": "2030-01-01", "answer_by": "2030-01-01", "received": "2026-01-01T00:00:00Z"}


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


PERL = r"""
use Data::MessagePack; use JSON::PP; binmode STDOUT;
my $mp = Data::MessagePack->new;
while (<STDIN>) {
  my ($flagged, $key, $event) = @{JSON::PP->new->utf8->decode($_)};
  utf8::encode($event->{data}{$key}) if !$flagged && defined $event->{data}{$key};
  my $bytes = $mp->pack($event); print pack("N", length $bytes), $bytes;
}
"""


def test_perl_itself():
    try:
        has = subprocess.run(["perl", "-MData::MessagePack", "-MJSON::PP", "-e", "1"], check=False,
                             capture_output=True).returncode == 0
    except FileNotFoundError:
        has = False
    if not has:
        print("no Data::MessagePack here: not asked")
        return
    lines = []
    for kind, key in keys():
        for is_flagged in (True, False):
            for value in (None, "" if not is_number(key) else None, value_of(key, False), value_of(key, True)):
                made = event_of(f"perl-{len(lines)}", kind, key)
                made["data"][key] = value
                lines.append(json.dumps([is_flagged or is_number(key), key, made]))
    out = subprocess.run(["perl", "-e", PERL], input="\n".join(lines).encode(), capture_output=True,
                         check=True, timeout=60).stdout
    events = []
    while out:
        size = struct.unpack(">I", out[:4])[0]
        events.append(out[4:4 + size])
        out = out[4 + size:]
    assert len(events) == len(lines)
    with Daemon() as daemon:
        got = daemon.intake().send(*events)
        wrong = [(line, one) for line, one in zip(lines, got)
                 if (one.get("error") or {}).get("code") not in (None, "unknown_unit", "unknown_case")]
        assert not wrong, f"{len(wrong)} of {len(lines)}: {wrong[:4]}"


run(globals())
