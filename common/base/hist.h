/* common/base/hist.h — a log-linear histogram of integers: latencies of the bench, spans of a
 * report.
 *
 * Values below 128 have a bucket each; above, every power of two has 64 buckets of equal width. So
 * what comes out is never less than what was recorded and less than 2 % more. Any uint64_t goes in,
 * in a unit the caller knows. 30 KB, no allocation, no floats; zeroed memory is an empty one. Not
 * thread-safe: one a thread, merged at the end. */
#pragma once

#include "common/base/base.h"

enum { RD_HIST_SUB_BITS = 6, RD_HIST_BUCKETS = (64 - RD_HIST_SUB_BITS + 1) << RD_HIST_SUB_BITS };

struct rd_hist {
    uint64_t count; /* of values recorded */
    uint64_t max;   /* exact; 0 where there are none */
    uint64_t buckets[RD_HIST_BUCKETS];
};

void rd_hist_reset(struct rd_hist *hist);
void rd_hist_record(struct rd_hist *hist, uint64_t value);
/* Where a value is recorded; and as if `count` values had been recorded in a bucket, each as great
 * as one can be there. For histograms that are kept elsewhere, a bucket at a time. */
size_t rd_hist_bucket(uint64_t value);
void rd_hist_add(struct rd_hist *hist, size_t bucket, uint64_t count);
/* Adds the values of `from` to `into`. */
void rd_hist_merge(struct rd_hist *into, const struct rd_hist *from);
/* The value that share_bp of 10,000 of the recorded ones do not exceed: 5000 is the median, 9990
 * p99.9, 10000 the maximum. The rank is rounded up and is at least 1. 0 where there are none. */
uint64_t rd_hist_percentile(const struct rd_hist *hist, uint32_t share_bp);
