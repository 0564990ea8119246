#include "tools/send/seen.h"

#include <inttypes.h>
#include <string.h>

/* The last four bytes of a fingerprint have the number of the row among those that say the same
 * added to them, so the others tell that they do. */
enum { NUMBER_BYTES = sizeof(uint32_t), SAME_BYTES = INPUT_PRINT_BYTES - NUMBER_BYTES };

void seen_done(struct seen *seen)
{
    prints_done(&seen->rows);
    prints_done(&seen->ids);
}

static void add(struct print *print, uint32_t number)
{
    uint32_t last;
    memcpy(&last, print->bytes + SAME_BYTES, sizeof last);
    last += number;
    memcpy(print->bytes + SAME_BYTES, &last, sizeof last);
}

void seen_row(struct seen *seen, struct print *print)
{
    struct prints_entry *entry = prints_put(&seen->rows, print);
    add(print, (uint32_t)entry->number++);
}

void seen_back(struct print *print)
{
    add(print, UINT32_MAX);
}

bool seen_is_same(const struct print *a, const struct print *b)
{
    return memcmp(a, b, SAME_BYTES) == 0;
}

bool seen_id(struct seen *seen, const struct print *id, const struct print *print, uint64_t line,
        uint64_t *ret_line)
{
    struct prints_entry *entry = prints_put(&seen->ids, id);
    if (entry->number == 0) {
        entry->other = *print;
        entry->number = line;
    }
    *ret_line = entry->number;
    return seen_is_same(&entry->other, print);
}

bool seen_refuse(struct rd_reject *why, uint64_t line)
{
    return rd_reject_set(why, "conflict", "id",
            "line %" PRIu64 " has the same id and says something else: one row would correct the "
            "other each time, so leave the one that is right",
            line);
}
