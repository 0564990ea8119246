/* tools/send/decode.h — a text file of whatever encoding, read as UTF-8 (iconv).
 *
 *   utf-8     a byte order mark, or every character is one
 *   utf-16    a byte order mark, or every second byte is zero
 *   gb18030   what is left, and fits: what Excel writes in China (GBK and GB 2312 are parts of it);
 *             no UTF-8 but for few bytes, nor a text in Latin letters
 *
 * A file is looked through whole before the first read, a pipe as far as its first block. What is
 * no character of the encoding becomes U+FFFD: the row that has one is the caller's to refuse. */
#pragma once

#include <sys/types.h>

#include "common/base/base.h"

enum encoding {
    ENCODING_AUTO,
    ENCODING_UTF8,
    ENCODING_GB18030,
    ENCODING_UTF16LE,
    ENCODING_UTF16BE,
};

enum { DECODE_WHAT_MAX = 512 };

struct decoder;

/* Takes the descriptor, to the end of the decoder. NULL: ret_what says what is wrong. */
struct decoder *decoder_new(int fd, enum encoding wanted, char ret_what[static DECODE_WHAT_MAX]);
void decoder_free(struct decoder *decoder); /* NULL: nothing */
enum encoding decoder_encoding(const struct decoder *decoder);
/* Why: "it has a byte order mark". */
const char *decoder_reason(const struct decoder *decoder);
bool decoder_has_mark(const struct decoder *decoder); /* a byte order mark in front */
/* The first text, up to 256 KiB: it is read again. Borrowed until the first decoder_read(). */
struct rd_str decoder_head(struct decoder *decoder);
/* As read(2), without the byte order mark; `decoder` is a struct decoder. */
ssize_t decoder_read(void *decoder, void *buffer, size_t size);
uint64_t decoder_bytes(const struct decoder *decoder); /* of the file, read so far */

const char *encoding_name(enum encoding encoding);
/* "utf-8", "gb18030", "gbk", "utf-16", "auto". 0, -EINVAL. */
RD_MUST_USE int encoding_parse(const char *text, enum encoding *ret_encoding);
/* Appends UTF-8 text in the encoding, with a byte order mark before it where it is the first. */
struct rd_buf;
void encoding_put(struct rd_buf *buf, enum encoding encoding, bool has_mark, struct rd_str text);
