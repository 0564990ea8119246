#include "daemon/desk/duty_state.h"

#include "daemon/store/rows/name_row.h"

const char *duty_state_name(enum duty_state state)
{
    static const char *const names[DUTY_STATES] = {"owed", "overdue", "done", "late", "dropped"};
    RD_ASSERT(state < DUTY_STATES);
    return names[state];
}

/* Of the unit's calendar in the present plan; of one that has gone the root's. */
static const struct rd_calendar *calendar_of(const struct method_call *call, uint32_t unit)
{
    int32_t index = rd_plan_unit_find(call->plan, name_text(call->view, unit));
    return &call->plan->calendars[call->plan->units[index != RD_NO_INDEX ? index : 0].calendar];
}

rd_time duty_due(const struct method_call *call, const struct duty_row *row)
{
    return row->is_due_day && row->due != RD_TIME_NONE
                   ? rd_calendar_instant(
                             calendar_of(call, row->respondent), (rd_day)row->due, 24 * 60)
                   : row->due;
}

enum duty_state duty_state_of(const struct method_call *call, const struct duty_row *row)
{
    rd_time due = duty_due(call, row);
    if (row->decided != RD_TIME_NONE) {
        return due != RD_TIME_NONE && row->decided >= due ? DUTY_LATE : DUTY_DONE;
    }
    if (row->state == CASE_CLOSED) {
        return DUTY_DROPPED;
    }
    return due != RD_TIME_NONE && due <= call->counts.wall ? DUTY_OVERDUE : DUTY_OWED;
}

rd_day duty_last_day(const struct method_call *call, const struct duty_row *row)
{
    rd_time due = duty_due(call, row);
    return due != RD_TIME_NONE ? rd_calendar_day(calendar_of(call, row->respondent), due - 1)
                               : RD_DAY_NONE;
}
