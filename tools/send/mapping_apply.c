#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/num.h"
#include "common/wire/pack.h"
#include "tools/send/amount.h"
#include "tools/send/mapping.h"

/* One row on its way. */
struct applying {
    const struct mapping *mapping;
    const struct mapping_row *row;
    struct rd_buf *event, *id;
    struct rd_buf text; /* of the value in hand */
    struct rd_reject *reject;
};

static void put_part(struct applying *applying, const struct part *part)
{
    const struct mapping_row *row = applying->row;
    uint64_t number = part->kind == PART_LINE ? row->line : row->row;
    switch (part->kind) {
    case PART_LITERAL:
        rd_buf_put_text(&applying->text, part->literal);
        return;
    case PART_COLUMN:
        rd_buf_put_text(&applying->text, row->values[part->column]);
        return;
    case PART_LINE:
    case PART_ROW:
        rd_buf_printf(
                &applying->text, "%" PRIu64, part->modulo > 0 ? number % part->modulo : number);
        return;
    }
    RD_UNREACHABLE("a kind of part");
}

enum { SHOWN_MAX = 60 }; /* bytes of a value in a message */

RD_PRINTF(3, 4)
static bool refuse(struct applying *applying, const struct rule *rule, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(what, sizeof what, format, args);
    va_end(args);
    rd_text_trim(what);
    struct rd_str text = rd_buf_str(&applying->text), shown = rd_str_cut(text, SHOWN_MAX);
    return rd_reject_set(applying->reject, "bad_row", rule->path, "\"%.*s%s\": %s", RD_FMT(shown),
            shown.len < text.len ? "…" : "", what);
}

/* Why a text is no time. */
static const char *no_moment(struct rd_str text, int error)
{
    int32_t clock;
    return error == -EINVAL && moment_parse_clock(text, &clock) == 0
                   ? "a time of day without its date: give both columns, \"{DATE} {TIME}\""
           : error == -EDOM   ? "the day first, or the month? Say \"dates\": \"dmy\" or \"mdy\" "
                                "in the mapping"
           : error == -ERANGE ? "there is no such day or hour"
                              : "not a date or time";
}

static const char *no_number(int error)
{
    return error == -EDOM     ? "five, or five thousand? Write it without a separator"
           : error == -ERANGE ? "it has too many places, or is too large"
                              : "not a number";
}

static bool put_money(struct applying *applying, const struct rule *rule, struct rd_str text)
{
    int64_t hundredths;
    char plain[RD_MONEY_TEXT_MAX];
    if (rule->in.len == 0 && rd_money_parse(text, &hundredths) == 0) {
        rd_pack_str(applying->event, text);
        return true;
    }
    int r = amount_parse(text, rule->in, plain);
    if (r < 0) {
        return refuse(applying, rule, "%s", no_number(r));
    }
    rd_pack_cstr(applying->event, plain);
    return true;
}

static bool parse_boolean(struct rd_str text, bool *ret)
{
    static const char *const yes[] = {"true", "yes", "y", "1", "是"};
    static const char *const no[] = {"false", "no", "n", "0", "否"};
    for (size_t i = 0; i < RD_COUNT(yes); i++) {
        bool is_yes = text.len == strlen(yes[i]) && strncasecmp(text.ptr, yes[i], text.len) == 0;
        bool is_no = text.len == strlen(no[i]) && strncasecmp(text.ptr, no[i], text.len) == 0;
        if (is_yes || is_no) {
            *ret = is_yes;
            return true;
        }
    }
    return false;
}

static void put_list(struct applying *applying, const struct rule *rule, struct rd_str text)
{
    size_t mark = rd_pack_array_begin(applying->event);
    uint32_t count = 0;
    while (text.len > 0) {
        const char *at = rule->split.len > 0
                                 ? memmem(text.ptr, text.len, rule->split.ptr, rule->split.len)
                                 : NULL;
        size_t len = at != NULL ? (size_t)(at - text.ptr) : text.len;
        size_t step = at != NULL ? len + rule->split.len : len;
        if (len > 0) {
            rd_pack_str(applying->event, (struct rd_str){.ptr = text.ptr, .len = len});
            count++;
        }
        text.ptr += step;
        text.len -= step;
    }
    rd_pack_array_end(applying->event, mark, count);
}

static bool put_typed(struct applying *applying, const struct rule *rule, struct rd_str text)
{
    const struct moment_rule *moment = &applying->mapping->moment;
    int64_t integer = 0;
    rd_time time = 0;
    rd_day day = 0;
    bool boolean = false;
    int r = 0;
    char date[RD_DATE_TEXT_MAX];
    switch (rule->as) {
    case AS_TEXT:
        rd_pack_str(applying->event, text);
        return true;
    case AS_LIST:
        put_list(applying, rule, text);
        return true;
    case AS_MONEY:
        return put_money(applying, rule, text);
    case AS_INTEGER:
        r = rd_i64_parse(text, &integer) < 0 ? amount_parse_whole(text, &integer) : 0;
        if (r < 0) {
            return refuse(applying, rule, "%s", r == -ERANGE ? "not a whole number" : no_number(r));
        }
        rd_pack_int(applying->event, integer);
        return true;
    case AS_BOOLEAN:
        if (!parse_boolean(text, &boolean)) {
            return refuse(applying, rule, "neither yes nor no");
        }
        rd_pack_bool(applying->event, boolean);
        return true;
    case AS_TIME:
        r = moment_parse(moment, text, &time);
        if (r < 0) {
            return refuse(applying, rule, "%s", no_moment(text, r));
        }
        rd_pack_time(applying->event, time);
        return true;
    case AS_DATE:
        r = moment_parse_day(moment->order, text, &day);
        if (r < 0) {
            return refuse(applying, rule, "%s", no_moment(text, r));
        }
        rd_day_format(day, date);
        rd_pack_cstr(applying->event, date);
        return true;
    }
    RD_UNREACHABLE("a type of a rule");
}

enum made { MADE_VALUE, MADE_NOTHING, MADE_REJECT };

static bool look_up(struct applying *applying, const struct rule *rule, struct rd_str *text)
{
    if (lookup_find(rule->lookup->table, *text, text)) {
        return text->len > 0 || !rule->is_needed || applying->text.len == 0 ||
               refuse(applying, rule,
                       "the table \"%s\" of the mapping leaves it open: fill it in there",
                       rule->lookup->name);
    }
    if (rule->lookup->otherwise.ptr == NULL) {
        return refuse(applying, rule, "not in the table \"%s\" of the mapping", rule->lookup->name);
    }
    *text = rule->lookup->otherwise;
    return true;
}

/* "1.39E+10" where it is no number but a name: three customers would share it. */
static bool check_digits(struct applying *applying, const struct rule *rule)
{
    for (size_t i = 0; i < rule->part_count && rule->is_code; i++) {
        const struct part *part = &rule->parts[i];
        if (part->kind == PART_COLUMN &&
                amount_has_lost_digits(applying->row->values[part->column])) {
            return refuse(applying, rule,
                    "a spreadsheet has dropped digits of this number: give the column the format "
                    "Text there, enter the numbers again, and export it again");
        }
    }
    return true;
}

/* All columns of "cust-{number}" are empty: what is left would name one customer for all rows. */
static bool names_nothing(const struct applying *applying, const struct rule *rule)
{
    bool has_column = false;
    for (size_t i = 0; i < rule->part_count && rule->is_code; i++) {
        const struct part *part = &rule->parts[i];
        if (part->kind == PART_LINE || part->kind == PART_ROW ||
                (part->kind == PART_COLUMN && applying->row->values[part->column].len > 0)) {
            return false;
        }
        has_column |= part->kind == PART_COLUMN;
    }
    return has_column;
}

/* The key is written only where there is a value; NULL: none (in a list). */
static enum made make_text(struct applying *applying, const struct rule *rule)
{
    rd_buf_reset(&applying->text);
    for (size_t i = 0; i < rule->part_count; i++) {
        put_part(applying, &rule->parts[i]);
    }
    if (names_nothing(applying, rule)) {
        rd_buf_reset(&applying->text);
    }
    if (!check_digits(applying, rule)) {
        return MADE_REJECT;
    }
    if (applying->text.error != 0) {
        rd_buf_reset(&applying->text);
        (void)refuse(applying, rule, "longer than 1 MiB");
        return MADE_REJECT;
    }
    struct rd_str text = rd_buf_str(&applying->text);
    if (rule->lookup != NULL && !look_up(applying, rule, &text)) {
        return MADE_REJECT;
    }
    bool is_asked = rule->contains.ptr != NULL;
    if (text.len == 0 && rule->is_required) {
        (void)rd_reject_set(applying->reject, "bad_row", rule->path, "it is empty");
        return MADE_REJECT;
    }
    if (text.len == 0) {
        return MADE_NOTHING;
    }
    if (rule->key != NULL) {
        rd_pack_cstr(applying->event, rule->key);
    }
    if (is_asked) {
        rd_pack_bool(applying->event,
                memmem(text.ptr, text.len, rule->contains.ptr, rule->contains.len) != NULL);
        return MADE_VALUE;
    }
    if (rule->path[0] == 'i' && strcmp(rule->path, "id") == 0) {
        rd_buf_put_text(applying->id, text);
    }
    return put_typed(applying, rule, text) ? MADE_VALUE : MADE_REJECT;
}

static enum made make_leaf(struct applying *applying, const struct rule *rule)
{
    if (rule->kind == RULE_TEXT) {
        return make_text(applying, rule);
    }
    RD_ASSERT(rule->kind == RULE_CONSTANT);
    if (rule->key != NULL) {
        rd_pack_cstr(applying->event, rule->key);
    }
    rd_buf_put_text(applying->event, rule->constant);
    return MADE_VALUE;
}

/* A list or a map of leaves; an empty one is left out. */
static enum made make_group(struct applying *applying, const struct rule *rule)
{
    struct rd_buf *event = applying->event;
    size_t before = event->len;
    if (rule->key != NULL) {
        rd_pack_cstr(event, rule->key);
    }
    bool is_map = rule->kind == RULE_MAP;
    size_t mark = is_map ? rd_pack_map_begin(event) : rd_pack_array_begin(event);
    uint32_t count = 0;
    for (size_t i = 0; i < rule->child_count; i++) {
        enum made made = make_leaf(applying, &rule->children[i]);
        if (made == MADE_REJECT) {
            return made;
        }
        count += made == MADE_VALUE;
    }
    if (count == 0) {
        event->len = before;
        return MADE_NOTHING;
    }
    if (is_map) {
        rd_pack_map_end(event, mark, count);
    } else {
        rd_pack_array_end(event, mark, count);
    }
    return MADE_VALUE;
}

static enum made make_any(struct applying *applying, const struct rule *rule)
{
    return rule->kind == RULE_LIST || rule->kind == RULE_MAP ? make_group(applying, rule)
                                                             : make_leaf(applying, rule);
}

/* `data`: values, lists and one level of maps. */
static enum made make_data(struct applying *applying, const struct rule *rule)
{
    rd_pack_cstr(applying->event, rule->key);
    size_t mark = rd_pack_map_begin(applying->event);
    uint32_t count = 0;
    for (size_t i = 0; i < rule->child_count; i++) {
        enum made made = make_any(applying, &rule->children[i]);
        if (made == MADE_REJECT) {
            return made;
        }
        count += made == MADE_VALUE;
    }
    rd_pack_map_end(applying->event, mark, count);
    return MADE_VALUE;
}

/* The keys that the mapping names; MADE_NOTHING: it has a rule for the time, and that is empty. */
static enum made make_keys(struct applying *applying, const struct rule *envelope, uint32_t *count)
{
    enum made time = MADE_VALUE;
    for (size_t i = 0; i < envelope->child_count; i++) {
        const struct rule *rule = &envelope->children[i];
        enum made made =
                rule->kind == RULE_MAP ? make_data(applying, rule) : make_leaf(applying, rule);
        if (made == MADE_REJECT) {
            return made;
        }
        *count += made == MADE_VALUE;
        time = strcmp(rule->key, "time") == 0 ? made : time;
    }
    return time;
}

static bool make(struct applying *applying)
{
    struct rd_buf *event = applying->event;
    size_t mark = rd_pack_map_begin(event);
    uint32_t count = 0;
    if (make_keys(applying, &applying->mapping->envelope, &count) == MADE_REJECT) {
        return false;
    }
    if (applying->mapping->has_sequence && applying->row->sequence > 0) {
        rd_pack_cstr(event, "sequence");
        rd_pack_uint(event, applying->row->sequence);
        count++;
    }
    if (applying->row->is_quiet) {
        rd_pack_cstr(event, "quiet");
        rd_pack_bool(event, true);
        count++;
    }
    rd_pack_map_end(event, mark, count);
    if (event->error != 0) {
        return rd_reject_set(applying->reject, "too_large", "", "the event is over 1 MiB");
    }
    return applying->id->len > 0 ||
           rd_reject_set(applying->reject, "missing_field", "id", "the row gives no id");
}

bool mapping_apply(const struct mapping *mapping, const struct mapping_row *row,
        struct rd_buf *event, struct rd_buf *id, struct rd_reject *reject)
{
    struct applying applying = {
            .mapping = mapping, .row = row, .event = event, .id = id, .reject = reject};
    rd_buf_init(&applying.text, MAPPING_EVENT_BYTES_MAX);
    rd_buf_reset(event);
    rd_buf_reset(id);
    bool is_made = make(&applying);
    rd_buf_done(&applying.text);
    return is_made;
}

bool mapping_apply_then(const struct mapping *mapping, size_t which, const struct mapping_row *row,
        struct rd_buf *event, struct rd_reject *reject)
{
    RD_ASSERT(which < mapping->then_count);
    struct rd_buf id;
    struct applying applying = {
            .mapping = mapping, .row = row, .event = event, .id = &id, .reject = reject};
    rd_buf_init(&applying.text, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&id, MAPPING_EVENT_BYTES_MAX);
    rd_buf_reset(event);
    size_t mark = rd_pack_map_begin(event);
    uint32_t count = 0;
    enum made made = make_keys(&applying, &mapping->then[which], &count);
    if (made == MADE_VALUE) {
        rd_pack_map_end(event, mark, count);
        if (event->error != 0) {
            made = MADE_REJECT;
            (void)rd_reject_set(reject, "too_large", "", "the event is over 1 MiB");
        }
    } else {
        rd_buf_reset(event);
    }
    rd_buf_done(&applying.text);
    rd_buf_done(&id);
    return made != MADE_REJECT;
}

static bool is_one_of(struct rd_str text, const struct rd_str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rd_str_eq(text, texts[i])) {
            return true;
        }
    }
    return false;
}

enum row_outcome mapping_outcome(const struct mapping *mapping, const struct mapping_row *row)
{
    const struct mapping_outcome *outcome = &mapping->outcome;
    if (!outcome->is_set) {
        return ROW_OUTCOME_UNKNOWN;
    }
    struct rd_str text = row->values[outcome->column];
    return is_one_of(text, outcome->yes, outcome->yes_count) ? ROW_OUTCOME_YES
           : is_one_of(text, outcome->no, outcome->no_count) ? ROW_OUTCOME_NO
                                                             : ROW_OUTCOME_UNKNOWN;
}
