#include "common/wire/event_table.h"
#include "daemon/desk/fields.h"
#include "daemon/desk/tally.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/unknown_row.h"

/* codes.unknown: values that events brought and no code of the configuration spells. `after` counts
 * rows of the table. */

/* One that has got a code since is unknown no more; one whose attribute has no codes is none. */
static bool is_unknown(struct method_call *call, struct rd_str attribute, struct rd_str value)
{
    enum rd_event_key key;
    const struct rd_plan_codes *codes =
            rd_event_key_parse(attribute, &key) == 0 ? rd_plan_codes_of(call->plan, key) : NULL;
    return codes != NULL && rd_plan_code_find(codes, value, call->arena) == NULL;
}

static void pack_unknown(struct method_call *call, struct rd_str attribute, struct rd_str value,
        const struct unknown_row *row)
{
    struct fields fields = fields_begin(call->reply);
    field_str(&fields, "attribute", attribute);
    if (value.len > 0) {
        uint32_t name = name_find(call->view, value);
        field_str(&fields, "value", name != 0 ? shown_value(call, name) : value);
        field_uint(&fields, "count", row->count);
        field_time(&fields, "first", row->first);
        field_time(&fields, "last", row->last);
        field_uint(&fields, "seq", row->seq);
    } else { /* of those that are no more told apart */
        field_uint(&fields, "count", row->seq);
    }
    fields_end(&fields);
}

bool codes_unknown_answer(struct method_call *call)
{
    struct rd_str wanted = param_str(call, "attribute"), key, bytes;
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    uint64_t after = param_uint(call, "after"), passed = 0, next = 0;
    struct store_scan scan;
    store_scan_begin(&scan, call->view, STORE_UNKNOWN_CODES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &bytes)) {
        struct rd_str attribute, value;
        struct unknown_row row;
        if (rows_are_full(&rows)) {
            next = passed;
            break;
        }
        passed++;
        rd_arena_reset(call->arena);
        unknown_row_parse(key, bytes, &attribute, &value, &row);
        bool is_told = value.len > 0 ? is_unknown(call, attribute, value) : row.seq > 0;
        if (passed > after && is_told && (wanted.len == 0 || rd_str_eq(attribute, wanted))) {
            pack_unknown(call, attribute, value, &row);
            rows.count++;
        }
    }
    store_scan_end(&scan);
    rows_end(call, &rows, next);
    return true;
}

struct rd_str group_name(const struct tally_question *question, struct rd_str group)
{
    static const enum rd_event_key KEYS[RD_DIM_COUNT] = {[RD_DIM_PRODUCT] = RD_KEY_PRODUCT,
            [RD_DIM_CHANNEL] = RD_KEY_CHANNEL,
            [RD_DIM_ISSUE] = RD_KEY_ISSUE,
            [RD_DIM_CAUSE] = RD_KEY_CAUSE};
    const struct rd_plan *plan = question->call->plan;
    struct rd_str name = {0};
    if (question->by == BY_UNIT || question->by == BY_RESPONDENT) {
        int32_t unit = rd_plan_unit_find(plan, group);
        name = unit != RD_NO_INDEX ? plan->units[unit].name : name;
    } else if (question->by == BY_DIM && question->dim == RD_DIM_POLICY) {
        for (size_t i = 0; i < plan->policy_count; i++) {
            name = rd_str_eq(plan->policies[i].name, group) ? plan->policies[i].shown : name;
        }
    } else if (question->by == BY_DIM && KEYS[question->dim] != RD_KEY_CASE) {
        name = rd_plan_code_name(plan, KEYS[question->dim], group);
        name = name.ptr == group.ptr ? (struct rd_str){0} : name;
    }
    return name;
}
