/* tests/unit/calendar_build_fixture.h — calendars compiled from words, shipped and scratch files.
 */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/config/calendar_build.h"

#define SHIPPED CALENDARS "/" /* of the source tree */

static struct rd_arena test_arena;
static char test_folder[] = "/tmp/redress-calendar-XXXXXX";

static inline int fixture_begin(void **state)
{
    (void)state;
    rd_arena_init(&test_arena, 64 << 20);
    (void)memcpy(test_folder + strlen(test_folder) - 6, "XXXXXX", 6);
    return mkdtemp(test_folder) != NULL ? 0 : -1;
}

static inline int fixture_end(void **state)
{
    (void)state;
    rd_arena_done(&test_arena);
    char command[128];
    (void)snprintf(command, sizeof command, "rm -r '%s'", test_folder);
    return system(command);
}

/* A file in the scratch folder; its path. */
static inline struct rd_str file_with(const char *name, struct rd_str bytes)
{
    struct rd_str path = rd_arena_printf(&test_arena, "%s/%s", test_folder, name);
    FILE *file = fopen(path.ptr, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
    return path;
}

static inline struct rd_str file_of(const char *name, const char *text)
{
    return file_with(name, rd_str_of(text));
}

static const struct rd_str office_open[] = {
        {.ptr = "09:00-12:00", .len = 11}, {.ptr = "13:30-17:30", .len = 11}};
static const struct config_calendar_hours office_hours[] = {
        {.days = {.ptr = "mon-fri", .len = 7}, .open = office_open, .open_count = 2}};

/* Office hours in a zone, with one entry of holidays (empty: none). */
static inline struct config_calendar_spec office(const char *zone, const struct rd_str *holidays)
{
    return (struct config_calendar_spec){
            .name = RD_STR("office"),
            .timezone = rd_str_of(zone),
            .hours = office_hours,
            .hours_count = 1,
            .holidays = holidays,
            .holiday_count = holidays != NULL ? 1 : 0,
    };
}

static inline struct rd_calendar compiled(const struct config_calendar_spec *spec)
{
    struct config_calendar_faults faults;
    struct rd_calendar calendar = {.special_count = 0};
    if (config_calendar_compile(spec, &test_arena, &calendar, &faults) < 0) {
        fail_msg("%s", faults.at[0].what);
    }
    assert_int_equal(faults.count, 0);
    return calendar;
}

/* The first fault; the result is left alone. */
static inline struct config_calendar_fault refused(const struct config_calendar_spec *spec)
{
    struct config_calendar_faults faults;
    struct rd_calendar calendar = {.special_count = 77};
    assert_int_equal(config_calendar_compile(spec, &test_arena, &calendar, &faults), -EINVAL);
    assert_true(faults.count > 0);
    assert_int_equal(calendar.special_count, 77);
    assert_null(calendar.offsets);
    return faults.at[0];
}

static inline void says(struct config_calendar_fault fault, const char *part)
{
    if (strstr(fault.what, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fault.what, part);
    }
}

static inline rd_day day_of(const char *text)
{
    rd_day day = 0;
    assert_int_equal(rd_day_parse(rd_str_of(text), &day), 0);
    return day;
}

static inline rd_time at(const char *text)
{
    rd_time time = 0;
    assert_int_equal(rd_time_parse(rd_str_of(text), &time), 0);
    return time;
}

static inline void is_day(rd_day got, const char *expected)
{
    char text[RD_DATE_TEXT_MAX] = "none";
    if (got != RD_DAY_NONE) {
        rd_day_format(got, text);
    }
    assert_string_equal(text, expected);
}
