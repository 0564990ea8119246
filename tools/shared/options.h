/* tools/shared/options.h — the command line of a tool, read by a table.
 *
 * A row of the table is an option: its name, what its value is, one line of help, and where the
 * value goes. Reading, help, errors, the nearest name and the completion of a shell all come from
 * the rows; nothing else knows them. The syntax is getopt's: --name VALUE, --name=VALUE, a name may
 * be cut where it stays the only one, options and words in any order, "--" ends the options, "-" is
 * a word. Errors are told on standard error and name the option. */
#pragma once

#include <stdio.h>

#include "common/base/nearest.h"
#include "common/time/utime.h"

enum opt_kind {
    OPT_SWITCH,     /* bool: true where it is given; the only kind without a value */
    OPT_TEXT,       /* const char *, borrowed from argv */
    OPT_FILE,       /* the same; a shell completes files */
    OPT_DIR,        /* the same; folders */
    OPT_UNIT,       /* the same; paths of units, asked of the daemon */
    OPT_NUMBER,     /* uint64_t in min..max; max 0: any */
    OPT_SECONDS,    /* int64_t in µs; given in seconds, min..max of them */
    OPT_SPAN,       /* int64_t in µs; given as 500ms, 10s, 5m, 2h, or in seconds */
    OPT_CHOICE,     /* int: which of the words of `value`, "a|b|c", from 0 */
    OPT_TIME_AHEAD, /* rd_time, as tools/shared/when.h reads it; a bare span is from now on */
    OPT_TIME_BACK,  /* the same; a bare span is back from now */
};

struct opt_rule;
/* Takes a value in its own way; false: it has told why not. `slot` is what the rule's offset
 * points to. */
typedef bool opt_take(const struct opt_rule *rule, const char *text, void *slot);

struct opt_rule {
    const char *name;  /* without its dashes */
    const char *value; /* "N", "FILE|-", the words of a choice; NULL for a switch */
    const char *help;  /* one line; a default stands in brackets at its end */
    enum opt_kind kind;
    size_t offset;     /* into what opt_read() fills, of a value as its kind says */
    uint64_t min, max; /* of a number, of seconds */
    opt_take *take;    /* NULL: by its kind */
};

enum { OPT_RULES_MAX = 96, OPT_HELP_COLUMN = 25 };

/* The options that may stand on one command line, in the order of its help. */
struct opt_set {
    const struct opt_rule *at[OPT_RULES_MAX];
    size_t count;
};

/* Adds rules; one whose name is there already is left out, and must agree in having a value. */
void opt_set_add(struct opt_set *set, const struct opt_rule *rules, size_t count);
/* Adds those that `names` ("unit limit after") names; each must be among the rules. */
void opt_set_add_named(
        struct opt_set *set, const struct opt_rule *rules, size_t count, const char *names);

/* ---- one argument after the other ---- */

/* Help is --help or -h. */
enum opt_step { OPT_IS_END, OPT_IS_OPTION, OPT_IS_WORD, OPT_IS_HELP, OPT_IS_VERSION, OPT_IS_WRONG };

struct opt_scan {
    const struct opt_set *set;
    char *const *argv;
    int argc, at;
    bool is_rest;  /* "--" was passed */
    bool is_quiet; /* what is wrong is not told */
};

/* From argv[1] on. */
struct opt_scan opt_scan_of(const struct opt_set *set, int argc, char *const argv[]);
/* The next option (*ret_rule, *ret_text: NULL for a switch) or word (*ret_text). */
enum opt_step opt_scan_next(
        struct opt_scan *scan, const struct opt_rule **ret_rule, const char **ret_text);

/* The value of `text` by the rule, into `slot` (as the kind says). False: the reason was
 * printed. */
bool opt_value(const struct opt_rule *rule, const char *text, void *slot);

/* ---- the whole of a tool's command line ---- */

struct opt_program {
    const char *usage;  /* the lines behind "usage: redress-sub ", each with its newline */
    const char *about;  /* what stands below them, with its newlines; NULL: nothing */
    const char *wanted; /* told where there are fewer or more words: "give one file, or -" */
    size_t words_min, words_max;
    /* Prints what may stand for a word or for a unit, one a line, with what `into` holds of the
     * options before it; NULL: nobody knows. */
    void (*complete)(const void *into, bool is_unit);
};

enum opt_result { OPT_GOOD, OPT_ENDED, OPT_BAD };

/* Fills `into` by the rules' offsets; the words go to `words`, which has room for words_max and a
 * NULL behind them. OPT_ENDED: help, version or completions were asked for and are on
 * standard output; OPT_BAD: told. */
enum opt_result opt_read(const struct opt_program *program, const struct opt_set *set, int argc,
        char *const argv[], void *into, char *words[]);

/* ---- help and completion, for a program of many verbs ---- */

/* Lines "  --name VALUE      help". */
void opt_print_rules(FILE *out, const struct opt_set *set);
/* The words of a shell's line behind the program's name, the last of them still being typed. What
 * may stand there is printed, one a line, if it is an option or the value of one (":file" and
 * ":dir" mean the shell's own completion); else the caller must know the word, or the unit. */
enum opt_asked { OPT_ANSWERED, OPT_ASKS_WORD, OPT_ASKS_UNIT };
enum opt_asked opt_complete(const struct opt_set *set, char *const words[], size_t count);
/* "; did you mean X?" behind a name, or an empty text. */
enum { OPT_HINT_MAX = 128 };
const char *opt_hint(const struct rd_nearest *nearest, char room[static OPT_HINT_MAX]);
