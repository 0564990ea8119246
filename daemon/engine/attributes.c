#include "daemon/engine/attributes.h"

#include "common/wire/event_table.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/screened_row.h"

bool attributes_are_regulators(const struct rd_plan *plan, const struct rd_value *values)
{
    if (values[RD_KEY_REGULATOR_REF].type == RD_VALUE_STR) {
        return true;
    }
    if (values[RD_KEY_CHANNEL].type != RD_VALUE_STR) {
        return false;
    }
    const struct rd_texts *channels = &plan->regulator_channels;
    for (size_t i = 0; i < channels->count; i++) {
        if (rd_str_eq(channels->at[i], values[RD_KEY_CHANNEL].bytes)) {
            return true;
        }
    }
    return false;
}

struct attribute_view case_view(struct engine *engine, struct work *work)
{
    const struct attribute_row *attributes = case_attributes(engine, work);
    return (struct attribute_view){.engine = engine,
            .values = attributes->values,
            .kind = rd_str_of(case_kind_name(work->row->kind)),
            .row = work->row,
            .is_regulator = work->row->is_regulator ||
                            attributes_are_regulators(engine->plan, attributes->values),
            .received = work->row->received};
}

static struct rd_value of_uint(int64_t value)
{
    return (struct rd_value){.type = RD_VALUE_UINT, .integer = value};
}

static struct rd_value of_str(struct rd_str text)
{
    return (struct rd_value){.type = text.len > 0 ? RD_VALUE_STR : RD_NIL, .bytes = text};
}

/* contract.screened: the risk the contract was found to have. */
static struct rd_value look_screened(const struct attribute_view *view)
{
    const struct rd_value *contract = &view->values[RD_KEY_CONTRACT];
    struct screened_row row;
    if (contract->type != RD_VALUE_STR ||
            !screened_row_get(view->engine->view, contract->bytes, &row)) {
        return (struct rd_value){0};
    }
    return of_str(row.cleared != RD_TIME_NONE ? RD_STR("none") : row.risk);
}

/* The map in `bytes`; NULL: the bytes are none. It is parsed once for as long as the same bytes are
 * asked for, since every matcher of a policy asks for them. Its texts point into the copy. */
static rd_node custom_map(struct engine *engine, struct rd_str bytes)
{
    struct custom *custom = &engine->custom;
    if (custom->is_read && rd_str_eq(rd_buf_str(&custom->bytes), bytes)) {
        return custom->map;
    }
    rd_buf_reset(&custom->bytes);
    rd_buf_put_text(&custom->bytes, bytes);
    RD_ASSERT(custom->bytes.error == 0);
    custom->is_read = true;
    if (rd_tree_read(custom->tree, rd_buf_str(&custom->bytes), &custom->map, NULL) != 0) {
        custom->map = NULL;
    }
    return custom->map;
}

static struct rd_value look_custom(const struct attribute_view *view, struct rd_str name)
{
    struct rd_value value = {0};
    struct rd_str bytes = view->values[RD_KEY_ATTRIBUTES].bytes;
    if (view->values[RD_KEY_ATTRIBUTES].type != RD_VALUE_MAP) {
        return value;
    }
    rd_node map = custom_map(view->engine, bytes);
    if (map == NULL) {
        return value;
    }
    const char *copy = (const char *)view->engine->custom.bytes.ptr;
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str key;
        rd_node node = rd_node_pair(map, i, &key);
        if (!rd_str_eq(key, name)) {
            continue;
        }
        switch (rd_node_type(node)) {
        case RD_NODE_STR: {
            struct rd_str text = rd_node_str(node);
            text.ptr = bytes.ptr + (text.ptr - copy); /* there it stays */
            return of_str(text);
        }
        case RD_NODE_UINT:
        case RD_NODE_INT:
            return (struct rd_value){.type = RD_VALUE_INT, .integer = rd_node_int(node)};
        case RD_NODE_BOOL:
            return (struct rd_value){.type = RD_VALUE_BOOL, .integer = rd_node_bool(node)};
        case RD_NODE_NONE:
        case RD_NODE_NIL:
        case RD_NODE_FLOAT:
        case RD_NODE_BIN:
        case RD_NODE_ARRAY:
        case RD_NODE_MAP:
        case RD_NODE_TIME:
        case RD_NODE_EXT:
            return value;
        }
    }
    return value;
}

static struct rd_value look_age(const struct attribute_view *view)
{
    const struct rd_value *values = view->values;
    if (values[RD_KEY_AGE].type != RD_NIL || values[RD_KEY_BIRTH_YEAR].type == RD_NIL) {
        return values[RD_KEY_AGE];
    }
    rd_day day = (rd_day)(view->received / RD_DAY_US);
    if (view->row != NULL) {
        day = rd_calendar_day(unit_calendar(view->engine, view->row->unit), view->received);
    }
    int64_t age = rd_date_of(day).year - values[RD_KEY_BIRTH_YEAR].integer;
    return of_uint(age < 0 ? 0 : age);
}

static struct rd_value of_key(const struct attribute_view *view, enum rd_event_key key)
{
    if (key == RD_KEY_AGE) {
        return look_age(view);
    }
    if (view->row != NULL && key == RD_KEY_UNIT) {
        return of_str(name_shown(view->engine, view->row->unit));
    }
    if (view->row != NULL && key == RD_KEY_RESPONDENT) {
        return of_str(name_shown(view->engine, view->row->respondent));
    }
    return view->values[key];
}

static struct rd_value of_derived(const struct attribute_view *view, enum rd_derived derived)
{
    const struct case_row *row = view->row;
    switch (derived) {
    case RD_DERIVED_KIND:
        return of_str(view->kind);
    case RD_DERIVED_CONTACTS:
        return of_uint(row != NULL ? row->contacts : 0);
    case RD_DERIVED_RECONTACTS:
        return of_uint(row != NULL ? row->recontacts : 0);
    case RD_DERIVED_TRANSFERS:
        return of_uint(row != NULL ? row->transfers : 0);
    case RD_DERIVED_REOPENED:
        return of_uint(row != NULL ? row->reopened : 0);
    case RD_DERIVED_REGULATOR:
        return (struct rd_value){.type = RD_VALUE_BOOL, .integer = view->is_regulator};
    case RD_DERIVED_SCREENED:
        return look_screened(view);
    case RD_DERIVED_COUNT:
        break;
    }
    RD_UNREACHABLE("a derived attribute");
}

struct rd_value attribute_lookup(const void *context, struct rd_str name)
{
    const struct attribute_view *view = context;
    enum rd_event_key key;
    enum rd_derived derived;
    if (rd_event_key_parse(name, &key) == 0) {
        return of_key(view, key);
    }
    if (rd_derived_parse(name, &derived) == 0) {
        return of_derived(view, derived);
    }
    if (rd_str_starts(name, RD_STR("attributes."))) {
        return look_custom(view, (struct rd_str){name.ptr + 11, name.len - 11});
    }
    return (struct rd_value){0};
}

/* Copies the values: those borrowed from the tables end with the next write. */
static struct rd_value kept(struct engine *engine, struct rd_value value)
{
    value.bytes = rd_arena_dup(&engine->arena, value.bytes);
    return value;
}

struct attributes_seen *attributes_see(struct engine *engine, struct work *work)
{
    struct attribute_view view = case_view(engine, work);
    struct attributes_seen *seen = RD_ARENA_ARRAY(&engine->arena, struct attributes_seen, 1);
    rd_key_set keys = rd_keys_attributes();
    enum rd_event_key key;
    while (rd_key_next(&keys, &key)) {
        seen->of_key[key] = of_key(&view, key);
    }
    for (int i = 0; i < RD_DERIVED_COUNT; i++) {
        seen->derived[i] = kept(engine, of_derived(&view, (enum rd_derived)i));
    }
    return seen;
}
