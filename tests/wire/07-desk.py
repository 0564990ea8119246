#!/usr/bin/python3
"""Every method of the desk, its pages and its errors."""
from harness import Daemon, DeskError, complaint, contact, event, run

TIME = "2025-03-03T10:00:00+08:00"


def on(one, time=TIME):
    return {**one, "time": time}


def refused(desk, code, method, **params):
    try:
        desk.call(method, **params)
    except DeskError as error:
        assert error.code == code, (method, params, error)
        return
    raise AssertionError(f"{method} {params} was answered")


def filled(daemon, count=5):
    """Cases s-0…, one rejected event; the last event's number."""
    intake = daemon.intake()
    for i in range(count):
        receipt = intake.accept(on(contact(f"s-{i}", customer=f"cust-000{i}")))
    assert intake.send(on(event("no.such")))["status"] == "rejected"
    return intake, receipt["seq"]


def test_every_list_is_paged_with_next_and_after():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, seq = filled(daemon)
        desk = daemon.desk()
        for i in range(2):
            seq = intake.accept(on(event("silence.created", data={
                "matchers": {"unit": f"xj/u{i}"}, "until": "2025-03-04T10:00:00+08:00",
                "by": "li", "reason": "drill"})))["seq"]
        expected = {"case.list": 5, "timer.list": None, "journal.read": 7, "contact.list": 5,
                    "units": 6, "silence.list": 2, "source.list": None, "dead.list": None,
                    "notice.list": None, "feed.unacked": None}
        for method, count in expected.items():
            whole = desk.call(method, min_seq=seq)
            assert "next" not in whole and {"seq", "alert", "time"} <= set(whole["as_of"]), whole
            assert count is None or len(whole["rows"]) == count, (method, whole)
            pages, after = [], 0
            for _ in range(len(whole["rows"]) + 1):
                page = desk.call(method, min_seq=seq, limit=1, after=after)
                pages += page["rows"]
                assert len(page["rows"]) <= 1, page
                after = page.get("next")
                if after is None:
                    break
            assert pages == whole["rows"], (method, pages, whole["rows"])


def test_replay_pages_by_head():
    with Daemon(args=["--clock", "events"]) as daemon:
        _, seq = filled(daemon)
        desk = daemon.desk()
        whole = desk.call("feed.replay", min_seq=seq, after=0)
        assert [row["seq"] for row in whole["rows"]] == [1, 2, 3, 4, 5], whole
        assert whole["head"] == 5, whole
        seen, head = [], 0
        while head < 5:
            page = desk.call("feed.replay", unit="xj/urumqi", after=head, limit=2)
            assert page["head"] > head, page
            seen, head = seen + page["rows"], page["head"]
        assert seen == whole["rows"], seen
        # a prefix matches whole parts of a path
        refused(desk, "bad_params", "feed.replay", unit="xj/uru", after=0)
        empty = desk.call("feed.replay", unit="xj/yining", after=0)
        assert empty["rows"] == [] and empty["head"] == 5, empty
        assert desk.call("feed.replay", after=5)["head"] == 5


def test_a_case_and_the_filters_of_the_list():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, _ = filled(daemon)
        intake.accept(on(complaint("k-1", customer="cust-0099", unit="xj/yining")))
        seen = event("case.acknowledged", subject="s-0", data={"by": "wang"})
        seq = intake.accept(on(seen))["seq"]
        desk = daemon.desk()
        one = desk.call("case.get", subject="s-0", min_seq=seq)
        assert one == desk.call("case.get", case=one["case"], min_seq=seq)
        assert one["state"] == "handling" and one["kind"] == "contact", one
        assert one["unit"] == "xj/urumqi/d3" and one["customer"] == "****0000", one
        assert one["ladder"]["state"] == "stopped" and one["rung"] == 1, one
        assert one["warning"]["level"] == "high", one
        assert [clock["clock"] for clock in one["clocks"]] == ["defuse"], one
        assert [alert["type"] for alert in one["alerts"]] == ["warning.first_contact"], one

        def subjects(**params):
            return [row["subject"] for row in desk.call("case.list", **params)["rows"]]

        assert subjects(state="handling") == ["s-0"]
        assert subjects(kind="complaint") == ["k-1"]
        assert subjects(unit="xj/yining") == ["k-1"] and subjects(unit="xj/urumqi/counter1") == []
        assert len(subjects(unit="xj")) == 6
        assert subjects(customer="cust-0003") == ["s-3"]
        assert len(subjects(warning_level="high")) == 5
        assert len(subjects(rung=1)) == 6 and subjects(rung=2) == []
        assert len(subjects(due_before="2025-03-03T11:00:01+08:00")) == 5
        assert subjects(due_before="2025-03-03T11:00:00+08:00") == []


def test_a_check_takes_nothing():
    with Daemon(args=["--clock", "events"]) as daemon:
        _, seq = filled(daemon)
        desk = daemon.desk()
        before = desk.call("status", min_seq=seq)
        said = desk.call("event.check", event=on(contact("new", customer="other")), min_seq=seq)
        assert said["receipt"]["status"] == "accepted", said
        assert said["receipt"]["warning"]["level"] == "high", said
        bad = desk.call("event.check", event=on(contact("s-0")), min_seq=seq)["receipt"]
        assert bad["status"] == "rejected" and bad["error"]["code"] == "conflict", bad
        refused(desk, "not_found", "case.get", subject="new")
        after = desk.call("status")
        for key in ("seq", "alert", "open_cases", "pending_timers", "record", "next_timer"):
            assert before[key] == after[key], (key, before, after)
        assert len(desk.call("journal.read")["rows"]) == 5
        again = daemon.intake().accept(on(contact("new", customer="other")))
        assert again["case"] == said["receipt"]["case"] and again["seq"] == seq + 1, again


def test_the_daemon_of_itself():
    with Daemon(args=["--clock", "events"]) as daemon:
        _, seq = filled(daemon)
        desk = daemon.desk()
        status = desk.call("status", min_seq=seq)
        assert status["protocol"] == 1 and status["term"] == 1 and status["seq"] == seq, status
        assert status["open_cases"] == 5 and status["pending_timers"] == 10, status
        proof = desk.call("check")
        assert proof["faults"] == 0 and proof["cases"] == 5, proof
        assert desk.call("config.get")["config"], "empty"
        metrics = desk.call("metrics")
        assert metrics["counters"] and metrics["histograms"], metrics
        checked = desk.call("feed.check", topics=["xj/", "~ops/"])
        assert checked["rows"] == [{"topic": "xj/", "may": True}, {"topic": "~ops/", "may": True}]


def test_errors():
    with Daemon(args=["--clock", "events"]) as daemon:
        filled(daemon)
        desk = daemon.desk()
        refused(desk, "unknown_method", "case.delete")
        refused(desk, "unknown_method", "")
        refused(desk, "not_found", "case.get", case=77)
        refused(desk, "not_found", "case.get", subject="never")
        refused(desk, "bad_params", "case.get")
        refused(desk, "bad_params", "case.list", limit=10001)
        refused(desk, "bad_params", "case.list", limit=0)
        refused(desk, "bad_params", "case.list", due_before="yesterday")
        refused(desk, "bad_params", "feed.check", topics="xj/")
        refused(desk, "bad_params", "event.check", event=7)
        refused(desk, "not_yet", "status", min_seq=1000)
        refused(desk, "not_yet", "status", min_alert=1000)
        assert desk.call("status")["seq"] == 5


def test_names_are_checked():
    """Each misspelt name is refused, and the message has the right one."""
    with Daemon(args=["--clock", "events"]) as daemon:
        filled(daemon)
        desk = daemon.desk()
        for method, wrong, right in (
                ("case.list", {"state": "opened"}, "open"),
                ("case.list", {"warning_level": "hihg"}, "high"),
                ("case.list", {"kind": "complaints"}, "complaint"),
                ("case.list", {"unit": "xj/urumqi/d4"}, "xj/urumqi/d3"),
                ("case.list", {"unti": "xj"}, "unit"),
                ("case.list", {"min_sqe": 1}, "min_seq"),
                ("contact.list", {"kind": "contct"}, "contact"),
                ("contact.list", {"warning_level": "wach"}, "watch"),
                ("timer.list", {"befor": TIME}, "before"),
                ("feed.unacked", {"unit": "xj/yinin"}, "xj/yining"),
                ("feed.replay", {"unit": "~op"}, "~ops"),
                ("explain", {"subject": "s-0", "clock": "defus"}, "defuse"),
                ("status", {"stael": True}, "stale")):
            error = desk.refuses("bad_params", method, **wrong)
            name = next(key for key in wrong if key != "subject")
            assert error.message.endswith(f"did you mean {right}?"), (method, wrong, error)
            assert str(wrong[name]) in error.message or name in error.message, error
        error = desk.refuses("unknown_method", "case.lsit")
        assert error.message.endswith('"case.lsit": did you mean case.list?'), error
        error = desk.refuses("bad_params", "case.list", state="zzzzzzzz")
        assert "there is open, assigned, handling, decided, closed, grown" in error.message, error
        for method, wrong in (("case.list", {"unit": 7}), ("case.list", {"rung": "2"}),
                              ("case.list", {"customer": 12345}), ("status", {"stale": 1}),
                              ("status", {"min_seq": "now"}), ("journal.read", {"raw": 1}),
                              ("contact.list", {"open": "yes"}), ("feed.check", {"topics": [1]}),
                              ("case.list", {"after": -1})):
            error = desk.refuses("bad_params", method, **wrong)
            assert list(wrong)[0] in error.message, error
        assert desk.call("case.list", state=None, unit=None, limit=None)["rows"]
        # a case has this clock's name in its configuration, another one does not
        refused(desk, "not_found", "explain", subject="s-0", clock="answer")
        # an error's text is UTF-8 wherever it is cut
        for length in range(100):
            error = desk.refuses("bad_params", "case.list", state="x" * length + "投诉" * 40)
            assert "投" in error.message or length > 40, error


if __name__ == "__main__":
    run(globals())
