/* tools/send/mapping.h — how a row of an export becomes an event: redress-send(1), "Mapping".
 *
 * A mapping is a JSON file; its lookups are CSV files beside it. It is compiled once, then applied
 * to each row. What a data key wants (an integer, a time …) is known from the events' own table. */
#pragma once

#include "common/base/buf.h"
#include "tools/send/decode.h"
#include "tools/send/lookup.h"
#include "tools/send/moment.h"

enum {
    MAPPING_COLUMNS_MAX = 256,
    MAPPING_LOOKUPS_MAX = 64,
    MAPPING_FILE_BYTES_MAX = 1024 * 1024,
    MAPPING_EVENT_BYTES_MAX = 1024 * 1024,
    MAPPING_THEN_MAX = 16,
    MAPPING_OUTCOMES_MAX = 64,
    MAPPING_WHAT_MAX = 1024,
};

enum rule_kind { RULE_CONSTANT, RULE_TEXT, RULE_LIST, RULE_MAP };
enum rule_as { AS_TEXT, AS_INTEGER, AS_BOOLEAN, AS_TIME, AS_DATE, AS_LIST, AS_MONEY };

enum part_kind { PART_LITERAL, PART_COLUMN, PART_LINE, PART_ROW };
struct part {
    enum part_kind kind;
    struct rd_str literal;
    size_t column;   /* of mapping->columns */
    uint64_t modulo; /* of a line or row; 0: none */
};

struct mapping_lookup {
    const char *name;
    struct lookup *table;
    struct rd_str otherwise; /* ptr NULL: a key that is not there rejects the row */
};

struct rule {
    enum rule_kind kind;
    const char *key;  /* in its map; NULL within a list */
    const char *path; /* "data.unit", for messages */
    enum rule_as as;
    struct rd_str constant; /* packed */
    const struct part *parts;
    size_t part_count;
    const struct mapping_lookup *lookup; /* NULL: none */
    struct rd_str contains;              /* ptr NULL: not asked; else the value is a boolean */
    struct rd_str in;                    /* what a sum without a unit is counted in; empty: ones */
    struct rd_str split;                 /* between the items of a list; empty: one item */
    bool is_code;     /* its last digits count: a number that lost some is refused */
    bool is_needed;   /* whatever the type: one that a lookup leaves open is refused by its name */
    bool is_required; /* an empty one rejects the row, else it is left out */
    bool is_after;    /* known only after the first contact: redress-train learns nothing from it */
    const struct rule *children;
    size_t child_count;
};

/* What became of the row's case, known only afterwards: for measuring, never sent. */
struct mapping_outcome {
    bool is_set;
    size_t column;
    struct rd_str yes[MAPPING_OUTCOMES_MAX], no[MAPPING_OUTCOMES_MAX];
    size_t yes_count, no_count;
};
enum row_outcome { ROW_OUTCOME_UNKNOWN, ROW_OUTCOME_NO, ROW_OUTCOME_YES };

struct mapping {
    struct rd_arena arena;
    struct moment_rule moment;
    char delimiter;         /* 0: the file is looked at */
    enum encoding encoding; /* ENCODING_AUTO: the same */
    uint64_t header;        /* the line of the column names; 0: found by them */
    unsigned header_lines;  /* 2: and the one below it; only where `header` is named */
    const char *sheet;      /* of a workbook; NULL: the first */
    bool fills_merged;      /* cells merged over rows: each row has their value */
    bool has_sequence;
    struct mapping_lookup lookups[MAPPING_LOOKUPS_MAX];
    size_t lookup_count;
    const char *columns[MAPPING_COLUMNS_MAX];
    size_t column_count;
    struct rule envelope;               /* a RULE_MAP: id, source, type, subject, time, data … */
    struct rule then[MAPPING_THEN_MAX]; /* further events of the row, each an envelope */
    size_t then_count;
    struct mapping_outcome outcome;
};

struct mapping_row {
    const struct rd_str *values; /* one for each of mapping->columns */
    uint64_t line, row;
    uint64_t sequence; /* where the mapping numbers events; 0: this one has none */
    bool is_quiet;
};

/* NULL: said on standard error. */
struct mapping *mapping_load(const char *path);
/* The same from text, without files: lookups that name one are refused. */
struct mapping *mapping_parse(struct rd_str text, char ret_what[static 256]);
/* "id" or "subject", if the row's place is in it: another row has the same one elsewhere. NULL:
 * rows have theirs wherever they stand. */
const char *mapping_place_key(const struct mapping *mapping);
/* Says on standard error which keys of `data` no event of its type has. */
void mapping_tell_unknown(const struct mapping *mapping, const char *path);
void mapping_free(struct mapping *mapping); /* NULL: nothing */
void mapping_freep(struct mapping **mapping);

/* A column that no rule names, for who reads it besides. False: there are too many. */
bool mapping_add_column(struct mapping *mapping, const char *name, size_t *ret_column);
/* The rule of "issue" or "attributes.state" in `data`; NULL: there is none. */
const struct rule *mapping_data_rule(const struct mapping *mapping, struct rd_str attribute);

/* Where in a row of `header` the columns stand; blanks around and between words are one. -EINVAL:
 * ret_what names the one that is missing, the nearest, and what there is; or one that is there
 * twice. */
RD_MUST_USE int mapping_bind(const struct mapping *mapping, const struct rd_str *header,
        size_t count, size_t ret_places[static MAPPING_COLUMNS_MAX],
        char ret_what[static MAPPING_WHAT_MAX]);
/* How many of the columns are in that row. */
size_t mapping_found(const struct mapping *mapping, const struct rd_str *header, size_t count);

/* Appends the packed event to `event` and its id to `id`. False: *reject says why the row makes
 * none; the buffers then hold nothing of use. */
bool mapping_apply(const struct mapping *mapping, const struct mapping_row *row,
        struct rd_buf *event, struct rd_buf *id, struct rd_reject *reject);
/* The same for the row's further event `which` (below then_count). One whose time the row leaves
 * empty did not happen: true, and `event` is empty. */
bool mapping_apply_then(const struct mapping *mapping, size_t which, const struct mapping_row *row,
        struct rd_buf *event, struct rd_reject *reject);
enum row_outcome mapping_outcome(const struct mapping *mapping, const struct mapping_row *row);
