#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/num.h"
#include "tools/ctl/ctl.h"

enum { TIMEOUT_S_MAX = 86400, HELP_COLUMN = 34 };

static const struct ctl_verb *(*const groups[])(size_t *) = {
        diff_verbs, read_verbs, write_verbs, look_verbs, due_verbs};

void ctl_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fflush(stdout);
    (void)fputs("redressctl: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

bool ctl_is_number(const char *text, uint64_t *ret_value)
{
    return rd_u64_parse(rd_str_of(text), ret_value) == 0;
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
    for (size_t i = 0; i < ctl->option_count; i++) {
        if (strcmp(ctl->options[i].name, name) == 0) {
            return ctl->options[i].value;
        }
    }
    return NULL;
}

enum ctl_status ctl_usage(const struct ctl *ctl)
{
    const struct ctl_verb *verb = ctl->verb;
    (void)fprintf(stderr, "usage: redressctl %s%s%s", verb->name,
            verb->synopsis[0] != '\0' ? " " : "", verb->synopsis);
    for (const char *at = verb->options; *at != '\0';) {
        size_t len = strcspn(at, " ");
        (void)fprintf(stderr, " [--%.*s]", (int)len, at);
        at += len + (at[len] == ' ' ? 1 : 0);
    }
    (void)fputc('\n', stderr);
    return CTL_USAGE;
}

static void print_help(void)
{
    (void)puts("usage: redressctl [OPTION…] VERB [WORD…]\n");
    for (size_t g = 0; g < RD_COUNT(groups); g++) {
        size_t count;
        const struct ctl_verb *verbs = groups[g](&count);
        for (size_t i = 0; i < count; i++) {
            int width = printf("  %s %s", verbs[i].name, verbs[i].synopsis);
            int pad = width < HELP_COLUMN ? HELP_COLUMN - width : 1;
            (void)printf("%*s%s\n", pad, "", verbs[i].help);
        }
        (void)putchar('\n');
    }
    (void)puts("  --run DIR           the daemon's run directory (" REDRESS_RUN_DIR ")\n"
               "  --intake ENDPOINT, --desk ENDPOINT\n"
               "                      one of its doors elsewhere, such as tcp://127.0.0.1:7710\n"
               "  --timeout SECONDS   how long to wait for an answer (10)\n"
               "  --json              the answer as one line of JSON\n"
               "  --by NAME           who acts ($USER)\n"
               "  --help, --version\n\n"
               "CASE is a case's number or its subject; subject:TEXT is always a subject.\n"
               "Exit status: 0 done, 1 usage, 2 refused, 3 nobody answered, 4 something found.");
}

/* ---- which verb ---- */

static bool is_verb(const struct ctl_verb *verb, const char **words, size_t count, size_t *ret_used)
{
    const char *space = strchr(verb->name, ' ');
    if (space == NULL) {
        *ret_used = 1;
        return count >= 1 && strcmp(words[0], verb->name) == 0;
    }
    size_t len = (size_t)(space - verb->name);
    *ret_used = 2;
    return count >= 2 && strlen(words[0]) == len && memcmp(words[0], verb->name, len) == 0 &&
           strcmp(words[1], space + 1) == 0;
}

static bool find_verb(struct ctl *ctl)
{
    for (size_t g = 0; g < RD_COUNT(groups); g++) {
        size_t count, used;
        const struct ctl_verb *verbs = groups[g](&count);
        for (size_t i = 0; i < count; i++) {
            if (is_verb(&verbs[i], ctl->words, ctl->word_count, &used)) {
                ctl->verb = &verbs[i];
                ctl->words += used;
                ctl->word_count -= used;
                return true;
            }
        }
    }
    if (ctl->word_count > 0) {
        ctl_say("there is no verb \"%s\"; redressctl --help names them all", ctl->words[0]);
    } else {
        ctl_say("name a verb; redressctl --help names them all");
    }
    return false;
}

/* ---- options ---- */

/* Does "unit=PATH raw" name it, and does it take a value? */
static bool is_named(const char *list, const char *name, size_t len, bool *ret_has_value)
{
    for (const char *at = list; *at != '\0';) {
        size_t item = strcspn(at, " "), key = strcspn(at, " =");
        if (key == len && memcmp(at, name, len) == 0) {
            *ret_has_value = item > key;
            return true;
        }
        at += item + (at[item] == ' ' ? 1 : 0);
    }
    return false;
}

static const char common_options[] =
        "run=DIR intake=ENDPOINT desk=ENDPOINT timeout=SECONDS json by=NAME help version";

static bool is_any_verbs(const char *name, size_t len, bool *ret_has_value)
{
    for (size_t g = 0; g < RD_COUNT(groups); g++) {
        size_t count;
        const struct ctl_verb *verbs = groups[g](&count);
        for (size_t i = 0; i < count; i++) {
            if (is_named(verbs[i].options, name, len, ret_has_value)) {
                return true;
            }
        }
    }
    return false;
}

static bool take_common(struct ctl *ctl, const char *name, const char *value)
{
    uint64_t seconds;
    if (strcmp(name, "timeout") == 0) {
        if (!ctl_is_number(value, &seconds) || seconds == 0 || seconds > TIMEOUT_S_MAX) {
            ctl_say("--timeout %s: give seconds, from 1 to %d", value, TIMEOUT_S_MAX);
            return false;
        }
        ctl->timeout_us = (int64_t)seconds * RD_SECOND_US;
    }
    const char **slot = strcmp(name, "run") == 0      ? &ctl->run
                        : strcmp(name, "intake") == 0 ? &ctl->intake
                        : strcmp(name, "desk") == 0   ? &ctl->desk
                        : strcmp(name, "by") == 0     ? &ctl->by
                                                      : NULL;
    if (slot != NULL) {
        *slot = value;
    }
    ctl->is_json = ctl->is_json || strcmp(name, "json") == 0;
    return true;
}

/* One option at argv[*at]; *at moves on over its value. The value is cut off its name in place. */
static bool take_option(struct ctl *ctl, int argc, char **argv, int *at)
{
    char *name = argv[*at] + 2, *value = strchr(name, '=');
    size_t len = value != NULL ? (size_t)(value - name) : strlen(name);
    bool has_value = false;
    bool is_common = is_named(common_options, name, len, &has_value);
    if (!is_common && !is_any_verbs(name, len, &has_value)) {
        ctl_say("there is no option --%.*s", (int)len, name);
        return false;
    }
    if (value != NULL && !has_value) {
        ctl_say("--%.*s takes no value", (int)len, name);
        return false;
    }
    if (value != NULL) {
        *value++ = '\0';
    } else if (has_value) {
        if (*at + 1 >= argc) {
            ctl_say("--%s wants a value", name);
            return false;
        }
        value = argv[++*at];
    }
    if (is_common) {
        return take_common(ctl, name, value != NULL ? value : "");
    }
    ctl->options[ctl->option_count++] =
            (struct ctl_option){.name = name, .value = value != NULL ? value : ""};
    return true;
}

static enum ctl_status check_words(struct ctl *ctl)
{
    for (size_t i = 0; i < ctl->option_count; i++) {
        bool has_value;
        const char *name = ctl->options[i].name;
        if (!is_named(ctl->verb->options, name, strlen(name), &has_value)) {
            ctl_say("%s takes no option --%s", ctl->verb->name, name);
            return ctl_usage(ctl);
        }
    }
    if (ctl->word_count < ctl->verb->words_min || ctl->word_count > ctl->verb->words_max) {
        return ctl_usage(ctl);
    }
    return CTL_OK;
}

enum ctl_status ctl_parse(int argc, char **argv, struct ctl *ret_ctl)
{
    struct ctl *ctl = ret_ctl;
    *ctl = (struct ctl){.timeout_us = 10 * RD_SECOND_US, .by = getenv("USER")};
    const char **words = calloc((size_t)argc + 1, sizeof *words);
    ctl->options = calloc((size_t)argc + 1, sizeof *ctl->options);
    if (words == NULL || ctl->options == NULL) {
        rd_oom();
    }
    ctl->all_words = ctl->words = words;
    bool is_rest = false;
    for (int i = 1; i < argc; i++) {
        bool is_option = !is_rest && argv[i][0] == '-' && argv[i][1] == '-';
        if (is_option && argv[i][2] == '\0') {
            is_rest = true;
        } else if (is_option && strcmp(argv[i], "--help") == 0) {
            print_help();
            return CTL_OK;
        } else if (is_option && strcmp(argv[i], "--version") == 0) {
            (void)puts("redressctl " REDRESS_VERSION);
            return CTL_OK;
        } else if (!is_option) {
            words[ctl->word_count++] = argv[i];
        } else if (!take_option(ctl, argc, argv, &i)) {
            return CTL_USAGE;
        }
    }
    ctl->by = ctl->by != NULL && ctl->by[0] == '\0' ? NULL : ctl->by;
    return find_verb(ctl) ? check_words(ctl) : CTL_USAGE;
}

void ctl_done(struct ctl *ctl)
{
    free(ctl->all_words);
    free(ctl->options);
}
