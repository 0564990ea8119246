#!/usr/bin/python3
"""A folder of snapshots or backups may have some of another journal: they count for nothing and stay."""
import re
import shutil
import subprocess
import time

from harness import WAIT_S, Daemon, complaint, configuration, event, run, tool


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def until(daemon, wanted, what):
    desk, deadline = daemon.desk(), time.monotonic() + WAIT_S
    while not wanted():
        assert time.monotonic() < deadline, (what, daemon.log())
        desk.call("status", stale=True)


def names(folder):
    return sorted(path.name for path in folder.glob("*.snapshot"))


def config(daemon, shelf, more=""):
    daemon.write_config(configuration(daemon.folder) + (
        f"snapshot: {{every: 1s, keep: 2, dir: {shelf}}}\n" if shelf else "") + more)


def feed(daemon, name, count=3):
    intake = daemon.intake()
    seq = [intake.accept(complaint(f"{name}-{i}", customer=f"c-{name}"))["seq"] for i in range(count)][-1]
    daemon.desk().reach(seq)


class Before:
    """A state that was put back: `shelf` has the snapshots of what came after the backup."""

    def __init__(self, root):
        self.root, self.shelf, self.state = root, root / "shelf", root / "restored"
        with Daemon(start=False) as daemon:
            config(daemon, self.shelf)
            daemon.start()
            feed(daemon, "a")
            ctl("backup", root / "b.snapshot", "--state", daemon.folder / "state")
            for name in "bc":
                seen = names(self.shelf)
                feed(daemon, name, 30)
                until(daemon, lambda: set(names(self.shelf)) - set(seen), "no snapshot")
            last = daemon.desk().call("status")["seq"]
            until(daemon, lambda: int(names(self.shelf)[-1].split(".")[0]) >= last, "no late snapshot")
            assert daemon.stop() == 0
        self.later = names(self.shelf)
        ctl("restore", root / "b.snapshot", self.state)


def test_snapshots_are_made_beside_those_of_before_a_restore():
    with Daemon() as keeper:  # for its folder
        before = Before(keeper.folder)
        with Daemon(start=False, args=["--state", str(before.state)]) as daemon:
            config(daemon, before.shelf)
            daemon.start()
            for number in range(3):
                made = daemon.log().count("a snapshot was made")
                feed(daemon, f"new-{number}")
                until(daemon, lambda: daemon.log().count("a snapshot was made") > made, "no snapshot")
            assert "some of another journal" in daemon.log(), daemon.log()
            own = [name for name in names(before.shelf) if name not in before.later]
            assert 1 <= len(own) <= 2, (own, before.later)
            assert set(before.later) <= set(names(before.shelf))
            assert own[-1] < before.later[-1]
            daemon.kill()
            # The cure of a damaged store takes one of its own.
            store = before.state / "store/data.mdb"
            data = store.read_bytes()
            store.write_bytes(data[:2 * 4096] + b"\x5a" * (len(data) - 2 * 4096))
            done = subprocess.run(daemon.command("--recover"), capture_output=True, text=True, timeout=WAIT_S)
            assert done.returncode == 0 and own[-1] in done.stderr, done.stderr
            daemon.start()
            assert "new-2-2" in [row["subject"] for row in daemon.desk().rows("case.list")]


def test_an_erasure_keeps_its_own_alone():
    with Daemon() as keeper:
        before = Before(keeper.folder)
        with Daemon(start=False, args=["--state", str(before.state)]) as daemon:
            config(daemon, before.shelf)
            daemon.start()
            seq = daemon.intake().accept(event("customer.forgotten", data={"customer": "c-a"}))["seq"]
            for _ in range(5):
                rows = daemon.desk().call("erasure.status", min_seq=seq)["rows"]
                if rows[0]["state"] == "done":
                    break
                daemon.wait_notify("READY=1")  # it starts anew for it
            assert rows[0]["state"] == "done", rows
            assert not set(before.later) & set(names(before.shelf)), names(before.shelf)
            assert len(names(before.shelf)) >= 1
            assert daemon.stop() == 0
        assert ctl("verify", before.state, "--from", before.shelf / names(before.shelf)[-1]).startswith("OK")


def test_backup_keeps_what_it_wrote_and_tells_of_that():
    with Daemon() as keeper:
        before = Before(keeper.folder)
        folder = keeper.folder / "backups"
        folder.mkdir()
        later = before.later[-1]
        shutil.copy(before.shelf / later, folder / later)
        with Daemon(start=False, args=["--state", str(before.state)]) as daemon:
            config(daemon, None)
            daemon.start()
            for keep in (("--keep", 1), ("--keep", 1), ("--keep", 2)):
                feed(daemon, f"n-{keep[1]}-{len(names(folder))}", 1)
                told = ctl("backup", folder, *keep, "--state", before.state)
                record = int(re.match(r"OK record (\d+) ", told)[1])
                name = f"{record:020}.snapshot"
                assert name in names(folder) and later in names(folder), (told, names(folder))
                assert len(names(folder)) == 1 + keep[1], (keep, names(folder))
                assert ctl("check-backup", folder / name) == told
            assert daemon.stop() == 0
        # One of another journal has the name already.
        record = int(re.match(r"OK record (\d+) ", ctl("backup", keeper.folder / "c", "--state", before.state))[1])
        data = (folder / later).read_bytes()
        (folder / f"{record:020}.snapshot").write_bytes(data)
        told = ctl("backup", folder, "--keep", 1, "--state", before.state, status=1)
        assert "of another journal or engine" in told, told
        assert (folder / f"{record:020}.snapshot").read_bytes() == data


if __name__ == "__main__":
    run(globals())
