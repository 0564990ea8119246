#!/usr/bin/python3
"""Erasure in the folder of the store (redressd(8), "ERASURE"): an older store beside it, and the pages of its
trees."""
import shutil

from erasing import bodies, erased
from harness import Daemon, complaint, configuration, event, run, verify

CUSTOMER = "mk-customer-256"


def test_an_older_store_beside_it_is_erased():
    with Daemon() as daemon:
        daemon.intake().accept(complaint("d-255", customer=CUSTOMER, text="mk-text"))
        assert daemon.stop() == 0
        store = daemon.folder / "state/store"
        shutil.copy(store / "data.mdb", store / "damaged.mdb")  # as a --recover leaves it
        assert ("mk-text", "damaged.mdb") in bodies(daemon.folder, "mk-text")
        daemon.start()
        gone = daemon.intake().accept(event("customer.forgotten", data={"customer": CUSTOMER}))
        erased(daemon, daemon.desk, gone["seq"])
        assert bodies(daemon.folder, CUSTOMER, "mk-text") == []
        assert not (daemon.folder / "state/store/damaged.mdb").exists()


def test_subjects_of_many_cases_leave_the_trees_branches():
    """Enough cases for pages above pages, whose separators are keys: none is a subject of his."""
    with Daemon(start=False) as daemon:
        daemon.write_config(configuration(daemon.folder))
        daemon.start()
        intake = daemon.intake()
        count = 3000
        for first in range(0, count, 500):
            intake.accept(*[complaint(f"N{i:05}-{'Smith' if i % 20 == 0 else 'other'}-888255{'-' * 60}",
                                      customer=CUSTOMER if i % 20 == 0 else f"c-{i}") for i in range(first, first + 500)])
        gone = intake.accept(event("customer.forgotten", data={"customer": CUSTOMER}))
        assert erased(daemon, daemon.desk, gone["seq"])["cases"] == count // 20
        assert bodies(daemon.folder, "Smith-888255") == []
        case = daemon.desk().call("case.get", subject=f"N{1:05}-other-888255{'-' * 60}")
        assert case["case"] == 2, case
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


run(globals())
