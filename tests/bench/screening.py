#!/usr/bin/python3
"""How fast screenings are taken beside complaints, and lists answered on the state that is left.

    REDRESSD=… REDRESS_TOOLS=… tests/bench/screening.py [SCREENED [AT_RISK]]

It prints events a second of each kind, and of each list the median and the slowest of 20 answers
in milliseconds. Nothing is asserted: figures are for a machine without other load.
"""
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))
from harness import at, complaint, event  # noqa: E402
from world import World  # noqa: E402

RULES = """\
assessment:
  rules: [{code: at_risk, match: {contract.screened: [watch, high]}, points: 20}]
supervision:
  screening: {opens: [watch, high], due: 10bd}
  digest: {at: closing+30m}
policies:
  - name: all
    match: {}
    clocks: [{name: clear, due: due, stop: decided}]
    ladder: {until: acknowledged, rungs: [{after: 0m, notify: [unit], severity: info}]}
alerts: {language: en}
"""
UNITS = ["xj/yining", "xj/urumqi/d3", "xj/urumqi/counter1", "xj/consumer"]
BATCH, TIMES = 200, 20
WHEN = "2025-09-22T09:00:00+08:00"


def rate(world, made):
    """Events a second until all are accepted."""
    intake, begin = world.daemon.intake(), time.monotonic()
    for first in range(0, len(made), BATCH):
        for receipt in intake.send(*made[first:first + BATCH], wait_s=120):
            assert receipt.get("status") == "accepted", receipt
    return len(made) / (time.monotonic() - begin)


def timed(desk, name, method, **params):
    spans, rows = [], []
    for _ in range(TIMES):
        begin = time.monotonic()
        answer = desk.call(method, **params)
        spans.append((time.monotonic() - begin) * 1000)
        rows = answer.get("rows", [])
    print(f"{name:34} {len(rows):5} rows {statistics.median(spans):8.1f} ms {max(spans):8.1f} ms")


def main():
    screened = int(sys.argv[1]) if len(sys.argv) > 1 else 88328
    at_risk = int(sys.argv[2]) if len(sys.argv) > 2 else 11970
    marks = {i * screened // at_risk for i in range(at_risk)}
    screenings = [{**event("contract.screened", data={
        "contract": f"P-{i:06}", "risk": "high" if i in marks else "none", "round": "2025-q3",
        "unit": UNITS[i // 8 % 4], "customer": f"c-{i}", "product": "life"}), "time": at(WHEN)}
        for i in range(screened)]
    complaints = [{**complaint(f"K-{i}", UNITS[i % 4], customer=f"k-{i}"), "time": at(WHEN)}
                  for i in range(max(BATCH, screened // 8))]
    cleared = [{**event("contract.cleared", data={
        "contract": f"P-{i:06}", "round": "2025-q3", "by": "wang", "measure": "called"}),
        "time": at(WHEN)} for i in sorted(marks)]
    with World(RULES) as world:
        print(f"{len(complaints)} complaints: {rate(world, complaints):.0f} a second")
        print(f"{screened} screenings, {at_risk} at risk: {rate(world, screenings):.0f} a second")
        half = len(cleared) // 2
        print(f"{half} cleared: {rate(world, cleared[:half]):.0f} a second")
        world.take("2025-09-22T19:00:00+08:00")
        desk = world.daemon.desk()
        timed(desk, "round.list", "round.list")
        timed(desk, "contract.list", "contract.list", limit=1000)
        timed(desk, "contract.list, one unit, at risk", "contract.list", unit=UNITS[0], risk="high")
        timed(desk, "duty.list, open", "duty.list", open=True, limit=1000)
        timed(desk, "duty.list, count by unit", "duty.list", count_by="unit")
        timed(desk, "case.list, open", "case.list", open=True, limit=1000)
        timed(desk, "case.list, count by unit", "case.list", count_by="unit")
        timed(desk, "warnings", "warnings", since="2025-09-01T00:00:00Z")
        timed(desk, "digest.get, root", "digest.get", unit="xj")
        print(f"{len(cleared) - half} cleared: {rate(world, cleared[half:]):.0f} a second")


main()
