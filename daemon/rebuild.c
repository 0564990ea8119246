#include "daemon/rebuild.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/keeper.h"
#include "daemon/lock_wait.h"
#include "daemon/store/shelf.h"

struct rebuild {
    char store[KEEPER_PATH_MAX], snapshots[KEEPER_PATH_MAX];
    int lock_fd;
    struct journal *journal; /* NULL: there is none that can be read */
};

static int lock_store(struct edge *edge, struct rebuild *rebuild)
{
    int64_t since_us = 0;
    if (mkdir(rebuild->store, S_IRWXU) < 0 && errno != EEXIST) {
        return -errno;
    }
    rebuild->lock_fd = open(rebuild->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (rebuild->lock_fd < 0) {
        return -errno;
    }
    int r;
    do {
        r = flock(rebuild->lock_fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
    } while (r == -EWOULDBLOCK && lock_waits(edge, &since_us));
    return r;
}

/* Why this one is of no use; NULL: it may be. */
static const char *judge(struct rebuild *rebuild, const struct snapshot_head *head)
{
    uint8_t chain[SNAPSHOT_HASH];
    struct journal_damage damage;
    if (head->numbers.engine != ENGINE_NUMBER || head->numbers.schema != STORE_SCHEMA) {
        return "it is of another version, and the journal goes on with this one";
    }
    int r = journal_chain(rebuild->journal, head->numbers.position, chain, &damage);
    if (r < 0) {
        return "the journal has not the records after it";
    }
    return memcmp(chain, head->chain, sizeof chain) == 0 ? NULL : "it is of another journal";
}

/* True: the store is made of this one. */
static bool take_snapshot(struct rebuild *rebuild, const struct shelf_item *item)
{
    char what[256] = "";
    struct snapshot_sum sum;
    const char *why = judge(rebuild, &item->head);
    if (why == NULL) {
        int fd = shelf_open(rebuild->snapshots, item);
        int r = fd < 0 ? fd : snapshot_restore(fd, rebuild->store, "damaged", &sum, what);
        if (fd >= 0) {
            (void)close(fd);
        }
        if (r == 0) {
            log_notice("rebuild",
                    "the store was made anew of a snapshot: what was there is damaged.mdb beside "
                    "it, and may be removed",
                    "snapshot=\"%s/%s\" record=%" PRIu64 " rows=%" PRIu64, rebuild->snapshots,
                    item->name, item->head.numbers.position, sum.rows);
            return true;
        }
        why = what[0] != '\0' ? what : strerrordesc_np(-r);
    }
    log_warning("rebuild", "a snapshot is of no use: an older one is looked at",
            "snapshot=\"%s/%s\" why=\"%s\"", rebuild->snapshots, item->name, why);
    return false;
}

/* The journal alone makes it: an empty store, and a start applies every record. */
static int take_journal(struct rebuild *rebuild)
{
    if (unlinkat(rebuild->lock_fd, "damaged.mdb", 0) < 0 && errno != ENOENT) {
        return -errno;
    }
    if (renameat(rebuild->lock_fd, "data.mdb", rebuild->lock_fd, "damaged.mdb") < 0 &&
            errno != ENOENT) {
        return -errno;
    }
    if (fsync(rebuild->lock_fd) < 0) {
        return -errno;
    }
    log_notice("rebuild",
            "there is no snapshot: the store is made anew of the whole journal, which takes a "
            "while; what was there is damaged.mdb beside it, and may be removed",
            "records=%" PRIu64, journal_last(rebuild->journal));
    return 0;
}

static int rebuild_with(struct rebuild *rebuild)
{
    struct shelf shelf;
    int r = shelf_read(rebuild->snapshots, &shelf);
    if (r < 0) {
        log_err("rebuild", "the folder of snapshots cannot be read", "dir=\"%s\" error=\"%s\"",
                rebuild->snapshots, strerrordesc_np(-r));
        return EX_IOERR;
    }
    bool is_made = false;
    for (size_t i = shelf.count; i > 0 && !is_made; i--) {
        is_made = take_snapshot(rebuild, &shelf.items[i - 1]);
    }
    shelf_done(&shelf);
    uint64_t first = journal_first(rebuild->journal);
    if (!is_made && first == 1) {
        r = take_journal(rebuild);
        is_made = r == 0;
    }
    if (!is_made) {
        log_err("rebuild",
                "the store cannot be made anew: no snapshot here goes with the journal, and that "
                "does not begin with record 1. Restore the last backup to another folder: "
                "redressctl restore --journal",
                "snapshots=\"%s\" journal_first=%" PRIu64 " error=\"%s\"", rebuild->snapshots,
                first, r < 0 ? strerrordesc_np(-r) : "");
        return r < 0 ? EX_IOERR : EX_DATAERR;
    }
    return 0;
}

int rebuild_store(struct edge *edge, const char *state)
{
    struct rebuild rebuild = {.lock_fd = -1};
    char path[KEEPER_PATH_MAX];
    struct journal_damage damage = {.text = ""};
    (void)snprintf(rebuild.store, sizeof rebuild.store, "%.4000s/store", state);
    (void)snprintf(path, sizeof path, "%.4000s/journal", state);
    keeper_folder(edge, rebuild.snapshots);
    int r = lock_store(edge, &rebuild);
    if (r == 0) {
        r = journal_open(&(struct journal_options){.dir = path, .read_only = true},
                &rebuild.journal, &damage);
    }
    int status = r == -EWOULDBLOCK ? EX_UNAVAILABLE : r == -EBADMSG ? EX_DATAERR : EX_IOERR;
    if (r == 0) {
        status = rebuild_with(&rebuild);
    } else {
        log_err("rebuild", "the store cannot be made anew: store or journal cannot be used",
                "dir=\"%s\" error=\"%s\" what=\"%s\"", state,
                r == -EWOULDBLOCK ? "another process has it" : strerrordesc_np(-r), damage.text);
    }
    journal_close(rebuild.journal);
    if (rebuild.lock_fd >= 0) {
        (void)close(rebuild.lock_fd);
    }
    return status;
}
