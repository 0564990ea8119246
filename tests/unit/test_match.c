/* Matchers: redress.yaml(5), "match". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/num.h"
#include "common/text/match.h"
#include "common/time/civil.h"

/* Values in tables: "s:text", "n:12", "b:true", "m:5.50" (money), "d:2025-09-22", "t:…Z",
 * "l:a,b" (a list), "o:" (a map), "f:" (a float), "0:" (nil); NULL: missing. */
static struct rd_str tail(const char *notation)
{
    return rd_str_of(notation + 2);
}

static void pack_notation(struct rd_buf *buf, const char *notation)
{
    int64_t number = 0;
    switch (notation[0]) {
    case 's':
        rd_pack_str(buf, tail(notation));
        break;
    case 'n':
        assert_int_equal(rd_i64_parse(tail(notation), &number), 0);
        rd_pack_int(buf, number);
        break;
    case 'b':
        rd_pack_bool(buf, notation[2] == 't');
        break;
    case 'f':
        rd_buf_put(buf, "\xca\x3f\x80\x00\x00", 5);
        break;
    case 'o':
        rd_pack_map(buf, 0);
        break;
    default:
        rd_pack_nil(buf);
    }
}

static void pack_list(struct rd_buf *buf, struct rd_str items)
{
    uint32_t count = 1;
    for (size_t i = 0; i < items.len; i++) {
        count += items.ptr[i] == ',';
    }
    rd_pack_array(buf, items.len > 0 ? count : 0);
    for (size_t from = 0, i = 0; i <= items.len && items.len > 0; i++) {
        if (i == items.len || items.ptr[i] == ',') {
            rd_pack_str(buf, (struct rd_str){.ptr = items.ptr + from, .len = i - from});
            from = i + 1;
        }
    }
}

struct world {
    const char *value; /* of the attribute "a"; "kind" is always "complaint" */
    struct rd_buf list;
};

static struct rd_value lookup(const void *context, struct rd_str name)
{
    const struct world *world = context;
    struct rd_value value = {.type = RD_NIL};
    if (rd_str_is(name, "kind")) {
        return (struct rd_value){.type = RD_VALUE_STR, .bytes = RD_STR("complaint")};
    }
    if (!rd_str_is(name, "a") || world->value == NULL) {
        return value;
    }
    struct rd_str text = tail(world->value);
    rd_day day = 0;
    switch (world->value[0]) {
    case 's':
        return (struct rd_value){.type = RD_VALUE_STR, .bytes = text};
    case 'n':
        assert_int_equal(rd_i64_parse(text, &value.integer), 0);
        value.type = value.integer < 0 ? RD_VALUE_INT : RD_VALUE_UINT;
        return value;
    case 'm':
        assert_int_equal(rd_money_parse(text, &value.integer), 0);
        value.type = RD_VALUE_MONEY;
        return value;
    case 'b':
        return (struct rd_value){.type = RD_VALUE_BOOL, .integer = text.ptr[0] == 't'};
    case 'd':
        assert_int_equal(rd_day_parse(text, &day), 0);
        return (struct rd_value){.type = RD_VALUE_DATE, .integer = day};
    case 't':
        assert_int_equal(rd_time_parse(text, &value.integer), 0);
        value.type = RD_VALUE_TIME;
        return value;
    case 'l':
        return (struct rd_value){.type = RD_VALUE_LIST, .bytes = rd_buf_str(&world->list)};
    default:
        return (struct rd_value){.type = RD_VALUE_MAP, .bytes = RD_STR("\x80")};
    }
}

enum { TESTS_MAX = 4 };

/* {a: TEST}, or {a: [TEST…]} where there are several or `is_list`. */
static void pack_match(
        struct rd_buf *buf, const char *name, const char *const tests[TESTS_MAX], bool is_list)
{
    uint32_t count = 0;
    while (count < TESTS_MAX && tests[count] != NULL) {
        count++;
    }
    rd_pack_map(buf, 1);
    rd_pack_cstr(buf, name);
    if (is_list || count != 1) {
        rd_pack_array(buf, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        pack_notation(buf, tests[i]);
    }
}

static const struct {
    const char *tests[TESTS_MAX];
    const char *value;
    bool want;
} rows[] = {
        {{"s:media"}, "s:media", true},
        {{"s:media"}, "s:Media", false},
        {{"s:media"}, "s:media ", false},
        {{"s:"}, "s:", true},
        {{"s:"}, NULL, false},
        {{"s:12378"}, "s:12378", true},
        {{"s:12378"}, "n:12378", true},
        {{"n:12378"}, "s:12378", true},
        {{"n:12378"}, "n:12378", true},
        {{"n:12378"}, "n:12379", false},
        {{"s:012"}, "n:12", false}, /* a number has one text */
        {{"n:12"}, "s:012", false},
        {{"s:012"}, "s:012", true},
        {{"n:-5"}, "n:-5", true},
        {{"s:-5"}, "n:-5", true},
        {{"n:9223372036854775807"}, "s:9223372036854775807", true},
        {{"b:true"}, "b:true", true},
        {{"b:true"}, "b:false", false},
        {{"b:true"}, "s:true", false},
        {{"b:true"}, "n:1", false},
        {{"b:false"}, NULL, false},
        {{"s:true"}, "b:true", false},
        /* any of */
        {{"s:12378", "s:regulator", "s:media"}, "s:media", true},
        {{"s:12378", "s:regulator", "s:media"}, "n:12378", true},
        {{"s:12378", "s:regulator", "s:media"}, "s:phone", false},
        {{"s:12378", "s:regulator"}, NULL, false},
        {{"s:!x", "s:y"}, NULL, true},
        {{"s:<5", "s:>60"}, "n:61", true},
        /* numbers */
        {{"s:>=60"}, "n:60", true},
        {{"s:>=60"}, "n:59", false},
        {{"s:>60"}, "n:60", false},
        {{"s:<=5"}, "n:5", true},
        {{"s:<5"}, "n:5", false},
        {{"s:<5"}, "n:-9223372036854775808", true},
        {{"s:>=60"}, "s:67", true},
        {{"s:>=60"}, "s:old", false},
        {{"s:>=60"}, "b:true", false},
        {{"s:>=60"}, NULL, false},
        {{"s:<60"}, NULL, false},
        {{"s:>-1.5"}, "n:-1", true},
        {{"s:>9223372036854775806"}, "n:9223372036854775807", true},
        /* money in whole units with places */
        {{"s:>=20000"}, "m:20000.00", true},
        {{"s:>=20000.01"}, "m:20000.00", false},
        {{"n:5"}, "m:5.00", true},
        {{"s:5.5"}, "m:5.50", true},
        {{"n:550"}, "m:5.50", false},
        {{"s:~^5\\.5"}, "m:5.50", true},
        /* patterns */
        {{"s:~^全额"}, "s:全额退保", true},
        {{"s:~^全额"}, "s:要全额", false},
        {{"s:~额退"}, "s:全额退保", true},
        {{"s:~^.{4}$"}, "s:全额退保", true}, /* characters, not bytes */
        {{"s:~^123"}, "n:12378", true},
        {{"s:~."}, NULL, false},
        {{"s:~."}, "b:true", false},
        {{"s:~x"}, "s:\xffx", false}, /* not UTF-8 */
        {{"s:~(a)(b)(c)"}, "s:abc", true},
        /* not */
        {{"s:!x"}, "s:y", true},
        {{"s:!x"}, "s:x", false},
        {{"s:!x"}, NULL, true},
        {{"s:!~^全"}, "s:全额", false},
        {{"s:!~^全"}, NULL, true},
        {{"s:!>=60"}, "n:59", true},
        {{"s:!>=60"}, "n:60", false},
        {{"s:!12378"}, "n:12378", false},
        {{"s:!true"}, "b:true", false},
        {{"s:!true"}, "b:false", true},
        {{"s:!true"}, "s:true", false},
        {{"s:!"}, "s:", false},
        {{"s:!"}, "s:x", true},
        /* lists */
        {{"s:b"}, "l:a,b", true},
        {{"s:c"}, "l:a,b", false},
        {{"s:c", "s:a"}, "l:a,b", true},
        {{"s:!b"}, "l:a,b", false},
        {{"s:!c"}, "l:a,b", true},
        {{"s:!c"}, "l:", true},
        {{"s:c"}, "l:", false},
        {{"s:~^b"}, "l:a,bc", true},
        {{"s:>=60"}, "l:a,61", true},
        {{"n:61"}, "l:a,61", true},
        /* dates and times by their text */
        {{"s:2025-09-22"}, "d:2025-09-22", true},
        {{"s:~^2025-"}, "d:2025-09-22", true},
        {{"s:>=2025"}, "d:2025-09-22", false},
        {{"s:~T02:00:00Z$"}, "t:2025-09-22T10:00:00+08:00", true},
        /* maps equal nothing */
        {{"s:x"}, "o:", false},
        {{"s:!x"}, "o:", true},
};

static bool holds(const char *const tests[TESTS_MAX], const char *value)
{
    struct world world = {.value = value};
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    rd_buf_init(&world.list, 4096);
    if (value != NULL && value[0] == 'l') {
        pack_list(&world.list, tail(value));
    }
    pack_match(&buf, "a", tests, false);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 16);
    struct rd_match *match = NULL;
    char what[200] = "";
    if (rd_match_compile(root, &arena, &match, what) < 0) {
        fail_msg("%s", what);
    }
    bool result = rd_match_holds(match, lookup, &world);
    rd_match_free(match);
    rd_arena_done(&arena);
    rd_buf_done(&world.list);
    rd_buf_done(&buf);
    return result;
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        if (holds(rows[i].tests, rows[i].value) != rows[i].want) {
            fail_msg("row %zu: %s… against %s", i, rows[i].tests[0],
                    rows[i].value != NULL ? rows[i].value : "nothing");
        }
    }
}

static const struct {
    const char *tests[TESTS_MAX];
    bool is_list;
    const char *what; /* that must stand in the message */
} refused[] = {
        {{"s:>=x"}, false, "a: \">=x\": a number"},
        {{"s:>"}, false, "a number"},
        {{"s:>=1.234"}, false, "two places"},
        {{"s:< 5"}, false, "a number"},
        {{"s:~("}, false, "a: pattern: at byte 1: missing closing parenthesis"},
        {{"s:~\\C"}, false, "pattern"},
        {{"s:!~["}, false, "pattern"},
        {{"s:!>x"}, false, "a number"},
        {{"s:!!x"}, false, "!!"},
        {{"f:"}, false, "quotes"},
        {{"0:"}, false, "a test is"},
        {{"o:"}, false, "a test is"},
        {{"s:~good", "s:~("}, false, "pattern"}, /* the good one is freed */
        {{NULL}, true, "a list has"},
};

static void test_what_does_not_compile_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(refused); i++) {
        struct rd_buf buf;
        rd_buf_init(&buf, 4096);
        pack_match(&buf, "a", refused[i].tests, refused[i].is_list);
        RD_CLEANUP(rd_tree_freep)
        struct rd_tree *tree = rd_tree_new();
        rd_node root = NULL;
        assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
        struct rd_arena arena;
        rd_arena_init(&arena, 1 << 16);
        struct rd_match *match = NULL;
        char what[200] = "";
        assert_int_equal(rd_match_compile(root, &arena, &match, what), -EINVAL);
        assert_null(match);
        if (strstr(what, refused[i].what) == NULL) {
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, what, refused[i].what);
        }
        assert_int_equal(rd_match_compile(NULL, &arena, &match, what), -EINVAL);
        rd_arena_done(&arena);
        rd_buf_done(&buf);
    }
}

static void test_all_attributes_must_hold(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *a;
        bool want;
    } both[] = {{"complaint", "x", true}, {"contact", "x", false}, {"complaint", "y", false}};
    for (size_t i = 0; i < RD_COUNT(both); i++) {
        struct rd_buf buf;
        rd_buf_init(&buf, 4096);
        rd_pack_map(&buf, 2);
        rd_pack_cstr(&buf, "kind");
        rd_pack_cstr(&buf, both[i].kind);
        rd_pack_cstr(&buf, "a");
        rd_pack_cstr(&buf, both[i].a);
        RD_CLEANUP(rd_tree_freep)
        struct rd_tree *tree = rd_tree_new();
        rd_node root = NULL;
        assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
        struct rd_arena arena;
        rd_arena_init(&arena, 1 << 16);
        struct rd_match *match = NULL;
        char what[200];
        assert_int_equal(rd_match_compile(root, &arena, &match, what), 0);
        rd_buf_done(&buf); /* it keeps nothing of the bytes */
        struct world world = {.value = "s:x"};
        assert_int_equal(rd_match_holds(match, lookup, &world), both[i].want);
        assert_int_equal(rd_match_count(match), 2);
        assert_true(rd_str_is(rd_match_name_at(match, 1), "a"));
        assert_true(rd_match_names(match, RD_STR("kind")));
        assert_false(rd_match_names(match, RD_STR("kin")));
        rd_match_free(match);
        rd_arena_done(&arena);
    }
    rd_match_free(NULL);
}

static void test_the_empty_map_always_holds(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    assert_int_equal(rd_tree_read(tree, RD_STR("\x80"), &root, NULL), 0);
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 16);
    struct rd_match *match = NULL;
    char what[200];
    assert_int_equal(rd_match_compile(root, &arena, &match, what), 0);
    struct world world = {0};
    assert_true(rd_match_holds(match, lookup, &world));
    assert_int_equal(rd_match_count(match), 0);
    rd_match_free(match);
    rd_arena_done(&arena);
}

/* Patterns that would take years or gigabytes come to an end, and do not match. */
static void test_limits(void **state)
{
    (void)state;
    static char text[30000 + 2] = "s:";
    memset(text + 2, 'a', sizeof text - 3);
    static const char *const steps[TESTS_MAX] = {"s:~^(a+)+$b"};
    static const char *const depth[TESTS_MAX] = {"s:~^(?:(a)|b)*c"};
    static const char *const plain[TESTS_MAX] = {"s:~a$"};
    assert_false(holds(steps, text));
    assert_false(holds(depth, text));
    static char shorter[10000 + 2] = "s:";
    memset(shorter + 2, 'a', sizeof shorter - 3);
    assert_true(holds(plain, shorter));
    /* The steps are counted over the whole text, not from each place where a match may begin. */
    static const char *const starts[TESTS_MAX] = {"s:~a.*b.*cd"};
    assert_false(holds(starts, text));
    static char marked[sizeof text + 1];
    memcpy(marked, text, sizeof text);
    marked[sizeof text - 1] = 'c';
    assert_false(holds(starts, marked));
    /* The limits are not so low that ordinary repeats of some length meet them. */
    static const char *const groups[TESTS_MAX] = {"s:~^(?:a|b){300}a*$"};
    assert_true(holds(groups, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_rows),
            cmocka_unit_test(test_what_does_not_compile_is_said),
            cmocka_unit_test(test_all_attributes_must_hold),
            cmocka_unit_test(test_the_empty_map_always_holds),
            cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
