/* daemon/store/rows/source_row.h — tables `ids`, `sources`, `sequences`: what was taken before.
 *
 * ids: digest of source and id (16 bytes) → seq u64, case u64, content u64 of the event
 * (event_content.h), type u8.
 * sources: name → version u8 = 3, name number u32, highest, lowest, ignored varints, four times
 * (i64), flags u8, day told as skewed (varint), count of missing ranges, per range first and last
 * (varints), since (i64). sequences: name number u32, slot u16 (sequence mod 4,096) → sequence u64,
 * first 8 bytes of the id's digest, seq u64, case u64, content u64, type u8. The window counts
 * numbers: a slot is the number's, not the event's. */
#pragma once

#include "common/base/base.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

enum { SOURCE_WINDOW = 4096, SOURCE_RANGES_MAX = 64 };

struct source_range {
    uint64_t first, last;
    rd_time since; /* steady: when it opened; RD_TIME_NONE: source.gap has told of it */
};

struct source_row {
    uint32_t number;  /* name number of the source */
    uint64_t highest; /* 0: no sequence seen */
    uint64_t lowest;  /* the first that counted; lower ones are stale */
    uint64_t ignored; /* keys of `data` that its events' types do not name, so far */
    uint32_t range_count;
    struct source_range ranges[SOURCE_RANGES_MAX]; /* missing, ascending, disjoint */
    rd_time gap_armed;                             /* timer of source.gap; RD_TIME_NONE: none */
    rd_time last_taken, last_steady; /* T of its last event; of the configuration that watches it */
    rd_time silent_armed;            /* timer of source.silent; RD_TIME_NONE: none */
    bool is_silent_steady;           /* the scale of that timer */
    int32_t skewed_day;              /* UTC day whose source.skewed was told; 0: none */
    bool is_silent;                  /* source.silent has told of it, and it has not spoken since */
};

static inline struct source_row source_row_new(uint32_t number)
{
    return (struct source_row){
            .number = number, .gap_armed = RD_TIME_NONE, .silent_armed = RD_TIME_NONE};
}

bool source_row_get(struct store_view *view, struct rd_str name, struct source_row *ret_row);
void source_row_put(struct store_view *view, struct rd_str name, const struct source_row *row);
void source_row_del(struct store_view *view, struct rd_str name);

/* The event that an id, or a number and id, belongs to. */
struct source_first {
    uint64_t seq, case_number;
    uint64_t content; /* event_content.h; 0: not known, of before engine 9 */
    uint8_t type;     /* enum rd_event_type */
};

struct sequence_row {
    uint64_t sequence, id_digest;
    struct source_first first;
};
/* The row that stands in the number's slot now: it may be another number's. */
bool sequence_row_get(
        struct store_view *view, uint32_t source, uint64_t sequence, struct sequence_row *ret_row);
void sequence_row_put(struct store_view *view, uint32_t source, const struct sequence_row *row);
void sequence_row_clear(struct store_view *view, uint32_t source);

bool id_row_get(
        struct store_view *view, const uint8_t digest[static 16], struct source_first *ret_first);
void id_row_put(
        struct store_view *view, const uint8_t digest[static 16], const struct source_first *first);
