#!/usr/bin/python3
"""redressctl due: the calculator. No daemon, no case; only the calendars of a file."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import HERE, run  # noqa: E402

CTL = os.path.join(os.environ["REDRESS_TOOLS"], "redressctl")
EXAMPLE = HERE.parent.parent / "daemon/config/redress.example.yaml"
HOURS = 'hours: [{days: mon-fri, open: ["09:00-17:00"]}]'


def due(*flags, config=EXAMPLE, calendar="cn", start="2025-09-22T10:00:00+08:00", stdin=None,
        expect=0):
    words = [CTL, "due", "--config", str(config), "--calendar", calendar, "--from", start, *flags]
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == expect, (words, done)
    return done


def answer(*flags, **more):
    done = due(*flags, "--json", **more)
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done
    return json.loads(lines[0])


def test_the_manuals_examples():
    rows = (("15d", "restday", "cn", "2021-09-18", "2021-10-08", "2021-10-03"),
            ("15d", "restday", "cn", "2025-09-12", "2025-09-28", "2025-09-27"),
            ("15d", "restday", "cn", "2025-04-12", "2025-04-27", "2025-04-27"),
            ("1bd", "none", "cn", "2025-04-25", "2025-04-27", "2025-04-27"),
            ("7bd", "none", "cn", "2025-09-22", "2025-09-30", "2025-09-30"),
            ("7bd", "none", "cn", "2024-09-30", "2024-10-15", "2024-10-15"),
            ("1bd", "none", "cn", "2025-06-05", "2025-06-06", "2025-06-06"),
            ("1bd", "none", "cn-xj", "2025-06-05", "2025-06-11", "2025-06-11"))
    for limit, roll, calendar, start, last, raw in rows:
        said = answer("--limit", limit, "--roll", roll, calendar=calendar,
                      start=start + "T10:00:00+08:00")
        assert list(said) == ["due", "last_day", "raw_day", "provisional", "days"], said
        assert (said["last_day"], said["raw_day"]) == (last, raw), said
        assert said["due"].endswith("T00:00:00+08:00") and said["provisional"] is False, said
        assert said["days"][0]["date"] == start and said["days"][-1]["date"] == last, said
        assert sum(day["counted"] for day in said["days"]) == int(limit.rstrip("bd")), said


def test_limits_in_hours():
    said = answer("--limit", "90m")
    assert said["due"] == "2025-09-22T11:30:00+08:00" and not said["provisional"], said
    assert said["last_day"] == said["raw_day"] == "2025-09-22", said
    assert answer("--limit", "4h", "--time", "elapsed")["due"] == "2025-09-22T14:00:00+08:00"
    assert answer("--limit", "4h", "--time", "working")["due"] == "2025-09-22T15:30:00+08:00"
    said = answer("--limit", "6h", "--time", "working", calendar="cn-xj",
                  start="2025-06-05T19:00:00+08:00")
    assert said["due"] == "2025-06-11T17:00:00+08:00", said
    assert [day["counted"] for day in said["days"]] == [True] + 5 * [False] + [True], said
    said = answer("--limit", "24h", start="2025-06-05T00:00:00+08:00")
    assert (said["due"], said["last_day"]) == ("2025-06-06T00:00:00+08:00", "2025-06-05"), said
    assert len(said["days"]) == 1, said


def test_weeks_closing_and_other_offsets():
    assert answer("--limit", "8w", start="2025-01-01T10:00:00+08:00")["last_day"] == "2025-02-26"
    said = answer("--limit", "7bd", "--end", "closing", calendar="cn-xj")
    assert said["due"] == "2025-09-30T20:00:00+08:00", said
    assert answer("--limit", "7bd", "--end", "midnight", start="2025-09-21T18:00:00Z") == \
        answer("--limit", "7bd"), "it is the 22nd at the office's place"


def test_provisional():
    assert answer("--limit", "7bd", start="2026-12-21T10:00:00+08:00")["provisional"] is False
    assert answer("--limit", "7bd", start="2026-12-28T10:00:00+08:00")["provisional"] is True


def test_a_file_with_nothing_but_calendars():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "only.yaml"
        path.write_text(f"calendars:\n  plain: {{timezone: Europe/London, {HOURS}}}\n"
                        f'  "shut": {{timezone: UTC, hours: [{{days: sun, open: ["09:00-10:00"]}}],'
                        ' days: []}\n', encoding="utf-8")
        done = due("--limit", "1bd", "--json", config=path, calendar="plain",
                   start="2025-03-28T10:00:00Z")  # clocks go forward on the Sunday between
        assert json.loads(done.stdout)["due"] == "2025-04-01T00:00:00+01:00", done
        assert "without holidays" in done.stderr, done
        assert answer("--limit", "24h", config=path, calendar="plain",
                      start="2025-03-29T12:00:00Z")["due"] == "2025-03-30T13:00:00+01:00"
        path.write_text("calendars:\n  bad: {timezone: Mars/Base, " + HOURS + "}\n",
                        encoding="utf-8")
        done = due("--limit", "1bd", config=path, calendar="bad", expect=1)
        assert f"--config {path}" in done.stderr and ":2:" in done.stderr, done


def test_text_for_people():
    text = due("--limit", "7bd").stdout
    assert "2025-09-28 + working day 5 of 7: Sunday, make-up working day: 国庆节、中秋节" in text, text
    assert "last day 2025-09-30" in text, text
    text = due("--limit", "1bd", calendar="cn-xj", start="2025-06-05T10:00:00+08:00").stdout
    assert "2025-06-08   Sunday, closed: 古尔邦节 (calendar cn-xj)" in text, text


def test_many_starts():
    starts = [f"2025-{month:02}-{day:02}T{hour:02}:00:00+08:00"
              for month in range(1, 13) for day in range(1, 29) for hour in range(24)]
    done = due("--limit", "5bd", "--json", start="-", stdin="\n".join(starts) + "\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(starts), len(lines)
    assert lines[0] == answer("--limit", "5bd", start=starts[0])
    assert lines[-1] == answer("--limit", "5bd", start=starts[-1])
    text = due("--limit", "15d", "--roll", "restday", start="-",
               stdin="2021-09-18T10:00:00+08:00\r\n2026-12-28T10:00:00+08:00")
    assert text.stdout.splitlines() == [
        "2021-10-09T00:00:00+08:00, last day 2021-10-08, moved from 2021-10-03",
        "2027-01-13T00:00:00+08:00, last day 2027-01-12, provisional"], text
    assert due("--limit", "1d", "--json", start="-", stdin="").stdout == ""


def test_errors_name_the_flag_or_the_line():
    rows = ((["--limit", "7bx"], "--limit 7bx"), (["--limit", "0d"], "--limit 0d"),
            (["--limit", "9999999d"], "--limit 9999999d"), (["--limit", ""], "--limit"),
            (["--limit", "1d", "--roll", "up"], "--roll up"),
            (["--limit", "1d", "--end", "noon"], "--end noon"),
            (["--limit", "1h", "--time", "slow"], "--time slow"),
            (["--limit", "1h", "--roll", "restday"], "--roll restday"),
            (["--limit", "1h", "--end", "closing"], "--end closing"),
            (["--limit", "1bd", "--time", "working"], "--time working"),
            ([], "--limit"))
    for flags, said in rows:
        done = due(*flags, expect=1)
        assert said in done.stderr and done.stdout == "", done
    done = due("--limit", "1d", calendar="mars", expect=1)
    assert "--calendar mars" in done.stderr and "cn, cn-xj" in done.stderr, done
    for start in ("soon", "2025-02-30T10:00:00+08:00", "25:00", "2025-09-31", "2025-09-22 10"):
        assert "--from" in due("--limit", "1d", start=start, expect=1).stderr, start
    done = due("--limit", "1d", config="/nowhere/redress.yaml", expect=1)
    assert "--config /nowhere/redress.yaml" in done.stderr, done
    done = due("--limit", "1d", "--json", start="-", expect=1,
               stdin="2025-09-22T10:00:00+08:00\n\n2025-09-22T10:00:00+08:00\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]  # the start before it, and why it ends
    assert "line 2" in done.stderr and "line 2" in lines[1]["error"]["message"] and len(lines) == 2, done


run(globals())
