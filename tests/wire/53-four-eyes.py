#!/usr/bin/python3
"""Four eyes (redress.yaml(5), "four_eyes"; redress-events(7), approval.given): what takes two persons waits
for the second one, and lapses without."""
import subprocess
from datetime import datetime, timedelta, timezone

from harness import complaint, event, run
from locked import CLIENTS, Locked

FOUR = "four_eyes: {for: [case.extended, customer.forgotten, clock.accepted, silence.created], lapses: 2h}"
PEOPLE = CLIENTS | {
    "ops": "{name: ops, roles: [operator], sources: ['*'], sees: [text]}",
    "li": "{name: li, roles: [operator], sources: ['*'], person: li}",
    "li2": "{name: li2, roles: [operator], sources: ['*'], person: li}",
    "wang": "{name: wang, roles: [operator], sources: ['*'], person: wang}",
    "head": "{name: head, roles: [unit], units: [xj/yining], sources: ['*'], may: [approval.given]}",
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


def office(**options):
    return Locked(security=FOUR, clients=PEOPLE, rules=EXTENDED, **options)


def extended(subject, **more):
    return event("case.extended", subject=subject, data={
        "clock": "decide", "approved_by": "parent", "reason": "complex", "told_customer": True, "by": "li"}, **more)


def approval(seq, by, **more):
    return event("approval.given", data={"event": seq, "by": by}, **more)


def due(desk, subject, seq):
    return desk.call("case.get", subject=subject, min_seq=seq)["clocks"][0]["due"]


def test_an_extension_waits_for_another_person():
    with office() as locked:
        locked.intake("crm").accept(complaint("a", unit="xj/yining"))
        feed = locked.feed("wang", "~ops/")
        li, li2, wang, desk = locked.intake("li"), locked.intake("li2"), locked.intake("wang"), locked.desk("ops")
        before = due(desk, "a", 1)
        asked = extended("a")
        first = li.accept(asked)
        assert first["waits"] is True and first["case"] == 1, first
        assert due(desk, "a", first["seq"]) == before
        again = li.send(asked)
        assert again["status"] == "duplicate" and again["waits"] is True, again
        topic, owed = feed.alert()
        assert topic == "~ops/approval.owed" and owed["case"] == 1 and owed["severity"] == "warning", owed
        assert owed["reasons"][0]["code"] == f"approval.{first['seq']}" and "li" in owed["title"], owed
        row, = desk.call("approval.list", min_seq=first["seq"])["rows"]
        assert {key: row[key] for key in ("event", "type", "case", "by", "clock", "reason", "sender", "alert")} == {
            "event": first["seq"], "type": "case.extended", "case": 1, "by": "li", "clock": "decide",
            "reason": "complex", "sender": "li", "alert": owed["seq"]}, row
        for client, by in ((li, "li"), (li2, "li")):
            receipt = client.send(approval(first["seq"], by))
            assert receipt["error"]["code"] == "forbidden" and receipt["error"]["field"] == "data.event", receipt
        second = wang.accept(approval(first["seq"], "wang"))
        assert second["case"] == 1 and "waits" not in second, second
        assert due(desk, "a", second["seq"]) > before
        case = desk.call("case.get", subject="a", min_seq=second["seq"])
        told = [(row["type"], row["by"], row["sender"], row["seq"]) for row in case["history"]
                if row["what"] == "event" and row["type"] in ("case.extended", "approval.given")]
        assert told == [("case.extended", "li", "li", first["seq"]),
                        ("approval.given", "wang", "wang", second["seq"])], told
        assert desk.call("approval.list", min_seq=second["seq"])["rows"] == []
        missing = wang.send(approval(first["seq"], "wang"))
        assert missing["error"]["code"] == "bad_value", missing


def test_what_cannot_be_taken_is_told_at_once_or_at_the_approval():
    with office() as locked:
        locked.intake("crm").accept(complaint("a", unit="xj/yining"))
        ops, wang = locked.intake("ops"), locked.intake("wang")
        unknown = extended("a")
        unknown["data"]["clock"] = "nothing"
        assert ops.send(unknown)["error"]["field"] == "data.clock"
        refused = ops.send(event("silence.created", data={
            "matchers": {"colour": "red"}, "until": "2099-01-01T00:00:00Z", "by": "li", "reason": "r"}))
        assert refused["error"]["field"] in ("data.matchers", "data.until"), refused
        waiting = ops.accept(extended("a"))
        locked.intake("yining").accept(
            event("case.closed", subject="a", source="desk-yining", data={"resolution": "done"}))
        receipt = wang.send(approval(waiting["seq"], "wang"))
        assert receipt["error"]["code"] == "illegal_transition", receipt
        assert "any more" in receipt["error"]["message"], receipt
        assert len(locked.desk("ops").call("approval.list")["rows"]) == 1


def test_a_silence_gets_its_number_with_the_approval_and_a_kill_loses_nothing():
    with office() as locked:
        locked.intake("crm").accept(complaint("a", unit="xj/yining"))
        ops, wang = locked.intake("ops"), locked.intake("wang")
        made = ops.accept(event("silence.created", data={
            "matchers": {"unit": "xj/yining"}, "until": datetime.now(timezone.utc) + timedelta(hours=3), "by": "ops", "reason": "drill"}))
        assert made["waits"] is True and "silence" not in made, made
        forgotten = ops.accept(event("customer.forgotten", data={"customer": "cust-0001"}))
        assert forgotten["waits"] is True, forgotten
        assert locked.desk("ops").call("silence.list", min_seq=forgotten["seq"])["rows"] == []
        locked.daemon.kill()
        locked.daemon.start()
        ops, wang, desk = locked.intake("ops"), locked.intake("wang"), locked.desk("ops")
        rows = desk.call("approval.list")["rows"]
        assert [row["type"] for row in rows] == ["silence.created", "customer.forgotten"], rows
        assert rows[1]["customer"] == "****0001", rows
        assert rows[0]["matchers"] == {"unit": "xj/yining"} and "until" in rows[0], rows
        given = wang.accept(approval(made["seq"], "wang"))
        assert given["silence"] == 1, given
        assert len(desk.call("silence.list", min_seq=given["seq"])["rows"]) == 1
        wang.accept(approval(forgotten["seq"], "wang"))


def test_a_unit_is_told_of_its_own_cases_and_may_be_let_approve():
    with office() as locked:
        locked.intake("crm").accept(complaint("a", unit="xj/yining"), complaint("b", unit="xj/urumqi/d3"))
        ops = locked.intake("ops")
        own, foreign = ops.accept(extended("a")), ops.accept(extended("b"))
        free = ops.accept(event("customer.forgotten", data={"customer": "x"}))
        for name, told in (("head", [own]), ("yining", [own]), ("d3", [foreign]), ("eye", [own, foreign, free])):
            rows = locked.desk(name).call("approval.list", min_seq=free["seq"])["rows"]
            assert [row["event"] for row in rows] == [one["seq"] for one in told], (name, rows)
        refused = locked.intake("yining").send(approval(own["seq"], "x", source="desk-yining"))
        assert refused["error"]["code"] == "forbidden" and refused["error"]["field"] == "type", refused
        assert locked.intake("head").accept(approval(own["seq"], "head"))["case"] == 1


def test_without_an_answer_it_lapses():
    with office(args=["--clock", "events"]) as locked:
        crm, ops, wang = locked.intake("crm"), locked.intake("ops"), locked.intake("wang")
        time = "2026-03-02T{}:00Z".format
        crm.accept(complaint("a", unit="xj/yining") | {"time": time("10:00")})
        waiting = ops.accept(extended("a", time=time("10:05")))
        ops.accept(event("source.reset", data={"source": "s"}, time=time("12:04")))
        desk = locked.desk("ops")
        assert desk.call("approval.list")["rows"][0]["event"] == waiting["seq"]
        last = ops.accept(event("source.reset", data={"source": "s"}, time=time("12:05")))
        assert desk.call("approval.list", min_seq=last["seq"])["rows"] == []
        late = wang.send(approval(waiting["seq"], "wang", time=time("12:06")))
        assert late["error"]["code"] == "bad_value", late
        owed = [row for row in desk.call("feed.replay", after=0)["rows"] if row["type"] == "approval.owed"]
        assert len(owed) == 2 and owed[1]["supersedes"] == owed[0]["seq"] and "lapsed" in owed[1]["title"], owed
        assert desk.call("check")["faults"] == 0


def test_a_configuration_that_asks_for_more_is_told_where():
    with Locked() as locked:
        for text, words in (("four_eyes: {for: [case.decided]}", "for"), ("four_eyes: {lapses: 24h}", "for"),
                            ("four_eyes: {for: [case.extended], lapses: 5bd}", "lapses")):
            locked.security = f", {text}"
            locked.write(CLIENTS)
            done = subprocess.run(locked.daemon.command("--check-config"), capture_output=True, text=True,
                                  timeout=60)
            assert done.returncode == 1 and words in done.stderr and "security.four_eyes" in done.stderr, done


run(globals())
