#!/usr/bin/python3
"""What became of first contacts: outcomes, what acting was worth, and the same by the back-test."""
import json
import subprocess

from harness import Daemon, event, run, tool

RULES = """\
assessment:
  follow_up: 10d
  rules: [{code: angry, match: {channel: angry}, points: 60}]
policies:
  - name: all
    match: {}
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit]}]}
"""
# contact: (what is done to it after an hour each, the day it complains on)
STORY = {
    "alone": ([], 4),
    "acted": (["case.acknowledged"], 4),
    "late": ([("case.acknowledged", 5)], 4),
    "relapse": (["case.defused"], 4),
    "defused": (["case.defused"], None),
    "spoken": (["case.customer_contacted", "case.closed"], None),
    "tended": (["case.acknowledged"], None),
    "closed": (["case.closed"], None),
    "quiet": ([], None),
}


def at(day, hour=10):
    return f"2025-03-{day:02}T{hour:02}:00:00+08:00"


def send(intake, type, subject, time, **data):
    return intake.accept(event(type, subject=subject, time=time, data=data))["seq"]


def filled(daemon):
    intake = daemon.intake()
    for name in STORY:
        send(intake, "contact.received", "c-" + name, at(1), customer=name, channel="angry",
             unit="xj/urumqi/d3")
    for day in range(1, 6):
        for name, (deeds, complains) in STORY.items():
            if complains == day:
                send(intake, "complaint.registered", "k-" + name, at(day, 11), customer=name,
                     channel="web", unit="xj/urumqi/d3")
            for hour, deed in enumerate(deeds):
                type, on = deed if isinstance(deed, tuple) else (deed, 1)
                if on == day and (complains is None or day < complains):
                    send(intake, type, "c-" + name, at(day, 12 + hour), by="li", resolution="done")
    send(intake, "contact.received", "c-below", at(1, 20), customer="below", channel="web", unit="xj")
    return send(intake, "contact.received", "c-open", at(12), customer="open", channel="angry",
                unit="xj/urumqi/d3")


def test_each_outcome():
    with Daemon(rules=RULES, args=["--clock", "events"]) as daemon:
        seq, desk = filled(daemon), daemon.desk()
        rows = desk.rows("contact.list", min_seq=seq)
        found = {row.get("subject"): (row["outcome"], row["acted"], row["relapsed"]) for row in rows}
        assert found == {
            "c-alone": ("complained", False, False), "c-acted": ("complained", True, False),
            "c-late": ("complained", False, False), "c-relapse": ("complained", True, True),
            "c-defused": ("preempted", True, False), "c-spoken": ("preempted", True, False),
            "c-tended": ("tended", True, False), "c-closed": ("quiet", False, False),
            "c-quiet": ("quiet", False, False), "c-open": ("open", False, False),
            None: ("quiet", False, False)}, found  # below the level: only a digest is kept
        assert {row["customer"] for row in rows if row.get("subject") == "c-acted"} == {"****"}
        counts = [row for row in desk.call("warnings")["rows"]
                  if row["kind"] == "contact" and row.get("level") == "high"][0]
        del counts["kind"], counts["level"]
        assert counts == {"assessed": 10, "open": 1, "came_true": 6, "complained": 4, "acted": 2,
                          "relapsed": 1, "preempted": 2, "tended": 1, "quiet": 2}, counts
        ctl = [tool("redressctl"), "--run", daemon.folder]
        made = json.loads(subprocess.run([*ctl, "--json", "warnings"], capture_output=True, text=True,
                                         check=True, timeout=60).stdout)
        high = [row for row in made["contacts"] if row["contacts"] == "level high"][0]
        assert (high["precision"], high["recall"]) == (7500, 10000), high  # 6 of 8; all that came true
        # acted on: 2 of 2 + 2 + 1; left alone: 2 of 2 + 2
        assert (high["complained_acted_on"], high["complained_left_alone"]) == (4000, 5000), high
        assert high["false_alarms"] == 2, high
        text = subprocess.run([*ctl, "warnings"], capture_output=True, text=True, check=True,
                              timeout=60).stdout
        assert "75.0 %" in text and "7500" not in text, text
        text = subprocess.run([*ctl, "contacts"], capture_output=True, text=True, check=True,
                              timeout=60).stdout
        assert "c-tended" in text and "****" in text and "preempted" in text, text


def test_the_learner_takes_the_same_outcomes():
    with Daemon(rules=RULES, args=["--clock", "events"]) as daemon:
        filled(daemon)
        daemon.stop()
        done = subprocess.run(
            [tool("redress-train"), "--state", daemon.folder / "state", "--ending", "tended",
             "--follow-up", "240h", "--out", daemon.folder / "card.yaml"],
            capture_output=True, text=True, timeout=60, check=False)
        # 6 that complained or were pre-empted; 2 quiet and the one below; open and tended left out.
        # They are too few to learn from, which it says with what it found.
        assert done.returncode == 2 and "9 to try with 6 yes" in done.stderr, done


run(globals())
