#include <stdlib.h>
#include <string.h>

#include "daemon/desk/duty_state.h"
#include "daemon/desk/fields.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/round_row.h"

/* round.list: how far each unit is with a round of screening. `after` counts rows of the table. */

enum { OVERDUE_MAX = 500 * 1000, ROOM_FIRST = 1024 };

/* A round of a unit, as in the keys of the table. */
struct place {
    uint32_t unit;
    uint8_t digest[RD_DIGEST_BYTES];
};
struct places { /* of the screenings whose day has passed, sorted */
    struct place *at;
    size_t count, room;
};

static int by_place(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    int order = (left->unit > right->unit) - (left->unit < right->unit);
    return order != 0 ? order : memcmp(left->digest, right->digest, sizeof left->digest);
}

static void add(struct method_call *call, struct places *places, const struct duty_row *row)
{
    if (places->count == places->room) {
        size_t room = places->room > 0 ? places->room * 2 : ROOM_FIRST;
        struct place *at = RD_ARENA_ARRAY(call->arena, struct place, room);
        for (size_t i = 0; i < places->count; i++) {
            at[i] = places->at[i];
        }
        places->at = at;
        places->room = room;
    }
    struct place *place = &places->at[places->count++];
    place->unit = row->respondent;
    rd_digest1(row->period, place->digest);
}

/* False: error set. */
static bool gather(struct method_call *call, struct places *places)
{
    struct rd_str duty = call->plan->screening.duty;
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, call->view, STORE_DUTIES, (struct rd_str){0});
    while (places->count <= OVERDUE_MAX && store_scan_next(&scan, &key, &value)) {
        struct duty_row row = duty_row_read(value);
        if (rd_str_eq(row.duty, duty) && duty_state_of(call, &row) == DUTY_OVERDUE) {
            add(call, places, &row);
        }
    }
    store_scan_end(&scan);
    if (places->count > 0) {
        qsort(places->at, places->count, sizeof *places->at, by_place);
    }
    return places->count <= OVERDUE_MAX ||
           method_fail(call, "bad_params", "more than %d screenings are overdue", OVERDUE_MAX);
}

/* How many of `places` are less than `place`, or not more. */
static size_t count_below(const struct places *places, const struct place *place, bool with_equal)
{
    size_t low = 0, high = places->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = by_place(&places->at[middle], place);
        if (order < 0 || (order == 0 && with_equal)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static size_t overdue_at(const struct places *places, const struct place *place)
{
    return count_below(places, place, true) - count_below(places, place, false);
}

static void pack_round(struct method_call *call, const struct places *places,
        const struct place *place, const struct round_row *row)
{
    struct fields fields = fields_begin(call->reply);
    field_str(&fields, "round", row->round);
    field_str(&fields, "unit", name_text(call->view, place->unit));
    field_uint(&fields, "screened", row->screened);
    field_uint(&fields, "at_risk", row->at_risk);
    field_uint(&fields, "cleared", row->cleared);
    field_uint(&fields, "overdue", overdue_at(places, place));
    field_time(&fields, "first", row->first);
    field_time(&fields, "newest", row->newest);
    fields_end(&fields);
}

static bool is_wanted(struct method_call *call, uint32_t unit, const struct round_row *row)
{
    struct rd_str asked = param_str(call, "unit");
    return sees_unit(call, unit) &&
           (asked.len == 0 || unit_is_under(name_text(call->view, unit), asked)) &&
           (!param_has(call, "round") || rd_str_eq(row->round, param_str(call, "round")));
}

static void list(struct method_call *call, struct rows *rows, const struct places *places)
{
    uint64_t after = param_uint(call, "after"), passed = 0, next = 0;
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, call->view, STORE_ROUNDS, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        if (rows_are_full(rows) || passed >= after + DESK_SCAN_MAX) {
            next = passed;
            break;
        }
        if (passed++ < after) {
            continue;
        }
        struct place place = {.unit = row_key_read_u32(key, 0)};
        memcpy(place.digest, key.ptr + sizeof place.unit, sizeof place.digest);
        struct round_row row = round_row_read(value);
        /* Its contracts may all have been screened for other units since: what it owes stays. */
        bool has_any = row.screened > 0 || overdue_at(places, &place) > 0;
        if (has_any && is_wanted(call, place.unit, &row)) {
            pack_round(call, places, &place, &row);
            rows->count++;
        }
    }
    store_scan_end(&scan);
    rows_end(call, rows, next);
}

bool round_list_answer(struct method_call *call)
{
    struct places places = {0};
    struct rows rows;
    if (!gather(call, &places) || !rows_begin(call, &rows)) {
        return false;
    }
    list(call, &rows, &places);
    return true;
}
