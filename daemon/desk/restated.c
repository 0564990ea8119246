#include <string.h>

#include "common/base/num.h"
#include "daemon/desk/fields.h"
#include "daemon/desk/report.h"
#include "daemon/store/rows/counted_row.h"
#include "daemon/store/rows/name_row.h"

/* restated: the figures of a closed period as they were told, beside what they are now, and the
 * cases that moved them. */

enum { ROW_BYTES_MAX = 4 * 1024 * 1024, FIGURES_MAX = 256 };

struct side { /* the state that was told, or the present one */
    struct method_call *call;
    struct tally_question question;
    struct tally tally;
    struct rd_arena arena; /* of the row at work */
    struct counted_row *row;
    uint64_t number; /* of that row; 0: there are no more */
};

struct restated {
    struct side told, now;
    struct rd_period period;
    const struct rd_figure *figures[FIGURES_MAX]; /* that are asked for and have a period */
    bool has_changed[FIGURES_MAX];
    size_t figure_count;
};

/* ---- the figures ---- */

static bool is_same_money(const struct figure_value *one, const struct figure_value *other)
{
    bool is_same = one->currency_count == other->currency_count;
    for (size_t i = 0; is_same && i < one->currency_count; i++) {
        bool is_found = false;
        for (size_t k = 0; k < other->currency_count; k++) {
            is_found = is_found || (one->money[i].currency == other->money[k].currency &&
                                           one->money[i].amount == other->money[k].amount);
        }
        is_same = is_found;
    }
    return is_same;
}

/* Of a share its parts too: 1 of 2 is told as 2 of 4, and yet another answer. */
static bool is_same(const struct rd_figure *figure, const struct figure_value *one,
        const struct figure_value *other)
{
    bool is_share = figure->measure == RD_MEASURE_SHARE;
    bool has_same_parts = !is_share || (one->top == other->top && one->bottom == other->bottom);
    bool has_same_value = !one->has || (one->value == other->value && is_same_money(one, other));
    return one->has == other->has && has_same_value && has_same_parts;
}

/* What tells of the moment alone has no period that could be closed. */
static bool is_of_a_period(const struct rd_figure *figure)
{
    return figure->way != RD_WAY_OVERDUE && figure->way != RD_WAY_APPRAISAL;
}

static void pack_changed(struct restated *restated, const struct rd_figure *figure,
        const struct figure_value *told, const struct figure_value *now)
{
    struct method_call *call = restated->now.call;
    struct fields fields = fields_begin(call->reply);
    int64_t change;
    field_cstr(&fields, "figure", figure->code);
    field_cstr(&fields, "name", report_is_chinese(call) ? figure->name_zh : figure->name_en);
    field_cstr(&fields, "measure", rd_measure_name(figure->measure));
    report_field_value(call, &fields, "told", figure, told);
    report_field_value(call, &fields, "value", figure, now);
    field_key(&fields, "change");
    if (figure_change(figure, now, told, &change)) {
        rd_pack_int(call->reply, change);
    } else {
        rd_pack_nil(call->reply);
    }
    fields_end(&fields);
}

static void value_of(
        const struct side *side, const struct rd_figure *figure, struct figure_value *ret_value)
{
    *ret_value = figure_of(&side->question, figure, &side->tally, &side->tally.total);
}

static void read_figures(struct restated *restated)
{
    const struct rd_figure *figure;
    for (size_t i = 0; (figure = rd_figure_at(i)) != NULL; i++) {
        struct figure_value told, now;
        if (!is_of_a_period(figure) || !report_is_asked(restated->now.call, figure)) {
            continue;
        }
        value_of(&restated->told, figure, &told);
        value_of(&restated->now, figure, &now);
        RD_ASSERT(restated->figure_count < FIGURES_MAX); /* it has more than the table of figures */
        restated->has_changed[restated->figure_count] = !is_same(figure, &told, &now);
        restated->figures[restated->figure_count++] = figure;
    }
}

static void pack_figures(struct restated *restated)
{
    struct rd_buf *reply = restated->now.call->reply;
    uint32_t count = 0;
    size_t mark = rd_pack_array_begin(reply);
    for (size_t i = 0; i < restated->figure_count; i++) {
        struct figure_value told, now;
        if (!restated->has_changed[i]) {
            continue;
        }
        value_of(&restated->told, restated->figures[i], &told);
        value_of(&restated->now, restated->figures[i], &now);
        pack_changed(restated, restated->figures[i], &told, &now);
        count++;
    }
    rd_pack_array_end(reply, mark, count);
}

/* ---- the cases ---- */

static void step(struct side *side, uint64_t after)
{
    side->number = counted_row_after(side->call->view, after);
    side->row = NULL;
    rd_arena_reset(&side->arena);
    if (side->number != 0 &&
            !counted_row_get(side->call->view, side->number, &side->arena, &side->row)) {
        side->row = NULL;
    }
}

/* What a case is to a figure's parts on one side. */
struct part {
    int64_t top, bottom;
};

static struct part part_of(
        const struct side *side, const struct restated *restated, const struct rd_figure *figure)
{
    struct part part = {0};
    struct report_part found;
    struct report_cell cell = {.question = &side->question,
            .period = restated->period,
            .figure = figure,
            .terms = figure->top};
    if (side->row != NULL) {
        (void)report_counts(&cell, side->row, &found);
        part.top = found.sum;
        cell.terms = figure->bottom;
        (void)report_counts(&cell, side->row, &found);
        part.bottom = found.sum;
    }
    return part;
}

static void field_part(
        struct fields *fields, const char *key, const struct rd_figure *figure, int64_t value)
{
    char money[RD_MONEY_TEXT_MAX];
    if (figure->measure == RD_MEASURE_MONEY) {
        rd_money_format(value, money);
        field_cstr(fields, key, money);
    } else {
        field_int(fields, key, value);
    }
}

static void pack_moved(
        struct rd_buf *reply, const struct rd_figure *figure, const struct part parts[static 2])
{
    struct fields fields = fields_begin(reply);
    field_cstr(&fields, "figure", figure->code);
    field_part(&fields, "told", figure, parts[0].top);
    field_part(&fields, "now", figure, parts[1].top);
    if (figure->measure == RD_MEASURE_SHARE) {
        field_int(&fields, "told_of", parts[0].bottom);
        field_int(&fields, "now_of", parts[1].bottom);
    }
    fields_end(&fields);
}

static void pack_whose(struct restated *restated, struct fields *fields, uint64_t number)
{
    struct method_call *call = restated->now.call;
    struct rd_arena *arena = &restated->now.arena;
    struct attribute_row *attributes = RD_ARENA_ARRAY(arena, struct attribute_row, 1);
    const struct counted_row *row =
            restated->now.row != NULL ? restated->now.row : restated->told.row;
    field_uint(fields, "case", number);
    if (attribute_row_get(call->view, number, arena, attributes)) {
        field_str(fields, "subject", shown_subject(call, attributes));
    }
    field_str(fields, "unit", name_text(call->view, row->unit));
    field_key(fields, "figures");
}

/* As most cases do; what differs in some other way is found out by what it is to the figures. */
static bool counts_the_same(const struct counted_row *told, const struct counted_row *now)
{
    return told != NULL && now != NULL && told->unit == now->unit &&
           told->counted_count == now->counted_count &&
           memcmp(told->values, now->values, sizeof told->values) == 0 &&
           memcmp(told->counted, now->counted, told->counted_count * sizeof told->counted[0]) == 0;
}

/* A row, where the case moved any of the figures, also where others made up for it. */
static void pack_changes(struct restated *restated, struct rows *rows, uint64_t number)
{
    struct rd_buf *reply = restated->now.call->reply;
    struct fields fields = {0};
    size_t mark = 0;
    uint32_t moved = 0;
    for (size_t i = 0; i < restated->figure_count; i++) {
        const struct rd_figure *figure = restated->figures[i];
        struct part parts[2] = {part_of(&restated->told, restated, figure),
                part_of(&restated->now, restated, figure)};
        if (parts[0].top == parts[1].top && parts[0].bottom == parts[1].bottom) {
            continue;
        }
        if (moved++ == 0) {
            fields = fields_begin(reply);
            pack_whose(restated, &fields, number);
            mark = rd_pack_array_begin(reply);
        }
        pack_moved(reply, figure, parts);
    }
    if (moved > 0) {
        rd_pack_array_end(reply, mark, moved);
        fields_end(&fields);
        rows->count++;
    }
}

/* Both sides' cases in the order of their numbers. Returns where to go on; 0: at the end. */
static uint64_t pack_cases(struct restated *restated, struct rows *rows)
{
    struct side *told = &restated->told, *now = &restated->now;
    uint64_t after = param_uint(now->call, "after"), looked = 0;
    for (;;) {
        step(told, after);
        step(now, after);
        if (told->number == 0 && now->number == 0) {
            break;
        }
        bool is_told_next = now->number == 0 || (told->number != 0 && told->number <= now->number);
        after = is_told_next ? told->number : now->number;
        told->row = told->number == after ? told->row : NULL;
        now->row = now->number == after ? now->row : NULL;
        if (!counts_the_same(told->row, now->row)) {
            pack_changes(restated, rows, after);
        }
        if (rows_are_full(rows) || ++looked == DESK_SCAN_MAX) {
            return after;
        }
    }
    return 0;
}

/* ---- the answer ---- */

/* Told when the period closed, unless another instant is asked for. */
static rd_time told_at(const struct method_call *call, const struct restated *restated)
{
    const struct rd_plan_unit *root = &call->plan->units[0];
    const struct rd_calendar *calendar = &call->plan->calendars[root->calendar];
    return param_has(call, "as_of") ? param_time(call, "as_of")
                                    : rd_calendar_instant(calendar, restated->period.last + 1, 0);
}

static bool pack_answer(struct restated *restated, rd_time at)
{
    struct method_call *call = restated->now.call;
    struct rows rows;
    if (!rows_begin(call, &rows)) {
        return false;
    }
    read_figures(restated);
    uint64_t next = pack_cases(restated, &rows);
    rd_pack_array_end(call->reply, rows.array, rows.count);
    struct fields fields = {.buf = call->reply, .pairs = 1};
    field_time(&fields, "told", at);
    report_pack_head(&fields, &restated->now.question, restated->period);
    field_key(&fields, "figures");
    pack_figures(restated);
    if (next != 0) {
        field_uint(&fields, "next", next);
    }
    method_end(call, rows.map, fields.pairs);
    return true;
}

bool restated_answer(struct method_call *call)
{
    struct restated *restated = RD_ARENA_ARRAY(call->arena, struct restated, 1);
    struct method_call *then = RD_ARENA_ARRAY(call->arena, struct method_call, 1);
    struct rd_period period;
    if (!param_has(call, "from") && !param_has(call, "to")) {
        return method_fail(call, "bad_params", "restated wants a span: from, or from and to");
    }
    if (!report_check_figures(call, "figure") ||
            !report_question(call, &restated->now.question, &restated->period)) {
        return false;
    }
    rd_time at = told_at(call, restated);
    if (at > call->counts.wall && !param_has(call, "as_of")) {
        return method_fail(
                call, "bad_params", "the span is not over yet, so no report of it exists");
    }
    *then = *call;
    bool is_there =
            method_go_back(then, at) && report_question(then, &restated->told.question, &period);
    if (!is_there) {
        *call = *then; /* what failed, or that it is being worked out */
        return false;
    }
    restated->now.call = call;
    restated->told.call = then;
    tally_read(&restated->told.question, restated->period, &restated->told.tally);
    tally_read(&restated->now.question, restated->period, &restated->now.tally);
    if (restated->told.tally.is_over || restated->now.tally.is_over) {
        return method_fail(call, "bad_params", "too much for one answer: ask for a shorter span");
    }
    rd_arena_init(&restated->told.arena, ROW_BYTES_MAX);
    rd_arena_init(&restated->now.arena, ROW_BYTES_MAX);
    bool is_packed = pack_answer(restated, at);
    rd_arena_done(&restated->told.arena);
    rd_arena_done(&restated->now.arena);
    return is_packed;
}
