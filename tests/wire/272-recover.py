#!/usr/bin/python3
"""--recover sets nothing aside that it cannot make anew, and leaves alone what is not damaged."""
import importlib.util
import os
import pathlib
import subprocess
import time

from harness import WAIT_S, Daemon, Gone, complaint, configuration, event, run, shim, tool

spec = importlib.util.spec_from_file_location("upgrade", pathlib.Path(__file__).resolve().parent / "82-upgrade.py")
upgrade = importlib.util.module_from_spec(spec)
spec.loader.exec_module(upgrade)


def until(daemon, wanted, what):
    desk, deadline = daemon.desk(), time.monotonic() + WAIT_S
    while not wanted():
        assert time.monotonic() < deadline, (what, daemon.log())
        desk.call("status", stale=True)


def damage(store):
    data = (store / "data.mdb").read_bytes()
    (store / "data.mdb").write_bytes(data[:2 * 4096] + b"\x5a" * (len(data) - 2 * 4096))


def content(folder):
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def recover(daemon, status, *told, env=None):
    """--recover; where it is refused nothing has changed."""
    before = content(daemon.folder / "state/store")
    done = subprocess.run(daemon.command("--recover"), capture_output=True, text=True, timeout=WAIT_S,
                          env={**os.environ, **(env or {})})
    assert done.returncode == status, (done.returncode, done.stderr)
    for words in told:
        assert words in done.stderr, (words, done.stderr)
    if status != 0:
        assert content(daemon.folder / "state/store") == before, sorted(before)
    return done.stderr


def open_cases(daemon):
    return [row["subject"] for row in daemon.desk().rows("case.list")]


def refuses_to_start(daemon):
    daemon.drain_notify()
    daemon.launch()
    try:
        daemon.wait_notify("READY=1")
    except Gone:
        assert daemon.process.returncode == 65 and "--recover" in daemon.log(), daemon.log()
        return
    raise AssertionError("it started")


def test_after_an_upgrade_there_is_a_way_back():
    with upgrade.Older("engine-11") as daemon:
        store = daemon.state / "store"
        daemon.start()
        assert "\nsnapshot:" not in daemon.config_path.read_text()
        until(daemon, lambda: "a snapshot was made" in daemon.log(), "no snapshot")
        cases = open_cases(daemon)
        assert daemon.stop() == 0
        inode = (store / "data.mdb").stat().st_ino
        for _ in range(2):
            recover(daemon, 0, "nothing is damaged", "the state is ready for a start")
            assert (store / "data.mdb").stat().st_ino == inode and not (store / "damaged.mdb").exists()
        damage(store)
        refuses_to_start(daemon)
        broken = (store / "data.mdb").read_bytes()
        recover(daemon, 0, "the store was made anew of a snapshot")
        assert (store / "damaged.mdb").read_bytes() == broken
        recover(daemon, 0, "nothing is damaged")
        daemon.start()
        assert open_cases(daemon) == cases
        assert daemon.stop() == 0
        # What an earlier one put aside is not written over.
        damage(store)
        recover(daemon, 65, "damaged.mdb of an earlier --recover is still there")
        (store / "damaged.mdb").unlink()
        recover(daemon, 0, "the store was made anew of a snapshot")
        assert (daemon.stop() if daemon.process.poll() is None else 0) == 0


def test_without_a_way_nothing_is_touched():
    with upgrade.Older("engine-11") as daemon:
        daemon.start()
        until(daemon, lambda: "a snapshot was made" in daemon.log(), "no snapshot")
        assert daemon.stop() == 0
        names = sorted((daemon.state / "snapshots").glob("*.snapshot"))
        assert len(names) == 2, names
        names[1].unlink()  # the older engine's is left
        damage(daemon.state / "store")
        for _ in range(2):
            recover(daemon, 65, "record 1 was written by engine 11", "Nothing was changed",
                    "it is of engine 11")


def test_a_store_of_another_state_is_made_anew():
    with Daemon() as daemon, Daemon() as stranger:
        for one in (daemon, stranger):
            one.intake().accept(complaint(f"of-{one.folder.name}"))
            assert one.stop() == 0
        store = daemon.folder / "state/store"
        (store / "data.mdb").write_bytes((stranger.folder / "state/store/data.mdb").read_bytes())
        recover(daemon, 0, "of another journal", "made anew of the whole journal")
        daemon.start()
        assert open_cases(daemon) == [f"of-{daemon.folder.name}"]
        assert daemon.stop() == 0
        (store / "damaged.mdb").unlink()
        (store / "data.mdb").unlink()
        recover(daemon, 0, "made anew of the whole journal")
        assert not (store / "damaged.mdb").exists()


def with_snapshot(daemon, count=200):
    daemon.write_config(configuration(daemon.folder) + "snapshot: {every: 1s, keep: 2}\n")
    daemon.start()
    daemon.intake().accept(*[complaint(f"k-{i}", text="x" * 3000) for i in range(count)])
    until(daemon, lambda: list((daemon.folder / "state/snapshots").glob("*.snapshot")), "no snapshot")


def test_a_full_disk_is_told_as_one():
    with Daemon(start=False) as daemon:
        with_snapshot(daemon)
        backup = daemon.folder / "b.snapshot"
        state = daemon.folder / "state"
        done = subprocess.run([tool("redressctl"), "backup", backup, "--state", state], check=False)
        assert done.returncode == 0 and daemon.stop() == 0
        full = daemon.folder / "full"
        full.write_text("0")
        env = shim(daemon.folder, REDRESS_SHIM_FULL=full)
        done = subprocess.run([tool("redressctl"), "restore", backup, daemon.folder / "r"],
                              capture_output=True, text=True, env={**os.environ, **env})
        assert done.returncode == 1 and "No space left on device" in done.stderr, done
        damage(state / "store")
        told = recover(daemon, 74, "No space left on device", "make room", env=env)
        assert "an older one is looked at" not in told, told
        full.write_text("1000")  # what LMDB meets at the end of a disk is a short write, which it calls EIO
        recover(daemon, 74, "No space left on device", "make room", env={**env, "REDRESS_SHIM_FAULT": "write:9+:short"})
        full.unlink()
        recover(daemon, 0, "the store was made anew of a snapshot", env=env)
        daemon.start()
        assert len(open_cases(daemon)) == 200


def test_what_a_killed_one_left_is_removed():
    with Daemon(start=False) as daemon:
        with_snapshot(daemon, 20)
        left = daemon.folder / "state/store/restored.mdb"
        assert daemon.stop() == 0
        left.write_bytes(b"customers" * 1000)
        daemon.start()
        assert not left.exists() and "what a --recover that was killed had begun" in daemon.log()
        left.write_bytes(b"customers" * 1000)
        other = daemon.folder / "second-name"
        os.link(left, other)
        seq = daemon.intake().accept(event("customer.forgotten", data={"customer": "cust-0001"}))["seq"]
        for _ in range(5):
            rows = daemon.desk().call("erasure.status", min_seq=seq)["rows"]
            if rows[0]["state"] == "done":
                break
            daemon.wait_notify("READY=1")  # it starts anew for it
        assert rows[0]["state"] == "done", rows
        assert not left.exists() and set(other.read_bytes()) == {0}


if __name__ == "__main__":
    run(globals())
