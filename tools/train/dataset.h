/* tools/train/dataset.h — the past in memory, for learning: rows in the order of time, each with
 * the candidates that hold in it.
 *
 * A candidate is what may become a feature of the card. Values and tokens are counted, not hashed:
 * each can be read. Rare ones go away, numbers become ranges of about equally many rows each. What
 * is kept and where ranges end is decided by the training rows alone. */
#pragma once

#include "common/base/arena.h"
#include "common/text/scorecard.h"
#include "tools/train/history.h"

enum {
    DATASET_BINS = 8,
    DATASET_TOKENS_MAX = 4000000,
    DATASET_ATTRIBUTES_MAX = RD_CARD_ATTRIBUTES_MAX,
};

static const uint32_t DATASET_NO_CANDIDATE = UINT32_MAX; /* an id that names none */

struct candidate {
    struct rd_card_feature feature; /* points: 0 yet */
    uint32_t attribute;             /* index; DATASET_ATTRIBUTES_MAX: a token */
    uint32_t rows;                  /* training rows in which it holds */
    uint32_t last_row;              /* while gathering: row + 1 that had it last */
    bool is_kept;
};

struct dataset_row {
    rd_time time;
    uint64_t number; /* of the history's row */
    bool is_yes;
    uint32_t count; /* of ids */
    size_t first;   /* into ids */
};

struct dataset_number { /* an id with the top bit set, until ranges are made */
    uint32_t attribute;
    int64_t value;
};

struct dataset {
    struct rd_arena arena;
    struct rd_str attributes[DATASET_ATTRIBUTES_MAX];
    size_t attribute_count;
    bool reads_text;
    uint32_t rows_min; /* a candidate needs so many training rows */
    size_t tokens_max; /* so many different ones; later ones are not counted */

    struct candidate *candidates;
    size_t candidate_count, candidate_room, token_count;
    uint64_t tokens_left_out; /* mentions of those beyond tokens_max */
    uint32_t *slots;          /* hash of (attribute, text) → candidate + 1 */
    size_t slot_mask;

    struct dataset_row *rows; /* by time */
    size_t row_count, row_room;
    size_t train_count; /* the first ones; the others are the test */
    rd_time cut;        /* training rows are before it */
    uint32_t *ids;
    size_t id_count, id_room;
    struct dataset_number *numbers;
    size_t number_count, number_room;

    uint64_t bad, unknown; /* rows that are no event; that have no outcome */
    char bad_what[256];    /* the first bad one */
};

void dataset_init(struct dataset *dataset, uint32_t rows_min);
void dataset_done(struct dataset *dataset);
/* False: more than DATASET_ATTRIBUTES_MAX; printed. */
bool dataset_add_attribute(struct dataset *dataset, struct rd_str name);
/* Reads the whole history. False: the error was printed. */
bool dataset_read(struct dataset *dataset, struct history *history);
/* Sorts by time; the test is what is not before `cut` or, where that is RD_TIME_NONE, the newest
 * `share_pct` percent of the rows (rows of one instant stay together). False: the error was
 * printed. */
bool dataset_split(struct dataset *dataset, rd_time cut, unsigned share_pct);
/* Counts, makes ranges, drops what is rare. After the split. */
void dataset_prepare(struct dataset *dataset);
