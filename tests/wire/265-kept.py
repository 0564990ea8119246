#!/usr/bin/python3
"""Snapshots and the archive that fail are told as what they are: events are taken, and nothing of the
journal goes."""
import hashlib
import shutil
import struct
import subprocess
import time

from harness import WAIT_S, Daemon, complaint, configuration, run, tool

TEXT = "x" * 32000  # of an event: some two thousand of them fill a segment
A_SEGMENT = 2200


def forge(path, first, last):
    """The head of an archive's file of these records, of a journal of its own."""
    head = b"redressA" + struct.pack(">IQQQ", 1, first, last, 64 << 20) + bytes(range(64))
    path.write_bytes(head + hashlib.blake2b(head, digest_size=32).digest() + b"theirs")


def until(daemon, wanted):
    desk, deadline = daemon.desk(), time.monotonic() + 3 * WAIT_S
    while not wanted():
        assert time.monotonic() < deadline, daemon.log()
        desk.call("status", stale=True)


def alerts(daemon):
    desk = daemon.desk()
    try:
        return [(row["reasons"][0]["code"], row["severity"], row["title"]) for row in desk.replay()
                if row["type"] == "storage.low"]
    finally:
        desk.close()


def health(daemon):
    done = subprocess.run([tool("redressctl"), "--run", daemon.folder, "health"], capture_output=True, text=True)
    return done.returncode, done.stdout


def gauge(daemon, name):
    done = subprocess.run([tool("redressctl"), "--run", daemon.folder, "metrics", "--prometheus"],
                          capture_output=True, text=True, check=True)
    return next(int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith(f"{name} "))


def test_another_journals_records_in_the_archive_keep_the_journal():
    with Daemon(start=False) as daemon:
        archive, journal = daemon.folder / "archive", daemon.folder / "state/journal"
        archive.mkdir()
        theirs = archive / f"{1:020}.archive"
        forge(theirs, 1, 5000)
        before = theirs.read_bytes()
        daemon.write_config(configuration(daemon.folder, limits="journal_bytes: 64MiB") +
                            f"snapshot: {{every: 1s, keep: 1}}\njournal_archive: {archive}\n")
        daemon.start()
        intake = daemon.intake()
        for turn in range(2):
            for i in range(0, A_SEGMENT, 100):
                intake.accept(*[complaint(f"t{turn}-{k}", text=TEXT) for k in range(i, i + 100)])
        until(daemon, lambda: "could not be archived" in daemon.log())
        logged = next(line for line in daemon.log().splitlines() if "could not be archived" in line)
        assert "another journal's records lie there" in logged, logged
        assert f"{theirs}: records 1 to 5000 of another journal" in logged, logged
        # What all snapshots have would go; without the archive it does not.
        position = intake.accept(complaint("last"))["seq"]
        until(daemon, lambda: any(int(path.name[:20]) > position for path in
                          (daemon.folder / "state/snapshots").glob("*.snapshot")))
        assert (journal / f"{1:020}.journal").exists()
        assert theirs.read_bytes() == before and len(list(archive.iterdir())) == 1, list(archive.iterdir())
        until(daemon, lambda: alerts(daemon))
        code, severity, title = alerts(daemon)[0]
        assert (code, severity) == ("archive", "high") and str(archive) in title, title
        assert "events are taken" in title and "not taken" not in title, title
        assert gauge(daemon, "redress_archives_failed_total") >= 1
        assert gauge(daemon, "redress_keeping_fails") == 1 and gauge(daemon, "redress_disk_low") == 0
        status, said = health(daemon)
        assert status == 4 and "could not be archived" in said and str(archive) in said, said
        # As told: theirs is put elsewhere. It goes on by itself, at the latest with the next start.
        shutil.move(theirs, daemon.folder / "theirs")
        assert daemon.stop() == 0
        daemon.start()
        until(daemon, lambda: (archive / f"{1:020}.archive").exists())
        until(daemon, lambda: not (journal / f"{1:020}.journal").exists() or
              daemon.intake().accept(complaint(f"more-{time.monotonic_ns()}")) is None)


def test_it_is_told_when_snapshots_fail_and_when_they_are_made_again():
    with Daemon(start=False) as daemon:
        shelf = daemon.folder / "shelf"
        shelf.write_text("no folder")
        daemon.write_config(configuration(daemon.folder) + f"snapshot: {{every: 1s, dir: {shelf}}}\n")
        daemon.start()
        daemon.intake().accept(complaint("a"))
        until(daemon, lambda: alerts(daemon))
        code, severity, title = alerts(daemon)[0]
        assert (code, severity) == ("snapshot", "high") and str(shelf) in title, title
        assert "events are taken" in title and "not taken" not in title, title
        assert daemon.intake().accept(complaint("b"))
        status, said = health(daemon)
        assert status == 4 and "no snapshot could be made" in said and str(shelf) in said, said
        assert gauge(daemon, "redress_keeping_fails") == 1
        shelf.unlink()
        until(daemon, lambda: health(daemon)[0] == 0)
        assert gauge(daemon, "redress_keeping_fails") == 0


run(globals())
