/* common/wire/alert.h — what a unit is told. Source: redress-protocol(7), "Alert". */
#pragma once

#include "common/base/arena.h"
#include "common/time/utime.h"
#include "common/wire/pack.h"
#include "common/wire/receipt.h"

enum rd_severity { RD_INFO, RD_WARNING, RD_HIGH, RD_CRITICAL };

/* Every alert type: X(enum suffix, wire name, in Chinese). Names are the wire contract; the order
 * is a format (stored as a number): append only. */
#define RD_ALERT_TYPES(X)                                                                          \
    X(FIRST_CONTACT, "warning.first_contact", "首问高风险")                                        \
    X(LADDER_RUNG, "ladder.rung", "升级预警")                                                      \
    X(LADDER_RENOTIFY, "ladder.renotify", "再次催办")                                              \
    X(CLOCK_REMINDER, "clock.reminder", "到期提醒")                                                \
    X(CLOCK_BREACH, "clock.breach", "逾期")                                                        \
    X(CLOCK_MOVED, "clock.moved", "时限调整")                                                      \
    X(CLOCK_CORRECTED, "clock.corrected", "逾期更正")                                              \
    X(CASE_ASSIGNED, "case.assigned", "转办通知")                                                  \
    X(CASE_GROWN, "case.grown", "首问升级为投诉")                                                  \
    X(CASE_REOPENED, "case.reopened", "重新开启通知")                                              \
    X(CASE_RESUMED, "case.resumed", "暂停到期")                                                    \
    X(CASE_FORWARDED, "case.forwarded", "监管转送通知")                                            \
    X(CASE_CHASED, "case.chased", "督办通知")                                                      \
    X(CASE_UNANSWERED, "case.unanswered", "督办未答复")                                            \
    X(CASE_OUTCOME, "case.outcome", "处理结果反馈")                                                \
    X(CASE_BOUNCED, "case.bounced", "多次转办")                                                    \
    X(CASE_RECUSAL, "case.recusal", "须回避")                                                      \
    X(CASE_OVER_AUTHORITY, "case.over_authority", "超出权限")                                      \
    X(NOTICE_OWED, "notice.owed", "待告知客户")                                                    \
    X(DUTY_OWED, "duty.owed", "待办任务")                                                          \
    X(PATTERN_DETECTED, "pattern.detected", "发现异常")                                            \
    X(UNIT_REPORT_MISSING, "unit.report_missing", "日报未报")                                      \
    X(UNIT_UNREAD, "unit.unread", "预警无人确认")                                                  \
    X(DIGEST_DAILY, "digest.daily", "日报")                                                        \
    X(DIGEST_TAKEOVER, "digest.takeover", "接管清单")                                              \
    X(STORM_BUNDLE, "storm.bundle", "合并预警")                                                    \
    X(SOURCE_GAP, "source.gap", "事件缺失")                                                        \
    X(SOURCE_SILENT, "source.silent", "来源中断")                                                  \
    X(SOURCE_SKEWED, "source.skewed", "来源时钟偏差")                                              \
    X(TIME_STEPPED, "time.stepped", "时钟跳变")                                                    \
    X(CALENDAR_HORIZON, "calendar.horizon", "缺节假日数据")                                        \
    X(CONFIG_REFUSED, "config.refused", "配置被拒")                                                \
    X(STATE_CHECK_FAILED, "state.check_failed", "自检失败")                                        \
    X(STORAGE_LOW, "storage.low", "存储告急")                                                      \
    X(STANDBY_LAG, "standby.lag", "备机落后")                                                      \
    X(DEAD_LETTER, "dead.letter", "事件被拒")                                                      \
    X(LADDER_EXHAUSTED, "ladder.exhausted", "升级到顶")                                            \
    X(SILENCE_CREATED, "silence.created", "静默通知")                                              \
    X(EVENT_POISONED, "event.poisoned", "有害事件")                                                \
    X(CASE_QUARANTINED, "case.quarantined", "案件隔离")                                            \
    X(CASE_PAUSE_LONG, "case.pause_long", "暂停过久")                                              \
    X(CASE_RECONTACT, "case.recontact", "客户再次来电来访")                                        \
    X(WARNING_RAISED, "warning.raised", "风险升高")                                                \
    X(CASE_MERGED, "case.merged", "并案通知")                                                      \
    X(DIGEST_SILENCED, "digest.silenced", "静默清单")                                              \
    X(CASE_ANSWERED, "case.answered", "督办已答复")                                                \
    X(CASE_PANEL, "case.panel", "参加合议")                                                        \
    X(CASE_DISSATISFIED, "case.dissatisfied", "回访不满意")                                        \
    X(APPROVAL_OWED, "approval.owed", "待复核")                                                    \
    X(CAUSE_RECURRED, "cause.recurred", "问题再次发生")                                            \
    X(DIGEST_WEEKLY, "digest.weekly", "周报")                                                      \
    X(DIGEST_MONTHLY, "digest.monthly", "月报")

enum rd_alert_type {
#define X(suffix, ...) RD_ALERT_##suffix,
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
const char *rd_alert_type_words(enum rd_alert_type type, bool is_zh); /* in English its name */
RD_MUST_USE int rd_alert_type_parse(struct rd_str text, enum rd_alert_type *ret_type);
/* digest.daily, digest.weekly, digest.monthly. */
bool rd_alert_is_digest(enum rd_alert_type type);
const char *rd_severity_name(enum rd_severity severity);
const char *rd_severity_zh(enum rd_severity severity); /* from attention up the level's word */
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
