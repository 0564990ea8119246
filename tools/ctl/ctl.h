/* tools/ctl/ctl.h — redressctl: one command line, one verb.
 *
 * A verb is a row of its group's table: its name, its words, its options, one line of help, and the
 * function that does it. A group is a file: read.c asks the desk, write.c sends events, disk.c
 * looks at a state folder, due.c calculates. Everything that is told about a verb comes from its
 * row: parsing, help, hints, completion. */
#pragma once

#include "common/client/desk.h"
#include "common/client/producer.h"
#include "common/wire/event.h"
#include "tools/shared/ends.h"

enum { CTL_MESSAGE_MAX = 64 * 1024 * 1024, CTL_COMPLETE_WORDS_MAX = 64 };

/* An option of the verb as it was given. */
struct ctl_option {
    const struct opt_rule *rule;
    const char *text; /* NULL: a switch */
    union {           /* as the rule's kind says */
        bool is_set;
        const char *text;
        uint64_t number;
        int64_t span_us;
        int choice;
        rd_time time;
    } value;
};

struct ctl {
    struct ends ends;
    int64_t timeout_us, wait_us;
    bool is_json;
    rd_time now;      /* whose today is meant; 0: this machine's */
    const char *by;   /* NULL: nobody is known */
    const char *user; /* who runs the command, which `by` is where nobody is given */
    const struct ctl_verb *verb;
    int argc; /* of the whole command line */
    char *const *argv;
    char **all_words; /* owned */
    char **words;     /* those behind the verb */
    size_t word_count;
    struct ctl_option *options; /* owned; the verb's own */
    size_t option_count;
};

struct ctl_verb {
    const char *name;     /* "case", "silence create" */
    const char *synopsis; /* of its words: "CASE UNIT"; "N|-": one of them; "KEY=VALUE…": some */
    const char *options;  /* names of its group's rules: "unit limit" */
    const char *help;
    size_t words_min, words_max;
    enum exit_status (*run)(struct ctl *ctl);
    const void *more; /* the group's own */
};

struct ctl_group {
    const char *title; /* "Reading" */
    const struct ctl_verb *verbs;
    size_t verb_count;
    const struct opt_rule *rules;
    size_t rule_count;
};

/* In the order of the help; NULL ends them. */
extern const struct ctl_group *const ctl_groups[];
extern const struct ctl_group ctl_group_read, ctl_group_report, ctl_group_write, ctl_group_due,
        ctl_group_diff, ctl_group_disk, ctl_group_keep, ctl_group_office, ctl_group_route;

/* ---- verbs.c: the tables looked at ---- */

/* The verb that the words begin with, and how many of them name it; NULL: none. */
const struct ctl_verb *ctl_verb_find(char *const words[], size_t count, size_t *ret_used);
/* Do verbs of two words begin with it ("silence", "config")? */
bool ctl_verb_is_family(const char *word);
/* Tells that there is none, and the nearest. */
void ctl_verb_say_unknown(char *const words[], size_t count);
/* The options of a verb and those common to all; NULL: of every verb. */
void ctl_verb_set(const struct ctl_verb *verb, struct opt_set *ret_set);
void ctl_verb_own(const struct ctl_verb *verb, struct opt_set *set); /* adds the verb's own */
void ctl_verb_common(struct opt_set *set);                           /* adds the common ones */
bool ctl_verb_is_common(const struct opt_rule *rule);

/* ---- help.c ---- */

/* Of all verbs, of one, of those that begin with a word ("silence"). */
enum exit_status ctl_help(char *const words[], size_t count);
void ctl_help_verb(const struct ctl_verb *verb);
/* How the verb is written, on standard error. STATUS_USAGE. */
enum exit_status ctl_usage(const struct ctl *ctl);
/* What may stand for the last of the words, one a line. argv[0] is "--complete". */
void ctl_complete(int argc, char *const argv[]);

/* ---- command.c: the whole command line ---- */

/* STATUS_OK: *ret_ctl is filled and its verb set, or NULL where help, version or completions were
 * asked for and are printed. */
enum exit_status ctl_parse(int argc, char *argv[], struct ctl *ret_ctl);
/* "more: " and the command for the next page, on standard error. */
void ctl_say_more(const struct ctl *ctl, uint64_t after);

/* ---- ctl.c: a command line once it is taken apart ---- */

bool ctl_init(struct ctl *ctl); /* sets the defaults; false: REDRESS_RUN is wrong (printed) */
void ctl_done(struct ctl *ctl);
/* An option as it was given; NULL: it was not. */
const struct ctl_option *ctl_given(const struct ctl *ctl, const char *name);
const char *ctl_option(const struct ctl *ctl, const char *name); /* its text, "" for a switch */
/* All of `text` is digits: a number. */
bool ctl_is_number(const char *text, uint64_t *ret_value);

/* ---- reach.c: the doors. Not STATUS_OK: the error was printed, with --json also as a document
 * ---- */

struct ctl_answer {
    struct rd_client *client;
    struct rd_desk *desk;
    struct rd_desk_answer got;
};
enum exit_status ctl_ask(struct ctl *ctl, const char *method, const struct rd_buf *params,
        struct ctl_answer *ret_answer);
void ctl_answer_done(
        struct ctl_answer *answer); /* for RD_CLEANUP; of one that is zeroed: nothing */
/* The same without a word: what is wrong is a text. */
enum exit_status ctl_try(struct ctl *ctl, const char *method, const struct rd_buf *params,
        struct ctl_answer *ret_answer, char ret_why[static END_WHY_MAX]);
/* Sends a packed event and prints its receipt, and the nearest to a name in it that is refused:
 * `draft` knows what was written; NULL: no hint. */
struct event_draft;
enum exit_status ctl_send(
        struct ctl *ctl, struct rd_str id, struct rd_str event, const struct event_draft *draft);
/* Prints an error on standard error; with --json as a document, too. */
void ctl_fail(const struct ctl *ctl, struct rd_str code, const char *message);

/* The same without a word: what is wrong is a text. */
enum exit_status ctl_send_try(
        struct ctl *ctl, struct rd_str id, struct rd_str event, char ret_why[static END_WHY_MAX]);

/* Prints a node as JSON or, if it is no map of `rows`, as a map for people. */
void ctl_print(const struct ctl *ctl, rd_node node);

/* ---- groups that are more than a file ---- */

enum exit_status ctl_warnings(struct ctl *ctl);   /* the ledger summed up, page after page */
enum exit_status ctl_top(struct ctl *ctl);        /* a screen that lives */
enum exit_status ctl_export(struct ctl *ctl);     /* a regulator's file */
enum exit_status ctl_check(struct ctl *ctl);      /* the self-proof, page after page */
enum exit_status ctl_keygen(struct ctl *ctl);     /* a file of keys */
enum exit_status ctl_health(struct ctl *ctl);     /* STATUS_OK or STATUS_FINDING, one line why */
enum exit_status ctl_prometheus(struct ctl *ctl); /* metrics --prometheus */
