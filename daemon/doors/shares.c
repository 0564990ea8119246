#include "daemon/doors/shares.h"

static bool is_free(const struct shares *shares, const struct share *share)
{
    return share->open == 0 && share->used <= shares->now;
}

/* Finds a place for a new share. If none is free, the idle peer that has used least is forgotten,
 * as it loses the least by it. */
static struct share *find_place(struct shares *shares)
{
    struct share *least = NULL;
    for (size_t i = 0; i < shares->count; i++) {
        struct share *one = &shares->at[i];
        if (is_free(shares, one)) {
            return one;
        }
        if (one->open == 0 && (least == NULL || one->used < least->used)) {
            least = one;
        }
    }
    if (shares->count < SHARES_MAX) {
        return &shares->at[shares->count++];
    }
    RD_ASSERT(least != NULL); /* each peer with a question has one: there are more places */
    return least;
}

struct share *share_enter(struct shares *shares, uint64_t key)
{
    struct share *share = NULL;
    for (size_t i = 0; i < shares->count && share == NULL; i++) {
        bool is_its = shares->at[i].key == key && !is_free(shares, &shares->at[i]);
        share = is_its ? &shares->at[i] : NULL;
    }
    if (share == NULL) {
        share = find_place(shares);
        *share = (struct share){.key = key, .used = shares->now};
    }
    share->open++;
    return share;
}

void share_leave(struct share *share)
{
    RD_ASSERT(share->open > 0);
    share->open--;
}

void share_use(struct shares *shares, struct share *share, int64_t cost)
{
    RD_ASSERT(cost > 0);
    shares->now = share->used > shares->now ? share->used : shares->now;
    /* A peer that could not be served for long must not save up time. */
    share->used = shares->now + cost;
}
