/* daemon/journal/writer.h — the thread that seals, writes and syncs batches.
 *
 * Three buffers go round: one that the appending thread fills, at most two on their way. They grow
 * to what a batch needs and are reused, so a steady state allocates nothing. A batch is sealed in
 * its buffer and written with one pwrite and one fdatasync, or one of each per segment it spans. */
#pragma once

#include "daemon/journal/stock.h"

struct batch {
    uint8_t *bytes; /* encoded records, end to end; FORMAT_END_MARK bytes are free behind them */
    size_t len, cap;
    uint64_t records;
};

void batch_init(struct batch *batch);
void batch_done(struct batch *batch);
/* Room for `size` bytes at the end, counted in len. */
uint8_t *batch_extend(struct batch *batch, size_t size);

struct writer_place { /* where the next record goes */
    int fd; /* of the newest segment, owned by the writer; -1: there is none to go on in */
    struct format_segment head;
    uint64_t offset, next;
    uint8_t chain[FORMAT_HASH];
};

struct writer;

/* On failure place->fd is still the caller's. */
RD_MUST_USE int writer_start(
        struct stock *stock, const struct writer_place *place, struct writer **ret_writer);
void writer_close(struct writer *writer); /* waits for what was handed over */

/* Takes the batch and gives an empty one for it. Waits while two are on their way. */
void writer_submit(struct writer *writer, struct batch *batch);
/* Writes and syncs the batch on the caller's thread, if the writer's has nothing to do and the
 * segment has room. */
bool writer_write_here(struct writer *writer, struct batch *batch);
int writer_wait(struct writer *writer); /* until all is durable; 0 or -errno */
/* True while a batch waits for a descriptor of its segment. Any thread. */
bool writer_is_starved(const struct writer *writer);
int writer_fd(const struct writer *writer);
uint64_t writer_durable(const struct writer *writer);
/* The chain hash of the last record handed over, once all of them are durable. */
void writer_chain(const struct writer *writer, uint8_t ret_chain[static FORMAT_HASH]);
int writer_failed(const struct writer *writer);
uint64_t writer_room_bytes(const struct writer *writer);    /* left in the newest segment */
uint64_t writer_written_bytes(const struct writer *writer); /* of all records ever handed over */
