#include "daemon/engine/cases.h"

#include "common/text/mask.h"
#include "common/wire/event_table.h"
#include "daemon/engine/duties.h"
#include "daemon/engine/names.h"
#include "daemon/engine/plans.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/counted_row.h"
#include "daemon/store/rows/history_row.h"

static struct work *work_add(struct engine *engine, struct case_row *row)
{
    RD_ASSERT(engine->work_count < WORKS_MAX);
    struct work *work = RD_ARENA_ARRAY(&engine->arena, struct work, 1);
    work->row = row;
    work->plan = row->config != 0 ? plan_of(engine, row->config) : engine->plan;
    engine->works[engine->work_count++] = work;
    return work;
}

struct work *case_open(struct engine *engine, uint64_t number)
{
    for (size_t i = 0; i < engine->work_count; i++) {
        if (engine->works[i]->row->number == number) {
            return engine->works[i];
        }
    }
    struct case_row *row;
    if (number == 0 || !case_row_get(engine->view, number, &engine->arena, &row)) {
        return NULL;
    }
    return work_add(engine, row);
}

struct work *case_create(struct engine *engine, enum case_kind kind)
{
    struct case_row *row = case_row_new(&engine->arena);
    row->number = ++engine->counters.case_number;
    row->kind = kind;
    row->closed = row->recontacted = row->begun_again = RD_TIME_NONE;
    for (size_t i = 0; i < RD_MOMENT_COUNT; i++) {
        row->moments[i] = INSTANT_NONE;
    }
    row->ladder.armed_wall = row->ladder.armed_steady = RD_TIME_NONE;
    struct work *work = work_add(engine, row);
    work->attributes = RD_ARENA_ARRAY(&engine->arena, struct attribute_row, 1);
    work->attributes->contacted = RD_TIME_NONE;
    work->figures = counted_row_new(&engine->arena); /* it has counted for nothing yet */
    work->is_dirty = work->are_attributes_dirty = true;
    engine->counters.open_cases++;
    return work;
}

struct attribute_row *case_attributes(struct engine *engine, struct work *work)
{
    if (work->attributes == NULL) {
        work->attributes = rd_arena_alloc(&engine->arena, sizeof *work->attributes);
        if (!attribute_row_get(engine->view, work->row->number, &engine->arena, work->attributes)) {
            RD_ASSERT(store_view_error(engine->view) != 0);
            *work->attributes = (struct attribute_row){0};
        }
    }
    return work->attributes;
}

void cases_save(struct engine *engine)
{
    for (size_t i = 0; i < engine->work_count; i++) {
        struct work *work = engine->works[i];
        if (work->is_dirty) {
            case_row_put(engine->view, work->row);
        }
        if (work->are_attributes_dirty) {
            attribute_row_put(engine->view, work->row->number, work->attributes);
        }
        if (work->row->kind == CASE_DUTY && (work->is_dirty || work->are_attributes_dirty)) {
            duty_save(engine, work->row, case_attributes(engine, work));
        }
    }
    engine->work_count = 0;
}

struct rd_str case_subject_told(struct engine *engine, struct work *work)
{
    const struct attribute_row *attributes = case_attributes(engine, work);
    const struct rd_hidden held = rd_hidden_of(RD_HIDE_VALUES, attributes->values);
    return rd_mask_code(attributes->subject, &held, &engine->arena);
}

void case_history(struct engine *engine, struct work *work, const struct history_row *row)
{
    struct history_row numbered = *row;
    numbered.before = work->row->history;
    work->row->history = ++engine->counters.history;
    history_row_put(engine->view, work->row->history, &numbered);
    work->is_dirty = true;
}

/* Keeps what a person will want to read again of the event: who acted, and in which words. */
void case_history_event(struct engine *engine, struct work *work, enum history_what what)
{
    const struct rd_event *event = engine->event;
    bool opens = what == HISTORY_RECONTACT || event->type == RD_EVENT_CONTACT_RECEIVED ||
                 event->type == RD_EVENT_COMPLAINT_REGISTERED;
    case_history(engine, work,
            &(struct history_row){.what = what,
                    .code = (uint32_t)event->type,
                    .time = engine->own.wall,
                    .taken = engine->now.wall,
                    .seq = engine->seq,
                    .by = event_str(engine, RD_KEY_BY),
                    .sender = engine->sender->name,
                    .note = opens ? event->subject : rd_event_note(event)});
}

void case_history_scheduled(struct engine *engine, struct work *work)
{
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_SCHEDULED,
                    .time = engine->own.wall,
                    .taken = engine->now.wall,
                    .note = case_attributes(engine, work)->values[RD_KEY_PERIOD].bytes});
}

void case_history_moved(struct engine *engine, struct work *work, uint32_t before, rd_time time)
{
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_MOVED,
                    .time = time,
                    .taken = engine->now.wall,
                    .by = name_shown(engine, before)});
}

bool case_is_over(const struct work *work)
{
    return work->row->state == CASE_CLOSED || work->row->state == CASE_GROWN;
}

bool case_rung_is_answered(const struct work *work, uint8_t rung)
{
    const struct case_ladder *ladder = &work->row->ladder;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        if (ladder->calls[i].rung == rung && ladder->calls[i].is_acked) {
            return true;
        }
    }
    return false;
}

const struct rd_plan_policy *case_policy(const struct work *work)
{
    RD_ASSERT(work->row->policy < work->plan->policy_count);
    return &work->plan->policies[work->row->policy];
}
