/* tools/shared/scratch.h — a folder for the time of a run, in memory where there is /dev/shm. */
#pragma once

#include "common/base/base.h"

enum { SCRATCH_PATH_MAX = 256 };

struct scratch {
    char path[SCRATCH_PATH_MAX]; /* empty: none */
};

/* In $TMPDIR if that is set, else /dev/shm, else /tmp. 0 or -errno. */
RD_MUST_USE int scratch_make(struct scratch *ret_scratch);
void scratch_remove(struct scratch *scratch); /* with the files in it */
