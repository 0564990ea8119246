/* tools/ctl/event.h — an event put together from words of a command line. */
#pragma once

#include "common/wire/event.h"
#include "tools/ctl/ctl.h"

enum { EVENT_KEYS_MAX = 64, EVENT_BYTES_MAX = 4 * 1024 * 1024 };

struct event_draft {
    const char *type, *subject;
    struct event_key { /* in the order they came; a key twice: an array of both */
        const char *key, *value;
        size_t key_len;
    } keys[EVENT_KEYS_MAX];
    size_t key_count;
    struct event_key pairs[EVENT_KEYS_MAX]; /* of matchers, attributes */
    size_t pair_count;
    const char *pairs_key; /* "matchers", "attributes" */
};

/* False: there are too many keys; printed. */
bool event_add(struct event_draft *draft, const char *key, size_t key_len, const char *value);
bool event_add_pair(struct event_draft *draft, const char *map, const char *key, size_t key_len,
        const char *value);
/* "KEY=VALUE"; "attributes.KEY=VALUE" and "matchers.KEY=VALUE" go into those maps. */
bool event_add_word(struct event_draft *draft, const char *word);
/* A number or a subject. */
bool event_add_case(struct event_draft *draft, const char *text);
/* A key's value as it was given; NULL: it was not. */
const char *event_value(const struct event_draft *draft, const char *key);
/* What stands in the field of the event that a receipt names ("subject", "data.into"); NULL: none
 * was written. */
const char *event_written(const struct event_draft *draft, const char *field);
/* False: there is no such type; printed, with the nearest one. */
bool event_type_is_known(const char *type);
/* False: the running daemon does not know one of them; printed, with the nearest name. */
bool event_names_are_known(struct ctl *ctl, const struct event_draft *draft);
/* Packs the event of this command line, its id in *ret_id. False: the mistake was printed. */
bool event_pack(const struct ctl *ctl, struct event_draft *draft, struct rd_buf *ret_id,
        struct rd_buf *ret_event);
