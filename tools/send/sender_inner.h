/* tools/send/sender_inner.h — the run behind sender.h. For sender*.c. */
#pragma once

#include "tools/send/asker.h"
#include "tools/send/correction.h"
#include "tools/send/maker.h"
#include "tools/send/seen.h"
#include "tools/send/sender.h"
#include "tools/shared/progress.h"

struct sender {
    const struct send_options *options;
    struct send_tally *tally;
    struct input *input;
    struct rd_producer *producer;
    struct rows *rows;
    struct rejects rejects;
    FILE *receipts;
    struct asker *asker;
    struct state *state; /* NULL: none is kept */
    struct seen seen;
    struct corrector *corrector; /* NULL: without --corrections */
    struct maker maker;
    struct rd_buf packed;
    struct rd_buf corrections; /* rows to judge: u64, and u8, whether it is the same again */
    uint64_t sequence;         /* the last one given */
    bool has_given;            /* numbers that the state's file does not have yet */
    uint64_t put;              /* events, for the rate */
    int64_t started_us, saved_us;
    struct progress progress;
    bool is_at_end, is_busy_told;
    int status;    /* of the input: it could not be read to its end, said */
    bool has_lost; /* a file that cannot be written, said: no more is sent */
};

/* A file cannot be written: told, and no more is sent. */
void sender_lose(struct sender *sender, const char *path, int error);
/* Into the file of rejects. */
void sender_reject(
        struct sender *sender, uint64_t line, const struct rd_reject *why, struct rd_str raw);
/* A row that was sent is counted as refused, and settled. `is_otherwise`: it said something else
 * when it was taken. */
void sender_refuse(struct sender *sender, const struct row_kept *row, const struct rd_reject *why,
        bool is_otherwise);
/* Of rd_producer_options; a row that was taken before may be left in `corrections`. */
void sender_settle(void *context, uint64_t tag, const struct rd_receipt *receipt);
