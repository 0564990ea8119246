/* daemon/journal/archive.h — closed segments kept elsewhere, compressed, each closed by hash; and a
 * journal made again of them.
 *
 * FIRST.archive, a file a segment. All numbers big-endian:
 *
 *   0  8  "redressA"           20  8  its last record
 *   8  4  version, 1           28  8  size of the segment in bytes
 *  12  8  its first record     36 32  chain hash before the first, 68 32 of the last
 *                             100 32  BLAKE2b-256 of bytes 0..99
 *
 * then one zstd frame: u64 length, so many bytes of the segment from its head to its end mark, and
 * BLAKE2b-256 of bytes 0..131 and of those. Nothing behind it.
 *
 * A file gets its name when all of it is on the disk; half of one ends in .part. An erased body is
 * erased in the archive when the segment is archived anew (archive_put() replaces).
 *
 * An archive has one history: a segment is never put beside or over one that has other records of
 * the same numbers. Such come of a state that was restored without its journal's end and went on.
 */
#pragma once

#include "daemon/journal/journal.h"

struct archive_item {
    uint64_t first, last, segment_bytes;
    uint8_t chain_before[32], chain[32];
};

struct archive_list { /* by number, ascending; those alone whose head is whole */
    struct archive_item *items;
    size_t count;
};

/* A folder that is not there is empty. 0 or -errno. */
RD_MUST_USE int archive_read(const char *dir, struct archive_list *ret_list);
void archive_list_done(struct archive_list *list);

/* Puts the closed segments of a journal that are not in the archive yet there, at most `max` of
 * them, each verified record by record. The folder is made if it is missing. *ret_through: the
 * archive has all records up to this one since the journal's oldest; 0: none. *ret_done is counted
 * up by each that was put there. Any thread, beside the daemon's own. 1 (there is more to do), 0,
 * -EBADMSG (ret_damage), -EILSEQ (the archive has other records of these numbers: ret_damage),
 * -errno. */
RD_MUST_USE int archive_fill(const char *journal_dir, const char *dir, unsigned max,
        uint64_t *ret_through, unsigned *ret_done, struct journal_damage *ret_damage);
/* One closed segment, instead of what the archive has of it; as archive_fill(). */
RD_MUST_USE int archive_put(const char *journal_dir, const char *dir, uint64_t first,
        struct journal_damage *ret_damage);

/* One segment out of the archive, as the only one of the journal folder `to`, which is made. */
RD_MUST_USE int archive_take_out(
        const char *dir, uint64_t first, const char *to, struct journal_damage *ret_damage);

/* Makes the journal `to`, which must have no segment yet, so that it goes on after record `number`
 * with this chain hash: of what the archive has, then of what the journal folder `from` has (either
 * may be NULL, not both). *ret_last: its last record. 0; -EILSEQ (they are of another chain);
 * -ERANGE (they do not reach record `number`); -EEXIST; -EBADMSG; -errno. ret_damage has a text on
 * every failure; what was made is left, to be removed by the caller. */
struct archive_sources {
    const char *archive, *journal;
    bool ends_at_erasure; /* the last record is the one before the first event that was erased */
    bool has_ended;       /* set: there was one */
};

/* In a state folder: its journal was made without what came after the backup or the archive. The
 * first start tells it and removes the file. */
#define ARCHIVE_CUT_MARK "restored"
RD_MUST_USE int archive_restore(struct archive_sources *from, const char *to, uint64_t number,
        const uint8_t chain[static 32], uint64_t *ret_last, struct journal_damage *ret_damage);
