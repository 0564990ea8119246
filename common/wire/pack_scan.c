#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/pack.h"

/* Maps up to this many pairs are checked for duplicate keys as they are walked. The keys of a
 * larger one, which no event has, are kept and sorted at its end, so that the walk goes over each
 * byte once, however deep maps stand in maps. */
enum { KEYS_WALKED = 32, FLOAT_32 = 0xca, FLOAT_64 = 0xcb };

enum shape { SCALAR, STR, BIN, ARRAY, MAP, EXT };

struct token {
    enum shape shape;
    size_t head_len; /* tag, and length or count */
    size_t body_len; /* of SCALAR, STR, BIN, EXT */
    uint32_t count;  /* of ARRAY, pairs of MAP */
};

static uint64_t big_endian(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

/* The tags from 0xc0 to 0xdf: what follows the tag, as bytes of a length or count, and as fixed
 * bytes of a body. */
static const struct {
    uint8_t shape, size_len, body_len;
} TAGS[32] = {
        [0xc0 - 0xc0] = {SCALAR, 0, 0}, /* nil; 0xc1 is never used, and refused by itself */
        [0xc2 - 0xc0] = {SCALAR, 0, 0}, /* false */
        [0xc3 - 0xc0] = {SCALAR, 0, 0}, /* true */
        [0xc4 - 0xc0] = {BIN, 1, 0},
        [0xc5 - 0xc0] = {BIN, 2, 0},
        [0xc6 - 0xc0] = {BIN, 4, 0},
        [0xc7 - 0xc0] = {EXT, 1, 1}, /* ext: the type byte counts to the body */
        [0xc8 - 0xc0] = {EXT, 2, 1},
        [0xc9 - 0xc0] = {EXT, 4, 1},
        [0xca - 0xc0] = {SCALAR, 0, 4}, /* float */
        [0xcb - 0xc0] = {SCALAR, 0, 8},
        [0xcc - 0xc0] = {SCALAR, 0, 1}, /* uint */
        [0xcd - 0xc0] = {SCALAR, 0, 2},
        [0xce - 0xc0] = {SCALAR, 0, 4},
        [0xcf - 0xc0] = {SCALAR, 0, 8},
        [0xd0 - 0xc0] = {SCALAR, 0, 1}, /* int */
        [0xd1 - 0xc0] = {SCALAR, 0, 2},
        [0xd2 - 0xc0] = {SCALAR, 0, 4},
        [0xd3 - 0xc0] = {SCALAR, 0, 8},
        [0xd4 - 0xc0] = {EXT, 0, 2}, /* fixext */
        [0xd5 - 0xc0] = {EXT, 0, 3},
        [0xd6 - 0xc0] = {EXT, 0, 5},
        [0xd7 - 0xc0] = {EXT, 0, 9},
        [0xd8 - 0xc0] = {EXT, 0, 17},
        [0xd9 - 0xc0] = {STR, 1, 0},
        [0xda - 0xc0] = {STR, 2, 0},
        [0xdb - 0xc0] = {STR, 4, 0},
        [0xdc - 0xc0] = {ARRAY, 2, 0},
        [0xdd - 0xc0] = {ARRAY, 4, 0},
        [0xde - 0xc0] = {MAP, 2, 0},
        [0xdf - 0xc0] = {MAP, 4, 0},
};

/* Reads the head at `at`, of which `left` ≥ 1 bytes are there; NULL, or what is wrong. */
static inline const char *read_token(const uint8_t *at, size_t left, struct token *ret_token)
{
    uint8_t tag = at[0];
    struct token token = {.shape = SCALAR, .head_len = 1};
    if (tag >= 0xa0 && tag <= 0xbf) {
        token.shape = STR;
        token.body_len = tag & 0x1f;
    } else if (tag >= 0x80 && tag <= 0x9f) {
        token.shape = tag < 0x90 ? MAP : ARRAY;
        token.count = tag & 0x0f;
    } else if (tag >= 0xc0 && tag <= 0xdf) {
        if (tag == 0xc1) {
            return "the byte 0xc1, which MessagePack never uses";
        }
        size_t size_len = TAGS[tag - 0xc0].size_len;
        if (size_len > left - 1) {
            return "it ends within an object";
        }
        uint64_t size = big_endian(at + 1, size_len);
        token.head_len += size_len;
        token.shape = (enum shape)TAGS[tag - 0xc0].shape;
        token.body_len = TAGS[tag - 0xc0].body_len;
        if (token.shape == ARRAY || token.shape == MAP) {
            token.count = (uint32_t)size;
        } else {
            token.body_len += size;
        }
    }
    left -= token.head_len;
    uint64_t least =
            token.body_len + (token.shape == MAP ? 2 * (uint64_t)token.count : token.count);
    if (least > left) {
        return "it ends within an object";
    }
    *ret_token = token;
    return NULL;
}

/* Of an extension whose token passed; NULL, or what is wrong. Only the timestamp has a form. */
static const char *check_ext(const uint8_t *body, size_t body_len)
{
    if ((int8_t)body[0] != -1) {
        return NULL;
    }
    const uint8_t *data = body + 1;
    uint64_t ns = 0;
    switch (body_len - 1) {
    case 4:
        break;
    case 8:
        ns = big_endian(data, 8) >> 34;
        break;
    case 12:
        ns = big_endian(data, 4);
        break;
    default:
        return "a timestamp that is not 4, 8 or 12 bytes long";
    }
    return ns < 1000000000 ? NULL : "a timestamp with a billion nanoseconds or more";
}

/* The bytes of one character that is not ASCII, 0 if it is none (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF). */
static size_t utf8_wide(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0];
    size_t len = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || len > left) {
        return 0;
    }
    uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

bool rd_pack_is_utf8(struct rd_str text)
{
    const uint8_t *at = (const uint8_t *)text.ptr;
    size_t left = text.len;
    while (left > 0) {
        uint64_t eight;
        if (left >= sizeof eight) {
            memcpy(&eight, at, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof eight;
                left -= sizeof eight;
                continue;
            }
        }
        if (left >= sizeof(uint32_t) && left < sizeof eight) {
            uint32_t first, last; /* overlap, or meet */
            memcpy(&first, at, sizeof first);
            memcpy(&last, at + left - sizeof last, sizeof last);
            if (((first | last) & 0x80808080U) == 0) {
                return true;
            }
        }
        size_t len = at[0] < 0x80 ? 1 : utf8_wide(at, left);
        if (len == 0) {
            return false;
        }
        at += len;
        left -= len;
    }
    return true;
}

/* ---- the walk ---- */
struct level {
    uint32_t left; /* objects still to come, keys included */
    bool is_map, is_large, wants_key;
    uint32_t key_count; /* in `keys` */
    size_t first_kept;  /* of a large map: its first key in the scan's `kept` */
    struct rd_str key;  /* the newest */
    struct rd_str keys[KEYS_WALKED];
};

struct scan {
    const uint8_t *at, *end;
    size_t depth;
    bool is_bad_text;
    struct rd_pack_told *told;
    struct rd_str *kept; /* keys of the large maps that are open, innermost last */
    size_t kept_count, kept_room;
    struct level levels[RD_PACK_DEPTH_MAX];
};

/* The keys that lead to what is read now, as far as they fit; a list ends the path. */
static void note_path(struct scan *scan)
{
    char *path = scan->told->bad_path;
    size_t len = 0;
    path[0] = '\0';
    for (size_t i = 0; i < scan->depth; i++) {
        const struct level *level = &scan->levels[i];
        size_t dot = i > 0 ? 1 : 0;
        bool is_key = level->wants_key && i + 1 == scan->depth; /* the bad text is a key itself */
        if (!level->is_map || is_key || len + dot + level->key.len >= RD_PACK_PATH_MAX) {
            return;
        }
        memcpy(path + len, ".", dot);
        memcpy(path + len + dot, level->key.ptr, level->key.len);
        len += dot + level->key.len;
        path[len] = '\0';
    }
}

static void keep_key(struct scan *scan, struct rd_str key)
{
    if (scan->kept_count == scan->kept_room) {
        scan->kept_room = scan->kept_room > 0 ? 2 * scan->kept_room : 256;
        scan->kept = realloc(scan->kept, scan->kept_room * sizeof *scan->kept);
        if (scan->kept == NULL) {
            rd_oom();
        }
    }
    scan->kept[scan->kept_count++] = key;
}

static int compare_keys(const void *a, const void *b)
{
    return rd_str_cmp(*(const struct rd_str *)a, *(const struct rd_str *)b);
}

/* Sorts instead of hashing: a peer that chooses the keys cannot make sorting slow. */
static const char *end_large_map(struct scan *scan, const struct level *level)
{
    struct rd_str *keys = scan->kept + level->first_kept;
    size_t count = scan->kept_count - level->first_kept;
    scan->kept_count = level->first_kept;
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (rd_str_eq(keys[i - 1], keys[i])) {
            return "a map key that stands twice";
        }
    }
    return NULL;
}

/* NULL, or what is wrong with the key. */
static const char *take_key(struct scan *scan, struct level *level, struct rd_str key)
{
    level->key = key;
    if (level->is_large) {
        keep_key(scan, key);
        return NULL;
    }
    for (uint32_t i = 0; i < level->key_count; i++) {
        if (level->keys[i].len == key.len && memcmp(level->keys[i].ptr, key.ptr, key.len) == 0) {
            return "a map key that stands twice";
        }
    }
    level->keys[level->key_count++] = key;
    return NULL;
}

static const char *enter(struct scan *scan, const struct token *token)
{
    if (scan->depth == RD_PACK_DEPTH_MAX) {
        return "nested deeper than 16";
    }
    struct level *level = &scan->levels[scan->depth++];
    bool is_map = token->shape == MAP;
    level->is_map = is_map;
    level->wants_key = is_map;
    level->left = is_map ? 2 * token->count : token->count; /* fits: count ≤ bytes left */
    level->key_count = 0;
    level->key = (struct rd_str){0};
    level->is_large = is_map && token->count > KEYS_WALKED;
    level->first_kept = scan->kept_count;
    return NULL;
}

/* One object's head and body, or a container's head. */
static const char *step(struct scan *scan)
{
    struct token token;
    struct level *level = scan->depth > 0 ? &scan->levels[scan->depth - 1] : NULL;
    if (scan->at == scan->end) {
        return "it ends within an object";
    }
    const char *what = read_token(scan->at, (size_t)(scan->end - scan->at), &token);
    if (what != NULL) {
        return what;
    }
    const uint8_t *head = scan->at;
    const uint8_t *body = head + token.head_len;
    scan->at = body + token.body_len;
    struct rd_str text = {.ptr = (const char *)body, .len = token.body_len};
    if (token.shape == STR && !scan->is_bad_text && !rd_pack_is_utf8(text)) {
        scan->is_bad_text = true;
        note_path(scan);
    }
    scan->told->has_other_forms |= token.shape == BIN || *head == FLOAT_32 || *head == FLOAT_64;
    if (level != NULL) {
        level->left--;
        if (level->wants_key) {
            level->wants_key = false;
            bool is_text = token.shape == STR || (token.shape == BIN && rd_pack_is_utf8(text));
            return is_text ? take_key(scan, level, text) : "a map key that is no text";
        }
        level->wants_key = level->is_map;
    }
    if (token.shape == EXT) {
        return check_ext(body, token.body_len);
    }
    return token.shape == ARRAY || token.shape == MAP ? enter(scan, &token) : NULL;
}

/* The end of the object at `at`, which has passed the walk. */
static const uint8_t *skip(const uint8_t *at, const uint8_t *end)
{
    for (uint64_t left = 1; left > 0; left--) {
        struct token token;
        const char *what = read_token(at, (size_t)(end - at), &token);
        RD_ASSERT(what == NULL);
        at += token.head_len + token.body_len;
        left += token.shape == MAP ? 2 * (uint64_t)token.count : token.count;
    }
    return at;
}

size_t rd_pack_span(struct rd_str bytes)
{
    const uint8_t *at = (const uint8_t *)bytes.ptr;
    return (size_t)(skip(at, at + bytes.len) - at);
}

/* The end of the object at `at`, of bytes that did not pass; NULL where they end, or are none,
 * before it does. */
static const uint8_t *skip_hostile(const uint8_t *at, const uint8_t *end)
{
    for (uint64_t left = 1; left > 0; left--) {
        struct token token;
        if (at == end || read_token(at, (size_t)(end - at), &token) != NULL) {
            return NULL;
        }
        at += token.head_len + token.body_len;
        left += token.shape == MAP ? 2 * (uint64_t)token.count : token.count;
    }
    return at;
}

/* The text that begins at `at`; false: none does. */
static bool read_text(const uint8_t *at, const uint8_t *end, struct rd_str *ret_text)
{
    struct token token;
    if (at == end || read_token(at, (size_t)(end - at), &token) != NULL ||
            (token.shape != STR && token.shape != BIN)) {
        return false;
    }
    *ret_text = (struct rd_str){.ptr = (const char *)at + token.head_len, .len = token.body_len};
    return rd_pack_is_utf8(*ret_text);
}

bool rd_pack_find_text(struct rd_str bytes, struct rd_str key, struct rd_str *ret_text)
{
    const uint8_t *at = (const uint8_t *)bytes.ptr, *end = at + bytes.len;
    struct token map;
    if (at == end || read_token(at, bytes.len, &map) != NULL || map.shape != MAP) {
        return false;
    }
    at += map.head_len;
    for (uint32_t i = 0; i < map.count; i++) {
        struct rd_str name;
        bool is_it = read_text(at, end, &name) && rd_str_eq(name, key);
        at = skip_hostile(at, end);
        if (at == NULL) {
            return false;
        }
        if (is_it) {
            return read_text(at, end, ret_text);
        }
        at = skip_hostile(at, end);
        if (at == NULL) {
            return false;
        }
    }
    return false;
}

/* Ends the levels that are complete; NULL, or what is wrong. */
static const char *leave(struct scan *scan)
{
    const char *what = NULL;
    while (what == NULL && scan->depth > 0 && scan->levels[scan->depth - 1].left == 0) {
        const struct level *level = &scan->levels[--scan->depth];
        what = level->is_large ? end_large_map(scan, level) : NULL;
    }
    return what;
}

int rd_pack_scan_telling(struct rd_str bytes, const char **ret_what, struct rd_pack_told *told)
{
    const uint8_t *start = (const uint8_t *)bytes.ptr;
    struct scan scan; /* not cleared: 8 KiB of levels, of which an event uses two */
    scan.at = start;
    scan.end = start + bytes.len;
    scan.depth = 0;
    scan.is_bad_text = false;
    scan.told = told;
    told->has_other_forms = false;
    scan.kept = NULL;
    scan.kept_count = scan.kept_room = 0;
    const char *what = bytes.len == 0           ? "it is empty"
                       : bytes.len > UINT32_MAX ? "4 GiB or more"
                                                : NULL;
    bool is_whole = false;
    while (what == NULL && !is_whole) {
        what = step(&scan);
        if (what == NULL) {
            what = leave(&scan);
        }
        is_whole = scan.depth == 0;
    }
    free(scan.kept);
    if (what == NULL && scan.at != scan.end) {
        what = "bytes after its end";
    }
    int r = what != NULL ? -EBADMSG : scan.is_bad_text ? -EILSEQ : 0;
    if (r != 0 && ret_what != NULL) {
        *ret_what = what != NULL ? what : "a text that is not UTF-8";
    }
    return r;
}

int rd_pack_scan(struct rd_str bytes, const char **ret_what)
{
    struct rd_pack_told told;
    return rd_pack_scan_telling(bytes, ret_what, &told);
}
