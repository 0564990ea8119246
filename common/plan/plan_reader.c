#include "common/plan/plan_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/num.h"

static void put_path(struct plan_reader *r, const char *dot, const char *text)
{
    size_t room = sizeof r->path - r->path_len;
    int len = snprintf(r->path + r->path_len, room, "%s%s", dot, text);
    RD_ASSERT(len >= 0);
    r->path_len += (size_t)len < room ? (size_t)len : room - 1;
}

size_t plan_enter(struct plan_reader *r, const char *key)
{
    size_t mark = r->path_len;
    put_path(r, mark > 0 && key[0] != '[' ? "." : "", key);
    return mark;
}

size_t plan_enter_at(struct plan_reader *r, const char *key, uint32_t index)
{
    size_t mark = plan_enter(r, key);
    char text[16];
    (void)snprintf(text, sizeof text, "[%" PRIu32 "]", index);
    put_path(r, "", text);
    return mark;
}

void plan_leave(struct plan_reader *r, size_t mark)
{
    r->path_len = mark;
    r->path[mark] = '\0';
}

void plan_fault(struct plan_reader *r, const char *key, const char *format, ...)
{
    if (r->error_count++ >= r->errors_max) {
        return;
    }
    struct rd_plan_error *error = &r->errors[r->error_count - 1];
    size_t mark = key != NULL ? plan_enter(r, key) : r->path_len;
    (void)snprintf(error->path, sizeof error->path, "%s", r->path);
    plan_leave(r, mark);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
}

bool plan_has(rd_node map, const char *key)
{
    enum rd_node_type type = rd_node_type(rd_node_find(map, key));
    return type != RD_NODE_NONE && type != RD_NODE_NIL;
}

rd_node plan_map(struct plan_reader *r, rd_node map, const char *key)
{
    rd_node node = rd_node_find(map, key);
    if (rd_node_type(node) != RD_NODE_MAP) {
        plan_fault(r, key, "must be a map");
        return NULL;
    }
    return node;
}

rd_node plan_array(struct plan_reader *r, rd_node map, const char *key, uint32_t max)
{
    rd_node node = rd_node_find(map, key);
    if (rd_node_type(node) != RD_NODE_ARRAY) {
        plan_fault(r, key, "must be a list");
        return NULL;
    }
    if (rd_node_count(node) > max) {
        plan_fault(r, key, "%" PRIu32 " elements; at most %" PRIu32, rd_node_count(node), max);
        return NULL;
    }
    return node;
}

struct rd_str plan_text(struct plan_reader *r, rd_node map, const char *key)
{
    struct rd_str text = rd_node_str(rd_node_find(map, key));
    if (text.len == 0) {
        plan_fault(r, key, "is required");
    }
    return text;
}

struct rd_str plan_text_or_none(struct plan_reader *r, rd_node map, const char *key)
{
    rd_node node = rd_node_find(map, key);
    if (plan_has(map, key) && rd_node_type(node) != RD_NODE_STR) {
        plan_fault(r, key, "must be a text");
    }
    return rd_node_str(node);
}

struct rd_texts plan_texts(struct plan_reader *r, rd_node map, const char *key, uint32_t max)
{
    rd_node list = plan_array(r, map, key, max);
    uint32_t count = rd_node_count(list);
    struct rd_str *texts = RD_ARENA_ARRAY(r->arena, struct rd_str, count);
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = rd_node_str(rd_node_at(list, i));
        if (texts[i].len == 0) {
            size_t at = plan_enter_at(r, key, i);
            plan_fault(r, NULL, "must be a text");
            plan_leave(r, at);
        }
    }
    return (struct rd_texts){.at = texts, .count = count};
}

int64_t plan_int(struct plan_reader *r, rd_node map, const char *key, int64_t min, int64_t max)
{
    rd_node node = rd_node_find(map, key);
    enum rd_node_type type = rd_node_type(node);
    int64_t value = rd_node_int(node);
    if ((type != RD_NODE_UINT && type != RD_NODE_INT) || value < min || value > max) {
        plan_fault(r, key, "must be a number from %" PRId64 " to %" PRId64, min, max);
        return min;
    }
    return value;
}

bool plan_flag(struct plan_reader *r, rd_node map, const char *key)
{
    rd_node node = rd_node_find(map, key);
    if (plan_has(map, key) && rd_node_type(node) != RD_NODE_BOOL) {
        plan_fault(r, key, "must be true or false");
    }
    return rd_node_bool(node);
}

struct rd_limit plan_limit(struct plan_reader *r, rd_node map, const char *key, uint32_t min)
{
    struct rd_str text = rd_node_str(rd_node_find(map, key));
    struct rd_limit limit = {.unit = RD_LIMIT_SECONDS};
    if (rd_limit_parse(text, &limit) < 0) {
        plan_fault(r, key, "\"%.*s\": not a limit; write for instance 90m, 4h, 5bd, 15d or 8w",
                RD_FMT(text));
    } else if (limit.count < min) {
        plan_fault(r, key, "must be longer than zero");
    }
    return limit;
}

int64_t plan_span_us(struct plan_reader *r, rd_node map, const char *key)
{
    struct rd_limit limit = plan_limit(r, map, key, 0);
    if (limit.unit == RD_LIMIT_BUSINESS_DAYS) {
        plan_fault(r, key, "must be a span of time, not of business days");
    }
    return (int64_t)limit.count * (limit.unit == RD_LIMIT_SECONDS ? RD_SECOND_US : RD_DAY_US);
}

enum rd_severity plan_severity(struct plan_reader *r, rd_node map, const char *key)
{
    enum rd_severity severity = RD_INFO;
    if (rd_severity_parse(rd_node_str(rd_node_find(map, key)), &severity) < 0) {
        plan_fault(r, key, "must be info, warning, high or critical");
    }
    return severity;
}

unsigned plan_word(struct plan_reader *r, rd_node map, const char *key, const char *const words[])
{
    struct rd_str text = rd_node_str(rd_node_find(map, key));
    for (unsigned i = 0; words[i] != NULL; i++) {
        if (rd_str_is(text, words[i])) {
            return i;
        }
    }
    plan_fault(r, key, "\"%.*s\": unknown word", RD_FMT(text));
    return 0;
}

enum rd_moment plan_moment(struct plan_reader *r, rd_node map, const char *key)
{
    struct rd_str text = rd_node_str(rd_node_find(map, key));
    enum rd_moment moment = RD_MOMENT_RECEIVED;
    if (rd_moment_parse(text, &moment) < 0) {
        plan_fault(r, key, "\"%.*s\": nothing that happens to a case", RD_FMT(text));
    }
    return moment;
}

static void keep_match(struct plan_reader *r, struct rd_match *match)
{
    struct plan_whole *whole = r->whole;
    if (whole->match_count == whole->match_cap) {
        size_t cap = whole->match_cap > 0 ? whole->match_cap * 2 : 32;
        struct rd_match **wider = RD_ARENA_ARRAY(r->arena, struct rd_match *, cap);
        if (whole->match_count > 0) {
            memcpy(wider, whole->matches, sizeof *wider * whole->match_count);
        }
        whole->matches = wider;
        whole->match_cap = cap;
    }
    whole->matches[whole->match_count++] = match;
}

/* At an attribute of the matcher at the present place. */
static void fault_attribute(struct plan_reader *r, struct rd_str name, const char *message)
{
    char key[160];
    (void)snprintf(key, sizeof key, "%.*s", RD_FMT(name));
    size_t at = plan_enter(r, key);
    plan_fault(r, NULL, "%s", message);
    plan_leave(r, at);
}

/* Refuses an attribute that no event can set: a typing mistake there would silently match nothing
 * for years. */
static void check_match_names(struct plan_reader *r, rd_node map)
{
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str name;
        (void)rd_node_pair(map, i, &name);
        bool is_verdict = rd_str_is(name, "level") || rd_str_is(name, "score") ||
                          rd_str_is(name, "reasons") || rd_str_is(name, "patterns");
        if (is_verdict) {
            fault_attribute(
                    r, name, "may not be matched: a suspicion never decides how a case is handled");
        } else if (!rd_plan_is_attribute(name)) {
            fault_attribute(
                    r, name, "no attribute of a case; a firm's own are written attributes.NAME");
        }
    }
}

/* A kind has three values: another one would match nothing. */
static void check_kind(struct plan_reader *r, rd_node test)
{
    struct rd_str text = rd_node_str(test);
    struct rd_str bare = text;
    while (bare.len > 0 && bare.ptr[0] == '!') {
        bare = (struct rd_str){bare.ptr + 1, bare.len - 1};
    }
    bool is_pattern = bare.len > 0 && bare.ptr[0] == '~';
    if (rd_node_type(test) == RD_NODE_ARRAY) {
        for (uint32_t i = 0; i < rd_node_count(test); i++) {
            check_kind(r, rd_node_at(test, i));
        }
    } else if (!is_pattern && !rd_str_is(bare, "contact") && !rd_str_is(bare, "complaint") &&
               !rd_str_is(bare, "duty")) {
        char message[160];
        (void)snprintf(message, sizeof message, "\"%.*s\": a kind is contact, complaint or duty",
                (int)(text.len < 80 ? text.len : 80), text.ptr != NULL ? text.ptr : "");
        fault_attribute(r, RD_STR("kind"), message);
    }
}

/* Reports a faulty test at its attribute: the message begins with the attribute's name. */
static void fault_match(struct plan_reader *r, rd_node map, const char *what)
{
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str name;
        (void)rd_node_pair(map, i, &name);
        if (strncmp(what, name.ptr, name.len) == 0 && strncmp(what + name.len, ": ", 2) == 0) {
            fault_attribute(r, name, what + name.len + 2);
            return;
        }
    }
    plan_fault(r, NULL, "%s", what);
}

struct rd_match *plan_match(struct plan_reader *r, rd_node map, const char *key)
{
    if (!plan_has(map, key)) {
        return NULL;
    }
    size_t at = plan_enter(r, key);
    rd_node node = rd_node_find(map, key);
    char what[200] = "cannot be read";
    struct rd_match *match = NULL;
    if (rd_match_compile(node, r->arena, &match, what) < 0) {
        fault_match(r, node, what);
    } else {
        keep_match(r, match);
    }
    if (plan_has(node, "kind")) {
        check_kind(r, rd_node_find(node, "kind"));
    }
    check_match_names(r, node);
    plan_leave(r, at);
    return match;
}

bool plan_target_parse(struct plan_reader *r, struct rd_str text, struct rd_target *ret_target)
{
    struct rd_target target = {.unit = RD_NO_INDEX};
    static const struct rd_str ANCESTOR = {"ancestor: ", 10}, ROSTER = {"roster: ", 8};
    uint64_t steps = 1;
    if (rd_str_is(text, "unit")) {
        target.kind = RD_TARGET_UNIT;
    } else if (rd_str_is(text, "parent")) {
        target.kind = RD_TARGET_PARENT;
        target.steps = 1;
    } else if (rd_str_is(text, "first")) {
        target.kind = RD_TARGET_FIRST;
    } else if (rd_str_starts(text, ANCESTOR)) {
        struct rd_str digits = {text.ptr + ANCESTOR.len, text.len - ANCESTOR.len};
        if (rd_u64_parse(digits, &steps) < 0 || steps < 1 || steps > 16) {
            return false;
        }
        target.kind = RD_TARGET_ANCESTOR;
        target.steps = (uint32_t)steps;
    } else if (rd_str_starts(text, ROSTER)) {
        struct rd_str name = {text.ptr + ROSTER.len, text.len - ROSTER.len};
        const struct rd_plan_roster *roster = rd_plan_roster_find(r->plan, name);
        if (roster == NULL) {
            return false;
        }
        target.kind = RD_TARGET_ROSTER;
        target.unit = (int32_t)(roster - r->plan->rosters);
    } else {
        target.kind = RD_TARGET_NAMED;
        target.unit = rd_plan_unit_find(r->plan, text);
        if (target.unit == RD_NO_INDEX) {
            return false;
        }
    }
    *ret_target = target;
    return true;
}

static struct rd_target read_target(struct plan_reader *r, rd_node node)
{
    struct rd_str text = rd_node_str(node);
    struct rd_target target = {.kind = RD_TARGET_UNIT, .unit = RD_NO_INDEX};
    if (!plan_target_parse(r, text, &target)) {
        plan_fault(r, NULL,
                "\"%.*s\": no such unit, or an id that several units have; write its path, or "
                "unit, parent, first, \"ancestor: 2\", \"roster: NAME\"",
                RD_FMT(text));
    }
    return target;
}

struct rd_target plan_target(struct plan_reader *r, rd_node map, const char *key)
{
    size_t at = plan_enter(r, key);
    struct rd_target target = read_target(r, rd_node_find(map, key));
    plan_leave(r, at);
    return target;
}

struct rd_targets plan_targets(struct plan_reader *r, rd_node map, const char *key)
{
    rd_node list = plan_array(r, map, key, RD_TARGETS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_target *targets = RD_ARENA_ARRAY(r->arena, struct rd_target, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, key, i);
        targets[i] = read_target(r, rd_node_at(list, i));
        plan_leave(r, at);
    }
    return (struct rd_targets){.at = targets, .count = count};
}

void plan_distinct(struct plan_reader *r, const char *key, const struct rd_str *first,
        size_t stride, size_t count)
{
    const char *last = (const char *)first + stride * count;
    const struct rd_str *name = (const struct rd_str *)(const void *)last;
    for (size_t i = 0; i < count; i++) {
        const void *other = (const char *)first + stride * i;
        if (rd_str_eq(*(const struct rd_str *)other, *name)) {
            plan_fault(
                    r, key, "\"%.*s\" stands twice; the first is number %zu", RD_FMT(*name), i + 1);
            return;
        }
    }
}
