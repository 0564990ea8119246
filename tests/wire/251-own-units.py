#!/usr/bin/python3
"""A key learns no names of units that are not its own, and the desk takes no language that it has not."""
from harness import Daemon, DeskError, complaint, run
from locked import Locked

RULES = "policies: [{name: default, match: {}}]\n"


def refusal(desk, method, **params):
    try:
        desk.call(method, **params)
    except DeskError as error:
        return error.code, str(error)
    raise AssertionError(f"{method} {params} was answered")


def test_other_units_are_no_hint():
    with Locked() as locked:
        locked.intake("crm").accept(complaint("a"), complaint("b", unit="xj/yining"))
        desk = locked.desk("d3")
        for method in ("report", "restated"):
            there = refusal(desk, method, unit="xj/yining", **{"from": "2026"})
            for unit in ("xj/yinin", "xj/yiningg", "xj/urumqi/counter2", "yining", "nothing/like/it"):
                assert refusal(desk, method, unit=unit, **{"from": "2026"}) == there, (method, unit)
        for unit in ("xj/yinin", "yining"):
            for method in ("case.list", "contact.list", "duty.list"):
                code, told = refusal(desk, method, unit=unit)
                assert code == "bad_params" and "xj/yining" not in told, told
        code, told = refusal(desk, "case.list", unit="xj/urumqi/d33")
        assert code == "bad_params" and "did you mean xj/urumqi/d3?" in told, told
        for unit, wanted in (("xj/yinin", "did you mean xj/yining?"), ("yining", 'its path is "xj/yining"')):
            code, told = refusal(locked.desk("ops"), "report", unit=unit)
            assert code == "bad_params" and wanted in told, told


def test_a_language_that_is_not_there():
    with Daemon(rules=RULES) as daemon:
        desk = daemon.desk()
        for method in ("report", "restated", "figures"):
            for lang in ("xx", "zh", ""):
                code, told = refusal(desk, method, lang=lang)
                assert code == "bad_params" and "lang" in told, (method, lang, told)
        assert desk.call("figures", figure="complaints", lang="zh-CN")["rows"][0]["name"] == "投诉件"


run(globals())
