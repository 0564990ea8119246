#!/usr/bin/python3
"""A key that is taken out under load (redressd(8), "KEYS"): from the line in the log on nothing more goes to it, and
the others miss none of 10,000 alerts."""
import threading

from harness import complaint, run, unpack
from locked import CLIENTS, Locked, logged

ALERTS, BATCH, RELOAD_AT = 10_000, 100, 3_000
HEARS = "{name: NAME, roles: [unit], units: [xj/yining], sources: [desk-yining]}"
THREE = {**CLIENTS, **{name: HEARS.replace("NAME", name) for name in ("one", "two", "gone")}}


class Reader(threading.Thread):
    """Takes what a subscriber gets, until the load's last alert is there or nothing more comes."""

    def __init__(self, feed):
        super().__init__(daemon=True)
        self.feed, self.numbers, self.is_over = feed, [], threading.Event()
        self.take(feed.pending)
        self.start()

    def take(self, alerts):
        for _, alert in alerts:
            if alert.get("subject", "").startswith("r-"):
                self.numbers.append(int(alert["subject"][2:]))

    def run(self):
        while not self.is_over.is_set():
            if self.feed.socket.poll(100):
                topic, body = self.feed.socket.recv_multipart()
                if topic != b"~heartbeat":
                    self.take([(topic, unpack(body))])
                if self.numbers and self.numbers[-1] == ALERTS - 1:
                    return


def test_nothing_goes_to_it_and_the_others_miss_nothing():
    with Locked(clients=THREE) as locked:
        readers = {name: Reader(locked.feed(name, "xj/yining/")) for name in ("one", "two", "gone")}
        sender = locked.intake("crm")
        shut = None  # the first complaint that was sent after the log said so
        for first in range(0, ALERTS, BATCH):
            if first == RELOAD_AT:
                locked.write({name: rights for name, rights in THREE.items() if name != "gone"})
                reloaded = threading.Thread(target=locked.daemon.reload)
                reloaded.start()
            sender.accept(*[complaint(f"r-{n}", unit="xj/yining", customer=f"c-{n}")
                            for n in range(first, first + BATCH)])
            if first > RELOAD_AT and shut is None and "a peer was cut off" in locked.daemon.log():
                logged(locked.daemon, "a peer was cut off", "client=\"gone\"", "its key was taken out")
                shut = first + BATCH
        reloaded.join()
        assert shut is not None and shut < ALERTS, shut
        for name in ("one", "two"):
            readers[name].join(120)
            assert readers[name].numbers == list(range(ALERTS)), (name, len(readers[name].numbers))
        readers["gone"].is_over.set()  # the others have the last alert: what was sent to it is there
        readers["gone"].join(10)
        heard = readers["gone"].numbers
        assert heard == list(range(len(heard))) and RELOAD_AT // 2 < len(heard) <= shut, (len(heard), shut)


if __name__ == "__main__":
    run(globals())
