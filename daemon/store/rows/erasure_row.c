#include "daemon/store/rows/erasure_row.h"

#include "common/base/buf.h"
#include "common/base/sizes.h"
#include "daemon/store/rows/key.h"

enum {
    ROW_VERSION = 1,
    KIND_JOB = 0,
    KIND_CASE = 1,
    KIND_WORD = 2,
    KEY_BYTES = 17,
    WORD_AT = 9, /* of its digest in the key */
    ROW_BYTES_MAX = 1024
};

static struct row_key key_of(uint64_t seq, uint8_t kind, uint64_t number)
{
    struct row_key key = {0};
    row_key_u64(&key, seq);
    row_key_u8(&key, kind);
    row_key_u64(&key, number);
    return key;
}

void erasure_job_put(struct store_view *view, const struct erasure_job *job)
{
    const uint64_t numbers[] = {job->last, job->through, job->current, job->history, job->alert,
            job->contact, job->walk, job->walk_last, job->cases, job->bodies};
    struct rd_buf buf;
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u8(&buf, (uint8_t)job->state);
    rd_buf_put_i64(&buf, job->taken);
    rd_buf_put_i64(&buf, job->done);
    rd_buf_put(&buf, job->customer, sizeof job->customer);
    for (size_t i = 0; i < RD_COUNT(numbers); i++) {
        rd_buf_put_uint(&buf, numbers[i]);
    }
    rd_buf_put_i64(&buf, job->contact_time);
    rd_buf_put_str(&buf, job->name);
    RD_ASSERT(buf.error == 0);
    struct row_key key = key_of(job->seq, KIND_JOB, 0);
    store_put(view, STORE_ERASURES, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

static void decode(struct rd_str key, struct rd_str value, struct erasure_job *ret_job)
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct erasure_job job = {.seq = row_key_read_u64(key, 0)};
    job.state = (enum erasure_state)rd_get_u8(&get);
    job.taken = rd_get_i64(&get);
    job.done = rd_get_i64(&get);
    struct rd_str customer = rd_get_bytes(&get, sizeof job.customer);
    uint64_t *const numbers[] = {&job.last, &job.through, &job.current, &job.history, &job.alert,
            &job.contact, &job.walk, &job.walk_last, &job.cases, &job.bodies};
    for (size_t i = 0; i < RD_COUNT(numbers); i++) {
        *numbers[i] = rd_get_uint(&get);
    }
    job.contact_time = rd_get_i64(&get);
    job.name = rd_get_str(&get);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    memcpy(job.customer, customer.ptr, sizeof job.customer);
    *ret_job = job;
}

bool erasure_job_next(struct store_view *view, uint64_t after, struct erasure_job *ret_job)
{
    struct store_scan scan;
    struct rd_str key, value;
    struct row_key from = key_of(after, UINT8_MAX, 0); /* behind its cases */
    store_scan_begin(
            &scan, view, STORE_ERASURES, after == 0 ? (struct rd_str){0} : row_key_str(&from));
    bool is_found = store_scan_next(&scan, &key, &value);
    if (is_found) {
        RD_ASSERT(key.len == KEY_BYTES && (uint8_t)key.ptr[8] == KIND_JOB);
        decode(key, value, ret_job);
    }
    store_scan_end(&scan);
    return is_found;
}

void erasure_case_put(struct store_view *view, uint64_t seq, uint64_t number)
{
    struct row_key key = key_of(seq, KIND_CASE, number);
    store_put(view, STORE_ERASURES, row_key_str(&key), (struct rd_str){0});
}

void erasure_case_del(struct store_view *view, uint64_t seq, uint64_t number)
{
    struct row_key key = key_of(seq, KIND_CASE, number);
    store_del(view, STORE_ERASURES, row_key_str(&key));
}

bool erasure_case_has(struct store_view *view, uint64_t seq, uint64_t number)
{
    struct row_key key = key_of(seq, KIND_CASE, number);
    struct rd_str value;
    return store_get(view, STORE_ERASURES, row_key_str(&key), &value);
}

uint64_t erasure_case_next(struct store_view *view, uint64_t seq, uint64_t after)
{
    struct store_scan scan;
    struct rd_str key, value;
    struct row_key from = key_of(seq, KIND_CASE, after + 1);
    store_scan_begin(&scan, view, STORE_ERASURES, row_key_str(&from));
    bool is_found = store_scan_next(&scan, &key, &value) && row_key_read_u64(key, 0) == seq &&
                    (uint8_t)key.ptr[8] == KIND_CASE;
    uint64_t number = is_found ? row_key_read_u64(key, 9) : 0;
    store_scan_end(&scan);
    return number;
}

static struct row_key word_key(uint64_t seq, const uint8_t digest[static RD_DIGEST_BYTES])
{
    struct row_key key = {0};
    row_key_u64(&key, seq);
    row_key_u8(&key, KIND_WORD);
    row_key_bytes(&key, digest, RD_DIGEST_BYTES);
    return key;
}

void erasure_word_put(struct store_view *view, uint64_t seq, struct rd_str word)
{
    uint8_t digest[RD_DIGEST_BYTES];
    rd_digest1(word, digest);
    struct row_key key = word_key(seq, digest);
    store_put(view, STORE_ERASURES, row_key_str(&key), (struct rd_str){0});
}

bool erasure_word_has(struct store_view *view, uint64_t seq, struct rd_str word)
{
    uint8_t digest[RD_DIGEST_BYTES];
    struct rd_str value;
    rd_digest1(word, digest);
    struct row_key key = word_key(seq, digest);
    return store_get(view, STORE_ERASURES, row_key_str(&key), &value);
}

void erasure_word_del(
        struct store_view *view, uint64_t seq, const uint8_t digest[static RD_DIGEST_BYTES])
{
    struct row_key key = word_key(seq, digest);
    store_del(view, STORE_ERASURES, row_key_str(&key));
}

bool erasure_word_next(struct store_view *view, uint64_t seq, const uint8_t *after,
        uint8_t ret_digest[static RD_DIGEST_BYTES])
{
    static const uint8_t FIRST[RD_DIGEST_BYTES];
    struct store_scan scan;
    struct rd_str key, value;
    struct row_key from = word_key(seq, after != NULL ? after : FIRST);
    if (after != NULL) {
        row_key_u8(&from, 0); /* behind it */
    }
    store_scan_begin(&scan, view, STORE_ERASURES, row_key_str(&from));
    bool is_found = store_scan_next(&scan, &key, &value) && row_key_read_u64(key, 0) == seq &&
                    (uint8_t)key.ptr[8] == KIND_WORD;
    if (is_found) {
        memcpy(ret_digest, key.ptr + WORD_AT, RD_DIGEST_BYTES);
    }
    store_scan_end(&scan);
    return is_found;
}
