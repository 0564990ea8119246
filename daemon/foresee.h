/* daemon/foresee.h — what --check-config can tell of a start besides the file: groups, keys and the
 * state folder as they are on this machine now, and turns that begin later than now. Source:
 * redressd(8), --check-config. */
#pragma once

#include "daemon/config/config.h"
#include "daemon/options.h"

/* Prints a note on standard error for each of them that would have a start refused, and for each
 * roster that `closed` names and that nobody has yet. */
void foresee_start(const struct config *config, const struct options *options);
