#!/usr/bin/python3
"""Second persons by way of ipc (redress-events(7), approval.given), lines of the audit that nobody can hide
(redressd(8), "AUDIT"), repeats of another's event (redress-protocol(7), "Duplicates"), and an erasure that is
watched."""
from datetime import datetime, timedelta, timezone

from harness import complaint, event, run
from locked import CLIENTS, Locked, logged

PEOPLE = CLIENTS | {
    "olga": "{name: olga, roles: [operator], sources: ['*'], person: Olga}",
    "petra": "{name: petra, roles: [operator], sources: ['*'], person: Petra}",
    "shared": "{name: shared, roles: [operator], sources: ['*']}",
    "loans": "{name: loans, roles: [unit], units: [xj/yining], sources: ['*']}",
}
FOUR = "four_eyes: {for: [silence.created, customer.forgotten], lapses: 2h}"


def silence(by):
    until = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    return event("silence.created", data={
        "matchers": {"channel": "app"}, "by": by, "reason": "a drill", "until": until})


def approval(seq, by):
    return event("approval.given", data={"event": seq, "by": by})


def test_ipc_makes_no_second_person():
    with Locked(clients=PEOPLE, security=FOUR) as locked:
        olga, petra, shared = (locked.intake(name) for name in ("olga", "petra", "shared"))
        local = locked.local("ops-intake")
        asked = olga.accept(silence("Olga"))
        assert asked["waits"] is True, asked
        for client, by, word in ((local, "Olga", "another person"), (local, "Petra", "ipc address"),
                                 (shared, "olga", "another person"), (olga, "Olga", "another person")):
            got = client.send(approval(asked["seq"], by))
            assert got["status"] == "rejected" and got["error"]["code"] == "forbidden", (by, got)
            assert got["error"]["field"] == "data.event" and word in got["error"]["message"], (by, got)
        assert petra.accept(approval(asked["seq"], "Petra"))["silence"] == 1
        plain = local.accept(event("customer.forgotten", data={"customer": "nobody"}))
        got = olga.send(approval(plain["seq"], "Olga"))  # who asked names nobody: Olga is known by her key
        assert got["status"] == "accepted", got
        named = local.accept(silence("Olga"))
        got = olga.send(approval(named["seq"], "Olga"))
        assert got["error"]["code"] == "forbidden" and "another person" in got["error"]["message"], got


def test_what_was_accepted_is_told_whatever_was_told_before():
    with Locked(clients=PEOPLE) as locked:
        olga = locked.intake("olga")
        numbers = [olga.accept(silence("Olga"))["seq"] for _ in range(25)]
        numbers.append(olga.accept(event("customer.forgotten", data={"customer": "nobody"}))["seq"])
        logged(locked.daemon, "code=erasure_asked", f"seq={numbers[-1]} ")
        lines = [line for line in locked.daemon.log().splitlines() if "mod=audit" in line]
        told = [line for line in lines for number in numbers if f"key=olga seq={number} " in line]
        assert len(told) == len(numbers), (numbers, lines)


def test_one_keys_refusals_hide_no_others():
    with Locked(clients=PEOPLE) as locked:
        crm, d3 = locked.intake("crm"), locked.intake("d3")
        for _ in range(30):
            assert crm.send(event("source.reset", data={"source": "x"}))["error"]["code"] == "forbidden"
        assert d3.send(event("clock.accepted", source="desk-d3"))["error"]["code"] == "forbidden"
        logged(locked.daemon, "code=forbidden", "key=d3", "type=clock.accepted")
        assert locked.daemon.log().count("key=crm type=source.reset") == 10, locked.daemon.log()


def test_a_repeat_of_anothers_event_names_no_foreign_case():
    with Locked(clients=PEOPLE) as locked:
        d3, loans = locked.intake("d3"), locked.intake("loans")
        locked.intake("crm").accept(complaint("K-1", unit="xj/urumqi/d3"))
        noted = event("case.noted", subject="K-1", source="desk-d3", data={"by": "a", "text": "t"})
        first = d3.accept(noted)
        assert first["case"] == 1, first
        again = d3.send(noted)
        assert again["status"] == "duplicate" and again["case"] == 1, again
        other = loans.send(noted)
        assert other["status"] == "duplicate" and other["seq"] == first["seq"] and "case" not in other, other


def test_an_erasure_gets_done_while_it_is_watched():
    with Locked(clients=PEOPLE) as locked:
        locked.intake("crm").accept(complaint("K-1", customer="somebody"))
        locked.intake("olga").accept(event("customer.forgotten", data={"customer": "somebody"}))
        desk, state = locked.desk("olga"), None
        deadline = datetime.now() + timedelta(seconds=90)
        while state != "done":
            assert datetime.now() < deadline, state  # questions alone hold it off for ten minutes
            try:
                state = desk.call("erasure.status", wait_s=3)["rows"][0]["state"]
            except TimeoutError:
                desk = locked.desk("olga")  # the doors were closed meanwhile


run(globals())
