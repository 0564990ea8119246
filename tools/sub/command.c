#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/shared/json.h"
#include "tools/sub/watcher.h"

enum { CANNOT_RUN = 127, BY_SIGNAL = 128 };

/* Never returns. */
static _Noreturn void become(const char *command, int input)
{
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (dup2(input, STDIN_FILENO) >= 0) {
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    }
    _exit(CANNOT_RUN);
}

static void set_environment(const struct rd_alert *alert)
{
    char seq[24], unit[RD_UNIT_PATH_MAX];
    (void)snprintf(seq, sizeof seq, "%" PRIu64, alert->seq);
    (void)snprintf(unit, sizeof unit, "%.*s", RD_FMT(alert->unit));
    (void)setenv("REDRESS_SEQ", seq, 1);
    (void)setenv("REDRESS_UNIT", unit, 1);
    (void)setenv("REDRESS_TYPE", rd_alert_type_name(alert->type), 1);
    (void)setenv("REDRESS_SEVERITY", rd_severity_name(alert->severity), 1);
}

static int wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return -errno;
        }
    }
    return WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* A command that does not read its input is its own business. */
static void write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t put = write(fd, text, len);
        if (put < 0 && errno != EINTR) {
            return;
        }
        if (put > 0) {
            text += put;
            len -= (size_t)put;
        }
    }
}

int command_run(const char *command, const struct rd_alert *alert, rd_node map)
{
    json_t *object RD_CLEANUP(json_freep)
    = json_of_node(map);
    char *text = json_dumps(object, JSON_COMPACT);
    int ends[2];
    if (text == NULL || pipe2(ends, O_CLOEXEC) < 0) {
        int r = text == NULL ? -ENOMEM : -errno;
        free(text);
        return r;
    }
    pid_t child = fork();
    if (child == 0) {
        set_environment(alert);
        become(command, ends[0]);
    }
    int r = child < 0 ? -errno : 0;
    (void)close(ends[0]);
    if (r == 0) {
        write_all(ends[1], text, strlen(text));
        write_all(ends[1], "\n", 1);
    }
    (void)close(ends[1]);
    free(text);
    return r < 0 ? r : wait_for(child);
}

int command_tell(const char *command, bool is_silent)
{
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0) {
        return -errno;
    }
    pid_t child = fork();
    if (child == 0) {
        (void)setenv("REDRESS_FEED", is_silent ? "silent" : "heard", 1);
        become(command, input);
    }
    int r = child < 0 ? -errno : 0;
    (void)close(input);
    return r < 0 ? r : wait_for(child);
}
