"""PostgreSQL: inserts, a commit each, by pgbench; `window` of them in a pipeline."""
import contextlib
import glob
import os
import pathlib
import pwd
import re
import shutil
import subprocess

from peers import BODY, free_port, need, process

INSERT = "insert into events (body) values ('%s');\n" % BODY.decode()


class Peer:
    def __init__(self, place, port, bin_dir):
        self.place, self.port, self.bin = place, port, bin_dir
        self.psql("create table events (id bigserial primary key, body text not null)")

    def env(self):
        return {**os.environ, "PGHOST": str(self.place), "PGPORT": str(self.port), "PGUSER": "postgres",
                "PGDATABASE": "postgres"}

    def psql(self, text):
        subprocess.run([f"{self.bin}/psql", "-qc", text], check=True, env=self.env(), capture_output=True)

    def load(self, producers, window, seconds):
        script = pathlib.Path(self.place) / "load.sql"
        body = INSERT if window == 1 else "\\startpipeline\n" + INSERT * window + "\\endpipeline\n"
        script.write_text(body)
        logs = pathlib.Path(self.place) / "latencies"
        command = [f"{self.bin}/pgbench", "-n", "-f", str(script), "-c", str(producers), "-j", "1", "-T", str(seconds),
                   "-M", "prepared" if window == 1 else "extended", "-l", f"--log-prefix={logs}"]
        out = subprocess.run(command, check=True, env=self.env(), capture_output=True, text=True).stdout
        rate = float(re.search(r"tps = ([\d.]+)", out).group(1)) * window
        waits = sorted(int(line.split()[2]) for path in glob.glob(f"{logs}*") for line in open(path))
        for path in glob.glob(f"{logs}*"):
            os.unlink(path)
        return {"rate": rate, "p50": waits[len(waits) // 2], "p99": waits[int(len(waits) * 0.99)]}


def as_postgres():
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextlib.contextmanager
def running(place, build):
    del build
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    bin_dir = str(pathlib.Path(found[-1]).parent) if found else str(pathlib.Path(need("postgres")).parent)
    who = as_postgres()
    if who:
        shutil.chown(place, who["user"], who["group"])
    data, log, port = place / "data", place / "log", free_port()
    subprocess.run([f"{bin_dir}/initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync"], check=True,
                   capture_output=True, cwd=place, **who)
    command = [f"{bin_dir}/postgres", "-D", str(data), "-k", str(place), "-p", str(port), "-c", "listen_addresses=",
               "-c", "shared_buffers=512MB", "-c", "max_wal_size=8GB"]
    with process(command, log, cwd=place, **who) as child:
        while subprocess.run([f"{bin_dir}/pg_isready", "-h", str(place), "-p", str(port)],
                             capture_output=True).returncode != 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                raise SystemExit(f"postgres ended with {child.wait(0.05)}: {log.read_text()[-500:]}")
        yield Peer(place, port, bin_dir)
