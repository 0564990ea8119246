/* RFC 4180 and what is none of it: redress-send(1), "CSV". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/send/csv.h"

/* Gives the text in pieces of `step` bytes: no record may depend on where a block ends. */
struct text {
    const char *ptr;
    size_t left, step;
};

static ssize_t read_text(void *context, void *buffer, size_t size)
{
    struct text *text = context;
    size_t take = text->left < text->step ? text->left : text->step;
    take = take < size ? take : size;
    memcpy(buffer, text->ptr, take);
    text->ptr += take;
    text->left -= take;
    return (ssize_t)take;
}

/* What was read as one line: "1:a|b" for a record, "3!" for a bad one, each with a space behind. */
static void read_all(const char *input, size_t len, size_t step, char *ret, size_t size)
{
    struct text text = {.ptr = input, .left = len, .step = step};
    struct csv *csv = csv_new(read_text, &text, ',');
    struct csv_record record;
    size_t used = 0;
    for (int r; (r = csv_next(csv, &record)) != 0;) {
        assert_true(r == 1 || r == -EBADMSG);
        assert_true((r == 1) == (record.what == NULL));
        used += (size_t)snprintf(
                ret + used, size - used, "%u%s", (unsigned)record.line, r == 1 ? ":" : "!");
        for (size_t i = 0; i < record.count; i++) {
            used += (size_t)snprintf(
                    ret + used, size - used, "%s%.*s", i > 0 ? "|" : "", RD_FMT(record.fields[i]));
        }
        used += (size_t)snprintf(ret + used, size - used, " ");
    }
    ret[used] = '\0';
    csv_free(csv);
}

static const struct {
    const char *input, *want;
} rows[] = {
        {"", ""},
        {"a,b\n", "1:a|b "},
        {"a,b", "1:a|b "},
        {"a,b\r\nc,d\r\n", "1:a|b 2:c|d "},
        {"a,\n,b\n,\n", "1:a| 2:|b 3:| "},
        {"\n\na\n\r\nb\n", "3:a 5:b "},
        {"\"\"\n", "1: "},
        {"\"a,b\",c\n", "1:a,b|c "},
        {"\"a\nb\",c\nd,e\n", "1:a\nb|c 3:d|e "},
        {"\"a \"\"b\"\"\",\"\"\n", "1:a \"b\"| "},
        {"\"a\r\nb\"\n", "1:a\r\nb "},
        {"\xef\xbb\xbf"
         "a,b\n\xef\xbb\xbf"
         "c\n",
                "1:a|b 2:\xef\xbb\xbf"
                "c "},
        {"\xef\xbb\xbf\"a,b\",c\n", "1:a,b|c "},
        {"a\n\xef\xbb\xbf"
         "b\n",
                "1:a 2:\xef\xbb\xbf"
                "b "},
        {" a , b\n", "1: a | b "},
        {"投诉,\"银保监\"\n", "1:投诉|银保监 "},
        /* what is bad is one record, and the next is good */
        {"a\"b,c\nd\n", "1! 2:d "},
        {"\"a\"b,c\nd\n", "1! 2:d "},
        {"a\rb\nc\n", "1! 2:c "},
        /* a quote that is not closed takes no rows along */
        {"a\n\"b\nc\n", "1:a 2! 3:c "},
        {"a,\"b\nc,d\ne,f\n", "1! 2:c|d 3:e|f "},
        {"a,\"b\nc,d\ne,\"f\"\n", "1! 2:c|d 3:e|f "},
        {"\"a\n\"b\n\"c\nd\n", "1! 2! 3! 4:d "},
        {"a\n\"b", "1:a 2! "},
        {"a\r", "1! "},
        {"\"a\"\r", "1! "},
};

static void test_records(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 2, 3, 7, 65536};
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        for (size_t j = 0; j < RD_COUNT(steps); j++) {
            char got[256];
            read_all(rows[i].input, strlen(rows[i].input), steps[j], got, sizeof got);
            if (strcmp(got, rows[i].want) != 0) {
                fail_msg("\"%s\" in steps of %zu: got \"%s\"", rows[i].input, steps[j], got);
            }
        }
    }
}

static void test_a_nul_spoils_its_record_only(void **state)
{
    (void)state;
    static const char input[] = "a\n\"b\0\n\",c\nd\n";
    char got[64];
    read_all(input, sizeof input - 1, 3, got, sizeof got);
    assert_string_equal(got, "1:a 2! 4:d ");
}

/* One record of a limit's size is good, one more is bad, and the next one is read. */
static void test_limits(void **state)
{
    (void)state;
    enum { ROOM = CSV_RECORD_BYTES_MAX + 64 };
    char *input = malloc(ROOM);
    char *got = malloc(2 * ROOM);
    assert_true(input != NULL && got != NULL);
    memset(input, ',', CSV_FIELDS_MAX);
    memcpy(input + CSV_FIELDS_MAX - 1, "\nz\n", sizeof "\nz\n");
    read_all(input, strlen(input), 65536, got, 2 * ROOM);
    assert_true(got[1] == ':' && strstr(got, " 2:z ") != NULL);
    memset(input, ',', CSV_FIELDS_MAX);
    memcpy(input + CSV_FIELDS_MAX, "\nz\n", sizeof "\nz\n");
    read_all(input, strlen(input), 65536, got, 2 * ROOM);
    assert_string_equal(got, "1! 2:z ");
    memset(input, 'x', CSV_RECORD_BYTES_MAX + 1);
    memcpy(input + CSV_RECORD_BYTES_MAX + 1, "\nz\n", sizeof "\nz\n");
    read_all(input, strlen(input), 65536, got, 2 * ROOM);
    assert_string_equal(got, "1! 2:z ");
    free(input);
    free(got);
}

static ssize_t read_never(void *context, void *buffer, size_t size)
{
    (void)context;
    (void)buffer;
    (void)size;
    errno = EIO;
    return -1;
}

static void test_an_unreadable_file_is_no_end(void **state)
{
    (void)state;
    struct csv *csv = csv_new(read_never, NULL, ',');
    struct csv_record record;
    assert_int_equal(csv_next(csv, &record), -EIO);
    csv_free(csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_records),
            cmocka_unit_test(test_a_nul_spoils_its_record_only),
            cmocka_unit_test(test_limits),
            cmocka_unit_test(test_an_unreadable_file_is_no_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
