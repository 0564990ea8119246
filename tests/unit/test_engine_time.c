/* The engine's lower floors alone: limits, the lifecycle, arming and the order of timers. */
#include "daemon/engine/arm.h"
#include "daemon/engine/due.h"
#include "daemon/engine/events.h"
#include "daemon/engine/record.h"
#include "tests/unit/engine_fixture.h"

/* ---- due ---- */

static void a_limit_ends_where_its_time_has_passed_outside_the_pauses(void **state)
{
    struct rig *rig = *state;
    static const struct {
        enum rd_limit_unit unit;
        uint32_t count;
        bool working, on_wall, at_closing;
        int start_min, pauses[4]; /* minutes from midnight; pairs, 0 and 0: none */
        int due_min;
    } rows[] = {
            /* elapsed time, on either scale */
            {RD_LIMIT_SECONDS, 3600, false, false, false, 600, {0}, 660},
            {RD_LIMIT_SECONDS, 3600, false, true, false, 600, {0}, 660},
            {RD_LIMIT_SECONDS, 3600, false, true, false, 600, {610, 620}, 670},
            {RD_LIMIT_SECONDS, 3600, false, true, false, 600, {610, 620, 665, 700}, 705},
            {RD_LIMIT_SECONDS, 3600, false, true, false, 600, {610, 620, 670, 700}, 670},
            {RD_LIMIT_SECONDS, 3600, false, true, false, 600, {500, 590}, 660},
            /* opening hours 9 to 12 and 13 to 18 */
            {RD_LIMIT_SECONDS, 3600, true, false, false, 600, {0}, 660},
            {RD_LIMIT_SECONDS, 3600, true, false, false, 690, {0}, 810},
            {RD_LIMIT_SECONDS, 3600, true, false, false, 480, {0}, 600},
            {RD_LIMIT_SECONDS, 3600, true, false, false, 1050, {0}, 24 * 60 + 570},
            {RD_LIMIT_SECONDS, 3600, true, false, false, 690, {700, 790}, 840},
            /* days: their end, or closing */
            {RD_LIMIT_CALENDAR_DAYS, 1, false, true, false, 600, {0}, 48 * 60},
            {RD_LIMIT_BUSINESS_DAYS, 1, false, true, false, 600, {0}, 48 * 60},
            {RD_LIMIT_BUSINESS_DAYS, 1, false, true, true, 600, {0}, 24 * 60 + 1080},
            {RD_LIMIT_BUSINESS_DAYS, 5, false, true, true, 600, {0}, 7 * 24 * 60 + 1080},
    };
    const struct rd_calendar *calendar = &engine_plan(rig->engine)->calendars[0];
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        rd_time begin[2], end[2], steady_begin[2], steady_end[2];
        struct stretches apart = {.wall = {.begin = begin, .end = end},
                .steady = {.begin = steady_begin, .end = steady_end}};
        for (size_t k = 0; k < 2 && rows[i].pauses[2 * k + 1] != 0; k++) {
            begin[k] = MIDNIGHT + rows[i].pauses[2 * k] * MINUTE;
            end[k] = MIDNIGHT + rows[i].pauses[2 * k + 1] * MINUTE;
            if (end[k] <= MIDNIGHT + rows[i].start_min * MINUTE) {
                break; /* case_stretches() clips: it never hands over what ended before */
            }
            steady_begin[k] = begin[k] - MIDNIGHT;
            steady_end[k] = end[k] - MIDNIGHT;
            apart.wall.count = apart.steady.count = k + 1;
        }
        struct waits waits = {.limit = {.unit = rows[i].unit, .count = rows[i].count},
                .counts_working = rows[i].working,
                .on_wall = rows[i].on_wall,
                .at_closing = rows[i].at_closing};
        rd_time start = rows[i].start_min * MINUTE, want = rows[i].due_min * MINUTE;
        struct due due = due_after(rig->engine, calendar, &waits,
                (struct instant){.wall = MIDNIGHT + start, .steady = start}, &apart);
        bool is_steady = rows[i].unit == RD_LIMIT_SECONDS && !rows[i].working && !rows[i].on_wall;
        assert_int_equal(due.is_steady, is_steady);
        if (due.at != want + (is_steady ? 0 : MIDNIGHT)) {
            fail_msg("row %zu: due at minute %lld, want %d", i,
                    (long long)((due.at - (is_steady ? 0 : MIDNIGHT)) / MINUTE), rows[i].due_min);
        }
    }
}

/* ---- lifecycle and the table of events ---- */

static void the_lifecycle_says_where_an_event_moves_a_case(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum case_kind kind;
        enum case_state from;
        enum lifecycle want;
        enum case_state to;
    } rows[] = {
            {"case.assigned", CASE_COMPLAINT, CASE_OPEN, LIFECYCLE_MOVES, CASE_ASSIGNED},
            {"case.assigned", CASE_COMPLAINT, CASE_HANDLING, LIFECYCLE_MOVES, CASE_ASSIGNED},
            {"case.assigned", CASE_COMPLAINT, CASE_DECIDED, LIFECYCLE_SAME, CASE_DECIDED},
            {"case.assigned", CASE_COMPLAINT, CASE_CLOSED, LIFECYCLE_ILLEGAL, CASE_CLOSED},
            {"case.acknowledged", CASE_DUTY, CASE_ASSIGNED, LIFECYCLE_MOVES, CASE_HANDLING},
            {"case.acknowledged", CASE_DUTY, CASE_CLOSED, LIFECYCLE_LATE, CASE_CLOSED},
            {"case.decided", CASE_CONTACT, CASE_OPEN, LIFECYCLE_ILLEGAL, CASE_OPEN},
            {"case.decided", CASE_COMPLAINT, CASE_OPEN, LIFECYCLE_MOVES, CASE_DECIDED},
            {"case.decided", CASE_COMPLAINT, CASE_CLOSED, LIFECYCLE_LATE, CASE_CLOSED},
            {"case.closed", CASE_CONTACT, CASE_GROWN, LIFECYCLE_ILLEGAL, CASE_GROWN},
            {"case.defused", CASE_CONTACT, CASE_HANDLING, LIFECYCLE_MOVES, CASE_CLOSED},
            {"case.defused", CASE_COMPLAINT, CASE_OPEN, LIFECYCLE_ILLEGAL, CASE_OPEN},
            {"case.reopened", CASE_COMPLAINT, CASE_CLOSED, LIFECYCLE_MOVES, CASE_OPEN},
            {"case.noted", CASE_CONTACT, CASE_GROWN, LIFECYCLE_SAME, CASE_GROWN},
            {"alert.acknowledged", CASE_CONTACT, CASE_OPEN, LIFECYCLE_MOVES, CASE_HANDLING},
            {"silence.ended", CASE_CONTACT, CASE_OPEN, LIFECYCLE_ILLEGAL, CASE_OPEN},
    };
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        enum rd_event_type type;
        enum case_state to;
        assert_int_equal(rd_event_type_parse(rd_str_of(rows[i].type), &type), 0);
        assert_int_equal(
                lifecycle_of(&event_rule(type)->lifecycle, rows[i].kind, rows[i].from, &to),
                rows[i].want);
        assert_int_equal(to, rows[i].to);
    }
}

static void every_type_has_a_whole_rule(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RD_EVENT_TYPE_COUNT; i++) {
        enum rd_event_type type = (enum rd_event_type)i;
        const struct event_rule *rule = event_rule(type);
        const char *cells = rule->lifecycle.cells;
        assert_non_null(rule->take);
        assert_int_equal(cells != NULL, rule->lifecycle.kinds != 0);
        if (rd_event_needs_case(type)) {
            assert_true(cells != NULL && rule->find != NULL);
        }
        if (cells != NULL) {
            assert_int_equal(strlen(cells), CASE_GROWN + 1);
            assert_int_equal(strspn(cells, "=-lOAHDC"), CASE_GROWN + 1);
        }
        /* what it keeps it can bring */
        assert_true((rule->keeps & ~rd_type_rule(type)->allowed) == 0);
        enum rd_moment moment;
        assert_int_equal(engine_event_moment(type, &moment), rule->moment != RD_MOMENT_COUNT);
    }
    assert_true(engine_event_is_relief(RD_EVENT_CLOSED));
    assert_false(engine_event_is_relief(RD_EVENT_COMPLAINT_REGISTERED));
}

/* ---- arming ---- */

enum { OWNERS = 40 };

struct armed_owner {
    rd_time armed;
    uint64_t number;
};
static struct armed_owner owners[OWNERS]; /* whom is_live() asks */

static bool is_live(struct engine *engine, const struct timer_row *row)
{
    (void)engine;
    return row->owner < OWNERS && owners[row->owner].armed == row->due;
}

static void arm(struct engine *engine, uint64_t owner, rd_time due)
{
    struct timer_row row = {.is_service = true, .kind = TIMER_PAUSE, .owner = owner};
    timer_arm(engine, &owners[owner].armed, due, row);
}

static rd_time first_live(struct engine *engine)
{
    struct timer_row row;
    return next_live(engine, false, is_live, &row) ? row.due : RD_TIME_NONE;
}

static void the_first_live_timer_is_found_whatever_stands_before_it(void **state)
{
    struct rig *rig = *state;
    struct engine *engine = rig->engine;
    struct engine_time at = rig_at(MIDNIGHT);
    record_begin(engine, &at);
    for (size_t i = 0; i < OWNERS; i++) {
        owners[i] = (struct armed_owner){.armed = RD_TIME_NONE, .number = i};
    }
    assert_int_equal(first_live(engine), RD_TIME_NONE);
    uint64_t random = 12345, count = 0;
    for (int step = 0; step < 4000; step++) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        uint64_t owner = (random >> 33) % OWNERS;
        rd_time due = (random >> 20) % 4 == 0
                              ? RD_TIME_NONE
                              : MIDNIGHT + (rd_time)((random >> 40) % 1000) * MINUTE;
        arm(engine, owner, due);
        if (step % 3 == 0) {
            next_settle(engine);
        }
        rd_time first = RD_TIME_NONE;
        count = 0;
        for (size_t i = 0; i < OWNERS; i++) {
            bool is_armed = owners[i].armed != RD_TIME_NONE;
            count += is_armed;
            if (is_armed && (first == RD_TIME_NONE || owners[i].armed < first)) {
                first = owners[i].armed;
            }
        }
        assert_int_equal(first_live(engine), first);
        assert_int_equal(engine->counters.armed_timers, count);
    }
    struct timer_row row;
    rd_time wall, before = INT64_MIN;
    while (next_first(engine, &row, &wall)) { /* all rows, stale ones too, in order */
        assert_true(wall >= before);
        before = wall;
        next_remove(engine, &row);
        next_settle(engine);
    }
    assert_int_equal(first_live(engine), RD_TIME_NONE);
}

static void arming_for_the_same_instant_does_nothing(void **state)
{
    struct rig *rig = *state;
    struct engine *engine = rig->engine;
    struct engine_time at = rig_at(MIDNIGHT);
    record_begin(engine, &at);
    owners[1].armed = RD_TIME_NONE;
    arm(engine, 1, MIDNIGHT + HOUR);
    arm(engine, 1, MIDNIGHT + HOUR);
    assert_int_equal(engine->counters.armed_timers, 1);
    arm(engine, 1, MIDNIGHT + 2 * HOUR);
    assert_int_equal(engine->counters.armed_timers, 1);
    assert_int_equal(first_live(engine), MIDNIGHT + 2 * HOUR);
    arm(engine, 1, RD_TIME_NONE);
    assert_int_equal(engine->counters.armed_timers, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    a_limit_ends_where_its_time_has_passed_outside_the_pauses, rig_open, rig_close),
            cmocka_unit_test(the_lifecycle_says_where_an_event_moves_a_case),
            cmocka_unit_test(every_type_has_a_whole_rule),
            cmocka_unit_test_setup_teardown(
                    the_first_live_timer_is_found_whatever_stands_before_it, rig_open, rig_close),
            cmocka_unit_test_setup_teardown(
                    arming_for_the_same_instant_does_nothing, rig_open, rig_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
