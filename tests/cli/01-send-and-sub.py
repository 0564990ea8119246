#!/usr/bin/python3
"""redress-send(1) and redress-sub(1) against a real daemon whose time comes from the events."""
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import RULES, Daemon, complaint, contact, run  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
ROOT = HERE.parent.parent
SAMPLE = ROOT / "tests/data/cfpb-sample.csv"
MAPPING = ROOT / "tools/examples/cfpb.json"

BANK = """\
units:
  id: bank
  name: The bank
  calendar: office
  units:
    - {id: accounts, name: Accounts}
    - {id: cards, name: Cards}
    - {id: mortgage, name: Mortgages}
    - {id: collections, name: Collections}
    - {id: credit-reporting, name: Credit reporting}
    - {id: other, name: The rest}
calendars:
  office:
    timezone: America/New_York
    hours:
      - {days: mon-fri, open: ["09:00-17:00"]}
"""


def tool(name, daemon, *args, status=0, **more):
    """Runs a tool against the daemon; its exit status must be `status`."""
    done = subprocess.run([TOOLS / name, "--run", str(daemon.folder), *map(str, args)],
                          capture_output=True, text=True, timeout=100,
                          env={**os.environ, "TZ": "UTC"}, **more)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


def send(daemon, *args, **more):
    return json.loads(tool("redress-send", daemon, "--json", *args, **more).stdout.splitlines()[-1])


def bank():
    return Daemon(args=["--clock", "events"], units=BANK)


def test_the_sample_is_sent_and_sent_again():
    with bank() as daemon:
        told = send(daemon, "--map", MAPPING, SAMPLE)
        assert told["rows"] == told["accepted"] == 2000 and told["row"] == 2000, told
        assert daemon.desk().reach(2000)["open_cases"] == 2000


def test_a_month_sent_again_is_all_duplicates():
    with bank() as daemon:  # ids are known for 35 days of the events' own time
        month = daemon.folder / "month.csv"
        month.write_text("\n".join(SAMPLE.read_text(encoding="utf-8").split("\n")[:301]) + "\n",
                         encoding="utf-8")
        first = send(daemon, "--map", MAPPING, "--window", 7, "--batch", 3, month)
        assert first["accepted"] == first["rows"] > 200, first
        again = send(daemon, "--map", MAPPING, month)
        assert again["duplicate"] == first["rows"], again


def test_a_state_file_goes_on_behind_the_last_row():
    with bank() as daemon:
        folder = daemon.folder
        lines = SAMPLE.read_text(encoding="utf-8").split("\n")
        short = folder / "rows.csv"
        short.write_text("\n".join(lines[:11]) + "\n", encoding="utf-8")
        first = send(daemon, "--map", MAPPING, "--state", folder / "mark", short)
        assert first["accepted"] == 10, first
        assert sum(len(line) == 65 for line in (folder / "mark").read_text().splitlines()) == 10
        short.write_text("\n".join(lines[:16]) + "\n", encoding="utf-8")
        second = send(daemon, "--map", MAPPING, "--state", folder / "mark", short)
        assert (second["rows"], second["accepted"], second["known"]) == (15, 5, 10), second


def test_rejects_come_with_their_reasons_and_may_be_sent_again():
    with bank() as daemon:
        folder = daemon.folder
        header = SAMPLE.read_text(encoding="utf-8").split("\n")[0]
        rows = folder / "rows.csv"
        good = '2015-08-04,Mortgage,,,,"two\nlines, one ""row""",,A,MO,,,,Web,,,,,'
        rows.write_text("\n".join([header, good, good.replace("2015-08-04", "4 August"),
                                   'a,"b" c', good, ""]), encoding="utf-8")
        told = send(daemon, "--map", MAPPING, "--rejects", folder / "rejects", rows, status=2)
        assert told["accepted"] == 2 and told["bad"] == 2, told
        kept = (folder / "rejects").read_text(encoding="utf-8-sig")
        assert kept.startswith(
            "reject_run,reject_line,reject_code,reject_field,reject_message," + header), kept
        assert ",4,bad_row,time," in kept and ",6,bad_row,," in kept, kept
        (folder / "rejects").write_text(kept.replace(",4 August,", ",2015-08-05,").replace(
            kept.splitlines()[-1], ""), encoding="utf-8")
        again = send(daemon, "--map", MAPPING, folder / "rejects")
        # its line is another now, so its subject is: the place of a row is its key in this mapping
        assert again["accepted"] + again["duplicate"] == 1, again


def test_check_takes_nothing():
    with bank() as daemon:
        daemon.intake().accept({**complaint("first", unit="bank"), "time": "2015-01-01T00:00:00Z"})
        daemon.desk().call("status", min_seq=1)
        done = tool("redress-send", daemon, "--map", MAPPING, "--check", SAMPLE)
        assert done.stdout == "2000 rows: 2000 good, 0 not\n", done
        assert daemon.desk().call("status")["seq"] == 1
        events = daemon.folder / "e.ndjson"
        rows = [{"id": "1", "source": "t", "type": "complaint.registered", "subject": "s",
                 "time": "2025-03-03T10:00:00Z",
                 "data": {"customer": "k", "channel": "web", "unit": unit}}
                for unit in ("bank/cards", "bank/nowhere")]
        events.write_text("".join(json.dumps(row) + "\n" for row in rows))
        done = tool("redress-send", daemon, "--check", events, status=4)
        assert "unknown_unit" in done.stderr and "1 good, 1 not" in done.stdout, done


def test_events_as_they_are_and_their_receipts():
    with Daemon(args=["--clock", "events"]) as daemon:
        events = daemon.folder / "e.ndjson"
        one = {**contact("c-1"), "time": "2025-03-03T10:00:00+08:00"}
        events.write_text(json.dumps(one) + "\n\n" + json.dumps({**one, "id": 7}) + "\n")
        done = tool("redress-send", daemon, "--receipts", "-", events, status=2)
        receipt = json.loads(done.stdout.splitlines()[0])
        assert receipt["status"] == "accepted" and receipt["line"] == 1, receipt
        assert receipt["warning"]["level"] == "high", receipt
        assert done.stdout.splitlines()[-1] == (
            "2 rows: 1 accepted, 0 duplicate, 1 refused (1 before sending), 1 with a warning")
        assert 'line 3: bad_row' in done.stderr, done.stderr


def test_an_event_that_is_never_taken_is_not_sent():
    """One over four times the limit would end the connection, and be sent again for ever."""
    with Daemon(args=["--clock", "events"], limits="event_bytes: 8KiB") as daemon:
        events, rejects = daemon.folder / "e.ndjson", daemon.folder / "rejects"
        sizes = [10, 8000, 9000, 300_000, 5000, 1_000_000, 20]
        rows = [{**contact(f"c-{i}", text="x" * min(size, 30000), more="y" * max(0, size - 30000)),
                 "time": "2025-03-03T10:00:00+08:00"} for i, size in enumerate(sizes)]
        events.write_text("".join(json.dumps(row) + "\n" for row in rows))
        done = tool("redress-send", daemon, "--wait", "10s", "--rejects", rejects, events, status=2)
        assert "7 rows: 4 accepted" in done.stdout, done
        refused = [json.loads(line) for line in rejects.read_text().splitlines()]
        codes = {row["line"]: (row["code"], row["message"]) for row in refused}
        assert {line: code for line, (code, _) in codes.items()} == {
            3: "too_large", 4: "too_large", 6: "too_large"}, codes
        assert "the daemon takes at most 8192 (limits.event_bytes)" in codes[6][1], codes
        assert daemon.desk().call("metrics")["counters"]["peers_cut"] == 0
        assert daemon.desk().call("status")["limits"]["event_bytes"] == 8192


def test_nobody_answers():
    with Daemon(start=False) as daemon:
        done = tool("redress-send", daemon, "--wait", "300ms", "--map", MAPPING, SAMPLE, status=3)
        assert "nobody answers" in done.stderr, done.stderr
        assert "there is no such socket" in done.stderr and "waiting" in done.stderr, done.stderr
        assert re.search(r"with a warning, [1-9]\d* without an answer", done.stdout), done.stdout
        done = tool("redress-sub", daemon, "--for", "200ms", status=3)
        assert "no heartbeat" in done.stderr, done.stderr
        assert "there is no such socket" in done.stderr, done.stderr
        # Whoever ends it waits for no receipt where nobody is.
        asked = subprocess.Popen([TOOLS / "redress-send", "--run", str(daemon.folder), "--wait", "1h",
                                  "--map", MAPPING, SAMPLE], stderr=subprocess.PIPE, text=True)
        assert "waiting 3600 s for it" in asked.stderr.readline()
        asked.terminate()
        assert asked.wait(60) == -15, asked.stderr.read()
        # What is no socket stays none: nothing is waited for.
        (daemon.folder / "intake").write_text("a file")
        done = tool("redress-send", daemon, "--wait", "1h", "--map", MAPPING, SAMPLE, status=3)
        assert "a file that is not a socket is in the way" in done.stderr, done.stderr


def test_what_was_missed_is_caught_up_and_nothing_comes_twice():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake, cursor = daemon.intake(), daemon.folder / "cursor"
        for i in range(5):
            intake.accept({**contact(f"c-{i}", customer=f"k{i}"),
                           "time": f"2025-03-03T10:0{i}:00+08:00"})
        done = tool("redress-sub", daemon, "--from", "start", "--cursor", cursor, "--count", 3,
                    "--json", "xj")
        first = [json.loads(line)["seq"] for line in done.stdout.splitlines()]
        assert first == [1, 2, 3] and cursor.read_text() == "3\n", (first, cursor.read_text())
        done = tool("redress-sub", daemon, "--cursor", cursor, "--until-seq", 5, "--json", "xj")
        assert [json.loads(line)["seq"] for line in done.stdout.splitlines()] == [4, 5], done
        assert cursor.read_text() == "5\n"
        # another subtree has nothing, and its cursor goes on all the same
        done = tool("redress-sub", daemon, "--from", "start", "--cursor", daemon.folder / "other",
                    "--until-seq", 5, "xj/yining")
        assert done.stdout == "" and (daemon.folder / "other").read_text() == "5\n", done


def test_a_line_for_a_person():
    rules = RULES.replace("[unit], severity: high}", "[unit], severity: high, ack_within: 30m}", 1)
    with Daemon(args=["--clock", "events"], rules=rules) as daemon:
        daemon.intake().accept({**contact("c-1"), "time": "2025-03-03T10:00:00+08:00"})
        done = tool("redress-sub", daemon, "--from", "start", "--count", 1, "xj/urumqi/d3")
        assert done.stdout.startswith(
            "2025-03-03 02:00:00 high     Third district #1: First contact at risk: c-1"), done
        assert done.stdout.endswith(
            "; found: channel regulator; ack by 2025-03-03 02:30:00: redressctl ack 1\n"), done


def test_live_alerts_come_while_it_listens():
    with Daemon(args=["--clock", "events"]) as daemon:
        intake = daemon.intake()
        watch = subprocess.Popen(
            [TOOLS / "redress-sub", "--run", daemon.folder, "--from", "start", "--count", "3",
             "--json"], stdout=subprocess.PIPE, text=True)
        seen = []
        for i in range(3):
            intake.accept({**contact(f"c-{i}", customer=f"k{i}"),
                           "time": f"2025-03-03T10:0{i}:00+08:00"})
            seen.append(json.loads(watch.stdout.readline())["subject"])
        assert seen == ["c-0", "c-1", "c-2"], seen
        assert watch.wait(20) == 0
        watch.stdout.close()


def test_a_command_for_each_alert():
    with Daemon(args=["--clock", "events"]) as daemon:
        out, cursor = daemon.folder / "out", daemon.folder / "cursor"
        daemon.intake().accept({**contact("c-1"), "time": "2025-03-03T10:00:00+08:00"})
        daemon.intake().accept({**complaint("k-1"), "time": "2025-03-03T10:01:00+08:00"})
        done = tool("redress-sub", daemon, "--from", "start", "--cursor", cursor, "--tries", 1,
                    "--exec", f'cat >>{out}; test "$REDRESS_SEQ" != 2', "--until-seq", 2, status=2)
        assert "#2: the command ended with 1" in done.stderr, done.stderr
        assert cursor.read_text() == "1\n", cursor.read_text()
        tool("redress-sub", daemon, "--cursor", cursor, "--exec", f"cat >>{out}", "--until-seq", 2)
        seqs = [json.loads(line)["seq"] for line in out.read_text().splitlines()]
        assert seqs[:3] == [1, 2, 2] and cursor.read_text() == f"{seqs[-1]}\n", seqs


def test_a_command_that_hangs_is_ended_with_what_it_started():
    with Daemon(args=["--clock", "events"]) as daemon:
        read_end, write_end = os.pipe()  # at its end of file nobody of the command's is left
        daemon.intake().accept({**contact("c-1"), "time": "2025-03-03T10:00:00+08:00"})
        done = tool("redress-sub", daemon, "--from", "start", "--tries", 1, "--command-timeout",
                    "1s", "--exec", "tail -f /dev/null & tail -f /dev/null", "--count", 1, status=2,
                    pass_fds=[write_end])
        assert "#1: the command had not ended after 1 s (--command-timeout)" in done.stderr, done
        os.close(write_end)
        assert os.read(read_end, 1) == b""
        os.close(read_end)
        deaf = "trap '' TERM; exec tail -f /dev/null"
        tool("redress-sub", daemon, "--from", "start", "--tries", 1, "--command-timeout", "1s",
             "--exec", deaf, "--count", 1, status=2)
        tool("redress-sub", daemon, "--command-timeout", "soon", "--exec", "true", status=1)


def test_an_alert_is_acknowledged_when_its_command_says_so():
    rules = RULES.replace("{after: 0m, notify: [unit], severity: high}",
                          "{after: 0m, notify: [unit], severity: high, ack_within: 30m}")
    with Daemon(args=["--clock", "events"], rules=rules) as daemon:
        daemon.intake().accept({**contact("c-1"), "time": "2025-03-03T10:00:00+08:00"})
        desk = daemon.desk()
        assert len(desk.call("feed.unacked", unit="xj", min_seq=1)["rows"]) == 1
        tool("redress-sub", daemon, "--ack-by", "liaison", status=1)
        tool("redress-sub", daemon, "--from", "start", "--exec", "cat >/dev/null", "--ack-by",
             "liaison", "--ack-on-exit", 5, "--count", 1)
        assert len(desk.call("feed.unacked", unit="xj")["rows"]) == 1  # it ended with 0, not 5
        tool("redress-sub", daemon, "--from", "start", "--exec", "cat >/dev/null", "--ack-by",
             "liaison", "--ack-on-exit", 0, "--count", 1)
        assert desk.call("feed.unacked", unit="xj", min_seq=2)["rows"] == []


def test_usage():
    for name in ("redress-send", "redress-sub"):
        for args, status in ((["--help"], 0), (["--version"], 0), (["--nonsense"], 1),
                             (["--run"], 1), (["a", "b"], 1)):
            done = subprocess.run([TOOLS / name, *args], capture_output=True, text=True)
            assert done.returncode == status, (name, args, done)
            assert (done.stdout if status == 0 else done.stderr), (name, args)


if __name__ == "__main__":
    run(globals())
