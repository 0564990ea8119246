#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/shared/json.h"
#include "tools/sub/watcher.h"

enum { CANNOT_RUN = 127, BY_SIGNAL = 128, THOUSAND = 1000, LOOK_MS = 10 };
#define GRACE_US (5 * RD_SECOND_US) /* from SIGTERM to SIGKILL */

/* Never returns. The command and what it starts are a process group, to be ended as one. */
static _Noreturn void become(const char *command, int input)
{
    (void)setpgid(0, 0);
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

/* What a command is given, and how long. */
struct errand {
    pid_t child;
    int input; /* the pipe it reads; -1: nothing is left to write */
    const char *text;
    size_t len;
};

/* Writes what the pipe takes. A command that does not read its input is its own business. */
static void write_some(struct errand *errand)
{
    ssize_t put = write(errand->input, errand->text, errand->len);
    if (put < 0 && (errno == EINTR || errno == EAGAIN)) {
        return;
    }
    errand->text += put > 0 ? put : 0;
    errand->len -= put > 0 ? (size_t)put : 0;
    if (put < 0 || errand->len == 0) {
        (void)close(errand->input);
        errand->input = -1;
    }
}

/* Until the child has ended, or the time is over: true, or false. */
static bool attend(struct errand *errand, int child_fd, int64_t timeout_us)
{
    int64_t until_us = steady_us() + timeout_us;
    for (;;) {
        int64_t left_us = until_us - steady_us();
        struct pollfd items[] = {
                {.fd = child_fd, .events = POLLIN},
                {.fd = errand->input, .events = POLLOUT},
        };
        int ready = poll(items, RD_COUNT(items), left_us > 0 ? (int)(left_us / THOUSAND) + 1 : 0);
        if (ready > 0 && items[0].revents != 0) {
            return true;
        }
        if (ready > 0 && items[1].revents != 0) {
            write_some(errand);
        }
        if (left_us <= 0) {
            return false;
        }
    }
}

/* Ends the command's group: the shell may be gone long before what it started, which has its time
 * to clean up as well. What lost its parent is a child of this process (command_adopt()), so the
 * group is empty when there is none of it to be waited for. */
static void end_group(pid_t group)
{
    int64_t until_us = steady_us() + GRACE_US;
    (void)kill(-group, SIGTERM);
    for (;;) {
        pid_t gone = waitpid(-group, NULL, WNOHANG);
        if (gone < 0 && errno != EINTR) {
            return;
        }
        if (gone == 0) {
            int64_t left_us = until_us - steady_us();
            if (left_us <= 0) {
                (void)kill(-group, SIGKILL);
            }
            (void)poll(NULL, 0, LOOK_MS);
        }
    }
}

/* Its exit status, or -ETIMEDOUT where it had to be ended, or -errno. */
static int finish(struct errand *errand, int64_t timeout_us)
{
    (void)setpgid(errand->child, errand->child); /* here too: it may not have got there */
    int child_fd = pidfd_open(errand->child, 0);
    int r = child_fd < 0 ? -errno : 0;
    if (r == 0 && !attend(errand, child_fd, timeout_us)) {
        r = -ETIMEDOUT;
    }
    if (errand->input >= 0) {
        (void)close(errand->input);
    }
    if (r < 0) {
        end_group(errand->child);
    } else {
        r = wait_for(errand->child);
    }
    if (child_fd >= 0) {
        (void)close(child_fd);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0) { /* what earlier commands left running has ended */
    }
    return r;
}

int command_adopt(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int command_run(const char *command, const struct rd_alert *alert, rd_node map, int64_t timeout_us)
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
    size_t len = strlen(text);
    text[len] = '\n'; /* in the place of the NUL: the length is known */
    (void)fcntl(ends[1], F_SETFL, O_NONBLOCK);
    struct errand errand = {.child = fork(), .input = ends[1], .text = text, .len = len + 1};
    if (errand.child == 0) {
        set_environment(alert);
        become(command, ends[0]);
    }
    int r = errand.child < 0 ? -errno : 0;
    (void)close(ends[0]);
    if (r < 0) {
        (void)close(ends[1]);
    } else {
        r = finish(&errand, timeout_us);
    }
    free(text);
    return r;
}

int command_tell(const char *command, bool is_silent, int64_t timeout_us)
{
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0) {
        return -errno;
    }
    struct errand errand = {.child = fork(), .input = -1};
    if (errand.child == 0) {
        (void)setenv("REDRESS_FEED", is_silent ? "silent" : "heard", 1);
        become(command, input);
    }
    int r = errand.child < 0 ? -errno : 0;
    (void)close(input);
    return r < 0 ? r : finish(&errand, timeout_us);
}
