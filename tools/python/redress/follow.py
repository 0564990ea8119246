"""What to give of a feed, and when to ask the desk: redress-protocol(7), "Catching up". No sockets."""
from __future__ import annotations

from typing import Any, Dict, Optional

from .wire import Ahead, DeskError

Alert = Dict[str, Any]
ASK_EVERY_S = 10.0  # an idle subscriber that lags the heartbeat
REPLAY_ROWS = 1000


class Follower:
    """Everything up to `cursor` was dealt with. Of what came live beyond it the last number is kept
    for each unit, since `prev` links the alerts of one unit; units from which nothing came may lack
    some, so that only the desk moves the cursor over a number that did not come.

    `target` is the number up to which the desk is to be asked now, or None.
    """

    def __init__(self, cursor: int):
        self.cursor, self.target = cursor, None  # type: int, Optional[int]
        self._seen: Dict[str, int] = {}
        self._waits = True  # for a heartbeat: until one came nobody knows what was missed
        self._asked_s = 0.0
        self._told = cursor  # what this daemon must have: the cursor first, then its own heartbeats
        self._doubts = False  # whether it has

    def hears(self, seq: int, now_s: float) -> None:
        """A heartbeat, with the number of the last alert."""
        if seq < self._told:
            self._doubts, self.target = True, self._told
        elif seq > self.cursor and (self._waits or now_s - self._asked_s >= ASK_EVERY_S):
            self.target = seq
        if self.target is not None:
            self._asked_s = now_s
        self._told, self._waits = seq, False

    def silence(self) -> None:
        """No heartbeat: the next one tells what was missed."""
        self._waits = True

    def is_next(self, alert: Alert) -> bool:
        """Whether one that came live is to be given. What is not comes by the desk, or came."""
        if self._waits or self.target is not None:
            return False
        last = max(self.cursor, self._seen.get(alert["unit"], 0))
        if alert["seq"] > last and alert.get("prev", 0) > last:
            self.target = alert["seq"]
            return False
        return alert["seq"] > last

    def begins(self, alert: Alert) -> None:
        """It is given. Where its reader stops in the middle of it, it is to be asked for again."""
        self.target = max(self.target or 0, alert["seq"])

    def took(self, alert: Alert) -> None:
        """A live one was dealt with."""
        self.target = None
        if alert["seq"] == self.cursor + 1:
            self.cursor = alert["seq"]
        else:
            self._seen[alert["unit"]] = alert["seq"]

    def is_new(self, row: Alert) -> bool:
        """Whether a row of feed.replay was not given live before."""
        return row["seq"] > max(self.cursor, self._seen.get(row["unit"], 0))

    def took_row(self, row: Alert) -> None:
        self.cursor = max(self.cursor, row["seq"])

    def answered(self, head: int) -> None:
        """The rows of an answer were dealt with: all is told up to its `head`."""
        before, self._doubts = self.cursor, False
        self.cursor = max(self.cursor, head)
        if self.cursor >= (self.target or 0):
            self.target = None
        elif self.cursor == before:  # what there is is not told yet: the next heartbeat asks again
            self.target, self._waits = None, True
        self._seen = {unit: seq for unit, seq in self._seen.items() if seq > self.cursor}

    def refused(self, error: DeskError) -> None:
        """The desk's answer was an error."""
        if error.code != "not_yet":
            raise error
        told, self.target, self._waits = self.target, None, True
        if self._doubts:
            self._told = told or 0
            raise Ahead(self.cursor)
