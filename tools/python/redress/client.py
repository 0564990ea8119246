"""The clients for plain programs."""
from __future__ import annotations

import itertools
import time
from typing import Any, Callable, Dict, Iterator, Optional

import zmq

from .follow import REPLAY_ROWS, Follower
from .wire import (ANSWER_S, ASK_S, CUT_BYTES, DeskError, Event, NoAnswer, Receipt, Rejected, Window,
                   desk_of, keys_of, pack, unpack)


class _Client:
    def __init__(self, kind: int, endpoint: str, key: Optional[str] = None):
        self._kind, self._endpoint, self._socket = kind, endpoint, None
        self._keys = keys_of(key, endpoint)
        self._connect()

    def _connect(self) -> None:
        self.close()
        self._socket = zmq.Context.instance().socket(self._kind)
        self._socket.linger = 0
        if self._keys is not None:
            self._socket.curve_secretkey, self._socket.curve_serverkey = self._keys
            self._socket.curve_publickey = zmq.curve_public(self._keys[0])
        self._socket.connect(self._endpoint)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self):
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


class Producer(_Client):
    """Sends events and settles each by its receipt, whatever happens on the way.

    put() takes an event and returns; `settled(context, receipt)` is called for each from put() and
    flush(). At most `window` events are on their way. A busy daemon is asked again when it says, a
    silent one connected anew, under the same ids.

    The daemon cuts off whoever sends an event far over its limits.event_bytes. So the limit is asked
    for at `desk` (by default the one beside an intake on ipc) before the first event over 4 KiB leaves,
    and an event over it is settled as rejected, `too_large`. Without a desk the limit is `event_bytes`.

    `key`: the file of keys for a tcp endpoint; by default that of REDRESS_KEY.
    """

    def __init__(self, endpoint: str, settled: Optional[Callable[[Any, Receipt], None]] = None,
                 window: int = 1024, batch: int = 64, answer_s: float = ANSWER_S,
                 desk: Optional[str] = None, event_bytes: int = CUT_BYTES, key: Optional[str] = None):
        super().__init__(zmq.DEALER, endpoint, key)
        self._desk_at, self._desk, self._event_bytes, self._key = desk, None, event_bytes, key
        self._settled = settled or (lambda context, receipt: None)
        self._window, self._answer_s = Window(window, batch), answer_s
        self._heard = time.monotonic()

    def put(self, made: Event, context: Any = None) -> None:
        self._window.put(made, context)
        self._turn(0)
        while self._window.is_full():
            self._turn(0.2)

    def flush(self, timeout_s: Optional[float] = None) -> None:
        """Until every event is settled. NoAnswer when the time is over; they stay in the window."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        while len(self._window) > 0:
            if end is not None and time.monotonic() > end:
                raise NoAnswer(f"{len(self._window)} events without a receipt")
            self._turn(0.2)

    def send(self, made: Event, timeout_s: float = 30) -> Receipt:
        """One event and its receipt; Rejected where it is refused."""
        found = []
        before, self._settled = self._settled, lambda context, receipt: (
            found.append(receipt) if context is found else before(context, receipt))
        try:
            self.put(made, found)
            end = time.monotonic() + timeout_s
            while not found:
                if time.monotonic() > end:
                    raise NoAnswer("no receipt in time")
                self._turn(0.2)
        finally:
            self._settled = before
        if found[0]["status"] == "rejected":
            raise Rejected(found[0])
        return found[0]

    def _turn(self, wait_s: float) -> None:
        now = time.monotonic()
        while (frames := self._window.next_message(now)) is not None:
            if not self._window.messages[:-1]:
                self._heard = now
            self._socket.send_multipart(frames)
        for context, receipt in self._window.take_refused():
            self._settled(context, receipt)
        if self._window.wants_limit:
            self._learn_limit()
            wait_s = 0
        if self._socket.poll(int(wait_s * 1000)):
            frames, self._heard = self._socket.recv_multipart(), time.monotonic()
            for context, receipt in self._window.take_reply(frames, self._heard):
                self._settled(context, receipt)
        elif self._window.is_overdue(self._heard, time.monotonic(), self._answer_s):
            self._window.lost()
            self._connect()
            self._heard = time.monotonic()


    def _learn_limit(self) -> None:
        """Asks once; without an answer it is asked again with the next turn."""
        at = self._desk_at or desk_of(self._endpoint)
        if at is None:
            self._window.learn(self._event_bytes)
            return
        if self._desk is None:
            self._desk = Desk(at, ASK_S, self._key)
        try:
            limits = self._desk.call("status").get("limits", {})
        except NoAnswer:
            return  # nobody is there yet
        self._window.learn(limits.get("event_bytes", self._event_bytes))

    def close(self) -> None:
        super().close()
        if getattr(self, "_desk", None) is not None:
            self._desk.close()
            self._desk = None


class Desk(_Client):
    """Questions: desk.call("case.get", subject="B-17"). `key`: as for a Producer."""

    def __init__(self, endpoint: str, timeout_s: float = 10, key: Optional[str] = None):
        super().__init__(zmq.DEALER, endpoint, key)
        self._timeout_s, self._ids = timeout_s, itertools.count(1)

    def call(self, method: str, **params: Any) -> Dict[str, Any]:
        number = next(self._ids)
        self._socket.send(pack([0, number, method, [params]]))
        end = time.monotonic() + self._timeout_s
        while self._socket.poll(max(0, int((end - time.monotonic()) * 1000))):
            kind, answered, error, result = unpack(self._socket.recv_multipart()[-1])
            if kind != 1 or answered != number:
                continue  # of a question that was given up
            if error is not None:
                raise DeskError(**error)
            return result
        self._connect()
        raise NoAnswer(f"the desk gives no answer to {method}")

    def rows(self, method: str, limit: int = 1000, **params: Any) -> Iterator[Dict[str, Any]]:
        """All rows of a list, page after page."""
        after = params.pop("after", 0)
        while True:
            answer = self.call(method, limit=limit, after=after, **params)
            yield from answer["rows"]
            if "next" not in answer:
                return
            after = answer["next"]


class Subscriber(_Client):
    """Alerts of a unit and all below it ("" for all): each one, those of a unit in order.

    `cursor` is the number up to which all were dealt with: keep it, and give it again after a restart.
    What was missed, meanwhile or because it came faster than it was read, comes from the desk. Where a
    subscription has more than one unit the cursor lags what came by up to ten seconds, and what is
    beyond it comes again after a restart, as does an alert in which the loop was left. `key`: as for a Producer.
    """

    def __init__(self, feed: str, desk: str, unit: str = "", cursor: int = 0, key: Optional[str] = None):
        self._desk, self._unit, self._follower = Desk(desk, key=key), unit, Follower(cursor)
        super().__init__(zmq.SUB, feed, key)
        self.silent_s, self._heard = 5.0, time.monotonic()

    @property
    def cursor(self) -> int:
        return self._follower.cursor

    def _connect(self) -> None:
        super()._connect()
        self._socket.subscribe(self._unit + "/" if self._unit else "")
        self._socket.subscribe("~heartbeat")

    def __exit__(self, *_: Any) -> None:
        self.close()
        self._desk.close()

    def alerts(self, timeout_s: Optional[float] = None) -> Iterator[Dict[str, Any]]:
        """Each alert; ends when none came for `timeout_s`. NoAnswer: nobody watches the clocks, no
        heartbeat for five seconds, or the desk is silent; ask for alerts() again. Ahead: the cursor is
        of another daemon. DeskError "gone": what follows the cursor is no longer kept."""
        quiet_since = time.monotonic()
        while True:
            given = self._replay() if self._follower.target is not None else self._next()
            for alert in given:
                yield alert
                quiet_since = time.monotonic()
            if timeout_s is not None and time.monotonic() - quiet_since > timeout_s:
                return

    def _next(self) -> Iterator[Dict[str, Any]]:
        if not self._socket.poll(200):
            if time.monotonic() - self._heard > self.silent_s:
                self._heard = time.monotonic()
                self._follower.silence()
                raise NoAnswer("no heartbeat: nobody watches the clocks")
            return
        topic, body = self._socket.recv_multipart()
        self._heard, alert = time.monotonic(), unpack(body)
        if topic == b"~heartbeat":
            self._follower.hears(alert["seq"], self._heard)
        elif self._follower.is_next(alert):
            self._follower.begins(alert)
            yield alert
            self._follower.took(alert)

    def _replay(self) -> Iterator[Dict[str, Any]]:
        follower, params = self._follower, {"unit": self._unit} if self._unit else {}
        try:
            answer = self._desk.call("feed.replay", after=follower.cursor, limit=REPLAY_ROWS,
                                     min_alert=follower.target, **params)
        except DeskError as error:
            follower.refused(error)
            return
        for row in answer["rows"]:
            if follower.is_new(row):
                yield row
            follower.took_row(row)
        self._heard = time.monotonic()
        follower.answered(answer["head"])
