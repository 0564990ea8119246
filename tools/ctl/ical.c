/* tools/ctl/ical.c — a roster as an iCalendar file (RFC 5545). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/time/civil.h"
#include "common/time/utime.h"
#include "tools/ctl/office.h"
#include "tools/shared/table.h"

enum { FOLD_BYTES = 73, LINE_BYTES_MAX = 4096, PARAMS_BYTES_MAX = 64 * 1024 };

/* A content line: at most 75 bytes, then folded at whole characters. */
static void put_line(FILE *out, struct rd_str line)
{
    size_t room = FOLD_BYTES;
    while (line.len > room) {
        size_t cut = room;
        while (cut > 0 && ((uint8_t)line.ptr[cut] & 0xc0U) == 0x80U) {
            cut--;
        }
        (void)fprintf(out, "%.*s\r\n ", (int)cut, line.ptr);
        line = (struct rd_str){line.ptr + cut, line.len - cut};
        room = FOLD_BYTES - 1;
    }
    (void)fprintf(out, "%.*s\r\n", RD_FMT(line));
}

/* TEXT: what would end or part it is escaped, what no calendar shows is left out. */
static void put_text_value(struct rd_buf *buf, struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c == '\\' || c == ';' || c == ',') {
            rd_buf_put_u8(buf, '\\');
        }
        if (c >= 0x20 && c != 0x7f) {
            rd_buf_put_u8(buf, c);
        }
    }
}

/* 20260105T010000Z, with its fraction where there is one. */
static void put_instant(struct rd_buf *buf, rd_time time)
{
    char text[RD_TIME_TEXT_MAX];
    rd_time_format(time, text);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != '-' && *at != ':') {
            rd_buf_put_u8(buf, (uint8_t)*at);
        }
    }
}

/* A DATE-TIME knows whole seconds only. */
static void put_utc(struct rd_buf *buf, rd_time time)
{
    put_instant(buf, time - (time % RD_SECOND_US + RD_SECOND_US) % RD_SECOND_US);
}

static void put_date(struct rd_buf *buf, rd_day day)
{
    struct rd_date date = rd_date_of(day);
    rd_buf_printf(buf, "%04d%02u%02u", date.year, date.month, date.day);
}

static void flush(FILE *out, struct rd_buf *buf)
{
    put_line(out, rd_buf_str(buf));
    buf->len = 0;
}

static void put_line_of(FILE *out, struct rd_buf *buf, const char *name, rd_time time)
{
    rd_buf_put_text(buf, rd_str_of(name));
    put_utc(buf, time);
    flush(out, buf);
}

/* A turn has the name of its beginning, as it is without anybody who stands in, and one who stands
 * in that of the event; what is left behind its first part has that of its own beginning. So a name
 * never goes to another entry, whatever is taken later. */
static void put_uid(FILE *out, struct rd_buf *buf, rd_node row)
{
    bool is_part = rd_node_bool(rd_node_find(row, "part"));
    uint64_t seq = rd_node_uint(rd_node_find(row, "seq"));
    rd_buf_put_text(buf, RD_STR("UID:"));
    if (seq != 0) {
        rd_buf_printf(buf, "stand-in-%" PRIu64 "-", seq);
    }
    if (seq == 0 || is_part) {
        put_instant(buf, rd_node_time(rd_node_find(row, is_part ? "from" : "begin")));
        rd_buf_put_text(buf, RD_STR("-"));
    }
    put_text_value(buf, rd_node_str(rd_node_find(row, "roster")));
    rd_buf_put_text(buf, RD_STR("@redress"));
    flush(out, buf);
}

/* What all entries of a file have in common. */
struct copy {
    FILE *out;
    struct rd_buf buf; /* the line that is being made */
    rd_time now;
    struct rd_str roster;
    bool is_zh;
};

static void put_turn(struct copy *copy, rd_node row)
{
    FILE *out = copy->out;
    struct rd_buf *buf = &copy->buf;
    put_line(out, RD_STR("BEGIN:VEVENT"));
    put_uid(out, buf, row);
    put_line_of(out, buf, "DTSTAMP:", copy->now);
    put_line_of(out, buf, "DTSTART:", rd_node_time(rd_node_find(row, "from")));
    put_line_of(out, buf, "DTEND:", rd_node_time(rd_node_find(row, "until")));
    rd_buf_put_text(buf, RD_STR("SUMMARY:"));
    put_text_value(buf, rd_node_str(rd_node_find(row, "name")));
    rd_buf_put_text(buf, RD_STR(": "));
    put_text_value(buf, rd_node_str(rd_node_find(row, "unit_name")));
    bool is_provisional = rd_node_bool(rd_node_find(row, "provisional"));
    rd_buf_put_text(buf, !is_provisional ? RD_STR("")
                         : copy->is_zh   ? RD_STR("（暂定）")
                                         : RD_STR(" (provisional)"));
    flush(out, buf);
    rd_buf_printf(buf, "SEQUENCE:%" PRIu64, rd_node_uint(rd_node_find(row, "changes")));
    flush(out, buf);
    bool is_replaced = rd_node_bool(rd_node_find(row, "replaced"));
    put_line(out, is_replaced      ? RD_STR("STATUS:CANCELLED")
                  : is_provisional ? RD_STR("STATUS:TENTATIVE")
                                   : RD_STR("STATUS:CONFIRMED"));
    put_line(out, RD_STR("END:VEVENT"));
}

static struct rd_str day_words(bool is_working, bool is_zh)
{
    return is_zh        ? (is_working ? RD_STR("（上班）") : RD_STR("（放假）"))
           : is_working ? RD_STR(" (working day)")
                        : RD_STR(" (day off)");
}

/* The UID names the roster: two of them may go by calendars that differ in this day. */
static void put_day(struct copy *copy, rd_node row)
{
    rd_day day;
    FILE *out = copy->out;
    struct rd_buf *buf = &copy->buf;
    if (rd_day_parse(rd_node_str(rd_node_find(row, "date")), &day) < 0) {
        return;
    }
    bool is_working = rd_node_bool(rd_node_find(row, "working"));
    put_line(out, RD_STR("BEGIN:VEVENT"));
    rd_buf_put_text(buf, RD_STR("UID:day-"));
    put_date(buf, day);
    rd_buf_put_text(buf, RD_STR("-"));
    put_text_value(buf, copy->roster);
    rd_buf_put_text(buf, RD_STR("@redress"));
    flush(out, buf);
    put_line_of(out, buf, "DTSTAMP:", copy->now);
    rd_buf_put_text(buf, RD_STR("DTSTART;VALUE=DATE:"));
    put_date(buf, day);
    flush(out, buf);
    rd_buf_put_text(buf, RD_STR("SUMMARY:"));
    put_text_value(buf, rd_node_str(rd_node_find(row, "name")));
    rd_buf_put_text(buf, day_words(is_working, copy->is_zh));
    flush(out, buf);
    put_line(out, RD_STR("TRANSP:TRANSPARENT"));
    put_line(out, RD_STR("END:VEVENT"));
}

/* The first page brings the days of the whole span, too. */
static void put_page(const struct ctl *ctl, FILE *out, rd_node result, bool is_first)
{
    rd_node rows = rd_node_find(result, "rows"), days = rd_node_find(result, "days");
    struct copy copy = {.out = out,
            .now = rd_node_time(rd_node_find(rd_node_find(result, "as_of"), "time")),
            .roster = rd_str_of(ctl->words[0]),
            .is_zh = style_in(stdout, ctl_option(ctl, "lang")).is_zh};
    rd_buf_init(&copy.buf, LINE_BYTES_MAX);
    if (is_first) {
        put_line(out, RD_STR("BEGIN:VCALENDAR"));
        put_line(out, RD_STR("VERSION:2.0"));
        put_line(out, RD_STR("PRODID:-//redress//roster//EN"));
        put_line(out, RD_STR("METHOD:PUBLISH"));
    }
    for (uint32_t i = 0; is_first && i < rd_node_count(days); i++) {
        put_day(&copy, rd_node_at(days, i));
    }
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        put_turn(&copy, rd_node_at(rows, i));
    }
    rd_buf_done(&copy.buf);
}

static enum exit_status ask_page(
        struct ctl *ctl, const struct office *office, FILE *out, struct office_page *page)
{
    struct rd_buf params;
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    bool is_first = page->after == 0;
    office_put_params(ctl, &params, office, is_first ? NULL : page);
    enum exit_status status = ctl_ask(ctl, office->method, &params, &answer);
    rd_buf_done(&params);
    if (status == STATUS_OK) {
        rd_node result = answer.got.result;
        put_page(ctl, out, result, is_first);
        page->after = rd_node_uint(rd_node_find(result, "next"));
        page->from = is_first ? rd_node_time(rd_node_find(rd_node_find(result, "as_of"), "time"))
                              : page->from;
    }
    return status;
}

/* The file is whole or there is none: nothing is printed before the last page has come. */
enum exit_status print_ical(struct ctl *ctl, const struct office *office)
{
    if (ctl_option(ctl, "limit") != NULL || ctl_option(ctl, "after") != NULL) {
        say_error("--ical writes all turns from --from to --to: without --limit and --after");
        return STATUS_USAGE;
    }
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    if (out == NULL) {
        say_error("out of memory");
        return STATUS_USAGE;
    }
    struct office_page page = {0};
    enum exit_status status = STATUS_OK;
    do {
        status = ask_page(ctl, office, out, &page);
    } while (status == STATUS_OK && page.after != 0);
    put_line(out, RD_STR("END:VCALENDAR"));
    (void)fclose(out);
    if (status == STATUS_OK && text != NULL) {
        (void)fwrite(text, 1, bytes, stdout);
    }
    free(text);
    return status;
}
