"""Runs a real redressd in a temporary folder and speaks to it as a stranger would: pyzmq, msgpack.

    from harness import Daemon, event, run

    def test_a_contact_is_answered():
        with Daemon() as daemon:
            receipt = daemon.intake().send(event("contact.received", subject="c1", data={...}))
            assert receipt["status"] == "accepted", receipt

    run(globals())

Readiness is told by sd_notify(3), never by sleeping; every wait has an end. A test that fails leaves
its folder and prints the daemon's log. The program is $REDRESSD, or build/dev/daemon/redressd.
"""
import datetime
import itertools
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import msgpack
import zmq

HERE = pathlib.Path(__file__).resolve().parent
WAIT_S = float(os.environ.get("REDRESS_TEST_WAIT", "20"))

UNITS = """\
units:
  id: xj
  name: Xinjiang
  calendar: office
  units:
    - {id: consumer, name: Consumer protection}
    - id: urumqi
      name: Urumqi
      units:
        - {id: d3, name: Third district}
        - {id: counter1, name: Counter one}
    - {id: yining, name: Yining}
calendars:
  office:
    timezone: Asia/Shanghai
    hours:
      - {days: mon-fri, open: ["09:00-18:00"]}
"""

RULES = """\
assessment:
  levels: {watch: 30, high: 60, critical: 85}
  open_case_at: high
  rules:
    - {code: regulator, match: {channel: [regulator, media]}, points: 60}
    - {code: elderly, match: {age: ">=60"}, points: 10, actions: [green lane]}
policies:
  - name: first-contact
    match: {kind: contact}
    clocks: [{name: defuse, start: received, stop: closed, limit: 1h, on_breach: {notify: [parent], severity: high}}]
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: high}
        - {after: 1h, notify: [parent], severity: high}
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 2h}]
    ladder:
      until: acknowledged
      rungs:
        - {after: 0m, notify: [unit], severity: info}
        - {after: 1h, notify: [parent], severity: warning}
alerts: {language: en, mask: {customer: last4}}
"""


def configuration(folder, grace="0s", limits="", extra_listen="", units=UNITS, rules=RULES):
    """A small whole configuration whose doors are ipc sockets in `folder`."""
    return f"""\
redress: 1
state: {folder}/state
listen:
  intake: ["ipc://{folder}/intake"]
  feed: ["ipc://{folder}/feed"]
  desk: ["ipc://{folder}/desk"]
{extra_listen}limits: {{map_size: 1GiB{', ' + limits if limits else ''}}}
clock: {{max_step: 1h, start_grace: {grace}}}
{units}{rules}"""


def binary():
    """The daemon that is tested."""
    return os.environ.get("REDRESSD") or str(HERE.parent.parent / "build/dev/daemon/redressd")


def tool(name):
    """The path of one of the tools, from the same build."""
    folder = os.environ.get("REDRESS_TOOLS") or pathlib.Path(binary()).parent.parent / "tools"
    return str(pathlib.Path(folder) / name)


def verify(state):
    """redressctl verify: the store of a daemon that does not run is what its journal makes."""
    done = subprocess.run([tool("redressctl"), "verify", str(state)], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("OK"), done.stdout + done.stderr


def shim(root, **more):
    """The environment that loads tests/shim/shim.h into a daemon whose state is below `root`."""
    library = os.environ.get("REDRESS_SHIM") or pathlib.Path(
        binary()).parent.parent / "tests/libredress_shim.so"
    asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
    return {"LD_PRELOAD": str(library), "REDRESS_SHIM_ROOT": str(root), "ASAN_OPTIONS": asan,
            **{key: str(value) for key, value in more.items()}}


class SlowDisk:
    """Makes each sync of a daemon that is started next last until the test lets it go, once it is armed."""

    def __init__(self, daemon):
        self.folder, state = daemon.folder, daemon.folder / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        for name in ("held", "release"):
            os.mkfifo(self.folder / name)
        self.held = os.open(self.folder / "held", os.O_RDONLY | os.O_NONBLOCK)
        daemon.env = shim(state, REDRESS_SHIM_FAULT="sync:armed:hold",
                          REDRESS_SHIM_ARM=self.folder / "arm", REDRESS_SHIM_HOLD=self.folder)

    def arm(self):
        """The next sync is held."""
        (self.folder / "arm").touch()

    def has_held(self, wait_s=0.05):
        try:
            return bool(select.select([self.held], [], [], wait_s)[0] and os.read(self.held, 1))
        except BlockingIOError:  # about to tell
            return False

    def wait_held(self):
        deadline = time.monotonic() + WAIT_S
        while not self.has_held():
            assert time.monotonic() < deadline, "nothing was synced"

    def let_go(self):
        with open(self.folder / "release", "wb") as release:
            release.write(b"g")


class DeskError(Exception):
    """The desk's answer was an error."""

    def __init__(self, code, message, oldest=None, earliest=None):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.oldest, self.earliest = code, message, oldest, earliest


class Gone(Exception):
    """The daemon ended while something was awaited of it."""


_counter = itertools.count(1)


def event(type, subject=None, id=None, source="test", data=None, **more):
    """An event's map; `id` is a new one unless given. None removes a key."""
    made = {"id": id or f"{os.getpid()}-{next(_counter)}", "source": source, "type": type}
    if subject is not None:
        made["subject"] = subject
    if data is not None:
        made["data"] = data
    made.update(more)
    return {key: value for key, value in made.items() if value is not None}


def contact(subject, unit="xj/urumqi/d3", **data):
    """A contact that scores high (its channel is the regulator) and so opens a case."""
    body = {"customer": "cust-0001", "channel": "regulator", "unit": unit, **data}
    return event("contact.received", subject=subject, data=body)


def complaint(subject, unit="xj/urumqi/d3", **data):
    body = {"customer": "cust-0001", "channel": "branch", "unit": unit, **data}
    return event("complaint.registered", subject=subject, data=body)


def pack(value):
    return msgpack.packb(value, datetime=True)


def unpack(frame):
    return msgpack.unpackb(frame, timestamp=3, strict_map_key=False)


def at(text):
    """An instant from RFC 3339 text."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Client:
    """A socket of the test; waits end after WAIT_S."""

    def __init__(self, daemon, kind, endpoint):
        self.daemon = daemon
        self.socket = daemon.context.socket(kind)
        self.socket.linger = 0
        self.socket.connect(endpoint)

    def receive(self, wait_s=WAIT_S):
        """The frames of one message. TimeoutError after wait_s, Gone if the daemon ended."""
        deadline = time.monotonic() + wait_s
        while True:
            left = deadline - time.monotonic()
            if self.socket.poll(max(0, min(left, 0.2)) * 1000):
                return self.socket.recv_multipart()
            if self.daemon.process and self.daemon.process.poll() is not None:
                raise Gone(f"redressd ended with {self.daemon.process.returncode}")
            if left <= 0:
                raise TimeoutError(f"nothing came in {wait_s} s")

    def close(self):
        self.socket.close(0)


class Intake(Client):
    """DEALER to intake. Events are maps, or bytes that are sent as they are."""

    def __init__(self, daemon, endpoint=None):
        super().__init__(daemon, zmq.DEALER, endpoint or daemon.endpoint("intake"))

    def post(self, *events):
        """Sends a message, does not wait for its reply."""
        self.socket.send_multipart([e if isinstance(e, bytes) else pack(e) for e in events])

    def receipts(self, wait_s=WAIT_S):
        return [unpack(frame) for frame in self.receive(wait_s)]

    def send(self, *events, wait_s=WAIT_S):
        """Sends a message and gives its receipt, or the list of them if there were several."""
        self.post(*events)
        answer = self.receipts(wait_s)
        return answer[0] if len(events) == 1 else answer

    def accept(self, *events):
        """As send(), but every one must be accepted."""
        answer = self.send(*events)
        for receipt in answer if isinstance(answer, list) else [answer]:
            assert receipt["status"] == "accepted", receipt
        return answer


class Feed(Client):
    """SUB to the feed, subscribed once the constructor returns."""

    def __init__(self, daemon, *topics, endpoint=None):
        super().__init__(daemon, zmq.SUB, endpoint or daemon.endpoint("feed"))
        self.pending = []
        for topic in ("~heartbeat", *topics):
            self.socket.subscribe(topic)
        self.heartbeat()

    def heartbeat(self, wait_s=WAIT_S):
        """The next heartbeat; alerts before it are kept for alert()."""
        while True:
            topic, body = self.receive(wait_s)
            if topic == b"~heartbeat":
                return unpack(body)
            self.pending.append((topic.decode(), unpack(body)))

    def alert(self, wait_s=WAIT_S):
        """The next alert as (topic, map)."""
        if self.pending:
            return self.pending.pop(0)
        deadline = time.monotonic() + wait_s
        while True:
            topic, body = self.receive(max(0, deadline - time.monotonic()))
            if topic != b"~heartbeat":
                return topic.decode(), unpack(body)

    def until(self, wanted, wait_s=WAIT_S):
        """The first alert for which wanted(topic, map) holds; those before it are dropped."""
        deadline = time.monotonic() + wait_s
        while True:
            topic, body = self.alert(max(0, deadline - time.monotonic()))
            if wanted(topic, body):
                return topic, body


class Desk(Client):
    def __init__(self, daemon, endpoint=None):
        super().__init__(daemon, zmq.DEALER, endpoint or daemon.endpoint("desk"))
        self.ids = itertools.count(1)

    def call(self, method, wait_s=WAIT_S, **params):
        msgid = next(self.ids)
        self.socket.send(pack([0, msgid, method, [params]]))
        kind, answered, error, result = unpack(self.receive(wait_s)[-1])
        assert kind == 1 and answered == msgid, (kind, answered)
        if error is not None:
            raise DeskError(**error)
        return result

    def patient(self, method, wait_s=WAIT_S, **params):
        """The same, asked again while it is not_yet: a slow disk makes a checkpoint late."""
        deadline = time.monotonic() + wait_s
        while True:
            try:
                return self.call(method, **params)
            except DeskError as error:
                if error.code != "not_yet" or time.monotonic() > deadline:
                    raise

    def reach(self, seq, wait_s=WAIT_S):
        """Waits for a checkpoint with that event, however slow the disk is. The status then."""
        return self.patient("status", wait_s, min_seq=seq, stale=True)

    def refuses(self, code, method, **params):
        """The call must be answered with this error."""
        try:
            answer = self.call(method, **params)
        except DeskError as error:
            assert error.code == code, (method, params, error)
            return error
        raise AssertionError(f"{method} {params}: not {code} but {answer}")

    def until(self, wanted, method, wait_s=WAIT_S, **params):
        """All rows of a list, asked for again until wanted(rows): what min_seq cannot wait for."""
        deadline = time.monotonic() + wait_s
        while True:
            try:
                rows = self.rows(method, **params)
                if wanted(rows):
                    return rows
            except DeskError as error:
                if error.code != "not_yet":
                    raise
                rows = error
            if time.monotonic() > deadline:
                raise TimeoutError(f"{method} {params} is still {rows}")

    def rows(self, method, limit=1000, **params):
        """All rows of a list, page after page."""
        rows, after = [], 0
        while True:
            answer = self.patient(method, limit=limit, after=after, **params)
            assert len(answer["rows"]) <= limit, (method, limit, len(answer["rows"]))
            rows += answer["rows"]
            if "next" not in answer:
                return rows
            assert answer["next"] != after, (method, after)
            after = answer["next"]

    def until_counted(self, counter, wait_s=WAIT_S):
        """Waits until a counter of `metrics` is not 0."""
        deadline = time.monotonic() + wait_s
        while self.call("metrics", stale=True)["counters"][counter] == 0:
            assert time.monotonic() < deadline, f"{counter} stays 0"

    def replay(self, limit=1000, **params):
        """All alerts, as a subscriber catches up: from head to head."""
        rows, after = [], params.pop("after", 0)
        goal = self.call("status")["alert_published"]
        deadline = time.monotonic() + WAIT_S
        while True:
            answer = self.call("feed.replay", limit=limit, after=after, **params)
            rows += answer["rows"]
            if answer["head"] >= goal:
                return rows
            if answer["head"] == after and time.monotonic() > deadline:  # the desk lags behind
                raise TimeoutError(f"the desk stands at {after}, {goal} is published")
            after = answer["head"]


class Context(zmq.Context):
    """One whose end does not hang the test: zmq_ctx_term() of libzmq 4.3.4 waits for ever now and
    then for a session whose peer was killed (seen with DEALERs that do not connect again)."""

    def term(self):
        ending = threading.Thread(target=super().term, daemon=True)
        ending.start()
        ending.join(WAIT_S)


class Daemon:
    """A redressd with a folder of its own. As a context it is started, and ended however it is."""

    def __init__(self, config=None, args=(), env=None, start=True, program=None, wrapper=(), **options):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="redress-"))
        self.binary = program or binary()
        self.args, self.env, self.wrapper = list(args), dict(env or {}), list(wrapper)
        self.config_path = self.folder / "redress.yaml"
        self.write_config(config or configuration(self.folder, **options))
        self.context = Context()
        self.process, self.clients = None, []
        self.notify_path = self.folder / "notify"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(self.notify_path))
        self.told = []  # every line the daemon told the service manager
        if start:
            try:
                self.start()
            except BaseException:
                self.close(failed=True)
                raise

    def write_config(self, text):
        self.config_path.write_text(text.replace("@FOLDER@", str(self.folder)), encoding="utf-8")

    def endpoint(self, door):
        return f"ipc://{self.folder}/{door}"

    def command(self, *args):
        return [*self.wrapper, self.binary, "--config", str(self.config_path), "--log", "stderr",
                *self.args, *args]

    def start(self, wait_s=WAIT_S):
        """Starts it and waits until it is ready."""
        self.launch()
        self.wait_notify("READY=1", wait_s)
        return self

    def launch(self):
        """Starts it and does not wait."""
        env = {**os.environ, "NOTIFY_SOCKET": str(self.notify_path), **self.env}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(), env=env, stderr=log, stdout=log)

    def wait_notify(self, line, wait_s=WAIT_S):
        """Waits until the daemon tells the service manager `line` (a prefix of it)."""
        deadline = time.monotonic() + wait_s
        pid = os.pidfd_open(self.process.pid)
        try:
            while True:
                left = deadline - time.monotonic()
                readable, _, _ = select.select([self.notify, pid], [], [], max(0, left))
                if self.notify in readable:
                    lines = self.notify.recv(4096).decode().splitlines()
                    self.told.extend(lines)
                    found = [one for one in lines if one.startswith(line)]
                    if found:
                        return found[0]
                elif pid in readable:
                    raise Gone(f"redressd ended with {self.process.wait()}:\n{self.log()}")
                elif left <= 0:
                    raise TimeoutError(f"no {line} in {wait_s} s:\n{self.log()}")
        finally:
            os.close(pid)

    def drain_notify(self):
        """Forgets what was told so far, so that wait_notify() sees only what comes after."""
        while select.select([self.notify], [], [], 0)[0]:
            self.told.extend(self.notify.recv(4096).decode().splitlines())

    def log(self):
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def until_logged(self, text, wait_s=WAIT_S):
        """Waits until the log has it."""
        deadline = time.monotonic() + wait_s
        while text not in self.log():
            assert time.monotonic() < deadline, f"the log has no {text!r}:\n{self.log()}"

    def client(self, made):
        self.clients.append(made)
        return made

    def intake(self, endpoint=None):
        return self.client(Intake(self, endpoint))

    def feed(self, *topics, endpoint=None):
        return self.client(Feed(self, *topics, endpoint=endpoint))

    def desk(self, endpoint=None):
        return self.client(Desk(self, endpoint))

    def kill(self):
        """kill -9, and wait until it is dead."""
        self.process.kill()
        self.process.wait()

    def stop(self, wait_s=WAIT_S):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(wait_s)

    def reload(self, wait_s=WAIT_S):
        """SIGHUP, and wait until it has read the file. What it says of it."""
        self.drain_notify()
        self.process.send_signal(signal.SIGHUP)
        self.wait_notify("RELOADING=1", wait_s)
        return self.wait_notify("STATUS=", wait_s)

    def restart(self):
        """kill -9 and a new start. Sockets of the test reconnect by themselves."""
        self.kill()
        return self.start()

    def close(self, failed=False):
        if self.process and self.process.poll() is None:
            self.kill()
        for client in self.clients:
            client.close()
        self.context.destroy(0)  # also what a test opened and could not close
        self.notify.close()
        if failed:
            print(f"kept: {self.folder}\n{self.log()}", file=sys.stderr)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close(failed=kind is not None)


def run(names):
    """Runs every test_… of a module (or those named on the command line); exits."""
    tests = {name: made for name, made in names.items() if name.startswith("test_")}
    wanted = sys.argv[1:] or list(tests)
    failed = 0
    for name in wanted:
        begun = time.monotonic()
        try:
            tests[name]()
            print(f"ok   {name} ({time.monotonic() - begun:.2f} s)", flush=True)
        except Exception:
            failed += 1
            traceback.print_exc()
            print(f"FAIL {name}", flush=True)
    sys.exit(1 if failed else 0)
