"""One file a peer: running(place, build) gives, while it runs, an object with load(producers, window,
seconds) -> {rate, p50, p99} in events/s and microseconds."""
import contextlib
import pathlib
import selectors
import shutil
import socket
import subprocess
import sys

BODY = b"x" * 300


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def need(program, *also):
    found = shutil.which(program) or next((str(p) for p in also if pathlib.Path(p).exists()), None)
    return found or sys.exit(f"{program} is not there: tools/install-packages bench")


@contextlib.contextmanager
def process(command, log, **more):
    """The program, stopped at the end."""
    with open(log, "wb") as out:
        child = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, **more)
        try:
            yield child
        finally:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def connect(port, child, log):
    """A connection to a server that is starting: tried until it is there or has ended."""
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(0.05)
                sys.exit(f"it ended: {pathlib.Path(log).read_text(errors='replace')[-500:]}")


class Histogram:
    """Microseconds of all answers, kept whole: some millions at most."""

    def __init__(self):
        self.values = []

    def add(self, us, times=1):
        self.values.extend([us] * times)

    def at(self, share):
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None

    def figures(self, seconds):
        return {"rate": len(self.values) / seconds, "p50": self.at(0.5), "p99": self.at(0.99)}


def pump(connections, until, now):
    """Lets each connection (fileno, start(), feed() -> True when a window was answered) work until then."""
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.sock, selectors.EVENT_READ, connection)
            connection.start()
        while now() < until:
            for key, _ in selector.select(0.2):
                if key.data.feed():
                    key.data.start()
