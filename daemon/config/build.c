#include "daemon/config/build.h"

#include <string.h>

#include "common/plan/figures.h"

static void put(struct config_load *load, struct config_node *into, const char *key,
        struct config_node *value)
{
    if (value != NULL) {
        config_node_put(load->arena, into, key, value);
    }
}

static void take(struct config_load *load, struct config_node *into, const struct config_node *from,
        const char *key)
{
    put(load, into, key, config_node_find(from, key));
}

/* [term, points] pairs: the order of the file is the order of the reasons. */
static struct config_node *build_terms(struct config_load *load, const struct config_node *terms)
{
    struct config_node *list = config_node_new(load->arena, CONFIG_LIST, terms);
    for (uint32_t i = 0; i < terms->count; i++) {
        struct config_node *pair = config_node_new(load->arena, CONFIG_LIST, terms->items[i]);
        config_node_add(
                load->arena, pair, config_node_str(load->arena, terms->keys[i], terms->items[i]));
        config_node_add(load->arena, pair, terms->items[i]);
        pair->mark = terms->key_marks[i];
        config_node_add(load->arena, list, pair);
    }
    return list;
}

static struct config_node *build_lexicons(
        struct config_load *load, const struct config_node *lexicons)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_LIST, lexicons);
    for (uint32_t i = 0; i < lexicons->count; i++) {
        struct config_node *lexicon = config_node_copy(load->arena, lexicons->items[i]);
        const struct config_node *terms = config_node_find(lexicon, "terms");
        struct config_node *pairs =
                terms != NULL ? build_terms(load, terms)
                              : config_node_new(load->arena, CONFIG_LIST, lexicons->items[i]);
        config_node_put(load->arena, lexicon, "terms", pairs);
        config_node_add(load->arena, out, lexicon);
    }
    return out;
}

static void check_pattern_titles(struct config_load *load, const struct config_node *windows)
{
    for (uint32_t i = 0; windows != NULL && i < windows->count; i++) {
        const struct config_node *pattern = config_node_find(windows->items[i], "pattern");
        const struct config_node *title = config_node_find(pattern, "title");
        if (title != NULL) {
            (void)config_check_title(load, title);
        }
    }
}

static struct config_node *build_assessment(
        struct config_load *load, const struct config_node *root)
{
    const struct config_node *assessment = config_node_find(root, "assessment");
    if (assessment == NULL) {
        return NULL;
    }
    struct config_node *out = config_node_copy(load->arena, assessment);
    const struct config_node *lexicons = config_node_find(assessment, "lexicons");
    if (lexicons != NULL) {
        config_node_put(load->arena, out, "lexicons", build_lexicons(load, lexicons));
    }
    check_pattern_titles(load, config_node_find(assessment, "windows"));
    struct config_node *card = config_node_find(config_node_find(assessment, "scorecard"), "card");
    config_node_drop(out, "scorecard");
    put(load, out, "scorecard", card);
    return out;
}

static struct config_node *build_sources(struct config_load *load, const struct config_node *root)
{
    const struct config_node *sources = config_node_find(root, "sources");
    struct config_node *list = config_node_new(load->arena, CONFIG_LIST, sources);
    for (uint32_t i = 0; sources != NULL && i < sources->count; i++) {
        const struct config_node *from = sources->items[i];
        struct config_node *source = config_node_new(load->arena, CONFIG_MAP, from);
        config_node_put(
                load->arena, source, "name", config_node_str(load->arena, sources->keys[i], from));
        take(load, source, from, "silent_after");
        take(load, source, from, "in");
        if (sources->keys[i].len > 128) {
            config_fault_mark(load, sources->key_marks[i], from->path,
                    "a source's name is at most 128 bytes long");
        }
        config_node_add(load->arena, list, source);
    }
    return list;
}

static struct config_node *build_alerts(struct config_load *load, const struct config_node *root)
{
    const struct config_node *alerts = config_node_find(root, "alerts");
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, alerts);
    if (alerts == NULL) {
        return out;
    }
    take(load, out, alerts, "language");
    take(load, out, alerts, "storm");
    put(load, out, "titles", config_build_titles(load, alerts));
    return out;
}

static struct config_node *build_limits(struct config_load *load, const struct config_node *root)
{
    const struct config_node *limits = config_node_find(root, "limits");
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, limits);
    const struct config_row *row;
    const char *key;
    for (size_t i = 0; limits != NULL && (row = config_row_at(i)) != NULL; i++) {
        if (config_row_is_child(row, "limits", &key) && (row->flags & CONFIG_EDGE) == 0) {
            take(load, out, limits, key);
        }
    }
    return out;
}

/* Here and not in the plan: a state may hold a configuration that an older version took. What is no
 * figure is the plan's to refuse. */
static void check_appraisal(struct config_load *load, const struct config_node *root)
{
    const struct config_node *weights =
            config_node_find(config_node_find(root, "figures"), "appraisal");
    for (uint32_t i = 0; weights != NULL && i < weights->count; i++) {
        const struct rd_figure *figure = rd_figure_find(weights->keys[i]);
        const char *why = figure == NULL                        ? NULL
                          : figure->way == RD_WAY_APPRAISAL     ? "is made of the others"
                          : figure->way == RD_WAY_OVERDUE       ? "tells of the moment, of no span"
                          : figure->measure == RD_MEASURE_MONEY ? "is of several currencies"
                          : figure->direction == 0 ? "is better neither for more nor for less"
                                                   : NULL;
        if (why != NULL) {
            config_fault_mark(load, weights->key_marks[i], weights->items[i]->path,
                    "units cannot be appraised by it: it %s", why);
        }
    }
}

struct config_node *config_build(struct config_load *load, const struct config_node *root)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, root);
    struct config_node *units = config_build_units(load, root);
    take(load, out, root, "redress");
    put(load, out, "units", units);
    put(load, out, "calendars", config_build_calendars(load, root));
    put(load, out, "assessment", build_assessment(load, root));
    put(load, out, "clocks", config_build_clocks(load, root));
    put(load, out, "policies", config_build_policies(load, root));
    put(load, out, "sources", build_sources(load, root));
    put(load, out, "alerts", build_alerts(load, root));
    const struct config_node *supervision = config_node_find(root, "supervision");
    if (supervision != NULL) {
        take(load, out, supervision, "screening");
    }
    const struct config_node *security = config_node_find(root, "security");
    if (security != NULL) {
        take(load, out, security, "four_eyes");
    }
    put(load, out, "rosters", config_build_rosters(load, root));
    put(load, out, "limits", build_limits(load, root));
    take(load, out, root, "retention");
    put(load, out, "supervision", config_build_supervision(load, root, units));
    take(load, out, root, "codes");
    check_appraisal(load, root);
    take(load, out, root, "figures");
    return out;
}
