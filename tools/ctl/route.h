/* tools/ctl/route.h — a case before it is there: what the engine made of it, and how that is told.
 */
#pragma once

#include "daemon/config/config.h"
#include "daemon/engine/engine.h"
#include "daemon/store/rows/case_row.h"
#include "tools/ctl/ctl.h"
#include "tools/shared/scratch.h"

enum { ROUTE_TOLD_MAX = 500 };

/* An alert of the case, kept beyond the engine's next call. */
struct route_told {
    rd_time time, ack_by;
    struct rd_str unit, unit_name, title, clock;
    const char *type, *severity;
    uint32_t rung, repeated;
    bool is_early; /* of a later rung than the one that the case's unit hears of it by, before that
                    */
};

struct route {
    const struct ctl *ctl;
    bool is_zh; /* what is told for people */
    struct config *config;
    struct scratch scratch;
    struct store *store;
    struct engine *engine;
    struct rd_tree *tree;
    struct rd_arena arena;
    rd_time at, until, now;
    const struct rd_calendar *calendar; /* of the case's unit */
    struct rd_event event;
    struct rd_receipt receipt;
    const struct rd_warning *warning; /* NULL: it was not assessed */
    struct case_row *row;             /* as the event left it; NULL: it opened no case */
    struct route_told told[ROUTE_TOLD_MAX];
    size_t told_count;
    rd_time heard; /* when a rung tells the case's unit; RD_TIME_NONE: none does */
    uint64_t more; /* alerts beyond those, and further tellings of a breach */
};

/* route_print.c */
void route_print(struct route *route); /* for people */
void route_print_json(struct route *route);
