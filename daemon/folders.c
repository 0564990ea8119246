#include "daemon/folders.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

static bool begins_with(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* By name, or by where links lead. */
static bool is_within(const char *path, const char *dir)
{
    char inner[PATH_MAX], outer[PATH_MAX];
    return begins_with(path, dir) ||
           (realpath(path, inner) != NULL && realpath(dir, outer) != NULL &&
                   begins_with(inner, outer));
}

static int refuse_within(const struct edge *edge, const char *what, const char *path)
{
    static const char *const parts[] = {"journal", "store", "dead"};
    char part[EDGE_STATE_PATH_MAX + 16];
    for (size_t i = 0; path != NULL && i < RD_COUNT(parts); i++) {
        (void)snprintf(part, sizeof part, "%s/%s", edge->state, parts[i]);
        if (is_within(path, part)) {
            log_err("main",
                    "a folder of the configuration lies within the state's own: name another one, "
                    "on another disk if it can be",
                    "option=%s dir=\"%s\" within=\"%s\"", what, path, part);
            return EX_CONFIG;
        }
    }
    return 0;
}

int folders_check(const struct edge *edge)
{
    const char *archive = edge->config->journal_archive;
    struct stat about;
    int status = refuse_within(edge, "journal_archive", archive);
    if (status == 0) {
        status = refuse_within(edge, "snapshot.dir", edge->config->snapshot_dir);
    }
    if (status == 0 && archive != NULL && (stat(archive, &about) != 0 || !S_ISDIR(about.st_mode))) {
        log_warning("main",
                "the folder of journal_archive is not there: it is made with the first segment; if "
                "a disk belongs there, mount it first",
                "dir=\"%s\"", archive);
    }
    return status;
}
