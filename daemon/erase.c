#include "daemon/erase.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/audit_log.h"
#include "daemon/checkpoint.h"
#include "daemon/erase_match.h"
#include "daemon/journal/archive.h"
#include "daemon/journal/blank.h"
#include "daemon/leave.h"
#include "daemon/lock_wait.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/shelf.h"

enum {
    PATH_BYTES_MAX = EDGE_STATE_PATH_MAX + 64,
    NOTE_BYTES_MAX = JOURNAL_BODY_MAX,
    NUMBERS_FIRST = 1024,
};
#define EXTEND_US (60 * RD_SECOND_US)
#define RETRY_US  (3600 * RD_SECOND_US)
/* While nobody sends or asks, so that nothing is on its way when the doors close; who never pauses
 * sends again what was lost, as after any restart. */
#define IDLE_US     (2 * RD_SECOND_US)
#define PATIENCE_US (600 * RD_SECOND_US)

static const char wanted_text[] = "wanted\n", erased_text[] = "erased\n";

struct numbers {
    uint64_t *at;
    size_t count, room;
};

struct erasing {
    struct edge *edge;
    const char *state, *archive; /* archive NULL: there is none */
    char journal[PATH_BYTES_MAX], dead[PATH_BYTES_MAX], store[PATH_BYTES_MAX],
            scratch[PATH_BYTES_MAX], snapshots[PATH_BYTES_MAX];
    struct store *opened;
    struct erase_match match;
    struct numbers bodies;   /* that are erased */
    struct numbers segments; /* closed ones that have such a body */
    struct engine_erased erased;
    struct journal_damage damage;
    char what[256];
};

/* ---- the file that says how far it is ---- */

static void note_path(const char *state, char ret_path[static PATH_BYTES_MAX])
{
    (void)snprintf(ret_path, PATH_BYTES_MAX, "%s/erasure", state);
}

static int folder_sync(const char *state)
{
    int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

/* Whole or not at all. */
static int note_write(const char *state, struct rd_str text)
{
    char path[PATH_BYTES_MAX], fresh[PATH_BYTES_MAX + 8];
    note_path(state, path);
    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -errno;
    }
    int r = 0;
    for (size_t at = 0; at < text.len && r == 0;) {
        ssize_t n = write(fd, text.ptr + at, text.len - at);
        r = n < 0 && errno != EINTR ? -errno : 0;
        at += n > 0 ? (size_t)n : 0;
    }
    r = r == 0 && fsync(fd) != 0 ? -errno : r;
    (void)close(fd);
    r = r == 0 && rename(fresh, path) != 0 ? -errno : r;
    return r == 0 ? folder_sync(state) : r;
}

/* Into `buf`; empty where there is no such file. 0 or -errno. */
static int note_read(const char *state, struct rd_buf *buf)
{
    char path[PATH_BYTES_MAX];
    uint8_t chunk[4096];
    note_path(state, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
        rd_buf_put(buf, chunk, (size_t)n);
    }
    int r = n < 0 ? -errno : buf->error;
    (void)close(fd);
    return r;
}

static bool note_says(const char *state, const char *what)
{
    struct rd_buf buf;
    rd_buf_init(&buf, NOTE_BYTES_MAX);
    bool is_said = note_read(state, &buf) == 0 && rd_str_starts(rd_buf_str(&buf), rd_str_of(what));
    rd_buf_done(&buf);
    return is_said;
}

static int note_remove(const char *state)
{
    char path[PATH_BYTES_MAX];
    note_path(state, path);
    if (unlink(path) != 0 && errno != ENOENT) {
        return -errno;
    }
    return folder_sync(state);
}

/* ---- when ---- */

/* The next start reads the configuration anew: one that it could not take would leave nobody to
 * serve. */
static bool configuration_loads(const struct edge *edge)
{
    RD_CLEANUP(config_freep)
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_load(edge->options->config_path, &config, &errors);
    config_errors_done(&errors);
    return r == 0;
}

bool erase_is_due(struct edge *edge)
{
    int64_t now_us = clock_ticks_us();
    if (edge->is_stopping || edge->refusal != REFUSE_NOTHING || now_us < edge->erase_us ||
            engine_erasure_waits(edge->engine) == 0) {
        edge->erase_since_us = 0;
        return false;
    }
    edge->erase_since_us = edge->erase_since_us != 0 ? edge->erase_since_us : now_us;
    int64_t from_us = edge->busy_us > edge->erase_since_us ? edge->busy_us : edge->erase_since_us;
    if (now_us - from_us < IDLE_US && now_us - edge->erase_since_us < PATIENCE_US) {
        return false;
    }
    if (!configuration_loads(edge)) {
        edge->erase_us = now_us + RETRY_US;
        log_err("erase",
                "an erasure waits: the daemon must start anew for it and cannot read the "
                "configuration "
                "file as it is now: mend the file. It is tried again in an hour",
                "file=\"%s\"", edge->options->config_path);
        return false;
    }
    return true;
}

int erase_want(struct edge *edge)
{
    return note_write(edge->state, rd_str_of(wanted_text));
}

/* ---- the passes ---- */

static void number_add(struct numbers *numbers, uint64_t number)
{
    if (numbers->count == numbers->room) {
        numbers->room = numbers->room > 0 ? 2 * numbers->room : NUMBERS_FIRST;
        numbers->at = reallocarray(numbers->at, numbers->room, sizeof *numbers->at);
        if (numbers->at == NULL) {
            rd_oom();
        }
    }
    numbers->at[numbers->count++] = number;
}

static int beat(void *arg, uint64_t first)
{
    struct erasing *erasing = arg;
    const struct notify *notify = &erasing->edge->notify;
    if (first != 0) {
        number_add(&erasing->segments, first);
    }
    notify_send(notify, "WATCHDOG=1\nEXTEND_TIMEOUT_USEC=%" PRId64, EXTEND_US);
    return 0;
}

static bool asks(void *arg, const struct journal_record *record)
{
    struct erasing *erasing = arg;
    (void)erase_match_asks(&erasing->match, record);
    return false;
}

static bool is_matched(void *arg, const struct journal_record *record)
{
    struct erasing *erasing = arg;
    return !erase_match_asks(&erasing->match, record) &&
           erase_match_record(&erasing->match, record);
}

static bool is_matched_or_asks(void *arg, const struct journal_record *record)
{
    struct erasing *erasing = arg;
    return erase_match_asks(&erasing->match, record) || erase_match_record(&erasing->match, record);
}

static void note_body(void *arg, uint64_t number)
{
    struct erasing *erasing = arg;
    number_add(&erasing->bodies, number);
}

static bool is_any(void *arg, const struct journal_record *record)
{
    (void)arg;
    (void)record;
    return true;
}

static int pass(struct erasing *erasing, const char *dir,
        bool (*pick)(void *arg, const struct journal_record *record),
        void (*note)(void *arg, uint64_t number))
{
    struct journal_blank how = {.pick = pick, .note = note, .beat = beat, .arg = erasing};
    erasing->segments.count = 0;
    return journal_blank(dir, &how, &erasing->damage);
}

/* What was rejected: the table has all of it by now, so that the journal beside it may be empty. */
static int blank_letters(struct erasing *erasing)
{
    struct store_view *view = store_live(erasing->opened);
    struct store_scan scan;
    struct rd_str key, value;
    struct rd_buf row;
    rd_buf_init(&row, NOTE_BYTES_MAX);
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
    r = r == 0 ? pass(erasing, erasing->dead, is_any, NULL) : r;
    return r == 0 ? journal_scour(erasing->dead, &erasing->damage) : r;
}

/* ---- archives and snapshots ---- */

/* Segments that the archive alone has: out of it, blanked, and back. */
static int blank_archived(struct erasing *erasing, uint64_t before)
{
    struct archive_list list;
    int r = archive_read(erasing->archive, &list);
    for (size_t i = 0; r == 0 && i < list.count && list.items[i].first < before; i++) {
        char name[PATH_BYTES_MAX + 64];
        uint64_t first = list.items[i].first;
        (void)snprintf(name, sizeof name, "%s/%020" PRIu64 ".journal", erasing->scratch, first);
        size_t had = erasing->bodies.count;
        r = archive_take_out(erasing->archive, first, erasing->scratch, &erasing->damage);
        r = r == 0 ? pass(erasing, erasing->scratch, is_matched_or_asks, note_body) : r;
        if (r == 0 && erasing->bodies.count > had) {
            r = archive_put(erasing->scratch, erasing->archive, first, &erasing->damage);
        }
        r = r == 0 ? pass(erasing, erasing->scratch, is_any, NULL) : r;
        (void)unlink(name);
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
    }
    return r;
}

/* No older ones are kept. */
static int drop_snapshots(struct erasing *erasing)
{
    struct shelf shelf;
    int r = shelf_read(erasing->snapshots, &shelf);
    for (size_t i = 0; r == 0 && i + 1 < shelf.count; i++) {
        char path[PATH_BYTES_MAX + SHELF_NAME_MAX];
        (void)snprintf(path, sizeof path, "%s/%s", erasing->snapshots, shelf.items[i].name);
        r = unlink(path) == 0 || errno == ENOENT ? 0 : -errno;
    }
    if (r == 0) {
        erasing->erased.record = shelf.items[shelf.count - 1].head.numbers.position;
        r = folder_sync(erasing->snapshots);
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
    r = r == 0 ? pass(erasing, erasing->journal, asks, NULL) : r;
    r = r == 0 ? blank_letters(erasing) : r;
    r = r == 0 ? keep_rows(erasing) : r;
    if (r == 0 && erasing->archive != NULL) {
        r = blank_archived(erasing, first);
    }
    /* The events that ask go last: until then a kill loses nothing of what is to be looked for. */
    r = r == 0 ? pass(erasing, erasing->journal, is_matched, NULL) : r;
    r = r == 0 ? pass(erasing, erasing->journal, is_matched_or_asks, note_body) : r;
    if (r == 0 && erasing->archive != NULL) {
        r = archive_again(erasing);
    }
    return r == 0 ? journal_scour(erasing->journal, &erasing->damage) : r;
}

static int write_result(struct erasing *erasing)
{
    struct rd_buf buf;
    rd_buf_init(&buf, NOTE_BYTES_MAX);
    erasing->erased.bodies = erasing->bodies.at;
    erasing->erased.body_count = erasing->bodies.count;
    rd_buf_put_text(&buf, rd_str_of(erased_text));
    engine_erased_pack(&buf, &erasing->erased);
    int r = buf.error == 0 ? note_write(erasing->state, rd_buf_str(&buf)) : -E2BIG;
    rd_buf_done(&buf);
    return r;
}

/* What a kill left in it, too. */
static void scratch_remove(const struct erasing *erasing)
{
    DIR *opened = opendir(erasing->scratch);
    const struct dirent *entry;
    while (opened != NULL && (entry = readdir(opened)) != NULL) {
        (void)unlinkat(dirfd(opened), entry->d_name, 0);
    }
    if (opened != NULL) {
        (void)closedir(opened);
    }
    (void)rmdir(erasing->scratch);
}

static int run(struct erasing *erasing)
{
    int r = open_store(erasing);
    if (r < 0) {
        return r;
    }
    scratch_remove(erasing);
    erase_match_open(&erasing->match, store_live(erasing->opened));
    for (size_t i = 0; i < erasing->match.job_count; i++) {
        erasing->erased.job = erasing->match.jobs[i].job.seq;
    }
    r = blank_journals(erasing);
    r = r == 0 ? drop_snapshots(erasing) : r;
    erase_match_close(&erasing->match);
    store_close(erasing->opened);
    r = r == 0 ? store_compact(erasing->store, erasing->what) : r;
    return r == 0 ? write_result(erasing) : r;
}

void erase_disks(struct edge *edge, const char *state)
{
    if (!note_says(state, wanted_text)) {
        return;
    }
    struct erasing *erasing = calloc(1, sizeof *erasing);
    if (erasing == NULL) {
        rd_oom();
    }
    int64_t begun_us = clock_ticks_us();
    erasing->edge = edge;
    erasing->state = state;
    erasing->archive = edge->config->journal_archive;
    (void)snprintf(erasing->journal, sizeof erasing->journal, "%s/journal", state);
    (void)snprintf(erasing->dead, sizeof erasing->dead, "%s/dead", state);
    (void)snprintf(erasing->store, sizeof erasing->store, "%s/store", state);
    (void)snprintf(erasing->scratch, sizeof erasing->scratch, "%s/erasing", state);
    keeper_folder(edge, erasing->snapshots);
    notify_send(&edge->notify, "STATUS=erasing");
    int r = run(erasing);
    scratch_remove(erasing);
    if (r == 0) {
        audit_erased(
                erasing->erased.job, erasing->bodies.count, (clock_ticks_us() - begun_us) / 1000);
    } else {
        edge->erase_us = clock_ticks_us() + RETRY_US;
        log_err("erase",
                "what is to be forgotten could not be erased: it is tried again in an hour, or by "
                "the next start",
                "error=\"%s\" what=\"%s%s\"", strerror(-r), erasing->what, erasing->damage.text);
    }
    free(erasing->bodies.at);
    free(erasing->segments.at);
    free(erasing);
}

int erase_note(struct edge *edge)
{
    struct rd_buf buf;
    rd_buf_init(&buf, NOTE_BYTES_MAX);
    int r = note_read(edge->state, &buf);
    struct rd_str text = rd_buf_str(&buf), begin = rd_str_of(erased_text);
    if (r == 0 && rd_str_starts(text, begin)) {
        struct rd_str body = {text.ptr + begin.len, text.len - begin.len};
        if (engine_erasure_waits(edge->engine) != 0) {
            struct engine_time at = edge_time(edge);
            r = engine_erased(edge->engine, &at, body);
            if (r == 0) {
                uint64_t record = edge_append(
                        edge, &at, (struct journal_record){.kind = JOURNAL_ERASED, .body = body});
                leave_keep_alerts(edge, record);
                r = journal_flush(edge->journal);
            }
        }
        r = r == 0 ? note_remove(edge->state) : r;
    }
    rd_buf_done(&buf);
    return r;
}
