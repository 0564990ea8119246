#include "daemon/engine/lifecycle.h"

#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"

/* The lifecycle table of redress-events(7). Columns: open, assigned, handling, decided, closed,
 * grown. Conditions beyond the state (a pause open, a question owed) are with what takes the event.
 *
 *   O A H D C  the state it moves to      G  grown
 *   =  stays                              -  illegal_transition
 *   l  after closing: history, if its own time is at or before the closing */
struct cells {
    enum rd_event_type type;
    unsigned kinds; /* bits of kinds it is for */
    const char *of;
};

enum { K_C = 1 << CASE_CONTACT, K_K = 1 << CASE_COMPLAINT, K_D = 1 << CASE_DUTY, K_ALL = 7 };

static const struct cells table[] = {
        {RD_EVENT_ASSIGNED, K_ALL, "AAA=--"},
        {RD_EVENT_ACKNOWLEDGED, K_ALL, "HH==l-"},
        {RD_EVENT_CUSTOMER_CONTACTED, K_ALL, "HH==l-"},
        {RD_EVENT_DECIDED, K_K | K_D, "DDD=l-"},
        {RD_EVENT_CLOSED, K_ALL, "CCCC--"},
        {RD_EVENT_WITHDRAWN, K_ALL, "CCCC--"},
        {RD_EVENT_MERGED, K_ALL, "CCCC--"},
        {RD_EVENT_DEFUSED, K_C, "CCC---"},
        {RD_EVENT_REOPENED, K_ALL, "---OO-"},
        {RD_EVENT_REVIEW_REQUESTED, K_ALL, "---OO-"},
        {RD_EVENT_FORWARDED, K_K, "====O-"},
        {RD_EVENT_PAUSED, K_ALL, "===---"},
        {RD_EVENT_RESUMED, K_ALL, "====--"},
        {RD_EVENT_EXTENDED, K_ALL, "=====-"},
        {RD_EVENT_ESCALATED, K_ALL, "====--"},
        {RD_EVENT_CHASED, K_ALL, "====--"},
        {RD_EVENT_ANSWERED, K_ALL, "====--"},
        {RD_EVENT_JOINED, K_ALL, "====--"},
        {RD_EVENT_FACTS_ADDED, K_ALL, "====--"},
        {RD_EVENT_PANEL_OPENED, K_ALL, "====--"},
        {RD_EVENT_PANEL_CONCLUDED, K_ALL, "====--"},
        {RD_EVENT_REVIEW_DECIDED, K_ALL, "====--"},
        {RD_EVENT_MEDIATION_CALLED, K_K, "====--"},
        {RD_EVENT_MEDIATION_ACCEPTED, K_K, "====--"},
        {RD_EVENT_MEDIATION_DECLINED, K_K, "====--"},
        {RD_EVENT_MEDIATION_SETTLED, K_K, "====--"},
        {RD_EVENT_MEDIATION_FAILED, K_K, "=====-"},
        {RD_EVENT_MEDIATION_EXECUTED, K_K, "=====-"},
        {RD_EVENT_AMENDED, K_ALL, "======"},
        {RD_EVENT_NOTED, K_ALL, "======"},
        {RD_EVENT_VERIFIED, K_ALL, "======"},
        {RD_EVENT_CAUSE_FOUND, K_ALL, "======"},
        {RD_EVENT_RECTIFIED, K_ALL, "======"},
        {RD_EVENT_SANCTIONED, K_ALL, "======"},
        {RD_EVENT_NOTICE_GIVEN, K_ALL, "======"},
        {RD_EVENT_REAPPLIED, K_ALL, "======"},
        {RD_EVENT_DUTY_PROGRESSED, K_D, "====--"},
};

enum lifecycle lifecycle_of(enum rd_event_type type, enum case_kind kind, enum case_state state,
        enum case_state *ret_to)
{
    *ret_to = state;
    for (size_t i = 0; i < RD_COUNT(table); i++) {
        if (table[i].type != type) {
            continue;
        }
        if ((table[i].kinds >> kind & 1U) == 0) {
            return LIFECYCLE_ILLEGAL;
        }
        switch (table[i].of[state]) {
        case '=':
            return LIFECYCLE_SAME;
        case 'l':
            return LIFECYCLE_LATE;
        case 'O':
            *ret_to = CASE_OPEN;
            return LIFECYCLE_MOVES;
        case 'A':
            *ret_to = CASE_ASSIGNED;
            return LIFECYCLE_MOVES;
        case 'H':
            *ret_to = CASE_HANDLING;
            return LIFECYCLE_MOVES;
        case 'D':
            *ret_to = CASE_DECIDED;
            return LIFECYCLE_MOVES;
        case 'C':
            *ret_to = CASE_CLOSED;
            return LIFECYCLE_MOVES;
        default:
            return LIFECYCLE_ILLEGAL;
        }
    }
    return LIFECYCLE_ILLEGAL;
}
