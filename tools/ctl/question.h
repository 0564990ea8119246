/* tools/ctl/question.h — what a verb that asks the desk says of its question. */
#pragma once

#include "tools/ctl/ctl.h"

struct question {
    const char *method;
    /* Pairs that the verb asks for by itself; returns how many. NULL: none. */
    uint32_t (*preset)(const struct ctl *ctl, struct rd_buf *params);
    const char *columns; /* of the rows; NULL: the answer is a map */
    bool is_text; /* the answer holds texts, which the desk writes in the language asked for */
    void (*print)(FILE *out, rd_node result,
            const char *lang); /* its own way to print it; NULL: as a map */
};

/* The date of a day that when_is_day() has taken. */
void ctl_put_day(const struct ctl *ctl, struct rd_buf *params, const char *text);
/* The verb's options and words as a map of params, and one number more if `key` is not
 * NULL. */
void ctl_put_params(const struct ctl *ctl, struct rd_buf *params, const char *key, uint64_t value);
