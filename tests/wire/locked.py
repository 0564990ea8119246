"""A daemon behind keys, for tests of who may do what: tcp by CURVE, ipc by role."""
import os
import select
import socket
import time

import zmq

from harness import WAIT_S, Daemon, Desk, Feed, Intake, configuration

CLIENTS = {
    "crm": "{name: crm, roles: [producer], sources: [crm, test], may: [quiet]}",
    "d3": "{name: d3, roles: [unit], units: [xj/urumqi/d3], sources: [desk-d3]}",
    "yining": "{name: yining, roles: [unit], units: [xj/yining], sources: [desk-yining]}",
    "ops": "{name: ops, roles: [operator], sources: ['*']}",
    "eye": "{name: eye, roles: [viewer]}",
}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Locked:
    """A daemon behind keys; its doors are on loopback, and on ipc by role."""

    def __init__(self, more="", security="", clients=CLIENTS, args=(), **options):
        self.keys = {name: zmq.curve_keypair() for name in (*clients, "stranger", "second")}
        self.public, secret = zmq.curve_keypair()
        self.ports = {door: free_port() for door in ("intake", "feed", "desk")}
        self.options = options
        self.daemon = Daemon(start=False, args=list(args))
        self.folder = self.daemon.folder
        (self.folder / "secret").write_bytes(secret + b"\n")
        (self.folder / "secret").chmod(0o600)
        self.more = more
        self.security = f", {security}" if security else ""
        self.write(clients)

    def write(self, clients, expires=""):
        lines = "".join(f'  "{self.keys[name][0].decode()}": {rights}\n' for name, rights in clients.items())
        (self.folder / "clients.yaml").write_text(lines.replace("  \"", "\"") or "{}\n", encoding="utf-8")
        text = configuration(self.folder, **self.options)
        for door, port in self.ports.items():
            text = text.replace(
                f'{door}: ["ipc://{self.folder}/{door}"]',
                f'{door}: ["ipc://{self.folder}/{door}", {{at: "ipc://{self.folder}/ops-{door}", as: operator, '
                f'mode: "0600"}}, "tcp://127.0.0.1:{port}"]')
        self.daemon.write_config(
            text + f"security: {{secret_key: {self.folder}/secret, clients: {self.folder}/clients.yaml"
            f"{self.security}}}\n{self.more}")

    def __enter__(self):
        self.daemon.__enter__()
        self.daemon.start()
        return self

    def __exit__(self, *failure):
        return self.daemon.__exit__(*failure)

    def socket(self, kind, door, name, server=None, identity=None):
        one = self.daemon.context.socket(kind)
        one.linger = 0
        if name is not None:
            one.curve_publickey, one.curve_secretkey = self.keys[name]
            one.curve_serverkey = server or self.public
        if identity is not None:
            one.setsockopt(zmq.IDENTITY, identity)
        one.connect(f"tcp://127.0.0.1:{self.ports[door]}")
        return one

    def client(self, cls, kind, door, name, **more):
        client = cls.__new__(cls)
        client.daemon, client.socket = self.daemon, self.socket(kind, door, name, **more)
        self.daemon.clients.append(client)
        return client

    def intake(self, name, **more):
        return self.client(Intake, zmq.DEALER, "intake", name, **more)

    def desk(self, name, **more):
        desk = self.client(Desk, zmq.DEALER, "desk", name, **more)
        desk.ids = iter(range(1, 1 << 30))
        return desk

    def feed(self, name, *topics):
        feed = self.client(Feed, zmq.SUB, "feed", name)
        feed.pending = []
        for topic in ("~heartbeat", *topics):
            feed.socket.subscribe(topic)
        feed.heartbeat()
        return feed

    def local(self, door):
        """By ipc, as its address says."""
        cls = {"intake": Intake, "feed": Feed, "desk": Desk}[door.removeprefix("ops-")]
        client = cls(self.daemon, endpoint=f"ipc://{self.folder}/{door}")
        self.daemon.clients.append(client)
        return client


def logged(daemon, *words):
    """A line of the log with all the words, waited for."""
    deadline, poller = time.monotonic() + WAIT_S, select.poll()
    pid = os.pidfd_open(daemon.process.pid)
    poller.register(pid, select.POLLIN)
    try:
        while time.monotonic() < deadline and not poller.poll(50):
            for line in daemon.log().splitlines():
                if all(word in line for word in words):
                    return line
    finally:
        os.close(pid)
    raise AssertionError(f"no line with {words}:\n{daemon.log()}")
