"""A case as a list of facts: what happened, in the order taken, each with its own time."""
from .worktime import Stamp

ENDED = ("closed", "grown")
# Data keys that stay with a case as attributes.
ATTRIBUTES = """customer channel product contract seller phone amount currency issue text tags
regulator_ref people body ref answer_by age birth_year outcome liable accommodation paid_for duty due
period total title cause contact resolution satisfied decided_amount decided_currency settled_amount
settled_currency mediation_body valid""".split()


class Pause:
    def __init__(self, reason, begin, until):
        self.reason = reason
        self.begin = begin  # Stamp
        self.end = None
        self.until = until  # wall, or None
        self.long = None  # wall: when it is told that it lasts; None: it was, or ends before


class Chase:
    """An answer owed by a time."""

    def __init__(self, unit, chaser, due):
        self.unit = unit
        self.chaser = chaser
        self.due = due  # wall
        self.is_answered = False
        self.is_missed = False


class Notice:
    """What the customer must be told."""

    def __init__(self, code, due):
        self.code = code
        self.due = due  # wall: when its unit is reminded
        self.is_given = self.is_told = False


class Silence:
    def __init__(self, number, matchers, until, now):
        self.number = number
        self.matchers = matchers
        self.until = until
        self.is_ended = False
        self.armed = until if until > now else None  # wall: when units hear what they missed
        self.withheld = {}  # (unit, case number, type, rung, clock) -> (case, fields, case.order then)

    def keep(self, unit, case, fields, order, moved=False):
        key = (unit, case.number, fields["type"], fields["rung"], fields["clock"])
        if not (moved and key in self.withheld):
            self.withheld[key] = (case, fields, order)


class Case:
    def __init__(self, number, kind, subject, unit, opened):
        self.number = number
        self.kind = kind
        self.subject = subject
        self.unit = unit
        self.opened = opened  # Stamp: own time of the opening event
        self.state = "open"
        self.handler = None
        self.respondent = unit  # the unit complained of
        self.first_unit = unit
        self.attributes = {}
        self.extra = {}  # data.attributes
        self.received = opened  # Stamp
        self.facts = []  # (order, moment, Stamp)
        self.order = 0
        self.pauses = []
        self.policy = None
        self.common_specs = []  # of the common clocks whose match holds
        self.clocks = []
        self.ladder = None
        self.chases = []
        self.has_panel = self.has_review = False
        self.mediation = "none"
        self.closing = None  # Stamp
        self.merged_into = None  # the case that goes on for it
        self.grown_into = None  # of a contact
        self.transfers = 0
        self.contacts = 0  # contacts of this matter, those that grew into it included
        self.recontacts = 0  # contacts, complaints and letters of its customer since it was opened
        self.recontacted = []  # the newest own time by then
        self.begun_again = None  # own time of the one that last began the ladder anew
        self.contacted = None  # (own time, who) of the newest contact with the customer
        self.reopenings = 0
        self.is_forwarded = False
        self.level = "none"
        self.notices = []
        self.was_defused = False
        self.was_acknowledged = False  # since it was opened, moved or reopened
        self.was_decided = False  # since it was opened or reopened
        self.is_first_told = False  # warning.first_contact went out
        self.told = []  # (what, own time) that counts each time
        self.decision = None  # (own time, data) of the newest one
        self.is_valid = None
        self.calls = []  # to mediation: [when, who declined]
        self.mediated = {}  # what of a mediation counts: when

    @property
    def is_open(self):
        return self.state not in ENDED

    def note(self, moment, stamp):
        """One more fact; its order is that of taking."""
        self.order += 1
        self.facts.append((self.order, moment, stamp))

    def first(self, moment):
        """(order, Stamp) of the first occurrence, or None. `received` may be amended."""
        if moment == "received":
            return 0, self.received
        for order, name, stamp in self.facts:
            if name == moment:
                return order, stamp
        return None

    def since(self, moment, order):
        """Facts of a moment taken after `order`."""
        return [stamp for number, name, stamp in self.facts if name == moment and number > order]

    def stretches(self, reasons=None):
        """Pairs of Stamps in which a pause of one of the reasons (None: any) was open."""
        return [(p.begin, p.end) for p in self.pauses if reasons is None or p.reason in reasons]

    def open_pauses(self, reasons=None):
        return [p for p in self.pauses
                if p.end is None and (reasons is None or p.reason in reasons)]

    def end_pause(self, pause, stamp):
        pause.end = Stamp(max(stamp.wall, pause.begin.wall), max(stamp.steady, pause.begin.steady))

    def matched(self, world):
        """Attributes as matchers see them."""
        found = {name: value for name, value in self.attributes.items()
                 if name in ATTRIBUTES and value is not None}
        found["respondent"] = self.respondent
        found["contacts"] = self.contacts
        return world.derived(found, self.kind, self.extra, self.unit, self.received.wall,
                             self.is_forwarded, self.transfers, self.reopenings, self.recontacts)
