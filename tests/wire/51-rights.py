#!/usr/bin/python3
"""Who may do what at each door: every role with every type of event, every method of the desk, and the
feed, by tcp with keys and by ipc. What is expected comes from the manual pages: "From:" of each type in
redress-events(7), the table of methods in redress-protocol(7)."""
import re

from harness import HERE, DeskError, complaint, event, run, unpack
from locked import CLIENTS, Locked

ROOT = HERE.parent.parent
EVENTS = (ROOT / "common/redress-events.7").read_text(encoding="utf-8")
PROTOCOL = (ROOT / "daemon/doors/redress-protocol.7").read_text(encoding="utf-8")
FROM = {"producer": "source", "unit": "unit", "operator": "operator", "viewer": None}
SENT_BY = {name: set(re.split(r", | and ", who)) for name, who in re.findall(
    r"^\.It Cm (\S+)\nFrom: (.+)\.$", EVENTS, re.M)}
METHODS = {name: (set(who.split(", ")), given) for name, who, given in re.findall(
    r"^\.It Ic (\S+) Ta (.+) Ta (.+)$", PROTOCOL, re.M)}
ROLES = {"crm": "producer", "d3": "unit", "yining": "unit", "ops": "operator", "eye": "viewer"}
SCREENING = "supervision: {screening: {opens: [high], due: 10bd}}\n"
# What a method cannot do without.
PARAMS = {"case.get": {"case": 1}, "explain": {"case": 1}, "feed.check": {"topics": ["xj/yining/"]},
          "restated": {"from": "2026-01", "to": "2026-01"},
          "event.check": {"event": {"id": "x", "source": "s", "type": "case.noted", "subject": "own",
                                    "data": {"by": "a", "text": "t"}}}}


def vectors():
    """A valid event of each type."""
    found = {}
    for line in (HERE.parent / "vectors/events.tsv").read_text(encoding="utf-8").splitlines():
        code, state, _, what = (line.split("\t") + [""] * 3)[:4]
        if state == "ok" and what.endswith(" with what it needs"):
            found[what.split()[0]] = unpack(bytes.fromhex(code))
    return found


def is_asker(role, who):
    return role in who or "anyone" in who


def prepare(locked):
    """Case 1 is of d3, case 2 of yining, case 3 of the counter, whose escalation the district hears of."""
    sender = locked.intake("crm")
    sender.accept(complaint("own", customer="k-1"), complaint("foreign", unit="xj/yining", customer="k-2"),
                  complaint("third", unit="xj/urumqi/counter1", customer="k-3"))


def test_every_role_with_every_type_of_event():
    every = vectors()
    assert set(every) == set(SENT_BY) and len(every) > 30, set(every) ^ set(SENT_BY)
    with Locked() as locked:
        prepare(locked)
        for name, role in ROLES.items():
            client = locked.intake(name)
            for number, (kind, made) in enumerate(every.items()):
                source = {"crm": "crm", "d3": "desk-d3", "yining": "desk-yining", "eye": "eye"}.get(name, "any")
                one = {**made, "id": f"{name}-{number}", "source": source}
                one.pop("sequence", None)
                if kind == "dead.requeued":
                    one["data"] = {"number": 9999}  # a letter that there is has its own sender's rights
                if "subject" in one:
                    one["subject"] = "own"
                if "unit" in one.get("data", {}):
                    one["data"]["unit"] = "xj/yining" if name == "yining" else "xj/urumqi/d3"
                may = is_asker(FROM[role], SENT_BY[kind] - {"anyone"}) or (
                    "anyone" in SENT_BY[kind] and role != "viewer")
                receipt = client.send(one)
                code = receipt.get("error", {}).get("code")
                if receipt["status"] == "rejected" and "data" in (receipt["error"]["field"] or ""):
                    assert code in ("bad_value", "unknown_case", "conflict", "forbidden",
                                    "illegal_transition"), (name, kind, receipt)
                assert (code != "forbidden") == may, (name, role, kind, receipt)


def test_a_foreign_case_is_as_one_that_is_not_there():
    with Locked() as locked:
        prepare(locked)
        yining, d3 = locked.intake("yining"), locked.intake("d3")

        def refusal(client, source, kind, data, **named):
            one = event(kind, id="same", source=source, data=data, **named)
            client.post(one)
            return client.receive()[-1]

        for kind, data in (("case.acknowledged", {"by": "a"}), ("case.noted", {"by": "a", "text": "t"}),
                           ("case.decided", {"outcome": "upheld"}), ("case.closed", {"resolution": "r"}),
                           ("case.escalated", {"by": "a", "reason": "r"})):
            foreign = refusal(yining, "desk-yining", kind, data, subject="own")
            missing = refusal(yining, "desk-yining", kind, data, subject="nil")
            assert foreign == missing and unpack(foreign)["error"]["code"] == "unknown_case", unpack(foreign)
            foreign = refusal(yining, "desk-yining", kind, {**data, "case": 1})
            missing = refusal(yining, "desk-yining", kind, {**data, "case": 99})
            assert foreign == missing and unpack(foreign)["error"]["code"] == "unknown_case", unpack(foreign)
        foreign = refusal(d3, "desk-d3", "case.merged", {"into": "foreign"}, subject="own")
        missing = refusal(d3, "desk-d3", "case.merged", {"into": "nil"}, subject="own")
        assert foreign == missing, unpack(foreign)
        alert = locked.desk("ops").rows("feed.replay", unit="xj/yining")[0]["seq"]
        refused = unpack(refusal(d3, "desk-d3", "alert.acknowledged", {"alert": alert, "by": "a"}))
        assert refused["status"] == "rejected" and refused["error"]["code"] == "bad_value", refused
        yining.accept(event("alert.acknowledged", source="desk-yining", data={"alert": alert, "by": "a"}))
        d3.accept(event("case.acknowledged", source="desk-d3", subject="own", data={"by": "a"}))
        asking = locked.desk("yining")
        for case, subject in ((1, "own"), (99, "nil")):
            for params in ({"case": case}, {"subject": subject}):
                for method in ("case.get", "explain"):
                    error = asking.refuses("not_found", method, **params)
                    assert "no case has this number or subject" in error.message, error


def test_who_was_alerted_may_look_and_act():
    with Locked() as locked:
        locked.write({**CLIENTS, "d3": "{name: d3, roles: [unit], units: [xj/yining], sources: [desk-d3]}"})
        locked.daemon.reload()
        prepare(locked)
        d3, desk = locked.intake("d3"), locked.desk("d3")
        desk.refuses("not_found", "case.get", subject="own")
        locked.local("ops-intake").accept(event(
            "case.assigned", subject="own", data={"unit": "xj/yining"}))
        assert desk.call("case.get", subject="own")["unit"] == "xj/yining"
        locked.local("ops-intake").accept(event(
            "case.assigned", subject="own", data={"unit": "xj/urumqi/d3"}))
        assert desk.call("case.get", subject="own")["unit"] == "xj/urumqi/d3"
        d3.accept(event("case.noted", source="desk-d3", subject="own", data={"by": "a", "text": "it was ours"}))


def test_every_role_with_every_method():
    with Locked() as locked:
        prepare(locked)
        desks = {name: locked.desk(name) for name in ROLES}
        desks["ops"].reach(3)
        every = {row["method"] if isinstance(row, dict) else row for row in METHODS}
        assert "case.list" in every and len(every) >= 20
        for name, role in ROLES.items():
            for method, (who, given) in METHODS.items():
                params = dict(PARAMS.get(method, {}))
                if given == "a unit of its own" and role == "unit":
                    desks[name].refuses("forbidden", method, **params)
                    desks[name].refuses("forbidden", method, unit="xj", **params)
                    params["unit"] = "xj/yining" if name == "yining" else "xj/urumqi/d3"
                if not is_asker(role, who):
                    desks[name].refuses("forbidden", method, **params)
                    continue
                if method == "digest.get":
                    params.setdefault("unit", "xj/yining")
                try:
                    desks[name].patient(method, **params)
                except DeskError as error:  # no case of its own, no digest made yet, no state of January
                    is_empty = error.code == "not_found" and (name == "yining" or method == "digest.get")
                    is_before = error.code == "gone" and method == "restated"
                    assert is_empty or is_before, (name, method, error)
        plain = locked.local("desk")  # a viewer, by ipc
        plain.refuses("forbidden", "journal.read")
        assert len(plain.rows("case.list")) == 3


def units_of(rows):
    return {row["unit"] for row in rows}


def test_lists_are_cut():
    with Locked() as locked:
        prepare(locked)
        ops, d3, yining, crm = (locked.desk(name) for name in ("ops", "d3", "yining", "crm"))
        assert units_of(ops.rows("case.list")) == {"xj/urumqi/d3", "xj/yining", "xj/urumqi/counter1"}
        assert units_of(d3.rows("case.list")) == {"xj/urumqi/d3"}
        assert d3.rows("case.list", unit="xj/yining") == []
        assert [row["cases"] for row in yining.rows("case.list", count_by="unit")] == [1]
        assert units_of(yining.rows("units")) == {"xj/yining"}
        assert units_of(yining.rows("feed.replay")) == {"xj/yining"}
        assert d3.rows("feed.replay", unit="xj/yining") == []
        assert {row["case"] for row in yining.rows("timer.list") if "case" in row} == {2}
        assert units_of(d3.rows("contact.list", kind="any")) == {"xj/urumqi/d3"}
        topics = ["xj/yining/", "xj/urumqi/d3/x", "xj/", "~ops/", "~heartbeat", ""]
        may = {row["topic"] for row in d3.rows("feed.check", topics=topics) if row["may"]}
        assert may == {"xj/urumqi/d3/x", "~heartbeat"}, may
        assert [row["may"] for row in ops.rows("feed.check", topics=topics)] == [True] * 6
        locked.intake("ops").send(complaint("x", unit="xj/nowhere") | {"source": "elsewhere"})
        locked.intake("crm").send(complaint("x", unit="xj/nowhere"))
        assert {row["source"] for row in crm.rows("dead.list")} == {"test"}
        assert {row["source"] for row in ops.rows("dead.list")} == {"test", "elsewhere"}
        assert {row["source"] for row in crm.rows("source.list")} == {"test"}
        locked.write({**CLIENTS, "eye": "{name: eye, roles: [viewer], units: [xj/yining]}"})
        locked.daemon.reload()
        of_units = locked.desk("eye")
        assert of_units.rows("dead.list") == of_units.rows("source.list") == []


def test_a_contract_of_others_is_as_one_that_was_not_screened():
    with Locked(more=SCREENING) as locked:
        screened = event("contract.screened", source="test", data={
            "contract": "P-1", "risk": "high", "round": "r1", "unit": "xj/urumqi/d3"})
        locked.intake("crm").accept(screened)
        foreign, missing = (locked.intake("yining").send(event("contract.cleared", source="desk-yining", data={
            "contract": contract, "round": "r1", "by": "a", "measure": "m"})) for contract in ("P-1", "P-2"))
        assert foreign["error"] == missing["error"] and foreign["error"]["code"] == "unknown_case", foreign
        assert len(locked.desk("ops").rows("duty.list", open=True)) == 1, "a unit closed a duty of another"
        locked.intake("d3").accept(event("contract.cleared", source="desk-d3", data={
            "contract": "P-1", "round": "r1", "by": "a", "measure": "m"}))


def test_the_configuration_shows_no_customer_of_a_rule():
    rule = "policies: [{name: vip, match: {customer: [VIP-4711], age: 3}, clocks: []}, {name: rest, match: {}, clocks: []}]\n"
    with Locked(rules=rule, clients={**CLIENTS, "boss": "{name: boss, roles: [viewer], sees: [customer]}"}) as locked:
        shown = {name: str(locked.desk(name).call("config.get")["config"]) for name in ("eye", "boss")}
        assert "VIP-4711" in shown["boss"] and "VIP-4711" not in shown["eye"], shown["eye"]
        assert "****" in shown["eye"] and "'age'" in shown["eye"], shown["eye"]


def test_a_producer_is_told_that_there_are_other_cases_and_no_more():
    with Locked() as locked:
        prepare(locked)
        sender = locked.intake("crm")
        again = sender.accept(complaint("again", customer="k-1"))
        assert [set(one) for one in again["open_cases"]] == [
            {"case", "unit", "state", "level", "opened", "overdue"}], again
        every = locked.local("ops-intake")
        locked.write({**CLIENTS, "crm": "{name: crm, roles: [producer, viewer], sources: [test]}"})
        locked.daemon.reload()
        whole = sender.accept(complaint("once more", customer="k-1"))
        assert {"own", "again"} == {one.get("subject") for one in whole["open_cases"]}, whole
        every.close()


def test_event_check_says_what_the_key_may():
    with Locked() as locked:
        prepare(locked)
        made = {"id": "x", "source": "desk-yining", "type": "case.noted", "data": {"by": "a", "text": "t"}}

        def said(name, **more):
            return locked.desk(name).call("event.check", event={**made, **more})["receipt"]

        assert said("yining", subject="foreign")["status"] == "accepted"
        foreign, missing = (said("yining", subject=subject) for subject in ("own", "nil"))
        assert foreign == missing and foreign["error"]["code"] == "unknown_case", foreign
        opening = {**complaint("again", customer="k-1"), "source": "test"}
        checked = locked.desk("crm").call("event.check", event=opening)["receipt"]
        taken = locked.intake("crm").accept(opening)
        assert [set(one) for one in checked["open_cases"]] == [set(one) for one in taken["open_cases"]], checked
        assert "handler" not in checked["open_cases"][0] and "subject" not in checked["open_cases"][0], checked
        assert said("eye", subject="own", source="eye")["error"]["code"] == "forbidden"


run(globals())
