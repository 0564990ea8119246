/* What route has found: text for people, or one JSON document. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/plan/waits_for.h"
#include "tools/ctl/route.h"
#include "tools/shared/grid.h"
#include "tools/shared/json.h"
#include "tools/shared/words.h"

/* Of two words, or formats, that in the language asked for. */
#define IN(route, en, zh) ((route)->is_zh ? zh : en)

/* A code of the answers of a daemon, as word_put() tells it in Chinese. */
static struct rd_str word(struct route *route, const char *key, struct rd_str code)
{
    enum { WORD_BYTES_MAX = 4096 };
    const struct word_place place = {.key = rd_str_of(key)};
    struct rd_buf buf;
    if (!route->is_zh) {
        return code;
    }
    rd_buf_init(&buf, WORD_BYTES_MAX);
    word_put(&buf, &place, code);
    struct rd_str text = rd_arena_dup(&route->arena, rd_buf_str(&buf));
    rd_buf_done(&buf);
    return text;
}

static struct rd_str time_text(struct route *route, rd_time time)
{
    char text[RD_TIME_TEXT_MAX];
    if (time == RD_TIME_NONE) {
        return RD_STR("");
    }
    rd_time_format_at(time, rd_calendar_offset_s(route->calendar, time), text);
    return rd_arena_dup(&route->arena, rd_str_of(text));
}

/* The end of a day is no beginning of the next: 24:00. */
static struct rd_str due_time(struct route *route, rd_time time)
{
    rd_day day = rd_calendar_day(route->calendar, time - 1);
    char text[RD_DATE_TEXT_MAX];
    if (time == RD_TIME_NONE || rd_calendar_instant(route->calendar, day, 24 * 60) != time) {
        return time_text(route, time);
    }
    rd_day_format(day, text);
    return rd_arena_printf(&route->arena, "%s 24:00", text);
}

static const struct rd_plan_policy *policy_of(const struct route *route)
{
    return &route->config->plan->policies[route->row->policy];
}

/* What the clock waits for, or when it is due. */
static struct rd_str due_text(
        struct route *route, const struct rd_plan_clock *clock, const struct case_clock *state)
{
    if (state->state == CLOCK_WAITING) {
        struct rd_str what = rd_plan_waits_for(clock, &route->arena);
        bool is_due_by = rd_str_eq(what, clock->due_attribute);
        return rd_arena_printf(&route->arena, "%s%.*s",
                is_due_by ? IN(route, "waits for ", "待定：") : IN(route, "begins at ", "起算于："),
                RD_FMT(word(route, "starts_on", what)));
    }
    return time_text(route, state->due);
}

/* In Chinese there are those alone that have a word. */
static void put_heads(
        const struct route *route, struct grid *grid, const char *const (*heads)[2], size_t count)
{
    grid_init(grid);
    for (size_t i = 0; i < count; i++) {
        const char *head = heads[i][route->is_zh ? 1 : 0];
        bool is_number = strcmp(heads[i][0], "rung") == 0;
        if (head != NULL) {
            (void)grid_column(grid, rd_str_of(head), is_number);
        }
    }
}

static void print_clocks(struct route *route)
{
    const struct rd_plan_policy *policy = policy_of(route);
    static const char *const HEADS[][2] = {{"clock", "时限"}, {"due", "到期时间"},
            {"class", "性质"}, {"stops at", "停止条件"}, {"name", NULL}, {"source", "依据"}};
    struct grid grid;
    put_heads(route, &grid, HEADS, RD_COUNT(HEADS));
    for (size_t i = 0; i < route->row->clock_count; i++) {
        const struct case_clock *state = &route->row->clocks[i];
        const struct rd_plan_clock *clock = &policy->clocks[state->definition];
        if (state->state != CLOCK_UNUSED) {
            grid_add(&grid, IN(route, clock->name, clock->shown));
            grid_add(&grid, state->state == CLOCK_WAITING ? due_text(route, clock, state)
                                                          : due_time(route, state->due));
            struct rd_str class = rd_str_of(clock->is_statutory ? "statutory" : "service");
            grid_add(&grid, word(route, "class", class));
            grid_add_cstr(&grid, rd_moment_words(clock->stop, route->is_zh));
            if (!route->is_zh) {
                grid_add(&grid, clock->shown);
            }
            grid_add(&grid, clock->source);
        }
    }
    grid_print_text(&grid, stdout, style_of(stdout));
    grid_done(&grid);
}

static void print_told(struct route *route)
{
    static const char *const HEADS[][2] = {{"when", "时间"}, {"who", "机构"}, {"severity", "级别"},
            {"rung", "升级级数"}, {"what", "内容"}};
    struct grid grid;
    put_heads(route, &grid, HEADS, RD_COUNT(HEADS));
    for (size_t i = 0; i < route->told_count; i++) {
        const struct route_told *told = &route->told[i];
        char rung[16] = "";
        if (told->rung > 0) {
            (void)snprintf(rung, sizeof rung, "%" PRIu32, told->rung);
        }
        grid_add(&grid, time_text(route, told->time));
        grid_add(&grid, told->unit_name.len > 0 ? told->unit_name : told->unit);
        grid_add(&grid, word(route, "severity", rd_str_of(told->severity)));
        grid_add_cstr(&grid, rung);
        grid_add(&grid, told->title);
    }
    grid_print_text(&grid, stdout, style_of(stdout));
    grid_done(&grid);
    if (route->more > 0) {
        (void)printf(IN(route, "and %" PRIu64 " more, the same breaches told again, until %.*s\n",
                             "另有%" PRIu64 "条为同一逾期的再次提醒，至 %.*s\n"),
                route->more, RD_FMT(time_text(route, route->until)));
    }
}

static void print_early(struct route *route, struct rd_str unit_name)
{
    uint32_t rung = 0; /* each once; they come in the order of time */
    for (size_t i = 0; i < route->told_count; i++) {
        const struct route_told *told = &route->told[i];
        if (told->is_early && told->rung != rung) {
            rung = told->rung;
            (void)printf(
                    IN(route,
                            "note: rung %" PRIu32 " comes at %.*s, before %.*s hears of the "
                            "case at %.*s: hold: opening on the rung has it wait\n",
                            "注意：第%" PRIu32 "级于 %.*s 发出，而%.*s至 %.*s 方获知；该级写明 "
                            "hold: opening 即等到上班再发\n"),
                    rung, RD_FMT(time_text(route, told->time)), RD_FMT(unit_name),
                    RD_FMT(time_text(route, route->heard)));
        }
    }
}

void route_print(struct route *route)
{
    if (route->warning != NULL) {
        struct rd_str level = rd_str_of(rd_level_name(route->warning->level));
        (void)printf(IN(route, "level   %.*s, score %d\n", "风险等级  %.*s，分值 %d\n"),
                RD_FMT(word(route, "level", level)), (int)route->warning->score);
        for (size_t i = 0; i < route->warning->reason_count; i++) {
            const struct rd_reason *reason = &route->warning->reasons[i];
            bool has_name = route->is_zh && reason->name.len > 0;
            struct rd_str name = has_name ? reason->name : reason->code;
            (void)printf("%s%.*s %d\n", IN(route, "        ", "          "), RD_FMT(name),
                    (int)reason->points);
        }
    }
    if (route->row == NULL) {
        (void)puts(IN(route, "case    none: a contact of this level only counts",
                "案件      不立案：此等级的来电来访只计数"));
        return;
    }
    const struct rd_plan *plan = route->config->plan;
    const struct rd_plan_unit *unit =
            &plan->units[rd_plan_unit_find(plan, route->event.data[RD_KEY_UNIT].bytes)];
    const struct rd_plan_policy *policy = policy_of(route);
    (void)printf("%s%.*s  %.*s\n", IN(route, "unit    ", "机构      "), RD_FMT(unit->path),
            RD_FMT(unit->name));
    bool is_one = route->is_zh || rd_str_eq(policy->name, policy->shown);
    (void)printf("%s%.*s%s%.*s\n\n", IN(route, "policy  ", "适用规则  "),
            RD_FMT(IN(route, policy->name, policy->shown)), is_one ? "" : "  ",
            is_one ? 0 : (int)policy->shown.len, policy->shown.ptr);
    print_clocks(route);
    (void)printf("\n%s\n", IN(route, "while nobody acts:", "如无人处理："));
    print_told(route);
    print_early(route, unit->name);
}

static void put(json_t *map, const char *key, struct rd_str text)
{
    if (text.len > 0) {
        (void)json_object_set_new(map, key, json_text(text));
    }
}

static json_t *clocks_json(struct route *route)
{
    json_t *list = json_array();
    for (size_t i = 0; i < route->row->clock_count; i++) {
        const struct case_clock *state = &route->row->clocks[i];
        const struct rd_plan_clock *clock = &policy_of(route)->clocks[state->definition];
        if (state->state == CLOCK_UNUSED) {
            continue;
        }
        json_t *row = json_object();
        put(row, "clock", clock->name);
        put(row, "clock_name", clock->shown);
        put(row, "class", rd_str_of(clock->is_statutory ? "statutory" : "service"));
        put(row, "stop", rd_str_of(rd_moment_name(clock->stop)));
        put(row, "source", clock->source);
        put(row, state->state == CLOCK_WAITING ? "waits" : "due", due_text(route, clock, state));
        (void)json_array_append_new(list, row);
    }
    return list;
}

static json_t *told_json(struct route *route)
{
    json_t *list = json_array();
    for (size_t i = 0; i < route->told_count; i++) {
        const struct route_told *told = &route->told[i];
        json_t *row = json_object();
        put(row, "time", time_text(route, told->time));
        put(row, "unit", told->unit);
        put(row, "unit_name", told->unit_name);
        put(row, "type", rd_str_of(told->type));
        put(row, "severity", rd_str_of(told->severity));
        if (told->rung > 0) {
            (void)json_object_set_new(row, "rung", json_integer(told->rung));
        }
        if (told->is_early) {
            (void)json_object_set_new(row, "early", json_true());
        }
        put(row, "clock", told->clock);
        put(row, "ack_by", time_text(route, told->ack_by));
        put(row, "title", told->title);
        (void)json_array_append_new(list, row);
    }
    return list;
}

void route_print_json(struct route *route)
{
    RD_CLEANUP(json_freep)
    json_t *map = json_object();
    if (route->warning != NULL) {
        put(map, "level", rd_str_of(rd_level_name(route->warning->level)));
        (void)json_object_set_new(map, "score", json_integer(route->warning->score));
    }
    if (route->row != NULL) {
        put(map, "policy", policy_of(route)->name);
        put(map, "unit", route->event.data[RD_KEY_UNIT].bytes);
        (void)json_object_set_new(map, "clocks", clocks_json(route));
        (void)json_object_set_new(map, "told", told_json(route));
        (void)json_object_set_new(map, "more", json_integer((json_int_t)route->more));
    }
    char *text = json_dumps(map, JSON_COMPACT);
    (void)puts(text != NULL ? text : "null");
    free(text);
}
