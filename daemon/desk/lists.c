#include <string.h>

#include "daemon/desk/listing.h"
#include "daemon/store/rows/dead_letter_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/notice_row.h"
#include "daemon/store/rows/silence_row.h"
#include "daemon/store/rows/source_row.h"

/* dead.list, source.list, silence.list, notice.list, units: one table each. */

/* Who does not see every unit is told of its own sources. */
static bool speaks_as(const struct method_call *call, struct rd_str source)
{
    return rights_is_everywhere(&call->rights) || rights_speaks_as(&call->rights, source);
}

/* A message quotes what was wrong, which may be anybody's name. */
static struct rd_str without_quotes(struct method_call *call, struct rd_str message)
{
    if (rights_hidden(&call->rights) == 0) {
        return message;
    }
    const char *first = memchr(message.ptr, '"', message.len);
    const char *last = memrchr(message.ptr, '"', message.len);
    if (first == NULL || first == last) {
        return message;
    }
    size_t before = (size_t)(first - message.ptr), behind = (size_t)(last - message.ptr);
    return rd_arena_printf(call->arena, "%.*s\"****%.*s", (int)before, message.ptr,
            (int)(message.len - behind), last);
}

static bool pack_letter(struct method_call *call, struct rd_str key, struct rd_str value)
{
    struct dead_letter letter;
    if (dead_letter_unpack(key, value, &letter) != 0 || !speaks_as(call, letter.source)) {
        return false;
    }
    struct fields fields = fields_begin(call->reply);
    field_uint(&fields, "number", letter.number);
    field_time(&fields, "taken", letter.taken);
    field_str(&fields, "sender", engine_sender_of(letter.sender).name);
    field_str(&fields, "source", letter.source);
    field_str(&fields, "id", letter.id);
    field_key(&fields, "error");
    struct fields error = fields_begin(call->reply);
    field_str(&error, "code", letter.code);
    if (letter.field.len > 0) {
        field_str(&error, "field", letter.field);
    } else {
        field_key(&error, "field");
        rd_pack_nil(call->reply);
    }
    field_str(&error, "message", without_quotes(call, letter.message));
    fields_end(&error);
    if (rights_hidden(&call->rights) == 0) {
        field_key(&fields, "event");
        rd_pack_bin(call->reply, letter.event);
    }
    fields_end(&fields);
    return true;
}

bool dead_list_answer(struct method_call *call)
{
    return listing_answer(call, STORE_DEAD_LETTERS, pack_letter);
}

/* Lists of tables without a number of their own: `after` counts the rows that were looked at. */
struct counted {
    struct rows rows;
    uint64_t after, passed, next;
};

static bool counted_begin(struct method_call *call, struct counted *counted)
{
    *counted = (struct counted){.after = param_uint(call, "after")};
    return rows_begin(call, &counted->rows);
}

/* True: look at this row, and count it in `rows` if it is written. `*ret_stop`: the list is full,
 * or has looked at as many as one answer may. */
static bool counted_look(struct counted *counted, bool *ret_stop)
{
    bool is_before = counted->passed < counted->after;
    *ret_stop = !is_before && (rows_are_full(&counted->rows) ||
                                      counted->passed - counted->after == DESK_SCAN_MAX);
    if (*ret_stop) {
        counted->next = counted->passed;
        return false;
    }
    counted->passed++;
    return !is_before;
}

static void pack_source(
        struct method_call *call, struct rd_str name, const struct source_row *source)
{
    struct fields fields = fields_begin(call->reply);
    field_str(&fields, "source", name);
    field_uint(&fields, "highest", source->highest);
    field_uint(&fields, "lowest", source->lowest);
    field_time(&fields, "last_taken", source->last_taken);
    field_bool(&fields, "silent", source->is_silent);
    field_uint(&fields, "ignored", source->ignored);
    field_key(&fields, "missing");
    rd_pack_array(call->reply, source->range_count);
    for (uint32_t i = 0; i < source->range_count; i++) {
        struct fields range = fields_begin(call->reply);
        field_uint(&range, "first", source->ranges[i].first);
        field_uint(&range, "last", source->ranges[i].last);
        fields_end(&range);
    }
    fields_end(&fields);
}

bool source_list_answer(struct method_call *call)
{
    struct counted counted;
    if (!counted_begin(call, &counted)) {
        return false;
    }
    struct store_scan scan;
    struct rd_str key, value;
    bool stop = false;
    store_scan_begin(&scan, call->view, STORE_SOURCES, (struct rd_str){0});
    while (!stop && store_scan_next(&scan, &key, &value)) {
        struct source_row source;
        if (counted_look(&counted, &stop) && speaks_as(call, key) &&
                source_row_get(call->view, key, &source)) {
            pack_source(call, key, &source);
            counted.rows.count++;
        }
    }
    store_scan_end(&scan);
    rows_end(call, &counted.rows, counted.next);
    return true;
}

bool silence_list_answer(struct method_call *call)
{
    struct counted counted;
    if (!counted_begin(call, &counted)) {
        return false;
    }
    struct store_scan scan;
    struct rd_str key, value;
    bool stop = false;
    store_scan_begin(&scan, call->view, STORE_SILENCES, (struct rd_str){0});
    while (!stop && store_scan_next(&scan, &key, &value)) {
        if (!counted_look(&counted, &stop)) {
            continue;
        }
        counted.rows.count++;
        struct silence_row row;
        struct fields fields = fields_begin(call->reply);
        field_uint(&fields, "silence", silence_row_read(key, value, &row));
        field_time(&fields, "until", row.until);
        field_bool(&fields, "ended", row.is_ended);
        field_time(&fields, "created", row.created);
        field_str(&fields, "by", row.by);
        struct rd_hidden hidden = {.what = rights_hidden(&call->rights)};
        struct rd_str reason = shown_text(call, RD_KEY_REASON, row.reason, &hidden);
        if (reason.len > 0) {
            field_str(&fields, "reason", reason);
        }
        field_key(&fields, "matchers");
        pack_masked_map(call, row.matchers);
        fields_end(&fields);
    }
    store_scan_end(&scan);
    rows_end(call, &counted.rows, counted.next);
    return true;
}

bool notice_list_answer(struct method_call *call)
{
    struct counted counted;
    struct rd_str unit = param_str(call, "unit");
    if (!counted_begin(call, &counted)) {
        return false;
    }
    struct store_scan scan;
    struct rd_str key, value;
    bool stop = false;
    store_scan_begin(&scan, call->view, STORE_NOTICES, (struct rd_str){0});
    while (!stop && store_scan_next(&scan, &key, &value)) {
        struct case_row *row;
        uint32_t code;
        uint64_t number;
        if (!counted_look(&counted, &stop)) {
            continue;
        }
        notice_row_read(key, &code, &number);
        rd_arena_reset(call->arena); /* a row of the table, a case in memory */
        if (!case_row_get(call->view, number, call->arena, &row) ||
                !unit_is_under(name_text(call->view, row->unit), unit) || !sees_case(call, row)) {
            continue;
        }
        counted.rows.count++;
        struct fields fields = fields_begin(call->reply);
        field_str(&fields, "code", name_text(call->view, code));
        field_uint(&fields, "case", number);
        field_str(&fields, "unit", name_text(call->view, row->unit));
        field_cstr(&fields, "state", case_state_name(row->state));
        fields_end(&fields);
    }
    store_scan_end(&scan);
    rows_end(call, &counted.rows, counted.next);
    return true;
}

/* Who listens there, and what is unanswered. `number` 0: it has had no case and no alert. */
static void pack_unit(
        struct method_call *call, struct rd_str path, struct rd_str name, uint32_t number)
{
    struct rd_str topic = rd_arena_printf(call->arena, "%.*s/", RD_FMT(path));
    struct fields fields = fields_begin(call->reply);
    field_str(&fields, "unit", path);
    field_str(&fields, "name", name);
    field_uint(&fields, "open_cases", number != 0 ? unit_case_count(call->view, number) : 0);
    field_uint(&fields, "unacked", number != 0 ? alert_rows_awaited(call->view, number) : 0);
    if (number != 0) {
        field_uint(&fields, "last_alert", unit_row_get(call->view, number).last_alert);
    }
    if (call->options->subscribers != NULL) {
        field_uint(&fields, "subscribers",
                call->options->subscribers(call->options->subscribers_context, topic));
    }
    if (rd_plan_unit_find(call->plan, path) == RD_NO_INDEX) {
        field_bool(&fields, "former", true);
    }
    fields_end(&fields);
}

/* The unit with open cases that comes at or behind `from` in the order of their numbers; 0: none.
 */
static uint32_t next_with_cases(struct method_call *call, uint32_t from)
{
    struct row_key start = {0};
    struct store_scan scan;
    struct rd_str key, value;
    row_key_u32(&start, from);
    store_scan_begin(&scan, call->view, STORE_UNIT_CASES, row_key_str(&start));
    uint32_t unit = store_scan_next(&scan, &key, &value) ? row_key_read_u32(key, 0) : 0;
    store_scan_end(&scan);
    return unit;
}

/* The tree; then the units that it has no more, and that still have cases. */
bool units_answer(struct method_call *call)
{
    struct counted counted;
    struct rd_str prefix = param_str(call, "unit");
    if (!counted_begin(call, &counted)) {
        return false;
    }
    bool stop = false;
    for (size_t i = 0; i < call->plan->unit_count && !stop; i++) {
        const struct rd_plan_unit *unit = &call->plan->units[i];
        if (counted_look(&counted, &stop) && unit_is_under(unit->path, prefix) &&
                rights_covers(&call->rights, unit->path)) {
            counted.rows.count++;
            pack_unit(call, unit->path, unit->name, name_find(call->view, unit->path));
        }
    }
    for (uint32_t unit = 0; !stop && (unit = next_with_cases(call, unit + 1)) != 0;) {
        struct rd_str path = name_text(call->view, unit);
        if (rd_plan_unit_find(call->plan, path) == RD_NO_INDEX && counted_look(&counted, &stop) &&
                unit_is_under(path, prefix) && rights_covers(&call->rights, path)) {
            counted.rows.count++;
            pack_unit(call, path, (struct rd_str){0}, unit);
        }
    }
    rows_end(call, &counted.rows, counted.next);
    return true;
}
