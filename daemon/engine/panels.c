#include "daemon/engine/panels.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"

enum { PARTICIPANTS_MAX = 64 };

void panel_tell(struct engine *engine, struct work *work)
{
    struct rd_tree *tree RD_CLEANUP(rd_tree_freep)
    = rd_tree_new();
    uint32_t told[PARTICIPANTS_MAX];
    size_t count = 0;
    rd_node list = NULL;
    int r = rd_tree_read(tree, engine->event->data[RD_KEY_PARTICIPANTS].bytes, &list, NULL);
    RD_ASSERT(r == 0); /* the event was decoded */
    for (uint32_t i = 0; i < rd_node_count(list) && count < PARTICIPANTS_MAX; i++) {
        int32_t index = rd_plan_unit_find(engine->plan, rd_node_str(rd_node_at(list, i)));
        if (index == RD_NO_INDEX) {
            continue; /* a person */
        }
        uint32_t unit = unit_present(engine, unit_number(engine, index));
        bool is_new = true;
        for (size_t k = 0; k < count; k++) {
            is_new = is_new && told[k] != unit;
        }
        if (is_new) {
            told[count++] = unit;
            struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_PANEL, RD_INFO, unit);
            (void)alert_send(engine, work, &draft);
        }
    }
}
