/* daemon/verdict.h — what a reload came to, told to whoever asked for it.
 *
 * A signal has no answer. The daemon therefore leaves one in the file "reload" of the folder that
 * the service manager gave it ($RUNTIME_DIRECTORY): when it began to read the configuration, on
 * CLOCK_MONOTONIC, and what came of it. `redressd --reload PID` notes the time, sends the signal
 * and waits for a verdict that began no earlier, so that neither an older verdict nor a reload that
 * was under way is taken for the answer. */
#pragma once

#include "common/time/utime.h"

/* `folder`: the value of RUNTIME_DIRECTORY; NULL: nobody can ask. `why`: NULL if the configuration
 * is in force, else one line. What cannot be written is logged: the reload itself is as it is. */
void verdict_write(const char *folder, rd_time begun_us, const char *why);

/* `redressd --reload PID`, whole: the exit status, after a line on standard error unless it is 0.
 */
int verdict_ask(const char *folder, uint64_t pid);
