#include "tools/train/dataset.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text/fold.h"
#include "common/text/tokens.h"
#include "tools/shared/ends.h"

#define ARENA_BYTES_MAX ((size_t)8 << 30)
enum { FOLD_BYTES_MAX = 4 * 1024 * 1024, SLOTS_FIRST = 4096, COVERED_PCT = 95 };

static void *grow(void *array, size_t *room, size_t count, size_t size)
{
    if (count < *room) {
        return array;
    }
    *room = *room == 0 ? 1024 : *room * 2;
    void *wider = reallocarray(array, *room, size);
    if (wider == NULL) {
        rd_oom();
    }
    return wider;
}

void dataset_init(struct dataset *dataset, uint32_t rows_min)
{
    *dataset = (struct dataset){
            .rows_min = rows_min, .tokens_max = DATASET_TOKENS_MAX, .slot_mask = SLOTS_FIRST - 1};
    rd_arena_init(&dataset->arena, ARENA_BYTES_MAX);
    dataset->slots = calloc(SLOTS_FIRST, sizeof *dataset->slots);
    if (dataset->slots == NULL) {
        rd_oom();
    }
}

void dataset_done(struct dataset *dataset)
{
    rd_arena_done(&dataset->arena);
    free(dataset->candidates);
    free(dataset->slots);
    free(dataset->rows);
    free(dataset->ids);
    free(dataset->numbers);
}

bool dataset_add_attribute(struct dataset *dataset, struct rd_str name)
{
    if (dataset->attribute_count == DATASET_ATTRIBUTES_MAX) {
        say_error("more than %d attributes: name fewer with --features", DATASET_ATTRIBUTES_MAX);
        return false;
    }
    dataset->attributes[dataset->attribute_count++] = rd_arena_dup(&dataset->arena, name);
    return true;
}

/* ---- candidates ---- */

/* FNV-1a: the texts are the firm's own, so no attacker chooses them to collide. */
static uint64_t hash_of(const struct candidate *candidate)
{
    struct rd_str text = candidate->feature.text;
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)candidate->attribute << 8 ^
                    (uint64_t)candidate->feature.kind;
    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ (uint8_t)text.ptr[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 29;
}

static void put_slot(struct dataset *dataset, uint32_t index)
{
    size_t slot = hash_of(&dataset->candidates[index]) & dataset->slot_mask;
    while (dataset->slots[slot] != 0) {
        slot = (slot + 1) & dataset->slot_mask;
    }
    dataset->slots[slot] = index + 1;
}

static void widen_slots(struct dataset *dataset)
{
    size_t count = (dataset->slot_mask + 1) * 2;
    free(dataset->slots);
    dataset->slots = calloc(count, sizeof *dataset->slots);
    if (dataset->slots == NULL) {
        rd_oom();
    }
    dataset->slot_mask = count - 1;
    for (uint32_t i = 0; i < dataset->candidate_count; i++) {
        put_slot(dataset, i);
    }
}

static uint32_t add_candidate(struct dataset *dataset, const struct candidate *like)
{
    dataset->candidates = grow(dataset->candidates, &dataset->candidate_room,
            dataset->candidate_count, sizeof *dataset->candidates);
    uint32_t index = (uint32_t)dataset->candidate_count++;
    struct candidate *made = &dataset->candidates[index];
    *made = *like;
    made->feature.text = rd_arena_dup(&dataset->arena, like->feature.text);
    if (like->attribute < DATASET_ATTRIBUTES_MAX) {
        made->feature.attribute = dataset->attributes[like->attribute];
    }
    return index;
}

static bool same(const struct candidate *a, const struct candidate *b)
{
    return a->feature.kind == b->feature.kind && a->attribute == b->attribute &&
           rd_str_eq(a->feature.text, b->feature.text);
}

static void put_id(struct dataset *dataset, uint32_t id)
{
    dataset->ids = grow(dataset->ids, &dataset->id_room, dataset->id_count, sizeof *dataset->ids);
    dataset->ids[dataset->id_count++] = id;
}

/* The candidate holds in the row that is being gathered; once, however often it is said. */
static void holds(struct dataset *dataset, const struct candidate *like)
{
    size_t slot = hash_of(like) & dataset->slot_mask;
    while (dataset->slots[slot] != 0 &&
            !same(&dataset->candidates[dataset->slots[slot] - 1], like)) {
        slot = (slot + 1) & dataset->slot_mask;
    }
    uint32_t index = dataset->slots[slot] - 1;
    if (dataset->slots[slot] == 0) {
        bool is_token = like->feature.kind == RD_CARD_TOKEN;
        if (is_token && dataset->token_count >= dataset->tokens_max) {
            dataset->tokens_left_out++;
            return;
        }
        dataset->token_count += is_token;
        index = add_candidate(dataset, like);
        dataset->slots[slot] = index + 1;
        if (dataset->candidate_count * 2 > dataset->slot_mask) {
            widen_slots(dataset);
        }
    }
    struct candidate *candidate = &dataset->candidates[index];
    if (candidate->last_row != dataset->row_count) { /* row_count counts this row already */
        candidate->last_row = (uint32_t)dataset->row_count;
        put_id(dataset, index);
    }
}

/* ---- gathering ---- */

static void holds_value(struct dataset *dataset, uint32_t attribute, struct rd_str text)
{
    if (text.len > 0) {
        struct candidate like = {
                .feature = {.kind = RD_CARD_VALUE, .text = text}, .attribute = attribute};
        holds(dataset, &like);
    }
}

static void holds_number(struct dataset *dataset, uint32_t attribute, int64_t value)
{
    dataset->numbers = grow(dataset->numbers, &dataset->number_room, dataset->number_count,
            sizeof *dataset->numbers);
    RD_ASSERT(dataset->number_count < INT32_MAX);
    put_id(dataset, (uint32_t)dataset->number_count | 1U << 31);
    dataset->numbers[dataset->number_count++] = (struct dataset_number){attribute, value};
}

static void holds_list(struct dataset *dataset, uint32_t attribute, struct rd_str bytes)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node list = NULL;
    if (rd_tree_read(tree, bytes, &list, NULL) == 0) {
        for (uint32_t i = 0; i < rd_node_count(list); i++) {
            holds_value(dataset, attribute, rd_node_str(rd_node_at(list, i)));
        }
    }
}

static void gather_attribute(
        struct dataset *dataset, uint32_t attribute, const struct rd_value *value)
{
    switch (value->type) {
    case RD_NIL: {
        struct candidate like = {.feature = {.kind = RD_CARD_ABSENT}, .attribute = attribute};
        holds(dataset, &like);
        return;
    }
    case RD_VALUE_STR:
        holds_value(dataset, attribute, value->bytes);
        return;
    case RD_VALUE_BOOL:
        holds_value(dataset, attribute, value->integer != 0 ? RD_STR("true") : RD_STR("false"));
        return;
    case RD_VALUE_UINT:
    case RD_VALUE_INT:
        holds_number(dataset, attribute, value->integer);
        return;
    case RD_VALUE_MONEY:
        holds_number(dataset, attribute, value->integer / 100 - (value->integer % 100 < 0));
        return;
    case RD_VALUE_LIST:
        holds_list(dataset, attribute, value->bytes);
        return;
    case RD_VALUE_TIME:
    case RD_VALUE_DATE:
    case RD_VALUE_MAP:
        return; /* no feature names one */
    }
}

static void gather_text(
        struct dataset *dataset, const struct rd_event *event, struct rd_arena *arena)
{
    const struct rd_value *text = &event->data[RD_KEY_TEXT];
    if (!dataset->reads_text || text->type != RD_VALUE_STR) {
        return;
    }
    rd_arena_reset(arena);
    struct rd_tokens tokens = rd_tokens_of(rd_fold_text(text->bytes, arena));
    struct candidate like = {
            .feature = {.kind = RD_CARD_TOKEN}, .attribute = DATASET_ATTRIBUTES_MAX};
    while (rd_tokens_next(&tokens, &like.feature.text)) {
        holds(dataset, &like);
    }
}

static void gather(struct dataset *dataset, const struct history_row *row, struct rd_arena *arena)
{
    dataset->rows =
            grow(dataset->rows, &dataset->row_room, dataset->row_count, sizeof *dataset->rows);
    struct dataset_row *made = &dataset->rows[dataset->row_count++];
    *made = (struct dataset_row){.time = row->time,
            .number = row->number,
            .is_yes = row->outcome == OUTCOME_YES,
            .first = dataset->id_count};
    for (uint32_t i = 0; i < dataset->attribute_count; i++) {
        struct rd_value value = event_lookup(row->event, dataset->attributes[i]);
        gather_attribute(dataset, i, &value);
    }
    gather_text(dataset, row->event, arena);
    made->count = (uint32_t)(dataset->id_count - made->first);
}

bool dataset_read(struct dataset *dataset, struct history *history)
{
    struct history_row row;
    struct rd_arena arena;
    int r;
    rd_arena_init(&arena, FOLD_BYTES_MAX);
    while ((r = history_next(history, &row)) != 0) {
        if (r == -EBADMSG) {
            if (dataset->bad++ == 0) {
                (void)snprintf(dataset->bad_what, sizeof dataset->bad_what, "row %" PRIu64 ": %s",
                        row.number, row.what);
            }
        } else if (r < 0) {
            break;
        } else if (row.outcome == OUTCOME_UNKNOWN) {
            dataset->unknown++;
        } else if (dataset->row_count == INT32_MAX) {
            say_error("more than %d rows", INT32_MAX);
            r = -EFBIG;
            break;
        } else {
            gather(dataset, &row, &arena);
        }
    }
    rd_arena_done(&arena);
    return r == 0;
}

/* ---- the split ---- */

static int by_time(const void *a, const void *b)
{
    const struct dataset_row *x = a;
    const struct dataset_row *y = b;
    int order = (x->time > y->time) - (x->time < y->time);
    return order != 0 ? order : (x->number > y->number) - (x->number < y->number);
}

bool dataset_split(struct dataset *dataset, rd_time cut, unsigned share_pct)
{
    if (dataset->row_count == 0) {
        say_error("no row has an outcome%s%s", dataset->bad > 0 ? "; " : "", dataset->bad_what);
        return false;
    }
    qsort(dataset->rows, dataset->row_count, sizeof *dataset->rows, by_time);
    if (cut == RD_TIME_NONE) {
        size_t at = dataset->row_count - dataset->row_count * share_pct / 100;
        cut = dataset->rows[at < dataset->row_count ? at : at - 1].time;
    }
    dataset->cut = cut;
    size_t yes[2] = {0, 0};
    for (size_t i = 0; i < dataset->row_count; i++) {
        bool is_test = dataset->rows[i].time >= cut;
        dataset->train_count += !is_test;
        yes[is_test] += dataset->rows[i].is_yes;
    }
    size_t test = dataset->row_count - dataset->train_count;
    if (yes[0] == 0 || yes[0] == dataset->train_count || yes[1] == 0 || yes[1] == test) {
        say_error("%zu rows to learn from with %zu yes, %zu to try with %zu yes: both need both",
                dataset->train_count, yes[0], test, yes[1]);
        return false;
    }
    return true;
}

/* ---- ranges, and what is rare ---- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The training rows' values of the attribute, sorted. */
static size_t values_of(const struct dataset *dataset, uint32_t attribute, int64_t *values)
{
    size_t count = 0;
    for (size_t i = 0; i < dataset->train_count; i++) {
        const struct dataset_row *row = &dataset->rows[i];
        for (uint32_t k = 0; k < row->count; k++) {
            uint32_t id = dataset->ids[row->first + k];
            const struct dataset_number *number = &dataset->numbers[id & INT32_MAX];
            if (id >> 31 != 0 && number->attribute == attribute) {
                values[count++] = number->value;
            }
        }
    }
    qsort(values, count, sizeof *values, by_value);
    return count;
}

/* Candidates one behind the other, open at both ends; none where all values are one. */
static void make_ranges(struct dataset *dataset, uint32_t attribute, int64_t *values)
{
    size_t count = values_of(dataset, attribute, values);
    int64_t from = INT64_MIN;
    for (size_t bin = 1; bin <= DATASET_BINS && count > 0; bin++) {
        int64_t below = bin == DATASET_BINS ? INT64_MAX : values[count * bin / DATASET_BINS];
        bool is_apart = below > from && (below == INT64_MAX ? from > INT64_MIN : below > values[0]);
        bool is_in_card =
                below == INT64_MAX || (below >= -RD_CARD_NUMBER_MAX && below <= RD_CARD_NUMBER_MAX);
        if (is_apart && is_in_card) {
            struct candidate like = {
                    .feature = {.kind = RD_CARD_RANGE, .from = from, .below = below},
                    .attribute = attribute};
            (void)add_candidate(dataset, &like);
            from = below;
        }
    }
}

static uint32_t range_of(
        const struct dataset *dataset, const size_t first[], const struct dataset_number *number)
{
    size_t at = first[number->attribute];
    while (at < first[number->attribute + 1] &&
            number->value >= dataset->candidates[at].feature.below) {
        at++;
    }
    return at < first[number->attribute + 1] ? (uint32_t)at : DATASET_NO_CANDIDATE;
}

static void put_ranges(struct dataset *dataset)
{
    size_t first[DATASET_ATTRIBUTES_MAX + 1];
    int64_t *values = calloc(dataset->number_count + 1, sizeof *values);
    if (values == NULL) {
        rd_oom();
    }
    for (uint32_t i = 0; i < dataset->attribute_count; i++) {
        first[i] = dataset->candidate_count;
        make_ranges(dataset, i, values);
    }
    first[dataset->attribute_count] = dataset->candidate_count;
    free(values);
    for (size_t i = 0; i < dataset->id_count; i++) {
        uint32_t id = dataset->ids[i];
        if (id >> 31 != 0) {
            dataset->ids[i] = range_of(dataset, first, &dataset->numbers[id & INT32_MAX]);
        }
    }
}

/* Where nearly every row has one of the attribute's kept candidates, the commonest of them is the
 * one that the others are measured by and no feature: else its weight and the base would be one,
 * and a value never seen before would count as none of them. Elsewhere the rare values are that. */
static void drop_commonest(struct dataset *dataset)
{
    uint64_t covered[DATASET_ATTRIBUTES_MAX + 1] = {0};
    struct candidate *best[DATASET_ATTRIBUTES_MAX + 1] = {NULL};
    for (size_t i = 0; i < dataset->candidate_count; i++) {
        struct candidate *candidate = &dataset->candidates[i];
        uint32_t at = candidate->attribute;
        if (candidate->is_kept) {
            covered[at] += candidate->rows;
            best[at] = best[at] == NULL || best[at]->rows < candidate->rows ? candidate : best[at];
        }
    }
    for (size_t i = 0; i < dataset->attribute_count; i++) {
        if (covered[i] * 100 >= dataset->train_count * COVERED_PCT && best[i] != NULL) {
            best[i]->is_kept = false;
        }
    }
}

void dataset_prepare(struct dataset *dataset)
{
    put_ranges(dataset);
    for (size_t i = 0; i < dataset->train_count; i++) {
        const struct dataset_row *row = &dataset->rows[i];
        for (uint32_t k = 0; k < row->count; k++) {
            uint32_t id = dataset->ids[row->first + k];
            if (id < dataset->candidate_count) {
                dataset->candidates[id].rows++;
            }
        }
    }
    for (size_t i = 0; i < dataset->candidate_count; i++) {
        struct candidate *candidate = &dataset->candidates[i];
        candidate->is_kept = candidate->rows >= dataset->rows_min;
    }
    drop_commonest(dataset);
}
