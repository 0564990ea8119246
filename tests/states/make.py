#!/usr/bin/python3
"""Makes a state of a version that is about to become an older one: the first days of the branch month, and what no
month has. Run by hand, in the tree of that version, with its daemon built:

    tests/states/make.py ../states/engine-N.tar.xz
    tests/states/make.py --killed ../states/engine-N-killed.tar.xz
"""
import datetime
import importlib.util
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/wire"))
from harness import Daemon, at, event  # noqa: E402

BRANCH = ROOT / "tools/examples/branch"
UNTIL = "2026-02-04T12:00"
LISTS = ("case.list", "timer.list", "dead.list", "duty.list", "round.list", "contract.list", "contact.list",
         "chase.list", "silence.list", "notice.list", "source.list", "approval.list", "feed.unacked")


def month():
    spec = importlib.util.spec_from_file_location("branch", BRANCH / "generate.py")
    branch = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(branch)
    made = branch.Month(26)
    for part in (made.complaints, made.contacts, made.reports, made.duties, made.screening, made.rest):
        part()
    lines = [one for one in made.lines() if one["time"] < UNTIL]
    risky = [one for one in lines if one["type"] != "contract.screened" or one["data"]["risk"] != "none"]
    return [{**one, "time": at(one["time"])} for one in risky]


def others(daemon, desk, now):
    """Events of people that the month has none of. `now`: of its last event."""
    open_cases = [row["subject"] for row in desk.rows("case.list", open=True)
                  if row["kind"] == "complaint" and row["state"] != "decided"]
    minute = datetime.timedelta(minutes=1)

    def one(number, type, subject=None, **data):
        return event(type, subject, id=f"o{number}", source="office", time=now + number * minute, data=data)
    made = [
        one(1, "case.paused", open_cases[0], reason="customer absent", until=now + 5000 * minute),
        one(2, "case.paused", open_cases[1], reason="material outstanding"),
        one(3, "case.resumed", open_cases[1], reason="material outstanding"),
        one(4, "case.noted", open_cases[1], by="值班主任", text="客户要求书面答复"),
        one(5, "case.merged", open_cases[2], into=open_cases[3], reason="same matter"),
        one(7, "case.mediation_called", open_cases[5], body="行业调解委员会"),
        one(8, "case.panel_opened", open_cases[6], participants=["法务", "理赔"]),
        one(9, "silence.created", matchers={"unit": "xj/urumqi"}, until=now + 3000 * minute, by="值班主任", reason="演练"),
        one(10, "case.decided", open_cases[7], outcome="upheld"),
        one(11, "case.closed", open_cases[7], resolution="致歉并退费"),
        one(12, "case.reopened", open_cases[7], reason="客户不认可"),
        one(13, "figure.given", figure="people", period="2026", value=1200, **{"as": "base"}),
        one(15, "duty.opened", duty="inspection", unit="xj/hami", due="2026-03-01", title="现场检查"),
        one(16, "case.noted", "nobody", by="x", text="of no case"),
    ]
    for sent in made:
        receipt = daemon.intake().send(sent)
        print(sent["type"], receipt["status"], receipt.get("error", ""))


def text(value):
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.hex()


def picture(desk):
    rows = {name: desk.rows(name) for name in LISTS}
    answer = desk.call("report", **{"from": "2026-02-01", "to": "2026-03-01"})
    return {"status": desk.call("status"), "alerts": desk.replay(), "figures": answer["figures"],
            "all": [desk.call("case.get", case=row["case"]) for row in rows["case.list"]], "lists": rows}


def feed(daemon, events):
    intake = daemon.intake()
    for begin in range(0, len(events), 200):
        for one, receipt in zip(events[begin:], intake.send(*events[begin:begin + 200])):
            assert receipt["status"] == "accepted", (one, receipt)
    return receipt["seq"]


def main():
    target, is_killed = sys.argv[-1], "--killed" in sys.argv
    config = (BRANCH / "redress.yaml").read_text().replace("@RUN@", "@FOLDER@")
    config = config.replace("units:\n", "limits: {map_size: 1GiB}\nunits:\n", 1)
    events = month()
    events = events[:len(events) // 2] if is_killed else events
    first = config.replace("@SHARE@", str(ROOT / "daemon/config")).replace("follow_up: 30d", "follow_up: 29d")
    with Daemon(config=first, args=["--clock", "events"]) as daemon:
        desk = daemon.desk()
        desk.reach(feed(daemon, events))
        others(daemon, desk, events[-1]["time"])
        seq = daemon.intake().send(event("source.reset", source="office", id="o99", time=events[-1]["time"]
                                         + datetime.timedelta(hours=1), data={"source": "nobody"}))["seq"]
        desk.reach(seq)
        # Taking a configuration over arms anew what waits; the start that brings this forward takes one over, too.
        daemon.write_config(first.replace("follow_up: 29d", "follow_up: 30d"))
        if daemon.stop() != 0:
            raise SystemExit(daemon.log())
        daemon.start()
        desk = daemon.desk()
        desk.call("status", min_seq=seq)
        (daemon.folder / "picture.json").write_text(json.dumps(picture(desk), default=text, ensure_ascii=False))
        if is_killed:  # its store has not what comes now
            daemon.intake().accept(*[event("case.noted", row["subject"], source="office", time=at("2026-02-05T00:00:00Z"),
                                           data={"by": "x", "text": "t"}) for row in desk.rows("case.list", open=True)[:3]])
            daemon.kill()
        elif daemon.stop() != 0:
            raise SystemExit(daemon.log())
        daemon.config_path.write_text(config)
        subprocess.run(["tar", "-cJf", target, "--owner=0", "--group=0", "--numeric-owner", "--mtime=2026-11-28",
                        "--sort=name", "-C", str(daemon.folder), "picture.json", "redress.yaml", "state"], check=True)
    print(f"{len(events)} events")


if __name__ == "__main__":
    main()
