#include "tools/send/xlsx_book.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"

enum {
    BLOCK_BYTES = 64 * 1024,
    ARENA_BYTES_MAX = 512 * 1024 * 1024,
    TEXT_BYTES_MAX = 1024 * 1024,
    FORMATS_MAX = 4096,
    PART_BYTES_MAX = 1024 * 1024 * 1024,
};

/* ---- XML ---- */
static void XMLCALL refuse_doctype(void *context, const XML_Char *name, const XML_Char *system,
        const XML_Char *public, int has_internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)has_internal;
    XML_StopParser(*(XML_Parser *)context, XML_FALSE); /* every context begins with its parser */
}

XML_Parser xlsx_parser_new(void *context)
{
    XML_Parser parser = XML_ParserCreate(NULL);
    if (parser == NULL) {
        rd_oom();
    }
    *(XML_Parser *)context = parser;
    XML_SetUserData(parser, context);
    XML_SetStartDoctypeDeclHandler(parser, refuse_doctype);
    return parser;
}

bool xlsx_is(const char *name, const char *wanted)
{
    const char *colon = strrchr(name, ':');
    return strcmp(colon != NULL ? colon + 1 : name, wanted) == 0;
}

const char *xlsx_attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(attributes[i], name) == 0) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

uint64_t xlsx_number(const char *text)
{
    uint64_t number = 0;
    return text != NULL && rd_u64_parse(rd_str_of(text), &number) == 0 ? number : 0;
}

int xlsx_part_read(struct xlsx_book *book, const char *name, XML_Parser parser)
{
    zip_file_t *file = zip_fopen(book->zip, name, 0);
    if (file == NULL) {
        return -ENOENT;
    }
    int r = 0;
    uint64_t total = 0;
    for (bool is_at_end = false; r == 0 && !is_at_end;) {
        void *block = XML_GetBuffer(parser, BLOCK_BYTES);
        zip_int64_t got = block != NULL ? zip_fread(file, block, BLOCK_BYTES) : -1;
        is_at_end = got == 0;
        total += got > 0 ? (uint64_t)got : 0;
        bool is_good = got >= 0 && total <= PART_BYTES_MAX &&
                       XML_ParseBuffer(parser, (int)got, is_at_end) == XML_STATUS_OK;
        r = is_good ? 0 : -EINVAL;
    }
    (void)zip_fclose(file);
    return r;
}

static int read_part(struct xlsx_book *book, const char *name, void *context,
        XML_StartElementHandler start, XML_EndElementHandler end, XML_CharacterDataHandler text)
{
    XML_Parser parser = xlsx_parser_new(context);
    XML_SetElementHandler(parser, start, end);
    XML_SetCharacterDataHandler(parser, text);
    int r = xlsx_part_read(book, name, parser);
    XML_ParserFree(parser);
    return r;
}

/* ---- the shared texts ---- */
struct texts {
    XML_Parser parser;
    struct xlsx_book *book;
    struct rd_buf text;
    bool is_in_text;
    unsigned phonetic; /* depth in what says how a text is spoken */
};

static void XMLCALL text_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct texts *texts = context;
    (void)attributes;
    if (xlsx_is(name, "si")) {
        rd_buf_reset(&texts->text);
    }
    texts->phonetic += xlsx_is(name, "rPh") ? 1 : 0;
    texts->is_in_text = xlsx_is(name, "t") && texts->phonetic == 0;
}

static void XMLCALL text_end(void *context, const XML_Char *name)
{
    struct texts *texts = context;
    struct xlsx_book *book = texts->book;
    texts->is_in_text = false;
    texts->phonetic -= xlsx_is(name, "rPh") && texts->phonetic > 0 ? 1 : 0;
    if (!xlsx_is(name, "si")) {
        return;
    }
    if (book->text_count == book->text_room) {
        book->text_room = book->text_room > 0 ? 2 * book->text_room : 1024;
        book->texts = reallocarray(book->texts, book->text_room, sizeof book->texts[0]);
        if (book->texts == NULL) {
            rd_oom();
        }
    }
    if (book->arena.used_bytes + texts->text.len + 64 > ARENA_BYTES_MAX || texts->text.error != 0) {
        XML_StopParser(texts->parser, XML_FALSE);
        return;
    }
    book->texts[book->text_count++] = rd_arena_dup(&book->arena, rd_buf_str(&texts->text));
}

static void XMLCALL text_take(void *context, const XML_Char *bytes, int len)
{
    struct texts *texts = context;
    if (texts->is_in_text) {
        rd_buf_put(&texts->text, bytes, (size_t)len);
    }
}

static int read_texts(struct xlsx_book *book)
{
    struct texts texts = {.book = book};
    rd_buf_init(&texts.text, TEXT_BYTES_MAX);
    int r = read_part(book, "xl/sharedStrings.xml", &texts, text_start, text_end, text_take);
    rd_buf_done(&texts.text);
    return r == -ENOENT ? 0 : r; /* a book may have none */
}

/* ---- the styles: which cells are dates ---- */
struct styles {
    XML_Parser parser;
    struct xlsx_book *book;
    bool is_in_cells;
    size_t count;
    struct {
        uint64_t id;
        enum xlsx_style style;
    } own[FORMATS_MAX];
};

/* What a sum of a register may be counted in, so that 1.5 is shown as 1.5万元; longer ones first.
 */
static const char *const UNITS[] = {"百万元", "百万", "千元", "千", "万元", "万", "亿元", "亿"};

const char *xlsx_unit(enum xlsx_style style)
{
    return style >= STYLE_UNIT ? UNITS[style - STYLE_UNIT] : "";
}

/* The unit behind the number of a format's first section, such as 0.00"万元". A comma behind the
 * last digit divides what is shown, not what is there: 15000 is shown as 1.5万 by 0!.0,"万" and
 * needs none. */
static enum xlsx_style style_of_unit(const char *code)
{
    size_t len = strcspn(code, ";"), digits = len;
    while (digits > 0 && strchr("0#?", code[digits - 1]) == NULL) {
        digits--;
    }
    struct rd_str behind = {.ptr = code + digits, .len = len - digits};
    for (size_t i = 0; i < RD_COUNT(UNITS) && digits > 0 && !rd_str_starts(behind, RD_STR(","));
            i++) {
        if (memmem(behind.ptr, behind.len, UNITS[i], strlen(UNITS[i])) != NULL) {
            return (enum xlsx_style)(STYLE_UNIT + (int)i);
        }
    }
    return STYLE_NUMBER;
}

/* Of a format's code, without what is quoted, escaped or in brackets: letters of a date or time. */
static enum xlsx_style style_of_code(const char *code)
{
    bool has_day = false, has_hour = false, is_quoted = false, is_bracketed = false;
    bool is_percent = false;
    const char *format = code;
    for (; *code != '\0' && *code != ';'; code++) {
        char c = (char)tolower((unsigned char)*code);
        if (c == '\\' && code[1] != '\0') {
            code++;
        } else if (c == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted && (c == '[' || c == ']')) {
            is_bracketed = c == '[';
            has_hour |= c == '[' && (strncasecmp(code + 1, "h]", 2) == 0 ||
                                            strncasecmp(code + 1, "hh]", 3) == 0);
        } else if (!is_quoted && !is_bracketed) {
            has_day |= c == 'y' || c == 'd';
            has_hour |= c == 'h' || c == 's';
            is_percent |= c == '%';
            if (c == 'g' && strncasecmp(code, "general", 7) == 0) {
                code += 6;
            }
        }
    }
    return has_day      ? STYLE_DATE
           : has_hour   ? STYLE_TIME
           : is_percent ? STYLE_PERCENT
                        : style_of_unit(format);
}

static enum xlsx_style style_of_id(const struct styles *styles, uint64_t id)
{
    for (size_t i = 0; i < styles->count; i++) {
        if (styles->own[i].id == id) {
            return styles->own[i].style;
        }
    }
    bool is_date = (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
                   (id >= 50 && id <= 54) || id == 57 || id == 58;
    bool is_time = (id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) ||
                   id == 55 || id == 56;
    bool is_percent = id == 9 || id == 10;
    return is_date ? STYLE_DATE : is_time ? STYLE_TIME : is_percent ? STYLE_PERCENT : STYLE_NUMBER;
}

static void XMLCALL style_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct styles *styles = context;
    struct xlsx_book *book = styles->book;
    const char *id = xlsx_attribute(attributes, "numFmtId");
    const char *code = xlsx_attribute(attributes, "formatCode");
    if (xlsx_is(name, "numFmt") && id != NULL && code != NULL && styles->count < FORMATS_MAX) {
        styles->own[styles->count].id = xlsx_number(id);
        styles->own[styles->count++].style = style_of_code(code);
    }
    styles->is_in_cells |= xlsx_is(name, "cellXfs");
    if (!styles->is_in_cells || !xlsx_is(name, "xf")) {
        return;
    }
    if (book->style_count == book->style_room) {
        book->style_room = book->style_room > 0 ? 2 * book->style_room : 256;
        book->styles = realloc(book->styles, book->style_room);
        if (book->styles == NULL) {
            rd_oom();
        }
    }
    book->styles[book->style_count++] = (uint8_t)style_of_id(styles, xlsx_number(id));
}

static void XMLCALL style_end(void *context, const XML_Char *name)
{
    struct styles *styles = context;
    styles->is_in_cells &= !xlsx_is(name, "cellXfs");
}

static int read_styles(struct xlsx_book *book)
{
    struct styles *styles = calloc(1, sizeof *styles);
    if (styles == NULL) {
        rd_oom();
    }
    styles->book = book;
    int r = read_part(book, "xl/styles.xml", styles, style_start, style_end, NULL);
    free(styles);
    return r == -ENOENT ? 0 : r;
}

/* ---- the sheets ---- */
struct sheets {
    XML_Parser parser;
    struct xlsx_book *book;
    const char *wanted;
    char id[64]; /* of the relation that leads to the sheet's part */
    bool is_hidden;
};

/* Behind those that are there; what does not fit any more is told by an ellipsis. */
static void add_name(struct xlsx_book *book, const char *title, bool is_hidden)
{
    static const char more[] = ", …";
    char entry[sizeof book->names];
    size_t len = strlen(book->names);
    int wrote = snprintf(entry, sizeof entry, "%s\"%s\"%s", len > 0 ? ", " : "", title,
            is_hidden ? " (hidden)" : "");
    bool is_fitting = wrote >= 0 && len + (size_t)wrote + sizeof more <= sizeof book->names;
    if (is_fitting && !book->has_more_names) {
        memcpy(book->names + len, entry, (size_t)wrote + 1);
    } else if (!book->has_more_names) {
        memcpy(book->names + len, more, sizeof more);
        book->has_more_names = true;
    }
}

/* The value of "r:id", whatever prefix the writer gave that namespace. */
static const char *relation_of(const char **attributes)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strchr(attributes[i], ':') != NULL && xlsx_is(attributes[i], "id")) {
            return attributes[i + 1];
        }
    }
    return NULL;
}

static void XMLCALL sheet_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct sheets *sheets = context;
    struct xlsx_book *book = sheets->book;
    const char *epoch = xlsx_attribute(attributes, "date1904");
    if (xlsx_is(name, "workbookPr") && epoch != NULL) {
        book->is_1904 = strcmp(epoch, "1") == 0 || strcmp(epoch, "true") == 0;
    }
    const char *calculates = xlsx_attribute(attributes, "fullCalcOnLoad");
    if (xlsx_is(name, "calcPr") && calculates != NULL) {
        book->is_to_calculate = strcmp(calculates, "1") == 0 || strcmp(calculates, "true") == 0;
    }
    const char *title = xlsx_attribute(attributes, "name");
    const char *id = relation_of(attributes);
    if (!xlsx_is(name, "sheet") || title == NULL || id == NULL) {
        return;
    }
    const char *state = xlsx_attribute(attributes, "state");
    bool is_hidden = state != NULL && strcmp(state, "visible") != 0;
    book->sheet_count++;
    add_name(book, title, is_hidden);
    bool is_it = sheets->wanted == NULL || strcmp(sheets->wanted, title) == 0;
    bool is_better = sheets->id[0] == '\0' || (sheets->is_hidden && !is_hidden);
    if (is_it && is_better) {
        (void)snprintf(sheets->id, sizeof sheets->id, "%s", id);
        (void)snprintf(book->title, sizeof book->title, "%s", title);
        sheets->is_hidden = is_hidden;
    }
}

static void XMLCALL relation_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct sheets *sheets = context;
    const char *id = xlsx_attribute(attributes, "Id");
    const char *target = xlsx_attribute(attributes, "Target");
    if (xlsx_is(name, "Relationship") && id != NULL && target != NULL &&
            strcmp(id, sheets->id) == 0) {
        (void)snprintf(sheets->book->sheet, sizeof sheets->book->sheet, "%s%s",
                target[0] == '/' ? "" : "xl/", target[0] == '/' ? target + 1 : target);
    }
}

/* Why there is no workbook in the zip file, by what is. */
static const char *why_none(const struct xlsx_book *book)
{
    static const struct {
        const char *part, *what;
    } others[] = {{"mimetype", "it is an OpenDocument file (.ods): save it as .xlsx"},
            {"xl/workbook.bin", "it is an .xlsb of Excel: save it as .xlsx"},
            {"word/document.xml", "it is a document of Word: copy its table into a spreadsheet, "
                                  "and save that as .xlsx"},
            {"Index/Document.iwa", "it is a sheet of Numbers: export it as .xlsx"}};
    for (size_t i = 0; i < RD_COUNT(others); i++) {
        if (zip_name_locate(book->zip, others[i].part, 0) >= 0) {
            return others[i].what;
        }
    }
    return "it is a zip file, and no workbook of Excel is in it";
}

static int read_sheets(struct xlsx_book *book, const char *wanted, char ret_what[static 512])
{
    struct sheets sheets = {.book = book, .wanted = wanted};
    int r = read_part(book, "xl/workbook.xml", &sheets, sheet_start, NULL, NULL);
    if (r < 0) {
        (void)snprintf(ret_what, 512, "%s",
                zip_name_locate(book->zip, "xl/workbook.xml", 0) < 0
                        ? why_none(book)
                        : "the workbook is damaged: what it says of its sheets cannot be read");
        return -EINVAL;
    }
    if (sheets.id[0] == '\0') {
        (void)snprintf(ret_what, 512, "there is no sheet \"%.60s\"; there are: %s",
                wanted != NULL ? wanted : "", book->names);
        return -EINVAL;
    }
    r = read_part(book, "xl/_rels/workbook.xml.rels", &sheets, relation_start, NULL, NULL);
    if (r < 0 || book->sheet[0] == '\0') {
        (void)snprintf(ret_what, 512, "the workbook is damaged: its sheet is not in it");
        return -EINVAL;
    }
    return 0;
}

int xlsx_book_read(struct xlsx_book *book, const char *sheet, char ret_what[static 512])
{
    rd_arena_init(&book->arena, ARENA_BYTES_MAX);
    int r = read_sheets(book, sheet, ret_what);
    if (r == 0 && (read_styles(book) < 0 || read_texts(book) < 0)) {
        (void)snprintf(ret_what, 512, "the workbook is damaged, or its texts are over 512 MiB");
        r = -EINVAL;
    }
    return r;
}

void xlsx_book_done(struct xlsx_book *book)
{
    rd_arena_done(&book->arena);
    free(book->texts);
    free(book->styles);
    if (book->zip != NULL) {
        zip_discard(book->zip);
    }
}
