#!/usr/bin/python3
"""Codes: one value however it is spelled, names to print, what is unknown listed or refused."""
from harness import at, run, unpack
from office import Office, refusal

RULES = """\
  - name: late
    match: {issue: late_payment}
  - name: all
    match: {}
codes:
  issue:
    values:
      late_payment: {name: 赔付慢, regulator: "0312", also: [Late payment, slow_pay]}
      mis_sold: {name: Mis-selling, regulator: "0101"}
  channel: {values: {phone: {}, web: {also: [internet]}}, unknown: reject}
  outcome: {values: {upheld: {name: Right was the customer}}}
alerts: {language: en}
"""


def test_a_spelling_stands_for_its_code():
    with Office(RULES) as office:
        for number, spelled in enumerate(
                ("late_payment", "LATE_PAYMENT", "赔付慢", "late PAYMENT", "ｓｌｏｗ_pay")):
            office.open("02 10:00", f"k-{number}", issue=spelled)
            case = office.case(f"k-{number}")
            assert (case["attributes"]["issue"], case["policy"]) == ("late_payment", "late"), case
        office.open("02 10:00", "m", issue="mis-selling", channel="Internet")
        assert office.case("m")["attributes"]["channel"] == "web"
        office.send("02 10:10", "case.amended", "m", issue="slow_pay")
        assert office.case("m")["policy"] == "late"
        taken = office.desk.call("journal.read", after=1, limit=1, min_seq=office.seq)["rows"][0]
        assert unpack(taken["event"])["data"]["issue"] == "LATE_PAYMENT"  # kept as it came


def test_what_is_unknown_is_counted_and_listed():
    with Office(RULES) as office:
        office.open("02 10:00", "a", issue="rude")
        office.open("02 11:00", "b", issue="rude")
        office.open("02 12:00", "c", issue="Rude staff")
        office.open("02 13:00", "d", issue="mis_sold")
        assert office.case("a")["attributes"]["issue"] == "rude"
        rows = office.desk.call("codes.unknown", min_seq=office.seq)["rows"]
        assert [(row["attribute"], row["value"], row["count"]) for row in rows] == [
            ("issue", "Rude staff", 1), ("issue", "rude", 2)], rows
        assert rows[1]["first"] == at("2026-03-02T10:00:00Z")
        assert rows[1]["last"] == at("2026-03-02T11:00:00Z") and rows[1]["seq"] == 2
        page = office.desk.call("codes.unknown", limit=1, min_seq=office.seq)
        rest = office.desk.call("codes.unknown", after=page["next"], min_seq=office.seq)
        assert len(page["rows"]) == 1 and len(rest["rows"]) == 1 and "next" not in rest
        text = office.daemon.config_path.read_text(encoding="utf-8")
        office.daemon.write_config(text.replace("also: [Late payment, ", "also: [rude, Late payment, "))
        office.daemon.reload()
        rows = office.desk.call("codes.unknown", attribute="issue")["rows"]
        assert [row["value"] for row in rows] == ["Rude staff"], rows


def test_a_thousand_values_are_told_apart_and_no_more():
    with Office(RULES) as office:
        for number in range(1003):
            office.open("02 10:00", f"k-{number}", issue=f"issue {number}")
        rows = office.desk.call("codes.unknown", limit=10000, min_seq=office.seq)["rows"]
        assert len(rows) == 1001 and rows[0]["count"] == 3 and "value" not in rows[0]


def test_an_unknown_value_is_refused_where_the_configuration_says_so():
    with Office(RULES) as office:
        error = office.refuse("02 10:00", "complaint.registered", "k", customer="c", unit="north",
                              channel="phon")
        assert (error["code"], error["field"]) == ("bad_value", "data.channel"), error
        assert "did you mean phone?" in error["message"], error
        assert office.desk.call("status")["open_cases"] == 0


def test_people_read_names():
    with Office(RULES) as office:
        office.open("02 10:00", "a", issue="slow_pay")
        office.open("02 10:00", "b", issue="mis_sold")
        answer = office.desk.call("report", **{"from": "2026-03-01", "to": "2026-03-31"}, by="issue",
                                  figure=["complaints"], min_seq=office.seq)
        names = {row["group"]: row.get("name") for row in answer["rows"]}
        assert names["late_payment"] == "赔付慢" and names["mis_sold"] == "Mis-selling", answer["rows"]
        office.send("02 10:30", "case.assigned", "a", unit="south")
        office.send("02 11:00", "case.decided", "a", outcome="upheld")
        told = [row["title"] for row in office.alerts("a") if row["type"] == "case.outcome"]
        assert len(told) == 1 and "Right was the customer" in told[0], told


def test_what_is_wrong_is_named():
    for codes, wanted in (
            ("isue: {values: {}}", "did you mean issue?"),
            ("issue: {values: {a: {name: X}, b: {also: [x]}}}", '"x" spells both a and b'),
            ("outcome: {values: {uphold: {}}}", "the nearest is upheld"),
            ("issue: {unknown: refuse}", "not one of accept, reject")):
        told = refusal(f"  - {{name: all, match: {{}}}}\ncodes: {{{codes}}}\n")
        assert wanted in told, (told, wanted)


run(globals())
