/* daemon/upgrade_row.h — a row on its way through the steps of an upgrade, and what several steps
 * do with rows. */
#pragma once

#include "common/base/buf.h"

struct upgrade_row {
    const char *table;
    struct rd_str key, value; /* as they lie; a step puts what it makes here */
    struct rd_buf room;       /* for the bytes of a value that it makes; empty before each step */
    bool is_dropped;
    char what[256]; /* why a row cannot be read, if there is more to say */
};

/* What a step put into the room becomes the row's value. 0, or the room's error. */
int upgrade_take_room(struct upgrade_row *row);
/* A row of `configs`: keys that the language has got since it was written come in at their
 * defaults. 0, -EBADMSG with `what`, -ENOMEM. */
int upgrade_config(struct upgrade_row *row);
/* The whole step of a version that changed rules and no table: the same records give other results
 * since, and rows stay as they are, but for the configurations that cases live under. */
int upgrade_rules_row(struct upgrade_row *row);
/* The row "engine" of `meta` with another engine number, and as this program reads it. */
int upgrade_counters(struct upgrade_row *row, uint32_t engine);
