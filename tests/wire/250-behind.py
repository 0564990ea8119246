#!/usr/bin/python3
"""Behind each cell of a report stand the cases that it counts, exactly: of spans that are over, under way
and to come, of units and of groups, while contacts are followed up and duties are not due yet."""
import datetime
import os
import random
from decimal import Decimal

from harness import Daemon, DeskError, complaint, contact, event, run
from reported import figures, report

SEEDS = [int(text) for text in os.environ.get("REDRESS_SEEDS", "1 2").split()]
ZONE = datetime.timezone(datetime.timedelta(hours=8))
BEGIN = datetime.datetime(2025, 1, 6, 9, tzinfo=ZONE)
RULES = """\
policies:
  - name: term
    match: {product: term}
    clocks: [{name: answer, start: received, stop: decided, limit: 5d}]
  - name: default
    match: {}
    clocks: [{name: contact, start: received, stop: customer_contacted, limit: 1d}]
assessment:
  follow_up: 20d
  rules: [{code: regulator, match: {channel: ["12378"]}, points: 60, actions: [call back]}]
"""
UNITS = ["xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining", "xj"]
# Of contacts without a case, of contracts, of units, and of all figures together.
WITHOUT_CASES = {"contacts", "warned", "warned_high", "complained_idle", "quiet", "contacts_open",
                 "warning_precision", "warning_recall", "complained_share_acted", "complained_share_idle",
                 "screened", "at_risk", "cleared", "cleared_share", "reports", "reports_owed", "reports_late",
                 "reports_in", "appraisal"}


class Office:
    """Events at random; what a case does not allow is refused, which is as good."""

    def __init__(self, seed):
        self.made, self.now, self.subjects = random.Random(seed), BEGIN, []

    def open_one(self):
        made, subject = self.made, f"s{len(self.subjects)}"
        self.subjects.append(subject)
        unit, customer = made.choice(UNITS), f"c{made.randint(1, 40)}"
        if made.random() < 0.4:
            return contact(subject, unit=unit, channel=made.choice(["12378", "phone"]), customer=customer)
        return complaint(subject, unit=unit, channel="phone", customer=customer,
                         product=made.choice(["term", "fund"]), age=made.randint(20, 90))

    def duty(self):
        due = (self.now + datetime.timedelta(days=self.made.randint(-20, 90))).date()
        return event("duty.opened", data={"unit": self.made.choice(UNITS), "duty": self.made.choice(["training", "audit"]),
                                          "due": due.isoformat(), "period": str(self.made.randint(1, 10**9)), "total": 9})

    def work(self):
        made, by = self.made, {"by": "li"}
        kind, data = made.choice([
            ("case.acknowledged", by), ("case.customer_contacted", by), ("case.defused", {**by, "measure": "refund"}),
            ("case.closed", {"resolution": "done"}), ("case.reopened", {"reason": "again"}),
            ("case.verified", {"valid": made.random() < 0.7, **by}), ("case.surveyed", {"satisfied": made.random() < 0.5}),
            ("case.mediation_called", {"body": "b"}), ("case.mediation_settled", {
                "amount": made.randint(1, 9), "currency": made.choice(["CNY", "USD"]),
                "due": (self.now + datetime.timedelta(days=30)).date().isoformat()}),
            ("case.decided", {"outcome": made.choice(["upheld", "rejected"]), "amount": made.randint(1, 999),
                              "currency": made.choice(["CNY", "USD"]), "paid_for": made.choice(["refund", "goodwill"])}),
            ("case.sanctioned", {"person": f"p{made.randint(1, 9)}", "measure": "m", "role": "seller"}),
            ("case.amended", {"respondent": made.choice(UNITS)})])
        return event(kind, made.choice(self.subjects), data=data)

    def next(self):
        self.now += datetime.timedelta(minutes=self.made.randint(1, 1200))
        chance = self.made.random()
        one = self.open_one() if chance < 0.3 or not self.subjects else self.duty() if chance < 0.4 else self.work()
        return {**one, "time": self.now.isoformat()}


def money_of(rows):
    sums = {}
    for row in rows:
        sums[row["currency"]] = sums.get(row["currency"], 0) + Decimal(row["amount"])
    return {currency: f"{amount:.2f}" for currency, amount in sums.items() if amount != 0}


def check(desk, seq, cell, row, value, **params):
    listed = desk.rows("report", cases=row["figure"], min_seq=seq, **params)
    total = money_of(listed) if row["measure"] == "money" else sum(one["count"] for one in listed)
    assert total == value, (cell, row["figure"], "told", value, "behind it", total, params)
    return len(listed)


def of_all(desk, seq, params):
    """The figures that have cases, each beside what is behind it; returns how many cases were listed."""
    got, listed = figures(report(desk, seq, **params)), 0
    for row in got.values():
        if row["figure"] in WITHOUT_CASES:
            desk.refuses("bad_params", "report", cases=row["figure"], **params)
        elif row["measure"] in ("count", "money") and not row["figure"].startswith("persons_"):
            listed += check(desk, seq, "whole", row, row["value"], **params)
        elif row["measure"] == "share":
            listed += check(desk, seq, "share", row, row["top"], **params)
    return listed


def of_groups(desk, seq, params):
    answer = report(desk, seq, **params)
    for row in answer["figures"]:
        values = {group["group"]: group["values"][row["figure"]] for group in answer["rows"]}
        if row["figure"] in WITHOUT_CASES or row["measure"] not in ("count", "money"):
            continue
        if None in values.values():
            desk.refuses("bad_params", "report", cases=row["figure"], group="term", **params)
        elif not row["figure"].startswith("persons_"):
            for group, value in values.items():
                check(desk, seq, "group", row, value, group=group, **params)


def one_seed(seed):
    office = Office(seed)
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.send(*(office.next() for _ in range(350)))
        seq = intake.accept({**complaint("last"), "time": office.now.isoformat()})["seq"]
        month = office.now.date().replace(day=1)
        later = (month + datetime.timedelta(days=100)).isoformat()
        spans = [{"from": "2025"}, {"from": "2025-02"}, {"from": month.isoformat(), "to": later}, {"from": later, "to": "2026"}]
        listed = [of_all(desk, seq, {**span, **unit}) for span in spans for unit in ({}, {"unit": "xj/urumqi"})]
        assert min(listed[:6]) > 0, listed  # the last span has not begun: of it only what is overdue now
        got = figures(report(desk, seq, **spans[0]))
        assert got["contacts_open"]["value"] > 0, got["contacts_open"]
        for by in ("product", "clock", "duty", "unit", "month", "respondent"):
            of_groups(desk, seq, {**spans[0], "by": by})


def test_behind_a_cell_stand_the_cases_that_it_counts():
    for seed in SEEDS:
        print("seed", seed, flush=True)
        one_seed(seed)


def test_what_has_not_come_is_not_behind_it():
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        now = {"time": BEGIN.isoformat()}
        seq = intake.accept(
            {**contact("k", channel="12378", customer="c"), **now},
            {**event("case.defused", "k", data={"by": "li", "measure": "refund"}), **now},
            {**event("duty.opened", data={"unit": "xj", "duty": "audit", "due": "2025-06-01", "period": "a"}), **now})[-1]["seq"]
        for code in ("preempted_net", "preempted_gross", "duties"):
            assert report(desk, seq, cases=code, **{"from": "2025"})["rows"] == [], code
        assert figures(report(desk, seq, **{"from": "2025"}))["contacts_open"]["value"] == 1
        seq = intake.accept({**complaint("z"), "time": "2025-06-02T12:00:00+08:00"})["seq"]
        for code in ("preempted_net", "preempted_gross", "duties"):
            assert len(report(desk, seq, cases=code, **{"from": "2025"})["rows"]) == 1, code


def test_a_group_wants_what_it_is_of():
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        seq = daemon.intake().accept({**complaint("a"), "time": BEGIN.isoformat()})["seq"]
        desk = daemon.desk()
        desk.reach(seq)
        for group in ("", "term"):
            try:
                desk.call("report", cases="complaints", group=group)
                raise AssertionError("a group of nothing was answered")
            except DeskError as error:
                assert error.code == "bad_params", error


run(globals())
