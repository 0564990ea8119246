#!/usr/bin/python3
"""What a case's subject holds of its customer does not leave by way of another one (redress-protocol(7),
"Masks"): a title that names what it grew from or was merged into, a note of who joined, a digest."""
from harness import at, complaint, contact, event, run
from locked import CLIENTS, Locked

PEOPLE = CLIENTS | {
    "all": "{name: all, roles: [operator], sources: ['*'], sees: [customer, phone, contract, text]}",
    "text": "{name: text, roles: [viewer], sees: [text]}",
}
RULES = """\
assessment:
  levels: {watch: 10, high: 40, critical: 85}
  open_case_at: high
  rules: [{code: media, match: {channel: media}, points: 70}]
policies:
  - name: default
    match: {}
    clocks: [{name: answer, start: received, stop: decided, limit: 1bd}]
    ladder: {rungs: [{after: 0m, notify: [unit], severity: info, ack_within: 20d}]}
supervision: {digest: {at: closing+30m}}
alerts: {language: en}
"""
D3 = "xj/urumqi/d3"
PHONES = FIRST, SECOND, OWN, OTHER, REASON = (
    "13900771111", "13900772222", "13900773333", "13900774444", "13900775555")
MASKED = tuple(f"call-****{phone[-4:]}" for phone in PHONES)


def call(phone):
    return f"call-{phone}"


def tell_all(locked):
    """A first contact, one that joins it, the complaint that both grow into, and another customer's merged into
    that; then the day after, when both are overdue."""
    crm, ops = locked.intake("crm"), locked.intake("all")

    def take(when, sender, made):
        return sender.accept({**made, "time": at(when)})

    def opens(form, phone, customer="C-4711-88"):
        return form(call(phone), D3, customer=customer, phone=phone, channel="media")

    take("2025-09-22T09:00:00+08:00", crm, opens(contact, FIRST))
    take("2025-09-22T09:10:00+08:00", crm, opens(contact, SECOND))
    take("2025-09-22T09:20:00+08:00", crm, opens(complaint, OWN))
    take("2025-09-22T09:30:00+08:00", crm, opens(complaint, OTHER, "C-4711-99"))
    take("2025-09-22T09:40:00+08:00", ops, event("case.merged", call(OTHER), data={
        "by": "li", "into": call(OWN), "reason": f"the same loan, {REASON}"}))
    return take("2025-09-24T18:40:00+08:00", ops, event("source.reset", data={"source": "nobody"}))["seq"]


def answers(locked, name, seq):
    desk = locked.desk(name)
    desk.reach(seq)
    cases = [row["case"] for row in desk.rows("case.list", limit=100)]
    assert len(cases) == 3, cases
    told = {f"case {case}": desk.call("case.get", case=case) for case in cases}
    told |= {method: desk.rows(method, limit=100) for method in ("feed.replay", "case.list", "contact.list")}
    return told | {"digest": desk.call("digest.get", unit=D3), "explain": desk.call("explain", case=cases[1])}


def notes(told, what):
    return [entry["note"] for key in told if key.startswith("case ") for entry in told[key]["history"]
            if entry["what"] == what and "note" in entry]


def titles(alerts, type):
    return " | ".join(row["title"] for row in alerts if row["type"] == type)


def test_a_key_without_sees_is_shown_none_of_them():
    with Locked(rules=RULES, clients=PEOPLE, args=["--clock", "events"]) as locked:
        feed = locked.feed("eye", "")
        seq = tell_all(locked)
        goal, heard = locked.desk("all").call("status")["alert_published"], []
        while not heard or heard[-1]["seq"] < goal:
            heard.append(feed.alert()[1])
        shown = {"feed": heard}
        shown |= {name: answers(locked, name, seq) for name in ("eye", "d3", "ops", "text")}
        for name, told in shown.items():
            for phone in PHONES[:4]:
                assert phone not in str(told), (name, phone, str(told)[max(0, str(told).find(phone) - 400):][:800])
            assert name == "text" or REASON not in str(told), (name, told)
        for alerts in (heard, shown["eye"]["feed.replay"]):
            assert f"grown from first contact {MASKED[0]}: high risk" in titles(alerts, "ladder.rung"), alerts
            assert f"has become a complaint, {MASKED[2]} of" in titles(alerts, "case.grown"), alerts
            assert titles(alerts, "case.merged").startswith(f"{MASKED[3]} is the same matter"), alerts
        worst = [row["subject"] for row in shown["eye"]["digest"]["digest"]["worst"]]
        assert worst == [MASKED[2]] and MASKED[2] in shown["eye"]["digest"]["text"], shown["eye"]["digest"]
        told = [row["digest"]["worst"] for row in heard if row["type"] == "digest.daily" and row["unit"] == D3]
        assert [row["subject"] for row in told[-1]] == [MASKED[2]], told
        assert notes(shown["eye"], "joined") == [f"****{SECOND[-4:]}"], notes(shown["eye"], "joined")


def test_a_key_that_sees_all_is_shown_them():
    with Locked(rules=RULES, clients=PEOPLE, args=["--clock", "events"]) as locked:
        told = answers(locked, "all", tell_all(locked))
        assert call(SECOND) in notes(told, "joined"), notes(told, "joined")
        assert any(REASON in note for note in notes(told, "joined")), notes(told, "joined")
        assert [row["subject"] for row in told["digest"]["digest"]["worst"]] == [call(OWN)], told["digest"]
        assert call(OWN) in told["digest"]["text"], told["digest"]["text"]
        # In another's title it is as everybody is shown it: a title is one text, masked by its own case's values.
        assert MASKED[0] in titles(told["feed.replay"], "ladder.rung"), told["feed.replay"]


run(globals())
