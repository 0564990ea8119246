#!/usr/bin/python3
"""How long what is over is kept (redress.yaml(5), retention): each kind goes in its time and no other does, figures
stay, a replay drops the same rows, and who is forgotten later is found in the archive all the same."""
from datetime import datetime, timedelta, timezone

from harness import Daemon, complaint, contact, event, run, verify

RULES = """\
policies:
  - {name: duties, match: {kind: duty}, clocks: [{name: clear, due: due, stop: decided}]}
  - {name: default, match: {}}
assessment: {follow_up: 1d, rules: [{code: regulator, match: {channel: regulator}, points: 70}]}
supervision: {screening: {opens: [high], due: 10bd}}
sources: {named: {}}
"""
LIMITS = "alerts_keep: 2d, dedup: 1d"
FIRST = datetime(2025, 3, 3, 4, tzinfo=timezone.utc)


def on(day, one):
    return {**one, "time": FIRST + timedelta(days=day)}


def keeping(retention, **more):
    return Daemon(args=["--clock", "events"], limits=LIMITS, rules=RULES + f"retention: {{{retention}}}\n", **more)


def close(subject, **data):
    return event("case.closed", subject=subject, data={"resolution": "mended", "by": "li", **data})


def pass_days(daemon, until, every=1):
    """Records of later days, each with an end of its own: what is over goes meanwhile."""
    for day in range(0, until + 1, every):
        seq = daemon.intake().accept(on(day, event("unit.reported", data={
            "unit": "xj/urumqi/d3", "date": "2025-03-03", "by": "li"})))["seq"]
    daemon.desk().reach(seq)


def whole(daemon):
    assert daemon.stop() == 0
    verify(daemon.folder / "state")


def known(daemon):
    return [row["subject"] for row in daemon.desk().rows("case.list")]


def figures(daemon):
    answer = daemon.desk().call("report", **{"from": "2025-03-01", "to": "2025-04-01"})
    return {key: value for key, value in answer.items() if key not in ("as_of", "so_far", "stale")}


def test_a_case_goes_when_its_time_is_over_and_an_open_one_stays():
    with keeping("cases: 10d") as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(*[on(0, complaint(name, customer=f"c-{name}", text="said")) for name in ("a", "b", "open")],
                      on(0, contact("talk", customer="c-talk")))
        intake.accept(on(1, close("a")), on(1, close("b")), on(1, event("case.closed", subject="talk",
                                                                        data={"resolution": "done"})))
        seq = intake.accept(on(9, event("case.reopened", subject="b", data={"reason": "again", "by": "li"})))["seq"]
        desk.reach(seq)
        intake.accept(on(13, close("b")))
        intake.accept(*[on(14, event("case.noted", subject="open", data={"by": "li", "text": f"{i}"}))
                        for i in range(3)])
        desk.reach(intake.accept(on(14, event("case.noted", subject="open", data={"by": "li", "text": "x"})))["seq"])
        assert sorted(known(daemon)) == ["b", "open", "talk"], known(daemon)
        desk.refuses("not_found", "case.get", subject="a")
        answer = intake.send(on(14, event("case.noted", subject="a", data={"by": "li", "text": "late"})))
        assert answer["error"]["code"] == "unknown_case", answer
        again = intake.accept(on(14, complaint("a", customer="c-a")))  # its subject is free
        desk.reach(again["seq"])
        assert desk.call("case.get", subject="a")["case"] == again["case"]
        whole(daemon)


def test_what_it_counted_for_stays():
    with keeping("cases: 3d, contacts: 3d") as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(*[on(0, complaint(f"k-{i}", customer=f"c-{i}")) for i in range(40)])
        intake.accept(*[on(0, contact(f"t-{i}", customer=f"d-{i}")) for i in range(10)])
        seq = intake.accept(*[on(1, close(f"k-{i}")) for i in range(40)],
                            *[on(1, close(f"t-{i}")) for i in range(10)])[-1]["seq"]
        desk.reach(seq)
        pass_days(daemon, 4)
        assert len(known(daemon)) == 50
        before = figures(daemon)
        pass_days(daemon, 12)
        assert known(daemon) == [], known(daemon)
        after = figures(daemon)
        assert after == before, [pair for pair in zip(after["figures"], before["figures"]) if pair[0] != pair[1]]
        whole(daemon)


def test_who_is_forgotten_later_is_found_in_the_journal_all_the_same():
    with keeping("cases: 3d") as daemon:
        intake = daemon.intake()
        intake.accept(on(0, complaint("s", customer="cust-gone", text="MARK-TEXT")),
                      on(0, event("case.noted", subject="s", data={"by": "li", "text": "MARK-NOTE-ONE"})))
        intake.accept(*[on(1, event("case.noted", subject="s", data={"by": "li", "text": f"MARK-NOTE-{i}"}))
                        for i in range(300)], on(1, close("s")))
        pass_days(daemon, 10)
        assert known(daemon) == []
        seq = daemon.intake().accept(on(10, event("customer.forgotten", data={"customer": "cust-gone"})))["seq"]
        for _ in range(5):
            row, = daemon.desk().call("erasure.status", min_seq=seq)["rows"]
            if row["state"] == "done":
                break
            daemon.wait_notify("READY=1")
        assert row["state"] == "done", row
        assert daemon.stop() == 0
        left = [path for path in (daemon.folder / "state").rglob("*") if path.is_file() and
                (b"MARK-" in path.read_bytes() or b"cust-gone" in path.read_bytes())]
        assert left == [], left


def test_texts_go_before_their_case():
    with keeping("texts: 4d") as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for name in ("a", "b"):
            intake.accept(on(0, complaint(name, customer=f"c-{name}", text="said aloud")),
                          on(0, event("case.noted", subject=name, data={"by": "li", "text": "noted down"})))
        desk.reach(intake.accept(on(1, close("a")))["seq"])
        assert desk.call("case.get", subject="a")["history"][1]["note"] == "noted down"
        pass_days(daemon, 8)
        a, b = desk.call("case.get", subject="a"), desk.call("case.get", subject="b")
        assert "text" not in a["attributes"] and "resolution" not in a["attributes"] and b["attributes"]["text"] == "said aloud", (a, b)
        assert [row.get("note") for row in a["history"]][:2] == ["a", None], a["history"]
        assert [row.get("note") for row in b["history"]][:2] == ["b", "noted down"], b["history"]
        assert a["history"][1]["by"] == "li"
        whole(daemon)


def test_contracts_silences_and_sources():
    def screen(day, contract, risk, **more):
        return on(day, event("contract.screened", data={"contract": contract, "risk": risk, "round": "r1",
                                                        "unit": "xj/urumqi/d3", **more}))
    with keeping("contracts: 5d, silences: 5d, sources: 5d") as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(screen(0, "P-none", "none"), screen(0, "P-high", "high"), screen(6, "P-new", "none"))
        until = FIRST + timedelta(days=7)
        intake.accept(on(6, event("silence.created", data={"matchers": {"customer": "x"}, "until": until,
                                                           "by": "ops", "reason": "mend"})))
        for source in ("named", "gone", "there"):
            intake.accept(on(6, complaint(f"of-{source}", customer=source)) | {"source": source})
        desk.reach(intake.accept(on(10, complaint("more", customer="m")) | {"source": "there"})["seq"])
        pass_days(daemon, 10)
        assert [row["contract"] for row in desk.rows("contract.list")] == ["P-high", "P-new"], desk.rows("contract.list")
        assert len(desk.rows("silence.list")) == 1
        pass_days(daemon, 14)
        names = {row["source"] for row in desk.rows("source.list")}
        assert "gone" not in names and {"named", "there"} <= names, names
        assert desk.rows("silence.list") == [], desk.rows("silence.list")
        whole(daemon)


def test_nothing_goes_where_nothing_is_said():
    with Daemon(args=["--clock", "events"], limits=LIMITS, rules=RULES) as daemon:
        daemon.intake().accept(on(0, complaint("a", text="said")), on(0, close("a")))
        pass_days(daemon, 60, every=20)
        assert daemon.desk().call("case.get", subject="a")["attributes"]["text"] == "said"
        whole(daemon)


if __name__ == "__main__":
    run(globals())
