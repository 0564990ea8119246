#include "daemon/erase_match.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/digest.h"
#include "common/base/num.h"
#include "common/base/sizes.h"
#include "daemon/engine/forget_find.h"
#include "daemon/engine/forget_words.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"

enum { ARENA_BYTES_MAX = 256 * 1024 * 1024, SEQS_FIRST = 256, WORDS_FIRST = 64 };

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

/* Events about the case that waited for a second person, whatever became of them. */
static void read_alerts(struct erase_match *match, struct erase_job *job, uint64_t number)
{
    static const char PREFIX[] = "approval.";
    struct alert_row row;
    for (uint64_t at = 0; (at = alert_row_next_of_case(match->view, number, at)) != 0;) {
        struct rd_alert alert;
        uint64_t seq;
        if (!alert_row_get(match->view, at, &row) ||
                rd_alert_open(row.packed, &match->arena, &alert) != 0 ||
                alert.type != RD_ALERT_APPROVAL_OWED || alert.reason_count == 0 ||
                !rd_str_starts(alert.reasons[0].code, rd_str_of(PREFIX))) {
            continue;
        }
        struct rd_str code = alert.reasons[0].code;
        struct rd_str digits = {code.ptr + strlen(PREFIX), code.len - strlen(PREFIX)};
        if (rd_u64_parse(digits, &seq) == 0 && seq <= job->job.through) {
            add_seq(job, seq);
        }
    }
}

static int by_word(const void *a, const void *b)
{
    return memcmp(a, b, RD_DIGEST_BYTES);
}

/* They come in order. */
static void read_words(struct erase_match *match, struct erase_job *job)
{
    uint8_t word[RD_DIGEST_BYTES];
    const uint8_t *after = NULL;
    while (erasure_word_next(match->view, job->job.seq, after, word)) {
        if (job->word_count == job->word_room) {
            job->word_room = job->word_room > 0 ? 2 * job->word_room : WORDS_FIRST;
            job->words = reallocarray(job->words, job->word_room, sizeof *job->words);
            if (job->words == NULL) {
                rd_oom();
            }
        }
        memcpy(job->words[job->word_count++], word, sizeof word);
        after = word;
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
        read_alerts(match, job, number);
    }
    read_gone(match, job);
    read_words(match, job);
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
        free(match->jobs[i].words);
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

/* ---- what names him by a word, or one of his cases ---- */

struct looking {
    struct erase_match *match;
    const struct erase_job *job;
};

static bool is_word(void *arg, struct rd_str text)
{
    const struct erase_job *job = ((const struct looking *)arg)->job;
    uint8_t word[RD_DIGEST_BYTES];
    rd_digest1(text, word);
    return job->word_count > 0 &&
           bsearch(word, job->words, job->word_count, sizeof *job->words, by_word) != NULL;
}

static bool is_case(void *arg, uint64_t number)
{
    const struct looking *looking = arg;
    return erasure_case_has(looking->match->view, looking->job->job.seq, number);
}

/* `is_whole`: the bytes are MessagePack to their end. */
static bool names_him(const struct looking *looking, const struct forget_look *look,
        struct rd_str bytes, bool *ret_is_whole)
{
    rd_node root;
    *ret_is_whole = rd_tree_read(looking->match->tree, bytes, &root, NULL) == 0;
    return forget_mentions(bytes, looking->job->name) || (*ret_is_whole && forget_find(look, root));
}

/* Without a case, yet it may name him: a silence, a screening. */
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
    bool may_name = is_free(&event), is_found = false, is_whole;
    for (size_t i = 0; i < match->job_count && !is_found; i++) {
        const struct erase_job *job = &match->jobs[i];
        is_found = record->event_seq <= job->job.through &&
                   ((job->seq_count > 0 && bsearch(&record->event_seq, job->seqs, job->seq_count,
                                                   sizeof *job->seqs, by_seq) != NULL) ||
                           is_customer(job, &event));
    }
    for (size_t i = 0; i < match->job_count && may_name && !is_found; i++) {
        struct looking looking = {.match = match, .job = &match->jobs[i]};
        const struct forget_look look = {.is_word = is_word, .arg = &looking}; /* no row is read */
        is_found = record->event_seq <= looking.job->job.through &&
                   names_him(&looking, &look, record->body, &is_whole);
    }
    return is_found;
}

/* By the subject's digest, as an event would find its case now. */
static bool is_of_case(struct erase_match *match, const struct erase_job *job, struct rd_str bytes)
{
    struct rd_event event;
    uint64_t number = read_event(match, bytes, &event) && event.subject.len > 0
                              ? subject_find(match->view, event.subject)
                              : 0;
    return number != 0 && erasure_case_has(match->view, job->job.seq, number);
}

bool erase_match_letter(struct erase_match *match, struct rd_str bytes)
{
    struct rd_event event;
    for (size_t i = 0; i < match->job_count; i++) {
        const struct erase_job *job = &match->jobs[i];
        struct looking looking = {.match = match, .job = job};
        const struct forget_look look = {.is_word = is_word, .is_case = is_case, .arg = &looking};
        bool is_whole;
        if (names_him(&looking, &look, bytes, &is_whole) ||
                (!is_whole && forget_find_raw(&look, bytes)) ||
                (read_event(match, bytes, &event) && is_customer(job, &event)) ||
                is_of_case(match, job, bytes)) {
            return true;
        }
    }
    return false;
}
