#!/usr/bin/python3
"""Every error code but `forbidden`, in the order of the checks; what is refused changes nothing."""
import datetime

import msgpack

from harness import Daemon, at, complaint, contact, event, pack, run, unpack

LIMIT = 64 * 1024


def note(subject="k-open", **data):
    return event("case.noted", subject=subject, data={"by": "wang", "text": "x", **data})


def without(made, *keys):
    """The event less some keys; "data.x" is a key of data."""
    made = {**made, "data": dict(made.get("data", {}))}
    for key in keys:
        if key.startswith("data."):
            del made["data"][key[5:]]
        else:
            del made[key]
    return made


def having(made, **data):
    return {**made, "data": {**made.get("data", {}), **data}}


def silence(days):
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return event("silence.created", data={
        "by": "w", "reason": "works", "until": until, "matchers": {"unit": "xj"}})


def nested(levels):
    """A map whose deepest container stands at this level, the event being level 1."""
    inner = 1
    for _ in range(levels - 1):
        inner = [inner]
    return pack({"x": inner})


def extension(length, body):
    return b"\x81\xa4time" + {4: b"\xd6", 8: b"\xd7"}.get(length, b"\xc7" + bytes([length])) + (
        b"\xff" + body)


# what is sent, code, field ("*" is any). Events as bytes are sent as they are.
BEFORE_STATE = [
    (b"x" * (LIMIT + 1), "too_large", None),
    (b"\xc1" * (LIMIT * 2), "too_large", None),
    (b"\xc1", "malformed", None),
    (b"\x81", "malformed", None),
    (b"\xdd\xff\xff\xff\xff", "malformed", None),
    (b"\xdf\xff\xff\xff\xff", "malformed", None),
    (b"\xdb\xff\xff\xff\xff", "malformed", None),
    (pack([1, 2]), "malformed", None),
    (pack("text"), "malformed", None),
    (pack(None), "malformed", None),
    (pack(note()) + b"\xc0", "malformed", None),
    (pack(note())[:-1], "malformed", None),
    (b"\x82\xa2id\xa1a\xa2id\xa1b", "malformed", None),
    (b"\x81\xa4data\x82\xa1x\x01\xa1x\x02", "malformed", None),
    (b"\x81\x01\x02", "malformed", None),
    (nested(17), "malformed", None),
    (nested(16), "missing_field", "id"),
    (extension(4, b"\0\0\0\0"), "missing_field", "id"),
    (extension(3, b"\0\0\0"), "malformed", None),
    (extension(8, b"\xff\xff\xff\xfc\0\0\0\0"), "malformed", None),
    ({}, "missing_field", "id"),
    (without(note(), "id"), "missing_field", "id"),
    (without(note(), "source"), "missing_field", "source"),
    (without(note(), "type"), "missing_field", "type"),
    (without(note(), "subject"), "missing_field", "subject"),
    (without(note(), "data"), "missing_field", "data"),
    (without(note(), "data.by"), "missing_field", "data.by"),
    (having(without(contact("x"), "subject"), case=1), "missing_field", "subject"),
    ({**without(note(), "data.by"), "source": 5}, "missing_field", "data.by"),
    ({**note(), "id": 5}, "bad_type", "id"),
    ({**note(), "id": b"\xff"}, "bad_type", "id"),
    ({**note(), "source": None}, "missing_field", "source"),
    ({**note(), "sequence": [1]}, "bad_type", "sequence"),
    ({**note(), "sequence": 1.5}, "bad_type", "sequence"),
    ({**note(), "quiet": 1}, "bad_type", "quiet"),
    ({**note(), "time": 1700000000}, "bad_type", "time"),
    ({**note(), "data": []}, "bad_type", "data"),
    (having(note(), text=1), "bad_type", "data.text"),
    (having(note(), case="1"), "bad_type", "data.case"),
    (having(contact("x"), amount=1.5), "bad_type", "data.amount"),
    (having(contact("x"), age="60"), "bad_type", "data.age"),
    (having(contact("x"), tags="one"), "bad_type", "data.tags"),
    (having(contact("x"), attributes={"vip": 1.5}), "bad_type", "data.attributes.vip"),
    (having({**note(), "id": ""}, text=1), "bad_type", "data.text"),
    ({**note(), "specversion": "0.3"}, "bad_value", "specversion"),
    ({**note(), "id": ""}, "bad_value", "id"),
    ({**note(), "id": "x" * 129}, "bad_value", "id"),
    ({**note(), "source": "x" * 129}, "bad_value", "source"),
    ({**note(), "subject": ""}, "missing_field", "subject"),
    ({**note(), "sequence": 0}, "bad_value", "sequence"),
    ({**note(), "sequence": -1}, "bad_value", "sequence"),
    ({**note(), "time": "2025-03-03T10:00:00"}, "bad_value", "time"),
    ({**note(), "time": "2025-02-30T10:00:00Z"}, "bad_value", "time"),
    ({**note(), "time": "soon"}, "bad_value", "time"),
    (pack({**note(), "subject": "@@"}).replace(b"@@", b"\xff\xfe"), "bad_value", "subject"),
    (having(note(), text=""), "bad_value", "data.text"),
    (having(note(), text="x" * (32 * 1024 + 1)), "bad_value", "data.text"),
    (having(contact("x"), age=151), "bad_value", "data.age"),
    (having(contact("x"), amount="1e5"), "bad_value", "data.amount"),
    (having(contact("x"), amount="1.234"), "bad_value", "data.amount"),
    (having(contact("x"), amount="-1"), "bad_value", "data.amount"),
    (event("case.decided", subject="k-open", data={"outcome": "won"}), "bad_value", "data.outcome"),
    (event("case.chased", subject="k-open", data={
        "by": "a", "question": "b", "answer_by": "2025-13-01"}), "bad_value", "data.answer_by"),
    ({**note(), "id": "", "type": "no.such"}, "bad_value", "id"),
    (event("no.such", subject="k-open", data={"by": 1}), "unknown_type", "type"),
    (event("case.", data={}), "unknown_type", "type"),
    ({**event("no.such"), "id": "first"}, "unknown_type", "type"),
]

AFTER_DUPLICATES = [
    ({**note(), "source": "line", "sequence": 4}, "stale_sequence", "sequence"),
    ({**note("nobody"), "source": "line", "sequence": 4,
      "time": at("2999-01-01T00:00:00Z")}, "stale_sequence", "sequence"),
    ({**note(), "time": at("2999-01-01T00:00:00Z")}, "future_time", "time"),
    ({**contact("x", unit="xj/nowhere"), "time": at("2999-01-01T00:00:00Z")}, "future_time", "time"),
    ({**note(), "time": at("0001-01-01T00:00:00Z")}, "past_time", "time"),
    ({**note(), "time": at("1970-01-01T00:00:00Z")}, "past_time", "time"),
    ({**contact("x", unit="xj/nowhere"), "time": at("1899-12-30T00:00:00Z")}, "past_time", "time"),
    (having(complaint("x"), received=at("0001-01-01T00:00:00Z")), "past_time", "data.received"),
    (having(note(subject="k-open"), received=at("0001-01-01T00:00:00Z"), case=99), "unknown_case",
     "data.case"),
    (silence(days=-1), "bad_value", "data.until"),
    (silence(days=31), "bad_value", "data.until"),
    (contact("x", unit="xj/nowhere"), "unknown_unit", "data.unit"),
    (contact("x", unit="d"), "unknown_unit", "data.unit"),
    (contact("x", unit="urumqi/d3"), "unknown_unit", "data.unit"),
    (contact("x", respondent="nowhere"), "unknown_unit", "data.respondent"),
    (event("case.assigned", subject="nobody", data={"unit": "nowhere"}), "unknown_unit", "data.unit"),
    (event("case.assigned", subject="k-closed", data={"unit": "nowhere"}), "unknown_unit", "data.unit"),
    (contact("c-open", unit="nowhere"), "unknown_unit", "data.unit"),
    (event("unit.reported", data={"unit": "nowhere", "date": "2025-03-03"}), "unknown_unit", "data.unit"),
    (event("duty.opened", data={"unit": "no", "duty": "d", "due": "2030-01-01"}), "unknown_unit",
     "data.unit"),
    (note("nobody"), "unknown_case", "subject"),
    (without(having(note(), case=99), "subject"), "unknown_case", "data.case"),
    (having(note("nobody"), case=1), "unknown_case", "subject"),
    (having(note("k-open"), case=99), "unknown_case", "data.case"),
    (event("case.resumed", subject="nobody", data={"reason": "x"}), "unknown_case", "subject"),
    (event("case.merged", subject="k-open", data={"into": "nobody", "reason": "x"}), "unknown_case",
     "data.into"),
    (contact("c-open"), "conflict", "subject"),
    (contact("c-open", channel="branch"), "conflict", "subject"),
    (complaint("k-open"), "conflict", "subject"),
    (contact("k-open"), "conflict", "subject"),
    (having(note("k-open"), case=1), "conflict", "*"),
    (having(event("case.resumed", subject="k-open", data={"reason": "x"}), case=1), "conflict", "*"),
    (event("case.merged", subject="k-open", data={"into": "c-open", "reason": "x"}), "conflict", "*"),
    ({**note(), "source": "line", "sequence": 5, "id": "another"}, "conflict", "sequence"),
    (event("case.resumed", subject="k-open", data={"reason": "x"}), "illegal_transition", "*"),
    (event("case.answered", subject="k-open", data={"by": "a", "text": "b"}), "illegal_transition", "*"),
    (event("case.panel_concluded", subject="k-open", data={"opinion": "b"}), "illegal_transition", "*"),
    (event("case.review_decided", subject="k-open", data={"outcome": "b"}), "illegal_transition", "*"),
    (event("case.reopened", subject="k-open", data={"reason": "b"}), "illegal_transition", "*"),
    (event("case.extended", subject="k-open", data={
        "clock": "answer", "approved_by": "parent", "reason": "b"}), "illegal_transition", "*"),
    (event("case.defused", subject="k-open", data={"by": "a"}), "illegal_transition", "*"),
    (event("case.decided", subject="c-open", data={"outcome": "upheld"}), "illegal_transition", "*"),
    (event("case.mediation_called", subject="c-open", data={"body": "a"}), "illegal_transition", "*"),
    (event("case.mediation_settled", subject="k-open"), "illegal_transition", "*"),
    (event("case.closed", subject="k-closed", data={"resolution": "x"}), "illegal_transition", "*"),
    (event("case.assigned", subject="k-closed", data={"unit": "yining"}), "illegal_transition", "*"),
    (event("case.withdrawn", subject="k-closed"), "illegal_transition", "*"),
    (event("case.escalated", subject="k-closed", data={"by": "a", "reason": "b"}),
     "illegal_transition", "*"),
    (event("alert.acknowledged", data={"by": "wang", "alert": 4711}), "bad_value", "data.alert"),
    (event("silence.ended", data={"silence": 4711}), "bad_value", "data.silence"),
    (event("case.extended", subject="k-open", data={
        "clock": "nosuch", "approved_by": "parent", "reason": "b"}), "bad_value", "data.clock"),
]


def prepare(daemon):
    """An open contact (1), an open complaint (2), a closed one (3), a source whose count is at 5."""
    intake = daemon.intake()
    intake.accept({**contact("c-open"), "id": "first"}, complaint("k-open", customer="k2"),
                  complaint("k-closed", customer="k3"),
                  event("case.closed", subject="k-closed", data={"resolution": "done"}),
                  {**note(), "source": "line", "sequence": 5, "id": "five"})
    return intake


def picture(desk):
    """All that the desk tells, but time and the dead letters."""
    parts = [desk.call("case.get", case=case) for case in (1, 2, 3)]
    parts += [desk.rows(method) for method in (
        "case.list", "source.list", "timer.list", "contact.list", "notice.list", "silence.list",
        "units", "journal.read")]
    parts.append(desk.replay())
    status = desk.call("status")
    parts.append([status[key] for key in ("seq", "alert", "open_cases", "pending_timers")])
    for part in parts:
        if isinstance(part, dict):
            part.pop("as_of")
            for clock in part["clocks"]:
                clock.pop("remaining", None)
    return parts


def refuse(rows):
    """Sends each row; its answer, the dead letter it left, and that nothing else changed."""
    with Daemon() as daemon:
        intake, desk = prepare(daemon), daemon.desk()
        desk.call("status", min_seq=5)
        before = picture(desk)
        assert desk.rows("dead.list") == []
        wrong = []
        for sent, code, field in rows:
            receipt = intake.send(sent)
            error = receipt.get("error", {})
            if (receipt["status"], error.get("code")) != ("rejected", code) or (
                    field != "*" and error.get("field") != field):
                wrong.append((sent if isinstance(sent, dict) else sent[:40], code, field, receipt))
            elif code == "illegal_transition" and sent["subject"] == "k-closed":
                if "closed" not in error["message"]:
                    wrong.append(("the message does not name the state", sent, receipt))
            if not {"seq", "case", "warning"}.isdisjoint(receipt) or not error.get("message"):
                wrong.append(("too much or too little", sent, receipt))
        assert not wrong, "\n".join(map(str, wrong))
        desk.until(lambda letters: len(letters) >= len(rows), "dead.list")
        letters = desk.rows("dead.list", limit=7)
        assert len(letters) == len(rows), len(letters)
        for letter, (sent, code, field) in zip(letters, rows):
            whole = sent if isinstance(sent, bytes) else pack(sent)
            assert letter["event"] == whole, (len(letter["event"]), len(whole), code)
            assert letter["error"]["code"] == code, (letter, code)
            assert field == "*" or letter["error"]["field"] == field, (letter, field)
        assert [one["number"] for one in letters] == sorted({one["number"] for one in letters})
        after = picture(desk)
        for one, other in zip(before, after):
            assert one == other, (one, other)
        intake.accept(note())
        assert len(desk.rows("dead.list")) == len(rows)


def test_what_the_event_alone_shows():
    refuse(BEFORE_STATE)


def test_what_only_the_state_shows():
    refuse(AFTER_DUPLICATES)


def test_what_is_known_answers_before_the_state_is_asked():
    with Daemon() as daemon:
        intake = prepare(daemon)
        for again in (contact("c-open"), {**contact("c-open"), "time": at("2999-01-01T00:00:00Z")}):
            receipt = intake.send({**again, "id": "first"})
            assert receipt["status"] == "duplicate" and receipt["seq"] == 1, receipt
        for other in (contact("x", unit="nowhere"), note("nobody"), contact("c-open", channel="web"),
                      {**note(), "time": at("2999-01-01T00:00:00Z")},
                      event("case.closed", subject="k-closed", data={"resolution": "x"})):
            error = intake.send({**other, "id": "first"})["error"]
            assert (error["code"], error["field"]) == ("conflict", "id"), error
        assert intake.send({**note("nobody"), "id": "first", "source": "other"})["status"] == "rejected"
        assert intake.send({**event("no.such"), "id": "first"})["error"]["code"] == "unknown_type"


def test_what_is_older_than_the_limit_comes_in_quietly_or_under_a_larger_limit():
    old = at("1999-12-31T00:00:00Z")
    first = {**complaint("k-1", customer="k1", received=old), "time": old}
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        assert intake.send(first)["error"]["code"] == "past_time"
        assert intake.send({**first, "quiet": True})["status"] == "accepted"
        assert intake.send(first)["status"] == "duplicate"
        for sent, code in ((first, None), ({**first, "id": "x", "subject": "x"}, "past_time"),
                           (silence(days=31), "bad_value"), (silence(days=29), None)):
            told = desk.call("event.check", event=sent, min_seq=1)["receipt"]
            assert told.get("error", {}).get("code") == code, told
    with Daemon(limits="oldest: 36600d, silence: 90d") as daemon:
        assert daemon.intake().send(first)["status"] == "accepted"
        assert daemon.intake().send(silence(days=89))["status"] == "accepted"


def test_a_rejected_event_may_come_again():
    with Daemon() as daemon:
        intake = daemon.intake()
        early = note("c-1")
        assert intake.send(early)["error"]["code"] == "unknown_case"
        assert intake.send({**early, "source": "line", "sequence": 7})["error"]["code"] == "unknown_case"
        intake.accept(contact("c-1"))
        assert intake.send(early)["status"] == "accepted"
        assert intake.send({**early, "source": "line", "sequence": 7})["status"] == "accepted"
        assert intake.send(early)["status"] == "duplicate"


def test_dead_letters_are_bounded_and_the_oldest_go_first():
    with Daemon(limits="dead_letters: 10") as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for i in range(25):
            assert intake.send(note(f"nobody-{i}"))["error"]["code"] == "unknown_case"
        last = {"source": "test", "id": "last"}
        assert intake.send({**note("nobody"), **last})["error"]["code"] == "unknown_case"
        letters = desk.until(lambda rows: rows and rows[-1]["id"] == "last", "dead.list")
        assert len(letters) == 10, len(letters)
        assert [unpack(one["event"])["subject"] for one in letters] == [
            *[f"nobody-{i}" for i in range(16, 25)], "nobody"]
        assert letters[0]["source"] == "test" and letters[0]["id"] == unpack(letters[0]["event"])["id"]
        daemon.restart()
        assert [one["number"] for one in daemon.desk().rows("dead.list")] == [
            one["number"] for one in letters]


def test_the_limit_of_an_event_is_a_setting():
    with Daemon(limits="event_bytes: 1KiB") as daemon:
        intake = daemon.intake()
        sent = having(contact("c-1"), text="x" * 2000)
        assert intake.send(sent)["error"]["code"] == "too_large"
        exact = having(contact("c-1"), text="x")
        exact = having(contact("c-1"), text="x" * (1 + 1024 - len(pack(exact)) - 2))
        assert len(pack(exact)) == 1024, len(pack(exact))
        intake.accept(exact)


def test_a_frame_beyond_four_times_the_limit_cuts_the_peer_off():
    with Daemon() as daemon:
        intake, other = daemon.intake(), daemon.intake()
        assert intake.send(b"x" * (4 * LIMIT))["error"]["code"] == "too_large"
        intake.post(b"x" * (4 * LIMIT + 1))
        other.accept(contact("c-1"))
        intake.post(contact("c-2", customer="k2"))  # over the connection made anew
        receipts = intake.receipts()
        assert [one["status"] for one in receipts] == ["accepted"], receipts


def test_ids_of_a_refused_event_are_told_where_they_can_be_read():
    with Daemon() as daemon:
        intake = daemon.intake()
        assert intake.send(b"\xc1")["id"] is None
        assert intake.send({**note("nobody"), "id": "n-1"})["id"] == "n-1"
        assert intake.send({**note("nobody"), "id": "n-1", "source": 1})["id"] == "n-1"
        assert intake.send({**note("nobody"), "id": "x" * 129})["id"] is None
        assert intake.send({**note("nobody"), "id": 4})["id"] is None


if __name__ == "__main__":
    run(globals())
