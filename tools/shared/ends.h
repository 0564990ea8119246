/* tools/shared/ends.h — where the daemon's doors are, for every tool.
 *
 *   --run DIR        the daemon's run directory; its doors are ipc://DIR/intake, …/feed, …/desk
 *   --intake ENDPOINT  --feed ENDPOINT  --desk ENDPOINT     one of them elsewhere
 *   --key FILE       the keys for tcp; the client library finds them by REDRESS_KEY, the default
 *   REDRESS_RUN      the default of --run, before the built-in one */
#pragma once

#include "tools/shared/options.h"
#include "tools/shared/say.h"

enum { END_TEXT_MAX = 512 };

struct ends {
    bool is_given; /* one of the options was there */
    char intake[END_TEXT_MAX], feed[END_TEXT_MAX], desk[END_TEXT_MAX];
};

/* Rows for a program whose options are a `type` with a struct ends called `member`: of those doors
 * that it goes to. */
#define ENDS_ROW(type, member, door, word, kind_, text)                                            \
    {                                                                                              \
        .name = #door, .value = (word), .kind = (kind_), .take = ends_take_##door,                 \
        .offset = offsetof(type, member), .help = (text)                                           \
    }
#define ENDS_RUN(type, member)                                                                     \
    ENDS_ROW(type, member, run, "DIR", OPT_DIR, "the daemon's run directory (" REDRESS_RUN_DIR ")")
#define ENDS_INTAKE(type, member)                                                                  \
    ENDS_ROW(type, member, intake, "ENDPOINT", OPT_TEXT, "its intake elsewhere: tcp://HOST:PORT")
#define ENDS_FEED(type, member)                                                                    \
    ENDS_ROW(type, member, feed, "ENDPOINT", OPT_TEXT, "its feed elsewhere")
#define ENDS_DESK(type, member)                                                                    \
    ENDS_ROW(type, member, desk, "ENDPOINT", OPT_TEXT, "its desk elsewhere")
#define ENDS_KEY(type, member)                                                                     \
    ENDS_ROW(type, member, key, "FILE", OPT_FILE, "the keys for a tcp endpoint (REDRESS_KEY)")
opt_take ends_take_run, ends_take_intake, ends_take_feed, ends_take_desk, ends_take_key;

/* Those of REDRESS_RUN, or REDRESS_RUN_DIR. False: REDRESS_RUN is no path, or
 * REDRESS_KEY names no keys; told. */
bool ends_init(struct ends *ends);
/* The doors in a folder; a relative one is made absolute. False: a path is too long; printed, with
 * `what`. */
bool ends_set_run(struct ends *ends, const char *what, const char *folder);

/* Whether a process listens there. Takes no longer than END_PROBE_MS. 0: yes, or it cannot be known
 * so soon; -errno with a text that says why not and what to do. */
enum { END_PROBE_MS = 50, END_WHY_MAX = 1024 };
RD_MUST_USE int ends_probe(const char *endpoint, char ret_why[static END_WHY_MAX]);

/* Until the span is over or a signal comes. */
void wait_span(int64_t span_us);
int64_t steady_us(void); /* of a clock that only goes on */
