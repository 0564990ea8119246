#include "daemon/engine/windows.h"

#include "common/base/digest.h"
#include "common/text/fold.h"
#include "common/text/mask.h"
#include "common/wire/event_table.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/members.h"
#include "daemon/engine/names.h"
#include "daemon/engine/points.h"
#include "daemon/engine/state.h"
#include "daemon/engine/title_words.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/window_row.h"

/* Counting goes on to the window's count, and to COUNT_SHOWN for the person who reads it. A member
 * is kept LATE_DAYS longer than the window, for events that come late. */
enum { COUNT_SHOWN = 32, LATE_DAYS = 30, PLACE_PATTERN = 100, WINDOWS_MAX = 64 };

bool windows_ignore(struct engine *engine, struct rd_str attribute, struct rd_str value)
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
                            rd_str_eq(rd_fold_phone(ignored, &engine->arena), value))) {
                return true;
            }
        }
    }
    return false;
}

/* As members' keys hold it. */
static struct rd_str plain_text(struct engine *engine, struct rd_str name, struct rd_str text)
{
    return rd_str_is(name, "text")    ? rd_fold_no_digits(text, &engine->arena)
           : rd_str_is(name, "phone") ? rd_fold_phone(text, &engine->arena)
                                      : text;
}

/* An attribute as a window sees it: text; empty where it counts nowhere. */
static struct rd_str window_value(
        struct engine *engine, const struct attribute_view *view, uint32_t unit, struct rd_str name)
{
    struct rd_value value = attribute_lookup(view, name);
    struct rd_str text = {0};
    if (rd_str_is(name, "unit")) {
        text = name_shown(engine, unit);
    } else if (value.type == RD_VALUE_STR) {
        text = plain_text(engine, name, value.bytes);
    } else if (value.type == RD_VALUE_UINT || value.type == RD_VALUE_INT ||
               value.type == RD_VALUE_BOOL) {
        text = rd_arena_printf(&engine->arena, "%lld", (long long)value.integer);
    }
    return windows_ignore(engine, name, text) ? (struct rd_str){0} : text;
}

static unsigned type_bit(enum rd_event_type type)
{
    return type == RD_EVENT_CONTACT_RECEIVED       ? 1U
           : type == RD_EVENT_COMPLAINT_REGISTERED ? 2U
           : type == RD_EVENT_FORWARDED            ? 4U
                                                   : 0U;
}

/* False: the event has no such key, or one that counts nowhere. */
static bool member_of(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        const struct rd_plan_window *window, struct window_member *ret)
{
    struct rd_str *parts = RD_ARENA_ARRAY(&engine->arena, struct rd_str, window->keys.count);
    for (size_t i = 0; i < window->keys.count; i++) {
        parts[i] = window_value(engine, view, unit, window->keys.at[i]);
        if (parts[i].len == 0) {
            return false;
        }
    }
    *ret = (struct window_member){
            .window = window->digest, .time = engine->own.wall, .seq = engine->seq};
    rd_digest(parts, window->keys.count, ret->key);
    if (window->distinct.len > 0) {
        struct rd_str value = window_value(engine, view, unit, window->distinct);
        if (value.len == 0) {
            return false;
        }
        ret->has_distinct = true;
        rd_digest1(value, ret->distinct);
    }
    return true;
}

struct counted {
    uint32_t before, now;
    uint8_t place;
    struct rd_str key; /* for people, masked; of windows with a pattern */
};

/* What counts together, as people may read it: of a customer, a phone, a contract the end alone. */
static struct rd_str shown_key(struct engine *engine, const struct attribute_view *view,
        uint32_t unit, const struct rd_plan_window *window)
{
    const struct rd_hidden held = rd_hidden_of(RD_HIDE_VALUES, view->values);
    struct rd_str shown = {0};
    for (size_t i = 0; i < window->keys.count; i++) {
        struct rd_str name = window->keys.at[i], value = {0};
        enum rd_event_key key;
        bool is_text = rd_str_is(name, "text");
        if (!is_text) {
            value = window_value(engine, view, unit, name);
        }
        if (rd_event_key_parse(name, &key) == 0 && rd_key_in(rd_keys_personal(), key)) {
            value = rd_mask_customer(RD_MASK_LAST4, (struct rd_str){0}, value, &engine->arena);
        } else {
            value = rd_mask_code(value, &held, &engine->arena);
        }
        shown = rd_arena_printf(&engine->arena, "%.*s%s%.*s", RD_FMT(shown),
                shown.len > 0 && value.len > 0 ? " " : "", RD_FMT(value));
    }
    return shown;
}

/* One of the keys is what a sender says of the customer in words of its own. */
static bool is_key_said(const struct rd_plan_window *window)
{
    bool is_said = false;
    for (size_t i = 0; i < window->keys.count; i++) {
        is_said = is_said || rd_str_starts(window->keys.at[i], RD_STR("attributes."));
    }
    return is_said;
}

/* The alert's number; 0: none went out. */
static uint64_t tell_pattern(struct engine *engine, const struct rd_plan_window *window,
        uint32_t unit, const struct counted *counted)
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
    draft.count = counted->now;
    draft.days = window->days;
    draft.title = window->pattern.title;
    draft.key = counted->key;
    draft.is_key_said = is_key_said(window);
    draft.extra = (struct rd_reason){.code = window->code,
            .name = window->name,
            .points = window->points,
            .detail = rd_arena_printf(&engine->arena, "%u", (unsigned)counted->now)};
    return alert_send(engine, NULL, &draft);
}

/* Until the day that alerts go, its members can be found by the alert's number. */
static void keep_pattern(
        struct engine *engine, const struct window_member *member, uint64_t alert, uint8_t place)
{
    struct row_key key = {0};
    row_key_u64(&key, alert);
    pattern_put(engine->view, alert, member);
    expiry_put(engine->view,
            (int32_t)((engine->now.wall + engine->plan->alerts_keep_us) / RD_DAY_US) + 1,
            engine->seq, (uint8_t)(PLACE_PATTERN + place), STORE_PATTERNS, row_key_str(&key));
}

/* A window that is reached sends one alert a key; the next only after the count has been below
 * again. */
static void watch_pattern(struct engine *engine, const struct rd_plan_window *window,
        const struct window_member *member, uint32_t unit, const struct counted *counted)
{
    bool is_latched = latch_is_set(engine->view, window->digest, member->key);
    if (is_latched && counted->before < window->count) {
        latch_set(engine->view, window->digest, member->key, false);
        is_latched = false;
    }
    if (is_latched || counted->now < window->count) {
        return;
    }
    latch_set(engine->view, window->digest, member->key, true);
    uint64_t alert = tell_pattern(engine, window, unit, counted);
    if (alert != 0) {
        keep_pattern(engine, member, alert, counted->place);
    }
}

/* What became a member of a window; key.len 0: nothing did. */
struct put {
    struct row_key key;
    uint32_t days;
};

/* Counts this event and gives points once `count` is reached. */
static void count_one(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        size_t place, struct points *points, struct put *ret_put)
{
    const struct rd_plan_window *window = &engine->plan->assessment.windows[place];
    struct window_member member;
    if (!member_of(engine, view, unit, window, &member)) {
        return;
    }
    rd_time from = engine->own.wall - (int64_t)window->days * RD_DAY_US;
    uint32_t max = window->count > COUNT_SHOWN ? window->count : COUNT_SHOWN;
    bool has_own;
    struct counted counted = {.place = (uint8_t)place};
    counted.before = window_count(engine->view, &member, from, max, &has_own);
    counted.now = counted.before + (has_own || counted.before == max ? 0 : 1);
    window_member_put(engine->view, &member, &ret_put->key);
    ret_put->days = window->days;
    if (counted.now >= window->count) {
        points_name(points_add(engine, points, window->code, window->points,
                            title_counted(title_language_of(engine->plan->language), &engine->arena,
                                    counted.now, window->days, counted.now == max),
                            &window->actions),
                window->name);
    }
    if (window->pattern.is_set) {
        counted.key = shown_key(engine, view, unit, window);
        watch_pattern(engine, window, &member, unit, &counted);
    }
}

/* Those that go on the same day, in one row. */
static void expire_members(struct engine *engine, struct put *puts, size_t count)
{
    rd_time kept = engine->own.wall > engine->now.wall ? engine->own.wall : engine->now.wall;
    for (size_t i = 0; i < count; i++) {
        struct row_key keys[WINDOWS_MAX];
        size_t together = 0;
        bool is_first =
                puts[i].key.len > 0; /* otherwise an earlier row of the same day removed it */
        for (size_t k = i; k < count && is_first; k++) {
            if (puts[k].key.len > 0 && puts[k].days == puts[i].days) {
                keys[together++] = puts[k].key;
                puts[k].key.len = 0;
            }
        }
        if (together > 0) {
            expiry_put_members(engine->view,
                    (int32_t)(kept / RD_DAY_US) + (int32_t)puts[i].days + LATE_DAYS, engine->seq,
                    (uint8_t)(i + 1), keys, together);
        }
    }
}

void windows_count(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        struct points *points)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    RD_ASSERT(plan->window_count <= WINDOWS_MAX);
    struct put *puts = RD_ARENA_ARRAY(&engine->arena, struct put, plan->window_count + 1);
    for (size_t i = 0; i < plan->window_count; i++) {
        if ((plan->windows[i].types & type_bit(engine->event->type)) != 0) {
            count_one(engine, view, unit, i, points, &puts[i]);
        }
    }
    expire_members(engine, puts, plan->window_count);
}

bool engine_window_key(struct engine *engine, struct rd_str code, const struct rd_str *values,
        size_t count, struct engine_window *ret_window)
{
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    for (size_t i = 0; i < plan->window_count; i++) {
        const struct rd_plan_window *window = &plan->windows[i];
        if (!rd_str_eq(window->code, code) || window->keys.count != count) {
            continue;
        }
        struct rd_str *parts = RD_ARENA_ARRAY(&engine->arena, struct rd_str, count);
        for (size_t k = 0; k < count; k++) {
            parts[k] = plain_text(engine, window->keys.at[k], values[k]);
        }
        *ret_window = (struct engine_window){
                .window = window->digest, .days = window->days, .time = RD_TIME_NONE};
        rd_digest(parts, count, ret_window->key);
        return true;
    }
    return false;
}

bool engine_pattern(struct engine *engine, uint64_t alert, struct engine_window *ret_window)
{
    *ret_window = (struct engine_window){0};
    if (!pattern_get(
                engine->view, alert, &ret_window->window, ret_window->key, &ret_window->time)) {
        return false;
    }
    const struct rd_plan_assessment *plan = &engine->plan->assessment;
    for (size_t i = 0; i < plan->window_count; i++) {
        if (plan->windows[i].digest == ret_window->window) {
            ret_window->days = plan->windows[i].days;
        }
    }
    return true;
}
