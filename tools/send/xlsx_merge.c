#include "tools/send/xlsx_merge.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/num.h"
#include "tools/send/amount.h"
#include "tools/send/xlsx.h"
#include "tools/send/xlsx_book.h"

enum {
    LETTERS_MAX = 3,              /* of a column */
    RANGE_BYTES = 24,             /* "XFD1048576:XFD1048576" */
    VALUE_BYTES_MAX = 128 * 1024, /* a cell of Excel has 32,767 characters */
};

struct range {
    uint64_t first, last; /* rows */
    size_t column;
    char text[RANGE_BYTES];
};

struct going {     /* by column: the one that goes on there */
    uint64_t last; /* 0: none */
    bool is_bad;
    struct rd_buf value;
};

struct xlsx_merges {
    struct range *ranges;
    size_t count, room;
    bool is_sorted;
    size_t next;        /* the first that begins at a row to come */
    size_t columns_end; /* no column from here on has one that goes on */
    struct going going[XLSX_COLUMNS_MAX];
};

struct xlsx_merges *xlsx_merges_new(void)
{
    struct xlsx_merges *merges = calloc(1, sizeof *merges);
    if (merges == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < XLSX_COLUMNS_MAX; i++) {
        rd_buf_init(&merges->going[i].value, VALUE_BYTES_MAX);
    }
    return merges;
}

void xlsx_merges_free(struct xlsx_merges *merges)
{
    if (merges == NULL) {
        return;
    }
    for (size_t i = 0; i < XLSX_COLUMNS_MAX; i++) {
        rd_buf_done(&merges->going[i].value);
    }
    free(merges->ranges);
    free(merges);
}

/* "BC12": its column and row. False: it is no such place. */
static bool read_place(struct rd_str text, size_t *ret_column, uint64_t *ret_row)
{
    char letters[LETTERS_MAX + 1] = "";
    size_t len = 0;
    for (; len < text.len && len < LETTERS_MAX && text.ptr[len] >= 'A' && text.ptr[len] <= 'Z';
            len++) {
        letters[len] = text.ptr[len];
    }
    *ret_column = xlsx_column(letters);
    struct rd_str row = {.ptr = text.ptr + len, .len = text.len - len};
    return *ret_column < XLSX_COLUMNS_MAX && rd_u64_parse(row, ret_row) == 0 && *ret_row > 0;
}

static bool read_range(const char *text, struct range *ret)
{
    const char *colon = text != NULL ? strchr(text, ':') : NULL;
    size_t last_column;
    *ret = (struct range){.first = 0};
    if (colon == NULL || strlen(text) >= sizeof ret->text) {
        return false;
    }
    memcpy(ret->text, text, strlen(text) + 1);
    struct rd_str first = {.ptr = text, .len = (size_t)(colon - text)};
    return read_place(first, &ret->column, &ret->first) &&
           read_place(rd_str_of(colon + 1), &last_column, &ret->last);
}

bool xlsx_merges_add(struct xlsx_merges *merges, const char *range)
{
    struct range new;
    if (!read_range(range, &new) || new.first >= new.last) {
        return true;
    }
    if (merges->count == XLSX_MERGES_MAX) {
        return false;
    }
    if (merges->count == merges->room) {
        merges->room = merges->room > 0 ? 2 * merges->room : 64;
        merges->ranges = reallocarray(merges->ranges, merges->room, sizeof merges->ranges[0]);
        if (merges->ranges == NULL) {
            rd_oom();
        }
    }
    merges->ranges[merges->count++] = new;
    return true;
}

size_t xlsx_merges_below(const struct xlsx_merges *merges, uint64_t line, const char **ret_first)
{
    size_t count = 0;
    for (size_t i = 0; i < merges->count; i++) {
        if (merges->ranges[i].first > line) {
            *ret_first = count == 0 ? merges->ranges[i].text : *ret_first;
            count++;
        }
    }
    return count;
}

static int compare(const void *a, const void *b)
{
    const struct range *one = a, *other = b;
    return (one->first > other->first) - (one->first < other->first);
}

/* Those that begin in the row: their values, before any is given. */
static void begin(struct xlsx_merges *merges, uint64_t line, bool is_bad,
        const struct rd_str *fields, size_t count)
{
    for (; merges->next < merges->count && merges->ranges[merges->next].first <= line;
            merges->next++) {
        const struct range *range = &merges->ranges[merges->next];
        struct going *going = &merges->going[range->column];
        going->last = range->first == line ? range->last : 0; /* a row that is not there is empty */
        rd_buf_reset(&going->value);
        if (range->column < count) {
            rd_buf_put_text(&going->value, fields[range->column]);
        }
        going->is_bad = is_bad || going->value.error != 0;
        merges->columns_end =
                range->column >= merges->columns_end ? range->column + 1 : merges->columns_end;
    }
}

bool xlsx_merges_fill(struct xlsx_merges *merges, uint64_t line, bool is_bad, struct rd_str *fields,
        size_t *count)
{
    bool says_anything = false, is_good = true;
    if (!merges->is_sorted && merges->count > 0) {
        qsort(merges->ranges, merges->count, sizeof merges->ranges[0], compare);
    }
    merges->is_sorted = true;
    for (size_t i = 0; i < *count && !is_bad && !says_anything; i++) {
        says_anything = amount_trim(fields[i]).len > 0;
    }
    for (size_t i = 0; i < merges->columns_end && says_anything; i++) {
        const struct going *going = &merges->going[i];
        if (going->last < line) {
            continue;
        }
        for (; *count <= i; (*count)++) {
            fields[*count] = RD_STR("");
        }
        fields[i] = rd_buf_str(&going->value);
        is_good &= !going->is_bad;
    }
    begin(merges, line, is_bad, fields, *count);
    return is_good;
}
