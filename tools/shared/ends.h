/* tools/shared/ends.h — what every program here has in common on its command line: where the
 * daemon's doors are, exit statuses, messages.
 *
 *   --run DIR        the daemon's run directory; its doors are ipc://DIR/intake, …/feed, …/desk
 *   --intake ENDPOINT  --feed ENDPOINT  --desk ENDPOINT     one of them elsewhere */
#pragma once

#include <getopt.h>

#include "common/base.h"

enum exit_status {
    STATUS_OK = 0,
    STATUS_USAGE = 1,
    STATUS_REFUSED = 2,     /* the daemon, or what it was given, says no */
    STATUS_UNREACHABLE = 3, /* nobody answered in time */
    STATUS_FINDING = 4,     /* it was asked to look, and found something */
};

enum ends_option { ENDS_RUN = 1000, ENDS_INTAKE, ENDS_FEED, ENDS_DESK, ENDS_HELP, ENDS_VERSION };
/* Into a program's struct option array. */
#define ENDS_OPTIONS                                                                               \
    {"run", required_argument, NULL, ENDS_RUN}, {"intake", required_argument, NULL, ENDS_INTAKE},  \
            {"feed", required_argument, NULL, ENDS_FEED},                                          \
            {"desk", required_argument, NULL, ENDS_DESK}, {"help", no_argument, NULL, ENDS_HELP},  \
    {                                                                                              \
        "version", no_argument, NULL, ENDS_VERSION                                                 \
    }
#define ENDS_USAGE                                                                                 \
    "  --run DIR             the daemon's run directory (" REDRESS_RUN_DIR ")\n"                   \
    "  --intake ENDPOINT, --feed ENDPOINT, --desk ENDPOINT\n"                                      \
    "                        one of its doors elsewhere, such as tcp://127.0.0.1:7710\n"           \
    "  --help, --version\n"

enum { END_TEXT_MAX = 512 };

struct ends {
    bool is_given; /* one of the options was there */
    char intake[END_TEXT_MAX], feed[END_TEXT_MAX], desk[END_TEXT_MAX];
};

void ends_init(struct ends *ends); /* the doors in REDRESS_RUN_DIR */
/* 1: it was one of ours and is taken; 0: not ours; -EINVAL: too long, and said so. */
RD_MUST_USE int ends_take(struct ends *ends, int option, const char *value);

/* "redress-send: …" on standard error, with a newline. The name is that of the program. */
void say_error(const char *format, ...) RD_PRINTF(1, 2);
/* Is standard output (or error) a terminal that takes colours? NO_COLOR is heeded. */
bool has_colour(int fd);

/* All of `text` as a number within the range; false, and said so with the option's name. */
bool take_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *ret);
/* A span: "500ms", "10s", "5m", "2h", or seconds as a bare number; in µs. */
bool take_span(const char *option, const char *text, int64_t *ret_us);

/* Until the span is over or a signal comes. */
void wait_span(int64_t span_us);
int64_t steady_us(void); /* of a clock that only goes on */
