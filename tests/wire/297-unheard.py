#!/usr/bin/python3
"""The chain's head reaches whoever listens (redress-protocol(7), "Feed"), and a key that names nobody is no second
person (redressd(8), "SECURITY")."""
import subprocess
from datetime import datetime, timedelta, timezone

import zmq

from harness import Feed, binary, complaint, event, run
from locked import CLIENTS, Locked, logged

FOUR = "four_eyes: {for: [silence.created, customer.forgotten]}"
OPERATOR = "roles: [operator], sources: ['*']"
PEOPLE = CLIENTS | {
    "olga": f"{{name: olga, {OPERATOR}, person: Olga}}",
    "petra": f"{{name: petra, {OPERATOR}, person: Petra}}",
    "shared": f"{{name: shared, {OPERATOR}}}",
}


def silence(by):
    until = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()
    return event("silence.created", data={
        "matchers": {"channel": "app"}, "by": by, "reason": "a drill", "until": until})


def approval(asked, by):
    return event("approval.given", data={"event": asked["seq"], "by": by})


def test_a_key_that_names_nobody_agrees_to_nothing_that_a_person_asked_for():
    with Locked(clients=PEOPLE, security=FOUR) as locked:
        olga, petra, shared, ops = (locked.intake(name) for name in ("olga", "petra", "shared", "ops"))
        local = locked.local("ops-intake")
        asked = [olga.accept(silence("Olga")), local.accept(silence("somebody"))]
        for one in asked:
            got = shared.send(approval(one, "Zhao"))  # under whatever name
            assert got["status"] == "rejected" and got["error"]["code"] == "forbidden", got
            assert got["error"]["field"] == "data.event" and "names nobody" in got["error"]["message"], got
            assert "silence" in petra.accept(approval(one, "Petra")), one
        asked = shared.accept(silence("Zhao"))  # of keys without a person it is known only that they differ
        assert shared.send(approval(asked, "Qian"))["error"]["code"] == "forbidden"
        assert "silence" in ops.accept(approval(asked, "Qian"))
        asked = shared.accept(silence("Zhao"))
        assert "silence" in olga.accept(approval(asked, "Olga"))


def test_operators_without_a_person_are_noted():
    with Locked(clients=PEOPLE, security=FOUR) as locked:
        checked = subprocess.run([binary(), "--config", locked.daemon.config_path, "--check-config"], text=True,
                                 capture_output=True, check=True).stderr
        lines = [line for line in checked.splitlines() if "this key has no person" in line]
        assert len(lines) == 2 and all("clients.yaml:" in line for line in lines), checked  # ops, shared
    with Locked(clients=PEOPLE) as locked:
        checked = subprocess.run([binary(), "--config", locked.daemon.config_path, "--check-config"], text=True,
                                 capture_output=True, check=True).stderr
        assert "no person" not in checked, checked


def first_heartbeat(locked, name):
    feed = locked.client(Feed, zmq.SUB, "feed", name)
    feed.pending = []
    feed.socket.subscribe("~heartbeat")
    return feed.heartbeat()


def test_the_head_of_the_chain_waits_for_a_listener():
    with Locked() as locked:
        locked.intake("crm").accept(complaint("a"))
        line = logged(locked.daemon, "code=chain")
        told = {word.split("=")[0]: word.split("=")[1] for word in line.split() if "=" in word}
        first = first_heartbeat(locked, "eye")
        assert (str(first["record"]), first["chain"]) == (told["record"], told["chain"]), (first, told)
        later = first_heartbeat(locked, "ops")
        assert "chain" not in later and "record" not in later, later
        status = locked.desk("ops").call("status")
        assert (status["chain_record"], status["chain"]) == (first["record"], first["chain"]), status


run(globals())
