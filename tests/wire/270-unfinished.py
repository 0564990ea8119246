#!/usr/bin/python3
"""A restore that was ended half-way is no state: the daemon starts on all of it or refuses."""
import os
import pathlib
import select
import subprocess
import tempfile

from harness import WAIT_S, Daemon, Gone, complaint, run, shim, tool

MANY = 40  # syncs that a restore has at most


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def ended_at(words, root, number):
    """Runs redressctl and kills it in its sync of that number. False: it had ended before."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("held", "release"):
            os.mkfifo(pathlib.Path(folder) / name)
        held = os.open(pathlib.Path(folder) / "held", os.O_RDONLY | os.O_NONBLOCK)
        env = {**os.environ, **shim(root, REDRESS_SHIM_FAULT=f"sync:{number}:hold", REDRESS_SHIM_HOLD=folder)}
        process = subprocess.Popen([tool("redressctl"), *map(str, words)], env=env, stdout=subprocess.DEVNULL)
        try:
            while process.poll() is None:
                try:
                    if select.select([held], [], [], 0.05)[0] and os.read(held, 1):
                        return True
                except BlockingIOError:  # about to tell
                    continue
            assert process.returncode == 0, process.returncode
            return False
        finally:
            process.kill()
            process.wait()
            os.close(held)


def start_on(state, source, args=()):
    """A daemon with the configuration of another one; not started."""
    other = Daemon(start=False, args=["--state", str(state), *args])
    other.write_config(source.config_path.read_text().replace(str(source.folder), str(other.folder)))
    return other


def refused(state, source):
    """A start, and whatever else makes something of a state, leaves it alone."""
    before = sorted(str(path) for path in state.rglob("*"))
    with start_on(state, source) as other:
        other.launch()
        try:
            other.wait_notify("READY=1")
            raise AssertionError("it started on half a state")
        except Gone:
            assert other.process.returncode == 65, other.log()
        assert "redressctl restore is not through with this folder" in other.log(), other.log()
        for option in ("--recover", "--new-state"):
            done = subprocess.run(other.command(option), capture_output=True, text=True, timeout=WAIT_S)
            assert done.returncode == 65 and "is not through" in done.stderr, done
    assert sorted(str(path) for path in state.rglob("*")) == before


def filled(daemon):
    backup, intake = daemon.folder / "b.snapshot", daemon.intake()
    seq = intake.accept(complaint("in-it"))["seq"]
    daemon.desk().reach(seq)
    ctl("backup", backup, "--state", daemon.folder / "state")
    intake.accept(complaint("after-it"))
    daemon.kill()
    return backup


def test_killed_in_each_of_its_syncs():
    with Daemon() as daemon:
        backup, root = filled(daemon), daemon.folder / "restored"
        root.mkdir()
        words = ["restore", backup, None, "--journal", daemon.folder / "state/journal"]
        number, halves = 0, 0
        while number < MANY:
            number += 1
            words[2] = root / str(number)
            was_ended = ended_at(words, root, number)
            if not (words[2] / "restore.unfinished").exists():
                break  # all of it is on the disk, and the mark is gone
            assert was_ended
            refused(words[2], daemon)
            halves += 1
        assert halves > 5 and number < MANY, (halves, number)
        assert "is not empty" in ctl(*words, status=1)
        with start_on(words[2], daemon) as other:
            other.start()
            assert [row["subject"] for row in other.desk().rows("case.list")] == ["in-it", "after-it"]


def test_one_that_failed_is_none_either():
    with Daemon() as daemon, Daemon() as stranger:
        backup, restored = filled(daemon), daemon.folder / "restored"
        filled(stranger)
        told = ctl("restore", backup, restored, "--journal", stranger.folder / "state/journal", status=4)
        assert f"remove {restored}" in told, told
        refused(restored, daemon)


if __name__ == "__main__":
    run(globals())
