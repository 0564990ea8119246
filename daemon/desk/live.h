/* daemon/desk/live.h — facts of the running process that stand in no table, for the desk's thread.
 *
 * The turn publishes them now and then; the desk takes a copy, and with it a hold on the
 * configuration, which a reload may have replaced meanwhile. Any thread. */
#pragma once

#include "daemon/config/config.h"
#include "daemon/engine/engine.h"

enum {
    DESK_MASK_KEY_MAX = 64,
    DESK_REFUSED_MAX = 320,
    DESK_PATH_MAX = 112,
    DESK_KEEPING_MAX = 704,
    DESK_CHAIN_MAX = 65 /* a hash in hex, and its end */
};

struct desk_live {
    rd_time wall, steady; /* the daemon's time when this was written */
    int64_t uptime_us;
    struct engine_counts kept; /* as of the last checkpoint */
    uint64_t checkpoints;
    uint64_t record, record_durable, record_kept; /* journal: applied, durable, checkpointed */
    uint64_t journal_first, journal_space_bytes;
    uint64_t chain_record; /* where the chain's head was told last; 0: not yet */
    char chain[DESK_CHAIN_MAX];
    uint64_t overlay_bytes; /* of what is not in the tables yet */
    uint64_t alert_published;
    rd_time next_due; /* RD_TIME_NONE: no timer is armed */
    int64_t lag_ms;   /* how late the timers run */
    bool is_grace;
    bool is_new; /* this start began the state */
    bool is_time_from_events;
    bool is_clock_behind, is_clock_held; /* wall stands still; a step forward is not believed */
    int64_t clock_held_us;
    bool is_disk_low, is_tail_full;      /* new events, all events are answered busy */
    bool is_map_low;                     /* with is_disk_low: it is limits.map_size that is short */
    char deaf[DESK_PATH_MAX];            /* a socket where nobody reaches it; "": there is none */
    char keeping[DESK_KEEPING_MAX];      /* why no snapshot or archive is made; "": nothing fails */
    char refused[DESK_REFUSED_MAX];      /* why the last reload was; "": it was not */
    uint8_t mask_key[DESK_MASK_KEY_MAX]; /* of alerts.mask: keyed */
    size_t mask_key_len;
    const struct config *config; /* held until live_release() */
};

struct live;

struct live *live_new(void);
void live_free(struct live *live); /* the last configuration goes with it */
/* Takes the configuration over; the one before goes when nobody holds it. */
void live_configure(struct live *live, struct config *config);
/* Why a reload was refused, a line; "": it was not. */
void live_refuse(struct live *live, const char why[static DESK_REFUSED_MAX]);
/* All but `config` and `refused`, which the two above set. */
void live_publish(struct live *live, const struct desk_live *facts);
/* The desk has found a fault in the state; the turn asks for it and tells operators. */
void live_find_fault(struct live *live, const char what[static 256]);
bool live_take_fault(struct live *live, char ret_what[static 256]);
void live_take(struct live *live, struct desk_live *ret_facts);
void live_release(struct live *live, struct desk_live *facts);
