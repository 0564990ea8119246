/* tools/send/maker.h — the event of a row: by the mapping, or the line of NDJSON as it is. */
#pragma once

#include "common/base/buf.h"
#include "tools/send/input.h"

struct maker {
    const struct mapping *mapping; /* NULL: the rows are events */
    bool is_quiet;
    struct rd_buf event, id;
};

struct made { /* borrowed until the next maker_make(), and as the row */
    struct rd_str id, event;
};

void maker_init(struct maker *maker, const struct mapping *mapping, bool is_quiet);
void maker_done(struct maker *maker);
/* `sequence` is the number it gets, where the mapping numbers them; 0: none. False: *why. */
RD_MUST_USE bool maker_make(struct maker *maker, const struct input_row *row, uint64_t sequence,
        struct made *ret_made, struct rd_reject *why);
