#!/usr/bin/python3
"""Points from lexicons and a scorecard, and the evidence in their reasons: redress.yaml(5)."""
from harness import Daemon, contact, run

RULES = """\
assessment:
  open_case_at: critical
  lexicons:
    - {code: threat, terms: {lawyer: 15, "~call(ed)? .{0,20}[0-9]{6,}": 10}, cap: 20}
    - {code: open, terms: {"~card [0-9]+": 3}, evidence: full}
    - {code: quiet, terms: {"~my name is [a-z]+": 2}, evidence: none}
  scorecard:
    card:
      scorecard: learned
      base: 5
      cap: 30
      features:
        - {attribute: channel, is: web, points: 12}
        - {attribute: age, from: 60, points: 4}
        - {attribute: attributes.vip, absent: true, points: -3}
        - {word: lawyer, points: 9}
        - {bigram: 投诉, points: 20}
"""


def weigh(intake, subject, **data):
    warning = intake.accept(contact(subject, **data))["warning"]
    return warning["score"], [(r["code"], r["points"], r["detail"]) for r in warning["reasons"]]


def test_reasons_of_lexicons_and_card():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        assert weigh(intake, "a", channel="phone") == (2, [("learned", 2, "attributes.vip absent -3")])
        assert weigh(intake, "b", channel="web", age=61, text="Find me a LAWYER", attributes={"vip": True}) == (
            45, [("learned", 30, "channel web +12, lawyer +9, age >=60 +4"), ("threat", 15, "lawyer")])
        assert weigh(intake, "c", channel="x", text="我要投诉！", attributes={"vip": "no"}) == (
            25, [("learned", 25, "投诉 +20")])
        # at least 0: what speaks against a complaint takes nothing from rules and lexicons
        assert weigh(intake, "d", channel="x", text="card 12 3", attributes={"vip": 1}) == (
            8, [("learned", 5, ""), ("open", 3, "card 12")])


def test_digits_in_evidence_are_masked_as_configured():
    with Daemon(rules=RULES) as daemon:
        intake = daemon.intake()
        told = weigh(intake, "a", channel="x", attributes={"vip": 1},
                     text="I called you on 13800138000; card 6222020111; my name is anna")
        assert told == (20, [("threat", 10, "called you on ****8000"), ("learned", 5, ""),
                             ("open", 3, "card 6222020111"), ("quiet", 2, "")]), told
        told = weigh(intake, "b", channel="x", attributes={"vip": 1}, text="call 123456 lawyer")
        assert told[1][0] == ("threat", 20, "lawyer, call ****3456"), told


run(globals())
