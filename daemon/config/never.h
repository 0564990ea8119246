/* daemon/config/never.h — what of a configuration can never happen, by its parts. */
#pragma once

#include "daemon/config/check.h"

/* Values of a match that no case ever has. `match` may be NULL. */
void config_note_match(
        struct config_load *load, const struct config_node *root, const struct config_node *match);
/* A clock of cases of that kind; empty: of any. */
void config_note_clock(struct config_load *load, const struct config_node *root, struct rd_str kind,
        const struct config_node *clock);
/* Whether a case of that kind, or of any where it is empty, has such a moment. */
bool never_has_moment(struct rd_str kind, struct rd_str moment);
/* It lies before whatever a case does. */
bool never_is_past(struct rd_str moment);
