#!/usr/bin/python3
"""A byte of a daemon's state flipped: it starts and knows everything, or refuses and says where.

    daemon.py [--runs N] [--seed S]

The other two programs of this folder look at every byte of a journal and of an LMDB file; here the
real daemon meets a sample of it, with journal, store and dead letters together. The state is that of
a daemon that stopped in order, so nothing at all may be missing.
"""
import argparse
import pathlib
import random
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, Gone, complaint, configuration, contact, event, verify  # noqa: E402

BASE = "/dev/shm" if pathlib.Path("/dev/shm").is_dir() else None


def config(state):
    return configuration("@FOLDER@").replace("state: @FOLDER@/state", f"state: {state}")


def make(state):
    """A state with some of everything. What was sent, the receipts, and what was rejected."""
    sent = [made for i in range(6) for made in (contact(f"k-{i}"), complaint(f"c-{i}"))]
    with Daemon(config(state)) as daemon:
        intake = daemon.intake()
        receipts = intake.accept(*sent)
        refused = event("no.such", data={})
        assert intake.send(refused)["status"] == "rejected"
        assert daemon.stop() == 0
    return sent, receipts, refused["id"]


def used(state):
    """The files, and how far something was written in them: the rest is zeros."""
    return {path.relative_to(state): len(path.read_bytes().rstrip(b"\0"))
            for path in sorted(state.glob("*/*"))
            if path.suffix in (".journal", ".mdb") and path.name != "lock.mdb"}


def start(state, sent, receipts, refused):
    """What a start on this state comes to: "whole" or "refused"."""
    with Daemon(config(state), start=False) as daemon:
        try:
            daemon.start()
        except Gone:
            log = daemon.log()
            assert daemon.process.returncode == 65, (daemon.process.returncode, log)
            assert "level=err" in log and str(state) in log, log
            return "refused"
        intake, desk = daemon.intake(), daemon.desk()
        for made, receipt in zip(sent, receipts):
            again = intake.send(made)
            assert again["status"] == "duplicate", (again, receipt)
            assert (again["seq"], again["case"]) == (receipt["seq"], receipt["case"]), again
        assert desk.call("check")["faults"] == 0
        letters = [row["id"] for row in desk.rows("dead.list")]
        assert refused in letters, letters
        assert daemon.stop() == 0
    return "whole"


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=12)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = options.parse_args()
    print(f"daemon.py --runs {options.runs} --seed {options.seed}", flush=True)
    rng, counts = random.Random(options.seed), {"whole": 0, "refused": 0}
    folder = pathlib.Path(tempfile.mkdtemp(prefix="redress-damage-", dir=BASE))
    good, state = folder / "good", folder / "state"
    sent, receipts, refused = make(good)
    verify(good)
    places = used(good)
    for _ in range(options.runs):
        path = rng.choice(list(places))
        at, mask = rng.randrange(places[path]), 1 << rng.randrange(8)
        shutil.copytree(good, state)
        with open(state / path, "r+b") as hurt:
            hurt.seek(at)
            byte = hurt.read(1)[0]
            hurt.seek(at)
            hurt.write(bytes([byte ^ mask]))
        try:
            counts[start(state, sent, receipts, refused)] += 1
        except BaseException:
            print(f"{path} at {at} with {mask:#x}: {folder}", file=sys.stderr, flush=True)
            raise
        shutil.rmtree(state)
    shutil.rmtree(folder)
    print(f"{options.runs} flips: {counts['whole']} starts with everything, {counts['refused']} "
          "refused with a place")


if __name__ == "__main__":
    main()
