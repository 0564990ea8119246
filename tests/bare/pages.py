"""Takes from README.md and from the manual pages what they tell a reader to type; README.md of this
folder has the rule. Run as a program it reads them all and names what does not follow it.

Usage: pages.py [SOURCE_DIR]
"""
import dataclasses
import pathlib
import re
import sys

MACHINES = ("tree", "installed")
MANUALS = ("common", "daemon", "tools", "systemd")


class PageError(Exception):
    """A page that does not follow the rule: where, and what to do."""


@dataclasses.dataclass
class Block:
    """Commands for one machine, with what they print; or a file's text."""
    where: str  # page:line
    kind: str  # "run" or "file"
    text: str
    machine: str = "installed"
    until: str | None = None  # commands that do not end by themselves: left when this was printed
    name: str | None = None  # of a file
    output: str | None = None  # what the commands print


def read_mark(where, words):
    """The comment's words as (kind, argument): ("tree", None), ("until", TEXT), ("file", NAME)."""
    found = re.fullmatch(r"(\w+)(?: (.*))?", words.strip())
    if not found:
        raise PageError(f"{where}: bare: {words}: give one of the words of tests/bare/README.md")
    return found[1], found[2]


# ---- README.md ----

def fences(path):
    """(line number of the fence, the line above it, text) of every fenced block."""
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        if not lines[at].startswith("```"):
            at += 1
            continue
        end = next((i for i in range(at + 1, len(lines)) if lines[i] == "```"), None)
        if end is None:
            raise PageError(f"{path.name}:{at + 1}: the block has no end")
        yield at + 1, lines[at - 1] if at else "", "\n".join(lines[at + 1:end]) + "\n"
        at = end + 1


def readme_blocks(path):
    blocks = []
    for number, above, text in fences(path):
        where = f"{path.name}:{number}"
        mark = re.fullmatch(r"<!-- bare: (.*) -->", above)
        if not mark:
            raise PageError(f"{where}: the line above a fence is <!-- bare: … -->")
        kind, rest = read_mark(where, mark[1])
        if kind in MACHINES:
            until = re.fullmatch(r"until (.+)", rest or "")
            if rest and not until:
                raise PageError(f"{where}: {kind} {rest}: nothing follows but until TEXT")
            blocks.append(Block(where, "run", text, kind, until[1] if until else None))
        elif kind == "file" and rest:
            blocks.append(Block(where, "file", text, name=rest))
        elif kind == "output" and blocks and blocks[-1].kind == "run":
            blocks[-1].output = text
        elif kind != "shown":
            raise PageError(f"{where}: bare: {mark[1]}: not a comment of tests/bare/README.md, or "
                            "output without commands before it")
    return blocks


# ---- manual pages ----

def plain(text):
    """A line of roff as a reader sees it."""
    for code, char in ((r"\(dq", '"'), (r"\(aq", "'"), (r"\e", "\\"), (r"\-", "-"), (r"\&", "")):
        text = text.replace(code, char)
    return text


def macro_words(text):
    """The arguments of a macro, quoted ones as one."""
    words = re.findall(r'"((?:[^"]|"")*)"|(\S+)', text)
    return " ".join(plain(quoted.replace('""', '"') or bare) for quoted, bare in words)


class Page:
    """Reads the section EXAMPLES of one page."""

    def __init__(self, path, root):
        self.path, self.root, self.blocks = path, root, []
        self.until, self.mark = None, None

    def where(self, number):
        return f"{self.path.relative_to(self.root)}:{number}"

    def run(self, where, text, output=None):
        self.blocks.append(Block(where, "run", text + "\n", until=self.until, output=output))
        self.until = None

    def take_comment(self, number, words):
        kind, rest = read_mark(self.where(number), words)
        if kind == "before" and rest:
            self.blocks.append(Block(self.where(number), "run", rest + "\n"))
        elif kind == "until" and rest:
            self.until = rest
        elif kind in ("file", "shown") and rest:
            self.mark = (kind, rest)
        else:
            raise PageError(f"{self.where(number)}: bare: {words}: not a comment of "
                            "tests/bare/README.md")

    def take_commands(self, number, lines):
        """Lines with prompts: each command with what stands below it."""
        commands, outputs = [], []
        goes_on = False
        for line in lines:
            if goes_on:
                commands[-1] += "\n" + line
            elif line.startswith("$ "):
                commands.append(line[2:])
                outputs.append([])
            elif commands:
                outputs[-1].append(line)
            else:
                raise PageError(f"{self.where(number)}: output before the first command")
            goes_on = line.endswith("\\") and not outputs[-1]
        for command, output in zip(commands, outputs):
            self.run(self.where(number), command, "\n".join(output) + "\n" if output else None)

    def take_display(self, number, lines):
        mark, self.mark = self.mark, None
        if any(line.startswith("$ ") for line in lines):
            self.take_commands(number, lines)
        elif mark is None:
            raise PageError(f"{self.where(number)}: a display without a command has a comment above "
                            r'it, .\" bare: file NAME or .\" bare: shown PATH')
        elif mark[0] == "file":
            text = "\n".join(lines) + "\n"
            self.blocks.append(Block(self.where(number), "file", text, name=mark[1]))
        elif not (self.root / mark[1]).exists():
            raise PageError(f"{self.where(number)}: {mark[1]} is not there")

    def read(self):
        lines = self.path.read_text(encoding="utf-8").splitlines()
        inside, display = False, None
        for number, line in enumerate(lines, 1):
            if line.startswith(".Sh "):
                inside = line == ".Sh EXAMPLES"
            elif not inside:
                continue
            elif line.startswith(r'.\" bare: '):
                self.take_comment(number, line.removeprefix(r'.\" bare: '))
            elif line.startswith(".Bd "):
                display = (number, [])
            elif line == ".Ed":
                self.take_display(*display)
                display = None
            elif display:
                display[1].append(plain(line))
            elif line.startswith(".Dl $ "):
                self.run(self.where(number), macro_words(line.removeprefix(".Dl $ ")))
            elif line.startswith(".Dl "):
                raise PageError(f"{self.where(number)}: an example begins with $")
        if self.until or self.mark:
            raise PageError(f"{self.where(len(lines))}: a comment without an example below it")
        return self.blocks


def manual_pages(root):
    return sorted(path for folder in MANUALS for path in (root / folder).rglob("*.[1578]"))


def manual_blocks(path, root):
    return Page(path, root).read()


# ---- what commands print ----

def pattern_of(output):
    """What a page says is printed, as an expression: … is any text, alone on a line any lines."""
    parts = []
    for line in output.splitlines():
        if line.strip() == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            text = ".*".join(re.escape(piece) for piece in line.rstrip().split("…"))
            parts.append(text + r"[ \t]*\n")
    return re.compile("^" + "".join(parts), re.MULTILINE)


def is_printed(output, printed):
    clean = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", printed)
    return pattern_of(output).search(clean if clean.endswith("\n") else clean + "\n") is not None


def main():
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
    faults = []
    jobs = [lambda: readme_blocks(root / "README.md")]
    jobs += [lambda path=path: manual_blocks(path, root) for path in manual_pages(root)]
    for job in jobs:
        try:
            job()
        except PageError as error:
            faults.append(str(error))
    for line in faults:
        print(line)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
