"""Runs the engine beside the model: python3 sim.py --host build/…/simhost --seeds 1..60.

A seed decides everything. A difference prints the seed, the step and both sides; --shrink drops
commands while the difference stays.
"""
import argparse
import collections
import random
import sys
import time

import compare
import configs
import msgpack
from generate import Generator
from host import Host, HostDied
from model import known
from model.world import World


class Run:
    """One seed: the model, the host, and the commands so far."""

    def __init__(self, host, versions, coverage):
        self.host = host
        self.versions = versions
        self.coverage = coverage
        self.world = World()
        self.alerts = compare.Alerts(self.world)
        self.commands = []
        host.ask("reset")

    def step(self, command):
        self.commands.append(command)
        getattr(self, "do_" + command[0])(*command[1:])
        if self.world.config is None:
            return
        due = self.host.ask("next", *command[1:3])
        self.same("next due", self.world.next_due(*command[1:3]), due)
        counts = self.host.ask("counts")
        for name, value in self.world.counts().items():
            self.same(name, value, counts[name])

    @staticmethod
    def same(name, mine, theirs):
        if mine != theirs:
            raise compare.Difference(f"{name}: model {mine}, host {theirs}")

    def nothing(self, *command):
        what = self.host.ask(*command)
        if what is not None:
            raise compare.Difference(f"{command[0]}: {what}")

    def do_configure(self, wall, steady, version):
        config = self.versions[version]
        if self.world.config != config:
            self.world.advance(wall, steady)
            self.world.configure(config)
        self.nothing("configure", wall, steady, configs.text(config))

    def do_event(self, wall, steady, grace, name, unit, raw):
        states = {n: c.state for n, c in self.world.cases.items()}
        mine = self.world.event(wall, steady, grace, unit, raw)
        theirs, alerts = self.host.ask("event", wall, steady, grace, name, unit, raw)
        self.cover_event(mine, states, raw)
        if mine["status"] == "rejected" and theirs["status"] != "rejected":
            raise compare.Difference(f"receipt: model {mine}, host {theirs} {compare.plain(alerts)}")
        if mine["status"] != "rejected" and theirs["status"] == "rejected":
            compare.receipt(mine, theirs)
        self.alerts.compare(alerts)
        compare.receipt(mine, theirs)

    def do_tick(self, wall, steady, grace):
        mine = self.world.tick(wall, steady, grace)
        fired, alerts = self.host.ask("tick", wall, steady, grace)
        self.alerts.compare(alerts)
        self.cover_alerts()
        if mine > fired:  # the host also counts a tick that only sweeps stale timers
            raise compare.Difference(f"a tick fires: model {mine}, host {fired}")

    def do_flush(self, wall, steady):
        self.host.ask("flush")

    def do_seal(self, wall, steady):
        self.host.ask("seal")

    def do_crash(self, wall, steady):
        self.nothing("crash")

    def end(self):
        self.nothing("check")
        self.nothing("replay")

    # ---- coverage ----
    def cover_event(self, receipt, states, raw):
        try:
            kind = msgpack.unpackb(raw, timestamp=0)["type"]
        except Exception:
            kind = "?"
        case = self.world.cases.get(receipt.get("case"))
        where = f"{case.kind[0].upper()} {states.get(case.number, '-')}" if case else "-"
        how = receipt["status"]
        if how == "rejected":
            how = receipt["error"]["code"]
        self.coverage[f"{kind} [{where}] {how}"] += 1
        self.cover_alerts()

    def cover_alerts(self):
        for group in self.world.groups:
            for alert in group:
                fields = alert.__dict__
                marks = [name for name in ("late_by", "skipped", "supersedes") if fields.get(name)]
                self.coverage[" ".join(["alert", alert.type, alert.severity] + marks)] += 1


def describe(command):
    if command[0] != "event":
        return str(command)
    try:
        body = compare.plain(msgpack.unpackb(command[6], timestamp=0))
    except Exception:
        body = command[6]
    return f"event wall={command[1]} steady={command[2]} grace={command[3]} unit={command[5]} {body}"


def setup(seed, name, off):
    rng = random.Random(seed)
    chosen = rng.choice(sorted(configs.ALL))
    versions = configs.ALL[name or chosen]()
    return rng, versions, name or chosen, set(off) | set(known.OFF)


def run_seed(host, seed, args, coverage):
    """None, or (what differs, commands)."""
    rng, versions, name, off = setup(seed, args.config, args.off)
    run = Run(host, versions, coverage)
    generator = Generator(rng, run.world, versions, off)
    try:
        for _ in range(args.steps):
            run.step(generator.next())
        run.end()
    except (compare.Difference, HostDied) as error:
        return name, str(error), run.commands
    return None


def replay(host, versions, commands):
    """What differs, or None."""
    if host.process is None:
        host.start()
    run = Run(host, versions, collections.Counter())
    try:
        for command in commands:
            run.step(command)
        run.end()
    except (compare.Difference, HostDied) as error:
        return str(error)
    except Exception:  # a command that makes no sense without those dropped
        return None
    return None


def kind_of(what):
    return what.split("\n")[0].split(":")[0]


def shrink(host, versions, commands, what):
    """Drops what can go while the same kind of difference stays."""
    size = len(commands) // 2
    while size >= 1:
        at = 1  # the first one configures
        while at < len(commands):
            fewer = commands[:at] + commands[at + size:]
            found = replay(host, versions, fewer)
            if found is not None and kind_of(found) == kind_of(what):
                commands, what = fewer, found
            else:
                at += size
        size //= 2
    return commands, what


def parse_seeds(text):
    first, _, last = text.partition("..")
    return range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True, help="the program simhost")
    parser.add_argument("--seeds", default="1..20", type=parse_seeds, help="A..B")
    parser.add_argument("--steps", default=150, type=int, help="commands a seed")
    parser.add_argument("--config", choices=sorted(configs.ALL), help="only this configuration")
    parser.add_argument("--off", action="append", default=[], help="an operation to leave out")
    parser.add_argument("--shrink", action="store_true", help="the shortest run that still differs")
    parser.add_argument("--keep-going", action="store_true", help="all seeds, also after a failure")
    parser.add_argument("--coverage", action="store_true", help="what was met, and how often")
    args = parser.parse_args()
    host, coverage, failed, began = Host(args.host), collections.Counter(), 0, time.monotonic()
    for seed in args.seeds:
        if host.process is None:
            host.start()
        found = run_seed(host, seed, args, coverage)
        if found is None:
            continue
        failed += 1
        name, what, commands = found
        if args.shrink:
            _, versions, _, _ = setup(seed, args.config, args.off)
            commands, what = shrink(host, versions, commands, what)
            for command in commands:
                print("   ", describe(command))
        off = "".join(f" --off {one}" for one in args.off)
        print(f"seed {seed} ({name}), step {len(commands)}: {what}")
        print(f"  after: {describe(commands[-1])}")
        print(f"  again: sim.py --host {args.host} --seeds {seed} --steps {args.steps}{off}"
              + (f" --config {args.config}" if args.config else ""), flush=True)
        if not args.keep_going:
            break
    if args.coverage:
        for name in sorted(coverage):
            print(f"{coverage[name]:7} {name}")
    host.stop()
    seeds = args.seeds
    print(f"seeds {seeds.start}..{seeds.stop - 1}: {failed} failed, "
          f"{time.monotonic() - began:.1f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
