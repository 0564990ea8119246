"""An office whose time comes from the events, for the tests of clocks."""
import subprocess

from harness import Daemon, complaint, configuration, event

UNITS = """\
units: {id: firm, calendar: c, units: [{id: north}, {id: south}]}
calendars: {c: {timezone: %s, hours: [{days: mon-fri, open: ["09:00-17:00"]}]%s}}
"""


class Office:
    """Time comes from the events; `policies` as in the configuration."""

    def __init__(self, policies, zone="UTC", days=""):
        self.daemon = Daemon(start=False, args=["--clock", "events"])
        rules = f"policies:\n{policies}alerts: {{language: en}}\n"
        self.daemon.write_config(configuration(
            self.daemon.folder, units=UNITS % (zone, days), rules=rules))
        self.daemon.start()
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        self.seq = 0

    @staticmethod
    def check(policies):
        """What --check-config says: its status, and the text."""
        daemon = Daemon(start=False)
        try:
            daemon.write_config(configuration(
                daemon.folder, units=UNITS % ("UTC", ""), rules=f"policies:\n{policies}"))
            done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True,
                                  check=False)
            return done.returncode, done.stderr
        finally:
            daemon.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def tell(self, time, made):
        self.seq = self.intake.accept({**made, "time": time})["seq"]

    def case(self, time, type, **data):
        self.tell(time, event(f"case.{type}", subject="K1", data=data))

    def until(self, time):
        """Time passes: an event that touches no case."""
        self.tell(time, event("clock.accepted"))

    def begin(self, time, **data):
        self.tell(time, complaint("K1", unit="firm/north", customer="c1", **data))

    def clock(self, name):
        case = self.desk.call("case.get", subject="K1", min_seq=self.seq)
        return next(one for one in case["clocks"] if one["clock"] == name)

    def all_alerts(self):
        """Of all units, as they were sent."""
        return self.desk.call("feed.replay", after=0, limit=1000, min_seq=self.seq)["rows"]

    def alerts(self, kind, clock):
        case = self.desk.call("case.get", subject="K1", min_seq=self.seq)
        return [(one["time"], one["unit"]) for one in case["alerts"]
                if one["type"] == kind and one.get("clock") == clock]

    def breaches(self, clock):
        return [one for one in self.all_alerts()
                if one["type"] == "clock.breach" and one["clock"] == clock]
