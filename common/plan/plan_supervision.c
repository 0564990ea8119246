/* common/plan/plan_supervision.c — what units owe every day, and on a schedule. */
#include "common/plan/plan_reader.h"

enum { UNITS_MAX = 20000, DUTIES_MAX = 256, DIGESTS_MAX = 16, TRANSFERS_MAX = 1000 };

static const char *const EVERIES[RD_DIGEST_EVERIES + 1] = {"day", "week", "month", NULL};

const char *rd_digest_every_name(enum rd_digest_every every)
{
    RD_ASSERT(every < RD_DIGEST_EVERIES);
    return EVERIES[every];
}

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

/* Supervision is about no case, so `first` (its first owner) has no meaning. */
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

/* A fault names the key that is wrong; what it gives then is never used. */
static void read_when(struct plan_reader *r, rd_node map, struct rd_plan_duty *duty)
{
    struct rd_str every = plan_text(r, map, "every"), due = plan_text(r, map, "due");
    struct rd_str from = plan_text_or_none(r, map, "from");
    bool is_read = true;
    duty->from = RD_DAY_NONE;
    if (every.len == 0 || rd_every_parse(every, &duty->every) < 0) {
        plan_fault(r, "every", "is not a day, week, month, quarter, half or year");
        is_read = false;
    }
    if (due.len == 0 || rd_due_parse(due, &duty->due) < 0) {
        plan_fault(r, "due", "is neither days from the period's last day nor a day of the year");
        is_read = false;
    }
    if (from.len > 0 && rd_day_parse(from, &duty->from) < 0) {
        plan_fault(r, "from", "is no date");
    }
    if (is_read && duty->due.is_of_year && duty->every != RD_EVERY_YEAR) {
        plan_fault(r, "due", "a day of the year is for what is owed every year");
    }
    if (is_read && duty->due.is_before && duty->due.days.count >= rd_every_days(duty->every)) {
        plan_fault(r, "due", "would lie before the period begins");
    }
}

/* As data.attributes of an event: a map of texts. */
static struct rd_str read_attributes(struct plan_reader *r, rd_node map)
{
    enum { ATTRIBUTES_BYTES_MAX = 16 * 1024 };
    rd_node attributes = plan_has(map, "attributes") ? plan_map(r, map, "attributes") : NULL;
    if (rd_node_count(attributes) == 0) {
        return (struct rd_str){0};
    }
    struct rd_buf buf;
    rd_buf_init(&buf, ATTRIBUTES_BYTES_MAX);
    rd_pack_node(&buf, attributes);
    if (buf.error != 0) {
        plan_fault(r, "attributes", "has more than %d bytes", ATTRIBUTES_BYTES_MAX);
    }
    struct rd_str packed =
            buf.error == 0 ? rd_arena_dup(r->arena, rd_buf_str(&buf)) : (struct rd_str){0};
    rd_buf_done(&buf);
    return packed;
}

static void read_duty(struct plan_reader *r, rd_node map, struct rd_plan_duty *duty)
{
    enum { TOTAL_MAX = 1000000000 };
    duty->duty = plan_text(r, map, "duty");
    duty->title = plan_text_or_none(r, map, "title");
    read_when(r, map, duty);
    duty->has_total = plan_has(map, "total");
    duty->total = duty->has_total ? (uint64_t)plan_int(r, map, "total", 1, TOTAL_MAX) : 0;
    duty->attributes = read_attributes(r, map);
    duty->owes = read_units(r, map, "for");
}

/* Without `to` it is for all units. */
static void read_digests(struct plan_reader *r, rd_node map)
{
    struct rd_plan_digests *digests = &r->plan->supervision.digests;
    rd_node list = plan_array(r, map, "digest", DIGESTS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_digest *all = RD_ARENA_ARRAY(r->arena, struct rd_plan_digest, count + 1);
    uint8_t *of[RD_DIGEST_EVERIES];
    for (int i = 0; i < RD_DIGEST_EVERIES; i++) {
        of[i] = RD_ARENA_ARRAY(r->arena, uint8_t, r->plan->unit_count + 1);
        digests->of[i] = of[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "digest", i);
        rd_node one = rd_node_at(list, i);
        all[i] = (struct rd_plan_digest){
                .every = (enum rd_digest_every)plan_word(r, one, "every", EVERIES),
                .at = read_day_time(r, one, "at"),
                .sends_empty = plan_flag(r, one, "empty")};
        const bool *to = plan_has(one, "to") ? read_units(r, one, "to") : NULL;
        for (size_t unit = 0; unit < r->plan->unit_count; unit++) {
            uint8_t *place = &of[all[i].every][unit];
            if (*place == 0 && (to == NULL || to[unit])) {
                *place = (uint8_t)(i + 1);
            }
        }
        plan_leave(r, at);
    }
    digests->at = all;
    digests->count = count;
}

static void read_duties(struct plan_reader *r, rd_node map)
{
    rd_node list = plan_array(r, map, "duties", DUTIES_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_duty *duties = RD_ARENA_ARRAY(r->arena, struct rd_plan_duty, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "duties", i);
        read_duty(r, rd_node_at(list, i), &duties[i]);
        plan_distinct(r, "duty", &duties[0].duty, sizeof *duties, i);
        plan_leave(r, at);
    }
    r->plan->supervision.duties = duties;
    r->plan->supervision.duty_count = count;
}

static struct rd_limit read_days(struct plan_reader *r, rd_node map, const char *key)
{
    struct rd_limit limit = plan_limit(r, map, key, 1);
    if (limit.unit == RD_LIMIT_SECONDS) {
        plan_fault(r, key, "counts days: write 10bd, 15d or 2w");
    }
    return limit;
}

static void read_rectification(struct plan_reader *r, rd_node root)
{
    struct rd_plan_rectification *rectification = &r->plan->supervision.rectification;
    rd_node map = plan_map(r, root, "rectification");
    size_t at = plan_enter(r, "rectification");
    rectification->due = read_days(r, map, "due");
    rectification->recurrence = read_days(r, map, "recurrence");
    plan_leave(r, at);
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
    if (plan_has(map, "digest")) {
        read_digests(r, map);
    }
    read_duties(r, map);
    read_rectification(r, map);
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
    screening->due = read_days(r, map, "due");
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
