#include "tools/bench/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/bench/event.h"

static const char mark[] = "# Written by redress-bench.\n";
enum { START_MS = 60000, STOP_MS = 120000 };

/* Refuses to overwrite files of another program. */
static bool is_ours(const char *path)
{
    char line[sizeof mark] = "";
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return errno == ENOENT;
    }
    char *got = fgets(line, sizeof line, file);
    (void)fclose(file);
    return got != NULL && strcmp(line, mark) == 0;
}

/* A copy of the file behind `to`, or the rules there are without one. */
static bool write_rules(FILE *to, const char *path)
{
    if (path == NULL) {
        return fputs(bench_rules, to) >= 0;
    }
    FILE *from = fopen(path, "re");
    if (from == NULL) {
        say_error("%s: %s", path, strerror(errno));
        return false;
    }
    char part[4096];
    size_t len;
    bool is_written = true;
    while (is_written && (len = fread(part, 1, sizeof part, from)) > 0) {
        is_written = fwrite(part, 1, len, to) == len;
    }
    is_written = is_written && ferror(from) == 0;
    (void)fclose(from);
    return is_written;
}

static bool write_config(const char *path, const struct bench_options *options)
{
    if (mkdir(options->dir, 0700) < 0 && errno != EEXIST) {
        say_error("%s: %s", options->dir, strerror(errno));
        return false;
    }
    if (!is_ours(path)) {
        say_error("%s was not written by this program: give another --dir", path);
        return false;
    }
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        say_error("%s: %s", path, strerror(errno));
        return false;
    }
    bool is_written =
            fprintf(file,
                    "%sredress: 1\nstate: state\nlisten:\n  intake: [\"%s\"]\n"
                    "  feed: [\"%s\"]\n  desk: [\"%s\"]\n",
                    mark, options->ends.intake, options->ends.feed, options->ends.desk) > 0 &&
            write_rules(file, options->rules);
    if (fclose(file) != 0 || !is_written) {
        say_error("%s: cannot be written", path);
        return false;
    }
    return true;
}

/* sd_notify(3)'s socket. -errno, or the descriptor. */
static int open_notify(struct sockaddr_un *ret_address, const char *dir)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len = snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "%s/notify", dir);
    if (len < 0 || (size_t)len >= sizeof ret_address->sun_path) {
        return -ENAMETOOLONG;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    (void)unlink(ret_address->sun_path);
    if (bind(fd, (struct sockaddr *)ret_address, sizeof *ret_address) < 0) {
        int r = -errno;
        (void)close(fd);
        return r;
    }
    return fd;
}

_Noreturn static void run_child(
        const struct bench_options *options, const char *config, const char *notify)
{
    char log[BENCH_DIR_MAX + 16];
    (void)snprintf(log, sizeof log, "%s/redressd.log", options->dir);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)dup2(fd, STDOUT_FILENO);
        (void)dup2(fd, STDERR_FILENO);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)setpgid(0, 0); /* ^C is for the bench, which stops its daemon in order */
    (void)setenv("NOTIFY_SOCKET", notify, 1);
    (void)unsetenv("WATCHDOG_USEC");
    const char *clock = options->clock != NULL ? options->clock : "real";
    (void)execl(options->spawn, options->spawn, "--config", config, "--log", "stderr", "--clock",
            clock, NULL);
    _exit(127);
}

static int await_ready(int fd, int pid, const atomic_bool *is_stop)
{
    int child = pidfd_open(pid, 0);
    struct pollfd polled[] = {{.fd = fd, .events = POLLIN}, {.fd = child, .events = POLLIN}};
    int64_t until = steady_us() + (int64_t)START_MS * 1000;
    int r = -ETIMEDOUT;
    while (r == -ETIMEDOUT && steady_us() < until && !atomic_load(is_stop)) {
        char text[512] = "";
        (void)poll(polled, RD_COUNT(polled), START_MS);
        if ((polled[0].revents & POLLIN) != 0 && recv(fd, text, sizeof text - 1, 0) > 0 &&
                strstr(text, "READY=1") != NULL) {
            r = 0;
        } else if ((polled[1].revents & POLLIN) != 0) {
            r = -ECHILD;
        }
    }
    if (child >= 0) {
        (void)close(child);
    }
    return r;
}

int spawn_start(
        const struct bench_options *options, const atomic_bool *is_stop, struct spawn *ret_spawn)
{
    char config[BENCH_DIR_MAX + 16];
    struct sockaddr_un address;
    ret_spawn->pid = 0;
    (void)snprintf(config, sizeof config, "%s/redress.yaml", options->dir);
    if (!write_config(config, options)) {
        return STATUS_REFUSED;
    }
    int fd = open_notify(&address, options->dir);
    if (fd < 0) {
        say_error("%s/notify: %s", options->dir, strerror(-fd));
        return STATUS_REFUSED;
    }
    int64_t begun_us = steady_us();
    int pid = fork();
    if (pid == 0) {
        run_child(options, config, address.sun_path);
    }
    int r = pid < 0 ? -errno : await_ready(fd, pid, is_stop);
    ret_spawn->ready_us = steady_us() - begun_us;
    (void)close(fd);
    (void)unlink(address.sun_path);
    ret_spawn->pid = pid > 0 ? pid : 0;
    if (r < 0) {
        say_error("%s was not ready; %s/redressd.log says more", options->spawn, options->dir);
        int status = spawn_stop(ret_spawn); /* says what it has to say */
        return status != STATUS_OK ? status : STATUS_REFUSED;
    }
    return STATUS_OK;
}

int spawn_stop(struct spawn *spawn)
{
    int status = 0;
    if (spawn->pid == 0) {
        return STATUS_OK;
    }
    int child = pidfd_open(spawn->pid, 0);
    struct pollfd ended = {.fd = child, .events = POLLIN};
    (void)kill(spawn->pid, SIGTERM);
    int r;
    while ((r = poll(&ended, 1, STOP_MS)) < 0 && errno == EINTR) {
    }
    if (r == 0) {
        (void)kill(spawn->pid, SIGKILL);
    }
    while (waitpid(spawn->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (child >= 0) {
        (void)close(child);
    }
    spawn->pid = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        say_error("the daemon did not end in order (wait status %d)", status);
        return STATUS_REFUSED;
    }
    return STATUS_OK;
}

void spawn_kill(struct spawn *spawn)
{
    if (spawn->pid == 0) {
        return;
    }
    (void)kill(spawn->pid, SIGKILL);
    while (waitpid(spawn->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    spawn->pid = 0;
}
