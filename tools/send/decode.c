#include "tools/send/decode.h"

#include <errno.h>
#include <iconv.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/wire/pack.h"
#include "tools/send/decode_look.h"

enum { BLOCK_BYTES = 64 * 1024, HEAD_BYTES = 256 * 1024, PROBE_BYTES = 1024 * 1024 };

struct decoder {
    int fd;
    enum encoding encoding;
    const char *reason;
    bool has_mark, is_at_end;
    iconv_t iconv; /* (iconv_t)-1: UTF-8, passed on */
    uint64_t bytes;
    uint8_t raw[BLOCK_BYTES]; /* read, not yet decoded */
    size_t raw_from, raw_len;
    struct rd_buf head; /* decoded, given out before what follows */
    size_t head_from;
};

static const char *const NAMES[] = {
        [ENCODING_AUTO] = "auto",
        [ENCODING_UTF8] = "utf-8",
        [ENCODING_GB18030] = "gb18030",
        [ENCODING_UTF16LE] = "utf-16le",
        [ENCODING_UTF16BE] = "utf-16be",
};

const char *encoding_name(enum encoding encoding)
{
    return NAMES[encoding];
}

int encoding_parse(const char *text, enum encoding *ret_encoding)
{
    static const struct {
        const char *name;
        enum encoding encoding;
    } others[] = {{"utf8", ENCODING_UTF8}, {"gbk", ENCODING_GB18030}, {"gb2312", ENCODING_GB18030},
            {"utf-16", ENCODING_UTF16LE}, {"utf16", ENCODING_UTF16LE}};
    for (size_t i = 0; i < RD_COUNT(NAMES); i++) {
        if (strcasecmp(text, NAMES[i]) == 0) {
            *ret_encoding = (enum encoding)i;
            return 0;
        }
    }
    for (size_t i = 0; i < RD_COUNT(others); i++) {
        if (strcasecmp(text, others[i].name) == 0) {
            *ret_encoding = others[i].encoding;
            return 0;
        }
    }
    return -EINVAL;
}

/* ---- what it is ---- */

/* The text less a character that is cut off at its end. */
static struct rd_str whole_characters(struct rd_str text)
{
    size_t back = 0;
    while (back < 4 && back < text.len && ((uint8_t)text.ptr[text.len - 1 - back] & 0xc0) == 0x80) {
        back++;
    }
    if (back < text.len && (uint8_t)text.ptr[text.len - 1 - back] >= 0xc0) {
        text.len -= back + 1;
    }
    return text;
}

/* Goes through a file, a block at a time, its last character with the next one; as long as all is
 * UTF-8, or, with `look`, to the end. */
static bool is_utf8_file(int fd, struct decode_look *look)
{
    char *block = malloc(PROBE_BYTES);
    if (block == NULL) {
        rd_oom();
    }
    bool is_good = true;
    size_t kept = 0;
    ssize_t got = 1;
    for (off_t at = 0; got > 0 && (is_good || look != NULL); at += got) {
        got = pread(fd, block + kept, PROBE_BYTES - kept, at);
        struct rd_str text = {.ptr = block, .len = kept + (got > 0 ? (size_t)got : 0)};
        struct rd_str whole = got > 0 ? whole_characters(text) : text;
        if (look != NULL) {
            whole.len = decode_look(look, text, got <= 0);
        } else {
            is_good = rd_pack_is_utf8(whole);
        }
        kept = text.len - whole.len;
        memmove(block, block + whole.len, kept);
    }
    free(block);
    return is_good;
}

/* A quarter of the bytes is zero, on one side of the pairs. */
static bool is_utf16(struct rd_str text, enum encoding *ret_encoding)
{
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < text.len; i++) {
        zeros[i % 2] += text.ptr[i] == '\0';
    }
    *ret_encoding = zeros[1] >= zeros[0] ? ENCODING_UTF16LE : ENCODING_UTF16BE;
    return zeros[0] + zeros[1] > text.len / 8;
}

static bool fits(struct rd_str text, enum encoding encoding)
{
    iconv_t iconv_handle = iconv_open("UTF-8", NAMES[encoding]);
    if (iconv_handle == (iconv_t)-1) {
        return false;
    }
    char out[4096];
    char *from = (char *)(uintptr_t)text.ptr;
    size_t left = text.len;
    bool is_good = true;
    while (left > 0 && is_good) {
        char *to = out;
        size_t room = sizeof out;
        size_t r = iconv(iconv_handle, &from, &left, &to, &room);
        bool is_cut = r == (size_t)-1 && errno == EINVAL; /* the block ends within one */
        is_good = r != (size_t)-1 || errno == E2BIG || is_cut;
        left = is_cut ? 0 : left;
    }
    (void)iconv_close(iconv_handle);
    return is_good;
}

static const struct {
    const char *bytes;
    size_t len;
    enum encoding encoding;
} MARKS[] = {{"\xef\xbb\xbf", 3, ENCODING_UTF8}, {"\xff\xfe", 2, ENCODING_UTF16LE},
        {"\xfe\xff", 2, ENCODING_UTF16BE}};

static bool take_mark(struct decoder *decoder)
{
    for (size_t i = 0; i < RD_COUNT(MARKS); i++) {
        if (decoder->raw_len >= MARKS[i].len &&
                memcmp(decoder->raw, MARKS[i].bytes, MARKS[i].len) == 0) {
            decoder->encoding = MARKS[i].encoding;
            decoder->reason = "it has a byte order mark";
            decoder->has_mark = true;
            decoder->raw_from = MARKS[i].len;
            return true;
        }
    }
    return false;
}

/* It is no UTF-8. False: *ret_what. */
static bool find_other(struct decoder *decoder, struct rd_str text, bool is_file,
        char ret_what[static DECODE_WHAT_MAX])
{
    struct decode_look look = {0};
    if (is_file) {
        (void)is_utf8_file(decoder->fd, &look);
    } else {
        (void)decode_look(&look, text, false);
    }
    if (decode_is_spoilt_utf8(&look)) {
        (void)snprintf(ret_what, DECODE_WHAT_MAX,
                "line %" PRIu64 ", byte %" PRIu64 " (0x%02x) is no character of UTF-8, as the rest "
                "is (%" PRIu64 " such bytes among %" PRIu64 " characters beyond ASCII): mend it, "
                "or say --encoding utf-8, and those rows are refused, or another that it is in",
                look.bad_line, look.bad_byte, look.bad_value, look.bad, look.good);
        return false;
    }
    if (!fits(text, ENCODING_GB18030) || !decode_is_like_gbk(&look)) {
        (void)snprintf(ret_what, DECODE_WHAT_MAX,
                "neither UTF-8 nor GB 18030 nor UTF-16: line %" PRIu64 ", byte %" PRIu64
                " (0x%02x) is of another encoding: save it as UTF-8, or say its encoding with "
                "--encoding or in the mapping",
                look.bad_line, look.bad_byte, look.bad_value);
        return false;
    }
    decoder->encoding = ENCODING_GB18030;
    decoder->reason = "it is no UTF-8, and fits";
    return true;
}

static bool find_encoding(struct decoder *decoder, char ret_what[static DECODE_WHAT_MAX])
{
    struct rd_str text = {.ptr = (const char *)decoder->raw, .len = decoder->raw_len};
    bool is_file = lseek(decoder->fd, 0, SEEK_CUR) >= 0;
    if (is_utf16(text, &decoder->encoding)) {
        decoder->reason = "many of its bytes are zero";
        return true;
    }
    if (is_file ? is_utf8_file(decoder->fd, NULL) : rd_pack_is_utf8(whole_characters(text))) {
        decoder->encoding = ENCODING_UTF8;
        decoder->reason = "every character is one of UTF-8";
        return true;
    }
    return find_other(decoder, text, is_file, ret_what);
}

/* ---- reading ---- */

/* Fills `raw`. 1; 0 at the end; -1 with errno. */
static int fill(struct decoder *decoder)
{
    memmove(decoder->raw, decoder->raw + decoder->raw_from, decoder->raw_len - decoder->raw_from);
    decoder->raw_len -= decoder->raw_from;
    decoder->raw_from = 0;
    ssize_t got;
    do {
        got = read(decoder->fd, decoder->raw + decoder->raw_len, BLOCK_BYTES - decoder->raw_len);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return -1;
    }
    decoder->raw_len += (size_t)got;
    decoder->bytes += (uint64_t)got;
    decoder->is_at_end = got == 0;
    return got > 0 ? 1 : 0;
}

static struct decoder *fail(
        struct decoder *decoder, const char *what, char ret_what[static DECODE_WHAT_MAX])
{
    if (what != NULL) {
        (void)snprintf(ret_what, DECODE_WHAT_MAX, "%s", what);
    }
    decoder_free(decoder);
    return NULL;
}

struct decoder *decoder_new(int fd, enum encoding wanted, char ret_what[static DECODE_WHAT_MAX])
{
    struct decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        rd_oom();
    }
    decoder->fd = fd;
    decoder->iconv = (iconv_t)-1;
    rd_buf_init(&decoder->head, 2 * HEAD_BYTES);
    if (fill(decoder) < 0) {
        return fail(decoder, strerror(errno), ret_what);
    }
    bool is_found = take_mark(decoder);
    if (wanted != ENCODING_AUTO && (!is_found || decoder->encoding != wanted)) {
        bool is_other_half = is_found && wanted == ENCODING_UTF16LE &&
                             decoder->encoding == ENCODING_UTF16BE; /* "utf-16": the mark says */
        decoder->encoding = is_other_half ? decoder->encoding : wanted;
        decoder->reason = is_other_half ? decoder->reason : "the mapping says so";
        decoder->raw_from = is_other_half ? decoder->raw_from : 0;
        is_found = true;
    }
    if (!is_found && !find_encoding(decoder, ret_what)) {
        return fail(decoder, NULL, ret_what);
    }
    if (decoder->encoding != ENCODING_UTF8) {
        decoder->iconv = iconv_open("UTF-8", NAMES[decoder->encoding]);
        if (decoder->iconv == (iconv_t)-1) {
            return fail(decoder, "iconv does not know this encoding here", ret_what);
        }
    }
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (decoder == NULL) {
        return;
    }
    if (decoder->iconv != (iconv_t)-1) {
        (void)iconv_close(decoder->iconv);
    }
    (void)close(decoder->fd);
    rd_buf_done(&decoder->head);
    free(decoder);
}

enum encoding decoder_encoding(const struct decoder *decoder)
{
    return decoder->encoding;
}

const char *decoder_reason(const struct decoder *decoder)
{
    return decoder->reason;
}

bool decoder_has_mark(const struct decoder *decoder)
{
    return decoder->has_mark;
}

uint64_t decoder_bytes(const struct decoder *decoder)
{
    return decoder->bytes;
}

/* A byte that begins no character is U+FFFD. How many bytes of `buffer` are filled. */
static size_t convert(struct decoder *decoder, char *buffer, size_t size)
{
    char *from = (char *)decoder->raw + decoder->raw_from, *to = buffer;
    size_t left = decoder->raw_len - decoder->raw_from, room = size;
    while (left > 0 && room >= 4) {
        if (iconv(decoder->iconv, &from, &left, &to, &room) != (size_t)-1) {
            break;
        }
        bool is_cut = errno == EINVAL && !decoder->is_at_end;
        if (is_cut || errno == E2BIG) {
            break;
        }
        memcpy(to, "\xef\xbf\xbd", 3);
        to += 3;
        room -= 3;
        size_t step = left >= 2 && decoder->encoding >= ENCODING_UTF16LE ? 2 : 1;
        from += step;
        left -= step;
    }
    decoder->raw_from = decoder->raw_len - left;
    return size - room;
}

static ssize_t read_on(struct decoder *decoder, char *buffer, size_t size)
{
    for (;;) {
        size_t left = decoder->raw_len - decoder->raw_from;
        if (decoder->iconv == (iconv_t)-1 && left > 0) {
            size_t count = left < size ? left : size;
            memcpy(buffer, decoder->raw + decoder->raw_from, count);
            decoder->raw_from += count;
            return (ssize_t)count;
        }
        size_t made = left > 0 ? convert(decoder, buffer, size) : 0;
        if (made > 0) {
            return (ssize_t)made;
        }
        int r = decoder->is_at_end ? 0 : fill(decoder);
        if (r < 0) {
            return -1;
        }
        if (r == 0 && decoder->raw_len == decoder->raw_from) {
            return 0;
        }
    }
}

struct rd_str decoder_head(struct decoder *decoder)
{
    char block[4096];
    while (decoder->head.len < HEAD_BYTES) {
        ssize_t got = read_on(decoder, block, sizeof block);
        if (got <= 0) {
            break;
        }
        rd_buf_put(&decoder->head, block, (size_t)got);
    }
    return rd_buf_str(&decoder->head);
}

ssize_t decoder_read(void *context, void *buffer, size_t size)
{
    struct decoder *decoder = context;
    size_t left = decoder->head.len - decoder->head_from;
    if (left > 0) {
        size_t count = left < size ? left : size;
        memcpy(buffer, decoder->head.ptr + decoder->head_from, count);
        decoder->head_from += count;
        return (ssize_t)count;
    }
    return read_on(decoder, buffer, size);
}

/* ---- the other way ---- */
void encoding_put(struct rd_buf *buf, enum encoding encoding, bool has_mark, struct rd_str text)
{
    static const struct rd_str marks[] = {
            [ENCODING_UTF8] = {.ptr = "\xef\xbb\xbf", .len = 3},
            [ENCODING_UTF16LE] = {.ptr = "\xff\xfe", .len = 2},
            [ENCODING_UTF16BE] = {.ptr = "\xfe\xff", .len = 2},
    };
    if (has_mark && marks[encoding].len > 0) {
        rd_buf_put_text(buf, marks[encoding]);
    }
    iconv_t handle = encoding == ENCODING_UTF8 || encoding == ENCODING_AUTO
                             ? (iconv_t)-1
                             : iconv_open(NAMES[encoding], "UTF-8");
    if (handle == (iconv_t)-1) {
        rd_buf_put_text(buf, text);
        return;
    }
    char out[4096];
    char *from = (char *)(uintptr_t)text.ptr;
    size_t left = text.len;
    while (left > 0) {
        char *to = out;
        size_t room = sizeof out;
        bool is_bad = iconv(handle, &from, &left, &to, &room) == (size_t)-1 && errno != E2BIG;
        rd_buf_put(buf, out, sizeof out - room);
        from += is_bad ? 1 : 0; /* it came out of this encoding: only what was no character */
        left -= is_bad ? 1 : 0;
    }
    (void)iconv_close(handle);
}
