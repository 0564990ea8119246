#include "tools/send/xlsx.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"
#include "common/time/civil.h"
#include "common/time/utime.h"
#include "tools/send/xlsx_book.h"
#include "tools/send/xlsx_merge.h"

enum {
    BLOCK_BYTES = 64 * 1024,
    ROW_BYTES_MAX = 8 * 1024 * 1024,
    DAY_S = 86400,
    EPOCH_1900 = 25569, /* 1970-01-01, in days of either epoch */
    EPOCH_1904 = 24107,
    DAYS_MAX = 2958466, /* the year 9999 */
    SHARED_DIGITS_MAX = 15,
};

enum cell_type { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_BOOLEAN, CELL_ERROR };

struct xlsx {
    XML_Parser parser; /* first: xlsx_parser_new() */
    struct xlsx_book book;
    zip_file_t *file;
    bool is_at_end, has_row;
    struct xlsx_merges *merges;
    bool fills;      /* the merges are all known, and each row has their values */
    uint64_t header; /* none begins up to here */
    /* the row in hand */
    uint64_t line;
    bool is_hidden;
    size_t count;
    size_t from[XLSX_COLUMNS_MAX], len[XLSX_COLUMNS_MAX]; /* in `text` */
    struct rd_str fields[XLSX_COLUMNS_MAX];
    struct rd_buf text;
    const char *what;
    char what_room[160];
    /* the cell in hand */
    size_t column;
    enum cell_type type;
    enum xlsx_style style;
    bool is_in_value, has_formula;
    struct rd_buf value;
};

bool xlsx_is_zip(struct rd_str head)
{
    return head.len >= 4 && memcmp(head.ptr, "PK\x03\x04", 4) == 0;
}

bool xlsx_is_old(struct rd_str head)
{
    return head.len >= 8 && memcmp(head.ptr, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0;
}

/* ---- a cell's value ---- */
static void put_time(struct xlsx *xlsx, double value)
{
    bool is_1904 = xlsx->book.is_1904;
    if (!(value >= 0 && value < DAYS_MAX)) { /* what is no date is shown as its number */
        rd_buf_printf(&xlsx->text, "%.15g", value);
        return;
    }
    int64_t seconds = (int64_t)(value * DAY_S + 0.5);
    int64_t day = seconds / DAY_S, of_day = seconds % DAY_S;
    char date[RD_DATE_TEXT_MAX];
    if (day > 0 || xlsx->style == STYLE_DATE) {
        /* Excel has a 29 February 1900: the days before it count one less */
        int64_t shift = is_1904 ? EPOCH_1904 : day < 60 ? EPOCH_1900 - 1 : EPOCH_1900;
        rd_day_format((rd_day)(day - shift), date);
        rd_buf_printf(&xlsx->text, "%s", date);
        if (of_day == 0 && xlsx->style == STYLE_DATE) {
            return;
        }
        rd_buf_put_u8(&xlsx->text, ' ');
    }
    rd_buf_printf(&xlsx->text, "%02d:%02d:%02d", (int)(of_day / 3600), (int)(of_day / 60 % 60),
            (int)(of_day % 60));
}

/* Says of the cell in hand what is wrong with it: its row is none then. */
__attribute__((format(printf, 2, 3))) static void spoil(struct xlsx *xlsx, const char *format, ...)
{
    char letters[8];
    size_t used = 0;
    for (size_t left = xlsx->column + 1; left > 0; left = (left - 1) / 26) {
        letters[used++] = (char)('A' + (left - 1) % 26);
    }
    char name[sizeof letters];
    for (size_t i = 0; i < used; i++) {
        name[i] = letters[used - 1 - i];
    }
    name[used] = '\0';
    int len = snprintf(xlsx->what_room, sizeof xlsx->what_room, "its cell %s%llu ", name,
            (unsigned long long)xlsx->line);
    va_list list;
    va_start(list, format);
    (void)vsnprintf(xlsx->what_room + len, sizeof xlsx->what_room - (size_t)len, format, list);
    va_end(list);
    rd_text_trim(xlsx->what_room);
    xlsx->what = xlsx->what_room;
}

static void put_number(struct xlsx *xlsx, const char *text)
{
    char *end = NULL;
    bool is_plain = text[strspn(text, "0123456789+-.eE \t\r\n")] == '\0';
    double value = strtod(text, &end);
    if (!is_plain || end == text || end[strspn(end, " \t\r\n")] != '\0' || !isfinite(value)) {
        spoil(xlsx, "holds a number that is none: %.20s", text);
        return;
    }
    if (xlsx->style == STYLE_DATE || xlsx->style == STYLE_TIME) {
        put_time(xlsx, value);
        return;
    }
    bool is_percent = xlsx->style == STYLE_PERCENT;
    rd_buf_printf(&xlsx->text, "%.*g%s", SHARED_DIGITS_MAX, is_percent ? value * 100 : value,
            is_percent ? "%" : xlsx_unit(xlsx->style));
}

static void put_shared(struct xlsx *xlsx, const char *text)
{
    uint64_t index;
    if (rd_u64_parse(rd_str_of(text), &index) < 0 || index >= xlsx->book.text_count) {
        spoil(xlsx, "refers to a text that is not in the workbook: %.20s", text);
        return;
    }
    xlsx_put_text(&xlsx->text, xlsx->book.texts[index]);
}

static void put_cell(struct xlsx *xlsx)
{
    struct rd_str value = rd_buf_str(&xlsx->value);
    rd_buf_put_u8(&xlsx->value, 0);
    const char *text = value.len > 0 ? (const char *)xlsx->value.ptr : "";
    bool is_true = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    switch (xlsx->type) {
    case CELL_SHARED:
        put_shared(xlsx, text);
        return;
    case CELL_TEXT:
        xlsx_put_text(&xlsx->text, rd_str_of(text));
        return;
    case CELL_BOOLEAN:
        if (!is_true && strcmp(text, "0") != 0 && strcmp(text, "false") != 0) {
            spoil(xlsx, "is neither true nor false: %.20s", text);
            return;
        }
        rd_buf_printf(&xlsx->text, "%s", is_true ? "true" : "false");
        return;
    case CELL_ERROR:
        spoil(xlsx, "holds the error %.20s", text);
        return;
    case CELL_NUMBER:
        put_number(xlsx, text);
        return;
    }
    RD_UNREACHABLE("a type of a cell");
}

/* A program that writes a formula and cannot calculate it leaves its value out, or sets 0 and asks
 * that all be calculated when the book is opened. Excel saves an empty text as one. */
static bool is_not_calculated(const struct xlsx *xlsx)
{
    bool is_nought = xlsx->type == CELL_NUMBER && rd_str_is(rd_buf_str(&xlsx->value), "0");
    return xlsx->has_formula && ((xlsx->value.len == 0 && xlsx->type != CELL_TEXT) ||
                                        (is_nought && xlsx->book.is_to_calculate));
}

/* ---- the sheet ---- */

static bool is_letter(const char *text)
{
    return text != NULL && text[0] >= 'A' && text[0] <= 'Z';
}

static enum cell_type type_of(const char *text)
{
    static const struct {
        const char *name;
        enum cell_type type;
    } types[] = {{"s", CELL_SHARED}, {"str", CELL_TEXT}, {"inlineStr", CELL_TEXT}, {"d", CELL_TEXT},
            {"b", CELL_BOOLEAN}, {"e", CELL_ERROR}};
    for (size_t i = 0; text != NULL && i < RD_COUNT(types); i++) {
        if (strcmp(text, types[i].name) == 0) {
            return types[i].type;
        }
    }
    return CELL_NUMBER;
}

static void XMLCALL start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct xlsx *xlsx = context;
    if (xlsx_is(name, "row")) {
        const char *number = xlsx_attribute(attributes, "r");
        const char *hidden = xlsx_attribute(attributes, "hidden");
        xlsx->line = number != NULL ? xlsx_number(number) : xlsx->line + 1;
        xlsx->is_hidden =
                hidden != NULL && (strcmp(hidden, "1") == 0 || strcmp(hidden, "true") == 0);
        xlsx->count = 0;
        xlsx->what = NULL;
        rd_buf_reset(&xlsx->text);
    } else if (xlsx_is(name, "c")) {
        size_t index = xlsx_number(xlsx_attribute(attributes, "s"));
        const char *place = xlsx_attribute(attributes, "r"); /* without one: behind the last */
        xlsx->column = is_letter(place) ? xlsx_column(place) : xlsx->count;
        xlsx->type = type_of(xlsx_attribute(attributes, "t"));
        xlsx->style = index < xlsx->book.style_count ? (enum xlsx_style)xlsx->book.styles[index]
                                                     : STYLE_NUMBER;
        rd_buf_reset(&xlsx->value);
        xlsx->has_formula = false;
    } else if (xlsx_is(name, "f")) {
        xlsx->has_formula = true;
    } else if (xlsx_is(name, "v") || xlsx_is(name, "t")) {
        xlsx->is_in_value = true;
    } else if (xlsx_is(name, "rPh")) {
        xlsx->is_in_value = false;
    } else if (xlsx_is(name, "mergeCell") && !xlsx->fills) { /* they stand behind the rows */
        (void)xlsx_merges_add(xlsx->merges, xlsx_attribute(attributes, "ref"));
    }
}

static void end_cell(struct xlsx *xlsx)
{
    if (xlsx->column >= XLSX_COLUMNS_MAX) {
        xlsx->what = "it has more than 1024 columns";
        return;
    }
    for (; xlsx->count <= xlsx->column; xlsx->count++) { /* cells that are left out are empty */
        xlsx->from[xlsx->count] = xlsx->len[xlsx->count] = 0;
    }
    size_t from = xlsx->text.len;
    if (is_not_calculated(xlsx)) {
        spoil(xlsx, "holds a formula that was never calculated: open the workbook in a spreadsheet "
                    "and save it");
    } else if (xlsx->value.len > 0) {
        put_cell(xlsx);
    }
    xlsx->from[xlsx->column] = from;
    xlsx->len[xlsx->column] = xlsx->text.len - from;
    if (xlsx->text.error != 0 || xlsx->value.error != 0) {
        xlsx->what = "it is longer than 8 MiB, or a cell of it than 1 MiB";
    }
}

static void XMLCALL end(void *context, const XML_Char *name)
{
    struct xlsx *xlsx = context;
    if (xlsx_is(name, "v") || xlsx_is(name, "t")) {
        xlsx->is_in_value = false;
    } else if (xlsx_is(name, "c")) {
        end_cell(xlsx);
    } else if (xlsx_is(name, "row")) {
        xlsx->has_row = true;
        (void)XML_StopParser(xlsx->parser, XML_TRUE); /* until the next one is asked for */
    }
}

static void XMLCALL take(void *context, const XML_Char *bytes, int len)
{
    struct xlsx *xlsx = context;
    if (xlsx->is_in_value) {
        rd_buf_put(&xlsx->value, bytes, (size_t)len);
    }
}

struct xlsx *xlsx_open(const char *path, const char *sheet, char ret_what[static 512])
{
    int error = 0;
    struct xlsx *xlsx = calloc(1, sizeof *xlsx);
    if (xlsx == NULL) {
        rd_oom();
    }
    rd_buf_init(&xlsx->text, ROW_BYTES_MAX);
    rd_buf_init(&xlsx->value, XLSX_CELL_BYTES_MAX);
    rd_arena_init(&xlsx->book.arena, 1024);
    xlsx->merges = xlsx_merges_new();
    xlsx->book.zip = zip_open(path, ZIP_RDONLY, &error);
    if (xlsx->book.zip == NULL) {
        (void)snprintf(ret_what, 512, "it is no whole .xlsx file");
        xlsx_close(xlsx);
        return NULL;
    }
    if (xlsx_book_read(&xlsx->book, sheet, ret_what) < 0) {
        xlsx_close(xlsx);
        return NULL;
    }
    xlsx->file = zip_fopen(xlsx->book.zip, xlsx->book.sheet, 0);
    if (xlsx->file == NULL) {
        (void)snprintf(ret_what, 512, "the workbook is damaged: %s is not in it", xlsx->book.sheet);
        xlsx_close(xlsx);
        return NULL;
    }
    (void)xlsx_parser_new(xlsx);
    XML_SetElementHandler(xlsx->parser, start, end);
    XML_SetCharacterDataHandler(xlsx->parser, take);
    return xlsx;
}

const char *xlsx_sheet(const struct xlsx *xlsx, size_t *ret_count, const char **ret_names)
{
    *ret_count = xlsx->book.sheet_count;
    *ret_names = xlsx->book.names;
    return xlsx->book.title;
}

struct merging {
    XML_Parser parser;
    struct xlsx_merges *merges;
    bool has_more;
};

static void XMLCALL merge_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct merging *merging = context;
    if (xlsx_is(name, "mergeCell")) {
        const char *range = xlsx_attribute(attributes, "ref");
        merging->has_more |= !xlsx_merges_add(merging->merges, range);
    }
}

int xlsx_fill_merged(struct xlsx *xlsx, uint64_t header, char ret_what[static 512])
{
    struct merging merging = {.merges = xlsx->merges};
    XML_Parser parser = xlsx_parser_new(&merging);
    XML_SetStartElementHandler(parser, merge_start);
    int r = xlsx_part_read(&xlsx->book, xlsx->book.sheet, parser);
    XML_ParserFree(parser);
    if (r < 0 || merging.has_more) {
        (void)snprintf(ret_what, 512, "%s",
                r < 0 ? "the sheet is damaged, or larger than 1 GiB"
                      : "it has more than 65,536 cells that are merged over rows");
        return -EINVAL;
    }
    xlsx->fills = true;
    xlsx->header = header;
    return 0;
}

size_t xlsx_merged(const struct xlsx *xlsx, uint64_t header, const char **ret_first)
{
    return xlsx_merges_below(xlsx->merges, header, ret_first);
}

void xlsx_close(struct xlsx *xlsx)
{
    if (xlsx == NULL) {
        return;
    }
    if (xlsx->parser != NULL) {
        XML_ParserFree(xlsx->parser);
    }
    if (xlsx->file != NULL) {
        (void)zip_fclose(xlsx->file);
    }
    xlsx_book_done(&xlsx->book);
    xlsx_merges_free(xlsx->merges);
    rd_buf_done(&xlsx->text);
    rd_buf_done(&xlsx->value);
    free(xlsx);
}

/* Goes on until a row is complete. 1, 0 at the end, -EIO. */
static int advance(struct xlsx *xlsx)
{
    XML_ParsingStatus status;
    xlsx->has_row = false;
    for (;;) {
        XML_GetParsingStatus(xlsx->parser, &status);
        enum XML_Status r = XML_STATUS_OK;
        if (status.parsing == XML_SUSPENDED) {
            r = XML_ResumeParser(xlsx->parser);
        } else if (xlsx->is_at_end) {
            return 0;
        } else {
            void *block = XML_GetBuffer(xlsx->parser, BLOCK_BYTES);
            zip_int64_t got = block != NULL ? zip_fread(xlsx->file, block, BLOCK_BYTES) : -1;
            xlsx->is_at_end = got == 0;
            r = got < 0 ? XML_STATUS_ERROR
                        : XML_ParseBuffer(xlsx->parser, (int)got, xlsx->is_at_end);
        }
        if (r == XML_STATUS_ERROR) {
            return -EIO;
        }
        if (xlsx->has_row) {
            return 1;
        }
    }
}

int xlsx_next(struct xlsx *xlsx, struct xlsx_row *ret_row)
{
    int r = advance(xlsx);
    *ret_row = (struct xlsx_row){
            .fields = xlsx->fields, .line = xlsx->line, .is_hidden = xlsx->is_hidden};
    if (r <= 0) {
        ret_row->what = "the sheet is damaged";
        return r;
    }
    const char *text = rd_buf_str(&xlsx->text).ptr;
    for (size_t i = 0; i < xlsx->count; i++) {
        xlsx->fields[i] = (struct rd_str){
                .ptr = text != NULL ? text + xlsx->from[i] : "", .len = xlsx->len[i]};
    }
    if (xlsx->fills && xlsx->line > xlsx->header &&
            !xlsx_merges_fill(
                    xlsx->merges, xlsx->line, xlsx->what != NULL, xlsx->fields, &xlsx->count)) {
        xlsx->what = "a cell of it is merged with one above that cannot be read";
    }
    ret_row->count = xlsx->count;
    ret_row->what = xlsx->what;
    return xlsx->what != NULL ? -EBADMSG : 1;
}
