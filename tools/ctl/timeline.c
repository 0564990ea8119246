#include "tools/ctl/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/event_words.h"
#include "tools/shared/page.h"
#include "tools/shared/text.h"

/* A case's course as one SVG: its pauses, each clock with what moved it, the rungs and other
 * alerts, the events. What is long stands on lines of its own, cut to the width. */

enum {
    LEFT = 20,
    WIDTH = 960, /* of the time axis */
    TOTAL = LEFT + WIDTH + LEFT,
    LINE = 17, /* height of a line of text */
    BAR = 14,
    GAP = 12,
    TICKS = 4,
    COLUMNS = 136, /* of text, that surely fit into the width */
    LINE_BYTES = 2048,
    ENTRIES_MAX = 300 /* events listed */
};

struct drawing {
    struct page page;
    rd_node whole, explained; /* answers to case.get and explain */
    rd_time first, last, now;
    int y;
};

static const char *of(const struct drawing *drawing, const char *en, const char *zh)
{
    return page_word(&drawing->page, en, zh);
}

static rd_time time_of(rd_node map, const char *key)
{
    rd_node node = rd_node_find(map, key);
    return rd_node_type(node) == RD_NODE_TIME ? rd_node_time(node) : RD_TIME_NONE;
}

static struct rd_str text_of(rd_node map, const char *key)
{
    return rd_node_str(rd_node_find(map, key));
}

/* ---- the span ---- */

static void widen(struct drawing *drawing, rd_time time)
{
    if (time == RD_TIME_NONE) {
        return;
    }
    drawing->first =
            drawing->first == RD_TIME_NONE || time < drawing->first ? time : drawing->first;
    drawing->last = drawing->last == RD_TIME_NONE || time > drawing->last ? time : drawing->last;
}

static void widen_by_all(struct drawing *drawing, const char *list, const char *const *keys)
{
    rd_node rows = rd_node_find(drawing->whole, list);
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        for (size_t k = 0; keys[k] != NULL; k++) {
            widen(drawing, time_of(rd_node_at(rows, i), keys[k]));
        }
    }
}

static void find_span(struct drawing *drawing)
{
    static const char *const CLOCK[] = {"start", "due", "due_if_resumed", "stopped", NULL};
    static const char *const PAUSE[] = {"begin", "end", NULL}, *const ENTRY[] = {"time", NULL};
    static const char *const OWN[] = {"opened", "received", "decided", "closed"};
    drawing->first = drawing->last = RD_TIME_NONE;
    for (size_t i = 0; i < RD_COUNT(OWN); i++) {
        widen(drawing, time_of(drawing->whole, OWN[i]));
    }
    if (time_of(drawing->whole, "closed") == RD_TIME_NONE) {
        widen(drawing, drawing->now);
    }
    widen_by_all(drawing, "clocks", CLOCK);
    widen_by_all(drawing, "pauses", PAUSE);
    widen_by_all(drawing, "history", ENTRY);
    widen_by_all(drawing, "alerts", ENTRY);
    if (drawing->first == RD_TIME_NONE) {
        drawing->first = drawing->last = drawing->now;
    }
    if (drawing->last - drawing->first < RD_MINUTE_US) { /* all at one moment */
        drawing->last = drawing->first + RD_MINUTE_US;
    }
}

static int x_of(const struct drawing *drawing, rd_time time)
{
    /* Minutes: a span of years times a thousand stays a number. */
    int64_t span = (drawing->last - drawing->first) / RD_SECOND_US;
    int64_t at = (time - drawing->first) / RD_SECOND_US;
    at = at < 0 ? 0 : at > span ? span : at;
    return LEFT + (int)(at * WIDTH / span);
}

/* ---- what is drawn ---- */

/* A line of text, cut so that it ends inside the picture. */
static void line(struct drawing *drawing, const char *class, struct rd_str text)
{
    size_t fits = fit_into(text, COLUMNS);
    (void)fprintf(drawing->page.out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, LEFT,
            drawing->y + LINE - 5);
    page_text(&drawing->page, (struct rd_str){text.ptr, fits});
    (void)fputs(fits < text.len ? "…</text>\n" : "</text>\n", drawing->page.out);
    drawing->y += LINE;
}

static void bar(const struct drawing *drawing, const char *class, rd_time from, rd_time to)
{
    int left = x_of(drawing, from), right = x_of(drawing, to);
    (void)fprintf(drawing->page.out,
            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>", class, left,
            drawing->y, right > left ? right - left : 1, BAR);
}

static void mark(const struct drawing *drawing, const char *class, rd_time time)
{
    int x = x_of(drawing, time);
    (void)fprintf(drawing->page.out, "<path class=\"%s\" d=\"M%d %dV%d\"/>", class, x,
            drawing->y - 3, drawing->y + BAR + 3);
}

static void dot(const struct drawing *drawing, const char *class, rd_time time)
{
    (void)fprintf(drawing->page.out, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"5\"/>", class,
            x_of(drawing, time), drawing->y + BAR / 2);
}

static void next_lane(struct drawing *drawing)
{
    (void)fputc('\n', drawing->page.out);
    drawing->y += BAR + GAP;
}

static void print_axis(struct drawing *drawing)
{
    static const char *const ANCHORS[] = {"start", "middle", "end"};
    for (int i = 0; i <= TICKS; i++) {
        rd_time time = drawing->first + (drawing->last - drawing->first) / TICKS * i;
        char text[LOCAL_TEXT_MAX];
        local_time(time, text);
        (void)fprintf(drawing->page.out,
                "<path class=\"grid\" d=\"M%d %dV%d\"/><text class=\"small\" x=\"%d\" y=\"%d\" "
                "text-anchor=\"%s\">%.16s</text>\n",
                LEFT + WIDTH * i / TICKS, drawing->y + LINE, drawing->y + LINE + 6,
                LEFT + WIDTH * i / TICKS, drawing->y + LINE - 5,
                ANCHORS[i == 0       ? 0
                        : i == TICKS ? 2
                                     : 1],
                text);
    }
    drawing->y += LINE + GAP;
}

/* ---- pauses and clocks ---- */

static void print_pauses(struct drawing *drawing)
{
    rd_node pauses = rd_node_find(drawing->whole, "pauses");
    for (uint32_t i = 0; i < rd_node_count(pauses); i++) {
        rd_node pause = rd_node_at(pauses, i);
        char text[LINE_BYTES];
        rd_time end = time_of(pause, "end");
        (void)snprintf(text, sizeof text, "%s%.*s%s", of(drawing, "paused: ", "暂停:"),
                RD_FMT(text_of(pause, "reason")),
                end == RD_TIME_NONE ? of(drawing, ", still", ",尚未恢复") : "");
        line(drawing, "name", rd_str_of(text));
        bar(drawing, "pause", time_of(pause, "begin"), end != RD_TIME_NONE ? end : drawing->now);
        next_lane(drawing);
    }
}

static const char *state_word(const struct drawing *drawing, struct rd_str state)
{
    static const char *const STATES[][3] = {{"waiting", "not begun", "未开始"},
            {"running", "running", "运行中"}, {"paused", "paused", "暂停中"},
            {"stopped", "stopped in time", "按时停止"}, {"ended", "ended in time", "按时结束"},
            {"late", "stopped late", "超时后停止"}, {"breached", "breached", "已超时"}};
    for (size_t i = 0; i < RD_COUNT(STATES); i++) {
        if (rd_str_is(state, STATES[i][0])) {
            return STATES[i][drawing->page.is_zh ? 2 : 1];
        }
    }
    return "";
}

/* The clock as `explain` tells it; NULL: it does not. */
static rd_node explained_of(const struct drawing *drawing, struct rd_str name)
{
    rd_node clocks = rd_node_find(drawing->explained, "clocks");
    for (uint32_t i = 0; i < rd_node_count(clocks); i++) {
        if (rd_str_eq(text_of(rd_node_at(clocks, i), "clock"), name)) {
            return rd_node_at(clocks, i);
        }
    }
    return NULL;
}

/* "answer (statutory): breached; last day 2025-09-22": a limit that ends at midnight is told by the
 * day that ends then. */
static void print_clock_name(struct drawing *drawing, rd_node clock, rd_time due)
{
    char text[LINE_BYTES], when[LOCAL_TEXT_MAX] = "";
    struct rd_str name = text_of(clock, "clock_name");
    rd_node explained = explained_of(drawing, text_of(clock, "clock"));
    struct rd_str last_day = text_of(explained, "last_day");
    bool is_statutory = rd_str_is(text_of(clock, "class"), "statutory");
    bool is_of_a_day = last_day.len > 0 && rd_str_is(text_of(explained, "end"), "midnight");
    const char *what = "";
    if (is_of_a_day) {
        what = of(drawing, "; last day ", ";最后一日 ");
        (void)snprintf(when, sizeof when, "%.*s", RD_FMT(rd_str_cut(last_day, LOCAL_TEXT_MAX - 1)));
    } else if (due != RD_TIME_NONE) {
        what = of(drawing, "; due ", ";到期 ");
        local_time(due, when);
    }
    (void)snprintf(text, sizeof text, "%.*s%s: %s%s%s",
            RD_FMT(name.len > 0 ? name : text_of(clock, "clock")),
            is_statutory ? of(drawing, " (statutory)", "(法定)") : "",
            state_word(drawing, text_of(clock, "state")), what, when);
    line(drawing, "name", rd_str_of(text));
}

static void print_steps(struct drawing *drawing, rd_node steps)
{
    for (uint32_t i = 0; i < rd_node_count(steps); i++) {
        mark(drawing, "step", time_of(rd_node_at(steps, i), "time"));
    }
    next_lane(drawing);
    for (uint32_t i = 0; i < rd_node_count(steps); i++) {
        char text[LINE_BYTES], when[LOCAL_TEXT_MAX];
        local_time(time_of(rd_node_at(steps, i), "time"), when);
        (void)snprintf(
                text, sizeof text, "%s  %.*s", when, RD_FMT(text_of(rd_node_at(steps, i), "what")));
        line(drawing, "small", rd_str_of(text));
    }
    drawing->y += rd_node_count(steps) > 0 ? GAP : 0;
}

/* Where its pauses held it: some clocks stop only for reasons of their own, and then the steps do
 * not name the pause. */
static void print_held(const struct drawing *drawing, rd_node steps)
{
    rd_node pauses = rd_node_find(drawing->whole, "pauses");
    for (uint32_t i = 0; i < rd_node_count(pauses); i++) {
        rd_node pause = rd_node_at(pauses, i);
        rd_time begin = time_of(pause, "begin"), end = time_of(pause, "end");
        bool was_held = false;
        for (uint32_t k = 0; k < rd_node_count(steps); k++) {
            was_held = was_held || time_of(rd_node_at(steps, k), "time") == begin;
        }
        if (was_held) {
            bar(drawing, "pause", begin, end != RD_TIME_NONE ? end : drawing->now);
        }
    }
}

/* Up to its stop; one that nothing has stopped goes on to the closing, or to now. */
static rd_time end_of(const struct drawing *drawing, rd_node clock)
{
    rd_time stopped = time_of(clock, "stopped"), closed = time_of(drawing->whole, "closed");
    bool is_open = stopped == RD_TIME_NONE || rd_str_is(text_of(clock, "state"), "breached");
    return !is_open ? stopped : closed != RD_TIME_NONE ? closed : drawing->now;
}

static void print_clock(struct drawing *drawing, rd_node clock)
{
    struct rd_str state = text_of(clock, "state");
    rd_time start = time_of(clock, "start"), due = time_of(clock, "due");
    rd_time end = end_of(drawing, clock);
    rd_node steps = rd_node_find(explained_of(drawing, text_of(clock, "clock")), "steps");
    bool is_good = rd_str_is(state, "stopped") || rd_str_is(state, "ended");
    due = due != RD_TIME_NONE ? due : time_of(clock, "due_if_resumed");
    print_clock_name(drawing, clock, due);
    bar(drawing, "lane", drawing->first, drawing->last);
    if (start != RD_TIME_NONE) {
        bar(drawing, is_good ? "good" : "run", start, end);
    }
    bool is_over = start != RD_TIME_NONE && !is_good && due != RD_TIME_NONE && end > due;
    if (is_over) {
        bar(drawing, "over", due, end);
    }
    print_held(drawing, steps);
    if (due != RD_TIME_NONE) {
        mark(drawing, "due", due);
    }
    print_steps(drawing, steps);
}

/* ---- alerts and events ---- */

static bool is_rung(rd_node alert)
{
    struct rd_str type = text_of(alert, "type");
    return rd_str_starts(type, RD_STR("ladder.")) || rd_str_is(type, "warning.first_contact");
}

static const char *alert_class(rd_node alert)
{
    struct rd_str type = text_of(alert, "type"), severity = text_of(alert, "severity");
    bool is_bad = rd_str_is(type, "clock.breach") || rd_str_is(severity, "critical");
    return is_bad ? "bad" : rd_str_is(severity, "high") ? "high" : "mild";
}

static void print_alerts(struct drawing *drawing, const char *name, bool wants_rungs)
{
    rd_node alerts = rd_node_find(drawing->whole, "alerts");
    uint32_t count = 0;
    for (uint32_t i = 0; i < rd_node_count(alerts); i++) {
        count += is_rung(rd_node_at(alerts, i)) == wants_rungs;
    }
    if (count == 0) {
        return;
    }
    char text[LINE_BYTES];
    (void)snprintf(text, sizeof text, "%s (%" PRIu32 ")", name, count);
    line(drawing, "name", rd_str_of(text));
    bar(drawing, "lane", drawing->first, drawing->last);
    for (uint32_t i = 0; i < rd_node_count(alerts); i++) {
        rd_node alert = rd_node_at(alerts, i);
        uint64_t rung = rd_node_uint(rd_node_find(alert, "rung"));
        if (is_rung(alert) != wants_rungs) {
            continue;
        }
        dot(drawing, alert_class(alert), time_of(alert, "time"));
        if (rung > 0 && wants_rungs) {
            (void)fprintf(drawing->page.out,
                    "<text class=\"in\" x=\"%d\" y=\"%d\" text-anchor=\"middle\">%" PRIu64
                    "</text>",
                    x_of(drawing, time_of(alert, "time")), drawing->y + BAR - 4, rung);
        }
    }
    next_lane(drawing);
}

static bool is_listed(rd_node entry)
{
    return !rd_str_is(text_of(entry, "what"), "alert");
}

/* What the entry is, in words: an event, or what came of one. */
static struct rd_str entry_words(const struct drawing *drawing, rd_node entry)
{
    static const char *const OTHERS[][3] = {{"withheld", "alert withheld", "提醒未发出"},
            {"resumed", "resumed by its date", "暂停到期,恢复计时"}, {"clock", "clock", "时限"},
            {"policy", "policy", "适用规则"}, {"moved", "unit dissolved", "承办机构撤并"},
            {"received", "date of receipt corrected", "更正受理日期"},
            {"limit", "limit met", "达到上限"}, {"scheduled", "opened by schedule", "按计划下达"}};
    enum rd_event_type type;
    struct rd_str code = text_of(entry, "type"), what = text_of(entry, "what");
    bool is_zh = drawing->page.is_zh;
    for (size_t i = 0; i < RD_COUNT(OTHERS); i++) {
        if (rd_str_is(what, OTHERS[i][0])) {
            return rd_str_of(OTHERS[i][is_zh ? 2 : 1]);
        }
    }
    return rd_event_type_parse(code, &type) == 0 ? rd_str_of(rd_event_type_words(type, is_zh))
                                                 : what;
}

static void print_entry(struct drawing *drawing, rd_node entry)
{
    char text[LINE_BYTES], when[LOCAL_TEXT_MAX];
    struct rd_str words = entry_words(drawing, entry), by = text_of(entry, "by");
    struct rd_str note = text_of(entry, "note");
    local_time(time_of(entry, "time"), when);
    (void)snprintf(text, sizeof text, "%s  %.*s%s%.*s%s%.200s", when, RD_FMT(words),
            by.len > 0 ? "  " : "", RD_FMT(by), note.len > 0 ? "  " : "", "");
    size_t used = strlen(text);
    (void)snprintf(text + used, sizeof text - used, "%.*s", RD_FMT(rd_str_cut(note, 600)));
    line(drawing, "small", rd_str_of(text));
}

static void print_events(struct drawing *drawing)
{
    rd_node history = rd_node_find(drawing->whole, "history");
    uint32_t count = 0;
    line(drawing, "name", rd_str_of(of(drawing, "events", "事件")));
    bar(drawing, "lane", drawing->first, drawing->last);
    for (uint32_t i = 0; i < rd_node_count(history); i++) {
        if (is_listed(rd_node_at(history, i))) {
            dot(drawing, "mild", time_of(rd_node_at(history, i), "time"));
        }
    }
    next_lane(drawing);
    for (uint32_t i = 0; i < rd_node_count(history) && count < ENTRIES_MAX; i++) {
        if (is_listed(rd_node_at(history, i))) {
            print_entry(drawing, rd_node_at(history, i));
            count++;
        }
    }
}

/* ---- the picture ---- */

static const char STYLE[] =
        "text{font:12px 'DejaVu Sans Mono','Noto Sans Mono CJK SC',monospace;fill:#1d2530}"
        ".big{font-size:15px;font-weight:600}.name{font-weight:600}.small{font-size:11px;"
        "fill:#5a6675}.in{font-size:8px;fill:#fff}.lane{fill:#f0f3f6}.good{fill:#2f8f5b}"
        ".run{fill:#2f6db5}.over{fill:#c0392b}.pause{fill:#fff;fill-opacity:.65;"
        "stroke:#5a6675;stroke-dasharray:3 2}path{fill:none;stroke-width:2}"
        ".grid{stroke:#aab4c0;stroke-width:1}.due{stroke:#1d2530}.step{stroke:#e0a030}"
        ".bad{fill:#c0392b}.high{fill:#e0a030}.mild{fill:#2f6db5}";

static void print_title(struct drawing *drawing)
{
    char text[LINE_BYTES], now[LOCAL_TEXT_MAX];
    local_time(drawing->now, now);
    (void)snprintf(text, sizeof text, "%s %" PRIu64 "  %.*s", of(drawing, "case", "案件"),
            rd_node_uint(rd_node_find(drawing->whole, "case")),
            RD_FMT(text_of(drawing->whole, "subject")));
    drawing->y += 4;
    line(drawing, "big", rd_str_of(text));
    drawing->y += 4;
    (void)snprintf(text, sizeof text, "%.*s  %.*s  %s %s", RD_FMT(text_of(drawing->whole, "unit")),
            RD_FMT(text_of(drawing->whole, "state")), of(drawing, "as of", "截至"), now);
    line(drawing, "small", rd_str_of(text));
    drawing->y += GAP;
}

static void print_all(struct drawing *drawing)
{
    rd_node clocks = rd_node_find(drawing->whole, "clocks");
    drawing->y = GAP;
    print_title(drawing);
    print_axis(drawing);
    print_pauses(drawing);
    for (uint32_t i = 0; i < rd_node_count(clocks); i++) {
        print_clock(drawing, rd_node_at(clocks, i));
    }
    print_alerts(drawing, of(drawing, "rungs", "升级"), true);
    print_alerts(drawing, of(drawing, "other alerts", "其他告警"), false);
    print_events(drawing);
}

/* Its height is known when all is drawn: the picture is written after its head. */
void timeline_print(FILE *out, const struct timeline *timeline)
{
    char *body = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&body, &len);
    if (file == NULL) {
        rd_oom();
    }
    struct drawing drawing = {.page = {.out = file, .is_zh = timeline->is_zh},
            .whole = timeline->whole,
            .explained = timeline->explained,
            .now = time_of(rd_node_find(timeline->whole, "as_of"), "time")};
    find_span(&drawing);
    print_all(&drawing);
    if (fclose(file) != 0) {
        rd_oom();
    }
    (void)fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "viewBox=\"0 0 %d %d\" xml:lang=\"%s\"><style>%s</style><rect width=\"%d\" "
            "height=\"%d\" fill=\"#fff\"/>\n",
            TOTAL, drawing.y + GAP, timeline->is_zh ? "zh-CN" : "en", STYLE, TOTAL,
            drawing.y + GAP);
    (void)fwrite(body, 1, len, out);
    (void)fputs("</svg>\n", out);
    free(body);
}
