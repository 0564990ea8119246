#!/usr/bin/python3
"""Peers that mean harm, or are only broken, cost themselves something and nobody else."""
import contextlib
import itertools
import os
import random
import socket
import sys

import zmq

from harness import Daemon, configuration, contact, event, pack, run

SEED = int(os.environ.get("REDRESS_TEST_SEED", random.randrange(1 << 32)))
LIMIT = 64 * 1024
# The thread sanitizer keeps a shadow of all memory, several times as large.
TIMES = int(os.environ.get("REDRESS_TEST_MEMORY", "1"))
GROWTH_BYTES = TIMES * 128 << 20
# What a flood of refused frames may hold: the flood of the test has 430 MiB, and makes 40 MiB of it;
# several times that in a sanitized build.
FLOOD_BYTES = TIMES * 200 << 20
# A sanitized build keeps what was freed, up to this much: that is not the daemon's appetite.
ENV = {"ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"),
                                              "quarantine_size_mb=4"]))}
NEW = itertools.count(1)


def resident(daemon):
    """Bytes the daemon holds in memory now; pages of its store's and journal's files not counted."""
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["RssAnon"].split()[0]) * 1024


def fresh():
    number = next(NEW)
    return contact(f"c-{number}", customer=f"k-{number}")


def garbage(dice):
    """One frame that is no event."""
    return dice.choice([
        lambda: dice.randbytes(dice.randrange(1, 300)),
        lambda: b"\xdd\xff\xff\xff\xff",
        lambda: b"\xdf\xff\xff\xff\xff",
        lambda: b"\xdb\xff\xff\xff\xff",
        lambda: b"\x91" * dice.randrange(17, 60000),
        lambda: b"\x81\xa1x" * dice.randrange(17, 20000),
        lambda: b"\xc1" * dice.randrange(1, 2 * LIMIT),
        lambda: pack(fresh())[:-1],
        lambda: pack({"id": "x", "source": "hostile", "type": "no.such", "data": {}}),
    ])()


def served(intake, wanted):
    """`wanted` events one at a time, every one accepted."""
    return [intake.accept(fresh())["seq"] for _ in range(wanted)]


def bounded(daemon, before, most=GROWTH_BYTES):
    grown = resident(daemon) - before
    print(f"     resident {before >> 20} MiB and {grown >> 20} MiB more", flush=True)
    assert grown < most, grown
    assert daemon.process.poll() is None


def test_a_flood_of_garbage():
    dice = random.Random(SEED)
    with Daemon(limits="dead_letters: 100", env=ENV) as daemon:
        good, bad, desk = daemon.intake(), daemon.intake(), daemon.desk()
        served(good, 20)
        before = resident(daemon)
        refused, busy, accepted = 0, 0, 0
        for _ in range(120):
            sent = [[garbage(dice) for _ in range(40)] for _ in range(5)]
            for frames in sent:
                bad.post(*frames)
            accepted += len(served(good, 10))
            for frames in sent:
                receipts = bad.receipts()
                assert len(receipts) == len(frames)
                states = [one["status"] for one in receipts]
                assert set(states) <= {"rejected", "busy"}, receipts
                refused += states.count("rejected")
                busy += states.count("busy")
        print(f"     {refused} frames refused, {busy} told to come again, {accepted} events accepted")
        assert (refused + busy, accepted) == (24000, 1200) and refused > 1000, refused
        assert desk.call("status", min_seq=1220)["seq"] == 1220
        assert len(desk.call("dead.list", limit=1000)["rows"]) == 100
        bounded(daemon, before, FLOOD_BYTES)


def test_messages_of_thousands_of_frames():
    with Daemon(env=ENV) as daemon:
        good, bad = daemon.intake(), daemon.intake()
        served(good, 5)
        before = resident(daemon)
        for _ in range(4):
            bad.post(*[b"\xc1"] * 4096)
        seqs = served(good, 100)
        codes = {"malformed": 0, "too_large": 0}
        for _ in range(4):
            for one in bad.receipts():
                codes[one["error"]["code"]] += 1
        print(f"     {codes}, {len(seqs)} events accepted")
        assert codes == {"malformed": 4 * 1024, "too_large": 4 * (4096 - 1024)}, codes
        bounded(daemon, before)


def test_one_who_never_reads_its_receipts():
    with Daemon(env=ENV) as daemon:
        good, bad = daemon.intake(), daemon.intake()
        served(good, 5)
        before = resident(daemon)
        bad.socket.sndtimeo = 0
        bad.socket.rcvhwm = 1
        posted = 0
        for _ in range(100):
            for _ in range(50):
                try:
                    bad.post(*[b"\xc1" * 100] * 20)
                    posted += 20
                except zmq.Again:
                    break
            served(good, 3)
        print(f"     {posted} frames posted, no receipt read, 300 events accepted")
        assert posted > 0
        bounded(daemon, before)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ended(peer):
    """Reads until the other end hangs up."""
    try:
        while peer.recv(4096):
            pass
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def test_raw_bytes_on_a_tcp_endpoint():
    dice = random.Random(SEED)
    with Daemon(start=False, env=ENV) as daemon:
        port = free_port()
        text = configuration(daemon.folder).replace(
            f'["ipc://{daemon.folder}/intake"]',
            f'["ipc://{daemon.folder}/intake", "tcp://127.0.0.1:{port}"]\n  plain_loopback: true')
        daemon.write_config(text)
        daemon.start()
        good = daemon.intake(f"tcp://127.0.0.1:{port}")
        served(good, 5)
        before = resident(daemon)
        greeting = b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48
        silent = []
        for i in range(300):
            peer = socket.create_connection(("127.0.0.1", port), timeout=20)
            peer.sendall([b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 4, dice.randbytes(500),
                          greeting + dice.randbytes(200), greeting[:20], b"\xff" * 5000][i % 5])
            if i % 5 == 3:
                silent.append(peer)
            else:
                peer.close()
            if i % 10 == 0:
                served(good, 2)
        hung_up = sum(ended(peer) for peer in silent)
        print(f"     300 strangers, {hung_up} of {len(silent)} half greetings hung up on, "
              "60 events accepted")
        assert hung_up == len(silent) == 60, hung_up
        for peer in silent:
            peer.close()
        served(good, 5)
        bounded(daemon, before)


def test_connections_that_come_and_go():
    with Daemon(env=ENV) as daemon:
        good = daemon.intake()
        served(good, 5)
        before = resident(daemon)
        for i in range(600):
            peer = daemon.context.socket(zmq.DEALER)
            peer.sndtimeo = 0  # the feed refuses it: it may have nobody to send to any more
            peer.connect(daemon.endpoint(("intake", "desk", "feed")[i % 3]))
            with contextlib.suppress(zmq.Again):
                peer.send_multipart([b"\xc1", pack(event("no.such"))])
            peer.close(0)
            if i % 10 == 0:
                served(good, 2)
        again = daemon.intake()
        assert len(served(again, 10)) == 10
        handles = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
        print(f"     600 connections, 130 events accepted, {handles} descriptors open")
        assert handles < 300, handles
        bounded(daemon, before)


KILLED = """
import os, sys, zmq
socket = zmq.Context().socket(zmq.SUB)
socket.subscribe("")
socket.connect(sys.argv[1])
socket.recv_multipart()
print("subscribed", flush=True)
sys.stdin.read()
"""


def test_subscribers_that_do_not_read_or_die():
    import subprocess
    with Daemon(env=ENV) as daemon:
        feed, intake = daemon.feed("xj/"), daemon.intake()
        sleeper = daemon.context.socket(zmq.SUB)
        sleeper.linger = 0
        sleeper.rcvhwm = 1
        sleeper.subscribe("")
        sleeper.connect(daemon.endpoint("feed"))
        assert sleeper.poll(20000)  # it is heard, and never reads
        killed = subprocess.Popen([sys.executable, "-c", KILLED, daemon.endpoint("feed")],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            assert killed.stdout.readline() == b"subscribed\n"
            before = resident(daemon)
            seen = []
            for i in range(200):
                intake.accept(*[fresh() for _ in range(20)])
                if i == 50:
                    killed.kill()
                    killed.wait()
                while len(seen) < (i + 1) * 20:
                    seen.append(feed.alert()[1])
            print(f"     {len(seen)} alerts read by the one who reads")
            assert [one["seq"] for one in seen] == list(range(1, 4001))
            assert [one["prev"] for one in seen] == list(range(0, 4000))
            bounded(daemon, before)
        finally:
            sleeper.close(0)
            killed.kill()
            killed.wait()
            killed.stdin.close()
            killed.stdout.close()


def test_a_flood_at_the_desk():
    dice = random.Random(SEED)
    with Daemon(env=ENV) as daemon:
        intake, flood, desk = daemon.intake(), daemon.desk(), daemon.desk()
        served(intake, 50)
        before = resident(daemon)
        flood.socket.sndtimeo = 0
        posted = accepted = answered = 0
        for _ in range(100):
            for i in range(50):
                frame = [garbage(dice), pack([0, i, "case.list", [{"limit": 10000}]]),
                         pack([0, i, "journal.read", [{"limit": 10000}]]),
                         pack([0, i, "no.such", [{}]]), pack([0, i, "status", 5])][i % 5]
                try:
                    flood.socket.send(frame)
                    posted += 1
                except zmq.Again:
                    break
            accepted += len(served(intake, 2))
            answered += "seq" in desk.call("status")
        print(f"     {posted} questions posted, none of the answers read; "
              f"{accepted} events accepted, {answered} questions answered")
        assert posted > 0 and (accepted, answered) == (200, 100)
        bounded(daemon, before)


if __name__ == "__main__":
    print(f"seed {SEED}")
    run(globals())
