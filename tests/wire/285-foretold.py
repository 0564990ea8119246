#!/usr/bin/python3
"""What config diff says will come is what comes: chains of random configurations, their reports, digests, duties and
turns beside what a daemon then really does (REDRESS_SEEDS: which chains)."""
import datetime
import json
import os
import random
import subprocess

from harness import HERE, Daemon, at, event, run, tool, verify

CONFIG = HERE.parent.parent / "daemon/config/calendars"
SEEDS = [int(text) for text in os.environ.get("REDRESS_SEEDS", "11 13 31 40").split()]
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
UNITS = ["hq", "hq/a", "hq/b", "hq/c", "hq/a/a1", "hq/a/a2", "hq/a/a3"]  # whatever is not there now is refused
STEPS = 5
COUNTS = {"opened": 1, "closed": 0, "open": 1}


def pick(dice, *choices):
    return dice.choice(choices)


def tree(dice):
    leaves = ", ".join(f"{{id: a{i}, name: A{i}{pick(dice, '', ', calendar: xj', ', calendar: uk')}}}"
                       for i in range(1, 4) if dice.random() < .93)
    below = [f"{{id: a, name: A{', units: [' + leaves + ']' if leaves else ''}}}"]
    if dice.random() < .8:
        below.append(f"{{id: b, name: B{pick(dice, '', ', calendar: xj', ', calendar: uk')}}}")
    elif dice.random() < .5:
        below.append("{id: b, name: B, moved_to: hq/c}")
    below.append(f"{{id: c, name: C{pick(dice, '', ', calendar: uk')}}}")
    return f"units: {{id: hq, name: HQ, calendar: city, units: [{', '.join(below)}]}}\n"


def calendars(dice):
    days = {}
    for _ in range(dice.randint(0, 6)):
        day = datetime.date(2026, 2, 10) + DAY * dice.randint(0, 60)
        days[day] = pick(dice, "closed: extra", "work: true", 'open: ["11:00-15:00"]')
    special = "".join(f", {{date: {day}, {what}}}" for day, what in days.items())[2:]
    return f"""\
calendars:
  city: {{timezone: Asia/Shanghai, hours: [{{days: mon-fri, open: ["09:00-12:00", "13:30-17:30"]}}],
         holidays: ["{CONFIG}/cn"], days: [{special}]}}
  xj: {{over: city, hours: [{{days: mon-fri, open: ["10:00-14:00", "15:30-19:00"]}}]}}
  uk: {{timezone: Europe/London, hours: [{{days: mon-fri, open: ["09:00-17:00"]}}],
       holidays: ["{CONFIG}/england-wales.ics"]}}
policies:
  - {{name: talk, match: {{kind: complaint}},
     ladder: {{until: acknowledged, rungs: [{{after: 0m, notify: [unit], severity: high, ack_within: 2h}}]}}}}
  - {{name: rest, match: {{}}}}
"""


def rosters(dice):
    made = [f"  {name}: {{hand_over: {pick(dice, 'opening', '09:00', 'mon 08:00', 'fri 17:00')!r}, "
            f"turns: [{pick(dice, 'hq/a, hq/c', 'hq/c, hq/a, hq', 'hq/c')}], "
            f"first: {pick(dice, '2026-01-05', '2026-02-20', '2026-03-12')}"
            f"{pick(dice, '', ', calendar: uk')}}}\n" for name in ("r1", "r2") if dice.random() < .8]
    return "rosters:\n" + "".join(made) if made else ""


def supervision(dice):
    made = []
    if dice.random() < .9:
        by = pick(dice, '"17:00"', "closing-30m", "closing", "opening+1h", '"10:15"', '"16:00"')
        owed = pick(dice, "", ', owed_by: "hq/*"', ', owed_by: "hq/a/**"', ', owed_by: "hq/**"')
        made.append(f"  daily_report: {{by: {by}, then_after: {pick(dice, '30m', '1h', '3h', '20h')}{owed}}}\n")
    if dice.random() < .6:
        made.append(f"  unread: {{after: {pick(dice, '4h', '1d', '2bd', '3h, time: working')}}}\n")
    digests = [f"{{every: {every}, at: {pick(dice, 'closing+30m', repr('17:30'), 'opening', 'closing')}"
               f"{pick(dice, '', '', ', to: hq/a/**')}}}" for every in ("day", "week", "month") if dice.random() < .8]
    duties = []
    for name, every in (("d1", "day"), ("d2", "week"), ("d3", "month")):
        if dice.random() < .7:
            due = pick(dice, "0d", "0bd", "+1bd", "+2d" if every == "day" else "-1bd")
            duties.append(f"{{duty: {name}, for: {pick(dice, 'hq/**', 'hq/a/*')}, "
                          f"every: {pick(dice, every, every, 'week')}, due: {due}"
                          f"{pick(dice, '', ', total: 7', ', from: 2026-02-01')}}}")
    made += [f"  digest: [{', '.join(digests)}]\n"] if digests else []
    made += [f"  duties: [{', '.join(duties)}]\n"] if duties else []
    return "supervision:\n" + "".join(made) + "  transfers: 1\n"


def parse(text):
    return at(text) if text else None


class Office:
    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.head, self.rest = tree(self.dice) + calendars(self.dice), rosters(self.dice) + supervision(self.dice)
        self.daemon = Daemon(args=["--clock", "events"], units=self.head, rules=self.rest)
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        self.file = self.daemon.folder / "other.yaml"
        self.now, self.ticks, self.compared = at("2026-02-11T00:00:00Z"), 0, 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def pass_to(self, time):
        """Time goes on, and nothing happens. Waits until a checkpoint has it."""
        self.now, self.ticks = time, self.ticks + 1
        done = self.intake.accept(event("contact.received", subject=f"k{self.ticks}", time=time, data={
            "unit": "hq/c", "customer": f"k{self.ticks}", "channel": "phone"}))
        self.desk.reach(done["seq"])

    def happen(self):
        """Some units report, some others stand in for a turn, and one has a complaint that nobody looks at."""
        for unit in self.dice.sample(UNITS, self.dice.randint(0, len(UNITS))):
            date = (self.now + 8 * HOUR).date() - DAY * self.dice.randint(0, 1)
            self.intake.send(event("unit.reported", time=self.now, data={
                "unit": unit, "date": str(date), **COUNTS}))
        self.intake.accept(event("complaint.registered", subject=f"c{self.ticks}", time=self.now, data={
            "unit": self.dice.choice(["hq/a", "hq/c"]), "customer": f"c{self.ticks}", "channel": "phone"}))
        for roster in ("r1", "r2"):
            if self.dice.random() < .5:
                begin = self.now + HOUR * self.dice.randint(0, 200)
                self.intake.send(event("roster.overridden", time=self.now, data={
                    "roster": roster, "unit": self.dice.choice(UNITS), "from": begin, "by": "q",
                    "until": begin + HOUR * self.dice.randint(1, 400)}))
        self.pass_to(self.now)

    def diff(self, head, rest):
        """The schedules that another configuration would move; None: it would be refused."""
        text = self.daemon.config_path.read_text()
        self.file.write_text(text[:text.index("units: {id: hq")] + head + rest)
        done = subprocess.run([tool("redressctl"), "--json", "config", "diff", str(self.file)], capture_output=True,
                              text=True)
        assert done.returncode in (0, 2), done.stdout + done.stderr
        return json.loads(done.stdout)["schedules"] if done.returncode == 0 else None

    def coming(self):
        """What comes now: all that a configuration without any of it would take away."""
        return {key(one): side(one, "from") for one in self.diff(self.head, "") if one["what"] != "stand-in"}

    def reload(self, head, rest):
        self.head, self.rest = head, rest
        self.daemon.write_config(self.file.read_text())
        assert "reloaded" in self.daemon.reload()
        if self.dice.random() < .3:
            self.daemon.kill()
            self.daemon.start()
            self.intake, self.desk = self.daemon.intake(), self.daemon.desk()


def key(one):
    return one.get("unit"), one["what"], one.get("name")


def side(one, which):
    return parse(one[which]), one.get(which + "_unit")


def own_turn_behind(rows, then):
    """Of `then`, the first turn of the round itself behind the first two: whether the desk's rows have it so. Which
    rows are the rest of the turn that is now cannot be seen where others stand in between; they are of one unit."""
    own = [(row["from"], row.get("unit")) for row in rows[2:] if not row["overridden"]]
    if then not in own:
        return False
    passed = own[:own.index(then)]
    seen = [row.get("unit") for row in rows[:2] if not row["overridden"]]
    return len(passed) == 0 or (len({unit for _, unit in passed} | {*seen[:1]}) == 1 and len(seen) < 2)


def turns(office, stands):
    """Of each roster the turn, the next one and, where it is told, the one behind them, as the desk has them."""
    found = {}
    for roster in {row["roster"] for row in office.desk.rows("roster.list")}:
        rows = office.desk.call("roster.list", roster=roster, to=office.now + 400 * DAY)["rows"]
        found[None, "turn", roster] = rows[0]["until"], rows[0].get("unit")
        found[None, "next turn", roster] = rows[1]["from"], rows[1].get("unit")
        then = stands.get((None, "turn then", roster))
        if then is not None or any(row["overridden"] for row in rows):
            found[None, "turn then", roster] = then if own_turn_behind(rows, then) else rows[:5]
    return found


def what_came(office, after, duties):
    """The first of each kind, from alert `after` on and beside the duties there were."""
    came = {}
    for alert in office.desk.replay(after=after):
        about = alert["reasons"][0]["code"] if alert.get("reasons") else None
        if alert["type"] == "unit.report_missing":
            came.setdefault((about, "report" if alert["unit"] == about else "report then", None), alert["time"])
        elif alert["type"] == "unit.unread":
            came.setdefault((about, "unread", None), alert["time"])
        elif alert["type"].startswith("digest."):
            came.setdefault((alert["unit"], "digest", alert["digest"]["every"]), alert["time"])
    for row in sorted(office.desk.rows("duty.list"), key=lambda row: row["opened"]):
        if row["case"] not in duties:
            came.setdefault((row["unit"], "duty", row["duty"]), row["opened"])
            came.setdefault((row["unit"], "duty due", row["duty"]), row["due"])
    return came


def begins(promised, one):
    """When it comes; of the last day of a duty when that is opened."""
    unit, what, name = one
    return promised[(unit, "duty", name) if what == "duty due" else one][0]


def check_came(office, promised, came):
    """All that was promised by now came at its instant, and nothing else."""
    wrong = []
    for one in {*promised, *came}:
        said, got = promised.get(one, (None, None))[0], came.get(one)
        if one[1] in ("turn", "next turn", "turn then") or (got is None and begins(promised, one) > office.now):
            continue
        office.compared += 1
        if said != got:
            wrong.append((*one, "said", said, "came", got))
    assert not wrong, wrong


def step(office):
    then = office.now + datetime.timedelta(minutes=office.dice.randint(300, 9 * 1440))
    late = then.replace(hour=office.dice.randint(16, 23))  # tomorrow in Shanghai, and today in London
    office.pass_to(late if late > office.now and office.dice.random() < .5 else then)
    office.happen()
    before = office.coming()
    moves = None
    while moves is None:  # one that takes a unit with open cases away is refused
        head, rest = tree(office.dice) + calendars(office.dice), rosters(office.dice) + supervision(office.dice)
        moves = office.diff(head, rest)
    duties = {row["case"] for row in office.desk.rows("duty.list")}
    moved = {key(one): side(one, "to") for one in moves if one["what"] != "stand-in"}
    told = {key(one): side(one, "from") for one in moves if one["what"] != "stand-in"}
    assert all(before.get(one, (None, None)) == was for one, was in told.items()), (before, told)
    promised = {one: to for one, to in {**before, **moved}.items() if to[0] is not None}
    after = office.desk.call("status")["alert"]
    office.reload(head, rest)
    office.pass_to(office.now)
    stands = office.coming()
    for one, to in promised.items():  # what is due at this instant has come with the record
        assert begins(promised, one) <= office.now or stands.get(one) == to, (one, to, stands.get(one))
    listed = turns(office, stands)
    assert listed == {one: listed[one] and to for one, to in stands.items() if one[0] is None}, (listed, stands)
    office.compared += len(listed)
    office.pass_to(office.now + DAY * pick(office.dice, 3, 9, 35))
    check_came(office, promised, what_came(office, after, duties))


def test_what_is_foretold_comes():
    for seed in SEEDS:
        with Office(seed) as office:
            try:
                office.pass_to(office.now)
                for _ in range(STEPS):
                    step(office)
            except BaseException:
                print(f"seed {seed}, at {office.now}", flush=True)
                raise
            print(f"seed {seed}: {office.compared} instants and turns as foretold", flush=True)
            office.daemon.stop()
            verify(office.daemon.folder / "state")


run(globals())
