/* tests/terms_find.h — which terms a text has, and where the first occurrence of each ends. */
#pragma once

#include <string.h>

#include "common/text/terms.h"

struct terms_found {
    bool *found;
    uint32_t *ends; /* NULL: not asked */
};

static inline void terms_note(void *context, const struct rd_terms_place *place)
{
    const struct terms_found *all = context;
    if (place->nth == 0) {
        all->found[place->index] = true;
        if (all->ends != NULL) {
            all->ends[place->index] = place->end;
        }
    }
}

/* Sets found[i] of `count` terms; ends[i] of those found alone. */
static inline void terms_find(const struct rd_terms *terms, struct rd_terms_scratch *scratch,
        struct rd_str text, size_t count, struct terms_found all)
{
    if (count > 0) {
        memset(all.found, 0, count * sizeof *all.found);
    }
    rd_terms_each(terms, scratch, text, terms_note, &all);
}
