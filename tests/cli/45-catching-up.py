#!/usr/bin/python3
"""A subscriber of the Python package misses no alert: over kills of the daemon, where it reads slower
than alerts come, where its reader stops in the middle of one; and a cursor that no alert of this daemon
has is told."""
import asyncio
import datetime
import pathlib
import sys
import tempfile
import threading

import zmq

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
sys.path.insert(0, str(HERE.parent.parent / "tools/python"))
from harness import Daemon, pack, run, unpack  # noqa: E402

import redress  # noqa: E402
from redress import follow  # noqa: E402

UNITS = ["xj/urumqi/d3", "xj/yining"]
LAST = "the last one"
NOW = datetime.datetime(2026, 11, 2, tzinfo=datetime.timezone.utc)


def ends(daemon):
    return [f"ipc://{daemon.folder}/{door}" for door in ("intake", "feed", "desk")]


def made(number, subject=None):
    return redress.event("complaint.registered", source="crm", id=f"e-{number}", subject=subject or f"k-{number}",
                         data={"customer": f"c-{number}", "channel": "web", "unit": UNITS[number % 2]})


def send(daemon, numbers, last=None):
    with redress.Producer(ends(daemon)[0], answer_s=1) as producer:
        for number in numbers:
            producer.put(made(number))
        producer.flush(60)
        if last is not None:
            producer.send(made(numbers[-1] + 1, last))


def kept(daemon):
    rows, after = [], 0
    desk = daemon.desk()
    while True:
        answer = desk.call("feed.replay", after=after, limit=10000, unit="xj")
        rows += answer["rows"]
        if answer["head"] <= after:
            return [row["seq"] for row in rows]
        after = answer["head"]


class Reader(threading.Thread):
    """Reads alerts until the last one, from a Subscriber or an AsyncSubscriber; silences are no end."""

    def __init__(self, daemon, is_async=False):
        super().__init__(daemon=True)
        self.ends, self.is_async, self.seqs, self.has_any = ends(daemon)[1:], is_async, [], threading.Event()
        self.error = None

    def take(self, alert):
        self.seqs.append(alert["seq"])
        self.has_any.set()
        return alert.get("subject") == LAST

    def plain(self):
        with redress.Subscriber(*self.ends, "xj") as subscriber:
            while True:
                try:
                    for alert in subscriber.alerts():
                        if self.take(alert):
                            return
                except redress.NoAnswer:
                    pass

    async def by_asyncio(self):
        async with redress.AsyncSubscriber(*self.ends, "xj") as subscriber:
            while True:
                try:
                    async for alert in subscriber.alerts():
                        if self.take(alert):
                            return
                except redress.NoAnswer:
                    pass

    def run(self):
        try:
            if self.is_async:
                asyncio.run(self.by_asyncio())
            else:
                self.plain()
        except BaseException as error:  # told by the test
            self.error = error


def test_kills_of_the_daemon_leave_no_hole():
    follow.ASK_EVERY_S = 0.0  # each heartbeat; the rule itself is 10 s
    with Daemon() as daemon:
        readers = [Reader(daemon), Reader(daemon, is_async=True)]
        for reader in readers:
            reader.start()
        for part in range(4):
            numbers = range(part * 500, part * 500 + 500)
            sender = threading.Thread(target=send, args=(daemon, numbers, LAST if part == 3 else None))
            sender.start()
            for reader in readers:
                assert reader.has_any.wait(60), "no alert came"
                reader.has_any.clear()
            if part < 3:
                daemon.kill()
                daemon.start()
            sender.join(90)
        for reader in readers:
            reader.join(90)
            assert not reader.is_alive() and reader.error is None, (reader.error, len(reader.seqs))
        want = kept(daemon)
        for reader in readers:
            missing, twice = set(want) - set(reader.seqs), len(reader.seqs) - len(set(reader.seqs))
            assert not missing and twice == 0, (reader.is_async, sorted(missing)[:5], len(missing), twice)
    follow.ASK_EVERY_S = 10.0


class Played(threading.Thread):
    """A feed that leaves alerts out, as a queue that is full does, and a desk that has them all."""

    def __init__(self, folder, sent):
        super().__init__(daemon=True)
        self.ends = [f"ipc://{folder}/{door}" for door in ("feed", "desk")]
        self.sent, self.asked, self.over = sent, [], threading.Event()
        self.rows = [{"seq": seq, "term": 1, "prev": prev, "unit": unit, "type": "clock.breach",
                      "severity": "high", "time": NOW, "title": "t"}
                     for seq, prev, unit in ((1, 0, "a/b"), (2, 1, "a/b"), (3, 2, "a/b"), (4, 0, "a/c"),
                                             (5, 3, "a/b"), (6, 0, "a/d"), (7, 5, "a/b"))]

    def run(self):
        with zmq.Context() as context, context.socket(zmq.XPUB) as feed, \
                context.socket(zmq.ROUTER) as desk:
            feed.linger = desk.linger = 0
            feed.bind(self.ends[0])
            desk.bind(self.ends[1])
            subscribed = 0
            while subscribed < 2:
                feed.recv()
                subscribed += 1
            for what in self.sent + ["beat"]:
                if what == "beat":
                    body = ["~heartbeat", {"seq": 7, "term": 1, "time": NOW, "lag": 0}]
                elif isinstance(what, tuple):
                    body = ["~heartbeat", {"seq": what[0], "term": 1, "time": NOW, "lag": 0}]
                else:
                    row = self.rows[what - 1]
                    body = [f"{row['unit']}/{row['type']}", row]
                feed.send_multipart([body[0].encode(), pack(body[1])])
            while not self.over.is_set():
                if not desk.poll(20):
                    continue
                peer, frame = desk.recv_multipart()
                _, number, method, (params,) = unpack(frame)
                assert method == "feed.replay", method
                self.asked.append((params["after"], params["min_alert"]))
                rows = [row for row in self.rows if params["after"] < row["seq"] <= params["min_alert"]]
                desk.send_multipart([peer, pack([1, number, None, {
                    "rows": rows, "head": params["min_alert"]}])])


# what comes by the feed (a number: an alert; a tuple: a heartbeat); what is given; what the desk is asked
HOLES = [
    ("nothing is missing", [(0,), 1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7], []),
    ("prev tells a hole", [(0,), 1, 2, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7], [(2, 5)]),
    ("the heartbeat tells of another unit's", [(0,), 1, 2, 3, 5, 7], [1, 2, 3, 5, 7, 4, 6], [(3, 7)]),
    ("the last ones are missing", [(0,), 1, 2, 3], [1, 2, 3, 4, 5, 6, 7], [(3, 7)]),
    ("what comes twice", [(0,), 1, 2, 1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7], []),
    ("before the first heartbeat", [1, 2, (2,), 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7], [(0, 2)]),
]


def test_what_the_feed_leaves_out_comes_by_the_desk():
    async def by_asyncio(played, count):
        async with redress.AsyncSubscriber(*played.ends, "a") as subscriber:
            seqs = []
            async for alert in subscriber.alerts():
                seqs.append(alert["seq"])
                if len(seqs) == count:
                    return seqs

    follow.ASK_EVERY_S = 0.0
    for name, sent, given, asked in HOLES:
        for is_async in (False, True):
            with tempfile.TemporaryDirectory(prefix="redress-") as folder:
                played = Played(folder, sent)
                played.start()
                if is_async:
                    got = asyncio.run(asyncio.wait_for(by_asyncio(played, len(given)), 60))
                else:
                    with redress.Subscriber(*played.ends, "a") as subscriber:
                        got = [alert["seq"] for _, alert in zip(given, subscriber.alerts())]
                played.over.set()
                played.join(60)
                assert got == given and played.asked == asked, (name, is_async, got, played.asked)
    follow.ASK_EVERY_S = 10.0


def test_an_alert_in_which_the_reader_stops_comes_again():
    with Daemon() as daemon:
        send(daemon, range(3))
        parts = []
        with redress.Subscriber(*ends(daemon)[1:], "xj") as subscriber:
            for wanted in (2, 3, 1):  # stops in a replayed one, in a live one, and in that again
                parts.append([])
                for alert in subscriber.alerts():
                    parts[-1].append(alert["seq"])
                    if len(parts[-1]) == 2 and len(parts) == 2:
                        send(daemon, [9])
                    if len(parts[-1]) == wanted:
                        break
        want = kept(daemon)
        assert parts == [want[:2], want[1:], want[3:]], (parts, want)


def test_a_cursor_ahead_of_the_daemon_is_told():
    async def ask(daemon):
        async with redress.AsyncSubscriber(*ends(daemon)[1:], "xj", cursor=99999) as subscriber:
            async for _ in subscriber.alerts():
                raise AssertionError("an alert")
    with Daemon() as daemon:
        send(daemon, range(3))
        with redress.Subscriber(*ends(daemon)[1:], "xj", cursor=99999) as subscriber:
            for _ in range(2):
                try:
                    next(subscriber.alerts())
                    raise AssertionError("an alert")
                except redress.Ahead as ahead:
                    assert ahead.cursor == 99999 and "#99999" in str(ahead), ahead
        try:
            asyncio.run(asyncio.wait_for(ask(daemon), 60))
            raise AssertionError("it ended")
        except redress.Ahead as ahead:
            assert ahead.cursor == 99999


run(globals())
