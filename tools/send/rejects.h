/* tools/send/rejects.h — the file of rows that were refused, as a clerk opens, mends and sends it
 * again: in the input's encoding and delimiter, appended run by run. */
#pragma once

#include <stdio.h>

#include "tools/send/input.h"

struct rejects {
    const char *path; /* NULL: they are said on standard error */
    enum input_format format;
    struct input_about about;
    struct rd_str header;
    FILE *file; /* opened when the first one comes */
    uint64_t said;
    char run[24]; /* when the run began, local time */
};

struct rejects rejects_of(const char *path, const struct input *input, enum input_format format);
/* -errno if it cannot be written; -EEXIST: it holds the rows of another input (printed). */
RD_MUST_USE int rejects_put(
        struct rejects *rejects, uint64_t line, const struct rd_reject *reject, struct rd_str raw);
RD_MUST_USE int rejects_close(struct rejects *rejects);
