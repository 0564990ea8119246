#include "common/base/nearest.h"

#include <stdio.h>

enum { NAME_MAX_LEN = 64 };

/* Levenshtein's distance with a swap of neighbours as one step; names over NAME_MAX_LEN are far. */
static size_t distance(struct rd_str a, struct rd_str b)
{
    size_t rows[3][NAME_MAX_LEN + 1];
    if (a.len > NAME_MAX_LEN || b.len > NAME_MAX_LEN) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b.len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *two = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = before[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1] &&
                    two[j - 2] + 1 < best) {
                best = two[j - 2] + 1;
            }
            now[j] = best;
        }
    }
    return rows[a.len % 3][b.len];
}

struct rd_nearest rd_nearest_of(struct rd_str text)
{
    return (struct rd_nearest){.text = text, .distance = SIZE_MAX};
}

void rd_nearest_try(struct rd_nearest *nearest, struct rd_str name)
{
    size_t d = distance(nearest->text, name);
    if (d < nearest->distance) {
        nearest->distance = d;
        nearest->best = name;
    }
}

bool rd_nearest_is_close(const struct rd_nearest *nearest)
{
    size_t longest = nearest->text.len > nearest->best.len ? nearest->text.len : nearest->best.len;
    return nearest->best.len > 0 && nearest->distance <= longest / 2;
}

const char *rd_nearest_hint(const struct rd_nearest *nearest, char room[static RD_NEAREST_HINT_MAX])
{
    room[0] = '\0';
    if (rd_nearest_is_close(nearest)) { /* at most NAME_MAX_LEN bytes: it fits */
        (void)snprintf(room, RD_NEAREST_HINT_MAX, "; did you mean %.*s?", RD_FMT(nearest->best));
    }
    return room;
}
