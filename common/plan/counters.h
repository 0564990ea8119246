/* common/plan/counters.h — what the engine counts, and along what: the raw material of figures.h.
 *
 * A counter row holds, for a stretch (a local day or a month), a unit, a dimension and its value,
 * sums by counter and by a `sub` that splits it. Numbers are a format: append only. */
#pragma once

#include "common/base/base.h"

/* Of what the sums of a row are: of all; of the cases with a product, channel, …; of a clock; of
 * one person who was sanctioned; of what is overdue, by the day of the breach. */
#define RD_DIMS(X)                                                                                 \
    X(ALL, "all")                                                                                  \
    X(PRODUCT, "product")                                                                          \
    X(CHANNEL, "channel")                                                                          \
    X(SELLER, "seller")                                                                            \
    X(ISSUE, "issue")                                                                              \
    X(CAUSE, "cause")                                                                              \
    X(POLICY, "policy")                                                                            \
    X(DUTY, "duty")                                                                                \
    X(CLOCK, "clock")                                                                              \
    X(PERSON, "person")                                                                            \
    X(OVERDUE, "overdue")

enum rd_dim {
#define X(suffix, name) RD_DIM_##suffix,
    RD_DIMS(X)
#undef X
            RD_DIM_COUNT
};
/* Those of a case as a whole: everything that it counts for stands in each of them. */
enum { RD_DIM_CASE_FIRST = RD_DIM_PRODUCT, RD_DIM_CASE_LAST = RD_DIM_DUTY };
const char *rd_dim_name(enum rd_dim dim);

/* X(suffix, sub). What `sub` is: nothing, a level, an outcome (rd_event's closed list), a currency
 * or clock (name numbers), a bucket of common/base/hist.h in seconds, a role. */
#define RD_COUNTERS(X)                                                                             \
    X(NONE, "")                                                                                    \
    X(CONTACTS, "level")                                                                           \
    X(COMPLAINED_ACTED, "level")                                                                   \
    X(COMPLAINED_IDLE, "level")                                                                    \
    X(RELAPSED, "level")                                                                           \
    X(PREEMPTED, "level")                                                                          \
    X(TENDED, "level")                                                                             \
    X(QUIET, "level")                                                                              \
    X(COMPLAINTS, "")                                                                              \
    X(REGULATOR, "")                                                                               \
    X(VALID, "")                                                                                   \
    X(VALID_REGULATOR, "")                                                                         \
    X(ELDERLY, "")                                                                                 \
    X(REOPENED, "")                                                                                \
    X(DECIDED, "outcome")                                                                          \
    X(DECIDED_TIMED, "")                                                                           \
    X(DECIDED_IN_TIME, "")                                                                         \
    X(CLOSED, "")                                                                                  \
    X(CLOCK_MET, "clock")                                                                          \
    X(CLOCK_LATE, "clock")                                                                         \
    X(TIME_ACK, "bucket")                                                                          \
    X(TIME_CONTACT, "bucket")                                                                      \
    X(TIME_DECIDE, "bucket")                                                                       \
    X(CALLED, "")                                                                                  \
    X(CALLED_WILLING, "")                                                                          \
    X(CALLED_ATTENDED, "")                                                                         \
    X(MEDIATED, "")                                                                                \
    X(SETTLED, "")                                                                                 \
    X(SETTLED_AMOUNT, "currency")                                                                  \
    X(SETTLED_DUE, "")                                                                             \
    X(EXECUTED_IN_TIME, "")                                                                        \
    X(ACCOMMODATIONS, "")                                                                          \
    X(PAID_TERMINATION, "currency")                                                                \
    X(PAID_REFUND, "currency")                                                                     \
    X(PAID_COMPENSATION, "currency")                                                               \
    X(PAID_GOODWILL, "currency")                                                                   \
    X(SANCTIONED, "role")                                                                          \
    X(CAUSES, "")                                                                                  \
    X(RECTIFIED, "")                                                                               \
    X(RECURRED, "")                                                                                \
    X(NOTICES, "")                                                                                 \
    X(DUTIES, "")                                                                                  \
    X(DUTIES_IN_TIME, "")                                                                          \
    X(DUTIES_LATE, "")                                                                             \
    X(DUTY_TOTAL, "")                                                                              \
    X(DUTY_DONE, "")                                                                               \
    X(SCREENED, "")                                                                                \
    X(AT_RISK, "")                                                                                 \
    X(CLEARED, "")                                                                                 \
    X(REPORTS_OWED, "")                                                                            \
    X(REPORTS_IN, "")                                                                              \
    X(REPORTS_LATE, "")                                                                            \
    X(SURVEYED, "")                                                                                \
    X(SATISFIED, "")                                                                               \
    X(OVERDUE, "")                                                                                 \
    X(CONTACTS_OPEN, "level")                                                                      \
    X(PERSONS, "role")

enum rd_counter {
#define X(suffix, sub) RD_COUNTER_##suffix,
    RD_COUNTERS(X)
#undef X
            RD_COUNTER_COUNT
};
const char *rd_counter_name(enum rd_counter counter); /* the suffix */

/* Roles of those who are sanctioned, as `sub`. */
enum { RD_ROLE_SELLER, RD_ROLE_SUPERVISOR, RD_ROLE_MANAGER, RD_ROLE_OTHER };
