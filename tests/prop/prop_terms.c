/* One pass over the text finds what a naive search finds for each term, and where it ends first. */
#include <string.h>

#include "common/text/terms.h"
#include "tests/prop.h"
#include "tests/terms_find.h"

enum { TERMS_MAX = 24, TERM_CHARS_MAX = 4, TEXT_CHARS_MAX = 120, CHAR_BYTES_MAX = 4 };

/* Few characters, so that terms overlap and stand at each other's edges. */
static const char *const alphabet[] = {"a", "b", "7", "_", " ", ".", "投", "诉", "到", "é", "𠮷"};

struct naive {
    struct rd_str text, gap_end; /* a pattern: text, at most `gap` characters, gap_end */
    uint64_t gap;
    bool is_pattern;
    char bytes[2 * TERM_CHARS_MAX * CHAR_BYTES_MAX + 16];
};

static size_t random_chars(struct prop_gen *gen, uint64_t count, char *bytes, bool for_pattern)
{
    size_t len = 0;
    for (; count > 0; count--) {
        const char *one = alphabet[prop_below(gen, RD_COUNT(alphabet))];
        if (for_pattern && *one == '.') {
            one = "诉";
        }
        memcpy(bytes + len, one, strlen(one));
        len += strlen(one);
    }
    return len;
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool occurs_at(struct rd_str text, size_t at, struct rd_str what)
{
    return text.len - at >= what.len && memcmp(text.ptr + at, what.ptr, what.len) == 0;
}

/* The end of the literal found at `at`, or 0. */
static size_t literal_at(const struct naive *term, struct rd_str text, size_t at)
{
    size_t end = at + term->text.len;
    if (!occurs_at(text, at, term->text)) {
        return 0;
    }
    bool joined_before = is_word(term->text.ptr[0]) && at > 0 && is_word(text.ptr[at - 1]);
    bool joined_behind = is_word(text.ptr[end - 1]) && end < text.len && is_word(text.ptr[end]);
    return joined_before || joined_behind ? 0 : end;
}

static size_t pattern_at(const struct naive *term, struct rd_str text, size_t at)
{
    if (!occurs_at(text, at, term->text)) {
        return 0;
    }
    size_t behind = at + term->text.len;
    for (uint64_t gap = 0; gap <= term->gap; gap++) {
        if (occurs_at(text, behind, term->gap_end)) {
            return behind + term->gap_end.len;
        }
        if (behind == text.len) {
            return 0;
        }
        do {
            behind++;
        } while (behind < text.len && ((uint8_t)text.ptr[behind] & 0xc0) == 0x80);
    }
    return 0;
}

/* The smallest end of all occurrences, or 0. */
static size_t naive_end(const struct naive *term, struct rd_str text)
{
    size_t first = 0;
    for (size_t at = 0; at < text.len; at++) {
        size_t end = term->is_pattern ? pattern_at(term, text, at) : literal_at(term, text, at);
        first = end > 0 && (first == 0 || end < first) ? end : first;
    }
    return first;
}

static struct rd_term random_term(struct prop_gen *gen, struct naive *term)
{
    *term = (struct naive){.is_pattern = prop_below(gen, 4) == 0};
    uint64_t chars = 1 + prop_below(gen, TERM_CHARS_MAX);
    size_t len = random_chars(gen, chars, term->bytes, term->is_pattern);
    term->text = (struct rd_str){.ptr = term->bytes, .len = len};
    if (term->is_pattern) {
        term->gap = 1 + prop_below(gen, 6); /* vectorscan refuses {0,0} */
        if (prop_below(gen, 3) == 0) {
            term->gap = TEXT_CHARS_MAX;
            len += (size_t)snprintf(term->bytes + len, 16, ".*");
        } else {
            len += (size_t)snprintf(term->bytes + len, 16, ".{0,%d}", (int)term->gap);
        }
        term->gap_end.ptr = term->bytes + len;
        term->gap_end.len = random_chars(gen, 1 + prop_below(gen, 2), term->bytes + len, true);
        len += term->gap_end.len;
    }
    return (struct rd_term){{.ptr = term->bytes, .len = len}, term->is_pattern};
}

static int check_text(struct prop_gen *gen, const struct rd_terms *terms,
        struct rd_terms_scratch *scratch, const struct naive *naive, size_t count)
{
    char bytes[TEXT_CHARS_MAX * CHAR_BYTES_MAX];
    struct rd_str text = {.ptr = bytes};
    text.len = random_chars(gen, prop_below(gen, TEXT_CHARS_MAX), bytes, false);
    if (prop_below(gen, 2) == 0) { /* mostly nothing: what skips ahead has far to go */
        size_t until = prop_below(gen, text.len + 1);
        while (until < text.len && ((uint8_t)bytes[until] & 0xc0) == 0x80) {
            until++; /* not into the middle of a character */
        }
        memset(bytes, '-', until);
    }
    bool found[TERMS_MAX];
    uint32_t ends[TERMS_MAX] = {0};
    terms_find(terms, scratch, text, count, (struct terms_found){found, ends});
    for (size_t i = 0; i < count; i++) {
        size_t want = naive_end(&naive[i], text);
        if (found[i] != (want > 0) || (found[i] && ends[i] != want)) {
            (void)fprintf(stderr, "\"%.*s\" (%d, %.*s) in \"%.*s\": found %d, end %u, want %zu\n",
                    RD_FMT(naive[i].text), (int)naive[i].gap, RD_FMT(naive[i].gap_end),
                    RD_FMT(text), found[i], ends[i], want);
            return __LINE__;
        }
    }
    return 0;
}

static int finds_what_a_naive_search_finds(struct prop_gen *gen)
{
    struct naive naive[TERMS_MAX];
    struct rd_term list[TERMS_MAX];
    size_t count = 1 + prop_below(gen, TERMS_MAX);
    for (size_t i = 0; i < count; i++) {
        list[i] = random_term(gen, &naive[i]);
    }
    struct rd_terms *terms = NULL;
    size_t bad;
    char what[200];
    if (rd_terms_compile(list, count, &terms, &bad, what) != 0) {
        (void)fprintf(stderr, "\"%.*s\": %s\n", RD_FMT(list[bad].text), what);
        return __LINE__;
    }
    struct rd_terms_scratch *scratch = rd_terms_scratch_new(terms);
    int failed = 0;
    for (int i = 0; i < 10 && failed == 0; i++) {
        failed = check_text(gen, terms, scratch, naive, count);
    }
    rd_terms_scratch_free(scratch);
    rd_terms_free(terms);
    return failed;
}

int main(void)
{
    return prop_check("finds what a naive search finds", finds_what_a_naive_search_finds);
}
