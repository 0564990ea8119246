#include "tools/backtest/history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "common/pack.h"
#include "tools/shared/ends.h"
#include "tools/shared/progress.h"

enum { TOLD_MAX = 20, LOOK_EVERY = 4096 };
#define HISTORY_BYTES_MAX ((size_t)64 << 30)

struct reader {
    const struct history_options *options;
    struct history *history;
    struct input *input;
    struct rd_tree *tree;
    struct rd_buf event, id;
    rd_time last; /* of the row before */
};

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

/* The row's further events. */
static bool keep_then(struct reader *reader, const struct mapping_row *row, struct rd_reject *why)
{
    const struct mapping *mapping = reader->options->mapping;
    struct history_event like = {.line = row->line};
    for (size_t i = 0; i < mapping->then_count; i++) {
        rd_time time;
        if (!mapping_apply_then(mapping, i, row, &reader->event, why)) {
            return false;
        }
        if (reader->event.len > 0 && !keep(reader, rd_buf_str(&reader->event), like, &time, why)) {
            return false;
        }
    }
    return true;
}

/* All of a row's events, or none. */
static bool take_row(struct reader *reader, const struct input_row *row, struct rd_reject *why)
{
    const struct mapping *mapping = reader->options->mapping;
    struct mapping_row made = {
            .values = row->values, .line = row->line, .row = row->row, .sequence = row->row};
    struct history_event like = {.line = row->line};
    struct rd_str bytes = row->event;
    rd_time time;
    if (mapping != NULL) {
        if (!mapping_apply(mapping, &made, &reader->event, &reader->id, why)) {
            return false;
        }
        bytes = rd_buf_str(&reader->event);
        like.outcome = mapping_outcome(mapping, &made);
    }
    if (!keep(reader, bytes, like, &time, why) ||
            (mapping != NULL && !keep_then(reader, &made, why))) {
        return false;
    }
    reader->last = time;
    return true;
}

/* 0 at the end, or -errno. */
static int read_rows(struct reader *reader)
{
    struct history *history = reader->history;
    struct progress progress = progress_begin("reading", reader->options->has_progress);
    struct input_row row;
    int r;
    while ((r = input_next(reader->input, &row)) != 0) {
        struct rd_reject why = {0};
        if (r < 0 && r != -EBADMSG) {
            break;
        }
        history->rows++;
        size_t before = history->count;
        if (r < 0) {
            (void)rd_reject_set(&why, "bad_row", "", "%s", row.what);
        }
        if (r < 0 || !take_row(reader, &row, &why)) {
            history->count = before;
            tell_bad(reader, row.line, &why);
        }
        if (history->rows % LOOK_EVERY == 0) {
            uint64_t read = 0, size = 0;
            (void)input_progress(reader->input, &read, &size);
            progress_show(&progress, read, size);
        }
    }
    progress_end(&progress);
    return r;
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
    struct reader reader = {.options = options,
            .history = history,
            .input = input,
            .tree = rd_tree_new(),
            .last = RD_TIME_NONE};
    rd_buf_init(&reader.event, MAPPING_EVENT_BYTES_MAX);
    rd_buf_init(&reader.id, MAPPING_EVENT_BYTES_MAX);
    int r = read_rows(&reader);
    rd_buf_done(&reader.event);
    rd_buf_done(&reader.id);
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
