/* daemon/journal/format.h: the bytes, against its example and against another implementation. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/num.h"
#include "daemon/journal/format.h"

enum { BYTES_MAX = 4096, LINE_MAX = 16384 };

static size_t hex_read(const char *text, uint8_t *ret_bytes)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (isspace((unsigned char)*at)) {
            continue;
        }
        const char *high = strchr(digits, at[0]);
        const char *low = strchr(digits, *++at);
        assert_non_null(high);
        assert_non_null(low);
        assert_true(len < BYTES_MAX);
        ret_bytes[len++] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return len;
}

static struct format_segment example_segment(void)
{
    struct format_segment head = {.bytes = 65536, .life = 1, .first = 1};
    uint8_t page[FORMAT_SEGMENT_HEAD];
    format_segment_encode(&head, page);
    return head;
}

static const struct journal_record example = {
        .number = 1,
        .event_seq = 1,
        .kind = JOURNAL_EVENT,
        .engine = 3,
        .wall = 1,
        .steady = 2,
        .sender = {.ptr = "k", .len = 1},
        .body = {.ptr = "abc", .len = 3},
};

enum { EXAMPLE_LEN = FORMAT_HEAD + 4 };

static void example_bytes(uint64_t seed, uint8_t ret_bytes[static BYTES_MAX])
{
    uint8_t chain[FORMAT_HASH] = {0};
    memset(ret_bytes, 0, BYTES_MAX);
    format_record_encode(&example, ret_bytes);
    assert_int_equal(format_record_seal(ret_bytes, seed, 0, chain), EXAMPLE_LEN);
}

static void the_example_is_what_is_written(void **state)
{
    (void)state;
    static const char text[] =
            "0000008d 524a 01 01 0000 0000000000000001 0000000000000001 0000000000000001 "
            "0000000000000002 00000003 0001 00000003 "
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319 "
            "e022de061d88887cc470f1bd8ebb9089c1aa9bc44fe5d851a6ce1b1dc07a6e53 00000000 "
            "c27c46114b77a059 96f47fcef5237ad3 00 6b 616263";
    uint8_t expected[BYTES_MAX], bytes[BYTES_MAX];
    example_bytes(example_segment().seed, bytes);
    assert_int_equal(hex_read(text, expected), EXAMPLE_LEN);
    assert_memory_equal(bytes, expected, EXAMPLE_LEN);
}

static void the_example_is_read_back(void **state)
{
    (void)state;
    uint64_t seed = example_segment().seed;
    uint8_t bytes[BYTES_MAX], chain[FORMAT_HASH] = {0};
    struct format_frame frame;
    example_bytes(seed, bytes);
    format_frame_decode(bytes, BYTES_MAX, BYTES_MAX, seed, &frame);
    assert_int_equal(frame.kind, FORMAT_RECORD);
    assert_int_equal(frame.length, EXAMPLE_LEN);
    assert_int_equal(frame.number, 1);
    assert_int_equal(frame.place, 0);
    assert_int_equal(frame.record.event_seq, 1);
    assert_int_equal(frame.record.kind, JOURNAL_EVENT);
    assert_int_equal(frame.record.engine, 3);
    assert_int_equal(frame.record.wall, 1);
    assert_int_equal(frame.record.steady, 2);
    assert_true(rd_str_is(frame.record.sender, "k"));
    assert_true(rd_str_is(frame.record.body, "abc"));
    assert_true(format_body_is_whole(&frame, seed));
    assert_null(format_chain_check(bytes, &frame, chain));
    assert_memory_equal(chain, frame.record.chain, FORMAT_HASH);
}

static void a_changed_body_does_not_fit_its_digest(void **state)
{
    (void)state;
    uint64_t seed = example_segment().seed;
    uint8_t bytes[BYTES_MAX], chain[FORMAT_HASH] = {0};
    struct format_frame frame;
    example_bytes(seed, bytes);
    format_frame_decode(bytes, BYTES_MAX, BYTES_MAX, seed, &frame);
    frame.record.body = RD_STR("abd");
    const char *why = format_chain_check(bytes, &frame, chain);
    assert_non_null(why);
    assert_non_null(strstr(why, "digest"));
    bytes[136] = FORMAT_STATE_ERASED; /* its body is gone, the chain is whole */
    format_frame_decode(bytes, BYTES_MAX, BYTES_MAX, seed, &frame);
    assert_true(frame.record.is_erased);
    assert_int_equal(frame.record.body.len, 0);
    memset(chain, 0, sizeof chain);
    assert_null(format_chain_check(bytes, &frame, chain));
}

static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    uint64_t seed = example_segment().seed;
    uint8_t bytes[BYTES_MAX];
    for (size_t bit = 0; bit < EXAMPLE_LEN * 8; bit++) {
        struct format_frame frame;
        example_bytes(seed, bytes);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        format_frame_decode(bytes, BYTES_MAX, BYTES_MAX, seed, &frame);
        bool is_whole = frame.kind == FORMAT_RECORD && format_body_is_whole(&frame, seed);
        assert_false(is_whole);
        assert_true(frame.kind == FORMAT_RECORD || frame.why != NULL);
    }
}

static void another_life_does_not_check(void **state)
{
    (void)state;
    struct format_segment head = {.bytes = 65536, .life = 2, .first = 1};
    uint8_t bytes[BYTES_MAX], page[FORMAT_SEGMENT_HEAD];
    struct format_frame frame;
    format_segment_encode(&head, page);
    example_bytes(example_segment().seed, bytes);
    format_frame_decode(bytes, BYTES_MAX, BYTES_MAX, head.seed, &frame);
    assert_int_equal(frame.kind, FORMAT_BROKEN);
}

static void a_kind_of_tomorrow_is_not_torn(void **state)
{
    (void)state;
    uint64_t seed = example_segment().seed;
    uint8_t bytes[BYTES_MAX] = {0}, chain[FORMAT_HASH] = {0};
    struct format_frame frame;
    format_record_encode(&example, bytes);
    bytes[7] = JOURNAL_ERASED + 1;
    (void)format_record_seal(bytes, seed, 0, chain);
    format_frame_decode(bytes, BYTES_MAX, BYTES_MAX, seed, &frame);
    assert_int_equal(frame.kind, FORMAT_FOREIGN);
    assert_non_null(frame.why);
}

static void an_end_mark_is_read_back(void **state)
{
    (void)state;
    uint8_t bytes[BYTES_MAX] = {0};
    struct format_frame frame;
    format_end_encode(77, 1000, 3, bytes);
    format_frame_decode(bytes, BYTES_MAX, BYTES_MAX, 77, &frame);
    assert_int_equal(frame.kind, FORMAT_END);
    assert_int_equal(frame.number, 1000);
    assert_int_equal(frame.place, 3);
    for (size_t bit = 0; bit < FORMAT_END_MARK * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        format_frame_decode(bytes, BYTES_MAX, BYTES_MAX, 77, &frame);
        assert_int_not_equal(frame.kind, FORMAT_END);
        assert_int_not_equal(frame.kind, FORMAT_RECORD);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void a_segment_head_is_read_back(void **state)
{
    (void)state;
    struct format_segment head = {.bytes = UINT64_C(1) << 32, .life = 9, .first = 1234567890123};
    struct format_segment got = {.life = 4};
    uint8_t page[FORMAT_SEGMENT_HEAD];
    const char *why = NULL;
    memset(head.chain, 0xab, sizeof head.chain);
    format_segment_encode(&head, page);
    for (size_t bit = 0; bit < FORMAT_SEGMENT_USED * 8; bit++) {
        page[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(format_segment_decode(page, &got, &why), -EBADMSG);
        assert_int_equal(got.life, 4); /* untouched */
        assert_non_null(why);
        page[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(format_segment_decode(page, &got, &why), 0);
    assert_memory_equal(&got.chain, &head.chain, FORMAT_HASH);
    assert_int_equal(got.bytes, head.bytes);
    assert_int_equal(got.life, 9);
    assert_int_equal(got.first, head.first);
    assert_int_equal(got.seed, head.seed);
}

/* ---- vectors ---- */

struct vector {
    struct journal_record record;
    uint8_t sender[BYTES_MAX], body[BYTES_MAX], head[BYTES_MAX];
    size_t head_len;
};

static bool vector_read(FILE *file, struct vector *ret_vector)
{
    static const char *const numbers[] = {
            "number", "seq", "wall", "steady", "kind", "flags", "engine"};
    char line[LINE_MAX];
    uint64_t values[RD_COUNT(numbers)];
    if (fgets(line, sizeof line, file) == NULL) {
        return false;
    }
    char *rest = line;
    for (size_t i = 0; i < RD_COUNT(numbers); i++) {
        char *word = strsep(&rest, " ");
        bool is_negative = *word == '-';
        int r = rd_u64_parse(rd_str_of(word + is_negative), &values[i]);
        assert_int_equal(r, 0);
        values[i] = is_negative ? 0 - values[i] : values[i];
    }
    const char *sender = strsep(&rest, " "), *body = strsep(&rest, " ");
    struct vector *vector = ret_vector;
    vector->record = (struct journal_record){.number = values[0],
            .event_seq = values[1],
            .wall = (rd_time)values[2],
            .steady = (rd_time)values[3],
            .kind = (enum journal_kind)values[4],
            .flags = (uint16_t)values[5],
            .engine = (uint32_t)values[6]};
    vector->record.sender.ptr = (char *)vector->sender;
    vector->record.sender.len = *sender == '-' ? 0 : hex_read(sender, vector->sender);
    vector->record.body.ptr = (char *)vector->body;
    vector->record.body.len = *body == '-' ? 0 : hex_read(body, vector->body);
    vector->head_len = hex_read(rest, vector->head);
    return true;
}

static void python_makes_the_same_chain(void **state)
{
    (void)state;
    struct vector *vector = test_calloc(1, sizeof *vector);
    uint8_t chain[FORMAT_HASH] = {0}, read_chain[FORMAT_HASH] = {0}, bytes[BYTES_MAX];
    FILE *file = fopen(VECTORS "/journal.txt", "r");
    assert_non_null(file);
    unsigned count = 0;
    for (; vector_read(file, vector); count++) {
        struct format_frame frame;
        assert_int_equal(vector->head_len, 116);
        memset(bytes, 0, sizeof bytes);
        format_record_encode(&vector->record, bytes);
        (void)format_record_seal(bytes, 5, count, chain);
        assert_memory_equal(bytes, vector->head, vector->head_len);
        format_frame_decode(bytes, sizeof bytes, sizeof bytes, 5, &frame);
        assert_int_equal(frame.kind, FORMAT_RECORD);
        assert_int_equal(frame.place, count);
        assert_int_equal(frame.record.wall, vector->record.wall);
        assert_int_equal(frame.record.steady, vector->record.steady);
        assert_int_equal(frame.record.flags, vector->record.flags);
        assert_true(rd_str_eq(frame.record.body, vector->record.body));
        assert_true(rd_str_eq(frame.record.sender, vector->record.sender));
        assert_null(format_chain_check(bytes, &frame, read_chain));
    }
    assert_int_equal(count, 39);
    (void)fclose(file);
    test_free(vector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_example_is_what_is_written),
            cmocka_unit_test(the_example_is_read_back),
            cmocka_unit_test(a_changed_body_does_not_fit_its_digest),
            cmocka_unit_test(every_flipped_bit_is_noticed),
            cmocka_unit_test(another_life_does_not_check),
            cmocka_unit_test(a_kind_of_tomorrow_is_not_torn),
            cmocka_unit_test(an_end_mark_is_read_back),
            cmocka_unit_test(a_segment_head_is_read_back),
            cmocka_unit_test(python_makes_the_same_chain),
    };
    return cmocka_run_group_tests_name("journal_format", tests, NULL, NULL);
}
