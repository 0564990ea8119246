/* daemon/doors/shares.h — whose question is answered next: the desk has one thread, peers have many
 * questions.
 *
 * Each peer has a share, and a share has what its peer has used of the thread. The peer that used
 * least comes first, so that one with a short question passes one with many long ones. A peer
 * without questions saves nothing up: it begins where the peer served last stood. A share that
 * falls behind that and has no question is forgotten. One thread. */
#pragma once

#include "common/base/base.h"

enum { SHARES_MAX = 2048 };

struct share {
    uint64_t key;  /* of the peer */
    int64_t used;  /* of the thread, in whatever the caller counts */
    uint32_t open; /* questions; 0 and `used` not ahead: the place is free */
};

struct shares {
    struct share at[SHARES_MAX];
    size_t count; /* places that were ever used */
    int64_t now;  /* what the peer served last had used when it was */
};

/* One more question of this peer: its share, which stays in its place while it has questions. At
 * most SHARES_MAX - 1 questions may be open, of all peers. */
struct share *share_enter(struct shares *shares, uint64_t key);
void share_leave(struct share *share); /* a question less */
/* The peer was served, at this cost; > 0. */
void share_use(struct shares *shares, struct share *share, int64_t cost);
