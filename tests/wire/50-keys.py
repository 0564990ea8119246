#!/usr/bin/python3
"""Keys and roles (redress.yaml(5), "security"; redress-protocol(7), "Keys"): who gets in by tcp, what an
ipc address makes of whoever comes by it, and what a reload changes for those who are there."""
import json
import os
import socket
import subprocess
import time

import zmq

from harness import WAIT_S, complaint, event, pack, run, tool
from locked import CLIENTS, Locked, logged

def silent(client, wait_s=1.0):
    """Nothing comes to it."""
    try:
        return client.receive(wait_s) and False
    except TimeoutError:
        return True


def test_a_known_key_is_let_in_and_others_are_not():
    with Locked() as locked:
        known = locked.intake("crm").accept(complaint("a-1"))
        assert known["seq"] == 1
        for name, server in (("stranger", None), (None, None), ("crm", zmq.curve_keypair()[0])):
            knocking = locked.intake(name, server=server)
            knocking.post(complaint("a-2"))
            asking = locked.desk(name, server=server)
            asking.socket.send(pack([0, 1, "status", [{}]]))
            assert silent(knocking) and silent(asking, 0.2), name
        logged(locked.daemon, "a key was refused", locked.keys["stranger"][0].decode(), "not among the clients")
        assert locked.desk("ops").call("status")["seq"] == 1


def test_each_role_sends_what_is_its_own():
    with Locked() as locked:
        crm, d3, ops, eye = (locked.intake(name) for name in ("crm", "d3", "ops", "eye"))
        crm.accept(complaint("b-1"))
        d3.accept(event("case.acknowledged", subject="b-1", source="desk-d3", data={"by": "Li"}))
        ops.accept(event("source.reset", source="anything", data={"source": "crm"}))
        for client, refused, field in (
                (crm, event("case.acknowledged", subject="b-1", data={"by": "x"}), "type"),
                (crm, event("source.reset", data={"source": "test"}), "type"),
                (crm, complaint("b-2") | {"source": "desk-d3"}, "source"),
                (d3, complaint("b-2") | {"source": "desk-d3"}, "type"),
                (d3, event("case.acknowledged", subject="b-1", data={"by": "Li"}), "source"),
                (ops, complaint("b-2") | {"quiet": True}, "type"),
                (eye, complaint("b-2") | {"source": "eye"}, "type")):
            receipt = client.send(refused)
            assert receipt["status"] == "rejected" and receipt["error"]["code"] == "forbidden", receipt
            assert receipt["error"]["field"] == field, receipt
        crm.accept(complaint("b-3") | {"quiet": True})


def test_an_ipc_address_says_who_comes_by_it():
    with Locked() as locked:
        assert (os.stat(locked.folder / "ops-intake").st_mode & 0o777) == 0o600
        assert (os.stat(locked.folder / "intake").st_mode & 0o777) == 0o660
        plain, ops = locked.local("intake"), locked.local("ops-intake")
        plain.accept(complaint("c-1"))
        reset = event("source.reset", data={"source": "crm"})
        assert plain.send(reset)["error"]["code"] == "forbidden"
        ops.accept(event("source.reset", data={"source": "crm"}))
        history = locked.local("ops-desk").call("case.get", subject="c-1")["history"]
        assert "ipc:producer" in str(history), history


def test_a_subscription_that_the_role_does_not_cover_brings_nothing():
    with Locked() as locked:
        d3 = locked.feed("d3", "xj/urumqi/d3/", "xj/yining/", "", "xj/urumqi/d3", "~ops/")
        yining = locked.feed("yining", "xj/yining/")
        eye = locked.feed("eye", "xj/")
        crm = locked.feed("crm", "xj/")
        sender = locked.intake("crm")
        sender.accept(complaint("d-1", unit="xj/yining"), complaint("d-2", unit="xj/urumqi/d3"))
        for feed, subjects in ((yining, ["d-1"]), (eye, ["d-1", "d-2"]), (d3, ["d-2"])):
            for subject in subjects:
                topic, alert = feed.until(lambda topic, alert: alert.get("subject") == subject)
                assert feed is not d3 or topic.startswith("xj/urumqi/d3/"), (topic, alert)
        for feed in (d3, crm):
            feed.heartbeat()
            feed.heartbeat()
            assert all(topic.startswith("xj/urumqi/d3/") for topic, _ in feed.pending), feed.pending
            assert feed is d3 or feed.pending == [], feed.pending
        counts = locked.desk("ops").call("metrics", stale=True)["counters"]
        assert counts["subscriptions_refused"] >= 5, counts
        units = {row["unit"]: row for row in locked.desk("ops").rows("units")}
        assert units["xj/urumqi/d3"]["subscribers"] == 2, units["xj/urumqi/d3"]  # d3 and eye
        d3.close()
        eye.close()
        ops = locked.desk("ops")
        deadline = time.monotonic() + WAIT_S
        while {row["unit"]: row for row in ops.rows("units")}["xj/urumqi/d3"]["subscribers"] != 0:
            assert time.monotonic() < deadline
            yining.heartbeat()


def test_a_reload_drops_only_who_was_taken_out():
    with Locked() as locked:
        stays, eye = locked.feed("d3", "xj/urumqi/d3/"), locked.feed("eye", "xj/")
        goes = locked.feed("yining", "xj/", "xj/yining/")
        sender = locked.intake("crm")
        sender.accept(complaint("e-0"))
        stays.alert(), eye.alert()
        sender.accept(complaint("e-1", unit="xj/yining"))
        goes.until(lambda topic, alert: alert.get("subject") == "e-1")
        locked.write({name: rights for name, rights in CLIENTS.items() if name != "yining"})
        locked.daemon.reload()
        logged(locked.daemon, "a peer was cut off", "client=\"yining\"", "its key was taken out")
        for number in range(200):
            sender.accept(complaint(f"f-{number}", unit="xj/yining", customer=f"c-{number}"))
        got = []
        while f"f-{199}" not in got:
            got.append(eye.alert()[1].get("subject", ""))
        assert [one for one in got if one.startswith("f-")] == [f"f-{number}" for number in range(200)], got
        stays.heartbeat()
        assert silent(goes, 1.5), "a key that is gone hears on"
        refused = locked.intake("yining")
        refused.post(complaint("g"))
        assert silent(refused)
        # A role that covers less ends the subscriptions that it does not cover any more.
        locked.write({**CLIENTS, "eye": "{name: eye, roles: [viewer], units: [xj/yining]}"})
        locked.daemon.reload()
        logged(locked.daemon, "client=\"eye\"", "may not hear any more")
        again = locked.feed("yining", "xj/yining/")
        sender.accept(complaint("h", unit="xj/yining"))
        again.until(lambda topic, alert: alert.get("subject") == "h")
        # The socket that was cut off, and refused since, comes back by itself.
        goes.heartbeat(), goes.heartbeat()
        sender.accept(complaint("i", unit="xj/yining"))
        goes.until(lambda topic, alert: alert.get("subject") == "i")


def test_two_keys_of_a_client_and_one_that_has_expired():
    with Locked() as locked:
        locked.keys["new"] = zmq.curve_keypair()
        locked.write({**CLIENTS, "new": CLIENTS["crm"]})
        locked.daemon.reload()
        old, new = locked.intake("crm"), locked.intake("new")
        old.accept(complaint("i-1"))
        new.accept(complaint("i-2"))
        ended = CLIENTS["crm"].replace("}", ", expires: 2020-01-01}")
        locked.write({**CLIENTS, "crm": ended, "new": CLIENTS["crm"]})
        locked.daemon.reload()
        logged(locked.daemon, "a peer was cut off", "client=\"crm\"", "expired")
        new.accept(complaint("i-3"))
        late = locked.intake("crm")
        late.post(complaint("i-4"))
        assert silent(late)
        logged(locked.daemon, "a key was refused", "has expired")


def test_an_id_is_not_handed_over_to_another_key():
    with Locked() as locked:
        victim = locked.intake("crm", identity=b"branch-7")
        victim.accept(complaint("j-0"))
        thief = locked.intake("ops", identity=b"branch-7")
        thief.post(event("source.reset", data={"source": "crm"}))
        for number in range(50):
            assert victim.send(complaint(f"j-{number + 1}"))["status"] == "accepted"
        assert silent(thief, 0.2)
        logged(locked.daemon, "another peer with this id is connected")
        thief.close()  # it knocks on, and would have the id as soon as the victim has gone
        victim.close()
        again = locked.intake("crm", identity=b"branch-7")
        deadline = time.monotonic() + WAIT_S
        while True:  # it knocks until its last connection is wound up
            again.post(complaint("j-99"))
            try:
                assert again.receipts(1)[0]["status"] in ("accepted", "rejected")
                break
            except TimeoutError:
                assert time.monotonic() < deadline


def test_many_messages_and_large_ones_pass_a_locked_door():
    with Locked() as locked:
        sender = locked.intake("crm")
        for batch in range(20):
            receipts = sender.send(*[complaint(f"k-{batch}-{n}", text="x" * 2000) for n in range(200)])
            assert all(r["status"] == "accepted" for r in receipts), receipts[0]
        one = sender.send(complaint("k-last", text="y" * 30000))
        assert one["status"] == "accepted", one
        assert locked.desk("ops").call("status", min_seq=one["seq"])["seq"] == 4001


def test_strangers_at_the_gate_do_not_hold_up_the_others():
    with Locked() as locked:
        before = len(os.listdir(f"/proc/{locked.daemon.process.pid}/fd"))
        sender = locked.intake("crm")
        sender.accept(complaint("l-0"))
        halves = []
        for _ in range(600):
            one = socket.socket()
            one.settimeout(WAIT_S)
            one.connect(("127.0.0.1", locked.ports["intake"]))
            halves.append(one)
        for number in range(100):
            sender.accept(complaint(f"l-{number + 1}"))
        for one in halves:
            one.close()
        logged(locked.daemon, "one address connects too often")
        deadline = time.monotonic() + WAIT_S
        while len(os.listdir(f"/proc/{locked.daemon.process.pid}/fd")) > before + 8:
            assert time.monotonic() < deadline, "descriptors are not given back"
            sender.accept(complaint(f"m-{time.monotonic_ns()}"))


def test_the_tools_knock_with_a_key():
    with Locked() as locked:
        folder = locked.folder

        def ctl(*words, **more):
            return subprocess.run([tool("redressctl"), *words], capture_output=True, text=True, cwd=folder,
                                  timeout=3 * WAIT_S, **more)

        made = ctl("keygen", "anna.key", locked.public.decode())
        assert made.returncode == 0 and len(made.stdout) == 41, made
        secret = (folder / "anna.key").read_text().split()[0]
        assert (folder / "anna.key").stat().st_mode & 0o777 == 0o600
        assert zmq.curve_public(secret.encode()).decode() == made.stdout.strip() and secret not in made.stdout
        assert ctl("keygen", "anna.key").returncode == 1  # it never writes over one
        doors = [f"--{door}=tcp://127.0.0.1:{locked.ports[door]}" for door in ("intake", "desk")]
        early = ctl("--key", "anna.key", *doors, "--timeout", "1", "status")
        assert early.returncode == 3 and "a key that it does not know" in early.stderr, early
        locked.keys["anna"] = (made.stdout.strip().encode(), b"")
        locked.write({**CLIENTS, "anna": "{name: anna, roles: [operator], sources: ['*'], person: anna}"})
        locked.daemon.reload()
        locked.intake("crm").accept(complaint("t-1"))
        for status in (ctl("--key", "anna.key", *doors, "status", "--json"),
                       ctl(*doors, "status", "--json", env={**os.environ, "REDRESS_KEY": "anna.key"})):
            assert json.loads(status.stdout)["seq"] == 1, status
        case = ctl("--key", "anna.key", *doors, "reapply", "t-1", "new rules", "--by", "bert")
        assert case.returncode == 2 and "may name no other" in case.stdout, case
        assert ctl("--key", "anna.key", *doors, "reapply", "t-1", "new rules", "--by", "anna").returncode == 0
        locked.write({**CLIENTS, "anna": "{name: anna, roles: [operator], sources: [office]}"})
        locked.daemon.reload()
        again = ("--key", "anna.key", *doors, "reapply", "t-1", "newer rules", "--by", "anna")
        assert "may not speak as that source" in ctl(*again).stdout
        told = ctl(*again, "--source", "office")
        assert told.returncode == 0, told
        locked.write({**CLIENTS, "anna": "{name: anna, roles: [operator], sources: ['*'], person: anna}"})
        locked.daemon.reload()
        heard = subprocess.run(
            [tool("redress-sub"), "--key", "anna.key", f"--feed=tcp://127.0.0.1:{locked.ports['feed']}", *doors[1:],
             "--from", "start", "--count", "1", "xj"], capture_output=True, text=True, cwd=folder, timeout=3 * WAIT_S)
        assert heard.returncode == 0 and "t-1" in heard.stdout, heard
        (folder / "anna.key").chmod(0o644)
        assert "chmod o=" in ctl("--key", "anna.key", *doors, "status").stderr


run(globals())
