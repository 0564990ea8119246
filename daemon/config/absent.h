/* daemon/config/absent.h — what manuals and wire name and this program does not do yet: one table.
 *
 * A configuration that uses a key of it is taken, with a note that says so (--check-config and the
 * start print notes); the manual marks the key. Who builds such a thing takes its row away. */
#pragma once

#include "common/base/base.h"

enum config_absent_kind {
    CONFIG_ABSENT_KEY,    /* of the configuration: a row's path */
    CONFIG_ABSENT_ALERT,  /* a type of alert that nothing sends */
    CONFIG_ABSENT_METHOD, /* of the desk */
};

struct config_absent {
    enum config_absent_kind kind;
    const char *name;
    const char *what; /* a sentence: what does not happen */
};

/* NULL behind the last. */
const struct config_absent *config_absent_at(size_t index);
/* NULL where `name` is there. */
const struct config_absent *config_absent_find(enum config_absent_kind kind, const char *name);
