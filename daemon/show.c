#include "daemon/show.h"

#include "daemon/turn.h"

/* Into the tables, for whoever opens an engine over the still; not for nothing, since it is a row
 * that a checkpoint would write. */
static void note_counters(struct edge *edge)
{
    uint64_t last = journal_last(edge->journal);
    if (engine_position(edge->engine) != last) {
        engine_note_position(edge->engine, last);
    }
}

static void take(struct edge *edge)
{
    struct edge_show *show = &edge->show;
    note_counters(edge);
    struct engine_counts counts = engine_counts(edge->engine);
    show->is_wanted = false;
    show->is_taken = showing_take(edge->showing, store_live(edge->store), &counts);
    show->record = journal_last(edge->journal);
    show->dead = deadbox_last(&edge->dead);
}

void show_serve(struct edge *edge)
{
    struct edge_show *show = &edge->show;
    if (show->is_wanted && showing_is_checkpoint_wanted(edge->showing)) {
        edge->checkpoint.is_wanted = true;
    }
    if (show->is_wanted && !show->is_taken) {
        take(edge);
    }
    if (show->is_taken && journal_durable(edge->journal) >= show->record &&
            deadbox_durable(&edge->dead) >= show->dead) {
        show->is_taken = false;
        turn_publish(edge);
        showing_hand(edge->showing);
        desk_door_wake(edge->desk_door);
    }
}
