"""A daemon whose time comes from events: `with World(RULES) as world: world.take(WHEN, EVENT)`."""
from harness import Daemon, at, event


class World:
    def __init__(self, rules, **more):
        self.daemon = Daemon(rules=rules, args=["--clock", "events"], **more)

    def __enter__(self):
        self.daemon.__enter__()
        return self

    def __exit__(self, *why):
        self.daemon.__exit__(*why)

    def take(self, when, made=None):
        """An event of that time; without one a note that only moves the clock."""
        made = made or event("source.reset", data={"source": "nobody"})
        return self.daemon.intake().accept({**made, "time": at(when)})

    def alerts(self, type, unit=None):
        """Those of the type, and of the unit where one is named."""
        return [a for a in self.daemon.desk().replay()
                if a["type"] == type and unit in (None, a["unit"])]

    def configure(self, old, new):
        text = self.daemon.config_path.read_text()
        assert old in text, text
        self.daemon.write_config(text.replace(old, new))
        self.daemon.reload()
