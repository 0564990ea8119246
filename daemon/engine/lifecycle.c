#include "daemon/engine/lifecycle.h"

#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"

enum lifecycle lifecycle_of(const struct lifecycle_row *row, enum case_kind kind,
        enum case_state state, enum case_state *ret_to)
{
    *ret_to = state;
    if (row->cells == NULL || (row->kinds >> kind & 1U) == 0) {
        return LIFECYCLE_ILLEGAL;
    }
    switch (row->cells[state]) {
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
