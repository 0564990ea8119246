"""Command lines of the tools against a daemon that has something of each kind."""
import datetime
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, complaint, contact, event, tool  # noqa: E402

ENV = {**os.environ, "USER": "wang", "TZ": "Asia/Shanghai"}
UNIT = "xj/urumqi/d3"


def call(program, *words, expect=0, env=None, stdin=None):
    done = subprocess.run([tool(program), *map(str, words)], capture_output=True, text=True,
                          timeout=60, env={**ENV, **(env or {})}, check=False, input=stdin)
    assert done.returncode == expect, (program, words, done)
    return done


def verbs():
    """Every verb of redressctl, as its help lists them."""
    lines = call("redressctl", "help").stdout.split("Options of every verb:")[0].splitlines()
    heads = [re.match(r"  (\S[^A-Z]*?)(?: [A-Z][A-Z|=…]*| true\|false| FILE\|-)*  +\S", line)
             for line in lines]
    found = [head[1].strip() for head in heads if head]
    assert len(found) > 45, found
    return found


def filled():
    """A daemon of the real clock with a case of each kind, an alert, a silence, a dead letter."""
    daemon = Daemon()
    intake = daemon.intake()
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    for i in range(1, 5):
        intake.accept(complaint(f"c-{i}", customer=f"customer-{i:04}"))
    intake.accept(contact("w-1", customer="customer-0009"))
    intake.accept(event("silence.created", data={
        "matchers": {"unit": "xj/yining"}, "until": soon, "by": "wang",
        "reason": "a drill that has a rather long reason, so that the table must cut it short"}))
    assert intake.send(event("case.closed", subject="none", data={"resolution": "x"}))[
        "status"] == "rejected"
    last = intake.accept(event("case.noted", subject="c-1", data={"by": "wang", "text": "x"}))
    daemon.desk().reach(last["seq"])
    daemon.desk().until(lambda rows: rows, "dead.list")
    return daemon
