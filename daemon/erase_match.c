#include "daemon/erase_match.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/sizes.h"
#include "daemon/engine/forget_words.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"

enum { ARENA_BYTES_MAX = 256 * 1024 * 1024, SEQS_FIRST = 256 };

static void add_seq(struct erase_job *job, uint64_t seq)
{
    if (job->seq_count == job->seq_room) {
        job->seq_room = job->seq_room > 0 ? 2 * job->seq_room : SEQS_FIRST;
        job->seqs = reallocarray(job->seqs, job->seq_room, sizeof *job->seqs);
        if (job->seqs == NULL) {
            rd_oom();
        }
    }
    job->seqs[job->seq_count++] = seq;
}

static int by_seq(const void *a, const void *b)
{
    const uint64_t *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

/* What an entry's `seq` is the number of. */
static bool is_of_event(enum history_what what)
{
    return what == HISTORY_EVENT || what == HISTORY_LATE || what == HISTORY_JOINED ||
           what == HISTORY_RECONTACT;
}

/* Of cases that were kept no longer. */
static void read_gone(struct erase_match *match, struct erase_job *job)
{
    struct row_key key = {0};
    struct rd_str value;
    while (gone_row_next(match->view, job->job.customer, &key, &value)) {
        struct rd_get get = gone_row_read(value);
        for (uint64_t seq; (seq = gone_row_seq(&get)) != 0;) {
            if (seq <= job->job.through) {
                add_seq(job, seq);
            }
        }
    }
}

static void read_histories(struct erase_match *match, struct erase_job *job)
{
    uint64_t number = 0;
    while ((number = erasure_case_next(match->view, job->job.seq, number)) != 0) {
        struct case_row *row;
        struct history_row entry;
        rd_arena_reset(&match->arena);
        if (!case_row_get(match->view, number, &match->arena, &row)) {
            continue;
        }
        for (uint64_t at = row->history; at != 0 && history_row_get(match->view, at, &entry);
                at = entry.before) {
            if (is_of_event(entry.what) && entry.seq <= job->job.through) {
                add_seq(job, entry.seq);
            }
        }
    }
    read_gone(match, job);
    if (job->seq_count > 0) {
        qsort(job->seqs, job->seq_count, sizeof *job->seqs, by_seq);
    }
}

static void add_ended(struct erase_match *match, uint64_t seq)
{
    match->ended = reallocarray(match->ended, match->ended_count + 1, sizeof *match->ended);
    if (match->ended == NULL) {
        rd_oom();
    }
    match->ended[match->ended_count++] = seq;
}

void erase_match_open(struct erase_match *match, struct store_view *view)
{
    *match = (struct erase_match){.view = view, .tree = rd_tree_new()};
    rd_arena_init(&match->arena, ARENA_BYTES_MAX);
    struct erasure_job job = {.seq = 0};
    while (erasure_job_next(view, job.seq, &job)) {
        if (job.state == ERASURE_DONE) {
            add_ended(match, job.seq);
        }
        if (job.state != ERASURE_READY) {
            continue;
        }
        match->jobs = reallocarray(match->jobs, match->job_count + 1, sizeof *match->jobs);
        if (match->jobs == NULL) {
            rd_oom();
        }
        struct erase_job *made = &match->jobs[match->job_count++];
        *made = (struct erase_job){.job = job};
        made->job.name = (struct rd_str){0};
        read_histories(match, made);
    }
}

void erase_match_close(struct erase_match *match)
{
    for (size_t i = 0; i < match->job_count; i++) {
        free(match->jobs[i].seqs);
        free((void *)(uintptr_t)match->jobs[i].name.ptr);
    }
    free(match->jobs);
    free(match->ended);
    rd_arena_done(&match->arena);
    rd_tree_free(match->tree);
}

bool erase_match_is_named(const struct erase_match *match)
{
    for (size_t i = 0; i < match->job_count; i++) {
        if (match->jobs[i].name.ptr == NULL) {
            return false;
        }
    }
    return true;
}

static bool read_event(struct erase_match *match, struct rd_str bytes, struct rd_event *ret_event)
{
    struct rd_reject reject = {0};
    return rd_event_decode(match->tree, bytes, JOURNAL_BODY_MAX, ret_event, &reject);
}

static bool is_customer(const struct erase_job *job, const struct rd_event *event)
{
    uint8_t digest[RD_DIGEST_BYTES];
    struct rd_str customer = event->data[RD_KEY_CUSTOMER].bytes;
    if (customer.len == 0) {
        return false;
    }
    rd_digest1(customer, digest);
    return memcmp(digest, job->job.customer, sizeof digest) == 0;
}

bool erase_match_asks(struct erase_match *match, const struct journal_record *record)
{
    struct rd_event event;
    for (size_t i = 0; record->kind == JOURNAL_EVENT && i < match->job_count; i++) {
        struct erase_job *job = &match->jobs[i];
        if (record->event_seq != job->job.seq) {
            continue;
        }
        if (job->name.ptr == NULL && read_event(match, record->body, &event)) {
            struct rd_str name = event.data[RD_KEY_CUSTOMER].bytes;
            job->name = (struct rd_str){rd_str_dup(name), name.len};
        }
        return true;
    }
    return record->kind == JOURNAL_EVENT && match->ended_count > 0 &&
           bsearch(&record->event_seq, match->ended, match->ended_count, sizeof *match->ended,
                   by_seq) != NULL;
}

/* Without a case, yet it names him: a silence, a screening. */
static bool is_free(const struct rd_event *event)
{
    return event->type == RD_EVENT_SILENCE_CREATED || event->type == RD_EVENT_CONTRACT_SCREENED;
}

bool erase_match_record(struct erase_match *match, const struct journal_record *record)
{
    struct rd_event event;
    if (record->kind != JOURNAL_EVENT || !read_event(match, record->body, &event)) {
        return false;
    }
    for (size_t i = 0; i < match->job_count; i++) {
        const struct erase_job *job = &match->jobs[i];
        if (record->event_seq > job->job.through) {
            continue;
        }
        bool is_of_case =
                job->seq_count > 0 && bsearch(&record->event_seq, job->seqs, job->seq_count,
                                              sizeof *job->seqs, by_seq) != NULL;
        if (is_of_case || is_customer(job, &event) ||
                (is_free(&event) && forget_mentions(record->body, job->name))) {
            return true;
        }
    }
    return false;
}

bool erase_match_letter(struct erase_match *match, struct rd_str bytes)
{
    struct rd_event event;
    bool is_read = read_event(match, bytes, &event);
    uint64_t by_subject =
            is_read && event.subject.len > 0 ? subject_find(match->view, event.subject) : 0;
    uint64_t by_number = is_read && event.data[RD_KEY_CASE].type == RD_VALUE_UINT
                                 ? (uint64_t)event.data[RD_KEY_CASE].integer
                                 : 0;
    for (size_t i = 0; i < match->job_count; i++) {
        const struct erase_job *job = &match->jobs[i];
        if ((is_read && is_customer(job, &event)) || forget_mentions(bytes, job->name) ||
                (by_subject != 0 && erasure_case_has(match->view, job->job.seq, by_subject)) ||
                (by_number != 0 && erasure_case_has(match->view, job->job.seq, by_number))) {
            return true;
        }
    }
    return false;
}
