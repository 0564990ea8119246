#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"
#include "common/time/zone_table.h"
#include "tools/send/loader.h"

enum { PARTS_MAX = 64 };

bool loader_fail(struct loader *loader, const char *format, ...)
{
    if (loader->what[0] == '\0') {
        va_list args;
        va_start(args, format);
        (void)vsnprintf(loader->what, WHAT_MAX, format, args);
        va_end(args);
        rd_text_trim(loader->what);
    }
    return false;
}

const char *loader_keep(struct loader *loader, const char *text)
{
    return rd_arena_dup(&loader->mapping->arena, rd_str_of(text)).ptr;
}

bool loader_column(struct loader *loader, struct rd_str name, size_t *ret_column)
{
    struct mapping *mapping = loader->mapping;
    for (size_t i = 0; i < mapping->column_count; i++) {
        if (rd_str_is(name, mapping->columns[i])) {
            *ret_column = i;
            return true;
        }
    }
    if (mapping->column_count == MAPPING_COLUMNS_MAX) {
        return loader_fail(loader, "more than %d columns are named", MAPPING_COLUMNS_MAX);
    }
    mapping->columns[mapping->column_count] = rd_arena_dup(&mapping->arena, name).ptr;
    *ret_column = mapping->column_count++;
    return true;
}

/* "line", "row%500", or the name of a column. */
static bool read_reference(struct loader *loader, struct rd_str name, struct part *part)
{
    static const struct {
        struct rd_str word;
        enum part_kind kind;
    } words[] = {{RD_STR("line"), PART_LINE}, {RD_STR("row"), PART_ROW}};
    for (size_t i = 0; i < RD_COUNT(words); i++) {
        struct rd_str word = words[i].word;
        if (!rd_str_starts(name, word) || (name.len > word.len && name.ptr[word.len] != '%')) {
            continue;
        }
        part->kind = words[i].kind;
        struct rd_str modulo = {.ptr = name.ptr + word.len + 1, .len = name.len - word.len};
        modulo.len -= modulo.len > 0;
        if (name.len > word.len && (rd_u64_parse(modulo, &part->modulo) < 0 || part->modulo == 0)) {
            return loader_fail(loader, "{%.*s}: give a number from 1 after the %%", RD_FMT(name));
        }
        return true;
    }
    part->kind = PART_COLUMN;
    return name.len > 0 ? loader_column(loader, name, &part->column)
                        : loader_fail(loader, "{}: name a column, line or row");
}

/* The next part of `text` from *at on. "{{" and "}}" are the braces themselves. */
static bool read_part(struct loader *loader, struct rd_str text, size_t *at, struct part *part)
{
    size_t from = *at;
    char c = text.ptr[from];
    if (c == '{' || c == '}') {
        if (from + 1 < text.len && text.ptr[from + 1] == c) {
            *at = from + 2;
            part->literal = (struct rd_str){.ptr = text.ptr + from, .len = 1};
            return true;
        }
        const char *end = memchr(text.ptr + from, '}', text.len - from);
        if (c == '}' || end == NULL) {
            return loader_fail(loader,
                    "\"%.*s\": a brace without its other one ({{ and }} are braces)", RD_FMT(text));
        }
        size_t to = (size_t)(end - text.ptr);
        *at = to + 1;
        return read_reference(
                loader, (struct rd_str){.ptr = text.ptr + from + 1, .len = to - from - 1}, part);
    }
    size_t to = from;
    while (to < text.len && text.ptr[to] != '{' && text.ptr[to] != '}') {
        to++;
    }
    *at = to;
    part->literal = (struct rd_str){.ptr = text.ptr + from, .len = to - from};
    return true;
}

bool loader_template(struct loader *loader, const json_t *value, struct rule *rule)
{
    struct rd_arena *arena = &loader->mapping->arena;
    struct rd_str text = rd_arena_dup(arena, rd_str_of(json_string_value(value)));
    struct part parts[PARTS_MAX] = {0};
    size_t count = 0;
    for (size_t at = 0; at < text.len; count++) {
        if (count == PARTS_MAX) {
            return loader_fail(loader, "%s: more than %d parts", rule->path, PARTS_MAX);
        }
        if (!read_part(loader, text, &at, &parts[count])) {
            return false;
        }
    }
    struct part *kept = RD_ARENA_ARRAY(arena, struct part, count + 1);
    memcpy(kept, parts, count * sizeof parts[0]);
    rule->kind = RULE_TEXT;
    rule->parts = kept;
    rule->part_count = count;
    return true;
}

/* ---- zones ---- */

static struct rd_str read_zone_file(struct loader *loader, const char *name)
{
    const char *folder = getenv("TZDIR");
    struct rd_str path = rd_arena_printf(&loader->mapping->arena, "%s/%s",
            folder != NULL ? folder : "/usr/share/zoneinfo", name);
    char *bytes = RD_ARENA_ARRAY(&loader->mapping->arena, char, ZONE_FILE_BYTES_MAX);
    FILE *file = fopen(path.ptr, "re");
    size_t len = file != NULL ? fread(bytes, 1, ZONE_FILE_BYTES_MAX, file) : 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    return (struct rd_str){.ptr = bytes, .len = len};
}

bool loader_zone(struct loader *loader, const char *text)
{
    struct moment_rule *moment = &loader->mapping->moment;
    if (text != NULL && moment_parse_offset(rd_str_of(text), &moment->offset_s) == 0) {
        return true;
    }
    bool is_name = text != NULL && text[0] != '\0' && text[0] != '/' &&
                   strstr(text, "..") == NULL && strlen(text) < 64;
    struct zone_table table;
    const char *what = NULL;
    if (!is_name ||
            zone_parse(read_zone_file(loader, text), &loader->mapping->arena, &table, &what) < 0) {
        return loader_fail(loader,
                "zone: \"%.60s\" is neither a zone such as \"Asia/Shanghai\" nor an offset such as "
                "\"+08:00\"",
                text != NULL ? text : "");
    }
    moment->offsets = table.at;
    moment->offset_count = table.count;
    return true;
}
