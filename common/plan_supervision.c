/* common/plan_supervision.c — what units owe every day, and on a schedule. */
#include "common/plan_reader.h"

enum { UNITS_MAX = 20000, DUTIES_MAX = 256, TRANSFERS_MAX = 1000 };

/* The units of a list are paths here: patterns have been unfolded. A flag for each unit. */
static const bool *read_units(struct plan_reader *r, rd_node map, const char *key)
{
    bool *flags = RD_ARENA_ARRAY(r->arena, bool, r->plan->unit_count + 1);
    rd_node list = plan_array(r, map, key, UNITS_MAX);
    for (uint32_t i = 0; i < rd_node_count(list); i++) {
        struct rd_str name = rd_node_str(rd_node_at(list, i));
        int32_t unit = rd_plan_unit_find(r->plan, name);
        if (unit == RD_NO_INDEX) {
            size_t at = plan_enter_at(r, key, i);
            plan_fault(r, NULL, "\"%.*s\": no such unit", RD_FMT(name));
            plan_leave(r, at);
        } else {
            flags[unit] = true;
        }
    }
    return flags;
}

static struct rd_day_time read_day_time(struct plan_reader *r, rd_node map, const char *key)
{
    struct rd_day_time time = {0};
    struct rd_str text = plan_text(r, map, key);
    if (text.len > 0 && rd_day_time_parse(text, &time) < 0) {
        plan_fault(r, key, "\"%.*s\": not a time of the day", RD_FMT(text));
    }
    return time;
}

/* Where no case is spoken of, nobody was the first. */
static struct rd_target read_target_of_unit(struct plan_reader *r, rd_node map, const char *key)
{
    struct rd_target target = plan_target(r, map, key);
    if (target.kind == RD_TARGET_FIRST) {
        plan_fault(
                r, key, "first is of cases only; write parent, \"ancestor: 2\" or a unit's path");
    }
    return target;
}

static bool read_is_working(struct plan_reader *r, rd_node map)
{
    static const char *const words[] = {"elapsed", "working", NULL};
    return plan_word(r, map, "time", words) == 1;
}

static void read_report(struct plan_reader *r, rd_node map)
{
    struct rd_plan_report *report = &r->plan->supervision.report;
    size_t at = plan_enter(r, "daily_report");
    report->by = read_day_time(r, map, "by");
    report->then = read_target_of_unit(r, map, "then");
    report->then_after_us = plan_span_us(r, map, "then_after");
    report->owes = read_units(r, map, "owed_by");
    plan_leave(r, at);
}

static void read_unread(struct plan_reader *r, rd_node map)
{
    struct rd_plan_unread *unread = &r->plan->supervision.unread;
    size_t at = plan_enter(r, "unread");
    unread->is_set = true;
    unread->after = plan_limit(r, map, "after", 1);
    unread->counts_working = read_is_working(r, map);
    unread->then = read_target_of_unit(r, map, "then");
    plan_leave(r, at);
}

static void read_duties(struct plan_reader *r, rd_node map)
{
    rd_node list = plan_array(r, map, "duties", DUTIES_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_str *names = RD_ARENA_ARRAY(r->arena, struct rd_str, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "duties", i);
        rd_node duty = rd_node_at(list, i);
        names[i] = plan_text(r, duty, "duty");
        (void)plan_text(r, duty, "every");
        (void)plan_text(r, duty, "due");
        (void)read_units(r, duty, "for");
        plan_distinct(r, "duty", &names[0], sizeof *names, i);
        plan_leave(r, at);
    }
}

void plan_read_supervision(struct plan_reader *r, rd_node root)
{
    rd_node map = plan_map(r, root, "supervision");
    if (map == NULL) {
        return;
    }
    size_t at = plan_enter(r, "supervision");
    r->plan->supervision.transfers_max = (uint32_t)plan_int(r, map, "transfers", 0, TRANSFERS_MAX);
    if (plan_has(map, "daily_report")) {
        read_report(r, rd_node_find(map, "daily_report"));
    }
    if (plan_has(map, "unread")) {
        read_unread(r, rd_node_find(map, "unread"));
    }
    read_duties(r, map);
    plan_leave(r, at);
}

void plan_read_screening(struct plan_reader *r, rd_node root)
{
    if (!plan_has(root, "screening")) {
        return;
    }
    struct rd_plan_screening *screening = &r->plan->screening;
    rd_node map = plan_map(r, root, "screening");
    size_t at = plan_enter(r, "screening");
    screening->is_set = true;
    screening->opens = plan_texts(r, map, "opens", 3);
    screening->duty = plan_text(r, map, "duty");
    screening->due = plan_limit(r, map, "due", 1);
    if (screening->due.unit == RD_LIMIT_SECONDS) {
        plan_fault(r, "due", "counts days: write 10bd, 15d or 2w");
    }
    plan_leave(r, at);
}

void plan_read_four_eyes(struct plan_reader *r, rd_node root)
{
    if (!plan_has(root, "four_eyes")) {
        return;
    }
    struct rd_plan_four_eyes *four_eyes = &r->plan->four_eyes;
    rd_node map = plan_map(r, root, "four_eyes");
    size_t at = plan_enter(r, "four_eyes");
    struct rd_texts types = plan_texts(r, map, "for", RD_EVENT_TYPE_COUNT);
    four_eyes->lapses_us = plan_span_us(r, map, "lapses");
    for (size_t i = 0; i < types.count; i++) {
        enum rd_event_type type;
        if (rd_event_type_parse(types.at[i], &type) < 0) {
            plan_fault(r, "for", "\"%.*s\": no type of event", RD_FMT(types.at[i]));
        } else {
            four_eyes->types[type] = true;
        }
    }
    plan_leave(r, at);
}
