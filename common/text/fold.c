#include "common/text/fold.h"

#include <string.h>

#include <utf8proc.h>

/* utf8proc costs some 50 ns a character, and almost every character of a complaint needs none of
 * it. So the text is cut before every easy character: one whose folding stands in a line below, and
 * which neither combines with what stands before it nor is moved by it. Only an easy character
 * followed by hard ones (they may combine with it) goes through utf8proc, together with them. */

static const utf8proc_option_t fold_options =
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;

#define ONES      UINT64_C(0x0101010101010101)
#define HIGH_BITS (ONES * 0x80)

enum {
    NO_CHAR = -1, /* U+0000 is a character: it may stand before a mark */
    STEP_HARD = 0,
    PIECE_FIRST = 128,
    KNOWN_CHARS = 64,
    PART_TEXT_MAX = 64,
    CHAR_DECOMPOSED_MAX = 32, /* Unicode's longest has 18 */
    GROWTH_MAX = 11,          /* U+FDFA: 3 bytes become 33 */
    MARKS_MAX = 30, /* a run of combining marks: Unicode's stream-safe form (UAX 15, section 13) */
};

/* What a hard character becomes, and what that means to its neighbours. */
struct parts {
    utf8proc_int32_t c; /* NO_CHAR: nothing is known here */
    /* It neither combines with what stands before it nor changes places with it: a starter that is
     * no vowel sign and no trailing jamo. */
    bool starts_anew;
    bool has_starter;
    unsigned first_marks, last_marks; /* combining marks that it begins and ends with */
    size_t count;
    utf8proc_int32_t chars[CHAR_DECOMPOSED_MAX];
    uint8_t classes[CHAR_DECOMPOSED_MAX];  /* combining classes of these; 0: a starter */
    uint8_t text_len, text[PART_TEXT_MAX]; /* standing alone, once that was met; 0: not yet */
};

struct fold {
    const uint8_t *at, *end;
    struct rd_arena *arena;
    /* Always room for the rest of the input: easy characters never grow. */
    uint8_t *out;
    size_t len, cap;
    struct parts *known; /* KNOWN_CHARS of them, each in the place of its number; NULL: none yet */
    /* The characters that are put in order and composed together. */
    utf8proc_int32_t *chars;
    uint8_t *classes;
    size_t piece_len, piece_cap;
    struct parts *alone; /* in `known`, of the only character in the piece; NULL: it has more */
    utf8proc_int32_t alone_c;
    size_t left_out; /* combining marks beyond MARKS_MAX in a run */
};

static size_t left(const struct fold *fold)
{
    return (size_t)(fold->end - fold->at);
}

static bool is_trail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Of three bytes: CJK ideographs and the punctuation that Chinese texts are full of stay as they
 * are; the full width forms of ASCII and the wide space become ASCII. Returns the ASCII character,
 * 0 for one that stays, -1 for a hard one. */
static int fold_wide(const uint8_t *at)
{
    if (!is_trail(at[1]) || !is_trail(at[2])) {
        return -1;
    }
    if (at[0] >= 0xe4 && at[0] <= 0xe9) {
        return 0; /* U+4000 to U+9FFF: nearly all that a Chinese text holds */
    }
    unsigned c = (at[0] & 0xfu) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    if ((c >= 0x3400 && c <= 0x9fff) || (c >= 0x3001 && c <= 0x3020) ||
            (c >= 0x2018 && c <= 0x201d) || c == 0x2014) {
        return 0;
    }
    if (c >= 0xff01 && c <= 0xff5e) {
        int ascii = (int)(c - 0xff01 + 0x21);
        return ascii >= 'A' && ascii <= 'Z' ? ascii - 'A' + 'a' : ascii;
    }
    return c == 0x3000 ? ' ' : -1;
}

/* Bytes of the easy character at the front; STEP_HARD if there is none. *ret_ascii is what it
 * becomes, 0 if it stays. */
static size_t easy_step(const struct fold *fold, int *ret_ascii)
{
    if (left(fold) == 0) {
        return STEP_HARD;
    }
    uint8_t byte = *fold->at;
    if (byte < 0x80) {
        *ret_ascii = byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
        return 1;
    }
    if ((byte & 0xf0) != 0xe0 || left(fold) < 3) {
        return STEP_HARD;
    }
    *ret_ascii = fold_wide(fold->at);
    return *ret_ascii >= 0 ? 3 : STEP_HARD;
}

static void put(struct fold *fold, const void *bytes, size_t size)
{
    size_t need = fold->len + size + left(fold);
    if (need > fold->cap) {
        /* Once, for the worst case: what is not touched costs nothing. */
        fold->cap = fold->len + size + GROWTH_MAX * left(fold);
        uint8_t *out = rd_arena_alloc(fold->arena, fold->cap);
        memcpy(out, fold->out, fold->len);
        fold->out = out;
    }
    memcpy(fold->out + fold->len, bytes, size);
    fold->len += size;
}

/* What `c` becomes. A text has few kinds of hard characters, and utf8proc takes long for some. */
static struct parts *parts_of(struct fold *fold, utf8proc_int32_t c)
{
    if (fold->known == NULL) {
        fold->known = rd_arena_alloc(fold->arena, KNOWN_CHARS * sizeof *fold->known);
        for (size_t i = 0; i < KNOWN_CHARS; i++) {
            fold->known[i].c = NO_CHAR; /* the rest is filled when it is needed */
        }
    }
    struct parts *parts = &fold->known[(unsigned)c % KNOWN_CHARS];
    if (parts->c == c) {
        return parts;
    }
    int last_class = 0;
    parts->c = c;
    parts->starts_anew = parts->has_starter = false;
    parts->first_marks = parts->last_marks = 0;
    parts->count = parts->text_len = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(
            c, parts->chars, CHAR_DECOMPOSED_MAX, fold_options, &last_class);
    for (utf8proc_ssize_t i = 0; i < count; i++) {
        const utf8proc_property_t *property = utf8proc_get_property(parts->chars[i]);
        unsigned class = property->boundclass;
        parts->classes[parts->count++] = (uint8_t)property->combining_class;
        if (property->combining_class != 0) {
            parts->first_marks += parts->has_starter ? 0 : 1;
            parts->last_marks++;
            continue;
        }
        parts->starts_anew |= i == 0 && class != UTF8PROC_BOUNDCLASS_EXTEND &&
                              class != UTF8PROC_BOUNDCLASS_SPACINGMARK &&
                              class != UTF8PROC_BOUNDCLASS_V && class != UTF8PROC_BOUNDCLASS_T &&
                              class != UTF8PROC_BOUNDCLASS_ZWJ;
        parts->has_starter = true;
        parts->last_marks = 0;
    }
    return parts;
}

/* ---- pieces ---- */

static void piece_grow(struct fold *fold)
{
    size_t cap = fold->piece_cap > 0 ? 2 * fold->piece_cap : PIECE_FIRST;
    utf8proc_int32_t *chars = RD_ARENA_ARRAY(fold->arena, utf8proc_int32_t, cap);
    uint8_t *classes = RD_ARENA_ARRAY(fold->arena, uint8_t, cap);
    if (fold->piece_len > 0) {
        memcpy(chars, fold->chars, fold->piece_len * sizeof *chars);
        memcpy(classes, fold->classes, fold->piece_len);
    }
    fold->chars = chars;
    fold->classes = classes;
    fold->piece_cap = cap;
}

/* Puts the marks of a run in their order as they come; a run is short. */
static void piece_add(struct fold *fold, struct parts *parts)
{
    fold->alone = fold->piece_len == 0 ? parts : NULL;
    fold->alone_c = parts->c;
    while (fold->piece_len + parts->count >= fold->piece_cap) { /* utf8proc wants one more */
        piece_grow(fold);
    }
    for (size_t i = 0; i < parts->count; i++) {
        size_t place = fold->piece_len++;
        uint8_t class = parts->classes[i];
        for (; class > 0 && place > 0 && fold->classes[place - 1] > class; place--) {
            fold->chars[place] = fold->chars[place - 1];
            fold->classes[place] = fold->classes[place - 1];
        }
        fold->chars[place] = parts->chars[i];
        fold->classes[place] = class;
    }
}

static void piece_end(struct fold *fold)
{
    struct parts *alone = fold->alone;
    if (alone != NULL && alone->c != fold->alone_c) {
        alone = NULL; /* another character has taken its place since */
    }
    if (alone != NULL && alone->text_len > 0) {
        put(fold, alone->text, alone->text_len);
    } else if (fold->piece_len > 0) {
        utf8proc_ssize_t bytes =
                utf8proc_reencode(fold->chars, (utf8proc_ssize_t)fold->piece_len, fold_options);
        RD_ASSERT(bytes >= 0);
        put(fold, fold->chars, (size_t)bytes);
        if (alone != NULL && (size_t)bytes <= sizeof alone->text) {
            memcpy(alone->text, fold->chars, (size_t)bytes);
            alone->text_len = (uint8_t)bytes;
        }
    }
    fold->piece_len = 0;
    fold->alone = NULL;
}

/* Steps over the marks of a run that has all it may have, and what becomes nothing between them. */
static bool skip_marks(struct fold *fold)
{
    while (left(fold) > 0 && *fold->at >= 0x80) {
        utf8proc_int32_t c;
        utf8proc_ssize_t size = utf8proc_iterate(fold->at, (utf8proc_ssize_t)left(fold), &c);
        if (size <= 0) {
            return false;
        }
        struct parts *parts = parts_of(fold, c);
        if (parts->has_starter) {
            return true;
        }
        fold->left_out += parts->count > 0 ? 1 : 0;
        fold->at += size;
    }
    return true;
}

/* Folds hard characters up to the next easy one, the end, or (the first of them aside, where
 * `takes_first`) one that starts anew, so that pieces stay small. The piece may hold an easy one
 * already, which they may combine with. False: not UTF-8. */
static bool fold_hard(struct fold *fold, bool takes_first)
{
    int ascii;
    unsigned marks = 0; /* in a row, so far */
    for (; left(fold) > 0 && easy_step(fold, &ascii) == STEP_HARD; takes_first = false) {
        utf8proc_int32_t c;
        utf8proc_ssize_t size = utf8proc_iterate(fold->at, (utf8proc_ssize_t)left(fold), &c);
        if (size <= 0) {
            return false;
        }
        struct parts *parts = parts_of(fold, c);
        if (!takes_first && parts->starts_anew) {
            return true;
        }
        if (marks + parts->first_marks > MARKS_MAX) {
            return skip_marks(fold);
        }
        marks = parts->has_starter ? parts->last_marks : marks + parts->last_marks;
        piece_add(fold, parts);
        fold->at += size;
    }
    return true;
}

/* The high bit of a byte of the result stands where that of `word`, all ASCII, is a capital. */
static uint64_t capitals(uint64_t word)
{
    return (word + ONES * (0x80 - 'A')) & ~(word + ONES * (0x7f - 'Z')) & HIGH_BITS;
}

/* Bytes at the front that fold to themselves, without the last character of them: what follows may
 * combine with it. */
static size_t unchanged(struct rd_str text)
{
    struct fold scan = {.at = (const uint8_t *)text.ptr};
    scan.end = scan.at + text.len;
    const uint8_t *last = scan.at;
    while (left(&scan) > 0) {
        int ascii;
        uint64_t word;
        if (left(&scan) >= sizeof word) {
            memcpy(&word, scan.at, sizeof word);
            if ((word & HIGH_BITS) == 0 && capitals(word) == 0) {
                scan.at += sizeof word;
                last = scan.at - 1;
                continue;
            }
        }
        size_t step = easy_step(&scan, &ascii);
        if (step == STEP_HARD) {
            return (size_t)(last - (const uint8_t *)text.ptr);
        }
        if (step == 1 ? ascii != *scan.at : ascii != 0) {
            break;
        }
        last = scan.at;
        scan.at += step;
    }
    return (size_t)(scan.at - (const uint8_t *)text.ptr);
}

static void piece_add_easy(struct fold *fold, const uint8_t *from, size_t step)
{
    utf8proc_int32_t c;
    (void)utf8proc_iterate(from, (utf8proc_ssize_t)step, &c);
    piece_add(fold, parts_of(fold, c));
}

/* What the easy character becomes: there is room, it never grows. */
static void put_easy(struct fold *fold, const uint8_t *from, size_t step, int ascii)
{
    uint8_t *out = fold->out + fold->len;
    if (step == 1 || ascii != 0) {
        *out = (uint8_t)ascii;
        fold->len++;
    } else {
        memcpy(out, from, 3);
        fold->len += 3;
    }
}

/* Puts ASCII eight bytes at a time, as long as ASCII stands behind them, too: no mark follows. */
static bool put_words(struct fold *fold)
{
    const uint8_t *from = fold->at;
    uint64_t word;
    for (; left(fold) > sizeof word; fold->at += sizeof word) {
        memcpy(&word, fold->at, sizeof word);
        if (((word | fold->at[sizeof word]) & HIGH_BITS) != 0) {
            break;
        }
        word |= capitals(word) >> 2; /* 0x80 becomes 0x20, which makes a small letter of it */
        memcpy(fold->out + fold->len, &word, sizeof word);
        fold->len += sizeof word;
    }
    return fold->at != from;
}

struct rd_str rd_fold_telling(struct rd_str text, struct rd_arena *arena, size_t *ret_left_out)
{
    *ret_left_out = 0;
    size_t same = text.len > 0 ? unchanged(text) : 0;
    if (same == text.len) {
        return text;
    }
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    struct fold fold = {.at = bytes + same, .end = bytes + text.len, .arena = arena};
    fold.cap = text.len;
    fold.out = rd_arena_alloc(arena, fold.cap);
    memcpy(fold.out, bytes, same);
    fold.len = same;
    int ascii = 0;
    size_t step = easy_step(&fold, &ascii);
    while (left(&fold) > 0) {
        if (step == 1 && put_words(&fold)) {
            step = easy_step(&fold, &ascii);
        }
        const uint8_t *from = fold.at;
        int next_ascii = 0;
        fold.at += step;
        size_t next = easy_step(&fold, &next_ascii);
        if (step != STEP_HARD && (next != STEP_HARD || left(&fold) == 0)) {
            put_easy(&fold, from, step, ascii);
        } else {
            if (step != STEP_HARD) {
                piece_add_easy(&fold, from, step);
            }
            if (!fold_hard(&fold, step == STEP_HARD)) {
                return text;
            }
            if (step != STEP_HARD && fold.at == from + step) {
                fold.piece_len = 0; /* hard, but what stands before it is left alone */
                fold.alone = NULL;
                put_easy(&fold, from, step, ascii);
            }
            piece_end(&fold);
            next = easy_step(&fold, &next_ascii);
        }
        step = next;
        ascii = next_ascii;
    }
    *ret_left_out = fold.left_out;
    return (struct rd_str){.ptr = (const char *)fold.out, .len = fold.len};
}

struct rd_str rd_fold(struct rd_str text, struct rd_arena *arena)
{
    size_t left_out;
    return rd_fold_telling(text, arena, &left_out);
}
