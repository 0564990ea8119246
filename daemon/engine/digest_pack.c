#include "daemon/engine/digest_pack.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/names.h"
#include "daemon/engine/titles.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/unit_day_row.h"

bool digest_is_empty(const struct digest_work *work)
{
    uint64_t all = 0;
    for (int i = 0; i < TALLY_COUNT; i++) {
        all |= work->sums[i];
    }
    for (int i = 0; i < STANDING_COUNT; i++) {
        all |= work->standing[i];
    }
    return all == 0;
}

static void put_text(struct rd_buf *buf, const char *key, struct rd_str text)
{
    rd_pack_cstr(buf, key);
    rd_pack_str(buf, text);
}

static void put_number(struct rd_buf *buf, const char *key, uint64_t number)
{
    rd_pack_cstr(buf, key);
    rd_pack_uint(buf, number);
}

static void put_day(struct rd_buf *buf, const char *key, rd_day day)
{
    char text[RD_DATE_TEXT_MAX];
    rd_day_format(day, text);
    put_text(buf, key, rd_str_of(text));
}

enum { UNIT_PAIRS = 2 };
static void put_unit(struct engine *engine, struct rd_buf *buf, uint32_t unit)
{
    put_text(buf, "unit", name_shown(engine, unit));
    put_text(buf, "unit_name", unit_plain_name(engine, unit));
}

/* ---- lists ---- */

/* Events are applied between two shares of a walk, so a listed case may have ended, been forgotten
 * or moved to a policy without this clock. NULL: the clock is not overdue any more. */
static struct work *open_overdue(struct engine *engine, const struct digest_case *one)
{
    struct work *work = case_open(engine, one->number);
    bool is_overdue = work != NULL && !case_is_over(work) && one->clock < work->row->clock_count &&
                      work->row->clocks[one->clock].state == CLOCK_BREACHED;
    return is_overdue ? work : NULL;
}

static void put_case(struct engine *engine, struct rd_buf *buf, const struct digest_work *digest,
        const struct digest_case *one)
{
    size_t before = engine->work_count;
    struct work *work = open_overdue(engine, one);
    RD_ASSERT(work != NULL); /* put_worst() has looked */
    const struct case_row *row = work->row;
    const struct rd_plan_clock *clock = clock_definition(work, &row->clocks[one->clock]);
    rd_pack_map(buf, 8 + UNIT_PAIRS);
    put_number(buf, "case", row->number);
    put_text(buf, "subject", case_attributes(engine, work)->subject);
    put_text(buf, "kind", rd_str_of(case_kind_name(row->kind)));
    put_unit(engine, buf, row->unit);
    put_text(buf, "clock", clock->name);
    put_text(buf, "clock_name", clock->shown.len > 0 ? clock->shown : clock->name);
    rd_pack_cstr(buf, "due");
    rd_pack_time(buf, one->due);
    put_day(buf, "last_day", one->last_day);
    put_number(
            buf, "days", digest->day > one->last_day ? (uint64_t)(digest->day - one->last_day) : 0);
    engine->work_count = before;
}

static void put_worst(struct engine *engine, struct rd_buf *buf, const struct digest_work *work)
{
    bool is_overdue[RD_DIGEST_LISTED_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < work->worst_count; i++) {
        size_t before = engine->work_count;
        is_overdue[i] = open_overdue(engine, &work->worst[i]) != NULL;
        engine->work_count = before;
        count += is_overdue[i];
    }
    rd_pack_cstr(buf, "worst");
    rd_pack_array(buf, count); /* in its shortest form, as a replay writes it */
    for (uint32_t i = 0; i < work->worst_count; i++) {
        if (is_overdue[i]) {
            put_case(engine, buf, work, &work->worst[i]);
        }
    }
}

static void put_missing(struct engine *engine, struct rd_buf *buf, const struct digest_work *work)
{
    rd_pack_cstr(buf, "missing");
    rd_pack_array(buf, work->missing_count);
    for (uint32_t i = 0; i < work->missing_count; i++) {
        rd_pack_map(buf, 1 + UNIT_PAIRS);
        put_unit(engine, buf, work->missing[i].unit);
        put_day(buf, "date", work->missing[i].day);
    }
}

static void put_counts(struct rd_buf *buf, const char *key, const struct unit_day_counts *counts)
{
    rd_pack_cstr(buf, key);
    rd_pack_map(buf, 3);
    put_number(buf, "opened", (uint64_t)counts->opened);
    put_number(buf, "closed", (uint64_t)counts->closed);
    put_number(buf, "open", (uint64_t)counts->open);
}

static void put_differ(struct engine *engine, struct rd_buf *buf, const struct digest_work *work)
{
    rd_pack_cstr(buf, "differ");
    rd_pack_array(buf, work->differ_count);
    for (uint32_t i = 0; i < work->differ_count; i++) {
        struct unit_day_row row = {0};
        (void)unit_day_row_get(engine->view, work->differ[i].unit, work->differ[i].day, &row);
        rd_pack_map(buf, 3 + UNIT_PAIRS);
        put_unit(engine, buf, work->differ[i].unit);
        put_day(buf, "date", work->differ[i].day);
        put_counts(buf, "reported", &row.reported);
        put_counts(buf, "counted", &row.at_due);
    }
}

/* ---- the whole ---- */

static void put_span(struct rd_buf *buf, enum rd_digest_every every, const struct digest_work *work)
{
    put_text(buf, "every", rd_str_of(rd_digest_every_name(every)));
    put_day(buf, "from", work->from);
    put_day(buf, "to", work->day);
    put_day(buf, "next", work->next);
    if (work->missed > 0) {
        rd_pack_cstr(buf, "missed");
        rd_pack_map(buf, 3);
        put_number(buf, "count", work->missed);
        put_day(buf, "first", work->missed_first);
        put_day(buf, "last", work->missed_last);
    }
}

static const struct {
    enum tally tally;
    const char *key;
} TALLIES[] = {
        {TALLY_OPENED, "opened"},
        {TALLY_CLOSED, "closed"},
        {TALLY_RECONTACTS, "recontacts"},
        {TALLY_CHASES, "chases"},
        {TALLY_ACTED, "acted"},
        {TALLY_PREEMPTED, "preempted"},
};

static void put_numbers(struct rd_buf *buf, const struct digest_work *work)
{
    for (size_t i = 0; i < RD_COUNT(TALLIES); i++) {
        put_number(buf, TALLIES[i].key, work->sums[TALLIES[i].tally]);
    }
    rd_pack_cstr(buf, "warnings");
    rd_pack_map(buf, 3);
    put_number(buf, "watch", work->sums[TALLY_WATCH]);
    put_number(buf, "high", work->sums[TALLY_HIGH]);
    put_number(buf, "critical", work->sums[TALLY_CRITICAL]);
#define X(suffix, key) put_number(buf, key, work->standing[STANDING_##suffix]);
    DIGEST_STANDING(X)
#undef X
}

struct rd_str digest_packed(struct engine *engine, enum rd_digest_every every, uint32_t unit,
        const struct digest_work *work)
{
    enum { SPAN_PAIRS = 4, LISTS = 3, WARNINGS = 1 };
    struct rd_buf buf;
    rd_buf_init(&buf, RD_DIGEST_BYTES_MAX);
    uint32_t pairs = SPAN_PAIRS + UNIT_PAIRS + WARNINGS + STANDING_COUNT + LISTS;
    pairs += (uint32_t)RD_COUNT(TALLIES) + (work->missed > 0 ? 1U : 0U);
    rd_pack_map(&buf, pairs);
    put_span(&buf, every, work);
    put_unit(engine, &buf, unit);
    put_numbers(&buf, work);
    put_worst(engine, &buf, work);
    put_missing(engine, &buf, work);
    put_differ(engine, &buf, work);
    RD_ASSERT(buf.error == 0);
    struct rd_str packed = rd_arena_dup(&engine->arena, rd_buf_str(&buf));
    rd_buf_done(&buf);
    return packed;
}
