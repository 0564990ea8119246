/* tools/shared/progress.h — a bar on a terminal while something is worked through. */
#pragma once

#include "common/base.h"

struct progress {
    const char *what; /* "reading" */
    bool is_shown;
    int64_t begun_us, shown_us;
};

struct progress progress_begin(const char *what, bool is_shown);
void progress_show(struct progress *progress, uint64_t done, uint64_t all); /* all 0: unknown */
void progress_end(struct progress *progress);                               /* wipes the line */
