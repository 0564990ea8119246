#!/usr/bin/python3
"""The manual pages of the wire say all that the code knows. Usage: manuals.py SOURCE_DIR SCHEMA

redress-events(7): every event type with just the keys that the table requires and allows, every
data key with its limit, every alert type. redress-protocol(7): every key of the envelope, of
receipts and alerts, every key the desk writes or reads, every error code. Both pass mandoc's
lint.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
SCHEMA = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
DEFS = SCHEMA["$defs"]
EVENTS, PROTOCOL = ROOT / "common/redress-events.7", ROOT / "daemon/doors/redress-protocol.7"
FAULTS = []


def fault(page, text):
    FAULTS.append(f"{page.relative_to(ROOT)}: {text}")


def items(page):
    """The heads of the page's lists: name to (rest of the head, lines under it)."""
    found, lines = {}, page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if not line.startswith(".It Cm "):
            continue
        names, _, kind = line[len(".It Cm "):].partition(" Pq ")
        body = []
        for below in lines[number + 1:]:
            if below.startswith((".It ", ".El", ".Bl ", ".Sh ", ".Ss ")):
                break
            body.append(below)
        for name in names.split(" , "):
            found.setdefault(name, []).append((kind, body))
    return found


def keys_told(name, told):
    """(required, allowed) as the entry of a type says it, up to its .br: "a*, b, those of TYPE but c"."""
    body = told[name][0][1]
    text = " ".join(re.sub(r"^\.Ql (\S+)", r"`\1`", line) for line in body[:body.index(".br")])
    required, allowed = set(), set()
    for before, key in re.findall(r"(those of |but )?`([^`]+)`", text):
        if before == "but ":
            allowed.remove(key)
        elif before:
            borrowed = keys_told(key, told)
            allowed |= borrowed[1]
            required |= set() if "none is required here" in text else borrowed[0]
        elif key.endswith("*"):
            required.add(key[:-1])
        else:
            allowed.add(key)
    return required, allowed | required


def check_types():
    told = items(EVENTS)
    for name in SCHEMA["properties"]["type"]["enum"]:
        if name not in told:
            fault(EVENTS, f"{name} is missing")
            continue
        data = DEFS[name]["properties"]["data"]
        required, allowed = keys_told(name, told)
        if name.startswith("case.") or name == "duty.verified":
            allowed |= {"case", "by"}  # the page says so of all
        if required != set(data["required"]):
            fault(EVENTS, f"{name}: requires {sorted(data['required'])}, told {sorted(required)}")
        if allowed != set(data["properties"]):
            fault(EVENTS, f"{name}: {sorted(allowed ^ set(data['properties']))} differ")
        for key, rule in data["properties"].items():
            for code in rule.get("enum", []):
                if not any(f".Ql {code}" in "\n".join(body) for _, body in told[key]):
                    fault(EVENTS, f"{key}: {code} is missing")


def check_keys():
    told = items(EVENTS)
    for name in DEFS:
        if not name.startswith("data."):
            continue
        key = name.removeprefix("data.")
        if key not in told:
            fault(EVENTS, f"the key {key} is missing")
            continue
        kinds = " ".join(kind for kind, _ in told[key])
        limit = DEFS[name].get("maxLength")
        if limit is not None and f"{limit:,} bytes" not in kinds and "code" not in kinds:
            fault(EVENTS, f"{key}: its limit is {limit:,} bytes")
        if DEFS[name].get("type") == "integer":
            least, most = DEFS[name]["minimum"], DEFS[name]["maximum"]
            text = " ".join(line for _, body in told[key] for line in body).replace(",", "")
            wants = [str(most)] if most < 2**53 else []
            wants += [str(least)] if least > 0 else []
            for want in wants:
                if want not in text:
                    fault(EVENTS, f"{key}: its range is {least} to {most}")


def literals(path, pattern):
    return set(re.findall(pattern, (ROOT / path).read_text(encoding="utf-8")))


def check_protocol():
    told = items(PROTOCOL)
    text = PROTOCOL.read_text(encoding="utf-8")
    keys = set(SCHEMA["properties"])
    keys |= literals("common/wire/receipt.c", r'(?:rd_pack_cstr\(buf|put_uint\(buf), "([a-z_]+)"')
    keys |= literals("common/wire/alert.c", r'put_\w+\(&?map, "([a-z_]+)"')
    if len(keys) < 40:
        fault(PROTOCOL, "the test finds too few keys")
    for key in sorted(keys):
        if key not in told:
            fault(PROTOCOL, f"the key {key} is missing")
    for key in literals("common/wire/assessment.c", r'rd_pack_cstr\(buf, "([a-z_]+)"'):
        if key not in told and f".Ql {key}" not in text:
            fault(PROTOCOL, f"the key {key} is missing")
    desk = set()
    for path in (ROOT / "daemon/desk").glob("*.c"):
        pattern = r'(?:field|param|pack)_\w+\((?:&?\w+, )+"([a-z_]+)"'
        desk |= literals(path.relative_to(ROOT), pattern)
    if len(desk) < 60:
        fault(PROTOCOL, "the test finds too few keys of the desk")
    for key in sorted(desk):
        if key not in told and not re.search(rf"\bQl (\( )?{key}( |$)", text, re.MULTILINE):
            fault(PROTOCOL, f"the desk's key {key} is missing")
    codes = set()
    for folder in ("common", "daemon"):
        for path in (ROOT / folder).rglob("*.c"):
            codes |= literals(path.relative_to(ROOT), r'rd_reject_set\(\s*[^,()]+,\s*"([a-z_]+)"')
    for code in sorted(codes):
        if code not in told:
            fault(PROTOCOL, f"the error code {code} is missing")


def check_alerts():
    told = items(EVENTS)
    types = literals("common/wire/alert.h", r'X\(\w+, "([a-z_.]+)",')
    if len(types) < 30:
        fault(EVENTS, "the test finds too few alert types")
    for name in sorted(types):
        if name not in told:
            fault(EVENTS, f"the alert type {name} is missing")


def check_lint():
    for page in (EVENTS, PROTOCOL):
        run = subprocess.run(["mandoc", "-T", "lint", "-W", "style", page], capture_output=True,
                             text=True, check=False)
        for line in (run.stdout + run.stderr).splitlines():
            # Our own pages are not installed where this runs, nor are all of the system's.
            if "referenced manual not found" not in line and "outdated mandoc.db" not in line:
                fault(page, line)


def main():
    for check in (check_types, check_keys, check_protocol, check_alerts, check_lint):
        check()
    for line in FAULTS:
        print(line)
    return 1 if FAULTS else 0


if __name__ == "__main__":
    sys.exit(main())
