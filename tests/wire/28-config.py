#!/usr/bin/python3
"""The configuration as it is shipped starts; what waits for a restart and what is not there is told."""
import pathlib
import re
import shutil
import subprocess

from harness import WAIT_S, Daemon, complaint, event, run

SHIPPED = pathlib.Path(__file__).resolve().parent.parent.parent / "daemon/config"
# What a configuration may say and this program does not do yet: its own table.
ABSENT = re.findall(r'CONFIG_ABSENT_KEY, "([^"]+)"', (SHIPPED / "absent.c").read_text("utf-8"))


def test_the_shipped_example_starts():
    """As it is, but for the places on this machine that are not the test's. Its lexicons take seconds
    to compile, more where other tests run."""
    with Daemon(start=False) as daemon:
        shutil.copytree(SHIPPED, daemon.folder, dirs_exist_ok=True)
        text = (SHIPPED / "redress.example.yaml").read_text(encoding="utf-8")
        text = text.replace("/run/redress/", f"{daemon.folder}/")
        text = text.replace("/var/lib/redress", f"{daemon.folder}/state")
        daemon.write_config(re.sub(r"tcp://127.0.0.1:\d+", "tcp://127.0.0.1:*", text))
        daemon.start(wait_s=6 * WAIT_S)
        said = daemon.intake().accept(complaint("k-1"))
        case = daemon.desk().call(
            "case.get", subject="k-1", min_seq=said["seq"], wait_s=6 * WAIT_S)
        assert case["unit"] == "xj/urumqi/d3", case
        for key in ABSENT:
            is_named = re.search(rf"^ *{key.split('.')[-1]}:", text, re.MULTILINE) is not None
            assert (f"{key}: is not there yet" in daemon.log()) == is_named, (key, daemon.log())
        assert daemon.stop(6 * WAIT_S) == 0


def test_check_config_notes_what_is_not_there():
    with Daemon(start=False) as daemon:
        good = daemon.config_path.read_text()
        daemon.write_config(good + "figures: {small_n: 5}\n")
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True,
                              timeout=WAIT_S)
        assert done.returncode == 0, done
        for key in {"figures.small_n"} & set(ABSENT):
            assert re.search(rf"^note: .*redress.yaml:\d+:\d+: {key}: is not there yet: ", done.stderr,
                             re.MULTILINE), (key, done.stderr)


def test_a_secret_key_that_is_none_is_refused_at_the_start():
    for content, mode, why in (("x" * 39, 0o600, "too short"), ("\u00e9" * 20, 0o600, "no secret key"),
                               ("x" * 40 + "yy", 0o600, "no secret key"), ("x" * 40, 0o604, "chmod o=")):
        with Daemon(start=False) as daemon:
            secret = daemon.folder / "secret"
            secret.write_text(content, encoding="utf-8")
            secret.chmod(mode)
            daemon.write_config(daemon.config_path.read_text() + "security: {secret_key: secret}\n")
            daemon.launch()
            assert daemon.process.wait(WAIT_S) != 0
            assert why in daemon.log(), (why, daemon.log())


def waits(daemon):
    """The keys that the last reload left for a restart."""
    return re.findall(r"only a restart brings it into force\" key=(\S+)", daemon.log())


def test_what_waits_for_a_restart_is_told_and_does():
    with Daemon() as daemon:
        good = daemon.config_path.read_text()
        assert "reloaded" in daemon.reload()
        assert waits(daemon) == []
        changed = good.replace("map_size: 1GiB", "map_size: 2GiB, event_bytes: 1MiB")
        changed = changed.replace(f'intake: ["ipc://{daemon.folder}/intake"]',
                                  f'intake: ["ipc://{daemon.folder}/intake", "tcp://127.0.0.1:*"]\n  plain_loopback: true')
        daemon.write_config(changed)
        assert "reloaded" in daemon.reload()
        assert sorted(waits(daemon)) == [
            "limits.event_bytes", "limits.map_size", "listen.intake", "listen.plain_loopback"]
        # What the old limit refuses is refused with an answer, not cut off.
        large = event("case.noted", subject="k", data={"by": "li", "text": "x"})
        large["extension"] = "x" * 100_000
        said = daemon.intake().send(large)
        assert said["status"] == "rejected" and said["error"]["code"] == "too_large", said
        # Back again, nothing waits.
        before = len(waits(daemon))
        daemon.write_config(good)
        assert "reloaded" in daemon.reload()
        assert len(waits(daemon)) == before, waits(daemon)
        daemon.write_config(changed)
        daemon.restart()
        said = daemon.intake().send(large)
        assert said["error"]["code"] != "too_large", said


if __name__ == "__main__":
    run(globals())
