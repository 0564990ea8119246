#include "daemon/desk/sums.h"

#include "common/base/num.h"

enum { ROOM_FIRST = 64 };

static struct counter_cell *place_of(struct sums *sums, uint32_t counter, uint64_t sub)
{
    uint64_t hash = (sub ^ (uint64_t)counter << 40) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 32) & (sums->room - 1);
    while (sums->at[at].counter != 0 &&
            (sums->at[at].counter != counter || sums->at[at].sub != sub)) {
        at = (at + 1) & (sums->room - 1);
    }
    return &sums->at[at];
}

static void grow(struct rd_arena *arena, struct sums *sums)
{
    struct sums old = *sums;
    sums->room = old.room == 0 ? ROOM_FIRST : old.room * 4;
    sums->at = RD_ARENA_ARRAY(arena, struct counter_cell, sums->room);
    for (size_t i = 0; i < old.room; i++) {
        if (old.at[i].counter != 0) {
            *place_of(sums, old.at[i].counter, old.at[i].sub) = old.at[i];
        }
    }
}

void sums_add(struct rd_arena *arena, struct sums *sums, const struct counter_cell *cell)
{
    if (2 * (sums->count + 1) > sums->room) {
        grow(arena, sums);
    }
    struct counter_cell *place = place_of(sums, cell->counter, cell->sub);
    if (place->counter == 0) {
        *place = (struct counter_cell){.counter = cell->counter, .sub = cell->sub};
        sums->count++;
    }
    place->sum = rd_sum(place->sum, cell->sum);
}

int64_t sums_of(const struct sums *sums, const struct rd_figure_term *term)
{
    int64_t sum = 0;
    for (size_t i = 0; i < sums->room; i++) {
        const struct counter_cell *cell = &sums->at[i];
        bool is_in = cell->counter == (uint32_t)term->counter && cell->sub >= term->from &&
                     (cell->sub <= term->to || term->to == RD_FIGURE_ANY);
        sum = is_in ? rd_sum(sum, cell->sum) : sum;
    }
    return sum;
}
