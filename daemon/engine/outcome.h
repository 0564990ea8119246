/* daemon/engine/outcome.h — what became of a first contact: one answer for the desk, the back-test
 * and the learner. Pure. The first that holds, in the order of the words. */
#pragma once

#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/window_row.h"

enum contact_outcome {
    CONTACT_COMPLAINED, /* within follow_up */
    CONTACT_OPEN,       /* follow_up is not over */
    CONTACT_PREEMPTED,  /* defused, or closed after somebody spoke to the customer */
    CONTACT_TENDED,     /* acknowledged, or spoken to, and no more */
    CONTACT_QUIET,      /* nobody did anything, however it was closed */
    CONTACT_OUTCOMES,
};
const char *contact_outcome_name(enum contact_outcome outcome);

struct contact_fate {
    enum contact_outcome outcome;
    bool was_acted_on; /* before it complained, if it did */
    bool has_relapsed; /* it complained although it had been defused */
};
/* `opened`: its case; NULL: it stayed below the level. `is_over`: follow_up is. */
struct contact_fate contact_fate_of(
        const struct ledger_row *contact, const struct case_row *opened, bool is_over);
