#!/usr/bin/python3
"""Erasure of what names a customer without being of a case of his: events that waited for a second person,
dead letters by subject, silences by phone (redressd(8), "ERASURE")."""
from datetime import datetime, timedelta, timezone

import msgpack

from erasing import bodies, erased
from harness import Daemon, complaint, contact, event, run, verify
from locked import CLIENTS, Locked

CUSTOMER, PHONE, CONTRACT = "mk-customer-255", "13998800255", "mk-contract-255"
FOUR = "four_eyes: {for: [case.extended, silence.created], lapses: 2h}"
PEOPLE = CLIENTS | {
    "ops": "{name: ops, roles: [operator], sources: ['*'], sees: [customer, phone, contract, text]}",
    "wang": "{name: wang, roles: [operator], sources: ['*'], person: wang}",
}
EXTENDED = """\
policies:
  - name: all
    match: {}
    clocks:
      - {name: decide, start: received, stop: decided, limit: 5d,
         extensions: [{limit: 9d, approved_by: parent}]}
    ladder: {until: decided, rungs: [{notify: [unit]}]}
"""


def extended(subject, reason, **more):
    return event("case.extended", subject=subject, data={
        "clock": "decide", "approved_by": "parent", "reason": reason, "told_customer": True, "by": "li"}, **more)


def silence(matchers, until, reason, **more):
    return event("silence.created", data={"matchers": matchers, "until": until, "by": "li", "reason": reason}, **more)


def test_events_that_waited_for_a_second_person():
    """One has lapsed, one waits: neither stands in a history. Another customer's goes on."""
    def at(time):
        return f"2026-03-02T{time}:00Z"

    with Locked(security=FOUR, clients=PEOPLE, rules=EXTENDED, args=["--clock", "events"]) as locked:
        crm, ops, wang = locked.intake("crm"), locked.intake("ops"), locked.intake("wang")
        crm.accept(complaint("mk-subject", customer=CUSTOMER, phone=PHONE, unit="xj/yining") | {"time": at("10:00")},
                   complaint("other", customer="other", unit="xj/yining") | {"time": at("10:00")})
        ops.accept(extended("mk-subject", "mk-lapsed", time=at("10:05")),
                   silence({"phone": PHONE}, at("18:00"), "mk-never", time=at("10:05")),
                   event("source.reset", data={"source": "s"}, time=at("12:10")))
        waiting = ops.accept(extended("mk-subject", "mk-waiting", time=at("12:20")),
                             silence({"phone": PHONE}, at("18:00"), "mk-quiet", time=at("12:20")))
        kept = ops.accept(extended("other", "other-waits", time=at("12:20")))
        desk = locked.desk("ops")
        assert len(desk.call("approval.list", min_seq=kept["seq"])["rows"]) == 3
        gone = ops.accept(event("customer.forgotten", data={"customer": CUSTOMER}, time=at("12:30")))
        rows = desk.call("approval.list", min_seq=gone["seq"])["rows"]
        assert [row["event"] for row in rows] == [kept["seq"]], rows
        owed = {row["reasons"][0]["code"]: row for row in desk.call("feed.replay", after=0)["rows"]
                if row["type"] == "approval.owed"}
        for one in waiting:
            told = owed[f"approval.{one['seq']}"]
            assert "lapsed" in told["title"] and told["supersedes"], told
            assert "case" not in told and told["cause"] == {"timer": f"erasure {gone['seq']}"}, told
        late = wang.send(event("approval.given", data={"event": waiting[0]["seq"], "by": "wang"}, time=at("12:31")))
        assert late["error"]["code"] == "bad_value", late
        words = ("mk-lapsed", "mk-never", "mk-waiting", "mk-quiet", "mk-subject", CUSTOMER, PHONE)
        assert {word for word, _ in bodies(locked.folder, *words)} >= {"mk-lapsed", "mk-waiting"}
        erased(locked.daemon, lambda: locked.desk("ops"), gone["seq"])
        assert bodies(locked.folder, *words) == [], bodies(locked.folder, *words)
        assert bodies(locked.folder, "other-waits") != []
        given = locked.intake("wang").accept(
            event("approval.given", data={"event": kept["seq"], "by": "wang"}, time=at("12:40")))
        assert given["case"] == 2, given
        assert locked.daemon.stop() == 0
        verify(locked.folder / "state")


def test_dead_letters_that_name_the_case():
    """Refused at reading or later, whole or broken, by subject, number, contact, phone; another's stays."""
    def letter(text, **more):
        return {**event("case.noted", data={"by": "li", "text": text}), **more}

    with Daemon() as daemon:
        intake = daemon.intake()
        intake.accept(contact("K-255", customer=CUSTOMER, text="x", channel="regulator"),
                      complaint("DLS-255", customer=CUSTOMER, phone=PHONE, contract=CONTRACT),
                      complaint("other", customer="other"))
        missing = letter("mk-missing", subject="DLS-255")
        del missing["data"]["by"]
        letters = [
            missing,
            letter("mk-unknown", subject="DLS-255", type="case.unheard"),
            letter("mk-type", subject="DLS-255", time=7.5),
            {**letter("mk-number"), "data": {"case": 2, "text": "mk-number"}},
            {**complaint("new-255", unit="nowhere", text="mk-contact"), "data": {
                "contact": "K-255", "unit": "nowhere", "text": "mk-contact"}},
            event("case.merged", subject="other", data={"into": "DLS-255", "text": "mk-into"}),
            complaint("new-256", unit="nowhere", text=f"mk-text call {PHONE}, please"),
            complaint("new-257", unit="nowhere", text="mk-contract", contract=CONTRACT),
            silence({"subject": "DLS-255"}, datetime.now(timezone.utc) + timedelta(hours=3), "mk-matcher"),
            msgpack.packb(letter("mk-broken", subject="DLS-255")) + b"\xc1",
            b'{"id": "j", "type": "case.noted", "subject": "DLS-255", "data": {"text": "mk-json"}}',
        ]
        words = [f"mk-{word}" for word in ("missing", "unknown", "type", "number", "contact", "into", "text", "contract",
                                           "matcher", "broken", "json")]
        for one in letters + [letter("other-1", subject="other", type="case.unheard")]:
            got = intake.send(one)
            assert got["status"] == "rejected", (one, got)
        before = {word for word, _ in bodies(daemon.folder, *words)}
        assert before == set(words), set(words) - before
        gone = intake.accept(event("customer.forgotten", data={"customer": CUSTOMER}))
        erased(daemon, daemon.desk, gone["seq"])
        assert bodies(daemon.folder, *words) == [], bodies(daemon.folder, *words)
        rows = daemon.desk().call("dead.list")["rows"]
        assert len(rows) == len(letters) + 1
        assert [row["number"] for row in rows if "asked to be forgotten" not in str(row)] == [len(rows)], rows


def test_a_silence_by_phone_or_contract_ends():
    until = datetime.now(timezone.utc) + timedelta(hours=3)
    with Daemon() as daemon:
        intake = daemon.intake()
        intake.accept(complaint("s-255", customer=CUSTOMER, phone=PHONE, contract=CONTRACT),
                      silence({"phone": PHONE}, until, "mk-text"), silence({"phone": int(PHONE)}, until, "mk-number"),
                      silence({"phone": ["!1", f"~^{PHONE}$"]}, until, "mk-pattern"),
                      silence({"contract": CONTRACT}, until, "mk-contract"),
                      silence({"unit": "xj"}, until, f"the one of {PHONE}"),
                      silence({"phone": "13900000000"}, until, "other-stays"),
                      event("contract.screened", data={"contract": CONTRACT, "risk": "high", "unit": "xj/yining",
                                                       "reasons": ["mk-screened"], "round": "r"}))
        gone = intake.accept(event("customer.forgotten", data={"customer": CUSTOMER}))
        rows = daemon.desk().call("silence.list", min_seq=gone["seq"])["rows"]
        assert [row["silence"] for row in rows if not row["ended"]] == [6], rows
        erased(daemon, daemon.desk, gone["seq"])
        words = (PHONE, CONTRACT, "mk-text", "mk-number", "mk-pattern", "mk-contract", "mk-screened")
        assert bodies(daemon.folder, *words) == [], bodies(daemon.folder, *words)
        assert bodies(daemon.folder, "other-stays") != []
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


def test_a_trial_ends_no_silence():
    """customer.forgotten is tried when it comes and takes effect with the approval: until then his silence holds."""
    until = datetime.now(timezone.utc) + timedelta(hours=3)
    with Locked(security="four_eyes: {for: [customer.forgotten]}", clients=PEOPLE) as locked:
        ops = locked.intake("ops")
        ops.accept(silence({"customer": CUSTOMER}, until, "r"), silence({"customer": "x"}, until, "r"))
        asked = ops.accept(event("customer.forgotten", data={"customer": CUSTOMER}))
        assert asked["waits"] is True, asked
        locked.intake("crm").accept(complaint("held", customer=CUSTOMER, unit="xj/yining"))
        seq = locked.intake("crm").accept(complaint("free", customer="y", unit="xj/yining"))["seq"]
        alerts = locked.desk("ops").call("feed.replay", after=0, min_seq=seq)["rows"]
        assert {row.get("subject") for row in alerts if row["type"] == "ladder.rung"} == {"free"}, alerts


run(globals())
