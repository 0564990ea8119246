/* daemon/upgrade_steps.h — what makes the rows of one version those of the next, a step a version.
 *
 * A step has two phases. In the first each row is looked at as bytes and goes on as it is, in
 * another form, or not at all: a way of several steps takes a row through all of them before it
 * goes into the new store. In the second that store is open with the typed tables of this program,
 * and the steps of the way make, in their order, what follows from its rows: indexes, counts. The
 * counters keep their values but for the engine number, which is put by who runs it. */
#pragma once

#include "daemon/store/store.h"
#include "daemon/upgrade_row.h"

struct upgrade_step {
    const char *name;
    uint32_t engine, schema;       /* of the state that it takes */
    uint32_t to_engine, to_schema; /* of what it makes */
    /* 0, or -EBADMSG: the row cannot be read. NULL: rows stay as they are. */
    int (*row)(struct upgrade_row *row);
    /* 0 or -errno. It flushes by itself what becomes much. NULL: nothing follows. */
    int (*finish)(struct store *store);
};

/* The step that takes a state of these numbers; NULL: there is none. */
const struct upgrade_step *upgrade_step_from(uint32_t engine, uint32_t schema);
/* True: steps lead from there to this program's numbers. */
bool upgrade_has_way(uint32_t engine, uint32_t schema);
