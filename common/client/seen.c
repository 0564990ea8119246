#include "common/client/seen.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 16 };

void seen_clear(struct seen *seen)
{
    for (size_t i = 0; i < seen->count; i++) {
        free(seen->units[i].unit);
    }
    free(seen->units);
    *seen = (struct seen){0};
}

/* The first place whose unit is not before `unit`. */
static size_t find(const struct seen *seen, struct rd_str unit)
{
    size_t low = 0, high = seen->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rd_str_cmp(rd_str_of(seen->units[middle].unit), unit) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct seen *seen, size_t place, struct rd_str unit)
{
    return place < seen->count && rd_str_is(unit, seen->units[place].unit);
}

uint64_t seen_get(const struct seen *seen, struct rd_str unit)
{
    size_t place = find(seen, unit);
    return is_at(seen, place, unit) ? seen->units[place].seq : 0;
}

void seen_set(struct seen *seen, struct rd_str unit, uint64_t seq)
{
    size_t place = find(seen, unit);
    if (is_at(seen, place, unit)) {
        seen->units[place].seq = seq;
        return;
    }
    if (seen->count == SEEN_UNITS_MAX) {
        return;
    }
    if (seen->count == seen->room) {
        seen->room = seen->room == 0 ? ROOM_MIN : 2 * seen->room;
        seen->units = reallocarray(seen->units, seen->room, sizeof seen->units[0]);
        if (seen->units == NULL) {
            rd_oom();
        }
    }
    char *copy = strndup(unit.ptr != NULL ? unit.ptr : "", unit.len);
    if (copy == NULL) {
        rd_oom();
    }
    memmove(&seen->units[place + 1], &seen->units[place],
            (seen->count - place) * sizeof seen->units[0]);
    seen->units[place] = (struct seen_unit){.unit = copy, .seq = seq};
    seen->count++;
}
