#!/usr/bin/python3
"""Figures: what the engine counts as events come, beside what a person would count of the cases."""
import random

from harness import Daemon, DeskError, complaint, contact, event, run
from reported import figures, on, report

RULES = """\
policies:
  - name: quick
    match: {product: term}
    clocks: [{name: answer, start: received, stop: decided, limit: 2h}]
  - name: default
    match: {}
    clocks: [{name: contact, start: received, stop: customer_contacted, limit: 1d}]
figures:
  small_n: 2
  regulator_channels: ["12378"]
  appraisal: {complaints: 60, decided_in_time: 40}
"""


def daemon(**more):
    return Daemon(args=["--clock", "events"], rules=RULES, **more)


def test_a_daemon_that_has_just_begun_has_an_empty_report():
    with Daemon() as it:
        row = figures(it.desk().call("report"))
        assert row["complaints"]["value"] == 0, row["complaints"]
    with daemon() as it:  # its time comes from events
        it.desk().refuses("not_yet", "report")


def test_no_span_is_too_far():
    edges = ["0001-01-01", "0001", "1899-12-31", "1900", "1900-W01", "2999-12-31", "2999", "3000", "9998",
             "9999-12-31", "9999", "0000", "2021-02-30"]
    with Daemon() as it:
        desk = it.desk()
        for first in edges:
            for last in [None, *edges]:
                for by in (None, "month"):
                    told = {"from": first, **({"to": last} if last else {}), **({"by": by} if by else {})}
                    try:
                        desk.call("report", **told)
                    except DeskError as error:
                        assert error.code in ("bad_params", "gone"), (told, error)
        assert desk.call("report", **{"from": "1900", "to": "2999"})["from"] == "1900-01-01"
    with daemon() as it:
        seq = it.intake().accept(on(complaint("far"), "9999-06-01"))["seq"]
        it.desk().reach(seq)
        it.desk().refuses("bad_params", "report", min_seq=seq)


def test_a_month_is_counted():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept(
            on(complaint("a", product="term", channel="12378"), "2025-03-03"),
            on(event("case.acknowledged", "a", data={"by": "li"}), "2025-03-03", "12:30:00"),
            on(event("case.decided", "a", data={
                "outcome": "upheld", "amount": "100.50", "currency": "CNY", "accommodation": True,
                "paid_for": "refund"}), "2025-03-03", "13:00:00"),
            on(complaint("b", unit="xj/yining", product="unit-linked", age=70), "2025-03-31"),
            on(complaint("c", unit="xj/urumqi/counter1"), "2025-04-01"),
            on(event("case.verified", "a", data={"valid": True, "by": "li"}), "2025-04-02"))
        last = intake.accept(on(event("case.noted", "a", data={"by": "x", "text": "y"}), "2025-04-30"))["seq"]
        answer = report(desk, last, **{"from": "2025-03"})
        assert (answer["from"], answer["to"], answer["period"]) == ("2025-03-01", "2025-03-31", "2025-03")
        assert answer["unit"] == "xj" and answer["stale"] is True, answer
        got = figures(answer)
        assert got["complaints"]["value"] == 2 and got["complaints"]["before"] is None, got["complaints"]
        assert got["complaints"]["change"] is None
        assert got["complaints_regulator"]["value"] == got["complaints_valid"]["value"] == 1
        assert got["complaints_elderly"]["value"] == 1
        assert got["paid_refund"]["value"] == got["paid"]["value"] == {"CNY": "100.50"}, got["paid"]
        assert got["accommodation_share"]["value"] == 5000
        assert (got["accommodation_share"]["top"], got["accommodation_share"]["bottom"]) == (1, 2)
        assert got["decided_in_time"]["value"] == 10000
        assert got["execution"]["value"] is None  # of nothing
        assert 1800 <= got["ack_median"]["value"] <= 1800 * 1.02, got["ack_median"]
        april = figures(report(desk, last, **{"from": "2025-04"}))
        assert april["complaints"]["value"] == 1 and april["complaints"]["before"] == 2
        assert april["complaints"]["change"] == -5000
        span = figures(report(desk, last, **{"from": "2025-03-31", "to": "2025-04-01"}))
        assert span["complaints"]["value"] == 2


def test_groups_add_up_to_the_whole():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        made = random.Random(4)
        units = ["xj/urumqi/d3", "xj/urumqi/counter1", "xj/yining", "xj", "xj/urumqi"]
        sent = [on(complaint(f"s{n}", unit=made.choice(units), channel=made.choice(["phone", "letter"]),
                             **({"product": made.choice("pqr")} if made.random() < 0.7 else {})),
                   f"2025-{made.randint(1, 6):02}-{made.randint(1, 28):02}") for n in range(120)]
        sent.sort(key=lambda one: one["time"])
        last = intake.accept(*sent)[-1]["seq"]
        for by, groups in (("unit", {"xj", "xj/consumer", "xj/urumqi", "xj/yining"}),
                           ("respondent", None), ("month", None), ("product", {"", "p", "q", "r"}),
                           ("channel", {"phone", "letter"}), ("policy", {"default"}), ("seller", {""})):
            answer = report(desk, last, **{"from": "2025", "by": by})
            total = figures(answer)["complaints"]["value"]
            values = {row["group"]: row["values"]["complaints"] for row in answer["rows"]}
            assert sum(values.values()) == total == 120, (by, values)
            assert groups is None or set(values) == groups, (by, values)
        below = report(desk, last, **{"from": "2025", "unit": "xj/urumqi", "by": "unit"})
        whole = report(desk, last, **{"from": "2025", "by": "unit"})
        here = next(row for row in whole["rows"] if row["group"] == "xj/urumqi")
        assert figures(below)["complaints"]["value"] == here["values"]["complaints"]
        assert here["name"] == "Urumqi" and "rank" in here, here


def test_corrections_move_to_where_they_belong():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept(on(complaint("a"), "2025-01-10"), on(complaint("b"), "2025-01-11"))

        def january():
            receipt = intake.accept(on(event("case.noted", "b", data={"by": "x", "text": "y"}), "2025-06-30"))
            return figures(report(desk, receipt["seq"], **{"from": "2025-01"}))

        assert january()["complaints"]["value"] == 2
        intake.accept(event("case.assigned", "a", data={"unit": "xj/yining"}))
        rows = report(desk, 3, **{"from": "2025-01", "by": "respondent"})["rows"]
        assert {r["group"]: r["values"]["complaints"] for r in rows}["xj/urumqi/d3"] == 2
        intake.accept(event("case.verified", "a", data={"valid": True, "by": "x"}))
        assert january()["complaints_valid"]["value"] == 1
        intake.accept(event("case.verified", "a", data={"valid": False, "by": "x"}))
        assert january()["complaints_valid"]["value"] == 0
        intake.accept(event("case.amended", "a", data={"received": "2024-12-30T10:00:00+08:00"}))
        assert january()["complaints"]["value"] == 1
        intake.accept(event("case.merged", "b", data={"into": "a", "reason": "the same"}))
        assert figures(report(desk, intake.accept(event("case.noted", "a", data={"by": "x", "text": "y"}))["seq"],
                              **{"from": "2024-12", "to": "2025-01"}))["complaints"]["value"] == 1


def test_behind_every_cell_stand_its_cases():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        last = intake.accept(
            on(complaint("a", product="p"), "2025-01-10"), on(complaint("b", unit="xj/yining"), "2025-01-11"),
            on(event("case.sanctioned", "a", data={"person": "w", "role": "seller", "measure": "m"}), "2025-02-01"),
            on(event("case.sanctioned", "a", data={"person": "w", "role": "seller", "measure": "m"}), "2025-02-02"),
            on(event("case.sanctioned", "b", data={"person": "z", "role": "manager", "measure": "m"}), "2025-02-02"),
        )[-1]["seq"]
        got = figures(report(desk, last, **{"from": "2025"}))
        assert [got[code]["value"] for code in ("sanctioned", "persons_sanctioned", "sanctioned_sellers",
                                                "persons_sellers", "sanctioned_leaders")] == [3, 2, 2, 1, 1]
        rows = report(desk, last, **{"from": "2025", "cases": "sanctioned"})["rows"]
        assert [(r["subject"], r["count"]) for r in rows] == [("a", 2), ("b", 1)], rows
        rows = report(desk, last, **{"from": "2025", "cases": "complaints", "by": "product", "group": "p"})["rows"]
        assert [r["subject"] for r in rows] == ["a"], rows
        rows = report(desk, last, **{"from": "2025", "cases": "complaints", "unit": "xj/yining"})["rows"]
        assert [(r["subject"], r["date"], r["unit"]) for r in rows] == [("b", "2025-01-11", "xj/yining")]


def test_given_figures_stand_beside():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        last = intake.accept(
            on(complaint("a"), "2025-01-10"), on(complaint("b"), "2025-03-10"),
            on(event("figure.given", data={"figure": "complaints", "as": "base", "period": "2024", "value": 8}), "2025-03-11"),
            on(event("figure.given", data={"figure": "complaints", "as": "base", "period": "2024", "value": 4}), "2025-03-11"),
            on(event("figure.given", data={"figure": "complaints_per_10k", "as": "denominator", "period": "2025", "value": 5000}), "2025-03-11"),
            on(event("figure.given", data={"figure": "branch_rank", "as": "rank", "period": "2025", "value": 3}), "2025-03-11"),
            on(event("figure.given", data={"figure": "branch_rank", "as": "rank", "period": "2024", "value": 5}), "2025-03-11"))[-1]["seq"]
        got = figures(report(desk, last, **{"from": "2025"}))
        assert got["complaints"]["year_before"] == 4 and got["complaints"]["change_year"] == -5000
        assert got["complaints_per_10k"]["value"] == 400, got["complaints_per_10k"]  # 4.00
        assert got["branch_rank"]["rank"] == "3.00" and got["branch_rank"]["rank_before"] == "5.00"


CONTACTS = """\
assessment:
  levels: {watch: 10, high: 60, critical: 90}
  open_case_at: high
  follow_up: 10d
  rules:
    - {code: angry, match: {channel: angry}, points: 60}
    - {code: cold, match: {channel: cold}, points: 10}
policies: [{name: default, match: {}}]
supervision: {daily_report: {by: "17:00", owed_by: ["xj/yining"]}}
"""
OUTCOMES = ("contacts", "warned", "complained_acted", "complained_idle", "relapsed", "preempted_gross",
            "preempted_net", "tended", "quiet", "contacts_open")


def test_what_became_of_first_contacts():
    def call(subject, day, channel="angry"):
        return on(contact(subject, channel=channel, customer=f"C{subject}"), day)

    def complains(subject, day):
        return on(complaint("x" + subject, customer=f"C{subject}", channel="post"), day)

    with Daemon(args=["--clock", "events"], rules=CONTACTS) as it:
        intake, desk = it.intake(), it.desk()
        by = {"by": "li"}
        for one in (
                call("a", "2025-03-03"), call("b", "2025-03-03"), call("c", "2025-03-03"),
                call("d", "2025-03-03"), call("e", "2025-03-03"), call("f", "2025-03-03", "cold"),
                call("g", "2025-03-03", "post"), call("h", "2025-03-03"),
                on(event("case.defused", "a", data={**by, "measure": "refund"}), "2025-03-04"),
                on(event("case.defused", "b", data={**by, "measure": "refund"}), "2025-03-04"),
                on(event("case.acknowledged", "c", data=by), "2025-03-04"),
                on(event("case.acknowledged", "d", data=by), "2025-03-04"),
                on(event("case.customer_contacted", "h", data=by), "2025-03-04"),
                on(event("case.closed", "h", data={"resolution": "fine"}), "2025-03-04"),
                complains("b", "2025-03-05"), complains("d", "2025-03-05"), complains("e", "2025-03-05"),
                complains("g", "2025-03-05")):
            seq = intake.accept(one)["seq"]

        def got():
            row = figures(report(desk, seq, **{"from": "2025-03"}))
            return [row[code]["value"] for code in OUTCOMES], row

        values, row = got()
        assert values == [8, 7, 2, 2, 1, 1, 0, 0, 0, 4], values  # a c f h are followed up still
        seq = intake.accept(complains("late", "2025-03-20"))["seq"]
        values, row = got()
        # d acted on, e and g not; b relapsed; a and h pre-empted; c tended; f quiet
        assert values == [8, 7, 2, 2, 1, 3, 2, 1, 1, 0], values
        assert row["warning_precision"]["top"] == 5 and row["warning_precision"]["bottom"] == 6, row
        assert (row["warning_recall"]["top"], row["warning_recall"]["bottom"]) == (5, 6), row
        assert row["complained_share_acted"]["value"] == 4000, row["complained_share_acted"]
        rows = report(desk, seq, **{"from": "2025-03", "cases": "preempted_net"})["rows"]
        assert [r["subject"] for r in rows] == ["a", "h"], rows


def test_contracts_and_reports():
    with Daemon(args=["--clock", "events"], rules=CONTACTS) as it:
        intake, desk = it.intake(), it.desk()

        def screened(contract, risk, round, day, unit="xj/yining"):
            return on(event("contract.screened", data={
                "contract": contract, "risk": risk, "round": round, "unit": unit}), day)

        def reports(day, clock):
            return on(event("unit.reported", data={
                "unit": "xj/yining", "date": day, "opened": 0, "closed": 0, "open": 0}), day, clock)

        for one in (screened("k1", "high", "r1", "2025-03-03"), screened("k2", "none", "r1", "2025-03-03"),
                    screened("k1", "none", "r1", "2025-03-04"),  # replaces
                    screened("k2", "watch", "r2", "2025-03-04", "xj/consumer"),
                    screened("k3", "high", "r1", "2025-03-04"), screened("k4", "high", "r1", "2025-03-04"),
                    on(event("contract.cleared", data={"contract": "k3", "by": "li", "measure": "m"}), "2025-03-04", "13:00:00"),
                    reports("2025-03-04", "16:00:00"), reports("2025-03-05", "18:00:00"),
                    on(complaint("later"), "2025-03-06", "20:00:00")):
            seq = intake.accept(one)["seq"]
        row = figures(report(desk, seq, **{"from": "2025-03"}))
        assert [row[code]["value"] for code in ("screened", "at_risk", "cleared")] == [5, 3, 1], row["screened"]
        for data, code in (({"contract": "k9"}, "unknown_case"), ({"contract": "k4", "round": "r9"}, "unknown_case"),
                           ({"contract": "k1"}, "illegal_transition"), ({"contract": "k3"}, "illegal_transition")):
            refused = intake.send(on(event("contract.cleared", data={"by": "li", "measure": "m", **data}), "2025-03-06"))
            assert refused["error"]["code"] == code, refused
        # owed on Monday 3 (missing), 4 (in time), 5 (late), 6 (missing)
        assert [row[code]["value"] for code in ("reports_owed", "reports", "reports_late", "reports_in")] == \
            [4, 2, 1, 5000], row["reports_owed"]


def test_a_unit_that_is_gone_keeps_what_it_counted():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        intake.accept(on(complaint("a", unit="xj/yining"), "2025-03-03"), on(complaint("b"), "2025-03-03"),
                      on(event("case.closed", "a", data={"resolution": "done"}), "2025-03-04"))
        text = (it.folder / "redress.yaml").read_text(encoding="utf-8")
        gone = "    - {id: yining, name: Yining}\n"
        assert gone in text, text
        it.write_config(text.replace(gone, ""))
        it.reload()
        last = intake.accept(on(complaint("c"), "2025-03-05"))["seq"]
        answer = report(desk, last, **{"from": "2025-03", "by": "unit"})
        rows = {row["group"]: row for row in answer["rows"]}
        assert rows["xj/yining"]["gone"] is True and rows["xj/yining"]["values"]["complaints"] == 1, rows
        assert sum(row["values"]["complaints"] for row in rows.values()) == 3
        assert figures(answer)["complaints"]["value"] == 3


def test_a_span_without_anything():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        last = intake.accept(on(complaint("a"), "2025-03-03"))["seq"]
        for span in ({"from": "2019"}, {"from": "2031"}, {"from": "2024-02-29"}):
            row = figures(report(desk, last, **span))
            assert row["complaints"]["value"] == 0 and row["complaints"]["change"] is None, span
            assert row["valid_share"]["value"] is None and row["ack_median"]["value"] is None, span
            assert row["paid"]["value"] == {} and row["complaints_per_10k"]["value"] is None, span
        nothing_before = figures(report(desk, last, **{"from": "2025-03-03"}))["complaints"]
        assert nothing_before["before"] is None and nothing_before["change"] is None, nothing_before
        months = report(desk, last, **{"from": "2025-01", "to": "2025-03", "by": "month"})["rows"]
        assert [(row["group"], row["values"]["complaints"]) for row in months] == \
            [("2025-01", 0), ("2025-02", 0), ("2025-03", 1)], months


def test_what_is_asked_wrongly_is_told():
    with daemon() as it:
        intake, desk = it.intake(), it.desk()
        last = intake.accept(on(complaint("a"), "2025-01-01"))["seq"]
        desk.reach(last)
        for params in ({"from": "2025-13"}, {"from": "last year"}, {"by": "colour"}, {"cases": "complants"},
                       {"figure": ["complaint"]}, {"from": "2025", "to": "2024"}, {"unit": "xj/nowhere"},
                       {"cases": "complaints", "group": "p"}, {"cases": "contacts"}):
            desk.refuses("bad_params", "report", min_seq=last, **params)
        assert any(row["figure"] == "mediated" and row["means"] for row in desk.rows("figures"))
        one = desk.call("figures", figure="mediated", lang="zh-CN")["rows"]
        assert [row["name"] for row in one] == ["调解"], one


def test_nobody_has_points_for_having_none():
    rules = RULES.replace("{complaints: 60, decided_in_time: 40}", "{mediated: 60, complaints_valid: 40}")
    assert rules != RULES
    with Daemon(args=["--clock", "events"], rules=rules) as it:
        intake, desk = it.intake(), it.desk()
        units = ("xj/urumqi/d3", "xj/yining")
        last = intake.accept(*(on(complaint(f"s{n}", unit=units[n % 2]), "2025-03-03") for n in range(4)))[-1]["seq"]

        def points(seq):
            rows = report(desk, seq, **{"from": "2025", "by": "respondent", "figure": ["appraisal"]})["rows"]
            return {row["group"]: row["values"]["appraisal"] for row in rows if row["group"] in units}
        assert points(last) == {unit: 4000 for unit in units}, points(last)  # none is valid: that is the best
        last = intake.accept(on(event("case.mediation_called", "s0", data={"body": "b"}), "2025-03-04"),
                             on(event("case.mediation_accepted", "s0", data={"by": "body"}), "2025-03-05"))[-1]["seq"]
        assert points(last) == {"xj/urumqi/d3": 10000, "xj/yining": 4000}, points(last)
        last = intake.accept(on(event("case.mediation_called", "s1", data={"body": "b"}), "2025-03-04"),
                             on(event("case.mediation_accepted", "s1", data={"by": "body"}), "2025-03-05"))[-1]["seq"]
        assert points(last) == {unit: 10000 for unit in units}, points(last)


run(globals())
