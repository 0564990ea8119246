#include "tools/shared/page.h"

#include <inttypes.h>
#include <string.h>

enum {
    TEN_THOUSAND = 10000,
    COLUMN_HEIGHT = 120,
    COLUMN_WIDTH = 40,
    HEAT_CELL = 20,
    HEAT_LEFT = 34,
    HEAT_SHADES = 100, /* percent */
    HEAT_LEAST = 12,
};

/* Narrow pages show each row of a table as a card, so that nothing is cut off. */
static const char STYLE[] =
        "*{box-sizing:border-box}body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;"
        "color:#1d2530;margin:0 auto;padding:1.2rem;max-width:1180px;overflow-wrap:anywhere}"
        "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .6rem}"
        ".note{color:#5a6675;margin:.2rem 0 1rem}"
        ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.7rem}"
        ".card{border:1px solid #d5dbe3;border-radius:8px;padding:.6rem .8rem}"
        ".card b{display:block;font-size:1.35rem}.card i{font-style:normal;color:#5a6675}"
        ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem}"
        ".wide{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));"
        "gap:1rem}"
        "figure{margin:0 0 .8rem}svg{display:block;width:100%;height:auto}svg.bar{height:1rem}"
        "rect{fill:#2f6db5}text{font-size:11px;fill:#5a6675}"
        ".p0{fill:#2f8f5b;background:#2f8f5b}.p1{fill:#e0a030;background:#e0a030}"
        ".p2{fill:#c0392b;background:#c0392b}.p3{fill:#2f6db5;background:#2f6db5}"
        ".p4{fill:#aab4c0;background:#aab4c0}.p5{fill:#7d5ba6;background:#7d5ba6}"
        ".key{display:inline-block;margin:0 .9rem 0 0;color:#5a6675;font-size:.85rem}"
        ".key s{display:inline-block;width:.7rem;height:.7rem;margin-right:.3rem}"
        ".grey{fill:#e3e8ee}.line{stroke:#2f6db5;stroke-width:2}.dot{fill:#1d2530}"
        "table{border-collapse:collapse;width:100%}th,td{padding:.3rem .5rem;"
        "border-bottom:1px solid #e3e8ee;text-align:left;vertical-align:top}"
        "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
        "th,td{overflow-wrap:break-word}td:first-child{overflow-wrap:anywhere;min-width:6rem}"
        "th{font-size:.87rem}"
        "@media(max-width:900px){th,td{overflow-wrap:anywhere}thead{display:none}tr,td,td.n{"
        "display:block;text-align:left}"
        "tr{border-bottom:1px solid #aab4c0;padding:.4rem 0}td{border:0;padding:.05rem 0}"
        "td:before{content:attr(data-h) ' ';color:#5a6675}td:first-child{font-weight:600}"
        "td:first-child:before{content:''}}"
        "@media print{body{max-width:none;padding:0;print-color-adjust:exact}"
        "tr,figure{break-inside:avoid}}";

const char *page_word(const struct page *page, const char *en, const char *zh)
{
    return page->is_zh ? zh : en;
}

void page_begin(const struct page *page, const char *title)
{
    (void)fprintf(page->out,
            "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta "
            "name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>%s</title>"
            "<style>%s</style></head><body>\n",
            page->is_zh ? "zh-CN" : "en", title, STYLE);
}

void page_end(const struct page *page)
{
    (void)fputs("</body></html>\n", page->out);
}

void page_text(const struct page *page, struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            (void)fputs("&amp;", page->out);
            break;
        case '<':
            (void)fputs("&lt;", page->out);
            break;
        case '>':
            (void)fputs("&gt;", page->out);
            break;
        case '"':
            (void)fputs("&quot;", page->out);
            break;
        default: {
            unsigned char byte = (unsigned char)text.ptr[i];
            bool is_no_letter =
                    text.len - i >= 3 && (memcmp(text.ptr + i, "\xef\xbf\xbe", 3) == 0 ||
                                                 memcmp(text.ptr + i, "\xef\xbf\xbf", 3) == 0);
            (void)fputc(is_no_letter || byte < ' ' || byte == 0x7f ? ' ' : byte, page->out);
            i += is_no_letter ? 2 : 0; /* XML has no place for U+FFFE and U+FFFF */
        }
        }
    }
}

void page_cstr(const struct page *page, const char *text)
{
    page_text(page, rd_str_of(text));
}

static void element(const struct page *page, const char *open, const char *text, const char *close)
{
    (void)fputs(open, page->out);
    page_cstr(page, text);
    (void)fprintf(page->out, "%s\n", close);
}

void page_heading(const struct page *page, const char *text)
{
    element(page, "<h2>", text, "</h2>");
}

void page_note(const struct page *page, const char *text)
{
    element(page, "<p class=note>", text, "</p>");
}

void page_head(const struct page *page, const char *text, bool is_number)
{
    (void)fputs(is_number ? "<th class=n>" : "<th>", page->out);
    page_cstr(page, text);
    (void)fputs("</th>", page->out);
}

void page_cell(const struct page *page, struct rd_str head)
{
    (void)fputs("<td class=n data-h=\"", page->out);
    page_text(page, head);
    (void)fputs("\">", page->out);
}

void page_cell_end(const struct page *page)
{
    (void)fputs("</td>", page->out);
}

static void caption(const struct page *page, struct rd_str title)
{
    (void)fputs("<figure><figcaption>", page->out);
    page_text(page, title);
    (void)fputs("</figcaption>", page->out);
}

void page_columns(const struct page *page, struct rd_str title, const struct page_column *columns,
        uint32_t count)
{
    int64_t most = 1;
    for (uint32_t i = 0; i < count; i++) {
        most = columns[i].value > most ? columns[i].value : most;
    }
    caption(page, title);
    (void)fprintf(page->out, "<svg viewBox=\"0 0 %" PRIu32 " %d\" role=img>",
            count * COLUMN_WIDTH + 4, COLUMN_HEIGHT + 34);
    for (uint32_t i = 0; i < count; i++) {
        int64_t number = columns[i].value;
        int64_t height = number > 0 ? number * COLUMN_HEIGHT / most : 0;
        int64_t top = COLUMN_HEIGHT - height + 14;
        uint32_t left = i * COLUMN_WIDTH + 4;
        (void)fprintf(page->out,
                "<rect x=\"%" PRIu32 "\" y=\"%" PRId64 "\" width=\"%d\" height=\"%" PRId64
                "\"/><text x=\"%" PRIu32 "\" y=\"%" PRId64 "\">%" PRId64 "</text><text x=\"%" PRIu32
                "\" y=\"%d\">",
                left, top, COLUMN_WIDTH - 8, height, left, top - 3, number, left,
                COLUMN_HEIGHT + 28);
        page_text(page, columns[i].label);
        (void)fputs("</text>", page->out);
    }
    (void)fputs("</svg></figure>\n", page->out);
}

void page_stack(
        const struct page *page, struct rd_str title, const struct page_part *parts, uint32_t count)
{
    int64_t sum = 0, done = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += parts[i].value;
    }
    caption(page, title);
    (void)fprintf(page->out, "<svg class=bar viewBox=\"0 0 %d 1\" preserveAspectRatio=none>",
            TEN_THOUSAND);
    for (uint32_t i = 0; i < count && sum > 0; i++) {
        int64_t left = done * TEN_THOUSAND / sum;
        done += parts[i].value;
        (void)fprintf(page->out,
                "<rect class=p%" PRIu32 " x=\"%" PRId64 "\" y=\"0\" width=\"%" PRId64
                "\" height=\"1\"/>",
                i, left, done * TEN_THOUSAND / sum - left);
    }
    (void)fputs("</svg>", page->out);
    for (uint32_t i = 0; i < count; i++) {
        (void)fprintf(page->out, "<span class=key><s class=p%" PRIu32 "></s>", i);
        page_cstr(page, parts[i].name);
        (void)fprintf(page->out, " %" PRId64 "</span>", parts[i].value);
    }
    (void)fputs("</figure>\n", page->out);
}

void page_interval(const struct page *page, struct rd_str title, const struct page_share *share,
        struct rd_str words)
{
    enum { HEIGHT = 400, MIDDLE = 200, DOT = 60 };
    caption(page, title);
    (void)fprintf(page->out,
            "<svg class=bar viewBox=\"0 0 %d %d\" preserveAspectRatio=none><rect class=grey "
            "x=\"0\" "
            "y=\"%d\" width=\"%d\" height=\"20\"/>",
            TEN_THOUSAND, HEIGHT, MIDDLE - 10, TEN_THOUSAND);
    (void)fprintf(page->out,
            "<rect class=p3 x=\"%" PRId64 "\" y=\"%d\" width=\"%" PRId64 "\" height=\"120\"/>"
            "<rect class=dot x=\"%" PRId64 "\" y=\"0\" width=\"%d\" height=\"%d\"/></svg>",
            share->low, MIDDLE - 60, share->high - share->low,
            share->value < DOT / 2                  ? 0
            : share->value > TEN_THOUSAND - DOT / 2 ? TEN_THOUSAND - DOT
                                                    : share->value - DOT / 2,
            DOT, HEIGHT);
    (void)fputs("<span class=key>", page->out);
    page_text(page, words);
    (void)fputs("</span></figure>\n", page->out);
}

void page_heat(
        const struct page *page, struct rd_str title, const uint64_t cells[PAGE_DAYS][PAGE_HOURS])
{
    static const char *const DAYS[PAGE_DAYS][2] = {{"Mon", "周一"}, {"Tue", "周二"},
            {"Wed", "周三"}, {"Thu", "周四"}, {"Fri", "周五"}, {"Sat", "周六"}, {"Sun", "周日"}};
    uint64_t most = 1;
    for (size_t i = 0; i < (size_t)PAGE_DAYS * PAGE_HOURS; i++) {
        uint64_t cell = cells[i / PAGE_HOURS][i % PAGE_HOURS];
        most = cell > most ? cell : most;
    }
    caption(page, title);
    (void)fprintf(page->out, "<svg viewBox=\"0 0 %d %d\" role=img>",
            HEAT_LEFT + PAGE_HOURS * HEAT_CELL, (PAGE_DAYS + 1) * HEAT_CELL);
    for (int day = 0; day < PAGE_DAYS; day++) {
        int top = day * HEAT_CELL;
        (void)fprintf(page->out, "<text x=\"0\" y=\"%d\">%s</text>", top + 14,
                DAYS[day][page->is_zh ? 1 : 0]);
        for (int hour = 0; hour < PAGE_HOURS; hour++) {
            uint64_t cell = cells[day][hour];
            uint64_t shade = HEAT_LEAST + cell * (HEAT_SHADES - HEAT_LEAST) / most;
            (void)fprintf(page->out,
                    "<rect class=%s fill-opacity=\"%" PRIu64 ".%02" PRIu64 "\" x=\"%d\" y=\"%d\" "
                    "width=\"%d\" height=\"%d\"><title>%s %02d: %" PRIu64 "</title></rect>",
                    cell > 0 ? "p3" : "grey", cell > 0 ? shade / HEAT_SHADES : 1,
                    cell > 0 ? shade % HEAT_SHADES : 0, HEAT_LEFT + hour * HEAT_CELL, top,
                    HEAT_CELL - 2, HEAT_CELL - 2, DAYS[day][page->is_zh ? 1 : 0], hour, cell);
        }
    }
    for (int hour = 0; hour < PAGE_HOURS; hour += 3) {
        (void)fprintf(page->out, "<text x=\"%d\" y=\"%d\">%02d</text>",
                HEAT_LEFT + hour * HEAT_CELL, (PAGE_DAYS + 1) * HEAT_CELL - 6, hour);
    }
    (void)fputs("</svg></figure>\n", page->out);
}
