#include "daemon/engine/codes.h"

#include <stdio.h>

#include "common/base/nearest.h"
#include "common/text/mask.h"
#include "common/wire/event_table.h"
#include "daemon/store/rows/unknown_row.h"

static bool refuse(struct rd_reject *reject, const struct rd_plan_codes *codes, struct rd_str value)
{
    const char *attribute = rd_event_key_name(codes->key);
    struct rd_nearest nearest = rd_nearest_of(value);
    char field[32];
    (void)snprintf(field, sizeof field, "data.%s", attribute);
    for (size_t i = 0; i < codes->count; i++) {
        rd_nearest_try(&nearest, codes->at[i].code);
        rd_nearest_try(&nearest, codes->at[i].name);
    }
    bool is_close = rd_nearest_is_close(&nearest);
    return rd_reject_set(reject, "bad_value", field,
            "the configuration has no such %s among its codes, and takes no other%s%.*s%s",
            attribute, is_close ? "; did you mean " : "", is_close ? (int)nearest.best.len : 0,
            is_close ? nearest.best.ptr : "", is_close ? "?" : "");
}

/* Counts one more event with a value that the configuration has no code for. */
static void count_unknown(struct engine *engine, enum rd_event_key key, struct rd_str value)
{
    const struct rd_hidden held = rd_hidden_of(RD_HIDE_VALUES, engine->event->data);
    struct rd_str attribute = rd_str_of(rd_event_key_name(key)), none = {0};
    struct unknown_row row = {0}, all = {0};
    (void)unknown_row_get(engine->view, attribute, none, &all);
    if (!unknown_row_get(engine->view, attribute, value, &row)) {
        bool is_full = all.count == UNKNOWN_VALUES_MAX ||
                       rd_mask_held(value, &held) != 0; /* it is told of no customer */
        all.count += is_full ? 0 : 1;
        all.seq += is_full ? 1 : 0;
        unknown_row_put(engine->view, attribute, none, &all);
        if (is_full) {
            return;
        }
        row.first = engine->own.wall;
    }
    row.count++;
    row.last = engine->own.wall;
    row.seq = engine->seq;
    unknown_row_put(engine->view, attribute, value, &row);
}

bool codes_take(struct engine *engine, struct rd_reject *reject)
{
    const struct rd_plan *plan = engine->plan;
    struct rd_event *coded = NULL;
    for (size_t i = 0; i < plan->codes_count; i++) {
        const struct rd_plan_codes *codes = &plan->codes[i];
        const struct rd_value *value = &engine->event->data[codes->key];
        if (value->type != RD_VALUE_STR || codes->key == RD_KEY_OUTCOME) {
            continue; /* an outcome is of the daemon's own list */
        }
        const struct rd_plan_code *code = rd_plan_code_find(codes, value->bytes, &engine->arena);
        if (code == NULL && codes->rejects) {
            return refuse(reject, codes, value->bytes);
        }
        if (code == NULL) {
            count_unknown(engine, codes->key, value->bytes);
        } else if (!rd_str_eq(code->code, value->bytes)) {
            if (coded == NULL) {
                coded = RD_ARENA_ARRAY(&engine->arena, struct rd_event, 1);
                *coded = *engine->event;
                engine->event = coded;
            }
            coded->data[codes->key].bytes = code->code;
        }
    }
    return true;
}
