/* daemon/metrics.h — counters and histograms of this process, from its start.
 *
 * Every rejected, dropped, late or retried thing has a counter. Any thread may count and read; a
 * histogram has buckets of powers of two of microseconds. The names are what the desk's `metrics`
 * answers. */
#pragma once

#include "common/base/base.h"

/* X(suffix, name) */
#define METRICS(X)                                                                                 \
    X(EVENTS_ACCEPTED, "events_accepted")                                                          \
    X(EVENTS_DUPLICATE, "events_duplicate")                                                        \
    X(EVENTS_REJECTED, "events_rejected")                                                          \
    X(EVENTS_BUSY, "events_busy")                                                                  \
    X(EVENTS_ADJUSTED, "events_adjusted")                                                          \
    X(MESSAGES_IN, "messages_in")                                                                  \
    X(MESSAGES_IGNORED, "messages_ignored")                                                        \
    X(REPLIES_OUT, "replies_out")                                                                  \
    X(REPLIES_LOST, "replies_lost")                                                                \
    X(ALERTS_DECIDED, "alerts_decided")                                                            \
    X(ALERTS_PUBLISHED, "alerts_published")                                                        \
    X(ALERTS_BUNDLED, "alerts_bundled")                                                            \
    X(ALERTS_LATE, "alerts_late")                                                                  \
    X(HEARTBEATS, "heartbeats")                                                                    \
    X(SUBSCRIPTIONS, "subscriptions")                                                              \
    X(TIMERS_FIRED, "timers_fired")                                                                \
    X(TICKS, "ticks")                                                                              \
    X(TURNS, "turns")                                                                              \
    X(BATCHES, "batches")                                                                          \
    X(CHECKPOINTS, "checkpoints")                                                                  \
    X(CHECKPOINTS_NO_SPACE, "checkpoints_no_space")                                                \
    X(SNAPSHOTS, "snapshots")                                                                      \
    X(SNAPSHOTS_FAILED, "snapshots_failed")                                                        \
    X(SEGMENTS_ARCHIVED, "segments_archived")                                                      \
    X(ARCHIVES_FAILED, "archives_failed")                                                          \
    X(DEAD_LETTERS, "dead_letters")                                                                \
    X(DEAD_LETTERS_DROPPED, "dead_letters_dropped")                                                \
    X(CLOCK_STEPS, "clock_steps")                                                                  \
    X(RELOADS, "reloads")                                                                          \
    X(RELOADS_REFUSED, "reloads_refused")                                                          \
    X(LOG_LINES_LEFT_OUT, "log_lines_left_out")                                                    \
    X(PEERS_CUT, "peers_cut")                                                                      \
    X(PEERS_REFUSED, "peers_refused")                                                              \
    X(PEERS_CROWDED, "peers_crowded")                                                              \
    X(KEYS_REFUSED, "keys_refused")                                                                \
    X(SUBSCRIPTIONS_REFUSED, "subscriptions_refused")                                              \
    X(DESK_REQUESTS, "desk_requests")                                                              \
    X(DESK_WAITED, "desk_waited")

enum metric {
#define X(suffix, name) METRIC_##suffix,
    METRICS(X)
#undef X
            METRIC_COUNT
};

#define METRIC_HISTOGRAMS(X)                                                                       \
    X(COMMIT_US, "commit_us")         /* batch handed over → durable */                          \
    X(TURN_US, "turn_us")             /* work of one turn, waiting not counted */                  \
    X(BATCH_EVENTS, "batch_events")   /* events a turn took; not a time */                         \
    X(CHECKPOINT_US, "checkpoint_us") /* sealed → in LMDB */

enum metric_histogram {
#define X(suffix, name) METRIC_##suffix,
    METRIC_HISTOGRAMS(X)
#undef X
            METRIC_HISTOGRAM_COUNT
};

enum { METRIC_BUCKETS = 40 }; /* bucket i counts values in [2^(i-1), 2^i), bucket 0 the zeros */

const char *metric_name(enum metric metric);
const char *metric_histogram_name(enum metric_histogram histogram);
void metric_add(enum metric metric, uint64_t count);
uint64_t metric_value(enum metric metric);
void metric_note(enum metric_histogram histogram, int64_t value);
uint64_t metric_bucket(enum metric_histogram histogram, uint32_t bucket);
uint64_t metric_sum(enum metric_histogram histogram); /* of all values noted */
