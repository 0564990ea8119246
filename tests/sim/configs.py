"""Configurations small enough to reason about. JSON is YAML: the host gets them as JSON text.

A configuration may have several versions; a reload goes from one to another of the same name.
"""
import copy
import json

CN = {
    "timezone": "Asia/Shanghai",
    "hours": [
        {"from": "05-01", "days": "mon-fri", "open": ["10:00-14:00", "16:00-20:00"]},
        {"from": "10-01", "days": "mon-fri", "open": ["10:00-14:00", "15:30-19:30"]},
    ],
    "days": [
        {"date": "2025-09-28", "work": True, "name": "make-up"},
        {"date": "2025-10-01", "through": "2025-10-08", "closed": "National Day"},
        {"date": "2025-10-11", "work": True, "name": "make-up"},
        {"date": "2025-11-14", "open": ["10:00-12:00"], "name": "early closing"},
    ],
}
UK = {
    "timezone": "Europe/London",
    "hours": [{"days": "mon-fri", "open": ["09:00-17:00"]}, {"days": "sat", "open": ["10:00-13:00"]}],
    "days": [{"date": "2025-12-25", "through": "2025-12-26", "closed": "Christmas"}],
}
UNITS = {
    "id": "xj", "calendar": "cn",
    "units": [
        {"id": "consumer", "authority": "200000.00"},
        {"id": "urumqi", "units": [
            {"id": "d3", "authority": "20000.00"},
            {"id": "counter1"},
        ]},
        {"id": "yining", "units": [{"id": "d1"}]},
    ],
}
ROSTERS = {
    "night": {"hand_over": "opening", "turns": ["d3", "xj/urumqi", "counter1"], "first": "2025-09-01"},
    "weekend": {"hand_over": "fri 18:00", "turns": ["consumer", "d1"], "first": "2025-11-20",
                "calendar": "cn"},
}
NIGHT = {"over": "cn", "hours": [{"days": "mon-sun", "open": ["06:00-22:00"]}]}


def other_days(calendar):
    """A new notice of the year's days: a holiday less, two more, another closing time."""
    days = [dict(day) for day in calendar["days"] if day["date"] != "2025-10-11"]
    days += [{"date": "2025-06-06", "through": "2025-06-10", "closed": "festival"},
             {"date": "2026-01-01", "through": "2026-01-03", "closed": "new year"},
             {"date": "2025-09-23", "open": ["11:00-15:00"]}]
    return dict(calendar, days=days)


def gone(units):
    """A counter and a region are closed: others have their cases; what was below the region stays."""
    units = copy.deepcopy(units)
    units["units"][1]["units"][0]["moved_to"] = "counter1"
    units["units"][2]["moved_to"] = "xj/urumqi"
    return units


def shifted(config, by, digest_at, closing, weekdays=None):
    """The same rules at other times of the day: an office that changed them, its hours and its days."""
    config = copy.deepcopy(config)
    supervision = config["supervision"]
    if "daily_report" in supervision:
        supervision["daily_report"].update(by=by, then_after="3h")
    digest = supervision.get("digest", [])
    for rule in digest if isinstance(digest, list) else [digest]:
        rule["at"] = digest_at
    for span in config["calendars"]["cn"]["hours"]:
        if closing is not None:
            span["open"] = span["open"][:-1] + [span["open"][-1][:6] + closing]
        if weekdays is not None:
            span["days"] = weekdays
    return config


def changed(name, first, second):
    """The versions of a configuration, and both with other times of the day. Hours are changed where no wait
    of a case counts in them: a case goes over to another calendar by the sweep, behind what is due."""
    early, late = ("18:00", "22:00") if name == "plain" else (None, None)
    weekdays = "mon-tue,thu" if name == "plain" else None
    return [first, second, shifted(first, "opening+15m", "09:00", early),
            shifted(second, "11:45", "closing+20h", late, weekdays)]


def base(**parts):
    config = {
        "redress": 1, "state": "/nowhere",
        "units": UNITS, "calendars": {"cn": CN},
        "supervision": {"transfers": 2},
        "figures": {"regulator_channels": ["12378"]},
    }
    config.update(parts)
    return config


ASSESSMENT = {
    "levels": {"watch": 30, "high": 60, "critical": 85},
    "open_case_at": "high",
    "rules": [
        {"code": "regulator", "match": {"channel": ["12378", "media"]}, "points": 40,
         "actions": ["call back in 30 minutes"]},
        {"code": "elderly", "match": {"age": ">=60"}, "points": 10, "actions": ["green lane"]},
        {"code": "at_risk", "match": {"contract.screened": ["watch", "high"]}, "points": 20},
        {"code": "vip", "match": {"attributes.vip": True}, "points": 5, "actions": ["green lane"]},
        {"code": "line", "match": {"product": "!endowment"}, "points": 10},
        {"code": "press", "match": {"text": "~曝光"}, "points": 45, "actions": ["tell the press desk"]},
    ],
    "lexicons": [
        {"code": "threat", "cap": 40,
         "terms": {"银保监": 25, "12378": 25, "投诉到底": 20, "媒体曝光": 25, "lawyer": 15, "regulator": 20}},
        {"code": "surrender", "terms": {"全额退保": 30, "退保": 15, "误导": 20, "refund": 10}, "cap": 35},
    ],
    "windows": [
        {"code": "repeat", "key": "customer",
         "types": ["contact.received", "complaint.registered"], "days": 7, "count": 3, "points": 25},
        {"code": "shared_phone", "key": "phone", "distinct": "customer", "days": 30, "count": 3,
         "points": 15, "pattern": {"notify": "xj/consumer", "severity": "high", "title": "{count}"}},
        {"code": "seller", "key": "seller", "types": ["complaint.registered"], "days": 30, "count": 2,
         "points": 10, "pattern": {"notify": "parent", "severity": "warning"}},
        {"code": "same_text", "key": ["text", "unit"], "days": 3, "count": 2, "points": 5},
    ],
    "scorecard": {"card": {"scorecard": "learned", "base": 6, "cap": 30, "features": [
        {"attribute": "channel", "is": "media", "points": 9},
        {"attribute": "product", "absent": True, "points": -4},
        {"attribute": "product", "is": "fund", "points": 7},
        {"attribute": "age", "from": 60, "below": 75, "points": 5},
        {"attribute": "age", "from": 75, "points": 11},
        {"attribute": "age", "below": 30, "points": -8},
        {"attribute": "attributes.vip", "is": "true", "points": 3},
        {"word": "lawyer", "points": 10}, {"word": "refund", "points": 4},
        {"bigram": "退保", "points": 6}, {"bigram": "到底", "points": -2}]}},
    "external": [{"code": "anger", "attribute": "attributes.anger",
                  "scale": {"from": 20, "to": 90}, "cap": 30}],
    "follow_up": "30d",
    "ignore": {"phone": ["95511"]},
    "notices": [
        {"code": "tout-fraud", "text": "beware of touts", "written": True, "match": {"kind": "complaint"}},
        {"code": "old", "text": "green lane", "match": {"age": ">=60"}},
    ],
}
DECIDE = {
    "name": "decide", "start": "received", "stop": "decided", "limit": "15d", "roll": "restday",
    "statutory": True, "pause_reasons": ["appraisal", "mediation"], "restart_on": ["facts_added"],
    "extensions": [{"limit": "30d"}, {"limit": "60d", "approved_by": "parent", "told_customer": True}],
    "reminders": [{"at": "80%"}, {"before": "1bd"}],
}
CONTACT = {
    "name": "contact", "start": "received", "stop": "customer_contacted", "limit": "1bd",
    "reminders": [{"at": "80%"}], "on_breach": {
        "notify": ["parent"], "severity": "high", "repeat": {"every": "2bd", "times": 3}},
}

DUTIES = [
    {"duty": "drill", "for": ["xj", "xj/urumqi/*"], "every": "week", "due": "0bd", "total": 3},
    {"duty": "committee", "for": "xj", "every": "quarter", "due": "0bd", "title": "a meeting"},
    {"duty": "log", "for": "d1", "every": "day", "due": "+1d", "from": "2025-01-01",
     "attributes": {"kind": "log"}},
    {"duty": "training", "for": ["xj/*"], "every": "month", "due": "10bd", "from": "2025-10-20"},
]
OTHER_DUTIES = [
    {"duty": "committee", "for": ["xj", "xj/consumer"], "every": "month", "due": "-5bd"},
    {"duty": "drill", "for": ["xj/urumqi/*"], "every": "week", "due": "-4bd", "from": "2025-09-01"},
    {"duty": "audit", "for": ["xj/*"], "every": "year", "due": "02-29", "from": "2025-03-01"},
]
SCREENING = {"opens": ["high"], "due": "3bd"}
OPEN_ALL = {"open_case_at": "watch", "rules": [{"code": "any", "match": {}, "points": 50}]}


def branch():
    """Close to the example."""
    first = base(assessment=ASSESSMENT, policies=[
        {"name": "regulator-forwarded", "match": {"kind": "complaint", "regulator": True},
         "clocks": [DECIDE, CONTACT,
                    {"name": "answer", "due": "answer_by", "stop": "decided", "statutory": True,
                     "reminders": [{"before": "2bd"}]}],
         "ladder": {"until": "customer_contacted", "rungs": [
             {"after": "0m", "notify": ["unit"], "severity": "high", "ack_within": "15m",
              "renotify": {"every": "5m", "times": 2}},
             {"after": "2h", "time": "working", "notify": ["parent"], "severity": "high",
              "ack_within": "30m"},
             {"after": "1bd", "notify": ["ancestor: 2", "xj/consumer"], "severity": "critical"}]}},
        {"name": "elderly", "match": {"kind": "complaint", "age": ">=60"},
         "clocks": [DECIDE,
                    {"name": "contact", "start": "received", "stop": "customer_contacted",
                     "limit": "4h", "time": "working", "reminders": [{"at": "50%"}],
                     "on_breach": {"notify": ["parent"], "severity": "high"}}],
         "ladder": {"until": "customer_contacted", "rungs": [
             {"after": "0m", "notify": ["unit"], "severity": "high", "ack_within": "30m",
              "hold": "opening"},
             {"after": "2h", "time": "working", "notify": ["parent", "first"], "severity": "high"}]}},
        {"name": "first-contact", "match": {"kind": "contact"},
         "clocks": [{"name": "defuse", "start": "received", "stop": "closed", "limit": "1bd",
                     "reminders": [{"before": "2h"}],
                     "on_breach": {"notify": ["parent"], "severity": "high", "hold": "opening",
                                   "closed": ["xj/consumer"], "repeat": {"every": "6h"}}}],
         "ladder": {"until": "acknowledged", "rungs": [
             {"after": "0m", "notify": ["unit"], "severity": "high", "ack_within": "30m"},
             {"after": "2h", "notify": ["parent"], "severity": "high"}]}},
        {"name": "duty", "match": {"kind": "duty"},
         "clocks": [{"name": "duty", "due": "due", "stop": "decided",
                     "reminders": [{"at": "50%"}, {"before": "3bd"}],
                     "on_breach": {"notify": ["parent"], "severity": "warning",
                                   "repeat": {"every": "3d"}}}]},
        {"name": "default", "match": {},
         "clocks": [DECIDE],
         "ladder": {"until": "acknowledged", "rungs": [
             {"after": "0m", "notify": ["unit"], "severity": "info", "ack_within": "4h",
              "time": "working"},
             {"after": "1bd", "notify": ["parent"], "severity": "warning"}]}},
    ])
    first["clocks"] = [
        {"name": "sanction", "match": {"kind": "complaint"}, "start": "decided",
         "when": {"liable": True}, "stop": "sanctioned", "limit": "30d", "outlives_close": True,
         "on_breach": {"notify": ["xj/consumer"], "severity": "warning"}},
        {"name": "next_answer", "match": {"kind": "complaint", "recontacts": ">=1"},
         "start": ["facts_added", "recontact"], "again": True, "stop": "customer_contacted",
         "limit": "1bd", "on_breach": {"notify": ["parent"], "hold": "opening",
                                       "repeat": {"every": "1bd", "times": 3}}},
    ]
    first["supervision"] = {
        "transfers": 2, "daily_report": {"by": "closing-30m"}, "screening": SCREENING,
        "unread": {"after": "3h", "time": "working"}, "duties": DUTIES,
        "rectification": {"due": "2bd", "recurrence": "3d"},
        "digest": [{"at": "closing+30m"}, {"every": "week", "at": "closing", "to": ["xj"]},
                   {"every": "month", "at": "17:00", "to": ["xj/**"], "empty": False}]}
    first["sources"] = {"crm": {"silent_after": "3h"}, "core": {"silent_after": "2h", "in": "cn"}}
    second = copy.deepcopy(first)
    second["sources"]["core"]["silent_after"] = "6h"
    second["supervision"] = {
        "daily_report": {"by": "17:00", "owed_by": ["xj/*", "d1"], "then": "xj/consumer",
                         "then_after": "2h"},
        "unread": {"after": "1d", "then": "ancestor: 2"}, "screening": SCREENING,
        "duties": OTHER_DUTIES,
        "digest": [{"at": "16:00", "empty": False, "to": ["xj/**"]},
                   {"at": "closing-15m", "to": "xj"}, {"every": "week", "at": "opening"}]}
    del second["sources"]["crm"]
    second["policies"][1]["clocks"][1]["limit"] = "6h"
    second["policies"][4]["ladder"]["rungs"][1]["after"] = "2bd"
    second["assessment"]["open_case_at"] = "watch"
    second["assessment"]["rules"][0]["points"] = 50
    second["clocks"][0]["limit"] = "20d"
    return [first, second]


def plain():
    """Elapsed limits only, one short ladder: the two scales."""
    first = base(assessment={"open_case_at": "none"}, policies=[{
        "name": "all", "match": {}, "pause_limits": {"customer": "90m", "*": "2d"},
        "clocks": [
            {"name": "ack", "stop": "acknowledged", "limit": "30m", "reminders": [{"at": "50%"}],
             "restart_on": ["assigned"],
             "on_breach": {"closed": ["xj/yining", "first"], "repeat": {"every": "20m", "times": 4}}},
            {"name": "law", "stop": "decided", "limit": "24h", "statutory": True,
             "pause_reasons": ["appraisal"], "reminders": [{"before": "2h"}, {"before": "1h"}]},
            {"name": "close", "stop": "closed", "limit": "90m", "start": "acknowledged",
             "on_breach": {"notify": ["parent", "unit"], "severity": "info", "hold": "opening"}},
        ],
        "ladder": {"until": "decided", "rungs": [
            {"after": "0m", "notify": ["unit"], "severity": "warning", "ack_within": "20m"},
            {"after": "1h", "notify": ["unit", "parent"], "severity": "high", "ack_within": "10m",
             "renotify": {"every": "4m", "times": 3}},
            {"after": "6h", "notify": ["xj"], "severity": "critical", "ack_within": "30m"}]},
    }])
    first["alerts"] = {"storm": {"count": 2, "window": "2h"}}
    first["supervision"] = {"transfers": 2, "daily_report": {"by": "opening+30m", "then": "xj"},
                            "unread": {"after": "90m"},
                            "digest": [{"at": "closing", "to": ["xj", "xj/*"]},
                                       {"every": "week", "at": "closing", "to": ["xj"]}]}
    second = copy.deepcopy(first)
    second["alerts"]["storm"] = {"count": 3, "window": "40m"}
    second["policies"][0]["clocks"][0]["limit"] = "45m"
    second["units"] = gone(second["units"])
    return [first, second]


def days():
    """Day limits, rolls, extensions, restarts, what outlives closing; two zones, summer time."""
    units = copy.deepcopy(UNITS)
    units["units"][2]["calendar"] = "uk"
    first = base(units=units, calendars={"cn": CN, "uk": UK}, assessment=OPEN_ALL,
                 policies=[
        {"name": "complaints", "match": {"kind": "complaint", "product": "loan"},
         "clocks": [
             dict(DECIDE, limit="7bd", roll="none"),
             {"name": "forward", "start": "forwarded", "stop": "decided", "limit": "3bd",
              "end": "closing", "statutory": True, "roll": "statutory_holiday"},
             {"name": "assign", "start": "assigned", "stop": "acknowledged", "limit": "2d",
              "end": "closing", "reminders": [{"before": "1d"}, {"at": "25%"}]},
             {"name": "execute", "start": "mediation_settled", "stop": "mediation_executed",
              "limit": "10d", "outlives_close": True, "extensions": [{"limit": "20d"}]},
             {"name": "review", "start": "review_requested", "stop": "review_decided",
              "limit": "3bd", "reminders": [{"before": "1bd"}]},
         ]},
        {"name": "rest", "match": {},
         "clocks": [
             dict(DECIDE, limit="2d", roll="statutory_holiday", reminders=[{"before": "1d"}]),
             {"name": "talk", "stop": "customer_contacted", "limit": "3h", "time": "working",
              "extensions": [{"limit": "5h", "approved_by": "parent"}],
              "restart_on": ["facts_added", "assigned"], "pause_reasons": ["customer"],
              "on_reopen": "restart", "reminders": [{"at": "50%"}, {"before": "30m"}]},
             {"name": "panel", "start": "panel_opened", "stop": "panel_concluded", "limit": "1bd",
              "end": "closing"},
         ],
         "ladder": {"rungs": [
             {"after": "1bd", "notify": ["unit", "parent"], "severity": "info"},
             {"after": "3bd", "notify": ["parent"], "severity": "high", "ack_within": "1bd"},
             {"after": "5bd", "notify": ["first", "xj"], "severity": "critical"}]}},
    ])
    second = copy.deepcopy(first)
    second["policies"][0]["match"]["product"] = "fund"
    second["policies"][1]["clocks"][1]["limit"] = "4h"
    second["supervision"] = {
        "transfers": 2,
        "daily_report": {"by": "closing", "owed_by": ["**"], "then": "ancestor: 2"},
        "digest": [{"at": "closing+90m", "every": "day"}, {"at": "closing", "every": "week"}]}
    second["calendars"] = {"cn": other_days(CN), "uk": UK}
    second["units"] = gone(second["units"])
    return [first, second]


def ladders():
    """Holds, chains, leases, empty targets, working rungs."""
    units = copy.deepcopy(UNITS)
    units["units"][0]["calendar"] = "night"
    first = base(units=units, calendars={"cn": CN, "night": NIGHT}, rosters=ROSTERS,
                 assessment=dict(ASSESSMENT, open_case_at="watch", windows=[], notices=[]),
                 policies=[
        {"name": "contacts", "match": {"kind": "contact"},
         "clocks": [{"name": "ack", "stop": "acknowledged", "limit": "2h", "time": "working",
                     "reminders": [{"at": "50%"}]}],
         "ladder": {"until": "acknowledged", "rungs": [
             {"after": "0m", "notify": ["unit", "xj/consumer"], "severity": "warning",
              "ack_within": "30m", "ack_lease": "2h", "hold": "opening", "closed": ["xj", "first"]},
             {"after": "1h", "time": "working", "notify": ["parent", "xj/consumer"],
              "severity": "high", "ack_within": "20m", "hold": "opening",
              "renotify": {"every": "15m", "times": 2}},
             {"after": "1d", "notify": ["ancestor: 3"], "severity": "high"},
             {"after": "2d", "notify": ["ancestor: 2", "first"], "severity": "critical",
              "hold": "opening", "ack_within": "1h"}]}},
        {"name": "no-first-rung", "match": {"kind": "complaint", "product": "loan"},
         "clocks": [{"name": "ack", "stop": "acknowledged", "limit": "1bd"}],
         "ladder": {"until": "joined", "rungs": [
             {"after": "30m", "time": "working", "notify": ["parent"], "severity": "high",
              "ack_within": "1h", "ack_lease": "3h",
              "renotify": {"every": "10m", "times": 4}},
             {"after": "4h", "time": "working", "notify": ["roster: weekend", "ancestor: 2"],
              "severity": "critical"}]}},
        {"name": "rest", "match": {},
         "clocks": [{"name": "ack", "stop": "acknowledged", "limit": "1h",
                     "reminders": [{"at": "30%"}, {"before": "10m"}]},
                    {"name": "law", "stop": "decided", "limit": "1bd", "statutory": True,
                     "reminders": [{"before": "3h"}]}],
         "ladder": {"until": "acknowledged", "rungs": [
             {"after": "0m", "notify": ["unit"], "severity": "info", "ack_within": "10m",
              "renotify": {"every": "3m", "times": 2}, "ack_lease": "1h"},
             {"after": "40m", "notify": ["unit", "first"], "severity": "warning",
              "hold": "opening", "ack_within": "1h"},
             {"after": "3h", "notify": ["roster: night", "parent"], "severity": "critical",
              "hold": "opening", "closed": ["xj/yining/d1"], "ack_within": "30m",
              "time": "working", "renotify": {"every": "20m"}}]}},
    ])
    second = copy.deepcopy(first)
    second["rosters"]["night"]["hand_over"] = "08:00"
    second["policies"] = [second["policies"][1], second["policies"][0], second["policies"][2]]
    second["policies"][1]["ladder"]["rungs"].pop()
    second["alerts"] = {"storm": {"count": 1, "window": "1h"}}
    second["calendars"]["cn"] = other_days(CN)
    return [first, second]


def contacts():
    """Assessment: everything becomes a case at watch; no ladder but for complaints."""
    first = base(assessment=dict(ASSESSMENT, open_case_at="watch",
                                 recontact={"merged": "followed"}), policies=[
        {"name": "contacts", "match": {"kind": "contact"},
         "clocks": [{"name": "defuse", "stop": "closed", "limit": "8h", "time": "working"}]},
        {"name": "often", "match": {"kind": "complaint", "contacts": ">=2"},
         "clocks": [{"name": "talk", "stop": "customer_contacted", "limit": "2h"}],
         "ladder": {"until": "acknowledged", "rungs": [
             {"after": "0m", "notify": ["parent"], "severity": "warning"}]}},
        {"name": "rest", "match": {},
         "clocks": [{"name": "own", "stop": "closed", "due": "answer_by"}],
         "ladder": {"until": "acknowledged", "rungs": [
             {"after": "0m", "notify": ["unit", "first"], "severity": "info"}]}},
    ])
    first["codes"] = {
        "channel": {"values": {"press": {"name": "Press", "also": ["media"]}, "phone": {}}},
        "product": {"values": {"loan": {"name": "ＬＯＡＮ"}, "fund": {"also": ["Fund"]}, "endowment": {}}},
    }
    second = copy.deepcopy(first)
    second["codes"]["product"]["unknown"] = "reject"
    del second["codes"]["product"]["values"]["endowment"]
    second["assessment"]["windows"][0]["count"] = 2
    second["assessment"]["windows"].pop()
    second["assessment"]["levels"] = {"watch": 20, "high": 40, "critical": 80}
    second["assessment"]["recontact"] = {"joins": "contact", "merged": "followed"}
    second["assessment"]["ignore"]["customer"] = ["customer-0"]
    return [first, second]


def moments():
    """A clock from each start point, to many stops."""
    def clock(start, stop, limit, **more):
        return dict(name=start.split(":")[0].replace("attribute", "by-attribute"), start=start,
                    stop=stop, limit=limit, **more)
    clocks = [
        clock("registered", "joined", "2h", reminders=[{"before": "30m"}]),
        clock("acknowledged", "customer_contacted", "3h", time="working"),
        clock("customer_contacted", "panel_opened", "1bd", reminders=[{"before": "1bd"}]),
        clock("forwarded", "notice_given", "2d", statutory=True, roll="restday"),
        clock("panel_opened", "panel_concluded", "90m", again=True),
        {"name": "answer", "start": ["facts_added", "recontact"], "stop": "customer_contacted",
         "limit": "4h", "time": "working", "again": True, "on_breach": {"repeat": {"every": "3h"}}},
        clock("review_requested", "review_decided", "3bd", on_breach={"notify": ["unit"]}),
        clock("mediation_called", "mediation_accepted", "2d"),
        clock("mediation_settled", "mediation_executed", "5d", outlives_close=True,
              extensions=[{"limit": "8d"}]),
        clock("decided", "sanctioned", "4d", outlives_close=True, when={"liable": True},
              extensions=[{"limit": "6d"}, {"limit": "8d", "approved_by": "parent"}]),
        clock("closed", "rectified", "1d", outlives_close=True,
              reminders=[{"at": "50%"}]),
        clock("reopened", "decided", "2d", restart_on=["facts_added"]),
        clock("cause_found", "rectified", "3d", outlives_close=True),
        clock("assigned", "acknowledged", "1h", restart_on=["assigned"]),
        clock("attribute: answer_by", "review_requested", "1d"),
    ]
    first = base(assessment=OPEN_ALL, policies=[
        {"name": "duties", "match": {"kind": "duty"},
         "clocks": [{"name": "duty", "due": "due", "stop": "decided",
                     "reminders": [{"before": "1d"}]},
                    {"name": "mend", "stop": "rectified", "limit": "4h", "time": "working"}],
         "ladder": {"until": "acknowledged", "rungs": [
             {"after": "10m", "notify": ["unit"], "ack_within": "1h"},
             {"after": "1d", "notify": ["parent"], "severity": "high"}]}},
        {"name": "all", "match": {}, "clocks": clocks,
         "ladder": {"until": "closed", "rungs": [
             {"after": "0m", "notify": ["ancestor: 1"], "severity": "warning"},
             {"after": "2h", "notify": ["unit", "first"], "severity": "high", "ack_within": "2h",
              "ack_lease": "1bd"}]}},
    ])
    first["supervision"]["duties"] = DUTIES
    first["clocks"] = [{
        "name": "loans", "match": {"product": "loan"}, "stop": "decided", "limit": "2d",
        "statutory": True, "pause_reasons": ["appraisal"], "reminders": [{"before": "1d"}]}]
    first["clocks"] += [
        {"name": "pay", "match": {"outcome": ["upheld", "settled"]}, "start": "decided",
         "stop": "closed", "limit": "2d"},
        {"name": "valid", "match": {"valid": True}, "stop": "rectified", "limit": "9d"},
        {"name": "named", "match": {"cause": "!none", "kind": "complaint"}, "limit": "30h"},
        {"name": "sum", "match": {"settled_amount": ">0"}, "start": "mediation_settled",
         "stop": "mediation_executed", "limit": "1bd"}]
    second = copy.deepcopy(first)
    second["policies"][1]["match"] = {"product": "!fund"}
    second["policies"].insert(1, {
        "name": "upheld", "match": {"outcome": "upheld"}, "clocks": [
            dict(one, limit="6h") for one in clocks[:3]]})
    second["policies"].append({"name": "rest", "match": {}, "clocks": [
        dict(one, limit="5h") for one in clocks[:2]]})
    return [first, second]


def eyes():
    """What takes two persons; not among those that a seed chooses from: sim.eyes runs it."""
    first, second = plain()
    first["policies"][0]["clocks"][1]["extensions"] = [{"limit": "40h"}, {"limit": "60h"}]
    first["security"] = {"four_eyes": {"for": ["case.extended", "silence.created", "clock.accepted"],
                                       "lapses": "2h"}}
    second = copy.deepcopy(first)
    second["security"]["four_eyes"] = {"for": ["silence.created"], "lapses": "20m"}
    return [first, second]


ALL = {"branch": branch, "plain": plain, "days": days, "ladders": ladders, "contacts": contacts,
       "moments": moments}


def text(config):
    return json.dumps(config, ensure_ascii=False)
