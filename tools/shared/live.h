/* tools/shared/live.h — names that only a running daemon knows, for hints and completion.
 *
 * Where nobody answers soon, there are none. */
#pragma once

#include "common/nearest.h"

/* One a line: the paths of the units; the subjects of open cases. */
void live_print_units(const char *desk);
void live_print_subjects(const char *desk);
/* Of what is written: the nearest unit, the nearest subject of an open case. "; did you mean X?",
 * or an empty text. */
enum { LIVE_HINT_MAX = 512 };
const char *live_unit_hint(const char *desk, const char *written, char room[static LIVE_HINT_MAX]);
const char *live_subject_hint(
        const char *desk, const char *written, char room[static LIVE_HINT_MAX]);
