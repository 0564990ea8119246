#!/usr/bin/python3
"""Events a second of a key (redress.yaml(5), "events_per_second"): what is more is busy and taken later, and others
do not notice."""
from harness import complaint, event, run
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


def test_a_reload_lifts_it():
    with Locked(clients=BOUND) as locked:
        crm = locked.intake("crm")
        assert any(one["status"] == "busy" for one in crm.send(*[complaint(f"a-{i}") for i in range(60)]))
        locked.write(CLIENTS)
        locked.daemon.reload()
        crm.accept(*[complaint(f"b-{i}") for i in range(100)])


run(globals())
