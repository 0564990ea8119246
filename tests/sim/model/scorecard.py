"""Points of a scorecard, feature by feature: redress-scorecard(5)."""
import re

DENSE = "\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"


def tokens(folded):
    """Words of two and more letters or digits (40 bytes, 5 digits at most), pairs of characters."""
    words = re.findall(r"[a-z0-9À-ÖØ-öø-\u024f\u0370-\u052f\u1e00-\u1eff]+", folded)
    found = {word for word in words if len(word) >= 2 and len(word.encode()) <= 40
             and len(re.findall("[0-9]", word)) <= 5}
    for run in re.findall(f"[{DENSE}]+", folded):
        found |= {run[i:i + 2] for i in range(len(run) - 1)}
    return found


def as_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def holds(feature, attributes, found):
    if "attribute" not in feature:
        return (feature.get("word") or feature["bigram"]) in found
    value = attributes.get(feature["attribute"])
    if "absent" in feature:
        return value is None
    if "is" in feature:
        values = value if isinstance(value, list) else [value]
        return feature["is"] in [as_text(one) for one in values if one is not None]
    return (isinstance(value, int) and not isinstance(value, bool)
            and feature.get("from", value) <= value and value < feature.get("below", value + 1))


def card_points(card, attributes, folded):
    found = tokens(folded)
    total = card.get("base", 0) + sum(
        feature["points"] for feature in card["features"] if holds(feature, attributes, found))
    return max(0, min(card.get("cap", 100), total))
