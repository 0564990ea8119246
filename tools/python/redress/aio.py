"""The same for asyncio."""
from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any, AsyncIterator, Dict, Optional

import zmq
import zmq.asyncio

from .follow import REPLAY_ROWS, Follower
from .wire import (ANSWER_S, ASK_S, CUT_BYTES, DeskError, Event, NoAnswer, Receipt, Rejected, Window,
                   desk_of, keys_of, pack, unpack)


class _Client:
    def __init__(self, kind: int, endpoint: str, key: Optional[str] = None):
        self._kind, self._endpoint, self._socket = kind, endpoint, None
        self._keys = keys_of(key, endpoint)
        self._connect()

    def _connect(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = zmq.asyncio.Context.instance().socket(self._kind)
        self._socket.linger = 0
        if self._keys is not None:
            self._socket.curve_secretkey, self._socket.curve_serverkey = self._keys
            self._socket.curve_publickey = zmq.curve_public(self._keys[0])
        self._socket.connect(self._endpoint)

    async def close(self) -> None:
        self._socket.close()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()


class AsyncProducer(_Client):
    """`await producer.send(event)` gives its receipt; any number of tasks may send at a time. `desk`,
    `event_bytes` and `key`: as for a Producer."""

    def __init__(self, endpoint: str, window: int = 1024, batch: int = 64, answer_s: float = ANSWER_S,
                 desk: Optional[str] = None, event_bytes: int = CUT_BYTES, key: Optional[str] = None):
        super().__init__(zmq.DEALER, endpoint, key)
        self._desk_at, self._desk, self._event_bytes, self._key = desk, None, event_bytes, key
        self._window, self._answer_s = Window(window, batch), answer_s
        self._room = asyncio.Semaphore(window)
        self._wake, self._task = asyncio.Event(), None

    async def send(self, made: Event) -> Receipt:
        """Rejected where it is refused."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
        async with self._room:
            found = asyncio.get_running_loop().create_future()
            self._window.put(made, found)
            self._wake.set()
            receipt = await found
        if receipt["status"] == "rejected":
            raise Rejected(receipt)
        return receipt

    async def _run(self) -> None:
        heard = time.monotonic()
        while True:
            if len(self._window) == 0:
                self._wake.clear()
                await self._wake.wait()
                heard = time.monotonic()
            while (frames := self._window.next_message(time.monotonic())) is not None:
                await self._socket.send_multipart(frames)
            self._settle(self._window.take_refused())
            if self._window.wants_limit:
                await self._learn_limit()
            if await self._socket.poll(20):
                frames, heard = await self._socket.recv_multipart(), time.monotonic()
                self._settle(self._window.take_reply(frames, heard))
            elif self._window.is_overdue(heard, time.monotonic(), self._answer_s):
                self._window.lost()
                self._connect()
                heard = time.monotonic()

    @staticmethod
    def _settle(receipts: list) -> None:
        for found, receipt in receipts:
            if not found.done():
                found.set_result(receipt)

    async def _learn_limit(self) -> None:
        at = self._desk_at or desk_of(self._endpoint)
        if at is None:
            self._window.learn(self._event_bytes)
            return
        if self._desk is None:
            self._desk = AsyncDesk(at, ASK_S, self._key)
        try:
            limits = (await self._desk.call("status")).get("limits", {})
        except NoAnswer:
            return  # nobody is there yet
        self._window.learn(limits.get("event_bytes", self._event_bytes))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._desk is not None:
            await self._desk.close()
        await super().close()


class AsyncDesk(_Client):
    def __init__(self, endpoint: str, timeout_s: float = 10, key: Optional[str] = None):
        super().__init__(zmq.DEALER, endpoint, key)
        self._timeout_s, self._ids, self._turn = timeout_s, itertools.count(1), asyncio.Lock()

    async def call(self, method: str, **params: Any) -> Dict[str, Any]:
        async with self._turn:
            number = next(self._ids)
            await self._socket.send(pack([0, number, method, [params]]))
            end = time.monotonic() + self._timeout_s
            while await self._socket.poll(max(0, int((end - time.monotonic()) * 1000))):
                kind, answered, error, result = unpack((await self._socket.recv_multipart())[-1])
                if kind != 1 or answered != number:
                    continue
                if error is not None:
                    raise DeskError(**error)
                return result
            self._connect()
            raise NoAnswer(f"the desk gives no answer to {method}")


class AsyncSubscriber(_Client):
    """`async for alert in subscriber.alerts()`; as Subscriber."""

    def __init__(self, feed: str, desk: str, unit: str = "", cursor: int = 0, key: Optional[str] = None):
        self._unit, self._follower, self.silent_s = unit, Follower(cursor), 5.0
        super().__init__(zmq.SUB, feed, key)
        self._desk = AsyncDesk(desk, key=key)

    @property
    def cursor(self) -> int:
        return self._follower.cursor

    def _connect(self) -> None:
        super()._connect()
        self._socket.subscribe(self._unit + "/" if self._unit else "")
        self._socket.subscribe("~heartbeat")

    async def close(self) -> None:
        await self._desk.close()
        await super().close()

    async def alerts(self) -> AsyncIterator[Dict[str, Any]]:
        """Each alert, without an end. What it raises is as of Subscriber."""
        while True:
            given = self._replay() if self._follower.target is not None else self._next()
            async for alert in given:
                yield alert

    async def _next(self) -> AsyncIterator[Dict[str, Any]]:
        if not await self._socket.poll(int(self.silent_s * 1000)):
            self._follower.silence()
            raise NoAnswer("no heartbeat: nobody watches the clocks")
        topic, body = await self._socket.recv_multipart()
        alert = unpack(body)
        if topic == b"~heartbeat":
            self._follower.hears(alert["seq"], time.monotonic())
        elif self._follower.is_next(alert):
            self._follower.begins(alert)
            yield alert
            self._follower.took(alert)

    async def _replay(self) -> AsyncIterator[Dict[str, Any]]:
        follower, params = self._follower, {"unit": self._unit} if self._unit else {}
        try:
            answer = await self._desk.call("feed.replay", after=follower.cursor, limit=REPLAY_ROWS,
                                           min_alert=follower.target, **params)
        except DeskError as error:
            follower.refused(error)
            return
        for row in answer["rows"]:
            if follower.is_new(row):
                yield row
            follower.took_row(row)
        follower.answered(answer["head"])
