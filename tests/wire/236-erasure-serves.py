#!/usr/bin/python3
"""An erasure is looked for while the daemon serves, and closes no door where nothing of the customer ever came in
(redressd(8), "ERASURE")."""
import os
import subprocess

from harness import Daemon, complaint, configuration, contact, event, run, tool
from locked import logged

NOBODY = "mk-nobody-ever-0001"
FOUND, NOTHING = "was looked for", "no door closes for it"


def fill(daemon, count):
    intake = daemon.intake()
    for first in range(0, count, 100):
        intake.accept(*[complaint(f"o-{i}", customer=f"other-{i}", text="of somebody else")
                        for i in range(first, first + 100)])
    return intake


def forget(intake, customer):
    return intake.accept(event("customer.forgotten", data={"customer": customer}))["seq"]


def status(daemon, seq):
    row, = [row for row in daemon.desk().call("erasure.status", min_seq=seq)["rows"] if row["event"] == seq]
    return row


def done(daemon, seq):
    """Its row; a question that is asked when the doors close gets no answer, and is asked again."""
    for _ in range(5):
        try:
            row = status(daemon, seq)
        except TimeoutError:
            continue
        if row["state"] == "done":
            return row
        daemon.wait_notify("READY=1")
    raise AssertionError(row)


def holds(folder, marker):
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                if marker.encode() in file.read():
                    return os.path.join(path, name)
    return None


def whole(daemon):
    assert daemon.stop() == 0
    for verb, where in (("check-journal", "state/journal"), ("verify", "state")):
        got = subprocess.run([tool("redressctl"), verb, daemon.folder / where], capture_output=True, text=True,
                             timeout=120, check=False)
        assert got.returncode == 0, (verb, got)


def test_receipts_go_on_while_it_is_looked_for():
    with Daemon() as daemon:
        intake = fill(daemon, 2000)
        seq = forget(intake, "other-77")
        sent = 0
        while FOUND not in daemon.log():  # the journal is searched meanwhile
            intake.accept(contact(f"w-{sent}", customer="another"))
            sent += 1
        assert "stopped in order" not in daemon.log(), "the doors closed while somebody was sending"
        assert sent > 1 and status(daemon, seq)["state"] == "disks", sent
        for number in range(20):
            intake.accept(contact(f"y-{number}", customer="another"))
        row = done(daemon, seq)  # and now that nobody sends
        assert row["overwritten"] is True and row["cases"] == 1 and row["bodies"] == 2, row
        assert holds(daemon.folder / "state", "other-77\"") is None
        assert len(daemon.desk().rows("contact.list", kind="any")) >= sent, "what came meanwhile is there"
        whole(daemon)


def test_nothing_was_ever_there():
    with Daemon(start=False) as daemon:
        daemon.write_config(configuration(daemon.folder) + f"journal_archive: {daemon.folder}/archive\n")
        daemon.start()
        intake = fill(daemon, 100)
        assert intake.send(complaint("x", unit="xj/nowhere"))["status"] == "rejected"
        seq = forget(intake, NOBODY)
        logged(daemon, NOTHING, f"seq={seq}")
        row = status(daemon, seq)
        assert row["state"] == "done" and row["overwritten"] is False and row["bodies"] == 0, row
        assert row["cases"] == 0 and "stopped in order" not in daemon.log()
        assert holds(daemon.folder / "state", NOBODY), "the event that asked has it, until another erasure"
        again = forget(intake, NOBODY)
        logged(daemon, NOTHING, f"seq={again}")
        daemon.restart()
        assert status(daemon, again)["state"] == "done"
        row = done(daemon, forget(daemon.intake(), "other-7"))
        assert row["overwritten"] is True and row["bodies"] == 4, row  # his, and the three that asked
        assert holds(daemon.folder / "state", NOBODY) is None and holds(daemon.folder / "archive", NOBODY) is None
        whole(daemon)


def test_where_it_cannot_be_known_the_disks_are_overwritten():
    """A dead letter, or what came before the first one that is kept."""
    with Daemon() as daemon:
        intake = fill(daemon, 100)
        assert intake.send(complaint("x", unit="xj/nowhere", customer=NOBODY))["status"] == "rejected"
        row = done(daemon, forget(intake, NOBODY))
        assert row["overwritten"] is True and holds(daemon.folder / "state", NOBODY) is None, row
        whole(daemon)
    with Daemon(limits="dead_letters: 1") as daemon:
        intake = fill(daemon, 100)
        for customer in (NOBODY, "somebody"):  # the first one is let go, its pages are there yet
            assert intake.send(complaint("x", unit="xj/nowhere", customer=customer))["status"] == "rejected"
        row = done(daemon, forget(intake, NOBODY))
        assert row["overwritten"] is True and holds(daemon.folder / "state", NOBODY) is None, row
        whole(daemon)


def test_what_an_older_version_left_wanted_is_looked_for_anew():
    with Daemon() as daemon:
        intake = fill(daemon, 100)
        seq = forget(intake, "other-7")
        logged(daemon, FOUND)
        assert daemon.stop() == 0
        (daemon.folder / "state/erasure").write_text("wanted\n")
        daemon.start()
        assert done(daemon, seq)["bodies"] == 2
        assert not (daemon.folder / "state/erasure").exists()
        (daemon.folder / "state/erasure").write_bytes(b"wanted\n\x02nonsense")
        assert daemon.stop() == 0
        daemon.start()
        assert "cannot be read or removed" in daemon.log()
        assert done(daemon, forget(daemon.intake(), "other-8"))["bodies"] == 4
        assert not (daemon.folder / "state/erasure").exists()


run(globals())
