/* common/plan/plan_reader.h — what the readers of a plan's sections share: the place in the tree,
 * the faults found, typed values out of maps. Internal to plan*.c.
 *
 * Every getter reports a missing or wrong value as a fault at the present place and then gives an
 * empty one, so that a reader goes on and finds the other faults. */
#pragma once

#include "common/plan/plan.h"

struct plan_name { /* sorted, for the finders */
    struct rd_str name;
    int32_t index;
};

struct plan_whole { /* what rd_plan_read() allocates; `plan` stands first */
    struct rd_plan plan;
    struct plan_name *paths, *ids; /* of units */
    struct rd_match **matches;     /* all, to be freed */
    size_t match_count, match_cap;
};

struct plan_reader {
    struct plan_whole *whole;
    struct rd_plan *plan;
    struct rd_arena *arena;
    struct rd_plan_error *errors;
    size_t errors_max, error_count;
    char path[160];
    size_t path_len;
};

/* A step into the tree and out again: `size_t at = plan_enter(r, "policies"); … plan_leave(r, at)`.
 */
size_t plan_enter(struct plan_reader *r, const char *key);
size_t plan_enter_at(struct plan_reader *r, const char *key, uint32_t index);
void plan_leave(struct plan_reader *r, size_t mark);
/* `key` may be NULL: the present place itself. */
void plan_fault(struct plan_reader *r, const char *key, const char *format, ...) RD_PRINTF(3, 4);

bool plan_has(rd_node map, const char *key); /* there, and not nil */
rd_node plan_map(struct plan_reader *r, rd_node map, const char *key);
rd_node plan_array(struct plan_reader *r, rd_node map, const char *key, uint32_t max);
struct rd_str plan_text(struct plan_reader *r, rd_node map, const char *key);
struct rd_str plan_text_or_none(struct plan_reader *r, rd_node map, const char *key);
struct rd_texts plan_texts(struct plan_reader *r, rd_node map, const char *key, uint32_t max);
int64_t plan_int(struct plan_reader *r, rd_node map, const char *key, int64_t min, int64_t max);
bool plan_flag(struct plan_reader *r, rd_node map, const char *key); /* false where absent */
struct rd_limit plan_limit(struct plan_reader *r, rd_node map, const char *key, uint32_t min);
int64_t plan_span_us(struct plan_reader *r, rd_node map, const char *key);
enum rd_severity plan_severity(struct plan_reader *r, rd_node map, const char *key);
/* The index of the word among `words` (NULL at the end); 0 after a fault. */
unsigned plan_word(struct plan_reader *r, rd_node map, const char *key, const char *const words[]);
/* The index of the calendar named; RD_NO_INDEX after a fault. */
int32_t plan_calendar(struct plan_reader *r, rd_node map, const char *key);
enum rd_moment plan_moment(struct plan_reader *r, rd_node map, const char *key);
/* A matcher with attributes that exist; NULL where the key is absent, or after a fault. */
struct rd_match *plan_match(struct plan_reader *r, rd_node map, const char *key);
bool plan_target_parse(struct plan_reader *r, struct rd_str text, struct rd_target *ret_target);
struct rd_targets plan_targets(struct plan_reader *r, rd_node map, const char *key);
struct rd_target plan_target(struct plan_reader *r, rd_node map, const char *key);
/* A fault unless `name` is another than each of the `count` before it, `stride` bytes apart. */
void plan_distinct(struct plan_reader *r, const char *key, const struct rd_str *first,
        size_t stride, size_t count);

/* ---- the sections ---- */
void plan_read_units(struct plan_reader *r, rd_node root);
void plan_read_calendars(struct plan_reader *r, rd_node root);
void plan_read_assessment(struct plan_reader *r, rd_node root);
void plan_read_scorecard(struct plan_reader *r, rd_node assessment);
void plan_read_policies(struct plan_reader *r, rd_node root);
void plan_read_clock(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock);
void plan_read_ladder(struct plan_reader *r, rd_node map, struct rd_plan_ladder *ladder);
void plan_read_rosters(struct plan_reader *r, rd_node root);
void plan_read_codes(struct plan_reader *r, rd_node root);
void plan_read_screening(struct plan_reader *r, rd_node root);
void plan_read_four_eyes(struct plan_reader *r, rd_node root);
void plan_read_supervision(struct plan_reader *r, rd_node root);
void plan_read_rest(
        struct plan_reader *r, rd_node root); /* sources, alerts, limits, supervision … */
