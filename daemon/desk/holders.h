/* daemon/desk/holders.h — who has what by the present tree, and who has a contract. This room only.
 */
#pragma once

#include "daemon/desk/method.h"
#include "daemon/store/rows/screened_row.h"

/* A unit that is gone, and the one that has its cases. */
struct gone_unit {
    uint32_t from, to;
};
struct gone_units {
    const struct gone_unit *at;
    size_t count;
    struct rd_arena arena; /* its own: lists reset the call's with each row */
};
void gone_units_init(struct gone_units *gone, const struct method_call *call);
void gone_units_done(struct gone_units *gone);
/* Itself; or the one that has its cases. */
uint32_t unit_now(const struct gone_units *gone, uint32_t unit);
/* The path of the one that has the work of a unit of the configuration: mostly its own. */
struct rd_str path_now(const struct rd_plan *plan, struct rd_str path);
/* Where a contract counts: the unit of its duty, else that of its screening, else the root. */
uint32_t contract_unit(const struct method_call *call, const struct gone_units *gone,
        const struct screened_row *row);
