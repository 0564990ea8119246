#include "tools/shared/ends.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/client/client.h"

enum { THOUSAND = 1000 };

static bool set(const struct opt_rule *rule, struct ends *ends, char *end, const char *value)
{
    size_t size = strlen(value);
    if (size >= END_TEXT_MAX) {
        say_error("--%s %.60s…: too long for an endpoint", rule->name, value);
        return false;
    }
    memcpy(end, value, size + 1);
    ends->is_given = true;
    return true;
}

bool ends_set_run(struct ends *ends, const char *what, const char *folder)
{
    enum {
        SOCKET_PATH_MAX = 107,
        DOOR_MAX = sizeof "/intake" - 1
    }; /* what a socket's path may be */
    char path[END_TEXT_MAX] = "";
    bool is_relative = folder[0] != '/'; /* ZeroMQ wants an absolute one */
    if (is_relative && getcwd(path, sizeof path) == NULL) {
        say_error("%s %.60s: %m", what, folder);
        return false;
    }
    size_t used = strlen(path);
    size_t len = used + (is_relative ? 1 : 0) + strlen(folder);
    if (len + DOOR_MAX > SOCKET_PATH_MAX) {
        say_error("%s %.60s: with %zu bytes too long for the doors' sockets; at most %d", what,
                folder, len, SOCKET_PATH_MAX - DOOR_MAX);
        return false;
    }
    (void)snprintf(path + used, sizeof path - used, "%s%s", is_relative ? "/" : "", folder);
    (void)snprintf(ends->intake, END_TEXT_MAX, "ipc://%.107s/intake", path);
    (void)snprintf(ends->feed, END_TEXT_MAX, "ipc://%.107s/feed", path);
    (void)snprintf(ends->desk, END_TEXT_MAX, "ipc://%.107s/desk", path);
    return true;
}

/* What is wrong with the file is told now, not at the first connection. */
static bool is_key(const char *what, const char *path)
{
    RD_CLEANUP(rd_client_closep)
    struct rd_client *client = NULL;
    int r = rd_client_open(&client);
    if (r < 0) {
        say_error("%s %.200s: %s", what, path, rd_client_key_fault(r));
    }
    return r == 0;
}

bool ends_take_key(const struct opt_rule *rule, const char *text, void *slot)
{
    (void)rule;
    (void)slot;
    if (setenv("REDRESS_KEY", text, 1) < 0) {
        say_error("--key: %m");
        return false;
    }
    return is_key("--key", text);
}

bool ends_init(struct ends *ends)
{
    const char *run = getenv("REDRESS_RUN");
    const char *key = getenv("REDRESS_KEY");
    ends->is_given = false;
    if (key != NULL && key[0] != '\0' && !is_key("REDRESS_KEY", key)) {
        return false;
    }
    return ends_set_run(ends, "REDRESS_RUN", run != NULL && run[0] != '\0' ? run : REDRESS_RUN_DIR);
}

bool ends_take_run(const struct opt_rule *rule, const char *text, void *slot)
{
    struct ends *ends = slot;
    (void)rule;
    ends->is_given = true;
    return ends_set_run(ends, "--run", text);
}

bool ends_take_intake(const struct opt_rule *rule, const char *text, void *slot)
{
    struct ends *ends = slot;
    return set(rule, ends, ends->intake, text);
}

bool ends_take_feed(const struct opt_rule *rule, const char *text, void *slot)
{
    struct ends *ends = slot;
    return set(rule, ends, ends->feed, text);
}

bool ends_take_desk(const struct opt_rule *rule, const char *text, void *slot)
{
    struct ends *ends = slot;
    return set(rule, ends, ends->desk, text);
}

void wait_span(int64_t span_us)
{
    struct timespec span = {.tv_sec = (time_t)(span_us / RD_SECOND_US),
            .tv_nsec = (long)(span_us % RD_SECOND_US) * THOUSAND};
    if (span_us > 0) {
        (void)ppoll(NULL, 0, &span, NULL);
    }
}

int64_t steady_us(void)
{
    struct timespec now;
    int r = clock_gettime(CLOCK_MONOTONIC, &now);
    RD_ASSERT(r == 0);
    return (int64_t)now.tv_sec * RD_SECOND_US + now.tv_nsec / THOUSAND;
}
