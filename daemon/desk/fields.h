/* daemon/desk/fields.h — writing the pairs of a result map. This room only. */
#pragma once

#include "daemon/desk/params.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"

enum {
    DESK_LIMIT_DEFAULT = 100,
    DESK_LIMIT_MAX = 10000,
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
/* `unit`, and where the configuration has the path, `unit_name`: what people call it. */
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

/* `unit` is the prefix itself or below it; an empty prefix covers all. */
bool unit_is_under(struct rd_str unit, struct rd_str prefix);
/* Whether the key that asks is told of a case: one of its units', or one they were alerted about.
 */
bool sees_case(const struct method_call *call, const struct case_row *row);
/* Of what is of a unit: whether that is one of its own. */
bool sees_unit(const struct method_call *call, uint32_t unit);
/* What the key that asks may not see of a case; the values borrowed from `attributes`. */
struct rd_hidden hidden_of(const struct method_call *call, const struct attribute_row *attributes);
/* The same of a case by its number; 0: of none. */
struct rd_hidden hidden_of_case(
        const struct method_call *call, uint64_t case_number, struct rd_arena *arena);
/* A matcher of a silence, or another map of attributes, its hidden ones masked. */
void pack_masked_map(struct method_call *call, struct rd_str packed);
/* A warning of the ledger, its reasons' details masked. */
void pack_masked_warning(struct method_call *call, uint64_t case_number, struct rd_str packed);
/* As the key that asks may see it. */
struct rd_str mask_for(const struct method_call *call, struct rd_str customer);
/* Steady to wall at the offset of the checkpoint. */
rd_time wall_of(const struct method_call *call, rd_time time, bool is_steady);

/* One alert row as on the wire, masked. False: it could not be read. */
bool pack_alert_row(struct method_call *call, const struct alert_row *row);
/* A case: the fields of a list's row but those of its clock, or all of it. */
void pack_case(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct attribute_row *attributes);
void pack_case_whole(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct attribute_row *attributes);
/* The case that the params name by `case` or `subject`. False: error set, `method` in it. */
bool case_asked(struct method_call *call, const char *method, struct case_row **ret_row,
        struct attribute_row *ret_attributes);
/* The highest rung that fired; 0: none. */
uint32_t case_rung(const struct case_row *row);
/* For that reason; an empty one: for whatever reason. */
bool case_is_paused_for(
        const struct method_call *call, const struct case_row *row, struct rd_str reason);
/* Empty where the case has none. */
struct rd_str attribute_text(const struct attribute_row *attributes, enum rd_event_key key);
