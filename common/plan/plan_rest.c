/* common/plan/plan_rest.c — sources, alerts, limits, retention, figures. */
#include <inttypes.h>

#include "common/base/nearest.h"
#include "common/plan/figures.h"
#include "common/plan/plan_reader.h"

enum { SOURCES_MAX = 1000 };

static void read_sources(struct plan_reader *r, rd_node root)
{
    rd_node list = plan_array(r, root, "sources", SOURCES_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_source *sources = RD_ARENA_ARRAY(r->arena, struct rd_plan_source, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "sources", i);
        rd_node map = rd_node_at(list, i);
        sources[i].name = plan_text(r, map, "name");
        sources[i].calendar = plan_has(map, "in") ? plan_calendar(r, map, "in") : RD_NO_INDEX;
        if (plan_has(map, "silent_after")) {
            sources[i].silent_after_us = plan_span_us(r, map, "silent_after");
        }
        plan_distinct(r, "name", &sources[0].name, sizeof *sources, i);
        plan_leave(r, at);
    }
    r->plan->sources = sources;
    r->plan->source_count = count;
}

static void read_titles(struct plan_reader *r, rd_node alerts)
{
    rd_node titles = plan_map(r, alerts, "titles");
    size_t at = plan_enter(r, "titles");
    for (uint32_t i = 0; i < rd_node_count(titles); i++) {
        struct rd_str name;
        rd_node text = rd_node_pair(titles, i, &name);
        enum rd_alert_type type;
        if (rd_alert_type_parse(name, &type) < 0) {
            plan_fault(r, NULL, "\"%.*s\": no type of alert", RD_FMT(name));
        } else {
            r->plan->titles[type] = rd_node_str(text);
        }
    }
    for (int i = 0; i < RD_ALERT_TYPE_COUNT; i++) {
        const char *name = rd_alert_type_name((enum rd_alert_type)i);
        if (r->plan->titles[i].len == 0) {
            plan_fault(r, name, "is required");
        }
    }
    plan_leave(r, at);
}

static void read_alerts(struct plan_reader *r, rd_node root)
{
    rd_node alerts = plan_map(r, root, "alerts");
    if (alerts == NULL) {
        return;
    }
    size_t at = plan_enter(r, "alerts");
    r->plan->language = plan_text(r, alerts, "language");
    read_titles(r, alerts);
    if (plan_has(alerts, "storm")) {
        size_t in = plan_enter(r, "storm");
        rd_node storm = rd_node_find(alerts, "storm");
        r->plan->storm_count = (uint32_t)plan_int(r, storm, "count", 1, 1000);
        r->plan->storm_window_us = plan_span_us(r, storm, "window");
        plan_leave(r, in);
    }
    plan_leave(r, at);
}

static void read_limits(struct plan_reader *r, rd_node root)
{
    rd_node limits = plan_map(r, root, "limits");
    size_t at = plan_enter(r, "limits");
    if (limits != NULL) {
#define X(member, key) r->plan->member = plan_span_us(r, limits, key);
        RD_PLAN_LIMITS(X)
#undef X
    }
    plan_leave(r, at);
}

static void read_retention(struct plan_reader *r, rd_node root)
{
    static const char *const KEYS[] = {
#define X(suffix, key) key,
            RD_PLAN_RETENTION(X)
#undef X
    };
    if (!plan_has(root, "retention")) {
        return;
    }
    rd_node map = plan_map(r, root, "retention");
    size_t at = plan_enter(r, "retention");
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        if (plan_has(map, KEYS[i])) {
            r->plan->retention_us[i] = plan_span_us(r, map, KEYS[i]);
            r->plan->has_retention = true;
        }
    }
    plan_leave(r, at);
}

static void check_figure(struct plan_reader *r, struct rd_str code)
{
    struct rd_nearest nearest = rd_nearest_of(code);
    const struct rd_figure *figure;
    if (rd_figure_find(code) != NULL) {
        return;
    }
    for (size_t i = 0; (figure = rd_figure_at(i)) != NULL; i++) {
        rd_nearest_try(&nearest, rd_str_of(figure->code));
    }
    if (rd_nearest_is_close(&nearest)) {
        plan_fault(r, "appraisal", "%.*s is no figure: did you mean %.*s?", RD_FMT(code),
                RD_FMT(nearest.best));
    } else {
        plan_fault(r, "appraisal", "%.*s is no figure: redressctl figures tells them all",
                RD_FMT(code));
    }
}

static void read_figures(struct plan_reader *r, rd_node root)
{
    rd_node map = plan_map(r, root, "figures");
    if (map == NULL) {
        return;
    }
    size_t at = plan_enter(r, "figures");
    (void)plan_int(r, map, "small_n", 0, 1000000);
    r->plan->regulator_channels = plan_texts(r, map, "regulator_channels", 64);
    rd_node appraisal = plan_map(r, map, "appraisal");
    int64_t sum = 0;
    for (uint32_t i = 0; i < rd_node_count(appraisal); i++) {
        struct rd_str figure;
        int64_t weight = rd_node_int(rd_node_pair(appraisal, i, &figure));
        check_figure(r, figure);
        sum += weight > 0 && weight <= 100 ? weight : 1000;
    }
    if (rd_node_count(appraisal) > 0 && sum != 100) {
        plan_fault(r, "appraisal", "the weights sum to %" PRId64 " and must sum to 100", sum);
    }
    plan_leave(r, at);
}

void plan_read_rest(struct plan_reader *r, rd_node root)
{
    read_sources(r, root);
    read_alerts(r, root);
    read_limits(r, root);
    read_retention(r, root);
    plan_read_supervision(r, root);
    plan_read_screening(r, root);
    plan_read_four_eyes(r, root);
    read_figures(r, root);
}
