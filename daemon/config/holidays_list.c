#include "daemon/config/holidays_list.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/wire/pack.h"

int holidays_fail(struct holidays_list *list, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(list->what, sizeof list->what, format, args);
    va_end(args);
    return -EINVAL;
}

/* Cut at the edge of a character, where it is too long; empty where it is no UTF-8. */
static struct rd_str name_of(struct holidays_list *list, struct rd_str name)
{
    if (!rd_pack_is_utf8(name)) {
        return (struct rd_str){.ptr = ""};
    }
    if (name.len > HOLIDAYS_NAME_BYTES_MAX) {
        name.len = HOLIDAYS_NAME_BYTES_MAX;
        while (name.len > 0 && ((unsigned char)name.ptr[name.len] & 0xc0) == 0x80) {
            name.len--;
        }
    }
    return rd_arena_dup(list->arena, name);
}

int holidays_add(struct holidays_list *list, const struct rd_special_day *row)
{
    int32_t year = rd_date_of(row->day).year;
    if (year < HOLIDAYS_YEAR_FIRST || year > HOLIDAYS_YEAR_LAST) {
        (void)holidays_fail(list, "a day of %d, outside %d..%d", year, (int)HOLIDAYS_YEAR_FIRST,
                (int)HOLIDAYS_YEAR_LAST);
        return -ERANGE;
    }
    if (list->count == HOLIDAYS_MAX) {
        (void)holidays_fail(list, "more than %d days", (int)HOLIDAYS_MAX);
        return -E2BIG;
    }
    if (list->count == list->cap) {
        size_t cap = list->cap > 0 ? list->cap * 2 : 256;
        struct rd_special_day *rows = RD_ARENA_ARRAY(list->arena, struct rd_special_day, cap);
        if (list->count > 0) {
            memcpy(rows, list->rows, list->count * sizeof *rows);
        }
        list->rows = rows;
        list->cap = cap;
    }
    struct rd_special_day added = *row;
    /* The days of one event follow one another and share its name. */
    const struct rd_special_day *last = list->count > 0 ? &list->rows[list->count - 1] : NULL;
    added.name = last != NULL && rd_str_eq(last->name, row->name) ? last->name
                                                                  : name_of(list, row->name);
    list->rows[list->count++] = added;
    return 0;
}
