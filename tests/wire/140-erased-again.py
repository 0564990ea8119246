#!/usr/bin/python3
"""Erasure and what was kept elsewhere (redressd(8), "ERASURE"): snapshots and archives are made anew before it says
done; a backup from before it does not go on over it, and is erased by asking again."""
import importlib.util
import pathlib
import subprocess

from harness import Daemon, complaint, configuration, event, run, tool

spec = importlib.util.spec_from_file_location("erasure", pathlib.Path(__file__).resolve().parent / "54-erasure.py")
erasure = importlib.util.module_from_spec(spec)
source = pathlib.Path(spec.origin).read_text(encoding="utf-8").replace("\nrun(globals())\n", "\n")
exec(compile(source, spec.origin, "exec"), erasure.__dict__)  # its tests are its own


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def forget(daemon):
    seq = daemon.intake().accept(event("customer.forgotten", data={"customer": erasure.CUSTOMER}))["seq"]
    assert erasure.erased(daemon, seq)


def test_snapshots_are_made_anew():
    with Daemon(start=False) as daemon:
        daemon.write_config(configuration(daemon.folder, rules=erasure.RULES) + "snapshot: {every: 1s, keep: 8}\n")
        daemon.start()
        erasure.fill(daemon.intake())
        daemon.desk().until_counted("snapshots")
        snapshots = daemon.folder / "state/snapshots"
        before = {path.name for path in snapshots.glob("*.snapshot")}
        forget(daemon)
        for path in snapshots.glob("*.snapshot"):
            plain = daemon.folder / "plain"
            assert path.name not in before, path
            ctl("restore", path, plain)
            assert erasure.found(plain) == [], (path, erasure.found(plain))
            subprocess.run(["rm", "-r", plain], check=True)


def test_an_older_backup_is_put_back_without_the_journal():
    """What it has of the customer is erased by asking again."""
    with Daemon(rules=erasure.RULES) as daemon:
        erasure.fill(daemon.intake())
        seq = daemon.intake().accept(complaint("o-0", customer="other-0"))["seq"]
        daemon.desk().reach(seq)
        backup, back = daemon.folder / "backup", daemon.folder / "back"
        ctl("backup", backup, "--state", daemon.folder / "state")
        forget(daemon)
        assert daemon.stop() == 0
        ctl("restore", backup, back)
        assert erasure.found(back)
        daemon.args += ["--state", str(back)]
        daemon.drain_notify()
        daemon.start()
        forget(daemon)
        assert daemon.stop() == 0
        assert erasure.found(back) == []


def test_an_older_backup_does_not_go_on_over_an_erasure():
    """Bodies of the tail are erased: said when it is put back, not by a start that fails."""
    with Daemon(rules=erasure.RULES) as daemon:
        seq = daemon.intake().accept(complaint("o-0", customer="other-0"))["seq"]
        daemon.desk().reach(seq)
        backup, back = daemon.folder / "backup", daemon.folder / "back"
        ctl("backup", backup, "--state", daemon.folder / "state")
        erasure.fill(daemon.intake())
        forget(daemon)
        assert daemon.stop() == 0
        told = ctl("restore", backup, back, "--journal", daemon.folder / "state/journal", status=4)
        assert "was erased after this snapshot" in told and "snapshot from after" in told, told
        assert not (back / "store/data.mdb").exists()
        newest = max((daemon.folder / "state/snapshots").glob("*.snapshot"))  # that the erasure made
        subprocess.run(["rm", "-r", back], check=True)
        ctl("restore", newest, back, "--journal", daemon.folder / "state/journal")
        assert erasure.found(back) == []
        daemon.args += ["--state", str(back)]
        daemon.drain_notify()
        daemon.start()
        assert daemon.desk().call("case.get", subject="o-0")


run(globals())
