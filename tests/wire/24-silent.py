#!/usr/bin/python3
"""Sources that are watched: one that sends nothing is told to operators, once until it sends again."""
from harness import Daemon, at, contact, event, run

WATCHED = """\
sources:
  crm: {silent_after: 30m}
  core: {silent_after: 2h, in: office}
"""


def on(one, hour, day="03", source="other"):
    return {**one, "source": source, "time": f"2025-03-{day}T{hour}:00+08:00"}


class Watch:
    def __init__(self):
        self.daemon = Daemon(start=False, args=["--clock", "events"])
        self.plain = self.daemon.config_path.read_text()
        self.daemon.write_config(self.plain + WATCHED)
        self.daemon.start()
        self.intake, self.desk = self.daemon.intake(), self.daemon.desk()
        self.number = 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)

    def say(self, hour, source="other", day="03"):
        """An event that opens nothing; what operators were told by then."""
        self.number += 1
        made = contact(f"c-{self.number}", customer=f"k{self.number}", channel="web")
        self.desk.reach(self.intake.accept(on(made, hour, day, source))["seq"])
        return [(one["reasons"][0]["code"], one["time"]) for one in self.desk.replay(
            unit="~ops/", after=0) if one["type"] == "source.silent"]


def told(source, hour, day="03"):
    return source, at(f"2025-03-{day}T{hour}:00+08:00")


def test_a_silent_source_is_told_once_until_it_speaks():
    with Watch() as watch:
        assert watch.say("10:00", "crm") == []
        assert watch.say("10:20", "crm") == [] and watch.say("10:40") == []
        assert watch.say("10:50") == [told("crm", "10:50")]
        rows = {row["source"]: row["silent"] for row in watch.desk.rows("source.list")}
        assert rows == {"crm": True, "core": False, "other": False}, rows
        assert watch.say("11:40") == [told("crm", "10:50")]  # not again
        assert watch.say("11:45", "crm") == [told("crm", "10:50")]
        # core has said nothing since time began here, at 10:00; the office is open.
        assert watch.say("12:14") == [told("crm", "10:50"), told("core", "12:00")]
        assert watch.say("12:15")[2:] == [told("crm", "12:15")]


def test_only_open_time_counts_as_silence():
    with Watch() as watch:
        watch.say("17:00", "core", day="07")  # a Friday
        assert not [one for one in watch.say("09:59", day="10") if one[0] == "core"]
        found = [one for one in watch.say("10:00", day="10") if one[0] == "core"]
        assert found == [told("core", "10:00", day="10")], found


def test_the_watch_survives_a_kill_and_ends_with_the_configuration():
    with Watch() as watch:
        watch.say("10:00", "crm")
        watch.daemon.kill()
        watch.daemon.start()
        watch.intake, watch.desk = watch.daemon.intake(), watch.daemon.desk()
        watch.daemon.write_config(watch.plain + WATCHED.replace("30m", "1h"))
        assert "reloaded" in watch.daemon.reload()
        assert [one for one in watch.say("10:59") if one[0] == "crm"] == []
        assert [one for one in watch.say("11:00") if one[0] == "crm"] == [told("crm", "11:00")]
        watch.say("11:01", "crm")
        watch.daemon.write_config(watch.plain)
        assert "reloaded" in watch.daemon.reload()
        assert len([one for one in watch.say("17:00") if one[0] == "crm"]) == 1
        assert watch.desk.call("check")["faults"] == 0


if __name__ == "__main__":
    run(globals())
