#include "daemon/edge.h"

struct engine_time edge_time(const struct edge *edge)
{
    struct engine_time at = {.wall = edge->clock.wall, .steady = edge->clock.steady};
    at.is_grace = edge->clock.options.mode == CLOCK_REAL && at.steady < edge->grace_until;
    return at;
}

uint64_t edge_append(struct edge *edge, const struct engine_time *at, struct journal_record record)
{
    RD_ASSERT(edge->told == RD_TIME_NONE || at->wall == RD_TIME_NONE || at->wall >= edge->told);
    record.engine = ENGINE_NUMBER;
    record.flags = at->is_grace ? JOURNAL_FLAG_GRACE : 0;
    record.wall = at->wall;
    record.steady = at->steady;
    if (record.kind != JOURNAL_EVENT) {
        record.event_seq = engine_counts(edge->engine).event_seq;
    }
    if (at->wall != RD_TIME_NONE) {
        edge->told = at->wall;
        if (edge->clock.options.mode == CLOCK_EVENTS) {
            clock_advance(&edge->clock, at->wall);
        }
    }
    return journal_append(edge->journal, &record);
}
