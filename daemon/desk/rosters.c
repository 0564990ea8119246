#include "daemon/desk/rosters.h"

#include "daemon/desk/holders.h"
#include "daemon/engine/standing.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/roster_row.h"

/* roster.list: who has a roster's turn, stretch by stretch; without a name who has each one now. */

#define SPAN_US  (28 * RD_DAY_US)       /* without `to` */
#define REACH_US (20 * 366 * RD_DAY_US) /* each stretch counts the days since the first turn */

enum {
    STRETCHES_MAX = 1000, /* of one answer */
};

static struct standing standing_of(
        struct method_call *call, const struct rd_plan_roster *roster, rd_time at)
{
    return standing_from(call->view, call->plan, call->arena, roster->name, at);
}

/* Where the stretch of `at` began: at `begin`, or where one that was taken behind `seq` ended to
 * stand in since; one whose unit is gone never did. */
static rd_time own_begin(struct method_call *call, const struct rd_plan_roster *roster,
        rd_time begin, rd_time at, uint64_t seq)
{
    struct roster_row row = {.until = begin};
    uint32_t name = name_find(call->view, roster->name);
    while (name != 0 && roster_row_next(call->view, name, row.until, row.seq, &row) &&
            row.until <= at) {
        if (row.seq > seq && row.until > begin &&
                rd_plan_unit_find(call->plan, name_text(call->view, row.unit)) != RD_NO_INDEX) {
            begin = row.until;
        }
    }
    return begin;
}

static struct told told_at(struct method_call *call, const struct rd_plan_roster *roster,
        const struct standing *standing, rd_time at)
{
    const struct rd_plan *plan = call->plan;
    struct stretch stretch = stretch_at(plan, roster, standing, at);
    const struct roster_row *row = stretch.row;
    if (row != NULL) {
        return (struct told){.from = own_begin(call, roster, row->from, at, row->seq),
                .until = stretch.until,
                .is_overridden = true,
                .by = row->by,
                .unit = rd_arena_dup(
                        call->arena, path_now(plan, name_text(call->view, row->unit)))};
    }
    const struct rd_turn *turn = &stretch.turn;
    struct told told = {.from = at,
            .until = stretch.until,
            .is_provisional =
                    told_is_provisional(roster, &plan->calendars[roster->calendar], turn->until)};
    if (!turn->is_none) {
        told.from = own_begin(call, roster, turn->from, at, 0);
        told.unit = path_now(plan, plan->units[roster->turns[turn->index]].path);
    }
    return told;
}

static bool answer_now(struct method_call *call)
{
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    size_t i = (size_t)param_uint(call, "after");
    for (; i < call->plan->roster_count && !rows_are_full(&rows); i++) {
        const struct rd_plan_roster *roster = &call->plan->rosters[i];
        struct standing standing = standing_of(call, roster, call->counts.wall);
        struct told told = told_at(call, roster, &standing, call->counts.wall);
        told_pack(call, roster, &told, NULL);
        rows.count++;
    }
    rows_end(call, &rows, i < call->plan->roster_count ? i : 0);
    return true;
}

/* The span that is asked for. False: error set. */
static bool read_span(struct method_call *call, struct roster_span *ret_span)
{
    rd_time now = call->counts.wall, from = param_time(call, "from"), to = param_time(call, "to");
    from = from != RD_TIME_NONE ? from : now;
    bool is_near = from >= now - REACH_US && from <= now + REACH_US;
    if (!is_near || (to != RD_TIME_NONE && to > now + REACH_US)) {
        return method_fail(call, "bad_params",
                "%s: turns can be listed at most 20 years before and after now",
                is_near ? "to" : "from");
    }
    ret_span->from = from > 0 ? from : 0;
    ret_span->to = to != RD_TIME_NONE ? to : ret_span->from + SPAN_US;
    return ret_span->to > ret_span->from ||
           method_fail(call, "bad_params", "to must be later than from");
}

static void answer_span(struct method_call *call, struct rows *rows,
        const struct rd_plan_roster *roster, const struct roster_span *span)
{
    uint64_t after = param_uint(call, "after");
    rd_time at = after < (uint64_t)span->from ? span->from
                 : after < (uint64_t)span->to ? (rd_time)after
                                              : span->to;
    struct standing standing = standing_of(call, roster, at);
    while (at < span->to && !rows_are_full(rows) && rows->count < STRETCHES_MAX) {
        struct told told = told_at(call, roster, &standing, at);
        at = told.until;
        told.until = at != RD_TIME_MAX ? at : span->to; /* no day ever opens again */
        told_pack(call, roster, &told, NULL);
        rows->count++;
    }
    told_end(call, rows, roster, span, at < span->to ? (uint64_t)at : 0);
}

bool roster_list_answer(struct method_call *call)
{
    if (call->counts.wall == RD_TIME_NONE || call->counts.wall == RD_TIME_MIN) {
        return method_fail(call, "not_yet", "time comes from events, and none has come yet");
    }
    bool is_replaced = param_bool(call, "replaced");
    if (!param_has(call, "roster")) {
        return is_replaced ? method_fail(call, "bad_params",
                                     "replaced: it tells of one roster: give its name as roster")
                           : answer_now(call);
    }
    const struct rd_plan_roster *roster =
            rd_plan_roster_find(call->plan, param_str(call, "roster"));
    struct roster_span span = {0};
    struct rows rows;
    if (!read_span(call, &span) || !rows_begin(call, &rows)) {
        return false;
    }
    if (is_replaced) {
        return roster_replaced_answer(call, &rows, roster, &span);
    }
    answer_span(call, &rows, roster, &span);
    return true;
}
