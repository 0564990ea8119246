#!/usr/bin/python3
"""Registers that somebody's program wrote wrongly: no row is lost, joined with another or read as
something that it does not say; what is refused is told, whole in the rejects, and stays refused there
until it is mended."""
import io
import json
import os
import pathlib
import subprocess
import sys
import zipfile

import openpyxl

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run, unpack  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
HEAD = "number,complaint,date,office,customer,amount\n"
UNIT = "xj/urumqi/d3"


def mapping(source, **data):
    return {"event": {"id": "{number}", "source": source, "type": "complaint.registered",
                      "subject": source + "-{number}", "time": "{date}", "data": {
                          "customer": {"column": "customer"}, "channel": "web", "unit": "{office}",
                          "text": {"column": "complaint"}, "amount": {"column": "amount"}, **data}}}


def send(daemon, name, content, *args, status=0, source="reg", map=None):
    """What redress-send makes of the file: (summary, standard error)."""
    path = daemon.folder / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (daemon.folder / "map.json").write_text(json.dumps(map or mapping(source)))
    done = subprocess.run([TOOLS / "redress-send", "--run", str(daemon.folder), "--json", "--map",
                           daemon.folder / "map.json", *map_str(args), path],
                          capture_output=True, text=True, timeout=200, env={**os.environ, "TZ": "UTC"})
    assert done.returncode == status, (name, done.returncode, done.stdout, done.stderr)
    told = json.loads(done.stdout.splitlines()[-1]) if done.stdout else None
    if told is not None:
        assert told["rows"] == sum(told[key] for key in (
            "accepted", "duplicate", "rejected", "bad", "passed_over")), told
    return told, done.stderr


def map_str(args):
    return [str(arg) for arg in args]


def events_of(daemon, source="reg"):
    return {row["id"]: unpack(row["event"]) for row in daemon.desk().rows("journal.read")
            if row["source"] == source}


# rows of the file; which are accepted; the first words of the reasons of the others, by line
QUOTES = [
    ("an inch", 'I1,"Nobody answers,2026-11-01,U,c1,100\nI2,the TV of 40",2026-11-02,U,c2,200\n'
     'I3,fine,2026-11-02,U,c3,300\n', ["I3"], {2: "a quote that opens", 3: "there is a quote in a field"}),
    ("a row between", 'J1,"Nobody answers,2026-11-01,U,c1,100\nJ1b,well,2026-11-01,U,c1,100\n'
     'J2,the TV of 40",2026-11-02,U,c2,200\nJ3,fine,2026-11-02,U,c3,300\n', ["J1b", "J3"],
     {2: "a quote that opens", 4: "there is a quote in a field"}),
    ("a text of two lines", 'K1,"Nobody answers,\nI wait",2026-11-01,U,c1,100\n', ["K1"], {}),
]


def test_a_quote_takes_no_row_along():
    with Daemon() as daemon:
        for number, (name, rows, accepted, refused) in enumerate(QUOTES):
            source = f"q{number}"
            rejects = daemon.folder / f"rejects{number}.csv"
            told, error = send(daemon, "in.csv", HEAD + rows.replace("U", UNIT), "--rejects", rejects,
                               status=2 if refused else 0, source=source)
            assert told["accepted"] == len(accepted) and told["bad"] == len(refused), (name, told)
            assert sorted(events_of(daemon, source)) == accepted, (name, events_of(daemon, source))
            for line, words in refused.items():
                assert f"line {line}: {words}" in error, (name, error)
            if not refused:
                continue
            # nothing mended: nothing is taken, however often, and the lines stay as they were
            for passes in range(3):
                again = daemon.folder / f"rejects{number}-{passes}.csv"
                told, _ = send(daemon, rejects.name, None, "--rejects", again, status=2, source=source)
                assert (told["accepted"], told["bad"]) == (0, len(refused)), (name, passes, told)
                first, second = rejects.read_text(), again.read_text()
                lines = [line for line in rows.replace("U", UNIT).split("\n") if '"' in line]
                for line in lines:
                    quoted = '"' + line.replace('"', '""') + '"'
                    assert quoted in first and quoted in second, (name, passes, second)
                rejects = again
            mended = rejects.read_text()
            for line in lines:
                quoted = '"' + line.replace('"', '""') + '"'
                mended = mended.replace(quoted, line.replace('"', ""))
            told, _ = send(daemon, "mended.csv", mended, source=source)
            assert told["accepted"] == len(refused), (name, told)


run(globals())
