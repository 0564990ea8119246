#!/usr/bin/python3
"""The whole daemon under events and questions whose sizes stand at every limit, one below and one above.

  daemon.py [--seed N] [--messages N] [--seconds N] [--clock wall|events] [--questions]

Event types, their keys and the limits of these are read from the JSON Schema that the build makes of
the decoder's own table (REDRESS_SCHEMA), so that a new key is fuzzed without a word here. Each world is
a fresh daemon with its own seed, which is printed; a world has --messages messages of up to eight
events, every fourth followed by a question to the desk. Then the desk is asked every method with each
value of ODD as each of its parameters. One world runs as a test; with --seconds worlds follow each
other for so long. Run it with a build that has asan and ubsan: whatever ends the
daemon, an answer that is no receipt, a code that no page knows, a fault of the self-proof, and a
store that is not what its journal makes are findings.
"""
import argparse
import datetime
import json
import os
import pathlib
import random
import re
import sys
import time

import msgpack

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))
from harness import Daemon, DeskError, RULES, event, pack, verify  # noqa: E402

SCHEMA = json.loads(pathlib.Path(os.environ["REDRESS_SCHEMA"]).read_text(encoding="utf-8"))
CODES = set("""too_large malformed missing_field bad_type bad_value unknown_type forbidden stale_sequence
    future_time past_time unknown_unit unknown_case conflict illegal_transition""".split())
DESK_CODES = {"unknown_method", "bad_params", "not_found", "not_yet", "gone", "forbidden"}
ROWS = re.findall(r'\{"([a-z.]+)", ASKS_(.*?)(?=\{"[a-z.]+", ASKS_|\};)', (
    pathlib.Path(__file__).resolve().parents[2] / "daemon/desk/methods.c").read_text(encoding="utf-8"), re.DOTALL)
# What each method takes, as the desk's own table has it.
METHODS = {method: re.findall(r'\{"([a-z_]+)", PARAM', rest) + ["limit", "after"] for method, rest in ROWS}
METHODS["no.such"] = []
# Values that stand at some limit, or are of another type than what is wanted.
ODD = ["", "x", "x" * 127, "x" * 128, "x" * 129, "x" * 255, "x" * 256, "x" * 257, "x" * 499, "x" * 500, "x" * 501,
       "x" * 511, "x" * 512, "x" * 1024, "x" * 1025, "因" * 341, "x" * 65536, "\0", "\0" * 500, "/", "~", "!", "!!",
       "xj", "xj/", "xj" + "/" * 600, "night", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999999Z",
       "0001-01-01T00:00:00Z", "9998-01-01T00:00:00Z", 0, 1, 2, 9999, 10000, 10001, -1, -(1 << 63), (1 << 31) - 1, 1 << 31,
       (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, True, False, None, 1.5, b"", b"\xff" * 500, [], {},
       [""] * 3, ["x" * 600], ["x"] * 10001, [[[]]], {"a": {}}, msgpack.Timestamp(-62135596800, 0),
       msgpack.Timestamp(253402300799, 999999999), msgpack.Timestamp(253370764800, 0), msgpack.Timestamp(0, 0)]
PARAMS = sorted({key for keys in METHODS.values() for key in keys})
SPANS = """0000 0001 0001-01-01 1899 1900 1900-W01 2020-02-29 2021-W53 2026 2026-H2 2026-Q1 2026-11 2999 3000 9998
    9999-12-31 unit month seller product respondent complaints paid_refund zh-CN en age overdue due""".split()
UNITS = ["xj", "xj/urumqi", "xj/urumqi/d3", "d3", "yining", "xj/yining", "consumer"]
CHARS = ["x", "7", "é", "退", "因", "😀", "\u0301", "\u0344", "ﷺ", "㌀", "\u200b", "\0", " ", "%", "~", "{"]
RICH = RULES.replace("    - {code: elderly", """\
    - {code: words, match: {text: "~退.*保.*x?7"}, points: 30, actions: [call, call]}
    - {code: tagged, match: {tags: "~(x+x+)+y"}, points: 10}
    - {code: elderly""").replace("policies:", """\
  lexicons:
    - {code: angry, terms: {退退: 5, "~因{2,}": 7}, cap: 40, evidence: full}
  windows:
    - {code: often, key: [customer], days: 30, count: 3, points: 20, pattern: {severity: warning}}
    - {code: many, key: [phone], distinct: customer, days: 30, count: 2, points: 20}
    - {code: same, key: [text], days: 3, count: 2, points: 5}
  notices:
    - {code: touts, text: beware, written: true, match: {}}
policies:""", 1) + """
supervision:
  daily_report: {by: closing}
  unread: {after: 1h}
  screening: {opens: [watch, high], due: 10bd}
rosters:
  night: {name: n, calendar: office, hand_over: "mon 09:00", turns: [xj/urumqi/d3, xj/yining], first: 2026-01-05}
"""


def near(dice, low, high, legal=False):
    """A number at a limit, beside it, or small."""
    number = dice.choice([low - 1, low, low + 1, high - 1, high, high + 1, low + 1, 3, 7])
    return max(low, min(high, number)) if legal else number


def text(dice, limit, legal=False):
    """UTF-8 of about so many bytes: of one character, of a few, or of all kinds."""
    want = near(dice, 1, limit, legal) if dice.random() < 0.5 else min(limit, dice.choice([5, 12, limit // 2 + 1]))
    chars = dice.sample(CHARS, dice.choice([1, 1, 2, len(CHARS)]))
    made = bytearray()
    while len(made) < want:
        made += dice.choice(chars).encode() * dice.choice([1, 1, 40, 4000])
    whole = bytes(made[:want]).decode(errors="ignore")
    return whole + "x" * (want - len(whole.encode()))


def instant(dice, legal=False):
    now = datetime.datetime.now(datetime.timezone.utc)
    moment = now + datetime.timedelta(seconds=dice.choice([-1, 0, 1, 60, 3600, -3600, 86400 * 29, 86400 * 400]))
    if legal:
        return dice.choice([moment, moment.isoformat()])
    return dice.choice([
        moment, moment, moment.isoformat(), "2025-02-30", "2025-09-22", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z", "0001-01-01", "9999-12-31", msgpack.Timestamp(0, 0),
        msgpack.Timestamp(-62135596800, 0), msgpack.Timestamp(-62135596801, 0),
        msgpack.Timestamp(253402300799, 999999999), msgpack.Timestamp(253402300800, 0), "", 7])


YEARS_MAX = 30  # that a world lasts


def soon(dice, start):
    """Where time comes from events: around the start, or days, months, years after it."""
    days = dice.choice([0, 0, 0, 0, 3, 3, 31, 366, 3653, 366 * YEARS_MAX])
    return start + datetime.timedelta(days=days, seconds=dice.choice([-3600, -1, 0, 1, 60, 3600]))


class World:
    def __init__(self, seed, clock):
        self.dice = random.Random(seed)
        clock = clock or self.dice.choice(["wall", "events"])
        self.is_time_from_events = clock == "events"
        self.subjects = [f"k-{i}" for i in range(12)]
        self.start = datetime.datetime.now(datetime.timezone.utc)
        self.legal = False  # this event's values stay within their limits

    def known(self, key):
        """A value of the world that the daemon can find, for keys that name something."""
        dice = self.dice
        pools = {
            "unit": UNITS, "respondent": UNITS, "customer": ["k1", "k2", "k3"], "channel": ["regulator", "web"],
            "case": range(1, 14), "into": list(self.subjects) + list(range(1, 14)), "alert": range(1, 60),
            "silence": range(1, 9), "to": [1, 2, 3], "clock": ["answer", "defuse"], "phone": ["13800138000"],
            "reason": ["waiting", "退" * 200, "x" * 1024], "by": ["li", "customer", "firm", "body"],
            "outcome": ["upheld", "settled"], "paid_for": ["refund"], "risk": ["high", "none"],
            "as": ["base"], "role": ["seller"], "contact": self.subjects, "notice": ["touts"],
            "duty": ["training"], "period": ["2026"], "source": ["test"], "contract": ["p1"],
            "roster": ["night"], "round": ["r1"], "figure": ["complaints", "people"]}
        return dice.choice(list(pools[key])) if key in pools and dice.random() < 0.8 else None

    def value(self, key, rule):
        dice = self.dice
        known = self.known(key)
        if known is not None:
            return known
        if "anyOf" in rule:
            rule = dice.choice(rule["anyOf"])
        kind = rule.get("type")
        kind = dice.choice(kind) if isinstance(kind, list) else kind
        if rule.get("format"):
            return instant(dice, self.legal)
        if kind == "string" and "pattern" in rule:
            return dice.choice(["0", "12.50", "92233720368547758.07"] + (
                [] if self.legal else ["92233720368547758.08", "-1", "1e5", ""]))
        if kind == "string":
            return text(dice, rule["maxLength"], self.legal)
        if kind == "integer":
            number = near(dice, rule["minimum"], rule["maximum"], self.legal)
            return max(-(1 << 63), min((1 << 64) - 1, number))
        if kind == "boolean":
            return dice.random() < 0.5
        if kind == "array":
            item = rule["items"]
            return [self.value("", item) for _ in range(self.count(rule["maxItems"]))]
        if kind == "object" and key == "matchers":
            return self.matchers(rule)
        if kind == "object":
            return {f"{i}" + text(dice, 62, self.legal): self.value("", rule["additionalProperties"])
                    for i in range(self.count(rule["maxProperties"]))}
        return dice.choice([None, 1.5, [], {}, b"\xff", 0])

    def matchers(self, rule):
        dice = self.dice
        if dice.random() < 0.3:
            return {text(dice, 64) + str(i): [self.value("", {"type": ["integer", "boolean"], "minimum": 0,
                                                             "maximum": 9})] * dice.choice([1, 512, 1024, 1025])
                    for i in range(self.count(rule["maxProperties"]))}
        names = ["unit", "type", "severity", "rung", "clock", "customer", "text", "attributes.vip", "nothing"]
        tests = ["xj/yining", "~^(warning|ladder)", ">=1", "!xj", "~(x+x+)+y", "~", "!!", 1, True, ["a"] * 255]
        return {name: dice.choice(tests) for name in dice.sample(names, dice.choice([1, 1, 2]))}

    def count(self, most):
        count = self.dice.choice([0, 1, 1, 2, 2, 3, most - 1, most, most + 1])
        return max(1, min(most, count)) if self.legal else count

    def event(self):
        dice = self.dice
        self.legal = dice.random() < 0.75
        kind = dice.choice(SCHEMA["properties"]["type"]["enum"])
        if dice.random() < 0.2:
            kind = dice.choice(["contact.received", "complaint.registered"])
        rules = SCHEMA["$defs"].get(kind, {}).get("properties", {}).get("data", {})
        data = {}
        for key, rule in rules.get("properties", {}).items():
            wanted = 0.97 if key in rules.get("required", []) else 0.05 if key == "case" else 0.3
            if dice.random() < wanted:
                data[key] = self.value(key, SCHEMA["$defs"][rule["$ref"].split("/")[-1]])
        more = {}
        if dice.random() < 0.3:
            # Where time comes from events, a late one fires the timers of all days till then.
            more["time"] = soon(dice, self.start) if self.is_time_from_events else instant(dice, self.legal)
        if dice.random() < 0.1:
            more["sequence"] = near(dice, 1, (1 << 64) - 2)
        if dice.random() < 0.1:
            more["quiet"] = True
        made = event(kind, subject=dice.choice(self.subjects + [text(dice, 128, self.legal)]), data=data,
                     source=dice.choice(["test", "test", text(dice, 128, self.legal)]), **more)
        if dice.random() < 0.05:
            made["id"] = text(dice, 128)
        return made

    def frame(self):
        dice = self.dice
        frame = pack(self.event())
        if dice.random() < 0.04:
            at = dice.randrange(1, len(frame))
            frame = dice.choice([frame[:at], frame[:at] + dice.randbytes(3) + frame[at + 3:]])
        if dice.random() < 0.01:
            frame = frame.ljust(dice.choice([65535, 65536, 65537, 4 * 65536]), b"\xc1")
        return frame

    def question(self):
        dice = self.dice
        method = dice.choice(sorted(METHODS))
        params = {}
        own = METHODS[method] or PARAMS
        keys = dice.sample(own, min(len(own), dice.choice([0, 1, 2, 4])))
        for key in keys + dice.sample(PARAMS, dice.choice([0, 0, 1])):
            known = self.known(key) if key not in ("from", "to", "by") else None
            params[key] = known if known is not None else dice.choice([
                0, 1, 2, 100, 9999, 10000, 10001, -1, (1 << 63) - 1, (1 << 63), (1 << 64) - 1, True, None, [],
                {}, 1.5, text(dice, 300), instant(dice), ["a", "b"], dice.choice(SPANS), dice.choice(SPANS)])
        if method in ("case.get", "explain"):
            params.setdefault("case", dice.randrange(0, 14))
        if method == "event.check":
            params["event"] = self.event()
        return method, params


REQUEUED = b"\xaddead.requeued"


def take(world, daemon):
    frames = [world.frame() for _ in range(world.dice.choice([1, 1, 2, 8]))]
    world.intake.post(*frames)
    try:
        receipts = world.intake.receipts(wait_s=30)
    except TimeoutError:
        # An erasure starts the daemon anew: what it had not read by then is sent again, by another
        # socket, to which no late answer to the first sending comes.
        world.intake.close()
        world.intake = daemon.intake()
        world.intake.post(*frames)
        receipts = world.intake.receipts(wait_s=60)
    assert len(receipts) == len(frames), (len(receipts), len(frames))
    for receipt in receipts:
        status = receipt["status"]
        assert status in ("accepted", "duplicate", "rejected", "busy"), receipt
        assert status != "rejected" or receipt["error"]["code"] in CODES, receipt
    done = [frame for frame, receipt in zip(frames, receipts) if receipt["status"] == "accepted"]
    return len(done) + sum(REQUEUED in frame for frame in done)  # and the letter's event


def ask_one(desk, method, params):
    try:
        try:
            desk.call(method, wait_s=30, **params)
        except TimeoutError:  # as take()
            desk.call(method, wait_s=60, **params)
    except DeskError as error:
        assert error.code in DESK_CODES, (method, params, error)
    except TimeoutError as error:
        raise AssertionError((method, params)) from error


def ask(world, desk):
    ask_one(desk, *world.question())


def ask_odd(world, desk):
    """Each method, each parameter, each odd value; a second parameter stands beside some of them."""
    asked = 0
    for method in sorted(METHODS):
        for key in METHODS[method] + ["min_seq", "stale"]:
            for value in ODD if key not in ("min_seq", "min_alert") else [-1, "", 1.5, [], 0]:
                params = {key: value}
                if world.dice.random() < 0.5:
                    params.setdefault(world.dice.choice(METHODS[method] or PARAMS), world.dice.choice(ODD))
                if world.dice.random() < 0.5 and "roster" in METHODS[method]:
                    params.setdefault("roster", "night")
                if world.dice.random() < 0.5:
                    params["stale"] = True
                if "min_seq" in params or "min_alert" in params:
                    params["min_seq"] = params["min_alert"] = 0
                ask_one(desk, method, params)
                asked += 1
    return asked


def one_world(seed, messages, clock, only_questions):
    world = World(seed, clock)
    accepted = 0
    with Daemon(rules=RICH, args=["--clock", "events"] if world.is_time_from_events else []) as daemon:
        world.intake, desk = daemon.intake(), daemon.desk()
        if only_questions or world.dice.random() < 0.5:
            ask_odd(world, desk)  # of a daemon that has heard of nothing, nor of any time
        for number in range(messages):
            accepted += take(world, daemon)
            if number % 4 == 0:
                ask(world, desk)
        print(f"  {ask_odd(world, desk)} odd questions", flush=True)
        desk.reach(0)
        proof = desk.call("check", wait_s=60)
        assert proof["faults"] == 0, proof
        daemon.restart()
        assert daemon.desk().call("status", wait_s=60)["seq"] == accepted, accepted
        assert daemon.stop() == 0, daemon.log()
        verify(daemon.folder / "state")
    return accepted


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--messages", type=int, default=1200)
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--clock", choices=["wall", "events"])
    parser.add_argument("--questions", action="store_true", help="of each daemon before its first event, too")
    options = parser.parse_args()
    until = time.monotonic() + options.seconds
    seed = options.seed
    while True:
        print(f"seed {seed}", flush=True)
        print(f"  {one_world(seed, options.messages, options.clock, options.questions)} events accepted", flush=True)
        seed += 1
        if time.monotonic() >= until:
            break


if __name__ == "__main__":
    main()
