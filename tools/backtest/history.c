#include "tools/backtest/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/event.h"
#include "common/wire/pack.h"
#include "tools/backtest/ahead.h"
#include "tools/shared/ends.h"
#include "tools/shared/progress.h"

enum { TOLD_MAX = 20, LOOK_EVERY = 4096 };
#define HISTORY_BYTES_MAX ((size_t)64 << 30)
#define ROW_BYTES_MAX     (MAPPING_EVENT_BYTES_MAX * (1 + MAPPING_THEN_MAX))

/* A row, made into events by the thread that reads ahead. */
struct made_row {
    int status; /* of input_next() */
    uint64_t line, read_bytes, size_bytes;
    bool is_bad;
    struct rd_reject why; /* if is_bad */
    enum row_outcome outcome;
    bool has_buf;
    struct rd_buf bytes; /* the events, one behind the other */
    size_t ends[1 + MAPPING_THEN_MAX], count;
};

struct maker {
    const struct mapping *mapping; /* NULL: none */
    struct input *input;
    struct rd_buf event, id;
    bool is_over;
};

struct reader {
    const struct history_options *options;
    struct history *history;
    struct rd_tree *tree;
    rd_time last; /* of the row before */
};

/* ---- ahead: rows into events ---- */

static void put_event(struct made_row *made, struct rd_str bytes)
{
    rd_buf_put_text(&made->bytes, bytes);
    made->ends[made->count++] = made->bytes.len;
}

static bool map_row(struct maker *maker, const struct input_row *row, struct made_row *made)
{
    const struct mapping *mapping = maker->mapping;
    struct mapping_row mapped = {
            .values = row->values, .line = row->line, .row = row->row, .sequence = row->row};
    if (!mapping_apply(mapping, &mapped, &maker->event, &maker->id, &made->why)) {
        return false;
    }
    put_event(made, rd_buf_str(&maker->event));
    made->outcome = mapping_outcome(mapping, &mapped);
    for (size_t i = 0; i < mapping->then_count; i++) {
        if (!mapping_apply_then(mapping, i, &mapped, &maker->event, &made->why)) {
            return false;
        }
        if (maker->event.len > 0) {
            put_event(made, rd_buf_str(&maker->event));
        }
    }
    return true;
}

static bool make_row(void *context, void *slot)
{
    struct maker *maker = context;
    struct made_row *made = slot;
    struct input_row row;
    if (maker->is_over) {
        return false;
    }
    if (!made->has_buf) {
        rd_buf_init(&made->bytes, ROW_BYTES_MAX);
        made->has_buf = true;
    }
    rd_buf_reset(&made->bytes);
    made->count = 0;
    made->why = (struct rd_reject){0};
    made->outcome = ROW_OUTCOME_UNKNOWN;
    made->status = input_next(maker->input, &row);
    made->line = row.line;
    (void)input_progress(maker->input, &made->read_bytes, &made->size_bytes);
    if (made->status == 1 && maker->mapping != NULL) {
        made->is_bad = !map_row(maker, &row, made);
    } else if (made->status == 1) {
        made->is_bad = false;
        put_event(made, row.event);
    } else if (made->status == -EBADMSG) {
        made->is_bad = !rd_reject_set(&made->why, "bad_row", "", "%s", row.what);
    } else {
        maker->is_over = true; /* this one tells why */
    }
    RD_ASSERT(made->bytes.error == 0);
    return true;
}

static void done_row(void *slot)
{
    struct made_row *made = slot;
    if (made->has_buf) {
        rd_buf_done(&made->bytes);
    }
}

/* ---- events into the history ---- */

static void tell_bad(struct reader *reader, uint64_t line, const struct rd_reject *why)
{
    if (reader->history->bad++ < TOLD_MAX) {
        say_error("%s: line %" PRIu64 ": %s%s%s", reader->options->path, line, why->field,
                why->field[0] != '\0' ? ": " : "", why->message);
    }
}

static struct history_event *add(struct history *history)
{
    if (history->count == history->room) {
        size_t room = history->room == 0 ? 4096 : history->room * 2;
        struct history_event *wider = realloc(history->events, room * sizeof history->events[0]);
        if (wider == NULL) {
            rd_oom();
        }
        history->events = wider;
        history->room = room;
    }
    return &history->events[history->count++];
}

/* One packed event of a row; false: *why. *ret_time: its own, or that of the row before. */
static bool keep(struct reader *reader, struct rd_str bytes, struct history_event like,
        rd_time *ret_time, struct rd_reject *why)
{
    struct history *history = reader->history;
    struct rd_event event;
    if (!rd_event_decode(reader->tree, bytes, RD_EVENT_BYTES_DEFAULT, &event, why)) {
        return false;
    }
    like.time = *ret_time = event.time != RD_TIME_NONE ? event.time : reader->last;
    if (like.time == RD_TIME_NONE) {
        return rd_reject_set(why, "missing_field", "time",
                "time comes from the events, so the first one needs its own");
    }
    if (reader->options->until != RD_TIME_NONE && like.time > reader->options->until) {
        history->left_off++;
        return true;
    }
    like.bytes = rd_arena_dup(&history->arena, bytes);
    like.order = history->count;
    *add(history) = like;
    return true;
}

/* All of a row's events, or none. */
static bool take_row(struct reader *reader, const struct made_row *made, struct rd_reject *why)
{
    struct history_event like = {.line = made->line, .outcome = made->outcome};
    struct rd_str all = rd_buf_str(&made->bytes);
    rd_time first = RD_TIME_NONE;
    if (made->is_bad) {
        *why = made->why;
        return false;
    }
    for (size_t i = 0, at = 0; i < made->count; at = made->ends[i++]) {
        struct rd_str bytes = {.ptr = all.ptr + at, .len = made->ends[i] - at};
        rd_time time;
        if (!keep(reader, bytes, like, &time, why)) {
            return false;
        }
        like.outcome = ROW_OUTCOME_UNKNOWN; /* the case's, told once */
        first = i == 0 ? time : first;
    }
    reader->last = first;
    return true;
}

/* 0 at the end, or -errno. */
static int read_rows(struct reader *reader, struct ahead *ahead)
{
    struct history *history = reader->history;
    struct progress progress = progress_begin("reading", reader->options->has_progress);
    const struct made_row *made;
    while ((made = ahead_next(ahead)) != NULL && (made->status == 1 || made->status == -EBADMSG)) {
        struct rd_reject why = {0};
        history->rows++;
        size_t before = history->count;
        if (!take_row(reader, made, &why)) {
            history->count = before;
            tell_bad(reader, made->line, &why);
        }
        if (history->rows % LOOK_EVERY == 0) {
            progress_show(&progress, made->read_bytes, made->size_bytes);
        }
    }
    progress_end(&progress);
    RD_ASSERT(made != NULL); /* the last one says that it is */
    return made->status;
}

/* qsort(3) is not stable: the order they came in decides. */
static int compare(const void *a, const void *b)
{
    const struct history_event *one = a, *other = b;
    if (one->time != other->time) {
        return one->time < other->time ? -1 : 1;
    }
    return one->order < other->order ? -1 : one->order > other->order;
}

static int read_ahead(struct reader *reader, struct input *input)
{
    struct maker maker = {.mapping = reader->options->mapping, .input = input};
    struct ahead *ahead = NULL;
    struct ahead_work work = {.slot_bytes = sizeof(struct made_row),
            .fill = make_row,
            .done = done_row,
            .context = &maker};
    rd_buf_init(&maker.event, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&maker.id, MAPPING_EVENT_BYTES_MAX);
    int r = ahead_begin(&work, &ahead);
    if (r == 0) {
        r = read_rows(reader, ahead);
    }
    ahead_end(ahead);
    rd_buf_done(&maker.event);
    rd_buf_done(&maker.id);
    return r;
}

bool history_read(const struct history_options *options, struct history *ret_history)
{
    struct history *history = ret_history;
    *history = (struct history){
            .has_outcomes = options->mapping != NULL && options->mapping->outcome.is_set};
    rd_arena_init(&history->arena, HISTORY_BYTES_MAX);
    struct input *input = input_open(options->path, options->format, options->mapping);
    if (input == NULL) {
        return false;
    }
    struct reader reader = {
            .options = options, .history = history, .tree = rd_tree_new(), .last = RD_TIME_NONE};
    int r = read_ahead(&reader, input);
    rd_tree_free(reader.tree);
    input_close(input);
    if (r < 0) {
        say_error("%s: %s", options->path, strerror(-r));
        return false;
    }
    if (history->bad > TOLD_MAX) {
        say_error("%s: %" PRIu64 " bad rows more", options->path, history->bad - TOLD_MAX);
    }
    if (history->count > 0) {
        qsort(history->events, history->count, sizeof history->events[0], compare);
    }
    return true;
}

void history_done(struct history *history)
{
    rd_arena_done(&history->arena);
    free(history->events);
    *history = (struct history){0};
}
