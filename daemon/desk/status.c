#include "daemon/desk/method.h"
#include "daemon/metrics.h"

enum { PROTOCOL_VERSION = 1, HEX_BYTES = 64 };

static void pack_uint(struct rd_buf *buf, uint32_t *pairs, const char *key, uint64_t value)
{
    rd_pack_cstr(buf, key);
    rd_pack_uint(buf, value);
    (*pairs)++;
}

static void pack_bool(struct rd_buf *buf, uint32_t *pairs, const char *key, bool value)
{
    rd_pack_cstr(buf, key);
    rd_pack_bool(buf, value);
    (*pairs)++;
}

static void pack_time(struct rd_buf *buf, uint32_t *pairs, const char *key, rd_time time)
{
    rd_pack_cstr(buf, key);
    if (time == RD_TIME_NONE) {
        rd_pack_nil(buf);
    } else {
        rd_pack_time(buf, time);
    }
    (*pairs)++;
}

/* "": nil. */
static void pack_text(struct rd_buf *buf, uint32_t *pairs, const char *key, const char *text)
{
    rd_pack_cstr(buf, key);
    if (text[0] != '\0') {
        rd_pack_cstr(buf, text);
    } else {
        rd_pack_nil(buf);
    }
    (*pairs)++;
}

static void pack_hash(struct rd_buf *buf, uint32_t *pairs, const char *key, const uint8_t hash[32])
{
    static const char digits[] = "0123456789abcdef";
    char text[HEX_BYTES];
    for (size_t i = 0; i < HEX_BYTES / 2; i++) {
        text[2 * i] = digits[hash[i] >> 4];
        text[2 * i + 1] = digits[hash[i] & 15];
    }
    rd_pack_cstr(buf, key);
    rd_pack_str(buf, (struct rd_str){.ptr = text, .len = sizeof text});
    (*pairs)++;
}

static void pack_store(struct method_call *call, uint32_t *pairs)
{
    struct store_use use;
    store_measure(call->options->store, &use);
    struct rd_buf *buf = call->reply;
    pack_uint(buf, pairs, "store_bytes", use.used_bytes);
    pack_uint(buf, pairs, "store_map_bytes", use.map_bytes);
    pack_uint(buf, pairs, "store_file_bytes", use.file_bytes);
    pack_uint(buf, pairs, "disk_free_bytes", use.free_bytes);
    pack_uint(buf, pairs, "overlay_bytes", call->live->overlay_bytes);
    pack_uint(buf, pairs, "checkpoints", call->live->checkpoints);
    pack_uint(buf, pairs, "record_checkpointed", call->live->record_kept);
}

/* The proof of property 7 in the background. */
static void pack_proof(struct method_call *call, uint32_t *pairs)
{
    const struct desk_proof *proof = call->proof;
    struct rd_buf *buf = call->reply;
    uint32_t inner = 0;
    rd_pack_cstr(buf, "self_proof");
    size_t mark = rd_pack_map_begin(buf);
    pack_time(buf, &inner, "finished", proof->finished);
    pack_uint(buf, &inner, "cases", proof->cases);
    pack_uint(buf, &inner, "faults", proof->faults);
    if (proof->faults > 0) {
        rd_pack_cstr(buf, "first");
        rd_pack_cstr(buf, proof->first);
        inner++;
    }
    pack_uint(buf, &inner, "under_way", proof->pass.cursor);
    rd_pack_map_end(buf, mark, inner);
    (*pairs)++;
}

/* What senders need to know, so that they do not send what is never taken. */
static void pack_limits(struct method_call *call, uint32_t *pairs)
{
    const struct config *config = call->live->config;
    struct rd_buf *buf = call->reply;
    uint32_t inner = 0;
    rd_pack_cstr(buf, "limits");
    size_t mark = rd_pack_map_begin(buf);
    pack_uint(buf, &inner, "event_bytes", config->event_bytes);
    pack_uint(buf, &inner, "batch_events", config->batch_events);
    pack_uint(buf, &inner, "oldest", (uint64_t)(config->event_limits.oldest_us / RD_SECOND_US));
    rd_pack_map_end(buf, mark, inner);
    (*pairs)++;
}

bool status_answer(struct method_call *call)
{
    const struct desk_live *live = call->live;
    struct rd_buf *buf = call->reply;
    uint32_t pairs = 0;
    size_t mark = method_begin(call);
    rd_pack_cstr(buf, "version");
    rd_pack_cstr(buf, REDRESS_VERSION);
    pairs++;
    pack_uint(buf, &pairs, "protocol", PROTOCOL_VERSION);
    pack_uint(buf, &pairs, "engine", ENGINE_NUMBER);
    pack_uint(buf, &pairs, "term", call->counts.term);
    pack_uint(buf, &pairs, "uptime", (uint64_t)(live->uptime_us / RD_SECOND_US));
    pack_time(buf, &pairs, "time", live->wall);
    pack_bool(buf, &pairs, "time_from_events", live->is_time_from_events);
    pack_bool(buf, &pairs, "start_grace", live->is_grace);
    pack_bool(buf, &pairs, "state_new", live->is_new);
    pack_bool(buf, &pairs, "clock_behind", live->is_clock_behind);
    pack_bool(buf, &pairs, "clock_held", live->is_clock_held);
    rd_pack_cstr(buf, "clock_held_seconds");
    rd_pack_int(buf, live->clock_held_us / RD_SECOND_US);
    pairs++;
    pack_uint(buf, &pairs, "seq", call->counts.event_seq);
    pack_uint(buf, &pairs, "alert", call->counts.alert_seq);
    pack_uint(buf, &pairs, "alert_published", live->alert_published);
    pack_uint(buf, &pairs, "record", live->record);
    pack_uint(buf, &pairs, "record_durable", live->record_durable);
    pack_uint(buf, &pairs, "record_first", live->journal_first);
    pack_uint(buf, &pairs, "chain_record", live->chain_record);
    pack_text(buf, &pairs, "chain", live->chain);
    pack_uint(buf, &pairs, "journal_space_bytes", live->journal_space_bytes);
    pack_uint(buf, &pairs, "open_cases", call->counts.open_cases);
    pack_uint(buf, &pairs, "pending_timers", call->counts.armed_timers);
    pack_time(buf, &pairs, "next_timer", live->next_due);
    rd_pack_cstr(buf, "lag");
    rd_pack_int(buf, live->lag_ms);
    pairs++;
    pack_bool(buf, &pairs, "disk_low", live->is_disk_low);
    pack_bool(buf, &pairs, "map_low", live->is_map_low);
    pack_bool(buf, &pairs, "tail_full", live->is_tail_full);
    pack_limits(call, &pairs);
    pack_store(call, &pairs);
    pack_proof(call, &pairs);
    pack_hash(buf, &pairs, "config", live->config->hash);
    pack_text(buf, &pairs, "reload_refused", live->refused);
    pack_text(buf, &pairs, "socket_lost", live->deaf);
    pack_text(buf, &pairs, "keeping_fails", live->keeping);
    method_end(call, mark, pairs);
    return true;
}

static void pack_histogram(struct rd_buf *buf, enum metric_histogram histogram)
{
    uint32_t used = METRIC_BUCKETS;
    while (used > 0 && metric_bucket(histogram, used - 1) == 0) {
        used--;
    }
    rd_pack_cstr(buf, metric_histogram_name(histogram));
    rd_pack_array(buf, used);
    for (uint32_t i = 0; i < used; i++) {
        rd_pack_uint(buf, metric_bucket(histogram, i));
    }
}

bool metrics_answer(struct method_call *call)
{
    struct rd_buf *buf = call->reply;
    size_t mark = method_begin(call);
    rd_pack_cstr(buf, "counters");
    rd_pack_map(buf, METRIC_COUNT);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        rd_pack_cstr(buf, metric_name(metric));
        rd_pack_uint(buf, metric_value(metric));
    }
    rd_pack_cstr(buf, "histograms");
    rd_pack_map(buf, METRIC_HISTOGRAM_COUNT);
    for (enum metric_histogram h = 0; h < METRIC_HISTOGRAM_COUNT; h++) {
        pack_histogram(buf, h);
    }
    rd_pack_cstr(buf, "sums");
    rd_pack_map(buf, METRIC_HISTOGRAM_COUNT);
    for (enum metric_histogram h = 0; h < METRIC_HISTOGRAM_COUNT; h++) {
        rd_pack_cstr(buf, metric_histogram_name(h));
        rd_pack_uint(buf, metric_sum(h));
    }
    method_end(call, mark, 3);
    return true;
}
