#include "daemon/store/room.h"
#include "daemon/store/view.h"

int store_side_open(struct store *store, struct store_view **ret_view)
{
    return view_new(room_env(store), room_seed(store), ret_view);
}

int store_side_renew(struct store_view *view)
{
    if (view->active != NULL) {
        overlay_reset(view->active);
    }
    return view_renew(view);
}

void store_side_rest(struct store_view *view)
{
    view_rest(view);
}

void store_side_close(struct store_view *view)
{
    if (view != NULL) {
        overlay_free(view->active);
        view_free(view);
    }
}
