#!/usr/bin/python3
"""redressctl against a real daemon: every verb, exit statuses, JSON."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, complaint, contact, event, run  # noqa: E402

CTL = os.path.join(os.environ["REDRESS_TOOLS"], "redressctl")
OK, USAGE, REFUSED, UNREACHABLE, FINDING = range(5)
UNIT = "xj/urumqi/d3"
ENV = {**os.environ, "USER": "wang", "TZ": "Asia/Shanghai"}


class Ctl:
    """redressctl at one daemon whose time comes from events: each writing verb a minute later."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.minute = 0

    def __call__(self, *words, expect=OK, stdin=None):
        done = subprocess.run([CTL, "--run", str(self.daemon.folder), *words], input=stdin,
                              capture_output=True, text=True, timeout=30, env=ENV)
        assert done.returncode == expect, (words, done)
        return done.stdout

    def json(self, *words, expect=OK, stdin=None):
        return json.loads(self("--json", *words, expect=expect, stdin=stdin))

    def time(self):
        self.minute += 1
        return f"2025-03-03T{10 + self.minute // 60}:{self.minute % 60:02}:00+08:00"

    def act(self, *words, expect=OK):
        """A writing verb; its receipt. The desk has what it did when the next question is asked."""
        receipt = self.json(*words, "--time", self.time(), expect=expect)
        if "seq" in receipt:
            self.daemon.desk().call("status", min_seq=receipt["seq"])
        return receipt


def start():
    daemon = Daemon(args=["--clock", "events"])
    ctl = Ctl(daemon)
    intake = daemon.intake()
    for i in range(1, 5):
        receipt = intake.accept({**complaint(f"c-{i}", customer=f"k{i}"), "time": ctl.time()})
    daemon.desk().call("status", min_seq=receipt["seq"])
    return daemon, ctl


def test_reading_verbs():
    daemon, ctl = start()
    with daemon:
        receipt = daemon.intake().accept({**contact("w-1", customer="k9"), "time": ctl.time()})
        assert "case 5" in " ".join(ctl("case", "5", "--min-seq", str(receipt["seq"])).split())
        assert ctl.json("status")["seq"] == 5
        assert ctl.json("case", "c-1")["case"] == 1
        assert ctl.json("case", "subject:c-2")["case"] == 2
        assert len(ctl.json("cases", "--unit", "xj", "--limit", "2")["rows"]) == 2
        assert ctl.json("cases", "--kind", "complaint", "--state", "open", "--level", "none",
                        "--rung", "1", "--after", "3", "--customer", "k4",
                        "--due-before", "2026-01-01T00:00:00Z")["rows"] is not None
        assert ctl.json("timers", "--unit", "xj")["rows"]
        alerts = ctl.json("alerts", "--unit", UNIT, "--after", "0")
        assert alerts["rows"] and alerts["head"] >= len(alerts["rows"]), alerts
        for verb in ("unacked", "units", "sources", "silences", "notices", "contacts", "journal"):
            assert isinstance(ctl.json(verb)["rows"], list), verb
            assert ctl(verb), verb
        assert ctl.json("dead", "list")["rows"] == []
        assert ctl.json("journal", "--raw")["rows"][0]["record"] == 1
        assert ctl.json("config")["config"] is not None
        assert "counters" in ctl.json("metrics")
        assert ctl.json("check")["faults"] == 0
        for verb in ("status", "cases", "timers", "alerts", "config", "metrics", "check"):
            assert ctl(verb), verb
        table = ctl("cases").splitlines()
        assert table[0].split()[:2] == ["case", "subject"] and len(table) == 6, table
        assert "+08:00" in table[1] and "\x1b" not in table[1], table
        ctl("case", "77", expect=REFUSED)


def test_an_event_is_checked_and_not_taken():
    daemon, ctl = start()
    with daemon:
        made = {**contact("x-1", customer="k8"), "time": ctl.time()}
        path = daemon.folder / "event.json"
        path.write_text(json.dumps(made), encoding="utf-8")
        receipt = ctl.json("check-event", str(path))
        assert receipt["warning"]["level"] == "high", receipt
        assert "high" in ctl("check-event", "-", stdin=json.dumps(made))
        made["data"]["unit"] = "nowhere"
        answer = ctl.json("check-event", "-", stdin=json.dumps(made), expect=REFUSED)
        assert answer["error"]["code"] == "unknown_unit", answer
        ctl("check-event", "-", stdin="{", expect=USAGE)
        ctl("check-event", "-", stdin='{"a": 1.5}', expect=USAGE)
        ctl("check-event", str(path) + ".none", expect=USAGE)
        assert ctl.json("status")["seq"] == 4


def test_writing_verbs():
    daemon, ctl = start()
    with daemon:
        alert = ctl.json("alerts")["rows"][0]["seq"]
        receipts = [ctl.act(*words) for words in (
            ("ack", str(alert)),
            ("acknowledge", "c-1"),
            ("assign", "1", "xj/urumqi/counter1", "--handler", "li"),
            ("contacted", "1", "--text", "called"),
            ("note", "c-1", "长 text"),
            ("amend", "1", "age=67", "attributes.vip=true", "tags=a,b"),
            ("pause", "1", "court"),
            ("resume", "1", "court"),
            ("escalate", "1", "stuck", "--to", "2"),
            ("chase", "1", "where is it?", "--answer-by", "2025-03-05", "--unit", UNIT),
            ("answer", "1", "here", "--unit", UNIT),
            ("verified", "1", "true", "--reason", "called back"),
            ("reapply", "1", "new rules"),
            ("decide", "1", "upheld", "--amount", "12.50", "--currency", "CNY", "--liable", "true",
             "--approved-by", "boss"),
            ("close", "1", "settled"),
            ("reopen", "1", "not settled"),
            ("withdraw", "subject:c-2"),
            ("merge", "3", "4", "the same"),
            ("silence", "create", f"unit={UNIT}", "--until", "2025-03-04T10:00:00+08:00",
             "--reason", "drill"),
            ("silence", "end", "1"),
            ("source", "reset", "test"),
            ("event", "case.joined", "--subject", "c-4", "by=chen", "role=lawyer"),
        )]
        assert all(one["status"] == "accepted" for one in receipts), receipts
        refused = ctl.act("extend", "4", "answer", "--approved-by", "boss", "--reason", "hard",
                          "--told-customer", expect=REFUSED)  # its policy allows none
        assert refused["error"]["field"] == "data.clock", refused
        case = ctl.json("case", "1")
        assert case["attributes"]["age"] == 67 and case["attributes"]["tags"] == ["a", "b"], case
        journal = ctl.json("journal", "--after", "4")["rows"]
        assert all(row["source"] == "redressctl" and row["id"].startswith("wang-")
                   for row in journal), journal
        assert ctl.json("check")["faults"] == 0


def test_defused_and_told():
    daemon, ctl = start()
    with daemon:
        receipt = daemon.intake().accept({**contact("w-1", customer="k9"), "time": ctl.time()})
        case = str(receipt["case"])
        ctl.act("defuse", case, "--measure", "refund")
        assert ctl.act("notice-given", case, "reasons", "--written", "true")["case"] == 5
        ctl.act("notice-given", "77", "reasons", expect=REFUSED)


def test_a_rejected_event_is_sent_again():
    daemon, ctl = start()
    with daemon:
        answer = ctl.act("close", "late-1", "settled", expect=REFUSED)
        assert answer["error"]["code"] == "unknown_case", answer
        daemon.intake().accept({**complaint("late-1", customer="k7"), "time": ctl.time()})
        number = ctl.json("dead", "list")["rows"][0]["number"]
        ctl("dead", "requeue", "99", expect=REFUSED)
        ctl("dead", "requeue", "x", expect=USAGE)
        assert ctl.json("dead", "requeue", str(number))["status"] == "accepted"


def test_the_same_id_is_a_duplicate():
    daemon, ctl = start()
    with daemon:
        words = ("note", "1", "text", "--id", "one", "--time", ctl.time())
        assert ctl.json(*words)["status"] == "accepted"
        assert ctl.json(*words)["status"] == "duplicate"
        assert ctl("note", "1", "text", "--id", "two", "--by", "li", "--time", ctl.time())


def test_a_command_line_that_is_wrong():
    daemon, ctl = start()
    with daemon:
        for words in ((), ("no-such",), ("case",), ("case", "1", "2"), ("cases", "--raw"),
                      ("cases", "--limit", "x"), ("cases", "--no-such"), ("cases", "--limit"),
                      ("--timeout", "x", "status"), ("amend", "1", "age"),
                      ("amend", "1", "age=old"), ("event", "case.joined", "role"),
                      ("silence", "create", "unit"), ("status", "--json=1")):
            ctl(*words, expect=USAGE)
        assert "escalate CASE REASON" in ctl("--help")
        assert ctl("--version").startswith("redressctl ")


def test_nobody_there():
    with Daemon(start=False) as daemon:
        ctl = Ctl(daemon)
        ctl("--timeout", "1", "status", expect=UNREACHABLE)
        ctl("--timeout", "1", "note", "1", "text", expect=UNREACHABLE)
        ctl("--desk", "nonsense", "status", expect=USAGE)


def test_a_state_folder_is_verified():
    daemon, ctl = start()
    with daemon:
        state = daemon.folder / "state"
        for i in range(5, 40):
            sent = {**contact(f"c-{i}", customer=f"k{i % 7}"), "time": ctl.time()}
            receipt = daemon.intake().accept(sent)
        daemon.desk().reach(receipt["seq"])
        assert ctl("verify", str(state)).startswith("OK"), "beside the daemon"
        assert ctl.json("check-journal", str(state / "journal"))["damage"] is None
        assert daemon.stop() == 0
        assert ctl("verify", str(state)).startswith("OK"), "behind it"
        assert "records" in ctl("check-journal", str(state / "journal"))
        segment, raw = next((path, bytearray(path.read_bytes()))
                            for path in (state / "journal").iterdir()
                            if b"complaint.registered" in path.read_bytes())
        at = raw.index(b"complaint.registered")
        raw[at] ^= 1
        segment.write_bytes(raw)
        report = ctl.json("check-journal", str(state / "journal"), expect=FINDING)
        assert report["damage"], report
        ctl("verify", str(state), expect=FINDING)
        ctl("verify", str(state) + "-none", expect=USAGE)
        ctl("check-journal", str(state), expect=USAGE)  # there is no journal right in it


def test_a_state_of_the_real_clock_is_verified():
    with Daemon() as daemon:
        ctl, intake = Ctl(daemon), daemon.intake()
        for i in range(20):
            intake.accept(contact(f"c-{i}", customer=f"k{i % 7}"))
        assert intake.send(event("case.closed", subject="none", data={"resolution": "x"})
                           )["status"] == "rejected"
        daemon.restart()
        last = daemon.intake().accept(contact("c-99", customer="k99"))
        daemon.desk().reach(last["seq"])
        assert ctl("verify", str(daemon.folder / "state")).startswith("OK")
        assert daemon.stop() == 0
        assert ctl("verify", str(daemon.folder / "state")).startswith("OK")


def test_a_store_that_is_not_the_journals():
    first, _ = start()
    second, ctl = start()
    with first, second:
        assert first.stop() == 0 and second.stop() == 0
        state = second.folder / "state"
        assert ctl("verify", str(state)).startswith("OK")
        shutil.rmtree(state / "journal")
        shutil.copytree(first.folder / "state" / "journal", state / "journal")
        said = ctl("verify", str(state), expect=FINDING)
        assert said.startswith("table "), said
        ctl("check-journal", str(state / "journal"))


if __name__ == "__main__":
    run(globals())
