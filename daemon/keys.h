/* daemon/keys.h — the secrets that are read from files of their own, and the keys that may come in.
 *
 * A secret's file belongs to this user or to root, and is closed to others. Source:
 * redress.yaml(5), "security", "alerts". */
#pragma once

#include "daemon/edge.h"

/* The context of the doors, and under security its keys. 0 or an exit status, the reason logged. */
RD_MUST_USE int keys_open_doors(struct edge *edge);
/* The clients of the configuration in force may come in from now on; whoever is here by another key
 * is cut off. Nothing without security. */
void keys_apply(struct edge *edge);

/* Reads the key of alerts.mask keyed. 0 or -errno; -EPERM: its owner or modes are wrong. */
RD_MUST_USE int keys_read_mask(struct edge *edge, const struct config *config);
/* Whether a start could read the keys, which are forgotten at once. 0, also where none is named, or
 * -errno as above. */
RD_MUST_USE int keys_look_mask(const struct config *config);
RD_MUST_USE int keys_look_secret(const struct config *config);
const char *keys_fault(int r); /* that error for a person */
