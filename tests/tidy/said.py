#!/usr/bin/python3
"""What the program says it does, it does. Usage: said.py SOURCE_DIR

Every metric that is declared is counted; every type of alert is sent by something, or stands in the
table of what is not there yet and is marked in its page; so with methods of the desk; every command
that a message or a page names exists. Prints file: message for each that does not; exit status 1 if there is one.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
FAULTS = []


def read(path):
    return path.read_text(encoding="utf-8")


def sources(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.[ch]"))]


def fault(path, text):
    FAULTS.append(f"{path.relative_to(ROOT)}: {text}")


def declared(path, macro):
    """The X(SUFFIX, "name") of a macro: suffix to name."""
    body = re.search(rf"#define {macro}\(X\)(.*?[^\\])\n", read(path), re.DOTALL)[1]
    return dict(re.findall(r'X\((\w+), "([^"]+)"[,)]', body))


def code_of(paths):
    return "\n".join(read(path) for path in paths)


def check_metrics():
    header = ROOT / "daemon/metrics.h"
    used = code_of(p for p in sources("daemon") if p.name not in ("metrics.h", "metrics.c"))
    for macro in ("METRICS", "METRIC_HISTOGRAMS"):
        for suffix in declared(header, macro):
            if not re.search(rf"\bMETRIC_{suffix}\b", used):
                fault(header, f"{suffix} is never counted")


def absent(kind):
    text = read(ROOT / "daemon/config/absent.c")
    return re.findall(rf'\{{{kind},\s*"([^"]+)"', text)


def entry(page, name):
    """What a page says under the head that names it."""
    found = re.search(rf"^\.It Cm [^\n]*\b{re.escape(name)}\b[^\n]*\n(.*?)(?=^\.It |^\.El)", page,
                      re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def check_alerts():
    header, page = ROOT / "common/wire/alert.h", read(ROOT / "common/redress-events.7")
    sent = code_of(p for p in sources("daemon") if "config" not in p.parts)
    missing = absent("CONFIG_ABSENT_ALERT")
    for suffix, name in declared(header, "RD_ALERT_TYPES").items():
        is_sent = re.search(rf"\bRD_ALERT_{suffix}\b", sent) is not None
        if is_sent == (name in missing):
            fault(header, f"{name} is sent, and told not to be" if is_sent else
                  f"{name} is sent by nothing: send it, or say so in daemon/config/absent.c")
        if ("Not there yet" in entry(page, name)) != (name in missing):
            fault(ROOT / "common/redress-events.7", f"{name}: mark what is not there yet, no other")
    for name in set(missing) - set(declared(header, "RD_ALERT_TYPES").values()):
        fault(ROOT / "daemon/config/absent.c", f"{name} is no type of alert")


def check_methods():
    path, table = ROOT / "daemon/doors/redress-protocol.7", ROOT / "daemon/desk/methods.c"
    for name in absent("CONFIG_ABSENT_METHOD"):
        if "Not there yet" not in entry(read(path), name):
            fault(path, f"{name}: mark what is not there yet")
        if f'{{"{name}",' in read(table):
            fault(table, f"{name} is answered, and told not to be in daemon/config/absent.c")


def verbs():
    """The verbs of redressctl, of one or two words."""
    found = set()
    for path in sources("tools/ctl"):
        found |= set(re.findall(r'\{"([a-z][a-z-]*(?: [a-z-]+)?)",\s*"[^"]*",', read(path)))
    assert len(found) > 30, found
    if '"help"' in code_of(sources("tools/ctl")):  # main() knows it, no table does
        found.add("help")
    return found


def named_commands():
    """(file, verb and the word behind it) wherever a text or a page names a command of redressctl."""
    for path in sources("daemon", "common", "tools"):
        texts = re.sub(r'"\s*\n\s*"', "", read(path))
        for text in re.findall(r'"((?:\\.|[^"\\\n])*)"', texts):
            for words in re.findall(r"redressctl ([a-z][a-z-]*(?: [a-z-]+)?)", text):
                yield path, words
    for path in sorted(ROOT.rglob("*.[1578]")):
        if "build" in path.parts:
            continue
        for words in re.findall(r"^(?:\.Ic |\.Ql |\$ )redressctl ([a-z][a-z-]*(?: [a-z-]+)?)", read(path),
                                re.MULTILINE):
            yield path, words


def check_commands():
    known = verbs()
    for path, words in named_commands():
        if words not in known and words.split()[0] not in known:
            fault(path, f"redressctl {words}: there is no such command")


check_metrics()
check_alerts()
check_methods()
check_commands()
print("\n".join(FAULTS))
sys.exit(1 if FAULTS else 0)
