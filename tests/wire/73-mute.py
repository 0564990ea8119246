#!/usr/bin/python3
"""Who connects and does not say what it is is cut off after ten seconds, told and counted."""
import itertools
import socket

from harness import WAIT_S, Daemon, contact, run

DOORS = ("intake", "feed", "desk")
GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48
NEW = itertools.count(1)


def connect(daemon, door, *said):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(WAIT_S)
    one.connect(f"{daemon.folder}/{door}")
    for what in said:
        one.sendall(what)
    return one


def has_ended(one):
    """Waits until the daemon hangs up."""
    while one.recv(1 << 12):
        pass
    return True


def test_mute_connections_are_told_and_counted():
    with Daemon() as daemon:
        for door in DOORS:  # those that leave by themselves are nobody's business
            connect(daemon, door).close()
            connect(daemon, door, GREETING).close()
        mute = [connect(daemon, door, *said) for door in DOORS for said in
                ((), (GREETING[:1],), (GREETING,), (GREETING, b"\x04\x29\x05READY"))]
        intake, feed = daemon.intake(), daemon.feed("xj/")  # those who speak ZMTP stay
        assert all(map(has_ended, mute))
        number = next(NEW)
        intake.accept(contact(f"c-{number}", customer=f"k-{number}"))
        assert feed.until(lambda topic, alert: alert["type"] == "warning.first_contact")
        desk = daemon.desk()
        while (count := desk.call("metrics")["counters"]["peers_cut"]) < len(mute):
            assert daemon.process.poll() is None
        assert count == len(mute), count
        lines = [line for line in daemon.log().splitlines() if "its handshake failed" in line]
        for door in DOORS:  # not each one: the log writes only so many lines of a kind
            assert any(f"door={door}" in line for line in lines), lines



if __name__ == "__main__":
    run(globals())
