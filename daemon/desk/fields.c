#include "daemon/desk/fields.h"

#include <string.h>

#include "common/sizes.h"
#include "daemon/store/rows/name_row.h"

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
    *ret_rows = (struct rows){.limit = (uint32_t)limit};
    ret_rows->map = method_begin(call);
    rd_pack_cstr(call->reply, "rows");
    ret_rows->array = rd_pack_array_begin(call->reply);
    return true;
}

bool rows_are_full(const struct rows *rows)
{
    return rows->count == rows->limit;
}

void rows_end(struct method_call *call, struct rows *rows, uint64_t next)
{
    rd_pack_array_end(call->reply, rows->array, rows->count);
    if (next != 0) {
        rd_pack_cstr(call->reply, "next");
        rd_pack_uint(call->reply, next);
    }
    method_end(call, rows->map, next != 0 ? 2 : 1);
}

/* ---- what rows say ---- */

bool unit_is_under(struct rd_str unit, struct rd_str prefix)
{
    while (prefix.len > 0 && prefix.ptr[prefix.len - 1] == '/') {
        prefix.len--;
    }
    return rd_str_starts(unit, prefix) &&
           (prefix.len == 0 || unit.len == prefix.len || unit.ptr[prefix.len] == '/');
}

bool sees_unit(const struct method_call *call, uint32_t unit)
{
    return rights_is_everywhere(&call->rights) ||
           (unit != 0 && rights_covers(&call->rights, name_text(call->view, unit)));
}

bool sees_case(const struct method_call *call, const struct case_row *row)
{
    const struct engine_reach reach = {.covers = rights_reach, .context = &call->rights};
    return sees_unit(call, row->unit) || engine_reaches(&reach, call->view, row->number);
}

struct rd_str mask_for(const struct method_call *call, struct rd_str customer)
{
    if (customer.len == 0) {
        return customer;
    }
    return rd_mask_customer(call->live->config->mask,
            (struct rd_str){(const char *)call->live->mask_key, call->live->mask_key_len}, customer,
            call->arena);
}

rd_time wall_of(const struct method_call *call, rd_time time, bool is_steady)
{
    if (time == RD_TIME_NONE || !is_steady) {
        return time;
    }
    return time + (call->counts.wall - call->counts.steady);
}

bool pack_alert_row(struct method_call *call, const struct alert_row *row)
{
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena; /* of this alert alone: an answer may have thousands */
    rd_arena_init(&arena, 64 * RD_ALERT_BYTES_MAX + 64 * 1024);
    struct rd_alert alert;
    if (rd_alert_open(row->packed, &arena, &alert) != 0) {
        return false;
    }
    alert.customer = mask_for(call, alert.customer);
    rd_alert_pack(call->reply, &alert);
    return true;
}
