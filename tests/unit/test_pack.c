/* MessagePack: what the scan takes and refuses, what nodes give, the exact bytes of the writer. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire/pack.h"

#define BYTES(literal) ((struct rd_str){(literal), sizeof(literal) - 1})

static const struct {
    struct rd_str bytes;
    int want;
    const char *what; /* part of the text, where it is refused */
} scans[] = {
        {BYTES("\xc0"), 0, NULL},
        {BYTES("\x80"), 0, NULL},
        {BYTES("\x81\xa1k\x01"), 0, NULL},
        {BYTES("\x82\xa1k\x01\xa1l\x02"), 0, NULL},
        {BYTES("\x82\xa1k\x01\xa0\x02"), 0, NULL},
        {BYTES("\xd9\x02\xe5\xe5"), -EILSEQ, "UTF-8"},
        {BYTES("\xa3\xe4\xb8\xad"), 0, NULL},
        {BYTES("\xa2\xc0\x80"), -EILSEQ, "UTF-8"},         /* overlong */
        {BYTES("\xa3\xe0\x9f\xbf"), -EILSEQ, "UTF-8"},     /* overlong */
        {BYTES("\xa3\xed\xa0\x80"), -EILSEQ, "UTF-8"},     /* a surrogate */
        {BYTES("\xa4\xf0\x8f\xbf\xbf"), -EILSEQ, "UTF-8"}, /* overlong */
        {BYTES("\xa4\xf4\x8f\xbf\xbf"), 0, NULL},          /* the last code point */
        {BYTES("\xa4\xf4\x90\x80\x80"), -EILSEQ, "UTF-8"}, /* behind it */
        {BYTES("\xa1\x80"), -EILSEQ, "UTF-8"},
        {BYTES("\xa2\xe4\xb8"), -EILSEQ, "UTF-8"}, /* cut short */
        {BYTES("\xa9"
               "abcdefgh\xff"),
                -EILSEQ, "UTF-8"},                     /* behind eight of ASCII */
        {BYTES("\x81\xa1\xff\x01"), -EILSEQ, "UTF-8"}, /* a key */
        {BYTES("\x92\xa1\xff\xc1"), -EBADMSG, "0xc1"}, /* worse comes behind it */
        {BYTES("\xc4\x01\xff"), 0, NULL},              /* bin is no text */
        {BYTES(""), -EBADMSG, "empty"},
        {BYTES("\xc1"), -EBADMSG, "0xc1"},
        {BYTES("\xc0\xc0"), -EBADMSG, "after"},
        {BYTES("\x81\xa1k"), -EBADMSG, "ends within"},
        {BYTES("\x92\x01"), -EBADMSG, "ends within"},
        {BYTES("\xa3xy"), -EBADMSG, "ends within"},
        {BYTES("\xd9"), -EBADMSG, "ends within"},
        {BYTES("\xcd\x01"), -EBADMSG, "ends within"},
        {BYTES("\xdd\xff\xff\xff\xff"), -EBADMSG, "ends within"},
        {BYTES("\xdf\xff\xff\xff\xff"), -EBADMSG, "ends within"},
        {BYTES("\xdb\xff\xff\xff\xff"), -EBADMSG, "ends within"},
        {BYTES("\xc6\xff\xff\xff\xff"), -EBADMSG, "ends within"},
        {BYTES("\xc9\xff\xff\xff\xff\x05"), -EBADMSG, "ends within"},
        {BYTES("\xdf\x80\x00\x00\x01\xa0\xa0"), -EBADMSG, "ends within"},
        {BYTES("\x82\xa1k\x01\xa1k\x02"), -EBADMSG, "twice"},
        {BYTES("\x82\xa1k\x01\xd9\x01k\x02"), -EBADMSG, "twice"}, /* another form, the same key */
        {BYTES("\x82\xa0\x01\xa0\x02"), -EBADMSG, "twice"},
        {BYTES("\x81\xa1k\x91\x82\xa1m\x01\xa1m\x02"), -EBADMSG, "twice"}, /* at any depth */
        {BYTES("\x82\xa1k\x81\xa1k\x01\xa1l\x81\xa1k\x01"), 0, NULL},      /* in several maps */
        {BYTES("\x81\x01\x01"), -EBADMSG, "no text"},
        {BYTES("\x81\xc0\x01"), -EBADMSG, "no text"},
        {BYTES("\x81\xc4\x01k\x01"), 0, NULL}, /* a bin that is text may be a key */
        {BYTES("\x81\xc4\x01\xff\x01"), -EBADMSG, "no text"},
        {BYTES("\x82\xa1k\x01\xc4\x01k\x02"), -EBADMSG, "twice"},
        {BYTES("\x81\x91\x01\x01"), -EBADMSG, "no text"},
        {BYTES("\xd6\xff\x00\x00\x00\x01"), 0, NULL},
        {BYTES("\xd7\xff\x00\x00\x00\x00\x00\x00\x00\x01"), 0, NULL},
        {BYTES("\xd7\xff\xee\x6b\x27\xfc\x00\x00\x00\x01"), 0, NULL}, /* 999,999,999 */
        {BYTES("\xd7\xff\xee\x6b\x28\x00\x00\x00\x00\x01"), -EBADMSG, "nanoseconds"},
        {BYTES("\xc7\x0c\xff\x3b\x9a\xc9\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 0, NULL},
        {BYTES("\xc7\x0c\xff\x3b\x9a\xca\x00\x00\x00\x00\x00\x00\x00\x00\x00"), -EBADMSG,
                "nanoseconds"},
        {BYTES("\xd4\xff\x00"), -EBADMSG, "4, 8 or 12"},
        {BYTES("\xd5\xff\x00\x00"), -EBADMSG, "4, 8 or 12"},
        {BYTES("\xc7\x00\xff"), -EBADMSG, "4, 8 or 12"},
        {BYTES("\xc7\x04\xff\x00\x00\x00\x01"), 0, NULL}, /* the same in a longer form */
        {BYTES("\xd4\x05\x00"), 0, NULL},                 /* an extension of somebody else */
        {BYTES("\xca\x00\x00\x00\x00"), 0, NULL},
        {BYTES("\xcb\x00\x00\x00\x00\x00\x00\x00\x00"), 0, NULL},
        {BYTES("\xe0"), 0, NULL},
};

static void scan_takes_one_sound_object_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(scans); i++) {
        const char *what = NULL;
        /* A block of just that size, so that a sanitizer sees a read past its end. */
        char *exact = malloc(scans[i].bytes.len + 1);
        assert_non_null(exact);
        memcpy(exact + 1, scans[i].bytes.ptr, scans[i].bytes.len);
        int r = rd_pack_scan((struct rd_str){exact + 1, scans[i].bytes.len}, &what);
        free(exact);
        if (r != scans[i].want || (what == NULL) != (scans[i].what == NULL) ||
                (what != NULL && strstr(what, scans[i].what) == NULL)) {
            fail_msg("scans[%zu]: got %d, %s", i, r, what != NULL ? what : "-");
        }
        assert_int_equal(rd_pack_scan(scans[i].bytes, NULL), scans[i].want);
    }
}

static int scan_depth(size_t depth, const char *inner)
{
    char bytes[64] = "";
    memset(bytes, 0x91, depth);
    memcpy(bytes + depth, inner, strlen(inner));
    return rd_pack_scan((struct rd_str){bytes, depth + strlen(inner)}, NULL);
}

static void sixteen_levels_and_no_more(void **state)
{
    (void)state;
    assert_int_equal(scan_depth(16, "\x01"), 0);
    assert_int_equal(scan_depth(15, "\x90"), 0);
    assert_int_equal(scan_depth(15, "\x80"), 0);
    assert_int_equal(scan_depth(16, "\x90"), -EBADMSG);
    assert_int_equal(scan_depth(16, "\x80"), -EBADMSG);
    assert_int_equal(scan_depth(40, "\x01"), -EBADMSG);
}

/* A map of `count` keys "k00000"…; one of them again at the end. */
static int scan_large(uint32_t count, bool is_nested, bool has_twin)
{
    struct rd_buf buf;
    rd_buf_init(&buf, 1 << 20);
    rd_pack_array(&buf, 2);
    rd_pack_uint(&buf, 7);
    rd_pack_map(&buf, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k%05u", (i * 7919U) % count);
        rd_pack_cstr(&buf, key);
        rd_pack_map(&buf, is_nested ? 2 : 0);
        for (unsigned j = 0; is_nested && j < 2; j++) {
            rd_pack_cstr(&buf, j == 0 ? "a" : "b");
            rd_pack_nil(&buf);
        }
    }
    rd_pack_cstr(&buf, has_twin ? "k00033" : "other");
    rd_pack_nil(&buf);
    assert_int_equal(buf.error, 0);
    int r = rd_pack_scan(rd_buf_str(&buf), NULL);
    rd_buf_done(&buf);
    return r;
}

static void a_large_map_may_have_no_twin_either(void **state)
{
    (void)state;
    for (uint32_t count = 40; count <= 4000; count *= 10) {
        assert_int_equal(scan_large(count, false, false), 0);
        assert_int_equal(scan_large(count, true, false), 0);
        assert_int_equal(scan_large(count, false, true), -EBADMSG);
        assert_int_equal(scan_large(count, true, true), -EBADMSG);
    }
}

static void want_hex(const struct rd_buf *buf, const char *want)
{
    char got[256] = "";
    for (size_t i = 0; i < buf->len; i++) {
        (void)snprintf(got + 2 * i, 3, "%02x", buf->ptr[i]);
    }
    assert_string_equal(got, want);
}

static const struct {
    int64_t value;
    const char *hex;
} ints[] = {
        {0, "00"},
        {127, "7f"},
        {128, "cc80"},
        {255, "ccff"},
        {256, "cd0100"},
        {65536, "ce00010000"},
        {INT64_C(4294967296), "cf0000000100000000"},
        {INT64_MAX, "cf7fffffffffffffff"},
        {-1, "ff"},
        {-32, "e0"},
        {-33, "d0df"},
        {-129, "d1ff7f"},
        {-32769, "d2ffff7fff"},
        {INT64_MIN, "d38000000000000000"},
};

static const struct {
    rd_time time;
    const char *hex;
} times[] = {
        {0, "d6ff00000000"},
        {INT64_C(4294967295) * 1000000, "d6ffffffffff"},
        {INT64_C(4294967296) * 1000000, "d7ff0000000100000000"},
        {1, "d7ff00000fa000000000"},
        {999999, "d7ffee6b186000000000"},
        {-1, "c70cff3b9ac618ffffffffffffffff"},
        {-1000000, "c70cff00000000ffffffffffffffff"},
        {RD_TIME_MIN, "c70cff00000000fffffff1886e0900"},
        {RD_TIME_MAX, "c70cff3b9ac6180000003afff4417f"},
};

static void the_writer_takes_the_shortest_forms(void **state)
{
    (void)state;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 1024);
    for (size_t i = 0; i < RD_COUNT(ints); i++) {
        rd_buf_reset(&buf);
        rd_pack_int(&buf, ints[i].value);
        want_hex(&buf, ints[i].hex);
    }
    for (size_t i = 0; i < RD_COUNT(times); i++) {
        rd_buf_reset(&buf);
        rd_pack_time(&buf, times[i].time);
        want_hex(&buf, times[i].hex);
        RD_CLEANUP(rd_tree_freep)
        struct rd_tree *tree = rd_tree_new();
        rd_node node;
        assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &node, NULL), 0);
        assert_int_equal(rd_node_type(node), RD_NODE_TIME);
        assert_true(rd_node_time(node) == times[i].time);
    }
    rd_buf_reset(&buf);
    rd_pack_map(&buf, 2);
    rd_pack_cstr(&buf, "k");
    rd_pack_bin(&buf, RD_STR("\x01"));
    rd_pack_cstr(&buf, "");
    rd_pack_array(&buf, 3);
    rd_pack_nil(&buf);
    rd_pack_bool(&buf, true);
    rd_pack_bool(&buf, false);
    rd_pack_uint(&buf, UINT64_MAX);
    want_hex(&buf, "82a16bc40101a093c0c3c2cfffffffffffffffff");
}

static void counts_may_be_known_at_the_end(void **state)
{
    (void)state;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 64);
    size_t map = rd_pack_map_begin(&buf);
    rd_pack_cstr(&buf, "k");
    size_t array = rd_pack_array_begin(&buf);
    rd_pack_uint(&buf, 1);
    rd_pack_uint(&buf, 2);
    rd_pack_array_end(&buf, array, 2);
    rd_pack_map_end(&buf, map, 1);
    want_hex(&buf, "df00000001a16bdd000000020102");
    rd_buf_put_text(
            &buf, RD_STR("more than sixty-four bytes of text that do not fit into this buf"));
    assert_int_equal(buf.error, -EMSGSIZE);
    rd_pack_map_end(&buf, rd_pack_map_begin(&buf), 3); /* after the error: nothing */
    assert_int_equal(buf.error, -EMSGSIZE);
}

static void nodes_give_what_they_are_and_nothing_else(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_str bytes = BYTES("\x88"
                                "\xa1n\xc0\xa1"
                                "b\xc3\xa1u\x07\xa1i\xff\xa1s\xa2hi\xa1x\xc4\x01z"
                                "\xa1"
                                "a\x92\x01\xcf\xff\xff\xff\xff\xff\xff\xff\xff"
                                "\xa1t\xd6\xff\x00\x00\x00\x01");
    rd_node root = NULL;
    assert_int_equal(rd_tree_read(tree, bytes, &root, NULL), 0);
    assert_int_equal(rd_node_type(root), RD_NODE_MAP);
    assert_int_equal(rd_node_count(root), 8);
    assert_int_equal(rd_node_type(rd_node_find(root, "n")), RD_NODE_NIL);
    assert_true(rd_node_bool(rd_node_find(root, "b")));
    assert_int_equal(rd_node_uint(rd_node_find(root, "u")), 7);
    assert_int_equal(rd_node_int(rd_node_find(root, "u")), 7);
    assert_int_equal(rd_node_int(rd_node_find(root, "i")), -1);
    assert_int_equal(rd_node_uint(rd_node_find(root, "i")), 0);
    assert_true(rd_str_is(rd_node_str(rd_node_find(root, "s")), "hi"));
    assert_true(rd_str_is(rd_node_bin(rd_node_find(root, "x")), "z"));
    assert_int_equal(rd_node_str(rd_node_find(root, "x")).len, 0);
    rd_node array = rd_node_find(root, "a");
    assert_int_equal(rd_node_count(array), 2);
    assert_int_equal(rd_node_uint(rd_node_at(array, 0)), 1);
    assert_true(rd_node_uint(rd_node_at(array, 1)) == UINT64_MAX);
    assert_true(rd_node_int(rd_node_at(array, 1)) == INT64_MAX);
    assert_null(rd_node_at(array, 2));
    assert_null(rd_node_at(root, 0));
    assert_true(rd_node_time(rd_node_find(root, "t")) == RD_SECOND_US);
    struct rd_str key = RD_STR("untouched");
    assert_int_equal(rd_node_type(rd_node_pair(root, 7, &key)), RD_NODE_TIME);
    assert_true(rd_str_is(key, "t"));
    key = RD_STR("untouched");
    assert_null(rd_node_pair(root, 8, &key));
    assert_null(rd_node_pair(array, 0, &key));
    assert_true(rd_str_is(key, "untouched"));
    assert_null(rd_node_find(root, "absent"));
    assert_null(rd_node_find(array, "n"));
    /* Absent, and of the wrong type. */
    for (int i = 0; i < 2; i++) {
        rd_node wrong = i == 0 ? NULL : rd_node_find(root, "n");
        assert_int_equal(rd_node_type(wrong), i == 0 ? RD_NODE_NONE : RD_NODE_NIL);
        assert_false(rd_node_bool(wrong));
        assert_int_equal(rd_node_uint(wrong), 0);
        assert_int_equal(rd_node_int(wrong), 0);
        assert_int_equal(rd_node_str(wrong).len, 0);
        assert_int_equal(rd_node_count(wrong), 0);
        assert_true(rd_node_time(wrong) == RD_TIME_NONE);
    }
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 1024);
    rd_pack_node(&buf, root);
    assert_true(rd_str_eq(rd_buf_str(&buf), bytes)); /* they were the shortest */
}

static void a_time_out_of_the_calendar_is_none(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_str late = BYTES("\xc7\x0c\xff\x00\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff");
    rd_node node;
    assert_int_equal(rd_tree_read(tree, late, &node, NULL), 0);
    assert_int_equal(rd_node_type(node), RD_NODE_TIME);
    assert_true(rd_node_time(node) == RD_TIME_NONE);
}

static void a_refused_read_leaves_the_root_but_for_bad_text(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    assert_int_equal(rd_tree_read(tree, RD_STR("\x81"), &root, NULL), -EBADMSG);
    assert_null(root);
    assert_int_equal(rd_tree_read(tree, RD_STR("\x81\xa1k\xa1\xff"), &root, NULL), -EILSEQ);
    assert_int_equal(rd_node_str(rd_node_find(root, "k")).len, 1);
}

static void a_span_ends_where_its_object_ends(void **state)
{
    (void)state;
    assert_int_equal(rd_pack_span(BYTES("\x01\x02")), 1);
    assert_int_equal(rd_pack_span(BYTES("\x92\x01\xa2xy\xc0")), 5);
    assert_int_equal(rd_pack_span(BYTES("\x81\xa1k\x91\x90\xc0")), 5);
    assert_int_equal(rd_pack_span(BYTES("\xd6\xff\x00\x00\x00\x01\x01")), 6);
}

/* Where the first text that is no UTF-8 stands. */
static void the_path_to_a_bad_text(void **state)
{
    (void)state;
    static const struct {
        struct rd_str bytes;
        const char *path;
    } rows[] = {
            {BYTES("\xa1\xff"), ""},
            {BYTES("\x81\xa1\xff\x01"), ""},
            {BYTES("\x82\xa1p\x01\xa1k\xa1\xff"), "k"},
            {BYTES("\x82\xa4"
                   "data"
                   "\x82\xa1p\x80\xa4text\xa1\xff\xa1k\xa1\xff"),
                    "data.text"},
            {BYTES("\x81\xa4"
                   "data"
                   "\x81\xa1\xff\x01"),
                    "data"},
            {BYTES("\x81\xa4"
                   "data"
                   "\x81\xa4tags\x92\x81\xa1k\x01\xa1\xff"),
                    "data.tags"},
            {BYTES("\x82\xa1k\x81\xa1m\x80\xa1n\xa1\xff"), "n"},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct rd_pack_told told = {.bad_path = "untouched"};
        assert_int_equal(rd_pack_scan_telling(rows[i].bytes, NULL, &told), -EILSEQ);
        assert_string_equal(told.bad_path, rows[i].path);
    }
}

static void put_large_map(struct rd_buf *buf, int levels, int twin_level)
{
    enum { PAIRS = 40 };
    rd_pack_map(buf, PAIRS);
    for (int i = 0; i < PAIRS; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k%d", levels == twin_level && i == PAIRS - 1 ? 3 : i);
        rd_pack_cstr(buf, key);
        if (i == PAIRS / 2 && levels > 1) {
            put_large_map(buf, levels - 1, twin_level);
        } else {
            rd_pack_uint(buf, 1);
        }
    }
}

/* Each map's keys are its own, and a twin is found at each depth. */
static void large_maps_within_large_maps(void **state)
{
    (void)state;
    struct rd_buf buf;
    rd_buf_init(&buf, 1 << 20);
    for (int twin = 0; twin <= RD_PACK_DEPTH_MAX; twin++) {
        const char *what = NULL;
        rd_buf_reset(&buf);
        put_large_map(&buf, RD_PACK_DEPTH_MAX, twin);
        assert_int_equal(rd_pack_scan(rd_buf_str(&buf), &what), twin == 0 ? 0 : -EBADMSG);
        assert_true(twin == 0 || strcmp(what, "a map key that stands twice") == 0);
    }
    rd_buf_done(&buf);
}

/* What a limit carries out of the years that there are is written as the first or last of them. */
static void a_time_out_of_range_is_written_as_the_nearest(void **state)
{
    (void)state;
    static const rd_time rows[][2] = {{RD_TIME_MIN - 1, RD_TIME_MIN}, {INT64_MIN, RD_TIME_MIN},
            {RD_TIME_MAX + 1, RD_TIME_MAX}, {INT64_MAX, RD_TIME_MAX}, {RD_TIME_MIN, RD_TIME_MIN}};
    struct rd_tree *tree = rd_tree_new();
    struct rd_buf buf;
    rd_buf_init(&buf, 64);
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        rd_node node;
        rd_buf_reset(&buf);
        rd_pack_time(&buf, rows[i][0]);
        assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &node, NULL), 0);
        assert_true(rd_node_time(node) == rows[i][1]);
    }
    rd_buf_done(&buf);
    rd_tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(scan_takes_one_sound_object_and_nothing_else),
            cmocka_unit_test(sixteen_levels_and_no_more),
            cmocka_unit_test(a_large_map_may_have_no_twin_either),
            cmocka_unit_test(the_writer_takes_the_shortest_forms),
            cmocka_unit_test(counts_may_be_known_at_the_end),
            cmocka_unit_test(nodes_give_what_they_are_and_nothing_else),
            cmocka_unit_test(a_time_out_of_the_calendar_is_none),
            cmocka_unit_test(a_refused_read_leaves_the_root_but_for_bad_text),
            cmocka_unit_test(a_span_ends_where_its_object_ends),
            cmocka_unit_test(the_path_to_a_bad_text),
            cmocka_unit_test(large_maps_within_large_maps),
            cmocka_unit_test(a_time_out_of_range_is_written_as_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
