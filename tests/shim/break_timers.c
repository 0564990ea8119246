/* break_timers STORE_DIR: takes all timers out of their tables, behind the daemon's back. For the
 * test of the self-proof alone. */
#include <stdio.h>

#include "daemon/store/rows/timer_row.h"

int main(int argc, char **argv)
{
    struct store *store = NULL;
    struct timer_row row;
    char what[256] = "";
    struct store_options options = {.dir = argc == 2 ? argv[1] : "", .map_bytes_max = 1U << 30};
    if (store_open(&options, &store, what) < 0) {
        (void)fprintf(stderr, "%s\n", what);
        return 1;
    }
    unsigned gone = 0;
    for (int steady = 0; steady < 2; steady++) {
        while (timer_row_first(store_live(store), steady != 0, NULL, &row)) {
            timer_row_del(store_live(store), &row);
            gone++;
        }
    }
    int r = store_flush(store);
    store_close(store);
    return gone > 0 && r == 0 ? 0 : 1;
}
