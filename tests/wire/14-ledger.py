#!/usr/bin/python3
"""Windows, their patterns and members, and the ledger that says which warnings came true."""
import json
import os
import pathlib
import random
import subprocess

from harness import HERE, Daemon, complaint, contact, event, run

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")

RULES = """\
assessment:
  levels: {watch: 10, high: 60, critical: 90}
  open_case_at: high
  follow_up: 10d
  rules:
    - {code: angry, match: {channel: angry}, points: 60}
    - {code: cold, match: {channel: cold}, points: 10}
    - {code: risky, match: {contract.screened: [watch, high]}, points: 20}
  windows:
    - {code: often, key: customer, types: [contact.received], days: 7, count: 3, points: 5}
    - code: phone
      key: phone
      distinct: customer
      types: [contact.received, complaint.registered]
      days: 3
      count: 3
      points: 6
      pattern: {notify: xj, severity: warning, title: "one phone for {count}"}
    - {code: line, key: [product, unit], types: [complaint.registered], days: 2, count: 2, points: 7}
    - {code: same-words, key: text, types: [contact.received], days: 1, count: 2, points: 8}
  ignore: {phone: ["95511"], customer: [anonymous]}
  notices:
    - {code: touts, text: beware of touts, written: true, match: {kind: complaint}}
policies:
  - {name: contact, match: {kind: contact}}
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 2h}]
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: info}]}
"""


def ledger(**more):
    return Daemon(args=["--clock", "events"], rules=RULES, **more)


def on(one, day, clock="12:00:00"):
    return {**one, "time": f"2025-03-{day:02}T{clock}+08:00"}


def call(subject, day, clock="12:00:00", **data):
    return on(contact(subject, **{"channel": "branch", **data}), day, clock)


def points(receipt):
    """Of the windows only."""
    return {reason["code"]: reason["detail"] for reason in receipt["warning"]["reasons"]
            if reason["code"] in ("often", "phone", "line", "same-words")}


def test_the_edges_of_a_window():
    with ledger() as daemon:
        intake = daemon.intake()
        for subject, day, clock, want in [
                ("a", 1, "12:00:00", {}), ("b", 2, "12:00:00", {}),
                ("c", 8, "11:59:59.999999", {"often": "3 in 7 days"}),  # 1 March 12:00 is in
                ("d", 8, "12:00:00", {"often": "3 in 7 days"}),  # now it is not: b, c, d
                ("e", 9, "11:59:59", {"often": "4 in 7 days"})]:
            assert points(intake.accept(call(subject, day, clock))) == want, subject


def test_late_events_land_where_they_belong():
    with ledger() as daemon:
        intake = daemon.intake()
        intake.accept(call("a", 10))
        assert points(intake.accept(call("b", 4))) == {}  # nothing before it
        assert points(intake.accept(call("c", 5))) == {}  # 4, 5; the 10th is after it
        assert points(intake.accept(call("d", 10, "12:00:01"))) == {"often": "4 in 7 days"}


def test_values_keys_and_what_is_ignored():
    with ledger() as daemon:
        intake = daemon.intake()
        phones = ["13800138000", "+86 138-0013-8000", "0086 13800138000", "１３８００１３８０００"]
        got = [points(intake.accept(call(f"p{i}", 1, customer=f"c{i}", phone=phone)))
               for i, phone in enumerate(phones)]
        assert got == [{}, {}, {"phone": "3 in 3 days"}, {"phone": "4 in 3 days"}], got
        for i in range(4):  # the hotline's own number, no number at all, and nobody
            assert points(intake.accept(call(f"h{i}", 1, customer=f"h{i}", phone="9-5511"))) == {}
            assert points(intake.accept(call(f"n{i}", 1, customer=f"n{i}", phone="none"))) == {}
            assert points(intake.accept(call(f"x{i}", 1, customer="anonymous"))) == {}
        assert points(intake.accept(on(complaint("k1", product="auto"), 2))) == {}
        assert points(intake.accept(on(complaint("k2", product="life"), 2))) == {}
        assert points(intake.accept(on(complaint("k3", product="auto", unit="xj/yining"), 2))) == {}
        assert points(intake.accept(on(complaint("k4", product="auto"), 2))) == {"line": "2 in 2 days"}
        first, second = "ＲＥＦＵＮＤ 100 now", "refund 2,500 NOW"
        assert points(intake.accept(call("t1", 3, customer="t1", text=first))) == {}
        assert points(intake.accept(call("t2", 3, customer="t2", text=second))) == {}  # a comma
        assert points(intake.accept(call("t3", 3, customer="t3", text="refund 7 now"))) == {
            "same-words": "2 in 1 days"}


def test_distinct_values_against_a_naive_count():
    with ledger() as daemon:
        seed = int(os.environ.get("REDRESS_SEED") or random.randrange(1 << 32))
        print(f"seed {seed}")
        chance, intake, taken = random.Random(seed), daemon.intake(), []
        for i in range(400):
            hour, customer = chance.randrange(24 * 12), f"c{chance.randrange(6)}"
            day, phone = 1 + hour // 24, f"1380000000{chance.randrange(2)}"
            got = points(intake.accept(call(f"s{i}", day, f"{hour % 24:02}:00:00", customer=customer,
                                            phone=phone))).get("phone")
            taken.append((phone, hour, customer))
            count = len({c for p, h, c in taken if p == phone and hour - 72 < h <= hour})
            assert got == (f"{count} in 3 days" if count >= 3 else None), (i, got, count)


def patterns(desk, seq):
    return [alert for alert in desk.call("feed.replay", min_seq=seq, after=0)["rows"]
            if alert["type"] == "pattern.detected"]


def test_a_pattern_is_published_once_and_its_members_are_there_to_read():
    with ledger() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for i in range(5):
            seq = intake.accept(call(f"a{i}", 1, f"10:0{i}:00", customer=f"c{i}", phone="138 1111 2222"))["seq"]
        intake.accept(call("other", 1, customer="o", phone="13900000000"))
        found = patterns(desk, seq)
        assert [(one["unit"], one["title"], one["count"]) for one in found] == [("xj", "one phone for 3", 3)]
        rows = desk.rows("contact.list", alert=found[0]["seq"], limit=2)
        assert sorted(row["seq"] for row in rows) == [1, 2, 3, 4, 5], rows
        assert rows == desk.rows("contact.list", window="phone", key="+8613811112222")
        assert [row["seq"] for row in desk.rows("contact.list", window="often", key="c1")] == [2]
        assert desk.rows("contact.list", window="line", key=["auto", "xj/urumqi/d3"]) == []
        for error, params in [("not_found", {"alert": found[0]["seq"] + 100}),
                              ("not_found", {"window": "none", "key": "x"}),
                              ("not_found", {"window": "line", "key": "auto"}),
                              ("bad_params", {"window": "phone", "key": 7}),
                              ("bad_params", {"window": "phone"}),
                              ("bad_params", {"kind": "duty"}), ("bad_params", {"open": 1}),
                              ("bad_params", {"warning_level": "hot"})]:
            desk.refuses(error, "contact.list", **params)
        daemon.restart()  # the latch stays
        intake.accept(call("b", 3, customer="c9", phone="13811112222"))
        assert len(patterns(desk, seq)) == 1
        intake.accept(call("c", 8, customer="c1", phone="13811112222"))  # below again: it clears
        for i in range(2, 5):
            seq = intake.accept(call(f"d{i}", 9, customer=f"c{i}", phone="13811112222"))["seq"]
        assert [one["count"] for one in patterns(desk, seq)] == [3, 3]
        again = desk.rows("contact.list", alert=patterns(desk, seq)[1]["seq"])
        assert sorted(row["seq"] for row in again) == [8, 9, 10, 11], again


def test_windows_and_ledger_survive_a_kill():
    with ledger() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for day in (1, 2):
            seq = intake.accept(call(f"a{day}", day))["seq"]
        daemon.restart()
        assert points(intake.accept(call("a3", 3))) == {"often": "3 in 7 days"}
        assert len(desk.rows("contact.list", min_seq=seq + 1)) == 3


def test_a_check_says_what_the_receipt_says():
    with ledger() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(on(event("contract.screened", data={"contract": "P-1", "risk": "high"}), 1))
        intake.accept(call("a", 1, phone="1", customer="x"))
        seq = intake.accept(call("b", 1, phone="1", customer="y"))["seq"]
        for one in [call("c", 2, phone="1", customer="z", contract="P-1"),
                    on(complaint("k", product="p", channel="angry", customer="q"), 2)]:
            said = desk.call("event.check", event=one, min_seq=seq)["receipt"]
            again = desk.call("event.check", event=one, min_seq=seq)["receipt"]
            taken = intake.accept(one)
            seq = taken["seq"]
            assert said["warning"] == again["warning"] == taken["warning"], (said, taken)
        assert [reason["code"] for reason in taken["warning"]["reasons"]] == ["angry"]
        assert [notice["code"] for notice in taken["warning"]["notices"]] == ["touts"]


def filled(daemon):
    """Contacts that complained, that did not, and of which it is not known; the last number."""
    intake = daemon.intake()
    intake.accept(call("late", 12, customer="l"))  # time goes on; l's contact of the 2nd comes later
    for number, (customer, day, channel) in enumerate([
            ("x", 1, "angry"), ("y", 1, "angry"), ("z", 2, "cold"), ("z", 3, "branch"), ("w", 11, "angry")]):
        intake.accept(call(f"c{number}", day, customer=customer, channel=channel))
    intake.accept(on(complaint("kx", customer="x"), 5))
    intake.accept(on(complaint("kz", customer="z", contact="c2"), 12))  # c2: to the second ten days
    intake.accept(on(complaint("ky", customer="y"), 11, "12:00:01"))  # a second too late for c1
    intake.accept(on(complaint("kl", customer="l"), 10))
    return intake.accept(call("before", 9, customer="l", channel="cold"))["seq"]


def came(rows):
    return {(row["kind"], row.get("level") or row["code"]): (row["assessed"], row["open"], row["came_true"])
            for row in rows if row["assessed"] > 0}


def test_the_ledger_knows_what_became_of_a_contact():
    with ledger() as daemon:
        seq = filled(daemon)
        desk = daemon.desk()
        rows = desk.rows("contact.list", min_seq=seq)
        state = {row["seq"]: (row["level"], row["complained"], row["open"]) for row in rows}
        assert state == {
            1: ("none", False, True),     # l on the 12th: complained on the 10th, before it
            2: ("high", True, False),     # x
            3: ("high", False, False),    # y, a second too late
            4: ("watch", True, False),    # z on the 2nd, to the very instant
            5: ("none", True, False),     # z again
            6: ("high", False, True),     # w: ten days are not over
            11: ("watch", True, False)}, state  # came after the complaint that it became
        assert [row["seq"] for row in desk.rows("contact.list", code="angry", complained=False)] == [3, 6]
        assert [row["seq"] for row in desk.rows("contact.list", open=True)] == [1, 6]
        assert [row["seq"] for row in desk.rows("contact.list", warning_level="watch", customer="z")] == [4]
        assert [row["seq"] for row in desk.rows("contact.list", since="2025-03-02T12:00:00+08:00",
                                                until="2025-03-09T12:00:00+08:00")] == [4, 5]
        kinds = [row["kind"] for row in desk.rows("contact.list", kind="any")]
        assert kinds.count("complaint") == 4 and len(kinds) == 11
        assert desk.rows("contact.list", unit="xj/yining") == []
        counts = came(desk.call("warnings", min_seq=seq)["rows"])
        assert counts[("contact", "high")] == (3, 1, 1) and counts[("contact", "watch")] == (2, 0, 2)
        assert counts[("contact", "none")] == (2, 1, 1) and counts[("contact", "angry")] == (3, 1, 1)
        assert ("contact", "high") not in came(desk.call("warnings", since="2025-03-20T00:00:00Z")["rows"])
        assert came(desk.call("warnings", unit="xj/yining")["rows"]) == {}


def test_what_became_of_complaints():
    with ledger() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for name in ("quick", "slow", "again", "regulator", "still"):
            intake.accept(on(complaint(name, customer=name, channel="angry"), 1, "10:00:00"))
        for name in ("quick", "again", "regulator"):
            intake.accept(on(event("case.closed", subject=name, data={"resolution": "done"}), 1, "11:00:00"))
        intake.accept(on(event("case.reopened", subject="again", data={"reason": "no"}), 1, "11:30:00"))
        seq = intake.accept(on(event("case.forwarded", subject="regulator", data={
            "body": "nfra", "ref": "7", "answer_by": "2025-04-01"}), 1, "11:30:00"))["seq"]
        rows = desk.rows("contact.list", kind="complaint", min_seq=seq)
        assert [row["open"] for row in rows] == [False, True, False, False, True], rows
        intake.accept(on(event("case.closed", subject="still", data={"resolution": "x"}), 1, "11:45:00"))
        seq = intake.accept(call("later", 1, "12:00:00"))["seq"]
        state = [(row["disputed"], row["escalated"], row["breached"], row["open"])
                 for row in desk.rows("contact.list", kind="complaint", min_seq=seq)]
        assert state == [(False, False, False, False), (False, False, True, False),
                         (True, False, True, False), (True, True, True, False),  # that reopens it too
                         (False, False, False, False)], state
        assert came(desk.call("warnings")["rows"])[("complaint", "angry")] == (5, 0, 3)


def test_redressctl_says_which_rule_cries_wolf():
    with ledger() as daemon:
        seq = filled(daemon)
        daemon.desk().call("warnings", min_seq=seq)

        def ctl(*args):
            done = subprocess.run([TOOLS / "redressctl", "--run", str(daemon.folder), *args],
                                  capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 0, done.stderr
            return done.stdout

        both = json.loads(ctl("--json", "warnings"))
        contacts, complaints = both["contacts"], both["complaints"]
        lines = {line["contacts"]: line for line in contacts}
        high = lines["level high"]
        assert (high["assessed"], high["open"], high["false_alarms"]) == (3, 1, 1), high
        assert (high["precision"], high["recall"]) == (5000, 2500), high  # one of two; one of four
        assert lines["level watch"]["precision"] == 7500 and lines["level watch"]["recall"] == 7500
        assert lines["rule cold"]["precision"] == 10000 and lines["rule cold"]["recall"] == 5000
        assert lines["rule cold"]["lift"] == 12500, lines  # all of it beside four of five
        assert [line["contacts"] for line in contacts][-2:] == ["rule angry", "rule cold"], contacts
        assert {line["complaints"] for line in complaints} >= {"level none"}, complaints
        text = ctl("warnings", "--since", "2025-03-01T00:00:00+08:00", "--unit", "xj")
        assert "rule angry" in text and "precision" in text, text
        assert "angry" not in ctl("warnings", "--since", "2026-01-01T00:00:00Z")
        assert len(ctl("contacts", "--code", "cold").splitlines()) == 3


if __name__ == "__main__":
    run(globals())
