#!/usr/bin/python3
"""What a silence withheld is told once it has ended."""
from harness import run
from office import Office

RULES = """\
  - name: all
    match: {}
    ladder:
      until: decided
      rungs:
        - {notify: [unit], ack_within: 30m}
        - {after: 6h, notify: [parent], severity: high}
"""


def silence(office, time, until, **matchers):
    return office.send(time, "silence.created", by="ops", reason="drill",
                       until=office.time(until), matchers=matchers)["silence"]


def digests(office):
    return [(row["unit"].split("/")[-1], row["count"], row["grouped"], row.get("subject"),
             row["time"].strftime("%d %H:%M"))
            for row in office.alerts() if row["type"] == "digest.silenced"]


def test_each_unit_hears_once_of_what_it_missed():
    with Office(RULES) as office:
        silence(office, "02 09:30", "02 12:00", type="~^(ladder|case)")
        cases = [office.open(f"02 10:{i:02}", f"n{i}")["case"] for i in range(52)]
        one = office.open("02 10:59", "s", unit="south")["case"]
        seen = office.open("02 11:00", "seen", unit="south")
        office.send("02 11:05", "case.acknowledged", "seen", by="anna")
        office.open("02 11:06", "over", unit="south")
        office.send("02 11:07", "case.closed", "over", resolution="r")
        office.until("02 11:59")
        assert digests(office) == []
        office.until("02 12:00")
        # the parent is asked too: rung 2 of what nobody answered within 30 minutes
        assert digests(office) == [
            ("firm", 53, (cases + [one])[:50], None, "02 12:00"),
            ("north", 52, cases[:50], None, "02 12:00"),
            ("south", 1, [one], "s", "02 12:00")], digests(office)
        assert seen["case"] not in [n for row in digests(office) for n in row[2]]
        assert "53" in [r for r in office.alerts() if r["type"] == "digest.silenced"][0]["title"]
        office.until("05 12:00")
        assert len(digests(office)) == 3


def test_another_silence_that_still_covers_it_tells_later():
    with Office(RULES) as office:
        silence(office, "02 09:30", "02 12:00", type="~^ladder")
        silence(office, "02 09:31", "02 14:00", unit="firm/north", severity="warning")
        a, b = (office.open("02 10:00", unit, unit=unit)["case"] for unit in ("north", "south"))
        office.until("02 12:00")
        assert digests(office) == [("firm", 2, [a, b], None, "02 12:00"),
                                   ("south", 1, [b], "south", "02 12:00")], digests(office)
        office.until("02 14:00")
        assert digests(office)[2:] == [("north", 1, [a], "north", "02 14:00")]


def test_one_that_is_ended_by_hand_tells_at_once():
    with Office(RULES) as office:
        number = silence(office, "02 09:30", "12 12:00", unit="firm/north")
        a = office.open("02 10:00", "a")["case"]
        office.send("02 10:20", "silence.ended", silence=number)
        office.until("02 10:21")
        assert digests(office) == [("north", 1, [a], "a", "02 10:20")]
        office.send("02 10:22", "silence.ended", silence=number)
        office.until("13 10:21")
        assert len(digests(office)) == 1


def test_a_digest_is_as_severe_as_what_was_withheld():
    with Office(RULES.replace("{notify: [unit]", "{notify: [unit], severity: high")) as office:
        silence(office, "02 09:30", "02 12:00", type="ladder.rung")
        office.open("02 10:00", "a")
        office.until("02 12:00")
        found = [row["severity"] for row in office.alerts() if row["type"] == "digest.silenced"]
        assert found and set(found) == {"high"}, found


def test_values_of_closed_lists_are_looked_at():
    with Office(RULES) as office:
        for matchers, meant in (({"type": "clock.breech"}, "clock.breach"),
                                ({"severity": ["info", "!hgh"]}, "high"),
                                ({"units": "firm"}, "unit"), ({"custmer": "k"}, "customer")):
            error = office.refuse("02 09:30", "silence.created", by="ops", reason="drill",
                                  until=office.time("02 12:00"), matchers=matchers)
            assert (error["code"], error["field"]) == ("bad_value", "data.matchers"), error
            assert f"did you mean {meant}?" in error["message"], error
        error = office.refuse("02 09:30", "silence.created", by="ops", reason="drill",
                              until=office.time("02 12:00"), matchers={"rung": "first"})
        assert error["message"] == 'no alert has the rung "first"', error
        for rung in (1, "2", ["!1", ">1"]):
            silence(office, "02 09:30", "02 12:00", rung=rung)
        silence(office, "02 09:30", "02 12:00", type=["~^clock", "!clock.breach"], severity="!high")


def test_a_withheld_rung_fires_no_next_one_once_the_case_is_acknowledged():
    with Office(RULES) as office:
        silence(office, "02 09:30", "02 12:00", unit="firm/north")
        for subject in ("asked", "taken"):
            office.open("02 10:00", subject)
        office.send("02 10:20", "case.acknowledged", "taken", by="anna")
        office.until("02 11:00")
        assert office.told("asked") == [("ladder.rung", 2, "firm", "02 10:30")]
        assert office.told("taken") == []
        office.until("02 16:00")
        assert office.told("taken") == [("ladder.rung", 2, "firm", "02 16:00")]


run(globals())
