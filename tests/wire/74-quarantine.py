#!/usr/bin/python3
"""What ended the daemon and was mended is looked at again when an operator says so, by its digest."""
import os
import subprocess

from harness import WAIT_S, Daemon, Gone, binary, contact, event, run, tool, verify

PLANTED = os.environ.get("REDRESS_PLANTED")


def poison(daemon, bad):
    """Ends the daemon over an event, mends the fault, and starts it again: the digest."""
    daemon.intake().post(bad)
    assert daemon.process.wait(WAIT_S) == -6, daemon.process.returncode
    daemon.binary = binary()
    daemon.start()
    said = daemon.intake().send(bad)
    assert said["error"]["code"] == "poison", said
    rows = daemon.desk().until(lambda rows: rows, "quarantine.list")
    assert [row["kind"] for row in rows] == ["an event"], rows
    return said, rows[0]["digest"]


def release(daemon, digest, **more):
    return daemon.intake().send(event("quarantine.released", **more,
                                      data={"digest": digest, "reason": "mended"}))


def test_an_event_is_taken_after_its_release():
    with Daemon(program=PLANTED) as daemon:
        bad = {**contact("c-2"), "id": "plant-abort"}
        said, digest = poison(daemon, bad)
        dead = daemon.desk().until(lambda rows: rows, "dead.list")
        for told in (said, dead[0]):
            assert digest in told["error"]["message"], told
        for wrong in (digest[:-1], digest.upper() + "0", "0" * 32):
            refused = release(daemon, wrong)
            assert refused["error"]["code"] == "bad_value", refused
            assert refused["error"]["field"] == "data.digest", refused
        assert daemon.intake().send(bad)["error"]["code"] == "poison"
        first = release(daemon, digest, id="r-1")
        assert first["status"] == "accepted", first
        assert release(daemon, digest, id="r-1")["status"] == "duplicate"
        desk = daemon.desk()
        desk.reach(first["seq"])
        assert desk.rows("quarantine.list") == []
        daemon.intake().accept(bad)
        daemon.restart()
        assert daemon.intake().send(bad)["status"] == "duplicate"
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


def test_a_question_is_answered_after_its_release_by_the_tool():
    with Daemon(program=PLANTED) as daemon:
        try:
            daemon.desk().call("case.get", subject="plant-abort")
        except Gone:
            pass
        assert daemon.process.wait(WAIT_S) == -6
        daemon.binary = binary()
        daemon.start()
        daemon.desk().refuses("internal", "case.get", subject="plant-abort")
        digest = daemon.desk().rows("quarantine.list")[0]["digest"]
        done = subprocess.run([tool("redressctl"), "--run", daemon.folder, "quarantine", "release",
                               digest, "mended"], capture_output=True, text=True)
        assert done.returncode == 0, done
        daemon.desk().refuses("not_found", "case.get", subject="plant-abort")


if __name__ == "__main__":
    run(globals())
