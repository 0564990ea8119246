"""The host process: commands out, answers in."""
import atexit
import os
import shutil
import struct
import subprocess
import tempfile

import msgpack


class HostDied(Exception):
    pass


class Host:
    """One process, used again over seeds."""

    def __init__(self, program):
        shm = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = tempfile.mkdtemp(prefix="redress-sim-", dir=shm)
        atexit.register(shutil.rmtree, self.folder, True)
        self.program = program
        self.process = None

    def start(self):
        self.stop()
        self.process = subprocess.Popen([self.program, os.path.join(self.folder, "world")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def stop(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def ask(self, *command):
        frame = msgpack.packb([list(command)])
        try:
            self.process.stdin.write(struct.pack(">I", len(frame)) + frame)
            self.process.stdin.flush()
            size = struct.unpack(">I", self._read(4))[0]
            return msgpack.unpackb(self._read(size), timestamp=0, strict_map_key=False)[0]
        except (BrokenPipeError, HostDied):
            status = self.process.wait()
            self.process = None
            raise HostDied(f"the host ended with status {status}") from None

    def _read(self, size):
        data = self.process.stdout.read(size)
        if len(data) != size:
            raise HostDied
        return data
