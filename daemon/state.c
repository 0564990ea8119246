#include "daemon/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/addresses.h"
#include "daemon/erase.h"
#include "daemon/folders.h"
#include "daemon/leave.h"
#include "daemon/lock_wait.h"
#include "daemon/rebuild.h"
#include "daemon/recover.h"
#include "daemon/served.h"
#include "daemon/store/snapshot.h"
#include "daemon/upgrade.h"

enum { PATH_BYTES_MAX = 4096, STATE_PATH_MAX = PATH_BYTES_MAX - 32 };
_Static_assert((int)STATE_PATH_MAX < (int)EDGE_STATE_PATH_MAX, "the edge keeps it");

/* Its name must outlive a power cut as what is in it does: else a start after one finds nothing. */
static int make_dir(const char *path)
{
    if (mkdir(path, S_IRWXU) < 0) {
        return errno == EEXIST ? 0 : -errno;
    }
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = fd >= 0 ? openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int r = parent >= 0 && fsync(parent) == 0 ? 0 : -errno;
    if (parent >= 0) {
        (void)close(parent);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

static int status_of(int r)
{
    return r == -EWOULDBLOCK ? EX_UNAVAILABLE
           : r == -EPROTO    ? EX_CONFIG
           : r == -EBADMSG   ? EX_DATAERR
           : r == -ENOMEM    ? EX_OSERR
                             : EX_IOERR;
}

/* As a shell reads one word. */
static const char *quote(const char *text, char room[static PATH_BYTES_MAX])
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_./:=@%+,-";
    size_t at = 0;
    if (text[0] != '\0' && text[strspn(text, plain)] == '\0') {
        return text;
    }
    room[at++] = '\'';
    for (; *text != '\0' && at + 6 < PATH_BYTES_MAX; text++) {
        if (*text == '\'') {
            memcpy(room + at, "'\\'", 3); /* ends the quotes, and a quote by itself */
            at += 3;
        }
        room[at++] = *text;
    }
    room[at++] = '\'';
    room[at] = '\0';
    return room;
}

/* The store was opened: it is whole. What it has is a state, without the journal. */
static void tell_way_out(const struct edge *edge, const char *state)
{
    char room[PATH_BYTES_MAX];
    log_err("journal",
            "the store is whole and has the state of this record: the commands here make a state "
            "of it without the journal, to start on",
            "record=%" PRIu64
            " command=\"redressctl backup --state %s FILE; redressctl restore FILE DIR\"",
            engine_position(edge->engine), quote(state, room));
}

static int open_journal(struct edge *edge, const char *state)
{
    char path[PATH_BYTES_MAX];
    int64_t since_us = 0;
    int r;
    (void)snprintf(path, sizeof path, "%s/journal", state);
    struct journal_damage damage = {.text = ""};
    struct journal_options options = {.dir = path, .at_least = engine_position(edge->engine)};
    do {
        r = journal_open(&options, &edge->journal, &damage);
    } while (r == -EWOULDBLOCK && lock_waits(edge, &since_us));
    if (r < 0) {
        log_err("journal", "the journal cannot be opened", "dir=\"%s\" error=\"%s\" what=\"%s\"",
                path, r == -EWOULDBLOCK ? "another process has it" : strerror(-r), damage.text);
        if (r == -EBADMSG && engine_position(edge->engine) > 0) {
            tell_way_out(edge, state);
        }
        return status_of(r);
    }
    return 0;
}

static int open_deadbox(struct edge *edge, const char *state)
{
    char path[PATH_BYTES_MAX];
    int64_t since_us = 0;
    int r;
    (void)snprintf(path, sizeof path, "%s/dead", state);
    struct journal_damage damage = {.text = ""};
    struct deadbox_options options = {
            .dir = path,
            .view = store_live(edge->store),
            .kept_max = edge->config->dead_letters,
            .map_bytes = edge->config->map_size_bytes,
    };
    do {
        deadbox_close(&edge->dead); /* of the try before */
        r = deadbox_open(&edge->dead, &options, &damage);
    } while (r == -EWOULDBLOCK && lock_waits(edge, &since_us));
    if (r < 0) {
        log_err("dead",
                "the dead letters since the last checkpoint cannot be read: restore them, or move "
                "the folder away and lose those alone",
                "dir=\"%s\" error=\"%s\" what=\"%s\"", path, strerror(-r), damage.text);
        return status_of(r);
    }
    return 0;
}

/* A state of other numbers is not damaged: which way it differs decides what helps. 0: it was
 * brought forward, and can be opened. */
static int meet_numbers(
        struct edge *edge, const char *state, const struct store_numbers *numbers, const char *what)
{
    char path[PATH_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/store", state);
    static const char fields[] = "dir=\"%s\" engine=%u schema=%u this_engine=%d this_schema=%d";
    if (numbers->schema == 0) {
        log_err("store", "the store's numbers cannot be read", "dir=\"%s\" what=\"%s\"", path,
                what);
    } else if (numbers->schema > STORE_SCHEMA || numbers->engine > ENGINE_NUMBER) {
        log_err("store",
                "the state was written by a newer redress: install that version again (redressd "
                "--version tells its engine). Nothing is damaged, and nothing was changed",
                fields, path, numbers->engine, numbers->schema, ENGINE_NUMBER, STORE_SCHEMA);
    } else {
        return upgrade_state(edge, state, numbers);
    }
    return EX_CONFIG;
}

/* As this process was started; under a service manager the one who reads it is root, and the state
 * is another user's. */
static void tell_recovery(const struct edge *edge)
{
    char config[PATH_BYTES_MAX], state[PATH_BYTES_MAX];
    const struct options *options = edge->options;
    const struct passwd *user = getenv("INVOCATION_ID") != NULL ? getpwuid(geteuid()) : NULL;
    log_err("store",
            "the store is made anew of snapshot and journal by the command here, the daemon "
            "stopped",
            "command=\"%s%s%sredressd --config %s%s%s --recover\"",
            user != NULL ? "runuser -u " : "", user != NULL ? user->pw_name : "",
            user != NULL ? " -- " : "", quote(options->config_path, config),
            options->state_dir != NULL ? " --state " : "",
            options->state_dir != NULL ? quote(options->state_dir, state) : "");
}

static int open_store(struct edge *edge, const char *state)
{
    char path[PATH_BYTES_MAX];
    char what[256] = "";
    int64_t since_us = 0;
    int r;
    (void)snprintf(path, sizeof path, "%s/store", state);
    struct store_numbers numbers = {.schema = 0};
    struct store_options options = {.dir = path,
            .map_bytes_max = edge->config->map_size_bytes,
            .engine = ENGINE_NUMBER,
            .numbers = &numbers};
    do {
        r = store_open(&options, &edge->store, what);
    } while (r == -EWOULDBLOCK && lock_waits(edge, &since_us));
    if (r == -EPROTO) {
        int status = meet_numbers(edge, state, &numbers, what);
        if (status != 0) {
            return status;
        }
        r = store_open(&options, &edge->store, what);
    }
    if (r == 0) {
        upgrade_clear(state);
        rebuild_clear(state);
    }
    if (r == -ENOMEM) {
        (void)snprintf(what, sizeof what,
                "limits.map_size, %" PRIu64
                " MiB, finds no room in the address space: lower it, or "
                "raise ulimit -v",
                edge->config->map_size_bytes >> 20);
    }
    if (r < 0) {
        log_err("store", "the store cannot be opened", "dir=\"%s\" error=\"%s\" what=\"%s\"", path,
                r == -EWOULDBLOCK ? "another process has it" : strerror(-r), what);
        if (r == -EBADMSG) {
            tell_recovery(edge);
        }
        return status_of(r);
    }
    return 0;
}

static const char *const at_work_names[] = {[GUARD_NOTHING] = "nothing",
        [GUARD_FRAME] = "an event",
        [GUARD_QUESTION] = "a question",
        [GUARD_CASE] = "a timer of a case",
        [GUARD_METHOD] = "a method"};

const char *state_entry(const struct guard_entry *entry, char ret_name[static STATE_ENTRY_MAX])
{
    if (entry->kind == GUARD_CASE) {
        uint64_t number;
        memcpy(&number, entry->digest, sizeof number);
        (void)snprintf(ret_name, STATE_ENTRY_MAX, "%" PRIu64, number);
    } else if (entry->kind == GUARD_METHOD) {
        (void)snprintf(
                ret_name, STATE_ENTRY_MAX, "%.*s", GUARD_DIGEST_BYTES, (const char *)entry->digest);
    } else {
        for (size_t i = 0; i < GUARD_DIGEST_BYTES; i++) {
            (void)snprintf(ret_name + 2 * i, STATE_ENTRY_MAX - 2 * i, "%02x", entry->digest[i]);
        }
    }
    return at_work_names[entry->kind];
}

bool state_release(struct edge *edge, struct rd_str name, bool is_look)
{
    struct guard_entry entry;
    for (size_t i = 0; guard_listed(edge->guard, i, &entry); i++) {
        char own[STATE_ENTRY_MAX];
        (void)state_entry(&entry, own);
        if (rd_str_eq(rd_str_of(own), name)) {
            if (!is_look) {
                guard_release(edge->guard, &entry);
            }
            return true;
        }
    }
    return false;
}

static int open_guard(struct edge *edge, const char *state)
{
    char path[PATH_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/guard", state);
    int r = guard_open(path, &edge->guard, edge->found);
    if (r < 0) {
        log_err("guard", "the file of the crash guard cannot be used", "file=\"%s\" error=\"%s\"",
                path, strerror(-r));
        return EX_IOERR;
    }
    for (size_t i = 0; i < GUARD_PLACES; i++) {
        const struct guard_found *found = &edge->found[i];
        if (!found->is_found) {
            continue;
        }
        char name[STATE_ENTRY_MAX];
        const char *kind = state_entry(&found->entry, name);
        log_err("guard",
                found->is_listed ? "the previous process crashed on this, which is refused from "
                                   "now on: please report it"
                                 : "the previous process ended while it worked on this; it may not "
                                   "be the cause, and is tried once more",
                "kind=\"%s\" which=%s", kind, name);
    }
    engine_watch(edge->engine, guard_timer(edge->guard));
    return 0;
}

static void tell_poison(struct edge *edge, const struct guard_found *found)
{
    char name[STATE_ENTRY_MAX], detail[128];
    const char *kind = state_entry(&found->entry, name);
    (void)snprintf(detail, sizeof detail, "%s, %s", kind, name);
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_EVENT_POISONED,
                            .severity = RD_CRITICAL,
                            .code = RD_STR("poison"),
                            .detail = rd_str_of(detail)});
}

int state_tell_found(struct edge *edge)
{
    if (edge_time(edge).wall == RD_TIME_NONE) {
        return 0; /* no record has a time yet, so no timer is armed */
    }
    for (size_t i = 0; i < GUARD_PLACES; i++) {
        if (edge->found[i].is_listed && edge->found[i].entry.kind != GUARD_CASE) {
            tell_poison(edge, &edge->found[i]);
        }
    }
    int r = 0;
    uint64_t number;
    while (r == 0 && (number = guard_case_waiting(edge->guard)) != 0) {
        char detail[32];
        (void)snprintf(detail, sizeof detail, "%" PRIu64, number);
        edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_CASE_QUARANTINED,
                                .severity = RD_CRITICAL,
                                .code = RD_STR("timer"),
                                .detail = rd_str_of(detail)});
        r = journal_flush(edge->journal); /* else a second crash would leave no trace of it */
        if (r == 0) {
            guard_case_done(edge->guard, number);
        }
    }
    return r;
}

/* Who could write into the folder could put another store into the place of this one. */
static int check_folder(const char *state)
{
    struct stat about;
    int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && fstat(fd, &about) == 0 ? 0 : -errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (r < 0) {
        log_err("main", "the state folder cannot be opened", "dir=\"%s\" error=\"%s\"", state,
                strerror(-r));
        return EX_CANTCREAT;
    }
    if (about.st_uid != geteuid()) {
        log_err("main",
                "the state folder belongs to another user: start redressd as that user, or chown "
                "the folder and all in it",
                "dir=\"%s\" owner=%u user=%u", state, about.st_uid, geteuid());
        return EX_CONFIG;
    }
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        log_err("main", "others than its owner may write into the state folder: chmod go-w it",
                "dir=\"%s\"", state);
        return EX_CONFIG;
    }
    return 0;
}

/* What must stay where it is while the daemon runs, below the state folder. */
static const char *const watched_names[EDGE_WATCHED] = {
        "", "/store", "/store/data.mdb", "/journal", "/journal/lock", "/dead", "/dead/lock"};

static int note_identity(struct edge *edge, const char *state)
{
    for (size_t i = 0; i < EDGE_WATCHED; i++) {
        char path[PATH_BYTES_MAX];
        struct stat about;
        (void)snprintf(path, sizeof path, "%s%s", state, watched_names[i]);
        if (stat(path, &about) < 0) {
            log_err("main", "a part of the state is gone", "path=\"%s\" error=\"%s\"", path,
                    strerror(errno));
            return EX_IOERR;
        }
        edge->watched[i] = (struct edge_watched){about.st_dev, about.st_ino};
    }
    return 0;
}

/* The path of the first part that is not what it was, or false. */
static bool find_lost(const struct edge *edge, char ret_path[static PATH_BYTES_MAX])
{
    for (size_t i = 0; i < EDGE_WATCHED; i++) {
        struct stat about;
        (void)snprintf(ret_path, PATH_BYTES_MAX, "%s%s", edge->state, watched_names[i]);
        if (stat(ret_path, &about) < 0 || about.st_dev != edge->watched[i].device ||
                about.st_ino != edge->watched[i].inode) {
            return true;
        }
    }
    _Static_assert((int)ADDRESS_LOCK_MAX <= (int)PATH_BYTES_MAX, "a lock's path fits");
    return addresses_has_lost(edge->addresses, ret_path);
}

bool state_is_lost(const struct edge *edge)
{
    char path[PATH_BYTES_MAX];
    return find_lost(edge, path);
}

void state_tell_lost(struct edge *edge)
{
    char path[PATH_BYTES_MAX];
    if (!find_lost(edge, path)) {
        (void)snprintf(path, sizeof path, "%s", edge->state); /* and was put back meanwhile */
    }
    log_err("main",
            "a part of the state or a lock was removed or replaced under the daemon: it ends, and "
            "acknowledges nothing more",
            "path=\"%s\"", path);
    char detail[256];
    (void)snprintf(detail, sizeof detail, "removed or replaced: %.200s", path);
    edge_tell(edge, &(struct engine_tell){.type = RD_ALERT_STATE_CHECK_FAILED,
                            .severity = RD_CRITICAL,
                            .code = RD_STR("state_lost"),
                            .detail = rd_str_of(detail)});
    /* The alert stands in what was the journal; who gets a receipt would take that for the state.
     */
    if (journal_flush(edge->journal) == 0) {
        leave_alerts(edge);
    }
}

int state_open(struct edge *edge)
{
    const char *state =
            edge->options->state_dir != NULL ? edge->options->state_dir : edge->config->state;
    if (strlen(state) > STATE_PATH_MAX) {
        log_err("main", "the path of the state folder is too long", "%s", "");
        return EX_CONFIG;
    }
    (void)snprintf(edge->state, sizeof edge->state, "%s", state);
    state = edge->state; /* the configuration may be replaced */
    int r = make_dir(state);
    if (r < 0) {
        log_err("main", "the state folder cannot be made", "dir=\"%s\" error=\"%s\"", state,
                strerror(-r));
        return EX_CANTCREAT;
    }
    int status = check_folder(state);
    if (status == 0) {
        status = folders_check(edge);
    }
    if (status == 0) {
        status = served_check(edge);
    }
    if (status == 0 && edge->options->is_recovery) {
        status = rebuild_store(edge, state);
    }
    if (status == 0) {
        erase_disks(edge, state);
        status = open_store(edge, state);
    }
    if (status == 0) { /* before the journal: the store knows up to where that must go */
        status = recover_engine(edge);
    }
    if (status == 0) {
        status = open_journal(edge, state);
    }
    if (status == 0) {
        status = open_deadbox(edge, state);
    }
    if (status == 0) {
        status = open_guard(edge, state);
    }
    return status == 0 ? note_identity(edge, state) : status;
}

void state_tell_damage(const struct edge *edge, bool wants_place)
{
    char path[PATH_BYTES_MAX], what[256] = "";
    tell_recovery(edge);
    (void)snprintf(path, sizeof path, "%.4000s/store", edge->state);
    if (wants_place && store_audit(path, true, what) < 0) {
        log_err("store", "the damage of the store lies here", "dir=\"%s\" what=\"%s\"", path, what);
    }
}
