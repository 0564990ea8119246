#!/usr/bin/python3
"""Names of a command line: what is not there is refused with the nearest, and who acts is told."""
import json
import os
import pathlib
import pwd
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import RULES, Daemon, complaint, run, tool  # noqa: E402
from lines import ENV, UNIT, call, filled, verbs  # noqa: E402

UNTIL = ["--until", "2h", "--reason", "r"]

# What is written, what is meant. Units, states and the like are names of the desk's or the engine's.
MISSPELT = [
    (["statsu"], "status"), (["silence", "craete", "unit=xj"], "silence create"),
    (["dead", "lst"], "dead list"), (["cases", "--uint", "xj"], "--unit"),
    (["cases", "--level", "hihg"], "high"), (["case", "c-11"], "c-1"),
    (["explain", "c-33"], "c-3"), (["ack", "cc-1"], "c-1"), (["note", "c1", "text"], "c-1"),
    (["assign", "c-1", "xj/urumqi/d4"], UNIT), (["assign", "c-1", "counter2"], "xj/urumqi/counter1"),
    (["decide", "c-1", "uphold"], "upheld"), (["amend", "c-1", "customr=k"], "customer"),
    (["decide", "c-1", "upheld", "--paid-for", "refnd"], "refund"),
    (["event", "case.closd", "--subject", "c-1", "resolution=x"], "case.closed"),
    (["event", "case.closed", "--subject", "c-1", "resolutoin=x"], "resolution"),
    (["cases", "--unit", "xj/urumqi/d4"], UNIT),
    (["cases", "--state", "opne"], "open"), (["cases", "--kind", "complint"], "complaint"),
    (["explain", "c-1", "--clock", "anser"], "answer"), (["timers", "--unit", "xj/yinnig"], "xj/yining"),
    (["alerts", "--unit", "xj/yinnig"], "xj/yining"), (["unacked", "--unit", "xj/yinnig"], "xj/yining"),
    (["units", "--unit", "xj/yinnig"], "xj/yining"), (["contacts", "--unit", "xj/yinnig"], "xj/yining"),
    (["notices", "--unit", "xj/yinnig"], "xj/yining"), (["warnings", "--unit", "xj/yinnig"], "xj/yining"),
    (["silence", "create", "unit=xj/yinnig", *UNTIL], "xj/yining"),
    (["silence", "create", "unit=!xj/yinnig", *UNTIL], "xj/yining"),
    (["silence", "create", "type=clock.breech", *UNTIL], "clock.breach"),
    (["silence", "create", "severity=hgh", *UNTIL], "high"),
    (["silence", "create", "clock=anser", *UNTIL], "answer"),
    (["silence", "create", "kind=complint", *UNTIL], "complaint"),
    (["silence", "create", "units=xj", *UNTIL], "unit"),
    (["silence", "create", "unit=xj", "--until", "tomorow", "--reason", "r"], "tomorrow"),
    (["event", "silence.created", "matchers.unit=xj/yinnig", "until=tomorrow", "reason=r"],
     "xj/yining"),
    (["source", "reset", "tset"], "test"),
    (["event", "source.reset", "source=tset"], "test"),
    (["contacts", "--code", "eldery"], "elderly"), (["warnings", "--since", "yesterdy"], "yesterday"),
    (["extend", "c-1", "anser", "--approved-by", "b", "--reason", "r"], "answer"), (["cases", "--since", "tomorow"], "tomorrow"),
    (["cases", "--due", "tomorow"], "tomorrow"), (["merge", "c-1", "c-33", "same"], "c-3"),
    (["chase", "c-1", "q", "--answer-by", "tomorow"], "tomorrow"),
    (["due", "--roll", "resday"], "restday"), (["metrics", "--promtheus"], "--prometheus"),
]


def test_a_misspelt_name_is_refused_with_the_nearest():
    with filled() as daemon:
        for words, meant in MISSPELT:
            done = subprocess.run([tool("redressctl"), "--run", daemon.folder, *words],
                                  capture_output=True, text=True, timeout=60, env=ENV, check=False)
            assert done.returncode in (1, 2), (words, done)
            # what the daemon refuses stands in its receipt, which is the answer
            assert f"did you mean {meant}?" in done.stderr + done.stdout, (words, done)
        assert call("redressctl", "status", "x", expect=1).stderr.startswith("usage:")
        assert "redressctl help silence" in call("redressctl", "silence", expect=1).stderr
        for verb in verbs():  # a letter too many in each verb, and in one option of each
            words = verb.split()
            wrong = [*words[:-1], words[-1] + "x"]
            stderr = call("redressctl", *wrong, expect=1).stderr
            assert f"did you mean {verb}" in stderr, (wrong, stderr)  # roster, rosters: as near
            stderr = call("redressctl", *words, "--timeot", "3", expect=1).stderr
            assert "did you mean --timeout?" in stderr, (verb, stderr)
        done = subprocess.run([tool("redress-sub"), "--run", daemon.folder, "xj/urumqi/d33"],
                              capture_output=True, text=True, timeout=60, env=ENV, check=False)
        assert done.returncode == 2 and f"did you mean {UNIT}?" in done.stderr, done
        assert "did you mean start?" in call("redress-sub", "--run", daemon.folder, "--from", "strat",
                                             expect=1).stderr
        stderr = call("redressctl", "--run", daemon.folder, "merge", "c-1", "c-33", "same",
                      expect=2).stderr
        assert "no c-1" not in stderr and "no c-33" in stderr, stderr
        stderr = call("redressctl", "--run", daemon.folder, "explain", "c-1", "--as-of", "2001-02-03",
                      expect=2).stderr
        assert "did not exist yet" in stderr and "did you mean" not in stderr, stderr


def test_a_notice_that_the_case_does_not_owe():
    rules = RULES.replace("policies:\n", "  notices: [{code: tout-fraud, match: {}, text: beware}]\n"
                          "policies:\n", 1)
    with Daemon(rules=rules) as daemon:
        receipt = daemon.intake().accept(complaint("c-1"))
        daemon.desk().reach(receipt["seq"])
        for case in ("c-1", "1"):
            stderr = call("redressctl", "--run", daemon.folder, "notice-given", case, "tout-fruad",
                          expect=2).stderr
            assert "did you mean tout-fraud?" in stderr, stderr
        call("redressctl", "--run", daemon.folder, "notice-given", "c-1", "tout-fraud")
        case = json.loads(call("redressctl", "--run", daemon.folder, "--json", "case", "c-1").stdout)
        assert [one["given"] for one in case["notices"]] == [True], case["notices"]


def test_who_acts_is_in_every_event_of_a_case():
    with filled() as daemon:
        acts = (["assign", "c-1", "xj/yining"], ["pause", "c-1", "court"],
                ["resume", "c-1", "court"], ["decide", "c-1", "upheld"],
                ["close", "c-1", "settled"], ["reopen", "c-1", "no"], ["ack", "c-2"],
                ["ack", "1"], ["amend", "c-2", "age=60"], ["withdraw", "c-3"],
                ["silence", "create", "unit=xj", "--until", "tomorrow", "--reason", "r"],
                ["silence", "end", "1"])
        others = (["extend", "c-1", "answer"], ["notice-given", "c-1", "x"], ["reapply", "c-1", "r"],
                  ["contacted", "c-1"], ["note", "c-1", "t"], ["merge", "c-1", "c-2", "r"],
                  ["event", "case.joined", "--subject", "c-4", "role=lawyer"])
        for words in (*acts, *others):  # nobody: nothing is sent
            done = call("redressctl", "--run", daemon.folder, *words, "--by", "", expect=1)
            assert "tell who acts: --by NAME" in done.stderr, (words, done)
        for words in acts:
            told = json.loads(call("redressctl", "--run", daemon.folder, "--json", "--by", "anna",
                                   *words).stdout)
            assert told["status"] == "accepted", (words, told)
        daemon.desk().reach(told["seq"])
        rows = json.loads(call("redressctl", "--run", daemon.folder, "--json", "journal", "--after",
                               "7").stdout)["rows"]
        assert len(rows) == 12 and all(row["event"]["data"]["by"] == "anna" for row in rows), rows
        env = {key: value for key, value in ENV.items() if key != "USER"}
        done = subprocess.run([tool("redressctl"), "--run", daemon.folder, "--json", "note", "c-1", "t"],
                              capture_output=True, text=True, timeout=60, env=env, check=True)
        last = json.loads(call("redressctl", "--run", daemon.folder, "--json", "journal", "--after",
                               json.loads(done.stdout)["seq"] - 1).stdout)["rows"][0]
        assert last["event"]["data"]["by"] == pwd.getpwuid(os.getuid()).pw_name, last


run(globals())
