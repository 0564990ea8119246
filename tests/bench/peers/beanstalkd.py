"""beanstalkd -f 0: an fsync for each put."""
import contextlib
import time

from peers import BODY, Histogram, connect, free_port, need, pump, process

PUT = b"put 0 0 60 %d\r\n%s\r\n" % (len(BODY), BODY)


class Window:
    """A connection that sends `window` puts and waits for the answers to all of them."""

    def __init__(self, sock, window, histogram):
        self.sock, self.window, self.histogram = sock, window, histogram

    def start(self):
        self.since, self.answered = time.monotonic(), 0
        self.sock.sendall(PUT * self.window)

    def feed(self):
        self.answered += self.sock.recv(65536).count(b"INSERTED")
        if self.answered < self.window:
            return False
        self.histogram.add((time.monotonic() - self.since) * 1e6, self.window)
        return True


class Peer:
    def __init__(self, open_one):
        self.open_one = open_one

    def load(self, producers, window, seconds):
        histogram = Histogram()
        begin = time.monotonic()
        with contextlib.ExitStack() as stack:
            socks = [stack.enter_context(self.open_one()) for _ in range(producers)]
            pump([Window(sock, window, histogram) for sock in socks], begin + seconds, time.monotonic)
        return histogram.figures(time.monotonic() - begin)


@contextlib.contextmanager
def running(place, build):
    del build
    port = free_port()
    log = place / "log"
    command = [need("beanstalkd"), "-l", "127.0.0.1", "-p", str(port), "-b", str(place), "-f", "0"]
    with process(command, log) as child:
        connect(port, child, log).close()
        yield Peer(lambda: connect(port, child, log))
