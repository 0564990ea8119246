/* daemon/store/flush.h — an overlay, sorted, into LMDB in one transaction. */
#pragma once

#include "daemon/store/dbenv.h"
#include "daemon/store/overlay.h"

struct flush { /* memory kept from one to the next; zeroed to begin with */
    struct rowtree_item *items;
    size_t cap;
    uint64_t rows, pages; /* of the last: what it was, and what LMDB wrote; pages 0: not known */
    uint64_t count;       /* of overlays so far */
};

void flush_done(struct flush *flush);
/* 0; -ENOSPC: nothing was written and it may be tried again; any other -errno: the end. */
RD_MUST_USE int flush_overlay(
        struct flush *flush, const struct dbenv *env, const struct overlay *overlay);
