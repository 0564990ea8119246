#!/usr/bin/python3
"""Upstreams that publish or push: the same decoder, no receipts; what is lost shows as a gap."""
import contextlib

import zmq

from harness import Daemon, complaint, configuration, contact, event, pack, run

CROWD = 20000


@contextlib.contextmanager
def sourced(args=(), publishers=1, **options):
    """A daemon with a PULL and so many upstream PUBs; yields daemon, push and the publishers."""
    with Daemon(start=False, args=list(args)) as daemon:
        upstreams = [f"ipc://{daemon.folder}/upstream{i}" for i in range(publishers)]
        extra = (f'  pull: ["ipc://{daemon.folder}/pull"]\n'
                 f'  subscribe: [{", ".join(chr(34) + one + chr(34) for one in upstreams)}]\n')
        daemon.write_config(configuration(daemon.folder, extra_listen=extra, **options))
        sockets = []
        for one in upstreams:
            sockets.append(daemon.context.socket(zmq.XPUB))
            sockets[-1].bind(one)
        daemon.start()
        push = daemon.context.socket(zmq.PUSH)
        push.connect(f"ipc://{daemon.folder}/pull")
        for one in sockets:
            assert one.recv() == b"\x01", "it subscribes to everything"
        yield daemon, push, sockets


def settled(daemon, wanted):
    """Waits until so many events were taken: nobody is answered, so the desk is asked."""
    desk = daemon.desk()
    desk.until(lambda rows: len(rows) >= wanted, "journal.read")
    desk.call("status", min_seq=wanted)  # the journal runs ahead of the tables
    return desk


def test_frames_of_one_message():
    with sourced() as (daemon, push, (publisher,)):
        push.send(pack(contact("p-1", customer="k1")))
        push.send_multipart([pack(contact(f"p-{i}", customer=f"k{i}")) for i in (2, 3, 4)])
        desk = settled(daemon, 4)
        publisher.send(pack(contact("s-1", customer="k5")))  # one frame: an event, no topic
        publisher.send_multipart([b"any.topic", pack(contact("s-2", customer="k6"))])
        publisher.send_multipart([b"", *[pack(contact(f"s-{i}", customer=f"q{i}")) for i in (3, 4)]])
        # several frames: the first is the topic, whatever stands in it
        publisher.send_multipart([pack(contact("topic")), pack(contact("s-5", customer="k9"))])
        rows = desk.until(lambda rows: len(rows) >= 9, "journal.read")
        subjects = [row["subject"] for row in desk.rows("case.list", min_seq=9)]
        assert subjects == ["p-1", "p-2", "p-3", "p-4", "s-1", "s-2", "s-3", "s-4", "s-5"], subjects
        assert [row["seq"] for row in rows] == list(range(1, 10))
        assert desk.rows("dead.list") == []


def test_what_is_refused_lies_among_the_dead_letters_and_stops_nothing():
    with sourced() as (daemon, push, (publisher,)):
        wrong = [b"\xc1", pack([]), pack(event("no.such")), pack(contact("x", unit="nowhere"))]
        codes = ["malformed", "malformed", "unknown_type", "unknown_unit"]
        push.send_multipart([*wrong, pack(contact("p-1", customer="k1"))])
        publisher.send_multipart([b"t", *wrong, pack(contact("s-1", customer="k2"))])
        desk = settled(daemon, 2)
        letters = desk.until(lambda rows: len(rows) >= 8, "dead.list")
        found = sorted(one["error"]["code"] for one in letters)
        assert found == sorted(codes * 2), found
        assert sorted(one["event"] for one in letters) == sorted(wrong * 2)


def test_duplicates_over_all_ways_in():
    with sourced() as (daemon, push, (publisher,)):
        intake = daemon.intake()
        one = contact("c-1")
        assert intake.accept(one)["seq"] == 1
        for _ in range(3):
            push.send(pack(one))
            publisher.send_multipart([b"t", pack(one)])
        push.send(pack(complaint("k-1", customer="k2")))
        publisher.send(pack(complaint("k-2", customer="k3")))
        desk = settled(daemon, 3)
        assert len(desk.rows("case.list")) == 3
        again = complaint("k-3", customer="k4")
        push.send(pack(again))
        settled(daemon, 4)
        assert intake.send(again)["status"] == "duplicate"


def test_what_is_lost_on_the_way_shows_as_a_gap():
    clock = ["--clock", "events"]
    with sourced(args=clock) as (daemon, _, (publisher,)):
        ops = daemon.feed("~ops/")

        def published(number, time="10:00:00"):
            publisher.send_multipart([b"t", pack({
                **contact(f"s-{number}", customer=f"k{number}"), "source": "upstream",
                "sequence": number, "time": f"2025-03-03T{time}+08:00"})])

        for number in (1, 2, 5, 6):  # a PUB drops without a word
            published(number)
        published(7, "10:01:01")
        topic, alert = ops.alert()
        assert topic == "~ops/source.gap" and "upstream" in alert["title"] + str(alert), alert
        rows = daemon.desk().until(lambda rows: rows and rows[0]["highest"] == 7, "source.list")
        assert rows[0]["source"] == "upstream", rows
        assert rows[0]["missing"] == [{"first": 3, "last": 4}], rows


def test_several_publishers():
    with sourced(publishers=3) as (daemon, _, publishers):
        for number in range(1, 301):
            for i, one in enumerate(publishers):
                one.send_multipart([b"t", pack({
                    **contact(f"s-{i}-{number}", customer=f"k{i}-{number}", channel="web"),
                    "source": f"up{i}", "sequence": number})])
        desk = settled(daemon, 900)
        marks = {row["source"]: (row["highest"], row["missing"]) for row in desk.rows("source.list")}
        assert marks == {f"up{i}": (300, []) for i in range(3)}, marks


def test_a_crowd_pushed_at_once_is_taken_whole_and_in_order():
    with sourced(limits="in_flight: 500") as (daemon, push, _):
        push.sndhwm = 0
        for number in range(1, CROWD + 1, 100):
            push.send_multipart([pack({
                **contact(f"p-{n}", customer=f"k{n}", channel="web"), "source": "crowd",
                "sequence": n}) for n in range(number, number + 100)])
        intake, served = daemon.intake(), 0
        for i in range(50):  # meanwhile somebody else is served
            answer = intake.send(complaint(f"c-{i}", customer=f"x{i}"))
            served += answer["status"] == "accepted"
        desk = daemon.desk()
        rows = desk.until(lambda rows: rows and max(r["highest"] or 0 for r in rows) >= CROWD,
                          "source.list", wait_s=60)
        crowd = [row for row in rows if row["source"] == "crowd"][0]
        assert crowd["highest"] == CROWD and crowd["missing"] == [], crowd
        assert desk.rows("dead.list") == []
        print(f"{CROWD} pushed, {served} of 50 others accepted meanwhile")


def test_a_publisher_that_comes_back_is_heard_again():
    with sourced() as (daemon, _, (publisher,)):
        publisher.send(pack(contact("s-1", customer="k1")))
        settled(daemon, 1)
        endpoint = publisher.last_endpoint.rstrip(b"\0").decode()
        publisher.close(0)
        publisher = daemon.context.socket(zmq.XPUB)
        publisher.bind(endpoint)
        publisher.rcvtimeo = 15000
        assert publisher.recv() == b"\x01"
        publisher.send(pack(contact("s-2", customer="k2")))
        settled(daemon, 2)


if __name__ == "__main__":
    run(globals())
