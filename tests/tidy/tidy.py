#!/usr/bin/env python3
"""The laws of this code base that no compiler checks. Usage: tidy.py SOURCE_DIR

Who may include whom, who owns a foreign header, what is never called, who calls whom inside a room
(no circle anywhere; an order of files in a room that has floors), how long lines, functions and
files may be, how a header begins, and that every file is built. Prints file:line: message for each
breach; exit status 1 if there is one. Its own test is test_tidy.py.
"""
import fnmatch
import pathlib
import re
import sys

import callgraph
from csource import blank, functions, parameters, without_directives

LINE_MAX, FUNCTION_MAX, FILE_MAX, PARAMETERS_MAX = 100, 70, 500, 6
FOLDERS = ("common", "daemon", "tools", "tests", "systemd")

ENGINE_TOOLS = ["common/", "tools/", "daemon/engine/", "daemon/store/", "daemon/config/",
                "daemon/journal/", "daemon/replay"]
# (files, what they may include of ours): the first row whose pattern fits the path holds.
ROOMS = [
    (r"common/base/", ["common/base/"]),
    (r"common/time/", ["common/base/", "common/time/"]),
    (r"common/(wire|client)/", ["common/base/", "common/time/", "common/wire/", "common/client/"]),
    (r"common/text/", ["common/base/", "common/time/", "common/wire/", "common/text/"]),
    (r"common/", ["common/"]),
    (r"daemon/engine/", ["common/", "daemon/engine/", "daemon/store/"]),
    (r"daemon/store/", ["common/", "daemon/store/"]),
    (r"daemon/journal/", ["common/", "daemon/journal/"]),
    (r"daemon/config/", ["common/", "daemon/config/"]),
    (r"daemon/doors/", ["common/", "daemon/doors/"]),
    (r"daemon/desk/", ["common/", "daemon/engine/", "daemon/store/", "daemon/journal/",
                       "daemon/config/", "daemon/desk/", "daemon/metrics.h"]),
    (r"daemon/[^/]+$", ["common/", "daemon/"]),
    (r"tools/ctl/due", ["common/", "tools/", "daemon/config/"]),
    (r"tools/.*(verify|ctl/diff|ctl/keep|ctl/route|backtest|train)", ENGINE_TOOLS),
    (r"tools/", ["common/", "tools/"]),
    (r"tests/", ["common/", "daemon/", "tools/", "tests/"]),
]
# foreign header -> who may include it, tests aside: one owner, so that it can be replaced.
OWNERS = {
    "msgpack.h": ["common/wire/pack"],
    "utf8proc.h": ["common/text/fold", "tools/send/xlsx_text"],
    "hs.h": ["common/text/terms"],
    "pcre2.h": ["common/text/match"],
    "lmdb.h": ["daemon/store/"],
    "yaml.h": ["daemon/config/"],
    "libical/ical.h": ["daemon/config/"],
    "zmq.h": ["daemon/doors/", "common/client/", "tools/"],
    "jansson.h": ["tools/"],
    "microhttpd.h": ["tools/"],
    "linear.h": ["tools/"],
    "nats/nats.h": ["tools/"],
    "syslog.h": ["daemon/log.", "tools/"],
    "zstd.h": ["common/base/squeeze"],
    "xxhash.h": ["common/", "daemon/journal/", "daemon/store/", "daemon/config/"],
    "sodium.h": ["common/", "daemon/journal/", "daemon/store/", "daemon/config/", "tools/"],
}
# folder -> its files from the ground up, a floor a row: a file calls those that stand before it. So
# there is an order to read the room in. A new file of such a room goes onto a floor; on "*" stands
# what no floor names. Every other room only has no circle (check_circles).
FLOORS = {
    "common/plan/": [
        # names, figures, what is packed in the tree
        ["plan_names", "plan_find", "calendar_pack", "counters", "lexicons", "figures_cases", "figures"],
        # a reader a section, and all of them
        ["plan_reader"],
        ["plan_units", "plan_rosters", "plan_scorecard", "plan_assess", "plan_clock", "plan_policy",
         "plan_codes", "plan_supervision", "plan_rest"],
        ["plan"],
        # what of a warning may be told
        ["masks"],
    ],
    "daemon/store/": [
        # memory, names, checksums
        ["errors", "tables", "slab", "row_sum"],
        # the file: judged, opened, copied
        ["audit", "numbers", "dbenv", "raw", "rewrite", "compact"],
        # rows that wait: sorted, looked for, merged
        ["rowtree", "overlay", "pending", "still", "filter"],
        ["flush", "checkpoint", "view", "scan"],
        ["store", "side", "hash"],
        # what is kept beside it
        ["backup", "snapshot_parts", "snapshot_read", "snapshot", "shelf"],
    ],
    "daemon/journal/": [
        ["format", "segment", "archive_file", "stock", "scan"],
        ["check", "recover", "writer", "blank"],
        ["archive", "journal"],
        ["cursor", "restore", "chain"],
    ],
    "daemon/doors/": [
        ["endpoint", "shares", "zap", "zmtp"],
        # under libzmq
        ["gate_next", "gate_peer", "gate_crowd", "gate", "gate_calls"],
        ["doors", "socket"],
        ["feed", "intake", "question", "desk"],
    ],
    "daemon/desk/": [
        # what is handed over, and to whom
        ["live", "showing", "call", "sight"],
        # questions read, answers written
        ["duty_state", "params", "fields", "listing"],
        # a case, and sums of cases
        ["case_clocks", "account_due", "account_run", "account", "pack_case", "given", "sums", "tally", "figure", "appraisal"],
        # the methods
        ["*"],
        ["methods", "desk"],
    ],
    "daemon/engine/": [
        # what a record and its rows are: names, counters, the present plan
        ["plans", "sender", "outcome", "record", "names", "lifecycle", "points", "housekeeping", "aside", "counters"],
        # time: units' calendars, limits, arming
        ["standing", "rosters", "units", "due", "arm"],
        # what is looked for at units by the calendar
        ["watch", "unit_days", "unread", "tallies"],
        # a case, and what matchers see of it
        ["duties", "cases", "attributes", "rounds"],
        # telling
        ["title_words", "labels", "title_alert", "title_case", "titles", "storm", "silences", "alerts"],
        # assessing
        ["windows", "assess"],
        # forgetting
        ["approvals", "forget_find", "forget_words", "forget_rows", "forget_held", "forget", "retention_rows", "retention"],
        # what a case waits for
        ["clock_due", "breach_next", "clock_timer", "clocks_tell", "clock_breach", "clocks", "ladder_items", "ladder_why",
         "ladder", "ladder_send", "ladder_pass", "ladder_fire", "pauses",
         "chases", "panels", "notices", "policy"],
        # what a case counts for
        ["figures_case", "figures", "ledger"],
        # what units owe
        ["reports", "unread_fire", "digest_work", "digest_walk", "digest_pack", "digest_masked", "digests", "watches",
         "silence_tell"],
        # sources
        ["silent", "known", "codes"],
        # what an event is about, and what it does
        ["contacts", "texts", "take_shared", "merge", "recontact", "target", "take_open", "take_work", "take_change", "take_end", "take_merge",
         "take_mediation", "take_screening", "take_desk", "take_figure", "events", "facts", "rectification", "schedules"],
        # what timers do, and the step that puts all together
        ["sweep", "rest", "takeover", "fire", "step", "take_approval", "erased", "tell", "engine"],
        # questions, which change nothing
        ["look", "outlook", "upcoming", "measure", "check"],
    ],
}
# (names, what to do instead, who may all the same)
CALLS = [
    ("strcpy strcat strncpy strncat sprintf vsprintf gets stpcpy", "rd_buf, rd_arena, snprintf", []),
    ("strtok alloca", "rd_str and its length", []),
    ("atoi atol atoll atof strtol strtoll strtoul strtoull strtod sscanf",
     "rd_u64_parse() and kin, which report overflow and rest",
     [r"tests/prop\.h", r"tools/send/xlsx\.c"]  # the second: numbers of a workbook are doubles
     ),
    ("time gettimeofday localtime localtime_r gmtime gmtime_r mktime ctime strftime",
     "a time handed down; the clock is read in daemon/clock.c", [r"daemon/clock\.c", r"tools/"]),
    ("clock_gettime", "a time handed down; the clock is read in daemon/clock.c",
     [r"daemon/clock\.c", r"common/client/client\.c", r"tools/", r"tests/"]),
    ("rand srand random srandom drand48 rand_r", "a generator handed down", []),
    ("sleep usleep nanosleep clock_nanosleep", "waiting for the event itself", []),
    ("assert", "RD_ASSERT, which stays on", []),
]
WORDS = [
    (r"\b(TODO|FIXME|XXX|HACK)\b", "mend it, or say in the manual that it is so", r""),
    (r"\b(float|double)\b", "integers, with the scale in the name", r"common/|daemon/engine/"),
]


def check_includes(rel, number, line):
    own = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
    if own:
        allowed = next((to for pattern, to in ROOMS if re.match(pattern, rel)), None)
        if allowed is not None and not own[1].startswith(tuple(allowed)):
            yield number, f"may not know {own[1]}: only {', '.join(allowed)}"
    foreign = re.match(r"\s*#\s*include\s*<([^>]+)>", line)
    if foreign and foreign[1] in OWNERS and not rel.startswith("tests/"):
        if not rel.startswith(tuple(OWNERS[foreign[1]])):
            yield number, f"<{foreign[1]}> belongs to {', '.join(OWNERS[foreign[1]])}"


def check_calls(rel, number, line):
    for names, instead, exempt in CALLS:
        hit = re.search(r"(?<![\w.>])(" + names.replace(" ", "|") + r")\s*\(", line)
        if hit and not any(re.match(pattern, rel) for pattern in exempt):
            yield number, f"{hit[1]}(): use {instead}"


def check_words(rel, number, code, line):
    for pattern, instead, where in WORDS:
        # A reminder hides in a comment, a type does not.
        hit = re.search(pattern, code if "float" in pattern else line)
        if hit and re.match(where, rel):
            yield number, f"{hit[1]}: {instead}"


def check_text(rel, text):
    """Breaches of one C file, as (line, message)."""
    lines = text.splitlines()
    codes = blank(text).splitlines()
    if len(lines) > FILE_MAX:
        yield 1, f"{len(lines)} lines, at most {FILE_MAX}: which two files are in it?"
    if rel.endswith(".h") and not (lines and lines[0].startswith(f"/* {rel} — ")):
        yield 1, f'a header begins with "/* {rel} — what it is"'
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end"
    for number, (line, code) in enumerate(zip(lines, codes), 1):
        if len(line) > LINE_MAX:
            yield number, f"{len(line)} columns, at most {LINE_MAX}"
        if "\t" in line or line != line.rstrip():
            yield number, "a tab, or a space at the end"
        yield from check_includes(rel, number, line)
        yield from check_calls(rel, number, code)
        yield from check_words(rel, number, code, line)
    for head, number, length in functions(without_directives(blank(text))):
        count = parameters(head)
        if length > FUNCTION_MAX:
            yield number, f"a function of {length} lines, at most {FUNCTION_MAX}"
        if count > PARAMETERS_MAX:
            yield number, f"{count} parameters, at most {PARAMETERS_MAX}: make it a struct"


def listed(rel, lists):
    """Whether a CMakeLists.txt at or above the file names it: by its path from there, by a glob that
    is looked at again at each build, or, as the functions of tests/ do, by what stands between
    prefix and suffix."""
    path = pathlib.PurePosixPath(rel)
    named = re.fullmatch(r"(?:test|prop|fuzz|sim|crash|fault|bench)_(\w+)", path.stem)
    for folder, text in lists.items():
        home = pathlib.PurePosixPath(folder)
        if home != pathlib.PurePosixPath(".") and home not in path.parents:
            continue
        inside = path.relative_to(home).as_posix()
        if re.search(r"(?<![\w./-])" + re.escape(inside) + r"(?![\w.-])", text):
            return True
        globs = " ".join(re.findall(r"file\(GLOB \w+ CONFIGURE_DEPENDS ([^)]*)\)", text)).split()
        if any(fnmatch.fnmatch(inside, glob) for glob in globs):
            return True
        if rel.startswith("tests/") and named and re.search(rf"\b{named[1]}\b", text):
            return True
    return False


def check_floors(root, rooms=FLOORS):
    """Breaches of FLOORS, as (path, line, message)."""
    for folder, floors in rooms.items():
        files = {file.stem: file.read_text(encoding="utf-8")
                 for file in sorted((root / folder).glob("*.c"))}
        for name, line, message in callgraph.upward(callgraph.graph(files), floors):
            yield f"{folder}{name}.c", line, message


def check_circles(root):
    """Circles of calls in any room, as (path, line, message). Rooms below a room are seen with it."""
    for folder in ("common", "daemon", "tools"):
        files = {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8")
                 for file in sorted((root / folder).rglob("*.c"))}
        rooms = {}
        for name, text in files.items():
            room = str(pathlib.PurePosixPath(name).parent).removesuffix("/rows")
            rooms.setdefault(room, {})[name] = text
        for room in rooms.values():
            for name, message in callgraph.ties(callgraph.graph(room)):
                yield name, 1, message


SIZE_ASSERT = re.compile(r"RD_ASSERT\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)")
ON_SIZE = re.compile(r"error == 0|_MAX\b|(len|count|size) <=? |limit_bytes|\bcap\b|\broom\b")


def check_size_asserts(root, known):
    """Asserts on sizes that size_asserts.txt gives no reason for, and reasons for none, as (path,
    line, message)."""
    reasons = {}
    for number, line in enumerate(known.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        if not line.startswith("#") and len(fields) == 3 and fields[2]:
            reasons[fields[0], fields[1]] = number
        elif not line.startswith("#"):
            yield known.name, number, "want: file TAB what is asserted TAB why no peer reaches it"
    met = set()
    for folder in ("common", "daemon"):
        for file in sorted((root / folder).rglob("*.c")):
            rel, code = file.relative_to(root).as_posix(), blank(file.read_text(encoding="utf-8"))
            for found in SIZE_ASSERT.finditer(code):
                text = " ".join(found[1].split())
                if ON_SIZE.search(text):
                    met.add((rel, text))
                    if (rel, text) not in reasons:
                        yield rel, code.count("\n", 0, found.start()) + 1, (
                            f"an assert on a size, {text}: answer the peer, or say in "
                            f"{known.name} why none reaches it")
    for (rel, text), number in reasons.items():
        if (rel, text) not in met:
            yield known.name, number, f"{rel} asserts {text} no more"


def main():
    root = pathlib.Path(sys.argv[1])
    lists = {file.parent.relative_to(root).as_posix(): file.read_text(encoding="utf-8")
             for folder in (".",) + FOLDERS
             for file in (root / folder).glob("CMakeLists.txt" if folder == "." else
                                              "**/CMakeLists.txt")}
    breaches = []
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*.[ch]")):
            rel = file.relative_to(root).as_posix()
            for number, message in check_text(rel, file.read_text(encoding="utf-8")):
                breaches.append(f"{rel}:{number}: {message}")
            if rel.endswith(".c") and not listed(rel, lists):
                breaches.append(f"{rel}:1: no CMakeLists.txt names it: nobody builds it")
    for rel, number, message in check_size_asserts(
            root, pathlib.Path(__file__).with_name("size_asserts.txt")):
        breaches.append(f"{rel}:{number}: {message}")
    for rel, number, message in (*check_floors(root), *check_circles(root)):
        breaches.append(f"{rel}:{number}: {message}")
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
