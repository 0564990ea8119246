#include "tools/send/draft.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/client/desk.h"
#include "tools/send/amount.h"
#include "tools/send/input.h"
#include "tools/shared/json.h"

enum { ROWS_MAX = 2000, ARENA_BYTES_MAX = 256 * 1024 * 1024, UNITS_BYTES_MAX = 4 * 1024 * 1024 };

struct unit {
    struct rd_str path, name;
};

struct draft {
    struct rd_arena arena;
    struct draft_column *columns;
    size_t count, rows;
    struct input_about about;
    size_t of[DRAFT_USES];
    struct unit *units; /* of the daemon, if one answers */
    size_t unit_count;
    bool has_units;
};

/* ---- looking ---- */

/* One of the forms that need the order of day and month: which comes first, where a value shows it.
 */
static void look_at_moment(struct draft_column *column, struct rd_str text)
{
    rd_day day;
    bool has_letter = false;
    for (size_t i = 0; i < text.len; i++) {
        has_letter |= strchr("-/.:", text.ptr[i]) != NULL && text.ptr[i] != '\0';
    }
    if (text.len >= 3 && (has_letter || memmem(text.ptr, text.len, "年", strlen("年")) != NULL)) {
        bool is_day_first = moment_parse_day(DATE_DMY, text, &day) == 0;
        bool is_month_first = moment_parse_day(DATE_MDY, text, &day) == 0;
        bool is_open =
                moment_parse_day(DATE_YMD, text, &day) != 0 && is_day_first && is_month_first;
        column->moments += is_day_first || is_month_first ? 1 : 0;
        column->day_first += is_day_first && !is_month_first ? 1 : 0;
        column->month_first += is_month_first && !is_day_first ? 1 : 0;
        column->open_order += is_open ? 1 : 0;
    }
}

static void look_at(struct draft *draft, struct draft_column *column, struct rd_str text)
{
    if (text.len == 0) {
        return;
    }
    column->filled++;
    look_at_moment(column, text);
    for (size_t i = 0; i < column->value_count; i++) {
        if (rd_str_eq(column->values[i], text)) {
            column->repeats = true;
            return;
        }
    }
    if (column->value_count == DRAFT_VALUES_MAX) {
        column->has_more_values = true;
    } else if (text.len <= 256) {
        column->values[column->value_count++] = rd_arena_dup(&draft->arena, text);
    }
}

/* Everything that the file has, by a mapping that names each of its columns. */
static bool read_rows(struct draft *draft, const char *path, struct mapping *mapping)
{
    struct input *input = input_open(path, INPUT_CSV, mapping);
    struct input_row row;
    int r = 0;
    if (input == NULL) {
        return false;
    }
    draft->about = input_about(input);
    while (draft->rows < ROWS_MAX && ((r = input_next(input, &row)) == 1 || r == -EBADMSG)) {
        draft->rows++;
        for (size_t i = 0; r == 1 && i < mapping->column_count; i++) {
            look_at(draft, &draft->columns[i], row.values[i]);
        }
    }
    input_close(input);
    return true;
}

static bool find_header(struct draft *draft, const char *path, struct mapping *mapping)
{
    struct rd_str names[DRAFT_COLUMNS_MAX];
    size_t count = 0;
    if (!input_find_header(path, mapping, &draft->arena, names, DRAFT_COLUMNS_MAX, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct draft_column *column = &draft->columns[draft->count];
        *column = (struct draft_column){.name = names[i]};
        for (size_t j = 0; j < draft->count; j++) {
            if (rd_str_eq(draft->columns[j].name, column->name)) {
                draft->columns[j].is_twice = column->is_twice = true;
            }
        }
        draft->count += column->name.len > 0 ? 1 : 0;
    }
    size_t kept = 0;
    for (size_t i = 0; i < draft->count; i++) { /* a name that is there twice cannot be bound */
        size_t place;
        if (draft->columns[i].is_twice) {
            say_error("%s: the column \"%.*s\" is there more than once: left out", path,
                    RD_FMT(draft->columns[i].name));
        } else if (mapping_add_column(mapping, draft->columns[i].name.ptr, &place)) {
            draft->columns[kept++] = draft->columns[i];
        }
    }
    draft->count = kept;
    return true;
}

/* ---- the units ---- */
/* Those of one page, behind those that are there. What stands behind it; 0: nothing. */
static uint64_t take_units(struct draft *draft, rd_node result)
{
    rd_node rows = rd_node_find(result, "rows");
    uint32_t count = rd_node_count(rows);
    struct unit *units = RD_ARENA_ARRAY(&draft->arena, struct unit, draft->unit_count + count + 1);
    for (size_t i = 0; i < draft->unit_count; i++) {
        units[i] = draft->units[i];
    }
    draft->units = units;
    for (uint32_t i = 0; i < count; i++) {
        rd_node row = rd_node_at(rows, i);
        draft->units[draft->unit_count++] = (struct unit){
                .path = rd_arena_dup(&draft->arena, rd_node_str(rd_node_find(row, "unit"))),
                .name = rd_arena_dup(&draft->arena, rd_node_str(rd_node_find(row, "name")))};
    }
    return rd_node_uint(rd_node_find(result, "next"));
}

static void ask_units(struct draft *draft, const struct ends *ends)
{
    struct rd_client *client RD_CLEANUP(rd_client_closep)
    = NULL;
    struct rd_desk *desk RD_CLEANUP(rd_desk_closep)
    = NULL;
    struct rd_desk_answer answer;
    struct rd_buf params;
    if (rd_client_open(&client) < 0 || rd_desk_open(client, ends->desk, &desk) < 0) {
        return;
    }
    rd_buf_init(&params, 64);
    uint64_t after = 0;
    do {
        rd_buf_reset(&params);
        rd_pack_map(&params, 2);
        rd_pack_cstr(&params, "limit");
        rd_pack_uint(&params, 10000);
        rd_pack_cstr(&params, "after");
        rd_pack_uint(&params, after);
        int r = rd_desk_call(desk, "units", rd_buf_str(&params), RD_SECOND_US, &answer);
        draft->has_units = r == 0 && answer.error_code.len == 0;
        after = draft->has_units ? take_units(draft, answer.result) : 0;
    } while (after != 0);
    rd_buf_done(&params);
}

static struct rd_str id_of(struct rd_str path)
{
    const char *slash = path.len > 0 ? memrchr(path.ptr, '/', path.len) : NULL;
    size_t from = slash != NULL ? (size_t)(slash - path.ptr) + 1 : 0;
    return (struct rd_str){.ptr = path.ptr + from, .len = path.len - from};
}

/* The unit that is called so: by path, id or name; empty: none, or several. */
static struct rd_str unit_of(const struct draft *draft, struct rd_str text)
{
    struct rd_str found = {0};
    size_t times = 0;
    for (size_t i = 0; i < draft->unit_count; i++) {
        const struct unit *unit = &draft->units[i];
        if (rd_str_eq(unit->path, text)) {
            return unit->path;
        }
        if (rd_str_eq(unit->name, text) || rd_str_eq(id_of(unit->path), text)) {
            found = unit->path;
            times++;
        }
    }
    return times == 1 ? found : (struct rd_str){0};
}

static bool needs_lookup(const struct draft *draft, const struct draft_column *column)
{
    for (size_t i = 0; i < column->value_count; i++) {
        struct rd_str path = unit_of(draft, column->values[i]);
        if (!rd_str_eq(path, column->values[i]) && !rd_str_eq(id_of(path), column->values[i])) {
            return true;
        }
    }
    return false;
}

/* ---- printing ---- */
static void put_string(struct rd_str text)
{
    json_t *value = json_text(text);
    char *dumped = json_dumps(value, JSON_ENCODE_ANY);
    (void)printf("%s", dumped != NULL ? dumped : "\"\"");
    free(dumped);
    json_decref(value);
}

static void put_pair(const char *indent, const char *key, struct rd_str column, bool is_last)
{
    (void)printf("%s\"%s\": {\"column\": ", indent, key);
    put_string(column);
    (void)printf("}%s\n", is_last ? "" : ",");
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
        put_string(unit_of(draft, column->values[i]));
    }
    (void)printf("}}},\n");
    if (column->has_more_values) {
        (void)printf("  // There are more of them than are listed here.\n");
    }
}

static void print_zone(void)
{
    char target[256] = "";
    ssize_t len = readlink("/etc/localtime", target, sizeof target - 1);
    const char *name = len > 0 ? strstr(target, "zoneinfo/") : NULL;
    (void)printf("  // Times without an offset are of this zone.\n  \"zone\": ");
    put_string(rd_str_of(name != NULL ? name + strlen("zoneinfo/") : "UTC"));
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
    if (open_order == 0 && day_first + month_first == 0) {
        return;
    }
    bool is_known = (day_first == 0) != (month_first == 0);
    (void)printf("  // %s\n  \"dates\": \"%s\",\n",
            is_known ? "Day and month are told by days over the 12th."
                     : "Is 5/11 the 5th of November (dmy), or May the 11th (mdy)? Nothing in the "
                       "file says.",
            month_first > day_first ? "mdy" : "dmy");
}

static void print_envelope(const struct draft *draft, const char *source)
{
    const struct draft_column *number = column_for(draft, USE_NUMBER);
    const struct draft_column *time = column_for(draft, USE_TIME);
    time = time != NULL ? time : column_for(draft, USE_RECEIVED);
    if (number == NULL) {
        (void)printf(
                "    // No column is a number of its own: rows are told apart by their place, so "
                "keep their order.\n");
    } else if (number->repeats) {
        (void)printf("    // This number stands in more than one row: the second is refused, or a "
                     "duplicate.\n");
    }
    struct rd_str name = number != NULL ? number->name : RD_STR("row");
    struct rd_buf text;
    rd_buf_init(&text, 4096);
    rd_buf_printf(&text, "%s-{%.*s}", source, RD_FMT(name));
    (void)printf("    \"id\": ");
    put_string(rd_buf_str(&text));
    (void)printf(",\n    \"source\": ");
    put_string(rd_str_of(source));
    (void)printf(",\n    \"type\": \"complaint.registered\",\n    \"subject\": ");
    if (number == NULL) {
        put_string(rd_buf_str(&text));
        (void)printf(",\n");
    } else {
        (void)printf("{\"column\": ");
        put_string(name);
        (void)printf(", \"required\": true},\n");
    }
    rd_buf_done(&text);
    if (time != NULL) {
        put_pair("    ", "time", time->name, false);
    } else {
        (void)printf("    // No column is a time: the event has that of its sending.\n");
    }
}

/* customer, channel, unit: without one of them a complaint is refused. */
static void print_required(const struct draft *draft)
{
    const struct draft_column *customer = column_for(draft, USE_CUSTOMER);
    const struct draft_column *channel = column_for(draft, USE_CHANNEL);
    const struct draft_column *unit = column_for(draft, USE_UNIT);
    if (customer == NULL) {
        (void)printf("      // No column looks like the customer: name it here.\n");
    }
    put_pair("      ", "customer", customer != NULL ? customer->name : RD_STR("?"), false);
    if (channel != NULL) {
        put_pair("      ", "channel", channel->name, false);
    } else {
        (void)printf("      // No column says how it came in.\n      \"channel\": \"register\",\n");
    }
    if (unit == NULL) {
        (void)printf("      // No column looks like the unit: give its id here.\n"
                     "      \"unit\": \"?\"");
        return;
    }
    (void)printf("      \"unit\": {\"column\": ");
    put_string(unit->name);
    (void)printf("%s}", needs_lookup(draft, unit) ? ", \"lookup\": \"units\"" : "");
}

static void print_data(const struct draft *draft)
{
    (void)printf("    \"data\": {\n");
    print_required(draft);
    for (size_t use = USE_PHONE; use < DRAFT_USES; use++) {
        const struct draft_column *column = column_for(draft, (enum draft_use)use);
        if (column != NULL) {
            (void)printf(",\n      \"%s\": {\"column\": ", draft_key((enum draft_use)use));
            put_string(column->name);
            (void)printf("}");
        }
    }
    const struct draft_column *received = column_for(draft, USE_RECEIVED);
    if (received != NULL && column_for(draft, USE_TIME) != NULL) {
        (void)printf(",\n      \"received\": {\"column\": ");
        put_string(received->name);
        (void)printf("}");
    }
    (void)printf("\n    }\n");
}

/* What is not used, ready to be. */
static void print_rest(const struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        bool is_used = false;
        for (size_t use = 0; use < DRAFT_USES; use++) {
            is_used |= draft->of[use] == i;
        }
        if (!is_used) {
            (void)printf("  // Not used: ");
            put_string(draft->columns[i].name);
            (void)printf("\n");
        }
    }
}

static void print_draft(const struct draft *draft, const char *path)
{
    char source[64];
    const char *base = strrchr(path, '/');
    base = base != NULL ? base + 1 : path;
    (void)snprintf(source, sizeof source, "%.*s", (int)strcspn(base, "."), base);
    const struct draft_column *unit = column_for(draft, USE_UNIT);
    (void)printf("{\n  // A draft from %zu rows: look through it, then: redress-send --map THIS "
                 "--check FILE\n",
            draft->rows);
    if (draft->about.reason != NULL) {
        (void)printf("  // The file is %s (%s); between its fields stands '%c'.\n",
                encoding_name(draft->about.encoding), draft->about.reason, draft->about.delimiter);
    }
    (void)printf(
            "  // The names of the columns stand in line %" PRIu64 ".\n", draft->about.header_line);
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

int send_draft(const struct ends *ends, const char *path, const char *sheet, const char *encoding)
{
    struct draft draft = {.count = 0};
    if (strcmp(path, "-") == 0) {
        say_error("--draft wants a file: it is read twice");
        return STATUS_USAGE;
    }
    char what[256];
    struct mapping *mapping RD_CLEANUP(mapping_freep)
    = mapping_parse(
            RD_STR("{\"event\": {\"id\": \"x\", \"source\": \"x\", \"type\": \"x\"}}"), what);
    RD_ASSERT(mapping != NULL);
    mapping->sheet = sheet;
    if (encoding != NULL && encoding_parse(encoding, &mapping->encoding) < 0) {
        say_error("--encoding: give auto, utf-8, gb18030 or utf-16");
        return STATUS_USAGE;
    }
    rd_arena_init(&draft.arena, ARENA_BYTES_MAX);
    draft.columns = RD_ARENA_ARRAY(&draft.arena, struct draft_column, DRAFT_COLUMNS_MAX);
    bool is_read = find_header(&draft, path, mapping) && read_rows(&draft, path, mapping);
    if (is_read) {
        ask_units(&draft, ends);
        draft_guess(draft.columns, draft.count, draft.of);
        print_draft(&draft, path);
    }
    rd_arena_done(&draft.arena);
    return is_read ? STATUS_OK : STATUS_USAGE;
}
