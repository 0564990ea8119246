#!/usr/bin/python3
"""Digests of units: redress.yaml(5), "supervision". Time comes from events."""
import datetime
import subprocess

from harness import at, binary, complaint, contact, event, pack, run, tool, verify
from world import World

RULES = """\
assessment:
  open_case_at: high
  levels: {watch: 30, high: 60, critical: 85}
  rules:
    - {code: media, match: {channel: media}, points: 70}
    - {code: shop, match: {channel: shop}, points: 40}
policies:
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 2bd}]
    ladder: {rungs: [{after: 0m, notify: [unit], severity: info, ack_within: 20d}]}
supervision: %s
alerts: {language: en}
"""
DAILY = "{digest: {at: closing+30m}}"
D3, PARENT, ROOT = "xj/urumqi/d3", "xj/urumqi", "xj"


class Digests(World):
    def __init__(self, supervision):
        super().__init__(RULES % supervision)

    def digests(self, unit=None, type="digest.daily"):
        return self.alerts(type, unit)


def numbers(digest, *names):
    return tuple(digest[name] for name in names)


def test_a_working_day_of_a_unit_and_of_those_above_it():
    with Digests(DAILY) as world:
        world.take("2025-09-22T09:00:00+08:00", complaint("C1", D3))
        world.take("2025-09-22T10:00:00+08:00", complaint("C2", "xj/yining"))
        world.take("2025-09-22T11:00:00+08:00", event("case.closed", "C2", data={"resolution": "done"}))
        world.take("2025-09-22T18:29:59+08:00")
        assert world.digests() == []
        world.take("2025-09-22T18:30:00+08:00")
        units = [a["unit"] for a in world.digests()]
        assert units == ["xj", "xj/consumer", "xj/urumqi", D3, "xj/urumqi/counter1", "xj/yining"], units
        (root,) = world.digests(ROOT)
        digest = root["digest"]
        assert numbers(digest, "opened", "closed", "open", "overdue") == (2, 1, 1, 0), digest
        assert numbers(digest, "every", "from", "to", "next", "unit") == (
            "day", "2025-09-20", "2025-09-22", "2025-09-23", "xj"), digest
        (d3,) = world.digests(D3)
        assert numbers(d3["digest"], "opened", "closed", "open", "unacknowledged") == (1, 0, 1, 1)
        assert d3["title"] == (
            "Third district, 2025-09-22: 1 opened, 0 closed, 1 open, 0 overdue"), d3["title"]
        assert d3["severity"] == "info" and d3["cause"] == {"timer": "unit-day digest"}, d3


def test_a_replay_has_the_bytes_of_the_feed():
    with Digests(DAILY) as world:
        feed, heard = world.daemon.feed("xj/"), []
        feed.heartbeat()
        world.take("2025-09-22T09:00:00+08:00", complaint("C1", D3))
        world.take("2025-09-25T18:30:00+08:00")
        while sum(b"digest.daily" in topic for topic, _ in heard) < 24:
            topic, body = feed.receive()
            heard += [] if topic == b"~heartbeat" else [(topic, body)]
        desk = world.daemon.desk()
        desk.socket.send(pack([0, 9, "feed.replay", [{"limit": 1000}]]))
        answer = desk.receive()[-1]
        assert all(body in answer for topic, body in heard), [topic for topic, body in heard if body not in answer]


def test_overdue_and_due_are_told_by_the_case():
    with Digests(DAILY) as world:
        world.take("2025-09-22T09:00:00+08:00", complaint("C1", D3))
        world.take("2025-09-23T09:00:00+08:00", complaint("C2", D3))
        world.take("2025-09-25T10:00:00+08:00", complaint("C3", D3))
        world.take("2025-09-24T18:30:00+08:00")
        two, three = [a["digest"] for a in world.digests(D3)][2:4] if len(
            world.digests(D3)) > 3 else [a["digest"] for a in world.digests(D3)][1:3]
        assert numbers(two, "to", "due_today", "due_next", "overdue") == ("2025-09-23", 0, 1, 0), two
        assert numbers(three, "to", "due_today", "due_next", "overdue") == (
            "2025-09-24", 1, 1, 0), three
        world.take("2025-09-26T18:30:00+08:00")
        last = world.digests(PARENT)[-1]["digest"]
        assert numbers(last, "to", "due_today", "due_next", "overdue") == ("2025-09-26", 0, 1, 2), last
        assert [(row["subject"], row["unit"], row["clock"], row["last_day"], row["days"])
                for row in last["worst"]] == [
            ("C1", D3, "answer", "2025-09-24", 2), ("C2", D3, "answer", "2025-09-25", 1)], last


def test_what_comes_after_the_digest_is_told_by_the_next_one():
    with Digests(DAILY) as world:
        world.take("2025-09-26T18:31:00+08:00")  # a Friday evening
        world.take("2025-09-26T19:00:00+08:00", complaint("C1", D3))
        world.take("2025-09-27T10:00:00+08:00", complaint("C2", D3))
        world.take("2025-09-29T10:00:00+08:00", complaint("C3", D3))
        world.take("2025-09-29T18:30:00+08:00")
        (told,) = world.digests(D3)
        assert numbers(told["digest"], "from", "to", "opened") == ("2025-09-27", "2025-09-29", 2)
        world.take("2025-09-29T20:00:00+08:00", complaint("C4", D3))
        world.take("2025-09-29T20:00:00+08:00", event("case.closed", "C4", data={"resolution": "x"}))
        late = complaint("C5", D3)
        world.daemon.intake().accept({**late, "time": at("2025-09-29T11:00:00+08:00")})
        world.take("2025-09-30T18:30:00+08:00")
        for unit in (D3, PARENT, ROOT):
            told = world.digests(unit)[-1]["digest"]
            assert numbers(told, "from", "to", "opened", "closed") == (
                "2025-09-30", "2025-09-30", 2, 1), told


def test_first_contacts_warned_of_acted_on_and_settled():
    with Digests(DAILY) as world:
        for i, channel in enumerate(("media", "media", "shop", "web")):
            made = contact(f"K{i}", D3, channel=channel, customer=f"c{i}")
            world.take("2025-09-22T10:00:00+08:00", made)
        world.take("2025-09-22T11:00:00+08:00", event("case.acknowledged", "K0", data={"by": "li"}))
        world.take("2025-09-22T11:30:00+08:00", event("case.customer_contacted", "K0", data={"by": "li"}))
        world.take("2025-09-22T12:00:00+08:00", event("case.closed", "K0", data={"resolution": "ok"}))
        world.take("2025-09-22T12:00:00+08:00", event("case.defused", "K1", data={"by": "li"}))
        world.take("2025-09-22T18:30:00+08:00")
        digest = world.digests(D3)[0]["digest"]
        assert digest["warnings"] == {"watch": 1, "high": 2, "critical": 0}, digest
        assert numbers(digest, "acted", "preempted", "opened", "closed", "open") == (2, 2, 2, 2, 0)


def test_reports_that_are_missing_or_differ():
    with Digests("{daily_report: {by: closing-30m}, digest: {at: closing+30m, to: [xj]}}") as world:
        world.take("2025-09-22T09:00:00+08:00", complaint("C1", "xj/yining"))
        for unit, opened in (("xj/yining", 3), ("xj/consumer", 0)):
            world.take("2025-09-22T17:00:00+08:00", event("unit.reported", data={
                "unit": unit, "date": "2025-09-22", "opened": opened, "closed": 0, "open": 0}))
        world.take("2025-09-22T18:30:00+08:00")
        (told,) = world.digests()
        digest = told["digest"]
        assert numbers(digest, "reports_missing", "reports_differ") == (2, 1), digest
        assert [row["unit"] for row in digest["missing"]] == [D3, "xj/urumqi/counter1"], digest
        (row,) = digest["differ"]
        assert row["reported"] == {"opened": 3, "closed": 0, "open": 0}, row
        assert row["counted"] == {"opened": 1, "closed": 0, "open": 1}, row


def test_questions_notices_pauses_and_recontacts():
    with Digests(DAILY) as world:
        world.take("2025-09-22T09:00:00+08:00", complaint("C1", D3, customer="a"))
        world.take("2025-09-22T10:00:00+08:00", complaint("C2", D3, customer="a"))
        world.take("2025-09-22T10:00:00+08:00", event("case.chased", "C1", data={
            "by": "wang", "question": "why?", "answer_by": "2025-09-30T10:00:00+08:00"}))
        world.take("2025-09-22T11:00:00+08:00", event("case.paused", "C1", data={"reason": "customer"}))
        world.take("2025-09-22T18:30:00+08:00")
        digest = world.digests(D3)[0]["digest"]
        assert numbers(digest, "chases", "answers_owed", "recontacts", "pauses_long") == (1, 1, 1, 0)
        world.take("2025-10-31T18:30:00+08:00")
        digest = world.digests(D3)[-1]["digest"]
        assert numbers(digest, "chases", "answers_owed", "recontacts", "pauses_long") == (0, 0, 0, 1)


def test_weekly_and_monthly_ones_by_the_same_rules():
    rules = ("{digest: [{every: week, at: closing, to: xj}, {every: month, at: closing, to: xj},"
             " {at: closing, empty: false, to: xj}]}")
    with Digests(rules) as world:
        world.take("2025-10-29T09:00:00+08:00", complaint("C1", D3))
        world.take("2025-10-29T10:00:00+08:00", event("case.closed", "C1", data={"resolution": "x"}))
        world.take("2025-11-30T18:00:00+08:00")
        weeks = [numbers(a["digest"], "from", "to", "next", "opened")
                 for a in world.digests(type="digest.weekly")]
        assert weeks[:2] == [("2025-10-27", "2025-10-31", "2025-11-07", 1),
                             ("2025-11-01", "2025-11-07", "2025-11-14", 0)], weeks
        assert len(weeks) == 5, weeks
        months = [numbers(a["digest"], "from", "to", "next", "opened")
                  for a in world.digests(type="digest.monthly")]
        assert months == [("2025-10-01", "2025-10-31", "2025-11-28", 1),
                          ("2025-11-01", "2025-11-28", "2025-12-31", 0)], months
        days = [a["digest"]["to"] for a in world.digests()]
        assert days == ["2025-10-29"], days  # all are zero from then on


def test_a_digest_missed_in_a_downtime_is_named_by_the_next_one():
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
    begin = now.replace(hour=0, minute=30) - datetime.timedelta(days=10)
    rules = '{digest: {at: "%s", to: xj}}'
    # No digest comes due while the test runs.
    hour = "03:00" if 5 <= now.hour < 23 else "13:00"
    with Digests(rules % hour) as world:
        world.take(begin.isoformat(), complaint("C1", D3))
        world.daemon.stop()
        world.daemon.args = []  # it lives in real time from here on
        world.daemon.start()
        world.daemon.intake().accept(complaint("C2", D3))
        world.daemon.stop()
        rows = verify(world.daemon.folder / "state")
        assert rows is None or rows
        world.daemon.args = ["--clock", "events"]
        world.daemon.start()
        assert world.digests() == [], world.digests()
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=4)
        world.take(later.isoformat())
        told = world.digests(ROOT)
        missed = told[0]["digest"]["missed"]
        assert 5 <= missed["count"] <= 9 and missed["first"] < missed["last"], missed
        assert told[0]["digest"]["opened"] == 2 and "missed" not in told[1]["digest"], told
        assert f"(no digest was made of {missed['first']} … {missed['last']})" in told[0]["title"]


def test_a_unit_that_goes_in_mid_period_counts_above_and_a_new_one_has_its_own():
    with Digests("{digest: {every: week, at: closing}}") as world:
        world.take("2025-09-23T09:00:00+08:00", complaint("C1", "xj/yining"))
        world.take("2025-09-23T09:30:00+08:00", event("case.closed", "C1", data={"resolution": "x"}))
        world.configure("{id: yining, name: Yining}", "{id: kashgar, name: Kashgar}")
        world.take("2025-09-24T09:00:00+08:00", complaint("C2", "xj/kashgar"))
        world.take("2025-09-26T18:00:00+08:00")
        told = {a["unit"]: a["digest"] for a in world.digests(type="digest.weekly")}
        assert "xj/yining" not in told and told["xj/kashgar"]["opened"] == 1, told
        assert numbers(told[ROOT], "opened", "closed") == (2, 1), told[ROOT]
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_a_reload_and_a_kill_send_none_twice_and_lose_none():
    with Digests(DAILY) as world:
        world.take("2025-09-22T09:00:00+08:00", complaint("C1", D3))
        world.take("2025-09-22T18:30:00+08:00")
        assert len(world.digests()) == 6
        world.configure("closing+30m", "closing+10m")
        world.daemon.kill()
        world.daemon.start()
        world.take("2025-09-23T18:09:59+08:00")
        assert len(world.digests()) == 6
        world.take("2025-09-23T18:10:00+08:00")
        assert len(world.digests()) == 12
        world.take("2025-09-24T17:00:00+08:00")
        world.configure("closing+10m", "closing-2h")  # 16:00 has passed: today's is missed
        world.take("2025-09-25T16:00:00+08:00")
        told = world.digests(D3)[-1]["digest"]
        assert told["missed"] == {"count": 1, "first": "2025-09-24", "last": "2025-09-24"}, told
        assert numbers(told, "from", "to") == ("2025-09-24", "2025-09-25"), told
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_many_cases_are_looked_at_in_shares():
    with Digests("{digest: {at: closing+30m, to: [xj]}}") as world:
        intake = world.daemon.intake()
        when = at("2025-09-22T09:00:00+08:00")
        for part in range(3):
            intake.accept(*[{**complaint(f"C{part}-{i}", D3, customer=f"c{part}-{i}"), "time": when}
                            for i in range(300)])
        world.take("2025-09-26T18:30:00+08:00")
        digest = world.digests(ROOT)[-1]["digest"]
        assert numbers(digest, "open", "overdue") == (900, 900), digest
        assert [row["case"] for row in digest["worst"]] == list(range(1, 51)), digest["worst"][:3]
        world.daemon.stop()
        verify(world.daemon.folder / "state")


def test_the_desk_gives_map_and_page():
    with Digests(DAILY) as world:
        desk = world.daemon.desk()
        desk.refuses("not_found", "digest.get", unit=D3)
        desk.refuses("bad_params", "digest.get")
        desk.refuses("bad_params", "digest.get", unit=D3, every="weak")
        desk.refuses("bad_params", "digest.get", unit=D3, lang="fr")
        world.take("2025-09-22T09:00:00+08:00", complaint("C1", D3))
        world.take("2025-09-25T18:30:00+08:00")
        desk = world.daemon.desk()
        got = desk.call("digest.get", unit=D3)
        (alert,) = [a for a in world.digests(D3) if a["seq"] == got["alert"]]
        assert got["digest"] == alert["digest"] and got["digest"]["to"] == "2025-09-25", got
        assert got["text"] == """\
The day of Third district, 2025-09-25

What happened, 2025-09-25
       0  opened
       0  closed
       0  came again
       0  questions put
       0  first contacts taken in hand
       0  first contacts settled
       0  first contacts at risk (watch 0, high 0, critical 0)

How it stands
       1  open
       0  duties open
       1  overdue
       0  due today
       0  due until the next digest
       1  alerts not acknowledged
       0  answers owed in its cases, whoever was asked
       0  notices owed
       0  paused for long
       0  daily reports missing
       0  daily reports that differ

Overdue, the longest first
  C1, Third district, answer: until 2025-09-24, 1 d over
""", got["text"]
        chinese = desk.call("digest.get", unit=D3, lang="zh-CN")["text"]
        assert chinese.endswith("answer：应于9月24日24:00前完成，已逾期1天\n"), chinese
        assert "首问预警（关注0，高风险0，特急0）" in chinese, chinese
        day = desk.call("digest.get", unit=D3, date="2025-09-22", lang="zh-CN")
        assert day["digest"]["opened"] == 1 and "本期（2025-09-20 … 2025-09-22）" in day["text"], day
        assert "       1  新增\n" in day["text"], day["text"]
        desk.refuses("not_found", "digest.get", unit=D3, date="2025-09-21")
        desk.refuses("not_found", "digest.get", unit=D3, every="month")


def test_redressctl_prints_the_page():
    with Digests(DAILY) as world:
        world.take("2025-09-22T09:00:00+08:00", complaint("C1", D3))
        world.take("2025-09-22T18:30:00+08:00")
        text = world.daemon.desk().call("digest.get", unit=D3)["text"]
        ctl = [tool("redressctl"), "--desk", world.daemon.endpoint("desk"), "digest"]
        done = subprocess.run([*ctl, D3, "2025-09-22"], capture_output=True, text=True, check=True)
        assert done.stdout == text, done.stdout
        done = subprocess.run([*ctl, D3, "2025-09-23"], capture_output=True, text=True)
        assert done.returncode == 2 and "the newest is of 2025-09-22" in done.stderr, done


def test_what_cannot_be_is_refused_at_load():
    with Digests(DAILY) as world:
        text = world.daemon.config_path.read_text()
        for wrong, why in (("{every: year, at: closing}", "day, week, month"),
                           ("{every: week}", "at"), ("{at: lunch}", "lunch"),
                           ("{at: closing, to: [xj/nobody]}", "nobody")):
            world.daemon.config_path.write_text(text.replace("{at: closing+30m}", wrong))
            done = subprocess.run([binary(), "--config", str(world.daemon.config_path),
                                   "--check-config"], capture_output=True, text=True)
            assert done.returncode == 1 and why in done.stderr, (wrong, done.stderr)


run(globals())
