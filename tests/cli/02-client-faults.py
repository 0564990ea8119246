#!/usr/bin/python3
"""What the client library makes of a daemon that is busy, silent, forgetful or no daemon at all: the
tools against doors that this script plays."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import zmq

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import at, pack, run, unpack  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
WAIT_MS = 60000


class Doors:
    """Intake, feed and desk as sockets of this script."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="redress-"))
        self.context = zmq.Context()
        self.intake = self.bind(zmq.ROUTER, "intake")
        self.feed = self.bind(zmq.XPUB, "feed")
        self.desk = self.bind(zmq.ROUTER, "desk")
        self.stack = contextlib.ExitStack()
        return self

    def bind(self, kind, name):
        made = self.context.socket(kind)
        made.linger = 0
        made.bind(f"ipc://{self.folder}/{name}")
        return made

    def __exit__(self, *_):
        self.stack.close()
        self.context.destroy(linger=0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name, *args):
        """The tool, running; ended with the doors."""
        tool = subprocess.Popen([TOOLS / name, "--run", self.folder, *map(str, args)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env={**os.environ, "TZ": "UTC"})

        def end():
            if tool.poll() is None:
                tool.kill()
            tool.communicate()
        self.stack.callback(end)
        return tool

    @staticmethod
    def receive(socket):
        assert socket.poll(WAIT_MS), "nothing came"
        return socket.recv_multipart()

    # ---- intake ----
    def events(self):
        """(sender, events) of the next message; the sender is a peer and its envelope."""
        peer, number, empty, *frames = self.receive(self.intake)
        assert empty == b"", (number, empty)
        return (peer, number, empty), [unpack(frame) for frame in frames]

    def answer(self, sender, *receipts):
        self.intake.send_multipart([*sender, *map(pack, receipts)])

    # ---- feed, desk ----
    def subscribed(self, *topics):
        """Waits until the tool has subscribed."""
        missing = {b"\x01" + topic.encode() for topic in topics}
        while missing:
            missing.discard(self.receive(self.feed)[0])

    def publish(self, topic, body):
        self.feed.send_multipart([topic.encode(), pack(body)])

    def beat(self, seq):
        self.publish("~heartbeat", {"seq": seq, "term": 1, "time": at("2025-03-03T02:00:00Z"),
                                    "lag": 0})

    def alert(self, body):
        self.publish(f"{body['unit']}/{body['type']}", body)

    def question(self):
        """(peer, msgid, method, params) of the next one; whether the unit exists is answered."""
        while True:
            peer, frame = self.receive(self.desk)
            _, msgid, method, params = unpack(frame)
            if method != "units":
                return peer, msgid, method, params[0]
            self.reply(peer, msgid, {"rows": [{"unit": "a"}]})

    def is_unasked(self):
        """Nothing was asked but whether the unit exists."""
        while self.desk.poll(0):
            if unpack(self.desk.recv_multipart()[1])[2] != "units":
                return False
        return True

    def reply(self, peer, msgid, result=None, error=None):
        self.desk.send_multipart([peer, pack([1, msgid, error, result])])

    def replay(self, rows, head):
        """Answers the next question, which must be feed.replay; its params."""
        peer, msgid, method, params = self.question()
        assert method == "feed.replay", method
        self.reply(peer, msgid, {"as_of": {"seq": 1, "alert": head, "time": None},
                                 "rows": rows, "head": head})
        return params


def receipt(event, status="accepted", **more):
    return {"id": event["id"], "status": status, "seq": 1, "term": 1, **more}


def alert(seq, prev, unit="a/b", **more):
    return {"seq": seq, "term": 1, "prev": prev, "unit": unit, "type": "ladder.rung",
            "severity": "high", "time": at("2025-03-03T02:00:00Z"), "title": f"number {seq}",
            **more}


def rows(doors, count):
    path = doors.folder / "events.ndjson"
    path.write_text("".join(json.dumps({"id": f"e{i}", "source": "t", "type": "case.noted", "subject": "k",
                                        "data": {"by": "b", "text": "t"}}) + "\n" for i in range(count)))
    return path


def finish(tool, status=0):
    out, err = tool.communicate(timeout=WAIT_MS / 1000)
    assert tool.returncode == status, (tool.returncode, out, err)
    return out, err


# ---- the producer ----

def test_a_daemon_that_stays_busy_is_told_of_and_not_waited_for():
    """Busy is an answer: it is neither silence nor borne for ever, and a signal ends it."""
    with Doors() as doors:
        tool = doors.start("redress-send", "--json", "--wait", "1s", rows(doors, 3))
        peer, first = doors.events()
        doors.answer(peer, receipt(first[0]),
                     *({"id": e["id"], "status": "busy", "retry_after": 60000} for e in first[1:]))
        out, err = finish(tool, 3)
        assert "busy and has taken nothing for 1 s" in err and "nobody answers" not in err, err
        told = json.loads(out)
        assert (told["accepted"], told["unanswered"], told["rows"]) == (1, 2, 3), told
        tool = doors.start("redress-send", rows(doors, 3))
        peer, first = doors.events()
        tool.send_signal(signal.SIGTERM)
        doors.answer(peer, *({"id": e["id"], "status": "busy", "retry_after": 60000} for e in first))
        out, err = finish(tool, -signal.SIGTERM)
        assert "3 rows: 0 accepted" in out and "3 without an answer: send them again" in out, (out, err)



def test_what_was_busy_comes_again_in_its_order():
    with Doors() as doors:
        tool = doors.start("redress-send", "--json", "--batch", 2, "--window", 4, rows(doors, 4))
        peer, first = doors.events()
        later, second = doors.events()
        assert [e["id"] for e in first + second] == ["e0", "e1", "e2", "e3"]
        busy = {"status": "busy", "retry_after": 30}
        doors.answer(peer, receipt(first[0]), {"id": first[1]["id"], **busy})
        doors.answer(later, *({"id": e["id"], **busy} for e in second))
        taken = []
        while len(taken) < 3:
            peer, events = doors.events()
            taken += [e["id"] for e in events]
            doors.answer(peer, *map(receipt, events))
        assert taken == ["e1", "e2", "e3"], taken
        told = json.loads(finish(tool)[0])
        assert told["accepted"] == 4 and told["busy"] == 3 and told["retried"] == 0, told


def test_a_message_that_got_lost_comes_again_when_a_later_one_is_answered():
    with Doors() as doors:
        tool = doors.start("redress-send", "--json", "--batch", 1, "--window", 2, rows(doors, 2))
        doors.events()
        peer, second = doors.events()
        doors.answer(peer, receipt(second[0]))
        peer, again = doors.events()
        assert again[0]["id"] == "e0", again
        doors.answer(peer, receipt(again[0], "duplicate"))
        told = json.loads(finish(tool)[0])
        assert (told["accepted"], told["duplicate"], told["retried"]) == (1, 1, 1), told


def test_in_order_nothing_overtakes_what_got_lost():
    with Doors() as doors:
        tool = doors.start("redress-send", "--json", "--in-order", "--batch", 2, rows(doors, 6))
        _, first = doors.events()  # never answered: after five seconds it comes again, and nothing before
        taken = []
        while len(taken) < 6:
            peer, events = doors.events()
            taken += [e["id"] for e in events]
            doors.answer(peer, *map(receipt, events))
        assert [e["id"] for e in first] == ["e0", "e1"], first
        assert taken == [f"e{i}" for i in range(6)], taken
        assert json.loads(finish(tool)[0])["accepted"] == 6


def test_without_an_answer_it_connects_anew_and_sends_the_same():
    with Doors() as doors:
        tool = doors.start("redress-send", "--json", rows(doors, 2))
        peer, first = doors.events()
        other, again = doors.events()  # after five seconds
        assert other[0] != peer[0] and [e["id"] for e in again] == [e["id"] for e in first]
        doors.answer(peer, *map(receipt, first))  # nobody is there any more
        doors.answer(other, *(receipt(e, "duplicate") for e in again))
        assert json.loads(finish(tool)[0])["duplicate"] == 2


def test_receipts_of_somebody_else_are_not_believed():
    for answer in ([{"id": "other", "status": "accepted"}], [7],
                   [{"id": "e0", "status": "splendid"}],
                   [{"id": "e0", "status": "accepted"}] * 3):
        with Doors() as doors:
            tool = doors.start("redress-send", rows(doors, 1))
            peer, _ = doors.events()
            doors.answer(peer, *answer)
            assert "no intake of redressd" in finish(tool, 3)[1]


def test_an_id_that_could_not_be_read_is_answered_by_its_place():
    with Doors() as doors:
        tool = doors.start("redress-send", "--json", rows(doors, 2))
        peer, events = doors.events()
        doors.answer(peer, receipt(events[0]),
                     {"id": None, "status": "rejected",
                      "error": {"code": "malformed", "field": None, "message": "no"}})
        told = json.loads(finish(tool, 2)[0])
        assert told["accepted"] == 1 and told["rejected"] == 1, told


def test_a_receipt_without_an_id_is_of_its_own_message():
    """A and B got lost in a silent reconnect of ZeroMQ: what answers C is not of A, which comes again."""
    with Doors() as doors:
        tool = doors.start("redress-send", "--json", "--batch", 1, "--window", 3, rows(doors, 3))
        senders = [doors.events() for _ in range(3)]
        assert [events[0]["id"] for _, events in senders] == ["e0", "e1", "e2"]
        doors.answer(senders[2][0], {"id": None, "status": "rejected", "error": {
            "code": "too_large", "field": None, "message": "no"}})
        for wanted in ("e0", "e1"):
            sender, events = doors.events()
            assert events[0]["id"] == wanted, events
            doors.answer(sender, receipt(events[0]))
        told = json.loads(finish(tool, 2)[0])
        assert (told["accepted"], told["rejected"], told["retried"]) == (2, 1, 2), told


def test_each_connection_without_an_answer_is_given_more_time():
    with Doors() as doors:
        tool = doors.start("redress-send", "--json", rows(doors, 1))
        begun = []
        for _ in range(3):
            sender, events = doors.events()
            begun.append(time.monotonic())
        doors.answer(sender, receipt(events[0]))
        assert json.loads(finish(tool)[0])["retried"] == 2
        assert begun[2] - begun[1] > 7, begun  # ten seconds, less what the first one was late


# ---- the subscriber ----

def listen(doors, *args, unit="a"):
    tool = doors.start("redress-sub", "--json", *args, unit)
    doors.subscribed("~heartbeat", f"{unit}/")
    return tool


def seqs(text):
    return [json.loads(line)["seq"] for line in text.splitlines()]


def test_a_gap_is_asked_for_and_nothing_comes_twice():
    with Doors() as doors:
        tool = listen(doors, "--from", "start", "--count", 4)
        doors.beat(0)
        one, two, three, other = alert(1, 0), alert(2, 1), alert(4, 2), alert(3, 0, unit="a/c")
        doors.alert(one)
        doors.alert(one)    # after a crash a number may come again
        doors.alert(other)  # another unit has its own chain
        doors.alert(three)  # 2 is missing
        params = doors.replay([one, two, other, three], 4)
        assert params["unit"] == "a" and params["after"] == 0 and params["min_alert"] == 4, params
        out, _ = finish(tool)
        assert seqs(out) == [1, 3, 2, 4], out


def test_chains_without_a_gap_ask_nothing():
    with Doors() as doors:
        tool = listen(doors, "--from", 10, "--count", 3)
        doors.beat(10)
        doors.alert(alert(11, 7))
        doors.alert(alert(12, 0, unit="a/c"))
        doors.alert(alert(14, 11))
        out, _ = finish(tool)
        assert seqs(out) == [11, 12, 14], out
        assert doors.is_unasked()


def test_what_lies_behind_the_cursor_comes_by_pages():
    with Doors() as doors:
        tool = listen(doors, "--from", "start", "--until-seq", 3)
        doors.beat(3)
        assert doors.replay([alert(1, 0)], 1)["after"] == 0
        assert doors.replay([alert(2, 1)], 2)["after"] == 1
        assert doors.replay([], 3)["after"] == 2
        assert seqs(finish(tool)[0]) == [1, 2]


def test_from_now_on_nothing_old_comes():
    with Doors() as doors:
        tool = listen(doors, "--count", 1)
        doors.beat(7)
        doors.alert(alert(7, 3))
        doors.alert(alert(8, 7))
        assert seqs(finish(tool)[0]) == [8]


def test_what_is_no_longer_kept_is_said():
    with Doors() as doors:
        tool = listen(doors, "--from", 2, "--count", 1)
        doors.beat(9)
        peer, msgid, _, params = doors.question()
        assert params["after"] == 2
        doors.reply(peer, msgid, error={"code": "gone", "message": "too old", "oldest": 8})
        assert doors.replay([alert(8, 7)], 9)["after"] == 7
        out, err = finish(tool)
        assert seqs(out) == [8] and "after #2 and before #8 are no longer kept" in err, (out, err)


def test_the_desk_may_refuse():
    with Doors() as doors:
        tool = listen(doors, "--from", "start")
        doors.beat(9)
        peer, msgid, _, _ = doors.question()
        doors.reply(peer, msgid, error={"code": "forbidden", "message": "not your unit"})
        assert "forbidden: not your unit" in finish(tool, 2)[1]


def test_a_cursor_ahead_of_the_daemon_is_told():
    """That of a file, and one that the daemon itself told before it came back with an older state."""
    with Doors() as doors:
        kept = doors.folder / "kept"
        kept.write_text("99\n")
        tool = doors.start("redress-sub", "--cursor", kept, "a")
        doors.subscribed("a/", "~heartbeat")
        doors.beat(7)
        peer, msgid, method, params = doors.question()
        assert method == "feed.replay" and (params["after"], params["min_alert"]) == (99, 99), params
        doors.reply(peer, msgid, error={"code": "not_yet", "message": "m"})
        out, err = finish(tool, 2)
        assert "no alert #99, its last one is #7" in err and "--from start" in err, err
        assert kept.read_text().strip() == "99"
        tool = doors.start("redress-sub", "--from", 5, "a")
        doors.subscribed("a/", "~heartbeat")
        doors.beat(5)
        doors.alert(alert(6, 5, "a"))
        assert "number 6" in tool.stdout.readline()
        doors.beat(6)
        doors.replay([], 6)
        doors.beat(3)
        peer, msgid, method, params = doors.question()
        assert params["min_alert"] == 6, params
        doors.reply(peer, msgid, error={"code": "not_yet", "message": "m"})
        _, err = finish(tool, 2)
        assert "no alert #6, its last one is #3" in err, err
        # a daemon that has it after all: the heartbeat was older than the answer before it
        tool = doors.start("redress-sub", "--from", 5, "--count", 1, "a")
        doors.subscribed("a/", "~heartbeat")
        doors.beat(4)
        doors.replay([], 5)
        doors.beat(5)
        doors.alert(alert(6, 5, "a"))
        finish(tool)


def test_not_yet_asks_again_with_the_next_heartbeat():
    with Doors() as doors:
        tool = listen(doors, "--from", "start", "--count", 1)
        doors.beat(1)
        peer, msgid, _, _ = doors.question()
        doors.reply(peer, msgid, error={"code": "not_yet", "message": "soon"})
        doors.beat(1)
        doors.replay([alert(1, 0)], 1)
        assert seqs(finish(tool)[0]) == [1]


def test_a_cursor_is_settled_before_the_end():
    with Doors() as doors:
        cursor = doors.folder / "cursor"
        tool = listen(doors, "--from", "start", "--count", 2, "--cursor", cursor)
        doors.beat(0)
        doors.alert(alert(1, 0))
        doors.alert(alert(3, 1))
        # 2 went to another unit of the subtree and was lost; 4 is not given any more
        params = doors.replay([alert(1, 0), alert(2, 0, unit="a/c"), alert(3, 1), alert(4, 3)], 4)
        assert params["after"] == 0 and params["min_alert"] == 3, params
        assert seqs(finish(tool)[0]) == [1, 3, 2]
        assert cursor.read_text() == "3\n", cursor.read_text()


def test_silence_is_told_and_its_end():
    with Doors() as doors:
        said = doors.folder / "said"
        tool = listen(doors, "--from", 1, "--on-silence", f"echo $REDRESS_FEED >>{said}",
                      "--count", 1)
        doors.beat(1)
        assert "nobody watches the clocks" in tool.stderr.readline()  # after five seconds
        doors.beat(2)
        doors.replay([alert(2, 1)], 2)
        out, err = finish(tool)
        assert seqs(out) == [2] and "heartbeats again" in err, (out, err)
        assert said.read_text() == "silent\nheard\n"


def test_what_is_no_alert_ends_it():
    with Doors() as doors:
        tool = listen(doors, "--from", 1)
        doors.beat(1)
        doors.publish("a/b/ladder.rung", {"seq": "one"})
        assert "no redressd" in finish(tool, 3)[1]


if __name__ == "__main__":
    run(globals())
