/* daemon/store/rows/counted_row.h — table `figures`, its cases: what a case counts for now.
 *
 * Key: 00, case number u64. Value: version u8 = 1; the unit it counts at and the values of its
 * dimensions (name numbers); configuration and policy these are of; flags u8; facts (what the
 * case's row does not keep of events), count before them: what u8, time (zigzag varint), code,
 * amount (zigzag), sub; then what it counts for, count before: counter, sub, day (zigzag), sum
 * (zigzag), extra dimension u8, its value where there is one. What changes is taken from the
 * counters and added to them, so that they are the sum over these rows at all times. */
#pragma once

#include "common/base/arena.h"
#include "common/plan/counters.h"
#include "common/time/civil.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

enum fact_what { /* a format */
    FACT_NONE,
    FACT_CALLED = 1,  /* to mediation, each time; before engine 11 the newest time alone */
    FACT_ACCEPTED,    /* by its body */
    FACT_DECLINED,    /* of the call before it; code: who, enum fact_side */
    FACT_SETTLED,     /* amount in hundredths, sub: currency */
    FACT_SETTLED_DUE, /* time: when it is to be executed */
    FACT_EXECUTED,
    FACT_DECIDED,    /* code: enum fact_decision and outcome; amount, sub: currency */
    FACT_SANCTIONED, /* code: role; sub: digest of the person */
    FACT_CAUSE,      /* sub: cause; code: 1 it came again after it was mended */
    FACT_RECTIFIED,
    FACT_NOTICE,
    FACT_SURVEYED, /* code: 1 satisfied */
    FACT_REOPENED, /* also by a regulator's letter; before engine 11 not by that */
    FACT_MERGED,
    FACT_WITHDRAWN,
};
enum fact_side { FACT_BY_CUSTOMER, FACT_BY_FIRM, FACT_BY_BODY };
enum fact_decision { /* in code, above the outcome's number in the low byte */
    FACT_HAS_AMOUNT = 0x100,
    FACT_IS_ACCOMMODATION = 0x200,
    FACT_PAID_SHIFT = 12, /* what it was paid for, from 1; 0: not told */
};

struct fact {
    enum fact_what what;
    uint32_t code;
    rd_time time;
    int64_t amount;
    uint64_t sub;
};

struct counted { /* one thing that a case counts for */
    uint32_t counter;
    rd_day day;
    uint64_t sub;
    int64_t sum;
    enum rd_dim extra; /* a dimension beside those of the case; RD_DIM_ALL: none */
    uint64_t extra_value;
};

enum {
    COUNTED_IS_ELDERLY = 1,
    COUNTED_IS_REGULATOR = 2,
    COUNTED_IS_VALID = 4,
    COUNTED_WAS_DEFUSED = 8
};
enum { COUNTED_FACTS_MAX = 320, COUNTED_MAX = 2 * COUNTED_FACTS_MAX + 64 };

struct counted_row {
    uint32_t unit;
    uint32_t values[RD_DIM_COUNT]; /* by dimension: of a case's ones; 0: it has none */
    uint32_t config, policy;
    uint8_t flags;
    struct fact *facts; /* room for COUNTED_FACTS_NEW more than were read */
    size_t fact_count;
    struct counted *counted; /* at most COUNTED_MAX */
    size_t counted_count;
};
enum { COUNTED_FACTS_NEW = 4 };

/* In `arena`, empty. */
struct counted_row *counted_row_new(struct rd_arena *arena);
bool counted_row_get(struct store_view *view, uint64_t number, struct rd_arena *arena,
        struct counted_row **ret_row);
void counted_row_put(struct store_view *view, uint64_t number, const struct counted_row *row);
void counted_row_del(struct store_view *view, uint64_t number);

/* The next case after `after` that counts for anything; 0: there is none. */
uint64_t counted_row_after(struct store_view *view, uint64_t after);
