#include "daemon/engine/events.h"

#include <errno.h>

#include "common/wire/event_table.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/rectification.h"
#include "daemon/engine/state.h"
#include "daemon/engine/target.h"
#include "daemon/store/rows/case_row.h"

/* The words of the rows. */
enum {
    NO = 0,
    CONTACT = 1 << CASE_CONTACT,
    COMPLAINT = 1 << CASE_COMPLAINT,
    DUTY = 1 << CASE_DUTY,
    ALL = CONTACT | COMPLAINT | DUTY,
    RELIEF = EVENT_IS_RELIEF,
    NO_WORK = EVENT_LEAVES_LEASE,
    TEXT = EVENT_HAS_TEXT,
    MATCHED = EVENT_IS_MATCHED,
    RD_MOMENT_NONE = RD_MOMENT_COUNT,
};
#define K(suffix) RD_KEY_BIT(RD_KEY_##suffix)
#define DECISION                                                                                   \
    (K(OUTCOME) | K(AMOUNT) | K(CURRENCY) | K(ACCOMMODATION) | K(PAID_FOR) | K(APPROVED_BY) |      \
            K(LIABLE))
/* When a unit acknowledges its own alert it has acknowledged the case, too. */
#define CELLS_ACKNOWLEDGED "HH==l-"

static const struct event_rule RULES[RD_EVENT_TYPE_COUNT] = {
#define X(suffix, find_, take_, kinds_, cells_, moment_, keeps_, flags_)                           \
    [RD_EVENT_##suffix] = {.find = (find_),                                                        \
            .take = (take_),                                                                       \
            .lifecycle = {.kinds = (kinds_), .cells = (cells_)},                                   \
            .moment = (enum rd_moment)RD_MOMENT_##moment_,                                         \
            .keeps = (keeps_),                                                                     \
            .flags = (flags_)},
        ENGINE_EVENT_ROWS(X)
#undef X
};

const struct event_rule *event_rule(enum rd_event_type type)
{
    RD_ASSERT((size_t)type < RD_COUNT(RULES) && RULES[type].take != NULL);
    return &RULES[type];
}

bool engine_event_is_relief(enum rd_event_type type)
{
    return (event_rule(type)->flags & EVENT_IS_RELIEF) != 0;
}

bool engine_event_moment(enum rd_event_type type, enum rd_moment *ret_moment)
{
    *ret_moment = event_rule(type)->moment;
    return *ret_moment != RD_MOMENT_COUNT;
}
