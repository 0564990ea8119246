#include "daemon/desk/fields.h"

struct fields fields_begin(struct rd_buf *buf)
{
    return (struct fields){.buf = buf, .mark = rd_pack_map_begin(buf)};
}

void fields_end(struct fields *fields)
{
    rd_pack_map_end(fields->buf, fields->mark, fields->pairs);
}

void field_key(struct fields *fields, const char *key)
{
    rd_pack_cstr(fields->buf, key);
    fields->pairs++;
}

void field_uint(struct fields *fields, const char *key, uint64_t value)
{
    field_key(fields, key);
    rd_pack_uint(fields->buf, value);
}

void field_int(struct fields *fields, const char *key, int64_t value)
{
    field_key(fields, key);
    rd_pack_int(fields->buf, value);
}

void field_bool(struct fields *fields, const char *key, bool value)
{
    field_key(fields, key);
    rd_pack_bool(fields->buf, value);
}

void field_str(struct fields *fields, const char *key, struct rd_str value)
{
    field_key(fields, key);
    rd_pack_str(fields->buf, value);
}

void field_cstr(struct fields *fields, const char *key, const char *value)
{
    field_str(fields, key, rd_str_of(value));
}

void field_time(struct fields *fields, const char *key, rd_time time)
{
    if (time != RD_TIME_NONE) {
        field_key(fields, key);
        rd_pack_time(fields->buf, time);
    }
}

/* ---- lists ---- */

void field_unit_path(struct method_call *call, struct fields *fields, struct rd_str path)
{
    int32_t unit = rd_plan_unit_find(call->plan, path);
    field_str(fields, "unit", path);
    if (unit != RD_NO_INDEX) {
        const struct rd_plan_unit *known = &call->plan->units[unit];
        field_str(fields, "unit_name", known->name);
        if (!rd_str_eq(known->label, known->name)) {
            field_str(fields, "unit_label", known->label);
        }
    }
}

void field_clock(struct fields *fields, const struct rd_plan_clock *clock)
{
    field_str(fields, "clock", clock->name);
    field_str(fields, "clock_name", clock->shown);
}

bool rows_begin(struct method_call *call, struct rows *ret_rows)
{
    uint64_t limit = DESK_LIMIT_DEFAULT;
    if (param_has(call, "limit")) {
        limit = param_uint(call, "limit");
        if (limit == 0 || limit > DESK_LIMIT_MAX) {
            return method_fail(
                    call, "bad_params", "limit is a number from 1 to %d", DESK_LIMIT_MAX);
        }
    }
    *ret_rows = (struct rows){.reply = call->reply, .limit = (uint32_t)limit};
    ret_rows->map = method_begin(call);
    rd_pack_cstr(call->reply, "rows");
    ret_rows->array = rd_pack_array_begin(call->reply);
    return true;
}

bool rows_are_full(const struct rows *rows)
{
    return rows->count == rows->limit || rows->reply->len - rows->array >= DESK_PAGE_BYTES;
}

void rows_end(struct method_call *call, struct rows *rows, uint64_t next)
{
    call->rows = rows->count;
    rd_pack_array_end(call->reply, rows->array, rows->count);
    if (next != 0) {
        rd_pack_cstr(call->reply, "next");
        rd_pack_uint(call->reply, next);
    }
    method_end(call, rows->map, next != 0 ? 2 : 1);
}
