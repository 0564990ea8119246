#!/usr/bin/python3
"""The log: nobody who reads it, or does not, holds up the daemon."""
import fcntl
import os
import pathlib
import subprocess

from harness import WAIT_S, Daemon, contact, run

SET_PIPE_SIZE = 1031


class UnreadLog(Daemon):
    """A daemon whose standard error is a pipe that is full before it says its first word."""

    def launch(self):
        self.ours, theirs = os.pipe()
        fcntl.fcntl(theirs, SET_PIPE_SIZE, 4096)
        os.set_blocking(theirs, False)
        try:
            while True:
                os.write(theirs, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(theirs, True)
        env = {**os.environ, "NOTIFY_SOCKET": str(self.notify_path), **self.env}
        self.process = subprocess.Popen(self.command(), env=env, stderr=theirs, stdout=theirs)
        os.close(theirs)


def test_nobody_reads_standard_error():
    with UnreadLog() as daemon:
        for number in range(30):  # each reload says more than one line
            assert "reloaded" in daemon.reload()
            daemon.intake().accept(contact(f"c-{number}", customer=f"k-{number}"))
        assert daemon.stop() == 0
        os.close(daemon.ours)


def test_one_line_says_that_there_is_no_security():
    with Daemon() as daemon:
        daemon.desk().call("status")
        daemon.stop()
        said = [line for line in daemon.log().splitlines() if "no security" in line]
        assert len(said) == 1, said


def test_a_value_of_many_lines_is_one_line():
    with Daemon() as daemon:
        daemon.write_config('redress: 1\n"x\\nlevel=err mod=fake msg=\\"fake\\"": 1\n')
        assert "refused" in daemon.reload()
        daemon.stop()
        for line in daemon.log().splitlines():
            assert line.startswith("level=") and "mod=fake msg=\"fake\"" not in line, line


def test_without_syslog_the_journals_stream_is_standard_error():
    """JOURNAL_STREAM asks for syslog; where that does not listen, a start that fails still says why."""
    if pathlib.Path("/dev/log").exists():
        print("     there is a syslog here: unit.log looks at that alone")
        return
    with Daemon(start=False) as daemon:
        env = {**os.environ, "JOURNAL_STREAM": "8:1"}
        env.pop("NOTIFY_SOCKET", None)
        done = subprocess.run([daemon.binary, "--config", str(daemon.config_path), "--state",
                               str(daemon.config_path / "state")], env=env,
                              capture_output=True, text=True, timeout=WAIT_S)
        assert done.returncode == 73, done
        assert "the state folder cannot be made" in done.stderr, done


if __name__ == "__main__":
    run(globals())
