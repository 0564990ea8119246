#!/usr/bin/python3
"""The branch month (tools/examples/branch) with kill -9 at random instants: reports, digests, duties, screenings,
rosters. Beside it a daemon that nobody kills takes the same month.

    month.py [--kills N] [--seed S]

Time is that of the events, so both must say the same in the end: every alert with its number, one by one, and every
list of the desk; and redressctl verify agrees. The seed is printed; it makes the month and the choices, though the
kills fall where the machine lets them.
"""
import argparse
import importlib.util
import pathlib
import random
import sys
import threading
import time

WIRE = pathlib.Path(__file__).resolve().parent.parent / "wire"
sys.path.insert(0, str(WIRE))
from harness import WAIT_S, Daemon, Gone, verify  # noqa: E402

LISTS = ("case.list", "timer.list", "duty.list", "round.list", "contract.list", "contact.list", "chase.list",
         "feed.unacked")
BATCH = 200
KILL_AFTER_S = 1.5  # at the most: some kills fall into a start, the others into the seconds that a month takes


def load_recount():
    spec = importlib.util.spec_from_file_location("recount", WIRE / "88-branch.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


class Killer:
    """Kills a daemon some time after each start, as long as kills are left."""

    def __init__(self, chance, kills):
        self.chance, self.left, self.done, self.timer = chance, kills, 0, None

    def watch(self, daemon):
        if self.left > 0:
            self.left -= 1
            self.timer = threading.Timer(self.chance.uniform(0, KILL_AFTER_S), daemon.process.kill)
            self.timer.start()

    def end(self):
        """One that has not fired yet was none."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer.join()


class Fed:
    """A daemon that takes the month, and what it says in the end."""

    def __init__(self, recount, killer):
        text = (recount.BRANCH / "redress.yaml").read_text(encoding="utf-8")
        text = text.replace("@RUN@", "@FOLDER@").replace("@SHARE@", str(recount.ROOT / "daemon/config"))
        self.daemon = Daemon(config=text, args=["--clock", "events"])
        self.killer, self.last = killer, 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.killer.end()
        self.daemon.close(failed=kind is not None)

    def send(self, part):
        """Receipts of all, however often the daemon is killed before it answers."""
        while True:
            intake = self.daemon.intake()
            try:
                receipts = intake.send(*part)
            except Gone:
                self.daemon.kill()
                self.killer.done += 1
                self.start()
                continue
            finally:
                intake.close()
                self.daemon.clients.remove(intake)
            receipts = receipts if isinstance(receipts, list) else [receipts]
            for one, receipt in zip(part, receipts):
                assert receipt["status"] in ("accepted", "duplicate"), (one, receipt)
            self.last = receipts[-1]["seq"]
            return receipts

    def start(self):
        """A kill may fall into the start itself."""
        while True:
            self.daemon.launch()
            self.killer.watch(self.daemon)
            try:
                self.daemon.wait_notify("READY=1")
                return
            except Gone:
                self.killer.done += 1

    def feed(self, events):
        numbers = {}
        self.killer.watch(self.daemon)
        for begin in range(0, len(events), BATCH):
            part = []
            for one in events[begin:begin + BATCH]:
                if one.get("subject", "").startswith("@"):
                    subject, unit = one["subject"][1:].split("/", 1)
                    one = {**one, "subject": f"rectification/{unit}/{numbers[subject]}"}
                part.append(one)
                if one["type"] == "complaint.registered":
                    numbers[one["subject"]], part = self.send(part)[-1]["case"], []
            if part:
                self.send(part)
        self.killer.end()
        if self.daemon.process.poll() is not None:
            self.killer.done += 1
            self.daemon.kill()
            self.daemon.start()

    def said(self):
        desk = self.daemon.desk()
        alert, deadline = desk.reach(self.last)["as_of"]["alert"], time.monotonic() + WAIT_S
        while desk.call("status")["alert_published"] < alert:  # a start publishes what the one before had not
            assert time.monotonic() < deadline, f"alert {alert} is not published"
        return {"alerts": desk.replay(), **{name: desk.rows(name) for name in LISTS}}


def compare(whole, killed):
    """The first that differs is told."""
    for name, rows in whole.items():
        assert rows, f"{name} is empty: nothing was tried"
        for mine, theirs in zip(rows, killed[name]):
            assert mine == theirs, (name, mine, theirs)
        assert len(rows) == len(killed[name]), (name, len(rows), len(killed[name]))


def month(recount, branch, seed, killer):
    events = recount.events(branch, seed)
    with Fed(recount, Killer(None, 0)) as whole, Fed(recount, killer) as killed:
        whole.feed(events)
        killed.feed(events)
        said = whole.said()
        compare(said, killed.said())
        killed.daemon.stop()
        verify(killed.daemon.folder / "state")
    return len(events), len(said["alerts"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"month.py --kills {options.kills} --seed {options.seed}", flush=True)
    recount, done, seed = load_recount(), 0, options.seed
    branch = recount.load()
    while done < options.kills:
        killer = Killer(random.Random(seed), options.kills - done)
        events, alerts = month(recount, branch, seed, killer)
        done += killer.done
        print(f"month {seed}: {events} events, {killer.done} kills, {alerts} alerts the same", flush=True)
        seed += 1
    print(f"{done} kills, nothing lost, nothing twice")


if __name__ == "__main__":
    main()
