#include "daemon/erase_search.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/erase_match.h"
#include "daemon/journal/archive.h"
#include "daemon/journal/blank.h"
#include "daemon/store/background.h"
#include "daemon/store/rows/key.h"

enum {
    PATH_BYTES_MAX = EDGE_STATE_PATH_MAX,
    NEWEST = 64 * 1024, /* records among which an event that asks is looked for first */
};

struct erase_search {
    pthread_t thread;
    atomic_bool is_done, is_stopping;
    struct store *store;
    struct journal *journal;
    char archive[PATH_BYTES_MAX], scratch[PATH_BYTES_MAX]; /* archive "": there is none */
    /* the thread's until it is done */
    struct store_view *view; /* rests but while rows are read: it would pin what is freed */
    struct erase_match match;
    struct erase_plan plan;
    bool is_whole; /* every record and every letter that there ever was is there yet */
    bool has_letters;
    int error;
    struct journal_damage damage;
};

/* ---- a journal ---- */

/* Looks at the records of a journal that is open, one by one, until `look` returns false. */
struct looking {
    struct erase_search *search;
    bool (*look)(struct erase_search *search, const struct journal_record *record);
};

static int walk(const struct looking *looking, struct journal *journal, uint64_t after)
{
    struct erase_search *search = looking->search;
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    int r = journal_cursor_open(journal, after, &cursor);
    while (r == 0 && (r = journal_cursor_next(cursor, &record, &search->damage)) == 1) {
        r = atomic_load(&search->is_stopping) ? -ECANCELED : 0;
        if (r == 0 && !looking->look(search, &record)) {
            return 0;
        }
    }
    return r;
}

static bool look_who_asks(struct erase_search *search, const struct journal_record *record)
{
    if (!record->is_erased) {
        (void)erase_match_asks(&search->match, record);
    }
    return !erase_match_is_named(&search->match);
}

static bool look_at_all(struct erase_search *search, const struct journal_record *record)
{
    struct erase_plan *plan = &search->plan;
    bool asks = !record->is_erased && erase_match_asks(&search->match, record);
    bool is_his = asks || (!record->is_erased && erase_match_record(&search->match, record));
    if (asks) {
        erase_list_add(&plan->asks, record->number);
    }
    if (is_his) {
        erase_list_add(&plan->fresh, record->number);
    }
    if (is_his || record->is_erased) {
        erase_list_add(&plan->all, record->number);
    }
    return record->event_seq < plan->job;
}

/* The customers' ids, which stand in the events that ask alone: the newest ones, mostly. */
static int find_names(struct erase_search *search, uint64_t first)
{
    const struct looking looking = {.search = search, .look = look_who_asks};
    uint64_t last = journal_durable(search->journal), after = first - 1;
    if (erase_match_is_named(&search->match)) {
        return 0;
    }
    int r = last > after + NEWEST ? walk(&looking, search->journal, last - NEWEST) : 0;
    if (r == 0 && !erase_match_is_named(&search->match)) {
        r = walk(&looking, search->journal, after);
    }
    return r;
}

/* ---- the archive ---- */

static bool is_any(void *arg, const struct journal_record *record)
{
    (void)arg;
    (void)record;
    return true;
}

/* Taken out, looked at, and overwritten. */
static int look_at_segment(struct erase_search *search, uint64_t first)
{
    const struct looking looking = {.search = search, .look = look_at_all};
    const struct journal_blank blank = {.pick = is_any};
    struct journal_options options = {.dir = search->scratch, .read_only = true};
    struct journal *journal = NULL;
    struct journal_damage damage;
    int r = archive_take_out(search->archive, first, search->scratch, &search->damage);
    if (r == 0) {
        r = journal_open(&options, &journal, &search->damage);
    }
    if (r == 0) {
        r = walk(&looking, journal, first - 1);
        journal_close(journal);
    }
    int blanked = journal_blank(search->scratch, &blank, r == 0 ? &search->damage : &damage);
    erase_scratch_remove(search->scratch);
    return r == 0 ? blanked : r;
}

/* Two histories in one folder: which of them is this journal's past cannot be known. */
static int say_overlap(struct erase_search *search, const struct archive_item *item)
{
    (void)snprintf(search->damage.text, sizeof search->damage.text,
            "%.300s: records %" PRIu64 " to %" PRIu64
            " lie there twice, in files that overlap: the archive keeps one history, move the "
            "other one into a folder of its own",
            search->archive, item->first, item->last);
    return -EILSEQ;
}

/* What it alone has: before the journal's first record. */
static int look_at_archive(struct erase_search *search, uint64_t begin)
{
    struct archive_list list;
    uint64_t next = 1;
    int r = search->archive[0] != '\0' ? archive_read(search->archive, &list) : -ENOENT;
    if (r < 0) {
        search->is_whole = search->is_whole && begin <= 1;
        return r == -ENOENT ? 0 : r;
    }
    for (size_t i = 0; r == 0 && i < list.count && list.items[i].first < begin; i++) {
        const struct archive_item *item = &list.items[i];
        if (item->first < next) {
            r = say_overlap(search, item);
            break;
        }
        search->is_whole = search->is_whole && item->first <= next;
        next = item->last + 1;
        if (item->last < begin) {
            r = look_at_segment(search, item->first);
        }
    }
    search->is_whole = search->is_whole && next >= begin;
    archive_list_done(&list);
    return r;
}

/* ---- rows ---- */

static int open_match(struct erase_search *search)
{
    int r = store_side_open(search->store, &search->view);
    r = r == 0 ? store_side_renew(search->view) : r;
    if (r < 0) {
        return r;
    }
    erase_match_open(&search->match, search->view);
    r = store_view_error(search->view);
    store_side_rest(search->view);
    for (size_t i = 0; i < search->match.job_count; i++) {
        search->plan.job = search->match.jobs[i].job.seq;
    }
    return r;
}

static int look_at_letters(struct erase_search *search)
{
    struct store_scan scan;
    struct rd_str key, value;
    struct dead_letter letter;
    int r = store_side_renew(search->view);
    if (r < 0) {
        return r;
    }
    uint64_t next = 1;
    store_scan_begin(&scan, search->view, STORE_DEAD_LETTERS, (struct rd_str){0});
    while (!atomic_load(&search->is_stopping) && store_scan_next(&scan, &key, &value)) {
        search->is_whole = search->is_whole && row_key_read_u64(key, 0) <= next;
        next = UINT64_MAX; /* behind the first one none is missing */
        bool is_his = dead_letter_unpack(key, value, &letter) == 0 &&
                      (erase_match_letter(&search->match, letter.event) ||
                              erase_match_letter(&search->match, letter.message));
        search->has_letters = search->has_letters || is_his;
    }
    store_scan_end(&scan);
    r = store_view_error(search->view);
    store_side_rest(search->view);
    return r;
}

/* ---- the thread ---- */

static int look_everywhere(struct erase_search *search)
{
    const struct looking looking = {.search = search, .look = look_at_all};
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *pin = NULL; /* what is there when it begins stays until it has ended */
    uint64_t first;
    int r;
    do { /* a segment may go in between; each time the journal begins later */
        first = journal_first(search->journal);
        r = journal_cursor_open(search->journal, first - 1, &pin);
    } while (r == -ENOENT && !atomic_load(&search->is_stopping));
    search->is_whole = true;
    r = r == 0 ? open_match(search) : r;
    r = r == 0 ? find_names(search, first) : r;
    r = r == 0 ? look_at_letters(search) : r;
    r = r == 0 ? look_at_archive(search, first) : r;
    return r == 0 ? walk(&looking, search->journal, first - 1) : r;
}

static void *run(void *arg)
{
    struct erase_search *search = arg;
    background_thread(BACKGROUND_FILTER);
    erase_scratch_remove(search->scratch);
    search->error = look_everywhere(search);
    atomic_store(&search->is_done, true);
    return NULL;
}

struct erase_search *erase_search_begin(struct edge *edge)
{
    struct erase_search *search = calloc(1, sizeof *search);
    if (search == NULL) {
        rd_oom();
    }
    const char *archive = edge->config->journal_archive;
    search->store = edge->store;
    search->journal = edge->journal;
    (void)snprintf(search->archive, sizeof search->archive, "%s", archive != NULL ? archive : "");
    erase_scratch_path(edge->state, search->scratch);
    if (pthread_create(&search->thread, NULL, run, search) != 0) {
        free(search);
        return NULL;
    }
    return search;
}

void erase_search_end(struct erase_search *search)
{
    if (search == NULL) {
        return;
    }
    atomic_store(&search->is_stopping, true);
    (void)pthread_join(search->thread, NULL);
    erase_match_close(&search->match);
    store_side_close(search->view);
    erase_plan_done(&search->plan);
    free(search);
}

/* ---- what came of it ---- */

bool erase_search_is_done(const struct erase_search *search)
{
    return atomic_load(&search->is_done);
}

int erase_search_error(const struct erase_search *search, const char **ret_what)
{
    *ret_what = search->damage.text;
    return search->error;
}

const struct erase_plan *erase_search_plan(const struct erase_search *search)
{
    return &search->plan;
}

size_t erase_search_jobs(const struct erase_search *search)
{
    return search->match.job_count;
}

bool erase_search_is_nothing(const struct erase_search *search)
{
    uint64_t cases = 0;
    for (size_t i = 0; i < search->match.job_count; i++) {
        cases += search->match.jobs[i].job.cases;
    }
    return search->is_whole && !search->has_letters && cases == 0 &&
           search->plan.fresh.count == search->plan.asks.count &&
           erase_match_is_named(&search->match);
}

/* ---- the folder in which a segment of the archive is at work ---- */

void erase_scratch_path(const char *state, char ret_path[static EDGE_STATE_PATH_MAX])
{
    (void)snprintf(ret_path, EDGE_STATE_PATH_MAX, "%.4000s/erasing", state);
}

void erase_scratch_remove(const char *path)
{
    DIR *opened = opendir(path);
    const struct dirent *entry;
    while (opened != NULL && (entry = readdir(opened)) != NULL) {
        (void)unlinkat(dirfd(opened), entry->d_name, 0);
    }
    if (opened != NULL) {
        (void)closedir(opened);
    }
    (void)rmdir(path);
}
