/* daemon/store/background.h — threads that nobody waits for. */
#pragma once

#include <sys/resource.h>
#include <unistd.h>

enum { BACKGROUND_NICE = 10 };

/* The calling thread lets the turn and the journal go first: an event waits for those, a checkpoint
 * only for the tail to become long. */
static inline void background_thread(void)
{
    int r = setpriority(PRIO_PROCESS, (id_t)gettid(), BACKGROUND_NICE);
    (void)r; /* not allowed: slower, not wrong */
}
