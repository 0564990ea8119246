#include "common/base/hist.h"

#include <string.h>

enum { SUB_COUNT = 1 << RD_HIST_SUB_BITS, SHARE_ALL_BP = 10000 };

size_t rd_hist_bucket(uint64_t value)
{
    if (value < SUB_COUNT) {
        return (size_t)value;
    }
    unsigned shift = 63u - (unsigned)__builtin_clzll(value) - RD_HIST_SUB_BITS;
    return ((size_t)shift << RD_HIST_SUB_BITS) + (size_t)(value >> shift);
}

/* The largest value that rd_hist_bucket() puts there. */
static uint64_t bucket_max(size_t bucket)
{
    if (bucket < 2 * SUB_COUNT) {
        return bucket;
    }
    size_t shift = bucket / SUB_COUNT - 1;
    uint64_t top = bucket % SUB_COUNT + SUB_COUNT;
    return (top << shift) + ((UINT64_C(1) << shift) - 1);
}

void rd_hist_reset(struct rd_hist *hist)
{
    memset(hist, 0, sizeof *hist);
}

void rd_hist_record(struct rd_hist *hist, uint64_t value)
{
    size_t bucket = rd_hist_bucket(value);
    RD_ASSERT(bucket < RD_HIST_BUCKETS);
    hist->buckets[bucket]++;
    hist->count++;
    hist->max = value > hist->max ? value : hist->max;
}

void rd_hist_add(struct rd_hist *hist, size_t bucket, uint64_t count)
{
    RD_ASSERT(bucket < RD_HIST_BUCKETS);
    uint64_t max = bucket_max(bucket);
    hist->buckets[bucket] += count;
    hist->count += count;
    hist->max = count > 0 && max > hist->max ? max : hist->max;
}

void rd_hist_merge(struct rd_hist *into, const struct rd_hist *from)
{
    for (size_t i = 0; i < RD_HIST_BUCKETS; i++) {
        into->buckets[i] += from->buckets[i];
    }
    into->count += from->count;
    into->max = from->max > into->max ? from->max : into->max;
}

/* count × share / 10,000, rounded up, without the product overflowing. */
static uint64_t rank_of(uint64_t count, uint32_t share_bp)
{
    uint64_t whole = count / SHARE_ALL_BP * share_bp;
    uint64_t rest = count % SHARE_ALL_BP * share_bp;
    uint64_t rank = whole + (rest + SHARE_ALL_BP - 1) / SHARE_ALL_BP;
    return rank > 0 ? rank : 1;
}

uint64_t rd_hist_percentile(const struct rd_hist *hist, uint32_t share_bp)
{
    RD_ASSERT(share_bp <= SHARE_ALL_BP);
    if (hist->count == 0) {
        return 0;
    }
    uint64_t rank = rank_of(hist->count, share_bp);
    uint64_t seen = 0;
    for (size_t i = 0; i < RD_HIST_BUCKETS; i++) {
        seen += hist->buckets[i];
        if (seen >= rank) {
            uint64_t value = bucket_max(i);
            return value < hist->max ? value : hist->max;
        }
    }
    RD_UNREACHABLE("the buckets sum to count");
}
