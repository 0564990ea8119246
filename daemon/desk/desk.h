/* daemon/desk/desk.h — answers questions: MessagePack-RPC in, MessagePack-RPC out; changes nothing.
 *
 * It reads what the turn shows of the live tables (showing.h), so that an answer is never older
 * than what was durable when the question came; a question that says `stale` is answered from the
 * last checkpoint. What stands in no table it takes from struct desk_live. It belongs to one
 * thread, the door's. Each group of methods has a file of its own and a row per method in
 * methods.c. Source: redress-protocol(7), "Desk". */
#pragma once

#include "common/base/buf.h"
#include "daemon/desk/live.h"
#include "daemon/desk/showing.h"
#include "daemon/journal/journal.h"

/* The self-proof (property 7) looks at so many cases each time it is given a turn: the whole state
 * of a million open cases in half an hour, at well under a hundredth of a processor. */
enum { DESK_PROOF_CASES = 500 };

/* An answer is never larger: twice the greatest frame, which is one row of the dead letters. Lists
 * end long before it and say `next`. */
enum { DESK_REPLY_BYTES_MAX = 32 * 1024 * 1024 };

enum { DESK_QUARANTINE_WHICH_MAX = 33 };

/* The state as it was at an instant. */
struct desk_past_wish {
    rd_time at;
    const char *snapshots; /* snapshots.dir of the configuration; NULL: the usual folder */
};
struct desk_past_state { /* texts and views stand until the next question */
    struct store_view *view;
    const struct rd_plan *plan;
    struct engine_counts counts;
    uint64_t record;   /* DESK_PAST_WORKING: replayed so far */
    rd_time earliest;  /* DESK_PAST_GONE: the first instant after it that can be asked */
    const char *error; /* DESK_PAST_FAILED: a sentence */
};
enum desk_past { DESK_PAST_READY, DESK_PAST_WORKING, DESK_PAST_GONE, DESK_PAST_FAILED };

struct desk_options {
    struct store *store;
    struct journal *journal;
    struct live *live;
    const struct config *listen; /* of the start: who comes by which address */
    struct showing *showing;
    rd_time (*ticks)(void); /* steady; by it rows a second are counted */
    /* How many subscriptions of the feed cover a topic; NULL: nobody counts. */
    uint64_t (*subscribers)(void *context, struct rd_str topic);
    void *subscribers_context;
    /* The kind of the index-th event, question or method that ended the daemon before, and its
     * digest in hex, or the method's name. NULL: the list is shorter, or there is none. */
    const char *(*quarantined)(void *context, size_t index,
            char ret_which[static DESK_QUARANTINE_WHICH_MAX], bool *ret_is_method);
    void *quarantined_context;
    /* Never waits: DESK_PAST_WORKING, and the question is asked again. NULL: there is no past. */
    enum desk_past (*past)(
            void *context, const struct desk_past_wish *wish, struct desk_past_state *ret_state);
    void *past_context;
};

struct desk;

/* 0 or -errno of the side view. */
RD_MUST_USE int desk_new(const struct desk_options *options, struct desk **ret_desk);
void desk_free(struct desk *desk); /* before the store is closed */
void desk_freep(struct desk **desk);

/* One share of the self-proof, over the last checkpoint; what it finds goes to status and live. On
 * the desk's thread. */
void desk_prove(struct desk *desk);

enum desk_when {
    DESK_NOW,     /* the question has just come */
    DESK_SEEN,    /* showing has something that is newer than the question */
    DESK_NO_MORE, /* its time is over */
};
/* Appends the answer to one request to `reply`. 0; nothing appended: -EAGAIN, what it asks for is
 * not shown yet; -EINPROGRESS, it is being worked out (at DESK_NO_MORE both are the error not_yet);
 * -EBUSY, its key has had its rows for now. `user`: the name of the key that asks; empty without
 * security. What is no request is answered with the error bad_params. */
RD_MUST_USE int desk_answer(struct desk *desk, struct rd_str user, struct rd_str request,
        enum desk_when when, struct rd_buf *reply);
