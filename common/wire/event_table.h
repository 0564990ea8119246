/* common/wire/event_table.h — rows of the tables of event types and data keys, for the decoder, the
 * schema and the engine.
 *
 * Everybody else uses common/wire/event.h. A key that a type's row does not name is unknown there:
 * it is ignored and kept. Source: redress-events(7). */
#pragma once

#include "common/base/sizes.h"
#include "common/wire/event.h"

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

enum rd_key_attribute {
    RD_ATTRIBUTE_NO,
    RD_ATTRIBUTE_GIVEN,
    RD_ATTRIBUTE_LATER,
    RD_ATTRIBUTE_APART,
};
enum rd_key_note { RD_NOTE_NO, RD_NOTE_FIRST, RD_NOTE_LAST };
/* The words of a client's `sees`, as bits. */
enum { RD_SEES_CUSTOMER = 1, RD_SEES_PHONE = 2, RD_SEES_CONTRACT = 4, RD_SEES_TEXT = 8 };

struct rd_key_rule {
    const char *name;
    enum rd_key_kind kind;
    uint32_t limit; /* bytes of a str, elements of an array or map */
    enum rd_key_attribute attribute;
    bool is_personal;
    enum rd_key_note note;
};

struct rd_key_range { /* both included */
    uint64_t min, max;
};

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

static inline bool rd_key_in(rd_key_set set, enum rd_event_key key)
{
    return (set >> (unsigned)key & 1) != 0;
}
/* Takes the first key, in the table's order, out of the set. False: it is empty. */
static inline bool rd_key_next(rd_key_set *set, enum rd_event_key *ret_key)
{
    uint64_t low = (uint64_t)*set, high = (uint64_t)(*set >> 64);
    if (low == 0 && high == 0) {
        return false;
    }
    *ret_key = (enum rd_event_key)(low != 0 ? __builtin_ctzll(low) : 64 + __builtin_ctzll(high));
    *set &= *set - 1;
    return true;
}
/* Keys by their columns. */
rd_key_set rd_keys_attributes(void); /* given or later ones */
rd_key_set rd_keys_personal(void);
/* The word that a key takes to be shown without a mask; 0: none. */
unsigned rd_key_sees(enum rd_event_key key);
/* The note of such an event may be what somebody wrote. */
bool rd_note_is_text(enum rd_event_type type);
/* The text of an event that stands in a case's history; empty: it has none. Borrowed. */
struct rd_str rd_event_note(const struct rd_event *event);
/* The closed list of a key on a type, ended by NULL; NULL where the text is free. */
const char *const *rd_key_codes(enum rd_event_type type, enum rd_event_key key);
