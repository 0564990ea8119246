#include "common/text/terms.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hs.h>

#include "common/base/digest.h"
#include "common/text/match_pattern.h"
#include "common/text/terms_kept.h"

/* Literals are one database, searched in one go; patterns are another, fed in pieces.
 *
 * vectorscan 5.4.9, as Debian 12 ships it, loses matches where a text has as many bytes as a vector
 * or more: on machines with AVX-512 prop_terms.c sees it at once, without what follows; with AVX2
 * pieces of 31, 32 and 255 bytes lose some of what the shipped patterns find. Two of its parts do:
 * the scans with which automata skip over bytes, and the matcher of up to eight literals.
 *  - The scans leave a piece alone that is shorter than the smallest vector, 16 bytes; and to a
 *    stream pieces are as good as the whole.
 *  - With FILLERS more literals, which no UTF-8 text holds, another matcher is chosen, a right one.
 *  - A literal that repeats one byte ("!", "aaa") is made an automaton; it goes with the patterns.
 * So the answer is the same on every machine too, as the replay of a journal needs it. */
enum { PIECE_BYTES = 15, FILLERS = 32, FILLER_BYTES = 2 * 4 + 1 };

enum { ESCAPED = 4 /* "\xNN" */, TERM_BYTES_MAX = 4096, WHAT_MAX = 200 };
enum { ARENA_BYTES_MAX = 256 * 1024 * 1024 };

/* What a match of a literal must show to be one; patterns have their own \b. */
struct edges {
    uint32_t len; /* 0: a pattern */
    bool at_start, at_end;
};

/* What of a term was found in the text at work. */
struct seen {
    uint32_t slot, count; /* count 0: not yet */
};

/* Compiling takes seconds for lists with many patterns, and the same lists are compiled for the
 * engine, the desk, a reload and each configuration of the journal. So equal sets are one: found by
 * the digest of their terms, and freed with the last who has it. Whether a set was shared changes
 * no result. */
struct rd_terms {
    struct rd_terms *next; /* of those that are in use */
    size_t users;
    uint8_t digest[RD_HASH_BYTES];
    hs_database_t *whole, *pieced; /* what is searched in one go, and in pieces; NULL: nothing */
    struct rd_arena arena;
    struct rd_pattern **patterns; /* per term, for evidence; NULL: a literal, or not PCRE2's */
    size_t count;
    struct edges edges[];
};

struct rd_terms_scratch {
    hs_scratch_t *scratch; /* NULL where there are no terms */
    hs_stream_t *stream;   /* NULL where nothing is pieced; at its start between texts */
    struct seen *seen;     /* per term, and none of them seen between texts */
    uint32_t *touched;     /* the terms seen in the text at work, by slot */
    uint32_t touched_count;
};

/* What hs_compile_multi() wants: parallel arrays, in one block that is freed whole. */
struct sources {
    const char **expressions;
    unsigned *flags, *ids;
    char *text;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void *must_alloc(size_t count, size_t size)
{
    void *memory = calloc(count > 0 ? count : 1, size);
    if (memory == NULL) {
        rd_oom();
    }
    return memory;
}

static void sources_done(struct sources *sources)
{
    free(sources->expressions);
    free(sources->flags);
    free(sources->ids);
    free(sources->text);
}

/* Every byte of a literal as \xNN: no character of it means anything to the compiler, and NUL is
 * one like others. Returns behind the NUL. */
static char *put_source(char *at, const struct rd_term *term)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < term->text.len; i++) {
        uint8_t byte = (uint8_t)term->text.ptr[i];
        if (term->is_pattern) {
            *at++ = (char)byte;
            continue;
        }
        *at++ = '\\';
        *at++ = 'x';
        *at++ = hex[byte >> 4];
        *at++ = hex[byte & 15];
    }
    *at++ = '\0';
    return at;
}

static bool must_be_pieced(const struct rd_term *term)
{
    for (size_t i = 1; i < term->text.len && !term->is_pattern; i++) {
        if (term->text.ptr[i] != term->text.ptr[0]) {
            return false;
        }
    }
    return true;
}

/* Whether a pattern may mean a character of several bytes: it has one, ".", a class that is negated
 * or a class by name. One of ASCII alone is compiled by bytes, in a third of the time. */
static bool reads_chars(struct rd_str pattern)
{
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.ptr[i];
        char next = i + 1 < pattern.len ? pattern.ptr[i + 1] : '\0';
        if ((uint8_t)c >= 0x80 || c == '.' || (c == '[' && next == '^') ||
                (c == '\\' && strchr("DSWXPpRN", next) != NULL)) {
            return true;
        }
    }
    return false;
}

/* Of the terms of one database alone, fillers included. Returns how many. */
static unsigned sources_init(
        struct sources *sources, const struct rd_term *terms, size_t count, bool is_pieced)
{
    size_t bytes = FILLERS * FILLER_BYTES;
    for (size_t i = 0; i < count; i++) {
        bytes += terms[i].text.len * ESCAPED + 1;
    }
    *sources = (struct sources){
            .expressions = must_alloc(count + FILLERS, sizeof *sources->expressions),
            .flags = must_alloc(count + FILLERS, sizeof *sources->flags),
            .ids = must_alloc(count + FILLERS, sizeof *sources->ids),
            .text = must_alloc(bytes, 1),
    };
    char *at = sources->text;
    unsigned put = 0;
    for (size_t i = 0; i < count; i++) {
        if (must_be_pieced(&terms[i]) == is_pieced) {
            sources->expressions[put] = at;
            sources->ids[put] = (unsigned)i;
            /* The text is folded, a pattern is not: its case must not matter. */
            sources->flags[put] = !terms[i].is_pattern         ? 0
                                  : reads_chars(terms[i].text) ? HS_FLAG_UTF8 | HS_FLAG_CASELESS
                                                               : HS_FLAG_CASELESS;
            at = put_source(at, &terms[i]);
            put++;
        }
    }
    for (unsigned i = 0; put > 0 && !is_pieced && i < FILLERS; i++) {
        sources->expressions[put] = at;
        sources->ids[put] = (unsigned)count; /* no term's */
        at += snprintf(at, FILLER_BYTES, "\\xff\\x%02x", 0x80 + i) + 1;
        put++;
    }
    return put;
}

/* What vectorscan would not refuse by itself. */
static const char *complaint(const struct rd_term *term)
{
    if (term->text.len == 0) {
        return "an empty term";
    }
    if (term->text.len > TERM_BYTES_MAX) {
        return "a term of more than 4096 bytes";
    }
    if (term->is_pattern && memchr(term->text.ptr, '\0', term->text.len) != NULL) {
        return "a pattern with a NUL in it";
    }
    return NULL;
}

static struct rd_terms *terms_new(const struct rd_term *terms, size_t count)
{
    struct rd_terms *made = must_alloc(1, sizeof *made + count * sizeof made->edges[0]);
    made->count = count;
    rd_arena_init(&made->arena, ARENA_BYTES_MAX);
    made->patterns = RD_ARENA_ARRAY(&made->arena, struct rd_pattern *, count);
    for (size_t i = 0; i < count; i++) {
        struct rd_str text = terms[i].text;
        if (!terms[i].is_pattern) {
            made->edges[i] = (struct edges){.len = (uint32_t)text.len,
                    .at_start = is_word(text.ptr[0]),
                    .at_end = is_word(text.ptr[text.len - 1])};
        }
    }
    return made;
}

/* A small set is compiled sooner than a file is read. */
enum { KEPT_FROM = 100 };

static int compile(struct rd_terms *made, const struct rd_term *terms, bool is_pieced,
        size_t *ret_bad, char *ret_what)
{
    hs_database_t **database = is_pieced ? &made->pieced : &made->whole;
    if (made->count >= KEPT_FROM) {
        *database = terms_kept_get(made->digest, is_pieced);
        if (*database != NULL) {
            return 0;
        }
    }
    struct sources sources;
    unsigned count = sources_init(&sources, terms, made->count, is_pieced);
    hs_compile_error_t *error = NULL;
    hs_error_t r = HS_SUCCESS;
    if (count > 0) {
        r = hs_compile_multi(sources.expressions, sources.flags, sources.ids, count,
                is_pieced ? HS_MODE_STREAM : HS_MODE_BLOCK, NULL, database, &error);
        if (r == HS_SUCCESS && made->count >= KEPT_FROM) {
            terms_kept_put(made->digest, is_pieced, *database);
        }
    }
    if (r != HS_SUCCESS) {
        /* Negative: the set as a whole, so any of it is as bad as the others. */
        *ret_bad = sources.ids[error->expression >= 0 ? error->expression : 0];
        RD_ASSERT(*ret_bad < made->count);
        (void)snprintf(ret_what, WHAT_MAX, "%s", error->message);
        hs_free_compile_error(error);
    }
    sources_done(&sources);
    return r == HS_SUCCESS ? 0 : -EINVAL;
}

/* Those that say where a match begins; what PCRE2 does not read gives no evidence. */
static void compile_evidence(struct rd_terms *made, const struct rd_term *terms)
{
    char what[WHAT_MAX];
    for (size_t i = 0; i < made->count; i++) {
        if (terms[i].is_pattern) {
            struct rd_str caseless =
                    rd_arena_printf(&made->arena, "(?i)%.*s", RD_FMT(terms[i].text));
            if (rd_pattern_compile(caseless, &made->arena, &made->patterns[i], what) < 0) {
                made->patterns[i] = NULL;
            }
        }
    }
}

static pthread_mutex_t in_use_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rd_terms *in_use;

/* Each term's kind, length and bytes. */
static void digest_of(
        const struct rd_term *terms, size_t count, uint8_t ret_digest[static RD_HASH_BYTES])
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += 1 + sizeof terms[i].text.len + terms[i].text.len;
    }
    char *all = must_alloc(bytes, 1);
    char *at = all;
    for (size_t i = 0; i < count; i++) {
        *at++ = terms[i].is_pattern ? 1 : 0;
        memcpy(at, &terms[i].text.len, sizeof terms[i].text.len);
        at += sizeof terms[i].text.len;
        memcpy(at, terms[i].text.ptr, terms[i].text.len);
        at += terms[i].text.len;
    }
    rd_hash((struct rd_str){.ptr = all, .len = bytes}, ret_digest);
    free(all);
}

static struct rd_terms *take_in_use(const uint8_t digest[static RD_HASH_BYTES])
{
    (void)pthread_mutex_lock(&in_use_lock);
    struct rd_terms *found = in_use;
    while (found != NULL && memcmp(found->digest, digest, RD_HASH_BYTES) != 0) {
        found = found->next;
    }
    if (found != NULL) {
        found->users++;
    }
    (void)pthread_mutex_unlock(&in_use_lock);
    return found;
}

static void put_in_use(struct rd_terms *made)
{
    made->users = 1;
    (void)pthread_mutex_lock(&in_use_lock);
    made->next = in_use;
    in_use = made;
    (void)pthread_mutex_unlock(&in_use_lock);
}

/* True: that was its last user. */
static bool leave(struct rd_terms *terms)
{
    (void)pthread_mutex_lock(&in_use_lock);
    bool is_last = --terms->users == 0;
    for (struct rd_terms **at = &in_use; is_last && *at != NULL; at = &(*at)->next) {
        if (*at == terms) {
            *at = terms->next;
            break;
        }
    }
    (void)pthread_mutex_unlock(&in_use_lock);
    return is_last;
}

int rd_terms_compile(const struct rd_term *terms, size_t count, struct rd_terms **ret_terms,
        size_t *ret_bad, char ret_what[static WHAT_MAX])
{
    RD_ASSERT(count < INT32_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *what = complaint(&terms[i]);
        if (what != NULL) {
            *ret_bad = i;
            (void)snprintf(ret_what, WHAT_MAX, "%s", what);
            return -EINVAL;
        }
    }
    uint8_t digest[RD_HASH_BYTES];
    digest_of(terms, count, digest);
    *ret_terms = take_in_use(digest);
    if (*ret_terms != NULL) {
        return 0;
    }
    struct rd_terms *made = terms_new(terms, count);
    made->users = 1; /* not in the list yet */
    memcpy(made->digest, digest, RD_HASH_BYTES);
    int r = compile(made, terms, false, ret_bad, ret_what);
    if (r == 0) {
        r = compile(made, terms, true, ret_bad, ret_what);
    }
    if (r < 0) {
        rd_terms_free(made);
        return r;
    }
    compile_evidence(made, terms);
    put_in_use(made);
    *ret_terms = made;
    return 0;
}

void rd_terms_free(struct rd_terms *terms)
{
    if (terms != NULL && leave(terms)) {
        for (size_t i = 0; i < terms->count; i++) {
            if (terms->patterns[i] != NULL) {
                rd_pattern_done(terms->patterns[i]);
            }
        }
        rd_arena_done(&terms->arena);
        hs_free_database(terms->whole);
        hs_free_database(terms->pieced);
        free(terms);
    }
}

static void must_succeed(hs_error_t r)
{
    if (r == HS_NOMEM) {
        rd_oom();
    }
    RD_ASSERT(r == HS_SUCCESS);
}

struct rd_terms_scratch *rd_terms_scratch_new(const struct rd_terms *terms)
{
    struct rd_terms_scratch *made = must_alloc(1, sizeof *made);
    made->seen = must_alloc(terms->count, sizeof *made->seen);
    made->touched = must_alloc(terms->count, sizeof *made->touched);
    if (terms->whole != NULL) {
        must_succeed(hs_alloc_scratch(terms->whole, &made->scratch));
    }
    if (terms->pieced != NULL) {
        must_succeed(hs_alloc_scratch(terms->pieced, &made->scratch));
        must_succeed(hs_open_stream(terms->pieced, 0, &made->stream));
    }
    return made;
}

void rd_terms_scratch_free(struct rd_terms_scratch *scratch)
{
    if (scratch == NULL) {
        return;
    }
    if (scratch->stream != NULL) {
        must_succeed(hs_close_stream(scratch->stream, scratch->scratch, NULL, NULL));
    }
    must_succeed(hs_free_scratch(scratch->scratch));
    free(scratch->seen);
    free(scratch->touched);
    free(scratch);
}

struct search {
    const struct rd_terms *terms;
    struct rd_terms_scratch *scratch;
    struct rd_str text;
    rd_terms_fn fn;
    void *context;
};

static bool stands_alone(const struct edges *edges, struct rd_str text, size_t end)
{
    if (edges->at_start && end > edges->len && is_word(text.ptr[end - edges->len - 1])) {
        return false;
    }
    return !(edges->at_end && end < text.len && is_word(text.ptr[end]));
}

static int on_match(
        unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
    (void)from;
    (void)flags;
    const struct search *search = context;
    if (id == search->terms->count) {
        return 0; /* a filler: the text is no UTF-8 */
    }
    const struct edges *edges = &search->terms->edges[id];
    bool is_pattern = edges->len == 0;
    struct rd_terms_scratch *scratch = search->scratch;
    struct seen *seen = &scratch->seen[id];
    if ((is_pattern && seen->count > 0) || !stands_alone(edges, search->text, (size_t)to)) {
        return 0;
    }
    if (seen->count == 0) {
        seen->slot = scratch->touched_count;
        scratch->touched[scratch->touched_count++] = id;
    }
    struct rd_terms_place place = {
            .index = id,
            .slot = seen->slot,
            .nth = seen->count++,
            .start = (uint32_t)to - edges->len,
            .end = (uint32_t)to,
            .is_pattern = is_pattern,
    };
    search->fn(search->context, &place);
    return 0;
}

static void find_pieced(struct rd_terms_scratch *scratch, struct search *search)
{
    struct rd_str rest = search->text;
    while (rest.len > 0) {
        unsigned piece = rest.len < PIECE_BYTES ? (unsigned)rest.len : PIECE_BYTES;
        must_succeed(hs_scan_stream(
                scratch->stream, rest.ptr, piece, 0, scratch->scratch, on_match, search));
        rest.ptr += piece;
        rest.len -= piece;
    }
    /* Tells the matches that stand at the end of the text ("$") as well. */
    must_succeed(hs_reset_stream(scratch->stream, 0, scratch->scratch, on_match, search));
}

void rd_terms_each(const struct rd_terms *terms, struct rd_terms_scratch *scratch,
        struct rd_str folded, rd_terms_fn fn, void *context)
{
    if (terms->count == 0 || folded.len == 0) {
        return;
    }
    RD_ASSERT(folded.len <= INT32_MAX); /* a text has at most 32 KiB, and folding its bounds */
    struct search search = {
            .terms = terms, .scratch = scratch, .text = folded, .fn = fn, .context = context};
    if (terms->whole != NULL) {
        must_succeed(hs_scan(terms->whole, folded.ptr, (unsigned)folded.len, 0, scratch->scratch,
                on_match, &search));
    }
    if (terms->pieced != NULL) {
        find_pieced(scratch, &search);
    }
    for (uint32_t i = 0; i < scratch->touched_count; i++) {
        scratch->seen[scratch->touched[i]].count = 0;
    }
    scratch->touched_count = 0;
}

struct rd_str rd_terms_evidence(
        const struct rd_terms *terms, size_t index, struct rd_str folded, size_t *budget)
{
    struct rd_str found = {0};
    RD_ASSERT(index < terms->count);
    if (terms->patterns[index] != NULL) {
        (void)rd_pattern_find(terms->patterns[index], folded, budget, &found);
    }
    return found;
}
