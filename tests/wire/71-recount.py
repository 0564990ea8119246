#!/usr/bin/python3
"""The counters are what a person would count of the journal anew: after reassignments, corrections,
merging, reopening, late judgements, a kill and an erasure, over seeds."""
import collections
import datetime
import os
import random

from harness import Daemon, complaint, event, run

SEEDS = [int(text) for text in os.environ.get("REDRESS_SEEDS", "1 2 3").split()]
ZONE = datetime.timezone(datetime.timedelta(hours=8))
RULES = """\
policies:
  - name: term
    match: {product: term}
    clocks: [{name: answer, start: received, stop: decided, limit: 5d}]
  - {name: default, match: {}}
figures: {regulator_channels: ["12378"]}
"""
UNITS = ["xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining", "xj/consumer", "xj"]
BEGIN = datetime.datetime(2024, 11, 20, 9, tzinfo=ZONE)


class Case:
    def __init__(self, one, now):
        data = one["data"]
        self.unit, self.product = data["unit"], data.get("product", "")
        self.received = datetime.datetime.fromisoformat(data["received"]) if "received" in data else now
        self.regulator = data["channel"] == "12378"
        self.elderly = data.get("age", 0) >= 60
        self.valid = self.merged = self.open = False
        self.decided = self.called = self.accepted = self.declined = self.settled = self.executed = None
        self.first_decided = None
        self.sanctions, self.notices, self.reopened = [], 0, 0
        self.open = True


def day(time):
    return time.astimezone(ZONE).date()


class Recount:
    """What happens, kept as a person would, and counted when it is asked for."""

    def __init__(self):
        self.cases = {}

    def take(self, one, now):
        kind, case, data = one["type"], self.cases.get(one["subject"]), one.get("data", {})
        if kind == "complaint.registered":
            self.cases[one["subject"]] = Case(one, now)
        elif kind == "case.amended":
            case.product = data.get("product", case.product)
            case.unit = data.get("respondent", case.unit)
            if "received" in data:
                case.received = datetime.datetime.fromisoformat(data["received"])
        elif kind == "case.verified":
            case.valid = data["valid"]
        elif kind == "case.decided":
            case.decided = (now, data)
            case.first_decided = case.first_decided or now
        elif kind == "case.mediation_called":
            case.called, case.declined = now, None
        elif kind == "case.mediation_accepted":
            case.accepted = now
        elif kind == "case.mediation_declined":
            case.declined = data["by"]
        elif kind == "case.mediation_settled":
            case.settled, case.executed = (now, data), None
        elif kind == "case.mediation_executed":
            case.executed = now
        elif kind == "case.sanctioned":
            case.sanctions.append((now, data["person"], data["role"]))
        elif kind == "case.merged":
            case.merged, case.open = True, False
            into = self.cases[data["into"]]
            into.regulator = into.regulator or case.regulator
        elif kind == "case.closed":
            case.open = False
        elif kind == "case.reopened":
            case.merged, case.open = False, True

    def things(self):
        """(figure, day, unit, product, sum) of all that counts; persons apart."""
        for case in self.cases.values():
            if case.merged:
                continue

            def one(figure, time, amount=1, case=case):
                return figure, day(time), case.unit, case.product, amount
            yield one("complaints", case.received)
            if case.regulator:
                yield one("complaints_regulator", case.received)
            if case.valid:
                yield one("complaints_valid", case.received)
            if case.valid and case.regulator:
                yield one("complaints_valid_regulator", case.received)
            if case.elderly:
                yield one("complaints_elderly", case.received)
            if case.decided:
                time, data = case.decided
                yield one("decided", time)
                if data.get("accommodation"):
                    yield one("accommodations", time)
                if "amount" in data:
                    yield one("paid_" + data["paid_for"], time, data["amount"])
            if case.called:
                yield one("mediation_called", case.called)
            if case.accepted:
                yield one("mediated", case.accepted)
            if case.settled:
                yield one("settled", case.settled[0])
            for time, _, role in case.sanctions:
                yield one("sanctioned", time)
                if role != "seller":
                    yield one("sanctioned_leaders", time)

    def totals(self, first, last, unit="xj", product=None):
        sums = collections.Counter()
        for figure, when, where, about, amount in self.things():
            if first <= when <= last and (where + "/").startswith(unit + "/") and product in (None, about):
                sums[figure] += amount
        return sums

    def persons(self, first, last):
        return len({who for case in self.cases.values() if not case.merged
                    for time, who, _ in case.sanctions if first <= day(time) <= last})


class Feed:
    """Events at random that each case allows."""

    def __init__(self, seed):
        self.made = random.Random(seed)
        self.now = BEGIN
        self.count = 0
        self.state = {}

    def open_one(self):
        self.count += 1
        data = {"channel": self.made.choice(["phone", "12378"]), "amount": 5}
        if self.made.random() < 0.7:
            data["product"] = self.made.choice(["term", "fund"])
        if self.made.random() < 0.3:
            data["age"] = self.made.randint(20, 90)
        if self.made.random() < 0.4:
            back = datetime.timedelta(hours=self.made.randint(0, 900))
            data["received"] = (self.now - back).isoformat()
        subject = f"s{self.count}"
        self.state[subject] = "open"
        return complaint(subject, unit=self.made.choice(UNITS), **data)

    def work(self, subject):
        made, by = self.made, {"by": "li"}
        choices = [("case.verified", {"valid": made.random() < 0.6, **by}),
                   ("case.amended", {"product": made.choice(["term", "fund", "other"])}),
                   ("case.amended", {"respondent": made.choice(UNITS)}),
                   ("case.amended", {"received": (self.now - datetime.timedelta(
                       hours=made.randint(0, 2000))).isoformat()}),
                   ("case.sanctioned", {"person": f"p{made.randint(1, 9)}", "measure": "m",
                                        "role": made.choice(["seller", "supervisor", "manager"])})]
        state = self.state[subject]
        if state in ("open", "decided"):
            choices += [("case.decided", {"outcome": "upheld", "accommodation": made.random() < 0.5, **(
                {"amount": made.randint(1, 999), "currency": "CNY", "paid_for": made.choice(
                    ["refund", "goodwill", "agreed_termination", "compensation"])}
                if made.random() < 0.6 else {})}),
                ("case.closed", {"resolution": "done"}), ("case.acknowledged", by),
                ("case.mediation_called", {"body": "b"}), ("case.mediation_accepted", {"by": "body"}),
                ("case.mediation_declined", {"by": made.choice(["customer", "firm"])}),
                ("case.mediation_settled", {"amount": 3, "currency": "CNY"}),
                ("case.mediation_executed", {})]
            if state == "open":
                choices.append(("case.assigned", {"unit": made.choice(UNITS)}))
            others = [other for other, what in self.state.items() if what != "closed" and other != subject]
            if others:
                choices.append(("case.merged", {"into": made.choice(others), "reason": "same"}))
        else:
            choices.append(("case.reopened", {"reason": "again"}))
        kind, data = made.choice(choices)
        return event(kind, subject, data=data)

    def next(self):
        self.now += datetime.timedelta(minutes=self.made.randint(1, 2400))
        one = self.open_one() if not self.state or self.made.random() < 0.3 else \
            self.work(self.made.choice(sorted(self.state)))
        return {**one, "time": self.now.isoformat()}

    def taken(self, one):
        moves = {"case.decided": "decided", "case.closed": "closed", "case.merged": "closed",
                 "case.reopened": "open"}
        self.state[one["subject"]] = moves.get(one["type"], self.state[one["subject"]])


def compare(desk, seq, recount, feed):
    made = feed.made
    spans = [("2025", datetime.date(2025, 1, 1), datetime.date(2025, 12, 31)),
             ("2024-12", datetime.date(2024, 12, 1), datetime.date(2024, 12, 31))]
    first = datetime.date(2024, 12, 1) + datetime.timedelta(days=made.randint(0, 40))
    last = first + datetime.timedelta(days=made.randint(0, 100))
    spans.append((first.isoformat(), first, last))
    for name, begin, end in spans:
        unit = made.choice(["xj", "xj/urumqi", "xj/yining", "xj/urumqi/d3"])
        answer = desk.call("report", min_seq=seq, unit=unit, by="product",
                           **{"from": name, "to": end.isoformat()})
        end = min(end, day(feed.now))
        expected = recount.totals(begin, end, unit)
        got = {row["figure"]: row for row in answer["figures"]}
        for figure in ("complaints", "complaints_regulator", "complaints_valid", "complaints_elderly",
                       "complaints_valid_regulator", "decided", "accommodations", "mediation_called",
                       "mediated", "settled", "sanctioned", "sanctioned_leaders"):
            assert got[figure]["value"] == expected[figure], (name, unit, figure, got[figure], expected)
        for what in ("refund", "goodwill", "agreed_termination", "compensation"):
            amount = float(got["paid_" + what]["value"].get("CNY", 0))
            assert amount == expected["paid_" + what], (name, unit, what, got["paid_" + what])
        if unit == "xj":
            assert got["persons_sanctioned"]["value"] == recount.persons(begin, end), (name, got)
        for row in answer["rows"]:
            part = recount.totals(begin, end, unit, row["group"])
            for figure in ("complaints", "decided", "sanctioned", "mediated"):
                assert row["values"][figure] == part[figure], (name, unit, row["group"], figure)


def one_seed(seed):
    feed, recount = Feed(seed), Recount()
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        seq = 0
        for step in range(1, 241):
            one = feed.next()
            receipt = intake.send(one)
            if receipt["status"] == "accepted":
                feed.taken(one)
                recount.take(one, feed.now)
                seq = receipt["seq"]
            if step % 60 == 0:
                compare(desk, seq, recount, feed)
        customer = complaint("x")["data"]["customer"]
        seq = intake.accept({**event("customer.forgotten", data={"customer": customer}),
                             "time": feed.now.isoformat()})["seq"]
        compare(desk, seq, recount, feed)
        daemon.kill()
        daemon.restart()
        compare(daemon.desk(), seq, recount, feed)


def test_counters_are_a_recount():
    for seed in SEEDS:
        print("seed", seed, flush=True)
        one_seed(seed)


run(globals())
