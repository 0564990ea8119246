/* What names a customer who is forgotten (forget_find.h): by "T-1", "13912345678", or case 7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "daemon/engine/forget_find.h"

static bool is_word(void *arg, struct rd_str text)
{
    (void)arg;
    return rd_str_is(text, "T-1") || rd_str_is(text, "13912345678");
}

static bool is_case(void *arg, uint64_t number)
{
    (void)arg;
    return number == 7;
}

static const struct forget_look LOOK = {.is_word = is_word, .is_case = is_case};

/* A map of one key, within a map. */
static bool found_under(const char *key, const char *text, uint64_t number)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_buf buf;
    rd_node root;
    rd_buf_init(&buf, 4096);
    rd_pack_map(&buf, 1);
    rd_pack_cstr(&buf, "data");
    rd_pack_map(&buf, 1);
    rd_pack_cstr(&buf, key);
    if (text != NULL) {
        rd_pack_array(&buf, 2);
        rd_pack_cstr(&buf, "another");
        rd_pack_cstr(&buf, text);
    } else {
        rd_pack_uint(&buf, number);
    }
    assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
    bool is_found = forget_find(&LOOK, root);
    rd_buf_done(&buf);
    return is_found;
}

static void texts(void **state)
{
    (void)state;
    static const struct {
        const char *key, *text;
        bool is_found;
    } ROWS[] = {
            {"subject", "T-1", true},
            {"contact", "T-1", true},
            {"text", "T-1", false}, /* too short to stand nowhere by accident */
            {"text", "13912345678", true},
            {"text", "call 13912345678, please", true},
            {"text", "call 139123456789", false},
            {"phone", "!13912345678", true},
            {"phone", "~^13912345678$", true},
            {"case", "7", true},
            {"into", "T-1", true},
            {"subject", "7", false},
            {"subject", "T-2", false},
            {"subject", "", false},
    };
    for (size_t i = 0; i < RD_COUNT(ROWS); i++) {
        bool is_found = found_under(ROWS[i].key, ROWS[i].text, 0);
        if (is_found != ROWS[i].is_found) {
            fail_msg("%s: %s", ROWS[i].key, ROWS[i].text);
        }
    }
}

static void numbers(void **state)
{
    (void)state;
    assert_true(found_under("case", NULL, 7));
    assert_false(found_under("case", NULL, 8));
    assert_false(found_under("points", NULL, 7));
    assert_true(found_under("phone", NULL, 13912345678));
    assert_false(found_under("phone", NULL, 1391234567));
}

static void raw(void **state)
{
    (void)state;
    static const struct {
        struct rd_str bytes;
        bool is_found;
    } ROWS[] = {
            {RD_STR("\xa7subject\xa3T-1\xc1"), true},
            {RD_STR("\xa7subject\xd9\x03T-1\xc1"), true},
            {RD_STR("\xa7subject\xda\x00\x03T-1"), true},
            {RD_STR("\xa7subject\xa3T-2\xc1"), false},
            {RD_STR("{\"subject\": \"T-1\"}"), true},
            {RD_STR("{\"subject\": \"T-1"), false}, /* where it ends nobody knows */
            {RD_STR("13912345678\n"), true},
            {RD_STR("\xa5T-1"), false},
            {RD_STR("\xda\x00"), false},
            {RD_STR("\""), false},
            {RD_STR(""), false},
    };
    for (size_t i = 0; i < RD_COUNT(ROWS); i++) {
        if (forget_find_raw(&LOOK, ROWS[i].bytes) != ROWS[i].is_found) {
            fail_msg("row %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(texts), cmocka_unit_test(numbers), cmocka_unit_test(raw)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
