/* holiday-cn: {"year": 2025, "days": [{"name": "元旦", "date": "2025-01-01", "isOffDay": true}]}.
 * JSON is read as the YAML it is; keys that we do not know are left alone. */
#include <errno.h>
#include <string.h>

#include <yaml.h>

#include "common/base/num.h"
#include "daemon/config/holidays_list.h"

struct source {
    struct holidays_list *list;
    const char *path;
    yaml_document_t *document;
    size_t first; /* the list's count before this file */
};

enum { DAYS_MAX = 1000 }; /* of one year's file */

static struct rd_str scalar(const yaml_node_t *node)
{
    if (node == NULL || node->type != YAML_SCALAR_NODE) {
        return (struct rd_str){.ptr = NULL};
    }
    return (struct rd_str){
            .ptr = (const char *)node->data.scalar.value, .len = node->data.scalar.length};
}

/* NULL where it is missing. */
static yaml_node_t *find(const struct source *source, const yaml_node_t *map, const char *key)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE) {
        return NULL;
    }
    const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
    for (; pair < map->data.mapping.pairs.top; pair++) {
        if (rd_str_is(scalar(yaml_document_get_node(source->document, pair->key)), key)) {
            return yaml_document_get_node(source->document, pair->value);
        }
    }
    return NULL;
}

static int fail(const struct source *source, const yaml_node_t *at, const char *what)
{
    if (at == NULL) {
        return holidays_fail(source->list, "%s: %s", source->path, what);
    }
    return holidays_fail(source->list, "%s:%zu:%zu: %s", source->path, at->start_mark.line + 1,
            at->start_mark.column + 1, what);
}

static int day_read(const struct source *source, const yaml_node_t *node, int32_t year)
{
    const yaml_node_t *date = find(source, node, "date");
    const yaml_node_t *is_off = find(source, node, "isOffDay");
    struct rd_special_day row = {
            .kind = RD_SPECIAL_OFF, .name = scalar(find(source, node, "name"))};
    if (rd_day_parse(scalar(date), &row.day) < 0) {
        return fail(source, date != NULL ? date : node, "date: not a day such as \"2025-01-01\"");
    }
    int32_t own_year = rd_date_of(row.day).year;
    if (own_year < year - 1 || own_year > year + 1) {
        return fail(source, date, "date: not of the file's year, nor of one beside it");
    }
    if (rd_str_is(scalar(is_off), "false")) {
        row.kind = RD_SPECIAL_MAKE_UP;
    } else if (!rd_str_is(scalar(is_off), "true")) {
        return fail(source, is_off != NULL ? is_off : node, "isOffDay: neither true nor false");
    }
    for (size_t i = source->first; i < source->list->count; i++) {
        if (source->list->rows[i].day == row.day && source->list->rows[i].kind != row.kind) {
            return fail(source, date, "date: both off and a working day in this file");
        }
    }
    int r = holidays_add(source->list, &row);
    return r < 0 ? fail(source, date, "date: outside the years that are kept") : 0;
}

static int days_read(const struct source *source, const yaml_node_t *root)
{
    struct rd_str year_text = scalar(find(source, root, "year"));
    uint64_t year = 0;
    if (rd_u64_parse(year_text, &year) < 0 || year < HOLIDAYS_YEAR_FIRST ||
            year > HOLIDAYS_YEAR_LAST) {
        return fail(source, root, "year: missing, or not one of 1970..2100");
    }
    const yaml_node_t *days = find(source, root, "days");
    if (days == NULL || days->type != YAML_SEQUENCE_NODE) {
        return fail(source, root, "days: missing, or no list");
    }
    const yaml_node_item_t *item = days->data.sequence.items.start;
    if (days->data.sequence.items.top - item > DAYS_MAX) {
        return fail(source, days, "days: more than 1000");
    }
    for (; item < days->data.sequence.items.top; item++) {
        int r = day_read(source, yaml_document_get_node(source->document, *item), (int32_t)year);
        if (r < 0) {
            return r;
        }
    }
    if (item > days->data.sequence.items.start) {
        source->list->json_years[year - HOLIDAYS_YEAR_FIRST] = true;
    }
    return 0;
}

int holidays_json_read(struct holidays_list *list, const char *path, struct rd_str text)
{
    yaml_parser_t parser;
    yaml_document_t document;
    if (yaml_parser_initialize(&parser) == 0) {
        rd_oom();
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
    int r = 0;
    if (yaml_parser_load(&parser, &document) == 0) {
        r = holidays_fail(list, "%s:%zu:%zu: %s", path, parser.problem_mark.line + 1,
                parser.problem_mark.column + 1,
                parser.problem != NULL ? parser.problem : "not JSON");
    } else {
        struct source source = {
                .list = list, .path = path, .document = &document, .first = list->count};
        yaml_node_t *root = yaml_document_get_root_node(&document);
        r = root != NULL ? days_read(&source, root) : fail(&source, NULL, "empty");
        yaml_document_delete(&document);
    }
    yaml_parser_delete(&parser);
    return r;
}
