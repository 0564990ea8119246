/* daemon/guard.h — what was at work when the process before ended, so that it ends no second one.
 *
 * A small file, mapped: while a frame is applied, a question answered or a timer of a case fired,
 * its digest or number stands there. A fatal signal (an assertion, a fault, the watchdog's abort)
 * marks it. A start judges what it finds:
 *
 *   marked                    it goes on the list
 *   unmarked, the first time  it is innocent: kill -9, a power cut, no memory
 *   unmarked, and the same stood there at the start before: it goes on the list
 *
 * A frame on the list is rejected as `poison`, a question answered `internal`. Questions differ in
 * their parameters, of which there is no end: so three of one method put that method on the list. A
 * case is set aside by the engine, by a record of the journal, so that a replay does the same; here
 * it only waits for that. The list has GUARD_LIST_MAX places; the oldest makes room.
 *
 * One a process: the signals are its. Each place belongs to one thread. Source: redressd(8). */
#pragma once

#include "common/base/base.h"

enum guard_kind { GUARD_NOTHING, GUARD_FRAME, GUARD_QUESTION, GUARD_CASE, GUARD_METHOD };
enum guard_place { GUARD_TURN, GUARD_DESK, GUARD_TIMER, GUARD_PLACES };
enum {
    GUARD_LIST_MAX = 64,
    GUARD_DIGEST_BYTES = 16,
    GUARD_METHOD_TIMES = 3, /* as many questions of a method on the list, and it is there itself */
};

struct guard;

struct guard_entry {
    enum guard_kind kind;
    /* Of a case: its number, in the first 8 bytes; of a method: its name, zeros behind it. */
    uint8_t digest[GUARD_DIGEST_BYTES];
    uint8_t method[GUARD_DIGEST_BYTES]; /* of a question: its method's name, in the same way */
};

/* What a start found, for the log. */
struct guard_found {
    bool is_found, is_listed;
    struct guard_entry entry;
};

/* Maps PATH, made if it is missing or of another layout; judges what it finds. 0 or -errno. */
RD_MUST_USE int guard_open(const char *path, struct guard **ret_guard,
        struct guard_found ret_found[static GUARD_PLACES]);
void guard_close(struct guard *guard); /* accepts NULL */

/* `bytes` are at work at `place` from now on, until guard_end(). False: they are on the list, and
 * nothing is at work. To be called on the place's thread. */
RD_MUST_USE bool guard_begin(
        struct guard *guard, enum guard_place place, enum guard_kind kind, struct rd_str bytes);
/* The same of a question, with its method's name. */
RD_MUST_USE bool guard_begin_of(struct guard *guard, enum guard_place place, enum guard_kind kind,
        struct rd_str bytes, struct rd_str method);
void guard_end(struct guard *guard, enum guard_place place);
/* Where the engine says which case's timer is at work; 0: none. The turn's. */
uint64_t *guard_timer(struct guard *guard);

/* The index-th event, question or method of the list, the newest last. False: there are fewer. Any
 * thread.
 */
bool guard_listed(const struct guard *guard, size_t index, struct guard_entry *ret_entry);
/* A case that a start put on the list and that still waits for its record; 0: none. */
uint64_t guard_case_waiting(const struct guard *guard);
/* Takes it off the list. */
void guard_release(struct guard *guard, const struct guard_entry *entry);
/* What a frame or a question stands on the list as. */
void guard_entry_of(const struct guard *guard, enum guard_kind kind, struct rd_str bytes,
        struct guard_entry *ret_entry);
void guard_case_done(struct guard *guard, uint64_t number); /* its record is durable */
