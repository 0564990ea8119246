#include "daemon/desk/params.h"

#include <stdio.h>
#include <string.h>

#include "common/base/sizes.h"
#include "common/time/civil.h"
#include "daemon/desk/duty_state.h"
#include "daemon/desk/sight.h"
#include "daemon/store/rows/name_row.h"

enum { SHOWN_BYTES = 48, NAMES_BYTES = 120 };

/* What every method takes. */
static const struct param COMMON[] = {
        {"min_seq", PARAM_UINT}, {"min_alert", PARAM_UINT}, {"stale", PARAM_BOOL}};

/* ---- names that may be given ---- */

struct search {
    struct rd_nearest nearest;
    bool is_found;
    char names[NAMES_BYTES]; /* all of them, with commas; empty: too long to be said */
    size_t len;
    bool is_long;
};

static void look_at(struct search *search, struct rd_str name)
{
    search->is_found = search->is_found || rd_str_eq(search->nearest.text, name);
    rd_nearest_try(&search->nearest, name);
    int len = snprintf(search->names + search->len, sizeof search->names - search->len, "%s%.*s",
            search->len > 0 ? ", " : "", RD_FMT(name));
    search->is_long = search->is_long || search->len + (size_t)len >= sizeof search->names;
    search->len = search->is_long ? 0 : search->len + (size_t)len;
}

static void look_at_states(const struct method_call *call, struct search *search)
{
    (void)call;
    for (enum case_state state = CASE_OPEN; state <= CASE_GROWN; state++) {
        look_at(search, rd_str_of(case_state_name(state)));
    }
}

static void look_at_levels(const struct method_call *call, struct search *search)
{
    (void)call;
    for (enum rd_level level = RD_LEVEL_NONE; level <= RD_LEVEL_CRITICAL; level++) {
        look_at(search, rd_str_of(rd_level_name(level)));
    }
}

static void look_at_kinds(const struct method_call *call, struct search *search)
{
    (void)call;
    for (enum case_kind kind = CASE_CONTACT; kind <= CASE_DUTY; kind++) {
        look_at(search, rd_str_of(case_kind_name(kind)));
    }
}

static void look_at_assessed(const struct method_call *call, struct search *search)
{
    (void)call;
    look_at(search, rd_str_of(case_kind_name(CASE_CONTACT)));
    look_at(search, rd_str_of(case_kind_name(CASE_COMPLAINT)));
    look_at(search, RD_STR("any"));
}

static bool may_know(const struct method_call *call, struct rd_str unit)
{
    return rights_is_everywhere(&call->rights) || rights_covers(&call->rights, unit);
}

/* A key is told the names of its own units alone. */
static void look_at_units(const struct method_call *call, struct search *search)
{
    look_at(search, RD_STR("~ops"));
    for (size_t i = 0; i < call->plan->unit_count; i++) {
        if (may_know(call, call->plan->units[i].path)) {
            look_at(search, call->plan->units[i].path);
        }
    }
}

static void look_at_clocks(const struct method_call *call, struct search *search)
{
    for (size_t i = 0; i < call->plan->policy_count; i++) {
        const struct rd_plan_policy *policy = &call->plan->policies[i];
        for (size_t k = 0; k < policy->clock_count; k++) {
            look_at(search, policy->clocks[k].name);
        }
    }
}

static void look_at_policies(const struct method_call *call, struct search *search)
{
    for (size_t i = 0; i < call->plan->policy_count; i++) {
        look_at(search, call->plan->policies[i].name);
    }
}

static void look_at_sorts(const struct method_call *call, struct search *search)
{
    static const struct rd_str NAMES[] = {
            RD_STR("number"), RD_STR("due"), RD_STR("overdue"), RD_STR("age")};
    (void)call;
    for (size_t i = 0; i < RD_COUNT(NAMES); i++) {
        look_at(search, NAMES[i]);
    }
}

static void look_at_counts(const struct method_call *call, struct search *search)
{
    static const struct rd_str NAMES[] = {RD_STR("unit"), RD_STR("policy"), RD_STR("clock")};
    (void)call;
    for (size_t i = 0; i < RD_COUNT(NAMES); i++) {
        look_at(search, NAMES[i]);
    }
}

static void look_at_everies(const struct method_call *call, struct search *search)
{
    (void)call;
    for (int i = 0; i < RD_DIGEST_EVERIES; i++) {
        look_at(search, rd_str_of(rd_digest_every_name((enum rd_digest_every)i)));
    }
}

static void look_at_languages(const struct method_call *call, struct search *search)
{
    (void)call;
    look_at(search, RD_STR("en"));
    look_at(search, RD_STR("zh-CN"));
}

static void look_at_rosters(const struct method_call *call, struct search *search)
{
    for (size_t i = 0; i < call->plan->roster_count; i++) {
        look_at(search, call->plan->rosters[i].name);
    }
}

static void look_at_duty_states(const struct method_call *call, struct search *search)
{
    (void)call;
    for (enum duty_state state = DUTY_OWED; state < DUTY_STATES; state++) {
        look_at(search, rd_str_of(duty_state_name(state)));
    }
}

static void look_at_duty_groups(const struct method_call *call, struct search *search)
{
    static const struct rd_str NAMES[] = {RD_STR("unit"), RD_STR("period"), RD_STR("duty")};
    (void)call;
    for (size_t i = 0; i < RD_COUNT(NAMES); i++) {
        look_at(search, NAMES[i]);
    }
}

/* ---- types ---- */

static bool is_uint(rd_node node)
{
    return rd_node_type(node) == RD_NODE_UINT;
}

static bool is_bool(rd_node node)
{
    return rd_node_type(node) == RD_NODE_BOOL;
}

static bool is_text(rd_node node)
{
    return rd_node_type(node) == RD_NODE_STR && rd_pack_is_utf8(rd_node_str(node));
}

static bool is_texts(rd_node node)
{
    bool is_good = rd_node_type(node) == RD_NODE_ARRAY && rd_node_count(node) <= DESK_LIMIT_MAX;
    for (uint32_t i = 0; is_good && i < rd_node_count(node); i++) {
        is_good = is_text(rd_node_at(node, i));
    }
    return is_good;
}

static bool is_text_or_texts(rd_node node)
{
    return is_text(node) || is_texts(node);
}

static bool is_time(rd_node node)
{
    rd_time time;
    return rd_node_type(node) == RD_NODE_TIME
                   ? rd_node_time(node) != RD_TIME_NONE
                   : is_text(node) && rd_time_parse(rd_node_str(node), &time) == 0;
}

static bool is_date(rd_node node)
{
    rd_day day;
    return is_text(node) && rd_day_parse(rd_node_str(node), &day) == 0;
}

static bool is_bool_or_text(rd_node node)
{
    return is_bool(node) || is_text(node);
}

static bool is_event(rd_node node)
{
    return rd_node_type(node) == RD_NODE_MAP || rd_node_type(node) == RD_NODE_BIN;
}

static const struct {
    bool (*is)(rd_node node);
    const char *what;
    /* The names of a closed list; NULL: any value will do. */
    void (*look_at)(const struct method_call *call, struct search *search);
    size_t bytes_max; /* of each text; what is looked for is no longer than what events may say */
} TYPES[] = {
        [PARAM_UINT] = {is_uint, "a number", NULL, 0},
        [PARAM_BOOL] = {is_bool, "true or false", NULL, 0},
        [PARAM_ID] = {is_text, "a text", NULL, RD_ID_BYTES_MAX},
        [PARAM_TEXT] = {is_text, "a text", NULL, RD_REASON_BYTES_MAX},
        [PARAM_TEXTS] = {is_texts, "an array of at most 10000 texts", NULL, RD_REASON_BYTES_MAX},
        [PARAM_TEXT_OR_TEXTS] = {is_text_or_texts, "a text, or an array of them", NULL,
                RD_REASON_BYTES_MAX},
        [PARAM_TIME] = {is_time, "a time with an offset", NULL, RD_ID_BYTES_MAX},
        [PARAM_DATE] = {is_date, "a date, such as 2025-03-04", NULL, RD_ID_BYTES_MAX},
        [PARAM_BOOL_OR_TEXT] = {is_bool_or_text, "true or false, or a text", NULL,
                RD_REASON_BYTES_MAX},
        [PARAM_EVENT] = {is_event, "a map, or its MessagePack as bin", NULL, 0},
        [PARAM_UNIT] = {is_text, "a text", look_at_units, RD_REASON_BYTES_MAX},
        [PARAM_STATE] = {is_text, "a text", look_at_states, RD_REASON_BYTES_MAX},
        [PARAM_LEVEL] = {is_text, "a text", look_at_levels, RD_REASON_BYTES_MAX},
        [PARAM_KIND] = {is_text, "a text", look_at_kinds, RD_REASON_BYTES_MAX},
        [PARAM_ASSESSED] = {is_text, "a text", look_at_assessed, RD_REASON_BYTES_MAX},
        [PARAM_CLOCK] = {is_text, "a text", look_at_clocks, RD_REASON_BYTES_MAX},
        [PARAM_POLICY] = {is_text, "a text", look_at_policies, RD_REASON_BYTES_MAX},
        [PARAM_SORT] = {is_text, "a text", look_at_sorts, RD_REASON_BYTES_MAX},
        [PARAM_COUNT_BY] = {is_text, "a text", look_at_counts, RD_REASON_BYTES_MAX},
        [PARAM_ROSTER] = {is_text, "a text", look_at_rosters, RD_REASON_BYTES_MAX},
        [PARAM_DUTY_STATE] = {is_text, "a text", look_at_duty_states, RD_REASON_BYTES_MAX},
        [PARAM_DUTY_BY] = {is_text, "a text", look_at_duty_groups, RD_REASON_BYTES_MAX},
        [PARAM_EVERY] = {is_text, "a text", look_at_everies, RD_REASON_BYTES_MAX},
        [PARAM_LANGUAGE] = {is_text, "a text", look_at_languages, RD_REASON_BYTES_MAX},
};

/* ---- checking ---- */

bool param_refuse(struct method_call *call, const char *what, const struct rd_nearest *nearest)
{
    struct rd_str shown = rd_str_cut(nearest->text, SHOWN_BYTES);
    if (rd_nearest_is_close(nearest)) {
        return method_fail(call, "bad_params", "%s \"%.*s\": did you mean %.*s?", what,
                RD_FMT(shown), RD_FMT(nearest->best));
    }
    return method_fail(call, "bad_params", "%s \"%.*s\"", what, RD_FMT(shown));
}

static bool refuse(struct method_call *call, const char *what, const struct search *search)
{
    if (rd_nearest_is_close(&search->nearest) || search->is_long || search->len == 0) {
        return param_refuse(call, what, &search->nearest);
    }
    struct rd_str shown = rd_str_cut(search->nearest.text, SHOWN_BYTES);
    return method_fail(
            call, "bad_params", "%s \"%.*s\": there is %s", what, RD_FMT(shown), search->names);
}

/* A unit of the present tree, or one that lies above some, or one that has gone: its cases stay. */
static bool is_unit(const struct method_call *call, struct rd_str path)
{
    for (size_t i = 0; i < call->plan->unit_count; i++) {
        if (unit_is_under(call->plan->units[i].path, path)) {
            return true;
        }
    }
    return name_find(call->view, path) != 0;
}

/* A text, or an array of them, none longer than its type may be. */
static bool check_bytes(struct method_call *call, const struct param *param, rd_node node)
{
    size_t bytes_max = TYPES[param->type].bytes_max;
    bool is_list = rd_node_type(node) == RD_NODE_ARRAY;
    uint32_t count = is_list ? rd_node_count(node) : rd_node_type(node) == RD_NODE_STR;
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str text = rd_node_str(is_list ? rd_node_at(node, i) : node);
        if (text.len > bytes_max) {
            return method_fail(call, "bad_params", "%s has at most %zu bytes; this has %zu",
                    param->name, bytes_max, text.len);
        }
    }
    return true;
}

static bool check_value(struct method_call *call, const struct param *param, rd_node node)
{
    RD_ASSERT((size_t)param->type < RD_COUNT(TYPES));
    if (!TYPES[param->type].is(node)) {
        return method_fail(call, "bad_params", "%s is %s", param->name, TYPES[param->type].what);
    }
    if (TYPES[param->type].bytes_max > 0 && !check_bytes(call, param, node)) {
        return false;
    }
    struct rd_str text = rd_node_str(node);
    while (param->type == PARAM_UNIT && text.len > 0 && text.ptr[text.len - 1] == '/') {
        text.len--; /* as a topic has it */
    }
    if (TYPES[param->type].look_at == NULL ||
            (param->type == PARAM_UNIT && (text.len == 0 || is_unit(call, text)))) {
        return true;
    }
    int32_t unit = param->type == PARAM_UNIT ? rd_plan_unit_find(call->plan, text) : RD_NO_INDEX;
    if (unit != RD_NO_INDEX &&
            may_know(call, call->plan->units[unit].path)) { /* a topic goes by the path, and so do
                                                               all that lie below it */
        return method_fail(call, "bad_params", "%s: \"%.*s\" is an id; its path is \"%.*s\"",
                param->name, RD_FMT(text), RD_FMT(call->plan->units[unit].path));
    }
    struct search search = {.nearest = rd_nearest_of(text)};
    TYPES[param->type].look_at(call, &search);
    char what[SHOWN_BYTES];
    (void)snprintf(what, sizeof what, "%s: there is no", param->name);
    return search.is_found || refuse(call, what, &search);
}

static const struct param *find(const struct param *params, size_t count, struct rd_str name)
{
    for (size_t i = 0; i < count && params[i].name != NULL; i++) {
        if (rd_str_is(name, params[i].name)) {
            return &params[i];
        }
    }
    return NULL;
}

static bool refuse_key(struct method_call *call, const struct method *method, struct rd_str key)
{
    struct search search = {.nearest = rd_nearest_of(key)};
    for (size_t i = 0; i < METHOD_PARAMS_MAX && method->params[i].name != NULL; i++) {
        look_at(&search, rd_str_of(method->params[i].name));
    }
    for (size_t i = 0; i < RD_COUNT(COMMON); i++) {
        look_at(&search, rd_str_of(COMMON[i].name));
    }
    char what[SHOWN_BYTES];
    (void)snprintf(what, sizeof what, "%s has no parameter", method->name);
    return refuse(call, what, &search);
}

bool params_check(struct method_call *call, const struct method *method)
{
    bool is_good = true;
    for (uint32_t i = 0; is_good && i < rd_node_count(call->params); i++) {
        struct rd_str name = {0};
        rd_node value = rd_node_pair(call->params, i, &name);
        const struct param *param = find(method->params, METHOD_PARAMS_MAX, name);
        if (param == NULL) {
            param = find(COMMON, RD_COUNT(COMMON), name);
        }
        if (param == NULL) {
            return refuse_key(call, method, rd_pack_is_utf8(name) ? name : RD_STR("?"));
        }
        is_good = rd_node_type(value) == RD_NODE_NIL || check_value(call, param, value);
    }
    return is_good;
}

bool param_check(struct method_call *call, const char *key, enum param_type type)
{
    const struct param param = {.name = key, .type = type};
    return !param_has(call, key) || check_value(call, &param, rd_node_find(call->params, key));
}

/* ---- reading ---- */

bool param_has(const struct method_call *call, const char *key)
{
    enum rd_node_type type = rd_node_type(rd_node_find(call->params, key));
    return type != RD_NODE_NONE && type != RD_NODE_NIL;
}

uint64_t param_uint(const struct method_call *call, const char *key)
{
    return rd_node_uint(rd_node_find(call->params, key));
}

bool param_bool(const struct method_call *call, const char *key)
{
    return rd_node_bool(rd_node_find(call->params, key));
}

struct rd_str param_str(const struct method_call *call, const char *key)
{
    return rd_node_str(rd_node_find(call->params, key));
}

rd_time param_time(const struct method_call *call, const char *key)
{
    rd_node node = rd_node_find(call->params, key);
    rd_time time = RD_TIME_NONE;
    if (rd_node_type(node) == RD_NODE_STR) {
        int r = rd_time_parse(rd_node_str(node), &time);
        RD_ASSERT(r == 0); /* params_check() did the same */
        return time;
    }
    return rd_node_type(node) == RD_NODE_TIME ? rd_node_time(node) : RD_TIME_NONE;
}
