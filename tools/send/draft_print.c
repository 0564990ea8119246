#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "tools/send/amount.h"
#include "tools/send/draft.h"
#include "tools/shared/json.h"

/* The mapping for a file that was looked at, with what is open in comments. */

enum { SOURCE_BYTES = 64, MORE_BYTES = 64 };

static void put_string(struct rd_str text)
{
    json_t *value = json_text(text);
    char *dumped = json_dumps(value, JSON_ENCODE_ANY);
    (void)printf("%s", dumped != NULL ? dumped : "\"\"");
    free(dumped);
    json_decref(value);
}

static bool is_last_part(struct rd_str path, struct rd_str id)
{
    return path.len > id.len && path.ptr[path.len - id.len - 1] == '/' &&
           memcmp(path.ptr + path.len - id.len, id.ptr, id.len) == 0;
}

/* Paths and ids need none: the daemon knows them. */
static bool needs_lookup(const struct draft *draft, const struct draft_column *column)
{
    for (size_t i = 0; i < column->value_count; i++) {
        struct rd_str path = draft_unit_of(draft, column->values[i]);
        if (!rd_str_eq(path, column->values[i]) && !is_last_part(path, column->values[i])) {
            return true;
        }
    }
    return false;
}

static const struct draft_column *column_for(const struct draft *draft, enum draft_use use)
{
    size_t at = draft->of[use];
    return at < draft->count ? &draft->columns[at] : NULL;
}

static void print_units(const struct draft *draft, const struct draft_column *column)
{
    (void)printf("  // Which unit each office of the file is. What is \"\" is refused until it is "
                 "filled "
                 "in%s.\n  \"lookups\": {\"units\": {\"table\": {",
            draft->has_units ? "" : " (no daemon answered that would know them)");
    for (size_t i = 0; i < column->value_count; i++) {
        (void)printf("%s\n    ", i > 0 ? "," : "");
        put_string(column->values[i]);
        (void)printf(": ");
        put_string(draft_unit_of(draft, column->values[i]));
    }
    (void)printf("}}},\n");
    if (column->has_more_values) {
        (void)printf("  // There are more of them than are listed here.\n");
    }
}

/* The one of several that was read is named, so that the next command reads no other. */
static void print_sheet(const struct draft *draft)
{
    const struct input_about *about = &draft->about;
    if (about->sheet == NULL || (about->sheet_count == 1 && !draft->is_sheet_given)) {
        return;
    }
    if (about->sheet_count > 1) {
        (void)printf(
                "  // Of %zu sheets this is the mapping of one; send others with --sheet: %s.\n",
                about->sheet_count, about->sheet_names);
    }
    (void)printf("  \"sheet\": ");
    put_string(rd_str_of(about->sheet));
    (void)printf(",\n");
}

/* ---- times ---- */

/* Of this machine, unless TZ names another: a server often keeps UTC, and its clerks do not. */
static void print_header(const struct draft *draft)
{
    uint64_t line = draft->about.header_line;
    if (draft->header > 0) {
        (void)printf("  // The names of the columns stand in two lines, %" PRIu64 " and %" PRIu64
                     ": those of groups above.\n  \"header\": %" PRIu64 ", \"header_lines\": 2,\n",
                draft->header, line, draft->header);
        return;
    }
    (void)printf("  // The names of the columns stand in line %" PRIu64 "%s.\n", line,
            line > 1 ? "; what stands above it is passed over" : "");
}

/* What a sheet has that its rows alone do not show. */
static void print_cells(const struct draft *draft)
{
    const struct input_about *about = &draft->about;
    if (about->hidden > 0) {
        (void)printf("  // %" PRIu64 " rows are hidden in the sheet, by hand or by a filter: they "
                     "are read like the others.\n",
                about->hidden);
    }
    if (about->merged > 0) {
        (void)printf("  // %zu cells are merged over rows, the first %s: each row has the value. "
                     "Where only the\n  // first of them is to have it, write \"first\".\n"
                     "  \"merged\": \"each\",\n",
                about->merged, about->first_merged);
    }
}

static void print_zone(void)
{
    char target[256] = "", path[512];
    ssize_t len = readlink("/etc/localtime", target, sizeof target - 1);
    const char *zone = len > 0 ? strstr(target, "zoneinfo/") : NULL;
    const char *own = getenv("TZ");
    zone = zone != NULL ? zone + strlen("zoneinfo/") : "UTC";
    own = own != NULL && own[0] == ':' ? own + 1 : own;
    if (own != NULL && own[0] != '\0' && own[0] != '/' && strstr(own, "..") == NULL) {
        (void)snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", own);
        zone = access(path, R_OK) == 0 ? own : zone;
    }
    (void)printf(
            "  // Times without an offset are of this zone. A guess, that of this machine: where "
            "the\n  // register was kept elsewhere, write its own, such as \"Asia/Shanghai\".\n"
            "  \"zone\": ");
    put_string(rd_str_of(zone));
    (void)printf(",\n");
}

static void print_dates(const struct draft *draft)
{
    size_t day_first = 0, month_first = 0, open_order = 0;
    static const enum draft_use uses[] = {USE_TIME, USE_RECEIVED};
    for (size_t i = 0; i < RD_COUNT(uses); i++) {
        const struct draft_column *column = column_for(draft, uses[i]);
        day_first += column != NULL ? column->day_first : 0;
        month_first += column != NULL ? column->month_first : 0;
        open_order += column != NULL ? column->open_order : 0;
    }
    const char *order = month_first > day_first ? "mdy" : "dmy";
    if (day_first > 0 && month_first > 0) {
        (void)printf(
                "  // In %zu rows the day comes first, in %zu the month: what 5/11 means there, "
                "nothing says.\n  // Give the column one form, or choose here and mend the rows "
                "that are refused.\n  // \"dates\": \"%s\",\n",
                day_first, month_first, order);
    } else if (day_first + month_first > 0) {
        (void)printf("  // Day and month are told by days over the 12th.\n  \"dates\": \"%s\",\n",
                order);
    } else if (open_order > 0) {
        (void)printf(
                "  // Is 5/11 the 5th of November (dmy), or May the 11th (mdy)? Nothing in the "
                "file says.\n  // Take the slashes from one of these lines; until then such rows "
                "are "
                "refused:\n  // \"dates\": \"dmy\",\n  // \"dates\": \"mdy\",\n");
    }
}

static bool is_used(const struct draft *draft, size_t column)
{
    for (size_t use = 0; use < DRAFT_USES; use++) {
        if (draft->of[use] == column) {
            return true;
        }
    }
    return false;
}

/* "受理日期" and "受理时间" have a stem in common. */
static struct rd_str stem_of(struct rd_str name)
{
    static const char *const ends[] = {"日期", "时间", "date", "time"};
    for (size_t i = 0; i < RD_COUNT(ends); i++) {
        size_t len = strlen(ends[i]);
        if (name.len >= len && strncasecmp(name.ptr + name.len - len, ends[i], len) == 0) {
            return (struct rd_str){.ptr = name.ptr, .len = name.len - len};
        }
    }
    return name;
}

/* The column that has the times of day of a column of dates; NULL: none. */
static const struct draft_column *clock_of(
        const struct draft *draft, const struct draft_column *date)
{
    for (size_t i = 0; i < draft->count; i++) {
        const struct draft_column *column = &draft->columns[i];
        bool is_clock = column->filled > 0 && 2 * column->clocks > column->filled;
        struct rd_str stem = stem_of(column->name);
        bool is_its = stem.len == 0 || rd_str_eq(stem, stem_of(date->name));
        if (is_clock && is_its && !is_used(draft, i)) {
            return column;
        }
    }
    return NULL;
}

/* ---- rules ---- */

/* {NAME} in a template is that column: not if the name has a brace, or is one of a template's own.
 */
static bool fits_template(struct rd_str name)
{
    bool has_brace = name.len > 0 && (memchr(name.ptr, '{', name.len) != NULL ||
                                             memchr(name.ptr, '}', name.len) != NULL);
    return !has_brace && !rd_str_starts(name, RD_STR("row")) &&
           !rd_str_starts(name, RD_STR("line"));
}

static void put_column(
        const struct draft *draft, const struct draft_column *column, const char *more)
{
    const struct draft_column *clock = column->dates > 0 ? clock_of(draft, column) : NULL;
    if (clock == NULL || !fits_template(column->name) || !fits_template(clock->name)) {
        (void)printf("{\"column\": ");
        put_string(column->name);
        (void)printf("%s}", more);
        return;
    }
    struct rd_buf text;
    rd_buf_init(&text, 4096);
    rd_buf_printf(&text, "{%.*s} {%.*s}", RD_FMT(column->name), RD_FMT(clock->name));
    put_string(rd_buf_str(&text));
    rd_buf_done(&text);
}

/* The name of the file as that of its source, in a template or as it is. */
static void put_source(const char *source, bool is_template, struct rd_buf *text)
{
    for (const char *at = source; *at != '\0'; at++) {
        if (is_template && (*at == '{' || *at == '}')) {
            rd_buf_put_u8(text, (uint8_t)*at);
        }
        rd_buf_put_u8(text, (uint8_t)*at);
    }
}

static void print_number(const struct draft *draft, const char *source)
{
    const struct draft_column *number = column_for(draft, USE_NUMBER);
    if (number == NULL) {
        (void)printf(
                "    // No column is a number of its own: rows are told apart by their place, so "
                "that a row\n    // may never move: not into a file of rejects, nor down by newer "
                "rows above it.\n    // Better: add a column with a number of each complaint.\n");
    } else if (number->repeats) {
        (void)printf("    // This number stands in more than one row: the second is refused, or a "
                     "duplicate.\n");
    } else if (draft->is_number_guessed) {
        (void)printf(
                "    // No column is called a number of its own. In this one all values differ: "
                "look\n    // whether each complaint keeps its own for good.\n");
    }
    struct rd_str name = number != NULL ? number->name : RD_STR("row");
    struct rd_buf text;
    rd_buf_init(&text, 4096);
    put_source(source, true, &text);
    rd_buf_printf(&text, "-{%.*s}", RD_FMT(name));
    (void)printf("    \"id\": ");
    if (number == NULL || fits_template(name)) {
        put_string(rd_buf_str(&text));
    } else {
        put_column(draft, number, "");
    }
    (void)printf(",\n    \"subject\": ");
    if (number == NULL) {
        put_string(rd_buf_str(&text));
    } else {
        put_column(draft, number, ", \"required\": true");
    }
    (void)printf(",\n");
    rd_buf_done(&text);
}

static void print_envelope(const struct draft *draft, const char *source)
{
    const struct draft_column *time = column_for(draft, USE_TIME);
    time = time != NULL ? time : column_for(draft, USE_RECEIVED);
    print_number(draft, source);
    (void)printf("    \"source\": ");
    put_string(rd_str_of(source));
    (void)printf(",\n    \"type\": \"complaint.registered\",\n");
    if (time == NULL) {
        (void)printf(
                "    // No column is the complaint's time: the event has that of its sending.\n");
        return;
    }
    (void)printf("    // When the complaint came in: its clocks start there%s.\n    \"time\": ",
            column_for(draft, USE_RECEIVED) != time && column_for(draft, USE_RECEIVED) != NULL
                    ? ", or at \"received\" if that is earlier"
                    : "");
    put_column(draft, time, "");
    (void)printf(",\n");
}

/* customer, channel, unit: without one of them a complaint is refused. */
static void print_required(const struct draft *draft)
{
    const struct draft_column *customer = column_for(draft, USE_CUSTOMER);
    const struct draft_column *channel = column_for(draft, USE_CHANNEL);
    const struct draft_column *unit = column_for(draft, USE_UNIT);
    if (customer == NULL) {
        (void)printf("      // No column looks like the customer: name it here.\n"
                     "      \"customer\": {\"column\": \"?\"},\n");
    } else {
        (void)printf("      \"customer\": ");
        put_column(draft, customer, "");
        (void)printf(",\n");
    }
    if (channel != NULL) {
        (void)printf("      \"channel\": ");
        put_column(draft, channel, "");
        (void)printf(",\n");
    } else {
        (void)printf("      // No column says how it came in.\n      \"channel\": \"register\",\n");
    }
    if (unit == NULL) {
        (void)printf("      // No column looks like the unit: give its id here.\n"
                     "      \"unit\": \"?\"");
        return;
    }
    (void)printf("      \"unit\": ");
    put_column(draft, unit, needs_lookup(draft, unit) ? ", \"lookup\": \"units\"" : "");
}

/* What the sums of a column "金额（万元）" count in, as a part of its rule. */
static const char *unit_of(const struct draft_column *column, char ret[static MORE_BYTES])
{
    struct rd_str unit = amount_unit_in(column->name);
    if (unit.len == 0) {
        return "";
    }
    (void)snprintf(ret, MORE_BYTES, ", \"in\": \"%.*s\"", RD_FMT(unit));
    return ret;
}

static void print_data(const struct draft *draft)
{
    char more[MORE_BYTES];
    (void)printf("    \"data\": {\n");
    print_required(draft);
    for (size_t use = USE_PHONE; use < DRAFT_USES; use++) {
        const struct draft_column *column = column_for(draft, (enum draft_use)use);
        if (column != NULL) {
            (void)printf(",\n      \"%s\": ", draft_key((enum draft_use)use));
            put_column(draft, column, use == USE_AMOUNT ? unit_of(column, more) : "");
        }
    }
    const struct draft_column *received = column_for(draft, USE_RECEIVED);
    if (received != NULL && column_for(draft, USE_TIME) != NULL) {
        (void)printf(",\n      \"received\": ");
        put_column(draft, received, "");
    }
    (void)printf("\n    }\n");
}

/* Whether the times of day of a column that is used stand there. */
static bool is_clock_of_any(const struct draft *draft, const struct draft_column *column)
{
    const struct draft_column *time = column_for(draft, USE_TIME);
    const struct draft_column *received = column_for(draft, USE_RECEIVED);
    return (time != NULL && clock_of(draft, time) == column) ||
           (received != NULL && clock_of(draft, received) == column);
}

/* What is not used, ready to be. */
static void print_rest(const struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        if (!is_used(draft, i) && !is_clock_of_any(draft, &draft->columns[i])) {
            (void)printf("  // Not used: ");
            put_string(draft->columns[i].name);
            (void)printf("\n");
        }
    }
}

/* The file's name without folder and ending, up to as many bytes, cut before a character. */
static void source_of(const char *path, char ret_source[static SOURCE_BYTES])
{
    const char *base = strrchr(path, '/');
    base = base != NULL ? base + 1 : path;
    size_t len = strcspn(base, ".");
    if (len >= SOURCE_BYTES) {
        len = SOURCE_BYTES - 1;
        while (len > 0 && ((uint8_t)base[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    (void)snprintf(ret_source, SOURCE_BYTES, "%.*s", (int)len, base);
}

void draft_print(const struct draft *draft, const char *path)
{
    char source[SOURCE_BYTES];
    source_of(path, source);
    const struct draft_column *unit = column_for(draft, USE_UNIT);
    (void)printf("{\n  // A draft from %zu rows: look through it, then: redress-send --map THIS "
                 "--check FILE\n",
            draft->rows);
    if (draft->about.reason != NULL) {
        (void)printf("  // The file is %s (%s); between its fields stands '%c'.\n",
                encoding_name(draft->about.encoding), draft->about.reason, draft->about.delimiter);
    }
    print_header(draft);
    print_sheet(draft);
    print_cells(draft);
    print_zone();
    print_dates(draft);
    if (unit != NULL && needs_lookup(draft, unit)) {
        print_units(draft, unit);
    }
    print_rest(draft);
    (void)printf("  \"event\": {\n");
    print_envelope(draft, source);
    print_data(draft);
    (void)printf("  }\n}\n");
}
