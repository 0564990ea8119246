#include "daemon/journal/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <sodium.h>

#include "daemon/journal/inner.h"
#include "daemon/journal/recover.h"

enum { LIST_TRIES = 8 };

/* ---- opening ---- */

static void closep(struct journal **journal)
{
    journal_close(*journal);
}

static void damage_say(const struct journal *journal, const char *why, struct journal_damage *ret)
{
    (void)snprintf(ret->text, sizeof ret->text, "%.300s: %s", journal->dir, why);
}

static int dir_take(struct journal *journal, bool is_read_only, struct journal_damage *ret_damage)
{
    int r = segment_dir_open(journal->dir, !is_read_only);
    if (r < 0) {
        damage_say(journal, "the directory cannot be opened", ret_damage);
        return r;
    }
    journal->dir_fd = r;
    if (is_read_only) {
        return 0;
    }
    r = segment_dir_lock(journal->dir_fd);
    if (r < 0) {
        damage_say(journal,
                r == -EWOULDBLOCK ? "another process has this journal open"
                                  : "the lock file cannot be taken",
                ret_damage);
        return r;
    }
    journal->lock_fd = r;
    return 0;
}

/* The stock, and the tail of its newest segment if there is one. Beside a live daemon a segment may
 * go away between the listing and the reading. */
static int tail_find(
        struct journal *journal, struct recover_tail *tail, struct journal_damage *ret_damage)
{
    int r = -ENOENT;
    for (int i = 0; r == -ENOENT && i < LIST_TRIES; i++) {
        stock_close(journal->stock);
        journal->stock = NULL;
        r = stock_open(journal->dir_fd, journal->segment_bytes, &journal->stock);
        if (r < 0) {
            damage_say(journal, "the directory cannot be listed", ret_damage);
            return r;
        }
        uint64_t newest = stock_newest(journal->stock);
        if (newest == 0) {
            return 0;
        }
        r = recover_scan(journal->dir, journal->dir_fd, newest, tail, ret_damage);
        if (r < 0 && r != -EBADMSG) {
            damage_say(journal, "the newest segment cannot be read", ret_damage);
        }
    }
    return r;
}

static int writer_begin(
        struct journal *journal, const struct recover_tail *tail, struct journal_damage *ret_damage)
{
    struct writer_place place = {
            .fd = -1, .head = tail->head, .offset = tail->offset, .next = tail->last + 1};
    memcpy(place.chain, tail->chain, FORMAT_HASH);
    int r = stock_start(journal->stock);
    if (r == 0 && tail->head.first > 0) {
        r = recover_mend(journal->dir_fd, tail, &place.fd);
    }
    if (r == 0) {
        r = writer_start(journal->stock, &place, &journal->writer);
        if (r < 0 && place.fd >= 0) {
            (void)close(place.fd);
        }
    }
    if (r == -EAGAIN) { /* no thread; -EAGAIN would read as another's lock */
        damage_say(journal, "no thread can be had: raise TasksMax, or ulimit -u", ret_damage);
        return -ENOMEM;
    }
    if (r < 0) {
        damage_say(journal, "the newest segment or the spares cannot be written", ret_damage);
        return r;
    }
    batch_init(&journal->open);
    return 0;
}

/* Refuses to cut a tail that ends before `at_least`: those records were durable, so the tail is
 * damaged and not torn. */
static int tail_check(const struct journal *journal, const struct recover_tail *tail,
        uint64_t at_least, struct journal_damage *ret_damage)
{
    if (tail->last >= at_least) {
        return 0;
    }
    char name[SEGMENT_NAME_MAX];
    segment_name(tail->head.first, name);
    (void)snprintf(ret_damage->text, sizeof ret_damage->text,
            "%.300s/%s: offset %llu: record %llu: it is missing, though the store has records up "
            "to %llu. Nothing was changed; restore the journal that belongs to the store from a "
            "backup or an archive",
            journal->dir, tail->head.first > 0 ? name : "", (unsigned long long)tail->offset,
            (unsigned long long)tail->last + 1, (unsigned long long)at_least);
    return -EBADMSG;
}

int journal_open(const struct journal_options *options, struct journal **ret_journal,
        struct journal_damage *ret_damage)
{
    uint64_t bytes = options->segment_bytes != 0 ? options->segment_bytes : SEGMENT_DEFAULT_BYTES;
    *ret_damage = (struct journal_damage){0};
    if (bytes < SEGMENT_MIN_BYTES || bytes > SEGMENT_MAX_BYTES) {
        (void)snprintf(ret_damage->text, sizeof ret_damage->text,
                "%.300s: a segment must have 64 KiB to 4 GiB", options->dir);
        return -EINVAL;
    }
    RD_CLEANUP(closep)
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL || (journal->dir = strdup(options->dir)) == NULL) {
        rd_oom();
    }
    journal->dir_fd = journal->lock_fd = -1;
    journal->segment_bytes = bytes;
    struct recover_tail tail = {0};
    int r = dir_take(journal, options->read_only, ret_damage);
    if (r == 0) {
        r = tail_find(journal, &tail, ret_damage);
    }
    if (r == 0) {
        r = tail_check(journal, &tail, options->at_least, ret_damage);
    }
    if (r == 0) {
        atomic_init(&journal->last, tail.last);
        r = options->read_only ? 0 : writer_begin(journal, &tail, ret_damage);
    }
    if (r < 0) {
        return r;
    }
    *ret_journal = journal;
    journal = NULL;
    return 0;
}

void journal_close(struct journal *journal)
{
    if (journal == NULL) {
        return;
    }
    writer_close(journal->writer);
    stock_close(journal->stock);
    batch_done(&journal->open);
    if (journal->lock_fd >= 0) {
        (void)close(journal->lock_fd);
    }
    if (journal->dir_fd >= 0) {
        (void)close(journal->dir_fd);
    }
    free(journal->dir);
    free(journal);
}

uint64_t journal_first(const struct journal *journal)
{
    uint64_t oldest = stock_oldest(journal->stock);
    return oldest > 0 && oldest <= journal_last(journal) ? oldest : 0;
}

uint64_t journal_last(const struct journal *journal)
{
    return atomic_load(&journal->last);
}

/* ---- appending ---- */

uint64_t journal_append(struct journal *journal, const struct journal_record *record)
{
    RD_ASSERT(journal->writer != NULL);
    struct journal_record numbered = *record;
    numbered.number = atomic_load(&journal->last) + 1;
    size_t size = format_record_bytes(&numbered);
    format_record_encode(&numbered, batch_extend(&journal->open, size));
    journal->open.records++;
    journal->appended_bytes += size;
    atomic_store(&journal->last, numbered.number);
    return numbered.number;
}

size_t journal_batch_bytes(const struct journal *journal)
{
    return journal->open.len;
}

void journal_submit(struct journal *journal)
{
    RD_ASSERT(journal->writer != NULL);
    if (journal->open.len > 0) {
        writer_submit(journal->writer, &journal->open);
    }
    stock_poke(journal->stock);
}

bool journal_write_here(struct journal *journal)
{
    RD_ASSERT(journal->writer != NULL);
    if (journal->open.len > 0 && !writer_write_here(journal->writer, &journal->open)) {
        return false;
    }
    stock_poke(journal->stock);
    return true;
}

int journal_fd(const struct journal *journal)
{
    RD_ASSERT(journal->writer != NULL);
    return writer_fd(journal->writer);
}

uint64_t journal_durable(const struct journal *journal)
{
    return journal->writer != NULL ? writer_durable(journal->writer) : journal_last(journal);
}

bool journal_is_starved(const struct journal *journal)
{
    return writer_is_starved(journal->writer) || stock_is_starved(journal->stock);
}

int journal_failed(const struct journal *journal)
{
    return journal->writer != NULL ? writer_failed(journal->writer) : 0;
}

int journal_flush(struct journal *journal)
{
    journal_submit(journal);
    return writer_wait(journal->writer);
}

uint64_t journal_space_left_bytes(const struct journal *journal)
{
    RD_ASSERT(journal->writer != NULL);
    struct statvfs status;
    uint64_t segments = stock_spares(journal->stock);
    if (fstatvfs(journal->dir_fd, &status) == 0) {
        segments += (uint64_t)status.f_bavail * status.f_frsize / journal->segment_bytes;
    }
    uint64_t payload = journal->segment_bytes - FORMAT_SEGMENT_HEAD - FORMAT_END_MARK;
    uint64_t left = writer_room_bytes(journal->writer) + segments * payload;
    uint64_t waiting = journal->appended_bytes - writer_written_bytes(journal->writer);
    return left > waiting ? left - waiting : 0;
}

void journal_release(
        struct journal *journal, uint64_t record, uint64_t keep_bytes, rd_time keep_since)
{
    RD_ASSERT(journal->writer != NULL);
    stock_release(journal->stock, record, keep_bytes, keep_since);
}

void journal_bound(struct journal *journal, uint64_t bytes)
{
    stock_bound(journal->stock, bytes);
}

uint64_t journal_open_segment(const struct journal *journal)
{
    return stock_newest(journal->stock);
}

void journal_settle(struct journal *journal)
{
    RD_ASSERT(journal->writer != NULL);
    stock_settle(journal->stock);
}
