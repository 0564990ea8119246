/* Events: vectors/events.tsv as Python's msgpack writes them, and what the decoder makes of them.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/time/civil.h"
#include "common/wire/event.h"
#include "common/wire/event_table.h"
#include "common/wire/event_words.h"

enum { VECTOR_LIMIT_BYTES = 2000, LINE_MAX_BYTES = 16 * 1024 };

static unsigned nibble(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

/* A block of just that size, so that a sanitizer sees a read past its end. The caller frees. */
static char *from_hex(const char *hex, size_t *ret_len)
{
    *ret_len = strlen(hex) / 2;
    char *bytes = malloc(*ret_len > 0 ? *ret_len : 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < *ret_len; i++) {
        bytes[i] = (char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    }
    return bytes;
}

static bool is_one_of(const char *code, const char *list)
{
    const char *at = strstr(list, code);
    return at != NULL && strlen(code) > 0;
}

static void check_vector(struct rd_tree *tree, char *line, unsigned number)
{
    char *rest = line, *hex = strsep(&rest, "\t"), *code = strsep(&rest, "\t");
    char *field = strsep(&rest, "\t");
    static struct rd_event event;
    struct rd_reject reject;
    size_t len;
    char *bytes = from_hex(hex, &len);
    bool is_fine =
            rd_event_decode(tree, (struct rd_str){bytes, len}, VECTOR_LIMIT_BYTES, &event, &reject);
    const char *got = is_fine ? "ok" : reject.code, *got_field = is_fine ? "" : reject.field;
    if (strcmp(got, code) != 0 || strcmp(got_field, field) != 0) {
        fail_msg("line %u, %s: got %s %s, want %s %s (%s)", number, rest, got, got_field, code,
                field, is_fine ? "" : reject.message);
    }
    if (!is_fine) {
        assert_true(strlen(reject.message) > 10);
        assert_true(is_one_of(code, "too_large malformed missing_field bad_type bad_value "
                                    "unknown_type"));
    } else {
        assert_null(reject.code);
        assert_true(event.raw.len == len && event.id.len > 0 && event.source.len > 0);
    }
    free(bytes);
}

static void every_vector_is_answered_as_another_implementation_expects(void **state)
{
    (void)state;
    FILE *file = fopen(VECTORS "/events.tsv", "r");
    assert_non_null(file);
    char *line = malloc(LINE_MAX_BYTES);
    assert_non_null(line);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    unsigned count = 0;
    while (fgets(line, LINE_MAX_BYTES, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        check_vector(tree, line, ++count);
    }
    (void)fclose(file);
    free(line);
    assert_true(count > 1000);
}

static void put_head(struct rd_buf *buf, const char *type, uint32_t pairs)
{
    rd_pack_map(buf, 4 + pairs);
    rd_pack_cstr(buf, "id");
    rd_pack_cstr(buf, "e-1");
    rd_pack_cstr(buf, "source");
    rd_pack_cstr(buf, "crm");
    rd_pack_cstr(buf, "subject");
    rd_pack_cstr(buf, "K-7");
    rd_pack_cstr(buf, "type");
    rd_pack_cstr(buf, type);
}

static void want_str(const struct rd_event *event, enum rd_event_key key, const char *want)
{
    assert_int_equal(event->data[key].type, RD_VALUE_STR);
    assert_true(rd_str_is(event->data[key].bytes, want));
}

static void want_integer(
        const struct rd_event *event, enum rd_event_key key, enum rd_value_type type, int64_t want)
{
    assert_int_equal(event->data[key].type, type);
    assert_true(event->data[key].integer == want);
}

static void a_whole_event_is_filled_in(void **state)
{
    (void)state;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    put_head(&buf, "contact.received", 4);
    rd_pack_cstr(&buf, "time");
    rd_pack_time(&buf, 1758506400000005);
    rd_pack_cstr(&buf, "sequence");
    rd_pack_uint(&buf, UINT64_MAX);
    rd_pack_cstr(&buf, "quiet");
    rd_pack_bool(&buf, true);
    rd_pack_cstr(&buf, "data");
    rd_pack_map(&buf, 8);
    rd_pack_cstr(&buf, "customer");
    rd_pack_cstr(&buf, "c-1");
    rd_pack_cstr(&buf, "channel");
    rd_pack_cstr(&buf, "95511");
    rd_pack_cstr(&buf, "unit");
    rd_pack_cstr(&buf, "xj/d3");
    rd_pack_cstr(&buf, "age");
    rd_pack_uint(&buf, 67);
    rd_pack_cstr(&buf, "amount");
    rd_pack_cstr(&buf, "5.5");
    rd_pack_cstr(&buf, "tags");
    rd_pack_array(&buf, 2);
    rd_pack_cstr(&buf, "a");
    rd_pack_cstr(&buf, "b");
    rd_pack_cstr(&buf, "attributes");
    rd_pack_map(&buf, 1);
    rd_pack_cstr(&buf, "vip");
    rd_pack_bool(&buf, true);
    rd_pack_cstr(&buf, "liable"); /* not of a contact */
    rd_pack_bool(&buf, true);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct rd_event event;
    struct rd_reject reject;
    assert_true(rd_event_decode(tree, rd_buf_str(&buf), RD_EVENT_BYTES_DEFAULT, &event, &reject));
    assert_true(rd_str_is(event.id, "e-1"));
    assert_true(rd_str_is(event.source, "crm"));
    assert_true(rd_str_is(event.subject, "K-7"));
    assert_int_equal(event.type, RD_EVENT_CONTACT_RECEIVED);
    assert_true(event.time == 1758506400000005);
    assert_true(event.sequence == UINT64_MAX);
    assert_true(event.is_quiet);
    assert_true(rd_str_eq(event.raw, rd_buf_str(&buf)));
    want_str(&event, RD_KEY_CUSTOMER, "c-1");
    want_str(&event, RD_KEY_CHANNEL, "95511");
    want_integer(&event, RD_KEY_AGE, RD_VALUE_UINT, 67);
    want_integer(&event, RD_KEY_AMOUNT, RD_VALUE_MONEY, 550);
    assert_int_equal(event.data[RD_KEY_TAGS].type, RD_VALUE_LIST);
    assert_true(rd_str_is(event.data[RD_KEY_TAGS].bytes, "\x92\xa1"
                                                         "a\xa1"
                                                         "b"));
    assert_int_equal(event.data[RD_KEY_ATTRIBUTES].type, RD_VALUE_MAP);
    assert_true(rd_str_is(event.data[RD_KEY_ATTRIBUTES].bytes, "\x81\xa3vip\xc3"));
    assert_int_equal(event.data[RD_KEY_LIABLE].type, RD_NIL);
    assert_int_equal(event.data[RD_KEY_PHONE].type, RD_NIL);
}

/* Decodes {…head, data: {key: value}} of `type` and gives that value. */
static struct rd_value decode_one(struct rd_tree *tree, struct rd_buf *buf, enum rd_event_key key)
{
    static struct rd_event event;
    struct rd_reject reject;
    if (!rd_event_decode(tree, rd_buf_str(buf), RD_EVENT_BYTES_DEFAULT, &event, &reject)) {
        fail_msg("%s %s: %s", reject.code, reject.field, reject.message);
    }
    return event.data[key];
}

static void begin_data(struct rd_buf *buf, const char *type, const char *key)
{
    rd_buf_reset(buf);
    put_head(buf, type, 1);
    rd_pack_cstr(buf, "data");
    rd_pack_map(buf, 2);
    rd_pack_cstr(buf, "reason");
    rd_pack_cstr(buf, "r");
    rd_pack_cstr(buf, key);
}

static void values_arrive_in_their_kinds(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    begin_data(&buf, "case.merged", "into");
    rd_pack_uint(&buf, 1234567);
    struct rd_value value = decode_one(tree, &buf, RD_KEY_INTO);
    assert_int_equal(value.type, RD_VALUE_UINT);
    assert_int_equal(value.integer, 1234567);
    assert_true(rd_str_is(value.bytes, "1234567"));
    begin_data(&buf, "case.merged", "into");
    rd_pack_cstr(&buf, "1234567");
    value = decode_one(tree, &buf, RD_KEY_INTO);
    assert_int_equal(value.type, RD_VALUE_STR);
    begin_data(&buf, "case.mediation_settled", "due");
    rd_pack_cstr(&buf, "2025-09-22");
    value = decode_one(tree, &buf, RD_KEY_DUE);
    assert_int_equal(value.type, RD_VALUE_DATE);
    assert_int_equal(value.integer, rd_day_of((struct rd_date){2025, 9, 22}));
    begin_data(&buf, "case.mediation_settled", "due");
    rd_pack_cstr(&buf, "2025-09-22T10:00:00+08:00");
    value = decode_one(tree, &buf, RD_KEY_DUE);
    assert_int_equal(value.type, RD_VALUE_TIME);
    assert_true(value.integer == 1758506400000000);
    begin_data(&buf, "case.mediation_settled", "amount");
    rd_pack_uint(&buf, 12);
    value = decode_one(tree, &buf, RD_KEY_AMOUNT);
    assert_int_equal(value.type, RD_VALUE_MONEY);
    assert_int_equal(value.integer, 1200);
    begin_data(&buf, "case.extended", "told_customer");
    rd_pack_bool(&buf, true);
    static struct rd_event event;
    struct rd_reject reject;
    assert_false(rd_event_decode(tree, rd_buf_str(&buf), 4096, &event, &reject));
    assert_string_equal(reject.field, "data.clock");
}

static void a_refused_event_still_says_its_id(void **state)
{
    (void)state;
    static struct rd_event event;
    struct rd_reject reject = {0};
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    put_head(&buf, "case.unheard_of", 0);
    assert_false(rd_event_decode(tree, rd_buf_str(&buf), 4096, &event, &reject));
    assert_string_equal(reject.code, "unknown_type");
    assert_true(rd_str_is(event.id, "e-1"));
    assert_false(rd_event_decode(tree, rd_buf_str(&buf), buf.len - 1, &event, &reject));
    assert_string_equal(reject.code, "too_large");
    assert_true(rd_str_is(event.id, "e-1"));
    struct rd_str cut = {(const char *)buf.ptr, buf.len - 1};
    assert_false(rd_event_decode(tree, cut, 4096, &event, &reject));
    assert_string_equal(reject.code, "malformed");
    assert_true(rd_str_is(event.id, "e-1"));
    for (size_t len = 0; len < 9; len++) { /* wherever it ends before the id does */
        struct rd_str less = {(const char *)buf.ptr, len};
        struct rd_str found;
        bool is_there = rd_pack_find_text(less, RD_STR("id"), &found);
        assert_false(is_there && !rd_str_is(found, "e-1"));
        assert_false(rd_event_decode(tree, less, 4096, &event, &reject));
        assert_int_equal(event.id.ptr != NULL, is_there);
    }
    struct rd_str empty = RD_STR("\x81\xa2id\xa0");
    assert_false(rd_event_decode(tree, empty, 4096, &event, &reject));
    assert_string_equal(reject.field, "source");
    assert_null(event.id.ptr);
    struct rd_str other = RD_STR("\x81\xa2id\xa3"
                                 "abc");
    assert_false(rd_event_decode(tree, other, 4096, &event, &reject));
    assert_true(rd_str_is(event.id, "abc"));
}

static void a_text_has_32_kibibytes_and_no_more(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 64 * 1024);
    char *text = malloc(32769);
    assert_non_null(text);
    memset(text, 'x', 32769);
    for (size_t len = 32768; len <= 32769; len++) {
        begin_data(&buf, "case.facts_added", "text");
        rd_pack_str(&buf, (struct rd_str){text, len});
        static struct rd_event event;
        struct rd_reject reject;
        bool is_fine = rd_event_decode(tree, rd_buf_str(&buf), 64 * 1024, &event, &reject);
        assert_int_equal(is_fine, len == 32768);
        assert_string_equal(is_fine ? "data.text" : reject.field, "data.text");
    }
    free(text);
}

static void a_deep_bad_text_is_named_as_far_as_there_is_room(void **state)
{
    (void)state;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    put_head(&buf, "case.withdrawn", 1);
    rd_pack_cstr(&buf, "data");
    for (int i = 0; i < 4; i++) {
        rd_pack_map(&buf, 1);
        rd_pack_cstr(&buf, "投诉投诉投诉投诉投诉投诉"); /* 36 bytes */
    }
    rd_pack_str(&buf, RD_STR("\xff"));
    static struct rd_event event;
    struct rd_reject reject;
    assert_false(rd_event_decode(tree, rd_buf_str(&buf), 4096, &event, &reject));
    assert_string_equal(reject.code, "bad_value");
    assert_string_equal(reject.field, "data.投诉投诉投诉投诉投诉投诉.投诉投诉投诉投诉投诉投诉");
}

static void the_table_agrees_with_itself(void **state)
{
    (void)state;
    rd_key_set used = 0;
    for (unsigned i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
        enum rd_event_type type = (enum rd_event_type)i, back = RD_EVENT_TYPE_COUNT;
        const struct rd_type_rule *rule = rd_type_rule(type);
        const char *name = rd_event_type_name(type);
        assert_int_equal(rd_event_type_parse(rd_str_of(name), &back), 0);
        assert_int_equal(back, type);
        assert_true((rule->required & ~rule->allowed) == 0);
        assert_true(rd_event_who(type) != 0 && (rd_event_who(type) & ~(unsigned)RD_WHO_ANY) == 0);
        bool names_case = strncmp(name, "case.", 5) == 0 || type == RD_EVENT_DUTY_VERIFIED;
        assert_int_equal(rd_event_needs_case(type), names_case);
        bool may_name = names_case || type == RD_EVENT_DUTY_PROGRESSED;
        assert_int_equal(may_name, rd_key_in(rule->allowed, RD_KEY_CASE));
        used |= rule->allowed;
    }
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        enum rd_event_key key = (enum rd_event_key)i, back = RD_EVENT_KEY_COUNT;
        struct rd_str name = rd_str_of(rd_event_key_name(key));
        assert_int_equal(rd_event_key_parse(name, &back), 0);
        assert_int_equal(back, key);
        bool is_apart = rd_key_rule(key)->attribute == RD_ATTRIBUTE_APART;
        assert_int_equal(rd_key_in(used, key), !is_apart); /* no other key without a type */
        struct rd_str cut = {name.ptr, name.len - 1};
        assert_true(rd_event_key_parse(cut, &back) != 0 || back != key);
    }
    enum rd_event_key key = RD_KEY_AGE;
    assert_int_equal(rd_event_key_parse(RD_STR(""), &key), -EINVAL);
    assert_int_equal(rd_event_key_parse(RD_STR("Age"), &key), -EINVAL);
    assert_int_equal(rd_event_key_parse(RD_STR("customer_of_customers"), &key), -EINVAL);
    assert_int_equal(key, RD_KEY_AGE);
    enum rd_event_type type = RD_EVENT_NOTED;
    assert_int_equal(rd_event_type_parse(RD_STR(""), &type), -EINVAL);
    assert_int_equal(rd_event_type_parse(RD_STR("case.note"), &type), -EINVAL);
    assert_int_equal(type, RD_EVENT_NOTED);
}

/* The columns of the table of keys, by the words of redress-events(7). */
static void every_type_has_words_of_its_own(void **state)
{
    (void)state;
    for (int is_zh = 0; is_zh < 2; is_zh++) {
        for (unsigned i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
            const char *words = rd_event_type_words((enum rd_event_type)i, is_zh);
            assert_non_null(words);
            for (unsigned k = 0; k < i; k++) {
                assert_string_not_equal(words, rd_event_type_words((enum rd_event_type)k, is_zh));
            }
        }
    }
}

static void the_columns_say_what_a_key_is(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_given, is_attribute, is_personal;
    } rows[] = {
            {"customer", true, true, true},
            {"text", true, true, true},
            {"contact", true, true, false},
            {"respondent", true, true, false},
            {"due", true, true, false},
            {"resolution", false, true, false},
            {"outcome", false, true, false},
            {"by", false, false, false},
            {"reason", false, false, false},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        enum rd_event_key key;
        assert_int_equal(rd_event_key_parse(rd_str_of(rows[i].name), &key), 0);
        assert_int_equal(rd_key_rule(key)->attribute == RD_ATTRIBUTE_GIVEN, rows[i].is_given);
        assert_int_equal(rd_key_in(rd_keys_attributes(), key), rows[i].is_attribute);
        assert_int_equal(rd_key_in(rd_keys_personal(), key), rows[i].is_personal);
    }
    rd_key_set amended = rd_type_rule(RD_EVENT_AMENDED)->allowed & ~RD_KEY_BIT(RD_KEY_CASE);
    assert_true((amended & ~RD_KEY_BIT(RD_KEY_BY) & ~rd_keys_attributes()) == 0);
    rd_key_set keys = RD_KEY_BIT(RD_KEY_VALUE) | RD_KEY_BIT(RD_KEY_AGE);
    enum rd_event_key key;
    assert_true(rd_key_next(&keys, &key) && key == RD_KEY_AGE);
    assert_true(rd_key_next(&keys, &key) && key == RD_KEY_VALUE);
    assert_false(rd_key_next(&keys, &key));
    static struct rd_event event;
    assert_int_equal(rd_event_note(&event).len, 0);
    event.data[RD_KEY_UNIT] = (struct rd_value){.type = RD_VALUE_STR, .bytes = RD_STR("xj")};
    assert_true(rd_str_is(rd_event_note(&event), "xj"));
    event.data[RD_KEY_CAUSE] = (struct rd_value){.type = RD_VALUE_STR, .bytes = RD_STR("c")};
    assert_true(rd_str_is(rd_event_note(&event), "c")); /* words come before a unit */
}

/* Every event of a case takes its number and who acted. */
static void every_event_of_a_case_takes_by(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
        if (rd_event_needs_case((enum rd_event_type)i)) {
            assert_true(rd_key_in(rd_type_rule((enum rd_event_type)i)->allowed, RD_KEY_BY));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_vector_is_answered_as_another_implementation_expects),
            cmocka_unit_test(a_whole_event_is_filled_in),
            cmocka_unit_test(values_arrive_in_their_kinds),
            cmocka_unit_test(a_refused_event_still_says_its_id),
            cmocka_unit_test(a_text_has_32_kibibytes_and_no_more),
            cmocka_unit_test(a_deep_bad_text_is_named_as_far_as_there_is_room),
            cmocka_unit_test(the_table_agrees_with_itself),
            cmocka_unit_test(every_type_has_words_of_its_own),
            cmocka_unit_test(the_columns_say_what_a_key_is),
            cmocka_unit_test(every_event_of_a_case_takes_by),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
