/* The chain hash of a record, which identifies a journal; and a journal that begins after a given
 * record. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/journal/inner.h"

/* The chain hash before the oldest kept record stands in the head of its segment. */
static int chain_before(struct journal *journal, uint64_t first, uint8_t *ret_chain,
        struct journal_damage *ret_damage)
{
    struct scan scan;
    scan_init(&scan, journal->dir);
    int r = scan_open(&scan, journal->dir_fd, first, NULL, ret_damage);
    if (r == 0) {
        memcpy(ret_chain, scan.chain, FORMAT_HASH);
    }
    scan_done(&scan);
    return r;
}

int journal_chain(struct journal *journal, uint64_t number, uint8_t ret_chain[static 32],
        struct journal_damage *ret_damage)
{
    *ret_damage = (struct journal_damage){0};
    if (number == 0) {
        memset(ret_chain, 0, FORMAT_HASH);
        return 0;
    }
    if (journal->writer != NULL && number == journal_last(journal) &&
            journal_durable(journal) == number) {
        writer_chain(journal->writer, ret_chain);
        return 0;
    }
    uint64_t oldest = stock_oldest(journal->stock);
    if (oldest == 0 || number > journal_durable(journal) || number + 1 < oldest) {
        return -ENOENT;
    }
    if (number + 1 == oldest) {
        return chain_before(journal, oldest, ret_chain, ret_damage);
    }
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    int r = journal_cursor_open(journal, number - 1, &cursor);
    if (r == 0) {
        r = journal_cursor_next(cursor, &record, ret_damage);
        r = r == 0 ? -ENOENT : r;
    }
    if (r > 0) {
        memcpy(ret_chain, record.chain, FORMAT_HASH);
    }
    return r > 0 ? 0 : r;
}

static int found_segment(
        int dir_fd, uint64_t bytes, uint64_t number, const uint8_t chain[static FORMAT_HASH])
{
    struct segment_list list;
    char name[SEGMENT_NAME_MAX];
    int r = segment_list_read(dir_fd, &list);
    if (r < 0) {
        return r;
    }
    size_t count = list.count;
    segment_list_done(&list);
    if (count > 0) {
        return -EEXIST;
    }
    struct format_segment head = {.first = number + 1, .bytes = bytes};
    memcpy(head.chain, chain, FORMAT_HASH);
    segment_spare_name(0, name);
    r = segment_fill(dir_fd, name, bytes);
    int fd = -1;
    if (r == 0) {
        r = segment_take(dir_fd, name, &head, &fd);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

int journal_found(const struct journal_options *options, uint64_t number,
        const uint8_t chain[static 32], struct journal_damage *ret_damage)
{
    uint64_t bytes = options->segment_bytes != 0 ? options->segment_bytes : SEGMENT_DEFAULT_BYTES;
    *ret_damage = (struct journal_damage){0};
    int dir_fd = segment_dir_open(options->dir, true);
    int lock_fd = dir_fd >= 0 ? segment_dir_lock(dir_fd) : dir_fd;
    int r = lock_fd < 0 ? lock_fd : found_segment(dir_fd, bytes, number, chain);
    if (r < 0) {
        (void)snprintf(ret_damage->text, sizeof ret_damage->text, "%.300s: %s", options->dir,
                r == -EEXIST ? "there is a journal already" : strerrordesc_np(-r));
    }
    if (lock_fd >= 0) {
        (void)close(lock_fd);
    }
    if (dir_fd >= 0) {
        (void)close(dir_fd);
    }
    return r;
}
