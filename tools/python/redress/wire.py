"""What passes: events, receipts, questions; and what to do with a receipt. No sockets."""
from __future__ import annotations

import datetime
import uuid
from typing import Any, Dict, List, Optional, Tuple, Union

import msgpack

Event = Dict[str, Any]
Receipt = Dict[str, Any]
ANSWER_S = 5.0  # without an answer for so long: connect anew, the same ids again
BATCH = 64
WINDOW = 1024


class Rejected(Exception):
    """The daemon will not take this event; `receipt["error"]` says why."""

    def __init__(self, receipt: Receipt):
        error = receipt.get("error", {})
        super().__init__(f"{error.get('code')} {error.get('field') or ''}: {error.get('message')}")
        self.receipt = receipt


class NoAnswer(Exception):
    """Nobody answered in the time given. An event may have been taken: send it under its id again."""


class DeskError(Exception):
    """The desk's answer was an error."""

    def __init__(self, code: str, message: str, **more: Any):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.more = code, message, more


class Ahead(Exception):
    """The cursor is the number of an alert that the daemon has not sent: it is another daemon, or its
    state is older than the cursor. What it sends now would pass for known; begin with another cursor."""

    def __init__(self, cursor: int):
        super().__init__(f"the daemon has no alert #{cursor}: it is another one, or its state is older "
                         "than this cursor")
        self.cursor = cursor


def event(type: str, source: str, subject: Optional[str] = None, id: Optional[str] = None,
          time: Union[datetime.datetime, str, None] = None, data: Optional[Dict[str, Any]] = None,
          **more: Any) -> Event:
    """An event. Without `id` it gets one of its own: keep the event, and send the same again."""
    if isinstance(time, datetime.datetime) and time.tzinfo is None:
        raise ValueError("a time without a zone: say datetime.now(timezone.utc)")
    return {"specversion": "1.0", "id": id or str(uuid.uuid4()), "source": source, "type": type,
            "subject": subject, "time": time, "data": data or {}, **more}


def pack(value: Any) -> bytes:
    """MessagePack; datetimes become timestamps."""
    return msgpack.packb(value, datetime=True)


def unpack(raw: bytes) -> Any:
    return msgpack.unpackb(raw, timestamp=3)


class Window:
    """Events on their way, in the order they were given: what is to be sent next, and what an answer
    settles. The sockets are the caller's."""

    def __init__(self, size: int = WINDOW, batch: int = BATCH):
        self.size, self.batch = size, batch
        self.waiting: List[dict] = []  # to be sent, again or for the first time
        self.messages: List[Tuple[bytes, List[dict]]] = []  # sent: number and events, unanswered
        self.last = 0  # number of a message
        self.unanswered = 0  # connections given up since the last reply
        self.not_before = 0.0  # a busy daemon's retry_after, on the caller's clock

    def __len__(self) -> int:
        return len(self.waiting) + sum(len(part) for _, part in self.messages)

    def is_full(self) -> bool:
        return len(self) >= self.size

    def put(self, made: Event, context: Any = None) -> None:
        self.waiting.append({"id": made.get("id"), "raw": pack(made), "context": context})

    def next_message(self, now: float) -> Optional[List[bytes]]:
        """Frames to send now, or None."""
        if not self.waiting or now < self.not_before:
            return None
        part, self.waiting = self.waiting[:self.batch], self.waiting[self.batch:]
        self.last += 1
        number = pack(self.last)  # no map, so it is not taken for an event
        self.messages.append((number, part))
        return [number, b"", *(one["raw"] for one in part)]

    def take_reply(self, frames: List[bytes], now: float) -> List[tuple]:
        """(context, receipt) of each event that is settled.

        A reply has the number of its message in front. Replies come in the order of messages, so
        what stands before that one got none: it went with a daemon that died while ZeroMQ kept the
        socket, and is sent again. A reply to no message is one to what was sent again meanwhile.
        """
        for at, (number, part) in enumerate(self.messages):
            if frames[0] == number and len(frames) == 2 + len(part):
                break
        else:
            return []
        self.unanswered = 0
        receipts = [unpack(frame) for frame in frames[2:]]
        skipped = [one for _, lost in self.messages[:at] for one in lost]
        self.messages = self.messages[at + 1:]
        settled, again = [], []
        for one, receipt in zip(part, receipts):
            if receipt["status"] == "busy":
                again.append(one)
                self.not_before = now + receipt.get("retry_after", 50) / 1000
            else:
                settled.append((one["context"], receipt))
        self.waiting = skipped + again + self.waiting
        return settled

    def lost(self) -> None:
        """The connection went: everything unanswered is sent again, under its ids."""
        self.waiting = [one for _, part in self.messages for one in part] + self.waiting
        self.messages = []
        self.unanswered += 1

    def is_overdue(self, heard: float, now: float, answer_s: float) -> bool:
        """Whether to give the connection up: after answer_s, and twice as long with each one that
        brought no reply, since a daemon that has more than it can do still takes what came by it."""
        patience_s = min(answer_s * 2 ** min(self.unanswered, 4), 60.0)
        return bool(self.messages) and now - heard > max(answer_s, patience_s)
