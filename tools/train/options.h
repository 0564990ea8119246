/* tools/train/options.h — the command line of redress-train(1). */
#pragma once

#include "tools/train/history.h"
#include "tools/train/learn.h"
#include "tools/train/measure.h"

enum { FEATURE_NAMES_MAX = DATASET_ATTRIBUTES_MAX + 1 };

struct options {
    struct history_options history;
    struct mapping *mapping; /* owned; NULL: a state directory */
    const char *map_path, *state_path, *label, *features;
    int format, ending;   /* enum input_format, enum ending; -1: not given */
    const char *out_path; /* NULL: the card is not kept */
    const char *try_path; /* a card to try instead of learning one; NULL: learn */
    const char *code;
    char made[16]; /* 2026-11-25 */
    struct learn_options learn;
    uint64_t rows_min, words_max, test_share, cap;
    uint64_t explain; /* a row's number; 0: none */
    rd_time cut;      /* RD_TIME_NONE: by test_share */
    int32_t levels[MEASURE_LEVELS];
    bool is_json, is_done; /* done: help or version was printed */
};

/* False: the error was printed. Either way the texts belong to argv, the mapping to
 * options_done(). */
bool options_parse(int argc, char *argv[], struct options *options);
void options_done(struct options *options);
/* Into the data set: what may be learned from. Refused: a field marked `after`, one made of the
 * label's column, one that no scorecard can use. False: the error was printed. */
bool options_features(const struct options *options, struct dataset *dataset);
