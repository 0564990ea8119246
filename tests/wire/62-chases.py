#!/usr/bin/python3
"""Chasing, closed in both directions, and joint decisions: redress-events(7), redress-protocol(7)."""
import subprocess

from harness import at, complaint, event, run, tool, verify
from world import World

RULES = """\
assessment: {open_case_at: high}
policies: [{name: default, match: {}, clocks: []}]
alerts: {language: en}
"""
D3 = "xj/urumqi/d3"


class Chases(World):
    def __init__(self):
        super().__init__(RULES)

    def __enter__(self):
        super().__enter__()
        self.take("2025-09-22T09:00:00+08:00", complaint("C1"))
        return self

    def case(self, when, type, **data):
        return self.take(when, event("case." + type, subject="C1", data=data))

    def chased(self, when, **data):
        return self.case(when, "chased", by="zhao", question="where does it stand?", **data)


def test_the_answer_goes_to_who_asked():
    with Chases() as world:
        world.chased("2025-09-22T10:00:00+08:00", answer_by="2025-09-22T12:00:00+08:00", asker="consumer")
        (asked,) = world.alerts("case.chased")
        assert asked["unit"] == D3 and "where does it stand?" in asked["title"], asked
        assert asked["reasons"][0] == {"code": "question", "points": 0,
                                       "detail": "where does it stand?"}, asked
        world.case("2025-09-22T11:00:00+08:00", "answered", by="li", text="paid tomorrow")
        (told,) = world.alerts("case.answered")
        assert told["unit"] == "xj/consumer" and told["severity"] == "info", told
        assert told["reasons"][0]["detail"] == "paid tomorrow" and "paid tomorrow" in told["title"], told
        world.case("2025-09-22T13:00:00+08:00", "noted", by="li", text="later")
        assert world.alerts("case.unanswered") == []
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_without_an_asker_operators_hear_it_and_an_unknown_one_is_refused():
    with Chases() as world:
        world.chased("2025-09-22T10:00:00+08:00", answer_by="2025-09-22T12:00:00+08:00")
        world.case("2025-09-22T11:00:00+08:00", "answered", by="li", text="yes")
        assert [a["unit"] for a in world.alerts("case.answered")] == ["~ops"]
        receipt = world.daemon.intake().send({**event("case.chased", subject="C1", data={
            "by": "zhao", "question": "?", "answer_by": "2025-09-23", "asker": "nobody"}),
            "time": at("2025-09-22T11:00:00+08:00")})
        assert (receipt["error"]["code"], receipt["error"]["field"]) == ("unknown_unit", "data.asker")


def test_who_waits_for_whom_is_listed():
    with Chases() as world:
        world.chased("2025-09-22T10:00:00+08:00", answer_by="2025-09-22T12:00:00+08:00", asker="consumer")
        world.chased("2025-09-22T10:30:00+08:00", answer_by="2025-09-22T18:00:00+08:00",
                     unit="yining", asker="xj")
        world.chased("2025-09-22T10:40:00+08:00", answer_by="2025-09-23T18:00:00+08:00", asker="xj")
        world.case("2025-09-22T13:00:00+08:00", "answered", by="li", text="yes")
        desk = world.daemon.desk()
        rows = desk.rows("chase.list")
        assert [(r["unit"], r["asker"], r["state"]) for r in rows] == [
            (D3, "xj/consumer", "missed"), ("xj/yining", "xj", "answered"), (D3, "xj", "owed")], rows
        assert rows[0]["question"] == "where does it stand?" and rows[0]["subject"] == "C1", rows
        assert rows[0]["asked"] == at("2025-09-22T10:00:00+08:00"), rows
        assert [r["state"] for r in desk.rows("chase.list", unit="xj/yining")] == ["answered"]
        assert [r["state"] for r in desk.rows("chase.list", unit="xj/consumer")] == ["missed"]
        assert [r["state"] for r in desk.rows("chase.list", open=True)] == ["owed"]
        said = subprocess.run([tool("redressctl"), "chases", "--open", "--run", str(world.daemon.folder)],
                              capture_output=True, text=True, check=True).stdout
        assert "where does it stand?" in said and "owed" in said and "missed" not in said, said
        world.case("2025-09-22T14:00:00+08:00", "closed", resolution="paid")
        assert [r["state"] for r in desk.rows("chase.list", unit=D3)] == ["missed", "dropped"]


def test_units_that_take_part_are_told_and_listed():
    with Chases() as world:
        world.case("2025-09-22T10:00:00+08:00", "panel_opened",
                   participants=["yining", "Dr. Li", "xj/consumer", "xj/yining"])
        assert [a["unit"] for a in world.alerts("case.panel")] == ["xj/yining", "xj/consumer"]
        desk = world.daemon.desk()
        (row,) = desk.rows("panel.list", unit="xj/consumer")
        assert row["subject"] == "C1" and row["unit"] == D3, row
        assert row["participants"] == ["yining", "Dr. Li", "xj/consumer", "xj/yining"], row
        assert row["opened"] == at("2025-09-22T10:00:00+08:00"), row
        assert len(desk.rows("panel.list", unit=D3)) == 1
        assert desk.rows("panel.list", unit="xj/urumqi/counter1") == []
        world.case("2025-09-22T11:00:00+08:00", "panel_concluded", opinion="uphold")
        assert desk.rows("panel.list") == []


def test_the_unit_that_has_the_work_is_listed():
    with Chases() as world:
        world.chased("2025-09-22T10:00:00+08:00", answer_by="2025-09-24", unit="yining", asker="xj")
        world.chased("2025-09-22T10:01:00+08:00", answer_by="2025-09-24", asker="yining")
        world.case("2025-09-22T10:02:00+08:00", "panel_opened", by="zhao", participants=["yining", "counter1"])
        world.configure("{id: yining, name: Yining}", "{id: yining, name: Yining, moved_to: consumer}")
        desk = world.daemon.desk()
        wanted = [("xj/consumer", "xj"), (D3, "xj/consumer")]
        for unit in ("xj/consumer", "xj/yining"):
            rows = desk.rows("chase.list", unit=unit)
            assert [(row["unit"], row["asker"]) for row in rows] == wanted, (unit, rows)
            (panel,) = desk.rows("panel.list", unit=unit)
            assert panel["unit"] == D3 and panel["participants"] == ["xj/consumer", "counter1"], panel
        assert len(desk.rows("panel.list", unit="xj/urumqi/counter1")) == 1
        assert desk.rows("chase.list", unit="xj/urumqi/counter1") == []


if __name__ == "__main__":
    run(globals())
