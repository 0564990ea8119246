/* daemon/config/schema_edge.c — rows of what the edge uses: sockets, keys, limits, the clock. */
#include "common/sizes.h"
#include "daemon/config/schema.h"

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define DAY INT64_C(86400)

#define DOOR(name) "[\"ipc://" REDRESS_RUN_DIR "/" name "\"]"

/* clang-format off */
const struct config_row config_rows_edge[] = {
    {"redress", CONFIG_T_INT, CONFIG_REQUIRED | CONFIG_EDGE, NULL, 1, 1, NULL,
        "version of this language"},
    {"state", CONFIG_T_FILE, CONFIG_EDGE | CONFIG_RESTART, REDRESS_STATE_DIR, 0, 0, NULL,
        "folder of the tables and the journal"},

    {"listen", CONFIG_T_MAP, CONFIG_EDGE, "{}", 0, 0, NULL, "the doors"},
    {"listen.intake", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE | CONFIG_RESTART,
        DOOR("intake"), 0, 16, NULL,
        "events in, receipts out"},
    {"listen.intake[]", CONFIG_T_ENDPOINT, CONFIG_EDGE, NULL, 0, 0, NULL, NULL},
    {"listen.pull", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE | CONFIG_RESTART, "[]", 0, 16, NULL,
        "events in without receipts, bound"},
    {"listen.pull[]", CONFIG_T_ENDPOINT, CONFIG_EDGE, NULL, 0, 0, NULL, NULL},
    {"listen.subscribe", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE | CONFIG_RESTART,
        "[]", 0, 16, NULL,
        "publishers to connect to, events without receipts"},
    {"listen.subscribe[]", CONFIG_T_ENDPOINT, CONFIG_EDGE, NULL, 0, 0, NULL, NULL},
    {"listen.feed", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE | CONFIG_RESTART,
        DOOR("feed"), 0, 16, NULL,
        "alerts out"},
    {"listen.feed[]", CONFIG_T_ENDPOINT, CONFIG_EDGE, NULL, 0, 0, NULL, NULL},
    {"listen.desk", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE | CONFIG_RESTART,
        DOOR("desk"), 0, 16, NULL,
        "questions and answers"},
    {"listen.desk[]", CONFIG_T_ENDPOINT, CONFIG_EDGE, NULL, 0, 0, NULL, NULL},

    {"security", CONFIG_T_MAP, CONFIG_EDGE | CONFIG_RESTART, NULL, 0, 0, NULL,
        "who may knock; absent: only ipc and loopback may be listened on"},
    {"security.secret_key", CONFIG_T_FILE, CONFIG_REQUIRED | CONFIG_EDGE, NULL, 0, 0, NULL,
        "file of the daemon's CURVE secret key"},
    {"security.clients", CONFIG_T_FILE_MAP, CONFIG_REQUIRED | CONFIG_EDGE, NULL, 0, 10000, NULL,
        "file of the clients, by public key"},
    {"security.clients.*", CONFIG_T_MAP, CONFIG_EDGE, NULL, 0, 0, NULL, "one client"},
    {"security.clients.*.name", CONFIG_T_NAME, CONFIG_REQUIRED | CONFIG_EDGE, NULL, 0, 0, NULL,
        "what the journal calls it"},
    {"security.clients.*.roles", CONFIG_T_LIST, CONFIG_ONE | CONFIG_REQUIRED | CONFIG_EDGE, NULL, 1,
        4, NULL,
        "what it is"},
    {"security.clients.*.roles[]", CONFIG_T_CHOICE, CONFIG_EDGE, NULL, 0, 0,
        "producer|unit|operator|viewer", NULL},
    {"security.clients.*.sources", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE, "[]", 0, 64, NULL,
        "event sources it may speak as; empty: its name"},
    {"security.clients.*.sources[]", CONFIG_T_TEXT, CONFIG_EDGE, NULL, 1, 128, NULL, NULL},
    {"security.clients.*.units", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE, "[]", 0, 256, NULL,
        "units it acts for, with all below them"},
    {"security.clients.*.units[]", CONFIG_T_UNIT, CONFIG_EDGE, NULL, 0, 0, NULL, NULL},
    {"security.clients.*.may", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE, "[]", 0, 64, NULL,
        "more rights: event types, \"case.*\", quiet"},
    {"security.clients.*.may[]", CONFIG_T_TEXT, CONFIG_EDGE, NULL, 1, 64, NULL, NULL},
    {"security.clients.*.sees", CONFIG_T_LIST, CONFIG_ONE | CONFIG_EDGE, "[]", 0, 4, NULL,
        "what it sees unmasked"},
    {"security.clients.*.sees[]", CONFIG_T_CHOICE, CONFIG_EDGE, NULL, 0, 0, "customer", NULL},

    {"limits", CONFIG_T_MAP, 0, "{}", 0, 0, NULL, "bounds"},
    {"limits.event_bytes", CONFIG_T_SIZE, CONFIG_EDGE | CONFIG_RESTART, "64KiB", KIB,
        RD_EVENT_BYTES_MAX, NULL,
        "largest event"},
    {"limits.batch_events", CONFIG_T_INT, CONFIG_EDGE, "1024", 1, 1024, NULL,
        "events of one message"},
    {"limits.in_flight", CONFIG_T_INT, CONFIG_EDGE, "100000", 1, 10000000, NULL,
        "events taken and not yet in the tables; above it the answer is busy"},
    {"limits.dead_letters", CONFIG_T_INT, CONFIG_EDGE, "100000", 0, 10000000, NULL,
        "rejected events kept"},
    {"limits.dedup", CONFIG_T_SPAN, 0, "35d", 60, 3660 * DAY, NULL,
        "how long ids are known again"},
    {"limits.map_size", CONFIG_T_SIZE, CONFIG_EDGE | CONFIG_RESTART,
        "64GiB", 16 * MIB, 16384 * GIB, NULL,
        "most that the tables may take on disk"},
    {"limits.journal_keep", CONFIG_T_SPAN, CONFIG_EDGE, "1100d", DAY, 36600 * DAY, NULL,
        "how long journal segments are kept"},
    {"limits.alerts_keep", CONFIG_T_SPAN, 0, "400d", DAY, 36600 * DAY, NULL,
        "how long alerts can be replayed"},
    {"limits.oldest", CONFIG_T_SPAN, CONFIG_EDGE, "3653d", DAY, 36600 * DAY, NULL,
        "how far back the time of an event may lie"},
    {"limits.silence", CONFIG_T_SPAN, CONFIG_EDGE, "30d", 60, 366 * DAY, NULL,
        "how long a silence may hold"},

    {"clock", CONFIG_T_MAP, CONFIG_EDGE, "{}", 0, 0, NULL, "the machine's clock"},
    {"clock.max_step", CONFIG_T_SPAN, CONFIG_EDGE, "1h", 1, 3660 * DAY, NULL,
        "a longer step forward is not believed"},
    {"clock.start_grace", CONFIG_T_SPAN, CONFIG_EDGE, "30s", 0, DAY, NULL,
        "after a start no timer fires for so long"},
};
const size_t config_rows_edge_count = RD_COUNT(config_rows_edge);
