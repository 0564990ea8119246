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
from model import figures, lifecycle
from model.marks import MARKS, mark
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
        self.kept = None  # since a mark of the journal: the model after each record, by its number
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
        if self.kept is not None:
            self.kept[counts["records"]] = self.state()

    def state(self):
        return self.world.kept(), dict(self.alerts.chains), self.alerts.last, self.world.config

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
        mine = self.world.event(wall, steady, grace, name, unit, raw)
        theirs, alerts = self.host.ask("event", wall, steady, grace, name, unit, raw)
        self.cover_event(mine, states, raw)
        if mine["status"] == "rejected" and theirs["status"] != "rejected":
            raise compare.Difference(f"receipt: model {mine}, host {theirs} {compare.plain(alerts)}")
        if mine["status"] != "rejected" and theirs["status"] == "rejected":
            compare.receipt(mine, theirs)
        self.alerts.compare(alerts)
        compare.receipt(mine, theirs)

    def do_tick(self, wall, steady, grace):
        before = self.world.wall, self.world.steady
        mine = self.world.tick(wall, steady, grace)
        fired, alerts = self.host.ask("tick", wall, steady, grace)
        if fired == 0:  # then there was no record, and no time has passed
            self.world.wall, self.world.steady = before
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

    def do_mark(self, wall, steady):
        self.host.ask("mark")
        self.kept = {}

    def do_cut(self, wall, steady, permille):
        """The power goes: the model is again what it was after the last record that is left."""
        kept, self.kept = self.kept, None
        if kept is None:
            raise ValueError("a cut without its mark: shrinking dropped it")
        self.nothing("cut", wall, steady, permille)
        records = self.host.ask("counts")["records"]
        if records not in kept:
            raise compare.Difference(f"cut: {records} records are left, known are {sorted(kept)}")
        mark("power cut: " + ("nothing lost" if records == max(kept) else "a tail lost"))
        state, self.alerts.chains, self.alerts.last, config = kept[records]
        self.world.configure(config)
        self.world.__dict__.update(state)

    def recount(self):
        """The sums that the engine keeps, against a count of what was told of each case."""
        self.host.ask("flush")
        theirs = collections.Counter()
        for what, unit, day, number in self.host.ask("figures"):
            theirs[what, unit, day] += number if what in figures.COUNTED else 0
        mine = figures.recount(self.world)
        differ = {key: (mine[key], theirs[key]) for key in mine | theirs if mine[key] != theirs[key]}
        if differ:
            raise compare.Difference(f"figures: (model, host) {differ}")
        mark("figures recounted", bool(mine))

    def end(self):
        self.recount()
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


def required(path, is_whole):
    """Marks that must be met: those of the file, and of the whole also each cell of the lifecycle table."""
    with open(path, encoding="utf-8") as file:
        names = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    if not is_whole:
        return names
    for kind, row in lifecycle.TABLE.items():
        names |= {f"cell {kind} [{state}] {to or 'no'}" for state, to in row.items()}
    for state in ("open", "assigned", "handling", "decided"):
        names |= {f"cell case.mediation_{step} [{state}] =" for step in lifecycle.STEPS}
    names |= {f"cell case.mediation_{step} [closed] " + (
        "=" if step in ("executed", "failed") else "no") for step in lifecycle.STEPS}
    names |= {f"cell a complaint grows it [{state}] grown" for state in lifecycle.STATES
              if state != "decided"}
    names |= {f"mediation {a} -{step}-> {b}" for (a, step), b in lifecycle.MEDIATION.items()}
    return names


def describe(command):
    if command[0] != "event":
        return str(command)
    try:
        body = compare.plain(msgpack.unpackb(command[6], timestamp=0))
    except Exception:
        body = command[6]
    return f"event wall={command[1]} steady={command[2]} grace={command[3]} unit={command[5]} {body}"


def setup(seed, args):
    rng = random.Random(seed)
    chosen = rng.choice(sorted(configs.ALL))
    name = args.config or chosen
    versions = (configs.eyes if name == "eyes" else configs.ALL[name])()
    if args.changes:
        versions = configs.changed(name, *versions)
    return rng, versions, name, set(args.off)


def run_seed(host, seed, args, coverage):
    """None, or (what differs, commands)."""
    rng, versions, name, off = setup(seed, args)
    run = Run(host, versions, coverage)
    generator = Generator(rng, run.world, versions, off, args.names)
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
    seeds = []
    for part in text.split(","):
        first, _, last = part.partition("..")
        seeds += range(int(first), int(last or first) + 1)
    return seeds


def choose(met):
    """Few seeds that together meet all: each time the one that meets most of what is left."""
    left, chosen = set().union(*met.values()), []
    while left:
        seed = max(met, key=lambda one: (len(met[one] & left), -one))
        chosen.append(seed)
        left -= met[seed]
    return sorted(chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True, help="the program simhost")
    parser.add_argument("--seeds", default="1..20", type=parse_seeds, help="A..B,C,…")
    parser.add_argument("--steps", default=150, type=int, help="commands a seed")
    parser.add_argument("--config", choices=sorted([*configs.ALL, "eyes"]), help="only this configuration")
    parser.add_argument("--names", action="store_true", help="duties and questions named in each way")
    parser.add_argument("--changes", action="store_true", help="each downtime ends with another file")
    parser.add_argument("--off", action="append", default=[], help="an operation to leave out")
    parser.add_argument("--shrink", action="store_true", help="the shortest run that still differs")
    parser.add_argument("--keep-going", action="store_true", help="all seeds, also after a failure")
    parser.add_argument("--marks", help="a list of rules that the seeds together must meet")
    parser.add_argument("--choose", action="store_true",
                        help="print few seeds that meet all that these do, and every mark")
    parser.add_argument("--coverage", action="store_true", help="what was met, and how often")
    args = parser.parse_args()
    host, coverage, failed, began = Host(args.host), collections.Counter(), 0, time.monotonic()
    met, total = {}, collections.Counter()
    for seed in args.seeds:
        total += MARKS
        MARKS.clear()
        if host.process is None:
            host.start()
        found = run_seed(host, seed, args, coverage)
        met[seed] = set(MARKS)
        if found is None:
            continue
        failed += 1
        name, what, commands = found
        if args.shrink:
            _, versions, _, _ = setup(seed, args)
            commands, what = shrink(host, versions, commands, what)
            MARKS.clear()
            for command in commands:
                print("   ", describe(command))
        off = "".join(f" --off {one}" for one in args.off)
        print(f"seed {seed} ({name}), step {len(commands)}: {what}")
        print(f"  after: {describe(commands[-1])}")
        print(f"  again, and shorter: /usr/bin/python3 {sys.argv[0]} --host {args.host} --seeds {seed}"
              f" --steps {args.steps}{off}" + (f" --config {args.config}" if args.config else "")
              + (" --changes" if args.changes else "") + (" --names" if args.names else "")
              + " --shrink", flush=True)
        if not args.keep_going:
            break
    total += MARKS
    if args.choose:
        print("seeds", ",".join(str(seed) for seed in choose(met)))
        print("\n".join(sorted(name for name in total if not name.startswith(("cell ", "mediation ")))))
    if args.coverage:
        for name, count in sorted((coverage + total).items()):
            print(f"{count:7} {name}")
    if args.marks:
        never = sorted(required(args.marks, not args.names) - set(total))
        for name in never:
            print(f"never met: {name}")
        failed += bool(never)
    host.stop()
    print(f"{len(args.seeds)} seeds from {args.seeds[0]}: {failed} failed, "
          f"{time.monotonic() - began:.1f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
