#!/usr/bin/env python3
"""tidy.py sees what it says it sees: rows of a file, its text, and what must be said of it."""
import pathlib
import sys
import tempfile

import callgraph
import tidy

HEADER = "/* common/a.h — what it is. */\n"
LONG = "static int f(int a,\n        int b)\n{\n" + "    a++;\n" * 67 + "}\n"

ROWS = [
    # path, text, words of the one message; None: nothing to say
    ("common/a.h", HEADER, None),
    ("common/a.h", "#pragma once\n", "begins with"),
    ("common/a.h", "/* common/b.h — another. */\n", "begins with"),
    ("common/a.c", "x" * 100 + "\n", None),
    ("common/a.c", "x" * 101 + "\n", "101 columns"),
    ("common/a.c", "/* " + "投" * 97 + "\n*/\n", None),  # columns, not bytes
    ("common/a.c", "int a; \n", "space at the end"),
    ("common/a.c", "\tint a;\n", "a tab"),
    ("common/a.c", "int a;", "no newline"),
    ("common/a.c", "\n" * 501, "501 lines"),
    ("common/a.c", '#include "common/b.h"\n', None),
    ("common/a.c", '#include "daemon/store/store.h"\n', "may not know"),
    ("daemon/engine/a.c", '#include "daemon/store/store.h"\n', None),
    ("daemon/engine/a.c", '#include "daemon/journal/journal.h"\n', "may not know"),
    ("daemon/engine/a.c", '#include "daemon/clock.h"\n', "may not know"),
    ("daemon/store/a.c", '#include "daemon/engine/engine.h"\n', "may not know"),
    ("daemon/doors/a.c", '#include "daemon/store/store.h"\n', "may not know"),
    ("daemon/desk/a.c", '#include "daemon/engine/engine.h"\n', None),
    ("daemon/turn.c", '#include "daemon/doors/doors.h"\n', None),
    ("tools/redressctl/case.c", '#include "daemon/store/store.h"\n', "may not know"),
    ("tools/redressctl/verify.c", '#include "daemon/store/store.h"\n', None),
    ("tools/redressctl/verify.c", '#include "daemon/doors/doors.h"\n', "may not know"),
    ("tests/unit/test_a.c", '#include "daemon/doors/doors.h"\n', None),
    ("daemon/engine/a.c", "#include <lmdb.h>\n", "belongs to"),
    ("daemon/store/a.c", "#include <lmdb.h>\n", None),
    ("tests/unit/test_a.c", "#include <lmdb.h>\n", None),
    ("daemon/turn.c", "#include <zmq.h>\n", "belongs to"),
    ("common/a.c", "#include <jansson.h>\n", "belongs to"),
    ("common/a.c", "int a = atoi(b);\n", "atoi()"),
    ("common/a.c", "/* no atoi() here */\n", None),
    ("common/a.c", 'const char *a = "atoi(b)";\n', None),
    ("common/a.c", "rd_time time = record->time(a);\n", None),
    ("common/a.c", "a = time(NULL);\n", "time()"),
    ("daemon/clock.c", "a = time(NULL);\n", None),
    ("tests/unit/test_a.c", "usleep(1);\n", "usleep()"),
    ("common/a.c", "assert(a);\n", "assert()"),
    ("common/a.c", "_Static_assert(a, b);\nRD_ASSERT(a);\n", None),
    ("common/a.c", "/* TO" + "DO: later */\n", "mend it"),
    ("common/a.c", "double a;\n", "integers"),
    ("common/a.c", "/* a double negation */\n", None),
    ("tools/a.c", "double a;\n", None),
    ("common/a.c", LONG, "a function of 71"),
    ("common/a.c", LONG.replace("{\n", "{\n    b++;\n"), "a function of 72"),
    ("common/a.c", "#define A(b) \\\n    { b }\n" + LONG.replace("    a++;\n", "", 1), None),
    ("common/a.c", "static const struct {\n" + "    int a;\n" * 80 + "} table[] = {\n};\n", None),
    ("common/a.c", "int f(int a, int b, int c, int d, int e, int g)\n{\n}\n", None),
    ("common/a.c", "int f(int a, int b, int c, int d, int e, int g, int h)\n{\n}\n", "7 parameters"),
    ("common/a.c", "int f(int (*a)(int b, int c), int d[2])\n{\n}\n", None),
]

# A room of three floors, whole; then what is planted in a file of it, and what must be said.
ROOM = {"ground": "void g(void)\n{\n}\nstatic void own(void)\n{\n}\n",
        "middle": "void m(void)\n{\n    g();\n}\n",
        "top": "void t(void)\n{\n    m();\n    g();\n}\nstatic void own(void)\n{\n    own();\n}\n"}
FLOORS = [["ground"], ["middle", "top"]]
PLANTED = [
    # file, text behind it, words of the one message; None: nothing to say
    ("ground", "", None),
    ("ground", "void h(void)\n{\n    m();\n}\n", "ground:9: calls upward: m() is in middle"),
    ("ground", "void h(void)\n{\n    call(m);\n}\n", "ground:9: calls upward: m()"),
    ("ground", "static fn *const a[] = {t};\n", "ground:7: calls upward: t() is in top"),
    ("middle", "void h(void)\n{\n    t();\n}\n", "middle:7: calls upward: t()"),  # on one floor too
    ("ground", "/* m() */\nint h = x.m + x->t;\n", None),
    ("ground", "void h(void)\n{\n    own();\n}\n", None),
    ("attic", "void h(void)\n{\n    t();\n}\n", "attic:1: stands on no floor"),
]


def check_floors():
    bad = 0
    for name, text, want in PLANTED:
        edges = callgraph.graph({**ROOM, name: ROOM.get(name, "") + text})
        got = [f"{file}:{line}: {message}"
               for file, line, message in callgraph.upward(edges, FLOORS)]
        if (got != []) if want is None else (len(got) != 1 or want not in got[0]):
            print(f"floors, {name} and {text!r}: want {want}, got {got}")
            bad += 1
    starred = [["ground"], ["*"], ["top"]]
    for text, want in [("void n(void)\n{\n    m();\n}\n", []),
                       ("void n(void)\n{\n    t();\n}\n", ["attic"])]:
        got = [file for file, _, _ in
               callgraph.upward(callgraph.graph({**ROOM, "attic": text}), starred)]
        if got != want:
            print(f"floors, a file that none names and {text!r}: want {want}, got {got}")
            bad += 1
    gone = list(callgraph.upward(callgraph.graph({}), [["ground"]]))
    if len(gone) != 1 or "is gone" not in gone[0][2]:
        print(f"floors: a file that is gone: {gone}")
        bad += 1
    tied = callgraph.graph({**ROOM, "ground": ROOM["ground"] + "void h(void)\n{\n    t();\n}\n"})
    if callgraph.circles(callgraph.graph(ROOM)) != []:
        print("a circle where none is")
        bad += 1
    if callgraph.circles(tied) != [["ground", "middle", "top"]]:
        print(f"circles: {callgraph.circles(tied)}")
        bad += 1
    said = list(callgraph.ties(tied))
    if len(said) != 1 or said[0][0] != "ground" or "it uses t() of top" not in said[0][1]:
        print(f"what is said of a circle: {said}")
        bad += 1
    return bad + check_rooms()


def check_rooms():
    """The same in a tree: a circle and a call upward are planted in rooms of this one's names."""
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for path, text in (("daemon/a.c", "void a(void)\n{\n    b();\n}\n"),
                           ("daemon/b.c", "void b(void)\n{\n}\n"),
                           ("daemon/journal/format.c", "void f(void)\n{\n}\n"),
                           ("daemon/journal/chain.c", "void c(void)\n{\n    f();\n}\n")):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        floors = {"daemon/journal/": [["format"], ["chain"]]}
        if list(tidy.check_circles(root)) or list(tidy.check_floors(root, floors)):
            print("a tree without a breach has one")
            bad += 1
        with (root / "daemon/b.c").open("a") as file:
            file.write("void d(void)\n{\n    a();\n}\n")
        with (root / "daemon/journal/format.c").open("a") as file:
            file.write("void g(void)\n{\n    c();\n}\n")
        tied = [path for path, _, _ in tidy.check_circles(root)]
        if tied != ["daemon/a.c", "daemon/journal/chain.c"]:
            print(f"planted circles: {tied}")
            bad += 1
        up = [f"{path}:{line}: {message}" for path, line, message in
              tidy.check_floors(root, floors)]
        if len(up) != 1 or "daemon/journal/format.c:6: calls upward: c() is in chain" not in up[0]:
            print(f"a planted call upward: {up}")
            bad += 1
    return bad


def main():
    bad = check_floors()
    for number, (path, text, want) in enumerate(ROWS):
        got = [message for _, message in tidy.check_text(path, text)]
        good = got == [] if want is None else len(got) == 1 and want in got[0]
        if not good:
            print(f"row {number}, {path}: want {want}, got {got}")
            bad += 1
    lists = {".": "add_subdirectory(tests)", "common": "base.c pack.c",
             "daemon": "store/scan.c file(GLOB rows CONFIGURE_DEPENDS store/rows/*.c)",
             "tests": "redress_unit(buf redress_common)\nfuzz/replay_main.c"}
    for path, want in [("common/base.c", True), ("common/ase.c", False), ("common/pack", False),
                       ("daemon/store/scan.c", True), ("daemon/scan.c", False),
                       ("daemon/store/rows/new_row.c", True), ("daemon/store/new_row.c", False),
                       ("tests/unit/test_buf.c", True), ("tests/unit/test_bu.c", False),
                       ("tests/fuzz/replay_main.c", True), ("tests/fuzz/fuzz_lost.c", False)]:
        if tidy.listed(path, lists) != want:
            print(f"{path}: listed is not {want}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
