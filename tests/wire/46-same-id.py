#!/usr/bin/python3
"""A known id with another content is a conflict, told and kept; the same in another form is not."""
import datetime

import msgpack

from harness import Daemon, at, complaint, event, run, unpack

FIRST = {**complaint("k-1", customer="c-1", amount="5.00", age=67, phone="139", tags=["a", "b"],
                     attributes={"vip": True, "branch": 7}, received=at("2026-03-02T10:00:00Z")),
         "id": "1", "source": "pbx"}
DATA = FIRST["data"]


def having(**data):
    return {**FIRST, "data": {**DATA, **data}}


# The same again, as other encoders and other days write it.
SAME = [
    dict(reversed(FIRST.items())),
    {**FIRST, "data": dict(reversed(DATA.items()))},
    {**FIRST, "time": at("2026-03-02T11:00:00Z")},
    {**FIRST, "specversion": "1.0", "sequence": None, "quiet": False},
    {**FIRST, "subject": b"k-1"},
    having(amount=5), having(amount=5.0), having(amount="5"), having(amount="5.0"),
    having(age=67.0), having(phone=b"139"),
    having(contract=None, product="", text=None), having(people=None, unnamed=None, other=""),
    having(tags=["a", None, "b", ""]), having(attributes={"branch": 7.0, "vip": True, "x": None}),
    having(received="2026-03-02T18:00:00+08:00"), having(received="2026-03-02T10:00Z"),
    having(received=msgpack.Timestamp(1772445600, 999)),
    having(attributes={"vip": True, "branch": 7, "y": ""}, regulator_ref=""),
]
# Another event under the id.
OTHER = [
    {**FIRST, "subject": "k-2"},
    {**FIRST, "type": "contact.received"},
    event("case.noted", subject="k-1", id="1", source="pbx", data={"by": "a", "text": "b"}),
    having(customer="c-2"), having(amount="5.01"), having(age=68), having(phone="1390"),
    having(text="my pension was not paid"), having(tags=["b", "a"]), having(tags=["a"]),
    having(attributes={"vip": True}), having(attributes={"vip": 1, "branch": 7}),
    having(attributes={"vip": True, "branch": "7"}),
    having(received=at("2026-03-02T10:00:01Z")), having(unnamed=1),
    {**FIRST, "data": {k: v for k, v in DATA.items() if k != "tags"}},
]


def is_conflict(receipt, *parts):
    error = receipt.get("error", {})
    return receipt["status"] == "rejected" and error["code"] == "conflict" and \
        error["field"] == "id" and all(part in error["message"] for part in parts)


def check(intake, first, more):
    """`more` are further keys of every event; how many were refused."""
    seq = intake.accept({**first, **more})["seq"]
    for one in SAME:
        got = intake.send({**one, **{**more, **{k: one[k] for k in one.keys() & {"time", "quiet"}}}})
        assert (got["status"], got["seq"], got["case"]) == ("duplicate", seq, 1), (one, got)
    for one in OTHER:
        got = intake.send({**one, **more})
        words = "another type" if one["type"] != FIRST["type"] else "something else"
        assert is_conflict(got, f"event {seq} (complaint.registered of case 1)", words), (one, got)
        assert got["id"] == "1" and "seq" not in got, got


def test_by_value_with_and_without_a_sequence():
    for more in ({}, {"sequence": 7}):
        with Daemon() as daemon:
            intake, desk = daemon.intake(), daemon.desk()
            check(intake, FIRST, more)
            letters = desk.rows("dead.list")
            assert [one["error"]["code"] for one in letters] == ["conflict"] * len(OTHER), letters
            assert unpack(letters[3]["event"])["data"]["customer"] == "c-2", letters[3]
            assert len(desk.rows("journal.read")) == 1 and len(desk.rows("case.list")) == 1
            daemon.restart()
            intake = daemon.intake()
            assert is_conflict(intake.send({**OTHER[0], **more}), "event 1")
            assert intake.send({**SAME[0], **more})["status"] == "duplicate"


def test_it_answers_in_the_place_of_a_duplicate():
    with Daemon() as daemon:
        intake = daemon.intake()
        intake.accept(FIRST, {**FIRST, "id": "n-1", "sequence": 5, "subject": "k-5", "source": "crm"})
        far = at("2999-01-01T00:00:00Z")
        # before the time, the unit, the case and the state are asked; after the event's own faults
        assert is_conflict(intake.send({**having(text="x"), "time": far}))
        assert is_conflict(intake.send(having(unit="xj/nowhere")))
        assert is_conflict(intake.send({**event("case.resumed", subject="nobody",
                                                data={"reason": "r"}), "id": "1", "source": "pbx"}))
        assert intake.send(having(age="old"))["error"]["code"] == "bad_type"
        assert intake.send({**FIRST, "type": "no.such"})["error"]["code"] == "unknown_type"
        # a known number with another id is a conflict of the number
        got = intake.send({**FIRST, "id": "n-2", "sequence": 5, "source": "crm"})
        assert got["error"]["field"] == "sequence", got
        # what the desk is asked for it says, too
        answer = daemon.desk().call("event.check", event=having(text="x"))
        assert is_conflict(answer["receipt"], "event 1"), answer


def test_an_id_is_free_again_after_its_time():
    with Daemon(args=["--clock", "events"], limits="dedup: 2d") as daemon:
        intake = daemon.intake()
        day = at("2026-03-02T10:00:00Z")
        intake.accept({**FIRST, "time": day})
        other = {**FIRST, "subject": "k-2"}
        assert is_conflict(intake.send({**other, "time": day + datetime.timedelta(days=1)}))
        for days in range(3, 6):
            intake.accept(event("case.noted", subject="k-1", time=day + datetime.timedelta(days=days),
                                data={"by": "a", "text": "b"}))
        got = intake.send({**other, "time": day + datetime.timedelta(days=6)})
        assert (got["status"], got["case"]) == ("accepted", 2), got


run(globals())
