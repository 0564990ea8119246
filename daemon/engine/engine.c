#include "daemon/engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/aside.h"
#include "daemon/engine/counters.h"
#include "daemon/engine/names.h"
#include "daemon/engine/plans.h"
#include "daemon/engine/schedules.h"
#include "daemon/engine/silences.h"
#include "daemon/engine/silent.h"
#include "daemon/engine/state.h"
#include "daemon/engine/sweep.h"
#include "daemon/engine/tallies.h"
#include "daemon/engine/units.h"
#include "daemon/engine/watches.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/name_row.h"

enum rd_event_type engine_effect(const struct engine *engine)
{
    return engine->effect;
}

/* ---- configurations ---- */

static void scratch_for(struct engine *engine)
{
    rd_terms_scratch_free(engine->terms_scratch);
    engine->terms_scratch = NULL;
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    if (plan->term_count > 0) {
        engine->terms_scratch = rd_terms_scratch_new(plan->terms);
    }
}

int engine_configure(struct engine *engine, const struct engine_time *at, struct rd_str tree)
{
    uint8_t hash[RD_HASH_BYTES];
    rd_hash(tree, hash);
    engine->alert_count = 0;
    if (engine->plan != NULL && memcmp(engine->plan->hash, hash, sizeof hash) == 0) {
        return 0;
    }
    const struct rd_plan *old = engine->plan; /* stays loaded: it is the present one until then */
    const struct rd_plan *plan = plan_load(engine, engine->counters.config + 1, tree);
    if (plan == NULL) {
        return -EBADMSG;
    }
    rd_arena_reset(&engine->arena);
    engine->work_count = 0;
    engine->counters.config++;
    engine->plan = plan;
    names_forget(engine);
    config_row_put(engine->view, engine->counters.config, hash, tree);
    if (name_number(engine, RD_STR("~ops")) != NAME_OPS) {
        RD_UNREACHABLE("the first name of a state is that of the operators");
    }
    for (size_t i = 0; i < plan->unit_count; i++) {
        (void)unit_number(engine, (int32_t)i);
    }
    if (at->wall > engine->counters.wall) {
        engine->counters.wall = at->wall;
    }
    if (at->steady > engine->counters.steady) {
        engine->counters.steady = at->steady;
    }
    engine->now = (struct instant){engine->counters.wall, engine->counters.steady};
    scratch_for(engine);
    sources_watch(engine);
    tallies_configure(engine, old);
    watches_configure(engine);
    schedules_configure(engine);
    sweep_begin(engine, old);
    return 0;
}

const struct rd_plan *engine_plan(const struct engine *engine)
{
    return engine->plan;
}

bool engine_may_configure(
        struct engine *engine, const struct rd_plan *plan, char ret_what[static 512])
{
    if (engine->plan == NULL) {
        return true;
    }
    for (size_t i = 0; i < engine->plan->unit_count; i++) {
        struct rd_str path = engine->plan->units[i].path;
        bool is_kept = false;
        for (size_t k = 0; k < plan->unit_count; k++) {
            is_kept = is_kept || rd_str_eq(plan->units[k].path, path);
        }
        uint32_t number = name_find(engine->view, path);
        uint64_t first = is_kept || number == 0 ? 0 : unit_case_after(engine->view, number, 0);
        if (first == 0) {
            continue;
        }
        size_t used = (size_t)snprintf(ret_what, 512,
                "unit %.*s goes away without moved_to, with open cases: %llu", RD_FMT(path),
                (unsigned long long)first);
        for (int more = 0; more < 20 && used < 480; more++) {
            first = unit_case_after(engine->view, number, first);
            if (first == 0) {
                break;
            }
            used += (size_t)snprintf(
                    ret_what + used, 512 - used, ", %llu", (unsigned long long)first);
        }
        return false;
    }
    return true;
}

/* ---- open and close ---- */

/* Counters, configuration, silences: from the tables. */
static int read_state(struct engine *engine, uint32_t *ret_number)
{
    bool is_old = meta_row_get(engine->view, &engine->counters);
    if (store_view_error(engine->view) != 0) {
        return -EBADMSG;
    }
    if (is_old && engine->counters.engine_number != ENGINE_NUMBER) {
        *ret_number = engine->counters.engine_number;
        return -EPROTO;
    }
    if (!is_old) {
        engine->counters = (struct counters){.engine_number = ENGINE_NUMBER,
                .term = 1,
                .wall = RD_TIME_MIN,
                .steady = RD_TIME_MIN,
                .rest_due = RD_TIME_NONE,
                .sweep_due = RD_TIME_NONE};
    }
    engine->may_be_ready = true;
    aside_load(engine);
    if (engine->counters.config != 0) {
        const struct rd_plan *plan = plan_of(engine, engine->counters.config);
        if (plan != engine->plan) {
            engine->plan = plan;
            scratch_for(engine);
        }
    }
    engine->alerts_gone = alert_rows_gone(engine->view);
    silences_load(engine);
    return 0;
}

int engine_open(struct store_view *view, struct engine **ret_engine, uint32_t *ret_number)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) {
        rd_oom();
    }
    engine->view = view;
    engine->names = names_new();
    engine->pending = counters_new();
    rd_arena_init(&engine->arena, RECORD_BYTES_MAX);
    rd_buf_init(&engine->custom.bytes, RECORD_BYTES_MAX);
    engine->custom.tree = rd_tree_new();
    engine->approval_tree = rd_tree_new();
    int r = read_state(engine, ret_number);
    if (r < 0) {
        engine_close(engine);
        return r;
    }
    *ret_engine = engine;
    return 0;
}

int engine_refresh(struct engine *engine)
{
    uint32_t number;
    engine->work_count = 0;
    engine->alert_count = 0;
    memset(engine->hints, 0, sizeof engine->hints);
    engine->has_forgotten_all = false;
    engine->expired = (struct row_key){0};
    names_forget(engine);
    counters_forget(engine);
    return read_state(engine, &number);
}

void engine_close(struct engine *engine)
{
    if (engine == NULL) {
        return;
    }
    silences_close(engine);
    rd_terms_scratch_free(engine->terms_scratch);
    names_free(engine->names);
    counters_free(engine->pending);
    for (size_t i = 0; i < engine->plan_count; i++) {
        rd_plan_free(engine->plans[i].plan);
    }
    rd_arena_done(&engine->arena);
    rd_buf_done(&engine->custom.bytes);
    rd_tree_free(engine->custom.tree);
    rd_tree_free(engine->approval_tree);
    free(engine);
}

/* ---- what is to be seen ---- */

const struct rd_alert *engine_alerts(const struct engine *engine, size_t *ret_count)
{
    *ret_count = engine->alert_count;
    return engine->alerts;
}

void engine_note_position(struct engine *engine, uint64_t record)
{
    RD_ASSERT(record >= engine->counters.position);
    engine->counters.position = record;
    counters_flush(engine);
    meta_row_put(engine->view, &engine->counters);
}

uint64_t engine_position(struct engine *engine)
{
    return engine->counters.position;
}

struct engine_counts engine_counts(const struct engine *engine)
{
    const struct counters *counters = &engine->counters;
    return (struct engine_counts){.event_seq = counters->event_seq,
            .alert_seq = counters->alert_seq,
            .case_number = counters->case_number,
            .open_cases = counters->open_cases,
            .armed_timers = counters->armed_timers,
            .term = counters->term,
            .wall = counters->wall,
            .steady = counters->steady};
}
