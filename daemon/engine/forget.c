#include "daemon/engine/forget.h"

#include "common/base/digest.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/forget_held.h"
#include "daemon/engine/forget_rows.h"
#include "daemon/engine/forget_words.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/erasure_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/screened_row.h"
#include "daemon/store/rows/window_row.h"

/* A customer may have a hundred thousand cases, and a record's work is bounded by the rows it looks
 * at: what the first share leaves is a job in the table `erasures`, and each record that follows
 * does some of it; where none follows the timer of rest.h makes some. A case that the customer
 * opens later is another matter: the job says how far to go. */

enum { FIRST_SHARE = 2048, SHARE = 256, CASE_COST = 4 };

/* The next case, the newest first. False: there is none. The job remembers how far it is: rows of
 * the cases before are deleted, and each look from the top would step over all of them. */
static bool begin_case(struct engine *engine, struct erasure_job *job)
{
    uint8_t kind;
    uint64_t number = job->last == 0 ? 0
                                     : customer_case_before(
                                               engine->view, job->customer, job->last + 1, &kind);
    job->last = number > 0 ? number - 1 : 0;
    if (number == 0) {
        return false;
    }
    forget_note_words(engine, job->seq, number);
    forget_attributes(engine, job->customer, number);
    erasure_case_put(engine->view, job->seq, number);
    job->current = number;
    job->history = case_open(engine, number)->row->history;
    job->alert = 0;
    job->cases++;
    if (engine->work_count >= WORKS_MAX / 2) {
        cases_save(engine);
    }
    return true;
}

/* One row of the case at work, or the case is done. */
static void go_on_with_case(struct engine *engine, struct erasure_job *job)
{
    if (job->history != 0) {
        job->history = forget_entry(engine, job->seq, job->current, job->history);
        return;
    }
    uint64_t seq = alert_row_next_of_case(engine->view, job->current, job->alert);
    if (seq == 0 || seq > job->walk_last) {
        job->current = 0;
        return;
    }
    forget_alert(engine, seq);
    job->alert = seq;
}

/* The contact before, with a case or without. False: there is none. */
static bool go_on_with_contacts(struct engine *engine, struct erasure_job *job)
{
    if (job->contact == 0 ||
            !ledger_before(engine->view, job->customer, &job->contact_time, &job->contact)) {
        job->contact = 0;
        return false;
    }
    forget_assessment(engine, job->contact);
    return true;
}

/* The next contract that was screened and is his, the oldest first. False: there is none of before.
 */
static bool go_on_with_contracts(struct engine *engine, struct erasure_job *job)
{
    uint64_t seq;
    struct rd_str contract;
    if (!screened_row_of_customer(engine->view, job->customer, &seq, &contract) ||
            seq > job->through) {
        return false;
    }
    gone_row_put(engine->view, job->customer, 0, seq, &seq, 1);
    screened_row_del(engine->view, rd_arena_dup(&engine->arena, contract));
    return true;
}

/* Alerts that speak of the customer without being about one of his cases. */
static bool go_on_with_walk(struct engine *engine, struct erasure_job *job)
{
    struct alert_row row;
    if (job->walk == 0) { /* the cases have told all words by which others may name him */
        forget_held(engine, job);
    }
    if (job->walk >= job->walk_last) {
        return false;
    }
    job->walk++;
    if (!alert_row_get(engine->view, job->walk, &row)) {
        return true;
    }
    if (forget_mentions(row.packed, job->name) || forget_is_of_silence(engine, row.packed)) {
        forget_alert(engine, job->walk);
    } else if (forget_mentions(row.packed, RD_STR("digest."))) {
        forget_in_digest(engine, job->seq, job->walk);
    }
    return true;
}

/* Writes the job back with the progress of this share. */
static void go_on(struct engine *engine, struct erasure_job *job, uint32_t share)
{
    while (share > 0 && job->state == ERASURE_ROWS) {
        uint32_t cost = 1;
        if (job->current != 0) {
            go_on_with_case(engine, job);
        } else if (begin_case(engine, job)) {
            cost = CASE_COST;
        } else if (!go_on_with_contacts(engine, job) && !go_on_with_contracts(engine, job) &&
                   !go_on_with_walk(engine, job)) {
            job->name = (struct rd_str){0};
            job->state = ERASURE_READY;
            engine->may_be_ready = true;
        }
        share -= cost < share ? cost : share;
    }
    erasure_job_put(engine->view, job);
}

void forget_begin(struct engine *engine, struct rd_str customer)
{
    struct erasure_job job = {.seq = engine->seq,
            .taken = engine->now.wall,
            .done = RD_TIME_NONE,
            .last = engine->counters.case_number,
            .through = engine->counters.event_seq + 1,
            .contact_time = RD_TIME_MAX,
            .contact = UINT64_MAX,
            .name = customer};
    rd_digest1(customer, job.customer);
    forget_held(engine, &job);
    job.walk_last = engine->counters.alert_seq;
    go_on(engine, &job, FIRST_SHARE);
    engine->has_forgotten_all = false;
}

/* The queue of a version before, which had rows of cases alone. */
static void adopt(struct engine *engine)
{
    struct forgotten forgotten;
    if (!forgotten_first(engine->view, &forgotten)) {
        return;
    }
    struct erasure_job job = {.seq = forgotten.seq,
            .taken = engine->now.wall,
            .done = RD_TIME_NONE,
            .last = forgotten.last,
            .through = forgotten.seq,
            .contact_time = RD_TIME_MAX,
            .contact = UINT64_MAX,
            .walk_last = engine->counters.alert_seq};
    memcpy(job.customer, forgotten.customer, sizeof job.customer);
    erasure_job_put(engine->view, &job);
    forgotten_del(engine->view, &forgotten);
}

/* A share of one job: of its rows, or of the list of its cases once it is done. */
static bool step(struct engine *engine, struct erasure_job *job)
{
    if (job->state == ERASURE_ROWS) {
        job->name = rd_arena_dup(&engine->arena, job->name);
        go_on(engine, job, SHARE);
        return true;
    }
    if (job->state == ERASURE_READY) {
        return false;
    }
    uint64_t number = 0;
    for (int i = 0; i < SHARE; i++) {
        uint8_t word[RD_DIGEST_BYTES];
        number = erasure_case_next(engine->view, job->seq, 0);
        if (number != 0) {
            erasure_case_del(engine->view, job->seq, number);
        } else if (erasure_word_next(engine->view, job->seq, NULL, word)) {
            erasure_word_del(engine->view, job->seq, word);
        } else {
            return i > 0;
        }
    }
    return true;
}

bool forget_step(struct engine *engine)
{
    if (engine->has_forgotten_all) {
        return false;
    }
    adopt(engine);
    struct erasure_job job = {.seq = 0};
    bool is_left = false;
    while (!is_left && erasure_job_next(engine->view, job.seq, &job)) {
        is_left = step(engine, &job);
    }
    engine->has_forgotten_all = !is_left;
    return is_left;
}

uint64_t engine_erasure_waits(struct engine *engine)
{
    struct erasure_job job = {.seq = 0};
    uint64_t newest = 0;
    while (engine->may_be_ready && erasure_job_next(engine->view, job.seq, &job)) {
        newest = job.state == ERASURE_READY ? job.seq : newest;
    }
    engine->may_be_ready = newest != 0;
    return newest;
}
