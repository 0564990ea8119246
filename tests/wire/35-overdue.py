#!/usr/bin/python3
"""case.list: what is overdue and due, by every filter, against a recount of the events by hand."""
import collections
import datetime
import random

from harness import Daemon, complaint, event, run

ZONE = datetime.timezone(datetime.timedelta(hours=8))
BEGIN = datetime.datetime(2025, 3, 3, 9, 0, tzinfo=ZONE)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
UNITS = ["xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining", "xj/consumer"]
CASES = 60

RULES = """\
assessment: {levels: {watch: 30, high: 60, critical: 85}, open_case_at: high}
policies:
  - name: letters
    match: {channel: letter}
    clocks:
      - {name: report, start: received, stop: rectified, limit: 2d, pause_reasons: [], outlives_close: true}
      - {name: law, statutory: true, start: received, stop: decided, limit: 3d}
  - name: default
    match: {}
    clocks:
      - {name: answer, start: received, stop: decided, limit: 6h}
      - {name: law, statutory: true, start: received, stop: closed, limit: 3d}
alerts: {language: en}
"""


class Recount:
    """The cases as the events make them, without any of the daemon's words."""

    def __init__(self, seed):
        self.rng, self.now, self.cases = random.Random(seed), BEGIN, []

    def events(self):
        rng = self.rng
        for i in range(CASES):
            self.now += rng.randrange(1, 5) * HOUR / 2
            one = {"subject": f"o-{i}", "unit": rng.choice(UNITS), "opened": self.now, "state": "open",
                   "policy": rng.choice(["letters", "default"]), "paused": None, "held": [],
                   "handler": rng.choice([None, "wang", "li"]), "done": {}, "last": "complaint.registered",
                   "product": rng.choice(["loan", "card"]), "seller": rng.choice(["s1", "s2"])}
            one["channel"] = "letter" if one["policy"] == "letters" else rng.choice(["web", "branch"])
            self.cases.append(one)
            data = {key: one[key] for key in ("unit", "channel", "handler", "product", "seller") if one[key]}
            made = complaint(one["subject"], customer=f"c{i % 9}", **data)
            yield {**made, "time": self.now.isoformat()}, lambda: None
            for _ in range(rng.randrange(4)):
                made = self.act(rng.choice(self.cases))
                if made:
                    yield made
        self.now += 5 * HOUR
        made = event("case.noted", subject="o-0", data={"by": "zhao", "text": "now"})
        yield {**made, "time": self.now.isoformat()}, lambda: self.done(self.cases[0], "noted")

    def act(self, one):
        if one["state"] == "closed":
            return None
        self.now += datetime.timedelta(minutes=self.rng.randrange(1, 50))
        kind = self.rng.choice(["decided", "closed", "rectified", "paused", "resumed", "chased"])
        data = {"decided": {"outcome": "upheld"}, "closed": {"resolution": "settled"},
                "rectified": {"measure": "m", "by": "sun"}, "paused": {"reason": "waiting"},
                "resumed": {"reason": "waiting"},
                "chased": {"by": "zhou", "question": "?", "answer_by": (self.now + 99 * DAY).isoformat()},
                }[kind]
        if one["paused"] and kind not in ("resumed", "closed", "chased"):
            return None
        if kind == "resumed" and not one["paused"] or kind == "decided" and one["state"] == "decided":
            return None
        made = event(f"case.{kind}", subject=one["subject"], data=data)
        return {**made, "time": self.now.isoformat()}, lambda: self.done(one, kind)

    def done(self, one, kind):
        """The daemon took it: what does not apply to a case as it stands changes nothing."""
        if kind == "paused":
            one["paused"] = self.now
        elif kind in ("resumed", "closed") and one["paused"]:
            one["held"].append((one["paused"], self.now))
            one["paused"] = None
        if kind in ("decided", "closed"):
            one["state"] = kind
        one["done"].setdefault(kind, self.now)
        one["last"] = f"case.{kind}"

    def clocks(self, one):
        """(name, due or None while held, when it stopped or None, whether closing ends it)."""
        def elapsed(limit):
            due = one["opened"] + limit
            for begin, end in one["held"]:
                due += end - begin if begin < due else limit * 0
            return None if one["paused"] and one["paused"] < due else due

        def days(count):
            day = one["opened"].replace(hour=0, minute=0) + (count + 1) * DAY
            return day

        done = one["done"]
        if one["policy"] == "letters":
            return [("report", days(2), done.get("rectified"), False),
                    ("law", days(3), done.get("decided"), True)]
        return [("answer", elapsed(6 * HOUR), done.get("decided"), True),
                ("law", days(3), done.get("closed"), True)]


    def overdue(self, one, name=None):
        """The earliest due of the clocks that are overdue."""
        dues = []
        for clock, due, stop, ends in self.clocks(one):
            is_past = due is not None and due <= self.now and (stop is None or stop >= due)
            is_ended = ends and one["state"] == "closed"
            if is_past and stop is None and not is_ended and name in (None, clock):
                dues.append((due, clock))
        return min(dues, default=None)

    def coming(self, one, name=None):
        dues = [(due, clock) for clock, due, stop, ends in self.clocks(one)
                if due is not None and due > self.now and stop is None and name in (None, clock)
                and not (ends and one["state"] == "closed")]
        return min(dues, default=None)

    def meant(self, one, name=None):
        return self.overdue(one, name) or self.coming(one, name)


def day_of(due):
    return (due - datetime.timedelta(microseconds=1)).astimezone(ZONE).date().isoformat()


def check_rows(desk, recount):
    for row, one in zip(desk.rows("case.list"), recount.cases, strict=True):
        meant, overdue = recount.meant(one), recount.overdue(one)
        assert row["subject"] == one["subject"], (row, one)
        assert (row.get("due"), row.get("clock")) == (meant or (None, None)), (row, one)
        assert row.get("last_day") == (day_of(meant[0]) if meant else None), (row, one)
        assert row.get("overdue_since") == (overdue[0] if overdue else None), (row, one)
        assert row["last"]["type"] == one["last"], (row, one)
        assert row["policy"] == one["policy"] and row.get("handler") == one["handler"], (row, one)


def same(desk, recount, wanted, **params):
    """The list with these params is those of the cases for which wanted() holds, in order."""
    found = [row["subject"] for row in desk.rows("case.list", **params)]
    expected = [one["subject"] for one in recount.cases if wanted(one)]
    assert found == expected, (params, found, expected)
    paged = [row["subject"] for row in desk.rows("case.list", limit=7, **params)]
    assert paged == found, (params, paged, found)
    return len(found)


def check_filters(desk, recount):
    now, cases = recount.now, recount.cases
    met = collections.Counter()

    def check(wanted, **params):
        met[tuple(params)] += same(desk, recount, wanted, **params)

    check(recount.overdue, overdue=True)
    check(lambda one: not recount.overdue(one), overdue=False)
    for clock in ("answer", "law", "report"):
        check(lambda one: recount.overdue(one, clock), overdue=True, clock=clock)
        check(lambda one: clock in [name for name, *_ in recount.clocks(one)], clock=clock)
    for offset in range(-2, 5):
        day = (now + offset * DAY).date().isoformat()
        check(lambda one: any(day_of(found[0]) == day for found in candidates(recount, one)), due_on=day)
    check(lambda one: any(found[0] < now + DAY for found in candidates(recount, one)),
          due_before=(now + DAY).isoformat())
    for key in ("handler", "product", "seller", "channel", "policy"):
        for value in {one[key] for one in cases} - {None}:
            check(lambda one: one[key] == value, **{key: value})
    for unit in ("xj/urumqi", "xj/yining"):
        check(lambda one: one["unit"].startswith(unit) and recount.overdue(one), unit=unit, overdue=True)
    check(lambda one: one["paused"], paused=True)
    check(lambda one: one["paused"], paused="waiting")
    check(lambda one: not one["paused"], paused=False)
    check(lambda one: False, paused="another reason")
    check(lambda one: one["state"] != "closed", open=True)
    check(lambda one: one["state"] == "closed", open=False, state="closed")
    check(lambda one: "chased" in one["done"] and one["state"] != "closed", chased=True)
    check(lambda one: False, panel=True)
    check(lambda one: True, mediation=False)
    check(lambda one: False, regulator=True)
    middle = cases[CASES // 2]["opened"]
    check(lambda one: one["opened"] >= middle, opened_from=middle.isoformat())
    check(lambda one: one["opened"] < middle, opened_to=middle.isoformat())
    never = {("panel",), ("regulator",)}
    assert all(count > 0 for key, count in met.items() if key not in never), met


def candidates(recount, one):
    """All its clocks that are overdue or run out."""
    names = [name for name, *_ in recount.clocks(one)]
    return [found for name in names
            for found in (recount.overdue(one, name), recount.coming(one, name)) if found]


def check_order(desk, recount):
    far = datetime.datetime.max.replace(tzinfo=ZONE)
    number = {one["subject"]: i for i, one in enumerate(recount.cases)}

    def due(one):
        return recount.meant(one)[0] if recount.meant(one) else far

    orders = {"number": lambda one: number[one["subject"]],
              "due": lambda one: (due(one), number[one["subject"]]),
              "overdue": lambda one: (not recount.overdue(one), due(one), number[one["subject"]]),
              "age": lambda one: (one["opened"], number[one["subject"]])}
    for sort, key in orders.items():
        for limit in (1000, 7):
            found = [row["subject"] for row in desk.rows("case.list", sort=sort, limit=limit)]
            assert found == [one["subject"] for one in sorted(recount.cases, key=key)], (sort, found)


def check_counts(desk, recount):
    for by in ("unit", "policy", "clock"):
        cases, overdue = collections.Counter(), collections.Counter()
        for one in recount.cases:
            meant = recount.meant(one)
            name = (meant[1] if meant else "") if by == "clock" else one[by]
            cases[name] += 1
            overdue[name] += recount.overdue(one) is not None
        expected = [{by: name, "cases": cases[name], "overdue": overdue[name]} for name in sorted(cases)]
        for more in ({}, {"limit": 1}):
            rows = desk.rows("case.list", count_by=by, **more)
            assert all(row.pop("unit_name") for row in rows if by == "unit"), rows
            assert rows == expected, (by, expected)
    total = sum(row["cases"] for row in desk.rows("case.list", count_by="unit", overdue=True))
    assert total == len(desk.rows("case.list", overdue=True)) > 0


def test_the_list_is_a_recount():
    for seed in range(4):
        recount = Recount(seed)
        with Daemon(rules=RULES, args=["--clock", "events"]) as daemon:
            intake, desk = daemon.intake(), daemon.desk()
            for made, done in recount.events():
                answer = intake.send(made)
                if answer["status"] == "accepted":
                    done()
                else:
                    assert answer["error"]["code"] == "illegal_transition", answer
            print(f"seed {seed}: {len([1 for one in recount.cases if recount.overdue(one)])} overdue of {CASES}")
            check_rows(desk, recount)
            check_filters(desk, recount)
            check_order(desk, recount)
            check_counts(desk, recount)
            daemon.restart()
            check_rows(daemon.desk(), recount)


def test_wrong_params():
    with Daemon(rules=RULES, args=["--clock", "events"]) as daemon:
        desk = daemon.desk()
        for wrong, right in (({"sort": "dues"}, "due"), ({"count_by": "units"}, "unit"),
                             ({"policy": "leters"}, "letters"), ({"clock": "repotr"}, "report")):
            assert f"did you mean {right}?" in desk.refuses("bad_params", "case.list", **wrong).message
        for wrong in ({"due_on": "3 March"}, {"due_on": "2025-02-30"}, {"paused": 1}, {"overdue": "yes"}):
            assert list(wrong)[0] in desk.refuses("bad_params", "case.list", **wrong).message


if __name__ == "__main__":
    run(globals())
