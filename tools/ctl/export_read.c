#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/nearest.h"
#include "common/wire/event.h"
#include "tools/ctl/export_map.h"
#include "tools/shared/options.h"

/* The mapping's file, read and checked. */

enum { MAP_BYTES_MAX = 1024 * 1024, PLACE_MAX = 256 };
static const char ATTRIBUTES[] = "attributes.";

static const char *const DATES[] = {"opened", "received", "decided", "closed"};
static const char *const FIELDS[] = {"case", "subject", "kind", "state", "unit", "unit_name",
        "respondent", "customer", "handler", "policy", "opened", "received", "decided", "closed",
        "closed_as", "merged_into", "first", "transfers", "reopened", "contacts", "recontacts",
        "regulator", "level"};
static const char *const CLOCK_FIELDS[] = {"state", "due", "start", "stopped", "extensions"};

/* What a key of the mapping holds. */
enum shape {
    SHAPE_TEXT,
    SHAPE_TEXTS,
    SHAPE_TEXT_OR_TEXTS,
    SHAPE_TEXTS_BY_NAME,
    SHAPE_BOOL,
    SHAPE_LIST
};
struct key {
    const char *name;
    enum shape shape;
};
static const struct key PARTS[] = {{"about", SHAPE_TEXT}, {"source", SHAPE_TEXT},
        {"leaves_out", SHAPE_TEXTS}, {"kind", SHAPE_TEXT}, {"date", SHAPE_TEXT},
        {"columns", SHAPE_LIST}, {"merged", SHAPE_BOOL}};
static const struct key KEYS[] = {{"head", SHAPE_TEXT}, {"from", SHAPE_TEXT_OR_TEXTS},
        {"text", SHAPE_TEXT}, {"as", SHAPE_TEXT}, {"code", SHAPE_TEXT},
        {"values", SHAPE_TEXTS_BY_NAME}, {"otherwise", SHAPE_TEXT}};

/* ---- shapes ---- */

/* `where`: the way to it, of a column with its number. A number would go out as nothing: it is not
 * known how many digits the regulator's code has. */
static bool refuse_shape(
        const struct export_map *map, const char *where, const json_t *value, const char *wanted)
{
    enum { SHOWN_MAX = 60 };
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    say_error("%s: %s: %.*s: %s is wanted", map->path, where, SHOWN_MAX,
            text != NULL ? text : "what stands there", wanted);
    free(text);
    return false;
}

static bool are_texts(const struct export_map *map, const char *where, const json_t *list)
{
    char place[PLACE_MAX];
    size_t index;
    const json_t *value;
    json_array_foreach(list, index, value)
    {
        (void)snprintf(place, sizeof place, "%s[%zu]", where, index);
        if (!json_is_string(value)) {
            return refuse_shape(map, place, value, "a text, in quotes,");
        }
    }
    return json_is_array(list) || refuse_shape(map, where, list, "a list of texts");
}

static bool are_texts_by_name(const struct export_map *map, const char *where, const json_t *object)
{
    char place[PLACE_MAX];
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        (void)snprintf(place, sizeof place, "%s.%s", where, name);
        if (!json_is_string(value)) {
            return refuse_shape(map, place, value, "a text, in quotes,");
        }
    }
    return json_is_object(object) ||
           refuse_shape(map, where, object, "an object of texts, {\"web\": \"3\"},");
}

static bool has_shape(
        const struct export_map *map, const char *where, enum shape shape, const json_t *value)
{
    switch (shape) {
    case SHAPE_TEXT:
        return json_is_string(value) || refuse_shape(map, where, value, "a text, in quotes,");
    case SHAPE_TEXTS:
        return are_texts(map, where, value);
    case SHAPE_TEXT_OR_TEXTS:
        return json_is_string(value) || are_texts(map, where, value);
    case SHAPE_TEXTS_BY_NAME:
        return are_texts_by_name(map, where, value);
    case SHAPE_BOOL:
        return json_is_boolean(value) || refuse_shape(map, where, value, "true or false");
    case SHAPE_LIST:
        return json_is_array(value) || refuse_shape(map, where, value, "a list");
    }
    RD_UNREACHABLE("a shape");
}

/* Each key is one of those, and holds what it holds. `lead`: before its name. */
static bool check_keys(const struct export_map *map, const char *lead, const struct key *keys,
        size_t count, const json_t *object)
{
    const char *name;
    json_t *value;
    char where[PLACE_MAX], room[OPT_HINT_MAX];
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        struct rd_nearest nearest = rd_nearest_of(rd_str_of(name));
        size_t at = 0;
        for (; at < count && strcmp(name, keys[at].name) != 0; at++) {
            rd_nearest_try(&nearest, rd_str_of(keys[at].name));
        }
        if (at == count) {
            say_error(
                    "%s: %sthere is no key %s%s", map->path, lead, name, opt_hint(&nearest, room));
            return false;
        }
        (void)snprintf(where, sizeof where, "%s%s", lead, name);
        if (!has_shape(map, where, keys[at].shape, value)) {
            return false;
        }
    }
    return true;
}

/* ---- columns ---- */

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

static bool check_column(const struct export_map *map, size_t index)
{
    const struct column *column = &map->columns[index];
    struct rd_nearest nearest;
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

/* One, or a list. Too much leaves none: that is refused. */
static void read_from(struct column *column, const json_t *given)
{
    bool is_list = json_is_array(given);
    size_t count = is_list ? json_array_size(given) : given != NULL ? 1 : 0;
    for (size_t i = 0; i < count && count <= COLUMN_FROMS_MAX; i++) {
        column->from[column->from_count++] =
                json_string_value(is_list ? json_array_get(given, i) : given);
    }
}

static bool read_columns(struct export_map *map)
{
    const json_t *list = json_object_get(map->map, "columns");
    map->column_count = json_array_size(list);
    if (map->column_count == 0 || map->column_count > MAP_COLUMNS_MAX) {
        say_error("%s: columns: %zu; 1 to %d are wanted", map->path, map->column_count,
                MAP_COLUMNS_MAX);
        return false;
    }
    for (size_t i = 0; i < map->column_count; i++) {
        const json_t *given = json_array_get(list, i);
        char lead[PLACE_MAX];
        (void)snprintf(lead, sizeof lead, "columns[%zu]", i);
        if (!json_is_object(given)) {
            return refuse_shape(map, lead, given, "an object");
        }
        (void)snprintf(lead, sizeof lead, "columns[%zu].", i);
        if (!check_keys(map, lead, KEYS, RD_COUNT(KEYS), given)) {
            return false;
        }
        map->columns[i] = (struct column){.head = json_string_value(json_object_get(given, "head")),
                .text = json_string_value(json_object_get(given, "text")),
                .as = json_string_value(json_object_get(given, "as")),
                .code = json_string_value(json_object_get(given, "code")),
                .values = json_object_get(given, "values"),
                .otherwise = json_string_value(json_object_get(given, "otherwise"))};
        read_from(&map->columns[i], json_object_get(given, "from"));
        if (!check_column(map, i)) {
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
    if (!json_is_object(map->map)) {
        return refuse_shape(map, "the mapping", map->map, "an object");
    }
    if (!check_keys(map, "", PARTS, RD_COUNT(PARTS), map->map)) {
        return false;
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
