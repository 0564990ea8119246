/* Whether a quote took rows along: redress-send(1), "Tables". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "tools/send/csv.h"
#include "tools/send/quotes.h"

static const struct {
    const char *record;
    bool takes;
} records[] = {
        /* number,complaint,date,office,customer,amount: the inch sign closes what another opened */
        {"I1,\"Nobody answers,2026-11-01,bank/cards,c1,100\n"
         "I2,the TV of 40\",2026-11-02,bank/loans,c2,200\n",
                true},
        {"I1,\"Nobody answers,2026-11-01,bank/cards,c1,100\r\n"
         "I2,the TV of 40\",2026-11-02,bank/loans,c2,200\r\n",
                true},
        {"I1,2026-11-01,bank/cards,c1,100,\"Nobody answers\n"
         "I2,2026-11-02,bank/loans,c2,200,the TV of 40\"\n",
                true},
        {"\"Nobody answers,2026-11-01,bank/cards,c1\n40\",2026-11-02,bank/loans,c2\n", true},
        /* rows of four columns, and rows in between */
        {"L1,\"a,u,c1\nL2,b,u,c2\nL3,d,u,c3\nL4,e\",u,c4\n", true},
        {"L1,\"a\nL2,b\"\n", true},
        /* a line in a text that is as long as a row */
        {"1,c,u,\"see\na,b,c,d,e\nend\",5\n", true},
        /* ids that are random */
        {"3f2a9,\"text one,2026-11-01\nb77c1,text 40\",2026-11-02\n", true},
        /* texts of more lines */
        {"I1,\"Nobody answers\nthe telephone\",2026-11-01,bank/cards,c1,100\n", false},
        {"I1,\"Dear sirs, nobody\nanswers, as always, at all, ever, again\",2026-11-01,u,c1,1\n",
                false},
        {"I1,2026-11-01,bank/cards,c1,100,\"Nobody answers\n"
         "the telephone, in spite of letters, calls, visits, and so on\"\n",
                false},
        {"B-2026-17,\"hello\nthanks, bye\"\n", false},
        {"B-2026-17,\"a, b\nI, we\"\n", false},
        {"17,\"first line\n\n2nd, line\"\n", false},
        {"a\n", false},
        {"\"a\nb\"\n", false},
        {"\"a,\nb\",\"\n\"\n", false},
};

static ssize_t read_text(void *context, void *buffer, size_t size)
{
    struct rd_str *left = context;
    size_t take = left->len < size ? left->len : size;
    memcpy(buffer, left->ptr, take);
    left->ptr += take;
    left->len -= take;
    return (ssize_t)take;
}

static void test_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(records); i++) {
        struct rd_str left = rd_str_of(records[i].record);
        struct csv *csv = csv_new(read_text, &left, ',');
        struct csv_record record;
        assert_int_equal(csv_next(csv, &record), 1);
        if (quotes_took_rows(record.raw, record.fields, record.count, ',') != records[i].takes) {
            fail_msg("%s", records[i].record);
        }
        assert_int_equal(csv_next(csv, &record), 0);
        csv_free(csv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
