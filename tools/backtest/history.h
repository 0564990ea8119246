/* tools/backtest/history.h — the events of a file of history, in the order of their own times.
 *
 * Rows become events through the same mappings as in redress-send(1); without one each line is an
 * event. All are held in memory (their packed bytes), sorted by time; of one time those of an
 * earlier row come first, and a row's own in the order of the mapping. A row without a time has
 * that of the row before it. Rows that make no event are counted by reason. */
#pragma once

#include "common/base/arena.h"
#include "common/time/utime.h"
#include "tools/send/input.h"

struct history_event {
    rd_time time;
    struct rd_str bytes;      /* packed */
    uint64_t line;            /* of its row */
    uint64_t order;           /* among those of one time */
    enum row_outcome outcome; /* of the row's case, where the mapping knows it */
};

struct history {
    struct rd_arena arena;
    struct history_event *events; /* owned */
    size_t count, room;
    uint64_t rows, bad;
    uint64_t left_off; /* events behind `until` */
    bool has_outcomes;
};

struct history_options {
    const char *path;
    enum input_format format;
    const struct mapping *mapping; /* NULL: none */
    rd_time until;                 /* RD_TIME_NONE: all; events later than it are left off */
    bool has_progress;
};

/* False: the error was printed. So are the first twenty bad rows. */
bool history_read(const struct history_options *options, struct history *ret_history);
void history_done(struct history *history); /* of one that is zeroed: nothing */
