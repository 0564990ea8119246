#!/usr/bin/python3
"""Who is told at once while an office is closed, and a contract whose duty was closed by hand:
redress.yaml(5), "closed"; redress-events(7), contract.cleared. Time from events."""
from harness import at, complaint, event, run
from world import World

RULES = """\
assessment:
  open_case_at: high
  rules: [{code: at_risk, match: {contract.screened: [high]}, points: 40}]
policies:
  - name: duty
    match: {kind: duty}
    clocks: [{name: duty, due: due, stop: decided}]
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 2h, on_breach: {
      hold: opening, closed: ["roster: night"], notify: [parent]}}]
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [%s], severity: high, ack_within: 30m, time: working,
           hold: opening, closed: ["roster: night"]}
        - {after: 8h, notify: [xj], severity: high}
rosters: {night: {hand_over: opening, turns: [%s], first: 2025-09-22}}
supervision: {screening: {opens: [high], due: 5bd}}
alerts: {language: en}
"""


def told(world, type):
    return [(a["unit"], a["time"].strftime("%H:%M")) for a in world.alerts(type)]


def test_a_closed_unit_that_has_the_turn_itself_is_told_at_once():
    for notify, turn, alerts in (
            ("unit", "yining", [("xj/yining", "18:00"), ("xj", "18:30")]),
            ("unit, parent", "xj", [("xj", "18:00"), ("xj", "18:30"), ("xj/yining", "01:00")]),
            ("unit", "xj/consumer", [("xj/consumer", "18:00"), ("xj", "18:30"),
                                     ("xj/yining", "01:00")])):
        with World(RULES % (notify, turn)) as world:
            world.take("2025-09-23T02:00:00+08:00", complaint("C1", "xj/yining"))
            world.take("2025-09-23T12:00:00+08:00")
            assert told(world, "ladder.rung") == alerts, (notify, turn, told(world, "ladder.rung"))
            first = world.alerts("ladder.rung")[0]
            assert first["ack_by"].strftime("%H:%M") == "18:30", first  # elapsed, through the night
            at_once = {"yining": "xj/yining", "xj": "xj", "xj/consumer": "xj/consumer"}[turn]
            breaches = told(world, "clock.breach")
            assert breaches[0] == (at_once, "20:00"), (turn, breaches)
            assert set(breaches) == {(at_once, "20:00")} | {
                (unit, "01:00") for unit in ("xj", "xj/yining") if unit != at_once}, breaches


def screened(contract, round, risk="high"):
    return event("contract.screened", data={
        "contract": contract, "risk": risk, "round": round, "unit": "xj/yining"})


def cleared(contract, round):
    return event("contract.cleared", data={
        "contract": contract, "round": round, "by": "wang", "measure": "called"})


def test_a_contract_is_cleared_though_its_duty_was_closed_by_hand():
    now = "2025-09-22T10:00:00+08:00"
    with World(RULES % ("unit", "xj")) as world:
        ends = {"P1": event("case.closed", "screening/R1/P1", data={"resolution": "by hand"}),
                "P2": event("case.withdrawn", "screening/R1/P2"),
                "P3": event("case.merged", "screening/R1/P3", data={
                    "into": "screening/R1/P4", "reason": "one customer"})}
        for contract in ("P1", "P2", "P3", "P4"):
            world.take(now, screened(contract, "R1"))
        for contract, end in ends.items():
            world.take(now, end)
            world.take(now, cleared(contract, "R1"))
            receipt = world.daemon.intake().send(cleared(contract, "R1"))
            assert receipt["error"]["code"] == "illegal_transition", receipt
        (row,) = world.daemon.desk().rows("round.list")
        assert (row["screened"], row["at_risk"], row["cleared"]) == (4, 4, 3), row
        assert [c["contract"] for c in world.daemon.desk().rows("contract.list", cleared=False)] == ["P4"]


def test_no_two_contracts_share_a_duty():
    now = "2025-09-22T10:00:00+08:00"
    with World(RULES % ("unit", "xj")) as world:
        world.take(now, screened("2021/77", "R1"))
        world.take(now, screened("77", "R1/2021"))
        world.take(now, screened("77", "50%"))
        rows = world.daemon.desk().rows("duty.list")
        assert sorted(r["subject"] for r in rows) == [
            "screening/50%25/77", "screening/R1%2F2021/77", "screening/R1/2021/77"], rows
        world.take(now, cleared("2021/77", "R1"))
        world.take(now, cleared("77", "50%"))
        rows = world.daemon.desk().rows("duty.list", open=True)
        assert [r["subject"] for r in rows] == ["screening/R1%2F2021/77"], rows


def test_an_override_ends_with_its_unit():
    with World(RULES % ("unit", "xj")) as world:
        world.take("2025-09-22T10:00:00+08:00", event("roster.overridden", data={
            "roster": "night", "unit": "xj/consumer", "by": "wang",
            "from": at("2025-09-22T12:00:00+08:00"), "until": at("2025-09-29T12:00:00+08:00")}))
        world.configure("    - {id: consumer, name: Consumer protection}\n", "")
        world.take("2025-09-23T02:00:00+08:00", complaint("C1", "xj/yining"))
        assert told(world, "ladder.rung") == [("xj", "18:00")], told(world, "ladder.rung")
        rows = world.daemon.desk().rows("roster.list", roster="night")
        assert {r["unit"] for r in rows} == {"xj"}, rows


if __name__ == "__main__":
    run(globals())
