#!/usr/bin/python3
"""warnings and figures tell the same of a generated month: each level's outcomes, precision and recall."""
import datetime
import random

from harness import Daemon, at, complaint, event, run

RULES = """\
assessment:
  levels: {watch: 10, high: 30, critical: 60}
  open_case_at: watch
  follow_up: 30d
  rules:
    - {code: a, match: {channel: phone}, points: 10}
    - {code: b, match: {product: loan}, points: 25}
    - {code: c, match: {issue: fraud}, points: 40}
policies: [{name: default, match: {}}]
"""
UNITS = ["xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining", "xj"]
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)


def month(seed):
    """Contacts of a month and what was done about them, some of whose customers complain all the same."""
    made, sent = random.Random(seed), []

    def put(when, one):
        sent.append((when, one))
    for n in range(160):
        when = at("2025-03-01T00:00:00+08:00") + made.randrange(30 * 24 * 60) * MINUTE
        subject, customer = f"w{n}", f"k{n}"
        put(when, event("contact.received", subject, data={
            "customer": customer, "unit": made.choice(UNITS), "channel": made.choice(["phone", "mail"]),
            "product": made.choice(["loan", "card"]), "issue": made.choice(["fraud", "fee", "fee"])}))
        act = made.choice(["none", "defused", "contacted", "closed", "acknowledged", "moved"])
        later = when + made.randrange(1, 4000) * MINUTE
        steps = {"defused": [("case.defused", {"by": "li"})], "moved": [("case.assigned", {"unit": made.choice(UNITS)})],
                 "contacted": [("case.customer_contacted", {"by": "li"})],
                 "closed": [("case.customer_contacted", {"by": "li"}), ("case.closed", {"resolution": "told"})],
                 "acknowledged": [("case.acknowledged", {"by": "li"})]}.get(act, [])
        for k, (type, data) in enumerate(steps):
            put(later + k * MINUTE, event(type, subject, data=data))
        if made.random() < 0.35:  # some within follow_up, some after it
            put(when + made.randrange(1, 45 * 24 * 60) * MINUTE, complaint(f"c{n}", customer=customer, unit=made.choice(UNITS)))
    put(at("2025-06-01T10:00:00+08:00"), complaint("end", customer="nobody"))
    return [{**one, "time": when.isoformat()} for when, one in sorted(sent, key=lambda pair: pair[0])]


def ledger(desk, unit=None):
    """What the ledger says of each contact, counted by a stranger from its rows."""
    rows = desk.rows("contact.list", kind="contact", **({"unit": unit} if unit else {}))
    sums = {}
    for row in rows:
        outcome = row["outcome"]
        name = {"complained": "complained_acted" if row.get("acted") or row.get("relapsed")
                else "complained_idle"}.get(outcome, outcome)
        also = [name for name, is_so in (("warned", row["level"] != "none"), ("relapsed", row.get("relapsed"))) if is_so]
        for key in (name, "contacts", *also):
            sums[key] = sums.get(key, 0) + 1
    return sums


def figures(desk, **params):
    answer = desk.call("report", **{"from": "2025-03", "to": "2025-06"}, **params)
    return {row["figure"]: row for row in answer["figures"]}


NAMES = {"contacts": "contacts", "warned": "warned", "complained_acted": "complained_acted",
         "complained_idle": "complained_idle", "relapsed": "relapsed", "preempted": "preempted_net",
         "tended": "tended", "quiet": "quiet", "open": "contacts_open"}


def test_the_ledger_and_the_figures_agree():
    for seed in (1, 2, 3):
        with Daemon(args=["--clock", "events"], rules=RULES) as it:
            intake, desk = it.intake(), it.desk()
            for one in month(seed):
                intake.send(one)  # some of it comes too late for its case: it is refused, and counts nowhere
            desk.reach(desk.call("status")["as_of"]["seq"])
            rows, shown = ledger(desk), figures(desk)
            for mine, figure in NAMES.items():
                assert shown[figure]["value"] == rows.get(mine, 0), (seed, figure, shown[figure], rows)
            assert rows["relapsed"] and rows["complained_idle"] and rows["preempted"] and rows["quiet"], rows
            assert shown["preempted_gross"]["value"] == rows["preempted"] + rows["relapsed"]
            told = desk.call("warnings", since="2025-03-01T00:00:00+08:00", until="2025-06-01T00:00:00+08:00")
            levels = [row for row in told["rows"] if "level" in row and row["kind"] == "contact"]
            warned = [row for row in levels if row["level"] != "none"]
            sums = {key: sum(row[key] for row in levels) for key in levels[0] if key not in ("kind", "level")}
            for figure, key in (("contacts", "assessed"), ("preempted_net", "preempted"), ("tended", "tended"),
                                ("quiet", "quiet"), ("relapsed", "relapsed"), ("complained_acted", "acted"),
                                ("contacts_open", "open")):
                assert sums[key] == shown[figure]["value"], (seed, figure, levels)
            assert sums["complained"] == sum(
                shown[figure]["value"] for figure in ("complained_acted", "complained_idle"))
            true = sum(row["came_true"] for row in warned)
            known = sum(row["assessed"] - row["open"] - row["tended"] for row in warned)
            precision, recall = shown["warning_precision"], shown["warning_recall"]
            assert (precision["top"], precision["bottom"]) == (true, known), (precision, warned)
            assert (recall["top"], recall["bottom"]) == (true, sums["came_true"]), (recall, sums)
            for unit in UNITS:
                assert figures(desk, unit=unit)["contacts"]["value"] == ledger(desk, unit).get("contacts", 0), unit


def test_no_contact_is_moved_by_a_transfer():
    with Daemon(args=["--clock", "events"], rules=RULES) as it:
        intake, desk = it.intake(), it.desk()
        when = at("2025-03-03T10:00:00+08:00")
        intake.accept({**event("contact.received", "w", data={
            "customer": "k", "unit": "xj/yining", "channel": "phone", "issue": "fraud"}), "time": when.isoformat()})
        steps = [("case.assigned", {"unit": "xj/urumqi/d3"}), ("case.sanctioned", {
            "person": "p", "role": "seller", "measure": "m"}), ("case.defused", {"by": "li"})]
        steps += [("case.noted", {"by": "li", "text": "x"})] * 40  # until follow_up is over
        for k, (type, data) in enumerate(steps):
            seq = intake.accept({**event(type, "w", data=data), "time": (when + (k + 1) * DAY).isoformat()})["seq"]
        desk.reach(seq)
        for figure in ("contacts", "preempted_gross", "sanctioned_sellers", "persons_sellers"):
            for unit, count in (("xj/yining", 1), ("xj/urumqi", 0), ("xj", 1)):
                assert figures(desk, unit=unit)[figure]["value"] == count, (figure, unit)


run(globals())
