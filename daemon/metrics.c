#include "daemon/metrics.h"

#include <stdatomic.h>

static _Atomic uint64_t counters[METRIC_COUNT];
static _Atomic uint64_t histograms[METRIC_HISTOGRAM_COUNT][METRIC_BUCKETS];
static _Atomic uint64_t sums[METRIC_HISTOGRAM_COUNT];

static const char *const counter_names[] = {
#define X(suffix, name) [METRIC_##suffix] = (name),
        METRICS(X)
#undef X
};

static const char *const histogram_names[] = {
#define X(suffix, name) [METRIC_##suffix] = (name),
        METRIC_HISTOGRAMS(X)
#undef X
};

const char *metric_name(enum metric metric)
{
    RD_ASSERT(metric < METRIC_COUNT);
    return counter_names[metric];
}

const char *metric_histogram_name(enum metric_histogram histogram)
{
    RD_ASSERT(histogram < METRIC_HISTOGRAM_COUNT);
    return histogram_names[histogram];
}

void metric_add(enum metric metric, uint64_t count)
{
    RD_ASSERT(metric < METRIC_COUNT);
    (void)atomic_fetch_add_explicit(&counters[metric], count, memory_order_relaxed);
}

uint64_t metric_value(enum metric metric)
{
    RD_ASSERT(metric < METRIC_COUNT);
    return atomic_load_explicit(&counters[metric], memory_order_relaxed);
}

void metric_note(enum metric_histogram histogram, int64_t value)
{
    RD_ASSERT(histogram < METRIC_HISTOGRAM_COUNT);
    uint32_t bucket = value > 0 ? 64 - (uint32_t)__builtin_clzll((unsigned long long)value) : 0;
    bucket = bucket < METRIC_BUCKETS ? bucket : METRIC_BUCKETS - 1;
    (void)atomic_fetch_add_explicit(&histograms[histogram][bucket], 1, memory_order_relaxed);
    (void)atomic_fetch_add_explicit(
            &sums[histogram], value > 0 ? (uint64_t)value : 0, memory_order_relaxed);
}

uint64_t metric_bucket(enum metric_histogram histogram, uint32_t bucket)
{
    RD_ASSERT(histogram < METRIC_HISTOGRAM_COUNT);
    RD_ASSERT(bucket < METRIC_BUCKETS);
    return atomic_load_explicit(&histograms[histogram][bucket], memory_order_relaxed);
}

uint64_t metric_sum(enum metric_histogram histogram)
{
    RD_ASSERT(histogram < METRIC_HISTOGRAM_COUNT);
    return atomic_load_explicit(&sums[histogram], memory_order_relaxed);
}
