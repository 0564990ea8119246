#include "common/wire/assessment.h"

static void put_name(struct rd_buf *buf, struct rd_str name)
{
    if (name.len > 0) {
        rd_pack_cstr(buf, "name");
        rd_pack_str(buf, name);
    }
}

void rd_reasons_pack(struct rd_buf *buf, const struct rd_reason *reasons, size_t count)
{
    rd_pack_array(buf, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        rd_pack_map(buf, reasons[i].name.len > 0 ? 4 : 3);
        rd_pack_cstr(buf, "code");
        rd_pack_str(buf, reasons[i].code);
        rd_pack_cstr(buf, "points");
        rd_pack_int(buf, reasons[i].points);
        rd_pack_cstr(buf, "detail");
        rd_pack_str(buf, reasons[i].detail);
        put_name(buf, reasons[i].name);
    }
}

void rd_actions_pack(struct rd_buf *buf, const struct rd_str *actions, size_t count)
{
    rd_pack_array(buf, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        rd_pack_str(buf, actions[i]);
    }
}

void rd_notices_pack(struct rd_buf *buf, const struct rd_notice *notices, size_t count)
{
    rd_pack_array(buf, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        rd_pack_map(buf, notices[i].name.len > 0 ? 4 : 3);
        rd_pack_cstr(buf, "code");
        rd_pack_str(buf, notices[i].code);
        rd_pack_cstr(buf, "text");
        rd_pack_str(buf, notices[i].text);
        rd_pack_cstr(buf, "written");
        rd_pack_bool(buf, notices[i].written);
        put_name(buf, notices[i].name);
    }
}

const struct rd_reason *rd_reasons_unpack(
        struct rd_fields *fields, struct rd_arena *arena, size_t *ret_count)
{
    rd_node array = rd_fields_array(fields, "reasons");
    uint32_t count = rd_node_count(array);
    struct rd_reason *reasons = count > 0 ? RD_ARENA_ARRAY(arena, struct rd_reason, count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct rd_fields reason = rd_fields_of(rd_node_at(array, i));
        reasons[i].code = rd_fields_str(&reason, "code");
        reasons[i].points = (int32_t)rd_fields_int(&reason, "points", INT32_MIN, INT32_MAX);
        reasons[i].detail = rd_fields_str(&reason, "detail");
        reasons[i].name = rd_fields_str(&reason, "name");
        if (reason.error != 0) {
            rd_fields_fail(fields);
            return NULL;
        }
    }
    *ret_count = count;
    return reasons;
}

const struct rd_notice *rd_notices_unpack(
        struct rd_fields *fields, struct rd_arena *arena, size_t *ret_count)
{
    rd_node array = rd_fields_array(fields, "notices");
    uint32_t count = rd_node_count(array);
    struct rd_notice *notices = count > 0 ? RD_ARENA_ARRAY(arena, struct rd_notice, count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct rd_fields notice = rd_fields_of(rd_node_at(array, i));
        notices[i].code = rd_fields_str(&notice, "code");
        notices[i].text = rd_fields_str(&notice, "text");
        notices[i].written = rd_fields_bool(&notice, "written");
        notices[i].name = rd_fields_str(&notice, "name");
        if (notice.error != 0) {
            rd_fields_fail(fields);
            return NULL;
        }
    }
    *ret_count = count;
    return notices;
}
