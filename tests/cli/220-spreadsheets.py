#!/usr/bin/python3
"""What goes into a spreadsheet: numbers that it can add up, and texts that it takes for texts."""
import csv
import io
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import Daemon, complaint, event, run, tool  # noqa: E402

RULES = "policies: [{name: default, match: {}}]\n"


def table(daemon, *args):
    done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), "report", "--csv", *args],
                          capture_output=True, timeout=60, check=True)
    return list(csv.DictReader(io.StringIO(done.stdout.decode("utf-8"), newline="")))


def decided(intake, subject, day, amount, currency, **data):
    told = {"outcome": "upheld", "paid_for": "refund", "amount": amount, **({"currency": currency} if currency else {})}
    return intake.accept({**complaint(subject, **data), "time": f"{day}T10:00:00+08:00"},
                         {**event("case.decided", subject, data=told), "time": f"{day}T11:00:00+08:00"})[-1]["seq"]


def test_money_is_a_number_in_each_currency():
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        intake = daemon.intake()
        decided(intake, "a", "2024-02-05", "100", "CNY")
        decided(intake, "b", "2025-01-05", "4024.20", None)
        decided(intake, "c", "2025-01-06", "7008.86", "USD", unit="xj/yining")
        decided(intake, "d", "2025-02-05", "10175.58", "CNY")
        seq = str(decided(intake, "e", "2025-12-31", "1", "CNY", unit="xj/yining"))
        rows = table(daemon, "--from", "2025", "--figure", "paid,complaints", "--min-seq", seq)
        money = {row["currency"]: (row["value"], row["before"], row["year before"]) for row in rows if row["code"] == "paid"}
        assert money == {"": ("4024.20", "0", "0"), "USD": ("7008.86", "0", "0"),
                         "CNY": ("10176.58", "100.00", "100.00")}, money
        other = [row for row in rows if row["code"] == "complaints"]
        assert [(row["value"], row["currency"]) for row in other] == [("4", "")], other
        months = table(daemon, "--from", "2025", "--figure", "paid", "--by", "month")
        assert sum(float(row["paid CNY"]) for row in months) == 10176.58, months
        assert sum(float(row["paid"]) for row in months) == 4024.20, months
        units = {row["group"]: row for row in table(daemon, "--from", "2025", "--figure", "paid", "--by", "unit")}
        assert (units["xj/yining"]["paid USD"], units["xj/yining"]["paid CNY"], units["xj/yining"]["paid"]) == (
            "7008.86", "1.00", "0"), units
        empty = table(daemon, "--from", "2023", "--figure", "paid")
        assert [(row["value"], row["before"], row["currency"]) for row in empty] == [("0", "", "")], empty


def test_a_base_that_was_given_stands_beside_the_first_currency():
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        intake = daemon.intake()
        intake.accept({**event("figure.given", data={"figure": "paid", "as": "base", "period": "2024", "value": "50"}),
                       "time": "2025-01-01T10:00:00+08:00"})
        seq = str(decided(intake, "a", "2025-12-31", "100", "CNY"))
        rows = table(daemon, "--from", "2025", "--figure", "paid", "--min-seq", seq)
        told = [(row["currency"], row["value"], row["year before"], row["change on the year"]) for row in rows]
        assert told == [("CNY", "100.00", "50.00", "1.0000")], told


def test_one_currency_is_no_base_of_another():
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        intake = daemon.intake()
        decided(intake, "a", "2024-02-05", "100", "CNY")
        seq = str(decided(intake, "b", "2025-12-31", "300", "USD"))
        rows = table(daemon, "--from", "2025", "--figure", "paid", "--min-seq", seq)
        told = {row["currency"]: (row["value"], row["year before"], row["change on the year"]) for row in rows}
        assert told == {"USD": ("300.00", "0", ""), "CNY": ("0", "100.00", "")}, told


def test_every_figure_has_its_column():
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        seq = decided(daemon.intake(), "a", "2025-02-05", "100", "CNY")
        desk = daemon.desk()
        desk.reach(seq)
        codes = [row["figure"] for row in desk.rows("figures")]
        rows = table(daemon, "--from", "2025", "--by", "product", "--figure", ",".join(codes))
        assert len(codes) > 64 and len(rows[0]) == len(codes) + 2, (len(codes), len(rows[0]))


def test_texts_are_no_formulas_and_have_no_controls():
    products = {"=1": "'=1", "+1": "'+1", "@x": "'@x", "-1+cmd()": "'-1+cmd()", "-": "-", "a=b": "a=b",
                "\r=1": "'\r=1", "\ufeff=1": "'\ufeff=1", " =1": "' =1", "\uff1d1+1": "'\uff1d1+1",
                "\uff0b1": "'\uff0b1", "\uff0d1": "'\uff0d1", "\uff20x": "'\uff20x", "\t=1": "'\t=1",
                "a\x00b\x1b[31m\u0085": "a?b?[31m?", "寿险": "寿险"}
    with Daemon(args=["--clock", "events"], rules=RULES) as daemon:
        intake = daemon.intake()
        receipts = intake.accept(*({**complaint(f"s{n}", product=product), "time": "2025-02-05T10:00:00+08:00"}
                                   for n, product in enumerate(products)),
                                 {**complaint("none"), "time": "2025-02-05T10:00:00+08:00"},
                                 {**complaint("dash", product="–"), "time": "2025-02-05T10:00:00+08:00"})
        rows = table(daemon, "--from", "2025", "--figure", "complaints", "--by", "product", "--min-seq",
                     str(receipts[-1]["seq"]))
        groups = {row["group"]: row["complaints"] for row in rows}
        assert set(groups) == {*products.values(), "", "–"}, groups  # the group without a name has none
        assert set(groups.values()) == {"1"}, groups


run(globals())
