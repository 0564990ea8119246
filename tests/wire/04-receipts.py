#!/usr/bin/python3
"""What a receipt says: warnings, reasons, actions, notices; messages, their order, and `busy`."""
import datetime
import random
import time

import zmq

from harness import Daemon, SlowDisk, at, complaint, contact, event, pack, run, unpack

RULES = """\
assessment:
  levels: {watch: 30, high: 60, critical: 85}
  open_case_at: high
  rules:
    - {code: r-branch, match: {channel: branch}, points: 10, actions: [note it]}
    - {code: r-hot, match: {channel: hot}, points: 60, actions: [call back, tell the head]}
    - {code: r-zero, match: {channel: hot}, points: 0, actions: [never said]}
    - {code: r-old, match: {age: ">=60"}, points: 10, actions: [green lane, call back]}
    - {code: r-score, match: {attributes.score: ["29", "30"]}, points: 19}
    - {code: r-thirty, match: {attributes.score: "30"}, points: 1}
    - {code: r-calm, match: {tags: calm}, points: -15}
  lexicons:
    - {code: l-threat, terms: {lawyer: 15, regulator: 20, 律师: 15}, cap: 30, actions: [save the recording]}
    - {code: l-money, terms: {refund: 10}, actions: [call back]}
  windows:
    - {code: w-often, key: customer, types: [contact.received, complaint.registered], days: 7,
       count: 3, points: 25, actions: [read the file]}
  notices:
    - {code: tout-fraud, text: Beware of agents, written: true, match: {kind: complaint}}
    - {code: hotline, text: Our number is 1, match: {age: ">=60"}}
policies:
  - name: default
    match: {}
    clocks: [{name: answer, stop: decided, limit: 2h}]
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: info}]}
alerts: {language: en}
"""
DAY = datetime.timedelta(days=1)


def hot(subject, **data):
    return contact(subject, channel="hot", **data)


def reasons(receipt):
    return [(one["code"], one["points"]) for one in receipt["warning"]["reasons"]]


def test_the_keys_of_a_receipt():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        low = intake.accept(contact("low", channel="branch"))
        assert set(low) == {"id", "status", "seq", "term", "warning"}, low
        assert low["warning"]["level"] == "none" and low["warning"]["score"] == 10, low
        assert not {"case", "alert"} & set(low["warning"]), low
        high = intake.accept(hot("c-1", customer="k1"))
        assert set(high) == {"id", "status", "seq", "term", "case", "warning"}, high
        assert high["case"] == high["warning"]["case"] == 1, high
        assert high["warning"]["alert"] == 1, high
        noted = intake.accept(event("case.noted", subject="c-1", data={"by": "a", "text": "b"}))
        assert set(noted) == {"id", "status", "seq", "term", "case", "warning"} and noted["case"] == 1, noted
        assert noted["warning"]["level"] == "none" and noted["warning"]["reasons"] == [], noted
        known = intake.accept(event("case.acknowledged", subject="c-1", data={"by": "a"}))
        assert set(known) == {"id", "status", "seq", "term", "case"} and known["case"] == 1, known
        other = intake.accept(event("contract.screened", data={"contract": "p", "risk": "high"}))
        assert set(other) == {"id", "status", "seq", "term"}, other
        wrong = intake.send(event("case.noted", subject="none", data={"by": "a", "text": "b"}))
        assert set(wrong) == {"id", "status", "term", "error"}, wrong
        assert set(wrong["error"]) == {"code", "field", "message"}, wrong
        assert [one["seq"] for one in (low, high, noted, known, other)] == [1, 2, 3, 4, 5]
        assert {one["term"] for one in (low, high, noted, known, other, wrong)} == {1}


def test_reasons_actions_and_notices():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        warning = intake.accept(hot(
            "c-1", age=70, text="My LAWYER, the regulator, and a refund."))["warning"]
        # by points, then rules before lexicons; the cap holds; what gives no points is left out
        assert [(one["code"], one["points"]) for one in warning["reasons"]] == [
            ("r-hot", 60), ("l-threat", 30), ("r-old", 10), ("l-money", 10)], warning
        assert warning["score"] == 100 and warning["level"] == "critical", warning
        assert warning["actions"] == [
            "call back", "tell the head", "save the recording", "green lane"], warning
        assert warning["notices"] == [
            {"code": "hotline", "text": "Our number is 1", "written": False}], warning
        assert all(set(one) == {"code", "points", "detail"} for one in warning["reasons"]), warning
        both = intake.accept(complaint("k-1", customer="k1", age=60))["warning"]
        assert [one["code"] for one in both["notices"]] == ["tout-fraud", "hotline"], both
        assert both["notices"][0]["written"] is True, both


def test_levels_at_their_thresholds():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        rows = [  # attributes, score, level, opens a case
            (dict(channel="web"), 0, "none", False),
            (dict(channel="branch", attributes={"score": 29}), 29, "none", False),
            (dict(channel="branch", attributes={"score": 30}), 30, "watch", False),
            (dict(channel="hot", tags=["calm"]), 45, "watch", False),
            (dict(channel="hot"), 60, "high", True),
            (dict(channel="hot", text="a lawyer and a refund"), 85, "critical", True),
            (dict(channel="hot", tags=["calm"], text="regulator refund", age=59), 75, "high", True),
            (dict(channel="web", tags=["calm"]), 0, "none", False),
        ]
        for i, (data, score, level, opens) in enumerate(rows):
            receipt = intake.accept(contact(f"c-{i}", customer=f"k-{i}", **data))
            assert (receipt["warning"]["score"], receipt["warning"]["level"]) == (score, level), (
                data, receipt)
            assert ("case" in receipt) == opens == ("alert" in receipt["warning"]), (data, receipt)


def test_a_negative_reason_is_named_last():
    with Daemon(rules=RULES) as daemon:
        receipt = daemon.intake().accept(hot("c-1", tags=["calm", "other"], age=80))
        assert reasons(receipt) == [("r-hot", 60), ("r-old", 10), ("r-calm", -15)], receipt


def test_windows_count_this_event_too():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        found = [reasons(intake.accept(contact(f"c-{i}", channel="web"))) for i in range(4)]
        assert found == [[], [], [("w-often", 25)], [("w-often", 25)]], found
        assert reasons(intake.accept(complaint("k-1", channel="web"))) == [("w-often", 25)]
        assert reasons(intake.accept(contact("c-9", channel="web", customer="other"))) == []
        daemon.restart()
        assert reasons(intake.accept(contact("c-10", channel="web"))) == [("w-often", 25)]


def test_a_window_reaches_back_to_the_instant_and_takes_late_events_where_they_belong():
    with Daemon(rules=RULES, args=["--clock", "events"]) as daemon:
        intake = daemon.intake()
        begin = at("2025-03-03T10:00:00+08:00")

        def on(time, subject):
            return {**contact(subject, channel="web"), "time": time}

        intake.accept(on(begin, "c-1"), on(begin + DAY, "c-2"))
        # seven days of 24 hours: at the instant itself the first is out, a microsecond before it is in
        edge = begin + 7 * DAY
        assert reasons(intake.accept(on(edge - datetime.timedelta(microseconds=1), "c-3"))) != []
        assert reasons(intake.accept(on(edge, "c-4"))) == [("w-often", 25)], "c-2, c-3, c-4"
        assert reasons(intake.accept(on(begin + 8 * DAY, "c-5"))) == [("w-often", 25)]
        # an old event that comes late sees only what was before it
        assert reasons(intake.accept(on(begin + datetime.timedelta(hours=1), "c-6"))) == []
        assert reasons(intake.accept(on(begin + 2 * DAY, "c-7"))) == [("w-often", 25)]


def test_a_duplicate_has_the_warning_of_the_first_time():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        first = hot("c-1", age=70, text="a lawyer")
        low = contact("c-2", channel="branch", customer="k2")
        grown = complaint("k-1", channel="hot", customer="k3", age=61)
        was = intake.accept(first, low, grown)
        for i in range(5):
            intake.accept(contact(f"more-{i}", channel="web"))
        intake.accept(event("case.closed", subject="c-1", data={"resolution": "done"}))
        for _ in range(2):
            for before, now in zip(was, intake.send(first, low, grown)):
                assert now == {**before, "status": "duplicate"}, (now, before)
            daemon.restart()


def test_a_time_ahead_is_cut_to_now_and_said():
    with Daemon(rules=RULES) as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        now = datetime.datetime.now(datetime.timezone.utc)
        almost, over = (now + DAY - datetime.timedelta(minutes=1), now + DAY + datetime.timedelta(minutes=1))
        seq = intake.accept({**hot("c-1"), "time": almost})
        assert seq["adjusted"] == "time", seq
        assert "adjusted" not in intake.accept({**hot("c-2", customer="k2"), "time": now - 400 * DAY})
        text = intake.accept({**hot("c-3", customer="k3"), "time": (
            now + datetime.timedelta(hours=1)).astimezone().isoformat()})
        assert text["adjusted"] == "time", text
        refused = intake.send({**hot("c-4", customer="k4"), "time": over})
        assert refused["error"]["code"] == "future_time", refused
        row = desk.call("case.get", subject="c-1", min_seq=text["seq"])
        assert now <= row["received"] < now + datetime.timedelta(minutes=1), row["received"]
        # `received` ahead is not cut: only the envelope's time is


def test_frames_of_a_message_are_taken_in_order_and_stand_alone():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        answers = intake.send(
            event("case.acknowledged", subject="c-1", data={"by": "a"}), hot("c-1"),
            event("case.acknowledged", subject="c-1", data={"by": "a"}), b"\xc1",
            event("case.closed", subject="c-1", data={"resolution": "x"}),
            event("case.noted", subject="c-1", data={"by": "a", "text": "x"}),
            event("case.closed", subject="c-1", data={"resolution": "x"}), hot("c-1"))
        codes = [one.get("error", {}).get("code", one["status"]) for one in answers]
        assert codes == ["unknown_case", "accepted", "accepted", "malformed", "accepted", "accepted",
                         "illegal_transition", "accepted"], codes
        assert [one["seq"] for one in answers if "seq" in one] == [1, 2, 3, 4, 5]
        assert [one["case"] for one in answers if "seq" in one] == [1, 1, 1, 1, 2]


def test_the_1025th_frame():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        made = [contact(f"c-{i}", channel="web", customer=f"k{i}") for i in range(1025)]
        answers = intake.send(*made[:1024])
        assert len(answers) == 1024 and {one["status"] for one in answers} == {"accepted"}
        answers = intake.send(*made)
        assert [one["status"] for one in answers] == ["duplicate"] * 1024 + ["rejected"]
        assert answers[-1]["error"]["code"] == "too_large", answers[-1]
        assert intake.send(made[-1])["status"] == "accepted"


def be_known_as_slow(disk, desk, intake):
    """A disk that took long once is left to a thread of its own: the turn goes on beside it."""
    disk.arm()
    intake.post(contact("first", channel="web", customer="first"))
    disk.wait_held()
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        desk.call("status", stale=True)
    disk.let_go()
    assert intake.receipts()[0]["status"] == "accepted"


def test_busy_holds_for_the_rest_of_the_message_and_nothing_of_it_is_taken():
    with Daemon(rules=RULES, limits="in_flight: 100", start=False) as daemon:
        disk = SlowDisk(daemon)
        daemon.start()
        intake, desk = daemon.intake(), daemon.desk()
        be_known_as_slow(disk, desk, intake)
        disk.arm()
        left = [contact(f"c-{i}", channel="web", customer=f"k{i}") for i in range(3000)]
        left[2900] = event("no.such")  # what would be refused is busy too, behind a busy one
        seqs, busy, rounds = {}, 0, 0
        while left:
            rounds += 1
            messages = [left[i:i + 90] for i in range(0, len(left), 90)]
            left = []
            for message in messages:
                intake.post(*message)
            if rounds == 1:  # with all its replies waiting for the disk
                disk.wait_held()
                desk.until_counted("events_busy")
                disk.let_go()
            for message in messages:
                answers = intake.receipts()
                states = [one["status"] for one in answers]
                if "busy" in states:
                    assert set(states[states.index("busy"):]) == {"busy"}, states
                for made, one in zip(message, answers):
                    assert one["id"] == made["id"], (one, made)
                    if one["status"] == "busy":
                        assert isinstance(one["retry_after"], int) and one["retry_after"] > 0, one
                        assert set(one) <= {"id", "status", "term", "retry_after"}, one
                        left.append(made)
                        busy += 1
                    elif made["type"] == "no.such":
                        assert one["status"] == "rejected", one
                    else:
                        assert one["status"] == "accepted", one  # busy was not marked as seen
                        seqs[made["id"]] = one["seq"]
        print(f"{busy} times busy, {rounds} rounds")
        assert busy > 0 and sorted(seqs.values()) == list(range(2, 3001))


def test_any_socket_and_any_number_on_the_way():
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    with Daemon(rules=RULES) as daemon:
        intakes = [daemon.intake() for _ in range(4)]
        waiting = {one: [] for one in intakes}
        number, taken = 0, set()
        for _ in range(800):
            intake = rng.choice(intakes)
            message = []
            for _ in range(rng.randrange(1, 6)):
                number += 1
                message.append(rng.choice((
                    contact(f"c-{number}", channel="web", customer=f"k{number}"),
                    hot(f"c-{number}", customer=f"k{number}"),
                    event("case.noted", subject="nobody", data={"by": "a", "text": "b"}))))
            frames = [pack(one) for one in message]
            is_mirrored = rng.randrange(2) == 1
            intake.socket.send_multipart([b""] * is_mirrored + frames)
            waiting[intake].append((is_mirrored, [one["id"] for one in message]))
        for intake in intakes:
            last = 0
            for is_mirrored, ids in waiting[intake]:
                frames = intake.receive()
                if is_mirrored:
                    assert frames.pop(0) == b"", frames
                receipts = [unpack(frame) for frame in frames]
                assert [one["id"] for one in receipts] == ids, (receipts, ids)
                for one in receipts:
                    if "seq" in one:
                        assert one["seq"] > last, (one, last)
                        last = one["seq"]
                        taken.add(last)
        assert taken == set(range(1, len(taken) + 1))


def test_a_requester_gets_a_batch_answered():
    with Daemon(rules=RULES) as daemon:
        socket = daemon.context.socket(zmq.REQ)
        socket.linger = 0
        socket.rcvtimeo = 10000
        socket.connect(daemon.endpoint("intake"))
        for i in range(50):
            socket.send_multipart([pack(hot(f"c-{i}-{j}", customer=f"k{i}-{j}")) for j in range(3)])
            answers = [unpack(frame) for frame in socket.recv_multipart()]
            assert [one["seq"] for one in answers] == [3 * i + 1, 3 * i + 2, 3 * i + 3], answers


def test_whoever_leaves_before_its_answer_costs_nobody_else():
    with Daemon(rules=RULES) as daemon:
        stays = daemon.intake()
        for i in range(30):
            leaves = daemon.intake()
            for j in range(20):
                leaves.post(hot(f"gone-{i}-{j}", customer=f"g{i}-{j}"))
            leaves.close()
            assert stays.send(hot(f"c-{i}", customer=f"k{i}"))["status"] == "accepted"


def test_ignored_keys_are_told():
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        good = complaint("i-1")
        assert "ignored" not in intake.accept(good)
        odd = complaint("i-2", ammount="12.50", text="x", Customer="c")
        odd["partitionkey"] = "p"  # CloudEvents' extensions are not told of
        receipt = intake.accept(odd)
        assert receipt["ignored"] == ["data.ammount", "data.Customer"], receipt
        checked = desk.call("event.check", event={**odd, "id": "other", "subject": "i-3"})["receipt"]
        assert checked["ignored"] == receipt["ignored"], checked
        many = complaint("i-4", **{f"key{i:02}": i for i in range(40)}, **{"k" * 300: 1})
        receipt = intake.accept(many)
        assert receipt["ignored"] == [f"data.key{i:02}" for i in range(16)], receipt
        # what another type names is unknown here
        note = event("case.noted", subject="i-4", data={"by": "li", "text": "t", "outcome": "upheld"})
        assert intake.accept(note)["ignored"] == ["data.outcome"]
        assert desk.rows("source.list")[0]["ignored"] == 2 + 41 + 1
        assert intake.send({**odd, "source": "elsewhere", "data": {}})["status"] == "rejected"
        daemon.kill()
        daemon.start()
        assert daemon.desk().rows("source.list")[0]["ignored"] == 2 + 41 + 1


def test_a_silence_has_its_number():
    with Daemon() as daemon:
        intake = daemon.intake()
        until = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).isoformat()
        made = {"matchers": {"unit": "xj/yining"}, "until": until, "by": "li", "reason": "drill"}
        numbers = [intake.accept(event("silence.created", data=made))["silence"] for _ in range(3)]
        assert numbers == [1, 2, 3], numbers
        assert "silence" not in intake.accept(event("silence.ended", data={"silence": 2}))
        rows = daemon.desk().rows("silence.list")
        assert [row["silence"] for row in rows if not row["ended"]] == [1, 3], rows


if __name__ == "__main__":
    run(globals())
