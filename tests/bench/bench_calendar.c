/* tests/bench/bench_calendar.c — what a calendar's arithmetic costs an event: ns per limit.
 *
 * usage: bench_calendar CONFIG CALENDAR      for instance redress.example.yaml cn-xj
 * Each row is the due of one limit, started in turn at every hour of 2021 to 2026, in rounds. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "common/time/why.h"
#include "daemon/config/config.h"

enum { ROUNDS = 20, STARTS = 6 * 365 * 24 };

static int64_t now_ns(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000000) + at.tv_nsec;
}

static const struct {
    const char *limit;
    bool counts_working, is_paused;
    enum rd_roll roll;
} rows[] = {
        {"1bd", false, false, RD_ROLL_NONE},
        {"7bd", false, false, RD_ROLL_NONE},
        {"60bd", false, false, RD_ROLL_NONE},
        {"15d", false, false, RD_ROLL_NONE},
        {"15d", false, false, RD_ROLL_RESTDAY},
        {"15d", false, true, RD_ROLL_RESTDAY},
        {"60d", false, false, RD_ROLL_STATUTORY_HOLIDAY},
        {"2h", true, false, RD_ROLL_NONE},
        {"40h", true, false, RD_ROLL_NONE},
};

static void measure(const struct rd_calendar *calendar, size_t row, rd_time first)
{
    struct rd_why why = {.calendar = calendar,
            .counts_working = rows[row].counts_working,
            .roll = rows[row].roll};
    struct rd_stretch stretch;
    if (rd_limit_parse(rd_str_of(rows[row].limit), &why.limit) < 0) {
        return;
    }
    why.stretches = &stretch;
    why.stretch_count = rows[row].is_paused;
    uint64_t sum = 0; /* so that nothing is left out */
    int64_t best = INT64_MAX;
    for (unsigned round = 0; round < ROUNDS; round++) {
        int64_t begun = now_ns();
        for (unsigned i = 0; i < STARTS; i++) {
            why.start = first + i * RD_HOUR_US;
            stretch = (struct rd_stretch){why.start + RD_DAY_US, why.start + 4 * RD_DAY_US};
            sum += (uint64_t)rd_why_due(&why).due;
        }
        int64_t took = now_ns() - begun;
        best = took < best ? took : best;
    }
    (void)printf("%-5s%-9s%-18s%-8s %6" PRId64 " ns   (%016" PRIx64 ")\n", rows[row].limit,
            rows[row].counts_working ? " working" : "",
            rows[row].roll == RD_ROLL_RESTDAY ? " restday"
            : rows[row].roll == RD_ROLL_NONE  ? ""
                                              : " statutory_holiday",
            rows[row].is_paused ? " paused" : "", best / STARTS, sum);
}

int main(int argc, char **argv)
{
    struct config_errors errors = {0};
    RD_CLEANUP(config_calendars_freep)
    struct config_calendars *calendars = NULL;
    rd_time first = 0;
    if (argc != 3 || rd_time_parse(RD_STR("2021-01-01T00:00:00+08:00"), &first) < 0 ||
            config_calendars_load(argv[1], &calendars, &errors) < 0) {
        (void)fprintf(stderr, "usage: %s CONFIG CALENDAR\n%s\n", argv[0],
                errors.count > 0 ? errors.lines[0] : "");
        config_errors_done(&errors);
        return 1;
    }
    for (size_t i = 0; i < calendars->count; i++) {
        for (size_t row = 0; rd_str_is(calendars->at[i].name, argv[2]) && row < RD_COUNT(rows);
                row++) {
            measure(&calendars->at[i], row, first);
        }
    }
    return 0;
}
