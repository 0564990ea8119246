/* daemon/deadbox.h — a rejected event is durable, as a dead letter, before it is answered.
 *
 * Dead letters lie in a table of the store, which is durable with the next checkpoint only. Until
 * then they lie in a journal of their own, DIR: one record a letter, kind JOURNAL_DEAD_LETTER,
 * event seq the letter's number, body its row (dead_letter_row.h). A start puts those into the
 * table that it does not have; a checkpoint lets the segments go.
 *
 * Why not in the journal of events: that one is kept for its whole age as the record of what
 * happened, and is replayed and chained. A peer that may send nothing could fill it, and the disk,
 * with what changed nothing. Why no waiting for the checkpoint: replies leave in order, so one
 * rejection would hold up those of all others for a second. Here it costs a second fdatasync beside
 * the first one, and only when something was rejected.
 *
 * Bounded: letters by number and bytes in the table, and by bytes between two checkpoints; when
 * those are used up, what would be rejected is answered `busy`. */
#pragma once

#include "daemon/journal/journal.h"
#include "daemon/store/rows/dead_letter_row.h"

struct deadbox {
    struct journal *journal;
    struct dead_letters letters;
    uint64_t submitted;                /* record handed to the disk; at most one batch is */
    uint64_t sealed;                   /* record that the last checkpoint has */
    uint64_t tail_bytes, sealed_bytes; /* of letters since the last checkpoint, and in it */
};

struct deadbox_options {
    const char *dir;
    struct store_view *view; /* the live one; kept until the end */
    uint64_t kept_max;       /* letters; may be changed later in letters.kept_max */
    uint64_t map_bytes;      /* of the store: letters take an eighth of it, 256 MiB at most */
};

/* Opens the journal and puts its letters into the table. 0, -errno; ret_damage says what. On
 * failure deadbox_close() is still due. */
RD_MUST_USE int deadbox_open(struct deadbox *box, const struct deadbox_options *options,
        struct journal_damage *ret_damage);
void deadbox_close(struct deadbox *box); /* zeroed or opened */

/* Between two checkpoints as much came as may. */
bool deadbox_is_full(const struct deadbox *box);
/* A checkpoint is due because of letters. */
bool deadbox_is_heavy(const struct deadbox *box);
/* Keeps it under `engine`, the program's number. */
void deadbox_add(struct deadbox *box, const struct dead_letter *letter, uint32_t engine);
/* The record that must be durable before what was rejected so far is answered; 0: none. */
uint64_t deadbox_last(const struct deadbox *box);
uint64_t deadbox_durable(const struct deadbox *box);
/* Hands what is open to the disk, unless something is on its way. */
void deadbox_submit(struct deadbox *box);
/* Waits until all is durable. 0 or -errno. */
RD_MUST_USE int deadbox_flush(struct deadbox *box);
/* A checkpoint was sealed with all letters so far; it is kept now. */
void deadbox_note_sealed(struct deadbox *box);
void deadbox_note_kept(struct deadbox *box);
