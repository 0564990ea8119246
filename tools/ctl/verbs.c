#include <string.h>

#include "tools/ctl/ctl.h"

const struct ctl_group *const ctl_groups[] = {&ctl_group_read, &ctl_group_report, &ctl_group_office,
        &ctl_group_write, &ctl_group_due, &ctl_group_route, &ctl_group_diff, &ctl_group_disk,
        &ctl_group_keep, NULL};

/* ---- options that every verb takes ---- */

enum { TIMEOUT_S_MAX = 86400 };

static const struct opt_rule common_rules[] = {
        ENDS_RUN(struct ctl, ends),
        ENDS_INTAKE(struct ctl, ends),
        ENDS_DESK(struct ctl, ends),
        ENDS_KEY(struct ctl, ends),
        {.name = "timeout",
                .value = "SECONDS",
                .kind = OPT_SECONDS,
                .offset = offsetof(struct ctl, timeout_us),
                .min = 1,
                .max = TIMEOUT_S_MAX,
                .help = "how long to wait for an answer (10)"},
        {.name = "wait",
                .value = "SECONDS",
                .kind = OPT_SECONDS,
                .offset = offsetof(struct ctl, wait_us),
                .max = TIMEOUT_S_MAX,
                .help = "how long to wait for a daemon that is not there yet (0)"},
        {.name = "json",
                .kind = OPT_SWITCH,
                .offset = offsetof(struct ctl, is_json),
                .help = "the answer as one JSON document"},
        {.name = "by",
                .value = "NAME",
                .kind = OPT_TEXT,
                .offset = offsetof(struct ctl, by),
                .help = "who acts ($USER)"},
};

static const struct ctl_group *group_of(const struct ctl_verb *verb)
{
    for (size_t g = 0; ctl_groups[g] != NULL; g++) {
        const struct ctl_group *group = ctl_groups[g];
        if (verb >= group->verbs && verb < group->verbs + group->verb_count) {
            return group;
        }
    }
    RD_UNREACHABLE("a verb is of a group");
}

void ctl_verb_common(struct opt_set *set)
{
    opt_set_add(set, common_rules, RD_COUNT(common_rules));
}

bool ctl_verb_is_common(const struct opt_rule *rule)
{
    return rule >= common_rules && rule < common_rules + RD_COUNT(common_rules);
}

void ctl_verb_own(const struct ctl_verb *verb, struct opt_set *set)
{
    const struct ctl_group *group = group_of(verb);
    opt_set_add_named(set, group->rules, group->rule_count, verb->options);
}

void ctl_verb_set(const struct ctl_verb *verb, struct opt_set *ret_set)
{
    ret_set->count = 0;
    if (verb != NULL) {
        ctl_verb_own(verb, ret_set);
    }
    ctl_verb_common(ret_set);
    for (size_t g = 0; verb == NULL && ctl_groups[g] != NULL; g++) {
        opt_set_add(ret_set, ctl_groups[g]->rules, ctl_groups[g]->rule_count);
    }
}

/* ---- finding one ---- */

/* How many words of the line are the verb's name; 0: it is another verb. */
static size_t words_of(const struct ctl_verb *verb, char *const words[], size_t count)
{
    const char *space = strchr(verb->name, ' ');
    if (space == NULL) {
        return count >= 1 && strcmp(words[0], verb->name) == 0 ? 1 : 0;
    }
    size_t len = (size_t)(space - verb->name);
    bool is_it = count >= 2 && strlen(words[0]) == len && memcmp(words[0], verb->name, len) == 0 &&
                 strcmp(words[1], space + 1) == 0;
    return is_it ? 2 : 0;
}

/* "config diff" before "config". */
const struct ctl_verb *ctl_verb_find(char *const words[], size_t count, size_t *ret_used)
{
    const struct ctl_verb *found = NULL;
    *ret_used = 0;
    for (size_t g = 0; ctl_groups[g] != NULL; g++) {
        const struct ctl_group *group = ctl_groups[g];
        for (size_t i = 0; i < group->verb_count; i++) {
            size_t used = words_of(&group->verbs[i], words, count);
            if (used > *ret_used) {
                found = &group->verbs[i];
                *ret_used = used;
            }
        }
    }
    return found;
}

bool ctl_verb_is_family(const char *word)
{
    size_t len = strlen(word);
    for (size_t g = 0; ctl_groups[g] != NULL; g++) {
        for (size_t i = 0; i < ctl_groups[g]->verb_count; i++) {
            const char *name = ctl_groups[g]->verbs[i].name;
            if (strncmp(name, word, len) == 0 && name[len] == ' ') {
                return true;
            }
        }
    }
    return false;
}

void ctl_verb_say_unknown(char *const words[], size_t count)
{
    enum { WRITTEN_MAX = 128 };
    if (count == 0) {
        say_error("name a verb; redressctl help tells them all");
        return;
    }
    char one[WRITTEN_MAX], two[WRITTEN_MAX], room[OPT_HINT_MAX];
    (void)snprintf(one, sizeof one, "%s", words[0]);
    (void)snprintf(
            two, sizeof two, "%s%s%s", words[0], count > 1 ? " " : "", count > 1 ? words[1] : "");
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(one));
    struct rd_nearest pair = rd_nearest_of(rd_str_of(two));
    rd_nearest_try(&nearest, RD_STR("help"));
    for (size_t g = 0; ctl_groups[g] != NULL; g++) {
        for (size_t i = 0; i < ctl_groups[g]->verb_count; i++) {
            const char *name = ctl_groups[g]->verbs[i].name;
            if (strcmp(name, one) != 0) { /* "config" of "config dif" is not what was meant */
                rd_nearest_try(strchr(name, ' ') != NULL ? &pair : &nearest, rd_str_of(name));
            }
        }
    }
    if (count == 1 && ctl_verb_is_family(one)) {
        say_error("%s what? redressctl help %s tells", one, one);
        return;
    }
    bool is_pair = count > 1 && pair.distance <= nearest.distance;
    say_error("there is no verb %s%s; redressctl help tells them all", is_pair ? two : one,
            opt_hint(is_pair ? &pair : &nearest, room));
}
