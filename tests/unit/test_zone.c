/* Tables of offsets from TZif files: the rules of the footer, and what is refused. */
#include "common/time/zone_table.h"
#include "tests/unit/calendar_build_fixture.h"

static struct zone_table table_new(void)
{
    return (struct zone_table){
            .at = RD_ARENA_ARRAY(&test_arena, struct rd_offset, ZONE_OFFSETS_MAX)};
}

/* ---- the rule in a footer ---- */

static void footers_expand_to_changes(void **state)
{
    static const struct {
        const char *rule, *after, *first, *second;
        int32_t first_s, second_s;
    } rows[] = {
            {"GMT0BST,M3.5.0/1,M10.5.0", "2025-01-01T00:00:00Z", "2025-03-30T01:00:00Z",
                    "2025-10-26T01:00:00Z", 3600, 0},
            {"EST5EDT,M3.2.0,M11.1.0", "2025-01-01T00:00:00Z", "2025-03-09T07:00:00Z",
                    "2025-11-02T06:00:00Z", -14400, -18000},
            /* the south: daylight time over the turn of the year */
            {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2025-01-01T00:00:00Z", "2025-04-05T16:00:00Z",
                    "2025-10-04T16:00:00Z", 36000, 39600},
            {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2025-01-01T00:00:00Z", "2025-04-05T15:00:00Z",
                    "2025-10-04T15:30:00Z", 37800, 39600},
            /* hours beyond the day (Nuuk, Gaza) and daylight time that is winter's (Dublin) */
            {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2025-01-01T00:00:00Z", "2025-03-30T01:00:00Z",
                    "2025-10-26T01:00:00Z", -3600, -7200},
            {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2025-01-01T00:00:00Z", "2025-03-29T00:00:00Z",
                    "2025-10-24T23:00:00Z", 10800, 7200},
            {"IST-1GMT0,M10.5.0,M3.5.0/1", "2025-01-01T00:00:00Z", "2025-03-30T01:00:00Z",
                    "2025-10-26T01:00:00Z", 3600, 0},
            /* days of the year: J60 is 1 March always, 59 is 29 February in a leap year */
            {"AAA0BBB,J60/0,J300/1", "2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z",
                    "2024-10-27T00:00:00Z", 3600, 0},
            {"AAA0BBB,59/0,299/1", "2024-01-01T00:00:00Z", "2024-02-29T00:00:00Z",
                    "2024-10-26T00:00:00Z", 3600, 0},
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct zone_table table = table_new();
        assert_int_equal(zone_rule_expand(rd_str_of(rows[i].rule), at(rows[i].after), &table), 0);
        assert_true(table.count > 150);
        assert_int_equal(table.at[0].from, at(rows[i].first));
        assert_int_equal(table.at[0].offset_s, rows[i].first_s);
        assert_int_equal(table.at[1].from, at(rows[i].second));
        assert_int_equal(table.at[1].offset_s, rows[i].second_s);
    }
    struct zone_table table = table_new();
    assert_int_equal(zone_rule_expand(RD_STR("CST-8"), at("2025-01-01T00:00:00Z"), &table), 0);
    assert_int_equal(table.count, 1);
    assert_int_equal(table.at[0].offset_s, 28800);
    /* Daylight time all the year is no change at all. */
    table = table_new();
    assert_int_equal(zone_rule_expand(RD_STR("XXX3EDT4,0/0,J365/23"), 0, &table), 0);
    for (size_t i = 1; i + 1 < table.count; i++) {
        assert_int_equal(table.at[i].offset_s, -14400);
    }
}

static void bad_footers_are_refused(void **state)
{
    static const char *const rules[] = {"", "X", "CST", "CST-8x", "CST-25", "GMT0BST",
            "GMT0BST,M3.5.0/1", "GMT0BST,M3.5.0/1,", "GMT0BST,M13.5.0,M10.5.0",
            "GMT0BST,M3.6.0,M10.5.0", "GMT0BST,M3.5.7,M10.5.0", "GMT0BST,M0.5.0,M10.5.0",
            "GMT0BST,J0,M10.5.0", "GMT0BST,366,M10.5.0", "GMT0BST,M3.5.0/168,M10.5.0",
            "GMT0BST,M3.5.0,M10.5.0,", "<+08-8", "<+0>-8", "GMT0:60", "GMT999999999999999999"};
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rules); i++) {
        struct zone_table table = table_new();
        if (zone_rule_expand(rd_str_of(rules[i]), 0, &table) != -EINVAL) {
            fail_msg("\"%s\" was taken", rules[i]);
        }
    }
}

/* ---- files ---- */

static void zones_of_the_system(void **state)
{
    static const struct {
        const char *zone, *time;
        int32_t offset_s;
    } rows[] = {
            {"Asia/Shanghai", "2025-07-01T00:00:00Z", 28800},
            {"Asia/Shanghai", "1988-07-01T00:00:00Z", 32400},
            {"Asia/Shanghai", "2099-07-01T00:00:00Z", 28800},
            {"Europe/London", "1970-01-01T00:00:00Z", 3600}, /* British Standard Time */
            {"Europe/London", "2025-03-30T00:59:59Z", 0},
            {"Europe/London", "2025-03-30T01:00:00Z", 3600},
            {"Europe/London", "2100-07-01T00:00:00Z", 3600},
            {"Europe/London", "2100-12-01T00:00:00Z", 0},
            {"America/New_York", "2024-11-03T05:59:59Z", -14400},
            {"America/New_York", "2024-11-03T06:00:00Z", -18000},
            {"Australia/Lord_Howe", "2025-01-01T00:00:00Z", 39600},
            {"Australia/Lord_Howe", "2025-07-01T00:00:00Z", 37800},
            {"Asia/Kathmandu", "2025-01-01T00:00:00Z", 20700},
            {"Asia/Kathmandu", "1985-12-31T00:00:00Z", 19800}, {"UTC", "2025-01-01T00:00:00Z", 0},
            {"Pacific/Apia", "2011-12-30T09:59:59Z", -36000},
            {"Pacific/Apia", "2011-12-30T10:00:00Z", 50400}, /* 30 December was left out */
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        struct config_calendar_spec spec = office(rows[i].zone, NULL);
        struct rd_calendar calendar = compiled(&spec);
        int32_t got = rd_calendar_offset_s(&calendar, at(rows[i].time));
        if (got != rows[i].offset_s) {
            fail_msg("%s at %s: %d", rows[i].zone, rows[i].time, got);
        }
        for (size_t j = 1; j < calendar.offset_count; j++) {
            assert_int_not_equal(calendar.offsets[j].offset_s, calendar.offsets[j - 1].offset_s);
        }
    }
}

static void names_that_are_no_zone(void **state)
{
    static const char *const names[] = {"Asia/Urumchi2", "../etc/passwd", "/etc/passwd", "Asia",
            "Asia/", "Asia//Shanghai", ".", "Asia/../UTC", "zone.tab", "Asia/Shang hai",
            "A123456789012345678901234567890123456789012345678901234567890123456789"};
    (void)state;
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        struct config_calendar_spec spec = office(names[i], NULL);
        assert_int_equal(refused(&spec).part, CONFIG_CALENDAR_TIMEZONE);
    }
}

/* A header and counts, in the order of RFC 8536, 3.1. */
static void header_put(char *bytes, char version, const unsigned char counts[6])
{
    memset(bytes, 0, 44);
    memcpy(bytes, "TZif", 4);
    bytes[4] = version;
    for (unsigned i = 0; i < 6; i++) {
        bytes[20 + 4 * i + 3] = (char)counts[i];
    }
}

static void broken_files_are_refused(void **state)
{
    /* Version 1 block: nothing. Version 2: one transition, one type, the name "AAA". */
    static const unsigned char none[6] = {0, 0, 0, 0, 0, 0}, one[6] = {0, 0, 0, 1, 1, 4};
    char good[44 + 44 + 8 + 1 + 6 + 4 + 7 + 1];
    header_put(good, '2', none);
    header_put(good + 44, '2', one);
    static const char rest[] = "\0\0\0\0\x60\0\0\0" /* 2021-01-14 */
                               "\0"                 /* of type 0 */
                               "\0\0\x0e\x10\0\0"   /* +3600 s, standard, name at 0 */
                               "AAA\0"
                               "\nAAA-1\n";
    memcpy(good + 88, rest, sizeof rest);
    (void)state;
    const size_t size = 44 + 44 + sizeof rest - 1;
    struct zone_table table = {.count = 7};
    const char *what = NULL;
    assert_int_equal(
            zone_parse((struct rd_str){.ptr = good, .len = size}, &test_arena, &table, &what), 0);
    assert_int_equal(table.count, 1);
    assert_int_equal(table.at[0].offset_s, 3600);
    static const struct {
        size_t at;
        char value;
    } breaks[] = {{0, 'X'}, {4, 0}, {44, 'X'}, {44 + 20 + 8 + 3, 1} /* a leap second */,
            {44 + 20 + 12 + 1, 7} /* 458,753 transitions */, {44 + 20 + 16 + 3, 0} /* no type */,
            {96, 9} /* of a type that is not there */, {97, 0x7f} /* an offset of decades */,
            {107, 'A'} /* no footer */, {109, '-'}, {113, 'x'} /* a footer without end */};
    for (size_t i = 0; i < RD_COUNT(breaks); i++) {
        char bad[sizeof good];
        memcpy(bad, good, sizeof bad);
        bad[breaks[i].at] = breaks[i].value;
        table = (struct zone_table){.count = 7};
        what = NULL;
        int r = zone_parse((struct rd_str){.ptr = bad, .len = size}, &test_arena, &table, &what);
        if (r != -EINVAL || what == NULL || table.count != 7) {
            fail_msg("break %zu: %d", i, r);
        }
    }
    for (size_t len = 0; len < size; len++) {
        table = (struct zone_table){.count = 7};
        assert_int_equal(
                zone_parse((struct rd_str){.ptr = good, .len = len}, &test_arena, &table, &what),
                -EINVAL);
        assert_int_equal(table.count, 7);
    }
}

static void zones_may_come_from_another_folder(void **state)
{
    (void)state;
    struct config_calendar_spec spec = office("Mine", NULL);
    spec.zoneinfo = test_folder;
    says(refused(&spec), "no such time zone");
    (void)file_of("Mine", "not a zone");
    says(refused(&spec), "no TZif file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(footers_expand_to_changes),
            cmocka_unit_test(bad_footers_are_refused),
            cmocka_unit_test(zones_of_the_system),
            cmocka_unit_test(names_that_are_no_zone),
            cmocka_unit_test(broken_files_are_refused),
            cmocka_unit_test(zones_may_come_from_another_folder),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
