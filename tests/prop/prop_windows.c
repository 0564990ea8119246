/* tests/prop/prop_windows.c — the members of windows against a list: counts and distinct values at
 * random instants, in any order, over seals and checkpoints, some swept away. */
#include <string.h>

#include "daemon/store/rows/key.h"
#include "daemon/store/rows/window_row.h"
#include "tests/prop.h"
#include "tests/scratch.h"

enum { MEMBERS_MAX = 300, KEYS = 3, VALUES = 7, TIMES = 40, MAP_BYTES = 64 * 1024 * 1024 };

struct model {
    struct window_member members[MEMBERS_MAX];
    bool is_gone[MEMBERS_MAX];
    size_t count;
};

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            return __LINE__;                                                                       \
        }                                                                                          \
    } while (0)

/* Of few keys and values, the greatest digest among them: nothing lies behind it. */
static struct window_member random_member(struct prop_gen *gen, uint64_t seq)
{
    struct window_member member = {.seq = seq,
            .window = prop_below(gen, 2),
            .time = prop_between(gen, -TIMES / 2, TIMES / 2)};
    memset(member.key, (int)prop_below(gen, KEYS), sizeof member.key);
    member.has_distinct = member.window == 1;
    if (member.has_distinct) {
        uint8_t value = (uint8_t)prop_below(gen, VALUES);
        memset(member.distinct, value == 0 ? UINT8_MAX : value, sizeof member.distinct);
    }
    return member;
}

static bool is_in(
        const struct model *model, size_t i, const struct window_member *self, rd_time from)
{
    const struct window_member *one = &model->members[i];
    return !model->is_gone[i] && one->window == self->window &&
           memcmp(one->key, self->key, sizeof one->key) == 0 && one->time > from &&
           one->time <= self->time;
}

static uint32_t naive_count(const struct model *model, const struct window_member *self,
        rd_time from, bool *ret_has_own)
{
    uint32_t count = 0;
    *ret_has_own = false;
    for (size_t i = 0; i < model->count; i++) {
        bool is_first = true;
        if (!is_in(model, i, self, from)) {
            continue;
        }
        for (size_t k = 0; k < i && self->has_distinct; k++) {
            is_first = is_first && !(is_in(model, k, self, from) &&
                                           memcmp(model->members[k].distinct,
                                                   model->members[i].distinct, 16) == 0);
        }
        *ret_has_own = *ret_has_own || (self->has_distinct && memcmp(model->members[i].distinct,
                                                                      self->distinct, 16) == 0);
        count += is_first;
    }
    return count;
}

static int check_count(struct prop_gen *gen, struct store_view *view, const struct model *model)
{
    struct window_member self = random_member(gen, 0);
    rd_time from = self.time - prop_between(gen, 1, TIMES);
    bool has_own, want_own;
    uint32_t want = naive_count(model, &self, from, &want_own);
    CHECK(window_count(view, &self, from, MEMBERS_MAX, &has_own) == want && has_own == want_own);
    uint32_t max = 1 + (uint32_t)prop_below(gen, 5);
    CHECK(window_count(view, &self, from, max, &has_own) == (want < max ? want : max));
    return 0;
}

/* All that are left of one key, each once. */
static int check_members(struct prop_gen *gen, struct store_view *view, const struct model *model)
{
    struct window_member self = random_member(gen, 0);
    struct row_key at = {0};
    rd_time time;
    uint64_t seq;
    size_t found = 0, want = 0;
    self.time = TIMES;
    while (window_next(view, self.window, self.key, &at, &time, &seq)) {
        CHECK(seq < model->count && is_in(model, seq, &self, RD_TIME_MIN));
        CHECK(model->members[seq].time == time);
        found++;
    }
    for (size_t i = 0; i < model->count; i++) {
        want += is_in(model, i, &self, RD_TIME_MIN);
    }
    CHECK(found == want);
    return 0;
}

/* The day of expiry of member n is n: a sweep takes the oldest, as many as it may. */
static void sweep(
        struct prop_gen *gen, struct store_view *view, struct model *model, struct row_key *from)
{
    int32_t day = (int32_t)prop_below(gen, model->count / 2 + 1);
    uint32_t limit = 1 + (uint32_t)prop_below(gen, 20);
    uint32_t gone = expiry_sweep(view, day, limit, from);
    for (size_t i = 0; i < model->count && gone > 0; i++) {
        if (!model->is_gone[i]) {
            model->is_gone[i] = true;
            gone--;
        }
    }
}

static int step(
        struct prop_gen *gen, struct store *store, struct model *model, struct row_key *from)
{
    struct store_view *view = store_live(store);
    switch (prop_below(gen, 8)) {
    case 0:
        return store_flush(store) == 0 ? 0 : __LINE__;
    case 1:
        (void)store_seal(store);
        return 0;
    case 2:
        sweep(gen, view, model, from);
        return 0;
    case 3:
        return check_members(gen, view, model);
    case 4:
        return check_count(gen, view, model);
    default:
        break;
    }
    struct window_member member = random_member(gen, model->count);
    struct row_key key = {0};
    window_member_put(view, &member, &key);
    if (member.seq % 2 == 0) {
        expiry_put(view, (int32_t)member.seq, member.seq, 1, STORE_BY_KEY, row_key_str(&key));
    } else {
        expiry_put_members(view, (int32_t)member.seq, member.seq, 1, &key, 1);
    }
    model->members[model->count++] = member;
    return 0;
}

static int windows_count_as_a_list_does(struct prop_gen *gen)
{
    struct scratch scratch = scratch_make();
    struct store_options options = {.dir = scratch.path, .map_bytes_max = MAP_BYTES};
    struct store *store;
    struct model model = {0};
    struct row_key from = {0};
    char what[256];
    CHECK(store_open(&options, &store, what) == 0);
    int line = 0;
    while (model.count < MEMBERS_MAX && line == 0) {
        line = step(gen, store, &model, &from);
    }
    store_close(store);
    scratch_remove(&scratch);
    return line;
}

int main(void)
{
    return prop_check("windows_count_as_a_list_does", windows_count_as_a_list_does);
}
