#!/usr/bin/python3
"""The journal is bounded, and what goes is in a snapshot and in the archive: a state folder that is lost
whole comes back up to the archive's last record."""
import json
import re
import shutil
import subprocess
import time

from harness import WAIT_S, Daemon, complaint, configuration, run, tool

TEXT = "x" * 32000  # of an event: some two thousand of them fill a segment
A_SEGMENT = 2200


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == status, (words, done.stdout, done.stderr)
    return done.stdout + done.stderr


def fill(intake, name, count):
    for i in range(0, count, 100):
        intake.accept(*[complaint(f"{name}-{k}", customer=f"c-{k}", text=TEXT) for k in range(i, i + 100)])


def segments(folder):
    return sorted(int(path.name[:20]) for path in folder.glob("0*.[ja]*"))


def until(daemon, wanted, what):
    desk, deadline = daemon.desk(), time.monotonic() + 3 * WAIT_S
    while not wanted():
        assert time.monotonic() < deadline, (what, daemon.log())
        desk.call("status", stale=True)


def test_a_state_that_is_lost_whole_comes_back():
    with Daemon(start=False) as daemon:
        archive, shelf = daemon.folder / "archive", daemon.folder / "shelf"
        text = configuration(daemon.folder, limits="journal_bytes: 128MiB")
        daemon.write_config(f"{text}snapshot: {{every: 1s, keep: 2, dir: {shelf}}}\njournal_archive: {archive}\n")
        daemon.start()
        intake, journal = daemon.intake(), daemon.folder / "state/journal"
        for turn in range(4):
            fill(intake, f"t{turn}", A_SEGMENT)
        until(daemon, lambda: len(segments(archive)) >= 3, "nothing was archived")
        number = 0
        while segments(journal)[0] == 1:  # the oldest snapshot that is kept must have what goes
            number += 1
            intake.accept(complaint(f"more-{number}", customer="c"))
            assert number < 100000, daemon.log()
        # What went is in the archive, and the oldest snapshot that is kept has it.
        first = segments(journal)[0]
        assert segments(archive)[0] == 1 and [n for n in segments(archive) if n < first], segments(archive)
        oldest = min(int(path.name[:20]) for path in shelf.glob("*.snapshot"))
        assert first <= oldest + 1, (first, oldest)
        desk = daemon.desk()
        assert desk.call("metrics")["counters"]["segments_archived"] >= 3
        assert daemon.stop() == 0
        told = ctl("verify", daemon.folder / "state", "--snapshots", shelf)
        assert told.startswith("OK") and "from the snapshot" in told, told

        # The disk with the state is gone. There are a snapshot and the archive.
        before = json.loads(ctl("check-journal", journal, "--json"))
        shutil.rmtree(daemon.folder / "state")
        snapshot = min(shelf.glob("*.snapshot"))
        restored = daemon.folder / "restored"
        told = ctl("restore", snapshot, restored, "--archive", archive)
        position = int(snapshot.name[:20])
        found = re.search(r"a start applies the records up to (\d+)", told)
        last = int(found[1]) if found else position
        assert position <= last <= before["last"], (position, last, before)
        daemon.args = ["--state", str(restored)]
        daemon.start()
        assert daemon.desk().call("check")["faults"] == 0
        daemon.intake().accept(complaint("it-goes-on", customer="c"))
        assert daemon.stop() == 0
        assert json.loads(ctl("check-journal", restored / "journal", "--json"))["damage"] is None


def test_bytes_need_snapshots():
    with Daemon(start=False) as daemon:
        daemon.write_config(configuration(daemon.folder, limits="journal_bytes: 128MiB"))
        done = subprocess.run([daemon.binary, "--config", str(daemon.config_path), "--check-config"],
                              capture_output=True, text=True)
        assert done.returncode == 1 and "journal_bytes" in done.stderr and "snapshot" in done.stderr


run(globals())
