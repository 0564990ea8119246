#include "daemon/engine/counters.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"
#include "common/time/period.h"

enum { WAITING_MAX = 8192, SLOTS = 4 * WAITING_MAX };

struct waiting {
    struct counter_key key;
    struct counter_cell cell;
};

struct pending {
    struct waiting at[2 * WAITING_MAX];
    uint16_t slots[SLOTS]; /* index + 1; 0: free */
    size_t count;
};

struct pending *counters_new(void)
{
    struct pending *pending = calloc(1, sizeof *pending);
    if (pending == NULL) {
        rd_oom();
    }
    return pending;
}

void counters_free(struct pending *pending)
{
    free(pending);
}

void counters_forget(struct engine *engine)
{
    if (engine->pending->count > 0) {
        memset(engine->pending->slots, 0, sizeof engine->pending->slots);
        engine->pending->count = 0;
    }
}

static uint32_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 32);
}

static uint32_t hash_of(const struct counter_key *key, const struct counter_cell *cell)
{
    uint64_t first = (uint64_t)(uint32_t)key->period << 32 | key->unit;
    uint64_t second = (uint64_t)key->grain << 56 | (uint64_t)key->dim << 48 | cell->counter;
    return mix(mix(mix(mix(1, first), second) | 1ULL << 40, key->value) | 1ULL << 41, cell->sub);
}

static int order(const void *a, const void *b)
{
    const struct waiting *one = a, *other = b;
#define BY(field)                                                                                  \
    if (one->field != other->field) {                                                              \
        return one->field < other->field ? -1 : 1;                                                 \
    }
    BY(key.grain)
    BY(key.dim)
    BY(key.period)
    BY(key.unit)
    BY(key.value)
    BY(cell.counter)
    BY(cell.sub)
#undef BY
    return 0;
}

static bool is_same_row(const struct counter_key *a, const struct counter_key *b)
{
    return a->grain == b->grain && a->dim == b->dim && a->period == b->period &&
           a->unit == b->unit && a->value == b->value;
}

static void add_one(
        struct pending *pending, const struct counter_key *key, const struct counter_cell *cell)
{
    uint32_t slot = hash_of(key, cell) % SLOTS;
    for (; pending->slots[slot] != 0; slot = (slot + 1) % SLOTS) {
        struct waiting *waiting = &pending->at[pending->slots[slot] - 1];
        if (is_same_row(&waiting->key, key) && waiting->cell.counter == cell->counter &&
                waiting->cell.sub == cell->sub) {
            waiting->cell.sum = rd_sum(waiting->cell.sum, cell->sum);
            return;
        }
    }
    pending->at[pending->count] = (struct waiting){*key, *cell};
    pending->slots[slot] = (uint16_t)++pending->count;
}

void counters_add(struct engine *engine, const struct counter_key *of, rd_day day,
        const struct counter_cell *cell)
{
    struct counter_key key = *of;
    struct pending *pending = engine->pending;
    if (pending->count == WAITING_MAX) {
        counters_flush(engine);
    }
    key.grain = COUNTER_DAYS;
    key.period = day;
    add_one(pending, &key, cell);
}

/* A month is the sum of its days, and those of an event are mostly of one: made here, once. */
static void add_months(struct pending *pending)
{
    size_t days = pending->count;
    RD_ASSERT(2 * days <= RD_COUNT(pending->at)); /* counters_add() */
    for (size_t i = 0; i < days; i++) {
        struct counter_key key = pending->at[i].key;
        key.grain = COUNTER_MONTHS;
        key.period = rd_month_of((rd_day)key.period);
        add_one(pending, &key, &pending->at[i].cell);
    }
}

void counters_count(
        struct engine *engine, uint32_t unit, rd_day day, const struct counter_cell *cell)
{
    counters_add(engine, &(struct counter_key){.dim = RD_DIM_ALL, .unit = unit}, day, cell);
}

void counters_flush(struct engine *engine)
{
    struct pending *pending = engine->pending;
    struct counter_cell cells[128];
    add_months(pending);
    qsort(pending->at, pending->count, sizeof pending->at[0], order);
    for (size_t i = 0; i < pending->count;) {
        const struct counter_key *key = &pending->at[i].key;
        size_t count = 0;
        while (i < pending->count && count < RD_COUNT(cells) &&
                is_same_row(&pending->at[i].key, key)) {
            cells[count++] = pending->at[i++].cell;
        }
        counter_row_add(engine->view, key, cells, count);
    }
    counters_forget(engine);
}

void counters_settle(struct engine *engine)
{
    if (engine->pending->count > WAITING_MAX / 2) {
        counters_flush(engine);
    }
}
