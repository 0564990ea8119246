#!/usr/bin/python3
"""A store that is damaged under the daemon: as a start leaves one that is too large to be read whole."""
import re
import time

from harness import WAIT_S, Daemon, Gone, complaint, configuration, event, run


def until(daemon, wanted, what):
    desk, deadline = daemon.desk(), time.monotonic() + WAIT_S
    while not wanted():
        assert time.monotonic() < deadline, (what, daemon.log())
        desk.call("status", stale=True)


def filled(daemon, more=""):
    daemon.write_config(configuration(daemon.folder) + more)
    daemon.start()
    intake = daemon.intake()
    daemon.desk().reach(intake.accept(*[complaint(f"subject-{i}") for i in range(500)])[-1]["seq"])
    return intake, daemon.folder / "state/store/data.mdb"


def test_a_snapshot_finds_a_key_that_became_another():
    with Daemon(start=False) as daemon:
        intake, store = filled(daemon, "snapshot: {every: 1s, keep: 2}\n")
        until(daemon, lambda: "a snapshot was made" in daemon.log(), "no snapshot")
        with open(store, "r+b") as file:  # the daemon maps it, and sees what is written there
            data = file.read()
            for found in re.finditer(b"subject-123", data):
                file.seek(found.start())
                file.write(b"Subject-123")
        intake.accept(complaint("one-more"))
        until(daemon, lambda: "the store is damaged" in daemon.log(), "not found")
        assert re.search(r'what="table \w+, row \d+: it is not what was written"', daemon.log()), daemon.log()
        assert f'command="redressd --config {daemon.config_path}' in daemon.log(), daemon.log()
        until(daemon, lambda: [row["reasons"][0]["code"] for row in daemon.desk().replay(unit="~ops")
                               if row["type"] == "state.check_failed"] == ["state_damaged"], "no alert")


def test_who_meets_it_at_work_says_where_and_what_mends_it():
    with Daemon(start=False) as daemon:
        intake, store = filled(daemon)
        daemon.kill()
        daemon.start()  # nothing is loaded
        with open(store, "r+b") as file:
            for found in re.finditer(b"cust-0001", file.read()):
                file.seek(found.start())
                file.write(b"cust-000Z")
        try:
            for number in range(500):
                intake.post(event("case.facts_added", subject=f"subject-{number}", data={"text": "x"}))
                intake.receipts()
            raise AssertionError(f"it goes on: {daemon.log()}")
        except Gone:
            assert daemon.process.returncode == 74, daemon.log()
        assert "the store is damaged: nothing more is acknowledged" in daemon.log(), daemon.log()
        assert "the disk fails" not in daemon.log()
        assert re.search(r'the damage of the store lies here.*page \d+, offset \d+', daemon.log()), daemon.log()
        assert "--recover" in daemon.log()


def test_folders_within_the_states_own_are_refused():
    for option in ("journal_archive: {}", "snapshot: {{every: 1s, dir: {}}}"):
        with Daemon(start=False) as daemon:
            for within in ("state/journal", "state/store/kept"):
                daemon.write_config(configuration(daemon.folder) + option.format(daemon.folder / within) + "\n")
                daemon.launch()
                try:
                    daemon.wait_notify("READY=1")
                    raise AssertionError("it started")
                except Gone:
                    assert daemon.process.returncode == 78, daemon.log()
            assert "lies within the state's own" in daemon.log(), daemon.log()
            assert not (daemon.folder / "state/store/kept").exists()


if __name__ == "__main__":
    run(globals())
