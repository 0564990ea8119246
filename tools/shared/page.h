/* tools/shared/page.h — one page of HTML to print or mail: no script, nothing from elsewhere,
 * charts as inline SVG, in English or Chinese.
 *
 * It is read at 320 pixels as well as on a wide screen: a table's rows become cards where it is
 * narrow, charts are as wide as their place, and what may be long stands beside a chart as text
 * that wraps, never in it. */
#pragma once

#include <stdio.h>

#include "common/base/base.h"

struct page {
    FILE *out;
    bool is_zh;
};

/* The word in the page's language. */
const char *page_word(const struct page *page, const char *en, const char *zh);
void page_begin(const struct page *page, const char *title);
void page_end(const struct page *page);
/* Text from anywhere, as text. */
void page_text(const struct page *page, struct rd_str text);
void page_cstr(const struct page *page, const char *text);
void page_heading(const struct page *page, const char *text); /* of a section */
void page_note(const struct page *page, const char *text);
void page_head(const struct page *page, const char *text, bool is_number); /* of a column */
/* A cell of numbers; `head` is shown before it where the page is narrow. page_cell_end() follows
 * what is in it. */
void page_cell(const struct page *page, struct rd_str head);
void page_cell_end(const struct page *page);

/* Columns standing side by side, as of months; labels are a few letters. */
struct page_column {
    struct rd_str label;
    int64_t value;
};
void page_columns(const struct page *page, struct rd_str title, const struct page_column *columns,
        uint32_t count);

/* A bar of parts that follow one another, with their names and numbers in words under it; each has
 * the colour of its place. */
enum { PAGE_PARTS_MAX = 6 };
struct page_part {
    const char *name;
    int64_t value; /* ≥ 0 */
};
void page_stack(const struct page *page, struct rd_str title, const struct page_part *parts,
        uint32_t count);

/* A share in 1/10,000 with the interval that it lies in, as a dot on a line from 0 to 100 %. */
struct page_share {
    int64_t value, low, high;
};
void page_interval(const struct page *page, struct rd_str title, const struct page_share *share,
        struct rd_str words);

/* Days of the week, from Monday, by hours: the more, the darker. */
enum { PAGE_DAYS = 7, PAGE_HOURS = 24 };
void page_heat(
        const struct page *page, struct rd_str title, const uint64_t cells[PAGE_DAYS][PAGE_HOURS]);
