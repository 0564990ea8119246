#include "daemon/store/rows/duty_row.h"

#include "common/base/buf.h"

enum { ROW_VERSION = 1, ROW_BYTES_MAX = 4096, IS_DUE_DAY = 1, IS_COUNTED = 2 };
enum { MENDED_VERIFIED = 1, MENDED_WAITS = 2 };

/* ---- duties ---- */

static struct rd_str text_of(const struct attribute_row *attributes, enum rd_event_key key)
{
    const struct rd_value *value = &attributes->values[key];
    return value->type == RD_VALUE_STR ? value->bytes : (struct rd_str){0};
}

struct duty_row duty_row_of(const struct case_row *row, const struct attribute_row *attributes)
{
    const struct rd_value *due = &attributes->values[RD_KEY_DUE];
    const struct rd_value *total = &attributes->values[RD_KEY_TOTAL];
    const struct rd_value *done = &attributes->values[RD_KEY_DONE];
    bool is_decided = row->was_decided || row->state == CASE_CLOSED;
    return (struct duty_row){.state = row->state,
            .unit = row->unit,
            .respondent = row->respondent,
            .opened = row->opened,
            .decided = is_decided ? row->moments[RD_MOMENT_DECIDED].wall : RD_TIME_NONE,
            .closed = row->closed,
            .is_due_day = due->type == RD_VALUE_DATE,
            .is_counted = total->type == RD_VALUE_UINT,
            .due = due->type == RD_VALUE_DATE || due->type == RD_VALUE_TIME ? due->integer
                                                                            : RD_TIME_NONE,
            .done = done->type == RD_VALUE_UINT ? (uint64_t)done->integer : 0,
            .total = total->type == RD_VALUE_UINT ? (uint64_t)total->integer : 0,
            .duty = text_of(attributes, RD_KEY_DUTY),
            .period = text_of(attributes, RD_KEY_PERIOD)};
}

void duty_row_put(struct store_view *view, uint64_t number, const struct duty_row *row)
{
    struct row_key key = {0};
    struct rd_buf buf;
    uint8_t room[256];
    row_key_u64(&key, number);
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_u8(&buf, (uint8_t)row->state);
    rd_buf_put_u8(&buf,
            (uint8_t)((row->is_due_day ? IS_DUE_DAY : 0) | (row->is_counted ? IS_COUNTED : 0)));
    rd_buf_put_uint(&buf, row->unit);
    rd_buf_put_uint(&buf, row->respondent);
    rd_buf_put_int(&buf, row->opened);
    rd_buf_put_int(&buf, row->decided);
    rd_buf_put_int(&buf, row->closed);
    rd_buf_put_int(&buf, row->due);
    rd_buf_put_uint(&buf, row->done);
    rd_buf_put_uint(&buf, row->total);
    rd_buf_put_str(&buf, row->duty);
    rd_buf_put_str(&buf, row->period);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_DUTIES, row_key_str(&key), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

struct duty_row duty_row_read(struct rd_str value)
{
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get), state = rd_get_u8(&get), flags = rd_get_u8(&get);
    struct duty_row row = {.state = (enum case_state)state,
            .is_due_day = (flags & IS_DUE_DAY) != 0,
            .is_counted = (flags & IS_COUNTED) != 0};
    row.unit = (uint32_t)rd_get_uint(&get);
    row.respondent = (uint32_t)rd_get_uint(&get);
    row.opened = rd_get_int(&get);
    row.decided = rd_get_int(&get);
    row.closed = rd_get_int(&get);
    row.due = rd_get_int(&get);
    row.done = rd_get_uint(&get);
    row.total = rd_get_uint(&get);
    row.duty = rd_get_str(&get);
    row.period = rd_get_str(&get);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    return row;
}

struct row_key duty_row_key_after(uint64_t number)
{
    struct row_key key = {0};
    row_key_u64(&key, number < UINT64_MAX ? number + 1 : number);
    return key;
}

/* ---- schedules ---- */

static struct rd_str schedule_key(struct row_key *key, uint32_t unit, uint32_t duty)
{
    row_key_u32(key, unit);
    row_key_u32(key, duty);
    return row_key_str(key);
}

void schedule_row_put(
        struct store_view *view, uint32_t unit, uint32_t duty, const struct schedule_row *row)
{
    struct row_key key = {0};
    struct rd_buf buf;
    uint8_t room[64];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_i64(&buf, row->armed);
    rd_buf_put_u32(&buf, (uint32_t)row->day ^ 0x80000000U);
    rd_buf_put_u8(&buf, (uint8_t)row->every);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_SCHEDULES, schedule_key(&key, unit, duty), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool schedule_row_get(
        struct store_view *view, uint32_t unit, uint32_t duty, struct schedule_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_SCHEDULES, schedule_key(&key, unit, duty), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct schedule_row row = {.armed = rd_get_i64(&get)};
    row.day = (rd_day)(rd_get_u32(&get) ^ 0x80000000U);
    uint8_t every = rd_get_u8(&get);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0 && every < RD_EVERY_COUNT);
    row.every = (enum rd_every)every;
    *ret_row = row;
    return true;
}

void schedule_row_del(struct store_view *view, uint32_t unit, uint32_t duty)
{
    struct row_key key = {0};
    store_del(view, STORE_SCHEDULES, schedule_key(&key, unit, duty));
}

bool schedule_row_next(struct store_view *view, bool is_first, uint32_t *unit, uint32_t *duty)
{
    struct row_key from = {0};
    struct rd_str key, value;
    struct store_scan scan;
    if (!is_first) {
        (void)schedule_key(&from, *unit, *duty);
        row_key_u8(&from, 0); /* behind it */
    }
    store_scan_begin(&scan, view, STORE_SCHEDULES, row_key_str(&from));
    bool is_found = store_scan_next(&scan, &key, &value);
    if (is_found) {
        *unit = row_key_read_u32(key, 0);
        *duty = row_key_read_u32(key, 4);
    }
    store_scan_end(&scan);
    return is_found;
}

/* ---- mended ---- */

static struct rd_str mended_key(
        struct row_key *key, uint32_t unit, const uint8_t cause[static RD_DIGEST_BYTES])
{
    row_key_u8(key, MENDED_VERIFIED);
    row_key_u32(key, unit);
    row_key_bytes(key, cause, RD_DIGEST_BYTES);
    return row_key_str(key);
}

void mended_row_put(struct store_view *view, uint32_t unit,
        const uint8_t cause[static RD_DIGEST_BYTES], const struct mended_row *row)
{
    struct row_key key = {0};
    struct rd_buf buf;
    uint8_t room[64];
    rd_buf_init_in(&buf, room, sizeof room, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_i64(&buf, row->verified);
    rd_buf_put_u64(&buf, row->duty);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_MENDED, mended_key(&key, unit, cause), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool mended_row_get(struct store_view *view, uint32_t unit,
        const uint8_t cause[static RD_DIGEST_BYTES], struct mended_row *ret_row)
{
    struct row_key key = {0};
    struct rd_str value;
    if (!store_get(view, STORE_MENDED, mended_key(&key, unit, cause), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct mended_row row = {.verified = rd_get_i64(&get)};
    row.duty = rd_get_u64(&get);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    *ret_row = row;
    return true;
}

void mended_row_del(
        struct store_view *view, uint32_t unit, const uint8_t cause[static RD_DIGEST_BYTES])
{
    struct row_key key = {0};
    store_del(view, STORE_MENDED, mended_key(&key, unit, cause));
}

static struct row_key waits_key(uint64_t of_case, uint64_t duty)
{
    struct row_key key = {0};
    row_key_u8(&key, MENDED_WAITS);
    row_key_u64(&key, of_case);
    row_key_u64(&key, duty);
    return key;
}

void mending_put(struct store_view *view, uint64_t of_case, uint64_t duty)
{
    struct row_key key = waits_key(of_case, duty);
    store_put(view, STORE_MENDED, row_key_str(&key), (struct rd_str){0});
}

void mending_del(struct store_view *view, uint64_t of_case, uint64_t duty)
{
    struct row_key key = waits_key(of_case, duty);
    store_del(view, STORE_MENDED, row_key_str(&key));
}

uint64_t mending_first(struct store_view *view, uint64_t of_case)
{
    struct row_key from = waits_key(of_case, 0);
    struct rd_str key, value;
    struct store_scan scan;
    uint64_t duty = 0;
    enum { CASE_AT = 1, DUTY_AT = 9, LEN = 17 };
    store_scan_begin(&scan, view, STORE_MENDED, row_key_str(&from));
    if (store_scan_next(&scan, &key, &value) && key.len == LEN &&
            row_key_read_u64(key, CASE_AT) == of_case) {
        duty = row_key_read_u64(key, DUTY_AT);
    }
    store_scan_end(&scan);
    return duty;
}

void duty_row_del(struct store_view *view, uint64_t number)
{
    struct row_key key = {0};
    row_key_u64(&key, number);
    store_del(view, STORE_DUTIES, row_key_str(&key));
}
