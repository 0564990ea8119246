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

HEAD = {"id": "e-1", "source": "crm", "subject": "K-7"}
CONTACT = {"customer": "c-1", "channel": "95511", "unit": "xj/urumqi/d3", "age": 67, "amount": "5.50",
           "currency": "CNY", "tags": ["a", "老人"], "attributes": {"vip": True, "n": -3, "s": "乙"},
           "text": "要求全额退保", "received": "2025-09-22T10:00:00+08:00", "phone": "+86 991 281"}
put("event", "contact", {**HEAD, "type": "contact.received", "data": CONTACT, "time": NOW,
                         "sequence": 7, "quiet": False, "specversion": "1.0"})
put("event", "complaint", {**HEAD, "type": "complaint.registered", "data": CONTACT})
put("event", "merged", {**HEAD, "type": "case.merged", "data": {"into": 17, "reason": "r", "case": 4}})
put("event", "silence", {**HEAD, "type": "silence.created", "data": {
    "matchers": {"unit": ["xj", "~^a"], "age": ">=60"}, "until": NOW, "by": "o", "reason": "r"}})
put("event", "figure", {**HEAD, "type": "figure.given", "data": {
    "figure": "accommodations", "as": "base", "period": "2020", "value": "-10216000.00"}})
put("event", "settled", {**HEAD, "type": "case.mediation_settled", "data": {"due": "2025-11-30"}})
put("event", "report", {**HEAD, "type": "unit.reported", "data": {
    "unit": "xj", "date": "2025-09-22", "opened": 1, "closed": 2, "open": 3}})
put("event", "unknown-type", {**HEAD, "type": "case.unheard_of", "data": {"age": 1.5}})
put("event", "missing", {"source": "crm"})
put("event", "bad-type", {**HEAD, "type": "case.noted", "data": {"by": 1, "text": "t"}})
put("event", "bad-text", msgpack.packb({**HEAD, "type": "case.withdrawn", "data": {"x": {"y": "SPOIL"}}})
    .replace(b"SPOIL", b"\xc0\x80\xff\xfe\xfd"))
put("event", "twin", b"\x82\xa2id\xa1a\xa2id\xa1b")
put("event", "bomb", bytes.fromhex("81a46461746100")[:-1] + bytes.fromhex("ddffffffff"))
put("event", "depth-17", b"\x81\xa4data" + b"\x81\xa1x" * 16 + b"\x01")
put("event", "not-a-map", [1, 2])

WARNING = {"level": "high", "score": 65, "reasons": [{"code": "a", "points": 40, "detail": "12378"}],
           "actions": ["call"], "notices": [{"code": "n", "text": "t", "written": True}], "case": 4,
           "alert": 9}
put("receipt", "accepted", {"id": "e-1", "status": "accepted", "seq": 1, "term": 1, "case": 4,
                            "adjusted": "time", "warning": WARNING})
put("receipt", "rejected", {"id": None, "status": "rejected", "error": {
    "code": "bad_value", "field": "data.age", "message": "\"age\" must be from 0 to 150"}})
put("receipt", "busy", {"id": "e-1", "status": "busy", "retry_after": 250})
put("receipt", "long-error", {"id": "e", "status": "rejected", "error": {
    "code": "x", "field": None, "message": "诉" * 200}})
put("receipt", "many-reasons", {"id": "e", "status": "accepted", "warning": {
    "level": "none", "reasons": [1] * 400}})
ALERT = {"seq": 7, "term": 1, "prev": 0, "unit": "xj/urumqi/d3", "type": "ladder.rung", "severity": "high",
         "time": NOW, "title": "t"}
put("alert", "small", ALERT)
put("alert", "whole", {**ALERT, "late_by": 61, "case": 4, "subject": "K-7", "kind": "complaint",
                       "customer": "****1029", "rung": 2, "skipped": [1], "clock": "decide", "due": NOW,
                       "provisional": True, "reasons": WARNING["reasons"], "actions": ["a"],
                       "notices": WARNING["notices"], "ack_by": NOW, "supersedes": 3,
                       "cause": {"source": "crm", "id": "e", "seq": 5}, "grouped": [1, 2], "count": 2})
put("alert", "timer", {**ALERT, "cause": {"timer": "clock decide"}})
put("alert", "many-skipped", {**ALERT, "skipped": [0] * 300})
put("rpc", "request", [0, 7, "case.get", [{"case": 4}]])
put("rpc", "request-empty", [0, 7, "status", []])
put("rpc", "request-bad", [0, 7, "status", [1, 2]])
put("rpc", "result", [1, 7, None, {"rows": []}])
put("rpc", "error", [1, 7, {"code": "gone", "message": "m"}, None])
put("rpc", "notification", [2, "status", []])
