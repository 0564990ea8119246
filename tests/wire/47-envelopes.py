#!/usr/bin/python3
"""What stands before the events of a message comes back before the receipts, from any socket."""
import threading

import zmq

from harness import Daemon, WAIT_S, contact, pack, run, unpack

MS = int(WAIT_S * 1000)


def connect(daemon, kind, **options):
    socket = zmq.Context.instance().socket(kind)
    socket.linger = 0
    socket.rcvtimeo = MS
    for name, value in options.items():
        setattr(socket, name, value)
    socket.connect(f"ipc://{daemon.folder}/intake")
    return socket


def ask(socket, *frames):
    socket.send_multipart(frames)
    return socket.recv_multipart()


def statuses(frames):
    return [unpack(frame)["status"] for frame in frames]


def test_frames_up_to_the_first_empty_one_are_mirrored():
    with Daemon() as daemon:
        dealer = connect(daemon, zmq.DEALER)
        events = [pack(contact(f"c-{i}")) for i in range(4)]
        for head in ([b""], [b"hop-1", b""], [b"\x00\x01\x02\x03\x04", b"req-7", b""],
                     [b"x" * 255] * 20 + [b""], [b"h"] * 63 + [b""], [b"\x81cut short", b""]):
            got = ask(dealer, *head, *events)
            assert got[:len(head)] == head, (head, got[:len(head)])
            assert len(got) == len(head) + 4, got
        # without one there is none
        got = ask(dealer, *events)
        assert statuses(got) == ["duplicate"] * 4, got
        got = ask(dealer, b"no event", events[0])
        assert statuses(got) == ["rejected", "duplicate"], got
        # the first frame is an event: an empty one after it is an event, too, and a bad one
        got = ask(dealer, events[0], b"", events[1])
        assert statuses(got) == ["duplicate", "rejected", "duplicate"], got
        assert unpack(got[1])["error"]["code"] == "malformed"
        # beyond its limits it is no envelope: every frame is answered
        for head in ([b"h"] * 64 + [b""], [b"x" * 5000] * 4 + [b""]):
            got = ask(dealer, *head, events[0])
            assert statuses(got) == ["rejected"] * len(head) + ["duplicate"], len(got)


def test_an_envelope_does_not_count_as_events():
    with Daemon() as daemon:
        dealer = connect(daemon, zmq.DEALER)
        head = [b"hop"] * 63 + [b""]
        got = ask(dealer, *head, *[b"\xc1"] * 1025)
        assert got[:64] == head and len(got) == 64 + 1025
        assert unpack(got[64 + 1023])["error"]["code"] == "malformed"
        assert unpack(got[64 + 1024])["error"]["code"] == "too_large"
        # only an envelope: ignored, and the next message is answered
        dealer.send_multipart([b"hop", b""])
        dealer.send_multipart([b""])
        assert statuses(ask(dealer, pack(contact("c-1")))) == ["accepted"]


def test_a_req_that_correlates():
    with Daemon() as daemon:
        req = connect(daemon, zmq.REQ)
        req.setsockopt(zmq.REQ_CORRELATE, 1)
        req.setsockopt(zmq.REQ_RELAXED, 1)
        for i in range(3):
            assert statuses(ask(req, pack(contact(f"c-{i}")))) == ["accepted"]


def test_through_proxies():
    context = zmq.Context.instance()
    with Daemon() as daemon:
        fronts, backs = [], []
        end = f"ipc://{daemon.folder}/intake"
        for i in range(2):  # two of them, one behind the other
            front, back = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
            front.linger = back.linger = 0
            front.bind(f"inproc://hop-{i}")
            back.connect(end)
            end = f"inproc://hop-{i}"
            fronts.append(front)
            backs.append(back)
        stop = threading.Event()

        def carry():
            poller = zmq.Poller()
            for socket in fronts + backs:
                poller.register(socket, zmq.POLLIN)
            while not stop.is_set():
                for socket, _ in poller.poll(100):
                    lists = (fronts, backs) if socket in fronts else (backs, fronts)
                    lists[1][lists[0].index(socket)].send_multipart(socket.recv_multipart())

        thread = threading.Thread(target=carry)
        thread.start()
        try:
            for kind in (zmq.REQ, zmq.DEALER):
                socket = context.socket(kind)
                socket.linger, socket.rcvtimeo = 0, MS
                socket.connect(end)
                for i in range(3):
                    head = [b""] if kind == zmq.DEALER else []
                    got = ask(socket, *head, pack(contact(f"{kind}-{i}")), pack(contact(f"{kind}x{i}")))
                    assert got[:len(head)] == head
                    assert statuses(got[len(head):]) == ["accepted"] * 2, got
                socket.close()
        finally:
            stop.set()
            thread.join()
            for socket in fronts + backs:
                socket.close()


run(globals())
