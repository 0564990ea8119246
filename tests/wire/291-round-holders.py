#!/usr/bin/python3
"""Rounds, contracts and duties agree about who has what: redress-protocol(7), round.list."""
import importlib

from harness import event, run, verify

screening = importlib.import_module("63-screening")
D3, YINING, CONSUMER = "xj/urumqi/d3", "xj/yining", "xj/consumer"
AFTER = "2025-10-12T09:00:00+08:00"  # behind the last day of what was screened in September


class Holders(screening.Screening):
    def assign(self, contract, unit, when="2025-09-23T09:00:00+08:00", round="2025-q3"):
        self.take(when, event("case.assigned", f"screening/{round}/{contract}", data={"unit": unit}))

    def rounds(self):
        desk = self.daemon.desk()
        rows = {(r["unit"], r["round"]): (r["screened"], r["at_risk"], r["cleared"], r["overdue"])
                for r in desk.rows("round.list")}
        assert len(rows) == len(desk.rows("round.list")), desk.rows("round.list")
        assert all(risk <= all_ and cleared + overdue <= risk
                   for all_, risk, cleared, overdue in rows.values()), rows
        return rows

    def agree(self):
        """Each row counted anew from the other two lists; no contract was screened in two rounds."""
        desk = self.daemon.desk()
        counted = {}
        overdue = {row["case"] for row in desk.rows("duty.list", state="overdue")}
        for row in desk.rows("contract.list"):
            sums = counted.setdefault((row.get("unit", "xj"), row["round"]), [0, 0, 0, 0])
            is_open = row["risk"] != "none" and "cleared" not in row
            sums[0] += 1
            sums[1] += row["risk"] != "none"
            sums[2] += "cleared" in row
            sums[3] += is_open and row.get("case") in overdue
        assert self.rounds() == {key: tuple(sums) for key, sums in counted.items()}, (self.rounds(), counted)
        holders = {row["case"]: row["unit"] for row in desk.rows("duty.list", open=True)}
        for row in desk.rows("contract.list"):
            assert row["unit"] == holders.get(row.get("case"), row["unit"]), (row, holders)
            assert row in desk.rows("contract.list", unit=row["unit"]), row

    def end(self):
        self.daemon.stop()
        verify(self.daemon.folder / "state")


def test_a_contract_follows_its_duty():
    with Holders() as world:
        for number in range(6):
            world.screen(f"P-{number}", ["none", "high"][number % 2])
        world.assign("P-1", YINING)
        world.take(AFTER)
        assert world.rounds() == {(D3, "2025-q3"): (5, 2, 0, 2), (YINING, "2025-q3"): (1, 1, 0, 1)}
        world.agree()
        world.clear("P-1", "2025-10-12T10:00:00+08:00")
        assert world.rounds()[YINING, "2025-q3"] == (1, 1, 1, 0), world.rounds()
        world.agree()
        world.daemon.kill()
        world.daemon.start()
        world.agree()
        world.end()


def test_a_screening_for_another_unit_leaves_it_where_its_duty_is():
    with Holders() as world:
        world.screen("P-1", "high")
        world.screen("P-1", "watch", "2025-09-22T10:00:00+08:00", unit=YINING)
        world.take(AFTER)
        assert world.rounds() == {(D3, "2025-q3"): (1, 1, 0, 1)}, world.rounds()
        world.agree()
        world.screen("P-1", "none", "2025-10-12T10:00:00+08:00", unit=YINING)  # ends the duty
        assert world.rounds() == {(D3, "2025-q3"): (1, 0, 0, 0)}, world.rounds()
        world.screen("P-1", "high", "2025-10-12T11:00:00+08:00", unit=YINING)  # opens another
        assert world.rounds() == {(YINING, "2025-q3"): (1, 1, 0, 0)}, world.rounds()
        world.agree()
        world.end()


def test_what_a_unit_had_is_the_other_ones_after_it_has_gone():
    with Holders() as world:
        for number in range(6):
            world.screen(f"P-{number}", ["none", "high"][number % 2], unit=[D3, YINING][number // 3])
        world.clear("P-5")
        world.configure("{id: yining, name: Yining}", "{id: yining, name: Yining, moved_to: xj/urumqi/d3}")
        world.take(AFTER)
        assert world.rounds() == {(D3, "2025-q3"): (6, 3, 1, 2)}, world.rounds()
        world.agree()
        world.assign("P-3", CONSUMER, "2025-10-12T10:00:00+08:00")
        world.screen("P-4", "none", "2025-10-12T11:00:00+08:00", unit=CONSUMER)
        assert world.rounds() == {(D3, "2025-q3"): (4, 2, 1, 1), (CONSUMER, "2025-q3"): (2, 1, 0, 1)}, world.rounds()
        world.agree()
        assert world.daemon.desk().rows("round.list", limit=1) == world.daemon.desk().rows("round.list")
        world.end()


def test_the_duty_of_an_earlier_round_counts_in_it():
    with Holders() as world:
        world.screen("P-1", "high")
        world.screen("P-1", "none", "2025-09-22T10:00:00+08:00", round="2025-q4", unit=YINING)
        world.assign("P-1", CONSUMER)
        world.take(AFTER)
        assert world.rounds() == {(CONSUMER, "2025-q3"): (1, 1, 0, 1),
                                  (YINING, "2025-q4"): (1, 0, 0, 0)}, world.rounds()
        world.end()


def test_what_is_done_by_hand_under_the_code_of_screenings_is_no_contract():
    with Holders() as world:
        world.screen("P-1", "high")
        world.take("2025-09-22T10:00:00+08:00", event("duty.opened", data={
            "duty": "screening", "unit": D3, "period": "2025-q3", "due": "2025-09-25"}))
        world.take("2025-09-22T11:00:00+08:00",
                   event("case.assigned", f"screening/{D3}/2025-q3", data={"unit": YINING}))
        world.take("2025-09-28T10:00:00+08:00")
        assert world.rounds() == {(D3, "2025-q3"): (1, 1, 0, 0)}, world.rounds()


def test_the_unit_that_has_the_duty_clears_it():
    with Holders() as world:
        world.screen("P-1", "high", round="2025/q3")  # a round that has the sign of subjects
        (row,) = world.daemon.desk().rows("contract.list")
        duty = world.daemon.desk().call("case.get", case=row["case"])
        assert duty["subject"] == "screening/2025%2Fq3/P-1", duty
        world.take("2025-09-23T09:00:00+08:00", event("case.assigned", duty["subject"], data={"unit": YINING}))
        world.take("2025-09-23T10:00:00+08:00", screening.cleared("P-1", "2025/q3"))
        assert world.rounds() == {(YINING, "2025/q3"): (1, 1, 1, 0)}, world.rounds()


if __name__ == "__main__":
    run(globals())
