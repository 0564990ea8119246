#!/usr/bin/python3
"""explain: a due date is told day by day, as it is and as it was, and the account agrees with it."""
import datetime
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "wire"))

from harness import HERE, Daemon, DeskError, at, complaint, event, run  # noqa: E402

CTL = os.path.join(os.environ["REDRESS_TOOLS"], "redressctl")
SHIPPED = HERE.parent.parent / "daemon/config/calendars"
UNITS = f"""\
units:
  id: xj
  calendar: cn-xj
  units: [{{id: d3}}]
calendars:
  cn:
    timezone: Asia/Shanghai
    hours: [{{days: mon-fri, open: ["09:00-12:00", "13:30-17:30"]}}]
    holidays: [{SHIPPED}/cn]
  cn-xj:
    over: cn
    hours:
      - {{from: "05-01", days: mon-fri, open: ["10:00-14:00", "16:00-20:00"]}}
      - {{from: "10-01", days: mon-fri, open: ["10:00-14:00", "15:30-19:30"]}}
    days: [{{date: 2025-06-06, through: 2025-06-10, closed: 古尔邦节}}]
"""
RULES = """\
policies:
  - name: default
    match: {}
    clocks:
      - {name: decide, source: "article 15", start: received, stop: decided, limit: 15d, roll: restday, statutory: true, pause_reasons: [appraisal], restart_on: [facts_added], extensions: [{limit: 30d}, {limit: 60d}]}
      - {name: contact, start: received, stop: customer_contacted, limit: 6h, time: working, extensions: [{limit: 9h}]}
      - {name: soon, start: received, stop: customer_contacted, limit: 1bd, statutory: true}
      - {name: call, start: received, stop: customer_contacted, limit: 30m}
      - {name: answer, due: answer_by, stop: decided, statutory: true}
      - {name: review, start: review_requested, stop: review_decided, limit: 30d, statutory: true, outlives_close: true}
alerts: {language: en}
"""
CN = datetime.timezone(datetime.timedelta(hours=8))


class Story:
    def __init__(self, daemon):
        self.daemon, self.intake, self.desk = daemon, daemon.intake(), daemon.desk()
        self.seq = 0

    def tell(self, type, when, **data):
        receipt = self.intake.accept({**event(type, subject="T-1", data=data), "time": at(when)})
        self.seq = receipt["seq"]

    def explain(self, clock=None, as_of=None):
        params = {key: value for key, value in (("clock", clock), ("as_of", as_of)) if value}
        answer = self.desk.call("explain", subject="T-1", min_seq=self.seq, **params)
        told = {row["clock"]: row for row in answer["clocks"]}
        return told[clock] if clock else told

    def case(self):
        case = self.desk.call("case.get", subject="T-1", min_seq=self.seq)
        return {clock["clock"]: clock for clock in case["clocks"]}


def local(time):
    return time.astimezone(CN).isoformat()


def why(told, day):
    return next((row["counted"], row["why"]) for row in told["days"] if row["date"] == day)


def opened(daemon, when="2025-06-05T19:00:00+08:00"):
    story = Story(daemon)
    story.intake.accept({**complaint("T-1", unit="xj/d3"), "time": at(when)})
    story.seq = 1
    return story


def start():
    return Daemon(units=UNITS, rules=RULES, args=["--clock", "events"])


def test_all_clocks_agree_with_the_case():
    with start() as daemon:
        story = opened(daemon)
        story.tell("case.forwarded", "2025-06-05T19:01:00+08:00", body="12378", ref="r-1",
                   answer_by="2025-06-20")
        told, case = story.explain(), story.case()
        assert set(told) == set(case) == {"decide", "contact", "soon", "call", "answer", "review"}
        for name, clock in case.items():
            assert told[name].get("due") == clock.get("due"), (name, told[name], clock)
            assert told[name]["state"] == clock["state"], name
            assert told[name]["class"] == clock["class"], name
        soon = told["soon"]
        assert local(soon["due"]) == "2025-06-12T00:00:00+08:00" and soon["last_day"] == "2025-06-11"
        assert why(soon, "2025-06-05") == (False, "start: the day of the start is not counted")
        assert why(soon, "2025-06-08") == (False, "Sunday, closed: 古尔邦节 (calendar cn-xj)")
        assert why(soon, "2025-06-11")[0] is True
        assert soon["calendar"] == "cn-xj" and len(soon["version"]) == 8, soon
        assert local(told["contact"]["due"]) == "2025-06-11T17:00:00+08:00", told["contact"]
        assert why(told["contact"], "2025-06-11") == (True, "Wednesday; 5h counted, 6h of 6h")
        assert why(told["call"], "2025-06-05") == (True, "Thursday; 30m counted, 30m of 30m")
        answer = told["answer"]
        assert answer["due_by"] == "answer_by" and "days" not in answer, answer
        assert local(answer["due"]) == "2025-06-21T00:00:00+08:00", answer
        assert told["review"]["state"] == "waiting" and "due" not in told["review"]
        assert told["decide"]["source"] == "article 15" and told["decide"]["limit"] == "15d"


def test_paused_extended_restarted_and_the_past():
    with start() as daemon:
        story = opened(daemon, "2025-03-03T10:00:00+08:00")
        story.tell("case.paused", "2025-03-06T10:00:00+08:00", reason="appraisal")
        told = story.explain("decide")
        assert told["state"] == "paused" and "due" not in told, told
        assert local(told["due_if_resumed"]) == "2025-03-19T00:00:00+08:00", told
        story.tell("case.noted", "2025-03-10T09:00:00+08:00", by="li", text="waits")
        told = story.explain("decide")
        assert why(told, "2025-03-09") == (False, "paused for appraisal: Sunday, closed"), told
        assert told["days"][-1]["date"] == "2025-03-10", told["days"]
        story.tell("case.resumed", "2025-03-12T10:00:00+08:00", reason="appraisal")
        told = story.explain("decide")
        assert told["due"] == story.case()["decide"]["due"], told
        assert local(told["due"]) == "2025-03-25T00:00:00+08:00", told  # five dates in between
        assert sum(row["counted"] for row in told["days"]) == 15, told
        story.tell("case.extended", "2025-03-13T10:00:00+08:00", clock="decide", approved_by="boss",
                   reason="complex", told_customer=True)
        told = story.explain("decide")
        assert told["due"] == story.case()["decide"]["due"] and told["extensions"] == 1, told
        assert told["limit"] == "30d", told
        assert any("extension 1 of 2" in row["what"] and "complex" in row["what"]
                   for row in told["steps"]), told
        story.tell("case.facts_added", "2025-03-17T10:00:00+08:00", text="a letter turned up")
        told = story.explain("decide")
        assert told["due"] == story.case()["decide"]["due"] and told["extensions"] == 0, told
        assert local(told["start"]) == "2025-03-17T10:00:00+08:00" and told["limit"] == "15d"
        assert any("facts_added" in row["what"] for row in told["steps"]), told
        # As it stood: before the pause, in it, after it, extended.
        for when, state, limit, due in (
                ("2025-03-04T00:00:00+08:00", "running", "15d", "2025-03-19T00:00:00+08:00"),
                ("2025-03-08T00:00:00+08:00", "paused", "15d", None),
                ("2025-03-12T12:00:00+08:00", "running", "15d", "2025-03-25T00:00:00+08:00"),
                ("2025-03-14T00:00:00+08:00", "running", "30d", "2025-04-08T00:00:00+08:00")):
            told = story.explain("decide", as_of=at(when))
            assert (told["state"], told["limit"]) == (state, limit), (when, told)
            assert (local(told["due"]) if "due" in told else None) == due, (when, told)
        story.desk.refuses("not_found", "explain", subject="T-1", clock="decide",
                           as_of=at("2025-03-01T00:00:00+08:00"))


def test_which_clock_an_extension_moved():
    with start() as daemon:
        story = opened(daemon, "2025-03-03T10:00:00+08:00")
        story.tell("case.extended", "2025-03-03T11:00:00+08:00", clock="contact", approved_by="boss",
                   reason="no answer", told_customer=True)
        told, case = story.explain(), story.case()
        assert told["contact"]["extensions"] == 1 and told["decide"]["extensions"] == 0, told
        assert told["contact"]["due"] == case["contact"]["due"], told["contact"]
        assert told["contact"]["limit"] == "9h", told["contact"]


def test_stopped_and_breached():
    with start() as daemon:
        story = opened(daemon, "2025-03-03T10:00:00+08:00")
        story.tell("case.customer_contacted", "2025-03-03T10:40:00+08:00", by="li")
        told, case = story.explain(), story.case()
        assert told["call"]["state"] == case["call"]["state"] == "late", told["call"]
        assert told["contact"]["state"] == "stopped", told["contact"]
        assert local(told["contact"]["due"]) == "2025-03-03T17:30:00+08:00", told["contact"]
        past = story.explain("call", as_of=at("2025-03-03T10:35:00+08:00"))
        assert past["state"] == "breached", past
        assert story.explain("contact", as_of=at("2025-03-03T10:35:00+08:00"))["state"] == "running"
        story.tell("case.noted", "2025-03-20T09:00:00+08:00", by="li", text="late")
        told = story.explain("decide")
        assert told["state"] == "breached", told
        assert local(told["due"]) == "2025-03-19T00:00:00+08:00", told


def test_reopened_past_its_due():
    with start() as daemon:
        story = opened(daemon, "2025-03-03T10:00:00+08:00")
        story.tell("case.closed", "2025-03-04T10:00:00+08:00", resolution="done")
        assert story.explain("decide")["state"] == "ended"
        story.tell("case.reopened", "2025-03-20T10:00:00+08:00", reason="not done")
        told, case = story.explain(), story.case()
        for name, clock in case.items():
            assert told[name].get("due") == clock.get("due"), (name, told[name], clock)
        assert local(told["decide"]["due"]) == "2025-03-22T00:00:00+08:00", told["decide"]
        assert case["decide"]["state"] == "running" and "stopped" not in case["decide"], case
        assert any("next working day" in row["what"] for row in told["decide"]["steps"]), told


def test_a_corrected_date_of_receipt():
    with start() as daemon:
        story = opened(daemon, "2025-03-03T10:00:00+08:00")
        story.tell("case.amended", "2025-03-05T10:00:00+08:00", received="2025-02-27T09:00:00+08:00")
        story.tell("case.amended", "2025-03-06T10:00:00+08:00", received="2025-02-28T09:00:00+08:00")
        told = story.explain("decide")
        assert told["due"] == story.case()["decide"]["due"], told
        assert local(told["start"]) == "2025-02-28T09:00:00+08:00", told
        steps = [row["what"] for row in told["steps"] if "date of receipt" in row["what"]]
        assert steps == ["the date of receipt was corrected; before it was 2025-03-03T02:00:00Z",
                         "the date of receipt was corrected; before it was 2025-02-27T01:00:00Z"], steps
        for when, begun, due in (
                ("2025-03-04T10:00:00+08:00", "2025-03-03T10:00", "2025-03-19T00:00"),
                ("2025-03-05T12:00:00+08:00", "2025-02-27T09:00", "2025-03-15T00:00"),
                ("2025-03-06T12:00:00+08:00", "2025-02-28T09:00", "2025-03-18T00:00")):
            told = story.explain("decide", as_of=at(when))
            assert (local(told["start"])[:16], local(told["due"])[:16]) == (begun, due), (when, told)


def test_in_chinese():
    """What moved it and what each day is; what programs look at stays as it is."""
    with start() as daemon:
        story = opened(daemon, "2025-03-03T10:00:00+08:00")
        story.tell("case.paused", "2025-03-06T10:00:00+08:00", reason="appraisal")
        story.tell("case.resumed", "2025-03-12T10:00:00+08:00", reason="appraisal")
        story.tell("case.extended", "2025-03-13T10:00:00+08:00", clock="decide", approved_by="boss",
                   reason="案情复杂", told_customer=True)
        story.tell("case.amended", "2025-03-14T10:00:00+08:00", received="2025-02-27T09:00:00+08:00")
        story.tell("case.facts_added", "2025-03-17T10:00:00+08:00", text="补充材料")

        def asked(**more):
            answer = story.desk.call("explain", subject="T-1", min_seq=story.seq, **more)
            return {key: value for key, value in answer.items() if key not in ("as_of", "at")}
        plain, english, chinese = asked(), asked(lang="en"), asked(lang="zh-CN")
        assert english.pop("policy_name") == chinese.pop("policy_name") == "default" and plain == english
        (decide,) = [row for row in chinese["clocks"] if row["clock"] == "decide"]
        assert [row["what"] for row in decide["steps"]] == [
            "暂停：appraisal", "暂停结束：appraisal", "第1次延期（最多2次）：期限改为自起算起30日，原因：案情复杂",
            "受理日期已更正，此前为2025-03-03T10:00:00+08:00", "补充事实：按最初期限重新起算"], decide["steps"]
        assert why(decide, "2025-03-18") == (True, "第1日（共15日）：星期二"), decide["days"]
        for told in (english, chinese):  # texts for people alone differ
            for clock in told["clocks"]:
                for row in clock["steps"] + clock.get("days", []):
                    row.pop("what" if "what" in row else "why")
        assert english == chinese
        story.desk.refuses("bad_params", "explain", subject="T-1", lang="fr")


def test_errors():
    with start() as daemon:
        story = opened(daemon)
        for code, params in (("not_found", {"subject": "nobody"}), ("bad_params", {}),
                             ("bad_params", {"subject": "T-1", "clock": "nothing"}),
                             ("bad_params", {"subject": "T-1", "as_of": "yesterday"})):
            try:
                story.desk.call("explain", min_seq=1, **params)
                raise AssertionError(params)
            except DeskError as error:
                assert error.code == code, (params, error)


def test_the_tool():
    with start() as daemon:
        story = opened(daemon)
        words = [CTL, "--run", str(daemon.folder), "explain", "T-1", "--min-seq", str(story.seq)]

        def ctl(*more, expect=0):
            done = subprocess.run([*words, *more], capture_output=True, text=True, timeout=30,
                                  check=False)
            assert done.returncode == expect, done
            return done.stdout

        text = ctl("--clock", "soon")
        assert "soon: statutory, running" in text, text
        assert "due         2025-06-12T00:00:00+08:00, last day 2025-06-11" in text, text
        assert "2025-06-08   Sunday, closed: 古尔邦节 (calendar cn-xj)" in text, text
        assert "decide" not in text and "article 15" in ctl(), text
        answer = json.loads(ctl("--json", "--clock", "soon", "--as-of", "2025-06-07T00:00:00Z"))
        assert answer["clocks"][0]["days"][-1]["date"] == "2025-06-11", answer
        ctl("--as-of", "soon", expect=1)
        ctl("--clock", "nothing", expect=2)


run(globals())
