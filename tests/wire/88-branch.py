#!/usr/bin/python3
"""The branch month (tools/examples/branch) beside a recount in Python, written from the manuals: reports owed, late
and missing at both levels, duties, the roster's turns, what is overdue, every digest's numbers; titles and breaches as
people need them."""
import collections
import datetime
import importlib.util
import os
import pathlib
import re
import sys

from harness import Daemon, at, run, verify

ROOT = pathlib.Path(__file__).resolve().parents[2]
BRANCH = ROOT / "tools/examples/branch"
SEEDS = [int(text) for text in os.environ.get("REDRESS_SEEDS", "26 1").split()]
sys.path.insert(0, str(ROOT / "tests/vectors"))
from calendar_oracle import Calendar, Layer  # noqa: E402

DAY, MINUTE = datetime.timedelta(days=1), datetime.timedelta(minutes=1)
ZONE = datetime.timezone(8 * datetime.timedelta(hours=1))
BATCH = 200


def load():
    spec = importlib.util.spec_from_file_location("branch", BRANCH / "generate.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def calendar():
    """cn-xj of the configuration."""
    base, over = Layer(), Layer()
    base.zone, base.holidays = "Asia/Shanghai", ["cn"]
    everyday = set(range(5))
    over.hours = [(5, 1, everyday, [(600, 840), (960, 1200)]), (10, 1, everyday, [(600, 840), (930, 1170)])]
    short = datetime.date(2026, 2, 14)
    over.days = [(short, short, [(600, 840)])]
    return Calendar([base, over])


def events(branch, seed):
    month = branch.Month(seed)
    for part in (month.complaints, month.contacts, month.reports, month.duties, month.screening, month.checks,
                 month.rest):
        part()
    return [{**one, "time": at(one["time"])} for one in month.lines()]


def feed(daemon, all_events):
    """(event, receipt) of each. A rectification's subject gets the number of its case."""
    intake, numbers, told = daemon.intake(), {}, []
    for begin in range(0, len(all_events), BATCH):
        part = []
        for one in all_events[begin:begin + BATCH]:
            if one.get("subject", "").startswith("@"):
                subject, unit = one["subject"][1:].split("/", 1)
                one = {**one, "subject": f"rectification/{unit}/{numbers[subject]}"}
            part.append(one)
            if one["type"] == "complaint.registered":  # its number is needed further on
                told += list(zip(part, answers(intake, part)))
                numbers[one["subject"]], part = told[-1][1]["case"], []
        told += list(zip(part, answers(intake, part)))
    return told


def answers(intake, part):
    if not part:
        return []
    receipts = intake.send(*part)
    receipts = receipts if isinstance(receipts, list) else [receipts]
    for one, receipt in zip(part, receipts):
        assert receipt["status"] == "accepted", (one, receipt)
    return receipts


class Recount:
    """What the month leaves behind, event by event, by the manuals alone."""

    def __init__(self, branch, told):
        self.branch, self.calendar = branch, calendar()
        self.end = told[-1][0]["time"]
        self.begin = told[0][0]["time"]
        self.cases, self.units = {}, branch.DEPARTMENTS + branch.CENTRE_PATHS + branch.LEAVES
        self.reports, self.overrides = {}, []
        self.duties = {}
        for unit in branch.LEAVES:
            for monday in (branch.FIRST + n * 7 * DAY for n in range(5)):
                week = "{}-W{:02}".format(*monday.isocalendar())
                self.owe("weekly-check", unit, week, self.working_after(monday + 6 * DAY), 5)
        for unit in branch.DEPARTMENTS + branch.CENTRE_PATHS:
            self.owe("committee", unit, "2026-02", self.working_before(datetime.date(2026, 2, 28)), None)
            self.owe("committee", unit, "2026-03", self.working_before(datetime.date(2026, 3, 31)), None)
        for unit in branch.CENTRE_PATHS:
            self.owe("training", unit, "2026-Q1", datetime.date(2026, 3, 31), 40)
        for one, receipt in told:
            self.take(one, receipt)

    # ---- calendar ----
    def working_after(self, day, count=1):
        while count:
            day += DAY
            count -= self.calendar.is_working(day)
        return day

    def working_before(self, day):
        day -= DAY
        while not self.calendar.is_working(day):
            day -= DAY
        return day

    def midnight(self, day):
        return self.calendar.instant(day + DAY, 0)

    def spans(self, day):
        return [(self.calendar.instant(day, a), self.calendar.instant(day, b))
                for a, b in self.calendar.intervals(day)]

    def is_open(self, time):
        return any(a <= time < b for a, b in self.spans(time.astimezone(ZONE).date()))

    def days(self):
        day = self.begin.astimezone(ZONE).date()
        while day <= self.end.astimezone(ZONE).date():
            if self.calendar.is_working(day):
                yield day
            day += DAY

    # ---- events ----
    def owe(self, duty, unit, period, last_day, total):
        self.duties[f"{duty}/{unit}/{period}"] = {
            "unit": unit, "due": self.midnight(last_day), "decided": None, "closed": False, "done": 0,
            "total": total, "duty": duty}

    def take(self, one, receipt):
        kind, data, time, subject = one["type"], one["data"], one["time"], one.get("subject")
        case = self.cases.get(subject)
        if kind == "complaint.registered" or (kind == "contact.received" and "case" in receipt):
            self.cases[subject] = {"kind": kind.split(".")[0], "unit": data["unit"], "opened": time,
                                   "day": time.astimezone(ZONE).date(), "open": True, "contacted": None,
                                   "decided": None, "regulator": data["channel"] == "12378",
                                   "number": receipt["case"], "seen": None}
            for other in self.cases.values():  # a complaint grows his contacts
                if kind == "complaint.registered" and subject[0] == "R" and other.get("customer") == data["customer"]:
                    other["open"] = False
            self.cases[subject]["customer"] = data["customer"]
        elif kind == "case.assigned":
            case["unit"] = data["unit"]
        elif kind in ("case.acknowledged", "case.customer_contacted"):
            case["seen"] = case["seen"] or time
            case["contacted"] = case["contacted"] or (time if kind == "case.customer_contacted" else None)
        elif kind == "case.decided":
            case["decided"], case["contacted"] = time, case["contacted"] or time
            case["seen"] = case["seen"] or time
        elif kind in ("case.closed", "case.defused"):
            case["open"] = False
        elif kind == "unit.reported":
            key = data["unit"], datetime.date.fromisoformat(data["date"])
            self.reports.setdefault(key, time)
        elif kind == "roster.overridden":
            self.overrides.append((at(data["from"]), at(data["until"]), data["unit"]))
        elif kind == "duty.progressed":
            self.progress(f"{data['duty']}/{data['unit']}/{data['period']}", data, time)
        elif kind == "contract.screened" and data["risk"] != "none":
            last = self.working_after(time.astimezone(ZONE).date(), 10)
            self.owe("screening", data["unit"], "", last, None)
            self.duties[f"screening/{data['round']}/{data['contract']}"] = self.duties.pop(
                f"screening/{data['unit']}/")
        elif kind == "contract.cleared":
            duty = self.duties[f"screening/{data['round']}/{data['contract']}"]
            duty["decided"], duty["closed"] = time, True
        elif kind == "case.cause_found":
            last = self.working_after(time.astimezone(ZONE).date(), 10)
            self.owe("rectification", data["unit"], str(case["number"]), last, None)
            case["mends"] = f"rectification/{data['unit']}/{case['number']}"
        elif kind == "case.rectified":
            self.duties[case["mends"]].update(decided=time, was_decided=True)
        elif kind == "duty.verified":
            duty = self.duties[subject]
            duty["closed"] = data["effective"]
            duty["decided"] = duty["decided"] if data["effective"] else None

    def progress(self, subject, data, time):
        duty = self.duties[subject]
        duty["done"], duty["total"] = data["done"], data["total"]
        if data["done"] >= data["total"]:
            duty["decided"], duty["closed"] = time, True

    # ---- what comes of it ----
    def missing(self):
        """(told, unit, day) of unit.report_missing."""
        for day in self.days():
            closing = self.spans(day)[-1][1]
            for unit in self.units:
                came = self.reports.get((unit, day))
                for told, by in ((unit, closing - 30 * MINUTE), (unit.rsplit("/", 1)[0], closing)):
                    if by <= self.end and (came is None or came >= by):
                        yield told, unit, day

    def report_counts(self):
        counts = collections.Counter()
        for day in self.days():
            by = self.spans(day)[-1][1] - 30 * MINUTE
            for unit in self.units:
                came = self.reports.get((unit, day))
                if by <= self.end:
                    counts["reports_owed"] += 1
                    counts["reports"] += came is not None and came <= self.end
                    counts["reports_late"] += came is not None and came >= by
        return counts

    def duty_state(self, duty):
        if duty["decided"] is not None:
            return "late" if duty["decided"] >= duty["due"] else "done"
        return "overdue" if duty["due"] <= self.end else "owed"

    def turn(self, time):
        """The unit that has the night."""
        for begin, end, unit in reversed(self.overrides):
            if begin <= time < end:
                return unit
        turns, day, count = self.branch.DEPARTMENTS, datetime.date(2026, 1, 5), 0
        while day <= time.astimezone(ZONE).date():
            spans = self.spans(day)
            count += bool(spans) and spans[0][0] <= time
            day += DAY
        return turns[(count - 1) % len(turns)] if count else None

    def overdue(self):
        """Subjects of cases with a clock that is overdue, and those clocks."""
        found = {}
        for subject, case in self.cases.items():
            if case["open"]:
                next_day = self.midnight(self.working_after(case["day"]))
                if case["kind"] == "contact":
                    dues = [("defuse", next_day, None)]
                else:
                    dues = [("decide", self.midnight(case["day"] + 15 * DAY), case["decided"]),
                            ("contact", next_day, case["contacted"])]
                late = [name for name, due, stopped in dues if stopped is None and due <= self.end]
                if late:
                    found[subject] = late
        for subject, duty in self.duties.items():
            # A clock that was stopped stays stopped where the duty is opened again.
            if duty["decided"] is None and duty["due"] <= self.end and "was_decided" not in duty:
                found[subject] = ["duty"]
        return found


# ---- comparing ----
def compare_reports(recount, alerts, desk):
    got = collections.Counter()
    for alert in alerts:
        if alert["type"] == "unit.report_missing":
            (reason,) = alert["reasons"]
            assert "count" not in alert, alert  # no day passes without an event
            got[alert["unit"], reason["code"], datetime.date.fromisoformat(reason["detail"])] += 1
    expected = collections.Counter(recount.missing())
    assert got == expected, (got - expected, expected - got)
    figures = {row["figure"]: row["value"] for row in desk.call(
        "report", **{"from": "2026-02-01", "to": "2026-03-02"})["figures"]}
    for figure, count in recount.report_counts().items():
        assert figures[figure] == count, (figure, figures[figure], count)


def compare_duties(recount, desk):
    rows = {row["subject"]: row for row in desk.rows("duty.list")}
    assert set(rows) == set(recount.duties), set(rows) ^ set(recount.duties)
    for subject, duty in recount.duties.items():
        row = rows[subject]
        expected = (recount.duty_state(duty), duty["due"], duty["unit"], duty["closed"])
        assert (row["state"], row["due"], row["unit"], "closed" in row) == expected, (row, expected)
        if duty["total"] is not None and duty["duty"] in ("weekly-check", "training"):
            assert (row["done"], row["total"]) == (duty["done"], duty["total"]), (row, duty)
    for row in desk.rows("duty.list", count_by="unit"):
        mine = [d for d in recount.duties.values() if d["unit"] == row["unit"]]
        states = collections.Counter(recount.duty_state(duty) for duty in mine)
        assert row["duties"] == len(mine), (row, len(mine))
        for state in ("owed", "overdue", "done", "late"):
            assert row[state] == states[state], (row, states)


def compare_rosters(recount, alerts):
    """Each first rung that waits for an opening reaches who has the night at once, and its unit at the opening."""
    rungs = collections.defaultdict(list)
    for alert in alerts:
        if alert["type"] in ("ladder.rung", "warning.first_contact") and alert.get("rung") == 1:
            rungs[alert["subject"]].append((alert["unit"], alert["time"]))
    nights = 0
    for subject, case in recount.cases.items():
        opened = case["opened"]
        if recount.is_open(opened) or not (case["regulator"] or case["kind"] == "contact"):
            continue
        nights += 1
        told = rungs[subject]
        turn = recount.turn(opened)
        assert any(unit == turn and time - opened < MINUTE for unit, time in told), (subject, opened, turn, told)
        opening = opened
        while not recount.is_open(opening):
            opening = min(a for n in range(12) for a, _ in recount.spans(opening.astimezone(ZONE).date() + n * DAY)
                          if a > opening)
        if opening <= recount.end:
            assert any(unit.startswith("xj/") and unit.count("/") == 2 and time >= opening
                       for unit, time in told), (subject, opened, opening, told)
    assert nights > 50, nights


def compare_overdue(recount, desk):
    rows = {row["subject"]: row for row in desk.rows("case.list", overdue=True)}
    expected = recount.overdue()
    assert set(rows) == set(expected), (set(rows) - set(expected), set(expected) - set(rows))
    for subject, clocks in expected.items():
        assert rows[subject]["clock"] == clocks[0] or rows[subject]["clock"] in clocks, rows[subject]
    return rows


class Digests:
    """Each digest of the month, counted from the events before its instant."""

    def __init__(self, recount, told):
        self.recount, self.units = recount, ["xj"] + recount.units
        self.cases, self.duties, self.happened = {}, {}, collections.Counter()  # (unit, what) -> how often
        self.today, self.reports, self.at_due, self.week = collections.Counter(), {}, {}, collections.Counter()
        self.mended = set()  # subjects of rectifications whose clock was stopped
        self.expected, left = {}, list(told)
        for instant, what, day in sorted(self.instants()):
            while left and left[0][0]["time"] < instant:
                self.take(*left.pop(0))
            if instant <= recount.end:
                getattr(self, what)(instant, day)

    def instants(self):
        """By the day: the reports' end, the digest, midnight."""
        for day in self.recount.days():
            closing = self.recount.spans(day)[-1][1]
            yield closing - 30 * MINUTE, "close_reports", day
            yield closing + 30 * MINUTE, "make", day
        day = self.recount.begin.astimezone(ZONE).date()
        while day <= self.recount.end.astimezone(ZONE).date():
            yield self.recount.midnight(day), "end_day", day
            day += DAY

    def count(self, unit, what, is_of_day=False):
        self.happened[unit, what] += 1
        self.week[unit, what] += 1
        self.today[unit, what] += is_of_day

    def take(self, one, receipt):
        kind, data, subject, time = one["type"], one["data"], one.get("subject"), one["time"]
        case = self.cases.get(subject)
        if kind in ("complaint.registered", "contact.received") and "case" in receipt:
            for other in self.cases.values():
                if kind == "complaint.registered" and other["customer"] == data["customer"]:
                    other["open"] = False  # it has grown
            self.cases[subject] = dict(kind=kind.split(".")[0], unit=data["unit"], open=True, day=time.astimezone(
                ZONE).date(), acted=False, contacted=False, decided=False, asked=[], customer=data["customer"])
            self.count(data["unit"], "opened", True)
            if kind == "contact.received":
                self.count(data["unit"], "high")
        elif kind == "case.assigned":
            case["unit"] = data["unit"]
        elif kind == "case.chased":
            case["asked"].append(at(data["answer_by"]))
            self.count(case["unit"], "chases")
        elif kind == "case.answered":
            case["asked"].pop(0)
        elif kind in ("case.acknowledged", "case.customer_contacted", "case.decided", "case.closed", "case.defused"):
            if case["kind"] == "contact" and not case["acted"] and kind != "case.closed":
                case["acted"] = True
                self.count(case["unit"], "acted")
            case["contacted"] |= kind in ("case.customer_contacted", "case.decided")
            case["decided"] |= kind == "case.decided"
            if kind in ("case.closed", "case.defused"):
                case["open"] = False
                self.count(case["unit"], "closed", True)
                if kind == "case.defused":
                    self.count(case["unit"], "preempted")
        elif kind == "unit.reported":
            self.reports[data["unit"], datetime.date.fromisoformat(data["date"])] = time
        elif kind == "duty.verified":
            self.duties[subject] = "closed" if data["effective"] else "open"
        elif kind == "duty.progressed" and data["done"] >= data["total"]:
            self.duties[f"{data['duty']}/{data['unit']}/{data['period']}"] = "closed"
        elif kind == "contract.screened" and data["risk"] != "none":
            self.duties[f"screening/{data['round']}/{data['contract']}"] = "open"
        elif kind == "contract.cleared":
            self.duties[f"screening/{data['round']}/{data['contract']}"] = "closed"
        elif kind == "case.cause_found":
            case["mends"] = f"rectification/{data['unit']}/{receipt['case']}"
            self.duties[case["mends"]] = "open"
        elif kind == "case.rectified":
            self.duties[case["mends"]] = "decided"
            self.mended.add(case["mends"])

    def close_reports(self, instant, day):
        for unit in self.recount.units:
            mine = [c for c in self.cases.values() if c["open"] and c["unit"] == unit]
            self.at_due[unit, day] = (self.today[unit, "opened"], self.today[unit, "closed"], len(mine),
                                      (unit, day) in self.reports)

    def end_day(self, instant, day):
        self.today.clear()

    def duty_began(self, subject):
        """The midnight that a period begins with; None: it was opened by an event."""
        duty, period = subject.split("/")[0], subject.rsplit("/", 1)[1]
        if duty == "weekly-check":
            year, week = period.split("-W")
            return self.recount.midnight(datetime.date.fromisocalendar(int(year), int(week), 1) - DAY)
        if duty == "committee":
            return self.recount.midnight(datetime.date(2026, int(period[-2:]), 1) - DAY)
        return self.recount.begin if duty == "training" else None

    def limits(self, case):
        """Last days of the case's clocks that run or are overdue."""
        next_day = self.recount.working_after(case["day"])
        if case["kind"] == "contact":
            return [next_day]
        return [case["day"] + 15 * DAY] * (not case["decided"]) + [next_day] * (not case["contacted"])

    def open_duties(self, instant):
        """(unit, last day or None where the clock has stopped)"""
        for subject, duty in self.recount.duties.items():
            began, state = self.duty_began(subject), self.duties.get(subject)
            if state is None and began is not None and began <= instant:
                state = "open"
            if state in ("open", "decided"):
                stopped = state == "decided" or subject in self.mended
                yield duty["unit"], None if stopped else (duty["due"] - MINUTE).astimezone(ZONE).date()

    def make(self, instant, day):
        upcoming = self.recount.working_after(day)
        since = self.recount.working_before(day) + DAY
        stands = collections.Counter()
        for unit, days in [(c["unit"], self.limits(c)) for c in self.cases.values() if c["open"]]:
            self.add(stands, unit, "open", days, day, upcoming, instant)
        for unit, last in self.open_duties(instant):
            self.add(stands, unit, "duties", [] if last is None else [last], day, upcoming, instant)
        for case in self.cases.values():
            if case["open"]:
                stands[case["unit"], "answers_owed"] += sum(by > instant for by in case["asked"])
        for (unit, of), (opened, closed, count, came) in self.at_due.items():
            if since <= of <= day:
                stands[unit, "reports_missing"] += not came and (unit, of) not in self.reports
                stands[unit, "reports_differ"] += (unit, of) in self.reports and (opened, closed, count) != (0, 0, 0)
        for unit in self.units:
            self.expected["digest.daily", unit, day] = self.sums(unit, self.happened, stands)
        if self.recount.working_after(day).isocalendar()[1] != day.isocalendar()[1]:
            self.expected["digest.weekly", "xj", day] = {
                name: number for name, number in self.sums("xj", self.week, stands).items()
                if not name.startswith(("due_", "reports_"))}
            self.week.clear()
        self.happened.clear()

    def add(self, stands, unit, what, days, day, upcoming, instant):
        stands[unit, what] += 1
        stands[unit, "overdue"] += any(self.recount.midnight(last) <= instant for last in days)
        stands[unit, "due_today"] += day in days
        stands[unit, "due_next"] += any(day < last <= upcoming for last in days)

    def sums(self, unit, happened, stands):
        names = {"open", "duties", "overdue", "due_today", "due_next", "answers_owed", "reports_missing",
                 "reports_differ", "opened", "closed", "chases", "acted", "preempted", "high"}
        found = dict.fromkeys(names, 0)
        for (of, name), number in [*happened.items(), *stands.items()]:
            if of == unit or of.startswith(unit + "/"):
                found[name] += number
        return found


def compare_digests(recount, told, alerts):
    expected = Digests(recount, told).expected
    got = {(a["type"], a["unit"], datetime.date.fromisoformat(a["digest"]["to"])): a["digest"]
           for a in alerts if a["type"].startswith("digest.")}
    assert set(got) == set(expected), set(got) ^ set(expected)
    wrong = []
    for key, numbers in expected.items():
        digest = {**got[key], "high": got[key]["warnings"]["high"]}
        wrong += [(key, name, digest[name], number) for name, number in numbers.items() if digest[name] != number]
        assert len(digest["worst"]) == min(50, digest["overdue"]) and "missed" not in digest, (key, digest)
    assert not wrong, (len(wrong), wrong[:12])
    assert len(got) > 900, len(got)


IDENTIFIERS = re.compile(r"xj/|[a-z]+[-_.][a-z]+|\b(decide|contact|defuse|duty|night|regulator|surrender)\b")


def check_people(alerts):
    """No title has an identifier in it, or a day as the next day's 00:00; a breach of law reaches two levels."""
    levels = collections.defaultdict(set)
    for alert in alerts:
        assert not IDENTIFIERS.search(alert["title"]), alert["title"]
        assert not re.search(r"(?<!\d)0?0:00", alert["title"]), alert["title"]
        if alert["type"] == "clock.breach" and alert["clock"] == "decide":
            levels[alert["case"]].add(alert["unit"].count("/"))
    assert levels and all(len(found) >= 2 for found in levels.values()), levels


def one_seed(branch, seed):
    text = (BRANCH / "redress.yaml").read_text(encoding="utf-8")
    text = text.replace("@RUN@", "@FOLDER@").replace("@SHARE@", str(ROOT / "daemon/config"))
    with Daemon(config=text, args=["--clock", "events"]) as daemon:
        all_events = events(branch, seed)
        assert len(all_events) >= 8000, len(all_events)
        told = feed(daemon, all_events)
        recount, desk = Recount(branch, told), daemon.desk()
        desk.reach(told[-1][1]["seq"])
        alerts = desk.replay()
        compare_reports(recount, alerts, desk)
        compare_duties(recount, desk)
        compare_rosters(recount, alerts)
        compare_digests(recount, told, alerts)
        before = compare_overdue(recount, desk)
        check_people(alerts)
        daemon.restart()
        desk = daemon.desk()
        assert compare_overdue(recount, desk) == before
        compare_duties(recount, desk)
        assert desk.replay() == alerts
        daemon.stop()
        verify(daemon.folder / "state")


def test_the_month_is_a_recount():
    branch = load()
    assert len(branch.DEPARTMENTS + branch.CENTRE_PATHS + branch.LEAVES) + 1 >= 50
    for seed in SEEDS:
        print("seed", seed, flush=True)
        one_seed(branch, seed)


if __name__ == "__main__":
    run(globals())
