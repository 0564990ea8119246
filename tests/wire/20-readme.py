"""README.md's own blocks, in its order, run as they stand; tests/bare/README.md says what their marks mean.

Here they run beside the programs of this build, in a folder that looks like the project's: what
installs or builds is left to tests/bare, and the demo is given these programs."""
import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

from harness import HERE, run

ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("REDRESSD") or ROOT / "build/dev/daemon/redressd").resolve().parent.parent
TOUR = pathlib.Path("/tmp/redress-tour")
MARK = re.compile(r"<!-- bare: (\w+)(?: (?:until )?([^\n]*?))? -->\n```\w*\n(.*?)```", re.DOTALL)
KINDS = {"tree", "installed", "file", "output", "shown"}
# What a shell of this machine must not do.
STUBS = f"""\
set -e -m
PATH=/usr/bin:$PATH  # whose python3 has the packages
apt-get() {{ :; }}
tools/package() {{ :; }}
tools/demo() {{ command tools/demo --with {BUILD} "$@"; }}
trap 'kill -9 $(jobs -p) 2>/dev/null || :' EXIT
"""
END = "----- the next block -----"


def blocks():
    """(kind, what stands behind it, text) of each block."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = MARK.findall(text)
    assert len(found) * 2 == len(re.findall(r"^```", text, re.MULTILINE)), "a block without a mark"
    assert {kind for kind, _, _ in found} <= KINDS, found
    return found


@contextlib.contextmanager
def project(tour):
    """A folder with the project in it, and this build as build/package. The tour's own folder in /tmp is
    another one in here, so that two runs beside each other do not meet."""
    with tempfile.TemporaryDirectory(prefix="redress-") as name:
        folder = pathlib.Path(name)
        for path in ROOT.iterdir():
            if path.name not in ("build", ".git"):
                (folder / path.name).symlink_to(path)
        (folder / "build").mkdir()
        (folder / "build/package").symlink_to(BUILD)
        for kind, what, text in tour:
            if kind == "file":
                (folder / what).write_text(moved(text, folder), encoding="utf-8")
        yield folder


def moved(text, folder):
    return text.replace(str(TOUR), str(folder / "tour"))


def in_order(wanted, told):
    """Every line of `wanted` comes in `told`, in that order; … is any text, or any lines."""
    lines = iter(told.splitlines())
    for line in wanted.splitlines():
        form = ".*".join(map(re.escape, line.rstrip().split("…")))
        assert line == "…" or any(re.fullmatch(form, other.rstrip()) for other in lines), \
            f"not there, or not in its place: {line}\n{told}"


def test_every_block_does_what_the_page_says():
    tour = blocks()
    shell = [text for kind, what, text in tour if kind == "tree" and not what]
    assert len(shell) >= 5, "the page has lost its commands"
    with project(tour) as folder:
        script = STUBS + f"\necho '{END}'\n".join(moved(text, folder) for text in shell)
        watched = [(what, moved(text, folder)) for kind, what, text in tour if kind == "tree" and what]
        # The terminals of their own come while the shell still has its daemon.
        script += f"\necho '{END}'\n" + "read -r _ || :\n"
        told = talk(folder, script, watched)
    for at, block in enumerate(in_shell(tour)):
        if block is not None:
            in_order(block, told.split(END + "\n")[at])
    check_tour(told)


def in_shell(tour):
    """For each block of the shell the output that the page shows of it, or None."""
    shown = []
    for kind, what, text in tour:
        if kind == "tree" and not what:
            shown.append(None)
        elif kind == "output":
            shown[-1] = text
    return shown


def talk(folder, script, watched):
    """Runs the script, the watched ones once it waits; what it printed."""
    with subprocess.Popen(["bash", "-c", script], cwd=folder, stdin=subprocess.PIPE, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as shell:
        told = ""
        ends = 0
        for line in shell.stdout:
            told += line
            if line != END + "\n":
                continue  # a background job may still have a word
            ends += 1
            if ends == script.count(f"echo '{END}'"):
                for until, text in watched:
                    watch(folder, until, text)
                shell.stdin.close()
        assert shell.wait(timeout=60) == 0, told
    return told


def watch(folder, until, text):
    with subprocess.Popen(["bash", "-c", f"PATH=/usr/bin:$PATH; exec {text.strip()}"], cwd=folder,
                          stdout=subprocess.PIPE, text=True) as terminal:
        try:
            assert any(until in line for line in terminal.stdout), f"{text} ended without {until}"
        finally:
            terminal.send_signal(signal.SIGINT)


def check_tour(told):
    assert told.count("accepted") >= 5, told  # three events, two of the producer
    assert "call back within 30 minutes" in told and "60 regulator" in told, told
    assert re.search(r"ladder\.rung.*T-1", told), "redress-sub showed nothing\n" + told
    assert told.count("T-1") > 5 and "conflict" not in told and "not_found" not in told, told
    assert "2025-10-01" in told or "2025-09-" in told, told


def test_the_page_stays_short():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.encode()) <= 10 * 1024, len(text.encode())
    for name in re.findall(r"\]\(([^)#]+)\)", text):
        assert "://" in name or (ROOT / name).exists(), f"{name} is not in the tree"


run(globals())
