/* What a text costs: folding, a lexicon, a scorecard. Prints JSON.
 * Usage: bench_text [TERMS [BYTES]]
 *
 * The text is Chinese with the full width punctuation of its like; every tenth term stands in it.
 * Each figure is the least of several rounds: what the code costs, not what else the machine did.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/num.h"
#include "common/text/fold.h"
#include "common/text/scorecard.h"
#include "common/text/terms.h"
#include "common/text/tokens.h"
#include "tests/prop.h"
#include "tests/terms_find.h"

enum {
    TERMS_MAX = 60000,
    TERM_BYTES = 24,
    TEXT_MAX = 64 * 1024,
    ROUNDS = 20,
    REPEATS = 500,
    FEATURES = 2000,
    ARENA_MAX = 64 * 1024 * 1024
};

static double microseconds(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static size_t put_hanzi(struct prop_gen *gen, char *out)
{
    unsigned c = 0x4e00 + (unsigned)prop_below(gen, 3000);
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

static char terms_text[TERMS_MAX][TERM_BYTES];
static struct rd_term terms[TERMS_MAX];
static char text[TEXT_MAX];

static void make_terms(struct prop_gen *gen, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = 0;
        for (uint64_t n = 2 + prop_below(gen, 4); n > 0; n--) {
            len += put_hanzi(gen, terms_text[i] + len);
        }
        terms[i] = (struct rd_term){.text = {terms_text[i], len}};
    }
}

static size_t make_text(struct prop_gen *gen, size_t count, size_t bytes)
{
    static const char *const marks[] = {"，", "。", "！", "、", "12378", " "};
    size_t len = 0;
    while (len + TERM_BYTES + 8 < bytes) {
        if (prop_below(gen, 10) == 0) {
            const struct rd_term *term = &terms[prop_below(gen, count)];
            memcpy(text + len, term->text.ptr, term->text.len);
            len += term->text.len;
        } else if (prop_below(gen, 10) == 0) {
            const char *mark = marks[prop_below(gen, RD_COUNT(marks))];
            memcpy(text + len, mark, strlen(mark));
            len += strlen(mark);
        } else {
            len += put_hanzi(gen, text + len);
        }
    }
    return len;
}

static struct rd_value nothing(const void *context, struct rd_str name)
{
    (void)context;
    (void)name;
    return (struct rd_value){0};
}

/* Of the text's own pairs of characters, so that some hit, and of others. */
static const struct rd_scorecard *make_card(struct rd_str folded, struct rd_arena *arena)
{
    static struct rd_card_feature features[FEATURES];
    struct rd_card card = {.code = RD_STR("bench"), .cap = 100, .features = features};
    struct rd_tokens tokens = rd_tokens_of(folded);
    struct rd_str token;
    while (card.feature_count < FEATURES / 20 && rd_tokens_next(&tokens, &token)) {
        features[card.feature_count++] =
                (struct rd_card_feature){.kind = RD_CARD_TOKEN, .points = 1, .text = token};
        (void)rd_tokens_next(&tokens, &token);
    }
    for (size_t i = 0; card.feature_count < FEATURES; i++) {
        struct rd_str pair = {terms_text[i], 6};
        features[card.feature_count++] =
                (struct rd_card_feature){.kind = RD_CARD_TOKEN, .points = 1, .text = pair};
    }
    size_t bad = 0;
    char what[200];
    const struct rd_scorecard *made;
    while ((made = rd_scorecard_compile(&card, arena, &bad, what)) == NULL) {
        features[bad] = features[--card.feature_count]; /* stood there before */
    }
    return made;
}

struct bench {
    struct rd_str text, folded;
    struct rd_arena arena;
    struct rd_terms *terms;
    struct rd_terms_scratch *scratch;
    bool *found;
    size_t count;
    const struct rd_scorecard *card;
    uint64_t sum; /* so that nothing is optimised away */
};

static void run_fold(struct bench *bench)
{
    rd_arena_reset(&bench->arena);
    bench->sum += rd_fold_text(bench->text, &bench->arena).len;
}

static void run_find(struct bench *bench)
{
    terms_find(bench->terms, bench->scratch, bench->folded, bench->count,
            (struct terms_found){bench->found, NULL});
    bench->sum += bench->found[0];
}

static void run_both(struct bench *bench)
{
    rd_arena_reset(&bench->arena);
    struct rd_str folded = rd_fold_text(bench->text, &bench->arena);
    terms_find(bench->terms, bench->scratch, folded, bench->count,
            (struct terms_found){bench->found, NULL});
    bench->sum += bench->found[0];
}

static void run_score(struct bench *bench)
{
    rd_arena_reset(&bench->arena);
    bench->sum +=
            rd_scorecard_score(bench->card, nothing, NULL, bench->folded, &bench->arena).hit_count;
}

static double least_us(struct bench *bench, void (*run)(struct bench *bench))
{
    double least = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double start = microseconds();
        for (int i = 0; i < REPEATS; i++) {
            run(bench);
        }
        double each = (microseconds() - start) / REPEATS;
        least = each < least ? each : least;
    }
    return least;
}

int main(int argc, char *argv[])
{
    uint64_t count = 10000;
    uint64_t bytes = 1024;
    if ((argc > 1 && rd_u64_parse(rd_str_of(argv[1]), &count) < 0) ||
            (argc > 2 && rd_u64_parse(rd_str_of(argv[2]), &bytes) < 0) || count == 0 ||
            count > TERMS_MAX || bytes < 64 || bytes > TEXT_MAX) {
        (void)fprintf(stderr, "usage: bench_text [TERMS [BYTES]]\n");
        return 1;
    }
    struct prop_gen gen = {.state = 1};
    struct bench bench = {.sum = 0};
    struct rd_arena kept;
    size_t bad = 0;
    char what[200];
    rd_arena_init(&bench.arena, ARENA_MAX);
    rd_arena_init(&kept, ARENA_MAX);
    make_terms(&gen, (size_t)count);
    bench.text = (struct rd_str){text, make_text(&gen, (size_t)count, (size_t)bytes)};
    bench.folded = rd_fold_text(bench.text, &kept);
    double start = microseconds();
    int r = rd_terms_compile(terms, (size_t)count, &bench.terms, &bad, what);
    RD_ASSERT(r == 0);
    double compile_us = microseconds() - start;
    bench.scratch = rd_terms_scratch_new(bench.terms);
    bench.count = (size_t)count;
    bench.found = calloc((size_t)count, sizeof *bench.found);
    RD_ASSERT(bench.found != NULL);
    bench.card = make_card(bench.folded, &kept);
    (void)printf("{\"terms\":%" PRIu64 ",\"text_bytes\":%zu,\"compile_ms\":%.0f,", count,
            bench.text.len, compile_us / 1000);
    (void)printf("\"fold_us\":%.2f,", least_us(&bench, run_fold));
    (void)printf("\"find_us\":%.2f,", least_us(&bench, run_find));
    (void)printf("\"fold_and_find_us\":%.2f,", least_us(&bench, run_both));
    (void)printf("\"card_us\":%.2f,\"card_features\":%zu,\"sum\":%" PRIu64 "}\n",
            least_us(&bench, run_score), rd_scorecard_card(bench.card)->feature_count, bench.sum);
    rd_terms_scratch_free(bench.scratch);
    rd_terms_free(bench.terms);
    free(bench.found);
    rd_arena_done(&bench.arena);
    rd_arena_done(&kept);
    return 0;
}
