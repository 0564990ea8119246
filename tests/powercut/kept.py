#!/usr/bin/python3
"""Power cuts of what keeps a state: an upgrade, a backup, a restore, --recover, snapshots, the archive and the cutting of
the journal.

    kept.py [--cuts N] [--seed S] [KIND...]

Each is done once under a record of its writes and syncs (tests/shim), and random prefixes of that record become images
of what a disk may then hold (disk.py). The next start on an image finds all of the older state or all of the newer one,
or says that there is none; no snapshot that has its name is half of one; no record that was told to be archived, or
durable, is in neither place.
"""
import argparse
import importlib.util
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "wire"), str(HERE.parent / "crash")]
from disk import Disk, read_log  # noqa: E402
from harness import WAIT_S, Daemon, Gone, complaint, configuration, shim, tool, verify  # noqa: E402

CASES = 100
IMAGES = pathlib.Path("/dev/shm") if pathlib.Path("/dev/shm").is_dir() else None


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def ctl(*words, env=None):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True,
                          env={**os.environ, **(env or {})})
    assert done.returncode == 0, (words, done.stdout, done.stderr)


def filled(daemon):
    daemon.intake().accept(*[complaint(f"k-{i}", customer=f"c-{i}", text="x" * 200) for i in range(CASES)])


def subjects(daemon):
    return [row["subject"] for row in daemon.desk().rows("case.list")]


class Kind:
    """A folder `root` whose state before and whose changes after are known."""

    def __init__(self, rng):
        self.rng, self.log = rng, []

    def record(self, folder):
        """Fills self.root with what is there first, then returns a Disk that has it, and makes self.log."""

    def told(self, record):
        """A record that the cut comes after."""

    def check(self, image):
        """What the disk holds after the cut."""

    def close(self):
        pass


class Upgrade(Kind):
    def record(self, folder):
        self.upgrade = load(HERE.parent / "wire/82-upgrade.py")
        self.daemon = self.upgrade.Older("engine-12")
        disk = Disk(self.daemon.state.stat().st_ino)
        disk.load(self.daemon.state)
        self.daemon.env = shim(self.daemon.state, REDRESS_SHIM_LOG=folder / "log")
        self.daemon.start()
        self.daemon.kill()
        self.log, self.daemon.env = read_log(folder / "log"), {}
        self.args = self.daemon.args
        return disk

    def check(self, image):
        daemon = self.daemon
        daemon.state, daemon.args = image, [*self.args, "--state", str(image)]
        daemon.drain_notify()
        daemon.start()
        self.upgrade.compare(daemon)
        self.upgrade.switch_of(daemon)
        assert list((image / "snapshots").glob("*.snapshot")) and not (image / "upgrade").exists()
        daemon.kill()

    def close(self):
        self.daemon.close()


class Restore(Kind):
    def record(self, folder):
        backup = folder / "backup"
        with Daemon() as daemon:
            filled(daemon)
            ctl("backup", backup, "--state", daemon.folder / "state")
            daemon.intake().accept(complaint("after", customer="c-after"))
            assert daemon.stop() == 0
            root = folder / "root"
            root.mkdir()
            ctl("restore", backup, root / "state", "--journal", daemon.folder / "state/journal",
                env=shim(root, REDRESS_SHIM_LOG=folder / "log"))
        self.log = read_log(folder / "log")
        self.config = configuration("@FOLDER@").replace("state: @FOLDER@/state", "state: @STATE@")
        return Disk(root.stat().st_ino)

    def check(self, image):
        state = image / "state"
        has_store = (state / "store/data.mdb").exists()
        with Daemon(self.config.replace("@STATE@", str(state)), start=False) as daemon:
            try:
                daemon.start()
            except Gone:
                is_told = "restore is not through with this folder" in daemon.log()
                assert daemon.process.returncode == 65 and (is_told or not has_store), daemon.log()
                return
            found, all_of_it = subjects(daemon), [*(f"k-{i}" for i in range(CASES)), "after"]
            assert found == all_of_it[:len(found)] and (not has_store or len(found) >= CASES), (has_store, len(found))
            assert daemon.stop() == 0
            verify(state)


class Backup(Kind):
    def record(self, folder):
        root = folder / "root"
        root.mkdir()
        with Daemon() as daemon:
            filled(daemon)
            ctl("backup", root / "backup", "--state", daemon.folder / "state", env=shim(root, REDRESS_SHIM_LOG=folder / "log"))
        self.log, self.count = read_log(folder / "log"), 0
        return Disk(root.stat().st_ino)

    def told(self, record):
        self.count += 1

    def check(self, image):
        if (image / "backup").exists():
            ctl("check-backup", image / "backup")
        assert (image / "backup").exists() or self.count < len(self.log), "it said that it was done"


class Recover(Kind):
    """Of a store that is damaged, from its snapshot and the journal."""

    def record(self, folder):
        self.config = configuration("@FOLDER@").replace("state: @FOLDER@/state", "state: @STATE@") + "snapshot: {every: 1s}\n"
        self.root = folder / "state"
        with self.daemon(self.root) as daemon:
            daemon.start()
            filled(daemon)
            daemon.desk().until_counted("snapshots")
            self.cases = subjects(daemon)
            assert daemon.stop() == 0
            path = self.root / "store/data.mdb"
            data = path.read_bytes()
            path.write_bytes(data[:2 * 4096] + b"\x5a" * (len(data) - 2 * 4096))
            disk = Disk(self.root.stat().st_ino)
            disk.load(self.root)
            subprocess.run(daemon.command("--recover"), check=True, timeout=WAIT_S, capture_output=True,
                           env={**os.environ, **shim(self.root, REDRESS_SHIM_LOG=folder / "log")})
        self.log = read_log(folder / "log")
        return disk

    def daemon(self, state):
        return Daemon(self.config.replace("@STATE@", str(state)), start=False)

    def check(self, image):
        with self.daemon(image) as daemon:
            try:
                daemon.start()
            except Gone:
                assert daemon.process.returncode == 65 and "--recover" in daemon.log(), daemon.log()
                subprocess.run(daemon.command("--recover"), check=True, timeout=WAIT_S, capture_output=True)
                daemon.drain_notify()
                daemon.start()
            assert subjects(daemon) == self.cases
            assert daemon.stop() == 0
            verify(image)


class Snapshot(Kind):
    def record(self, folder):
        self.root = folder / "root"
        self.root.mkdir()
        self.config = configuration("@FOLDER@").replace("state: @FOLDER@/state", "state: @STATE@")
        with Daemon(self.with_state(self.root / "state") + "snapshot: {every: 1s, keep: 2}\n", start=False,
                    env=shim(self.root, REDRESS_SHIM_LOG=folder / "log")) as daemon:
            daemon.start()
            intake, until, number = daemon.intake(), time.monotonic() + 4.5, 0
            while time.monotonic() < until:  # several of them, and the oldest go
                intake.accept(*[complaint(f"k-{number + i}", customer="c", text="x" * 200) for i in range(20)])
                number += 20
            daemon.kill()
        self.log = read_log(folder / "log")
        return Disk(self.root.stat().st_ino)

    def with_state(self, state):
        return self.config.replace("@STATE@", str(state))

    def check(self, image):
        state = image / "state"
        snapshots = list((state / "snapshots").glob("*.snapshot"))
        for one in snapshots:
            ctl("check-backup", one)
        with Daemon(self.with_state(state), start=False) as daemon:
            daemon.start()
            count = len(subjects(daemon))
            assert daemon.stop() == 0
            verify(state)
            if snapshots:  # the store is lost whole: the newest one and the journal give it back
                shutil.rmtree(state / "store")
                subprocess.run(daemon.command("--recover"), check=True, timeout=WAIT_S, capture_output=True)
                daemon.drain_notify()
                daemon.start()
                assert len(subjects(daemon)) == count


class Archive(Kind):
    def record(self, folder):
        self.program = pathlib.Path(tool("redressctl")).parent.parent / "tests/crash_archive"
        root = folder / "root"
        root.mkdir()
        process = subprocess.Popen([self.program, "live", root],
                                   env={**os.environ, **shim(root, REDRESS_SHIM_LOG=folder / "log")})
        try:
            process.wait(self.rng.uniform(0.5, 1.5))
            raise AssertionError("it ended")
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.log, self.marks, self.inode = read_log(folder / "log"), (0, 0), (root / "told").stat().st_ino
        return Disk(root.stat().st_ino)

    def told(self, record):
        if record[0] == "W" and record[1] == self.inode:
            self.marks = struct.unpack("<QQ", record[4])

    def check(self, image):
        done = subprocess.run([self.program, "look", image, *map(str, self.marks)], capture_output=True, text=True)
        assert done.returncode == 0, (self.marks, done.stderr)


KINDS = {"upgrade": Upgrade, "backup": Backup, "recover": Recover, "restore": Restore, "snapshot": Snapshot, "archive": Archive}
PER_RECORD = 50  # cuts of one


def cut(name, seed, cuts):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="redress-kept-"))
    kind = KINDS[name](random.Random(seed))
    disk, at = kind.record(folder), 0
    changes = [i + 1 for i, one in enumerate(kind.log) if one[0] not in "MO"]
    for point in sorted(kind.rng.choices(changes, k=cuts)):
        for number in range(at, point):
            kind.told(kind.log[number])
            if kind.log[number][0] != "M":
                disk.take(number, kind.log[number])
        at = point
        images = pathlib.Path(tempfile.mkdtemp(prefix="redress-image-", dir=IMAGES))
        mode = disk.save(images / "root", kind.rng)
        try:
            kind.check(images / "root")
        except BaseException:
            print(f"{name}: seed {seed}, cut after record {point} of {len(kind.log)} ({mode}): the image was {images}, "
                  f"the log is in {folder}", file=sys.stderr, flush=True)
            raise
        shutil.rmtree(images)
    kind.close()
    shutil.rmtree(folder)
    return len(kind.log)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cuts", type=int, default=6)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options.add_argument("kinds", nargs="*", default=list(KINDS))
    options = options.parse_args()
    print(f"kept.py --cuts {options.cuts} --seed {options.seed} {' '.join(options.kinds)}", flush=True)
    for name in options.kinds:
        seed, left, records = options.seed, options.cuts, 0
        while left > 0:
            records += cut(name, seed, min(left, PER_RECORD))
            left, seed = left - PER_RECORD, seed + 1
        print(f"  {name}: {options.cuts} power cuts in {records} recorded calls, nothing lost", flush=True)


if __name__ == "__main__":
    main()
