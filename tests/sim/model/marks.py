"""Rules that a run has met, and how often. sim.py holds them against the list in marks.txt."""
import collections

MARKS = collections.Counter()


def mark(name, is_met=True):
    if is_met:
        MARKS[name] += 1
