#include <string.h>

#include "common/base/nearest.h"
#include "common/wire/event.h"
#include "tools/ctl/export_map.h"
#include "tools/shared/options.h"

/* The mapping's file, read and checked. */

enum { MAP_BYTES_MAX = 1024 * 1024 };
static const char ATTRIBUTES[] = "attributes.";

static const char *const PARTS[] = {
        "about", "source", "leaves_out", "kind", "date", "columns", "merged"};
static const char *const DATES[] = {"opened", "received", "decided", "closed"};
static const char *const FIELDS[] = {"case", "subject", "kind", "state", "unit", "unit_name",
        "respondent", "customer", "handler", "policy", "opened", "received", "decided", "closed",
        "closed_as", "merged_into", "first", "transfers", "reopened", "contacts", "recontacts",
        "regulator", "level"};
static const char *const CLOCK_FIELDS[] = {"state", "due", "start", "stopped", "extensions"};
static const char *const KEYS[] = {"head", "from", "text", "as", "code", "values", "otherwise"};

static bool refuse(const struct export_map *map, size_t column, const char *what, const char *word,
        const struct rd_nearest *nearest)
{
    char room[OPT_HINT_MAX] = "";
    say_error("%s: columns[%zu]: %s%s%s%s", map->path, column, what, word != NULL ? ": " : "",
            word != NULL ? word : "", nearest != NULL ? opt_hint(nearest, room) : "");
    return false;
}

static bool is_one_of(
        const char *word, const char *const list[], size_t count, struct rd_nearest *ret_nearest)
{
    *ret_nearest = rd_nearest_of(rd_str_of(word));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0) {
            return true;
        }
        rd_nearest_try(ret_nearest, rd_str_of(list[i]));
    }
    return false;
}

/* The firm's own are attributes.attributes.NAME. */
static bool check_attribute(const struct export_map *map, size_t index, const char *from)
{
    const char *name = from + strlen(ATTRIBUTES);
    enum rd_event_key key;
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(name));
    if (strncmp(name, ATTRIBUTES, strlen(ATTRIBUTES)) == 0) {
        return name[strlen(ATTRIBUTES)] != '\0' ||
               refuse(map, index, "names no attribute", from, NULL);
    }
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        rd_nearest_try(&nearest, rd_str_of(rd_event_key_name((enum rd_event_key)i)));
    }
    return rd_event_key_parse(rd_str_of(name), &key) == 0 ||
           refuse(map, index,
                   "there is no such attribute (one of the firm's own is "
                   "attributes.attributes.NAME)",
                   name, &nearest);
}

/* attributes.NAME, attributes.attributes.NAME, clock.NAME.FIELD, or a field of the case. */
static bool check_from(const struct export_map *map, size_t index, const char *from)
{
    struct rd_nearest nearest;
    if (strncmp(from, ATTRIBUTES, strlen(ATTRIBUTES)) == 0) {
        return check_attribute(map, index, from);
    }
    if (strncmp(from, "clock.", 6) == 0) {
        const char *dot = strrchr(from, '.');
        return (dot > from + 6 &&
                       is_one_of(dot + 1, CLOCK_FIELDS, RD_COUNT(CLOCK_FIELDS), &nearest)) ||
               refuse(map, index,
                       "write clock.NAME.FIELD, with state, due, start, stopped or "
                       "extensions",
                       from, NULL);
    }
    return is_one_of(from, FIELDS, RD_COUNT(FIELDS), &nearest) ||
           refuse(map, index, "there is no such field of a case", from, &nearest);
}

static bool check_column(const struct export_map *map, size_t index, const json_t *given)
{
    const struct column *column = &map->columns[index];
    struct rd_nearest nearest;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)given, key, value)
    {
        if (!is_one_of(key, KEYS, RD_COUNT(KEYS), &nearest)) {
            return refuse(map, index, "there is no such key", key, &nearest);
        }
    }
    if (column->head == NULL || (column->from_count == 0) == (column->text == NULL)) {
        return refuse(map, index, "wants head, and either from (up to 4) or text", NULL, NULL);
    }
    static const char *const AS[] = {"date", "time"}, *const CODE[] = {"regulator", "name"};
    if (column->as != NULL && !is_one_of(column->as, AS, RD_COUNT(AS), &nearest)) {
        return refuse(map, index, "as is date or time", column->as, NULL);
    }
    if (column->code != NULL && !is_one_of(column->code, CODE, RD_COUNT(CODE), &nearest)) {
        return refuse(map, index, "code is regulator or name", column->code, NULL);
    }
    if (column->code != NULL && (column->from_count == 0 || strncmp(column->from[0], ATTRIBUTES,
                                                                    strlen(ATTRIBUTES)) != 0)) {
        return refuse(map, index, "code wants from: attributes.NAME", NULL, NULL);
    }
    for (size_t i = 0; i < column->from_count; i++) {
        if (!check_from(map, index, column->from[i])) {
            return false;
        }
    }
    return true;
}

/* One, or a list. What is no text, or too much, leaves none: that is refused. */
static void read_from(struct column *column, const json_t *given)
{
    bool is_list = json_is_array(given);
    size_t count = is_list ? json_array_size(given) : given != NULL ? 1 : 0;
    for (size_t i = 0; i < count && count <= COLUMN_FROMS_MAX; i++) {
        column->from[i] = json_string_value(is_list ? json_array_get(given, i) : given);
        if (column->from[i] == NULL) {
            column->from_count = 0;
            return;
        }
        column->from_count++;
    }
}

static bool read_columns(struct export_map *map)
{
    const json_t *list = json_object_get(map->map, "columns");
    map->column_count = json_array_size(list);
    if (map->column_count == 0 || map->column_count > GRID_COLUMNS_MAX) {
        say_error("%s: columns: %zu; 1 to %d are wanted", map->path, map->column_count,
                GRID_COLUMNS_MAX);
        return false;
    }
    for (size_t i = 0; i < map->column_count; i++) {
        const json_t *given = json_array_get(list, i);
        map->columns[i] = (struct column){.head = json_string_value(json_object_get(given, "head")),
                .text = json_string_value(json_object_get(given, "text")),
                .as = json_string_value(json_object_get(given, "as")),
                .code = json_string_value(json_object_get(given, "code")),
                .values = json_object_get(given, "values"),
                .otherwise = json_string_value(json_object_get(given, "otherwise"))};
        read_from(&map->columns[i], json_object_get(given, "from"));
        if (!check_column(map, i, given)) {
            return false;
        }
    }
    return true;
}

bool export_read_map(struct export_map *map)
{
    struct rd_nearest nearest;
    map->map = json_read_file(map->path, MAP_BYTES_MAX);
    if (map->map == NULL) {
        return false;
    }
    const char *key;
    json_t *value;
    json_object_foreach(map->map, key, value)
    {
        char room[OPT_HINT_MAX];
        if (!is_one_of(key, PARTS, RD_COUNT(PARTS), &nearest)) {
            say_error("%s: there is no key %s%s", map->path, key, opt_hint(&nearest, room));
            return false;
        }
    }
    map->date = json_string_value(json_object_get(map->map, "date"));
    map->kind = json_string_value(json_object_get(map->map, "kind"));
    map->has_merged = json_is_true(json_object_get(map->map, "merged"));
    map->date = map->date != NULL ? map->date : "received";
    map->kind = map->kind != NULL ? map->kind : "complaint";
    if (!is_one_of(map->date, DATES, RD_COUNT(DATES), &nearest)) {
        say_error("%s: date: \"%s\" is not opened, received, decided or closed", map->path,
                map->date);
        return false;
    }
    if (json_string_length(json_object_get(map->map, "source")) == 0) {
        say_error("%s: source is missing: which rule, of whom and when, asks for this file",
                map->path);
        return false;
    }
    return read_columns(map);
}
