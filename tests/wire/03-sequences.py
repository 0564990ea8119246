#!/usr/bin/python3
"""Duplicates by id and by sequence, gaps, resets: none is lost without somebody saying so."""
import datetime
import random

from harness import Daemon, at, contact, event, run

WINDOW, RANGES = 4096, 64
OPENED = "2025-03-03T10:00:00+08:00"


def numbered(sequence, id=None, source="line", **more):
    return event("case.noted", subject="c-1", id=id or f"n-{sequence}", source=source,
                 data={"by": "wang", "text": "x"}, sequence=sequence, **more)


def opened(daemon, **more):
    intake = daemon.intake()
    intake.accept({**contact("c-1"), **more})
    return intake


def known(desk, source="line", **params):
    rows = [row for row in desk.rows("source.list", **params) if row["source"] == source]
    assert len(rows) == 1, rows
    return rows[0]


def codes(answers):
    return [one.get("error", {}).get("code", one["status"]) for one in answers]


def test_ids():
    with Daemon() as daemon:
        intake = opened(daemon)
        first = event("case.noted", subject="c-1", data={"by": "a", "text": "b"})
        receipt = intake.accept(first)
        assert receipt["seq"] == 2, receipt
        answer = intake.send(first)
        assert (answer["status"], answer["seq"], answer["case"]) == ("duplicate", 2, 1), answer
        assert intake.accept({**first, "source": "other"})["seq"] == 3
        answers = intake.send(*[{**first, "id": "twice"}] * 3)
        assert codes(answers) == ["accepted", "duplicate", "duplicate"], answers
        assert [one["seq"] for one in answers] == [4, 4, 4], answers
        daemon.restart()
        assert intake.send({**first, "id": "twice"})["seq"] == 4


def test_ids_are_known_for_as_long_as_is_set_and_no_longer_than_days():
    with Daemon(args=["--clock", "events"], limits="dedup: 3d") as daemon:
        intake = opened(daemon, time=OPENED, id="old")
        again = {**contact("c-1"), "id": "old"}
        noted = event("case.noted", subject="c-1", data={"by": "a", "text": "b"})
        intake.accept({**noted, "id": "n-1", "time": "2025-03-06T09:59:00+08:00"})
        assert intake.send({**again, "time": "2025-03-06T09:59:00+08:00"})["status"] == "duplicate"
        for day in range(7, 12):
            intake.accept({**noted, "id": f"n-{day}", "time": f"2025-03-{day:02}T10:00:00+08:00"})
        answer = intake.send({**again, "time": "2025-03-11T10:00:00+08:00"})
        assert answer["error"]["code"] == "conflict", answer  # judged anew: its subject is taken


def test_the_window_of_numbers():
    with Daemon() as daemon:
        intake, desk = opened(daemon), daemon.desk()
        seqs = {}
        for sequence in (10, 11, 12):
            seqs[sequence] = intake.accept(numbered(sequence))["seq"]
        for sequence in (12, 11, 10):
            answer = intake.send(numbered(sequence))
            assert (answer["status"], answer["seq"], answer["case"]) == (
                "duplicate", seqs[sequence], 1), answer
            assert codes([intake.send(numbered(sequence, id="else"))]) == ["conflict"]
        assert codes([intake.send(numbered(9))]) == ["stale_sequence"], "the first starts the count"
        jump = 10 + WINDOW  # 10 is now the last number below the window, 11 the first in it
        seq = intake.accept(numbered(jump))["seq"]
        assert known(desk, min_seq=seq)["missing"] == [{"first": 13, "last": jump - 1}]
        assert codes(intake.send(numbered(10), numbered(11), numbered(12))) == [
            "stale_sequence", "duplicate", "duplicate"]
        # below the window, but known to be missing: taken, once
        seq = intake.accept(numbered(jump + WINDOW))["seq"]
        assert intake.accept(numbered(13))["seq"] == seq + 1
        assert codes([intake.send(numbered(13))])[0] in ("duplicate", "stale_sequence")
        assert codes([intake.send(numbered(13, id="else"))])[0] in ("conflict", "stale_sequence")
        row = known(desk, min_seq=seq + 1)
        assert row["highest"] == jump + WINDOW, row
        assert row["missing"] == [{"first": 14, "last": jump - 1},
                                  {"first": jump + 1, "last": jump + WINDOW - 1}], row


def test_with_a_sequence_the_id_is_not_looked_up():
    with Daemon() as daemon:
        intake = opened(daemon)
        intake.accept(numbered(1, id="same"), numbered(2, id="same"), numbered(3, id="same"))
        noted = event("case.noted", subject="c-1", id="same", source="line",
                      data={"by": "a", "text": "b"})
        # without one it is judged by its id
        assert codes([intake.send(noted), intake.send(noted)])[1] == "duplicate"


def test_two_senders_of_one_source_out_of_order_by_the_whole_window():
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    with Daemon() as daemon:
        opened(daemon)
        senders = [daemon.intake(), daemon.intake()]
        # number 1 is the first to come: it starts the count. Then each half backwards by blocks.
        assert senders[0].accept(numbered(1))
        numbers = []
        for begin in range(2, 3 * WINDOW, 2 * WINDOW // 3):
            block = list(range(begin, min(begin + 2 * WINDOW // 3, 3 * WINDOW)))
            numbers += [block[::-1], block][rng.randrange(2)]
        halves = [[n for n in numbers if n % 2 == side] for side in (0, 1)]
        taken = {}
        sent = [0, 0]
        while any(sent[side] < len(halves[side]) for side in (0, 1)):
            open_sides = [side for side in (0, 1) if sent[side] < len(halves[side])]
            # the one that lags behind sends: the two are never a window apart
            side = min(open_sides, key=lambda one: sent[one] + rng.randrange(300))
            part = halves[side][sent[side]:sent[side] + rng.randrange(1, 100)]
            sent[side] += len(part)
            for number, answer in zip(part, senders[side].send(*map(numbered, part), b"\xc1")):
                taken[number] = answer
        lost = [n for n, answer in taken.items() if answer["status"] != "accepted"]
        # of blocks that come backwards every second number is missing for a while: more ranges
        # than are kept, so some are refused, in so many words, and none is swallowed
        assert {code for code in codes(taken[n] for n in lost)} <= {"stale_sequence"}, lost[:5]
        seqs = [answer["seq"] for answer in taken.values() if "seq" in answer]
        assert len(seqs) == len(set(seqs)) and len(taken) == 3 * WINDOW - 2
        again = {}
        for begin in range(0, len(numbers), 500):
            part = numbers[begin:begin + 500]
            again.update(zip(part, senders[0].send(*map(numbered, part), b"\xc1")))
        for number, answer in again.items():
            if answer["status"] == "duplicate":
                assert answer["seq"] == taken[number]["seq"], (answer, taken[number])
            else:
                assert codes([answer]) == ["stale_sequence"], answer
        print(f"{len(numbers)} numbers, {len(lost)} of them refused as stale_sequence")


def test_out_of_order_by_a_window_loses_nothing_while_the_ranges_suffice():
    with Daemon() as daemon:
        opened(daemon)
        ahead, behind = daemon.intake(), daemon.intake()
        ahead.accept(numbered(1))
        # one sender is 4,095 numbers ahead of the other, in sixty strides
        stride = 2 * WINDOW // 60
        numbers = list(range(2, 2 + 2 * WINDOW))
        strides = [numbers[i:i + stride] for i in range(0, len(numbers), stride)]
        late, seqs = [], []
        for i, part in enumerate(strides):
            if i % 2:
                late.append(part)
                continue
            seqs += [one["seq"] for one in ahead.accept(*map(numbered, part))]
            if len(late) > 13:
                seqs += [one["seq"] for one in behind.accept(*map(numbered, late.pop(0)))]
        for part in late:
            seqs += [one["seq"] for one in behind.accept(*map(numbered, part))]
        assert len(set(seqs)) == 2 * WINDOW
        row = known(daemon.desk(), min_seq=max(seqs))
        assert (row["highest"], row["missing"]) == (numbers[-1], []), row


def test_a_65th_missing_range_drops_the_oldest():
    with Daemon() as daemon:
        intake, desk = opened(daemon), daemon.desk()
        odd = list(range(1, 2 * RANGES + 2, 2))
        seq = intake.accept(*map(numbered, odd))[-1]["seq"]
        row = known(desk, min_seq=seq)
        assert row["missing"] == [{"first": n, "last": n} for n in range(2, 2 * RANGES + 1, 2)], row
        seq = intake.accept(numbered(2 * RANGES + 3))["seq"]
        row = known(desk, min_seq=seq)
        assert len(row["missing"]) == RANGES and row["missing"][0]["first"] == 4, row
        assert codes(intake.send(numbered(2), numbered(4))) == ["stale_sequence", "accepted"]
        assert codes([intake.send(numbered(3))]) == ["duplicate"], "still in the window"


def test_a_gap_that_stands_is_told_once():
    with Daemon(args=["--clock", "events"]) as daemon:
        feed = daemon.feed("~ops/")
        intake = opened(daemon, time=OPENED)

        def later(seconds):
            return at(OPENED) + datetime.timedelta(seconds=seconds)

        intake.accept(numbered(1, time=later(0)), numbered(5, time=later(1)))
        intake.accept(numbered(2, time=later(30)))
        intake.accept(event("clock.accepted", time=later(60)))
        assert not [one for one in daemon.desk().replay() if one["unit"] == "~ops"]
        intake.accept(event("clock.accepted", time=later(62)))
        topic, alert = feed.alert()
        assert topic == "~ops/source.gap", topic
        assert alert["time"] == later(61) and alert["unit"] == "~ops" and alert["prev"] == 0, alert
        assert "case" not in alert, alert
        # filled before its minute is over: nobody hears of it
        intake.accept(numbered(8, time=later(70)))
        intake.accept(numbered(6, time=later(100)), numbered(7, time=later(110)))
        last = intake.accept(event("clock.accepted", time=later(4000)))["seq"]
        desk = daemon.desk()
        desk.call("status", min_seq=last)
        told = [one["type"] for one in desk.replay() if one["unit"] == "~ops"]
        assert told == ["source.gap"], told
        assert known(desk)["missing"] == [{"first": 3, "last": 4}]
        # and what was missing is still taken
        assert codes(intake.send(numbered(3, time=later(4001)), numbered(4, time=later(4001)))) == [
            "accepted", "accepted"]


def test_a_reset_starts_the_count_anew():
    with Daemon() as daemon:
        intake, desk = opened(daemon), daemon.desk()
        intake.accept(numbered(5000), numbered(5002))
        again = [numbered(n, id=f"new-{n}") for n in (1, 2, 3)]
        assert codes(intake.send(*again)) == ["stale_sequence"] * 3, "its counter began again"
        letters = desk.until(lambda rows: len(rows) == 3, "dead.list")
        assert [one["id"] for one in letters] == ["new-1", "new-2", "new-3"]
        intake.accept(event("source.reset", data={"source": "line"}))
        assert codes(intake.send(*again)) == ["accepted"] * 3
        assert codes(intake.send(*again)) == ["duplicate"] * 3
        seq = intake.accept(numbered(4, id="new-4"))["seq"]
        row = known(desk, min_seq=seq)
        assert (row["highest"], row["missing"]) == (4, []), row
        # numbers of the time before are new ones now
        assert codes([intake.send(numbered(5000))]) == ["accepted"]


def test_a_counter_that_starts_again_in_the_window_is_a_conflict():
    with Daemon() as daemon:
        intake = opened(daemon)
        intake.accept(*[numbered(n) for n in range(1, 101)])
        answers = intake.send(*[numbered(n, id=f"rebuilt-{n}") for n in range(1, 103)])
        assert codes(answers) == ["conflict"] * 100 + ["accepted"] * 2, codes(answers)


def test_sequences_and_gaps_over_a_kill():
    with Daemon() as daemon:
        intake, desk = opened(daemon), daemon.desk()
        seq = intake.accept(numbered(1), numbered(2), numbered(9), numbered(4))[2]["seq"]
        daemon.restart()
        assert codes(intake.send(numbered(9), numbered(2), numbered(2, id="else"), numbered(3))) == [
            "duplicate", "duplicate", "conflict", "accepted"]
        assert intake.send(numbered(9))["seq"] == seq
        row = known(desk, min_seq=seq + 2)
        assert row["missing"] == [{"first": 5, "last": 8}], row


def test_the_largest_numbers():
    with Daemon() as daemon:
        intake, desk = opened(daemon), daemon.desk()
        top = (1 << 64) - 1
        intake.accept(numbered(top - 1))
        seq = intake.accept(numbered(top))["seq"]
        assert codes(intake.send(numbered(top), numbered(1))) == ["duplicate", "stale_sequence"]
        assert known(desk, min_seq=seq)["highest"] == top


if __name__ == "__main__":
    run(globals())
