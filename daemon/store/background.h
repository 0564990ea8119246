/* daemon/store/background.h — priorities of threads that no event waits for. */
#pragma once

#include <sys/resource.h>
#include <unistd.h>

/* In order of urgency: a checkpoint goes before filling a filter with all keys, which may take
 * seconds after a start. */
enum background { BACKGROUND_CHECKPOINT = 10, BACKGROUND_FILTER = 19 };

/* The calling thread lets the turn and the journal go first: an event waits for those, a checkpoint
 * only for the tail to become long. */
static inline void background_thread(enum background niceness)
{
    int r = setpriority(PRIO_PROCESS, (id_t)gettid(), (int)niceness);
    (void)r; /* if this is not permitted, the thread only disturbs the turn a little more */
}
