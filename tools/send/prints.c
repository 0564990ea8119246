#include "tools/send/prints.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 1024 };

void prints_done(struct prints *prints)
{
    free(prints->entries);
    *prints = (struct prints){.room = 0};
}

bool print_is_none(const struct print *print)
{
    static const struct print none = {{0}};
    return memcmp(print, &none, sizeof none) == 0;
}

static struct prints_entry *slot_of(const struct prints *prints, const struct print *key)
{
    uint64_t hash;
    memcpy(&hash, key->bytes, sizeof hash); /* a fingerprint is spread already */
    size_t slot = hash & (prints->room - 1);
    while (!print_is_none(&prints->entries[slot].key) &&
            memcmp(&prints->entries[slot].key, key, sizeof *key) != 0) {
        slot = (slot + 1) & (prints->room - 1);
    }
    return &prints->entries[slot];
}

static void grow(struct prints *prints)
{
    struct prints old = *prints;
    prints->room = old.room > 0 ? 2 * old.room : ROOM_MIN;
    prints->entries = calloc(prints->room, sizeof prints->entries[0]);
    if (prints->entries == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < old.room; i++) {
        if (!print_is_none(&old.entries[i].key)) {
            *slot_of(prints, &old.entries[i].key) = old.entries[i];
        }
    }
    free(old.entries);
}

struct prints_entry *prints_get(const struct prints *prints, const struct print *key)
{
    struct prints_entry *entry = prints->room > 0 ? slot_of(prints, key) : NULL;
    return entry != NULL && !print_is_none(&entry->key) ? entry : NULL;
}

struct prints_entry *prints_put(struct prints *prints, const struct print *key)
{
    if (2 * (prints->count + 1) > prints->room) {
        grow(prints);
    }
    struct prints_entry *entry = slot_of(prints, key);
    prints->count += print_is_none(&entry->key) ? 1 : 0;
    entry->key = *key;
    return entry;
}
