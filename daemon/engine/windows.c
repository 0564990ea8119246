#include "common/digest.h"
#include "common/fold.h"
#include "daemon/engine/internal.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/window_row.h"

enum { WINDOW_COUNT_MAX = 1000, LATE_DAYS = 30 };

/* "+86 138-0013-8000" and "0086 13800138000" are one phone: digits only, the prefix dropped. */
static struct rd_str plain_phone(struct engine *engine, struct rd_str phone)
{
    char *digits = rd_arena_alloc(&engine->arena, phone.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < phone.len; i++) {
        if (phone.ptr[i] >= '0' && phone.ptr[i] <= '9') {
            digits[len++] = phone.ptr[i];
        }
    }
    struct rd_str plain = {digits, len};
    if (rd_str_starts(plain, RD_STR("0086"))) {
        plain = (struct rd_str){digits + 4, len - 4};
    } else if (phone.len > 0 && phone.ptr[0] == '+' && rd_str_starts(plain, RD_STR("86"))) {
        plain = (struct rd_str){digits + 2, len - 2};
    }
    return plain.len > 0 ? plain : phone;
}

static bool is_ignored(struct engine *engine, struct rd_str attribute, struct rd_str value)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    for (size_t i = 0; i < plan->ignore_count; i++) {
        if (!rd_str_eq(plan->ignore[i].attribute, attribute)) {
            continue;
        }
        for (size_t k = 0; k < plan->ignore[i].values.count; k++) {
            struct rd_str ignored = plan->ignore[i].values.at[k];
            if (rd_str_eq(ignored, value) ||
                    (rd_str_is(attribute, "phone") &&
                            rd_str_eq(plain_phone(engine, ignored), value))) {
                return true;
            }
        }
    }
    return false;
}

/* An attribute as a window sees it: text; empty where it counts nowhere. */
static struct rd_str window_value(
        struct engine *engine, const struct attribute_view *view, uint32_t unit, struct rd_str name)
{
    struct rd_value value = attribute_lookup(view, name);
    struct rd_str text = {0};
    if (rd_str_is(name, "unit")) {
        text = rd_arena_dup(&engine->arena, name_text(engine->view, unit));
    } else if (value.type == RD_VALUE_STR && rd_str_is(name, "text")) {
        text = rd_fold_no_digits(value.bytes, &engine->arena);
    } else if (value.type == RD_VALUE_STR && rd_str_is(name, "phone")) {
        text = plain_phone(engine, value.bytes);
    } else if (value.type == RD_VALUE_STR) {
        text = value.bytes;
    } else if (value.type == RD_VALUE_UINT || value.type == RD_VALUE_INT ||
               value.type == RD_VALUE_BOOL) {
        text = rd_arena_printf(&engine->arena, "%lld", (long long)value.integer);
    }
    return is_ignored(engine, name, text) ? (struct rd_str){0} : text;
}

static unsigned type_bit(enum rd_event_type type)
{
    return type == RD_EVENT_CONTACT_RECEIVED       ? 1U
           : type == RD_EVENT_COMPLAINT_REGISTERED ? 2U
           : type == RD_EVENT_FORWARDED            ? 4U
                                                   : 0U;
}

struct member {
    struct window_member row;
    struct rd_str shown; /* the key's first value, for a person */
};

/* False: the event has no such key, or one that counts nowhere. */
static bool member_of(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        const struct rd_plan_window *window, struct member *ret)
{
    struct rd_str *parts = RD_ARENA_ARRAY(&engine->arena, struct rd_str, window->keys.count);
    for (size_t i = 0; i < window->keys.count; i++) {
        parts[i] = window_value(engine, view, unit, window->keys.at[i]);
        if (parts[i].len == 0) {
            return false;
        }
    }
    *ret = (struct member){.shown = parts[0]};
    ret->row = (struct window_member){
            .window = window->digest, .time = engine->own.wall, .seq = engine->seq};
    rd_digest(parts, window->keys.count, ret->row.key);
    if (window->distinct.len > 0) {
        struct rd_str value = window_value(engine, view, unit, window->distinct);
        if (value.len == 0) {
            return false;
        }
        ret->row.has_distinct = true;
        rd_digest1(value, ret->row.distinct);
    }
    return true;
}

static void tell_pattern(
        struct engine *engine, const struct rd_plan_window *window, uint32_t unit, uint32_t count)
{
    const struct rd_target *target = &window->pattern.notify;
    uint32_t to = unit;
    if (target->kind == RD_TARGET_NAMED) {
        to = unit_number(engine, target->unit);
    } else if (target->kind != RD_TARGET_UNIT && target->kind != RD_TARGET_FIRST) {
        to = unit_above(engine, unit, target->kind == RD_TARGET_PARENT ? 1 : target->steps);
    }
    if (to == 0) {
        to = unit;
    }
    struct alert_draft draft =
            alert_draft_of(RD_ALERT_PATTERN_DETECTED, window->pattern.severity, to);
    draft.count = count;
    draft.days = window->days;
    draft.title = window->pattern.title;
    draft.extra = (struct rd_reason){.code = window->code,
            .points = window->points,
            .detail = rd_arena_printf(&engine->arena, "%u", (unsigned)count)};
    (void)alert_send(engine, NULL, &draft);
}

/* Counts this event in, gives points from `count` on, publishes a pattern once until the count
 * before an event of that key is below again. */
static void count_one(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        const struct rd_plan_window *window, uint8_t place, struct points *points)
{
    struct member member;
    if (!member_of(engine, view, unit, window, &member)) {
        return;
    }
    rd_time from = engine->own.wall - (int64_t)window->days * RD_DAY_US;
    bool has_own;
    uint32_t before = window_count(engine->view, &member.row, from, WINDOW_COUNT_MAX, &has_own);
    uint32_t count = before + (has_own ? 0 : 1);
    struct row_key key = {0};
    window_member_put(engine->view, &member.row, &key);
    rd_time kept = engine->own.wall > engine->now.wall ? engine->own.wall : engine->now.wall;
    expiry_put(engine->view, (int32_t)(kept / RD_DAY_US) + (int32_t)window->days + LATE_DAYS,
            engine->seq, place, STORE_WINDOWS, row_key_str(&key));
    if (count >= window->count) {
        points_add(engine, points, window->code, window->points,
                rd_arena_printf(
                        &engine->arena, "%u in %u days", (unsigned)count, (unsigned)window->days),
                &window->actions);
    }
    if (!window->pattern.is_set) {
        return;
    }
    bool is_latched = latch_is_set(engine->view, window->digest, member.row.key);
    if (is_latched && before < window->count) {
        latch_set(engine->view, window->digest, member.row.key, false);
        is_latched = false;
    }
    if (!is_latched && count >= window->count) {
        latch_set(engine->view, window->digest, member.row.key, true);
        tell_pattern(engine, window, unit, count);
    }
}

void windows_count(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        struct points *points)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    RD_ASSERT(plan->window_count < 200);
    for (size_t i = 0; i < plan->window_count; i++) {
        const struct rd_plan_window *window = &plan->windows[i];
        if ((window->types & type_bit(engine->event->type)) != 0) {
            count_one(engine, view, unit, window, (uint8_t)(i + 1), points);
        }
    }
}
