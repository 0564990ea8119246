#!/usr/bin/python3
"""redress-figures(7) defines every figure of the table, in its words, and no other.
Usage: figures.py SOURCE_DIR

A row of common/plan/figures*.c: code, both names, both definitions (a text may be in parts), formula, day.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
ROW = re.compile(r'\{"(\w+)", "[^"]+", "[^"]+",\s*"[^"]+",\s*((?:"[^"]*"\s*)+),\s*(NULL|"[^"]*"),\s*"([^"]+)"')


def table():
    """Code to (definition, formula, day)."""
    found = {}
    for file in ("common/plan/figures.c", "common/plan/figures_cases.c"):
        text = (ROOT / file).read_text(encoding="utf-8")
        rows = ROW.findall(text)
        assert len(rows) == text.count("RD_WAY_"), f"a row of {file} is not as this test reads it"
        for code, means, formula, day in rows:
            found[code] = ("".join(re.findall(r'"([^"]*)"', means)), formula.strip('"'), day)
    return found


def main():
    page = (ROOT / "common/redress-figures.7").read_text(encoding="utf-8")
    page = page[page.index(".Sh FIGURES"):page.index(".Sh EXAMPLES")]
    items = {}
    for item in re.split(r"\n\.It Cm ", page)[1:]:
        head, _, body = item.partition("\n")
        body = re.sub(r"\n\.(?:El|Bl|Ss).*", "", body)
        items[head.split()[0]] = " ".join(body.split())
    faults, known = [], table()
    for code, (means, formula, day) in known.items():
        body = items.get(code, "")
        if means[0].upper() + means[1:] + "." not in body:
            faults.append(f"{code}: its definition is not in redress-figures(7)")
        if formula != "NULL" and f"= {formula}." not in body:
            faults.append(f"{code}: its formula is not in redress-figures(7)")
        if f"Day: {day};" not in body:
            faults.append(f"{code}: its day is not in redress-figures(7)")
    faults += [f"{code}: in redress-figures(7), but no figure" for code in items if code not in known]
    print("\n".join(faults), end="\n" if faults else "")
    return bool(faults)


sys.exit(main())
