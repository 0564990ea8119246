/* daemon/turn.h — the turn: take what has arrived, apply, hand to the journal, let out what is
 * durable.
 *
 * One thread, one time a turn, nothing is waited for while work is there. Nothing leaves before it
 * is durable; a failure of the disk ends the process with nothing acknowledged. */
#pragma once

#include "daemon/edge.h"

/* Runs until SIGTERM or SIGINT, then drains. 0, or an exit status of sysexits.h, logged. */
RD_MUST_USE int turn_run(struct edge *edge);
