/* tools/ctl/export_map.h — a mapping of `export`: which cases are rows, what stands in which
 * column. This tool only. */
#pragma once

#include "common/time/civil.h"
#include "tools/ctl/ctl.h"
#include "tools/shared/grid.h"
#include "tools/shared/json.h"

enum { MAP_COLUMNS_MAX = 64, COLUMN_FROMS_MAX = 4, COLUMN_UNCODED_MAX = 8 };

struct column {
    const char *head;
    const char *from[COLUMN_FROMS_MAX]; /* paths in the case: the first one with a value counts */
    size_t from_count;                  /* 0: `text` */
    const char *text;                   /* the same in each row */
    const char *as;                     /* "date", "time"; NULL: as it is */
    const char *code;      /* "regulator", "name" of a coded attribute; NULL: the code itself */
    const json_t *values;  /* what stands for a value; NULL: itself */
    const char *otherwise; /* for what `values` does not name, and where there is none */
    /* What the rows showed: */
    bool has_clock;                            /* one of the clocks named was there */
    struct rd_str uncoded[COLUMN_UNCODED_MAX]; /* went out without such a code */
    size_t uncoded_count;
};

struct export_map {
    struct ctl *ctl;
    json_t *map;
    const char *path, *date, *kind; /* which date counts a case, and of which kind it is */
    bool has_merged;                /* cases that were merged into others are rows, too */
    struct column columns[MAP_COLUMNS_MAX];
    size_t column_count;
    rd_day from, to;
    json_t *codes; /* of the configuration */
    struct grid grid;
    uint64_t rows, merged; /* in the file; left out, as they were merged into others */
};

/* Of map->path. False: said. */
bool export_read_map(struct export_map *map);
