#include "daemon/engine/retention.h"

#include <string.h>

#include "common/base/digest.h"
#include "daemon/engine/aside.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/forget_rows.h"
#include "daemon/engine/retention_rows.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/counted_row.h"
#include "daemon/store/rows/duty_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/retention_row.h"

/* Once a UTC day a walk over all cases, then over the tables of contracts, silences and sources: a
 * share with each record, and the timer of rest.h makes records where none comes. Ages are looked
 * at and not written down anywhere, so that a configuration counts for old rows as for new ones. A
 * case that goes is gone at once, for whoever asks; the rows of its history follow in shares. */

enum { SHARE = 256, GONE_COST = 8 };

/* Nothing looks for what is as old: ids, alerts and assessments are dropped by the day, and name
 * cases until then. */
static rd_time case_until(
        const struct engine *engine, const struct retention_row *row, bool is_contact)
{
    const struct rd_plan *plan = engine->plan;
    int64_t keep = plan->retention_us[is_contact ? RD_RETAIN_CONTACTS : RD_RETAIN_CASES];
    if (keep == 0) {
        return RD_TIME_NONE;
    }
    keep = keep > plan->alerts_keep_us ? keep : plan->alerts_keep_us;
    keep = keep > plan->dedup_us ? keep : plan->dedup_us;
    keep = keep > plan->assessment.follow_up_us ? keep : plan->assessment.follow_up_us;
    return (rd_time)(row->day - 2) * RD_DAY_US - keep;
}

/* When the newest entry of its history was taken. */
static rd_time newest_entry(const struct engine *engine, const struct work *work)
{
    struct history_row entry;
    return history_row_get(engine->view, work->row->history, &entry) ? entry.taken : RD_TIME_MAX;
}

/* A timer or a row of another one speaks of it. */
static bool is_needed(struct engine *engine, const struct work *work)
{
    const struct case_row *row = work->row;
    struct case_row *into;
    bool is_armed = row->ladder.armed_wall != RD_TIME_NONE ||
                    row->ladder.armed_steady != RD_TIME_NONE || row->alert_count > 0;
    for (size_t i = 0; i < row->clock_count; i++) {
        is_armed = is_armed || row->clocks[i].armed != RD_TIME_NONE;
    }
    for (uint32_t i = 0; i < row->pause_count; i++) {
        is_armed = is_armed || row->pauses[i].armed != RD_TIME_NONE;
    }
    for (uint32_t i = 0; i < row->chase_count; i++) {
        is_armed = is_armed || row->chases[i].armed != RD_TIME_NONE;
    }
    for (uint32_t i = 0; i < row->notice_count; i++) {
        is_armed = is_armed || row->notices[i].armed != RD_TIME_NONE;
    }
    return is_armed || aside_has(engine, row->number) ||
           mending_first(engine->view, row->number) != 0 ||
           (row->gone_into != 0 &&
                   case_row_get(engine->view, row->gone_into, &engine->arena, &into)) ||
           alert_row_next_of_case(engine->view, row->number, 0) != 0;
}

/* Its history and, where it has a customer, what an erasure needs of it stay for now. */
static void drop_case(struct engine *engine, struct retention_row *row, struct work *work)
{
    const struct attribute_row *attributes = case_attributes(engine, work);
    struct rd_str customer = attributes->values[RD_KEY_CUSTOMER].bytes;
    uint64_t number = work->row->number;
    cases_save(engine); /* and it is at work no more */
    memset(row->customer, 0, sizeof row->customer);
    if (customer.len > 0) {
        rd_digest1(customer, row->customer);
        customer_case_del(engine->view, row->customer, number);
    }
    subject_del(engine->view, attributes->subject, number);
    attribute_row_del(engine->view, number);
    counted_row_del(engine->view, number); /* what it counted for stands */
    duty_row_del(engine->view, number);
    case_row_del(engine->view, number);
    row->work = RETENTION_ALL;
}

/* Looks at the next case. False: that was the last. */
static bool look_at_case(struct engine *engine, struct retention_row *row, uint32_t *cost)
{
    if (row->at >= row->last) {
        return false;
    }
    struct work *work = case_open(engine, ++row->at);
    if (work != NULL && case_is_over(work)) {
        rd_time newest = newest_entry(engine, work);
        row->number = row->at;
        row->entry = work->row->history;
        if (newest < case_until(engine, row, work->row->kind == CASE_CONTACT) &&
                !is_needed(engine, work)) {
            drop_case(engine, row, work);
            *cost = GONE_COST;
        } else if (newest >= row->texts_from && newest < row->texts_until) {
            forget_text(engine, work);
            row->work = RETENTION_TEXTS;
        }
    }
    if (engine->work_count >= WORKS_MAX / 2) {
        cases_save(engine);
    }
    return true;
}

/* Up to `share` entries of the history at hand; returns how many. */
static uint32_t shed(struct engine *engine, struct retention_row *row, uint32_t share)
{
    static const uint8_t NOBODY[RD_DIGEST_BYTES];
    uint64_t seqs[SHARE], newest = row->entry;
    size_t count = 0;
    uint32_t done = 0;
    while (done < share && row->entry != 0) {
        uint64_t seq = 0;
        row->entry = row->work == RETENTION_ALL
                             ? forget_entry_wholly(engine, row->entry, row->number, &seq)
                             : forget_entry_text(engine, row->entry);
        if (seq != 0) {
            seqs[count++] = seq;
        }
        done++;
    }
    if (count > 0 && memcmp(row->customer, NOBODY, sizeof NOBODY) != 0) {
        gone_row_put(engine->view, row->customer, row->number, newest, seqs, count);
    }
    if (row->entry == 0) {
        row->work = RETENTION_NOTHING;
    }
    return done;
}

static void next_stage(struct retention_row *row)
{
    row->stage++;
    row->key = (struct rd_str){0};
    if (row->stage == RETENTION_DONE && row->texts_until > row->texts_from) {
        row->texts_from = row->texts_until;
    }
}

/* One bounded piece of the walk; returns what it cost. */
static uint32_t go_on(struct engine *engine, struct retention_row *row, uint32_t share)
{
    const int64_t *keep = engine->plan->retention_us;
    rd_time today = (rd_time)row->day * RD_DAY_US;
    uint32_t cost = 1;
    bool is_left = false;
    if (row->work != RETENTION_NOTHING) {
        return shed(engine, row, share) + 1;
    }
    switch (row->stage) {
    case RETENTION_CASES:
        is_left = look_at_case(engine, row, &cost);
        break;
    case RETENTION_CONTRACTS:
        is_left = keep[RD_RETAIN_CONTRACTS] > 0 &&
                  retention_contract(engine, &row->key, today - keep[RD_RETAIN_CONTRACTS]);
        break;
    case RETENTION_SILENCES:
        is_left = keep[RD_RETAIN_SILENCES] > 0 &&
                  retention_silence(engine, &row->key, today - keep[RD_RETAIN_SILENCES]);
        break;
    case RETENTION_SOURCES:
        is_left = keep[RD_RETAIN_SOURCES] > 0 &&
                  retention_source(engine, &row->key, today - keep[RD_RETAIN_SOURCES], &cost);
        break;
    case RETENTION_DONE:
        return share;
    }
    if (!is_left) {
        next_stage(row);
    }
    return cost;
}

static void begin(const struct engine *engine, struct retention_row *row)
{
    const int64_t *keep = engine->plan->retention_us;
    bool has_cases =
            keep[RD_RETAIN_CASES] > 0 || keep[RD_RETAIN_CONTACTS] > 0 || keep[RD_RETAIN_TEXTS] > 0;
    row->day = engine->counters.swept_day;
    row->stage = RETENTION_CASES;
    row->at = 0;
    row->last = has_cases ? engine->counters.case_number : 0;
    row->texts_until = keep[RD_RETAIN_TEXTS] > 0
                               ? (rd_time)row->day * RD_DAY_US - keep[RD_RETAIN_TEXTS]
                               : row->texts_from;
}

bool retention_step(struct engine *engine)
{
    struct retention_row row = {.stage = RETENTION_DONE};
    int32_t today = engine->counters.swept_day;
    if (!engine->plan->has_retention || engine->counters.is_sweeping ||
            engine->retained_day == today || !engine->has_forgotten_all ||
            engine_erasure_waits(engine) != 0) {
        return false;
    }
    (void)retention_row_get(engine->view, &row);
    row.key = rd_arena_dup(&engine->arena, row.key);
    if (row.stage == RETENTION_DONE && row.day < today) {
        begin(engine, &row);
    }
    for (uint32_t share = SHARE; share > 0 && row.stage != RETENTION_DONE;) {
        uint32_t cost = go_on(engine, &row, share);
        share -= cost < share ? cost : share;
    }
    retention_row_put(engine->view, &row);
    if (row.stage == RETENTION_DONE && row.day == today) {
        engine->retained_day = today;
        return false;
    }
    return true;
}
