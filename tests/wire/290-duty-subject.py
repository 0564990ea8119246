#!/usr/bin/python3
"""A duty whose subject another case bore gets done all the same: redress-events(7), duty.progressed."""
import importlib

from harness import complaint, event, run, verify

duties = importlib.import_module("86-duties")
SUBJECT = "training/xj/yining/2025-10"


class Taken(duties.Duties):
    """A complaint bears the subject that the schedule would give to Yining's duty of October."""

    def __enter__(self):
        super().__enter__()
        self.take("2025-09-30T09:00:00+08:00")
        self.take("2025-09-30T10:00:00+08:00", complaint(SUBJECT))
        self.take("2025-10-02T09:00:00+08:00")
        return self

    def yining(self):
        (row,) = [row for row in self.duties(duty="training") if row["unit"] == "xj/yining"]
        assert row["subject"] == SUBJECT + "/duty", row
        return row


def progress(done, subject=None, unit="xj/yining", period="2025-10", **more):
    made = event("duty.progressed", data={"duty": "training", "unit": unit, "period": period,
                                          "done": done, "total": 10, **more})
    return made if subject is None else {**made, "subject": subject}


def test_it_is_found_by_its_keys_its_subject_and_its_number():
    with Taken() as world:
        case = world.yining()["case"]
        for done, named in [(1, {}), (2, {"subject": SUBJECT + "/duty"}), (3, {"subject": SUBJECT}),
                            (4, {"case": case}), (5, {"case": case, "subject": "of-nobody"})]:
            assert world.take("2025-10-03T09:00:00+08:00", progress(done, **named))["case"] == case, named
            assert world.yining()["done"] == done, world.yining()
        world.take("2025-10-03T10:00:00+08:00", event("case.closed", SUBJECT, data={"resolution": "paid"}))
        world.take("2025-10-03T11:00:00+08:00", progress(10))
        assert world.yining()["state"] == "done", world.yining()
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_a_case_that_is_not_that_duty_is_refused():
    with Taken() as world:
        case = world.yining()["case"]
        complaint_number = world.daemon.desk().call("case.get", subject=SUBJECT)["case"]
        for made, code, field in [
                (progress(1, case=complaint_number), "conflict", "data.case"),
                (progress(1, case=999), "unknown_case", "data.case"),
                (progress(1, case=case, unit="xj/urumqi"), "conflict", "data.case"),
                (progress(1, case=case, period="2025-11"), "conflict", "data.case"),
                (progress(1, subject="training/xj/urumqi/2025-10"), "conflict", "subject")]:
            receipt = world.daemon.intake().send(made)
            assert receipt["status"] == "rejected", receipt
            assert (receipt["error"]["code"], receipt["error"].get("field")) == (code, field), receipt
        assert world.yining()["done"] == 0, world.yining()


def test_no_reload_opens_it_twice_once_the_subject_is_free():
    with Taken() as world:
        world.take("2025-10-03T10:00:00+08:00", event("case.closed", SUBJECT, data={"resolution": "paid"}))
        world.configure(duties.MONTHLY, duties.MONTHLY.replace("}", ", from: 2025-10-01}", 1))
        world.take("2025-10-04T09:00:00+08:00")
        world.yining()
        opened = event("duty.opened", data={"duty": "training", "unit": "xj/yining", "period": "2025-10",
                                            "due": "2025-10-20"})
        receipt = world.daemon.intake().send(opened)
        assert receipt["error"]["code"] == "conflict", receipt
        assert "is this duty of the unit and period already" in receipt["error"]["message"], receipt


def test_what_bears_the_subject_of_a_duty_by_hand_is_named_until_it_is_closed():
    with duties.Duties() as world:
        world.take("2025-09-10T09:00:00+08:00", complaint("filing/xj/yining/2025"))
        opened = event("duty.opened", data={"duty": "filing", "unit": "xj/yining", "due": "2025-12-20"})
        receipt = world.daemon.intake().send(opened)
        assert receipt["error"]["code"] == "conflict", receipt
        assert "case 1, which is no duty and not closed, bears" in receipt["error"]["message"], receipt
        world.take("2025-09-11T10:00:00+08:00", event("case.closed", "filing/xj/yining/2025",
                                                      data={"resolution": "paid"}))
        opened = event("duty.opened", data={"duty": "filing", "unit": "xj/yining", "due": "2025-12-20"})
        assert world.take("2025-09-11T11:00:00+08:00", opened)["case"] == 2


run(globals())
