/* The rows of every table, byte by byte: whoever changes one changes a format, and sees it here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/by_key.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/dead_letter_row.h"
#include "daemon/store/rows/figure_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/notice_row.h"
#include "daemon/store/rows/screened_row.h"
#include "daemon/store/rows/silence_row.h"
#include "daemon/store/rows/source_row.h"
#include "daemon/store/rows/timer_row.h"
#include "daemon/store/rows/unit_day_row.h"
#include "daemon/store/rows/unknown_row.h"
#include "daemon/store/rows/window_row.h"
#include "daemon/store/rows/withheld_row.h"
#include "tests/unit/rows_fixture.h"

static const uint8_t DIGEST[16] = {0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda,
        0xdb, 0xdc, 0xdd, 0xde, 0xdf};
#define D_HEX "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"

static void silences(void **state)
{
    struct bench *bench = *state;
    struct silence_row row = {.until = 1,
                               .armed = 1,
                               .by = RD_STR("li"),
                               .reason = RD_STR("r"),
                               .matchers = RD_STR("\x80")},
                       got;
    silence_row_put(bench->view, 2, &row);
    expect(bench, STORE_SILENCES,
            "0000000000000002 > 02 8000000000000001 00 8000000000000000 8000000000000001"
            " 026c69 0172 0180 00");
    assert_true(silence_row_get(bench->view, 2, &got));
    assert_true(got.until == 1 && !got.is_ended && rd_str_is(got.by, "li"));
    row.is_ended = true;
    row.digest = (struct silence_digest){
            .unit = 3, .severity = 2, .last = 9, .count = 60, .listed = 2, .cases = {7, 9}};
    silence_row_put(bench->view, 2, &row);
    assert_true(silence_row_get(bench->view, 2, &got) && got.is_ended && got.armed == 1);
    assert_true(got.digest.unit == 3 && got.digest.last == 9 && got.digest.count == 60 &&
                got.digest.severity == 2 && got.digest.listed == 2 && got.digest.cases[1] == 9);
    assert_false(silence_row_get(bench->view, 3, &got));
    silence_row_del(bench->view, 2);
    expect(bench, STORE_SILENCES, "");
}

static void withheld(void **state)
{
    struct bench *bench = *state;
    struct withheld_key found, key = {.silence = 2,
                                       .unit = 3,
                                       .case_number = 7,
                                       .type = RD_ALERT_LADDER_RUNG,
                                       .rung = 1};
    struct withheld_row got, row = {.severity = RD_HIGH, .moments = 5};
    withheld_row_put(bench->view, &key, &row);
    expect(bench, STORE_WITHHELD,
            "0000000000000002 00000003 0000000000000007 01 01 00000000 > 01 02 05");
    key.clock = 4;
    assert_false(withheld_row_has(bench->view, &key));
    withheld_row_put(bench->view, &key, &row);
    assert_true(withheld_row_first(bench->view, 2, &found, &got));
    assert_true(found.unit == 3 && found.case_number == 7 && found.type == RD_ALERT_LADDER_RUNG &&
                found.rung == 1 && found.clock == 0 && got.severity == RD_HIGH && got.moments == 5);
    withheld_row_del(bench->view, &found);
    assert_true(withheld_row_first(bench->view, 2, &found, &got) && found.clock == 4);
    assert_false(withheld_row_first(bench->view, 1, &found, &got));
    assert_false(withheld_row_first(bench->view, 3, &found, &got));
}

static void screened_unit_days_figures_notices(void **state)
{
    struct bench *bench = *state;
    struct screened_row screened, screen = {.risk = RD_STR("high"),
                                          .unit = 2,
                                          .held = 5,
                                          .time = 1,
                                          .cleared = RD_TIME_NONE,
                                          .seq = 3};
    screened_row_put(bench->view, RD_STR("k"), &screen);
    expect(bench, STORE_SCREENED,
            "6b > 04 0468696768 00 00000002 8000000000000001 0000000000000000 0000000000000003"
            " 00000000000000000000000000000000 00000005");
    assert_true(screened_row_get(bench->view, RD_STR("k"), &screened) && screened.seq == 3);
    assert_true(rd_str_is(screened.risk, "high") && screened.unit == 2 && screened.time == 1);
    assert_int_equal(screened.held, 5);
    assert_false(screened_row_has_customer(&screened));
    struct unit_day_row read, day = {.flags = UNIT_DAY_REPORTED,
                                      .counted = {.opened = 1},
                                      .reported = {3, 4, 5},
                                      .taken = 1,
                                      .seq = 6};
    unit_day_row_put(bench->view, 2, 1, &day);
    unit_day_row_put(bench->view, 2, -1, &day);
    expect(bench, STORE_UNIT_DAYS,
            "00000002 7fffffff > 02 01 02 00 00 00 00 06 08 0a 00 8000000000000001 "
            "0000000000000006;"
            "00000002 80000001 > 02 01 02 00 00 00 00 06 08 0a 00 8000000000000001 "
            "0000000000000006");
    assert_true(unit_day_row_get(bench->view, 2, -1, &read) && read.reported.open == 5 &&
                read.seq == 6);
    assert_false(unit_day_row_get(bench->view, 2, 0, &read));
    struct figure_key of = {.figure = RD_STR("f"),
            .period = RD_STR("p"),
            .as = RD_STR("base"),
            .unit = 2,
            .seq = 3};
    int64_t value = 0;
    rd_time time = 0;
    figure_row_put(bench->view, &of, 100, 1);
    expect(bench, STORE_FIGURES_GIVEN,
            "6600 7000 6261736500 00000002 0000000000000003 > 01 8000000000000064 "
            "8000000000000001");
    assert_true(figure_row_get(bench->view, &of, &value, &time) && value == 100 && time == 1);
    of.seq = 4;
    assert_false(figure_row_get(bench->view, &of, &value, &time));
    struct unknown_row unknown = {.count = 2, .first = 1, .last = 3, .seq = 4}, again = {0};
    unknown_row_put(bench->view, RD_STR("issue"), RD_STR("rude"), &unknown);
    expect(bench, STORE_UNKNOWN_CODES,
            "6973737565 00 72756465 > 01 0000000000000002 8000000000000001 8000000000000003 "
            "0000000000000004");
    assert_true(unknown_row_get(bench->view, RD_STR("issue"), RD_STR("rude"), &again) &&
                again.count == 2 && again.first == 1 && again.last == 3 && again.seq == 4);
    notice_row_put(bench->view, 2, 3);
    expect(bench, STORE_NOTICES, "00000002 0000000000000003 >");
    notice_row_del(bench->view, 2, 3);
    expect(bench, STORE_NOTICES, "");
}

static void meta(void **state)
{
    struct bench *bench = *state;
    struct counters got, counters = {.position = 1,
                                 .event_seq = 2,
                                 .alert_seq = 3,
                                 .case_number = 4,
                                 .silence_number = 5,
                                 .history = 6,
                                 .open_cases = 7,
                                 .armed_timers = 8,
                                 .term = 9,
                                 .names = 10,
                                 .config = 11,
                                 .engine_number = 12,
                                 .wall = 13,
                                 .steady = 14,
                                 .swept_day = 15,
                                 .is_sweeping = true,
                                 .rest_due = 21,
                                 .sweep_due = 16,
                                 .sweep_next = 17,
                                 .sweep_last = 18,
                                 .sweep_config = 200};
    assert_false(meta_row_get(bench->view, &got));
    meta_row_put(bench->view, &counters);
    alert_rows_set_gone(bench->view, 7);
    struct rd_str value;
    assert_true(store_get(bench->view, STORE_META, RD_STR("engine"), &value));
    struct rd_buf hex;
    rd_buf_init(&hex, 4096);
    put_hex(&hex, value);
    rd_buf_put_u8(&hex, 0);
    assert_string_equal((const char *)hex.ptr, "030102030405060708090a0b0c"
                                               "800000000000000d"
                                               "800000000000000e"
                                               "1e"
                                               "01"
                                               "00"
                                               "00"
                                               "8000000000000015"
                                               "8000000000000010"
                                               "11"
                                               "12"
                                               "c801");
    rd_buf_done(&hex);
    assert_true(meta_row_get(bench->view, &got));
    assert_memory_equal(&got, &counters, sizeof got);
    assert_int_equal(alert_rows_gone(bench->view), 7);
}

static void names_and_indexes(void **state)
{
    struct bench *bench = *state;
    uint32_t last = 1;
    assert_int_equal(name_of(bench->view, RD_STR("xj"), &last), 2);
    assert_int_equal(name_of(bench->view, RD_STR("xj"), &last), 2);
    expect(bench, STORE_NAMES, "00786a > 00000002; 0100000002 > 786a");
    assert_int_equal(name_marks(bench->view, 2), 0);
    name_mark(bench->view, 2, 1);
    name_mark(bench->view, 2, 4);
    assert_int_equal(name_marks(bench->view, 2), 5);
    expect(bench, STORE_NAMES, "00786a > 00000002; 0100000002 > 786a; 0300000002 > 05");
    subject_put(bench->view, RD_STR("T-1"), 7);
    expect(bench, STORE_SUBJECTS, "542d31 > 0000000000000007");
    customer_case_put(bench->view, DIGEST, 7, CASE_COMPLAINT);
    expect(bench, STORE_BY_KEY, D_HEX "01 0000000000000007 > 01");
    customer_case_del(bench->view, DIGEST, 7);
    customer_open_put(bench->view, DIGEST, 7, CASE_COMPLAINT);
    expect(bench, STORE_BY_KEY, D_HEX "05 01 0000000000000007 >");
    customer_open_put(bench->view, DIGEST, 9, CASE_COMPLAINT);
    customer_open_put(bench->view, DIGEST, 8, CASE_CONTACT);
    assert_int_equal(customer_open_after(bench->view, DIGEST, CASE_COMPLAINT, 0), 7);
    assert_int_equal(customer_open_after(bench->view, DIGEST, CASE_COMPLAINT, 7), 9);
    assert_int_equal(customer_open_after(bench->view, DIGEST, CASE_COMPLAINT, 9), 0);
    assert_int_equal(customer_open_before(bench->view, DIGEST, CASE_COMPLAINT, 0), 9);
    assert_int_equal(customer_open_before(bench->view, DIGEST, CASE_COMPLAINT, 7), 0);
    assert_int_equal(customer_open_before(bench->view, DIGEST, CASE_CONTACT, 0), 8);
    customer_open_del(bench->view, DIGEST, 8, CASE_CONTACT);
    assert_int_equal(customer_open_before(bench->view, DIGEST, CASE_CONTACT, 0), 0);
    unit_case_put(bench->view, 2, 7, CASE_COMPLAINT);
    expect(bench, STORE_UNIT_CASES,
            "00000002 0000000000000000 > 0000000000000000 0000000000000001 0000000000000000;"
            "00000002 0000000000000007 > 01");
    unit_case_put(bench->view, 2, 9, CASE_COMPLAINT);
    unit_case_put(bench->view, 3, 8, CASE_COMPLAINT);
    uint64_t numbers[3];
    assert_int_equal(unit_case_count(bench->view, 2), 2);
    assert_int_equal(unit_cases_after(bench->view, 2, 0, numbers, 1), 1);
    assert_int_equal(unit_cases_after(bench->view, 2, 0, numbers, 3), 2);
    assert_true(numbers[0] == 7 && numbers[1] == 9);
    assert_int_equal(unit_case_after(bench->view, 2, 9), 0);
    unit_case_del(bench->view, 3, 8);
    assert_int_equal(unit_case_count(bench->view, 3), 0);
    unit_case_del(bench->view, 2, 9);
    expect(bench, STORE_UNIT_CASES,
            "00000002 0000000000000000 > 0000000000000000 0000000000000001 0000000000000000;"
            "00000002 0000000000000007 > 01");
    struct unit_row unit = {.last_alert = 5, .taken_over = 1, .bundle_until = RD_TIME_NONE};
    unit_row_put(bench->view, 2, &unit);
    uint8_t recent[UNIT_RECENT_BYTES];
    unit_recent_write(recent, 9);
    unit.recent = (struct rd_str){(const char *)recent, sizeof recent};
    unit.bundle_until = 10;
    unit.bundle_first = 3;
    unit.bundle_count = 2;
    unit.bundle_severity = RD_WARNING;
    unit_row_put(bench->view, 3, &unit);
    expect(bench, STORE_UNITS,
            "00000002 > 000000000000000500000001; 00000003 > 0000000000000005000000"
            "01800000000000000a00000000000000030000000000000002018000000000000009");
    config_row_put(bench->view, 1, (const uint8_t[32]){0xaa}, RD_STR("\x80"));
    expect(bench, STORE_CONFIGS,
            "00000001 > aa 00000000000000000000000000000000"
            "000000000000000000000000000000 80");
}

static void timers_and_sources(void **state)
{
    struct bench *bench = *state;
    struct timer_row timer = {
            .due = 1000000, .is_service = true, .kind = TIMER_CLOCK, .owner = 7, .slot = 2};
    timer_row_put(bench->view, &timer);
    timer.is_steady = true;
    timer.due = -1;
    timer.kind = TIMER_SWEEP;
    timer_row_put(bench->view, &timer);
    expect(bench, STORE_TIMERS_WALL, "80000000000f4240 01 01 0000000000000007 0002 >");
    expect(bench, STORE_TIMERS_STEADY, "7fffffffffffffff 0b 01 0000000000000007 0002 >");
    struct source_row source = source_row_new(3);
    source.highest = 300;
    source.lowest = 2;
    source.ignored = 4;
    source.range_count = 1;
    source.ranges[0] = (struct source_range){5, 6, 7};
    source.last_taken = 8;
    source.skewed_day = 9;
    source_row_put(bench->view, RD_STR("crm"), &source);
    expect(bench, STORE_SOURCES,
            "63726d > 0300000003ac02020400000000000000008000000000000008800000000000"
            "0000000000000000000000090105068000000000000007");
    sequence_row_put(bench->view, 3,
            &(struct sequence_row){.sequence = 4097,
                    .id_digest = 1,
                    .first = {.seq = 2, .case_number = 3, .content = 4, .type = 5}});
    expect(bench, STORE_SEQUENCES,
            "000000030001 > 0000000000001001000000000000000100000000000000020000000"
            "000000003000000000000000405");
    id_row_put(bench->view, DIGEST,
            &(struct source_first){.seq = 2, .case_number = 3, .content = 4, .type = 5});
    expect(bench, STORE_IDS,
            "d0d1d2d3d4d5d6d7d8d9dadbdcdddedf > 0000000000000002000000000000000300000000000000"
            "0405");
}

static void history(void **state)
{
    struct bench *bench = *state;
    history_row_put(bench->view, 9,
            &(struct history_row){.what = HISTORY_EVENT,
                    .code = RD_EVENT_NOTED,
                    .time = 1,
                    .taken = 2,
                    .seq = 3,
                    .by = RD_STR("li"),
                    .sender = RD_STR("crm"),
                    .note = RD_STR("n"),
                    .before = 7});
    expect(bench, STORE_HISTORY, "0000000000000009 > 03 01 07 02 04 03 026c69 0363726d 016e 02");
    struct history_row got;
    assert_true(history_row_get(bench->view, 9, &got));
    assert_true(got.before == 7 && rd_str_is(got.sender, "crm") && rd_str_is(got.by, "li"));
}

static void alerts(void **state)
{
    struct bench *bench = *state;
    struct alert_row got, row = {.flags = ALERT_ACKED,
                                  .unit = 2,
                                  .time = 1,
                                  .case_number = 7,
                                  .superseded_by = 200,
                                  .acked = 3,
                                  .acked_by = RD_STR("li"),
                                  .packed = RD_STR("\x80")};
    alert_row_put(bench->view, 5, &row);
    alert_row_index(bench->view, 5, 2, 7, ALERT_BUNDLED);
    alert_row_await(bench->view, 2, 5);
    expect(bench, STORE_ALERTS, "0000000000000005 > 020100000002800000000000000107c80106026c6980");
    expect(bench, STORE_ALERTS_BY_UNIT, "00000002 0000000000000005 > 02");
    expect(bench, STORE_ALERTS_BY_CASE, "0000000000000007 0000000000000005 >");
    expect(bench, STORE_UNACKED,
            "00000002 0000000000000000 > 0000000000000001; 00000002 0000000000000005 >");
    assert_true(alert_row_get(bench->view, 5, &got) && got.superseded_by == 200 &&
                got.case_number == 7 && rd_str_is(got.acked_by, "li"));
    alert_row_settle(bench->view, 2, 5);
    alert_row_drop(bench->view, 5, 2, 7);
    expect(bench, STORE_ALERTS, "");
    expect(bench, STORE_ALERTS_BY_UNIT, "");
    expect(bench, STORE_ALERTS_BY_CASE, "");
    expect(bench, STORE_UNACKED, "");
}

static void windows_and_ledger(void **state)
{
    struct bench *bench = *state;
    struct window_member member = {.window = 0x11, .time = 1, .seq = 5};
    memcpy(member.key, DIGEST, sizeof DIGEST);
    struct row_key key = {0};
    window_member_put(bench->view, &member, &key);
    expect(bench, STORE_BY_KEY, D_HEX "03 0000000000000011 8000000000000001 0000000000000005 >");
    struct window_member other = member;
    other.window = 0x12;
    other.has_distinct = true;
    memcpy(other.distinct, "valuevaluevalue", sizeof other.distinct);
    struct row_key other_key = {0};
    window_member_put(bench->view, &other, &other_key);
    expect(bench, STORE_BY_KEY,
            D_HEX "03 0000000000000011 8000000000000001 0000000000000005 >; " D_HEX
                  "03 0000000000000012 76616c756576616c756576616c756500 8000000000000001"
                  " 0000000000000005 >; " D_HEX
                  "04 0000000000000012 8000000000000001 76616c756576616c756576616c756500 >");
    latch_set(bench->view, 0x11, DIGEST, true);
    expect(bench, STORE_LATCHES, "0000000000000011" D_HEX " >");
    pattern_put(bench->view, 6, &member);
    expect(bench, STORE_PATTERNS,
            "0000000000000006 > 0000000000000011d0d1d2d3d4d5d6d7d8d9dadbdcdddedf800"
            "0000000000001");
    struct ledger_row got, row = {.is_contact = true,
                                   .complained = RD_TIME_NONE,
                                   .level = RD_LEVEL_HIGH,
                                   .unit = 2,
                                   .time = 1,
                                   .case_number = 7,
                                   .warning = RD_STR("\x80")};
    memcpy(row.customer, DIGEST, sizeof DIGEST);
    ledger_row_put(bench->view, 5, &row);
    expect(bench, STORE_LEDGER,
            "0000000000000005 > 010102000000028000000000000001000000000000000000000"
            "00000000007d0d1d2d3d4d5d6d7d8d9dadbdcdddedf80");
    assert_true(ledger_row_get(bench->view, 5, &got) && got.case_number == 7);
    expiry_put(bench->view, 1, 5, 2, STORE_IDS, RD_STR("k"));
    expiry_put_members(bench->view, 1, 5, 3, &key, 1);
    expect(bench, STORE_EXPIRY,
            "80000001000000000000000502 > 106b; 80000001000000000000000503 > ff29d0"
            "d1d2d3d4d5d6d7d8d9dadbdcdddedf0300000000000000118000000000000001000000"
            "0000000005");
    struct row_key from = {0};
    expiry_put_members(bench->view, 1, 5, 4, &other_key, 1); /* and the newest of its value */
    assert_int_equal(expiry_sweep(bench->view, 2, 10, &from), 3);
    expect(bench, STORE_EXPIRY, "");
    expect(bench, STORE_BY_KEY, "");
}

static void cases(void **state)
{
    struct bench *bench = *state;
    struct case_row *got, *row = case_row_new(&bench->arena);
    row->number = 7;
    row->kind = CASE_CONTACT;
    row->config = 1;
    row->unit = row->respondent = row->first_unit = 3;
    row->opened = row->received = 1;
    row->closed = RD_TIME_NONE;
    row->opened_seq = 2;
    for (size_t i = 0; i < RD_MOMENT_COUNT; i++) {
        row->moments[i] = INSTANT_NONE;
    }
    row->moments[RD_MOMENT_RECEIVED] = (struct instant){1, 2};
    row->ladder.armed_wall = row->ladder.armed_steady = RD_TIME_NONE;
    *case_row_add_alert(row, &bench->arena) = (struct open_alert){.seq = 4, .unit = 3};
    case_row_put(bench->view, row);
    expect(bench, STORE_CASES,
            "0000000000000007 > 060001000303030303000200000000000000000000000100030"
            "2000000000100000000000001040300");
    assert_true(case_row_get(bench->view, 7, &bench->arena, &got));
    assert_true(got->unit == 3 && got->alert_count == 1 && got->alerts[0].seq == 4 &&
                got->moments[RD_MOMENT_RECEIVED].steady == 2);
    assert_false(case_row_get(bench->view, 8, &bench->arena, &got));
}

static void attributes(void **state)
{
    struct bench *bench = *state;
    static struct attribute_row row, got;
    row.subject = RD_STR("T-1");
    row.values[RD_KEY_CUSTOMER] = (struct rd_value){.type = RD_VALUE_STR, .bytes = RD_STR("c")};
    row.values[RD_KEY_AGE] = (struct rd_value){.type = RD_VALUE_UINT, .integer = 67};
    row.contacted_by = RD_STR("li");
    row.contacted = 1;
    attribute_row_put(bench->view, 7, &row);
    expect(bench, STORE_ATTRIBUTES, "0000000000000007 > 0203542d3100026c6902020101016308028601");
    assert_true(attribute_row_get(bench->view, 7, &bench->arena, &got));
    assert_true(rd_str_is(got.subject, "T-1") && got.values[RD_KEY_AGE].integer == 67 &&
                got.contacted == 1 && rd_str_is(got.contacted_by, "li") &&
                rd_str_is(got.values[RD_KEY_CUSTOMER].bytes, "c"));
}

static void dead_letters(void **state)
{
    struct bench *bench = *state;
    struct dead_letters letters;
    dead_letters_open(&letters, bench->view, 10);
    struct dead_letter letter = {.taken = 1,
            .sender = RD_STR("s"),
            .source = RD_STR("crm"),
            .id = RD_STR("e1"),
            .code = RD_STR("c"),
            .field = RD_STR("f"),
            .message = RD_STR("m"),
            .event = RD_STR("\x80")};
    (void)dead_letters_add(&letters, &letter);
    expect(bench, STORE_DEAD_LETTERS,
            "0000000000000001 > 01800000000000000101730363726d02653101630166016d018"
            "0");
    dead_letters_close(&letters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(silences, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(withheld, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(
                    screened_unit_days_figures_notices, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(meta, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(names_and_indexes, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(timers_and_sources, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(history, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(alerts, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(windows_and_ledger, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(cases, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(attributes, open_bench, close_bench),
            cmocka_unit_test_setup_teardown(dead_letters, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
