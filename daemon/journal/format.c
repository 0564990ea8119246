#include "daemon/journal/format.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <sodium.h>
#include <xxhash.h>

/* Offsets of a record's fields; the layout is in the header. */
enum {
    AT_MAGIC = 4,
    AT_VERSION = 6,
    AT_KIND = 7,
    AT_FLAGS = 8,
    AT_NUMBER = 10,
    AT_SEQ = 18,
    AT_WALL = 26,
    AT_STEADY = 34,
    AT_ENGINE = 42,
    AT_SENDER_LEN = 46,
    AT_BODY_LEN = 48,
    AT_DIGEST = 52,
    AT_CHAIN = 84,
    AT_PLACE = 116,
    AT_BODY_SUM = 120,
    AT_HEAD_SUM = 128,
    AT_STATE = FORMAT_STATE_AT,
    END_AT_NEXT = 8,
    END_AT_PLACE = 16,
    END_AT_SUM = 20,
    KIND_END = 0xff,
    STATE_WHOLE = 0x00,
};

enum {
    SEGMENT_AT_VERSION = 8,
    SEGMENT_AT_BEGIN = 12,
    SEGMENT_AT_BYTES = 16,
    SEGMENT_AT_LIFE = 24,
    SEGMENT_AT_FIRST = 32,
    SEGMENT_AT_CHAIN = 40,
    SEGMENT_AT_SUM = 72,
};

static_assert(AT_STATE + 1 == FORMAT_HEAD, "the sender follows the state");
static_assert(END_AT_SUM + 8 == FORMAT_END_MARK, "the checksum ends the mark");
static_assert(SEGMENT_AT_SUM + 8 == FORMAT_SEGMENT_USED, "the checksum ends the segment's head");

static const uint8_t record_magic[2] = {'R', 'J'};
static const uint8_t segment_magic[8] = {'r', 'e', 'd', 'r', 'e', 's', 's', 'J'};

static void put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

static void put_u64(uint8_t *at, uint64_t value)
{
    put_u32(at, (uint32_t)(value >> 32));
    put_u32(at + 4, (uint32_t)value);
}

static uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)((uint16_t)(at[0] << 8) | at[1]);
}

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

static uint64_t get_u64(const uint8_t *at)
{
    return (uint64_t)get_u32(at) << 32 | get_u32(at + 4);
}

/* ---- segments ---- */

void format_segment_encode(
        struct format_segment *head, uint8_t ret_page[static FORMAT_SEGMENT_HEAD])
{
    RD_ASSERT(head->first > 0);
    RD_ASSERT(head->life > 0);
    memset(ret_page, 0, FORMAT_SEGMENT_HEAD);
    memcpy(ret_page, segment_magic, sizeof segment_magic);
    put_u32(ret_page + SEGMENT_AT_VERSION, FORMAT_VERSION);
    put_u32(ret_page + SEGMENT_AT_BEGIN, FORMAT_SEGMENT_HEAD);
    put_u64(ret_page + SEGMENT_AT_BYTES, head->bytes);
    put_u64(ret_page + SEGMENT_AT_LIFE, head->life);
    put_u64(ret_page + SEGMENT_AT_FIRST, head->first);
    memcpy(ret_page + SEGMENT_AT_CHAIN, head->chain, FORMAT_HASH);
    head->seed = XXH3_64bits(ret_page, SEGMENT_AT_SUM);
    put_u64(ret_page + SEGMENT_AT_SUM, head->seed);
}

static const char *segment_fault(const uint8_t *bytes, const struct format_segment *head)
{
    if (memcmp(bytes, segment_magic, sizeof segment_magic) != 0) {
        return "this is not the head of a journal segment";
    }
    if (head->seed != XXH3_64bits(bytes, SEGMENT_AT_SUM)) {
        return "the checksum of the segment's head does not fit";
    }
    if (get_u32(bytes + SEGMENT_AT_VERSION) != FORMAT_VERSION ||
            get_u32(bytes + SEGMENT_AT_BEGIN) != FORMAT_SEGMENT_HEAD) {
        return "the segment was written by a newer redressd";
    }
    if (head->first == 0 || head->life == 0 || head->bytes < FORMAT_SEGMENT_HEAD ||
            head->bytes > INT64_MAX) {
        return "the segment's head makes no sense";
    }
    return NULL;
}

int format_segment_decode(const uint8_t bytes[static FORMAT_SEGMENT_USED],
        struct format_segment *ret_head, const char **ret_why)
{
    struct format_segment head = {
            .bytes = get_u64(bytes + SEGMENT_AT_BYTES),
            .life = get_u64(bytes + SEGMENT_AT_LIFE),
            .first = get_u64(bytes + SEGMENT_AT_FIRST),
            .seed = get_u64(bytes + SEGMENT_AT_SUM),
    };
    memcpy(head.chain, bytes + SEGMENT_AT_CHAIN, FORMAT_HASH);
    const char *why = segment_fault(bytes, &head);
    if (why != NULL) {
        *ret_why = why;
        return -EBADMSG;
    }
    *ret_head = head;
    return 0;
}

/* ---- writing records ---- */

size_t format_record_bytes(const struct journal_record *record)
{
    return FORMAT_HEAD + record->sender.len + record->body.len;
}

void format_record_encode(const struct journal_record *record, uint8_t *ret_bytes)
{
    RD_ASSERT(record->number > 0);
    RD_ASSERT(record->kind >= JOURNAL_EVENT && record->kind <= JOURNAL_ERASED);
    RD_ASSERT(record->sender.len <= JOURNAL_SENDER_MAX);
    RD_ASSERT(record->body.len <= JOURNAL_BODY_MAX);
    memset(ret_bytes, 0, FORMAT_HEAD);
    put_u32(ret_bytes, (uint32_t)format_record_bytes(record));
    memcpy(ret_bytes + AT_MAGIC, record_magic, sizeof record_magic);
    ret_bytes[AT_VERSION] = FORMAT_VERSION;
    ret_bytes[AT_KIND] = (uint8_t)record->kind;
    put_u16(ret_bytes + AT_FLAGS, record->flags);
    put_u64(ret_bytes + AT_NUMBER, record->number);
    put_u64(ret_bytes + AT_SEQ, record->event_seq);
    put_u64(ret_bytes + AT_WALL, (uint64_t)record->wall);
    put_u64(ret_bytes + AT_STEADY, (uint64_t)record->steady);
    put_u32(ret_bytes + AT_ENGINE, record->engine);
    put_u16(ret_bytes + AT_SENDER_LEN, (uint16_t)record->sender.len);
    put_u32(ret_bytes + AT_BODY_LEN, (uint32_t)record->body.len);
    uint8_t *texts = ret_bytes + FORMAT_HEAD;
    if (record->sender.len > 0) {
        memcpy(texts, record->sender.ptr, record->sender.len);
    }
    if (record->body.len > 0) {
        memcpy(texts + record->sender.len, record->body.ptr, record->body.len);
    }
}

static uint64_t head_checksum(const uint8_t *bytes, size_t sender_len, uint64_t seed)
{
    uint64_t fixed = XXH3_64bits_withSeed(bytes, AT_HEAD_SUM, seed);
    return XXH3_64bits_withSeed(bytes + FORMAT_HEAD, sender_len, fixed);
}

static void digest_of(const uint8_t *body, size_t body_len, uint8_t ret_digest[static FORMAT_HASH])
{
    int r = crypto_generichash(ret_digest, FORMAT_HASH, body, body_len, NULL, 0);
    RD_ASSERT(r == 0);
}

/* The digest must be in the header by then. */
static void chain_of(const uint8_t *bytes, size_t sender_len, uint8_t chain[static FORMAT_HASH])
{
    uint8_t input[FORMAT_HASH + AT_CHAIN - AT_VERSION + JOURNAL_SENDER_MAX];
    size_t len = 0;
    memcpy(input, chain, FORMAT_HASH);
    len += FORMAT_HASH;
    memcpy(input + len, bytes + AT_VERSION, AT_CHAIN - AT_VERSION);
    len += AT_CHAIN - AT_VERSION;
    memcpy(input + len, bytes + FORMAT_HEAD, sender_len);
    len += sender_len;
    digest_of(input, len, chain);
}

uint32_t format_record_seal(
        uint8_t *bytes, uint64_t seed, uint32_t place, uint8_t chain[static FORMAT_HASH])
{
    size_t sender_len = get_u16(bytes + AT_SENDER_LEN);
    const uint8_t *body = bytes + FORMAT_HEAD + sender_len;
    size_t body_len = get_u32(bytes + AT_BODY_LEN);
    digest_of(body, body_len, bytes + AT_DIGEST);
    chain_of(bytes, sender_len, chain);
    memcpy(bytes + AT_CHAIN, chain, FORMAT_HASH);
    put_u32(bytes + AT_PLACE, place);
    put_u64(bytes + AT_BODY_SUM, XXH3_64bits_withSeed(body, body_len, seed));
    put_u64(bytes + AT_HEAD_SUM, head_checksum(bytes, sender_len, seed));
    return format_record_length(bytes);
}

rd_time format_record_wall(const uint8_t *bytes)
{
    return (rd_time)get_u64(bytes + AT_WALL);
}

uint32_t format_record_length(const uint8_t *bytes)
{
    return get_u32(bytes);
}

void format_end_encode(
        uint64_t seed, uint64_t next, uint32_t place, uint8_t ret_bytes[static FORMAT_END_MARK])
{
    put_u32(ret_bytes, FORMAT_END_MARK);
    memcpy(ret_bytes + AT_MAGIC, record_magic, sizeof record_magic);
    ret_bytes[AT_VERSION] = FORMAT_VERSION;
    ret_bytes[AT_KIND] = KIND_END;
    put_u64(ret_bytes + END_AT_NEXT, next);
    put_u32(ret_bytes + END_AT_PLACE, place);
    put_u64(ret_bytes + END_AT_SUM, XXH3_64bits_withSeed(ret_bytes, END_AT_SUM, seed));
}

/* ---- reading ---- */

static const char *end_fault(
        const uint8_t *bytes, size_t size, uint64_t seed, const struct format_frame *frame)
{
    if (frame->length != FORMAT_END_MARK || size < FORMAT_END_MARK) {
        return "its length makes no sense";
    }
    if (get_u64(bytes + END_AT_SUM) != XXH3_64bits_withSeed(bytes, END_AT_SUM, seed)) {
        return "the checksum of the end mark does not fit";
    }
    return NULL;
}

static const char *record_fault(const uint8_t *bytes, size_t size, uint64_t room, uint64_t seed)
{
    uint64_t sender_len = size >= FORMAT_HEAD ? get_u16(bytes + AT_SENDER_LEN) : 0;
    uint64_t body_len = size >= FORMAT_HEAD ? get_u32(bytes + AT_BODY_LEN) : 0;
    uint64_t length = get_u32(bytes);
    if (size < FORMAT_HEAD || length > room || sender_len > JOURNAL_SENDER_MAX ||
            body_len > JOURNAL_BODY_MAX || length != FORMAT_HEAD + sender_len + body_len) {
        return "its length makes no sense";
    }
    RD_ASSERT(size >= FORMAT_HEAD + sender_len);
    if (get_u64(bytes + AT_HEAD_SUM) != head_checksum(bytes, (size_t)sender_len, seed)) {
        return "the checksum of its header does not fit";
    }
    if (bytes[AT_STATE] != STATE_WHOLE && bytes[AT_STATE] != FORMAT_STATE_ERASED) {
        return "its state is neither whole nor erased";
    }
    return NULL;
}

static void record_read(const uint8_t *bytes, size_t size, struct format_frame *frame)
{
    const char *texts = (const char *)bytes + FORMAT_HEAD;
    size_t sender_len = get_u16(bytes + AT_SENDER_LEN);
    frame->number = get_u64(bytes + AT_NUMBER);
    frame->place = get_u32(bytes + AT_PLACE);
    frame->body_checksum = get_u64(bytes + AT_BODY_SUM);
    memcpy(frame->digest, bytes + AT_DIGEST, FORMAT_HASH);
    frame->record = (struct journal_record){
            .number = frame->number,
            .event_seq = get_u64(bytes + AT_SEQ),
            .kind = (enum journal_kind)bytes[AT_KIND],
            .flags = get_u16(bytes + AT_FLAGS),
            .engine = get_u32(bytes + AT_ENGINE),
            .wall = (rd_time)get_u64(bytes + AT_WALL),
            .steady = (rd_time)get_u64(bytes + AT_STEADY),
            .sender = {.ptr = texts, .len = sender_len},
            .is_erased = bytes[AT_STATE] == FORMAT_STATE_ERASED,
    };
    memcpy(frame->record.chain, bytes + AT_CHAIN, FORMAT_HASH);
    if (!frame->record.is_erased && size >= frame->length) {
        frame->record.body.ptr = texts + sender_len;
        frame->record.body.len = get_u32(bytes + AT_BODY_LEN);
    }
}

void format_frame_decode(const uint8_t *bytes, size_t size, uint64_t room, uint64_t seed,
        struct format_frame *ret_frame)
{
    *ret_frame = (struct format_frame){.kind = FORMAT_BROKEN};
    if (room < FORMAT_END_MARK || size < FORMAT_END_MARK) {
        ret_frame->why = "the segment ends within it";
        return;
    }
    ret_frame->length = get_u32(bytes);
    if (ret_frame->length == 0) {
        ret_frame->kind = FORMAT_NOTHING;
        ret_frame->why = "there are zeros in its place";
        return;
    }
    if (memcmp(bytes + AT_MAGIC, record_magic, sizeof record_magic) != 0) {
        ret_frame->why = "no record begins here";
        return;
    }
    if (bytes[AT_VERSION] != FORMAT_VERSION) {
        ret_frame->why = "its version is not known to this redressd";
        return;
    }
    if (bytes[AT_KIND] == KIND_END) {
        ret_frame->why = end_fault(bytes, size, seed, ret_frame);
        if (ret_frame->why == NULL) {
            ret_frame->kind = FORMAT_END;
            ret_frame->number = get_u64(bytes + END_AT_NEXT);
            ret_frame->place = get_u32(bytes + END_AT_PLACE);
        }
        return;
    }
    ret_frame->why = record_fault(bytes, size, room, seed);
    if (ret_frame->why != NULL) {
        return;
    }
    record_read(bytes, size, ret_frame);
    if (bytes[AT_KIND] < JOURNAL_EVENT || bytes[AT_KIND] > JOURNAL_ERASED) {
        ret_frame->kind = FORMAT_FOREIGN;
        ret_frame->why = "its kind is not known to this redressd, a newer one wrote it";
        return;
    }
    ret_frame->kind = FORMAT_RECORD;
}

size_t format_find(const uint8_t *bytes, size_t size)
{
    uint8_t needle[3] = {record_magic[0], record_magic[1], FORMAT_VERSION};
    const uint8_t *hit = size > AT_MAGIC
                                 ? memmem(bytes + AT_MAGIC, size - AT_MAGIC, needle, sizeof needle)
                                 : NULL;
    return hit != NULL ? (size_t)(hit - bytes) - AT_MAGIC : size;
}

bool format_body_is_whole(const struct format_frame *frame, uint64_t seed)
{
    struct rd_str body = frame->record.body;
    return frame->record.is_erased ||
           XXH3_64bits_withSeed(body.ptr, body.len, seed) == frame->body_checksum;
}

const char *format_chain_check(
        const uint8_t *bytes, const struct format_frame *frame, uint8_t chain[static FORMAT_HASH])
{
    uint8_t digest[FORMAT_HASH];
    struct rd_str body = frame->record.body;
    if (!frame->record.is_erased) {
        digest_of((const uint8_t *)body.ptr, body.len, digest);
        if (memcmp(digest, frame->digest, FORMAT_HASH) != 0) {
            return "its body is not the one its digest was made of: it was changed";
        }
    }
    chain_of(bytes, frame->record.sender.len, chain);
    if (memcmp(chain, frame->record.chain, FORMAT_HASH) != 0) {
        return "it does not continue the chain of hashes: it or one before it was changed";
    }
    return NULL;
}
