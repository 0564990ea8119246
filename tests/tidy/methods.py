#!/usr/bin/python3
"""Every method of the desk's table, and each of its parameters, stands in redress-protocol(7), and no
other method does. Usage: methods.py SOURCE_DIR"""
import pathlib
import re
import sys

ROW = re.compile(r'\{"([a-z._]+)", [A-Z_ |\n]+, CUT_[A-Z]+,\s*[a-z_]+_answer,(.*?)\}\}', re.S)
RIGHTS = re.compile(r'\{"([a-z._]+)", ([A-Z_ |\n]+), (CUT_[A-Z]+),')
ASKED_BY = {"ASKS_ANY": "anyone", "ASKS_READER": "unit, operator, viewer", "ASKS_OPERATOR": "operator",
            "ASKS_OVERSEER": "operator, viewer",
            "ASKS_OVERSEER | ASKS_PRODUCER": "producer, operator, viewer"}
GIVEN = {"CUT_NOTHING": "whole", "CUT_CASES": "its cases", "CUT_UNITS": "its units",
         "CUT_ASKED": "a unit of its own", "CUT_SOURCES": "its sources", "CUT_RIGHTS": "what it may"}
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


def check_rights(code, page):
    """The page prints the table of who may ask what as the code has it."""
    told = re.findall(r"^\.It Ic (\S+) Ta (.+) Ta (.+)$", page, re.M)
    rows = [(name, ASKED_BY[" ".join(roles.split())], GIVEN[cut]) for name, roles, cut in RIGHTS.findall(code)]
    return [f"{row[0]}: redress-protocol(7) says other rights than methods.c"
            for row in sorted(set(rows) ^ set(told))]


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
    faults += check_rights((root / "daemon/desk/methods.c").read_text(),
                           (root / "daemon/doors/redress-protocol.7").read_text())
    print("\n".join(faults), end="\n" if faults else "")
    return bool(faults)


sys.exit(main(pathlib.Path(sys.argv[1])))
