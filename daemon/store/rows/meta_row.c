#include "daemon/store/rows/meta_row.h"

#include "common/base/buf.h"

enum { ROW_VERSION = 3, ROW_BYTES_MAX = 512 };

bool meta_row_get(struct store_view *view, struct counters *ret_counters)
{
    struct rd_str value;
    if (!store_get(view, STORE_META, RD_STR("engine"), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    struct counters c = {.position = rd_get_uint(&get)};
    c.event_seq = rd_get_uint(&get);
    c.alert_seq = rd_get_uint(&get);
    c.case_number = rd_get_uint(&get);
    c.silence_number = rd_get_uint(&get);
    c.history = rd_get_uint(&get);
    c.open_cases = rd_get_uint(&get);
    c.armed_timers = rd_get_uint(&get);
    c.term = rd_get_uint(&get);
    c.names = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    c.config = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    c.engine_number = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    c.wall = rd_get_i64(&get);
    c.steady = rd_get_i64(&get);
    c.swept_day = (int32_t)rd_get_int(&get);
    c.is_sweeping = rd_get_u8(&get) != 0;
    c.has_taken_over = rd_get_u8(&get) != 0;
    c.is_telling = rd_get_u8(&get) != 0;
    c.rest_due = rd_get_i64(&get);
    c.sweep_due = rd_get_i64(&get);
    c.sweep_next = rd_get_uint(&get);
    c.sweep_last = rd_get_uint(&get);
    c.sweep_config = (uint32_t)rd_get_uint_max(&get, UINT32_MAX);
    int r = rd_get_end(&get);
    RD_ASSERT(version == ROW_VERSION && r == 0);
    *ret_counters = c;
    return true;
}

void meta_row_put(struct store_view *view, const struct counters *c)
{
    struct rd_buf buf;
    rd_buf_init(&buf, ROW_BYTES_MAX);
    rd_buf_put_u8(&buf, ROW_VERSION);
    rd_buf_put_uint(&buf, c->position);
    rd_buf_put_uint(&buf, c->event_seq);
    rd_buf_put_uint(&buf, c->alert_seq);
    rd_buf_put_uint(&buf, c->case_number);
    rd_buf_put_uint(&buf, c->silence_number);
    rd_buf_put_uint(&buf, c->history);
    rd_buf_put_uint(&buf, c->open_cases);
    rd_buf_put_uint(&buf, c->armed_timers);
    rd_buf_put_uint(&buf, c->term);
    rd_buf_put_uint(&buf, c->names);
    rd_buf_put_uint(&buf, c->config);
    rd_buf_put_uint(&buf, c->engine_number);
    rd_buf_put_i64(&buf, c->wall);
    rd_buf_put_i64(&buf, c->steady);
    rd_buf_put_int(&buf, c->swept_day);
    rd_buf_put_u8(&buf, c->is_sweeping ? 1 : 0);
    rd_buf_put_u8(&buf, c->has_taken_over ? 1 : 0);
    rd_buf_put_u8(&buf, c->is_telling ? 1 : 0);
    rd_buf_put_i64(&buf, c->rest_due);
    rd_buf_put_i64(&buf, c->sweep_due);
    rd_buf_put_uint(&buf, c->sweep_next);
    rd_buf_put_uint(&buf, c->sweep_last);
    rd_buf_put_uint(&buf, c->sweep_config);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_META, RD_STR("engine"), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

enum { CHAIN_VERSION = 1, CHAIN_ROW_BYTES = 1 + 8 + META_CHAIN_BYTES };

void meta_chain_put(
        struct store_view *view, uint64_t position, const uint8_t chain[static META_CHAIN_BYTES])
{
    struct rd_buf buf;
    rd_buf_init(&buf, CHAIN_ROW_BYTES);
    rd_buf_put_u8(&buf, CHAIN_VERSION);
    rd_buf_put_u64(&buf, position);
    rd_buf_put(&buf, chain, META_CHAIN_BYTES);
    RD_ASSERT(buf.error == 0);
    store_put(view, STORE_META, RD_STR("chain"), rd_buf_str(&buf));
    rd_buf_done(&buf);
}

bool meta_chain_get(
        struct store_view *view, uint64_t position, uint8_t ret_chain[static META_CHAIN_BYTES])
{
    struct rd_str value;
    if (!store_get(view, STORE_META, RD_STR("chain"), &value)) {
        return false;
    }
    struct rd_get get = rd_get_of(value);
    uint8_t version = rd_get_u8(&get);
    uint64_t number = rd_get_u64(&get);
    struct rd_str chain = rd_get_bytes(&get, META_CHAIN_BYTES);
    if (rd_get_end(&get) != 0 || version != CHAIN_VERSION || number != position) {
        return false;
    }
    memcpy(ret_chain, chain.ptr, META_CHAIN_BYTES);
    return true;
}
