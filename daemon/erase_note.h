/* daemon/erase_note.h — the file STATE/erasure, which says how far an erasure on the disks is.
 *
 *   "wanted\n"   and what was found: version u8 = 2, job u64, then three lists of record numbers,
 *                each its count and the distance of each from the one before, varints
 *   "erased\n"   and the body of the record that says so (JOURNAL_ERASED)
 *
 * Written whole or not at all. No customer stands in it. */
#pragma once

#include "common/base/buf.h"

struct erase_list { /* record numbers, ascending */
    uint64_t *at;
    size_t count, room;
};
void erase_list_add(struct erase_list *list, uint64_t number); /* greater than all in it */
bool erase_list_has(const struct erase_list *list, uint64_t number);
/* One of them is within first..last. */
bool erase_list_touches(const struct erase_list *list, uint64_t first, uint64_t last);
void erase_list_done(struct erase_list *list);

/* What is to be erased: of journal and archive. */
struct erase_plan {
    uint64_t job;            /* the newest event that asks for it; 0: none does */
    struct erase_list asks;  /* records of the events that ask, with a body yet */
    struct erase_list fresh; /* all whose bodies are to go: those, too */
    struct erase_list all;   /* and those that are gone already */
};
void erase_plan_done(struct erase_plan *plan); /* zeroed, or filled */

/* 0 or -errno; -E2BIG: more bodies than a record can name. */
RD_MUST_USE int erase_note_plan(const char *state, const struct erase_plan *plan);
/* 1: it is wanted, and *ret_plan is to be done with; 0: nothing is; -EBADMSG, -errno. What a
 * version before wanted had no lists: then plan->job is 0, and it is to be looked for anew. */
RD_MUST_USE int erase_note_wanted(const char *state, struct erase_plan *ret_plan);
RD_MUST_USE int erase_note_result(const char *state, struct rd_str body);
/* Into `buf`, at first empty: *ret_body, with ptr NULL where it does not say "erased". 0, -errno.
 */
RD_MUST_USE int erase_note_erased(const char *state, struct rd_buf *buf, struct rd_str *ret_body);
RD_MUST_USE int erase_note_remove(const char *state);
/* So that a name that came or went in it is known after a power cut. 0 or -errno. */
RD_MUST_USE int erase_folder_sync(const char *dir);
