#!/usr/bin/python3
"""A state outlives its disk: backups, snapshots, and the store made anew of them."""
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import time

from harness import (WAIT_S, Daemon, Gone, binary, complaint, configuration, contact, event, run, tool,
                     verify)


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def with_snapshots(folder, every="1s", keep=2, more=""):
    return configuration(folder) + f"snapshot: {{every: {every}, keep: {keep}}}\n{more}"


class Snapshots(Daemon):
    def __init__(self, every="1s", keep=2, more="", **options):
        self.shape = (every, keep, more)
        super().__init__(config="redress: 1\n", start=False, **options)
        self.write_config(with_snapshots(self.folder, *self.shape))
        self.start()

    def shelf(self):
        return sorted(path.name for path in (self.folder / "state/snapshots").glob("*.snapshot"))


def until(daemon, wanted, what):
    desk, deadline = daemon.desk(), time.monotonic() + WAIT_S
    while not wanted():
        assert time.monotonic() < deadline, what
        desk.call("status", stale=True)


def picture(desk):
    """What must be the same: cases, timers, the numbers to come."""
    status = desk.call("status")
    keys = ("case", "subject", "state", "unit", "clocks")
    cases = [{key: row[key] for key in keys if key in row} for row in desk.rows("case.list")]
    timers = [{key: row.get(key) for key in ("due", "kind", "case", "name")}
              for row in desk.rows("timer.list")]
    dead = [row["id"] for row in desk.rows("dead.list")]
    return {"seq": status["seq"], "cases": cases, "timers": timers, "dead": dead,
            "alerts": [row["seq"] for row in desk.replay()]}


def feed_some(daemon, name, count=20):
    intake = daemon.intake()
    for i in range(count):
        intake.accept(complaint(f"{name}-{i}", customer=f"c-{name}-{i}"))
    intake.accept(contact(f"{name}-contact"))
    assert intake.send(event("no.such", id=f"{name}-dead"))["status"] == "rejected"
    return intake


def start_on(state, source):
    """A daemon on that state folder, with the configuration of another one."""
    other = Daemon(start=False)
    other.write_config(source.config_path.read_text().replace(str(source.folder), str(other.folder)))
    other.args = ["--state", str(state)]
    other.start()
    return other


def test_a_backup_beside_the_daemon_is_a_state():
    with Daemon() as daemon:
        feed_some(daemon, "a")
        desk = daemon.desk()
        desk.reach(desk.call("status")["seq"])
        before = picture(desk)
        backup, restored = daemon.folder / "b.snapshot", daemon.folder / "restored"
        told = ctl("backup", backup, "--state", daemon.folder / "state")
        assert re.match(r"OK record \d+ engine \d+ schema \d+ rows \d+ bytes \d+\nchain  \w{64}\ndigest \w{64}\n",
                        told), told
        feed_some(daemon, "later")  # not in it
        checked = json.loads(ctl("check-backup", backup, "--json"))
        assert checked["digest"] in told and checked["chain"] in told
        assert "is such a file" in ctl("backup", backup, "--state", daemon.folder / "state", status=1)
        ctl("restore", backup, restored)
        folder = daemon.folder / "backups"
        folder.mkdir()
        for number in range(3):
            daemon.desk().reach(daemon.intake().accept(complaint(f"k-{number}"))["seq"])
            ctl("backup", folder, "--keep", 2, "--state", daemon.folder / "state")
        kept = sorted(folder.iterdir())
        assert len(kept) == 2 and all(path.suffix == ".snapshot" for path in kept), kept
        ctl("check-backup", kept[0])
        with start_on(restored, daemon) as other:
            after = picture(other.desk())
            assert after == before, (before, after)
            receipt = other.intake().accept(complaint("goes-on"))
            assert receipt["seq"] == before["seq"] + 1, receipt
            assert receipt["case"] == max(row["case"] for row in before["cases"]) + 1
            assert other.stop() == 0, other.log()
        # Its journal begins after the backup: the backup is what it is proven from, or what the daemon made.
        shutil.rmtree(restored / "snapshots", ignore_errors=True)
        told = ctl("verify", restored, status=4)
        assert "--from" in told, told
        assert ctl("verify", restored, "--from", backup).startswith("OK")


def test_it_goes_on_with_the_journal():
    with Daemon() as daemon:
        feed_some(daemon, "a")
        desk = daemon.desk()
        desk.reach(desk.call("status")["seq"])
        backup, restored = daemon.folder / "b.snapshot", daemon.folder / "restored"
        ctl("backup", backup, "--state", daemon.folder / "state")
        feed_some(daemon, "later")
        before = picture(daemon.desk())
        daemon.kill()
        told = ctl("restore", backup, restored, "--journal", daemon.folder / "state/journal")
        assert "a start applies the records up to" in told, told
        with start_on(restored, daemon) as other:
            assert picture(other.desk())["cases"] == before["cases"]
            assert other.stop() == 0
        verify(restored)


def test_what_does_not_belong_together_is_refused():
    with Daemon() as daemon, Daemon() as stranger:
        for one in (daemon, stranger):
            feed_some(one, "a")
            assert one.stop() == 0
        backup, restored = daemon.folder / "b.snapshot", daemon.folder / "restored"
        ctl("backup", backup, "--state", daemon.folder / "state")
        told = ctl("restore", backup, restored, "--journal", stranger.folder / "state/journal", status=4)
        assert "another redressd" in told and str(restored) in told, told
        assert not (restored / "store").exists()
        assert "is not empty" in ctl("restore", backup, restored, status=1)
        # A store that was copied over another one's journal.
        store = daemon.folder / "state/store/data.mdb"
        store.write_bytes((stranger.folder / "state/store/data.mdb").read_bytes())
        daemon.launch()
        try:
            daemon.wait_notify("READY=1")
            raise AssertionError("it started")
        except Gone:
            assert daemon.process.returncode == 65
        assert "do not belong together" in daemon.log(), daemon.log()


def test_a_damaged_backup_makes_nothing():
    with Daemon() as daemon:
        feed_some(daemon, "a")
        assert daemon.stop() == 0
        backup, restored = daemon.folder / "b.snapshot", daemon.folder / "restored"
        ctl("backup", backup, "--state", daemon.folder / "state")
        data = backup.read_bytes()
        for cut in (data[:-1], data[:50], data[:len(data) // 2], b"", data + b"x",
                    data[:200] + bytes([data[200] ^ 1]) + data[201:]):
            backup.write_bytes(cut)
            told = ctl("restore", backup, restored, status=4)
            assert str(backup) in told and not restored.exists(), told
            ctl("check-backup", backup, status=4)


def cure_of(daemon):
    """The command that the message names, as somebody would copy it."""
    command = re.findall(r'command="([^"]*)"', daemon.log())[-1]
    words = shlex.split(command)
    assert words[0] == "redressd" and words[-1] == "--recover", command
    return [binary(), *words[1:]]


def damage(daemon):
    path = daemon.folder / "state/store/data.mdb"
    data = bytearray(path.read_bytes())
    data[2 * 4096:] = b"\x5a" * (len(data) - 2 * 4096)
    path.write_bytes(data)


def recover(daemon):
    """A start that is refused; then the command that it names."""
    daemon.launch()
    try:
        daemon.wait_notify("READY=1")
        raise AssertionError("it started on a damaged store")
    except Gone:
        assert daemon.process.returncode == 65, daemon.log()
    command = cure_of(daemon)
    assert command[1:3] == ["--config", str(daemon.config_path)], command
    done = subprocess.run([*command, "--log", "stderr"], capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 0 and "the state is ready for a start" in done.stderr, done
    with open(daemon.folder / "log", "a") as log:
        log.write(done.stderr)
    daemon.start()


def test_a_damaged_store_is_made_anew_of_the_journal():
    with Daemon() as daemon:
        feed_some(daemon, "a")
        before = picture(daemon.desk())
        assert daemon.stop() == 0
        damage(daemon)
        recover(daemon)
        assert picture(daemon.desk())["cases"] == before["cases"]
        assert (daemon.folder / "state/store/damaged.mdb").exists()
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


def test_a_damaged_store_is_made_anew_of_a_snapshot():
    with Snapshots() as daemon:
        for name in "abc":
            feed_some(daemon, name)
            until(daemon, lambda: "a snapshot was made" in daemon.log(), "no snapshot")
        feed_some(daemon, "after")
        before = picture(daemon.desk())
        daemon.kill()
        newest = daemon.shelf()[-1]
        damage(daemon)
        recover(daemon)
        assert "made anew of a snapshot" in daemon.log() and newest in daemon.log(), daemon.log()
        assert picture(daemon.desk())["cases"] == before["cases"]
        assert daemon.stop() == 0
        verify(daemon.folder / "state")
        for name in daemon.shelf():
            told = ctl("verify", daemon.folder / "state", "--from", daemon.folder / "state/snapshots" / name)
            assert re.match(rf"OK record \d+ \w{{64}}", told), told


def test_a_snapshot_that_is_of_no_use_is_passed_over():
    with Snapshots(keep=8) as daemon:
        for number, name in enumerate("abc", 1):
            feed_some(daemon, name)
            until(daemon, lambda: len(daemon.shelf()) >= number, "no snapshot")
        before = picture(daemon.desk())
        daemon.kill()
        shelf = daemon.folder / "state/snapshots"
        newest = shelf / daemon.shelf()[-1]
        newest.write_bytes(newest.read_bytes()[:-7])
        damage(daemon)
        recover(daemon)
        assert "a snapshot is of no use" in daemon.log(), daemon.log()
        assert picture(daemon.desk())["cases"] == before["cases"]


def test_so_many_are_kept_and_none_is_made_for_nothing():
    with Snapshots() as daemon:
        positions = set()
        for name in "abcd":
            feed_some(daemon, name, 1)
            seen = set(daemon.shelf())
            until(daemon, lambda: set(daemon.shelf()) - seen, f"no snapshot after {name}: {daemon.shelf()}")
            positions |= set(daemon.shelf())
            until(daemon, lambda: len(daemon.shelf()) <= 2, f"too many are kept: {daemon.shelf()}")
        assert len(positions) >= 4
        made = daemon.log().count("a snapshot was made")
        daemon.desk().call("status")
        heartbeats = daemon.feed()
        for _ in range(3):  # three seconds in which nothing happens
            heartbeats.heartbeat()
        assert daemon.log().count("a snapshot was made") <= made + 1
        assert not list((daemon.folder / "state/snapshots").glob("*.part"))


def test_a_folder_that_cannot_be_written_is_told():
    with tempfile.TemporaryDirectory() as other:
        blocked = pathlib.Path(other) / "file"
        blocked.write_text("no folder")
        with Daemon(start=False) as daemon:
            daemon.write_config(configuration(daemon.folder) +
                                f"snapshot: {{every: 1s, dir: {blocked}}}\n")
            daemon.start()
            feed_some(daemon, "a", 1)
            desk = daemon.desk()
            until(daemon, lambda: "storage.low" in [row["type"] for row in desk.replay()], "no alert")
            assert "no snapshot could be made" in daemon.log()


if __name__ == "__main__":
    run(globals())
