/* daemon/edge.h — the running daemon: every part of it, and what the turn remembers.
 *
 * Plain data of the edge's own files (turn, take, tick, leave, checkpoint, recover, reload); the
 * rooms know nothing of it. One thread, but for want_fd and questions. */
#pragma once

#include <stdatomic.h>
#include <sys/types.h>

#include "daemon/clock.h"
#include "daemon/config/quota.h"
#include "daemon/config/rights.h"
#include "daemon/deadbox.h"
#include "daemon/desk/desk.h"
#include "daemon/doors/desk.h"
#include "daemon/doors/doors.h"
#include "daemon/doors/feed.h"
#include "daemon/doors/intake.h"
#include "daemon/engine/engine.h"
#include "daemon/guard.h"
#include "daemon/inhand.h"
#include "daemon/journal/journal.h"
#include "daemon/keeper.h"
#include "daemon/loader.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/outbox.h"
#include "daemon/refusals.h"
#include "daemon/store/store.h"

enum {
    EDGE_TELL_BYTES_MAX = 1024 * 1024,
    EDGE_ALERT_BYTES_MAX = 8 * 1024 * 1024,
    EDGE_ARENA_BYTES_MAX = 8 * 1024 * 1024,
    EDGE_MASK_KEY_MIN = 16,
    EDGE_MASK_KEY_MAX = 64,
    EDGE_ON_WAY_MAX = 2, /* batches handed to the journal and not durable yet */
    EDGE_STATE_PATH_MAX = 4096,
    EDGE_WATCHED = 7, /* parts of the state folder that must stay what they are */
};

struct edge_watched {
    dev_t device;
    ino_t inode;
};

/* What is refused now, and why; looked at once a turn. */
enum edge_refusal {
    REFUSE_NOTHING,
    REFUSE_NEW, /* the disk is nearly full: only what ends or acknowledges is taken */
    REFUSE_ALL, /* the tail is full until a checkpoint ends; or the disk is */
};

struct edge_batch {  /* handed to the journal */
    uint64_t record; /* its last */
    int64_t since_us;
};

struct edge_checkpoint {
    uint64_t record;    /* the last one sealed */
    uint64_t fired;     /* timers since: a tick is one record of many */
    int64_t changed_us; /* since when something waits for one; 0: nothing does */
    int64_t sealed_us;
    int64_t retry_us;     /* after a full disk: not before */
    uint64_t count;       /* completed since the start */
    uint64_t kept_record; /* in LMDB */
    struct engine_counts sealed, kept;
    bool is_running, is_wanted; /* by the desk */
};

struct edge_show { /* what the desk is shown: show.h */
    bool is_wanted;
    bool is_taken;         /* but not handed over: some of it is not durable yet */
    uint64_t record, dead; /* the last ones in it */
};

struct edge_disk {
    int64_t looked_us;
    uint64_t journal_bytes, store_bytes; /* that the disks still take */
    uint64_t map_bytes, map_size_bytes;  /* left of limits.map_size, and that */
    bool is_full;                        /* a checkpoint found no room */
    bool is_map_low;                     /* it is the map alone that is short */
    bool is_said;                        /* that little is left */
    int64_t told_us;                     /* when operators were last told so; 0: never */
};

struct edge_switch { /* what an upgrade in this start came from */
    bool is_known;
    struct store_numbers from;
    uint8_t before[32]; /* digest of its rows */
    bool has_after;     /* and of those that they became is known, too */
    uint8_t after[32];
};

struct edge {
    const struct options *options;
    const struct config *config; /* the present one; live owns it */
    struct config_force force;   /* what of the first one no reload changes */
    struct loader loader;
    rd_time reload_begun_us; /* on clock_ticks_us() */
    bool is_new;             /* the state folder was empty */
    bool is_reload_again;    /* asked for while the file was read */
    struct live *live;
    struct showing *showing;
    struct notify notify;
    char refused[DESK_REFUSED_MAX];  /* why the last reload was; "": it was not, or none was */
    char state[EDGE_STATE_PATH_MAX]; /* the state folder */
    struct edge_watched watched[EDGE_WATCHED];
    struct addresses *addresses; /* ipc sockets in the file system */
    struct guard *guard;
    struct guard_found found[GUARD_PLACES]; /* what was at work when the process before ended */

    struct journal *journal;
    struct store *store;
    struct engine *engine;
    struct deadbox dead;

    struct clock clock;
    rd_time told;        /* greatest wall time given to the engine; RD_TIME_NONE: none yet */
    rd_time grace_until; /* on the steady scale */
    int64_t started_us;

    /* The configuration of the start, held to the end: who comes by which address. */
    struct desk_live first;
    struct doors *doors;
    struct intake *intake;
    struct in_hands in_hands;
    struct feed *feed;
    struct desk *desk;
    struct past *past;   /* earlier states, for the desk */
    struct asked *asked; /* the desk's thread's */
    struct desk_door *desk_door;

    struct rd_tree *tree; /* of the event at hand */
    struct rd_buf tell, alert, topic, sender;
    struct rd_arena arena;
    uint8_t mask_key[EDGE_MASK_KEY_MAX];
    size_t mask_key_len;

    struct outbox replies, alerts;
    struct edge_batch on_way[EDGE_ON_WAY_MAX];
    size_t on_way_count;
    int64_t commit_us;    /* of the last few batches, on the average */
    uint64_t published;   /* seq of the last alert that went out */
    int64_t hold_feed_us; /* until then alerts wait for a first subscriber; 0: they do not */

    struct edge_switch switched;
    struct edge_checkpoint checkpoint;
    struct keeper keeper;
    struct quota *quota; /* of the turn: events and their bytes */
    struct edge_show show;
    struct edge_disk disk;
    bool is_starved;         /* a journal wants a descriptor and there is none */
    int64_t starved_told_us; /* when operators were last told so; 0: never */
    enum edge_refusal refusal;
    struct refusals refusals; /* operators have not heard of */
    rd_time next_due;         /* RD_TIME_NONE: no timer is armed */
    bool has_more_due;        /* the last tick left some */
    bool has_more_in;         /* the last batch was full */
    uint64_t dropped;         /* of intake_dropped(): counted among the metrics */
    uint64_t topics_refused;  /* the same of feed_refused() */
    int64_t accepted_us;      /* how large a step operators believed in this turn; 0: none */
    int64_t stuck_us;         /* a timer that is due and does not fire is tried again then */

    int signal_fd, timer_fd, want_fd;
    /* On clock_ticks_us(). */
    int64_t chain_day; /* UTC day of the head of the chain below; 0: none yet */
    uint64_t chain_record;
    char chain[DESK_CHAIN_MAX]; /* in hex; "": none yet */
    bool is_chain_unheard;      /* no heartbeat that anybody hears had it yet */
    int64_t armed_us, heartbeat_us, watchdog_us, published_us, polled_us;
    /* On clock_ticks_us(): no erasure on the disks before; since when one waits, 0: none does; when
     * somebody last sent something, or asked what is no watching. */
    int64_t erase_us, erase_since_us, busy_us;
    struct erase_search *erase_search; /* NULL: nothing is looked for */
    uint64_t erase_record;      /* a checkpoint with that must come first; 0: not asked yet */
    _Atomic uint64_t questions; /* such as are no watching; the desk's thread counts them */
    uint64_t questions_seen;
    bool is_stopping;
    bool is_again; /* and starts anew, in this process: there is something to erase */
};

/* The time under which a record is applied now. */
struct engine_time edge_time(const struct edge *edge);
/* An alert to operators, by a record of its own. While time stands at nothing it tells nothing. */
void edge_tell(struct edge *edge, const struct engine_tell *tell);
/* Appends a record under `at` and returns its number. */
uint64_t edge_append(struct edge *edge, const struct engine_time *at, struct journal_record record);
