#include "daemon/config/calendar_build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/time/zone_table.h"
#include "daemon/config/calendar_file.h"
#include "daemon/config/holidays_list.h"

enum {
    SCRATCH_BYTES_MAX = 256 * 1024 * 1024,
    SEASONS_MAX = 64,
    SPECIALS_MAX = 40000,
};

struct build {
    const struct config_calendar_spec *layers[CONFIG_CALENDAR_LAYERS_MAX]; /* the lowest first */
    size_t layer_count;
    struct rd_arena *arena;   /* of the result */
    struct rd_arena *scratch; /* of the build */
    struct config_calendar_faults *faults;

    struct rd_special_day *rows; /* of all layers; what comes later holds */
    size_t row_count, row_cap;
    rd_day horizon;
};

struct place {
    const struct config_calendar_spec *spec;
    enum config_calendar_part part;
    size_t index;
};

static void fault(struct build *build, struct place place, const char *format, ...) RD_PRINTF(3, 4);

static void fault(struct build *build, struct place place, const char *format, ...)
{
    if (build->faults->count == CONFIG_CALENDAR_FAULTS_MAX) {
        return;
    }
    struct config_calendar_fault *at = &build->faults->at[build->faults->count++];
    *at = (struct config_calendar_fault){
            .spec = place.spec, .part = place.part, .index = place.index};
    va_list args;
    va_start(args, format);
    (void)vsnprintf(at->what, sizeof at->what, format, args);
    va_end(args);
}

/* ---- time zone ---- */

static void zone_build(struct build *build, struct rd_calendar *calendar)
{
    const struct config_calendar_spec *spec = build->layers[build->layer_count - 1];
    const char *folder = spec->zoneinfo != NULL ? spec->zoneinfo : "/usr/share/zoneinfo";
    size_t at = build->layer_count;
    while (at > 0 && build->layers[at - 1]->timezone.len == 0) {
        at--;
    }
    if (at == 0) {
        fault(build, (struct place){.spec = spec}, "no timezone, neither here nor below");
        return;
    }
    struct place place = {.spec = build->layers[at - 1], .part = CONFIG_CALENDAR_TIMEZONE};
    struct rd_str name = place.spec->timezone;
    if (!config_zone_name_valid(name)) {
        fault(build, place, "not the name of a time zone, such as Asia/Shanghai");
        return;
    }
    struct rd_str path = rd_arena_printf(build->scratch, "%s/%.*s", folder, RD_FMT(name));
    struct rd_str bytes = {.ptr = NULL};
    int r = calendar_file_read(path.ptr, ZONE_FILE_BYTES_MAX, build->scratch, &bytes);
    if (r < 0) {
        fault(build, place, "no such time zone: %s: %s", path.ptr, strerror(-r));
        return;
    }
    struct zone_table table;
    const char *what = NULL;
    if (zone_parse(bytes, build->scratch, &table, &what) < 0) {
        fault(build, place, "%s: %s", path.ptr, what);
        return;
    }
    struct rd_offset *offsets = RD_ARENA_ARRAY(build->arena, struct rd_offset, table.count);
    memcpy(offsets, table.at, table.count * sizeof *offsets);
    calendar->offsets = offsets;
    calendar->offset_count = table.count;
    calendar->zone = rd_arena_dup(build->arena, name);
}

/* ---- hours ---- */

/* 1..RD_HOURS_MAX intervals as written; false with a fault. */
static bool intervals_build(struct build *build, struct place place, const struct rd_str *open,
        size_t count, struct rd_hours *ret_hours)
{
    struct rd_hours hours = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        uint16_t from = 0, to = 0;
        int r = config_interval_parse(open[i], &from, &to);
        if (r == -ERANGE) {
            fault(build, place,
                    "open[%zu]: \"%.*s\": ends where it begins or before; opening hours "
                    "do not cross midnight",
                    i, RD_FMT(open[i]));
            return false;
        }
        if (r < 0) {
            fault(build, place, "open[%zu]: \"%.*s\": not hours such as 09:00-12:00", i,
                    RD_FMT(open[i]));
            return false;
        }
        r = config_interval_add(&hours, from, to);
        if (r == -EEXIST) {
            fault(build, place, "open[%zu]: \"%.*s\": overlaps another", i, RD_FMT(open[i]));
            return false;
        }
        if (r < 0) {
            fault(build, place, "open: more than %d", (int)RD_HOURS_MAX);
            return false;
        }
    }
    if (hours.count == 0) {
        fault(build, place, "open: empty");
        return false;
    }
    *ret_hours = hours;
    return true;
}

/* The season that begins then, put in its place; NULL: there are too many. */
static struct rd_season *season_of(
        struct rd_season *seasons, size_t *count, uint8_t month, uint8_t day)
{
    size_t place = *count;
    while (place > 0 && seasons[place - 1].month * 32 + seasons[place - 1].day > month * 32 + day) {
        place--;
    }
    if (place > 0 && seasons[place - 1].month == month && seasons[place - 1].day == day) {
        return &seasons[place - 1];
    }
    if (*count == SEASONS_MAX) {
        return NULL;
    }
    memmove(&seasons[place + 1], &seasons[place], (*count - place) * sizeof *seasons);
    (*count)++;
    seasons[place] = (struct rd_season){.month = month, .day = day};
    return &seasons[place];
}

static void hours_row(struct build *build, struct place place,
        const struct config_calendar_hours *row, struct rd_season *seasons, size_t *count)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    uint8_t month = 1, day = 1, bits = 0;
    struct rd_hours hours;
    if (row->from.len > 0 && config_month_day_parse(row->from, &month, &day) < 0) {
        fault(build, place, "from: \"%.*s\": not a month and day such as 05-01", RD_FMT(row->from));
        return;
    }
    if (config_weekdays_parse(row->days, &bits) < 0) {
        fault(build, place, "days: \"%.*s\": not weekdays such as mon-fri or \"mon, wed\"",
                RD_FMT(row->days));
        return;
    }
    if (!intervals_build(build, place, row->open, row->open_count, &hours)) {
        return;
    }
    struct rd_season *season = season_of(seasons, count, month, day);
    if (season == NULL) {
        fault(build, place, "more than %d seasons", (int)SEASONS_MAX);
        return;
    }
    for (unsigned i = 0; i < 7; i++) {
        if ((bits & 1U << i) == 0) {
            continue;
        }
        if (season->week[i].count > 0) {
            fault(build, place, "days: %s has hours already in the season from %02u-%02u", names[i],
                    (unsigned)month, (unsigned)day);
            return;
        }
        season->week[i] = hours;
    }
}

static void hours_build(struct build *build, struct rd_calendar *calendar)
{
    size_t at = build->layer_count;
    while (at > 0 && build->layers[at - 1]->hours_count == 0) {
        at--;
    }
    if (at == 0) {
        fault(build, (struct place){.spec = build->layers[build->layer_count - 1]},
                "no hours, neither here nor below");
        return;
    }
    const struct config_calendar_spec *spec = build->layers[at - 1];
    struct rd_season *seasons = RD_ARENA_ARRAY(build->arena, struct rd_season, SEASONS_MAX);
    size_t count = 0;
    for (size_t i = 0; i < spec->hours_count; i++) {
        struct place place = {.spec = spec, .part = CONFIG_CALENDAR_HOURS, .index = i};
        hours_row(build, place, &spec->hours[i], seasons, &count);
    }
    calendar->seasons = seasons;
    calendar->season_count = count;
}

/* ---- special days ---- */

static void rows_push(struct build *build, const struct rd_special_day *rows, size_t count)
{
    if (build->row_count + count > build->row_cap) {
        size_t cap = (build->row_count + count) * 2;
        struct rd_special_day *grown = RD_ARENA_ARRAY(build->scratch, struct rd_special_day, cap);
        if (build->row_count > 0) {
            memcpy(grown, build->rows, build->row_count * sizeof *grown);
        }
        build->rows = grown;
        build->row_cap = cap;
    }
    if (count > 0) {
        memcpy(&build->rows[build->row_count], rows, count * sizeof *rows);
        build->row_count += count;
    }
}

static void horizon_lower(struct build *build, int32_t year)
{
    rd_day day = rd_day_of((struct rd_date){.year = year, .month = 1, .day = 1});
    if (build->horizon == RD_DAY_NONE || day < build->horizon) {
        build->horizon = day;
    }
}

static void json_horizon(struct build *build, const bool years[HOLIDAYS_YEARS])
{
    int32_t at = 0;
    while (at < HOLIDAYS_YEARS && !years[at]) {
        at++;
    }
    if (at == HOLIDAYS_YEARS) {
        return; /* no JSON file */
    }
    while (at < HOLIDAYS_YEARS && years[at]) {
        at++;
    }
    horizon_lower(build, HOLIDAYS_YEAR_FIRST + at);
}

static void holidays_build(struct build *build, uint8_t layer)
{
    const struct config_calendar_spec *spec = build->layers[layer];
    bool json_years[HOLIDAYS_YEARS] = {false};
    for (size_t i = 0; i < spec->holiday_count; i++) {
        struct holidays_list list = {.arena = build->scratch};
        if (holidays_path_read(&list, spec->holidays[i]) < 0) {
            struct place place = {.spec = spec, .part = CONFIG_CALENDAR_HOLIDAYS, .index = i};
            fault(build, place, "%s", list.what);
            continue;
        }
        if (build->row_count + list.count > SPECIALS_MAX) {
            struct place place = {.spec = spec, .part = CONFIG_CALENDAR_HOLIDAYS, .index = i};
            fault(build, place, "more than %d days with those before", (int)SPECIALS_MAX);
            return;
        }
        for (size_t j = 0; j < list.count; j++) {
            list.rows[j].layer = layer;
        }
        rows_push(build, list.rows, list.count);
        for (size_t j = 0; j < HOLIDAYS_YEARS; j++) {
            json_years[j] = json_years[j] || list.json_years[j];
        }
        if (list.ics_year_last > 0) {
            horizon_lower(build, list.ics_year_last + 1);
        }
    }
    json_horizon(build, json_years);
}

/* first..last of a row of `days`; false with a fault. */
static bool days_span(struct build *build, struct place place,
        const struct config_calendar_day *row, rd_day ret_span[2])
{
    rd_day first = 0, last = 0;
    if (rd_day_parse(row->date, &first) < 0) {
        fault(build, place, "date: \"%.*s\": not a day such as 2025-06-06", RD_FMT(row->date));
        return false;
    }
    if (row->through.len == 0) {
        last = first;
    } else if (rd_day_parse(row->through, &last) < 0) {
        fault(build, place, "through: \"%.*s\": not a day such as 2025-06-06",
                RD_FMT(row->through));
        return false;
    }
    if (last < first || last - first >= CONFIG_CALENDAR_THROUGH_DAYS_MAX) {
        fault(build, place, "through: before date, or %d days after it or more",
                (int)CONFIG_CALENDAR_THROUGH_DAYS_MAX);
        return false;
    }
    if (rd_date_of(first).year < HOLIDAYS_YEAR_FIRST ||
            rd_date_of(last).year > HOLIDAYS_YEAR_LAST) {
        fault(build, place, "date: outside %d..%d", (int)HOLIDAYS_YEAR_FIRST,
                (int)HOLIDAYS_YEAR_LAST);
        return false;
    }
    ret_span[0] = first;
    ret_span[1] = last;
    return true;
}

static void days_build(struct build *build, uint8_t layer)
{
    const struct config_calendar_spec *spec = build->layers[layer];
    bool *is_taken = RD_ARENA_ARRAY(build->scratch, bool, HOLIDAYS_YEARS * 366);
    for (size_t i = 0; i < spec->day_count; i++) {
        const struct config_calendar_day *row = &spec->days[i];
        struct place place = {.spec = spec, .part = CONFIG_CALENDAR_DAYS, .index = i};
        struct rd_special_day special = {.kind = row->kind, .layer = layer, .name = row->name};
        rd_day span[2] = {0, 0};
        if (!days_span(build, place, row, span) ||
                (row->kind == RD_SPECIAL_HOURS && !intervals_build(build, place, row->open,
                                                          row->open_count, &special.hours))) {
            continue;
        }
        if (build->row_count + CONFIG_CALENDAR_THROUGH_DAYS_MAX > SPECIALS_MAX) {
            fault(build, place, "more than %d special days", (int)SPECIALS_MAX);
            return;
        }
        for (special.day = span[0]; special.day <= span[1]; special.day++) {
            bool *taken = &is_taken[special.day]; /* day 0 is the first of the first year */
            if (*taken) {
                char text[RD_DATE_TEXT_MAX];
                rd_day_format(special.day, text);
                fault(build, place, "date: %s stands in `days` already", text);
                break;
            }
            *taken = true;
            rows_push(build, &special, 1);
        }
    }
}

/* By day, and of one day in the order they were said: rows keep their place in `rows`. */
static int row_order(const void *a, const void *b)
{
    const struct rd_special_day *const *left = a, *const *right = b;
    int by_day = ((*left)->day > (*right)->day) - ((*left)->day < (*right)->day);
    return by_day != 0 ? by_day : (*left > *right) - (*left < *right);
}

static void specials_build(struct build *build, struct rd_calendar *calendar)
{
    size_t count = build->row_count;
    const struct rd_special_day **order =
            RD_ARENA_ARRAY(build->scratch, const struct rd_special_day *, count + 1);
    for (size_t i = 0; i < count; i++) {
        order[i] = &build->rows[i];
    }
    qsort(order, count, sizeof *order, row_order);
    struct rd_special_day *specials =
            RD_ARENA_ARRAY(build->arena, struct rd_special_day, count + 1);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count && order[i + 1]->day == order[i]->day) {
            continue; /* something later is of this day */
        }
        specials[kept] = *order[i];
        bool same_name = kept > 0 && rd_str_eq(specials[kept - 1].name, order[i]->name);
        specials[kept].name =
                same_name ? specials[kept - 1].name : rd_arena_dup(build->arena, order[i]->name);
        kept++;
    }
    calendar->specials = specials;
    calendar->special_count = kept;
    calendar->horizon = build->horizon;
}

/* ---- the whole ---- */

static bool layers_find(struct build *build, const struct config_calendar_spec *spec)
{
    const struct config_calendar_spec *at = spec;
    size_t count = 0;
    for (; at != NULL && count < CONFIG_CALENDAR_LAYERS_MAX; at = at->over) {
        count++;
    }
    if (at != NULL) {
        fault(build, (struct place){.spec = spec}, "over: more than %d calendars, or in a circle",
                (int)CONFIG_CALENDAR_LAYERS_MAX);
        return false;
    }
    build->layer_count = count;
    for (at = spec; at != NULL; at = at->over) {
        build->layers[--count] = at;
    }
    return true;
}

static void build_all(struct build *build, struct rd_calendar *calendar)
{
    zone_build(build, calendar);
    hours_build(build, calendar);
    for (uint8_t i = 0; i < build->layer_count; i++) {
        holidays_build(build, i);
        days_build(build, i);
    }
    specials_build(build, calendar);
    if (build->layer_count > 1) {
        struct rd_str *names = RD_ARENA_ARRAY(build->arena, struct rd_str, build->layer_count);
        for (size_t i = 0; i < build->layer_count; i++) {
            names[i] = rd_arena_dup(build->arena, build->layers[i]->name);
        }
        calendar->layers = names;
        calendar->layer_count = build->layer_count;
    }
}

int config_calendar_compile(const struct config_calendar_spec *spec, struct rd_arena *arena,
        struct rd_calendar *ret_calendar, struct config_calendar_faults *faults)
{
    struct rd_arena scratch;
    rd_arena_init(&scratch, SCRATCH_BYTES_MAX);
    faults->count = 0;
    struct build build = {
            .arena = arena, .scratch = &scratch, .faults = faults, .horizon = RD_DAY_NONE};
    struct rd_calendar calendar = {.horizon = RD_DAY_NONE};
    if (layers_find(&build, spec)) {
        build_all(&build, &calendar);
        calendar.name = rd_arena_dup(arena, spec->name);
        if (faults->count == 0 && rd_calendar_seal(&calendar) < 0) {
            fault(&build, (struct place){.spec = spec, .part = CONFIG_CALENDAR_TIMEZONE},
                    "a table of offsets that no clock could follow");
        }
    }
    rd_arena_done(&scratch);
    if (faults->count > 0) {
        return -EINVAL;
    }
    *ret_calendar = calendar;
    return 0;
}
