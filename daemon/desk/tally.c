#include "daemon/desk/tally.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"
#include "daemon/desk/fields.h"
#include "daemon/store/rows/name_row.h"

enum { GROUPS_FIRST = 64, AGE_DAYS_MAX = 400, OVERDUE_LONG = 16, PERSONS_MAX = 1000 * 1000 };

/* ---- groups ---- */

static uint32_t *slot_of(struct tally *tally, uint64_t key)
{
    size_t mask = 4 * tally->room - 1;
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
    while (tally->slots[at] != 0 && tally->groups[tally->slots[at] - 1].key != key) {
        at = (at + 1) & mask;
    }
    return &tally->slots[at];
}

struct tally_group *tally_find(struct tally *tally, uint64_t key)
{
    uint32_t *slot = tally->room > 0 ? slot_of(tally, key) : NULL;
    return slot != NULL && *slot != 0 ? &tally->groups[*slot - 1] : NULL;
}

static void groups_grow(struct rd_arena *arena, struct tally *tally)
{
    struct tally_group *old = tally->groups;
    tally->room = tally->room == 0 ? GROUPS_FIRST : tally->room * 2;
    tally->groups = RD_ARENA_ARRAY(arena, struct tally_group, tally->room);
    tally->slots = RD_ARENA_ARRAY(arena, uint32_t, 4 * tally->room);
    for (size_t i = 0; i < tally->count; i++) {
        tally->groups[i] = old[i];
        *slot_of(tally, old[i].key) = (uint32_t)i + 1;
    }
}

static struct tally_group *group_make(struct method_call *call, struct tally *tally, uint64_t key)
{
    struct tally_group *found = tally_find(tally, key);
    if (found != NULL) {
        return found;
    }
    if (tally->count == tally->room) {
        groups_grow(call->arena, tally);
    }
    tally->groups[tally->count] = (struct tally_group){.key = key};
    *slot_of(tally, key) = (uint32_t)++tally->count;
    return &tally->groups[tally->count - 1];
}

/* Once they stand in another order: the slots follow. */
static void groups_settle(struct tally *tally)
{
    if (tally->room > 0) {
        memset(tally->slots, 0, 4 * tally->room * sizeof tally->slots[0]);
    }
    for (size_t i = 0; i < tally->count; i++) {
        *slot_of(tally, tally->groups[i].key) = (uint32_t)i + 1;
    }
}

/* The unit just below the one asked for that `path` lies at or below; itself for the asked one. */
static struct rd_str child_of(struct rd_str path, struct rd_str asked)
{
    size_t len = asked.len;
    if (path.len <= len) {
        return path;
    }
    len += asked.len > 0 ? 1 : 0;
    while (len < path.len && path.ptr[len] != '/') {
        len++;
    }
    return (struct rd_str){path.ptr, len};
}

bool tally_group_of(const struct tally_question *question, uint32_t unit, rd_day day,
        const uint32_t *values, uint64_t *ret_key)
{
    struct rd_str path = name_text(question->call->view, unit);
    if (!unit_is_under(path, question->unit)) {
        return false;
    }
    switch (question->by) {
    case BY_NOTHING:
        *ret_key = 0;
        return true;
    case BY_UNIT:
        *ret_key = name_find(question->call->view, child_of(path, question->unit));
        return true;
    case BY_RESPONDENT:
        *ret_key = unit;
        return true;
    case BY_MONTH:
        *ret_key = (uint64_t)rd_month_of(day);
        return true;
    case BY_DIM:
        *ret_key = values != NULL ? values[question->dim] : 0;
        return true;
    }
    RD_UNREACHABLE("a grouping");
}

/* Units' groups, found once a unit. */
struct unit_keys {
    uint32_t *units;
    uint64_t *keys;
    bool *are_in;
    size_t count, room, last;
};

static size_t unit_key(
        const struct tally_question *question, struct unit_keys *known, uint32_t unit)
{
    struct rd_arena *arena = question->call->arena;
    if (known->count > 0 && known->units[known->last] == unit) {
        return known->last; /* the cells of a row, and its like */
    }
    for (size_t i = 0; i < known->count; i++) {
        if (known->units[i] == unit) {
            known->last = i;
            return i;
        }
    }
    if (known->count == known->room) {
        size_t room = known->room == 0 ? 512 : 2 * known->room;
        uint32_t *units = RD_ARENA_ARRAY(arena, uint32_t, room);
        uint64_t *keys = RD_ARENA_ARRAY(arena, uint64_t, room);
        bool *are_in = RD_ARENA_ARRAY(arena, bool, room);
        for (size_t i = 0; i < known->count; i++) {
            units[i] = known->units[i], keys[i] = known->keys[i], are_in[i] = known->are_in[i];
        }
        *known = (struct unit_keys){units, keys, are_in, known->count, room, 0};
    }
    size_t at = known->last = known->count++;
    known->units[at] = unit;
    known->are_in[at] = tally_group_of(question, unit, 0, NULL, &known->keys[at]);
    return at;
}

/* ---- reading ---- */

struct reading {
    const struct tally_question *question;
    struct tally *tally;
    struct unit_keys known;
    enum rd_dim dim;
    rd_day first; /* of the days that are read */
    struct person {
        uint64_t key, person;
        uint32_t role;
    } * persons;
    size_t person_count, person_room;
};

static void keep_person(struct reading *reading, uint64_t key, const struct counter_scan *scan,
        const struct counter_cell *cell)
{
    struct rd_arena *arena = reading->question->call->arena;
    if (cell->sum <= 0) {
        return;
    }
    if (reading->person_count == reading->person_room) {
        size_t room = reading->person_room == 0 ? 256 : 2 * reading->person_room;
        struct person *more = RD_ARENA_ARRAY(arena, struct person, room);
        const struct person *from = reading->person_count > 0 ? reading->persons : more;
        memcpy(more, from, reading->person_count * sizeof more[0]);
        reading->persons = more;
        reading->person_room = room;
    }
    reading->persons[reading->person_count++] =
            (struct person){key, scan->key.value, (uint32_t)cell->sub};
}

uint32_t tally_counter_of(const struct tally_question *question, uint32_t counter, rd_day day)
{
    bool waits = counter == RD_COUNTER_PREEMPTED || counter == RD_COUNTER_TENDED ||
                 counter == RD_COUNTER_QUIET;
    return waits && day >= question->followed ? RD_COUNTER_CONTACTS_OPEN : counter;
}

/* How many sellers, products and persons there are is for those to say who send events. */
static bool is_over(const struct reading *reading)
{
    const struct rd_arena *arena = reading->question->call->arena;
    return arena->used_bytes > arena->limit_bytes / 2 || reading->person_count == PERSONS_MAX;
}

static void take_cell(
        struct reading *reading, const struct counter_scan *scan, struct counter_cell *cell)
{
    const struct tally_question *question = reading->question;
    cell->counter = tally_counter_of(question, cell->counter, reading->first);
    struct rd_arena *arena = question->call->arena;
    size_t unit = unit_key(question, &reading->known, scan->key.unit);
    if (!reading->known.are_in[unit]) {
        return;
    }
    uint64_t key = reading->known.keys[unit];
    if (question->by == BY_MONTH) {
        key = (uint64_t)(scan->key.grain == COUNTER_MONTHS ? scan->key.period
                                                           : rd_month_of(scan->key.period));
    }
    if (reading->dim == RD_DIM_PERSON) {
        keep_person(reading, key, scan, cell);
        return;
    }
    bool is_total = reading->dim == RD_DIM_ALL;
    if (question->by == BY_DIM) {
        key = scan->key.value;
    }
    if (is_total) {
        sums_add(arena, &reading->tally->total.sums, cell);
        reading->tally->has_data = true;
    }
    if (question->by != BY_NOTHING && is_total == (question->by != BY_DIM)) {
        sums_add(arena, &group_make(question->call, reading->tally, key)->sums, cell);
    }
}

static void scan_stretch(
        struct reading *reading, enum counter_grain grain, int32_t first, int32_t last)
{
    struct counter_scan scan;
    struct counter_cell cell;
    if (first > last) {
        return;
    }
    counter_scan_begin(&scan, reading->question->call->view, grain, reading->dim, first, last);
    while (counter_scan_next(&scan, &cell)) {
        reading->tally->is_over = reading->tally->is_over || is_over(reading);
        if (!reading->tally->is_over) {
            take_cell(reading, &scan, &cell);
        }
    }
}

/* Whole months from their own rows, the days at both ends from theirs. */
static void scan_span(struct reading *reading, struct rd_period period)
{
    int32_t first = rd_month_of(period.first), last = rd_month_of(period.last);
    bool begins = rd_month_first(first) == period.first;
    bool ends = rd_month_first(last + 1) - 1 == period.last;
    first += begins ? 0 : 1;
    last -= ends ? 0 : 1;
    if (period.first > period.last) {
        return;
    }
    if (first > last) {
        scan_stretch(reading, COUNTER_DAYS, period.first, period.last);
        return;
    }
    scan_stretch(reading, COUNTER_DAYS, period.first, rd_month_first(first) - 1);
    scan_stretch(reading, COUNTER_MONTHS, first, last);
    scan_stretch(reading, COUNTER_DAYS, rd_month_first(last + 1), period.last);
}

/* What is not known yet of contacts is open: the days whose follow-up is not over apart. */
static void scan_dim(struct reading *reading, enum rd_dim dim, struct rd_period period)
{
    rd_day cut = reading->question->followed;
    cut = cut < period.first ? period.first : cut > period.last + 1 ? period.last + 1 : cut;
    reading->dim = dim;
    reading->first = period.first;
    scan_span(reading, (struct rd_period){period.first, cut - 1});
    reading->first = cut;
    scan_span(reading, (struct rd_period){cut, period.last});
}

/* ---- persons ---- */

static int compare_persons(const void *a, const void *b)
{
    const struct person *one = a, *other = b;
    if (one->key != other->key) {
        return one->key < other->key ? -1 : 1;
    }
    return one->person == other->person ? 0 : one->person < other->person ? -1 : 1;
}

/* The person's roles as bits: of every set of roles that meets them one more. */
static void count_person(struct tally_group *group, uint32_t roles)
{
    for (uint32_t set = 1; set < RD_COUNT(group->persons); set++) {
        group->persons[set] += (roles & set) != 0;
    }
}

static void count_persons(struct reading *reading, bool is_total)
{
    struct person *at = reading->persons;
    size_t count = reading->person_count;
    for (size_t i = 0; is_total && i < count; i++) {
        at[i].key = 0;
    }
    if (count > 1) {
        qsort(at, count, sizeof at[0], compare_persons);
    }
    for (size_t i = 0; i < count;) {
        uint32_t roles = 0;
        size_t first = i;
        for (; i < count && compare_persons(&at[i], &at[first]) == 0; i++) {
            roles |= 1U << (at[i].role & 3);
        }
        count_person(is_total ? &reading->tally->total
                              : group_make(reading->question->call, reading->tally, at[first].key),
                roles);
    }
}

/* ---- overdue ---- */

/* Working days after `day` up to today; OVERDUE_LONG and more are one. */
static int age_of(const struct rd_calendar *calendar, rd_day day, rd_day today)
{
    int age = 0;
    for (rd_day at = today; at > day && age < OVERDUE_LONG && today - at < AGE_DAYS_MAX; at--) {
        age += rd_calendar_is_working(calendar, at);
    }
    return age;
}

static const struct rd_calendar *calendar_of(const struct method_call *call, uint32_t unit)
{
    int32_t index = rd_plan_unit_find(call->plan, name_text(call->view, unit));
    const struct rd_plan_unit *found = &call->plan->units[index == RD_NO_INDEX ? 0 : index];
    return &call->plan->calendars[found->calendar];
}

size_t tally_overdue_band(const struct tally_question *question, uint32_t unit, rd_day day)
{
    int age = age_of(calendar_of(question->call, unit), day, question->today);
    return age <= 1 ? 0 : age <= 5 ? 1 : age <= 15 ? 2 : 3;
}

/* Rows of a day stand together, and most units share a calendar. */
struct known_band {
    const struct rd_calendar *calendar;
    rd_day day;
    size_t band;
};

static size_t known_band(
        const struct tally_question *question, uint32_t unit, rd_day day, struct known_band *known)
{
    const struct rd_calendar *calendar = calendar_of(question->call, unit);
    if (known->calendar != calendar || known->day != day) {
        *known = (struct known_band){calendar, day, tally_overdue_band(question, unit, day)};
    }
    return known->band;
}

static void read_overdue(struct reading *reading)
{
    const struct tally_question *question = reading->question;
    struct known_band known = {0};
    struct counter_scan scan;
    struct counter_cell cell;
    counter_scan_begin(
            &scan, question->call->view, COUNTER_DAYS, RD_DIM_OVERDUE, INT32_MIN, question->today);
    while (counter_scan_next(&scan, &cell)) {
        size_t unit = unit_key(question, &reading->known, scan.key.unit);
        size_t band = known_band(question, scan.key.unit, scan.key.period, &known);
        if (!reading->known.are_in[unit] || cell.sum <= 0) {
            continue;
        }
        reading->tally->total.overdue[band] += (uint64_t)cell.sum;
        if (question->by == BY_UNIT || question->by == BY_RESPONDENT) {
            group_make(question->call, reading->tally, reading->known.keys[unit])->overdue[band] +=
                    (uint64_t)cell.sum;
        }
    }
}

/* ---- the whole ---- */

/* What has no value of the dimension: the total without the groups. */
static void add_rest(struct method_call *call, struct tally *tally)
{
    struct sums rest = {0};
    for (size_t i = 0; i < tally->total.sums.room; i++) {
        if (tally->total.sums.at[i].counter != 0) {
            sums_add(call->arena, &rest, &tally->total.sums.at[i]);
        }
    }
    for (size_t g = 0; g < tally->count; g++) {
        const struct sums *sums = &tally->groups[g].sums;
        for (size_t i = 0; i < sums->room; i++) {
            struct counter_cell cell = sums->at[i];
            cell.sum = rd_less(0, cell.sum);
            if (cell.counter != 0) {
                sums_add(call->arena, &rest, &cell);
            }
        }
    }
    bool is_left = false;
    for (size_t i = 0; i < rest.room; i++) {
        is_left = is_left || rest.at[i].sum != 0;
    }
    if (is_left) {
        group_make(call, tally, 0)->sums = rest;
    }
}

static void name_groups(const struct tally_question *question, struct tally *tally)
{
    struct method_call *call = question->call;
    for (size_t i = 0; i < tally->count; i++) {
        struct tally_group *group = &tally->groups[i];
        if (question->by == BY_MONTH) {
            rd_day first = rd_month_first((int32_t)group->key);
            char text[RD_PERIOD_TEXT_MAX];
            rd_period_format(
                    (struct rd_period){first, rd_month_first((int32_t)group->key + 1) - 1}, text);
            group->name = rd_arena_dup(call->arena, rd_str_of(text));
            continue;
        }
        group->name = shown_value(call, (uint32_t)group->key);
        group->is_gone = (question->by == BY_UNIT || question->by == BY_RESPONDENT) &&
                         rd_plan_unit_find(call->plan, group->name) == RD_NO_INDEX;
    }
}

/* Units of the present tree that counted nothing are there all the same. */
static void add_units(const struct tally_question *question, struct tally *tally)
{
    const struct rd_plan *plan = question->call->plan;
    for (size_t i = 0; i < plan->unit_count; i++) {
        uint32_t number = name_find(question->call->view, plan->units[i].path);
        uint64_t key;
        bool is_itself = rd_str_eq(plan->units[i].path, question->unit);
        if (number != 0 && !(is_itself && question->by == BY_UNIT) &&
                tally_group_of(question, number, 0, NULL, &key)) {
            (void)group_make(question->call, tally, key);
        }
    }
}

static int compare_groups(const void *a, const void *b)
{
    const struct tally_group *one = a, *other = b;
    return rd_str_cmp(one->name, other->name);
}

void tally_read(
        const struct tally_question *question, struct rd_period period, struct tally *ret_tally)
{
    struct tally *tally = ret_tally;
    struct reading reading = {.question = question, .tally = tally};
    *tally = (struct tally){.period = period};
    period.last = period.last > question->today ? question->today : period.last;
    if (period.first <= period.last) {
        scan_dim(&reading, RD_DIM_ALL, period);
        if (question->by == BY_DIM) {
            scan_dim(&reading, question->dim, period);
        }
        scan_dim(&reading, RD_DIM_PERSON, period);
    }
    if (question->by == BY_UNIT || question->by == BY_RESPONDENT) {
        add_units(question, tally);
    }
    for (int32_t month = rd_month_of(period.first);
            question->by == BY_MONTH && month <= rd_month_of(period.last); month++) {
        (void)group_make(question->call, tally, (uint64_t)month); /* also one without anything */
    }
    if (question->by == BY_DIM) {
        add_rest(question->call, tally);
    } else if (question->by != BY_NOTHING) {
        count_persons(&reading, false);
    }
    count_persons(&reading, true);
    if (!question->is_of_other_span) {
        read_overdue(&reading);
    }
    name_groups(question, tally);
    if (tally->count > 1) {
        qsort(tally->groups, tally->count, sizeof tally->groups[0], compare_groups);
        groups_settle(tally);
    }
}
