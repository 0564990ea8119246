#!/usr/bin/python3
"""Sums that are greater than their range: the daemon lives, and a correction makes them right again."""
from harness import run
from office import Office

RULES = """\
  - name: all
    match: {}
"""
MOST = "92233720368547758.07"


def paid(office):
    answer = office.desk.call("report", min_seq=office.seq, **{"from": "2026-03", "by": "unit"})
    return {row["figure"]: row for row in answer["figures"]}["paid"]["value"]


def test_amounts_beyond_what_a_sum_holds():
    with Office(RULES) as office:
        for subject in ("a", "b", "c"):
            office.open("02 10:00", subject)
            office.send("02 10:10", "case.decided", subject, outcome="upheld", amount=MOST, currency="CNY",
                        paid_for="refund")
        assert paid(office)["CNY"] != MOST, paid(office)
        for subject in ("b", "c"):
            office.send("02 10:20", "case.reopened", subject, by="customer", reason="wrong")
            office.send("02 10:30", "case.decided", subject, outcome="upheld", amount="0", currency="CNY",
                        paid_for="refund")
        assert paid(office) == {"CNY": MOST}, paid(office)
        assert office.desk.call("check")["faults"] == 0


if __name__ == "__main__":
    run(globals())
