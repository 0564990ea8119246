#!/usr/bin/python3
"""What is asked for in vain, or in another way than it is meant, is told."""
import subprocess

from harness import run, tool
from office import Office, notes

RULES = "  - {name: all, match: {}}\n"


def ctl(office, *words):
    """redressctl at this office: (exit status, what it prints, what it tells)."""
    done = subprocess.run([tool("redressctl"), *words, "--min-seq", str(office.seq)]
                          if words[0] != "event" else [tool("redressctl"), *words],
                          capture_output=True, text=True, timeout=60, env={
                              "REDRESS_RUN": str(office.daemon.folder), "TZ": "UTC", "USER": "li",
                              "PATH": "/usr/bin:/bin"})
    return done.returncode, done.stdout, done.stderr


def test_an_amendment_moves_no_case_and_says_so():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        told = office.send("02 10:01", "case.amended", "k", unit="south", product="loan")
        assert told["ignored"] == ["data.unit"], told
        assert "ignored" not in office.send("02 10:02", "case.amended", "k", respondent="south")
        case = office.case("k")
        assert case["unit"] == "firm/north" and case["attributes"]["product"] == "loan", case
        assert case["respondent"] == "firm/south"


def test_a_reason_that_no_case_is_paused_for_is_told_beside_those_that_there_are():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        office.open("02 10:00", "other")
        assert ctl(office, "cases", "--paused", "appraisel")[2] == ""  # nothing to tell
        office.send("02 10:01", "case.paused", "k", reason="appraisal")
        office.send("02 10:01", "case.paused", "k", reason="customer")
        office.send("02 10:01", "case.paused", "other", reason="customer")
        status, rows, told = ctl(office, "cases", "--paused", "appraisel")
        assert status == 0 and len(rows.splitlines()) == 1, rows
        assert "did you mean appraisal?" in told and "appraisal, customer" in told, told
        status, rows, told = ctl(office, "cases", "--paused", "customer")
        assert told == "" and len(rows.splitlines()) == 3 and "appraisal, customer" in rows, rows
        rows = office.desk.call("case.list", min_seq=office.seq)["rows"]
        assert [row["paused_for"] for row in rows] == [["appraisal", "customer"], ["customer"]]
        office.send("02 10:02", "case.resumed", "other", reason="customer")
        rows = office.desk.call("case.list", min_seq=office.seq)["rows"]
        assert "paused_for" not in rows[1], rows


CLOCK = "{name: k, limit: 2d,"
NEVER = {
    'match: {unit: north}': "no unit has this path",
    'match: {unit: firm/north}': None,
    'match: {respondent: [firm, "~^firm/", firm/west]}': 'respondent[2]: "firm/west": no unit',
    'match: {regulator: "true"}': "it is true or false, without quotes",
    'match: {valid: true, regulator: false}': None,
    'match: {outcome: [upheld, won]}': '"won" fits no case: it is one of upheld, partly_upheld',
    'match: {outcome: "!upheld", contract.screened: [watch, high]}': None,
    'match: {contract.screened: low}': "it is one of none, watch, high",
    f'match: {{channel: web}}, clocks: [{CLOCK} start: decided, stop: received}}]': "never comes after the clock",
    f'match: {{channel: web}}, clocks: [{CLOCK} stop: decided, start: "attribute: text"}}]': '"text" is never a time',
    f'match: {{channel: web}}, clocks: [{CLOCK} stop: decided, start: "attribute: answer_by"}}]': None,
    'match: {channel: web}, clocks: [{name: k, due: product, stop: decided}]': '"product" is never a time',
    'match: {channel: web}, clocks: [{name: k, due: answer_by, stop: decided, pause_reasons: [a]}]': "no pause moves",
    f'match: {{kind: complaint}}, clocks: [{CLOCK} stop: decided, when: {{kind: contact}}}}]': "this clock never starts",
    f'match: {{kind: complaint}}, clocks: [{CLOCK} stop: decided, when: {{kind: complaint}}}}]': None,
    f'match: {{channel: web}}, clocks: [{CLOCK} stop: decided, reminders: [{{before: 3d}}]}}]': "such a reminder never comes",
    f'match: {{channel: web}}, clocks: [{CLOCK} stop: decided, reminders: [{{before: 2d}}]}}]': None,
    'match: {channel: web}, ladder: {rungs: [{after: 1bd, notify: unit}, {after: 2h, notify: parent}]}': "before rung 1",
    'match: {channel: web}, ladder: {rungs: [{after: 2bd, notify: unit}, {after: 3d, notify: parent}]}': None,
    'match: {channel: web}, ladder: {rungs: [{after: 1bd, notify: unit}, {after: 30h, notify: parent}]}': None,
}


def test_what_no_case_ever_fits_is_noted():
    for policy, wanted in NEVER.items():
        said = notes(f"  - {{name: one, {policy}}}\n  - {{name: rest, match: {{}}}}\n")
        told = [line for line in said.splitlines() if ": policies[0]." in line]
        assert len(told) == (1 if wanted else 0) and (wanted or "") in said, (policy, said)
    said = notes("  - {name: rest, match: {}}\nclocks: [{name: k, match: {kind: contact, unit: west},"
                 " start: decided, stop: closed, limit: 1d}]\n")
    assert "clocks[0].match.unit: \"west\"" in said and "never comes to a contact" in said, said


def test_event_types_in_words():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        office.send("02 10:01", "case.paused", "k", reason="appraisal")
        for lang, words in (("zh-CN", ("登记投诉", "暂停计时")), ("en", ("complaint registered", "paused"))):
            status, rows, told = ctl(office, "journal", "--lang", lang)
            assert status == 0 and all(one in rows for one in words), (rows, told)
        assert "complaint.registered" in ctl(office, "journal")[1]
        office.refuse("02 10:02", "case.paused", "k", reason="appraisal")
        assert "暂停计时" in ctl(office, "dead", "list", "--lang", "zh-CN")[1]


FIELDS = "{seq}|{supersedes}|{skipped}|{repeated}|{provisional}|{grouped}|{rung}|{unit}"
NAME = "\u540d" * 64  # as long as a name may be


def test_titles_have_each_number_of_their_alert():
    rules = f"""\
  - name: all
    match: {{}}
    clocks: [{{name: k, limit: 1h, stop: decided, on_breach: {{repeat: {{every: 1h}}}}}}]
    ladder:
      rungs:
        - {{name: {NAME}, title: "{FIELDS}", notify: [unit], ack_within: 8h, renotify: {{every: 2h, times: 1}}}}
rosters: {{night: {{name: {NAME}, calendar: office, hand_over: opening, first: 2026-01-05, turns: [north]}}}}
alerts: {{titles: {{clock.breach: "{FIELDS}"}}}}
"""
    with Office(rules) as office:
        office.open("02 10:00", "k")
        office.until("02 12:30")
        titles = [row["title"] for row in office.alerts("k")]
        assert titles == ["1||||||1|north", "2|||||||north", "3|2||1||||north", "4|1|||||1|north"], titles


def test_what_is_read_aloud_in_chinese_has_words_and_days():
    rules = """\
  - name: all
    match: {}
    pause_limits: {"*": 1d}
    ladder: {rungs: [{notify: [unit], ack_within: 90h}]}
supervision: {unread: {after: 2h}}
alerts: {language: zh-CN}
"""
    with Office(rules) as office:
        office.open("02 10:00", "k")
        office.send("02 10:05", "case.mediation_accepted", "k", by="body")
        office.until("04 12:30")
        titles = {row["type"]: row["title"] for row in office.alerts()}
        assert titles["unit.unread"].startswith("north自3月2日10:00起无人确认预警"), titles
        assert "（调解）" in titles["case.pause_long"], titles


def test_today_is_the_daemons_where_time_comes_from_events():
    rules = """\
  - name: all
    match: {}
    clocks: [{code: talk, name: call back, limit: 2h, stop: decided}]
"""
    with Office(rules) as office:
        office.open("02 10:00", "k", handler="li")
        office.until("02 13:00")
        for words in (["today"], ["cases", "--due", "today"], ["overdue"], ["mine"]):
            status, rows, told = ctl(office, *words)
            assert status == 0 and len(rows.splitlines()) == 2, (words, rows, told)
            assert words[0] == "cases" or "call back" in rows, rows
        assert len(ctl(office, "cases", "--due", "tomorrow")[1].splitlines()) == 1


def test_by_is_the_side_of_a_mediation_where_it_is_given():
    with Office(RULES) as office:
        office.open("02 10:00", "k")
        words = ["event", "case.mediation_accepted", "--subject", "k", "--time", "2026-03-02T10:00:00Z"]
        status, out, _ = ctl(office, *words)
        assert status == 2 and 'needs "by"' in out, out  # who runs the command is no side
        status, _, told = ctl(office, *words, "--by", "bodi")
        assert status == 1 and "did you mean body?" in told, told
        status, out, told = ctl(office, *words, "--by", "body")
        assert status == 0 and "accepted" in out, out + told


if __name__ == "__main__":
    run(globals())
