/* tools/send/former.h — what the daemon was told before of a row: the event that opened its case,
 * and the corrections of it.
 *
 * They are read where they were kept, the history of the case (case.get) and the journal
 * (journal.read): a row is compared with what was last said of it, whoever has amended the case
 * since, and without anything that stands on this machine. */
#pragma once

#include "common/client/desk.h"
#include "common/wire/event_table.h"
#include "tools/shared/ends.h"

struct former_desk {
    struct rd_desk *desk;
    const char *endpoint;
    int64_t wait_us; /* for each answer */
};

/* An event that was decoded, with the nodes of its data; borrowed from the two trees and the bytes
 * that they read. */
struct said {
    struct rd_event event;
    rd_node data;
};

struct former {
    bool is_found; /* the newest case of that subject has an event of that id */
    enum rd_event_type type;
    uint64_t content[RD_EVENT_KEY_COUNT];  /* of each attribute as last said; 0: never */
    uint64_t time;                         /* of the first one's `time`; 0: it had none */
    bool has_received;                     /* the first one had `received`; else that is its time */
    uint64_t corrections;                  /* the highest number of one */
    char unit[RD_UNIT_PATH_BYTES_MAX + 1]; /* where the case is now */
};

/* False: it is no event. */
bool said_read(
        struct rd_tree *tree, struct rd_tree *nodes, struct rd_str bytes, struct said *ret_said);
/* What the value says, as one number that can be compared; 0: nothing. `received` that is not given
 * is the time. */
uint64_t said_content(const struct said *said, enum rd_event_key key);
/* Of a time, as said_content() has it of a `received`; RD_TIME_NONE gives 0. */
uint64_t said_time(rd_time time);

/* What a row says of its case: what an amendment takes, and the unit. */
static inline rd_key_set said_keys(void)
{
    return rd_type_rule(RD_EVENT_AMENDED)->allowed | RD_KEY_BIT(RD_KEY_UNIT);
}

/* 0, or told and an exit status. */
int former_read(
        const struct former_desk *desk, const struct rd_event *event, struct former *ret_former);
