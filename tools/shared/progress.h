/* tools/shared/progress.h — a line on a terminal while something is worked through: a bar, or what
 * the caller has to tell. At most ten times a second. */
#pragma once

#include "common/base/base.h"

struct progress {
    const char *what; /* "reading" */
    bool is_shown;
    int64_t begun_us, shown_us;
};

struct progress progress_begin(const char *what, bool is_shown);
void progress_show(struct progress *progress, uint64_t done, uint64_t all); /* all 0: unknown */
/* Is it time for the next line? True: the caller tells it, with progress_tell(). */
bool progress_is_due(struct progress *progress);
void progress_tell(struct progress *progress, const char *format, ...) RD_PRINTF(2, 3);
void progress_end(struct progress *progress); /* wipes the line */
