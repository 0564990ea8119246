#include <string.h>

#include "tools/shared/options.h"
#include "tools/shared/table.h"

enum { HELP_WIDTH = 80 };

/* Texts about options: their help, and what a shell may complete. */

void opt_print_rules(FILE *out, const struct opt_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct opt_rule *rule = set->at[i];
        int width = fprintf(out, "  --%s%s%s", rule->name, rule->value != NULL ? " " : "",
                rule->value != NULL ? rule->value : "");
        if (width >= OPT_HELP_COLUMN) {
            (void)fputc('\n', out);
            width = 0;
        }
        (void)fprintf(out, "%*s", OPT_HELP_COLUMN - width, "");
        print_wrapped(
                out, (struct style){.width = HELP_WIDTH}, rd_str_of(rule->help), OPT_HELP_COLUMN);
    }
}

static const struct opt_rule *find(const struct opt_set *set, struct rd_str name)
{
    for (size_t i = 0; i < set->count; i++) {
        if (rd_str_is(name, set->at[i]->name)) {
            return set->at[i];
        }
    }
    return NULL;
}

/* What a value may be: the words of a choice, or a sign to the shell what kind of thing it is. */
static void print_values(const struct opt_rule *rule)
{
    static const char *const signs[] = {[OPT_FILE] = ":file", [OPT_DIR] = ":dir"};
    if ((size_t)rule->kind < RD_COUNT(signs) && signs[rule->kind] != NULL) {
        (void)puts(signs[rule->kind]);
        return;
    }
    if (rule->kind != OPT_CHOICE && strchr(rule->value, '|') == NULL) {
        return; /* a number, a time, a text: nobody knows it but who types */
    }
    for (const char *at = rule->value; *at != '\0';) {
        size_t len = strcspn(at, "|");
        if (at[0] < 'A' || at[0] > 'Z') { /* FILE of "FILE|-" is no word to type */
            (void)printf("%.*s\n", (int)len, at);
        }
        at += len + (at[len] == '|' ? 1 : 0);
    }
}

enum opt_asked opt_complete(const struct opt_set *set, char *const words[], size_t count)
{
    const char *last = count > 0 ? words[count - 1] : "";
    const char *before = count > 1 ? words[count - 2] : "";
    if (before[0] == '-' && before[1] == '-' && before[2] != '\0') {
        const struct opt_rule *rule = find(set, rd_str_of(before + 2));
        if (rule != NULL && rule->kind == OPT_UNIT) {
            return OPT_ASKS_UNIT;
        }
        if (rule != NULL && rule->kind != OPT_SWITCH) {
            print_values(rule);
            return OPT_ANSWERED;
        }
    }
    if (last[0] != '-') {
        return OPT_ASKS_WORD;
    }
    for (size_t i = 0; i < set->count; i++) {
        (void)printf("--%s\n", set->at[i]->name);
    }
    (void)puts("--help\n--version");
    return OPT_ANSWERED;
}
