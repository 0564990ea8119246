#!/usr/bin/python3
"""Every method of the desk's table, and each of its parameters, stands in redress-protocol(7), and no
other method does. Usage: methods.py SOURCE_DIR"""
import pathlib
import re
import sys

ROW = re.compile(r'\{"([a-z._]+)", [a-z_]+_answer,(.*?)\}\}', re.S)
PARAM = re.compile(r'\{"([a-z_]+)", PARAM_')


def table(text):
    rows = text[text.index("METHODS[] ="):text.index("\n};")]
    found = {name: PARAM.findall(params) for name, params in ROW.findall(rows)}
    assert len(found) == rows.count("_answer,"), "a row of methods.c is not as this test reads it"
    return found


def sections(page):
    """The text of each method's item."""
    text = page[page.index("\n.Ss Methods\n"):]
    text = re.split(r"\n\.S[sh] ", text[12:])[0]
    items = re.split(r"\n\.It Cm ", text)[1:]
    return {item.split("\n")[0].strip(): item for item in items}


def main(root):
    methods = table((root / "daemon/desk/methods.c").read_text())
    items = sections((root / "daemon/doors/redress-protocol.7").read_text())
    faults = [f"{name}: not in redress-protocol(7)" for name in methods if name not in items]
    faults += [f"{name}: in redress-protocol(7), but no method" for name in items
               if name not in methods]
    for name, params in methods.items():
        said = set(re.findall(r"\bQl \"?([a-z_]+)", items.get(name, "")))
        faults += [f"{name}: its parameter {param} is not in redress-protocol(7)"
                   for param in params if param not in said]
    print("\n".join(faults), end="\n" if faults else "")
    return bool(faults)


sys.exit(main(pathlib.Path(sys.argv[1])))
