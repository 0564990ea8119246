/* tests/vectors/calendar_cli.c — answers the questions of calendar_oracle.py and compares.
 *
 * usage: calendar_cli FOLDER_OF_HOLIDAYS [FILE]      the lines are described in the oracle
 * Calendars answer after a trip through their packed form, as they do in the engine. Ends with 0 if
 * all answers are as expected and there were some. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/num.h"
#include "common/plan/calendar_pack.h"
#include "daemon/config/calendar_build.h"

enum { ROWS_MAX = 64, OPEN_MAX = 8, STRETCHES_MAX = 8, LINE_MAX_BYTES = 4096 };

struct layer {
    struct config_calendar_spec spec;
    struct config_calendar_hours hours[ROWS_MAX];
    struct config_calendar_day days[ROWS_MAX];
    struct rd_str holidays[ROWS_MAX];
};

struct session {
    const char *folder;
    struct rd_arena arena;
    struct layer layers[2];
    bool is_compiled;
    struct rd_calendar calendar;
    uint64_t line, answers, wrong;
};

static _Noreturn void die(const struct session *session, const char *what)
{
    (void)fprintf(stderr, "line %" PRIu64 ": %s\n", session->line, what);
    exit(2);
}

/* The next word of *rest; empty at its end. */
static struct rd_str word(struct rd_str *rest)
{
    while (rest->len > 0 && rest->ptr[0] == ' ') {
        *rest = (struct rd_str){.ptr = rest->ptr + 1, .len = rest->len - 1};
    }
    size_t len = 0;
    while (len < rest->len && rest->ptr[len] != ' ') {
        len++;
    }
    struct rd_str found = {.ptr = rest->ptr, .len = len};
    *rest = (struct rd_str){.ptr = rest->ptr + len, .len = rest->len - len};
    return found;
}

static int64_t number(const struct session *session, struct rd_str text)
{
    int64_t value = 0;
    if (rd_i64_parse(text, &value) < 0) {
        die(session, "not a number");
    }
    return value;
}

static rd_day day(const struct session *session, struct rd_str text)
{
    rd_day value = 0;
    if (rd_day_parse(text, &value) < 0) {
        die(session, "not a day");
    }
    return value;
}

/* "09:00-12:00,13:30-17:30" */
static size_t intervals(struct session *session, struct rd_str text, const struct rd_str **ret_open)
{
    struct rd_str *open = RD_ARENA_ARRAY(&session->arena, struct rd_str, OPEN_MAX);
    size_t count = 0;
    while (text.len > 0 && count < OPEN_MAX) {
        const char *comma = memchr(text.ptr, ',', text.len);
        size_t len = comma != NULL ? (size_t)(comma - text.ptr) : text.len;
        open[count++] = rd_arena_dup(&session->arena, (struct rd_str){.ptr = text.ptr, .len = len});
        len += comma != NULL;
        text = (struct rd_str){.ptr = text.ptr + len, .len = text.len - len};
    }
    *ret_open = open;
    return count;
}

/* ---- the calendar ---- */

static void begin(struct session *session, char kind, struct rd_str rest)
{
    struct layer *layer = &session->layers[kind == 'O'];
    if (kind == 'C') {
        rd_arena_reset(&session->arena);
    }
    memset(layer, 0, sizeof *layer);
    layer->spec = (struct config_calendar_spec){.hours = layer->hours,
            .days = layer->days,
            .holidays = layer->holidays,
            .timezone = rd_arena_dup(&session->arena, word(&rest)),
            .over = kind == 'O' ? &session->layers[0].spec : NULL};
    session->is_compiled = false;
}

static void describe(struct session *session, struct layer *layer, char kind, struct rd_str rest)
{
    struct config_calendar_spec *spec = &layer->spec;
    if (spec->hours_count == ROWS_MAX || spec->day_count == ROWS_MAX ||
            spec->holiday_count == ROWS_MAX) {
        die(session, "too many rows");
    }
    if (kind == 'H') {
        struct config_calendar_hours *row = &layer->hours[spec->hours_count++];
        row->from = rd_arena_dup(&session->arena, word(&rest));
        row->days = rd_arena_dup(&session->arena, word(&rest));
        row->open_count = intervals(session, word(&rest), &row->open);
    } else if (kind == 'J') {
        layer->holidays[spec->holiday_count++] =
                rd_arena_printf(&session->arena, "%s/%.*s", session->folder, RD_FMT(rest));
    } else {
        struct config_calendar_day *row = &layer->days[spec->day_count++];
        row->date = rd_arena_dup(&session->arena, word(&rest));
        row->through = rd_arena_dup(&session->arena, word(&rest));
        struct rd_str what = word(&rest);
        row->kind = rd_str_is(what, "closed") ? RD_SPECIAL_CLOSED
                    : rd_str_is(what, "work") ? RD_SPECIAL_MAKE_UP
                                              : RD_SPECIAL_HOURS;
        if (row->kind == RD_SPECIAL_HOURS) {
            row->open_count = intervals(session, what, &row->open);
        }
    }
}

static void compile(struct session *session, const struct layer *top)
{
    struct config_calendar_faults faults;
    if (config_calendar_compile(&top->spec, &session->arena, &session->calendar, &faults) < 0) {
        die(session, faults.at[0].what);
    }
    struct rd_buf buf;
    rd_buf_init(&buf, 4 << 20);
    rd_calendar_pack(&buf, &session->calendar);
    rd_node root = NULL;
    const char *what = NULL;
    struct rd_tree *tree = rd_tree_new();
    if (rd_tree_read(tree, rd_buf_str(&buf), &root, &what) < 0 ||
            rd_calendar_unpack(root, &session->arena, &session->calendar) < 0) {
        die(session, "does not come back from its packed form");
    }
    rd_tree_free(tree);
    rd_buf_done(&buf);
    session->is_compiled = true;
}

/* ---- questions ---- */

static void limit(struct session *session, struct rd_str rest, char answer[static 128])
{
    rd_time start = number(session, word(&rest)) * RD_SECOND_US;
    struct rd_limit count;
    if (rd_limit_parse(word(&rest), &count) < 0) {
        die(session, "not a limit");
    }
    struct rd_str roll = word(&rest), end = word(&rest);
    struct rd_stretch stretches[STRETCHES_MAX];
    struct rd_day_limit asked = {
            .unit = count.unit,
            .count = count.count,
            .roll = rd_str_is(roll, "restday")     ? RD_ROLL_RESTDAY
                    : rd_str_is(roll, "statutory") ? RD_ROLL_STATUTORY_HOLIDAY
                                                   : RD_ROLL_NONE,
            .at_closing = rd_str_is(end, "closing"),
            .stretches = stretches,
    };
    for (struct rd_str span = word(&rest); span.len > 0; span = word(&rest)) {
        const char *comma = memchr(span.ptr, ',', span.len);
        if (comma == NULL || asked.stretch_count == STRETCHES_MAX) {
            die(session, "not a pause");
        }
        size_t len = (size_t)(comma - span.ptr);
        struct rd_str from = {.ptr = span.ptr, .len = len};
        struct rd_str to = {.ptr = comma + 1, .len = span.len - len - 1};
        stretches[asked.stretch_count++] =
                (struct rd_stretch){.begin = start + number(session, from) * RD_SECOND_US,
                        .end = start + number(session, to) * RD_SECOND_US};
    }
    struct rd_day_due due = rd_calendar_day_limit(&session->calendar, start, &asked);
    char last[RD_DATE_TEXT_MAX], raw[RD_DATE_TEXT_MAX];
    rd_day_format(due.last_day, last);
    rd_day_format(due.raw_day, raw);
    (void)snprintf(answer, 128, "%s %s %" PRId64 " %d", last, raw, due.due / RD_SECOND_US,
            due.provisional);
}

static void ask(struct session *session, char kind, struct rd_str rest, char answer[static 128])
{
    const struct rd_calendar *calendar = &session->calendar;
    if (kind == 'L') {
        limit(session, rest, answer);
        return;
    }
    struct rd_str first = word(&rest), second = word(&rest);
    if (kind == 'P' || kind == 'A') {
        rd_day from = day(session, first);
        rd_day found = kind == 'P' ? rd_calendar_working_before(
                                             calendar, from, (uint32_t)number(session, second))
                                   : rd_calendar_working_after(calendar, from);
        rd_day_format(found, answer);
        return;
    }
    rd_time from = kind == 'I' ? 0 : number(session, first) * RD_SECOND_US;
    int64_t value = 0;
    if (kind == 'I') {
        uint32_t minute = (uint32_t)number(session, second);
        value = rd_calendar_instant(calendar, day(session, first), minute);
    } else if (kind == 'S') {
        value = rd_calendar_same_time(calendar, from, day(session, second));
    } else if (kind == 'N') {
        value = rd_calendar_next_opening(calendar, from);
        if (rd_calendar_is_open(calendar, from) != (value == from)) {
            die(session, "is_open and next_opening differ");
        }
    } else if (kind == 'W') {
        value = rd_calendar_add_open(calendar, from, number(session, second) * RD_SECOND_US);
    } else if (kind == 'B') {
        rd_time to = number(session, second) * RD_SECOND_US;
        value = rd_calendar_open_between(calendar, from, to);
    } else {
        die(session, "not a question");
    }
    (void)snprintf(answer, 128, "%" PRId64, value / RD_SECOND_US);
}

static void take(struct session *session, struct rd_str line)
{
    char kind = line.len > 0 ? line.ptr[0] : '\0';
    struct rd_str rest = {.ptr = line.ptr + 1, .len = line.len > 0 ? line.len - 1 : 0};
    struct layer *top = &session->layers[session->layers[1].spec.over != NULL];
    if (kind == 'C' || kind == 'O') {
        if (kind == 'C') {
            session->layers[1].spec.over = NULL;
        }
        begin(session, kind, rest);
        return;
    }
    if (kind == 'H' || kind == 'J' || kind == 'D') {
        (void)(rest.len > 0 && rest.ptr[0] == ' ' && (rest.ptr++, rest.len--));
        describe(session, top, kind, rest);
        return;
    }
    if (!session->is_compiled) {
        compile(session, top);
    }
    const char *equals = memmem(rest.ptr, rest.len, " = ", 3);
    if (equals == NULL) {
        die(session, "no answer");
    }
    struct rd_str question = {.ptr = rest.ptr, .len = (size_t)(equals - rest.ptr)};
    struct rd_str expected = {.ptr = equals + 3, .len = rest.len - question.len - 3};
    char answer[128] = "";
    ask(session, kind, question, answer);
    session->answers++;
    if (!rd_str_is(expected, answer)) {
        session->wrong++;
        (void)printf("line %" PRIu64 ": %.*s\n    got %s\n", session->line, RD_FMT(line), answer);
    }
}

int main(int argc, char **argv)
{
    static struct session session;
    static char line[LINE_MAX_BYTES];
    FILE *file = argc == 3 ? fopen(argv[2], "r") : stdin;
    if (argc < 2 || argc > 3 || file == NULL) {
        (void)fprintf(stderr, "usage: %s FOLDER_OF_HOLIDAYS [FILE]\n", argv[0]);
        return 64;
    }
    session.folder = argv[1];
    rd_arena_init(&session.arena, 64 << 20);
    while (fgets(line, sizeof line, file) != NULL) {
        session.line++;
        take(&session, (struct rd_str){.ptr = line, .len = strcspn(line, "\n")});
    }
    (void)fclose(file);
    rd_arena_done(&session.arena);
    (void)printf("%" PRIu64 " answers, %" PRIu64 " wrong\n", session.answers, session.wrong);
    return session.answers > 0 && session.wrong == 0 ? 0 : 1;
}
