#!/usr/bin/python3
"""The examples in JavaScript and Java against the daemon, where a machine has the language.

What is not there is told, and the rest is tried. The Node packages are fetched once, into the build's
folder; REDRESS_BUILD names it, REDRESS_JARS the folder with the libraries of Java.
"""
import contextlib
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

import zmq

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, binary, contact, run  # noqa: E402

EXAMPLES = HERE.parent.parent / "tools/examples"
BUILD = pathlib.Path(os.environ.get("REDRESS_BUILD") or pathlib.Path(binary()).parent.parent)
JARS = [pathlib.Path(os.environ.get("REDRESS_JARS", "/usr/share/java")) / name
        for name in ("jeromq.jar", "msgpack-core.jar")]


def node_folder():
    """The example with its packages; None: they cannot be had here."""
    folder = BUILD / "tests/node"
    if shutil.which("npm") is None:
        print("SKIP: no npm on this machine: the example in JavaScript was not tried")
        return None
    folder.mkdir(parents=True, exist_ok=True)
    for path in (EXAMPLES / "node").iterdir():
        shutil.copy(path, folder)
    if not (folder / "node_modules/zeromq").is_dir():
        try:
            subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"],
                           cwd=folder, capture_output=True, text=True, check=True, timeout=300)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print("SKIP: the packages of the example in JavaScript cannot be had:", error.stderr)
            return None
    return folder


def node(folder, *args):
    return subprocess.run(["node", *args], cwd=folder, capture_output=True, text=True, check=False,
                          timeout=120)


def test_the_producer_and_the_subscriber_in_javascript():
    folder = node_folder()
    if folder is None:
        return
    with Daemon() as daemon:
        at = {door: daemon.endpoint(door) for door in ("intake", "feed", "desk")}
        done = node(folder, "producer.mjs", at["intake"], "C-78", "xj/urumqi/d3", "refund")
        assert done.returncode == 0 and done.stdout.startswith("accepted 1 high"), (done.stdout, done.stderr)
        assert "60 regulator channel regulator" in done.stdout, done.stdout
        done = node(folder, "producer.mjs", at["intake"], "C-78", "nowhere")
        assert done.returncode == 2 and "unknown_unit data.unit" in done.stderr, (done.stdout, done.stderr)
        told = subprocess.Popen(["node", "subscriber.mjs", at["feed"], at["desk"], "xj"], cwd=folder,
                                stdout=subprocess.PIPE, text=True)
        try:
            first = told.stdout.readline()
        finally:
            told.kill()
            told.wait()
        assert first.startswith("1 high warning.first_contact "), first


DESKS = itertools.count(1)


@contextlib.contextmanager
def forgetful_desk(daemon):
    """A desk that loses the first question, as one does whose daemon dies over it."""
    outside, inside = daemon.context.socket(zmq.ROUTER), daemon.context.socket(zmq.DEALER)
    stop, stopped = daemon.context.socket(zmq.PAIR), daemon.context.socket(zmq.PAIR)
    number = next(DESKS)  # a socket that is closed keeps its address for a while
    at = f"ipc://{daemon.folder}/forgetful-{number}"
    outside.bind(at)
    inside.connect(daemon.endpoint("desk"))
    stop.bind(f"inproc://stop-{number}")
    stopped.connect(f"inproc://stop-{number}")
    lost = []

    def relay():
        poller = zmq.Poller()
        for socket in (outside, inside, stopped):
            poller.register(socket, zmq.POLLIN)
        while True:
            for socket, _ in poller.poll():
                if socket is stopped:
                    return
                *who, body = socket.recv_multipart()
                if socket is inside:
                    outside.send_multipart([asker, body])
                elif lost:
                    asker, = who
                    inside.send(body)
                else:
                    lost.append(body)

    thread = threading.Thread(target=relay)
    thread.start()
    try:
        yield at, lost
    finally:
        stop.send(b"")
        thread.join()
        for socket in (outside, inside, stop, stopped):
            socket.close(0)


def first_line_behind_a_lost_question(daemon, command, folder):
    with forgetful_desk(daemon) as (desk, lost):
        told = subprocess.Popen([*command, daemon.endpoint("feed"), desk, "xj"], cwd=folder,
                                stdout=subprocess.PIPE, text=True)
        try:
            line = told.stdout.readline()
        finally:
            told.kill()
            told.wait()
        assert len(lost) == 1, "no question was lost"
    return line


def test_the_subscribers_ask_again_what_nobody_answered():
    readme = (HERE.parent.parent / "README.md").read_text(encoding="utf-8")
    script = re.search(r"<!-- bare: file subscriber.py -->\n```python\n(.*?)```", readme, re.DOTALL)[1]
    with Daemon() as daemon:
        daemon.intake().accept(contact("w-1", customer="c-1", channel="regulator"))
        (daemon.folder / "subscriber.py").write_text(script, encoding="utf-8")
        line = first_line_behind_a_lost_question(
            daemon, ["/usr/bin/python3", "subscriber.py"], daemon.folder)
        assert line.startswith("1 high warning.first_contact"), line
        folder = node_folder()
        if folder is not None:
            line = first_line_behind_a_lost_question(daemon, ["node", "subscriber.mjs"], folder)
            assert line.startswith("1 high warning.first_contact"), line


def proxied(daemon):
    """The port of a proxy before the intake: Debian's JeroMQ speaks ZMTP 2, which libzmq takes."""
    outside, inside = daemon.context.socket(zmq.ROUTER), daemon.context.socket(zmq.DEALER)
    port = outside.bind_to_random_port("tcp://127.0.0.1")
    inside.connect(daemon.endpoint("intake"))

    def relay():
        try:
            zmq.proxy(outside, inside)
        except zmq.ZMQError:  # the test is over, and its sockets are closed
            outside.close(0)
            inside.close(0)

    threading.Thread(target=relay, daemon=True).start()
    return port


def test_the_producer_in_java():
    if shutil.which("javac") is None or not all(jar.exists() for jar in JARS):
        print("SKIP: no javac, or none of", *JARS, ": the example in Java was not tried")
        return
    with Daemon() as daemon:
        port = proxied(daemon)
        jars = ":".join(map(str, JARS))
        subprocess.run(["javac", "-d", daemon.folder, "-cp", jars, EXAMPLES / "java/Producer.java"],
                       check=True, timeout=120)

        def produce(*args):
            return subprocess.run(
                ["java", "-cp", f"{jars}:{daemon.folder}", "Producer", f"tcp://127.0.0.1:{port}", *args],
                capture_output=True, text=True, check=False, timeout=120)

        done = produce("C-78", "xj/urumqi/d3", "refund")
        assert done.returncode == 0 and done.stdout.startswith("accepted 1\n"), (done.stdout, done.stderr)
        done = produce("C-78", "nowhere")
        assert done.returncode == 2 and "unknown_unit" in done.stderr, (done.stdout, done.stderr)


run(globals())
