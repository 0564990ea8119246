/* top: what an office looks at all day: what is overdue, what is due today, what nobody has seen
 * yet, the newest warnings, and how much each unit has. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/ctl/ctl.h"
#include "tools/ctl/event.h"
#include "tools/ctl/screen.h"
#include "tools/ctl/top_cells.h"
#include "tools/shared/json.h"
#include "tools/shared/text.h"
#include "tools/shared/when.h"

enum {
    ROWS_MAX = 200,
    WIDE_COLUMNS = 140, /* of a terminal that has room for long subjects and names */
    WARNINGS_MAX = 1000,
    REFRESH_MS = 2000,
    LINE_BYTES_MAX = 16 * 1024,
    BAR_WIDTH = 24,
};

/* The questions, and what was answered last. */
enum part { OVERDUE, TODAY, UNSEEN, WARNINGS, UNITS, PART_COUNT };
static const struct {
    const char *key, *title, *method;
} PARTS[PART_COUNT] = {
        [OVERDUE] = {"overdue", "overdue", "case.list"},
        [TODAY] = {"due_today", "due today", "case.list"},
        [UNSEEN] = {"unacknowledged", "not acknowledged", "feed.unacked"},
        [WARNINGS] = {"warnings", "newest warnings", "contact.list"},
        [UNITS] = {"units", "open cases by unit", "case.list"},
};

struct top {
    struct ctl *ctl;
    const char *unit; /* NULL: all that the key may see */
    struct ctl_answer clock, answers[PART_COUNT];
    rd_node rows[PART_COUNT];
    bool has_more[PART_COUNT];
    rd_time now;       /* of this machine, or of a daemon that lives by its events */
    int64_t warned_us; /* so far back warnings are asked for */
    uint64_t chosen;   /* the alert that a key acknowledges; 0: none */
    bool is_wide;      /* there is room for long subjects and names */
    char told[END_WHY_MAX];
};

/* ---- asking ---- */

static void put_pair(struct rd_buf *params, uint32_t *pairs, const char *key, const char *text)
{
    rd_pack_cstr(params, key);
    rd_pack_cstr(params, text);
    (*pairs)++;
}

static void put_params(const struct top *top, enum part part, struct rd_buf *params)
{
    char day[RD_DATE_TEXT_MAX] = "";
    uint32_t pairs = 0;
    size_t mark = rd_pack_map_begin(params);
    if (top->unit != NULL) {
        put_pair(params, &pairs, "unit", top->unit);
    }
    if (part == OVERDUE) {
        rd_pack_cstr(params, "overdue");
        rd_pack_bool(params, true);
        pairs++;
        put_pair(params, &pairs, "sort", "overdue");
    } else if (part == TODAY) {
        (void)when_is_day(RD_STR("today"), top->now, WHEN_AHEAD, day);
        put_pair(params, &pairs, "due_on", day);
        put_pair(params, &pairs, "sort", "due");
    } else if (part == WARNINGS) {
        rd_pack_cstr(params, "warned");
        rd_pack_bool(params, true);
        rd_pack_cstr(params, "since");
        rd_pack_time(params, top->now - top->warned_us);
        pairs += 2;
    } else if (part == UNITS) {
        rd_pack_cstr(params, "open");
        rd_pack_bool(params, true);
        pairs++;
        put_pair(params, &pairs, "count_by", "unit");
    }
    if (part != UNITS) {
        rd_pack_cstr(params, "limit");
        rd_pack_uint(params, part == WARNINGS ? WARNINGS_MAX : ROWS_MAX);
        pairs++;
    }
    rd_pack_map_end(params, mark, pairs);
}

/* The day that is today: under time from events it is the daemon's. */
static enum exit_status ask_now(struct top *top)
{
    struct rd_buf none;
    char why[END_WHY_MAX] = "";
    rd_buf_init(&none, LINE_BYTES_MAX);
    rd_pack_map(&none, 0);
    enum exit_status status = ctl_try(top->ctl, "status", &none, &top->clock, why);
    rd_buf_done(&none);
    if (status != STATUS_OK) {
        (void)snprintf(top->told, sizeof top->told, "%s", why);
        return status;
    }
    rd_node result = top->clock.got.result, time = rd_node_find(result, "time");
    bool is_theirs = rd_node_bool(rd_node_find(result, "time_from_events")) &&
                     rd_node_type(time) == RD_NODE_TIME;
    top->now = is_theirs ? rd_node_time(time) : when_now();
    return STATUS_OK;
}

static enum exit_status ask_all(struct top *top)
{
    enum exit_status now = ask_now(top);
    if (now != STATUS_OK) {
        return now;
    }
    for (int i = 0; i < PART_COUNT; i++) {
        enum part part = (enum part)i;
        struct rd_buf params;
        rd_buf_init(&params, LINE_BYTES_MAX);
        put_params(top, part, &params);
        top->rows[part] = NULL; /* they go with the next answer */
        char why[END_WHY_MAX] = "";
        enum exit_status status =
                ctl_try(top->ctl, PARTS[part].method, &params, &top->answers[part], why);
        rd_buf_done(&params);
        if (status != STATUS_OK) {
            (void)snprintf(top->told, sizeof top->told, "%s", why);
            return status;
        }
        rd_node result = top->answers[part].got.result;
        top->rows[part] = rd_node_find(result, "rows");
        top->has_more[part] = rd_node_type(rd_node_find(result, "next")) != RD_NODE_NONE;
        if (part == WARNINGS && top->has_more[part]) {
            top->warned_us /= 4; /* the ledger tells the oldest first: the newest are wanted */
        }
    }
    return STATUS_OK;
}

static rd_node row_at(const struct top *top, enum part part, uint32_t index)
{
    return rd_node_at(top->rows[part], index);
}

static uint32_t row_count(const struct top *top, enum part part)
{
    return rd_node_count(top->rows[part]);
}

static void case_line(const struct top *top, struct rd_buf *line, rd_node row, enum part part)
{
    if (part == OVERDUE) {
        put_span(line, top->now, rd_node_time(rd_node_find(row, "overdue_since")));
    } else {
        put_due(line, rd_node_find(row, "due"));
    }
    struct rd_str clock = text_of(row, "clock_name");
    put_padded(line, text_of(row, "subject"), top->is_wide ? 36 : 18);
    put_padded(line, clock.len > 0 ? clock : text_of(row, "clock"), top->is_wide ? 24 : 14);
    put_padded(line, unit_of(row), top->is_wide ? 40 : 24);
    put_text(line, text_of(row, "handler"));
}

static void alert_line(struct rd_buf *line, rd_node row)
{
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRIu64, rd_node_uint(rd_node_find(row, "seq")));
    put_padded(line, rd_str_of(number), 7);
    put_clock_time(line, rd_node_find(row, "ack_by"));
    put_padded(line, text_of(row, "severity"), 8);
    put_padded(line, unit_of(row), 24);
    put_text(line, text_of(row, "title"));
}

static void warning_line(struct rd_buf *line, rd_node row)
{
    put_clock_time(line, rd_node_find(row, "time"));
    put_padded(line, text_of(row, "level"), 8);
    put_padded(line, text_of(row, "subject"), 18);
    put_padded(line, unit_of(row), 24);
    put_text(line, text_of(row, "outcome"));
}

static uint64_t number_of(rd_node row, const char *key)
{
    return rd_node_uint(rd_node_find(row, key));
}

/* A bar of so many columns; of its cases those overdue are hatched. */
static void unit_line(struct rd_buf *line, rd_node row, uint64_t most)
{
    uint64_t cases = number_of(row, "cases"), overdue = number_of(row, "overdue");
    char text[64];
    put_padded(line, unit_of(row), 24);
    (void)snprintf(text, sizeof text, "%6" PRIu64, cases);
    put_padded(line, rd_str_of(text), 6);
    uint64_t width = most > 0 ? (cases * BAR_WIDTH + most - 1) / most : 0;
    uint64_t late = cases > 0 ? (overdue * width + cases - 1) / cases : 0;
    for (uint64_t i = 0; i < width; i++) {
        rd_buf_put_text(line, i < late ? RD_STR("▓") : RD_STR("█"));
    }
    if (overdue > 0) {
        rd_buf_printf(line, " %" PRIu64 " overdue", overdue);
    }
}

static void put_row(
        const struct top *top, enum part part, uint32_t index, uint64_t most, struct rd_buf *line)
{
    rd_node row = row_at(top, part, index);
    switch (part) {
    case OVERDUE:
    case TODAY:
        case_line(top, line, row, part);
        return;
    case UNSEEN:
        alert_line(line, row);
        return;
    case WARNINGS:
        warning_line(line, row);
        return;
    case UNITS:
        unit_line(line, row, most);
        return;
    case PART_COUNT:
        break;
    }
    RD_UNREACHABLE("a part of the screen");
}

static uint64_t most_cases(const struct top *top)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < row_count(top, UNITS); i++) {
        uint64_t cases = number_of(row_at(top, UNITS, i), "cases");
        most = cases > most ? cases : most;
    }
    return most;
}

/* ---- the screen ---- */

/* What a part shows first: the ledger tells the oldest first. */
static uint32_t index_of(const struct top *top, enum part part, uint32_t shown)
{
    return part == WARNINGS ? row_count(top, part) - 1 - shown : shown;
}

static void draw_head(const struct top *top, struct screen *screen, struct rd_buf *line)
{
    char now[LOCAL_TEXT_MAX];
    local_time(top->now, now);
    rd_buf_reset(line);
    rd_buf_printf(line, "redress  %s  %s", now, top->unit != NULL ? top->unit : "all units");
    for (int i = 0; i < UNITS; i++) {
        rd_buf_printf(line, "  %s %" PRIu32 "%s", PARTS[i].title, row_count(top, (enum part)i),
                top->has_more[i] ? "+" : "");
    }
    screen_line(screen, SCREEN_BOLD, rd_buf_str(line));
}

static enum screen_colour colour_of(const struct top *top, enum part part, rd_node row)
{
    if (part == UNSEEN && number_of(row, "seq") == top->chosen) {
        return SCREEN_REVERSE;
    }
    struct rd_str level = text_of(row, part == WARNINGS ? "level" : "severity");
    return part == OVERDUE || rd_str_is(level, "critical") ? SCREEN_RED
           : rd_str_is(level, "high")                      ? SCREEN_YELLOW
                                                           : SCREEN_PLAIN;
}

/* Around the chosen row, so that it is never out of sight. */
static uint32_t first_shown(const struct top *top, enum part part, uint32_t room)
{
    for (uint32_t i = 0; part == UNSEEN && i < row_count(top, part); i++) {
        if (number_of(row_at(top, part, i), "seq") == top->chosen) {
            return i < room ? 0 : i - room + 1;
        }
    }
    return 0;
}

static void draw_part(const struct top *top, enum part part, uint32_t room, struct screen *screen,
        struct rd_buf *line)
{
    uint32_t count = row_count(top, part), first = first_shown(top, part, room);
    uint64_t most = part == UNITS ? most_cases(top) : 0;
    rd_buf_reset(line);
    rd_buf_printf(
            line, "── %s: %" PRIu32 "%s", PARTS[part].title, count, top->has_more[part] ? "+" : "");
    screen_line(screen, SCREEN_BOLD, rd_buf_str(line));
    for (uint32_t i = first; i < count && i < first + room; i++) {
        uint32_t index = index_of(top, part, i);
        rd_buf_reset(line);
        put_row(top, part, index, most, line);
        screen_line(screen, colour_of(top, part, row_at(top, part, index)), rd_buf_str(line));
    }
}

/* Each part has its share of the lines; what one does not need goes to those behind it. */
static void draw(struct top *top, struct screen *screen)
{
    struct rd_buf line;
    rd_buf_init(&line, LINE_BYTES_MAX);
    screen_begin(screen);
    top->is_wide = screen->width >= WIDE_COLUMNS;
    draw_head(top, screen, &line);
    for (int i = 0; i < PART_COUNT; i++) {
        size_t parts_left = (size_t)(PART_COUNT - i), left = screen_left(screen);
        size_t rooms = left > parts_left + 1 ? left - parts_left - 1 : 0; /* heads, and the foot */
        size_t share = (rooms + parts_left - 1) / parts_left;
        if (left > 1) {
            draw_part(top, (enum part)i, (uint32_t)share, screen, &line);
        }
    }
    while (screen_left(screen) > 1) {
        screen_line(screen, SCREEN_PLAIN, (struct rd_str){0});
    }
    screen_line(screen, SCREEN_BOLD,
            rd_str_of(top->told[0] != '\0' ? top->told
                                           : "a acknowledge  j k choose  r look again  q quit"));
    screen_show(screen);
    rd_buf_done(&line);
}

/* ---- keys ---- */

/* The alert so many rows from the chosen one; the first where that one is gone. */
static void choose(struct top *top, int step)
{
    uint32_t count = row_count(top, UNSEEN), at = 0;
    bool is_there = false;
    for (uint32_t i = 0; i < count && !is_there; i++) {
        is_there = number_of(row_at(top, UNSEEN, i), "seq") == top->chosen;
        at = is_there ? i : 0;
    }
    if (is_there && step < 0) {
        at -= at > 0 ? 1 : 0;
    } else if (is_there && step > 0) {
        at += at + 1 < count ? 1 : 0;
    }
    top->chosen = count > 0 ? number_of(row_at(top, UNSEEN, at), "seq") : 0;
}

static void acknowledge(struct top *top)
{
    char number[24];
    struct event_draft draft = {.type = "alert.acknowledged"};
    struct rd_buf id, event;
    if (top->chosen == 0) {
        (void)snprintf(top->told, sizeof top->told, "there is nothing to acknowledge");
        return;
    }
    (void)snprintf(number, sizeof number, "%" PRIu64, top->chosen);
    rd_buf_init(&id, LINE_BYTES_MAX);
    rd_buf_init(&event, LINE_BYTES_MAX);
    bool is_good = event_add(&draft, "alert", strlen("alert"), number) &&
                   event_pack(top->ctl, &draft, &id, &event);
    if (is_good &&
            ctl_send_try(top->ctl, rd_buf_str(&id), rd_buf_str(&event), top->told) == STATUS_OK) {
        (void)snprintf(top->told, sizeof top->told, "alert %s is acknowledged", number);
    }
    rd_buf_done(&id);
    rd_buf_done(&event);
}

/* True: it goes on. */
static bool obey(struct top *top, int key)
{
    top->told[0] = key == SCREEN_NO_KEY ? top->told[0] : '\0';
    switch (key) {
    case 'q':
    case SCREEN_ENDED:
        return false;
    case 'a':
        acknowledge(top);
        break;
    case 'k':
    case SCREEN_UP:
        choose(top, -1);
        break;
    case 'j':
    case SCREEN_DOWN:
        choose(top, 1);
        break;
    default:
        break;
    }
    return true;
}

static enum exit_status live(struct top *top)
{
    struct screen screen;
    int r = screen_open(&screen);
    if (r < 0) {
        say_error("the terminal: %s", strerror(-r));
        return STATUS_USAGE;
    }
    bool goes_on = true, was_lost = false;
    while (goes_on) {
        enum exit_status status = ask_all(top);
        if (status == STATUS_REFUSED) { /* no key gets through by waiting */
            screen_close(&screen);
            say_error("%s", top->told);
            return status;
        }
        if (status == STATUS_OK && was_lost) {
            top->told[0] = '\0';
        }
        was_lost = status != STATUS_OK;
        choose(top, 0);
        draw(top, &screen);
        goes_on = obey(top, screen_key(&screen, REFRESH_MS));
    }
    screen_close(&screen);
    return STATUS_OK;
}

/* ---- once: no terminal, or a document ---- */

static void print_once(const struct top *top)
{
    struct rd_buf line;
    rd_buf_init(&line, LINE_BYTES_MAX);
    for (int i = 0; i < PART_COUNT; i++) {
        enum part part = (enum part)i;
        uint64_t most = part == UNITS ? most_cases(top) : 0;
        (void)printf("%s: %" PRIu32 "%s\n", PARTS[i].title, row_count(top, part),
                top->has_more[i] ? "+" : "");
        for (uint32_t k = 0; k < row_count(top, part); k++) {
            rd_buf_reset(&line);
            put_row(top, part, index_of(top, part, k), most, &line);
            (void)printf("  %.*s\n", RD_FMT(rd_buf_str(&line)));
        }
    }
    rd_buf_done(&line);
}

static void print_json(const struct top *top)
{
    json_t *map = json_object();
    for (int i = 0; i < PART_COUNT; i++) {
        (void)json_object_set_new(map, PARTS[i].key, json_of_node(top->rows[i]));
    }
    json_print(stdout, map, false);
}

enum exit_status ctl_top(struct ctl *ctl)
{
    struct top *top = calloc(1, sizeof *top);
    if (top == NULL) {
        rd_oom();
    }
    top->ctl = ctl;
    top->unit = ctl_option(ctl, "unit");
    top->warned_us = RD_DAY_US;
    enum exit_status status = ask_all(top);
    bool is_live = !ctl->is_json && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
    if (status != STATUS_OK) {
        say_error("%s", top->told);
    } else if (is_live) {
        status = live(top);
    } else {
        (ctl->is_json ? print_json : print_once)(top);
    }
    for (int i = 0; i < PART_COUNT; i++) {
        ctl_answer_done(&top->answers[i]);
    }
    ctl_answer_done(&top->clock);
    free(top);
    return status;
}
