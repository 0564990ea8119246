#!/usr/bin/python3
"""kill -9 at random instants of backup, restore, snapshots, --recover, an upgrade and an erasure: nothing is lost,
nothing that is half is taken for whole, nothing of who is forgotten is left, and the next start says what it found.

    keep.py [--kills N] [--seed S] [KIND...]
"""
import argparse
import contextlib
import importlib.util
import pathlib
import random
import shutil
import subprocess
import sys
import time

WIRE = pathlib.Path(__file__).resolve().parent.parent / "wire"
sys.path.insert(0, str(WIRE))
from harness import Daemon, Gone, complaint, configuration, event, tool, verify  # noqa: E402

CASES = 400


def ctl(*words):
    return subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True)


def killed_after(command, seconds):
    """True: it was killed before its end."""
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def cases(daemon):
    return [(row["case"], row["subject"], row["state"]) for row in daemon.desk().rows("case.list")]


def filled(daemon, name, count):
    intake = daemon.intake()
    for i in range(0, count, 50):
        intake.accept(*[complaint(f"{name}-{k}", customer=f"c-{name}-{k}", text="x" * 200)
                        for k in range(i, i + 50)])


class World:
    """A daemon's folder with snapshots, filled; and how long each thing takes here."""

    def __init__(self, chance):
        self.chance = chance
        self.daemon = Daemon(start=False)
        self.daemon.write_config(configuration(self.daemon.folder) + "snapshot: {every: 1s, keep: 3}\n")
        self.daemon.start()
        self.state = self.daemon.folder / "state"
        filled(self.daemon, "k", CASES)
        self.cases = cases(self.daemon)
        assert len(self.cases) == CASES
        self.killed = {}
        self.older = self.forgotten = None

    def moment(self, longest):
        return self.chance.uniform(0, longest)

    def note(self, what, was_killed):
        self.killed[what] = self.killed.get(what, 0) + was_killed


def kill_backup(world, number):
    target = world.daemon.folder / f"b-{number}"
    command = [tool("redressctl"), "backup", target, "--state", world.state]
    world.note("backup", killed_after(command, world.moment(0.06)))
    if target.exists():
        done = ctl("check-backup", target)
        assert done.returncode == 0, done.stdout + done.stderr
        target.unlink()
    done = ctl("backup", target, "--state", world.state)  # what was left is in nobody's way
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (world.daemon.folder / f"b-{number}.part").exists()


def kill_restore(world, number):
    backup, target = world.daemon.folder / "whole", world.daemon.folder / f"r-{number}"
    if not backup.exists():
        assert ctl("backup", backup, "--state", world.state).returncode == 0
    command = [tool("redressctl"), "restore", backup, target, "--journal", world.state / "journal"]
    world.note("restore", killed_after(command, world.moment(0.5)))
    other = Daemon(start=False, args=["--state", str(target)])
    try:
        has_store = (target / "store/data.mdb").exists()
        has_mark = (target / "restore.unfinished").exists()
        if target.exists():
            other.launch()
            try:
                other.wait_notify("READY=1")
                found = cases(other)
                # An empty folder is a new state; else it is all of it.
                assert not has_mark and found in ([], world.cases[:len(found)]) and (
                    not has_store or len(found) >= CASES), (has_mark, has_store, len(found))
            except Gone:
                assert other.process.returncode == 65 and has_mark, other.log()
                assert "is not through with this folder" in other.log(), other.log()
    finally:
        other.close()
    shutil.rmtree(target, ignore_errors=True)


def kill_snapshot(world, number):
    daemon = world.daemon
    filled(daemon, f"s{number}", 50)
    try:
        daemon.process.wait(world.moment(1.3))
        raise AssertionError("it ended")
    except subprocess.TimeoutExpired:
        pass
    was_writing = (world.state / "snapshots/new.part").exists()
    daemon.kill()
    world.note("snapshot", was_writing)
    for path in sorted((world.state / "snapshots").glob("*.snapshot")):
        done = ctl("check-backup", path)
        assert done.returncode == 0, done.stdout + done.stderr
    daemon.drain_notify()
    daemon.start()
    world.cases = cases(daemon)
    assert len(world.cases) >= CASES + 50


def kill_recover(world, number):
    daemon = world.daemon
    if daemon.process.poll() is None:
        assert daemon.stop() == 0
    (world.state / "store/damaged.mdb").unlink(missing_ok=True)  # of the one before
    path = world.state / "store/data.mdb"
    data = path.read_bytes()
    path.write_bytes(data[:2 * 4096] + b"\x5a" * (len(data) - 2 * 4096))
    (world.state / "store/lock.mdb").unlink(missing_ok=True)
    world.note("recover", killed_after(daemon.command("--recover"), world.moment(0.25)))
    daemon.drain_notify()
    daemon.launch()
    try:
        daemon.wait_notify("READY=1")
    except Gone:
        assert daemon.process.returncode == 65 and "--recover" in daemon.log(), daemon.log()
        subprocess.run(daemon.command("--recover"), check=True, capture_output=True)
        daemon.start()
    assert cases(daemon) == world.cases
    if number == 0:
        assert daemon.stop() == 0
        verify(world.state)
        daemon.start()


class Older:
    """A state of the last version, and what wire.82 knows of it."""

    def __init__(self):
        spec = importlib.util.spec_from_file_location("upgrade", WIRE / "82-upgrade.py")
        self.test = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.test)
        self.daemon = self.test.Older("engine-12")
        self.pristine = self.daemon.folder / "pristine"
        shutil.copytree(self.daemon.state, self.pristine)


def kill_upgrade(world, number):
    world.older = world.older or Older()
    test, daemon = world.older.test, world.older.daemon
    shutil.rmtree(daemon.state)
    shutil.copytree(world.older.pristine, daemon.state)
    for _ in range(2):
        ready = daemon.log().count('msg="ready"')
        daemon.launch()
        try:
            daemon.process.wait(world.moment(0.8))
            raise AssertionError(daemon.log())
        except subprocess.TimeoutExpired:
            daemon.kill()
            world.note("upgrade", daemon.log().count('msg="ready"') == ready)
    daemon.drain_notify()
    daemon.start()
    test.compare(daemon)
    test.switch_of(daemon)
    assert not (daemon.state / "upgrade").exists()
    daemon.kill()


class Forgotten:
    """A state with a customer's markers in every kind of place, as wire.54 makes it; and its figures."""

    def __init__(self):
        path = WIRE / "54-erasure.py"
        spec = importlib.util.spec_from_file_location("erasure", path)
        self.test = importlib.util.module_from_spec(spec)
        source = path.read_text(encoding="utf-8").replace("\nrun(globals())\n", "\n")
        exec(compile(source, path, "exec"), self.test.__dict__)
        self.daemon = Daemon(start=False)
        self.daemon.write_config(configuration(self.daemon.folder, rules=self.test.RULES) +
                                 f"journal_archive: {self.daemon.folder}/archive\nsnapshot: {{every: 1s, keep: 3}}\n")
        self.daemon.start()
        self.folders = [self.daemon.folder / "state", self.daemon.folder / "archive"]
        self.test.others(self.daemon.intake(), 0, 50)
        self.test.fill(self.daemon.intake())
        self.test.others(self.daemon.intake(), 50, 50)
        self.daemon.desk().until_counted("snapshots")
        self.figures = self.test.figures(self.daemon, 100)
        assert self.daemon.stop() == 0
        self.pristine = self.daemon.folder / "pristine"
        for folder in self.folders:
            folder.mkdir(exist_ok=True)
            shutil.copytree(folder, self.pristine / folder.name)


def kill_erasure(world, number):
    world.forgotten = world.forgotten or Forgotten()
    test, daemon = world.forgotten.test, world.forgotten.daemon
    for folder in world.forgotten.folders:
        shutil.rmtree(folder)
        shutil.copytree(world.forgotten.pristine / folder.name, folder)
    daemon.drain_notify()
    daemon.start()
    intake = daemon.intake()
    seq = intake.accept(event("customer.forgotten", data={"customer": test.CUSTOMER}))["seq"]
    if number % 4 != 0:  # in its work on the disks; else anywhere
        daemon.wait_notify("STATUS=erasing")
    end = time.monotonic() + world.moment(1 if number % 4 != 0 else 4)
    while time.monotonic() < end:  # somebody sends meanwhile, answered or not
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.process.wait(0.01)
            raise AssertionError(daemon.log())
        intake.post(event("case.noted", subject="o-1", data={"by": "li", "text": "of somebody else"}))
    daemon.kill()
    world.note("erasure", bool(test.found(*world.forgotten.folders)))
    daemon.drain_notify()
    daemon.start()
    assert test.erased(daemon, seq)["cases"] == 4
    figures = test.figures(daemon, seq)
    assert figures == world.forgotten.figures, figures
    assert daemon.stop() == 0
    left = test.found(*world.forgotten.folders)
    assert left == [], left
    list(test.whole(daemon.folder))
    for name in ("erasure", "erasing"):
        assert not (daemon.folder / "state" / name).exists(), name


KINDS = {"backup": kill_backup, "restore": kill_restore, "snapshot": kill_snapshot, "recover": kill_recover,
         "upgrade": kill_upgrade, "erasure": kill_erasure}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    world = World(random.Random(options.seed))
    is_good = False
    try:
        for name in options.kinds:
            for number in range(options.kills):
                KINDS[name](world, number)
        is_good = True
    finally:
        world.daemon.close(failed=not is_good)
        for other in (world.older, world.forgotten):
            if other is not None:
                other.daemon.close(failed=not is_good)
    print(f"ok: {options.kills} of each; before its end killed: {world.killed}")
    return 0 if sum(world.killed.values()) > 0 else 1  # else nothing was tried


sys.exit(main())
