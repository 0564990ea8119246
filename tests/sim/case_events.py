"""The events of one case: what they carry, and which case is apt for them."""
from model import duties
from model.worktime import DAY, HOUR, SECOND
from weights import CASE_OPS, TEXTS


class CaseEvents:
    """A part of the generator."""

    # ---- on a case ----
    def on_case(self, name):
        rng = self.rng
        wrong = rng.random() < 0.12
        kinds = {"defused": ["contact"], "mediation": ["complaint"], "forwarded": ["complaint"],
                 "decided": ["complaint", "duty"], "duty_verified": ["duty"], "merged": ["complaint", "contact"]}.get(name)
        again = ["decided", "closed"]
        states = again if name in ("reopened", "review_requested") else \
            None if rng.random() < 0.15 else ["open", "assigned", "handling", "decided"]
        if name in ("noted", "amended", "sanctioned", "notice_given", "reapplied"):
            states = None
        case = self.pick_case() if wrong else self.pick_case(kinds, states)
        apt = [c for c in self.world.cases.values() if self.is_apt(name, c)]
        if apt and rng.random() < 0.5:
            case = rng.choice(apt)
        merged = [c for c in self.world.cases.values() if c.merged_into is not None]
        if merged and rng.random() < 0.15:
            case = rng.choice(merged)
        return None if case is None else self.to_case(name, case, wrong)

    def to_case(self, name, case, wrong):
        kind = "duty.verified" if name == "duty_verified" else "case." + name
        if name == "mediation":
            kind, data = self.mediation(case, wrong)
        else:
            data = getattr(self, "data_" + name, lambda c: {})(case)
        subject = self.name_case(case, data)
        unit = case.unit
        if self.names and name == "answered":  # an operator's, who tells the unit or none; or any unit's
            unit = self.rng.choice(["", "", *self.units])
        return self.command(self.raw(kind, subject, data, self.own_time(case)), unit)

    def is_apt(self, name, case):
        """Whether what the event needs beyond a state is there."""
        if name == "rectified":
            return duties.mends(case) or duties.waits_for(self.world, case) is not None
        return {
            "answered": any(not c.is_answered and not c.is_missed for c in case.chases),
            "panel_concluded": case.has_panel, "review_decided": case.has_review,
            "resumed": bool(case.open_pauses()),
            "extended": any(c.state == "running" and c.extensions < len(
                c.spec.get("extensions", [])) for c in case.clocks),
            "mediation": case.mediation in ("called", "accepted", "settled"),
            "duty_verified": case.kind == "duty" and case.state in ("decided", "closed"),
        }.get(name, False)

    def anything(self):
        """Any event to a case of any state: the whole of the lifecycle table."""
        name = self.rng.choice([n for n in CASE_OPS if n not in self.off] or ["noted"])
        states = sorted({c.state for c in self.world.cases.values()})
        if not states:
            return None
        case = self.pick_case(states=[self.rng.choice(states)])
        apt = [c for c in self.world.cases.values() if self.is_apt(name, c)]
        if apt and self.rng.random() < 0.6:
            case = self.rng.choice(apt)
        return self.to_case(name, case, self.rng.random() < 0.3)

    def op_story(self):
        """A way through the table that chance takes too seldom."""
        case = self.pick_case(["complaint"], ["open", "assigned", "handling"])
        if case is None:
            return None
        if self.names and self.rng.random() < 0.6:
            return self.questions(case)
        outliving = [c.name for c in case.clocks if c.outlives] or ["nothing"]
        ends = [("closed", {"resolution": "r"})] * (self.rng.random() < 0.7)
        mediated = [("mediation_called", {"body": "b"}),
                    ("mediation_accepted", {"body": "b", "by": "body"}),
                    ("mediation_settled", {})] + ends
        anew = [("amended", {"product": "loan"})] + [("acknowledged", {"by": "li"})] * (
            self.rng.random() < 0.5) + [("amended", {"product": "fund"})]
        if self.rng.random() < 0.25:
            return self.mended_again(case)
        steps = self.rng.choice([
            anew,
            [("decided", {"outcome": "upheld", "liable": True})] + ends +
            [("extended", {"clock": self.rng.choice(outliving), "reason": "r",
                           "approved_by": "parent", "told_customer": True})],
            mediated + [(self.rng.choice(["mediation_failed", "mediation_executed"]), {})],
            mediated + [("extended", {"clock": self.rng.choice(outliving), "reason": "r",
                                      "approved_by": "parent"})],
            [("review_requested", {}), ("decided", {"outcome": "rejected"}),
             ("review_decided", {"outcome": "rejected"})],
            [("panel_opened", {"participants": ["a"]}), ("assigned", {"unit": case.unit}),
             ("panel_concluded", {"opinion": "o"})]])
        if steps[0][0] == "review_requested":
            steps = [("decided", {"outcome": "upheld"})] + steps
        self.queue += [self.command(self.raw("case." + name, None, dict(data, case=case.number)),
                                    case.unit) for name, data in steps]
        return self.queue.pop(0)

    def questions(self, case):
        """Questions to several units, then answers of more; the senders are units and operators."""
        chosen = self.rng.choice
        answer_by = self.stamp(self.wall + 9 * DAY)
        for unit in [case.unit, *self.rng.choices(self.units, k=2)]:
            self.queue.append(self.command(self.raw("case.chased", None, {
                "case": case.number, "by": "zhao", "question": "q", "answer_by": answer_by, "unit": unit}), ""))
        for unit in [case.unit, *self.rng.choices(self.units, k=3)]:
            data, sender = chosen([({"unit": unit}, ""), ({"unit": chosen(self.units)}, unit), ({}, unit), ({}, "")])
            self.queue.append(self.command(self.raw("case.answered", None, {
                "case": case.number, "by": "li", "text": "t", **data}), sender))
        return self.queue.pop(0)

    def mended_again(self, case):
        """A cause that is found, mended, verified, and found again."""
        named = self.rng.choice(self.units)
        unit = self.world.units.present(self.world.units.find(named))
        found = self.raw("case.cause_found", None, {"case": case.number, "cause": "slow", "unit": named})
        steps = [
            self.raw("case.rectified", None, {"case": case.number, "measure": "m", "by": "li"}),
            self.raw("duty.verified", f"rectification/{unit}/{case.number}",
                     {"effective": True, "by": "li"}),
            dict(found, id=found["id"] + "-again")]
        if self.rng.random() < 0.3:
            steps.append(self.raw("duty.verified", f"rectification/{unit}/{case.number}",
                                  {"effective": False, "by": "li"}))
        self.queue += [self.command(one, case.unit) for one in steps]
        return self.command(found, case.unit)

    def data_duty_verified(self, case):
        return {"effective": self.rng.random() < 0.6, "by": "zhao"}

    def data_cause_found(self, case):
        return {"cause": self.rng.choice(["c", "c", "slow"]), "unit": self.rng.choice(self.units), "text": "why"}

    def data_assigned(self, case):
        held = [e.unit for e in case.ladder.entries if e.is_held and e.unit != case.unit]
        present = self.world.units.present
        gone = [present(e.unit) for e in case.ladder.entries
                if e.wants_ack and present(e.unit) != e.unit]
        units = held if held and self.rng.random() < 0.5 else \
            gone if gone and self.rng.random() < 0.7 else self.units + [case.unit, "xj/consumer"]
        data = {"unit": self.rng.choice(units)}
        return dict(data, handler="h2") if self.rng.random() < 0.3 else data

    def by(self, case=None):
        return {"by": "wang", "text": self.rng.choice(TEXTS), "measure": "m",
                "reason": self.rng.choice(["r", "media 媒体曝光 银保监"])}

    data_acknowledged = data_customer_contacted = data_joined = data_noted = by
    data_defused = data_rectified = data_facts_added = data_reopened = data_reapplied = by

    def data_amended(self, case):
        some = {"product": self.rng.choice(["loan", "fund"]), "age": self.rng.choice([50, 70]),
                "issue": "i", "answer_by": self.date_or_time(), "channel": "12378",
                "attributes": {"vip": self.rng.random() < 0.5}, "contract": "k1",
                "birth_year": self.rng.choice([1950, 1990]), "regulator_ref": "R9",
                "received": self.stamp(case.received.wall + self.rng.choice([-DAY, HOUR]))}
        return {k: v for k, v in some.items() if self.rng.random() < 0.25}

    def data_paused(self, case):
        data = {"reason": self.rng.choice(["customer", "appraisal", "other"])}
        if self.rng.random() < 0.4:
            data["until"] = self.stamp(self.wall + self.rng.randrange(-HOUR, 2 * DAY, SECOND))
        return data

    def data_resumed(self, case):
        reasons = [p.reason for p in case.open_pauses()] or ["customer"]
        return {"reason": self.rng.choice(reasons)}

    def data_extended(self, case):
        left = [c.name for c in case.clocks
                if c.state == "running" and c.extensions < len(c.spec.get("extensions", []))]
        names = left or [c.name for c in case.clocks if c.spec.get("extensions")] or \
            [c.name for c in case.clocks] + ["nothing"]
        data = {"clock": self.rng.choice(names), "reason": "r",
                "approved_by": self.rng.choice(["parent", "somebody"])}
        if self.rng.random() < 0.5:
            data["told_customer"] = self.rng.random() < 0.7
        return data

    def data_escalated(self, case):
        data = {"by": "zhao", "reason": "r"}
        if self.rng.random() < 0.4:
            data["to"] = self.rng.randrange(1, len(case.ladder.rungs) + 2)
        return data

    def data_answered(self, case):
        data, owed = self.by(case), [c for c in case.chases if not c.is_answered and not c.is_missed]
        if self.names and owed and self.rng.random() < 0.8:
            data["unit"] = self.rng.choice([owed[-1].unit, case.unit, *self.units])
        return data

    def data_chased(self, case):
        data = {"by": "zhao", "question": "q", "answer_by": self.date_or_time()}
        if self.rng.random() < 0.4:
            data["asker"] = self.rng.choice(self.units)
        return dict(data, unit=self.rng.choice(self.units)) if self.rng.random() < 0.5 else data

    def data_panel_opened(self, case):
        return {"participants": self.rng.choice([["a", "b"], ["d3", "h1", "xj/urumqi/d3"], ["xj", "yining"]])}

    def data_panel_concluded(self, case):
        return {"opinion": "o"}

    def data_decided(self, case):
        data = {"outcome": self.rng.choice(["upheld", "rejected"])}
        if case.number % 3 > 0:
            data |= {"amount": f"{case.number * 5000}.00", "currency": "CNY"}
        return dict(data, liable=self.rng.random() < 0.7) if self.rng.random() < 0.6 else data

    def data_closed(self, case):
        return {"resolution": "r"}

    def data_merged(self, case):
        other = self.pick_case([case.kind])
        into = other.number if self.rng.random() < 0.5 else other.subject
        return {"into": self.rng.choice([into, into, into, "nobody"]), "reason": "same"}

    def data_review_decided(self, case):
        return {"outcome": "rejected"}

    def data_verified(self, case):
        return {"valid": True, "by": "li"}

    def data_surveyed(self, case):
        return {"satisfied": self.rng.random() < 0.5, "by": "li", "score": 4}

    def data_sanctioned(self, case):
        return {"person": "p", "role": self.rng.choice(["seller", "manager", "clerk"]), "measure": "m"}

    def data_notice_given(self, case):
        return {"notice": self.rng.choice(["tout-fraud", "old"]), "written": True}

    def data_forwarded(self, case):
        return {"body": "nfra", "ref": "N2", "answer_by": self.date_or_time()}

    def mediation(self, case, wrong):
        likely = {"none": ["called", "accepted"], "called": ["accepted", "accepted", "declined"],
                  "accepted": ["settled", "failed"], "settled": ["executed", "failed"]}
        steps = ["called", "accepted", "declined", "settled", "failed", "executed"]
        step = self.rng.choice(steps if wrong else likely.get(case.mediation, ["called"]))
        data = {"body": "b", "by": self.rng.choice(["body", "body", "firm", "customer"])}
        return "case.mediation_" + step, data
