#include "daemon/desk/report.h"

/* Of which days, of what and by what a report is asked for. */

/* So far that the longest span has one before it that the calendar knows. */
enum { YEAR_FIRST = 1900, YEAR_LAST = 2999 };

static bool fail_reach(struct method_call *call)
{
    return method_fail(
            call, "bad_params", "a report is of days from %d to %d", YEAR_FIRST, YEAR_LAST);
}

static bool read_period(
        struct method_call *call, const char *key, rd_day today, struct rd_period *ret_period)
{
    struct rd_str text = param_str(call, key);
    struct rd_period year = {today, today};
    if (!param_has(call, key)) {
        char room[RD_DATE_TEXT_MAX];
        rd_day_format(today, room);
        if (rd_period_parse((struct rd_str){room, 4}, &year) < 0) {
            return fail_reach(call); /* time that comes from events may stand anywhere */
        }
        *ret_period = (struct rd_period){year.first, today};
        return true;
    }
    return rd_period_parse(text, ret_period) == 0 ||
           method_fail(call, "bad_params",
                   "%s is a day, week, month, quarter, half or year: 2021-09-08, 2021-W36, "
                   "2021-09, 2021-Q3, 2021-H2 or 2021",
                   key);
}

/* The first day of `from` to the last one of `to`, which is that of `from` where it is absent. */
static bool read_span(struct method_call *call, rd_day today, struct rd_period *ret_period)
{
    struct rd_period to;
    if (!read_period(call, "from", today, ret_period) || !read_period(call, "to", today, &to)) {
        return false;
    }
    if (param_has(call, "to")) {
        ret_period->last = to.last;
        ret_period->first = param_has(call, "from") ? ret_period->first : to.first;
    }
    if (rd_date_of(ret_period->first).year < YEAR_FIRST ||
            rd_date_of(ret_period->last).year > YEAR_LAST) {
        return fail_reach(call);
    }
    return ret_period->first <= ret_period->last ||
           method_fail(call, "bad_params", "to lies before from");
}

static bool read_by(struct method_call *call, struct tally_question *question)
{
    static const struct {
        const char *name;
        enum tally_by by;
    } NAMES[] = {{"unit", BY_UNIT}, {"respondent", BY_RESPONDENT}, {"month", BY_MONTH}};
    struct rd_str by = param_str(call, "by");
    if (by.len == 0) {
        return true;
    }
    for (size_t i = 0; i < RD_COUNT(NAMES); i++) {
        if (rd_str_is(by, NAMES[i].name)) {
            question->by = NAMES[i].by;
            return true;
        }
    }
    for (int dim = RD_DIM_CASE_FIRST; dim <= RD_DIM_CLOCK; dim++) {
        if (rd_str_is(by, rd_dim_name((enum rd_dim)dim))) {
            question->by = BY_DIM;
            question->dim = (enum rd_dim)dim;
            return true;
        }
    }
    return method_fail(call, "bad_params",
            "by is unit, respondent, product, channel, seller, issue, cause, policy, duty, clock "
            "or month");
}

/* The last checkpoint's; before the first one the daemon's own. */
static rd_time report_wall(const struct method_call *call)
{
    bool has_kept = call->counts.wall != RD_TIME_NONE && call->counts.wall != RD_TIME_MIN;
    return has_kept ? call->counts.wall : call->live->wall;
}

bool report_question(
        struct method_call *call, struct tally_question *ret_question, struct rd_period *ret_period)
{
    rd_time wall = report_wall(call);
    if (wall == RD_TIME_NONE || wall == RD_TIME_MIN) {
        return method_fail(call, "not_yet", "time comes from events, and none has come yet");
    }
    const struct rd_plan_unit *root = &call->plan->units[0];
    struct rd_str unit = param_str(call, "unit");
    while (unit.len > 0 && unit.ptr[unit.len - 1] == '/') {
        unit.len--;
    }
    const struct rd_calendar *calendar = &call->plan->calendars[root->calendar];
    rd_time followed = wall - call->plan->assessment.follow_up_us;
    *ret_question = (struct tally_question){.call = call,
            .unit = unit.len > 0 ? unit : root->path,
            .followed = rd_calendar_day(calendar, followed),
            .today = rd_calendar_day(calendar, wall)};
    return read_by(call, ret_question) && read_span(call, ret_question->today, ret_period);
}
