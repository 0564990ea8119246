/* daemon/desk/duty_state.h — how far a duty is. This room only. */
#pragma once

#include "daemon/desk/method.h"
#include "daemon/store/rows/duty_row.h"

enum duty_state {
    DUTY_OWED,    /* its day has not passed */
    DUTY_OVERDUE, /* its day has passed */
    DUTY_DONE,    /* decided by its day */
    DUTY_LATE,    /* decided after it */
    DUTY_DROPPED, /* closed without a decision */
    DUTY_STATES,
};
const char *duty_state_name(enum duty_state state);
/* When its day ends; RD_TIME_NONE: it has none. */
rd_time duty_due(const struct method_call *call, const struct duty_row *row);
/* The day that ends then, by the calendar of its respondent; RD_DAY_NONE: it has none. */
rd_day duty_last_day(const struct method_call *call, const struct duty_row *row);
enum duty_state duty_state_of(const struct method_call *call, const struct duty_row *row);
