#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/nearest.h"
#include "tools/send/amount.h"
#include "tools/send/mapping.h"

/* Which of a file's columns a mapping means. */

enum { NAME_MAX_BYTES = 256 };

/* The name as it is compared: trimmed, each run of blanks one space. */
static struct rd_str name_of(struct rd_str text, char room[static NAME_MAX_BYTES])
{
    size_t len = 0;
    text = amount_trim(text);
    for (size_t i = 0; i < text.len && len < NAME_MAX_BYTES; i++) {
        bool is_blank = strchr(" \t\r\n", text.ptr[i]) != NULL && text.ptr[i] != '\0';
        if (!is_blank) {
            room[len++] = text.ptr[i];
        } else if (len > 0 && room[len - 1] != ' ') {
            room[len++] = ' ';
        }
    }
    return (struct rd_str){.ptr = room, .len = len};
}

/* How often the column is there, and where first. */
static size_t find(const char *column, const struct rd_str *header, size_t count, size_t *ret_place)
{
    char wanted_room[NAME_MAX_BYTES], room[NAME_MAX_BYTES];
    struct rd_str wanted = name_of(rd_str_of(column), wanted_room);
    size_t times = 0;
    for (size_t i = 0; i < count; i++) {
        if (rd_str_eq(name_of(header[i], room), wanted)) {
            *ret_place = times == 0 ? i : *ret_place;
            times++;
        }
    }
    return times;
}

size_t mapping_found(const struct mapping *mapping, const struct rd_str *header, size_t count)
{
    size_t found = 0, place;
    for (size_t i = 0; i < mapping->column_count; i++) {
        found += find(mapping->columns[i], header, count, &place) > 0;
    }
    return found;
}

static void say_missing(const char *column, const struct rd_str *header, size_t count,
        char ret_what[static MAPPING_WHAT_MAX])
{
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(column));
    for (size_t i = 0; i < count; i++) {
        rd_nearest_try(&nearest, amount_trim(header[i]));
    }
    int len = snprintf(ret_what, MAPPING_WHAT_MAX, "there is no column \"%.120s\"", column);
    if (rd_nearest_is_close(&nearest)) {
        len += snprintf(ret_what + len, MAPPING_WHAT_MAX - (size_t)len, "; did you mean \"%.*s\"?",
                RD_FMT(nearest.best));
    }
    for (size_t i = 0; i < count && len < MAPPING_WHAT_MAX - 160; i++) {
        struct rd_str name = amount_trim(header[i]);
        name.len = name.len < 120 ? name.len : 120;
        len += snprintf(ret_what + len, MAPPING_WHAT_MAX - (size_t)len, "%s\"%.*s\"",
                i == 0 ? "; there are " : ", ", RD_FMT(name));
    }
}

int mapping_bind(const struct mapping *mapping, const struct rd_str *header, size_t count,
        size_t ret_places[static MAPPING_COLUMNS_MAX], char ret_what[static MAPPING_WHAT_MAX])
{
    for (size_t i = 0; i < mapping->column_count; i++) {
        size_t times = find(mapping->columns[i], header, count, &ret_places[i]);
        if (times == 0) {
            say_missing(mapping->columns[i], header, count, ret_what);
            return -EINVAL;
        }
        if (times > 1) {
            (void)snprintf(ret_what, MAPPING_WHAT_MAX,
                    "the column \"%.120s\" is there %zu times: give each a name of its own",
                    mapping->columns[i], times);
            return -EINVAL;
        }
    }
    return 0;
}
