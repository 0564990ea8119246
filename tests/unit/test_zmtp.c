/* What passes on a connection is counted the same however it is cut into pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "daemon/doors/zmtp.h"

static void put_greeting(struct rd_buf *wire, uint8_t version)
{
    uint8_t greeting[ZMTP_GREETING_BYTES] = {0xFF, [9] = 0x7F, version, 0, 'N', 'U', 'L', 'L'};
    rd_buf_put(wire, greeting, sizeof greeting);
}

static void put_frame(struct rd_buf *wire, uint8_t flags, size_t size)
{
    static const uint8_t body[2048];
    assert_true(size <= sizeof body);
    if (size > UINT8_MAX) {
        rd_buf_put_u8(wire, flags | 2);
        rd_buf_put_u64(wire, size);
    } else {
        rd_buf_put_u8(wire, flags);
        rd_buf_put_u8(wire, (uint8_t)size);
    }
    rd_buf_put(wire, body, size);
}

static void put_ready(struct rd_buf *wire, const char *id)
{
    struct rd_buf body;
    rd_buf_init(&body, 4096);
    rd_buf_put_text(&body, RD_STR("\x05READY\x0BSocket-Type"));
    rd_buf_put_u32(&body, 6);
    rd_buf_put_text(&body, RD_STR("DEALER\x08Identity"));
    rd_buf_put_u32(&body, (uint32_t)strlen(id));
    rd_buf_put_text(&body, rd_str_of(id));
    rd_buf_put_u8(wire, 4);
    rd_buf_put_u8(wire, (uint8_t)body.len);
    rd_buf_put_text(wire, rd_buf_str(&body));
    rd_buf_done(&body);
}

/* Follows it in pieces of `step` bytes: how many were followed. `ret_id`: of a READY. */
static size_t follow(struct zmtp *zmtp, const struct zmtp_limits *limits, struct rd_str wire,
        size_t step, char ret_id[static 256])
{
    size_t done = 0;
    while (done < wire.len && zmtp->fault == ZMTP_FINE) {
        struct rd_str piece = {
                .ptr = wire.ptr + done, .len = wire.len - done < step ? wire.len - done : step};
        bool has_part;
        struct zmtp_part part;
        done += zmtp_follow(zmtp, limits, piece, &has_part, &part);
        struct rd_str id = has_part ? zmtp_identity(&part) : RD_STR("");
        if (id.len > 0) {
            memcpy(ret_id, id.ptr, id.len);
            ret_id[id.len] = '\0';
        }
    }
    return done;
}

static void test_counts(void **state)
{
    (void)state;
    struct rd_buf wire;
    rd_buf_init(&wire, 1 << 20);
    put_greeting(&wire, 3);
    put_ready(&wire, "branch-7");
    static const size_t sizes[] = {0, 1, 255, 256, 1025, 2048};
    uint64_t bytes = 0;
    for (size_t i = 0; i < RD_COUNT(sizes); i++) {
        put_frame(&wire, 1, sizes[i]);
        put_frame(&wire, 4, sizes[i]); /* a command may come between two frames */
        put_frame(&wire, 0, 3);
        bytes += zmtp_framed(sizes[i]) + zmtp_framed(3);
    }
    for (size_t step = 1; step < 70; step++) {
        uint8_t kept[ZMTP_KEPT_MAX];
        char id[256] = "";
        struct zmtp zmtp = {.kept = kept};
        static const struct zmtp_limits limits = {
                .frame_bytes = 2048, .message_frames = 2, .message_bytes = 2048 + 9 + 5};
        assert_int_equal(follow(&zmtp, &limits, rd_buf_str(&wire), step, id), wire.len);
        assert_int_equal(zmtp.fault, ZMTP_FINE);
        assert_int_equal(zmtp.messages, RD_COUNT(sizes));
        assert_int_equal(zmtp.frames, 2 * RD_COUNT(sizes));
        assert_int_equal(zmtp.commands, 1 + RD_COUNT(sizes));
        assert_int_equal(zmtp.bytes, bytes);
        assert_int_equal(zmtp.under_way, 0);
        assert_string_equal(id, "branch-7");
    }
    rd_buf_done(&wire);
}

static void test_limits(void **state)
{
    (void)state;
    static const struct {
        struct zmtp_limits limits;
        uint8_t version;
        enum zmtp_fault fault;
    } cases[] = {
            {{.frame_bytes = 300, .message_frames = 3, .message_bytes = 918}, 3, ZMTP_FINE},
            {{.frame_bytes = 299, .message_frames = 3, .message_bytes = 918}, 3, ZMTP_FRAME_SIZE},
            {{.frame_bytes = 300, .message_frames = 2, .message_bytes = 918}, 3, ZMTP_FRAME_COUNT},
            {{.frame_bytes = 300, .message_frames = 3, .message_bytes = 917}, 3, ZMTP_MESSAGE_SIZE},
            {{.frame_bytes = 0}, 3, ZMTP_FINE},
            {{.frame_bytes = 0}, 2, ZMTP_NOT_SPOKEN},
    };
    for (size_t i = 0; i < RD_COUNT(cases); i++) {
        for (size_t step = 1; step < 400; step += 19) {
            struct rd_buf wire;
            char id[256];
            rd_buf_init(&wire, 1 << 20);
            put_greeting(&wire, cases[i].version);
            put_frame(&wire, 1, 300);
            put_frame(&wire, 1, 300);
            put_frame(&wire, 0, 291);
            struct zmtp zmtp = {.kept = NULL};
            (void)follow(&zmtp, &cases[i].limits, rd_buf_str(&wire), step, id);
            assert_int_equal(zmtp.fault, cases[i].fault);
            rd_buf_done(&wire);
        }
    }
}

static void test_a_size_of_all_ones(void **state)
{
    (void)state;
    struct rd_buf wire;
    char id[256];
    rd_buf_init(&wire, 4096);
    put_greeting(&wire, 3);
    rd_buf_put_u8(&wire, 2);
    rd_buf_put_u64(&wire, UINT64_MAX);
    struct zmtp zmtp = {.kept = NULL};
    static const struct zmtp_limits none = {0};
    (void)follow(&zmtp, &none, rd_buf_str(&wire), 5, id);
    assert_int_equal(zmtp.fault, ZMTP_FRAME_SIZE);
    assert_int_equal(zmtp.bytes, 0);
    rd_buf_done(&wire);
}

/* A READY that promises more than it has. */
static void test_no_identity(void **state)
{
    (void)state;
    static const struct rd_str texts[] = {
            RD_STR(""),
            RD_STR("\x05READ"),
            RD_STR("\x05READY\x08Identity"),
            RD_STR("\x05READY\x08Identity\xFF\xFF\xFF\xFFx"),
            RD_STR("\x05READY\x08Identitx\0\0\0\1x"),
            RD_STR("\x05HELLO\x08Identity\0\0\0\1x"),
    };
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        struct zmtp_part part = {.is_command = true, .start = texts[i]};
        assert_int_equal(zmtp_identity(&part).len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_counts),
            cmocka_unit_test(test_limits),
            cmocka_unit_test(test_a_size_of_all_ones),
            cmocka_unit_test(test_no_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
