#!/usr/bin/python3
"""One peer's long message is interrupted between frames: another peer does not wait for its end."""
import itertools

import zmq

from harness import Daemon, configuration, contact, pack, run

FRAMES = 1024
NEW = itertools.count(1)


def fresh(**data):
    number = next(NEW)
    return contact(f"c-{number}", customer=f"k-{number}", **data)


def long_message():
    """As many events as a message may have, each with a text that takes its time."""
    text = "the line was cut again and nobody called back " * 700
    return [pack(fresh(text=text)) for _ in range(FRAMES)]


def test_a_short_message_passes_a_long_one():
    with Daemon() as daemon:
        good, slow = daemon.intake(), [daemon.intake() for _ in range(3)]
        good.accept(fresh())
        for peer in slow:
            peer.post(*long_message())
        seqs = []
        while not any(peer.socket.poll(0) for peer in slow):
            seqs.append(good.accept(fresh())["seq"])
        for peer in slow:
            receipts = peer.receipts()
            assert [one["status"] for one in receipts] == ["accepted"] * FRAMES, receipts[0]
            taken = [one["seq"] for one in receipts]
            assert taken == sorted(taken)
            within = [seq for seq in seqs if taken[0] < seq < taken[-1]]
            print(f"     {len(within)} of {len(seqs)} events came between two frames of a message")
            assert within, (taken[0], taken[-1], seqs)


def test_a_peers_messages_stay_in_order():
    with Daemon() as daemon:
        one, other = daemon.intake(), daemon.intake()
        for peer in (one, other):
            peer.post(*long_message())
            for _ in range(20):
                peer.post(fresh())
        for peer in (one, other):
            taken = [receipt["seq"] for _ in range(21) for receipt in peer.receipts()]
            assert len(taken) == FRAMES + 20 and taken == sorted(taken), taken[-30:]


def test_a_pushed_message_is_whole_after_a_stop():
    """What came by PULL has no receipt: what is read of it is applied before the daemon ends."""
    with Daemon(start=False) as daemon:
        daemon.write_config(configuration(
            daemon.folder, extra_listen=f'  pull: ["ipc://{daemon.folder}/pull"]\n'))
        daemon.start()
        desk, good = daemon.desk(), daemon.intake()
        source = daemon.context.socket(zmq.PUSH)
        source.connect(daemon.endpoint("pull"))
        source.send_multipart(long_message())
        sent = 1
        while good.accept(fresh())["seq"] <= sent:  # until some of what was pushed is applied
            sent += 1
        assert daemon.stop() == 0
        daemon.start()
        seq = good.accept(fresh())["seq"]
        rows = desk.call("status", min_seq=seq)["open_cases"]
        assert rows > FRAMES, rows
        source.close(0)


if __name__ == "__main__":
    run(globals())
