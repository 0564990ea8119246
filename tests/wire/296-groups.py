#!/usr/bin/python3
"""Where a seller, a product or another code is a customer's id, phone or contract, the figures' groups and what
else tells of many cases show its end alone to a key that may not see it (redress-protocol(7), "Masks")."""
from harness import DeskError, complaint, contact, run
from locked import CLIENTS, Locked

PEOPLE = CLIENTS | {
    "all": "{name: all, roles: [operator], sources: ['*'], sees: [customer, phone, contract, text]}",
    "phone": "{name: phone, roles: [viewer], sees: [phone]}",
}
RULES = """\
assessment:
  open_case_at: high
  windows: [{code: sold, key: seller, days: 7, count: 2, points: 10, pattern: {notify: unit, severity: high}}]
policies:
  - {name: default, match: {}, clocks: [{name: answer, start: received, stop: decided, limit: 5d}]}
codes: {issue: {values: {terms: {name: The terms}}}}
alerts: {language: en}
"""
UNIT, CUSTOMER, PHONE, CONTRACT = "xj/urumqi/d3", "C-7700-123456", "+86 139-7033-5267", "LN77001234XY"
DIALLED = "13970335267"


def tell_all(locked):
    crm = locked.intake("crm")
    person = {"customer": CUSTOMER, "phone": PHONE, "contract": CONTRACT}
    crm.accept(complaint("K-1", UNIT, seller=CUSTOMER, product=DIALLED, issue=CONTRACT, **person))
    crm.accept(complaint("K-2", UNIT, seller=f"shop of {CUSTOMER}", product="loan", issue="odd", **person))
    crm.accept(contact("T-3", UNIT, seller=CUSTOMER, issue=DIALLED, **person))
    return crm.accept(complaint("K-4", UNIT, seller="S-12", product="loan", issue="terms", **person))["seq"]


def groups(desk, by):
    return [row["group"] for row in desk.call("report", by=by, unit=UNIT, figure="complaints")["rows"] if row["group"]]


def test_a_group_shows_no_more_than_its_key_may_see():
    with Locked(rules=RULES, clients=PEOPLE) as locked:
        feed = locked.feed("eye", "")
        seq = tell_all(locked)
        for name in ("eye", "ops", "d3", "all", "phone"):
            locked.desk(name).reach(seq)
        for name in ("eye", "ops", "d3"):
            desk = locked.desk(name)
            assert groups(desk, "seller") == ["****3456", "****3456", "S-12"], groups(desk, "seller")
            assert groups(desk, "product") == ["****5267", "loan"], groups(desk, "product")
            assert groups(desk, "issue") == ["****", "odd", "terms"], groups(desk, "issue")
        assert groups(locked.desk("phone"), "product") == [DIALLED, "loan"]
        assert groups(locked.desk("phone"), "seller")[0] == "****3456"
        assert groups(locked.desk("all"), "seller") == [CUSTOMER, "S-12", f"shop of {CUSTOMER}"]
        shown = {row.get("value") for row in locked.desk("eye").rows("codes.unknown")}
        assert shown == {"odd", None}, shown  # of the others events are counted, and no value is told
        goal, heard = locked.desk("all").call("status")["alert_published"], []
        while not heard or heard[-1]["seq"] < goal:
            heard.append(feed.alert()[1])
        told, = (row["title"] for row in heard if row["type"] == "pattern.detected")
        assert CUSTOMER not in str(heard) and "(****3456)" in told, told


def test_who_may_not_see_a_group_cannot_ask_for_it_either():
    with Locked(rules=RULES, clients=PEOPLE) as locked:
        seq = tell_all(locked)
        for name in ("eye", "all"):
            locked.desk(name).reach(seq)

        def behind(name, group, by="seller"):
            return [row["subject"] for row in locked.desk(name).rows(
                "report", cases="complaints", by=by, group=group, unit=UNIT)]

        assert behind("all", CUSTOMER) == ["K-1"] and behind("eye", "S-12") == ["K-4"]
        assert behind("eye", "loan", "product") == ["K-2", "K-4"]
        answers = []
        for group in (CUSTOMER, "C-7700-999999"):
            try:
                behind("eye", group)
            except DeskError as error:
                answers.append((error.code, str(error).replace(group, "*")))
        assert len(answers) == 2 and answers[0] == answers[1] and answers[0][0] == "not_found", answers


run(globals())
