/* From a row to an event: redress-send(1), "Mapping". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/send/mapping.h"
#include "tools/shared/json.h"

/* Every mapping here has an id, a source and a type; `event` is what more it has. */
static struct mapping *load(const char *settings, const char *event, char what[static 256])
{
    char text[2048];
    int len = snprintf(text, sizeof text,
            "{%s \"event\": {\"id\": \"r{row}\", \"source\": \"s\", \"type\": \"t\" %s}}", settings,
            event);
    return mapping_parse((struct rd_str){.ptr = text, .len = (size_t)len}, what);
}

/* The row as columns A, B, C of a header; what comes of it as JSON, or "code field". */
static char *apply(const struct mapping *mapping, const char *a, const char *b, bool is_quiet)
{
    const struct rd_str header[] = {RD_STR("A"), RD_STR("B"), RD_STR("a column")};
    const struct rd_str fields[] = {rd_str_of(a), rd_str_of(b), RD_STR("c")};
    struct rd_str values[MAPPING_COLUMNS_MAX];
    size_t places[MAPPING_COLUMNS_MAX];
    char what[MAPPING_WHAT_MAX];
    assert_int_equal(mapping_bind(mapping, header, RD_COUNT(header), places, what), 0);
    for (size_t i = 0; i < mapping->column_count; i++) {
        values[i] = fields[places[i]];
    }
    struct mapping_row row = {
            .values = values, .line = 1234, .row = 7, .sequence = 5, .is_quiet = is_quiet};
    struct rd_buf event, id;
    struct rd_reject reject = {0};
    rd_buf_init(&event, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&id, MAPPING_EVENT_BYTES_MAX);
    char *text = NULL;
    if (mapping_apply(mapping, &row, &event, &id, &reject)) {
        struct rd_tree *tree = rd_tree_new();
        rd_node node = NULL;
        assert_int_equal(rd_tree_read(tree, rd_buf_str(&event), &node, NULL), 0);
        assert_true(rd_str_is(rd_buf_str(&id), "r7"));
        json_t *object = json_of_node(node);
        assert_int_equal(json_object_del(object, "id"), 0);
        assert_int_equal(json_object_del(object, "source"), 0);
        assert_int_equal(json_object_del(object, "type"), 0);
        text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
        json_decref(object);
        rd_tree_free(tree);
    } else {
        assert_non_null(reject.code);
        assert_true(asprintf(&text, "%s %s", reject.code, reject.field) > 0);
    }
    rd_buf_done(&event);
    rd_buf_done(&id);
    return text;
}

static const struct {
    const char *settings, *event, *a, *b, *want;
} rules[] = {
        {"", ", \"subject\": \"{A}-{line}\"", "x", "", "{\"subject\":\"x-1234\"}"},
        {"", ", \"subject\": \"{line%100}/{row%2}{{}}\"", "", "", "{\"subject\":\"34/1{}\"}"},
        {"", ", \"subject\": \"{a column}\"", "", "", "{\"subject\":\"c\"}"},
        /* what is empty is left out, whole or in parts */
        {"", ", \"subject\": \"{A}{B}\"", "", "", "{}"},
        {"", ", \"subject\": \"{A}{B}\"", "", "b", "{\"subject\":\"b\"}"},
        /* a name of which only the fixed text is left is none */
        {"", ", \"subject\": \"em-{A}-{B}\"", "", "", "{}"},
        {"", ", \"subject\": \"em-{A}-{B}\"", "", "b", "{\"subject\":\"em--b\"}"},
        {"", ", \"subject\": \"em-{A}-{row}\"", "", "", "{\"subject\":\"em--7\"}"},
        {"", ", \"data\": {\"customer\": \"c-{A}\", \"product\": \"p-{A}\"}", "", "",
                "{\"data\":{\"product\":\"p-\"}}"},
        {"", ", \"subject\": {\"column\": \"A\", \"required\": true}", "", "", "bad_row subject"},
        {"", ", \"subject\": {\"column\": \"A\", \"after\": true}", "x", "", "{\"subject\":\"x\"}"},
        /* a data key has the type that the events' table gives it */
        {"", ", \"data\": {\"people\": \"{A}\", \"product\": \"{B}\"}", "12", "34",
                "{\"data\":{\"people\":12,\"product\":\"34\"}}"},
        {"", ", \"data\": {\"people\": \"{A}\"}", "many", "", "bad_row data.people"},
        {"", ", \"data\": {\"liable\": \"{A}\"}", "Yes", "", "{\"data\":{\"liable\":true}}"},
        {"", ", \"data\": {\"liable\": \"{A}\"}", "perhaps", "", "bad_row data.liable"},
        {"", ", \"data\": {\"amount\": \"{A}\"}", "12.50", "", "{\"data\":{\"amount\":\"12.50\"}}"},
        {"\"zone\": \"+08:00\", \"time_of_day\": \"12:00\",", ", \"time\": \"{A}\"", "2025-03-03",
                "", "{\"time\":\"2025-03-03T04:00:00Z\"}"},
        {"\"dates\": \"mdy\",", ", \"time\": \"{A} {B}\"", "03/04/2025", "10:30",
                "{\"time\":\"2025-03-04T10:30:00Z\"}"},
        {"", ", \"time\": \"{A}\"", "3 March", "", "bad_row time"},
        {"\"dates\": \"dmy\",", ", \"data\": {\"date\": \"{A}\"}", "03.04.2025", "",
                "{\"data\":{\"date\":\"2025-04-03\"}}"},
        /* lists */
        {"", ", \"data\": {\"tags\": {\"column\": \"A\", \"split\": \", \"}}", "one, two", "",
                "{\"data\":{\"tags\":[\"one\",\"two\"]}}"},
        {"", ", \"data\": {\"tags\": \"{A}\"}", "one, two", "",
                "{\"data\":{\"tags\":[\"one, two\"]}}"},
        {"", ", \"data\": {\"tags\": [\"{A}\", \"{B}\", \"z\"]}", "", "b",
                "{\"data\":{\"tags\":[\"b\",\"z\"]}}"},
        {"", ", \"data\": {\"tags\": [\"{A}\"]}", "", "", "{\"data\":{}}"},
        /* attributes */
        {"",
                ", \"data\": {\"attributes\": {\"n\": {\"column\": \"A\", \"as\": \"integer\"},"
                "\"s\": \"{B}\", \"k\": true, \"z\": 3}}",
                "-4", "b", "{\"data\":{\"attributes\":{\"n\":-4,\"s\":\"b\",\"k\":true,\"z\":3}}}"},
        {"", ", \"data\": {\"attributes\": {\"o\": {\"column\": \"A\", \"contains\": \"Old\"}}}",
                "An Old One", "", "{\"data\":{\"attributes\":{\"o\":true}}}"},
        {"", ", \"data\": {\"attributes\": {\"o\": {\"column\": \"A\", \"contains\": \"Old\"}}}",
                "new", "", "{\"data\":{\"attributes\":{\"o\":false}}}"},
        {"", ", \"data\": {\"attributes\": {\"o\": {\"column\": \"A\", \"contains\": \"Old\"}}}",
                "", "", "{\"data\":{}}"},
        /* numbers for the daemon's gap detection */
        {"\"sequence\": true,", "", "", "", "{\"sequence\":5}"},
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rules); i++) {
        char what[256] = "";
        struct mapping *mapping = load(rules[i].settings, rules[i].event, what);
        if (mapping == NULL) {
            fail_msg("%s: %s", rules[i].event, what);
        }
        char *got = apply(mapping, rules[i].a, rules[i].b, false);
        if (strcmp(got, rules[i].want) != 0) {
            fail_msg("%s: got %s", rules[i].event, got);
        }
        free(got);
        mapping_free(mapping);
    }
}

static void test_quiet(void **state)
{
    (void)state;
    char what[256] = "";
    struct mapping *mapping = load("", "", what);
    assert_non_null(mapping);
    char *got = apply(mapping, "", "", true);
    assert_string_equal(got, "{\"quiet\":true}");
    free(got);
    mapping_free(mapping);
}

static const struct {
    const char *settings, *event, *want; /* a part of the message */
} refused[] = {
        {"\"zone\": \"Asia/Nowhere\",", "", "zone:"},
        {"\"zone\": \"../../etc/passwd\",", "", "zone:"},
        {"\"encoding\": \"ebcdic\",", "", "encoding:"},
        {"\"header\": 0,", "", "\"header\""},
        {"\"time_of_day\": \"noon\",", "", "time_of_day:"},
        {"\"dates\": \"iso\",", "", "dates:"},
        {"\"delimiter\": \"ab\",", "", "delimiter:"},
        {"\"delimiter\": \"\\\"\",", "", "delimiter:"},
        {"\"sequence\": 1,", "", "\"sequence\""},
        {"\"nonsense\": 1,", "", "\"nonsense\""},
        {"\"lookups\": {\"l\": {}},", "", "lookups.l"},
        {"\"lookups\": {\"l\": {\"file\": \"l.csv\"}},", "", "no files here"},
        {"", ", \"nonsense\": \"x\"", "event.nonsense"},
        {"", ", \"subject\": null", "subject:"},
        {"", ", \"subject\": 1.5", "subject:"},
        {"", ", \"subject\": \"{A\"", "brace"},
        {"", ", \"subject\": \"A}\"", "brace"},
        {"", ", \"subject\": \"{}\"", "{}:"},
        {"", ", \"subject\": \"{line%0}\"", "{line%0}"},
        {"", ", \"subject\": \"{row%x}\"", "{row%x}"},
        {"", ", \"subject\": {}", "either"},
        {"", ", \"subject\": {\"column\": \"A\", \"text\": \"B\"}", "either"},
        {"", ", \"subject\": {\"column\": \"A\", \"as\": \"float\"}", "as \"float\""},
        {"", ", \"subject\": {\"column\": \"A\", \"lookup\": \"l\"}", "no lookup"},
        {"", ", \"subject\": {\"column\": \"A\", \"required\": 1}", "\"required\""},
        {"", ", \"subject\": {\"column\": \"A\", \"after\": \"yes\"}", "\"after\""},
        {"", ", \"data\": []", "event.data"},
        {"", ", \"data\": {\"attributes\": \"x\"}", "data.attributes"},
        {"", ", \"data\": {\"product\": null}", "data.product"},
};

static void test_what_is_refused_says_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(refused); i++) {
        char what[256] = "";
        struct mapping *mapping = load(refused[i].settings, refused[i].event, what);
        if (mapping != NULL || strstr(what, refused[i].want) == NULL) {
            fail_msg("%s%s: got \"%s\"", refused[i].settings, refused[i].event, what);
        }
    }
    char what[256];
    assert_null(mapping_parse(RD_STR("{"), what));
    assert_null(mapping_parse(RD_STR("[]"), what));
    assert_null(mapping_parse(RD_STR("{\"event\": {\"id\": \"x\", \"source\": \"s\"}}"), what));
    assert_string_equal(what, "event.type is missing");
}

static void test_a_column_that_is_not_there_is_named(void **state)
{
    (void)state;
    char what[MAPPING_WHAT_MAX] = "";
    struct mapping *mapping = load("", ", \"subject\": \"{A}{Names}\"", what);
    assert_non_null(mapping);
    struct rd_str header[] = {RD_STR(" A\xc2\xa0"), RD_STR("Name"), RD_STR("A")};
    size_t places[MAPPING_COLUMNS_MAX];
    assert_true(mapping_bind(mapping, header, 2, places, what) < 0);
    assert_string_equal(what, "there is no column \"Names\"; did you mean \"Name\"?; there are "
                              "\"A\", \"Name\"");
    assert_int_equal(mapping_found(mapping, header, 2), 1);
    header[1] = RD_STR("\tNames \n");
    assert_int_equal(mapping_bind(mapping, header, 2, places, what), 0);
    assert_true(mapping_bind(mapping, header, 3, places, what) < 0);
    assert_string_equal(what, "the column \"A\" is there 2 times: give each a name of its own");
    mapping_free(mapping);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_lookups(void **state)
{
    (void)state;
    char folder[] = "/tmp/redress-mapping-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char table[64], path[64];
    (void)snprintf(table, sizeof table, "%s/units.csv", folder);
    (void)snprintf(path, sizeof path, "%s/map.json", folder);
    write_file(table, "from,to\nMortgage,bank/mortgage\n\"a, b\",\"x\"\n");
    write_file(path, "{\"lookups\": {\"u\": {\"file\": \"units.csv\"},"
                     " \"v\": {\"file\": \"units.csv\", \"otherwise\": \"bank\"}},"
                     " \"event\": {\"id\": \"r{row}\", \"source\": \"s\", \"type\": \"t\","
                     " \"data\": {\"unit\": {\"column\": \"A\", \"lookup\": \"u\"},"
                     " \"product\": {\"column\": \"B\", \"lookup\": \"v\"}}}}");
    struct mapping *mapping = mapping_load(path);
    assert_non_null(mapping);
    char *got = apply(mapping, "a, b", "Mortgage", false);
    assert_string_equal(got, "{\"data\":{\"unit\":\"x\",\"product\":\"bank/mortgage\"}}");
    free(got);
    got = apply(mapping, "Mortgage", "", false);
    assert_string_equal(got, "{\"data\":{\"unit\":\"bank/mortgage\",\"product\":\"bank\"}}");
    free(got);
    got = apply(mapping, "Loan", "", false);
    assert_string_equal(got, "bad_row data.unit");
    free(got);
    mapping_free(mapping);
    write_file(table, "from,to\nMortgage,1\nMortgage,2\n"); /* which one? */
    assert_null(mapping_load(path));
    write_file(table, "from,to\nMortgage\n");
    assert_null(mapping_load(path));
    assert_int_equal(unlink(table), 0);
    assert_null(mapping_load(path));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_rules),
            cmocka_unit_test(test_quiet),
            cmocka_unit_test(test_what_is_refused_says_where),
            cmocka_unit_test(test_a_column_that_is_not_there_is_named),
            cmocka_unit_test(test_lookups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
