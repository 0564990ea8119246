#include "daemon/foresee.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/keys.h"

static void look_at_groups(const struct config_endpoints *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->at[i].group;
        if (name != NULL && getgrnam(name) == NULL) {
            (void)fprintf(stderr,
                    "note: listen: \"%s\": this machine has no group %s; a start is refused\n",
                    list->at[i].at, name);
        }
    }
}

/* The service makes its own folder at each start; any other one has to be there. */
static void look_at_folders(const struct config_endpoints *list)
{
    static const char scheme[] = "ipc://", own[] = REDRESS_RUN_DIR "/";
    for (size_t i = 0; i < list->count; i++) {
        const char *at = list->at[i].at;
        if (strncmp(at, scheme, sizeof scheme - 1) != 0) {
            continue;
        }
        const char *path = at + sizeof scheme - 1, *name = strrchr(path, '/');
        bool is_own = strncmp(path, own, sizeof own - 1) == 0 && name == path + sizeof own - 2;
        char folder[PATH_MAX];
        struct stat about;
        if (name == NULL || name == path || is_own || (size_t)(name - path) >= sizeof folder) {
            continue;
        }
        memcpy(folder, path, (size_t)(name - path));
        folder[name - path] = '\0';
        if (stat(folder, &about) < 0 && errno == ENOENT) {
            (void)fprintf(stderr,
                    "note: listen: \"%s\": there is no folder %s; a start is refused\n", at,
                    folder);
        }
    }
}

static void look_at_key(const char *what, const char *path, int r)
{
    /* root looks for the user that the daemon will have: whose the file is, that one judges. */
    bool is_judged = r != -EPERM || geteuid() != 0;
    if (r < 0 && is_judged) {
        (void)fprintf(stderr, "note: %s: %s: %s; a start that finds it so is refused\n", what, path,
                keys_fault(r));
    }
}

static bool names(const struct rd_targets *targets, size_t roster)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct rd_target *target = &targets->at[i];
        if (target->kind == RD_TARGET_ROSTER && (size_t)target->unit == roster) {
            return true;
        }
    }
    return false;
}

/* "rung 1", "a breach of answer" of the policy whose `closed` names the roster first; false: none
 * does. */
static bool find_user(const struct rd_plan *plan, size_t roster, char ret_what[static 256])
{
    for (size_t i = 0; i < plan->policy_count; i++) {
        const struct rd_plan_policy *policy = &plan->policies[i];
        for (size_t k = 0; k < policy->ladder.rung_count; k++) {
            if (names(&policy->ladder.rungs[k].closed, roster)) {
                (void)snprintf(
                        ret_what, 256, "rung %zu of policy %.*s", k + 1, RD_FMT(policy->name));
                return true;
            }
        }
        for (size_t k = 0; k < policy->clock_count; k++) {
            if (names(&policy->clocks[k].breach_closed, roster)) {
                (void)snprintf(ret_what, 256, "a breach of %.*s of policy %.*s",
                        RD_FMT(policy->clocks[k].name), RD_FMT(policy->name));
                return true;
            }
        }
    }
    return false;
}

static void look_at_turns(const struct rd_plan *plan)
{
    rd_time now = clock_read().real;
    for (size_t i = 0; i < plan->roster_count; i++) {
        const struct rd_plan_roster *roster = &plan->rosters[i];
        struct rd_turn turn = rd_turn_at(&roster->rounds, &plan->calendars[roster->calendar], now);
        char what[256], begin[RD_TIME_TEXT_MAX] = "never";
        if (!turn.is_none || !find_user(plan, i, what)) {
            continue;
        }
        if (turn.until != RD_TIME_MAX) {
            rd_time_format(turn.until, begin);
        }
        (void)fprintf(stderr,
                "note: rosters.%.*s: its first turn begins %s: until then nobody has it, and "
                "closed of %s tells nobody by it\n",
                RD_FMT(roster->name), begin, what);
    }
}

void foresee_start(const struct config *config, const struct options *options)
{
    const struct config_endpoints *const lists[] = {
            &config->intake, &config->pull, &config->feed, &config->desk};
    for (size_t i = 0; i < RD_COUNT(lists); i++) {
        look_at_groups(lists[i]);
        look_at_folders(lists[i]);
    }
    look_at_key("security.secret_key", config->security.secret_key_file, keys_look_secret(config));
    look_at_key("alerts.mask.key_file", config->mask_key_file, keys_look_mask(config));
    look_at_turns(config->plan);
    const char *state = options->state_dir != NULL ? options->state_dir : config->state;
    struct stat about;
    if (stat(state, &about) == 0 && !S_ISDIR(about.st_mode)) {
        (void)fprintf(stderr, "note: state: %s is no folder; a start is refused\n", state);
    }
}
