/* iCalendar (RFC 5545): all-day events, one by one or by rule, as special days. */
#include <errno.h>
#include <string.h>

#include <libical/ical.h>

#include "daemon/config/calendar_build.h"
#include "daemon/config/holidays_list.h"

enum {
    EVENTS_MAX = 5000,       /* of one file */
    EVENT_DAYS_MAX = 366,    /* of one event */
    OCCURRENCES_MAX = 40000, /* of one event: a day for a century */
    EXCEPTIONS_MAX = 4000,   /* of one event */
};

struct event {
    struct holidays_list *list;
    const char *path;
    icalcomponent *component;
    const char *summary; /* "" if there is none */
    rd_day first;
    int32_t days;
    struct rd_special_day row; /* what each of its days is */
    const rd_day *exceptions;
    size_t exception_count;
};

static int fail(const struct event *event, const char *what)
{
    char day[RD_DATE_TEXT_MAX] = "no date";
    if (event->first != RD_DAY_NONE) {
        rd_day_format(event->first, day);
    }
    return holidays_fail(
            event->list, "%s: event \"%.60s\" (%s): %s", event->path, event->summary, day, what);
}

/* False for what is no date of the years 1..9999. */
static bool day_of(struct icaltimetype time, rd_day *ret_day)
{
    if (icaltime_is_null_time(time) || !rd_date_valid(time.year, time.month, time.day)) {
        return false;
    }
    *ret_day = rd_day_of((struct rd_date){
            .year = time.year, .month = (uint8_t)time.month, .day = (uint8_t)time.day});
    return true;
}

static icalproperty *property(icalcomponent *component, icalproperty_kind kind)
{
    return icalcomponent_get_first_property(component, kind);
}

/* ---- one event ---- */

static int span_read(struct event *event)
{
    icalproperty *start = property(event->component, ICAL_DTSTART_PROPERTY);
    icalproperty *end = property(event->component, ICAL_DTEND_PROPERTY);
    icalproperty *length = property(event->component, ICAL_DURATION_PROPERTY);
    if (start == NULL || !day_of(icalproperty_get_dtstart(start), &event->first)) {
        return fail(event, "DTSTART: missing, or no date");
    }
    if (!icaltime_is_date(icalproperty_get_dtstart(start))) {
        return fail(event, "a time of day; only all-day events are special days, an early closing "
                           "is X-REDRESS-DAY:OPEN 09:00-14:00");
    }
    event->days = 1;
    if (end != NULL) {
        rd_day end_day = RD_DAY_NONE;
        if (!day_of(icalproperty_get_dtend(end), &end_day) ||
                !icaltime_is_date(icalproperty_get_dtend(end)) || end_day < event->first) {
            return fail(event, "DTEND: no date, or before DTSTART");
        }
        event->days = end_day > event->first ? end_day - event->first : 1; /* the end is excluded */
    } else if (length != NULL) {
        struct icaldurationtype span = icalproperty_get_duration(length);
        int64_t days = (int64_t)span.weeks * 7 + span.days;
        if (span.is_neg != 0 || span.hours > 0 || span.minutes > 0 || span.seconds > 0 ||
                days < 1 || days > EVENT_DAYS_MAX) {
            return fail(event, "DURATION: not one of 1 to 366 days");
        }
        event->days = (int32_t)days;
    }
    return event->days <= EVENT_DAYS_MAX ? 0 : fail(event, "longer than 366 days");
}

/* "09:00-12:00 13:00-14:00" */
static bool hours_of(const char *text, struct rd_hours *hours)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        uint16_t open = 0, close = 0;
        if (len > 0 && (config_interval_parse(
                                (struct rd_str){.ptr = text, .len = len}, &open, &close) < 0 ||
                               config_interval_add(hours, open, close) < 0)) {
            return false;
        }
        text += len + (text[len] == ' ');
    }
    return hours->count > 0;
}

static int kind_read(struct event *event)
{
    event->row = (struct rd_special_day){.kind = RD_SPECIAL_OFF, .name = rd_str_of(event->summary)};
    icalproperty *at = property(event->component, ICAL_X_PROPERTY);
    for (; at != NULL; at = icalcomponent_get_next_property(event->component, ICAL_X_PROPERTY)) {
        const char *name = icalproperty_get_x_name(at);
        const char *value = icalproperty_get_x(at);
        if (name == NULL || strcmp(name, "X-REDRESS-DAY") != 0) {
            continue;
        }
        if (value != NULL && strcmp(value, "WORK") == 0) {
            event->row.kind = RD_SPECIAL_MAKE_UP;
        } else if (value != NULL && strncmp(value, "OPEN ", 5) == 0 &&
                   hours_of(value + 5, &event->row.hours)) {
            event->row.kind = RD_SPECIAL_HOURS;
        } else if (value == NULL || strcmp(value, "OFF") != 0) {
            return fail(event, "X-REDRESS-DAY: neither OFF, WORK nor OPEN 09:00-14:00");
        }
    }
    return 0;
}

static int occurrence_add(struct event *event, rd_day first)
{
    for (size_t i = 0; i < event->exception_count; i++) {
        if (event->exceptions[i] == first) {
            return 0;
        }
    }
    for (int32_t i = 0; i < event->days; i++) {
        event->row.day = first + i;
        int32_t year = rd_date_of(event->row.day).year;
        if (year < HOLIDAYS_YEAR_FIRST || year > HOLIDAYS_YEAR_LAST) {
            continue; /* lists that begin long ago are common */
        }
        if (holidays_add(event->list, &event->row) < 0) {
            return fail(event, "more days than a list may have");
        }
        event->list->ics_year_last =
                year > event->list->ics_year_last ? year : event->list->ics_year_last;
    }
    return 0;
}

/* ---- recurrence ---- */

static int rule_expand(struct event *event, struct icalrecurrencetype rule)
{
    switch (rule.freq) {
    case ICAL_DAILY_RECURRENCE:
    case ICAL_WEEKLY_RECURRENCE:
    case ICAL_MONTHLY_RECURRENCE:
    case ICAL_YEARLY_RECURRENCE:
        break;
    case ICAL_HOURLY_RECURRENCE:
    case ICAL_MINUTELY_RECURRENCE:
    case ICAL_SECONDLY_RECURRENCE:
    case ICAL_NO_RECURRENCE:
        return fail(event, "RRULE: not DAILY, WEEKLY, MONTHLY or YEARLY");
    }
    struct rd_date first = rd_date_of(event->first);
    /* Not icaltime_null_date(), whose time of day is -1: rules would begin behind it. */
    struct icaltimetype start = {
            .year = first.year, .month = first.month, .day = first.day, .is_date = 1};
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, start);
    if (iterator == NULL) {
        return fail(event, "RRULE: not a rule that can be followed");
    }
    int r = 0, seen = 0;
    for (;;) {
        rd_day day = RD_DAY_NONE;
        struct icaltimetype next = icalrecur_iterator_next(iterator);
        if (!day_of(next, &day)) {
            break;
        }
        if (rd_date_of(day).year > HOLIDAYS_YEAR_LAST) {
            if (rule.count == 0 && icaltime_is_null_time(rule.until)) {
                event->list->ics_year_last = HOLIDAYS_YEAR_LAST;
            }
            break;
        }
        if (++seen > OCCURRENCES_MAX) {
            r = fail(event, "RRULE: more than 40000 times");
            break;
        }
        r = occurrence_add(event, day);
        if (r < 0) {
            break;
        }
    }
    icalrecur_iterator_free(iterator);
    return r;
}

static bool push_exception(rd_day *exceptions, size_t *count, struct icaltimetype time)
{
    rd_day day = RD_DAY_NONE;
    if (*count == EXCEPTIONS_MAX || !day_of(time, &day)) {
        return false;
    }
    exceptions[(*count)++] = day;
    return true;
}

/* EXDATEs, and what other events of the same UID replace (RECURRENCE-ID). */
static int exceptions_read(struct event *event, icalcomponent *calendar, struct rd_arena *scratch)
{
    rd_day *exceptions = RD_ARENA_ARRAY(scratch, rd_day, EXCEPTIONS_MAX);
    size_t count = 0;
    icalproperty *at = property(event->component, ICAL_EXDATE_PROPERTY);
    for (; at != NULL;
            at = icalcomponent_get_next_property(event->component, ICAL_EXDATE_PROPERTY)) {
        if (!push_exception(exceptions, &count, icalproperty_get_exdate(at))) {
            return fail(event, "EXDATE: no date, or more than 4000");
        }
    }
    const char *uid = icalcomponent_get_uid(event->component);
    icalcompiter others = icalcomponent_begin_component(calendar, ICAL_VEVENT_COMPONENT);
    for (icalcomponent *other; uid != NULL && (other = icalcompiter_deref(&others)) != NULL;
            (void)icalcompiter_next(&others)) {
        icalproperty *id = property(other, ICAL_RECURRENCEID_PROPERTY);
        const char *other_uid = id != NULL ? icalcomponent_get_uid(other) : NULL;
        if (other_uid != NULL && strcmp(uid, other_uid) == 0 &&
                !push_exception(exceptions, &count, icalproperty_get_recurrenceid(id))) {
            return fail(event, "RECURRENCE-ID: no date, or more than 4000");
        }
    }
    event->exceptions = exceptions;
    event->exception_count = count;
    return 0;
}

static int occurrences_add(struct event *event)
{
    icalproperty *at = property(event->component, ICAL_RRULE_PROPERTY);
    int r = at == NULL ? occurrence_add(event, event->first) : 0;
    for (; r == 0 && at != NULL;
            at = icalcomponent_get_next_property(event->component, ICAL_RRULE_PROPERTY)) {
        r = rule_expand(event, icalproperty_get_rrule(at));
    }
    at = property(event->component, ICAL_RDATE_PROPERTY);
    for (; r == 0 && at != NULL;
            at = icalcomponent_get_next_property(event->component, ICAL_RDATE_PROPERTY)) {
        struct icaldatetimeperiodtype when = icalproperty_get_rdate(at);
        rd_day day = RD_DAY_NONE;
        r = day_of(when.time, &day) ? occurrence_add(event, day) : fail(event, "RDATE: no date");
    }
    return r;
}

/* ---- the file ---- */

/* libical leaves what it could not read as X-LIC-ERROR; an empty property is common and harmless.
 */
static int errors_check(struct event *event)
{
    icalproperty *at = property(event->component, ICAL_XLICERROR_PROPERTY);
    for (; at != NULL;
            at = icalcomponent_get_next_property(event->component, ICAL_XLICERROR_PROPERTY)) {
        const char *what = icalproperty_get_xlicerror(at);
        if (what != NULL && strncmp(what, "No value for ", 13) != 0) {
            return fail(event, what);
        }
    }
    return 0;
}

static int event_read(struct event *event, icalcomponent *calendar)
{
    if (icalcomponent_get_status(event->component) == ICAL_STATUS_CANCELLED) {
        return 0;
    }
    const char *summary = icalcomponent_get_summary(event->component);
    event->summary = summary != NULL ? summary : "";
    int r = span_read(event);
    r = r < 0 ? r : errors_check(event);
    r = r < 0 ? r : kind_read(event);
    if (r < 0) {
        return r;
    }
    struct rd_arena scratch;
    rd_arena_init(&scratch, EXCEPTIONS_MAX * sizeof(rd_day) + 65536);
    if (property(event->component, ICAL_RECURRENCEID_PROPERTY) == NULL) {
        r = exceptions_read(event, calendar, &scratch);
    }
    r = r < 0 ? r : occurrences_add(event);
    rd_arena_done(&scratch);
    return r;
}

static int calendar_read(struct holidays_list *list, const char *path, icalcomponent *calendar)
{
    int events = 0;
    icalcompiter at = icalcomponent_begin_component(calendar, ICAL_VEVENT_COMPONENT);
    for (icalcomponent *component; (component = icalcompiter_deref(&at)) != NULL;
            (void)icalcompiter_next(&at)) {
        if (++events > EVENTS_MAX) {
            return holidays_fail(list, "%s: more than %d events", path, (int)EVENTS_MAX);
        }
        struct event event = {.list = list,
                .path = path,
                .component = component,
                .summary = "",
                .first = RD_DAY_NONE};
        int r = event_read(&event, calendar);
        if (r < 0) {
            return r;
        }
    }
    return events > 0 ? 0 : holidays_fail(list, "%s: no event (VEVENT) in it", path);
}

int holidays_ics_read(struct holidays_list *list, const char *path, struct rd_str text)
{
    if (text.len == 0 || strlen(text.ptr) != text.len) {
        return holidays_fail(list, "%s: empty, or a NUL in it", path);
    }
    icalerror_set_errors_are_fatal(0); /* hostile bytes are no reason to abort */
    icalcomponent *root = icalparser_parse_string(text.ptr);
    if (root == NULL) {
        return holidays_fail(list, "%s: not an iCalendar file", path);
    }
    int r = 0;
    if (icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
        r = calendar_read(list, path, root);
    } else {
        icalcompiter at = icalcomponent_begin_component(root, ICAL_VCALENDAR_COMPONENT);
        icalcomponent *calendar = icalcompiter_deref(&at);
        if (calendar == NULL) {
            r = holidays_fail(list, "%s: no calendar (VCALENDAR) in it", path);
        }
        for (; r == 0 && calendar != NULL; calendar = icalcompiter_next(&at)) {
            r = calendar_read(list, path, calendar);
        }
    }
    icalcomponent_free(root);
    return r;
}
