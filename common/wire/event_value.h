/* common/wire/event_value.h — one value of an event's `data`, checked against its row of the table.
 *
 * For event.c. Two steps, as the protocol's order wants: first the types of all, then the values.
 */
#pragma once

#include "common/wire/event_table.h"

struct rd_data { /* a value as it came */
    rd_node node;
    const char *start; /* its first byte in the event, after its key */
};

struct rd_value_place {
    enum rd_event_type type;
    enum rd_event_key key;
    bool is_required;
    bool is_unified; /* rd_tree_unify() changed something, maybe here */
    const char *end; /* of the event's bytes */
    struct rd_tree *tree;
};

/* Whether a value says no more than a key that is not there: nil, and the empty text of a key
 * that is not required and may be text. */
bool rd_value_is_absent(enum rd_event_key key, bool is_required, rd_node node);

/* Each returns false with *reject filled: bad_type, bad_value. */
bool rd_value_check_type(
        enum rd_event_key key, const struct rd_data *data, struct rd_reject *reject);
bool rd_value_read(const struct rd_value_place *place, const struct rd_data *data,
        struct rd_value *ret_value, struct rd_reject *reject);
/* A timestamp, or RFC 3339 text with an offset, within RD_TIME_MIN..MAX. */
bool rd_value_time(rd_node node, rd_time *ret_time);
