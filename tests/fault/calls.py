#!/usr/bin/python3
"""The n-th call of each class fails, for every n of a scripted run.

    calls.py [--share K [--part I]] [--seed S] [--only CLASS:WHAT] [--after N]

The real daemon plays a script: it starts, takes events, rejects some, writes checkpoints, lets
cases be acknowledged and closed, stops. tests/shim makes one call of it fail: a write that finds no
room, an error of the disk, half a write, a signal in between, a sync that fails, a name that cannot
be made; once, or from there on. The daemon goes on, or it ends with a status of sysexits(3), never
by a signal and never without an answer in time; and a start without faults knows everything that was
answered. With --share K the I-th of K shares of the calls is tried; without, all of them.
"""
import argparse
import pathlib
import random
import shutil
import struct
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "crash")]
import kill  # noqa: E402
from harness import (WAIT_S, Daemon, DeskError, Gone, complaint, configuration,  # noqa: E402
                     contact, event, pack, shim, unpack, verify)

CLASSES = ("write", "sync", "size", "name", "open", "fill")
FAULTS = {"write": ("EIO", "ENOSPC", "EINTR", "short", "+EIO", "+ENOSPC"),
          "sync": ("EIO", "+EIO"), "size": ("EIO", "ENOSPC", "+ENOSPC"),
          "name": ("EIO", "ENOSPC", "+EIO"), "open": ("EIO", "+EIO"), "fill": ("EIO",)}
ENDS = {71: "EX_OSERR", 73: "EX_CANTCREAT", 74: "EX_IOERR"}
GARBAGE = [b"\xc1" * 60000] * 12  # 72 of them fill a segment of dead letters
ROUNDS = 6
FULL_S = 1  # how long a checkpoint is waited for that may never come


class Ledger:
    def __init__(self):
        self.sent, self.accepted, self.rejected, self.alerts = {}, {}, set(), {}
        self.garbage, self.is_full = 0, False


def send(intake, ledger, events):
    """Sends them until none is busy, and notes the receipts."""
    for _ in range(1000):
        intake.post(*[pack(one) if isinstance(one, dict) else one for one in events])
        again = []
        for one, receipt in zip(events, intake.receipts()):
            if receipt["status"] == "busy":
                again.append(one)
            elif not isinstance(one, dict):
                assert receipt["status"] == "rejected", receipt
                ledger.garbage += 1
            elif receipt["status"] == "rejected":
                assert one["type"] == "no.such", receipt
                ledger.rejected.add(one["id"])
            else:
                ledger.sent[one["id"]] = one
                ledger.accepted[one["id"]] = (receipt["seq"], receipt.get("case"))
        if not again:
            return
        events = again
    raise AssertionError("busy for ever")


def checkpoint(desk, ledger):
    """Waits for one, where the disk is not full for good: then the journal holds it all."""
    try:
        desk.reach(max(seq for seq, _ in ledger.accepted.values()),
                   FULL_S if ledger.is_full else WAIT_S)
    except DeskError:
        assert ledger.is_full


def play(daemon, ledger):
    """The script. Gone where the fault ended the daemon."""
    feed, intake, desk = daemon.feed("xj/"), daemon.intake(), daemon.desk()
    for i in range(ROUNDS):
        send(intake, ledger, [contact(f"k-{i}", id=f"a-{i}"), complaint(f"c-{i}", id=f"b-{i}"),
                              event("no.such", id=f"n-{i}", data={})])
        send(intake, ledger, GARBAGE)
        if i % 3 == 2:
            checkpoint(desk, ledger)
    for kind, data in (("case.acknowledged", {"by": "wang"}), ("case.closed", {"resolution": "x"})):
        send(intake, ledger, [event(kind, subject="c-1", id=kind, data=data)])
    while feed.socket.poll(0):
        topic, body = feed.socket.recv_multipart()
        if topic != b"~heartbeat":
            ledger.alerts[unpack(body)["seq"]] = body
    checkpoint(desk, ledger)


def faulty(state, fault, counts, ledger):
    """One life with a fault. Its exit status."""
    env = shim(state.parent, REDRESS_SHIM_COUNTS=counts, REDRESS_SHIM_FAULT=fault)
    with Daemon(config(state), start=False, env=env) as daemon:
        try:
            daemon.start()
            play(daemon, ledger)
            status = daemon.stop()
        except Gone:
            status = daemon.process.wait(20)
        log = daemon.log()
    if status != 0:
        assert status in ENDS, (status, log)
        assert "level=err" in log, log
    return status


def config(state):
    return configuration("@FOLDER@").replace("state: @FOLDER@/state", f"state: {state}")


def whole(state, ledger):
    """A start without faults knows all that was answered."""
    with Daemon(config(state)) as daemon:
        desk, intake = daemon.desk(), daemon.intake()
        assert desk.call("check")["faults"] == 0
        rows = desk.rows("journal.read", limit=5000)
        assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
        found = {row["id"]: row["seq"] for row in rows}
        for name, (seq, case) in ledger.accepted.items():
            assert found.get(name) == seq, ("lost", name, seq, found)
            receipt = intake.send(ledger.sent[name])
            assert receipt["status"] == "duplicate", receipt
            assert (receipt["seq"], receipt.get("case")) == (seq, case), (receipt, seq, case)
        intake.accept(contact("k-after", id="after"))
        assert daemon.stop() == 0
        daemon.drain_notify()
        daemon.start()
        desk = daemon.desk()
        bodies = kill.replayed(desk, max(ledger.alerts, default=0))
        known = {unpack(body)["seq"]: body for body in bodies}
        for number, body in ledger.alerts.items():
            assert known.get(number) == body, (number, known.get(number))
        letters = [row.get("id") for row in desk.rows("dead.list", limit=5000)]
        assert ledger.rejected <= set(letters), ledger.rejected - set(letters)
        assert len(letters) >= ledger.garbage + len(ledger.rejected), (len(letters), ledger.garbage)
        assert daemon.stop() == 0
    verify(state)


def one_fault(fault):
    """Exit status of the life with the fault, and the calls of each class it made."""
    base = "/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None
    folder = pathlib.Path(tempfile.mkdtemp(prefix="redress-fault-", dir=base))
    (folder / "root").mkdir()
    state, ledger = folder / "root/state", Ledger()
    ledger.is_full = "+:ENOSPC" in fault
    try:
        status = faulty(state, fault, folder / "counts", ledger)
        whole(state, ledger)
    except BaseException:
        print(f"fault {fault}: {folder}", file=sys.stderr, flush=True)
        raise
    counts = struct.unpack(f"<{len(CLASSES)}Q", (folder / "counts").read_bytes())
    shutil.rmtree(folder)
    return status, dict(zip(CLASSES, counts))


def plan(counts, share, part, only, rng):
    """(class, what, n) of all runs, in a random order."""
    runs = []
    for name, whats in FAULTS.items():
        for what in whats:
            if only in (None, f"{name}:{what}"):
                runs += [(name, what, n) for n in range(1, counts[name] + 1)]
    rng.shuffle(runs)
    return runs[part::share]


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--share", type=int, default=1)
    options.add_argument("--part", type=int, default=0)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options.add_argument("--only")
    options.add_argument("--after", type=int, default=0, help="leave out the first ones")
    options = options.parse_args()
    print(f"calls.py --share {options.share} --seed {options.seed}", flush=True)
    status, counts = one_fault("")
    assert status == 0, status
    begun, table = time.monotonic(), {}
    runs = plan(counts, options.share, options.part, options.only, random.Random(options.seed))
    runs = runs[options.after:]
    print(f"{counts}: {len(runs)} faults", flush=True)
    for done, (name, what, n) in enumerate(runs, 1):
        plus, error = ("+" if what[0] == "+" else ""), what.lstrip("+")
        status, _ = one_fault(f"{name}:{n}{plus}:{error}")
        row = table.setdefault((name, what), {})
        row[status] = row.get(status, 0) + 1
        if done % 100 == 0:
            print(f"  {done} of {len(runs)}, {time.monotonic() - begun:.0f} s", flush=True)
    for (name, what), row in sorted(table.items()):
        ends = ", ".join(f"{count} {ENDS.get(status, 'went on')}" for status, count in row.items())
        print(f"  {name:5} {what:8} {ends}")
    print(f"{len(runs)} faults, {time.monotonic() - begun:.0f} s: every start after one was whole")


if __name__ == "__main__":
    main()
