#!/usr/bin/python3
"""redress-bench with a daemon of its own: all that was sent is accepted. Nothing is timed."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import run  # noqa: E402

BENCH = os.path.join(os.environ["REDRESS_TOOLS"], "redress-bench")
OK, USAGE, REFUSED, UNREACHABLE = range(4)


def bench(*words, expect=OK):
    done = subprocess.run([BENCH, *words], capture_output=True, text=True, timeout=100)
    assert done.returncode == expect, (words, done)
    return done


def test_what_was_sent_is_accepted():
    with tempfile.TemporaryDirectory() as folder:
        spawn = ["--spawn", os.environ["REDRESSD"], "--dir", folder]
        for more in (["--producers", "2", "--alerts"], ["--ids", "--mix", "open"]):
            said = json.loads(bench(*spawn, "--events", "2000", "--json", *more).stdout)
            assert said["sent"] == said["accepted"] == said["measured"] == 2000, said
            assert said["rejected"] == said["duplicate"] == 0, said
            assert said["receipt_us"]["count"] == 2000, said
            spread = [said["receipt_us"][key] for key in ("p50", "p90", "p99", "p99.9", "max")]
            assert spread == sorted(spread) and spread[0] > 0, said
            if "--alerts" in more:
                assert said["alerts"] == said["alert_us"]["count"] == 400, said


def test_a_rate_and_subscribers():
    with tempfile.TemporaryDirectory() as folder:
        said = json.loads(bench("--spawn", os.environ["REDRESSD"], "--dir", folder, "--json", "--rate", "5000",
                                "--mix", "alerts", "--events", "1000", "--subscribers", "3").stdout)
        assert said["accepted"] == 1000 and said["span_us"] > 1000 * 200 * .9, said
        assert said["delivered"] == 3 * 1000 and said["deliveries_lost"] == 0, said


def test_timers():
    with tempfile.TemporaryDirectory() as folder:
        spawn = ["--spawn", os.environ["REDRESSD"], "--dir", folder]
        said = json.loads(bench(*spawn, "--cases", "3000", "--due", "1500", "--duration", "1", "--json",
                                "timers").stdout)
        assert said["timers_fired"] == 1500 and said["tail_records"] > 0, said
        assert said["timer_late"]["count"] == 1000 and said["busy"] == 0, said
        assert min(said["anon_loading_kib"], said["anon_after_kib"], said["overlay_seeding_kib"],
                   said["ready_killed_us"]) > 0, said
        done = bench(*spawn, "timers", expect=USAGE)
        assert "state is there already" in done.stderr, done


def test_somebodys_configuration_is_not_overwritten():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "redress.yaml")
        path.write_text("redress: 1\n")
        done = bench("--spawn", os.environ["REDRESSD"], "--dir", folder, expect=REFUSED)
        assert "redress.yaml was not written by this program" in done.stderr, done
        assert path.read_text() == "redress: 1\n"


def test_nobody_there():
    with tempfile.TemporaryDirectory() as folder:
        bench("--run", folder, "--wait", "1", "--events", "1", expect=UNREACHABLE)
        bench("--run", folder, "--wait", "1", "--events", "1", "--alerts", expect=UNREACHABLE)


def test_wrong_command_lines():
    for words in (["--window", "0"], ["--bytes", "199"], ["--mix", "other"], ["--spawn", "x"],
                  ["other"], ["timers"], ["--cases", "1", "--due", "2"], ["--rate", "0"], ["--producers", "2", "--events", "1"], ["--no-such"]):
        assert bench(*words, expect=USAGE).stderr, words


def test_fsync():
    with tempfile.TemporaryDirectory() as folder:
        said = json.loads(bench("--json", "--events", "5", "fsync", folder).stdout)
        assert said["fdatasync"]["count"] == 5, said
    bench("fsync", folder, expect=REFUSED)


run(globals())
