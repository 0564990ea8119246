#!/usr/bin/python3
"""A start on a state of an older version brings it forward, and nothing of it is another thing."""
import json
import pathlib
import random
import shutil
import subprocess
import tarfile

import msgpack

from harness import WAIT_S, Daemon, Gone, complaint, run, tool

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATES = ROOT / "tests/states"
ENGINE, SCHEMA = 13, 6
OLDER = {"engine-8": (8, 5), "engine-9": (9, 6), "engine-10": (10, 6),
         "engine-11": (11, 6), "engine-12": (12, 6)}  # what steps lead from
SWITCH = 5  # the kind of that record


class Older(Daemon):
    """A folder with that state, and its configuration; not started."""

    def __init__(self, name, more=""):
        super().__init__(start=False, args=["--clock", "events"])
        with tarfile.open(STATES / f"{name}.tar.xz") as archive:
            archive.extractall(self.folder)
        self.state = self.folder / "state"
        text = self.config_path.read_text(encoding="utf-8").replace("@SHARE@", str(ROOT / "daemon/config"))
        self.write_config(text + more)
        self.before = json.loads((self.folder / "picture.json").read_text(encoding="utf-8"))
        lists = self.before.setdefault("lists", {})
        for name, key in (("case.list", "cases"), ("timer.list", "timers"), ("dead.list", "dead")):
            lists.setdefault(name, self.before.get(key))

    def refused(self, status):
        """What a start logs that must be refused, and leaves the state as it was."""
        data = (self.state / "store/data.mdb").read_bytes()
        self.launch()
        try:
            self.wait_notify("READY=1")
        except Gone:
            assert self.process.returncode == status, (self.process.returncode, self.log())
            assert (self.state / "store/data.mdb").read_bytes() == data
            return self.log()
        raise AssertionError("it started")


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == status, (words, done.stdout, done.stderr)
    return done.stdout + done.stderr


def text(value):
    """As picture.json has it: instants as text, bytes as hex."""
    return json.loads(json.dumps(value, default=lambda one: one.isoformat()
                                 if hasattr(one, "isoformat") else one.hex()))


def only(rows, keys):
    return [{key: row[key] for key in keys if key in row} for row in rows]


LISTS = {
    "case.list": ("case", "subject", "kind", "state", "unit", "policy", "level", "received", "opened", "closed"),
    "timer.list": ("due", "kind", "case", "name", "slot"),
    "dead.list": ("id",),
    "duty.list": ("case", "subject", "duty", "unit", "period", "state", "due", "done", "total", "closed"),
    "round.list": ("round", "unit", "screened", "watch", "high", "cleared"),
    "contract.list": ("contract", "round", "unit", "risk", "cleared", "duty"),
    "contact.list": ("contact", "subject", "time", "unit", "level", "score", "case"),
    "chase.list": ("case", "subject", "question", "due", "answered"),
    "silence.list": ("silence", "until", "by", "reason", "withheld"),
    "notice.list": ("notice", "case", "due"),
    "source.list": ("source", "seq", "highest", "gaps"),
    "approval.list": ("event", "type", "lapses"),
    "feed.unacked": ("seq", "type", "case", "unit"),
}


def compare(daemon):
    """All that the desk of the older version answered about what is open, timers, alerts, figures."""
    desk, before = daemon.desk(), daemon.before
    for name, keys in LISTS.items():
        if before["lists"].get(name) is not None:
            now, then = only(text(desk.rows(name)), keys), only(before["lists"][name], keys)
            assert now == then, (name, [pair for pair in zip(now, then) if pair[0] != pair[1]])
    for case in before["all"]:
        now = text(desk.call("case.get", case=case["case"]))
        for key in ("case", "state", "unit", "attributes", "history", "pauses", "moments"):
            if key in case:
                assert now[key] == case[key], (case["subject"], key, now[key], case[key])
        keys = ("clock", "class", "state", "start", "extensions", "provisional")
        assert only(now["clocks"], keys) == only(case["clocks"], keys), case["subject"]
        for old, new in zip(case["clocks"], now["clocks"]):
            if old["state"] not in ("late", "breached"):  # of these versions before 10 told the due as the stop
                assert new.get("stopped") == old.get("stopped"), (case["subject"], old, new)
            if not old.get("paused"):  # what is told of a paused one is another thing in each version
                assert new.get("due") == old.get("due"), (case["subject"], old, new)
    keys = ("seq", "type", "severity", "case", "unit", "subject")
    assert only(text(desk.replay()), keys) == only(before["alerts"], keys)
    status = desk.call("status")
    for key in ("seq", "alert_published", "open_cases", "pending_timers"):
        assert status[key] == before["status"][key], (key, status[key], before["status"][key])
    if before["status"]["seq"]:
        span = {"from": "2020", "to": "2030"}
        counted = {row["figure"]: row.get("value") for row in desk.call("report", **span)["figures"]}
        for code in ("complaints", "closed", "decided", "overdue_0_1", "overdue_over_15"):  # by the present rules
            cases = desk.rows("report", cases=code, **span)
            assert sum(row["count"] for row in cases) == counted[code], (code, counted[code], cases)
        assert counted["complaints"] > 0, counted
    if "figures" in before:
        figures = desk.call("report", **{"from": "2026-02-01", "to": "2026-03-01"})["figures"]
        now, then = ({row["figure"]: row.get("value") for row in rows} for rows in (text(figures), before["figures"]))
        assert all(now.get(key) == then[key] for key in then), {
            key: (now.get(key), then[key]) for key in then if now.get(key) != then[key]}
    assert desk.call("check")["faults"] == 0


def switch_of(daemon):
    """The record of the switch: its number, its body."""
    rows = daemon.desk().rows("journal.read", raw=True)
    found = [row for row in rows if row["kind"] == SWITCH]
    assert len(found) == 1, [row["kind"] for row in rows]
    at = rows.index(found[0])
    assert all(row["engine"] < ENGINE for row in rows[:at])
    assert all(row["engine"] == ENGINE for row in rows[at:])
    return found[0]["record"], msgpack.unpackb(found[0]["body"])


def snapshot_of(daemon):
    found = list((daemon.state / "snapshots").glob("*.snapshot"))
    assert len(found) >= 1, found
    return min(found)


def test_it_is_brought_forward():
    for name, (engine, schema) in OLDER.items():
        print(f"     {name}", flush=True)
        with Older(name) as daemon:
            brought_forward(daemon, engine, schema)


def brought_forward(daemon, engine, schema):
    daemon.start()
    compare(daemon)
    number, body = switch_of(daemon)
    checked = json.loads(ctl("check-backup", snapshot_of(daemon), "--json"))
    assert (checked["engine"], checked["schema"], checked["record"]) == (engine, schema, number - 1)
    assert body["before"].hex() == checked["digest"] and any(body["after"])
    assert (body["from_engine"], body["from_schema"], body["engine"], body["schema"]) == \
        (engine, schema, ENGINE, SCHEMA)
    assert "the way back" in daemon.log() and str(snapshot_of(daemon)) in daemon.log()
    # It goes on: the next numbers, an old id again.
    last = max(row["case"] for row in daemon.before["lists"]["case.list"])
    unit = daemon.before["all"][0]["unit"]
    receipt = daemon.intake().accept(complaint("after-it", customer="cust-0001", unit=unit))
    assert receipt["seq"] == daemon.before["status"]["seq"] + 1
    assert receipt["case"] == last + 1, (receipt, last)
    assert daemon.stop() == 0, daemon.log()
    assert "torn" in ctl("check-journal", daemon.state / "journal")
    daemon.start()  # a second time there is nothing to do
    switch_of(daemon)
    assert daemon.log().count("was brought forward") == 1


def test_what_it_is_now_can_be_proven():
    with Older("engine-12", more="snapshot: {every: 1s}\n") as daemon:
        daemon.start()
        daemon.desk().until_counted("snapshots")
        daemon.intake().accept(complaint("after-it", unit="xj/claims"))
        assert daemon.stop() == 0
        told = ctl("verify", daemon.state)
        assert told.startswith("OK") and "from the snapshot of record" in told, told
        # Damage it: the snapshot of before the switch is of no use, the one after it is.
        store = daemon.state / "store/data.mdb"
        store.write_bytes(store.read_bytes()[:2 * 4096])
        subprocess.run(daemon.command("--recover"), check=True, timeout=WAIT_S)
        daemon.start()
        assert daemon.desk().call("case.get", subject="after-it")


def test_the_way_back():
    with Older("engine-12") as daemon:
        data = (daemon.state / "store/data.mdb").read_bytes()
        daemon.start()
        daemon.intake().accept(complaint("after-it", unit="xj/claims"))
        assert daemon.stop() == 0
        snapshot, back = snapshot_of(daemon), daemon.folder / "back"
        ctl("restore", snapshot, back)
        checked = json.loads(ctl("check-backup", snapshot, "--json"))
        assert (checked["engine"], checked["schema"]) == OLDER["engine-12"]
        assert len((back / "store/data.mdb").read_bytes()) <= 2 * len(data)
        # It is the older state again: another start brings it forward as the first did.
        daemon.args += ["--state", str(back)]
        daemon.state = back
        daemon.start()
        compare(daemon)


def test_records_that_only_the_older_one_can_apply():
    for name in OLDER:
        with Older(name + "-killed") as daemon:
            told = daemon.refused(78)
            assert "not stopped in order" in told and "stop it" in told, told
            assert not (daemon.state / "snapshots").exists()


def test_a_version_without_a_way_is_told_by_its_number():
    with Older("engine-6") as daemon:
        told = daemon.refused(78)
        assert "engine=6 schema=4" in told and "cannot bring forward" in told, told
        assert "damaged: page" not in told, told


def test_without_a_snapshot_nothing_is_begun():
    with Older("engine-8") as daemon:
        (daemon.state / "snapshots").write_text("no folder")
        told = daemon.refused(74)
        assert "no snapshot of the older state" in told, told
        (daemon.state / "snapshots").unlink()
        daemon.start()
        compare(daemon)


def test_a_damaged_older_store_is_told_as_damaged():
    with Older("engine-8") as daemon:
        path = daemon.state / "store/data.mdb"
        data = bytearray(path.read_bytes())
        at = data.find(b"k-17")
        assert at > 8192
        data[at] ^= 1
        path.write_bytes(data)
        told = daemon.refused(65)
        assert "the older store is damaged" in told and "page" in told, told


def test_killed_at_any_instant_it_goes_on():
    seed = random.randrange(1 << 30)
    print(f"     seed {seed}")
    chance = random.Random(seed)
    with Older("engine-8") as daemon:
        pristine = daemon.folder / "pristine"
        shutil.copytree(daemon.state, pristine)
        killed = 0
        for _ in range(12):
            shutil.rmtree(daemon.state)
            shutil.copytree(pristine, daemon.state)
            for _ in range(3):
                daemon.launch()
                try:
                    daemon.process.wait(chance.uniform(0.005, 0.25))
                except subprocess.TimeoutExpired:
                    daemon.kill()
                    killed += 1
                daemon.drain_notify()
            daemon.start()
            compare(daemon)
            switch_of(daemon)
            daemon.kill()
            assert not (daemon.state / "upgrade").exists()
        assert killed > 12, killed


if __name__ == "__main__":
    run(globals())
