#!/usr/bin/python3
"""A month of a branch as events, a JSON object a line, in the order of their times.
Usage: generate.py [SEED]     (26)

February 2026: nine days of Spring Festival, and two Saturdays that are worked for it. Complaints and first contacts
come day and night; 59 units work on them, report daily (or late, or not), do what they owe (or late, or not), and
screen contracts. The seed decides who, when, and what is left undone.
"""
import datetime
import json
import random
import sys

ZONE = datetime.timezone(datetime.timedelta(hours=8))
MINUTE, HOUR, DAY = (datetime.timedelta(**{name: 1}) for name in ("minutes", "hours", "days"))
FIRST, LAST = datetime.date(2026, 2, 2), datetime.date(2026, 2, 28)
OFF = {datetime.date(2026, 2, day) for day in range(15, 24)}
MADE_UP = {datetime.date(2026, 2, 14), datetime.date(2026, 2, 28)}
END = datetime.datetime(2026, 3, 2, 12, tzinfo=ZONE)
SHORT = datetime.date(2026, 2, 14)  # closes at 14:00
CENTRES = {"urumqi": 4, "yining": 4, "kashi": 4, "akesu": 4, "korla": 4, "changji": 4, "shihezi": 4, "karamay": 3,
           "hami": 3, "turpan": 3, "altay": 3, "bozhou": 3}
DEPARTMENTS = ["xj/consumer", "xj/service", "xj/claims"]
CENTRE_PATHS = [f"xj/{centre}" for centre in CENTRES]
LEAVES = [f"xj/{centre}/{leaf}" for centre, count in CENTRES.items()
          for leaf in ["d1", "d2", "counter", "d3"][:count]]
COMPLAINTS, CONTACTS, SCREENED = 880, 1300, 1600
CAUSES = ["培训不到位", "告知不充分", "核保时效", "理赔材料繁琐"]


def is_working(day):
    return day in MADE_UP or (day not in OFF and day.weekday() < 5)


def spans(day):
    """When the offices are open on that day, as instants."""
    def at(hour, minute=0):
        return datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)
    if not is_working(day):
        return []
    return [(at(10), at(14))] + ([] if day == SHORT else [(at(15, 30), at(19, 30))])


def working_days(first=FIRST, last=LAST):
    return [first + n * DAY for n in range((last - first).days + 1) if is_working(first + n * DAY)]


class Month:
    def __init__(self, seed):
        self.made = random.Random(seed)
        self.events = []
        self.mended = []  # (when, the complaint, the unit that mended)

    def put(self, time, kind, subject=None, **data):
        if time >= END:
            return False  # not in this month
        one = {"source": "branch", "type": kind, "time": time.isoformat(), "data": data}
        if subject:
            one["subject"] = subject
        self.events.append((time, len(self.events), one))
        return True

    def lines(self):
        for number, (_, _, one) in enumerate(sorted(self.events, key=lambda event: event[:2]), 1):
            yield {"id": f"b{number}", **one}

    # ---- time ----
    def any_time(self, last=LAST):
        """Mostly by day, on every day of the month."""
        day = FIRST + self.made.randrange((last - FIRST).days + 1) * DAY
        hour = self.made.choice([2, 6, 23] + [21] * 2 + list(range(9, 20)) * 3)
        return datetime.datetime(day.year, day.month, day.day, hour, self.made.randrange(1, 59),
                                 self.made.randrange(60), tzinfo=ZONE)

    def at_work(self, after, hours):
        """About so many open hours later, at least five minutes behind an opening."""
        left, day = hours * HOUR * self.made.uniform(0.5, 1.5), after.date()
        while True:
            for begin, end in spans(day):
                begin = max(begin + 5 * MINUTE, after + MINUTE)
                if begin < end and end - begin > left:
                    return begin + left
                left -= max(end - begin, 0 * DAY) if begin < end else 0 * DAY
            day += DAY

    # ---- complaints ----
    def complaints(self):
        for number in range(COMPLAINTS):
            self.complaint(f"T{number:05}", self.any_time())

    def complaint(self, subject, time, customer=None):
        made, unit = self.made, self.made.choice(LEAVES)
        self.put(time, "complaint.registered", subject, customer=customer or "C" + subject[1:], unit=unit,
                 channel=made.choice(["95511", "95511", "柜面", "信函", "12378"]),
                 product=made.choice(["两全", "万能", "重疾", "医疗"]), seller=f"S{made.randrange(900)}",
                 issue=made.choice(["误导", "赔付慢", "服务", "收益"]), age=made.randrange(22, 84))
        time = self.at_work(time, 1)
        if made.random() < 0.9 and not self.put(time, "case.acknowledged", subject, by="李经办"):
            return
        if made.random() < 0.07:
            time = self.at_work(time, 1)
            siblings = [leaf for leaf in LEAVES if leaf.split("/")[1] == unit.split("/")[1] and leaf != unit]
            unit = made.choice(siblings)
            self.put(time, "case.assigned", subject, unit=unit)
        time = self.at_work(time, 5)
        if made.random() < 0.93:
            self.put(time, "case.customer_contacted", subject, by="李经办")
        if made.random() < 0.05:
            asked, answer = self.at_work(time, 1), self.at_work(time, 4)
            self.put(asked, "case.chased", subject, by="王督办", asker=unit.rsplit("/", 1)[0], question="进展如何？",
                     answer_by=(answer + HOUR).isoformat())
            if made.random() < 0.7 and asked < answer:
                self.put(answer, "case.answered", subject, by="李经办", text="已约客户面谈")
            time = max(time, answer)
        if made.random() < 0.12:
            self.mend(subject, self.at_work(time, 8), unit)
        time = self.at_work(time, made.choice([8, 16, 24, 40]))
        if made.random() < 0.85:
            self.put(time, "case.decided", subject, outcome=made.choice(["upheld", "partly_upheld", "rejected"]))
            self.put(self.at_work(time, 4), "case.closed", subject, resolution="已答复客户")

    def mend(self, subject, time, unit):
        """A cause, what is done about it, and whether that helped."""
        made = self.made
        self.put(time, "case.cause_found", subject, cause=made.choice(CAUSES), unit=unit)
        time = self.at_work(time, 16)
        if made.random() < 0.8 and self.put(time, "case.rectified", subject, measure="补训并抽查", by="赵主管"):
            self.mended.append((time, subject, unit))

    # ---- first contacts ----
    def contacts(self):
        made = self.made
        for number in range(CONTACTS):
            subject, time, is_high = f"W{number:05}", self.any_time(), made.random() < 0.3
            self.put(time, "contact.received", subject, customer="W" + subject, unit=made.choice(LEAVES),
                     channel="95511", issue="全额退保" if is_high else made.choice(["咨询", "保全", "续期"]))
            if not is_high:
                continue
            dice = made.random()
            if dice < 0.06:  # it becomes a complaint all the same
                self.complaint(f"R{number:05}", self.at_work(time, 3), "W" + subject)
                continue
            work = self.at_work(time, 1)
            if dice < 0.9:
                self.put(work, "case.acknowledged", subject, by="陈坐席")
            if dice < 0.75:
                self.put(self.at_work(work, 4), "case.defused", subject, by="陈坐席", measure="解释条款并安抚")

    # ---- what units owe ----
    def reports(self):
        for day in working_days():
            begin, end = spans(day)[0][0], spans(day)[-1][1]
            for unit in DEPARTMENTS + CENTRE_PATHS + LEAVES:
                dice = self.made.random()
                if dice < 0.04:
                    continue  # never
                time = end - HOUR - self.made.randrange(1, 7200) * DAY / 86400
                if dice < 0.07:  # late, but before the level above hears of it
                    time = end - self.made.randrange(1, 29) * MINUTE
                elif dice < 0.1:  # on another day
                    time = end + self.made.randrange(1, 40) * HOUR
                self.put(max(time, begin), "unit.reported", unit=unit, date=day.isoformat(), opened=0, closed=0, open=0)

    def duties(self):
        made = self.made
        for monday in (FIRST + n * 7 * DAY for n in range(4)):
            week = "{}-W{:02}".format(*monday.isocalendar())
            open_days = working_days(monday, monday + 6 * DAY) or working_days(monday, monday + 10 * DAY)[:1]
            for unit in LEAVES:
                begin = spans(open_days[0])[0][0]
                self.put(begin + made.randrange(1, 60) * MINUTE, "duty.progressed", duty="weekly-check", unit=unit,
                         period=week, done=made.randrange(1, 4), total=5)
                dice = made.random()
                if dice < 0.85:
                    last = spans(open_days[-1])[0][0] + made.randrange(60, 230) * MINUTE
                    late = made.randrange(1, 4) * DAY if dice > 0.75 else 0 * DAY
                    self.put(last + late, "duty.progressed", duty="weekly-check", unit=unit, period=week, done=5, total=5)
        for unit in CENTRE_PATHS + DEPARTMENTS:
            if made.random() < 0.8:
                day = made.choice(working_days())
                self.put(spans(day)[0][0] + 90 * MINUTE, "duty.progressed", duty="committee", unit=unit,
                         period="2026-02", done=1, total=1)
        for unit in CENTRE_PATHS:
            for done in sorted(made.sample(range(1, 60), 3)):
                self.put(spans(made.choice(working_days()))[0][0] + done * MINUTE, "duty.progressed",
                         duty="training", unit=unit, period="2026-Q1", done=min(done, 39), total=40)

    def screening(self):
        made = self.made
        for number in range(SCREENED):
            time, contract = self.any_time(LAST - 2 * DAY), f"P{number:06}"
            risk = made.choice(["watch", "high"]) if made.random() < 0.14 else "none"
            self.put(time, "contract.screened", contract=contract, risk=risk, round="2026-02",
                     unit=made.choice(LEAVES), customer=f"K{number:06}", product="两全", reasons=["高龄投保"])
            if risk != "none" and made.random() < 0.8:
                self.put(self.at_work(time, made.choice([4, 30, 90])), "contract.cleared", contract=contract,
                         round="2026-02", by="周专员", measure="回访核实")

    def checks(self):
        """Rectifications are looked at again. The subject of one has its case's number in it, which the receipt of
        the complaint tells: main() leaves them out, and whoever feeds them puts it there."""
        for time, subject, unit in self.mended:
            if self.made.random() < 0.7:
                self.put(self.at_work(time, 8), "duty.verified", f"@{subject}/{unit}",
                         effective=self.made.random() < 0.8, by="孙复查")

    def rest(self):
        begin = datetime.datetime(2026, 2, 2, tzinfo=ZONE)
        self.put(begin, "source.reset", source="nobody")  # the month's first moment
        for day, unit in ((7, "xj/claims"), (17, "xj/urumqi"), (21, "xj/service")):
            since = datetime.datetime(2026, 2, day, 20, tzinfo=ZONE)
            self.put(begin + day * MINUTE, "roster.overridden", roster="night", unit=unit, by="值班主任",
                     **{"from": since.isoformat(), "until": (since + 14 * HOUR).isoformat()})
        self.put(END - MINUTE, "source.reset", source="nobody")


def main():
    month = Month(int(sys.argv[1]) if len(sys.argv) > 1 else 26)
    for part in (month.complaints, month.contacts, month.reports, month.duties, month.screening, month.rest):
        part()
    for one in month.lines():
        print(json.dumps(one, ensure_ascii=False))


if __name__ == "__main__":
    main()
