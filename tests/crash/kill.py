#!/usr/bin/python3
"""kill -9 at random points under load, and a ledger of what was answered.

What was accepted is there after every start, under the number it was given, once; no number is
given twice; an alert that comes again is the same alert, byte for byte. CRASH_SEED and CRASH_KILLS
choose the run; both are printed.
"""
import os
import pathlib
import random
import sys

import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))
from harness import Daemon, Gone, complaint, contact, event, pack, run, unpack  # noqa: E402

SEED = int(os.environ.get("CRASH_SEED", "1"))
KILLS = int(os.environ.get("CRASH_KILLS", "8"))
WINDOW = 64


def made(rng, number):
    """The event of a number: always the same one, also when it is sent again."""
    customer = f"k{number % 97}"
    pick = number % 5
    if pick == 4:
        return event("case.acknowledged", subject=f"c-{number - 1}", id=f"e-{number}", data={"by": "wang"})
    opened = (contact if pick == 0 else complaint)(f"c-{number}", customer=customer)
    return {**opened, "id": f"e-{number}"}


class Ledger:
    def __init__(self):
        self.seq_of, self.id_of, self.alerts = {}, {}, {}

    def receipt(self, receipt):
        name, seq = receipt["id"], receipt.get("seq")
        assert receipt["status"] in ("accepted", "duplicate", "rejected", "busy"), receipt
        if receipt["status"] == "rejected":  # the case it speaks of was lost before its receipt
            assert receipt["error"]["code"] in ("unknown_case", "illegal_transition", "conflict"), receipt
            assert name not in self.seq_of, f"{name} was accepted, then rejected"
            return True
        if receipt["status"] == "busy":
            return False
        assert self.seq_of.setdefault(name, seq) == seq, (receipt, self.seq_of[name])
        assert self.id_of.setdefault(seq, name) == name, (receipt, self.id_of[seq])
        return True

    def alert(self, body):
        seq = unpack(body)["seq"]
        assert self.alerts.setdefault(seq, body) == body, seq


def drive(daemon, ledger, rng, first, stop_after):
    """Sends events from `first` on until so many receipts came. The number to go on with."""
    intake = daemon.intake()
    feed = daemon.context.socket(zmq.SUB)
    feed.linger = 0
    feed.subscribe("xj/")
    feed.connect(daemon.endpoint("feed"))
    sent, waiting, received = first, [], 0
    while received < stop_after:
        while len(waiting) < WINDOW:
            intake.post(made(rng, sent))
            waiting.append(sent)
            sent += 1
        receipt = intake.receipts()[0]
        assert receipt["id"] == f"e-{waiting[0]}", (receipt, waiting[0])
        assert ledger.receipt(receipt)
        waiting.pop(0)
        received += 1
        while feed.poll(0):
            ledger.alert(feed.recv_multipart()[1])
    daemon.kill()
    while intake.socket.poll(0):  # what was on its way
        ledger.receipt(unpack(intake.socket.recv()))
    while feed.poll(0):
        ledger.alert(feed.recv_multipart()[1])
    intake.close()
    feed.close(0)
    return waiting[0]


def check(daemon, ledger):
    """Everything that was ever accepted is there, under its number."""
    intake = daemon.intake()
    names = list(ledger.seq_of)
    for begin in range(0, len(names), 500):
        part = names[begin:begin + 500]
        for receipt in intake.send(*[made(None, int(name[2:])) for name in part], b"\xc1")[:-1]:
            assert receipt["status"] == "duplicate", receipt
            assert receipt["seq"] == ledger.seq_of[receipt["id"]], receipt
    intake.close()


def test_kills():
    print(f"CRASH_SEED={SEED} CRASH_KILLS={KILLS}", flush=True)
    rng = random.Random(SEED)
    ledger = Ledger()
    with Daemon(start=False) as daemon:
        next_number = 0
        for _ in range(KILLS):
            daemon.start()
            check(daemon, ledger)
            next_number = drive(daemon, ledger, rng, next_number, rng.randrange(1, 3000))
        daemon.start()
        check(daemon, ledger)
        seq = max(ledger.seq_of.values())
        desk = daemon.desk()
        status = desk.call("status", min_seq=seq)
        assert status["seq"] >= seq, status
        known = 0
        while True:
            answer = desk.call("feed.replay", after=known, limit=1000)
            for row in answer["rows"]:
                assert row["seq"] == known + 1, (row["seq"], known)
                known = row["seq"]
            if not answer["rows"]:
                break
        assert known >= max(ledger.alerts), (known, max(ledger.alerts))
        assert daemon.stop() == 0
        print(f"{len(ledger.seq_of)} accepted, {len(ledger.alerts)} alerts seen of {known}")


if __name__ == "__main__":
    run(globals())
