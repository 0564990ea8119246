#!/usr/bin/python3
"""A contract that was screened is forgotten with its customer, though no case names it: whom contract.screened named
owns it (redress-events(7), customer.forgotten)."""
import os
import subprocess

from harness import Daemon, complaint, event, run, tool

CUSTOMER = "mk-screened-0001"


def screened(contract, risk="watch", **more):
    return event("contract.screened", data={"contract": contract, "risk": risk, **more})


def contracts(daemon):
    return {row["contract"] for row in daemon.desk().rows("contract.list")}


def done(daemon, seq):
    for _ in range(5):
        row, = [row for row in daemon.desk().call("erasure.status", min_seq=seq)["rows"] if row["event"] == seq]
        if row["state"] == "done":
            return row
        daemon.wait_notify("READY=1")
    raise AssertionError(row)


def holds(folder, marker):
    for path, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                if marker.encode() in file.read():
                    return os.path.join(path, name)
    return None


def test_it_goes_with_whom_it_was_said_to_be_of():
    with Daemon(rules="") as daemon:
        intake = daemon.intake()
        intake.accept(
            screened("MK-named-1", customer=CUSTOMER),
            screened("MK-before-1"),  # nobody's yet
            screened("MK-before-1", customer=CUSTOMER, round="2"),
            screened("MK-named-1", risk="high", round="2"),  # of whose contract it is nothing is said again
            event("contract.cleared", data={"contract": "MK-named-1", "by": "li", "measure": "lowered"}),
            screened("MK-passed-on", customer=CUSTOMER),
            screened("MK-passed-on", customer="another", round="2"),
            screened("MK-nobodys", risk="none"),
            screened("MK-others", customer="another"),
            complaint("a", customer=CUSTOMER, contract="MK-of-a-case"),
            screened("MK-of-a-case", risk="none"))
        assert contracts(daemon) == {"MK-named-1", "MK-before-1", "MK-passed-on", "MK-nobodys", "MK-others",
                                     "MK-of-a-case"}
        row = done(daemon, intake.accept(event("customer.forgotten", data={"customer": CUSTOMER}))["seq"])
        assert contracts(daemon) == {"MK-passed-on", "MK-nobodys", "MK-others"}, row
        for gone in ("MK-named-1", "MK-before-1", "MK-of-a-case", CUSTOMER):
            assert holds(daemon.folder / "state", gone) is None, gone
        for kept in ("MK-passed-on", "MK-nobodys", "MK-others"):
            assert holds(daemon.folder / "state", kept), kept
        daemon.intake().accept(screened("MK-named-1", risk="none"))  # it may be told of again, and is nobody's
        assert daemon.stop() == 0
        for verb, where in (("check-journal", "state/journal"), ("verify", "state")):
            got = subprocess.run([tool("redressctl"), verb, daemon.folder / where], capture_output=True, text=True,
                                 timeout=120, check=False)
            assert got.returncode == 0, (verb, got)


def test_more_of_them_than_one_share():
    with Daemon(rules="") as daemon:
        intake = daemon.intake()
        for first in range(0, 3000, 500):
            intake.accept(*[screened(f"MK-many-{number}", customer=CUSTOMER)
                            for number in range(first, first + 500)])
        row = done(daemon, intake.accept(event("customer.forgotten", data={"customer": CUSTOMER}))["seq"])
        assert contracts(daemon) == set() and row["bodies"] == 3001, row
        assert holds(daemon.folder / "state", "MK-many-") is None


run(globals())
