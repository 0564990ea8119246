#!/usr/bin/python3
"""What redress-sub does when the daemon goes while alerts wait, when its time is over, and with a
command that has to be ended."""
import importlib
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "wire")]
from harness import WAIT_S, run  # noqa: E402

faults = importlib.import_module("02-client-faults")
Doors, alert, finish, listen, seqs = (
    faults.Doors, faults.alert, faults.finish, faults.listen, faults.seqs)

WAITING = 150  # libzmq looks for a peer's end with every hundredth frame that is read


def test_what_waits_is_still_had_when_the_publisher_goes():
    """The first command waits; then the publisher ends, and the rest is read. A fifo ends the wait."""
    with Doors() as doors:
        fifo, out = doors.folder / "go", doors.folder / "had"
        os.mkfifo(fifo)
        command = f'cat >/dev/null; echo $REDRESS_SEQ >>{out}; test $REDRESS_SEQ != 1 || cat {fifo}'
        tool = listen(doors, "--from", "start", "--exec", command, "--count", WAITING)
        doors.beat(0)
        for seq in range(1, WAITING + 1):
            doors.alert(alert(seq, seq - 1))
        doors.feed.linger = int(1000 * WAIT_S)
        with open(fifo, "w", encoding="ascii"):  # opened when the first command has come so far
            doors.feed.close()
        finish(tool)
        assert out.read_text().split() == [str(seq) for seq in range(1, WAITING + 1)]


def test_the_time_holds_while_alerts_wait():
    with Doors() as doors:
        fifo, out = doors.folder / "go", doors.folder / "had"
        os.mkfifo(fifo)
        command = f'cat >/dev/null; echo $REDRESS_SEQ >>{out}; cat {fifo}'
        tool = listen(doors, "--from", "start", "--exec", command, "--for", "1s")
        doors.beat(9)
        doors.replay([alert(seq, seq - 1) for seq in range(1, 10)], 9)
        with open(fifo, "w", encoding="ascii"):  # opened when the first command has come so far
            assert not doors.intake.poll(1100)   # until the time is over: nothing comes there
        finish(tool)
        assert out.read_text().split() == ["1"], out.read_text()


def test_what_the_shell_started_has_its_time_to_end():
    """The shell dies of SIGTERM at once; the script it runs cleans up first."""
    with Doors() as doors:
        script, out = doors.folder / "script", doors.folder / "cleaned"
        script.write_text("#!/bin/sh\n"
                          "clean() { i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done; echo y >%s; exit; }\n"
                          "trap clean TERM\ntail -f /dev/null & wait\n" % out)
        script.chmod(0o755)
        tool = listen(doors, "--from", "start", "--exec", f"cat >/dev/null; {script}; true",
                      "--tries", 1, "--command-timeout", "500ms")
        doors.beat(0)
        doors.alert(alert(1, 0))
        assert "had not ended" in finish(tool, 2)[1]
        assert out.read_text() == "y\n"


if __name__ == "__main__":
    run(globals())
