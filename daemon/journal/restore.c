/* A journal made again of the archive and of what another folder has. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "common/base/squeeze.h"
#include "daemon/journal/archive_file.h"
#include "daemon/journal/check.h"

enum { CHUNK = 256 * 1024 };

struct making {
    const char *to;
    int to_fd;
    uint64_t number; /* after which it goes on */
    uint64_t next;   /* the record that is needed next; 0: nothing was made yet */
    unsigned made;   /* segments */
    struct journal_damage *damage;
};

static int say(struct making *making, const char *dir, const char *why, int error)
{
    (void)snprintf(making->damage->text, sizeof making->damage->text, "%.300s: %s", dir, why);
    return error;
}

/* Creates the file; the rest of the segment stays a hole until it is written. */
static int segment_begin(struct making *making, uint64_t first, uint64_t bytes)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(first, name);
    making->made++;
    int fd = openat(making->to_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || ftruncate(fd, (off_t)bytes) == 0) {
        return fd < 0 ? -errno : fd;
    }
    int r = -errno;
    (void)close(fd);
    return r;
}

/* ---- out of the archive ---- */

static int frame_read(
        struct unsqueeze *in, int fd, uint64_t room, const uint8_t head[static ARCHIVE_HEAD])
{
    crypto_generichash_state state;
    uint8_t length[8], hash[FORMAT_HASH], told[FORMAT_HASH];
    uint8_t *bytes = malloc(CHUNK);
    if (bytes == NULL) {
        rd_oom();
    }
    (void)crypto_generichash_init(&state, NULL, 0, FORMAT_HASH);
    (void)crypto_generichash_update(&state, head, ARCHIVE_HEAD);
    int r = unsqueeze_get(in, length, sizeof length);
    uint64_t used = 0;
    for (size_t i = 0; i < sizeof length && r == 0; i++) {
        used = used << 8 | length[i];
    }
    r = r == 0 && used > room ? -EBADMSG : r;
    for (uint64_t at = 0; at < used && r == 0;) {
        size_t size = used - at < CHUNK ? (size_t)(used - at) : CHUNK;
        r = unsqueeze_get(in, bytes, size);
        if (r == 0) {
            (void)crypto_generichash_update(&state, bytes, size);
            r = segment_write(fd, bytes, size, at);
        }
        at += size;
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    r = r == 0 ? unsqueeze_get(in, told, sizeof told) : r;
    r = r == 0 ? unsqueeze_at_end(in) : r;
    free(bytes);
    return r == 0 && memcmp(hash, told, sizeof hash) != 0 ? -EBADMSG : r;
}

static int archive_take(struct making *making, const char *dir, uint64_t first)
{
    char path[4096], name[ARCHIVE_NAME_MAX];
    uint8_t head[ARCHIVE_HEAD];
    struct archive_item item;
    archive_name(first, name);
    (void)snprintf(path, sizeof path, "%.4000s/%s", dir, name);
    int in_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in_fd < 0) {
        return say(making, path, "it cannot be opened", -errno);
    }
    int r = archive_head_read(in_fd, head, &item);
    int fd = r == 0 ? segment_begin(making, first, item.segment_bytes) : r;
    r = fd < 0 ? fd : 0;
    if (r == 0) {
        struct unsqueeze *in = unsqueeze_new(in_fd);
        r = frame_read(in, fd, item.segment_bytes, head);
        unsqueeze_free(in);
    }
    if (r == 0 && fsync(fd) != 0) {
        r = -errno;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    (void)close(in_fd);
    making->next = item.last + 1;
    return r == 0 ? 0 : say(making, path, r == -EBADMSG ? "it is damaged" : strerrordesc_np(-r), r);
}

/* Takes segments from the one that holds record `number` + 1, as long as each continues the one
 * before. */
static int take_archive(struct making *making, const char *dir)
{
    struct archive_list list;
    int r = archive_read(dir, &list);
    if (r < 0) {
        return say(making, dir, "the archive cannot be read", r);
    }
    for (size_t i = 0; i < list.count && r == 0; i++) {
        const struct archive_item *item = &list.items[i];
        bool is_wanted = making->next == 0
                                 ? item->first <= making->number + 1 && item->last > making->number
                                 : item->first == making->next;
        if (is_wanted) {
            r = archive_take(making, dir, item->first);
        }
    }
    archive_list_done(&list);
    return r;
}

/* ---- out of a journal ---- */

/* Copies only pages that are not zeros: a young segment is mostly zeros. */
static int bytes_copy(int from, int to, uint64_t bytes)
{
    static const uint8_t zeros[CHUNK];
    uint8_t *chunk = malloc(CHUNK);
    if (chunk == NULL) {
        rd_oom();
    }
    int r = 0;
    for (uint64_t at = 0; at < bytes && r == 0;) {
        int64_t got = segment_read(from, chunk, CHUNK, at);
        r = got < 0 ? (int)got : 0;
        if (got <= 0) {
            break;
        }
        if (memcmp(chunk, zeros, (size_t)got) != 0) {
            r = segment_write(to, chunk, (size_t)got, at);
        }
        at += (uint64_t)got;
    }
    free(chunk);
    return r == 0 && fsync(to) != 0 ? -errno : r;
}

static int segment_copy(struct making *making, int from_fd, const struct segment_entry *entry)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(entry->first, name);
    int from = openat(from_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0) {
        return say(making, name, "it cannot be opened", -errno);
    }
    int to = segment_begin(making, entry->first, entry->bytes);
    int r = to < 0 ? to : bytes_copy(from, to, entry->bytes);
    if (to >= 0) {
        (void)close(to);
    }
    (void)close(from);
    return r < 0 ? say(making, name, strerrordesc_np(-r), r) : 0;
}

static int take_journal(struct making *making, const char *dir)
{
    struct segment_list list = {.items = NULL};
    int from_fd = segment_dir_open(dir, false);
    int r = from_fd < 0 ? from_fd : segment_list_read(from_fd, &list);
    if (r < 0) {
        return say(making, dir, "the journal cannot be read", r);
    }
    size_t begin = list.count;
    for (size_t i = list.count; i > 0 && begin == list.count; i--) {
        uint64_t first = list.items[i - 1].first;
        bool is_it = making->next == 0 ? first <= making->number + 1 : first == making->next;
        begin = is_it ? i - 1 : begin;
    }
    for (size_t i = begin; i < list.count && r == 0; i++) {
        r = segment_copy(making, from_fd, &list.items[i]);
    }
    segment_list_done(&list);
    (void)close(from_fd);
    return r;
}

/* ---- is it the one? ---- */

/* What the record's segment has from it on is zeros, and the segments behind it go. */
static int cut_before(struct making *making, uint64_t number)
{
    struct segment_list list = {.items = NULL};
    struct scan scan;
    int r = segment_list_read(making->to_fd, &list);
    scan_init(&scan, making->to);
    while (r == 0 && list.count > 1 && list.items[list.count - 1].first >= number) {
        char name[SEGMENT_NAME_MAX];
        segment_name(list.items[--list.count].first, name);
        r = unlinkat(making->to_fd, name, 0) == 0 ? 0 : -errno;
    }
    if (r == 0) {
        uint64_t first = list.items[list.count - 1].first;
        r = scan_open(&scan, making->to_fd, first, NULL, making->damage);
    }
    r = r == 0 ? scan_seek(&scan, number, making->damage) : r;
    char name[SEGMENT_NAME_MAX];
    segment_name(scan.head.first, name);
    int fd = r == 0 ? openat(making->to_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : r;
    r = fd >= 0 ? segment_zero(fd, scan.offset, scan.head.bytes) : r == 0 ? -errno : r;
    if (fd >= 0) {
        (void)close(fd);
    }
    scan_done(&scan);
    segment_list_done(&list);
    return r == 0 ? segment_dir_sync(making->to_fd) : r;
}

/* A replay cannot pass an erased body: what the event did nobody knows any more. *ret_number: the
 * first one behind the snapshot, where there is one. */
static int find_erased(struct making *making, struct journal *journal, uint64_t *ret_number)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_record record = {.number = 0};
    int r = journal_cursor_open(journal, making->number, &cursor);
    while (r == 0 && (r = journal_cursor_next(cursor, &record, making->damage)) == 1) {
        if (record.kind == JOURNAL_EVENT && record.is_erased) {
            *ret_number = record.number;
            return 0;
        }
        r = 0;
    }
    return r;
}

static int stop_at_erased(
        struct making *making, struct archive_sources *from, uint64_t erased, uint64_t *ret_last)
{
    if (from->ends_at_erasure) {
        from->has_ended = true;
        *ret_last = erased - 1;
        return cut_before(making, erased);
    }
    char why[320];
    (void)snprintf(why, sizeof why,
            "record %llu was erased after this snapshot was made, so nothing leads from it to "
            "the records behind: take a snapshot from after the erasure, or --until-erasure, "
            "which stops before that record; the customer is then to be forgotten again",
            (unsigned long long)erased);
    return say(making, making->to, why, -EILSEQ);
}

static int look(struct making *making, struct archive_sources *from, const uint8_t chain[static 32],
        uint64_t *ret_last)
{
    uint64_t first_erased = 0;
    struct journal_report report;
    struct journal *journal = NULL;
    uint8_t found[FORMAT_HASH];
    int r = journal_check(making->to, NULL, NULL, &report, making->damage);
    if (r < 0) {
        return r;
    }
    struct journal_options options = {.dir = making->to, .read_only = true};
    r = journal_open(&options, &journal, making->damage);
    if (r < 0) {
        return r;
    }
    uint64_t last = journal_last(journal);
    r = journal_chain(journal, making->number, found, making->damage);
    int erased = r == 0 && report.erased > 0 && last > making->number
                         ? find_erased(making, journal, &first_erased)
                         : 0;
    journal_close(journal);
    if (r == -ENOENT || last < making->number) {
        char why[128];
        (void)snprintf(why, sizeof why,
                "they do not reach record %llu, with which the snapshot ends",
                (unsigned long long)making->number);
        return say(making, making->to, why, -ERANGE);
    }
    if (r == 0 && memcmp(found, chain, sizeof found) != 0) {
        return say(making, making->to,
                "the chain is another one than the snapshot's: this is the journal of another "
                "redressd",
                -EILSEQ);
    }
    *ret_last = last;
    r = r == 0 ? erased : r;
    return r == 0 && first_erased > 0 ? stop_at_erased(making, from, first_erased, ret_last) : r;
}

int archive_take_out(
        const char *dir, uint64_t first, const char *to, struct journal_damage *ret_damage)
{
    struct making making = {.to = to, .damage = ret_damage};
    int picked = sodium_init();
    RD_ASSERT(picked >= 0);
    *ret_damage = (struct journal_damage){0};
    making.to_fd = segment_dir_open(to, true);
    if (making.to_fd < 0) {
        return say(&making, to, "the folder cannot be made", making.to_fd);
    }
    int r = archive_take(&making, dir, first);
    r = r == 0 ? segment_dir_sync(making.to_fd) : r;
    (void)close(making.to_fd);
    return r;
}

int archive_restore(struct archive_sources *from, const char *to, uint64_t number,
        const uint8_t chain[static 32], uint64_t *ret_last, struct journal_damage *ret_damage)
{
    struct segment_list list = {.items = NULL};
    struct making making = {.to = to, .number = number, .damage = ret_damage};
    *ret_damage = (struct journal_damage){0};
    making.to_fd = segment_dir_open(to, true);
    int r = making.to_fd < 0 ? making.to_fd : segment_list_read(making.to_fd, &list);
    if (r < 0) {
        return say(&making, to, "the folder cannot be made", r);
    }
    r = list.count > 0 ? say(&making, to, "there is a journal already", -EEXIST) : 0;
    segment_list_done(&list);
    if (r == 0 && from->archive != NULL) {
        r = take_archive(&making, from->archive);
    }
    if (r == 0 && from->journal != NULL) {
        r = take_journal(&making, from->journal);
    }
    if (r == 0 && making.made == 0) {
        r = say(&making, to, "no record after the snapshot's last is there", -ERANGE);
    }
    if (r == 0) {
        r = segment_dir_sync(making.to_fd);
    }
    if (r == 0) {
        r = look(&making, from, chain, ret_last);
    }
    (void)close(making.to_fd);
    return r;
}
