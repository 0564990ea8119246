#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tools/ctl/ctl.h"

/* metrics --prometheus: the desk's `metrics` and `status` in the text format of Prometheus.
 *
 * A counter is redress_NAME_total. A histogram's buckets of powers of two become cumulative ones; a
 * name in _us becomes one in _seconds. The gauges are those of the table below. No case, unit or
 * customer is a label. redressctl(1) fixes the names. */

enum { NAME_BYTES_MAX = 96, MICROS = 1000000, THOUSAND = 1000 };

/* What `status` holds as a number: its key, the metric's name, what one is in thousandths. */
static const struct gauge {
    const char *key, *name, *help;
    bool is_milli;
} GAUGES[] = {
        {"open_cases", "redress_open_cases", "Open cases.", false},
        {"pending_timers", "redress_pending_timers", "Timers that are armed.", false},
        {"lag", "redress_lag_seconds", "How late the timers fire; 0 in the start grace.", true},
        {"uptime", "redress_uptime_seconds", "Since this process started.", false},
        {"seq", "redress_event_seq", "Number of the last event.", false},
        {"alert_published", "redress_alert_seq", "Number of the last alert published.", false},
        {"term", "redress_term", "Raised by each promotion of a standby.", false},
        {"overlay_bytes", "redress_overlay_bytes", "Changes not in the store yet.", false},
        {"store_bytes", "redress_store_bytes", "Used in the store.", false},
        {"store_map_bytes", "redress_store_map_bytes", "What the store may grow to.", false},
        {"store_file_bytes", "redress_store_file_bytes", "The store's file.", false},
        {"journal_space_bytes", "redress_journal_space_bytes", "Given to the journal.", false},
        {"disk_free_bytes", "redress_disk_free_bytes", "Free on the state's file system.", false},
        {"disk_low", "redress_disk_low", "1: only what acknowledges, decides or ends is taken.",
                false},
        {"map_low", "redress_map_low", "1: and it is limits.map_size that is short.", false},
        {"tail_full", "redress_tail_full", "1: events are answered busy.", false},
        {"keeping_fails", "redress_keeping_fails", "1: no snapshot, or the journal not archived.",
                false},
        {"clock_behind", "redress_clock_behind", "1: the clock was set back, time stands still.",
                false},
        {"clock_held", "redress_clock_held", "1: the clock jumped and is held.", false},
        {"state_new", "redress_state_new", "1: this start began an empty state.", false},
        {"start_grace", "redress_start_grace", "1: within the grace after a start.", false},
};

static void put_head(const char *name, const char *help, const char *type)
{
    (void)printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Thousandths or millionths as a decimal number without a float's doubts. */
static void put_scaled(uint64_t value, uint64_t scale)
{
    int places = scale == MICROS ? 6 : 3;
    (void)printf("%" PRIu64 ".%0*" PRIu64, value / scale, places, value % scale);
}

static void put_gauges(rd_node status)
{
    for (size_t i = 0; i < RD_COUNT(GAUGES); i++) {
        const struct gauge *gauge = &GAUGES[i];
        rd_node node = rd_node_find(status, gauge->key);
        if (rd_node_type(node) == RD_NODE_NONE) {
            continue;
        }
        enum rd_node_type type = rd_node_type(node);
        int64_t value = type == RD_NODE_BOOL  ? rd_node_bool(node)
                        : type == RD_NODE_STR ? 1 /* a text says why it is so */
                                              : rd_node_int(node);
        uint64_t size = value > 0 ? (uint64_t)value : 0;
        put_head(gauge->name, gauge->help, "gauge");
        (void)printf("%s ", gauge->name);
        if (gauge->is_milli) {
            put_scaled(size, THOUSAND);
        } else {
            (void)printf("%" PRIu64, size);
        }
        (void)putchar('\n');
    }
}

static void put_counters(rd_node counters)
{
    for (uint32_t i = 0; i < rd_node_count(counters); i++) {
        struct rd_str key;
        char name[NAME_BYTES_MAX], help[NAME_BYTES_MAX + 64];
        uint64_t value = rd_node_uint(rd_node_pair(counters, i, &key));
        (void)snprintf(name, sizeof name, "redress_%.*s_total", RD_FMT(key));
        (void)snprintf(help, sizeof help, "The desk's counter %.*s, from this process's start.",
                RD_FMT(key));
        put_head(name, help, "counter");
        (void)printf("%s %" PRIu64 "\n", name, value);
    }
}

/* Bucket i counts what is below 2^i. */
static void put_histogram(struct rd_str key, rd_node buckets, uint64_t sum)
{
    enum { UNIT_LEN = 3 };
    bool is_time = key.len > UNIT_LEN && memcmp(key.ptr + key.len - UNIT_LEN, "_us", UNIT_LEN) == 0;
    char name[NAME_BYTES_MAX];
    (void)snprintf(name, sizeof name, "redress_%.*s%s", (int)(key.len - (is_time ? UNIT_LEN : 0)),
            key.ptr, is_time ? "_seconds" : "");
    put_head(name, "A histogram of the desk's metrics, from this process's start.", "histogram");
    uint64_t count = 0;
    for (uint32_t i = 0; i < rd_node_count(buckets); i++) {
        uint64_t most = i == 0 ? 0 : (UINT64_C(1) << i) - 1; /* the largest whole number in it */
        count += rd_node_uint(rd_node_at(buckets, i));
        (void)printf("%s_bucket{le=\"", name);
        if (is_time) {
            put_scaled(most, MICROS);
        } else {
            (void)printf("%" PRIu64, most);
        }
        (void)printf("\"} %" PRIu64 "\n", count);
    }
    (void)printf("%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, count, name);
    if (is_time) {
        put_scaled(sum, MICROS);
    } else {
        (void)printf("%" PRIu64, sum);
    }
    (void)printf("\n%s_count %" PRIu64 "\n", name, count);
}

static void put_metrics(rd_node metrics)
{
    rd_node histograms = rd_node_find(metrics, "histograms");
    rd_node sums = rd_node_find(metrics, "sums");
    put_counters(rd_node_find(metrics, "counters"));
    for (uint32_t i = 0; i < rd_node_count(histograms); i++) {
        struct rd_str key, same;
        rd_node buckets = rd_node_pair(histograms, i, &key);
        uint64_t sum = i < rd_node_count(sums) ? rd_node_uint(rd_node_pair(sums, i, &same)) : 0;
        put_histogram(key, buckets, sum);
    }
}

enum exit_status ctl_prometheus(struct ctl *ctl)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum exit_status status = ctl_ask(ctl, "metrics", NULL, &answer);
    if (status == STATUS_OK) {
        put_metrics(answer.got.result);
        status = ctl_ask(ctl, "status", NULL, &answer); /* the first answer ends here */
    }
    if (status == STATUS_OK) {
        struct rd_str version = rd_node_str(rd_node_find(answer.got.result, "version"));
        put_head("redress_build_info", "The daemon's version.", "gauge");
        (void)printf("redress_build_info{version=\"%.*s\"} 1\n", RD_FMT(version));
        put_head("redress_written_seconds", "When this was written, by this machine's clock.",
                "gauge");
        (void)printf("redress_written_seconds %" PRId64 "\n", (int64_t)time(NULL));
        put_gauges(answer.got.result);
    }
    return status;
}
