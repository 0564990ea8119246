#!/usr/bin/python3
"""One daemon an address: two daemons and their sockets and state folders, in every combination; what
lies at an address; sockets and state that are taken away under a daemon."""
import itertools
import os
import shutil
import socket
import stat
import subprocess
import time

from harness import WAIT_S, Daemon, DeskError, complaint, contact, run, tool, verify

DOORS = ("intake", "feed", "desk")


class Other(Daemon):
    """A daemon of the same sockets, or the same state, or both, as a first one."""

    def __init__(self, first, same_state, same_sockets):
        super().__init__(start=False)
        text = self.config_path.read_text()
        if same_sockets:
            text = text.replace(f"ipc://{self.folder}/", f"ipc://{first.folder}/")
            self.doors = first.folder
        else:
            self.doors = self.folder
        if same_state:
            text = text.replace(f"state: {self.folder}/state", f"state: {first.folder}/state")
        self.config_path.write_text(text)

    def endpoint(self, door):
        return f"ipc://{self.doors}/{door}"


def ends_with(daemon, status, *words):
    """It must end by itself with this status, and say why."""
    daemon.launch()
    assert daemon.process.wait(WAIT_S) == status, (daemon.process.returncode, daemon.log())
    for word in words:
        assert word in daemon.log(), (word, daemon.log())


def serves(daemon, subject):
    """An event by its sockets stands in its own store."""
    said = daemon.intake().accept(complaint(subject))
    case = daemon.desk().call("case.get", subject=subject, min_seq=said["seq"])
    assert case["case"] == said["case"], (case, said)


def knows(daemon, subject):
    try:
        daemon.desk().call("case.get", subject=subject)
    except DeskError as error:
        assert error.code == "not_found", error
        return False
    return True


def test_two_daemons_in_every_combination():
    """The second one is refused where anything is the first one's; the first one goes on. After
    kill -9 of the first the second one starts, and after that the first one is refused."""
    for same_state, same_sockets in itertools.product((False, True), repeat=2):
        with Daemon() as first, Other(first, same_state, same_sockets) as second:
            serves(first, "one")
            if not same_state and not same_sockets:
                second.start()
                serves(second, "two")
                assert not knows(first, "two") and not knows(second, "one")
                second.kill()
                serves(first, "three")
                second.start()
                first.kill()
                serves(second, "four")
                first.start()
                assert knows(first, "three") and not knows(first, "four")
                continue
            ends_with(second, 69, "another")
            serves(first, "two")
            first.kill()
            second.start()
            serves(second, "three")
            assert knows(second, "one") == same_state
            ends_with(first, 69, "another")
            serves(second, "four")
            second.kill()
            first.start()
            serves(first, "five")
            assert knows(first, "four") == same_state, (same_state, same_sockets)
            assert first.stop() == 0
            verify(first.folder / "state")


def test_a_predecessor_that_is_ending_is_waited_for():
    with Daemon() as first, Other(first, True, True) as second:
        serves(first, "one")
        second.launch()
        second.wait_notify("STATUS=waiting for another redressd")
        first.kill()
        second.wait_notify("READY=1")
        serves(second, "two")
        assert knows(second, "one")


def test_what_is_no_dead_socket_is_left_alone():
    with Daemon(start=False) as daemon:
        path = daemon.folder / "intake"
        path.write_text("a file")
        ends_with(daemon, 69, "not a socket", str(path))
        assert path.read_text() == "a file"
        path.unlink()
        path.symlink_to(daemon.folder / "elsewhere")
        ends_with(daemon, 69, "not a socket")
        assert path.is_symlink()
        path.unlink()
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            path.unlink(missing_ok=True)
            with socket.socket(socket.AF_UNIX, kind) as other:
                other.bind(str(path))
                if kind == socket.SOCK_STREAM:
                    other.listen()
                before = path.stat().st_ino
                ends_with(daemon, 69, "another process listens there")
                assert path.stat().st_ino == before
        # Nobody listens at it any more.
        daemon.start()
        serves(daemon, "one")
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        assert daemon.stop() == 0
        assert not path.exists()


def told(feed, code):
    return feed.until(lambda topic, one: one["type"] == "state.check_failed" and
                      one["reasons"][0]["code"] == code)[1]


def test_a_socket_that_is_taken_away_is_made_again():
    with Daemon() as daemon:
        feed, old = daemon.feed("~ops/"), daemon.intake()
        old.accept(contact("c-0"))
        for number, door in enumerate(DOORS):
            (daemon.folder / door).unlink()
            assert str(daemon.folder / door) in told(feed, "socket_lost")["reasons"][0]["detail"]
            daemon.intake().accept(contact(f"c-{number + 1}", customer=f"k{number}"))
            daemon.feed("xj/")
            assert daemon.desk().call("status")["seq"] > 0
            old.accept(contact(f"d-{number + 1}", customer=f"l{number}"))  # stays connected
        assert daemon.stop() == 0
        for door in DOORS:
            assert not (daemon.folder / door).exists()


def test_a_socket_that_another_has_is_not_taken_from_it():
    with Daemon() as daemon:
        feed, path = daemon.feed("~ops/"), daemon.folder / "intake"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
            path.unlink()
            other.bind(str(path))
            other.listen()
            before = path.stat().st_ino
            seen = told(feed, "socket_lost")
            assert "another" in seen["reasons"][0]["detail"]
            assert path.stat().st_ino == before
            # Who asks for its health hears of it; who reads the log, what hinders it now.
            desk = daemon.desk()
            deadline = time.monotonic() + WAIT_S
            while desk.call("status")["socket_lost"] != str(path):
                assert time.monotonic() < deadline
            done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), "health"],
                                  capture_output=True, text=True, timeout=WAIT_S)
            daemon.wait_notify(f"STATUS=nobody reaches it at {path}; event ")
            assert done.returncode == 4 and f"nobody reaches it at {path}" in done.stdout, done
            if os.geteuid() == 0:
                os.chown(path, 1, 1)
                other.close()
                daemon.until_logged("another user's socket is in the way")
                os.chown(path, 0, 0)
        told(feed, "socket_lost")  # nobody listens there now: it is made again
        daemon.intake().accept(contact("c-1"))
        while daemon.desk().call("status")["socket_lost"] is not None:
            assert time.monotonic() < deadline


def test_state_that_is_taken_away_ends_the_daemon():
    def remove(state):
        shutil.rmtree(state)

    def move(state):
        state.rename(state.with_name("moved"))

    def replace(state):
        move(state)
        state.mkdir(mode=0o700)

    def remove_store(state):
        (state / "store" / "data.mdb").unlink()

    def remove_lock(state):
        (state / "journal" / "lock").unlink()

    def remove_lock_of_an_address(state):
        (state.parent / "desk.lock").unlink()

    def replace_lock_of_an_address(state):
        remove_lock_of_an_address(state)
        (state.parent / "desk.lock").touch()

    for ill in (remove, move, replace, remove_store, remove_lock, remove_lock_of_an_address,
                replace_lock_of_an_address):
        with Daemon() as daemon:
            serves(daemon, "one")
            feed = daemon.feed("~ops/")
            ill(daemon.folder / "state")
            told(feed, "state_lost")
            assert daemon.process.wait(WAIT_S) == 74, daemon.log()
            lines = [one for one in daemon.log().splitlines() if "removed or replaced" in one]
            assert len(lines) == 1 and "level=err" in lines[0], lines


def test_state_that_is_gone_at_the_stop_is_told():
    with Daemon() as daemon:
        serves(daemon, "one")
        shutil.rmtree(daemon.folder / "state")
        assert daemon.stop() == 74, daemon.log()


def test_owner_and_modes_of_the_state_folder():
    with Daemon(start=False) as daemon:
        state = daemon.folder / "state"
        state.mkdir()
        for mode in (0o770, 0o702):
            state.chmod(mode)
            ends_with(daemon, 78, "chmod go-w")
        state.chmod(0o755)
        daemon.start()
        assert daemon.stop() == 0
        if os.geteuid() == 0:
            os.chown(state, 1, 1)
            ends_with(daemon, 78, "belongs to another user")


if __name__ == "__main__":
    run(globals())
