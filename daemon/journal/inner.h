/* daemon/journal/inner.h — the journal's own parts, for its files only. */
#pragma once

#include <stdatomic.h>

#include "daemon/journal/scan.h"
#include "daemon/journal/writer.h"

struct journal {
    char *dir;
    int dir_fd, lock_fd;
    struct stock *stock;
    struct writer *writer; /* NULL: read_only */
    struct batch open;     /* the appending thread's */
    uint64_t appended_bytes;
    uint64_t segment_bytes;
    atomic_uint_least64_t last;
};

struct journal_cursor {
    struct journal *journal;
    struct stock_pin pin;
    struct scan scan;
    uint64_t next;
};
