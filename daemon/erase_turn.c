#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/audit_log.h"
#include "daemon/erase.h"
#include "daemon/erase_note.h"
#include "daemon/erase_search.h"
#include "daemon/leave.h"
#include "daemon/store/rows/erasure_row.h"

/* The turn's side: when something is looked for, when the doors close for it, and the record that
 * says that it is done. */

/* While nobody sends or asks, so that nothing is on its way when the doors close; who never pauses
 * sends again what was lost, as after any restart. */
#define IDLE_US     (2 * RD_SECOND_US)
#define PATIENCE_US (600 * RD_SECOND_US)

/* The next start reads the configuration anew: one that it could not take would leave nobody to
 * serve. */
static bool configuration_loads(const struct edge *edge)
{
    RD_CLEANUP(config_freep)
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_load(edge->options->config_path, &config, &errors);
    config_errors_done(&errors);
    return r == 0;
}

/* Jobs that wait for the disks, as far as the live rows tell. */
static size_t count_waiting(const struct edge *edge)
{
    struct erasure_job job = {.seq = 0};
    size_t count = 0;
    while (erasure_job_next(store_live(edge->store), job.seq, &job)) {
        count += job.state == ERASURE_READY;
    }
    return count;
}

/* What is erased by now, and the jobs that are done with it. */
static int append_erased(struct edge *edge, struct rd_str body)
{
    struct engine_time at = edge_time(edge);
    int r = engine_erased(edge->engine, &at, body);
    if (r == 0) {
        uint64_t record = edge_append(
                edge, &at, (struct journal_record){.kind = JOURNAL_ERASED, .body = body});
        leave_keep_alerts(edge, record);
    }
    return r;
}

/* Nothing to overwrite: the doors stay open. Without a snapshot, as no body goes. */
static void end_with_nothing(struct edge *edge, const struct erase_plan *plan)
{
    struct engine_erased erased = {.job = plan->job};
    struct rd_buf buf;
    for (size_t i = 0; i < plan->all.count; i++) {
        if (!erase_list_has(&plan->fresh, plan->all.at[i])) {
            plan->all.at[erased.body_count++] = plan->all.at[i];
        }
    }
    erased.bodies = plan->all.at;
    rd_buf_init(&buf, JOURNAL_BODY_MAX);
    engine_erased_pack(&buf, &erased);
    int r = buf.error == 0 ? append_erased(edge, rd_buf_str(&buf)) : -E2BIG;
    rd_buf_done(&buf);
    r = r == 0 ? journal_flush(edge->journal) : r; /* before anybody reads that it is done */
    if (r == 0) {
        audit_erased(erased.job, erased.body_count, 0);
    }
}

/* True: it has ended, and what it found is of what waits now. */
static bool has_found(struct edge *edge, uint64_t newest)
{
    const char *what;
    if (edge->erase_search == NULL) {
        /* It reads the checkpoint, which is to have all rows that the jobs rewrote. */
        if (edge->erase_record == 0) {
            edge->erase_record = journal_last(edge->journal);
        }
        if (edge->checkpoint.kept_record >= edge->erase_record) {
            edge->erase_search = erase_search_begin(edge);
        }
        return false;
    }
    if (!erase_search_is_done(edge->erase_search)) {
        return false;
    }
    int r = erase_search_error(edge->erase_search, &what);
    bool is_right = r == 0 && erase_search_plan(edge->erase_search)->job == newest &&
                    erase_search_jobs(edge->erase_search) == count_waiting(edge);
    if (r < 0) {
        edge->erase_us = clock_ticks_us() + ERASE_RETRY_US;
        log_err("erase",
                "what is to be forgotten could not be looked for: it is tried again in an "
                "hour, or by the next start",
                "error=\"%s\" what=\"%s\"", strerrordesc_np(-r), what);
    }
    if (!is_right) {
        erase_forget_search(edge);
    }
    return is_right;
}

/* Once a search. */
static void tell_found(const struct edge *edge)
{
    const struct erase_plan *plan = erase_search_plan(edge->erase_search);
    bool is_nothing = erase_search_is_nothing(edge->erase_search);
    if (edge->erase_since_us == 0) {
        log_notice("erase",
                is_nothing
                        ? "nothing of who is to be forgotten ever came in: no door closes for it"
                        : "what is to be forgotten was looked for: the daemon starts anew for it "
                          "when nobody has sent or asked anything for two seconds",
                "seq=%" PRIu64 " bodies=%zu", plan->job, plan->fresh.count);
    }
}

void erase_forget_search(struct edge *edge)
{
    erase_search_end(edge->erase_search);
    edge->erase_search = NULL;
    edge->erase_record = 0;
    edge->erase_since_us = 0;
}

/* While nobody sends or asks, so that nothing is on its way; but not for ever. */
static bool is_quiet_enough(struct edge *edge, int64_t now_us)
{
    edge->erase_since_us = edge->erase_since_us != 0 ? edge->erase_since_us : now_us;
    int64_t from_us = edge->busy_us > edge->erase_since_us ? edge->busy_us : edge->erase_since_us;
    return now_us - from_us >= IDLE_US || now_us - edge->erase_since_us >= PATIENCE_US;
}

bool erase_is_due(struct edge *edge)
{
    int64_t now_us = clock_ticks_us();
    uint64_t newest = engine_erasure_waits(edge->engine);
    if (edge->is_stopping || edge->refusal != REFUSE_NOTHING || now_us < edge->erase_us ||
            newest == 0) {
        edge->erase_since_us = 0;
        return false;
    }
    if (!has_found(edge, newest)) {
        return false;
    }
    tell_found(edge);
    if (erase_search_is_nothing(edge->erase_search)) {
        end_with_nothing(edge, erase_search_plan(edge->erase_search));
        erase_forget_search(edge);
        return false;
    }
    if (!is_quiet_enough(edge, now_us)) {
        return false;
    }
    if (!configuration_loads(edge)) {
        edge->erase_us = now_us + ERASE_RETRY_US;
        log_err("erase",
                "an erasure waits: the daemon must start anew for it and cannot read the "
                "configuration "
                "file as it is now: mend the file. It is tried again in an hour",
                "file=\"%s\"", edge->options->config_path);
        return false;
    }
    return true;
}

int erase_want(struct edge *edge)
{
    return erase_note_plan(edge->state, erase_search_plan(edge->erase_search));
}

int erase_note(struct edge *edge)
{
    struct rd_buf buf;
    struct rd_str body;
    rd_buf_init(&buf, JOURNAL_BODY_MAX + 64);
    int r = erase_note_erased(edge->state, &buf, &body);
    if (r == 0 && body.ptr != NULL) {
        if (engine_erasure_waits(edge->engine) != 0) {
            r = append_erased(edge, body);
            r = r == 0 ? journal_flush(edge->journal) : r;
        }
        r = r == 0 ? erase_note_remove(edge->state) : r;
    }
    rd_buf_done(&buf);
    return r;
}
