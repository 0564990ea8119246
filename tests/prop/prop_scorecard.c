/* The compiled scorecard gives what going through its features one by one gives. */
#include <string.h>

#include "common/text/scorecard.h"
#include "common/text/tokens.h"
#include "tests/prop.h"

enum { FEATURES_MAX = 60, NAMES = 4, TEXT_MAX = 600, ARENA_MAX = 4 * 1024 * 1024, TRIES = 8 };

static const char *const NAME[NAMES] = {"issue", "age", "amount", "attributes.x"};
static const char *const VALUE[] = {
        "a", "b", "true", "false", "7", "-3", "Mortgage", "other longer"};
static const char *const TOKEN[] = {"ab", "abc", "lawyer", "12378", "投诉", "诉到", "到底", "été",
        "b2b", "ひど", "𠮷野", "longer than eight"};
static const char *const PIECE[] = {"ab", "abc", "lawyer", "12378", "投", "诉", "到", "底", "été",
        " ", ",", "b2b", "ひ", "ど", "𠮷", "野", "1", "7", "x"};

struct facts {
    struct rd_value values[NAMES];
};

static struct rd_value look(const void *context, struct rd_str name)
{
    const struct facts *facts = context;
    for (size_t i = 0; i < NAMES; i++) {
        if (rd_str_is(name, NAME[i])) {
            return facts->values[i];
        }
    }
    return (struct rd_value){0};
}

static struct rd_card_feature random_feature(struct prop_gen *gen)
{
    struct rd_card_feature made = {.kind = (enum rd_card_kind)prop_below(gen, 4),
            .points = (int32_t)prop_between(gen, -30, 30)};
    if (made.kind == RD_CARD_TOKEN) {
        made.text = rd_str_of(TOKEN[prop_below(gen, RD_COUNT(TOKEN))]);
        return made;
    }
    made.attribute = rd_str_of(NAME[prop_below(gen, NAMES)]);
    if (made.kind == RD_CARD_VALUE) {
        made.text = rd_str_of(VALUE[prop_below(gen, RD_COUNT(VALUE))]);
    } else if (made.kind == RD_CARD_RANGE) {
        made.from = prop_below(gen, 5) == 0 ? INT64_MIN : prop_between(gen, -10, 10);
        made.below = prop_below(gen, 5) == 0 ? INT64_MAX : prop_between(gen, -10, 10);
    }
    return made;
}

static struct rd_value random_value(struct prop_gen *gen)
{
    switch (prop_below(gen, 5)) {
    case 0:
        return (struct rd_value){0};
    case 1:
        return (struct rd_value){
                RD_VALUE_STR, 0, rd_str_of(VALUE[prop_below(gen, RD_COUNT(VALUE))])};
    case 2:
        return (struct rd_value){RD_VALUE_BOOL, (int64_t)prop_below(gen, 2), {0}};
    case 3:
        return (struct rd_value){RD_VALUE_MONEY, prop_between(gen, -1100, 1100), {0}};
    default: {
        int64_t number = prop_between(gen, -11, 11);
        return (struct rd_value){number < 0 ? RD_VALUE_INT : RD_VALUE_UINT, number, {0}};
    }
    }
}

static bool has_token(struct rd_str text, struct rd_str wanted)
{
    struct rd_tokens tokens = rd_tokens_of(text);
    struct rd_str token;
    while (rd_tokens_next(&tokens, &token)) {
        if (rd_str_eq(token, wanted)) {
            return true;
        }
    }
    return false;
}

static int64_t floor_hundred(int64_t hundredths)
{
    int64_t units = hundredths / 100;
    return units * 100 > hundredths ? units - 1 : units;
}

static bool naive_holds(
        const struct rd_card_feature *feature, const struct facts *facts, struct rd_str text)
{
    if (feature->kind == RD_CARD_TOKEN) {
        return has_token(text, feature->text);
    }
    struct rd_value value = look(facts, feature->attribute);
    bool is_number = value.type == RD_VALUE_UINT || value.type == RD_VALUE_INT;
    if (feature->kind == RD_CARD_ABSENT) {
        return value.type == RD_NIL;
    }
    if (feature->kind == RD_CARD_RANGE) {
        int64_t number =
                value.type == RD_VALUE_MONEY ? floor_hundred(value.integer) : value.integer;
        return (is_number || value.type == RD_VALUE_MONEY) && number >= feature->from &&
               number < feature->below;
    }
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%" PRId64, value.integer);
    struct rd_str as_text = value.type == RD_VALUE_STR ? value.bytes
                            : value.type == RD_VALUE_BOOL
                                    ? rd_str_of(value.integer ? "true" : "false")
                                    : (struct rd_str){digits, (size_t)len};
    return (is_number || value.type == RD_VALUE_STR || value.type == RD_VALUE_BOOL) &&
           rd_str_eq(as_text, feature->text);
}

static bool clash(const struct rd_card_feature *a, const struct rd_card_feature *b)
{
    if (a->kind != b->kind || !rd_str_eq(a->attribute, b->attribute)) {
        return false;
    }
    return a->kind == RD_CARD_ABSENT ||
           (a->kind == RD_CARD_RANGE ? a->from < b->below && b->from < a->below
                                     : rd_str_eq(a->text, b->text));
}

/* Whether the card is to be refused, seen feature by feature. */
static bool naive_refuses(const struct rd_card *card)
{
    for (size_t i = 0; i < card->feature_count; i++) {
        const struct rd_card_feature *feature = &card->features[i];
        if ((feature->kind == RD_CARD_RANGE && feature->from >= feature->below) ||
                (feature->kind == RD_CARD_TOKEN && !rd_token_is(feature->text))) {
            return true;
        }
        for (size_t k = 0; k < i; k++) {
            if (clash(feature, &card->features[k])) {
                return true;
            }
        }
    }
    return false;
}

static int compare(struct prop_gen *gen, const struct rd_scorecard *card, struct rd_arena *arena)
{
    const struct rd_card *written = rd_scorecard_card(card);
    char text[TEXT_MAX];
    size_t len = 0;
    for (uint64_t n = prop_below(gen, 80); n > 0; n--) {
        const char *piece = PIECE[prop_below(gen, RD_COUNT(PIECE))];
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    struct facts facts;
    for (size_t i = 0; i < NAMES; i++) {
        facts.values[i] = random_value(gen);
    }
    struct rd_str folded = {text, len};
    struct rd_card_score score = rd_scorecard_score(card, look, &facts, folded, arena);
    int64_t sum = written->base;
    size_t hits = 0;
    for (uint32_t i = 0; i < written->feature_count; i++) {
        if (naive_holds(&written->features[i], &facts, folded)) {
            sum += written->features[i].points;
            if (hits == score.hit_count || score.hits[hits++] != i) {
                return __LINE__;
            }
        }
    }
    sum = sum < 0 ? 0 : sum > written->cap ? written->cap : sum;
    if (hits != score.hit_count || sum != score.points) {
        return __LINE__;
    }
    return rd_scorecard_detail(card, &score, arena).len <= RD_CARD_DETAIL_BYTES ? 0 : __LINE__;
}

static int law_naive(struct prop_gen *gen)
{
    struct rd_card_feature features[FEATURES_MAX];
    struct rd_card card = {.code = RD_STR("t"),
            .base = (int32_t)prop_between(gen, -50, 50),
            .cap = (int32_t)prop_between(gen, 1, 100),
            .features = features};
    bool must_hold = prop_below(gen, 4) != 0;
    for (uint64_t n = prop_below(gen, FEATURES_MAX); n > 0; n--) {
        features[card.feature_count++] = random_feature(gen);
        if (must_hold && naive_refuses(&card)) {
            card.feature_count--;
        }
    }
    struct rd_arena arena;
    rd_arena_init(&arena, ARENA_MAX);
    size_t bad = SIZE_MAX;
    char what[200] = "";
    const struct rd_scorecard *made = rd_scorecard_compile(&card, &arena, &bad, what);
    int line = (made == NULL) != naive_refuses(&card) ? __LINE__ : 0;
    if (made == NULL && (bad >= card.feature_count || what[0] == '\0')) {
        line = __LINE__;
    }
    for (int i = 0; made != NULL && line == 0 && i < TRIES; i++) {
        line = compare(gen, made, &arena);
    }
    rd_arena_done(&arena);
    return line;
}

int main(void)
{
    return prop_check("the compiled card is the naive one", law_naive);
}
