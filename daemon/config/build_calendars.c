/* daemon/config/build_calendars.c — calendars as written, compiled (calendar_build.h). */
#include <inttypes.h>

#include "common/plan/calendar_pack.h"
#include "common/wire/pack.h"
#include "daemon/config/build.h"
#include "daemon/config/calendar_build.h"

struct builder {
    struct config_load *load;
    const struct config_node *map;      /* name → calendar */
    struct config_calendar_spec *specs; /* of map->items */
    bool *is_sound;                     /* its layers end, and all are known */
};

static const struct rd_str *texts_of(
        struct config_load *load, const struct config_node *list, size_t *ret_count)
{
    *ret_count = list != NULL ? list->count : 0;
    struct rd_str *texts = RD_ARENA_ARRAY(load->arena, struct rd_str, *ret_count + 1);
    for (size_t i = 0; i < *ret_count; i++) {
        texts[i] = list->items[i]->text;
    }
    return texts;
}

static void fill_hours(struct config_load *load, const struct config_node *calendar,
        struct config_calendar_spec *spec)
{
    const struct config_node *list = config_node_find(calendar, "hours");
    size_t count = list != NULL ? list->count : 0;
    struct config_calendar_hours *rows =
            RD_ARENA_ARRAY(load->arena, struct config_calendar_hours, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct config_node *row = list->items[i];
        rows[i].from = config_node_text(row, "from");
        rows[i].days = config_node_text(row, "days");
        rows[i].open = texts_of(load, config_node_find(row, "open"), &rows[i].open_count);
    }
    spec->hours = rows;
    spec->hours_count = count;
}

static enum rd_special day_kind(struct config_load *load, const struct config_node *row)
{
    const struct config_node *work = config_node_find(row, "work");
    bool is_closed = config_node_find(row, "closed") != NULL;
    bool is_open = config_node_find(row, "open") != NULL;
    bool is_work = work != NULL && work->integer != 0;
    if (is_closed + is_open + is_work != 1) {
        config_fault_at(load, row, "a day is one of closed: NAME, open: [HOURS] and work: true");
    }
    return is_open ? RD_SPECIAL_HOURS : is_work ? RD_SPECIAL_MAKE_UP : RD_SPECIAL_CLOSED;
}

static void fill_days(struct config_load *load, const struct config_node *calendar,
        struct config_calendar_spec *spec)
{
    const struct config_node *list = config_node_find(calendar, "days");
    size_t count = list != NULL ? list->count : 0;
    struct config_calendar_day *rows =
            RD_ARENA_ARRAY(load->arena, struct config_calendar_day, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct config_node *row = list->items[i];
        rows[i].date = config_node_text(row, "date");
        rows[i].through = config_node_text(row, "through");
        rows[i].kind = day_kind(load, row);
        rows[i].open = texts_of(load, config_node_find(row, "open"), &rows[i].open_count);
        rows[i].name = config_node_text(row, "name");
        if (rows[i].name.len == 0) {
            rows[i].name = config_node_text(row, "closed");
        }
    }
    spec->days = rows;
    spec->day_count = count;
}

static void fill_spec(struct builder *builder, uint32_t index)
{
    struct config_load *load = builder->load;
    const struct config_node *calendar = builder->map->items[index];
    struct config_calendar_spec *spec = &builder->specs[index];
    spec->name = builder->map->keys[index];
    spec->timezone = config_node_text(calendar, "timezone");
    fill_hours(load, calendar, spec);
    fill_days(load, calendar, spec);
    spec->holidays = texts_of(load, config_node_find(calendar, "holidays"), &spec->holiday_count);
    if (load->folder == NULL) {
        spec->holiday_count = 0; /* told already: no files here */
    }
    if (!config_is_name(spec->name)) {
        config_fault_mark(load, builder->map->key_marks[index], calendar->path,
                "\"%.*s\": a calendar's name is 1 to 64 letters, digits, \"_\", \".\", \"-\"",
                CONFIG_QUOTED(spec->name));
    }
    bool has_over = config_node_find(calendar, "over") != NULL;
    if (!has_over && config_node_find(calendar, "timezone") == NULL) {
        config_fault_mark(load, calendar->mark,
                config_path_key(load->arena, calendar->path, RD_STR("timezone")),
                "is required where the calendar lies over no other");
    }
    if (!has_over && spec->hours_count == 0) {
        config_fault_mark(load, calendar->mark,
                config_path_key(load->arena, calendar->path, RD_STR("hours")),
                "is required where the calendar lies over no other");
    }
}

static struct config_calendar_spec *find_spec(struct builder *builder, struct rd_str name)
{
    for (uint32_t i = 0; i < builder->map->count; i++) {
        if (rd_str_eq(builder->map->keys[i], name)) {
            return &builder->specs[i];
        }
    }
    return NULL;
}

static bool link_over(struct builder *builder, uint32_t index)
{
    const struct config_node *over = config_node_find(builder->map->items[index], "over");
    if (over == NULL) {
        return true;
    }
    builder->specs[index].over = find_spec(builder, over->text);
    if (builder->specs[index].over == NULL) {
        struct rd_nearest nearest = rd_nearest_of(over->text);
        for (uint32_t i = 0; i < builder->map->count; i++) {
            rd_nearest_try(&nearest, builder->map->keys[i]);
        }
        config_fault_at(builder->load, over, "\"%.*s\": no such calendar%s",
                CONFIG_QUOTED(over->text), config_nearest_hint(builder->load, &nearest));
        return false;
    }
    return true;
}

static bool ends(struct builder *builder, uint32_t index)
{
    const struct config_calendar_spec *at = &builder->specs[index];
    for (unsigned layers = 0; at != NULL; layers++, at = at->over) {
        if (layers == CONFIG_CALENDAR_LAYERS_MAX) {
            config_fault_at(builder->load, config_node_find(builder->map->items[index], "over"),
                    "lies over itself, or over more than %d calendars",
                    (int)CONFIG_CALENDAR_LAYERS_MAX);
            return false;
        }
    }
    return true;
}

static const struct config_node *part_node(
        const struct config_node *calendar, const struct config_calendar_fault *fault)
{
    static const char *const KEYS[] = {
            [CONFIG_CALENDAR_TIMEZONE] = "timezone",
            [CONFIG_CALENDAR_HOURS] = "hours",
            [CONFIG_CALENDAR_HOLIDAYS] = "holidays",
            [CONFIG_CALENDAR_DAYS] = "days",
    };
    const struct config_node *node = fault->part == CONFIG_CALENDAR_WHOLE
                                             ? NULL
                                             : config_node_find(calendar, KEYS[fault->part]);
    if (node != NULL && node->kind == CONFIG_LIST && fault->index < node->count) {
        node = node->items[fault->index];
    }
    return node != NULL ? node : calendar;
}

/* A calendar with mistakes is stood in for, so that those who name it are not told it is missing.
 */
static void compile_stand_in(struct config_load *load, struct rd_str name, struct rd_calendar *ret)
{
    static const struct rd_str OPEN[] = {{"09:00-17:00", 11}};
    const struct config_calendar_hours hours = {
            .days = RD_STR("mon-fri"), .open = OPEN, .open_count = 1};
    struct config_calendar_spec spec = {
            .name = name, .timezone = RD_STR("UTC"), .hours = &hours, .hours_count = 1};
    struct config_calendar_faults *faults = rd_arena_zalloc(load->arena, sizeof *faults);
    if (config_calendar_compile(&spec, load->arena, ret, faults) < 0) {
        *ret = (struct rd_calendar){.name = name}; /* only beside faults: the load fails */
    }
}

static void compile(struct builder *builder, uint32_t index, struct rd_calendar *ret_calendar)
{
    struct config_load *load = builder->load;
    const struct config_node *calendar = builder->map->items[index];
    struct config_calendar_faults *faults = rd_arena_zalloc(load->arena, sizeof *faults);
    size_t before = load->fault_count;
    if (builder->is_sound[index] && config_calendar_compile(&builder->specs[index], load->arena,
                                            ret_calendar, faults) == 0) {
        return;
    }
    for (size_t i = 0; i < faults->count; i++) {
        const struct config_calendar_fault *fault = &faults->at[i];
        const struct config_node *node = part_node(calendar, fault);
        /* That of a lower layer is told where that one is compiled itself. */
        if (fault->spec == &builder->specs[index] &&
                !config_fault_covers(load, before, node->mark.file, node->path)) {
            config_fault_at(load, node, "%s", fault->what);
        }
    }
    compile_stand_in(load, builder->map->keys[index], ret_calendar);
}

static struct config_node *packed(struct config_load *load, const struct rd_calendar *calendar,
        const struct config_node *like)
{
    struct rd_buf buf;
    rd_buf_init(&buf, CONFIG_TREE_BYTES_MAX);
    rd_calendar_pack(&buf, calendar);
    struct config_node *node = config_node_new(load->arena, CONFIG_RAW, like);
    if (buf.error == 0) {
        node->text = rd_arena_dup(load->arena, rd_buf_str(&buf));
    } else {
        config_fault_at(load, like, "is too large when compiled");
        node->kind = CONFIG_NULL;
    }
    rd_buf_done(&buf);
    return node;
}

struct config_node *config_build_calendars(struct config_load *load, const struct config_node *root)
{
    const struct config_node *map = config_node_find(root, "calendars");
    struct config_node *out = config_node_new(load->arena, CONFIG_LIST, map);
    if (map == NULL || map->count == 0) {
        return out;
    }
    struct builder builder = {.load = load, .map = map};
    builder.specs = RD_ARENA_ARRAY(load->arena, struct config_calendar_spec, map->count);
    builder.is_sound = RD_ARENA_ARRAY(load->arena, bool, map->count);
    for (uint32_t i = 0; i < map->count; i++) {
        fill_spec(&builder, i);
    }
    for (uint32_t i = 0; i < map->count; i++) {
        builder.is_sound[i] = link_over(&builder, i);
    }
    for (uint32_t i = 0; i < map->count; i++) {
        builder.is_sound[i] = ends(&builder, i) && builder.is_sound[i];
    }
    for (uint32_t i = 0; i < map->count; i++) {
        struct rd_calendar calendar = {.horizon = RD_DAY_NONE};
        size_t before = load->fault_count;
        compile(&builder, i, &calendar);
        config_node_add(load->arena, out, packed(load, &calendar, map->items[i]));
        if (load->fault_count == before && calendar.horizon == RD_DAY_NONE) {
            config_note_at(load, map->items[i],
                    "a calendar without holidays: every weekday that has hours is worked");
        }
    }
    return out;
}
