#include "daemon/engine/digest_work.h"

#include <string.h>

#include "common/base/buf.h"

enum { VERSION = 1, BYTES_MAX = 16 * 1024 };

static void put_days(struct rd_buf *buf, const struct digest_day *days, uint32_t count)
{
    rd_buf_put_uint(buf, count);
    for (uint32_t i = 0; i < count; i++) {
        rd_buf_put_uint(buf, days[i].unit);
        rd_buf_put_int(buf, days[i].day);
    }
}

static uint32_t get_days(struct rd_get *get, struct digest_day *days)
{
    uint32_t count = (uint32_t)rd_get_uint_max(get, RD_DIGEST_LISTED_MAX);
    for (uint32_t i = 0; i < count; i++) {
        days[i].unit = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
        days[i].day = (rd_day)rd_get_int(get);
    }
    return count;
}

static void put_looks(struct rd_buf *buf, const struct digest_work *work)
{
    rd_buf_put_uint(buf, work->config);
    rd_buf_put_int(buf, work->from);
    rd_buf_put_int(buf, work->day);
    rd_buf_put_int(buf, work->next);
    rd_buf_put_uint(buf, work->units);
    rd_buf_put_u8(buf, work->has_begun);
    rd_buf_put_uint(buf, work->after);
    for (int i = 0; i < TALLY_COUNT; i++) {
        rd_buf_put_uint(buf, work->sums[i]);
    }
    for (int i = 0; i < STANDING_COUNT; i++) {
        rd_buf_put_uint(buf, work->standing[i]);
    }
    rd_buf_put_uint(buf, work->worst_count);
    for (uint32_t i = 0; i < work->worst_count; i++) {
        rd_buf_put_i64(buf, work->worst[i].due);
        rd_buf_put_int(buf, work->worst[i].last_day);
        rd_buf_put_uint(buf, work->worst[i].number);
        rd_buf_put_u8(buf, work->worst[i].clock);
    }
    put_days(buf, work->missing, work->missing_count);
    put_days(buf, work->differ, work->differ_count);
}

static void get_looks(struct rd_get *get, struct digest_work *work)
{
    work->config = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    work->from = (rd_day)rd_get_int(get);
    work->day = (rd_day)rd_get_int(get);
    work->next = (rd_day)rd_get_int(get);
    work->units = (uint32_t)rd_get_uint_max(get, UINT32_MAX);
    work->has_begun = rd_get_u8(get) != 0;
    work->after = rd_get_uint(get);
    for (int i = 0; i < TALLY_COUNT; i++) {
        work->sums[i] = rd_get_uint(get);
    }
    for (int i = 0; i < STANDING_COUNT; i++) {
        work->standing[i] = rd_get_uint(get);
    }
    work->worst_count = (uint32_t)rd_get_uint_max(get, RD_DIGEST_LISTED_MAX);
    for (uint32_t i = 0; i < work->worst_count; i++) {
        work->worst[i].due = rd_get_i64(get);
        work->worst[i].last_day = (rd_day)rd_get_int(get);
        work->worst[i].number = rd_get_uint(get);
        work->worst[i].clock = rd_get_u8(get);
    }
    work->missing_count = get_days(get, work->missing);
    work->differ_count = get_days(get, work->differ);
}

struct rd_str digest_work_bytes(struct engine *engine, const struct digest_work *work)
{
    struct rd_buf buf;
    uint8_t room[256];
    if (work->missed == 0 && !work->is_being_made) {
        return (struct rd_str){0};
    }
    rd_buf_init_in(&buf, room, sizeof room, BYTES_MAX);
    rd_buf_put_u8(&buf, VERSION);
    rd_buf_put_uint(&buf, work->missed);
    rd_buf_put_int(&buf, work->missed_first);
    rd_buf_put_int(&buf, work->missed_last);
    rd_buf_put_u8(&buf, work->is_being_made);
    if (work->is_being_made) {
        put_looks(&buf, work);
    }
    RD_ASSERT(buf.error == 0);
    struct rd_str bytes = rd_arena_dup(&engine->arena, rd_buf_str(&buf));
    rd_buf_done(&buf);
    return bytes;
}

void digest_work_read(struct rd_str bytes, struct digest_work *ret_work)
{
    memset(ret_work, 0, sizeof *ret_work);
    if (bytes.len == 0) {
        return;
    }
    struct rd_get get = rd_get_of(bytes);
    uint8_t version = rd_get_u8(&get);
    ret_work->missed = rd_get_uint(&get);
    ret_work->missed_first = (rd_day)rd_get_int(&get);
    ret_work->missed_last = (rd_day)rd_get_int(&get);
    ret_work->is_being_made = rd_get_u8(&get) != 0;
    if (ret_work->is_being_made) {
        get_looks(&get, ret_work);
    }
    int r = rd_get_end(&get);
    RD_ASSERT(version == VERSION && r == 0);
}

void digest_work_begin(struct engine *engine, struct digest_work *work)
{
    struct digest_work fresh = {.missed = work->missed,
            .missed_first = work->missed_first,
            .missed_last = work->missed_last,
            .is_being_made = true,
            .config = engine->counters.config,
            .from = work->from,
            .day = work->day,
            .next = work->next,
            .before = work->before,
            .at = work->at};
    *work = fresh;
}
