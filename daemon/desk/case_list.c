#include <stdlib.h>

#include "common/base/digest.h"
#include "daemon/desk/pack_case.h"
#include "daemon/store/rows/by_key.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"

/* case.list: cases that meet all that is asked, in order of their numbers a slice at a time; sorted
 * or counted after a look at all of them. */

enum { SORTED_MAX = 200 * 1000, ROW_BYTES_MAX = 4 * 1024 * 1024 };

struct flag {
    bool is_asked, value;
};

struct filter {
    struct rd_str unit, respondent, state, level, kind, customer, policy, pause;
    struct rd_str handler, product, seller, channel;
    struct flag open, overdue, regulator, paused, mediation, panel, chased;
    bool has_rung, needs_attributes, needs_due;
    uint64_t rung;
    rd_time opened_from, opened_to;
    struct meant_filter meant;
};

/* One case that passed. */
struct item {
    uint64_t number;
    rd_time at; /* what it is sorted by */
    struct rd_str name;
    bool is_overdue;
};

struct list {
    struct method_call *call;
    struct filter filter;
    struct rd_arena arena; /* of the case at hand */
    struct case_row *row;
    struct attribute_row attributes;
    struct meant meant;
    struct item *items;
    size_t count;
};

static struct flag flag_of(const struct method_call *call, const char *key)
{
    return (struct flag){.is_asked = param_has(call, key), .value = param_bool(call, key)};
}

static void read_filter(const struct method_call *call, struct filter *filter)
{
    struct rd_str date = param_str(call, "due_on");
    *filter = (struct filter){.unit = param_str(call, "unit"),
            .respondent = param_str(call, "respondent"),
            .state = param_str(call, "state"),
            .level = param_str(call, "warning_level"),
            .kind = param_str(call, "kind"),
            .customer = param_str(call, "customer"),
            .policy = param_str(call, "policy"),
            .pause = param_str(call, "paused"),
            .handler = param_str(call, "handler"),
            .product = param_str(call, "product"),
            .seller = param_str(call, "seller"),
            .channel = param_str(call, "channel"),
            .open = flag_of(call, "open"),
            .overdue = flag_of(call, "overdue"),
            .regulator = flag_of(call, "regulator"),
            .paused = flag_of(call, "paused"),
            .mediation = flag_of(call, "mediation"),
            .panel = flag_of(call, "panel"),
            .chased = flag_of(call, "chased"),
            .has_rung = param_has(call, "rung"),
            .rung = param_uint(call, "rung"),
            .opened_from = param_time(call, "opened_from"),
            .opened_to = param_time(call, "opened_to"),
            .meant = {.clock = param_str(call, "clock"),
                    .due_before = param_time(call, "due_before"),
                    .due_on = RD_DAY_NONE}};
    int r = date.len > 0 ? rd_day_parse(date, &filter->meant.due_on) : 0;
    RD_ASSERT(r == 0); /* params_check() did the same */
    filter->meant.only_overdue = filter->overdue.value;
    filter->needs_due = filter->overdue.value || filter->meant.due_before != RD_TIME_NONE ||
                        filter->meant.due_on != RD_DAY_NONE;
    size_t texts =
            filter->handler.len + filter->product.len + filter->seller.len + filter->channel.len;
    filter->needs_attributes = texts > 0 || filter->regulator.is_asked;
}

/* ---- what a case meets ---- */

static bool fits(struct flag flag, bool value)
{
    return !flag.is_asked || flag.value == value;
}

static bool is_text(struct rd_str wanted, const char *text)
{
    return wanted.len == 0 || rd_str_is(wanted, text);
}

static bool meets_words(const struct list *list)
{
    const struct filter *filter = &list->filter;
    const struct case_row *row = list->row;
    struct store_view *view = list->call->view;
    return is_text(filter->state, case_state_name(row->state)) &&
           is_text(filter->kind, case_kind_name(row->kind)) &&
           is_text(filter->level, rd_level_name(row->level)) &&
           (!filter->has_rung || filter->rung == case_rung(row)) &&
           (filter->opened_from == RD_TIME_NONE || row->opened >= filter->opened_from) &&
           (filter->opened_to == RD_TIME_NONE || row->opened < filter->opened_to) &&
           (filter->unit.len == 0 || unit_is_under(name_text(view, row->unit), filter->unit)) &&
           (filter->respondent.len == 0 ||
                   unit_is_under(name_text(view, row->respondent), filter->respondent)) &&
           (filter->policy.len == 0 ||
                   rd_str_eq(filter->policy, case_policy_of(list->call, row)->name));
}

static bool is_chased(const struct case_row *row)
{
    bool is_owed = false;
    for (uint32_t i = 0; i < row->chase_count; i++) {
        is_owed = is_owed || row->chases[i].armed != RD_TIME_NONE;
    }
    return is_owed;
}

static bool meets_flags(const struct list *list)
{
    const struct filter *filter = &list->filter;
    const struct case_row *row = list->row;
    bool is_open = row->state != CASE_CLOSED && row->state != CASE_GROWN;
    bool in_mediation = row->mediation == MEDIATION_CALLED || row->mediation == MEDIATION_ACCEPTED;
    return fits(filter->open, is_open) && fits(filter->mediation, is_open && in_mediation) &&
           fits(filter->panel, is_open && row->panel_open) &&
           fits(filter->chased, is_chased(row)) &&
           (filter->pause.len > 0 ? case_is_paused_for(list->call, row, filter->pause)
                                  : fits(filter->paused, case_is_paused_for(list->call, row,
                                                                 (struct rd_str){0})));
}

static bool has_text(const struct list *list, enum rd_event_key key, struct rd_str wanted)
{
    return wanted.len == 0 || rd_str_eq(attribute_text(&list->attributes, key), wanted);
}

static bool meets_attributes(const struct list *list)
{
    const struct filter *filter = &list->filter;
    return has_text(list, RD_KEY_HANDLER, filter->handler) &&
           has_text(list, RD_KEY_PRODUCT, filter->product) &&
           has_text(list, RD_KEY_SELLER, filter->seller) &&
           has_text(list, RD_KEY_CHANNEL, filter->channel) &&
           fits(filter->regulator, case_is_regulators(list->call, list->row, &list->attributes));
}

static bool has_clock(const struct list *list, struct rd_str name)
{
    const struct rd_plan_policy *policy = case_policy_of(list->call, list->row);
    bool has = name.len == 0;
    for (size_t i = 0; i < list->row->clock_count && !has; i++) {
        const struct case_clock *clock = &list->row->clocks[i];
        has = clock->state != CLOCK_UNUSED && clock->definition < policy->clock_count &&
              rd_str_eq(policy->clocks[clock->definition].name, name);
    }
    return has;
}

/* Finds the clock that is meant on the way. */
static bool meets_clocks(struct list *list)
{
    const struct filter *filter = &list->filter;
    list->meant = case_meant(list->call, list->row, &filter->meant);
    if (filter->overdue.is_asked && !filter->overdue.value) {
        struct meant_filter overdue = {.clock = filter->meant.clock,
                .due_before = RD_TIME_NONE,
                .due_on = RD_DAY_NONE,
                .only_overdue = true};
        if (case_meant(list->call, list->row, &overdue).definition != NULL) {
            return false;
        }
    }
    return filter->needs_due ? list->meant.definition != NULL
                             : has_clock(list, filter->meant.clock);
}

/* True: the case `number` meets all; it is in the list's row, attributes, meant. */
static bool look_at(struct list *list, uint64_t number)
{
    struct store_view *view = list->call->view;
    rd_arena_reset(&list->arena);
    bool needs_attributes = list->filter.needs_attributes;
    return case_row_get(view, number, &list->arena, &list->row) && meets_words(list) &&
           meets_flags(list) &&
           (!needs_attributes ||
                   (attribute_row_get(view, number, &list->arena, &list->attributes) &&
                           meets_attributes(list))) &&
           meets_clocks(list) && sees_case(list->call, list->row);
}

/* ---- which cases are looked at ---- */

/* Of one customer: by the index; of all: in order of number. 0: there are no more. */
static uint64_t next_number(const struct list *list, uint64_t after)
{
    struct store_scan scan;
    struct rd_str key, value, customer = list->filter.customer;
    struct row_key from = {0};
    if (customer.len > 0) {
        uint8_t digest[RD_DIGEST_BYTES];
        rd_digest1(customer, digest);
        from = by_key(digest, BY_KEY_CASE);
    }
    const struct row_key prefix = from;
    row_key_u64(&from, after + 1);
    store_scan_begin(&scan, list->call->view, customer.len > 0 ? STORE_BY_KEY : STORE_CASES,
            row_key_str(&from));
    uint64_t number = 0;
    if (after < UINT64_MAX && store_scan_next(&scan, &key, &value) &&
            rd_str_starts(key, row_key_str(&prefix))) {
        number = row_key_read_u64(key, prefix.len);
    }
    store_scan_end(&scan);
    return number;
}

static void pack_row(struct list *list)
{
    struct method_call *call = list->call;
    struct fields fields = fields_begin(call->reply);
    struct rd_hidden hidden = hidden_of(call, &list->attributes);
    pack_case(call, &fields, list->row, &list->attributes);
    pack_paused_for(call, &fields, list->row, &hidden);
    pack_meant(&fields, &list->meant);
    pack_last(call, &fields, list->row, &hidden);
    fields_end(&fields);
}

static bool take_attributes(struct list *list)
{
    return list->filter.needs_attributes ||
           attribute_row_get(list->call->view, list->row->number, &list->arena, &list->attributes);
}

/* ---- in order of numbers ---- */

static void list_plain(struct list *list, struct rows *rows)
{
    uint64_t number = param_uint(list->call, "after"), next = 0;
    for (uint32_t looked = 0;; looked++) {
        uint64_t last = number;
        number = next_number(list, number);
        if (number == 0) {
            break;
        }
        if (rows_are_full(rows) || looked == DESK_SCAN_MAX) {
            next = last;
            break;
        }
        if (look_at(list, number) && take_attributes(list)) {
            pack_row(list);
            rows->count++;
        }
    }
    rows_end(list->call, rows, next);
}

/* ---- sorted and counted ---- */

static int by_time(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    int order = (left->at > right->at) - (left->at < right->at);
    return order != 0 ? order : (left->number > right->number) - (left->number < right->number);
}

static int by_overdue(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    int order = right->is_overdue - left->is_overdue;
    return order != 0 ? order : by_time(a, b);
}

static int by_name(const void *a, const void *b)
{
    const struct item *left = a, *right = b;
    return rd_str_cmp(left->name, right->name);
}

static struct rd_str name_by(const struct list *list, struct rd_str by)
{
    if (rd_str_is(by, "unit")) {
        return name_text(list->call->view, list->row->unit);
    }
    if (rd_str_is(by, "policy")) {
        return case_policy_of(list->call, list->row)->name;
    }
    return list->meant.definition != NULL ? list->meant.definition->name : (struct rd_str){0};
}

/* All that pass. False: error set. */
static bool gather(struct list *list, struct rd_str sort, struct rd_str count_by)
{
    struct method_call *call = list->call;
    list->items = RD_ARENA_ARRAY(call->arena, struct item, SORTED_MAX);
    uint32_t looked = 0;
    for (uint64_t number = 0; (number = next_number(list, number)) != 0;) {
        if (looked++ == SORTED_MAX) {
            return method_fail(call, "bad_params",
                    "more than %d cases to sort or count: name a customer, or sort by number",
                    SORTED_MAX);
        }
        if (!look_at(list, number)) {
            continue;
        }
        rd_time due = list->meant.due != RD_TIME_NONE ? list->meant.due : RD_TIME_MAX;
        list->items[list->count++] = (struct item){.number = number,
                .at = rd_str_is(sort, "age") ? list->row->opened : due,
                .name = count_by.len > 0 ? name_by(list, count_by) : (struct rd_str){0},
                .is_overdue = list->meant.is_overdue};
    }
    return true;
}

/* `after` counts rows. */
static void list_sorted(struct list *list, struct rows *rows, struct rd_str sort)
{
    uint64_t after = param_uint(list->call, "after"), next = 0;
    qsort(list->items, list->count, sizeof *list->items,
            rd_str_is(sort, "overdue") ? by_overdue : by_time);
    for (uint64_t i = after; i < list->count; i++) {
        if (rows_are_full(rows)) {
            next = i;
            break;
        }
        if (look_at(list, list->items[i].number) && take_attributes(list)) {
            pack_row(list);
            rows->count++;
        }
    }
    rows_end(list->call, rows, next);
}

static void list_counts(struct list *list, struct rows *rows, struct rd_str count_by)
{
    struct method_call *call = list->call;
    uint64_t after = param_uint(call, "after"), passed = 0, next = 0;
    const char *key = rd_str_is(count_by, "policy") ? "policy" : "clock";
    qsort(list->items, list->count, sizeof *list->items, by_name);
    for (size_t i = 0; i < list->count && next == 0;) {
        uint64_t cases = 0, overdue = 0;
        const struct item *first = &list->items[i];
        for (; i < list->count && rd_str_eq(list->items[i].name, first->name); i++) {
            cases++;
            overdue += list->items[i].is_overdue ? 1 : 0;
        }
        if (passed++ < after) {
            continue;
        }
        if (rows_are_full(rows)) {
            next = passed - 1;
            break;
        }
        struct fields fields = fields_begin(call->reply);
        if (rd_str_is(count_by, "unit")) {
            field_unit_path(call, &fields, first->name);
        } else {
            field_str(&fields, key, first->name);
        }
        field_uint(&fields, "cases", cases);
        field_uint(&fields, "overdue", overdue);
        fields_end(&fields);
        rows->count++;
    }
    rows_end(call, rows, next);
}

static bool list_all(struct list *list)
{
    struct method_call *call = list->call;
    struct rd_str sort = param_str(call, "sort"), count_by = param_str(call, "count_by");
    bool is_plain = count_by.len == 0 && (sort.len == 0 || rd_str_is(sort, "number"));
    struct rows rows;
    if ((!is_plain && !gather(list, sort, count_by)) || !rows_begin(call, &rows)) {
        return false;
    }
    if (is_plain) {
        list_plain(list, &rows);
    } else if (count_by.len > 0) {
        list_counts(list, &rows, count_by);
    } else {
        list_sorted(list, &rows, sort);
    }
    return true;
}

bool case_list_answer(struct method_call *call)
{
    struct list list = {.call = call};
    if (!method_needs_engine(call)) {
        return false;
    }
    read_filter(call, &list.filter);
    rd_arena_init(&list.arena, ROW_BYTES_MAX);
    bool is_good = list_all(&list);
    rd_arena_done(&list.arena);
    return is_good;
}
