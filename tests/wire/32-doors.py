#!/usr/bin/python3
"""What a peer can make the doors hold has a bound: it is not read, then cut off, with the reason told."""
import itertools
import os
import resource
import signal
import socket
import struct
import time

import zmq

from harness import WAIT_S, Daemon, complaint, configuration, contact, pack, run, unpack

LIMIT_BYTES = int(os.environ.get("REDRESS_TEST_MEMORY", "1")) * 512 << 20
# A sanitized build keeps what was freed, up to this much: that is not the daemon's appetite.
ENV = {"ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"),
                                              "quarantine_size_mb=4"]))}
NEW = itertools.count(1)


def fresh(**data):
    number = next(NEW)
    return contact(f"c-{number}", customer=data.pop("customer", f"k-{number}"), **data)


def resident(daemon):
    """VmRSS of the daemon, in bytes."""
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["VmRSS"].split()[0]) * 1024


def lives(daemon, *others):
    """The daemon is there, is not too large, and serves another peer at once."""
    intake, desk = others or (daemon.intake(), daemon.desk())
    assert intake.send(fresh(), wait_s=WAIT_S)["status"] in ("accepted", "busy")
    assert "seq" in desk.call("status")
    assert daemon.process.poll() is None
    size = resident(daemon)
    print(f"     resident {size >> 20} MiB", flush=True)
    assert size < LIMIT_BYTES, size


def until_logged(daemon, *words):
    """Waits for a line of the log with all the words."""
    deadline = time.monotonic() + WAIT_S
    pid = os.pidfd_open(daemon.process.pid)
    poller = zmq.Poller()
    poller.register(pid, zmq.POLLIN)
    try:
        while True:
            for line in daemon.log().splitlines():
                if all(word in line for word in words):
                    return line
            assert time.monotonic() < deadline, f"no line with {words}:\n{daemon.log()}"
            assert not poller.poll(100), "the daemon has ended"
    finally:
        os.close(pid)


class Raw:
    """A DEALER (or what is asked for) of ZMTP 3.0 that sends whatever bytes the test wants."""

    def __init__(self, daemon, door, kind=b"DEALER", identity=b""):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(f"{daemon.folder}/{door}")
        self.socket.sendall(b"\xff" + b"\0" * 8 + b"\x7f\x03\0NULL" + b"\0" * 48)
        self.read(64)
        ready = b"\x05READY"
        for name, value in ((b"Socket-Type", kind), (b"Identity", identity)):
            ready += bytes([len(name)]) + name + struct.pack(">I", len(value)) + value
        self.socket.sendall(bytes([4, len(ready)]) + ready)
        flags, size = self.read(2)
        assert flags == 4 and self.read(size).startswith(b"\x05READY")

    def read(self, size):
        data = b""
        while len(data) < size:
            got = self.socket.recv(size - len(data))
            if not got:
                raise ConnectionError
            data += got
        return data

    def flood(self, data):
        """Sends all of it, or until the other end hangs up: how much went."""
        sent = 0
        try:
            while sent < len(data):
                sent += self.socket.send(data[sent:sent + (1 << 16)])
        except (BrokenPipeError, ConnectionResetError):
            pass
        return sent

    def is_cut(self):
        try:
            while self.socket.recv(1 << 16):
                pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            return False
        return True


def counter(daemon, name):
    return daemon.desk().call("metrics")["counters"][name]


def test_ten_million_frames_in_one_message():
    with Daemon(env=ENV) as daemon:
        others = daemon.intake(), daemon.desk()
        for door in ("intake", "desk"):
            peer = Raw(daemon, door)
            sent = peer.flood(b"\x01\x00" * 10_000_000)
            print(f"     {sent} of 20,000,000 bytes went to {door}")
            assert sent < 20_000_000 and peer.is_cut()
            until_logged(daemon, f"door={door}", "a message of more frames")
        lives(daemon, *others)
        assert counter(daemon, "peers_cut") == 2


def test_a_message_that_never_ends_in_large_frames():
    with Daemon(env=ENV) as daemon:
        frame = b"\x03" + struct.pack(">Q", 200_000) + b"\xc1" * 200_000
        peer = Raw(daemon, "intake")
        sent = sum(peer.flood(frame) for _ in range(1000))
        assert sent < 80 << 20 and peer.is_cut(), sent
        until_logged(daemon, "door=intake", "a message of more bytes")
        lives(daemon)


def test_a_frame_over_four_times_the_limit():
    with Daemon(env=ENV) as daemon:
        good = daemon.intake()
        bad = daemon.intake()
        good.accept(fresh())
        bad.post(fresh(), b"\xc1" * (4 * 65536 + 1))
        line = until_logged(daemon, "door=intake", "a frame over the limit")
        assert f"number={4 * 65536 + 1}" in line and f"process {os.getpid()} " in line, line
        large = good.send(b"\xc1" * (4 * 65536))
        assert large["error"]["code"] == "too_large", large
        bad.post(fresh())  # it has connected again
        assert bad.receipts()[0]["status"] == "accepted"
        lives(daemon, good, daemon.desk())


def test_commands_that_a_door_has_no_use_for():
    """libzmq would keep some bytes of each subscription at a door that has none, for ever."""
    with Daemon(start=False, env=ENV) as daemon:
        daemon.write_config(configuration(daemon.folder, extra_listen=f'  pull: ["ipc://{daemon.folder}/pull"]\n'))
        daemon.start()
        intake, desk = daemon.intake(), daemon.desk()
        before = resident(daemon)
        for door, kind in (("intake", b"DEALER"), ("desk", b"DEALER"), ("pull", b"PUSH")):
            for name in (b"\x09SUBSCRIBEabc", b"\x06CANCELabc", b"\x05READY"):
                peer = Raw(daemon, door, kind)
                peer.flood((bytes([4, len(name)]) + name) * (1 << 20))
                assert peer.is_cut(), (door, name)
            until_logged(daemon, f"door={door}", "no use for")
            peer = Raw(daemon, door, kind)
            for _ in range(100):  # the heartbeat of ZMTP: answered, and no reason to go
                peer.socket.sendall(b"\x04\x09\x04PING\0\0ab")
                flags, size = peer.read(2)
                assert (flags, peer.read(size)) == (4, b"\x04PONGab")
            lives(daemon, intake, desk)
        assert resident(daemon) < before + (64 << 20) or LIMIT_BYTES > 512 << 20


def test_strangers_are_told_apart():
    with Daemon(env=ENV) as daemon:
        stranger = socket.socket(socket.AF_UNIX)
        stranger.settimeout(WAIT_S)
        stranger.connect(f"{daemon.folder}/desk")
        stranger.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        until_logged(daemon, "door=desk", "no ZMTP 3")
        stranger.close()
        lives(daemon)


def never_reads(daemon, door):
    peer = daemon.context.socket(zmq.DEALER)
    peer.linger = 0
    peer.rcvhwm = 1
    peer.sndtimeo = 0
    peer.setsockopt(zmq.RCVBUF, 4096)
    peer.connect(daemon.endpoint(door))
    assert peer.poll(1000 * WAIT_S, zmq.POLLOUT)
    return peer


def post(peer, frames, wanted):
    """Posts until the socket takes no more: how many."""
    for i in range(wanted):
        try:
            peer.send_multipart(frames)
        except zmq.Again:
            return i
    return wanted


def test_ten_thousand_questions_whose_answers_are_not_read():
    with Daemon(env=ENV) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        text = "nobody called back " * 200
        for _ in range(20):
            intake.accept(*[fresh(text=text) for _ in range(64)])
        desk.call("status", min_seq=1280)
        answer = len(pack(desk.call("journal.read", limit=10000)))
        print(f"     an answer has {answer} bytes", flush=True)
        assert answer > 3 << 20, answer
        deaf = never_reads(daemon, "desk")
        posted = 0
        for _ in range(20):
            posted += post(deaf, [pack([0, 1, "journal.read", [{"limit": 10000}]])], 500)
            lives(daemon, intake, desk)
        assert 0 < posted < 10000, posted
        assert resident(daemon) < 256 << 20 or LIMIT_BYTES > 512 << 20
        for _ in range(40):  # who reads at last has them all
            assert deaf.poll(1000 * WAIT_S) and len(deaf.recv()) > 3 << 20
        deaf.close(0)


def test_receipts_that_are_not_read():
    with Daemon(limits="dead_letters: 100", env=ENV) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        deaf = never_reads(daemon, "intake")
        posted = 0
        for _ in range(40):  # a frame of a byte has a receipt of some 200
            posted += post(deaf, [b"\xc1"] * 1000, 250)
            lives(daemon, intake, desk)
        print(f"     {posted} messages of 1,000 frames posted", flush=True)
        assert 0 < posted < 10000, posted
        for _ in range(min(posted, 100)):  # who reads at last has them all
            assert deaf.poll(1000 * WAIT_S) and len(deaf.recv_multipart()) == 1000
        deaf.close(0)


def framed(body):
    """A message of one frame, as it stands on the wire."""
    head = bytes([0, len(body)]) if len(body) < 256 else b"\x02" + struct.pack(">Q", len(body))
    return head + body


def topic_frames(topics):
    return b"".join(framed(b"\x01" + topic) for topic in topics)


def test_topics_without_bound():
    with Daemon(env=ENV) as daemon:
        feed, intake, desk = daemon.feed("xj/"), daemon.intake(), daemon.desk()
        floods = ([b"%065536d" % i for i in range(100)], [b"%03900d" % i for i in range(1000)],
                  [b"%0900d" % i for i in range(10000)], [b"t%d" % i for i in range(10000)])
        for topics, why in zip(floods, ("a frame", "a frame", "subscriptions", "subscriptions")):
            peer = Raw(daemon, "feed", kind=b"SUB")
            peer.flood(topic_frames(topics))
            assert peer.is_cut()
            peer.socket.close()
        for _ in range(2):
            until_logged(daemon, "door=feed", "a frame over the limit")
            until_logged(daemon, "door=feed", "too many subscriptions")
        lives(daemon, intake, desk)
        assert feed.until(lambda topic, alert: alert["type"] == "warning.first_contact")


def test_a_subscriber_that_changes_its_mind_for_ever_stays():
    with Daemon(env=ENV) as daemon:
        peer = Raw(daemon, "feed", kind=b"SUB")
        for i in range(40):
            begin = topic_frames(b"t%d" % j for j in range(1000))
            end = begin.replace(b"\x01t", b"\x00t")
            assert peer.flood(begin + end) == 2 * len(begin), i
        peer.socket.sendall(topic_frames([b"~heartbeat"]))
        assert b"~heartbeat" in peer.read(40)
        lives(daemon)
        assert counter(daemon, "peers_cut") == 0


def named(daemon, door="intake", heartbeat=False):
    peer = daemon.context.socket(zmq.DEALER)
    peer.linger = 0
    peer.setsockopt(zmq.IDENTITY, b"branch-7")
    if heartbeat:
        peer.setsockopt(zmq.HEARTBEAT_IVL, 50)
        peer.setsockopt(zmq.HEARTBEAT_TTL, 200)
        peer.setsockopt(zmq.HEARTBEAT_TIMEOUT, 200)
    peer.connect(daemon.endpoint(door))
    return peer


def test_a_second_peer_with_the_same_id_is_refused():
    with Daemon(env=ENV) as daemon:
        first = named(daemon)
        assert_answered(first)
        second = named(daemon, heartbeat=True)
        second.send(pack(fresh()))
        until_logged(daemon, "door=intake", "another peer with this id")
        for _ in range(50):
            assert_answered(first)
        assert not second.poll(0)
        first.close(0)
        deadline = time.monotonic() + WAIT_S
        second.send(pack(fresh()))
        while not second.poll(100):  # it connects again by itself, and is let in
            assert time.monotonic() < deadline
            second.send(pack(fresh()))
        second.close(0)
        other = named(daemon, door="desk")  # ids of two doors have nothing to do with each other
        other.send(pack([0, 1, "status", [{}]]))
        assert other.poll(1000 * WAIT_S)
        other.close(0)
        lives(daemon)


def assert_answered(peer):
    peer.send(pack(fresh()))
    assert peer.poll(1000 * WAIT_S)
    peer.recv()


def descriptors(daemon, limit):
    _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (min(limit, hard), hard))


def test_descriptors_at_the_limit():
    with Daemon(start=False, env=ENV) as daemon:
        port = free_port()
        daemon.write_config(configuration(daemon.folder).replace(
            f'["ipc://{daemon.folder}/intake"]',
            f'["ipc://{daemon.folder}/intake", "tcp://127.0.0.1:{port}"]\n  plain_loopback: true'))
        daemon.start()
        intake, desk = daemon.intake(), daemon.desk()
        lives(daemon, intake, desk)
        descriptors(daemon, 256)
        held = []
        for _ in range(200):  # these say nothing, and half of them are of tcp
            for connect in (lambda: Raw(daemon, "desk").socket,
                            lambda: socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)):
                try:
                    held.append(connect())
                except (ConnectionError, BlockingIOError):
                    pass
        until_logged(daemon, "few descriptors are left")
        assert counts(daemon) <= 256 - 40, counts(daemon)
        lives(daemon, intake, desk)
        intake.accept(*[complaint(f"q-{i}") for i in range(100)])
        for one in held:
            one.close()
        assert desk.call("metrics")["counters"]["peers_refused"] > 0
        lives(daemon, daemon.intake(), daemon.desk())  # who comes now is let in
        assert daemon.stop() == 0


def counts(daemon):
    return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_no_descriptor_at_all():
    """As above, but not one is left: also accept(2) fails."""
    with Daemon(env=ENV) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        lives(daemon, intake, desk)
        descriptors(daemon, 1 + max(map(int, os.listdir(f"/proc/{daemon.process.pid}/fd"))))
        for _ in range(50):
            try:
                Raw(daemon, "intake")
            except (ConnectionError, BlockingIOError):
                pass
        lives(daemon, intake, desk)
        descriptors(daemon, 1024)
        lives(daemon, daemon.intake(), daemon.desk())


def test_three_hundred_questions_that_wait():
    with Daemon(env=ENV) as daemon:
        desk, hog = daemon.desk(), daemon.desk()
        daemon.intake().accept(fresh())
        for i in range(300):
            hog.socket.send(pack([0, i, "status", [{"min_seq": 1 << 60}]]))
        for seq in range(2, 32):
            daemon.intake().accept(fresh())
            assert desk.call("status", min_seq=seq)["seq"] >= seq
        codes = [unpack(hog.receive()[-1])[2]["code"] for _ in range(300)]
        assert codes == ["not_yet"] * 300, codes


def test_a_publisher_that_ends_loses_nothing():
    with Daemon(start=False, env=ENV) as daemon:
        daemon.write_config(configuration(
            daemon.folder, extra_listen=f'  subscribe: ["ipc://{daemon.folder}/pub"]\n'))
        publisher = daemon.context.socket(zmq.XPUB)
        publisher.linger = 1000 * int(WAIT_S)
        publisher.sndhwm = 0
        publisher.bind(f"ipc://{daemon.folder}/pub")
        daemon.start()
        assert publisher.poll(1000 * WAIT_S) and publisher.recv() == b"\x01"
        for i in range(20000):
            publisher.send(pack(contact(f"p-{i}", customer=f"p-{i}", channel="branch")))
        publisher.close()
        seq = daemon.intake().accept(fresh())["seq"]
        deadline = time.monotonic() + WAIT_S
        while seq < 20001:
            assert time.monotonic() < deadline, seq
            seq = daemon.intake().accept(fresh())["seq"]
            seq = max(seq, daemon.desk().call("metrics")["counters"]["events_accepted"])
        assert counter(daemon, "messages_in") >= 20001


def test_what_has_arrived_is_taken_when_a_peer_ends():
    """Far more than a peer may have unread lies in the kernel's buffer when its sender is gone."""
    with Daemon(start=False, env=ENV) as daemon:
        daemon.write_config(configuration(
            daemon.folder, extra_listen=f'  pull: ["ipc://{daemon.folder}/pull"]\n'))
        daemon.start()
        intake, arrived = daemon.intake(), 0
        for door, kind in (("pull", b"PUSH"), ("intake", b"DEALER")):
            peer = Raw(daemon, door, kind=kind)
            daemon.process.send_signal(signal.SIGSTOP)
            peer.socket.setblocking(False)
            try:
                while True:
                    frame = framed(pack(fresh(channel="branch")))
                    arrived += peer.socket.send(frame) == len(frame)
            except BlockingIOError:
                pass
            peer.socket.close()
            daemon.process.send_signal(signal.SIGCONT)
        deadline, sent = time.monotonic() + WAIT_S, 0
        while (accepted := counter(daemon, "events_accepted")) < arrived + sent:
            assert time.monotonic() < deadline, (accepted, arrived, sent)
            intake.accept(fresh())
            sent += 1
        print(f"     {arrived} events had arrived")
        assert arrived > 200 and accepted == arrived + sent
        lives(daemon)


if __name__ == "__main__":
    run(globals())
