"""The shipped rule packs: a case of each goes through its whole life, to extension and to breach."""
import datetime
import re
import zoneinfo

from harness import HERE, Daemon, at, complaint, event, run

CONFIG = HERE.parent.parent / "daemon/config"
HOURS = 'hours: [{days: mon-fri, open: ["09:00-17:00"]}]'
CALENDARS = {
    "cn": f"{{timezone: Asia/Shanghai, {HOURS}, holidays: [{CONFIG}/calendars/cn]}}",
    "uk": f"{{timezone: Europe/London, {HOURS}, holidays: [{CONFIG}/calendars/england-wales.ics]}}",
    "us": f"{{timezone: America/New_York, {HOURS}, holidays: [{CONFIG}/calendars/us-federal.ics]}}",
    "au": f"{{timezone: Australia/Sydney, {HOURS}}}",
}


def rules(pack, clocks, packs=None):
    used = "".join(f"      - use: {pack}/{clock}\n" for clock in clocks)
    return (f"packs: [{packs or f'{CONFIG}/packs/{pack}.yaml'}]\n"
            f"policies:\n  - name: default\n    match: {{}}\n    clocks:\n{used}"
            "alerts: {language: en}\n")


def units(calendar):
    return (f"units: {{id: bank, calendar: {calendar}, units: [{{id: cards}}]}}\n"
            f"calendars:\n  {calendar}: {CALENDARS[calendar]}\n")


class Life:
    """A daemon whose time comes from events, and the life of its case."""

    def __init__(self, pack, calendar, clocks, **more):
        self.zone = zoneinfo.ZoneInfo(re.search(r"timezone: ([^,]+)", CALENDARS[calendar])[1])
        self.daemon = Daemon(units=units(calendar), rules=rules(pack, clocks, **more),
                             args=["--clock", "events"])
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        self.seq = 0

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.daemon.__exit__(*why)

    def opens(self, when, subject="T-1", **data):
        receipt = self.intake.accept(
            {**complaint(subject, unit="bank/cards", **data), "time": at(when)})
        self.seq = receipt["seq"]

    def tell(self, type, when, subject="T-1", status="accepted", **data):
        receipt = self.intake.send({**event(type, subject=subject, data=data), "time": at(when)})
        assert receipt["status"] == status, receipt
        self.seq = receipt.get("seq", self.seq)
        return receipt

    def clocks(self, subject="T-1"):
        case = self.desk.call("case.get", subject=subject, min_seq=self.seq)
        return {clock["clock"]: clock for clock in case["clocks"]}

    def is_due(self, clock, day, minute="24:00", subject="T-1"):
        """The clock runs out with that local day, or at that time of it; `explain` says so too."""
        date = datetime.date.fromisoformat(day)
        hour, minutes = map(int, minute.split(":"))
        local = datetime.datetime.combine(
            date + datetime.timedelta(days=hour // 24), datetime.time(hour % 24, minutes), self.zone)
        got = self.clocks(subject)[clock]
        assert got["due"] == local, (clock, got["due"].astimezone(self.zone), local)
        told = self.desk.call("explain", subject=subject, clock=clock, min_seq=self.seq)["clocks"]
        told = [row for row in told if row["state"] != "waiting"][0]
        assert told["due"] == local and told.get("last_day", day) == day, told
        return told

    def states(self, **wanted):
        got = {name.replace("-", "_"): clock["state"] for name, clock in self.clocks().items()}
        assert {name: got[name] for name in wanted} == wanted, got

    def alerts(self, type):
        """Of the case, up to the last event: (clock, severity)."""
        return [(alert.get("clock"), alert["severity"]) for alert in self.desk.replay(min_seq=self.seq)
                if alert["type"] == type and alert.get("subject") == "T-1"]

    def breaches(self):
        """As alerts(), each once: of a law's limit the parent hears too, and both again."""
        told = [alert for alert in self.desk.replay(min_seq=self.seq)
                if alert["type"] == "clock.breach" and alert.get("subject") == "T-1"]
        first = [alert for alert in told if "repeated" not in alert]
        for clock in {alert["clock"] for alert in first if alert["severity"] == "critical"}:
            assert len({alert["unit"] for alert in first if alert["clock"] == clock}) == 2, first
        return list(dict.fromkeys((alert["clock"], alert["severity"]) for alert in first))

    def time_comes(self, when):
        """Something else happens later: all timers until then have fired."""
        self.opens(when, subject=f"other-{self.seq}")


def test_every_pack_says_its_sources_and_to_ask_a_lawyer():
    packs = sorted((CONFIG / "packs").glob("*.yaml"))
    assert [pack.stem for pack in packs] == ["au-asic-rg271", "cn-beijing-2021", "cn-nfra-2020",
                                             "uk-fca-disp", "us-cfpb"]
    for pack in packs:
        text = pack.read_text(encoding="utf-8")
        assert "\nnote: Check with your lawyer.\n" in text and f"\npack: {pack.stem}\n" in text, pack
        clocks = re.split(r"\n      - code: ", text)[1:]
        assert clocks and all("\n        source: " in clock for clock in clocks), pack
        assert re.search(r"\n  - from: \d{4}-\d\d-\d\d\n", text), pack


def test_cn_nfra_2020_to_extension_and_breach():
    clocks = ["decide", "answer", "review-apply", "review"]
    with Life("cn-nfra-2020", "cn", clocks) as life:
        life.opens("2025-09-12T10:00:00+08:00")
        life.tell("case.forwarded", "2025-09-13T10:00:00+08:00", body="the regulator", ref="2025-88",
                  answer_by="2025-09-25")
        told = life.is_due("decide", "2025-09-28")  # a make-up Sunday: the limit moves to it
        assert told["raw_day"] == "2025-09-27" and "15 日" in told["source"], told
        life.is_due("answer", "2025-09-25")
        # Appraisal does not count, waiting for the customer does.
        life.tell("case.paused", "2025-09-15T10:00:00+08:00", reason="appraisal")
        life.tell("case.resumed", "2025-09-18T10:00:00+08:00", reason="appraisal")
        life.is_due("decide", "2025-09-29")
        life.tell("case.paused", "2025-09-19T10:00:00+08:00", reason="customer")
        life.tell("case.resumed", "2025-09-22T10:00:00+08:00", reason="customer")
        life.is_due("decide", "2025-09-29")
        # Complex; specially complex, which the level above approves and the complainant hears of.
        life.tell("case.extended", "2025-09-23T10:00:00+08:00", clock="decide", approved_by="boss",
                  reason="complex")
        life.is_due("decide", "2025-10-14")
        assert life.alerts("case.over_authority") == []
        life.tell("case.extended", "2025-09-24T10:00:00+08:00", clock="decide", approved_by="boss",
                  reason="specially complex")
        life.is_due("decide", "2025-11-13")
        assert life.alerts("case.over_authority") == [("decide", "warning")]
        life.tell("case.extended", "2025-09-24T11:00:00+08:00", clock="decide", reason="more",
                  approved_by="parent", told_customer=True, status="rejected")
        life.time_comes("2025-09-26T10:00:00+08:00")
        assert life.breaches() == [("answer", "critical")]
        # New facts: anew, with the first limit.
        life.tell("case.facts_added", "2025-10-20T10:00:00+08:00", text="a letter")
        life.is_due("decide", "2025-11-04")
        life.time_comes("2025-11-04T23:59:59+08:00")
        life.states(decide="running")
        life.time_comes("2025-11-05T00:00:00+08:00")
        life.states(decide="breached", review_apply="waiting", review="waiting")
        assert life.breaches()[1:] == [("decide", "critical")]
        # Decided late; the customer has 30 days for a review, the level above 30 to decide it.
        life.tell("case.decided", "2025-11-06T10:00:00+08:00", outcome="rejected")
        life.states(decide="late", review_apply="running")
        life.is_due("review-apply", "2025-12-08")  # the 6th is a Saturday
        life.tell("case.closed", "2025-11-07T10:00:00+08:00", resolution="told")
        life.states(review_apply="running")
        life.tell("case.review_requested", "2025-11-20T10:00:00+08:00", text="I do not agree")
        life.states(review_apply="stopped", review="running")
        life.is_due("review", "2025-12-22")  # the 20th is a Saturday
        life.tell("case.review_decided", "2025-12-01T10:00:00+08:00", outcome="upheld")
        life.states(review="stopped")


def test_cn_nfra_2020_withdrawn_merged_and_too_old():
    with Life("cn-nfra-2020", "cn", ["decide"]) as life:
        life.opens("2025-03-03T10:00:00+08:00")
        life.opens("2025-03-04T10:00:00+08:00", subject="T-2")
        life.tell("case.merged", "2025-03-05T10:00:00+08:00", subject="T-2", into="T-1",
                  reason="the same matter")
        life.is_due("decide", "2025-03-18")  # no new clock
        life.tell("case.withdrawn", "2025-03-06T10:00:00+08:00")
        life.states(decide="ended")
        life.opens("2025-03-07T10:00:00+08:00", subject="T-3", received=at("2020-02-29T10:00:00+08:00"))
        assert life.clocks("T-3") == {}, "received before the measures held"
        life.time_comes("2025-06-01T10:00:00+08:00")
        assert life.breaches() == []


def test_cn_beijing_2021():
    with Life("cn-beijing-2021", "cn", ["contact"]) as life:
        life.opens("2025-04-25T10:00:00+08:00")
        life.is_due("contact", "2025-04-27")  # a make-up Sunday
        life.tell("case.extended", "2025-04-25T11:00:00+08:00", clock="contact", approved_by="x",
                  reason="busy", status="rejected")
        life.time_comes("2025-04-28T00:00:00+08:00")
        life.states(contact="breached")
        assert life.breaches() == [("contact", "critical")]
        life.opens("2025-04-29T10:00:00+08:00", subject="T-2")
        life.tell("case.customer_contacted", "2025-04-30T09:00:00+08:00", subject="T-2", by="li")
        assert life.clocks("T-2")["contact"]["state"] == "stopped"


def test_uk_fca_disp():
    with Life("uk-fca-disp", "uk", ["acknowledge", "summary", "final", "payment"]) as life:
        life.opens("2025-12-22T10:00:00+00:00")
        life.is_due("acknowledge", "2025-12-23")
        life.is_due("summary", "2025-12-29", "17:00")  # over Christmas, by close of business
        life.is_due("payment", "2026-01-15")
        life.is_due("final", "2026-02-16")
        life.time_comes("2025-12-30T09:00:00+00:00")
        assert life.breaches() == [("acknowledge", "warning"), ("summary", "info")]
        life.tell("case.extended", "2026-01-05T10:00:00+00:00", clock="payment", approved_by="boss",
                  reason="beyond our control", told_customer=True)
        life.is_due("payment", "2026-02-12")
        assert life.alerts("case.over_authority") == []
        life.time_comes("2026-02-17T00:00:00+00:00")
        life.states(payment="breached", final="breached")
        assert life.breaches()[2:] == [("payment", "critical"), ("final", "critical")]


def test_au_asic_rg271():
    clocks = ["acknowledge", "acknowledge-24h", "respond", "superannuation", "credit"]
    with Life("au-asic-rg271", "au", clocks) as life:
        life.opens("2025-09-29T16:00:00+10:00")  # clocks go forward on 5 October
        life.is_due("acknowledge", "2025-09-30")
        life.is_due("acknowledge-24h", "2025-09-30", "16:00")
        life.is_due("credit", "2025-10-20")
        life.is_due("respond", "2025-10-29")
        life.is_due("superannuation", "2025-11-13")
        life.tell("case.customer_contacted", "2025-09-30T15:00:00+10:00", by="li")
        life.states(acknowledge="stopped", acknowledge_24h="stopped")
        life.time_comes("2025-10-20T09:00:00+11:00")
        assert life.alerts("clock.reminder") == [("credit", "warning")]
        life.tell("case.extended", "2025-10-20T10:00:00+11:00", clock="credit", approved_by="boss",
                  reason="hard", status="rejected")
        life.time_comes("2025-11-01T09:00:00+11:00")
        life.states(credit="breached", respond="breached", superannuation="running")
        assert life.breaches() == [("credit", "critical"), ("respond", "critical")]
        life.tell("case.decided", "2025-11-10T10:00:00+11:00", outcome="upheld")
        life.states(superannuation="stopped", respond="late")


def test_us_cfpb():
    with Life("us-cfpb", "us", ["respond", "final"]) as life:
        life.opens("2025-11-20T12:00:00-05:00")
        life.is_due("respond", "2025-12-05")
        life.states(final="waiting")
        life.tell("case.customer_contacted", "2025-12-01T23:30:00-05:00", by="li")
        life.states(respond="stopped", final="running")
        life.is_due("final", "2026-01-30")
        life.time_comes("2026-01-31T00:00:00-05:00")
        life.states(final="breached")
        assert life.breaches() == [("final", "critical")]
        life.opens("2026-02-02T12:00:00-05:00", subject="T-2")
        life.time_comes("2026-02-18T00:00:00-05:00")
        assert life.clocks("T-2")["respond"]["state"] == "breached"


def test_a_case_keeps_its_packs_version():
    first = {"from": "2020-03-01", "limit": "15d"}
    later = {"from": "2025-10-01", "limit": "10d"}

    def pack(*versions):
        rows = [{**row, "until": after["from"]} for row, after in zip(versions, versions[1:])]
        rows.append(versions[-1])
        return ("{pack: house, versions: [" + ", ".join(
            "{" + f"from: {row['from']}, "
            + (f"until: {row['until']}, " if "until" in row else "")
            + "clocks: [{name: decide, source: line, start: received, stop: decided, statutory: true,"
              f" limit: {row['limit']}" + "}]}" for row in rows) + "]}")

    with Life("house", "cn", ["decide"], packs=pack(first)) as life:
        life.opens("2025-09-03T10:00:00+08:00", subject="old")
        life.is_due("decide", "2025-09-18", subject="old")
        text = life.daemon.config_path.read_text(encoding="utf-8")
        life.daemon.write_config(text.replace(pack(first), pack(first, later)))
        life.daemon.reload()
        life.is_due("decide", "2025-09-18", subject="old")
        for subject, received, day in (("before", "2025-09-30T23:59:59+08:00", "2025-10-15"),
                                       ("from-then", "2025-10-01T00:00:00+08:00", "2025-10-11"),
                                       ("after", "2025-10-08T10:00:00+08:00", "2025-10-18")):
            life.opens("2025-10-08T11:00:00+08:00", subject=subject, received=at(received))
            assert len(life.clocks(subject)) == 1, life.clocks(subject)
            life.is_due("decide", day, subject=subject)
        # The old version's limit changes later: who was opened under it keeps it.
        life.daemon.write_config(text.replace(pack(first), pack({**first, "limit": "20d"}, later)))
        life.daemon.reload()
        life.is_due("decide", "2025-10-15", subject="before")
        life.opens("2025-10-08T12:00:00+08:00", subject="late-letter",
                   received=at("2025-09-30T10:00:00+08:00"))
        life.is_due("decide", "2025-10-20", subject="late-letter")


run(globals())
