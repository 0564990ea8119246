#!/usr/bin/python3
"""The whole way: event in, receipt out, alert on the feed, kill -9, recovered."""
import datetime
import signal
import time

import zmq

from harness import (RULES, WAIT_S, Daemon, DeskError, Gone, complaint, configuration, contact, event,
                     pack, run, unpack)


def test_event_receipt_alert_kill_recover():
    with Daemon() as daemon:
        feed = daemon.feed("xj/urumqi/")
        intake = daemon.intake()
        sent = contact("c-1")
        receipt = intake.accept(sent)
        assert receipt["seq"] == 1 and receipt["term"] == 1 and receipt["case"] == 1, receipt
        assert receipt["id"] == sent["id"]
        assert receipt["warning"]["level"] == "high", receipt
        topic, alert = feed.alert()
        assert topic == "xj/urumqi/d3/warning.first_contact", topic
        assert alert["case"] == 1 and alert["prev"] == 0 and alert["customer"] == "****0001", alert
        daemon.restart()
        again = intake.send(sent)
        assert again["status"] == "duplicate" and again["seq"] == 1 and again["case"] == 1, again
        second = intake.accept(contact("c-2", customer="cust-0002"))
        assert second["seq"] == 2 and second["case"] == 2, second
        _, next_alert = feed.until(lambda topic, body: body["case"] == 2)
        assert next_alert["prev"] == alert["seq"], next_alert
        assert daemon.stop() == 0


def test_an_alert_that_may_not_have_gone_out_comes_again():
    with Daemon() as daemon:
        daemon.intake().accept(contact("c-1"))
        daemon.kill()
        feed_waits = daemon.context.socket(zmq.SUB)
        feed_waits.subscribe("xj/")
        feed_waits.connect(daemon.endpoint("feed"))
        daemon.start()
        try:
            assert feed_waits.poll(10000)
            topic, body = feed_waits.recv_multipart()
            assert unpack(body)["seq"] == 1, body
        finally:
            feed_waits.close(0)


def test_a_stop_in_order_leaves_no_tail():
    with Daemon() as daemon:
        intake = daemon.intake()
        for i in range(20):
            intake.accept(contact(f"c-{i}", customer=f"k{i}"))
        assert daemon.stop() == 0
        daemon.start()
        status = daemon.desk().call("status")
        assert status["seq"] == 20 and status["open_cases"] == 20, status
        assert "the journal's tail was applied" not in daemon.log()


def test_rejections_wait_in_line_and_change_nothing():
    with Daemon() as daemon:
        intake = daemon.intake()
        answers = intake.send(
            contact("c-1"), b"\xc1", event("no.such", data={}), contact("c-2", unit="nowhere"),
            contact("c-3", customer="k3"), b"x" * 70000)
        assert [a["status"] for a in answers] == [
            "accepted", "rejected", "rejected", "rejected", "accepted", "rejected"], answers
        assert [a.get("error", {}).get("code") for a in answers] == [
            None, "malformed", "unknown_type", "unknown_unit", None, "too_large"], answers
        assert [a.get("seq") for a in answers] == [1, None, None, None, 2, None]
        assert answers[1]["id"] is None


def test_what_cannot_be_read_is_told_by_its_id_where_that_shows():
    with Daemon() as daemon:
        intake = daemon.intake()
        whole, late = pack(contact("c-1", text="x" * 70000)), pack(contact("c-1"))
        late = late[:1] + late[late.index(b"\xa6source"):]  # its id is gone, the rest one pair short
        shows = {**contact("c-1"), "id": "shows"}
        for frame, code, wanted in (
                (whole, "too_large", unpack(whole)["id"]), (b"\xc1" * 70000, "too_large", None),
                (pack(shows)[:-1], "malformed", "shows"), (pack(shows) + b"\x01", "malformed", "shows"),
                (b"\x82\xa2id\xa1a\xa2id\xa1b", "malformed", "a"), (late, "malformed", None),
                (b"\x82\xa1x\xc1\xa2id\xa1a", "malformed", None), (b"\x82\xa2id\x07\xc1", "malformed", None),
                (b"\x82\xa2id\xa0\xc1\xc1", "malformed", None)):
            said = intake.send(frame)
            assert (said["error"]["code"], said["id"]) == (code, wanted), (frame[:40], said)


def test_req_and_empty_frames():
    with Daemon() as daemon:
        req = daemon.context.socket(zmq.REQ)
        req.linger = 0
        req.rcvtimeo = 10000
        req.connect(daemon.endpoint("intake"))
        req.send(pack(contact("c-1")))
        assert unpack(req.recv())["status"] == "accepted"
        req.close(0)
        intake = daemon.intake()
        intake.socket.send(b"")  # ignored
        intake.post(contact("c-2", customer="k2"))
        frames = intake.receive()
        assert len(frames) == 1 and unpack(frames[0])["status"] == "accepted", frames
        intake.socket.send_multipart([b"", pack(contact("c-3", customer="k3"))])
        frames = intake.receive()
        assert frames[0] == b"" and unpack(frames[1])["status"] == "accepted", frames


def test_frames_from_the_1025th_on_are_too_large():
    with Daemon() as daemon:
        answers = daemon.intake().send(*[contact(f"c-{i}", customer=f"k{i}") for i in range(1030)])
        assert len(answers) == 1030
        assert all(a["status"] == "accepted" for a in answers[:1024])
        assert all(a["error"]["code"] == "too_large" and a["id"] is None for a in answers[1024:])


def test_times_ahead():
    with Daemon() as daemon:
        intake = daemon.intake()
        now = datetime.datetime.now(datetime.timezone.utc)
        soon = intake.accept({**contact("c-1"), "time": now + datetime.timedelta(hours=3)})
        assert soon["adjusted"] == "time", soon
        far = {**contact("c-2", customer="k2"), "time": now + datetime.timedelta(hours=25)}
        answer = intake.send(far)
        assert answer["status"] == "rejected" and answer["error"]["code"] == "future_time", answer
        plain = intake.accept({**contact("c-3", customer="k3"), "time": now})
        assert "adjusted" not in plain, plain


def test_replies_come_in_the_order_of_requests():
    with Daemon() as daemon:
        intake = daemon.intake()
        sent = [contact(f"c-{i}", customer=f"k{i}") if i % 3 else event("bad") for i in range(300)]
        for one in sent:
            intake.post(one)
        for one in sent:
            assert intake.receipts()[0]["id"] == one["id"]


def test_the_desk_answers_not_older_than_asked():
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for i in range(5):
            seq = intake.accept(contact(f"c-{i}", customer=f"k{i}"))["seq"]
            result = desk.call("status", min_seq=seq)
            assert result["as_of"]["seq"] >= seq, result
        begun = time.monotonic()
        try:
            desk.call("status", min_seq=seq + 1000)
            raise AssertionError("it answered")
        except DeskError as error:
            assert error.code == "not_yet", error
        assert 0.8 < time.monotonic() - begun < 5
        try:
            desk.call("no.such")
            raise AssertionError("it answered")
        except DeskError as error:
            assert error.code == "unknown_method", error


def test_a_reload_is_all_or_nothing():
    with Daemon() as daemon:
        intake = daemon.intake()
        intake.accept(contact("c-1"))
        good = daemon.config_path.read_text()
        daemon.write_config(good.replace("high: 60", "high: 6x"))
        assert "refused" in daemon.reload()
        daemon.write_config(good.replace("high: 60", "high: 65"))
        assert "reloaded" in daemon.reload()
        receipt = intake.accept(contact("c-2", customer="k2"))
        assert receipt["warning"]["level"] == "watch" and "case" not in receipt, receipt
        daemon.restart()
        assert intake.send(contact("c-3", customer="k3"))["warning"]["level"] == "watch"


def test_a_second_daemon_is_refused():
    with Daemon() as daemon:
        import subprocess
        done = subprocess.run(daemon.command(), capture_output=True, timeout=20)
        assert done.returncode == 69, done


def test_pull_and_sub_are_taken_without_receipts():
    with Daemon(start=False) as daemon:
        extra = (f'  pull: ["ipc://{daemon.folder}/pull"]\n'
                 f'  subscribe: ["ipc://{daemon.folder}/upstream"]\n')
        daemon.write_config(configuration(daemon.folder, extra_listen=extra))
        upstream = daemon.context.socket(zmq.XPUB)
        upstream.linger = 0
        upstream.bind(f"ipc://{daemon.folder}/upstream")
        daemon.start()
        feed = daemon.feed("xj/")
        push = daemon.context.socket(zmq.PUSH)
        push.linger = 0
        push.connect(f"ipc://{daemon.folder}/pull")
        try:
            push.send_multipart([pack(contact("p-1")), pack(contact("p-2", customer="k2"))])
            assert {feed.alert()[1]["subject"], feed.alert()[1]["subject"]} == {"p-1", "p-2"}
            assert upstream.recv() == b"\x01"
            upstream.send_multipart([b"any.topic", pack(contact("s-1", customer="k3"))])
            upstream.send(pack(contact("s-2", customer="k4")))
            assert {feed.alert()[1]["subject"], feed.alert()[1]["subject"]} == {"s-1", "s-2"}
        finally:
            push.close(0)
            upstream.close(0)


def test_time_from_events():
    with Daemon(args=["--clock", "events"]) as daemon:
        feed, intake = daemon.feed("xj/"), daemon.intake()
        first = intake.send(contact("c-0"))
        assert first["status"] == "rejected" and first["error"]["field"] == "time", first
        intake.accept({**contact("c-1"), "time": "2025-03-03T10:00:00+08:00"})
        topic, alert = feed.alert()
        assert topic.endswith("/warning.first_contact"), topic
        # an hour later its clock is over and its second rung due: on the instant, not late
        intake.accept({**contact("c-2", customer="k2"), "time": "2025-03-03T12:00:00+08:00"})
        seen = [feed.alert() for _ in range(2)]
        for topic, alert in seen:
            assert alert["case"] == 1 and "late_by" not in alert, alert
            assert alert["time"] == datetime.datetime(2025, 3, 3, 3, tzinfo=datetime.timezone.utc)
        daemon.restart()
        status = daemon.desk().call("status")
        assert status["time"] == datetime.datetime(2025, 3, 3, 4, tzinfo=datetime.timezone.utc)


def test_an_event_ages_ahead_holds_up_nobody():
    """The timers of eight thousand years are due before it: others are served meanwhile."""
    rules = RULES.replace("limit: 2h", "limit: 2h, on_breach: {repeat: {every: 1h}}")
    with Daemon(rules=rules, args=["--clock", "events"]) as daemon:
        intake, other = daemon.intake(), daemon.intake()
        intake.accept({**complaint("c-1"), "time": "2025-03-03T10:00:00+08:00"})
        intake.post({**complaint("c-2"), "time": "9999-03-03T10:00:00+08:00"})
        for i in range(20):
            other.accept({**complaint(f"d-{i}"), "time": "2025-03-03T10:00:00+08:00"})
            daemon.desk().call("status")
        assert not intake.socket.poll(0)  # it is still on its way
        assert daemon.stop() == 0


def test_during_the_start_grace_no_timer_fires():
    with Daemon(grace="6s") as daemon:
        feed, intake = daemon.feed("xj/"), daemon.intake()
        receipt = intake.accept(contact("c-1"))
        assert "alert" not in receipt["warning"], receipt
        assert daemon.desk().call("status")["start_grace"] is True
        topic, alert = feed.alert()
        assert alert["subject"] == "c-1", alert
        desk, deadline = daemon.desk(), time.monotonic() + WAIT_S
        while desk.call("status")["start_grace"]:  # told again within a second
            assert time.monotonic() < deadline


def test_a_full_store_refuses_new_events_and_lets_cases_end():
    with Daemon(start=False) as daemon:
        daemon.write_config(configuration(daemon.folder).replace("1GiB", "64MiB"))
        daemon.start()
        intake, desk = daemon.intake(), daemon.desk()
        seq, number, answer = 0, 0, {"status": "accepted"}
        while answer["status"] == "accepted" and number < 80000:
            sent = [contact(f"c-{number + i}", customer=f"k{number + i}") for i in range(500)]
            answers = intake.send(*sent)
            seq = max([seq, *[one.get("seq", 0) for one in answers]])
            number += 500
            desk.reach(seq)  # a checkpoint, so that the map fills: what is on its way counts too
            answer = intake.send(contact(f"d-{number}", customer=f"e{number}"))
            seq = max(seq, answer.get("seq", 0))
        assert answer["status"] == "busy" and answer["retry_after"] >= 1000, answer
        assert intake.send(contact("f-1", customer="f1"))["status"] == "busy"
        intake.accept(event("case.acknowledged", subject="c-0", data={"by": "wang"}))
        intake.accept(event("case.closed", subject="c-0", data={"resolution": "settled"}))
        assert desk.call("status")["disk_low"] is True
        daemon.restart()
        assert intake.send(event("case.closed", subject="c-0", data={"resolution": "settled"})
                           )["status"] == "rejected"
        intake.accept(event("case.closed", subject="c-1", data={"resolution": "settled"}))
        assert daemon.stop() == 0


def test_config_check():
    import subprocess
    with Daemon(start=False) as daemon:
        assert subprocess.run(daemon.command("--check-config")).returncode == 0
        daemon.write_config(daemon.config_path.read_text() + "nonsense: 1\n")
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True)
        assert done.returncode == 1 and "redress.yaml:" in done.stderr, done
        daemon.launch()
        assert daemon.process.wait(20) == 78


if __name__ == "__main__":
    run(globals())
