/* daemon/journal/journal.h — the append-only record of all that came in; what is in it happened.
 *
 * A directory of segments of one size, prewritten with zeros or recycled, named by the number of
 * their first record. Records are numbered from 1 without holes. Appending collects a batch in
 * memory; a batch handed over is digested, chained, written and fdatasync'ed by the journal's own
 * thread while the caller takes the next one (group commit). Nothing is durable before
 * journal_durable() says so, and nothing leaves the daemon before that.
 *
 * Layout of segments and records, with an example in hex: format.h.
 *
 * A write or fdatasync that fails is final: journal_failed() gives the error, nothing after it
 * becomes durable, the caller ends the process. ENOSPC while a *new segment* is prepared is not:
 * the journal prepares segments ahead and says journal_space_left_bytes(), so the door refuses new
 * events before it matters. Source: daemon/README.md, "The tail and the checkpoint". */
#pragma once

#include "common/base/base.h"
#include "common/time/utime.h"

enum journal_kind {
    JOURNAL_EVENT = 1,  /* body: the event as it came */
    JOURNAL_TICK = 2,   /* time passed with timers due; no body */
    JOURNAL_START = 3,  /* the daemon started; body: MessagePack map, for people */
    JOURNAL_CONFIG = 4, /* body: the engine's part of the configuration (plan.h) */
    JOURNAL_SWITCH = 5, /* another engine number from here; body: MessagePack map (upgrade.c) */
    JOURNAL_DEAD_LETTER = 6, /* body: row of a rejected event; only in a journal of its own */
    JOURNAL_TELL = 7,        /* the daemon tells operators; body: struct engine_tell (engine.h) */
    JOURNAL_ERASED = 8,      /* bodies were erased; body: struct engine_erased (engine.h) */
};

enum { JOURNAL_FLAG_GRACE = 1 }; /* within the start grace: no timer fires */

struct journal_record {
    uint64_t number;    /* given by journal_append() */
    uint64_t event_seq; /* of an event; of the last one before it for other kinds */
    enum journal_kind kind;
    uint16_t flags;
    uint32_t engine;
    rd_time wall, steady; /* under which it was applied */
    struct rd_str sender; /* ≤ 512 bytes; name and unit of the key, empty for ours */
    struct rd_str body;   /* ≤ JOURNAL_BODY_MAX */
    uint8_t chain[32];    /* after reading: the chain hash of this record */
    bool is_erased;       /* after reading: the body was erased, only its digest is left */
};

enum { JOURNAL_BODY_MAX = 64 * 1024 * 1024, JOURNAL_SENDER_MAX = 512 };

struct journal_options {
    const char *dir;        /* created if missing */
    uint64_t segment_bytes; /* 0: the default, 64 MiB; 64 KiB (tests) to 4 GiB. A record that is too
                               long for it gets a segment of its own size */
    uint64_t at_least;      /* records up to this one are known to have been durable: where the tail
                               ends before it, it is damaged, and nothing is cut */
    bool read_only;         /* scan only: no thread, no recovery writes, no lock */
};

struct journal;

/* Where and what, for a message to a person: "seg 00…1 offset 8192: record 17: checksum …". */
struct journal_damage {
    char text[768]; /* names the file, the offset, the record and what to do */
};

/* Opens, takes the directory's lock, scans the newest segment, cuts a torn tail (bytes after the
 * last whole record, never acknowledged). 0; -EBADMSG (damage before the tail: *ret_damage says
 * where and what to do; nothing is changed), -EWOULDBLOCK (another process has it), -EINVAL
 * (segment size), -errno. On every failure *ret_damage has a text; *ret_journal is written only on
 * 0.
 *
 * A bit lost in the *last* batch after it was acknowledged looks like a torn tail and is cut,
 * unless `at_least` says better: what the store has applied. */
RD_MUST_USE int journal_open(const struct journal_options *options, struct journal **ret_journal,
        struct journal_damage *ret_damage);
void journal_close(
        struct journal *journal); /* waits for the thread; what was not handed over is lost */

uint64_t journal_first(const struct journal *journal); /* oldest record kept; 0: empty */
uint64_t journal_last(
        const struct journal *journal); /* newest appended (durable or not); 0: empty */

/* ---- appending: one thread ---- */
/* Copies the record into the open batch. Returns its number. */
uint64_t journal_append(struct journal *journal, const struct journal_record *record);
size_t journal_batch_bytes(const struct journal *journal);
/* Hands the open batch to the thread; at most 2 may be on their way (then it blocks). An empty
 * batch is fine and does nothing. */
void journal_submit(struct journal *journal);
/* Where nothing is on its way: writes and syncs the open batch on this thread, which spares two
 * changes of threads and keeps the caller waiting for the disk. False: something is on its way,
 * or another segment is needed. */
bool journal_write_here(struct journal *journal);
/* An eventfd, readable when journal_durable() moved or the journal failed; the caller reads it. */
int journal_fd(const struct journal *journal);
uint64_t journal_durable(const struct journal *journal); /* newest durable record */
/* True while it needs a descriptor and there is none, in the process or in the system. What was
 * handed over becomes durable later; the caller refuses new events meanwhile. */
bool journal_is_starved(const struct journal *journal);
int journal_failed(const struct journal *journal); /* 0 or -errno: end the process */
/* Submits and waits until all is durable. 0 or -errno. */
RD_MUST_USE int journal_flush(struct journal *journal);
/* Bytes of records that can still be appended: in prepared segments, and in the file system's free
 * space by whole segments. A record too long for the rest of a segment leaves that rest unused. */
uint64_t journal_space_left_bytes(const struct journal *journal);

/* The chain hash of record `number`: of 0, of the last one while nothing is on its way, of one that
 * is kept, or of the one before those. 0, -ENOENT (none of these), -EBADMSG, -errno. */
RD_MUST_USE int journal_chain(struct journal *journal, uint64_t number,
        uint8_t ret_chain[static 32], struct journal_damage *ret_damage);
/* Makes a journal in a folder that has none, whose first record will be the one after `number`,
 * which has this chain hash: that of a state that is put back. 0, -EEXIST, -errno. */
RD_MUST_USE int journal_found(const struct journal_options *options, uint64_t number,
        const uint8_t chain[static 32], struct journal_damage *ret_damage);

/* Allows whole segments whose records are all ≤ `record` to be recycled, but for the newest ones
 * that hold `keep_bytes`, or records newer than `keep_since` (wall time; RD_TIME_NONE: no rule by
 * age), or that a cursor stands in. Done later, by another thread. */
void journal_release(
        struct journal *journal, uint64_t record, uint64_t keep_bytes, rd_time keep_since);
/* From now on segments may also go while they are young, if all of them have more than `bytes`;
 * 0: they may not. */
void journal_bound(struct journal *journal, uint64_t bytes);
/* The number with which the segment begins that is written; those before it are closed. 0: none. */
uint64_t journal_open_segment(const struct journal *journal);
/* Waits until releasing and preparing is done, as far as it can be. */
void journal_settle(struct journal *journal);

/* ---- reading: any thread, records ≤ journal_durable() ----
 * Of a read_only journal: records up to the last one when it was opened, also beside a live daemon;
 * what that one recycles meanwhile ends as -ENOENT. */
struct journal_cursor;
/* The cursor stands before record `after` + 1, and keeps its segment from being recycled. Cursors
 * are closed before the journal. 0, -ENOENT (that record is no longer kept), -ERANGE (the journal
 * ends before `after`). */
RD_MUST_USE int journal_cursor_open(
        struct journal *journal, uint64_t after, struct journal_cursor **ret_cursor);
void journal_cursor_close(struct journal_cursor *cursor);
void journal_cursor_closep(struct journal_cursor **cursor);
/* 1: *ret_record is the next one (texts borrowed until the next call); 0: at the end; -EBADMSG:
 * damage, *ret_damage filled; -errno. Checksums and the chain are verified on the way. */
RD_MUST_USE int journal_cursor_next(struct journal_cursor *cursor,
        struct journal_record *ret_record, struct journal_damage *ret_damage);
