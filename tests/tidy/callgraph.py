#!/usr/bin/env python3
"""Who calls whom, file by file. Usage: callgraph.py [--calls] FOLDER…

Prints for each C file of a folder the files of the same folder whose functions it names, as a call
or as a pointer, then the circles: files that reach each other. Exit status 1 if there is a circle.
--calls adds the names. tidy.py takes its rule FLOORS from here.
"""
import pathlib
import re
import sys

from csource import blank, declarator, functions, without_directives


class File:
    """What a file defines for others, and which words stand in it."""

    def __init__(self, text):
        code = without_directives(blank(text))
        self.public, own = set(), set()
        for head, _, _ in functions(code):
            named = declarator(head)
            if named is None:
                continue
            (own if re.search(r"\bstatic\b", head) else self.public).add(named[0])
        # A member or a local variable of the same name is no call: what counts is a name that is
        # called, or stands where a value does; not one behind a dot, an arrow or a type.
        self.named = {}
        for hit in re.finditer(r"(?<![\w.>])([A-Za-z_]\w*)\b(?=\s*([^\w\s]))", code):
            before = code[:hit.start()].rstrip()[-1:]
            is_value = before in tuple("(,={?:&|!") and hit[2] in ",;)}?:"
            if hit[1] not in own and (hit[2] == "(" or is_value):
                self.named.setdefault(hit[1], code.count("\n", 0, hit.start()) + 1)


def graph(files):
    """{file: {file it uses: {name: line}}} of {name: text}."""
    read = {name: File(text) for name, text in files.items()}
    home = {function: name for name, file in read.items() for function in file.public}
    edges = {}
    for name, file in read.items():
        uses = edges[name] = {}
        for word, line in file.named.items():
            to = home.get(word)
            if to is not None and to != name:
                uses.setdefault(to, {})[word] = line
    return edges


def circles(edges):
    """Lists of files that reach each other (Tarjan's strong components of more than one)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for to in edges[node]:
            if to not in index:
                visit(to)
                low[node] = min(low[node], low[to])
            elif to in stack:
                low[node] = min(low[node], index[to])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def upward(edges, floors):
    """Breaches of an order of files, from the ground up: (file, line, message). A file may use
    those that stand before it. A floor ["*"] has all files that no floor names; they may use one
    another, too."""
    place = {name: at for at, name in enumerate(name for floor in floors for name in floor)}
    others = place.pop("*", None)
    for name in sorted(set(edges) - set(place)):
        if others is None:
            yield name, 1, "stands on no floor: FLOORS in tests/tidy/tidy.py says who may call whom"
        else:
            place[name] = others
    for name in sorted(set(place) - set(edges)):
        yield name, 1, "is gone: take it out of FLOORS in tests/tidy/tidy.py"
    for name, uses in edges.items():
        for to, words in uses.items():
            if name in place and to in place and place[to] > place[name]:
                for word, line in words.items():
                    yield name, line, f"calls upward: {word}() is in {to}, a floor above"


def ties(edges):
    """Circles, as (file, message): of each the file that comes first and its calls around it."""
    for circle in circles(edges):
        first = circle[0]
        words = sorted({f"{word}() of {to}" for to, named in edges[first].items() if to in circle
                        for word in named})
        yield first, (f"a circle of calls: {' '.join(circle)}; it uses {', '.join(words)}. Move "
                      "what both need to a file below both")


def main():
    sys.setrecursionlimit(10000)
    names = [word for word in sys.argv[1:] if word != "--calls"]
    if not names:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    has_circle = False
    for folder in map(pathlib.Path, names):
        edges = graph({file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
                       for file in sorted(folder.rglob("*.c"))})
        for name, uses in edges.items():
            print(f"{folder}/{name}: {' '.join(sorted(uses)) or '-'}")
            for to, words in sorted(uses.items()) if "--calls" in sys.argv else ():
                print(f"    {to}: {' '.join(sorted(words))}")
        for circle in circles(edges):
            has_circle = True
            print(f"{folder}: a circle of {len(circle)}: {' '.join(circle)}")
    return 1 if has_circle else 0


if __name__ == "__main__":
    sys.exit(main())
