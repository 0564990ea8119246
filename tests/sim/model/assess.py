"""The first-contact warning: rules, lexicons, windows; levels; notices."""
import re
import unicodedata

from .marks import mark
from .matchers import holds
from .scorecard import card_points
from .worktime import DAY, parse_limit

LEVELS = ["none", "watch", "high", "critical"]
SEVERITY = {"none": "info", "watch": "warning", "high": "high", "critical": "critical"}


def fold(text):
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def is_word(char):
    return char.isascii() and char.isalnum()


def occurs(term, text):
    """A term with an ASCII letter or digit at an edge needs none beside it there."""
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        before = at == 0 or not (is_word(term[0]) and is_word(text[at - 1]))
        after = end == len(text) or not (is_word(term[-1]) and is_word(text[end]))
        if before and after:
            return True
        at = text.find(term, at + 1)
    return False


def phone_digits(phone):
    """Digits only, 0086 and +86 dropped."""
    digits = re.sub(r"[^0-9]", "", phone)
    if digits.startswith("0086"):
        return digits[4:]
    if phone.strip().startswith("+86"):
        return digits[2:]
    return digits


class Windows:
    """What came, by window: its members are never thrown away here."""

    def __init__(self):
        self.members = {}  # definition -> list of (key, time, distinct value)
        self.latched = set()  # (definition, key)

    @staticmethod
    def definition(window):
        keys = window["key"] if isinstance(window["key"], list) else [window["key"]]
        return (window["code"], tuple(keys), window.get("distinct"),
                tuple(sorted(window.get("types", ["contact.received", "complaint.registered"]))),
                window["days"])

    @staticmethod
    def value(config, attributes, name):
        value = attributes.get(name)
        if value is None:
            return None
        if name == "text":
            return re.sub(r"[0-9]", "", fold(value))
        ignored = [str(one) for one in config.get("ignore", {}).get(name, [])]
        if str(value) in ignored:
            mark("window: value ignored")
            return None
        if name == "phone":
            value = phone_digits(value)
            if value == "" or value in ignored:
                return None
        return value

    def count(self, window, definition, key, time):
        found = [member for member in self.members.get(definition, [])
                 if member[0] == key and time - window["days"] * DAY < member[1] <= time]
        if window.get("distinct"):
            return len({member[2] for member in found})
        return len(found)

    def add(self, config, window, event_type, attributes, time):
        """(count, whether a pattern is to be published), or None where it does not apply."""
        definition = self.definition(window)
        if event_type not in definition[3]:
            return None
        key = tuple(self.value(config, attributes, name) for name in definition[1])
        distinct = window.get("distinct") and self.value(config, attributes, window["distinct"])
        if None in key or (window.get("distinct") and distinct is None):
            return None
        before = self.count(window, definition, key, time)
        self.members.setdefault(definition, []).append((key, time, distinct))
        count = self.count(window, definition, key, time)
        latch = (definition, key)
        mark("window: latch cleared", latch in self.latched and before < window["count"])
        mark("window: latched, not published again", latch in self.latched and
             before >= window["count"] and count >= window["count"])
        mark("window: late event lands where it belongs", any(
            m[0] == key and m[1] > time for m in self.members[definition]))
        if before < window["count"]:
            self.latched.discard(latch)
        is_new = count >= window["count"] and latch not in self.latched
        if is_new:
            self.latched.add(latch)
        return count, is_new


def lexicon_points(lexicon, text):
    folded = fold(text)
    points = 0
    for term, worth in lexicon["terms"].items():
        if str(term).startswith("~"):
            hit = re.search(str(term)[1:], folded) is not None
        else:
            hit = occurs(fold(str(term)), folded)
        points += worth if hit else 0
    cap = lexicon.get("cap")
    mark("lexicon hits", points > 0)
    mark("lexicon capped", bool(cap) and points > cap)
    return min(points, cap) if cap else points


def assess(config, windows, event_type, attributes, time):
    """(warning without case and alert, patterns to publish). Adds to the windows."""
    reasons, patterns = [], []  # reasons: (code, points, actions)
    for rule in config.get("rules", []):
        if holds(rule["match"], attributes):
            mark("rule holds")
            reasons.append((rule["code"], rule["points"], rule.get("actions", [])))
    for lexicon in config.get("lexicons", []):
        points = lexicon_points(lexicon, attributes.get("text") or "")
        reasons.append((lexicon["code"], points, lexicon.get("actions", [])))
    for window in config.get("windows", []):
        found = windows.add(config, window, event_type, attributes, time)
        if found is None:
            continue
        if found[0] >= window["count"]:
            mark("window gives points" + (" (distinct)" if window.get("distinct") else ""))
            reasons.append((window["code"], window.get("points", 0), window.get("actions", [])))
        if found[1] and "pattern" in window:
            patterns.append(window["pattern"])
    if "scorecard" in config:
        card = config["scorecard"]["card"]
        mark("scorecard weighs")
        reasons.append((card["scorecard"], card_points(card, attributes, fold(attributes.get("text") or "")), []))
    mark("score cut to 100", sum(points for _, points, _ in reasons) > 100)
    score = max(0, min(100, sum(points for _, points, _ in reasons)))
    reasons = sorted((r for r in reasons if r[1] != 0), key=lambda r: -r[1])
    actions = []
    for _, _, todo in reasons:
        actions += [action for action in todo if action not in actions]
    thresholds = config.get("levels", {"watch": 30, "high": 60, "critical": 85})
    level = "none"
    for name in LEVELS[1:]:
        if score >= thresholds[name]:
            level = name
    notices = [notice for notice in config.get("notices", [])
               if holds(notice.get("match", {}), attributes)]
    warning = {
        "level": level, "score": score, "reasons": [(c, p) for c, p, _ in reasons],
        "actions": actions,
        "notices": [(n["code"], n.get("text"), n.get("written", False)) for n in notices],
    }
    return warning, patterns


def is_at(config, level):
    return LEVELS.index(level) >= LEVELS.index(config.get("open_case_at", "high"))


def follow_up(config):
    unit, count = parse_limit(config.get("follow_up", "30d"))
    return count * (DAY if unit == "d" else 1_000_000)
