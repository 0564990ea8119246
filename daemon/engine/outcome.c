#include "daemon/engine/outcome.h"

const char *contact_outcome_name(enum contact_outcome outcome)
{
    static const char *const names[] = {"complained", "open", "preempted", "tended", "quiet"};
    RD_ASSERT((size_t)outcome < RD_COUNT(names));
    return names[outcome];
}

static bool was_before(const struct case_row *opened, enum rd_moment moment, rd_time until)
{
    rd_time at = opened->moments[moment].wall;
    return at != RD_TIME_NONE && (until == RD_TIME_NONE || at < until);
}

/* One that joined a complaint has no case of its own that could be defused or closed. */
static enum contact_outcome settled(const struct case_row *opened, bool was_acted_on)
{
    bool is_own = opened != NULL && opened->kind == CASE_CONTACT;
    bool was_spoken_to =
            is_own && opened->moments[RD_MOMENT_CUSTOMER_CONTACTED].wall != RD_TIME_NONE;
    if (is_own && (opened->was_defused || (was_spoken_to && opened->state == CASE_CLOSED))) {
        return CONTACT_PREEMPTED;
    }
    return was_acted_on ? CONTACT_TENDED : CONTACT_QUIET;
}

struct contact_fate contact_fate_of(
        const struct ledger_row *contact, const struct case_row *opened, bool is_over)
{
    rd_time complained = contact->complained;
    struct contact_fate fate = {0};
    fate.was_acted_on =
            opened != NULL &&
            (opened->was_defused || was_before(opened, RD_MOMENT_ACKNOWLEDGED, complained) ||
                    was_before(opened, RD_MOMENT_CUSTOMER_CONTACTED, complained));
    if (complained != RD_TIME_NONE) {
        fate.outcome = CONTACT_COMPLAINED;
        fate.has_relapsed = opened != NULL && opened->was_defused;
    } else {
        fate.outcome = is_over ? settled(opened, fate.was_acted_on) : CONTACT_OPEN;
    }
    return fate;
}
