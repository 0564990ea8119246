#!/usr/bin/python3
"""Screening of contracts: duties, clearing, the list. redress-events(7), redress.yaml(5)."""
import subprocess

from harness import at, contact, event, run, tool, verify
from world import World

RULES = """\
assessment:
  open_case_at: high
  rules: [{code: at_risk, match: {contract.screened: [watch, high]}, points: 20}]
supervision: {screening: {opens: [watch, high], due: 10bd}}
policies:
  - {name: duties, match: {kind: duty, duty: screening}, clocks: [{name: clear, due: due, stop: decided}]}
  - {name: default, match: {}, clocks: []}
alerts: {language: en}
"""
D3 = "xj/urumqi/d3"


class Screening(World):
    def __init__(self):
        super().__init__(RULES)

    def screen(self, contract, risk, when="2025-09-22T09:00:00+08:00", **more):
        data = {"contract": contract, "risk": risk, "round": "2025-q3", "unit": D3, **more}
        return self.take(when, event("contract.screened", data=data))

    def clear(self, contract, when="2025-09-23T09:00:00+08:00"):
        return self.take(when, cleared(contract))


def cleared(contract, round="2025-q3"):
    return event("contract.cleared", data={"contract": contract, "round": round, "by": "li",
                                           "measure": "visited"})


def test_a_hit_opens_a_duty_and_clearing_closes_it():
    with Screening() as world:
        opened = world.screen("P-1", "high", customer="c-7", product="life", reasons=["age", "premium"])
        desk = world.daemon.desk()
        case = desk.call("case.get", subject="screening/2025-q3/P-1")
        assert case["case"] == opened["case"] and case["kind"] == "duty" and case["unit"] == D3, case
        assert case["attributes"]["product"] == "life", case
        assert case["attributes"]["tags"] == ["age", "premium"], case
        assert case["clocks"][0]["due"] == at("2025-10-07T00:00:00+08:00"), case["clocks"]
        (owed,) = [a for a in desk.replay() if a["type"] == "duty.owed"]
        assert owed["unit"] == D3 and owed["due"] == at("2025-10-07T00:00:00+08:00"), owed
        assert world.clear("P-1")["case"] == opened["case"]
        assert desk.call("case.get", subject="screening/2025-q3/P-1")["state"] == "closed"
        receipt = world.daemon.intake().send({**cleared("P-1"), "time": at("2025-09-23T10:00:00+08:00")})
        assert receipt["error"]["code"] == "illegal_transition", receipt
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_a_later_contact_is_assessed_with_it_until_it_is_cleared():
    with Screening() as world:
        world.screen("P-1", "watch")
        said = [world.take("2025-09-22T10:00:00+08:00", contact("a", channel="web", contract="P-1"))]
        world.clear("P-1")
        said.append(world.take("2025-09-24T10:00:00+08:00", contact("b", channel="web", contract="P-1")))
        assert [s["warning"]["score"] for s in said] == [20, 0], said


def test_a_further_screening_of_the_round_replaces_the_risk():
    with Screening() as world:
        first = world.screen("P-1", "high")
        assert world.screen("P-1", "watch", "2025-09-22T10:00:00+08:00")["case"] == first["case"]
        world.screen("P-1", "none", "2025-09-22T11:00:00+08:00")
        desk = world.daemon.desk()
        assert desk.call("case.get", case=first["case"])["state"] == "closed"
        again = world.screen("P-1", "high", "2025-09-22T12:00:00+08:00")
        assert again["case"] != first["case"], again
        other = world.screen("P-1", "high", "2025-09-22T12:00:00+08:00", round="2025-q4")
        assert other["case"] not in (first["case"], again["case"]), other
        receipt = world.daemon.intake().send({**cleared("P-1"), "time": at("2025-09-23T10:00:00+08:00")})
        assert receipt["error"]["code"] == "unknown_case", receipt  # the last round is another


def test_what_is_no_hit_or_has_no_unit_opens_nothing():
    with Screening() as world:
        assert "case" not in world.screen("P-1", "none")
        assert "case" not in world.screen("P-2", "high", unit=None)


def test_rounds_are_listed_by_unit():
    with Screening() as world:
        for number in range(30):
            world.screen(f"P-{number:02}", ["none", "watch", "high"][number % 3],
                         unit=D3 if number % 2 else "xj/yining")
        world.clear("P-05")
        desk = world.daemon.desk()
        rows = desk.rows("contract.list", round="2025-q3")
        assert len(rows) == 30 and desk.rows("contract.list", limit=7) == rows
        at_risk = desk.rows("contract.list", unit="xj/urumqi", risk="high")
        assert [r["contract"] for r in at_risk] == ["P-05", "P-11", "P-17", "P-23", "P-29"], at_risk
        (row,) = desk.rows("contract.list", cleared=True)
        assert row["contract"] == "P-05" and row["cleared"] == at("2025-09-23T09:00:00+08:00"), row
        assert desk.rows("contract.list", round="2024") == []
        said = subprocess.run([tool("redressctl"), "contracts", "--unit", D3, "--risk", "high", "--run",
                               str(world.daemon.folder)], capture_output=True, text=True, check=True).stdout
        assert "P-29" in said and "P-02" not in said, said


def test_rounds_tell_what_is_screened_at_risk_cleared_and_overdue():
    with Screening() as world:
        for number in range(12):
            world.screen(f"P-{number:02}", ["none", "watch", "high"][number % 3],
                         unit=D3 if number % 2 else "xj/yining")
        world.screen("P-01", "none", "2025-09-22T10:00:00+08:00")  # looked at again: no risk
        world.clear("P-05")
        desk = world.daemon.desk()
        def rows(**params):
            return {(r["unit"], r["round"]): (r["screened"], r["at_risk"], r["cleared"], r["overdue"])
                    for r in desk.rows("round.list", **params)}
        assert rows(unit=D3) == {(D3, "2025-q3"): (6, 3, 1, 0)}, rows()
        world.take("2025-10-07T00:00:00+08:00", event("source.reset", data={"source": "nobody"}))
        world.screen("P-02", "high", "2025-10-07T10:00:00+08:00", round="2025-q4")
        assert rows(round="2025-q3") == {(D3, "2025-q3"): (6, 3, 1, 2),
                                         ("xj/yining", "2025-q3"): (6, 4, 0, 4)}, rows()
        assert rows(round="2025-q4") == {(D3, "2025-q4"): (1, 1, 0, 0)}, rows()
        assert desk.rows("round.list", limit=1) == desk.rows("round.list")
        said = subprocess.run([tool("redressctl"), "rounds", "--round", "2025-q4", "--run",
                               str(world.daemon.folder)], capture_output=True, text=True, check=True)
        assert said.stdout.split()[8:14] == ["2025-q4", D3, "1", "1", "0", "0"], said.stdout
        world.daemon.kill()
        world.daemon.start()
        assert rows(unit=D3, round="2025-q3") == {(D3, "2025-q3"): (6, 3, 1, 2)}, rows()


def test_what_a_unit_owes_stays_though_the_contract_is_another_ones_now():
    with Screening() as world:
        world.screen("P-1", "high", unit=D3)
        world.screen("P-1", "high", "2025-09-22T10:00:00+08:00", unit="xj/yining")
        world.take("2025-10-12T00:00:00+08:00", event("source.reset", data={"source": "nobody"}))
        desk = world.daemon.desk()
        owed = sorted((row["unit"], row["state"]) for row in desk.rows("duty.list"))
        listed = sorted((row["unit"], "overdue") for row in desk.rows("round.list") for _ in range(row["overdue"]))
        assert owed == listed and owed, (owed, listed)


if __name__ == "__main__":
    run(globals())
