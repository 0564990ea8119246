/* tools/ctl/ctl.h — redressctl: one command line, one verb.
 *
 * A verb is a row of a table: its name, what it takes, one line of help, and the function that does
 * it. A group of verbs is a file: read.c asks the desk, write.c sends events, verify*.c look at a
 * state folder, due.c calculates. */
#pragma once

#include "common/client/desk.h"
#include "common/client/producer.h"
#include "common/event.h"

enum ctl_status {
    CTL_OK = 0,
    CTL_USAGE = 1,
    CTL_REFUSED = 2,
    CTL_UNREACHABLE = 3,
    CTL_FINDING = 4, /* it was asked to look, and found something */
};

enum { CTL_ENDPOINT_MAX = 512, CTL_MESSAGE_MAX = 64 * 1024 * 1024 };

struct ctl_verb;

struct ctl_option {
    const char *name, *value; /* a switch has the value "" */
};

struct ctl {
    const char *run, *intake, *desk; /* as given; NULL: not */
    int64_t timeout_us;
    bool is_json;
    const char *by; /* NULL: nobody is known */
    const struct ctl_verb *verb;
    const char **all_words; /* owned */
    const char **words;     /* those behind the verb */
    size_t word_count;
    struct ctl_option *options; /* the verb's own */
    size_t option_count;
};

struct ctl_verb {
    const char *name;     /* "case", "silence create" */
    const char *synopsis; /* of its words: "CASE UNIT" */
    const char *options;  /* "unit=PATH raw": those without = are switches */
    const char *help;
    size_t words_min, words_max;
    enum ctl_status (*run)(struct ctl *ctl);
    const void *more; /* the group's own */
};

/* A group's verbs; *ret_count of them. */
const struct ctl_verb *read_verbs(size_t *ret_count);
const struct ctl_verb *write_verbs(size_t *ret_count);
const struct ctl_verb *look_verbs(size_t *ret_count);
const struct ctl_verb *due_verbs(size_t *ret_count);
const struct ctl_verb *diff_verbs(size_t *ret_count);

/* options.c: the whole command line. CTL_OK: *ret_ctl is filled and its verb set, or NULL where
 * help or version was given and is printed. */
enum ctl_status ctl_parse(int argc, char **argv, struct ctl *ret_ctl);
void ctl_done(struct ctl *ctl);
const char *ctl_option(const struct ctl *ctl, const char *name); /* NULL: not given */
/* "redressctl: …" on standard error. */
void ctl_say(const char *format, ...) RD_PRINTF(1, 2);
enum ctl_status ctl_usage(const struct ctl *ctl); /* says how the verb is written */

/* reach.c: the doors. Not CTL_OK: said on standard error. */
struct ctl_answer {
    struct rd_client *client;
    struct rd_desk *desk;
    struct rd_desk_answer got;
};
enum ctl_status ctl_ask(struct ctl *ctl, const char *method, const struct rd_buf *params,
        struct ctl_answer *ret_answer);
void ctl_answer_done(
        struct ctl_answer *answer); /* for RD_CLEANUP; of one that is zeroed: nothing */
/* Sends a packed event and prints its receipt. */
enum ctl_status ctl_send(struct ctl *ctl, struct rd_str id, struct rd_str event);

/* A new id: who, when, and chance. */
void ctl_new_id(const struct ctl *ctl, struct rd_buf *ret_id);
/* All of `text` is digits: a number. */
bool ctl_is_number(const char *text, uint64_t *ret_value);
/* warnings.c: the ledger summed up, page after page. */
enum ctl_status ctl_warnings(struct ctl *ctl);
/* read.c: the verb's options and words as a map of params. False: said. */
bool ctl_put_params(const struct ctl *ctl, struct rd_buf *params, const char *key, uint64_t value);
