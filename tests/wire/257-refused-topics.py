#!/usr/bin/python3
"""Refused subscriptions are counted from each start on, also from one in the same process (an erasure's)."""
from erasing import erased
from harness import complaint, event, run
from locked import Locked, logged


def test_the_count_of_refused_subscriptions_begins_anew():
    with Locked() as locked:
        feed = locked.feed("d3", "xj/yining/")
        logged(locked.daemon, "subscriptions were refused", "refused=1", 'client="d3"')
        locked.intake("crm").accept(complaint("s", customer="c-257"))  # what is not there closes no door
        gone = locked.intake("ops").accept(event("customer.forgotten", data={"customer": "c-257"}))
        feed.socket.close()
        erased(locked.daemon, lambda: locked.desk("ops"), gone["seq"])
        locked.feed("d3", "xj/yining/")
        desk = locked.desk("ops")
        for _ in range(5000):
            if desk.call("metrics")["counters"]["subscriptions_refused"] == 2:
                break
        lines = [line for line in locked.daemon.log().splitlines() if "subscriptions were refused" in line]
        assert lines and all("refused=1" in line.split() for line in lines), lines


run(globals())
