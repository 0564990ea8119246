#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/ctl/ctl.h"
#include "tools/shared/text.h"

/* ---- which verb ---- */

enum asked { ASKED_VERB, ASKED_HELP, ASKED_VERSION, ASKED_WRONG };

/* The words of the line, whatever verb's options stand between them. */
static enum asked gather_words(struct ctl *ctl, int argc, char *argv[])
{
    struct opt_set all;
    ctl_verb_set(NULL, &all);
    struct opt_scan scan = opt_scan_of(&all, argc, argv);
    scan.is_quiet = true;
    enum asked asked = ASKED_VERB;
    for (;;) {
        const struct opt_rule *rule;
        const char *text;
        switch (opt_scan_next(&scan, &rule, &text)) {
        case OPT_IS_END:
            return asked;
        case OPT_IS_WRONG:
            return asked == ASKED_VERB ? ASKED_WRONG : asked;
        case OPT_IS_WORD:
            ctl->words[ctl->word_count++] = argv[scan.at - 1];
            break;
        case OPT_IS_HELP:
            asked = ASKED_HELP;
            break;
        case OPT_IS_VERSION:
            asked = ASKED_VERSION;
            break;
        case OPT_IS_OPTION:
            break;
        }
    }
}

/* Tells what is wrong with an option where no verb is known. */
static void say_wrong_option(int argc, char *argv[])
{
    struct opt_set all;
    ctl_verb_set(NULL, &all);
    struct opt_scan scan = opt_scan_of(&all, argc, argv);
    const struct opt_rule *rule;
    const char *text;
    enum opt_step step;
    do {
        step = opt_scan_next(&scan, &rule, &text);
    } while (step != OPT_IS_WRONG && step != OPT_IS_END);
}

/* ---- the verb's line ---- */

/* Two of a kind, or two that ask for the same thing, would be one value that nobody chose. */
static bool is_given(const struct ctl *ctl, const struct opt_rule *rule)
{
    static const char *const ONE_OF[] = {"mine", "handler"};
    bool is_mine = strcmp(rule->name, ONE_OF[0]) == 0;
    bool is_one = is_mine || strcmp(rule->name, ONE_OF[1]) == 0;
    if (ctl_given(ctl, rule->name) != NULL) {
        say_error("--%s is given twice: give it once", rule->name);
        return true;
    }
    if (is_one && ctl_given(ctl, ONE_OF[is_mine ? 1 : 0]) != NULL) {
        say_error("--mine and --handler both say whose: give one of them");
        return true;
    }
    return false;
}

static bool take_option(struct ctl *ctl, const struct opt_rule *rule, const char *text)
{
    if (ctl_verb_is_common(rule)) {
        return opt_value(rule, text, (char *)ctl + rule->offset);
    }
    if (is_given(ctl, rule)) {
        return false;
    }
    struct ctl_option *option = &ctl->options[ctl->option_count++];
    *option = (struct ctl_option){.rule = rule, .text = text};
    return opt_value(rule, text, &option->value);
}

static enum exit_status take_line(struct ctl *ctl, int argc, char *argv[], size_t used)
{
    struct opt_set set;
    ctl_verb_set(ctl->verb, &set);
    struct opt_scan scan = opt_scan_of(&set, argc, argv);
    ctl->word_count = 0;
    for (;;) {
        const struct opt_rule *rule;
        const char *text;
        enum opt_step step = opt_scan_next(&scan, &rule, &text);
        if (step == OPT_IS_END) {
            break;
        }
        if (step == OPT_IS_WORD) {
            ctl->words[ctl->word_count++] = argv[scan.at - 1];
        } else if (step == OPT_IS_WRONG) {
            return ctl_usage(ctl);
        } else if (step == OPT_IS_OPTION && !take_option(ctl, rule, text)) {
            return STATUS_USAGE;
        }
    }
    ctl->words += used;
    ctl->word_count -= used;
    if (ctl->word_count > ctl->verb->words_max && ctl_verb_is_family(ctl->verb->name)) {
        ctl_verb_say_unknown(ctl->words - used, ctl->word_count + used);
        return ctl_usage(ctl);
    }
    if (ctl->word_count < ctl->verb->words_min || ctl->word_count > ctl->verb->words_max) {
        return ctl_usage(ctl);
    }
    if (ctl->by != NULL && ctl->by[0] == '\0') {
        ctl->by = NULL;
    }
    return STATUS_OK;
}

enum exit_status ctl_parse(int argc, char *argv[], struct ctl *ret_ctl)
{
    struct ctl *ctl = ret_ctl;
    size_t used = 0;
    if (!ctl_init(ctl)) {
        return STATUS_USAGE;
    }
    if (argc >= 2 && strcmp(argv[1], "--complete") == 0) {
        ctl_complete(argc - 1, argv + 1);
        return STATUS_OK;
    }
    ctl->all_words = calloc((size_t)argc + 1, sizeof *ctl->all_words);
    ctl->options = calloc((size_t)argc + 1, sizeof *ctl->options);
    if (ctl->all_words == NULL || ctl->options == NULL) {
        rd_oom();
    }
    ctl->words = ctl->all_words;
    ctl->argc = argc;
    ctl->argv = argv;
    enum asked asked = gather_words(ctl, argc, argv);
    if (asked == ASKED_VERSION) {
        (void)puts("redressctl " REDRESS_VERSION);
        return STATUS_OK;
    }
    bool is_help = ctl->word_count > 0 && strcmp(ctl->words[0], "help") == 0;
    if (asked == ASKED_HELP || (is_help && asked == ASKED_VERB)) {
        return ctl_help(ctl->words + (is_help ? 1 : 0), ctl->word_count - (is_help ? 1 : 0));
    }
    const struct ctl_verb *verb = ctl_verb_find(ctl->words, ctl->word_count, &used);
    if (verb == NULL && asked == ASKED_WRONG) {
        say_wrong_option(argc, argv);
        return STATUS_USAGE;
    }
    if (verb == NULL) {
        ctl_verb_say_unknown(ctl->words, ctl->word_count);
        return STATUS_USAGE;
    }
    ctl->verb = verb;
    enum exit_status status = take_line(ctl, argc, argv, used);
    ctl->verb = status == STATUS_OK ? verb : NULL;
    return status;
}

/* ---- the next page ---- */

/* As a shell takes it: in quotes, where a letter in it needs them. */
static void print_quoted(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=@,+%";
    if (text[0] != '\0' && strspn(text, plain) == strlen(text)) {
        (void)fprintf(stderr, " %s", text);
        return;
    }
    (void)fputs(" '", stderr);
    for (const char *at = text; *at != '\0'; at++) {
        (void)(*at == '\'' ? fputs("'\\''", stderr) : fputc(*at, stderr));
    }
    (void)fputc('\'', stderr);
}

void ctl_say_more(const struct ctl *ctl, uint64_t after)
{
    struct opt_set set;
    ctl_verb_set(ctl->verb, &set);
    struct opt_scan scan = opt_scan_of(&set, ctl->argc, ctl->argv);
    (void)fflush(stdout);
    bool is_zh = style_in(stderr, ctl_option(ctl, "lang")).is_zh;
    (void)fputs(is_zh ? "下一页： redressctl" : "more: redressctl", stderr);
    for (;;) {
        const struct opt_rule *rule;
        const char *text;
        enum opt_step step = opt_scan_next(&scan, &rule, &text);
        if (step != OPT_IS_OPTION && step != OPT_IS_WORD) {
            break;
        }
        if (step == OPT_IS_WORD) {
            print_quoted(text);
        } else if (strcmp(rule->name, "after") != 0) {
            (void)fprintf(stderr, " --%s", rule->name);
            if (text != NULL) {
                print_quoted(text);
            }
        }
    }
    (void)fprintf(stderr, " --after %" PRIu64 "\n", after);
}
