#!/usr/bin/python3
"""What a refused start names is what helps, as it was started."""
import os
import re
import shlex
import shutil
import subprocess

from harness import Daemon, Gone, binary, complaint, run, tool


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def refused(daemon, status=65):
    daemon.launch()
    try:
        daemon.wait_notify("READY=1")
    except Gone:
        assert daemon.process.returncode == status, (daemon.process.returncode, daemon.log())
        return daemon.log()
    raise AssertionError("it started")


def commands(log):
    """What the log names, as a shell reads it."""
    found = re.findall(r'command="(.*?)"$', log, re.M)
    assert found, log
    return shlex.split(found[-1].replace('\\"', '"').replace("\\\\", "\\"))


def damage(path):
    data = bytearray(path.read_bytes())
    data[2 * 4096:] = b"\x5a" * (len(data) - 2 * 4096)
    path.write_bytes(data)


def test_the_command_has_the_folder_that_the_daemon_was_given():
    with Daemon(start=False) as daemon:
        state = daemon.folder / "an other's st ate"
        daemon.args = ["--state", str(state)]
        daemon.start()
        daemon.intake().accept(complaint("k-1"))
        assert daemon.stop() == 0
        damage(state / "store/data.mdb")
        words = commands(refused(daemon))
        words = words[words.index("redressd"):]
        assert words[words.index("--state") + 1] == str(state), words
        done = subprocess.run([binary(), *words[1:], "--log", "stderr"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert not (daemon.folder / "state").exists()
        daemon.start()
        assert [row["subject"] for row in daemon.desk().rows("case.list")] == ["k-1"]


def test_recovering_nothing_makes_nothing():
    with Daemon(start=False) as daemon:
        state = daemon.folder / "state"
        done = subprocess.run(daemon.command("--recover"), capture_output=True, text=True)
        assert done.returncode == 65, (done.returncode, done.stderr)
        assert "there is no state in this folder" in done.stderr and "a new state" not in done.stderr, done.stderr
        assert not state.exists() or not list(state.iterdir()), list(state.iterdir())


def test_a_damaged_journal_beside_a_whole_store_has_a_way_out():
    with Daemon() as daemon:
        state = daemon.folder / "state"
        for i in range(50):
            daemon.intake().accept(complaint(f"k-{i}"))
        assert daemon.stop() == 0
        (segment,) = (state / "journal").glob("*.journal")
        data = segment.read_bytes()
        at = data.index(b"k-20")
        with segment.open("r+b") as file:
            file.seek(at)
            file.write(b"K")
        log = refused(daemon)
        assert "the store is whole and has the state of this record" in log, log
        words = commands(log)
        assert words[:4] == ["redressctl", "backup", "--state", str(state)], words
        backup, made = daemon.folder / "FILE", daemon.folder / "DIR"
        ctl("backup", "--state", state, backup)
        ctl("restore", backup, made)
        daemon.args = ["--state", str(made)]
        daemon.start()
        assert len(daemon.desk().rows("case.list", limit=100)) == 50
        assert daemon.stop() == 0


def test_a_look_by_root_leaves_the_store_its_owners():
    if os.geteuid() != 0:
        print("     only root can try what root leaves")
        return
    with Daemon() as daemon:
        state, owner = daemon.folder / "state", 65534
        daemon.intake().accept(complaint("k-1"))
        assert daemon.stop() == 0
        for path in (state, *state.rglob("*")):
            os.chown(path, owner, owner)
        for words in (("backup", "--state", state, daemon.folder / "b"), ("verify", state),
                      ("export", "open", "--state", state)):
            (state / "store/lock.mdb").unlink(missing_ok=True)
            ctl(*words)
            others = [path for path in state.rglob("*") if path.stat().st_uid != owner]
            assert not others, (words, others)


def test_a_lock_of_another_user_is_named():
    if os.geteuid() != 0:
        print("     only root can make a file of another user")
        return
    with Daemon() as daemon:
        state = daemon.folder / "state"
        assert daemon.stop() == 0
        os.chmod(daemon.folder, 0o755)
        for path in (state, *state.rglob("*")):
            os.chown(path, 65534, 65534)
        os.chown(state / "store/lock.mdb", 0, 0)
        for path in daemon.folder.iterdir():
            if path.name not in ("state", "redress.yaml"):
                path.unlink(missing_ok=True)
        os.chown(daemon.folder, 65534, 65534)
        done = subprocess.run(daemon.command(), capture_output=True, text=True, user=65534, group=65534,
                              extra_groups=[])
        assert done.returncode == 74, (done.returncode, done.stderr)
        assert "lock.mdb in the store's folder is another user's" in done.stderr, done.stderr


def test_the_version_has_both_numbers_of_a_state():
    told = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(r"redressd \S+ \(engine \d+, schema \d+\)\n", told), told


def test_verify_says_which_of_the_reasons_it_is():
    with Daemon() as daemon:
        state, backup, made = (daemon.folder / name for name in ("state", "backup", "made"))
        daemon.desk().reach(daemon.intake().accept(complaint("k-1"))["seq"])
        ctl("backup", "--state", state, backup)
        ctl("restore", backup, made)
        told = ctl("verify", made, status=4)
        assert "was restored and its journal has no record yet" in told and "no fault" in told, told
        daemon.stop()
        daemon.args = ["--state", str(made)]
        daemon.start()
        daemon.intake().accept(complaint("k-2"))
        assert daemon.stop() == 0
        told = ctl("verify", made, status=4)
        assert re.search(r"begins at record [2-9]\d*, since", told) and "another engine" not in told, told
        assert ctl("verify", made, "--from", backup).startswith("OK")
        shutil.rmtree(made)


run(globals())
