#include "tools/ctl/ctl.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/num.h"

enum { TIMEOUT_S = 10 };

bool ctl_is_number(const char *text, uint64_t *ret_value)
{
    return rd_u64_parse(rd_str_of(text), ret_value) == 0;
}

const struct ctl_option *ctl_given(const struct ctl *ctl, const char *name)
{
    for (size_t i = 0; i < ctl->option_count; i++) {
        if (strcmp(ctl->options[i].rule->name, name) == 0) {
            return &ctl->options[i];
        }
    }
    return NULL;
}

const char *ctl_option(const struct ctl *ctl, const char *name)
{
    const struct ctl_option *given = ctl_given(ctl, name);
    return given == NULL ? NULL : given->text != NULL ? given->text : "";
}

/* USER is not set under cron and in many containers: then the account of this process. NULL: it has
 * no name. The text is the C library's, and stays until it is asked for another account. */
static const char *user_name(void)
{
    const char *user = getenv("USER");
    if (user != NULL && user[0] != '\0') {
        return user;
    }
    const struct passwd *account = getpwuid(getuid());
    return account != NULL && account->pw_name[0] != '\0' ? account->pw_name : NULL;
}

bool ctl_init(struct ctl *ctl)
{
    const char *user = user_name();
    *ctl = (struct ctl){.timeout_us = TIMEOUT_S * RD_SECOND_US, .by = user, .user = user};
    return ends_init(&ctl->ends);
}

void ctl_done(struct ctl *ctl)
{
    free(ctl->all_words);
    free(ctl->options);
}
