#!/usr/bin/python3
"""report with as_of, and restated: what was told then comes out again, whatever came after it."""
import datetime
import threading
import time

from harness import WAIT_S, Daemon, DeskError, at, complaint, event, run, verify

RULES = """\
policies:
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 15d, statutory: true}]
figures: {small_n: 1, appraisal: {complaints: 100}}
"""
DAY = datetime.timedelta(days=1)


def daemon(more=""):
    return Daemon(args=["--clock", "events"], rules=RULES + more)


def stamp(number, days):
    """The own time of the number-th event, and when it is sent."""
    return (at("2025-01-06T10:00:00+08:00") + days * DAY + number * datetime.timedelta(seconds=1)).isoformat()


def year(count):
    """Complaints that change for months after they came: valid late, merged, moved, decided twice, forgotten."""
    sent = []

    def put(day, made):
        sent.append((day, made))
    for n in range(count):
        day = 3 * n
        subject, unit = f"s{n}", ["xj/urumqi/d3", "xj/yining", "xj/urumqi/counter1"][n % 3]
        put(day, complaint(subject, unit=unit, customer=f"c{n % 7}", product="pq"[n % 2]))
        put(day + 2, event("case.assigned", subject, data={"unit": "xj/consumer"}))
        put(day + 20, event("case.decided", subject, data={
            "outcome": "upheld", "amount": f"{100 + n}.00", "currency": "CNY", "paid_for": "refund"}))
        if n % 3 == 0:
            put(day + 45, event("case.verified", subject, data={"valid": True, "by": "li"}))
        if n % 4 == 0:
            put(day + 70, event("case.decided", subject, data={"outcome": "rejected"}))
        if n % 5 == 1:
            put(day + 80, event("case.amended", subject, data={"respondent": "xj/yining"}))
        if n % 5 == 2 and n > 7:
            put(day + 33, event("case.merged", subject, data={"into": f"s{n - 7}", "reason": "the same"}))
    sent.sort(key=lambda one: one[0])
    return [{**made, "time": stamp(i, day)} for i, (day, made) in enumerate(sent)]


def told(desk, **params):
    answer = desk.patient("report", **{"from": "2025-Q1", "by": "respondent"}, **params)
    return {key: value for key, value in answer.items() if key != "as_of"}, answer["as_of"]


def test_each_instant_is_told_as_it_was():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        seen = []
        for one in year(30):
            receipt = intake.send(one)
            if receipt["status"] == "accepted":
                desk.reach(receipt["seq"])
                seen.append((one["time"], *told(desk)))
        assert len(seen) > 100
        for time, then, as_of in [*seen[::9], *seen[-1::-17]]:
            again, again_of = told(desk, as_of=time)
            assert again == then, (time, as_of, again_of)
            assert again_of["seq"] == as_of["seq"] and again_of["time"] == as_of["time"] == at(time)
        cases = desk.call("report", **{"from": "2025-Q1", "cases": "complaints_valid"}, as_of=seen[40][0])
        whole = {row["figure"]: row for row in seen[40][1]["figures"]}
        assert len(cases["rows"]) == whole["complaints_valid"]["value"], (cases, whole["complaints_valid"])
        it.stop()
        assert list((it.folder / "state").glob("past*")) == []
        verify(it.folder / "state")


def test_between_two_events_it_is_that_day():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept({**complaint("a"), "time": "2025-01-06T10:00:00+08:00"})
        seq = intake.accept({**complaint("b"), "time": "2025-03-06T10:00:00+08:00"})["seq"]
        desk.reach(seq)
        answer = desk.call("report", as_of="2025-02-01T00:00:00+08:00")
        assert answer["to"] == "2025-02-01" and answer["as_of"]["seq"] == 1, answer
        late = {row["figure"]: row["value"] for row in desk.call("report", as_of="2025-02-01T00:00:00Z")["figures"]}
        assert late["clocks_late"] == 1, late  # its timer has fired by then, though no event came
        assert desk.refuses("bad_params", "report", as_of="2025-03-06T10:00:01+08:00")
        empty = desk.call("report", as_of="2024-12-31T00:00:00+08:00")  # it was there, and nothing had come
        assert empty["as_of"]["seq"] == 0 and not any(
            row["value"] for row in empty["figures"]), empty["as_of"]
    with Daemon(rules=RULES) as it:
        desk = it.desk()
        desk.reach(it.intake().accept(complaint("a"))["seq"])
        gone = desk.refuses("gone", "report", as_of="2024-12-31T00:00:00+08:00")
        first = desk.call("report", as_of=gone.earliest)
        assert first["as_of"]["time"] == gone.earliest and first["as_of"]["seq"] == 0, first["as_of"]
        now = {row["figure"]: row["value"] for row in desk.call("report", as_of=datetime.datetime.now(datetime.timezone.utc))["figures"]}
        assert now["complaints"] == 1, now["complaints"]


def newest_snapshot(it, desk, before=None):
    """Waits for one that `before` is not; it is made every second where anything changed."""
    deadline = time.monotonic() + WAIT_S
    while True:
        found = sorted((it.folder / "state/snapshots").glob("*.snapshot"))
        if found and found[-1] != before:
            return found[-1]
        assert time.monotonic() < deadline, found
        desk.call("status")


def test_the_newest_snapshot_before_it_serves():
    with daemon(more="snapshot: {every: 1s, keep: 9}\n") as it:
        intake, desk = it.intake(), it.desk()
        sent, seen, snapshot = year(12), [], None
        third = len(sent) // 3
        for begin in (0, third, 2 * third):
            for one in sent[begin:begin + third]:
                intake.send(one)
            seq = intake.accept({**event("case.noted", "s0", data={"by": "x", "text": "y"}),
                                 "time": sent[begin + third - 1]["time"]})["seq"]
            desk.reach(seq)
            seen.append((sent[begin + third - 1]["time"], told(desk)[0]))
            snapshot = newest_snapshot(it, desk, snapshot)
        for when, then in (seen[1], seen[0], seen[1]):
            assert told(desk, as_of=when)[0] == then, when
        snapshots = sorted((it.folder / "state/snapshots").glob("*.snapshot"))
        snapshots[0].write_bytes(snapshots[0].read_bytes()[:-20])  # its head is whole
        assert told(desk, as_of=seen[1][0])[0] == seen[1][1]  # a later one goes before it
        error = desk.refuses("internal", "report", as_of=seen[0][0])
        assert "state of that instant" in error.message, error


def test_others_are_answered_meanwhile():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        for i in range(0, 3000, 500):
            intake.accept(*[{**complaint(f"s{n}", customer=f"c{n}"), "time": stamp(n, 0)} for n in range(i, i + 500)])
        seq = intake.accept({**complaint("end"), "time": stamp(0, 1)})["seq"]
        desk.reach(seq)
        answers, ends = [], []

        def ask(when):
            own = it.desk()
            while not any(one == when for one, _ in answers):
                try:
                    answers.append((when, own.call("report", as_of=when, figure="complaints", **{"from": "2025"})))
                except DeskError as error:
                    assert error.code == "not_yet", error
        askers = [threading.Thread(target=ask, args=(stamp(n, 0),)) for n in (2999, 100, 1500)]
        for one in askers:
            one.start()
        while any(one.is_alive() for one in askers):
            ends.append(desk.call("status")["as_of"]["seq"])
        for one in askers:
            one.join()
        assert ends and set(ends) == {seq}
        for when, answer in answers:
            count = answer["figures"][0]["value"]
            assert at(stamp(count - 1, 0)) == at(when), (when, count)
        assert len(answers) == 3


def test_restated_names_what_moved():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        sent = year(30)
        for one in sent:
            intake.send(one)
        seq = intake.accept({**complaint("end"), "time": stamp(0, 200)})["seq"]
        desk.reach(seq)
        close = "2025-04-01T00:00:00+08:00"
        answer = desk.patient("restated", **{"from": "2025-Q1"}, limit=1000)
        assert answer["told"] == at(close) and answer["period"] == "2025-Q1", answer["told"]
        then = {row["figure"]: row for row in told(desk, as_of=close)[0]["figures"]}
        now = {row["figure"]: row for row in told(desk)[0]["figures"]}
        changed = {row["figure"] for row in answer["figures"]}
        for figure, row in now.items():
            if not figure.startswith("overdue") and figure != "appraisal":
                parts = [(side[figure]["value"], side[figure].get("top"), side[figure].get("bottom"))
                         for side in (then, now)]
                assert (parts[0] != parts[1]) == (figure in changed), (figure, parts)
        assert {"complaints", "complaints_valid", "paid_refund", "decided"} <= changed, changed
        for row in answer["figures"]:
            assert (row["told"], row["value"]) == (then[row["figure"]]["value"], now[row["figure"]]["value"]), row
            moved = [part for case in answer["rows"] for part in case["figures"] if part["figure"] == row["figure"]]
            if row["measure"] == "count" and row["figure"] not in ("persons_sanctioned",):
                assert moved and sum(part["now"] - part["told"] for part in moved) == row["value"] - row["told"], row
        merged = {one["subject"] for one in sent if one["type"] == "case.merged"}
        assert merged & {case["subject"] for case in answer["rows"]}, answer["rows"]
        for case in answer["rows"]:
            assert all((part["told"], part.get("told_of")) != (part["now"], part.get("now_of"))
                       for part in case["figures"]), case
        pages, after = [], 0
        while after is not None:
            page = desk.call("restated", **{"from": "2025-Q1"}, limit=2, after=after)
            pages += page["rows"]
            after = page.get("next")
        assert pages == answer["rows"]
        one = desk.call("restated", **{"from": "2025-Q1"}, unit="xj/yining", figure="complaints")
        here, before = told(desk)[0]["rows"], told(desk, as_of=close)[0]["rows"]
        assert one["figures"][0]["value"] == next(
            row["values"]["complaints"] for row in here if row["group"] == "xj/yining"), (one, here)
        assert one["figures"][0]["told"] == next(
            row["values"]["complaints"] for row in before if row["group"] == "xj/yining")
        assert one["rows"], one
        last = stamp(0, 200)
        nothing = desk.call("restated", **{"from": "2025-Q1"}, as_of=last)
        assert nothing["rows"] == nothing["figures"] == [], nothing
        assert desk.refuses("bad_params", "restated")
        assert desk.refuses("bad_params", "restated", **{"from": "2025"})


def test_what_is_not_kept_whole_is_gone():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        for one in year(6):
            intake.send(one)
        intake.accept({**event("customer.forgotten", data={"customer": "c1"}), "time": stamp(0, 120)})
        while desk.call("erasure.status")["rows"][0]["state"] != "done":
            it.wait_notify("READY=1")  # it starts anew
        seq = intake.accept({**complaint("later"), "time": stamp(0, 150)})["seq"]
        desk.reach(seq)
        gone = desk.refuses("gone", "report", as_of=stamp(0, 30))
        assert gone.earliest >= at(stamp(0, 120)), gone.earliest
        assert desk.call("report", as_of=gone.earliest)["as_of"]["time"] == gone.earliest
        assert desk.call("report", as_of=stamp(0, 130))["as_of"]["seq"] == seq - 1


run(globals())
