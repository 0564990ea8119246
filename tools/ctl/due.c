/* due: when a limit runs out, by the calendars of a configuration; no daemon, no case. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/time/why.h"
#include "daemon/config/config.h"
#include "tools/ctl/ctl.h"
#include "tools/shared/when.h"

enum { START_BYTES_MAX = 256, ANSWER_BYTES_MAX = 512 * 1024 * 1024 };

struct question {
    const char *path, *name, *limit_text, *from;
    bool is_json, is_closing;
    struct config_calendars *calendars;
    struct rd_why why;
    struct rd_buf out;
};

/* ---- the flags ---- */

static int choice_of(const struct ctl *ctl, const char *name)
{
    const struct ctl_option *given = ctl_given(ctl, name);
    return given != NULL ? given->value.choice : 0;
}

static bool take_limit(const struct ctl *ctl, struct question *question)
{
    struct rd_why *why = &question->why;
    int r = rd_limit_parse(rd_str_of(question->limit_text), &why->limit);
    if (r < 0 || why->limit.count == 0) {
        say_error("--limit %s: %s", question->limit_text,
                r == -EINVAL ? "not a limit; write 90m, 4h, 5bd, 15d or 8w"
                             : "it counts from 1 to 999999");
        return false;
    }
    int time = choice_of(ctl, "time"), roll = choice_of(ctl, "roll"), end = choice_of(ctl, "end");
    bool is_days = why->limit.unit != RD_LIMIT_SECONDS;
    if (time == 1 && is_days) {
        say_error("--time working: counts s, m and h; business days are written 5bd");
        return false;
    }
    if (roll != RD_ROLL_NONE && !is_days) {
        say_error("--roll %s: moves a last day; --limit %s is not in days", ctl_option(ctl, "roll"),
                question->limit_text);
        return false;
    }
    if (end == 1 && !is_days) {
        say_error(
                "--end closing: ends a last day; --limit %s is not in days", question->limit_text);
        return false;
    }
    why->counts_working = time == 1;
    why->roll = (enum rd_roll)roll;
    why->at_closing = end == 1;
    return true;
}

static bool take_flags(const struct ctl *ctl, struct question *question)
{
    static const char *const WANTED[] = {"config", "calendar", "limit", "from"};
    const char **slots[] = {
            &question->path, &question->name, &question->limit_text, &question->from};
    for (size_t i = 0; i < RD_COUNT(WANTED); i++) {
        *slots[i] = ctl_option(ctl, WANTED[i]);
        if (*slots[i] == NULL) {
            say_error("due wants --%s", WANTED[i]);
            (void)ctl_usage(ctl);
            return false;
        }
    }
    return take_limit(ctl, question);
}

static bool load(struct question *question)
{
    struct config_errors errors = {0};
    if (config_calendars_load(question->path, &question->calendars, &errors) < 0) {
        say_error("--config %s: its calendars cannot be used", question->path);
        for (size_t i = 0; i < errors.count; i++) {
            (void)fprintf(stderr, "%s\n", errors.lines[i]);
        }
        config_errors_done(&errors);
        return false;
    }
    const struct config_calendars *calendars = question->calendars;
    for (size_t i = 0; i < calendars->count; i++) {
        if (rd_str_is(calendars->at[i].name, question->name)) {
            question->why.calendar = &calendars->at[i];
        }
    }
    if (question->why.calendar == NULL) {
        struct rd_buf names;
        rd_buf_init(&names, ANSWER_BYTES_MAX);
        for (size_t i = 0; i < calendars->count; i++) {
            rd_buf_printf(&names, "%s%.*s", i > 0 ? ", " : "", RD_FMT(calendars->at[i].name));
        }
        say_error("--calendar %s: no such calendar in %s; it has %.*s", question->name,
                question->path, names.len > 0 ? (int)names.len : 4,
                names.len > 0 ? (const char *)names.ptr : "none");
        rd_buf_done(&names);
        return false;
    }
    if (question->why.calendar->horizon == RD_DAY_NONE) {
        say_error("note: --calendar %s is without holidays: every weekday that has hours is worked",
                question->name);
    }
    return true;
}

/* ---- answers ---- */

static void instant_text(
        const struct question *question, rd_time time, char ret_text[static RD_TIME_TEXT_MAX])
{
    rd_time_format_at(time, rd_calendar_offset_s(question->why.calendar, time), ret_text);
}

static void put_text(struct rd_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            rd_buf_put_u8(out, '\\');
            rd_buf_put_u8(out, byte);
        } else if (byte < 0x20 || byte == 0x7f) {
            rd_buf_printf(out, "\\u%04x", byte);
        } else {
            rd_buf_put_u8(out, byte);
        }
    }
}

/* A day as a JSON text; null where there is none. */
static void put_day(struct rd_buf *out, const char *key, rd_day day)
{
    char text[RD_DATE_TEXT_MAX];
    if (day == RD_DAY_NONE) {
        rd_buf_printf(out, "\"%s\": null, ", key);
    } else {
        rd_day_format(day, text);
        rd_buf_printf(out, "\"%s\": \"%s\", ", key, text);
    }
}

static void answer_json(struct question *question)
{
    struct rd_buf *out = &question->out;
    struct rd_why_walk walk;
    struct rd_why_day day;
    char text[RD_TIME_TEXT_MAX];
    rd_why_begin(&walk, &question->why, RD_DAY_MIN);
    if (walk.due.last_day == RD_DAY_NONE) {
        rd_buf_put_text(out, RD_STR("{\"due\": null, "));
    } else {
        instant_text(question, walk.due.due, text);
        rd_buf_printf(out, "{\"due\": \"%s\", ", text);
    }
    put_day(out, "last_day", walk.due.last_day);
    put_day(out, "raw_day", walk.due.raw_day);
    rd_buf_printf(out, "\"provisional\": %s, \"days\": [", walk.due.provisional ? "true" : "false");
    for (bool is_first = true; rd_why_next(&walk, &day); is_first = false) {
        char date[RD_DATE_TEXT_MAX];
        rd_day_format(day.day, date);
        rd_buf_printf(out, "%s{\"date\": \"%s\", \"counted\": %s, \"why\": \"",
                is_first ? "" : ", ", date, day.is_counted ? "true" : "false");
        put_text(out, day.why);
        rd_buf_put_text(out, RD_STR("\"}"));
    }
    rd_buf_put_text(out, RD_STR("]}\n"));
}

/* One line, and what stands out about it. */
static void answer_line(struct question *question)
{
    struct rd_why_due due = rd_why_due(&question->why);
    struct rd_buf *out = &question->out;
    char text[RD_TIME_TEXT_MAX], last[RD_DATE_TEXT_MAX], raw[RD_DATE_TEXT_MAX];
    if (due.last_day == RD_DAY_NONE) {
        rd_buf_put_text(out, RD_STR("never: the calendar does not open that often\n"));
        return;
    }
    instant_text(question, due.due, text);
    rd_day_format(due.last_day, last);
    rd_day_format(due.raw_day, raw);
    rd_buf_printf(out, "%s, last day %s", text, last);
    if (due.raw_day != due.last_day) {
        rd_buf_printf(out, ", moved from %s", raw);
    }
    rd_buf_printf(out, "%s\n", due.provisional ? ", provisional" : "");
}

static void answer_days(struct question *question)
{
    const struct rd_calendar *calendar = question->why.calendar;
    struct rd_buf *out = &question->out;
    char text[RD_TIME_TEXT_MAX], date[RD_DATE_TEXT_MAX];
    instant_text(question, question->why.start, text);
    rd_buf_printf(out, "start   %s\nlimit   %s, calendar %s, version %08" PRIx64 "\ndue     ", text,
            question->limit_text, question->name, calendar->digest >> 32);
    answer_line(question);
    if (calendar->horizon != RD_DAY_NONE) {
        rd_day_format(calendar->horizon - 1, date);
        rd_buf_printf(out, "data    holidays are known up to %s\n", date);
    }
    rd_buf_put_u8(out, '\n');
    struct rd_why_walk walk;
    struct rd_why_day day;
    rd_why_begin(&walk, &question->why, RD_DAY_MIN);
    while (rd_why_next(&walk, &day)) {
        rd_day_format(day.day, date);
        rd_buf_printf(out, "%s %s %s\n", date, day.is_counted ? "+" : " ", day.why);
    }
}

static bool answer(struct question *question)
{
    if (question->is_json) {
        answer_json(question);
    } else if (strcmp(question->from, "-") == 0) {
        answer_line(question);
    } else {
        answer_days(question);
    }
    struct rd_buf *out = &question->out;
    if (out->error != 0) {
        say_error("--limit %s: too many days for one answer", question->limit_text);
        return false;
    }
    bool is_written = fwrite(out->ptr, 1, out->len, stdout) == out->len;
    rd_buf_reset(out);
    return is_written; /* main() says why not */
}

static bool take_start(struct question *question, struct rd_str text, const char *where)
{
    int r = rd_time_parse(text, &question->why.start);
    if (r < 0) {
        say_error("%s: \"%.*s\": %s", where, RD_FMT(text),
                r == -ERANGE ? "no such date"
                             : "not a time such as 2025-09-22T10:00:00+08:00, with its offset");
        return false;
    }
    return true;
}

static bool answer_stdin(struct question *question)
{
    char *line = NULL;
    size_t room = 0;
    bool is_good = true;
    for (uint64_t number = 1; is_good; number++) {
        ssize_t got = getline(&line, &room, stdin);
        if (got < 0) {
            break;
        }
        size_t len = (size_t)got;
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) {
            len--;
        }
        char where[40];
        (void)snprintf(where, sizeof where, "standard input, line %" PRIu64, number);
        struct rd_str text = {.ptr = line, .len = len < START_BYTES_MAX ? len : START_BYTES_MAX};
        is_good = take_start(question, text, where) && answer(question);
    }
    free(line);
    if (is_good && ferror(stdin) != 0) {
        say_error("--from -: standard input cannot be read");
        return false;
    }
    return is_good;
}

static enum exit_status due(struct ctl *ctl)
{
    struct question question = {.is_json = ctl->is_json};
    rd_buf_init(&question.out, ANSWER_BYTES_MAX);
    bool is_good = take_flags(ctl, &question);
    bool is_stdin = is_good && strcmp(question.from, "-") == 0;
    if (is_good && !is_stdin &&
            when_parse(rd_str_of(question.from), when_now(), WHEN_AHEAD, &question.why.start) < 0) {
        is_good = take_start(&question, rd_str_of(question.from), "--from"); /* it tells why */
    }
    is_good = is_good && load(&question);
    is_good = is_good && (is_stdin ? answer_stdin(&question) : answer(&question));
    rd_buf_done(&question.out);
    config_calendars_freep(&question.calendars);
    return is_good ? STATUS_OK : STATUS_USAGE;
}

#define TEXT(name_, value_, help_)                                                                 \
    {                                                                                              \
        .name = (name_), .value = (value_), .kind = OPT_TEXT, .help = (help_)                      \
    }
#define CHOICE(name_, value_, help_)                                                               \
    {                                                                                              \
        .name = (name_), .value = (value_), .kind = OPT_CHOICE, .help = (help_)                    \
    }

/* The words of a choice stand in the order of the enum that they mean. */
static const struct opt_rule RULES[] = {
        {.name = "config", .value = "FILE", .kind = OPT_FILE, .help = "whose calendars are used"},
        TEXT("calendar", "NAME", "by this calendar"),
        TEXT("limit", "LIMIT", "90m, 4h, 5bd, 15d or 8w"),
        CHOICE("time", "elapsed|working", "what minutes and hours count (elapsed)"),
        CHOICE("roll", "none|restday|statutory_holiday",
                "days that a last day is moved over (none)"),
        CHOICE("end", "midnight|closing", "when a last day ends (midnight)"),
        TEXT("from", "TIME|-", "when it starts; -: one start a line of standard input"),
};

static const struct ctl_verb VERBS[] = {
        {"due", "", "config calendar limit time roll end from", "when a limit runs out, and why", 0,
                0, due, NULL},
};

const struct ctl_group ctl_group_due = {.title = "Calculating",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
