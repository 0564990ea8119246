#include "daemon/foresee.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void look_at_key(const char *what, const char *path, int r)
{
    /* root looks for the user that the daemon will have: whose the file is, that one judges. */
    bool is_judged = r != -EPERM || geteuid() != 0;
    if (r < 0 && is_judged) {
        (void)fprintf(stderr, "note: %s: %s: %s; a start that finds it so is refused\n", what, path,
                keys_fault(r));
    }
}

void foresee_start(const struct config *config, const struct options *options)
{
    const struct config_endpoints *const lists[] = {
            &config->intake, &config->pull, &config->feed, &config->desk};
    for (size_t i = 0; i < RD_COUNT(lists); i++) {
        look_at_groups(lists[i]);
    }
    look_at_key("security.secret_key", config->security.secret_key_file, keys_look_secret(config));
    look_at_key("alerts.mask.key_file", config->mask_key_file, keys_look_mask(config));
    const char *state = options->state_dir != NULL ? options->state_dir : config->state;
    struct stat about;
    if (stat(state, &about) == 0 && !S_ISDIR(about.st_mode)) {
        (void)fprintf(stderr, "note: state: %s is no folder; a start is refused\n", state);
    }
}
