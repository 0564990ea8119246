#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/replay_from.h"
#include "daemon/store/shelf.h"
#include "tools/ctl/keep.h"
#include "tools/shared/json.h"

enum { HASH_TEXT = 2 * SNAPSHOT_HASH + 1 };

static const char *hash_text(const uint8_t hash[static SNAPSHOT_HASH], char room[static HASH_TEXT])
{
    for (size_t i = 0; i < SNAPSHOT_HASH; i++) {
        (void)snprintf(room + 2 * i, 3, "%02x", hash[i]);
    }
    return room;
}

static void tell(const struct ctl *ctl, const struct snapshot_sum *sum)
{
    const struct snapshot_head *head = &sum->head;
    char chain[HASH_TEXT], digest[HASH_TEXT];
    (void)hash_text(head->chain, chain);
    (void)hash_text(sum->digest, digest);
    if (ctl->is_json) {
        json_print(stdout,
                json_pack("{s:I, s:s, s:s, s:i, s:i, s:I, s:I}", "record",
                        (json_int_t)head->numbers.position, "chain", chain, "digest", digest,
                        "engine", (int)head->numbers.engine, "schema", (int)head->numbers.schema,
                        "rows", (json_int_t)sum->rows, "bytes", (json_int_t)sum->bytes),
                false);
        return;
    }
    if (head->numbers.position == 0) {
        (void)fprintf(stderr,
                "nothing is in it yet: the daemon writes into the store a second or two after the "
                "first event; then back up again\n");
    }
    (void)printf("OK record %" PRIu64 " engine %" PRIu32 " schema %" PRIu32 " rows %" PRIu64
                 " bytes %" PRIu64 "\nchain  %s\ndigest %s\n",
            head->numbers.position, head->numbers.engine, head->numbers.schema, sum->rows,
            sum->bytes, chain, digest);
}

static void folder_of(const char *path, char ret_dir[static PATH_MAX])
{
    (void)snprintf(ret_dir, PATH_MAX, "%s", path);
    char *slash = strrchr(ret_dir, '/');
    if (slash == NULL) {
        (void)snprintf(ret_dir, PATH_MAX, ".");
    } else {
        slash[slash == ret_dir] = '\0';
    }
}

/* The name of a file must outlive a power cut as what is in it does. */
static int folder_sync(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd >= 0 && fsync(fd) == 0 ? 0 : -errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

/* A name for what was written without one. */
static int name_file(int fd, const char *path)
{
    char from[64];
    (void)snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : -errno;
}

/* Without a name until it is whole: of one that is killed nothing is left. Where a file system has
 * no such files it is FILE.part meanwhile. A file that came meanwhile is not written over. */
static int write_file(struct store *store, const char *path, const char *part,
        struct snapshot_sum *ret_sum, char ret_what[static 256])
{
    char dir[PATH_MAX];
    struct snapshot_way way = {.goes_on = NULL};
    folder_of(path, dir);
    int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    bool is_named = fd < 0;
    if (is_named) {
        fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (fd < 0) {
        return -errno;
    }
    int r = store_snapshot(store, fd, &way, ret_sum, ret_what);
    if (r == 0) {
        r = !is_named ? name_file(fd, path) : link(part, path) == 0 ? 0 : -errno;
    }
    (void)close(fd);
    (void)unlink(part); /* or what one left that was killed */
    return r == 0 ? folder_sync(dir) : r;
}

static bool is_other(void *arg, const struct snapshot_head *head)
{
    return replay_from_kin(arg, head) == REPLAY_KIN_OTHER;
}

/* The journal of the same state knows which of the others are of its chain. */
static int trim(const struct ctl *ctl, const char *dir, const struct snapshot_head *newest)
{
    char path[PATH_MAX];
    struct journal *journal = NULL;
    struct journal_damage damage;
    struct journal_options options = {.dir = path, .read_only = true};
    struct shelf_trim how = {.keep = ctl_given(ctl, "keep")->value.number, .newest = newest};
    if (keep_path(path, sizeof path, keep_state(ctl), "journal") &&
            journal_open(&options, &journal, &damage) == 0) {
        how.is_other = is_other;
        how.arg = journal;
    }
    int r = shelf_trim(dir, &how);
    journal_close(journal);
    return r;
}

/* Into the folder, by the position's name, as the daemon names its snapshots. */
static int write_folder(const struct ctl *ctl, struct store *store, const char *dir,
        struct snapshot_sum *ret_sum, char ret_what[static 256])
{
    struct snapshot_way way = {.goes_on = NULL};
    int r = shelf_put(store, dir, &way, ret_sum, ret_what);
    return r == 0 && ctl_given(ctl, "keep") != NULL ? trim(ctl, dir, &ret_sum->head) : r;
}

/* OK is said of what can be read again. */
static int read_again(const char *path, const struct snapshot_sum *sum, char ret_what[static 256])
{
    char file[PATH_MAX], name[SHELF_NAME_MAX];
    struct snapshot_sum found = {.rows = 0};
    struct stat about;
    shelf_name(sum->head.numbers.position, name);
    bool is_folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    (void)snprintf(file, sizeof file, is_folder ? "%.4000s/%s" : "%.4000s", path, name);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 ? -errno : snapshot_read(fd, NULL, NULL, &found, ret_what);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (r == 0 && memcmp(found.digest, sum->digest, sizeof found.digest) != 0) {
        (void)snprintf(ret_what, 256, "what was written is not what is read");
        r = -EBADMSG;
    }
    return r;
}

/* False: the reason was printed. */
static bool take_paths(const struct ctl *ctl, char dir[static PATH_MAX], char part[static PATH_MAX])
{
    const char *path = ctl->words[0];
    if (!keep_path(dir, PATH_MAX, keep_state(ctl), "store")) {
        return false;
    }
    if (snprintf(part, PATH_MAX, "%s.part", path) >= PATH_MAX) {
        say_error("%s: the path is too long", path);
        return false;
    }
    struct stat about;
    bool is_there = stat(path, &about) == 0;
    if (is_there && !S_ISDIR(about.st_mode)) {
        say_error("%s: there is such a file; give another name, or a folder", path);
        return false;
    }
    if (is_there) {
        part[0] = '\0';
    } else if (ctl_given(ctl, "keep") != NULL) {
        say_error("--keep is for a folder, and %s is none", path);
        return false;
    }
    return true;
}

enum exit_status keep_backup(struct ctl *ctl)
{
    const char *path = ctl->words[0];
    char dir[PATH_MAX], part[PATH_MAX], what[256] = "";
    struct snapshot_sum sum = {.rows = 0};
    struct store *store = NULL;
    if (!take_paths(ctl, dir, part)) {
        return STATUS_USAGE;
    }
    bool is_folder = part[0] == '\0';
    struct store_options options = {.dir = dir, .map_bytes_max = KEEP_MAP_BYTES, .read_only = true};
    int r = store_open(&options, &store, what);
    if (r < 0) {
        return keep_fail(dir, r, what);
    }
    r = is_folder ? write_folder(ctl, store, path, &sum, what)
                  : write_file(store, path, part, &sum, what);
    store_close(store);
    if (r == -EBADMSG) { /* by its own daemon it may answer wrongly, too */
        say_error("%s: %s: the store is damaged; stop the daemon, and redressd --recover makes it "
                  "anew",
                dir, what);
        return STATUS_FINDING;
    }
    r = r == 0 ? read_again(path, &sum, what) : r;
    if (r < 0) {
        return keep_fail(path, r, what);
    }
    tell(ctl, &sum);
    return STATUS_OK;
}

enum exit_status keep_check(struct ctl *ctl)
{
    const char *path = ctl->words[0];
    char what[256] = "";
    struct snapshot_sum sum;
    int fd = keep_open_file(path, what);
    int r = fd < 0 ? fd : snapshot_read(fd, NULL, NULL, &sum, what);
    if (fd >= 0) {
        (void)close(fd);
    }
    if (r < 0) {
        return keep_fail(path, r, what);
    }
    tell(ctl, &sum);
    return STATUS_OK;
}
