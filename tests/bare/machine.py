"""The machines of the check: a folder made by debootstrap, entered by chroot or booted by
systemd-nspawn, and terminals in them.

All of it lives in namespaces of its own (`enter_namespaces`): what is mounted or started here is gone
when the program ends, however it ends.
"""
import os
import pathlib
import re
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SUITE = "bookworm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
TREE = "root/redress"  # in a machine
BOOT_S = 120


class CannotRun(Exception):
    """This machine cannot do what the check needs; says why."""


class Failed(Exception):
    """Something of the project did not do what its pages say."""


def say(text):
    print(f"-- {text}", flush=True)


def quietly(command, **options):
    """Runs a command that must succeed; its output is told only if it does not."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, check=False, **options)
    if done.returncode != 0:
        raise CannotRun(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def enter_namespaces():
    """Runs this program again with mounts and processes of its own."""
    if os.environ.get("REDRESS_BARE_INSIDE") == "1":
        return
    if os.geteuid() != 0:
        raise CannotRun("it needs root: debootstrap, mounts, systemd-nspawn")
    for tool in ("unshare", "nsenter", "debootstrap", "systemd-nspawn", "lintian"):
        if not shutil.which(tool):
            raise CannotRun(f"{tool} is not there: tools/install-packages bare")
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation",
               "private"]
    try:
        quietly([*command, "true"])
    except CannotRun as error:
        raise CannotRun(f"no namespaces of its own are to be had: {error}") from None
    # The first process must reap what loses its parent, or no machine ever ends: a shell does.
    inside = ["/bin/sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-B", *sys.argv]
    os.execvpe("unshare", [*command, *inside],
               {**os.environ, "REDRESS_BARE_INSIDE": "1"})


def remove(folder):
    """A machine's folder, once nothing is mounted below it any more: what is mounted stays whole."""
    folder = folder.resolve()  # as the table of mounts has it
    table = pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    for where in reversed([line.split()[4] for line in table]):
        if where.startswith(f"{folder}/"):
            quietly(["umount", "--lazy", where])
    if folder.exists():
        quietly(["rm", "-rf", "--one-file-system", folder])


# ---- the minimal system ----

def debian_sources():
    """(address, suite, component) of Debian's own archives, as this machine's apt is set up."""
    form = "$(REPO_URI) $(RELEASE) $(COMPONENT)"
    ask = ["apt-get", "indextargets", "Created-By: Packages", "Origin: Debian", "--format", form]
    found = [line.split() for line in quietly(ask).splitlines()]
    if not found:  # the lists were never fetched, or were cleared
        quietly(["apt-get", "update", "-q"])
        found = [line.split() for line in quietly(ask).splitlines()]
    found = sorted({tuple(row) for row in found if row[1].startswith(SUITE)})
    if not any(row[1] == SUITE for row in found):
        raise CannotRun(f"apt of this machine knows no archive of Debian {SUITE}")
    return found


def apt_settings():
    """What this machine's apt needs to reach them, proxies for instance."""
    wanted = re.compile(r'Acquire::(https?|Retries|ForceIPv\d|Check-Valid-Until|Max-FutureTime)\b')
    lines = quietly(["apt-config", "dump"]).splitlines()
    return "\n".join(line for line in lines if wanted.match(line)) + "\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def make_base(folder):
    """build/bare/base: made once, again when apt is set up otherwise."""
    base, stamp = folder / "base", folder / "base.stamp"
    debs = folder / "debs"
    (debs / "partial").mkdir(parents=True, exist_ok=True)
    sources = debian_sources()
    listed = "".join(f"deb [signed-by={KEYRING}] {uri} {suite} {part}\n" for uri, suite, part in sources)
    wanted = listed + apt_settings()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return base
    say(f"making a minimal Debian {SUITE}")
    remove(base)
    stamp.unlink(missing_ok=True)
    uri = next(uri for uri, suite, _ in sources if suite == SUITE)
    quietly(["debootstrap", "--variant=minbase", f"--cache-dir={debs}", f"--keyring={KEYRING}", SUITE,
             base, uri])
    write(base / "etc/apt/sources.list", listed)
    write(base / "etc/apt/apt.conf.d/90machine",
          apt_settings() + 'APT::Install-Recommends "false";\nAPT::Keep-Downloaded-Packages "true";\n'
          'Acquire::Languages "none";\nAPT::Sandbox::User "root";\n')
    # The system is thrown away: whether it would survive a power cut is of no interest.
    write(base / "etc/dpkg/dpkg.cfg.d/thrown-away", "force-unsafe-io\n")
    write(stamp, wanted)
    return base


def copy_tree(source, root):
    """What a clone of the tree would have: no build folder, nothing that git ignores."""
    target = root / TREE
    target.mkdir(parents=True)
    files = quietly(["git", "-C", source, "ls-files", "-co", "--exclude-standard", "-z"]) \
        if (source / ".git").exists() else None
    if files is None:
        names = [path.relative_to(source) for path in source.rglob("*")
                 if path.is_file() and path.relative_to(source).parts[0] != "build"]
    else:
        names = [pathlib.Path(name) for name in files.split("\0") if name]
    for name in names:
        if (source / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, target / name)


# ---- terminals ----

class Terminal:
    """A shell in a machine that keeps its variables, folder and jobs from one piece to the next."""

    def __init__(self, machine, folder, has_jobs=True):
        self.machine, self.count = machine, 0
        self.pending = b""
        self.shell = subprocess.Popen(
            [*machine.command(), "/bin/bash", "--noprofile", "--norc"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            env=machine.environment())
        self.feed(f"cd {folder}; exec 3>&1; set -eE{'m' if has_jobs else ''}\n"
                  "trap 'echo \"exit status $? of line $LINENO: $BASH_COMMAND\"' ERR\n"
                  "trap 'printf \"\\001end %s\\n\" $? >&3' EXIT\n")

    def feed(self, text):
        self.shell.stdin.write(text.encode())
        self.shell.stdin.flush()

    def begin(self, text):
        """Starts a piece and does not wait."""
        self.count += 1
        name = f"root/.pieces/{self.shell.pid}-{self.count}"
        write(self.machine.root / name, text)
        self.feed(f". /{name} </dev/null; printf '\\001end 0\\n' >&3\n")

    def read_until(self, wanted, limit_s):
        """What is printed up to and with `wanted`; raises Failed at the end or after limit_s."""
        until = time.monotonic() + limit_s
        while wanted not in self.pending:
            ready, _, _ = select.select([self.shell.stdout], [], [], max(0, until - time.monotonic()))
            chunk = os.read(self.shell.stdout.fileno(), 65536) if ready else b""
            self.pending += chunk
            if not chunk:
                why = "ended" if ready else f"not there after {limit_s} s"
                raise Failed(f"{wanted.decode(errors='replace').strip()}: {why}:\n{self.text()}")
        at = self.pending.index(wanted) + len(wanted)
        taken, self.pending = self.pending[:at], self.pending[at:]
        return taken.decode(errors="replace")

    def text(self):
        return self.pending.decode(errors="replace")[-6000:]

    def run(self, text, limit_s=300):
        """Runs a piece to its end. What it printed; Failed if a command failed."""
        self.begin(text)
        printed = self.read_until(b"\1end ", limit_s).removesuffix("\1end ")
        status = int(self.read_until(b"\n", 10))
        if status != 0:
            raise Failed(f"exit status {status}:\n{printed[-6000:]}")
        return printed

    def interrupt(self, limit_s=30):
        """Ctrl-C, and wait until everything in it has ended, in order or by that."""
        os.killpg(self.shell.pid, signal.SIGINT)
        self.shell.stdin.close()
        try:
            status = self.shell.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise Failed(f"it goes on after Ctrl-C:\n{self.text()}") from None
        if status not in (0, 130, -signal.SIGINT):
            raise Failed(f"exit status {status} after Ctrl-C:\n{self.text()}")

    def close(self):
        if self.shell.poll() is None:
            os.killpg(self.shell.pid, signal.SIGKILL)
            self.shell.wait()
        if not self.shell.stdin.closed:
            self.shell.stdin.close()
        self.shell.stdout.close()
        self.machine.terminals.remove(self)


# ---- machines ----

class Machine:
    """The minimal system, a new one, with the tree in it. Entered by chroot."""

    def __init__(self, base, folder, name, source):
        self.root = folder / name
        self.name, self.debs = name, folder / "debs"
        remove(self.root)
        quietly(["cp", "-a", "--reflink=auto", base, self.root])
        copy_tree(source, self.root)
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        self.terminals = []
        self.mount()

    def mount(self):
        for kind, where in (("proc", "proc"), ("sysfs", "sys"), ("tmpfs", "run"), ("tmpfs", "dev/shm"),
                            ("devpts", "dev/pts")):
            (self.root / where).mkdir(parents=True, exist_ok=True)
            quietly(["mount", "-t", kind, kind, self.root / where])
        for device in ("null", "zero", "full", "random", "urandom", "tty"):
            (self.root / "dev" / device).touch()
            quietly(["mount", "--bind", f"/dev/{device}", self.root / "dev" / device])
        self.bind_debs()

    def bind_debs(self):
        """Packages that were fetched once are there in the next run."""
        quietly(["mount", "--bind", self.debs, self.root / "var/cache/apt/archives"])

    def command(self):
        return ["chroot", str(self.root)]

    def environment(self):
        return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", "USER": "root"}

    def terminal(self, folder=f"/{TREE}", has_jobs=True):
        self.terminals.append(Terminal(self, folder, has_jobs))
        return self.terminals[-1]

    def run(self, text, limit_s=300):
        """Runs commands in a terminal of their own."""
        terminal = self.terminal()
        try:
            return terminal.run(text, limit_s)
        finally:
            terminal.close()

    def close(self):
        for terminal in list(self.terminals):
            terminal.close()


def control_groups():
    """Groups to make for a machine, so that its systemd rules over nothing of ours: below the one
    of this process, in each hierarchy that systemd uses."""
    groups, name = [], f"redress-bare-{secrets.token_hex(4)}"
    for line in pathlib.Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        _, kind, path = line.split(":", 2)
        tops = {"": ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"),
                "name=systemd": ("/sys/fs/cgroup/systemd",)}.get(kind, ())
        top = next((top for top in tops if pathlib.Path(top, "cgroup.procs").exists()), None)
        if top:
            groups.append(pathlib.Path(top, path.lstrip("/"), name))
    return groups


class Booted(Machine):
    """The same with systemd as its first process."""

    def __init__(self, base, folder, name, source):
        self.container, self.leader, self.groups = None, None, control_groups()
        super().__init__(base, folder, name, source)

    def mount(self):
        # Its packages are fetched before it is a machine: this is what a server has anyway.
        self.bind_debs()
        plain = super().command()
        for line in (["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", "systemd-sysv"]):
            quietly([*plain, *line], env={**super().environment(), "DEBIAN_FRONTEND": "noninteractive"})
        quietly(["umount", self.root / "var/cache/apt/archives"])
        self.boot()

    def join_groups(self):
        """In the child."""
        for group in self.groups:
            group.mkdir()
            (group / "cgroup.procs").write_text("0", encoding="utf-8")

    def boot(self):
        # systemd-nspawn wants to own a folder there, and takes the system's disk for its own without.
        os.makedirs("/run/systemd/nspawn", exist_ok=True)
        quietly(["mount", "-t", "tmpfs", "tmpfs", "/run/systemd/nspawn"])
        with tempfile.TemporaryDirectory() as folder:
            told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            told.bind(f"{folder}/notify")
            self.log = open(self.root.parent / f"{self.name}.log", "wb")
            self.container = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "-D", self.root, "--register=no", "--keep-unit", "--boot",
                 "--notify-ready=yes", "--console=pipe", f"--machine=redress-{self.name}",
                 "--resolv-conf=copy-host", f"--bind={self.debs}:/var/cache/apt/archives"],
                stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                preexec_fn=self.join_groups, env={**os.environ, "NOTIFY_SOCKET": f"{folder}/notify"})
            self.wait_booted(told)
            told.close()

    def wait_booted(self, told):
        until = time.monotonic() + BOOT_S
        process = os.pidfd_open(self.container.pid)
        is_ready = False
        while not (is_ready and self.leader):
            ready, _, _ = select.select([told, process], [], [], max(0, until - time.monotonic()))
            if told in ready:
                for line in told.recv(8192).decode().splitlines():
                    is_ready = is_ready or line == "READY=1"
                    if line.startswith("X_NSPAWN_LEADER_PID="):
                        self.leader = int(line.partition("=")[2])
                continue
            why = "ended" if process in ready else f"not up after {BOOT_S} s"
            log = (self.root.parent / f"{self.name}.log").read_text(errors="replace")
            raise CannotRun(f"systemd-nspawn: {why}:\n{log[-4000:]}")
        os.close(process)

    def command(self):
        return ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-p", "-r", "-w", "--"]

    def close(self):
        super().close()
        if self.container and self.container.poll() is None:
            # With its first process the kernel ends all others of the machine before it is gone.
            os.kill(self.leader or self.container.pid, signal.SIGKILL)
            self.container.wait()
        for group in self.groups:
            for below, _, _ in os.walk(group, topdown=False):
                os.rmdir(below)
