/* daemon/config/schema.h — every option of the language in one table: a row each.
 *
 * The check, the defaults, what is printed, the messages for unknown keys and the test that holds
 * the manual page against the language all come from it. A path names the place:
 * "policies[].clocks[].limit"; "[]" is each element of a list, "*" a name of the operator's own.
 * Source: redress.yaml(5). */
#pragma once

#include <stddef.h>

#include "common/base/base.h"

enum config_type {
    CONFIG_T_MAP,        /* keys are the rows below it */
    CONFIG_T_NAMES,      /* keys are the operator's; values are the row "PATH.*" */
    CONFIG_T_LIST,       /* elements are the row "PATH[]" */
    CONFIG_T_LIKE,       /* as the row that `choices` names */
    CONFIG_T_FILE_MAP,   /* a map, or the name of a YAML file that holds it (read in its place) */
    CONFIG_T_ANY,        /* anything: checked by its own reader */
    CONFIG_T_TEXT,       /* min..max bytes */
    CONFIG_T_NAME,       /* [A-Za-z0-9_.-]{1,64} */
    CONFIG_T_UNIT_ID,    /* [a-z0-9_-]{1,32} */
    CONFIG_T_BOOL,       /* true, false */
    CONFIG_T_INT,        /* min..max */
    CONFIG_T_CHOICE,     /* one of `choices`, parted by | */
    CONFIG_T_LIMIT,      /* 90m 4h 5bd 15d 8w; min 0: zero is allowed */
    CONFIG_T_SPAN,       /* 30s 15m 1h 35d 8w; min..max seconds */
    CONFIG_T_SIZE,       /* 64KiB; min..max bytes */
    CONFIG_T_MONEY,      /* "200000.00" */
    CONFIG_T_SHARE,      /* 1%..99% */
    CONFIG_T_DATE,       /* 2025-06-06 */
    CONFIG_T_MONTH_DAY,  /* "05-01" */
    CONFIG_T_DAYS,       /* mon-fri, "mon,wed" */
    CONFIG_T_HOURS,      /* "09:00-12:00" */
    CONFIG_T_DAY_TIME,   /* "17:00", closing, closing-30m, opening+1h */
    CONFIG_T_HAND_OVER,  /* "mon 09:00", "09:00", opening */
    CONFIG_T_DUTY_DUE,   /* 0d, 10bd, "12-31" */
    CONFIG_T_MATCH,      /* attribute → test */
    CONFIG_T_ATTRIBUTE,  /* customer, attributes.NAME */
    CONFIG_T_ATTRIBUTES, /* one, several joined by "+", or a list */
    CONFIG_T_TARGET,     /* unit, parent, first, "ancestor: N", "roster: NAME", a unit */
    CONFIG_T_UNIT,       /* a unit's path or id */
    CONFIG_T_UNITS,      /* a unit's path or id, with * and ** for parts of a path */
    CONFIG_T_MOMENT,     /* received, decided … */
    CONFIG_T_START,      /* a moment, or "attribute: NAME" */
    CONFIG_T_ENDPOINT,   /* ipc://PATH, tcp://HOST:PORT */
    CONFIG_T_FILE,       /* a path, made absolute */
    CONFIG_T_ZONE,       /* Asia/Shanghai */
};

enum {
    CONFIG_REQUIRED = 1,
    CONFIG_ONE = 2,     /* of a LIST: a single element may stand without brackets */
    CONFIG_EDGE = 4,    /* no part of the engine's tree */
    CONFIG_RESTART = 8, /* a reload leaves it as it was at the start */
    CONFIG_SHORT = 16,  /* of a MAP: a single value stands for its key `at` */
};

struct config_row {
    const char *path;
    enum config_type type;
    unsigned flags;
    const char *otherwise; /* the default, as YAML; NULL: none, the key is then absent */
    int64_t min, max;      /* of LIST and NAMES: elements */
    const char *choices;
    const char *doc;
    /* Where the value goes in struct config (edge.c); size 0: its own reader takes it. */
    struct config_into {
        size_t offset, size;
    } into;
};
#define CONFIG_INTO(member)                                                                        \
    {                                                                                              \
        offsetof(struct config, member), sizeof(((struct config *)NULL)->member)                   \
    }

/* NULL where there is none. */
const struct config_row *config_row_find(const char *path);
/* All rows, in the order of the language. */
size_t config_row_count(void);
const struct config_row *config_row_at(size_t index);
/* The row of `key` in the map at `path`; NULL: no such key. */
const struct config_row *config_row_child(const char *path, struct rd_str key);
/* True if `row` is a key of the map at `path`; *ret_key its name. */
bool config_row_is_child(const struct config_row *row, const char *path, const char **ret_key);

/* The parts of the table. */
extern const struct config_row config_rows_edge[], config_rows_units[], config_rows_assessment[],
        config_rows_policies[], config_rows_rest[], config_rows_supervision[];
extern const size_t config_rows_edge_count, config_rows_units_count, config_rows_assessment_count,
        config_rows_policies_count, config_rows_rest_count, config_rows_supervision_count;
