/* daemon/store/rows/erasure_row.h — table `erasures`: customers who asked to be forgotten.
 *
 * Key: seq u64 of the event that asks for it, kind u8, number u64. Kind 0, number 0: the job.
 * Kind 1: a case that belongs to it. Kind 2: a word that tells of the customer, its digest (16
 * bytes) in the number's place: a phone, a contract, a subject of such a case. Their values are
 * empty; they go when the job is done.
 *
 * A job's value: version u8 = 1, state u8, taken and done i64, customer 16 bytes (digest), then
 * varints: last case, through, present case, its history, its alert, contact, walk, walk's last,
 * cases, bodies; contact's time i64; the customer's id behind its length, as long as rows are at
 * work. Example, seq 5, rows at work, taken 0, not done, digest d0…df, last case 7, through event
 * 5, walk up to alert 9, customer "a": 0000000000000005 00 0000000000000000 → 01 00
 * 8000000000000000 0000000000000000 d0…df 07 05 00 00 00 00 00 09 00 00 8000000000000000 0161. */
#pragma once

#include "common/base/digest.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

enum erasure_state {
    ERASURE_ROWS = 0,  /* its rows are rewritten, in shares */
    ERASURE_READY = 1, /* they are: what lies on the disks comes next */
    ERASURE_DONE = 2,
};

struct erasure_job {
    uint64_t seq; /* of the event */
    enum erasure_state state;
    rd_time taken, done; /* done RD_TIME_NONE: not yet */
    uint8_t customer[16];
    uint64_t last;    /* the newest case still to come; 0: none */
    uint64_t through; /* the newest event by then */
    /* How far it has come. */
    uint64_t current, history, alert; /* the case at work; its next entry, its last alert; 0 */
    rd_time contact_time;             /* the contact looked at last */
    uint64_t contact;
    uint64_t walk, walk_last; /* the alert looked at last, and the newest by then */
    uint64_t cases, bodies; /* forgotten; erased in the journal so far, by this and earlier jobs */
    struct rd_str name;     /* the customer's id; empty once the rows are rewritten */
};

void erasure_job_put(struct store_view *view, const struct erasure_job *job);
/* The first one behind `after` (0: of all). Texts borrowed as store_get(). False: none. */
bool erasure_job_next(struct store_view *view, uint64_t after, struct erasure_job *ret_job);
void erasure_case_put(struct store_view *view, uint64_t seq, uint64_t number);
void erasure_case_del(struct store_view *view, uint64_t seq, uint64_t number);
bool erasure_case_has(struct store_view *view, uint64_t seq, uint64_t number);
/* The first case of a job behind `after`; 0: none. */
uint64_t erasure_case_next(struct store_view *view, uint64_t seq, uint64_t after);

void erasure_word_put(struct store_view *view, uint64_t seq, struct rd_str word);
bool erasure_word_has(struct store_view *view, uint64_t seq, struct rd_str word);
void erasure_word_del(
        struct store_view *view, uint64_t seq, const uint8_t digest[static RD_DIGEST_BYTES]);
/* The first word of a job (after NULL), or the one behind `after`. False: none. */
bool erasure_word_next(struct store_view *view, uint64_t seq, const uint8_t *after,
        uint8_t ret_digest[static RD_DIGEST_BYTES]);
