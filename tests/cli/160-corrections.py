#!/usr/bin/python3
"""A register whose rows are corrected, night after night: each correction changes its case, what none
can change is refused by its name, and nothing is counted as sent that changed nothing."""
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run, unpack  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
HEAD = ["number", "time", "office", "customer", "amount", "text", "product"]
ROW = dict(number="T1", time="2026-03-02 09:30", office="xj/urumqi/d3", customer="c-1",
           amount="5000", text="nobody calls back", product="life")
OTHER = {**ROW, "number": "T2", "customer": "c-2"}


def mapping(**envelope):
    return {"event": {
        "id": "r-{number}", "source": "register", "type": "complaint.registered",
        "subject": "{number}", "time": "{time}", **envelope,
        "data": {"customer": {"column": "customer"}, "channel": "register",
                 "unit": {"column": "office"}, "amount": {"column": "amount"},
                 "text": {"column": "text"}, "product": {"column": "product"},
                 **envelope.get("data", {})}}}


class Register:
    """A folder with a mapping, and each night another export."""

    def __init__(self, daemon, made=None):
        self.folder, self.desk = daemon.folder, daemon.desk()
        (self.folder / "map.json").write_text(json.dumps(made or mapping()))

    def send(self, *rows, args=(), status=0, corrections=True, name="map.json"):
        path = self.folder / "export.csv"
        path.write_text("".join(",".join(line) + "\n" for line in
                                [HEAD] + [[row[name] for name in HEAD] for row in rows]))
        words = ["--corrections"] * corrections + ["--json", "--map", self.folder / name, *args, path]
        done = subprocess.run([TOOLS / "redress-send", "--run", str(self.folder), *map(str, words)],
                              capture_output=True, text=True, timeout=100)
        assert done.returncode == status, (done, rows)
        told = json.loads(done.stdout.splitlines()[-1])
        self.said = done.stderr
        return told

    def case(self, number="T1"):
        return self.desk.call("case.get", subject=number)

    def events(self):
        return [unpack(row["event"]) for row in self.desk.rows("journal.read")]


def counts(told, accepted=0, corrected=0, duplicate=0, rejected=0, known=0, bad=0):
    wanted = dict(accepted=accepted, corrected=corrected, duplicate=duplicate, rejected=rejected,
                  known=known, bad=bad)
    assert {key: told[key] for key in wanted} == wanted, told
    assert told["unanswered"] == 0, told


def test_there_and_back_again():
    """5000, 8000, 5000, 9000: each night the case says what the register says."""
    for state in ([], ["--state", "taken"]):
        with Daemon() as daemon:
            register = Register(daemon)
            args = [state[0], daemon.folder / state[1]] if state else []
            counts(register.send(ROW, OTHER, args=args), accepted=2)
            for night, amount in enumerate(["8000", "5000", "9000", "8000"], 1):
                row = {**ROW, "amount": amount}
                told = register.send(row, OTHER, args=args)
                again = dict(known=1) if state else dict(duplicate=1)
                counts(told, accepted=1, corrected=1, **again)
                assert register.case()["attributes"]["amount"] == amount + ".00", register.case()
                event = register.events()[-1]
                assert event["id"] == f"r-T1~{night}" and event["data"] == {"amount": amount}, event
                counts(register.send(row, OTHER, args=args), **(
                    dict(known=2) if state else dict(duplicate=2)))
            assert len(register.events()) == 6


def test_a_date_that_is_receipt_and_own_time_moves_the_clock():
    with Daemon() as daemon:
        register = Register(daemon)
        register.send(ROW)
        before = register.case()
        told = register.send({**ROW, "time": "2026-02-20 09:30"})
        counts(told, accepted=1, corrected=1)
        case = register.case()
        assert case["received"].isoformat() == "2026-02-20T09:30:00+00:00", case
        assert case["opened"] == before["opened"] and case["clocks"] != before["clocks"], case
        counts(register.send({**ROW, "time": "2026-02-20 09:30"}), duplicate=1)
        counts(register.send(ROW), accepted=1, corrected=1)
        assert register.case()["received"] == before["received"]


def test_what_no_amendment_changes_is_refused_by_name():
    refused = [("office", "xj/yining", "data.unit"), ("amount", "", "data.amount"),
               ("text", "", "data.text")]
    with Daemon() as daemon:
        register = Register(daemon)
        register.send(ROW, OTHER)
        for column, value, field in refused:
            rejects = daemon.folder / f"{column}.csv"
            changed = {**ROW, column: value, "product": "health"}
            for check in ([], ["--check"]):
                told = register.send(changed, OTHER, args=["--rejects", rejects, *check],
                                     status=4 if check else 2)
                assert told["rejected"] + told["bad"] == 1, told
                last = rejects.read_text().splitlines()[-1]
                assert f",conflict,{field}," in last and last.endswith("health"), last
        assert len(register.events()) == 2 and register.case()["attributes"]["product"] == "life"
        # the case went to that office by the event that does this: no change any more
        daemon.intake().accept(dict(
            id="a1", source="desk", type="case.assigned", subject="T1", data={"unit": "xj/yining"}))
        counts(register.send({**ROW, "office": "xj/yining", "product": "health"}), accepted=1, corrected=1)
        case = register.case()
        assert (case["unit"], case["attributes"]["product"]) == ("xj/yining", "health"), case


def test_a_time_beside_a_date_of_receipt_is_refused():
    made = mapping()
    made["event"]["data"]["received"] = {"column": "product"}
    with Daemon() as daemon:
        register = Register(daemon, made)
        row = {**ROW, "product": "2026-03-01"}
        register.send(row)
        told = register.send({**row, "time": "2026-03-02 09:31"}, status=2)
        counts(told, rejected=1)
        assert "time" in register.said and "no event changes when a case was opened" in register.said
        counts(register.send({**row, "product": "2026-02-27"}), accepted=1, corrected=1)
        got = register.case()["received"].isoformat()
        assert got == "2026-02-27T00:00:00+00:00", got


def test_who_amended_the_case_meanwhile_is_not_overruled():
    with Daemon() as daemon:
        register = Register(daemon)
        register.send(ROW)
        daemon.intake().accept(dict(
            id="o1", source="desk", type="case.amended", subject="T1",
            data={"amount": "1", "handler": "wang"}))
        counts(register.send(ROW), duplicate=1)
        counts(register.send({**ROW, "text": "nobody wrote"}), accepted=1, corrected=1)
        attributes = register.case()["attributes"]
        assert (attributes["amount"], attributes["text"], attributes["handler"]) == (
            "1.00", "nobody wrote", "wang"), attributes


def test_two_rows_of_one_id_do_not_correct_one_another():
    with Daemon() as daemon:
        register = Register(daemon)
        state = ["--state", daemon.folder / "taken"]
        counts(register.send(ROW, args=state), accepted=1)
        later = {**ROW, "amount": "7000"}
        for _ in range(3):
            counts(register.send(ROW, later, args=state, status=2), known=1, bad=1)
            assert "line 2 has the same id" in register.said, register.said
        counts(register.send(later, ROW, args=state, status=2), accepted=1, corrected=1, bad=1)
        counts(register.send(later, ROW, args=state, status=2), known=1, bad=1)
        assert register.case()["attributes"]["amount"] == "7000.00"


def test_without_corrections_a_row_that_went_back_is_told():
    with Daemon() as daemon:
        register = Register(daemon)
        state = ["--state", daemon.folder / "taken"]
        register.send(ROW, args=state)
        register.send({**ROW, "amount": "7000"}, args=state)
        told = register.send(ROW, args=state, corrections=False, status=2)
        counts(told, rejected=1)
        assert told["differing"] == 1 and "before it was corrected" in register.said, register.said
        counts(register.send(ROW, args=state), accepted=1, corrected=1)


def test_a_state_of_the_version_before_goes_on():
    with Daemon() as daemon:
        register = Register(daemon)
        path = daemon.folder / "taken"
        register.send(ROW, OTHER, args=["--state", path])
        old = ["redress-send state 2\n"] + [line[:32] + "\n" for line in path.read_text().splitlines()[1:3]]
        path.write_text("".join(old))
        counts(register.send(ROW, OTHER, args=["--state", path]), known=2)
        counts(register.send({**ROW, "amount": "1"}, OTHER, args=["--state", path]),
               accepted=1, corrected=1, known=1)
        counts(register.send(ROW, OTHER, args=["--state", path]), accepted=1, corrected=1, known=1)


def test_one_run_has_the_state_at_a_time():
    with Daemon() as daemon:
        register = Register(daemon)
        state, nowhere = daemon.folder / "taken", daemon.folder / "nowhere"
        nowhere.mkdir()
        (daemon.folder / "one.csv").write_text("".join(",".join(line) + "\n" for line in
                                                       [HEAD, [ROW[name] for name in HEAD]]))
        words = [TOOLS / "redress-send", "--map", daemon.folder / "map.json", "--state", state,
                 daemon.folder / "one.csv", "--run"]
        first = subprocess.Popen(list(map(str, [*words, nowhere])), stderr=subprocess.PIPE, text=True)
        assert "waiting 30 s" in first.stderr.readline()  # with the file open
        done = subprocess.run(list(map(str, [*words, daemon.folder])), capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 1 and "another run has this --state" in done.stderr, done
        first.terminate()
        first.communicate(timeout=60)
        counts(register.send(ROW, args=["--state", state]), accepted=1)
        words[4] = "/dev/full"
        done = subprocess.run(list(map(str, [*words, daemon.folder])), capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 1 and "a state file is a file" in done.stderr, done


def test_rows_that_say_the_same_are_so_many():
    """Three equal lines of a list of calls are three calls, and so is a fourth of the next night."""
    made = mapping(id="c-{line}", subject="c-{line}")
    with Daemon() as daemon:
        register = Register(daemon, made)
        args = dict(args=["--state", daemon.folder / "taken"], corrections=False)
        counts(register.send(ROW, ROW, ROW, **args), accepted=3)
        counts(register.send(ROW, ROW, ROW, ROW, **args), accepted=1, known=3)
        counts(register.send(ROW, ROW, ROW, ROW, OTHER, **args), accepted=1, known=4)


def test_corrections_are_checked_as_they_are_sent():
    with Daemon() as daemon:
        register = Register(daemon)
        register.send(ROW, OTHER)
        told = register.send({**ROW, "amount": "6000"}, OTHER, args=["--check"])
        assert (told["good"], told["bad"]) == (2, 0), told
        assert len(register.events()) == 2
        counts(register.send({**ROW, "amount": "6000"}, OTHER), accepted=1, corrected=1, duplicate=1)


run(globals())
