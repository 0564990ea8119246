#!/usr/bin/python3
"""The sample of libredress(3), against a real daemon."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import Daemon, run  # noqa: E402

SAMPLE = os.environ.get("REDRESS_SAMPLE") or HERE.parent.parent / "build/dev/tools/example_send"


def send(*words):
    return subprocess.run([SAMPLE, *map(str, words)], capture_output=True, text=True, timeout=60)


def test_the_sample_of_the_library():
    with Daemon() as daemon:
        ends = [f"ipc://{daemon.folder}/{door}" for door in ("intake", "desk")]
        done = send(*ends, "B-17", "c-1029", "xj/urumqi/d3")
        assert done.returncode == 0 and done.stdout == "accepted: case 1, level none\n", done
        done = send(*ends, "B-17", "c-1029", "xj/urumqi/d3")
        assert done.returncode == 0 and done.stdout.startswith("duplicate: case 1"), done
        done = send(*ends, "B-17", "another", "xj/urumqi/d3")  # the number of another complaint
        assert done.returncode == 2 and "conflict" in done.stdout, done
        done = send(*ends, "B-18", "c-1029", "nowhere")
        assert done.returncode == 2 and "unknown_unit" in done.stdout, done
        assert send().returncode == 1


run(globals())
