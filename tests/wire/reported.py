"""What the tests of reports share: events on a day of the office, and the figures of an answer."""


def on(one, day, clock="12:00:00"):
    return {**one, "time": f"{day}T{clock}+08:00"}


def figures(answer):
    return {row["figure"]: row for row in answer["figures"]}


def report(desk, seq, **params):
    return desk.call("report", min_seq=seq, **params)
