#include "daemon/config/absent.h"

#include <string.h>

/* clang-format off */
static const struct config_absent rows[] = {
    {CONFIG_ABSENT_ALERT, "standby.lag", "there is no standby"},
};
/* clang-format on */

const struct config_absent *config_absent_at(size_t index)
{
    return index < RD_COUNT(rows) ? &rows[index] : NULL;
}

const struct config_absent *config_absent_find(enum config_absent_kind kind, const char *name)
{
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        if (rows[i].kind == kind && strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}
