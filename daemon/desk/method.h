/* daemon/desk/method.h — what a method of the desk is given, and the table of them. This room only.
 *
 * A method writes exactly one object: a map whose first key is as_of (method_begin() writes it). It
 * returns false with an error set instead; then what it wrote is taken back. */
#pragma once

#include "common/rpc.h"
#include "daemon/desk/desk.h"

struct method_call {
    const struct desk_options *options;
    struct store_view *view;      /* the last checkpoint, fresh */
    const struct desk_live *live; /* and what it goes with */
    const struct rd_plan *plan;   /* of live's configuration */
    struct rd_str user;
    rd_node params; /* a map, or NULL */
    struct rd_buf *reply;
    const char *error_code; /* NULL: none */
    char error_message[224];
};

typedef bool method_fn(struct method_call *call);

struct method {
    const char *name;
    method_fn *answer;
};
/* NULL: there is none of that name. */
const struct method *method_find(struct rd_str name);

/* Begins the result map; `pairs` of the caller follow. Returns the mark for method_end(). */
size_t method_begin(struct method_call *call);
void method_end(struct method_call *call, size_t mark, uint32_t pairs);
/* Returns false, for "return method_fail(…)". */
bool method_fail(struct method_call *call, const char *code, const char *format, ...)
        RD_PRINTF(3, 4);

/* The methods, by the file they stand in. */
bool status_answer(struct method_call *call);  /* status.c */
bool metrics_answer(struct method_call *call); /* status.c */
