/* break_state STORE_DIR timers|ghost|history: behind the daemon's back takes all timers out of
 * their tables, lets a source claim a timer that nobody counted, or takes the newest entry out
 * of the history. For the tests of the self-proof alone. */
#include <stdio.h>
#include <string.h>

#include "daemon/store/rows/key.h"
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

static bool take_entry(struct store_view *view)
{
    struct rd_str newest, value;
    const struct rd_str any = {0};
    if (!store_last(view, STORE_HISTORY, any, any, &newest, &value)) {
        return false;
    }
    struct row_key key = {0};
    row_key_bytes(&key, newest.ptr, newest.len);
    store_del(view, STORE_HISTORY, row_key_str(&key));
    return true;
}

int main(int argc, char **argv)
{
    struct store *store = NULL;
    char what[256] = "";
    static const struct {
        const char *name;
        bool (*breaks)(struct store_view *view);
    } ways[] = {{"timers", take_all}, {"ghost", add_ghost}, {"history", take_entry}};
    size_t way = 0;
    while (argc == 3 && way < RD_COUNT(ways) && strcmp(argv[2], ways[way].name) != 0) {
        way++;
    }
    if (argc != 3 || way == RD_COUNT(ways)) {
        (void)fprintf(stderr, "usage: break_state STORE_DIR timers|ghost|history\n");
        return 1;
    }
    struct store_options options = {.dir = argv[1], .map_bytes_max = 1U << 30};
    if (store_open(&options, &store, what) < 0) {
        (void)fprintf(stderr, "%s\n", what);
        return 1;
    }
    bool is_broken = ways[way].breaks(store_live(store));
    int r = store_flush(store);
    store_close(store);
    return is_broken && r == 0 ? 0 : 1;
}
