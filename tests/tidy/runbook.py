#!/usr/bin/python3
"""redress-runbook(7) has what the daemon says, all of it and nothing else. Usage: runbook.py SOURCE_DIR

Every message of log_err() and log_warning() below daemon/ stands in the page, by its words up to the
first colon, semicolon or stop; so does every alert to operators of redress-events(7), and every reason
that the edge gives one. What stands in the page and is not said any more is told too.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
PAGE = ROOT / "daemon/redress-runbook.7"
# Functions that log what they are given: the number of the argument that is the message.
SAYERS = {r"log_(?:err|warning)": 1, r"log_refusal": 1, r"refuse_reload": 1}


def arguments(text, at):
    """The arguments of the call whose bracket opens at text[at]."""
    depth, begin, found, quoted = 0, at + 1, [], False
    for i in range(at, len(text)):
        c = text[i]
        if quoted:
            quoted = not (c == '"' and text[i - 1] != "\\")
        elif c == '"':
            quoted = True
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return found + [text[begin:i]]
        elif c == "," and depth == 1:
            found.append(text[begin:i])
            begin = i + 1
    raise ValueError("a call without an end")


def literals(expression):
    """Its texts; those that only C joins are one."""
    joined = re.sub(r'"\s*"', "", expression)
    return [one.replace('\\"', '"') for one in re.findall(r'"((?:[^"\\]|\\.)*)"', joined)]


def key_of(message):
    return re.split(r"[:;]|\.(?=\s|$)| \(", message)[0].strip()


def messages():
    said = {}
    for path in sorted((ROOT / "daemon").rglob("*.c")):
        text = path.read_text(encoding="utf-8")
        for name, index in SAYERS.items():
            for call in re.finditer(rf"(?<![\w#]){name}\(", text):
                given = arguments(text, call.end() - 1)
                if len(given) <= index:
                    continue
                argument = given[index]
                if re.fullmatch(r"\s*msg\s*", argument):
                    # A text of the function, or what its caller gives (SAYERS).
                    before = re.findall(r"static const char msg\[\] =\s*((?:\"[^;]*\"\s*)+);",
                                        text[:call.start()])
                    argument = before[-1] if before else ""
                for message in literals(argument):
                    said[key_of(message)] = path
    return said


def section(name):
    text = PAGE.read_text(encoding="utf-8")
    return re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh )", text, re.S | re.M)[1]


def compare(kind, said, written):
    faults = [f"{said[one]}: {kind} \"{one}\" is not in redress-runbook.7"
              for one in said if one not in written]
    return faults + [f"redress-runbook.7: {kind} \"{one}\" is said by nothing"
                     for one in written if one not in said]


def main():
    faults = []
    written = [key_of(one.replace("\\(dq", '"'))
               for one in re.findall(r'^\.It Li "(.*)"$', section("MESSAGES"), re.M)]
    if len(written) != len(set(written)):
        faults.append(f"twice in redress-runbook.7: {[o for o in written if written.count(o) > 1]}")
    faults += compare("message", messages(), written)
    events = (ROOT / "common/redress-events.7").read_text(encoding="utf-8")
    items = re.findall(r"^\.It Cm ([a-z_., ]+)\n(To operators.*?)(?=^\.It |^\.El)", events, re.S | re.M)
    told = {name: "redress-events.7" for names, _ in items for name in names.split(" , ")}
    alerts = section("ALERTS TO OPERATORS")
    faults += compare("alert", told, re.findall(r"^\.It Cm (\S+)$", alerts, re.M))
    for path in sorted((ROOT / "daemon").glob("*.c")):
        for code in re.findall(r'\.code = RD_STR\("(\w+)"\)', path.read_text(encoding="utf-8")):
            if not re.search(rf"Reason\s{code}\b", alerts):
                faults.append(f"{path}: the reason {code} is not among the alerts of redress-runbook.7")
    for fault in faults:
        print(fault)
    return 1 if faults or len(written) < 40 or len(told) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
