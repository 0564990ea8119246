/* common/wire/alert.h — what a unit is told. Source: redress-protocol(7), "Alert". */
#pragma once

#include "common/base/arena.h"
#include "common/time/utime.h"
#include "common/wire/pack.h"
#include "common/wire/receipt.h"

enum rd_severity { RD_INFO, RD_WARNING, RD_HIGH, RD_CRITICAL };

/* Every alert type: X(enum suffix, wire name). Names are the wire contract; the order is a format
 * (stored as a number): append only. */
#define RD_ALERT_TYPES(X)                                                                          \
    X(FIRST_CONTACT, "warning.first_contact")                                                      \
    X(LADDER_RUNG, "ladder.rung")                                                                  \
    X(LADDER_RENOTIFY, "ladder.renotify")                                                          \
    X(CLOCK_REMINDER, "clock.reminder")                                                            \
    X(CLOCK_BREACH, "clock.breach")                                                                \
    X(CLOCK_MOVED, "clock.moved")                                                                  \
    X(CLOCK_CORRECTED, "clock.corrected")                                                          \
    X(CASE_ASSIGNED, "case.assigned")                                                              \
    X(CASE_GROWN, "case.grown")                                                                    \
    X(CASE_REOPENED, "case.reopened")                                                              \
    X(CASE_RESUMED, "case.resumed")                                                                \
    X(CASE_FORWARDED, "case.forwarded")                                                            \
    X(CASE_CHASED, "case.chased")                                                                  \
    X(CASE_UNANSWERED, "case.unanswered")                                                          \
    X(CASE_OUTCOME, "case.outcome")                                                                \
    X(CASE_BOUNCED, "case.bounced")                                                                \
    X(CASE_RECUSAL, "case.recusal")                                                                \
    X(CASE_OVER_AUTHORITY, "case.over_authority")                                                  \
    X(NOTICE_OWED, "notice.owed")                                                                  \
    X(DUTY_OWED, "duty.owed")                                                                      \
    X(PATTERN_DETECTED, "pattern.detected")                                                        \
    X(UNIT_REPORT_MISSING, "unit.report_missing")                                                  \
    X(UNIT_UNREAD, "unit.unread")                                                                  \
    X(DIGEST_DAILY, "digest.daily")                                                                \
    X(DIGEST_TAKEOVER, "digest.takeover")                                                          \
    X(STORM_BUNDLE, "storm.bundle")                                                                \
    X(SOURCE_GAP, "source.gap")                                                                    \
    X(SOURCE_SILENT, "source.silent")                                                              \
    X(SOURCE_SKEWED, "source.skewed")                                                              \
    X(TIME_STEPPED, "time.stepped")                                                                \
    X(CALENDAR_HORIZON, "calendar.horizon")                                                        \
    X(CONFIG_REFUSED, "config.refused")                                                            \
    X(STATE_CHECK_FAILED, "state.check_failed")                                                    \
    X(STORAGE_LOW, "storage.low")                                                                  \
    X(STANDBY_LAG, "standby.lag")                                                                  \
    X(DEAD_LETTER, "dead.letter")                                                                  \
    X(LADDER_EXHAUSTED, "ladder.exhausted")                                                        \
    X(SILENCE_CREATED, "silence.created")                                                          \
    X(EVENT_POISONED, "event.poisoned")                                                            \
    X(CASE_QUARANTINED, "case.quarantined")                                                        \
    X(CASE_PAUSE_LONG, "case.pause_long")                                                          \
    X(CASE_RECONTACT, "case.recontact")                                                            \
    X(WARNING_RAISED, "warning.raised")                                                            \
    X(CASE_MERGED, "case.merged")                                                                  \
    X(DIGEST_SILENCED, "digest.silenced")                                                          \
    X(CASE_ANSWERED, "case.answered")                                                              \
    X(CASE_PANEL, "case.panel")                                                                    \
    X(CASE_DISSATISFIED, "case.dissatisfied")                                                      \
    X(APPROVAL_OWED, "approval.owed")                                                              \
    X(CAUSE_RECURRED, "cause.recurred")                                                            \
    X(DIGEST_WEEKLY, "digest.weekly")                                                              \
    X(DIGEST_MONTHLY, "digest.monthly")

enum rd_alert_type {
#define X(suffix, name) RD_ALERT_##suffix,
    RD_ALERT_TYPES(X)
#undef X
            RD_ALERT_TYPE_COUNT
};

struct rd_alert {
    uint64_t seq, term, prev;
    struct rd_str unit; /* path, or "~ops" */
    enum rd_alert_type type;
    enum rd_severity severity;
    rd_time time;
    int64_t late_by_s;                     /* 0: absent (under 60) */
    uint64_t case_number;                  /* 0: about no case */
    struct rd_str subject, kind, customer; /* customer: as it is; masked at the doors */
    uint32_t rung;                         /* 0: absent */
    const uint32_t *skipped;
    size_t skipped_count;
    struct rd_str unit_name; /* what people call the unit */
    struct rd_str holder;    /* path of the unit that has the case; empty: `unit`, or none has */
    struct rd_str clock;     /* empty: absent, as its name for people */
    struct rd_str clock_name;
    rd_time due;            /* RD_TIME_NONE: absent */
    struct rd_str last_day; /* with due: the local day that ends then, "2025-09-23" */
    bool provisional;       /* with due */
    uint32_t repeated;      /* the n-th telling of a breach after its first; 0: absent */
    struct rd_str title;
    /* In the store alone, never on the wire: the title without what somebody wrote, empty where it
     * is the same; and whether the last reason's detail is somebody's words. */
    struct rd_str bare_title;
    bool is_said;
    struct rd_str digest; /* a packed map (unit_digest.h); empty: absent */
    const struct rd_reason *reasons;
    size_t reason_count;
    const struct rd_str *actions;
    size_t action_count;
    const struct rd_notice *notices;
    size_t notice_count;
    rd_time ack_by;                                    /* RD_TIME_NONE: absent */
    struct rd_str cause_source, cause_id, cause_timer; /* {source,id,seq} or {timer} */
    uint64_t cause_seq;
    uint64_t supersedes; /* 0: none */
    const uint64_t *grouped;
    size_t grouped_count;
    uint64_t count;  /* of a bundle; 0: absent */
    bool is_bundled; /* outside the prev chain: a storm.bundle names it instead */
};

const char *rd_alert_type_name(enum rd_alert_type type);
RD_MUST_USE int rd_alert_type_parse(struct rd_str text, enum rd_alert_type *ret_type);
/* digest.daily, digest.weekly, digest.monthly. */
bool rd_alert_is_digest(enum rd_alert_type type);
const char *rd_severity_name(enum rd_severity severity);
RD_MUST_USE int rd_severity_parse(struct rd_str text, enum rd_severity *ret_severity);

/* What is 0, empty, RD_TIME_NONE or false is left out, but for seq, term, prev and title;
 * `customer` is written as it stands. The unpacker takes what the packer leaves out as such; 0 or
 * -EBADMSG, texts borrowed from the node's bytes. */
void rd_alert_pack(struct rd_buf *buf, const struct rd_alert *alert);
RD_MUST_USE int rd_alert_unpack(rd_node node, struct rd_arena *arena, struct rd_alert *ret);
/* The same from bytes, as rows and frames have them; texts borrowed from `packed`. */
RD_MUST_USE int rd_alert_open(
        struct rd_str packed, struct rd_arena *arena, struct rd_alert *ret_alert);
/* "xj/urumqi/d3/ladder.rung" */
void rd_alert_topic(struct rd_buf *buf, const struct rd_alert *alert);
