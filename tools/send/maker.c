#include "tools/send/maker.h"

enum { EVENT_BYTES_MAX = 4 * 1024 * 1024 };

void maker_init(struct maker *maker, const struct mapping *mapping, bool is_quiet)
{
    *maker = (struct maker){.mapping = mapping, .is_quiet = is_quiet};
    rd_buf_init(&maker->event, EVENT_BYTES_MAX);
    rd_buf_init(&maker->id, EVENT_BYTES_MAX);
}

void maker_done(struct maker *maker)
{
    rd_buf_done(&maker->event);
    rd_buf_done(&maker->id);
}

bool maker_make(struct maker *maker, const struct input_row *row, uint64_t sequence,
        struct made *ret_made, struct rd_reject *why)
{
    *ret_made = (struct made){.id = row->id, .event = row->event};
    if (maker->mapping == NULL) {
        return true;
    }
    struct mapping_row made = {.values = row->values,
            .line = row->line,
            .row = row->row,
            .sequence = sequence,
            .is_quiet = maker->is_quiet};
    if (!mapping_apply(maker->mapping, &made, &maker->event, &maker->id, why)) {
        return false;
    }
    *ret_made = (struct made){.id = rd_buf_str(&maker->id), .event = rd_buf_str(&maker->event)};
    return true;
}
