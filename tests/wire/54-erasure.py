#!/usr/bin/python3
"""Erasure that erases (redress-events(7), customer.forgotten; redressd(8), "ERASURE"): markers of a customer in
every kind of place, then none of them in any file below the state, the archive and the snapshots."""
import contextlib
import os
import random
import subprocess
from datetime import datetime, timedelta, timezone

import msgpack

from harness import Daemon, complaint, configuration, contact, event, run, tool

KILLS = int(os.environ.get("REDRESS_ERASURE_KILLS", "2"))
CUSTOMER = "mk-customer-0001"
PLACES = ("customer", "phone", "contract", "text", "tag", "attribute", "value", "note", "reason", "question",
          "answer", "facts", "opinion", "resolution", "silence", "rejected", "broken", "contact", "screened",
          "escalated", "survey", "amended", "below", "subject", "alias", "pause", "id", "ref", "issue",
          "duty", "sentence", "joined")
RULES = """\
assessment:
  open_case_at: watch
  follow_up: 1d
  levels: {watch: 30, high: 60, critical: 85}
  rules: [{code: regulator, match: {channel: [regulator, media]}, points: 60}]
  lexicons: [{code: threat, terms: {投诉到底: 20}}]
  windows: [{code: repeat, key: phone, types: [contact.received, complaint.registered], days: 30, count: 2, points: 20,
             pattern: {notify: xj, severity: high}}]
policies:
  - {name: duties, match: {kind: duty}, clocks: [{name: clear, due: due, stop: decided}]}
  - name: first-contact
    match: {kind: contact}
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: high}]}
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 2h}]
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: info}]}
supervision: {screening: {opens: [high], due: 10bd}}
alerts: {language: en, mask: {customer: last4}}
"""


def marker(place):
    text = f"MK{place.upper()}{'x' * 8}" if place != "customer" else CUSTOMER
    return text.lower() if place == "attribute" else text  # a name that matchers may write


MARKERS = [marker(place).encode() for place in PLACES]


def found(*folders):
    """Which markers lie in any file, and where."""
    hits = []
    for folder in folders:
        for path, _, names in os.walk(folder):
            for name in names:
                try:
                    with open(os.path.join(path, name), "rb") as file:
                        data = file.read()
                except FileNotFoundError:  # a spare that has got its name
                    continue
                hits += [(one.decode(), os.path.join(path, name)) for one in MARKERS if one in data]
                if name.endswith((".archive", ".snapshot")):
                    hits += [(one, name) for one in unpacked(os.path.join(path, name))]
    return hits


def unpacked(path):
    """Markers in what a file has behind its head, which is zstd's."""
    with open(path, "rb") as file:
        data = file.read()
    begin = data.index(b"\x28\xb5\x2f\xfd")
    done = subprocess.run(["zstd", "-dcq"], input=data[begin:], capture_output=True, check=False)
    return [one.decode() for one in MARKERS if one in done.stdout]


def fill(intake, customer=CUSTOMER):
    """The customer's markers in every kind of place that an event reaches."""
    at = marker
    until = datetime.now(timezone.utc) + timedelta(hours=3)

    def on(kind, **data):
        return event(kind, subject=at("subject"), data=data)

    intake.accept(
        contact("c-1", customer=customer, text=at("contact") + " 投诉到底", phone=at("phone")),
        contact(at("alias"), customer=customer, text=at("below")),
        complaint(at("subject"), customer=customer, phone=at("phone"), contract=at("contract"), text=at("text"),
                  issue=f"of {at('phone')}, {at('issue')}", regulator_ref=at("ref"), tags=[at("tag")],
                  attributes={at("attribute"): at("value")}) | {"id": at("id")},
        on("case.noted", by="li", text=at("note")),
        on("case.paused", by="li", reason=f"until the customer is back from hospital {at('pause')}"),
        on("case.resumed", by="li", reason=f"until the customer is back from hospital {at('pause')}"),
        on("case.paused", by="li", reason=f"for {at('subject')}"),
        on("case.paused", by="li", reason=at("sentence") + " and so on" * 60),  # longer than any key of the store
        contact(at("alias") + "-2", customer=customer, channel="regulator", text=at("joined") + " and so on" * 60),
        on("case.chased", by="li", question=at("question"), answer_by=until),
        on("case.answered", by="li", text=at("answer")),
        on("case.facts_added", text=at("facts")),
        on("case.panel_opened", participants=["wang"]),
        on("case.panel_concluded", opinion=at("opinion")),
        on("case.escalated", by="li", reason=at("escalated")),
        on("case.amended", text=at("amended")),
        event("silence.created", data={"matchers": {"customer": customer}, "until": until, "by": "ops",
                                       "reason": at("silence")}),
        event("contract.screened", data={"contract": at("contract"), "risk": "high", "customer": customer,
                                         "unit": "xj/yining", "reasons": [at("screened")], "round": "r"}),
        event("contract.screened", data={"contract": at("duty"), "risk": "high", "customer": customer,
                                         "unit": "xj/yining", "round": "r"}))
    rejected = intake.send(complaint("s-2", customer=customer, text=at("rejected"), unit="nowhere"))
    assert rejected["status"] == "rejected", rejected
    broken = msgpack.packb({"id": "b", "customer": customer, "more": at("broken")}) + b"\xc1"
    assert intake.send(broken)["status"] == "rejected"
    intake.accept(on("case.decided", outcome="upheld"), on("case.surveyed", satisfied=False, by="li",
                                                           text=at("survey")),
                  on("case.closed", by="li", resolution=at("resolution")), on("case.reopened", by="li",
                                                                              reason=at("reason")))


def others(intake, first, count):
    intake.accept(*[complaint(f"o-{i}", customer=f"other-{i}", text="of somebody else")
                    for i in range(first, first + count)])


def erased(daemon, seq):
    """Its row, once it is done: the daemon starts anew meanwhile, as soon as nobody speaks with it."""
    for _ in range(5):
        row, = [row for row in daemon.desk().call("erasure.status", min_seq=seq)["rows"] if row["event"] == seq]
        if row["state"] == "done":
            return row
        daemon.wait_notify("READY=1")
    raise AssertionError(row)


def whole(folder):
    for verb, where in (("check-journal", folder / "state/journal"), ("verify", folder / "state")):
        done = subprocess.run([tool("redressctl"), verb, where], capture_output=True, text=True, timeout=120,
                              check=False)
        assert done.returncode == 0, (verb, done)
        yield done.stdout


def figures(daemon, seq):
    today = datetime.now(timezone.utc).date()
    answer = daemon.desk().call("report", **{"from": f"{today.year}-01-01", "to": f"{today.year + 1}-01-01"}, min_seq=seq)
    return {key: value for key, value in answer.items() if key not in ("as_of", "so_far", "stale")}


def test_nothing_of_a_customer_is_left():
    with Daemon(args=[], start=False) as daemon:
        daemon.write_config(configuration(daemon.folder, rules=RULES) + f"journal_archive: {daemon.folder}/archive\n")
        daemon.start()
        intake = daemon.intake()
        others(intake, 0, 50)
        fill(intake)
        others(intake, 50, 50)
        before = figures(daemon, 115)
        daemon.restart()
        there = {name for name, _ in found(daemon.folder / "state")}
        assert there == {one.decode() for one in MARKERS}, {one.decode() for one in MARKERS} - there
        seq = daemon.intake().accept(event("customer.forgotten", data={"customer": CUSTOMER}))["seq"]
        row = erased(daemon, seq)
        assert row, row
        assert found(daemon.folder / "state", daemon.folder / "archive") == [], found(daemon.folder / "state")
        after = figures(daemon, seq)
        assert after == before, (after, before)
        case = daemon.desk().call("case.get", subject=marker("subject"))  # who has it finds it still
        assert case["attributes"].get("customer", "").startswith("****"), case["attributes"]
        assert case["subject"] == f"forgotten-{case['case']}", case["subject"]
        intake = daemon.intake()
        others(intake, 100, 5)
        assert daemon.stop() == 0
        journal, verified = whole(daemon.folder)
        assert "snapshot of record" in verified, verified
        assert found(daemon.folder / "state", daemon.folder / "archive") == [], found(daemon.folder / "state")


def test_what_is_hidden_is_shown_alike_whoever_is_met_first():
    """Another case's pause for the same reason: a daemon that has just begun has met no name yet."""
    reason = "until the customer is back from hospital, which may take weeks"
    for restarts in (False, True):
        with Daemon(args=["--clock", "events"], start=False) as daemon:
            daemon.write_config(configuration(daemon.folder, rules=RULES))
            daemon.start()

            def at(time, one):
                return {**one, "time": f"2026-03-02T{time}:00+08:00"}

            def paused(time, subject, until):
                return at(time, event("case.paused", subject=subject, data={
                    "by": "li", "reason": reason, "until": f"2026-03-02T{until}:00+08:00"}))

            daemon.intake().accept(
                at("10:00", complaint("his", customer=CUSTOMER)), paused("10:01", "his", "18:00"),
                at("10:02", event("case.closed", subject="his", data={"resolution": "done"})),
                at("10:02", complaint("hers", customer="another")),
                at("10:03", event("customer.forgotten", data={"customer": CUSTOMER})))
            if restarts:  # in order: a tail would be replayed, and its names met again
                assert daemon.stop() == 0
                daemon.start()
            seq = daemon.intake().accept(
                paused("10:10", "hers", "10:20"),
                at("10:30", event("case.noted", subject="hers", data={"by": "li", "text": "he called"})))[-1]["seq"]
            case = daemon.desk().call("case.get", subject="hers", min_seq=seq)
            resumed, = [entry for entry in case["history"] if entry["what"] == "resumed"]
            assert resumed["note"].startswith("forgotten-") and reason not in str(case["alerts"]), (restarts, case)
            assert daemon.stop() == 0
            list(whole(daemon.folder))


def test_a_kill_anywhere_in_it_goes_on():
    rng = random.Random(18)
    for _ in range(KILLS):
        with Daemon(start=False) as daemon:
            daemon.write_config(configuration(daemon.folder, rules=RULES) + f"journal_archive: {daemon.folder}/archive\n")
            daemon.start()
            fill(daemon.intake())
            others(daemon.intake(), 0, 20)
            seq = daemon.intake().accept(event("customer.forgotten", data={"customer": CUSTOMER}))["seq"]
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.process.wait(rng.random() * 6)  # somewhere in it, or before, or after
            daemon.kill()
            daemon.start()
            assert erased(daemon, seq)["cases"] == 4
            assert daemon.stop() == 0
            assert found(daemon.folder / "state", daemon.folder / "archive") == []
            assert not (daemon.folder / "state/erasure").exists() and not (daemon.folder / "state/erasing").exists()
            list(whole(daemon.folder))


def test_a_body_that_somebody_blanked_is_found():
    with Daemon() as daemon:
        daemon.intake().accept(complaint("a"), event("case.noted", subject="a", data={"by": "li", "text": "said"}))
        assert daemon.stop() == 0
        segment = daemon.folder / "state/journal/00000000000000000001.journal"
        data = bytearray(segment.read_bytes())
        at = data.rindex(b"RJ", 0, data.index(b"case.noted")) - 4
        data[at + 136] = 0xee  # the mark of an erased body
        segment.write_bytes(data)
        done = subprocess.run([tool("redressctl"), "check-journal", segment.parent], capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 4 and "no record says so" in done.stderr, done


def test_what_the_archive_alone_has_is_blanked_there_too():
    with Daemon(start=False) as daemon:
        daemon.write_config(configuration(daemon.folder, limits="journal_bytes: 1MiB", rules=RULES) +
                            f"journal_archive: {daemon.folder}/archive\nsnapshot: {{every: 1m}}\n")
        daemon.start()
        fill(daemon.intake())
        seq = daemon.intake().accept(event("customer.forgotten", data={"customer": CUSTOMER}))["seq"]
        assert erased(daemon, seq)["bodies"] == 24
        assert found(daemon.folder / "state", daemon.folder / "archive") == []


run(globals())
