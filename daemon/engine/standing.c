#include "daemon/engine/standing.h"

#include "daemon/store/rows/name_row.h"

/* Without a plan every unit is. */
static bool is_there(struct store_view *view, const struct rd_plan *plan, uint32_t unit)
{
    return plan == NULL || rd_plan_unit_find(plan, name_text(view, unit)) != RD_NO_INDEX;
}

static size_t count_of(struct store_view *view, const struct rd_plan *plan, uint32_t roster,
        rd_time at, size_t max)
{
    struct roster_row row = {.until = at + 1};
    size_t count = 0;
    while (count < max && roster_row_next(view, roster, row.until, row.seq, &row)) {
        count += is_there(view, plan, row.unit);
    }
    return count;
}

static struct standing load(struct store_view *view, const struct rd_plan *plan,
        struct rd_arena *arena, struct rd_str roster, rd_time at, size_t max)
{
    struct standing standing = {0};
    uint32_t name = name_find(view, roster);
    size_t count = name != 0 ? count_of(view, plan, name, at, max) : 0;
    if (count == 0) {
        return standing;
    }
    standing.rows = RD_ARENA_ARRAY(arena, struct roster_row, count);
    struct roster_row row = {.until = at + 1};
    while (standing.count < count && roster_row_next(view, name, row.until, row.seq, &row)) {
        struct roster_row *kept = &standing.rows[standing.count];
        *kept = row;
        kept->by = rd_arena_dup(arena, row.by);
        standing.count += is_there(view, plan, row.unit);
    }
    return standing;
}

struct standing standing_from(struct store_view *view, const struct rd_plan *plan,
        struct rd_arena *arena, struct rd_str roster, rd_time at)
{
    return load(view, plan, arena, roster, at, ROSTER_STANDING_MAX);
}

bool standing_whole(struct store_view *view, struct rd_arena *arena, struct rd_str roster,
        rd_time at, struct standing *ret_standing)
{
    *ret_standing = load(view, NULL, arena, roster, at, STANDING_WHOLE_MAX + 1);
    return ret_standing->count <= STANDING_WHOLE_MAX;
}

struct standing standing_there(struct store_view *view, const struct rd_plan *plan,
        struct rd_arena *arena, const struct standing *whole)
{
    struct standing there = {0};
    if (whole->count == 0) {
        return there;
    }
    there.rows = RD_ARENA_ARRAY(arena, struct roster_row, whole->count);
    for (size_t i = 0; i < whole->count; i++) {
        if (is_there(view, plan, whole->rows[i].unit)) {
            there.rows[there.count++] = whole->rows[i];
        }
    }
    return there;
}

const struct roster_row *standing_at(const struct standing *standing, rd_time at)
{
    const struct roster_row *last = NULL;
    for (size_t i = 0; i < standing->count; i++) {
        const struct roster_row *row = &standing->rows[i];
        if (row->from <= at && row->until > at && (last == NULL || row->seq > last->seq)) {
            last = row;
        }
    }
    return last;
}

/* Where one that was taken behind `seq` begins or ends to stand in, behind `at`; at most `end`. */
static rd_time next_change(const struct standing *standing, rd_time at, rd_time end, uint64_t seq)
{
    for (size_t i = 0; i < standing->count; i++) {
        const struct roster_row *row = &standing->rows[i];
        if (row->seq > seq && row->until > at) {
            end = row->from > at && row->from < end ? row->from : end;
            end = row->from <= at && row->until < end ? row->until : end;
        }
    }
    return end;
}

/* The last end of those taken behind `seq` that hold at `at`; `at` itself: none does. */
static rd_time held_until(const struct standing *standing, rd_time at, uint64_t seq)
{
    rd_time until = at;
    for (size_t i = 0; i < standing->count; i++) {
        const struct roster_row *row = &standing->rows[i];
        if (row->seq > seq && row->from <= at && row->until > until) {
            until = row->until;
        }
    }
    return until;
}

bool standing_left(const struct standing *standing, const struct standing_span *span, rd_time at,
        struct standing_span *ret_part)
{
    for (rd_time held; at < span->until; at = held) {
        held = held_until(standing, at, span->seq);
        if (held == at) {
            *ret_part = (struct standing_span){.from = at,
                    .until = next_change(standing, at, span->until, span->seq),
                    .seq = span->seq};
            return true;
        }
    }
    return false;
}

struct stretch stretch_at(const struct rd_plan *plan, const struct rd_plan_roster *roster,
        const struct standing *standing, rd_time at)
{
    const struct roster_row *row = standing_at(standing, at);
    if (row != NULL) {
        return (struct stretch){
                .row = row, .until = next_change(standing, at, row->until, row->seq)};
    }
    struct rd_turn turn = rd_turn_at(&roster->rounds, &plan->calendars[roster->calendar], at);
    return (struct stretch){.turn = turn, .until = next_change(standing, at, turn.until, 0)};
}
