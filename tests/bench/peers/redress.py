"""redress itself, by redress-bench: an engine that assesses, opens, updates and alerts."""
import contextlib
import json
import pathlib
import subprocess


def tools(build):
    return pathlib.Path(build) / "tools" / "redress-bench", pathlib.Path(build) / "daemon" / "redressd"


def run(*command):
    return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout)


def fsync_us(build, place):
    return run(tools(build)[0], "--json", "fsync", place)["fdatasync"]["p50"]


class Peer:
    def __init__(self, place, build):
        self.bench, self.daemon = tools(build)
        self.place = place

    def measure(self, seconds, *more):
        return run(self.bench, "--json", "--spawn", self.daemon, "--dir", self.place / "run",
                   "--duration", seconds, *more)

    def load(self, producers, window, seconds):
        shape = ["--one"] if (producers, window) == (1, 1) else ["--producers", producers, "--window", window]
        figures = self.measure(seconds, *shape)
        return {"rate": figures["events_per_second"], **{p: figures["receipt_us"][p] for p in ("p50", "p99")}}

    def alerts(self, seconds):
        figures = self.measure(seconds, "--one", "--alerts")
        return {p: figures["alert_us"][p] for p in ("p50", "p99")}


@contextlib.contextmanager
def running(place, build):
    yield Peer(place, build)
