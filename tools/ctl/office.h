/* tools/ctl/office.h — the verbs of who supervises: one question to the desk each. */
#pragma once

#include "tools/ctl/ctl.h"

struct office {
    const char *method;
    const char *word;                               /* the parameter that the verb's word gives */
    const char *second;                             /* and the one behind it */
    const char *columns;                            /* of the rows */
    void (*print)(struct ctl *ctl, rd_node result); /* its own way; NULL: as a table */
};
/* The verb's word and options as a map of params. */
void office_put_params(const struct ctl *ctl, struct rd_buf *params, const struct office *office);
/* ical.c: the turns of a roster, and the days off and make-up days of its calendar. */
void print_ical(FILE *out, rd_node result);
