#!/usr/bin/python3
"""redressctl report and figures as people, spreadsheets and programs see them."""
import json
import os
import pathlib
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parent.parent / "wire")]
import browser  # noqa: E402
from harness import Daemon, complaint, event, run, tool  # noqa: E402

RULES = """\
policies: [{name: default, match: {}}]
figures: {small_n: 1, appraisal: {complaints: 100}}
"""


def ctl(daemon, *args, status=0, columns=None):
    env = {**os.environ, "TZ": "Asia/Shanghai", "LANG": "C.UTF-8"}
    if columns:
        env["COLUMNS"] = str(columns)
    done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), *args], capture_output=True,
                          env=env, timeout=60)
    assert done.returncode == status, (args, done.returncode, done.stderr.decode())
    return done.stdout.decode()


def filled():
    daemon = Daemon(args=["--clock", "events"], rules=RULES)
    intake = daemon.intake()
    for number, (unit, day, product) in enumerate([
            ("xj/urumqi/d3", "2025-01-05", "=SUM(A1)"), ("xj/yining", "2025-02-05", "寿险"),
            ("xj/yining", "2025-02-06", 'a "quoted", one')]):
        intake.accept({**complaint(f"s{number}", unit=unit, product=product), "time": f"{day}T10:00:00+08:00"})
    seq = intake.accept({**event("case.decided", "s1", data={
        "outcome": "upheld", "amount": "29730000.00", "currency": "CNY", "paid_for": "agreed_termination",
        "accommodation": True}), "time": "2025-02-09T10:00:00+08:00"})["seq"]
    daemon.seq = str(seq)
    return daemon


def test_text_names_every_figure_that_there_is():
    with filled() as daemon:
        text = ctl(daemon, "report", "--from", "2025-Q1", "--min-seq", daemon.seq)
        assert text.startswith("xj, 2025-01-01 to 2025-03-31, as of 2025-02-09"), text
        rows = {line.split("  ")[0]: line for line in text.splitlines()}
        assert "29,730,000.00 CNY" in rows["paid"], text
        assert " 33.33 %" in rows["accommodation share"], text
        assert rows["complaints"].split()[2:5] == ["3", "–", "–"], rows["complaints"]
        assert "settled" not in rows  # nothing of it
        assert "settled" in {line.split("  ")[0] for line in
                             ctl(daemon, "report", "--from", "2025", "--all").splitlines()}
        chinese = ctl(daemon, "report", "--from", "2025", "--lang", "zh-CN")
        assert "投诉件" in chinese and "协议解约差额" in chinese and "同比" in chinese, chinese


def test_groups_and_months():
    with filled() as daemon:
        text = ctl(daemon, "report", "--from", "2025", "--by", "unit", "--figure", "complaints,paid",
                   "--min-seq", daemon.seq)
        lines = {line.split()[0]: line.split() for line in text.splitlines()[3:]}
        assert lines["xj/yining"][1:3] == ["Yining", "2"] and lines["xj/urumqi"][2] == "1", text
        months = ctl(daemon, "report", "--from", "2025-01", "--to", "2025-03", "--by", "month",
                     "--figure", "complaints")
        assert "2025-01" in months and "▄" in months.splitlines()[3] or "█" in months, months


def test_csv_is_for_spreadsheets():
    with filled() as daemon:
        text = ctl(daemon, "report", "--from", "2025", "--by", "product", "--figure", "complaints,paid",
                   "--csv", "--bom", "--min-seq", daemon.seq)
        assert text.startswith("\ufeffgroup,name,complaints,paid CNY\r\n"), text
        assert "\"'=SUM(A1)\",,1,0" in text and '"a ""quoted"", one",,1,0' in text, text
        assert "寿险,,1,29730000.00" in text, text
        share = ctl(daemon, "report", "--from", "2025", "--figure", "accommodation_share", "--csv")
        assert share.splitlines()[1].split(",")[2] == "0.3333", share


def test_json_is_the_desk_s_answer():
    with filled() as daemon:
        answer = json.loads(ctl(daemon, "report", "--from", "2025", "--json", "--min-seq", daemon.seq))
        assert {row["figure"]: row["value"] for row in answer["figures"]}["complaints"] == 3
        assert len(json.loads(ctl(daemon, "figures", "--json"))["rows"]) == len(answer["figures"])


def test_cases_behind_a_figure():
    with filled() as daemon:
        text = ctl(daemon, "report", "--from", "2025", "--cases", "complaints", "--by", "product",
                   "--group", "寿险", "--min-seq", daemon.seq)
        assert [line.split() for line in text.splitlines()[1:]] == [["2", "s1", "xj/yining", "2025-02-05", "1"]], text
        assert "29730000.00" in ctl(daemon, "report", "--from", "2025", "--cases", "paid")


def test_definitions_say_what_is_counted():
    with filled() as daemon:
        text = ctl(daemon, "figures", "--figure", "attendance,mediated")
        assert "attendance" in text and "did not decline" in text and "more is better" in text, text
        assert "应调率" in ctl(daemon, "figures", "--lang", "zh-CN")


def test_a_page_stands_alone():
    with filled() as daemon:
        for lang, words in (("en", ["By month", "All figures", "29,730,000.00 CNY"]),
                            ("zh-CN", ["按月", "全部指标", "协议解约差额", "投诉件"])):
            page = daemon.folder / f"{lang}.html"
            ctl(daemon, "report", "--from", "2025-Q1", "--html", str(page), "--lang", lang, "--min-seq", daemon.seq)
            text = page.read_text(encoding="utf-8")
            assert all(word in text for word in words), (lang, text[:2000])
            browser.stands_alone(text)
            assert text.count("<svg") == 4 and text.count("<rect") == 8 and "Yining" in text and ("none yet: " if lang == "en" else "尚无:") in text
        ctl(daemon, "report", "--html", str(daemon.folder / "none" / "x.html"), status=1)


def test_a_browser_shows_it_whole():
    found = browser.find()
    if found is None:
        return
    with filled() as daemon:
        page = daemon.folder / "page.html"
        ctl(daemon, "report", "--from", "2025-Q1", "--html", str(page), "--lang", "zh-CN", "--min-seq", daemon.seq)
        browser.look(found, page)


def test_mistakes_are_told():
    with filled() as daemon:
        for args in (["--from", "2025-13"], ["--figure", "complants"], ["--from", "2025", "--cases", "x"]):
            ctl(daemon, "report", *args, status=2)


run(globals())
