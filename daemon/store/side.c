#include <stdlib.h>

#include "daemon/store/room.h"
#include "daemon/store/view.h"

int store_side_open(struct store *store, struct store_view **ret_view)
{
    return view_new(room_env(store), room_seed(store), ret_view);
}

int store_side_renew(struct store_view *view)
{
    store_side_rest(view);
    return view_renew(view);
}

/* The still of what was the active overlay and is the sealed one now keeps its trees. */
static void stills_follow(struct view_stills *stills, const struct overlay *sealed)
{
    if (sealed != NULL && stills->at[0].life == sealed->life) {
        struct still still = stills->at[0];
        stills->at[0] = stills->at[1];
        stills->at[1] = still;
    }
}

int store_side_show(struct store_view *view, struct store_view *live)
{
    RD_ASSERT(live->pending.count == 0 && view->is_resting);
    int r = view_renew(view);
    if (r < 0) {
        return r;
    }
    if (view->stills == NULL) {
        view->stills = calloc(1, sizeof *view->stills);
        if (view->stills == NULL) {
            rd_oom();
        }
    }
    stills_follow(view->stills, live->sealed);
    still_take(&view->stills->at[0], live->active);
    still_take(&view->stills->at[1], live->sealed);
    return 0;
}

void store_side_rest(struct store_view *view)
{
    for (size_t i = 0; view->stills != NULL && i < VIEW_STILLS; i++) {
        still_rest(&view->stills->at[i]);
    }
    if (view->active != NULL) {
        overlay_reset(view->active);
    }
    view_rest(view);
}

void store_side_close(struct store_view *view)
{
    if (view == NULL) {
        return;
    }
    for (size_t i = 0; view->stills != NULL && i < VIEW_STILLS; i++) {
        still_rest(&view->stills->at[i]);
        still_done(&view->stills->at[i]);
    }
    free(view->stills);
    overlay_free(view->active);
    view_free(view);
}
