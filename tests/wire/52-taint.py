#!/usr/bin/python3
"""Nothing of a customer leaves to a key without `sees` (redress-protocol(7), "Masks"): events whose
customer, phone, contract and text are 16-byte markers, and then every frame of every door, the log and
the metrics are searched for them. REDRESS_TAINT_EVENTS is how many events are sent (300; the goal is
10,000); the seed is printed and REDRESS_SEED gives it again."""
import os
import random
import re
from datetime import datetime, timedelta, timezone

from harness import DeskError, complaint, contact, event, run, unpack
from locked import CLIENTS, Locked

EVENTS = int(os.environ.get("REDRESS_TAINT_EVENTS", "300"))
SEED = int(os.environ.get("REDRESS_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
RULES = """\
assessment:
  levels: {watch: 10, high: 40, critical: 85}
  open_case_at: high
  rules:
    - {code: vip, match: {customer: "MC*"}, points: 20}
    - {code: phoned, match: {phone: "MP*"}, points: 20}
    - {code: insured, match: {contract: "MK*"}, points: 20}
    - {code: said, match: {text: "*refund*"}, points: 20}
  windows:
    - {code: again, key: customer, days: 7, count: 3, points: 10, pattern: {notify: unit, severity: high}}
    - {code: sold, key: seller, days: 7, count: 3, points: 10, pattern: {notify: unit, severity: high}}
    - {code: same-phone, key: phone, days: 7, count: 3, points: 10, pattern: {notify: unit, severity: high}}
  lexicons:
    - {code: words, terms: {refund: 20}, cap: 40}
policies:
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 2h}]
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: info}]}
codes: {product: {values: {loan: {name: a loan}}}, issue: {values: {terms: {name: terms}}}}
alerts: {language: en, mask: {customer: full}}
"""
LISTS = ("case.list", "feed.replay", "feed.unacked", "timer.list", "journal.read", "dead.list", "source.list",
         "silence.list", "notice.list", "contact.list", "warnings", "report", "units", "chase.list", "panel.list",
         "duty.list", "contract.list", "approval.list", "codes.unknown")


LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
LOOKS_LIKE = re.compile(rb"(?=(m[cpkt][a-z0-9]{14}))", re.I)  # any marker does, and little else


def held(data, markers):
    """The first of the markers, a set, that stands in the bytes. A search for each would take an hour for 10,000."""
    return next((one for one in LOOKS_LIKE.findall(data) if one in markers), None)


class Tapped(Locked):
    """Keeps every frame that its sockets receive."""

    def __init__(self, **options):
        self.frames = []
        super().__init__(**options)

    def client(self, cls, kind, door, name, **more):
        client = super().client(cls, kind, door, name, **more)
        receive = client.receive

        def tapped(*args):
            frames = receive(*args)
            self.frames.extend((door, name, frame) for frame in frames)
            return frames

        client.receive = tapped
        return client


def marker(dice, kind):
    return kind + "".join(dice.choice(LETTERS) for _ in range(14))


def send_all(locked, dice, hearers):
    """Events of every kind that a customer's data can stand in; the markers. Who hears of them keeps up."""
    people = [[marker(dice, kind) for kind in ("MC", "MP", "MK", "MT", "MP", "MK")] for _ in range(EVENTS // 6 + 1)]
    crm, d3, ops = (locked.intake(name) for name in ("crm", "d3", "ops"))
    subjects = []
    for number in range(EVENTS):
        customer, phone, secret, text, *others = dice.choice(people)
        if dice.randrange(3) == 0:  # the same customer with another phone and contract
            phone, secret = others
        data = {"customer": customer, "phone": phone, "contract": secret, "text": f"a refund, {text}, at once",
                "tags": [text], "attributes": {"nick": text},
                dice.choice(("seller", "product", "issue", "channel")): dice.choice((customer, phone, secret, "x"))}
        held_in = dice.choice((None, customer, phone, secret))  # a call's number is in what many systems call it
        own = f"s-{number}" if held_in is None else f"s-{number}-{held_in}"
        made = dice.choice((contact, complaint))(own, **data)
        receipt = crm.send(made)
        assert receipt["status"] == "accepted", receipt
        subjects.append(own)
        subject = dice.choice(subjects)
        quote = f"{customer} of {phone}, {secret}"
        spelt = f"{text.lower()}: {customer.lower()} of {phone.lower()}, {secret.lower()}"
        match dice.randrange(12):
            case 0:
                d3.send(event("case.noted", subject=subject, source="desk-d3", data={"by": "a", "text": text}))
            case 1:
                d3.send(event("case.facts_added", subject=subject, source="desk-d3", data={"text": text}))
            case 2:
                until = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
                ops.accept(event("silence.created", data={
                    "matchers": {"customer": customer, "phone": phone, "contract": secret}, "by": "a",
                    "reason": f"a drill for {quote}, {text}", "until": until}))
            case 3:
                crm.send({**made, "id": f"dead-{number}", "data": {**data, "unit": "xj/nowhere"}})
            case 4:
                d3.send(event("case.paused", subject=own, source="desk-d3", data={"reason": quote}))
            case 5:
                crm.accept(event("contract.screened", data={"contract": secret, "risk": "high", "customer": customer}))
            case 6:
                crm.send(made)
            case 7:
                ops.send(event("case.chased", subject=subject, data={
                    "by": "a", "question": spelt, "answer_by": "2030-01-01"}))
                d3.send(event("case.answered", subject=subject, source="desk-d3", data={"by": "a", "text": spelt}))
            case 8:
                d3.send(event("case.escalated", subject=subject, source="desk-d3", data={"by": "a", "reason": spelt}))
            case 9:
                d3.send(event("case.closed", subject=subject, source="desk-d3", data={"resolution": spelt}))
                d3.send(event("case.reopened", subject=subject, source="desk-d3", data={"reason": spelt}))
            case 10:
                ops.send(event("duty.opened", data={
                    "duty": "odd", "unit": "xj/urumqi/d3", "due": "2030-01-01", "title": spelt}))
            case 11:
                ops.send(event("case.merged", subject=subject, data={
                    "by": "a", "into": dice.choice(subjects), "reason": spelt}))
        if number % 500 == 499:
            hear(locked, hearers)
    return {one.encode() for person in people for marker_ in person for one in (marker_, marker_.lower())}


def hear(locked, hearers):
    """All that was told by now."""
    locked.desk("ops").reach(0)
    goal = locked.desk("ops").call("status")["alert_published"]
    for hearer in hearers:
        while hearer.heartbeat()["seq"] < goal:
            pass


def ask_all(locked, name):
    desk = locked.desk(name)
    for method in LISTS:
        try:
            if method == "report":
                for by in ("seller", "product", "issue", "channel"):
                    desk.call(method, unit="xj/urumqi/d3", by=by)
            elif method == "warnings":
                desk.call(method, unit="xj/urumqi/d3")
            else:
                desk.rows(method, limit=100)
        except DeskError as error:
            assert error.code in ("forbidden", "bad_params", "not_found"), (method, error)
    for case in range(1, 60):
        for method in ("case.get", "explain"):
            try:
                desk.call(method, case=case)
            except DeskError as error:
                assert error.code in ("forbidden", "not_found"), (method, error)
    for method in ("status", "check", "metrics", "config.get", "figures"):
        try:
            desk.call(method)
        except DeskError as error:
            assert error.code == "forbidden", (method, error)


def test_no_marker_leaves():
    dice = random.Random(SEED)
    print(f"     seed {SEED}, {EVENTS} events", flush=True)
    with Tapped(rules=RULES) as locked:
        hearers = [locked.feed("ops", "")] + [locked.feed("d3", "xj/urumqi/d3/"), locked.feed("eye", "")]
        markers = send_all(locked, dice, hearers)
        locked.desk("ops").reach(EVENTS)
        for name in ("crm", "d3", "ops", "eye"):
            ask_all(locked, name)
        hear(locked, hearers)
        assert sum(door == "feed" for door, _, _ in locked.frames) > EVENTS, "little was heard"
        for door, name, frame in locked.frames:
            if door == "intake":  # what is wrong with an event is told in its own words to who sent it
                frame = repr({key: value for key, value in unpack(frame).items() if key != "error"}).encode()
            one = held(frame, markers)
            assert one is None, (SEED, door, name, one, frame[max(0, frame.find(one) - 300):][:700])
        assert held(locked.daemon.log().encode(), markers) is None, SEED
        print(f"     {len(markers)} markers, {len(locked.frames)} frames", flush=True)


def test_who_may_see_does():
    dice = random.Random(SEED)
    sees = {**CLIENTS, "ops": "{name: ops, roles: [operator], sources: ['*'], sees: [customer, phone, contract, text]}",
            "eye": "{name: eye, roles: [viewer], sees: [phone]}"}
    with Tapped(rules=RULES) as locked:
        locked.write(sees)
        locked.daemon.reload()
        customer, phone, secret, text = (marker(dice, kind) for kind in ("MC", "MP", "MK", "MT"))
        locked.intake("crm").accept(complaint("s", customer=customer, phone=phone, contract=secret, text=text))
        locked.intake("d3").accept(event("case.noted", subject="s", source="desk-d3", data={"by": "a", "text": text}))
        whole = str(locked.desk("ops").call("case.get", subject="s"))
        assert all(one in whole for one in (customer, phone, secret, text)), whole
        assert str(locked.desk("ops").rows("journal.read")).count(customer) == 1
        part = str(locked.desk("eye").call("case.get", subject="s"))
        assert phone in part and not any(one in part for one in (customer, secret, text)), part


run(globals())
