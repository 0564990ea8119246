#!/usr/bin/python3
"""redressctl report --as-of and restated: what was told when a period closed, and what moved it since."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))
from harness import Daemon, complaint, event, run, tool  # noqa: E402

RULES = "policies: [{name: default, match: {}}]\n"


def ctl(daemon, *args, status=0):
    env = {**os.environ, "TZ": "Asia/Shanghai", "LANG": "C.UTF-8", "COLUMNS": "200"}
    done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), *args], capture_output=True,
                          env=env, timeout=60)
    assert done.returncode == status, (args, done.returncode, done.stderr.decode())
    return done.stdout.decode() if status == 0 else done.stderr.decode()


def filled():
    daemon = Daemon(args=["--clock", "events"], rules=RULES)
    intake = daemon.intake()

    def put(day, made):
        return intake.accept({**made, "time": f"{day}T10:00:00+08:00"})["seq"]
    put("2025-02-03", complaint("s0", unit="xj/yining"))
    put("2025-03-03", complaint("s1"))
    put("2025-03-20", event("case.verified", "s0", data={"valid": True, "by": "li"}))
    put("2025-04-02", event("case.verified", "s1", data={"valid": True, "by": "li"}))
    put("2025-04-03", event("case.verified", "s0", data={"valid": False, "by": "li"}))
    daemon.desk().reach(put("2025-04-04", event("case.amended", "s0", data={"respondent": "xj/urumqi/d3"})))
    return daemon


def test_the_quarter_as_it_was_told():
    with filled() as daemon:
        def units(*more):
            answer = json.loads(ctl(daemon, "report", "--from", "2025-Q1", "--by", "respondent", "--json", *more))
            whole = {row["figure"]: row["value"] for row in answer["figures"]}
            return whole["complaints_valid"], {
                row["group"]: row["values"]["complaints"] for row in answer["rows"] if row["values"]["complaints"]}
        assert units() == (1, {"xj/urumqi/d3": 2})
        assert units("--as-of", "2025-04-01") == (1, {"xj/urumqi/d3": 1, "xj/yining": 1})
        assert units("--as-of", "2025-03-01") == (0, {"xj/yining": 1})
        text = ctl(daemon, "report", "--from", "2025-Q1", "--as-of", "2025-04-01")
        assert "as of 2025-04-01 00:00" in text, text
        cases = ctl(daemon, "report", "--from", "2025-Q1", "--cases", "complaints_valid", "--as-of", "2025-04-01")
        assert [line.split()[1] for line in cases.splitlines()[1:]] == ["s0"], cases
        page = daemon.folder / "then.html"
        ctl(daemon, "report", "--from", "2025-Q1", "--html", str(page), "--as-of", "2025-04-01")
        assert "2025-04-01 00:00" in page.read_text(encoding="utf-8")


def test_what_moved_it():
    with filled() as daemon:
        text = ctl(daemon, "restated", "--from", "2025-Q1", "--unit", "xj/urumqi", "--figure",
                   "complaints,complaints_valid,valid_share")
        assert "as told at 2025-04-01 00:00" in text, text
        rows = [line.split() for line in text.splitlines() if "  " in line]
        assert ["complaints", "complaints", "1", "2", "+100.0", "%"] in rows, rows
        assert ["2", "s1", "xj/urumqi/d3", "complaints_valid", "0", "1"] in rows, rows
        assert ["1", "s0", "xj/urumqi/d3", "complaints", "0", "1"] in rows, rows
        assert ["1", "s0", "xj/urumqi/d3", "valid_share", "0/0", "0/1"] in rows, rows
        chinese = ctl(daemon, "restated", "--from", "2025-Q1", "--lang", "zh-CN")
        assert "当时" in chinese and "complaints_valid" in chinese, chinese
        table = ctl(daemon, "restated", "--from", "2025-Q1", "--csv", "--figure", "complaints_valid")
        assert table.splitlines() == ["case,subject,unit,code,told,now", "1,s0,xj/urumqi/d3,complaints_valid,1,0",
                                      "2,s1,xj/urumqi/d3,complaints_valid,0,1"], table  # one more, one less
        same = ctl(daemon, "restated", "--from", "2025-Q1", "--as-of", "2025-04-05", status=2)
        assert "ahead" in same, same
        assert "nothing has changed" in ctl(daemon, "restated", "--from", "2025-01", "--figure", "complaints")


def test_a_span_that_is_not_over_told_nothing():
    with filled() as daemon:
        assert "not over yet" in ctl(daemon, "restated", "--from", "2025-04", status=2)


run(globals())
