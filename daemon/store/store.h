/* daemon/store/store.h — state in LMDB, and what changed since the last checkpoint over it.
 *
 * A view is an ordered map per table (keys compare as memcmp): reads look into the view's overlay,
 * then into the sealed overlay that is being checkpointed, then into an LMDB read snapshot; scans
 * merge all three. The live view belongs to the turn's thread and is the only one that is written
 * through. Sealing hands its overlay to the checkpoint thread, which sorts it by key and writes it,
 * with the position, in one default-synced LMDB transaction; then the snapshot is renewed and the
 * overlay goes. Side views (desk, checks) read the last checkpoint, or a still of the live view,
 * and may hold changes of their own that are never written. No LMDB type leaves this room.
 *
 * Errors of the disk on reading stick in the view (store_view_error()); gets then find nothing. The
 * turn looks at it before anything leaves, and ends the process. Source: daemon/README.md.
 */
#pragma once

#include "common/base/base.h"

/* X(name, LMDB name). The order is not a format, the names are. One typed file per table describes
 * keys and values. */
#define STORE_TABLES(X)                                                                            \
    X(META, "meta")                                                                                \
    X(CONFIGS, "configs")                                                                          \
    X(NAMES, "names")                                                                              \
    X(CASES, "cases")                                                                              \
    X(ATTRIBUTES, "attributes")                                                                    \
    X(HISTORY, "history")                                                                          \
    X(SUBJECTS, "subjects")                                                                        \
    X(BY_KEY, "by_key")                                                                            \
    X(UNIT_CASES, "unit_cases")                                                                    \
    X(TIMERS_WALL, "timers_wall")                                                                  \
    X(TIMERS_STEADY, "timers_steady")                                                              \
    X(ALERTS, "alerts")                                                                            \
    X(ALERTS_BY_UNIT, "alerts_by_unit")                                                            \
    X(ALERTS_BY_CASE, "alerts_by_case")                                                            \
    X(UNACKED, "unacked")                                                                          \
    X(UNITS, "units")                                                                              \
    X(IDS, "ids")                                                                                  \
    X(SOURCES, "sources")                                                                          \
    X(SEQUENCES, "sequences")                                                                      \
    X(LATCHES, "latches")                                                                          \
    X(PATTERNS, "patterns")                                                                        \
    X(LEDGER, "ledger")                                                                            \
    X(SCREENED, "screened")                                                                        \
    X(SILENCES, "silences")                                                                        \
    X(WITHHELD, "withheld")                                                                        \
    X(APPROVALS, "approvals")                                                                      \
    X(ERASURES, "erasures")                                                                        \
    X(NOTICES, "notices")                                                                          \
    X(UNIT_DAYS, "unit_days")                                                                      \
    X(TALLIES, "tallies")                                                                          \
    X(WATCHES, "watches")                                                                          \
    X(ROSTERS, "rosters")                                                                          \
    X(DUTIES, "duties")                                                                            \
    X(SCHEDULES, "schedules")                                                                      \
    X(MENDED, "mended")                                                                            \
    X(ROUNDS, "rounds")                                                                            \
    X(FIGURES, "figures")                                                                          \
    X(FIGURES_GIVEN, "figures_given")                                                              \
    X(UNKNOWN_CODES, "unknown_codes")                                                              \
    X(EXPIRY, "expiry")                                                                            \
    X(DEAD_LETTERS, "dead_letters")

enum store_table {
#define X(name, text) STORE_##name,
    STORE_TABLES(X)
#undef X
            STORE_TABLE_COUNT
};
const char *store_table_name(enum store_table table);

enum { STORE_KEY_MAX = 500, STORE_SCHEMA = 6 };

/* Which formats a state has. */
struct store_numbers {
    uint32_t schema, engine; /* 0: nothing is there yet */
    uint64_t position;       /* the last record that is in it */
    int64_t wall;            /* under which that was applied, µs; rd_time */
};

struct store_options {
    const char *dir; /* created if missing; holds data.mdb, lock.mdb */
    /* limits.map_size: the map has it from the beginning (address space, tens of GiB cost nothing;
     * the file grows as pages are used, to the file system's limit). To raise it: open again. */
    uint64_t map_bytes_max;
    bool read_only;  /* for tools: side views only; never on what this process has open */
    bool is_scratch; /* nobody needs it after a crash: it is written without waiting for the disk */
    uint32_t engine; /* a state of another engine number is refused; 0: any is taken */
    /* NULL, or what the file says of itself, also where the opening fails; zeros: it was not told.
     * Beside a daemon that writes the file it is not told. */
    struct store_numbers *numbers;
};

struct store;
struct store_view;

/* A writer holds a lock on the directory.
 * 0; -EPROTO (another schema or engine: options->numbers says which; nothing else was looked at),
 * -EWOULDBLOCK (in use), -EBADMSG (damaged), -ENOSPC, -errno. `ret_what`: text for a person where
 * not 0. */
RD_MUST_USE int store_open(
        const struct store_options *options, struct store **ret_store, char ret_what[static 256]);
/* Waits for the checkpoint thread. The overlay that was not sealed is dropped. */
void store_close(struct store *store);              /* accepts NULL */
struct store_view *store_live(struct store *store); /* NULL if read only */

/* ---- reading and writing: a view belongs to one thread ---- */
/* The value is borrowed until the next store_put/del of the same key, store_keep, store_undo, seal
 * or renewal; other puts leave it alone. (ASan builds find most of those who keep it longer.) */
bool store_get(struct store_view *view, enum store_table table, struct rd_str key,
        struct rd_str *ret_value);
/* False: surely no row of the table has a key that begins with `prefix`, which has the length that
 * the table's filter looks at (filter.h). True is no promise. */
bool store_may_have(struct store_view *view, enum store_table table, struct rd_str prefix);
void store_put(
        struct store_view *view, enum store_table table, struct rd_str key, struct rd_str value);
void store_del(struct store_view *view, enum store_table table, struct rd_str key);

/* From now on what is put into these tables (bits) is dropped. For a back-test, which reads neither
 * the history of cases nor a unit's alerts; never in the daemon. */
void store_discard(struct store_view *view, uint64_t tables);

/* A scan in key order. Puts and deletes in the same table while it is open are allowed; whether it
 * sees keys put behind its position it says: it does. Lives on the caller's stack; nobody looks
 * into it. One that came to its end has ended itself; one left earlier must be ended before the
 * next seal, renewal or rest, which assert that none is open. Rows deleted since the last
 * checkpoint are passed over one by one: who deletes at the head of a table remembers where it
 * began. */
struct store_scan {
    struct store_view *view;
    enum store_table table;
    uint8_t at[STORE_KEY_MAX]; /* the last key given, or where it begins */
    size_t at_len;
    bool is_fresh, is_open;
    struct store_scan_level { /* places in the levels above the snapshot */
        void *leaf;
        uint64_t version;
        uint32_t index;
        bool is_placed;
    } levels[3];
    void *cursor; /* the LMDB one, cached in the view */
    bool is_below_placed, has_below, is_below_given;
    struct rd_str below_key, below_value;
};
/* Begins at the first key ≥ `from`. */
void store_scan_begin(struct store_scan *scan, struct store_view *view, enum store_table table,
        struct rd_str from);
/* Key and value borrowed as store_get(). */
bool store_scan_next(struct store_scan *scan, struct rd_str *ret_key, struct rd_str *ret_value);
void store_scan_end(struct store_scan *scan); /* idempotent */
/* The greatest key < `before` (or the greatest of all for an empty one) that begins with `prefix`.
 */
bool store_last(struct store_view *view, enum store_table table, struct rd_str prefix,
        struct rd_str before, struct rd_str *ret_key, struct rd_str *ret_value);

/* ---- one step back: an event that is refused changes nothing ---- */
void store_mark(struct store_view *view); /* asserts that no mark is open */
void store_undo(struct store_view *view); /* back to the mark, mark gone */
void store_keep(struct store_view *view); /* mark gone, changes stay */

RD_MUST_USE int store_view_error(const struct store_view *view); /* 0 or -errno, sticky */
uint64_t store_dirty_rows(const struct store_view *view);
uint64_t store_dirty_bytes(const struct store_view *view);
/* The pages that LMDB will have to write for them, as the last checkpoint went: in a store that is
 * large beside them nearly each row of a digest has one of its own. */
uint64_t store_dirty_pages(const struct store *store);
/* With what is sealed and not in LMDB yet. */
uint64_t store_overlay_bytes(const struct store_view *view);

/* ---- checkpoints: the turn's thread ---- */
/* Hands the live overlay to the checkpoint thread. The caller made sure that the journal is durable
 * up to what the overlay holds (the position is a row in META that the caller put). False while one
 * is still sealed; one that failed with -ENOSPC is then tried again. Asserts that no mark and no
 * scan is open. */
bool store_seal(struct store *store);
bool store_is_checkpointing(const struct store *store);
int store_fd(const struct store *store); /* eventfd: readable when a checkpoint ended */
/* To call when it is: renews the snapshot, drops the sealed overlay. 0 (also if none ended);
 * -ENOSPC (disk or map full: it stays sealed, readable, and the next store_seal() or store_flush()
 * tries it again), -errno (end the process). */
RD_MUST_USE int store_checkpointed(struct store *store);
/* Seals and waits until it is in LMDB. 0 or -errno. */
RD_MUST_USE int store_flush(struct store *store);
uint64_t store_checkpoints(const struct store *store); /* completed since open */

struct store_use {
    uint64_t map_bytes;  /* what it may become */
    uint64_t used_bytes; /* without the pages that LMDB has free for later */
    uint64_t file_bytes;
    uint64_t free_bytes; /* of the file system */
};
void store_measure(struct store *store, struct store_use *ret_use);

/* ---- side views: for another thread ---- */
/* Its puts stay its own, until store_side_rest(). It reads the last checkpoint after
 * store_side_renew(), or what the live view shows now after store_side_show(), while the live view
 * is written on. A side view pins old pages and overlays while it is fresh, as it is when opened:
 * store_side_rest() after each answer lets go of all that. To be closed before the store. */
RD_MUST_USE int store_side_open(struct store *store, struct store_view **ret_view);
RD_MUST_USE int store_side_renew(struct store_view *view);
/* On the live view's thread, with no mark open, while `view` rests and nobody looks at it; no other
 * side view may be shown the live view meanwhile. From then on `view` is its reader's. */
RD_MUST_USE int store_side_show(struct store_view *view, struct store_view *live);
void store_side_rest(struct store_view *view);
void store_side_close(struct store_view *view);

/* Rows outside the compared state (dead letters) that may be lost with the tail go through the live
 * view like all others. BLAKE2b over all rows of all tables but those in `skip` (bits), in order:
 * of each row table name, key, value, each behind its length as u32 big-endian. For `redressctl
 * verify` and the simulator. */
RD_MUST_USE int store_hash(struct store_view *view, uint64_t skip, uint8_t ret_hash[static 32]);
/* Of a store that nobody has open: its rows in a new file, in which nothing of deleted or changed
 * ones is left, and zeros over the old file and over damaged.mdb, which is an older one. What a
 * crash leaves another call finishes. 0,
 * -EWOULDBLOCK (somebody has it), -errno. */
RD_MUST_USE int store_compact(const char *dir, char ret_what[static 256]);
/* A consistent copy of the last checkpoint (mdb_env_copy) into an existing empty directory, synced;
 * waits for a running checkpoint. 0; -EEXIST (there is a data.mdb), -errno. */
RD_MUST_USE int store_backup(struct store *store, const char *dir);
