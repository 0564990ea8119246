/* common/plan/plan_codes.c — names and numbers of the values that cases are told apart by. */
#include <stdlib.h>

#include "common/base/nearest.h"
#include "common/plan/plan_reader.h"
#include "common/text/fold.h"
#include "common/wire/event_table.h"

enum { ALSO_MAX = 64 };

static const enum rd_event_key CODED[] = {
        RD_KEY_ISSUE, RD_KEY_CAUSE, RD_KEY_PRODUCT, RD_KEY_OUTCOME, RD_KEY_CHANNEL};

const struct rd_plan_codes *rd_plan_codes_of(const struct rd_plan *plan, enum rd_event_key key)
{
    for (size_t i = 0; i < plan->codes_count; i++) {
        if (plan->codes[i].key == key) {
            return &plan->codes[i];
        }
    }
    return NULL;
}

const struct rd_plan_code *rd_plan_code_find(
        const struct rd_plan_codes *codes, struct rd_str value, struct rd_arena *arena)
{
    struct rd_str text = rd_fold(value, arena);
    size_t low = 0, high = codes->spelling_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rd_str_cmp(codes->spellings[middle].text, text) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_found = low < codes->spelling_count && rd_str_eq(codes->spellings[low].text, text);
    return is_found ? &codes->at[codes->spellings[low].index] : NULL;
}

struct rd_str rd_plan_code_name(
        const struct rd_plan *plan, enum rd_event_key key, struct rd_str value)
{
    const struct rd_plan_codes *codes = rd_plan_codes_of(plan, key);
    for (size_t i = 0; codes != NULL && i < codes->count; i++) {
        if (rd_str_eq(codes->at[i].code, value)) {
            return codes->at[i].name;
        }
    }
    return value;
}

/* ---- reading ---- */

static bool parse_attribute(struct plan_reader *r, struct rd_str name, enum rd_event_key *ret_key)
{
    struct rd_nearest nearest = rd_nearest_of(name);
    for (size_t i = 0; i < RD_COUNT(CODED); i++) {
        struct rd_str known = rd_str_of(rd_event_key_name(CODED[i]));
        if (rd_str_eq(known, name)) {
            *ret_key = CODED[i];
            return true;
        }
        rd_nearest_try(&nearest, known);
    }
    bool is_close = rd_nearest_is_close(&nearest);
    plan_fault(r, NULL, "has no codes: issue, cause, product, outcome and channel may%s%.*s%s",
            is_close ? "; did you mean " : "", is_close ? (int)nearest.best.len : 0,
            is_close ? nearest.best.ptr : "", is_close ? "?" : "");
    return false;
}

static size_t spellings_of(rd_node row)
{
    return 2 + (size_t)rd_node_count(rd_node_find(row, "also"));
}

struct spelling_list {
    struct rd_plan_spelling *at;
    size_t count;
    struct rd_plan_code *codes;
};

static void add_spelling(
        struct plan_reader *r, struct spelling_list *list, struct rd_str text, uint32_t index)
{
    list->at[list->count++] =
            (struct rd_plan_spelling){.text = rd_fold(text, r->arena), .index = index};
}

/* A decision's outcome is one of a closed list: another would be the code of nothing. */
static void check_outcome(struct plan_reader *r, struct rd_str code)
{
    const char *const *known = rd_key_codes(RD_EVENT_DECIDED, RD_KEY_OUTCOME);
    struct rd_nearest nearest = rd_nearest_of(code);
    for (size_t i = 0; known[i] != NULL; i++) {
        if (rd_str_is(code, known[i])) {
            return;
        }
        rd_nearest_try(&nearest, rd_str_of(known[i]));
    }
    plan_fault(r, NULL, "no outcome of a decision; the nearest is %.*s", RD_FMT(nearest.best));
}

static void read_code(struct plan_reader *r, rd_node values, uint32_t index,
        struct rd_plan_codes *codes, struct spelling_list *list)
{
    struct rd_str code;
    rd_node row = rd_node_pair(values, index, &code);
    struct rd_plan_code *made = &list->codes[index];
    size_t limit = rd_key_rule(codes->key)->limit;
    made->code = code;
    made->name = plan_text_or_none(r, row, "name");
    made->name = made->name.len > 0 ? made->name : code;
    made->regulator = plan_text_or_none(r, row, "regulator");
    if (code.len > limit) {
        plan_fault(r, NULL, "is longer than the %zu bytes of the attribute", limit);
    }
    if (codes->key == RD_KEY_OUTCOME) {
        check_outcome(r, code);
    }
    add_spelling(r, list, code, index);
    add_spelling(r, list, made->name, index);
    struct rd_texts also =
            plan_has(row, "also") ? plan_texts(r, row, "also", ALSO_MAX) : (struct rd_texts){0};
    for (size_t i = 0; i < also.count; i++) {
        add_spelling(r, list, also.at[i], index);
    }
}

static int by_text(const void *a, const void *b)
{
    const struct rd_plan_spelling *left = a, *right = b;
    int order = rd_str_cmp(left->text, right->text);
    return order != 0 ? order : (left->index > right->index) - (left->index < right->index);
}

/* Each spelling once, and none that two codes share. */
static void sort_spellings(
        struct plan_reader *r, struct rd_plan_codes *codes, struct spelling_list *list)
{
    size_t kept = 0;
    qsort(list->at, list->count, sizeof *list->at, by_text);
    for (size_t i = 0; i < list->count; i++) {
        const struct rd_plan_spelling *before = kept > 0 ? &list->at[kept - 1] : NULL;
        bool is_same = before != NULL && rd_str_eq(before->text, list->at[i].text);
        if (is_same && before->index != list->at[i].index) {
            plan_fault(r, NULL, "\"%.*s\" spells both %.*s and %.*s", RD_FMT(before->text),
                    RD_FMT(codes->at[before->index].code),
                    RD_FMT(codes->at[list->at[i].index].code));
        }
        if (!is_same) {
            list->at[kept++] = list->at[i];
        }
    }
    codes->spellings = list->at;
    codes->spelling_count = kept;
}

static void read_attribute(struct plan_reader *r, rd_node map, struct rd_plan_codes *codes)
{
    static const char *const UNKNOWN[] = {"accept", "reject", NULL};
    rd_node values = plan_has(map, "values") ? plan_map(r, map, "values") : NULL;
    uint32_t count = rd_node_count(values);
    size_t spellings = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str code;
        spellings += spellings_of(rd_node_pair(values, i, &code));
    }
    struct spelling_list list = {.at = RD_ARENA_ARRAY(r->arena, struct rd_plan_spelling, spellings),
            .codes = RD_ARENA_ARRAY(r->arena, struct rd_plan_code, count)};
    codes->rejects = plan_word(r, map, "unknown", UNKNOWN) == 1;
    codes->at = list.codes;
    codes->count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str code;
        (void)rd_node_pair(values, i, &code);
        size_t at = plan_enter(r, "values");
        size_t below = plan_enter(r, rd_arena_printf(r->arena, "%.*s", RD_FMT(code)).ptr);
        read_code(r, values, i, codes, &list);
        plan_leave(r, below);
        plan_leave(r, at);
    }
    size_t at = plan_enter(r, "values");
    sort_spellings(r, codes, &list);
    plan_leave(r, at);
}

/* A tree written by an older version has no codes. */
void plan_read_codes(struct plan_reader *r, rd_node root)
{
    rd_node map = plan_has(root, "codes") ? plan_map(r, root, "codes") : NULL;
    uint32_t count = rd_node_count(map);
    struct rd_plan_codes *codes = RD_ARENA_ARRAY(r->arena, struct rd_plan_codes, count);
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str name;
        rd_node row = rd_node_pair(map, i, &name);
        size_t at = plan_enter(r, "codes");
        size_t below = plan_enter(r, rd_arena_printf(r->arena, "%.*s", RD_FMT(name)).ptr);
        if (parse_attribute(r, name, &codes[i].key)) {
            read_attribute(r, row, &codes[i]);
        }
        plan_leave(r, below);
        plan_leave(r, at);
    }
    r->plan->codes = codes;
    r->plan->codes_count = count;
}
