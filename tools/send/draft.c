#include "tools/send/draft.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/base/digest.h"
#include "tools/send/amount.h"
#include "tools/send/input.h"
#include "tools/shared/json.h"

enum { ARENA_BYTES_MAX = 256 * 1024 * 1024, HASHES = 2 * 2048, CODE_BYTES_MAX = 40 };

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

/* Whether it came before, by its hash: the table holds twice as many as rows are looked at. */
static bool came_before(struct draft *draft, struct draft_column *column, struct rd_str text)
{
    uint64_t hash = rd_digest_word(text, 0) | 1; /* 0: a free place */
    if (column->hashes == NULL) {
        column->hashes = RD_ARENA_ARRAY(&draft->arena, uint64_t, HASHES);
        memset(column->hashes, 0, HASHES * sizeof column->hashes[0]);
    }
    size_t slot = (size_t)(hash >> 32) % HASHES;
    while (column->hashes[slot] != 0 && column->hashes[slot] != hash) {
        slot = (slot + 1) % HASHES;
    }
    bool is_there = column->hashes[slot] == hash;
    column->hashes[slot] = hash;
    return is_there;
}

/* Whether it may be a case's number, and whether the column merely counts its rows. */
static void look_at_number(struct draft_column *column, struct rd_str text)
{
    uint64_t number = 0;
    bool has_digit = false;
    for (size_t i = 0; i < text.len; i++) {
        has_digit |= text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    column->codes += has_digit && text.len <= CODE_BYTES_MAX ? 1 : 0;
    bool is_next = rd_u64_parse(text, &number) == 0 && number == column->counted + 1;
    column->is_counter = is_next && (column->is_counter || column->filled == 1);
    column->counted = number;
}

static void look_at(struct draft *draft, struct draft_column *column, struct rd_str text)
{
    int32_t clock;
    rd_day day;
    if (text.len == 0) {
        return;
    }
    column->filled++;
    column->clocks += moment_parse_clock(text, &clock) == 0 ? 1 : 0;
    column->dates += moment_parse_day(DATE_DMY, text, &day) == 0 ||
                                     moment_parse_day(DATE_MDY, text, &day) == 0
                             ? 1
                             : 0;
    look_at_moment(column, text);
    look_at_number(column, text);
    column->repeats |= came_before(draft, column, text);
    for (size_t i = 0; i < column->value_count; i++) {
        if (rd_str_eq(column->values[i], text)) {
            return;
        }
    }
    if (column->value_count == DRAFT_VALUES_MAX) {
        column->has_more_values = true;
    } else if (text.len <= 256) {
        column->values[column->value_count++] = rd_arena_dup(&draft->arena, text);
    }
}

/* Its texts are the input's. */
static void keep_about(struct draft *draft)
{
    const char **const texts[] = {
            &draft->about.sheet, &draft->about.sheet_names, &draft->about.first_merged};
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        if (*texts[i] != NULL) {
            *texts[i] = rd_arena_dup(&draft->arena, rd_str_of(*texts[i])).ptr;
        }
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
    while (draft->rows < DRAFT_ROWS_MAX && ((r = input_next(input, &row)) == 1 || r == -EBADMSG)) {
        draft->rows++;
        draft->bad_rows += r == 1 ? 0 : 1;
        for (size_t i = 0; r == 1 && i < mapping->column_count; i++) {
            look_at(draft, &draft->columns[i], row.values[i]);
        }
    }
    while (input_about(input).sheet != NULL && (r == 1 || r == -EBADMSG)) {
        r = input_next(input, &row); /* which cells are merged stands behind the rows */
    }
    draft->about = input_about(input);
    keep_about(draft);
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
    draft->header = mapping->header_lines == 2 ? mapping->header : 0;
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

int send_draft(const struct ends *ends, const char *path, const char *sheet, const char *encoding)
{
    struct draft draft = {.is_sheet_given = sheet != NULL};
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
        draft_ask_units(&draft, ends);
        draft_guess(&draft);
        draft_print(&draft, path);
    }
    rd_arena_done(&draft.arena);
    return is_read ? STATUS_OK : STATUS_USAGE;
}
