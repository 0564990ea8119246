#include "daemon/keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/edge.h"
#include "daemon/journal/archive.h"
#include "daemon/metrics.h"
#include "daemon/replay_from.h"
#include "daemon/state.h"
#include "daemon/store/background.h"
#include "daemon/store/shelf.h"

enum { SEGMENTS_A_RUN = 4, JOURNAL_KEEP_BYTES = 256 * 1024 * 1024 };
#define RETRY_US (60 * RD_SECOND_US)
#define TELL_US  (3600 * RD_SECOND_US)

void keeper_folder(const struct edge *edge, char ret_path[static KEEPER_PATH_MAX])
{
    const char *dir = edge->config->snapshot_dir;
    if (dir != NULL) {
        (void)snprintf(ret_path, KEEPER_PATH_MAX, "%s", dir);
    } else {
        (void)snprintf(ret_path, KEEPER_PATH_MAX, "%.4000s/snapshots", edge->state);
    }
}

/* ---- the thread ---- */

static bool goes_on(void *arg)
{
    const struct keeper *keeper = arg;
    return !atomic_load(&keeper->is_stopping);
}

/* NULL: it cannot be read now. */
static struct journal *journal_of(const struct keeper_work *work)
{
    struct journal *journal = NULL;
    struct journal_damage damage;
    struct journal_options options = {.dir = work->journal, .read_only = true};
    return journal_open(&options, &journal, &damage) == 0 ? journal : NULL;
}

static bool is_other(void *arg, const struct snapshot_head *head)
{
    return replay_from_kin(arg, head) == REPLAY_KIN_OTHER;
}

static int trim(const struct keeper_work *work, const struct snapshot_head *newest)
{
    struct journal *journal = journal_of(work);
    struct shelf_trim how = {.keep = work->keep,
            .newest = newest,
            .is_other = journal != NULL ? is_other : NULL,
            .arg = journal};
    int r = shelf_trim(work->snapshots, &how);
    journal_close(journal);
    return r;
}

static void make_snapshot(struct keeper *keeper)
{
    struct keeper_work *work = &keeper->work;
    struct snapshot_way way = {.goes_on = goes_on, .arg = keeper};
    struct snapshot_sum sum = {.rows = 0};
    int64_t begun_us = clock_ticks_us();
    int r = shelf_put(keeper->store, work->snapshots, &way, &sum, work->snapshot_what);
    if (r == 0) {
        r = work->keep > 0 ? trim(work, &sum.head) : 0;
    }
    work->snapshot_error = r;
    work->made = sum.head.numbers.position;
    work->rows = sum.rows;
    work->bytes = sum.bytes;
    work->took_us = clock_ticks_us() - begun_us;
}

/* A snapshot of this engine covers what it has: with it a start goes on. Those of another journal
 * that lie in the folder, and those of the engine before an upgrade, cover nothing. */
static void look_at(
        struct keeper_work *work, struct journal *journal, const struct shelf_item *item)
{
    const struct store_numbers *numbers = &item->head.numbers;
    enum replay_kin kin = replay_from_kin(journal, &item->head);
    bool is_this = numbers->engine == ENGINE_NUMBER && numbers->schema == STORE_SCHEMA;
    if (kin == REPLAY_KIN_OTHER) {
        work->other_position = numbers->position;
    }
    if (kin != REPLAY_KIN_OURS) {
        return;
    }
    work->position = numbers->position;
    work->made_us = is_this ? item->made_us : 0;
    work->covered = is_this && work->covered == 0 ? numbers->position : work->covered;
    work->has_base = work->has_base || is_this;
}

static void look(struct keeper *keeper)
{
    struct keeper_work *work = &keeper->work;
    struct shelf shelf;
    if (shelf_read(work->snapshots, &shelf) < 0) { /* who writes into it tells what is wrong */
        shelf = (struct shelf){.items = NULL};
    }
    struct journal *journal = journal_of(work);
    if (journal != NULL) {
        work->has_looked = true;
        work->has_base = replay_from_nothing(journal);
        for (size_t i = 0; i < shelf.count; i++) {
            look_at(work, journal, &shelf.items[i]);
        }
    }
    journal_close(journal);
    shelf_done(&shelf);
}

static void fill_archive(struct keeper *keeper)
{
    struct keeper_work *work = &keeper->work;
    struct journal_damage damage = {.text = ""};
    int r = 1;
    while (r == 1 && work->segments < SEGMENTS_A_RUN && goes_on(keeper)) {
        r = archive_fill(
                work->journal, work->archive, 1, &work->archived, &work->segments, &damage);
    }
    work->has_more = r == 1;
    work->archive_error = r < 0 ? r : 0;
    (void)snprintf(work->archive_what, sizeof work->archive_what, "%s", damage.text);
}

static void *run(void *arg)
{
    struct keeper *keeper = arg;
    background_thread(BACKGROUND_FILTER);
    if (keeper->work.wants_snapshot) {
        make_snapshot(keeper);
    }
    look(keeper);
    if (keeper->work.wants_archive) {
        fill_archive(keeper);
    }
    atomic_store(&keeper->is_done, true);
    return NULL;
}

/* ---- the turn's side ---- */

/* The folder and the reason, in few words: both go into an alert. */
static void note_fault(struct keeper_fault *fault, const char *what, const char *dir, int error)
{
    const char *why =
            error == -EILSEQ ? "another journal's records lie there" : strerrordesc_np(-error);
    (void)snprintf(fault->text, sizeof fault->text,
            "%s in %.160s: %s; events are taken, and the journal is not cut", what, dir, why);
}

/* Once an hour, while there is room for it. */
static bool is_to_tell(const struct edge *edge, struct keeper_fault *fault)
{
    int64_t now_us = clock_ticks_us();
    if (edge->refusal == REFUSE_ALL || (fault->told_us != 0 && now_us - fault->told_us < TELL_US)) {
        return false;
    }
    fault->told_us = now_us;
    return true;
}

static void tell_no_snapshot(struct edge *edge)
{
    struct keeper_fault *fault = &edge->keeper.no_snapshot;
    const struct keeper_work *work = &edge->keeper.work;
    note_fault(fault, "no snapshot could be made", work->snapshots, work->snapshot_error);
    if (is_to_tell(edge, fault)) {
        edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STORAGE_LOW,
                                .severity = RD_HIGH,
                                .code = RD_STR("snapshot"),
                                .detail = rd_str_of(fault->text)});
    }
}

static void tell_no_archive(struct edge *edge)
{
    struct keeper_fault *fault = &edge->keeper.no_archive;
    const struct keeper_work *work = &edge->keeper.work;
    note_fault(fault, "the journal could not be archived", work->archive, work->archive_error);
    if (is_to_tell(edge, fault)) {
        edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STORAGE_LOW,
                                .severity = RD_HIGH,
                                .code = RD_STR("archive"),
                                .detail = rd_str_of(fault->text)});
    }
}

/* Who writes a snapshot reads every row: of a large store it is the one that finds what no start
 * looked at. */
static void take_damage(struct edge *edge)
{
    const struct keeper_work *work = &edge->keeper.work;
    log_err("keeper",
            "the store is damaged: what is asked of it may be answered wrongly until it is made "
            "anew",
            "what=\"%s\"", work->snapshot_what);
    state_tell_damage(edge, false);
    if (edge->keeper.is_damage_told || edge->refusal == REFUSE_ALL) {
        return;
    }
    edge->keeper.is_damage_told = true;
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STATE_CHECK_FAILED,
                            .severity = RD_CRITICAL,
                            .code = RD_STR("state_damaged"),
                            .detail = rd_str_of(work->snapshot_what)});
}

static void take_snapshot(struct edge *edge)
{
    struct keeper *keeper = &edge->keeper;
    const struct keeper_work *work = &keeper->work;
    if (!work->wants_snapshot) {
        return;
    }
    if (work->snapshot_error == 0) {
        keeper->snapshot_due_us = clock_ticks_us() + edge->config->snapshot_every_us;
        keeper->no_snapshot = (struct keeper_fault){.told_us = 0};
        metric_add(METRIC_SNAPSHOTS, 1);
        log_notice("keeper", "a snapshot was made",
                "record=%" PRIu64 " rows=%" PRIu64 " bytes=%" PRIu64 " ms=%" PRId64, work->made,
                work->rows, work->bytes, work->took_us / 1000);
        return;
    }
    if (work->snapshot_error == -EBADMSG) {
        take_damage(edge);
    }
    int64_t every_us = edge->config->snapshot_every_us;
    keeper->snapshot_due_us =
            clock_ticks_us() + (every_us > 0 && every_us < RETRY_US ? every_us : RETRY_US);
    metric_add(METRIC_SNAPSHOTS_FAILED, 1);
    log_err("keeper", "no snapshot could be made: it is tried again, and the journal is not cut",
            "dir=\"%s\" error=\"%s\" what=\"%s\"", work->snapshots,
            strerrordesc_np(-work->snapshot_error), work->snapshot_what);
    tell_no_snapshot(edge);
}

static void take_archive(struct edge *edge)
{
    struct keeper *keeper = &edge->keeper;
    const struct keeper_work *work = &keeper->work;
    if (!work->wants_archive) {
        return;
    }
    metric_add(METRIC_SEGMENTS_ARCHIVED, work->segments);
    keeper->archived = work->archived > keeper->archived ? work->archived : keeper->archived;
    if (work->archive_error == 0) {
        if (keeper->no_archive.text[0] != '\0') {
            log_notice("keeper", "the journal is archived again", "dir=\"%s\"", work->archive);
        }
        keeper->no_archive = (struct keeper_fault){.told_us = 0};
        return;
    }
    metric_add(METRIC_ARCHIVES_FAILED, 1);
    keeper->open_segment = 0;
    keeper->archive_retry_us = clock_ticks_us() + RETRY_US;
    log_err("keeper",
            "the journal could not be archived: it is tried again, and the journal is not cut",
            "dir=\"%s\" error=\"%s\" what=\"%s\"", work->archive,
            work->archive_error == -EILSEQ ? "another journal's records lie there"
                                           : strerrordesc_np(-work->archive_error),
            work->archive_what);
    tell_no_archive(edge);
}

/* The last record of the journal that may go; 0: none. */
static uint64_t may_go(const struct edge *edge)
{
    const struct keeper *keeper = &edge->keeper;
    uint64_t record = edge->checkpoint.kept_record;
    record = keeper->covered < record ? keeper->covered : record;
    bool is_archived = edge->config->journal_archive != NULL;
    record = is_archived && keeper->archived < record ? keeper->archived : record;
    return edge->config->snapshot_every_us > 0 ? record : 0;
}

void keeper_let_go(struct edge *edge)
{
    rd_time now = edge->clock.wall;
    rd_time keep_since = now == RD_TIME_NONE ? RD_TIME_MIN : now - edge->config->journal_keep_us;
    uint64_t bytes = edge->config->journal_bytes;
    journal_bound(edge->journal, bytes);
    bytes = bytes > 0 && bytes < JOURNAL_KEEP_BYTES ? bytes : JOURNAL_KEEP_BYTES;
    journal_release(edge->journal, may_go(edge), bytes, keep_since);
}

/* The first one of a process waits for as long as the newest file is young. */
static void plan_first(struct edge *edge)
{
    const struct keeper_work *work = &edge->keeper.work;
    int64_t every_us = edge->config->snapshot_every_us;
    int64_t age_us = clock_read().real - work->made_us;
    bool is_young = work->made_us != 0 && age_us >= 0 && age_us < every_us;
    edge->keeper.snapshot_due_us = clock_ticks_us() + (is_young ? every_us - age_us : 0);
    if (work->other_position > 0) {
        log_warning("keeper",
                "the folder of snapshots has some of another journal: or of this one from before "
                "a backup was put back; they are left there, and count for nothing",
                "dir=\"%s\" record=%" PRIu64, work->snapshots, work->other_position);
    }
}

static void take_look(struct edge *edge)
{
    struct keeper *keeper = &edge->keeper;
    if (!keeper->has_looked) {
        plan_first(edge);
    }
    keeper->has_looked = true;
    keeper->has_base = keeper->work.has_base;
    keeper->position = keeper->work.position;
    keeper->covered = keeper->work.covered;
}

static void take(struct edge *edge)
{
    struct keeper *keeper = &edge->keeper;
    (void)pthread_join(keeper->thread, NULL);
    keeper->is_running = false;
    if (keeper->work.has_looked) {
        take_look(edge);
    }
    take_snapshot(edge);
    take_archive(edge);
    keeper_let_go(edge);
    if (keeper->work.has_more) {
        keeper->open_segment = 0;
    }
}

static void begin(struct edge *edge)
{
    struct keeper *keeper = &edge->keeper;
    const struct config *config = edge->config;
    uint64_t kept = edge->checkpoint.kept_record;
    int64_t now_us = clock_ticks_us();
    bool is_due = keeper->has_looked && now_us >= keeper->snapshot_due_us;
    bool is_wanted = config->snapshot_every_us > 0 || !keeper->has_base;
    struct keeper_work *work = &keeper->work;
    *work = (struct keeper_work){.keep = config->snapshot_every_us > 0 ? config->snapshot_keep : 0};
    work->wants_snapshot = is_wanted && is_due && kept > keeper->position;
    uint64_t open_segment = journal_open_segment(edge->journal);
    work->wants_archive = config->journal_archive != NULL && now_us >= keeper->archive_retry_us &&
                          open_segment != keeper->open_segment;
    if (!work->wants_snapshot && !work->wants_archive && keeper->has_looked) {
        return;
    }
    keeper_folder(edge, work->snapshots);
    (void)snprintf(work->journal, sizeof work->journal, "%.4000s/journal", edge->state);
    (void)snprintf(work->archive, sizeof work->archive, "%s",
            config->journal_archive != NULL ? config->journal_archive : "");
    keeper->store = edge->store;
    keeper->open_segment = work->wants_archive ? open_segment : keeper->open_segment;
    atomic_store(&keeper->is_done, false);
    atomic_store(&keeper->is_stopping, false);
    /* No thread to be had: in a second again. */
    keeper->is_running = pthread_create(&keeper->thread, NULL, run, keeper) == 0;
}

void keeper_beat(struct edge *edge)
{
    struct keeper *keeper = &edge->keeper;
    if (keeper->is_running) {
        if (!atomic_load(&keeper->is_done)) {
            return;
        }
        take(edge);
    }
    begin(edge);
}

void keeper_close(struct edge *edge)
{
    struct keeper *keeper = &edge->keeper;
    if (keeper->is_running) {
        atomic_store(&keeper->is_stopping, true);
        (void)pthread_join(keeper->thread, NULL);
        keeper->is_running = false;
    }
}
