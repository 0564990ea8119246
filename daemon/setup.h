/* daemon/setup.h — the daemon put together and taken apart, part by part, in the order of need.
 *
 * Each step returns 0 or an exit status of sysexits.h, the reason already logged. */
#pragma once

#include "daemon/edge.h"

/* Signals, timer, notify; memory. Before there is a second thread. */
RD_MUST_USE int setup_begin(struct edge *edge, const struct options *options);
/* Loads the configuration; errors go to standard error, a line each. */
RD_MUST_USE int setup_config(struct edge *edge);
/* Binds the doors and starts the desk: from here on somebody may knock. */
RD_MUST_USE int setup_doors(struct edge *edge);
/* All of it, as far as it got. */
void setup_end(struct edge *edge);

/* Prints every error of a configuration, and how many were left off. */
void setup_print_errors(const struct config_errors *errors);
