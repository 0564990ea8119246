#include "daemon/engine/record.h"

#include "common/base/digest.h"
#include "common/text/match.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"

static rd_time later(rd_time a, rd_time b)
{
    return a > b ? a : b;
}

void record_count_anew(struct engine *engine)
{
    engine->silence_budget = RD_MATCH_BUDGET_OF_ALL;
}

void record_begin(struct engine *engine, const struct engine_time *at)
{
    rd_arena_reset(&engine->arena);
    engine->at = *at;
    engine->now = (struct instant){.wall = later(at->wall, engine->counters.wall),
            .steady = later(at->steady, engine->counters.steady)};
    engine->event = NULL;
    engine->sender = NULL;
    engine->own = engine->now;
    engine->seq = 0;
    engine->has_customer = engine->has_contacts = false;
    engine->is_quiet = false;
    engine->cause = NULL;
    engine->cause_name = (struct rd_str){0};
    engine->cause_due = RD_TIME_NONE;
    engine->comes_on = NULL;
    engine->event_is_cause = false;
    engine->alerts = NULL;
    engine->alert_count = engine->alert_room = 0;
    engine->work_count = 0;
    engine->has_hidden_names = false;
    record_count_anew(engine);
}

struct rd_str event_str(const struct engine *engine, enum rd_event_key key)
{
    const struct rd_value *value = &engine->event->data[key];
    return value->type == RD_VALUE_STR ? value->bytes : (struct rd_str){0};
}

const uint8_t *customer_digest(struct engine *engine)
{
    if (!engine->has_customer) {
        rd_digest1(event_str(engine, RD_KEY_CUSTOMER), engine->customer);
        engine->has_customer = true;
    }
    return engine->customer;
}

bool event_flag(const struct engine *engine, enum rd_event_key key)
{
    const struct rd_value *value = &engine->event->data[key];
    return value->type == RD_VALUE_BOOL && value->integer != 0;
}
