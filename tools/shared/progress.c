#include "tools/shared/progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "tools/shared/ends.h"

enum { BAR_WIDTH = 40, EVERY_US = 100000 };

struct progress progress_begin(const char *what, bool is_shown)
{
    int64_t now_us = is_shown ? steady_us() : 0;
    return (struct progress){
            .what = what, .is_shown = is_shown, .begun_us = now_us, .shown_us = now_us};
}

bool progress_is_due(struct progress *progress)
{
    int64_t now_us = progress->is_shown ? steady_us() : 0;
    if (!progress->is_shown || now_us - progress->shown_us < EVERY_US) {
        return false;
    }
    progress->shown_us = now_us;
    return true;
}

void progress_tell(struct progress *progress, const char *format, ...)
{
    va_list args;
    (void)fprintf(stderr, "\r\033[K%s ", progress->what);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fflush(stderr);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t all)
{
    if (all == 0 || !progress_is_due(progress)) {
        return;
    }
    char bar[BAR_WIDTH + 1];
    uint64_t full = done >= all ? BAR_WIDTH : done * BAR_WIDTH / all;
    for (uint64_t i = 0; i < BAR_WIDTH; i++) {
        bar[i] = i < full ? '#' : '.';
    }
    bar[BAR_WIDTH] = '\0';
    progress_tell(
            progress, "[%s] %3" PRIu64 " %%", bar, done >= all ? UINT64_C(100) : done * 100 / all);
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown) {
        (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
    }
}
