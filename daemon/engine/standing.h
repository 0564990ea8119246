/* daemon/engine/standing.h — the turns of a roster with those who stand in: one reading for the
 * engine, the desk and whoever compares configurations. Pure, over any view and plan. */
#pragma once

#include "common/plan/plan.h"
#include "common/time/roster.h"
#include "daemon/store/rows/roster_row.h"

/* Those who stand in from some instant on, by the end of their spans; of those whose unit the plan
 * still has. At most ROSTER_STANDING_MAX: of an instant that is past there may have been more. */
struct standing {
    struct roster_row *rows;
    size_t count;
};
/* Rows in the arena. `plan` is the present one, also where the roster is of another. */
struct standing standing_from(struct store_view *view, const struct rd_plan *plan,
        struct rd_arena *arena, struct rd_str roster, rd_time at);
/* The one taken last of those that hold at an instant; NULL: none does. */
const struct roster_row *standing_at(const struct standing *standing, rd_time at);

/* All of them, also those whose unit the plan no longer has: what others may have been told. */
enum { STANDING_WHOLE_MAX = 5000 };
/* False: more than STANDING_WHOLE_MAX have ended since `at` or have not. */
RD_MUST_USE bool standing_whole(struct store_view *view, struct rd_arena *arena,
        struct rd_str roster, rd_time at, struct standing *ret_standing);
/* Those among them whose unit the plan has. */
struct standing standing_there(struct store_view *view, const struct rd_plan *plan,
        struct rd_arena *arena, const struct standing *whole);

/* A turn, or one who stands in, as long as it was when nothing had replaced it yet. */
struct standing_span {
    rd_time from, until;
    uint64_t seq; /* of who stands in; 0: a turn */
};
/* What is left of it from `at` on: the first part that none taken behind it holds. `at` is not
 * before the span, and the rows reach back to its beginning. False: nothing is. */
bool standing_left(const struct standing *standing, const struct standing_span *span, rd_time at,
        struct standing_span *ret_part);

/* A stretch of one unit, for one reason. */
struct stretch {
    const struct roster_row *row; /* who stands in; NULL: whoever's turn it is */
    struct rd_turn turn;          /* where nobody stands in */
    rd_time until;                /* RD_TIME_MAX: no end */
};
/* The stretch that `at` falls into, which is not before the instant of standing_from(). */
struct stretch stretch_at(const struct rd_plan *plan, const struct rd_plan_roster *roster,
        const struct standing *standing, rd_time at);
