/* config diff: which open cases and schedules another configuration would move, before it is there.
 */
#include "tools/ctl/diff.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/config/config.h"
#include "daemon/engine/engine.h"
#include "tools/ctl/ctl.h"
#include "tools/shared/json.h"
#include "tools/shared/progress.h"
#include "tools/shared/text.h"

enum { TEXT_MAX = 512 };

#define MAP_BYTES (UINT64_C(64) << 30) /* address space, not memory */

/* The state as it is, and as it would be; neither writes a byte. */
struct side {
    struct store_view *view;
    struct engine *engine;
};

struct diff {
    struct store *store;
    struct side now, then;
    bool is_json, reapplies;
    uint64_t after, limit; /* the first case looked at is after + 1; at most so many are shown */
    uint64_t open, moved;
    struct diff_schedules schedules;
};

static enum exit_status open_side(const char *state, struct store *store, struct side *side)
{
    uint32_t number = 0;
    int r = store_side_open(store, &side->view);
    if (r == 0) {
        r = engine_open(side->view, &side->engine, &number);
    }
    if (r == -EPROTO) {
        say_error("%s: the store of engine %" PRIu32 ", this program has engine %d", state, number,
                ENGINE_NUMBER);
        return STATUS_FINDING;
    }
    if (r == 0 && engine_plan(side->engine) == NULL) {
        say_error("%s: its store has nothing to compare with yet: the daemon writes its "
                  "configuration there with the first checkpoint, moments after its first event; "
                  "ask again then",
                state);
        return STATUS_USAGE;
    }
    if (r < 0) {
        say_error("%s: %s", state, strerror(-r));
    }
    return r < 0 ? STATUS_USAGE : STATUS_OK;
}

static enum exit_status open_state(struct diff *diff, const char *state)
{
    char path[PATH_MAX], what[256] = "";
    if (snprintf(path, sizeof path, "%s/store", state) >= (int)sizeof path) {
        say_error("the path is too long");
        return STATUS_USAGE;
    }
    struct store_options options = {.dir = path, .map_bytes_max = MAP_BYTES, .read_only = true};
    int r = store_open(&options, &diff->store, what);
    if (r < 0) {
        say_error("%s: %s%s%s", path, strerror(-r), what[0] != '\0' ? ": " : "", what);
        return r == -EBADMSG ? STATUS_FINDING : STATUS_USAGE;
    }
    enum exit_status status = open_side(state, diff->store, &diff->now);
    return status == STATUS_OK ? open_side(state, diff->store, &diff->then) : status;
}

static void close_side(struct side *side)
{
    engine_close(side->engine);
    if (side->view != NULL) {
        store_side_close(side->view);
    }
}

/* ---- one case ---- */

struct moves {
    json_t *rows;
    bool is_json;
};

/* A move: in text one line, in JSON an entry of the case's `moves`. */
static void add_move(
        json_t *moves, const char *what, struct rd_str name, const char *from, const char *to)
{
    json_t *move = json_object();
    (void)json_object_set_new(move, "what", json_string(what));
    if (name.len > 0) {
        (void)json_object_set_new(move, "name", json_text(name));
    }
    (void)json_object_set_new(move, "from", from != NULL ? json_string(from) : json_null());
    (void)json_object_set_new(move, "to", to != NULL ? json_string(to) : json_null());
    (void)json_array_append_new(moves, move);
}

const char *diff_time(rd_time time, bool is_json, char room[static DIFF_TIME_MAX])
{
    if (time == RD_TIME_NONE) {
        return NULL;
    }
    if (is_json) {
        rd_time_format(time, room);
    } else {
        rd_time_format_at(time, local_offset(time), room);
    }
    return room;
}

static const char *time_text(
        const struct engine_outlook_clock *clock, bool is_json, char room[static TEXT_MAX])
{
    char text[DIFF_TIME_MAX];
    if (diff_time(clock->due, is_json, text) == NULL) {
        return NULL;
    }
    (void)snprintf(room, TEXT_MAX, "%s%s", text, clock->is_provisional ? " (provisional)" : "");
    return room;
}

static void add_time(struct moves *moves, const char *what, struct rd_str name,
        const struct engine_outlook_clock *now, const struct engine_outlook_clock *then)
{
    char from[TEXT_MAX], to[TEXT_MAX];
    if (now->due != then->due || now->is_provisional != then->is_provisional) {
        add_move(moves->rows, what, name, time_text(now, moves->is_json, from),
                time_text(then, moves->is_json, to));
    }
}

static void add_rung(
        struct moves *moves, const char *what, uint32_t rung, rd_time now, rd_time then)
{
    struct engine_outlook_clock from = {.due = now}, to = {.due = then};
    char name[16];
    (void)snprintf(name, sizeof name, "%u", (unsigned)rung);
    add_time(moves, what, rd_str_of(name), &from, &to);
}

static const struct engine_outlook_clock *find_clock(
        const struct engine_outlook *outlook, struct rd_str name)
{
    static const struct engine_outlook_clock none = {.due = RD_TIME_NONE};
    for (size_t i = 0; i < outlook->clock_count; i++) {
        if (rd_str_eq(outlook->clocks[i].name, name)) {
            return &outlook->clocks[i];
        }
    }
    return &none;
}

static void add_text(json_t *moves, const char *what, struct rd_str now, struct rd_str then)
{
    if (rd_str_eq(now, then)) {
        return;
    }
    char from[TEXT_MAX], to[TEXT_MAX];
    (void)snprintf(from, sizeof from, "%.*s", RD_FMT(now));
    (void)snprintf(to, sizeof to, "%.*s", RD_FMT(then));
    add_move(moves, what, (struct rd_str){0}, from, to);
}

static json_t *moves_of(
        const struct engine_outlook *now, const struct engine_outlook *then, bool is_json)
{
    struct moves moves = {json_array(), is_json};
    add_text(moves.rows, "unit", now->unit, then->unit);
    add_text(moves.rows, "policy", now->policy, then->policy);
    for (size_t i = 0; i < now->clock_count; i++) {
        add_time(&moves, "clock", now->clocks[i].name, &now->clocks[i],
                find_clock(then, now->clocks[i].name));
    }
    for (size_t i = 0; i < then->clock_count; i++) {
        const struct engine_outlook_clock *was = find_clock(now, then->clocks[i].name);
        if (was->due == RD_TIME_NONE) {
            add_time(&moves, "clock", then->clocks[i].name, was, &then->clocks[i]);
        }
    }
    add_rung(&moves, "next rung", then->rung != 0 ? then->rung : now->rung, now->rung_due,
            then->rung_due);
    add_rung(&moves, "held alert of rung", then->held != 0 ? then->held : now->held, now->held_due,
            then->held_due);
    return moves.rows;
}

static void print_case(
        const struct diff *diff, uint64_t number, const struct engine_outlook *now, json_t *moves)
{
    if (diff->is_json) {
        json_t *row = json_object();
        (void)json_object_set_new(row, "case", json_integer((json_int_t)number));
        (void)json_object_set_new(row, "subject", json_text(now->subject));
        (void)json_object_set(row, "moves", moves);
        char *text = json_dumps(row, JSON_COMPACT);
        (void)printf("%s\n%s", diff->moved > 1 ? "," : "", text != NULL ? text : "null");
        free(text);
        json_decref(row);
        return;
    }
    size_t i;
    json_t *move;
    json_array_foreach(moves, i, move)
    {
        const char *name = json_string_value(json_object_get(move, "name"));
        const char *from = json_string_value(json_object_get(move, "from"));
        const char *to = json_string_value(json_object_get(move, "to"));
        (void)printf("case %" PRIu64 " %.*s: %s%s%s: %s -> %s\n", number, RD_FMT(now->subject),
                json_string_value(json_object_get(move, "what")), name != NULL ? " " : "",
                name != NULL ? name : "", from != NULL ? from : "none", to != NULL ? to : "none");
    }
}

static void compare_case(struct diff *diff, uint64_t number, enum engine_outlook_as as)
{
    struct engine_outlook now, then;
    if (!engine_outlook(diff->now.engine, number, OUTLOOK_AS_IS, &now) ||
            !engine_outlook(diff->then.engine, number, as, &then)) {
        return;
    }
    diff->open++;
    RD_CLEANUP(json_freep)
    json_t *moves = moves_of(&now, &then, diff->is_json);
    if (json_array_size(moves) > 0) {
        diff->moved++;
        print_case(diff, number, &now, moves);
    }
}

/* From diff->after on until `limit` cases were shown. Returns the last one looked at. */
static uint64_t compare_cases(struct diff *diff, uint64_t last)
{
    enum engine_outlook_as as = diff->reapplies ? OUTLOOK_REAPPLIED : OUTLOOK_SWEPT;
    bool is_shown = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 0;
    struct progress progress = progress_begin("comparing", is_shown);
    uint64_t number = diff->after;
    while (number < last && diff->moved < diff->limit) {
        compare_case(diff, ++number, as);
        progress_show(&progress, number - diff->after, last - diff->after);
    }
    progress_end(&progress);
    return number;
}

/* On the first page only. In JSON its rows, which the caller releases; in text NULL. */
static json_t *compare_schedules(struct diff *diff)
{
    if (diff->after == 0) {
        diff_schedules(diff->now.engine, diff->then.engine, diff->is_json, &diff->schedules);
    }
    (void)fputs(diff->is_json ? "{\"cases\":[" : "", stdout);
    return diff->schedules.rows;
}

/* `next`: the case to go on behind; 0: all were looked at. */
static void print_end(
        const struct ctl *ctl, const struct diff *diff, const json_t *schedules, uint64_t next)
{
    if (ctl->is_json) {
        (void)printf("],\n\"moved\":%" PRIu64 ",\"open\":%" PRIu64, diff->moved, diff->open);
        if (schedules != NULL) {
            char *text = json_dumps(schedules, JSON_COMPACT);
            (void)printf(",\n\"schedules\":%s,\"schedules_open\":%" PRIu64,
                    text != NULL ? text : "null", diff->schedules.count);
            free(text);
        }
        if (next != 0) {
            (void)printf(",\"next\":%" PRIu64, next);
        }
        (void)puts("}");
        return;
    }
    (void)printf("%" PRIu64 " of %" PRIu64 " open cases would move", diff->moved, diff->open);
    if (diff->schedules.count > 0) {
        (void)printf(", and %" PRIu64 " of %" PRIu64 " schedules", diff->schedules.moved,
                diff->schedules.count);
    }
    (void)putchar('\n');
    if (next != 0) {
        ctl_say_more(ctl, next);
    }
}

static enum exit_status compare(
        const struct ctl *ctl, struct diff *diff, const struct config *config)
{
    struct engine_counts counts = engine_counts(diff->now.engine);
    char what[512] = "";
    if (!engine_may_configure(diff->now.engine, config->plan, what)) {
        say_error("the reload would be refused: %s", what);
        return STATUS_REFUSED;
    }
    struct engine_time at = {.wall = counts.wall, .steady = counts.steady};
    int r = engine_configure(diff->then.engine, &at, config->tree);
    if (r < 0) {
        say_error("this engine cannot read the new configuration: %s", strerror(-r));
        return STATUS_USAGE;
    }
    RD_CLEANUP(json_freep)
    json_t *rows = compare_schedules(diff);
    uint64_t last = compare_cases(diff, counts.case_number);
    print_end(ctl, diff, rows, last < counts.case_number ? last : 0);
    return STATUS_OK;
}

/* Absent: *ret stays. */
static void read_number(const struct ctl *ctl, const char *name, uint64_t *ret)
{
    const struct ctl_option *given = ctl_given(ctl, name);
    *ret = given != NULL ? given->value.number : *ret;
}

static enum exit_status config_diff(struct ctl *ctl)
{
    RD_CLEANUP(config_freep)
    struct config *config = NULL;
    struct config_errors errors = {0};
    struct diff diff = {.is_json = ctl->is_json,
            .reapplies = ctl_option(ctl, "reapply") != NULL,
            .limit = UINT64_MAX};
    read_number(ctl, "after", &diff.after);
    read_number(ctl, "limit", &diff.limit);
    if (strcmp(ctl->verb->name, "reload") == 0 && ctl_option(ctl, "dry-run") == NULL) {
        say_error(
                "reload wants --dry-run: a reload itself is a SIGHUP, or systemctl reload redress");
        return STATUS_USAGE;
    }
    if (config_load(ctl->words[0], &config, &errors) < 0) {
        for (size_t i = 0; i < errors.count; i++) {
            say_error("%s", errors.lines[i]);
        }
        config_errors_done(&errors);
        return STATUS_REFUSED;
    }
    config_errors_done(&errors);
    const char *state = ctl_option(ctl, "state");
    enum exit_status status = open_state(&diff, state != NULL ? state : config->state);
    if (status == STATUS_OK) {
        status = compare(ctl, &diff, config);
    }
    close_side(&diff.then);
    close_side(&diff.now);
    store_close(diff.store);
    return status;
}

static const struct opt_rule RULES[] = {
        {.name = "state",
                .value = "DIR",
                .kind = OPT_DIR,
                .help = "the state that is compared (the one that NEW names)"},
        {.name = "reapply",
                .kind = OPT_SWITCH,
                .help = "as if each case were put under its policies anew"},
        {.name = "limit",
                .value = "N",
                .kind = OPT_NUMBER,
                .help = "end after so many cases that move"},
        {.name = "after",
                .value = "CASE",
                .kind = OPT_NUMBER,
                .help = "the cases after this number: more: tells it"},
        {.name = "dry-run", .kind = OPT_SWITCH, .help = "only tell what would be"},
};

static const struct ctl_verb VERBS[] = {
        {"config diff", "NEW", "state reapply limit after",
                "which cases and schedules the configuration NEW would move", 1, 1, config_diff,
                NULL},
        {"reload", "NEW", "dry-run state reapply limit after", "the same, as --dry-run", 1, 1,
                config_diff, NULL},
};

const struct ctl_group ctl_group_diff = {.title = "Another configuration",
        .verbs = VERBS,
        .verb_count = RD_COUNT(VERBS),
        .rules = RULES,
        .rule_count = RD_COUNT(RULES)};
