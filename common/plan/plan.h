/* common/plan/plan.h — the engine's part of a configuration, as rows: units, calendars, assessment,
 * policies, alerts, supervision.
 *
 * daemon/config/ checks the YAML and writes one normalised MessagePack tree: every default present,
 * files inlined, calendars compiled, packs resolved, no secrets. That tree goes into the journal
 * and the store; rd_plan_read() makes these rows of it, for the engine, the replay, the back-test
 * and for config's own cross-checks. Equal trees (equal hashes), equal plans. Everything is
 * immutable after the read and lives in the plan's arena. Source: redress.yaml(5). */
#pragma once

#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/text/match.h"
#include "common/text/scorecard.h"
#include "common/text/terms.h"
#include "common/time/calendar.h"
#include "common/time/day_time.h"
#include "common/time/limit.h"
#include "common/time/roster.h"
#include "common/time/schedule.h"
#include "common/wire/alert.h"
#include "common/wire/event.h"
#include "common/wire/receipt.h"

enum { RD_NO_INDEX = -1 };

struct rd_plan_unit { /* pre-order: a parent stands before its children */
    struct rd_str path, id, name;
    struct rd_str label; /* the name; where others have the same, behind that of the unit above */
    int32_t parent;      /* index, RD_NO_INDEX for the root */
    int32_t calendar; /* index into calendars, inherited from above; RD_NO_INDEX: none → UTC, always
                         open is never assumed: the loader gives every unit one */
    int64_t authority;      /* hundredths; -1: none; not inherited */
    struct rd_str moved_to; /* empty: none */
};

/* What may start or stop a clock, stop a ladder, restart. Names are those of the language.
 * The order is a format (case rows hold the first time of each): append only.
 * X(suffix, name, in Chinese) */
#define RD_MOMENTS(X)                                                                              \
    X(RECEIVED, "received", "受理")                                                                \
    X(REGISTERED, "registered", "登记投诉")                                                        \
    X(ASSIGNED, "assigned", "分派")                                                                \
    X(ACKNOWLEDGED, "acknowledged", "确认接单")                                                    \
    X(CUSTOMER_CONTACTED, "customer_contacted", "联系客户")                                        \
    X(JOINED, "joined", "督导介入")                                                                \
    X(FORWARDED, "forwarded", "监管转送")                                                          \
    X(FACTS_ADDED, "facts_added", "补充事实")                                                      \
    X(PANEL_OPENED, "panel_opened", "发起合议")                                                    \
    X(PANEL_CONCLUDED, "panel_concluded", "合议结论")                                              \
    X(REVIEW_REQUESTED, "review_requested", "申请核查")                                            \
    X(REVIEW_DECIDED, "review_decided", "核查决定")                                                \
    X(MEDIATION_CALLED, "mediation_called", "申请调解")                                            \
    X(MEDIATION_ACCEPTED, "mediation_accepted", "同意调解")                                        \
    X(MEDIATION_SETTLED, "mediation_settled", "调解成功")                                          \
    X(MEDIATION_EXECUTED, "mediation_executed", "调解协议履行")                                    \
    X(DECIDED, "decided", "作出处理决定")                                                          \
    X(CLOSED, "closed", "结案")                                                                    \
    X(REOPENED, "reopened", "重新开启")                                                            \
    X(CAUSE_FOUND, "cause_found", "查明成因")                                                      \
    X(RECTIFIED, "rectified", "完成整改")                                                          \
    X(SANCTIONED, "sanctioned", "问责")                                                            \
    X(NOTICE_GIVEN, "notice_given", "已告知")                                                      \
    X(RECONTACT, "recontact", "客户再次来电来访")

enum rd_moment {
#define X(suffix, ...) RD_MOMENT_##suffix,
    RD_MOMENTS(X)
#undef X
            RD_MOMENT_COUNT
};
const char *rd_moment_name(enum rd_moment moment);
const char *rd_moment_words(enum rd_moment moment, bool is_zh); /* in English its name */
RD_MUST_USE int rd_moment_parse(struct rd_str text, enum rd_moment *ret_moment);

/* What follows from a case and is no key of an event; `age` is both (from birth_year).
 * X(suffix, name) */
#define RD_DERIVED(X)                                                                              \
    X(KIND, "kind")                                                                                \
    X(CONTACTS, "contacts")                                                                        \
    X(TRANSFERS, "transfers")                                                                      \
    X(REOPENED, "reopened")                                                                        \
    X(REGULATOR, "regulator")                                                                      \
    X(SCREENED, "contract.screened")                                                               \
    X(RECONTACTS, "recontacts")

enum rd_derived {
#define X(suffix, name) RD_DERIVED_##suffix,
    RD_DERIVED(X)
#undef X
            RD_DERIVED_COUNT
};
const char *rd_derived_name(enum rd_derived derived);
RD_MUST_USE int rd_derived_parse(struct rd_str text, enum rd_derived *ret_derived);

/* Attributes of a case that matchers, windows and clocks may name: keys of events (their column
 * `attribute`), derived ones and attributes.NAME. */
bool rd_plan_is_attribute(struct rd_str name);
/* Without attributes.NAME; empty after the last. */
struct rd_str rd_plan_attribute_at(size_t index);

enum rd_target_kind {
    RD_TARGET_UNIT,     /* the case's unit */
    RD_TARGET_PARENT,   /* the unit above it; the same as ancestor 1 */
    RD_TARGET_FIRST,    /* the first owner */
    RD_TARGET_ANCESTOR, /* `steps` above */
    RD_TARGET_NAMED,    /* `unit` */
    RD_TARGET_ROSTER,   /* who has the turn of the roster `unit` */
};
struct rd_target {
    enum rd_target_kind kind;
    uint32_t steps;
    int32_t unit; /* index; of RD_TARGET_ROSTER into the rosters */
};
struct rd_targets {
    const struct rd_target *at;
    size_t count;
};

struct rd_texts {
    const struct rd_str *at;
    size_t count;
};

struct rd_plan_reminder {
    bool is_share;
    uint32_t share_pct;     /* 1..99, of (due − start) */
    struct rd_limit before; /* else: so long before due */
};
struct rd_plan_extension {
    struct rd_limit limit;     /* new limit from the same start */
    struct rd_str approved_by; /* role or "parent"; empty: anyone */
    bool must_tell_customer;
};

struct rd_plan_clock {
    struct rd_str name;            /* events and machines call it so */
    struct rd_str shown;           /* people do */
    struct rd_str source;          /* the law's line; empty for house rules */
    const struct rd_match *match;  /* of a common clock: the cases that have it; else NULL */
    uint8_t text[RD_DIGEST_BYTES]; /* of a common clock's normalised text; else zeros */
    enum rd_moment start;          /* the first of them that the file names */
    uint32_t starts;               /* bits 1 << enum rd_moment: whichever comes first */
    struct rd_str start_attribute; /* not empty: starts at this attribute's time instead */
    bool starts_again;             /* at the next of its starts after it was stopped */
    const struct rd_match *when;   /* NULL: always */
    bool has_limit;
    struct rd_limit limit;
    struct rd_str due_attribute; /* where there is no limit */
    bool counts_working;         /* time: working (seconds limits only) */
    enum rd_roll roll;
    bool at_closing;     /* end: closing */
    enum rd_moment stop; /* closed stands for every ending of the case */
    bool is_statutory;
    bool pauses_for_all;           /* a service clock without pause_reasons */
    struct rd_texts pause_reasons; /* else these (none: never pauses) */
    const struct rd_plan_extension *extensions;
    size_t extension_count;
    uint32_t restart_on; /* bits 1 << enum rd_moment */
    bool outlives_close;
    bool restarts_on_reopen;
    const struct rd_plan_reminder *reminders;
    size_t reminder_count;
    struct rd_targets breach_notify; /* besides the unit */
    struct rd_targets breach_closed; /* told at once while one of those told is closed */
    enum rd_severity breach_severity;
    bool breach_holds; /* its tellings wait for the opening of whom they are for */
    bool has_repeat;   /* the breach is told again while it stands */
    struct rd_limit repeat_every;
    uint32_t repeat_times;                 /* 0: without end */
    struct rd_str valid_from, valid_until; /* of a pack's version: dates of receipt; info only */
};

struct rd_plan_rung {
    struct rd_limit after;
    bool counts_working; /* governs after, ack_within and renotify */
    struct rd_targets notify;
    struct rd_targets closed; /* told at once while one of `notify` is closed */
    enum rd_severity severity;
    struct rd_str name, title; /* for people; a template: empty, the type's */
    bool has_ack_within, has_renotify, has_ack_lease, holds_for_opening;
    struct rd_limit ack_within, renotify_every, ack_lease;
    uint32_t renotify_times;
};

enum {
    RD_RUNGS_MAX = 16,
    RD_CLOCKS_MAX = 24,
    RD_REMINDERS_MAX = 8,
    RD_TARGETS_MAX = 16,
    RD_REPEATS_MAX = 10000
};

struct rd_plan_ladder {
    bool has_until;
    enum rd_moment until;
    const struct rd_plan_rung *rungs;
    size_t rung_count; /* 0: no ladder */
};

struct rd_plan_pause_limit {
    struct rd_str reason;
    struct rd_limit limit;
};

struct rd_plan_policy {
    struct rd_str name, shown;     /* for machines, for people */
    uint8_t text[RD_DIGEST_BYTES]; /* of its normalised text: the same in another configuration */
    const struct rd_match *match;
    /* Packs resolved: every version of a pack's clock stands here; one whose `valid_*` does not
     * hold at receipt is not started. Behind its own the common ones, which are those of the cases
     * that their match holds for. */
    const struct rd_plan_clock *clocks;
    size_t clock_count;
    rd_day *clock_valid_from,
            *clock_valid_until; /* per clock; RD_DAY_NONE: no bound; [from, until) */
    struct rd_plan_ladder ladder;
    const struct rd_plan_pause_limit *pause_limits; /* by reason; the last, "*", is of all others */
    size_t pause_limit_count;
};

struct rd_plan_rule {
    struct rd_str code, name; /* name: for people; empty, here and below: the code */
    const struct rd_match *match;
    int32_t points;
    struct rd_texts actions;
};
enum rd_evidence {      /* what a reason tells of the text that a pattern matched */
    RD_EVIDENCE_MASKED, /* all, but six digits and more in a row as "****" and the last four */
    RD_EVIDENCE_FULL,
    RD_EVIDENCE_NONE, /* no word of the text, and no term either */
};

struct rd_plan_lexicon {
    struct rd_str code, name;
    const struct rd_term *terms; /* literals folded */
    const int32_t *points;       /* per term */
    size_t term_count;
    size_t first_term; /* index of terms[0] in the plan's one compiled set */
    int32_t cap;       /* 0: none */
    enum rd_evidence evidence;
    struct rd_texts actions;
};
struct rd_plan_pattern {
    bool is_set;
    struct rd_target notify;
    enum rd_severity severity;
    struct rd_str title; /* template; {count} {key} {days} */
};
struct rd_plan_window {
    struct rd_str code, name;
    struct rd_texts keys;   /* attribute names; several: their values together; "text" stands for
                               the digest of the folded text without digits */
    struct rd_str distinct; /* attribute; empty: events are counted */
    uint32_t types;         /* bits: 1 contact.received, 2 complaint.registered, 4 case.forwarded */
    uint32_t days, count;
    int32_t points;
    struct rd_texts actions;
    struct rd_plan_pattern pattern;
    uint64_t digest; /* of code, keys, distinct, types, days: names its members in the store */
};
struct rd_plan_notice {
    struct rd_str code, name, text;
    bool written;
    const struct rd_match *match;
};
struct rd_plan_ignore { /* values of an attribute that no window counts */
    struct rd_str attribute;
    struct rd_texts values;
};
struct rd_plan_external { /* an integer that somebody else has found, as points */
    struct rd_str code, name, attribute;
    int64_t from, to; /* from < to */
    int32_t cap;
};
struct rd_plan_assessment {
    int32_t watch, high, critical; /* score ≥ it has the level */
    enum rd_level open_case_at;
    const struct rd_plan_rule *rules;
    size_t rule_count;
    const struct rd_plan_lexicon *lexicons;
    size_t lexicon_count;
    struct rd_terms *terms; /* all lexicons' terms in one set */
    size_t term_count;
    const struct rd_plan_window *windows;
    size_t window_count;
    int64_t follow_up_us;
    const struct rd_plan_ignore *ignore;
    size_t ignore_count;
    const struct rd_plan_notice *notices;
    size_t notice_count;
    const struct rd_scorecard *scorecard; /* NULL: none */
    const struct rd_plan_external *externals;
    size_t external_count;
    bool joins_complaints; /* a further contact joins a complaint where no contact is open */
    bool follows_merged;   /* who was merged away has the case that goes on as an open one */
};

struct rd_plan_source {
    struct rd_str name;
    int64_t silent_after_us; /* 0: not watched */
    int32_t calendar;        /* index; RD_NO_INDEX: always */
};

struct rd_plan_roster {
    struct rd_str name, shown; /* code, and for people */
    int32_t calendar;          /* index */
    struct rd_rounds rounds;
    const int32_t *turns; /* indexes of units, rounds.count of them */
};

/* A value of an attribute that the firm has given a name and a number. */
struct rd_plan_code {
    struct rd_str code, name; /* for machines, for people */
    struct rd_str regulator;  /* the regulator's own code; empty: none */
};
struct rd_plan_spelling { /* folded (fold.h), in the order of the bytes */
    struct rd_str text;
    uint32_t index;
};
struct rd_plan_codes {
    enum rd_event_key key;
    bool rejects; /* an unknown value; else it is taken and counted */
    const struct rd_plan_code *at;
    size_t count;
    const struct rd_plan_spelling *spellings; /* code, name and others: none of two codes */
    size_t spelling_count;
};

struct rd_plan_screening { /* of contracts before anybody complains */
    bool is_set;
    struct rd_texts opens; /* risks that open a duty */
    struct rd_str duty;
    struct rd_limit due; /* in days */
};

/* What units owe. Flags of units stand by their index. */
struct rd_plan_report { /* unit.reported on each working day */
    const bool *owes;   /* NULL: none is owed */
    struct rd_day_time by;
    struct rd_target then; /* of a unit: `first` is refused */
    int64_t then_after_us;
};
struct rd_plan_unread {
    bool is_set;
    struct rd_limit after;
    bool counts_working;
    struct rd_target then; /* of a unit */
};
struct rd_plan_duty {          /* owed by units, one a period */
    struct rd_str duty, title; /* code; for people, empty: none */
    enum rd_every every;
    struct rd_due due;
    bool has_total;
    uint64_t total;
    rd_day from; /* owed from the period on that has it; RD_DAY_NONE: see schedules.h */
    struct rd_str attributes; /* a packed map, as an event's; empty: none */
    const bool *owes;
};
struct rd_plan_rectification {  /* of a cause that was found */
    struct rd_limit due;        /* in days */
    struct rd_limit recurrence; /* in days: so long after it was verified */
};
enum rd_digest_every { RD_DIGEST_DAY, RD_DIGEST_WEEK, RD_DIGEST_MONTH, RD_DIGEST_EVERIES };
const char *rd_digest_every_name(enum rd_digest_every every);
struct rd_plan_digest {
    enum rd_digest_every every;
    struct rd_day_time at; /* on each working day, or the last one of a week or month */
    bool sends_empty;      /* one in which all is zero, too */
};
struct rd_plan_digests {
    const struct rd_plan_digest *at;
    size_t count;
    /* By unit: its place in `at`, from 1; 0: none. Of those that name a unit the first. */
    const uint8_t *of[RD_DIGEST_EVERIES];
};
struct rd_plan_supervision {
    struct rd_plan_report report;
    struct rd_plan_unread unread;
    const struct rd_plan_duty *duties;
    size_t duty_count;
    struct rd_plan_rectification rectification;
    struct rd_plan_digests digests;
    uint32_t transfers_max; /* 0: not watched */
};

/* Of `limits` what the engine needs: X(member, key), each a span. */
#define RD_PLAN_LIMITS(X)                                                                          \
    X(dedup_us, "dedup")                                                                           \
    X(alerts_keep_us, "alerts_keep")

/* How long rows of each kind are kept: X(suffix, key), each a span; 0: as long as the state. */
#define RD_PLAN_RETENTION(X)                                                                       \
    X(CASES, "cases")                                                                              \
    X(CONTACTS, "contacts")                                                                        \
    X(TEXTS, "texts")                                                                              \
    X(CONTRACTS, "contracts")                                                                      \
    X(SILENCES, "silences")                                                                        \
    X(SOURCES, "sources")

enum rd_retention {
#define X(suffix, key) RD_RETAIN_##suffix,
    RD_PLAN_RETENTION(X)
#undef X
            RD_RETAIN_COUNT
};

struct rd_plan_four_eyes { /* what takes two persons */
    bool types[RD_EVENT_TYPE_COUNT];
    int64_t lapses_us;
};

struct rd_plan {
    struct rd_arena arena;
    struct rd_str tree; /* the normalised MessagePack, kept */
    uint8_t hash[32];   /* BLAKE2b of it */

    const struct rd_plan_unit *units;
    size_t unit_count;
    const struct rd_calendar *calendars;
    size_t calendar_count;
    struct rd_plan_assessment assessment;
    const struct rd_plan_policy *policies;
    size_t policy_count;
    const struct rd_plan_clock *common_clocks; /* the same that stand in each policy */
    size_t common_clock_count;
    const struct rd_plan_source *sources;
    size_t source_count;

    struct rd_str language;
    struct rd_str titles[RD_ALERT_TYPE_COUNT]; /* templates with {fields} */
    uint32_t storm_count;                      /* 1..1000; 0: no bundles */
    int64_t storm_window_us;
#define X(member, key) int64_t member;
    RD_PLAN_LIMITS(X)
#undef X
    int64_t retention_us[RD_RETAIN_COUNT]; /* 0: kept for good */
    bool has_retention;                    /* one of them is not */
    struct rd_texts regulator_channels;
    struct rd_plan_supervision supervision;
    struct rd_plan_screening screening;
    struct rd_plan_four_eyes four_eyes;
    const struct rd_plan_codes *codes; /* a row an attribute */
    size_t codes_count;
    const struct rd_plan_roster *rosters;
    size_t roster_count;

    rd_node root; /* the whole tree, for figures, whose engine reads it itself */
    struct rd_tree *tree_memory;
};

/* The codes of an attribute; NULL: it has none. */
const struct rd_plan_codes *rd_plan_codes_of(const struct rd_plan *plan, enum rd_event_key key);
/* The one that a value spells, whatever its case and width; NULL: none. */
const struct rd_plan_code *rd_plan_code_find(
        const struct rd_plan_codes *codes, struct rd_str value, struct rd_arena *arena);
/* What people call a value of the attribute: the value itself where it has no code. */
struct rd_str rd_plan_code_name(
        const struct rd_plan *plan, enum rd_event_key key, struct rd_str value);

/* NULL: none of that name. */
const struct rd_plan_roster *rd_plan_roster_find(const struct rd_plan *plan, struct rd_str name);
/* Index of a unit by path, or by id where that is unique; RD_NO_INDEX. O(log units). */
int32_t rd_plan_unit_find(const struct rd_plan *plan, struct rd_str name);

/* What is wrong with a tree, by path: "policies[2].clocks[0].limit". */
struct rd_plan_error {
    char path[160];
    char message[256];
};

/* 0, or -EINVAL with up to `errors_max` errors (all that were found; *ret_error_count). The bytes
 * are copied. The caller owns *ret_plan. */
RD_MUST_USE int rd_plan_read(struct rd_str tree, struct rd_plan **ret_plan,
        struct rd_plan_error *errors, size_t errors_max, size_t *ret_error_count);
void rd_plan_free(struct rd_plan *plan);
