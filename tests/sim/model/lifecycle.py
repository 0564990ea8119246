"""The lifecycle table: what an event makes of a case's state."""
from .decode import Reject

SAME = "="
STATES = ("open", "assigned", "handling", "decided", "closed", "grown")


def row(opened, assigned, handling, decided, closed, grown):
    return dict(zip(STATES, (opened, assigned, handling, decided, closed, grown)))


GOES_ON = row(SAME, SAME, SAME, SAME, None, None)
ALWAYS = row(SAME, SAME, SAME, SAME, SAME, SAME)
TO_HANDLING = row("handling", "handling", SAME, SAME, "history", None)
ENDS = row("closed", "closed", "closed", "closed", None, None)
OPENS_AGAIN = row(None, None, None, "open", "open", None)

TABLE = {
    "case.assigned": row("assigned", "assigned", "assigned", SAME, None, None),
    "case.acknowledged": TO_HANDLING,
    "case.customer_contacted": TO_HANDLING,
    "case.decided": row("decided", "decided", "decided", SAME, "history", None),
    "case.closed": ENDS,
    "case.withdrawn": ENDS,
    "case.merged": ENDS,
    "case.defused": row("closed", "closed", "closed", None, None, None),
    "case.reopened": OPENS_AGAIN,
    "case.review_requested": OPENS_AGAIN,
    "case.forwarded": row(SAME, SAME, SAME, SAME, "open", None),
    "case.paused": row(SAME, SAME, SAME, None, None, None),
    "case.resumed": GOES_ON,
    "case.extended": row(SAME, SAME, SAME, SAME, "outlives", None),
    "case.escalated": GOES_ON,
    "case.chased": GOES_ON,
    "case.answered": GOES_ON,
    "case.joined": GOES_ON,
    "case.facts_added": GOES_ON,
    "case.panel_opened": GOES_ON,
    "case.panel_concluded": GOES_ON,
    "case.review_decided": GOES_ON,
    "case.amended": ALWAYS,
    "case.noted": ALWAYS,
    "case.verified": ALWAYS,
    "case.surveyed": row(None, None, None, SAME, SAME, None),
    "duty.verified": row(None, None, None, "checked", "checked", None),
    "case.cause_found": ALWAYS,
    "case.rectified": ALWAYS,
    "case.sanctioned": ALWAYS,
    "case.notice_given": ALWAYS,
    "case.reapplied": ALWAYS,
}
KINDS = {  # who takes it; all kinds where not named
    "case.decided": ("complaint", "duty"),
    "case.defused": ("contact",),
    "case.forwarded": ("complaint",),
    "case.surveyed": ("contact", "complaint"),
    "duty.verified": ("duty",),
}
# mediation: (state, step) -> state
MEDIATION = {}
for _state in ("none", "declined", "failed", "executed"):
    MEDIATION[_state, "called"] = "called"
MEDIATION["called", "accepted_by_body"] = "accepted"
MEDIATION["called", "accepted_by_party"] = "called"
MEDIATION["called", "declined"] = "declined"
MEDIATION["none", "accepted_by_body"] = "accepted"
MEDIATION["accepted", "settled"] = "settled"
MEDIATION["accepted", "failed"] = "failed"
MEDIATION["settled", "executed"] = "executed"
MEDIATION["settled", "failed"] = "failed"


STEPS = ("called", "accepted", "declined", "settled", "failed", "executed")


def mediation_step(event):
    step = event.type[len("case.mediation_"):]
    if step == "accepted":
        return "accepted_by_body" if event.data["by"] == "body" else "accepted_by_party"
    return step


def next_state(case, event, own):
    """The state after the event of that own time, SAME, or "history". Raises illegal_transition."""
    illegal = Reject("illegal_transition", None, f"{event.type} in {case.state} ({case.kind})")
    if event.type.startswith("case.mediation_"):
        step = mediation_step(event)
        if case.kind != "complaint" or (case.mediation, step) not in MEDIATION:
            raise illegal
        if case.state == "grown" or (case.state == "closed" and not (
                case.mediation == "settled" and step in ("executed", "failed"))):
            raise illegal
        return SAME
    found = TABLE[event.type][case.state]
    if found is None or case.kind not in KINDS.get(event.type, (case.kind,)):
        raise illegal
    if found == "checked":
        if not event.data["effective"]:
            return "open"
        return SAME if case.state == "closed" else "closed"
    if found == "history" and own > case.closing.wall:
        raise illegal
    return found
