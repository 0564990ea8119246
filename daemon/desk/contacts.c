#include <string.h>

#include "common/base/digest.h"
#include "daemon/desk/fields.h"
#include "daemon/engine/measure.h"
#include "daemon/engine/members.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/window_row.h"

/* contact.list, warnings: the ledger of what was assessed, and what it says of the warnings. */

enum { KEY_PARTS_MAX = 4, MEASURE_BYTES_MAX = 16 * 1024 * 1024 };

struct wanted {
    struct rd_str unit, code, kind;
    uint8_t customer[RD_DIGEST_BYTES];
    bool has_customer, has_level, has_warned, is_warned, has_complained, complained, has_open,
            is_open;
    enum rd_level level;
    rd_time since, until;
};

static void read_wanted(struct method_call *call, struct wanted *wanted)
{
    struct rd_str customer = param_str(call, "customer"), level = param_str(call, "warning_level");
    *wanted = (struct wanted){.unit = param_str(call, "unit"),
            .code = param_str(call, "code"),
            .kind = param_str(call, "kind"),
            .has_customer = customer.len > 0,
            .has_complained = param_has(call, "complained"),
            .complained = param_bool(call, "complained"),
            .has_open = param_has(call, "open"),
            .is_open = param_bool(call, "open"),
            .since = param_time(call, "since"),
            .until = param_time(call, "until")};
    rd_digest1(customer, wanted->customer);
    wanted->has_warned = param_has(call, "warned");
    wanted->is_warned = param_bool(call, "warned");
    wanted->has_level = rd_level_parse(level, &wanted->level) == 0;
    if (wanted->kind.len == 0) {
        wanted->kind = RD_STR("contact");
    }
}

/* Was it one of the reasons? */
static bool has_code(struct rd_tree *tree, const struct ledger_row *row, struct rd_str code)
{
    rd_node warning;
    if (rd_tree_read(tree, row->warning, &warning, NULL) != 0) {
        return false;
    }
    rd_node reasons = rd_node_find(warning, "reasons");
    for (uint32_t i = 0; i < rd_node_count(reasons); i++) {
        if (rd_str_eq(rd_node_str(rd_node_find(rd_node_at(reasons, i), "code")), code)) {
            return true;
        }
    }
    return false;
}

static bool is_wanted(struct method_call *call, struct rd_tree *tree, const struct wanted *wanted,
        const struct ledger_row *row)
{
    bool is_kind =
            rd_str_is(wanted->kind, "any") || rd_str_is(wanted->kind, "contact") == row->is_contact;
    return is_kind && !row->is_text && sees_unit(call, row->unit) &&
           unit_is_under(name_text(call->view, row->unit), wanted->unit) &&
           (!wanted->has_customer ||
                   memcmp(wanted->customer, row->customer, sizeof row->customer) == 0) &&
           (!wanted->has_level || wanted->level == row->level) &&
           (!wanted->has_warned || wanted->is_warned == (row->level > RD_LEVEL_NONE)) &&
           (wanted->since == RD_TIME_NONE || row->time >= wanted->since) &&
           (wanted->until == RD_TIME_NONE || row->time < wanted->until) &&
           (!wanted->has_complained || wanted->complained == (row->complained != RD_TIME_NONE)) &&
           (wanted->code.len == 0 || has_code(tree, row, wanted->code));
}

/* Whose it is; of a contact below the level the ledger keeps no more than a digest. */
static void pack_of_case(struct method_call *call, struct fields *fields, uint64_t number)
{
    struct attribute_row attributes;
    if (number == 0 || !attribute_row_get(call->view, number, call->arena, &attributes)) {
        return;
    }
    field_str(fields, "subject", shown_subject(call, &attributes));
    if (attributes.values[RD_KEY_CUSTOMER].type == RD_VALUE_STR) {
        field_str(fields, "customer", mask_for(call, attributes.values[RD_KEY_CUSTOMER].bytes));
    }
}

static void pack_contact(struct method_call *call, uint64_t seq, const struct ledger_row *row,
        const struct fate *fate)
{
    struct fields fields = fields_begin(call->reply);
    field_uint(&fields, "seq", seq);
    field_cstr(&fields, "kind", row->is_contact ? "contact" : "complaint");
    field_time(&fields, "time", row->time);
    field_unit_path(call, &fields, name_text(call->view, row->unit));
    field_cstr(&fields, "level", rd_level_name(row->level));
    if (row->case_number != 0) {
        field_uint(&fields, "case", row->case_number);
    }
    field_bool(&fields, "open", fate->is_open);
    field_bool(&fields, "complained", row->complained != RD_TIME_NONE);
    field_time(&fields, "complained_at", row->complained);
    pack_of_case(call, &fields, row->case_number);
    if (row->is_contact) {
        field_cstr(&fields, "outcome", contact_outcome_name(fate->contact.outcome));
        field_bool(&fields, "acted", fate->contact.was_acted_on);
        field_bool(&fields, "relapsed", fate->contact.has_relapsed);
    } else {
        field_bool(&fields, "disputed", fate->disputed);
        field_bool(&fields, "escalated", fate->escalated);
        field_bool(&fields, "breached", fate->breached);
    }
    field_key(&fields, "warning");
    pack_masked_warning(call, row->case_number, row->warning);
    fields_end(&fields);
}

/* True: it was one of those wanted, and is written. */
static bool pack_if_wanted(struct method_call *call, struct rd_tree *tree,
        const struct wanted *wanted, uint64_t seq, const struct ledger_row *row)
{
    if (!is_wanted(call, tree, wanted, row)) {
        return false;
    }
    struct fate fate = engine_fate(call->engine, seq, row);
    if (wanted->has_open && wanted->is_open != fate.is_open) {
        return false;
    }
    pack_contact(call, seq, row, &fate);
    return true;
}

/* ---- the members of a window's key ---- */

static bool read_key(struct method_call *call, struct engine_window *ret_window)
{
    rd_node key = rd_node_find(call->params, "key");
    struct rd_str parts[KEY_PARTS_MAX], code = param_str(call, "window");
    bool is_list = rd_node_type(key) == RD_NODE_ARRAY;
    if (!param_has(call, "key")) {
        return method_fail(call, "bad_params", "a window wants a key");
    }
    size_t count = is_list ? rd_node_count(key) : 1;
    for (size_t i = 0; i < count && i < KEY_PARTS_MAX; i++) {
        parts[i] = rd_node_str(is_list ? rd_node_at(key, (uint32_t)i) : key);
    }
    return (count > 0 && count <= KEY_PARTS_MAX &&
                   engine_window_key(call->engine, code, parts, count, ret_window)) ||
           method_fail(call, "not_found", "there is no window %.*s with a key of %zu parts",
                   RD_FMT(code), count);
}

/* False: error set. From the instant on that the pattern's alert counted from, or for a key from
 * that which counts now. */
static bool find_window(
        struct method_call *call, struct engine_window *ret_window, rd_time *ret_from)
{
    rd_time at = call->counts.wall;
    if (!param_has(call, "alert")) {
        if (!read_key(call, ret_window)) {
            return false;
        }
    } else if (!engine_pattern(call->engine, param_uint(call, "alert"), ret_window)) {
        return method_fail(call, "not_found", "no pattern was published under that number");
    } else {
        at = ret_window->time;
    }
    *ret_from = ret_window->days == 0 || at == RD_TIME_NONE
                        ? RD_TIME_MIN
                        : at - (int64_t)ret_window->days * RD_DAY_US;
    return true;
}

/* `after` counts rows looked at: members have no number of their own. */
static bool list_members(struct method_call *call, struct rd_tree *tree,
        const struct wanted *wanted, struct rows *rows)
{
    struct engine_window window;
    struct row_key at = {0};
    rd_time from = RD_TIME_NONE, time;
    uint64_t seq, passed = 0, after = param_uint(call, "after"), next = 0;
    if (!find_window(call, &window, &from)) {
        return false;
    }
    while (window_next(call->view, window.window, window.key, &at, &time, &seq)) {
        struct ledger_row row;
        if (rows_are_full(rows) || passed > after + DESK_SCAN_MAX) {
            next = passed;
            break;
        }
        if (++passed > after && time > from && ledger_row_get(call->view, seq, &row) &&
                pack_if_wanted(call, tree, wanted, seq, &row)) {
            rows->count++;
        }
    }
    rows_end(call, rows, next);
    return true;
}

/* ---- the ledger ---- */

/* True: there is more. */
static bool list_all(struct method_call *call, struct rd_tree *tree, const struct wanted *wanted,
        struct rows *rows)
{
    struct row_key from = {0};
    row_key_u64(&from, param_uint(call, "after") + 1);
    struct store_scan scan;
    struct rd_str key, value;
    uint64_t last = 0, next = 0, looked = 0;
    store_scan_begin(&scan, call->view, STORE_LEDGER, row_key_str(&from));
    while (store_scan_next(&scan, &key, &value)) {
        struct ledger_row row;
        if (rows_are_full(rows) || ++looked > DESK_SCAN_MAX) {
            next = last;
            break;
        }
        last = row_key_read_u64(key, 0);
        ledger_row_decode(value, &row);
        rows->count += pack_if_wanted(call, tree, wanted, last, &row);
    }
    store_scan_end(&scan);
    rows_end(call, rows, next);
    return next != 0;
}

/* Nothing has the reason asked for: is it near to one that the rules have, and none of them? The
 * codes of rules that are gone stay good, as the ledger has them. */
static bool is_slip(struct method_call *call, struct rd_str code, struct rd_nearest *nearest)
{
    const struct rd_plan_assessment *plan = &engine_plan(call->engine)->assessment;
    *nearest = rd_nearest_of(code);
    for (size_t i = 0; i < plan->rule_count; i++) {
        rd_nearest_try(nearest, plan->rules[i].code);
    }
    for (size_t i = 0; i < plan->lexicon_count; i++) {
        rd_nearest_try(nearest, plan->lexicons[i].code);
    }
    for (size_t i = 0; i < plan->window_count; i++) {
        rd_nearest_try(nearest, plan->windows[i].code);
    }
    for (size_t i = 0; i < plan->external_count; i++) {
        rd_nearest_try(nearest, plan->externals[i].code);
    }
    return code.len > 0 && nearest->distance > 0 && rd_nearest_is_close(nearest);
}

bool contact_list_answer(struct method_call *call)
{
    struct wanted wanted;
    struct rows rows;
    bool has_window = param_has(call, "window") || param_has(call, "alert");
    if (!method_needs_engine(call)) {
        return false;
    }
    read_wanted(call, &wanted);
    if (has_window && !param_has(call, "kind")) {
        wanted.kind = RD_STR("any");
    }
    if (engine_plan(call->engine) == NULL) {
        return method_fail(call, "not_yet", "nothing has been checkpointed yet");
    }
    if (!rows_begin(call, &rows)) {
        return false;
    }
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    if (has_window) {
        return list_members(call, tree, &wanted, &rows);
    }
    bool has_more = list_all(call, tree, &wanted, &rows);
    struct rd_nearest nearest;
    bool is_empty = rows.count == 0 && !has_more && param_uint(call, "after") == 0;
    if (is_empty && is_slip(call, wanted.code, &nearest)) {
        return param_refuse(call, "code: nothing has the reason", &nearest);
    }
    return true;
}

/* ---- warnings ---- */

static void pack_counts(
        struct fields *fields, enum measured kind, const struct measure_counts *counts)
{
    field_uint(fields, "assessed", counts->assessed);
    field_uint(fields, "open", counts->open);
    field_uint(fields, "came_true", counts->came_true);
    if (kind == MEASURED_CONTACT) {
        field_uint(fields, "complained", counts->complained);
        field_uint(fields, "acted", counts->acted);
        field_uint(fields, "relapsed", counts->relapsed);
        field_uint(fields, "preempted", counts->preempted);
        field_uint(fields, "tended", counts->tended);
        field_uint(fields, "quiet", counts->quiet);
    } else {
        field_uint(fields, "disputed", counts->disputed);
        field_uint(fields, "escalated", counts->escalated);
        field_uint(fields, "breached", counts->breached);
    }
}

static void pack_measure(struct method_call *call, const struct measure *measure, struct rows *rows)
{
    static const char *const kinds[] = {"contact", "complaint"};
    for (size_t kind = 0; kind < MEASURED_KINDS; kind++) {
        for (size_t level = 0; level < MEASURED_LEVELS; level++) {
            struct fields fields = fields_begin(call->reply);
            field_cstr(&fields, "kind", kinds[kind]);
            field_cstr(&fields, "level", rd_level_name((enum rd_level)level));
            pack_counts(&fields, (enum measured)kind, &measure->levels[kind][level]);
            fields_end(&fields);
            rows->count++;
        }
        for (size_t i = 0; i < measure->code_count; i++) {
            const struct measure_code *code = &measure->codes[i];
            if (code->of[kind].assessed == 0) {
                continue;
            }
            struct fields fields = fields_begin(call->reply);
            field_cstr(&fields, "kind", kinds[kind]);
            field_cstr(&fields, "part", plan_code_kind(engine_plan(call->engine), code->code));
            field_str(&fields, "code", code->code);
            struct rd_str name = plan_code_name(engine_plan(call->engine), code->code);
            if (name.len > 0) {
                field_str(&fields, "name", name);
            }
            pack_counts(&fields, (enum measured)kind, &code->of[kind]);
            fields_end(&fields);
            rows->count++;
        }
    }
}

/* Sums over a stretch of the ledger; where there is more, `next`: whoever asks adds them up. */
bool warnings_answer(struct method_call *call)
{
    struct measure_filter filter = {.unit = param_str(call, "unit"),
            .since = param_time(call, "since"),
            .until = param_time(call, "until")};
    struct rd_arena arena;
    struct measure measure = {.arena = &arena};
    struct rows rows;
    if (!method_needs_engine(call)) {
        return false;
    }
    if (engine_plan(call->engine) == NULL) {
        return method_fail(call, "not_yet", "nothing has been checkpointed yet");
    }
    if (!rows_begin(call, &rows)) {
        return false;
    }
    rd_arena_init(&arena, MEASURE_BYTES_MAX);
    uint64_t next = engine_measure(
            call->engine, &filter, param_uint(call, "after"), DESK_SCAN_MAX, &measure);
    pack_measure(call, &measure, &rows);
    rd_arena_done(&arena);
    rows_end(call, &rows, next);
    return true;
}
