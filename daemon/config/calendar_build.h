/* daemon/config/calendar_build.h — from the configuration's words and the files they name to a
 * compiled calendar.
 *
 * Layers, from the lowest `over` up: each has holiday files and days of its own; what is said
 * higher up wins, in one layer days win over files, and a later file over an earlier one. Time zone
 * and hours are those of the highest layer that has any, hours as a whole.
 *
 * Holidays: an entry is a file or a folder, of which all *.json and *.ics are read in the order of
 * their names (schema.json is not, nor NAME.ics beside a NAME.json).
 *   *.json  holiday-cn: {year, days: [{name, date, isOffDay}]}; isOffDay: false is a make-up day; a
 *           date may be of the year before or after.
 *   *.ics   iCalendar (RFC 5545): each all-day VEVENT is off, on all its days, RRULE, RDATE, EXDATE
 *           and RECURRENCE-ID included. X-REDRESS-DAY:WORK makes it a make-up day,
 *           X-REDRESS-DAY:OPEN 10:00-14:00 a day with hours of its own (early closing; several
 *           intervals with a space between). A VEVENT with a time of day is a fault; one that is
 *           cancelled is left out.
 * Dates lie in 1970..2100; RRULEs are expanded up to the end of 2100.
 *
 * Horizon: the first day of the first year of which some source says nothing. The JSON files of a
 * layer are one source, that says something of the years that files were given for, up to the first
 * gap; the .ics files of one entry are one, up to the year of the last event (2100 for an RRULE
 * without end). The earliest of all sources' horizons holds: a needless "provisional" does less
 * harm than a missing one. Without any source: RD_DAY_NONE.
 *
 * Zone: offsets from 1970 to 2100 from the system's TZif files; before and after, the first and the
 * last hold. Source: redress.yaml(5), "Calendars". */
#pragma once

#include "common/base/arena.h"
#include "common/time/calendar.h"

enum {
    CONFIG_CALENDAR_LAYERS_MAX = RD_CALENDAR_LAYERS_MAX,
    CONFIG_CALENDAR_FAULTS_MAX = 32,
    CONFIG_CALENDAR_THROUGH_DAYS_MAX = 400, /* of one row of `days` */
};

struct config_calendar_hours { /* one row of `hours`, as written */
    struct rd_str from;        /* "05-01"; empty: 01-01 */
    struct rd_str days;        /* "mon-fri", "sat", "mon-thu, sat" */
    const struct rd_str *open; /* "09:00-12:00" … */
    size_t open_count;
};

struct config_calendar_day {     /* one row of `days` */
    struct rd_str date, through; /* "2025-06-06"; through empty: one day */
    enum rd_special kind;        /* CLOSED, MAKE_UP, or HOURS with `open` */
    const struct rd_str *open;
    size_t open_count;
    struct rd_str name; /* may be empty */
};

struct config_calendar_spec {
    struct rd_str name;
    struct rd_str timezone; /* IANA name; empty: that of `over` */
    const struct config_calendar_hours *hours;
    size_t hours_count;            /* 0: those of `over` */
    const struct rd_str *holidays; /* paths, as they can be opened */
    size_t holiday_count;
    const struct config_calendar_day *days;
    size_t day_count;
    const struct config_calendar_spec *over; /* NULL: the lowest layer */
    const char *zoneinfo;                    /* folder of TZif files; NULL: the system's */
};

enum config_calendar_part { /* what of a spec a fault is about */
    CONFIG_CALENDAR_WHOLE,
    CONFIG_CALENDAR_TIMEZONE,
    CONFIG_CALENDAR_HOURS,    /* hours[index] */
    CONFIG_CALENDAR_HOLIDAYS, /* holidays[index] */
    CONFIG_CALENDAR_DAYS,     /* days[index] */
};

struct config_calendar_fault {
    const struct config_calendar_spec *spec; /* it, or one it lies over */
    enum config_calendar_part part;
    size_t index;
    char what[256]; /* with file, line and column where it is about a file */
};

struct config_calendar_faults { /* in the order found; those beyond are dropped */
    struct config_calendar_fault at[CONFIG_CALENDAR_FAULTS_MAX];
    size_t count;
};

/* 0, or -EINVAL with at least one fault. Everything of *ret_calendar lives in `arena`; it is sealed
 * and written only on 0. `faults` need not be initialised. */
RD_MUST_USE int config_calendar_compile(const struct config_calendar_spec *spec,
        struct rd_arena *arena, struct rd_calendar *ret_calendar,
        struct config_calendar_faults *faults);

/* ---- the words alone, for checks at their place ---- */

/* "05-01": month and day; 02-29 is one. 0, -EINVAL (not the grammar), -ERANGE (no such day). */
RD_MUST_USE int config_month_day_parse(struct rd_str text, uint8_t *ret_month, uint8_t *ret_day);
/* "mon-fri", "sat-mon", "mon, wed-fri": bits from Monday = 1. 0, -EINVAL. */
RD_MUST_USE int config_weekdays_parse(struct rd_str text, uint8_t *ret_bits);
/* "09:00-12:00", "22:00-24:00": minutes. 0, -EINVAL, -ERANGE (it ends where it begins or before:
 * opening hours do not cross midnight). */
RD_MUST_USE int config_interval_parse(struct rd_str text, uint16_t *ret_open, uint16_t *ret_close);
/* Puts an interval among those of a day, in order. 0, -EEXIST (it overlaps one), -ENOSPC (more than
 * RD_HOURS_MAX). */
RD_MUST_USE int config_interval_add(struct rd_hours *hours, uint16_t open, uint16_t close);
/* A name that may be looked for among TZif files: letters, digits, "_+-", parts between "/". */
bool config_zone_name_valid(struct rd_str name);
