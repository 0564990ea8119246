#!/usr/bin/python3
"""PUSH sources while the disk is low: they wait, their end harms nobody, and what arrived is taken later."""
import importlib
import itertools
import threading
import time

import zmq

from harness import WAIT_S, Daemon, configuration, contact, event, pack, run, shim

doors = importlib.import_module("32-doors")
LOW = 16 << 20  # bytes left: too few for new events
QUEUED = 3000
NEW = itertools.count(1)


def fresh(channel="branch"):
    number = next(NEW)
    return contact(f"l-{number}", customer=f"l-{number}", channel=channel)


def sourced(daemon):
    root = daemon.folder / "root"
    root.mkdir()
    daemon.env = shim(root, REDRESS_SHIM_FULL=daemon.folder / "full")
    daemon.write_config(configuration(
        daemon.folder, extra_listen=f'  pull: ["ipc://{daemon.folder}/pull"]\n').replace("/state\n", "/root/state\n"))
    daemon.start()


def becomes_low(daemon, intake):
    """Returns how many events were taken until the daemon had looked."""
    (daemon.folder / "full").write_text(str(LOW))
    for taken in itertools.count():
        if intake.send(fresh())["status"] == "busy":
            return taken


def serves(intake, desk, subject):
    """Another peer is answered; what ends or acknowledges is taken."""
    begun = time.monotonic()
    assert intake.send(fresh())["status"] == "busy"
    receipt = intake.send(event("case.noted", subject, data={"by": "li", "text": "x"}))
    assert receipt["status"] in ("accepted", "busy"), receipt
    assert intake.send(event("case.acknowledged", subject, data={"by": "li"}))["status"] == "accepted"
    assert "seq" in desk.call("status", stale=True)
    print(f"     four answers in {time.monotonic() - begun:.3f} s", flush=True)


def arrive(daemon):
    """A source that sends until nothing more goes, and goes: how many of its events had arrived whole."""
    peer, arrived = doors.Raw(daemon, "pull", kind=b"PUSH"), 0
    peer.socket.settimeout(0.5)
    try:
        while True:
            frame = doors.framed(pack(fresh()))
            arrived += peer.socket.send(frame) == len(frame)
    except TimeoutError:
        pass
    peer.socket.close()
    return arrived


def test_sources_that_end_while_the_disk_is_low():
    with Daemon(start=False) as daemon:
        sourced(daemon)
        intake, desk = daemon.intake(), daemon.desk()
        subjects = [fresh("regulator") for _ in range(6)]
        intake.accept(*subjects)
        subjects = [one["subject"] for one in subjects]
        taken = 6 + becomes_low(daemon, intake)
        context = zmq.Context()
        source = context.socket(zmq.PUSH)
        source.sndhwm, source.linger = 0, 4000 * int(WAIT_S)
        source.connect(f"ipc://{daemon.folder}/pull")
        for _ in range(QUEUED):
            source.send(pack(fresh()))
        serves(intake, desk, subjects.pop())
        source.close()  # what it has sent waits: libzmq keeps it for as long as the process may
        ending = threading.Thread(target=context.term, daemon=True)
        ending.start()
        arrived = sum(arrive(daemon) for _ in range(3))
        serves(intake, desk, subjects.pop())
        assert arrived > 300 and ending.is_alive(), arrived
        acknowledged = doors.counter(daemon, "events_accepted") - taken
        print(f"     {arrived} events of three sources that are gone, {QUEUED} of one that waits", flush=True)
        (daemon.folder / "full").unlink()
        ending.join(WAIT_S)
        assert not ending.is_alive(), "the source cannot end"
        wanted, deadline = taken + acknowledged + QUEUED + arrived, time.monotonic() + WAIT_S
        while (accepted := doors.counter(daemon, "events_accepted")) < wanted:
            assert time.monotonic() < deadline, (accepted, wanted)
        assert accepted == wanted
        assert intake.send(fresh())["status"] == "accepted"


def test_a_source_that_comes_and_goes_all_the_time():
    with Daemon(start=False) as daemon:
        sourced(daemon)
        intake, desk = daemon.intake(), daemon.desk()
        subjects = [fresh("regulator") for _ in range(20)]
        intake.accept(*subjects)
        taken = 20 + becomes_low(daemon, intake)
        arrived = 0
        for one in subjects:
            for door, kind in ((daemon.endpoint("pull"), zmq.PUSH), (daemon.endpoint("intake"), zmq.DEALER)):
                peer = daemon.context.socket(kind)
                peer.linger, peer.heartbeat_ivl, peer.sndtimeo = 0, 100, 0
                peer.connect(door)
                for _ in range(50):
                    peer.send(pack(fresh()))
                peer.close(0)
            arrived += arrive(daemon)
            receipt = intake.send(event("case.acknowledged", one["subject"], data={"by": "li"}))
            assert receipt["status"] == "accepted", receipt
        (daemon.folder / "full").unlink()
        deadline = time.monotonic() + WAIT_S
        while doors.counter(daemon, "events_accepted") < taken + len(subjects) + arrived:
            assert time.monotonic() < deadline
        assert desk.call("check")["faults"] == 0


if __name__ == "__main__":
    run(globals())
