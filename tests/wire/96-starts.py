#!/usr/bin/python3
"""Starts that must not begin: a configuration that a reload refuses, a state folder that is empty where
a state was served. And what the two commands that prepare a start leave."""
import json
import os
import subprocess

from harness import WAIT_S, Daemon, DeskError, binary, complaint, run, tool, verify

YINING = "    - {id: yining, name: Yining}\n"


def ends_with(daemon, status, *words):
    """It must end by itself with this status, and say why."""
    seen = len(daemon.log())
    daemon.launch()
    assert daemon.process.wait(WAIT_S) == status, (daemon.process.returncode, daemon.log()[seen:])
    for word in words:
        assert word in daemon.log()[seen:], (word, daemon.log()[seen:])


def only(daemon, option, status, *words):
    """redressd with an option that ends by itself: without doors, and under no service manager."""
    done = subprocess.run(daemon.command(option), capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == status, done
    for word in words:
        assert word in done.stderr, (word, done.stderr)


def health(daemon):
    done = subprocess.run([tool("redressctl"), "--run", str(daemon.folder), "health"],
                          capture_output=True, text=True, timeout=WAIT_S)
    return done.returncode, done.stdout.strip()


def has(daemon, subject, seq=0):
    try:
        daemon.desk().call("case.get", subject=subject, min_seq=seq)
    except DeskError as error:
        assert error.code == "not_found", error
        return False
    return True


def ctl(*words):
    done = subprocess.run([tool("redressctl"), *map(str, words)], capture_output=True, text=True,
                          timeout=WAIT_S)
    assert done.returncode == 0, done
    return done.stdout


def test_what_a_reload_refuses_comes_into_force_by_no_start():
    with Daemon() as daemon:
        seq = daemon.intake().accept(complaint("k-1", unit="xj/yining"))["seq"]
        assert has(daemon, "k-1", seq)
        good = daemon.config_path.read_text()
        daemon.write_config(good.replace(YINING, ""))
        assert "refused" in daemon.reload()
        daemon.kill()
        records = []
        for _ in range(2):
            ends_with(daemon, 78, "unit xj/yining goes away without moved_to, with open cases: 1", "moved_to",
                      str(daemon.config_path))
            records.append(ctl("check-journal", daemon.folder / "state/journal"))
        assert records[0] == records[1], records
        daemon.write_config(good)
        daemon.start()
        assert has(daemon, "k-1")
        assert daemon.stop() == 0
        daemon.write_config(good.replace(YINING, YINING.replace("}", ", moved_to: xj/urumqi/d3}")))
        daemon.start()
        seq = daemon.intake().accept(complaint("k-2"))["seq"]
        case = daemon.desk().call("case.get", subject="k-1", min_seq=seq)
        assert case["unit"] == "xj/urumqi/d3", case
        assert daemon.stop() == 0
        verify(daemon.folder / "state")


class Served(Daemon):
    """A daemon of a service manager that keeps a cache folder for it."""

    def __init__(self):
        super().__init__(start=False)
        (self.folder / "cache").mkdir()
        self.env["CACHE_DIRECTORY"] = f"{self.folder}/cache:/nowhere"


def test_an_empty_folder_begins_no_second_state():
    with Served() as daemon:
        state, away = daemon.folder / "state", daemon.folder / "away"
        daemon.start()
        assert "a new state begins" in daemon.log()
        status = daemon.desk().call("status")
        assert status["state_new"] is True, status
        assert health(daemon) == (0, "healthy: 0 open cases, next timer -; a new state began with this start")
        daemon.intake().accept(complaint("one"))
        state.rename(away)
        assert daemon.process.wait(WAIT_S) == 74, daemon.log()
        state.mkdir(mode=0o700)  # as StateDirectory= of the unit does
        for _ in range(2):
            ends_with(daemon, 65, "the state folder is empty", f'served="{state}"', "--new-state")
        assert not list(state.iterdir())
        state.rmdir()
        away.rename(state)
        daemon.start()
        assert has(daemon, "one") and daemon.desk().call("status")["state_new"] is False
        assert daemon.stop() == 0
        # Another folder is no other machine: a path that is mistyped begins nothing either.
        good = daemon.config_path.read_text()
        daemon.write_config(good.replace("/state\n", "/stale\n"))
        ends_with(daemon, 65, f'served="{state}"')


def test_a_new_state_is_made_where_it_is_asked_for():
    with Served() as daemon:
        daemon.start()
        daemon.intake().accept(complaint("one"))
        assert daemon.stop() == 0
        only(daemon, "--new-state", 73, "there is a state in this folder")
        (daemon.folder / "state").rename(daemon.folder / "away")
        only(daemon, "--new-state", 0, "the state is ready for a start")
        only(daemon, "--new-state", 73, "there is a state in this folder")
        verify(daemon.folder / "state")
        daemon.start()
        assert not has(daemon, "one")
        told = daemon.desk().replay(unit="~ops")
        assert [(one["seq"], one["type"], one["severity"], one["reasons"][0]["code"]) for one in told] == [
            (1, "state.check_failed", "critical", "state_new")], told
        daemon.intake().accept(complaint("two"))
        assert daemon.stop() == 0
        verify(daemon.folder / "state")
        only(daemon, "--recover", 0, "the state is ready for a start")
        daemon.start()
        assert has(daemon, "two")


def keyed(daemon, key):
    """The configuration with the daemon's own key in a file."""
    text = daemon.config_path.read_text()
    return text + f"security: {{secret_key: {key}}}\n"


def test_a_key_that_is_of_no_use_is_a_fault_of_the_configuration():
    with Daemon(start=False) as daemon:
        key = daemon.folder / "secret"
        daemon.write_config(keyed(daemon, key))
        ends_with(daemon, 78, "security.secret_key cannot be used", str(key), "No such file")
        key.write_text("short")
        key.chmod(0o600)
        ends_with(daemon, 78, str(key), "too short")
        key.unlink()
        key.mkdir()
        ends_with(daemon, 78, str(key))
        assert "a door cannot be opened" not in daemon.log()


def test_a_reload_names_the_key_that_it_cannot_read():
    with Daemon() as daemon:
        text = daemon.config_path.read_text()
        daemon.write_config(text.replace("mask: {customer: last4}",
                                         "mask: {customer: keyed, key_file: /nowhere/key}"))
        told = daemon.reload()
        assert "alerts.mask" in told and "/nowhere/key: No such file" in told, told


def test_a_group_that_the_user_is_no_member_of():
    if os.geteuid() != 0:
        print("     not root: no other user can be tried")
        return
    with Daemon(start=False, wrapper=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]) as daemon:
        text = daemon.config_path.read_text()
        daemon.write_config(text.replace(f'feed: ["ipc://{daemon.folder}/feed"]',
                                         f'feed: [{{at: "ipc://{daemon.folder}/feed", group: daemon}}]'))
        for path in (daemon.folder, daemon.config_path):
            os.chown(path, 65534, 65534)
        daemon.folder.chmod(0o755)
        ends_with(daemon, 78, "is no member of its group", 'group="daemon"', f"{daemon.folder}/feed")


def test_a_folder_gives_its_group():
    """As redressd(8), "SERVICE", has it where the service sees no other group; and one that is not there."""
    if os.geteuid() != 0:
        print("     not root: no other user can be tried")
        return
    with Daemon(start=False, wrapper=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]) as daemon:
        daemon.folder.chmod(0o755)
        for path in (daemon.folder, daemon.config_path, daemon.notify_path):
            os.chown(path, 65534, 65534)
        door = daemon.folder / "ops"
        text = daemon.config_path.read_text()
        daemon.write_config(text.replace(f"{daemon.folder}/feed", f"{door}/feed"))
        checked = subprocess.run([binary(), "--config", daemon.config_path, "--check-config"], text=True,
                                 capture_output=True, check=True)
        assert f'note: listen: "ipc://{door}/feed": there is no folder {door}; a start is refused' in checked.stderr
        door.mkdir()
        os.chown(door, 65534, 1)
        door.chmod(0o2750)
        daemon.start()
        feed = (door / "feed").stat()
        assert (feed.st_gid, feed.st_mode & 0o777) == (1, 0o660), feed
        checked = subprocess.run([binary(), "--config", daemon.config_path, "--check-config"], text=True,
                                 capture_output=True, check=True)
        assert "no folder" not in checked.stderr, checked.stderr


def test_one_address_written_in_two_ways():
    with Daemon(start=False) as daemon:
        text = daemon.config_path.read_text()
        (daemon.folder / "sub").mkdir()
        daemon.write_config(text.replace("/feed", "/sub/../intake"))
        ends_with(daemon, 78, "listen names an address twice", f"{daemon.folder}/sub/../intake")


def test_an_address_that_no_machine_has():
    with Daemon(start=False) as daemon:
        text = daemon.config_path.read_text()
        key = daemon.folder / "secret"
        key.write_text("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs")
        key.chmod(0o600)
        daemon.write_config(text.replace('feed: ["', 'feed: ["tcp://192.0.2.1:9", "') +
                            f"security: {{secret_key: {key}}}\n")
        ends_with(daemon, 71, "this machine has no such address", "192.0.2.1")


def limited(daemon, limit):
    """A start under a limit of the system."""
    daemon.wrapper = ["prlimit", limit]


def test_limits_of_the_system_are_named():
    if "asan" in binary():
        print("     a sanitizer wants its address space")
        return
    with Daemon(start=False) as daemon:
        limited(daemon, "--as=900000000")
        ends_with(daemon, 71, "limits.map_size, 1024 MiB", "ulimit -v")
    with Daemon(start=False) as daemon:
        limited(daemon, "--fsize=100000")
        ends_with(daemon, 74, "File too large")


def test_streams_that_are_closed_are_no_files_of_the_daemon():
    with Daemon(start=False, wrapper=["sh", "-c", 'exec "$0" "$@" 0<&- 1>&- 2>&-']) as daemon:
        daemon.start()
        for number in range(3):
            assert os.readlink(f"/proc/{daemon.process.pid}/fd/{number}") == "/dev/null"


def test_a_map_that_is_short_is_named():
    with Daemon(start=False) as daemon:
        daemon.write_config(daemon.config_path.read_text().replace("map_size: 1GiB", "map_size: 16MiB"))
        daemon.start()
        intake, desk, count = daemon.intake(), daemon.desk(), 0
        while not desk.call("status")["disk_low"]:
            intake.send(*[complaint(f"k-{count + i}", customer=f"c{count + i}", text="x" * 2000)
                          for i in range(200)])
            count += 200
            assert count < 20000
        assert desk.call("status")["map_low"] is True
        code, told = health(daemon)
        assert code == 4 and "limits.map_size is nearly used up" in told and "disk" not in told, told
        daemon.until_logged('short="limits.map_size"')


def test_no_thread_is_told_as_that():
    if os.geteuid() != 0:
        print("     not root: no other user can be tried")
        return
    alone = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", "prlimit", "--nproc=3"]
    with Daemon(start=False, wrapper=alone) as daemon:
        for path in (daemon.folder, daemon.config_path):
            os.chown(path, 65533, 65533)
        ends_with(daemon, 71, "no thread can be had")


def test_few_descriptors_are_told():
    with Daemon(start=False, wrapper=["prlimit", "--nofile=100"]) as daemon:
        daemon.start()
        assert "hardly a peer is let in" in daemon.log() and "limit=100" in daemon.log()


def test_what_a_start_would_find_is_noted():
    with Daemon(start=False) as daemon:
        key = daemon.folder / "secret"
        key.write_text("short")
        key.chmod(0o600)
        text = keyed(daemon, key).replace(f'feed: ["ipc://{daemon.folder}/feed"]',
                                          f'feed: [{{at: "ipc://{daemon.folder}/feed", group: nosuch}}]')
        text = text.replace("mask: {customer: last4}", "mask: {customer: keyed, key_file: /nowhere/key}")
        (daemon.folder / "state").write_text("a file")
        daemon.write_config(text)
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True)
        assert done.returncode == 0, done
        for word in (f"{key}: it is too short", "/nowhere/key: No such file", "no group nosuch",
                     f"{daemon.folder}/state is no folder"):
            assert word in done.stderr, (word, done.stderr)


def test_a_reader_that_does_not_read_holds_up_no_refusal():
    with Daemon(start=False) as daemon:
        daemon.write_config("nonsense: 1\n" * 3)
        ours, theirs = os.pipe()
        os.set_blocking(theirs, False)
        try:
            while True:
                os.write(theirs, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(theirs, True)
        process = subprocess.Popen(daemon.command(), stderr=theirs)
        assert process.wait(WAIT_S) == 78
        os.close(ours)
        os.close(theirs)


def test_a_mark_of_the_order_of_bytes_is_no_fault():
    with Daemon(start=False) as daemon:
        daemon.config_path.write_text(daemon.config_path.read_text(), encoding="utf-8-sig")
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True)
        assert done.returncode == 0, done


def test_no_way_in_is_noted():
    with Daemon(start=False) as daemon:
        text = daemon.config_path.read_text()
        daemon.write_config(text.replace(f'intake: ["ipc://{daemon.folder}/intake"]', "intake: []"))
        done = subprocess.run(daemon.command("--check-config"), capture_output=True, text=True)
        assert done.returncode == 0 and "no events come in" in done.stderr, done


def test_a_mark_that_cannot_be_written_is_told():
    with Served() as daemon:
        (daemon.folder / "cache").rmdir()
        daemon.start()
        assert "cannot note that this state is served here" in daemon.log()
        assert has(daemon, "one") is False


def test_timers_that_wait_in_the_grace_are_not_late():
    with Daemon(grace="1h") as daemon:
        said = daemon.intake().accept(complaint("one"))
        desk = daemon.desk()
        status = desk.call("status", min_seq=said["seq"])
        assert status["start_grace"] is True and status["next_timer"] < status["time"], status
        beats = daemon.feed()
        assert [beats.heartbeat()["lag"] for _ in range(2)] == [0, 0]
        assert desk.call("status")["lag"] == 0
        code, told = health(daemon)
        assert code == 0 and told.endswith("in its start grace; a new state began with this start"), told
        told = json.loads(subprocess.run([tool("redressctl"), "--json", "--run", str(daemon.folder), "health"],
                                         capture_output=True, text=True, timeout=WAIT_S).stdout)
        assert told == {"healthy": True, "why": None}, told


if __name__ == "__main__":
    run(globals())
