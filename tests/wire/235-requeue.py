#!/usr/bin/python3
"""A dead letter goes in again as its first sender's, by what that key may do now, whoever asks (dead.requeued,
redress-events(7))."""
import subprocess
from datetime import datetime, timedelta, timezone

from harness import complaint, event, run, tool
from locked import CLIENTS, Locked, logged

MORE = CLIENTS | {
    "olga": "{name: olga, roles: [operator], sources: ['*'], person: Olga}",
    "petra": "{name: petra, roles: [operator], sources: ['*'], person: Petra}",
    "loans": "{name: loans, roles: [unit], units: [xj/yining], sources: ['*']}",
}


def requeue(number, **more):
    return event("dead.requeued", data={"number": number}, **more)


def note(subject, **more):
    return event("case.noted", subject=subject, source="desk-d3", data={"by": "a", "text": "t"}, **more)


def newest(locked):
    return locked.desk("olga").rows("dead.list")[-1]["number"]


def refused(client, number, code, word, field="data.number"):
    got = client.send(requeue(number))
    assert got["status"] == "rejected" and got["error"]["code"] == code, got
    assert got["error"]["field"] == field and word in got["error"]["message"], got
    assert f"dead letter {number}" in got["error"]["message"], got
    return got


def who(locked):
    return [(row["type"], row["sender"]) for row in locked.desk("olga").rows("journal.read")]


def test_it_is_its_senders_and_by_its_senders_rights():
    with Locked(clients=MORE) as locked:
        d3, olga = locked.intake("d3"), locked.intake("olga")
        assert d3.send(event("source.reset", source="desk-d3", data={"source": "test"}))["error"]["code"] == "forbidden"
        number = newest(locked)
        refused(olga, number, "forbidden", "may not send source.reset", field="type")
        assert locked.desk("olga").call("status")["seq"] == 0, "nothing was taken"
        locked.intake("crm").accept(complaint("own", customer="k-1"))
        locked.write({**MORE, "d3": "{name: d3, roles: [unit], units: [xj/urumqi/d3], sources: [desk-d3], "
                                    "may: [source.reset]}"})
        locked.daemon.reload()
        got = olga.accept(requeue(number, id="once"))
        assert got["id"] == "once" and got["seq"] == 3, got
        assert who(locked) == [
            ("complaint.registered", "crm"), ("source.reset", "d3"), ("dead.requeued", "olga")], who(locked)
        logged(locked.daemon, "code=source_reset", "key=d3", "seq=2 ")
        logged(locked.daemon, "code=requeued", "key=olga", "seq=3 ")
        again = olga.send(requeue(number, id="once"))
        assert again["status"] == "duplicate" and again["seq"] == 3, again
        other = olga.send(requeue(number))
        assert other["status"] == "duplicate" and other["seq"] == 2, other
        assert len(who(locked)) == 3, "a duplicate is not journalled"
        clash = olga.send(requeue(number + 1, id="once"))
        assert clash["error"]["code"] == "conflict" and clash["error"]["field"] == "id", clash


def test_its_cases_are_its_senders():
    """The asker sees every case; what decides is whose the letter is."""
    with Locked(clients=MORE) as locked:
        d3, crm, olga = locked.intake("d3"), locked.intake("crm"), locked.intake("olga")
        assert d3.send(note("foreign"))["error"]["code"] == "unknown_case"
        foreign = newest(locked)
        assert d3.send(note("own"))["error"]["code"] == "unknown_case"
        own = newest(locked)
        crm.accept(complaint("foreign", unit="xj/yining", customer="k-2"), complaint("own", customer="k-1"))
        refused(olga, foreign, "unknown_case", "", field="subject")
        got = olga.accept(requeue(own))
        assert got["case"] == 2, got
        history = [row for row in locked.desk("olga").call("case.get", subject="own")["history"]
                   if row.get("type", row.get("what")) == "case.noted" or row.get("event") == "case.noted"]
        assert "d3" in str(history) and "olga" not in str(history), history
        assert locked.intake("crm").send(requeue(own))["error"]["field"] == "type", "a producer may not ask"


def test_who_was_taken_out_has_no_rights_left():
    with Locked(clients=MORE) as locked:
        olga = locked.intake("olga")
        assert locked.intake("crm").send(complaint("x", unit="xj/nowhere"))["status"] == "rejected"
        number = newest(locked)
        refused(olga, number, "unknown_unit", "nowhere", field="data.unit")
        locked.write({name: rights for name, rights in MORE.items() if name != "crm"})
        locked.daemon.reload()
        refused(olga, number, "forbidden", "crm, which is no client any more")
        refused(locked.local("ops-intake"), number, "forbidden", "no client any more")
        gone = MORE | {"crm": "{name: crm, roles: [producer], sources: [crm, test], expires: 2020-01-01}"}
        locked.write(gone)
        locked.daemon.reload()
        refused(olga, number, "forbidden", "no client any more")
        assert locked.local("intake").send(
            complaint("y", unit="xj/nowhere"))["error"]["code"] == "unknown_unit"
        refused(olga, newest(locked), "unknown_unit", "nowhere", field="data.unit")  # ipc:producer's of now


def test_what_no_letter_can_give():
    until = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    with Locked(clients=MORE, security="four_eyes: {for: [silence.created, customer.forgotten]}") as locked:
        olga, petra, crm = locked.intake("olga"), locked.intake("petra"), locked.intake("crm")
        refused(olga, 99, "bad_value", "is not there")
        number = newest(locked)  # of the event that asked
        refused(olga, number, "forbidden", "asks for another letter")
        asked = petra.send(event("approval.given", data={"event": 1, "by": "Petra"}))
        assert asked["status"] == "rejected", asked
        number = newest(locked)
        silence = event("silence.created", data={
            "matchers": {"channel": "app"}, "by": "Olga", "reason": "a drill", "until": until})
        assert olga.accept(silence)["waits"] is True
        refused(olga, number, "forbidden", "second person's yes")
        olga.post(b"\xc1nothing")
        assert olga.receipts()[0]["error"]["code"] == "malformed"
        refused(olga, newest(locked), "malformed", "", field=None)
        # What a letter's own rules are: it waits like any other.
        assert petra.send({**silence, "id": "late", "data": {**silence["data"], "by": "Olga"}}
                          )["error"]["code"] == "forbidden"
        locked.write({**MORE, "petra": MORE["petra"].replace(", person: Petra", "")})
        locked.daemon.reload()
        got = olga.accept(requeue(newest(locked)))
        assert got["waits"] is True, got
        owed = locked.desk("olga").rows("approval.list")
        assert [row["event"] for row in owed] == [1, got["seq"] - 1], (owed, got)


def test_a_customer_who_was_forgotten_stays_so_and_a_restart_knows_it_all():
    with Locked(clients=MORE) as locked:
        crm, olga = locked.intake("crm"), locked.intake("olga")
        crm.send(complaint("x", unit="xj/nowhere", customer="MARK-of-a-customer"))
        erased = newest(locked)
        locked.intake("d3").send(note("own"))
        number = newest(locked)
        crm.accept(complaint("own", customer="k-1"))
        olga.accept(requeue(number))
        before = who(locked)
        locked.daemon.restart()
        assert who(locked) == before
        assert olga.send(requeue(number))["status"] == "duplicate"
        olga.accept(event("customer.forgotten", data={"customer": "MARK-of-a-customer"}))
        logged(locked.daemon, "code=erased")
        refused(olga, erased, "bad_value", "customer was forgotten")
        locked.daemon.stop()
        state = locked.folder / "state"
        done = subprocess.run([tool("redressctl"), "verify", str(state)], capture_output=True, text=True,
                              timeout=120, check=False)
        assert done.returncode == 0, done


def test_it_stands_beside_other_events_in_a_message():
    with Locked(clients=MORE) as locked:
        d3, ops = locked.intake("d3"), locked.intake("ops")
        d3.send(note("own"))
        number = newest(locked)
        locked.intake("crm").accept(complaint("own", customer="k-1"))
        handed = event("case.assigned", subject="own", data={"unit": "xj/urumqi/d3", "handler": "h"})
        receipts = ops.send(requeue(number), handed, requeue(number))
        assert [(one["status"], one["seq"]) for one in receipts] == [
            ("accepted", 3), ("accepted", 4), ("duplicate", 2)], receipts
        assert {one.get("case") for one in receipts} == {1}, receipts


def test_what_the_letter_would_take_from_who_asks_is_refused():
    """Of one source: the id, the number in the sequence, or a number that is too old behind the letter's."""
    with Locked(clients=MORE) as locked:
        olga = locked.intake("olga")
        for more, asking, field in (({"id": "same"}, {"id": "same"}, "id"), ({"sequence": 9}, {"sequence": 9}, "sequence"),
                                    ({"sequence": 10**6}, {"sequence": 10}, "sequence")):
            subject = f"late-{field}-{more}"
            early = event("case.noted", subject, source="office", data={"by": "Olga", "text": "t"}, **more)
            assert olga.send(early)["error"]["code"] == "unknown_case"
            number = newest(locked)
            locked.intake("crm").accept(complaint(subject, customer="k"))
            got = olga.send(requeue(number, source="office", **asking))
            assert got["status"] == "rejected" and got["error"]["code"] == "conflict", got
            assert got["error"]["field"] == field and f"dead letter {number}" in got["error"]["message"], got
            assert olga.accept(requeue(number, source="office", id=f"ask-{number}"))["case"], number


run(globals())
