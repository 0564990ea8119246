#include "tools/shared/options.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/num.h"
#include "tools/shared/say.h"
#include "tools/shared/when.h"

/* ---- sets ---- */

static const struct opt_rule *find_exact(const struct opt_set *set, struct rd_str name)
{
    for (size_t i = 0; i < set->count; i++) {
        if (rd_str_is(name, set->at[i]->name)) {
            return set->at[i];
        }
    }
    return NULL;
}

static void add(struct opt_set *set, const struct opt_rule *rule)
{
    const struct opt_rule *other = find_exact(set, rd_str_of(rule->name));
    if (other != NULL) {
        RD_ASSERT((other->value == NULL) == (rule->value == NULL));
        return;
    }
    RD_ASSERT((rule->kind == OPT_SWITCH) == (rule->value == NULL));
    RD_ASSERT(set->count < OPT_RULES_MAX);
    set->at[set->count++] = rule;
}

void opt_set_add(struct opt_set *set, const struct opt_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add(set, &rules[i]);
    }
}

void opt_set_add_named(
        struct opt_set *set, const struct opt_rule *rules, size_t count, const char *names)
{
    for (const char *at = names; *at != '\0';) {
        struct rd_str name = {.ptr = at, .len = strcspn(at, " ")};
        size_t i = 0;
        while (i < count && !rd_str_is(name, rules[i].name)) {
            i++;
        }
        RD_ASSERT(i < count); /* a verb names options of its group only */
        add(set, &rules[i]);
        at += name.len + strspn(at + name.len, " ");
    }
}

/* ---- errors ---- */

const char *opt_hint(const struct rd_nearest *nearest, char room[static OPT_HINT_MAX])
{
    _Static_assert((int)OPT_HINT_MAX >= (int)RD_NEAREST_HINT_MAX, "a hint fits");
    return rd_nearest_hint(nearest, room);
}

static void say_unknown(const struct opt_scan *scan, struct rd_str name)
{
    char room[OPT_HINT_MAX], dashed[OPT_HINT_MAX];
    struct rd_nearest nearest = rd_nearest_of(name);
    for (size_t i = 0; i < scan->set->count; i++) {
        rd_nearest_try(&nearest, rd_str_of(scan->set->at[i]->name));
    }
    rd_nearest_try(&nearest, RD_STR("help"));
    rd_nearest_try(&nearest, RD_STR("version"));
    (void)snprintf(dashed, sizeof dashed, "--%.*s", RD_FMT(nearest.best));
    bool is_close = rd_nearest_is_close(&nearest);
    nearest.best = is_close ? rd_str_of(dashed) : nearest.best;
    say_error(
            "there is no option --%.*s%s", RD_FMT(name), is_close ? opt_hint(&nearest, room) : "");
}

static void say_ambiguous(const struct opt_scan *scan, struct rd_str name)
{
    char names[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < scan->set->count && used < sizeof names; i++) {
        if (rd_str_starts(rd_str_of(scan->set->at[i]->name), name)) {
            int len = snprintf(names + used, sizeof names - used, "%s--%s", used > 0 ? ", " : "",
                    scan->set->at[i]->name);
            used += len > 0 ? (size_t)len : 0;
        }
    }
    say_error("--%.*s may be each of %s", RD_FMT(name), names);
}

/* ---- the scan ---- */

struct opt_scan opt_scan_of(const struct opt_set *set, int argc, char *const argv[])
{
    return (struct opt_scan){.set = set, .argv = argv, .argc = argc, .at = 1};
}

/* By its whole name, or by a beginning that only one has. NULL: none or several; printed. */
static const struct opt_rule *find(const struct opt_scan *scan, struct rd_str name)
{
    const struct opt_rule *found = find_exact(scan->set, name);
    size_t hits = 0;
    for (size_t i = 0; found == NULL && name.len > 0 && i < scan->set->count; i++) {
        hits += rd_str_starts(rd_str_of(scan->set->at[i]->name), name) ? 1 : 0;
    }
    for (size_t i = 0; hits == 1 && found == NULL; i++) {
        found = rd_str_starts(rd_str_of(scan->set->at[i]->name), name) ? scan->set->at[i] : NULL;
    }
    if (found == NULL && !scan->is_quiet) {
        if (hits > 1) {
            say_ambiguous(scan, name);
        } else {
            say_unknown(scan, name);
        }
    }
    return found;
}

static enum opt_step take_option(
        struct opt_scan *scan, const struct opt_rule **ret_rule, const char **ret_text)
{
    const char *name = scan->argv[scan->at++] + 2;
    size_t len = strcspn(name, "=");
    const struct opt_rule *rule = find(scan, (struct rd_str){.ptr = name, .len = len});
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    if (rule == NULL) {
        return OPT_IS_WRONG;
    }
    bool is_switch = rule->kind == OPT_SWITCH;
    if (!is_switch && value == NULL && scan->at < scan->argc) {
        value = scan->argv[scan->at++];
    }
    if (is_switch == (value != NULL)) {
        if (!scan->is_quiet && is_switch) {
            say_error("--%s takes no value", rule->name);
        } else if (!scan->is_quiet) {
            say_error("--%s wants a value: %s", rule->name, rule->value);
        }
        return OPT_IS_WRONG;
    }
    *ret_rule = rule;
    *ret_text = value;
    return OPT_IS_OPTION;
}

enum opt_step opt_scan_next(
        struct opt_scan *scan, const struct opt_rule **ret_rule, const char **ret_text)
{
    *ret_rule = NULL;
    *ret_text = NULL;
    if (scan->at < scan->argc && !scan->is_rest && strcmp(scan->argv[scan->at], "--") == 0) {
        scan->is_rest = true;
        scan->at++;
    }
    if (scan->at >= scan->argc) {
        return OPT_IS_END;
    }
    const char *word = scan->argv[scan->at];
    if (scan->is_rest || word[0] != '-' || word[1] == '\0') {
        scan->at++;
        *ret_text = word;
        return OPT_IS_WORD;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        scan->at++;
        return OPT_IS_HELP;
    }
    if (strcmp(word, "--version") == 0) {
        scan->at++;
        return OPT_IS_VERSION;
    }
    if (word[1] == '-') {
        return take_option(scan, ret_rule, ret_text);
    }
    if (!scan->is_quiet) {
        say_error("there is no option %s: options begin with two dashes, but for -h", word);
    }
    return OPT_IS_WRONG;
}

/* ---- values ---- */

static bool take_number(const struct opt_rule *rule, const char *text, uint64_t *ret)
{
    uint64_t value = 0;
    bool is_number = rd_u64_parse(rd_str_of(text), &value) == 0;
    uint64_t max = rule->max != 0 ? rule->max : UINT64_MAX;
    if (is_number && value >= rule->min && value <= max) {
        *ret = value;
        return true;
    }
    if (rule->max != 0) {
        say_error("--%s %.60s: give a number from %" PRIu64 " to %" PRIu64, rule->name, text,
                rule->min, max);
    } else {
        say_error("--%s %.60s: give a number", rule->name, text);
    }
    return false;
}

/* "a|b|c" as "a, b or c". */
static const char *words_of(const char *choice, char room[static OPT_HINT_MAX])
{
    const char *last = strrchr(choice, '|');
    size_t used = 0;
    for (const char *at = choice; *at != '\0' && used + 5 < OPT_HINT_MAX; at++) {
        const char *put = *at != '|' ? NULL : at == last ? " or " : ", ";
        int len = put != NULL ? snprintf(room + used, OPT_HINT_MAX - used, "%s", put)
                              : snprintf(room + used, OPT_HINT_MAX - used, "%c", *at);
        used += len > 0 ? (size_t)len : 0;
    }
    return room;
}

static bool take_choice(const struct opt_rule *rule, const char *text, int *ret)
{
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(text));
    char room[OPT_HINT_MAX], words[OPT_HINT_MAX];
    int index = 0;
    for (const char *at = rule->value; *at != '\0'; index++) {
        struct rd_str word = {.ptr = at, .len = strcspn(at, "|")};
        if (rd_str_is(word, text)) {
            *ret = index;
            return true;
        }
        rd_nearest_try(&nearest, word);
        at += word.len + (at[word.len] == '|' ? 1 : 0);
    }
    say_error("--%s %.60s: give %s%s", rule->name, text, words_of(rule->value, words),
            opt_hint(&nearest, room));
    return false;
}

static bool take_time(const struct opt_rule *rule, const char *text, rd_time *ret)
{
    enum when_side side = rule->kind == OPT_TIME_BACK ? WHEN_BACK : WHEN_AHEAD;
    if (when_parse(rd_str_of(text), when_now(), side, ret) == 0) {
        return true;
    }
    char room[OPT_HINT_MAX];
    struct rd_nearest nearest = when_nearest(rd_str_of(text));
    say_error("--%s %.60s: give a time such as " WHEN_EXAMPLES "%s", rule->name, text,
            opt_hint(&nearest, room));
    return false;
}

bool opt_value(const struct opt_rule *rule, const char *text, void *slot)
{
    uint64_t number;
    if (rule->take != NULL) {
        return rule->take(rule, text, slot);
    }
    switch (rule->kind) {
    case OPT_SWITCH:
        *(bool *)slot = true;
        return true;
    case OPT_TEXT:
    case OPT_FILE:
    case OPT_DIR:
    case OPT_UNIT:
        *(const char **)slot = text;
        return true;
    case OPT_NUMBER:
        return take_number(rule, text, slot);
    case OPT_SECONDS:
        if (!take_number(rule, text, &number)) {
            return false;
        }
        *(int64_t *)slot = (int64_t)number * RD_SECOND_US;
        return true;
    case OPT_SPAN:
        if (when_span_parse(rd_str_of(text), slot) < 0) {
            say_error("--%s %.60s: give a time such as 500ms, 10s, 5m or 2h", rule->name, text);
            return false;
        }
        return true;
    case OPT_CHOICE:
        return take_choice(rule, text, slot);
    case OPT_TIME_AHEAD:
    case OPT_TIME_BACK:
        return take_time(rule, text, slot);
    }
    RD_UNREACHABLE("the kinds are all named");
}

/* ---- the whole ---- */

static void print_help(const struct opt_program *program, const struct opt_set *set)
{
    const char *lead = "usage:";
    for (const char *at = program->usage; *at != '\0'; lead = "      ") {
        size_t len = strcspn(at, "\n");
        (void)printf("%s %s %.*s\n", lead, program_invocation_short_name, (int)len, at);
        at += len + (at[len] == '\n' ? 1 : 0);
    }
    (void)fputs("\n", stdout);
    if (program->about != NULL) {
        (void)printf("%s", program->about);
    }
    opt_print_rules(stdout, set);
}

/* argv[0] is "--complete", the last word is still being typed: what stands before it is taken. */
static void complete(const struct opt_program *program, const struct opt_set *set, int argc,
        char *const argv[], void *into)
{
    struct opt_scan scan = opt_scan_of(set, argc - 1, argv);
    scan.is_quiet = true;
    for (enum opt_step step = OPT_IS_WORD; step == OPT_IS_WORD || step == OPT_IS_OPTION;) {
        const struct opt_rule *rule;
        const char *text;
        step = opt_scan_next(&scan, &rule, &text);
        if (step == OPT_IS_OPTION && !opt_value(rule, text, (char *)into + rule->offset)) {
            return;
        }
    }
    enum opt_asked asked = opt_complete(set, argv + 1, (size_t)argc - 1);
    if (asked != OPT_ANSWERED && program->complete != NULL) {
        program->complete(into, asked == OPT_ASKS_UNIT);
    }
}

static enum opt_result take_words(const struct opt_program *program, char *words[], size_t count)
{
    if (count < program->words_min || count > program->words_max) {
        say_error("%s; %s --help tells more", program->wanted, program_invocation_short_name);
        return OPT_BAD;
    }
    words[count] = NULL;
    return OPT_GOOD;
}

enum opt_result opt_read(const struct opt_program *program, const struct opt_set *set, int argc,
        char *const argv[], void *into, char *words[])
{
    size_t count = 0;
    if (argc >= 2 && strcmp(argv[1], "--complete") == 0) {
        complete(program, set, argc - 1, argv + 1, into);
        return OPT_ENDED;
    }
    struct opt_scan scan = opt_scan_of(set, argc, argv);
    for (;;) {
        const struct opt_rule *rule;
        const char *text;
        switch (opt_scan_next(&scan, &rule, &text)) {
        case OPT_IS_END:
            return take_words(program, words, count);
        case OPT_IS_WORD:
            if (count < program->words_max) {
                words[count] = argv[scan.at - 1];
            }
            count++;
            break;
        case OPT_IS_OPTION:
            if (!opt_value(rule, text, (char *)into + rule->offset)) {
                return OPT_BAD;
            }
            break;
        case OPT_IS_HELP:
            print_help(program, set);
            return OPT_ENDED;
        case OPT_IS_VERSION:
            (void)printf("%s " REDRESS_VERSION "\n", program_invocation_short_name);
            return OPT_ENDED;
        case OPT_IS_WRONG:
            say_error("%s --help tells all options", program_invocation_short_name);
            return OPT_BAD;
        }
    }
}
