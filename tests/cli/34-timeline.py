#!/usr/bin/python3
"""redressctl explain --svg: a case's course as a picture."""
import os
import pathlib
import re
import subprocess
import sys
import xml.dom.minidom

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "wire")]
import browser  # noqa: E402
from harness import Daemon, complaint, event, run, tool  # noqa: E402

RULES = """\
policies:
  - name: default
    match: {}
    clocks:
      - name: answer
        start: received
        stop: decided
        limit: 15d
        statutory: true
        pause_reasons: [appraisal]
        extensions: [{limit: 30d, approved_by: parent, told_customer: true}]
      - {name: 首次联系, start: received, stop: customer_contacted, limit: 1d}
      - {name: met, start: received, stop: acknowledged, limit: 5d}
      - {name: later, start: closed, stop: joined, limit: 5d, outlives_close: true}
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: info}
        - {after: 1d, notify: [parent], severity: high}
"""
SUBJECT = 'k<&>"1"'


def ctl(daemon, *args, status=0):
    env = {**os.environ, "TZ": "Asia/Shanghai", "LANG": "C.UTF-8"}
    done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), *args], capture_output=True,
                          env=env, timeout=60)
    assert done.returncode == status, (args, done.returncode, done.stderr.decode())
    return done.stderr.decode()


def filled():
    daemon = Daemon(args=["--clock", "events"], rules=RULES)
    intake = daemon.intake()

    def put(day, type, **data):
        return intake.accept({**event(type, SUBJECT, data=data), "time": f"2025-{day}T10:00:00+08:00"})["seq"]
    intake.accept({**complaint(SUBJECT), "time": "2025-03-03T10:00:00+08:00"})
    put("03-05", "case.acknowledged", by="li")
    put("03-06", "case.paused", reason="appraisal")
    put("03-12", "case.resumed", reason="appraisal")
    put("03-13", "case.noted", by="王", text="长" * 400)
    put("03-20", "case.extended", clock="answer", approved_by="boss", reason="复杂", told_customer=True)
    daemon.desk().reach(put("04-28", "case.noted", by="li", text="<script>alert(1)</script> \ufffe\uffff end"))
    return daemon


def drawn(daemon, *args):
    path = daemon.folder / "case.svg"
    ctl(daemon, "explain", SUBJECT, "--svg", str(path), *args)
    text = path.read_text(encoding="utf-8")
    return path, text, xml.dom.minidom.parseString(text)


def texts(picture):
    return ["".join(child.data for child in one.childNodes) for one in picture.getElementsByTagName("text")]


def classes(picture, tag):
    return [one.getAttribute("class") for one in picture.getElementsByTagName(tag)]


def test_what_stands_in_it():
    with filled() as daemon:
        _, text, picture = drawn(daemon)
        browser.stands_alone(text.replace("<circle", "<rect").replace("<path", "<rect").partition("?>")[2])
        told = texts(picture)
        assert f"case 1  {SUBJECT}" in told, told
        for line in ("paused: appraisal", "answer (statutory): breached; last day 2025-04-07",
                     "首次联系: breached; last day 2025-03-04", "met: stopped in time; last day 2025-03-08",
                     "later: not begun", "2025-03-06 10:00:00  paused for appraisal", "rungs (2)",
                     "2025-03-12 10:00:00  resumed  appraisal"):
            assert line in told, (line, told)
        assert any(line.startswith("2025-03-20 10:00:00  extension 1 of 1: 30d") for line in told), told
        assert any("<script>alert(1)</script>" in line and line.endswith("end") for line in told), told[-1]
        assert any(line.endswith("长…") for line in told)
        rects = classes(picture, "rect")
        # a pause by itself, and where it held the one clock that takes it
        assert rects.count("over") == 2 and rects.count("good") == 1 and rects.count("pause") == 2, rects
        assert classes(picture, "path").count("step") == 3 and classes(picture, "path").count("due") == 3
        left, right = 20, 980
        for one in picture.getElementsByTagName("rect"):
            if one.getAttribute("class"):
                x, width = int(one.getAttribute("x")), int(one.getAttribute("width"))
                assert left <= x and x + width <= right + 1, one.toxml()


def test_in_chinese():
    with filled() as daemon:
        _, _, picture = drawn(daemon, "--lang", "zh-CN")
        told = texts(picture)
        for line in (f"案件 1  {SUBJECT}", "暂停:appraisal", "answer(法定): 已超时;最后一日 2025-04-07", "升级 (2)",
                     "2025-03-12 10:00:00  恢复计时  appraisal"):
            assert line in told, (line, told)


def test_a_case_of_one_moment():
    with Daemon(args=["--clock", "events"], rules="policies: [{name: default, match: {}}]\n") as daemon:
        daemon.desk().reach(daemon.intake().accept(
            {**complaint(SUBJECT), "time": "2025-03-03T10:00:00+08:00"})["seq"])
        _, text, picture = drawn(daemon)
        assert re.search(r'viewBox="0 0 1000 \d+"', text) and texts(picture)[0].startswith("case 1")


def test_a_browser_shows_it_whole():
    found = browser.find()
    if found is None:
        return
    with filled() as daemon:
        path, _, _ = drawn(daemon, "--lang", "zh-CN")
        browser.look(found, path)


def test_what_is_asked_wrongly_is_told():
    with filled() as daemon:
        assert "whole case" in ctl(daemon, "explain", SUBJECT, "--svg", "x.svg", "--clock", "met", status=1)
        done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), "explain", SUBJECT, "--svg", "-"],
                              capture_output=True, timeout=60, check=True)
        assert b"<svg" in done.stdout[:80], done.stdout[:80]
        assert "no/x.svg" in ctl(daemon, "explain", SUBJECT, "--svg", str(daemon.folder / "no/x.svg"), status=1)
        ctl(daemon, "explain", "nobody", "--svg", str(daemon.folder / "x.svg"), status=2)
        assert not (daemon.folder / "x.svg").exists()


run(globals())
