#!/usr/bin/python3
"""The desk has one thread, and peers take turns at it: long questions of one do not keep the others
waiting, those of a peer that has gone are dropped, and a stop waits for none."""
import itertools

from harness import Daemon, contact, pack, run, unpack

NEW = itertools.count(1)
QUESTIONS = 60
EVENTS = 1000


def fresh():
    number = next(NEW)
    return contact(f"c-{number}", customer=f"k-{number}")


def filled(daemon):
    """A daemon with so many alerts that a replay takes its time."""
    intake = daemon.intake()
    last = intake.accept(*[fresh() for _ in range(EVENTS)])[-1]
    daemon.desk().reach(last["seq"])


def hog(daemon):
    """A peer with many long questions at once, none of them answered yet."""
    peer = daemon.desk()
    for number in range(QUESTIONS):
        peer.socket.send(pack([0, number, "feed.replay", [{"limit": 10000}]]))
    return peer


def had(peer):
    """How many answers have come."""
    count = 0
    while peer.socket.poll(0):
        peer.socket.recv()
        count += 1
    return count


def test_a_short_question_passes_many_long_ones():
    with Daemon() as daemon:
        filled(daemon)
        peers = [hog(daemon) for _ in range(3)]
        firsts = [unpack(peer.receive()[-1]) for peer in peers]
        assert all(answer[2] is None for answer in firsts), firsts
        other = daemon.desk()
        for _ in range(5):
            assert other.call("status")["seq"] == EVENTS
        counts = [had(peer) for peer in peers]
        print(f"     meanwhile {counts} of {QUESTIONS} long questions were answered")
        assert sum(counts) < QUESTIONS, counts
        # Whoever reads has every answer, and in the order of the questions.
        left = QUESTIONS - 1 - counts[0]
        answers = [unpack(peers[0].receive()[-1]) for _ in range(left)]
        assert all(answer[2] is None for answer in answers)
        assert [answer[1] for answer in answers] == list(range(counts[0] + 1, QUESTIONS))


def test_the_questions_of_a_closed_peer_are_dropped():
    with Daemon() as daemon:
        filled(daemon)
        other = daemon.desk()
        peers = [hog(daemon) for _ in range(3)]
        for peer in peers:
            peer.receive()
            peer.close()
        other.call("status")
        served = other.call("metrics")["counters"]["desk_requests"]
        for _ in range(3):  # what is dropped is not answered later either
            other.call("status")
        print(f"     {served} questions were answered in all")
        assert served < QUESTIONS, served


def test_a_stop_waits_for_no_question():
    with Daemon() as daemon:
        filled(daemon)
        peer = hog(daemon)
        peer.receive()
        assert daemon.stop() == 0
        count = had(peer)
        assert count < QUESTIONS - 1, count


if __name__ == "__main__":
    run(globals())
