#include "daemon/engine/retention_rows.h"

#include <string.h>

#include "daemon/engine/cases.h"
#include "daemon/engine/duties.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/screened_row.h"
#include "daemon/store/rows/silence_row.h"
#include "daemon/store/rows/source_row.h"

enum { SOURCE_COST = SOURCE_WINDOW / 16 };

/* The first key of the table behind *key; the scan's value is not looked at. */
static bool next_key(struct engine *engine, enum store_table table, struct rd_str *key)
{
    struct store_scan scan;
    struct rd_str found, value;
    char *behind = RD_ARENA_ARRAY(&engine->arena, char, key->len + 1); /* a zero more */
    if (key->len > 0) {
        memcpy(behind, key->ptr, key->len);
    }
    store_scan_begin(
            &scan, engine->view, table, (struct rd_str){behind, key->len > 0 ? key->len + 1 : 0});
    bool is_found = store_scan_next(&scan, &found, &value);
    if (is_found) {
        *key = rd_arena_dup(&engine->arena, found);
    }
    store_scan_end(&scan);
    return is_found;
}

/* The duty that its screening opened is not over. */
static bool has_duty(struct engine *engine, struct rd_str contract, struct rd_str round)
{
    uint64_t number = subject_find(
            engine->view, duty_screening_subject(&engine->arena, engine->plan, round, contract));
    struct work *work = number != 0 ? case_open(engine, number) : NULL;
    bool is_open = work != NULL && work->row->kind == CASE_DUTY && !case_is_over(work);
    if (engine->work_count >= WORKS_MAX / 2) {
        cases_save(engine);
    }
    return is_open;
}

bool retention_contract(struct engine *engine, struct rd_str *key, rd_time until)
{
    struct screened_row row;
    if (!next_key(engine, STORE_SCREENED, key)) {
        return false;
    }
    if (screened_row_get(engine->view, *key, &row) && row.time < until &&
            !has_duty(engine, *key, rd_arena_dup(&engine->arena, row.round))) {
        if (screened_row_has_customer(&row)) {
            gone_row_put(engine->view, row.customer, 0, row.seq, &row.seq, 1);
        }
        screened_row_del(engine->view, *key); /* what it counted for stands */
    }
    return true;
}

bool retention_silence(struct engine *engine, struct rd_str *key, rd_time until)
{
    struct silence_row row;
    if (!next_key(engine, STORE_SILENCES, key)) {
        return false;
    }
    uint64_t number = row_key_read_u64(*key, 0);
    if (silence_row_get(engine->view, number, &row) && row.until < until &&
            row.armed == RD_TIME_NONE) {
        silence_row_del(engine->view, number);
    }
    return true;
}

static bool is_named(const struct engine *engine, struct rd_str source)
{
    for (size_t i = 0; i < engine->plan->source_count; i++) {
        if (rd_str_eq(engine->plan->sources[i].name, source)) {
            return true;
        }
    }
    return false;
}

bool retention_source(struct engine *engine, struct rd_str *key, rd_time until, uint32_t *ret_cost)
{
    struct source_row row;
    if (!next_key(engine, STORE_SOURCES, key)) {
        return false;
    }
    if (source_row_get(engine->view, *key, &row) && row.last_taken < until &&
            row.gap_armed == RD_TIME_NONE && row.silent_armed == RD_TIME_NONE &&
            !is_named(engine, *key)) {
        source_row_del(engine->view, *key);
        sequence_row_clear(engine->view, row.number);
        *ret_cost = SOURCE_COST;
    }
    return true;
}
