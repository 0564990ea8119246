#!/usr/bin/python3
"""What a reason tells stands in the language of the titles, coded values by their names; a duty's
title is text."""
import office
from harness import Daemon, run

OFFICE = """\
units:
  id: firm
  calendar: office
  units: [{id: north}]
calendars:
  office: {timezone: UTC, hours: [{days: mon-fri, open: ["09:00-17:00"]}]}
assessment:
  rules:
    - {code: old, match: {age: ">=60"}, points: 10}
    - {code: press, match: {channel: [press]}, points: 10}
    - {code: slow, match: {issue: late_payment}, points: 10}
  windows: [{code: often, key: customer, types: [contact.received], days: 7, count: 2, points: 5}]
policies: [{name: all, match: {}}]
codes: {issue: {values: {late_payment: {name: 赔付慢}}}, channel: {values: {press: {name: 媒体}}}}
alerts: {language: LANGUAGE}
"""


class Office(office.Office):
    def __init__(self, language):
        self.daemon = Daemon(start=False, args=["--clock", "events"], units="",
                             rules=OFFICE.replace("LANGUAGE", language))
        self.seq = 0

    def details(self):
        for minute in ("00", "01"):
            receipt = self.send(f"02 10:{minute}", "contact.received", f"call-{minute}", customer="c",
                                channel="press", unit="north", age=67, issue="赔付慢")
        return {one["code"]: one["detail"] for one in receipt["warning"]["reasons"]}


def test_in_chinese():
    with Office("zh-CN") as office_:
        assert office_.details() == {"old": "年龄 67", "press": "渠道 媒体", "slow": "投诉事由 赔付慢",
                                     "often": "7 天内 2 次"}


def test_in_english():
    with Office("en") as office_:
        assert office_.details() == {"old": "age 67", "press": "channel 媒体", "slow": "issue 赔付慢",
                                     "often": "2 in 7 days"}


def test_a_dutys_title_is_text():
    with Office("en") as office_:
        office_.send("02 10:00", "duty.opened", duty="training", unit="north", due="2026-03-09",
                     title="{subject} of {unit}: 100% {x")
        told = [row["title"] for row in office_.alerts() if row["type"] == "duty.owed"]
        assert len(told) == 1 and "{subject} of {unit}: 100% {x" in told[0], told


run(globals())
