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
/* A page behind the first one. */
struct office_page {
    uint64_t after;
    rd_time from; /* of the first one, where no option gives it: the next is of the same span */
};
/* The verb's word and options as a map of params. `page` NULL: as the options say. */
void office_put_params(const struct ctl *ctl, struct rd_buf *params, const struct office *office,
        const struct office_page *page);
/* ical.c: all turns of a roster in the span, page after page, and the days off and make-up days of
 * its calendar. */
enum exit_status print_ical(struct ctl *ctl, const struct office *office);
