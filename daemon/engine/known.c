#include "daemon/engine/known.h"

#include <string.h>

#include "common/base/digest.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/names.h"
#include "daemon/engine/silent.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/source_row.h"
#include "daemon/store/rows/timer_row.h"
#include "daemon/store/rows/window_row.h"

/* Recognizes events that were taken before (redress-protocol(7), "Duplicates"): with `sequence` by
 * the highest number of the source, the missing ranges below it and a window of 4,096 numbers;
 * without it by ids, which are kept for limits.dedup. */

enum { GAP_STANDS_US = 60 * 1000000, SKEWED_US = 30 * 1000000 };

static uint64_t digest_of_id(struct rd_str id)
{
    uint8_t digest[RD_DIGEST_BYTES];
    uint64_t word;
    rd_digest1(id, digest);
    memcpy(&word, digest, sizeof word);
    return __builtin_bswap64(word);
}

static bool is_missing(const struct source_row *source, uint64_t sequence)
{
    for (uint32_t i = 0; i < source->range_count; i++) {
        if (sequence >= source->ranges[i].first && sequence <= source->ranges[i].last) {
            return true;
        }
    }
    return false;
}

/* Tells a repeat from another event under the same id. An event taken before digests of contents
 * were kept counts as a repeat by its id alone. */
static enum known compare(const struct rd_event *event, const struct source_first *first)
{
    if (first->content == 0) {
        return KNOWN_DUPLICATE;
    }
    return first->content == event->content && first->type == (uint8_t)event->type ? KNOWN_DUPLICATE
                                                                                   : KNOWN_OTHER;
}

static enum known look_sequence(
        struct engine *engine, const struct rd_event *event, struct source_first *ret_first)
{
    struct source_row source;
    if (!source_row_get(engine->view, event->source, &source) || source.highest == 0 ||
            event->sequence > source.highest || is_missing(&source, event->sequence)) {
        return KNOWN_NEW;
    }
    struct sequence_row row;
    bool is_below = source.highest - event->sequence >= SOURCE_WINDOW;
    if (event->sequence < source.lowest || is_below ||
            !sequence_row_get(engine->view, source.number, event->sequence, &row) ||
            row.sequence != event->sequence) {
        return KNOWN_STALE;
    }
    if (row.id_digest != digest_of_id(event->id)) {
        return KNOWN_CONFLICT;
    }
    *ret_first = row.first;
    return compare(event, ret_first);
}

enum known known_look(
        struct engine *engine, const struct rd_event *event, struct source_first *ret_first)
{
    if (event->sequence != 0) {
        return look_sequence(engine, event, ret_first);
    }
    uint8_t digest[RD_DIGEST_BYTES];
    rd_digest_id(event->source, event->id, digest);
    return id_row_get(engine->view, digest, ret_first) ? compare(event, ret_first) : KNOWN_NEW;
}

static void drop_range(struct source_row *source, uint32_t at)
{
    source->range_count--;
    memmove(&source->ranges[at], &source->ranges[at + 1],
            sizeof source->ranges[0] * (source->range_count - at));
}

/* Inserts a range after place `at`. When 64 are kept the oldest is dropped, and its numbers are
 * stale from then on. */
static void insert_range(struct source_row *source, uint32_t at, struct source_range range)
{
    if (source->range_count == SOURCE_RANGES_MAX) {
        drop_range(source, 0);
        at = at > 0 ? at - 1 : 0;
    }
    memmove(&source->ranges[at + 1], &source->ranges[at],
            sizeof range * (source->range_count - at));
    source->ranges[at] = range;
    source->range_count++;
}

/* Takes `sequence` out of the missing ranges. */
static void fill_gap(struct source_row *source, uint64_t sequence)
{
    for (uint32_t i = 0; i < source->range_count; i++) {
        struct source_range *range = &source->ranges[i];
        if (sequence < range->first || sequence > range->last) {
            continue;
        }
        struct source_range upper = {sequence + 1, range->last, range->since};
        if (sequence == range->first && sequence == range->last) {
            drop_range(source, i);
        } else if (sequence == range->first) {
            range->first++;
        } else if (sequence == range->last) {
            range->last--;
        } else {
            range->last = sequence - 1;
            insert_range(source, i + 1, upper);
        }
        return;
    }
}

/* When the next gap will be old enough to be reported. */
static rd_time next_gap(const struct source_row *source)
{
    rd_time at = RD_TIME_NONE;
    for (uint32_t i = 0; i < source->range_count; i++) {
        rd_time since = source->ranges[i].since;
        if (since != RD_TIME_NONE && (at == RD_TIME_NONE || since + GAP_STANDS_US < at)) {
            at = since + GAP_STANDS_US;
        }
    }
    return at;
}

static struct timer_row gap_timer(const struct source_row *source)
{
    return (struct timer_row){
            .is_steady = true, .is_service = true, .kind = TIMER_SOURCE, .owner = source->number};
}

static void take_sequence(struct engine *engine, const struct rd_event *event,
        struct source_row *source, const struct source_first *first)
{
    if (source->highest == 0) {
        source->highest = source->lowest = event->sequence;
    } else if (event->sequence > source->highest) {
        if (event->sequence > source->highest + 1) {
            insert_range(source, source->range_count,
                    (struct source_range){
                            source->highest + 1, event->sequence - 1, engine->now.steady});
        }
        source->highest = event->sequence;
    } else {
        fill_gap(source, event->sequence);
    }
    timer_arm(engine, &source->gap_armed, next_gap(source), gap_timer(source));
    if (source->highest - event->sequence >= SOURCE_WINDOW) {
        return; /* numbers below the window share a slot with one inside it */
    }
    sequence_row_put(engine->view, source->number,
            &(struct sequence_row){.sequence = event->sequence,
                    .id_digest = digest_of_id(event->id),
                    .first = *first});
}

/* A source whose clock is ahead is reported once a day. */
static void tell_skewed(
        struct engine *engine, const struct rd_event *event, struct source_row *source)
{
    int32_t today = (int32_t)(engine->now.wall / RD_DAY_US);
    if (event->ahead_us < SKEWED_US || engine->is_quiet || source->skewed_day == today) {
        return;
    }
    source->skewed_day = today;
    struct alert_draft draft = alert_draft_of(RD_ALERT_SOURCE_SKEWED, RD_WARNING, NAME_OPS);
    draft.extra = (struct rd_reason){.code = event->source,
            .detail = rd_arena_printf(
                    &engine->arena, "%lld s ahead", (long long)(event->ahead_us / RD_SECOND_US))};
    draft.source = event->source;
    (void)alert_send(engine, NULL, &draft);
}

void known_take(struct engine *engine, const struct rd_event *event, uint64_t case_number)
{
    struct source_row source;
    if (!source_row_get(engine->view, event->source, &source)) {
        source = source_row_new(name_number(engine, event->source));
    }
    source_spoke(engine, event->source, &source);
    struct source_first first = {.seq = engine->seq,
            .case_number = case_number,
            .content = event->content,
            .type = (uint8_t)event->type};
    if (event->sequence != 0) {
        take_sequence(engine, event, &source, &first);
    } else {
        uint8_t digest[RD_DIGEST_BYTES];
        rd_digest_id(event->source, event->id, digest);
        id_row_put(engine->view, digest, &first);
        rd_time gone = engine->now.wall + engine->plan->dedup_us;
        expiry_put(engine->view, (int32_t)(gone / RD_DAY_US) + 1, engine->seq, 0, STORE_IDS,
                (struct rd_str){(const char *)digest, sizeof digest});
    }
    source.ignored += event->ignored_count;
    tell_skewed(engine, event, &source);
    source_row_put(engine->view, event->source, &source);
}

void known_reset(struct engine *engine, struct rd_str name)
{
    struct source_row source;
    if (!source_row_get(engine->view, name, &source)) {
        return;
    }
    timer_arm(engine, &source.gap_armed, RD_TIME_NONE, gap_timer(&source));
    sequence_row_clear(engine->view, source.number);
    source.highest = source.lowest = 0;
    source.range_count = 0;
    source_row_put(engine->view, name, &source);
}

bool known_timer_is_live(struct engine *engine, const struct timer_row *row)
{
    struct source_row source;
    struct rd_str name = name_shown(engine, (uint32_t)row->owner);
    if (!source_row_get(engine->view, name, &source)) {
        return false;
    }
    return row->slot == 0 ? row->is_steady && source.gap_armed == row->due
                          : silent_timer_is_live(&source, row);
}

/* Reports each gap once, after it has stood for a minute: late events often fill it before. */
void known_fire(struct engine *engine, const struct timer_row *row)
{
    struct source_row source;
    struct rd_str name = name_shown(engine, (uint32_t)row->owner);
    bool is_found = source_row_get(engine->view, name, &source);
    RD_ASSERT(is_found && (row->slot != 0 || source.gap_armed == row->due));
    engine->cause = "source";
    engine->cause_name = name;
    if (row->slot != 0) {
        silent_fire(engine, name, &source);
        source_row_put(engine->view, name, &source);
        return;
    }
    for (uint32_t i = 0; i < source.range_count; i++) {
        struct source_range *range = &source.ranges[i];
        if (range->since == RD_TIME_NONE || range->since + GAP_STANDS_US > engine->now.steady) {
            continue;
        }
        engine->cause_due = timer_wall(engine, range->since + GAP_STANDS_US, true);
        range->since = RD_TIME_NONE;
        struct alert_draft draft = alert_draft_of(RD_ALERT_SOURCE_GAP, RD_WARNING, NAME_OPS);
        draft.extra = (struct rd_reason){.code = name,
                .detail = rd_arena_printf(&engine->arena, "%llu..%llu",
                        (unsigned long long)range->first, (unsigned long long)range->last)};
        draft.source = name;
        draft.is_late = true;
        (void)alert_send(engine, NULL, &draft);
    }
    timer_arm(engine, &source.gap_armed, next_gap(&source), gap_timer(&source));
    source_row_put(engine->view, name, &source);
}
