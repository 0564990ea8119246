/* erasure.status: what became of each customer.forgotten. No customer stands in it. */
#include "daemon/desk/fields.h"
#include "daemon/store/rows/erasure_row.h"

static const char *state_name(enum erasure_state state)
{
    static const char *const names[] = {
            [ERASURE_ROWS] = "rows", [ERASURE_READY] = "disks", [ERASURE_DONE] = "done"};
    RD_ASSERT((size_t)state < RD_COUNT(names));
    return names[state];
}

bool erasure_status_answer(struct method_call *call)
{
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    struct erasure_job job = {.seq = param_uint(call, "after")};
    uint64_t last = 0, next = 0;
    while (erasure_job_next(call->view, job.seq, &job)) {
        if (rows_are_full(&rows)) {
            next = last;
            break;
        }
        struct fields fields = fields_begin(call->reply);
        field_uint(&fields, "event", job.seq);
        field_cstr(&fields, "state", state_name(job.state));
        field_time(&fields, "taken", job.taken);
        field_time(&fields, "done", job.done);
        field_uint(&fields, "cases", job.cases);
        if (job.state == ERASURE_DONE) {
            field_uint(&fields, "bodies", job.bodies);
            field_bool(&fields, "overwritten", job.bodies != 0);
        }
        fields_end(&fields);
        last = job.seq;
        rows.count++;
    }
    rows_end(call, &rows, next);
    return true;
}
