/* common/plan/plan_names.c — words of the language: what happens to a case, what a case is known
 * by. */
#include <errno.h>

#include "common/plan/waits_for.h"
#include "common/wire/event_table.h"

static const char *const MOMENTS[RD_MOMENT_COUNT] = {
#define X(suffix, name, zh) [RD_MOMENT_##suffix] = (name),
        RD_MOMENTS(X)
#undef X
};

static const char *const IN_CHINESE[RD_MOMENT_COUNT] = {
#define X(suffix, name, zh) [RD_MOMENT_##suffix] = (zh),
        RD_MOMENTS(X)
#undef X
};

const char *rd_moment_name(enum rd_moment moment)
{
    RD_ASSERT(moment < RD_MOMENT_COUNT);
    return MOMENTS[moment];
}

const char *rd_moment_words(enum rd_moment moment, bool is_zh)
{
    RD_ASSERT(moment < RD_MOMENT_COUNT);
    return is_zh ? IN_CHINESE[moment] : MOMENTS[moment];
}

struct rd_str rd_plan_waits_for(const struct rd_plan_clock *clock, struct rd_arena *arena)
{
    bool has_begun = (clock->starts & 1U << RD_MOMENT_RECEIVED) != 0; /* every case was received */
    if (clock->start_attribute.len > 0) {
        return clock->start_attribute;
    }
    if (clock->due_attribute.len > 0 && has_begun) {
        return clock->due_attribute;
    }
    struct rd_str text = {0};
    for (int i = 0; i < RD_MOMENT_COUNT; i++) {
        if ((clock->starts & 1U << i) != 0) {
            text = text.len == 0 ? rd_str_of(MOMENTS[i])
                                 : rd_arena_printf(arena, "%.*s or %s", RD_FMT(text), MOMENTS[i]);
        }
    }
    return text.len > 0 ? text : rd_str_of(rd_moment_name(clock->start));
}

int rd_moment_parse(struct rd_str text, enum rd_moment *ret_moment)
{
    for (int i = 0; i < RD_MOMENT_COUNT; i++) {
        if (rd_str_is(text, MOMENTS[i])) {
            *ret_moment = (enum rd_moment)i;
            return 0;
        }
    }
    return -EINVAL;
}

static const char *const DERIVED[RD_DERIVED_COUNT] = {
#define X(suffix, name) [RD_DERIVED_##suffix] = (name),
        RD_DERIVED(X)
#undef X
};

const char *rd_derived_name(enum rd_derived derived)
{
    RD_ASSERT((size_t)derived < RD_COUNT(DERIVED));
    return DERIVED[derived];
}

int rd_derived_parse(struct rd_str text, enum rd_derived *ret_derived)
{
    for (int i = 0; i < RD_DERIVED_COUNT; i++) {
        if (rd_str_is(text, DERIVED[i])) {
            *ret_derived = (enum rd_derived)i;
            return 0;
        }
    }
    return -EINVAL;
}

/* The map `attributes` is named by what is in it. */
static rd_key_set named_keys(void)
{
    return rd_keys_attributes() & ~RD_KEY_BIT(RD_KEY_ATTRIBUTES);
}

struct rd_str rd_plan_attribute_at(size_t index)
{
    rd_key_set keys = named_keys();
    enum rd_event_key key;
    size_t at = 0;
    for (; rd_key_next(&keys, &key); at++) {
        if (at == index) {
            return rd_str_of(rd_event_key_name(key));
        }
    }
    return index - at < RD_DERIVED_COUNT ? rd_str_of(DERIVED[index - at]) : (struct rd_str){0};
}

bool rd_plan_is_attribute(struct rd_str name)
{
    static const struct rd_str OWN = {"attributes.", 11};
    enum rd_event_key key;
    enum rd_derived derived;
    if (rd_str_starts(name, OWN)) {
        return name.len > OWN.len && name.len <= OWN.len + 128;
    }
    return (rd_event_key_parse(name, &key) == 0 && rd_key_in(named_keys(), key)) ||
           rd_derived_parse(name, &derived) == 0;
}
