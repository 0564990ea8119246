/* The short ways of rd_fold() change nothing: it is utf8proc's NFKC_Casefold of the whole text,
 * less the combining marks beyond the 30th of a run. */
#include <string.h>

#include <utf8proc.h>

#include "common/text/fold.h"
#include "tests/prop.h"

enum { CHARS_MAX = 80, MARKS_MAX = 30, BYTES_MAX = 4 * CHARS_MAX + 1 };

/* Neighbourhoods where folding has something to do, or the code a border. */
static const struct {
    int64_t first, last;
} ranges[] = {{0x1, 0x7f}, {'A', 'z'}, {'0', '9'}, {0x80, 0x24f}, {0x300, 0x36f}, {0x370, 0x5ff},
        {0x900, 0xdff}, {0x1100, 0x11ff}, {0x1e00, 0x1fff}, {0x2000, 0x206f}, {0x2460, 0x24ff},
        {0x3000, 0x33ff}, {0x3400, 0x3410}, {0x4e00, 0x9fff}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
        {0xfb00, 0xfdff}, {0xfe00, 0xfe0f}, {0xff00, 0xffef}, {0x1f300, 0x1f9ff},
        {0xe000, 0x10ffff}, {0x1, 0xd7ff}, {0x11000, 0x115ff}};

static size_t random_text(struct prop_gen *gen, uint8_t *text)
{
    size_t len = 0;
    size_t kinds = 1 + prop_below(gen, 4), from = prop_below(gen, RD_COUNT(ranges));
    for (uint64_t chars = prop_below(gen, CHARS_MAX); chars > 0; chars--) {
        size_t range = (from + prop_below(gen, kinds)) % RD_COUNT(ranges);
        int64_t c = prop_between(gen, ranges[range].first, ranges[range].last);
        len += (size_t)utf8proc_encode_char((utf8proc_int32_t)c, text + len);
    }
    text[len] = '\0';
    return len;
}

/* The text without what a run of marks has too many of; ends it with NUL. Returns its bytes. */
static size_t stream_safe(const uint8_t *text, size_t len, uint8_t *out)
{
    size_t out_len = 0, run = 0;
    bool is_over = false;
    for (size_t at = 0; at < len;) {
        utf8proc_int32_t c, parts[32];
        utf8proc_ssize_t size = utf8proc_iterate(text + at, (utf8proc_ssize_t)(len - at), &c);
        int class = 0;
        utf8proc_ssize_t count = utf8proc_decompose_char(c, parts, 32,
                UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &class);
        size_t marks = 0;
        while (marks < (size_t)count && utf8proc_get_property(parts[marks])->combining_class > 0) {
            marks++;
        }
        bool is_all_marks = marks == (size_t)count;
        is_over = run + marks > MARKS_MAX || (is_over && is_all_marks);
        if (!(is_over && marks > 0)) {
            memcpy(out + out_len, text + at, (size_t)size);
            out_len += (size_t)size;
        }
        run += marks;
        for (utf8proc_ssize_t i = 0; i < count && !is_all_marks; i++) {
            run = utf8proc_get_property(parts[i])->combining_class > 0 ? run + 1 : 0;
        }
        is_over = is_over && is_all_marks;
        at += (size_t)size;
    }
    out[out_len] = '\0';
    return out_len;
}

static int short_ways_change_nothing(struct prop_gen *gen)
{
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 20);
    int failed = 0;
    for (int i = 0; i < 50 && failed == 0; i++) {
        uint8_t text[BYTES_MAX];
        size_t len = random_text(gen, text);
        struct rd_str got = rd_fold((struct rd_str){.ptr = (char *)text, .len = len}, &arena);
        uint8_t safe[BYTES_MAX];
        (void)stream_safe(text, len, safe);
        utf8proc_uint8_t *want = utf8proc_NFKC_Casefold(safe);
        if (want == NULL || !rd_str_is(got, (char *)want)) {
            (void)fprintf(stderr, "\"%s\" gives \"%.*s\", not \"%s\"\n", (char *)text, RD_FMT(got),
                    want != NULL ? (char *)want : "");
            failed = __LINE__;
        }
        free(want);
        rd_arena_reset(&arena);
    }
    rd_arena_done(&arena);
    return failed;
}

/* Any bytes: what is no UTF-8 comes back as it is, and nothing is read past the end. */
static int any_bytes(struct prop_gen *gen)
{
    size_t len = prop_below(gen, 40);
    uint8_t *text = malloc(len + 1);
    for (size_t i = 0; i < len; i++) {
        text[i] = (uint8_t)(prop_below(gen, 2) == 0 ? 0xe0 + prop_below(gen, 32) : prop_u64(gen));
    }
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 20);
    uint8_t *exact = realloc(text, len > 0 ? len : 1);
    struct rd_str input = {.ptr = (char *)exact, .len = len};
    struct rd_str got = rd_fold(input, &arena);
    utf8proc_uint8_t *want = NULL;
    utf8proc_ssize_t size = utf8proc_map(exact, (utf8proc_ssize_t)len, &want,
            UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                    UTF8PROC_IGNORE);
    struct rd_str wanted = {.ptr = (char *)want, .len = size > 0 ? (size_t)size : 0};
    int failed = rd_str_eq(got, size < 0 ? input : wanted) ? 0 : __LINE__;
    free(want);
    rd_arena_done(&arena);
    free(exact);
    return failed;
}

int main(void)
{
    int bad = prop_check("short ways change nothing", short_ways_change_nothing);
    bad += prop_check("any bytes", any_bytes);
    return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
