#include "daemon/desk/fields.h"

#include <string.h>

#include "common/base/sizes.h"
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

void field_unit_path(struct method_call *call, struct fields *fields, struct rd_str path)
{
    int32_t unit = rd_plan_unit_find(call->plan, path);
    field_str(fields, "unit", path);
    if (unit != RD_NO_INDEX) {
        field_str(fields, "unit_name", call->plan->units[unit].name);
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
    bool is_locked = !call->rights.is_all;
    if (customer.len == 0 || rights_sees(&call->rights, CONFIG_SEES_CUSTOMER)) {
        return customer;
    }
    enum rd_mask mask = call->live->config->mask;
    return rd_mask_customer(is_locked && mask == RD_MASK_FULL ? RD_MASK_LAST4 : mask,
            (struct rd_str){(const char *)call->live->mask_key, call->live->mask_key_len}, customer,
            call->arena);
}

struct rd_hidden hidden_of(const struct method_call *call, const struct attribute_row *attributes)
{
    return (struct rd_hidden){.what = rights_hidden(&call->rights),
            .customer = attribute_text(attributes, RD_KEY_CUSTOMER),
            .phone = attribute_text(attributes, RD_KEY_PHONE),
            .contract = attribute_text(attributes, RD_KEY_CONTRACT)};
}

struct rd_hidden hidden_of_case(
        const struct method_call *call, uint64_t case_number, struct rd_arena *arena)
{
    struct attribute_row attributes;
    unsigned what = rights_hidden(&call->rights);
    bool is_there = what != 0 && case_number != 0 &&
                    attribute_row_get(call->view, case_number, arena, &attributes);
    return is_there ? hidden_of(call, &attributes) : (struct rd_hidden){.what = what};
}

void pack_masked_map(struct method_call *call, struct rd_str packed)
{
    static const struct {
        const char *key;
        unsigned what;
    } hidden[] = {{"customer", RD_HIDE_CUSTOMER}, {"phone", RD_HIDE_PHONE},
            {"contract", RD_HIDE_CONTRACT}, {"text", RD_HIDE_TEXT}};
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node map;
    unsigned what = rights_hidden(&call->rights);
    if (what == 0 || rd_tree_read(tree, packed, &map, NULL) != 0) {
        rd_buf_put_text(call->reply, packed);
        return;
    }
    rd_pack_map(call->reply, rd_node_count(map));
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str key;
        rd_node value = rd_node_pair(map, i, &key);
        bool is_hidden = false;
        for (size_t k = 0; k < RD_COUNT(hidden); k++) {
            is_hidden =
                    is_hidden || (rd_str_is(key, hidden[k].key) && (what & hidden[k].what) != 0);
        }
        rd_pack_str(call->reply, key);
        if (is_hidden) {
            rd_pack_cstr(call->reply, "****");
        } else {
            rd_pack_node(call->reply, value);
        }
    }
}

void pack_masked_warning(struct method_call *call, uint64_t case_number, struct rd_str packed)
{
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, 64 * RD_ALERT_BYTES_MAX + 64 * 1024);
    struct rd_hidden hidden = hidden_of_case(call, case_number, &arena);
    struct rd_warning warning;
    if (hidden.what == 0 || rd_warning_open(packed, &arena, &warning) != 0) {
        rd_buf_put_text(call->reply, packed);
        return;
    }
    struct rd_reason *reasons = RD_ARENA_ARRAY(&arena, struct rd_reason, warning.reason_count + 1);
    for (size_t i = 0; i < warning.reason_count; i++) {
        reasons[i] = warning.reasons[i];
        reasons[i].detail = rd_mask_detail(reasons[i].detail, &hidden, &arena);
    }
    warning.reasons = reasons;
    rd_warning_pack(call->reply, &warning);
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
    struct rd_hidden hidden = hidden_of_case(call, alert.case_number, &arena);
    rd_mask_alert(&alert, &hidden, &arena);
    alert.customer = mask_for(call, alert.customer);
    rd_alert_pack(call->reply, &alert);
    return true;
}
