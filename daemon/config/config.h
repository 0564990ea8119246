/* daemon/config/config.h — the configuration: YAML in, the engine's tree and the edge's settings
 * out.
 *
 *   YAML → nodes with file, line, column → one schema table (schema.h) → the same with every
 *   default and every named file inlined → split: the engine's part as MessagePack (what
 *   rd_plan_read() reads; it goes into the journal), the edge's part as the plain struct below.
 *
 * A configuration is immutable. Equal trees have equal hashes. Paths are absolute (relative ones
 * were relative to the file). Secrets are never in here: only the names of the files that hold
 * them. All errors of a file come in one run. The only user of libyaml and libical.
 * Source: redress.yaml(5). */
#pragma once

#include "common/base/base.h"
#include "common/base/buf.h"
#include "common/plan/plan.h"
#include "common/text/mask.h"
#include "common/time/utime.h"
#include "common/wire/event_door.h"

enum {
    CONFIG_ERRORS_MAX = 200,                 /* more are counted only */
    CONFIG_FILE_BYTES_MAX = 8 * 1024 * 1024, /* any one file */
    CONFIG_TREE_BYTES_MAX = 64 * 1024 * 1024,
};

/* One line a mistake: `redress.yaml:57:9: policies[2].clocks[0].limit: "5bdd": not a limit; …`. */
struct config_errors {
    char **lines; /* sorted by file (in the order they were read), line, column */
    size_t count;
    size_t left_off; /* found beyond CONFIG_ERRORS_MAX */
};
void config_errors_done(struct config_errors *errors); /* leaves it empty */

struct config_list {
    const char *const *at;
    size_t count;
};

enum config_role {
    CONFIG_ROLE_PRODUCER = 1,
    CONFIG_ROLE_UNIT = 2,
    CONFIG_ROLE_OPERATOR = 4,
    CONFIG_ROLE_VIEWER = 8,
};

/* What a key or an endpoint sees without the mask. */
enum config_sees {
    CONFIG_SEES_CUSTOMER = 1,
    CONFIG_SEES_PHONE = 2,
    CONFIG_SEES_CONTRACT = 4,
    CONFIG_SEES_TEXT = 8,
    CONFIG_SEES_ALL = 15,
};

/* Of what a client may have so much a second (quota.h). */
enum config_quota {
    CONFIG_QUOTA_EVENTS, /* taken of it */
    CONFIG_QUOTA_BYTES,  /* of those events */
    CONFIG_QUOTA_ROWS,   /* told to it at the desk; an answer without rows counts as one */
    CONFIG_QUOTA_COUNT,
};

/* Who knocks: by a key, or by an endpoint that says who comes by it. */
struct config_client {
    const char *public_key;     /* Z85, 40 characters; NULL: of an endpoint */
    const char *name;           /* as the journal shows it; an endpoint's: "ipc:operator" */
    unsigned roles;             /* enum config_role */
    struct config_list sources; /* event sources it may speak as; "*": any; empty: its own name */
    struct config_list units;   /* paths: it acts for these and what is below */
    struct config_list may;     /* event types, "case.*", "quiet" */
    unsigned sees;              /* enum config_sees */
    const char *person;         /* whom alone its events may name in `by`; NULL: anybody */
    uint32_t per_second[CONFIG_QUOTA_COUNT]; /* 0: any */
    rd_time expires; /* from then on the key is refused; RD_TIME_NONE: never */
};

struct config_security {
    const char *secret_key_file; /* Z85; read by whoever opens the sockets */
    const struct config_client *clients;
    size_t client_count;
};

struct config_endpoint {
    const char *at;
    bool is_keyed; /* who comes by it proves a key */
    /* Else who that is, under security; without it, and where it is keyed, of no meaning. */
    struct config_client as;
    const char *server_key; /* of a publisher that is subscribed to; NULL: none */
    unsigned mode;          /* of an ipc socket's file */
    const char *group;      /* NULL: the daemon's */
};
struct config_endpoints {
    const struct config_endpoint *at;
    size_t count;
};

struct config {
    struct rd_str tree; /* the engine's part, MessagePack */
    uint8_t hash[32];   /* BLAKE2b of it */
    struct rd_plan *plan;

    const char *state; /* folder */
    struct config_endpoints intake, pull, subscribe, feed, desk;
    bool has_security;
    struct config_security security;

    size_t event_bytes, batch_events, in_flight, dead_letters;
    uint64_t map_size_bytes, journal_bytes; /* journal_bytes 0: no limit */
    int64_t snapshot_every_us;              /* 0: no snapshots */
    size_t snapshot_keep;
    const char *snapshot_dir;    /* NULL: in the state folder */
    const char *journal_archive; /* folder; NULL: none */
    int64_t dedup_us, journal_keep_us, alerts_keep_us;
    struct rd_event_limits event_limits; /* limits.oldest, limits.silence */
    int64_t max_step_us, start_grace_us;

    int64_t rejected_wait_us, rejected_every_us; /* before and between alerts of rejected events */
    enum rd_mask mask;
    const char *mask_key_file; /* of keyed, else NULL */

    struct config_list notes; /* what a person should know and is no error: same form as errors */
    struct config_memory *memory;
};

/* Reads a file and those that it names. 0; -EINVAL with *errors; -ENOENT, -EACCES … where the file
 * itself cannot be read (with one line in *errors). *ret_config is written only on 0; *errors must
 * be empty (zeroed) and is the caller's to end in any case. */
RD_MUST_USE int config_load(
        const char *path, struct config **ret_config, struct config_errors *errors);

/* The same from a text. `name` stands in messages for the file. `folder`: where relative paths
 * begin; NULL: no file may be named at all (then each is an error). */
RD_MUST_USE int config_parse(struct rd_str text, const char *name, const char *folder,
        struct config **ret_config, struct config_errors *errors);

/* Of a file its calendars alone, compiled: what else stands in it, or is missing, is not looked at.
 * For calculations without a daemon. As config_load() otherwise. */
struct config_calendars {
    const struct rd_calendar *at; /* in the file's order */
    size_t count;
    struct config_list notes;
    struct config_memory *memory;
};
RD_MUST_USE int config_calendars_load(
        const char *path, struct config_calendars **ret_calendars, struct config_errors *errors);
void config_calendars_freep(struct config_calendars **calendars); /* for RD_CLEANUP */

/* What is in force from the start to the end of a process, whatever is loaded later: the keys that
 * have CONFIG_RESTART in the schema. */
enum { CONFIG_FORCE_MAX = 32 };
struct config_force {
    size_t count;
    const char *keys[CONFIG_FORCE_MAX];
    uint64_t digests[CONFIG_FORCE_MAX]; /* of their values */
    size_t event_bytes;
    uint64_t map_size_bytes;
    bool has_security;
};
void config_note_force(const struct config *config, struct config_force *ret_force);
/* The keys of `config` that wait for a restart; their numbers in it become those in force. */
size_t config_apply_force(const struct config_force *force, struct config *config,
        const char *ret_keys[static CONFIG_FORCE_MAX]);

void config_free(struct config *config);
void config_freep(struct config **config); /* for RD_CLEANUP */

/* The effective whole as YAML: every default, packs and lexicons inlined, paths absolute. Loads
 * again to the same hash. 0 or -EMSGSIZE. */
RD_MUST_USE int config_print(const struct config *config, struct rd_buf *buf);
