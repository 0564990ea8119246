#!/usr/bin/python3
"""A customer whose name holds a zero byte is erased like any other, from a rejected event too."""
import msgpack

from harness import Daemon, event, run

CUSTOMER = "Zh\0ang-marker"


def holds(folder):
    return [path for path in folder.rglob("*") if path.is_file() and CUSTOMER.encode() in path.read_bytes()]


def test_a_rejected_event_is_blanked():
    with Daemon() as daemon:
        broken = msgpack.packb({"id": "b", "customer": CUSTOMER}) + b"\xc1"
        intake = daemon.intake()
        assert intake.send(broken)["status"] == "rejected"
        assert holds(daemon.folder / "state")
        seq = intake.accept(event("customer.forgotten", data={"customer": CUSTOMER}))["seq"]
        for _ in range(5):
            row, = daemon.desk().call("erasure.status", min_seq=seq)["rows"]
            if row["state"] == "done":
                break
            daemon.wait_notify("READY=1")
        assert row["state"] == "done" and not holds(daemon.folder / "state"), (row, holds(daemon.folder))


if __name__ == "__main__":
    run(globals())
