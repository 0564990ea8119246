#include "common/text/scorecard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "common/base/buf.h"
#include "common/text/tokens.h"
#include "common/wire/pack.h"

enum { WHAT_MAX = 200, NUMBER_BYTES = 24, LIST_BYTES_MAX = 64 * 1024 };

static const uint32_t NO_FEATURE = UINT32_MAX;

struct attribute {
    struct rd_str name;
    uint32_t absent;        /* the feature, or NO_FEATURE */
    const uint32_t *ranges; /* features by their lower end; none overlaps another */
    size_t range_count;
    bool has_values;
};

struct slot {
    uint32_t feature; /* index + 1; 0: free */
    uint32_t tag;     /* the hash's upper half: nearly every other text differs there */
};

struct rd_scorecard {
    struct rd_card card;
    struct attribute *attributes;
    size_t attribute_count, token_count;
    /* Open addressing over (attribute, text), at most half full. Tokens have the number behind the
     * last attribute. */
    struct slot *slots;
    size_t slot_mask;
};

/* A pair of Chinese characters has 6 bytes: what is that short is its own key. */
static uint64_t key_of(struct rd_str text)
{
    uint32_t head = 0;
    uint32_t tail = 0;
    if (text.len > sizeof(uint64_t)) {
        return XXH64(text.ptr, text.len, 0);
    }
    if (text.len >= sizeof head) {
        memcpy(&head, text.ptr, sizeof head);
        memcpy(&tail, text.ptr + text.len - sizeof tail, sizeof tail);
    } else if (text.len > 0) {
        head = (uint32_t)(uint8_t)text.ptr[0] | (uint32_t)(uint8_t)text.ptr[text.len / 2] << 8 |
               (uint32_t)(uint8_t)text.ptr[text.len - 1] << 16;
    }
    return (uint64_t)tail << 32 | head;
}

static uint64_t hash_of(size_t attribute, struct rd_str text)
{
    uint64_t key = key_of(text) ^ (uint64_t)(attribute + 1) * UINT64_C(0x9e3779b97f4a7c15) ^
                   (uint64_t)text.len << 58;
    key = (key ^ key >> 32) * UINT64_C(0xbf58476d1ce4e5b9);
    return key ^ key >> 29;
}

static size_t attribute_of(const struct rd_scorecard *made, const struct rd_card_feature *feature)
{
    if (feature->kind == RD_CARD_TOKEN) {
        return RD_CARD_ATTRIBUTES_MAX;
    }
    size_t at = 0;
    while (at < made->attribute_count &&
            !rd_str_eq(made->attributes[at].name, feature->attribute)) {
        at++;
    }
    return at;
}

/* The feature, or NO_FEATURE; then *ret_slot is where it would stand. */
static uint32_t find(const struct rd_scorecard *made, size_t attribute, struct rd_str text,
        struct slot **ret_slot)
{
    uint64_t hash = hash_of(attribute, text);
    uint32_t tag = (uint32_t)(hash >> 32);
    size_t at = (size_t)hash & made->slot_mask;
    for (; made->slots[at].feature != 0; at = (at + 1) & made->slot_mask) {
        uint32_t index = made->slots[at].feature - 1;
        const struct rd_card_feature *feature = &made->card.features[index];
        if (made->slots[at].tag == tag && rd_str_eq(feature->text, text) &&
                attribute_of(made, feature) == attribute) {
            return index;
        }
    }
    *ret_slot = &made->slots[at];
    return NO_FEATURE;
}

static bool put_text(struct rd_scorecard *made, size_t attribute, uint32_t index)
{
    struct slot *slot;
    struct rd_str text = made->card.features[index].text;
    if (find(made, attribute, text, &slot) != NO_FEATURE) {
        return false;
    }
    *slot = (struct slot){index + 1, (uint32_t)(hash_of(attribute, text) >> 32)};
    return true;
}

static const char *add_attribute(struct rd_scorecard *made, struct rd_str name)
{
    if (made->attribute_count == RD_CARD_ATTRIBUTES_MAX) {
        return "more than 64 attributes";
    }
    made->attributes[made->attribute_count++] =
            (struct attribute){.name = name, .absent = NO_FEATURE};
    return NULL;
}

/* NULL, or what is wrong with it. */
static const char *add_feature(struct rd_scorecard *made, uint32_t index)
{
    const struct rd_card_feature *feature = &made->card.features[index];
    size_t at = attribute_of(made, feature);
    if (feature->kind != RD_CARD_TOKEN && at == made->attribute_count) {
        const char *what = add_attribute(made, feature->attribute);
        if (what != NULL) {
            return what;
        }
    }
    switch (feature->kind) {
    case RD_CARD_VALUE:
        made->attributes[at].has_values = true;
        return put_text(made, at, index) ? NULL : "the same value of this attribute stands before";
    case RD_CARD_RANGE:
        made->attributes[at].range_count++;
        return feature->from < feature->below ? NULL : "a range that holds nothing";
    case RD_CARD_ABSENT:
        if (made->attributes[at].absent != NO_FEATURE) {
            return "the same attribute is absent before";
        }
        made->attributes[at].absent = index;
        return NULL;
    case RD_CARD_TOKEN:
        if (!rd_token_is(feature->text)) {
            return "not one word and not two Chinese characters, as a folded text is cut";
        }
        made->token_count++;
        return put_text(made, at, index) ? NULL : "the same stands before";
    }
    RD_UNREACHABLE("the kinds are all named");
}

/* Insertion: ranges are few, and mostly in order. NO_FEATURE, or the second of two that overlap. */
static uint32_t sort_ranges(struct rd_scorecard *made, size_t at, struct rd_arena *arena)
{
    struct attribute *attribute = &made->attributes[at];
    const struct rd_card_feature *features = made->card.features;
    uint32_t *ranges = RD_ARENA_ARRAY(arena, uint32_t, attribute->range_count);
    size_t count = 0;
    for (uint32_t i = 0; count < attribute->range_count; i++) {
        if (features[i].kind != RD_CARD_RANGE || attribute_of(made, &features[i]) != at) {
            continue;
        }
        size_t place = count++;
        for (; place > 0 && features[ranges[place - 1]].from > features[i].from; place--) {
            ranges[place] = ranges[place - 1];
        }
        ranges[place] = i;
    }
    attribute->ranges = ranges;
    for (size_t i = 1; i < count; i++) {
        if (features[ranges[i]].from < features[ranges[i - 1]].below) {
            return ranges[i] > ranges[i - 1] ? ranges[i] : ranges[i - 1];
        }
    }
    return NO_FEATURE;
}

struct rd_scorecard *rd_scorecard_compile(const struct rd_card *card, struct rd_arena *arena,
        size_t *ret_bad, char ret_what[static WHAT_MAX])
{
    RD_ASSERT(card->feature_count <= RD_CARD_FEATURES_MAX);
    struct rd_scorecard *made = rd_arena_zalloc(arena, sizeof *made);
    size_t slots = 16;
    while (slots < 2 * card->feature_count) {
        slots *= 2;
    }
    *made = (struct rd_scorecard){.card = *card,
            .attributes = RD_ARENA_ARRAY(arena, struct attribute, RD_CARD_ATTRIBUTES_MAX),
            .slots = RD_ARENA_ARRAY(arena, struct slot, slots),
            .slot_mask = slots - 1};
    for (uint32_t i = 0; i < card->feature_count; i++) {
        const char *what = add_feature(made, i);
        if (what != NULL) {
            *ret_bad = i;
            (void)snprintf(ret_what, WHAT_MAX, "%s", what);
            return NULL;
        }
    }
    for (size_t i = 0; i < made->attribute_count; i++) {
        uint32_t bad = sort_ranges(made, i, arena);
        if (bad != NO_FEATURE) {
            *ret_bad = bad;
            (void)snprintf(ret_what, WHAT_MAX, "overlaps another range of this attribute");
            return NULL;
        }
    }
    return made;
}

const struct rd_card *rd_scorecard_card(const struct rd_scorecard *scorecard)
{
    return &scorecard->card;
}

bool rd_scorecard_reads_text(const struct rd_scorecard *scorecard)
{
    return scorecard->token_count > 0;
}

/* ---- scoring ---- */

struct scoring {
    const struct rd_scorecard *scorecard;
    uint64_t *seen; /* a bit a feature */
};

static void hit(struct scoring *scoring, uint32_t index)
{
    scoring->seen[index / 64] |= UINT64_C(1) << index % 64;
}

static void look_text(struct scoring *scoring, size_t attribute, struct rd_str text)
{
    struct slot *slot;
    uint32_t index = find(scoring->scorecard, attribute, text, &slot);
    if (index != NO_FEATURE) {
        hit(scoring, index);
    }
}

static void look_number(struct scoring *scoring, const struct attribute *attribute, int64_t number)
{
    const struct rd_card_feature *features = scoring->scorecard->card.features;
    for (size_t i = 0; i < attribute->range_count; i++) {
        const struct rd_card_feature *range = &features[attribute->ranges[i]];
        if (number >= range->from && number < range->below) {
            hit(scoring, attribute->ranges[i]);
            return;
        }
    }
}

static void look_list(struct scoring *scoring, size_t at, struct rd_str bytes)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node list = NULL;
    if (rd_tree_read(tree, bytes, &list, NULL) != 0) {
        return;
    }
    for (uint32_t i = 0; i < rd_node_count(list); i++) {
        look_text(scoring, at, rd_node_str(rd_node_at(list, i)));
    }
}

/* Hundredths to whole units, towards minus infinity: -0.50 lies in the range below 0. */
static int64_t whole_units(int64_t hundredths)
{
    return hundredths / 100 - (hundredths % 100 < 0);
}

static void look_value(struct scoring *scoring, size_t at, const struct rd_value *value)
{
    const struct attribute *attribute = &scoring->scorecard->attributes[at];
    char number[NUMBER_BYTES];
    switch (value->type) {
    case RD_NIL:
        if (attribute->absent != NO_FEATURE) {
            hit(scoring, attribute->absent);
        }
        return;
    case RD_VALUE_STR:
        look_text(scoring, at, value->bytes);
        return;
    case RD_VALUE_BOOL:
        look_text(scoring, at, value->integer != 0 ? RD_STR("true") : RD_STR("false"));
        return;
    case RD_VALUE_UINT:
    case RD_VALUE_INT:
        look_number(scoring, attribute, value->integer);
        if (attribute->has_values) {
            int len = snprintf(number, sizeof number, "%" PRId64, value->integer);
            look_text(scoring, at, (struct rd_str){number, (size_t)len});
        }
        return;
    case RD_VALUE_MONEY:
        look_number(scoring, attribute, whole_units(value->integer));
        return;
    case RD_VALUE_LIST:
        look_list(scoring, at, value->bytes);
        return;
    case RD_VALUE_TIME:
    case RD_VALUE_DATE:
    case RD_VALUE_MAP:
        return; /* no feature names one: plan_scorecard.c */
    }
}

static void look_tokens(struct scoring *scoring, struct rd_str folded)
{
    struct rd_tokens tokens = rd_tokens_of(folded);
    struct rd_str token;
    while (rd_tokens_next(&tokens, &token)) {
        look_text(scoring, RD_CARD_ATTRIBUTES_MAX, token);
    }
}

struct rd_card_score rd_scorecard_score(const struct rd_scorecard *scorecard, rd_lookup_fn *lookup,
        const void *context, struct rd_str folded, struct rd_arena *arena)
{
    const struct rd_card *card = &scorecard->card;
    size_t words = (card->feature_count + 63) / 64;
    struct scoring scoring = {
            .scorecard = scorecard, .seen = RD_ARENA_ARRAY(arena, uint64_t, words)};
    for (size_t i = 0; i < scorecard->attribute_count; i++) {
        struct rd_value value = lookup(context, scorecard->attributes[i].name);
        look_value(&scoring, i, &value);
    }
    if (scorecard->token_count > 0) {
        look_tokens(&scoring, folded);
    }
    size_t count = 0;
    for (size_t i = 0; i < words; i++) {
        count += (size_t)__builtin_popcountll(scoring.seen[i]);
    }
    uint32_t *hits = RD_ARENA_ARRAY(arena, uint32_t, count);
    int64_t sum = card->base;
    size_t put = 0;
    for (size_t i = 0; i < words; i++) {
        for (uint64_t bits = scoring.seen[i]; bits != 0; bits &= bits - 1) {
            uint32_t index = (uint32_t)(i * 64 + (size_t)__builtin_ctzll(bits));
            hits[put++] = index;
            sum += card->features[index].points;
        }
    }
    sum = sum < 0 ? 0 : sum > card->cap ? card->cap : sum;
    return (struct rd_card_score){.points = (int32_t)sum, .hits = hits, .hit_count = count};
}

/* ---- for people ---- */

struct rd_str rd_card_feature_text(const struct rd_card_feature *feature, struct rd_arena *arena)
{
    struct rd_str name = feature->attribute;
    switch (feature->kind) {
    case RD_CARD_VALUE:
        return rd_arena_printf(arena, "%.*s %.*s", RD_FMT(name), RD_FMT(feature->text));
    case RD_CARD_ABSENT:
        return rd_arena_printf(arena, "%.*s absent", RD_FMT(name));
    case RD_CARD_TOKEN:
        return feature->text;
    case RD_CARD_RANGE:
        if (feature->from == INT64_MIN) {
            return rd_arena_printf(arena, "%.*s <%" PRId64, RD_FMT(name), feature->below);
        }
        if (feature->below == INT64_MAX) {
            return rd_arena_printf(arena, "%.*s >=%" PRId64, RD_FMT(name), feature->from);
        }
        return rd_arena_printf(arena, "%.*s %" PRId64 "..%" PRId64, RD_FMT(name), feature->from,
                feature->below - 1);
    }
    RD_UNREACHABLE("the kinds are all named");
}

struct rd_str rd_scorecard_detail(const struct rd_scorecard *scorecard,
        const struct rd_card_score *score, struct rd_arena *arena)
{
    const struct rd_card_feature *features = scorecard->card.features;
    uint32_t told[RD_CARD_TOLD];
    size_t count = 0;
    for (size_t i = 0; i < score->hit_count; i++) {
        int32_t weight = abs(features[score->hits[i]].points);
        size_t at = count;
        while (at > 0 && abs(features[told[at - 1]].points) < weight) {
            at--;
        }
        if (at == RD_CARD_TOLD) {
            continue;
        }
        count += count < RD_CARD_TOLD;
        memmove(told + at + 1, told + at, (count - 1 - at) * sizeof told[0]);
        told[at] = score->hits[i];
    }
    struct rd_str detail = {0};
    for (size_t i = 0; i < count; i++) {
        const struct rd_card_feature *feature = &features[told[i]];
        struct rd_str text = rd_card_feature_text(feature, arena);
        struct rd_str longer = rd_arena_printf(arena, "%.*s%s%.*s %+" PRId32, RD_FMT(detail),
                detail.len > 0 ? ", " : "", RD_FMT(text), feature->points);
        if (longer.len <= RD_CARD_DETAIL_BYTES) {
            detail = longer;
        }
    }
    return detail;
}

uint64_t rd_card_checksum(const struct rd_card *card)
{
    XXH64_state_t *state = XXH64_createState();
    if (state == NULL) {
        rd_oom();
    }
    struct rd_buf buf;
    rd_buf_init(&buf, LIST_BYTES_MAX * 2);
    rd_buf_put_str(&buf, card->code);
    rd_buf_put_i64(&buf, card->base);
    rd_buf_put_i64(&buf, card->cap);
    rd_buf_put_uint(&buf, card->feature_count);
    (void)XXH64_reset(state, 0);
    (void)XXH64_update(state, buf.ptr, buf.len);
    for (size_t i = 0; i < card->feature_count; i++) {
        const struct rd_card_feature *feature = &card->features[i];
        rd_buf_reset(&buf);
        rd_buf_put_u8(&buf, (uint8_t)feature->kind);
        rd_buf_put_str(&buf, feature->attribute);
        rd_buf_put_str(&buf, feature->text);
        rd_buf_put_i64(&buf, feature->from);
        rd_buf_put_i64(&buf, feature->below);
        rd_buf_put_i64(&buf, feature->points);
        RD_ASSERT(buf.error == 0);
        (void)XXH64_update(state, buf.ptr, buf.len);
    }
    uint64_t sum = XXH64_digest(state);
    XXH64_freeState(state);
    rd_buf_done(&buf);
    return sum;
}

void rd_card_checksum_text(const struct rd_card *card, char ret_text[static RD_CARD_CHECKSUM_TEXT])
{
    (void)snprintf(ret_text, RD_CARD_CHECKSUM_TEXT, "%016" PRIx64, rd_card_checksum(card));
}
