#!/usr/bin/python3
"""What a question may ask and cost: lengths, spans, bytes of an answer, turns of the peers."""
import datetime
import itertools
import os

import zmq

from harness import WAIT_S, Daemon, complaint, contact, event, pack, run, unpack

ROSTERS = """\
rosters:
  night: {hand_over: opening, turns: [xj/urumqi/d3, xj/yining], first: 2025-09-22}
policies:
  - {name: default, match: {}, clocks: []}
"""
PAGE_BYTES = 4 << 20
LIMIT_BYTES = int(os.environ.get("REDRESS_TEST_MEMORY", "1")) * 256 << 20
ENV = {"ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=4"]))}


def resident(daemon):
    with open(f"/proc/{daemon.process.pid}/status", encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file)
    return int(fields["RssAnon"].split()[0]) * 1024


def days(count):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=count)


def rejects(daemon, count, size=60000):
    """So many dead letters of that size."""
    intake, numbers = daemon.intake(), itertools.count()
    for _ in range(count // 20):
        receipts = intake.send(*[
            event("case.noted", subject=f"none-{next(numbers)}", data={"by": "x", "text": "x", "junk": "j" * size})
            for _ in range(20)])
        assert {one["status"] for one in receipts} == {"rejected"}, receipts[0]
    return count // 20 * 20


def test_texts_have_lengths_and_names_are_not_empty():
    with Daemon(rules=ROSTERS) as daemon:
        desk = daemon.desk()
        daemon.intake().accept(complaint("k" * 128))
        assert desk.call("case.get", subject="k" * 128)["case"] == 1
        for method in ("case.get", "explain"):
            desk.refuses("not_found", method, subject="x" * 128)
            for length in (129, 255, 499, 500, 501, 504, 1024, 60000):
                error = desk.refuses("bad_params", method, subject="x" * length)
                assert "subject has at most 128 bytes" in error.message and str(length) in error.message, error
        error = desk.refuses("bad_params", "contact.list", window="x", key=["k", "x" * 1025])
        assert "key has at most 1024 bytes" in error.message, error
        for method, key in (("roster.list", "roster"), ("case.list", "state"), ("case.list", "clock"),
                            ("case.list", "policy"), ("case.list", "sort"), ("contact.list", "kind")):
            error = desk.refuses("bad_params", method, **{key: ""})
            assert error.message.startswith(f"{key}: there is no"), error
        assert desk.call("case.list", unit="")["rows"], "the whole tree"


def test_turns_are_told_of_twenty_years():
    with Daemon(rules=ROSTERS) as daemon:
        desk = daemon.desk()
        assert desk.call("roster.list", roster="night")["rows"]
        for span in ({"from": days(-7300)}, {"from": days(7300)}, {"from": days(1), "to": days(7300)}):
            rows = desk.call("roster.list", roster="night", **span)["rows"]
            assert 1 <= len(rows) <= 1000, span
        for name, span in (("from", {"from": days(7330)}), ("from", {"from": days(-7330)}),
                           ("from", {"from": "9998-01-01T00:00:00Z"}), ("to", {"to": "9998-01-01T00:00:00Z"})):
            error = desk.refuses("bad_params", "roster.list", roster="night", **span)
            assert error.message.startswith(f"{name}: "), error


def test_a_thousand_spans_of_a_roster():
    with Daemon(rules=ROSTERS) as daemon:
        intake, desk = daemon.intake(), daemon.desk()

        def override(first, last):
            return event("roster.overridden", data={"roster": "night", "unit": "xj/yining", "from": days(first),
                                                    "until": days(last), "by": "wang"})
        assert intake.send(override(-2, -1))["error"]["field"] == "data.until"  # it has ended
        for first in range(0, 1000, 50):
            intake.accept(*[override(1 + first + i, 3 + first + i) for i in range(50)])
        error = intake.send(override(5, 6))["error"]
        assert (error["code"], error["field"]) == ("bad_value", "data.roster"), error
        rows = desk.rows("roster.list", roster="night", **{"from": days(0), "to": days(1200)})
        standing = [row for row in rows if row["overridden"]]
        assert len(standing) >= 1000 and rows[-1]["until"] > days(1199), (len(rows), len(standing))
        for one, other in zip(rows, rows[1:]):
            assert one["until"] == other["from"], (one, other)


def test_an_answer_has_some_mebibytes_and_says_what_is_next():
    with Daemon(rules=ROSTERS) as daemon:
        count = rejects(daemon, 160)
        desk = daemon.desk()
        numbers, after = [], 0
        while after is not None:
            page = desk.call("dead.list", limit=10000, after=after)
            size = len(pack(page))
            assert size < PAGE_BYTES + (128 << 10), size
            assert size > PAGE_BYTES - (128 << 10) or "next" not in page, size
            numbers += [row["number"] for row in page["rows"]]
            after = page.get("next")
        assert len(numbers) == count and numbers == sorted(set(numbers)), numbers


def test_answers_that_nobody_reads():
    """Many peers that ask and never read: each holds little, and others are served."""
    with Daemon(rules=ROSTERS, env=ENV) as daemon:
        rejects(daemon, 160)
        desk, deaf = daemon.desk(), []
        before = resident(daemon)
        for number in range(24):
            peer = daemon.context.socket(zmq.DEALER)
            peer.linger, peer.rcvhwm = 0, 1
            peer.setsockopt(zmq.RCVBUF, 4096)
            peer.connect(daemon.endpoint("desk"))
            for _ in range(16):
                peer.send(pack([0, number, "dead.list", [{"limit": 1000}]]))
            deaf.append(peer)
            assert "seq" in desk.call("status")
        for _ in range(100):
            assert "seq" in desk.call("status")
        grown = resident(daemon) - before
        print(f"     {grown >> 20} MiB for {len(deaf)} peers that do not read", flush=True)
        assert grown < 2 * LIMIT_BYTES, grown
        for peer in deaf:
            peer.close(0)
        assert daemon.process.poll() is None


def test_a_short_question_passes_many_long_ones():
    """In the time of its peer's turn, not behind all that others have asked before."""
    with Daemon(rules=ROSTERS) as daemon:
        rejects(daemon, 160)
        greedy, short = daemon.desk(), daemon.desk()
        short.call("status")
        for number in range(60):
            greedy.socket.send(pack([0, number, "dead.list", [{"limit": 1000}]]))
        first = unpack(greedy.receive(WAIT_S)[-1])
        assert first[1] == 0 and first[2] is None
        assert "seq" in short.call("status")
        waiting = 60 - 1
        while greedy.socket.poll(0):
            greedy.receive(WAIT_S)
            waiting -= 1
        assert waiting > 0, "the short one came last"
        for _ in range(waiting):
            assert unpack(greedy.receive(WAIT_S)[-1])[2] is None


def test_silences_cost_a_bounded_number_of_steps():
    """Patterns that take for ever on a long text: the alert is sent. On a short one they take nothing."""
    dear = ["~(a+)+$", "~(a|aa)+z", "~a(.*)(.*)(.*)q", "~^(?:.*?,){50}x"]
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()

        def silence(matchers):
            return event("silence.created", data={"matchers": matchers, "by": "li", "reason": "works",
                                                  "until": days(1)})
        for number in range(100):
            tests = [f"{one}{number}{i}" for i, one in enumerate(dear * 4)]
            intake.accept(silence({"text": tests}))
        intake.accept(silence({"unit": "xj/urumqi/d3"}))  # behind all of them
        for number, text in enumerate(("a" * 32767 + "!", "a," * 16383, "refund")):
            seq = intake.send(complaint(f"k-{number}", customer=f"c-{number}", text=text), wait_s=WAIT_S)["seq"]
            alerts = desk.call("case.get", subject=f"k-{number}", min_seq=seq)["alerts"]
            assert bool(alerts) == (len(text) > 1000), (text[:9], alerts)


def test_a_million_tests_of_silences():
    with Daemon() as daemon:
        intake = daemon.intake()
        for number in range(0, 1000, 20):
            intake.accept(*[event("silence.created", data={
                "matchers": {"customer": list(range(400))}, "by": "li", "reason": f"{number}", "until": days(1)})
                for _ in range(20)])
        for number in range(5):
            seq = intake.accept(complaint(f"k-{number}", customer=f"c-{number}"))["seq"]
            assert daemon.desk().call("case.get", subject=f"k-{number}", min_seq=seq)["alerts"]
        assert intake.accept(contact("c-1", customer="other"))["status"] == "accepted"


if __name__ == "__main__":
    run(globals())
