"""Redis Streams: XADD, appendfsync always, by redis-benchmark, which pipelines as our client does."""
import contextlib
import csv
import subprocess

from peers import BODY, connect, free_port, need, process


class Peer:
    def __init__(self, port):
        self.port = port
        self.bench = need("redis-benchmark")

    def measure(self, producers, window, count):
        command = [self.bench, "-p", str(self.port), "-c", str(producers), "-P", str(window), "-n", str(count),
                   "--csv", "--precision", "3", "XADD", "s", "*", "f", BODY.decode()]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        row = list(csv.DictReader(out.splitlines()))[-1]
        return {"rate": float(row["rps"]), "p50": float(row["p50_latency_ms"]) * 1000,
                "p99": float(row["p99_latency_ms"]) * 1000}

    def load(self, producers, window, seconds):
        size = producers * window * 20
        trial = self.measure(producers, window, size)
        return self.measure(producers, window, max(size, int(trial["rate"] * seconds)))


@contextlib.contextmanager
def running(place, build):
    del build
    port = free_port()
    log = place / "log"
    command = [need("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(place), "--save", "",
               "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"]
    with process(command, log) as child:
        connect(port, child, log).close()
        yield Peer(port)
