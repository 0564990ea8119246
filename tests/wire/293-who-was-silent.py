#!/usr/bin/python3
"""A rung that was held says who did not answer, and since when: redress.yaml(5), "alerts.titles"."""
import subprocess

from harness import complaint, run, tool
from world import World

RULES = """\
assessment: {open_case_at: high}
policies:
  - name: default
    match: {}
    clocks: []
    ladder:
      rungs:
        - {after: 0m, notify: [unit], severity: high, ack_within: 30m, time: working, hold: opening%s}
        - {after: 2h, notify: [parent], severity: high, hold: opening}
rosters: {night: {hand_over: opening, turns: [consumer], first: 2025-09-22}}
supervision:
  digest: {at: closing}
  duties: [{duty: log, for: [xj], every: month, due: 0d, from: 2025-09-01}]
alerts: {language: %s}
"""
CLOSED = ', closed: ["roster: night"]'


def titles(closed, language):
    """What the unit and the one above hear at nine, of a case that came at two in the night."""
    with World(RULES % (closed, language)) as world:
        world.take("2025-09-23T02:00:00+08:00", complaint("C1", "xj/yining"))
        world.take("2025-09-23T10:00:00+08:00")
        told = {(a["unit"], a["rung"]): a for a in world.alerts("ladder.rung")}
        assert told["xj/yining", 1]["time"] == told["xj", 2]["time"], told
        return told["xj", 2]["title"]


def test_it_is_whoever_stood_in_not_the_unit_that_hears_of_it_now():
    title = titles(CLOSED, "en")
    assert title.startswith("Escalated, Consumer protection has not acknowledged since 02:00"), title
    title = titles(CLOSED, "zh-CN")
    assert "Consumer protection自9月23日02:00起未确认" in title, title


def test_where_nobody_stood_in_it_says_that_the_unit_is_told_only_now():
    assert titles("", "en").startswith("Escalated, Yining is told only now"), titles("", "en")
    assert "Yining刚刚接到预警" in titles("", "zh-CN"), titles("", "zh-CN")


def test_a_digest_that_there_is_not_is_no_case_with_a_name_near_to_it():
    with World(RULES % ("", "en")) as world:
        world.take("2025-09-22T09:00:00+08:00")
        world.take("2025-09-23T20:00:00+08:00")
        (duty,) = world.daemon.desk().rows("duty.list")
        assert duty["subject"] == "log/xj/2025-09", duty
        def ctl(*words):
            done = subprocess.run([tool("redressctl"), *words, "--run", str(world.daemon.folder)],
                                  capture_output=True, text=True)
            assert done.returncode != 0, done.stdout
            return done.stderr
        said = ctl("digest", "xj", "2999-12-31")
        assert "the newest is of 2025-09-23" in said and "did you mean" not in said, said
        said = ctl("digest", "yinin")
        assert "did you mean xj/yining?" in said, said
        assert "did you mean log/xj/2025-09?" in ctl("case", "log/xj/2025-9")


run(globals())
