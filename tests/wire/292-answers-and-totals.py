#!/usr/bin/python3
"""Who answers which question, and what a receipt notes: redress-events(7), redress-protocol(7)."""
import importlib
import json
import subprocess

import locked
from harness import at, complaint, event, run, tool, verify

chases = importlib.import_module("62-chases")
duties = importlib.import_module("86-duties")
screening = importlib.import_module("63-screening")
D3, YINING = "xj/urumqi/d3", "xj/yining"


class Two(chases.Chases):
    """Two questions to two units, the older one to the holder."""

    def __enter__(self):
        super().__enter__()
        for unit, hour in ((D3, 18), (YINING, 12)):
            self.chased("2025-09-22T10:00:00+08:00", unit=unit, answer_by=f"2025-09-22T{hour}:00:00+08:00",
                        asker="xj")
        return self

    def answered(self, **data):
        return self.case("2025-09-22T11:00:00+08:00", "answered", by="li", text="yes", **data)

    def refused(self, code, type, **data):
        receipt = self.daemon.intake().send({**event("case." + type, subject="C1", data=data),
                                             "time": at("2025-09-22T19:00:00+08:00")})
        assert receipt["error"]["code"] == code, receipt

    def states(self):
        return {row["unit"]: row["state"] for row in self.daemon.desk().rows("chase.list")}


def test_an_answer_is_to_the_question_that_its_unit_was_asked():
    with Two() as world:
        world.answered(unit="yining")
        assert world.states() == {D3: "owed", YINING: "answered"}, world.states()
        world.take("2025-09-22T13:00:00+08:00")
        assert world.alerts("case.unanswered") == []
        for unit in (YINING, "xj/consumer", "xj/urumqi/counter1"):  # owe none: d3's still waits
            taken = world.answered(unit=unit)
            assert taken["noted"] == "no_question", taken
        assert world.states() == {D3: "owed", YINING: "answered"}, world.states()
        assert len(world.alerts("case.answered")) == 1
        history = world.daemon.desk().call("case.get", case=1)["history"]
        assert [row["what"] for row in history if row["type"] == "case.answered"].count("event") == 4, history
        world.take("2025-09-22T19:00:00+08:00")
        assert {a["unit"] for a in world.alerts("case.unanswered")} == {D3, "xj"}
        world.refused("illegal_transition", "answered", by="li", text="late", unit="xj/consumer")
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_the_holder_and_those_above_answer_for_who_was_asked():
    with Two() as world:
        assert "noted" not in world.answered(unit="xj/urumqi")
        assert world.states() == {D3: "answered", YINING: "owed"}, world.states()
        assert world.answered(unit="xj/urumqi")["noted"] == "no_question"
        assert "noted" not in world.answered(unit=D3)  # the holder, who owes none any more
        assert world.states() == {D3: "answered", YINING: "answered"}, world.states()
        for unit in (D3, "xj"):
            world.chased("2025-09-22T12:00:00+08:00", unit=unit, answer_by="2025-09-23")
        assert "noted" not in world.answered(unit="xj")  # what it was asked itself comes first
        assert world.states()["xj"] == "answered"
        assert len(world.daemon.desk().rows("chase.list", open=True)) == 1
        assert "noted" not in world.answered(unit="xj")
        assert world.daemon.desk().rows("chase.list", open=True) == []


def test_the_keys_own_unit_says_who_answers():
    with locked.Locked() as world:
        world.intake("crm").accept(complaint("own", customer="k-1"))
        for unit in (D3, YINING):
            world.intake("ops").accept(event("case.chased", subject="own", source="any", data={
                "by": "z", "question": "?", "unit": unit, "answer_by": "2099-09-23"}))
        for told in ({}, {"unit": D3}):  # the second owes none any more, whatever it says
            made = event("case.answered", subject="own", source="desk-yining",
                         data={"by": "li", "text": "yes", **told})
            assert world.intake("yining").accept(made).get("noted") == ("no_question" if told else None)
        assert {row["unit"]: row["state"] for row in world.desk("ops").rows("chase.list")} == {
            D3: "owed", YINING: "answered"}


def test_redressctl_says_which_unit_answers():
    with Two() as world:
        ctl = [tool("redressctl"), "--run", str(world.daemon.folder), "--json"]
        verb = ["answer", "C1", "yes", "--by", "li", "--time", "2025-09-22T11:00:00+08:00", "--unit"]
        for unit, noted in ((YINING, None), (YINING, "no_question")):
            done = subprocess.run([*ctl, *verb, unit], capture_output=True, text=True, check=True)
            assert json.loads(done.stdout).get("noted") == noted, done
            assert ("no question" in done.stderr) == (noted is not None), done
        assert world.states() == {D3: "owed", YINING: "answered"}, world.states()


def test_without_a_unit_it_is_to_the_oldest():
    with Two() as world:
        world.answered()
        assert world.states() == {D3: "answered", YINING: "owed"}, world.states()


def test_a_unit_that_took_anothers_cases_answers_its_questions():
    with Two() as world:
        world.configure("{id: yining, name: Yining}", "{id: yining, name: Yining, moved_to: consumer}")
        world.answered(unit="xj/consumer")
        assert world.states()[D3] == "owed" and "answered" in world.states().values(), world.states()


def test_more_done_than_owed_fills_no_gap_of_others_and_another_total_is_noted():
    with duties.Duties() as world:
        world.take("2025-09-30T09:00:00+08:00")
        taken = world.take("2025-10-10T09:00:00+08:00", duties.progressed(YINING, "2025-10", 7, total=5))
        assert taken["noted"] == "total", taken
        assert "noted" not in world.take("2025-10-10T09:00:00+08:00",
                                         duties.progressed("xj/urumqi", "2025-10", 12))
        (row,) = world.duties(unit=YINING)
        assert (row["done"], row["total"], row["state"]) == (7, 5, "done"), row
        (counted,) = world.duties(count_by="duty")
        assert (counted["covered"], counted["of"]) == (15, 25), counted
        desk, taken = world.daemon.desk(), world.take("2025-10-31T09:00:00+08:00")
        desk.reach(taken["seq"])
        figures = {row["figure"]: row.get("value") for row in desk.call(
            "report", **{"from": "2025-10", "to": "2025-10"})["figures"]}
        assert (figures["duty_done"], figures["duty_total"]) == (15, 25), figures


def test_a_hit_without_a_unit_is_told():
    with screening.Screening() as world:
        taken = world.screen("P-1", "high", unit=None)
        assert taken["noted"] == "no_unit" and "case" not in taken, taken
        assert "noted" not in world.screen("P-2", "none", unit=None)
        (row,) = world.daemon.desk().rows("round.list")
        assert (row["unit"], row["screened"], row["at_risk"]) == ("xj", 2, 1), row
        assert len(world.daemon.desk().rows("contract.list", unit="xj")) == 2
        opened = world.screen("P-1", "high", "2025-09-22T10:00:00+08:00")
        assert "case" in opened and "noted" not in opened, opened


if __name__ == "__main__":
    run(globals())
