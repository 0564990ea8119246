/* The row codec: exact bytes of every form, and every way to be cut short or overlong. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"

static void want_hex(const char *what, const struct rd_buf *buf, const char *want)
{
    char got[256] = "";
    for (size_t i = 0; i < buf->len; i++) {
        (void)snprintf(got + 2 * i, 3, "%02x", buf->ptr[i]);
    }
    if (strcmp(got, want) != 0) {
        fail_msg("%s: got %s, want %s", what, got, want);
    }
}

static const struct {
    uint64_t value;
    const char *hex;
} varints[] = {
        {0, "00"},
        {1, "01"},
        {127, "7f"},
        {128, "8001"},
        {300, "ac02"},
        {16383, "ff7f"},
        {16384, "808001"},
        {UINT32_MAX, "ffffffff0f"},
        {INT64_MAX, "ffffffffffffffff7f"},
        {UINT64_MAX, "ffffffffffffffffff01"},
};

static void test_varints(void **state)
{
    (void)state;
    struct rd_buf buf;
    rd_buf_init(&buf, 64);
    for (size_t i = 0; i < RD_COUNT(varints); i++) {
        rd_buf_reset(&buf);
        rd_buf_put_uint(&buf, varints[i].value);
        want_hex("varint", &buf, varints[i].hex);
        struct rd_get get = rd_get_of(rd_buf_str(&buf));
        assert_int_equal(rd_get_uint(&get), varints[i].value);
        assert_int_equal(rd_get_end(&get), 0);
    }
    rd_buf_done(&buf);
}

static const struct {
    int64_t value;
    const char *zigzag, *fixed;
} signeds[] = {
        {0, "00", "8000000000000000"},
        {-1, "01", "7fffffffffffffff"},
        {1, "02", "8000000000000001"},
        {-64, "7f", "7fffffffffffffc0"},
        {64, "8001", "8000000000000040"},
        {INT64_MAX, "feffffffffffffffff01", "ffffffffffffffff"},
        {INT64_MIN, "ffffffffffffffffff01", "0000000000000000"},
};

static void test_signed(void **state)
{
    (void)state;
    struct rd_buf buf;
    rd_buf_init(&buf, 64);
    for (size_t i = 0; i < RD_COUNT(signeds); i++) {
        rd_buf_reset(&buf);
        rd_buf_put_int(&buf, signeds[i].value);
        want_hex("zigzag", &buf, signeds[i].zigzag);
        struct rd_get get = rd_get_of(rd_buf_str(&buf));
        assert_int_equal(rd_get_int(&get), signeds[i].value);
        assert_int_equal(rd_get_end(&get), 0);
        rd_buf_reset(&buf);
        rd_buf_put_i64(&buf, signeds[i].value);
        want_hex("fixed", &buf, signeds[i].fixed);
        get = rd_get_of(rd_buf_str(&buf));
        assert_int_equal(rd_get_i64(&get), signeds[i].value);
        assert_int_equal(rd_get_end(&get), 0);
    }
    rd_buf_done(&buf);
}

static void test_fixed_numbers_are_big_endian(void **state)
{
    (void)state;
    struct rd_buf buf;
    rd_buf_init(&buf, 64);
    rd_buf_put_u8(&buf, 0x01);
    rd_buf_put_u16(&buf, 0x0203);
    rd_buf_put_u32(&buf, 0x04050607);
    rd_buf_put_u64(&buf, UINT64_C(0x08090a0b0c0d0e0f));
    rd_buf_put_str(&buf, RD_STR("ab"));
    rd_buf_put_text(&buf, RD_STR("c"));
    rd_buf_put_str(&buf, (struct rd_str){0});
    rd_buf_printf(&buf, "%d", 42);
    want_hex("fixed", &buf, "0102030405060708090a0b0c0d0e0f02616263003432");
    struct rd_get get = rd_get_of(rd_buf_str(&buf));
    assert_int_equal(rd_get_u8(&get), 0x01);
    assert_int_equal(rd_get_u16(&get), 0x0203);
    assert_int_equal(rd_get_u32(&get), 0x04050607);
    assert_int_equal(rd_get_u64(&get), UINT64_C(0x08090a0b0c0d0e0f));
    assert_true(rd_str_is(rd_get_str(&get), "ab"));
    assert_true(rd_str_is(rd_get_bytes(&get, 1), "c"));
    assert_true(rd_str_is(rd_get_str(&get), ""));
    assert_int_equal(rd_get_end(&get), -EBADMSG); /* "42" is left */
    assert_true(rd_str_is(rd_get_bytes(&get, 2), "42"));
    assert_int_equal(rd_get_end(&get), 0);
    rd_buf_done(&buf);
}

static void test_the_limit_is_sticky(void **state)
{
    (void)state;
    static const size_t limits[] = {0, 1, 7, 255, 256, 257, 1000};
    for (size_t i = 0; i < RD_COUNT(limits); i++) {
        struct rd_buf buf;
        rd_buf_init(&buf, limits[i]);
        for (size_t k = 0; k < limits[i]; k++) {
            rd_buf_put_u8(&buf, (uint8_t)k);
        }
        assert_non_null(rd_buf_extend(&buf, 0));
        assert_int_equal(buf.error, 0);
        rd_buf_put_u8(&buf, 1);
        assert_int_equal(buf.error, -EMSGSIZE);
        assert_int_equal(buf.len, limits[i]);
        assert_null(rd_buf_extend(&buf, 0));
        assert_null(rd_buf_extend(&buf, SIZE_MAX));
        rd_buf_reset(&buf);
        rd_buf_put(&buf, "", 0);
        assert_int_equal(buf.error, 0);
        volatile size_t huge = SIZE_MAX; /* volatile: or gcc warns of what is meant here */
        rd_buf_put_text(&buf, (struct rd_str){.ptr = "", .len = huge});
        rd_buf_put_u8(&buf, 1); /* would fit, but comes after the error */
        assert_int_equal(buf.error, -EMSGSIZE);
        assert_int_equal(buf.len, 0);
        rd_buf_done(&buf);
    }
}

static const struct {
    const char *bytes;
    size_t size;
    const char *why;
} bad_varints[] = {
        {"", 0, "nothing"},
        {"\x80", 1, "cut short"},
        {"\xff\xff\xff", 3, "cut short"},
        {"\x80\x00", 2, "overlong zero"},
        {"\xff\x00", 2, "overlong 127"},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, "66 bits"},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01", 11, "11 bytes"},
        {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 10, "overlong in 10 bytes"},
};

static void test_bad_varints(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(bad_varints); i++) {
        struct rd_str bytes = {.ptr = bad_varints[i].bytes, .len = bad_varints[i].size};
        struct rd_get get = rd_get_of(bytes);
        uint64_t got = rd_get_uint(&get);
        if (got != 0 || get.error != -EBADMSG) {
            fail_msg("%s: got %llu, error %d", bad_varints[i].why, (unsigned long long)got,
                    get.error);
        }
        /* Sticky: nothing is read any more, not even what would be there. */
        assert_int_equal(rd_get_u8(&get), 0);
        assert_int_equal(rd_get_bytes(&get, 0).len, 0);
        assert_int_equal(rd_get_end(&get), -EBADMSG);
    }
}

static void test_short_reads(void **state)
{
    (void)state;
    for (size_t size = 0; size < 8; size++) {
        struct rd_str bytes = {.ptr = "\x01\x02\x03\x04\x05\x06\x07", .len = size};
        struct rd_get get = rd_get_of(bytes);
        assert_int_equal(rd_get_u64(&get), 0);
        assert_int_equal(get.error, -EBADMSG);
        get = rd_get_of(bytes);
        assert_int_equal(rd_get_i64(&get), 0);
        assert_int_equal(get.error, -EBADMSG);
        get = rd_get_of(bytes);
        assert_int_equal(rd_get_u32(&get), size < 4 ? 0 : 0x01020304);
        get = rd_get_of(bytes);
        assert_int_equal(rd_get_u16(&get), size < 2 ? 0 : 0x0102);
        get = rd_get_of(bytes);
        assert_int_equal(rd_get_bytes(&get, size + 1).len, 0);
        assert_int_equal(get.error, -EBADMSG);
    }
    struct rd_get get = rd_get_of(RD_STR("\x05"
                                         "abcd"));
    assert_int_equal(rd_get_str(&get).len, 0);
    assert_int_equal(rd_get_end(&get), -EBADMSG);
    get = rd_get_of(RD_STR("\x08\x09"));
    assert_int_equal(rd_get_uint_max(&get, 8), 8);
    assert_int_equal(rd_get_uint_max(&get, 8), 0);
    assert_int_equal(rd_get_end(&get), -EBADMSG);
    get = rd_get_of((struct rd_str){0});
    assert_int_equal(rd_get_end(&get), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_varints),
            cmocka_unit_test(test_signed),
            cmocka_unit_test(test_fixed_numbers_are_big_endian),
            cmocka_unit_test(test_the_limit_is_sticky),
            cmocka_unit_test(test_bad_varints),
            cmocka_unit_test(test_short_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
