"""C text as the tools of this folder read it: without comments, by functions."""
import re


def blank(text):
    """The code alone: comments, texts and characters become spaces, lines stay where they are."""
    pieces = re.compile(
        r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
    return pieces.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def without_directives(code):
    """Blank preprocessor lines too, with those they continue on: braces in macros do not pair."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m[0]), code,
                  flags=re.MULTILINE)


def declarator(head):
    """(name, text of the parameters) of a definition's head: the first parenthesised list of the
    top level that is no attribute's. None: there is none."""
    depth, start, lists = 0, 0, []
    for at, char in enumerate(head):
        if char == "(":
            depth += 1
            if depth == 1:
                start = at
        elif char == ")":
            depth -= 1
            if depth == 0:
                lists.append((head[:start].split()[-1:], head[start + 1:at]))
    named = [(name[0].lstrip("*"), body) for name, body in lists
             if name and not re.match(r"(__attribute__|RD_)", name[0])]
    return named[0] if named else None


def parameters(head):
    """How many parameters a definition's head names."""
    named = declarator(head)
    if named is None or named[1].strip() in ("", "void"):
        return 0
    depth, count = 0, 1
    for char in named[1]:
        depth += (char in "([") - (char in ")]")
        count += char == "," and depth == 0
    return count


def functions(code):
    """(head, line of the head, lines from it to the closing brace) of each definition."""
    depth, head_from, open_at, is_function = 0, 0, 0, False
    for at, char in enumerate(code):
        if char == "{":
            if depth == 0:
                open_at = at
                is_function = code[head_from:at].rstrip().endswith(")")
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                if is_function:
                    head = code[head_from:open_at]
                    first = head_from + len(head) - len(head.lstrip())
                    yield (head, code.count("\n", 0, first) + 1,
                           code.count("\n", first, at) + 1)
                head_from = at + 1
        elif char == ";" and depth == 0:
            head_from = at + 1
