#!/usr/bin/python3
"""An acknowledgement that no work follows lapses: in hours, and in days of the calendar."""
from harness import event, run
from office import Office

# the lease, what else the rung says, acknowledged on a Friday in March 2026, when it comes again
LEASES = [
    ("3h", "", "06 11:00", "06 14:00"),
    ("1d", "", "06 11:00", "08 00:00"),  # Saturday is no working day: it ends at 24:00
    ("1d", "hold: opening", "06 11:00", "09 09:00"),
    ("1bd", "", "06 11:00", "09 17:00"),
    ("1bd", "hold: opening", "06 11:00", "10 09:00"),
    ("1bd", "time: working", "06 11:00", "09 17:00"),
    ("1w", "", "06 11:00", "13 17:00"),
    ("3h", "hold: opening", "06 15:00", "09 09:00"),
    ("3h", "time: working", "06 15:00", "06 18:00"),
]


def ladder(match, lease, more):
    return (f"  - name: p-{match or 'all'}\n    match: {{{match and 'product: ' + match}}}\n"
            "    ladder:\n      until: decided\n      rungs:\n"
            f"        - {{notify: [unit], ack_within: 2d, ack_lease: {lease}, {more}}}\n")


def test_a_lease_in_whatever_unit_lapses():
    policies = [ladder(f"l{i}", lease, more) for i, (lease, more, _, _) in enumerate(LEASES)]
    with Office("".join(policies) + ladder("", "1h", "")) as office:
        for by in ("case", "alert"):
            for i in range(len(LEASES)):
                office.open("06 10:30", f"{by}-{i}", product=f"l{i}")
        for i, (_, _, taken, _) in enumerate(LEASES):
            seq = office.alerts(f"alert-{i}")[0]["seq"]
            for type, subject, data in (("case.acknowledged", f"case-{i}", {}),
                                        ("alert.acknowledged", None, {"alert": seq})):
                one = event(type, subject=subject, data={"by": "anna", **data},
                            time=office.time(taken))
                checked = office.desk.call("event.check", event=one, min_seq=office.seq)
                assert checked["receipt"]["status"] == "accepted", (LEASES[i], checked)
                office.send(taken, type, subject, by="anna", **data)
        office.until("20 09:00")
        for i, row in enumerate(LEASES):
            for by in ("case", "alert"):
                assert office.told(f"{by}-{i}")[:2] == [
                    ("ladder.rung", 1, "north", "06 10:30"),
                    ("ladder.rung", 1, "north", row[3])], (row, by, office.told(f"{by}-{i}"))


def test_work_keeps_a_lease_of_days():
    with Office(ladder("", "1bd", "")) as office:
        office.open("06 10:30", "worked")
        office.send("06 11:00", "case.acknowledged", "worked", by="anna")
        office.send("06 11:30", "case.noted", "worked", by="anna", text="called the branch")
        office.until("20 09:00")
        assert office.told("worked") == [("ladder.rung", 1, "north", "06 10:30")]


run(globals())
