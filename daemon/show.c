#include "daemon/show.h"

#include <stdio.h>
#include <string.h>

#include "daemon/addresses.h"
#include "daemon/leave.h"

void show_publish(struct edge *edge)
{
    int64_t now_us = clock_ticks_us();
    edge->published_us = now_us;
    const struct edge_checkpoint *checkpoint = &edge->checkpoint;
    struct desk_live facts = {
            .wall = edge->clock.wall,
            .steady = edge->clock.steady,
            .uptime_us = now_us - edge->started_us,
            .kept = checkpoint->kept,
            .checkpoints = checkpoint->count,
            .record = journal_last(edge->journal),
            .record_durable = journal_durable(edge->journal),
            .record_kept = checkpoint->kept_record,
            .journal_first = journal_first(edge->journal),
            .journal_space_bytes = edge->disk.journal_bytes,
            .chain_record = edge->chain_record,
            .overlay_bytes = store_overlay_bytes(store_live(edge->store)),
            .alert_published = edge->published,
            .next_due = edge->next_due,
            .lag_ms = leave_lag_ms(edge),
            .is_grace = edge_time(edge).is_grace,
            .is_time_from_events = edge->clock.options.mode == CLOCK_EVENTS,
            .is_clock_behind = edge->clock.is_behind,
            .is_clock_held = edge->clock.is_held,
            .clock_held_us = edge->clock.held_us,
            .is_new = edge->is_new,
            .is_disk_low = edge->disk.is_said,
            .is_map_low = edge->disk.is_said && edge->disk.is_map_low,
            .is_tail_full = edge->refusal == REFUSE_ALL && !edge->disk.is_said,
    };
    const char *deaf = addresses_deaf(edge->addresses);
    (void)snprintf(facts.deaf, sizeof facts.deaf, "%s", deaf != NULL ? deaf : "");
    const char *snapshot = edge->keeper.no_snapshot.text, *archive = edge->keeper.no_archive.text;
    (void)snprintf(facts.keeping, sizeof facts.keeping, "%s%s%s", snapshot,
            snapshot[0] != '\0' && archive[0] != '\0' ? "; " : "", archive);
    (void)snprintf(facts.chain, sizeof facts.chain, "%s", edge->chain);
    facts.mask_key_len = edge->mask_key_len;
    memcpy(facts.mask_key, edge->mask_key, edge->mask_key_len);
    live_publish(edge->live, &facts);
}

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
        show_publish(edge);
        showing_hand(edge->showing);
        desk_door_wake(edge->desk_door);
    }
}
