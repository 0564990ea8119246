/* daemon/engine/erased.c — what the edge has erased on the disks, as a record tells it. */
#include <errno.h>

#include "daemon/engine/arm.h"
#include "daemon/engine/record.h"
#include "daemon/engine/step.h"
#include "daemon/store/rows/erasure_row.h"

enum { VERSION = 1 };

void engine_erased_pack(struct rd_buf *buf, const struct engine_erased *erased)
{
    uint64_t before = 0;
    rd_buf_put_u8(buf, VERSION);
    rd_buf_put_u64(buf, erased->job);
    rd_buf_put_u64(buf, erased->record);
    rd_buf_put(buf, erased->digest, sizeof erased->digest);
    rd_buf_put_uint(buf, erased->body_count);
    for (size_t i = 0; i < erased->body_count; i++) {
        rd_buf_put_uint(buf, erased->bodies[i] - before);
        before = erased->bodies[i];
    }
}

int engine_erased_unpack(
        struct rd_str bytes, struct rd_arena *arena, struct engine_erased *ret_erased)
{
    struct rd_get get = rd_get_of(bytes);
    uint8_t version = rd_get_u8(&get);
    struct engine_erased erased = {.job = rd_get_u64(&get)};
    erased.record = rd_get_u64(&get);
    struct rd_str digest = rd_get_bytes(&get, sizeof erased.digest);
    uint64_t count = rd_get_uint(&get);
    if (get.error != 0 || version != VERSION || count > rd_get_left(&get)) {
        return -EBADMSG;
    }
    memcpy(erased.digest, digest.ptr, sizeof erased.digest);
    uint64_t *bodies = RD_ARENA_ARRAY(arena, uint64_t, count + 1);
    uint64_t before = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t step = rd_get_uint(&get);
        if (step == 0 || step > UINT64_MAX - before) {
            return -EBADMSG;
        }
        bodies[i] = before += step;
    }
    erased.bodies = bodies;
    erased.body_count = (size_t)count;
    *ret_erased = erased;
    return rd_get_end(&get);
}

int engine_erased(struct engine *engine, const struct engine_time *at, struct rd_str body)
{
    struct engine_erased erased;
    record_begin(engine, at);
    int r = engine_erased_unpack(body, &engine->arena, &erased);
    if (r < 0) {
        return r;
    }
    struct erasure_job job = {.seq = 0};
    while (erasure_job_next(engine->view, job.seq, &job) && job.seq <= erased.job) {
        if (job.state == ERASURE_READY) {
            job.state = ERASURE_DONE;
            job.done = engine->now.wall;
            job.bodies = erased.record != 0 ? erased.body_count : 0;
            erasure_job_put(engine->view, &job);
        }
    }
    engine->has_forgotten_all = false; /* the lists of their cases go, in shares */
    engine->is_quiet = true;           /* nobody is told of what was taken over by this */
    record_end(engine);
    return 0;
}
