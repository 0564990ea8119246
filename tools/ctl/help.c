#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/shared/live.h"
#include "tools/shared/table.h"

/* What the tables tell a person, or a shell. */

enum { HELP_COLUMN = 38, HELP_WIDTH = 80 };

/* "  silence create ATTR=VALUE…   withhold matching alerts" */
static void print_line(const struct ctl_verb *verb)
{
    int width = printf("  %s %s", verb->name, verb->synopsis);
    for (const char *at = verb->synopsis; *at != '\0'; at++) {
        width -= ((unsigned char)*at & 0xc0) == 0x80 ? 1 : 0; /* columns, not bytes */
    }
    if (width >= HELP_COLUMN) {
        (void)putchar('\n');
        width = 0;
    }
    (void)printf("%*s", HELP_COLUMN - width, "");
    print_wrapped(stdout, (struct style){.width = HELP_WIDTH}, rd_str_of(verb->help), HELP_COLUMN);
}

static void print_all(void)
{
    struct opt_set set = {.count = 0};
    (void)puts("usage: redressctl [OPTION…] VERB [WORD…]\n"
               "       redressctl help [VERB]      what a verb does, and its options");
    for (size_t g = 0; ctl_groups[g] != NULL; g++) {
        (void)printf("\n%s:\n", ctl_groups[g]->title);
        for (size_t i = 0; i < ctl_groups[g]->verb_count; i++) {
            print_line(&ctl_groups[g]->verbs[i]);
        }
    }
    (void)puts("\nOptions of every verb:");
    ctl_verb_common(&set);
    opt_print_rules(stdout, &set);
    (void)puts("  --help, --version\n\n"
               "CASE is a case's number or its subject; subject:TEXT is always a subject.\n"
               "TIME is 2h, 18:00, tomorrow, \"fri 17:00\", a date, or RFC 3339.\n"
               "Exit status: 0 done, 1 usage, 2 refused, 3 nobody answered, 4 something found.");
}

static void print_usage(FILE *out, const struct ctl_verb *verb)
{
    bool has_options = verb->options[0] != '\0';
    (void)fprintf(out, "usage: redressctl %s%s%s%s\n", verb->name,
            verb->synopsis[0] != '\0' ? " " : "", verb->synopsis, has_options ? " [OPTION…]" : "");
}

void ctl_help_verb(const struct ctl_verb *verb)
{
    struct opt_set own = {.count = 0};
    print_usage(stdout, verb);
    (void)printf("\n%s\n", verb->help);
    ctl_verb_own(verb, &own);
    if (own.count > 0) {
        (void)puts("\nOptions:");
        opt_print_rules(stdout, &own);
    }
    (void)puts("\nredressctl help tells the options of every verb; redressctl(1) all of them.");
}

enum exit_status ctl_usage(const struct ctl *ctl)
{
    print_usage(stderr, ctl->verb);
    (void)fprintf(stderr, "redressctl help %s tells its options\n", ctl->verb->name);
    return STATUS_USAGE;
}

enum exit_status ctl_help(char *const words[], size_t count)
{
    size_t used, found = 0;
    if (count == 0) {
        print_all();
        return STATUS_OK;
    }
    const struct ctl_verb *verb = ctl_verb_find(words, count, &used);
    if (verb != NULL) {
        ctl_help_verb(verb);
        return STATUS_OK;
    }
    size_t len = strlen(words[0]);
    for (size_t g = 0; ctl_groups[g] != NULL; g++) {
        for (size_t i = 0; i < ctl_groups[g]->verb_count; i++) {
            const struct ctl_verb *one = &ctl_groups[g]->verbs[i];
            if (count == 1 && strncmp(one->name, words[0], len) == 0 && one->name[len] == ' ') {
                print_line(one);
                found++;
            }
        }
    }
    if (found == 0) {
        ctl_verb_say_unknown(words, count);
    }
    return found > 0 ? STATUS_OK : STATUS_USAGE;
}

/* ---- completion ---- */

static void print_verbs(const char *first)
{
    for (size_t g = 0; ctl_groups[g] != NULL; g++) {
        for (size_t i = 0; i < ctl_groups[g]->verb_count; i++) {
            const char *name = ctl_groups[g]->verbs[i].name, *space = strchr(name, ' ');
            size_t len = space != NULL ? (size_t)(space - name) : strlen(name);
            if (first == NULL) {
                (void)printf("%.*s\n", (int)len, name);
            } else if (space != NULL && strlen(first) == len && memcmp(first, name, len) == 0) {
                (void)puts(space + 1);
            }
        }
    }
    if (first == NULL) {
        (void)puts("help");
    }
}

/* The word of the synopsis at this place; the last one stands for all further. */
static struct rd_str word_of(const char *synopsis, size_t place)
{
    for (;;) {
        size_t len = strcspn(synopsis, " ");
        if (place == 0 || synopsis[len] == '\0') {
            return (struct rd_str){.ptr = synopsis, .len = len};
        }
        synopsis += len + 1;
        place--;
    }
}

static void print_word(const struct ctl *ctl, const struct ctl_verb *verb, size_t place)
{
    struct rd_str word = word_of(verb->synopsis, place);
    if (rd_str_is(word, "CASE") || rd_str_is(word, "INTO") || rd_str_is(word, "ALERT|CASE")) {
        live_print_subjects(ctl->ends.desk);
    } else if (rd_str_is(word, "UNIT")) {
        live_print_units(ctl->ends.desk);
    } else if (rd_str_is(word, "FILE|-") || rd_str_is(word, "NEW")) {
        (void)puts(":file");
    } else if (rd_str_is(word, "DIR")) {
        (void)puts(":dir");
    } else if (rd_str_is(word, "true|false")) {
        (void)puts("true\nfalse");
    }
}

void ctl_complete(int argc, char *const argv[])
{
    struct ctl ctl;
    struct opt_set all = {.count = 0}, set = {.count = 0};
    char *words[CTL_COMPLETE_WORDS_MAX];
    size_t count = 0, used = 0;
    if (!ctl_init(&ctl)) {
        return;
    }
    ctl_verb_set(NULL, &all);
    struct opt_scan scan = opt_scan_of(&all, argc - 1, argv);
    scan.is_quiet = true;
    for (enum opt_step step = OPT_IS_WORD; step == OPT_IS_WORD || step == OPT_IS_OPTION;) {
        const struct opt_rule *rule;
        const char *text;
        step = opt_scan_next(&scan, &rule, &text);
        if (step == OPT_IS_WORD && count < RD_COUNT(words)) {
            words[count++] = argv[scan.at - 1];
        } else if (step == OPT_IS_OPTION && ctl_verb_is_common(rule)) {
            (void)opt_value(rule, text, (char *)&ctl + rule->offset);
        }
    }
    const struct ctl_verb *verb = ctl_verb_find(words, count, &used);
    ctl_verb_set(verb, &set);
    enum opt_asked asked = opt_complete(&set, argv + 1, (size_t)argc - 1);
    if (asked == OPT_ASKS_UNIT) {
        live_print_units(ctl.ends.desk);
    } else if (asked == OPT_ASKS_WORD && verb != NULL) {
        print_word(&ctl, verb, count - used);
    } else if (asked == OPT_ASKS_WORD) {
        bool is_help = count > 0 && strcmp(words[0], "help") == 0;
        size_t skipped = is_help ? 1 : 0;
        print_verbs(count > skipped ? words[skipped] : NULL);
    }
}
