#!/usr/bin/python3
"""explain tells what case.get tells: now after each event, and of each instant when it has passed."""
import datetime
import random

from harness import at, run
from office import Office

RULES = """\
  - name: other
    match: {product: loan}
    clocks:
      - {name: a, limit: 5d, stop: decided, extensions: [{limit: 8d}]}
      - {name: hours, limit: 30h, stop: decided}
  - name: all
    match: {}
    clocks:
      - {name: a, limit: 4d, stop: decided, extensions: [{limit: 10d}, {limit: 15d}]}
      - {name: z, limit: 2bd, stop: customer_contacted, extensions: [{limit: 6bd}], end: closing}
      - {name: law, limit: 3d, stop: decided, statutory: true, pause_reasons: [doc],
         restart_on: [facts_added]}
      - {name: anew, limit: 20h, stop: decided, on_reopen: restart, restart_on: [facts_added]}
      - {name: each, limit: 1d, start: [facts_added], stop: customer_contacted, again: true}
      - {name: work, limit: 9h, time: working, stop: decided, statutory: true,
         pause_reasons: [customer]}
"""
KEYS = ("state", "due", "due_if_resumed", "extensions", "start")
HOUR = datetime.timedelta(hours=1)


def of_case(office):
    """Clocks as case.get has them, those that have begun."""
    return {row["clock"]: {key: row[key] for key in KEYS if key in row}
            for row in office.case("k")["clocks"] if row["state"] not in ("waiting", "unused")}


def explained(office, **params):
    rows = office.desk.call("explain", subject="k", min_seq=office.seq, **params)["clocks"]
    found = {}
    for row in rows:
        if row["state"] not in ("waiting", "unused"):
            found[row["clock"]] = {key: row[key] for key in KEYS if key in row}
    return found


class Life:
    """A case to which things happen in turn, at times that may lie back a little."""

    def __init__(self, office, seed, back):
        self.office, self.random, self.back = office, random.Random(seed), back
        self.now = at("2026-03-02T08:00:00Z")
        self.paused = set()
        self.told = []

    def send(self, type, **data):
        own = self.now
        if self.back and self.random.random() < 0.25:
            own -= self.random.randrange(40) * HOUR
        own = max(own, at("2026-03-02T08:00:00Z"))
        text = own.strftime("%Y-%m-%dT%H:%M:%SZ")
        one = {"specversion": "1.0", "id": f"e{len(self.told)}", "source": "t", "type": type, "subject": "k",
               "time": text, "data": data}
        self.told.append(f"{self.now:%d %H:%M} own {own:%d %H:%M} {type} {data}")
        receipt = self.office.intake.send(one)
        self.office.seq = receipt.get("seq", self.office.seq)
        return receipt["status"] == "accepted"

    def step(self):
        self.now += self.random.choice([1, 1, 3, 7, 20]) * HOUR
        self.office.send(self.now.strftime("%d %H:%M"), "figure.given", figure="people",
                         period="2026", value=1, **{"as": "base"})
        pick = self.random.choice
        kind = pick(["paused", "resumed", "extended", "facts_added", "customer_contacted", "decided",
                     "closed", "reopened", "amended", "forwarded", "noted", "review_requested"])
        data = {
            "paused": {"reason": pick(["doc", "customer", "q"])},
            "resumed": {"reason": pick(["doc", "customer", "q"])},
            "extended": {"clock": pick(["a", "z"]), "approved_by": "x", "reason": "r"},
            "facts_added": {"text": "t"}, "customer_contacted": {"by": "li"},
            "decided": {"outcome": "upheld"}, "closed": {"resolution": "r"},
            "reopened": {"reason": "r"}, "noted": {"by": "li", "text": "t"},
            "amended": {"product": pick(["loan", "card"])} if self.back else {"issue": "fee"},
            "forwarded": {"body": "b", "ref": "r"}, "review_requested": {"text": "t"},
        }[kind]
        return self.send("case." + kind, **data)


def live(seed, back):
    kept = []
    with Office(RULES) as office:
        life = Life(office, seed, back)
        assert life.send("complaint.registered", customer="c", channel="web", unit="north")
        for _ in range(28):
            life.step()
            case, found = of_case(office), explained(office)
            for name, row in case.items():
                assert found.get(name) == row, (seed, name, row, found.get(name), life.told)
            kept.append((life.now, case))
        if back:
            return
        for when, case in kept:
            found = explained(office, as_of=when)
            for name, row in case.items():
                now = found.get(name)
                assert now is not None and now["state"] == row["state"] and \
                    now.get("due") == row.get("due"), (seed, when, name, row, now, life.told)


def test_what_has_not_begun_says_what_it_waits_for():
    with Office("""\
  - name: all
    match: {}
    clocks:
      - {name: letter, due: answer_by, stop: decided}
      - {name: next, start: [facts_added, recontact], stop: customer_contacted, limit: 2d}
""") as office:
        office.open("02 10:00", "k")

        def waits():
            rows = office.desk.call("explain", subject="k", min_seq=office.seq)["clocks"]
            return [(row["clock"], row["state"], row["starts_on"]) for row in rows]

        assert waits() == [("letter", "waiting", "answer_by"),
                           ("next", "waiting", "facts_added or recontact")]
        office.send("02 11:00", "case.facts_added", "k", text="t")
        assert waits()[1] == ("next", "running", "facts_added")


def test_now_it_is_what_the_case_says():
    for seed in range(8):
        live(seed, back=True)


def test_of_an_instant_it_is_what_the_case_said_then():
    for seed in range(100, 108):
        live(seed, back=False)


run(globals())
