"""Alertmanager: POST of `window` alerts at a time, all new ones; nothing of it is durable."""
import contextlib
import http.client
import json
import threading
import time

from peers import Histogram, connect, free_port, need, process

CONFIG = """route: {receiver: none, group_by: ['...'], group_wait: 1h}
receivers: [{name: none}]
"""


def body(producer, number, window):
    return json.dumps([{"labels": {"alertname": "complaint", "producer": str(producer), "case": str(number * window + i)},
                        "annotations": {"text": "x" * 200}} for i in range(window)])


class Peer:
    def __init__(self, port):
        self.port = port

    def produce(self, producer, window, until, histogram):
        link = http.client.HTTPConnection("127.0.0.1", self.port)
        number = int(time.time() * 1000)  # never the alerts of an earlier load
        while time.monotonic() < until:
            text = body(producer, number, window)
            number += 1
            since = time.monotonic()
            link.request("POST", "/api/v2/alerts", text, {"Content-Type": "application/json"})
            answer = link.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"alertmanager answered {answer.status}")
            histogram.add((time.monotonic() - since) * 1e6, window)

    def load(self, producers, window, seconds):
        histograms = [Histogram() for _ in range(producers)]
        begin = time.monotonic()
        threads = [threading.Thread(target=self.produce, args=(i, window, begin + seconds, histograms[i]))
                   for i in range(producers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        whole = Histogram()
        for histogram in histograms:
            whole.values.extend(histogram.values)
        return whole.figures(time.monotonic() - begin)


@contextlib.contextmanager
def running(place, build):
    del build
    port, log = free_port(), place / "log"
    (place / "alertmanager.yml").write_text(CONFIG)
    command = [need("prometheus-alertmanager"), f"--config.file={place}/alertmanager.yml", f"--storage.path={place}",
               f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=error"]
    with process(command, log) as child:
        connect(port, child, log).close()
        yield Peer(port)
