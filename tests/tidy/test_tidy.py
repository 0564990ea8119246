#!/usr/bin/env python3
"""tidy.py sees what it says it sees: rows of a file, its text, and what must be said of it."""
import sys

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


def main():
    bad = 0
    for number, (path, text, want) in enumerate(ROWS):
        got = [message for _, message in tidy.check_text(path, text)]
        good = got == [] if want is None else len(got) == 1 and want in got[0]
        if not good:
            print(f"row {number}, {path}: want {want}, got {got}")
            bad += 1
    lists = {".": "add_subdirectory(tests)", "common": "base.c pack.c", "daemon": "store/scan.c",
             "tests": "redress_unit(buf redress_common)\nfuzz/replay_main.c"}
    for path, want in [("common/base.c", True), ("common/ase.c", False), ("common/pack", False),
                       ("daemon/store/scan.c", True), ("daemon/scan.c", False),
                       ("tests/unit/test_buf.c", True), ("tests/unit/test_bu.c", False),
                       ("tests/fuzz/replay_main.c", True), ("tests/fuzz/fuzz_lost.c", False)]:
        if tidy.listed(path, lists) != want:
            print(f"{path}: listed is not {want}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
