#include "daemon/engine/rounds.h"

#include "common/base/digest.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/round_row.h"

static void add(uint64_t *count, int64_t sum)
{
    *count += (uint64_t)sum;
}

void round_count(struct engine *engine, const struct screened_row *screened, int64_t sum)
{
    uint32_t unit = screened->held != 0 ? screened->held : unit_number(engine, 0);
    struct round_row row = {.first = screened->time, .newest = screened->time};
    uint8_t digest[RD_DIGEST_BYTES];
    rd_digest1(screened->round, digest);
    (void)round_row_get(engine->view, unit, digest, &row);
    row.round = screened->round;
    add(&row.screened, sum);
    add(&row.at_risk, !rd_str_is(screened->risk, "none") ? sum : 0);
    add(&row.cleared, screened->cleared != RD_TIME_NONE ? sum : 0);
    row.first = screened->time < row.first ? screened->time : row.first;
    row.newest = screened->time > row.newest ? screened->time : row.newest;
    round_row_put(engine->view, unit, digest, &row);
}

/* Whether the unit counts a contract of the round that is at risk. */
static bool has_open(struct engine *engine, uint32_t unit, struct rd_str round)
{
    struct round_row row;
    uint8_t digest[RD_DIGEST_BYTES];
    rd_digest1(round, digest);
    return round_row_get(engine->view, unit, digest, &row) && row.screened > 0 &&
           row.at_risk > row.cleared;
}

/* The contract was screened in a later round, or is forgotten: while its duty of this one is open,
 * it counts here as at risk. States of engine 12 counted it where it was screened. */
static void follow_open(
        struct engine *engine, struct work *work, uint32_t left, struct rd_str round)
{
    struct screened_row row = {.risk = RD_STR("high"),
            .round = round,
            .held = left,
            .time = work->row->opened,
            .cleared = RD_TIME_NONE};
    if (!case_is_over(work) && has_open(engine, left, round)) {
        round_count(engine, &row, -1);
        row.held = work->row->unit;
        round_count(engine, &row, 1);
    }
}

void round_follow(struct engine *engine, struct work *work, uint32_t left)
{
    struct screened_row row;
    if (work->row->kind != CASE_DUTY) {
        return;
    }
    const struct rd_value *values = case_attributes(engine, work)->values;
    struct rd_str contract = values[RD_KEY_CONTRACT].bytes, round = values[RD_KEY_PERIOD].bytes;
    bool is_screening = rd_str_eq(values[RD_KEY_DUTY].bytes, engine->plan->screening.duty) &&
                        (contract.len > 0 || values[RD_KEY_CUSTOMER].bytes.len > 0);
    if (!is_screening) { /* one that was opened by hand has neither */
        return;
    }
    if (contract.len == 0 || !screened_row_get(engine->view, contract, &row) ||
            !rd_str_eq(row.round, round)) {
        follow_open(engine, work, left, round);
        return;
    }
    row.risk = rd_arena_dup(&engine->arena, row.risk);
    row.round = round;
    round_count(engine, &row, -1);
    row.held = work->row->unit;
    round_count(engine, &row, 1);
    screened_row_put(engine->view, contract, &row);
}
