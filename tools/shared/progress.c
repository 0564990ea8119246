#include "tools/shared/progress.h"

#include <inttypes.h>
#include <stdio.h>

#include "tools/shared/ends.h"

enum { BAR_WIDTH = 40, EVERY_US = 100000 };

struct progress progress_begin(const char *what, bool is_shown)
{
    int64_t now_us = is_shown ? steady_us() : 0;
    return (struct progress){
            .what = what, .is_shown = is_shown, .begun_us = now_us, .shown_us = now_us};
}

void progress_show(struct progress *progress, uint64_t done, uint64_t all)
{
    int64_t now_us = progress->is_shown ? steady_us() : 0;
    if (!progress->is_shown || all == 0 || now_us - progress->shown_us < EVERY_US) {
        return;
    }
    progress->shown_us = now_us;
    char bar[BAR_WIDTH + 1];
    uint64_t full = done >= all ? BAR_WIDTH : done * BAR_WIDTH / all;
    for (uint64_t i = 0; i < BAR_WIDTH; i++) {
        bar[i] = i < full ? '#' : '.';
    }
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(stderr, "\r\033[K%s [%s] %3" PRIu64 " %%", progress->what, bar,
            done >= all ? UINT64_C(100) : done * 100 / all);
    (void)fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->is_shown) {
        (void)fprintf(stderr, "\r\033[K");
        (void)fflush(stderr);
    }
}
