/* daemon/desk/fields.h — writing the pairs of a result map. This room only. */
#pragma once

#include "daemon/desk/params.h"
#include "daemon/desk/sight.h"

enum {
    DESK_LIMIT_DEFAULT = 100,
    DESK_SCAN_MAX = 20000,
    DESK_PAGE_BYTES =
            4 * 1024 * 1024, /* of a list's rows; the row that goes beyond is the last one */
};

struct fields { /* a map being written */
    struct rd_buf *buf;
    size_t mark;
    uint32_t pairs;
};
struct fields fields_begin(struct rd_buf *buf);
void fields_end(struct fields *fields);
void field_uint(struct fields *fields, const char *key, uint64_t value);
void field_int(struct fields *fields, const char *key, int64_t value);
void field_bool(struct fields *fields, const char *key, bool value);
void field_str(struct fields *fields, const char *key, struct rd_str value);
/* `unit`, and where the configuration has the path, `unit_name`: what people call it; where others
 * bear that name, `unit_label` too, with the unit above. */
void field_unit_path(struct method_call *call, struct fields *fields, struct rd_str path);
/* `clock` and `clock_name`. */
void field_clock(struct fields *fields, const struct rd_plan_clock *clock);
void field_cstr(struct fields *fields, const char *key, const char *value);
void field_time(struct fields *fields, const char *key, rd_time time); /* NONE: left out */
void field_key(struct fields *fields, const char *key);                /* one object follows */

struct rows { /* the result {as_of, rows, next?} */
    const struct rd_buf *reply;
    size_t map, array;
    uint32_t count, limit;
};
/* False: `limit` is out of range (error set). */
bool rows_begin(struct method_call *call, struct rows *ret_rows);
/* By `limit`, or by bytes: then `next` is what follows the last row. */
bool rows_are_full(const struct rows *rows);
/* `next`: to give as `after` for more; 0: there is none. */
void rows_end(struct method_call *call, struct rows *rows, uint64_t next);
