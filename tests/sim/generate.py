"""Commands of one run, made from a seed while the model runs beside."""
import zlib
from datetime import datetime, timedelta, timezone

import msgpack

from case_events import CaseEvents
from model import duties, supervision
from model.matchers import Units
from model.worktime import DAY, HOUR, MINUTE, SECOND, us_of
from weights import CASE_OPS, OPENINGS, OTHERS, STARTS, TEXTS, WORLD


def other_form(value):
    """The same value as another encoder writes it."""
    if isinstance(value, dict):
        turned = {key if isinstance(key, bytes) else key.encode():
                  one if key in ("matchers", b"matchers") else other_form(one)
                  for key, one in reversed(value.items())}  # a matcher takes nothing for absent
        turned.pop(b"nothing", None)  # of one that was written so before
        return {**turned, "nothing": None}
    if isinstance(value, list):
        return [other_form(one) for one in value] + [None]
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2 ** 53:
        return float(value)
    return value


def twisted(raw):
    """An event sent again: as it was, in another form, at another time, or saying something else.
    Chosen by its bytes, so that the seeds' dice fall as they did."""
    try:
        event = msgpack.unpackb(raw, timestamp=0)
    except Exception:
        return raw
    choice = zlib.crc32(raw) % 5
    if choice > 2 or not isinstance(event, dict) or not isinstance(event.get("data", {}), dict):
        return raw
    if any(isinstance(key, bytes) for key in event):
        return raw  # in another form already: "data" beside b"data" would be one key twice
    if choice == 0:
        return msgpack.packb(other_form(event))
    if choice == 1:
        event.pop("time", None)
    else:
        event["data"] = {**event.get("data", {}), "said_later": 1}
    return msgpack.packb(event)


class Generator(CaseEvents):
    def __init__(self, rng, world, versions, off=(), names=False):
        self.rng = rng
        self.world = world
        self.versions = versions
        self.version = 0
        start = datetime.fromisoformat(rng.choice(STARTS)).replace(tzinfo=timezone.utc)
        self.wall = us_of(start) + rng.randrange(0, 8) * HOUR
        self.steady = 1000 * SECOND
        self.serial = 0
        self.sequences = {}
        self.holes = []
        self.sent = []
        self.grace_until = None
        self.is_punctual = rng.random() < 0.6
        self.goal = None
        self.is_changing = len(versions) > 2  # configs.changed()
        self.is_ending = False  # a downtime begins at the goal
        self.marked = None
        self.off = off
        self.names = names  # duties by their number and subject, questions by their unit
        self.weights = {"anything": rng.random() < 0.4 and "anything" not in off}
        for table in (CASE_OPS, OPENINGS, OTHERS, WORLD):
            for name, weight in table.items():
                is_off = name in off or rng.random() < 0.25
                self.weights[name] = 0 if is_off else weight * rng.choice([1, 1, 1, 3])
        if names:
            self.weights["story"] = 6
        if not any(self.weights[name] for name in OPENINGS):
            self.weights["complaint"] = 10
        self.units = list(Units(versions[0]["units"]).by_path)
        self.queue = [self.configure(0)]

    # ---- time ----
    def at(self):
        return self.wall, self.steady

    def pass_time(self, span):
        self.wall += span
        self.steady += span

    def chosen(self, *names):
        return any(self.weights[name] and self.rng.random() < 0.02 * self.weights[name]
                   for name in names)

    def configure(self, version):
        self.version = version
        return ["configure", *self.at(), version]

    def next(self):
        """The next command."""
        if self.marked is not None:
            return self.while_marked()
        if self.queue:
            return self.queue.pop(0)
        if self.goal is not None:
            command = self.toward_goal()
            if command is not None:
                return command
        dice = self.rng.random()
        if dice < 0.04:
            command = self.of_world()
            if command is not None:
                return command
        if dice < 0.45:
            self.choose_goal()
            if self.queue:
                return self.queue.pop(0)
            command = self.toward_goal() if self.goal is not None else None
            if command is not None:
                return command
        return self.event()

    def choose_goal(self):
        rng = self.rng
        if self.chosen("downtime"):
            then = self.world.watches.next_of(supervision.REPORT_THEN)
            if self.is_changing and then is not None:  # it begins between two tellings
                self.goal, self.is_ending = max(self.wall, then - MINUTE), True
            else:
                self.downtime()
            return
        if self.chosen("steps"):
            # back, forward, or a great step that was held and then accepted
            self.wall += rng.choice([-7200, -600, -30, 45, 400, 3000, 7200, 86400]) * SECOND
        span = rng.choice([rng.randrange(SECOND, 5 * MINUTE), rng.randrange(MINUTE, 3 * HOUR),
                           rng.randrange(HOUR, 20 * HOUR), rng.randrange(HOUR, 2 * DAY), None])
        due = self.world.next_due()
        if span is None:
            span = 0 if due is None else max(0, due - self.wall - rng.choice([0, 0, 1, SECOND]))
            span = min(span, 40 * DAY)
        self.goal = self.wall + span

    def downtime(self):
        """Nothing fires; where files change over downtimes, this one did, or as the daemon ran."""
        is_none = self.is_ending and self.rng.random() < 0.3
        self.pass_time(0 if is_none else self.rng.randrange(HOUR, 3 * DAY, SECOND))
        self.goal, self.is_ending = None, False
        if self.is_changing:
            others = [n for n in range(len(self.versions)) if n != self.version]
            self.queue.append(self.configure(self.rng.choice(others)))

    def toward_goal(self):
        """A tick where timers are due before the goal; None when it is reached."""
        due = self.world.next_due()
        if due is not None and due <= self.goal and self.is_punctual:
            self.pass_time(max(0, due - self.wall))
            return ["tick", *self.at(), False]
        self.pass_time(max(0, self.goal - self.wall))
        if due is not None and due <= self.wall and self.rng.random() < 0.8:
            return ["tick", *self.at(), False]
        self.goal = None
        if self.is_ending:
            self.downtime()
        return self.queue.pop(0) if self.queue else None

    def of_world(self):
        names = [n for n in ("crash", "flush", "seal", "reload", "grace", "cut") if self.weights[n]]
        if not names:
            return None
        name = self.rng.choices(names, [self.weights[n] for n in names])[0]
        if name == "reload":
            return self.configure((self.version + 1) % len(self.versions))
        if name == "grace":
            self.grace_until = self.wall + 30 * SECOND
            return ["crash", *self.at()]
        if name == "cut":
            self.marked = self.rng.randrange(1, 7)
            return ["mark", *self.at()]
        return [name, *self.at()]

    def while_marked(self):
        """Events and ticks, no checkpoint, then the power goes."""
        if self.marked > 0:
            self.marked -= 1
            if self.rng.random() < 0.1 and self.weights["reload"]:
                return self.configure((self.version + 1) % len(self.versions))
            return self.event() if self.rng.random() < 0.8 else ["tick", *self.at(), False]
        self.marked, self.queue = None, []
        command = ["cut", *self.at(), self.rng.choice([0, 1000, self.rng.randrange(1001)])]
        return command

    # ---- events ----
    def own_time(self, case=None):
        rng, now = self.rng, self.wall
        if self.world.wall is not None:
            now = max(now, self.world.wall)
        dice = rng.random()
        if dice < 0.2:
            return None
        if dice < 0.6:
            return now
        if case is not None and case.state == "closed" and rng.random() < 0.5:
            return case.closing.wall - rng.choice([0, 1, rng.randrange(HOUR)])
        if case is not None and dice < 0.68:
            dues = [t.due for t in self.world.timers_of(case) if now - 5 * DAY < t.due <= now]
            dues += [c.due(case, self.world).wall(self.world) for c in case.clocks
                     if c.state == "breached"]
            if dues:
                return rng.choice(dues) - rng.choice([0, 1, SECOND])
        if dice < 0.8:
            return now - rng.randrange(0, 10 * MINUTE, SECOND)
        if dice < 0.9 or not self.weights["late"]:
            return now - rng.randrange(0, 3 * HOUR)
        if self.weights["future"] and dice < 0.93:
            return now + rng.choice([SECOND, HOUR, DAY, DAY + 1, 2 * DAY])
        return now - rng.randrange(DAY // 2, 4 * DAY, MINUTE)

    def stamp(self, us):
        """A time on the wire, in one of its forms."""
        dice = self.rng.random()
        if dice < 0.6:
            return msgpack.Timestamp(us // SECOND, us % SECOND * 1000)
        text = datetime(1970, 1, 1) + timedelta(microseconds=us)
        if dice < 0.8:
            return text.isoformat() + "Z"
        return (text + timedelta(hours=8)).isoformat() + "+08:00"

    def raw(self, kind, subject=None, data=None, time=None, source=None):
        rng = self.rng
        self.serial += 1
        event = {"id": f"e{self.serial}", "source": source or rng.choice(["desk", "crm"]),
                 "type": kind}
        if source is None and self.weights["sequence"] and rng.random() < 0.3:
            self.number(event)
        if subject is not None:
            event["subject"] = subject
        if time is not None:
            event["time"] = self.stamp(time)
        if rng.random() < 0.1:
            event["specversion"] = "1.0"
        if self.weights["quiet"] and rng.random() < 0.02 * self.weights["quiet"]:
            event["quiet"] = rng.random() < 0.9
        if data or rng.random() < 0.5:
            event["data"] = data or {}
        if self.serial % 29 == 0:  # keys that no type names, more than are told of at times
            more = {f"amm{i}unt": i for i in range(1 + self.serial % 19)}
            event["data"] = {**event.get("data", {}), **more}
        return event

    def number(self, event):
        """A source that counts: mostly the next number, sometimes a gap, its filling, an old one."""
        rng = self.rng
        event["source"] = rng.choice(["core", "core", "bank"])
        last = self.sequences.get(event["source"], 4)
        dice = rng.random()
        if dice < 0.8:
            event["sequence"] = last + 1
        elif dice < 0.88:
            event["sequence"] = last + rng.randrange(2, 5)
            self.holes += [(event["source"], n) for n in range(last + 1, event["sequence"])]
        elif dice < 0.95 and self.holes:
            event["source"], event["sequence"] = self.holes.pop(rng.randrange(len(self.holes)))
        else:
            event["sequence"] = rng.randrange(1, last + 1)
        self.sequences[event["source"]] = max(
            self.sequences.get(event["source"], 4), event["sequence"])

    def op_approved(self):
        """Of another person mostly; of what waits, or waited."""
        rng, seq = self.rng, self.world.seq
        waiting = list(self.world.approvals)
        number = rng.choice(waiting) if waiting and rng.random() < 0.9 else rng.randrange(1, seq + 2)
        event = self.raw("approval.given", None, {
            "event": number, "by": "Zhao" if rng.random() < 0.15 else "wang"}, source="ops")
        return self.command(event, name="key" if rng.random() < 0.15 else "other")

    def command(self, event, unit="", name="key"):
        raw = event if isinstance(event, bytes) else msgpack.packb(event)
        grace = self.grace_until is not None and self.wall < self.grace_until
        return ["event", *self.at(), grace, name, unit, raw]

    def event(self):
        rng = self.rng
        if "security" in self.versions[0] and rng.random() < 0.12:
            made = self.op_approved()
            self.sent.append(made)
            return made
        if rng.random() < 0.5:
            self.pass_time(rng.choice([0, 0, 1, rng.randrange(0, MINUTE)]))
        if self.weights["anything"] and rng.random() < 0.3:
            made = self.anything()
            if made is not None:
                self.sent.append(made)
                return made
        tables = [(OTHERS, 22), (OPENINGS, 22 if len(self.world.cases) < 25 else 3), (CASE_OPS, 56)]
        for _ in range(50):
            table = rng.choices([t for t, _ in tables], [w for _, w in tables])[0]
            names = [n for n in table if self.weights[n]]
            if not names:
                continue
            name = rng.choices(names, [self.weights[n] for n in names])[0]
            command = getattr(self, "op_" + name, None)
            made = command() if command else self.on_case(name)
            if made is not None:
                self.sent.append(made)
                return made
        return ["tick", *self.at(), False]

    def pick_case(self, kinds=None, states=None):
        cases = [c for c in self.world.cases.values()
                 if (kinds is None or c.kind in kinds) and (states is None or c.state in states)]
        if not cases:
            return None
        recent = cases[-6:]
        return self.rng.choice(recent if self.rng.random() < 0.7 else cases)

    def name_case(self, case, data):
        """How an event names its case: by subject, number, or both."""
        dice = self.rng.random()
        by_subject = self.world.subjects.get(case.subject) is case
        if not by_subject or dice < 0.2:
            data["case"] = case.number
            return None
        if dice < 0.3:
            data["case"] = case.number
        return case.subject

    # ---- openings ----
    def customer_data(self, new=True):
        rng = self.rng
        data = {"customer": f"customer-{rng.randrange(5)}", "unit": rng.choice(self.units),
                "channel": rng.choice(["phone", "phone", "counter", "12378", "media"])}
        if rng.random() < 0.15:
            data["unit"] = rng.choice(["d3", "counter1", "yining", "d1"])
        some = {
            "product": rng.choice(["loan", "fund", "endowment"]), "text": rng.choice(TEXTS),
            "phone": rng.choice(["95511", "13800001111", "+86 138-0000-1111", "0086 13800002222"]),
            "seller": rng.choice(["s1", "s2"]), "contract": rng.choice(["k1", "k2"]),
            "age": rng.choice([30, 59, 60, 80]), "handler": "h1", "people": 2,
            "amount": rng.choice(["100.50", 30000]), "tags": ["a", "b"],
            "attributes": {"vip": rng.random() < 0.5, "anger": rng.choice([0, 20, 55, 95])}, "regulator_ref": "R1",
            "respondent": rng.choice(self.units), "birth_year": rng.choice([1950, 1990]),
        }
        for key, value in some.items():
            rare = key in ("regulator_ref", "respondent", "people", "tags", "birth_year")
            if rng.random() < (0.1 if rare else 0.4):
                data[key] = value
        if rng.random() < 0.15:
            data["received"] = self.stamp(self.wall - rng.randrange(0, 4 * DAY, MINUTE))
        if rng.random() < 0.15:
            data["answer_by"] = self.date_or_time()
        return data

    def date_or_time(self):
        at = self.wall + self.rng.randrange(-HOUR, 6 * DAY, MINUTE)
        if self.rng.random() < 0.5:
            return datetime.fromtimestamp(at // SECOND, timezone.utc).date().isoformat()
        return self.stamp(at)

    def subject(self, prefix):
        taken = list(self.world.subjects)
        if taken and self.rng.random() < 0.12:
            return self.rng.choice(taken)
        self.serial += 1
        return f"{prefix}-{self.serial}"

    def op_contact(self):
        data = self.customer_data()
        if self.rng.random() < 0.5:
            data.update(text="投诉到底 银保监 refund 误导", channel="12378")
        return self.command(self.raw("contact.received", self.subject("call"), data, self.own_time()))

    def op_complaint(self):
        data, subject = self.customer_data(), self.subject("C")
        contact = self.pick_case(["contact"])
        if contact is not None and self.rng.random() < 0.4:
            if self.rng.random() < 0.5:
                data["contact"] = contact.subject
            elif self.rng.random() < 0.5:
                subject = contact.subject
            data["customer"] = contact.attributes["customer"]
        elif self.rng.random() < 0.1 :
            data["contact"] = "call-below-the-level"
        return self.command(self.raw("complaint.registered", subject, data, self.own_time()))

    def op_forwarded_new(self):
        data = self.customer_data()
        data.update(body="nfra", ref="N1")
        return self.command(self.raw("case.forwarded", self.subject("F"), data, self.own_time()))

    def op_duty(self):
        data = {"duty": self.rng.choice(["training", "audit"]), "unit": self.rng.choice(self.units),
                "due": self.date_or_time(), "title": "a duty",
                "period": self.rng.choice(["2025", "2026", "q4"])}
        rules = self.world.config.get("supervision", {}).get("duties", [])
        if rules and self.rng.random() < 0.5:  # by hand what a schedule would open
            rule = self.rng.choice(rules)
            day = self.world.calendar_of("xj").day_of(self.wall)
            present = duties.period_of(rule["every"], day)
            period = self.rng.choice([present, duties.next_period(rule["every"], present[1])])
            data.update(duty=rule["duty"], unit=self.rng.choice(duties.unfold(self.world.units, rule["for"])),
                        period=period[2])
            if self.names and self.rng.random() < 0.4:  # somebody takes the subject that the schedule would give it
                subject = f"{data['duty']}/{data['unit']}/{data['period']}"
                data = {"customer": "c-9", "channel": "95511", "unit": data["unit"]}
                return self.command(self.raw("complaint.registered", subject, data, self.own_time()))
        return self.command(self.raw("duty.opened", None, data, self.own_time()))

    # ---- others ----
    def op_duty_progressed(self):
        case = self.pick_case(["duty"])
        if case is None:
            return None
        if self.names:
            return self.progressed_by_name(case)
        duty, rest = case.subject.split("/", 1)
        unit, period = rest.rsplit("/", 1)
        data = {"duty": duty, "unit": unit, "period": period,
                "done": self.rng.choice([1, 9, 10]), "total": 10}
        return self.command(self.raw("duty.progressed", None, data, self.own_time(case)))

    def progressed_by_name(self, case):
        data = {"duty": case.attributes["duty"], "unit": case.respondent,
                "done": self.rng.choice([1, 2, 9]), "total": self.rng.choice([3, 10])}
        subject = None
        if "period" in case.attributes:
            data["period"] = case.attributes["period"]
        way = self.rng.choice(["keys", "subject", "number", "another"])
        if way == "subject":
            subject = case.subject
        elif way != "keys":
            data["case"] = case.number if way == "number" else self.rng.randrange(1, case.number + 1)
        return self.command(self.raw("duty.progressed", subject, data, self.own_time(case)))

    def op_screened(self):
        data = {"contract": self.rng.choice(["k1", "k2"]),
                "risk": self.rng.choice(["none", "watch", "high"])}
        if self.rng.random() < 0.6:
            data.update(round=self.rng.choice(["r1", "r2"]), unit=self.rng.choice(self.units))
        return self.command(self.raw("contract.screened", None, data, self.own_time()))

    def op_cleared(self):
        data = {"contract": self.rng.choice(["k1", "k2"]), "by": "li", "measure": "m"}
        if self.rng.random() < 0.8:
            data["round"] = self.rng.choice(["r1", "r2"])
        return self.command(self.raw("contract.cleared", None, data, self.own_time()))

    def op_reported(self):
        day = datetime.fromtimestamp(self.wall // SECOND, timezone.utc) + timedelta(hours=8)
        day -= timedelta(days=self.rng.choice([0, 0, 0, 1, 3, -1]))
        data = {"unit": self.rng.choice(self.units), "date": day.date().isoformat(),
                "opened": self.rng.randrange(4), "closed": 1, "open": 2}
        return self.command(self.raw("unit.reported", None, data))

    def op_overridden(self):
        begin = self.wall + self.rng.randrange(-DAY, DAY, MINUTE)
        data = {"roster": self.rng.choice(["night", "night", "weekend", "nobody"]),
                "unit": self.rng.choice(self.units), "from": self.stamp(begin), "by": "wang",
                "until": self.stamp(begin + self.rng.randrange(-HOUR, 3 * DAY, MINUTE))}
        return self.command(self.raw("roster.overridden", None, data))

    def op_source_reset(self):
        return self.command(self.raw("source.reset", None, {"source": "core"}))

    def op_alert_acknowledged(self):
        rng, alerts = self.rng, self.world.alerts
        if not alerts:
            return None
        wanting = [n for n in list(alerts)[-15:] if alerts[n].__dict__.get("ack_by")]
        number = rng.choice(wanting if wanting and rng.random() < 0.8 else list(alerts)[-15:])
        if rng.random() < 0.03:
            number = max(alerts) + 5
        alert = alerts.get(number)
        case = alert and self.world.cases.get(alert.__dict__.get("case"))
        event = self.raw("alert.acknowledged", None, {"alert": number, "by": "li"},
                         self.own_time(case))
        return self.command(event, alert.unit if alert and alert.unit != "~ops" else "")

    def op_silence(self):
        matchers = self.rng.choice([
            {"type": "ladder.rung"}, {"severity": ["info", "warning"]}, {"rung": 1},
            {"unit": self.rng.choice(self.units)}, {"kind": "contact", "type": "~^(ladder|warning)"},
            {"clock": "decide"}, {"customer": "customer-1"}, {"type": "clock.breach"},
            {"attributes.vip": "!true", "type": "clock.reminder"}, {"type": "~^(case|pattern)"}])
        data = {"matchers": matchers, "by": "zhao", "reason": "r",
                "until": self.stamp(self.wall + self.rng.randrange(-HOUR, 20 * HOUR, SECOND))}
        return self.command(self.raw("silence.created", None, data))

    def op_silence_ended(self):
        number = self.rng.randrange(1, len(self.world.silences) + 2)
        return self.command(self.raw("silence.ended", None, {"silence": number}))

    def op_duplicate(self):
        # for as long as ids are kept at least (limits.dedup, 35 d)
        sent = [one for one in self.sent[-20:] if self.wall - one[1] < 34 * DAY]
        if not sent:
            return None
        old = self.rng.choice(sent)
        return ["event", *self.at(), False, *old[4:6], twisted(old[6])]

    def op_unknown(self):
        kind = self.rng.choice(["case.closed", "case.noted", "case.assigned"])
        data = {"resolution": "r", "by": "li", "text": "t", "reason": "r",
                "unit": self.rng.choice(["xj", "nowhere"])}
        if self.rng.random() < 0.5:
            data["case"] = 9999
        return self.command(self.raw(kind, self.rng.choice(["nobody", None])
                                     if "case" in data else "nobody", data))

    def op_burst(self):
        """Several events at one instant."""
        for _ in range(self.rng.randrange(2, 6)):
            name = self.rng.choice(["noted", "acknowledged", "assigned", "paused", "resumed"])
            made = self.on_case(name) if self.weights.get(name) else None
            if made is not None:
                self.queue.append(made)
        return self.queue.pop(0) if self.queue else None

    def op_invalid(self):
        rng = self.rng
        event = self.raw("complaint.registered", self.subject("X"), self.customer_data())
        data = event["data"]
        broken = rng.randrange(14)
        if broken == 0:
            del event[rng.choice(["id", "source", "type", "subject"])]
        elif broken == 1:
            del data[rng.choice(["customer", "channel", "unit"])]
        elif broken == 2:
            event["id"] = rng.choice(["", "x" * 129])
        elif broken == 3:
            data[rng.choice(["customer", "text", "unit"])] = rng.choice([7, None, True, ["a"]])
        elif broken == 4:
            data["amount"] = 1.5
        elif broken == 5:
            event["type"] = "case.invented"
        elif broken == 6:
            event["time"] = rng.choice(["2025-09-22T10:00:00", "yesterday", "2025-02-30T00:00:00Z"])
        elif broken == 7:
            event["time"] = 17
        elif broken == 8:
            event["sequence"] = rng.choice([0, -1, "7"])
        elif broken == 9:
            event["specversion"] = rng.choice(["0.3", 1])
        elif broken == 10:
            data["unit"] = "nowhere"
        elif broken == 11:
            return self.command(msgpack.packb(event)[:-1])
        elif broken == 12:
            return self.command(msgpack.packb(event) + b"\x01")
        else:
            return self.command(msgpack.packb(rng.choice([[1], "text", 7])))
        return self.command(event)
