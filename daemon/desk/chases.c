#include "daemon/desk/fields.h"
#include "daemon/desk/holders.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/name_row.h"

/* chase.list, panel.list: who waits for whom. `after` is a case's number; what a case has to tell
 * is told whole. */

struct asking {
    struct method_call *call;
    struct rd_str unit; /* empty: any */
    struct gone_units gone;
};
typedef uint32_t row_fn(struct asking *asking, const struct case_row *row);

/* By its own path, and by that of the unit that has its work now. */
static bool is_of(const struct asking *asking, uint32_t number)
{
    struct store_view *view = asking->call->view;
    return number != 0 &&
           (unit_is_under(name_text(view, number), asking->unit) ||
                   unit_is_under(name_text(view, unit_now(&asking->gone, number)), asking->unit));
}

static void field_unit(
        const struct asking *asking, struct fields *fields, const char *key, uint32_t number)
{
    field_str(fields, key,
            number != 0 ? name_text(asking->call->view, unit_now(&asking->gone, number))
                        : RD_STR("~ops"));
}

/* Asks `pack` about each case behind `after`, by number. */
static bool list_cases(struct method_call *call, row_fn *pack)
{
    struct asking asking = {.call = call, .unit = param_str(call, "unit")};
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    gone_units_init(&asking.gone, call);
    uint64_t number = param_uint(call, "after"), looked = 0;
    while (number < call->counts.case_number && looked < DESK_SCAN_MAX && !rows_are_full(&rows)) {
        struct case_row *row;
        number++;
        looked++;
        rd_arena_reset(call->arena);
        if (case_row_get(call->view, number, call->arena, &row) && sees_case(call, row)) {
            rows.count += pack(&asking, row);
        }
    }
    gone_units_done(&asking.gone);
    rows_end(call, &rows, number < call->counts.case_number ? number : 0);
    return true;
}

static struct fields case_fields(struct method_call *call, const struct case_row *row)
{
    struct attribute_row attributes;
    struct fields fields = fields_begin(call->reply);
    field_uint(&fields, "case", row->number);
    if (attribute_row_get(call->view, row->number, call->arena, &attributes)) {
        field_str(&fields, "subject", shown_subject(call, &attributes));
    }
    return fields;
}

static const char *chase_state(const struct case_chase *chase)
{
    if (chase->armed != RD_TIME_NONE) {
        return "owed";
    }
    return chase->is_answered ? "answered" : chase->is_missed ? "missed" : "dropped";
}

static uint32_t pack_chases(struct asking *asking, const struct case_row *row)
{
    struct method_call *call = asking->call;
    uint32_t count = 0;
    for (uint32_t i = 0; i < row->chase_count; i++) {
        const struct case_chase *chase = &row->chases[i];
        if ((param_has(call, "open") &&
                    param_bool(call, "open") != (chase->armed != RD_TIME_NONE)) ||
                (asking->unit.len > 0 && !is_of(asking, chase->asked) &&
                        !is_of(asking, chase->asker))) {
            continue;
        }
        struct history_row entry;
        struct fields fields = case_fields(call, row);
        field_unit(asking, &fields, "unit", chase->asked);
        field_unit(asking, &fields, "asker", chase->asker);
        if (history_row_get(call->view, chase->entry, &entry)) {
            field_time(&fields, "asked", entry.time);
            struct rd_hidden hidden = hidden_of_case(call, row->number, call->arena);
            field_str(&fields, "question", shown_text(call, RD_KEY_QUESTION, entry.note, &hidden));
        }
        field_time(&fields, "answer_by", chase->answer_by);
        field_cstr(&fields, "state", chase_state(chase));
        fields_end(&fields);
        count++;
    }
    return count;
}

bool chase_list_answer(struct method_call *call)
{
    return list_cases(call, pack_chases);
}

/* The holder, or one of the participants. */
static bool takes_part(
        const struct asking *asking, const struct case_row *row, rd_node participants)
{
    const struct rd_plan *plan = asking->call->plan;
    bool does = asking->unit.len == 0 || is_of(asking, row->unit);
    for (uint32_t i = 0; !does && i < rd_node_count(participants); i++) {
        struct rd_str name = rd_node_str(rd_node_at(participants, i));
        int32_t index = rd_plan_unit_find(plan, name);
        does = index != RD_NO_INDEX && (unit_is_under(plan->units[index].path, asking->unit) ||
                                               unit_is_under(path_now(plan, name), asking->unit));
    }
    return does;
}

/* As they were named; of one that is gone, the unit that has its work now. */
static void pack_participants(
        struct method_call *call, rd_node participants, const struct attribute_row *attributes)
{
    struct rd_hidden hidden = hidden_of(call, attributes);
    rd_pack_array(call->reply, rd_node_count(participants));
    for (uint32_t i = 0; i < rd_node_count(participants); i++) {
        struct rd_str name = rd_node_str(rd_node_at(participants, i));
        int32_t index = rd_plan_unit_find(call->plan, name);
        bool is_gone = index != RD_NO_INDEX && call->plan->units[index].moved_to.len > 0;
        rd_pack_str(call->reply,
                is_gone ? path_now(call->plan, name) : rd_mask_code(name, &hidden, call->arena));
    }
}

static uint32_t pack_panel(struct asking *asking, const struct case_row *row)
{
    struct method_call *call = asking->call;
    struct attribute_row attributes;
    bool is_open = row->panel_open && row->state != CASE_CLOSED && row->state != CASE_GROWN;
    if (!is_open || !attribute_row_get(call->view, row->number, call->arena, &attributes)) {
        return 0;
    }
    struct rd_str list = attributes.values[RD_KEY_PARTICIPANTS].bytes;
    struct rd_tree *tree RD_CLEANUP(rd_tree_freep)
    = rd_tree_new();
    rd_node participants = NULL;
    if (list.len == 0 || rd_tree_read(tree, list, &participants, NULL) != 0 ||
            !takes_part(asking, row, participants)) {
        return 0;
    }
    struct fields fields = case_fields(call, row);
    field_unit(asking, &fields, "unit", row->unit);
    field_key(&fields, "participants");
    pack_participants(call, participants, &attributes);
    field_time(&fields, "opened", row->moments[RD_MOMENT_PANEL_OPENED].wall);
    fields_end(&fields);
    return 1;
}

bool panel_list_answer(struct method_call *call)
{
    return list_cases(call, pack_panel);
}
