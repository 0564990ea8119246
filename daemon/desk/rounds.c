#include <stdlib.h>
#include <string.h>

#include "daemon/desk/duty_state.h"
#include "daemon/desk/fields.h"
#include "daemon/desk/holders.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/round_row.h"

/* round.list: how far each unit is with a round of screening: of the contracts that it has by the
 * present tree. `after` counts rows of the table. */

enum { OVERDUE_MAX = 500 * 1000, ROOM_FIRST = 1024, CASE_BYTES_MAX = 4 * 1024 * 1024 };

/* A round of a unit, as in the keys of the table. */
struct place {
    uint32_t unit;
    uint8_t digest[RD_DIGEST_BYTES];
};
struct places { /* of the screenings whose day has passed, sorted */
    struct place *at;
    size_t count, room;
    struct gone_units gone;
};

static int by_place(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    int order = (left->unit > right->unit) - (left->unit < right->unit);
    return order != 0 ? order : memcmp(left->digest, right->digest, sizeof left->digest);
}

static void add(struct method_call *call, struct places *places, uint32_t unit, struct rd_str round)
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
    place->unit = unit;
    rd_digest1(round, place->digest);
}

/* Before engine 13 a contract did not follow its duty: where the holder has no row, that of the
 * unit which it was opened for has the contract. */
static uint32_t place_of_old(
        struct method_call *call, const struct duty_row *duty, struct rd_str round)
{
    struct round_row row;
    uint8_t digest[RD_DIGEST_BYTES];
    rd_digest1(round, digest);
    return round_row_get(call->view, duty->unit, digest, &row) && row.at_risk > row.cleared
                   ? duty->unit
                   : duty->respondent;
}

/* An open duty of a screening counts where its contract does, as long as that is at risk; one that
 * a later round has screened, or that is forgotten, is with its duty. One opened by hand under the
 * same code has neither contract nor customer. */
static void add_overdue(struct method_call *call, struct places *places, struct rd_arena *arena,
        const struct duty_row *duty, uint64_t number)
{
    struct attribute_row attributes;
    struct screened_row row;
    rd_arena_reset(arena);
    if (!attribute_row_get(call->view, number, arena, &attributes)) {
        return;
    }
    struct rd_str contract = attribute_text(&attributes, RD_KEY_CONTRACT);
    struct rd_str round = attribute_text(&attributes, RD_KEY_PERIOD);
    bool is_last = contract.len > 0 && screened_row_get(call->view, contract, &row) &&
                   rd_str_eq(row.round, round);
    if (is_last && row.cleared == RD_TIME_NONE && !rd_str_is(row.risk, "none")) {
        add(call, places, contract_unit(call, &places->gone, &row), round);
    } else if (!is_last &&
               (contract.len > 0 || attribute_text(&attributes, RD_KEY_CUSTOMER).len > 0)) {
        add(call, places, unit_now(&places->gone, place_of_old(call, duty, round)), round);
    }
}

/* False: error set. */
static bool gather(struct method_call *call, struct places *places)
{
    struct rd_str duty = call->plan->screening.duty;
    struct store_scan scan;
    struct rd_str key, value;
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, CASE_BYTES_MAX);
    store_scan_begin(&scan, call->view, STORE_DUTIES, (struct rd_str){0});
    while (places->count <= OVERDUE_MAX && store_scan_next(&scan, &key, &value)) {
        struct duty_row row = duty_row_read(value);
        if (rd_str_eq(row.duty, duty) && duty_state_of(call, &row) == DUTY_OVERDUE) {
            add_overdue(call, places, &arena, &row, row_key_read_u64(key, 0));
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

static void sum(struct method_call *call, const struct place *place, struct round_row *total)
{
    struct round_row row;
    if (round_row_get(call->view, place->unit, place->digest, &row)) {
        bool is_first = total->screened == 0;
        total->screened += row.screened;
        total->at_risk += row.at_risk;
        total->cleared += row.cleared;
        total->first = is_first || row.first < total->first ? row.first : total->first;
        total->newest = is_first || row.newest > total->newest ? row.newest : total->newest;
        total->round = row.round;
    }
}

/* The rows of a unit, and of all whose cases it has, are one: told at the first of them in the
 * table. False: another one was it. */
static bool gather_row(struct method_call *call, const struct gone_units *gone, struct place *place,
        struct round_row *ret_row)
{
    struct place other = *place;
    uint32_t own = place->unit;
    struct round_row row = {.screened = 0};
    place->unit = other.unit = unit_now(gone, own);
    bool is_first = other.unit >= own || !round_row_get(call->view, other.unit, other.digest, &row);
    row = (struct round_row){.screened = 0};
    sum(call, &other, &row);
    for (size_t i = 0; i < gone->count && is_first; i++) {
        struct round_row moved;
        other.unit = gone->at[i].from;
        if (gone->at[i].to == place->unit) {
            is_first = other.unit >= own ||
                       !round_row_get(call->view, other.unit, other.digest, &moved);
            sum(call, &other, &row);
        }
    }
    *ret_row = row;
    return is_first;
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
        struct round_row row;
        bool is_first = gather_row(call, &places->gone, &place, &row);
        /* What a unit owes stays, though its contracts may all be with others now. */
        bool has_any = row.screened > 0 || overdue_at(places, &place) > 0;
        if (is_first && has_any && is_wanted(call, place.unit, &row)) {
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
    gone_units_init(&places.gone, call);
    bool is_answered = gather(call, &places) && rows_begin(call, &rows);
    if (is_answered) {
        list(call, &rows, &places);
    }
    gone_units_done(&places.gone);
    return is_answered;
}
