#!/usr/bin/python3
"""A disk that is slow, full, or lies: what is answered, what is not, and what a start finds.

tests/shim holds a sync until the test lets it go, fails one, or says that the disk is full and lets
no file grow; each from the moment the test asks for it, never after a time.
"""
import contextlib
import itertools
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import (WAIT_S, Daemon, Gone, complaint, configuration, contact,  # noqa: E402
                     event, run, shim, verify)

SLOW_S = 0.2  # a disk that took so long once is left to the journal's thread
LOW = 16 << 20  # bytes left: under the reserve for new events


@contextlib.contextmanager
def daemon_with(fault="", **more):
    """A daemon under the shim, ready and with its spare segments made."""
    with Daemon(configuration("@FOLDER@").replace("/state\n", "/root/state\n"),
                start=False) as daemon:
        root = daemon.folder / "root"
        root.mkdir()
        os.mkfifo(daemon.folder / "held")
        os.mkfifo(daemon.folder / "release")
        daemon.env = {**shim(root, REDRESS_SHIM_FAULT=fault, REDRESS_SHIM_ARM=daemon.folder / "arm",
                             REDRESS_SHIM_HOLD=daemon.folder,
                             REDRESS_SHIM_FULL=daemon.folder / "full"), **more}
        daemon.start()
        settled(daemon)
        yield daemon


def settled(daemon):
    """Waits until nothing but the test makes the daemon sync: the spares are filled."""
    spares = [daemon.folder / "root/state" / place / "0.spare" for place in ("journal", "dead")]
    desk, deadline = daemon.desk(), time.monotonic() + WAIT_S
    while not all(spare.exists() for spare in spares):
        assert time.monotonic() < deadline, "no spares"
        desk.call("status", stale=True)


def kept(daemon, sent, receipts):
    """What was accepted is known to a start without faults."""
    daemon.env = {}
    daemon.drain_notify()
    daemon.start()
    intake = daemon.intake()
    for one, receipt in zip(sent, receipts):
        again = intake.send(one)
        assert again["status"] == "duplicate" and again["seq"] == receipt["seq"], (again, receipt)
    assert daemon.desk().call("check")["faults"] == 0
    assert daemon.stop() == 0
    verify(daemon.folder / "root/state")


def hold(daemon, intake, made):
    """Sends an event whose sync does not end until release()."""
    (daemon.folder / "arm").touch()
    intake.post(made)
    with open(daemon.folder / "held", "rb") as held:
        assert held.read(1) == b"h"


def release(daemon):
    with open(daemon.folder / "release", "wb") as file:
        file.write(b"g")


def test_a_first_sync_that_takes_its_time():
    """The turn itself may wait for a disk that was fast so far: the desk does not."""
    with daemon_with("sync:armed:hold") as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        sent = [contact("k-0"), contact("k-1")]
        receipts = [intake.accept(sent[0])]
        hold(daemon, intake, sent[1])
        for _ in range(20):
            assert desk.call("status", stale=True)["seq"] <= 2
        assert not intake.socket.poll(0), "answered before the sync"
        release(daemon)
        receipts += intake.receipts()
        assert receipts[1]["status"] == "accepted", receipts
        assert daemon.stop() == 0
        kept(daemon, sent, receipts)


def test_a_sync_that_takes_its_time():
    with daemon_with("sync:armed:hold", WATCHDOG_USEC="400000") as daemon:
        feed, intake, other, desk = daemon.feed("xj/"), daemon.intake(), daemon.intake(), daemon.desk()
        sent = [contact("k-0"), contact("k-1"), complaint("c-2")]
        hold(daemon, intake, sent[0])
        known = time.monotonic() + SLOW_S
        while time.monotonic() < known:
            desk.call("status", stale=True)
        release(daemon)
        receipts = intake.receipts()
        daemon.wait_notify("WATCHDOG=1")
        hold(daemon, intake, sent[1])  # a disk that is known to be slow
        for _ in range(3):  # others are served: the desk answers, the feed beats
            assert desk.call("status", stale=True)["seq"] <= 2
            feed.heartbeat()
        other.post(sent[2])  # taken, but not answered
        feed.heartbeat()
        daemon.drain_notify()
        feed.heartbeat()
        daemon.drain_notify()
        assert not intake.socket.poll(0) and not other.socket.poll(0), "answered before the sync"
        seen = [body.get("subject") for _, body in feed.pending]
        assert "k-1" not in seen, seen
        told = len(daemon.told)
        feed.heartbeat()
        daemon.drain_notify()
        assert "WATCHDOG=1" not in daemon.told[told:], "the watchdog is told that all is well"
        release(daemon)
        receipts += [intake.receipts()[0], other.receipts()[0]]
        assert [one["status"] for one in receipts[1:]] == ["accepted", "accepted"], receipts
        daemon.wait_notify("WATCHDOG=1")
        assert daemon.stop() == 0
        kept(daemon, sent, receipts)


def test_a_sync_that_fails():
    for what in ("EIO", "ENOSPC"):
        with daemon_with(f"sync:armed:{what}") as daemon:
            intake, feed = daemon.intake(), daemon.feed("xj/")
            sent = [contact("k-0")]
            receipts = [intake.accept(*sent)]
            feed.alert()
            (daemon.folder / "arm").touch()
            intake.post(contact("k-1"))
            try:
                intake.receipts()
                raise AssertionError("answered")
            except Gone:
                assert daemon.process.wait(20) == 74, daemon.log()
            assert not feed.socket.poll(0) or b"k-1" not in feed.socket.recv_multipart()[1]
            assert "nothing more is acknowledged" in daemon.log(), daemon.log()
            kept(daemon, sent, receipts)


def test_a_disk_that_becomes_read_only_and_comes_back():
    """As a file system does that found an error: the daemon ends; mounted again it goes on."""
    for call in ("write", "sync"):
        with daemon_with(f"{call}:armed:EROFS") as daemon:
            intake = daemon.intake()
            sent = [contact("k-0")]
            receipts = [intake.accept(*sent)]
            (daemon.folder / "arm").touch()
            intake.post(contact("k-1"))
            try:
                intake.receipts()
                raise AssertionError("answered")
            except Gone:
                assert daemon.process.wait(20) == 74, daemon.log()
            assert "Read-only file system" in daemon.log(), daemon.log()
            kept(daemon, sent, receipts)


def test_a_start_on_a_read_only_disk():
    with daemon_with() as daemon:
        assert daemon.stop() == 0
        for number in (1, 2):
            before = len(daemon.log())
            daemon.env["REDRESS_SHIM_FAULT"] = f"write:{number}+:EROFS"
            daemon.launch()
            try:
                daemon.wait_notify("READY=1")
                raise AssertionError("it started")
            except Gone:
                assert daemon.process.returncode == 74, daemon.log()
            assert "Read-only file system" in daemon.log()[before:], daemon.log()[before:]
        kept(daemon, [], [])


def test_no_room_for_a_snapshot():
    """It is told, tried again, and what is on the way suffers nothing."""
    with daemon_with() as daemon:
        (daemon.folder / "elsewhere").write_text("no folder")
        assert daemon.stop() == 0
        daemon.write_config(daemon.config_path.read_text() +
                            f"snapshot: {{every: 1s, dir: {daemon.folder}/elsewhere}}\n")
        daemon.start()
        intake, desk = daemon.intake(), daemon.desk()
        sent = [contact(f"k-{i}") for i in range(20)]
        receipts = intake.accept(*sent)
        desk.until_counted("snapshots_failed")
        (daemon.folder / "elsewhere").unlink()
        desk.until_counted("snapshots")
        assert list((daemon.folder / "elsewhere").glob("*.snapshot"))
        assert daemon.stop() == 0
        kept(daemon, sent, receipts)


def test_a_rejected_event_waits_for_its_sync_too():
    with daemon_with("sync:armed:EIO") as daemon:
        intake = daemon.intake()
        (daemon.folder / "arm").touch()
        intake.post(event("no.such", data={}))
        try:
            intake.receipts()
            raise AssertionError("answered")
        except Gone:
            assert daemon.process.wait(20) == 74, daemon.log()
        kept(daemon, [], [])


def busy(intake, made):
    """Sends new events until one is busy."""
    deadline = time.monotonic() + WAIT_S
    for i in itertools.count():
        receipt = intake.send(made(i))
        if receipt["status"] == "busy":
            return receipt
        assert receipt["status"] == "accepted" and time.monotonic() < deadline, receipt


def test_a_full_disk():
    with daemon_with() as daemon:
        full, intake, desk = daemon.folder / "full", daemon.intake(), daemon.desk()
        sent = [complaint(f"c-{i}") for i in range(20)]
        receipts = intake.accept(*sent)
        full.write_text(str(LOW))
        assert busy(intake, lambda i: contact(f"k-{i}"))["retry_after"] >= 1000
        ends = itertools.count()
        for left in (LOW, 0):  # little; nothing but what was prepared
            full.write_text(str(left))
            for _ in range(2):
                subject = f"c-{next(ends)}"
                done = [event("case.acknowledged", subject=subject, data={"by": "wang"}),
                        event("case.closed", subject=subject, data={"resolution": "settled"})]
                receipts += intake.accept(*done)
                sent += done
                assert intake.send(contact("k-new"))["status"] == "busy"
                assert intake.send(event("no.such", data={}))["status"] == "busy"
                if left > 0:  # a checkpoint finds its room
                    assert desk.reach(receipts[-1]["seq"])["disk_low"] is True
                daemon.restart()
                intake, desk = daemon.intake(), daemon.desk()
        full.unlink()
        made = contact("k-after")
        deadline, receipt = time.monotonic() + WAIT_S, {"status": "busy"}
        while receipt["status"] == "busy" and time.monotonic() < deadline:
            receipt = intake.send(made)
        assert receipt["status"] == "accepted", receipt
        assert daemon.stop() == 0
        kept(daemon, sent + [made], receipts + [receipt])


if __name__ == "__main__":
    run(globals())
