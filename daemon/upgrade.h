/* daemon/upgrade.h — a state of an older version brought forward by the start that meets it.
 *
 * A snapshot of the old store, as it is: the way back. Beside it a new file of its rows, step by
 * step, in a folder of its own, which takes the old one's place at one stroke once the snapshot,
 * too, is on the disk: a crash leaves the old one or the new one, and the next start goes on from
 * there. Then a record
 * JOURNAL_SWITCH with the digests of the rows before and after; records before it stay what they
 * are, and are read, never applied again. Source: redressd(8), "UPGRADES". */
#pragma once

#include "daemon/edge.h"

/* The state is older, as `numbers` tells; the store is not open. 0, or an exit status of
 * sysexits.h, the reason logged. */
RD_MUST_USE int upgrade_state(
        struct edge *edge, const char *state, const struct store_numbers *numbers);
/* Removes the folder that a crash left after the store had taken its place. */
void upgrade_clear(const char *state);
/* After a start's replay and before its first record: where the last record is of an older engine
 * the record of the switch is appended. 0 or an exit status. */
RD_MUST_USE int upgrade_note(struct edge *edge);
