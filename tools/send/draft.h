/* tools/send/draft.h — a first mapping for a file that nobody has described: redress-send --draft.
 *
 * Its header and up to 2,000 rows are looked at: names of columns in Chinese and English tell what
 * they hold, values whether they are dates and of which order, the daemon's units, if one answers,
 * which unit is meant. What is guessed stands in comments, so that somebody looks. */
#pragma once

#include "common/base/arena.h"
#include "tools/send/input.h"
#include "tools/shared/ends.h"

enum { DRAFT_COLUMNS_MAX = 256, DRAFT_VALUES_MAX = 64, DRAFT_ROWS_MAX = 2000 };

struct draft_column {
    struct rd_str name;
    bool is_twice; /* another column has the name */
    /* of the rows looked at; dates of any form, days with a mark between, bare times of day */
    size_t filled, dates, moments, clocks;
    size_t day_first, month_first, open_order;
    size_t codes;    /* short, and with a digit in it, as a number of a case is */
    bool is_counter; /* 1, 2, 3 … */
    uint64_t counted;
    struct rd_str values[DRAFT_VALUES_MAX]; /* different ones, as far as they fit */
    size_t value_count;
    bool has_more_values, repeats;
    uint64_t *hashes; /* of all values: a table to know one that came before */
};

/* What a column is for. */
enum draft_use {
    USE_NUMBER, /* id and subject */
    USE_TIME,
    USE_RECEIVED,
    USE_CUSTOMER,
    USE_CHANNEL,
    USE_UNIT,
    USE_PHONE,
    USE_CONTRACT,
    USE_PRODUCT,
    USE_SELLER,
    USE_AMOUNT,
    USE_ISSUE,
    USE_TEXT,
    USE_HANDLER,
    USE_AGE,
    USE_REGULATOR_REF,
    DRAFT_USES,
};

/* The key of `data`, or of the event, that it becomes. */
const char *draft_key(enum draft_use use);
struct draft_unit {
    struct rd_str path, name;
};

/* What was seen. */
struct draft {
    struct rd_arena arena;
    struct draft_column *columns;
    size_t count, rows, bad_rows;
    struct input_about about;
    uint64_t header;          /* the upper line of a header of two; 0: it has one */
    size_t of[DRAFT_USES];    /* the column of each; DRAFT_COLUMNS_MAX: none; no column twice */
    bool is_number_guessed;   /* its values told it, not its name */
    struct draft_unit *units; /* of the daemon, if one answers */
    size_t unit_count;
    bool has_units, is_sheet_given;
};

/* Fills in `units`, has_units; an end that does not answer has none. */
void draft_ask_units(struct draft *draft, const struct ends *ends);
/* The unit that is called so: by path, id or name; empty: none, or several. */
struct rd_str draft_unit_of(const struct draft *draft, struct rd_str text);
/* Fills in `of` and is_number_guessed. */
void draft_guess(struct draft *draft);
/* The mapping, on standard output. */
void draft_print(const struct draft *draft, const char *path);

/* Looks at the file and prints a mapping for it. An exit status. */
int send_draft(const struct ends *ends, const char *path, const char *sheet, const char *encoding);
