/* tools/ctl/office.h — the verbs of who supervises: one question to the desk each. */
#pragma once

#include "tools/ctl/ctl.h"

struct office {
    const char *method;
    const char *word;    /* the parameter that the verb's word gives */
    const char *second;  /* and the one behind it */
    const char *columns; /* of the rows */
    bool is_text; /* the answer holds a text, which the desk writes in the language asked for */
    void (*print)(struct ctl *ctl, rd_node result); /* its own way; NULL: as a table */
};
/* The verb's word and options as a map of params; `after`: the rows behind it, 0: as the options
 * say. */
void office_put_params(
        const struct ctl *ctl, struct rd_buf *params, const struct office *office, uint64_t after);
/* ical.c: all turns of a roster in the span, page after page, and the days off and make-up days of
 * its calendar. */
enum exit_status print_ical(struct ctl *ctl, const struct office *office);
