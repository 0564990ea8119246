#!/usr/bin/python3
"""What a client may have a second (redress.yaml(5), "events_per_second", "bytes_per_second", "rows_per_second"): what is
more is busy and taken later, or waits, and others do not notice."""
from harness import WAIT_S, complaint, event, pack, run
from locked import CLIENTS, Locked

BOUND = CLIENTS | {"crm": "{name: crm, roles: [producer], sources: [crm, test], events_per_second: 20}"}


def test_what_is_more_is_busy_and_taken_later():
    with Locked(clients=BOUND) as locked:
        crm, ops = locked.intake("crm"), locked.intake("ops")
        left = [complaint(f"q-{i}") for i in range(60)]
        first = crm.send(*left)
        taken = [one for one in first if one["status"] == "accepted"]
        assert 20 <= len(taken) < 60, len(taken)
        assert all(one["status"] == "busy" for one in first[len(taken):]), first
        assert all(0 < one["retry_after"] <= 1000 for one in first if one["status"] == "busy"), first
        ops.accept(*[event("source.reset", data={"source": "x"}) for _ in range(100)])
        seqs, left = {one["seq"] for one in taken}, left[len(taken):]
        while left:
            answers = crm.send(*left)
            answers = answers if isinstance(answers, list) else [answers]
            seqs |= {one["seq"] for one in answers if one["status"] == "accepted"}
            left = [one for one, answer in zip(left, answers) if answer["status"] == "busy"]
        assert len(seqs) == 60
        assert len(locked.desk("ops").rows("case.list", min_seq=max(seqs))) == 60


def test_bytes_are_counted_too():
    bound = CLIENTS | {"crm": "{name: crm, roles: [producer], sources: [crm, test], bytes_per_second: 8KiB}"}
    with Locked(clients=bound) as locked:
        crm = locked.intake("crm")
        large = [complaint(f"b-{i}", text="x" * 6000) for i in range(4)]
        answers = crm.send(*large)
        taken = [one for one in answers if one["status"] == "accepted"]
        assert 2 <= len(taken) < 4, answers
        assert all(one["status"] == "busy" and one["retry_after"] > 0 for one in answers[len(taken):]), answers
        # One larger than a second's worth is taken, once what was before is made good.
        big = complaint("b-big", text="x" * 20000)
        receipt = crm.send(big)
        while receipt["status"] == "busy":
            receipt = crm.send(big)
        assert receipt["status"] == "accepted", receipt


def test_rows_are_told_by_and_by():
    bound = CLIENTS | {"eye": "{name: eye, roles: [viewer], rows_per_second: 1}"}
    with Locked(clients=bound) as locked:
        locked.intake("crm").accept(*[complaint(f"r-{i}") for i in range(200)])
        eye, ops = locked.desk("eye"), locked.desk("ops")
        assert len(eye.call("case.list", limit=200)["rows"]) == 200  # two hundred seconds' worth, and given whole
        eye.socket.send(pack([0, 7, "case.list", [{"limit": 1}]]))
        for _ in range(20):  # others do not wait for it
            assert len(ops.call("case.list", limit=200)["rows"]) == 200
        assert not eye.socket.poll(0), "a row came before those told were made good"
        locked.write(CLIENTS)
        locked.daemon.reload()
        assert eye.socket.poll(WAIT_S * 1000), "it waited for ever"


def test_a_reload_lifts_it():
    with Locked(clients=BOUND) as locked:
        crm = locked.intake("crm")
        assert any(one["status"] == "busy" for one in crm.send(*[complaint(f"a-{i}") for i in range(60)]))
        locked.write(CLIENTS)
        locked.daemon.reload()
        crm.accept(*[complaint(f"b-{i}") for i in range(100)])


run(globals())
