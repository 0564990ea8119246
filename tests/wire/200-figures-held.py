#!/usr/bin/python3
"""Figures that a trial found wrong or unlike their definitions: each beside what it must be."""
from harness import Daemon, complaint, event, run
from reported import figures, on, report

RULES = """\
policies:
  - name: lasting
    match: {product: term}
    clocks: [{name: answer, stop: decided, limit: 2h, statutory: true, outlives_close: true}]
  - name: default
    match: {}
    clocks: [{name: answer, stop: decided, limit: 2h}]
"""
OVERDUE = ("overdue_0_1", "overdue_2_5", "overdue_6_15", "overdue_over_15")


def daemon():
    return Daemon(args=["--clock", "events"], rules=RULES)


def values(answer, *codes):
    got = figures(answer)
    return [got[code]["value"] for code in codes]


def behind(desk, seq, code, **params):
    return [row["subject"] for row in report(desk, seq, cases=code, **params)["rows"]]


def test_only_what_is_open_is_overdue():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        last = intake.accept(
            on(complaint("old"), "2025-01-06"), on(complaint("ended"), "2025-01-06"),
            on(complaint("lasting", product="term"), "2025-01-06"), on(complaint("gone"), "2025-03-03"),
            on(complaint("week"), "2025-03-05"), on(complaint("new"), "2025-03-12", "09:00:00"),
            on(event("case.closed", "ended", data={"resolution": "done"}), "2025-03-12"),
            on(event("case.closed", "lasting", data={"resolution": "done"}), "2025-03-12"),
            on(event("case.withdrawn", "gone", data={"by": "li", "reason": "asked to"}), "2025-03-12"),
            on(event("case.noted", "new", data={"by": "li", "text": "x"}), "2025-03-12", "18:00:00"))[-1]["seq"]
        assert values(report(desk, last, **{"from": "2025"}), *OVERDUE) == [1, 1, 0, 2]
        listed = {row["subject"] for row in desk.rows("case.list", overdue=True, min_seq=last)}
        told = [behind(desk, last, code, **{"from": "2025"}) for code in OVERDUE]
        assert told == [["new"], ["week"], [], ["old", "lasting"]], told
        assert listed | {"lasting"} == {subject for part in told for subject in part}, listed
        last = intake.accept(on(event("case.reopened", "ended", data={"reason": "again"}), "2025-03-12", "18:30:00"))["seq"]
        assert "ended" in behind(desk, last, "overdue_over_15", **{"from": "2025"})


def test_what_is_overdue_now_is_compared_with_nothing():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        last = intake.accept(on(complaint("a"), "2025-01-06"), on(complaint("b"), "2025-03-12"))[-1]["seq"]
        for span in ("1999", "2024", "2025"):
            row = figures(report(desk, last, **{"from": span}))["overdue_over_15"]
            assert row["value"] == 1, row
            assert [row[key] for key in ("before", "change", "year_before", "change_year")] == [None] * 4, row
        means = desk.call("figures", figure="overdue_over_15")["rows"][0]
        assert "whatever its span" in means["means"] and means["date"] == "at the moment", means


def mediation(intake, day, what, **data):
    return intake.accept(on(event(f"case.mediation_{what}", "a", data=data), day))["seq"]


def test_a_mediation_called_again_is_called_twice():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept(on(complaint("a"), "2025-01-06"))
        mediation(intake, "2025-02-04", "called", body="m")
        mediation(intake, "2025-02-05", "declined", by="firm")
        mediation(intake, "2025-08-01", "called", body="m")
        last = mediation(intake, "2025-08-02", "accepted", by="body")
        codes = ("mediation_called", "attendance", "mediated")
        assert values(report(desk, last, **{"from": "2025-H1"}), *codes) == [1, 0, 0]
        assert values(report(desk, last, **{"from": "2025"}), *codes) == [2, 5000, 1]
        one = figures(report(desk, last, **{"from": "2025"}))["attendance"]
        assert (one["top"], one["bottom"]) == (1, 2), one
        rows = report(desk, last, **{"from": "2025", "cases": "mediation_called"})["rows"]
        assert [(row["subject"], row["count"]) for row in rows] == [("a", 2)], rows


def test_what_a_customer_declined_is_no_fault_of_the_firm():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept(on(complaint("a"), "2025-01-06"))
        mediation(intake, "2025-02-04", "called", body="m")
        last = mediation(intake, "2025-02-05", "declined", by="customer")
        row = figures(report(desk, last, **{"from": "2025"}))["attendance"]
        assert (row["value"], row["top"], row["bottom"]) == (None, 0, 0), row  # of nothing
        mediation(intake, "2025-02-06", "called", body="m")
        last = mediation(intake, "2025-02-07", "declined", by="firm")
        row = figures(report(desk, last, **{"from": "2025"}))["attendance"]
        assert (row["value"], row["top"], row["bottom"]) == (0, 0, 1), row


def test_a_letter_reopens_too():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept(
            on(complaint("a"), "2025-01-06"), on(complaint("b"), "2025-01-06"),
            on(event("case.closed", "a", data={"resolution": "done"}), "2025-01-07"),
            on(event("case.forwarded", "a", data={"body": "NFRA", "ref": "1"}), "2025-02-03"),
            on(event("case.forwarded", "b", data={"body": "NFRA", "ref": "2"}), "2025-02-03"))
        last = intake.accept(on(event("case.noted", "a", data={"by": "x", "text": "y"}), "2025-02-04"))["seq"]
        assert values(report(desk, last, **{"from": "2025-02"}), "reopened") == [1]  # b was open
        assert desk.call("case.get", subject="a")["reopened"] == 1


def test_a_span_that_is_not_over_is_compared_with_as_much_of_others():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        days = ["2024-01-10", "2024-02-10", "2024-11-10", "2025-01-10", "2025-02-01"]
        last = intake.accept(*(on(complaint(f"s{n}"), day) for n, day in enumerate(days)))[-1]["seq"]
        answer = report(desk, last, **{"from": "2025"})
        row = figures(answer)["complaints"]
        assert (row["value"], row["before"], row["year_before"]) == (2, 1, 1), row
        assert answer["so_far"] == "2025-02-01" and answer["to"] == "2025-12-31", answer
        answer = report(desk, last, **{"from": "2025-02"})  # one day of it: beside the first of January
        assert figures(answer)["complaints"]["before"] is None  # nothing on the first of January
        whole = report(desk, last, **{"from": "2024"})
        assert "so_far" not in whole and figures(whole)["complaints"]["value"] == 3


def test_a_span_that_has_not_begun_has_no_change():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        given = {"figure": "closed", "as": "base", "period": "2025", "value": 7}
        last = intake.accept(
            on(complaint("a"), "2025-01-10"), on(event("figure.given", data=given), "2025-01-10"),
            on(complaint("b"), "2025-02-10"))[-1]["seq"]
        for span in ("2026", "2025-03", "2025-Q2", "2025-02-11"):
            answer = report(desk, last, **{"from": span})
            row = figures(answer)["complaints"]
            assert answer["not_begun"] is True and "so_far" not in answer, answer
            assert row["value"] == 0, row
            assert [row[key] for key in ("before", "change", "year_before", "change_year")] == [None] * 4, row
        row = figures(report(desk, last, **{"from": "2026"}))["closed"]
        assert (row["year_before"], row["change_year"]) == (7, None), row  # shown, as it was given
        begun = report(desk, last, **{"from": "2025-02-10", "to": "2025-03"})
        assert "not_begun" not in begun and begun["so_far"] == "2025-02-10", begun


def test_the_first_days_of_a_year_beside_those_of_a_leap_year():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        days = ("2024-03-21", "2024-03-22", "2024-03-23", "2025-03-22")
        last = intake.accept(*(on(complaint(f"s{n}"), day) for n, day in enumerate(days)))[-1]["seq"]
        row = figures(report(desk, last, **{"from": "2025"}))["complaints"]
        assert (row["value"], row["before"], row["year_before"]) == (1, 2, 2), row  # to the 22nd of March


def test_behind_the_group_without_a_name_and_behind_money():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        decided = {"outcome": "upheld", "paid_for": "refund"}
        last = intake.accept(
            on(complaint("a", seller="s"), "2025-01-06"), on(complaint("b"), "2025-01-06"),
            on(event("case.decided", "a", data={**decided, "amount": "99", "currency": "CNY"}), "2025-01-07"),
            on(event("case.decided", "b", data={**decided, "amount": "99", "currency": "USD"}), "2025-01-07"))[-1]["seq"]
        assert behind(desk, last, "complaints", **{"from": "2025", "by": "seller", "group": ""}) == ["b"]
        assert behind(desk, last, "complaints", **{"from": "2025", "by": "seller", "group": "s"}) == ["a"]
        rows = report(desk, last, **{"from": "2025", "cases": "paid"})["rows"]
        assert [(row["amount"], row["currency"]) for row in rows] == [("99.00", "CNY"), ("99.00", "USD")], rows
        told = desk.refuses("bad_params", "report", min_seq=last, cases="warned")
        assert "redressctl contacts" in str(told), told


def test_a_unit_dissolved_in_mid_year():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept(on(complaint("a", unit="xj/yining"), "2025-03-03"), on(complaint("b"), "2025-03-03"),
                      on(event("case.closed", "a", data={"resolution": "done"}), "2025-03-04"))
        text = (it.folder / "redress.yaml").read_text(encoding="utf-8")
        it.write_config(text.replace("    - {id: yining, name: Yining}\n", ""))
        it.reload()
        last = intake.accept(on(complaint("c"), "2025-08-05"))["seq"]
        for span, sums in (("2025-H1", (2, 1)), ("2025-H2", (1, 0)), ("2025", (3, 1)), ("2024", (0, 0))):
            answer = report(desk, last, **{"from": span, "by": "unit"})
            rows = {row["group"]: row["values"]["complaints"] for row in answer["rows"]}
            assert (sum(rows.values()), rows.get("xj/yining", 0)) == sums, (span, rows)
            assert figures(answer)["complaints"]["value"] == sums[0]
        alone = figures(report(desk, last, **{"from": "2025", "unit": "xj/yining"}))
        assert (alone["complaints"]["value"], alone["closed"]["value"]) == (1, 1), alone["complaints"]


def test_who_is_complained_of_stays_though_the_unit_moved():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept(on(complaint("a", unit="xj/yining"), "2025-03-03"))
        text = (it.folder / "redress.yaml").read_text(encoding="utf-8")
        it.write_config(text.replace("name: Yining}", "name: Yining, moved_to: xj/urumqi}"))
        it.reload()
        last = intake.accept(on(complaint("b", unit="xj/yining"), "2025-03-04"),
                             on(complaint("c", unit="xj", respondent="xj/yining"), "2025-03-04"))[-1]["seq"]
        rows = report(desk, last, **{"from": "2025", "by": "unit", "figure": ["complaints"]})["rows"]
        told = {row["group"]: (row["name"], row["values"]["complaints"]) for row in rows}
        assert told["xj/yining"] == ("Yining", 2) and told["xj/urumqi"] == ("Urumqi", 1), told
        assert behind(desk, last, "complaints", **{"from": "2025", "unit": "xj/yining"}) == ["a", "c"]


def test_zero_denominators_and_a_year_without_data():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        last = intake.accept(on(complaint("a"), "2025-03-03"), on(event("figure.given", data={
            "figure": "complaints_per_10k", "as": "denominator", "period": "2025", "value": 0}), "2025-03-03"))[-1]["seq"]
        for span in ("2025", "2019", "2025-03-01"):
            for row in report(desk, last, **{"from": span})["figures"]:
                if row["measure"] == "share" and row["bottom"] == 0:
                    assert row["value"] is None and row["change"] is None, row
                if row["figure"] == "complaints_per_10k":
                    assert row["value"] is None, row
        row = figures(report(desk, last, **{"from": "2025"}))["valid_share"]
        assert (row["value"], row["top"], row["bottom"]) == (0, 0, 1), row  # none of one is a share
        assert all(row["value"] in (0, None, {}) for row in report(desk, last, **{"from": "2019"})["figures"]
                   if row["figure"] not in OVERDUE)


def test_a_year_of_birth_corrects_an_age():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        codes = ("complaints_elderly",)
        last = intake.accept(on(complaint("a", age=30), "2025-03-03"), on(complaint("b", age=70), "2025-03-03"))[-1]["seq"]
        assert values(report(desk, last, **{"from": "2025"}), *codes) == [1]
        last = intake.accept(on(event("case.amended", "a", data={"birth_year": 1940}), "2025-03-04"))["seq"]
        assert values(report(desk, last, **{"from": "2025"}), *codes) == [2]
        assert "age" not in desk.call("case.get", subject="a")["attributes"]
        last = intake.accept(on(event("case.amended", "b", data={"birth_year": 1940, "age": 40}), "2025-03-04"))["seq"]
        assert values(report(desk, last, **{"from": "2025"}), *codes) == [1]  # of both the age
        last = intake.accept(on(event("case.amended", "a", data={"age": 59}), "2025-03-05"))["seq"]
        assert values(report(desk, last, **{"from": "2025"}), *codes) == [0]


def test_what_is_given_is_checked():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        good = {"figure": "complaints", "as": "base", "period": "2024", "value": 8}
        for changed, field in (
                ({"period": "last year"}, "data.period"), ({"period": "2025-13"}, "data.period"),
                ({"period": "2025-02-30"}, "data.period"), ({"figure": "comlaints"}, "data.figure"),
                ({"value": "8.50"}, "data.value"), ({"figure": "valid_share", "value": "0.90"}, "data.value"),
                ({"figure": "decide_median", "value": "0.50"}, "data.value"), ({"as": "rank", "value": 0}, "data.value"),
                ({"figure": "complaints_per_10k", "as": "denominator", "value": -1}, "data.value"),
                ({"as": "denominator"}, "data.as"), ({"figure": "valid_share", "as": "denominator"}, "data.as"),
                ({"value": -5}, "data.value"), ({"as": "target", "value": -5}, "data.value"),
                ({"figure": "valid_share", "as": "target", "value": -1}, "data.value"),
                ({"figure": "valid_share", "as": "target", "value": 10001}, "data.value"),
                ({"figure": "decide_median", "as": "target", "value": -1}, "data.value"),
                ({"figure": "complaints_per_10k", "value": -1}, "data.value"),
                ({"figure": "appraisal", "as": "target", "value": -1}, "data.value")):
            refused = intake.send(on(event("figure.given", data={**good, **changed}), "2025-01-06"))
            assert (refused["error"]["code"], refused["error"]["field"]) == ("bad_value", field), (changed, refused)
        last = intake.accept(
            on(complaint("a"), "2025-01-06"),
            on(event("figure.given", data={**good, "figure": "valid_share", "value": 2500}), "2025-01-06"),
            on(event("figure.given", data={**good, "figure": "paid", "value": "99.50"}), "2025-01-06"),
            on(event("figure.given", data={**good, "figure": "regional_rank", "as": "rank", "value": 3}), "2025-01-06"))[-1]["seq"]
        got = figures(report(desk, last, **{"from": "2025"}))
        assert (got["valid_share"]["year_before"], got["valid_share"]["change_year"]) == (2500, -2500), got["valid_share"]
        assert got["regional_rank"]["rank_before"] == "3.00", got["regional_rank"]
        last = intake.accept(
            on(event("figure.given", data={**good, "figure": "valid_share", "as": "target", "value": 10000}), "2025-01-06"),
            on(event("figure.given", data={"figure": "premium", "as": "base", "period": "always", "value": "-3.5"}),
               "2025-01-06"))[-1]["seq"]
        assert "premium" not in figures(report(desk, last, **{"from": "2024"}))  # nothing of it was given for that span
        assert "regional_rank" not in figures(report(desk, last, **{"from": "2023"}))
        assert figures(report(desk, last, **{"from": "2024"}))["valid_share"]["target"] == "10000.00"
        one = report(desk, last, **{"from": "2024", "figure": "premium"})["figures"]
        assert [row["figure"] for row in one] == ["premium"], one  # asked for, it is shown
        one = report(desk, last, **{"from": "2024", "figure": "regional_rank"})["figures"]
        assert [(row["figure"], row["rank"]) for row in one] == [("regional_rank", "3.00")], one


run(globals())
