#include "tools/bench/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "tools/shared/json.h"

static const struct {
    const char *name;
    uint32_t share_bp;
} shares[] = {{"p50", 5000}, {"p90", 9000}, {"p99", 9900}, {"p99.9", 9990}, {"max", 10000}};

static const char *const mixes[] = {"default", "open", "alerts", "pending"};

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static void set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) < 0) {
        rd_oom();
    }
}

static json_t *hist_json(const struct rd_hist *hist)
{
    json_t *object = json_object();
    set(object, "count", number(hist->count));
    for (size_t i = 0; i < RD_COUNT(shares); i++) {
        set(object, shares[i].name, number(rd_hist_percentile(hist, shares[i].share_bp)));
    }
    return object;
}

static void hist_print(const char *name, const struct rd_hist *hist)
{
    (void)printf("%-10s", name);
    for (size_t i = 0; i < RD_COUNT(shares); i++) {
        (void)printf("  %s %" PRIu64, shares[i].name, rd_hist_percentile(hist, shares[i].share_bp));
    }
    (void)printf(" µs  (%" PRIu64 ")\n", hist->count);
}

static int finish(json_t *object)
{
    if (object != NULL) {
        json_print(stdout, object, true);
    }
    bool is_bad = fflush(stdout) != 0 || ferror(stdout) != 0;
    if (is_bad) {
        say_error("standard output cannot be written");
    }
    return is_bad ? STATUS_REFUSED : STATUS_OK;
}

int report_hist(const struct bench_options *options, const char *name, const struct rd_hist *hist)
{
    if (!options->is_json) {
        hist_print(name, hist);
        return finish(NULL);
    }
    json_t *object = json_object();
    set(object, name, hist_json(hist));
    return finish(object);
}

static uint64_t rate(const struct report *report)
{
    uint64_t span = report->span_us > 0 ? (uint64_t)report->span_us : 1;
    return (uint64_t)((double)report->counts.measured * 1e6 / (double)span);
}

static uint64_t fan_rate(const struct report *report)
{
    uint64_t span = report->span_us > 0 ? (uint64_t)report->span_us : 1;
    return (uint64_t)((double)report->fan.measured * 1e6 / (double)span);
}

static json_t *run_json(const struct bench_options *options, const struct report *report)
{
    const struct bench_counts *counts = &report->counts;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
            {"producers", options->producers},
            {"window", options->window},
            {"batch", options->batch},
            {"bytes", options->bytes},
            {"sent", counts->sent},
            {"accepted", counts->accepted},
            {"duplicate", counts->duplicate},
            {"rejected", counts->rejected},
            {"busy", counts->busy},
            {"retried", counts->retried},
            {"measured", counts->measured},
            {"span_us", report->span_us > 0 ? (uint64_t)report->span_us : 0},
            {"events_per_second", rate(report)},
    };
    json_t *object = json_object();
    set(object, "mix", json_string(mixes[options->mix]));
    for (size_t i = 0; i < RD_COUNT(rows); i++) {
        set(object, rows[i].name, number(rows[i].value));
    }
    set(object, "receipt_us", hist_json(&counts->receipts));
    if (options->has_alerts) {
        set(object, "alerts", number(report->alerts));
        set(object, "alert_us", hist_json(&report->alert_hist));
    }
    if (options->subscribers > 0) {
        set(object, "subscribers", number(options->subscribers));
        set(object, "delivered", number(report->fan.delivered));
        set(object, "deliveries_lost", number(report->fan.lost));
        set(object, "deliveries_per_second", number(fan_rate(report)));
    }
    if (options->ask > 0) {
        set(object, "answered", number(report->asked.answered));
        set(object, "unanswered", number(report->asked.failed));
        set(object, "answer_us", hist_json(&report->asked.answers));
    }
    return object;
}

int report_run(const struct bench_options *options, const struct report *report)
{
    const struct bench_counts *counts = &report->counts;
    if (options->is_json) {
        return finish(run_json(options, report));
    }
    (void)printf("%" PRIu64 " producers, %" PRIu64 " in flight each, %" PRIu64
                 " a message, %" PRIu64 " bytes\n",
            options->producers, options->window, options->batch, options->bytes);
    (void)printf("%" PRIu64 " events/s  (%" PRIu64 " in %" PRId64 ".%03d s)\n", rate(report),
            counts->measured, report->span_us / RD_SECOND_US,
            (int)(report->span_us % RD_SECOND_US / 1000));
    (void)printf("sent %" PRIu64 ", accepted %" PRIu64 ", duplicate %" PRIu64 ", rejected %" PRIu64
                 ", busy %" PRIu64 ", retried %" PRIu64 "\n",
            counts->sent, counts->accepted, counts->duplicate, counts->rejected, counts->busy,
            counts->retried);
    hist_print("receipt", &counts->receipts);
    if (options->has_alerts) {
        hist_print("alert", &report->alert_hist);
    }
    if (options->subscribers > 0) {
        (void)printf("%" PRIu64 " deliveries/s to %" PRIu64 " subscribers  (%" PRIu64
                     ", lost %" PRIu64 ")\n",
                fan_rate(report), options->subscribers, report->fan.delivered, report->fan.lost);
    }
    if (options->ask > 0) {
        hist_print("answer", &report->asked.answers);
        (void)printf("questions answered %" PRIu64 ", not %" PRIu64 "\n", report->asked.answered,
                report->asked.failed);
    }
    return finish(NULL);
}

int report_list(const struct bench_options *options, const struct report_list *list)
{
    json_t *object = options->is_json ? json_object() : NULL;
    for (size_t i = 0; i < list->row_count; i++) {
        const struct report_row *row = &list->rows[i];
        if (object != NULL) {
            set(object, row->name, number(row->value));
        } else {
            (void)printf("%-52s %12" PRIu64 " %s\n", row->label, row->value, row->unit);
        }
    }
    for (size_t i = 0; i < list->hist_count; i++) {
        if (object != NULL) {
            set(object, list->hist_names[i], hist_json(list->hists[i]));
        } else {
            hist_print(list->hist_names[i], list->hists[i]);
        }
    }
    return finish(object);
}
