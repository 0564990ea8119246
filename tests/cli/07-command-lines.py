#!/usr/bin/python3
"""The command lines of all tools: help, manuals and completion tell the same options; every verb's
JSON is one document; tables fit the terminal."""
import fcntl
import json
import os
import pathlib
import pty
import re
import shlex
import socket
import stat
import struct
import subprocess
import sys
import termios

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import HERE, Daemon, binary, complaint, contact, run, tool  # noqa: E402
from lines import ENV, UNIT, call, filled, verbs  # noqa: E402

ROOT = HERE.parent.parent
PROGRAMS = ["redressctl", "redress-send", "redress-sub", "redress-backtest", "redress-train",
            "redress-bench"]


def complete(program, *words, **more):
    return call(program, "--complete", *words, **more).stdout.splitlines()


def options_of(words):
    return {word[2:] for word in words if word.startswith("--")} - {"help", "version"}


def told_options(lines):
    """The options that lines of mdoc name: .Fl -unit, also behind a bracket or a bar."""
    text = re.sub(r"\bNo\b.*|\bNs\b", " ", "\n".join(lines))
    return set(re.findall(r"(?<![\w-])-([a-z][a-z-]+)", " ".join(
        line for line in text.splitlines() if "Fl " in line))) - {"help", "version", "complete"}


def test_manuals_name_the_options_that_there_are():
    for program in PROGRAMS:
        page = (ROOT / f"tools/{program}.1").read_text(encoding="utf-8").splitlines()
        told = told_options(page)
        there = options_of(complete(program, "--"))
        if program == "redressctl":
            for verb in verbs():
                own = options_of(complete(program, *verb.split(), "--"))
                assert own >= there & own
                there |= own
        assert told == there, (program, "only told:", told - there, "not told:", there - told)


def test_a_verbs_help_names_its_options():
    common = options_of(call("redressctl", "help").stdout.split("Options of every verb:")[1].split())
    for verb in verbs():
        text = call("redressctl", "help", *verb.split()).stdout
        assert text == call("redressctl", *verb.split(), "--help").stdout, verb
        assert text == call("redressctl", *verb.split(), "-h").stdout, verb
        assert text.startswith(f"usage: redressctl {verb}"), text
        own = {word[2:] for word in re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE)}
        assert own - common == options_of(complete("redressctl", *verb.split(), "--")) - common, verb
    for program in PROGRAMS:
        text = call(program, "--help").stdout
        assert max(map(len, text.splitlines())) <= 80, [x for x in text.splitlines() if len(x) > 80]
    assert "silence end" in call("redressctl", "help", "silence").stdout
    assert "pause" in call("redressctl", "help", "paus", expect=1).stderr


def test_every_program_refuses_alike():
    for program in PROGRAMS:
        for words, said in ((["--jsno"], "did you mean --json?"), (["--json=1"], "takes no value"),
                            (["-x"], "begin with two dashes")):
            done = call(program, *words, *(["status"] if program == "redressctl" else []), expect=1)
            assert said in done.stderr and done.stdout == "", (program, words, done)
        for word in ("--help", "-h"):
            assert call(program, word).stdout.startswith("usage: " + program), program
        assert call(program, "--version").stdout.startswith(program + " "), program
    assert "from 1 to 1024" in call("redress-send", "--batch", "5000", "x", expect=1).stderr
    assert "--batch wants a value: N" in call("redress-send", "--batch", expect=1).stderr
    stderr = call("redress-send", "--r", "x", expect=1).stderr
    assert "--r may be each of --rejects, --receipts, --rate, --run" in stderr, stderr
    assert "critical" in call("redress-sub", "--severity", "critcal", expect=1).stderr
    assert "did you mean clock.breach?" in call("redress-sub", "--type", "clock.braech",
                                                expect=1).stderr
    assert "did you mean ndjson?" in call("redress-train", "--format", "njson", expect=1).stderr


def test_what_is_asked_twice_is_refused_at_once():
    # no daemon is asked: the line is wrong by itself
    for line, wanted in (("cases --limit 1 --limit 2", "--limit is given twice"),
                         ("cases --state open --state=closed", "--state is given twice"),
                         ("cases --open --open", "--open is given twice"),
                         ("overdue --unit a --unit b", "--unit is given twice"),
                         ("cases --mine --handler bob", "--mine and --handler"),
                         ("overdue --handler bob --mine", "--mine and --handler"),
                         ("mine --limit 1 --limit 1", "--limit is given twice"),
                         ("decide K-1 upheld --amount 3 --amount 4", "--amount is given twice"),
                         ("report --from 2025 --from 2026", "--from is given twice")):
        done = call("redressctl", *line.split(), expect=1)
        assert wanted in done.stderr, (line, done.stderr)


CALENDAR = ["due", "--config", ROOT / "daemon/config/redress.example.yaml", "--calendar", "cn",
            "--limit", "3bd", "--from", "2025-09-22T10:00:00+08:00"]


def test_every_verb_gives_one_json_document():
    with filled() as daemon:
        made = daemon.folder / "event.json"
        made.write_text(json.dumps(contact("x-1")), encoding="utf-8")
        state = daemon.folder / "state"
        lines = {
            "case": ["c-1"], "explain": ["c-1"], "check-event": [made], "ack": ["1"],
            "acknowledge": ["c-1"], "assign": ["c-1", "xj/urumqi/counter1"], "contacted": ["c-1"],
            "pause": ["c-1", "court"], "resume": ["c-1", "court"],
            "extend": ["c-1", "answer", "--approved-by", "b", "--reason", "r"],
            "escalate": ["c-1", "r"], "chase": ["c-1", "q", "--answer-by", "tomorrow"],
            "answer": ["c-1", "t"], "decide": ["c-1", "upheld"], "close": ["c-1", "settled"],
            "reopen": ["c-1", "r"], "note": ["c-1", "t"], "amend": ["c-1", "age=67"],
            "defuse": ["w-1", "--measure", "m"], "withdraw": ["c-2"], "merge": ["c-3", "4", "r"],
            "reapply": ["c-4", "r"], "verified": ["c-4", "true"], "surveyed": ["c-2", "true"],
            "cause": ["c-4", "late", UNIT], "rectified": ["c-4", "m"],
            "effective": [f"rectification/{UNIT}/4", "true"], "notice-given": ["c-4", "reasons"],
            "silence create": [f"unit={UNIT}", "--until", "2h", "--reason", "r"],
            "silence end": ["1"], "quarantine release": ["c-4", "r"],
            "approve": ["1"], "clock accept": [], "source reset": ["test"], "dead requeue": ["1"],
            "event": ["case.joined", "--subject", "c-4", "role=lawyer"],
            "config diff": [daemon.config_path], "reload": ["--dry-run", daemon.config_path],
            "check-journal": [state / "journal"], "verify": [state], "due": CALENDAR[1:],
            "backup": [daemon.folder / "b", "--state", state], "check-backup": [daemon.folder / "b"],
            "restated": ["--from", "2026", "--as-of", "now"],
            "roster": ["none"], "export": [
                "--map", ROOT / "tools/examples/returns/au-asic-idr.json", "--from", "2026"], "route": ["--config", daemon.config_path, "age=70"], "export open": ["--state", state, "--rows"],
            "restore": [daemon.folder / "b", daemon.folder / "restored"]}
        for verb in verbs():
            words = [*verb.split(), *map(str, lines.get(verb, []))]
            done = subprocess.run([tool("redressctl"), "--run", daemon.folder, "--json", *words],
                                  capture_output=True, text=True, timeout=60, env=ENV, check=False)
            # an export is a row a line
            told = json.loads(done.stdout.splitlines()[0] if verb == "export open" else done.stdout)
            refused = "error" in told and verb in ("extend", "approve", "clock accept", "dead requeue",
                                                   "notice-given", "roster")
            assert done.returncode == (2 if refused else 0), (verb, done)
            if verb == "journal":
                assert told["rows"][0]["event"]["data"]["customer"] == "customer-0001", told["rows"][0]
            if verb == "dead list":
                assert told["rows"][0]["event"]["type"] == "case.closed", told["rows"][0]
        raw = json.loads(call("redressctl", "--run", daemon.folder, "--json", "journal", "--raw").stdout)
        assert any(isinstance(row["body"], dict) for row in raw["rows"]), raw["rows"][:3]
        for words in (["case", "none"], ["close", "none", "x"], ["cases", "--limit", "99999"]):
            told = json.loads(call("redressctl", "--run", daemon.folder, "--json", *words,
                                   expect=2).stdout)
            assert told["error"]["code"] and told["error"]["message"], told
        for words, said in ((["statsu"], "did you mean status?"), (["case"], "command line is wrong"),
                            (["cases", "--limit", "x"], "give a number"), (["cases", "--lmit"], "--limit"),
                            (["check-event", "/none"], "/none"), (["check-journal", "/none"], "/none"),
                            (["metrics", "--prometheus"], "two forms"),
                            (["close", "c-1", "x", "--by", ""], "tell who acts")):
            done = call("redressctl", "--run", daemon.folder, "--json", *words, expect=1)
            told = json.loads(done.stdout)
            assert told["error"]["code"] == "usage" and said in told["error"]["message"], (words, told)


def on_terminal(columns, *words):
    """What a terminal so wide gets, line by line; its columns as a terminal counts them."""
    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([tool("redressctl"), *map(str, words)], stdin=side, stdout=side,
                               stderr=subprocess.PIPE, env={**ENV, "TERM": "xterm"})
    os.close(side)
    got = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # its other end is closed
            break
        if not part:
            break
        got += part
    os.close(main)
    stderr = process.stderr.read().decode()
    assert process.wait(60) == 0, (words, stderr)
    return got.decode(), stderr


def test_tables_fit_the_terminal():
    with filled() as daemon:
        long = "长" * 60 + " and some words of a text that is far longer than any terminal " * 3
        for i in range(3):
            daemon.intake().accept(complaint(f"a-subject-of-some-length-{i}", customer=f"长的名字{i}"))
        noted = json.loads(call("redressctl", "--run", daemon.folder, "--json", "note", "c-1",
                                long).stdout)
        lists = ["cases", "timers", "alerts", "unacked", "units", "sources", "silences", "notices",
                 "contacts", "dead list", "journal", "warnings", "status", "config", "metrics",
                 "case c-1", "check", "figures", "explain c-1"]
        for columns in (40, 60, 80, 200):
            for words in lists if columns >= 80 else lists[:-2]:  # these write sentences
                text, _ = on_terminal(columns, "--run", daemon.folder, *words.split())
                plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
                for line in plain.splitlines():
                    wide = sum(2 if "\u1100" <= char <= "\uffe6" and char != "…" else 1
                               for char in line)
                    assert wide <= columns, (words, columns, wide, line)
        narrow, left = on_terminal(80, "--run", daemon.folder, "silences")
        assert "…" in narrow, narrow
        text, left = on_terminal(80, "--run", daemon.folder, "case", "c-1")
        history = text[text.index("\nhistory"):].splitlines()
        assert "by" in history[2].split() and "taken (as time)" in left, (history[:3], left)
        assert any("wang" in line.split() for line in history[3:]), history
        text, left = on_terminal(80, "--run", daemon.folder, "alerts")
        head, row = text.splitlines()[:2]
        assert len(row) - head.index("title") >= 20 and "rung" in left, (head, row, left)
        text, left = on_terminal(80, "--run", daemon.folder, "dead", "list")
        assert "sender" not in text + left, left  # no letter here has one: nothing is missing
        wide, left = on_terminal(200, "--run", daemon.folder, "cases")
        assert left == "" and "opened" in wide, (left, wide)
        assert "\x1b[" in on_terminal(80, "--run", daemon.folder, "case", "w-1")[0]
        piped = call("redressctl", "--run", daemon.folder, "case", "w-1").stdout
        assert "\x1b" not in piped and long in call(
            "redressctl", "--run", daemon.folder, "--json", "case", "c-1", "--min-seq",
            noted["seq"]).stdout


def test_nobody_there_is_told_with_the_reason():
    with Daemon(start=False) as daemon:
        folder = daemon.folder
        # a timeout that no test would live through: what is told does not wait for it
        run_there = ["--timeout", "86400", "--run", folder]
        for words in (["status"], ["note", "1", "text"]):
            done = call("redressctl", *run_there, *words, expect=3)
            assert "there is no such socket" in done.stderr and "REDRESS_RUN" in done.stderr, done
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(folder / "desk"))
        left.close()  # its file stays
        done = call("redressctl", *run_there, "status", expect=3)
        assert "nobody answers" in done.stderr, done
        told = json.loads(call("redressctl", *run_there, "--json", "status", expect=3).stdout)
        assert told["error"]["code"] == "unreachable", told
        (folder / "file").write_text("a file")
        done = call("redressctl", *run_there, "--desk", f"ipc://{folder}/file", "status", expect=3)
        assert "not a socket is in the way" in done.stderr, done
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        done = call("redressctl", "--timeout", "86400", "--desk", f"tcp://127.0.0.1:{port}",
                    "status", expect=3)
        assert "nobody answers" in done.stderr, done
        if os.geteuid() != 0:
            with socket.socket(socket.AF_UNIX) as closed:
                os.unlink(folder / "desk")
                closed.bind(str(folder / "desk"))
                os.chmod(folder / "desk", stat.S_IRUSR)
                closed.listen()
                done = call("redressctl", *run_there, "status", expect=3)
                assert "no permission" in done.stderr, done
        os.unlink(folder / "desk")
        daemon.launch()
        done = call("redressctl", "--wait", "60", "--run", folder, "status")
        assert "protocol" in done.stdout, done
        daemon.wait_notify("READY=1")


def test_health():
    with filled() as daemon:
        env = {"REDRESS_RUN": str(daemon.folder)}
        assert call("redressctl", "health", env=env).stdout.startswith("healthy: 5 open cases")
        assert json.loads(call("redressctl", "--json", "health", env=env).stdout) == {
            "healthy": True, "why": None}
        good = daemon.config_path.read_text()
        daemon.write_config(good + "nonsense: 1\n")
        assert "refused" in daemon.reload()
        told = call("redressctl", "health", env=env, expect=4).stdout
        assert told.startswith("not healthy: the last reload was refused") and "nonsense" in told, told
        daemon.write_config(good)
        assert "reloaded" in daemon.reload()
        assert call("redressctl", "health", env=env).stdout.startswith("healthy: ")
        assert daemon.stop() == 0
        done = call("redressctl", "health", env=env, expect=4)
        assert done.stdout.startswith("not healthy: ") and len(done.stdout.splitlines()) == 1, done
        told = json.loads(call("redressctl", "--json", "health", env=env, expect=4).stdout)
        assert told["healthy"] is False and "desk" in told["why"], told


def test_prometheus_can_read_the_metrics():
    with filled() as daemon:
        text = call("redressctl", "--run", daemon.folder, "metrics", "--prometheus").stdout
        samples, types = {}, {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                name, kind = line.split()[2:]
                assert name not in types, line
                types[name] = kind
            elif not line.startswith("# HELP "):
                name, labels, value = re.fullmatch(
                    r'(redress_[a-z_]+)(\{(?:le|version)="[^"]*"\})? ([0-9.]+)', line).groups()
                base = re.sub(r"_(bucket|sum|count)$", "", name)
                assert name in types or types[base] == "histogram", line
                assert (name, labels) not in samples, line
                samples[name, labels] = float(value)
        assert all(name.endswith("_total") == (kind == "counter") for name, kind in types.items())
        assert not any(re.search(r"_(us|ms)(_|$)", name) for name in types), types
        counters = daemon.desk().call("metrics")["counters"]
        assert set(types) >= {f"redress_{name}_total" for name in counters}
        assert samples["redress_events_accepted_total", None] == 7, samples
        assert samples["redress_open_cases", None] == 5, samples
        for name in (name for name, kind in types.items() if kind == "histogram"):
            buckets = [(key[1], value) for key, value in samples.items() if key[0] == name + "_bucket"]
            counts = [value for _, value in buckets]
            bounds = [float(re.search('"(.*)"', label)[1].replace("+Inf", "inf"))
                      for label, _ in buckets]
            assert counts == sorted(counts) and bounds == sorted(bounds), buckets
            assert counts[-1] == samples[name + "_count", None], name
            assert samples[name + "_sum", None] <= counts[-1] * bounds[-2], name
        page = (ROOT / "tools/redressctl.1").read_text(encoding="utf-8").split(".Sh METRICS")[1]
        for name in types:
            assert name in page or name.endswith("_total"), f"{name} is not fixed in the manual"


def test_more_is_a_command():
    with filled() as daemon:
        words = ["--run", str(daemon.folder), "cases", "--limit", "2", "--unit", "xj"]
        seen = []
        for _ in range(5):
            done = call("redressctl", *words)
            seen += [line.split()[0] for line in done.stdout.splitlines()[1:]]
            if not done.stderr:
                break
            more, program, *words = shlex.split(done.stderr)
            assert (more, program) == ("more:", "redressctl"), done
        assert seen == ["1", "2", "3", "4", "5"], seen
        words, seen = ["--run", str(daemon.folder), "alerts", "--limit", "2"], []
        while words:
            done = call("redressctl", *words)
            seen += [int(line.split()[0]) for line in done.stdout.splitlines()[1:]]
            more, _, *words = shlex.split(done.stderr)
            words = words if more == "more:" else []
        assert more == "complete" and len(seen) > 4 and seen == list(range(1, len(seen) + 1)), seen


def test_completion():
    with filled() as daemon:
        here = ["--run", str(daemon.folder)]
        assert {"status", "silence", "help"} <= set(complete("redressctl", ""))
        assert complete("redressctl", "silence", "") == ["create", "end"]
        assert "critical" in complete("redressctl", "cases", "--level", "")
        assert {"xj", UNIT} <= set(complete("redressctl", *here, "cases", "--unit", ""))
        assert set(complete("redressctl", *here, "assign", "c-1", "")) >= {UNIT}
        assert {"c-1", "w-1"} <= set(complete("redressctl", *here, "case", ""))
        assert complete("redressctl", "check-journal", "") == [":dir"]
        assert complete("redressctl", "due", "--config", "") == [":file"]
        assert UNIT in complete("redress-sub", *here, "")
        assert complete("redress-bench", "--mix", "") == ["default", "open", "alerts"]
        assert complete("redress-send", "--run", "/nowhere", "--map", "") == [":file"]
        assert complete("redressctl", "--run", "/nowhere", "case", "") == []
        script = ROOT / "tools/completion/redress.bash"

        def bash(*words):
            """COMPREPLY, as bash has it behind these words."""
            quoted = " ".join(map(shlex.quote, words))
            done = subprocess.run(
                ["bash", "-c", f'source {script}; compopt() {{ :; }}; COMP_WORDS=({quoted}); '
                 f'COMP_CWORD={len(words) - 1}; _redress; printf "%s\\n" "${{COMPREPLY[@]}}"'],
                capture_output=True, text=True, timeout=60, check=True, env=ENV)
            return done.stdout.split("\n")[:-1]

        ctl = tool("redressctl")
        assert bash(ctl, "pau") == ["pause"] and bash(ctl, "cases", "--lev") == ["--level"]
        assert bash(ctl, *here, "case", "w") == ["w-1"]
        daemon.intake().accept(complaint("a b; $(date)"))
        daemon.desk().until(lambda rows: len(rows) > 5, "case.list")
        assert bash(ctl, *here, "case", "a") == [r"a\ b\;\ \$\(date\)"]


def test_times_of_people():
    ask = CALENDAR[:-1]
    for written, zone in (("2025-09-22 10:00", "Asia/Shanghai"), ("2025-09-22T10:00", "Asia/Shanghai"),
                          ("2025-09-22 02:00", "UTC"), ("2025-09-22T10:00:00+08:00", "UTC")):
        out = call("redressctl", *ask, written, env={"TZ": zone}).stdout
        assert out.startswith("start   2025-09-22T10:00:00+08:00"), (written, out)
    with filled() as daemon:
        for words in (["timers", "--before", "2h"], ["timers", "--before", "18:00"],
                      ["cases", "--due-before", "tomorrow"], ["contacts", "--since", "1d"],
                      ["contacts", "--until", "yesterday"], ["warnings", "--since", "monday"],
                      ["explain", "c-1", "--as-of", "now"],
                      ["note", "c-1", "x", "--time", "1m"], ["note", "c-1", "x", "--time", "1m ago"],
                      ["pause", "c-2", "court", "--until", "fri 17:00"]):
            call("redressctl", "--run", daemon.folder, *words)
        assert "18:00" in call("redressctl", "timers", "--before", "soon", expect=1).stderr


def test_what_was_written_is_read():
    with filled() as daemon:
        stale = 0
        for people in range(1, 201):
            call("redressctl", "--run", daemon.folder, "amend", "c-1", f"people={people}")
            case = json.loads(call("redressctl", "--run", daemon.folder, "--json", "case",
                                   "c-1").stdout)
            stale += case["attributes"].get("people") != people
        assert stale == 0, f"{stale} of 200 answers are older than what was written"


def test_bench_takes_a_relative_folder():
    with Daemon(start=False) as daemon:
        done = subprocess.run([tool("redress-bench"), "--spawn", binary(), "--dir", "own", "--events",
                               "50", "--json"], cwd=daemon.folder, capture_output=True, text=True,
                              timeout=120, env=ENV, check=False)
        assert done.returncode == 0 and json.loads(done.stdout), done


if __name__ == "__main__":
    run(globals())
