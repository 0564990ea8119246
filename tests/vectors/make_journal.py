#!/usr/bin/env python3
"""Writes journal.txt: digests and chain hashes of records, from the page in daemon/journal/format.h
alone, with Python's BLAKE2b. Checksums (XXH3) are not in Python's library and not in here.

A line is a record, in fields parted by spaces: number, event seq, wall, steady, kind, flags, engine
(all decimal), sender, body (hex, - for empty), and what follows from them: bytes 0..115 of the
record (hex). The chain begins with zeros before the first line."""

import hashlib
import pathlib
import struct


def blake(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def record(fields, sender, body, before):
    number, seq, wall, steady, kind, flags, engine = fields
    chained = struct.pack(
        ">BBHQQqqIHI",
        1, kind, flags, number, seq, wall, steady, engine, len(sender), len(body),
    ) + blake(body)
    chain = blake(before + chained + sender)
    return struct.pack(">I2s", 137 + len(sender) + len(body), b"RJ") + chained + chain, chain


def rows():
    yield (1, 0, 1758506400000000, 1, 3, 0, 1), b"", bytes.fromhex("81a776657273696f6e a5302e312e30")
    yield (2, 0, 1758506400000001, 2, 4, 0, 1), b"", bytes(range(256))
    yield (3, 1, 1758506400123456, 123458, 1, 1, 1), "城南支行".encode(), b"\x80"
    yield (4, 1, 1758506401000000, 1000000, 2, 1, 1), b"", b""
    yield (5, 2, -1, -(2**63), 1, 0, 2), b"k" * 512, b"x" * 1000
    yield (6, 2**64 - 1, 2**63 - 1, 2**63 - 1, 5, 65535, 2**32 - 1), b"a", blake(b"state")
    for number in range(7, 40):
        text = hashlib.sha512(b"%d" % number).digest()
        yield (number, number * 3, number * 10**9, number * 7, 1, 0, 2), text[: number % 20], (
            text * 5
        )[: number * 8]


def main():
    chain = bytes(32)
    lines = []
    for fields, sender, body in rows():
        head, chain = record(fields, sender, body, chain)
        assert len(head) == 116
        texts = [text.hex() or "-" for text in (sender, body)]
        lines.append(" ".join([*map(str, fields), *texts, head.hex()]))
    pathlib.Path(__file__).with_name("journal.txt").write_text("\n".join(lines) + "\n")


main()
