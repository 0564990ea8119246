"""What the generator chooses from: starts, texts, operations and how often."""
STARTS = ["2025-09-22T01:00:00", "2025-09-26T09:30:00", "2025-10-24T08:00:00",
          "2025-03-28T10:00:00", "2025-12-29T15:00:00", "2025-11-13T03:15:27"]
TEXTS = ["我要投诉到底", "要求全额退保", "please refund 100 now", "My lawyer will call the regulator",
         "lawyers and regulators", "找lawyer 12378", "ＲＥＦＵＮＤ", "order 123", "order 456", "误导 银保监 媒体曝光"]
CASE_OPS = {
    "assigned": 8, "acknowledged": 8, "customer_contacted": 6, "joined": 3, "noted": 2,
    "amended": 6, "facts_added": 4, "paused": 8, "resumed": 8, "extended": 5, "escalated": 6,
    "chased": 4, "answered": 3, "panel_opened": 2, "panel_concluded": 2, "mediation": 8,
    "decided": 8, "closed": 5, "withdrawn": 1, "defused": 4, "merged": 3, "reopened": 6,
    "review_requested": 2, "review_decided": 2, "verified": 1, "surveyed": 2, "rectified": 3, "cause_found": 4,
    "duty_verified": 3, "sanctioned": 3,
    "notice_given": 3, "forwarded": 3, "reapplied": 2,
}
OPENINGS = {"contact": 10, "complaint": 14, "forwarded_new": 3, "duty": 3}
OTHERS = {"alert_acknowledged": 14, "duty_progressed": 3, "screened": 2, "source_reset": 1,
          "silence": 2, "silence_ended": 1, "duplicate": 3, "invalid": 4, "unknown": 2, "burst": 3,
          "story": 3, "reported": 4, "overridden": 2, "cleared": 2}
WORLD = {"crash": 2, "flush": 3, "seal": 2, "reload": 2, "grace": 1, "cut": 3, "steps": 1, "downtime": 3,
         "late": 3, "future": 1, "sequence": 3, "quiet": 2}
