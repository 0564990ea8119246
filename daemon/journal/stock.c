#include "daemon/journal/stock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So many of the newest segments stay in the page cache, so that a journal that keeps no more of
 * them recycles cached files. */
enum { WARM_SEGMENTS = 6 };

enum slot { SLOT_EMPTY, SLOT_READY, SLOT_TAKEN };

struct release {
    bool is_asked;
    uint64_t record, keep_bytes;
    rd_time keep_since;
};

struct stock {
    int dir_fd;
    uint64_t segment_bytes;

    pthread_mutex_t lock;
    pthread_cond_t wake;  /* the thread has work */
    pthread_cond_t moved; /* the thread did some */
    pthread_t thread;
    bool is_started, is_stopping, is_busy;

    struct segment_list kept;
    uint64_t cooled; /* first number of the newest one whose memory was given back */
    struct stock_pin *pins;
    enum slot slots[SEGMENT_SPARES_MAX];
    atomic_uint ready;     /* slots that are READY */
    uint64_t asked, tried; /* fillings: an attempt begun after the n-th ask makes tried n */
    int fill_error;
    atomic_bool is_starved; /* the last filling found no descriptor */
    struct release release;
    uint64_t bytes_max; /* 0: whatever it takes */
};

static const char large_name[] = "large.spare";

/* ---- slots; under the lock ---- */

static int slot_find(const struct stock *stock, enum slot state)
{
    for (int i = 0; i < SEGMENT_SPARES_MAX; i++) {
        if (stock->slots[i] == state) {
            return i;
        }
    }
    return -1;
}

static void slot_set(struct stock *stock, int slot, enum slot state)
{
    stock->slots[slot] = state;
    unsigned ready = 0;
    for (int i = 0; i < SEGMENT_SPARES_MAX; i++) {
        ready += stock->slots[i] == SLOT_READY;
    }
    atomic_store(&stock->ready, ready);
}

unsigned stock_spares(const struct stock *stock)
{
    return atomic_load(&stock->ready);
}

bool stock_is_starved(const struct stock *stock)
{
    return atomic_load(&stock->is_starved) && stock_spares(stock) == 0;
}

/* ---- the thread ---- */

static bool needs_spare(const struct stock *stock)
{
    return slot_find(stock, SLOT_READY) < 0 && stock->tried != stock->asked &&
           slot_find(stock, SLOT_EMPTY) >= 0;
}

static bool is_pinned(const struct stock *stock, uint64_t first)
{
    for (const struct stock_pin *pin = stock->pins; pin != NULL; pin = pin->next) {
        if (pin->first == first) {
            return true;
        }
    }
    return false;
}

static bool may_release_oldest(const struct stock *stock)
{
    const struct release *release = &stock->release;
    const struct segment_list *kept = &stock->kept;
    if (kept->count < 2 || is_pinned(stock, kept->items[0].first)) {
        return false;
    }
    uint64_t newer_bytes = 0;
    for (size_t i = 1; i < kept->count; i++) {
        newer_bytes += kept->items[i].bytes;
    }
    const struct segment_entry *next = &kept->items[1];
    bool is_over = stock->bytes_max > 0 && newer_bytes + kept->items[0].bytes > stock->bytes_max;
    bool is_old = is_over || release->keep_since == RD_TIME_NONE ||
                  next->first_wall <= release->keep_since;
    return next->first - 1 <= release->record && newer_bytes >= release->keep_bytes && is_old;
}

/* The lock is held on entry and return, not in between. */
static void release_oldest(struct stock *stock)
{
    struct segment_entry entry = stock->kept.items[0];
    segment_list_drop_first(&stock->kept);
    int slot = entry.bytes == stock->segment_bytes ? slot_find(stock, SLOT_EMPTY) : -1;
    pthread_mutex_unlock(&stock->lock);

    char name[SEGMENT_NAME_MAX], spare[SEGMENT_NAME_MAX];
    segment_name(entry.first, name);
    bool is_spare = false;
    if (slot >= 0) {
        segment_spare_name((unsigned)slot, spare);
        uint64_t life;
        is_spare = segment_life(stock->dir_fd, name, &life) == 0 &&
                   renameat(stock->dir_fd, name, stock->dir_fd, spare) == 0;
        segment_warm(stock->dir_fd, spare);
    }
    /* A file that cannot be removed is harmless: the next start finds it and tries again. */
    if (!is_spare) {
        (void)unlinkat(stock->dir_fd, name, 0);
    }
    is_spare &= segment_dir_sync(stock->dir_fd) == 0;

    pthread_mutex_lock(&stock->lock);
    if (is_spare) {
        slot_set(stock, slot, SLOT_READY);
    }
}

/* The lock is held on entry and return, not in between. */
static void fill_spare(struct stock *stock)
{
    uint64_t asked = stock->asked;
    int slot = slot_find(stock, SLOT_EMPTY);
    pthread_mutex_unlock(&stock->lock);
    char name[SEGMENT_NAME_MAX];
    segment_spare_name((unsigned)slot, name);
    int r = segment_fill(stock->dir_fd, name, stock->segment_bytes);
    pthread_mutex_lock(&stock->lock);
    stock->tried = asked;
    stock->fill_error = r;
    atomic_store(&stock->is_starved, segment_is_starved(r));
    if (r == 0) {
        slot_set(stock, slot, SLOT_READY);
    }
}

/* The oldest one that is still warm and need not be; 0: none. */
static uint64_t to_cool(const struct stock *stock)
{
    const struct segment_list *kept = &stock->kept;
    for (size_t i = 0; i + WARM_SEGMENTS < kept->count; i++) {
        if (kept->items[i].first > stock->cooled) {
            return kept->items[i].first;
        }
    }
    return 0;
}

/* The lock is held on entry and return, not in between. */
static void cool(struct stock *stock, uint64_t first)
{
    stock->cooled = first;
    pthread_mutex_unlock(&stock->lock);
    char name[SEGMENT_NAME_MAX];
    segment_name(first, name);
    segment_cool(stock->dir_fd, name);
    pthread_mutex_lock(&stock->lock);
}

static void *stock_run(void *arg)
{
    struct stock *stock = arg;
    pthread_mutex_lock(&stock->lock);
    while (!stock->is_stopping) {
        stock->is_busy = true;
        if (stock->release.is_asked) {
            stock->release.is_asked = may_release_oldest(stock);
            if (stock->release.is_asked) {
                release_oldest(stock);
            }
        } else if (needs_spare(stock)) {
            fill_spare(stock);
        } else if (to_cool(stock) != 0) {
            cool(stock, to_cool(stock));
        } else {
            stock->is_busy = false;
            pthread_cond_broadcast(&stock->moved);
            pthread_cond_wait(&stock->wake, &stock->lock);
            continue;
        }
        pthread_cond_broadcast(&stock->moved);
    }
    stock->is_busy = false;
    pthread_mutex_unlock(&stock->lock);
    return NULL;
}

/* ---- opening ---- */

int stock_open(int dir_fd, uint64_t segment_bytes, struct stock **ret_stock)
{
    struct segment_list kept;
    int r = segment_list_read(dir_fd, &kept);
    if (r < 0) {
        return r;
    }
    struct stock *stock = calloc(1, sizeof *stock);
    if (stock == NULL) {
        rd_oom();
    }
    stock->dir_fd = dir_fd;
    stock->segment_bytes = segment_bytes;
    stock->kept = kept;
    pthread_mutex_init(&stock->lock, NULL);
    pthread_cond_init(&stock->wake, NULL);
    pthread_cond_init(&stock->moved, NULL);
    *ret_stock = stock;
    return 0;
}

static int spares_look(struct stock *stock)
{
    int r = 0;
    for (int i = 0; i < SEGMENT_SPARES_MAX; i++) {
        char name[SEGMENT_NAME_MAX], tmp[SEGMENT_NAME_MAX];
        struct stat status;
        uint64_t life;
        segment_spare_name((unsigned)i, name);
        (void)snprintf(tmp, sizeof tmp, "%.20s.tmp", name);
        (void)unlinkat(stock->dir_fd, tmp, 0);
        if (fstatat(stock->dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
            r = errno != ENOENT ? -errno : r;
        } else if ((uint64_t)status.st_size == stock->segment_bytes &&
                   segment_life(stock->dir_fd, name, &life) == 0) {
            slot_set(stock, i, SLOT_READY);
        } else { /* another size, or a head that does not say which lives it had */
            (void)unlinkat(stock->dir_fd, name, 0);
        }
    }
    (void)unlinkat(stock->dir_fd, large_name, 0);
    (void)unlinkat(stock->dir_fd, "large.spare.tmp", 0);
    /* A crash may have come between a recycled segment's rename and its sync. */
    return r < 0 ? r : segment_dir_sync(stock->dir_fd);
}

int stock_start(struct stock *stock)
{
    int r = spares_look(stock);
    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < stock->kept.count; i++) {
        stock->kept.items[i].first_wall = segment_wall(stock->dir_fd, stock->kept.items[i].first);
    }
    stock->asked = 1;
    r = -pthread_create(&stock->thread, NULL, stock_run, stock);
    stock->is_started = r == 0;
    return r;
}

void stock_close(struct stock *stock)
{
    if (stock == NULL) {
        return;
    }
    if (stock->is_started) {
        pthread_mutex_lock(&stock->lock);
        stock->is_stopping = true;
        pthread_cond_signal(&stock->wake);
        pthread_mutex_unlock(&stock->lock);
        pthread_join(stock->thread, NULL);
    }
    RD_ASSERT(stock->pins == NULL); /* a cursor outlives its journal */
    segment_list_done(&stock->kept);
    pthread_cond_destroy(&stock->moved);
    pthread_cond_destroy(&stock->wake);
    pthread_mutex_destroy(&stock->lock);
    free(stock);
}

/* ---- what is kept ---- */

uint64_t stock_oldest(struct stock *stock)
{
    pthread_mutex_lock(&stock->lock);
    uint64_t first = stock->kept.count > 0 ? stock->kept.items[0].first : 0;
    pthread_mutex_unlock(&stock->lock);
    return first;
}

uint64_t stock_newest(struct stock *stock)
{
    pthread_mutex_lock(&stock->lock);
    size_t count = stock->kept.count;
    uint64_t first = count > 0 ? stock->kept.items[count - 1].first : 0;
    pthread_mutex_unlock(&stock->lock);
    return first;
}

int stock_drop_newest(struct stock *stock)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(stock_newest(stock), name);
    if (unlinkat(stock->dir_fd, name, 0) < 0) {
        return -errno;
    }
    pthread_mutex_lock(&stock->lock);
    stock->kept.count--;
    pthread_mutex_unlock(&stock->lock);
    return segment_dir_sync(stock->dir_fd);
}

void stock_set_wall(struct stock *stock, uint64_t first, rd_time wall)
{
    pthread_mutex_lock(&stock->lock);
    struct segment_entry *newest = &stock->kept.items[stock->kept.count - 1];
    RD_ASSERT(stock->kept.count > 0);
    RD_ASSERT(newest->first == first);
    newest->first_wall = wall;
    pthread_mutex_unlock(&stock->lock);
}

void stock_release(struct stock *stock, uint64_t record, uint64_t keep_bytes, rd_time keep_since)
{
    pthread_mutex_lock(&stock->lock);
    stock->release = (struct release){
            .is_asked = true, .record = record, .keep_bytes = keep_bytes, .keep_since = keep_since};
    pthread_cond_signal(&stock->wake);
    pthread_mutex_unlock(&stock->lock);
}

void stock_bound(struct stock *stock, uint64_t bytes)
{
    pthread_mutex_lock(&stock->lock);
    stock->bytes_max = bytes;
    pthread_mutex_unlock(&stock->lock);
}

void stock_poke(struct stock *stock)
{
    if (stock_spares(stock) > 0) {
        return;
    }
    pthread_mutex_lock(&stock->lock);
    if (stock->asked == stock->tried) {
        stock->asked++;
        pthread_cond_signal(&stock->wake);
    }
    pthread_mutex_unlock(&stock->lock);
}

void stock_settle(struct stock *stock)
{
    pthread_mutex_lock(&stock->lock);
    while (stock->is_busy || stock->release.is_asked || needs_spare(stock) || to_cool(stock) != 0) {
        pthread_cond_wait(&stock->moved, &stock->lock);
    }
    pthread_mutex_unlock(&stock->lock);
}

/* ---- taking ---- */

/* Waits for a ready slot and marks it taken. Returns it, or why none can be made. */
static int slot_take(struct stock *stock)
{
    pthread_mutex_lock(&stock->lock);
    int slot = slot_find(stock, SLOT_READY);
    if (slot < 0) {
        uint64_t mine = ++stock->asked;
        pthread_cond_signal(&stock->wake);
        while ((slot = slot_find(stock, SLOT_READY)) < 0 && stock->tried < mine) {
            pthread_cond_wait(&stock->moved, &stock->lock);
        }
    }
    if (slot >= 0) {
        slot_set(stock, slot, SLOT_TAKEN);
    } else {
        slot = stock->fill_error;
        RD_ASSERT(slot < 0);
    }
    pthread_mutex_unlock(&stock->lock);
    return slot;
}

static void slot_return(struct stock *stock, int slot, enum slot state)
{
    pthread_mutex_lock(&stock->lock);
    slot_set(stock, slot, state);
    stock->asked++; /* the next one, ahead of time */
    pthread_cond_signal(&stock->wake);
    pthread_mutex_unlock(&stock->lock);
}

static int take_large(struct stock *stock, struct format_segment *head, int *ret_fd)
{
    int r = segment_fill(stock->dir_fd, large_name, head->bytes);
    return r < 0 ? r : segment_take(stock->dir_fd, large_name, head, ret_fd);
}

static int take_spare(struct stock *stock, struct format_segment *head, int *ret_fd)
{
    int slot = slot_take(stock);
    if (slot < 0) {
        return slot;
    }
    char name[SEGMENT_NAME_MAX];
    segment_spare_name((unsigned)slot, name);
    int r = segment_take(stock->dir_fd, name, head, ret_fd);
    slot_return(stock, slot, segment_is_starved(r) ? SLOT_READY : SLOT_EMPTY);
    return r;
}

int stock_take(struct stock *stock, uint64_t record_bytes, struct format_segment *head, int *ret_fd)
{
    uint64_t needed = FORMAT_SEGMENT_HEAD + record_bytes + FORMAT_END_MARK;
    bool is_large = needed > stock->segment_bytes;
    head->bytes = is_large ? needed : stock->segment_bytes;
    int r = is_large ? take_large(stock, head, ret_fd) : take_spare(stock, head, ret_fd);
    if (r < 0) {
        return r;
    }
    struct segment_entry entry = {
            .first = head->first, .bytes = head->bytes, .first_wall = RD_TIME_MAX};
    pthread_mutex_lock(&stock->lock);
    segment_list_add(&stock->kept, &entry);
    pthread_cond_signal(&stock->wake); /* one segment may leave the page cache now */
    pthread_mutex_unlock(&stock->lock);
    return 0;
}

/* ---- pins ---- */

static void pin_unlink(struct stock *stock, struct stock_pin *pin)
{
    struct stock_pin **link = &stock->pins;
    while (*link != pin) {
        RD_ASSERT(*link != NULL);
        link = &(*link)->next;
    }
    *link = pin->next;
    *pin = (struct stock_pin){0};
}

int stock_pin(struct stock *stock, struct stock_pin *pin, uint64_t number)
{
    pthread_mutex_lock(&stock->lock);
    uint64_t first = 0;
    for (size_t i = stock->kept.count; i > 0 && first == 0; i--) {
        uint64_t candidate = stock->kept.items[i - 1].first;
        first = candidate <= number ? candidate : 0;
    }
    if (first > 0) {
        if (pin->first > 0) {
            pin_unlink(stock, pin);
        }
        *pin = (struct stock_pin){.first = first, .next = stock->pins};
        stock->pins = pin;
    }
    pthread_mutex_unlock(&stock->lock);
    return first > 0 ? 0 : -ENOENT;
}

void stock_unpin(struct stock *stock, struct stock_pin *pin)
{
    pthread_mutex_lock(&stock->lock);
    if (pin->first > 0) {
        pin_unlink(stock, pin);
    }
    pthread_mutex_unlock(&stock->lock);
}
