#include "tools/shared/ends.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/limit.h"
#include "common/num.h"
#include "common/utime.h"

static int set(char *end, const char *value)
{
    size_t size = strlen(value);
    if (size >= END_TEXT_MAX) {
        say_error("%.60s…: too long for an endpoint", value);
        return -EINVAL;
    }
    memcpy(end, value, size + 1);
    return 1;
}

static int set_run(struct ends *ends, const char *run)
{
    static const size_t door_max = sizeof "ipc:///intake";
    char path[END_TEXT_MAX];
    if (strlen(run) + door_max >= END_TEXT_MAX) {
        say_error("--run %.60s…: too long", run);
        return -EINVAL;
    }
    /* ZeroMQ wants an absolute path. */
    if (run[0] == '/') {
        (void)snprintf(path, sizeof path, "%s", run);
    } else if (getcwd(path, sizeof path) == NULL ||
               strlen(path) + strlen(run) + door_max + 1 >= END_TEXT_MAX) {
        say_error("--run %.60s: give an absolute path", run);
        return -EINVAL;
    } else {
        size_t used = strlen(path);
        (void)snprintf(path + used, sizeof path - used, "/%s", run);
    }
    (void)snprintf(ends->intake, END_TEXT_MAX, "ipc://%.480s/intake", path);
    (void)snprintf(ends->feed, END_TEXT_MAX, "ipc://%.480s/feed", path);
    (void)snprintf(ends->desk, END_TEXT_MAX, "ipc://%.480s/desk", path);
    return 1;
}

void ends_init(struct ends *ends)
{
    ends->is_given = false;
    int r = set_run(ends, REDRESS_RUN_DIR);
    RD_ASSERT(r == 1);
}

int ends_take(struct ends *ends, int option, const char *value)
{
    ends->is_given = ends->is_given || (option >= ENDS_RUN && option <= ENDS_DESK);
    switch (option) {
    case ENDS_RUN:
        return set_run(ends, value);
    case ENDS_INTAKE:
        return set(ends->intake, value);
    case ENDS_FEED:
        return set(ends->feed, value);
    case ENDS_DESK:
        return set(ends->desk, value);
    default:
        return 0;
    }
}

void say_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s: ", program_invocation_short_name);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

bool has_colour(int fd)
{
    const char *term = getenv("TERM");
    const char *no = getenv("NO_COLOR");
    return isatty(fd) == 1 && (no == NULL || no[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

bool take_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
    uint64_t value = 0;
    if (rd_u64_parse(rd_str_of(text), &value) < 0 || value < min || value > max) {
        say_error("--%s %.60s: give a number from %" PRIu64 " to %" PRIu64, option, text, min, max);
        return false;
    }
    *ret = value;
    return true;
}

static bool parse_span(struct rd_str text, int64_t *ret_us)
{
    static const int64_t thousand = 1000;
    uint64_t number = 0;
    struct rd_limit limit;
    if (text.len > 2 && memcmp(text.ptr + text.len - 2, "ms", 2) == 0) {
        text.len -= 2;
        if (rd_u64_parse(text, &number) < 0 || number > INT32_MAX) {
            return false;
        }
        *ret_us = (int64_t)number * thousand;
        return true;
    }
    if (rd_u64_parse(text, &number) == 0 && number <= INT32_MAX) {
        *ret_us = (int64_t)number * RD_SECOND_US;
        return true;
    }
    if (rd_limit_parse(text, &limit) == 0 && limit.unit == RD_LIMIT_SECONDS) {
        *ret_us = (int64_t)limit.count * RD_SECOND_US;
        return true;
    }
    return false;
}

bool take_span(const char *option, const char *text, int64_t *ret_us)
{
    if (!parse_span(rd_str_of(text), ret_us)) {
        say_error("--%s %.60s: give a time such as 500ms, 10s, 5m or 2h", option, text);
        return false;
    }
    return true;
}

enum { THOUSAND = 1000 };

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
