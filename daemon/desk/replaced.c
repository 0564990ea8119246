#include "daemon/desk/holders.h"
#include "daemon/desk/rosters.h"
#include "daemon/engine/standing.h"
#include "daemon/store/rows/name_row.h"

/* roster.list with `replaced`: each turn and each who stands in, whole or in the parts that are
 * left, and what of it a list may have told before and is no more: for whoever keeps copies. */

enum {
    TURNS_MAX = 1000,     /* of one answer */
    GROUP_MAX = 16000000, /* more than a turn has rows, and fewer than it has microseconds */
};

struct replacing {
    struct method_call *call;
    const struct rd_plan_roster *roster;
    const struct roster_span *asked;
    struct rows *rows;
    struct standing whole, there;
    uint64_t *below; /* of each of `whole`: what it parted at its end; 0: the turn */
    /* Of the rows of a turn: the present one's number, how many another answer had, and where this
     * one is full; 0: nowhere. */
    uint64_t number, skip, cut;
};

/* Who held at the end of each when it was taken: of that it may have left a second part. */
static void find_below(struct replacing *it)
{
    if (it->whole.count == 0) {
        return;
    }
    it->below = RD_ARENA_ARRAY(it->call->arena, uint64_t, it->whole.count);
    for (size_t i = 0; i < it->whole.count; i++) {
        const struct roster_row *row = &it->whole.rows[i];
        it->below[i] = 0;
        for (size_t k = 0; k < it->whole.count; k++) {
            const struct roster_row *other = &it->whole.rows[k];
            if (other->seq < row->seq && other->seq > it->below[i] && other->from <= row->until &&
                    other->until > row->until) {
                it->below[i] = other->seq;
            }
        }
    }
}

static uint64_t changes_of(const struct standing *whole, const struct standing_span *span)
{
    uint64_t count = 0;
    for (size_t i = 0; i < whole->count; i++) {
        const struct roster_row *row = &whole->rows[i];
        count += row->seq > span->seq && row->from < span->until && row->until > span->from;
    }
    return count;
}

static void tell(struct replacing *it, struct told *told, const struct told_change *change,
        rd_time from, rd_time until)
{
    it->number++;
    if (it->number <= it->skip) {
        return;
    }
    if (rows_are_full(it->rows)) {
        it->cut = it->cut != 0 ? it->cut : it->number - 1;
        return;
    }
    told->from = from;
    told->until = until != RD_TIME_MAX ? until : it->asked->to; /* no day ever opens again */
    told_pack(it->call, it->roster, told, change);
    it->rows->count++;
}

/* Whether it left a second part when it was taken: what is left behind one that holds from the
 * beginning on is the first. */
static bool is_parted(const struct replacing *it, const struct standing_span *span, size_t index)
{
    const struct roster_row *row = &it->whole.rows[index];
    return it->below[index] == span->seq && row->seq > span->seq && row->from > span->from &&
           row->until < span->until;
}

/* Whether its second part is no more: another holds where it began, or it is whole again, or the
 * first that is left. */
static bool is_part_gone(
        const struct replacing *it, const struct standing_span *span, size_t index, rd_time first)
{
    if (!is_parted(it, span, index)) {
        return false;
    }
    rd_time until = it->whole.rows[index].until;
    for (size_t i = index; i > 0 && it->whole.rows[i - 1].until == until; i--) {
        if (is_parted(it, span, i - 1)) {
            return false; /* that one has told of it */
        }
    }
    struct standing_span part;
    bool begins = standing_left(&it->there, span, until - 1, &part) && part.from == until;
    return !begins || until == first;
}

static void tell_whole(
        struct replacing *it, const struct standing_span *span, struct told *told, bool is_there)
{
    struct told_change change = {
            .begin = span->from, .seq = span->seq, .changes = changes_of(&it->whole, span)};
    rd_time at = span->from, first = RD_TIME_NONE;
    struct standing_span part;
    while (is_there && standing_left(&it->there, span, at, &part)) {
        first = first != RD_TIME_NONE ? first : part.from;
        change.is_part = part.from != first;
        tell(it, told, &change, part.from, part.until);
        at = part.until;
    }
    change.is_replaced = true;
    if (first == RD_TIME_NONE) {
        change.is_part = false;
        tell(it, told, &change, span->from, span->until);
    }
    change.is_part = true;
    for (size_t i = 0; i < it->whole.count; i++) {
        if (is_part_gone(it, span, i, first)) {
            tell(it, told, &change, it->whole.rows[i].until, span->until);
        }
    }
}

static void tell_turn(struct replacing *it, const struct rd_turn *turn)
{
    const struct rd_plan *plan = it->call->plan;
    struct standing_span span = {.from = turn->from, .until = turn->until};
    struct told told = {.unit = path_now(plan, plan->units[it->roster->turns[turn->index]].path),
            .is_provisional = told_is_provisional(
                    it->roster, &plan->calendars[it->roster->calendar], turn->until)};
    tell_whole(it, &span, &told, true);
}

static void tell_row(struct replacing *it, const struct roster_row *row)
{
    struct standing_span span = {.from = row->from, .until = row->until, .seq = row->seq};
    struct told told = {.unit = rd_arena_dup(it->call->arena,
                                path_now(it->call->plan, name_text(it->call->view, row->unit))),
            .is_overridden = true,
            .by = row->by};
    tell_whole(it, &span, &told, rd_plan_unit_find(it->call->plan, told.unit) != RD_NO_INDEX);
}

static struct rd_turn turn_at(const struct replacing *it, rd_time at)
{
    return rd_turn_at(&it->roster->rounds, &it->call->plan->calendars[it->roster->calendar], at);
}

/* All that may hide something of what begins at `at` or later, or holds there where `at` is the
 * beginning of the span. False: error set. */
static bool load(struct replacing *it, rd_time at)
{
    struct method_call *call = it->call;
    struct rd_turn turn = turn_at(it, at);
    rd_time back = turn.is_none || turn.from > at ? at : turn.from;
    bool is_whole = standing_whole(call->view, call->arena, it->roster->name, at, &it->whole);
    for (size_t i = 0; at == it->asked->from && i < it->whole.count; i++) {
        back = it->whole.rows[i].from < back ? it->whole.rows[i].from : back;
    }
    if (!is_whole || !standing_whole(call->view, call->arena, it->roster->name, back, &it->whole)) {
        return method_fail(call, "bad_params",
                "from: units have stood in more than %d times since then: ask from a later instant",
                STANDING_WHOLE_MAX);
    }
    it->there = standing_there(call->view, call->plan, call->arena, &it->whole);
    find_below(it);
    return true;
}

/* The turn and those who stand in from its time on; with the first, those who did before, too. */
static void tell_page_turn(struct replacing *it, const struct rd_turn *turn, rd_time at)
{
    if (!turn->is_none) {
        tell_turn(it, turn);
    }
    for (size_t i = 0; i < it->whole.count; i++) {
        const struct roster_row *row = &it->whole.rows[i];
        bool is_of_it = at == it->asked->from ? row->until > at : row->from >= at;
        if (is_of_it && row->from < turn->until && row->from < it->asked->to) {
            tell_row(it, row);
        }
    }
}

/* `after` is the beginning of a turn and how many of its rows were told, or of the first turn,
 * which may begin before the span, their number alone. Returns where the turn's rows begin. */
static rd_time read_after(struct replacing *it)
{
    uint64_t after = param_uint(it->call, "after");
    const struct roster_span *asked = it->asked;
    if (after < GROUP_MAX) {
        it->skip = after;
        return asked->from;
    }
    if (after >= (uint64_t)asked->to + GROUP_MAX) {
        return asked->to;
    }
    struct rd_turn turn = turn_at(it, (rd_time)after);
    rd_time begin = turn.is_none || turn.from <= asked->from ? asked->from : turn.from;
    it->skip = after >= (uint64_t)begin ? after - (uint64_t)begin : 0;
    return begin;
}

bool roster_replaced_answer(struct method_call *call, struct rows *rows,
        const struct rd_plan_roster *roster, const struct roster_span *span)
{
    struct replacing it = {.call = call, .roster = roster, .asked = span, .rows = rows};
    rd_time at = read_after(&it);
    if (!load(&it, at)) {
        return false;
    }
    for (size_t i = 0; at < span->to && it.cut == 0 && !rows_are_full(rows) && i < TURNS_MAX; i++) {
        struct rd_turn turn = turn_at(&it, at);
        it.number = 0;
        tell_page_turn(&it, &turn, at);
        it.skip = 0;
        at = it.cut == 0 ? turn.until : at;
    }
    uint64_t begun = it.cut != 0 && at == span->from ? 0 : (uint64_t)at;
    told_end(call, rows, roster, span, at < span->to ? begun + it.cut : 0);
    return true;
}
