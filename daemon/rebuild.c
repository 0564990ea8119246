#include "daemon/rebuild.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/keeper.h"
#include "daemon/lock_wait.h"
#include "daemon/rebuild_look.h"
#include "daemon/replay_from.h"
#include "daemon/store/shelf.h"

static const char data_name[] = "data.mdb", kept_name[] = "damaged.mdb",
                  made_name[] = "restored.mdb";

struct rebuild {
    char store[KEEPER_PATH_MAX], snapshots[KEEPER_PATH_MAX];
    int lock_fd;
    struct journal *journal; /* NULL: there is none that can be read */
    bool is_blocked;         /* from the newest snapshot of this journal nothing leads on */
    char why[REBUILD_WHY];   /* why the last way that was tried does not lead anywhere */
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

/* ---- of a snapshot ---- */

/* Is it of any use? Else rebuild->why. */
static bool judge(struct rebuild *rebuild, const struct snapshot_head *head)
{
    static const char *const kins[] = {
            [REPLAY_KIN_OTHER] = "it is of another journal, or later than this one",
            [REPLAY_KIN_UNKNOWN] = "the journal has not the records after it"};
    enum replay_kin kin = replay_from_kin(rebuild->journal, head);
    if (head->numbers.engine != ENGINE_NUMBER || head->numbers.schema != STORE_SCHEMA) {
        (void)snprintf(rebuild->why, sizeof rebuild->why,
                "it is of engine %" PRIu32 ", and the journal goes on with engine %d",
                head->numbers.engine, ENGINE_NUMBER);
        return false;
    }
    if (kin != REPLAY_KIN_OURS) {
        (void)snprintf(rebuild->why, sizeof rebuild->why, "%s", kins[kin]);
        return false;
    }
    /* What stops a newer one stops the older ones, too. */
    rebuild->is_blocked = rebuild->is_blocked || !rebuild_can_follow(rebuild->journal,
                                                         head->numbers.position, rebuild->why);
    return !rebuild->is_blocked;
}

/* 1: the store is made of this one; 0: it is of no use; -errno: nothing can be made now. */
static int take_snapshot(struct rebuild *rebuild, const struct shelf_item *item)
{
    char what[256] = "";
    struct snapshot_sum sum;
    if (judge(rebuild, &item->head)) {
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
            return 1;
        }
        if (r == -ENOSPC || r == -EDQUOT || r == -EROFS || r == -EACCES) {
            return r;
        }
        (void)snprintf(rebuild->why, sizeof rebuild->why, "%s",
                what[0] != '\0' ? what : strerrordesc_np(-r));
    }
    log_warning("rebuild", "a snapshot is of no use: an older one is looked at",
            "snapshot=\"%s/%s\" why=\"%s\"", rebuild->snapshots, item->name, rebuild->why);
    return 0;
}

/* ---- of the journal alone ---- */

/* A second store beside what is there. */
static bool has_room(const struct rebuild *rebuild)
{
    struct statvfs disk;
    struct stat about;
    return fstatat(rebuild->lock_fd, data_name, &about, AT_SYMLINK_NOFOLLOW) != 0 ||
           fstatvfs(rebuild->lock_fd, &disk) != 0 ||
           (uint64_t)about.st_size <= (uint64_t)disk.f_bavail * disk.f_frsize;
}

/* An empty store, and a start applies every record. 1, 0, -errno as take_snapshot(). */
static int take_journal(struct rebuild *rebuild)
{
    if (!rebuild_can_follow(rebuild->journal, 0, rebuild->why)) {
        return 0;
    }
    if (!has_room(rebuild)) {
        return -ENOSPC;
    }
    if (renameat(rebuild->lock_fd, data_name, rebuild->lock_fd, kept_name) < 0 && errno != ENOENT) {
        return -errno;
    }
    if (fsync(rebuild->lock_fd) < 0) {
        return -errno;
    }
    log_notice("rebuild",
            "there is no snapshot: the store is made anew of the whole journal, which takes a "
            "while; what was there is damaged.mdb beside it, and may be removed",
            "records=%" PRIu64, journal_last(rebuild->journal));
    return 1;
}

/* ---- all of it ---- */

/* What an earlier run put aside is somebody's only copy. A crash may have left two names of one. */
static bool is_kept_in_the_way(const struct rebuild *rebuild)
{
    struct stat data, kept;
    return fstatat(rebuild->lock_fd, data_name, &data, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(rebuild->lock_fd, kept_name, &kept, AT_SYMLINK_NOFOLLOW) == 0 &&
           (data.st_dev != kept.st_dev || data.st_ino != kept.st_ino);
}

static int refuse_failing(const struct rebuild *rebuild, int r)
{
    log_err("rebuild",
            "the store cannot be made anew: mend the disk or make room, then do the same again. "
            "What was there is still there",
            "dir=\"%s\" error=\"%s\"", rebuild->store, strerrordesc_np(-r));
    return EX_IOERR;
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
    for (size_t i = shelf.count; i > 0 && r == 0; i--) {
        r = take_snapshot(rebuild, &shelf.items[i - 1]);
    }
    shelf_done(&shelf);
    r = r == 0 ? take_journal(rebuild) : r;
    if (r < 0) {
        return refuse_failing(rebuild, r);
    }
    if (r == 0) {
        log_err("rebuild",
                "the store cannot be made anew: no snapshot here goes with the journal, and that "
                "alone does not make it. Nothing was changed; restore the last backup to another "
                "folder: redressctl restore --journal",
                "snapshots=\"%s\" journal_first=%" PRIu64 " why=\"%s\"", rebuild->snapshots,
                journal_first(rebuild->journal), rebuild->why);
        return EX_DATAERR;
    }
    return 0;
}

static int rebuild_if(struct rebuild *rebuild)
{
    if (rebuild_is_whole(rebuild->store, rebuild->journal, rebuild->why)) {
        log_notice("rebuild",
                "nothing is damaged: the store is whole and goes with the journal, and is left as "
                "it is. To have it made anew all the same move data.mdb out of its folder first",
                "dir=\"%s\"", rebuild->store);
        return 0;
    }
    log_warning("rebuild", "the store is to be made anew", "dir=\"%s\" why=\"%s\"", rebuild->store,
            rebuild->why);
    if (is_kept_in_the_way(rebuild)) {
        log_err("rebuild",
                "damaged.mdb of an earlier --recover is still there: move it away or remove it, "
                "then do the same again. Nothing was changed",
                "dir=\"%s\"", rebuild->store);
        return EX_DATAERR;
    }
    return rebuild_with(rebuild);
}

void rebuild_clear(const char *state)
{
    char path[KEEPER_PATH_MAX];
    (void)snprintf(path, sizeof path, "%.4000s/store/%s", state, made_name);
    if (unlink(path) == 0) {
        log_notice("rebuild", "what a --recover that was killed had begun was removed",
                "file=\"%s\"", path);
    }
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
        status = rebuild_if(&rebuild);
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
