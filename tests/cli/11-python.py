#!/usr/bin/python3
"""The Python package: a producer that settles every event, a subscriber with a cursor, the desk; each
plain and for asyncio."""
import asyncio
import datetime
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
PACKAGE = HERE.parent.parent / "tools/python"
sys.path.insert(0, str(PACKAGE))
from harness import Daemon, configuration, run  # noqa: E402
from locked import Locked  # noqa: E402

import redress  # noqa: E402

NOW = datetime.datetime.now(datetime.timezone.utc)


def made(number, **data):
    return redress.event("complaint.registered", source="crm", subject=f"k-{number}", id=f"e-{number}",
                         time=NOW, data={"customer": f"c-{number}", "channel": "web", "unit": "d3",
                                         "product": None, "text": "", **data})


def ends(daemon):
    return [f"ipc://{daemon.folder}/{door}" for door in ("intake", "feed", "desk")]


def test_one_event_and_its_receipt():
    with Daemon() as daemon:
        intake, _, desk = ends(daemon)
        with redress.Producer(intake) as producer, redress.Desk(desk) as asked:
            receipt = producer.send(made(1))
            assert receipt["status"] == "accepted" and receipt["case"] == 1, receipt
            assert producer.send(made(1))["status"] == "duplicate"
            try:
                producer.send(made(2, unit="nowhere"))
                raise AssertionError("it was taken")
            except redress.Rejected as rejected:
                assert rejected.receipt["error"]["code"] == "unknown_unit", rejected
            row = asked.call("case.get", subject="k-1", min_seq=1)
            assert row["opened"].tzinfo is not None and "product" not in row["attributes"], row
            try:
                asked.call("case.get", subject="nobody")
                raise AssertionError("there is none")
            except redress.DeskError as error:
                assert error.code == "not_found", error
            try:
                redress.event("case.noted", source="x", time=datetime.datetime(2026, 1, 1))
                raise AssertionError("a time without a zone")
            except ValueError:
                pass


def test_a_window_over_a_kill_loses_nothing():
    settled = {}
    with Daemon() as daemon:
        intake, _, desk = ends(daemon)
        with redress.Producer(intake, lambda number, receipt: settled.update({number: receipt}),
                              window=200, batch=7, answer_s=0.5) as producer:
            for number in range(1000):
                if number == 500:
                    daemon.kill()
                    threading.Thread(target=daemon.start).start()
                producer.put(made(number), number)
            producer.flush(60)
        assert sorted(settled) == list(range(1000))
        assert {one["status"] for one in settled.values()} <= {"accepted", "duplicate"}
        with redress.Desk(desk) as asked:
            rows = list(asked.rows("case.list", limit=300))
            assert len({row["case"] for row in rows}) == len(rows) == 1000, len(rows)


def test_alerts_from_a_cursor_on():
    with Daemon() as daemon:
        intake, feed, desk = ends(daemon)
        with redress.Producer(intake) as producer:
            for number in range(5):
                producer.send(made(number))
            with redress.Subscriber(feed, desk, "xj/urumqi") as subscriber:
                seen = []
                for alert in subscriber.alerts():
                    seen.append(alert)
                    if len(seen) == 5:
                        producer.send(made(5))  # from here on they come live
                    if len(seen) == 6:
                        break
                seqs = [alert["seq"] for alert in seen]
                assert seqs == sorted(set(seqs)) and len(seqs) == 6, seqs
            with redress.Subscriber(feed, desk, "xj/urumqi", cursor=seqs[3]) as subscriber:
                again = [alert["seq"] for alert in subscriber.alerts(timeout_s=2)]
                assert again == seqs[4:], (again, seqs)
                assert subscriber.cursor == seqs[-1]


def test_asyncio():
    async def talk(intake, feed, desk):
        async with redress.AsyncProducer(intake, batch=5) as producer, redress.AsyncDesk(desk) as asked:
            receipts = await asyncio.gather(*[producer.send(made(i)) for i in range(50)])
            assert sorted(one["seq"] for one in receipts) == list(range(1, 51)), receipts
            try:
                await producer.send(made(99, age="old"))
                raise AssertionError("it was taken")
            except redress.Rejected as rejected:
                assert rejected.receipt["error"]["code"] == "bad_type"
            answers = await asyncio.gather(*[asked.call("case.get", case=i, min_seq=50)
                                             for i in range(1, 6)])
            assert [one["case"] for one in answers] == [1, 2, 3, 4, 5]
            async with redress.AsyncSubscriber(feed, desk, "xj", cursor=3) as subscriber:
                seqs = []
                async for alert in subscriber.alerts():
                    seqs.append(alert["seq"])
                    if len(seqs) == 47:
                        await producer.send(made(50))
                    if len(seqs) == 48:
                        break
                assert seqs == sorted(set(seqs)) and seqs[0] == 4, seqs
    with Daemon() as daemon:
        asyncio.run(asyncio.wait_for(talk(*ends(daemon)), 60))


def test_an_event_over_the_limit_is_refused_by_name_and_stops_nothing():
    """The daemon cuts off who sends it, so that it would be sent for ever."""
    settled = {}
    with Daemon() as daemon:
        intake, _, desk = ends(daemon)
        for more in ({}, {"desk": desk}):
            settled.clear()
            with redress.Producer(intake, lambda number, receipt: settled.update({number: receipt}),
                                  window=10, answer_s=0.5, **more) as producer:
                for number in range(30):
                    producer.put(made(number, text="x" * (300000 if number == 15 else 5000)), number)
                producer.flush(30)
            assert sorted(settled) == list(range(30)), sorted(settled)
            error = settled.pop(15)["error"]
            assert error["code"] == "too_large" and "at most 65536" in error["message"], error
            assert {one["status"] for one in settled.values()} <= {"accepted", "duplicate"}, settled
        # without a desk to ask: what a daemon of default limits still answers
        copy = daemon.folder / "alone"
        copy.symlink_to(daemon.folder / "intake")
        with redress.Producer(f"ipc://{copy}") as producer:
            for size, words in ((70000, "65536"), (300000, "262144")):
                try:
                    producer.send(made(100, text="x" * size), timeout_s=20)
                    raise AssertionError("it was taken")
                except redress.Rejected as rejected:
                    error = rejected.receipt["error"]
                    assert error["code"] == "too_large" and words in str(error), error

        async def talk():
            async with redress.AsyncProducer(intake) as producer:
                found = await asyncio.gather(
                    *[producer.send(made(200 + i, text="x" * (300000 if i == 5 else 10))) for i in range(10)],
                    return_exceptions=True)
                assert isinstance(found[5], redress.Rejected), found[5]
                assert [one["status"] for one in found[:5] + found[6:]] == ["accepted"] * 9, found
        asyncio.run(asyncio.wait_for(talk(), 60))


def test_a_limit_is_learned_anew_of_a_daemon_that_comes_back():
    with Daemon() as daemon:
        intake, _, _ = ends(daemon)
        with redress.Producer(intake, answer_s=0.5) as producer:
            try:
                producer.send(made(1, text="x" * 70000))
                raise AssertionError("it was taken")
            except redress.Rejected as rejected:
                assert "at most 65536" in str(rejected), rejected
            daemon.kill()
            daemon.write_config(configuration(daemon.folder, limits="event_bytes: 512KiB"))
            threading.Thread(target=daemon.start).start()
            receipt = producer.send(made(2, filler="x" * 70000), timeout_s=60)
            assert receipt["ignored"] == ["data.filler"], receipt


def test_keys_by_parameter_and_by_environment():
    with Locked() as locked:
        intake, feed, desk = (f"tcp://127.0.0.1:{locked.ports[door]}" for door in ("intake", "feed", "desk"))
        files = {}
        for name in ("crm", "ops"):
            files[name] = locked.folder / f"{name}.key"
            files[name].write_bytes(locked.keys[name][1] + b"\n" + locked.public + b"\n")
            files[name].chmod(0o600)
        with redress.Producer(intake, desk=desk, key=str(files["crm"])) as producer:
            assert producer.send(made(1, text="x" * 5000))["status"] == "accepted"
        with redress.Desk(desk, key=str(files["ops"])) as asked:
            assert asked.call("case.get", subject="k-1", min_seq=1)["case"] == 1
        with redress.Subscriber(feed, desk, key=str(files["ops"])) as subscriber:
            assert next(subscriber.alerts())["seq"] == 1
        os.environ["REDRESS_KEY"] = str(files["crm"])
        try:
            with redress.Producer(intake) as producer:
                assert producer.send(made(2))["status"] == "accepted"

            async def talk():
                async with redress.AsyncProducer(intake) as producer:
                    return await producer.send(made(3))
            assert asyncio.run(asyncio.wait_for(talk(), 30))["status"] == "accepted"
            files["crm"].chmod(0o644)
            for wrong, words in ((lambda: None, "chmod 600"),
                                 (lambda: (files["crm"].write_text("x\n"), files["crm"].chmod(0o600)),
                                  "not a file of two keys")):
                wrong()
                try:
                    redress.Producer(intake)
                    raise AssertionError("it was taken for a key")
                except ValueError as error:
                    assert words in str(error), error
        finally:
            del os.environ["REDRESS_KEY"]


def test_a_wheel_is_built_and_serves():
    """With what Debian has for it: nothing is fetched."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copytree(PACKAGE, folder / "source",
                        ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
        subprocess.run([sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation",
                        "--no-index", "--wheel-dir", folder, folder / "source"], check=True)
        wheel, = folder.glob("redress-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            assert "redress/py.typed" in archive.namelist(), archive.namelist()
        done = subprocess.run([sys.executable, "-c", "import redress; print(redress.Producer, redress.__file__)"],
                              env={**os.environ, "PYTHONPATH": str(wheel)}, check=True,
                              capture_output=True, text=True)
        assert str(wheel) in done.stdout, done.stdout


run(globals())
