/* tools/shared/live.h — names that only a running daemon knows, for hints and completion.
 *
 * Where nobody answers soon, there are none. */
#pragma once

#include "common/base/nearest.h"

enum { LIVE_HINT_MAX = 512 };

/* One a line: the paths of the units; the subjects of open cases. */
void live_print_units(const char *desk);
void live_print_subjects(const char *desk);
/* Is it the path of a unit? 1: yes; 0: no, and the hint is in `room`; -EAGAIN: the desk did not
 * answer soon. */
RD_MUST_USE int live_unit_exists(
        const char *desk, const char *unit, char room[static LIVE_HINT_MAX]);
/* The same of a source that an event came from; -EAGAIN also where there is none yet. */
RD_MUST_USE int live_source_exists(
        const char *desk, const char *source, char room[static LIVE_HINT_MAX]);
/* Of what is written: the nearest unit, the nearest subject of an open case. "; did you mean X?",
 * or an empty text, also of one that is there. */
const char *live_unit_hint(const char *desk, const char *written, char room[static LIVE_HINT_MAX]);
const char *live_subject_hint(
        const char *desk, const char *written, char room[static LIVE_HINT_MAX]);
