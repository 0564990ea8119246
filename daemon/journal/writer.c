#include "daemon/journal/writer.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    BATCHES_UNDER_WAY = 2,
    BATCH_BYTES = 256 * 1024, /* to begin with */
    STARVED_RETRY_MS = 50,
    BATCH_BYTES_KEPT = 8 * 1024 * 1024, /* a wider buffer is given back once it is written */
};

struct writer {
    struct stock *stock;
    int event_fd;
    struct writer_place place; /* the thread's own */

    pthread_mutex_t lock;
    pthread_cond_t wake;  /* a batch was handed over */
    pthread_cond_t moved; /* a batch is done */
    pthread_t thread;
    bool is_started, is_stopping;
    struct batch queue[BATCHES_UNDER_WAY]; /* handed over, in order */
    struct batch idle[BATCHES_UNDER_WAY];
    unsigned queued, idle_count;

    atomic_uint_least64_t durable, room, written;
    atomic_int failed;
    atomic_bool is_starved; /* the thread waits for a descriptor */
};

/* ---- batches ---- */

void batch_init(struct batch *batch)
{
    *batch = (struct batch){.bytes = malloc(BATCH_BYTES), .cap = BATCH_BYTES};
    if (batch->bytes == NULL) {
        rd_oom();
    }
}

void batch_done(struct batch *batch)
{
    free(batch->bytes);
    *batch = (struct batch){0};
}

static void batch_reset(struct batch *batch)
{
    if (batch->cap > BATCH_BYTES_KEPT) {
        batch_done(batch);
        batch_init(batch);
    }
    batch->len = 0;
    batch->records = 0;
}

uint8_t *batch_extend(struct batch *batch, size_t size)
{
    size_t needed = batch->len + size + FORMAT_END_MARK;
    if (needed > batch->cap) {
        size_t cap = needed > 2 * batch->cap ? needed : 2 * batch->cap;
        uint8_t *wider = realloc(batch->bytes, cap);
        if (wider == NULL) {
            rd_oom();
        }
        batch->bytes = wider;
        batch->cap = cap;
    }
    uint8_t *at = batch->bytes + batch->len;
    batch->len += size;
    return at;
}

/* ---- the thread ---- */

/* Waits for a descriptor: the batch is not durable until then, but this is no failure of the
 * disk. */
static int take_segment(struct writer *writer, uint64_t record_bytes, struct format_segment *head)
{
    int r;
    while (segment_is_starved(
            r = stock_take(writer->stock, record_bytes, head, &writer->place.fd))) {
        atomic_store(&writer->is_starved, true);
        (void)poll(NULL, 0, STARVED_RETRY_MS); /* no event says that one was closed */
    }
    atomic_store(&writer->is_starved, false);
    return r;
}

/* The segment has no room for the next record, or there is none. */
static int segment_next(struct writer *writer, const uint8_t *record)
{
    struct writer_place *place = &writer->place;
    if (place->fd >= 0) {
        bool is_empty = place->next == place->head.first;
        (void)close(place->fd);
        place->fd = -1;
        int r = is_empty ? stock_drop_newest(writer->stock) : 0;
        if (r < 0) {
            return r;
        }
    }
    struct format_segment head = {.first = place->next};
    memcpy(head.chain, place->chain, FORMAT_HASH);
    int r = take_segment(writer, format_record_length(record), &head);
    if (r < 0) {
        return r;
    }
    stock_set_wall(writer->stock, head.first, format_record_wall(record));
    place->head = head;
    place->offset = FORMAT_SEGMENT_HEAD;
    return 0;
}

static bool fits(const struct writer_place *place, uint64_t offset, const uint8_t *record)
{
    return place->fd >= 0 &&
           offset + format_record_length(record) + FORMAT_END_MARK <= place->head.bytes;
}

/* Writes and syncs the bytes from..to-1 of the batch, followed by the tail: an end mark if more
 * must go into another segment, else the four zeros. */
static int part_write(
        struct writer_place *place, struct batch *batch, size_t from, size_t to, uint32_t count)
{
    uint8_t saved[FORMAT_END_MARK];
    uint8_t *tail = batch->bytes + to;
    bool is_end = to < batch->len;
    size_t tail_len = is_end ? FORMAT_END_MARK : sizeof(uint32_t);
    memcpy(saved, tail, tail_len);
    if (is_end) {
        format_end_encode(place->head.seed, place->next, count, tail);
    } else {
        memset(tail, 0, tail_len);
    }
    int r = segment_write(place->fd, batch->bytes + from, to - from + tail_len, place->offset);
    memcpy(tail, saved, tail_len);
    if (r == 0) {
        r = segment_sync(place->fd);
    }
    place->offset += to - from;
    return r;
}

static int batch_write(struct writer *writer, struct batch *batch)
{
    struct writer_place *place = &writer->place;
    size_t from = 0;
    while (from < batch->len) {
        size_t to = from;
        uint32_t count = 0;
        while (to < batch->len && fits(place, place->offset + (to - from), batch->bytes + to)) {
            to += format_record_seal(batch->bytes + to, place->head.seed, count, place->chain);
            count++;
            place->next++;
        }
        /* An empty segment that is too small gets no end mark: a larger one will have its name. */
        bool is_empty = place->fd < 0 || place->next == place->head.first;
        int r = is_empty ? 0 : part_write(place, batch, from, to, count);
        if (r == 0) {
            atomic_store(&writer->durable, place->next - 1);
            from = to;
            r = from < batch->len ? segment_next(writer, batch->bytes + from) : 0;
        }
        if (r < 0) {
            return r;
        }
    }
    atomic_store(&writer->room, place->head.bytes - FORMAT_END_MARK - place->offset);
    return 0;
}

static void poke(const struct writer *writer)
{
    uint64_t one = 1;
    ssize_t n = write(writer->event_fd, &one, sizeof one);
    (void)n; /* full: readable it is */
}

static void batch_run(struct writer *writer, struct batch *batch)
{
    /* After a failure nothing more is declared durable, as nobody knows what the disk has: the
     * kernel may have dropped the dirty pages. */
    if (atomic_load(&writer->failed) == 0) {
        int r = batch_write(writer, batch);
        if (r < 0) {
            atomic_store(&writer->failed, r);
        }
    }
    atomic_fetch_add(&writer->written, batch->len);
    batch_reset(batch);
}

static void *writer_run(void *arg)
{
    struct writer *writer = arg;
    pthread_mutex_lock(&writer->lock);
    while (writer->queued > 0 || !writer->is_stopping) {
        if (writer->queued == 0) {
            pthread_cond_wait(&writer->wake, &writer->lock);
            continue;
        }
        struct batch batch = writer->queue[0];
        pthread_mutex_unlock(&writer->lock);
        batch_run(writer, &batch);
        pthread_mutex_lock(&writer->lock);
        writer->queue[0] = writer->queue[1];
        writer->queued--;
        writer->idle[writer->idle_count++] = batch;
        pthread_cond_broadcast(&writer->moved);
        poke(writer);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

/* ---- the other side ---- */

int writer_start(struct stock *stock, const struct writer_place *place, struct writer **ret_writer)
{
    int event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (event_fd < 0) {
        return -errno;
    }
    struct writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        rd_oom();
    }
    writer->stock = stock;
    writer->event_fd = event_fd;
    writer->place = *place;
    atomic_init(&writer->durable, place->next - 1);
    atomic_init(&writer->room,
            place->fd >= 0 ? place->head.bytes - FORMAT_END_MARK - place->offset : 0);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wake, NULL);
    pthread_cond_init(&writer->moved, NULL);
    for (; writer->idle_count < BATCHES_UNDER_WAY; writer->idle_count++) {
        batch_init(&writer->idle[writer->idle_count]);
    }
    int r = -pthread_create(&writer->thread, NULL, writer_run, writer);
    if (r < 0) {
        writer->place.fd = -1; /* still the caller's */
        writer_close(writer);
        return r;
    }
    writer->is_started = true;
    *ret_writer = writer;
    return 0;
}

void writer_close(struct writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->is_started) {
        pthread_mutex_lock(&writer->lock);
        writer->is_stopping = true;
        pthread_cond_signal(&writer->wake);
        pthread_mutex_unlock(&writer->lock);
        pthread_join(writer->thread, NULL);
    }
    while (writer->idle_count > 0) {
        batch_done(&writer->idle[--writer->idle_count]);
    }
    if (writer->place.fd >= 0) {
        (void)close(writer->place.fd);
    }
    (void)close(writer->event_fd);
    pthread_cond_destroy(&writer->moved);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

void writer_submit(struct writer *writer, struct batch *batch)
{
    pthread_mutex_lock(&writer->lock);
    while (writer->queued == BATCHES_UNDER_WAY) {
        pthread_cond_wait(&writer->moved, &writer->lock);
    }
    writer->queue[writer->queued++] = *batch;
    *batch = writer->idle[--writer->idle_count];
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
}

bool writer_write_here(struct writer *writer, struct batch *batch)
{
    pthread_mutex_lock(&writer->lock);
    bool is_idle = writer->queued == 0;
    pthread_mutex_unlock(&writer->lock);
    /* Preparing another segment may take a while, so that is left to the thread. */
    bool is_here = is_idle && batch->len <= atomic_load(&writer->room);
    if (is_here) { /* and stays idle: only the caller hands batches over */
        batch_run(writer, batch);
    }
    return is_here;
}

int writer_wait(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    while (writer->queued > 0) {
        pthread_cond_wait(&writer->moved, &writer->lock);
    }
    pthread_mutex_unlock(&writer->lock);
    return writer_failed(writer);
}

bool writer_is_starved(const struct writer *writer)
{
    return atomic_load(&writer->is_starved);
}

int writer_fd(const struct writer *writer)
{
    return writer->event_fd;
}

uint64_t writer_durable(const struct writer *writer)
{
    return atomic_load(&writer->durable);
}

void writer_chain(const struct writer *writer, uint8_t ret_chain[static FORMAT_HASH])
{
    memcpy(ret_chain, writer->place.chain, FORMAT_HASH);
}

int writer_failed(const struct writer *writer)
{
    return atomic_load(&writer->failed);
}

uint64_t writer_room_bytes(const struct writer *writer)
{
    return atomic_load(&writer->room);
}

uint64_t writer_written_bytes(const struct writer *writer)
{
    return atomic_load(&writer->written);
}
