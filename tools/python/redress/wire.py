"""What passes: events, receipts, questions; and what to do with a receipt. No sockets."""
from __future__ import annotations

import datetime
import os
import re
import stat
import uuid
from typing import Any, Dict, List, Optional, Tuple, Union

import msgpack

Event = Dict[str, Any]
Receipt = Dict[str, Any]
ANSWER_S = 5.0  # without an answer for so long: connect anew, the same ids again
BATCH = 64
WINDOW = 1024
SURE_BYTES = 4096  # four times the least limits.event_bytes: always answered
CUT_BYTES = 4 * 65536  # what a daemon of default limits.event_bytes still answers; more cuts the peer off
MESSAGE_BYTES = 16 << 20  # of several events; the daemon cuts off at 64 MiB
ASK_S = 1.0  # a question for the limit, before receipts are looked at again


def keys_of(path: Optional[str], endpoint: str) -> Optional[Tuple[bytes, bytes]]:
    """The secret key of this program and the public one of the daemon, for a tcp endpoint: from a file
    of two lines as `redressctl keygen` writes it, or from REDRESS_KEY's."""
    path = path or os.environ.get("REDRESS_KEY") or None
    if path is None or not endpoint.startswith("tcp://"):
        return None
    with open(path, "rb") as file:
        about, text = os.fstat(file.fileno()), file.read(256)
    if not stat.S_ISREG(about.st_mode) or about.st_mode & stat.S_IRWXO:
        raise ValueError(f"{path}: a key that everybody may read is none: chmod 600")
    lines = text.split()
    if len(lines) != 2 or any(len(line) != 40 for line in lines):
        raise ValueError(f"{path}: not a file of two keys, this program's secret one and the daemon's "
                         f"public one, 40 characters each")
    return lines[0], lines[1]


def desk_of(intake: str) -> Optional[str]:
    """The desk beside an intake on ipc; None: it has none, or stands alone."""
    at = intake[len("ipc://"):] if intake.startswith("ipc://") else ""
    desk = re.sub(r"/intake$", "/desk", at)
    is_alone = os.path.exists(at) and not os.path.exists(desk)
    return None if desk == at or is_alone else f"ipc://{desk}"


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
        self.limit: Optional[int] = None  # bytes of an event; None: the next one is held until it is known
        self.wants_limit = False
        self.is_fresh = False  # told since next_message() last found nothing to send: good to refuse by
        self.refused: List[tuple] = []  # (context, receipt) of events over it

    def __len__(self) -> int:
        return len(self.waiting) + sum(len(part) for _, part in self.messages)

    def is_full(self) -> bool:
        return len(self) >= self.size

    def put(self, made: Event, context: Any = None) -> None:
        self.waiting.append({"id": made.get("id"), "raw": pack(made), "context": context})

    def next_message(self, now: float) -> Optional[List[bytes]]:
        """Frames to send now, or None."""
        part: List[dict] = []
        self.wants_limit, total = False, 0
        while self.waiting and now >= self.not_before and len(part) < self.batch:
            size = len(self.waiting[0]["raw"])
            total += size
            is_over = size > SURE_BYTES and (self.limit is None or size > self.limit)
            self.wants_limit = is_over and not self.is_fresh
            if self.wants_limit or (part and total > MESSAGE_BYTES):
                break
            one = self.waiting.pop(0)
            if is_over:
                self.refused.append((one["context"], self._too_large(one)))
            else:
                part.append(one)
        if not part:
            self.is_fresh = False
            return None
        self.last += 1
        number = pack(self.last)  # no map, so it is not taken for an event
        self.messages.append((number, part))
        return [number, b"", *(one["raw"] for one in part)]

    def learn(self, limit: int) -> None:
        self.limit, self.is_fresh = limit, True

    def _too_large(self, one: dict) -> Receipt:
        """As the daemon answers an event that is not four times too large; that one it cannot answer."""
        return {"id": one["id"], "status": "rejected", "error": {
            "code": "too_large", "field": None,
            "message": f"the event has {len(one['raw'])} bytes, the daemon takes at most {self.limit} "
                       f"(limits.event_bytes)"}}

    def take_refused(self) -> List[tuple]:
        """(context, receipt) of each event that was not sent, as it is over the limit."""
        taken, self.refused = self.refused, []
        return taken

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
        self.limit, self.is_fresh = None, False  # the daemon may come back with another one

    def is_overdue(self, heard: float, now: float, answer_s: float) -> bool:
        """Whether to give the connection up: after answer_s, and twice as long with each one that
        brought no reply, since a daemon that has more than it can do still takes what came by it."""
        patience_s = min(answer_s * 2 ** min(self.unanswered, 4), 60.0)
        return bool(self.messages) and now - heard > max(answer_s, patience_s)
