/* daemon/config/never_clock.c — what a clock or a match says and can never happen (never.c). */
#include <stdio.h>
#include <string.h>

#include "common/time/limit.h"
#include "common/wire/event_table.h"
#include "daemon/config/never.h"

/* ---- matches ---- */

static bool is_unit_path(const struct config_node *unit, struct rd_str path)
{
    struct rd_str id = config_node_text(unit, "id");
    if (!rd_str_starts(path, id) || id.len == 0) {
        return false;
    }
    if (path.len == id.len) {
        return true;
    }
    const struct config_node *below = config_node_find(unit, "units");
    struct rd_str rest = {path.ptr + id.len + 1, path.len - id.len - 1};
    bool is_found = false;
    for (uint32_t i = 0; path.ptr[id.len] == '/' && below != NULL && i < below->count; i++) {
        is_found = is_found || is_unit_path(below->items[i], rest);
    }
    return is_found;
}

/* An operator before a value is no plain value. */
static bool is_plain(struct rd_str text)
{
    static const char OPERATORS[] = "~!<>";
    return text.len > 0 && memchr(OPERATORS, text.ptr[0], sizeof OPERATORS - 1) == NULL;
}

static void check_unit_value(struct config_load *load, const struct config_node *root,
        struct rd_str key, const struct config_node *value)
{
    const struct config_node *units = config_node_find(root, "units");
    if (units != NULL && value->kind == CONFIG_STR && is_plain(value->text) &&
            !is_unit_path(units, value->text)) {
        config_note_at(load, value,
                "\"%.*s\": no unit has this path, so that it fits no case now: a %.*s is matched "
                "by its whole path, several by a pattern such as \"~^xj/\"",
                CONFIG_QUOTED(value->text), CONFIG_QUOTED(key));
    }
}

static bool is_truth(struct rd_str name)
{
    enum rd_event_key key;
    return rd_str_is(name, "regulator") ||
           (rd_event_key_parse(name, &key) == 0 && rd_key_rule(key)->kind == RD_KIND_BOOL);
}

static void check_code(
        struct config_load *load, const struct config_node *value, const char *const *codes)
{
    bool is_known = value->kind == CONFIG_STR && !is_plain(value->text);
    char all[128] = "";
    for (size_t i = 0, used = 0; codes[i] != NULL; i++) {
        is_known = is_known || rd_str_is(value->text, codes[i]);
        used += (size_t)snprintf(
                all + used, sizeof all - used, "%s%s", i > 0 ? ", " : "", codes[i]);
        RD_ASSERT(used < sizeof all); /* the lists are short, and ours */
    }
    if (!is_known) {
        config_note_at(load, value, "\"%.*s\" fits no case: it is one of %s",
                CONFIG_QUOTED(value->text), all);
    }
}

static void check_value(struct config_load *load, const struct config_node *root, struct rd_str key,
        const struct config_node *value)
{
    if (rd_str_is(key, "unit") || rd_str_is(key, "respondent")) {
        check_unit_value(load, root, key, value);
    } else if (is_truth(key) && value->kind != CONFIG_BOOL &&
               (value->kind != CONFIG_STR || is_plain(value->text))) {
        config_note_at(load, value, "\"%.*s\" fits no case: it is true or false, without quotes",
                CONFIG_QUOTED(value->text));
    } else if (rd_str_is(key, "outcome")) {
        check_code(load, value, rd_key_codes(RD_EVENT_DECIDED, RD_KEY_OUTCOME));
    } else if (rd_str_is(key, "paid_for")) {
        check_code(load, value, rd_key_codes(RD_EVENT_DECIDED, RD_KEY_PAID_FOR));
    } else if (rd_str_is(key, "contract.screened")) {
        check_code(load, value, rd_key_codes(RD_EVENT_CONTRACT_SCREENED, RD_KEY_RISK));
    }
}

void config_note_match(
        struct config_load *load, const struct config_node *root, const struct config_node *match)
{
    for (uint32_t i = 0; match != NULL && match->kind == CONFIG_MAP && i < match->count; i++) {
        const struct config_node *value = match->items[i];
        bool is_list = value->kind == CONFIG_LIST;
        for (uint32_t k = 0; k < (is_list ? value->count : 1); k++) {
            check_value(load, root, match->keys[i], is_list ? value->items[k] : value);
        }
    }
}

/* ---- clocks ---- */

bool never_has_moment(struct rd_str kind, struct rd_str moment)
{
    bool is_complaints =
            rd_str_starts(moment, RD_STR("mediation_")) || rd_str_is(moment, "forwarded");
    if (rd_str_is(kind, "contact")) {
        return !is_complaints && !rd_str_is(moment, "decided");
    }
    return !(rd_str_is(kind, "duty") && is_complaints);
}

bool never_is_past(struct rd_str moment)
{
    return rd_str_is(moment, "received") || rd_str_is(moment, "registered");
}

static void check_ends(
        struct config_load *load, struct rd_str kind, const struct config_node *clock)
{
    const struct config_node *stop = config_node_find(clock, "stop");
    const struct config_node *start = config_node_find(clock, "start");
    uint32_t starts = start != NULL ? start->count : 0, possible = 0;
    if (stop != NULL && stop->kind == CONFIG_STR && !never_has_moment(kind, stop->text)) {
        config_note_at(load, stop,
                "\"%.*s\" never comes to a %.*s: nothing but the closing stops this clock",
                CONFIG_QUOTED(stop->text), CONFIG_QUOTED(kind));
    } else if (stop != NULL && stop->kind == CONFIG_STR && never_is_past(stop->text)) {
        config_note_at(load, stop,
                "\"%.*s\" never comes after the clock has begun: nothing but the closing stops it",
                CONFIG_QUOTED(stop->text));
    }
    for (uint32_t i = 0; i < starts; i++) {
        possible += never_has_moment(kind, start->items[i]->text) ? 1U : 0U;
    }
    if (starts > 0 && possible == 0) {
        config_note_at(
                load, start, "never comes to a %.*s: this clock never starts", CONFIG_QUOTED(kind));
    }
}

/* A date or an instant; a firm's own attributes are texts, numbers and truth values. */
static void check_attribute(
        struct config_load *load, const struct config_node *node, struct rd_str name)
{
    enum rd_event_key key;
    bool is_time =
            rd_event_key_parse(name, &key) == 0 &&
            (rd_key_rule(key)->kind == RD_KIND_TIME || rd_key_rule(key)->kind == RD_KIND_DUE ||
                    rd_key_rule(key)->kind == RD_KIND_DATE);
    if (!is_time && name.len > 0) {
        config_note_at(load, node,
                "\"%.*s\" is never a time: this clock never runs; times are received, answer_by "
                "and due",
                CONFIG_QUOTED(name));
    }
}

static void check_dates(struct config_load *load, const struct config_node *clock)
{
    static const struct rd_str ATTRIBUTE = RD_STR("attribute: ");
    const struct config_node *due = config_node_find(clock, "due");
    const struct config_node *start = config_node_find(clock, "start");
    const struct config_node *reasons = config_node_find(clock, "pause_reasons");
    if (due != NULL && due->kind == CONFIG_STR) {
        check_attribute(load, due, due->text);
    }
    if (due != NULL && reasons != NULL && reasons->count > 0) {
        config_note_at(load, reasons, "no pause moves the date that \"due\" names");
    }
    for (uint32_t i = 0; start != NULL && start->kind == CONFIG_LIST && i < start->count; i++) {
        struct rd_str text = start->items[i]->text;
        if (rd_str_starts(text, ATTRIBUTE)) {
            text = (struct rd_str){text.ptr + ATTRIBUTE.len, text.len - ATTRIBUTE.len};
            check_attribute(load, start->items[i], text);
        }
    }
}

/* A reminder at an instant before the clock's start is not sent. Working time is no measure of
 * elapsed time, and a working day none of a calendar day. */
static void check_reminders(struct config_load *load, const struct config_node *clock)
{
    const struct config_node *reminders = config_node_find(clock, "reminders");
    struct rd_limit limit, before;
    if (reminders == NULL || rd_str_is(config_node_text(clock, "time"), "working") ||
            rd_limit_parse(config_node_text(clock, "limit"), &limit) < 0) {
        return;
    }
    for (uint32_t i = 0; i < reminders->count; i++) {
        const struct config_node *one = config_node_find(reminders->items[i], "before");
        bool is_read = one != NULL && rd_limit_parse(one->text, &before) == 0;
        bool is_day =
                is_read && limit.unit == RD_LIMIT_SECONDS && before.unit == RD_LIMIT_CALENDAR_DAYS;
        if ((is_read && before.unit == limit.unit && before.count > limit.count) ||
                (is_day && (uint64_t)before.count * (RD_DAY_US / RD_SECOND_US) > limit.count)) {
            config_note_at(load, one,
                    "lies before the clock's start: of this limit such a reminder never comes");
        }
    }
}

void config_note_clock(struct config_load *load, const struct config_node *root, struct rd_str kind,
        const struct config_node *clock)
{
    const struct config_node *when = config_node_find(clock, "when");
    struct rd_str other = config_node_text(when, "kind");
    check_ends(load, kind, clock);
    check_dates(load, clock);
    check_reminders(load, clock);
    config_note_match(load, root, when);
    if (kind.len > 0 && other.len > 0 && is_plain(other) && !rd_str_eq(kind, other)) {
        config_note_at(load, config_node_find(when, "kind"),
                "no case of this policy is a %.*s: this clock never starts", CONFIG_QUOTED(other));
    }
}
