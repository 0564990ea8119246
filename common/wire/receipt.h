/* common/wire/receipt.h — the answer to one event. Source: redress-protocol(7), "Receipt". */
#pragma once

#include "common/base/arena.h"
#include "common/time/utime.h"
#include "common/wire/pack.h"

enum { RD_RECEIPT_IGNORED_MAX = 16, RD_OPEN_CASES_MAX = 8 };

enum rd_status { RD_ACCEPTED, RD_DUPLICATE, RD_REJECTED, RD_BUSY };
enum rd_level { RD_LEVEL_NONE, RD_LEVEL_WATCH, RD_LEVEL_HIGH, RD_LEVEL_CRITICAL };

struct rd_reason {
    struct rd_str code;
    int32_t points;
    struct rd_str detail; /* what was found: "age 67", "投诉到底", "3 in 7 days"; may be empty */
    struct rd_str name;   /* for people; empty: the code */
};

struct rd_notice { /* what the customer must be told */
    struct rd_str code, text;
    bool written;
    struct rd_str name; /* for people; empty: the code */
};

struct rd_warning {
    enum rd_level level;
    int32_t score;                   /* 0..100 */
    const struct rd_reason *reasons; /* strongest first */
    size_t reason_count;
    const struct rd_str *actions; /* in the order of reasons, each once */
    size_t action_count;
    const struct rd_notice *notices;
    size_t notice_count;
    uint64_t case_number, alert; /* 0: none */
};

/* Another open case of the same customer, for whoever speaks with him. */
struct rd_open_case {
    uint64_t case_number;
    struct rd_str subject, unit, handler, state; /* handler empty: the case has none */
    enum rd_level level;
    rd_time opened;
    rd_time last_contact; /* with the customer; RD_TIME_NONE: none yet */
    struct rd_str by;     /* who had it */
    bool is_overdue;
};

struct rd_receipt {
    struct rd_str id; /* ptr NULL: nil */
    enum rd_status status;
    uint64_t seq, term, case_number; /* 0: absent */
    uint32_t retry_after_ms;         /* busy */
    bool adjusted_time;
    bool waits; /* accepted, and takes effect when a second person has approved it */
    const struct rd_str *ignored;          /* keys of `data` that were ignored, without "data." */
    size_t ignored_count;                  /* at most RD_RECEIPT_IGNORED_MAX */
    uint64_t silence;                      /* the number of the one that was created; 0: absent */
    struct rd_str roster;                  /* the one that was overridden; empty: absent */
    struct rd_str noted;                   /* what its sender may not expect; empty: absent */
    const struct rd_warning *warning;      /* NULL: not assessed */
    const struct rd_open_case *open_cases; /* the oldest first */
    size_t open_case_count;                /* at most RD_OPEN_CASES_MAX */
    const struct rd_reject *error;         /* where rejected */
};

const char *rd_status_name(enum rd_status status);
const char *rd_level_name(enum rd_level level);
const char *rd_level_zh(enum rd_level level); /* the word for it in Chinese, everywhere */
RD_MUST_USE int rd_level_parse(struct rd_str text, enum rd_level *ret_level); /* 0, -EINVAL */

/* Words of `noted`. */
#define RD_NOTED_NO_UNIT "no_unit" /* a screening is a hit without a unit: no duty was opened */
#define RD_NOTED_TOTAL   "total"   /* the duty had another total until now */
/* An answer's unit owes none on the case, nor may it answer for one that does. */
#define RD_NOTED_NO_QUESTION "no_question"

void rd_receipt_pack(struct rd_buf *buf, const struct rd_receipt *receipt);
void rd_warning_pack(struct rd_buf *buf, const struct rd_warning *warning);
/* Reads a receipt or a warning; strs borrowed from the node's bytes, arrays in `arena`. Unknown
 * keys are ignored. The arena takes at most 64 bytes for each of the message's. 0 or -EBADMSG. */
RD_MUST_USE int rd_receipt_unpack(rd_node node, struct rd_arena *arena, struct rd_receipt *ret);
RD_MUST_USE int rd_warning_unpack(rd_node node, struct rd_arena *arena, struct rd_warning *ret);
/* A warning from bytes, as rows have it; texts borrowed from `packed`. */
RD_MUST_USE int rd_warning_open(
        struct rd_str packed, struct rd_arena *arena, struct rd_warning *ret_warning);
