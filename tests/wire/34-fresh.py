#!/usr/bin/python3
"""An answer of the desk is never older than what was durable when the question came."""
import threading

from harness import Daemon, DeskError, SlowDisk, complaint, contact, event, pack, run, unpack

PAIRS = 200


def code_of(desk, method, **params):
    try:
        desk.call(method, **params)
    except DeskError as error:
        return error.code
    return None


def test_what_was_answered_is_seen():
    """The receipt, then at once the question, without min_seq: not one answer is stale."""
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        stale = []
        for i in range(PAIRS):
            receipt = intake.accept(complaint(f"f-{i}", customer=f"c-{i}"))
            answer = desk.call("case.get", subject=f"f-{i}")
            if answer["case"] != receipt["case"] or answer["as_of"]["seq"] < receipt["seq"]:
                stale.append(i)
            assert "stale" not in answer, answer
            if i % 20 == 0:
                assert answer["as_of"]["seq"] <= desk.call("status")["seq"]
        assert stale == []


def test_every_list_sees_it():
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        for i in range(20):
            seq = intake.accept(complaint(f"l-{i}", customer=f"c-{i}"))["seq"]
            refused = event("no.such")
            assert intake.send(refused)["status"] == "rejected"
            assert desk.rows("case.list")[-1]["subject"] == f"l-{i}"
            assert desk.rows("case.list", customer=f"c-{i}")[0]["subject"] == f"l-{i}"
            assert desk.rows("dead.list")[-1]["id"] == refused["id"]
            assert desk.rows("journal.read")[-1]["seq"] == seq
            alerts = desk.call("feed.replay", limit=1000)
            assert alerts["head"] == alerts["as_of"]["alert"] == alerts["rows"][-1]["seq"]
            assert alerts["rows"][-1]["subject"] == f"l-{i}", alerts["rows"][-1]
            timers = desk.rows("timer.list")
            case = desk.call("case.get", subject=f"l-{i}")["case"]
            assert case in [timer.get("case") for timer in timers], (case, timers)
            checked = desk.call("event.check", event=complaint(f"l-{i}"))["receipt"]
            assert checked["error"]["code"] == "conflict", checked
            assert desk.call("check")["faults"] == 0


def test_it_is_seen_while_others_write():
    with Daemon() as daemon:
        is_over = threading.Event()

        def write():
            writer = daemon.intake()
            number = 0
            while not is_over.is_set():
                batch = [complaint(f"w-{number + i}", customer=f"w-{number + i}") for i in range(64)]
                number += 64
                writer.send(*batch)

        thread = threading.Thread(target=write)
        thread.start()
        try:
            intake, desk = daemon.intake(), daemon.desk()
            for i in range(PAIRS):
                receipt = intake.accept(contact(f"f-{i}", customer=f"f-{i}"))
                answer = desk.call("case.get", subject=f"f-{i}")
                assert answer["case"] == receipt["case"], answer
                assert answer["as_of"]["seq"] >= receipt["seq"], answer
                rows = desk.call("case.list", after=receipt["case"] - 1, limit=2)["rows"]
                assert rows[0]["subject"] == f"f-{i}", rows
        finally:
            is_over.set()
            thread.join()


def test_stale_is_the_last_checkpoint():
    with Daemon() as daemon:
        intake, desk = daemon.intake(), daemon.desk()
        seq = intake.accept(complaint("s-1"))["seq"]
        answer = desk.call("case.list", stale=True)
        assert answer["stale"] is True, answer
        assert (answer["as_of"]["seq"] >= seq) == (len(answer["rows"]) > 0), answer
        # who asks for more waits for a checkpoint that has it
        answer = desk.call("case.list", stale=True, min_seq=seq)
        assert answer["stale"] is True and len(answer["rows"]) == 1, answer
        assert answer["as_of"]["seq"] == seq, answer
        assert code_of(desk, "case.list", stale=True, min_seq=seq + 1) == "not_yet"


def test_nothing_is_shown_before_it_is_durable():
    with Daemon(start=False) as daemon:
        disk = SlowDisk(daemon)
        daemon.start()
        intake, desk = daemon.intake(), daemon.desk()
        intake.accept(complaint("d-1"))
        disk.arm()
        intake.post(complaint("d-2"))
        disk.wait_held()
        assert code_of(desk, "case.get", subject="d-2") == "not_yet"
        assert desk.call("case.list", stale=True)["stale"] is True
        desk.socket.send(pack([0, 1000, "case.get", [{"subject": "d-2"}]]))
        disk.let_go()
        assert intake.receipts()[0]["status"] == "accepted"
        answer = unpack(desk.receive()[-1])
        assert answer[2] is None and answer[3]["subject"] == "d-2", answer


def test_a_question_ahead_of_the_daemon_waits_and_has_an_end():
    with Daemon() as daemon:
        intake, desk, other = daemon.intake(), daemon.desk(), daemon.desk()
        seq = intake.accept(complaint("m-1"))["seq"]
        assert code_of(desk, "status", min_seq=seq + 1000) == "not_yet"
        assert code_of(desk, "status", min_alert=10**18) == "not_yet"
        # those that wait do not keep others from their answers
        desk.socket.send(pack([0, 7, "case.get", [{"subject": "m-2", "min_seq": seq + 1}]]))
        assert other.call("case.get", subject="m-1")["subject"] == "m-1"
        intake.accept(complaint("m-2"))
        answer = unpack(desk.receive()[-1])
        assert answer[1] == 7 and answer[3]["subject"] == "m-2", answer


if __name__ == "__main__":
    run(globals())
