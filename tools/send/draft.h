/* tools/send/draft.h — a first mapping for a file that nobody has described: redress-send --draft.
 *
 * Its header and up to 2,000 rows are looked at: names of columns in Chinese and English tell what
 * they hold, values whether they are dates and of which order, the daemon's units, if one answers,
 * which unit is meant. What is guessed stands in comments, so that somebody looks. */
#pragma once

#include "common/wire/event_table.h"
#include "tools/shared/ends.h"

enum { DRAFT_COLUMNS_MAX = 256, DRAFT_VALUES_MAX = 64 };

struct draft_column {
    struct rd_str name;
    bool is_twice;                                              /* another column has the name */
    size_t filled, moments, day_first, month_first, open_order; /* of the rows looked at */
    struct rd_str values[DRAFT_VALUES_MAX]; /* different ones, as far as they fit */
    size_t value_count;
    bool has_more_values, repeats;
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
/* Which column each is, DRAFT_COLUMNS_MAX for none; no column twice. */
void draft_guess(
        const struct draft_column *columns, size_t count, size_t ret_of[static DRAFT_USES]);

/* Prints it. An exit status. */
int send_draft(const struct ends *ends, const char *path, const char *sheet, const char *encoding);
