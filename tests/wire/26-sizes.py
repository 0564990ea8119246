#!/usr/bin/python3
"""What a peer sizes is answered with a code: texts, lists and numbers at every limit and beyond it."""
import datetime

from harness import Daemon, at, complaint, contact, event, pack, run, verify

NOTICES = """\
assessment:
  levels: {watch: 30, high: 60, critical: 85}
  open_case_at: high
  rules:
    - {code: all, match: {channel: [branch, regulator]}, points: 70}
  notices:
    - {code: touts, text: beware of touts, written: true, match: {}}
"""
LOUD = """\
assessment:
  levels: {watch: 30, high: 60, critical: 85}
  open_case_at: high
  rules:
    - {code: word-a, match: {text: "~refund"}, points: 20}
    - {code: word-b, match: {text: "~lawyer"}, points: 20}
    - {code: word-c, match: {text: "~court"}, points: 20}
    - {code: word-d, match: {text: "~media"}, points: 20}
    - {code: word-e, match: {text: "~regulator"}, points: 20}
    - {code: thrice, match: {text: "~退.*保.*投诉"}, points: 1}
  lexicons:
    - {code: angry, terms: {furious: 1}}
"""


def hours_ahead(hours):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)


def silence(matchers, hours=1, **data):
    return event("silence.created", data={"matchers": matchers, "until": hours_ahead(hours), "by": "li",
                                          "reason": "works", **data})


def lives(daemon):
    """The daemon that the test began with still answers somebody else."""
    assert daemon.process.poll() is None, daemon.log()
    assert daemon.intake().send(event("case.noted", subject="nobody", data={"by": "w", "text": "x"}))[
        "error"]["code"] == "unknown_case"


def test_the_reason_of_a_pause_may_be_as_long_as_it_may_be():
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(complaint("k-1"))
        reasons = ["x" * 480, "x" * 481, "x" * 1024, "因" * 168, "因" * 341, "x" * 1023 + "y"]
        for reason in reasons:
            intake.accept(event("case.paused", subject="k-1", data={"reason": reason}))
        again = intake.send(event("case.paused", subject="k-1", data={"reason": reasons[2]}))
        assert again["error"]["code"] == "illegal_transition", again
        seq = intake.accept(event("case.resumed", subject="k-1", data={"reason": reasons[2]}))["seq"]
        assert intake.send(event("case.paused", subject="k-1", data={"reason": "x" * 1025}))["error"][
            "field"] == "data.reason"
        pauses = desk.call("case.get", subject="k-1", min_seq=seq)["pauses"]
        assert {one["reason"] for one in pauses} == set(reasons), pauses
        daemon.restart()
        assert daemon.intake().send(event("case.paused", subject="k-1", data={"reason": reasons[1]}))[
            "error"]["code"] == "illegal_transition"


def test_a_silence_has_bounds_and_says_which():
    with Daemon() as daemon:
        intake, desk, feed = daemon.intake(), daemon.desk(), daemon.feed("~ops/")
        told = desk.call
        seq = intake.accept(complaint("k-1"))["seq"]
        for matchers, word in (
                ({f"attributes.a{i}": list(range(512)) for i in range(32)}, "4096 bytes"),
                ({"unit": list(range(1000))}, "too many"),
                ({"unit": ["~(abcdefgh){500}" + str(i) for i in range(40)]}, "too many"),
                ({"unitt": "xj"}, "unitt"), ({"unit": "~("}, "pattern")):
            made = silence(matchers)
            for answer in (intake.send(made), told("event.check", event=made, min_seq=seq)["receipt"]):
                error = answer["error"]
                assert (error["code"], error["field"]) == ("bad_value", "data.matchers"), answer
                assert word in error["message"], error
        for number in (1, 2):
            receipt = intake.accept(silence({"unit": "xj/yining", "type": "~warning"}, reason="因" * 300))
            seq = receipt["seq"]
            assert receipt["silence"] == number, receipt
            topic, alert = feed.until(lambda topic, body: topic == "~ops/silence.created")
            assert alert["reasons"][0]["code"] == f"silence.{number}", alert
        assert told("event.check", event=silence({"unit": "xj"}), min_seq=seq)["receipt"]["silence"] == 3
        assert intake.accept(silence({"unit": "xj/urumqi/d3"}))["silence"] == 3
        seq = intake.accept(complaint("k-2", customer="k2"))["seq"]
        assert not told("case.get", subject="k-2", min_seq=seq)["alerts"]
        daemon.restart()
        intake = daemon.intake()
        seq = intake.accept(event("silence.ended", data={"silence": 3}),
                            complaint("k-3", customer="k3"))[1]["seq"]
        assert daemon.desk().call("case.get", subject="k-3", min_seq=seq)["alerts"]


def test_reasons_show_a_little_of_a_long_text():
    text = "因" * 3000 + " refund lawyer court media regulator " + "果" * 7000
    with Daemon(rules=LOUD) as daemon:
        receipt = daemon.intake().accept(contact("c-1", channel="web", text=text))
        reasons = receipt["warning"]["reasons"]
        assert receipt["warning"]["score"] == 100 and len(reasons) == 5, receipt
        for reason in reasons:
            assert len(reason["detail"]) <= len("text ") + 64 and "refund lawyer" in reason["detail"], reason
        assert daemon.intake().accept(contact("c-2", customer="k2", channel="web", text="refund"))[
            "warning"]["reasons"][0]["detail"] == "text refund"


def test_texts_that_cost_their_square():
    with Daemon(rules=LOUD) as daemon:
        intake = daemon.intake()
        texts = ["退" * 10900 + "诉", "a" + "\u0327" * 16000, "\u0344" * 16000, "ﷺ" * 10900,
                 "x" + ("\u0301" * 40 + "y") * 390]
        for _ in range(9):
            receipts = intake.send(*[contact(f"c-{id(one)}-{i}", customer=f"k{i}", channel="web", text=one)
                                     for i, one in enumerate(texts)])
            assert [one["status"] for one in receipts] == ["accepted"] * len(texts), receipts
        details = [[(one["code"], one["points"], one["detail"]) for one in receipt["warning"]["reasons"]]
                   for receipt in receipts]
        unread = ("text.unread", 0)
        assert details[1:] == [[(*unread, "15970 combining marks")], [(*unread, "15985 combining marks")],
                               [], [(*unread, "3900 combining marks")]], details


def test_lists_of_many_notices():
    cases, step = 100_000, 500
    with Daemon(rules=NOTICES) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for first in range(0, cases, step):
            receipts = intake.send(*[contact(f"c-{i}", customer=f"k{i}") for i in range(first, first + step)],
                                   wait_s=60)
            assert {one["status"] for one in receipts} <= {"accepted", "busy"}, receipts
        seq = max(one.get("seq", 0) for one in receipts)
        desk.reach(seq, wait_s=60)
        rows = desk.call("notice.list", limit=10000, wait_s=60)["rows"]
        assert len(rows) == 10000, len(rows)
        assert len(desk.call("notice.list", unit="xj/yining", wait_s=60)["rows"]) == 0
        page = desk.call("timer.list", unit="xj/yining", wait_s=60)
        assert (page["rows"], page["next"]) == ([], 20000), page
        page = desk.call("timer.list", unit="xj/yining", after=page["next"], wait_s=60)
        assert (page["rows"], page["next"]) == ([], 40000), page
        first = desk.call("timer.list", limit=10, wait_s=60)
        more = desk.call("timer.list", limit=10, after=first["next"], wait_s=60)
        last = desk.call("timer.list", limit=20, wait_s=60)
        assert len(last["rows"]) == 20 and first["rows"] + more["rows"] == last["rows"], last
        lives(daemon)


def test_a_customer_of_many_cases_is_forgotten_in_shares():
    cases, step = 2000, 500
    with Daemon() as daemon:
        intake = daemon.intake()
        for first in range(0, cases, step):
            intake.accept(*[complaint(f"k-{i}", phone="13800138000") for i in range(first, first + step)])
        intake.accept(event("customer.forgotten", data={"customer": "cust-0001"}))
        last = intake.accept(complaint("later"))["case"]
        daemon.restart()
        intake, desk = daemon.intake(), daemon.desk()
        seq = intake.accept(*[event("case.noted", subject="later", data={"by": "w", "text": "x"})
                              for _ in range(cases // 16)])[-1]["seq"]
        for number in (1, 2, cases // 2, cases - 1, cases):
            attributes = desk.call("case.get", case=number, min_seq=seq)
            assert "phone" not in attributes["attributes"], attributes
        assert desk.call("case.get", case=last)["attributes"].get("customer", "").endswith("0001")
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


def test_forgetting_goes_on_where_no_record_comes():
    cases, step = 2000, 500
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for first in range(0, cases, step):
            seq = intake.accept(*[complaint(f"k-{i}", phone="13800138000", quiet=True)
                                  for i in range(first, first + step)])[-1]["seq"]
        first = desk.call("case.get", case=1, min_seq=seq)
        assert first["attributes"]["phone"] == "13800138000", first
        seq = intake.accept(event("customer.forgotten", data={"customer": "cust-0001"}, quiet=True))["seq"]
        desk.until(lambda rows: "rest" not in [one["kind"] for one in rows], "timer.list", min_seq=seq)
        for number in (1, 2, cases // 2, cases - 1, cases):
            assert "phone" not in desk.call("case.get", case=number)["attributes"], number
        # What was taken over is told by what people do, not by the forgetting.
        assert "digest.takeover" not in [one["type"] for one in desk.replay(unit="xj/", after=0)]
        assert desk.call("check")["faults"] == 0
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


def test_frames_as_large_as_they_may_be():
    with Daemon(limits="event_bytes: 4MiB") as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for size in (4 << 20, (4 << 20) + 1, 5_000_000, 16 << 20):
            assert intake.send(b"\xc1" * size)["error"]["code"] == (
                "malformed" if size == 4 << 20 else "too_large")
        letters = desk.until(lambda rows: len(rows) >= 4, "dead.list", limit=1)
        assert [len(one["event"]) for one in letters] == [4 << 20, (4 << 20) + 1, 5_000_000, 16 << 20]
        attributes = {f"a{i}": "x" * 1024 for i in range(64)}
        whole = complaint("k-1", tags=["t" * 1024] * 64, attributes=attributes, text="x" * 32768)
        seq = intake.accept(whole)["seq"]
        assert len(desk.call("case.get", subject="k-1", min_seq=seq)["attributes"]["tags"]) == 64
        assert intake.send(silence({"unit": ["x" * 1000] * 200}))["error"]["field"] == "data.matchers"
        lives(daemon)


def test_an_opening_of_the_year_one():
    with Daemon(limits="oldest: 36600d", grace="1h") as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        old = {**complaint("k-1", received=at("0001-01-01T00:00:00Z")), "time": at("0001-01-01T00:00:00Z")}
        assert intake.send(old)["error"]["code"] == "past_time"
        seq = intake.accept({**old, "quiet": True})["seq"]
        assert desk.call("timer.list", min_seq=seq)["rows"] is not None
        assert desk.call("case.get", subject="k-1", min_seq=seq)["case"]
        lives(daemon)


def test_frames_of_nested_garbage():
    depth, frame = 14, b"\xa1\xff"
    for level in range(depth):
        pad = b"".join(bytes([0xa3]) + f"{i:03}".encode() + b"\xc0" for i in range(900))
        frame = b"\xde" + (902).to_bytes(2, "big") + b"\xa2xx" + frame + pad + b"\xa2yy\xc0" if (
            len(frame) < 60000) else frame
    with Daemon() as daemon:
        intake = daemon.intake()
        made = {"id": "x", "source": "s", "type": "case.noted", "subject": "k", "data": {"by": "b", "text": "@@"}}
        whole = pack(made).replace(b"@@", b"\xff\xff")
        whole = bytes([whole[0] + 1]) + whole[1:] + b"\xa1z" + frame
        receipts = intake.send(*[whole] * 1024, wait_s=120)
        assert {one["status"] for one in receipts} <= {"rejected", "busy"}  # dead letters have a bound
        errors = {(one["error"]["code"], one["error"]["field"]) for one in receipts if "error" in one}
        assert errors == {("bad_value", "data.text")}, errors
        lives(daemon)


def test_error_texts_of_the_desk_are_utf8():
    with Daemon() as daemon:
        desk = daemon.desk()
        daemon.intake().accept(complaint("k-1"))
        for length in range(60, 130):
            error = desk.refuses("not_found", "contact.list", window="因" * length, key="x", min_seq=1)
            assert "\ufffd" not in str(error)


if __name__ == "__main__":
    run(globals())
