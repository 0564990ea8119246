#!/usr/bin/python3
"""The article's year as events, a JSON object a line, in the order of their times.
Usage: generate.py [SEED]     (21)

The article tells sums: how many complaints, mediations, accommodations; what was paid; who was sanctioned; what
was screened. This makes a year that has just these sums; all else (days, units, customers, which case is which)
is chosen by the seed. What the year before was is given by figure.given, as the article does.
"""
import datetime
import json
import random
import sys

ZONE = datetime.timezone(datetime.timedelta(hours=8))
BRANCHES = {"yili": 2, "kashi": 2, "akesu": 2, "bazhou": 2, "changji": 2, "shihezi": 1, "karamay": 1, "hami": 1}
DEPARTMENTS = ["service", "claims", "underwriting", "agency", "banca", "group", "tele", "capital"]
DISTRICTS = [f"xj/{branch}/d{n}" for branch, count in BRANCHES.items() for n in range(1, count + 1)]
OWN = [f"xj/{department}" for department in DEPARTMENTS]

COMPLAINTS = 1033
MEDIATED, BY_BRANCHES = 227, 49
ACCOMMODATIONS = 310
PAID_FEN = 2_973_000_000            # 29.73 million
PAID_2020 = "10216000.00"           # 10.216 million
VALID_HALVES = (60, 40)             # of a regulator's complaints: the second half has 33 % fewer
SCREENED, AT_RISK = 88_328, 11_970
PREEMPTED = 456
SELLERS, LEADERS = 463, 390
DUTIES = {"vetting": (131, 131), "opinions": (30, 30), "training-leaders": (1088, 1088),
          "training-staff": (1054, 1054), "training-sellers": (3330, 5000)}


class Year:
    def __init__(self, seed):
        self.made = random.Random(seed)
        self.events = []
        self.customers = self.made.sample(range(10**6, 2 * 10**6), COMPLAINTS)

    def at(self, day, hour=None):
        """An instant of that day of 2021, from 0; later ones are in 2022."""
        begin = datetime.datetime(2021, 1, 1, 10, tzinfo=ZONE) + datetime.timedelta(days=day)
        seconds = self.made.randrange(9 * 3600) if hour is None else hour * 3600
        return begin + datetime.timedelta(seconds=seconds)

    def put(self, time, kind, subject=None, **data):
        one = {"source": "article", "type": kind, "time": time.isoformat(), "data": data}
        if subject:
            one["subject"] = subject
        self.events.append((time, len(self.events), one))

    def lines(self):
        for number, (_, _, one) in enumerate(sorted(self.events, key=lambda event: event[:2]), 1):
            yield {"id": f"e{number}", **one}

    # ---- complaints ----

    def half(self, number):
        """A day of the first or the second half, with time left for what goes before and what follows."""
        return self.made.randrange(6, 178) if number == 0 else self.made.randrange(181, 330)

    def complaints(self):
        made = self.made
        marks = [{} for _ in range(COMPLAINTS)]
        order = list(range(COMPLAINTS))
        made.shuffle(order)
        for place, number in enumerate(order[:MEDIATED]):
            marks[number]["mediated"] = DISTRICTS if place < BY_BRANCHES else OWN
        made.shuffle(order)
        amounts = self.split(PAID_FEN, ACCOMMODATIONS)
        for number, amount in zip(order, amounts):
            marks[number]["amount"] = amount
        made.shuffle(order)
        valid = [0] * VALID_HALVES[0] + [1] * VALID_HALVES[1]
        for number, half in zip(order, valid):
            marks[number].update(half=half, valid=True)
        for number in order[len(valid):len(valid) + 150]:
            marks[number]["regulator"] = True
        made.shuffle(order)
        self.relapsed = made.randrange(12, 40)
        for number, relapse in zip(order, range(self.relapsed)):
            marks[number]["relapse"] = relapse
        made.shuffle(order)
        sanctions = ["seller"] * SELLERS + [made.choice(["supervisor", "manager"]) for _ in range(LEADERS)]
        for place, role in enumerate(sanctions):
            marks[order[place % 600]].setdefault("sanctions", []).append(role)
        for number, mark in enumerate(marks):
            self.complaint(f"T{number:04}", mark)

    def split(self, total, parts):
        cuts = sorted(self.made.sample(range(1, total), parts - 1))
        return [end - begin for begin, end in zip([0] + cuts, cuts + [total])]

    def complaint(self, subject, mark):
        made = self.made
        day = self.half(mark.get("half", made.randrange(2)))
        unit = made.choice(mark.get("mediated", DISTRICTS + OWN))
        is_regulators = mark.get("valid") or mark.get("regulator")
        customer, grown = f"C{self.customers.pop()}", {}
        if "relapse" in mark:  # it had been settled, and came all the same
            grown = {"contact": self.warned(mark["relapse"], day - 4, unit, customer)}
        self.put(self.at(day), "complaint.registered", subject, customer=customer, **grown,
                 channel="12378" if is_regulators else made.choice(["95511", "柜面", "信函"]), unit=unit,
                 product=made.choice(["两全", "万能", "重疾", "医疗"]), seller=f"S{made.randrange(900)}",
                 issue=made.choice(["误导", "赔付慢", "服务", "收益"]), age=made.randrange(22, 84))
        self.put(self.at(day + 1), "case.acknowledged", subject, by="li")
        self.put(self.at(day + 1, 9), "case.customer_contacted", subject, by="li")
        if "mediated" in mark:
            self.put(self.at(day + 2), "case.mediation_called", subject, body="行业调解委员会")
            self.put(self.at(day + 3), "case.mediation_accepted", subject, by="body")
            self.put(self.at(day + 5), "case.mediation_settled", subject, amount="1000.00", currency="CNY",
                     due=self.at(day + 15).date().isoformat())
            self.put(self.at(day + 8), "case.mediation_executed", subject)
        if made.random() < 0.3:
            self.put(self.at(day + 2, 9), "case.assigned", subject, unit="xj/consumer")
        paid = {"amount": f"{mark['amount'] // 100}.{mark['amount'] % 100:02}", "currency": "CNY",
                "paid_for": "agreed_termination", "accommodation": True} if "amount" in mark else {}
        self.put(self.at(day + 9), "case.decided", subject, outcome=made.choice(["upheld", "rejected", "settled"]),
                 **paid)
        self.put(self.at(day + 10), "case.closed", subject, resolution="已答复")
        for role in mark.get("sanctions", []):
            self.put(self.at(min(day + 20, 360)), "case.sanctioned", subject, person=f"{role}{made.randrange(300)}",
                     role=role, measure="扣分")
        if is_regulators:  # judged late, some of it in the next year, and some twice
            judged = day + made.randrange(20, 60)
            self.put(self.at(judged), "case.verified", subject, valid=bool(mark.get("valid")) or made.random() < 0.2,
                     by="监管")
            self.put(self.at(judged + 5), "case.verified", subject, valid=bool(mark.get("valid")), by="监管")

    # ---- first contacts ----

    def warned(self, number, day, unit, customer):
        """One that is settled before it becomes a complaint; its subject."""
        subject = f"W{number:04}"
        self.put(self.at(day), "contact.received", subject, customer=customer, channel="95511", unit=unit,
                 issue="全额退保")
        self.put(self.at(day + 1), "case.defused", subject, by="li", measure="解释并安抚")
        return subject

    def contacts(self):
        for number in range(self.relapsed, PREEMPTED):
            self.warned(number, self.made.randrange(0, 355), self.made.choice(DISTRICTS + OWN), f"W{number:06}")
        for number in range(PREEMPTED, PREEMPTED + 160):  # nobody had to act on these, or nobody did more
            self.put(self.at(self.made.randrange(0, 355)), "contact.received", f"W{number:04}", channel="95511",
                     customer=f"W{number:06}", unit=self.made.choice(DISTRICTS + OWN),
                     issue="误导" if number < PREEMPTED + 40 else "咨询")

    # ---- screening, duties, what was given ----

    def screening(self):
        made = self.made
        risky = set(made.sample(range(SCREENED), AT_RISK))
        for number in range(SCREENED):
            day, unit = made.randrange(0, 300), made.choice(DISTRICTS + OWN)
            risk = made.choice(["watch", "high"]) if number in risky else "none"
            self.put(self.at(day), "contract.screened", contract=f"P{number:06}", risk=risk, round="2021", unit=unit)
            if number in risky:
                self.put(self.at(day + made.randrange(1, 60)), "contract.cleared", contract=f"P{number:06}",
                         by="li", measure="回访排除")

    def duties(self):
        for duty, (done, total) in DUTIES.items():
            self.put(self.at(3), "duty.opened", duty=duty, unit="xj/consumer", due="2021-12-31", period="2021",
                     total=total)
            self.put(self.at(200), "duty.progressed", duty=duty, unit="xj/consumer", period="2021",
                     done=done // 2, total=total)
            self.put(self.at(340), "duty.progressed", duty=duty, unit="xj/consumer", period="2021", done=done,
                     total=total)

    def given(self):
        for figure, use, period, value in (("paid_agreed_termination", "base", "2020", PAID_2020),
                                           ("regional_rank", "rank", "2020", "5"),
                                           ("regional_rank", "rank", "2021", "3")):
            self.put(self.at(364), "figure.given", figure=figure, period=period, value=value, **{"as": use})
        self.put(self.at(420), "clock.accepted")  # the year is over, and so is every follow-up


def main():
    year = Year(int(sys.argv[1]) if len(sys.argv) > 1 else 21)
    for part in (year.complaints, year.contacts, year.screening, year.duties, year.given):
        part()
    for one in year.lines():
        print(json.dumps(one, ensure_ascii=False))


main()
