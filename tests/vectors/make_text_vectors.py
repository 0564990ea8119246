#!/usr/bin/env python3
"""Writes text.tsv: what Python's datetime, calendar and decimal make of times, days, money, limits.

Usage: make_text_vectors.py > text.tsv        The result is committed; a change of it is a change
of a format. A line is KIND TAB INPUT TAB EXPECTED; expected is the value, or EINVAL or ERANGE.
"""
import calendar
import datetime
import decimal
import random

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)
FIRST, LAST = -62135596800000000, 253402300799999999


def row(kind, given, expected):
    print(f"{kind}\t{given}\t{expected}")


def at(micros, minutes):
    """RFC 3339 at an offset, or in UTC where the local year leaves 1..9999."""
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    try:
        local = (EPOCH + micros * MICROSECOND).astimezone(zone)
    except OverflowError:
        local = EPOCH + micros * MICROSECOND
    return local.isoformat().replace("+00:00", "Z")


def times(rng):
    points = [0, 1, -1, 999999, 1000000, FIRST, FIRST + 1, LAST, LAST - 999999]
    points += [rng.randrange(FIRST, LAST + 1) for _ in range(120)]
    points += [rng.randrange(0, 4102444800) * 1000000 for _ in range(60)]
    points += [rng.randrange(0, 4102444800) * 1000 for _ in range(20)]
    for micros in points:
        for minutes in (0, rng.choice([480, -480, 330, -210, 345, 840, -720, 1439, -1439])):
            text = at(micros, minutes)
            row("format", f"{micros} {minutes * 60}", text)
            row("time", text, micros)
    for text in ("2025-09-22T10:00:00.1234567890123+08:00", "1969-12-31T23:59:59.9999999Z"):
        exact = text[:26] + text[29 if "Z" not in text else -1:].lstrip("0123456789")
        stamp = datetime.datetime.fromisoformat(exact.replace("Z", "+00:00"))
        row("time", text, (stamp - EPOCH) // MICROSECOND)
    for month in range(0, 14):
        for day in (0, 1, 28, 29, 30, 31, 32):
            for year in (0, 1, 1900, 2000, 2023, 2024, 9999):
                text = f"{year:04}-{month:02}-{day:02}"
                try:
                    date = datetime.date(year, month, day)
                except ValueError:
                    row("day", text, "ERANGE")
                    row("time", text + "T00:00:00Z", "ERANGE")
                    continue
                row("day", text, date.toordinal() - 719163)
                row("weekday", date.toordinal() - 719163, calendar.weekday(year, month, day))
                micros = (date.toordinal() - 719163) * 86400 * 1000000
                row("time", text + "T00:00:00Z", micros)


def money(rng):
    texts = ["0", "-0", "00", "0.0", "0.01", "-0.01", "5.5", "29730000.00", "", "-", ".", "5.", ".5",
             "-.5", "+5", "1.234", "1e3", "1,000", " 1", "1 ", "0x1", "1.-5", "1.5.5", "--1", "NaN",
             "92233720368547758.07", "92233720368547758.08", "-92233720368547758.08",
             "-92233720368547758.09", "9" * 40, "184467440737095516.16", "1.2 ", "五"]
    texts += [f"{rng.randrange(-10 ** rng.randrange(1, 17), 10 ** 16)}.{rng.randrange(100):02}"
              for _ in range(60)]
    for text in texts:
        body = text[1:] if text.startswith("-") else text
        units, point, places = body.partition(".")
        good = units.isascii() and units.isdigit() and (
            not point or places.isascii() and places.isdigit() and len(places) <= 2)
        if not good:
            row("money", text, "EINVAL")
            continue
        with decimal.localcontext(decimal.Context(prec=60)):
            value = int(decimal.Decimal(text) * 100)
        row("money", text, value if -2 ** 63 <= value < 2 ** 63 else "ERANGE")


def limits(rng):
    factors = {"s": ("s", 1), "m": ("s", 60), "h": ("s", 3600), "bd": ("bd", 1), "d": ("d", 1),
               "w": ("d", 7)}
    for unit, (kept, factor) in factors.items():
        for count in (0, 1, 7, 30, 60, 999999, 1000000, 4294967297, 10 ** 30, rng.randrange(10 ** 6)):
            row("limit", f"{count}{unit}", f"{count * factor} {kept}" if count <= 999999 else "ERANGE")
    for text in ("", "5", "d", "5 d", " 5d", "5d ", "-5d", "+5d", "5D", "5days", "1.5h", "5b", "5dd",
                 "５d", "5 bd", "5bdd", "5hd", "0x5d", "1000000", "1000000y"):
        row("limit", text, "EINVAL")


def main():
    rng = random.Random(20210315)
    times(rng)
    money(rng)
    limits(rng)


if __name__ == "__main__":
    main()
