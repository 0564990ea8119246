#!/usr/bin/python3
"""A reload under work: timers, windows and the policies of open cases stay."""
import os
import subprocess

from harness import Daemon, complaint, configuration, contact, event, run

WINDOW = """  windows:
    - {code: repeat, key: customer, types: [contact.received], days: 7, count: 3, points: 70}
policies:"""


def on(one, hour):
    return {**one, "time": f"2025-03-03T{hour}:00+08:00"}


def test_open_cases_keep_their_policy_and_timers():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk, feed = daemon.intake(), daemon.desk(), daemon.feed("xj/")
        seq = intake.accept(on(complaint("k-1"), "10:00"))["seq"]
        timers = desk.call("timer.list", min_seq=seq)["rows"]
        assert len(timers) == 2, timers
        text = daemon.config_path.read_text()
        changed = text.replace("limit: 2h", "limit: 30m").replace("name: default", "name: other")
        daemon.write_config(changed)
        assert "reloaded" in daemon.reload()
        seq = intake.accept(on(complaint("k-2", customer="k2"), "10:10"))["seq"]
        old = desk.call("case.get", subject="k-1", min_seq=seq)
        new = desk.call("case.get", subject="k-2", min_seq=seq)
        assert old["policy"] == "default" and new["policy"] == "other", (old, new)
        mine = [row for row in desk.call("timer.list")["rows"] if row["case"] == old["case"]]
        assert mine == timers, (mine, timers)
        # the new one's half hour first, then the old one's second rung, then its two hours
        seq = intake.accept(on(event("case.noted", subject="k-1", data={
            "by": "li", "text": "x"}), "12:30"))["seq"]
        seen = []
        while not seen or seen[-1] != ("clock.breach", "k-1"):
            _, alert = feed.alert()
            seen.append((alert["type"], alert["subject"]))
            assert "late_by" not in alert, alert
        assert seen == [("ladder.rung", "k-1"), ("ladder.rung", "k-2"), ("clock.breach", "k-2"),
                        ("ladder.rung", "k-1"), ("ladder.rung", "k-2"),
                        ("clock.breach", "k-1")], seen
        # told to, an old case takes the present policy
        seq = intake.accept(on(event("case.reapplied", subject="k-1", data={
            "reason": "new rules"}), "12:31"))["seq"]
        assert desk.call("case.get", subject="k-1", min_seq=seq)["policy"] == "other"


def test_windows_survive_a_reload_and_a_restart():
    with Daemon(start=False, args=["--clock", "events"]) as daemon:
        text = configuration(daemon.folder).replace("policies:", WINDOW)
        daemon.write_config(text)
        daemon.start()
        intake = daemon.intake()
        said = intake.accept(on(contact("c-1", channel="branch"), "10:00"))
        assert said["warning"]["level"] == "none", said
        daemon.write_config(text.replace("high: 60", "high: 65"))
        assert "reloaded" in daemon.reload()
        intake.accept(on(contact("c-2", channel="branch"), "10:10"))
        daemon.restart()
        said = intake.accept(on(contact("c-3", channel="branch"), "10:20"))
        assert said["warning"]["level"] == "high", said
        assert [one["code"] for one in said["warning"]["reasons"]] == ["repeat"], said


def test_a_refused_reload_changes_nothing():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        seq = intake.accept(on(contact("c-1", unit="xj/yining"), "10:00"))["seq"]
        before = desk.call("status", min_seq=seq)
        timers = desk.call("timer.list")["rows"]
        good = daemon.config_path.read_text()
        for bad in (good.replace("    - {id: yining, name: Yining}\n", ""),
                    good + "nonsense: 1\n", good + "units: [\n", "redress: 2\n", ""):
            assert bad != good
            daemon.write_config(bad)
            assert "refused" in daemon.reload(), bad
            after = desk.call("status", min_seq=seq)
            for key in ("config", "seq", "open_cases", "pending_timers", "next_timer"):
                assert before[key] == after[key], (key, before, after)
            assert desk.call("timer.list")["rows"] == timers
        seq = intake.accept(on(contact("c-2", unit="xj/yining", customer="k2"), "10:01"))["seq"]
        assert desk.call("case.get", subject="c-2", min_seq=seq)["unit"] == "xj/yining"


def asking(daemon, pid=None, **env):
    """`redressd --reload`, begun: what ExecReload= of the unit runs."""
    return subprocess.Popen([daemon.binary, "--reload", str(pid or daemon.process.pid)], text=True,
                            stderr=subprocess.PIPE, env={**os.environ, **env})


def answer(one):
    _, text = one.communicate(timeout=60)
    return one.returncode, text


def test_who_asks_for_a_reload_hears_what_came_of_it():
    with Daemon(start=False) as daemon:
        daemon.env["RUNTIME_DIRECTORY"] = here = str(daemon.folder)
        daemon.start()
        good = daemon.config_path.read_text()
        # Several at once, one right behind the other: each hears of the file as it was for it.
        for _ in range(10):
            daemon.write_config(good + "nonsense: 1\n")
            for one in [asking(daemon, RUNTIME_DIRECTORY=here) for _ in range(4)]:
                status, text = answer(one)
                assert status == 78 and "the old one stays" in text and "nonsense" in text, text
            daemon.write_config(good)
            for one in [asking(daemon, RUNTIME_DIRECTORY=here) for _ in range(4)]:
                assert answer(one) == (0, "")
        daemon.drain_notify()
        daemon.write_config(good + "nonsense: 1\n")
        assert answer(asking(daemon, RUNTIME_DIRECTORY=here))[0] == 78
        told = daemon.wait_notify("STATUS=")
        assert "nonsense" in told and "the old one stays" in told, told
        for shift in ("", "x", "xx"):  # wherever it is cut, it is UTF-8: the harness decodes it
            daemon.write_config(good + shift + "乌鲁木齐" * 20 + ": 1\n")
            told = daemon.reload()
            assert shift + "乌" in told and len(told.encode()) > 300, told
        daemon.write_config(good + "nonsense: 1\n")
        assert answer(asking(daemon, RUNTIME_DIRECTORY=here))[0] == 78
        daemon.drain_notify()
        beat = daemon.wait_notify("STATUS=")  # and so does the next second's, with its counts
        assert "nonsense" in beat and "open cases" in beat, beat
        daemon.write_config(good)
        assert "reloaded" in daemon.reload()
        beat = daemon.wait_notify("STATUS=")
        assert beat.startswith("STATUS=event"), beat
        gone = daemon.process.pid
        daemon.stop()
        status, text = answer(asking(daemon, pid=gone, RUNTIME_DIRECTORY=here))
        assert status == 69 and str(gone) in text, (status, text)
        assert answer(asking(daemon, pid=gone))[0] == 64


def test_a_unit_that_is_gone_leaves_its_cases_to_another():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(on(complaint("k-1", unit="xj/yining"), "10:00"))
        intake.accept(on(complaint("k-2", unit="xj/yining", customer="k2"), "10:00"))
        intake.accept(on(event("case.closed", subject="k-2", data={"resolution": "r"}), "10:01"))
        good = daemon.config_path.read_text()
        line = "    - {id: yining, name: Yining}\n"
        assert line in good
        daemon.write_config(good.replace(line, ""))
        assert "refused" in daemon.reload() and "open cases: 1" in daemon.log()
        daemon.write_config(good.replace(
            line, "    - {id: yining, name: Yining, moved_to: xj/urumqi/d3}\n"))
        assert "reloaded" in daemon.reload()
        seq = intake.accept(on(event("case.noted", subject="k-2", data={
            "by": "li", "text": "x"}), "10:02"))["seq"]
        case = desk.call("case.get", subject="k-1", min_seq=seq)
        assert case["unit"] == "xj/urumqi/d3" and case["respondent"] == "xj/yining", case
        assert case["transfers"] == 0, case
        told = [one for one in case["alerts"] if one["type"] == "case.assigned"]
        assert [one["unit"] for one in told] == ["xj/urumqi/d3"], case["alerts"]
        assert told[0]["cause"] == {"timer": "configuration"}, told
        assert any(one["what"] == "moved" and one["unit"] == "xj/yining"
                   for one in case["history"]), case["history"]
        assert desk.call("case.get", subject="k-2")["unit"] == "xj/yining"
        # What names the old unit means the new one; what the old one was asked is asked no more.
        seq = intake.accept(on(complaint("k-3", unit="yining", customer="k3"), "10:03"))["seq"]
        case = desk.call("case.get", subject="k-3", min_seq=seq)
        assert case["unit"] == "xj/urumqi/d3", case
        assert not desk.rows("feed.unacked", unit="xj/yining")
        # With its cases elsewhere it may go.
        daemon.write_config(good.replace(line, ""))
        assert "reloaded" in daemon.reload()
        assert not [row for row in desk.rows("units") if row.get("former")]
        # One of its own that opens again is found where it is.
        seq = intake.accept(on(event("case.reopened", subject="k-2", data={
            "reason": "r"}), "10:04"))["seq"]
        assert desk.call("case.get", subject="k-2", min_seq=seq)["unit"] == "xj/yining"
        rows = desk.rows("units")
        assert [(row["unit"], row["open_cases"]) for row in rows if row.get("former")] == [
            ("xj/yining", 1)], rows
        assert len(rows) == len(desk.rows("units", unit="xj")) == 1 + len(
            [row for row in rows if not row.get("former")])
        assert desk.rows("units", unit="xj/yining")[0]["former"] is True
        assert desk.call("check")["faults"] == 0


if __name__ == "__main__":
    run(globals())
