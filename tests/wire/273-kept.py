#!/usr/bin/python3
"""What a backup says of itself, and what cannot go on from it."""
import importlib.util
import os
import pathlib
import subprocess
import threading

from harness import WAIT_S, Daemon, complaint, run, tool

spec = importlib.util.spec_from_file_location("upgrade", pathlib.Path(__file__).resolve().parent / "82-upgrade.py")
upgrade = importlib.util.module_from_spec(spec)
spec.loader.exec_module(upgrade)


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def test_no_version_goes_on_over_an_upgrade():
    with upgrade.Older("engine-11") as daemon:
        daemon.start()
        assert daemon.stop() == 0
        older, = [path for path in (daemon.state / "snapshots").glob("*.snapshot")
                  if "engine 11 " in ctl("check-backup", path)]
        record = int(older.name.split(".")[0]) + 1
        target = daemon.folder / "restored"
        told = ctl("restore", older, target, "--journal", daemon.state / "journal", status=4)
        assert f"record {record} was written by engine {upgrade.ENGINE}, and the backup is of engine 11" in told, told
        assert (target / "restore.unfinished").exists()
        assert ctl("restore", older, daemon.folder / "alone").startswith("OK")


def test_a_fifo_is_not_waited_for():
    with Daemon() as daemon:
        fifo = daemon.folder / "fifo"
        os.mkfifo(fifo)
        for words in (("check-backup", fifo), ("restore", fifo, daemon.folder / "r")):
            assert f"{fifo}: it is no file" in ctl(*words, status=4)
        assert not (daemon.folder / "r").exists()


def test_one_of_nothing_says_so():
    for _ in range(20):  # until one is ended before its first checkpoint
        with Daemon() as daemon:
            daemon.kill()
            told = ctl("backup", daemon.folder / "b", "--state", daemon.folder / "state")
            assert ("OK record 0 " in told) == ("nothing is in it yet" in told), told
            if "OK record 0 " in told:
                return
    raise AssertionError(told)


def test_a_damaged_store_is_named_not_the_file():
    with Daemon() as daemon:
        daemon.intake().accept(*[complaint(f"subject-{i}") for i in range(50)])
        assert daemon.stop() == 0
        state = daemon.folder / "state"
        store = state / "store/data.mdb"
        data = store.read_bytes()
        at = data.rindex(b"subject-7")
        store.write_bytes(data[:at] + b"Subject-7" + data[at + 9:])
        told = ctl("backup", daemon.folder / "b", "--state", state, status=4)
        assert f"{state}/store: data.mdb is damaged: page" in told, told
        assert sorted(path.name for path in daemon.folder.glob("b*")) == []


def test_a_killed_one_leaves_no_part():
    with Daemon() as daemon:
        daemon.desk().reach(daemon.intake().accept(*[complaint(f"k-{i}", text="x" * 3000) for i in range(300)])[-1]["seq"])
        seen = []
        for number in range(5):
            process = subprocess.Popen([tool("redressctl"), "backup", str(daemon.folder / f"b-{number}"), "--state",
                                        str(daemon.folder / "state")], stdout=subprocess.DEVNULL)
            timer = threading.Timer(0.004 * number, process.kill)
            timer.start()
            seen.append(process.wait(WAIT_S))
            timer.join()
            assert not list(daemon.folder.glob("*.part")), seen
        assert -9 in seen, seen


if __name__ == "__main__":
    run(globals())
