#!/usr/bin/python3
"""Power cuts under load: all that was answered is on the disk, whatever else is.

    powercut.py [--cuts N] [--seed S] [--run K]

The real daemon runs under a load of senders, is killed and started again, and every write, sync and
answer of it is recorded (tests/shim). For random prefixes of that record an image is made of what a
disk may then hold (disk.py): the real daemon must start on it and know everything whose receipt had
gone out, under the same number and case, every alert that was published, byte for byte, and every
event that was rejected. check-journal and verify look at each image too. `kill -9` alone proves none
of it: there the page cache survives.
"""
import argparse
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import msgpack

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "crash")]
import kill  # noqa: E402
from disk import Disk, read_log  # noqa: E402
from harness import UNITS, Daemon, Gone, configuration, shim, tool, unpack, verify  # noqa: E402

CUTS_PER_RUN = 40
SAMPLE = 200  # of what was accepted is sent again


def config(state):
    text = configuration("@FOLDER@", units=UNITS, rules=kill.RULES)
    return text.replace("state: @FOLDER@/state", f"state: {state}")


def record(seed, folder):
    """Some lives under load. The ledger of what was sent, and the log."""
    rng, ledger = random.Random(seed), kill.Ledger()
    unit = kill.Unit("desk", ledger, random.Random(rng.random()))
    senders = [kill.Opener("crm", ledger, random.Random(rng.random()), unit, False),
               kill.Opener("line", ledger, random.Random(rng.random()), unit, True), unit]
    reader = kill.Reader(ledger, unit)
    root, logs = folder / "root", []
    root.mkdir()

    def begin():
        logs.append(folder / f"log{len(logs)}")
        daemon.env = shim(root, REDRESS_SHIM_LOG=logs[-1])
        daemon.drain_notify()
        daemon.start()

    with Daemon(config(root / "state"), start=False) as daemon:
        for _ in range(rng.randrange(1, 4)):
            begin()
            kill.live(daemon, senders, reader, rng.uniform(0.05, 0.5), rng)
        if rng.randrange(2):
            begin()
            assert daemon.stop() == 0, daemon.log()
    return ledger, [one for log in logs for one in read_log(log)], root.stat().st_ino


class Out:
    """What had gone out up to a point of the log."""

    def __init__(self):
        self.accepted, self.rejected, self.alerts = {}, set(), {}

    def take(self, frame):
        try:
            made = unpack(frame)
        except (ValueError, msgpack.UnpackException):
            return  # a routing id, a topic
        if not isinstance(made, dict):
            return
        if made.get("status") in ("accepted", "duplicate"):
            self.accepted[made["id"]] = (made["seq"], made.get("case"))
        elif made.get("status") == "rejected":
            self.rejected.add(made["id"])
        elif "prev" in made and "seq" in made:
            self.alerts[made["seq"]] = frame


def check_events(daemon, desk, ledger, out, rng):
    """All accepted ones are in the journal, and known again."""
    rows = desk.rows("journal.read", limit=5000)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1)), "numbers without holes"
    found = {}
    for row in rows:
        assert row["event"] == ledger.sent[row["source"], row["id"]], row["id"]
        assert row["id"] not in found, ("twice", row["id"])
        found[row["id"]] = row
    for name, (seq, _) in out.accepted.items():
        assert name in found and found[name]["seq"] == seq, ("lost", name, seq, found.get(name))
    newest = max((int(name.split("-")[1]) for name in out.accepted if name.startswith("line-")),
                 default=0)
    again = [name for name in out.accepted if not name.startswith("line-") or
             int(name.split("-")[1]) > newest - kill.REMEMBERED // 2]
    again = rng.sample(sorted(again), min(len(again), SAMPLE))
    if again:
        intake = daemon.intake()
        intake.post(*[found[name]["event"] for name in again])
        for name, receipt in zip(again, intake.receipts()):
            assert receipt["status"] == "duplicate", (name, receipt)
            assert (receipt["seq"], receipt.get("case")) == out.accepted[name], (name, receipt)
    return len(rows)


def check_image(folder, ledger, out, rng):
    """Starts the daemon on the image below `folder` and compares."""
    state = folder / "root" / "state"
    journal = state / "journal"
    if any(journal.glob("*.journal")):
        done = subprocess.run([tool("redressctl"), "check-journal", str(journal)],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    with Daemon(config(state), start=False) as daemon:
        try:
            daemon.start()
        except Gone as gone:
            raise AssertionError(f"it does not start: {gone}") from None
        desk = daemon.desk()
        assert desk.call("check")["faults"] == 0
        events = check_events(daemon, desk, ledger, out, rng)
        assert daemon.stop() == 0, daemon.log()
        daemon.drain_notify()
        daemon.start()  # now all of it is in the store
        desk = daemon.desk()
        bodies = kill.replayed(desk, max(out.alerts, default=0))
        by_number = {unpack(body)["seq"]: body for body in bodies}
        for number, body in out.alerts.items():
            assert by_number.get(number) == body, ("alert", number, unpack(body),
                                                   by_number.get(number))
        letters = {row["id"] for row in desk.rows("dead.list", limit=5000)}
        assert out.rejected <= letters, ("dead letters lost", out.rejected - letters)
        assert daemon.stop() == 0, daemon.log()
        verify(state)
    return events


def choose(log, cuts, rng):
    """Where to cut: anywhere, but mostly where something changes on the disk, and in the first start,
    which makes all files."""
    changes = [i + 1 for i, one in enumerate(log) if one[0] != "M"]
    ready = next(i for i, one in enumerate(log) if one[0] == "M")
    early = [i for i in changes if i <= ready and log[i - 1][0] != "Z"]
    points = set()
    while len(points) < min(cuts, len(log)):
        points.add(rng.choice([rng.choice(early), rng.randrange(1, len(log) + 1),
                               *rng.choices(changes, k=6)]))
    return sorted(points)


def one_run(seed, cuts):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="redress-cut-"))
    images = pathlib.Path("/dev/shm") if pathlib.Path("/dev/shm").is_dir() else folder
    ledger, log, root = record(seed, folder)
    rng = random.Random(f"cuts {seed}")
    points = choose(log, cuts, rng)
    disk, out, at, events = Disk(root), Out(), 0, 0
    for point in points:
        for number in range(at, point):
            if log[number][0] == "M":
                out.take(log[number][4])
            else:
                disk.take(number, log[number])
        at = point
        image = pathlib.Path(tempfile.mkdtemp(prefix="redress-image-", dir=images))
        mode = disk.save(image / "root", rng)
        try:
            events += check_image(image, ledger, out, rng)
        except BaseException:
            print(f"seed {seed}, cut after record {point} of {len(log)} ({mode}): the image is "
                  f"{image}, the logs are in {folder}", file=sys.stderr, flush=True)
            raise
        shutil.rmtree(image)
    shutil.rmtree(folder)
    return len(points), len(log), len(out.accepted), len(out.alerts), len(out.rejected), events


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cuts", type=int, default=24)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = options.parse_args()
    print(f"powercut.py --cuts {options.cuts} --seed {options.seed}", flush=True)
    begun, total, seed = time.monotonic(), [0] * 6, options.seed
    while total[0] < options.cuts:
        left = options.cuts - total[0]
        made = one_run(seed, min(left, max(8, min(CUTS_PER_RUN, options.cuts // 3))))
        total = [a + b for a, b in zip(total, made)]
        seed += 1
        print(f"  {total[0]} cuts, {time.monotonic() - begun:.0f} s", flush=True)
    cuts, records, accepted, alerts, rejected, events = total
    print(f"{cuts} power cuts in {records} recorded calls of {seed - options.seed} runs: {accepted} "
          f"receipts, {alerts} alerts and {rejected} rejections had gone out by the last cuts, "
          f"{events} events found in the images, nothing lost")


if __name__ == "__main__":
    main()
