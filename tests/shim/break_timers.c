/* break_timers STORE_DIR [ghost]: takes all timers out of their tables, behind the daemon's back;
 * or lets a source claim a timer that nobody counted. For the test of the self-proof alone. */
#include <stdio.h>
#include <string.h>

#include "daemon/store/rows/source_row.h"
#include "daemon/store/rows/timer_row.h"

static bool take_all(struct store_view *view)
{
    struct timer_row row;
    bool has_any = false;
    for (int steady = 0; steady < 2; steady++) {
        while (timer_row_first(view, steady != 0, NULL, &row)) {
            timer_row_del(view, &row);
            has_any = true;
        }
    }
    return has_any;
}

static bool add_ghost(struct store_view *view)
{
    struct source_row ghost = source_row_new(1);
    ghost.gap_armed = 1;
    source_row_put(view, RD_STR("ghost"), &ghost);
    return true;
}

int main(int argc, char **argv)
{
    struct store *store = NULL;
    char what[256] = "";
    bool is_ghost = argc == 3 && strcmp(argv[2], "ghost") == 0;
    if (argc != 2 && !is_ghost) {
        (void)fprintf(stderr, "usage: break_timers STORE_DIR [ghost]\n");
        return 1;
    }
    struct store_options options = {.dir = argv[1], .map_bytes_max = 1U << 30};
    if (store_open(&options, &store, what) < 0) {
        (void)fprintf(stderr, "%s\n", what);
        return 1;
    }
    bool is_broken = is_ghost ? add_ghost(store_live(store)) : take_all(store_live(store));
    int r = store_flush(store);
    store_close(store);
    return is_broken && r == 0 ? 0 : 1;
}
