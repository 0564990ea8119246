/* daemon/erase_match.h — which records and letters are of a customer who is forgotten. */
#pragma once

#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/wire/event.h"
#include "daemon/journal/journal.h"
#include "daemon/store/rows/erasure_row.h"

struct erase_job {
    struct erasure_job job;
    struct rd_str name; /* the customer's id, from the event that asks; empty: not found */
    uint64_t *seqs;     /* of the events that his cases' histories and alerts tell of, ascending */
    size_t seq_count, seq_room;
    uint8_t (*words)[RD_DIGEST_BYTES]; /* by which others may have named him, ascending */
    size_t word_count, word_room;
};

struct erase_match {
    struct store_view *view;
    struct rd_tree *tree;
    struct rd_arena arena;
    struct erase_job *jobs; /* those whose rows are rewritten, by seq */
    size_t job_count;
    uint64_t *
            ended; /* of earlier ones, ascending: what asked has its body where nothing was found */
    size_t ended_count;
};

/* Reads the jobs and the histories of their cases. */
void erase_match_open(struct erase_match *match, struct store_view *view);
void erase_match_close(struct erase_match *match);
/* Every job has its customer's id. */
bool erase_match_is_named(const struct erase_match *match);
/* The record is the event that a job came of, an ended one's too; keeps the customer's id. */
bool erase_match_asks(struct erase_match *match, const struct journal_record *record);
/* The record speaks of the customer of a job that came later. */
bool erase_match_record(struct erase_match *match, const struct journal_record *record);
/* The bytes of a rejected event name him or one of his cases, whether they can be read or not. */
bool erase_match_letter(struct erase_match *match, struct rd_str event);
