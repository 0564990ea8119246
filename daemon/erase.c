#include "daemon/erase.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/audit_log.h"
#include "daemon/erase_match.h"
#include "daemon/erase_note.h"
#include "daemon/erase_search.h"
#include "daemon/journal/archive.h"
#include "daemon/journal/blank.h"
#include "daemon/lock_wait.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/shelf.h"

enum { PATH_BYTES_MAX = EDGE_STATE_PATH_MAX + 64, LETTER_BYTES_MAX = JOURNAL_BODY_MAX };
#define EXTEND_US (60 * RD_SECOND_US)

struct erasing {
    struct edge *edge;
    const char *state, *archive; /* archive NULL: there is none */
    char journal[PATH_BYTES_MAX], dead[PATH_BYTES_MAX], store[PATH_BYTES_MAX],
            scratch[EDGE_STATE_PATH_MAX], snapshots[PATH_BYTES_MAX];
    struct store *opened;
    struct erase_match match;
    struct erase_plan plan;
    struct erase_list segments; /* closed ones that have a body that is erased */
    struct engine_erased erased;
    struct journal_damage damage;
    char what[256];
};

/* ---- the passes ---- */

static int beat(void *arg, uint64_t first)
{
    struct erasing *erasing = arg;
    const struct notify *notify = &erasing->edge->notify;
    if (first != 0) {
        erase_list_add(&erasing->segments, first);
    }
    notify_send(notify, "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=%" PRId64, EXTEND_US);
    return 0;
}

static bool is_found(void *arg, const struct journal_record *record)
{
    const struct erasing *erasing = arg;
    return erase_list_has(&erasing->plan.fresh, record->number);
}

static bool has_found_any(void *arg, uint64_t first, uint64_t last)
{
    const struct erasing *erasing = arg;
    return erase_list_touches(&erasing->plan.fresh, first, last);
}

static bool is_any(void *arg, const struct journal_record *record)
{
    (void)arg;
    (void)record;
    return true;
}

/* Bodies that were found, in the segments that have some. */
static int blank_found(struct erasing *erasing, const char *dir)
{
    struct journal_blank how = {
            .pick = is_found, .wants = has_found_any, .beat = beat, .arg = erasing};
    erase_list_done(&erasing->segments);
    return journal_blank(dir, &how, &erasing->damage);
}

static int blank_all(struct erasing *erasing, const char *dir)
{
    struct journal_blank how = {.pick = is_any, .arg = erasing};
    return journal_blank(dir, &how, &erasing->damage);
}

/* The customers' ids, which the letters are searched for. */
static int read_names(struct erasing *erasing)
{
    struct journal *journal = NULL;
    struct journal_options options = {.dir = erasing->journal, .read_only = true};
    int r = journal_open(&options, &journal, &erasing->damage);
    for (size_t i = 0; r == 0 && i < erasing->plan.asks.count; i++) {
        RD_CLEANUP(journal_cursor_closep)
        struct journal_cursor *cursor = NULL;
        struct journal_record record;
        r = journal_cursor_open(journal, erasing->plan.asks.at[i] - 1, &cursor);
        r = r == 0 ? journal_cursor_next(cursor, &record, &erasing->damage) : r;
        if (r == 1 && !record.is_erased) {
            (void)erase_match_asks(&erasing->match, &record);
        }
        r = r == 1 || r == -ENOENT ? 0 : r; /* an old one may have gone to the archive */
    }
    journal_close(journal);
    return r;
}

/* What was rejected: the table has all of it by now, so that the journal beside it may be empty. */
static int blank_letters(struct erasing *erasing)
{
    struct store_view *view = store_live(erasing->opened);
    struct store_scan scan;
    struct rd_str key, value;
    struct rd_buf row;
    rd_buf_init(&row, LETTER_BYTES_MAX);
    store_scan_begin(&scan, view, STORE_DEAD_LETTERS, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct dead_letter letter;
        if (dead_letter_unpack(key, value, &letter) != 0 ||
                (!erase_match_letter(&erasing->match, letter.event) &&
                        !erase_match_letter(&erasing->match, letter.message))) {
            continue;
        }
        struct row_key at = {0};
        row_key_bytes(&at, key.ptr, key.len);
        letter.event = letter.id = (struct rd_str){0};
        letter.message = RD_STR("erased: its customer asked to be forgotten");
        rd_buf_reset(&row);
        dead_letter_pack(&row, &letter);
        store_put(view, STORE_DEAD_LETTERS, row_key_str(&at), rd_buf_str(&row));
    }
    store_scan_end(&scan);
    rd_buf_done(&row);
    int r = store_flush(erasing->opened);
    r = r == 0 ? blank_all(erasing, erasing->dead) : r;
    return r == 0 ? journal_scour(erasing->dead, &erasing->damage) : r;
}

/* ---- archives and snapshots ---- */

/* Segments that the archive alone has: out of it, blanked, and back. */
static int blank_archived(struct erasing *erasing, uint64_t before)
{
    struct archive_list list;
    int r = archive_read(erasing->archive, &list);
    for (size_t i = 0; r == 0 && i < list.count && list.items[i].first < before; i++) {
        uint64_t first = list.items[i].first;
        if (!has_found_any(erasing, first, list.items[i].last)) {
            continue;
        }
        r = archive_take_out(erasing->archive, first, erasing->scratch, &erasing->damage);
        r = r == 0 ? blank_found(erasing, erasing->scratch) : r;
        r = r == 0 ? archive_put(erasing->scratch, erasing->archive, first, &erasing->damage) : r;
        r = r == 0 ? blank_all(erasing, erasing->scratch) : r;
        erase_scratch_remove(erasing->scratch);
    }
    archive_list_done(&list);
    return r;
}

/* What is in both is archived anew. */
static int archive_again(struct erasing *erasing)
{
    struct archive_list list;
    int r = archive_read(erasing->archive, &list);
    for (size_t i = 0; r == 0 && i < erasing->segments.count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < list.count; k++) {
            is_there = is_there || list.items[k].first == erasing->segments.at[i];
        }
        if (is_there) {
            r = archive_put(
                    erasing->journal, erasing->archive, erasing->segments.at[i], &erasing->damage);
        }
    }
    archive_list_done(&list);
    return r;
}

/* The rows as they are now, before a body is gone: from here on a replay goes on from them. */
static int keep_rows(struct erasing *erasing)
{
    struct snapshot_way way = {.goes_on = NULL};
    struct snapshot_sum sum;
    int r = shelf_put(erasing->opened, erasing->snapshots, &way, &sum, erasing->what);
    if (r == 0) {
        memcpy(erasing->erased.digest, sum.digest, sizeof erasing->erased.digest);
        erasing->erased.record = sum.head.numbers.position;
    }
    return r;
}

/* No other is kept, whether of an older engine or of a journal that a restore has left. */
static int drop_snapshots(struct erasing *erasing)
{
    struct shelf shelf;
    int r = shelf_read(erasing->snapshots, &shelf);
    for (size_t i = 0; r == 0 && i < shelf.count; i++) {
        char path[PATH_BYTES_MAX + SHELF_NAME_MAX];
        bool is_kept = shelf.items[i].head.numbers.position == erasing->erased.record;
        (void)snprintf(path, sizeof path, "%s/%s", erasing->snapshots, shelf.items[i].name);
        r = is_kept || unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
    }
    if (r == 0) {
        r = erase_folder_sync(erasing->snapshots);
    }
    shelf_done(&shelf);
    return r;
}

/* ---- all of it ---- */

static int open_store(struct erasing *erasing)
{
    int64_t since_us = 0;
    int r;
    struct store_options options = {.dir = erasing->store,
            .map_bytes_max = erasing->edge->config->map_size_bytes,
            .engine = ENGINE_NUMBER};
    do {
        r = store_open(&options, &erasing->opened, erasing->what);
    } while (r == -EWOULDBLOCK && lock_waits(erasing->edge, &since_us));
    return r;
}

/* The oldest record that the journal has; all before it the archive alone may have. */
static int journal_begin(const struct erasing *erasing, uint64_t *ret_first)
{
    struct journal *journal = NULL;
    struct journal_damage damage;
    struct journal_options options = {.dir = erasing->journal, .read_only = true};
    int r = journal_open(&options, &journal, &damage);
    if (r == 0) {
        *ret_first = journal_first(journal);
        journal_close(journal);
    }
    return r;
}

static int blank_journals(struct erasing *erasing)
{
    uint64_t first = 0;
    int r = journal_begin(erasing, &first);
    r = r == 0 ? read_names(erasing) : r;
    r = r == 0 ? blank_letters(erasing) : r;
    r = r == 0 ? keep_rows(erasing) : r;
    if (r == 0 && erasing->archive != NULL) {
        r = blank_archived(erasing, first);
    }
    r = r == 0 ? blank_found(erasing, erasing->journal) : r;
    if (r == 0 && erasing->archive != NULL) {
        r = archive_again(erasing);
    }
    return r == 0 ? journal_scour(erasing->journal, &erasing->damage) : r;
}

static int write_result(struct erasing *erasing)
{
    struct rd_buf buf;
    rd_buf_init(&buf, JOURNAL_BODY_MAX);
    erasing->erased.job = erasing->plan.job;
    erasing->erased.bodies = erasing->plan.all.at;
    erasing->erased.body_count = erasing->plan.all.count;
    engine_erased_pack(&buf, &erasing->erased);
    int r = buf.error == 0 ? erase_note_result(erasing->state, rd_buf_str(&buf)) : -E2BIG;
    rd_buf_done(&buf);
    return r;
}

static int run(struct erasing *erasing)
{
    int r = open_store(erasing);
    if (r < 0) {
        return r;
    }
    erase_scratch_remove(erasing->scratch);
    erase_match_open(&erasing->match, store_live(erasing->opened));
    r = blank_journals(erasing);
    r = r == 0 ? drop_snapshots(erasing) : r;
    erase_match_close(&erasing->match);
    store_close(erasing->opened);
    r = r == 0 ? store_compact(erasing->store, erasing->what) : r;
    return r == 0 ? write_result(erasing) : r;
}

static void do_it(struct erasing *erasing)
{
    struct edge *edge = erasing->edge;
    int64_t begun_us = clock_ticks_us();
    notify_send(&edge->notify, "STATUS=erasing");
    int r = run(erasing);
    erase_scratch_remove(erasing->scratch);
    if (r == 0) {
        audit_erased(
                erasing->plan.job, erasing->plan.all.count, (clock_ticks_us() - begun_us) / 1000);
    } else {
        edge->erase_us = clock_ticks_us() + ERASE_RETRY_US;
        log_err("erase",
                "what is to be forgotten could not be erased: it is tried again in an hour, or by "
                "the next start",
                "error=\"%s\" what=\"%s%s\"", strerror(-r), erasing->what, erasing->damage.text);
    }
}

void erase_disks(struct edge *edge, const char *state)
{
    struct erasing *erasing = calloc(1, sizeof *erasing);
    if (erasing == NULL) {
        rd_oom();
    }
    erasing->edge = edge;
    erasing->state = state;
    erasing->archive = edge->config->journal_archive;
    (void)snprintf(erasing->journal, sizeof erasing->journal, "%s/journal", state);
    (void)snprintf(erasing->dead, sizeof erasing->dead, "%s/dead", state);
    (void)snprintf(erasing->store, sizeof erasing->store, "%s/store", state);
    erase_scratch_path(state, erasing->scratch);
    keeper_folder(edge, erasing->snapshots);
    int r = erase_note_wanted(state, &erasing->plan);
    if (r == 1 && erasing->plan.job != 0) {
        do_it(erasing);
    } else if (r != 0) { /* without lists: they are made anew, and it is wanted again */
        r = r < 0 ? r : erase_note_remove(state);
    }
    if (r < 0) {
        log_err("erase", "the file that says how far an erasure is cannot be read or removed",
                "file=\"%s/erasure\" error=\"%s\"", state, strerrordesc_np(-r));
    }
    erase_plan_done(&erasing->plan);
    erase_list_done(&erasing->segments);
    free(erasing);
}
