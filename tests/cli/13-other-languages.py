#!/usr/bin/python3
"""The examples in JavaScript and Java against the daemon, where a machine has the language.

What is not there is told, and the rest is tried. The Node packages are fetched once, into the build's
folder; REDRESS_BUILD names it, REDRESS_JARS the folder with the libraries of Java.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import threading

import zmq

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, binary, run  # noqa: E402

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
