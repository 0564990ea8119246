/* common/plan/plan_scorecard.c — the scorecard of the first-contact warning: redress-scorecard(5).
 */
#include <inttypes.h>

#include "common/plan/plan_reader.h"
#include "common/wire/event_table.h"

enum { CAP_DEFAULT = 100, TEXT_BYTES_MAX = 1024 };

static const char *const CARD_KEYS[] = {
        "scorecard", "made", "data", "figures", "base", "cap", "features", "checksum", NULL};
static const char *const FEATURE_KEYS[] = {
        "attribute", "is", "from", "below", "absent", "word", "bigram", "points", NULL};

static void check_keys(struct plan_reader *r, rd_node map, const char *const known[])
{
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str key;
        (void)rd_node_pair(map, i, &key);
        size_t at = 0;
        while (known[at] != NULL && !rd_str_is(key, known[at])) {
            at++;
        }
        if (known[at] == NULL) {
            plan_fault(r, NULL, "\"%.*s\": no such key in a scorecard", RD_FMT(key));
        }
    }
}

static bool is_code(struct rd_str code)
{
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alnum && c != '_' && c != '-' && c != '.') {
            return false;
        }
    }
    return code.len > 0 && code.len <= RD_CARD_CODE_BYTES_MAX;
}

/* A time, a map, the text itself: nothing that has a value to compare or a range to lie in. */
static bool is_usable(struct rd_str name)
{
    enum rd_event_key key;
    if (!rd_plan_is_attribute(name)) {
        return false;
    }
    if (rd_event_key_parse(name, &key) < 0) {
        return true; /* one of the case's own, or attributes.NAME */
    }
    switch (rd_key_rule(key)->kind) {
    case RD_KIND_STR:
        return key != RD_KEY_TEXT;
    case RD_KIND_UINT:
    case RD_KIND_BOOL:
    case RD_KIND_MONEY:
    case RD_KIND_STRS:
    case RD_KIND_CODE:
        return true;
    case RD_KIND_TIME:
    case RD_KIND_DUE:
    case RD_KIND_DATE:
    case RD_KIND_ATTRS:
    case RD_KIND_MATCH:
        return false;
    }
    RD_UNREACHABLE("the kinds are all named");
}

static int64_t read_end(struct plan_reader *r, rd_node map, const char *key, int64_t open)
{
    return plan_has(map, key) ? plan_int(r, map, key, -RD_CARD_NUMBER_MAX, RD_CARD_NUMBER_MAX)
                              : open;
}

/* A number or a boolean as the text it is compared by, so that 12378 need not be quoted. */
static struct rd_str read_value(struct plan_reader *r, rd_node map, const char *key)
{
    rd_node node = rd_node_find(map, key);
    enum rd_node_type type = rd_node_type(node);
    if (type == RD_NODE_BOOL) {
        return rd_node_bool(node) ? RD_STR("true") : RD_STR("false");
    }
    if (type == RD_NODE_UINT || type == RD_NODE_INT) {
        return rd_arena_printf(r->arena, "%" PRId64, rd_node_int(node));
    }
    return plan_text(r, map, key);
}

static void read_attribute(struct plan_reader *r, rd_node map, struct rd_card_feature *feature)
{
    feature->attribute = plan_text(r, map, "attribute");
    if (feature->attribute.len > 0 && !is_usable(feature->attribute)) {
        plan_fault(r, "attribute", "\"%.*s\": no attribute that a scorecard can use",
                RD_FMT(feature->attribute));
    }
    bool has_range = plan_has(map, "from") || plan_has(map, "below");
    if (plan_has(map, "is") + plan_has(map, "absent") + has_range != 1) {
        plan_fault(r, NULL, "needs one of: is, absent, from and below");
    } else if (has_range) {
        feature->kind = RD_CARD_RANGE;
        feature->from = read_end(r, map, "from", INT64_MIN);
        feature->below = read_end(r, map, "below", INT64_MAX);
    } else if (plan_has(map, "absent")) {
        feature->kind = RD_CARD_ABSENT;
        if (!plan_flag(r, map, "absent")) {
            plan_fault(r, "absent", "takes only true");
        }
    } else {
        feature->kind = RD_CARD_VALUE;
        feature->text = read_value(r, map, "is");
    }
}

static void read_feature(struct plan_reader *r, rd_node map, struct rd_card_feature *feature)
{
    if (rd_node_type(map) != RD_NODE_MAP) {
        plan_fault(r, NULL, "must be a map");
        return;
    }
    check_keys(r, map, FEATURE_KEYS);
    bool is_word = plan_has(map, "word");
    bool is_bigram = plan_has(map, "bigram");
    if (plan_has(map, "attribute") + is_word + is_bigram != 1) {
        plan_fault(r, NULL, "needs one of: attribute, word, bigram");
        return;
    }
    if (is_word || is_bigram) {
        feature->kind = RD_CARD_TOKEN;
        feature->text = read_value(r, map, is_word ? "word" : "bigram");
    } else {
        read_attribute(r, map, feature);
    }
    if (feature->text.len > TEXT_BYTES_MAX) {
        plan_fault(r, NULL, "a text of more than %d bytes", (int)TEXT_BYTES_MAX);
    }
    feature->points = (int32_t)plan_int(r, map, "points", -RD_CARD_POINTS_MAX, RD_CARD_POINTS_MAX);
}

static void check_sum(struct plan_reader *r, rd_node map, const struct rd_card *card)
{
    char sum[RD_CARD_CHECKSUM_TEXT];
    if (!plan_has(map, "checksum")) {
        return;
    }
    rd_card_checksum_text(card, sum);
    struct rd_str written = plan_text(r, map, "checksum");
    if (written.len > 0 && !rd_str_is(written, sum)) {
        plan_fault(r, "checksum",
                "\"%.*s\": the card is another than the one written; this one has \"%s\"",
                RD_FMT(written), sum);
    }
}

static void compile(struct plan_reader *r, const struct rd_card *card)
{
    size_t bad = 0;
    char what[200];
    struct rd_scorecard *made = rd_scorecard_compile(card, r->arena, &bad, what);
    if (made == NULL) {
        size_t at = plan_enter_at(r, "features", (uint32_t)bad);
        plan_fault(r, NULL, "%s", what);
        plan_leave(r, at);
    }
    r->plan->assessment.scorecard = made;
}

void plan_read_scorecard(struct plan_reader *r, rd_node parent)
{
    rd_node map = plan_map(r, parent, "scorecard");
    if (map == NULL) {
        return;
    }
    size_t at = plan_enter(r, "scorecard");
    size_t errors = r->error_count;
    check_keys(r, map, CARD_KEYS);
    struct rd_card card = {.code = plan_text(r, map, "scorecard"), .cap = CAP_DEFAULT};
    if (card.code.len > 0 && !is_code(card.code)) {
        plan_fault(r, "scorecard", "\"%.*s\": its code is a word of at most %d characters",
                RD_FMT(card.code), (int)RD_CARD_CODE_BYTES_MAX);
    }
    if (plan_has(map, "base")) {
        card.base = (int32_t)plan_int(r, map, "base", -RD_CARD_BASE_MAX, RD_CARD_BASE_MAX);
    }
    if (plan_has(map, "cap")) {
        card.cap = (int32_t)plan_int(r, map, "cap", 1, 100);
    }
    rd_node list = plan_array(r, map, "features", RD_CARD_FEATURES_MAX);
    card.feature_count = rd_node_count(list);
    struct rd_card_feature *features =
            RD_ARENA_ARRAY(r->arena, struct rd_card_feature, card.feature_count);
    card.features = features;
    for (uint32_t i = 0; i < card.feature_count; i++) {
        size_t in = plan_enter_at(r, "features", i);
        read_feature(r, rd_node_at(list, i), &features[i]);
        plan_leave(r, in);
    }
    if (r->error_count == errors) {
        check_sum(r, map, &card);
        compile(r, &card);
    }
    plan_leave(r, at);
}
