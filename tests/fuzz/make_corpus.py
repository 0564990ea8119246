#!/usr/bin/python3
"""Makes the first inputs of the fuzz corpora of the wire. Usage: make_corpus.py CORPUS_DIR

What a fuzzer finds later is added beside them by hand.
"""
import pathlib
import sys

import msgpack

ROOT = pathlib.Path(sys.argv[1])
NOW = msgpack.Timestamp(1758506400, 5000)


def put(room, name, data):
    folder = ROOT / room
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else msgpack.packb(data))


put("pack", "bomb-array", bytes.fromhex("ddffffffff"))
put("pack", "bomb-map", bytes.fromhex("dfffffffff"))
put("pack", "bomb-nested", bytes.fromhex("dd00000010") * 16)
put("pack", "bomb-str", bytes.fromhex("dbffffffff"))
put("pack", "depth-16", b"\x91" * 16 + b"\x01")
put("pack", "depth-17", b"\x91" * 17 + b"\x01")
put("pack", "depth-400", b"\x91" * 400)
put("pack", "twin", bytes.fromhex("82a16b01a16b02"))
put("pack", "twin-deep", bytes.fromhex("81a16b9182a16d01a16d02"))
put("pack", "twin-large", b"\xde\x00\x29" + b"".join(b"\xa2%02d\x01" % (i % 40) for i in range(41)))
put("pack", "large-map", {f"key{i}": {"x": i} for i in range(60)})
put("pack", "empty", b"")
put("pack", "never-used", b"\xc1")
put("pack", "trailing", b"\x80\x80")
put("pack", "bad-text", bytes.fromhex("81a16ba2c080"))
put("pack", "bad-stamp", bytes.fromhex("d4ff00"))
put("pack", "bad-nanoseconds", bytes.fromhex("d7ffee6b280000000001"))
put("pack", "all", {"nil": None, "t": True, "f": False, "u": 2**64 - 1, "i": -(2**63), "x": 1.5,
                    "s": "投诉", "b": b"\xff", "a": [1, [2, [3]]], "m": {"k": {}}, "at": NOW,
                    "e": msgpack.ExtType(5, b"abc")})
