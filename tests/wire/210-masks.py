#!/usr/bin/python3
"""What people write names customers in any spelling (redress-protocol(7), "Masks"): a key without `sees` is
shown none of it, at the desk and on the feed, and one that sees all is shown all of it."""
from datetime import datetime, timedelta, timezone

from harness import complaint, event, run
from locked import CLIENTS, Locked

TOMORROW = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
CUSTOMER, PHONE, CONTRACT = "TXMCU999B2QQ", "+86 139-7033-5267", "LN77001234XY"
SPELT = ("txmcu999b2qq", "13970335267", "139 7033 5267", "ｔｘＭＣＵ999b2qq", "ln77001234xy")
TEXT = "a-thing-that-was-said"
QUOTE = f"{TEXT}: {SPELT[0]} of {SPELT[1]} or {SPELT[2]}, {SPELT[3]}, {SPELT[4]}"
PEOPLE = CLIENTS | {
    "all": "{name: all, roles: [operator], sources: ['*'], sees: [customer, phone, contract, text]}",
    "li": "{name: li, roles: [operator], sources: ['*']}",
}
RULES = """\
assessment:
  levels: {watch: 10, high: 40, critical: 85}
  lexicons:
    - {code: words, terms: {refund: 20, "~thing-that-[a-z-]+": 20}, cap: 40, evidence: full}
supervision:
  duties: [{duty: quarterly, title: The quarter's review, for: xj/urumqi/d3, every: quarter, due: 5d}]
policies:
  - name: default
    match: {}
    clocks:
      - {name: answer, start: received, stop: decided, limit: 5d, pause_reasons: [materials],
         extensions: [{limit: 9d, approved_by: parent}]}
    ladder: {until: decided, rungs: [{after: 0m, notify: [unit], severity: info}]}
alerts: {language: en, mask: {customer: full}}
"""
CODES = {"product": "gold", "seller": "li-4711", "issue": "fees", "handler": "zhao"}


def tell_all(locked):
    """Writes the quote wherever somebody may write."""
    ops, d3 = locked.intake("li"), locked.intake("d3")
    locked.intake("crm").accept(complaint(
        "K-1", customer=CUSTOMER, phone=PHONE, contract=CONTRACT, text=f"a refund! {QUOTE}", tags=[QUOTE],
        attributes={"nick": QUOTE}, **CODES))

    def say(type_, client=ops, subject="K-1", **data):
        source = "desk-d3" if client is d3 else "ops"
        return client.accept(event(type_, subject=subject, source=source, data=data))

    say("case.chased", by=SPELT[0], question=QUOTE, answer_by="2035-01-01")
    say("case.answered", by="li", text=QUOTE)
    say("case.noted", by=SPELT[1], text=QUOTE)
    say("case.escalated", by="li", reason=QUOTE)
    say("case.panel_opened", d3, participants=["xj/urumqi/d3", SPELT[0]])
    say("case.panel_concluded", d3, opinion=QUOTE)
    say("case.panel_opened", d3, participants=["xj/urumqi/d3", SPELT[0]])
    say("case.paused", d3, reason="materials")
    say("case.resumed", d3, reason="materials")
    say("case.paused", d3, reason=QUOTE[:60])
    say("case.resumed", d3, reason=QUOTE[:60])
    say("silence.created", subject=None, by="li", reason=QUOTE, until=TOMORROW, matchers={
        "customer": CUSTOMER, "attributes.nick": TEXT})
    say("duty.opened", subject=None, duty="odd", unit="xj/urumqi/d3", due="2035-01-01", title=QUOTE)
    locked.intake("crm").accept(event("contract.screened", data={
        "contract": CONTRACT, "risk": "high", "customer": CUSTOMER}))
    say("case.extended", clock="answer", approved_by="parent", reason=QUOTE, told_customer=True, by="li")
    say("case.closed", d3, resolution=QUOTE)
    return say("case.reopened", reason=QUOTE, text=QUOTE)["seq"]


def answers(locked, name, seq):
    desk = locked.desk(name)
    desk.reach(seq)
    told = [desk.call("case.get", subject="K-1"), desk.call("explain", subject="K-1"),
            desk.call("case.list")]
    return told + [desk.rows(method, limit=100) for method in (
        "chase.list", "silence.list", "approval.list", "contract.list", "duty.list", "panel.list", "feed.replay",
        "contact.list", *(("dead.list", "journal.read") if name != "eye" else ()))]


def spellings():
    return (CUSTOMER, CONTRACT, PHONE, "7033-5267", TEXT, *SPELT)


def test_no_spelling_reaches_a_key_that_may_not_see():
    with Locked(rules=RULES, clients=PEOPLE,
                security="four_eyes: {for: [case.extended]}") as locked:
        feed = locked.feed("eye", "")
        seq = tell_all(locked)
        for name in ("eye", "li"):
            for told in answers(locked, name, seq):
                for one in spellings():
                    assert one not in str(told), (name, one, str(told)[max(0, str(told).find(one) - 400):][:800])
        case = locked.desk("eye").call("case.get", subject="K-1")
        assert {key: case["attributes"][key] for key in CODES} == CODES, case["attributes"]
        assert case["attributes"]["customer"] == "****" and case["attributes"]["phone"] == "****5267", case
        assert case["pauses"][0]["reason"] == "materials" and "reason" not in case["pauses"][1], case["pauses"]
        assert [row["detail"] for row in case["warning"]["reasons"]] == ["refund, ****"], case["warning"]
        duties = {row["duty"]: row.get("title") for row in locked.desk("eye").rows("duty.list")}
        assert duties == {"quarterly": "The quarter's review", "odd": None} or duties == {"odd": None}, duties
        goal, heard = locked.desk("all").call("status")["alert_published"], []
        while not heard or heard[-1]["seq"] < goal:
            heard.append(feed.alert()[1])
        types = {row["type"] for row in heard}
        assert types >= {"case.answered", "case.chased", "case.reopened", "ladder.rung", "silence.created",
                         "duty.owed", "approval.owed"}, types
        for alert in heard:
            assert "bare_title" not in alert and "said" not in alert, alert
            for one in spellings():
                assert one not in str(alert), (one, alert)
        told, = (row for row in heard if row["type"] == "case.answered")
        assert told["title"] == "Answered on the complaint K-1", told


def test_who_sees_all_is_shown_what_was_written():
    with Locked(rules=RULES, clients=PEOPLE,
                security="four_eyes: {for: [case.extended]}") as locked:
        seq = tell_all(locked)
        told = dict(zip(("case", "explain", "list", "chases", "silences", "approvals", "contracts", "duties", "panels",
                         "alerts"), answers(locked, "all", seq)))
        for key in ("case", "chases", "silences", "approvals", "duties", "alerts"):
            assert QUOTE in str(told[key]), (key, told[key])
        assert CONTRACT in str(told["contracts"]) and SPELT[0] in str(told["case"]), told
        titles = {row["type"]: row["title"] for row in told["alerts"]}
        assert QUOTE[:40] in titles["case.answered"] and "bare_title" not in str(told["alerts"]), titles


run(globals())
