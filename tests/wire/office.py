"""An office of three units that opens at nine and closes at five, for tests of ladders."""
import subprocess

from harness import Daemon, at, event

OFFICE = """\
units:
  id: firm
  calendar: office
  units: [{id: north}, {id: south}]
calendars:
  office: {timezone: UTC, hours: [{days: mon-fri, open: ["09:00-17:00"]}]}
policies:
"""


class Office:
    """A daemon that lives by the times of its events; 2 March 2026 is a Monday."""

    def __init__(self, policies):
        self.daemon = Daemon(start=False, args=["--clock", "events"], units="",
                             rules=OFFICE + policies)
        self.seq = 0

    def __enter__(self):
        self.daemon.start()
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def send(self, time, type, subject=None, **data):
        """`time`: day and time in March 2026, as "02 10:00"."""
        one = event(type, subject=subject, data=data, time=self.time(time))
        receipt = self.intake.accept(one)
        self.seq = receipt.get("seq", self.seq)
        return receipt

    def refuse(self, time, type, subject=None, **data):
        """The error of its receipt."""
        receipt = self.intake.send(event(type, subject=subject, data=data, time=self.time(time)))
        assert receipt["status"] == "rejected", receipt
        return receipt["error"]

    def time(self, text):
        return f"2026-03-{text.replace(' ', 'T')}:00Z"

    def open(self, time, subject, unit="north", **data):
        return self.send(time, "complaint.registered", subject,
                         **{"customer": "c-" + subject, "channel": "web", "unit": unit, **data})

    def at(self, text):
        return at(self.time(text))

    def until(self, time):
        """Time goes on: an event that names no case."""
        self.send(time, "figure.given", figure="people", period="2026", value=1, **{"as": "base"})

    def case(self, subject):
        return self.desk.call("case.get", subject=subject, min_seq=self.seq)

    def alerts(self, subject=None):
        rows = self.desk.call("feed.replay", after=0, limit=1000, min_seq=self.seq)["rows"]
        return [row for row in rows if subject is None or row.get("subject") == subject]

    def told(self, subject=None):
        """(type, rung, unit's last part, day and time) of each alert, of one case."""
        return [(row["type"], row.get("rung", 0), row["unit"].split("/")[-1],
                 row["time"].astimezone(at("2026-03-02T00:00:00Z").tzinfo).strftime("%d %H:%M"))
                for row in self.alerts(subject)]


def refusal(policies):
    """What --check-config prints of a configuration that it refuses."""
    daemon = Daemon(start=False, units="", rules=OFFICE + policies)
    try:
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True,
                              timeout=60)
        assert done.returncode != 0, done.stderr
        return done.stderr
    finally:
        daemon.close(failed=False)


def notes(policies):
    """What --check-config prints of a configuration that it takes."""
    daemon = Daemon(start=False, units="", rules=OFFICE + policies)
    try:
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr
    finally:
        daemon.close(failed=False)
