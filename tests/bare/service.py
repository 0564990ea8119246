"""The installed package under systemd: what an operator lives through with the unit in a year.

Every step waits for the event itself: systemctl waits for its job, and a state that comes by itself is
asked for until it is there, with a bound.
"""
import re
import time

from machine import TREE, Failed, say

CONFIG = "/etc/redress/redress.yaml"
WAIT_S = 60
WATCHDOG_S = 30  # the unit's


class Service:
    def __init__(self, machine):
        self.machine = machine

    def run(self, text, limit_s=120):
        return self.machine.run(text, limit_s)

    def fails(self, text, *wanted):
        """The command must fail, and say why. What it printed."""
        try:
            printed = self.run(text)
        except Failed as error:
            printed = str(error)
            for word in wanted:
                if word not in printed:
                    raise Failed(f"{text}: nothing of {word!r} in\n{printed}") from None
            return printed
        raise Failed(f"{text}: it succeeded\n{printed}")

    def show(self, *names):
        """Properties of the unit, as systemd has them now."""
        text = self.run(f"systemctl show redress -p {','.join(names)}")
        found = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        return [found[name] for name in names] if len(names) > 1 else found[names[0]]

    def expect(self, **wanted):
        found = self.show(*wanted) if len(wanted) > 1 else [self.show(*wanted)]
        for (name, value), got in zip(wanted.items(), found):
            if not re.fullmatch(value, got):
                raise Failed(f"{name} is {got!r}, not {value!r}\n{self.journal()}")

    def until(self, what, is_there, wait_s=WAIT_S):
        """Asks until it is so."""
        until = time.monotonic() + wait_s
        while not is_there():
            if time.monotonic() > until:
                raise Failed(f"{what}: not so after {wait_s} s\n{self.journal()}")

    def journal(self):
        return self.run("journalctl -u redress --no-pager -n 40 || true")

    def main_pid(self):
        return int(self.show("MainPID"))

    def send(self, subject):
        """An event and its receipt."""
        printed = self.run("redressctl event complaint.registered customer=C-1 channel=branch "
                           f"unit=office/front text='nobody calls me back' --subject {subject}")
        if "accepted" not in printed:
            raise Failed(f"{subject}: {printed}")

    def has(self, *subjects):
        for subject in subjects:
            self.run(f"redressctl case {subject}")

    def back_with(self, old, *subjects):
        """After a death: another process, ready, and nothing lost."""
        self.until("started again", lambda: self.show("ActiveState", "SubState") == ["active", "running"]
                   and self.main_pid() not in (0, old), WATCHDOG_S + WAIT_S)
        self.has(*subjects)


def starts(service):
    service.expect(ActiveState="active", SubState="running", StatusText="ready|event 0, .*", NRestarts="0")
    pid = service.main_pid()
    status = service.run(f"cat /proc/{pid}/status")
    for line in ("Seccomp:\t2", "NoNewPrivs:\t1", "CapEff:\t0000000000000000",
                 "CapBnd:\t0000000000000000"):
        if line not in status:
            raise Failed(f"the daemon runs without its sandbox, no {line!r} in\n{status}")
    limits = service.run(f"cat /proc/{pid}/limits")
    if not re.search(r"Max core file size +0 +0 ", limits):
        raise Failed(f"it may write a core:\n{limits}")
    # 13: tenths. systemd judges the unit that it loaded, the filter with what libzmq needs.
    service.run("systemd-analyze security --threshold=13 --no-pager redress.service")
    owners = service.run("stat -c '%U:%G %a' /etc/redress /var/lib/redress /run/redress").split("\n")
    if owners[:3] != ["root:redress 750", "redress:redress 700", "redress:redress 750"]:
        raise Failed(f"owners and modes: {owners}")


def answers(service):
    service.send("T-1")
    service.has("T-1")


def takes_a_copy_of_the_example(service):
    """It names calendars, packs and lexicons that are not beside the copy."""
    copy = "/etc/redress/copy.yaml"
    service.run(f"cp /usr/share/redress/redress.example.yaml {copy} && "
                f"/usr/sbin/redressd --check-config --config {copy} && rm {copy}")


def reloads(service):
    pid = service.main_pid()
    service.run(f"sed -i 's/name: Front desk/name: Front office/' {CONFIG} && systemctl reload redress")
    service.expect(StatusText="reloaded|event [0-9]+, .*", MainPID=str(pid))
    service.send("T-2")


def refuses_a_reload(service):
    pid = service.main_pid()
    service.run(f"cp {CONFIG} /root/good.yaml && echo 'nonsense: 1' >> {CONFIG}")
    service.fails("systemctl reload redress")
    service.expect(ActiveState="active", MainPID=str(pid), StatusText=f".*{CONFIG}:[0-9]+:.*nonsense.*")
    service.run("systemctl status --no-pager redress | grep nonsense")
    service.send("T-3")


def heeds_a_bad_configuration(service):
    """The start is refused once, not ten times; after the mend it is taken at once."""
    service.fails("systemctl restart redress")
    service.expect(ActiveState="failed", ExecMainStatus="78", NRestarts="0")
    for _ in range(5):  # somebody tries again and again
        service.fails("systemctl start redress")
    service.run(f"journalctl -u redress --no-pager | grep '{CONFIG}:.*nonsense'")
    service.run(f"cp /root/good.yaml {CONFIG} && systemctl start redress")
    service.expect(ActiveState="active", SubState="running")
    service.has("T-1", "T-2", "T-3")


def holds_a_start_as_a_reload(service):
    """A reload that was refused comes into force by no crash: the cases stay where they are."""
    service.run(f"sed -i 's/id: front,/id: fronts,/' {CONFIG}")
    service.fails("systemctl reload redress")
    service.run(f"kill -9 {service.main_pid()}")
    service.until("refused", lambda: service.show("ActiveState") == "failed")
    service.expect(ExecMainStatus="78")
    service.run("journalctl -u redress --no-pager | grep 'office/front goes away without moved_to'")
    service.run(f"cp /root/good.yaml {CONFIG} && systemctl start redress")
    service.has("T-1", "T-3")


def begins_no_second_state(service):
    """The state is moved away under it; systemd makes an empty folder, and nothing begins there."""
    service.run("mv /var/lib/redress /var/lib/away")
    service.until("ended", lambda: service.show("ActiveState") == "failed")
    service.expect(ExecMainStatus="65")
    service.run("rmdir /var/lib/redress && mv /var/lib/away /var/lib/redress && systemctl start redress")
    service.has("T-1", "T-3")


def makes_the_store_anew(service):
    """As redressd(8) has it, word by word."""
    service.run("systemctl stop redress && runuser -u redress -- redressd --recover && "
                "systemctl start redress")
    service.has("T-1", "T-3")


def comes_back_when_killed(service):
    pid = service.main_pid()
    service.send("T-4")
    service.run(f"kill -9 {pid}")
    service.back_with(pid, "T-1", "T-2", "T-3", "T-4")


def is_killed_by_the_watchdog(service):
    pid = service.main_pid()
    service.run(f"kill -STOP {pid}")
    service.back_with(pid, "T-4")
    service.run("journalctl -u redress --no-pager | grep -i watchdog")


SECOND = """\
sed '/^redress: 1/r /dev/stdin' {config} > /etc/redress/second.yaml <<'END'
state: {state}
listen: {{intake: ["ipc://{run}/intake"], feed: ["ipc://{run}/feed"], desk: ["ipc://{run}/desk"]}}
END
install -d -o redress -g redress -m 700 /var/lib/redress-2 /run/redress-2
status=0
runuser -u redress -- redressd --config /etc/redress/second.yaml --log stderr || status=$?
[ $status -eq 69 ]
"""


def refuses_a_second_daemon(service):
    pid = service.main_pid()
    for state, run in (("/var/lib/redress-2", "/run/redress"), ("/var/lib/redress", "/run/redress-2"),
                       ("/var/lib/redress", "/run/redress")):
        service.run(SECOND.format(config=CONFIG, state=state, run=run))
        service.expect(MainPID=str(pid), ActiveState="active")
        service.send(f"after-{state.rpartition('/')[2]}-{run.rpartition('/')[2]}")
    service.run("rm -r /etc/redress/second.yaml /var/lib/redress-2 /run/redress-2")


def is_upgraded(service):
    """The same package again: the daemon is started anew, the configuration stays the operator's."""
    pid = service.main_pid()
    service.run("apt-get install -y -q --reinstall ./build/package/redress_*.deb "
                "&& grep 'Front office' /etc/redress/redress.yaml")
    service.back_with(pid, "T-1")


def stops(service):
    service.run("systemctl stop redress")
    service.expect(ActiveState="inactive", Result="success", ExecMainStatus="0")
    service.run("[ ! -e /run/redress/intake ]")


def left(service):
    """What names redress outside of the tree and of the package manager's own records."""
    return service.run("find / -xdev \\( -path /root -o -path /proc -o -path /sys -o -path /var/cache "
                       "-o -path /var/log \\) -prune -o -name '*redress*' -print").split("\n")


def is_purged(service):
    service.run("apt-get remove -y -q redress")
    service.run("[ -d /var/lib/redress/journal ] && [ -f /etc/redress/redress.yaml ] && "
                "[ ! -e /usr/sbin/redressd ]")
    service.run("touch /var/backups/redress/kept && apt-get purge -y -q redress 2>&1 | "
                "grep '/var/backups/redress stay' && [ \"$(stat -c '%u:%g %a' /var/backups/redress)\" = '0:0 700' ] "
                "&& [ \"$(stat -c '%u:%g' /var/backups/redress/kept)\" = 0:0 ] && rm /var/backups/redress/kept && "
                f"apt-get install -y -q /{TREE}/build/package/redress_*.deb && apt-get purge -y -q redress")
    found = [line for line in left(service) if line]
    if found:
        raise Failed("purge left:\n" + "\n".join(found))
    service.run("! getent passwd redress && ! getent group redress && "
                "[ \"$(systemctl show redress -p LoadState)\" = LoadState=not-found ]")


STEPS = (starts, answers, takes_a_copy_of_the_example, reloads, refuses_a_reload,
         heeds_a_bad_configuration, holds_a_start_as_a_reload,
         begins_no_second_state, makes_the_store_anew, comes_back_when_killed,
         is_killed_by_the_watchdog, refuses_a_second_daemon, is_upgraded, stops)


def try_all(machine):
    service = Service(machine)
    for step in STEPS:
        begun = time.monotonic()
        step(service)
        say(f"service: {step.__name__.replace('_', ' ')} ({time.monotonic() - begun:.1f} s)")
    return service
