#!/usr/bin/python3
"""A state restored without the end of its journal: what is not known is said, and nobody misses what
comes under a number that was given before."""
import json
import pathlib
import shutil
import subprocess

from harness import Daemon, complaint, event, run, tool

UNIT = "xj/urumqi/d3"


def ctl(*words, status=0):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True)
    assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def heard(daemon, cursor, *more):
    """What redress-sub gives of the unit; the subjects, and what it says."""
    desk = daemon.desk()
    last = desk.call("status")["alert_published"]
    done = subprocess.run([tool("redress-sub"), "--run", daemon.folder, "--json", "--from", "start", "--cursor",
                           cursor, "--for", "2s", *more, UNIT], capture_output=True, text=True)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    assert int(cursor.read_text().split()[0]) == last, (cursor.read_text(), last)
    return [json.loads(line)["subject"] for line in done.stdout.splitlines()], done.stderr


def alerts_of(daemon, intake, subject):
    daemon.desk().reach(intake.accept(complaint(subject, customer=subject))["seq"])


def test_what_bears_a_number_that_was_given_before_is_heard():
    with Daemon() as daemon:
        intake, state, cursor = daemon.intake(), daemon.folder / "state", daemon.folder / "cursor"
        backup = daemon.folder / "backup"
        alerts_of(daemon, intake, "A-1")
        ctl("backup", backup, "--state", state)
        alerts_of(daemon, intake, "A-2")
        assert heard(daemon, cursor) == (["A-1", "A-2"], ""), cursor.read_text()
        daemon.kill()
        shutil.rmtree(state)
        told = ctl("restore", backup, state)
        assert "what came after record" in told and "given again" in told, told
        daemon.start()
        assert "this state was restored without the end of its journal" in daemon.log()
        receipt = daemon.intake().accept(complaint("A-3", customer="c"))
        assert receipt["term"] == 2 and receipt["seq"] == 2, receipt
        daemon.desk().reach(2)
        alerts = daemon.desk().replay()
        assert [(row["seq"], row["term"]) for row in alerts] == [(1, 1), (2, 2)], alerts  # and nothing to operators
        assert "event=1 alert=1" in daemon.log()
        assert daemon.feed().heartbeat()["term"] == 2
        names, said = heard(daemon, cursor)
        assert names == ["A-3"] and "term is 2" in said, (names, said)
        assert cursor.read_text().split()[1] == "2", cursor.read_text()
        alerts_of(daemon, daemon.intake(), "A-4")
        assert heard(daemon, cursor) == (["A-4"], "")
        # Once: the next start raises nothing.
        assert daemon.stop() == 0
        daemon.start()
        assert daemon.intake().accept(complaint("A-5", customer="c"))["term"] == 2
        assert daemon.log().count("without the end of its journal") == 1
        assert daemon.stop() == 0
        assert ctl("verify", state, "--from", backup).startswith("OK")


def test_with_the_journal_nothing_is_lost_and_nothing_said():
    with Daemon() as daemon:
        intake, state = daemon.intake(), daemon.folder / "state"
        backup, restored = daemon.folder / "backup", daemon.folder / "restored"
        alerts_of(daemon, intake, "A-1")
        ctl("backup", backup, "--state", state)
        alerts_of(daemon, intake, "A-2")
        daemon.kill()
        told = ctl("restore", backup, restored, "--journal", state / "journal")
        assert "not known" not in told and not (restored / "restored").exists(), told
        daemon.args = ["--state", str(restored)]
        daemon.start()
        assert daemon.intake().accept(complaint("A-3", customer="c"))["term"] == 1


def test_an_archive_that_is_not_there_is_refused():
    with Daemon() as daemon:
        alerts_of(daemon, daemon.intake(), "A-1")
        backup, restored, empty = (daemon.folder / name for name in ("backup", "restored", "empty"))
        ctl("backup", backup, "--state", daemon.folder / "state")
        empty.mkdir()
        shutil.copy(backup, empty / f"{1:020}.snapshot")
        for folder, why in ((daemon.folder / "none", "No such file"), (empty, "no file of an archive"),
                            (backup, "Not a directory")):
            told = ctl("restore", backup, restored, "--archive", folder, status=1)
            assert why in told and str(folder) in told, told
            assert not restored.exists()


def test_a_journal_with_an_erasure_behind_the_backup_serves_up_to_it():
    with Daemon() as daemon:
        intake, state = daemon.intake(), daemon.folder / "state"
        backup, restored = daemon.folder / "backup", daemon.folder / "restored"
        alerts_of(daemon, intake, "A-1")
        ctl("backup", backup, "--state", state)
        alerts_of(daemon, intake, "A-2")
        alerts_of(daemon, intake, "A-3")
        intake.accept(event("customer.forgotten", data={"customer": "A-3"}))
        daemon.wait_notify("STATUS=erasing")
        daemon.wait_notify("READY=1")
        daemon.desk().until(lambda rows: rows and rows[-1]["state"] == "done", "erasure.status")
        assert daemon.stop() == 0
        told = ctl("restore", backup, restored, "--journal", state / "journal", status=4)
        assert "was erased after this snapshot" in told and "--until-erasure" in told, told
        shutil.rmtree(restored)
        told = ctl("restore", backup, restored, "--journal", state / "journal", "--until-erasure")
        assert "forgotten since is to be forgotten again" in told and "given again" in told, told
        daemon.args = ["--state", str(restored)]
        daemon.start()
        assert [row["subject"] for row in daemon.desk().rows("case.list")] == ["A-1", "A-2"]
        assert daemon.intake().accept(complaint("A-4", customer="c"))["term"] == 2
        assert daemon.stop() == 0
        assert json.loads(ctl("check-journal", pathlib.Path(restored) / "journal", "--json"))["damage"] is None


run(globals())
