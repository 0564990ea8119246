"""The first-contact warning: rules, lexicons, windows; levels; notices."""
import pathlib
import re
import unicodedata

from .marks import mark
from .matchers import holds
from .scorecard import card_points
from .worktime import DAY, parse_limit

LEVELS = ["none", "watch", "high", "critical"]
SEVERITY = {"none": "info", "watch": "warning", "high": "high", "critical": "critical"}


def traditional():
    """OpenCC's table: the first simplified form of each traditional character."""
    table = {}
    folder = pathlib.Path(__file__).resolve().parents[3] / "common/text/han"
    for line in (folder / "TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            character, forms = line.split("\t")
            table[character] = forms.split()[0]
    return table


TRADITIONAL = traditional()


def is_han(char):
    code = ord(char)
    return (0x3400 <= code <= 0x4dbf or 0x4e00 <= code <= 0x9fff or 0xf900 <= code <= 0xfaff or
            0x20000 <= code <= 0x3ffff or code in (0x3005, 0x3007))


def is_between(char):
    """Neither a letter nor a digit, and assigned."""
    return unicodedata.category(char)[0] in "MPSZ" or unicodedata.category(char) in ("Cc", "Cf")


def fold(text):
    """Case and width; between two Han characters only letters and digits stay; simplified."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    out, held = [], ""
    for char in text:
        if is_han(char):
            out.append(TRADITIONAL.get(char, char))
            held = ""
        elif is_between(char) and ((out and is_han(out[-1])) or held):
            held += char
            continue
        else:
            out.append(held + char)
            held = ""
    return "".join(out) + held


def is_word(char):
    return char.isascii() and char.isalnum()


def places(term, text):
    """Where it stands. One with an ASCII letter or digit at an edge needs none beside it there."""
    at = text.find(term)
    while at >= 0:
        end = at + len(term)
        before = at == 0 or not (is_word(term[0]) and is_word(text[at - 1]))
        after = end == len(text) or not (is_word(term[-1]) and is_word(text[end]))
        if before and after:
            yield at, end
        at = text.find(term, at + 1)


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
    """The longest term is taken first, of equal length the first in the file; what overlaps one
    that is taken is not; a term counts once; the sum is cut to 0..cap."""
    folded = fold(text)
    points, taken, literals = 0, set(), []
    for number, (term, worth) in enumerate(lexicon["terms"].items()):
        if str(term).startswith("~"):
            points += worth if re.search(str(term)[1:], folded) is not None else 0
        else:
            wanted = fold(str(term))
            literals.append((-len(wanted.encode()), number, wanted, worth))
    for _, _, wanted, worth in sorted(literals):
        is_taken = False
        for at, end in places(wanted, folded):
            if taken.isdisjoint(range(at, end)):
                taken.update(range(at, end))
                is_taken = True
            else:
                mark("lexicon: overlapped by a longer term")
        points += worth if is_taken else 0
        mark("lexicon: a guard", is_taken and worth < 0)
    cap = lexicon.get("cap")
    mark("lexicon hits", points > 0)
    mark("lexicon capped", bool(cap) and points > cap)
    return max(0, min(points, cap) if cap else points)


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
    for external in config.get("external", []):
        reasons.append((external["code"], external_points(external, attributes), []))
    warning = concluded(config, reasons)
    notices = [notice for notice in config.get("notices", [])
               if holds(notice.get("match", {}), attributes)]
    warning["notices"] = [(n["code"], n.get("text"), n.get("written", False)) for n in notices]
    return warning, patterns


def of_text(config, attributes):
    """A text by itself: rules that look at it, and lexicons."""
    text = attributes.get("text") or ""
    reasons = [(rule["code"], rule["points"], rule.get("actions", []))
               for rule in config.get("rules", [])
               if "text" in rule["match"] and holds(rule["match"], attributes)]
    reasons += [(lexicon["code"], lexicon_points(lexicon, text), lexicon.get("actions", []))
                for lexicon in config.get("lexicons", [])]
    return concluded(config, reasons)


def concluded(config, reasons):
    """A warning without notices, case and alert."""
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
    return {"level": level, "score": score, "reasons": [(c, p) for c, p, _ in reasons],
            "actions": actions, "notices": []}


def external_points(external, attributes):
    """The share of the points that an integer of somebody else's stands for."""
    value = attributes.get(external["attribute"])
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    scale = external.get("scale", {})
    low, high = scale.get("from", 0), scale.get("to", 100)
    mark("external score weighs")
    return max(0, min(external["cap"], external["cap"] * (value - low) // (high - low)))


def is_at(config, level):
    return LEVELS.index(level) >= LEVELS.index(config.get("open_case_at", "high"))


def follow_up(config):
    unit, count = parse_limit(config.get("follow_up", "30d"))
    return count * (DAY if unit == "d" else 1_000_000)
