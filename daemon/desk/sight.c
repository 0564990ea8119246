#include "daemon/desk/sight.h"

#include <string.h>

#include "common/base/sizes.h"
#include "common/plan/masks.h"
#include "common/wire/event_table.h"
#include "daemon/engine/digest_masked.h"
#include "daemon/store/rows/name_row.h"

struct rd_str attribute_text(const struct attribute_row *attributes, enum rd_event_key key)
{
    const struct rd_value *value = &attributes->values[key];
    return value->type == RD_VALUE_STR ? value->bytes : (struct rd_str){0};
}

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
    return rd_hidden_of(rights_hidden(&call->rights), attributes->values);
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

struct rd_str shown_text(struct method_call *call, enum rd_event_key key, struct rd_str value,
        const struct rd_hidden *hidden)
{
    unsigned sees = rd_key_sees(key) & hidden->what;
    if (key == RD_KEY_CUSTOMER) {
        return mask_for(call, value);
    }
    if ((sees & RD_HIDE_TEXT) != 0) {
        return rd_plan_names(call->plan, key, value) ? value : (struct rd_str){0};
    }
    return sees != 0 ? rd_mask_customer(RD_MASK_LAST4, (struct rd_str){0}, value, call->arena)
           : key == RD_KEY_REASON || rd_key_sees(key) == RD_SEES_TEXT
                   ? rd_mask_text(value, hidden, call->arena)
                   : rd_mask_code(value, hidden, call->arena);
}

struct rd_str shown_value(struct method_call *call, uint32_t name)
{
    struct rd_str text = name_text(call->view, name);
    unsigned hidden = rights_hidden(&call->rights);
    bool is_hidden = hidden != 0 && (name_marks(call->view, name) & hidden) != 0;
    return is_hidden ? rd_mask_customer(RD_MASK_LAST4, (struct rd_str){0}, text, call->arena)
                     : rd_arena_dup(call->arena, text);
}

struct rd_str shown_subject(struct method_call *call, const struct attribute_row *attributes)
{
    struct rd_hidden hidden = hidden_of(call, attributes);
    return rd_mask_code(attributes->subject, &hidden, call->arena);
}

/* "attributes.vip" is of attributes. */
static bool is_hidden_key(unsigned what, struct rd_str name)
{
    const char *dot = memchr(name.ptr, '.', name.len);
    name.len = dot != NULL ? (size_t)(dot - name.ptr) : name.len;
    enum rd_event_key key;
    return rd_event_key_parse(name, &key) == 0 && (rd_key_sees(key) & what) != 0;
}

void pack_masked_map(struct method_call *call, struct rd_str packed)
{
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
        rd_pack_str(call->reply, key);
        if (is_hidden_key(what, key)) {
            rd_pack_cstr(call->reply, "****");
        } else {
            rd_pack_node(call->reply, value);
        }
    }
}

/* One level of a list or a map; what is deeper is as it came. */
void pack_masked_node(
        struct method_call *call, struct rd_str packed, const struct rd_hidden *hidden)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node node;
    if (hidden->what == 0 || rd_tree_read(tree, packed, &node, NULL) != 0) {
        rd_buf_put_text(call->reply, packed); /* MessagePack as it came, scanned then */
        return;
    }
    bool is_map = rd_node_type(node) == RD_NODE_MAP;
    uint32_t count = rd_node_count(node);
    if (is_map) {
        rd_pack_map(call->reply, count);
    } else {
        rd_pack_array(call->reply, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str key;
        rd_node value = is_map ? rd_node_pair(node, i, &key) : rd_node_at(node, i);
        if (is_map) {
            rd_pack_str(call->reply, key);
        }
        if (rd_node_type(value) == RD_NODE_STR) {
            rd_pack_str(call->reply, rd_mask_code(rd_node_str(value), hidden, call->arena));
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
    warning.reasons =
            rd_mask_reasons(call->plan, warning.reasons, warning.reason_count, &hidden, &arena);
    rd_warning_pack(call->reply, &warning);
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
    rd_mask_alert(call->plan, &alert, &hidden, &arena);
    alert.digest = digest_masked(call->view, alert.digest, hidden.what, &arena);
    alert.customer = mask_for(call, alert.customer);
    rd_alert_pack(call->reply, &alert);
    return true;
}
