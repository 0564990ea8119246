/* daemon/journal/recover.h — finding the end of the newest segment, and making it fit to go on. */
#pragma once

#include "daemon/journal/scan.h"

struct recover_tail {
    struct format_segment head;
    uint64_t last;         /* number of the last whole record; first - 1: none */
    uint64_t offset;       /* behind it */
    uint64_t batch_offset; /* where its batch begins */
    uint8_t chain[FORMAT_HASH];
    bool is_ended; /* there is an end mark: the next record begins a segment */
    bool is_clean; /* false: bytes of a torn batch follow */
};

/* Reads the newest segment, verifying all. Changes nothing. 0, -EBADMSG, -ENOENT, -errno. */
RD_MUST_USE int recover_scan(const char *dir, int dir_fd, uint64_t first,
        struct recover_tail *ret_tail, struct journal_damage *ret_damage);
/* Cuts the torn tail and makes durable what was read. *ret_fd is the open segment, or -1 if an end
 * mark closes it. */
RD_MUST_USE int recover_mend(int dir_fd, const struct recover_tail *tail, int *ret_fd);
