#include "daemon/store/filter.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/base/buf.h"
#include "daemon/store/background.h"

enum {
    BITS_PER_KEY = 8, /* with three of them set: one needless look-up of thirty */
    BLOCK_BITS = 512, /* a cache line */
    BLOCK_WORDS = BLOCK_BITS / 64,
    PLACE_BITS = 9,
    PLACES = 3,
    KEYS_FIRST = 1 << 21,
    KEYS_A_SNAPSHOT = 1 << 16, /* then the thread lets the old pages go */
};

static_assert(1 << PLACE_BITS == BLOCK_BITS, "a place is a bit of a block");

struct bits {
    atomic_uint_least64_t *words;
    uint64_t blocks, keys_max;
    atomic_uint_least64_t count; /* keys that were new to it */
    atomic_bool is_whole;        /* all keys of LMDB are in */
};

struct filter {
    const struct dbenv *env;
    uint64_t seed;
    struct bits *present, *next; /* next: being filled; NULL */
    pthread_t thread;
    bool is_running;
    atomic_bool is_stopping;
};

static const struct {
    enum store_table table;
    size_t prefix;
} FILTERED[] = {
        {STORE_SUBJECTS, STORE_KEY_MAX}, {STORE_BY_KEY, 17}, /* what is known, of which key */
};

size_t filter_prefix(enum store_table table)
{
    for (size_t i = 0; i < RD_COUNT(FILTERED); i++) {
        if (FILTERED[i].table == table) {
            return FILTERED[i].prefix;
        }
    }
    return 0;
}

static uint64_t hash_of(const struct filter *filter, enum store_table table, struct rd_str key)
{
    size_t prefix = filter_prefix(table);
    size_t len = key.len < prefix ? key.len : prefix;
    return XXH3_64bits_withSeed(key.ptr, len, filter->seed + (uint64_t)table);
}

/* ---- the bits ---- */

static struct bits *bits_new(uint64_t keys_max)
{
    struct bits *bits = calloc(1, sizeof *bits);
    if (bits == NULL) {
        rd_oom();
    }
    bits->keys_max = keys_max;
    bits->blocks = keys_max * BITS_PER_KEY / BLOCK_BITS + 1;
    size_t size = bits->blocks * BLOCK_BITS / 8;
    bits->words = huge_alloc(size);
    memset(bits->words, 0, size);
    return bits;
}

static void bits_free(struct bits *bits)
{
    if (bits != NULL) {
        free(bits->words);
        free(bits);
    }
}

static atomic_uint_least64_t *block_of(const struct bits *bits, uint64_t hash)
{
    uint64_t block = (uint64_t)(((unsigned __int128)hash * bits->blocks) >> 64);
    return bits->words + block * BLOCK_WORDS;
}

/* Both threads may set bits of one word. Relaxed order is enough: a bit that one thread does not
 * see yet costs at most a second set, and the turn's own bits are always visible to it. */
static void bits_add(struct bits *bits, uint64_t hash)
{
    atomic_uint_least64_t *words = block_of(bits, hash);
    bool is_new = false;
    for (unsigned i = 0; i < PLACES; i++) {
        unsigned place = (unsigned)(hash >> (i * PLACE_BITS)) % BLOCK_BITS;
        uint64_t bit = UINT64_C(1) << (place % 64);
        if ((atomic_load_explicit(&words[place / 64], memory_order_relaxed) & bit) == 0) {
            atomic_fetch_or_explicit(&words[place / 64], bit, memory_order_relaxed);
            is_new = true;
        }
    }
    if (is_new) {
        atomic_fetch_add_explicit(&bits->count, 1, memory_order_relaxed);
    }
}

static bool bits_have(const struct bits *bits, uint64_t hash)
{
    atomic_uint_least64_t *words = block_of(bits, hash);
    bool has = true;
    for (unsigned i = 0; i < PLACES; i++) {
        unsigned place = (unsigned)(hash >> (i * PLACE_BITS)) % BLOCK_BITS;
        has = has &&
              (atomic_load_explicit(&words[place / 64], memory_order_relaxed) >> (place % 64) &
                      1U) != 0;
    }
    return has;
}

/* ---- what LMDB had ---- */

/* Adds up to KEYS_A_SNAPSHOT keys after `last`, and advances it. Returns 1 if there are more, 0 at
 * the end, -errno. A snapshot is held for so many keys only, as it keeps LMDB from reusing
 * pages. */
static int read_some(
        struct filter *filter, struct bits *bits, enum store_table table, struct rd_buf *last)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val value, key = {.mv_size = last->len, .mv_data = last->ptr};
    int r = dbenv_read(filter->env, &txn);
    if (r < 0) {
        return r;
    }
    r = mdb_cursor_open(txn, filter->env->dbis[table], &cursor);
    if (r != 0) {
        mdb_txn_abort(txn);
        return -EIO;
    }
    uint64_t count = 0;
    r = mdb_cursor_get(cursor, &key, &value, last->len > 0 ? MDB_SET_RANGE : MDB_FIRST);
    while (r == 0 && count < KEYS_A_SNAPSHOT && !atomic_load(&filter->is_stopping)) {
        struct rd_str text = {.ptr = key.mv_data, .len = key.mv_size};
        bits_add(bits, hash_of(filter, table, text));
        count++;
        rd_buf_reset(last);
        rd_buf_put_text(last, text);
        r = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return r == 0 ? 1 : r == MDB_NOTFOUND ? 0 : -EIO;
}

static void *fill_run(void *context)
{
    struct filter *filter = context;
    background_thread(BACKGROUND_FILTER);
    struct bits *bits = filter->next != NULL ? filter->next : filter->present;
    struct rd_buf last;
    uint8_t room[STORE_KEY_MAX + 1];
    int r = 0;
    rd_buf_init_in(&last, room, sizeof room, sizeof room);
    for (size_t i = 0; i < RD_COUNT(FILTERED) && r == 0; i++) {
        rd_buf_reset(&last);
        do {
            r = read_some(filter, bits, FILTERED[i].table, &last);
        } while (r > 0 && !atomic_load(&filter->is_stopping));
    }
    rd_buf_done(&last);
    /* After a failure the filter never becomes complete, and every key is looked up: slower, not
     * wrong. */
    if (r == 0) {
        /* Released after all bits, so that whoever sees the flag sees every bit set before. */
        atomic_store_explicit(&bits->is_whole, true, memory_order_release);
    }
    return NULL;
}

/* Signals are for the turn's thread. */
static int fill_start(struct filter *filter)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    int r = pthread_sigmask(SIG_SETMASK, &all, &before);
    RD_ASSERT(r == 0);
    int started = pthread_create(&filter->thread, NULL, fill_run, filter);
    r = pthread_sigmask(SIG_SETMASK, &before, NULL);
    RD_ASSERT(r == 0);
    filter->is_running = started == 0;
    return -started;
}

static void fill_join(struct filter *filter)
{
    if (filter->is_running) {
        int r = pthread_join(filter->thread, NULL);
        RD_ASSERT(r == 0);
        filter->is_running = false;
    }
}

/* ---- the turn's side ---- */

static uint64_t keys_of(const struct dbenv *env)
{
    MDB_txn *txn;
    uint64_t keys = 0;
    if (dbenv_read(env, &txn) == 0) {
        for (size_t i = 0; i < RD_COUNT(FILTERED); i++) {
            MDB_stat stat;
            if (mdb_stat(txn, env->dbis[FILTERED[i].table], &stat) == 0) {
                keys += stat.ms_entries;
            }
        }
        mdb_txn_abort(txn);
    }
    return keys;
}

int filter_open(
        const struct dbenv *env, uint64_t seed, uint64_t keys_first, struct filter **ret_filter)
{
    struct filter *filter = calloc(1, sizeof *filter);
    if (filter == NULL) {
        rd_oom();
    }
    uint64_t keys = keys_of(env), first = keys_first != 0 ? keys_first : KEYS_FIRST;
    filter->env = env;
    filter->seed = seed;
    filter->present = bits_new(keys > first ? keys : first);
    int r = 0;
    if (keys == 0) {
        atomic_store(&filter->present->is_whole, true);
    } else {
        r = fill_start(filter);
    }
    if (r < 0) {
        filter_close(filter);
        return r;
    }
    *ret_filter = filter;
    return 0;
}

void filter_close(struct filter *filter)
{
    if (filter == NULL) {
        return;
    }
    atomic_store(&filter->is_stopping, true);
    fill_join(filter);
    bits_free(filter->present);
    bits_free(filter->next);
    free(filter);
}

void filter_settle(struct filter *filter)
{
    fill_join(filter);
}

void filter_add(struct filter *filter, enum store_table table, struct rd_str key)
{
    uint64_t hash = hash_of(filter, table, key);
    bits_add(filter->present, hash);
    if (filter->next != NULL) {
        bits_add(filter->next, hash);
    }
}

bool filter_may_have(struct filter *filter, enum store_table table, struct rd_str prefix)
{
    struct bits *bits = filter->present;
    if (!atomic_load_explicit(&bits->is_whole, memory_order_acquire)) {
        return true;
    }
    return bits_have(bits, hash_of(filter, table, prefix));
}

/* Rows put since the checkpoint are not in LMDB yet, so the thread cannot find them: they are added
 * to the new bits here. */
static void add_rows(struct filter *filter, struct bits *bits, const struct overlay *active)
{
    for (size_t i = 0; i < RD_COUNT(FILTERED); i++) {
        const struct overlay_table *table = &active->tables[FILTERED[i].table];
        for (size_t k = 0; k < table->count; k++) {
            bits_add(bits, hash_of(filter, FILTERED[i].table, row_key(table->rows[k])));
        }
    }
}

void filter_grow(struct filter *filter, const struct overlay *active)
{
    struct bits *next = filter->next;
    if (next != NULL) {
        if (atomic_load_explicit(&next->is_whole, memory_order_acquire)) {
            fill_join(filter);
            bits_free(filter->present);
            filter->present = next;
            filter->next = NULL;
        }
        return;
    }
    uint64_t keys = atomic_load_explicit(&filter->present->count, memory_order_relaxed);
    bool is_full = keys > 2 * filter->present->keys_max;
    if (!is_full || !atomic_load(&filter->present->is_whole)) {
        return;
    }
    fill_join(filter);
    filter->next = bits_new(2 * keys);
    add_rows(filter, filter->next, active);
    if (fill_start(filter) < 0) { /* no thread is available; a later checkpoint tries again */
        bits_free(filter->next);
        filter->next = NULL;
    }
}
