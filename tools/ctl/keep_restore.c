#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/journal/archive.h"
#include "daemon/store/snapshot.h"
#include "tools/ctl/keep.h"
#include "tools/shared/json.h"

struct restoring {
    const struct ctl *ctl;
    const char *file, *dir;
    char store[PATH_MAX], journal[PATH_MAX];
    struct archive_sources from;
    struct snapshot_head head;
    struct snapshot_sum sum;
    uint64_t last; /* the record up to which the journal goes */
    bool is_cut;   /* what came after that is not known */
};

/* 0, -ENOTEMPTY, -errno. */
static int folder_make(const char *path)
{
    if (mkdir(path, S_IRWXU) == 0) {
        return 0;
    }
    DIR *dir = errno == EEXIST ? opendir(path) : NULL;
    if (dir == NULL) {
        return -errno;
    }
    int r = 0;
    const struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        bool is_dots = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        r = is_dots ? r : -ENOTEMPTY;
    }
    (void)closedir(dir);
    return r;
}

/* One that is not mounted looks like one that has nothing: the end of the journal would be lost
 * without a word. */
static enum exit_status check_archive(const char *dir)
{
    struct archive_list list = {.items = NULL};
    struct stat about;
    int r = stat(dir, &about) != 0 ? -errno : S_ISDIR(about.st_mode) ? 0 : -ENOTDIR;
    r = r == 0 ? archive_read(dir, &list) : r;
    bool is_empty = list.count == 0;
    archive_list_done(&list);
    if (r < 0) {
        return keep_fail(dir, r, "");
    }
    if (is_empty) {
        say_error("%s: no file of an archive lies there: is it the right folder, and mounted? "
                  "Without --archive the state is restored as the backup has it",
                dir);
        return STATUS_USAGE;
    }
    return STATUS_OK;
}

static enum exit_status prepare(struct restoring *restoring)
{
    static const uint8_t unknown[SNAPSHOT_HASH];
    char what[256] = "";
    int fd = keep_open_file(restoring->file, what);
    if (fd < 0) {
        return keep_fail(restoring->file, fd, what);
    }
    int r = snapshot_head_read(fd, &restoring->head);
    if (r == 0 && lseek(fd, 0, SEEK_SET) < 0) {
        r = -errno;
    }
    /* Before anything is made of it. */
    r = r == 0 ? snapshot_read(fd, NULL, NULL, &restoring->sum, what) : r;
    (void)close(fd);
    if (r < 0) {
        return keep_fail(restoring->file, r,
                what[0] != '\0' ? what
                : r == -EPROTO  ? "a later version wrote it"
                                : "it is no snapshot, or its head is damaged");
    }
    if (memcmp(restoring->head.chain, unknown, sizeof unknown) == 0 &&
            restoring->head.numbers.position > 0) {
        say_error("%s: it does not know its journal's chain: no journal can go on from it",
                restoring->file);
        return STATUS_FINDING;
    }
    r = folder_make(restoring->dir);
    if (r == -ENOTEMPTY) {
        say_error("%s: it is not empty; name a folder that is, or none that is there",
                restoring->dir);
        return STATUS_USAGE;
    }
    r = r == 0 ? keep_begin(restoring->dir) : r;
    return r < 0 ? keep_fail(restoring->dir, r, "") : STATUS_OK;
}

static enum exit_status make_journal(struct restoring *restoring)
{
    struct journal_damage damage = {.text = ""};
    uint64_t number = restoring->head.numbers.position;
    bool has_source = restoring->from.archive != NULL || restoring->from.journal != NULL;
    restoring->last = number;
    restoring->from.ends_at_erasure = ctl_given(restoring->ctl, "until-erasure") != NULL;
    int r = has_source ? archive_restore(&restoring->from, restoring->journal, number,
                                 restoring->head.chain, &restoring->last, &damage)
                       : -ERANGE;
    /* An archive that ends before the backup has nothing to go on with. */
    if (r == -ERANGE && restoring->from.journal == NULL) {
        r = journal_found(&(struct journal_options){.dir = restoring->journal}, number,
                restoring->head.chain, &damage);
    }
    if (r < 0) {
        say_error("%s. Nothing that was there is changed; remove %s before the next try",
                damage.text, restoring->dir);
        return r == -EBADMSG || r == -EILSEQ || r == -ERANGE ? STATUS_FINDING : STATUS_USAGE;
    }
    restoring->is_cut = restoring->from.journal == NULL || restoring->from.has_ended;
    return keep_follow(restoring->journal, &restoring->head.numbers);
}

/* The first start tells it: numbers are given again. */
static enum exit_status make_mark(const struct restoring *restoring)
{
    char path[PATH_MAX];
    if (!restoring->is_cut) {
        return STATUS_OK;
    }
    if (!keep_path(path, sizeof path, restoring->dir, ARCHIVE_CUT_MARK)) {
        return STATUS_USAGE;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return r < 0 ? keep_fail(path, r, "") : STATUS_OK;
}

static enum exit_status make_store(struct restoring *restoring)
{
    char what[256] = "";
    struct snapshot_sum sum;
    if (mkdir(restoring->store, S_IRWXU) != 0) {
        return keep_fail(restoring->store, -errno, "");
    }
    int fd = keep_open_file(restoring->file, what);
    int r = fd < 0 ? fd : snapshot_restore(fd, restoring->store, NULL, &sum, what);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (r == 0 && memcmp(sum.digest, restoring->sum.digest, sizeof sum.digest) != 0) {
        say_error("%s: the file changed while it was read", restoring->file);
        return STATUS_FINDING;
    }
    return r < 0 ? keep_fail(restoring->store, r, what) : STATUS_OK;
}

static void tell(const struct ctl *ctl, const struct restoring *restoring)
{
    uint64_t position = restoring->head.numbers.position;
    if (ctl->is_json) {
        json_print(stdout,
                json_pack("{s:I, s:I, s:I, s:i, s:i, s:b}", "record", (json_int_t)position, "last",
                        (json_int_t)restoring->last, "rows", (json_int_t)restoring->sum.rows,
                        "engine", (int)restoring->head.numbers.engine, "schema",
                        (int)restoring->head.numbers.schema, "cut", restoring->is_cut),
                false);
        return;
    }
    (void)printf(
            "OK the state of record %" PRIu64 ", %" PRIu64 " rows", position, restoring->sum.rows);
    if (restoring->last > position) {
        (void)printf("; a start applies the records up to %" PRIu64, restoring->last);
    }
    (void)printf("\n");
    if (restoring->from.has_ended) {
        say_error("record %" PRIu64 " was erased: what came from it on is left out, and who was "
                  "forgotten since is to be forgotten again (customer.forgotten)",
                restoring->last + 1);
    }
    if (restoring->is_cut) {
        say_error("what came after record %" PRIu64 " is not known here: its numbers are given "
                  "again, and the first start raises the term and tells it%s",
                restoring->last,
                restoring->from.archive == NULL ? "; --journal or --archive go on from the backup"
                                                : "");
    }
}

enum exit_status keep_restore(struct ctl *ctl)
{
    struct restoring restoring = {.ctl = ctl,
            .file = ctl->words[0],
            .dir = ctl->words[1],
            .from = {.archive = ctl_option(ctl, "archive"), .journal = ctl_option(ctl, "journal")}};
    if (!keep_path(restoring.store, sizeof restoring.store, restoring.dir, "store") ||
            !keep_path(restoring.journal, sizeof restoring.journal, restoring.dir, "journal")) {
        return STATUS_USAGE;
    }
    const char *archive = restoring.from.archive;
    enum exit_status status = archive != NULL ? check_archive(archive) : STATUS_OK;
    if (status == STATUS_OK) {
        status = prepare(&restoring);
    }
    if (status == STATUS_OK) {
        status = make_journal(&restoring);
    }
    if (status == STATUS_OK) {
        status = make_mark(&restoring);
    }
    if (status == STATUS_OK) {
        status = make_store(&restoring);
    }
    int r = status == STATUS_OK ? keep_end(restoring.dir) : 0;
    if (r < 0) {
        status = keep_fail(restoring.dir, r, "");
    }
    if (status == STATUS_OK) {
        tell(ctl, &restoring);
    }
    return status;
}
