/* tools/ctl/keep_folder.c — which state folder is meant, and what is wrong with a file of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/engine/engine.h"
#include "daemon/store/store.h"
#include "tools/ctl/keep.h"

const char *keep_state(const struct ctl *ctl)
{
    const char *state = ctl_option(ctl, "state");
    return state != NULL ? state : REDRESS_STATE_DIR;
}

enum exit_status keep_fail(const char *file, int error, const char *text)
{
    if (error == -EPROTO && text[0] != '\0') {
        say_error("%s: %s, and this program reads engine %d and schema %d: a start of this version "
                  "on a copy brings an older one that was stopped in order forward; else the "
                  "programs of the version that wrote it can read it",
                file, text, ENGINE_NUMBER, STORE_SCHEMA);
        return STATUS_USAGE;
    }
    say_error("%s: %s%s%s", file, text[0] != '\0' ? text : strerror(-error),
            text[0] != '\0' && error != -EBADMSG ? ": " : "",
            text[0] != '\0' && error != -EBADMSG ? strerror(-error) : "");
    return error == -EBADMSG || error == -EILSEQ ? STATUS_FINDING : STATUS_USAGE;
}

int keep_open_file(const char *path, char ret_what[static 256])
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int r = fstat(fd, &about) == 0 ? fd : -errno;
    if (r >= 0 && !S_ISREG(about.st_mode)) {
        (void)snprintf(ret_what, 256, "it is no file");
        r = -EBADMSG;
    }
    if (r < 0) {
        (void)close(fd);
    }
    return r;
}

bool keep_path(char *ret_path, size_t size, const char *dir, const char *name)
{
    int used = snprintf(ret_path, size, "%s/%s", dir, name);
    if (used < 0 || (size_t)used >= size) {
        say_error("%s: the path is too long", dir);
        return false;
    }
    return true;
}
