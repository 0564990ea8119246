#include <inttypes.h>

#include "daemon/desk/method.h"

/* Questions about the state as it was at an instant. */

static bool fail_gone(struct method_call *call, rd_time at, rd_time earliest)
{
    char wanted[RD_TIME_TEXT_MAX], first[RD_TIME_TEXT_MAX];
    call->earliest = earliest != RD_TIME_NONE ? earliest : call->counts.wall;
    rd_time_format(at, wanted);
    rd_time_format(call->earliest, first);
    return method_fail(call, "gone",
            "the state of %s cannot be made any more: the journal up to it is not kept whole (an "
            "erasure, as of a customer forgotten since, or a pruned or foreign stretch); the "
            "earliest "
            "later one that can is that of %s",
            wanted, first);
}

static bool fail_working(struct method_call *call, uint64_t record)
{
    call->is_working = true;
    return method_fail(call, "not_yet",
            "the state of that instant is being made, by a replay that stands at record %" PRIu64
            ": ask again",
            record);
}

/* What the daemon publishes of itself is a little older than what a person's clock shows. */
#define PUBLISHED_US (5 * RD_SECOND_US)

static bool fail_ahead(struct method_call *call, rd_time at, rd_time now)
{
    bool is_soon =
            now != RD_TIME_NONE && !call->live->is_time_from_events && at - now <= PUBLISHED_US;
    call->is_working = is_soon;
    return method_fail(
            call, is_soon ? "not_yet" : "bad_params", "as_of lies ahead of the daemon's time");
}

/* Of an instant that is not over before the last checkpoint: the next one has all of it. */
static bool is_present(struct method_call *call)
{
    if (journal_durable(call->options->journal) == call->live->record_kept) {
        return true;
    }
    showing_want_checkpoint(call->options->showing);
    return fail_working(call, call->live->record_kept);
}

bool method_go_back(struct method_call *call, rd_time at)
{
    rd_time now = call->counts.wall > call->live->wall ? call->counts.wall : call->live->wall;
    if (now == RD_TIME_NONE || at > now) {
        return fail_ahead(call, at, now);
    }
    if (at >= call->counts.wall) {
        return is_present(call);
    }
    struct desk_past_state then;
    struct desk_past_wish wish = {.at = at, .snapshots = call->live->config->snapshot_dir};
    if (call->options->past == NULL) {
        return method_fail(call, "not_found", "there is no journal to make an earlier state of");
    }
    switch (call->options->past(call->options->past_context, &wish, &then)) {
    case DESK_PAST_READY:
        call->view = then.view;
        call->plan = then.plan;
        call->counts = then.counts;
        call->engine = NULL;
        return true;
    case DESK_PAST_WORKING:
        return fail_working(call, then.record);
    case DESK_PAST_GONE:
        return fail_gone(call, at, then.earliest);
    case DESK_PAST_FAILED:
        return method_fail(call, "internal", "the state of that instant: %.150s", then.error);
    }
    RD_UNREACHABLE("an outcome");
}
