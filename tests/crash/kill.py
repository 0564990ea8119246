#!/usr/bin/python3
"""kill -9 at random instants under load, and a ledger of every receipt and alert.

    kill.py [--kills N] [--seed S]

Three senders keep a window of messages on the way: one by id, one by sequence, and a unit that
works the cases and acknowledges alerts. Some kills fall into a start. After each, what was not
answered is sent again. At the end the ledger is held against the journal, the alerts and the cases:
nothing that was accepted is lost or there twice, what was rejected lies among the dead letters, no
alert number has two bodies, every chain is whole, no timer fired early or twice, and redressctl
verify agrees. The seed is printed; with --seed the same choices are made,
though the kills fall where the machine lets them.
"""
import argparse
import collections
import datetime
import pathlib
import random
import select
import sys
import time

import msgpack
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))
from harness import (UNITS, WAIT_S, Daemon, complaint, contact, event, pack,  # noqa: E402
                     unpack, verify)

WINDOW = 24  # messages of a sender on the way
REMEMBERED = 4096  # sequences of a source that are known again
# Service limits run on the steady scale, alerts and openings are told on the wall's: between two
# readings of them lie microseconds, and the wall may be slewed.
SCALES_APART = datetime.timedelta(milliseconds=5)
OF_NOW, OF_A_CHECKPOINT = 1, 2  # the numbers of the questions that are asked under way

RULES = """\
assessment:
  rules: [{code: regulator, match: {channel: [regulator]}, points: 60, actions: [call back]}]
  windows:
    - {code: often, key: customer, types: [complaint.registered], days: 7, count: 5, points: 40,
       pattern: {notify: xj/consumer, severity: high}}
policies:
  - name: first-contact
    match: {kind: contact}
    clocks: [{name: defuse, limit: 2s, reminders: [{at: 50%}],
              on_breach: {notify: [parent, xj/consumer], severity: high}}]
    ladder:
      until: customer_contacted
      rungs:
        - {after: 0m, notify: [unit], severity: high, ack_within: 40s}
        - {after: 1s, notify: [parent], severity: high}
        - {after: 3s, notify: ["ancestor: 2", xj/consumer], severity: critical}
  - name: default
    match: {}
    clocks: [{name: answer, stop: decided, limit: 3s, on_breach: {notify: [parent], severity: high}}]
    ladder:
      until: decided
      rungs:
        - {after: 0m, notify: [unit], severity: info}
        - {after: 2s, notify: [parent], severity: high, ack_within: 1s, renotify: {every: 2s, times: 2}}
        - {after: 9s, notify: [xj/consumer], severity: critical}
alerts: {language: en, mask: {customer: last4}}
"""
# kind of case -> rung -> seconds after the opening
RUNGS = {"contact": {1: 0, 2: 1, 3: 3}, "complaint": {1: 0, 2: 2, 3: 3}}  # 3: a second unanswered


class Ledger:
    """What was sent, what was answered, and every alert that was seen."""

    def __init__(self):
        self.sent = {}  # (source, id) -> bytes
        self.accepted = {}  # (source, id) -> (seq, case)
        self.by_seq = {}
        self.rejected = set()
        self.alerts = {}  # seq -> bytes
        self.receipts = self.duplicates = self.repeated = 0

    def receipt(self, made, receipt):
        key = (made["source"], made["id"])
        status = receipt["status"]
        self.receipts += 1
        assert receipt["id"] == made["id"], (receipt, key)
        if made["type"] == "no.such":
            assert status == "rejected" and receipt["error"]["code"] == "unknown_type", receipt
            self.rejected.add(key)
            return
        assert status in ("accepted", "duplicate"), (made, receipt)
        self.duplicates += status == "duplicate"
        assert status == "duplicate" or key not in self.accepted, ("taken twice", made, receipt)
        now = (receipt["seq"], receipt.get("case"))
        assert self.accepted.setdefault(key, now) == now, (made, receipt, self.accepted[key])
        assert self.by_seq.setdefault(receipt["seq"], key) == key, (receipt, key)

    def alert(self, body):
        number = unpack(body)["seq"]
        known = self.alerts.setdefault(number, body)
        self.repeated += known is not body
        assert known == body, ("one number, two bodies", unpack(known), unpack(body))


class Sender:
    """A DEALER with messages on the way; what a kill leaves unanswered goes first afterwards."""

    def __init__(self, name, ledger, rng):
        self.name, self.ledger, self.rng = name, ledger, rng
        self.socket, self.count = None, 0
        self.on_way, self.again = collections.deque(), collections.deque()

    def begin(self, daemon):
        self.socket = daemon.context.socket(zmq.DEALER)
        # What waits here must not reach the next life before what was lost on the way: it never
        # connects again. Closed at once (linger 0) with half a message sent to the dead peer,
        # libzmq 4.3.4 aborts (session_base.cpp:260, EAGAIN).
        self.socket.setsockopt(zmq.RECONNECT_IVL, -1)
        self.socket.connect(daemon.endpoint("intake"))

    def end(self):
        while self.socket.poll(0):  # what was on its way when it died
            self.take()
        for message in reversed(self.on_way):
            self.again.extendleft(reversed(message))
        self.on_way.clear()
        self.socket.close(linger=100)

    def fill(self):
        while len(self.on_way) < WINDOW:
            message = []
            for _ in range(self.rng.randrange(1, 9)):
                made = self.again.popleft() if self.again else self.make()
                if made is not None:
                    message.append(made)
            if not message:
                return
            for made in message:
                self.ledger.sent[made["source"], made["id"]] = pack(made)
            self.socket.send_multipart(list(map(pack, message)))
            self.on_way.append(message)

    def take(self):
        receipts = [unpack(frame) for frame in self.socket.recv_multipart()]
        message = self.on_way.popleft()
        assert len(receipts) == len(message), (len(receipts), len(message))
        for made, receipt in zip(message, receipts):
            self.ledger.receipt(made, receipt)
            self.answered(made, receipt)

    def answered(self, made, receipt):
        pass


class Opener(Sender):
    """Opens cases and writes notes on them, with sequences or without."""

    def __init__(self, name, ledger, rng, unit, is_numbered):
        super().__init__(name, ledger, rng)
        self.unit, self.is_numbered = unit, is_numbered
        self.opened = collections.deque(maxlen=200)

    def make(self):
        self.count += 1
        pick = self.rng.randrange(10)
        subject = f"{self.name}-{self.count}"
        if pick < 3:
            made = contact(subject, customer=f"{self.name}-k{self.count}")
        elif pick < 5:
            made = complaint(subject, customer=f"q{self.count % 97:04}")
        elif pick < 9 and self.opened:
            made = event("case.noted", subject=self.rng.choice(self.opened),
                         data={"by": "li", "text": f"note {self.count}"})
        elif not self.is_numbered:
            made = event("no.such", data={})
        else:
            made = complaint(subject, customer=f"q{self.count % 97:04}")
        made |= {"id": f"{self.name}-{self.count}", "source": self.name}
        return made | ({"sequence": self.count} if self.is_numbered else {})

    def answered(self, made, receipt):
        if made["type"] in ("contact.received", "complaint.registered"):
            self.opened.append(made["subject"])
            if self.rng.randrange(2):
                self.unit.todo.append(made)


class Unit(Sender):
    """Works half of the cases to their end, and acknowledges alerts that it read."""

    def __init__(self, name, ledger, rng):
        super().__init__(name, ledger, rng)
        self.todo, self.seen = collections.deque(), collections.deque(maxlen=500)
        self.steps = collections.deque()

    def make(self):
        self.count += 1
        made = None
        if not self.steps and self.todo:
            subject, kind = (lambda one: (one["subject"], one["type"]))(self.todo.popleft())
            self.steps.append(("case.customer_contacted", subject, {"by": "wang"}))
            if kind == "complaint.registered":
                self.steps.append(("case.decided", subject, {"outcome": "upheld"}))
            if self.rng.randrange(2):
                self.steps.append(("case.closed", subject, {"resolution": "done"}))
        if self.steps and self.rng.randrange(3):
            kind, subject, data = self.steps.popleft()
            made = event(kind, subject=subject, data=data)
        elif self.seen:
            made = event("alert.acknowledged", data={"by": "wang", "alert": self.seen.popleft()})
        return made and made | {"id": f"{self.name}-{self.count}", "source": self.name}


class Never(random.Random):
    """Chooses never to ask the desk: a life without a hurried checkpoint."""

    def randrange(self, *_):
        return 1


class Reader:
    """The subscriber of one life after the other."""

    def __init__(self, ledger, unit):
        self.ledger, self.unit, self.client = ledger, unit, None

    def begin(self, daemon):
        self.client = daemon.context.socket(zmq.SUB)
        self.client.linger = 0
        self.client.subscribe("xj/")
        self.client.subscribe("~ops/")
        self.client.connect(daemon.endpoint("feed"))

    def take(self):
        while self.client.poll(0):
            topic, body = self.client.recv_multipart()
            self.ledger.alert(body)
            alert = unpack(body)
            assert topic.decode() == f"{alert['unit']}/{alert['type']}", (topic, alert)
            if "ack_by" in alert:
                self.unit.seen.append(alert["seq"])

    def end(self):
        self.take()
        self.client.close(0)


def ask(daemon, desk, ledger):
    """Asks the desk for what was answered last, fresh and of a checkpoint: that hurries one for the kill to
    fall into. A checkpoint may come too late for a question, or nine of them wait: then it is not_yet."""
    last = max(ledger.by_seq, default=0)
    while desk.socket.poll(0):
        kind, msgid, error, answer = unpack(desk.socket.recv())
        if error is not None and (msgid, error["code"]) == (OF_A_CHECKPOINT, "not_yet"):
            continue
        assert kind == 1 and error is None and answer["as_of"]["seq"] <= last + 10000, error
    desk.socket.send(pack([0, OF_NOW, "status", [{}]]))
    desk.socket.send(pack([0, OF_A_CHECKPOINT, "status", [{"min_seq": last, "stale": True}]]))


def live(daemon, senders, reader, span_s, asking):
    """Load for so long, then kill -9 while it goes on."""
    desk = daemon.desk()
    reader.begin(daemon)
    poller = zmq.Poller()
    poller.register(reader.client, zmq.POLLIN)
    by_socket = {}
    for sender in senders:
        sender.begin(daemon)
        poller.register(sender.socket, zmq.POLLIN)
        by_socket[sender.socket] = sender
    until = time.monotonic() + span_s
    while (left := until - time.monotonic()) > 0:
        for sender in senders:
            sender.fill()
        if asking.randrange(20) == 0:
            ask(daemon, desk, senders[0].ledger)
        for ready, _ in poller.poll(max(1, left * 1000)):
            if ready in by_socket:
                by_socket[ready].take()
            else:
                reader.take()
    daemon.kill()
    for sender in senders:
        sender.end()
    reader.end()
    desk.close()


def kill_in_a_start(daemon, rng):
    """Starts it and kills it before, while or just after it is ready."""
    daemon.drain_notify()
    daemon.launch()
    select.select([daemon.notify], [], [], rng.uniform(0, 0.15))
    daemon.kill()


def settle(daemon, senders):
    """Everything that is still unanswered, until all of it is answered."""
    for sender in senders:
        sender.begin(daemon)
        sender.make = lambda: None
    deadline = time.monotonic() + WAIT_S
    while any(sender.again or sender.on_way for sender in senders):
        assert time.monotonic() < deadline, "no answer"
        for sender in senders:
            sender.fill()
            while sender.socket.poll(20):
                sender.take()


def replayed(desk, goal):
    """Every alert's bytes as feed.replay gives them."""
    bodies, after = [], 0
    while after < goal:
        desk.socket.send(pack([0, 1, "feed.replay", [{"after": after, "limit": 5000}]]))
        frame = desk.receive()[-1]
        answer = msgpack.Unpacker(timestamp=3, max_buffer_size=0)
        answer.feed(frame)
        answer.read_array_header()
        assert [answer.unpack() for _ in range(3)] == [1, 1, None]
        head = None
        for _ in range(answer.read_map_header()):
            key = answer.unpack()
            if key == "rows":
                for _ in range(answer.read_array_header()):
                    begin = answer.tell()
                    answer.skip()
                    bodies.append(frame[begin:answer.tell()])
            elif key == "head":
                head = answer.unpack()
            else:
                answer.skip()
        assert head > after, (head, after)
        after = head
    return bodies


def check_journal(desk, ledger, last):
    """Numbers 1..last without holes; what was accepted lies there, once, byte for byte."""
    rows = desk.rows("journal.read", limit=5000)
    assert [row["seq"] for row in rows] == list(range(1, last + 1)), (len(rows), last)
    found = {}
    for row in rows:
        key = (row["source"], row["id"])
        assert key not in found, ("in the journal twice", key, row["seq"], found[key])
        found[key] = row["seq"]
        assert row["event"] == ledger.sent[key], key
    for key, (seq, _) in ledger.accepted.items():
        assert found.get(key) == seq, ("lost, or under another number", key, seq, found.get(key))
    assert not ledger.rejected & set(found)
    assert len(found) == len(ledger.accepted), (len(found), len(ledger.accepted))


def check_duplicates(daemon, ledger, rng, numbered, last_number):
    """A sample of what was accepted is sent again."""
    keys = [key for key in ledger.accepted
            if key[0] != numbered or int(key[1].split("-")[1]) > last_number - REMEMBERED]
    keys = rng.sample(keys, min(len(keys), 4000))
    intake = daemon.intake()
    for begin in range(0, len(keys), 500):
        part = keys[begin:begin + 500]
        intake.post(*[ledger.sent[key] for key in part])
        for key, receipt in zip(part, intake.receipts()):
            assert receipt["status"] == "duplicate", (key, receipt)
            assert (receipt["seq"], receipt.get("case")) == ledger.accepted[key], (key, receipt)
    return len(keys)


def check_alerts(bodies, ledger):
    """One body a number, also with what a subscriber saw; whole chains."""
    alerts = [unpack(body) for body in bodies]
    numbers = [alert["seq"] for alert in alerts]
    assert numbers == sorted(set(numbers)), "numbers rise"
    by_number = dict(zip(numbers, bodies))
    for number, body in ledger.alerts.items():
        assert by_number.get(number) == body, (unpack(body), by_number.get(number))
    last = {}
    for alert in alerts:
        assert alert["prev"] == last.get(alert["unit"], 0), alert
        last[alert["unit"]] = alert["seq"]
        assert alert.get("customer", "****").startswith("****"), alert
    return alerts


def check_timers(alerts, cases):
    """No rung, reminder or breach twice, none before its time, none after the case was closed."""
    done = set()
    for alert in alerts:
        if "case" not in alert:
            continue
        case = cases[alert["case"]]
        if alert["type"] in ("ladder.rung", "warning.first_contact"):
            what = ("rung", alert["rung"])
            due = case["opened"] + datetime.timedelta(seconds=RUNGS[case["kind"]][alert["rung"]])
        elif alert["type"] in ("clock.reminder", "clock.breach"):
            what, due = (alert["type"], alert["clock"]), alert["due"]
            if alert["type"] == "clock.reminder":
                due = case["opened"] + datetime.timedelta(seconds=1)
        else:
            continue
        key = (alert["case"], alert["unit"], *what)
        assert key not in done, ("twice", alert)
        done.add(key)
        assert alert["time"] >= due - SCALES_APART, ("early", alert, due)
        assert "closed" not in case or alert["time"] <= case["closed"], ("closed", alert, case)
    return len(done)


def check(daemon, ledger, rng, numbered, last_number):
    desk = daemon.desk()
    last = max(ledger.by_seq)
    status = desk.reach(last)
    assert status["seq"] == last, (status["seq"], last)
    proof = desk.call("check")
    assert proof["faults"] == 0, proof
    check_journal(desk, ledger, last)
    again = check_duplicates(daemon, ledger, rng, numbered, last_number)
    daemon.stop()  # no timer moves while alerts and cases are compared
    daemon.start()
    desk = daemon.desk()
    letters = {row["id"] for row in desk.rows("dead.list", limit=5000)}
    lost = {name for _, name in ledger.rejected} - letters
    assert not lost, ("dead letters lost", lost)
    alert = desk.call("status")["alert_published"]
    alerts = check_alerts(replayed(desk, alert), ledger)
    cases = {row["case"]: row for row in desk.rows("case.list", limit=5000, min_alert=alert)}
    timers = check_timers(alerts, cases)
    assert desk.call("check")["faults"] == 0
    return len(alerts), len(cases), timers, again


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=25)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = options.parse_args()
    print(f"kill.py --kills {options.kills} --seed {options.seed}", flush=True)
    rng, ledger = random.Random(options.seed), Ledger()
    unit = Unit("desk", ledger, random.Random(rng.random()))
    senders = [Opener("crm", ledger, random.Random(rng.random()), unit, False),
               Opener("line", ledger, random.Random(rng.random()), unit, True), unit]
    reader = Reader(ledger, unit)
    begun, in_starts = time.monotonic(), 0
    with Daemon(start=False, units=UNITS, rules=RULES) as daemon:
        for _ in range(options.kills):
            if rng.randrange(5) == 0:
                kill_in_a_start(daemon, rng)
                in_starts += 1
                continue
            daemon.drain_notify()
            daemon.start()
            live(daemon, senders, reader, rng.uniform(0.01, 0.4), rng if rng.randrange(3) else Never())
        daemon.drain_notify()
        daemon.start()
        line = senders[1].count
        settle(daemon, senders)
        alerts, cases, timers, again = check(daemon, ledger, rng, "line", line)
        assert daemon.stop() == 0
        verify(daemon.folder / "state")
    print(f"{options.kills} kills, {in_starts} of them in a start: {len(ledger.accepted)} accepted "
          f"({ledger.duplicates} answered as duplicates), {again} sent again, {cases} cases, "
          f"{alerts} alerts ({len(ledger.alerts)} seen, {ledger.repeated} of them again), "
          f"{timers} timers' alerts, {len(ledger.rejected)} dead letters, "
          f"0 faults, verified, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
