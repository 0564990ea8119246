/* common/plan/plan_assess.c — the first-contact warning: rules, lexicons, windows, notices. */
#include <inttypes.h>

#include <xxhash.h>

#include "common/plan/plan_reader.h"
#include "common/text/fold.h"

enum {
    RULES_MAX = 1000,
    LEXICONS_MAX = 100,
    TERMS_MAX = 60000,
    WINDOWS_MAX = 64,
    ACTIONS_MAX = 16,
    SCALE_MAX = 1000000000
};

static struct rd_plan_assessment *assessment(struct plan_reader *r)
{
    return &r->plan->assessment;
}

static void read_rules(struct plan_reader *r, rd_node map)
{
    rd_node list = plan_array(r, map, "rules", RULES_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_rule *rules = RD_ARENA_ARRAY(r->arena, struct rd_plan_rule, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "rules", i);
        rd_node rule = rd_node_at(list, i);
        rules[i].code = plan_text(r, rule, "code");
        rules[i].name = plan_text_or_none(r, rule, "name");
        rules[i].match = plan_match(r, rule, "match");
        rules[i].points = (int32_t)plan_int(r, rule, "points", -100, 100);
        rules[i].actions = plan_texts(r, rule, "actions", ACTIONS_MAX);
        plan_distinct(r, "code", &rules[0].code, sizeof *rules, i);
        if (!plan_has(rule, "match")) {
            plan_fault(r, "match", "is required");
        }
        plan_leave(r, at);
    }
    assessment(r)->rules = rules;
    assessment(r)->rule_count = count;
}

static void read_term(struct plan_reader *r, rd_node pair, struct rd_term *term, int32_t *points)
{
    struct rd_str text = rd_node_str(rd_node_at(pair, 0));
    rd_node value = rd_node_at(pair, 1);
    enum rd_node_type type = rd_node_type(value);
    bool is_number = type == RD_NODE_UINT || type == RD_NODE_INT;
    *points = (int32_t)rd_node_int(value);
    if (!is_number || rd_node_int(value) < -100 || rd_node_int(value) > 100) {
        *points = 0;
        plan_fault(r, NULL, "the points of a term are a number from -100 to 100");
    }
    term->is_pattern = text.len > 1 && text.ptr[0] == '~';
    term->text = term->is_pattern ? (struct rd_str){text.ptr + 1, text.len - 1}
                                  : rd_fold_text(text, r->arena);
    if (term->text.len == 0) {
        plan_fault(r, NULL, "\"%.*s\": nothing is left of the term to look for", RD_FMT(text));
    }
}

static void read_lexicon(struct plan_reader *r, rd_node map, struct rd_plan_lexicon *lexicon,
        struct rd_term *terms, int32_t *points)
{
    lexicon->code = plan_text(r, map, "code");
    lexicon->name = plan_text_or_none(r, map, "name");
    lexicon->cap = (int32_t)plan_int(r, map, "cap", 0, 100);
    lexicon->actions = plan_texts(r, map, "actions", ACTIONS_MAX);
    static const char *const EVIDENCE[] = {"masked", "full", "none", NULL};
    lexicon->evidence = RD_EVIDENCE_MASKED;
    if (plan_has(map, "evidence")) {
        lexicon->evidence = (enum rd_evidence)plan_word(r, map, "evidence", EVIDENCE);
    }
    lexicon->terms = terms;
    lexicon->points = points;
    rd_node list = plan_array(r, map, "terms", TERMS_MAX);
    lexicon->term_count = rd_node_count(list);
    for (uint32_t i = 0; i < lexicon->term_count; i++) {
        size_t at = plan_enter_at(r, "terms", i);
        read_term(r, rd_node_at(list, i), &terms[i], &points[i]);
        plan_leave(r, at);
    }
}

/* Reports a pattern that does not compile, at its own place. */
static void fault_term(struct plan_reader *r, size_t bad, const char *what)
{
    const struct rd_plan_assessment *all = assessment(r);
    for (uint32_t i = 0; i < all->lexicon_count; i++) {
        const struct rd_plan_lexicon *lexicon = &all->lexicons[i];
        if (bad < lexicon->first_term || bad >= lexicon->first_term + lexicon->term_count) {
            continue;
        }
        size_t index = bad - lexicon->first_term;
        size_t at = plan_enter_at(r, "lexicons", i);
        size_t in = plan_enter_at(r, "terms", (uint32_t)index);
        plan_fault(r, NULL, "\"%s%.*s\": %s", lexicon->terms[index].is_pattern ? "~" : "",
                RD_FMT(lexicon->terms[index].text), what);
        plan_leave(r, in);
        plan_leave(r, at);
        return;
    }
}

static void compile_terms(struct plan_reader *r, const struct rd_term *terms, size_t count)
{
    size_t bad = 0;
    char what[200];
    for (size_t i = 0; i < count; i++) {
        if (terms[i].text.len == 0) {
            return; /* told already */
        }
    }
    if (rd_terms_compile(terms, count, &assessment(r)->terms, &bad, what) < 0) {
        fault_term(r, bad, what);
    }
}

static void read_lexicons(struct plan_reader *r, rd_node map)
{
    rd_node list = plan_array(r, map, "lexicons", LEXICONS_MAX);
    uint32_t count = rd_node_count(list);
    size_t term_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        term_count += rd_node_count(rd_node_find(rd_node_at(list, i), "terms"));
    }
    if (term_count > TERMS_MAX) {
        plan_fault(r, "lexicons", "%zu terms in all; at most %d", term_count, (int)TERMS_MAX);
        return;
    }
    struct rd_plan_lexicon *lexicons = RD_ARENA_ARRAY(r->arena, struct rd_plan_lexicon, count);
    struct rd_term *terms = RD_ARENA_ARRAY(r->arena, struct rd_term, term_count);
    int32_t *points = RD_ARENA_ARRAY(r->arena, int32_t, term_count);
    size_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "lexicons", i);
        lexicons[i].first_term = used;
        read_lexicon(r, rd_node_at(list, i), &lexicons[i], terms + used, points + used);
        plan_distinct(r, "code", &lexicons[0].code, sizeof *lexicons, i);
        used += lexicons[i].term_count;
        plan_leave(r, at);
    }
    assessment(r)->lexicons = lexicons;
    assessment(r)->lexicon_count = count;
    assessment(r)->term_count = used;
    compile_terms(r, terms, used);
}

static void check_attribute(struct plan_reader *r, const char *key, struct rd_str name)
{
    if (!rd_plan_is_attribute(name)) {
        plan_fault(r, key, "\"%.*s\": no attribute of a case", RD_FMT(name));
    }
}

static uint32_t read_types(struct plan_reader *r, rd_node map)
{
    static const char *const TYPES[] = {
            "contact.received", "complaint.registered", "case.forwarded"};
    struct rd_texts texts = plan_texts(r, map, "types", RD_COUNT(TYPES));
    uint32_t bits = 0;
    for (size_t i = 0; i < texts.count; i++) {
        uint32_t bit = 0;
        for (uint32_t k = 0; k < RD_COUNT(TYPES); k++) {
            bit |= rd_str_is(texts.at[i], TYPES[k]) ? 1U << k : 0;
        }
        if (bit == 0) {
            plan_fault(r, "types", "\"%.*s\" is not assessed", RD_FMT(texts.at[i]));
        }
        bits |= bit;
    }
    if (bits == 0) {
        plan_fault(r, "types", "at least one type of event");
    }
    return bits;
}

/* Names the window's members in the store: another question, another name. */
static uint64_t digest_of(const struct rd_plan_window *window)
{
    struct rd_buf buf;
    rd_buf_init(&buf, 64 * 1024);
    rd_buf_put_u8(&buf, 2); /* of the layout of the members' rows */
    rd_buf_put_str(&buf, window->code);
    rd_buf_put_uint(&buf, window->keys.count);
    for (size_t i = 0; i < window->keys.count; i++) {
        rd_buf_put_str(&buf, window->keys.at[i]);
    }
    rd_buf_put_str(&buf, window->distinct);
    rd_buf_put_uint(&buf, window->types);
    rd_buf_put_uint(&buf, window->days);
    uint64_t digest = XXH64(buf.ptr, buf.len, 0);
    rd_buf_done(&buf);
    return digest;
}

static void read_window(struct plan_reader *r, rd_node map, struct rd_plan_window *window)
{
    window->code = plan_text(r, map, "code");
    window->name = plan_text_or_none(r, map, "name");
    window->keys = plan_texts(r, map, "key", 4);
    for (size_t i = 0; i < window->keys.count; i++) {
        check_attribute(r, "key", window->keys.at[i]);
    }
    if (window->keys.count == 0) {
        plan_fault(r, "key", "at least one attribute");
    }
    window->distinct = plan_text_or_none(r, map, "distinct");
    if (window->distinct.len > 0) {
        check_attribute(r, "distinct", window->distinct);
    }
    window->types = read_types(r, map);
    window->days = (uint32_t)plan_int(r, map, "days", 1, 3660);
    window->count = (uint32_t)plan_int(r, map, "count", 1, 1000000);
    window->points = (int32_t)plan_int(r, map, "points", -100, 100);
    window->actions = plan_texts(r, map, "actions", ACTIONS_MAX);
    window->digest = digest_of(window);
    if (plan_has(map, "pattern")) {
        size_t at = plan_enter(r, "pattern");
        rd_node pattern = rd_node_find(map, "pattern");
        window->pattern.is_set = true;
        window->pattern.notify = plan_target(r, pattern, "notify");
        window->pattern.severity = plan_severity(r, pattern, "severity");
        window->pattern.title = plan_text_or_none(r, pattern, "title");
        plan_leave(r, at);
    }
}

static void read_windows(struct plan_reader *r, rd_node map)
{
    rd_node list = plan_array(r, map, "windows", WINDOWS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_window *windows = RD_ARENA_ARRAY(r->arena, struct rd_plan_window, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "windows", i);
        read_window(r, rd_node_at(list, i), &windows[i]);
        plan_distinct(r, "code", &windows[0].code, sizeof *windows, i);
        plan_leave(r, at);
    }
    assessment(r)->windows = windows;
    assessment(r)->window_count = count;
}

static void read_notices(struct plan_reader *r, rd_node map)
{
    rd_node list = plan_array(r, map, "notices", 64);
    uint32_t count = rd_node_count(list);
    struct rd_plan_notice *notices = RD_ARENA_ARRAY(r->arena, struct rd_plan_notice, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "notices", i);
        rd_node notice = rd_node_at(list, i);
        notices[i].code = plan_text(r, notice, "code");
        notices[i].name = plan_text_or_none(r, notice, "name");
        notices[i].text = plan_text(r, notice, "text");
        notices[i].written = plan_flag(r, notice, "written");
        notices[i].match = plan_match(r, notice, "match");
        plan_distinct(r, "code", &notices[0].code, sizeof *notices, i);
        plan_leave(r, at);
    }
    assessment(r)->notices = notices;
    assessment(r)->notice_count = count;
}

static void read_ignore(struct plan_reader *r, rd_node map)
{
    rd_node ignore = plan_map(r, map, "ignore");
    uint32_t count = rd_node_count(ignore);
    struct rd_plan_ignore *rows = RD_ARENA_ARRAY(r->arena, struct rd_plan_ignore, count);
    size_t at = plan_enter(r, "ignore");
    for (uint32_t i = 0; i < count; i++) {
        (void)rd_node_pair(ignore, i, &rows[i].attribute);
        char key[256];
        struct rd_str name = rows[i].attribute;
        if (name.len >= sizeof key || !rd_plan_is_attribute(name)) {
            plan_fault(r, NULL, "\"%.*s\": no attribute of a case", RD_FMT(name));
            continue;
        }
        for (size_t k = 0; k < name.len; k++) {
            key[k] = name.ptr[k];
        }
        key[name.len] = '\0';
        rows[i].values = plan_texts(r, ignore, key, 10000);
    }
    plan_leave(r, at);
    assessment(r)->ignore = rows;
    assessment(r)->ignore_count = count;
}

static void read_externals(struct plan_reader *r, rd_node map)
{
    static const struct rd_str CUSTOM = {"attributes.", 11};
    rd_node list = plan_array(r, map, "external", 32);
    uint32_t count = rd_node_count(list);
    struct rd_plan_external *externals = RD_ARENA_ARRAY(r->arena, struct rd_plan_external, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "external", i);
        rd_node external = rd_node_at(list, i);
        rd_node scale = plan_map(r, external, "scale");
        externals[i].code = plan_text(r, external, "code");
        externals[i].name = plan_text_or_none(r, external, "name");
        externals[i].attribute = plan_text(r, external, "attribute");
        externals[i].from = plan_int(r, scale, "from", -SCALE_MAX, SCALE_MAX);
        externals[i].to = plan_int(r, scale, "to", -SCALE_MAX, SCALE_MAX);
        externals[i].cap = (int32_t)plan_int(r, external, "cap", 1, 100);
        if (!rd_str_starts(externals[i].attribute, CUSTOM)) {
            plan_fault(r, "attribute", "names an attribute of the firm's own: attributes.NAME");
        }
        if (externals[i].from >= externals[i].to) {
            plan_fault(r, "scale", "from must be less than to");
        }
        plan_distinct(r, "code", &externals[0].code, sizeof *externals, i);
        plan_leave(r, at);
    }
    assessment(r)->externals = externals;
    assessment(r)->external_count = count;
}

static void read_recontact(struct plan_reader *r, rd_node map)
{
    static const char *const JOINS[] = {"complaint", "contact", NULL};
    rd_node recontact = plan_map(r, map, "recontact");
    size_t at = plan_enter(r, "recontact");
    assessment(r)->joins_complaints = plan_word(r, recontact, "joins", JOINS) == 0;
    struct rd_str merged = plan_text_or_none(r, recontact, "merged"); /* engine 11 had none */
    assessment(r)->follows_merged = rd_str_is(merged, "followed");
    plan_leave(r, at);
}

static void read_levels(struct plan_reader *r, rd_node map)
{
    struct rd_plan_assessment *into = assessment(r);
    rd_node levels = plan_map(r, map, "levels");
    size_t at = plan_enter(r, "levels");
    into->watch = (int32_t)plan_int(r, levels, "watch", 1, 100);
    into->high = (int32_t)plan_int(r, levels, "high", 1, 100);
    into->critical = (int32_t)plan_int(r, levels, "critical", 1, 100);
    if (into->watch > into->high || into->high > into->critical) {
        plan_fault(r, NULL, "must rise: watch, high, critical");
    }
    plan_leave(r, at);
    if (rd_level_parse(rd_node_str(rd_node_find(map, "open_case_at")), &into->open_case_at) < 0) {
        plan_fault(r, "open_case_at", "must be none, watch, high or critical");
    }
}

/* A list of causes, each with its code, `stride` bytes apart. */
struct coded {
    const char *section, *what;
    const struct rd_str *first;
    size_t stride, count;
};

static struct rd_str code_at(const struct coded *coded, size_t index)
{
    const char *base = (const char *)coded->first;
    return *(const struct rd_str *)(const void *)(base + index * coded->stride);
}

/* The first list that has the code. NULL: none. */
static const struct coded *find_code(const struct coded *lists, size_t count, struct rd_str code)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < lists[i].count; k++) {
            if (code.len > 0 && rd_str_eq(code_at(&lists[i], k), code)) {
                return &lists[i];
            }
        }
    }
    return NULL;
}

/* Reasons are shown by code, so a code must have one cause. Within a list its reader has checked
 * that already. */
static void check_codes(struct plan_reader *r)
{
    const struct rd_plan_assessment *all = assessment(r);
    const struct coded lists[] = {
            {"rules", "rule", &all->rules->code, sizeof *all->rules, all->rule_count},
            {"lexicons", "lexicon", &all->lexicons->code, sizeof *all->lexicons,
                    all->lexicon_count},
            {"windows", "window", &all->windows->code, sizeof *all->windows, all->window_count},
            {"external", "external score", &all->externals->code, sizeof *all->externals,
                    all->external_count},
    };
    for (size_t i = 0; i < RD_COUNT(lists); i++) {
        for (size_t k = 0; k < lists[i].count; k++) {
            const struct coded *other = find_code(lists, i, code_at(&lists[i], k));
            if (other != NULL) {
                size_t at = plan_enter_at(r, lists[i].section, (uint32_t)k);
                plan_fault(r, "code", "\"%.*s\" is the code of a %s already",
                        RD_FMT(code_at(&lists[i], k)), other->what);
                plan_leave(r, at);
            }
        }
    }
    if (all->scorecard != NULL) {
        struct rd_str code = rd_scorecard_card(all->scorecard)->code;
        if (find_code(lists, RD_COUNT(lists), code) != NULL) {
            size_t at = plan_enter(r, "scorecard");
            plan_fault(
                    r, "scorecard", "\"%.*s\" is the code of another reason already", RD_FMT(code));
            plan_leave(r, at);
        }
    }
}

void plan_read_assessment(struct plan_reader *r, rd_node root)
{
    rd_node map = plan_map(r, root, "assessment");
    if (map == NULL) {
        return;
    }
    size_t at = plan_enter(r, "assessment");
    read_levels(r, map);
    read_rules(r, map);
    read_lexicons(r, map);
    read_windows(r, map);
    read_ignore(r, map);
    read_notices(r, map);
    read_externals(r, map);
    read_recontact(r, map);
    if (plan_has(map, "scorecard")) {
        plan_read_scorecard(r, map);
    }
    check_codes(r);
    assessment(r)->follow_up_us = plan_span_us(r, map, "follow_up");
    plan_leave(r, at);
}
