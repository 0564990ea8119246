/* daemon/config/holidays_list.h — special days from holiday-cn JSON and iCalendar files.
 *
 * A list in the order read: where two rows are of one date, the later one holds. It also gathers
 * which years the sources speak of, for the horizon. Memory: the list's arena. */
#pragma once

#include "common/base/arena.h"
#include "common/time/calendar.h"

enum {
    HOLIDAYS_YEAR_FIRST = 1970,
    HOLIDAYS_YEAR_LAST = 2100,
    HOLIDAYS_YEARS = HOLIDAYS_YEAR_LAST - HOLIDAYS_YEAR_FIRST + 1,
    HOLIDAYS_MAX = 30000,      /* rows of one list */
    HOLIDAYS_FILES_MAX = 1000, /* of one folder */
    HOLIDAYS_FILE_BYTES_MAX = 1024 * 1024,
    HOLIDAYS_NAME_BYTES_MAX = 128, /* longer ones are cut */
};

struct holidays_list {
    struct rd_arena *arena; /* rows and names */
    struct rd_special_day *rows;
    size_t count, cap;
    bool json_years[HOLIDAYS_YEARS]; /* years that a JSON file was given for */
    int32_t ics_year_last;           /* of the entry's .ics files; 0: none */
    char what[256];                  /* of the last error */
};

/* A row behind the others; the name is copied. -E2BIG when the list is full, -ERANGE for a day
 * outside the years: `what` says so. */
RD_MUST_USE int holidays_add(struct holidays_list *list, const struct rd_special_day *row);
/* Fills `what`; always -EINVAL, for "return holidays_fail(…)". */
int holidays_fail(struct holidays_list *list, const char *format, ...) RD_PRINTF(2, 3);

/* The text of a file; `path` stands in errors. 0 or -EINVAL with list->what. */
RD_MUST_USE int holidays_json_read(
        struct holidays_list *list, const char *path, struct rd_str text);
/* As above. The text needs a NUL behind it. */
RD_MUST_USE int holidays_ics_read(struct holidays_list *list, const char *path, struct rd_str text);

/* A file, or a folder's files in the order of their names. 0 or -EINVAL with list->what. */
RD_MUST_USE int holidays_path_read(struct holidays_list *list, struct rd_str path);
