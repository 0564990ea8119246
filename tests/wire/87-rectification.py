#!/usr/bin/python3
"""From a cause to the check of effect: redress-events(7). Time comes from events."""
from harness import at, complaint, event, run, verify
from world import World

RULES = """\
assessment: {open_case_at: high}
policies:
  - name: duties
    match: {kind: duty}
    clocks:
      - {name: mend, due: due, stop: decided, on_breach: {notify: [parent]}}
      - {name: check, start: decided, stop: closed, limit: 10d}
  - {name: default, match: {}, clocks: []}
supervision: {rectification: {due: 2bd, recurrence: 30d}}
alerts: {language: en}
"""
D3, PARENT = "xj/urumqi/d3", "xj/urumqi"


class Rectification(World):
    def __init__(self):
        super().__init__(RULES)

    def take(self, when, made):
        return super().take(when + "T09:00:00+08:00", made)

    def found(self, when, subject, cause="late payment", unit=D3):
        return self.take(when, event("case.cause_found", subject, data={"cause": cause, "unit": unit}))

    def case(self, subject):
        return self.daemon.desk().call("case.get", subject=subject)


def rectified(subject):
    return event("case.rectified", subject, data={"measure": "a second pair of eyes", "by": "li"})


def verified(subject, effective=True):
    return event("duty.verified", subject, data={"effective": effective, "by": "zhao"})


def test_a_cause_opens_a_duty_that_carries_cause_case_and_day():
    with Rectification() as world:
        case = world.take("2025-09-22", complaint("C1"))["case"]
        world.found("2025-09-26", "C1")  # a Friday
        duty = world.case(f"rectification/{D3}/{case}")
        assert duty["attributes"]["cause"] == "late payment", duty
        assert duty["attributes"]["due"] == "2025-09-30", duty
        (owed,) = world.alerts("duty.owed")
        assert owed["title"] == ("Third district owes by the end of 30 September: rectification "
                                 "of complaint C1 "
                                 "(cause: late payment)"), owed
        (row,) = world.daemon.desk().rows("duty.list", duty="rectification")
        assert (row["period"], row["cause"], row["last_day"]) == (str(case), "late payment", "2025-09-30")


def test_rectified_decides_and_verified_closes_or_opens_again():
    with Rectification() as world:
        case = world.take("2025-09-22", complaint("C1"))["case"]
        world.found("2025-09-23", "C1")
        name = f"rectification/{D3}/{case}"
        refused = world.daemon.intake().send({**verified(name), "time": at("2025-09-23T10:00:00+08:00")})
        assert refused["error"]["code"] == "illegal_transition", refused
        world.take("2025-09-24", rectified(name))
        duty = world.case(name)
        assert duty["state"] == "decided" and duty["clocks"][0]["state"] == "stopped", duty
        world.take("2025-09-25", verified(name, False))
        duty = world.case(name)
        assert duty["state"] == "open" and duty["attributes"]["effective"] is False, duty
        assert [a["unit"] for a in world.alerts("case.reopened")] == [D3]
        world.take("2025-09-26", rectified(name))
        world.take("2025-09-27", verified(name))
        assert world.case(name)["state"] == "closed"
        world.take("2025-09-28", verified(name))  # looked at again: it stays
        assert world.case(name)["state"] == "closed"
        world.take("2025-09-29", verified(name, False))
        assert world.case(name)["state"] == "open"
        assert [a["unit"] for a in world.alerts("case.reopened")] == [D3, D3, PARENT]
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_of_a_complaint_its_oldest_open_one():
    with Rectification() as world:
        case = world.take("2025-09-22", complaint("C1"))["case"]
        world.found("2025-09-22", "C1")
        world.found("2025-09-22", "C1", "misleading leaflet", "xj/yining")
        names = [f"rectification/{unit}/{case}" for unit in (D3, "xj/yining")]
        world.take("2025-09-22", event("case.closed", "C1", data={"resolution": "paid"}))
        world.take("2025-09-23", rectified("C1"))
        assert [world.case(name)["state"] for name in names] == ["decided", "open"]
        world.daemon.kill()
        world.daemon.start()
        world.take("2025-09-24", rectified("C1"))
        assert [world.case(name)["state"] for name in names] == ["decided", "decided"]
        world.take("2025-09-25", rectified("C1"))  # nothing waits any more: history alone
        world.take("2025-09-25", verified(names[0], False))
        world.take("2025-09-26", rectified("C1"))
        assert world.case(names[0])["state"] == "decided"


def test_the_same_cause_at_the_same_unit_is_told_to_unit_and_parent():
    with Rectification() as world:
        case = world.take("2025-09-01", complaint("C1"))["case"]
        world.take("2025-09-01", complaint("C2"))
        world.found("2025-09-01", "C1")
        name = f"rectification/{D3}/{case}"
        world.take("2025-09-02", rectified(name))
        world.found("2025-09-02", "C2", unit="xj/yining")
        world.take("2025-09-03", verified(name))
        world.found("2025-09-20", "C2", "another cause")
        assert world.alerts("cause.recurred") == []
        world.found("2025-10-03", "C2")  # the thirtieth day after it
        told = world.alerts("cause.recurred")
        assert [(a["unit"], a["severity"], a["subject"]) for a in told] == [
            (D3, "warning", "C2"), (PARENT, "warning", "C2")], told
        assert told[0]["title"] == (
            "A cause that was mended has come again at Third district: late payment (complaint C2): "
            "please see why the measure did not hold"), told
        world.found("2025-10-04", "C1")  # a day too late
        assert len(world.alerts("cause.recurred")) == 2
        figures = world.daemon.desk().call("report", **{"from": "2025-09", "to": "2025-10"})
        total = {row["figure"]: row.get("value") for row in figures["rows"]} if "rows" in figures \
            else figures
        assert total, figures


def test_a_check_that_takes_its_word_back_is_no_recurrence():
    with Rectification() as world:
        case = world.take("2025-09-01", complaint("C1"))["case"]
        world.found("2025-09-01", "C1")
        name = f"rectification/{D3}/{case}"
        world.take("2025-09-02", rectified(name))
        world.take("2025-09-03", verified(name))
        world.take("2025-09-04", verified(name, False))
        world.found("2025-09-05", "C1")
        assert world.alerts("cause.recurred") == []


run(globals())
