/* common/event_table.h — the one table of event types and data keys, for the decoder and the
 * schema.
 *
 * Everybody else uses common/event.h. A key that a type's row does not name is unknown there: it is
 * ignored and kept. Source: redress-events(7). */
#pragma once

#include "common/event.h"

enum rd_key_kind {
    RD_KIND_STR,
    RD_KIND_UINT,
    RD_KIND_BOOL,
    RD_KIND_TIME, /* an instant */
    RD_KIND_DUE,  /* an instant, or a date: its end */
    RD_KIND_DATE,
    RD_KIND_MONEY,
    RD_KIND_STRS,  /* array of str */
    RD_KIND_ATTRS, /* map of str to str, integer or bool */
    RD_KIND_MATCH, /* map of str to one or an array of those */
    RD_KIND_CODE,  /* str of a closed list */
};

enum {
    RD_ITEM_BYTES_MAX = 1024, /* a str within an array or map */
    RD_NAME_BYTES_MAX = 64,   /* a key within a map */
    RD_ID_BYTES_MAX = 128,    /* `id`, `source`, `subject` */
};

struct rd_key_rule {
    const char *name;
    enum rd_key_kind kind;
    uint32_t limit; /* bytes of a str, elements of an array or map */
};

struct rd_key_range { /* both included */
    uint64_t min, max;
};

typedef unsigned __int128 rd_key_set; /* bits 1 << enum rd_event_key */
_Static_assert(RD_EVENT_KEY_COUNT <= 128, "rd_key_set has a bit for each key");

enum rd_needs {
    RD_NEEDS_NOTHING,
    RD_NEEDS_SUBJECT, /* the envelope's `subject` */
    RD_NEEDS_CASE,    /* `subject` or `data.case` */
};

struct rd_type_rule {
    unsigned who; /* RD_WHO_* */
    enum rd_needs needs;
    rd_key_set required, allowed; /* the second holds the first */
};

const struct rd_key_rule *rd_key_rule(enum rd_event_key key);
const struct rd_type_rule *rd_type_rule(enum rd_event_type type);
struct rd_key_range rd_key_range(enum rd_event_key key); /* of a UINT */
bool rd_key_is_signed(enum rd_event_key key);            /* MONEY that may be below 0 */
bool rd_key_takes_number(enum rd_event_key key);         /* a STR that may be a case number too */
bool rd_key_in(rd_key_set set, enum rd_event_key key);
/* The closed list of a key on a type, ended by NULL; NULL where the text is free. */
const char *const *rd_key_codes(enum rd_event_type type, enum rd_event_key key);
