/* daemon/journal/format.h — the bytes of segments and records; final, version 1.
 *
 * All numbers are big-endian and of fixed width, signed ones two's complement; nothing is aligned.
 *
 * Segment: a page of 4096 bytes, then records without gaps, then one end mark once a next segment
 * exists or is about to. What lies behind the last record is zeros, or what an earlier life of a
 * recycled file left there.
 *
 *   0  8  "redressJ"                         32  8  number of the first record
 *   8  4  version, 1                         40 32  chain hash before the first record
 *  12  4  where records begin, 4096          72  8  XXH3-64 of bytes 0..71: the segment's seed
 *  16  8  size of the segment in bytes       80    zeros to 4096
 *  24  8  life: how often this file was used as a segment, from 1
 *
 * Every checksum in a segment is seeded with that seed. A life is one more than the one before in
 * the same file, so no two lives of a file share a seed: bytes of an earlier life fail.
 *
 * Record:
 *   0  4  length of all of it: 137 + sender + body. 0: nothing was written here
 *   4  2  "RJ"
 *   6  1  version, 1                         42  4  engine number
 *   7  1  kind (journal.h)                   46  2  length of the sender
 *   8  2  flags (journal.h)                  48  4  length of the body
 *  10  8  record number                      52 32  digest: BLAKE2b-256 of the body
 *  18  8  event seq                          84 32  chain: BLAKE2b-256 of the chain hash of the
 *  26  8  wall, µs                                  record before (record 1: zeros), bytes 6..83,
 *  34  8  steady, µs                                and the sender
 * 116  4  place in its batch, from 0: number - place is the first one of the same write and
 *         fdatasync, so all before that one were durable when this one was written
 * 120  8  XXH3-64 of the body, seeded
 * 128  8  XXH3-64 of the sender, seeded with the seeded XXH3-64 of bytes 0..127
 * 136  1  state: 00 whole, ee body erased (its bytes zeroed in place). In no checksum and not in
 *         the chain, so erasing changes one byte of the header
 * 137     sender, body
 *
 * End mark: 0 4 length, 28; 4 2 "RJ"; 6 1 version; 7 1 ff; 8 8 number of the next segment's first
 * record; 16 4 place, as above; 20 8 seeded XXH3-64 of bytes 0..19.
 *
 * A batch is followed by four zero bytes (the next record's length), which the next batch
 * overwrites: the end of what was written shows in a recycled file too.
 *
 * Example: record 1, event seq 1, an event "abc" of "k", wall 1, steady 2, engine 3, in a segment
 * of 65536 bytes in its first life:
 *   0000008d 524a 01 01 0000 0000000000000001 0000000000000001 0000000000000001 0000000000000002
 *   00000003 0001 00000003 bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319
 *   e022de061d88887cc470f1bd8ebb9089c1aa9bc44fe5d851a6ce1b1dc07a6e53 00000000
 *   c27c46114b77a059 96f47fcef5237ad3 00 6b 616263
 *
 * The digest of an erased body stays: who has the body can still prove that it was the one.
 * tests/vectors/make_journal.py computes digests and chain from this page alone. */
#pragma once

#include "daemon/journal/journal.h"

enum {
    FORMAT_VERSION = 1,
    FORMAT_SEGMENT_HEAD = 4096,
    FORMAT_SEGMENT_USED = 80, /* bytes of the page that carry something */
    FORMAT_HEAD = 137,
    FORMAT_STATE_AT = 136,
    FORMAT_STATE_ERASED = 0xee,
    FORMAT_HASH = 32,
    FORMAT_END_MARK = 28,
    FORMAT_RECORD_MAX = FORMAT_HEAD + JOURNAL_SENDER_MAX + JOURNAL_BODY_MAX,
};

struct format_segment {
    uint64_t bytes;
    uint64_t life;
    uint64_t first;
    uint8_t chain[FORMAT_HASH];
    uint64_t seed; /* by encode and decode */
};

enum format_frame_kind {
    FORMAT_NOTHING, /* length 0: nothing was written here */
    FORMAT_RECORD,  /* its header is whole; the body is another matter */
    FORMAT_END,     /* an end mark */
    FORMAT_BROKEN,  /* neither: torn, damaged, or of an earlier life */
    FORMAT_FOREIGN, /* its checksum fits, but this program does not know what it is */
};

struct format_frame {
    enum format_frame_kind kind;
    uint32_t length; /* of a record or end mark */
    uint32_t place;
    uint64_t number; /* of the record; of an end mark: the next one's */
    uint64_t body_checksum;
    struct journal_record record; /* of a record; texts point into the bytes, chain is as stored */
    uint8_t digest[FORMAT_HASH];
    const char *why; /* unless a record or end mark: what is wrong, for a person */
};

/* Writes the whole page and sets head->seed. */
void format_segment_encode(
        struct format_segment *head, uint8_t ret_page[static FORMAT_SEGMENT_HEAD]);
/* 0, -EBADMSG (*ret_why: what is wrong). */
RD_MUST_USE int format_segment_decode(const uint8_t bytes[static FORMAT_SEGMENT_USED],
        struct format_segment *ret_head, const char **ret_why);

/* The bytes of a record of these lengths. */
size_t format_record_bytes(const struct journal_record *record);
/* Header (hashes and checksums zero) and texts: all the appending thread does. */
void format_record_encode(const struct journal_record *record, uint8_t *ret_bytes);
/* Digest, chain, place and checksums of an encoded record; chain is moved on. Returns its length.
 */
uint32_t format_record_seal(
        uint8_t *bytes, uint64_t seed, uint32_t place, uint8_t chain[static FORMAT_HASH]);
rd_time format_record_wall(const uint8_t *bytes);
uint32_t format_record_length(const uint8_t *bytes);
void format_end_encode(
        uint64_t seed, uint64_t next, uint32_t place, uint8_t ret_bytes[static FORMAT_END_MARK]);

/* Where in the bytes the next frame may begin, judged by its magic; `size`: nowhere. */
size_t format_find(const uint8_t *bytes, size_t size);
/* Looks at the frame at `bytes`, of which `size` are there and `room` are left in the segment.
 * Needs min(room, FORMAT_HEAD + JOURNAL_SENDER_MAX) of them; the record's body is set only if all
 * of it is there. */
void format_frame_decode(const uint8_t *bytes, size_t size, uint64_t room, uint64_t seed,
        struct format_frame *ret_frame);
/* The body against its checksum. */
bool format_body_is_whole(const struct format_frame *frame, uint64_t seed);
/* The body against its digest, the record against the chain hash before it, which is moved on.
 * NULL, or what is wrong. */
const char *format_chain_check(
        const uint8_t *bytes, const struct format_frame *frame, uint8_t chain[static FORMAT_HASH]);
