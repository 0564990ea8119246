#include "daemon/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/leave.h"
#include "daemon/metrics.h"
#include "daemon/store/rows/meta_row.h"

/* Three ladders of the same bounds. DUE asks for a checkpoint: low, so that one is short and the
 * tail that a start replays stays within a second or two. TIMERS holds back ticks, well before
 * FULL, where events are answered `busy`: timers can wait, as they only come late, and a flood of
 * them must not shut the doors. */
enum {
    WORK_DUE = 48 * 1024,    /* so many records and fired timers ask for a checkpoint */
    WORK_FULL = 256 * 1024,  /* so many, while one runs, fill the tail */
    WORK_TIMERS = 96 * 1024, /* the same for timers */
    /* The same in pages, which LMDB holds in memory until it has written all of them. */
    PAGES_DUE = 24 * 1024,
    PAGES_FULL = 64 * 1024,
    PAGES_TIMERS = 40 * 1024,
    BYTES_DUE = 40 * 1024 * 1024, /* the same in bytes of the overlay */
    BYTES_FULL = 256 * 1024 * 1024,
    BYTES_TIMERS = 192 * 1024 * 1024,
    BATCH_EARLY_BYTES = 256 * 1024, /* a batch worth a sync of its own */
    COMMIT_HERE_US = 1000,          /* at most so long, usually, for the turn to wait */
    COMMITS_LOOKED_AT = 8,
    RELIEVE_BYTES = 4 * 1024 * 1024,       /* of the open batch */
    DISK_RESERVE_BYTES = 64 * 1024 * 1024, /* below it: only what ends or acknowledges */
    DISK_FLOOR_BYTES = 4 * 1024 * 1024,    /* of the journal; below it: nothing */
    MAP_RESERVE_BYTES = 512 * 1024 * 1024,
    PAGE_BYTES = 4096,
};

#define AGE_DUE_US    (1500 * RD_SECOND_US / 1000)
#define AGE_WANTED_US (RD_SECOND_US / 200) /* those who wait get one at most so often */
#define LOOK_EVERY_US (RD_SECOND_US / 4)
#define TELL_EVERY_US (3600 * RD_SECOND_US)

void checkpoint_submit(struct edge *edge)
{
    deadbox_submit(&edge->dead);
    size_t bytes = journal_batch_bytes(edge->journal);
    /* A sync costs the same for one record as for hundreds. While one is under way a small batch
     * waits for more records, unless the turn waits for the journal to drain. */
    bool is_early =
            edge->on_way_count > 0 && bytes < BATCH_EARLY_BYTES && !checkpoint_is_draining(edge);
    if (bytes == 0 || edge->on_way_count == EDGE_ON_WAY_MAX || is_early) {
        return;
    }
    edge->on_way[edge->on_way_count++] = (struct edge_batch){
            .record = journal_last(edge->journal), .since_us = clock_ticks_us()};
    journal_submit(edge->journal);
    metric_add(METRIC_BATCHES, 1);
}

/* A moving average: writing on the turn's thread pays only on a disk that syncs fast, and one slow
 * sync must not decide that for long. */
static void note_commit(struct edge *edge, int64_t us)
{
    metric_note(METRIC_COMMIT_US, us);
    edge->commit_us += (us - edge->commit_us) / COMMITS_LOOKED_AT;
}

bool checkpoint_write_here(struct edge *edge)
{
    deadbox_submit(&edge->dead); /* beside it: a reply may wait for both */
    if (edge->on_way_count > 0 || edge->commit_us > COMMIT_HERE_US ||
            journal_batch_bytes(edge->journal) == 0) {
        return false;
    }
    int64_t since_us = clock_ticks_us();
    bool is_written = journal_write_here(edge->journal);
    if (is_written) {
        note_commit(edge, clock_ticks_us() - since_us);
        metric_add(METRIC_BATCHES, 1);
    }
    return is_written;
}

int checkpoint_note_durable(struct edge *edge)
{
    int r = journal_failed(edge->journal);
    r = r < 0 ? r : journal_failed(edge->dead.journal);
    if (r < 0) {
        return r;
    }
    uint64_t durable = journal_durable(edge->journal);
    while (edge->on_way_count > 0 && edge->on_way[0].record <= durable) {
        note_commit(edge, clock_ticks_us() - edge->on_way[0].since_us);
        edge->on_way_count--;
        memmove(&edge->on_way[0], &edge->on_way[1], edge->on_way_count * sizeof edge->on_way[0]);
    }
    return 0;
}

int64_t checkpoint_until_us(const struct edge *edge)
{
    const struct edge_checkpoint *checkpoint = &edge->checkpoint;
    if (checkpoint->retry_us != 0) {
        int64_t left_us = checkpoint->retry_us - clock_ticks_us();
        return left_us > 0 ? left_us : 0;
    }
    if (checkpoint->changed_us == 0 || checkpoint->is_running) {
        return INT64_MAX;
    }
    int64_t age_us = checkpoint->is_wanted ? AGE_WANTED_US : AGE_DUE_US;
    int64_t from_us = checkpoint->is_wanted ? checkpoint->sealed_us : checkpoint->changed_us;
    int64_t left_us = from_us + age_us - clock_ticks_us();
    return left_us > 0 ? left_us : 0;
}

/* What a start would have to do again. A fired timer counts like a record: one tick record may
 * stand for a thousand firings. */
static uint64_t tail_work(const struct edge *edge)
{
    return journal_last(edge->journal) - edge->checkpoint.record + edge->checkpoint.fired;
}

static bool is_due(const struct edge *edge)
{
    const struct edge_checkpoint *checkpoint = &edge->checkpoint;
    if (checkpoint->changed_us == 0 || checkpoint->is_running || checkpoint->retry_us != 0) {
        return false;
    }
    return tail_work(edge) >= WORK_DUE || store_dirty_bytes(store_live(edge->store)) >= BYTES_DUE ||
           store_dirty_pages(edge->store) >= PAGES_DUE || deadbox_is_heavy(&edge->dead) ||
           checkpoint_until_us(edge) == 0;
}

/* A seal needs a moment at which all that was applied is durable: the position goes into the tables
 * with it, and must never be ahead of the journal. So when a checkpoint is due, the turn applies
 * nothing more until the journal has caught up. */
bool checkpoint_is_draining(const struct edge *edge)
{
    return is_due(edge) && journal_durable(edge->journal) < journal_last(edge->journal);
}

bool checkpoint_holds_timers(const struct edge *edge)
{
    return checkpoint_is_draining(edge) || tail_work(edge) >= WORK_TIMERS ||
           store_dirty_bytes(store_live(edge->store)) >= BYTES_TIMERS ||
           store_dirty_pages(edge->store) >= PAGES_TIMERS;
}

/* Puts the position into the tables; all that was applied must be durable. */
static void note_position(struct edge *edge)
{
    uint64_t last = journal_last(edge->journal);
    RD_ASSERT(journal_durable(edge->journal) == last);
    engine_note_position(edge->engine, last);
    uint8_t chain[META_CHAIN_BYTES];
    struct journal_damage damage;
    int r = journal_chain(edge->journal, last, chain, &damage);
    RD_ASSERT(r == 0); /* of the last one it is in memory */
    meta_chain_put(store_live(edge->store), last, chain);
    edge->checkpoint.record = last;
    edge->checkpoint.fired = 0;
    edge->checkpoint.sealed = engine_counts(edge->engine);
    deadbox_note_sealed(&edge->dead);
}

static void note_kept(struct edge *edge)
{
    struct edge_checkpoint *checkpoint = &edge->checkpoint;
    checkpoint->is_running = false;
    checkpoint->retry_us = 0;
    checkpoint->kept = checkpoint->sealed;
    checkpoint->kept_record = checkpoint->record;
    checkpoint->count++;
    edge->disk.is_full = false;
    deadbox_note_kept(&edge->dead);
    metric_add(METRIC_CHECKPOINTS, 1);
    metric_note(METRIC_CHECKPOINT_US, clock_ticks_us() - checkpoint->sealed_us);
    keeper_let_go(edge);
    edge->published_us = 0; /* the desk is to know at once */
}

void checkpoint_begin(struct edge *edge)
{
    struct edge_checkpoint *checkpoint = &edge->checkpoint;
    if (checkpoint->retry_us != 0 && clock_ticks_us() >= checkpoint->retry_us) {
        bool is_sealed = store_seal(edge->store); /* tries again what found no room */
        (void)is_sealed;
        checkpoint->retry_us = 0;
        checkpoint->is_running = true;
        return;
    }
    if (!is_due(edge) || checkpoint_is_draining(edge)) {
        return;
    }
    note_position(edge);
    bool is_sealed = store_seal(edge->store);
    RD_ASSERT(is_sealed);
    checkpoint->is_running = true;
    checkpoint->is_wanted = false;
    checkpoint->changed_us = 0;
    checkpoint->sealed_us = clock_ticks_us();
}

int checkpoint_end(struct edge *edge)
{
    struct edge_checkpoint *checkpoint = &edge->checkpoint;
    int r = store_checkpointed(edge->store);
    if (r == -ENOSPC) {
        edge->disk.is_full = true;
        checkpoint->is_running = false;
        checkpoint->retry_us = clock_ticks_us() + RD_SECOND_US;
        metric_add(METRIC_CHECKPOINTS_NO_SPACE, 1);
        log_err("checkpoint", "no room in the store: the disk or limits.map_size is full",
                "record=%" PRIu64, checkpoint->record);
        return 0;
    }
    if (r < 0) {
        return r;
    }
    if (checkpoint->is_running && !store_is_checkpointing(edge->store)) {
        note_kept(edge);
    }
    return 0;
}

static void look_at_disks(struct edge *edge)
{
    struct edge_disk *disk = &edge->disk;
    int64_t now_us = clock_ticks_us();
    if (disk->looked_us != 0 && now_us - disk->looked_us < LOOK_EVERY_US) {
        return;
    }
    struct store_use use;
    store_measure(edge->store, &use);
    disk->looked_us = now_us;
    disk->journal_bytes = journal_space_left_bytes(edge->journal);
    disk->store_bytes = use.free_bytes;
    disk->map_size_bytes = use.map_bytes;
    disk->map_bytes = use.map_bytes > use.used_bytes ? use.map_bytes - use.used_bytes : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What the disks and the map refuse. LMDB writes new pages before it frees old ones: the map must
 * have room for the next checkpoint, at worst a page a row, and for the work of closing cases. A
 * store without any room does not hold up that work: it is durable in the segments that were
 * prepared, and waits in memory, until the tail is full. */
static enum edge_refusal judge_room(struct edge_disk *disk, uint64_t dirty_rows)
{
    uint64_t left = least(disk->journal_bytes, disk->store_bytes);
    uint64_t map_reserve = least(MAP_RESERVE_BYTES, disk->map_size_bytes / 4) +
                           least(dirty_rows * PAGE_BYTES, disk->map_size_bytes / 4);
    disk->is_map_low = false;
    if (disk->journal_bytes < DISK_FLOOR_BYTES) {
        return REFUSE_ALL;
    }
    disk->is_map_low =
            left >= DISK_RESERVE_BYTES && (disk->map_bytes < map_reserve || disk->is_full);
    bool is_low = left < DISK_RESERVE_BYTES || disk->map_bytes < map_reserve || disk->is_full;
    return is_low ? REFUSE_NEW : REFUSE_NOTHING;
}

/* What is short, in the words of what mends it. */
static const char *short_of(const struct edge_disk *disk)
{
    return disk->is_map_low ? "limits.map_size" : "the disk";
}

/* Operators hear of it while there is room for that, and not each time it comes and goes. */
static void tell_low(struct edge *edge, enum edge_refusal room)
{
    int64_t now_us = clock_ticks_us();
    bool is_told = edge->disk.told_us != 0 && now_us - edge->disk.told_us < TELL_EVERY_US;
    if (room == REFUSE_ALL || is_told || edge->engine == NULL) {
        return;
    }
    edge->disk.told_us = now_us;
    char detail[192];
    (void)snprintf(detail, sizeof detail,
            "new events are answered busy, short: %s; journal %" PRIu64
            " bytes left, store %" PRIu64 ", map %" PRIu64,
            short_of(&edge->disk), edge->disk.journal_bytes, edge->disk.store_bytes,
            edge->disk.map_bytes);
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STORAGE_LOW,
                            .severity = RD_CRITICAL,
                            .code = RD_STR("storage"),
                            .detail = rd_str_of(detail)});
}

/* A process without descriptors, or a system, takes nothing that may need another segment; what
 * ends or acknowledges something is taken while the open one has room. */
static enum edge_refusal judge_descriptors(struct edge *edge)
{
    bool is_starved = journal_is_starved(edge->journal) || journal_is_starved(edge->dead.journal);
    int64_t now_us = clock_ticks_us();
    if (is_starved && !edge->is_starved) {
        log_err("checkpoint", "no descriptor is left: new events are answered busy", "%s", "");
        if (edge->starved_told_us == 0 || now_us - edge->starved_told_us >= TELL_EVERY_US) {
            edge->starved_told_us = now_us;
            edge_tell(edge,
                    &(struct engine_tell){.type = RD_ALERT_STORAGE_LOW,
                            .severity = RD_CRITICAL,
                            .code = RD_STR("descriptors"),
                            .detail = RD_STR("new events are answered busy: the journal needs a "
                                             "file and none can be opened")});
        }
    } else if (!is_starved && edge->is_starved) {
        log_notice("checkpoint", "there are descriptors again: events are taken", "%s", "");
    }
    edge->is_starved = is_starved;
    return is_starved ? REFUSE_NEW : REFUSE_NOTHING;
}

void checkpoint_judge(struct edge *edge)
{
    struct edge_checkpoint *checkpoint = &edge->checkpoint;
    struct store_view *view = store_live(edge->store);
    uint64_t tail = journal_last(edge->journal) - checkpoint->record;
    uint64_t bytes = store_dirty_bytes(view);
    if (checkpoint->changed_us == 0 && (tail > 0 || store_dirty_rows(view) > 0)) {
        checkpoint->changed_us = clock_ticks_us();
    }
    look_at_disks(edge);
    enum edge_refusal room = judge_room(&edge->disk, store_dirty_rows(view));
    /* Pages count while a checkpoint runs: where none does, as after a start that applied a tail,
     * what there is goes into one before more is taken. */
    bool is_tail_full = tail_work(edge) >= WORK_FULL || bytes >= BYTES_FULL ||
                        (checkpoint->is_running && store_dirty_pages(edge->store) >= PAGES_FULL);
    if (room != REFUSE_NOTHING && !edge->disk.is_said) {
        log_err("checkpoint", "hardly any room is left: new events are answered busy",
                "short=\"%s\" journal_bytes=%" PRIu64 " store_bytes=%" PRIu64 " map_bytes=%" PRIu64,
                short_of(&edge->disk), edge->disk.journal_bytes, edge->disk.store_bytes,
                edge->disk.map_bytes);
        tell_low(edge, room);
    } else if (room == REFUSE_NOTHING && edge->disk.is_said) {
        log_notice("checkpoint", "there is room again: events are taken", "%s", "");
    }
    edge->disk.is_said = room != REFUSE_NOTHING;
    enum edge_refusal descriptors = judge_descriptors(edge);
    room = descriptors > room ? descriptors : room;
    edge->refusal = is_tail_full ? REFUSE_ALL : room;
}

void checkpoint_relieve(struct edge *edge)
{
    if (journal_batch_bytes(edge->journal) < RELIEVE_BYTES) {
        return;
    }
    uint64_t work = tail_work(edge);
    int r = journal_flush(edge->journal);
    if (r == 0) {
        r = checkpoint_note_durable(edge);
    }
    if (r == 0 && (work >= WORK_DUE || store_dirty_bytes(store_live(edge->store)) >= BYTES_DUE)) {
        r = checkpoint_all(edge);
    }
    if (r == 0) {
        leave_send(edge);
    }
    /* A failure sticks in the journal or the store: the turn looks at both before it ends. */
}

int checkpoint_all(struct edge *edge)
{
    int r = journal_flush(edge->journal);
    if (r == 0) {
        r = deadbox_flush(&edge->dead);
    }
    if (r == 0) {
        r = checkpoint_note_durable(edge);
    }
    if (r == 0) {
        leave_send(edge);
        r = store_view_error(store_live(edge->store));
    }
    if (r < 0) {
        return r;
    }
    note_position(edge);
    edge->checkpoint.sealed_us = clock_ticks_us();
    edge->checkpoint.changed_us = 0;
    r = store_flush(edge->store);
    if (r == 0) {
        note_kept(edge);
    }
    return r;
}
