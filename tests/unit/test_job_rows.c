/* Rows of what waits for a second person, to be forgotten or to go, byte by byte, as test_rows.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/rows/approval_row.h"
#include "daemon/store/rows/erasure_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/retention_row.h"
#include "daemon/store/rows/screened_row.h"
#include "tests/unit/rows_fixture.h"

static const uint8_t DIGEST[16] = {0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda,
        0xdb, 0xdc, 0xdd, 0xde, 0xdf};
#define D_HEX "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"

static void approvals(void **state)
{
    struct bench *bench = *state;
    struct approval_row row = {.type = 0x27,
                                .armed = 1,
                                .lapses = 1,
                                .alert = 2,
                                .sender = {"a", 2},
                                .source = RD_STR("s"),
                                .event = RD_STR("\xc0")},
                        got;
    approval_row_put(bench->view, 5, &row);
    expect(bench, STORE_APPROVALS,
            "0000000000000005 > 01 27 00 8000000000000000 8000000000000000 8000000000000001"
            " 8000000000000001 00 02 00 026100 0173 01c0");
    row.is_quiet = true;
    row.case_number = 7;
    row.unit = 3;
    approval_row_put(bench->view, 5, &row);
    assert_true(approval_row_get(bench->view, 5, &got) && got.is_quiet && got.armed == 1);
    assert_true(got.case_number == 7 && got.unit == 3 && got.sender.len == 2);
    assert_false(approval_row_get(bench->view, 6, &got));
    approval_row_del(bench->view, 5);
    expect(bench, STORE_APPROVALS, "");
}

static void erasures(void **state)
{
    struct bench *bench = *state;
    struct erasure_job job = {.seq = 5,
                               .done = RD_TIME_NONE,
                               .last = 7,
                               .through = 5,
                               .walk_last = 9,
                               .name = RD_STR("a")},
                       got;
    memcpy(job.customer, DIGEST, sizeof job.customer);
    erasure_job_put(bench->view, &job);
    expect(bench, STORE_ERASURES,
            "0000000000000005 00 0000000000000000 > 01 00 8000000000000000 0000000000000000 " D_HEX
            " 07 05 00 00 00 00 00 09 00 00 8000000000000000 0161");
    erasure_case_put(bench->view, 5, 7);
    erasure_case_put(bench->view, 5, 9);
    job.seq = 6;
    job.state = ERASURE_DONE;
    job.bodies = 300;
    erasure_job_put(bench->view, &job);
    assert_true(erasure_job_next(bench->view, 0, &got) && got.seq == 5 && rd_str_is(got.name, "a"));
    assert_true(erasure_job_next(bench->view, 5, &got) && got.seq == 6 && got.bodies == 300);
    assert_false(erasure_job_next(bench->view, 6, &got));
    assert_int_equal(erasure_case_next(bench->view, 5, 0), 7);
    assert_int_equal(erasure_case_next(bench->view, 5, 7), 9);
    assert_int_equal(erasure_case_next(bench->view, 5, 9), 0);
    erasure_case_del(bench->view, 5, 7);
    assert_false(erasure_case_has(bench->view, 5, 7));
    assert_true(erasure_case_has(bench->view, 5, 9));
}

static void erasure_words(void **state)
{
    struct bench *bench = *state;
    uint8_t first[RD_DIGEST_BYTES], second[RD_DIGEST_BYTES];
    struct erasure_job job = {.seq = 5, .name = RD_STR("a")}, got;
    erasure_job_put(bench->view, &job);
    job.seq = 6;
    erasure_job_put(bench->view, &job);
    erasure_case_put(bench->view, 5, 9);
    erasure_word_put(bench->view, 5, RD_STR("T-1"));
    erasure_word_put(bench->view, 5, RD_STR("13912345678"));
    assert_true(erasure_word_has(bench->view, 5, RD_STR("T-1")));
    assert_false(erasure_word_has(bench->view, 6, RD_STR("T-1")));
    assert_int_equal(erasure_case_next(bench->view, 5, 9), 0);
    assert_true(erasure_job_next(bench->view, 5, &got) && got.seq == 6);
    assert_true(erasure_word_next(bench->view, 5, NULL, first));
    assert_true(erasure_word_next(bench->view, 5, first, second));
    assert_true(memcmp(first, second, sizeof first) < 0);
    assert_false(erasure_word_next(bench->view, 5, second, first));
    erasure_word_del(bench->view, 5, second);
    assert_true(erasure_word_next(bench->view, 5, NULL, first));
    assert_false(erasure_word_next(bench->view, 5, first, second));
}

static void retention(void **state)
{
    struct bench *bench = *state;
    struct retention_row row = {.day = 3,
                                 .stage = RETENTION_SOURCES,
                                 .at = 4,
                                 .last = 9,
                                 .texts_until = 1,
                                 .work = RETENTION_ALL,
                                 .number = 4,
                                 .entry = 8,
                                 .key = RD_STR("k")},
                         got;
    assert_false(retention_row_get(bench->view, &got));
    memcpy(row.customer, DIGEST, sizeof row.customer);
    retention_row_put(bench->view, &row);
    expect(bench, STORE_META,
            "726574656e74696f6e > 01 00000003 03 0000000000000004 0000000000000009"
            " 8000000000000000 8000000000000001 02 0000000000000004 0000000000000008 " D_HEX " 6b;"
            "736368656d61 > 01 00000006");
    assert_true(retention_row_get(bench->view, &got) && got.stage == RETENTION_SOURCES);
    assert_true(got.entry == 8 && got.texts_until == 1 && rd_str_is(got.key, "k"));
}

static void gone(void **state)
{
    struct bench *bench = *state;
    struct row_key key = {0};
    struct rd_str value;
    gone_row_put(bench->view, DIGEST, 7, 2, (const uint64_t[]){5, 3}, 2);
    gone_row_put(bench->view, DIGEST, 7, 9, (const uint64_t[]){300}, 1);
    expect(bench, STORE_BY_KEY,
            D_HEX " 06 0000000000000007 0000000000000002 > 01 05 03;" D_HEX
                  " 06 0000000000000007 0000000000000009 > 01 ac02");
    assert_true(gone_row_next(bench->view, DIGEST, &key, &value));
    struct rd_get get = gone_row_read(value);
    assert_int_equal(gone_row_seq(&get), 5);
    assert_int_equal(gone_row_seq(&get), 3);
    assert_int_equal(gone_row_seq(&get), 0);
    assert_true(gone_row_next(bench->view, DIGEST, &key, &value));
    assert_false(gone_row_next(bench->view, DIGEST, &key, &value));
}

/* What is hidden is found by who has it, and stands nowhere. */
static void hidden(void **state)
{
    struct bench *bench = *state;
    uint32_t last = 1;
    subject_put(bench->view, RD_STR("T-1"), 7);
    subject_hide(bench->view, RD_STR("T-1"), 8); /* another case's by now */
    expect(bench, STORE_SUBJECTS, "542d31 > 0000000000000007");
    subject_hide(bench->view, RD_STR("T-1"), 7);
    assert_int_equal(subject_find(bench->view, RD_STR("T-1")), 7);
    assert_int_equal(subject_find(bench->view, RD_STR("T-2")), 0);
    subject_put(bench->view, RD_STR("T-1"), 9); /* the newest that bears it */
    assert_int_equal(subject_find(bench->view, RD_STR("T-1")), 9);
    subject_del(bench->view, RD_STR("T-1"), 9);
    expect(bench, STORE_SUBJECTS, "");
    assert_int_equal(name_of(bench->view, RD_STR("ill"), &last), 2);
    name_hide(bench->view, 2);
    name_hide(bench->view, 2); /* twice is once */
    assert_int_equal(name_of(bench->view, RD_STR("ill"), &last), 2);
    assert_int_equal(name_find(bench->view, RD_STR("forgotten-2")), 2);
    assert_true(rd_str_is(name_text(bench->view, 2), "forgotten-2"));
    assert_int_equal(last, 2);
    char sentence[700]; /* too long for a key of its own */
    memset(sentence, 'i', sizeof sentence);
    struct rd_str ill = {sentence, sizeof sentence};
    assert_int_equal(name_of(bench->view, ill, &last), 3);
    name_hide(bench->view, 3);
    name_hide(bench->view, 3);
    assert_int_equal(name_of(bench->view, ill, &last), 3);
    assert_true(rd_str_is(name_text(bench->view, 3), "forgotten-3"));
    assert_int_equal(subject_find(bench->view, ill), 0); /* no subject is as long */
    subject_hide(bench->view, ill, 7);
    assert_int_equal(last, 3);
}

/* Rows of engine 11 say nothing of customers, those of 12 nothing of who has the contract. */
static void a_screening_is_found_by_its_customer(void **state)
{
    static const char OLD[] = "\x02\x04high\x00\x00\x00\x00\x02\x80\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0"
                              "\0\0\0\0\0\0\0\x03";
    static const char UNHELD[] = "\x03\x04high\x00\x00\x00\x00\x02\x80\0\0\0\0\0\0\x01\0\0\0\0"
                                 "\0\0\0\0\0\0\0\0\0\0\0\x03\1\2\3\4\5\6\7\1\2\3\4\5\6\7\1\2";
    struct bench *bench = *state;
    struct screened_row row = {.risk = RD_STR("none"), .seq = 7}, read;
    uint8_t one[RD_DIGEST_BYTES], other[RD_DIGEST_BYTES];
    uint64_t seq;
    struct rd_str contract;
    rd_digest1(RD_STR("one"), one);
    rd_digest1(RD_STR("other"), other);
    store_put(bench->view, STORE_SCREENED, RD_STR("k"), (struct rd_str){OLD, sizeof OLD - 1});
    assert_true(screened_row_get(bench->view, RD_STR("k"), &read) && read.seq == 3);
    assert_false(screened_row_has_customer(&read));
    assert_int_equal(read.held, 2);
    store_put(bench->view, STORE_SCREENED, RD_STR("u"), (struct rd_str){UNHELD, sizeof UNHELD - 1});
    assert_true(screened_row_get(bench->view, RD_STR("u"), &read) && read.held == 2);
    assert_true(screened_row_has_customer(&read));
    memcpy(row.customer, one, sizeof one);
    screened_row_put(bench->view, RD_STR("k"), &row);
    row.seq = 5;
    screened_row_put(bench->view, RD_STR("older"), &row);
    assert_true(screened_row_of_customer(bench->view, one, &seq, &contract));
    assert_true(seq == 5 && rd_str_is(contract, "older"));
    assert_false(screened_row_of_customer(bench->view, other, &seq, &contract));
    screened_row_del(bench->view, RD_STR("older"));
    assert_true(screened_row_of_customer(bench->view, one, &seq, &contract) && seq == 7);
    memcpy(row.customer, other, sizeof other); /* another's from now on */
    screened_row_put(bench->view, RD_STR("k"), &row);
    assert_false(screened_row_of_customer(bench->view, one, &seq, &contract));
    assert_true(screened_row_of_customer(bench->view, other, &seq, &contract) && seq == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(approvals, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(erasures, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(erasure_words, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(retention, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(gone, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(hidden, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(
                    a_screening_is_found_by_its_customer, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
