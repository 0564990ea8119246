/* tools/send/prints.h — a table by fingerprint, for what is known of many rows. */
#pragma once

#include "tools/send/input.h"

struct prints_entry {
    struct print key;
    struct print other; /* the user's, as is `number`; both zero at first */
    uint64_t number;
};

struct prints {
    struct prints_entry *entries; /* a hash table; its size is a power of two */
    size_t room, count;
};

void prints_done(struct prints *prints);
bool print_is_none(const struct print *print);
/* NULL: it is not there. Both: borrowed until the next prints_put(). */
struct prints_entry *prints_get(const struct prints *prints, const struct print *key);
struct prints_entry *prints_put(struct prints *prints, const struct print *key);
