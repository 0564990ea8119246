/* Masks, and the spellings in which a value is found in what people wrote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/text/mask.h"

static const struct {
    enum rd_mask mask;
    const char *key, *customer, *want;
} masks[] = {
        {RD_MASK_FULL, "", "c-1029", "c-1029"},
        {RD_MASK_LAST4, "", "c-1029", "****1029"},
        {RD_MASK_LAST4, "", "12345", "****2345"},
        {RD_MASK_LAST4, "", "1234", "****"},
        {RD_MASK_LAST4, "", "1", "****"},
        {RD_MASK_LAST4, "", "客户一二三四", "****"},
        {RD_MASK_LAST4, "", "customer-of-ours", "****"},
        {RD_MASK_LAST4, "", "客户一二", "****"},
        {RD_MASK_LAST4, "", "", ""},
        {RD_MASK_KEYED, "k", "", ""},
        /* Python: hashlib.blake2b(b"c-1029", digest_size=32, key=…).hexdigest()[:16] */
        {RD_MASK_KEYED, "0123456789abcdef", "c-1029", "~293bcb25cc5fc98c"},
        {RD_MASK_KEYED, "", "客户一二三四五", "~015a8568b362b374"},
};

static void a_customer_leaves_masked(void **state)
{
    (void)state;
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, 4096);
    for (size_t i = 0; i < RD_COUNT(masks); i++) {
        struct rd_str got = rd_mask_customer(
                masks[i].mask, rd_str_of(masks[i].key), rd_str_of(masks[i].customer), &arena);
        if (!rd_str_is(got, masks[i].want)) {
            fail_msg("%s: got %.*s, want %s", masks[i].customer, RD_FMT(got), masks[i].want);
        }
    }
}

#define CUSTOMER "TXMCU999B2QQ"
#define PHONE    "+86 139-7033-5267"
#define CONTRACT "\xef\xbc\xac\xef\xbc\xae-77001234" /* full width LN */

static const struct {
    unsigned what;
    bool is_code;
    const char *text, *want;
} texts[] = {
        {RD_HIDE_CUSTOMER, false, "of " CUSTOMER ", again", "of ****, again"},
        {RD_HIDE_CUSTOMER, false, "of txmcu999b2qq and TxMcU999b2Qq.", "of **** and ****."},
        {RD_HIDE_CUSTOMER, false, "\xef\xbc\xb4xmcu999b2qq", "****"}, /* a full width T */
        {RD_HIDE_CUSTOMER, false, "txmcu999b2q", "txmcu999b2q"},
        {RD_HIDE_PHONE, false, "of " CUSTOMER, "of " CUSTOMER},
        {RD_HIDE_PHONE, false, "call 13970335267 now", "call ****5267 now"},
        {RD_HIDE_PHONE, false, "call " PHONE " now", "call ****5267 now"},
        {RD_HIDE_PHONE, false, "0086 (139) 7033 5267", "0086 (****5267"},
        {RD_HIDE_PHONE, false,
                "139\xe2\x80\x93"
                "7033\xe2\x80\x93"
                "5267",
                "****5267"},
        {RD_HIDE_PHONE, false, "1397 0335 26", "1397 0335 26"},
        {RD_HIDE_PHONE, false, "139, 70335267", "139, 70335267"},
        {RD_HIDE_CONTRACT, false, "ln-77001234, LN-77001234", "****1234, ****1234"},
        {0, false, CUSTOMER PHONE, CUSTOMER PHONE},
        {RD_HIDE_CUSTOMER, false, "", ""},
        {RD_HIDE_CUSTOMER, false, "\xff\xfetxmcu999b2qq\xe4", "\xff\xfe****\xe4"},
        {RD_HIDE_CUSTOMER | RD_HIDE_PHONE, true, "txmcu999b2qq", "****"},
        {RD_HIDE_CUSTOMER, true, "2026/txmcu999b2qq/1", "2026/****/1"},
        {RD_HIDE_CUSTOMER, true, "card", "card"},
};

static void a_value_is_found_in_each_spelling(void **state)
{
    (void)state;
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, 64 * 1024);
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        struct rd_hidden hidden = {.what = texts[i].what,
                .customer = RD_STR(CUSTOMER),
                .phone = RD_STR(PHONE),
                .contract = RD_STR(CONTRACT)};
        struct rd_str text = rd_str_of(texts[i].text);
        struct rd_str got = texts[i].is_code ? rd_mask_code(text, &hidden, &arena)
                                             : rd_mask_text(text, &hidden, &arena);
        if (!rd_str_is(got, texts[i].want)) {
            fail_msg("%s: got %.*s, want %s", texts[i].text, RD_FMT(got), texts[i].want);
        }
        bool is_masked = rd_mask_code(text, &hidden, &arena).ptr != text.ptr;
        assert_int_equal(rd_mask_held(text, &hidden) != 0, is_masked);
    }
}

/* "1234" is no account that is meant by it, and "12345" in a longer code none either. */
static void a_short_value_is_not_found_by_chance(void **state)
{
    (void)state;
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, 64 * 1024);
    struct rd_hidden hidden = {.what = RD_HIDE_CUSTOMER, .customer = RD_STR("123")};
    struct rd_str text = RD_STR("room 123");
    assert_ptr_equal(rd_mask_text(text, &hidden, &arena).ptr, text.ptr);
    hidden.customer = RD_STR("12345");
    struct rd_str code = RD_STR("T-12345-9");
    assert_ptr_equal(rd_mask_code(code, &hidden, &arena).ptr, code.ptr);
    assert_true(rd_str_is(rd_mask_code(RD_STR("12345"), &hidden, &arena), "****2345"));
    assert_int_equal(rd_mask_held(code, &hidden), 0);
    assert_int_equal(rd_mask_held(RD_STR("１２３４５"), &hidden), RD_HIDE_CUSTOMER);
    assert_true(rd_str_is(rd_mask_text(code, &hidden, &arena), "T-****2345-9"));
}

/* U+FDFA folds to eleven times its bytes: the longest value fits, and is found. */
static void the_longest_value_is_found(void **state)
{
    (void)state;
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, 64 * 1024);
    char value[128];
    for (size_t i = 0; i + 3 <= sizeof value; i += 3) {
        memcpy(value + i, "\xef\xb7\xba", 3);
    }
    struct rd_hidden hidden = {.what = RD_HIDE_CUSTOMER | RD_HIDE_PHONE,
            .customer = {value, 126},
            .phone = {value, 63}};
    assert_true(rd_str_is(rd_mask_text((struct rd_str){value, 126}, &hidden, &arena), "****"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_customer_leaves_masked),
            cmocka_unit_test(a_value_is_found_in_each_spelling),
            cmocka_unit_test(a_short_value_is_not_found_by_chance),
            cmocka_unit_test(the_longest_value_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
