/* common/wire/fields.h — the keys of one map, read with a sticky error.
 *
 * For what we wrote ourselves or a daemon sent: an absent key gives 0, false, the empty text or
 * RD_TIME_NONE; one of the wrong type or out of range sets -EBADMSG, once, and from then on every
 * get gives the absent value. Read ten times, look once. Unknown keys are not looked at. */
#pragma once

#include "common/base/arena.h"
#include "common/wire/pack.h"

struct rd_fields {
    rd_node map;
    int error; /* 0 or -EBADMSG */
};

struct rd_fields rd_fields_of(rd_node node); /* no map: the error */
void rd_fields_fail(struct rd_fields *fields);
uint64_t rd_fields_uint(struct rd_fields *fields, const char *key, uint64_t max);
int64_t rd_fields_int(struct rd_fields *fields, const char *key, int64_t min, int64_t max);
bool rd_fields_bool(struct rd_fields *fields, const char *key);
struct rd_str rd_fields_str(struct rd_fields *fields, const char *key);
rd_time rd_fields_time(struct rd_fields *fields, const char *key);
rd_node rd_fields_array(struct rd_fields *fields, const char *key);
rd_node rd_fields_map(struct rd_fields *fields, const char *key);
/* An array of str, copied as rd_strs into the arena. */
const struct rd_str *rd_fields_strs(
        struct rd_fields *fields, const char *key, struct rd_arena *arena, size_t *ret_count);
