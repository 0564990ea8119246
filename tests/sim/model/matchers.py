"""Matchers: what a policy, a rule or a notice applies to; and the tree of units."""
import re
from decimal import Decimal


def numeric(value):
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value) if "." in value else int(value)
    return None


def equals(test, value):
    if isinstance(test, bool) or isinstance(value, bool):
        return test is value or (isinstance(test, str) and test == ("true" if value else "false"))
    return str(test) == str(value)


def holds_one(test, value):
    if isinstance(test, list):
        return any(holds_one(one, value) for one in test)
    if isinstance(test, str):
        if test.startswith("!"):
            return not holds_one(test[1:], value)
        if value is None:
            return False
        compared = re.fullmatch(r"(>=|<=|>|<)(.+)", test)
        if compared:
            bound, number = numeric(compared[2]), numeric(value)
            if number is None:
                return False
            return {">=": number >= bound, "<=": number <= bound, ">": number > bound,
                    "<": number < bound}[compared[1]]
        if test.startswith("~"):
            return isinstance(value, str) and re.search(test[1:], value) is not None
    if value is None:
        return False
    if isinstance(value, list):
        return any(holds_one(test, one) for one in value)
    return equals(test, value)


def holds(match, attributes):
    """`attributes`: name -> value; a list satisfies "!x" only if none is x."""
    for name, test in match.items():
        value = attributes.get(name)
        if isinstance(value, list) and isinstance(test, str) and test.startswith("!"):
            if any(not holds_one(test, one) for one in value):
                return False
        elif not holds_one(test, value):
            return False
    return True


class Unit:
    def __init__(self, path, config, parent, calendar):
        self.path = path
        self.id = config["id"]
        self.parent = parent
        self.calendar = calendar
        own = config.get("authority")
        self.authority = None if own is None else int(Decimal(own) * 100)


class Units:
    """The tree: paths to units; a unique id stands for its path."""

    def __init__(self, config):
        self.by_path = {}
        self.moved = {}  # a unit that is gone -> the one that has its cases
        self._add(config, None, None)
        self.moved = {path: self.find(name) for path, name in self.moved.items()}

    def _add(self, config, parent, calendar):
        path = config["id"] if parent is None else parent.path + "/" + config["id"]
        unit = Unit(path, config, parent, config.get("calendar", calendar))
        self.by_path[path] = unit
        if "moved_to" in config:
            self.moved[path] = config["moved_to"]
        for child in config.get("units", []):
            self._add(child, unit, unit.calendar)

    def find(self, name):
        """The path, or None."""
        if name in self.by_path:
            return name
        paths = [path for path, unit in self.by_path.items() if unit.id == name]
        return paths[0] if len(paths) == 1 else None

    def authority(self, path):
        """The largest amount, in hundredths, that a unit may decide; where any has one, a unit
        without has none."""
        own = self.by_path[path].authority
        given = [unit.authority for unit in self.by_path.values() if unit.authority is not None]
        return own if own is not None else 0 if given else float("inf")

    def present(self, path):
        return self.moved.get(path, path)

    def ancestor(self, path, steps):
        unit = self.by_path[path]
        for _ in range(steps):
            unit = unit.parent
            if unit is None:
                return None
        return self.present(unit.path)

    def parent(self, path):
        return self.ancestor(path, 1)

    def targets(self, texts, case):
        """Paths that `notify` names for a case, in order, each once; empty ones left out."""
        paths = []
        for text in texts:
            text = str(text)
            if text == "unit":
                path = case.unit
            elif text == "parent":
                path = self.parent(case.unit)
            elif text == "first":
                path = case.first_unit
            elif text.startswith("ancestor"):
                path = self.ancestor(case.unit, int(text.split(":")[1]))
            elif text.startswith("roster: "):
                path = self.roster_now(text[len("roster: "):])
            else:
                path = self.find(text)
            path = self.present(path)
            if path is not None and path not in paths:
                paths.append(path)
        return paths
