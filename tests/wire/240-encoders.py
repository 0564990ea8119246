#!/usr/bin/python3
"""Encoders of other languages write each optional key as nil, empty, least and greatest, as text and as
bytes; the daemon reads what the table of redress-protocol(7) says.

Each program in encoders/ gets lines (id, type, subject, key, form, value) and writes the events by the
library that its language has. Every event was sent before by this test, as the manual page has it (what
is nil or empty left out): a duplicate is what was read as the same. A language or a library that the
machine does not have is told, and the others are tried; what is compiled is kept in the build's folder,
REDRESS_BUILD.
"""
import os
import pathlib
import shutil
import struct
import subprocess

from harness import Daemon, binary, event, pack, run
from optional_keys import is_number, keys, value_of

SOURCES = pathlib.Path(__file__).resolve().parent / "encoders"
BUILD = pathlib.Path(os.environ.get("REDRESS_BUILD") or pathlib.Path(binary()).parent.parent) / "tests/encoders"
JAR = pathlib.Path(os.environ.get("REDRESS_JARS", "/usr/share/java")) / "msgpack-core.jar"
CRATES = pathlib.Path("/usr/share/cargo/registry")  # where Debian keeps those of its packages


class Missing(Exception):
    """The machine does not have the language, or not the library."""


def attempt(*words, folder=None, input=None, **env):
    try:
        return subprocess.run([str(word) for word in words], cwd=folder, input=input, capture_output=True,
                              check=False, timeout=400, env={**os.environ, **env})
    except FileNotFoundError as error:
        raise Missing(f"there is no {error.filename}") from error


def look(*words, **more):
    """Whether the machine has it."""
    done = attempt(*words, **more)
    if done.returncode != 0:
        raise Missing(f"{words[0]}: {done.stderr.decode(errors='replace').strip()[-200:]}")


def call(*words, **more):
    """What must work where the machine has it."""
    done = attempt(*words, **more)
    assert done.returncode == 0, (words, done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


def kept(name):
    folder = BUILD / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def is_old(program, source):
    return not program.exists() or program.stat().st_mtime < (SOURCES / source).stat().st_mtime


def ruby():
    look("ruby", "-rmsgpack", "-e", "")
    return ["ruby", SOURCES / "encode.rb"]


def perl():
    look("perl", "-MData::MessagePack", "-e", "1")
    return ["perl", SOURCES / "encode.pl"]


def php():
    look("php", "-r", "function_exists('msgpack_pack') || exit(1);")
    return ["php", SOURCES / "encode.php"]


def cxx():
    look("g++", "-DMSGPACK_NO_BOOST", "-include", "msgpack.hpp", "-x", "c++", "-fsyntax-only", "/dev/null")
    program = kept("cxx") / "encode"
    if is_old(program, "encode.cc"):
        call("g++", "-std=c++17", "-DMSGPACK_NO_BOOST", "-o", program, SOURCES / "encode.cc")
    return [program]


def go():
    env = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(kept("go") / "cache")}
    look("go", "list", "github.com/vmihailenco/msgpack/v5", **env)
    program = kept("go") / "encode"
    if is_old(program, "encode.go"):
        call("go", "build", "-o", program, SOURCES / "encode.go", **env)
    return [program]


def rust():
    for crate in ("rmp-serde", "serde", "serde_derive"):
        if not list(CRATES.glob(f"{crate}-[0-9]*")):
            raise Missing(f"there is no {crate} in {CRATES}")
    look("cargo", "--version")
    folder = kept("rust")
    for name in ("Cargo.toml", "encode.rs"):
        shutil.copy(SOURCES / name, folder)
    call("cargo", "build", "--offline", "--quiet", "--config", "source.crates-io.replace-with='debian'",
         "--config", f"source.debian.directory='{CRATES}'", folder=folder,
         CARGO_TARGET_DIR=str(folder / "target"))
    return [folder / "target/debug/encode"]


def java():
    look("javac", "-version")
    if not JAR.exists():
        raise Missing(f"there is no {JAR}")
    folder = kept("java")
    if is_old(folder / "Encode.class", "Encode.java"):
        call("javac", "-d", folder, "-cp", JAR, SOURCES / "Encode.java")
    return ["java", "-cp", f"{JAR}:{folder}", "Encode"]


def node(library):
    """A program of JavaScript; its packages are fetched once."""
    def program():
        folder = kept("node")
        for name in ("package.json", "encode.mjs"):
            shutil.copy(SOURCES / name, folder)
        if not (folder / "node_modules" / library).is_dir():
            look("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--omit=optional",
                 folder=folder)
        look("node", "--version")
        return ["node", folder / "encode.mjs", library]
    return program


ENCODERS = {"Ruby msgpack": ruby, "Perl Data::MessagePack": perl, "PHP msgpack": php, "C++ msgpack-cxx": cxx,
            "Go vmihailenco/msgpack": go, "Rust rmp-serde": rust, "Java msgpack-core": java,
            "JavaScript @msgpack/msgpack": node("@msgpack/msgpack"), "JavaScript msgpackr": node("msgpackr")}


def forms(key):
    """(form, the value as a line has it, the value as it is read; None: it is absent)"""
    yield "nil", "", None
    for is_widest in (False, True):
        value = value_of(key, is_widest)
        if is_number(key):
            yield "number", str(value), value
        else:
            yield "text", value, value
            yield "bytes", value, value
    if not is_number(key):
        yield "empty", "", None


def rows():
    """(line, the event as this test sends it)"""
    for number, (kind, key, form) in enumerate(
            (kind, key, form) for kind, key in keys() for form in forms(key)):
        name, text, value = form
        id = f"e-{number}"
        data = {"customer": f"c-{id}", "channel": "phone", "unit": "xj/urumqi/d3"}
        if value is not None:
            data[key] = value
        yield (f"{id}\t{kind}\ts-{number}\t{key}\t{name}\t{text}",
               event(kind, id=id, subject=f"s-{number}", source="encoder", data=data))


def events_of(program, lines):
    out = call(*program, input=("\n".join(lines) + "\n").encode())
    events = []
    while out:
        size = struct.unpack(">I", out[:4])[0]
        events.append(out[4:4 + size])
        out = out[4 + size:]
    assert len(events) == len(lines), (program, len(events), len(lines))
    return events


def answers(intake, events):
    got = []
    for begin in range(0, len(events), 200):
        got += intake.send(*events[begin:begin + 200])
    return got


def code_of(receipt):
    """What a second sending is answered: `duplicate` where the first one was taken."""
    error = receipt.get("error")
    return "duplicate" if error is None else error["code"]


def test_what_each_encoder_writes_is_read_as_meant():
    made = list(rows())
    lines = [line for line, _ in made]
    assert len(lines) > 100, len(lines)
    tried = 0
    with Daemon() as daemon:
        intake = daemon.intake()
        first = answers(intake, [pack(event) for _, event in made])
        taken = sum(receipt.get("error") is None for receipt in first)
        assert taken > 0.9 * len(first), [one["error"] for one in first if one.get("error")][:3]
        for name, find in ENCODERS.items():
            try:
                program = find()
            except Missing as why:
                print(f"SKIP {name}: {why}")
                continue
            got = answers(intake, events_of(program, lines))
            wrong = [(line, one, was) for line, one, was in zip(lines, got, first)
                     if (one["status"], code_of(one)) != (
                         "duplicate" if was.get("error") is None else "rejected", code_of(was))]
            assert not wrong, f"{name}: {len(wrong)} of {len(lines)}: {wrong[:3]}"
            tried += 1
            print(f"{name}: {len(lines)} events")
    print(f"{tried} encoders of {len(ENCODERS)}")


run(globals())
